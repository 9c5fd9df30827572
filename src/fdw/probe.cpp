/*
 * probe.cpp
 *    The queries that ask for values outside of their domains.
 *
 * A lookup asks its index alone, which has odd values at its end; an order asks
 * for every odd value of the table; and a query whose rows cannot be looked at
 * again has one odd value among those that it reads reported (remote_table.hpp
 * has the words).
 */
#include "fdw/probe.hpp"

extern "C" {
#include "nodes/pg_list.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

/* Numbers sort before texts, texts before blobs: an index finds the odd ones at its end. */
void
AppendLookupProbe(Deparse *deparse, StringInfo probe, const Var *column)
{
	const RemoteColumn *remote = ColumnOf(deparse->tables[column->varno], column->varattno);

	appendStringInfoString(probe, probe->len == 0 ? "SELECT 1 WHERE EXISTS (SELECT 1 FROM "
												  : " OR EXISTS (SELECT 1 FROM ");
	AppendIdentifier(probe, deparse->tables[column->varno]->name);
	appendStringInfoString(probe, " WHERE ");
	AppendIdentifier(probe, remote->name);
	appendStringInfoString(probe, remote->domain == Domain::Text ? " >= x'')" : " >= '')");
}

/* An index knows nothing of what sorts among the others: an order asks for every odd value. */
void
AppendFullProbe(Deparse *deparse, StringInfo probe, List *columns)
{
	StringInfo outer = deparse->sql;

	appendStringInfoString(probe, probe->len == 0 ? "SELECT 1 WHERE EXISTS (SELECT 1 FROM "
												  : " OR EXISTS (SELECT 1 FROM ");
	deparse->sql = probe;
	AppendRelation(deparse, linitial_node(Var, columns)->varno);
	appendStringInfoString(probe, " WHERE ");
	AppendAnyOutside(deparse, columns);
	appendStringInfoChar(probe, ')');
	deparse->sql = outer;
}

namespace
{

/* One table's part of the probe: the rows that its own sure conditions leave, if a value is odd. */
void
AppendProbeOf(Deparse *deparse, RelOptInfo *base, List *guards, RemoteQuery *query)
{
	const RelInfo *info = (const RelInfo *) base->fdw_private;
	const RemoteTable *table = info->tables[base->relid];
	List *mine = NIL;
	ListCell *cell;

	foreach (cell, guards)
		if (((Var *) lfirst(cell))->varno == (int) base->relid)
			mine = lappend(mine, lfirst(cell));
	if (mine == NIL)
		return;
	appendStringInfoString(deparse->sql, deparse->sql->len > 0 ? " UNION ALL SELECT " : "SELECT ");
	appendStringInfo(deparse->sql, table->rowid_name != nullptr ? "r%u.%s" : "NULL", base->relid,
					 table->rowid_name);
	foreach (cell, guards)
	{
		Var *var = (Var *) lfirst(cell);

		appendStringInfoString(deparse->sql, ", ");
		if (list_member_ptr(mine, var))
			AppendColumn(deparse, var->varno, var->varattno);
		else
			appendStringInfoString(deparse->sql, "NULL");
	}
	appendStringInfoString(deparse->sql, " FROM ");
	AppendRelation(deparse, base->relid);
	appendStringInfoString(deparse->sql, " WHERE ");
	AppendAnyOutside(deparse, mine);
	foreach (cell, info->conditions)
	{
		Deparse trial = *deparse;

		trial.sql = makeStringInfo();
		trial.params = list_copy(deparse->params);
		trial.guards = NIL;
		if (Ship(&trial, (Node *) lfirst(cell)) == Domain::Boolean && trial.guards == NIL)
		{
			appendStringInfo(deparse->sql, " AND %s", trial.sql->data);
			deparse->params = trial.params;
		}
	}
}

} /* namespace */

void
WriteProbe(Deparse *deparse, PlannerInfo *root, const RelInfo *info, RemoteQuery *query)
{
	int rtindex = -1;
	ListCell *cell;

	/* those of the order were met while the query was written */
	List *guards = list_union(info->guards, deparse->guards);

	if (guards == NIL)
		return;
	StringInfo outer = deparse->sql;
	deparse->sql = makeStringInfo();
	while ((rtindex = bms_next_member(info->relids, rtindex)) >= 0)
		AppendProbeOf(deparse, root->simple_rel_array[rtindex], guards, query);
	appendStringInfoString(deparse->sql, " LIMIT 1");
	query->probe = deparse->sql->data;
	query->probe_mode = ProbeMode::Report;
	deparse->sql = outer;
	foreach (cell, guards)
	{
		Var *var = (Var *) lfirst(cell);

		query->probe_relations =
			lappend_oid(query->probe_relations, info->tables[var->varno]->relation);
		query->probe_attributes = lappend_int(query->probe_attributes, var->varattno);
	}
}

} /* namespace sqlite_import::fdw */
