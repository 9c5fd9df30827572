/*
 * token.cpp
 *    Truth values, UUIDs, hexadecimal and base64.
 */
#include "values/token.hpp"

#include <cstring>

namespace sqlite_import::values {

namespace {

int hex_digit(char character) noexcept {
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    const char lower = static_cast<char>(character | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int base64_digit(char character) noexcept {
    if (character >= 'A' && character <= 'Z') {
        return character - 'A';
    }
    if (character >= 'a' && character <= 'z') {
        return character - 'a' + 26;
    }
    if (character >= '0' && character <= '9') {
        return character - '0' + 52;
    }
    if (character == '+' || character == '-') {
        return 62;
    }
    return character == '/' || character == '_' ? 63 : -1;
}

struct TruthWord {
    const char* text;
    bool value;
};

constexpr TruthWord kTruthWords[] = {
    {"1", true}, {"0", false}, {"t", true},   {"f", false},  {"true", true}, {"false", false},
    {"y", true}, {"n", false}, {"yes", true}, {"no", false}, {"on", true},   {"off", false},
};

}  // namespace

bool parse_boolean(const char* text, size_t size, bool* value) noexcept {
    char lower[6];
    if (size == 0 || size >= sizeof(lower)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        lower[i] = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    }
    for (const TruthWord& word : kTruthWords) {
        if (std::strlen(word.text) == size && std::memcmp(word.text, lower, size) == 0) {
            *value = word.value;
            return true;
        }
    }
    return false;
}

bool parse_uuid(const char* text, size_t size, uint8_t out[16]) noexcept {
    if (size >= 2 && text[0] == '{' && text[size - 1] == '}') {
        text++;
        size -= 2;
    }
    size_t at = 0;
    for (int i = 0; i < 16; i++) {
        const bool behind_four = i > 0 && i % 2 == 0;
        if (behind_four && at < size && text[at] == '-') {
            at++;
        }
        if (size - at < 2) {
            return false;
        }
        const int high = hex_digit(text[at]);
        const int low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = static_cast<uint8_t>(high << 4 | low);
        at += 2;
    }
    return at == size;
}

bool decode_hex(const char* text, size_t size, char* out, size_t* out_size) noexcept {
    if (size >= 3 && (text[0] | 0x20) == 'x' && text[1] == '\'' && text[size - 1] == '\'') {
        text += 2;
        size -= 3;
    } else if (size >= 2 && (text[0] == '\\' || text[0] == '0') && (text[1] | 0x20) == 'x') {
        text += 2;
        size -= 2;
    }
    if (size % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < size; i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i / 2] = static_cast<char>(high << 4 | low);
    }
    *out_size = size / 2;
    return true;
}

bool decode_base64(const char* text, size_t size, char* out, size_t* out_size) noexcept {
    uint32_t bits = 0;
    int count = 0; /* digits in bits */
    int padding = 0;
    size_t to = 0;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n' || text[i] == '\r') {
            continue;
        }
        if (text[i] == '=') {
            padding++;
            continue;
        }
        const int digit = base64_digit(text[i]);
        if (digit < 0 || padding > 0) {
            return false;
        }
        bits = bits << 6 | static_cast<uint32_t>(digit);
        if (++count == 4) {
            out[to++] = static_cast<char>(bits >> 16);
            out[to++] = static_cast<char>(bits >> 8);
            out[to++] = static_cast<char>(bits);
            bits = 0;
            count = 0;
        }
    }
    if (count == 1 || (padding > 0 && padding != 4 - count) || (count == 0 && padding > 0)) {
        return false;
    }
    /* the bits that no byte takes must be zero, or two texts would mean the same bytes */
    if (count == 2) {
        if ((bits & 15) != 0) {
            return false;
        }
        out[to++] = static_cast<char>(bits >> 4);
    } else if (count == 3) {
        if ((bits & 3) != 0) {
            return false;
        }
        out[to++] = static_cast<char>(bits >> 10);
        out[to++] = static_cast<char>(bits >> 2);
    }
    *out_size = to;
    return true;
}

}  // namespace sqlite_import::values
