/*
 * act_as_owner.cpp
 *    The change of role, and back.
 */
#include "pg/guard.hpp"

#include "pg/act_as_owner.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/syscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

/* The owner, if the current role may act for it; else the current role.  May ereport. */
Oid
RoleToActAs(Oid relation)
{
	HeapTuple const tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid owner = GetUserId();

	if (HeapTupleIsValid(tuple))
	{
		owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return has_privs_of_role(GetUserId(), owner) ? owner : GetUserId();
}

} /* namespace */

ActAsOwner::ActAsOwner(Oid relation)
{
	const Oid role = PgCall([relation] { return RoleToActAs(relation); });

	nest_level_ = PgCall([] { return NewGUCNestLevel(); });
	GetUserIdAndSecContext(&user_, &context_);
	SetUserIdAndSecContext(role, context_ | SECURITY_RESTRICTED_OPERATION);
}

ActAsOwner::~ActAsOwner()
{
	SetUserIdAndSecContext(user_, context_);
	/* after an error the abort of the transaction does it */
	if (std::uncaught_exceptions() == 0)
		AtEOXact_GUC(false, nest_level_);
}

} /* namespace sqlite_import::pg */
