/*
 * modify.cpp
 *    Writing row by row with prepared statements.
 *
 * SQLite is in this process, so a prepared statement that is run for each row is
 * as fast as one with many rows.  A row is found again by its rowid, which a scan
 * passes on as the row's ctid, by the column that is the rowid, or by the primary
 * key.  A scan of a database that is being written reads all its rows before the
 * first is returned (kept_rows.cpp), so no row is met twice.
 */
#include <sqlite3.h>

#include <string>
#include <unordered_set>

#include "convert/bind.hpp"
#include "convert/convert.hpp"

#include "pg/encoding.hpp"
#include "pg/errors.hpp"

#include "fdw/converters.hpp"
#include "fdw/kept_rows.hpp"
#include "fdw/modify.hpp"
#include "fdw/modify_statement.hpp"
#include "fdw/options.hpp"
#include "fdw/remote_table.hpp"
#include "fdw/scan.hpp"
#include "fdw/scan_handle.hpp"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "optimizer/appendinfo.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"
}

#define SQLITE_IMPORT_EXPLAINS
#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

using SeenKeys = std::unordered_set<std::string>;

/* A statement that is being run. */
struct ModifyState : ModifyStatement
{
	convert::Binder *binders; /* by attnum - 1 */
	convert::Converter **converters;
	values::Arena *arena;
	MemoryContext row;
	WriteQuery *write;
	sqlite3_stmt *statement; /* its */
	EState *estate;
	bool begun;     /* a row has been written */
	SeenKeys *seen; /* an UPDATE that may meet a row twice: those that it has met; else null */
	bool batches;
	bool formats; /* some value is written by its output function */
};

/* True for an AFTER ROW trigger, or a check of a view's: they see what SQLite has stored. */
bool
WantsWholeRow(ResultRelInfo *relation, CmdType operation, bool checked)
{
	const TriggerDesc *triggers = relation->ri_RelationDesc->trigdesc;

	return (checked && operation != CMD_DELETE) ||
		   (triggers != nullptr && ((operation == CMD_INSERT && triggers->trig_insert_after_row) ||
									(operation == CMD_UPDATE && triggers->trig_update_after_row)));
}

/* The list for one relation of the statement, out of a list of such lists; NIL if there is none. */
List *
ListOf(List *lists, int subplan)
{
	return subplan < list_length(lists) ? (List *) list_nth(lists, subplan) : NIL;
}

/* Everything but the statement itself, which only a run needs. */
ModifyState *
Prepare(ResultRelInfo *relation, CmdType operation, Bitmapset *named, bool skip_conflicts,
		Plan *subplan, List *returning, bool checked)
{
	Relation local = relation->ri_RelationDesc;
	ModifyState *state = (ModifyState *) palloc0(sizeof(ModifyState));
	ListCell *cell;

	state->table = DescribeRemoteTable(local);
	state->operation = operation;
	state->targets = TargetColumns(state->table, local, operation, named);
	state->returning = ReturnedColumns(state->table, relation->ri_RangeTableIndex, returning,
									   WantsWholeRow(relation, operation, checked));
	state->batches = state->returning == NIL && !HasRowTrigger(local, operation);
	if (operation != CMD_INSERT)
		foreach (cell, KeyAttributes(state->table))
		{
			KeyColumn *key = (KeyColumn *) palloc(sizeof(KeyColumn));
			char name[NAMEDATALEN];

			key->attnum = lfirst_int(cell);
			snprintf(name, sizeof(name), "sqlite_key_%d", key->attnum);
			key->junk = subplan != nullptr ? ExecFindJunkAttributeInTlist(subplan->targetlist, name)
										   : InvalidAttrNumber;
			state->keys = lappend(state->keys, key);
		}
	WriteStatement(state, skip_conflicts);
	return state;
}

