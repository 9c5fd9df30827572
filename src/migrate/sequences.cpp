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
#include "migrate/sequences.hpp"
#include "pg/encoding.hpp"
#include "pg/own_settings.hpp"
#include "pg/spi.hpp"
#include "pg/table_lock.hpp"

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
	int64_t least;
	int64_t greatest;
	bool may_read; /* the column, to find its greatest value */
	bool may_set;  /* and the sequence */
	bool trusted;  /* the column's own, or its table's owner's: the table says which sequence is set
					*/
	bool counts;   /* the column's type is a number of PostgreSQL's: no function of others is run */
	Oid table_oid;
	bool selected;
};

/* What both queries ask for: of a table t, its column a, a sequence s in schema sn, its state q. */
constexpr const char *kColumns =
	"SELECT t.relname, a.attname, sn.nspname, s.relname, q.seqstart, q.seqincrement, q.seqmin,"
	" q.seqmax, pg_catalog.has_column_privilege(t.oid, a.attnum, 'SELECT'),"
	" pg_catalog.has_schema_privilege(sn.oid, 'USAGE') AND"
	" pg_catalog.has_sequence_privilege(s.oid, 'SELECT') AND"
	" pg_catalog.has_sequence_privilege(s.oid, 'UPDATE'), s.relowner = t.relowner,"
	" (WITH RECURSIVE base(type) AS (SELECT a.atttypid UNION ALL"
	" SELECT y.typbasetype FROM base JOIN pg_catalog.pg_type y ON y.oid = base.type"
	" WHERE y.typtype = 'd') SELECT pg_catalog.bool_or(type IN ("
	"'pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype,"
	" 'pg_catalog.int8'::pg_catalog.regtype, 'pg_catalog.numeric'::pg_catalog.regtype)) FROM base),"
	" t.oid";

std::vector<OwnedSequence>
ReadSequences(const std::string &from, bool owned)
{
	std::vector<OwnedSequence> sequences;
	const auto number = [](const std::optional<std::string> &text)
	{ return std::stoll(text.value_or("1")); };

	for (const Row &row : pg::SpiQuery(kColumns + from))
		sequences.push_back({owned, row[0].value_or(""), row[1].value_or(""), row[2].value_or(""),
							 row[3].value_or(""), number(row[4]), number(row[5]), number(row[6]),
							 number(row[7]), row[8] == "t", row[9] == "t", owned || row[10] == "t",
							 row[11] == "t", static_cast<Oid>(std::stoul(row[12].value_or("0"))),
							 true});
	return sequences;
}

std::vector<OwnedSequence>
FindOwnedSequences(const std::string &schema)
{
	return ReadSequences(
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
	pg::LockTable(owned.table_oid);

	const std::optional<std::string> reached =
		pg::SpiValue(std::string("SELECT pg_catalog.") + (owned.increment > 0 ? "max(" : "min(") +
						 quote_identifier(owned.column) + ")::pg_catalog.int8 FROM " +
						 quote_qualified(schema, owned.table),
					 pg::Names::Callers);

	return reached.has_value() ? std::make_optional(std::stoll(*reached)) : std::nullopt;
}

/* The number after which the sequence shall go on; none: before its start. */
std::optional<int64_t>
WantedValue(const OwnedSequence &owned, const std::string &schema, int64_t at_least,
			std::string &note)
{
	const bool rising = owned.increment > 0;
	std::optional<int64_t> last = ReachedInTable(owned, schema);

	if (rising && at_least > 0 && at_least > last.value_or(0))
	{
		last = at_least;
		note = "numbers up to " + std::to_string(at_least) + " were given out in SQLite";
	}
	if (last.has_value() && (rising ? *last < owned.start : *last > owned.start))
		last.reset();
	if (last.has_value() && (*last > owned.greatest || *last < owned.least))
	{
		last = rising ? owned.greatest : owned.least;
		note += (note.empty() ? "" : "; ") + std::string("that is beyond the sequence's end, ") +
				std::to_string(*last) +
				": the next nextval() will fail until the column and its sequence are bigint";
	}
	return last;
}

/* Why the sequence is left as it is; empty: nothing keeps it from being set. */
std::string
WhyNot(const OwnedSequence &owned, const std::string &schema, const std::string &sequence)
{
	const std::string table = quote_qualified(schema, owned.table);

	/* else whoever owns a table could have any sequence set that the caller may set */
	if (!owned.trusted)
		return "sequence " + sequence + " belongs to another role than table " + table +
			   ", and to no column of it; its owner can set it with setval()";
	if (!owned.counts)
		return "column " + quote_identifier(owned.column) + " of table " + table +
			   " is not of an integer type or numeric";
	if (!owned.may_set)
		return "permission denied for sequence " + sequence +
			   ": it may give out numbers that rows have already; GRANT SELECT, UPDATE ON SEQUENCE " +
			   sequence;
	if (!owned.may_read)
		return "permission denied to read column " + quote_identifier(owned.column) +
			   ", whose greatest value is to be found; GRANT SELECT ON TABLE " + table;
	return {};
}

/*
 * The value that is next is the one after the greatest in the table and after
 * at_least, but never before the sequence's start; a falling sequence goes by
 * the least.  A sequence that is farther already has given these numbers out: it
 * stays, unless set_back says otherwise of one that a single column owns.
 */
SequenceReset
Reset(const OwnedSequence &owned, const std::string &schema, int64_t at_least, bool set_back)
{
	const std::string sequence = quote_qualified(owned.sequence_schema, owned.sequence);
	const bool rising = owned.increment > 0;
	SequenceReset done = {owned.table, owned.column, sequence, std::nullopt, false, false, {}};

	done.note = WhyNot(owned, schema, sequence);
	if (!done.note.empty())
	{
		done.denied = true;
		return done;
	}

	const std::vector<Row> state = pg::SpiQuery("SELECT last_value, is_called FROM " + sequence);
	const int64_t given = std::stoll(state[0][0].value_or("1"));
	const bool was_called = state[0][1] == "t";
	const std::optional<int64_t> last = WantedValue(owned, schema, at_least, done.note);
	const __int128 next = NextValue(last.value_or(owned.start), last.has_value(), owned.increment);
	const __int128 next_now = NextValue(given, was_called, owned.increment);
	const bool farther = rising ? next_now > next : next_now < next;

	if (next_now == next || (farther && !(set_back && owned.owned)))
	{
		if (was_called)
			done.last_value = given;
		if (farther)
			done.note = "it has given out farther numbers already";
		return done;
	}
	pg::SpiExecute("SELECT pg_catalog.setval(" + quote_literal(sequence) +
				   "::pg_catalog.regclass, " + std::to_string(last.value_or(owned.start)) + ", '" +
				   (last.has_value() ? "t" : "f") + "')");
	done.last_value = last;
	done.changed = true;
	return done;
}

/* For whoever does not look at the note. */
void
WarnOfDenied(const SequenceReset &denied)
{
	const std::string message = "sequence " + denied.sequence + " was not reset";

	pg::PgCall(
		[&]
		{
			ereport(WARNING, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
							  errmsg("%s", pg::ToReadableEncoding(message.c_str())),
							  errdetail("%s", pg::ToReadableEncoding(denied.note.c_str()))));
		});
}

