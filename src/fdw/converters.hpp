/*
 * converters.hpp
 *    The converter of a foreign table's column, from its options.
 */
#pragma once

#include "convert/convert.hpp"

#include "fdw/remote_table.hpp"

namespace sqlite_import::fdw
{

/*
 * Makes the converter of a column as its options say.  column_type tells what
 * numbers in a column of a date or time type are: INT and REAL are seconds since
 * 1970, JULIAN, UNIX_S, UNIX_MS, UNIX_US and UNIX_NS are what they say.  timezone
 * is the server's option.  Lives as long as context.  May ereport.
 */
convert::Converter *ConverterOf(MemoryContext context, const char *local_name, Oid type,
								int32 typmod, const char *column_type, const char *timezone,
								bool on_mismatch_null);

/*
 * Whether a value of such a column may have to be converted by the server in a
 * subtransaction: what the server refuses is to become NULL, and the leaf stage
 * alone does not settle the type.  Subtransactions cannot be had in a parallel
 * operation (xact.c).  May ereport.
 */
bool NeedsSubtransaction(Oid type, bool on_mismatch_null);

/* An arena that lives as long as context.  May ereport. */
values::Arena *MakeArena(MemoryContext context);

} /* namespace sqlite_import::fdw */
