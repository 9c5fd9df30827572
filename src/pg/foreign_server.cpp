/*
 * foreign_server.cpp
 *    Reading the options of foreign servers, and the rights of their owners.
 */
#include <string>

#include "pg/errors.hpp"
#include "pg/foreign_server.hpp"

extern "C" {
#include "catalog/pg_authid.h"
#include "catalog/pg_largeobject.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/large_object.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

/* The options that matter here, as plain values. */
struct Options
{
	const char *name;
	const char *database;
	const char *large_object;
	int busy_timeout;
	bool immutable;
	bool readable; /* the owner may read server files */
	bool writable; /* … and write them */
	Oid owner;
};

/* May ereport. */
Options
ReadOptions(Oid server_oid)
{
	ForeignServer *server = GetForeignServer(server_oid);
	Options options = {server->servername, nullptr, nullptr, 5000, false, false, false,
					   server->owner};
	ListCell *cell;

	foreach (cell, server->options)
	{
		DefElem *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "database") == 0)
			options.database = defGetString(option);
		else if (strcmp(option->defname, "large_object") == 0)
			options.large_object = defGetString(option);
		else if (strcmp(option->defname, "busy_timeout") == 0)
			(void) parse_int(defGetString(option), &options.busy_timeout, GUC_UNIT_MS, nullptr);
		else if (strcmp(option->defname, "immutable") == 0)
			options.immutable = defGetBoolean(option);
	}
	options.readable = has_privs_of_role(server->owner, ROLE_PG_READ_SERVER_FILES);
	options.writable = has_privs_of_role(server->owner, ROLE_PG_WRITE_SERVER_FILES);
	return options;
}

/* Whether 'role' may read the large object; one that does not exist is reported.  May ereport. */
bool
MayReadLargeObject(Oid large_object, Oid role)
{
	if (!LargeObjectExists(large_object))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("large object %u does not exist", large_object)));
	return pg_largeobject_aclcheck_snapshot(large_object, role, ACL_SELECT, GetActiveSnapshot()) ==
		   ACLCHECK_OK;
}

} /* namespace */

SourceLocation
LocationOfServer(Oid server, bool writable)
{
	const Options options = PgCall([server] { return ReadOptions(server); });
	SourceLocation location;

	location.busy_timeout_ms = options.busy_timeout;
	location.immutable = options.immutable;
	if (options.large_object != nullptr)
	{
		const Oid large_object = PgCall([&options] { return atooid(options.large_object); });

		if (writable)
			throw Reported(ERRCODE_FEATURE_NOT_SUPPORTED,
						   "cannot write to a SQLite database in a large object", {},
						   "Put the file on the server's host and use the option \"database\".");
		if (!PgCall([&] { return MayReadLargeObject(large_object, options.owner); }))
			throw Reported(ERRCODE_INSUFFICIENT_PRIVILEGE,
						   "permission denied for large object " + std::to_string(large_object),
						   "The owner of server \"" + std::string(options.name) +
							   "\" must be allowed to SELECT it.");
		/* asked for each use: a connection of another role's may be open in this transaction */
		if (!PgCall(
				[&]
				{ return lo_compat_privileges || MayReadLargeObject(large_object, GetUserId()); }))
			throw Reported(
				ERRCODE_INSUFFICIENT_PRIVILEGE,
				"permission denied for large object " + std::to_string(large_object),
				"Its bytes are read as the current role, which must be allowed to SELECT "
				"it.");
		location.kind = SourceKind::LargeObject;
		location.large_object = large_object;
		return location;
	}
	if (options.database == nullptr)
		throw Reported(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED,
					   "server \"" + std::string(options.name) + "\" names no database", {},
					   "ALTER SERVER ... OPTIONS (ADD database '/path/to/file.db')");
	if (!options.readable || (writable && !options.writable))
		throw Reported(
			ERRCODE_INSUFFICIENT_PRIVILEGE,
			std::string("permission denied to ") + (writable ? "write" : "read") + " a server file",
			"The owner of server \"" + std::string(options.name) + "\" must have privileges of \"" +
				(writable ? "pg_write_server_files" : "pg_read_server_files") + "\".",
			{});
	location.path = options.database;
	return location;
}

} /* namespace sqlite_import::pg */
