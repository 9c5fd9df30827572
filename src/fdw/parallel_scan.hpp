/*
 * parallel_scan.hpp
 *    One scan in several processes.
 *
 * Each process has a connection of its own and takes ranges of rowids from a
 * common counter.  That makes one answer only if all see the same state of the
 * file: the leader holds its snapshot from before the workers start, writes down
 * what it is known by, and a worker whose snapshot is another one raises an
 * error.  Where a snapshot has no such mark (a -wal is read, or the database is
 * being written from here), the leader reads everything by itself.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/connection.hpp"

extern "C" {
#include "postgres.h"
#include "foreign/fdwapi.h"
#include "port/atomics.h"
}

namespace sqlite_import::fdw
{

/* In shared memory. */
struct SharedScan
{
	bool leader_only;
	pg::SnapshotMark mark;
	int64 first; /* rowid */
	uint64 span; /* from the first to the last */
	uint64 ranges;
	pg_atomic_uint64 next;
};

/* What the leader writes down.  'empty': the table has no rows, and no first and last. */
void InitializeSharedScan(SharedScan *shared, Connection *connection, bool empty, int64 first,
						  int64 last);

/* Raises an error if the connection's snapshot is not the one that the leader reads. */
void CheckSnapshot(const SharedScan *shared, Connection *connection);

/* The next range of rowids that nobody has taken; false if there is none. */
bool TakeRange(SharedScan *shared, int64 *low, int64 *high);

/* FdwRoutine's members. */
bool IsForeignScanParallelSafe(PlannerInfo *root, RelOptInfo *rel, RangeTblEntry *entry);
Size EstimateDSMForeignScan(ForeignScanState *node, ParallelContext *context);
void InitializeDSMForeignScan(ForeignScanState *node, ParallelContext *context, void *coordinate);
void ReInitializeDSMForeignScan(ForeignScanState *node, ParallelContext *context, void *coordinate);
void InitializeWorkerForeignScan(ForeignScanState *node, shm_toc *toc, void *coordinate);

} /* namespace sqlite_import::fdw */
