/*
 * text_shape_number.cpp
 *    Decimals, integers and the words for true and false.
 */
#include "sqlite/text_shape.hpp"

#include <charconv>
#include <cmath>

#include "sqlite/text_scan.hpp"

namespace sqlite_import::sqlite {

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

}  // namespace sqlite_import::sqlite
