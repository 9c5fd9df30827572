/*
 * source.hpp
 *    From the `source` argument of every function, and from a foreign server's
 *    options, to an open SQLite database.
 *
 * A source is a server-side path, a large object ('lo:OID') or the name of a
 * foreign server of this wrapper.  Rights are checked for the calling role
 * before anything is looked at, so that a role without them learns nothing.
 */
#pragma once

#include <memory>
#include <string>

#include "sqlite/database.hpp"

#include "pg/guard.hpp"

namespace sqlite_import::pg
{

enum class SourceKind
{
	File,
	LargeObject
};

/* Where a database is, with the names of servers resolved. */
struct SourceLocation
{
	SourceKind kind = SourceKind::File;
	std::string path;			  /* File: absolute, symlinks as given */
	Oid large_object = InvalidOid; /* LargeObject */
	int busy_timeout_ms = 5000;
};

/* How a connection is to be opened. */
struct SourceUse
{
	bool views = false;	   /* views will be read */
	bool writable = false; /* the wrapper's writes; files only */
};

/*
 * An open source.  Everything it holds goes with it; no file of the user's is
 * ever written (but through a writable connection), nor one made beside it.
 */
class Source
{
public:
	virtual ~Source() = default;

	/* The connection.  A read transaction is open on it: one snapshot for its whole life. */
	virtual sqlite::Database &database() = 0;

	/* True if a thread other than the backend's may step statements of database(). */
	virtual bool thread_may_read() const noexcept = 0;

	/* One line for the report on how the file was opened (WAL left over …); may be empty. */
	virtual std::string note() const = 0;
};

/*
 * Resolves the text that users give.  Checks the calling role's rights: a path
 * needs pg_read_server_files, a server USAGE.  Throws ReportedError and PgError.
 */
SourceLocation ResolveSource(const std::string &source);

/* Checks the right to name a server-side path, and its form (absolute, no URI).  Throws. */
void CheckPathAllowed(const std::string &path);

/* Opens a resolved location.  Rights are the caller's affair.  Throws sqlite::Error and the above. */
std::unique_ptr<Source> OpenSource(const SourceLocation &location, const SourceUse &use = {});

} /* namespace sqlite_import::pg */
