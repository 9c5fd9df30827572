/*
 * number_time.cpp
 *    The rules of evidence over a column's tally; see number_time.hpp.
 */
#include "plan/number_time.hpp"

#include <cmath>
#include <cstring>
#include <utility>

#include "values/time_unit.hpp"

namespace sqlite_import::plan {

namespace {

using sqlite::ColumnProfile;
using sqlite::TimeTally;
using values::From;

constexpr size_t kCompact = TimeTally::kUnits - 1;
constexpr int64_t kSecond = 1000000;
constexpr int64_t kSeconds2000 = 946684800;
constexpr int64_t kYear2050 = INT64_C(2524608000);
/* So far from the day that is counted from has to be one number at least, so that the numbers are
 * none of the next finer unit's sense: seconds of any year since 1900 are 50 days of milliseconds.
 */
constexpr int64_t kFarFromZero = 366 * values::kMicrosecondsPerDay;

/* Microseconds since 2000 of a bound in a unit; none: beyond all calendars. */
std::optional<int64_t> instant_of(From from, double number) {
    values::Decimal decimal;
    values::Moment moment;
    int64_t instant = 0;
    bool altered = false;
    values::decimal_of_double(number, &decimal);
    if (from == From::Compact) {
        char digits[values::kCompactDigits];
        const size_t size = values::compact_digits(decimal, digits);
        if (values::parse_compact(digits, size, &moment) != values::MomentParse::Ok) {
            return std::nullopt;
        }
        return moment.days * values::kMicrosecondsPerDay + moment.microseconds;
    }
    if (values::instant_of_number(from, decimal, number, values::Rounding::Round, &instant,
                                  &altered) != values::UnitParse::Ok) {
        return std::nullopt;
    }
    return instant;
}

/* YYMMDD or YYMMDDHHMMSS as the four-digit form of 1970 to 2069; NaN if it cannot be one. */
double with_century(double number) {
    const double year = std::floor(number / (number < 1e6 ? 1e4 : 1e10));
    const bool shaped = number == std::floor(number) && number >= 0 && number < 1e12 &&
                        (number < 1e6 || number >= 1e10) && year < 100;
    return shaped ? number + (year < 70 ? 20 : 19) * (number < 1e6 ? 1e6 : 1e12) : std::nan("");
}

struct Span {
    int64_t first;
    int64_t last;
};

std::optional<Span> span_of(const TimeTally& tally, From from) {
    const std::optional<int64_t> first = instant_of(from, tally.least);
    const std::optional<int64_t> last = instant_of(from, tally.greatest);
    if (!tally.bounded || !first || !last || values::instant_text(*first).empty() ||
        values::instant_text(*last).empty()) {
        return std::nullopt;
    }
    return Span{*first, *last};
}

bool is_recent(const Span& span) {
    return span.first >= (sqlite::kYear1900 - kSeconds2000) * kSecond &&
           span.last < (sqlite::kYear2101 - kSeconds2000) * kSecond;
}

std::string span_words(const Span& span) {
    constexpr size_t kMinutes = 16; /* YYYY-MM-DD HH:MM */
    const std::string first = values::instant_text(span.first).substr(0, kMinutes);
    const std::string last = values::instant_text(span.last).substr(0, kMinutes);
    return first == last ? first : first + " to " + last;
}

/* All numbers lie in the unit's window, sentinels aside, and one does. */
bool fits_window(const TimeTally& tally, size_t unit) {
    /* 0 is no date of digits */
    const int64_t zeros = unit == kCompact ? 0 : tally.zeros;
    return tally.within[unit] &&
           tally.within[unit].count + tally.last_days[unit] + zeros == tally.numbers;
}

std::string aside(const TimeTally& tally, size_t unit) {
    std::string words;
    if (unit != kCompact && tally.zeros > 0) {
        words = "0";
    }
    if (tally.last_days[unit] > 0) {
        words += std::string(words.empty() ? "" : " and ") + "9999-12-31";
    }
    return words.empty() ? words : ", " + words + " aside";
}

std::string read_as_words(From from) {
    return std::string("numbers read as ") + values::unit_words(from);
}

bool is_far_from_zero(const Span& span, From unit) {
    const std::optional<int64_t> zero = instant_of(unit, 0);
    return !zero || std::abs(span.first - *zero) > kFarFromZero ||
           std::abs(span.last - *zero) > kFarFromZero;
}

/* The siblings' unit, if it makes plausible times of this column too. */
bool follows_siblings(const TimeTally& tally, From unit) {
    /* the last day in another unit is no day in this one */
    for (size_t other = 0; other < TimeTally::kUnits; ++other) {
        if (TimeTally::kFrom[other] != unit && tally.last_days[other] > 0) {
            return false;
        }
    }
    const std::optional<Span> span =
        unit == From::Auto || unit == From::Compact ? std::nullopt : span_of(tally, unit);
    return span && is_recent(*span) && is_far_from_zero(*span, unit);
}

/* .NET's ticks of 1980 to 2100 are nanoseconds of 1989 to 1991: no evidence for either. */
bool could_be_ticks(const TimeTally& tally) {
    const std::optional<Span> span = span_of(tally, From::DotnetTicks);
    return span && is_recent(*span);
}

}  // namespace

namespace {

void append(std::string& words, const std::string& more) {
    if (!more.empty()) {
        words += (words.empty() ? "" : "; ") + more;
    }
}

/* Digits whose year has two digits: shown, since no reading can know the century. */
std::string two_digit_words(const TimeTally& tally) {
    TimeTally four_digits = tally;
    four_digits.least = with_century(tally.least);
    four_digits.greatest = with_century(tally.greatest);
    if (!tally.bounded || std::isnan(four_digits.least) || std::isnan(four_digits.greatest)) {
        return {};
    }
    const std::optional<Span> span = span_of(four_digits, From::Compact);
    return span ? "digits with a year of two digits, which no option reads: " + span_words(*span)
                : std::string();
}

}  // namespace

UnitVerdict unit_of_numbers(const ColumnProfile& profile, const Siblings& siblings) {
    const TimeTally& tally = profile.times_of_numbers;
    if (tally.numbers == 0 || tally.numbers != profile.values()) {
        return {};
    }
    if (fits_window(tally, kCompact)) {
        return {From::Compact, read_as_words(From::Compact) +
                                   ": each is a day of the calendar from 1900 to 2100" +
                                   aside(tally, kCompact)};
    }
    if (siblings.core_data && tally.cocoa == tally.numbers) {
        return {From::Cocoa, read_as_words(From::Cocoa) +
                                 ": the file has Core Data's own tables, and each "
                                 "number lies in the years 1980 to 2100"};
    }
    for (size_t unit = 0; unit < kCompact; ++unit) {
        const bool ticks = TimeTally::kFrom[unit] == From::UnixNs && could_be_ticks(tally);
        if (fits_window(tally, unit) && !ticks) {
            return {TimeTally::kFrom[unit], read_as_words(TimeTally::kFrom[unit]) +
                                                ": each lies in the years 1980 to 2100" +
                                                aside(tally, unit)};
        }
    }
    if (follows_siblings(tally, siblings.unit)) {
        return {siblings.unit, read_as_words(siblings.unit) +
                                   ", as in the file's other columns of the same declared type: " +
                                   span_words(*span_of(tally, siblings.unit))};
    }
    return {};
}

bool unit_is_exact(const ColumnProfile& profile, From from) {
    switch (from) {
        case From::UnixS:
        case From::Cocoa:
            return profile.scale <= 6;
        case From::UnixMs:
            return profile.scale <= 3;
        case From::UnixNs:
            return profile.scale == 0 && profile.times_of_numbers.odd_nanoseconds == 0;
        case From::UnixUs:
        case From::Webkit:
        case From::Compact:
        case From::UnixDays:
        case From::DotnetTicks:
            return profile.scale == 0;
        case From::Julian:
        case From::Ole:
        case From::Auto:
        case From::Base64:
        case From::Hex:
        case From::Utf8:
        case From::UuidBytes:
        case From::DotnetGuid:
        case From::Csv:
            break;
    }
    return true;
}

int64_t with_time_of_day(const ColumnProfile& profile, From from) {
    const TimeTally& tally = profile.times_of_numbers;
    for (size_t unit = 0; unit < TimeTally::kUnits; ++unit) {
        /* 2001 begins at midnight too */
        if (TimeTally::kFrom[unit] == (from == From::Cocoa ? From::UnixS : from)) {
            return tally.not_midnight[unit];
        }
    }
    return tally.numbers;
}

int64_t naive_times(const ColumnProfile& profile, From from) {
    const int64_t texts = profile.dates.count + profile.midnights.count + profile.timestamps.count;
    return texts + (from == From::Compact ? profile.times_of_numbers.numbers : 0);
}

std::string zone_words(int64_t count, const std::string& timezone) {
    const std::string zone = timezone.empty()        ? "UTC"
                             : timezone == "session" ? "the session's time zone"
                                                     : timezone;
    return std::to_string(count) +
           (count == 1 ? " time without an offset is read in "
                       : " times without an offset are read in ") +
           zone + " (option timezone)";
}

Candidates candidate_units(const ColumnProfile& profile) {
    static constexpr From kAll[] = {From::UnixS,   From::UnixMs,      From::UnixUs,   From::UnixNs,
                                    From::Compact, From::Julian,      From::UnixDays, From::Cocoa,
                                    From::Webkit,  From::DotnetTicks, From::Ole};
    const TimeTally& tally = profile.times_of_numbers;
    Candidates candidates;
    std::string others;
    From other = From::Auto;
    int probable = 0;
    int improbable = 0;
    for (const bool recent : {true, false}) {
        for (const From from : kAll) {
            const std::optional<Span> span = span_of(tally, from);
            if (!span || !is_far_from_zero(*span, from) || (recent && !is_recent(*span))) {
                continue;
            }
            const std::string words =
                std::string(values::from_name(from)) + ": " + span_words(*span);
            /* times mostly reach into the years that programs have known, and not far beyond */
            if (recent && span->last >= (sqlite::kYear1980 - kSeconds2000) * kSecond &&
                span->last < (kYear2050 - kSeconds2000) * kSecond) {
                candidates.first = probable++ == 0 ? from : From::Auto;
                append(candidates.words, words);
            } else {
                append(others, words);
                other = improbable++ == 0 ? from : From::Auto;
            }
        }
        if (recent) {
            append(others, two_digit_words(tally));
        }
        if (!candidates.words.empty() || !others.empty()) {
            break;
        }
    }
    if (probable == 0) {
        candidates.first = other;
    }
    append(candidates.words, others);
    return candidates;
}

}  // namespace sqlite_import::plan
