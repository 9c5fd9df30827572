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
extern "C" {
#include "varatt.h"
}
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 160000
/* 16: one function checks the rights on every class of object */
#define object_aclcheck(classid, objectid, roleid, mode)                                           \
	((classid) == NamespaceRelationId ? pg_namespace_aclcheck(objectid, roleid, mode)              \
									  : pg_foreign_server_aclcheck(objectid, roleid, mode))
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 160000
/* 16: relation file nodes became locators */
#define rd_firstRelfilelocatorSubid rd_firstRelfilenodeSubid
#define smgr_locator(storage) (&(storage)->smgr_rnode.node)
#else
#define smgr_locator(storage) (&(storage)->smgr_rlocator.locator)
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 160000
/* 16: walkers of trees got a type of their own; until then they were declared without arguments */
#define TREE_WALKER(function) ((bool (*)())(void (*)())(function))
#else
#define TREE_WALKER(function) (function)
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 170000
/* 17: transactions may have a timeout */
#define TransactionTimeoutPending false
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 170000
/* 17: the estimate looks at the planner's knowledge */
#define estimate_array_length(root, expression) estimate_array_length(expression)
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 170000
/* 17: the makers of foreign paths take the conditions of joins; 18: the number of disabled nodes */
#define create_foreignscan_path(root, rel, target, rows, disabled, startup, total, pathkeys,       \
								outer, outer_path, restrict_info, info)                            \
	create_foreignscan_path(root, rel, target, rows, startup, total, pathkeys, outer, outer_path,  \
							info)
#define create_foreign_join_path(root, rel, target, rows, disabled, startup, total, pathkeys,      \
								 outer, outer_path, restrict_info, info)                           \
	create_foreign_join_path(root, rel, target, rows, startup, total, pathkeys, outer, outer_path, \
							 info)
#define create_foreign_upper_path(root, rel, target, rows, disabled, startup, total, pathkeys,     \
								  outer_path, restrict_info, info)                                 \
	create_foreign_upper_path(root, rel, target, rows, startup, total, pathkeys, outer_path, info)
#elif PG_VERSION_NUM < 180000
#define create_foreignscan_path(root, rel, target, rows, disabled, startup, total, pathkeys,       \
								outer, outer_path, restrict_info, info)                            \
	create_foreignscan_path(root, rel, target, rows, startup, total, pathkeys, outer, outer_path,  \
							restrict_info, info)
#define create_foreign_join_path(root, rel, target, rows, disabled, startup, total, pathkeys,      \
								 outer, outer_path, restrict_info, info)                           \
	create_foreign_join_path(root, rel, target, rows, startup, total, pathkeys, outer, outer_path, \
							 restrict_info, info)
#define create_foreign_upper_path(root, rel, target, rows, disabled, startup, total, pathkeys,     \
								  outer_path, restrict_info, info)                                 \
	create_foreign_upper_path(root, rel, target, rows, startup, total, pathkeys, outer_path,       \
							  restrict_info, info)
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 180000
/* 18: orders of pathkeys are comparison types, no longer btree's strategy numbers */
#define COMPARE_LT BTLessStrategyNumber
#define pk_cmptype pk_strategy
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 180000
/* 18: the delay is told whether it is for ANALYZE */
#define vacuum_delay_point(is_analyze) vacuum_delay_point()
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM >= 180000
/* 18: the size no longer depends on the page; before, on nothing of it but its length */
#define kLargestBtreeEntry BTMaxItemSize
#else
#define kLargestBtreeEntry                                                                         \
	MAXALIGN_DOWN((BLCKSZ - MAXALIGN(SizeOfPageHeaderData + 3 * sizeof(ItemIdData)) -              \
				   MAXALIGN(sizeof(BTPageOpaqueData))) /                                           \
				  3) -                                                                             \
		MAXALIGN(sizeof(ItemPointerData))
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM >= 180000
/* 18: a CHECK may be there without being enforced */
#define check_is_enforced(check) ((check).ccenforced)
#else
#define check_is_enforced(check) true
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM >= 180000
/* 18: generated columns may be computed when they are read */
#define has_virtual_columns(constraints) ((constraints)->has_generated_virtual)
#else
#define has_virtual_columns(constraints) false
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM < 180000
/* 18: pg_get_loaded_modules() shows a library's name and version */
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
#endif /* PG_VERSION_NUM */

#if PG_VERSION_NUM >= 180000 && defined(SQLITE_IMPORT_EXPLAINS)
/* 18: EXPLAIN's state and its printing moved into headers of their own; for the files that ask for
 * them, because the planner's nodes come along */
extern "C" {
#include "commands/explain_format.h"
#include "commands/explain_state.h"
}
#endif /* PG_VERSION_NUM */

#endif /* SQLITE_IMPORT_PG_COMPAT_H */
