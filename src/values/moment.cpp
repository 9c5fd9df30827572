/*
 * moment.cpp
 *    The reader of dates and times.  A cursor runs over the text once; each part
 *    either takes its characters or leaves the cursor where it was.
 */
#include "values/moment.hpp"

#include <cmath>
#include <cstring>

namespace sqlite_import::values {

namespace {

/* Days from 0000-03-01 to 2000-01-01. */
constexpr int64_t kDaysToEpoch = 730425;
/* Milliseconds from the Julian epoch to 2000-01-01 00:00 (Julian day 2451544.5). */
constexpr int64_t kJulianMillisecondsToEpoch = INT64_C(211813444800000);

struct Cursor {
    const char* at;
    const char* end;

    size_t left() const noexcept { return static_cast<size_t>(end - at); }
    bool ended() const noexcept { return at == end; }
    bool peek(char character) const noexcept { return at < end && *at == character; }
    bool take(char character) noexcept {
        if (!peek(character)) {
            return false;
        }
        at++;
        return true;
    }
    /* Exactly count digits. */
    bool number(int count, int* value) noexcept {
        if (left() < static_cast<size_t>(count)) {
            return false;
        }
        int result = 0;
        for (int i = 0; i < count; i++) {
            const char digit = at[i];
            if (digit < '0' || digit > '9') {
                return false;
            }
            result = result * 10 + (digit - '0');
        }
        *value = result;
        at += count;
        return true;
    }
    bool word(const char* text) noexcept {
        const size_t size = std::strlen(text);
        if (left() < size || std::memcmp(at, text, size) != 0) {
            return false;
        }
        at += size;
        return true;
    }
};

struct Parts {
    int year = 0, month = 0, day = 0;
    int hour = 0, minute = 0, second = 0;
    int microsecond = 0; /* 0 … 1000000: rounding may reach the next second */
    bool iso = true;     /* nothing so far that SQLite's date functions would not read */
};

/* YYYY-MM-DD or YYYY/MM/DD: with the year in front, no locale gives them another order. */
bool read_number_date(Cursor* cursor, Parts* parts) noexcept {
    Cursor trial = *cursor;
    if (!trial.number(4, &parts->year) || trial.ended()) {
        return false;
    }
    const char separator = *trial.at;
    if ((separator != '-' && separator != '/') || !trial.take(separator) ||
        !trial.number(2, &parts->month) || !trial.take(separator) ||
        !trial.number(2, &parts->day)) {
        return false;
    }
    parts->iso = separator == '-';
    *cursor = trial;
    return true;
}

bool is_letter(char character) noexcept {
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
}

/* An English month, whole or its first three letters, in any case. */
bool read_month_name(Cursor* cursor, int* month) noexcept {
    static constexpr const char* kMonths[] = {"january",   "february", "march",    "april",
                                              "may",       "june",     "july",     "august",
                                              "september", "october",  "november", "december"};
    const char* end = cursor->at;
    while (end < cursor->end && is_letter(*end)) {
        end++;
    }
    const auto size = static_cast<size_t>(end - cursor->at);
    for (int i = 0; i < 12; i++) {
        if (size != 3 && size != std::strlen(kMonths[i])) {
            continue;
        }
        size_t same = 0;
        while (same < size && (cursor->at[same] | 0x20) == kMonths[i][same]) {
            same++;
        }
        if (same == size) {
            *month = i + 1;
            cursor->at = end;
            return true;
        }
    }
    return false;
}

/* One or two digits. */
bool read_day_number(Cursor* cursor, int* day) noexcept {
    return cursor->number(2, day) || cursor->number(1, day);
}

/* 8 Jan 1999, 8-Jan-1999, Jan 8, 1999, Jan 8 1999: all four digits of the year, or it could be
 * the day. */
bool read_named_date(Cursor* cursor, Parts* parts) noexcept {
    Cursor trial = *cursor;
    if (read_month_name(&trial, &parts->month)) {
        if (!trial.take(' ') || !read_day_number(&trial, &parts->day)) {
            return false;
        }
        trial.take(',');
        if (!trial.take(' ')) {
            return false;
        }
    } else {
        if (!read_day_number(&trial, &parts->day)) {
            return false;
        }
        const char separator = trial.peek('-') ? '-' : ' ';
        if (!trial.take(separator) || !read_month_name(&trial, &parts->month) ||
            !trial.take(separator)) {
            return false;
        }
    }
    if (!trial.number(4, &parts->year)) {
        return false;
    }
    parts->iso = false;
    *cursor = trial;
    return true;
}

bool read_date(Cursor* cursor, Parts* parts) noexcept {
    return read_number_date(cursor, parts) || read_named_date(cursor, parts);
}

/* The digits after the point of the seconds. */
bool read_fraction(Cursor* cursor, Parts* parts, Moment* moment) noexcept {
    int digits = 0;
    for (; !cursor->ended() && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++, digits++) {
        const int digit = *cursor->at - '0';
        if (digits < 6) {
            parts->microsecond = parts->microsecond * 10 + digit;
            if (digit != 0) {
                moment->fraction_digits = static_cast<uint8_t>(digits + 1);
            }
        } else if (digit != 0) {
            moment->below_microsecond = true;
            moment->rounded_up = moment->rounded_up || (digits == 6 && digit >= 5);
        }
    }
    for (int i = digits; i < 6; i++) {
        parts->microsecond *= 10;
    }
    parts->microsecond += moment->rounded_up;
    return digits > 0;
}

bool read_time(Cursor* cursor, Parts* parts, Moment* moment) noexcept {
    Cursor trial = *cursor;
    if (!trial.number(2, &parts->hour) || !trial.take(':') || !trial.number(2, &parts->minute)) {
        return false;
    }
    if (trial.take(':')) {
        if (!trial.number(2, &parts->second)) {
            return false;
        }
        if (trial.take('.') && !read_fraction(&trial, parts, moment)) {
            return false;
        }
    }
    *cursor = trial;
    return true;
}

/* A word in any case, followed by no other letter. */
bool take_word(Cursor* cursor, const char* word) noexcept {
    const size_t size = std::strlen(word);
    if (cursor->left() < size || (cursor->left() > size && is_letter(cursor->at[size]))) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if ((cursor->at[i] | 0x20) != word[i]) {
            return false;
        }
    }
    cursor->at += size;
    return true;
}

/* ±HH, ±HHMM, ±HH:MM or ±HH:MM:SS, less than 16 hours as in PostgreSQL. */
bool read_numeric_offset(Cursor* cursor, int* seconds) noexcept {
    Cursor trial = *cursor;
    const bool west = trial.peek('-');
    int hours = 0;
    int minutes = 0;
    int rest = 0;
    if (!(trial.take('-') || trial.take('+')) || !trial.number(2, &hours)) {
        return false;
    }
    if (trial.take(':')) {
        if (!trial.number(2, &minutes) || (trial.take(':') && !trial.number(2, &rest))) {
            return false;
        }
    } else {
        trial.number(2, &minutes);
    }
    if (hours > 15 || minutes > 59 || rest > 59) {
        return false;
    }
    *seconds = ((hours * 60 + minutes) * 60 + rest) * (west ? -1 : 1);
    *cursor = trial;
    return true;
}

/* Go's " MST" after a numeric offset: the zone's name, which may be the offset once more, but no
 * other. */
bool skip_zone_name(Cursor* cursor, int offset) noexcept {
    Cursor trial = *cursor;
    int again = 0;
    if (trial.peek('+') || trial.peek('-')) {
        if (!read_numeric_offset(&trial, &again) || again != offset) {
            return false;
        }
    } else if (take_word(&trial, "utc") || take_word(&trial, "gmt")) {
        if (offset != 0) {
            return false;
        }
    } else {
        while (!trial.ended() && *trial.at >= 'A' && *trial.at <= 'Z') {
            trial.at++;
        }
        if (trial.at - cursor->at < 3 || trial.at - cursor->at > 6) { /* BC is none, nor PM */
            return false;
        }
    }
    *cursor = trial;
    return true;
}

/* Go's " m=+0.012345678": the reading of the process's clock, which says nothing of the time. */
bool skip_process_clock(Cursor* cursor) noexcept {
    Cursor trial = *cursor;
    int digit = 0;
    if (!trial.word(" m=") || !(trial.take('+') || trial.take('-')) || !trial.number(1, &digit)) {
        return false;
    }
    while (trial.number(1, &digit)) {
    }
    if (!trial.take('.') || !trial.number(1, &digit)) {
        return false;
    }
    while (trial.number(1, &digit)) {
    }
    *cursor = trial;
    return true;
}

/* False if what follows the time is no offset, or something stands behind it. */
bool read_offset(Cursor* cursor, Parts* parts, Moment* moment) noexcept {
    if (cursor->ended()) {
        return true;
    }
    cursor->take(' ');
    moment->has_offset = true;
    if (take_word(cursor, "z")) {
        return cursor->ended();
    }
    if (take_word(cursor, "utc") || take_word(cursor, "gmt")) {
        parts->iso = false;
        return cursor->ended();
    }
    const char* const start = cursor->at;
    if (!read_numeric_offset(cursor, &moment->offset_seconds)) {
        return false;
    }
    constexpr ptrdiff_t kSqliteOffset = 6; /* ±HH:MM */
    parts->iso = parts->iso && cursor->ended() && cursor->at - start == kSqliteOffset &&
                 moment->offset_seconds <= 14 * 3600 && moment->offset_seconds >= -14 * 3600;
    if (cursor->take(' ')) {
        if (!skip_zone_name(cursor, moment->offset_seconds)) {
            return false;
        }
        skip_process_clock(cursor);
    }
    return cursor->ended();
}

/* PostgreSQL's word, in any case.  -1, +1; 0 for anything else. */
int infinity_of(const char* text, size_t size) noexcept {
    Cursor cursor{text, text + size};
    const bool minus = cursor.take('-');
    if (!take_word(&cursor, "infinity") || !cursor.ended()) {
        return 0;
    }
    return minus ? -1 : 1;
}

}  // namespace

