/*
 * condition.hpp
 *    Conditions of single foreign tables: what SQLite decides, and what it is told.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/plan.hpp"

namespace sqlite_import::fdw
{

enum class Way
{
	Local,
	Exact,
	Guarded,
	Lookup
};

/* One condition as SQLite is to see it. */
struct Condition
{
	Way way;
	const char *sql;     /* Exact, Lookup: the condition; Guarded: with its OR */
	const char *guarded; /* the same for the query that runs if the probe finds something */
	List *guards;
	const Var *probed; /* Lookup: the column whose index is asked for odd values; may be null */
};

/* Writes a clause; params of 'deparse' grow, its sql stays as it was. */
Condition WriteCondition(Deparse *deparse, Node *clause);

/* Sorts what the conditions of a base relation are to SQLite. */
void ClassifyConditions(PlannerInfo *root, RelOptInfo *rel, RelInfo *info);

} /* namespace sqlite_import::fdw */
