/*
 * number.cpp
 *    Parsing and printing numbers without rounding them.
 */
#include "values/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include <sqlite3.h>

namespace sqlite_import::values {

namespace {

bool is_digit(char character) noexcept {
    return character >= '0' && character <= '9';
}

/* Drops zeros at the end: they change nothing but the comparison of digits. */
int significant_count(const Decimal& decimal) noexcept {
    int count = decimal.count;
    while (count > 0 && decimal.digits[count - 1] == '0') {
        count--;
    }
    return count;
}

/* Beyond what any type holds, far from an int's end. */
constexpr int kGreatestExponent = 10000000;

/* Reads an exponent such as e-12.  False if the text is none; *value is cut. */
bool parse_exponent(const char* at, const char* end, int* value) noexcept {
    bool negative = false;
    if (at < end && (*at == '-' || *at == '+')) {
        negative = *at == '-';
        at++;
    }
    if (at == end) {
        return false;
    }
    int result = 0;
    for (; at < end; at++) {
        if (!is_digit(*at)) {
            return false;
        }
        result = result < kGreatestExponent ? result * 10 + (*at - '0') : kGreatestExponent;
    }
    result = std::min(result, kGreatestExponent);
    *value = negative ? -result : result;
    return true;
}

void decimal_of_shortest(double value, Decimal* decimal) noexcept {
    char text[kNumberTextSize];
    const auto end =
        std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific).ptr;
    parse_decimal(text, static_cast<size_t>(end - text), decimal);
    decimal->scale = decimal->needed_scale();
}

}  // namespace

size_t integer_text(int64_t value, char* out) noexcept {
    return static_cast<size_t>(std::to_chars(out, out + kNumberTextSize, value).ptr - out);
}

size_t real_text(double value, char* out) noexcept {
    sqlite3_snprintf(static_cast<int>(kNumberTextSize), out, "%!.15g", value);
    return std::strlen(out);
}

size_t shortest_text(double value, char* out) noexcept {
    if (std::isinf(value)) {
        const std::string_view text = value < 0 ? "-Infinity" : "Infinity";
        return text.copy(out, text.size());
    }
    /* plain notation would show all digits of a large double, not its shortest */
    const bool plain = std::fabs(value) < 1e15;
    return static_cast<size_t>(
        (plain ? std::to_chars(out, out + kNumberTextSize, value)
               : std::to_chars(out, out + kNumberTextSize, value, std::chars_format::scientific))
            .ptr -
        out);
}

IntegerParse parse_integer(const char* text, size_t size, int64_t* value) noexcept {
    const char* const end = text + size;
    const char* at = text;
    if (at < end && *at == '-') {
        at++;
    }
    if (at == end || (*at == '0' && size > 1)) {
        return IntegerParse::NotAnInteger;
    }
    for (const char* digit = at; digit < end; digit++) {
        if (!is_digit(*digit)) {
            return IntegerParse::NotAnInteger;
        }
    }
    const auto result = std::from_chars(text, end, *value);
    return result.ec == std::errc() ? IntegerParse::Ok : IntegerParse::OutOfRange;
}

bool exact_integer(double value, int64_t* integer) noexcept {
    /* 2^63 is a double, the greatest int64 is not */
    if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) {
        return false;
    }
    *integer = static_cast<int64_t>(value);
    return static_cast<double>(*integer) == value;
}

bool exact_double(int64_t value) noexcept {
    int64_t back;
    return exact_integer(static_cast<double>(value), &back) && back == value;
}

int Decimal::needed_scale() const noexcept {
    return count > 0 && last > point ? last - point : 0;
}

bool numeric_holds(const Decimal& decimal) noexcept {
    constexpr int kMostIntegerDigits = 131072; /* documentation: 8.1 */
    constexpr int kMostDecimals = 16383;
    return decimal.integer_digits() <= kMostIntegerDigits && decimal.scale <= kMostDecimals;
}

