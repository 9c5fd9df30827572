/*
 * parallel_scan.cpp
 *    Ranges of rowids for several processes, all of one snapshot.
 */
#include <sqlite3.h>

#include <algorithm>

#include "pg/errors.hpp"

#include "fdw/converters.hpp"
#include "fdw/options.hpp"
#include "fdw/parallel_scan.hpp"
#include "fdw/scan.hpp"
#include "fdw/scan_state.hpp"

extern "C" {
#include "access/parallel.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "foreign/foreign.h"
#include "optimizer/optimizer.h"
#include "utils/memutils.h"
#include "utils/rel.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* Many more than there are processes, so that none waits long for the last one. */
constexpr uint64 kRanges = 128;

} /* namespace */

void
InitializeSharedScan(SharedScan *shared, Connection *connection, bool empty, int64 first,
					 int64 last)
{
	pg::SnapshotMark mark = {};
	const bool marked = pg::PgEntry([&mark, connection] { return connection->Mark(&mark); });

	shared->leader_only = !marked;
	shared->mark = mark;
	shared->first = first;
	shared->span = (uint64) last - (uint64) first;
	shared->ranges = empty ? 0 : std::min(kRanges, shared->span / 2 + 1);
	pg_atomic_init_u64(&shared->next, 0);
	if (!marked && !parallel_leader_participation)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE),
						errmsg("the SQLite database cannot be read by several processes now"),
						errhint("Set parallel_leader_participation to on.")));
}

void
CheckSnapshot(const SharedScan *shared, Connection *connection)
{
	pg::SnapshotMark mark = {};

	if (!IsParallelWorker() || shared->leader_only)
		return;
	if (!pg::PgEntry([&mark, connection] { return connection->Mark(&mark); }) ||
		!(mark == shared->mark))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("the SQLite file was changed while several processes began to read it"),
				 errhint("Run the query again, or set max_parallel_workers_per_gather to 0.")));
}

bool
TakeRange(SharedScan *shared, int64 *low, int64 *high)
{
	if (shared->leader_only && IsParallelWorker())
		return false;
	const uint64 number = pg_atomic_fetch_add_u64(&shared->next, 1);
	const uint64 step = shared->ranges > 0 ? shared->span / shared->ranges + 1 : 1;

	/* the last ranges may be empty, as the steps are rounded up */
	if (number >= shared->ranges || number > shared->span / step)
		return false;
	const uint64 start = number * step;
	*low = (int64) ((uint64) shared->first + start);
	*high = (int64) ((uint64) shared->first + start + std::min(step - 1, shared->span - start));
	return true;
}

Size
EstimateDSMForeignScan(ForeignScanState *, ParallelContext *)
{
	return sizeof(SharedScan);
}

void
InitializeDSMForeignScan(ForeignScanState *node, ParallelContext *, void *coordinate)
{
	ScanState *state = (ScanState *) node->fdw_state;
	SharedScan *shared = (SharedScan *) coordinate;
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "sqlite_import span", ALLOCSET_SMALL_SIZES);
	const Oid server = state->query.server;
	const char *sql = state->query.span;

	OpenScan(node, state);
	OpenQuery *span = pg::PgEntry([=] { return pg::PgNew<OpenQuery>(context, server, sql); });
	if (Step(span->handle()) != SQLITE_ROW)
		ReportStatement(span->handle());
	InitializeSharedScan(
		shared, &state->open->connection(), sqlite3_column_type(span->handle(), 0) == SQLITE_NULL,
		sqlite3_column_int64(span->handle(), 0), sqlite3_column_int64(span->handle(), 1));
	state->shared = shared;
	MemoryContextDelete(context);
}

void
ReInitializeDSMForeignScan(ForeignScanState *, ParallelContext *, void *coordinate)
{
	pg_atomic_write_u64(&((SharedScan *) coordinate)->next, 0);
}

void
InitializeWorkerForeignScan(ForeignScanState *node, shm_toc *, void *coordinate)
{
	((ScanState *) node->fdw_state)->shared = (SharedScan *) coordinate;
}

namespace
{

/* True if a column that the scan reads can only be converted outside of a parallel operation. */
bool
ReadsInSubtransactions(const RelOptInfo *rel, Oid oid)
{
	Relation relation = table_open(oid, NoLock);
	TupleDesc descriptor = RelationGetDescr(relation);
	const TableOptions options = ReadTableOptions(oid);
	Bitmapset *used = nullptr;
	bool found = false;
	ListCell *cell;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &used);
	foreach (cell, rel->baserestrictinfo)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, cell)->clause, rel->relid, &used);
	const bool whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (int i = 0; i < descriptor->natts && !found; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		found = !attribute->attisdropped &&
				(whole ||
				 bms_is_member(attribute->attnum - FirstLowInvalidHeapAttributeNumber, used)) &&
				NeedsSubtransaction(
					attribute->atttypid,
					ReadColumnOptions(oid, attribute->attnum, options).on_mismatch_null);
	}
	table_close(relation, NoLock);
	return found;
}

} /* namespace */

bool
IsForeignScanParallelSafe(PlannerInfo *, RelOptInfo *rel, RangeTblEntry *entry)
{
	const Oid server = GetForeignTable(entry->relid)->serverid;

	return !ReadsInSubtransactions(rel, entry->relid) &&
		   pg::PgEntry([server] { return MayReadInParallel(server); });
}

} /* namespace sqlite_import::fdw */