bool days_of_date(int year, int month, int day, int64_t* days) noexcept {
    static constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > kLengths[month - 1] + (leap && month == 2)) {
        return false;
    }
    /* years that begin in March have the leap day last, and months of a regular pattern */
    const int64_t march_year = month <= 2 ? year - 1 : year;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    *days = march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400 + day_of_year -
            kDaysToEpoch;
    return true;
}

bool is_zero_date(const char* text, size_t size) noexcept {
    Cursor cursor{text, text + size};
    if (!cursor.word("0000-00-00")) {
        return false;
    }
    if (cursor.ended()) {
        return true;
    }
    if (!(cursor.take(' ') || cursor.take('T')) || !cursor.word("00:00:00")) {
        return false;
    }
    if (cursor.take('.')) {
        do {
            if (!cursor.take('0')) {
                return false;
            }
        } while (!cursor.ended());
    }
    return cursor.ended();
}

namespace {

/* The part that is set decides between date, time and both; false for no shape that is known. */
bool read_parts(const char* text, size_t size, Parts* parts, Moment* moment) noexcept {
    Cursor cursor{text, text + size};
    moment->has_date = read_date(&cursor, parts);
    if (moment->has_date) {
        if (cursor.ended()) {
            return true;
        }
        const bool lower = cursor.peek('t'); /* which SQLite's date functions do not take */
        const bool letter = parts->iso && (cursor.take('T') || cursor.take('t'));
        if (!letter && !cursor.take(' ')) {
            return false;
        }
        parts->iso = parts->iso && !lower;
    }
    moment->has_time = read_time(&cursor, parts, moment);
    return moment->has_time && read_offset(&cursor, parts, moment);
}

/* 24:00 is the end of a day, and nothing may follow it. */
bool is_time_of_day(const Parts& parts, const Moment& moment) noexcept {
    if (parts.minute > 59 || parts.second > 59) {
        return false;
    }
    return parts.hour < 24 || (parts.hour == 24 && parts.minute == 0 && parts.second == 0 &&
                               parts.microsecond == 0 && !moment.below_microsecond);
}

}  // namespace

