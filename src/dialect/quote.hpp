/*
 * quote.hpp
 *    The one place where names and strings from a file become SQL text.
 *
 * Everything that comes out of a SQLite file is hostile: a column may be called
 * `x"; drop table y; --`.  SQL text is therefore made only by the syntax tree's
 * printer and by the functions below, which do what PostgreSQL's own
 * quote_identifier() and quote_literal() do (documentation: 9.4 String
 * Functions, 4.1.1 Identifiers and Key Words, 4.1.2.2 C-Style Escapes), so that
 * what we print reads as pg_dump's output does.
 *
 * All functions are pure and server-free; they may throw std::bad_alloc only.
 * None of them can represent a NUL byte: a caller that may meet one in a name
 * renames first (src/plan's name rules), and in a string refuses first.
 */
#pragma once
#include "server_free.hpp"

#include <string>
#include <string_view>

namespace sqlite_import::dialect {

/*
 * A PostgreSQL identifier: bare when it is [a-z_][a-z0-9_]* and no key word of
 * PostgreSQL 15 to 18 other than an unreserved one, otherwise in double quotes
 * with double quotes doubled.  Does not truncate to NAMEDATALEN; an empty name
 * yields "" in quotes, which PostgreSQL refuses.
 */
std::string quote_identifier(std::string_view name);

/* schema.name, each part quoted on its own; an empty schema is left out. */
std::string quote_qualified(std::string_view schema, std::string_view name);

/*
 * A PostgreSQL string literal: '...' with single quotes doubled, and E'...'
 * with backslashes doubled when there is a backslash, so that the text means
 * the same under either setting of standard_conforming_strings.
 */
std::string quote_literal(std::string_view text);

/* A bytea literal in hex form, cast: '\x0aff'::bytea. */
std::string quote_bytea(std::string_view bytes);

/*
 * A SQLite identifier, always in double quotes (www.sqlite.org/lang_keywords.html):
 * SQLite's list of key words grows, and a quoted name is never one.
 */
std::string quote_sqlite_identifier(std::string_view name);

/* A SQLite string literal: single quotes doubled, backslash is an ordinary character. */
std::string quote_sqlite_literal(std::string_view text);

/*
 * True for a key word that quote_identifier must quote: every word of
 * pg_get_keywords() whose category is not unreserved, in PostgreSQL 15 to 18.
 * The argument is in lower case.
 */
bool is_postgres_key_word(std::string_view lower_name);

}  // namespace sqlite_import::dialect
