/*
 * try_keys.cpp
 *    The keys of a trial's rows put to the unique indexes of the table, and the
 *    entries to the limit of a b-tree.
 *
 * Keys go into a sort for each unique index, by the index's own operators; equal
 * neighbours are what the index would refuse.  Of rows with the same key the
 * target's own come first, then the source's in its order, then those that are
 * refused by another rule: all but the first are named.
 */
#include "load/try_state.hpp"

extern "C" {
#include "access/genam.h"
#include "access/itup.h"
#include "access/nbtree.h"
#include "access/tableam.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"
#include "utils/typcache.h"
}

#include "pg/compat.h"

namespace sqlite_import::load
{

namespace
{

/* Of rows with the same key the first one is taken. */
enum WhoseRow
{
	kTargets,
	kSources,
	kRefused, /* by another rule */
};

/* An index of the target, or a key that it is to have. */
struct KeyRule
{
	const char *name;
	Relation index;  /* null: a key that is yet to be made */
	IndexInfo *info; /* of an index that is there */
	ExprState *predicate;
	Bitmapset *needed; /* as of a check */
	bool unique;
	bool nulls_are_equal;
	int count;        /* key columns */
	int *positions;   /* of a key that is yet to be made: in the tuple */
	TupleDesc shape;  /* of its entries */
	FmgrInfo *equals; /* of a unique one */
	Oid *collations;
	Tuplesortstate *sort; /* keys, whose row (WhoseRow), its rowid */
	TupleTableSlot *slots[2];
	/* of the batch: row after row, and whether the row has an entry */
	Datum *values;
	bool *nulls;
	bool *entries;
};

/* The sort of a unique key's values. */
void
PrepareSort(KeyRule *key, const Oid *types, Oid *less_than)
{
	const int width = key->count + 2;
	TupleDesc const descriptor = CreateTemplateTupleDesc(width);
	auto *const numbers = static_cast<AttrNumber *>(palloc(sizeof(AttrNumber) * width));
	auto *const nulls_first = static_cast<bool *>(palloc0(sizeof(bool) * width));

	for (int i = 0; i < width; i++)
	{
		numbers[i] = static_cast<AttrNumber>(i + 1);
		TupleDescInitEntry(descriptor, numbers[i], "key",
						   i < key->count ? types[i] : (i == key->count ? INT4OID : INT8OID), -1,
						   0);
	}
	less_than[key->count] = lookup_type_cache(INT4OID, TYPECACHE_LT_OPR)->lt_opr;
	less_than[key->count + 1] = lookup_type_cache(INT8OID, TYPECACHE_LT_OPR)->lt_opr;
	key->sort = tuplesort_begin_heap(descriptor, width, numbers, less_than, key->collations,
									 nulls_first, work_mem, nullptr, TUPLESORT_NONE);
	for (TupleTableSlot *&slot : key->slots)
		slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
}

KeyRule *
MakeKey(const char *name, int count)
{
	auto *const key = static_cast<KeyRule *>(palloc0(sizeof(KeyRule)));
	const int width = count + 2;

	key->name = pstrdup(name);
	key->count = count;
	key->equals = static_cast<FmgrInfo *>(palloc0(sizeof(FmgrInfo) * width));
	key->collations = static_cast<Oid *>(palloc0(sizeof(Oid) * width));
	return key;
}

/* A key or an index that the table is to have. */
void
AddKey(CopyState *state, const TrialKey &wanted)
{
	const TupleDesc descriptor = state->target.descriptor;
	const int count = static_cast<int>(wanted.attnums.size());
	KeyRule *const key = MakeKey(wanted.name.c_str(), count);
	auto *const types = static_cast<Oid *>(palloc(sizeof(Oid) * count));
	auto *const less_than = static_cast<Oid *>(palloc0(sizeof(Oid) * (count + 2)));

	key->unique = wanted.unique;
	key->shape = CreateTemplateTupleDesc(count);
	key->positions = static_cast<int *>(palloc(sizeof(int) * count));
	for (int i = 0; i < count; i++)
	{
		key->positions[i] = wanted.attnums[static_cast<size_t>(i)] - 1;
		key->needed = bms_add_member(key->needed, key->positions[i]);
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, key->positions[i]);
		const TypeCacheEntry *const type =
			lookup_type_cache(attribute->atttypid, TYPECACHE_LT_OPR | TYPECACHE_EQ_OPR_FINFO);

		TupleDescCopyEntry(key->shape, static_cast<AttrNumber>(i + 1), descriptor,
						   static_cast<AttrNumber>(key->positions[i] + 1));
		types[i] = attribute->atttypid;
		less_than[i] = type->lt_opr;
		key->collations[i] = attribute->attcollation;
		/* a type without order: making the key is refused by other means */
		if (!OidIsValid(type->lt_opr) || !OidIsValid(type->eq_opr_finfo.fn_oid))
			return;
		fmgr_info(type->eq_opr_finfo.fn_oid, &key->equals[i]);
	}
	if (key->unique)
		PrepareSort(key, types, less_than);
	state->trial->keys = lappend(state->trial->keys, key);
}

/* The type of what an index computes for a column. */
Oid
IndexedType(const KeyRule &key, TupleDesc descriptor, int column)
{
	const AttrNumber number = key.info->ii_IndexAttrNumbers[column];
	int expression = 0;

	if (number > 0)
		return TupleDescAttr(descriptor, number - 1)->atttypid;
	for (int i = 0; i < column; i++)
		if (key.info->ii_IndexAttrNumbers[i] == 0)
			expression++;
	return exprType(static_cast<Node *>(list_nth(key.info->ii_Expressions, expression)));
}

bool
AddNeededOfIndex(const TrialWriter &trial, const IndexInfo &info, Bitmapset **needed)
{
	for (int i = 0; i < info.ii_NumIndexAttrs; i++)
	{
		const AttrNumber number = info.ii_IndexAttrNumbers[i];

		if (number < 0 || (number > 0 && bms_is_member(number - 1, trial.unknown)))
			return false;
		if (number > 0)
			*needed = bms_add_member(*needed, number - 1);
	}
	return AddNeeded(trial, reinterpret_cast<Node *>(info.ii_Expressions), needed) &&
		   AddNeeded(trial, reinterpret_cast<Node *>(info.ii_Predicate), needed);
}

void
AddIndex(CopyState *state, Oid index_id)
{
	Relation const index = index_open(index_id, AccessShareLock);
	const int columns = IndexRelationGetNumberOfKeyAttributes(index);
	KeyRule *const key = MakeKey(RelationGetRelationName(index), columns);
	auto *const types = static_cast<Oid *>(palloc(sizeof(Oid) * columns));
	auto *const less_than = static_cast<Oid *>(palloc0(sizeof(Oid) * (columns + 2)));

	key->index = index;
	key->info = BuildIndexInfo(index);
	if (index->rd_rel->relam != BTREE_AM_OID || !index->rd_index->indisready ||
		!AddNeededOfIndex(*state->trial, *key->info, &key->needed))
	{
		index_close(index, NoLock);
		return;
	}
	key->unique = key->info->ii_Unique;
	key->nulls_are_equal = key->info->ii_NullsNotDistinct;
	key->predicate = ExecPrepareQual(key->info->ii_Predicate, state->trial->executor);
	for (int i = 0; i < columns && key->unique; i++)
	{
		const Oid family = index->rd_opfamily[i], input = index->rd_opcintype[i];

		types[i] = IndexedType(*key, state->target.descriptor, i);
		less_than[i] = get_opfamily_member(family, input, input, BTLessStrategyNumber);
		key->collations[i] = index->rd_indcollation[i];
		fmgr_info(get_opcode(get_opfamily_member(family, input, input, BTEqualStrategyNumber)),
				  &key->equals[i]);
	}
	if (key->unique)
		PrepareSort(key, types, less_than);
	state->trial->keys = lappend(state->trial->keys, key);
}

/* An entry of a b-tree has to fit on a third of a page (access/nbtree.h). */
bool
FitsIndex(CopyState *state, Batch *batch, int row, const KeyRule &key, const Datum *values,
		  const bool *nulls)
{
	const TupleDesc descriptor = key.index == nullptr ? key.shape : RelationGetDescr(key.index);
	const bool refuses = key.index != nullptr || key.unique;
	constexpr Size kMostOfEntry = BLCKSZ / 3;
	Size bytes = 0;

	for (int i = 0; i < descriptor->natts; i++)
		if (!nulls[i] && TupleDescAttr(descriptor, i)->attlen == -1)
			bytes += VARSIZE_ANY(DatumGetPointer(values[i]));
	if (bytes < kMostOfEntry / 2)
		return true;

	IndexTuple const entry =
		index_form_tuple(descriptor, const_cast<Datum *>(values), const_cast<bool *>(nulls));
	const Size size = IndexTupleSize(entry);

	pfree(entry);
	if (size <= kLargestBtreeEntry)
		return true;
	const bool left_out = batch->left_out[row];

	RefuseRow(state, batch, row, Refusal::What::KeySize,
			  psprintf("the value is too long for the index \"%s\", whose entries have at most %zu "
					   "bytes",
					   key.name, static_cast<size_t>(kLargestBtreeEntry)),
			  key.index != nullptr
				  ? "Drop the index before the load, or make one over a hash of the value."
				  : "Shorten the values, or leave the index out with exclude and make one over a "
					"hash of the value.",
			  key.name);
	/* an index that is not unique is left out, the row is not */
	if (!refuses)
		batch->left_out[row] = left_out;
	return false;
}

/* The key of a row, into the batch's room of the rule. */
void
ComputeKey(CopyState *state, Batch *batch, int row, KeyRule *key)
{
	Datum values[INDEX_MAX_KEYS];
	bool nulls[INDEX_MAX_KEYS];
	const TupleTableSlot *const slot = state->trial->slot;
	bool has_null = false;

	if (key->index == nullptr)
	{
		for (int i = 0; i < key->count; i++)
		{
			values[i] = slot->tts_values[key->positions[i]];
			nulls[i] = slot->tts_isnull[key->positions[i]];
		}
		if (!FitsIndex(state, batch, row, *key, values, nulls))
			return;
	}
	else
	{
		if (key->predicate != nullptr &&
			!ExecQual(key->predicate, GetPerTupleExprContext(state->trial->executor)))
			return;
		FormIndexDatum(key->info, state->trial->slot, state->trial->executor, values, nulls);
		if (!FitsIndex(state, batch, row, *key, values, nulls))
			return;
	}
	for (int i = 0; i < key->count; i++)
	{
		key->values[row * key->count + i] = values[i];
		key->nulls[row * key->count + i] = nulls[i];
		has_null = has_null || nulls[i];
	}
	key->entries[row] = !has_null || key->nulls_are_equal;
}

void
PutKey(const KeyRule &key, const Datum *values, const bool *nulls, WhoseRow whose, int64 rowid)
{
	TupleTableSlot *const slot = key.slots[0];
	TupleTableSlot *const entry =
		MakeSingleTupleTableSlot(slot->tts_tupleDescriptor, &TTSOpsVirtual);

	for (int i = 0; i < key.count; i++)
	{
		entry->tts_values[i] = values[i];
		entry->tts_isnull[i] = nulls[i];
	}
	entry->tts_values[key.count] = Int32GetDatum(whose);
	entry->tts_isnull[key.count] = false;
	entry->tts_values[key.count + 1] = Int64GetDatum(rowid);
	entry->tts_isnull[key.count + 1] = false;
	ExecStoreVirtualTuple(entry);
	tuplesort_puttupleslot(key.sort, entry);
	ExecDropSingleTupleTableSlot(entry);
}

/* The keys of the rows that are in the target already and stay there. */
void
PutTargetKeys(CopyState *state)
{
	Relation const relation = state->target.relation;
	TupleTableSlot *const slot = table_slot_create(relation, nullptr);
	TableScanDesc const scan = table_beginscan(relation, GetActiveSnapshot(), 0, nullptr);
	ExprContext *const context = GetPerTupleExprContext(state->trial->executor);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		ListCell *cell;

		CHECK_FOR_INTERRUPTS();
		context->ecxt_scantuple = slot;
		foreach (cell, state->trial->keys)
		{
			const KeyRule &key = *static_cast<KeyRule *>(lfirst(cell));
			Datum values[INDEX_MAX_KEYS];
			bool nulls[INDEX_MAX_KEYS];

			if (!key.unique || (key.predicate != nullptr && !ExecQual(key.predicate, context)))
				continue;
			FormIndexDatum(key.info, slot, state->trial->executor, values, nulls);
			PutKey(key, values, nulls, kTargets, 0);
		}
		ResetPerTupleExprContext(state->trial->executor);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
}

bool
AreEqual(const KeyRule &key, const TupleTableSlot *left, const TupleTableSlot *right)
{
	for (int i = 0; i < key.count; i++)
	{
		if (left->tts_isnull[i] || right->tts_isnull[i])
		{
			if (!key.nulls_are_equal || left->tts_isnull[i] != right->tts_isnull[i])
				return false;
			continue;
		}
		if (!DatumGetBool(FunctionCall2Coll(const_cast<FmgrInfo *>(&key.equals[i]),
											key.collations[i], left->tts_values[i],
											right->tts_values[i])))
			return false;
	}
	return true;
}

void
FindDuplicates(CopyState *state, const KeyRule &key)
{
	TupleTableSlot *slot = key.slots[0], *before = key.slots[1];
	bool has_before = false;
	tuplesort_performsort(key.sort);
	while (tuplesort_gettupleslot(key.sort, true, true, slot, nullptr))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(slot);
		if (has_before && AreEqual(key, before, slot) &&
			DatumGetInt32(slot->tts_values[key.count]) != kTargets)
		{
			state->result->rejected +=
				DatumGetInt32(slot->tts_values[key.count]) == kSources ? 1 : 0;
			NoteDuplicate(state, key.name, DatumGetInt64(slot->tts_values[key.count + 1]));
		}
		TupleTableSlot *const swap = before;
		before = slot;
		slot = swap;
		has_before = true;
	}
	ExecClearTuple(key.slots[0]);
	ExecClearTuple(key.slots[1]);
	tuplesort_end(key.sort);
}

