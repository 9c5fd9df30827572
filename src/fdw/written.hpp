/*
 * written.hpp
 *    Which tables a statement may write while it reads them.
 *
 * Every scan of a statement has to see a table as it was when the statement
 * began.  SQLite has no such snapshot within one connection, and a second one
 * does not see what the transaction has written before.  So the rows of a scan
 * are kept before the first write reaches its table (kept_rows.cpp), which needs
 * a query that is the same whatever row of another relation it is run for: values
 * of other rows do not become parameters of it, and are compared here instead.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/plan.hpp"

namespace sqlite_import::fdw
{

enum class Written : int
{
	No,       /* not while the statement runs */
	AsTarget, /* by the statement's own assignments to the rows that it scans */
	Anyhow
};

/* What the statement that the query is part of may do to the table. */
Written MayBeWritten(PlannerInfo *root, const RemoteTable *table);

/* True if no row that an UPDATE or DELETE has changed can be found again by the query's conditions.
 */
bool FindsRowsOnce(PlannerInfo *root, const RelOptInfo *rel);

/* True for what has another value for each row of another relation. */
bool DependsOnOtherRows(PlannerInfo *root, Node *node);

} /* namespace sqlite_import::fdw */
