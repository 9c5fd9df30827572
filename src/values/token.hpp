/*
 * token.hpp
 *    Small closed vocabularies: truth values, UUIDs, and bytes written as text.
 *
 * All functions are pure and noexcept.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>
#include <cstdint>

namespace sqlite_import::values {

/* 1, t, true, y, yes, on and their opposites, in any case.  False if the text is none of them. */
bool parse_boolean(const char* text, size_t size, bool* value) noexcept;

/* 8-4-4-4-12 hexadecimal digits with dashes, in braces or not, or 32 digits without. */
bool parse_uuid(const char* text, size_t size, uint8_t out[16]) noexcept;

/* Hexadecimal digits in pairs, after an optional \x, 0x or X'…'.  Writes at most size / 2 bytes. */
bool decode_hex(const char* text, size_t size, char* out, size_t* out_size) noexcept;

/* Base64 (RFC 4648, either alphabet), line ends allowed, padding may be missing.  Writes at most
 * size * 3 / 4 + 3 bytes. */
bool decode_base64(const char* text, size_t size, char* out, size_t* out_size) noexcept;

}  // namespace sqlite_import::values
