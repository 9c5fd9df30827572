/*
 * record_keeper.hpp
 *    Writing the extension's own tables as their owner.
 *
 * Each role sees its own rows of runs, run_reports and rejected_rows, and may
 * delete them.  If it could insert as well, it could take the number of another
 * role's next run, or put lines into another's report; so the rows are written
 * as the tables' owner, in statements that hold nothing but values.
 */
#pragma once

extern "C" {
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace sqlite_import::pg
{

/* The owner of sqlite_import.runs and its like.  May ereport. */
inline Oid
RecordKeeper()
{
	const Oid table = get_relname_relid("runs", get_namespace_oid("sqlite_import", false));
	HeapTuple const tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("table sqlite_import.runs does not exist"),
						errhint("Make the extension anew: DROP EXTENSION sqlite_import; CREATE "
								"EXTENSION sqlite_import;")));

	const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;

	ReleaseSysCache(tuple);
	return owner;
}

/* Calls work() as the tables' owner, and is the caller again afterwards, also after an error.  May
 * ereport. */
template <typename Work>
void
AsRecordKeeper(Work work)
{
	const Oid owner = RecordKeeper();
	Oid user;
	int context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(owner, context | SECURITY_LOCAL_USERID_CHANGE);
	PG_TRY();
	{
		work();
	}
	PG_FINALLY();
	{
		SetUserIdAndSecContext(user, context);
	}
	PG_END_TRY();
}

} /* namespace sqlite_import::pg */
