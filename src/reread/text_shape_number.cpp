/*
 * text_shape_number.cpp
 *    Decimals, integers and the words for true and false.
 */
#include "reread/text_shape.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "reread/text_scan.hpp"

namespace sqlite_import::reread {

namespace {

/* Beyond what any type holds, far from an int's end. */
constexpr int kGreatestExponent = 10000000;

}  // namespace

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
        const bool minus = at < text.size() && text[at] == '-';
        if (read.ec == std::errc::invalid_argument || read.ptr != text.data() + text.size() ||
            (minus && text[at - 1] == '+')) {
            return false;
        }
        if (read.ec != std::errc() || exponent > kGreatestExponent ||
            exponent < -kGreatestExponent) {
            exponent = minus ? -kGreatestExponent : kGreatestExponent;
        }
    }
    result.is_integer = point < 0 && !has_exponent;
    const int64_t places = (point < 0 ? 0 : digits - point) - exponent;
    result.written_scale = places > 0 ? static_cast<int>(places) : 0;
    if (first_nonzero >= 0) {
        const int64_t weight = (point < 0 ? digits : point) + exponent;
        digits_before = weight - first_nonzero;
        result.integer_digits = digits_before > 0 ? static_cast<int>(digits_before) : 0;
        const int64_t after = last_nonzero + 1 - weight;
        result.scale = after > 0 ? static_cast<int>(after) : 0;
    }
    return true;
}

namespace {

/*
 * A value that is a whole number of millionths, of at most 15 digits: no other decimal of so few
 * digits reads as the same double (DBL_DIG), so this one is the shortest.  Most numbers that
 * people enter are of this kind, and this is much faster than printing them.
 */
bool shape_of_millionths(double value, DecimalShape& shape) noexcept {
    constexpr int kDigits = 6;
    constexpr double kUnits = 1e6;
    constexpr double kFewerUnits = 1e15; /* 15 digits, which a double holds exactly */
    const double magnitude = std::fabs(value);
    if (!(magnitude >= 1 / kUnits && magnitude < kFewerUnits / kUnits)) {
        return false;
    }
    int64_t left = std::llround(magnitude * kUnits);
    if (static_cast<double>(left) / kUnits != magnitude) {
        return false;
    }
    int64_t whole = left / 1000000;
    shape.negative = value < 0;
    for (shape.scale = kDigits; shape.scale > 0 && left % 10 == 0; left /= 10) {
        --shape.scale;
    }
    for (; whole > 0; whole /= 10) {
        ++shape.integer_digits;
    }
    return true;
}

}  // namespace

DecimalShape decimal_of(double value) noexcept {
    char buffer[40];
    DecimalShape shape;
    if (shape_of_millionths(value, shape)) {
        return shape;
    }
    const auto written =
        std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
    read_decimal({buffer, static_cast<size_t>(written.ptr - buffer)}, shape);
    return shape;
}

namespace {

/* The digits of a decimal without zeros at either end, and the power of ten of the first. */
struct Significant {
    static constexpr size_t kMost = 128;
    bool negative = false;
    size_t count = 0;
    int exponent = 0;
    char digits[kMost] = {};
};

/* False if the text is no decimal, or has more than kMost digits or an exponent beyond 1000. */
bool significant_of(std::string_view text, Significant& result) noexcept {
    DecimalShape shape;
    if (!read_decimal(text, shape)) {
        return false;
    }
    const size_t mark = text.find_first_of("eE");
    int exponent = 0;
    if (mark != std::string_view::npos) {
        const size_t start = mark + (text[mark + 1] == '+' ? 2 : 1);
        const auto read = std::from_chars(text.data() + start, text.data() + text.size(), exponent);
        if (read.ec != std::errc() || exponent > 1000 || exponent < -1000) {
            return false;
        }
    }
    int before_point = 0;
    bool behind = false;
    for (const char c : text.substr(0, mark)) {
        if (c == '.') {
            behind = true;
        } else if (is_digit(c) && (result.count > 0 || c != '0')) {
            if (result.count == Significant::kMost) {
                return false;
            }
            result.digits[result.count++] = c;
            before_point += behind ? 0 : 1;
        } else if (c == '0' && behind) {
            --before_point;
        }
    }
    while (result.count > 0 && result.digits[result.count - 1] == '0') {
        --result.count;
    }
    result.negative = shape.negative && result.count > 0;
    result.exponent = result.count > 0 ? before_point + exponent : 0;
    return true;
}

bool equal(const Significant& left, std::string_view text) noexcept {
    Significant right;
    return significant_of(text, right) && left.negative == right.negative &&
           left.exponent == right.exponent &&
           std::string_view(left.digits, left.count) == std::string_view(right.digits, right.count);
}

template <typename Float>
bool is_written(const Significant& number, Float value, int digits) noexcept {
    char buffer[64];
    const auto end = digits < 0 ? std::to_chars(buffer, buffer + sizeof(buffer), value,
                                                std::chars_format::scientific)
                                : std::to_chars(buffer, buffer + sizeof(buffer), value,
                                                std::chars_format::scientific, digits - 1);
    return equal(number, {buffer, static_cast<size_t>(end.ptr - buffer)});
}

/* The words of PostgreSQL's floats. */
std::optional<double> read_word(std::string_view text) noexcept {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const bool sign = !text.empty() && (text[0] == '-' || text[0] == '+');
    const std::string_view word = text.substr(sign ? 1 : 0);
    if (equals_ignoring_case(word, "inf") || equals_ignoring_case(word, "infinity")) {
        return text[0] == '-' ? -kInfinity : kInfinity;
    }
    if (equals_ignoring_case(word, "nan") && (!sign || text[0] == '+')) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return std::nullopt;
}

template <typename Float>
std::optional<Float> read_float(std::string_view text, Significant& number) noexcept {
    if (!significant_of(text, number)) {
        return std::nullopt;
    }
    Float value = 0;
    const char* const start = text.data() + (text[0] == '+' ? 1 : 0);
    const auto read = std::from_chars(start, text.data() + text.size(), value);
    return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<double> read_double(std::string_view text) noexcept {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    if (const std::optional<double> word = read_word(text)) {
        return word;
    }
    Significant number;
    const std::optional<double> value = read_float<double>(text, number);
    if (!value || is_written(number, *value, -1)) {
        return value;
    }
    if (!(*value >= -kTwoTo63 && *value < kTwoTo63) || *value != std::floor(*value)) {
        return std::nullopt;
    }
    char digits[32];
    const auto end =
        std::to_chars(digits, digits + sizeof(digits), static_cast<int64_t>(*value)).ptr;
    return equal(number, {digits, static_cast<size_t>(end - digits)}) ? value : std::nullopt;
}

std::optional<float> read_float4(std::string_view text) noexcept {
    if (const std::optional<double> word = read_word(text)) {
        return static_cast<float>(*word);
    }
    Significant number;
    const std::optional<float> value = read_float<float>(text, number);
    if (!value || is_written(number, static_cast<double>(*value), -1)) {
        return value;
    }
    const bool few = number.count > 0 && number.count <= 9;
    return few && is_written(number, *value, static_cast<int>(number.count)) ? value : std::nullopt;
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

}  // namespace sqlite_import::reread
