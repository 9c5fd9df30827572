/*
 * import_schema.hpp
 *    IMPORT FOREIGN SCHEMA.
 */
#pragma once

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
}

namespace sqlite_import::fdw
{

/*
 * The CREATE FOREIGN TABLE statements for what was asked for.  A table that
 * cannot be had is left out with a WARNING; a name in LIMIT TO that the file
 * lacks is an error.  May ereport.
 */
List *ImportForeignSchema(ImportForeignSchemaStmt *statement, Oid server);

} /* namespace sqlite_import::fdw */
