/*
 * settings.cpp
 *    Declaration of the settings.
 */
#include "pg/settings.hpp"

#include "pg/caller.hpp"

extern "C" {
#include "postgres.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

bool show_values = false;

} /* namespace */

int reader_threads = 2;
char *allowed_directories = nullptr;
int sqlite_memory_mb = 2048;

bool
MayShowValues()
{
	return show_values && CallerMayActForCurrentRole();
}

bool
MayShowValuesOf(unsigned int relation)
{
	return show_values && MayReadTable(relation);
}

bool
MayReadTable(unsigned int relation)
{
	const Oid role = GetOuterUserId();

	return get_rel_relkind(relation) != '\0' &&
		   pg_class_aclcheck(relation, role, ACL_SELECT) == ACLCHECK_OK &&
		   object_aclcheck(NamespaceRelationId, get_rel_namespace(relation), role, ACL_USAGE) ==
			   ACLCHECK_OK;
}

void
DefineSettings()
{
	DefineCustomIntVariable(
		"sqlite_import.reader_threads",
		"Number of threads that read the SQLite file beside the backend.",
		"Zero reads in the backend itself; more than one share a table by ranges of its rowids.",
		&reader_threads, 2, 0, 8, PGC_USERSET, 0, nullptr, nullptr, nullptr);
	DefineCustomBoolVariable("sqlite_import.show_values",
							 "Lets error messages hold values of the source.",
							 "Off by default, because logs are read by more people than the data.",
							 &show_values, false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
	DefineCustomStringVariable("sqlite_import.allowed_directories",
							   "Folders that SQLite files may be read from, separated by commas.",
							   "Empty allows any; symbolic links are resolved before the check.",
							   &allowed_directories, "", PGC_SUSET,
							   GUC_LIST_INPUT | GUC_SUPERUSER_ONLY, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("sqlite_import.sqlite_memory",
							"Memory that SQLite may allocate in a session.", "Zero sets no limit.",
							&sqlite_memory_mb, 2048, 0, 1024 * 1024, PGC_SUSET, GUC_UNIT_MB,
							nullptr, nullptr, nullptr);
	MarkGUCPrefixReserved("sqlite_import");
}

} /* namespace sqlite_import::pg */
