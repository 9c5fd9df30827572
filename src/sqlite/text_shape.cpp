/*
 * text_shape.cpp
 *    The readers of single shapes; each walks its text once.
 */
#include "sqlite/text_shape.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace sqlite_import::sqlite {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

int hex_value(char c) noexcept {
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Exactly `digits` decimal digits at `at`, which moves past them; -1 if they are not there. */
int take_digits(std::string_view text, size_t& at, size_t digits) noexcept {
    if (text.size() - at < digits) {
        return -1;
    }
    int value = 0;
    for (size_t i = 0; i < digits; ++i) {
        if (!is_digit(text[at + i])) {
            return -1;
        }
        value = value * 10 + (text[at + i] - '0');
    }
    at += digits;
    return value;
}

bool take_char(std::string_view text, size_t& at, char c) noexcept {
    if (at < text.size() && text[at] == c) {
        ++at;
        return true;
    }
    return false;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size()) {
        return false;
    }
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c) != lower[i]) {
            return false;
        }
    }
    return true;
}

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

/* An address and its prefix length; cidr asks that no bit beyond the prefix be set. */
bool is_network(std::string_view text, bool strict) noexcept {
    char address[64];
    const size_t slash = text.find('/');
    const std::string_view host = text.substr(0, slash);
    if (host.empty() || host.size() >= sizeof(address)) {
        return false;
    }
    std::memcpy(address, host.data(), host.size());
    address[host.size()] = '\0';

    unsigned char bytes[16] = {};
    const bool v6 = host.find(':') != std::string_view::npos;
    if (inet_pton(v6 ? AF_INET6 : AF_INET, address, bytes) != 1) {
        return false;
    }
    const int width = v6 ? 128 : 32;
    int prefix = width;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (digits.empty() || read.ptr != digits.data() + digits.size() || prefix < 0 ||
            prefix > width || (digits.size() > 1 && digits[0] == '0')) {
            return false;
        }
    }
    for (int bit = prefix; strict && bit < width; ++bit) {
        if (bytes[bit / 8] & (0x80 >> (bit % 8))) {
            return false;
        }
    }
    return true;
}

/* A JSON text by RFC 8259, walked without recursion: the depth is a stack of bits. */
class JsonReader {
  public:
    explicit JsonReader(std::string_view text) noexcept : text_(text) {}

    JsonVerdict read() noexcept {
        if (!read_values()) {
            return JsonVerdict::Invalid;
        }
        skip_space();
        if (at_ != text_.size()) {
            return JsonVerdict::Invalid;
        }
        return only_json_ ? JsonVerdict::JsonOnly : JsonVerdict::Jsonb;
    }

  private:
    /* Deeper texts exceed PostgreSQL's default max_stack_depth. */
    static constexpr int kMaxDepth = 4096;

    bool read_values() noexcept {
        for (;;) {
            skip_space();
            if (!read_value_start()) {
                return false;
            }
            if (opened_) {
                opened_ = false;
                continue;
            }
            if (!close_containers()) {
                return false;
            }
            if (depth_ == 0) {
                return true;
            }
        }
    }

    /* A scalar whole, or the opening of a container that is not empty (sets opened_). */
    bool read_value_start() noexcept {
        if (at_ >= text_.size()) {
            return false;
        }
        switch (text_[at_]) {
            case '{':
                return open_object();
            case '[':
                return open_array();
            case '"':
                return read_string();
            case 't':
                return read_word("true");
            case 'f':
                return read_word("false");
            case 'n':
                return read_word("null");
            default:
                return read_number();
        }
    }

    bool push(bool object) noexcept {
        if (depth_ == kMaxDepth) {
            return false;
        }
        unsigned char& byte = objects_[depth_ / 8];
        const auto bit = static_cast<unsigned char>(1U << (depth_ % 8));
        byte = static_cast<unsigned char>(object ? byte | bit : byte & ~bit);
        ++depth_;
        return true;
    }

    bool top_is_object() const noexcept {
        return (objects_[(depth_ - 1) / 8] >> ((depth_ - 1) % 8)) & 1U;
    }

    bool open_object() noexcept {
        ++at_;
        skip_space();
        if (take_char(text_, at_, '}')) {
            return true;
        }
        opened_ = true;
        return push(true) && read_key();
    }

    bool open_array() noexcept {
        ++at_;
        skip_space();
        if (take_char(text_, at_, ']')) {
            return true;
        }
        opened_ = true;
        return push(false);
    }

