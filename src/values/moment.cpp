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
};

bool read_date(Cursor* cursor, Parts* parts) noexcept {
    Cursor trial = *cursor;
    if (!trial.number(4, &parts->year) || !trial.take('-') || !trial.number(2, &parts->month) ||
        !trial.take('-') || !trial.number(2, &parts->day)) {
        return false;
    }
    *cursor = trial;
    return true;
}

/* The digits after the point of the seconds. */
bool read_fraction(Cursor* cursor, Parts* parts, Moment* moment) noexcept {
    int digits = 0;
    bool round_up = false;
    for (; !cursor->ended() && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++, digits++) {
        const int digit = *cursor->at - '0';
        if (digits < 6) {
            parts->microsecond = parts->microsecond * 10 + digit;
            if (digit != 0) {
                moment->fraction_digits = static_cast<uint8_t>(digits + 1);
            }
        } else if (digit != 0) {
            moment->below_microsecond = true;
            round_up = round_up || (digits == 6 && digit >= 5);
        }
    }
    for (int i = digits; i < 6; i++) {
        parts->microsecond *= 10;
    }
    parts->microsecond += round_up;
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

/* " MST" after a numeric offset: a name that repeats it, and Go's " m=+0.01" of a process clock. */
bool skip_zone_name(Cursor* cursor) noexcept {
    if (!cursor->take(' ')) {
        return true;
    }
    const char* const start = cursor->at;
    while (!cursor->ended() && ((*cursor->at >= 'A' && *cursor->at <= 'Z') || *cursor->at == '+' ||
                                *cursor->at == '-' || (*cursor->at >= '0' && *cursor->at <= '9'))) {
        cursor->at++;
    }
    if (cursor->at == start) {
        cursor->at = start;
    }
    if (cursor->word(" m=") || (cursor->at == start && cursor->word("m="))) {
        cursor->at = cursor->end;
    }
    return cursor->ended() && cursor->at != start;
}

/* False if what follows the time is no offset. */
bool read_offset(Cursor* cursor, Moment* moment) noexcept {
    if (cursor->ended()) {
        return true;
    }
    Cursor trial = *cursor;
    trial.take(' ');
    moment->has_offset = true;
    if (trial.take('Z') || trial.take('z') || trial.word("UTC") || trial.word("GMT")) {
        *cursor = trial;
        return cursor->ended();
    }
    const bool negative = trial.peek('-');
    int hours = 0;
    int minutes = 0;
    if (!(trial.take('-') || trial.take('+')) || !trial.number(2, &hours)) {
        return false;
    }
    if (!trial.ended() && !trial.peek(' ')) {
        trial.take(':');
        if (!trial.number(2, &minutes)) {
            return false;
        }
    }
    if (hours > 15 || minutes > 59) {
        return false;
    }
    moment->offset_seconds = (hours * 60 + minutes) * 60 * (negative ? -1 : 1);
    *cursor = trial;
    return skip_zone_name(cursor);
}

bool same_word(const char* text, size_t size, const char* word) noexcept {
    return size == std::strlen(word) && std::memcmp(text, word, size) == 0;
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

MomentParse parse_moment(const char* text, size_t size, Moment* moment) noexcept {
    Cursor cursor{text, text + size};
    Parts parts;

    *moment = Moment();
    if (same_word(text, size, "infinity") || same_word(text, size, "-infinity")) {
        moment->infinite = *text == '-' ? -1 : 1;
        moment->has_date = true;
        return MomentParse::Ok;
    }
    moment->has_date = read_date(&cursor, &parts);
    if (!moment->has_date || cursor.take(' ') || cursor.take('T') || cursor.take('t')) {
        moment->has_time = read_time(&cursor, &parts, moment);
        if (!moment->has_time || !read_offset(&cursor, moment)) {
            return MomentParse::NotAMoment;
        }
    }
    if (!cursor.ended()) {
        return MomentParse::NotAMoment;
    }
    if (moment->has_date && parts.year == 0 && parts.month == 0 && parts.day == 0) {
        return MomentParse::ZeroDate;
    }
    if (moment->has_date && !days_of_date(parts.year, parts.month, parts.day, &moment->days)) {
        return MomentParse::OutOfRange;
    }
    moment->microseconds =
        ((parts.hour * 60 + parts.minute) * 60 + parts.second) * INT64_C(1000000) +
        parts.microsecond;
    if (parts.minute > 59 || parts.second > 59 ||
        (parts.hour > 23 && (moment->has_date || moment->microseconds != kMicrosecondsPerDay))) {
        return MomentParse::OutOfRange;
    }
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
