/*
 * written.cpp
 *    Looking for what writes a table: the statement itself, functions that it calls,
 *    triggers.
 */
#include "fdw/written.hpp"
#include "fdw/options.hpp"
#include "fdw/scan_handle.hpp"

extern "C" {
#include "access/sysattr.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_proc.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

PlannerInfo *
Top(PlannerInfo *root)
{
	while (root->parent_root != nullptr)
		root = root->parent_root;
	return root;
}

/* Functions of PostgreSQL's own write no foreign table. */
bool
IsVolatileOfUser(Oid function, void *)
{
	return function >= FirstNormalObjectId && func_volatile(function) == PROVOLATILE_VOLATILE;
}

bool
CallsVolatile(Node *node, void *context)
{
	if (node == nullptr)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, TREE_WALKER(CallsVolatile), context, 0);
	return check_functions_in_node(node, IsVolatileOfUser, context) ||
		   expression_tree_walker(node, TREE_WALKER(CallsVolatile), context);
}

/* Appends the table that the query writes, with what inherits from it. */
List *
AddTargets(List *targets, const Query *query)
{
	if (query->commandType == CMD_SELECT || query->resultRelation <= 0)
		return targets;
	const Oid oid = rt_fetch(query->resultRelation, query->rtable)->relid;

	return has_subclass(oid) ? list_concat(targets, find_all_inheritors(oid, NoLock, nullptr))
							 : lappend_oid(targets, oid);
}

/* True if writing a row runs functions that may write others. */
bool
HasTriggers(Oid oid)
{
	Relation relation = table_open(oid, NoLock);
	const TriggerDesc *triggers = relation->trigdesc;
	bool found = false;

	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++)
		found = found || !triggers->triggers[i].tgisinternal;
	table_close(relation, NoLock);
	return found;
}

/* What writing one table of the statement means for the other. */
Written
ByTarget(Oid target, const RemoteTable *table, bool updatable)
{
	if (updatable && HasTriggers(target))
		return Written::Anyhow;
	if (get_rel_relkind(target) != RELKIND_FOREIGN_TABLE ||
		GetForeignTable(target)->serverid != table->server)
		return Written::No;
	const char *name = ReadTableOptions(target).table;
	const Oid server = table->server;

	if (table->view || pg::PgEntry([server, name] { return WritesSpread(server, name); }))
		return Written::Anyhow;
	return pg_strcasecmp(name, table->name) == 0 ? Written::AsTarget : Written::No;
}

} /* namespace */

Written
MayBeWritten(PlannerInfo *root, const RemoteTable *table)
{
	const Query *top = Top(root)->parse;
	const ServerOptions server = ReadServerOptions(table->server);
	const bool updatable = table->updatable || (server.updatable && !server.force_readonly);
	List *targets = AddTargets(NIL, top);
	Written written = Written::No;
	ListCell *cell;

	foreach (cell, top->cteList)
		if (IsA(lfirst_node(CommonTableExpr, cell)->ctequery, Query))
			targets = AddTargets(targets, (Query *) lfirst_node(CommonTableExpr, cell)->ctequery);
	foreach (cell, targets)
		written = std::max(written, ByTarget(lfirst_oid(cell), table, updatable));
	if (written != Written::Anyhow && updatable && CallsVolatile((Node *) top, nullptr))
		return Written::Anyhow;
	return written;
}

bool
FindsRowsOnce(PlannerInfo *root, const RelOptInfo *rel)
{
	Bitmapset *used = nullptr;
	ListCell *cell;

	if ((int) rel->relid != root->parse->resultRelation || root->parent_root != nullptr ||
		root->parse->cteList != NIL)
		return false;
	if (root->parse->commandType == CMD_DELETE)
		return true;
	if (root->parse->commandType != CMD_UPDATE)
		return false;
	pull_varattnos((Node *) root->parse->jointree, rel->relid, &used);
	foreach (cell, root->update_colnos)
		if (bms_is_member(lfirst_int(cell) - FirstLowInvalidHeapAttributeNumber, used))
			return false;
	return !bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
}

namespace
{

bool
FindOtherRow(Node *node, void *context)
{
	auto *root = static_cast<PlannerInfo *>(context);
	ListCell *cell;

	if (node == nullptr)
		return false;
	if (IsA(node, Var) || IsA(node, PlaceHolderVar))
		return true;
	if (IsA(node, Param) && ((Param *) node)->paramkind != PARAM_EXTERN)
	{
		/* what is computed once for the whole statement */
		if (root->parent_root == nullptr && ((Param *) node)->paramkind == PARAM_EXEC)
			foreach (cell, root->init_plans)
				if (list_member_int(lfirst_node(SubPlan, cell)->setParam,
									((Param *) node)->paramid))
					return false;
		return true;
	}
	return expression_tree_walker(node, TREE_WALKER(FindOtherRow), context);
}

} /* namespace */

bool
DependsOnOtherRows(PlannerInfo *root, Node *node)
{
	return FindOtherRow(node, root);
}

} /* namespace sqlite_import::fdw */
