/*
 * barrier.cpp
 *    Finding the barrier above a scan, and putting rows to its conditions.
 */
#include <sqlite3.h>

#include "convert/convert.hpp"

#include "fdw/barrier.hpp"
#include "fdw/converters.hpp"
#include "fdw/parallel_scan.hpp"
#include "fdw/scan.hpp"

extern "C" {
#include "access/sysattr.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/memutils.h"
#include "utils/rel.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* Whether a query reads the relation, at whatever depth. */
bool
Reads(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		const auto *const entry = (const RangeTblEntry *) node;

		return entry->rtekind == RTE_RELATION && entry->relid == *(const Oid *) context;
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, TREE_WALKER(Reads), context,
								 QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, TREE_WALKER(Reads), context);
}

bool
HasBarrierOver(List *range_table, Oid relation)
{
	ListCell *cell;

	foreach (cell, range_table)
	{
		const auto *const entry = lfirst_node(RangeTblEntry, cell);

		if (entry->rtekind == RTE_SUBQUERY && entry->security_barrier &&
			Reads((Node *) entry->subquery, &relation))
			return true;
	}
	return false;
}

/* Whether the query of 'root' is, as a whole, a barrier's of the query above. */
bool
IsBarrier(const PlannerInfo *root)
{
	const PlannerInfo *const parent = root->parent_root;

	for (int i = 1; parent != nullptr && i < parent->simple_rel_array_size; i++)
	{
		const RelOptInfo *const rel = parent->simple_rel_array[i];

		if (rel != nullptr && rel->subroot == root)
			return parent->simple_rte_array[i]->security_barrier;
	}
	return false;
}

int
CountBarriers(const PlannerInfo *root)
{
	int count = 0;

	for (; root != nullptr; root = root->parent_root)
		count += IsBarrier(root) ? 1 : 0;
	return count;
}

} /* namespace */

bool
IsBelowBarrier(PlannerInfo *root, const RelOptInfo *rel, Oid relation)
{
	ListCell *cell;

	foreach (cell, rel->baserestrictinfo)
		if (lfirst_node(RestrictInfo, cell)->security_level < root->qual_security_level)
			return true;
	/* too often rather than too seldom: the table may be read beside the barrier as well */
	for (const PlannerInfo *above = root->parent_root; above != nullptr; above = above->parent_root)
		if (HasBarrierOver(above->parse->rtable, relation))
			return true;
	return false;
}

Barrier
KindOfBarrier(PlannerInfo *root)
{
	const bool top = root->parent_root == nullptr;
	const bool decides_alone =
		bms_membership(root->all_baserels) == BMS_SINGLETON && root->parse->havingQual == nullptr;

	/* conditions of a join, of groups, or of another view around this one decide later */
	if (decides_alone && (top || (IsBarrier(root) && CountBarriers(root) == 1)))
		return Barrier::Decides;
	return Barrier::DecidesLater;
}

void
PrepareBarrier(ForeignScanState *node, ScanState *state)
{
	const auto *const plan = (const ForeignScan *) node->ss.ps.plan;
	Bitmapset *used = nullptr;

	if (state->query.barrier == Barrier::None || plan->scan.scanrelid == 0)
		return;
	pull_varattnos((Node *) plan->scan.plan.qual, plan->scan.scanrelid, &used);
	const bool whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (int i = 0; i < state->output_count; i++)
	{
		Output *const output = &state->outputs[i];

		output->decides = whole || bms_is_member(list_nth_int(state->query.attributes, i) -
													 FirstLowInvalidHeapAttributeNumber,
												 used);
		if (output->decides && NeedsSubtransaction(output->converter->type, true))
			WithoutWorkers(node);
	}
	state->below_barrier = true;
	state->plain = false;
	/* a recheck of one row after a concurrent change looks at rows that have passed */
	if (node->ss.ps.state->es_epq_active != nullptr)
		return;
	state->conditions = node->ss.ps.qual;
	state->conditions_context = CreateExprContext(node->ss.ps.state);
	node->ss.ps.qual = nullptr;
}

namespace
{

/* The columns that the conditions read; false if a value does not fit its column. */
bool
StoreDeciding(ScanState *state, TupleTableSlot *slot)
{
	for (int i = 0; i < state->output_count; i++)
	{
		const Output &output = state->outputs[i];
		convert::SourceValue source;

		slot->tts_isnull[output.target] = true;
		if (!output.decides)
			continue;
		if (!convert::ReadValue(state->statement, i, &source))
			ReportStatement(state->statement);
		if (!convert::ConvertIfFits(output.converter, source, *state->arena,
									&slot->tts_values[output.target],
									&slot->tts_isnull[output.target]))
			return false;
	}
	return true;
}

bool
Passes(ForeignScanState *node, ScanState *state, TupleTableSlot *slot)
{
	ExprContext *const context = state->conditions_context;

	if (state->conditions == nullptr)
		return true;
	if (node->ss.ss_currentRelation != nullptr)
		slot->tts_tableOid = RelationGetRelid(node->ss.ss_currentRelation);
	ExecStoreVirtualTuple(slot);
	context->ecxt_scantuple = slot;
	const bool passes = ExecQual(state->conditions, context);
	ResetExprContext(context);
	ExecClearTuple(slot);
	return passes;
}

} /* namespace */

bool
StorePassingRow(ForeignScanState *node, ScanState *state, TupleTableSlot *slot)
{
	MemoryContextReset(state->values);
	state->arena->reset();
	MemoryContext const old = MemoryContextSwitchTo(state->values);
	StoreRowid(state, slot, true);
	const bool passes = StoreDeciding(state, slot) && Passes(node, state, slot);

	if (passes)
		StoreValues(state, slot);
	else
		InstrCountFiltered1(node, 1);
	MemoryContextSwitchTo(old);
	return passes;
}

} /* namespace sqlite_import::fdw */
