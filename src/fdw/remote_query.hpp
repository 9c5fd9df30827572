/*
 * remote_query.hpp
 *    What planning hands to execution: a query of SQLite's, what its outputs are,
 *    and the query that is asked before it.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/deparse.hpp"
#include "fdw/remote_table.hpp"

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
}

namespace sqlite_import::fdw
{

/* The places in ForeignScan.fdw_private; list_nth() finds them. */
enum PrivateSlot
{
	kSlotSql,          /* String: the query */
	kSlotGuardedSql,   /* String: the query if the probe finds a row; may be empty */
	kSlotProbe,        /* String: asks for values outside of their domains; may be empty */
	kSlotProbeMode,    /* Integer: what a row of the probe means; ProbeMode */
	kSlotKinds,        /* int list: OutputKind of each output */
	kSlotRelations,    /* oid list: the foreign table that an output is a column of, or 0 */
	kSlotAttributes,   /* int list: its attribute number */
	kSlotHasRowid,     /* Integer: RowidUse */
	kSlotServer,       /* oid list of one */
	kSlotProbeColumns, /* two lists in one: oids of the relation for each column of the probe */
	kSlotProbeAttributes,
	kSlotLabel,  /* String: what EXPLAIN says is read */
	kSlotRange,  /* Integer: the first of the two parameters that bound the rowid; 0: none do */
	kSlotFollow, /* Integer: Follow */
	kSlotSpan,   /* String: the query for the least and greatest rowid */
	kSlotBarrier /* Integer: Barrier */
};

enum class ProbeMode : int
{
	None,
	UseGuarded, /* run the other query */
	Report      /* the row holds a value that does not convert: say which */
};

/* Whether the query's last SQLite column is the rowid. */
enum class RowidUse : int
{
	None,
	Message, /* for errors about values */
	Ctid     /* it is the row's ctid too */
};

/* Whether a view's security barrier is above the scan (barrier.hpp). */
enum class Barrier : int
{
	None,
	Decides,     /* the scan's conditions are all that decides which rows may be seen */
	DecidesLater /* others may, above the scan */
};

/* Everything that execution needs, before it is packed into lists. */
struct RemoteQuery
{
	const char *sql;
	const char *guarded_sql;
	const char *probe;
	ProbeMode probe_mode;
	List *kinds;
	List *relations;
	List *attributes;
	RowidUse rowid;
	Oid server;
	List *probe_relations;
	List *probe_attributes;
	const char *label;
	int range;
	Follow follow;
	const char *span;
	Barrier barrier;
};

/* The query as a list that can be copied with the plan; its strings are copied. */
List *PackQuery(const RemoteQuery &query);

/* What PackQuery has packed; its strings are the list's. */
RemoteQuery UnpackQuery(List *packed);

} /* namespace sqlite_import::fdw */
