/*
 * address.cpp
 *    Network addresses digit by digit, MAC addresses by their pattern.
 */
#include "values/address.hpp"

#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace sqlite_import::values {

namespace {

constexpr int kIpv4Bytes = 4;
constexpr int kIpv6Groups = 8;

int hex_digit(char character) noexcept {
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    const char lower = static_cast<char>(character | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct Cursor {
    const char* at;
    const char* end;

    bool ended() const noexcept { return at == end; }
    bool peek(char character) const noexcept { return at < end && *at == character; }
    bool take(char character) noexcept {
        const bool there = peek(character);
        at += there;
        return there;
    }
    /* A decimal number without needless zeros, at most `most`. */
    bool number(int most, int* value) noexcept {
        const char* const start = at;
        *value = 0;
        while (at < end && *at >= '0' && *at <= '9' && *value <= most) {
            *value = *value * 10 + (*at++ - '0');
        }
        return at > start && *value <= most && (*start != '0' || at - start == 1);
    }
};

bool read_ipv4(Cursor* cursor, uint8_t* bytes) noexcept {
    for (int i = 0; i < kIpv4Bytes; i++) {
        int value = 0;
        if ((i > 0 && !cursor->take('.')) || !cursor->number(255, &value)) {
            return false;
        }
        bytes[i] = static_cast<uint8_t>(value);
    }
    return true;
}

struct Ipv6 {
    uint16_t groups[kIpv6Groups] = {};
    int count = 0;
    int gap = -1; /* the group before which :: stands */
};

/* One to four hexadecimal digits; or the last four bytes as an IPv4 address. */
bool read_group(Cursor* cursor, Ipv6* address) noexcept {
    constexpr int kMostDigits = 4;
    const char* const start = cursor->at;
    int value = 0;
    if (address->count == kIpv6Groups) {
        return false;
    }
    while (!cursor->ended() && hex_digit(*cursor->at) >= 0 && cursor->at - start <= kMostDigits) {
        value = value * 16 + hex_digit(*cursor->at++);
    }
    if (cursor->peek('.') && address->count <= kIpv6Groups - 2) {
        uint8_t bytes[kIpv4Bytes];
        cursor->at = start;
        if (!read_ipv4(cursor, bytes)) {
            return false;
        }
        address->groups[address->count++] = static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
        address->groups[address->count++] = static_cast<uint16_t>(bytes[2] << 8 | bytes[3]);
        return cursor->ended() || cursor->peek('/');
    }
    address->groups[address->count++] = static_cast<uint16_t>(value);
    return cursor->at > start && cursor->at - start <= kMostDigits;
}

/* The groups behind one another; :: at most once, for one group at least. */
bool read_groups(Cursor* cursor, Ipv6* address) noexcept {
    if (cursor->take(':')) {
        if (!cursor->take(':')) {
            return false;
        }
        address->gap = 0;
    }
    while (!cursor->ended() && !cursor->peek('/')) {
        if (!read_group(cursor, address)) {
            return false;
        }
        if (cursor->ended() || cursor->peek('/')) {
            break;
        }
        if (!cursor->take(':')) {
            return false;
        }
        if (cursor->take(':')) {
            if (address->gap >= 0) {
                return false;
            }
            address->gap = address->count;
        } else if (cursor->ended() || cursor->peek('/')) {
            return false;
        }
    }
    return address->gap >= 0 ? address->count < kIpv6Groups : address->count == kIpv6Groups;
}

bool read_ipv6(Cursor* cursor, uint8_t* bytes) noexcept {
    Ipv6 address;
    if (!read_groups(cursor, &address)) {
        return false;
    }
    const int behind = address.gap < 0 ? 0 : address.count - address.gap;
    for (int i = 0; i < address.count; i++) {
        const ptrdiff_t place = i < address.count - behind ? i : kIpv6Groups - address.count + i;
        bytes[place * 2] = static_cast<uint8_t>(address.groups[i] >> 8);
        bytes[place * 2 + 1] = static_cast<uint8_t>(address.groups[i]);
    }
    return true;
}

/* An address, its bytes and the length of its prefix. */
bool read_network(const char* text, size_t size, uint8_t* bytes, int* width, int* prefix) noexcept {
    Cursor cursor{text, text + size};
    const bool ipv6 = size > 0 && std::memchr(text, ':', size) != nullptr;
    *width = ipv6 ? 128 : 32;
    *prefix = *width;
    if (!(ipv6 ? read_ipv6(&cursor, bytes) : read_ipv4(&cursor, bytes))) {
        return false;
    }
    if (cursor.take('/') && !cursor.number(*width, prefix)) {
        return false;
    }
    return cursor.ended();
}

/* Hexadecimal digits in groups of `group`, all parted by `separator`. */
bool is_grouped(const char* text, size_t size, size_t group, char separator) noexcept {
    for (size_t i = 0; i < size; i++) {
        if (i % (group + 1) == group ? text[i] != separator : hex_digit(text[i]) < 0) {
            return false;
        }
    }
    return true;
}

/* `digits` hexadecimal digits, bare or parted alike in pairs, in fours or in halves. */
bool is_hardware_address(const char* text, size_t size, size_t digits) noexcept {
    if (size == digits) {
        return is_grouped(text, size, digits, ':');
    }
    for (const size_t group : {size_t{2}, size_t{4}, digits / 2}) {
        if (size == digits + digits / group - 1) {
            const char other = group == 4 ? '.' : ':';
            return is_grouped(text, size, group, '-') || is_grouped(text, size, group, other);
        }
    }
    return false;
}

}  // namespace

bool is_inet(const char* text, size_t size) noexcept {
    uint8_t bytes[16] = {};
    int width = 0;
    int prefix = 0;
    return read_network(text, size, bytes, &width, &prefix);
}

bool is_cidr(const char* text, size_t size) noexcept {
    uint8_t bytes[16] = {};
    int width = 0;
    int prefix = 0;
    if (!read_network(text, size, bytes, &width, &prefix)) {
        return false;
    }
    for (int bit = prefix; bit < width; bit++) {
        if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0) {
            return false;
        }
    }
    return true;
}

bool is_macaddr(const char* text, size_t size) noexcept {
    constexpr size_t kDigits = 12;
    return is_hardware_address(text, size, kDigits);
}

bool is_macaddr8(const char* text, size_t size) noexcept {
    constexpr size_t kDigits = 16;
    constexpr size_t kVendor = 6; /* 08002b:0102030405 */
    if (size == kDigits + 1 && (text[kVendor] == ':' || text[kVendor] == '-')) {
        return is_grouped(text, kVendor, kDigits, ':') &&
               is_grouped(text + kVendor + 1, size - kVendor - 1, kDigits, ':');
    }
    return is_hardware_address(text, size, kDigits);
}

}  // namespace sqlite_import::values
