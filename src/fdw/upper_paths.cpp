/*
 * upper_paths.cpp
 *    Aggregates, DISTINCT and LIMIT within SQLite.
 *
 * As in joins, all that their rows depend on has been shipped for good.
 */
#include "fdw/deparse_query.hpp"
#include "fdw/estimate.hpp"
#include "fdw/plan.hpp"
#include "fdw/pushed.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/tlist.h"
#include "utils/selfuncs.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

bool
GroupedColumns(PlannerInfo *root, const RelInfo *info, List *clauses, PathTarget *target,
			   List **grouped)
{
	ListCell *cell;
	int i = 0;

	*grouped = NIL;
	foreach (cell, target->exprs)
	{
		const Index reference = get_pathtarget_sortgroupref(target, i);

		i++;
		if (reference != 0 && get_sortgroupref_clause_noerr(reference, clauses) != nullptr)
			*grouped = list_append_unique(*grouped, lfirst(cell));
	}
	return list_length(*grouped) >= (clauses != NIL ? 1 : 0) && OnlyColumns(info, *grouped);
}

List *
GroupedOutputs(PathTarget *target, Node *having)
{
	List *parts =
		pull_var_clause((Node *) target->exprs, PVC_INCLUDE_AGGREGATES | PVC_RECURSE_PLACEHOLDERS);

	parts = list_concat(parts,
						pull_var_clause(having, PVC_INCLUDE_AGGREGATES | PVC_RECURSE_PLACEHOLDERS));
	return list_union(NIL, parts);
}

namespace
{

/* One output of a grouped query: a column that is grouped by, or an aggregate. */
bool
ShipGroupedOutput(Deparse *deparse, const RelInfo *info, Node *node, List *grouped,
				  OutputKind *kind)
{
	if (IsA(node, Aggref))
		return ShipAggregate(deparse, (Aggref *) node, kind);
	*kind = OutputKind::Value;
	return list_member(grouped, node) && OnlyColumns(info, list_make1(node)) &&
		   ShipComparable(deparse, node, exprCollation(node), false) && !deparse->wild;
}

/* Divides HAVING into what SQLite evaluates and the rest.  Without GROUP BY older ones know none.
 */
void
TakeHaving(PlannerInfo *root, RelInfo *info, List *grouped, List *clauses)
{
	ListCell *cell;

	info->having = NIL;
	info->local_having = NIL;
	foreach (cell, clauses)
	{
		Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);

		deparse.grouped = true;
		if (grouped == NIL || Ship(&deparse, (Node *) lfirst(cell)) != Domain::Boolean ||
			deparse.wild)
			info->local_having = lappend(info->local_having, lfirst(cell));
		else
		{
			info->having = lappend(info->having, lfirst(cell));
			info->guards = list_union(info->guards, deparse.guards);
		}
	}
}

void
AddGroupingPath(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output, GroupPathExtraData *extra)
{
	const RelInfo *below = (const RelInfo *) input->fdw_private;
	Deparse deparse = MakeDeparse(root, below->relids, below->tables, true);
	List *grouped;
	ListCell *cell;
	Cost startup;
	Cost total;

	if (root->parse->groupingSets != NIL || extra->patype != PARTITIONWISE_AGGREGATE_NONE ||
		!GroupedColumns(root, below, root->parse->groupClause, output->reltarget, &grouped))
		return;
	RelInfo *info = (RelInfo *) palloc0(sizeof(RelInfo));
	*info = *below;
	info->stage = UPPERREL_GROUP_AGG;
	info->input = input;
	TakeHaving(root, info, grouped, (List *) extra->havingQual);
	List *outputs = GroupedOutputs(output->reltarget, (Node *) info->local_having);
	foreach (cell, outputs)
	{
		OutputKind kind;

		if (!ShipGroupedOutput(&deparse, below, (Node *) lfirst(cell), grouped, &kind))
			return;
	}
	info->guards = list_union(info->guards, deparse.guards);
	output->fdw_private = info;
	const double rows =
		grouped == NIL ? 1 : estimate_num_groups(root, grouped, input->rows, nullptr, nullptr);
	CostPushed(root, input, info->guards, rows, list_length(outputs), &startup, &total);
	total += input->rows * cpu_operator_cost;
	add_path(output,
			 Serial((Path *) create_foreign_upper_path(root, output, output->reltarget, rows, 0,
													   startup, total, NIL, nullptr, NIL, NIL)));
}

