/*
 * text_shape.cpp
 *    Identifiers and addresses, and the bytes of any text.
 */
#include "reread/text_shape.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

#include "reread/text_scan.hpp"

namespace sqlite_import::reread {

namespace {

/* An address and its prefix length; cidr asks that no bit beyond the prefix be set. */
bool is_network(std::string_view text, bool strict) noexcept {
    char address[64];
    const size_t slash = text.find('/');
    const std::string_view host = text.substr(0, slash);
    if (host.empty() || host.size() >= sizeof(address) ||
        host.find('\0') != std::string_view::npos) {
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
        if (digits.empty() || !is_digit(digits[0]) || read.ec != std::errc() ||
            read.ptr != digits.data() + digits.size() || prefix > width ||
            (digits.size() > 1 && digits[0] == '0')) {
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

bool read_uuid(std::string_view text, unsigned char* bytes) noexcept {
    constexpr int kDigits = 32;
    int digits = 0;
    bool hyphen = false; /* the character before was one */
    if (text.size() > 1 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, text.size() - 2);
    }
    for (const char character : text) {
        if (character == '-') {
            /* PostgreSQL takes one behind each group of four */
            if (hyphen || digits == 0 || digits == kDigits || digits % 4 != 0) {
                return false;
            }
            hyphen = true;
            continue;
        }
        const int digit = hex_value(character);
        if (digit < 0 || digits == kDigits) {
            return false;
        }
        unsigned char& byte = bytes[digits / 2];
        byte = static_cast<unsigned char>(digits % 2 == 0 ? digit * 16 : byte + digit);
        ++digits;
        hyphen = false;
    }
    return digits == kDigits;
}

bool is_inet(std::string_view text) noexcept {
    return is_network(text, false);
}

bool is_cidr(std::string_view text) noexcept {
    return is_network(text, true);
}

bool is_macaddr(std::string_view text, int bytes) noexcept {
    const auto digits = static_cast<size_t>(bytes) * 2;
    const size_t first = text.find_first_of(":-.");
    const auto all_hex = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(), [](char c) { return hex_value(c) >= 0; });
    };
    if (bytes == 8 && first == 6) { /* the maker's part, and the rest */
        return text.size() == digits + 1 && text[first] != '.' && all_hex(text.substr(0, first)) &&
               all_hex(text.substr(first + 1));
    }
    if (first == std::string_view::npos) {
        return text.size() == digits && all_hex(text);
    }
    const char separator = text[first];
    if (first == 0 || first % 2 != 0 || digits % first != 0 ||
        text.size() != digits + digits / first - 1 || (separator == '.' && first != 4) ||
        (separator == ':' && first == 4)) {
        return false;
    }
    while (text.size() > first) {
        if (!all_hex(text.substr(0, first)) || text[first] != separator) {
            return false;
        }
        text.remove_prefix(first + 1);
    }
    return all_hex(text);
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

}  // namespace sqlite_import::reread
