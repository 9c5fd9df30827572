/*
 * pushed.cpp
 *    Joins, aggregates, DISTINCT and LIMIT within SQLite.
 *
 * Nothing can be looked at again once rows have been joined or counted, so only
 * conditions that ship without Wild guards take part.  For Tame columns the
 * guarantee is a probe: before the query runs, SQLite is asked for one value
 * outside of its domain among the rows that the query reads, and such a value is
 * reported as a scan would report it (remote_table.hpp has the words).
 */
#include "fdw/plan.hpp"

extern "C" {
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "optimizer/tlist.h"
#include "utils/fmgroids.h"
#include "utils/selfuncs.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* --- what the relations below have to be like --- */

/* The base or join relation under an upper relation; the relation itself otherwise. */
RelOptInfo *
SourceOf(RelOptInfo *rel)
{
	while (rel != nullptr && rel->reloptkind == RELOPT_UPPER_REL)
		rel = rel->fdw_private != nullptr ? ((RelInfo *) rel->fdw_private)->input : nullptr;
	return rel;
}

/* True if all that the relation's rows depend on has been shipped. */
bool
IsShipped(RelOptInfo *rel)
{
	return rel != nullptr && rel->fdw_private != nullptr &&
		   ((RelInfo *) rel->fdw_private)->all_exact && bms_is_empty(rel->lateral_relids);
}

/* Plain columns of ours that scans can return, and nothing else. */
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

/* What the relation costs to read within SQLite; the right operand of a join is looked up if that
 * is cheaper than reading it. */
void
SumCosts(RelOptInfo *rel, double *pages, double *looked_at)
{
	const RelInfo *info = (const RelInfo *) rel->fdw_private;

	if (IS_SIMPLE_REL(rel))
	{
		*pages = info->pages;
		*looked_at = info->looked_at;
		return;
	}
	double inner_pages;
	double inner_looked_at;

	SumCosts(info->outer, pages, looked_at);
	SumCosts(info->inner, &inner_pages, &inner_looked_at);
	if (info->outer->rows < inner_looked_at)
	{
		inner_pages = Min(inner_pages, info->outer->rows * 0.25);
		inner_looked_at = info->outer->rows;
	}
	*pages += inner_pages;
	*looked_at += inner_looked_at;
}

/* Costs of a query over 'source'; the probe reads each guarded table once more. */
void
CostPushed(PlannerInfo *root, RelOptInfo *source, List *guards, double returned, int columns,
		   Cost *startup, Cost *total)
{
	Bitmapset *probed = nullptr;
	double pages;
	double looked_at;
	int rtindex = -1;
	ListCell *cell;

	SumCosts(source, &pages, &looked_at);
	foreach (cell, guards)
		probed = bms_add_member(probed, ((Var *) lfirst(cell))->varno);
	while ((rtindex = bms_next_member(probed, rtindex)) >= 0)
	{
		const RelInfo *base = (const RelInfo *) root->simple_rel_array[rtindex]->fdw_private;

		/* the pages are in memory by then */
		pages += 0.1 * (base->guards == NIL ? base->pages : base->tables[rtindex]->pages);
		looked_at += base->guards == NIL ? base->looked_at : base->tables[rtindex]->rows;
	}
	CostScan(pages, looked_at, returned, columns, startup, total);
	/* one query instead of several */
	*startup *= 0.5;
	*total -= *startup;
}

/* --- GROUP BY --- */

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

/* The columns that are grouped by; false if one of them is not a plain column. */
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

/* The distinct columns and aggregates that the target and HAVING are made of. */
List *
GroupedOutputs(PathTarget *target, Node *having)
{
	List *parts =
		pull_var_clause((Node *) target->exprs, PVC_INCLUDE_AGGREGATES | PVC_RECURSE_PLACEHOLDERS);

	parts = list_concat(parts,
						pull_var_clause(having, PVC_INCLUDE_AGGREGATES | PVC_RECURSE_PLACEHOLDERS));
	return list_union(NIL, parts);
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

/* --- DISTINCT and LIMIT --- */

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

/* --- writing the query --- */

void AppendFrom(Deparse *deparse, RelOptInfo *rel, List **conditions);

/* Appends a condition: a clause, or what has been written already. */
void
AppendCondition(Deparse *deparse, Node *condition)
{
	if (IsA(condition, String))
		appendStringInfoString(deparse->sql, strVal(condition));
	else
		(void) Ship(deparse, condition);
}

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

/* Appends the tables; what has to stand in WHERE is added to 'conditions'. */
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
	appendStringInfoString(deparse->sql, info->join_type == JOIN_LEFT ? " LEFT JOIN " : " JOIN ");
	AppendFrom(deparse, info->inner, &inner_conditions);
	List *on = list_copy(info->join_conditions);
	/* below an outer join a condition on the inner side decides about matches, not about rows */
	if (info->join_type == JOIN_LEFT)
		on = list_concat(on, inner_conditions);
	else
		*conditions = list_concat(*conditions, inner_conditions);
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

	if (outputs == NIL)
		appendStringInfoChar(deparse->sql, '1');
	foreach (cell, outputs)
	{
		Node *node = (Node *) lfirst(cell);
		OutputKind kind = OutputKind::Value;

		if (cell != list_head(outputs))
			appendStringInfoString(deparse->sql, ", ");
		if (IsA(node, Aggref))
			(void) ShipAggregate(deparse, (Aggref *) node, &kind);
		else if (info->stage == UPPERREL_GROUP_AGG || info->stage == UPPERREL_DISTINCT)
			(void) Ship(deparse, node);
		else
			AppendColumn(deparse, ((Var *) node)->varno, ((Var *) node)->varattno);
		AddOutput(query, info, node, kind);
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

void
AppendLimit(StringInfo sql, Node *count, Node *offset)
{
	appendStringInfo(sql, " LIMIT %lld", (long long) DatumGetInt64(((Const *) count)->constvalue));
	if (offset != nullptr)
		appendStringInfo(sql, " OFFSET %lld",
						 (long long) DatumGetInt64(((Const *) offset)->constvalue));
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

ForeignScan *
PlanPushed(PlannerInfo *root, RelOptInfo *rel, ForeignPath *path, List *tlist, List *,
		   Plan *outer_plan)
{
	const RelInfo *info = (const RelInfo *) rel->fdw_private;
	const bool upper = rel->reloptkind == RELOPT_UPPER_REL;
	const bool grouping = upper && info->stage == UPPERREL_GROUP_AGG;
	RelOptInfo *source = SourceOf(rel);
	Deparse deparse = MakeDeparse(root, info->relids, info->tables, true);
	RemoteQuery query = {};
	List *grouped = NIL;
	List *having = grouping ? info->local_having : NIL;
	List *outputs;
	List *conditions = NIL;

	if (grouping)
		(void) GroupedColumns(root, info, root->parse->groupClause, rel->reltarget, &grouped);
	outputs = grouping
				  ? GroupedOutputs(rel->reltarget, (Node *) having)
				  : list_union(NIL, pull_var_clause(upper ? (Node *) path->path.pathtarget->exprs
														  : (Node *) rel->reltarget->exprs,
													0));
	appendStringInfoString(
		deparse.sql, upper && info->stage == UPPERREL_DISTINCT ? "SELECT DISTINCT " : "SELECT ");
	AppendOutputs(&deparse, info, outputs, &query);
	appendStringInfoString(deparse.sql, " FROM ");
	AppendFrom(&deparse, source, &conditions);
	AppendWhere(&deparse, conditions);
	AppendGroupBy(&deparse, grouped);
	if (grouping)
		AppendHaving(&deparse, info->having);
	(void) AppendOrderBy(&deparse, source, path->path.pathkeys);
	if (upper && info->stage == UPPERREL_FINAL)
		AppendLimit(deparse.sql, root->parse->limitCount, root->parse->limitOffset);
	query.sql = deparse.sql->data;
	query.server = info->server;
	query.label = Label(info);
	WriteProbe(&deparse, root, info, &query);
	return make_foreignscan(tlist, having, 0, deparse.params, PackQuery(query),
							add_to_flat_tlist(NIL, outputs), NIL, outer_plan);
}

} /* namespace sqlite_import::fdw */
