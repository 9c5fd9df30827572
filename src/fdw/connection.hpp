/*
 * connection.hpp
 *    One SQLite connection per session and server, and how PostgreSQL's
 *    transactions drive SQLite's.
 *
 * Reading: a read transaction of SQLite lasts while at least one scan is in the
 * middle of its rows, so that all scans of a statement see one snapshot, and no
 * lock outlives the statement (a cursor holds it for as long as it is open).  Under
 * REPEATABLE READ and SERIALIZABLE it lasts from the first read to the end of
 * PostgreSQL's transaction, and the first write continues that very transaction.
 *
 * Writing: a server that may be written is read and written through one writable
 * connection; if only a table says so, the first write opens it in the place of
 * the connection that only reads.  BEGIN IMMEDIATE at once, so that
 * two writers wait for each other at the start and none loses its update;
 * subtransactions are savepoints; SQLite commits just before PostgreSQL does, when
 * nothing is left but that another server's file, or the machine, fails.
 *
 * After some errors SQLite rolls back the whole transaction by itself (an interrupt,
 * a full disk: sqlite.org/lang_transaction.html), and is in autocommit mode then.
 * Such a transaction is lost: each further statement of it is refused.
 *
 * C++ side: everything throws sqlite::Error, ReportedError, PgError unless it is
 * noexcept.
 */
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sqlite/catalog.hpp"
#include "sqlite/database.hpp"

#include "pg/source.hpp"

namespace sqlite_import::fdw
{

/* Who steps statements of a connection outside of the backend's own thread (prefetch.hpp). */
class Borrower
{
public:
	virtual ~Borrower() = default;

	/* Gives the connection back: calls Connection::TakeBack.  Throws PgError. */
	virtual void Recall() = 0;
};

class Connection
{
public:
	/* Opens the server's database.  Rights are checked for the server's owner. */
	Connection(Oid server, bool writable);
	~Connection();
	Connection(const Connection &) = delete;
	Connection &operator=(const Connection &) = delete;

	sqlite::Database &
	database() noexcept
	{
		return source_->database();
	}
	sqlite3 *
	handle() noexcept
	{
		return database().handle();
	}
	Oid
	server() const noexcept
	{
		return server_;
	}
	bool
	writable() const noexcept
	{
		return writable_;
	}
	bool
	writing() const noexcept
	{
		return writing_;
	}
	bool
	in_use() const noexcept
	{
		return readers_ > 0 || writing_;
	}

	/* True if it can only be closed: its -shm was truncated under it. */
	bool
	is_lost() const noexcept
	{
		return source_->is_lost();
	}

	/* What the file says about itself, read again when its schema has changed. */
	const sqlite::Catalog &catalog();

	/* What the snapshot of the scans is known by; false if nothing tells.  Throws. */
	bool
	Mark(pg::SnapshotMark *mark)
	{
		return !writable_ && source_->Mark(mark);
	}

	/* True for a scan that is the only one, when a thread may step its statement. */
	bool may_be_lent() const noexcept;

	/* Ends the borrowing, if there is any: its thread touches nothing any more. */
	void Recall();

	/* From now on 'borrower' alone touches the connection, until it is called back. */
	void Lend(Borrower *borrower) noexcept;
	void TakeBack(Borrower *borrower) noexcept;

	/* A scan begins or ends.  Between the two SQLite's snapshot stands. */
	void BeginRead();
	void EndRead() noexcept;

	/* True while the snapshot is the transaction's, not the statement's. */
	bool
	held() const noexcept
	{
		return held_;
	}

	/* The transaction has ended, or goes on with another connection: its snapshot goes. */
	void EndHold() noexcept;

	/* Enters the write transaction, with a savepoint for each open subtransaction. */
	void BeginWrite(int nest_level);

	/*
	 * True if SQLite has rolled back the write transaction by itself: what is asked
	 * from then on would be committed on its own, so nothing may be.
	 */
	bool lost() const noexcept;

	/* Throws if the write transaction is lost. */
	void CheckNotLost() const;

	/*
	 * What the transaction callbacks do.  PrepareCommit refuses what Commit would
	 * refuse, as far as SQLite can tell before; with 'flush' the changes are in the
	 * file's journal or -wal after it, and the file is locked.
	 */
	void PrepareCommit(bool flush);
	void Commit();
	void Rollback() noexcept;
	void ReleaseSavepoint(int nest_level);
	void RollbackToSavepoint(int nest_level) noexcept;

	bool stale = false;                /* the server's options have changed */
	bool keep = true;                  /* keep_connections */
	uint32 server_hash = 0;            /* of the server's syscache entry */
	bool lives_in_transaction = false; /* large objects */

private:
	void WatchRollbacks() noexcept;
	void BeginSnapshot();
	void TakeWriteLock();

	Oid server_;
	bool writable_;
	bool writing_ = false;
	/* SQLite has rolled back what was written; by itself, since SQLite is told where it is */
	std::unique_ptr<bool> lost_ = std::make_unique<bool>(false);
	bool standing_;      /* only reading: the snapshot of the opening is the first scan's */
	bool held_ = false;  /* the transaction counts as one of the readers */
	bool begun_ = false; /* writable connections: a read transaction of ours is open */
	int savepoints_ = 1; /* the nest level that the innermost savepoint stands for */
	int readers_ = 0;
	Borrower *borrower_ = nullptr;
	std::unique_ptr<pg::Source> source_;
	std::optional<sqlite::Catalog> catalog_;
	int64_t schema_version_ = -1;
};

/*
 * connection_cache.cpp: ties the connections to PostgreSQL's transactions.  Once, as the module is
 * loaded: callbacks that are registered first are called last, and the nearer to PostgreSQL's own
 * commit SQLite's comes, the better.  PostgreSQL frame.
 */
void RegisterCallbacks();

/* The session's connection to the server, opened if need be. */
std::shared_ptr<Connection> GetConnection(Oid server);

/* The same, writable and within a write transaction that ends with PostgreSQL's. */
std::shared_ptr<Connection> GetConnectionForWriting(Oid server);

/* True if other processes may read with us: the database is a file that is only read here. */
bool MayReadInParallel(Oid server);

/* True if reads of the server see one snapshot until the transaction ends. */
bool HoldsSnapshot(Oid server) noexcept;

/* Drops the connection that only reads, so that the next use opens the file anew. */
void ForgetReader(Oid server) noexcept;

} /* namespace sqlite_import::fdw */
