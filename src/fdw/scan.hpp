/*
 * scan.hpp
 *    Running a planned query.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include <sqlite3.h>

extern "C" {
#include "postgres.h"
#include "nodes/execnodes.h"
}

namespace sqlite_import::fdw
{

void BeginForeignScan(ForeignScanState *node, int flags);
TupleTableSlot *IterateForeignScan(ForeignScanState *node);
void ReScanForeignScan(ForeignScanState *node);
void EndForeignScan(ForeignScanState *node);
void ExplainForeignScan(ForeignScanState *node, struct ExplainState *state);

/* Binds a value of one of the types that ship; a parameter that the query lacks is no error. */
void BindDatum(sqlite3_stmt *statement, int parameter, Oid type, Datum value, bool is_null);

/* Raises what SQLite said about the statement's connection. */
[[noreturn]] void ReportStatement(sqlite3_stmt *statement);

/* sqlite3_step, aside where that may last (sqlite::step).  Of the backend; may ereport. */
int Step(sqlite3_stmt *statement);

} /* namespace sqlite_import::fdw */
