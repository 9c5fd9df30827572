/*
 * scan.cpp
 *    Running a query of SQLite's and turning its rows into tuples.
 *
 * The query is compiled when the first row is asked for, so that a statement
 * that also writes has begun its write transaction by then, and an EXPLAIN
 * touches nothing.  It is finalized at the end of the scan; if an error ends the
 * scan, the executor's memory context does it.
 */
#include <sqlite3.h>

#include "convert/convert.hpp"

#include "pg/encoding.hpp"
#include "pg/errors.hpp"

#include "fdw/barrier.hpp"
#include "fdw/converters.hpp"
#include "fdw/kept_rows.hpp"
#include "fdw/parallel_scan.hpp"
#include "fdw/scan.hpp"
#include "fdw/scan_handle.hpp"
#include "fdw/scan_parts.hpp"
#include "fdw/scan_state.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"
}

#define SQLITE_IMPORT_EXPLAINS
#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* Rows after which a scan is worth a thread. */
constexpr int kRowsBeforeThread = 2000;

void
PrepareOutputs(ForeignScanState *node, ScanState *state)
{
	const bool single = ((Scan *) node->ss.ps.plan)->scanrelid > 0;
	TupleDesc descriptor = node->ss.ss_ScanTupleSlot->tts_tupleDescriptor;
	const RemoteQuery &query = state->query;

	state->output_count = list_length(query.kinds);
	state->plain = true;
	state->outputs = (Output *) palloc0(sizeof(Output) * Max(1, state->output_count));
	for (int i = 0; i < state->output_count; i++)
	{
		const Oid relation = list_nth_oid(query.relations, i);
		Output *output = &state->outputs[i];

		if (OidIsValid(relation))
			*output = ColumnOutput(state->owner, relation, list_nth_int(query.attributes, i));
		else
		{
			Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

			output->converter = ConverterOf(state->owner, "?column?", attribute->atttypid,
											attribute->atttypmod, nullptr, "", false);
			output->table = query.label;
			output->column = "an expression";
		}
		output->kind = (OutputKind) list_nth_int(query.kinds, i);
		if (NeedsSubtransaction(output->converter->type,
								output->converter->rule.on_mismatch == values::OnMismatch::Null))
			WithoutWorkers(node);
		state->plain = state->plain && output->kind == OutputKind::Value;
		if (!single)
			output->target = i;
	}
	state->nulls_beside = state->output_count < descriptor->natts;
}

OpenQuery *
Open(ScanState *state, const char *sql)
{
	const Oid server = state->query.server;
	MemoryContext owner = state->owner;

	return pg::PgEntry(
		[=] {
			return RetryIfChanged(server, [=] { return pg::PgNew<OpenQuery>(owner, server, sql); });
		});
}

} /* namespace */

void
WithoutWorkers(ForeignScanState *node)
{
	node->ss.ps.state->es_plannedstmt->parallelModeNeeded = false;
}

void
OpenScan(ForeignScanState *node, ScanState *state)
{
	if (state->open == nullptr)
	{
		const bool odd =
			RunProbe(node, state->query, state->parameters, state->owner, state->arena);

		state->open = Open(state, odd ? state->query.guarded_sql : state->query.sql);
		state->statement = state->open->handle();
		if (state->shared != nullptr)
			CheckSnapshot(state->shared, &state->open->connection());
	}
	else if (state->reprobe && state->query.probe_mode == ProbeMode::Report)
	{
		/* it asks among the rows that these parameters choose */
		if (state->probe == nullptr)
			state->probe = Open(state, state->query.probe);
		(void) AskProbe(node, state->query, state->parameters, state->owner, state->arena,
						state->probe->handle());
	}
	state->reprobe = false;
}

