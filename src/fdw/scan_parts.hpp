/*
 * scan_parts.hpp
 *    What scans and direct modifications have in common: their outputs and
 *    parameters, and the probe that runs before it.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include <sqlite3.h>

#include "convert/convert.hpp"

#include "fdw/remote_query.hpp"

extern "C" {
#include "postgres.h"
#include "nodes/execnodes.h"
}

namespace sqlite_import::fdw
{

struct Output
{
	OutputKind kind;
	int target; /* in the slot */
	convert::Converter *converter;
	const char *table; /* SQLite's names, for messages */
	const char *column;
	Oid relation; /* the foreign table; 0: an expression */
	bool decides; /* below a barrier: a condition reads it */
};

/* The values that PostgreSQL computes for a query, in the order of fdw_exprs. */
struct Parameters
{
	List *states; /* ExprStates */
	Oid *types;
};

/* The converter and the names of a column of a foreign table; the converter lives as context. */
Output ColumnOutput(MemoryContext context, Oid relation, AttrNumber attnum);

Parameters PrepareParameters(ForeignScanState *node);

/* Evaluates the first 'count' parameters, by default all, and binds those that the statement has.
 */
void BindParameters(ForeignScanState *node, const Parameters &parameters, sqlite3_stmt *statement,
					int count = PG_INT32_MAX);

/*
 * Asks whether there are values outside of their domains; true if there are.  In
 * ProbeMode::Report such a value is reported instead.
 */
bool RunProbe(ForeignScanState *node, const RemoteQuery &query, const Parameters &parameters,
			  MemoryContext context, values::Arena *arena);

/* The same with a probe that has been compiled already. */
bool AskProbe(ForeignScanState *node, const RemoteQuery &query, const Parameters &parameters,
			  MemoryContext context, values::Arena *arena, sqlite3_stmt *probe);

} /* namespace sqlite_import::fdw */
