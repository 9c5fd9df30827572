/*
 * deparse.hpp
 *    PostgreSQL's expressions written as SQLite's, where the two mean the same.
 *
 * An expression ships only if every operator in it is on a list, its operands
 * share a Domain (remote_table.hpp), and its collation orders bytes where order
 * matters.  What SQLite then says of a row is right if the columns' values lie
 * in their domains; the columns for which that is not known are the expression's
 * *guards*, and the caller decides: fetch the guarded rows too and look at them
 * again, or ask first whether there are any.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/remote_table.hpp"

extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
#include "nodes/pathnodes.h"
#include "nodes/primnodes.h"
}

namespace sqlite_import::fdw
{

/* What is being written, and what was learnt by writing it. */
struct Deparse
{
	PlannerInfo *root;
	Relids relids;        /* the relations that the query reads */
	RemoteTable **tables; /* by range table index */
	bool aliases;         /* columns are qualified: r1."name" */
	StringInfo sql;
	List *params; /* expressions whose values are bound as ?1, ?2, … */
	List *guards; /* Vars whose values may lie outside of their domains */
	bool wild;    /* one of the guards is not Tame */
	bool utf16;   /* SQLite compares texts as UTF-16, in another order */
	bool json;    /* SQLite has json_each() */
	bool lookup;  /* a null-on-mismatch column may be written bare: the caller looks again */
	bool frozen;  /* values of other relations' rows are not sent (written.hpp) */
	bool grouped; /* above GROUP BY: aggregates may be written */
};

/* A context that writes into a new buffer. */
Deparse MakeDeparse(PlannerInfo *root, Relids relids, RemoteTable **tables, bool aliases);

/*
 * Appends the expression and returns its domain; Domain::None, with nothing
 * appended and nothing learnt, if it does not ship.
 */
Domain Ship(Deparse *deparse, Node *node);

/*
 * The parts of Ship, which may leave something appended when they fail.  ShipLeaf:
 * false if the node is neither a column, nor a constant, nor free of our columns.
 * ShipArrayParameter: a query for the members of an array that has none of our
 * columns; their domain, or None.  ShipAggregateValue (aggregate.cpp): an aggregate whose SQLite
 * value is the result itself.
 */
bool ShipLeaf(Deparse *deparse, Node *node, Domain *domain);
Domain ShipArrayParameter(Deparse *deparse, Node *array);
Domain ShipAggregateValue(Deparse *deparse, Aggref *aggregate);

/* Appends the column's bare name. */
void AppendColumn(Deparse *deparse, Index rtindex, AttrNumber attnum);

/* Appends a column as it is to be compared, sorted or grouped; false if it cannot be. */
bool ShipComparable(Deparse *deparse, Node *node, Oid collation, bool ordered);

/* Appends what is true for a value outside of the column's domain. */
void AppendOutside(Deparse *deparse, const Var *column);

/* Appends "(outside(a) OR outside(b))" for a list of Vars. */
void AppendAnyOutside(Deparse *deparse, List *columns);

/* True if the collation compares as bytes do; with UTF-8 that is code point order. */
bool OrdersBytes(Oid collation);

/* The expression without casts that change nothing; may be null, as the node may. */
inline Node *
StripRelabel(Node *node)
{
	while (node != nullptr && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return node;
}

/* How an output of the query becomes a value. */
enum class OutputKind : int
{
	Value,       /* one SQLite column, converted */
	SumOfBigint, /* high and low halves, to numeric */
	Average      /* the same and a count, to numeric */
};

/*
 * aggregate.cpp: appends the aggregate's one to three SQLite columns; false if it
 * does not ship, with something appended perhaps.
 */
bool ShipAggregate(Deparse *deparse, Aggref *aggregate, OutputKind *kind);

/* A relation's name, with its alias if the context has aliases. */
void AppendRelation(Deparse *deparse, Index rtindex);

/* Appends an identifier or a string as SQLite writes it. */
void AppendIdentifier(StringInfo sql, const char *name);
void AppendText(StringInfo sql, const char *text);

} /* namespace sqlite_import::fdw */
