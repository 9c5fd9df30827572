/*
 * time_tally.cpp
 *    Windows by plain comparison; see time_tally.hpp.
 */
#include "sqlite/time_tally.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "values/number.hpp"

namespace sqlite_import::sqlite {

namespace {

constexpr size_t kJulian = 4;
constexpr size_t kCompact = 5;
constexpr int64_t kPerSecond[] = {1, 1000, 1000000, 1000000000};
constexpr int64_t kPerDay[] = {86400, INT64_C(86400000), INT64_C(86400000000),
                               INT64_C(86400000000000)};
constexpr double kLastDay = 253402214400; /* 9999-12-31, seconds from 1970 */
constexpr double kDay = 86400;
constexpr double kJulian1970 = 2440587.5;
constexpr double kSeconds2001 = 978307200;
constexpr double kTwoTo53 = 9007199254740992.0;

bool is_day(int64_t digits) noexcept {
    static constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int64_t year = digits / 10000;
    const int64_t month = digits / 100 % 100;
    const int64_t day = digits % 100;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= kLengths[month - 1] + (leap && month == 2 ? 1 : 0);
}

}  // namespace

void TimeTally::note_compact(int64_t value, int64_t rowid, bool* last_day) noexcept {
    const bool with_time = value >= INT64_C(10000000000000) && value < INT64_C(100000000000000);
    if (!with_time && (value < 10000000 || value > 99999999)) {
        return;
    }
    const int64_t day = with_time ? value / 1000000 : value;
    const int64_t clock = with_time ? value % 1000000 : 0;
    if (!is_day(day) || clock / 10000 > 23 || clock / 100 % 100 > 59 || clock % 100 > 59) {
        return;
    }
    if (clock != 0) {
        ++not_midnight[kCompact];
    }
    if (day == 99991231) {
        ++last_days[kCompact];
        *last_day = true;
    } else if (day / 10000 >= 1900 && day / 10000 <= 2100) {
        within[kCompact].note(rowid);
    }
}

/* Whole seconds in one of the units that count from 1970; true on the last day. */
bool TimeTally::note_seconds(size_t unit, double seconds, int64_t rowid) noexcept {
    if (seconds >= static_cast<double>(kYear1980) && seconds < static_cast<double>(kYear2101)) {
        within[unit].note(rowid);
    } else if (seconds >= kLastDay && seconds < kLastDay + kDay) {
        ++last_days[unit];
        return true;
    }
    return false;
}

/* All but what is asked of the exact number. */
void TimeTally::note(double value, int64_t rowid, bool last_day) noexcept {
    ++numbers;
    if (value == 0) {
        ++zeros;
    }
    const double julian = (value - kJulian1970) * kDay;
    if (julian >= static_cast<double>(kYear1980) && julian < static_cast<double>(kYear2101)) {
        within[kJulian].note(rowid);
    } else if (julian >= kLastDay && julian < kLastDay + kDay) {
        ++last_days[kJulian];
        last_day = true;
    }
    const double cocoa_seconds = value + kSeconds2001;
    if (cocoa_seconds >= static_cast<double>(kYear1980) &&
        cocoa_seconds < static_cast<double>(kYear2101)) {
        ++cocoa;
    }
    if (value == std::floor(value) && value >= 0 && value < kTwoTo53) {
        note_compact(static_cast<int64_t>(value), rowid, &last_day);
    }
    if (value != 0 && !last_day) {
        least = bounded ? std::min(least, value) : value;
        greatest = bounded ? std::max(greatest, value) : value;
        bounded = true;
    }
}

void TimeTally::note_integer(int64_t value, int64_t rowid) noexcept {
    bool last_day = false;
    for (size_t i = 0; i < kJulian; ++i) {
        /* what is below a second is cut off towards zero, far from every window's end */
        const int64_t whole = value / kPerSecond[i];
        last_day |= note_seconds(i, static_cast<double>(whole), rowid);
        if (value % kPerDay[i] != 0) {
            ++not_midnight[i];
        }
    }
    note(static_cast<double>(value), rowid, last_day);
    ++not_midnight[kJulian]; /* a whole Julian day is noon */
    if (value % 1000 != 0) {
        ++odd_nanoseconds;
    }
}

void TimeTally::note_real(double value, int64_t rowid) noexcept {
    bool last_day = false;
    for (size_t i = 0; i < kJulian; ++i) {
        last_day |= note_seconds(i, std::floor(value / static_cast<double>(kPerSecond[i])), rowid);
        if (std::fmod(value, static_cast<double>(kPerDay[i])) != 0) {
            ++not_midnight[i];
        }
    }
    note(value, rowid, last_day);
    if (value - std::floor(value) != 0.5) {
        ++not_midnight[kJulian];
    }
    if (std::fmod(value, 1000) != 0) {
        ++odd_nanoseconds;
    }
}

void TimeTally::note_decimal(std::string_view text, int64_t rowid) noexcept {
    int64_t integer = 0;
    if (values::parse_integer(text.data(), text.size(), &integer) == values::IntegerParse::Ok) {
        note_integer(integer, rowid);
        return;
    }
    double value = 0;
    const char* const begin = text.data() + (text.front() == '+' ? 1 : 0);
    const auto read = std::from_chars(begin, text.data() + text.size(), value);
    if (read.ec == std::errc() && std::isfinite(value)) {
        note_real(value, rowid);
    }
}

void TimeTally::join(const TimeTally& other) noexcept {
    numbers += other.numbers;
    zeros += other.zeros;
    for (size_t i = 0; i < kUnits; ++i) {
        within[i].join(other.within[i]);
        last_days[i] += other.last_days[i];
        not_midnight[i] += other.not_midnight[i];
    }
    cocoa += other.cocoa;
    odd_nanoseconds += other.odd_nanoseconds;
    if (other.bounded) {
        least = bounded ? std::min(least, other.least) : other.least;
        greatest = bounded ? std::max(greatest, other.greatest) : other.greatest;
        bounded = true;
    }
}

}  // namespace sqlite_import::sqlite
