/*
 * verify.hpp
 *    Proves that a table arrived: every row of both sides is read again and
 *    compared, in any order, without the code that converted it.
 *
 * The first pass reads each side once and sums the digests of its rows, in
 * buckets by key.  Equal counts and sums in every bucket: equal tables.  Only if
 * they differ, a second pass sorts the rows of the buckets that differ (in
 * work_mem, spilling to temporary files) and tells missing from extra from
 * different rows, and a third fetches the keys of a few of each.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sqlite/catalog.hpp"
#include "values/choices.hpp"
#include "values/column_rule.hpp"

#include "pg/source.hpp"

namespace sqlite_import::verify
{

/* A column of the source, the column of the target that it went to, and how it was read. */
struct ColumnPair
{
	std::string source;
	std::string target;
	values::ColumnRule rule;
};

struct VerifyRequest
{
	Oid target = InvalidOid;
	std::vector<ColumnPair> columns;
	values::VerifyLevel level = values::VerifyLevel::Rows;
	/* Source rows that the load rejected, in ascending order: left out of the comparison.  Rows
	 * without a rowid can only be counted. */
	std::vector<int64_t> rejected_rowids;
	int64_t rejected_rows = 0;  /* those of rejected_rowids not included */
	bool may_hold_more = false; /* appended to: rows that only the target has are no difference */
};

struct VerifyResult
{
	int64_t source_rows = 0; /* rejected rows included */
	int64_t target_rows = 0;
	int64_t missing = 0;   /* rows of the source that the target lacks; rejected ones too */
	int64_t extra = 0;     /* rows of the target that the source lacks */
	int64_t different = 0; /* rows with the same key and other values */
	bool equal = false;    /* all as the request says it should be */
	std::string status;    /* "equal", "rows equal in number", or what is wrong, in words */
	std::string sample;    /* JSON: keys of some of the rows that differ; empty if none */
};

/*
 * Compares one table.  Reads the target as the calling role: its SELECT rights
 * and row security apply.  Sees what the current transaction wrote.  C++ frame:
 * throws sqlite::Error, PgError and ReportedError.
 */
VerifyResult VerifyTable(pg::Source &source, const sqlite::Table &table,
						 const VerifyRequest &request);

/* Counts a table's rows in the table itself.  Throws sqlite::Error. */
int64_t CountSourceRows(pg::Source &source, const sqlite::Table &table);

} /* namespace sqlite_import::verify */
