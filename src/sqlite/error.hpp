/*
 * error.hpp
 *    The exception that every failure of SQLite becomes.
 *
 * It carries SQLite's extended result code, so that the seam (src/pg) can map
 * it to a SQLSTATE in one table, and the text that SQLite gave.
 */
#pragma once

#include "server_free.hpp"

#include <stdexcept>
#include <string>

struct sqlite3;

namespace sqlite_import::sqlite {

/* A failure reported by SQLite.  code() is an extended result code (sqlite.org/rescode.html). */
class Error : public std::runtime_error {
  public:
    Error(int code, const std::string& message) : std::runtime_error(message), code_(code) {}

    int code() const noexcept { return code_; }

  private:
    int code_;
};

/* Throws Error with the connection's current message unless code is SQLITE_OK, _ROW or _DONE. */
void check(int code, sqlite3* connection);

}  // namespace sqlite_import::sqlite
