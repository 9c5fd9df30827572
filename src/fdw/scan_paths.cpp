/*
 * scan_paths.cpp
 *    The ways to scan a single foreign table: plain, looked up by a key with values
 *    of other relations, in an order, shared by several processes.
 */
#include <algorithm>

#include "fdw/barrier.hpp"
#include "fdw/condition.hpp"
#include "fdw/deparse_query.hpp"
#include "fdw/estimate.hpp"
#include "fdw/plan.hpp"
#include "fdw/written.hpp"

extern "C" {
#include "access/stratnum.h"
#include "access/table.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/rel.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

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
	double probe_pages = 0;
	double probe_rows = 0;
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
	AddProbe(root, deparse.guards, &probe_pages, &probe_rows);
	const Cost probe = probe_pages * seq_page_cost + probe_rows * cpu_operator_cost;
	startup += probe;
	total += probe;
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

	if (table->view || table->rowid_name == nullptr || table->below_barrier ||
		!bms_is_empty(rel->lateral_relids))
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

RemoteTable **
SharedTables(PlannerInfo *root, const RelOptInfo *rel, Oid oid)
{
	const Index rtindex = rel->relid;
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
	tables[rtindex]->below_barrier = IsBelowBarrier(root, rel, oid);
	table_close(relation, NoLock);
	return tables;
}

} /* namespace */

void
GetForeignRelSize(PlannerInfo *root, RelOptInfo *rel, Oid relation)
{
	RelInfo *info = (RelInfo *) palloc0(sizeof(RelInfo));

	info->tables = SharedTables(root, rel, relation);
	info->relids = rel->relids;
	info->visible = rel->relids;
	rel->fdw_private = info;
	RemoteTable *table = info->tables[rel->relid];
	info->server = table->server;
	const Written written = MayBeWritten(root, table);
	if (written == Written::AsTarget && FindsRowsOnce(root, rel))
		table->follow = Follow::Target;
	else
		table->follow = written == Written::No ? Follow::Unwritten : Follow::Frozen;
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

} /* namespace sqlite_import::fdw */
