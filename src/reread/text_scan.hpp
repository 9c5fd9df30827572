/*
 * text_scan.hpp
 *    The steps that the readers of text_shape.hpp share: digits, single
 *    characters, words.  Each takes what it names or says that it is not there.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>
#include <string_view>

namespace sqlite_import::reread {

inline bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

inline int hex_value(char c) noexcept {
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Exactly `digits` decimal digits at `at`, which moves past them; -1 if they are not there. */
inline int take_digits(std::string_view text, size_t& at, size_t digits) noexcept {
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

inline bool take_char(std::string_view text, size_t& at, char c) noexcept {
    if (at < text.size() && text[at] == c) {
        ++at;
        return true;
    }
    return false;
}

inline bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
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

}  // namespace sqlite_import::reread
