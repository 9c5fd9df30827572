/*
 * condition.cpp
 *    Conditions of single foreign tables, as SQLite is to see them.
 *
 * A condition goes to SQLite in one of three ways.  Exact: SQLite's word is
 * final.  Guarded, "(condition OR the value is odd)": SQLite filters, PostgreSQL
 * looks again at what is left, so that an odd value is converted, or refused, as
 * in a plain scan.  Lookup: the bare condition, for an index's sake, with a probe
 * of that index for odd values when the scan starts; if it finds one, the guarded
 * query runs instead.
 */
#include "fdw/condition.hpp"

extern "C" {
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/*
 * The Tame, indexed column that the clause compares with something that is
 * constant for the scan; null if the clause is not of that form.
 */
const Var *
LookupColumn(const Deparse *deparse, Node *clause)
{
	List *arguments;

	if (IsA(clause, OpExpr))
		arguments = ((OpExpr *) clause)->args;
	else if (IsA(clause, ScalarArrayOpExpr) && ((ScalarArrayOpExpr *) clause)->useOr)
		arguments = ((ScalarArrayOpExpr *) clause)->args;
	else
		return nullptr;
	if (list_length(arguments) != 2)
		return nullptr;
	Node *left = StripRelabel((Node *) linitial(arguments));
	Node *right = StripRelabel((Node *) lsecond(arguments));
	for (Node *side : {left, right})
	{
		Node *other = side == left ? right : left;

		if (!IsA(side, Var) || !bms_is_member(((Var *) side)->varno, deparse->relids) ||
			bms_overlap(pull_varnos(deparse->root, other), deparse->relids))
			continue;
		const RemoteColumn *column =
			ColumnOf(deparse->tables[((Var *) side)->varno], ((Var *) side)->varattno);
		if (column != nullptr && column->indexed && column->trust == Trust::Tame)
			return (const Var *) side;
	}
	return nullptr;
}

} /* namespace */

Condition
WriteCondition(Deparse *deparse, Node *clause)
{
	Condition condition = {Way::Local, nullptr, nullptr, NIL, nullptr};
	Deparse own = *deparse;
	const Var *lookup = LookupColumn(deparse, clause);

	own.sql = makeStringInfo();
	own.params = list_copy(deparse->params);
	own.guards = NIL;
	own.wild = false;
	own.lookup = lookup != nullptr;
	if (Ship(&own, clause) != Domain::Boolean)
		return condition;
	deparse->params = own.params;
	condition.guards = own.guards;
	condition.sql = condition.guarded = pstrdup(own.sql->data);
	if (own.guards == NIL)
	{
		condition.way = Way::Exact;
		return condition;
	}
	const int length = own.sql->len;
	appendStringInfoString(own.sql, " OR ");
	AppendAnyOutside(&own, own.guards);
	condition.guarded = psprintf("(%s)", own.sql->data);
	own.sql->data[length] = '\0';
	if (lookup == nullptr)
	{
		condition.way = Way::Guarded;
		condition.sql = condition.guarded;
		return condition;
	}
	condition.way = Way::Lookup;
	const RemoteTable *table = deparse->tables[lookup->varno];

	/* a value that is NULL to PostgreSQL cannot satisfy a comparison: nothing to ask for; and below
	 * a barrier a row with an odd value has not passed */
	if (!ColumnOf(table, lookup->varattno)->on_mismatch_null && !table->below_barrier)
		condition.probed = lookup;
	return condition;
}

void
ClassifyConditions(PlannerInfo *root, RelOptInfo *rel, RelInfo *info)
{
	ListCell *cell;

	info->all_exact = true;
	foreach (cell, rel->baserestrictinfo)
	{
		RestrictInfo *restriction = lfirst_node(RestrictInfo, cell);
		Deparse own = MakeDeparse(root, rel->relids, info->tables, true);

		if (restriction->pseudoconstant)
		{
			info->all_exact = false;
			continue;
		}
		if (Ship(&own, (Node *) restriction->clause) != Domain::Boolean || own.wild)
			info->all_exact = false;
		else
		{
			info->looks_up =
				info->looks_up ||
				(own.guards != NIL && LookupColumn(&own, (Node *) restriction->clause) != nullptr);
			info->conditions = lappend(info->conditions, restriction->clause);
			info->guards = list_union(info->guards, own.guards);
		}
	}
}

} /* namespace sqlite_import::fdw */
