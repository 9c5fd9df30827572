/*
 * scan_handle.hpp
 *    What a running statement of SQLite holds, as values that give it back.
 */
#pragma once

#include <memory>
#include <utility>

#include "sqlite/database.hpp"
#include "sqlite/readonly_vfs.hpp"

#include "fdw/connection.hpp"

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
			if (error.code() != sqlite::kFileChanged || attempt == kAttempts)
				throw;
		}
		ForgetReader(server);
		sqlite3_sleep(5 * attempt);
	}
}

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

private:
	ReadGuard guard_;
	sqlite::Statement statement_; /* after the guard: finalized before the snapshot ends */
};

} /* namespace sqlite_import::fdw */
