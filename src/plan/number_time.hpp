/*
 * number_time.hpp
 *    Whether the numbers of a column are times, and of which unit: by evidence.
 *
 * A number becomes a time only if one reading puts every number of the column
 * where times are found: digits YYYYMMDD[HHMMSS] that are days of the calendar
 * from 1900 to 2100; in a Core Data file, seconds since 2001; of seconds,
 * milliseconds, microseconds, nanoseconds since 1970 and Julian days the one that
 * gives the years 1980 to 2100 (0 and 9999-12-31, which say "never", aside).  What
 * that leaves open, the file's other columns of the same declared type may tell:
 * then the years from 1900 on will do.  Otherwise the numbers stay numbers, and
 * the units that could be meant are told with the dates that they would give.
 */
#pragma once

#include "server_free.hpp"

#include <optional>
#include <string>

#include "dialect/declared_type.hpp"
#include "sqlite/profile.hpp"
#include "values/column_rule.hpp"

namespace sqlite_import::plan {

/* What the rest of the file says about a column of times. */
struct Siblings {
    bool core_data = false; /* the file has Core Data's own tables */
    /* The unit that the other columns of the same declared type have; Auto: none, or several. */
    values::From unit = values::From::Auto;
    /* For a column without values: what those of the same declared type become. */
    std::optional<dialect::ResolvedType> type;
    values::From type_from = values::From::Auto;
};

struct UnitVerdict {
    values::From from = values::From::Auto; /* Auto: there is no evidence for any */
    std::string words;                      /* how the numbers are read, and why */
};

/* The unit of a column whose values are all numbers, or texts that are. */
UnitVerdict unit_of_numbers(const sqlite::ColumnProfile& profile, const Siblings& siblings);

/* True if the unit loses no digit of the column's numbers. */
bool unit_is_exact(const sqlite::ColumnProfile& profile, values::From from);

/* How many of the numbers have a time of day in the unit. */
int64_t with_time_of_day(const sqlite::ColumnProfile& profile, values::From from);

/* How many times without an offset the profile found: texts, and digits if that is the reading. */
int64_t naive_times(const sqlite::ColumnProfile& profile, values::From from);

/* "3 times without an offset are read in UTC (option timezone)". */
std::string zone_words(int64_t count, const std::string& timezone);

/* The units that could be meant, the most probable first, each with the first and the last moment
 * that it would give. */
struct Candidates {
    values::From first = values::From::Auto; /* Auto: several are as probable, or none */
    std::string words;                       /* empty: no unit gives a date of the calendar */
};
Candidates candidate_units(const sqlite::ColumnProfile& profile);

}  // namespace sqlite_import::plan
