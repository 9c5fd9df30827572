/*
 * modify.hpp
 *    INSERT, UPDATE, DELETE, COPY FROM and TRUNCATE of foreign tables.
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

int IsForeignRelUpdatable(Relation relation);
void AddForeignUpdateTargets(PlannerInfo *root, Index rtindex, RangeTblEntry *entry,
							 Relation relation);
List *PlanForeignModify(PlannerInfo *root, ModifyTable *plan, Index relation, int subplan);
void BeginForeignModify(ModifyTableState *state, ResultRelInfo *relation, List *packed, int subplan,
						int flags);
void BeginForeignInsert(ModifyTableState *state, ResultRelInfo *relation);
TupleTableSlot *ExecForeignInsert(EState *estate, ResultRelInfo *relation, TupleTableSlot *slot,
								  TupleTableSlot *plan_slot);
TupleTableSlot **ExecForeignBatchInsert(EState *estate, ResultRelInfo *relation,
										TupleTableSlot **slots, TupleTableSlot **plan_slots,
										int *count);
int GetForeignModifyBatchSize(ResultRelInfo *relation);
TupleTableSlot *ExecForeignUpdate(EState *estate, ResultRelInfo *relation, TupleTableSlot *slot,
								  TupleTableSlot *plan_slot);
TupleTableSlot *ExecForeignDelete(EState *estate, ResultRelInfo *relation, TupleTableSlot *slot,
								  TupleTableSlot *plan_slot);
void EndForeignModify(EState *estate, ResultRelInfo *relation);
void EndForeignInsert(EState *estate, ResultRelInfo *relation);
void ExplainForeignModify(ModifyTableState *state, ResultRelInfo *relation, List *packed,
						  int subplan, struct ExplainState *explain);
void ExecForeignTruncate(List *relations, DropBehavior behavior, bool restart_sequences);

} /* namespace sqlite_import::fdw */
