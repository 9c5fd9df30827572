/*
 * time_unit.cpp
 *    The table of units, and the arithmetic on decimal digits.
 */
#include "values/time_unit.hpp"

#include <cstdio>
#include <cstring>
#include <limits>

namespace sqlite_import::values {

namespace {

__extension__ using Wide = __int128;

constexpr int64_t kSecond = 1000000;

/* Days since 1970-01-01 of the days that the units count from; PostgreSQL's 2000-01-01 is 10957. */
constexpr int64_t kDays2000 = 10957;
constexpr int64_t kDays2001 = 11323;
constexpr int64_t kDays1601 = -134774;
constexpr int64_t kDays0001 = -719162;
constexpr int64_t kDays1899 = -25569; /* 1899-12-30 */

/* A unit of which whole microseconds are a power of ten, or a day. */
struct Unit {
    From from;
    int shift;    /* microseconds = number × factor × 10^shift */
    int factor;   /* 864 for days */
    int64_t zero; /* days from 1970-01-01 to the day that is counted from */
    const char* words;
};

constexpr Unit kUnits[] = {
    {From::UnixS, 6, 1, 0, "seconds since 1970"},
    {From::UnixMs, 3, 1, 0, "milliseconds since 1970"},
    {From::UnixUs, 0, 1, 0, "microseconds since 1970"},
    {From::UnixNs, -3, 1, 0, "nanoseconds since 1970"},
    {From::UnixDays, 8, 864, 0, "days since 1970"},
    {From::Cocoa, 6, 1, kDays2001, "seconds since 2001"},
    {From::Webkit, 0, 1, kDays1601, "microseconds since 1601"},
    {From::DotnetTicks, -1, 1, kDays0001, "ticks of 100 ns since the year 1"},
};

const Unit* find_unit(From from) noexcept {
    for (const Unit& unit : kUnits) {
        if (unit.from == from) {
            return &unit;
        }
    }
    return nullptr;
}

/* decimal × factor; false if the digits have no room. */
bool multiply(const Decimal& decimal, int factor, Decimal* product) noexcept {
    int digits[Decimal::kMaxDigits + 3] = {};
    int carry = 0;
    if (factor == 1 || decimal.count == 0) {
        *product = decimal;
        return true;
    }
    if (decimal.count > Decimal::kMaxDigits - 3) {
        return false;
    }
    for (int i = decimal.count - 1; i >= 0; i--) {
        const int value = (decimal.digits[i] - '0') * factor + carry;
        digits[i + 3] = value % 10;
        carry = value / 10;
    }
    for (int i = 2; i >= 0; i--) {
        digits[i] = carry % 10;
        carry /= 10;
    }
    int leading = 0;
    while (leading < decimal.count + 2 && digits[leading] == 0) {
        leading++;
    }
    *product = Decimal();
    product->negative = decimal.negative;
    product->count = decimal.count + 3 - leading;
    product->point = decimal.point + 3 - leading;
    product->scale = decimal.scale;
    for (int i = 0; i < product->count; i++) {
        product->digits[i] = static_cast<char>('0' + digits[leading + i]);
    }
    return true;
}

/* Days since 1899-12-30, whose fraction runs forward on the days before it too, as OLE
 * Automation has it: -1.25 is 06:00 of the 29th.  To the millisecond, as DateTime.FromOADate()
 * does it, the sum rounded like there. */
bool microseconds_of_ole(double days, int64_t* microseconds) noexcept {
    /* years 100 to 9999, DateTime.FromOADate()'s own bounds */
    if (!(days > -657435.0 && days < 2958466.0)) {
        return false;
    }
    auto milliseconds = static_cast<int64_t>(days * 86400000.0 + (days >= 0 ? 0.5 : -0.5));
    if (milliseconds < 0) {
        milliseconds -= (milliseconds % 86400000) * 2;
    }
    *microseconds = milliseconds * 1000 + (kDays1899 - kDays2000) * kMicrosecondsPerDay;
    return true;
}

/* Truncated towards zero. */
UnitParse scale(const Unit& unit, const Decimal& decimal, Rounding rounding, int64_t* microseconds,
                bool* altered) noexcept {
    Decimal product;
    if (!multiply(decimal, unit.factor, &product)) {
        return UnitParse::OutOfRange;
    }
    if (scaled_integer(product, unit.shift, false, microseconds)) {
        return UnitParse::Ok;
    }
    int64_t rounded;
    if (rounding == Rounding::Truncate) {
        cut_decimals(&product, unit.shift);
    }
    if (!scaled_integer(product, unit.shift, true, &rounded)) {
        return UnitParse::OutOfRange;
    }
    if (rounding == Rounding::Exact) {
        return UnitParse::Inexact;
    }
    *microseconds = rounded;
    *altered = true;
    return UnitParse::Ok;
}

bool whole_units(const Unit& unit, Wide microseconds, int64_t* units) noexcept {
    int64_t divisor = unit.factor;
    for (int i = 0; i < unit.shift; i++) {
        divisor *= 10;
    }
    for (int i = 0; i > unit.shift; i--) {
        microseconds *= 10;
    }
    const Wide value = microseconds / divisor;
    *units = static_cast<int64_t>(value);
    return microseconds % divisor == 0 && value == *units;
}

bool is_digit(char character) noexcept {
    return character >= '0' && character <= '9';
}

int number_of(const char* digits, int count) noexcept {
    int number = 0;
    for (int i = 0; i < count; i++) {
        number = number * 10 + (digits[i] - '0');
    }
    return number;
}

}  // namespace

bool is_time_unit(From from) noexcept {
    return from == From::Julian || from == From::Ole || from == From::Compact ||
           find_unit(from) != nullptr;
}

bool is_length_unit(From from) noexcept {
    return from == From::UnixS || from == From::UnixMs || from == From::UnixUs ||
           from == From::UnixNs;
}

const char* unit_words(From from) noexcept {
    const Unit* const unit = find_unit(from);
    if (unit != nullptr) {
        return unit->words;
    }
    return from == From::Julian    ? "Julian days"
           : from == From::Ole     ? "days since 1899-12-30"
           : from == From::Compact ? "digits YYYYMMDD[HHMMSS]"
                                   : "";
}

UnitParse instant_of_number(From unit, const Decimal& decimal, double real, Rounding rounding,
                            int64_t* microseconds, bool* altered) noexcept {
    if (unit == From::Julian) {
        return microseconds_of_julian(real, microseconds) ? UnitParse::Ok : UnitParse::OutOfRange;
    }
    if (unit == From::Ole) {
        return microseconds_of_ole(real, microseconds) ? UnitParse::Ok : UnitParse::OutOfRange;
    }
    const Unit* const found = find_unit(unit);
    if (found == nullptr) {
        return UnitParse::NoUnit;
    }
    const UnitParse result = scale(*found, decimal, rounding, microseconds, altered);
    const int64_t zero = (found->zero - kDays2000) * kMicrosecondsPerDay;
    if (result != UnitParse::Ok) {
        return result;
    }
    if (zero < 0 ? *microseconds <= std::numeric_limits<int64_t>::min() - zero
                 : *microseconds > std::numeric_limits<int64_t>::max() - zero) {
        return UnitParse::OutOfRange;
    }
    *microseconds += zero;
    /* back from a count below zero too: no instant is moved on */
    *microseconds -= rounding == Rounding::Truncate && *altered && decimal.negative;
    return UnitParse::Ok;
}

UnitParse length_of_number(From unit, const Decimal& decimal, Rounding rounding,
                           int64_t* microseconds, bool* altered) noexcept {
    const Unit* const found = is_length_unit(unit) ? find_unit(unit) : nullptr;
    if (found == nullptr) {
        return UnitParse::NoUnit;
    }
    return scale(*found, decimal, rounding, microseconds, altered);
}

MomentParse parse_compact(const char* text, size_t size, Moment* moment) noexcept {
    size_t digits = 0;
    *moment = Moment();
    while (digits < size && is_digit(text[digits])) {
        digits++;
    }
    const bool point = digits == 14 && digits < size && text[digits] == '.';
    const size_t fraction = point ? 15 : 14;
    for (size_t i = fraction; i < size; i++) {
        if (!is_digit(text[i])) {
            return MomentParse::NotAMoment;
        }
    }
    if ((digits != size && !point) || (digits != 8 && digits < 14) || (point && size == 15)) {
        return MomentParse::NotAMoment;
    }
    if (number_of(text, 8) == 0) {
        return MomentParse::ZeroDate;
    }
    moment->has_date = true;
    if (!days_of_date(number_of(text, 4), number_of(text + 4, 2), number_of(text + 6, 2),
                      &moment->days)) {
        return MomentParse::OutOfRange;
    }
    if (digits == 8) {
        return MomentParse::Ok;
    }
    const int hour = number_of(text + 8, 2);
    const int minute = number_of(text + 10, 2);
    const int second = number_of(text + 12, 2);
    if (hour > 23 || minute > 59 || second > 59) {
        return MomentParse::OutOfRange;
    }
    moment->has_time = true;
    moment->microseconds = ((hour * 60 + minute) * 60 + second) * kSecond;
    int64_t unit = kSecond / 10;
    for (size_t i = fraction; i < size; i++, unit /= 10) {
        const int digit = text[i] - '0';
        if (i - fraction == 6 && digit >= 5) {
            moment->microseconds++; /* rounded to the nearest, as parse_moment does */
        }
        moment->microseconds += digit * unit;
        if (digit != 0 && i - fraction >= 6) {
            moment->below_microsecond = true;
        } else if (digit != 0) {
            moment->fraction_digits = static_cast<uint8_t>(i - fraction + 1);
        }
    }
    return MomentParse::Ok;
}

size_t compact_digits(const Decimal& decimal, char* out) noexcept {
    const int zeros = decimal.point - decimal.count;
    if (decimal.negative || decimal.count == 0 || decimal.point < 1 ||
        decimal.point > static_cast<int>(kCompactDigits) || decimal.needed_scale() > 0) {
        return 0;
    }
    std::memcpy(out, decimal.digits,
                static_cast<size_t>(zeros < 0 ? decimal.point : decimal.count));
    for (int i = 0; i < zeros; i++) {
        out[decimal.count + i] = '0';
    }
    return static_cast<size_t>(decimal.point);
}

std::string instant_text(int64_t microseconds) {
    int64_t day = microseconds / kMicrosecondsPerDay;
    int64_t rest = microseconds % kMicrosecondsPerDay;
    if (rest < 0) {
        rest += kMicrosecondsPerDay;
        day--;
    }
    /* 0001-01-01 … 9999-12-31 */
    if (day < -730119 || day > 2921939) {
        return {};
    }
    /* days of a calendar whose years begin in March, from 0000-03-01 */
    const int64_t since = day + 730425;
    const int64_t era = since / 146097;
    const int64_t in_era = since % 146097;
    const int64_t in_400 = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    const int64_t in_year = in_era - (365 * in_400 + in_400 / 4 - in_400 / 100);
    const int64_t month = (5 * in_year + 2) / 153;
    char text[64];
    const int length =
        std::snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d:%02d.%06d",
                      static_cast<int>(era * 400 + in_400 + (month >= 10 ? 1 : 0)),
                      static_cast<int>(month < 10 ? month + 3 : month - 9),
                      static_cast<int>(in_year - (153 * month + 2) / 5 + 1),
                      static_cast<int>(rest / 3600000000), static_cast<int>(rest / 60000000 % 60),
                      static_cast<int>(rest / kSecond % 60), static_cast<int>(rest % kSecond));
    std::string result(text, static_cast<size_t>(length));
    result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.') {
        result.pop_back();
    }
    return result;
}

