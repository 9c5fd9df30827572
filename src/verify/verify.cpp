/*
 * verify.cpp
 *    From a request to a plan of rows, and from tallies to a verdict.
 */
#include <algorithm>

#include "dialect/quote.hpp"
#include "verify/difference.hpp"
#include "verify/scan.hpp"
#include "verify/verify.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
}

#include "pg/encoding.hpp"
#include "pg/errors.hpp"
#include "pg/table_lock.hpp"

#include "pg/compat.h"

namespace sqlite_import::verify
{

namespace
{

HashKeys
RandomKeys()
{
	HashKeys keys;
	HashKeys *const pointer = &keys;

	pg::PgCall(
		[pointer]
		{
			if (!pg_strong_random(pointer, sizeof(*pointer)))
				ereport(ERROR, (errcode(ERRCODE_SYSTEM_ERROR),
								errmsg("could not generate random values")));
		});
	keys.third |= 1;
	return keys;
}

struct TargetColumn
{
	Oid type;
	int32 typmod;
	bool found;
};

TargetColumn
LookUpColumn(Oid relation, const char *name)
{
	TargetColumn column = {InvalidOid, -1, false};
	const HeapTuple tuple = SearchSysCacheAttName(relation, pg::ToServerEncoding(name));

	if (HeapTupleIsValid(tuple))
	{
		const Form_pg_attribute form = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));

		column = {form->atttypid, form->atttypmod, true};
		ReleaseSysCache(tuple);
	}
	return column;
}

/* The columns that identify a row, if all of them were migrated; else none. */
std::vector<std::string>
KeyColumns(const sqlite::Table &table, const VerifyRequest &request)
{
	std::vector<std::string> key = table.primary_key();

	if (key.empty() && table.rowid_alias)
		key.push_back(table.columns[*table.rowid_alias].name);
	for (const std::string &column : key)
	{
		const bool migrated = std::any_of(request.columns.begin(), request.columns.end(),
										  [&](const ColumnPair &pair)
										  { return sqlite::names_equal(pair.source, column); });

		if (!migrated)
			return {};
	}
	return key;
}

void
AddColumn(RowPlan &plan, Oid target, const ColumnPair &pair)
{
	const char *const name = pair.target.c_str();
	const TargetColumn column = pg::PgCall([target, name] { return LookUpColumn(target, name); });
	Reading reading = {};

	if (!column.found)
		throw pg::Reported(ERRCODE_UNDEFINED_COLUMN,
						   "column \"" + pair.target + "\" of the target table does not exist");
	MakeReading(reading, pair.rule, pair.source, name, column.type, column.typmod);
	plan.readings.push_back(std::move(reading));
}

std::string
TargetName(Oid target)
{
	const char *const name = pg::PgCall(
		[target]
		{
			const char *const relation = get_rel_name(target);

			if (relation == nullptr)
				ereport(ERROR,
						(errcode(ERRCODE_UNDEFINED_TABLE), errmsg("target table does not exist")));
			return pg::FromServerEncoding(quote_qualified_identifier(
				get_namespace_name(get_rel_namespace(target)), relation));
		});

	return name;
}

void
MakeStatements(RowPlan &plan, const sqlite::Table &table, Oid target)
{
	const std::optional<std::string> rowid = table.rowid_name();
	std::string target_columns;

	plan.has_rowid = rowid.has_value();
	plan.source_sql = "SELECT " + rowid.value_or("0");
	for (const Reading &reading : plan.readings)
	{
		plan.source_sql += ", " + dialect::quote_sqlite_identifier(reading.source_name);
		target_columns +=
			(target_columns.empty() ? "" : ", ") + dialect::quote_identifier(reading.target_name);
	}
	/* A covering index would be read instead of the table, and it may be what is broken. */
	plan.source_sql += " FROM " + dialect::quote_sqlite_identifier(table.name);
	if (table.kind == sqlite::TableKind::Ordinary)
		plan.source_sql += " NOT INDEXED";
	plan.target_sql = "SELECT " + target_columns + " FROM " + TargetName(target);
}

