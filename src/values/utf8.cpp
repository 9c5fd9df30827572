/*
 * utf8.cpp
 *    The scan for bytes that PostgreSQL refuses in text, and their repair.
 */
#include "values/utf8.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sqlite_import::values {

namespace {

constexpr uint64_t kHighBits = 0x8080808080808080ULL;
constexpr uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD"; /* U+FFFD */

/* Eight bytes of ASCII without NUL: with no high bit set, a borrow reaches a high bit only where a
 * byte is zero. */
bool is_plain(const unsigned char* p) noexcept {
    uint64_t word;
    std::memcpy(&word, p, 8);
    return ((word | (word - kOnes)) & kHighBits) == 0;
}

bool is_continuation(unsigned char byte) noexcept {
    return (byte & 0xC0) == 0x80;
}

/* Length of the well-formed character at p, which is not ASCII; 0 if there is none.  Ranges of the
 * second byte: Unicode standard, table 3-7. */
size_t character_length(const unsigned char* p, size_t left) noexcept {
    const unsigned char lead = p[0];
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (left < length) {
        return 0;
    }
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (lead == 0xE0) {
        low = 0xA0;
    } else if (lead == 0xED) {
        high = 0x9F;
    } else if (lead == 0xF0) {
        low = 0x90;
    } else if (lead == 0xF4) {
        high = 0x8F;
    }
    if (p[1] < low || p[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!is_continuation(p[i])) {
            return 0;
        }
    }
    return length;
}

/* How many bytes at p make up one maximal subpart of a bad character (Unicode 3.9, D93b). */
size_t bad_length(const unsigned char* p, size_t left) noexcept {
    const unsigned char lead = p[0];
    if (lead < 0xC2 || lead > 0xF4 || left < 2) {
        return 1;
    }
    static const unsigned char filler[3] = {0x80, 0x80, 0x80};
    const size_t wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    /* a subpart is a prefix that some continuation could still complete */
    for (size_t length = wanted - 1; length >= 2; length--) {
        if (left < length) {
            continue;
        }
        unsigned char trial[4];
        std::memcpy(trial, p, length);
        std::memcpy(trial + length, filler, wanted - length);
        if (character_length(trial, wanted) == wanted) {
            return length;
        }
    }
    return 1;
}

}  // namespace

size_t valid_text_prefix(const char* bytes, size_t size) noexcept {
    const auto* p = reinterpret_cast<const unsigned char*>(bytes);
    size_t at = 0;
    while (at < size) {
        while (at + 8 <= size) {
            if (!is_plain(p + at)) {
                break;
            }
            at += 8;
        }
        if (at >= size) {
            break;
        }
        if (at + 8 > size && size >= 8 && is_plain(p + size - 8)) {
            return size;
        }
        if (p[at] < 0x80) {
            if (p[at] == 0) {
                return at;
            }
            at++;
            continue;
        }
        const size_t length = character_length(p + at, size - at);
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return size;
}

size_t count_characters(const char* bytes, size_t size) noexcept {
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += !is_continuation(static_cast<unsigned char>(bytes[i]));
    }
    return count;
}

size_t repair_text(const char* bytes, size_t size, TextRepair how, char* out) noexcept {
    size_t from = 0;
    size_t to = 0;
    while (from < size) {
        const size_t good = valid_text_prefix(bytes + from, size - from);
        std::memcpy(out + to, bytes + from, good);
        from += good;
        to += good;
        if (from == size) {
            break;
        }
        from += bad_length(reinterpret_cast<const unsigned char*>(bytes) + from, size - from);
        if (how == TextRepair::Replace) {
            to += kReplacementCharacter.copy(out + to, kReplacementCharacter.size());
        }
    }
    return to;
}

}  // namespace sqlite_import::values
