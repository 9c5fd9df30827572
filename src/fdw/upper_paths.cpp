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

namespace
{

/* A query's RelInfo from that of the relation below. */
RelInfo *
UpperInfo(RelOptInfo *input)
{
	RelInfo *info = (RelInfo *) palloc0(sizeof(RelInfo));

	*info = *(const RelInfo *) input->fdw_private;
	info->input = input;
	return info;
}

/* --- GROUP BY --- */

/* True for an expression over columns of ours, and not for what is the same in all rows. */
bool
IsOverColumns(const RelInfo *info, Node *node)
{
	List *columns = pull_var_clause(node, PVC_INCLUDE_PLACEHOLDERS);

	return columns != NIL && OnlyColumns(info, columns);
}

/* The expressions that are grouped by; false if one of them cannot be SQLite's to compute. */
bool
GroupedExpressions(const RelInfo *info, List *clauses, PathTarget *target, List **grouped)
{
	ListCell *cell;
	int i = 0;

	*grouped = NIL;
	foreach (cell, target->exprs)
	{
		const Index reference = get_pathtarget_sortgroupref(target, i);

		i++;
		if (reference == 0 || get_sortgroupref_clause_noerr(reference, clauses) == nullptr)
			continue;
		if (!IsOverColumns(info, (Node *) lfirst(cell)))
			return false;
		*grouped = list_append_unique(*grouped, lfirst(cell));
	}
	return list_length(*grouped) >= (clauses != NIL ? 1 : 0);
}

/* Ships what the query is to return: expressions that are grouped by, and aggregates. */
bool
ShipOutputs(Deparse *deparse, const RelInfo *info, List *outputs)
{
	ListCell *cell;

	foreach (cell, outputs)
	{
		Node *node = (Node *) lfirst(cell);
		OutputKind kind;

		if (IsA(node, Aggref) ? !ShipAggregate(deparse, (Aggref *) node, &kind)
							  : !list_member(info->grouped, node) ||
									!ShipComparable(deparse, node, exprCollation(node), false))
			return false;
	}
	return !deparse->wild;
}

/* Divides HAVING into what SQLite evaluates and the rest.  Without GROUP BY older ones know none.
 */
void
TakeHaving(PlannerInfo *root, RelInfo *info, List *clauses)
{
	ListCell *cell;

	foreach (cell, clauses)
	{
		Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);

		deparse.grouped = true;
		if (info->grouped == NIL || Ship(&deparse, (Node *) lfirst(cell)) != Domain::Boolean ||
			deparse.wild)
			info->local_having = lappend(info->local_having, lfirst(cell));
		else
		{
			info->having = lappend(info->having, lfirst(cell));
			info->guards = list_union(info->guards, deparse.guards);
		}
	}
}

/* The path, and one in the order that the query asks for. */
void
AddShapePaths(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output, PathTarget *target,
			  double rows, int columns)
{
	const RelInfo *info = (const RelInfo *) output->fdw_private;
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);
	Cost startup;
	Cost total;

	CostPushed(root, input, info->guards, rows, columns, &startup, &total);
	total += input->rows * cpu_operator_cost;
	add_path(output, Serial((Path *) create_foreign_upper_path(
						 root, output, target, rows, 0, startup, total, NIL, nullptr, NIL, NIL)));
	if (root->sort_pathkeys == NIL || !AppendOrderBy(&deparse, output, root->sort_pathkeys))
		return;
	total += rows * 2 * cpu_operator_cost;
	add_path(output,
			 Serial((Path *) create_foreign_upper_path(root, output, target, rows, 0, total, total,
													   root->sort_pathkeys, nullptr, NIL, NIL)));
}

void
AddGroupingPaths(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output,
				 GroupPathExtraData *extra)
{
	RelInfo *info = UpperInfo(input);
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);

	if (root->parse->groupingSets != NIL || extra->patype != PARTITIONWISE_AGGREGATE_NONE ||
		!GroupedExpressions(info, root->parse->groupClause, output->reltarget, &info->grouped))
		return;
	info->shape = Shape::Groups;
	TakeHaving(root, info, (List *) extra->havingQual);
	List *outputs = NeededOutputs(info, output->reltarget->exprs, info->local_having);
	if (!ShipOutputs(&deparse, info, outputs))
		return;
	info->guards = list_union(info->guards, deparse.guards);
	output->fdw_private = info;
	const double rows = info->grouped == NIL ? 1
											 : estimate_num_groups(root, info->grouped, input->rows,
																   nullptr, nullptr);
	AddShapePaths(root, input, output, output->reltarget, rows, list_length(outputs));
}

/* --- DISTINCT and LIMIT --- */

