/*
 * damage.hpp
 *    Whether a database, or a table of it, can be read whole.
 */
#pragma once

#include "server_free.hpp"

#include <optional>
#include <string>
#include <vector>

#include "sqlite/database.hpp"
#include "sqlite/error.hpp"

namespace sqlite_import::sqlite {

/* What a salvage lives with: pages that are damaged, or are not there. */
bool is_unreadable(const Error& error) noexcept;

/*
 * What PRAGMA quick_check finds (sqlite.org/pragma.html#pragma_quick_check), one
 * text each, at most so many; an undamaged database has none.  Damage that ends
 * the check itself is the last of them.  Throws Error for anything but damage.
 */
std::vector<std::string> find_damage(const Database& database, int limit);

/*
 * Reads each value that a query gives, and returns what SQLite says of the damage
 * that it meets; nothing if there is none.  Throws Error for anything but damage.
 */
std::optional<std::string> read_through(const Database& database, const std::string& sql);

}  // namespace sqlite_import::sqlite
