/*
 * functions.cpp
 *    The SQL functions that migrate, plan and copy.
 */
#include <memory>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "user_error.hpp"

#include "migrate/arguments.hpp"
#include "migrate/copying.hpp"
#include "migrate/migration.hpp"
#include "pg/own_settings.hpp"
#include "pg/spi.hpp"

extern "C" {
extern PGDLLEXPORT Datum sqlite_import_migrate(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_migrate);
extern PGDLLEXPORT Datum sqlite_import_import_schema(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_import_schema);
extern PGDLLEXPORT Datum sqlite_import_plan(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_plan);
extern PGDLLEXPORT Datum sqlite_import_copy_table(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_copy_table);
extern PGDLLEXPORT Datum sqlite_import_copy_tables(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_copy_tables);
}

namespace sqlite_import::migrate
{

namespace
{

/* The options of migrate, import_schema and plan. */
plan::Options
ReadMigrateOptions(FunctionCallInfo fcinfo)
{
	const Arguments arguments(fcinfo);
	plan::Options options = ReadOptions(arguments);

	arguments.CheckAllRead();
	return options;
}

void
Migrate(FunctionCallInfo fcinfo, plan::Options options)
{
	const bool dry_run = options.dry_run;
	Migration migration(std::move(options));

	ReturnReport(fcinfo, dry_run ? migration.DryRun() : migration.Run());
}

/* step, phase, object_type, object_name, statement */
void
ReturnPlan(FunctionCallInfo fcinfo)
{
	const plan::Options options = ReadMigrateOptions(fcinfo);
	Migration migration(options);
	ResultSet result(fcinfo);
	int number = 0;

	if (!options.index_memory.empty())
		result.Add({std::to_string(++number), plan::phase_name(plan::Phase::Prepare), "setting",
					"maintenance_work_mem",
					"SET LOCAL maintenance_work_mem = " +
						dialect::quote_literal(options.index_memory) + ";"});
	for (const plan::Step &step : migration.steps())
	{
		std::string statement = step.statement;

		/* what has no statement stays readable, and harmless, in a file of statements */
		if (statement.empty())
		{
			statement = "-- " + step.object_type + " " + step.object_name + ": " + step.action +
						(step.note.empty() ? "" : ": " + step.note);
			for (size_t at = statement.find_first_of("\r\n"); at != std::string::npos;
				 at = statement.find_first_of("\r\n", at + 4))
				statement.replace(at, 1, "\n-- ");
		}
		result.Add({std::to_string(++number), plan::phase_name(step.phase), step.object_type,
					step.object_name, statement});
	}
}

} /* namespace */

} /* namespace sqlite_import::migrate */

using namespace sqlite_import;

/* migrate(source, target_schema, …): the report */
Datum
sqlite_import_migrate(PG_FUNCTION_ARGS)
{
	pg::SqlEntry([&] { migrate::Migrate(fcinfo, migrate::ReadMigrateOptions(fcinfo)); });
	PG_RETURN_NULL();
}

/* import_schema(source, target_schema, …): migrate without the rows */
Datum
sqlite_import_import_schema(PG_FUNCTION_ARGS)
{
	pg::SqlEntry(
		[&]
		{
			plan::Options options = migrate::ReadMigrateOptions(fcinfo);

			options.rows = false;
			migrate::Migrate(fcinfo, std::move(options));
		});
	PG_RETURN_NULL();
}

/* plan(source, target_schema, …): the statements of migrate */
Datum
sqlite_import_plan(PG_FUNCTION_ARGS)
{
	pg::SqlEntry([&] { migrate::ReturnPlan(fcinfo); });
	PG_RETURN_NULL();
}

/* copy_table(source, source_table, target, …): the report's row for that table */
Datum
sqlite_import_copy_table(PG_FUNCTION_ARGS)
{
	pg::SqlEntry(
		[&]
		{ migrate::ReturnReport(fcinfo, {migrate::CopyOneTable(migrate::Arguments(fcinfo))}); });
	PG_RETURN_NULL();
}

/* copy_tables(source, target_schema, tables, …): rows into tables that exist */
Datum
sqlite_import_copy_tables(PG_FUNCTION_ARGS)
{
	pg::SqlEntry(
		[&]
		{
			plan::Options options = migrate::ReadCopyOptions(migrate::Arguments(fcinfo));

			migrate::Migrate(fcinfo, std::move(options));
		});
	PG_RETURN_NULL();
}
