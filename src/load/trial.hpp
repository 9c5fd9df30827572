/*
 * trial.hpp
 *    What a copy would refuse, without writing: the same readers, conversions and
 *    rules, and instead of a writer the target's own constraints.
 *
 * A trial is a CopyRequest with a Trial in it.  CopyTable then reads and converts
 * all rows as it would, and collects each refusal instead of raising it.  Rows
 * whose values are right are put to the CHECK constraints and the unique indexes
 * of the target, and to the limits of a row and of an index entry.  Of a table that
 * is yet to be made, the trial is told the columns, keys and checks.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/guard.hpp"

extern "C" {
#include "access/tupdesc.h"
}

namespace sqlite_import::load
{

/* Refusals of one kind: of a column, with the same words. */
struct Refusal
{
	enum class What
	{
		Value,    /* a value does not fit its column */
		Null,     /* NULL in a column that takes none */
		Check,    /* the row breaks a CHECK, or computing a rule of the table fails */
		RowSize,  /* the row is too big for a page */
		KeySize,  /* a value is too long for an index */
		Duplicate /* an earlier row, or one of the target's, has the same key */
	};

	What what = What::Value;
	std::string column;  /* SQLite's name; empty: the row as a whole */
	std::string message; /* as the load's error says it */
	std::string reason;  /* without the place; may be empty */
	std::string hint;    /* may be empty */
	std::string object;  /* the constraint, index or type of PostgreSQL's that refuses; or empty */
	bool becomes_null = false; /* the value; the row is loaded */
	bool takes_null = true;    /* the column: NULL would be a way out */
	int64_t count = 0;
	std::vector<int64_t> rowids; /* of the first few; empty without rowids */
};

/* Of a table that is yet to be made. */
struct TrialKey
{
	std::string name;
	std::vector<int> attnums;
	bool unique = true; /* false: only the size of its entries counts, and refuses no row */
};

struct TrialCheck
{
	std::string name;
	std::string expression; /* SQL, columns by their own names */
};

struct Trial
{
	/* in: the columns of a table that is yet to be made, with NOT NULL; null: request.target is
	 * there */
	TupleDesc shape = nullptr;
	std::string name; /* of that table */
	std::vector<TrialKey> keys;
	std::vector<TrialCheck> checks;
	std::vector<int> unsettled; /* columns whose comparisons are not known yet: the load's */
	bool rows_stay = false;     /* the target's own rows are compared with too */

	/* out: in the order in which they were met */
	std::vector<Refusal> refusals;
};

} /* namespace sqlite_import::load */
