/*
 * modify_statement.hpp
 *    The INSERT, UPDATE or DELETE that writes one row, and the columns it is about.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/remote_table.hpp"

extern "C" {
#include "postgres.h"
#include "nodes/nodes.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
}

namespace sqlite_import::fdw
{

/* A column that finds a row again. */
struct KeyColumn
{
	AttrNumber attnum; /* SelfItemPointerAttributeNumber: the rowid */
	AttrNumber junk;   /* in the subplan's output */
};

struct ModifyStatement
{
	RemoteTable *table;
	CmdType operation;
	const char *sql;
	List *targets;   /* attribute numbers that are written, in parameter order */
	List *returning; /* attribute numbers that SQLite returns */
	List *keys;      /* of KeyColumn; their parameters follow those of the targets */
};

/* The columns by which rows are found: the rowid by preference; NIL if nothing tells them apart. */
List *KeyAttributes(const RemoteTable *table);

/* True if a BEFORE ROW trigger may change what is written. */
bool HasRowTrigger(Relation relation, CmdType operation);

/*
 * The columns that are written.  An INSERT leaves out what the statement does not
 * name and PostgreSQL has no default for, so that SQLite's own defaults apply.
 */
List *TargetColumns(const RemoteTable *table, Relation relation, CmdType operation,
					Bitmapset *named);

/* The columns that RETURNING wants back; all of them if 'all'. */
List *ReturnedColumns(const RemoteTable *table, Index rtindex, List *returning, bool all);

/* Sets the statement's sql; the rest of it is there. */
void WriteStatement(ModifyStatement *statement, bool skip_conflicts);

} /* namespace sqlite_import::fdw */
