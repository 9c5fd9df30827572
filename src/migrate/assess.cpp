/*
 * assess.cpp
 *    assess(): what will not go smoothly, before anything is written.
 *
 * The run is foreseen by its own code: the plan of a dry run, and a trial of the
 * load (assess_rows.cpp) for what the rows will meet.  Around it are the advice
 * that the values give (assess_source.cpp) and what a run would find before it
 * begins (assess_target.cpp, assess_run.cpp).  The last row is the verdict.
 */
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "plan/design.hpp"
#include "sqlite/damage.hpp"
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

/* The run that is foreseen, without what has been told of by itself: target tables that hold rows,
 * and columns that the target lacks.  Null: there would be none, which is a finding. */
std::unique_ptr<Migration>
ForeseeRun(Assessment &assessment)
{
	plan::Options options = assessment.options;

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
		return std::make_unique<Migration>(options, assessment.target);
	}
	catch (const UserError &error)
	{
		AddRefusal(assessment, error);
	}
	catch (const pg::ReportedError &error)
	{
		/* damage that quick_check finds */
		AddRefusal(assessment,
				   UserError("", error.message, error.detail == nullptr ? "" : error.detail,
							 error.hint == nullptr ? "" : error.hint));
	}
	return nullptr;
}

/* What a dry run says of every object. */
void
AssessObjects(Assessment &assessment, Migration &migration)
{
	for (const ReportRow &row : migration.DryRun())
		AddObject(assessment, row);
}

/* A damaged part of the file is the load's to tell, which meets it too. */
void
AssessTable(Assessment &assessment, const sqlite::Table &table)
{
	try
	{
		AssessSource(assessment, table);
	}
	catch (const sqlite::Error &error)
	{
		if (!sqlite::is_unreadable(error))
			throw;
	}
}

/* The target as it is; a schema that is not there is empty, and a finding. */
plan::Target
ReadTargetOrMiss(const plan::Options &options, const sqlite::Catalog &catalog,
				 std::vector<Finding> *missing)
{
	try
	{
		return ReadTarget(options, catalog);
	}
	catch (const UserError &error)
	{
		Finding finding = MakeFinding(Severity::Error, "schema", options.target_schema, {},
									  error.what(), error.hint());

		missing->push_back(std::move(finding));
	}
	return ReadServer(options.target_schema);
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
	std::vector<Finding> missing;
	const plan::Target target = ReadTargetOrMiss(options, catalog, &missing);
	const std::vector<const sqlite::Table *> tables = plan::select_tables(catalog, options);
	Assessment assessment(source->database(), catalog, target, options);
	ResultSet result(fcinfo);

	for (Finding &finding : missing)
		assessment.Add(std::move(finding));
	AddNote(assessment, source->note());
	AssessEncoding(assessment);
	for (const sqlite::Table *table : tables)
	{
		const plan::TargetTable *const existing = assessment.Existing(*table);

		if (existing != nullptr)
			AssessTarget(assessment, *table, *existing);
	}

	const std::unique_ptr<Migration> migration = ForeseeRun(assessment);

	if (migration != nullptr)
		assessment.design = &migration->design();
	for (const sqlite::Table *table : tables)
		AssessTable(assessment, *table);
	if (migration != nullptr)
	{
		AssessRows(assessment, *migration);
		AssessRun(assessment, *migration);
		AssessObjects(assessment, *migration);
	}
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
