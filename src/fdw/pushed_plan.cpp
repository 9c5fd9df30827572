/*
 * pushed_plan.cpp
 *    The plan of what SQLite joins, groups or sorts for us.
 */
#include "fdw/deparse_query.hpp"
#include "fdw/probe.hpp"
#include "fdw/pushed.hpp"

extern "C" {
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/planmain.h"
#include "optimizer/tlist.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

RelOptInfo *
SourceOf(RelOptInfo *rel)
{
	while (rel != nullptr && rel->reloptkind == RELOPT_UPPER_REL)
		rel = rel->fdw_private != nullptr ? ((RelInfo *) rel->fdw_private)->input : nullptr;
	return rel;
}

bool
IsShipped(RelOptInfo *rel)
{
	return rel != nullptr && rel->fdw_private != nullptr &&
		   ((RelInfo *) rel->fdw_private)->all_exact && bms_is_empty(rel->lateral_relids);
}

bool
OnlyColumns(const RelInfo *info, List *expressions)
{
	ListCell *cell;

	foreach (cell, expressions)
	{
		Var *var = (Var *) lfirst(cell);

		if (!IsA(var, Var) || var->varlevelsup != 0 || var->varattno <= 0 ||
			!bms_is_member(var->varno, info->visible) ||
			ColumnOf(info->tables[var->varno], var->varattno) == nullptr)
			return false;
	}
	return true;
}

namespace
{

void
AddOutput(RemoteQuery *query, const RelInfo *info, Node *node, OutputKind kind)
{
	const bool column = IsA(node, Var);

	query->kinds = lappend_int(query->kinds, (int) kind);
	query->relations = lappend_oid(
		query->relations, column ? info->tables[((Var *) node)->varno]->relation : InvalidOid);
	query->attributes = lappend_int(query->attributes, column ? ((Var *) node)->varattno : 0);
}

/* Appends the select list for these columns and aggregates. */
void
AppendOutputs(Deparse *deparse, const RelInfo *info, List *outputs, RemoteQuery *query)
{
	ListCell *cell;

	/* aggregates that nobody reads make one row of all, whatever they would have been */
	if (outputs == NIL)
		appendStringInfoString(
			deparse->sql, info->shape == Shape::Groups && info->grouped == NIL ? "count(*)" : "1");
	foreach (cell, outputs)
	{
		Node *node = (Node *) lfirst(cell);
		OutputKind kind = OutputKind::Value;

		if (cell != list_head(outputs))
			appendStringInfoString(deparse->sql, ", ");
		if (IsA(node, Aggref))
			(void) ShipAggregate(deparse, (Aggref *) node, &kind);
		else if (info->shape != Shape::Rows)
			(void) Ship(deparse, node);
		else
			AppendColumn(deparse, ((Var *) node)->varno, ((Var *) node)->varattno);
		AddOutput(query, info, node, kind);
	}
}

/* Appends the rowid, for messages about the values that are beside it. */
void
AppendRowid(Deparse *deparse, RelOptInfo *base, RemoteQuery *query)
{
	const RemoteTable *table = deparse->tables[base->relid];

	if (query->kinds == NIL || table->rowid_name == nullptr)
		return;
	appendStringInfo(deparse->sql, ", r%u.%s", base->relid, table->rowid_name);
	query->rowid = RowidUse::Message;
}

/* The names of the tables, for EXPLAIN. */
const char *
Label(const RelInfo *info)
{
	StringInfoData label;
	int rtindex = -1;

	initStringInfo(&label);
	while ((rtindex = bms_next_member(info->relids, rtindex)) >= 0)
		appendStringInfo(&label, "%s%s", label.len > 0 ? ", " : "", info->tables[rtindex]->name);
	return label.data;
}

} /* namespace */

ForeignScan *
PlanPushed(PlannerInfo *root, RelOptInfo *rel, ForeignPath *path, List *tlist, Plan *outer_plan)
{
	const RelInfo *info = (const RelInfo *) rel->fdw_private;
	RelOptInfo *source = SourceOf(rel);
	/* above a sort the path's own expressions count, elsewhere it may have been given others */
	List *expressions = info->limited ? path->path.pathtarget->exprs : rel->reltarget->exprs;
	List *outputs = info->shape == Shape::Distinct
						? info->grouped
						: NeededOutputs(info, expressions, info->local_having);
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);
	RemoteQuery query = {};
	List *conditions = NIL;

	appendStringInfoString(deparse.sql,
						   info->shape == Shape::Distinct ? "SELECT DISTINCT " : "SELECT ");
	AppendOutputs(&deparse, info, outputs, &query);
	if (IS_SIMPLE_REL(source) && info->shape == Shape::Rows)
		AppendRowid(&deparse, source, &query);
	appendStringInfoString(deparse.sql, " FROM ");
	AppendFrom(&deparse, source, &conditions);
	AppendWhere(&deparse, conditions);
	if (info->shape == Shape::Groups)
	{
		AppendGroupBy(&deparse, info->grouped);
		AppendHaving(&deparse, info->having);
	}
	(void) AppendOrderBy(&deparse, rel, path->path.pathkeys);
	if (info->limited)
		AppendLimit(deparse.sql, root->parse->limitCount, root->parse->limitOffset);
	query.sql = deparse.sql->data;
	query.server = info->server;
	query.label = Label(info);
	for (int relid = -1; (relid = bms_next_member(info->relids, relid)) >= 0;)
		if (info->tables[relid]->below_barrier)
			query.barrier = Barrier::DecidesLater;
	query.follow = deparse.frozen ? Follow::Frozen : Follow::Unwritten;
	WriteProbe(&deparse, root, info, &query);
	return make_foreignscan(tlist, info->local_having, 0, deparse.params, PackQuery(query),
							add_to_flat_tlist(NIL, outputs), NIL, outer_plan);
}

} /* namespace sqlite_import::fdw */