DecimalParse parse_decimal(const char* text, size_t size, Decimal* decimal) noexcept {
    const char* at = text;
    const char* const end = text + size;
    int integers = 0; /* digits before the point, as written */
    int decimals = 0;
    bool too_long = false;

    decimal->negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    decimal->count = 0;
    decimal->point = 0;
    decimal->last = 0;
    int significant = 0; /* digits from the first that is not zero */
    if (end - at > 1 && at[0] == '0' && is_digit(at[1])) {
        return DecimalParse::NotANumber;
    }
    const auto take = [&](char digit) {
        if (decimal->count == 0 && digit == '0') {
            return false;
        }
        significant++;
        decimal->last = digit == '0' ? decimal->last : significant;
        if (decimal->count == Decimal::kMaxDigits) {
            too_long = true;
            return true;
        }
        decimal->digits[decimal->count++] = digit;
        return true;
    };
    for (; at < end && is_digit(*at); at++) {
        integers++;
        decimal->point += take(*at);
    }
    if (at < end && *at == '.') {
        for (at++; at < end && is_digit(*at); at++) {
            decimals++;
            /* zeros right after the point move it to the left of the digits */
            decimal->point -= !take(*at);
        }
    }
    if (integers + decimals == 0) {
        return DecimalParse::NotANumber;
    }
    int exponent = 0;
    if (at < end && (*at == 'e' || *at == 'E')) {
        if (!parse_exponent(at + 1, end, &exponent)) {
            return DecimalParse::NotANumber;
        }
        at = end;
    }
    if (at != end) {
        return DecimalParse::NotANumber;
    }
    if (decimal->count == 0) {
        decimal->point = 0;
        decimal->negative = false;
    } else {
        decimal->point += exponent;
    }
    decimal->scale = decimals > exponent ? decimals - exponent : 0;
    return too_long || exponent > 1000 || exponent < -1000 ? DecimalParse::TooLong
                                                           : DecimalParse::Ok;
}

void decimal_of_integer(int64_t value, Decimal* decimal) noexcept {
    char text[kNumberTextSize];
    const size_t size = integer_text(value, text);
    const size_t sign = value < 0;

    decimal->negative = sign != 0;
    decimal->count = value == 0 ? 0 : static_cast<int>(size - sign);
    decimal->point = decimal->count;
    decimal->scale = 0;
    std::memcpy(decimal->digits, text + sign, size - sign);
    decimal->last = significant_count(*decimal);
}

/*
 * Prices and the like have few decimals, and are found without a search for the
 * shortest digits: a decimal of at most 15 digits is the only one of that length
 * that its double stands for (DBL_DIG), so the first that gives the same double
 * is the shortest.  Both operands of the division are exact, hence its rounding
 * is that of reading the decimal.
 */
bool decimal_of_short_double(double value, Decimal* decimal) noexcept {
    static constexpr double kPowers[] = {1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6};
    for (int scale = 0; scale < 7; scale++) {
        const double scaled = value * kPowers[scale];
        if (!(std::fabs(scaled) < 1e15)) {
            return false;
        }
        const auto whole = static_cast<int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        if (static_cast<double>(whole) / kPowers[scale] == value) {
            decimal_of_integer(whole, decimal);
            decimal->point -= decimal->count > 0 ? scale : 0;
            decimal->scale = decimal->needed_scale();
            return true;
        }
    }
    return false;
}

void decimal_of_double(double value, Decimal* decimal) noexcept {
    if (!decimal_of_short_double(value, decimal)) {
        decimal_of_shortest(value, decimal);
    }
}

bool scaled_integer(const Decimal& decimal, int shift, bool round, int64_t* value) noexcept {
    const int count = significant_count(decimal);
    const int whole = decimal.point + shift; /* digits left of the point of the scaled value */
    if (count == 0) {
        *value = 0;
        return true;
    }
    if (count > whole && !round) {
        return false;
    }
    if (whole > 19) {
        return false;
    }
    uint64_t magnitude = 0;
    for (int i = 0; i < whole; i++) {
        const auto digit = static_cast<uint64_t>(i < count ? decimal.digits[i] - '0' : 0);
        if (magnitude > (std::numeric_limits<uint64_t>::max() - digit) / 10) {
            return false;
        }
        magnitude = magnitude * 10 + digit;
    }
    if (whole >= 0 && whole < count && decimal.digits[whole] >= '5') {
        magnitude++;
    }
    const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) +
                           static_cast<uint64_t>(decimal.negative);
    if (magnitude > limit) {
        return false;
    }
    *value = static_cast<int64_t>(decimal.negative ? 0 - magnitude : magnitude);
    return true;
}

