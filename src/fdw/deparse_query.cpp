/*
 * deparse_query.cpp
 *    The clauses of a query: FROM with its joins, WHERE, GROUP BY, HAVING, ORDER BY,
 *    LIMIT.
 */
#include "fdw/deparse_query.hpp"
#include "fdw/pushed.hpp"

extern "C" {
#include "catalog/pg_opfamily_d.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/paths.h"
#include "utils/typcache.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* Appends a condition: a clause, or what has been written already. */
void
AppendCondition(Deparse *deparse, Node *condition)
{
	if (IsA(condition, String))
		appendStringInfoString(deparse->sql, strVal(condition));
	else
		(void) Ship(deparse, condition);
}

/* A semijoin's right side, as the condition that it is. */
Node *
ExistsCondition(Deparse *deparse, const RelInfo *info)
{
	StringInfo outer = deparse->sql;
	StringInfo sql = makeStringInfo();
	List *conditions = NIL;

	deparse->sql = sql;
	appendStringInfoString(sql, info->join_type == JOIN_ANTI ? "NOT EXISTS (SELECT 1 FROM "
															 : "EXISTS (SELECT 1 FROM ");
	AppendFrom(deparse, info->inner, &conditions);
	AppendWhere(deparse, list_concat(list_copy(info->join_conditions), conditions));
	appendStringInfoChar(sql, ')');
	deparse->sql = outer;
	return (Node *) makeString(sql->data);
}

/*
 * True if FROM names one table only: what EXISTS and IN ask for are conditions.  SQLite drops the
 * alias of a table that stands alone in parentheses.
 */
bool
IsOneTable(RelOptInfo *rel)
{
	while (!IS_SIMPLE_REL(rel))
	{
		const RelInfo *info = (const RelInfo *) rel->fdw_private;

		if (info->join_type != JOIN_SEMI && info->join_type != JOIN_ANTI)
			return false;
		rel = info->outer;
	}
	return true;
}

} /* namespace */

void
AppendWhere(Deparse *deparse, List *conditions)
{
	ListCell *cell;

	foreach (cell, conditions)
	{
		appendStringInfoString(deparse->sql, cell == list_head(conditions) ? " WHERE " : " AND ");
		AppendCondition(deparse, (Node *) lfirst(cell));
	}
}

void
AppendFrom(Deparse *deparse, RelOptInfo *rel, List **conditions)
{
	const RelInfo *info = (const RelInfo *) rel->fdw_private;
	ListCell *cell;

	if (IS_SIMPLE_REL(rel))
	{
		AppendRelation(deparse, rel->relid);
		*conditions = list_concat(*conditions, info->conditions);
		return;
	}
	List *inner_conditions = NIL;
	AppendFrom(deparse, info->outer, conditions);
	if (info->join_type == JOIN_SEMI || info->join_type == JOIN_ANTI)
	{
		*conditions = lappend(*conditions, ExistsCondition(deparse, info));
		return;
	}
	const bool parentheses = !IsOneTable(info->inner);
	appendStringInfoString(deparse->sql, info->join_type == JOIN_LEFT ? " LEFT JOIN " : " JOIN ");
	if (parentheses)
		appendStringInfoChar(deparse->sql, '(');
	AppendFrom(deparse, info->inner, &inner_conditions);
	if (parentheses)
		appendStringInfoChar(deparse->sql, ')');
	List *on = list_copy(info->join_conditions);
	/* below an outer join a condition on the inner side decides about matches, not about rows */
	if (info->join_type == JOIN_LEFT)
		on = list_concat(on, inner_conditions);
	else
		*conditions = list_concat(*conditions, inner_conditions);
	*conditions = list_concat(*conditions, info->filters);
	appendStringInfoString(deparse->sql, " ON ");
	if (on == NIL)
		appendStringInfoChar(deparse->sql, '1');
	foreach (cell, on)
	{
		if (cell != list_head(on))
			appendStringInfoString(deparse->sql, " AND ");
		AppendCondition(deparse, (Node *) lfirst(cell));
	}
}

void
AppendGroupBy(Deparse *deparse, List *grouped)
{
	ListCell *cell;

	foreach (cell, grouped)
	{
		appendStringInfoString(deparse->sql, cell == list_head(grouped) ? " GROUP BY " : ", ");
		(void) Ship(deparse, (Node *) lfirst(cell));
	}
}