    bool read_key() noexcept {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != '"' || !read_string()) {
            return false;
        }
        skip_space();
        return take_char(text_, at_, ':');
    }

    /* After a value: closes what ends here; true with depth 0, or before another value. */
    bool close_containers() noexcept {
        while (depth_ > 0) {
            skip_space();
            if (take_char(text_, at_, ',')) {
                return !top_is_object() || read_key();
            }
            if (!take_char(text_, at_, top_is_object() ? '}' : ']')) {
                return false;
            }
            --depth_;
        }
        return true;
    }

    void skip_space() noexcept {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }

    bool read_word(std::string_view word) noexcept {
        if (text_.substr(at_, word.size()) != word) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    size_t skip_digits() noexcept {
        const size_t start = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) {
            ++at_;
        }
        return at_ - start;
    }

    bool read_number() noexcept {
        take_char(text_, at_, '-');
        const size_t start = at_;
        const size_t digits = skip_digits();
        if (digits == 0 || (digits > 1 && text_[start] == '0')) {
            return false;
        }
        size_t fraction = 0;
        if (take_char(text_, at_, '.') && (fraction = skip_digits()) == 0) {
            return false;
        }
        /* numeric's limits, which jsonb's numbers have: documentation, 8.1 */
        only_json_ |= digits > 131072 || fraction > 16383;
        return read_exponent();
    }

    bool read_exponent() noexcept {
        if (!take_char(text_, at_, 'e') && !take_char(text_, at_, 'E')) {
            return true;
        }
        if (!take_char(text_, at_, '+')) {
            take_char(text_, at_, '-');
        }
        const size_t start = at_;
        const size_t digits = skip_digits();
        int exponent = 0;
        std::from_chars(text_.data() + start, text_.data() + at_, exponent);
        only_json_ |= digits > 6 || exponent > 16000;
        return digits > 0;
    }

    bool read_string() noexcept {
        ++at_;
        while (at_ < text_.size()) {
            const auto byte = static_cast<unsigned char>(text_[at_++]);
            if (byte == '"') {
                return finish_string();
            }
            if (byte < 0x20) {
                return false;
            }
            if (byte != '\\') {
                only_json_ |= pending_high_;
                pending_high_ = false;
            } else if (!read_escape()) {
                return false;
            }
        }
        return false;
    }

    bool finish_string() noexcept {
        only_json_ |= pending_high_;
        pending_high_ = false;
        return true;
    }

    bool read_escape() noexcept {
        if (at_ >= text_.size()) {
            return false;
        }
        const char kind = text_[at_++];
        if (kind == 'u') {
            return read_unicode_escape();
        }
        only_json_ |= pending_high_;
        pending_high_ = false;
        return std::strchr("\"\\/bfnrt", kind) != nullptr && kind != '\0';
    }

    bool read_unicode_escape() noexcept {
        int code = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const int digit = at_ < text_.size() ? hex_value(text_[at_]) : -1;
            if (digit < 0) {
                return false;
            }
            code = code * 16 + digit;
        }
        const bool high = code >= 0xD800 && code < 0xDC00;
        const bool low = code >= 0xDC00 && code < 0xE000;
        only_json_ |= code == 0 || low != pending_high_;
        pending_high_ = high;
        return true;
    }

    std::string_view text_;
    size_t at_ = 0;
    int depth_ = 0;
    bool opened_ = false;
    bool only_json_ = false;
    bool pending_high_ = false; /* a high surrogate stands before, its low one must follow */
    unsigned char objects_[kMaxDepth / 8] = {};
};

/* Length of the UTF-8 sequence at `at` by Unicode's table 3-7; 0 if it is none. */
size_t utf8_sequence(const unsigned char* at, const unsigned char* end) noexcept {
    const auto continues = [&](size_t i) { return (at[i] & 0xC0) == 0x80; };
    const auto left = static_cast<size_t>(end - at);
    const unsigned char lead = at[0];
    if (lead >= 0xC2 && lead <= 0xDF) {
        return left >= 2 && continues(1) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (left < 3 || !continues(1) || !continues(2)) {
            return 0;
        }
        const bool overlong = lead == 0xE0 && at[1] < 0xA0;
        const bool surrogate = lead == 0xED && at[1] >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (left < 4 || !continues(1) || !continues(2) || !continues(3)) {
            return 0;
        }
        const bool overlong = lead == 0xF0 && at[1] < 0x90;
        const bool beyond = lead == 0xF4 && at[1] >= 0x90;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
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

bool read_decimal(std::string_view text, DecimalShape& result) noexcept {
    result = DecimalShape();
    size_t at = 0;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        result.negative = text[0] == '-';
        at = 1;
    }
    const size_t first_digit = at;
    int64_t digits_before = 0; /* without leading zeros */
    int64_t first_nonzero = -1;
    int64_t last_nonzero = -1;
    int64_t digits = 0;
    int64_t point = -1;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && point < 0) {
            point = digits;
        } else if (is_digit(c)) {
            if (c != '0') {
                first_nonzero = first_nonzero < 0 ? digits : first_nonzero;
                last_nonzero = digits;
            }
            ++digits;
        } else {
            break;
        }
    }
    const bool needless_zero = first_digit + 1 < text.size() && text[first_digit] == '0' &&
                               is_digit(text[first_digit + 1]);
    if (digits == 0 || needless_zero) {
        return false;
    }
    int exponent = 0;
    const bool has_exponent = at < text.size();
    if (has_exponent) {
        if (text[at] != 'e' && text[at] != 'E') {
            return false;
        }
        ++at;
        take_char(text, at, '+');
        const auto read = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        const bool plus_minus = at < text.size() && text[at] == '-' && text[at - 1] == '+';
        if (read.ec != std::errc() || read.ptr != text.data() + text.size() || plus_minus ||
            exponent > 100000 || exponent < -100000) {
            return false;
        }
    }
    result.is_integer = point < 0 && !has_exponent;
    if (first_nonzero >= 0) {
        const int64_t weight = (point < 0 ? digits : point) + exponent;
        digits_before = weight - first_nonzero;
        result.integer_digits = digits_before > 0 ? static_cast<int>(digits_before) : 0;
        const int64_t after = last_nonzero + 1 - weight;
        result.scale = after > 0 ? static_cast<int>(after) : 0;
    }
    return true;
}

