/*
 * scan_state.hpp
 *    A running scan, as those see it who run it (scan.cpp), who make tuples of its
 *    rows (scan_rows.cpp) and who share it among processes (parallel_scan.cpp).
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include <sqlite3.h>

#include "fdw/parallel_scan.hpp"
#include "fdw/scan_handle.hpp"
#include "fdw/scan_parts.hpp"

extern "C" {
#include "postgres.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/resowner.h"
#include "utils/tuplestore.h"
}

namespace sqlite_import::fdw
{

/* In ForeignScanState.fdw_state; zeroed at first. */
struct ScanState
{
	RemoteQuery query;
	OpenQuery *open; /* null: not begun */
	sqlite3_stmt *statement;
	OpenQuery *probe; /* compiled to be asked again; null: not yet */
	bool running;     /* parameters are bound, rows come */
	bool at_end;
	bool reprobe;       /* the parameters have changed since the probe */
	bool returned;      /* at least one row */
	bool buffered;      /* rows come out of 'store' */
	bool plain;         /* every output is a value */
	bool nulls_beside;  /* the slot has columns that nothing is read into */
	bool below_barrier; /* a row is put to the conditions before it is converted (barrier.hpp) … */
	ExprState *conditions; /* … which are these; null: none that SQLite has not decided */
	ExprContext *conditions_context;
	int stepped;        /* rows of this run that the backend has read itself */
	SharedScan *shared; /* null: not in parallel */
	bool took_all;      /* … and the one range, which is everything, is taken */
	/* what the thread has read */
	RowBatch *batch;
	int batch_row;
	int output_count;
	Output *outputs;
	values::Arena *arena;
	MemoryContext values; /* of one row */
	MemoryContext owner;  /* of the open query */
	Parameters parameters;
	/* rows that are kept (kept_rows.hpp) */
	Tuplestorestate *store;
	TupleTableSlot *stored;
	bool keeping;   /* an error has ended the keeping */
	bool same_rows; /* whatever row of another relation the scan is run for */
	ForeignScanState *node;
	ResourceOwner resources; /* of the query that scans */
	uint64 begun;            /* before which of the session's writing statements */
	List *tables;            /* SQLite's names; NIL: not looked up yet */
};

/* Probes and, the first time, compiles; from then on the snapshot stands. */
void OpenScan(ForeignScanState *node, ScanState *state);

/*
 * The statement runs without workers: a subtransaction cannot be had while there
 * are any, whoever reads the scan.  For BeginForeignScan, which comes before the
 * executor looks (execMain.c, ExecutePlan); that a plan which is kept stays changed
 * is meant, it is true for each of its runs.
 */
void WithoutWorkers(ForeignScanState *node);

/* scan.cpp: asks the query anew; false if there is nothing to read. */
bool StartScan(ForeignScanState *node, ScanState *state);

/* scan.cpp: the next row of SQLite's into the slot; false at the end. */
bool FetchRow(ForeignScanState *node, ScanState *state, TupleTableSlot *slot);

/* scan_rows.cpp: the row that the statement stands on, into the slot. */
void StoreRow(ScanState *state, TupleTableSlot *slot);

/* Its parts, in the context of the row's values: the rowid as ctid, where it is wanted ('lenient':
 * none if it is too large), and the values that have not been stored yet. */
void StoreRowid(ScanState *state, TupleTableSlot *slot, bool lenient);
void StoreValues(ScanState *state, TupleTableSlot *slot);

/* The next row of the thread's batch into the slot. */
void StoreBatchRow(ScanState *state, TupleTableSlot *slot);

/* The rowid that a ctid stands for. */
inline int64
RowidOf(ItemPointer tid)
{
	return ((int64) ItemPointerGetBlockNumberNoCheck(tid) << 16) |
		   ItemPointerGetOffsetNumberNoCheck(tid);
}

/* A ctid has 48 bits, which is room for every rowid but those that were chosen to be odd. */
void SetRowid(TupleTableSlot *slot, int64 rowid, const char *table);

} /* namespace sqlite_import::fdw */