void
Start(EState *estate, ResultRelInfo *relation, ModifyState *state)
{
	RemoteTable *table = state->table;
	MemoryContext context = estate->es_query_cxt;
	MemoryContext old = MemoryContextSwitchTo(context);
	const Oid server = table->server;
	const char *sql = state->sql;
	ListCell *cell;

	state->row = AllocSetContextCreate(context, "sqlite_import write", ALLOCSET_DEFAULT_SIZES);
	state->arena = MakeArena(context);
	state->binders =
		(convert::Binder *) palloc0(sizeof(convert::Binder) * Max(1, table->column_count));
	state->converters =
		(convert::Converter **) palloc0(sizeof(void *) * Max(1, table->column_count));
	for (int i = 0; i < table->column_count; i++)
		if (!table->columns[i].dropped)
			state->binders[i] = convert::MakeBinder(
				table->columns[i].type, table->columns[i].column_type, table->columns[i].timezone,
				table->columns[i].affinity, table->columns[i].name);
	for (int i = 0; i < table->column_count; i++)
		if (!table->columns[i].dropped && table->columns[i].domain == Domain::None)
			state->formats = true;
	foreach (cell, state->returning)
	{
		const RemoteColumn *column = &table->columns[lfirst_int(cell) - 1];

		state->converters[lfirst_int(cell) - 1] =
			ConverterOf(context, column->local_name, column->type, column->typmod,
						column->column_type, column->timezone, column->on_mismatch_null);
	}
	state->write = pg::PgEntry([=] { return pg::PgNew<WriteQuery>(context, server, sql); });
	state->statement = state->write->handle();
	state->estate = estate;
	relation->ri_FdwState = state;
	MemoryContextSwitchTo(old);
}

void
BindTargets(ModifyState *state, TupleTableSlot *slot)
{
	int parameter = 0;
	ListCell *cell;

	foreach (cell, state->targets)
	{
		const int attnum = lfirst_int(cell);
		bool is_null;
		Datum value = slot_getattr(slot, attnum, &is_null);

		if (!convert::BindValue(state->binders[attnum - 1], state->statement, ++parameter, value,
								is_null))
			ReportStatement(state->statement);
	}
}

void
BindKey(ModifyState *state, TupleTableSlot *plan_slot)
{
	int parameter = list_length(state->targets);
	ListCell *cell;

	foreach (cell, state->keys)
	{
		const KeyColumn *key = (const KeyColumn *) lfirst(cell);
		bool is_null;
		Datum value = ExecGetJunkAttribute(plan_slot, key->junk, &is_null);
		bool bound;

		parameter++;
		if (key->attnum == SelfItemPointerAttributeNumber)
		{
			const int64 rowid = RowidOf((ItemPointer) DatumGetPointer(value));

			bound = sqlite3_bind_int64(state->statement, parameter, rowid) == SQLITE_OK;
		}
		else
			bound = convert::BindValue(state->binders[key->attnum - 1], state->statement, parameter,
									   value, is_null);
		if (!bound)
			ReportStatement(state->statement);
	}
}

/* Fills the slot with what SQLite returned. */
void
StoreReturned(ModifyState *state, TupleTableSlot *slot)
{
	int column = 0;
	ListCell *cell;

	if (state->operation == CMD_DELETE)
	{
		ExecClearTuple(slot);
		memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts * sizeof(bool));
	}
	else
		slot_getallattrs(slot);
	foreach (cell, state->returning)
	{
		const int attnum = lfirst_int(cell);
		convert::SourceValue value;
		const convert::Place place = {
			state->table->name,    state->table->columns[attnum - 1].name, false, 0, 0, true,
			state->table->relation};

		if (!convert::ReadValue(state->statement, column++, &value))
			ReportStatement(state->statement);
		slot->tts_values[attnum - 1] =
			convert::ConvertValue(state->converters[attnum - 1], value, *state->arena, place,
								  &slot->tts_isnull[attnum - 1]);
	}
	if (state->operation == CMD_DELETE)
		ExecStoreVirtualTuple(slot);
	ExecMaterializeSlot(slot);
}

