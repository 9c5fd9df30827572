/*
 * plan.hpp
 *    What planning keeps per relation, and the callbacks that plan.
 *
 * The way of a query: condition.cpp tells what SQLite may decide, estimate.cpp
 * what it costs; scan_paths.cpp, join_paths.cpp and upper_paths.cpp offer paths;
 * scan_plan.cpp and pushed_plan.cpp write the chosen one's query, with
 * deparse_query.cpp and probe.cpp, and pack it (remote_query.hpp).
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/remote_query.hpp"
#include "fdw/remote_table.hpp"

extern "C" {
#include "postgres.h"
#include "foreign/fdwapi.h"
#include "nodes/pathnodes.h"
}

namespace sqlite_import::fdw
{

/* What the rows of a relation are: those of its tables, or made of them. */
enum class Shape : int
{
	Rows,
	Groups,
	Distinct
};

/* In RelOptInfo.fdw_private of base, join and upper relations. */
struct RelInfo
{
	Oid server;
	RemoteTable **tables; /* by range table index; shared by the whole query */
	Relids relids;        /* the base relations below */
	Relids visible;       /* those whose columns the relation has: not what stands in EXISTS */

	/* base relations: what becomes of baserestrictinfo */
	bool all_exact;   /* SQLite decides every condition for good … */
	List *guards;     /* … provided that these Vars (Tame) are in their domains */
	bool looks_up;    /* an index finds rows by a column that may hold odd values */
	List *conditions; /* clauses that SQLite evaluates, for the relations above */

	/* join relations */
	JoinType join_type;
	RelOptInfo *outer;
	RelOptInfo *inner;
	List *join_conditions; /* the ON clauses of this join, clauses only */
	List *filters;         /* those of WHERE that an outer join's rows have to pass */

	/* upper relations */
	RelOptInfo *input;
	Shape shape;
	List *grouped;      /* Groups, Distinct: the expressions that tell the rows apart */
	List *having;       /* clauses that SQLite evaluates … */
	List *local_having; /* … and the others */
	bool sorted;        /* ORDER BY, if there is one, has been dealt with … */
	bool limited;       /* … and so has LIMIT */

	double pages;     /* base relations: what a scan reads … */
	double looked_at; /* … and how many rows it looks at */
};

/* scan_paths.cpp, scan_plan.cpp */
void GetForeignRelSize(PlannerInfo *root, RelOptInfo *rel, Oid relation);
void GetForeignPaths(PlannerInfo *root, RelOptInfo *rel, Oid relation);
ForeignScan *GetForeignPlan(PlannerInfo *root, RelOptInfo *rel, Oid relation, ForeignPath *path,
							List *tlist, List *clauses, Plan *outer_plan);

/* join_paths.cpp, upper_paths.cpp */
void GetForeignJoinPaths(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outer,
						 RelOptInfo *inner, JoinType type, JoinPathExtraData *extra);
void GetForeignUpperPaths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
						  RelOptInfo *output, void *extra);

/*
 * A path for one process only.  Two processes that read the whole of something
 * may see two states of the file; only the shares of one scan compare theirs.
 */
inline Path *
Serial(Path *path)
{
	path->parallel_safe = false;
	return path;
}

} /* namespace sqlite_import::fdw */
