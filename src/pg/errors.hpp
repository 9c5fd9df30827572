/*
 * errors.hpp
 *    How an error of ours is made in C++ frames, and reported to the user.
 */
#pragma once

#include <string>

#include "pg/guard.hpp"

namespace sqlite_import::pg
{

/*
 * Makes a ReportedError whose texts live in the current memory context.  Throws
 * bad_alloc.  Empty detail or hint: none.  Use: throw Reported(ERRCODE_…, …);
 */
ReportedError Reported(int sqlstate, const std::string &message, const std::string &detail = {},
					   const std::string &hint = {});

/* The SQLSTATE that stands for an extended result code of SQLite (sqlite.org/rescode.html). */
int SqlstateOfSqlite(int code) noexcept;

/*
 * The interrupt check of every connection: nonzero when SQLite is to end its step.
 *
 * In the backend's own thread that is so when it was asked to cancel or to
 * terminate, which is raised when SQLite has returned.  Whatever else waits to be
 * done (a barrier of another session's DROP DATABASE, a recovery conflict, a client
 * that is gone) is done here; an error of it is kept (KeepServerError).  Where it
 * ends the process, all connections are left alone.
 *
 * In a thread on a leash it reads the leash only.
 */
int InterruptRequested(void *unused) noexcept;

/* Once, when the module is loaded: errors that are kept end with their (sub)transaction. */
void WatchKeptErrors();

/*
 * For SQLite's callbacks, which may neither ereport nor throw.  Runs f; false if
 * it ereported.  The error is kept, and ReportSqliteError raises it in place of
 * the I/O error that the callback is to give SQLite.  The transaction has to end:
 * nobody may take that I/O error for a mere SQLite failure and go on.
 */
template <typename F> bool KeepServerError(F &&f) noexcept;

/* True if an error is kept: callbacks then fail at once, calling the server no more. */
bool ServerErrorKept() noexcept;

/* The error kept, and kept no longer; null if there is none.  For the end of (sub)transactions. */
ErrorData *TakeServerError() noexcept;

/* Keeps the error that was just caught by sigsetjmp.  The tail of KeepServerError. */
void KeepCaughtServerError() noexcept;

template <typename F>
bool
KeepServerError(F &&f) noexcept
{
	MemoryContext const context = CurrentMemoryContext;
	sigjmp_buf *const saved_stack = PG_exception_stack;
	ErrorContextCallback *const saved_callbacks = error_context_stack;
	sigjmp_buf local;

	if (sigsetjmp(local, 0) == 0)
	{
		PG_exception_stack = &local;
		f();
		PG_exception_stack = saved_stack;
		error_context_stack = saved_callbacks;
		return true;
	}
	PG_exception_stack = saved_stack;
	error_context_stack = saved_callbacks;
	KeepCaughtServerError();
	MemoryContextSwitchTo(context);
	return false;
}

} /* namespace sqlite_import::pg */
