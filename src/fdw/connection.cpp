/*
 * connection.cpp
 *    A connection to a server's database, and SQLite's side of transactions.
 */
#include <sqlite3.h>

#include <memory>
#include <string>

#include "values/utf8.hpp"

#include "dialect/quote.hpp"

#include "pg/errors.hpp"
#include "pg/foreign_server.hpp"
#include "pg/settings.hpp"

#include "fdw/connection.hpp"
#include "fdw/options.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_foreign_server.h"
#include "utils/syscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* SQLite's own busy handler sleeps through a cancel; this one sleeps in naps. */
int
WaitForLock(void *milliseconds, int attempt) noexcept
{
	constexpr int kNap = 10;
	const auto limit = reinterpret_cast<intptr_t>(milliseconds);

	if (static_cast<int64>(attempt) * kNap >= limit || pg::InterruptRequested(nullptr) != 0)
		return 0;
	sqlite3_sleep(kNap);
	return 1;
}

/*
 * sqlite_import_is_text(X): 1 if PostgreSQL takes the bytes for text, which is to
 * say UTF-8 without NUL; what typeof() does not tell.
 */
void
IsText(sqlite3_context *context, int, sqlite3_value **arguments) noexcept
{
	/* without a result the function's value is NULL, as it should be for NULL */
	if (sqlite3_value_type(arguments[0]) == SQLITE_NULL)
		return;
	const auto *bytes = reinterpret_cast<const char *>(sqlite3_value_text(arguments[0]));
	const auto size = static_cast<size_t>(sqlite3_value_bytes(arguments[0]));

	sqlite3_result_int(context,
					   bytes != nullptr && values::valid_text_prefix(bytes, size) == size ? 1 : 0);
}

std::string
SavepointName(int nest_level)
{
	return "level_" + std::to_string(nest_level);
}

} /* namespace */

Connection::Connection(Oid server, bool writable)
	: server_(server), writable_(writable), standing_(!writable)
{
	const pg::SourceLocation location = pg::LocationOfServer(server, writable);
	pg::SourceUse use;

	use.views = true;
	use.writable = writable;
	lives_in_transaction = location.kind == pg::SourceKind::LargeObject;
	keep = pg::PgCall([server] { return ReadServerOptions(server).keep_connections; });
	server_hash = pg::PgCall(
		[server] { return GetSysCacheHashValue1(FOREIGNSERVEROID, ObjectIdGetDatum(server)); });
	source_ = pg::OpenSource(location, use);
	sqlite3_busy_handler(handle(), WaitForLock,
						 reinterpret_cast<void *>(static_cast<intptr_t>(location.busy_timeout_ms)));
	sqlite::check(sqlite3_create_function_v2(handle(), "sqlite_import_is_text", 1,
											 SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
											 nullptr, IsText, nullptr, nullptr, nullptr),
				  handle());
	if (writable)
	{
		database().execute("PRAGMA foreign_keys = 1");
		WatchRollbacks();
	}
}

Connection::~Connection()
{
	if (source_ != nullptr && sqlite::is_left_alone(handle()))
		(void) lost_.release();
}

/* The hook is called for each rollback but those to a savepoint, whoever asked for it. */
void
Connection::WatchRollbacks() noexcept
{
	sqlite3_rollback_hook(
		handle(), [](void *lost) noexcept { *static_cast<bool *>(lost) = true; }, lost_.get());
}

bool
Connection::lost() const noexcept
{
	return writing_ && (*lost_ || sqlite::is_left_alone(source_->database().handle()) ||
						sqlite3_get_autocommit(source_->database().handle()) != 0);
}

void
Connection::CheckNotLost() const
{
	if (lost())
		throw pg::Reported(ERRCODE_IN_FAILED_SQL_TRANSACTION,
						   "SQLite has rolled back the changes of this transaction",
						   "An earlier statement was interrupted or failed.",
						   "Roll back and run the transaction again.");
}

bool
Connection::may_be_lent() const noexcept
{
	return pg::reader_threads > 0 && readers_ == (held_ ? 2 : 1) && !writing_ &&
		   borrower_ == nullptr && source_->thread_may_read();
}

void
Connection::Lend(Borrower *borrower) noexcept
{
	borrower_ = borrower;
}

void
Connection::TakeBack(Borrower *borrower) noexcept
{
	if (borrower_ == borrower)
		borrower_ = nullptr;
}

void
Connection::Recall()
{
	if (borrower_ != nullptr)
		borrower_->Recall();
}

/*
 * The snapshot of the first scan.  A source is opened with one: were it given back and asked for
 * again, a busy writer would have changed the file in between.
 */
void
Connection::BeginSnapshot()
{
	if (writable_)
	{
		database().execute("BEGIN");
		begun_ = true;
	}
	else if (!lives_in_transaction && !standing_ && !source_->renew())
	{
		Connection fresh(server_, false);

		source_ = std::move(fresh.source_);
		catalog_.reset();
	}
	standing_ = false;
}