/* What reads the table is to see it as it is before the first row of the statement. */
void
Begin(ModifyState *state)
{
	const Oid server = state->table->server;
	const char *name = state->table->name;

	state->begun = true;
	BeforeFirstWrite(state->estate, server,
					 pg::PgEntry([=] { return WritesSpread(server, name); }) ? nullptr : name);
}

/* Runs the bound statement; false if it touched no row. */
bool
Run(ModifyState *state, TupleTableSlot *slot)
{
	const WriteQuery *write = state->write;

	/* what ran since the row before, a trigger's function for example, may have lost the
	 * transaction and survived it */
	if (unlikely(write->lost()))
		pg::PgEntry([write] { write->CheckNotLost(); });
	int code = Step(state->statement);
	const bool returned = code == SQLITE_ROW;

	if (returned)
	{
		StoreReturned(state, slot);
		code = Step(state->statement);
	}
	if (code != SQLITE_DONE)
		ReportStatement(state->statement);
	const bool touched = returned || sqlite3_changes64(sqlite3_db_handle(state->statement)) > 0;
	sqlite::reset(state->statement);
	sqlite3_clear_bindings(state->statement);
	return touched;
}

TupleTableSlot *
WriteRow(ResultRelInfo *relation, TupleTableSlot *slot, TupleTableSlot *plan_slot)
{
	ModifyState *state = (ModifyState *) relation->ri_FdwState;

	MemoryContextReset(state->row);
	state->arena->reset();
	MemoryContext old = MemoryContextSwitchTo(state->row);
	if (!state->begun)
		Begin(state);
	const int nest_level = state->formats ? convert::BeginTextFormat() : 0;
	BindTargets(state, slot);
	BindKey(state, plan_slot);
	if (state->formats)
		convert::EndTextFormat(nest_level);
	const bool touched = Run(state, slot);
	MemoryContextSwitchTo(old);
	return touched ? slot : nullptr;
}

/* The key of a row as bytes: those of its columns' values, each with its length. */
std::string
KeyBytes(const ModifyState *state, TupleTableSlot *plan_slot)
{
	std::string bytes;

	for (int i = 0; i < list_length(state->keys); i++)
	{
		const KeyColumn *key = (const KeyColumn *) list_nth(state->keys, i);
		bool is_null;
		const Datum value = ExecGetJunkAttribute(plan_slot, key->junk, &is_null);
		const Form_pg_attribute attribute =
			TupleDescAttr(plan_slot->tts_tupleDescriptor, key->junk - 1);
		int64 word = is_null ? 0 : (int64) value;
		const char *start = (const char *) &word;
		size_t size = sizeof(word);

		/* the same text may have a short header here and a long one there */
		if (!is_null && attribute->attlen == -1)
		{
			start = VARDATA_ANY(DatumGetPointer(value));
			size = VARSIZE_ANY_EXHDR(DatumGetPointer(value));
		}
		else if (!is_null && !attribute->attbyval)
		{
			start = DatumGetPointer(value);
			size = datumGetSize(value, false, attribute->attlen);
		}
		bytes += std::to_string(is_null ? -1 : (long long) size) + ':';
		bytes.append(start, size);
	}
	return bytes;
}

/* True for the first time that the statement meets the row. */
bool
IsFirst(ModifyState *state, TupleTableSlot *plan_slot)
{
	return pg::PgEntry([=] { return state->seen->insert(KeyBytes(state, plan_slot)).second; });
}

/*
 * The executor moves no row out of a foreign partition, and would leave it where nobody who asks by
 * the partitions' bounds finds it (execMain.c, ExecUpdate).
 */
void
CheckPartition(EState *estate, ResultRelInfo *relation, TupleTableSlot *slot)
{
	if (!relation->ri_RelationDesc->rd_rel->relispartition)
		return;
	slot->tts_tableOid = RelationGetRelid(relation->ri_RelationDesc);
	if (ExecPartitionCheck(relation, slot, estate, relation->ri_RootResultRelInfo == nullptr))
		return;
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("cannot move a row out of partition \"%s\", which is a foreign table",
						   RelationGetRelationName(relation->ri_RelationDesc)),
					errhint("Delete the row and insert it anew.")));
}

