/*
 * text_shape_time.cpp
 *    Dates, times of day and offsets: each step takes one part and moves on.
 */
#include "reread/text_shape.hpp"

#include "reread/text_scan.hpp"

namespace sqlite_import::reread {

namespace {

bool is_leap(int year) noexcept {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(int year, int month) noexcept {
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

/* The number of an English month, by its name or the name's first three letters; 0: none. */
int take_month(std::string_view text, size_t& at) noexcept {
    static constexpr std::string_view kNames[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
    static constexpr std::string_view kRests[] = {
        "uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"};
    for (int i = 0; i < 12; ++i) {
        if (!equals_ignoring_case(text.substr(at, 3), kNames[i])) {
            continue;
        }
        at += 3;
        if (equals_ignoring_case(text.substr(at, kRests[i].size()), kRests[i])) {
            at += kRests[i].size();
        }
        return i + 1;
    }
    return 0;
}

/* One digit or two. */
int take_day(std::string_view text, size_t& at) noexcept {
    const size_t digits = at + 1 < text.size() && is_digit(text[at + 1]) ? 2 : 1;
    return take_digits(text, at, digits);
}

bool finish_date(CivilTime& result) noexcept {
    result.has_date = true;
    return result.year >= 1 && result.month >= 1 && result.month <= 12 && result.day >= 1 &&
           result.day <= days_in_month(result.year, result.month);
}

/* Y-M-D or Y/M/D, four digits, two and two. */
bool take_numbers(std::string_view text, size_t& at, CivilTime& result) noexcept {
    const char between = text.size() > 4 && text[4] == '/' ? '/' : '-';
    result.year = take_digits(text, at, 4);
    if (result.year < 0 || !take_char(text, at, between)) {
        return false;
    }
    result.month = take_digits(text, at, 2);
    if (result.month < 0 || !take_char(text, at, between)) {
        return false;
    }
    result.day = take_digits(text, at, 2);
    return result.day >= 0;
}

/* Jan 8, 1999; the comma may be left out. */
bool take_month_first(std::string_view text, size_t& at, CivilTime& result) noexcept {
    result.month = take_month(text, at);
    if (result.month == 0 || !take_char(text, at, ' ')) {
        return false;
    }
    result.day = take_day(text, at);
    take_char(text, at, ',');
    if (!take_char(text, at, ' ')) {
        return false;
    }
    result.year = take_digits(text, at, 4);
    return true;
}

/* 8 Jan 1999, 8-Jan-1999 */
bool take_day_first(std::string_view text, size_t& at, CivilTime& result) noexcept {
    result.day = take_day(text, at);
    const char between = at < text.size() && text[at] == '-' ? '-' : ' ';
    if (result.day < 0 || !take_char(text, at, between)) {
        return false;
    }
    result.month = take_month(text, at);
    if (result.month == 0 || !take_char(text, at, between)) {
        return false;
    }
    result.year = take_digits(text, at, 4);
    return true;
}

/* The date, and whether it is one of numbers, which a T may follow. */
bool take_date(std::string_view text, size_t& at, CivilTime& result, bool& numbers) noexcept {
    numbers = text.size() > 4 && is_digit(text[0]) && is_digit(text[1]) && is_digit(text[2]) &&
              is_digit(text[3]);
    const bool read = numbers             ? take_numbers(text, at, result)
                      : is_digit(text[0]) ? take_day_first(text, at, result)
                                          : take_month_first(text, at, result);
    return read && finish_date(result);
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

/* ±HH, ±HHMM, ±HH:MM, ±HH:MM:SS; PostgreSQL's limit is below 16 hours.  The sign is there. */
bool take_numeric_offset(std::string_view text, size_t& at, int& offset) noexcept {
    const int sign = text[at++] == '-' ? -1 : 1;
    const int hours = take_digits(text, at, 2);
    int minutes = 0;
    int seconds = 0;
    if (take_char(text, at, ':')) {
        minutes = take_digits(text, at, 2);
        if (take_char(text, at, ':')) {
            seconds = take_digits(text, at, 2);
        }
    } else if (at < text.size() && is_digit(text[at])) {
        minutes = take_digits(text, at, 2);
    }
    offset = sign * (hours * 3600 + minutes * 60 + seconds);
    return hours >= 0 && hours < 16 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
}

/* Go prints "+0200 CEST", or the offset twice where the zone has no name. */
bool take_zone_name(std::string_view text, size_t& at, int offset) noexcept {
    const size_t start = at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        int again = 0;
        return take_numeric_offset(text, at, again) && again == offset;
    }
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    bool capitals = true;
    for (; at < text.size() && is_letter(text[at]); ++at) {
        capitals &= text[at] <= 'Z';
    }
    const std::string_view name = text.substr(start, at - start);
    if (equals_ignoring_case(name, "utc") || equals_ignoring_case(name, "gmt")) {
        return offset == 0;
    }
    return capitals && name.size() >= 3 && name.size() <= 6; /* BC is none, nor PM */
}

bool take_some_digits(std::string_view text, size_t& at) noexcept {
    const size_t start = at;
    while (at < text.size() && is_digit(text[at])) {
        ++at;
    }
    return at > start;
}

/* " m=+0.012345678" to the end: the clock of Go's process. */
bool is_process_clock(std::string_view text, size_t at) noexcept {
    return take_char(text, at, ' ') && take_char(text, at, 'm') && take_char(text, at, '=') &&
           (take_char(text, at, '+') || take_char(text, at, '-')) && take_some_digits(text, at) &&
           take_char(text, at, '.') && take_some_digits(text, at) && at == text.size();
}

/* All that stands behind a time. */
bool is_offset(std::string_view text, size_t at, CivilTime& result) noexcept {
    take_char(text, at, ' ');
    const std::string_view rest = text.substr(at);
    result.has_offset = true;
    if (rest.empty() || (rest[0] != '+' && rest[0] != '-')) {
        return equals_ignoring_case(rest, "z") || equals_ignoring_case(rest, "utc") ||
               equals_ignoring_case(rest, "gmt");
    }
    if (!take_numeric_offset(text, at, result.offset_seconds)) {
        return false;
    }
    if (at == text.size()) {
        return true;
    }
    return take_char(text, at, ' ') && take_zone_name(text, at, result.offset_seconds) &&
           (at == text.size() || is_process_clock(text, at));
}

}  // namespace

bool read_civil_time(std::string_view text, CivilTime& result) noexcept {
    result = CivilTime();
    size_t at = 0;
    if (text.size() < 5) {
        return false;
    }
    if (text[2] != ':') {
        bool numbers = false;
        if (!take_date(text, at, result, numbers)) {
            return false;
        }
        if (at == text.size()) {
            return true;
        }
        const bool iso = numbers && text[4] == '-';
        if (!take_char(text, at, ' ') &&
            !(iso && (take_char(text, at, 'T') || take_char(text, at, 't')))) {
            return false;
        }
    }
    return take_time(text, at, result) && (at == text.size() || is_offset(text, at, result));
}

int read_infinity(std::string_view text) noexcept {
    const bool minus = !text.empty() && text[0] == '-';
    return !equals_ignoring_case(text.substr(minus ? 1 : 0), "infinity") ? 0 : minus ? -1 : 1;
}

bool is_zero_date(std::string_view text) noexcept {
    if (text.substr(0, 10) != "0000-00-00") {
        return false;
    }
    const std::string_view time = text.substr(10);
    if (time.empty()) {
        return true;
    }
    const std::string_view fraction = time.substr(time.size() < 9 ? time.size() : 9);
    return (time[0] == ' ' || time[0] == 'T') && time.substr(1, 8) == "00:00:00" &&
           (fraction.empty() || (fraction.size() > 1 && fraction[0] == '.' &&
                                 fraction.find_first_not_of('0', 1) == std::string_view::npos));
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

}  // namespace sqlite_import::reread
