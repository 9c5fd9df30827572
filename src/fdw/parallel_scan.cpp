/*
 * parallel_scan.cpp
 *    Ranges of rowids for several processes, all of one snapshot.
 */
#include <sqlite3.h>

#include <algorithm>

#include "pg/errors.hpp"

#include "fdw/parallel_scan.hpp"
#include "fdw/scan.hpp"
#include "fdw/scan_state.hpp"

extern "C" {
#include "access/parallel.h"
#include "foreign/foreign.h"
#include "optimizer/optimizer.h"
#include "utils/memutils.h"
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
	if (sqlite3_step(span->handle()) != SQLITE_ROW)
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

bool
IsForeignScanParallelSafe(PlannerInfo *, RelOptInfo *, RangeTblEntry *entry)
{
	const Oid server = GetForeignTable(entry->relid)->serverid;

	return pg::PgEntry([server] { return MayReadInParallel(server); });
}

} /* namespace sqlite_import::fdw */