/* The columns that an INSERT names, from the relation's permissions entry. */
Bitmapset *
NamedColumns(ResultRelInfo *relation, EState *estate, CmdType operation)
{
	return operation == CMD_INSERT ? ExecGetInsertedCols(relation, estate)
								   : ExecGetUpdatedCols(relation, estate);
}

} /* namespace */

int
IsForeignRelUpdatable(Relation relation)
{
	const bool updatable = ReadTableOptions(RelationGetRelid(relation)).updatable;

	return updatable ? (1 << CMD_INSERT) | (1 << CMD_UPDATE) | (1 << CMD_DELETE) : 0;
}

void
AddForeignUpdateTargets(PlannerInfo *root, Index rtindex, RangeTblEntry *, Relation relation)
{
	const RemoteTable *table = DescribeRemoteTable(relation);
	List *keys = KeyAttributes(table);
	ListCell *cell;

	if (keys == NIL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("rows of foreign table \"%s\" cannot be told apart",
							   RelationGetRelationName(relation)),
						errhint("Set the option \"key\" on the columns that identify a row.")));
	foreach (cell, keys)
	{
		const AttrNumber attnum = lfirst_int(cell);
		char name[NAMEDATALEN];
		Var *var;

		snprintf(name, sizeof(name), "sqlite_key_%d", attnum);
		if (attnum == SelfItemPointerAttributeNumber)
			var = makeVar(rtindex, attnum, TIDOID, -1, InvalidOid, 0);
		else
			var =
				makeVar(rtindex, attnum, table->columns[attnum - 1].type,
						table->columns[attnum - 1].typmod, table->columns[attnum - 1].collation, 0);
		add_row_identity_var(root, var, rtindex, pstrdup(name));
	}
}

List *
PlanForeignModify(PlannerInfo *, ModifyTable *, Index, int)
{
	return NIL;
}

void
BeginForeignModify(ModifyTableState *node, ResultRelInfo *relation, List *, int subplan, int flags)
{
	EState *estate = node->ps.state;
	ModifyTable *plan = (ModifyTable *) node->ps.plan;
	const CmdType operation = node->operation;

	if (!ReadTableOptions(RelationGetRelid(relation->ri_RelationDesc)).updatable)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("foreign table \"%s\" is not updatable",
							   RelationGetRelationName(relation->ri_RelationDesc)),
						errhint("Set the option \"updatable\" of the table or its server.")));
	ModifyState *state = Prepare(relation, operation, NamedColumns(relation, estate, operation),
								 plan->onConflictAction == ONCONFLICT_NOTHING,
								 outerPlanState(node)->plan, ListOf(plan->returningLists, subplan),
								 ListOf(plan->withCheckOptionLists, subplan) != NIL);
	relation->ri_FdwState = state;
	if ((flags & EXEC_FLAG_EXPLAIN_ONLY) != 0)
		return;
	Start(estate, relation, state);
	/* a scan of the table alone gives each row once; a join may give it several times */
	if (operation == CMD_UPDATE && !IsA(outerPlanState(node)->plan, ForeignScan))
	{
		MemoryContext context = estate->es_query_cxt;

		state->seen = pg::PgEntry([context] { return pg::PgNew<SeenKeys>(context); });
	}
}

