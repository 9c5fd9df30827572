/*
 * direct_modify.cpp
 *    UPDATE and DELETE as one statement of SQLite's.
 *
 * This is safe where SQLite's word on every condition is final (as for joins and
 * aggregates: odd values among the rows that it reads are asked for first, and
 * reported), and where what is assigned does not depend on the row: it is
 * computed here and bound as a row-by-row UPDATE would bind it.  Rows that an
 * index finds by a column with possibly odd values are few: for them the
 * row-by-row way does without reading the whole table for the odd ones.
 */
#include <sqlite3.h>

#include "convert/bind.hpp"
#include "convert/convert.hpp"

#include "fdw/converters.hpp"
#include "fdw/direct_modify.hpp"
#include "fdw/kept_rows.hpp"
#include "fdw/modify_statement.hpp"
#include "fdw/plan.hpp"
#include "fdw/probe.hpp"
#include "fdw/scan.hpp"
#include "fdw/scan_handle.hpp"
#include "fdw/scan_parts.hpp"
#include "pg/encoding.hpp"

extern "C" {
#include "access/sysattr.h"
#include "access/table.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/appendinfo.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/partcache.h"
#include "utils/rel.h"
}

#define SQLITE_IMPORT_EXPLAINS
#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* The places in fdw_private after those of the query. */
enum DirectSlot
{
	kSlotTargets = kSlotBarrier + 1, /* int list: the columns that are assigned */
	kSlotFirstTarget,                /* Integer: the number of the first one's parameter, from 0 */
	kSlotCounts,                     /* Boolean: the statement's count of rows is ours */
	kSlotHasReturning,               /* Boolean: the statement returns the rows */
	kSlotReturned                    /* int list: the columns of them that it returns */
};

struct DirectState
{
	RemoteQuery query;
	List *targets;
	int first_target;
	bool counts;
	bool has_returning;
	List *returned;
	bool done;
	Parameters parameters;
	MemoryContext context;
	/* rows that are returned */
	sqlite3_stmt *statement; /* null: not run yet */
	Output *outputs;
	values::Arena *arena;
	MemoryContext row;
};

/* True if the expression has another value for each row, or is no expression of its own. */
bool
DependsOnRow(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	if (IsA(node, Var) || IsA(node, SubPlan) || IsA(node, AlternativeSubPlan) ||
		IsA(node, PlaceHolderVar) ||
		(IsA(node, Param) && ((Param *) node)->paramkind == PARAM_MULTIEXPR))
		return true;
	return expression_tree_walker(node, TREE_WALKER(DependsOnRow), context);
}

/* The scan below, if it is of the table that is modified and of nothing else. */
ForeignScan *
ScanBelow(ModifyTable *plan, Index relation)
{
	Plan *below = outerPlan((Plan *) plan);

	if (below == nullptr || !IsA(below, ForeignScan) ||
		((ForeignScan *) below)->scan.scanrelid != relation)
		return nullptr;
	return (ForeignScan *) below;
}

/* The assignments of an UPDATE; false if one has to be computed for each row. */
bool
FindAssignments(PlannerInfo *root, const RemoteTable *table, Index relation, List **expressions,
				List **targets)
{
	List *entries;
	ListCell *entry;
	ListCell *target;

	get_translated_update_targetlist(root, relation, &entries, targets);
	forboth(entry, entries, target, *targets)
	{
		Node *expression = (Node *) lfirst_node(TargetEntry, entry)->expr;
		const RemoteColumn *column = ColumnOf(table, lfirst_int(target));

		if (column == nullptr || column->generated || DependsOnRow(expression, nullptr) ||
			contain_volatile_functions(expression))
			return false;
		*expressions = lappend(*expressions, expression);
	}
	return true;
}

