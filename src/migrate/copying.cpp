/*
 * copying.cpp
 *    copy_table and copy_tables.
 */
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "plan/names.hpp"
#include "user_error.hpp"

#include "migrate/copying.hpp"
#include "migrate/runs.hpp"
#include "pg/source.hpp"
#include "pg/spi.hpp"

namespace sqlite_import::migrate
{

namespace
{

/* Positions of copy_table's parameters in sqlite_import--1.0.sql. */
enum CopyTableParameter
{
	kSource,
	kSourceTable,
	kTarget,
	kSourceColumns,
	kTargetColumns,
	kCasts,
	kUpsert,
	kOnError,
	kMaxRejects,
	kInvalidText,
	kTimezone,
	kBatchSize,
	kExclude,
	kOnCorruption,
};

/* … and of copy_tables'. */
enum CopyTablesParameter
{
	kAllSource,
	kAllTargetSchema,
	kAllTables,
	kAllExclude,
	kAllOnExisting,
	kAllCasts,
	kAllOnError,
	kAllMaxRejects,
	kAllInvalidText,
	kAllTimezone,
	kAllBatchSize,
	kAllOnCorruption,
};

int
ReadBatchSize(const Arguments &arguments, int position)
{
	const int batch_size = arguments.Int32(position, 0);

	if (!arguments.IsNull(position) && batch_size < 1)
		throw UserError(sqlstate::kInvalidParameterValue, "batch_size must be at least 1");
	return batch_size;
}

const sqlite::Table &
FindTable(const sqlite::Catalog &catalog, const std::string &name)
{
	const sqlite::Table *table = catalog.find_table(name);

	if (table == nullptr)
	{
		std::vector<std::string> names;

		for (const sqlite::Table &candidate : catalog.tables)
			names.push_back(candidate.name);
		throw UserError(sqlstate::kUndefinedTable,
						"table \"" + name + "\" does not exist in the SQLite database", {},
						plan::near_names_hint(name, names));
	}
	return *table;
}

/* The pairs that the caller gave, by name. */
std::vector<load::CopyColumn>
PairColumns(Oid target, const std::vector<std::string> &sources,
			const std::vector<std::string> &targets)
{
	const std::map<std::string, int> numbers = AttributeNumbers(target);
	std::vector<load::CopyColumn> columns;

	if (sources.size() != targets.size())
		throw UserError(sqlstate::kInvalidParameterValue,
						"source_columns and target_columns differ in length");
	for (size_t i = 0; i < sources.size(); i++)
	{
		const auto number = numbers.find(targets[i]);

		if (number == numbers.end())
			throw UserError(sqlstate::kUndefinedColumn,
							"column \"" + targets[i] + "\" of the target does not exist");
		columns.push_back({sources[i], number->second, {}});
	}
	return columns;
}

std::string
QualifiedName(Oid relation)
{
	const std::vector<pg::Row> rows =
		pg::SpiQuery("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
					 " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = " +
					 std::to_string(relation));

	if (rows.empty())
		throw UserError(sqlstate::kUndefinedTable, "the target table does not exist");
	return dialect::quote_qualified(rows[0][0].value_or(""), rows[0][1].value_or(""));
}

std::vector<std::string>
PrimaryKey(Oid relation)
{
	std::vector<std::string> names;

	for (const pg::Row &row :
		 pg::SpiQuery("SELECT a.attname FROM pg_catalog.pg_constraint k"
					  " CROSS JOIN LATERAL pg_catalog.unnest(k.conkey) AS u(attnum)"
					  " JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid"
					  " AND a.attnum = u.attnum WHERE k.contype = 'p' AND k.conrelid = " +
					  std::to_string(relation)))
		names.push_back(row[0].value_or(""));
	if (names.empty())
		throw UserError(sqlstate::kObjectNotInPrerequisiteState,
						"the target table has no primary key to upsert on");
	return names;
}

std::string
LoadNote(const load::CopyResult &result)
{
	std::string note;
	const auto add = [&](const std::string &text) { note += (note.empty() ? "" : "; ") + text; };

	if (result.nulled > 0)
		add(std::to_string(result.nulled) + " values that did not fit became NULL");
	if (result.altered > 0)
		add(std::to_string(result.altered) + " values were changed as the options say");
	if (result.rejected > 0)
		add("rejected rows are kept in sqlite_import.rejected_rows");
	if (!result.unreadable.empty())
		add(result.unreadable);
	if (!result.why_general.empty())
		add("general writer: " + result.why_general);
	return note;
}

} /* namespace */

std::map<std::string, int>
AttributeNumbers(Oid relation)
{
	std::map<std::string, int> numbers;

	for (const pg::Row &row :
		 pg::SpiQuery("SELECT attname, attnum FROM pg_catalog.pg_attribute WHERE attrelid = " +
					  std::to_string(relation) + " AND attnum > 0 AND NOT attisdropped"))
		numbers[row[0].value_or("")] = std::stoi(row[1].value_or("0"));
	return numbers;
}

plan::Options
ReadCopyOptions(const Arguments &arguments)
{
	plan::Options options;

	options.source = arguments.Text(kAllSource);
	options.target_schema = arguments.Name(kAllTargetSchema, options.target_schema);
	options.tables = arguments.TextArray(kAllTables);
	options.exclude = arguments.TextArray(kAllExclude);
	ReadChoice(arguments, kAllOnExisting, options.on_existing);
	options.casts = ReadCasts(arguments.Jsonb(kAllCasts));
	ReadChoice(arguments, kAllOnError, options.on_error);
	options.max_rejects = arguments.Int64(kAllMaxRejects, options.max_rejects);
	ReadChoice(arguments, kAllInvalidText, options.invalid_text);
	options.timezone = arguments.Text(kAllTimezone);
	options.batch_size = ReadBatchSize(arguments, kAllBatchSize);
	ReadChoice(arguments, kAllOnCorruption, options.on_corruption);
	options.create_missing = false;
	options.sequences = false;
	options.views = false;
	options.triggers = false;
	options.analyze = false;
	options.verify = plan::VerifyLevel::None;
	return options;
}

load::CopyRequest
MakeCopyRequest(const plan::Options &options)
{
	load::CopyRequest request;

	switch (options.on_error)
	{
		case plan::OnError::Stop:
			request.on_error = load::OnError::Stop;
			break;
		case plan::OnError::Null:
			request.on_error = load::OnError::Null;
			break;
		case plan::OnError::Reject:
			request.on_error = load::OnError::Reject;
			break;
	}
	request.salvage = options.on_corruption == plan::OnCorruption::Salvage;
	request.max_rejects = options.max_rejects < 0 ? 0 : options.max_rejects;
	if (options.batch_size > 0)
		request.batch_size = options.batch_size;
	return request;
}

ReportRow
CopyReport(const std::string &source_table, const std::string &target,
		   const load::CopyResult &result, double seconds)
{
	ReportRow row;

	row.object_type = "table";
	row.object_name = source_table;
	row.target = target;
	row.action = result.unreadable.empty() ? "loaded" : "salvaged";
	row.rows = result.rows;
	row.rejected = result.rejected;
	row.seconds = seconds;
	row.note = LoadNote(result);
	return row;
}

ReportRow
CopyOneTable(const Arguments &arguments)
{
	const auto start = std::chrono::steady_clock::now();
	plan::Options options;

	if (arguments.IsNull(kSource) || arguments.IsNull(kSourceTable) || arguments.IsNull(kTarget))
		throw UserError("22004", "source, source_table and target must not be null");
	options.source = arguments.Text(kSource);
	options.casts = ReadCasts(arguments.Jsonb(kCasts));
	ReadChoice(arguments, kOnError, options.on_error);
	options.max_rejects = arguments.Int64(kMaxRejects, -1);
	ReadChoice(arguments, kInvalidText, options.invalid_text);
	options.timezone = arguments.Text(kTimezone);
	options.batch_size = ReadBatchSize(arguments, kBatchSize);
	ReadChoice(arguments, kOnCorruption, options.on_corruption);

	pg::SourceUse use;

	use.salvage = options.on_corruption == plan::OnCorruption::Salvage;

	const std::unique_ptr<pg::Source> source =
		pg::OpenSource(pg::ResolveSource(options.source), use);
	const sqlite::Catalog catalog = sqlite::read_catalog(source->database());
	const std::string source_table = arguments.Text(kSourceTable);
	const sqlite::Table &table = FindTable(catalog, source_table);
	const Oid target = arguments.ObjectId(kTarget);
	const std::string target_name = QualifiedName(target);
	load::CopyRequest request = MakeCopyRequest(options);

	request.run = BeginRun();
	request.source = source.get();
	request.table = &table;
	request.target = target;
	request.columns =
		arguments.IsNull(kSourceColumns)
			? load::MatchColumns(*source, table, target, arguments.TextArray(kExclude))
			: PairColumns(target, arguments.TextArray(kSourceColumns),
						  arguments.TextArray(kTargetColumns));
	for (load::CopyColumn &column : request.columns)
	{
		const sqlite::Column *source_column = table.find_column(column.source);
		const plan::CastRule *cast =
			plan::find_cast(options, table.name, column.source,
							source_column == nullptr ? "" : source_column->declared_type);

		column.rule = plan::effective_rule(cast == nullptr ? column.rule : cast->rule, options);
	}
	if (arguments.Bool(kUpsert, false))
	{
		request.on_conflict = load::OnConflict::Update;
		request.conflict_columns = PrimaryKey(target);
	}

	const load::CopyResult result = load::CopyTable(request);
	const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

	return CopyReport(table.name, target_name, result, seconds.count());
}

} /* namespace sqlite_import::migrate */
