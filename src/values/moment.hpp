/*
 * moment.hpp
 *    Dates and times of day as SQLite files hold them, read without guessing.
 *
 * SQLite has no date type: programs store ISO 8601 text in some dozen shapes, or
 * numbers (www.sqlite.org/lang_datefunc.html, 2 Time Values).  Shapes that can
 * mean one thing only are read here; whatever depends on a locale (01/02/03) is
 * not.  This is the one reader of such texts: the
 * profile, the load and the dialect ask it; verify has its own (src/reread).  Counts are
 * PostgreSQL's: days and microseconds since 2000-01-01. All functions are pure and noexcept.
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
    bool rounded_up = false;        /* microseconds is one more than the digits written */
    uint8_t fraction_digits = 0;    /* significant decimals of the seconds, at most 6 */
    bool sqlite_reads = false;      /* SQLite's own date functions read it, and as the same */
    int infinite = 0;               /* -1, +1: 'infinity' as PostgreSQL writes it */
    int64_t days = 0;               /* since 2000-01-01, proleptic Gregorian */
    int64_t microseconds = 0;       /* of the day, 24:00 included; rounded to the nearest */
    int offset_seconds = 0;         /* east of Greenwich is positive */
};

/*
 * A date, a time of day, or both joined by a blank (or T):
 *
 *    YYYY-MM-DD, YYYY/MM/DD, 8 Jan 1999, 8-Jan-1999, Jan 8, 1999
 *    HH:MM[:SS[.f…]]; 24:00:00 is the end of a day
 *
 * and behind a time, with or without a blank, Z, UTC, GMT, ±HH, ±HHMM, ±HH:MM or ±HH:MM:SS, after
 * which Go repeats the zone's name and tells its process's clock
 * (2006-01-02 15:04:05 -0700 MST m=+0.01).  Words are taken in any case.
 */
MomentParse parse_moment(const char* text, size_t size, Moment* moment) noexcept;

/* 0000-00-00, alone or with a time of zeros: MySQL's way to say nothing. */
bool is_zero_date(const char* text, size_t size) noexcept;

/* Days since 2000-01-01; false if there is no such day. */
bool days_of_date(int year, int month, int day, int64_t* days) noexcept;

/* Microseconds since 2000-01-01 00:00 UTC of a Julian day number, by SQLite's own rule: rounded to
 * milliseconds (www.sqlite.org/lang_datefunc.html, 3).  False if outside SQLite's range. */
bool microseconds_of_julian(double julian, int64_t* microseconds) noexcept;

}  // namespace sqlite_import::values