void
AddDistinctPath(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output)
{
	const RelInfo *below = (const RelInfo *) input->fdw_private;
	PathTarget *target = root->upper_targets[UPPERREL_DISTINCT];
	Deparse deparse = MakeDeparse(root, below->relids, below->tables, true);
	ListCell *cell;
	Cost startup;
	Cost total;

	if (root->parse->hasDistinctOn || target == nullptr || !OnlyColumns(below, target->exprs))
		return;
	foreach (cell, target->exprs)
		if (!ShipComparable(&deparse, (Node *) lfirst(cell), exprCollation((Node *) lfirst(cell)),
							false) ||
			deparse.wild)
			return;
	RelInfo *info = (RelInfo *) palloc0(sizeof(RelInfo));
	*info = *below;
	info->stage = UPPERREL_DISTINCT;
	info->input = input;
	info->guards = list_union(below->guards, deparse.guards);
	output->fdw_private = info;
	const double rows = estimate_num_groups(root, target->exprs, input->rows, nullptr, nullptr);
	CostPushed(root, input, info->guards, rows, list_length(target->exprs), &startup, &total);
	total += input->rows * cpu_operator_cost;
	add_path(output, Serial((Path *) create_foreign_upper_path(
						 root, output, target, rows, 0, startup, total, NIL, nullptr, NIL, NIL)));
}

bool
IsWholeNumber(Node *node)
{
	return node == nullptr || (IsA(node, Const) && !((Const *) node)->constisnull &&
							   ((Const *) node)->consttype == INT8OID &&
							   DatumGetInt64(((Const *) node)->constvalue) >= 0);
}

/* LIMIT over a sort of SQLite's: it need keep no more rows than are asked for. */
void
AddLimitPath(PlannerInfo *root, RelOptInfo *source, RelOptInfo *output, FinalPathExtraData *extra)
{
	const RelInfo *below = (const RelInfo *) source->fdw_private;
	PathTarget *target = root->upper_targets[UPPERREL_FINAL];
	Deparse deparse = MakeDeparse(root, below->relids, below->tables, true);
	Cost startup;
	Cost total;

	if (!extra->limit_needed || root->parse->limitOption == LIMIT_OPTION_WITH_TIES ||
		root->parse->sortClause == NIL || !IsWholeNumber(root->parse->limitCount) ||
		!IsWholeNumber(root->parse->limitOffset) || root->parse->limitCount == nullptr ||
		root->parse->hasTargetSRFs || target == nullptr || !OnlyColumns(below, target->exprs))
		return;
	/* a value that is not what it should be may be cut off: then PostgreSQL sorts */
	if (below->guards != NIL || !AppendOrderBy(&deparse, source, root->sort_pathkeys) ||
		deparse.guards != NIL)
		return;
	RelInfo *info = (RelInfo *) palloc0(sizeof(RelInfo));
	*info = *below;
	info->stage = UPPERREL_FINAL;
	info->input = source;
	output->fdw_private = info;
	const double rows =
		Min(source->rows, (double) DatumGetInt64(((Const *) root->parse->limitCount)->constvalue));
	CostPushed(root, source, NIL, rows, list_length(target->exprs), &startup, &total);
	total += source->rows * cpu_operator_cost;
	add_path(output, Serial((Path *) create_foreign_upper_path(root, output, target, rows, 0,
															   startup, total, root->sort_pathkeys,
															   nullptr, NIL, NIL)));
}

} /* namespace */

void
GetForeignUpperPaths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
					 RelOptInfo *output, void *extra)
{
	if (output->fdw_private != nullptr || root->parse->commandType != CMD_SELECT ||
		root->rowMarks != NIL || root->parse->setOperations != nullptr)
		return;
	if (stage == UPPERREL_ORDERED)
	{
		/* the path is the base relation's own; LIMIT above it asks for the relation below */
		if (input->reloptkind != RELOPT_UPPER_REL && IsShipped(input))
		{
			RelInfo *info = (RelInfo *) palloc0(sizeof(RelInfo));

			*info = *(const RelInfo *) input->fdw_private;
			info->stage = UPPERREL_ORDERED;
			info->input = input;
			output->fdw_private = info;
		}
		return;
	}
	if (stage == UPPERREL_FINAL)
	{
		RelOptInfo *source = SourceOf(input);

		if (input->reloptkind == RELOPT_UPPER_REL && input->fdw_private != nullptr &&
			((RelInfo *) input->fdw_private)->stage == UPPERREL_ORDERED && IsShipped(source))
			AddLimitPath(root, source, output, (FinalPathExtraData *) extra);
		return;
	}
	if (input->reloptkind == RELOPT_UPPER_REL || !IsShipped(input))
		return;
	if (stage == UPPERREL_GROUP_AGG)
		AddGroupingPath(root, input, output, (GroupPathExtraData *) extra);
	else if (stage == UPPERREL_DISTINCT)
		AddDistinctPath(root, input, output);
}

} /* namespace sqlite_import::fdw */
