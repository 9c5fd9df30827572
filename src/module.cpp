/*
 * module.cpp
 *    What the server sees first: the module magic, the settings, the callbacks of
 *    transactions, and the two functions that tell versions.
 */
#include <sqlite3.h>

#include "fdw/connection.hpp"
#include "pg/aside.hpp"
#include "pg/errors.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "postgres.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "pg/compat.h"

PG_MODULE_MAGIC_EXT(.name = "sqlite_import", .version = SQLITE_IMPORT_VERSION);

PGDLLEXPORT void _PG_init(void);
extern PGDLLEXPORT Datum sqlite_import_version(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_version);
extern PGDLLEXPORT Datum sqlite_import_sqlite_version(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_sqlite_version);

/* The version of this extension, as in the control file. */
Datum
sqlite_import_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(SQLITE_IMPORT_VERSION));
}

/* The version of the SQLite library that reads the files. */
Datum
sqlite_import_sqlite_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(sqlite3_libversion()));
}

void
_PG_init(void)
{
	sqlite_import::pg::DefineSettings();
	sqlite_import::fdw::RegisterCallbacks();
	sqlite_import::pg::WatchKeptErrors();
	sqlite_import::pg::StartSettingAside();
}
}
