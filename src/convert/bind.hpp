/*
 * bind.hpp
 *    The way back: PostgreSQL's values bound to parameters of SQLite statements,
 *    so that reading them again gives the same value, or refused.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include <sqlite3.h>

#include "dialect/declared_type.hpp"
#include "values/column_rule.hpp"

extern "C" {
#include "postgres.h"
#include "fmgr.h"
#include "pgtime.h"
}

namespace sqlite_import::convert
{

/* How values of one PostgreSQL column go into one SQLite column. */
struct Binder
{
	Oid type; /* the base type, below domains */
	FmgrInfo output;
	dialect::Affinity affinity;
	values::From unit;  /* UnixS …: moments are written as such numbers; Auto: as text */
	bool uuid_as_blob;  /* column_type BLOB */
	const char *column; /* SQLite's name, for messages */
	pg_tz *zone;        /* of digits YYYYMMDD that are written for a timestamptz */
};

/* Makes the binder of a column; 'column_type' is the column's option or null, 'timezone' the
 * server's. */
Binder MakeBinder(Oid type, const char *column_type, const char *timezone,
				  dialect::Affinity affinity, const char *column);

/*
 * Binds the value, which has to stay where it is, as the current memory context
 * has to, until the statement has been stepped.  False if SQLite says no (its connection tells
 * why).  Refuses a numeric that the column's affinity would round.  Between BeginTextFormat and
 * EndTextFormat only.
 */
bool BindValue(const Binder &binder, sqlite3_stmt *statement, int parameter, Datum value,
			   bool is_null);

/* Makes output functions print dates in ISO form, times in UTC, floats in full; returns the nest
 * level for EndTextFormat.  An error undoes it too. */
int BeginTextFormat();
void EndTextFormat(int nest_level);

} /* namespace sqlite_import::convert */