MomentParse parse_moment(const char* text, size_t size, Moment* moment) noexcept {
    Parts parts;

    *moment = Moment();
    moment->infinite = infinity_of(text, size);
    if (moment->infinite != 0) {
        moment->has_date = true;
        return MomentParse::Ok;
    }
    if (!read_parts(text, size, &parts, moment)) {
        return is_zero_date(text, size) ? MomentParse::ZeroDate : MomentParse::NotAMoment;
    }
    if (is_zero_date(text, size)) {
        return MomentParse::ZeroDate;
    }
    if (!is_time_of_day(parts, *moment) ||
        (moment->has_date && !days_of_date(parts.year, parts.month, parts.day, &moment->days))) {
        return MomentParse::OutOfRange;
    }
    moment->microseconds =
        ((parts.hour * 60 + parts.minute) * 60 + parts.second) * INT64_C(1000000) +
        parts.microsecond;
    moment->sqlite_reads = parts.iso && parts.hour < 24;
    return MomentParse::Ok;
}

bool microseconds_of_julian(double julian, int64_t* microseconds) noexcept {
    /* 5373484.5 is 9999-12-31 23:59:59.999 and a little, where SQLite's own range ends */
    if (!(julian >= 0 && julian < 5373484.5)) {
        return false;
    }
    *microseconds = (std::llround(julian * 86400000.0) - kJulianMillisecondsToEpoch) * 1000;
    return true;
}

}  // namespace sqlite_import::values
