/*
 * source.cpp
 *    Resolving sources: who may name what, and what was named.
 */
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>

#include "pg/encoding.hpp"
#include "pg/errors.hpp"
#include "pg/foreign_server.hpp"
#include "pg/settings.hpp"
#include "pg/source.hpp"
#include "pg/source_kinds.hpp"
#include "pg/helper_thread.hpp"

extern "C" {
#include "catalog/pg_authid.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_namespace.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/acl.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

constexpr char kLargeObjectPrefix[] = "lo:";

bool
StartsWith(const std::string &text, const char *prefix)
{
	return text.compare(0, strlen(prefix), prefix) == 0;
}

/* What nobody would call a server: a path, well formed or not. */
bool
LooksLikePath(const std::string &source)
{
	return source.empty() || source.find('/') != std::string::npos || source == ":memory:" ||
		   StartsWith(source, "file:");
}

SourceLocation
LargeObjectLocation(const std::string &source)
{
	const std::string digits = source.substr(strlen(kLargeObjectPrefix));
	char *end = nullptr;

	errno = 0;
	const unsigned long long number = strtoull(digits.c_str(), &end, 10);
	if (digits.empty() || !isdigit(static_cast<unsigned char>(digits[0])) || *end != '\0' ||
		errno != 0 || number == InvalidOid || number > PG_UINT32_MAX)
		throw Reported(ERRCODE_INVALID_TEXT_REPRESENTATION,
					   "invalid large object \"" + digits + "\"", "",
					   "Give the number that \\lo_import printed, as in 'lo:16402'.");
	SourceLocation location;
	location.kind = SourceKind::LargeObject;
	location.large_object = static_cast<Oid>(number);
	return location;
}

/* A server by its name, in the server's memory. */
struct NamedServer
{
	Oid server;
	const char *wrapper; /* null: there is no such server */
};

/* Looks up a server that the current user may use.  May ereport. */
NamedServer
FindServer(const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, true);

	if (server == nullptr)
		return {InvalidOid, nullptr};
	AclResult aclresult =
		object_aclcheck(ForeignServerRelationId, server->serverid, GetUserId(), ACL_USAGE);
	if (aclresult != ACLCHECK_OK)
		aclcheck_error(aclresult, OBJECT_FOREIGN_SERVER, server->servername);
	return {server->serverid, GetForeignDataWrapper(server->fdwid)->fdwname};
}

SourceLocation
ServerLocation(const std::string &name)
{
	const NamedServer server =
		PgCall([&name] { return FindServer(ToServerEncoding(name.c_str())); });

	if (server.wrapper == nullptr)
		throw Reported(
			ERRCODE_UNDEFINED_OBJECT, "server \"" + name + "\" does not exist",
			"A source without a slash is taken for the name of a foreign server.",
			"Give a file on the server by its absolute path, or a large object as 'lo:OID'.");
	if (strcmp(server.wrapper, "sqlite_import") != 0)
		throw Reported(ERRCODE_WRONG_OBJECT_TYPE,
					   "server \"" + name + "\" is not one of wrapper \"sqlite_import\"");
	return LocationOfServer(server.server, false);
}

} /* namespace */

void
CheckPathAllowed(const std::string &path)
{
	const bool allowed =
		PgCall([] { return has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES); });

	if (!allowed)
		throw Reported(
			ERRCODE_INSUFFICIENT_PRIVILEGE, "permission denied to read a server file",
			"Only roles with privileges of \"pg_read_server_files\" may name a file on the server.",
			"Upload the file as a large object (\\lo_import in psql) and give 'lo:OID' as the source.");
	if (path == ":memory:" || StartsWith(path, "file:"))
		throw Reported(ERRCODE_INVALID_NAME, "\"" + path + "\" is not the path of a file",
					   "Databases in memory and SQLite's URI names are not sources.",
					   "Give the absolute path of the file.");
	if (path.empty() || path[0] != '/')
		throw Reported(ERRCODE_INVALID_NAME, "relative path \"" + path + "\" is not allowed",
					   "The server's working directory is its data directory.",
					   "Give the absolute path of the file.");
	if (path.find('\0') != std::string::npos)
		throw Reported(ERRCODE_INVALID_NAME, "path holds a zero byte");
}

SourceLocation
ResolveSource(const std::string &source)
{
	if (StartsWith(source, kLargeObjectPrefix))
		return LargeObjectLocation(source);
	if (!LooksLikePath(source))
		return ServerLocation(source);
	CheckPathAllowed(source);
	SourceLocation location;
	location.path = source;
	return location;
}

sqlite::OpenOptions
CommonOptions(const SourceLocation &location, const SourceUse &use)
{
	sqlite::OpenOptions options;

	options.busy_timeout_ms = location.busy_timeout_ms;
	options.views = use.views;
	options.broken_schema = use.salvage;
	options.read_only = !use.writable;
	options.interrupted = InterruptRequested;
	options.heap_limit_bytes = static_cast<int64_t>(sqlite_memory_mb) * 1024 * 1024;
	return options;
}

std::unique_ptr<Source>
OpenSource(const SourceLocation &location, const SourceUse &use)
{
	CheckUsable();
	if (location.kind == SourceKind::LargeObject)
		return OpenLargeObjectSource(location, use);
	return OpenFileSource(location, use);
}

} /* namespace sqlite_import::pg */
