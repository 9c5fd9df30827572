/*
 * remote_table.hpp
 *    What the wrapper knows of a foreign table: both sides' columns joined, with
 *    what may be assumed of their values.
 *
 * A SQLite column holds whatever was put into it, so a condition that SQLite
 * evaluates means the same as PostgreSQL's only for values of the right storage
 * class.  Each column therefore has a Domain (how its values compare) and a Trust
 * (what is known of the values that lie outside of it):
 *
 *    Clean   there are none: the rowid, STRICT tables.
 *    Tame    those that there may be do not convert to the column's type, because
 *            the column's affinity would have changed them when they were stored.
 *    Wild    they may convert: whatever SQLite says of them, PostgreSQL must look.
 */
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dialect/declared_type.hpp"

extern "C" {
#include "postgres.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"
}

namespace sqlite_import::fdw
{

/* How values of a PostgreSQL type compare in SQLite.  None: not alike. */
enum class Domain : uint8
{
	None,
	Integer, /* smallint, integer, bigint */
	Boolean, /* 0 and 1 */
	Float,   /* double precision */
	Decimal, /* numeric: against short constants only */
	Text,    /* text, varchar: byte by byte */
	Bytes    /* bytea */
};

enum class Trust : uint8
{
	Wild,
	Tame,
	Clean
};

struct RemoteColumn
{
	bool dropped;
	const char *local_name;
	const char *name; /* SQLite's */
	Oid type;
	int32 typmod;
	Oid collation;
	const char *column_type; /* the option */
	const char *timezone;    /* the server's option */
	Domain domain;
	Trust trust;
	dialect::Affinity affinity;
	bool binary;           /* its collation is BINARY */
	bool key;              /* the option */
	bool generated;        /* computed by SQLite */
	bool not_null;         /* SQLite lets no NULL in */
	bool rowid_alias;      /* INTEGER PRIMARY KEY */
	bool indexed;          /* leads an index, or is the rowid */
	bool on_mismatch_null; /* a value that does not convert is NULL */
};

/* A way to look rows up: the leading columns by which an index, or the rowid, finds them. */
struct RemoteKey
{
	bool unique;
	int count;
	AttrNumber *columns;
	double rows; /* rows per value of the first column, by sqlite_stat1; 0: not known */
};

/* What a scan of the table may meet while its statement runs (written.hpp). */
enum class Follow : int
{
	Unwritten, /* nothing: no row of it changes */
	Frozen,    /* its rows are kept before the first write: no values of other rows are sent */
	Target     /* rows that the statement itself has changed, which it does not find again */
};

struct RemoteTable
{
	Oid relation;
	Oid server;
	const char *name;       /* SQLite's */
	bool view;              /* a view, or a virtual table */
	const char *rowid_name; /* null: it has none */
	bool utf16;             /* the file keeps its texts in UTF-16 */
	bool json;              /* json_each() is SQLite's own function */
	bool below_barrier;     /* as it stands in this query (barrier.hpp) */
	int column_count;
	RemoteColumn *columns; /* by attnum - 1 */
	List *keys;            /* of RemoteKey, rowid first */
	double rows;           /* estimated */
	double pages;          /* estimated, of the server's block size */
	int width;
	bool updatable;
	bool truncatable;
	int batch_size;
	Follow follow; /* for the query that is planned */
};

/*
 * Describes the foreign table in the current memory context.  May ereport: the
 * table or a column is not there (with near names).
 */
RemoteTable *DescribeRemoteTable(Relation relation);

/* A hint with the names that are nearest to the one that is missing; empty if none is near. */
std::string NearNames(const std::string &wanted, const std::vector<std::string> &names);

/* The domain of a type. */
Domain DomainOfType(Oid type);

/* The column of an attribute number; null for system columns and whole rows. */
const RemoteColumn *ColumnOf(const RemoteTable *table, AttrNumber attnum);

} /* namespace sqlite_import::fdw */