/* True for a partition whose bounds ask for a column that is assigned: each row is looked at. */
bool
MayLeavePartition(Oid oid, List *targets)
{
	Bitmapset *used = nullptr;
	ListCell *cell;

	if (!get_rel_relispartition(oid))
		return false;
	Relation relation = table_open(oid, NoLock);
	pull_varattnos((Node *) RelationGetPartitionQual(relation), 1, &used);
	table_close(relation, NoLock);
	foreach (cell, targets)
		if (bms_is_member(lfirst_int(cell) - FirstLowInvalidHeapAttributeNumber, used))
			return true;
	return false;
}

/* Appends UPDATE … SET or DELETE FROM; the targets' parameters follow those of the conditions. */
void
AppendHead(StringInfo sql, const RemoteTable *table, List *targets, int first_target)
{
	ListCell *cell;
	int parameter = first_target;

	appendStringInfoString(sql, targets != NIL ? "UPDATE " : "DELETE FROM ");
	AppendIdentifier(sql, table->name);
	foreach (cell, targets)
	{
		appendStringInfoString(sql, cell == list_head(targets) ? " SET " : ", ");
		AppendIdentifier(sql, table->columns[lfirst_int(cell) - 1].name);
		appendStringInfo(sql, " = ?%d", ++parameter);
	}
}

void
AppendConditions(Deparse *deparse, List *conditions)
{
	ListCell *cell;

	foreach (cell, conditions)
	{
		appendStringInfoString(deparse->sql, cell == list_head(conditions) ? " WHERE " : " AND ");
		(void) Ship(deparse, (Node *) lfirst(cell));
	}
}

/* Binds what is assigned, as a row-by-row UPDATE would. */
void
BindTargets(ForeignScanState *node, const DirectState *state, const RemoteTable *table,
			sqlite3_stmt *statement)
{
	ExprContext *context = node->ss.ps.ps_ExprContext;
	int place = state->first_target;
	ListCell *cell;

	const int nest_level = convert::BeginTextFormat();
	foreach (cell, state->targets)
	{
		const RemoteColumn *column = &table->columns[lfirst_int(cell) - 1];
		const convert::Binder binder = convert::MakeBinder(
			column->type, column->column_type, column->timezone, column->affinity, column->name);
		bool is_null;
		const Datum value = ExecEvalExpr((ExprState *) list_nth(state->parameters.states, place),
										 context, &is_null);

		if (!convert::BindValue(binder, statement, ++place, value, is_null))
			ReportStatement(statement);
	}
	convert::EndTextFormat(nest_level);
}

/* The statement, ready to be run; it lives as long as the state's context. */
sqlite3_stmt *
Prepare(ForeignScanState *node, DirectState *state)
{
	const RemoteTable *table = DescribeRemoteTable(node->ss.ss_currentRelation);
	MemoryContext context = state->context;
	const Oid server = state->query.server;
	const char *sql = state->query.sql;
	WriteQuery *write = pg::PgEntry([=] { return pg::PgNew<WriteQuery>(context, server, sql); });
	sqlite3_stmt *statement = write->handle();

	state->arena = MakeArena(context);
	(void) RunProbe(node, state->query, state->parameters, context, state->arena);
	BindParameters(node, state->parameters, statement, state->first_target);
	BindTargets(node, state, table, statement);
	pg::PgEntry([write] { write->CheckNotLost(); });
	const char *name = table->name;
	BeforeFirstWrite(node->ss.ps.state, server,
					 pg::PgEntry([=] { return WritesSpread(server, name); }) ? nullptr : name);
	return statement;
}

/* Runs the statement; how many rows it changed. */
int64
Run(ForeignScanState *node, DirectState *state)
{
	sqlite3_stmt *statement = Prepare(node, state);

	if (Step(statement) != SQLITE_DONE)
		ReportStatement(statement);
	return sqlite3_changes64(sqlite3_db_handle(statement));
}

