/*
 * direct_modify.hpp
 *    UPDATE and DELETE as one statement of SQLite's.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

extern "C" {
#include "postgres.h"
#include "foreign/fdwapi.h"
}

namespace sqlite_import::fdw
{

bool PlanDirectModify(PlannerInfo *root, ModifyTable *plan, Index relation, int subplan);
void BeginDirectModify(ForeignScanState *node, int flags);
TupleTableSlot *IterateDirectModify(ForeignScanState *node);
void EndDirectModify(ForeignScanState *node);
void ExplainDirectModify(ForeignScanState *node, struct ExplainState *explain);

} /* namespace sqlite_import::fdw */
