/*
 * plan.cpp
 *    Planning scans of single foreign tables.
 *
 * A condition goes to SQLite in one of three ways.  Exact: SQLite's word is
 * final.  Guarded, "(condition OR the value is odd)": SQLite filters, PostgreSQL
 * looks again at what is left, so that an odd value is converted, or refused, as
 * in a plain scan.  Lookup: the bare condition, for an index's sake, with a probe
 * of that index for odd values when the scan starts; if it finds one, the guarded
 * query runs instead.
 */
#include <algorithm>

#include "fdw/plan.hpp"

extern "C" {
#include "access/stratnum.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_opfamily_d.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/selfuncs.h"
#include "utils/typcache.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

enum class Way
{
	Local,
	Exact,
	Guarded,
	Lookup
};

/* One condition as SQLite is to see it. */
struct Condition
{
	Way way;
	const char *sql;     /* Exact, Lookup: the condition; Guarded: with its OR */
	const char *guarded; /* the same for the query that runs if the probe finds something */
	List *guards;
	const Var *probed; /* Lookup: the column whose index is asked for odd values; may be null */
};

Node *
StripRelabel(Node *node)
{
	while (node != nullptr && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return node;
}

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

/* Writes a clause; params of 'deparse' grow, its sql stays as it was. */
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
	/* a value that is NULL to PostgreSQL cannot satisfy a comparison: nothing to ask for */
	if (!ColumnOf(deparse->tables[lookup->varno], lookup->varattno)->on_mismatch_null)
		condition.probed = lookup;
	return condition;
}

void
AppendCondition(StringInfo sql, const char *condition)
{
	appendStringInfo(sql, "%s%s", sql->len == 0 ? " WHERE " : " AND ", condition);
}

/* Numbers sort before texts, texts before blobs: an index finds the odd ones at its end. */
void
AppendProbe(Deparse *deparse, StringInfo probe, const Var *column)
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

/* Leading columns of the key that some clause compares for equality with something else. */
int
MatchedColumns(PlannerInfo *root, RelOptInfo *rel, const RemoteKey *key, List *clauses,
			   double *repetitions)
{
	for (int i = 0; i < key->count; i++)
	{
		bool matched = false;
		ListCell *cell;

		foreach (cell, clauses)
		{
			Node *clause = (Node *) lfirst_node(RestrictInfo, cell)->clause;
			List *arguments = NIL;
			double times = 1;

			if (IsA(clause, OpExpr) && get_oprrest(((OpExpr *) clause)->opno) == F_EQSEL)
				arguments = ((OpExpr *) clause)->args;
			else if (IsA(clause, ScalarArrayOpExpr) && ((ScalarArrayOpExpr *) clause)->useOr &&
					 get_oprrest(((ScalarArrayOpExpr *) clause)->opno) == F_EQSEL)
			{
				arguments = ((ScalarArrayOpExpr *) clause)->args;
				times = estimate_array_length(root, (Node *) lsecond(arguments));
			}
			if (list_length(arguments) != 2)
				continue;
			for (int side = 0; side < 2 && !matched; side++)
			{
				Node *mine = StripRelabel((Node *) list_nth(arguments, side));
				Node *other = (Node *) list_nth(arguments, 1 - side);

				matched = IsA(mine, Var) && ((Var *) mine)->varno == (int) rel->relid &&
						  ((Var *) mine)->varattno == key->columns[i] &&
						  !bms_is_member(rel->relid, pull_varnos(root, other));
				if (matched)
					*repetitions *= times;
			}
			if (matched)
				break;
		}
		if (!matched)
			return i;
	}
	return key->count;
}

/*
 * Rows that the best key finds for the clauses; -1 if no key helps.  'guess' is
 * the planner's own, for keys of which the file has no statistics.
 */
double
RowsByKey(PlannerInfo *root, RelOptInfo *rel, const RemoteTable *table, List *clauses, double guess)
{
	double best = -1;
	ListCell *cell;

	foreach (cell, table->keys)
	{
		const RemoteKey *key = (const RemoteKey *) lfirst(cell);
		double repetitions = 1;
		const int matched = MatchedColumns(root, rel, key, clauses, &repetitions);
		double rows;

		if (matched == 0)
			continue;
		if (key->unique && matched == key->count)
			rows = repetitions;
		else if (key->rows > 0)
			rows = key->rows * repetitions;
		else
			rows = guess;
		if (best < 0 || rows < best)
			best = rows;
	}
	return best < 0 ? best : clamp_row_est(best);
}

/* Sorts what the conditions of a base relation are to SQLite. */
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

struct ColumnMatch
{
	Index relid;
	AttrNumber attnum;
};

bool
MatchesColumn(PlannerInfo *, RelOptInfo *, EquivalenceClass *, EquivalenceMember *member,
			  void *argument)
{
	const auto *match = static_cast<const ColumnMatch *>(argument);
	Node *node = StripRelabel((Node *) member->em_expr);

	return IsA(node, Var) && ((Var *) node)->varno == (int) match->relid &&
		   ((Var *) node)->varattno == match->attnum && ((Var *) node)->varlevelsup == 0;
}

/* A path that is given values of other relations and looks rows up by them. */
void
AddLookupPath(PlannerInfo *root, RelOptInfo *rel, RelInfo *info, RestrictInfo *clause)
{
	const RemoteTable *table = info->tables[rel->relid];
	Deparse deparse = MakeDeparse(root, rel->relids, info->tables, false);
	Cost startup;
	Cost total;
	ListCell *cell;

	if (!join_clause_is_movable_to(clause, rel))
		return;
	deparse.lookup = true;
	if (Ship(&deparse, (Node *) clause->clause) != Domain::Boolean || deparse.wild)
		return;
	Relids outer = bms_union(clause->clause_relids, rel->lateral_relids);
	outer = bms_del_member(outer, rel->relid);
	if (bms_is_empty(outer))
		return;
	foreach (cell, rel->pathlist)
	{
		Path *path = (Path *) lfirst(cell);

		if (path->param_info != nullptr && bms_equal(path->param_info->ppi_req_outer, outer))
			return;
	}
	ParamPathInfo *parameters = get_baserel_parampathinfo(root, rel, outer);
	const double rows = RowsByKey(root, rel, table,
								  list_concat_copy(parameters->ppi_clauses, rel->baserestrictinfo),
								  parameters->ppi_rows);
	if (rows < 0)
		return;
	CostScan(0, rows, rows, list_length(rel->reltarget->exprs), &startup, &total);
	add_path(rel, Serial((Path *) create_foreignscan_path(root, rel, nullptr, rows, 0, startup,
														  total, NIL, outer, nullptr, NIL, NIL)));
}

void
AddLookupPaths(PlannerInfo *root, RelOptInfo *rel, RelInfo *info)
{
	ListCell *key_cell;
	ListCell *cell;

	foreach (key_cell, info->tables[rel->relid]->keys)
	{
		const RemoteKey *key = (const RemoteKey *) lfirst(key_cell);
		ColumnMatch match = {rel->relid, key->columns[0]};

		foreach (cell, rel->joininfo)
			AddLookupPath(root, rel, info, lfirst_node(RestrictInfo, cell));
		if (!rel->has_eclass_joins)
			continue;
		List *clauses = generate_implied_equalities_for_column(root, rel, MatchesColumn, &match,
															   rel->lateral_referencers);
		foreach (cell, clauses)
			AddLookupPath(root, rel, info, lfirst_node(RestrictInfo, cell));
	}
}

/* The operator families whose order SQLite's is, within a domain. */
bool
FamilyShips(Oid family)
{
	return family == INTEGER_BTREE_FAM_OID || family == TEXT_BTREE_FAM_OID ||
		   family == BYTEA_BTREE_FAM_OID || family == BOOL_BTREE_FAM_OID ||
		   family == lookup_type_cache(FLOAT8OID, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
}

/* True if an index, or the rowid, gives the order without a sort. */
bool
IsKeyOrder(const RelInfo *info, Index relid, List *pathkeys)
{
	EquivalenceClass *ec = linitial_node(PathKey, pathkeys)->pk_eclass;
	ListCell *key_cell;
	ListCell *cell;

	if (list_length(pathkeys) != 1)
		return false;
	foreach (key_cell, info->tables[relid]->keys)
	{
		ColumnMatch match = {relid, ((const RemoteKey *) lfirst(key_cell))->columns[0]};

		foreach (cell, ec->ec_members)
			if (MatchesColumn(nullptr, nullptr, ec, (EquivalenceMember *) lfirst(cell), &match))
				return true;
	}
	return false;
}

/* A path in this order; where SQLite has to sort, no row comes before all have been read. */
void
AddOrderedPath(PlannerInfo *root, RelOptInfo *rel, RelInfo *info, List *pathkeys, Path *unordered,
			   double looked_at)
{
	Deparse deparse = MakeDeparse(root, rel->relids, info->tables, false);
	Cost startup = unordered->startup_cost;
	Cost total = unordered->total_cost;

	if (pathkeys == NIL || !AppendOrderBy(&deparse, rel, pathkeys))
		return;
	if (IsKeyOrder(info, rel->relid, pathkeys))
		total += looked_at * cpu_operator_cost * 0.2;
	else
	{
		startup += info->pages * seq_page_cost + looked_at * cpu_operator_cost +
				   rel->rows * 2 * cpu_operator_cost;
		total = Max(total, startup) + rel->rows * 2 * cpu_operator_cost;
	}
	add_path(rel, Serial((Path *) create_foreignscan_path(root, rel, nullptr, unordered->rows, 0,
														  startup, total, pathkeys, nullptr,
														  nullptr, NIL, NIL)));
}

/* Orders that a merge join could use and that an index gives for nothing. */
void
AddKeyOrders(PlannerInfo *root, RelOptInfo *rel, RelInfo *info, Path *unordered, double looked_at)
{
	ListCell *key_cell;
	ListCell *cell;

	foreach (key_cell, info->tables[rel->relid]->keys)
	{
		const RemoteKey *key = (const RemoteKey *) lfirst(key_cell);
		ColumnMatch match = {rel->relid, key->columns[0]};

		foreach (cell, root->eq_classes)
		{
			EquivalenceClass *ec = (EquivalenceClass *) lfirst(cell);
			ListCell *member_cell;

			if (ec->ec_has_volatile || ec->ec_has_const || !bms_overlap(ec->ec_relids, rel->relids))
				continue;
			foreach (member_cell, ec->ec_members)
				if (MatchesColumn(root, rel, ec, (EquivalenceMember *) lfirst(member_cell), &match))
				{
					PathKey *pathkey = make_canonical_pathkey(
						root, ec, linitial_oid(ec->ec_opfamilies), COMPARE_LT, false);
					AddOrderedPath(root, rel, info, list_make1(pathkey), unordered, looked_at);
					break;
				}
		}
	}
}

/* A share of the scan for each process: ranges of rowids (parallel_scan.cpp). */
void
AddPartialPath(PlannerInfo *root, RelOptInfo *rel, const RelInfo *info, const Path *serial)
{
	const RemoteTable *table = info->tables[rel->relid];

	if (table->view || table->rowid_name == nullptr || !bms_is_empty(rel->lateral_relids))
		return;
	const int workers =
		compute_parallel_worker(rel, info->pages, -1, max_parallel_workers_per_gather);
	if (workers <= 0)
		return;
	/* the leader helps as long as the workers leave it time (costsize.c has the same numbers) */
	const double leader = parallel_leader_participation ? Max(0.0, 1.0 - 0.3 * workers) : 0.0;
	const double share = workers + leader;
	const Cost total = serial->startup_cost + (serial->total_cost - serial->startup_cost) / share;
	Path *path = (Path *) create_foreignscan_path(
		root, rel, nullptr, clamp_row_est(serial->rows / share), 0, serial->startup_cost, total,
		NIL, nullptr, nullptr, NIL, NIL);
	path->parallel_aware = true;
	path->parallel_workers = workers;
	add_partial_path(rel, path);
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

RemoteTable **
SharedTables(PlannerInfo *root, Index rtindex, Oid oid)
{
	RemoteTable **tables = nullptr;

	for (int i = 1; i < root->simple_rel_array_size && tables == nullptr; i++)
	{
		RelOptInfo *other = root->simple_rel_array[i];

		if (other != nullptr && other->fdw_private != nullptr && other->fdwroutine != nullptr &&
			other->fdwroutine->GetForeignRelSize ==
				root->simple_rel_array[rtindex]->fdwroutine->GetForeignRelSize)
			tables = ((RelInfo *) other->fdw_private)->tables;
	}
	if (tables == nullptr)
		tables = (RemoteTable **) palloc0(sizeof(RemoteTable *) * root->simple_rel_array_size);
	Relation relation = table_open(oid, NoLock);
	tables[rtindex] = DescribeRemoteTable(relation);
	table_close(relation, NoLock);
	return tables;
}

void
CostScan(double pages, double looked_at, double returned, int columns, Cost *startup, Cost *total)
{
	*startup = 1;
	*total = *startup + pages * seq_page_cost + looked_at * cpu_operator_cost +
			 returned * (cpu_tuple_cost + columns * cpu_operator_cost);
	/* a lookup goes down a tree whose upper pages are warm */
	if (pages == 0)
		*total += looked_at * random_page_cost * 0.25;
}

List *
PackQuery(const RemoteQuery &query)
{
	const auto text = [](const char *value)
	{ return makeString(pstrdup(value != nullptr ? value : "")); };
	List *packed = list_make5(text(query.sql), text(query.guarded_sql), text(query.probe),
							  makeInteger((int) query.probe_mode), query.kinds);

	packed = lappend(packed, query.relations);
	packed = lappend(packed, query.attributes);
	packed = lappend(packed, makeInteger((int) query.rowid));
	packed = lappend(packed, list_make1_oid(query.server));
	packed = lappend(packed, query.probe_relations);
	packed = lappend(packed, query.probe_attributes);
	packed = lappend(packed, text(query.label));
	packed = lappend(packed, makeInteger(query.range));
	return lappend(packed, text(query.span));
}

bool
AppendOrderBy(Deparse *deparse, RelOptInfo *rel, List *pathkeys)
{
	const Relids visible = ((const RelInfo *) rel->fdw_private)->visible;
	const int length = deparse->sql->len;
	ListCell *cell;

	foreach (cell, pathkeys)
	{
		PathKey *pathkey = (PathKey *) lfirst(cell);
		EquivalenceClass *ec = pathkey->pk_eclass;
		bool shipped = false;
		ListCell *member_cell;

		appendStringInfoString(deparse->sql, cell == list_head(pathkeys) ? " ORDER BY " : ", ");
		if (!ec->ec_has_volatile && FamilyShips(pathkey->pk_opfamily))
			foreach (member_cell, ec->ec_members)
			{
				EquivalenceMember *member = (EquivalenceMember *) lfirst(member_cell);
				const bool wild = deparse->wild;

				if (member->em_is_const || bms_is_empty(member->em_relids) ||
					!bms_is_subset(member->em_relids, visible))
					continue;
				shipped =
					ShipComparable(deparse, (Node *) member->em_expr, ec->ec_collation, true) &&
					deparse->wild == wild;
				Node *node = StripRelabel((Node *) member->em_expr);
				const RemoteColumn *column =
					IsA(node, Var)
						? ColumnOf(deparse->tables[((Var *) node)->varno], ((Var *) node)->varattno)
						: nullptr;
				appendStringInfoString(deparse->sql,
									   pathkey->pk_cmptype == COMPARE_LT ? "" : " DESC");
				/* above an outer join a column may be NULL that is not so in its table */
				if (column == nullptr || !column->not_null || !IS_SIMPLE_REL(rel))
					appendStringInfoString(deparse->sql, pathkey->pk_nulls_first ? " NULLS FIRST"
																				 : " NULLS LAST");
				break;
			}
		if (!shipped)
		{
			deparse->sql->len = length;
			deparse->sql->data[length] = '\0';
			return false;
		}
	}
	return true;
}

void
GetForeignRelSize(PlannerInfo *root, RelOptInfo *rel, Oid relation)
{
	RelInfo *info = (RelInfo *) palloc0(sizeof(RelInfo));

	info->tables = SharedTables(root, rel->relid, relation);
	info->relids = rel->relids;
	info->visible = rel->relids;
	rel->fdw_private = info;
	RemoteTable *table = info->tables[rel->relid];
	info->server = table->server;
	ClassifyConditions(root, rel, info);

	/* ANALYZE's count is as old as ANALYZE; the file's own is of today */
	rel->pages = (BlockNumber) table->pages;
	rel->tuples = table->rows;
	set_baserel_size_estimates(root, rel);
	const double by_key = RowsByKey(root, rel, table, rel->baserestrictinfo, rel->rows);
	if (by_key >= 0)
		rel->rows = Min(rel->rows, by_key);
}

void
GetForeignPaths(PlannerInfo *root, RelOptInfo *rel, Oid)
{
	RelInfo *info = (RelInfo *) rel->fdw_private;
	const RemoteTable *table = info->tables[rel->relid];
	const double by_key = RowsByKey(root, rel, table, rel->baserestrictinfo, rel->rows);
	const double looked_at = by_key >= 0 ? by_key : table->rows;
	Cost startup;
	Cost total;

	info->pages = by_key >= 0 ? 0 : table->pages;
	info->looked_at = looked_at;
	CostScan(info->pages, looked_at, rel->rows, list_length(rel->reltarget->exprs), &startup,
			 &total);
	Path *unordered =
		(Path *) create_foreignscan_path(root, rel, nullptr, rel->rows, 0, startup, total, NIL,
										 rel->lateral_relids, nullptr, NIL, NIL);
	add_path(rel, Serial(unordered));
	if (bms_is_empty(rel->lateral_relids))
	{
		AddOrderedPath(root, rel, info, root->query_pathkeys, unordered, looked_at);
		AddKeyOrders(root, rel, info, unordered, looked_at);
	}
	AddLookupPaths(root, rel, info);
	if (rel->consider_parallel && by_key < 0)
		AddPartialPath(root, rel, info, unordered);
}

ForeignScan *
GetForeignPlan(PlannerInfo *root, RelOptInfo *rel, Oid, ForeignPath *path, List *tlist,
			   List *clauses, Plan *outer_plan)
{
	RelInfo *info = (RelInfo *) rel->fdw_private;

	if (!IS_SIMPLE_REL(rel))
		return PlanPushed(root, rel, path, tlist, clauses, outer_plan);

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
			AppendProbe(&deparse, &probe, condition.probed);
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