/* Of the whole schema: those that columns own, and those that defaults name. */
std::vector<OwnedSequence>
FindSequences(const std::string &schema)
{
	std::vector<OwnedSequence> sequences = FindOwnedSequences(schema);
	std::vector<OwnedSequence> named = FindNamedSequences(schema);

	sequences.insert(sequences.end(), named.begin(), named.end());
	return sequences;
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

	std::vector<OwnedSequence> sequences = FindSequences(schema);

	if (!pg::SpiValue("SELECT true FROM pg_catalog.pg_namespace WHERE nspname = " +
					  quote_literal(schema))
			 .has_value())
		throw UserError(sqlstate::kInvalidSchemaName, "schema \"" + schema + "\" does not exist");
	if (!all)
		Select(sequences, schema, tables);

	ResultSet result(fcinfo);

	for (const OwnedSequence &sequence : sequences)
	{
		if (!sequence.selected)
			continue;
		const SequenceReset done = Reset(sequence, schema, at_least, set_back);

		if (done.denied)
			WarnOfDenied(done);
		result.Add({done.table, done.column, done.sequence,
					done.last_value.has_value()
						? std::make_optional(std::to_string(*done.last_value))
						: std::nullopt,
					done.changed ? "t" : "f",
					done.note.empty() ? std::nullopt : std::make_optional(done.note)});
	}
}

} /* namespace */

std::vector<SequenceReset>
ResetSequencesOf(const std::string &schema, const std::string &table, const SequenceMark &mark)
{
	std::vector<SequenceReset> resets;

	for (const OwnedSequence &sequence : FindSequences(schema))
	{
		if (sequence.table == table)
			resets.push_back(
				Reset(sequence, schema, sequence.column == mark.column ? mark.reached : 0, false));
	}
	return resets;
}

std::string
DescribeResets(const std::vector<SequenceReset> &resets)
{
	std::string text;

	for (const SequenceReset &reset : resets)
	{
		std::string part;

		if (reset.denied)
			part = "not reset: " + reset.note;
		else if (reset.changed)
			part = "sequence " + reset.sequence +
				   (reset.last_value.has_value()
						? " continues after " + std::to_string(*reset.last_value)
						: std::string(" begins at its start")) +
				   (reset.note.empty() ? "" : ": " + reset.note);
		else
			continue;
		text += (text.empty() ? "" : "; ") + part;
	}
	return text;
}

} /* namespace sqlite_import::migrate */

using namespace sqlite_import;

/* reset_sequences(target_schema, tables, at_least, set_back) */
Datum
sqlite_import_reset_sequences(PG_FUNCTION_ARGS)
{
	pg::SqlEntry([&] { migrate::ResetSequences(fcinfo); });
	PG_RETURN_NULL();
}
