/*
 * kept_rows.hpp
 *    Rows of a scan that are kept, so that nothing which is written later shows in
 *    them.
 *
 * A scan that starts within a write transaction reads all its rows at once: SQLite
 * does not say what becomes of a query whose table is changed under it
 * (sqlite.org/isolation.html).  Scans that have begun by then, of this statement or
 * of others that are still open (a cursor, a loop, a query that calls a function),
 * read theirs to the end before the first row of a statement is written into their
 * table; those that have not been asked for a row yet do so from the start.  A scan
 * that begins again gives the same rows once more.
 *
 * What cannot be kept is a lookup that has another query for each row of another
 * relation.  Where the statement is known to write the table there are none
 * (written.hpp); where the write comes from elsewhere, the lookup that would see it
 * is refused.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/scan_state.hpp"

namespace sqlite_import::fdw
{

/* Lets others make the scan keep its rows, until its query's memory goes. */
void RegisterScan(ForeignScanState *node, ScanState *state);

/* Reads the rows that are left, or all of them, into the store; 'in_use': one is being looked at.
 */
void KeepRows(ScanState *state, bool in_use);

/* The next of the kept rows; false at the end. */
bool FetchKept(ScanState *state, TupleTableSlot *slot);

/* Refuses a scan that starts after its table was written by another statement than its own. */
void CheckNotWritten(ScanState *state);

/* Before the connection begins to write: every scan of the server's that has begun is kept. */
void KeepBegunScans(Oid server);

/*
 * Before a statement writes its first row into a table (null: into any): the scans that read
 * it are kept.
 */
void BeforeFirstWrite(EState *writer, Oid server, const char *table);

/* At the end of a transaction. */
void ForgetWrites() noexcept;

} /* namespace sqlite_import::fdw */
