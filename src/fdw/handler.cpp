/*
 * handler.cpp
 *    The table of the wrapper's callbacks.
 */
#include <sqlite3.h>

#include "fdw/import_schema.hpp"
#include "fdw/plan.hpp"
#include "fdw/scan.hpp"

extern "C" {
#include "fmgr.h"
#include "foreign/fdwapi.h"

extern PGDLLEXPORT Datum sqlite_import_fdw_handler(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_fdw_handler);
}

#include "pg/compat.h"

/* sqlite_import.fdw_handler() */
Datum
sqlite_import_fdw_handler(PG_FUNCTION_ARGS)
{
	using namespace sqlite_import;
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = fdw::GetForeignRelSize;
	routine->GetForeignPaths = fdw::GetForeignPaths;
	routine->GetForeignPlan = fdw::GetForeignPlan;
	routine->BeginForeignScan = fdw::BeginForeignScan;
	routine->IterateForeignScan = fdw::IterateForeignScan;
	routine->ReScanForeignScan = fdw::ReScanForeignScan;
	routine->EndForeignScan = fdw::EndForeignScan;
	routine->ExplainForeignScan = fdw::ExplainForeignScan;
	routine->ImportForeignSchema = fdw::ImportForeignSchema;
	PG_RETURN_POINTER(routine);
}
