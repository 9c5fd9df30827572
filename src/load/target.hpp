/*
 * target.hpp
 *    The table that rows go into, and what its definition asks of a writer.
 */
#pragma once

#include "load/copy.hpp"

extern "C" {
#include "utils/rel.h"
}

namespace sqlite_import::load
{

/* A column that rows have to bring. */
struct RequiredColumn
{
	int position; /* in the tuple, from 0 */
	const char *name;
};

/* The opened target.  Plain data in the copy's memory context. */
struct Target
{
	Relation relation; /* null: a trial of a table that is yet to be made */
	TupleDesc descriptor;
	Oid relid;
	const char *schema;
	const char *name;
	int width;                /* attributes, dropped ones included */
	bool *mapped;             /* by position: a column of the source is read into it */
	RequiredColumn *required; /* NOT NULL columns that are mapped */
	int required_count;
	bool check_required;     /* a NULL in one of them is an error of its row, come what may */
	bool row_security;       /* its policies may refuse a row */
	bool self_reference;     /* a foreign key to itself, checked when a statement ends */
	const char *why_general; /* what keeps the fast writer away; null: nothing */
	bool may_freeze;
};

/*
 * Opens the target (RowExclusiveLock, kept to the end of the transaction) and
 * reads what the writers need.  'attnums' are the columns that will be written.
 * Server frame: may ereport.
 */
void OpenTarget(Target *target, const CopyRequest &request, const int *attnums, int count);

/* The same for a trial, which takes AccessShareLock and needs no right to write. */
void OpenTrialTarget(Target *target, const CopyRequest &request, const int *attnums, int count);

} /* namespace sqlite_import::load */
