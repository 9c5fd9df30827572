/*
 * handler.cpp
 *    The table of the wrapper's callbacks.
 */
#include <sqlite3.h>

#include "fdw/plan.hpp"
#include "fdw/analyze.hpp"
#include "fdw/direct_modify.hpp"
#include "fdw/import_schema.hpp"
#include "fdw/modify.hpp"
#include "fdw/parallel_scan.hpp"
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
	routine->GetForeignJoinPaths = fdw::GetForeignJoinPaths;
	routine->GetForeignUpperPaths = fdw::GetForeignUpperPaths;
	routine->BeginForeignScan = fdw::BeginForeignScan;
	routine->IterateForeignScan = fdw::IterateForeignScan;
	routine->ReScanForeignScan = fdw::ReScanForeignScan;
	routine->EndForeignScan = fdw::EndForeignScan;
	routine->ExplainForeignScan = fdw::ExplainForeignScan;
	routine->IsForeignScanParallelSafe = fdw::IsForeignScanParallelSafe;
	routine->EstimateDSMForeignScan = fdw::EstimateDSMForeignScan;
	routine->InitializeDSMForeignScan = fdw::InitializeDSMForeignScan;
	routine->ReInitializeDSMForeignScan = fdw::ReInitializeDSMForeignScan;
	routine->InitializeWorkerForeignScan = fdw::InitializeWorkerForeignScan;
	routine->PlanDirectModify = fdw::PlanDirectModify;
	routine->BeginDirectModify = fdw::BeginDirectModify;
	routine->IterateDirectModify = fdw::IterateDirectModify;
	routine->EndDirectModify = fdw::EndDirectModify;
	routine->ExplainDirectModify = fdw::ExplainDirectModify;
	routine->IsForeignRelUpdatable = fdw::IsForeignRelUpdatable;
	routine->AddForeignUpdateTargets = fdw::AddForeignUpdateTargets;
	routine->PlanForeignModify = fdw::PlanForeignModify;
	routine->BeginForeignModify = fdw::BeginForeignModify;
	routine->ExecForeignInsert = fdw::ExecForeignInsert;
	routine->ExecForeignBatchInsert = fdw::ExecForeignBatchInsert;
	routine->GetForeignModifyBatchSize = fdw::GetForeignModifyBatchSize;
	routine->ExecForeignUpdate = fdw::ExecForeignUpdate;
	routine->ExecForeignDelete = fdw::ExecForeignDelete;
	routine->EndForeignModify = fdw::EndForeignModify;
	routine->BeginForeignInsert = fdw::BeginForeignInsert;
	routine->EndForeignInsert = fdw::EndForeignInsert;
	routine->ExplainForeignModify = fdw::ExplainForeignModify;
	routine->ExecForeignTruncate = fdw::ExecForeignTruncate;
	routine->AnalyzeForeignTable = fdw::AnalyzeForeignTable;
	routine->ImportForeignSchema = fdw::ImportForeignSchema;
	PG_RETURN_POINTER(routine);
}
