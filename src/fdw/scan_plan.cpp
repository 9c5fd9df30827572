/*
 * scan_plan.cpp
 *    The plan of a scan of a single foreign table: its query and what remains to
 *    be looked at here.
 */
#include "fdw/barrier.hpp"
#include "fdw/condition.hpp"
#include "fdw/deparse_query.hpp"
#include "fdw/plan.hpp"
#include "fdw/probe.hpp"
#include "fdw/pushed.hpp"

extern "C" {
#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

void
AppendCondition(StringInfo sql, const char *condition)
{
	appendStringInfo(sql, "%s%s", sql->len == 0 ? " WHERE " : " AND ", condition);
}

const char *
Span(const RemoteTable *table)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (const char *function : {"min", "max"})
	{
		appendStringInfo(&sql, "%s(SELECT %s(%s) FROM ", sql.len == 0 ? "SELECT " : ", ", function,
						 table->rowid_name);
		AppendIdentifier(&sql, table->name);
		appendStringInfoChar(&sql, ')');
	}
	return sql.data;
}

/* The columns that the query has to fetch, in the table's order. */
Bitmapset *
FetchedColumns(RelOptInfo *rel, List *local_clauses)
{
	Bitmapset *used = nullptr;
	ListCell *cell;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &used);
	foreach (cell, local_clauses)
		pull_varattnos((Node *) lfirst(cell), rel->relid, &used);
	return used;
}

/* Writes the select list and records the outputs. */
void
AppendOutputs(Deparse *deparse, Index rtindex, Bitmapset *used, RemoteQuery *query)
{
	const RemoteTable *table = deparse->tables[rtindex];
	const bool whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	bool first = true;

	for (int attnum = 1; attnum <= table->column_count; attnum++)
	{
		if (table->columns[attnum - 1].dropped ||
			(!whole && !bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, used)))
			continue;
		if (!first)
			appendStringInfoString(deparse->sql, ", ");
		AppendColumn(deparse, rtindex, attnum);
		query->kinds = lappend_int(query->kinds, (int) OutputKind::Value);
		query->relations = lappend_oid(query->relations, table->relation);
		query->attributes = lappend_int(query->attributes, attnum);
		first = false;
	}
	const bool ctid =
		bms_is_member(SelfItemPointerAttributeNumber - FirstLowInvalidHeapAttributeNumber, used);
	if (table->rowid_name != nullptr && (ctid || !first))
	{
		query->rowid = ctid ? RowidUse::Ctid : RowidUse::Message;
		appendStringInfo(deparse->sql, "%s%s", first ? "" : ", ", table->rowid_name);
	}
	else if (first)
		appendStringInfoString(deparse->sql, "1");
}

} /* namespace */

ForeignScan *
GetForeignPlan(PlannerInfo *root, RelOptInfo *rel, Oid, ForeignPath *path, List *tlist,
			   List *clauses, Plan *outer_plan)
{
	RelInfo *info = (RelInfo *) rel->fdw_private;

	if (!IS_SIMPLE_REL(rel))
		return PlanPushed(root, rel, path, tlist, outer_plan);

	const RemoteTable *table = info->tables[rel->relid];
	Deparse deparse = MakeDeparse(root, rel->relids, info->tables, false);
	StringInfoData where;
	StringInfoData guarded_where;
	StringInfoData probe;
	List *local = NIL;
	List *exact = NIL;
	RemoteQuery query = {};
	ListCell *cell;

	initStringInfo(&where);
	initStringInfo(&guarded_where);
	initStringInfo(&probe);
	foreach (cell, extract_actual_clauses(clauses, false))
	{
		Node *clause = (Node *) lfirst(cell);
		const Condition condition = WriteCondition(&deparse, clause);

		if (condition.way == Way::Exact)
			exact = lappend(exact, clause);
		else
			local = lappend(local, clause);
		if (condition.way == Way::Local)
			continue;
		AppendCondition(&where, condition.sql);
		AppendCondition(&guarded_where,
						condition.probed != nullptr ? condition.guarded : condition.sql);
		if (condition.probed != nullptr)
			AppendLookupProbe(&deparse, &probe, condition.probed);
	}
	appendStringInfoString(deparse.sql, "SELECT ");
	AppendOutputs(&deparse, rel->relid, FetchedColumns(rel, local), &query);
	appendStringInfoString(deparse.sql, " FROM ");
	AppendRelation(&deparse, rel->relid);
	const char *head = pstrdup(deparse.sql->data);
	resetStringInfo(deparse.sql);
	(void) AppendOrderBy(&deparse, rel, path->path.pathkeys);
	const char *order = pstrdup(deparse.sql->data);
	const char *guarded_order = order;
	if (deparse.guards != NIL)
	{
		/* odd values first: whoever takes the first rows alone must not miss them */
		AppendFullProbe(&deparse, &probe, deparse.guards);
		resetStringInfo(deparse.sql);
		AppendAnyOutside(&deparse, deparse.guards);
		guarded_order = psprintf(" ORDER BY %s IS TRUE DESC, %s", deparse.sql->data,
								 order + strlen(" ORDER BY "));
	}
	if (path->path.parallel_aware)
	{
		query.range = list_length(deparse.params) + 1;
		const char *range =
			psprintf("%s BETWEEN ?%d AND ?%d", table->rowid_name, query.range, query.range + 1);
		AppendCondition(&where, range);
		AppendCondition(&guarded_where, range);
		query.span = Span(table);
	}
	query.sql = psprintf("%s%s%s", head, where.data, order);
	query.server = info->server;
	query.label = table->name;
	query.barrier = table->below_barrier ? KindOfBarrier(root) : Barrier::None;
	query.follow = table->follow;
	if (probe.len > 0)
	{
		query.guarded_sql = psprintf("%s%s%s", head, guarded_where.data, guarded_order);
		query.probe = probe.data;
		query.probe_mode = ProbeMode::UseGuarded;
	}
	return make_foreignscan(tlist, local, rel->relid, deparse.params, PackQuery(query), NIL, exact,
							outer_plan);
}

} /* namespace sqlite_import::fdw */
