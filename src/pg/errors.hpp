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
 * The interrupt check of every connection: nonzero when the backend was asked
 * to cancel or to terminate.  Reads two flags only, so a thread may call it.
 */
int InterruptRequested(void *unused) noexcept;

} /* namespace sqlite_import::pg */