DecimalShape decimal_of(double value) noexcept {
    char buffer[40];
    DecimalShape shape;
    const auto written =
        std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
    read_decimal({buffer, static_cast<size_t>(written.ptr - buffer)}, shape);
    return shape;
}

std::optional<int64_t> read_integer(std::string_view text) noexcept {
    const std::string_view digits = text.substr(!text.empty() && text[0] == '-' ? 1 : 0);
    if (digits.size() > 1 ? digits[0] == '0' : text == "-0") {
        return std::nullopt;
    }
    int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<bool> read_boolean(std::string_view text) noexcept {
    if (text.size() > 5) {
        return std::nullopt;
    }
    for (const std::string_view word : {"1", "t", "true", "y", "yes", "on"}) {
        if (equals_ignoring_case(text, word)) {
            return true;
        }
    }
    for (const std::string_view word : {"0", "f", "false", "n", "no", "off"}) {
        if (equals_ignoring_case(text, word)) {
            return false;
        }
    }
    return std::nullopt;
}

bool read_uuid(std::string_view text, unsigned char* bytes) noexcept {
    if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, 36);
    }
    const bool hyphens = text.size() == 36;
    if (!hyphens && text.size() != 32) {
        return false;
    }
    size_t at = 0;
    for (int i = 0; i < 16; ++i) {
        if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) && !take_char(text, at, '-')) {
            return false;
        }
        const int high = hex_value(text[at]);
        const int low = hex_value(text[at + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        bytes[i] = static_cast<unsigned char>(high * 16 + low);
        at += 2;
    }
    return true;
}

bool is_inet(std::string_view text) noexcept {
    return is_network(text, false);
}

bool is_cidr(std::string_view text) noexcept {
    return is_network(text, true);
}

bool is_macaddr(std::string_view text, int bytes) noexcept {
    if (text.size() != static_cast<size_t>(bytes) * 3 - 1) {
        return false;
    }
    const char separator = text[2];
    if (separator != ':' && separator != '-') {
        return false;
    }
    for (size_t i = 0; i < text.size(); ++i) {
        if (i % 3 == 2 ? text[i] != separator : hex_value(text[i]) < 0) {
            return false;
        }
    }
    return true;
}

JsonVerdict check_json(std::string_view text) noexcept {
    return JsonReader(text).read();
}

Utf8Verdict check_utf8(std::string_view text) noexcept {
    Utf8Verdict verdict;
    const auto* at = reinterpret_cast<const unsigned char*>(text.data());
    const auto* const end = at + text.size();
    while (at < end) {
        /* Eight ASCII bytes at a time: no high bit, and no byte of zero. */
        uint64_t word;
        while (end - at >= 8) {
            std::memcpy(&word, at, 8);
            const uint64_t zero_or_high =
                (word | ((word - 0x0101010101010101ULL) & ~word)) & 0x8080808080808080ULL;
            if (zero_or_high != 0) {
                break;
            }
            at += 8;
            verdict.characters += 8;
        }
        if (at == end) {
            break;
        }
        size_t length = 1;
        if (*at == 0) {
            verdict.has_nul = true;
        } else if (*at >= 0x80) {
            length = utf8_sequence(at, end);
            verdict.valid &= length != 0;
            length = length == 0 ? 1 : length;
        }
        at += length;
        ++verdict.characters;
    }
    return verdict;
}

}  // namespace sqlite_import::sqlite
