/*
 * assess.cpp
 *    assess(): what will not go smoothly, before anything is written.
 *
 * The checks of values come from findings.hpp; what becomes of the objects is
 * what a dry run of migrate itself says, so that the two can never disagree.
 * The last row is the verdict.
 */
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "plan/design.hpp"
#include "user_error.hpp"

#include "migrate/arguments.hpp"
#include "migrate/findings.hpp"
#include "migrate/migration.hpp"
#include "migrate/report.hpp"
#include "migrate/target_reader.hpp"
#include "pg/own_settings.hpp"
#include "pg/source.hpp"

extern "C" {
#include "mb/pg_wchar.h"

extern PGDLLEXPORT Datum sqlite_import_assess(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_assess);
}

namespace sqlite_import::migrate
{

namespace
{

using Value = std::optional<std::string>;

const char *
SeverityName(Severity severity)
{
	switch (severity)
	{
		case Severity::Error:
			return "error";
		case Severity::Warning:
			return "warning";
		case Severity::Info:
			break;
	}
	return "info";
}

/* An object that migrate would not carry over, or would carry over changed. */
void
AddObject(Assessment &assessment, const ReportRow &row)
{
	Finding finding;
	const bool lost = row.action.find("not migrate") != std::string::npos;
	const bool renamed = row.action.find("rename") != std::string::npos;

	/* columns are told of by their values, with rowids */
	if ((!lost && !renamed) || (row.object_type == "column" && !renamed))
		return;
	finding.severity = lost ? Severity::Warning : Severity::Info;
	finding.object_type = row.object_type;
	finding.object_name = row.object_name;
	finding.finding = row.action + (row.note.empty() ? "" : ": " + row.note);
	assessment.Add(std::move(finding));
}

void
AddRefusal(Assessment &assessment, const UserError &error)
{
	Finding finding;

	finding.severity = Severity::Error;
	finding.object_type = "migration";
	finding.object_name = assessment.options.source;
	finding.finding = std::string("migrate would stop: ") + error.what();
	if (!error.detail().empty())
		finding.finding += ". " + error.detail();
	finding.suggestion = error.hint();
	assessment.Add(std::move(finding));
}

/* What a dry run says of every object. */
void
AssessObjects(Assessment &assessment)
{
	plan::Options options = assessment.options;

	/* target tables that hold rows, and columns that the target lacks, have been told of: the rest
	 * of the plan is wanted too */
	if (options.on_existing == plan::OnExisting::LoadIfEmpty ||
		options.on_existing == plan::OnExisting::Error)
		options.on_existing = plan::OnExisting::Append;
	for (const Finding &finding : assessment.findings())
	{
		if (finding.object_type == "column" && !finding.column_name.empty() &&
			finding.finding.rfind("the target has no such column", 0) == 0)
			options.exclude.push_back(finding.object_name + "." + finding.column_name);
	}
	options.dry_run = true;
	try
	{
		Migration migration(options);

		for (const ReportRow &row : migration.DryRun())
			AddObject(assessment, row);
	}
	catch (const UserError &error)
	{
		AddRefusal(assessment, error);
	}
}

void
AddNote(Assessment &assessment, const std::string &note)
{
	if (!note.empty())
		assessment.Add(
			MakeFinding(Severity::Warning, "database", assessment.options.source, {}, note));
}

/* Text that the target's encoding lacks would stop the migration, in names too. */
void
AssessEncoding(Assessment &assessment)
{
	if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII)
		return;
	assessment.Add(MakeFinding(Severity::Warning, "database", assessment.options.source, {},
							   std::string("the encoding of the target database is ") +
								   GetDatabaseEncodingName() +
								   ": names and texts with other characters would be refused",
							   "CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8'"));
}

std::string
Count(int64_t count, const char *what)
{
	return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

Finding
Verdict(const Assessment &assessment, size_t tables)
{
	Finding verdict;
	int64_t errors = 0;
	int64_t warnings = 0;

	for (const Finding &finding : assessment.findings())
	{
		errors += finding.severity == Severity::Error ? 1 : 0;
		warnings += finding.severity == Severity::Warning ? 1 : 0;
	}
	verdict.severity = errors > 0     ? Severity::Error
					   : warnings > 0 ? Severity::Warning
									  : Severity::Info;
	verdict.object_type = "verdict";
	verdict.object_name = assessment.options.source;
	verdict.finding = errors > 0 ? "migrate would stop: " + Count(errors, "error") + ", " +
									   Count(warnings, "warning")
					  : warnings > 0 ? "migrate would run, with " + Count(warnings, "warning")
									 : "migrate would run";
	verdict.finding += "; " + Count(static_cast<int64_t>(tables), "table") + " looked at";
	return verdict;
}

Value
RowidArray(const std::vector<int64_t> &rowids)
{
	std::string text = "{";

	if (rowids.empty())
		return std::nullopt;
	for (const int64_t rowid : rowids)
		text += (text.size() == 1 ? "" : ",") + std::to_string(rowid);
	return text + "}";
}

Value
OrNull(const std::string &text)
{
	return text.empty() ? Value() : Value(text);
}

void
AddRow(ResultSet &result, const Finding &finding)
{
	result.Add({SeverityName(finding.severity), finding.object_type, finding.object_name,
				OrNull(finding.column_name), finding.finding,
				finding.row_count ? Value(std::to_string(*finding.row_count)) : Value(),
				RowidArray(finding.sample_rowids), OrNull(finding.suggestion)});
}

void
AssessAll(FunctionCallInfo fcinfo)
{
	const Arguments arguments(fcinfo);
	const plan::Options options = ReadOptions(arguments);

	arguments.CheckAllRead();

	const std::unique_ptr<pg::Source> source = pg::OpenSource(pg::ResolveSource(options.source));
	const sqlite::Catalog catalog = sqlite::read_catalog(source->database());
	const plan::Target target = ReadTarget(options, catalog);
	const std::vector<const sqlite::Table *> tables = plan::select_tables(catalog, options);
	Assessment assessment(source->database(), catalog, target, options);
	ResultSet result(fcinfo);

	AddNote(assessment, source->note());
	AssessEncoding(assessment);
	for (const sqlite::Table *table : tables)
	{
		const plan::TargetTable *const existing = assessment.Existing(*table);

		AssessSource(assessment, *table);
		if (existing != nullptr && table->broken.empty())
			AssessTarget(assessment, *table, *existing);
	}
	AssessObjects(assessment);
	for (const Severity severity : {Severity::Error, Severity::Warning, Severity::Info})
	{
		for (const Finding &finding : assessment.findings())
		{
			if (finding.severity == severity)
				AddRow(result, finding);
		}
	}
	AddRow(result, Verdict(assessment, tables.size()));
}

} /* namespace */

} /* namespace sqlite_import::migrate */

using namespace sqlite_import;

/* assess(source, tables, …): one row per finding, and the verdict */
Datum
sqlite_import_assess(PG_FUNCTION_ARGS)
{
	pg::SqlEntry([&] { migrate::AssessAll(fcinfo); });
	PG_RETURN_NULL();
}
