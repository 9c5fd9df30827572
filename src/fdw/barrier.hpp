/*
 * barrier.hpp
 *    Scans below a security barrier: what a hidden row holds stays hidden.
 *
 * The barrier of a view promises that whoever reads the view learns nothing of
 * the rows that its conditions leave out.  To convert a value may fail, and the
 * error tells that the row is there.  So below a barrier a row is first put to the
 * conditions, of which only those columns are converted that they read; a row
 * whose columns cannot be converted for that has not passed.  What remains is
 * converted, and refused, only in rows that have passed.
 *
 * The planner knows a barrier as a subquery that it does not pull up, or as
 * conditions of a level below the others': those of a view that UPDATE and DELETE
 * go through, and those of row security on a table that has foreign partitions.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/scan_state.hpp"

extern "C" {
#include "postgres.h"
#include "nodes/execnodes.h"
#include "nodes/pathnodes.h"
}

namespace sqlite_import::fdw
{

/* Whether a table of the query stands below a barrier.  Can be asked before the barrier's subquery
 * has been planned. */
bool IsBelowBarrier(PlannerInfo *root, const RelOptInfo *rel, Oid relation);

/* What is between the scan's rows and those of the barrier's view, for a plan that is being made.
 */
Barrier KindOfBarrier(PlannerInfo *root);

/* Takes the conditions over from the executor, which would look at them too late. */
void PrepareBarrier(ForeignScanState *node, ScanState *state);

/* The row that the statement stands on, into the slot; false: it does not pass. */
bool StorePassingRow(ForeignScanState *node, ScanState *state, TupleTableSlot *slot);

} /* namespace sqlite_import::fdw */
