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

/*
 * What SQLite has to return for these expressions and conditions: the grouped
 * expressions, columns and aggregates that they are made of, each once.
 */
List *NeededOutputs(const RelInfo *info, List *expressions, List *conditions);

/* The plan of a join or of what stands above one: GetForeignPlan's other half. */
ForeignScan *PlanPushed(PlannerInfo *root, RelOptInfo *rel, ForeignPath *path, List *tlist,
						Plan *outer_plan);

} /* namespace sqlite_import::fdw */
