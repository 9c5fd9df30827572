/*
 * date_text.cpp
 *    Constants of dates and uuids; see date_text.hpp.
 */
#include "dialect/date_text.hpp"

#include "dialect/quote.hpp"

#include <cctype>

namespace sqlite_import::dialect {

namespace {

/* A cursor over the parts of a date text. */
class DateReader {
  public:
    explicit DateReader(std::string_view text) : text_(text) {}

    bool number(int digits, int low, int high, int& value) {
        if (at_ + static_cast<size_t>(digits) > text_.size()) {
            return false;
        }
        value = 0;
        for (int i = 0; i < digits; ++i) {
            const char c = text_[at_ + static_cast<size_t>(i)];
            if (c < '0' || c > '9') {
                return false;
            }
            value = value * 10 + (c - '0');
        }
        at_ += static_cast<size_t>(digits);
        return value >= low && value <= high;
    }
    bool symbol(char c) {
        if (at_ >= text_.size() || text_[at_] != c) {
            return false;
        }
        ++at_;
        return true;
    }
    bool digit_ahead() const { return at_ < text_.size() && std::isdigit(peek()) != 0; }
    void digits() {
        while (digit_ahead()) {
            ++at_;
        }
    }
    bool done() const { return at_ >= text_.size(); }

  private:
    unsigned char peek() const { return static_cast<unsigned char>(text_[at_]); }
    std::string_view text_;
    size_t at_ = 0;
};

bool leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_of(int year, int month) {
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return kDays[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

bool read_day(DateReader& reader) {
    int year = 0;
    int month = 0;
    int day = 0;
    return reader.number(4, 1, 9999, year) && reader.symbol('-') &&
           reader.number(2, 1, 12, month) && reader.symbol('-') &&
           reader.number(2, 1, days_of(year, month), day);
}

/* HH:MM[:SS[.fff]] */
bool read_time(DateReader& reader) {
    int part = 0;
    if (!reader.number(2, 0, 23, part) || !reader.symbol(':') || !reader.number(2, 0, 59, part)) {
        return false;
    }
    if (!reader.symbol(':')) {
        return true;
    }
    if (!reader.number(2, 0, 59, part)) {
        return false;
    }
    if (reader.symbol('.')) {
        if (!reader.digit_ahead()) {
            return false;
        }
        reader.digits();
    }
    return true;
}

/* Z or +HH:MM; says whether there was one */
bool read_zone(DateReader& reader, bool& zone) {
    zone = true;
    if (reader.symbol('Z') || reader.symbol('z')) {
        return true;
    }
    if (reader.symbol('+') || reader.symbol('-')) {
        int part = 0;
        return reader.number(2, 0, 14, part) && reader.symbol(':') && reader.number(2, 0, 59, part);
    }
    zone = false;
    return true;
}

}  // namespace

std::optional<std::string> date_constant(TypeKind kind, std::string_view text) {
    DateReader reader(text);
    bool zone = false;
    if (kind == TypeKind::Time) {
        if (!read_time(reader) || !reader.done()) {
            return std::nullopt;
        }
        return quote_literal(text) + "::time without time zone";
    }
    if (!read_day(reader)) {
        return std::nullopt;
    }
    bool time = false;
    if (reader.symbol(' ') || reader.symbol('T')) {
        time = true;
        if (!read_time(reader) || !read_zone(reader, zone)) {
            return std::nullopt;
        }
    }
    if (!reader.done()) {
        return std::nullopt;
    }
    if (kind == TypeKind::Date) {
        return time ? std::nullopt : std::optional(quote_literal(text) + "::date");
    }
    if (kind == TypeKind::Timestamp) {
        return zone ? "(" + quote_literal(text) + "::timestamp with time zone AT TIME ZONE 'UTC')"
                    : quote_literal(text) + "::timestamp without time zone";
    }
    if (kind == TypeKind::TimestampTz) {
        /* SQLite's dates are in UTC unless they say otherwise */
        return quote_literal(std::string(text) + (zone ? "" : "+00")) +
               "::timestamp with time zone";
    }
    return std::nullopt;
}

std::optional<std::string> uuid_constant(std::string_view text) {
    std::string digits;
    for (char c : text) {
        if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
            digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else if (c != '-' && c != '{' && c != '}') {
            return std::nullopt;
        }
    }
    if (digits.size() != 32) {
        return std::nullopt;
    }
    for (size_t at : {8u, 13u, 18u, 23u}) {
        digits.insert(at, 1, '-');
    }
    return quote_literal(digits) + "::uuid";
}

}  // namespace sqlite_import::dialect
