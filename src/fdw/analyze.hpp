/*
 * analyze.hpp
 *    ANALYZE of foreign tables.
 */
#pragma once

extern "C" {
#include "postgres.h"
#include "foreign/fdwapi.h"
}

namespace sqlite_import::fdw
{

/* FdwRoutine's member: always true, with the sampler and the size in pages.  May ereport. */
bool AnalyzeForeignTable(Relation relation, AcquireSampleRowsFunc *sampler, BlockNumber *pages);

} /* namespace sqlite_import::fdw */
