/*
 * address.hpp
 *    Network addresses and MAC addresses as text.
 *
 * PostgreSQL's input functions are generous: cidr makes 10.0.0.0/8 of '10', macaddr a MAC address
 * of a date, macaddr8 eight bytes of six.  Only what is written out is an address here; what is
 * one, those functions read the same way.  All functions are pure and noexcept.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>

namespace sqlite_import::values {

/* An IPv4 address of four decimal numbers or an IPv6 address (RFC 4291, 2.2), with /prefix or
 * without. */
bool is_inet(const char* text, size_t size) noexcept;

/* The same with no bit set beyond the prefix. */
bool is_cidr(const char* text, size_t size) noexcept;

/* The forms of macaddr that PostgreSQL's documentation lists (8.9.3): twelve hexadecimal digits,
 * bare or all parted alike, in pairs by ':' or '-', in fours by '.' or '-', in halves by ':' or
 * '-'. */
bool is_macaddr(const char* text, size_t size) noexcept;

/* The same of macaddr8 (8.9.4), sixteen digits: never the six bytes that it would widen. */
bool is_macaddr8(const char* text, size_t size) noexcept;

}  // namespace sqlite_import::values
