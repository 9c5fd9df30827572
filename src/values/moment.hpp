/*
 * moment.hpp
 *    Dates and times of day as SQLite files hold them, read without guessing.
 *
 * SQLite has no date type: programs store ISO 8601 text in some dozen shapes, or
 * numbers (www.sqlite.org/lang_datefunc.html, 2 Time Values).  Shapes that can
 * mean one thing only are read here; whatever depends on a locale (01/02/03) is
 * not.  Counts are PostgreSQL's: days and microseconds since 2000-01-01.
 * All functions are pure and noexcept.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>
#include <cstdint>

namespace sqlite_import::values {

constexpr int64_t kMicrosecondsPerDay = INT64_C(86400000000);

enum class MomentParse {
    Ok,
    NotAMoment, /* no shape that we know */
    OutOfRange, /* a known shape with a thirteenth month or the like */
    ZeroDate,   /* 0000-00-00, MySQL's way to say nothing */
};

/* What a text says. */
struct Moment {
    bool has_date = false;
    bool has_time = false;
    bool has_offset = false;
    bool below_microsecond = false; /* digits beyond the sixth decimal that are not zero */
    uint8_t fraction_digits = 0;    /* significant decimals of the seconds, at most 6 */
    int infinite = 0;               /* -1, +1: 'infinity' as PostgreSQL writes it */
    int64_t days = 0;               /* since 2000-01-01, proleptic Gregorian */
    int64_t microseconds = 0;       /* of the day, 24:00 included; rounded to the nearest */
    int offset_seconds = 0;         /* east of Greenwich is positive */
};

/*
 * YYYY-MM-DD, HH:MM[:SS[.f…]], and both joined by a blank or T, the time
 * followed by Z, UTC, GMT, ±HH, ±HHMM or ±HH:MM, with or without a blank before,
 * and after a blank by the name of a zone that only repeats the offset, as Go
 * prints it (2006-01-02 15:04:05 -0700 MST).
 */
MomentParse parse_moment(const char* text, size_t size, Moment* moment) noexcept;

/* Days since 2000-01-01; false if there is no such day. */
bool days_of_date(int year, int month, int day, int64_t* days) noexcept;

/* Microseconds since 2000-01-01 00:00 UTC of a Julian day number, by SQLite's own rule: rounded to
 * milliseconds (www.sqlite.org/lang_datefunc.html, 3).  False if outside SQLite's range. */
bool microseconds_of_julian(double julian, int64_t* microseconds) noexcept;

}  // namespace sqlite_import::values