/* Prepares to return rows, as they are after an UPDATE and were before a DELETE. */
void
StartReturning(ForeignScanState *node, DirectState *state)
{
	const Oid relation = RelationGetRelid(node->ss.ss_currentRelation);
	int i = 0;
	ListCell *cell;

	state->outputs = (Output *) palloc0(sizeof(Output) * Max(1, list_length(state->returned)));
	foreach (cell, state->returned)
		state->outputs[i++] = ColumnOutput(state->context, relation, lfirst_int(cell));
	state->row = AllocSetContextCreate(state->context, "sqlite_import row", ALLOCSET_DEFAULT_SIZES);
	state->statement = Prepare(node, state);
}

/* Fills the slot with the row that the statement stands on. */
void
StoreReturned(DirectState *state, TupleTableSlot *slot)
{
	const int count = list_length(state->returned);

	memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts * sizeof(bool));
	for (int i = 0; i < count; i++)
	{
		const Output &output = state->outputs[i];
		const convert::Place place = {output.table, output.column,  false, 0, 0,
									  true,         output.relation};
		convert::SourceValue value;

		if (!convert::ReadValue(state->statement, i, &value))
			ReportStatement(state->statement);
		slot->tts_values[output.target] = convert::ConvertValue(
			output.converter, value, *state->arena, place, &slot->tts_isnull[output.target]);
	}
}

/*
 * The next row that RETURNING is computed of.  SQLite has changed all rows when it
 * returns the first (sqlite.org/lang_returning.html).
 */
TupleTableSlot *
NextReturned(ForeignScanState *node, DirectState *state)
{
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	if (state->statement == nullptr)
		StartReturning(node, state);
	MemoryContextReset(state->row);
	state->arena->reset();
	ExecClearTuple(slot);
	const int code = Step(state->statement);
	if (code == SQLITE_DONE)
		return nullptr;
	if (code != SQLITE_ROW)
		ReportStatement(state->statement);
	MemoryContext old = MemoryContextSwitchTo(state->row);
	StoreReturned(state, slot);
	MemoryContextSwitchTo(old);
	slot->tts_tableOid = RelationGetRelid(node->ss.ss_currentRelation);
	ExecStoreVirtualTuple(slot);
	/* where RETURNING looks for a row that the executor has not written itself */
	node->resultRelInfo->ri_projectReturning->pi_exprContext->ecxt_scantuple = slot;
	if (state->counts)
		node->ss.ps.state->es_processed++;
	return slot;
}

DirectState *
Unpack(List *packed)
{
	DirectState *state = (DirectState *) palloc0(sizeof(DirectState));

	state->query = UnpackQuery(packed);
	state->targets = (List *) list_nth(packed, kSlotTargets);
	state->first_target = intVal(list_nth(packed, kSlotFirstTarget));
	state->counts = intVal(list_nth(packed, kSlotCounts)) != 0;
	state->has_returning = intVal(list_nth(packed, kSlotHasReturning)) != 0;
	state->returned = (List *) list_nth(packed, kSlotReturned);
	return state;
}

/* True if the list asks for what a row has besides columns and its table. */
bool
WantsSystemColumns(List *expressions, Index relation)
{
	Bitmapset *used = nullptr;
	int member = -1;

	pull_varattnos((Node *) expressions, relation, &used);
	while ((member = bms_next_member(used, member)) >= 0)
	{
		const int attnum = member + FirstLowInvalidHeapAttributeNumber;

		if (attnum < 0 && attnum != TableOidAttributeNumber)
			return true;
	}
	return false;
}

void
AppendReturning(StringInfo sql, const RemoteTable *table, List *returned)
{
	ListCell *cell;

	appendStringInfoString(sql, " RETURNING ");
	if (returned == NIL)
		appendStringInfoChar(sql, '1');
	foreach (cell, returned)
	{
		if (cell != list_head(returned))
			appendStringInfoString(sql, ", ");
		AppendIdentifier(sql, table->columns[lfirst_int(cell) - 1].name);
	}
}

} /* namespace */

/*
 * FdwRoutine's member.  The conditions are taken from the relation and not from
 * the scan, which looks again at what its columns may have let through.
 */
