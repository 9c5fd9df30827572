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

/* Ships the clause for the record; its guards are added to the relation's. */
bool
TakeCondition(PlannerInfo *root, RelInfo *info, Node *clause)
{
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);

	if (Ship(&deparse, clause) != Domain::Boolean || deparse.wild)
		return false;
	info->join_conditions = lappend(info->join_conditions, clause);
	info->guards = list_union(info->guards, deparse.guards);
	return true;
}

} /* namespace */

void
GetForeignJoinPaths(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outer, RelOptInfo *inner,
					JoinType type, JoinPathExtraData *extra)
{
	Cost startup;
	Cost total;
	const bool exists = type == JOIN_SEMI || type == JOIN_ANTI;
	ListCell *cell;

	if (joinrel->fdw_private != nullptr || (type != JOIN_INNER && type != JOIN_LEFT && !exists) ||
		root->parse->commandType != CMD_SELECT || root->rowMarks != NIL || !IsShipped(outer) ||
		!IsShipped(inner) || !bms_is_empty(joinrel->lateral_relids))
		return;
	/* the right operand of a join is a table, as SQLite reads joins from left to right */
	if (!IS_SIMPLE_REL(inner) && !exists)
	{
		if (type != JOIN_INNER || !IS_SIMPLE_REL(outer))
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

		/* a column within an EXISTS below is out of reach, equal to a visible one though it be */
		if (restriction->pseudoconstant || bms_overlap(restriction->clause_relids, hidden) ||
			(IS_OUTER_JOIN(type) && RINFO_IS_PUSHED_DOWN(restriction, joinrel->relids)) ||
			!TakeCondition(root, info, (Node *) restriction->clause))
			return;
	}
	joinrel->fdw_private = info;
	CostPushed(root, joinrel, info->guards, joinrel->rows, list_length(joinrel->reltarget->exprs),
			   &startup, &total);
	add_path(joinrel, Serial((Path *) create_foreign_join_path(root, joinrel, nullptr,
															   joinrel->rows, 0, startup, total,
															   NIL, nullptr, nullptr, NIL, NIL)));
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);
	if (root->query_pathkeys != NIL && AppendOrderBy(&deparse, joinrel, root->query_pathkeys))
		add_path(joinrel, Serial((Path *) create_foreign_join_path(
							  root, joinrel, nullptr, joinrel->rows, 0,
							  startup + joinrel->rows * cpu_operator_cost,
							  total + joinrel->rows * cpu_operator_cost, root->query_pathkeys,
							  nullptr, nullptr, NIL, NIL)));
}

} /* namespace sqlite_import::fdw */