RowPlan
MakePlan(const sqlite::Table &table, const VerifyRequest &request)
{
	RowPlan plan;
	const std::vector<std::string> key = KeyColumns(table, request);
	const auto is_key = [&](const ColumnPair &pair)
	{
		return std::any_of(key.begin(), key.end(),
						   [&](const std::string &column)
						   { return sqlite::names_equal(pair.source, column); });
	};

	plan.keys = RandomKeys();
	plan.key_count = static_cast<int>(key.size());
	plan.skipped = request.rejected_rowids;
	plan.readings.reserve(request.columns.size());
	for (const bool keys : {true, false})
	{
		for (const ColumnPair &pair : request.columns)
		{
			if (is_key(pair) == keys)
				AddColumn(plan, request.target, pair);
		}
	}
	MakeStatements(plan, table, request.target);
	return plan;
}

std::string
Plural(int64_t count, const char *what)
{
	return std::to_string(count) + (count == 1 ? " row " : " rows ") + what;
}

/* Judges the counts of a comparison by rows. */
void
Judge(VerifyResult &result, const VerifyRequest &request)
{
	const int64_t unexplained = result.missing -
								static_cast<int64_t>(request.rejected_rowids.size()) -
								request.rejected_rows;
	const int64_t extra = request.may_hold_more ? 0 : result.extra;
	std::string wrong;
	const auto add = [&](int64_t count, const char *what)
	{
		if (count != 0)
			wrong += (wrong.empty() ? "" : ", ") + Plural(count, what);
	};

	add(unexplained, "missing");
	add(extra, "extra");
	add(result.different, "different");
	result.equal = wrong.empty();
	result.status = result.equal ? "equal" : wrong;
}

void
JudgeCounts(VerifyResult &result, const VerifyRequest &request)
{
	const int64_t expected = result.source_rows -
							 static_cast<int64_t>(request.rejected_rowids.size()) -
							 request.rejected_rows;

	result.equal =
		request.may_hold_more ? result.target_rows >= expected : result.target_rows == expected;
	result.missing = std::max<int64_t>(expected - result.target_rows, 0);
	result.extra = std::max<int64_t>(result.target_rows - expected, 0);
	result.status = result.equal ? "rows equal in number" : "rows differ in number";
}

bool
SameEverywhere(const Tally &source, const Tally &target)
{
	for (size_t i = 0; i < Tally::kBuckets; i++)
	{
		if (!source.SameBucket(target, i))
			return false;
	}
	return true;
}

} /* namespace */

int64_t
CountSourceRows(pg::Source &source, const sqlite::Table &table)
{
	return source.database().query_integer(
		"SELECT count(*) FROM " + dialect::quote_sqlite_identifier(table.name) +
		(table.kind == sqlite::TableKind::Ordinary ? " NOT INDEXED" : ""));
}

VerifyResult
VerifyTable(pg::Source &source, const sqlite::Table &table, const VerifyRequest &request)
{
	VerifyResult result;

	pg::LockTable(request.target);
	if (request.level != values::VerifyLevel::Rows || request.columns.empty())
	{
		result.source_rows = CountSourceRows(source, table);
		result.target_rows = CountTarget(request.target);
		JudgeCounts(result, request);
		return result;
	}

	RowPlan plan = MakePlan(table, request);
	const auto rejected = static_cast<int64_t>(request.rejected_rowids.size());
	Tally source_tally, target_tally;

	TallyBoth(source, plan, source_tally, target_tally);
	result.source_rows = source_tally.rows() + rejected;
	result.target_rows = target_tally.rows();
	result.missing = rejected;
	if (!SameEverywhere(source_tally, target_tally))
	{
		Difference difference = FindDifference(source, plan, source_tally, target_tally);

		result.missing += difference.missing;
		result.extra = difference.extra;
		result.different = difference.different;
		result.sample = std::move(difference.sample);
	}
	Judge(result, request);
	return result;
}

} /* namespace sqlite_import::verify */
