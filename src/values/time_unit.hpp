/*
 * time_unit.hpp
 *    What a number that stands for a time counts: the units that `from` names.
 *
 * A number says nothing by itself: 1700000000 is a second of 2023, or of 2054
 * where Apple counts from 2001.  Each unit is read exactly, in decimal digits;
 * the two that are doubles by their nature (Julian days, OLE's days) are rounded
 * to milliseconds, which is what SQLite and .NET do with them.
 * All functions are pure, and noexcept but for the one that makes a string.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "values/column_rule.hpp"
#include "values/moment.hpp"
#include "values/number.hpp"

namespace sqlite_import::values {

/* True for every reading that makes times of numbers. */
bool is_time_unit(From from) noexcept;

/* True for the units of a length of time, without a day that it is counted from: for interval. */
bool is_length_unit(From from) noexcept;

/* "seconds since 1970": what a number of the unit is, for the report; "" for other readings. */
const char* unit_words(From from) noexcept;

enum class UnitParse { Ok, NoUnit, OutOfRange, Impossible, Inexact };

/*
 * Microseconds since 2000-01-01 00:00 UTC of a number in a unit, Compact aside.
 * 'real' is the number as a double.  With round, digits below the microsecond may
 * go, and *altered says whether some did.
 */
UnitParse instant_of_number(From unit, const Decimal& decimal, double real, Rounding rounding,
                            int64_t* microseconds, bool* altered) noexcept;

/* The number of microseconds of a length of time in a unit of is_length_unit. */
UnitParse length_of_number(From unit, const Decimal& decimal, Rounding rounding,
                           int64_t* microseconds, bool* altered) noexcept;

/*
 * YYYYMMDD[HHMMSS[f…]]: eight or at least fourteen digits; before the fraction a
 * point may stand, as strftime('%f') writes it.  A date and a time that name no
 * zone, like ISO text.
 */
MomentParse parse_compact(const char* text, size_t size, Moment* moment) noexcept;

/* The digits of a whole number, for parse_compact; 0: it is none that could be one. */
size_t compact_digits(const Decimal& decimal, char* out) noexcept;
constexpr size_t kCompactDigits = 24;

/* "2024-02-29 12:34:56.789" of microseconds since 2000-01-01; empty outside of the years 1 to 9999.
 */
std::string instant_text(int64_t microseconds);

/* The other way: the number of whole units at an instant (microseconds since 2000-01-01), if it is
 * one; false: between two, or out of range, or a unit that is no count (Compact, Julian, Ole). */
bool units_at(From unit, int64_t microseconds, int64_t* units) noexcept;

/* The same of a length of time. */
bool units_of(From unit, int64_t microseconds, int64_t* units) noexcept;

/* The day as a double of Julian or Ole at an instant; false if that is not the same instant when
 * it is read again. */
bool days_at(From unit, int64_t microseconds, double* days) noexcept;

}  // namespace sqlite_import::values
