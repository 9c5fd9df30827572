/*
 * number_text.cpp
 *    Numbers in texts; see number_text.hpp.
 */
#include "dialect/number_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "values/number.hpp"

namespace sqlite_import::dialect {

namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

size_t skip_space(std::string_view text, size_t at) {
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    return at;
}

size_t skip_digits(std::string_view text, size_t at) {
    while (at < text.size() && is_digit(text[at])) {
        ++at;
    }
    return at;
}

/* Where the number that starts at `at` ends; `at` itself if none does. */
size_t number_end(std::string_view text, size_t at, bool& real) {
    const size_t start = at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        ++at;
    }
    const size_t whole = skip_digits(text, at);
    bool any = whole > at;
    at = whole;
    real = false;
    if (at < text.size() && text[at] == '.') {
        const size_t fraction = skip_digits(text, at + 1);
        if (any || fraction > at + 1) {
            any = true;
            real = true;
            at = fraction;
        }
    }
    if (!any) {
        return start;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        size_t exponent = at + 1;
        if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) {
            ++exponent;
        }
        const size_t end = skip_digits(text, exponent);
        if (end > exponent) {
            real = true;
            at = end;
        }
    }
    return at;
}

NumberText make_number(std::string_view digits, bool real) {
    if (!digits.empty() && digits.front() == '+') {
        digits.remove_prefix(1);
    }
    NumberText number{std::string(digits), real};
    number.real = real || !fits_int64(number.digits);
    return number;
}

template <typename Integer>
bool fits(std::string_view digits) {
    if (!digits.empty() && digits.front() == '+') {
        digits.remove_prefix(1);
    }
    Integer value;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return result.ec == std::errc() && result.ptr == digits.data() + digits.size();
}

}  // namespace

std::optional<NumberText> number_prefix(std::string_view text) {
    const size_t start = skip_space(text, 0);
    bool real = false;
    const size_t end = number_end(text, start, real);
    if (end == start) {
        return std::nullopt;
    }
    return make_number(text.substr(start, end - start), real);
}

std::optional<NumberText> whole_number(std::string_view text) {
    const size_t start = skip_space(text, 0);
    bool real = false;
    const size_t end = number_end(text, start, real);
    if (end == start || skip_space(text, end) != text.size()) {
        return std::nullopt;
    }
    return make_number(text.substr(start, end - start), real);
}

std::string integer_prefix(std::string_view text) {
    const size_t start = skip_space(text, 0);
    size_t at = start;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        ++at;
    }
    const size_t end = skip_digits(text, at);
    if (end == at) {
        return "0";
    }
    const std::string digits(text.substr(start, end - start));
    if (fits_int64(digits)) {
        return digits.front() == '+' ? digits.substr(1) : digits;
    }
    return digits.front() == '-' ? std::to_string(INT64_MIN) : std::to_string(INT64_MAX);
}

bool fits_int64(std::string_view digits) {
    return fits<int64_t>(digits);
}

bool fits_int32(std::string_view digits) {
    return fits<int32_t>(digits);
}

std::string real_text(double value) {
    char buffer[values::kNumberTextSize];
    return {buffer, values::real_text(value, buffer)};
}

}  // namespace sqlite_import::dialect