namespace
{

void
Start(ForeignScanState *node, ScanState *state)
{
	OpenScan(node, state);
	BindParameters(node, state->parameters, state->statement);
	state->running = true;
	state->stepped = 0;
	state->took_all = false;
}

/* Binds the next range of rowids, where the scan goes by ranges; false if there is none. */
bool
NextRange(ScanState *state)
{
	int64 low = PG_INT64_MIN;
	int64 high = PG_INT64_MAX;

	if (state->query.range == 0)
		return false;
	if (state->shared == nullptr)
	{
		if (state->took_all)
			return false;
		state->took_all = true;
	}
	else if (!TakeRange(state->shared, &low, &high))
		return false;
	sqlite::reset(state->statement);
	if (sqlite3_bind_int64(state->statement, state->query.range, low) != SQLITE_OK ||
		sqlite3_bind_int64(state->statement, state->query.range + 1, high) != SQLITE_OK)
		ReportStatement(state->statement);
	return true;
}

/* Finalizes the query and lets its snapshot go. */
void
CloseQuery(ScanState *state)
{
	if (state->open == nullptr)
		return;
	MemoryContextReset(state->owner);
	state->batch = nullptr;
	state->open = nullptr;
	state->statement = nullptr;
	state->probe = nullptr;
}

void
Close(ScanState *state)
{
	if (state->store != nullptr)
		tuplestore_end(state->store);
	state->store = nullptr;
	CloseQuery(state);
}

enum class Fetched
{
	Row,
	End,
	Recalled /* the backend reads on itself */
};

/* The next row that the thread has read. */
Fetched
FetchAhead(ScanState *state, TupleTableSlot *slot)
{
	OpenQuery *open = state->open;

	while (state->batch == nullptr || state->batch_row == state->batch->rows)
	{
		RowBatch *batch = state->batch;

		if (batch != nullptr && batch->code == SQLITE_DONE)
			return Fetched::End;
		if (batch != nullptr && batch->code != SQLITE_ROW)
			pg::ReportSqliteError(batch->code, batch->message.c_str());
		state->batch = nullptr;
		state->batch = pg::PgEntry([open] { return open->prefetch()->Next(); });
		state->batch_row = 0;
		CHECK_FOR_INTERRUPTS();
		if (state->batch == nullptr)
			return Fetched::Recalled;
	}
	StoreBatchRow(state, slot);
	return Fetched::Row;
}

/* Hands the statement to a thread once the scan has proved long. */
void
StartAhead(ScanState *state)
{
	OpenQuery *open = state->open;

	state->stepped = 0;
	if (!state->plain || state->keeping || state->query.range != 0 ||
		!open->connection().may_be_lent())
		return;
	pg::PgEntry(
		[state, open]
		{
			std::vector<const convert::Converter *> converters;

			for (int i = 0; i < state->output_count; i++)
				converters.push_back(state->outputs[i].converter);
			open->StartPrefetch(std::move(converters), state->query.rowid != RowidUse::None);
		});
}

void
StopAhead(ScanState *state)
{
	state->batch = nullptr;
	if (state->open != nullptr)
		state->open->StopPrefetch();
}

/* To the next row, by a step of the backend's own; false at the end. */
bool
StepRow(ForeignScanState *node, ScanState *state)
{
	int code = Step(state->statement);

	for (int attempt = 1;
		 code == sqlite::kFileChanged && !state->returned && state->query.range == 0 &&
		 attempt <= 10 && !HoldsSnapshot(state->query.server);
		 attempt++)
	{
		/* nothing has been returned yet: the file is read as it is now */
		CloseQuery(state);
		ForgetReader(state->query.server);
		Start(node, state);
		code = Step(state->statement);
	}
	if (code == SQLITE_DONE)
		return false;
	state->returned = true;
	if (code != SQLITE_ROW)
		ReportStatement(state->statement);
	CHECK_FOR_INTERRUPTS();
	state->stepped++;
	return true;
}

} /* namespace */

bool
FetchRow(ForeignScanState *node, ScanState *state, TupleTableSlot *slot)
{
	if (state->nulls_beside)
		memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts * sizeof(bool));
	if (state->stepped >= kRowsBeforeThread || sqlite::is_run_aside(state->statement))
		StartAhead(state);
	if (state->open->prefetch() != nullptr)
	{
		const Fetched fetched = FetchAhead(state, slot);

		if (fetched != Fetched::Recalled)
			return fetched == Fetched::Row;
		/* the row before may still be looked at where the thread has put it */
		state->batch = nullptr;
		state->open->RetirePrefetch();
	}
	for (;;)
	{
		while (!StepRow(node, state))
			if (!NextRange(state))
				return false;
		if (!state->below_barrier)
		{
			StoreRow(state, slot);
			return true;
		}
		if (StorePassingRow(node, state, slot))
			return true;
	}
}

