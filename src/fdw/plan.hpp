/*
 * plan.hpp
 *    What planning keeps per relation, and what it hands to execution.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/deparse.hpp"
#include "fdw/remote_table.hpp"

extern "C" {
#include "postgres.h"
#include "foreign/fdwapi.h"
#include "nodes/pathnodes.h"
}

namespace sqlite_import::fdw
{

/* In RelOptInfo.fdw_private of base, join and upper relations. */
struct RelInfo
{
	Oid server;
	RemoteTable **tables; /* by range table index; shared by the whole query */
	Relids relids;        /* the base relations below */
	Relids visible;       /* those whose columns the relation has: not what stands in EXISTS */

	/* base relations: what becomes of baserestrictinfo */
	bool all_exact;   /* SQLite decides every condition for good … */
	List *guards;     /* … provided that these Vars (Tame) are in their domains */
	bool looks_up;    /* an index finds rows by a column that may hold odd values */
	List *conditions; /* clauses that SQLite evaluates, for the relations above */

	/* join relations */
	JoinType join_type;
	RelOptInfo *outer;
	RelOptInfo *inner;
	List *join_conditions; /* the ON clauses of this join, clauses only */

	/* upper relations */
	List *having;       /* clauses that SQLite evaluates … */
	List *local_having; /* … and the others */
	UpperRelationKind stage;
	RelOptInfo *input;

	double pages;     /* base relations: what a scan reads … */
	double looked_at; /* … and how many rows it looks at */
};

/* How an output of the query becomes a value. */
enum class OutputKind : int
{
	Value,       /* one SQLite column, converted */
	SumOfBigint, /* high and low halves, to numeric */
	Average      /* the same and a count, to numeric */
};

/* The places in ForeignScan.fdw_private. */
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
	kSlotLabel, /* String: what EXPLAIN says is read */
	kSlotRange, /* Integer: the first of the two parameters that bound the rowid; 0: none do */
	kSlotSpan   /* String: the query for the least and greatest rowid */
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
	const char *span;
};

List *PackQuery(const RemoteQuery &query);

/* FdwRoutine members of plan.cpp */
void GetForeignRelSize(PlannerInfo *root, RelOptInfo *rel, Oid relation);
void GetForeignPaths(PlannerInfo *root, RelOptInfo *rel, Oid relation);
ForeignScan *GetForeignPlan(PlannerInfo *root, RelOptInfo *rel, Oid relation, ForeignPath *path,
							List *tlist, List *clauses, Plan *outer_plan);

/* Appends the aggregate's one to three SQLite columns; false if it does not ship. */
bool ShipAggregate(Deparse *deparse, Aggref *aggregate, OutputKind *kind);

/* of pushed.cpp: joins and what stands above them */
void GetForeignJoinPaths(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outer,
						 RelOptInfo *inner, JoinType type, JoinPathExtraData *extra);
void GetForeignUpperPaths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
						  RelOptInfo *output, void *extra);
ForeignScan *PlanPushed(PlannerInfo *root, RelOptInfo *rel, ForeignPath *path, List *tlist,
						List *clauses, Plan *outer_plan);

/*
 * A path for one process only.  Two processes that read the whole of something
 * may see two states of the file; only the shares of one scan compare theirs.
 */
inline Path *
Serial(Path *path)
{
	path->parallel_safe = false;
	return path;
}

/* Writes the probe for the relation's guards and those met while its query was written. */
void WriteProbe(Deparse *deparse, PlannerInfo *root, const RelInfo *info, RemoteQuery *query);

/* Appends " ORDER BY …" for the pathkeys; false, with nothing appended, if one does not ship. */
bool AppendOrderBy(Deparse *deparse, RelOptInfo *rel, List *pathkeys);

/* The array of tables that the query's relations share, with this relation described in it. */
RemoteTable **SharedTables(PlannerInfo *root, Index rtindex, Oid relation);

/* Costs of reading: rows looked at, rows returned, columns of each. */
void CostScan(double pages, double looked_at, double returned, int columns, Cost *startup,
			  Cost *total);

} /* namespace sqlite_import::fdw */
