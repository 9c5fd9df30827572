/*
 * target.cpp
 *    The list of conditions under which the fast writer is right, and those of
 *    freezing.
 *
 * The fast writer hands tuples to the table access method and does nothing else.
 * Each condition below names something else that an INSERT would have to do; the
 * list follows CopyFrom() in commands/copyfrom.c and what the executor does for
 * INSERT.
 */
#include <algorithm>

#include "load/target.hpp"
#include "load/trial.hpp"

extern "C" {
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "rewrite/prs2lock.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/portal.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
}

#include "pg/compat.h"

namespace sqlite_import::load
{

namespace
{

bool
HasInsertTrigger(const TriggerDesc *triggers) noexcept
{
	return triggers != nullptr &&
		   (triggers->trig_insert_before_row || triggers->trig_insert_after_row ||
			triggers->trig_insert_instead_row || triggers->trig_insert_before_statement ||
			triggers->trig_insert_after_statement || triggers->trig_insert_new_table);
}

bool
MayReplaceNulls(const TriggerDesc *triggers) noexcept
{
	return triggers != nullptr &&
		   (triggers->trig_insert_before_row || triggers->trig_insert_instead_row);
}

bool
HasInsertRule(Relation relation) noexcept
{
	const RuleLock *const rules = relation->rd_rules;

	for (int i = 0; rules != nullptr && i < rules->numLocks; i++)
		if (rules->rules[i]->event == CMD_INSERT)
			return true;
	return false;
}

/* Citus keeps the rows of its tables elsewhere; only its planner hook knows where. */
bool
IsDistributed(Oid relid)
{
	Oid arguments[] = {OIDOID};
	Datum values[] = {ObjectIdGetDatum(relid)};
	bool found;

	if (!OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE)))
		return false;
	SPI_connect();
	SPI_execute_with_args(
		"SELECT 1 FROM pg_catalog.pg_dist_partition WHERE logicalrelid::pg_catalog.oid "
		"OPERATOR(pg_catalog.=) $1",
		1, arguments, values, nullptr, true, 1);
	found = SPI_processed > 0;
	SPI_finish();
	return found;
}

/* A column that the source does not bring, and that does not simply stay NULL. */
bool
NeedsDefault(const Target &target)
{
	const TupleDesc descriptor = RelationGetDescr(target.relation);

	for (int i = 0; i < descriptor->natts; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (attribute->attisdropped || target.mapped[i])
			continue;
		if (attribute->atthasdef || attribute->attidentity != '\0' || attribute->attnotnull ||
			get_typtype(attribute->atttypid) == TYPTYPE_DOMAIN)
			return true;
	}
	return false;
}

const char *
WhyGeneral(const Target &target, const CopyRequest &request)
{
	const Relation relation = target.relation;
	const TupleConstr *const constraints = RelationGetDescr(relation)->constr;

	if (!request.allow_fast)
		return "the caller asked for it";
	/* its functions are anybody's: they may look at the table, and write to it */
	if (std::any_of(request.columns.begin(), request.columns.end(),
					[](const CopyColumn &column) { return column.rule.has_using(); }))
		return "an expression of casts makes values";
	if (request.on_conflict != OnConflict::None)
		return "rows may be there already";
	if (relation->rd_rel->relkind != RELKIND_RELATION)
		return "the target is not a plain table";
	if (relation->rd_rel->relispartition)
		return "the target is a partition";
	if (RELATION_IS_OTHER_TEMP(relation))
		return "the target is another session's temporary table";
	if (HasInsertRule(relation))
		return "the target has a rule";
	if (HasInsertTrigger(relation->trigdesc))
		return "the target has triggers or foreign keys";
	if (check_enable_rls(target.relid, InvalidOid, true) == RLS_ENABLED)
		return "the target has row security";
	if (relation->rd_rel->relhasindex && RelationGetIndexList(relation) != NIL)
		return "the target has indexes";
	if (constraints != nullptr &&
		(constraints->has_generated_stored || has_virtual_columns(constraints)))
		return "the target has generated columns";
	if (constraints != nullptr && constraints->num_check > 0 &&
		request.on_error == values::OnError::Reject)
		return "rows that violate a check are to be rejected";
	if (NeedsDefault(target))
		return "the target has columns with defaults that the source lacks";
	if (pg_class_aclcheck(target.relid, GetUserId(), ACL_INSERT) != ACLCHECK_OK)
		return "the privilege to insert is not on the whole table";
	if (IsDistributed(target.relid))
		return "the target is a distributed table";
	return nullptr;
}

