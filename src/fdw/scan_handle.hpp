/*
 * scan_handle.hpp
 *    What a running statement of SQLite holds, as values that give it back.
 */
#pragma once

#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "sqlite/database.hpp"
#include "sqlite/readonly_vfs.hpp"

#include "fdw/connection.hpp"
#include "fdw/prefetch.hpp"

namespace sqlite_import::fdw
{

/* SQLite's snapshot stands while one of these lives.  Constructor throws. */
class ReadGuard
{
public:
	explicit ReadGuard(std::shared_ptr<Connection> connection) : connection_(std::move(connection))
	{
		connection_->BeginRead();
	}
	~ReadGuard() { connection_->EndRead(); }
	ReadGuard(const ReadGuard &) = delete;
	ReadGuard &operator=(const ReadGuard &) = delete;

	Connection &
	connection() noexcept
	{
		return *connection_;
	}

private:
	std::shared_ptr<Connection> connection_;
};

/*
 * Runs f, again on a new connection if the file was changed under the old one: a
 * file that other programs write without SQLite's locks is read as it is now.
 */
template <typename F>
auto
RetryIfChanged(Oid server, F &&f) -> decltype(f())
{
	constexpr int kAttempts = 10;

	for (int attempt = 1;; attempt++)
	{
		try
		{
			return f();
		}
		catch (const sqlite::Error &error)
		{
			if (error.code() != sqlite::kFileChanged || attempt == kAttempts ||
				HoldsSnapshot(server))
				throw;
		}
		ForgetReader(server);
		sqlite3_sleep(5 * attempt);
	}
}

/* Whether SQLite changes other rows and tables with those of this one: triggers, keys with actions.
 */
bool WritesSpread(Oid server, const char *table);

/* False for views and virtual tables, of which SQLite alone knows what they read. */
bool IsPlainTable(Oid server, const char *table);

/* A compiled query and the snapshot that it reads from. */
class OpenQuery
{
public:
	/* Throws. */
	OpenQuery(Oid server, const char *sql)
		: guard_(GetConnection(server)), statement_(guard_.connection().database().prepare(sql))
	{
	}

	sqlite3_stmt *
	handle() const noexcept
	{
		return statement_.handle();
	}
	Connection &
	connection() noexcept
	{
		return guard_.connection();
	}

	/* The thread that reads ahead; null if there is none. */
	Prefetch *
	prefetch() const noexcept
	{
		return prefetch_.get();
	}

	/* Lends the connection to a thread, if there can be one. */
	void
	StartPrefetch(std::vector<const convert::Converter *> converters, bool has_rowid)
	{
		try
		{
			prefetch_ = std::make_unique<Prefetch>(connection(), handle(), std::move(converters),
												   has_rowid);
		}
		catch (const std::system_error &)
		{
			/* no thread to be had: the backend goes on reading */
		}
	}
	void
	StopPrefetch() noexcept
	{
		prefetch_.reset();
	}

	/* The thread has ended; the rows that it has read may still be looked at. */
	void
	RetirePrefetch() noexcept
	{
		retired_ = std::move(prefetch_);
	}

private:
	ReadGuard guard_;
	/* in this order: the thread ends, the statement is finalized, the snapshot goes */
	sqlite::Statement statement_;
	std::unique_ptr<Prefetch> prefetch_;
	std::unique_ptr<Prefetch> retired_;
};

/* A statement within the write transaction.  Lives as long as its memory context. */
class WriteQuery
{
public:
	WriteQuery(Oid server, const char *sql)
		: connection_(GetConnectionForWriting(server)),
		  statement_(connection_->database().prepare(sql))
	{
	}
	sqlite3_stmt *
	handle() const noexcept
	{
		return statement_.handle();
	}

	/* Before each step: true if what the statement did would be committed at once. */
	bool
	lost() const noexcept
	{
		return connection_->lost();
	}
	/* Says so.  Throws. */
	void
	CheckNotLost() const
	{
		connection_->CheckNotLost();
	}

private:
	std::shared_ptr<Connection> connection_;
	sqlite::Statement statement_;
};

} /* namespace sqlite_import::fdw */
