/*
 * fast_writer.cpp
 *    Batches straight to pages or to the table access method.
 *
 * Frozen rows of a heap go into pages that are appended to its file
 * (page_writer.hpp).  Other rows become virtual tuples whose datums stay in the
 * batch; the access method forms the stored tuples from them, many at a time
 * (table_multi_insert).  WAL is left out where PostgreSQL leaves it out
 * (access/transam/README, "Skipping WAL for New RelFileLocator"), and TOAST is the
 * access method's.  CHECK constraints are evaluated here; target.cpp lists all
 * the rest that must not be there.
 */
#include "load/writer.hpp"
/* the server's headers come along */
#include "load/page_writer.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/snapmgr.h"
}

#include "pg/compat.h"

namespace sqlite_import::load
{

namespace
{

/* Tuples handed over at once.  A hundred do all the good; more only leave the cache. */
constexpr int kSlots = 100;

} /* namespace */

struct FastWriter
{
	PageWriter *pages; /* null: the access method inserts */
	TupleTableSlot *slots[kSlots];
	int slot_count; /* made so far: small tables need few */
	BulkInsertState bulk;
	CommandId command;
	int options;
	MemoryContext insert_context; /* table_multi_insert leaks into it */
	EState *executor;             /* null without CHECK constraints */
	ExprState **checks;
	int check_count;
};

namespace
{

void
PrepareChecks(FastWriter *fast, Relation relation)
{
	const TupleConstr *const constraints = RelationGetDescr(relation)->constr;

	if (constraints == nullptr || constraints->num_check == 0)
		return;
	fast->executor = CreateExecutorState();
	fast->check_count = constraints->num_check;
	fast->checks = static_cast<ExprState **>(palloc(sizeof(ExprState *) * fast->check_count));
	for (int i = 0; i < fast->check_count; i++)
		fast->checks[i] = ExecPrepareExpr(
			static_cast<Expr *>(stringToNode(constraints->check[i].ccbin)), fast->executor);
}

void
CheckRow(CopyState *state, const Batch &batch, int row, TupleTableSlot *slot)
{
	FastWriter *const fast = state->fast;
	ExprContext *const context = GetPerTupleExprContext(fast->executor);

	context->ecxt_scantuple = slot;
	for (int i = 0; i < fast->check_count; i++)
	{
		if (likely(ExecCheck(fast->checks[i], context)) ||
			!check_is_enforced(RelationGetDescr(state->target.relation)->constr->check[i]))
			continue;
		const char *const name = RelationGetDescr(state->target.relation)->constr->check[i].ccname;
		ErrorData error = {};

		error.sqlerrcode = ERRCODE_CHECK_VIOLATION;
		error.message = psprintf("new row for relation \"%s\" violates check constraint \"%s\"",
								 state->target.name, name);
		const convert::ErrorText text = DescribeRowError(*state, batch, row, &error);
		ereport(ERROR,
				(errcode(text.sqlstate), errmsg("%s", text.message), errdetail("%s", text.detail),
				 errhint("%s", text.hint), errtableconstraint(state->target.relation, name)));
	}
	ResetPerTupleExprContext(fast->executor);
}

/* Which rows an error of the access method is about (row too big, disk full). */
struct RowsAtWork
{
	const CopyState *state;
	const Batch *batch;
	int row; /* the last of them */
	int count;
};

void
DescribeRowsAtWork(void *argument)
{
	const auto *const rows = static_cast<const RowsAtWork *>(argument);
	const int64 last = rows->batch->first_row + rows->row + 1;

	if (rows->count == 1)
		errcontext("SQLite table \"%s\", row " INT64_FORMAT,
				   convert::NameText(rows->state->source_table), last);
	else
		errcontext("SQLite table \"%s\", among rows " INT64_FORMAT " to " INT64_FORMAT,
				   convert::NameText(rows->state->source_table), Max(last - rows->count + 1, 1),
				   last);
}

void
InsertSlots(CopyState *state, const Batch &batch, int row, int count)
{
	FastWriter *const fast = state->fast;
	MemoryContext const previous = MemoryContextSwitchTo(fast->insert_context);
	RowsAtWork rows = {state, &batch, row, count};
	ErrorContextCallback callback = {error_context_stack, DescribeRowsAtWork, &rows};

	error_context_stack = &callback;
	table_multi_insert(state->target.relation, fast->slots, count, fast->command, fast->options,
					   fast->bulk);
	error_context_stack = callback.previous;
	MemoryContextSwitchTo(previous);
	MemoryContextReset(fast->insert_context);
	for (int i = 0; i < count; i++)
		ExecClearTuple(fast->slots[i]);
	CHECK_FOR_INTERRUPTS();
}

TupleTableSlot *
SlotAt(CopyState *state, int index)
{
	FastWriter *const fast = state->fast;

	if (index == fast->slot_count)
	{
		MemoryContext const previous = MemoryContextSwitchTo(GetMemoryChunkContext(fast));

		fast->slots[fast->slot_count++] = table_slot_create(state->target.relation, nullptr);
		MemoryContextSwitchTo(previous);
	}
	return fast->slots[index];
}

/* Row 'row' of the batch as a virtual tuple in that slot, checked. */
void
StoreRow(CopyState *state, const Batch &batch, int row, TupleTableSlot *slot)
{
	const auto width = static_cast<size_t>(state->target.width);
	const size_t start = static_cast<size_t>(row) * width;

	ExecClearTuple(slot);
	memcpy(slot->tts_values, batch.values.get() + start, width * sizeof(Datum));
	memcpy(slot->tts_isnull, batch.nulls.get() + start, width * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	if (state->fast->check_count > 0)
		CheckRow(state, batch, row, slot);
}

void
WriteToTable(CopyState *state, const Batch &batch)
{
	int count = 0;

	for (int row = 0; row < batch.rows; row++)
	{
		if (unlikely(batch.left_out[row]))
			continue;
		StoreRow(state, batch, row, SlotAt(state, count++));
		state->result->rows++;
		if (count == kSlots)
		{
			InsertSlots(state, batch, row, count);
			count = 0;
		}
	}
	if (count > 0)
		InsertSlots(state, batch, batch.rows - 1, count);
}

void
WriteToPages(CopyState *state, const Batch &batch)
{
	const auto width = static_cast<size_t>(state->target.width);
	const Datum *values = batch.values.get();
	const bool *nulls = batch.nulls.get();
	RowsAtWork rows = {state, &batch, 0, 1};
	ErrorContextCallback callback = {error_context_stack, DescribeRowsAtWork, &rows};

	error_context_stack = &callback;
	for (; rows.row < batch.rows; rows.row++, values += width, nulls += width)
	{
		if (unlikely(batch.left_out[rows.row]))
			continue;
		if (unlikely(state->fast->check_count > 0))
			StoreRow(state, batch, rows.row, SlotAt(state, 0));
		AddRow(state->fast->pages, values, nulls);
		state->result->rows++;
	}
	error_context_stack = callback.previous;
	CHECK_FOR_INTERRUPTS();
}

} /* namespace */

void
BeginFast(CopyState *state)
{
	const Relation relation = state->target.relation;
	auto *const fast = static_cast<FastWriter *>(palloc0(sizeof(FastWriter)));

	fast->bulk = GetBulkInsertState();
	fast->command = GetCurrentCommandId(true);
	/* a new table has no free space worth looking for */
	if (relation->rd_createSubid != InvalidSubTransactionId ||
		relation->rd_firstRelfilelocatorSubid != InvalidSubTransactionId)
		fast->options |= TABLE_INSERT_SKIP_FSM;
	if (state->target.may_freeze)
		fast->options |= TABLE_INSERT_FROZEN;
	if (state->target.may_freeze && MayWritePages(relation))
		fast->pages = BeginPages(relation, fast->command);
	fast->insert_context =
		AllocSetContextCreate(CurrentMemoryContext, "sqlite_import insert", ALLOCSET_DEFAULT_SIZES);
	PrepareChecks(fast, relation);
	state->fast = fast;
}

void
WriteFast(CopyState *state, Batch *batch)
{
	/* TOAST tables are read under a snapshot */
	PushActiveSnapshot(GetTransactionSnapshot());
	if (state->fast->pages != nullptr)
		WriteToPages(state, *batch);
	else
		WriteToTable(state, *batch);
	PopActiveSnapshot();
}

void
EndFast(CopyState *state)
{
	FastWriter *const fast = state->fast;

	if (fast->pages != nullptr)
		EndPages(fast->pages);
	FreeBulkInsertState(fast->bulk);
	table_finish_bulk_insert(state->target.relation, fast->options);
	for (int i = 0; i < fast->slot_count; i++)
		ExecDropSingleTupleTableSlot(fast->slots[i]);
	if (fast->executor != nullptr)
		FreeExecutorState(fast->executor);
	/* what follows in this transaction must see the rows */
	CommandCounterIncrement();
}

} /* namespace sqlite_import::load */
