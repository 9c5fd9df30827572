/*
 * compat.h
 *    Every difference between the PostgreSQL majors that we build on.
 *
 * The only file that tests PG_VERSION_NUM.  Each entry names the version and
 * the reason, and is named as the newest version names the thing: when support
 * for the older versions ends, the entry is deleted and nothing else changes.
 *
 * Include after postgres.h.
 */
#ifndef SQLITE_IMPORT_PG_COMPAT_H
#define SQLITE_IMPORT_PG_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "sqlite_import needs PostgreSQL 15 or newer"
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM >= 160000
/* 16: the varlena macros moved out of postgres.h */
#include "varatt.h"
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 160000
/* 16: one function checks the rights on every class of object */
#define object_aclcheck(classid, objectid, roleid, mode)                                           \
	pg_foreign_server_aclcheck(objectid, roleid, mode)
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 160000
/* 16: relation file nodes became locators */
#define rd_firstRelfilelocatorSubid rd_firstRelfilenodeSubid
#endif /* PG_VERSION_NUM */

#endif /* SQLITE_IMPORT_PG_COMPAT_H */