/* The role may read the target's rows, all of them. */
bool
MayRead(const Target &target)
{
	return target.relation->rd_rel->relkind == RELKIND_RELATION &&
		   pg_class_aclcheck(target.relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		   check_enable_rls(target.relid, InvalidOid, true) != RLS_ENABLED;
}

} /* namespace */

void
ReadKeys(CopyState *state)
{
	Relation const relation = state->target.relation;

	for (const TrialKey &key : state->request->trial->keys)
		AddKey(state, key);
	if (relation == nullptr || !relation->rd_rel->relhasindex)
		return;
	ListCell *cell;

	foreach (cell, RelationGetIndexList(relation))
		AddIndex(state, lfirst_oid(cell));
	if (state->request->trial->rows_stay && state->trial->keys != NIL && MayRead(state->target))
		PutTargetKeys(state);
}

void
ComputeKeys(CopyState *state, Batch *batch, int row)
{
	ListCell *cell;

	foreach (cell, state->trial->keys)
	{
		auto *const key = static_cast<KeyRule *>(lfirst(cell));

		if (!LacksNeeded(*state, row, key->needed))
			ComputeKey(state, batch, row, key);
	}
}

/* A sort may write temporary files, which belong to the transaction and not to a part of it. */
void
PutKeys(CopyState *state, const Batch &batch)
{
	ListCell *cell;

	foreach (cell, state->trial->keys)
	{
		const KeyRule &key = *static_cast<KeyRule *>(lfirst(cell));

		for (int row = 0; row < batch.rows && key.unique; row++)
			if (key.entries[row])
				PutKey(key, key.values + row * key.count, key.nulls + row * key.count,
					   batch.left_out[row] ? kRefused : kSources,
					   state->has_rowid ? batch.rowids[row] : batch.first_row + row + 1);
	}
}

void
MakeRoomForKeys(CopyState *state, const Batch &batch)
{
	ListCell *cell;

	foreach (cell, state->trial->keys)
	{
		auto *const key = static_cast<KeyRule *>(lfirst(cell));
		const int cells = Max(batch.rows * key->count, 1);

		key->values = static_cast<Datum *>(palloc(sizeof(Datum) * cells));
		key->nulls = static_cast<bool *>(palloc(sizeof(bool) * cells));
		key->entries = static_cast<bool *>(palloc0(sizeof(bool) * Max(batch.rows, 1)));
	}
}

void
CompareKeys(CopyState *state)
{
	ListCell *cell;

	foreach (cell, state->trial->keys)
	{
		const KeyRule &key = *static_cast<KeyRule *>(lfirst(cell));

		if (key.unique)
			FindDuplicates(state, key);
		if (key.index != nullptr)
			index_close(key.index, NoLock);
	}
}

} /* namespace sqlite_import::load */
