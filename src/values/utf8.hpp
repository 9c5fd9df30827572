/*
 * utf8.hpp
 *    UTF-8 as PostgreSQL accepts it: well-formed (RFC 3629, Unicode table 3-7)
 *    and without NUL.
 *
 * SQLite stores whatever bytes a program gave it and calls them text.  One scan
 * finds both things that PostgreSQL refuses; it takes eight ASCII bytes a step.
 * All functions are pure and noexcept.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>

namespace sqlite_import::values {

/* Length of the longest prefix that PostgreSQL accepts as text in UTF-8: size if all of it. */
size_t valid_text_prefix(const char* bytes, size_t size) noexcept;

/* Number of characters in valid UTF-8. */
size_t count_characters(const char* bytes, size_t size) noexcept;

enum class TextRepair {
    Replace, /* each NUL and each maximal bad subpart becomes U+FFFD */
    Strip,   /* they are left out */
};

/* Upper bound of what repair_text writes for size bytes. */
inline size_t repaired_text_limit(size_t size) noexcept {
    return size * 3;
}

/* Writes a valid version of bytes to out (room: repaired_text_limit) and returns its length. */
size_t repair_text(const char* bytes, size_t size, TextRepair how, char* out) noexcept;

}  // namespace sqlite_import::values
