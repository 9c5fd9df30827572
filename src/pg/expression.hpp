/*
 * expression.hpp
 *    An SQL expression of the user's over one value: "using" in casts.
 *
 * It is what ALTER COLUMN ... TYPE ... USING takes, over the name "value":
 * one expression, no subquery, no aggregate, nothing volatile.  Its text is
 * parsed and never becomes part of a statement.  It runs with the caller's
 * rights, those of a SECURITY DEFINER function's caller too, under the safe search
 * path: functions that are not PostgreSQL's own have to be named with their schema.
 *
 * pg functions: they may ereport.
 */
#pragma once

#include "pg/guard.hpp"

namespace sqlite_import::pg
{

struct Expression;

/*
 * Compiles the text (of the server's encoding) over a value of the input type
 * into the result type, as an assignment would make it.  Lives in context.
 */
Expression *MakeExpression(MemoryContext context, const char *text, Oid input_type,
						   int32 input_typmod, Oid result_type, int32 result_typmod);

/* What it makes of a value; the datum is in the current memory context. */
Datum Evaluate(Expression *expression, Datum value, bool isnull, bool *result_isnull);

/* The type of that name, as format_type_extended wrote it.  Looked up by the safe search path. */
void LookUpType(const char *name, Oid *type, int32 *typmod);

} /* namespace sqlite_import::pg */