/*
 * COPY FREEZE's conditions (documentation: COPY; commands/copyfrom.c): the table
 * or its storage is new in this subtransaction, and no snapshot or cursor of
 * this session could still expect it empty.
 */
bool
MayFreeze(Relation relation)
{
	const SubTransactionId current = GetCurrentSubTransactionId();

	if (relation->rd_createSubid != current && relation->rd_firstRelfilelocatorSubid != current)
		return false;
	InvalidateCatalogSnapshot();
	return ThereAreNoPriorRegisteredSnapshots() && ThereAreNoReadyPortals();
}

bool
HasSelfReference(Oid relid)
{
	Oid arguments[] = {OIDOID};
	Datum values[] = {ObjectIdGetDatum(relid)};
	bool found;

	SPI_connect();
	SPI_execute_with_args("SELECT 1 FROM pg_catalog.pg_constraint "
						  "WHERE conrelid OPERATOR(pg_catalog.=) $1 "
						  "AND confrelid OPERATOR(pg_catalog.=) $1 "
						  "AND contype OPERATOR(pg_catalog.=) 'f' AND NOT condeferrable",
						  1, arguments, values, nullptr, true, 1);
	found = SPI_processed > 0;
	SPI_finish();
	return found;
}

void
ListRequired(Target *target)
{
	const TupleDesc descriptor = target->descriptor;

	target->required =
		static_cast<RequiredColumn *>(palloc0(sizeof(RequiredColumn) * Max(descriptor->natts, 1)));
	for (int i = 0; i < descriptor->natts; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (attribute->attnotnull && target->mapped[i])
			target->required[target->required_count++] = {i, pstrdup(NameStr(attribute->attname))};
	}
}

/* What every target has.  'relation' may be null. */
void
Describe(Target *target, Relation relation, TupleDesc descriptor, const int *attnums, int count)
{
	memset(target, 0, sizeof(*target));
	target->relation = relation;
	target->descriptor = descriptor;
	target->width = descriptor->natts;
	target->mapped = static_cast<bool *>(palloc0(sizeof(bool) * Max(target->width, 1)));
	for (int i = 0; i < count; i++)
		target->mapped[attnums[i] - 1] = true;
	ListRequired(target);
	target->check_required = true;
	if (relation == nullptr)
		return;
	target->relid = RelationGetRelid(relation);
	target->schema = pstrdup(get_namespace_name(RelationGetNamespace(relation)));
	target->name = pstrdup(RelationGetRelationName(relation));
	target->check_required = !MayReplaceNulls(relation->trigdesc) && !HasInsertRule(relation) &&
							 relation->rd_rel->relkind != RELKIND_VIEW;
}

} /* namespace */

void
OpenTarget(Target *target, const CopyRequest &request, const int *attnums, int count)
{
	PreventCommandIfReadOnly("copying into a table");
	PreventCommandIfParallelMode("copying into a table");

	Relation const relation = table_open(request.target, RowExclusiveLock);

	Describe(target, relation, RelationGetDescr(relation), attnums, count);
	/* a role without the privilege would see each row refused */
	target->row_security = check_enable_rls(target->relid, InvalidOid, true) == RLS_ENABLED &&
						   pg_class_aclcheck(target->relid, GetUserId(), ACL_INSERT) == ACLCHECK_OK;
	target->why_general = WhyGeneral(*target, request);
	if (target->why_general == nullptr)
		target->may_freeze = request.freeze && MayFreeze(relation);
	else
		target->self_reference = HasSelfReference(target->relid);
}

void
OpenTrialTarget(Target *target, const CopyRequest &request, const int *attnums, int count)
{
	Relation const relation =
		OidIsValid(request.target) ? table_open(request.target, AccessShareLock) : nullptr;

	Describe(target, relation,
			 relation != nullptr ? RelationGetDescr(relation) : request.trial->shape, attnums,
			 count);
	if (relation == nullptr)
		target->name = pstrdup(request.trial->name.c_str());
	target->why_general = "a trial";
}

} /* namespace sqlite_import::load */