void
AddDistinctPaths(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output)
{
	RelInfo *info = UpperInfo(input);
	PathTarget *target = root->upper_targets[UPPERREL_DISTINCT];
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);

	if (root->parse->hasDistinctOn || target == nullptr || !OnlyColumns(info, target->exprs))
		return;
	info->shape = Shape::Distinct;
	info->grouped = list_union(NIL, target->exprs);
	if (!ShipOutputs(&deparse, info, info->grouped))
		return;
	info->guards = list_union(info->guards, deparse.guards);
	output->fdw_private = info;
	const double rows = estimate_num_groups(root, target->exprs, input->rows, nullptr, nullptr);
	AddShapePaths(root, input, output, target, rows, list_length(target->exprs));
}

bool
IsWholeNumber(Node *node)
{
	return node == nullptr || (IsA(node, Const) && !((Const *) node)->constisnull &&
							   ((Const *) node)->consttype == INT8OID &&
							   DatumGetInt64(((Const *) node)->constvalue) >= 0);
}

/* What stands above the sort is computed here, of outputs that SQLite returns. */
bool
TargetShips(Deparse *deparse, const RelInfo *info, PathTarget *target)
{
	List *outputs = NeededOutputs(info, target->exprs, NIL);

	return info->shape == Shape::Rows ? OnlyColumns(info, outputs)
									  : ShipOutputs(deparse, info, outputs);
}

/*
 * LIMIT over a sort of SQLite's: it need keep no more rows than are asked for.  A
 * scan that stops early does not look for odd values that its conditions may
 * meet later on; neither must it when the LIMIT is SQLite's.
 */
void
AddLimitPath(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output, FinalPathExtraData *extra)
{
	RelInfo *info = UpperInfo(input);
	PathTarget *target = root->upper_targets[UPPERREL_FINAL];
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);
	Cost startup;
	Cost total;

	if (!extra->limit_needed || root->parse->limitOption == LIMIT_OPTION_WITH_TIES ||
		root->parse->sortClause == NIL || !IsWholeNumber(root->parse->limitCount) ||
		!IsWholeNumber(root->parse->limitOffset) || root->parse->limitCount == nullptr ||
		root->parse->hasTargetSRFs || target == nullptr || info->local_having != NIL ||
		!TargetShips(&deparse, info, target))
		return;
	if ((IS_SIMPLE_REL(SourceOf(input)) && info->shape == Shape::Rows && info->guards != NIL) ||
		!AppendOrderBy(&deparse, input, root->sort_pathkeys))
		return;
	info->guards = list_union(info->guards, deparse.guards);
	info->limited = true;
	output->fdw_private = info;
	const double limit = (double) DatumGetInt64(((Const *) root->parse->limitCount)->constvalue);
	const double rows = Min(((const Path *) linitial(input->pathlist))->rows, limit);
	CostPushed(root, SourceOf(input), info->guards, rows, list_length(target->exprs), &startup,
			   &total);
	total += SourceOf(input)->rows * cpu_operator_cost;
	add_path(output, Serial((Path *) create_foreign_upper_path(root, output, target, rows, 0,
															   startup, total, root->sort_pathkeys,
															   nullptr, NIL, NIL)));
}

} /* namespace */

List *
NeededOutputs(const RelInfo *info, List *expressions, List *conditions)
{
	constexpr int kFlags =
		PVC_INCLUDE_AGGREGATES | PVC_INCLUDE_WINDOWFUNCS | PVC_INCLUDE_PLACEHOLDERS;
	List *needed = NIL;
	ListCell *cell;

	foreach (cell, list_concat_copy(expressions, conditions))
		needed = list_member(info->grouped, lfirst(cell))
					 ? list_append_unique(needed, lfirst(cell))
					 : list_union(needed, pull_var_clause((Node *) lfirst(cell), kFlags));
	return needed;
}

void
GetForeignUpperPaths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
					 RelOptInfo *output, void *extra)
{
	if (output->fdw_private != nullptr || root->parse->commandType != CMD_SELECT ||
		root->rowMarks != NIL || root->parse->setOperations != nullptr)
		return;
	const RelInfo *below = (const RelInfo *) input->fdw_private;

	if (below == nullptr || !IsShipped(SourceOf(input)))
		return;
	if (stage == UPPERREL_ORDERED)
	{
		/* the path is that of the relation below; this is for the LIMIT above */
		RelInfo *info = UpperInfo(input);

		info->sorted = true;
		output->fdw_private = info;
	}
	else if (stage == UPPERREL_FINAL)
	{
		if (below->sorted)
			AddLimitPath(root, input, output, (FinalPathExtraData *) extra);
	}
	else if (input->reloptkind == RELOPT_UPPER_REL)
		return;
	else if (stage == UPPERREL_GROUP_AGG)
		AddGroupingPaths(root, input, output, (GroupPathExtraData *) extra);
	else if (stage == UPPERREL_DISTINCT)
		AddDistinctPaths(root, input, output);
}

} /* namespace sqlite_import::fdw */