void cut_decimals(Decimal* decimal, int scale) noexcept {
    const int64_t kept = static_cast<int64_t>(decimal->point) + scale;
    if (kept <= 0) {
        *decimal = Decimal();
        decimal->scale = scale > 0 ? scale : 0;
        return;
    }
    if (kept < decimal->count) {
        decimal->count = static_cast<int>(kept);
    }
    decimal->scale = std::min(decimal->scale, std::max(scale, 0));
    decimal->last = decimal->count;
    while (decimal->last > 0 && decimal->digits[decimal->last - 1] == '0') {
        decimal->last--;
    }
}

bool same_number(const Decimal& left, const Decimal& right) noexcept {
    const int count = significant_count(left);
    if (count != significant_count(right)) {
        return false;
    }
    return count == 0 || (left.negative == right.negative && left.point == right.point &&
                          std::memcmp(left.digits, right.digits, static_cast<size_t>(count)) == 0);
}

bool exact_real(const char* text, size_t size, const Decimal& decimal, double* value) noexcept {
    const char* const start = size > 0 && *text == '+' ? text + 1 : text;
    const auto result = std::from_chars(start, text + size, *value);
    if (result.ec != std::errc() || result.ptr != text + size || !std::isfinite(*value)) {
        return false;
    }
    Decimal back;
    decimal_of_double(*value, &back);
    if (same_number(decimal, back)) {
        return true;
    }
    /* beyond 2^53 the shortest digits of a whole double are not all its digits */
    int64_t wanted = 0;
    int64_t held = 0;
    return scaled_integer(decimal, 0, false, &wanted) && exact_integer(*value, &held) &&
           wanted == held;
}

bool parse_special_real(const char* text, size_t size, double* value) noexcept {
    constexpr size_t kLongest = 9; /* -infinity */
    char word[kLongest];
    const bool negative = size > 0 && *text == '-';
    if (negative || (size > 0 && *text == '+')) {
        text++;
        size--;
    }
    if (size == 0 || size > kLongest) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        const bool capital = text[i] >= 'A' && text[i] <= 'Z';
        word[i] = capital ? static_cast<char>(text[i] + ('a' - 'A')) : text[i];
    }
    const std::string_view lower(word, size);
    if (lower == "infinity" || lower == "inf") {
        const double infinity = std::numeric_limits<double>::infinity();
        *value = negative ? -infinity : infinity;
        return true;
    }
    *value = std::numeric_limits<double>::quiet_NaN();
    return lower == "nan" && !negative;
}

bool exact_float_of_text(const char* text, size_t size, const Decimal& decimal,
                         float* result) noexcept {
    const char* const start = size > 0 && *text == '+' ? text + 1 : text;
    const auto read = std::from_chars(start, text + size, *result);
    if (read.ec != std::errc() || read.ptr != text + size || !std::isfinite(*result)) {
        return false;
    }
    Decimal held;
    decimal_of_double(static_cast<double>(*result), &held);
    if (same_number(decimal, held)) {
        return true;
    }
    const int digits = significant_count(decimal);
    if (digits == 0 || digits > std::numeric_limits<float>::max_digits10) {
        return false;
    }
    char written[kNumberTextSize];
    const auto end = std::to_chars(written, written + sizeof(written), *result,
                                   std::chars_format::scientific, digits - 1)
                         .ptr;
    parse_decimal(written, static_cast<size_t>(end - written), &held);
    return same_number(decimal, held);
}

bool exact_float(double value, float* result) noexcept {
    *result = static_cast<float>(value);
    if (static_cast<double>(*result) == value || std::isnan(value)) {
        return true;
    }
    if (!std::isfinite(value)) {
        return false;
    }
    char text[kNumberTextSize];
    const size_t size = shortest_text(value, text);
    Decimal decimal;
    return parse_decimal(text, size, &decimal) == DecimalParse::Ok &&
           exact_float_of_text(text, size, decimal, result);
}

}  // namespace sqlite_import::values
