/*
 * estimate.cpp
 *    How many rows there will be, and what it costs to read them.
 *
 * The numbers are SQLite's own (remote_table.cpp): rows and pages of the table,
 * and what its keys are known to find.
 */
#include <algorithm>

#include "fdw/estimate.hpp"

extern "C" {
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

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

} /* namespace */

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

namespace
{

/*
 * What the relation costs to read within SQLite; the right operand of a join is
 * looked up if that is cheaper than reading it, but a join in parentheses is kept as
 * a table with an index.
 */
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
	if (!IS_SIMPLE_REL(info->inner) && info->join_type == JOIN_LEFT)
		inner_looked_at += 4 * info->inner->rows;
	else if (info->outer->rows < inner_looked_at)
	{
		inner_pages = Min(inner_pages, info->outer->rows * 0.25);
		inner_looked_at = info->outer->rows;
	}
	*pages += inner_pages;
	*looked_at += inner_looked_at;
}

} /* namespace */

void
AddProbe(PlannerInfo *root, List *guards, double *pages, double *looked_at)
{
	Bitmapset *probed = nullptr;
	int rtindex = -1;
	ListCell *cell;

	foreach (cell, guards)
		probed = bms_add_member(probed, ((Var *) lfirst(cell))->varno);
	while ((rtindex = bms_next_member(probed, rtindex)) >= 0)
	{
		const RelInfo *base = (const RelInfo *) root->simple_rel_array[rtindex]->fdw_private;

		/* the pages are in memory by then */
		*pages += 0.1 * (base->guards == NIL ? base->pages : base->tables[rtindex]->pages);
		*looked_at += base->guards == NIL ? base->looked_at : base->tables[rtindex]->rows;
	}
}

void
CostPushed(PlannerInfo *root, RelOptInfo *source, List *guards, double returned, int columns,
		   Cost *startup, Cost *total)
{
	double pages;
	double looked_at;

	SumCosts(source, &pages, &looked_at);
	AddProbe(root, guards, &pages, &looked_at);
	CostScan(pages, looked_at, returned, columns, startup, total);
	/* one query instead of several */
	*startup *= 0.5;
	*total -= *startup;
}

} /* namespace sqlite_import::fdw */
