/*
 * source.cpp
 *    Resolving and opening sources.
 */
#include <sys/stat.h>

#include <memory>
#include <string>

#include "pg/errors.hpp"
#include "pg/source.hpp"

extern "C" {
#include "catalog/pg_authid.h"
#include "catalog/pg_foreign_server.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/acl.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

/* A database in a file of the server's host, opened in place. */
class FileSource : public Source
{
public:
	FileSource(const SourceLocation &location, const SourceUse &use) : database_(Options(location, use))
	{
		if (!use.writable)
			database_.execute("BEGIN");
		database_.query_integer("SELECT count(*) FROM sqlite_schema");
	}

	sqlite::Database &
	database() override
	{
		return database_;
	}

	bool
	thread_may_read() const noexcept override
	{
		return true;
	}

	std::string
	note() const override
	{
		return {};
	}

private:
	static sqlite::OpenOptions
	Options(const SourceLocation &location, const SourceUse &use)
	{
		sqlite::OpenOptions options;

		options.filename = location.path;
		options.busy_timeout_ms = location.busy_timeout_ms;
		options.views = use.views;
		options.read_only = !use.writable;
		options.interrupted = InterruptRequested;
		options.immutable = !use.writable && !HasWal(location.path);
		return options;
	}

	static bool
	HasWal(const std::string &path)
	{
		struct stat status;

		return stat((path + "-wal").c_str(), &status) == 0 && status.st_size > 0;
	}

	sqlite::Database database_;
};

} /* namespace */

void
CheckPathAllowed(const std::string &path)
{
	const bool allowed =
		PgCall([] { return has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES); });

	if (!allowed)
		throw Reported(ERRCODE_INSUFFICIENT_PRIVILEGE, "permission denied to read a server file",
					   "Only roles with privileges of \"pg_read_server_files\" may name a file on the server.",
					   "Upload the file as a large object (\\lo_import in psql) and give 'lo:OID' as the source.");
	if (path.empty() || path[0] != '/')
		throw Reported(ERRCODE_INVALID_NAME, "path of the SQLite file must be absolute");
}

SourceLocation
ResolveSource(const std::string &source)
{
	SourceLocation location;

	CheckPathAllowed(source);
	location.path = source;
	return location;
}

std::unique_ptr<Source>
OpenSource(const SourceLocation &location, const SourceUse &use)
{
	return std::make_unique<FileSource>(location, use);
}

} /* namespace sqlite_import::pg */
