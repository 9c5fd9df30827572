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
#include "values/time_unit.hpp"

#include "migrate/copying.hpp"
#include "migrate/profile_crew.hpp"
#include "migrate/runs.hpp"
#include "migrate/time_evidence.hpp"
#include "migrate/sequences.hpp"
#include "pg/source.hpp"
#include "pg/spi.hpp"

namespace sqlite_import::migrate
{

namespace
{

const sqlite::Table &
FindTable(const sqlite::Catalog &catalog, const std::string &name)
{
	const sqlite::Table *table = catalog.find_readable(name);

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

/* A relation's name, unquoted. */
struct RelationName
{
	std::string schema;
	std::string name;
};

RelationName
NameOf(Oid relation)
{
	const std::vector<pg::Row> rows =
		pg::SpiQuery("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
					 " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = " +
					 std::to_string(relation));

	if (rows.empty())
		throw UserError(sqlstate::kUndefinedTable, "the target table does not exist");
	return {rows[0][0].value_or(""), rows[0][1].value_or("")};
}

/* What AUTOINCREMENT reached, for the column that the rowid was loaded into. */
SequenceMark
MarkOf(const sqlite::Table &table, const load::CopyRequest &request)
{
	if (!table.rowid_alias.has_value() || !table.sequence.has_value())
		return {};
	for (const load::CopyColumn &column : request.columns)
	{
		if (!sqlite::names_equal(column.source, table.columns[*table.rowid_alias].name))
			continue;
		for (const auto &[name, number] : AttributeNumbers(request.target))
		{
			if (number == column.attnum)
				return {name, *table.sequence};
		}
	}
	return {};
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

/* The target's type of a column, if it is one for dates and times. */
std::optional<dialect::TypeKind>
MomentKindOf(Oid relation, int attribute)
{
	const std::optional<std::string> type = pg::SpiValue(
		"SELECT pg_catalog.format_type(COALESCE(NULLIF(t.typbasetype, 0), t.oid), NULL) FROM "
		"pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
		"WHERE a.attrelid = " +
		std::to_string(relation) + " AND a.attnum = " + std::to_string(attribute));
	const auto kind = type ? dialect::kind_of_pg_type(*type) : std::nullopt;

	return kind && IsMomentKind(*kind) ? kind : std::nullopt;
}

/*
 * Numbers into columns of times take their unit by evidence, as in a migration; and the zone of
 * naive times is told.  What is to be said of it.
 */
std::string
ReadTimes(pg::Source &source, const sqlite::Catalog &catalog, const sqlite::Table &table,
		  load::CopyRequest &request)
{
	ProfileCrew crew(source);
	TimeEvidence evidence(catalog, [&crew](const sqlite::Table &other, const auto &requests)
						  { return crew.Profile(other, requests); });
	std::vector<sqlite::ProfileRequest> wanted;
	std::vector<load::CopyColumn *> columns;
	std::vector<dialect::TypeKind> kinds;
	std::string note;

	for (load::CopyColumn &column : request.columns)
	{
		const auto kind = MomentKindOf(request.target, column.attnum);

		if (!kind || !column.rule.map.empty() || column.rule.has_using() ||
			table.find_column(column.source) == nullptr)
			continue;
		/* all has been said of how it is read */
		if (column.rule.from != values::From::Auto && *kind != dialect::TypeKind::TimestampTz)
			continue;
		wanted.push_back({column.source, sqlite::ProfileDepth::Shapes});
		columns.push_back(&column);
		kinds.push_back(*kind);
	}
	if (wanted.empty())
		return note;
	try
	{
		const std::vector<sqlite::ColumnProfile> profiles = crew.Profile(table, wanted);

		for (size_t i = 0; i < profiles.size(); i++)
			evidence.Know(table, *table.find_column(columns[i]->source), profiles[i]);
		for (size_t i = 0; i < profiles.size(); i++)
		{
			values::ColumnRule &rule = columns[i]->rule;
			const plan::CheckedType checked =
				evidence.Check(table, *table.find_column(columns[i]->source),
							   dialect::type_of_kind(kinds[i]), profiles[i]);
			const auto add = [&](const std::string &text)
			{ note += (note.empty() ? "" : "; ") + columns[i]->source + ": " + text; };

			if (rule.from == values::From::Auto && values::is_time_unit(checked.from))
			{
				rule.from = checked.from;
				add(checked.reason);
			}
			const int64_t naive = plan::naive_times(profiles[i], rule.from);

			if (naive > 0 && kinds[i] == dialect::TypeKind::TimestampTz)
				add(plan::zone_words(naive, rule.timezone));
		}
	}
	catch (const sqlite::Error &error)
	{
		/* the load tells what cannot be read */
		if ((error.code() & 0xff) != SQLITE_CORRUPT)
			throw;
	}
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
	plan::Options options = ReadOptions(arguments);

	arguments.CheckAllRead();
	options.create_missing = false;
	options.views = false;
	options.triggers = false;
	options.analyze = false;
	options.verify = values::VerifyLevel::None;
	return options;
}

load::CopyRequest
MakeCopyRequest(const plan::Options &options)
{
	load::CopyRequest request;

	request.on_error = options.on_error;
	request.salvage = options.on_corruption == plan::OnCorruption::Salvage;
	request.max_rejects = options.max_rejects;
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

	if (arguments.IsNull("source_table") || arguments.IsNull("target"))
		throw UserError("22004", "source_table and target must not be null");

	plan::Options options = ReadOptions(arguments);
	const std::string source_table = arguments.Text("source_table");
	const Oid target = arguments.ObjectId("target");
	const bool upsert = arguments.Bool("upsert", false);
	const bool paired = !arguments.IsNull("source_columns");
	const std::vector<std::string> source_columns = arguments.TextArray("source_columns");
	const std::vector<std::string> target_columns = arguments.TextArray("target_columns");

	arguments.CheckAllRead();

	pg::SourceUse use;

	use.salvage = options.on_corruption == plan::OnCorruption::Salvage;

	const std::unique_ptr<pg::Source> source =
		pg::OpenSource(pg::ResolveSource(options.source), use);
	const sqlite::Catalog catalog = sqlite::read_catalog(source->database());
	const sqlite::Table &table = FindTable(catalog, source_table);
	const RelationName target_name = NameOf(target);
	load::CopyRequest request = MakeCopyRequest(options);

	request.run = BeginRun();
	request.source = source.get();
	request.table = &table;
	request.target = target;
	request.columns = paired ? PairColumns(target, source_columns, target_columns)
							 : load::MatchColumns(*source, table, target, options.exclude);
	for (load::CopyColumn &column : request.columns)
	{
		const sqlite::Column *source_column = table.find_column(column.source);
		const plan::CastRule *cast =
			source_column == nullptr ? nullptr : plan::find_cast(options, table, *source_column);

		column.rule = plan::effective_rule(cast == nullptr ? column.rule : cast->rule, options);
	}
	const std::string times = ReadTimes(*source, catalog, table, request);
	if (upsert)
	{
		request.on_conflict = load::OnConflict::Update;
		request.conflict_columns = PrimaryKey(target);
	}

	const load::CopyResult result = load::CopyTable(request);
	const std::string sequences = DescribeResets(
		ResetSequencesOf(target_name.schema, target_name.name, MarkOf(table, request)));
	const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
	ReportRow row =
		CopyReport(table.name, dialect::quote_qualified(target_name.schema, target_name.name),
				   result, seconds.count());

	for (const std::string &more : {times, sequences})
		if (!more.empty())
			row.note += (row.note.empty() ? "" : "; ") + more;
	options.target_schema = target_name.schema;
	RecordRun(request.run, options, catalog, {row});
	return row;
}

} /* namespace sqlite_import::migrate */
