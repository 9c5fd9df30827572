/*
 * damage.cpp
 *    Whether a database, or a table of it, can be read whole.
 */
#include "sqlite/damage.hpp"

#include <sqlite3.h>

namespace sqlite_import::sqlite {

namespace {

bool is_damage(const Error& error) noexcept {
    constexpr int kPrimary = 0xff;
    return (static_cast<unsigned>(error.code()) & kPrimary) == SQLITE_CORRUPT;
}

}  // namespace

bool is_unreadable(const Error& error) noexcept {
    return is_damage(error) || error.code() == SQLITE_IOERR_SHORT_READ;
}

namespace {

std::vector<std::string> check_pages(const Database& database, int limit) {
    std::vector<std::string> problems;
    try {
        Statement check = database.prepare("PRAGMA quick_check(" + std::to_string(limit) + ")");
        while (check.step()) {
            std::string problem = check.text(0);
            if (problem != "ok") {
                problems.push_back(std::move(problem));
            }
        }
    } catch (const Error& error) {
        if (!is_damage(error)) {
            throw;
        }
        problems.emplace_back(error.what());
    }
    return problems;
}

std::optional<std::string> read_rows(const Database& database, const std::string& sql) {
    try {
        Statement rows = database.prepare(sql);
        while (rows.step()) {
            for (int column = 0; column < rows.column_count(); column++) {
                rows.bytes(column); /* which fetches what lies on overflow pages */
            }
        }
    } catch (const Error& error) {
        if (!is_damage(error)) {
            throw;
        }
        return error.what();
    }
    return std::nullopt;
}

}  // namespace

/* SQLite checks all pages in one instruction. */
std::vector<std::string> find_damage(const Database& database, int limit) {
    return aside([&] { return check_pages(database, limit); });
}

std::optional<std::string> read_through(const Database& database, const std::string& sql) {
    return aside([&] { return read_rows(database, sql); });
}

}  // namespace sqlite_import::sqlite
