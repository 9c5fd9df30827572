/*
 * pushed.hpp
 *    What joins and the relations above them have in common.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/plan.hpp"

namespace sqlite_import::fdw
{

/* The base or join relation under an upper relation; the relation itself otherwise. */
RelOptInfo *SourceOf(RelOptInfo *rel);

/* True if all that the relation's rows depend on has been shipped. */
bool IsShipped(RelOptInfo *rel);

/* True if these are plain columns of ours that scans can return, and nothing else. */
bool OnlyColumns(const RelInfo *info, List *expressions);

/* The columns that are grouped by; false if one of them is not a plain column. */
bool GroupedColumns(PlannerInfo *root, const RelInfo *info, List *clauses, PathTarget *target,
					List **grouped);

/* The distinct columns and aggregates that the target and HAVING are made of. */
List *GroupedOutputs(PathTarget *target, Node *having);

/* The plan of a join or of what stands above one: GetForeignPlan's other half. */
ForeignScan *PlanPushed(PlannerInfo *root, RelOptInfo *rel, ForeignPath *path, List *tlist,
						Plan *outer_plan);

} /* namespace sqlite_import::fdw */
