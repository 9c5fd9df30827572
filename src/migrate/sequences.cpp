/*
 * sequences.cpp
 *    reset_sequences: every serial and identity column of a schema continues
 *    after the greatest value in its table.
 *
 * A sequence belongs to a column by pg_depend, never by its name, so renamed
 * ones are found too (documentation: 51.18, pg_depend).  Some applications make
 * sequences that no column owns and name them in a default alone; these may
 * serve several tables.  Works on any schema, migrated by us or not.
 */
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "plan/names.hpp"
#include "user_error.hpp"

#include "migrate/arguments.hpp"
#include "migrate/report.hpp"
#include "pg/spi.hpp"

extern "C" {
extern PGDLLEXPORT Datum sqlite_import_reset_sequences(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_reset_sequences);
}

namespace sqlite_import::migrate
{

namespace
{

using dialect::quote_identifier;
using dialect::quote_literal;
using dialect::quote_qualified;
using pg::Row;

/* A column and the sequence that it owns, or that its default names. */
struct OwnedSequence
{
	bool owned;
	std::string table;
	std::string column;
	std::string sequence_schema;
	std::string sequence;
	int64_t start;
	int64_t increment;
	bool selected;
};

/* Of a query for table, column, the sequence's schema and name, its start and increment. */
std::vector<OwnedSequence>
ReadSequences(const std::string &query, bool owned)
{
	std::vector<OwnedSequence> sequences;

	for (const Row &row : pg::SpiQuery(query))
		sequences.push_back({owned, row[0].value_or(""), row[1].value_or(""), row[2].value_or(""),
							 row[3].value_or(""), std::stoll(row[4].value_or("1")),
							 std::stoll(row[5].value_or("1")), true});
	return sequences;
}

std::vector<OwnedSequence>
FindOwnedSequences(const std::string &schema)
{
	return ReadSequences(
		"SELECT t.relname, a.attname, sn.nspname, s.relname, q.seqstart, q.seqincrement"
		" FROM pg_catalog.pg_depend d"
		" JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'"
		" JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace"
		" JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid"
		" JOIN pg_catalog.pg_class t ON t.oid = d.refobjid"
		" JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace"
		" JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid"
		" WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
		" AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
		" AND d.deptype IN ('a', 'i') AND tn.nspname = " +
			quote_literal(schema) + " ORDER BY t.relname, a.attnum",
		true);
}

/*
 * Columns whose default is nextval() of a sequence that they do not own.  The
 * name in nextval('name'::text) depends on the search path of whoever inserts;
 * here the schema of the table comes first, then the caller's search path.
 */
std::vector<OwnedSequence>
FindNamedSequences(const std::string &schema)
{
	const std::string path = pg::SpiValue("SELECT pg_catalog.current_schemas(false)::"
										  "pg_catalog.text",
										  pg::Names::Callers)
								 .value_or("{}");

	return ReadSequences(
		"SELECT t.relname, a.attname, sn.nspname, s.relname, q.seqstart, q.seqincrement"
		" FROM pg_catalog.pg_attrdef f"
		" JOIN pg_catalog.pg_class t ON t.oid = f.adrelid AND t.relkind IN ('r', 'p')"
		" JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace"
		" JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.adnum"
		" CROSS JOIN LATERAL (SELECT pg_catalog.substring(pg_catalog.pg_get_expr(f.adbin,"
		" f.adrelid), '^nextval\\(\\(?''([^'']+)''::(?:text|regclass)')) AS d(name)"
		" JOIN pg_catalog.pg_class s ON s.relkind = 'S' AND s.oid = CASE WHEN d.name LIKE '%.%'"
		" THEN pg_catalog.to_regclass(d.name) ELSE"
		" (SELECT pg_catalog.to_regclass(pg_catalog.quote_ident(p.schema) || '.' || d.name)"
		" FROM pg_catalog.unnest(pg_catalog.array_prepend(tn.nspname, " +
			quote_literal(path) +
			"::pg_catalog.name[])) WITH ORDINALITY AS p(schema, position)"
			" WHERE pg_catalog.to_regclass(pg_catalog.quote_ident(p.schema) || '.' || d.name)"
			" IS NOT NULL ORDER BY p.position LIMIT 1) END"
			" JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace"
			" JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid"
			" WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend o"
			" WHERE o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.objid = s.oid"
			" AND o.refobjid = t.oid AND o.refobjsubid = a.attnum AND o.deptype IN ('a', 'i'))"
			" AND tn.nspname = " +
			quote_literal(schema) + " ORDER BY t.relname, a.attnum",
		false);
}

/* Keeps the sequences of the named tables; a table that is not there is an error. */
void
Select(std::vector<OwnedSequence> &owned, const std::string &schema,
	   const std::vector<std::string> &tables)
{
	std::vector<std::string> names;

	for (const Row &row :
		 pg::SpiQuery("SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
					  " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f')"
					  " AND n.nspname = " +
					  quote_literal(schema)))
		names.push_back(row[0].value_or(""));
	for (const std::string &table : tables)
		if (std::find(names.begin(), names.end(), table) == names.end())
			throw UserError(sqlstate::kUndefinedTable,
							"table \"" + table + "\" does not exist in schema \"" + schema + "\"",
							{}, plan::near_names_hint(table, names));
	for (OwnedSequence &sequence : owned)
		sequence.selected = std::find(tables.begin(), tables.end(), sequence.table) != tables.end();
}

/* What nextval() would give. */
__int128
NextValue(int64_t last_value, bool is_called, int64_t increment)
{
	return static_cast<__int128>(last_value) + (is_called ? increment : 0);
}

/* The greatest value of the column, for a falling sequence the least. */
std::optional<int64_t>
ReachedInTable(const OwnedSequence &owned, const std::string &schema)
{
	const std::optional<std::string> reached =
		pg::SpiValue(std::string("SELECT pg_catalog.") + (owned.increment > 0 ? "max(" : "min(") +
						 quote_identifier(owned.column) + ")::pg_catalog.int8 FROM " +
						 quote_qualified(schema, owned.table),
					 pg::Names::Callers);

	return reached.has_value() ? std::make_optional(std::stoll(*reached)) : std::nullopt;
}

/*
 * The value that is next is the one after the greatest in the table and after
 * at_least, but never before the sequence's start; a falling sequence goes by
 * the least.  A sequence that is farther already has given these numbers out: it
 * stays, unless set_back says otherwise of one that a single column owns.
 */
std::vector<std::optional<std::string>>
Reset(const OwnedSequence &owned, const std::string &schema, int64_t at_least, bool set_back)
{
	const std::string sequence = quote_qualified(owned.sequence_schema, owned.sequence);
	const bool rising = owned.increment > 0;
	const std::vector<Row> state = pg::SpiQuery("SELECT last_value, is_called FROM " + sequence);
	const int64_t given = std::stoll(state[0][0].value_or("1"));
	const bool was_called = state[0][1] == "t";
	std::optional<int64_t> last = ReachedInTable(owned, schema);

	if (rising && at_least > 0)
		last = std::max(last.value_or(at_least), at_least);
	if (last.has_value() && (rising ? *last < owned.start : *last > owned.start))
		last.reset();

	const __int128 next = NextValue(last.value_or(owned.start), last.has_value(), owned.increment);
	const __int128 next_now = NextValue(given, was_called, owned.increment);
	const bool farther = rising ? next_now > next : next_now < next;

	if (next_now == next || (farther && !(set_back && owned.owned)))
		return {owned.table, owned.column, sequence,
				was_called ? std::make_optional(std::to_string(given)) : std::nullopt, "f"};

	const std::string value = std::to_string(last.value_or(owned.start));

	pg::SpiExecute("SELECT pg_catalog.setval(" + quote_literal(sequence) +
				   "::pg_catalog.regclass, " + value + ", '" + (last.has_value() ? "t" : "f") +
				   "')");
	return {owned.table, owned.column, sequence,
			last.has_value() ? std::make_optional(value) : std::nullopt, "t"};
}

void
ResetSequences(FunctionCallInfo fcinfo)
{
	const Arguments arguments(fcinfo);
	const std::string schema = arguments.Name("target_schema", "public");
	const int64_t at_least = arguments.Int64("at_least", 0);
	const bool set_back = arguments.Bool("set_back", false);
	const bool all = arguments.IsNull("tables");
	const std::vector<std::string> tables = arguments.TextArray("tables");

	arguments.CheckAllRead();

	std::vector<OwnedSequence> owned = FindOwnedSequences(schema);
	std::vector<OwnedSequence> named = FindNamedSequences(schema);

	owned.insert(owned.end(), named.begin(), named.end());

	if (!pg::SpiValue("SELECT true FROM pg_catalog.pg_namespace WHERE nspname = " +
					  quote_literal(schema))
			 .has_value())
		throw UserError(sqlstate::kInvalidSchemaName, "schema \"" + schema + "\" does not exist");
	if (!all)
		Select(owned, schema, tables);

	ResultSet result(fcinfo);

	for (const OwnedSequence &sequence : owned)
		if (sequence.selected)
			result.Add(Reset(sequence, schema, at_least, set_back));
}

} /* namespace */

} /* namespace sqlite_import::migrate */

using namespace sqlite_import;

/* reset_sequences(target_schema, tables, at_least, set_back) */
Datum
sqlite_import_reset_sequences(PG_FUNCTION_ARGS)
{
	pg::PgEntry([&] { migrate::ResetSequences(fcinfo); });
	PG_RETURN_NULL();
}
