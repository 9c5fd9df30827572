/*
 * upload.cpp
 *    sqlite_import.upload: bytes into a large object, in parts.
 *
 * For drivers and poolers that speak SQL alone.  A bytea may have 1 GB, and in
 * practice a few MB, so a file comes in parts: the first call makes the large
 * object, the others append to it.  The large object is the caller's.
 */
extern "C" {
#include "postgres.h"

#include "fmgr.h"
#include "libpq/be-fsstubs.h"
#include "libpq/libpq-fs.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

extern PGDLLEXPORT Datum sqlite_import_upload(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_upload);
}

#include "pg/compat.h"

namespace
{

/* Appends with the current user's rights.  May ereport. */
void
Append(Oid large_object, const bytea *data)
{
	const int fd = DatumGetInt32(DirectFunctionCall2(be_lo_open, ObjectIdGetDatum(large_object),
													 Int32GetDatum(INV_READ | INV_WRITE)));

	(void) DirectFunctionCall3(be_lo_lseek64, Int32GetDatum(fd), Int64GetDatum(0),
							   Int32GetDatum(SEEK_END));
	(void) lo_write(fd, VARDATA_ANY(data), static_cast<int>(VARSIZE_ANY_EXHDR(data)));
	(void) DirectFunctionCall1(be_lo_close, Int32GetDatum(fd));
}

} /* namespace */

extern "C" {

/* upload(part bytea, large_object oid) → oid: null makes a new large object */
Datum
sqlite_import_upload(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("part must not be null")));
	if (PG_ARGISNULL(1))
		return DirectFunctionCall2(be_lo_from_bytea, ObjectIdGetDatum(InvalidOid),
								   PG_GETARG_DATUM(0));
	Append(PG_GETARG_OID(1), PG_GETARG_BYTEA_PP(0));
	PG_RETURN_OID(PG_GETARG_OID(1));
}
}
