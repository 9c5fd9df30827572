/*
 * text_shape.hpp
 *    The second reading of texts: a date, a decimal, a boolean word, a UUID, JSON.
 *
 * verify reads the file by these, and shares no code with the readers of
 * src/values, by which the profile decides and the load converts: a mistake in
 * one of the two shows as a difference instead of hiding in both.  That they take
 * the same texts for the same values is what test/fuzz/readers.cpp tries with
 * millions of strings.
 *
 * All functions are pure and noexcept, and call no server function.
 */
#pragma once

#include "server_free.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sqlite_import::reread {

/* A date, a time of day, or both, as written. */
struct CivilTime {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int microsecond = 0;
    bool has_date = false;
    bool has_time = false;
    bool has_offset = false;
    bool finer_than_microseconds = false; /* a digit other than 0 after the sixth … */
    bool rounds_up = false;               /* … and the seventh is 5 or more */
    int offset_seconds = 0;               /* east of Greenwich */
};

/*
 * Reads YYYY-MM-DD, YYYY/MM/DD, 8 Jan 1999, 8-Jan-1999 or Jan 8, 1999; HH:MM[:SS[.f…]]; or both
 * with a space between, or T in an ISO date; and after a time an offset: Z, UTC, GMT, ±HH, ±HHMM,
 * ±HH:MM[:SS], behind which Go repeats the zone's name and tells its process's clock.  Days must
 * exist in the calendar; the year is 0001 to 9999; 24:00 is the end of a day.  False for anything
 * else.
 */
bool read_civil_time(std::string_view text, CivilTime& result) noexcept;

/* -1 or +1 for infinity in any case, 0 for anything else. */
int read_infinity(std::string_view text) noexcept;

/* '0000-00-00', alone or with a time of zeros behind it, as MySQL writes. */
bool is_zero_date(std::string_view text) noexcept;

/* Days since 1970-01-01 in the proleptic Gregorian calendar. */
int64_t days_from_civil(int year, int month, int day) noexcept;

/* A length of time in PostgreSQL's three fields. */
struct IntervalShape {
    int64_t months = 0;
    int64_t days = 0;
    int64_t microseconds = 0;
    bool finer_than_microseconds = false; /* the rest is cut off */
};

/*
 * Numbers with units, each once, a time [-]HH:MM[:SS[.f…]] behind them, with a bare number of days
 * right before it or not, or ISO 8601's PnYnMnWnDTnHnMnS.  False for anything else, and where
 * IntervalStyle would decide about a sign.
 */
bool read_interval(std::string_view text, IntervalShape& result) noexcept;

/* A decimal number as written: [+-]digits[.digits][e[+-]digits], no space, no needless leading
 * zero, no Infinity, no NaN. */
struct DecimalShape {
    bool negative = false;
    bool is_integer = false; /* digits only: no point, no exponent */
    int integer_digits = 0;  /* before the point, without leading zeros */
    int scale = 0;           /* after the point, without trailing zeros */
    int written_scale = 0;   /* with them */
};

bool read_decimal(std::string_view text, DecimalShape& result) noexcept;

/* The same for a double: its shortest decimal that reads back as the same double.  Finite only. */
DecimalShape decimal_of(double value) noexcept;

/*
 * A decimal or a word for infinity or NaN as a double, if that or its fewest digits are the very
 * number that is written; the same for four bytes, where it may be written with as many digits.
 * Nothing for more than 128 digits, or an exponent beyond 1000.
 */
std::optional<double> read_double(std::string_view text) noexcept;
std::optional<float> read_float4(std::string_view text) noexcept;

/* An integer of 64 bits as PostgreSQL prints it: no plus, no leading zero, no -0. */
std::optional<int64_t> read_integer(std::string_view text) noexcept;

/* t, true, y, yes, on, 1 and their opposites, in any case. */
std::optional<bool> read_boolean(std::string_view text) noexcept;

/* 32 hexadecimal digits, bare, 8-4-4-4-12 with hyphens, or that in braces.  Fills 16 bytes. */
bool read_uuid(std::string_view text, unsigned char* bytes) noexcept;

/* An IPv4 or IPv6 address with or without /prefix; for cidr no bit may be set beyond the prefix. */
bool is_inet(std::string_view text) noexcept;
bool is_cidr(std::string_view text) noexcept;

/* 6 or 8 bytes in hexadecimal: bare, in pairs or threes of bytes by ':' or '-', in twos by '.' or
 * '-'; 8 bytes also as three and five. */
bool is_macaddr(std::string_view text, int bytes) noexcept;

enum class JsonVerdict {
    Invalid,  /* not JSON by RFC 8259 */
    JsonOnly, /* json takes it; jsonb does not: \u0000, a lone surrogate, a number too great */
    Jsonb,
};

JsonVerdict check_json(std::string_view text) noexcept;

/* What can be wrong with a text's bytes, and how many characters there are. */
struct Utf8Verdict {
    bool valid = true;    /* by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF */
    bool has_nul = false; /* which PostgreSQL's text cannot hold */
    int64_t characters = 0;
};

Utf8Verdict check_utf8(std::string_view text) noexcept;

}  // namespace sqlite_import::reread
