/*
 * runs.cpp
 *    The record of runs.
 *
 * The rows are inserted by SQL made of literals; row security lets each role
 * see its own.
 */
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "plan/names.hpp"

#include "migrate/runs.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace sqlite_import::migrate
{

namespace
{

/* A file's names may be no valid text; the record of a run is. */
std::string
quote_literal(const std::string &text)
{
	return dialect::quote_literal(plan::printable_text(text));
}

std::string
TextOrNull(const std::string &text)
{
	return text.empty() ? "NULL" : quote_literal(text);
}

template <typename Number>
std::string
NumberOrNull(const std::optional<Number> &number)
{
	return number.has_value() ? std::to_string(*number) : "NULL";
}

/* What tells one state of a file from another without reading it all. */
std::string
Fingerprint(const sqlite::Catalog &catalog)
{
	return std::to_string(catalog.page_count) + " pages of " + std::to_string(catalog.page_size) +
		   " bytes, user_version " + std::to_string(catalog.user_version) + ", " +
		   std::to_string(catalog.tables.size()) + " tables";
}

std::string
OptionsObject(const plan::Options &options)
{
	return std::string("pg_catalog.jsonb_build_object(") + "'on_existing', " +
		   quote_literal(plan::name_of(options.on_existing)) + ", 'identifiers', " +
		   quote_literal(plan::name_of(options.identifiers)) + ", 'types', " +
		   quote_literal(plan::name_of(options.types)) + ", 'on_error', " +
		   quote_literal(plan::name_of(options.on_error)) + ", 'invalid_text', " +
		   quote_literal(plan::name_of(options.invalid_text)) + ", 'foreign_keys', " +
		   quote_literal(plan::name_of(options.foreign_keys)) + ", 'verify', " +
		   quote_literal(plan::name_of(options.verify)) + ", 'rows', " +
		   (options.rows ? "true" : "false") + ")";
}

} /* namespace */

std::string
BeginRun()
{
	return pg::SpiValue("SELECT pg_catalog.nextval('sqlite_import.runs_run_seq')").value_or("0");
}

void
RecordRun(const std::string &run, const plan::Options &options, const sqlite::Catalog &catalog,
		  const std::vector<ReportRow> &report)
{
	const std::string role = std::to_string(GetUserId()) + "::pg_catalog.oid::pg_catalog.regrole";

	pg::SpiRecord("INSERT INTO sqlite_import.runs (run, role, source, target_schema, options,"
				  " source_fingerprint) VALUES (" +
				  run + ", " + role + ", " + quote_literal(options.source) + ", " +
				  quote_literal(options.target_schema) + ", " + OptionsObject(options) + ", " +
				  quote_literal(Fingerprint(catalog)) + ")");

	/* many rows a statement, but no statement of unbounded length */
	constexpr size_t kRowsPerStatement = 500;
	std::string values;

	for (size_t i = 0; i < report.size(); i++)
	{
		const ReportRow &row = report[i];

		values += std::string(values.empty() ? "" : ", ") + "(" + run + ", " + role + ", " +
				  std::to_string(i + 1) + ", " + quote_literal(row.object_type) + ", " +
				  quote_literal(row.object_name) + ", " + TextOrNull(row.target) + ", " +
				  quote_literal(row.action) + ", " + NumberOrNull(row.rows) + ", " +
				  NumberOrNull(row.rejected) + ", " +
				  (row.seconds.has_value()
					   ? "pg_catalog.make_interval(secs => " + std::to_string(*row.seconds) + ")"
					   : "NULL") +
				  ", " + TextOrNull(row.note) + ")";
		if (i + 1 == report.size() || (i + 1) % kRowsPerStatement == 0)
		{
			pg::SpiRecord("INSERT INTO sqlite_import.run_reports (run, role, position, object_type,"
						  " object_name, target, action, rows, rejected, duration, note) VALUES " +
						  values);
			values.clear();
		}
	}
}

} /* namespace sqlite_import::migrate */
