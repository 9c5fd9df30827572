/*
 * number_text.hpp
 *    Numbers in texts as SQLite reads and writes them, for constants.
 *
 * www.sqlite.org/datatype3.html, 3 and 4: a text becomes a number when all of
 * it is one (affinity), or by its longest prefix that is one (arithmetic, CAST).
 */
#pragma once
#include "server_free.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sqlite_import::dialect {

struct NumberText {
    std::string digits; /* the number alone, without space around it */
    bool real = false;  /* has a point or an exponent, or does not fit 64 bits */
};

/* The longest prefix of text that is a number, leading space skipped; none if there is none. */
std::optional<NumberText> number_prefix(std::string_view text);

/* The whole text as a number, space around it allowed; none if it is none. */
std::optional<NumberText> whole_number(std::string_view text);

/* The longest prefix that is an integer, as CAST(... AS INTEGER) reads it; "0" if none. */
std::string integer_prefix(std::string_view text);

/* True for decimal digits, a sign allowed, that fit 64 bits. */
bool fits_int64(std::string_view digits);

/* True as above for 32 bits. */
bool fits_int32(std::string_view digits);

/* A real as SQLite's text of it: 15 significant digits, "1.0", "1.0e+20". */
std::string real_text(double value);

}  // namespace sqlite_import::dialect