void
Connection::BeginRead()
{
	Recall();
	CheckNotLost();
	if (readers_ == 0 && !writing_)
	{
		BeginSnapshot();
		/* a large object is of the transaction's snapshot anyway */
		held_ = IsolationUsesXactSnapshot() && !lives_in_transaction;
		readers_ += held_ ? 1 : 0;
	}
	readers_++;
}

void
Connection::EndHold() noexcept
{
	if (!held_)
		return;
	held_ = false;
	EndRead();
}

/*
 * Makes a write transaction of the read transaction that is open.  SQLite does so
 * with the first statement that may write, and does not wait: a writer that is
 * ahead, or a change since the snapshot, would not go away by waiting.
 */
void
Connection::TakeWriteLock()
{
	constexpr char kTables[] = "SELECT name FROM main.sqlite_schema WHERE type = 'table' "
							   "AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND rootpage > 0";
	sqlite::Statement tables = database().prepare(kTables);

	while (tables.step())
	{
		const std::string name = tables.text(0);

		try
		{
			sqlite::Statement nothing = database().prepare(
				"DELETE FROM main." + dialect::quote_sqlite_identifier(name) + " WHERE 0");
			nothing.step();
			return;
		}
		catch (const sqlite::Error &error)
		{
			if ((error.code() & 0xff) == SQLITE_BUSY)
				throw pg::Reported(ERRCODE_T_R_SERIALIZATION_FAILURE,
								   "could not serialize access to the SQLite database",
								   "Another program has written to it since this transaction first "
								   "read it, or is about to.",
								   "Roll back and run the transaction again.");
			/* a table that cannot be written: a shadow table, a broken trigger */
			if ((error.code() & 0xff) != SQLITE_ERROR && (error.code() & 0xff) != SQLITE_READONLY)
				throw;
		}
	}
}

void
Connection::EndRead() noexcept
{
	if (--readers_ > 0 || writing_ || lives_in_transaction)
		return;
	try
	{
		if (!writable_)
			source_->release();
		else if (begun_)
			database().execute("COMMIT");
	}
	catch (...)
	{
		/* a snapshot that cannot be given back goes with its connection */
		stale = true;
	}
	begun_ = false;
}

const sqlite::Catalog &
Connection::catalog()
{
	const int64_t version = database().query_integer("PRAGMA schema_version");

	if (!catalog_ || version != schema_version_)
	{
		database().look_at_snapshot();
		catalog_ = sqlite::read_catalog(database());
		schema_version_ = version;
	}
	return *catalog_;
}

void
Connection::BeginWrite(int nest_level)
{
	Recall();
	CheckNotLost();
	if (!writing_)
	{
		if (held_)
			TakeWriteLock();
		else
		{
			/* its scans have been read to their ends (kept_rows.hpp) */
			if (begun_)
				database().execute("COMMIT");
			begun_ = false;
			database().execute("BEGIN IMMEDIATE");
		}
		begun_ = false;
		writing_ = true;
		*lost_ = false;
		savepoints_ = 1;
	}
	while (savepoints_ < nest_level)
	{
		database().execute("SAVEPOINT " + SavepointName(savepoints_ + 1));
		savepoints_++;
	}
}

void
Connection::PrepareCommit(bool flush)
{
	int unresolved = 0;
	int highest = 0;

	Recall();
	CheckNotLost();
	sqlite::check(
		sqlite3_db_status(handle(), SQLITE_DBSTATUS_DEFERRED_FKS, &unresolved, &highest, 0),
		handle());
	if (unresolved != 0)
		throw sqlite::Error(SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed");
	if (flush)
		sqlite::check(sqlite3_db_cacheflush(handle()), handle());
}

void
Connection::Commit()
{
	CheckNotLost();
	database().execute("COMMIT");
	writing_ = false;
}

void
Connection::Rollback() noexcept
{
	if (sqlite3_get_autocommit(handle()) == 0)
		sqlite::try_execute(handle(), "ROLLBACK");
	if (sqlite3_get_autocommit(handle()) == 0)
		stale = true;
	writing_ = false;
	*lost_ = false;
	begun_ = false;
	catalog_.reset();
}

void
Connection::ReleaseSavepoint(int nest_level)
{
	CheckNotLost();
	while (savepoints_ >= nest_level && savepoints_ > 1)
	{
		database().execute("RELEASE " + SavepointName(savepoints_));
		savepoints_--;
	}
}

void
Connection::RollbackToSavepoint(int nest_level) noexcept
{
	while (savepoints_ >= nest_level && savepoints_ > 1)
	{
		char sql[96];

		snprintf(sql, sizeof(sql), "ROLLBACK TO level_%d; RELEASE level_%d", savepoints_,
				 savepoints_);
		/* what cannot be undone must not be committed either */
		if (!*lost_ && sqlite::try_execute(handle(), sql) != SQLITE_OK)
			*lost_ = true;
		savepoints_--;
	}
}

} /* namespace sqlite_import::fdw */
