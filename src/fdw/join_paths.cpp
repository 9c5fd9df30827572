/*
 * join_paths.cpp
 *    Joins within SQLite.
 *
 * Nothing can be looked at again once rows have been joined, so only conditions
 * that ship without Wild guards take part.  For Tame columns the guarantee is a
 * probe (probe.cpp).
 */
#include "fdw/deparse_query.hpp"
#include "fdw/estimate.hpp"
#include "fdw/plan.hpp"
#include "fdw/pushed.hpp"

extern "C" {
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/restrictinfo.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* Ships the clause for the record; its guards are added to the relation's, itself to 'list'. */
bool
TakeCondition(PlannerInfo *root, RelInfo *info, List **list, Node *clause)
{
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);

	if (Ship(&deparse, clause) != Domain::Boolean || deparse.wild)
		return false;
	*list = lappend(*list, clause);
	info->guards = list_union(info->guards, deparse.guards);
	return true;
}

/* The join's path, and one in the order that the query asks for. */
void
AddJoinPaths(PlannerInfo *root, RelOptInfo *joinrel, const RelInfo *info)
{
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);
	const int columns = list_length(joinrel->reltarget->exprs);
	const double rows = joinrel->rows;
	Cost startup;
	Cost total;

	CostPushed(root, joinrel, info->guards, rows, columns, &startup, &total);
	add_path(joinrel,
			 Serial((Path *) create_foreign_join_path(root, joinrel, nullptr, rows, 0, startup,
													  total, NIL, nullptr, nullptr, NIL, NIL)));
	if (root->query_pathkeys == NIL || !AppendOrderBy(&deparse, joinrel, root->query_pathkeys))
		return;
	/* no row comes out of a sort before all have gone in */
	startup = total - rows * (cpu_tuple_cost + columns * cpu_operator_cost) +
			  rows * 2 * cpu_operator_cost;
	total += rows * 2 * cpu_operator_cost;
	add_path(joinrel, Serial((Path *) create_foreign_join_path(root, joinrel, nullptr, rows, 0,
															   startup, total, root->query_pathkeys,
															   nullptr, nullptr, NIL, NIL)));
}

} /* namespace */

void
GetForeignJoinPaths(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outer, RelOptInfo *inner,
					JoinType type, JoinPathExtraData *extra)
{
	const bool exists = type == JOIN_SEMI || type == JOIN_ANTI;
	ListCell *cell;

	if (joinrel->fdw_private != nullptr || (type != JOIN_INNER && type != JOIN_LEFT && !exists) ||
		root->parse->commandType != CMD_SELECT || root->rowMarks != NIL || !IsShipped(outer) ||
		!IsShipped(inner) || !bms_is_empty(joinrel->lateral_relids))
		return;
	/* SQLite reads joins from left to right: a join on the right is for outer joins alone */
	if (!IS_SIMPLE_REL(inner) && type == JOIN_INNER)
	{
		if (!IS_SIMPLE_REL(outer))
			return;
		RelOptInfo *swap = outer;
		outer = inner;
		inner = swap;
	}
	const RelInfo *left = (const RelInfo *) outer->fdw_private;
	const RelInfo *right = (const RelInfo *) inner->fdw_private;
	RelInfo *info = (RelInfo *) palloc0(sizeof(RelInfo));
	info->server = left->server;
	info->tables = left->tables;
	/* not the joinrel's own: from 16 on those also hold the outer joins, which are no tables */
	info->relids = bms_union(left->relids, right->relids);
	info->visible = exists ? left->visible : bms_union(left->visible, right->visible);
	info->all_exact = true;
	info->join_type = type;
	info->outer = outer;
	info->inner = inner;
	info->guards = list_union(left->guards, right->guards);
	if (!OnlyColumns(info, joinrel->reltarget->exprs))
		return;
	const Relids hidden = bms_difference(info->relids, bms_union(left->visible, right->visible));
	foreach (cell, extra->restrictlist)
	{
		RestrictInfo *restriction = lfirst_node(RestrictInfo, cell);

		/* what comes from above an outer join is no condition of a match, but of the row */
		const bool filter =
			IS_OUTER_JOIN(type) && RINFO_IS_PUSHED_DOWN(restriction, joinrel->relids);

		/* a column within an EXISTS below is out of reach, equal to a visible one though it be */
		if (restriction->pseudoconstant || bms_overlap(restriction->clause_relids, hidden) ||
			(filter && exists) ||
			!TakeCondition(root, info, filter ? &info->filters : &info->join_conditions,
						   (Node *) restriction->clause))
			return;
	}
	joinrel->fdw_private = info;
	AddJoinPaths(root, joinrel, info);
}

} /* namespace sqlite_import::fdw */
