/*
 * deparse_query.hpp
 *    The clauses of a query, made of what deparse.hpp writes.
 *
 * PostgreSQL frames: all functions may ereport.
 */
#pragma once

#include "fdw/plan.hpp"

namespace sqlite_import::fdw
{

/* Appends the relation's tables; what has to stand in WHERE is added to 'conditions'. */
void AppendFrom(Deparse *deparse, RelOptInfo *rel, List **conditions);

/* Appends " WHERE …" for the conditions that AppendFrom has gathered. */
void AppendWhere(Deparse *deparse, List *conditions);

void AppendGroupBy(Deparse *deparse, List *grouped);
void AppendHaving(Deparse *deparse, List *clauses);

/* Appends " ORDER BY …" for the pathkeys; false, with nothing appended, if one does not ship. */
bool AppendOrderBy(Deparse *deparse, RelOptInfo *rel, List *pathkeys);

/* Appends " LIMIT … OFFSET …"; both are constants, the offset may be null. */
void AppendLimit(StringInfo sql, Node *count, Node *offset);

} /* namespace sqlite_import::fdw */
