/*
 * interval.hpp
 *    Lengths of time as text, read without guessing.
 *
 * PostgreSQL's own input function reads more than is meant: '1.02:03:04', a day and two hours to
 * .NET, is 1.02 days to it, what stands behind a negative field depends on IntervalStyle, and
 * digits beyond the microsecond are rounded.  None of that is read here.  Pure and noexcept.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>
#include <cstdint>

namespace sqlite_import::values {

/* The three fields that PostgreSQL's interval keeps apart. */
struct Interval {
    int32_t months = 0;
    int32_t days = 0;
    int64_t microseconds = 0;
};

enum class IntervalParse {
    Ok,
    NotAnInterval,
    Inexact,    /* finer than microseconds, but an interval */
    OutOfRange, /* more than a field holds */
};

/*
 * Numbers with units (1 year 2 mons -3 days, 90 min, 1.5 hours), each unit once, a time
 * ([-]HH:MM[:SS[.f…]]) behind them or alone, a number of days right before the time
 * (1 02:03:04), and ISO 8601's P1Y2M3DT4H5M6.7S.  Years and months are whole.  If the
 * first field is negative, each that follows says its sign.
 */
IntervalParse parse_interval(const char* text, size_t size, Interval* interval) noexcept;

}  // namespace sqlite_import::values
