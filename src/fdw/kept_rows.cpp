/*
 * kept_rows.cpp
 *    Keeping rows, and the scans of the session that may have to.
 */
#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pg/encoding.hpp"
#include "pg/errors.hpp"

#include "fdw/converters.hpp"
#include "fdw/kept_rows.hpp"
#include "fdw/options.hpp"
#include "fdw/scan_handle.hpp"

extern "C" {
#include "access/tupdesc.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* A table that statements have written, and when last. */
struct TableWrite
{
	Oid server;
	std::string table; /* empty: any */
	uint64 when;
};

/* The scans of the session that have begun and not ended, and the writes of the transaction. */
std::vector<ScanState *> *live = nullptr;
std::vector<TableWrite> *writes = nullptr;
uint64 writing_statements = 0;

/* A scan in the list; goes with the memory of its query, whatever ends that. */
class LiveScan
{
public:
	explicit LiveScan(ScanState *state) : state_(state)
	{
		if (live == nullptr)
			live = new std::vector<ScanState *>;
		live->push_back(state);
	}
	~LiveScan() { live->erase(std::remove(live->begin(), live->end(), state_), live->end()); }
	LiveScan(const LiveScan &) = delete;
	LiveScan &operator=(const LiveScan &) = delete;

private:
	ScanState *state_;
};

/* True if the query is another one for each row of another relation. */
bool
HasExecParameter(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	if (IsA(node, Param))
		return ((Param *) node)->paramkind != PARAM_EXTERN;
	return expression_tree_walker(node, TREE_WALKER(HasExecParameter), context);
}

/* The names of SQLite's tables that the scan reads, once. */
List *
TablesOf(ScanState *state)
{
	ForeignScan *plan = (ForeignScan *) state->node->ss.ps.plan;
	EState *estate = state->node->ss.ps.state;
	int rtindex = -1;

	if (state->tables != NIL)
		return state->tables;
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	while ((rtindex = bms_next_member(plan->fs_relids, rtindex)) >= 0)
	{
		const RangeTblEntry *entry = exec_rt_fetch((Index) rtindex, estate);

		if (entry->rtekind == RTE_RELATION && entry->relkind == RELKIND_FOREIGN_TABLE &&
			GetForeignTable(entry->relid)->serverid == state->query.server)
			state->tables = lappend(state->tables, pstrdup(ReadTableOptions(entry->relid).table));
	}
	MemoryContextSwitchTo(old);
	return state->tables;
}

/* True if the scan reads the table, or something of which SQLite alone knows what it reads. */
bool
Reads(ScanState *state, const char *table)
{
	ListCell *cell;

	if (table == nullptr || table[0] == '\0')
		return true;
	foreach (cell, TablesOf(state))
	{
		const char *name = (const char *) lfirst(cell);
		const Oid server = state->query.server;

		if (pg_strcasecmp(name, table) == 0 ||
			pg::PgEntry([server, name] { return !IsPlainTable(server, name); }))
			return true;
	}
	return false;
}

/* A slot of our own: that of the scan holds the row that is being looked at. */
TupleTableSlot *
MakeFillingSlot(const ScanState *state)
{
	return MakeSingleTupleTableSlot(state->node->ss.ss_ScanTupleSlot->tts_tupleDescriptor,
									&TTSOpsVirtual);
}

/* The store for rows with one column more, for the rowid: a stored tuple has no ctid. */
void
PrepareStore(ScanState *state)
{
	TupleDesc descriptor = state->node->ss.ss_ScanTupleSlot->tts_tupleDescriptor;
	const int count = descriptor->natts;

	if (state->store != nullptr)
	{
		tuplestore_clear(state->store);
		return;
	}
	TupleDesc wider = CreateTemplateTupleDesc(count + 1);

	for (int i = 1; i <= count; i++)
		TupleDescCopyEntry(wider, (AttrNumber) i, descriptor, (AttrNumber) i);
	TupleDescInitEntry(wider, (AttrNumber) (count + 1), "rowid", INT8OID, -1, 0);
	state->stored = MakeSingleTupleTableSlot(wider, &TTSOpsMinimalTuple);
	/* its file goes with the query that scans, not with the one that made it keep its rows */
	ResourceOwner before = CurrentResourceOwner;
	CurrentResourceOwner = state->resources;
	state->store = tuplestore_begin_heap(false, false, work_mem);
	CurrentResourceOwner = before;
}

void
FillStore(ScanState *state, TupleTableSlot *slot)
{
	const int count = slot->tts_tupleDescriptor->natts;
	Datum *values = (Datum *) palloc(sizeof(Datum) * (count + 1));
	bool *nulls = (bool *) palloc(sizeof(bool) * (count + 1));

	while (FetchRow(state->node, state, ExecClearTuple(slot)))
	{
		memcpy(values, slot->tts_values, sizeof(Datum) * count);
		memcpy(nulls, slot->tts_isnull, sizeof(bool) * count);
		nulls[count] = state->query.rowid != RowidUse::Ctid;
		values[count] = nulls[count] ? (Datum) 0 : Int64GetDatum(RowidOf(&slot->tts_tid));
		tuplestore_putvalues(state->store, state->stored->tts_tupleDescriptor, values, nulls);
	}
	pfree(values);
	pfree(nulls);
	if (state->statement != nullptr)
		sqlite::reset(state->statement);
}

/* Values of the row that is being looked at stay where they are, wherever that is. */
void
LeaveCurrentRow(ScanState *state)
{
	MemoryContext context = state->node->ss.ps.state->es_query_cxt;
	OpenQuery *open = state->open;

	state->values = AllocSetContextCreate(context, "sqlite_import row", ALLOCSET_DEFAULT_SIZES);
	state->arena = MakeArena(context);
	if (open != nullptr && open->prefetch() != nullptr)
		pg::PgEntry([open] { open->connection().Recall(); });
}

} /* namespace */

