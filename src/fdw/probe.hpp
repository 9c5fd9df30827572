/*
 * probe.hpp
 *    Asking for values outside of their domains before a query runs.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/plan.hpp"

namespace sqlite_import::fdw
{

/* Adds to the probe: is there an odd value at the end of the column's index? */
void AppendLookupProbe(Deparse *deparse, StringInfo probe, const Var *column);

/* Adds to the probe: is there an odd value in these columns of one table? */
void AppendFullProbe(Deparse *deparse, StringInfo probe, List *columns);

/* Writes the probe for the relation's guards and those met while its query was written. */
void WriteProbe(Deparse *deparse, PlannerInfo *root, const RelInfo *info, RemoteQuery *query);

} /* namespace sqlite_import::fdw */