bool
PlanDirectModify(PlannerInfo *root, ModifyTable *plan, Index relation, int subplan)
{
	ForeignScan *scan = ScanBelow(plan, relation);
	const RelOptInfo *rel = root->simple_rel_array[relation];
	List *expressions = NIL;
	List *targets = NIL;
	const bool has_returning = plan->returningLists != NIL;
	List *returning = has_returning ? (List *) list_nth(plan->returningLists, subplan) : NIL;

	if (scan == nullptr || rel == nullptr || rel->fdw_private == nullptr ||
		WantsSystemColumns(returning, relation))
		return false;
	const RelInfo *info = (const RelInfo *) rel->fdw_private;
	const RemoteTable *table = info->tables[relation];
	if (!info->all_exact || info->looks_up || table->view || !table->updatable ||
		(plan->operation == CMD_UPDATE &&
		 (!FindAssignments(root, table, relation, &expressions, &targets) ||
		  MayLeavePartition(table->relation, targets))))
		return false;

	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);
	RemoteQuery query = {};
	WriteProbe(&deparse, root, info, &query);
	/* the statement has no alias, and the probe's parameters */
	deparse.aliases = false;
	AppendConditions(&deparse, info->conditions);
	StringInfo sql = makeStringInfo();
	AppendHead(sql, table, targets, list_length(deparse.params));
	appendStringInfoString(sql, deparse.sql->data);
	List *returned = has_returning ? ReturnedColumns(table, relation, returning, false) : NIL;
	if (has_returning)
		AppendReturning(sql, table, returned);
	query.sql = sql->data;
	query.server = info->server;
	query.label = table->name;
	List *packed = lappend(PackQuery(query), targets);
	packed = lappend(packed, makeInteger(list_length(deparse.params)));
	packed = lappend(packed, makeInteger(plan->canSetTag ? 1 : 0));
	packed = lappend(packed, makeInteger(has_returning ? 1 : 0));
	scan->fdw_private = lappend(packed, returned);
	scan->fdw_exprs = list_concat(deparse.params, expressions);
	scan->operation = plan->operation;
	scan->resultRelation = relation;
	scan->scan.plan.qual = NIL;
	scan->fdw_recheck_quals = NIL;
	return true;
}

void
BeginDirectModify(ForeignScanState *node, int flags)
{
	DirectState *state = Unpack(((ForeignScan *) node->ss.ps.plan)->fdw_private);

	node->fdw_state = state;
	if ((flags & EXEC_FLAG_EXPLAIN_ONLY) != 0)
		return;
	state->context = AllocSetContextCreate(node->ss.ps.state->es_query_cxt, "sqlite_import modify",
										   ALLOCSET_SMALL_SIZES);
	state->parameters = PrepareParameters(node);
}

TupleTableSlot *
IterateDirectModify(ForeignScanState *node)
{
	DirectState *state = (DirectState *) node->fdw_state;

	if (!state->done)
	{
		MemoryContext old = MemoryContextSwitchTo(state->context);
		TupleTableSlot *returned = state->has_returning ? NextReturned(node, state) : nullptr;
		const int64 rows = state->has_returning ? 0 : Run(node, state);

		MemoryContextSwitchTo(old);
		if (returned != nullptr)
			return returned;
		MemoryContextReset(state->context);
		state->done = true;
		if (state->counts)
			node->ss.ps.state->es_processed += (uint64) rows;
		if (node->ss.ps.instrument != nullptr)
			node->ss.ps.instrument->tuplecount += (double) rows;
	}
	return ExecClearTuple(node->ss.ss_ScanTupleSlot);
}

void
EndDirectModify(ForeignScanState *)
{
	/* the statement went when it had been run; after an error the executor's memory takes it */
}

void
ExplainDirectModify(ForeignScanState *node, ExplainState *explain)
{
	if (explain->verbose)
		ExplainPropertyText("SQLite statement",
							pg::ToReadableEncoding(((DirectState *) node->fdw_state)->query.sql),
							explain);
}

} /* namespace sqlite_import::fdw */
