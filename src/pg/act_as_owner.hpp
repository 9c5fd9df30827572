/*
 * act_as_owner.hpp
 *    Running a table's own code (checks, domains) with its owner's rights.
 *
 * To ask a constraint is to run functions that the table's owner chose.  Whoever
 * only looks at a table lends its owner no rights by that, as with ANALYZE and
 * REINDEX: the code runs as the owner, who cannot change the role or a setting of
 * the session by it.  A caller who may not act for the owner gains none either:
 * the code then runs as the caller, as an INSERT would run it.
 */
#pragma once

extern "C" {
#include "postgres.h"
}

namespace sqlite_import::pg
{

/* For as long as the object lives.  C++ frame; throws PgError. */
class ActAsOwner
{
public:
	explicit ActAsOwner(Oid relation);
	~ActAsOwner();
	ActAsOwner(const ActAsOwner &) = delete;
	ActAsOwner &operator=(const ActAsOwner &) = delete;

private:
	Oid user_ = InvalidOid;
	int context_ = 0;
	int nest_level_ = 0;
};

} /* namespace sqlite_import::pg */
