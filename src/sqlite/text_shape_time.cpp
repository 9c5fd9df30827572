/*
 * text_shape_time.cpp
 *    Dates, times of day and offsets: each step takes one part and moves on.
 */
#include "sqlite/text_shape.hpp"

#include "sqlite/text_scan.hpp"

namespace sqlite_import::sqlite {

namespace {

bool is_leap(int year) noexcept {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(int year, int month) noexcept {
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

bool take_date(std::string_view text, size_t& at, CivilTime& result) noexcept {
    result.year = take_digits(text, at, 4);
    if (result.year < 1 || !take_char(text, at, '-')) {
        return false;
    }
    result.month = take_digits(text, at, 2);
    if (result.month < 1 || result.month > 12 || !take_char(text, at, '-')) {
        return false;
    }
    result.day = take_digits(text, at, 2);
    result.has_date = true;
    return result.day >= 1 && result.day <= days_in_month(result.year, result.month);
}

/* What follows the point of the seconds: at least one digit. */
bool take_fraction(std::string_view text, size_t& at, CivilTime& result) noexcept {
    const size_t start = at;
    int place = 100000;
    for (; at < text.size() && is_digit(text[at]); ++at) {
        const int digit = text[at] - '0';
        result.microsecond += digit * place;
        result.finer_than_microseconds |= place == 0 && digit != 0;
        result.rounds_up |= at - start == 6 && digit >= 5;
        place /= 10;
    }
    return at > start;
}

bool take_clock(std::string_view text, size_t& at, CivilTime& result) noexcept {
    result.hour = take_digits(text, at, 2);
    if (result.hour < 0 || result.hour > 24 || !take_char(text, at, ':')) {
        return false;
    }
    result.minute = take_digits(text, at, 2);
    if (result.minute < 0 || result.minute > 59) {
        return false;
    }
    result.has_time = true;
    if (!take_char(text, at, ':')) {
        return true;
    }
    result.second = take_digits(text, at, 2);
    if (result.second < 0 || result.second > 59) {
        return false;
    }
    return !take_char(text, at, '.') || take_fraction(text, at, result);
}

bool take_time(std::string_view text, size_t& at, CivilTime& result) noexcept {
    if (!take_clock(text, at, result)) {
        return false;
    }
    return result.hour < 24 || (result.minute == 0 && result.second == 0 &&
                                result.microsecond == 0 && !result.finer_than_microseconds);
}

/* ±HH, ±HHMM, ±HH:MM, ±HH:MM:SS; PostgreSQL's limit is below 16 hours. */
bool take_numeric_offset(std::string_view text, size_t& at, CivilTime& result) noexcept {
    const bool west = text[at] == '-';
    ++at;
    const int hours = take_digits(text, at, 2);
    if (hours < 0 || hours > 15) {
        return false;
    }
    int minutes = 0;
    int seconds = 0;
    if (take_char(text, at, ':')) {
        minutes = take_digits(text, at, 2);
        if (take_char(text, at, ':')) {
            seconds = take_digits(text, at, 2);
        }
    } else if (at < text.size() && text[at] != ' ') {
        minutes = take_digits(text, at, 2);
    }
    if (minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) {
        return false;
    }
    const int offset = hours * 3600 + minutes * 60 + seconds;
    result.offset_seconds = west ? -offset : offset;
    return true;
}

/* Go prints "+0200 CEST": the name of what the offset said. */
bool take_zone_name(std::string_view text, size_t& at) noexcept {
    if (!take_char(text, at, ' ')) {
        return true;
    }
    const size_t start = at;
    while (at < text.size() && text[at] >= 'A' && text[at] <= 'Z') {
        ++at;
    }
    return at > start;
}

bool take_offset(std::string_view text, size_t& at, CivilTime& result) noexcept {
    take_char(text, at, ' ');
    if (at >= text.size()) {
        return false;
    }
    result.has_offset = true;
    if (text[at] == '+' || text[at] == '-') {
        return take_numeric_offset(text, at, result) && take_zone_name(text, at);
    }
    const std::string_view rest = text.substr(at);
    at = text.size();
    return equals_ignoring_case(rest, "z") || equals_ignoring_case(rest, "utc") ||
           equals_ignoring_case(rest, "gmt");
}

}  // namespace

bool read_civil_time(std::string_view text, CivilTime& result) noexcept {
    result = CivilTime();
    size_t at = 0;
    if (text.size() < 5 || text.size() > 64) {
        return false;
    }
    if (text[2] == ':') {
        if (!take_time(text, at, result)) {
            return false;
        }
    } else {
        if (!take_date(text, at, result)) {
            return false;
        }
        if (at == text.size()) {
            return true;
        }
        if (!take_char(text, at, 'T') && !take_char(text, at, ' ')) {
            return false;
        }
        if (!take_time(text, at, result)) {
            return false;
        }
    }
    return at == text.size() || (take_offset(text, at, result) && at == text.size());
}

bool is_zero_date(std::string_view text) noexcept {
    size_t at = 0;
    const int year = take_digits(text, at, 4);
    if (year < 0 || !take_char(text, at, '-')) {
        return false;
    }
    const int month = take_digits(text, at, 2);
    if (month < 0 || !take_char(text, at, '-')) {
        return false;
    }
    const int day = take_digits(text, at, 2);
    if (day < 0 || (year != 0 && month != 0 && day != 0)) {
        return false;
    }
    return at == text.size() || text[at] == ' ' || text[at] == 'T';
}

int64_t days_from_civil(int year, int month, int day) noexcept {
    /* Years that begin in March make the leap day the last of its year. */
    const int64_t shifted = month <= 2 ? year - 1 : year;
    const int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    const int64_t year_of_era = shifted - era * 400;
    const int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

}  // namespace sqlite_import::sqlite
