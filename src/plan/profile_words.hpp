/*
 * profile_words.hpp
 *    A profile in words that a person can act on.
 */
#pragma once

#include "server_free.hpp"

#include <string>

#include "dialect/declared_type.hpp"
#include "sqlite/profile.hpp"

namespace sqlite_import::plan {

/* "texts: 480 timestamps, 3 empty; 2 with NUL bytes": what the values look like, as far as the
 * profile's depth went; and what its numbers could count, unless that is told already.  Empty if
 * there is nothing to say. */
std::string shape_words(const sqlite::ColumnProfile& profile, bool unit_is_told = false);

/* The option that would give a text column the type that all its values have: "casts =>
 * {"t.c": "uuid"}"; empty if there is none. */
std::string better_type_hint(const std::string& table, const dialect::ResolvedType& type,
                             const sqlite::ColumnProfile& profile);

/* A suggestion of checked_type with the column's name put in. */
std::string fill_suggestion(const std::string& suggestion, const std::string& table,
                            const std::string& column);

}  // namespace sqlite_import::plan
