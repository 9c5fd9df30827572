/*
 * column_rule.hpp
 *    What a user, or the plan on his behalf, says about the values of one column.
 *
 * A rule is made of plain values, so that it can be planned, printed and
 * compared without a server.  Without a rule every conversion is exact or
 * refused; each member names one leniency or one reading that no value tells.
 */
#pragma once

#include "server_free.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/choices.hpp"

namespace sqlite_import::values {

/* What numbers, texts or blobs of the column stand for. */
enum class From {
    Auto,        /* only what the value says by itself */
    UnixS,       /* numbers are seconds since 1970 … */
    UnixMs,      /* … milliseconds */
    UnixUs,      /* … microseconds */
    UnixNs,      /* … nanoseconds */
    Julian,      /* numbers are Julian days */
    UnixDays,    /* days since 1970 */
    Cocoa,       /* seconds since 2001: Core Data */
    Webkit,      /* microseconds since 1601: Chromium */
    DotnetTicks, /* 100 ns since the year 1 */
    Ole,         /* days since 1899-12-30 */
    Compact,     /* digits YYYYMMDD[HHMMSS[f…]] */
    Base64,      /* texts are base64, for bytea */
    Hex,         /* texts are hexadecimal, for bytea */
    Utf8,        /* blobs are text in UTF-8 */
    UuidBytes,   /* blobs of 16 bytes are a UUID's, in its order (RFC 9562) */
    DotnetGuid,  /* … with the first three fields in the order of .NET's Guid.ToByteArray */
    Csv,         /* texts are values between commas, for an array */
};

enum class InvalidText { Error, Replace, Strip };
enum class OnMismatch { Error, Null };

/* One pair of a value map.  Keys are compared with SQLite's own text of the value, byte by byte. */
struct MapEntry {
    std::string key;
    std::optional<std::string> value; /* none: NULL */
};

struct ColumnRule {
    From from = From::Auto;
    std::vector<MapEntry> map;             /* not empty: values outside of it are refused … */
    bool has_map_else = false;             /* … or become map_else */
    bool map_keeps_rest = false;           /* … or stay what they are */
    std::optional<std::string> map_else;   /* none: NULL */
    std::optional<std::string> null_value; /* "default": what a NULL of the source becomes */
    std::string timezone; /* for naive text into timestamptz; empty: UTC; "session": its own */
    bool empty_as_null = false;          /* '' and 0000-00-00 are NULL */
    Rounding rounding = Rounding::Exact; /* of digits beyond the type's */
    OnMismatch on_mismatch = OnMismatch::Error;
    InvalidText invalid_text = InvalidText::Error; /* NUL and bytes that are not UTF-8 */
    std::string using_expression;                  /* SQL over "value"; empty: the value itself */
    std::string using_type;                        /* of "value", by its full name; empty: text */

    bool exact() const noexcept { return rounding == Rounding::Exact; }
    bool rounds() const noexcept { return rounding == Rounding::Round; }
    bool truncates() const noexcept { return rounding == Rounding::Truncate; }
    bool has_using() const noexcept { return !using_expression.empty(); }
};

/* "auto", "unix_s", …; all of them, joined by commas, by from_names. */
const char* from_name(From from) noexcept;
std::optional<From> from_of_name(std::string_view name) noexcept;
std::string from_names();

}  // namespace sqlite_import::values
