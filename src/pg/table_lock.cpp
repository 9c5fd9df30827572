/*
 * table_lock.cpp
 *    The lock on a table that is to be read, and the look at what it is.
 */
#include "pg/errors.hpp"

#include "pg/encoding.hpp"
#include "pg/table_lock.hpp"

extern "C" {
#include "catalog/pg_class.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

void
LockTable(Oid relation)
{
	const char kind = PgCall(
		[relation]
		{
			LockRelationOid(relation, AccessShareLock);
			return get_rel_relkind(relation);
		});

	if (kind == '\0')
		throw Reported(ERRCODE_UNDEFINED_TABLE, "a table of the target was dropped meanwhile", {},
					   "Call the function again.");
	if (kind != RELKIND_VIEW && kind != RELKIND_MATVIEW)
		return;

	const std::string name =
		PgCall([relation] { return FromServerEncoding(get_rel_name(relation)); });
	const std::string schema = PgCall(
		[relation] { return FromServerEncoding(get_namespace_name(get_rel_namespace(relation))); });

	throw Reported(ERRCODE_WRONG_OBJECT_TYPE, "cannot compare rows with \"" + name + "\"",
				   "It is a view in schema \"" + schema + "\".",
				   "Leave the table out with exclude, or choose another target_schema.");
}

void
LockForFirstLoad(Oid relation)
{
	/* relations themselves are locked by another kind of tag (storage/lock.h) */
	PgCall([relation] { LockDatabaseObject(RelationRelationId, relation, 0, ExclusiveLock); });
}

} /* namespace sqlite_import::pg */
