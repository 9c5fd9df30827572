/*
 * caller.cpp
 *    The caller of a SECURITY DEFINER function, and types that lend its owner's rights.
 */
#include "pg/caller.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

bool
HasTrustedOwner(Oid type)
{
	HeapTuple const tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));

	if (!HeapTupleIsValid(tuple))
		return false;

	const Oid owner = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typowner;

	ReleaseSysCache(tuple);
	return owner == GetUserId() || superuser_arg(owner);
}

/* What a domain is over, perhaps another domain. */
Oid
TypeBelow(Oid domain)
{
	HeapTuple const tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(domain));
	Oid base = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		base = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typbasetype;
		ReleaseSysCache(tuple);
	}
	return base;
}

} /* namespace */

bool
CallerMayActForCurrentRole()
{
	return has_privs_of_role(GetOuterUserId(), GetUserId());
}

bool
IsTrustedType(Oid type)
{
	const Oid element = get_element_type(type);

	if (OidIsValid(element))
		return IsTrustedType(element);
	/* a range's values are of another type, a row's of several; a domain's may be of a domain's */
	switch (get_typtype(type))
	{
		case TYPTYPE_DOMAIN:
			return HasTrustedOwner(type) && IsTrustedType(TypeBelow(type));
		case TYPTYPE_COMPOSITE:
			return false;
		case TYPTYPE_RANGE:
			return HasTrustedOwner(type) && IsTrustedType(get_range_subtype(type));
		case TYPTYPE_MULTIRANGE:
			return HasTrustedOwner(type) && IsTrustedType(get_multirange_range(type));
		default:
			return HasTrustedOwner(type) || get_typtype(type) == TYPTYPE_ENUM;
	}
}

RoleBefore
BeCaller()
{
	RoleBefore before;

	GetUserIdAndSecContext(&before.user, &before.context);
	SetUserIdAndSecContext(GetOuterUserId(), before.context | SECURITY_RESTRICTED_OPERATION);
	return before;
}

void
BeRole(const RoleBefore &before) noexcept
{
	SetUserIdAndSecContext(before.user, before.context);
}

} /* namespace sqlite_import::pg */