bool
StartScan(ForeignScanState *node, ScanState *state)
{
	CheckNotWritten(state);
	Start(node, state);
	return state->query.range == 0 || NextRange(state);
}

void
BeginForeignScan(ForeignScanState *node, int flags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	ScanState *state = (ScanState *) palloc0(sizeof(ScanState));

	node->fdw_state = state;
	state->query = UnpackQuery(plan->fdw_private);
	if ((flags & EXEC_FLAG_EXPLAIN_ONLY) != 0)
		return;
	MemoryContext query_context = node->ss.ps.state->es_query_cxt;
	state->values =
		AllocSetContextCreate(query_context, "sqlite_import row", ALLOCSET_DEFAULT_SIZES);
	state->owner = query_context;
	state->arena = MakeArena(query_context);
	PrepareOutputs(node, state);
	PrepareBarrier(node, state);
	state->parameters = PrepareParameters(node);
	state->owner = AllocSetContextCreate(query_context, "sqlite_import scan", ALLOCSET_SMALL_SIZES);
	RegisterScan(node, state);
}

TupleTableSlot *
IterateForeignScan(ForeignScanState *node)
{
	ScanState *state = (ScanState *) node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	ExecClearTuple(slot);
	if (state->at_end)
		return slot;
	if (state->keeping)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("rows of this query are missing: it was being read when an error "
							   "ended another statement")));
	if (!state->running && !state->buffered)
	{
		if (!StartScan(node, state))
		{
			state->at_end = true;
			return slot;
		}
		if (state->open->connection().writing())
			KeepRows(state, false);
	}
	if (!(state->buffered ? FetchKept(state, slot) : FetchRow(node, state, slot)))
	{
		/* another step would run the query again */
		state->at_end = true;
		return slot;
	}
	return ExecStoreVirtualTuple(slot);
}

void
ReScanForeignScan(ForeignScanState *node)
{
	ScanState *state = (ScanState *) node->fdw_state;

	/* the same rows again, whatever has been written since: only values that the query lacks have
	 * changed */
	if (state->buffered && (node->ss.ps.chgParam == nullptr || state->same_rows))
	{
		tuplestore_rescan(state->store);
		state->at_end = false;
		return;
	}
	StopAhead(state);
	if (state->statement != nullptr)
		sqlite::reset(state->statement);
	state->reprobe = node->ss.ps.chgParam != nullptr;
	state->running = false;
	state->buffered = false;
	state->at_end = false;
}

void
EndForeignScan(ForeignScanState *node)
{
	ScanState *state = (ScanState *) node->fdw_state;

	if (state == nullptr)
		return;
	Close(state);
	state->buffered = true; /* nothing is left to be kept */
}

namespace
{

/* What SQLite's EXPLAIN QUERY PLAN says, a line a step. */
void
ExplainQueryPlan(ScanState *state, ExplainState *explain)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "sqlite_import explain", ALLOCSET_SMALL_SIZES);
	const char *sql = psprintf("EXPLAIN QUERY PLAN %s", state->query.sql);
	const Oid server = state->query.server;
	List *lines = NIL;
	OpenQuery *query = pg::PgEntry([=] { return pg::PgNew<OpenQuery>(context, server, sql); });

	while (Step(query->handle()) == SQLITE_ROW)
		lines = lappend(lines, pstrdup(pg::ToReadableEncoding(
								   (const char *) sqlite3_column_text(query->handle(), 3))));
	MemoryContextDelete(context);
	ExplainPropertyList("SQLite plan", lines, explain);
}

} /* namespace */

void
ExplainForeignScan(ForeignScanState *node, ExplainState *explain)
{
	ScanState *state = (ScanState *) node->fdw_state;

	if (((Scan *) node->ss.ps.plan)->scanrelid == 0)
		ExplainPropertyText("SQLite relations", pg::ToReadableEncoding(state->query.label),
							explain);
	if (!explain->verbose)
		return;
	ExplainPropertyText("SQLite query", pg::ToReadableEncoding(state->query.sql), explain);
	if (explain->costs)
		ExplainQueryPlan(state, explain);
}

} /* namespace sqlite_import::fdw */
