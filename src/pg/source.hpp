/*
 * source.hpp
 *    From the `source` argument of every function, and from a foreign server's
 *    options, to an open SQLite database.
 *
 * A source is a server-side path, a large object ('lo:OID') or the name of a
 * foreign server of this wrapper.  Rights are checked for the calling role
 * before anything is looked at, so that a role without them learns nothing.
 *
 * "The calling role" is the current user: within a SECURITY DEFINER function
 * that is its owner, which is how an administrator lends out one file.
 */
#pragma once

#include <memory>
#include <string>

#include "sqlite/database.hpp"
#include "sqlite/readonly_vfs.hpp"

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
	std::string path;              /* File: absolute, symlinks as given */
	Oid large_object = InvalidOid; /* LargeObject */
	int busy_timeout_ms = 5000;
	bool immutable = false; /* File: no locks; nobody writes to it */
};

/* Of two snapshots of a file: equal marks, equal rows. */
struct SnapshotMark
{
	sqlite::FileIdentity file;
	uint32 change_counter;

	bool
	operator==(const SnapshotMark &other) const noexcept
	{
		return file == other.file && change_counter == other.change_counter;
	}
};

/* How a connection is to be opened. */
struct SourceUse
{
	bool views = false;    /* views will be read */
	bool writable = false; /* the wrapper's writes; files only */
	bool bulk = false;     /* most of the tables will be read: a large object is copied first */
	bool salvage = false;  /* a file that lacks its end is opened, with empty pages there, and
							* one whose schema holds what SQLite cannot parse */
};

/*
 * An open source.  Everything it holds goes with it; no file of the user's is
 * ever written (but through a writable connection), nor one made beside it.
 *
 * May outlive an error and the transaction: its destructor never ereports and
 * touches no catalog.
 */
class Source
{
public:
	virtual ~Source() = default;

	/*
	 * The connection.  A read transaction is open on it: one snapshot for its
	 * whole life.  Every page that SQLite gets belongs to that snapshot; where
	 * no lock can promise it, a change of the file fails the next read with an
	 * ordinary error (SQLSTATE 55006).
	 */
	virtual sqlite::Database &database() = 0;

	/* True if a thread other than the backend's may step statements of database(). */
	virtual bool thread_may_read() const noexcept = 0;

	/*
	 * One more connection that sees the very same snapshot, for another thread; null where there
	 * is none (a -wal is read, the file is not as it was, too many files are open).  Throws
	 * bad_alloc and PgError.
	 */
	virtual std::unique_ptr<Source>
	Another()
	{
		return nullptr;
	}

	/* What the snapshot is known by in other processes; false where nothing tells. */
	virtual bool
	Mark(SnapshotMark *)
	{
		return false;
	}

	/* One line for the report on how the file was opened (WAL left over …); may be empty. */
	virtual std::string note() const = 0;

	/*
	 * For connections that are kept from one transaction to the next.
	 * release() ends the snapshot, so that writers of the file go on; no
	 * statement may be in the middle of its rows.  renew() begins the next one
	 * and returns false if that cannot be done on this connection, because the
	 * file changed or because the source lives in a transaction: then open a
	 * new Source.  Prepared statements stay valid over both.  Throw sqlite::Error.
	 */
	virtual void release() = 0;
	virtual bool renew() = 0;

	/* True if every further use fails, and the source has to be opened anew. */
	virtual bool
	is_lost() const noexcept
	{
		return false;
	}
};

/*
 * Resolves the text that users give.  Checks the calling role's rights: a path
 * needs pg_read_server_files, a server USAGE.  Throws ReportedError and PgError.
 */
SourceLocation ResolveSource(const std::string &source);

/*
 * Checks the right to name a server-side path, then its form: absolute, no URI.
 * Does not look at the file.  For validators too.  Throws ReportedError.
 */
void CheckPathAllowed(const std::string &path);

/*
 * Opens a resolved location.  The right to name a path or a server is the
 * caller's affair; checked here each time are sqlite_import.allowed_directories
 * (of the path with its symlinks resolved) and the current user's right to read
 * the large object.  A live transaction with an active snapshot is needed.
 * Throws sqlite::Error, ReportedError and PgError.
 */
std::unique_ptr<Source> OpenSource(const SourceLocation &location, const SourceUse &use = {});

/* True if the file is there and lies in a folder of the server's own, where nothing is written.
 * Throws bad_alloc. */
bool IsInServersFolders(const std::string &path);

} /* namespace sqlite_import::pg */