bool units_at(From unit, int64_t microseconds, int64_t* units) noexcept {
    const Unit* const found = find_unit(unit);
    return found != nullptr &&
           whole_units(*found,
                       static_cast<Wide>(microseconds) +
                           static_cast<Wide>(kDays2000 - found->zero) * kMicrosecondsPerDay,
                       units);
}

bool units_of(From unit, int64_t microseconds, int64_t* units) noexcept {
    const Unit* const found = is_length_unit(unit) ? find_unit(unit) : nullptr;
    return found != nullptr && whole_units(*found, microseconds, units);
}

bool days_at(From unit, int64_t microseconds, double* days) noexcept {
    constexpr int64_t kFar =
        INT64_C(10000) * 366 * kMicrosecondsPerDay; /* beyond what either counts to */
    int64_t again = 0;
    bool read = false;
    if (microseconds > kFar || microseconds < -kFar) {
        return false;
    }
    if (unit == From::Julian) {
        *days = static_cast<double>(microseconds) / kMicrosecondsPerDay + 2451544.5;
        read = microseconds_of_julian(*days, &again);
    } else if (unit == From::Ole) {
        const int64_t since = microseconds + (kDays2000 - kDays1899) * kMicrosecondsPerDay;
        int64_t whole = since / kMicrosecondsPerDay;
        int64_t rest = since % kMicrosecondsPerDay;
        if (rest < 0) {
            rest += kMicrosecondsPerDay;
            whole--;
        }
        const double fraction = static_cast<double>(rest) / kMicrosecondsPerDay;
        *days = static_cast<double>(whole) + (whole < 0 ? -fraction : fraction);
        read = microseconds_of_ole(*days, &again);
    }
    return read && again == microseconds;
}

}  // namespace sqlite_import::values