void
AppendHaving(Deparse *deparse, List *clauses)
{
	ListCell *cell;

	deparse->grouped = true;
	foreach (cell, clauses)
	{
		appendStringInfoString(deparse->sql, cell == list_head(clauses) ? " HAVING " : " AND ");
		(void) Ship(deparse, (Node *) lfirst(cell));
	}
	deparse->grouped = false;
}

namespace
{

/* The operator families whose order SQLite's is, within a domain. */
bool
FamilyShips(Oid family)
{
	return family == INTEGER_BTREE_FAM_OID || family == TEXT_BTREE_FAM_OID ||
		   family == BYTEA_BTREE_FAM_OID || family == BOOL_BTREE_FAM_OID ||
		   family == lookup_type_cache(FLOAT8OID, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
}

/*
 * True if the rows can be ordered by the expression: groups have no columns but
 * their own, and a column is what an outer join leaves of it only above that join
 * (whose number the relations have from 16 on).
 */
bool
MayOrderBy(RelOptInfo *rel, const EquivalenceMember *member)
{
	const RelInfo *info = (const RelInfo *) rel->fdw_private;
	ListCell *cell;

	if (member->em_is_const)
		return false;
	List *parts = NeededOutputs(info, list_make1(member->em_expr), NIL);
	if (info->shape == Shape::Rows)
		return parts != NIL && bms_is_subset(member->em_relids, SourceOf(rel)->relids) &&
			   OnlyColumns(info, parts);
	foreach (cell, parts)
		if (!IsA((Node *) lfirst(cell), Aggref) && !list_member(info->grouped, lfirst(cell)))
			return false;
	return parts != NIL;
}

/* True if no outer join, and no aggregate, can make a NULL of it. */
bool
IsNeverNull(const Deparse *deparse, RelOptInfo *rel, Node *node)
{
	node = StripRelabel(node);
	if (!IsA(node, Var) || !IS_SIMPLE_REL(SourceOf(rel)))
		return false;
	const RemoteColumn *column =
		ColumnOf(deparse->tables[((Var *) node)->varno], ((Var *) node)->varattno);
	return column != nullptr && column->not_null;
}

/* Appends one of the expressions that the pathkey stands for, and its direction. */
bool
AppendPathKey(Deparse *deparse, RelOptInfo *rel, const PathKey *pathkey)
{
	const EquivalenceClass *ec = pathkey->pk_eclass;
	ListCell *cell;

	if (ec->ec_has_volatile || !FamilyShips(pathkey->pk_opfamily))
		return false;
	foreach (cell, ec->ec_members)
	{
		const EquivalenceMember *member = (const EquivalenceMember *) lfirst(cell);
		Node *node = (Node *) member->em_expr;

		if (!MayOrderBy(rel, member))
			continue;
		if (!ShipComparable(deparse, node, ec->ec_collation, true))
			return false;
		appendStringInfoString(deparse->sql, pathkey->pk_cmptype == COMPARE_LT ? "" : " DESC");
		if (!IsNeverNull(deparse, rel, node))
			appendStringInfoString(deparse->sql,
								   pathkey->pk_nulls_first ? " NULLS FIRST" : " NULLS LAST");
		return true;
	}
	return false;
}

} /* namespace */

bool
AppendOrderBy(Deparse *deparse, RelOptInfo *rel, List *pathkeys)
{
	const int length = deparse->sql->len;
	const bool wild = deparse->wild;
	bool shipped = true;
	ListCell *cell;

	deparse->grouped = ((const RelInfo *) rel->fdw_private)->shape == Shape::Groups;
	deparse->wild = false;
	foreach (cell, pathkeys)
	{
		appendStringInfoString(deparse->sql, cell == list_head(pathkeys) ? " ORDER BY " : ", ");
		shipped = shipped && AppendPathKey(deparse, rel, (const PathKey *) lfirst(cell));
	}
	shipped = shipped && !deparse->wild;
	deparse->grouped = false;
	deparse->wild = deparse->wild || wild;
	if (!shipped)
	{
		deparse->sql->len = length;
		deparse->sql->data[length] = '\0';
	}
	return shipped;
}

void
AppendLimit(StringInfo sql, Node *count, Node *offset)
{
	appendStringInfo(sql, " LIMIT %lld", (long long) DatumGetInt64(((Const *) count)->constvalue));
	if (offset != nullptr)
		appendStringInfo(sql, " OFFSET %lld",
						 (long long) DatumGetInt64(((Const *) offset)->constvalue));
}

} /* namespace sqlite_import::fdw */