/* COPY FROM, and rows that a partitioned table routes here. */
void
BeginForeignInsert(ModifyTableState *node, ResultRelInfo *relation)
{
	EState *estate = node->ps.state;
	ModifyTable *plan = (ModifyTable *) node->ps.plan;
	Relation local = relation->ri_RelationDesc;
	Bitmapset *named = nullptr;

	if (!ReadTableOptions(RelationGetRelid(local)).updatable)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("foreign table \"%s\" does not allow inserts",
							   RelationGetRelationName(local))));
	if (relation->ri_RangeTableIndex > 0 && relation->ri_RootResultRelInfo == nullptr)
		named = NamedColumns(relation, estate, CMD_INSERT);
	else
	{
		/* what the parent's columns are called here is not known any more: all of them */
		const RemoteTable *table = DescribeRemoteTable(local);

		for (int attnum = 1; attnum <= table->column_count; attnum++)
			if (ColumnOf(table, attnum) != nullptr && !table->columns[attnum - 1].generated)
				named = bms_add_member(named, attnum - FirstLowInvalidHeapAttributeNumber);
	}
	if (plan != nullptr && plan->operation == CMD_UPDATE && relation->ri_usesFdwDirectModify)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("cannot move rows into a foreign table that is being updated")));
	Start(estate, relation,
		  Prepare(relation, CMD_INSERT, named,
				  plan != nullptr && plan->onConflictAction == ONCONFLICT_NOTHING, nullptr,
				  relation->ri_returningList, relation->ri_WithCheckOptions != NIL));
}

TupleTableSlot *
ExecForeignInsert(EState *, ResultRelInfo *relation, TupleTableSlot *slot,
				  TupleTableSlot *plan_slot)
{
	return WriteRow(relation, slot, plan_slot);
}

TupleTableSlot **
ExecForeignBatchInsert(EState *, ResultRelInfo *relation, TupleTableSlot **slots, TupleTableSlot **,
					   int *count)
{
	ModifyState *state = (ModifyState *) relation->ri_FdwState;
	int written = 0;

	if (!state->begun)
		Begin(state);
	const int nest_level = state->formats ? convert::BeginTextFormat() : 0;
	for (int i = 0; i < *count; i++)
	{
		MemoryContextReset(state->row);
		MemoryContext old = MemoryContextSwitchTo(state->row);

		BindTargets(state, slots[i]);
		if (Run(state, slots[i]))
			written++;
		MemoryContextSwitchTo(old);
	}
	if (state->formats)
		convert::EndTextFormat(nest_level);
	*count = written;
	return slots;
}

int
GetForeignModifyBatchSize(ResultRelInfo *relation)
{
	const ModifyState *state = (const ModifyState *) relation->ri_FdwState;

	/* an EXPLAIN has no state */
	if (state != nullptr && !state->batches)
		return 1;
	if (relation->ri_projectReturning != nullptr || relation->ri_WithCheckOptions != NIL)
		return 1;
	return ReadTableOptions(RelationGetRelid(relation->ri_RelationDesc)).batch_size;
}

TupleTableSlot *
ExecForeignUpdate(EState *estate, ResultRelInfo *relation, TupleTableSlot *slot,
				  TupleTableSlot *plan_slot)
{
	ModifyState *state = (ModifyState *) relation->ri_FdwState;

	CheckPartition(estate, relation, slot);
	/* a row that several rows of FROM match is updated once, by the first of them */
	if (state->seen != nullptr && !IsFirst(state, plan_slot))
		return nullptr;
	return state->targets == NIL ? slot : WriteRow(relation, slot, plan_slot);
}

TupleTableSlot *
ExecForeignDelete(EState *, ResultRelInfo *relation, TupleTableSlot *slot,
				  TupleTableSlot *plan_slot)
{
	return WriteRow(relation, slot, plan_slot);
}

void
EndForeignModify(EState *, ResultRelInfo *)
{
	/* the statement goes with the executor's memory, which is about to be freed */
}

void
EndForeignInsert(EState *, ResultRelInfo *)
{
}

void
ExplainForeignModify(ModifyTableState *, ResultRelInfo *relation, List *, int,
					 ExplainState *explain)
{
	const ModifyState *state = (const ModifyState *) relation->ri_FdwState;

	if (!explain->verbose || state == nullptr)
		return;
	ExplainPropertyText("SQLite statement", pg::ToReadableEncoding(state->sql), explain);
	if (state->operation == CMD_INSERT && relation->ri_BatchSize > 0)
		ExplainPropertyInteger("Batch Size", nullptr, relation->ri_BatchSize, explain);
}

} /* namespace sqlite_import::fdw */