void
RegisterScan(ForeignScanState *node, ScanState *state)
{
	MemoryContext context = node->ss.ps.state->es_query_cxt;

	state->node = node;
	state->resources = CurrentResourceOwner;
	state->begun = writing_statements;
	/* below a barrier the conditions are part of the scan */
	state->same_rows =
		(state->query.follow == Follow::Frozen ||
		 !HasExecParameter((Node *) ((ForeignScan *) node->ss.ps.plan)->fdw_exprs, nullptr)) &&
		!(state->below_barrier && !bms_is_empty(node->ss.ps.plan->allParam));
	pg::PgEntry([=] { (void) pg::PgNew<LiveScan>(context, state); });
}

void
KeepRows(ScanState *state, bool in_use)
{
	MemoryContext old = MemoryContextSwitchTo(state->node->ss.ps.state->es_query_cxt);
	TupleTableSlot *slot = MakeFillingSlot(state);

	PrepareStore(state);
	MemoryContextSwitchTo(old);
	/* an error leaves the scan without the rows that it should give */
	state->keeping = true;
	if (in_use)
		LeaveCurrentRow(state);
	if (state->running || StartScan(state->node, state))
		FillStore(state, slot);
	state->keeping = false;
	state->buffered = true;
	ExecDropSingleTupleTableSlot(slot);
}

/*
 * What comes back from a file is allocated in the current memory context, and freed with the next
 * row: so it has to lie where the slot lies, not in the executor's memory of one row.
 */
bool
FetchKept(ScanState *state, TupleTableSlot *slot)
{
	const int count = slot->tts_tupleDescriptor->natts;
	MemoryContext old = MemoryContextSwitchTo(state->stored->tts_mcxt);
	const bool found = tuplestore_gettupleslot(state->store, true, false, state->stored);

	MemoryContextSwitchTo(old);
	if (!found)
		return false;
	slot_getallattrs(state->stored);
	memcpy(slot->tts_values, state->stored->tts_values, sizeof(Datum) * count);
	memcpy(slot->tts_isnull, state->stored->tts_isnull, sizeof(bool) * count);
	if (state->query.rowid == RowidUse::Ctid)
		SetRowid(slot, DatumGetInt64(state->stored->tts_values[count]), state->query.label);
	return true;
}

void
CheckNotWritten(ScanState *state)
{
	if (writes == nullptr || writes->empty() || state->query.follow == Follow::Target)
		return;
	for (size_t i = 0; i < writes->size(); i++)
		if ((*writes)[i].server == state->query.server && (*writes)[i].when > state->begun &&
			Reads(state, (*writes)[i].table.c_str()))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("SQLite table \"%s\" was written to while this query reads it",
							pg::ToReadableEncoding(state->query.label)),
					 errdetail("The query looks rows up for each row of another relation, and "
							   "would see what has been written since it began."),
					 errhint("Read its result before writing (a cursor WITH HOLD, a temporary "
							 "table), or set enable_nestloop to off.")));
}

void
KeepBegunScans(Oid server)
{
	if (live == nullptr)
		return;
	for (size_t i = 0; i < live->size(); i++)
	{
		ScanState *state = (*live)[i];

		if (state->query.server == server && state->running && !state->at_end && !state->buffered &&
			!state->keeping)
			KeepRows(state, true);
	}
}

namespace
{

/* The last statement that has written the table; throws bad_alloc. */
void
RememberWrite(Oid server, const char *table)
{
	if (writes == nullptr)
		writes = new std::vector<TableWrite>;
	for (TableWrite &write : *writes)
		if (write.server == server && write.table == table)
		{
			write.when = writing_statements;
			return;
		}
	writes->push_back({server, table, writing_statements});
}

/* A scan that has given all its rows may begin again. */
void
ReadOnceMore(ScanState *state)
{
	if (state->statement != nullptr)
		sqlite::reset(state->statement);
	state->running = false;
	KeepRows(state, true);
	state->at_end = true;
}

} /* namespace */

void
BeforeFirstWrite(EState *writer, Oid server, const char *table)
{
	writing_statements++;
	for (size_t i = 0; live != nullptr && i < live->size(); i++)
	{
		ScanState *state = (*live)[i];

		if (state->query.server != server || state->buffered || state->keeping)
			continue;
		/* of the statement's own lookups in its target none finds a row twice */
		if (state->query.follow == Follow::Target && state->node->ss.ps.state == writer &&
			!state->running)
			continue;
		if (!((state->running && !state->at_end) || state->same_rows) || !Reads(state, table))
			continue;
		if (state->at_end)
			ReadOnceMore(state);
		else
			KeepRows(state, state->running);
	}
	pg::PgEntry([=] { RememberWrite(server, table != nullptr ? table : ""); });
}

void
ForgetWrites() noexcept
{
	if (writes != nullptr)
		writes->clear();
}

} /* namespace sqlite_import::fdw */
