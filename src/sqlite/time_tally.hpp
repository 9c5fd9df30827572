/*
 * time_tally.hpp
 *    What the numbers of a column would be as times, for each unit that may be
 *    taken without being asked for.
 *
 * The windows are 1980 to 2100 in each unit; counted so, no number lies in two of
 * them.  Digits YYYYMMDD are judged as days of the calendar.  0 and 9999-12-31
 * say "never" in many programs, and are counted aside.
 */
#pragma once

#include "server_free.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sqlite/evidence.hpp"
#include "values/column_rule.hpp"

namespace sqlite_import::sqlite {

struct TimeTally {
    static constexpr size_t kUnits = 6;
    /* The units, in the order of the arrays below. */
    static constexpr values::From kFrom[kUnits] = {values::From::UnixS,  values::From::UnixMs,
                                                   values::From::UnixUs, values::From::UnixNs,
                                                   values::From::Julian, values::From::Compact};

    int64_t numbers = 0; /* integers, finite reals, and texts that are decimals */
    int64_t zeros = 0;
    std::array<Evidence, kUnits> within;        /* 1980 to 2100; Compact: days of 1900 to 2100 */
    std::array<int64_t, kUnits> last_days{};    /* 9999-12-31 */
    std::array<int64_t, kUnits> not_midnight{}; /* of all numbers, as times of the unit */
    int64_t cocoa = 0;                          /* in the window of seconds since 2001 */
    int64_t odd_nanoseconds = 0;                /* not a whole number of thousands */
    bool bounded = false;           /* the bounds mean something: a number that is no sentinel */
    double least = 0, greatest = 0; /* of those that are neither 0 nor 9999-12-31 in any unit */

    void note_integer(int64_t value, int64_t rowid) noexcept;
    void note_real(double value, int64_t rowid) noexcept;
    /* A text that is a decimal. */
    void note_decimal(std::string_view text, int64_t rowid) noexcept;

    void join(const TimeTally& other) noexcept;

  private:
    bool note_seconds(size_t unit, double seconds, int64_t rowid) noexcept;
    void note(double value, int64_t rowid, bool last_day) noexcept;
    void note_compact(int64_t value, int64_t rowid, bool* last_day) noexcept;
};

/* Seconds from 1970-01-01 to the beginning of a year. */
constexpr int64_t kYear1900 = INT64_C(-2208988800);
constexpr int64_t kYear1980 = INT64_C(315532800);
constexpr int64_t kYear2101 = INT64_C(4133980800);

}  // namespace sqlite_import::sqlite
