/*
 * estimate.hpp
 *    Row counts and costs.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/plan.hpp"

namespace sqlite_import::fdw
{

/*
 * Rows that the best key finds for the clauses; -1 if no key helps.  'guess' is
 * the planner's own, for keys of which the file has no statistics.
 */
double RowsByKey(PlannerInfo *root, RelOptInfo *rel, const RemoteTable *table, List *clauses,
				 double guess);

/* Costs of reading: rows looked at, rows returned, columns of each. */
void CostScan(double pages, double looked_at, double returned, int columns, Cost *startup,
			  Cost *total);

/* Adds what a probe for odd values reads: each of the guards' tables once more. */
void AddProbe(PlannerInfo *root, List *guards, double *pages, double *looked_at);

/* Costs of a query over 'source'; the probe reads each guarded table once more. */
void CostPushed(PlannerInfo *root, RelOptInfo *source, List *guards, double returned, int columns,
				Cost *startup, Cost *total);

} /* namespace sqlite_import::fdw */
