/*
 * table_lock.hpp
 *    Reading tables of the target whose owners need not be friends of the caller.
 *
 * A view's query runs functions with the rights of whoever reads it; so where a
 * table is asked for, nothing else is read, not even one that its owner puts in
 * the table's place between our look at the catalog and our query.
 */
#pragma once

extern "C" {
#include "postgres.h"
}

namespace sqlite_import::pg
{

/*
 * Locks a relation as SELECT does, until the transaction ends, so that its name
 * goes on meaning it.  Throws ReportedError (42809) if it is a view, 42P01 if it is
 * gone.  C++ frame.
 */
void LockTable(Oid relation);

/*
 * One run at a time loads into a table that it has found empty: waits for another
 * run to end.  Nobody else is kept from anything: the lock is on a name that only
 * this function knows.  C++ frame.
 */
void LockForFirstLoad(Oid relation);

} /* namespace sqlite_import::pg */
