/*
 * options.hpp
 *    The options of the wrapper: one table of what may stand where, and their
 *    values as plain structs.
 *
 * All functions may ereport; structs and strings live in the current memory
 * context.
 */
#pragma once

extern "C" {
#include "postgres.h"
#include "foreign/foreign.h"
#include "utils/rel.h"
}

namespace sqlite_import::fdw
{

/* Of a server, and of a table as far as the table does not override them. */
struct ServerOptions
{
	Oid server;
	const char *name;
	bool updatable;
	bool truncatable;
	bool keep_connections;
	bool force_readonly;
	int batch_size;
	int busy_timeout_ms;
	bool on_mismatch_null;
	const char *timezone; /* of naive text into timestamptz; "" is UTC */
};

/* Of a foreign table. */
struct TableOptions
{
	const char *table; /* SQLite's name */
	bool updatable;    /* force_readonly is taken into account */
	bool truncatable;
	int batch_size;
	bool on_mismatch_null;
	const char *timezone; /* the server's */
};

/* Of a column of a foreign table. */
struct ColumnOptions
{
	const char *name;        /* SQLite's name */
	const char *column_type; /* null if not given */
	bool key;
	bool on_mismatch_null;
	const char *timezone; /* the server's */
};

ServerOptions ReadServerOptions(Oid server);
TableOptions ReadTableOptions(Oid relation);
ColumnOptions ReadColumnOptions(Oid relation, AttrNumber attnum, const TableOptions &table);

/* Of IMPORT FOREIGN SCHEMA. */
struct ImportOptions
{
	bool defaults;  /* import_default, off */
	bool not_null;  /* import_not_null, on */
	bool generated; /* import_generated, on: generated columns become columns */
	bool views;     /* import_views, on */
};

ImportOptions ReadImportOptions(List *options);

/* True for every spelling of a Boolean that the server takes; false for 'text' null. */
bool BooleanOption(DefElem *option);

} /* namespace sqlite_import::fdw */
