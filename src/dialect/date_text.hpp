/*
 * date_text.hpp
 *    Constants of dates, times and uuids: is a text one, and PostgreSQL's form of it.
 */
#pragma once
#include "server_free.hpp"

#include "dialect/declared_type.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sqlite_import::dialect {

/*
 * The reader is the load's (values/moment.hpp): what is a date in a constant is one in a column.
 *
 * A text that SQLite's date functions read (www.sqlite.org/lang_datefunc.html, 2,
 * forms 1 to 10), to the microsecond, and that names a day that exists, as a typed PostgreSQL
 * constant of the kind (Date, Time, Timestamp or TimestampTz); none for any
 * other text, and for a Date with a time in it.
 */
std::optional<std::string> date_constant(TypeKind kind, std::string_view text);

/* A uuid in the forms that people store (dashes or none, braces), as a typed constant. */
std::optional<std::string> uuid_constant(std::string_view text);

}  // namespace sqlite_import::dialect
