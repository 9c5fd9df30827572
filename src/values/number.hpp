/*
 * number.hpp
 *    Numbers as text and text as numbers, exactly.
 *
 * A decimal is kept as its digits and the place of its point, never as a
 * double, so that nothing is rounded on the way to numeric.  A double is read as
 * its shortest digits that give the same double back: that is what whoever
 * stored 19.99 meant.  All functions are pure and noexcept.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>
#include <cstdint>

namespace sqlite_import::values {

/* Room that integer_text, real_text and shortest_digits need at most. */
constexpr size_t kNumberTextSize = 32;

/* Writes a decimal integer; returns its length.  No NUL is added. */
size_t integer_text(int64_t value, char* out) noexcept;

/* SQLite's own text of a REAL: sqlite3_mprintf("%!.15g") (www.sqlite.org/datatype3.html). */
size_t real_text(double value, char* out) noexcept;

/* The shortest decimal text that reads back as the same double; "Infinity" and "-Infinity". */
size_t shortest_text(double value, char* out) noexcept;

/* -?(0|[1-9][0-9]*), no "-0", within int64.  Nothing else is an integer: 007, +1 and " 1" would
 * come back as another text. */
enum class IntegerParse { Ok, NotAnInteger, OutOfRange };
IntegerParse parse_integer(const char* text, size_t size, int64_t* value) noexcept;

/* A double that is a whole number within int64: true and the number. */
bool exact_integer(double value, int64_t* integer) noexcept;

/* True if the integer is a double: (int64)(double) value == value without overflow. */
bool exact_double(int64_t value) noexcept;

/*
 * A finite decimal: digits without leading zeros (zero has none), the value
 * being 0.DIGITS × 10^point; scale is the number of decimals as written.
 */
struct Decimal {
    static constexpr int kMaxDigits = 128;

    bool negative = false;
    int count = 0;
    int point = 0;
    int scale = 0;
    int last = 0; /* digits up to the last that is not zero; may exceed kMaxDigits */
    char digits[kMaxDigits] = {}; /* '0' … '9' */

    /* Decimals that are not zero at the end: the least scale that holds the value. */
    int needed_scale() const noexcept;
    /* Digits before the decimal point; 0 if the value is below one. */
    int integer_digits() const noexcept { return count == 0 || point < 0 ? 0 : point; }
    bool is_zero() const noexcept { return count == 0; }
};

/* [-+]?DIGITS[.DIGITS][e[-+]?DIGITS], no needless leading zero, with a digit on one side of the
 * point at least.  TooLong: such a text, but with more digits or exponent than Decimal holds. */
enum class DecimalParse { Ok, NotANumber, TooLong };
DecimalParse parse_decimal(const char* text, size_t size, Decimal* decimal) noexcept;

/* True if numeric without a precision holds it, zeros behind the point included. */
bool numeric_holds(const Decimal& decimal) noexcept;

/* The shortest digits of a finite double. */
void decimal_of_double(double value, Decimal* decimal) noexcept;
void decimal_of_integer(int64_t value, Decimal* decimal) noexcept;

/* value × 10^shift as int64, if that is whole and within range.  With round, half away from zero
 * instead of "if whole". */
bool scaled_integer(const Decimal& decimal, int shift, bool round, int64_t* value) noexcept;

/* Takes away the digits beyond so many decimals; below zero, so many before the point. */
void cut_decimals(Decimal* decimal, int scale) noexcept;

/* True if both denote the same number. */
bool same_number(const Decimal& left, const Decimal& right) noexcept;

/* NaN, Infinity and Inf with or without a sign, in any case. */
bool parse_special_real(const char* text, size_t size, double* value) noexcept;

/* The double nearest to a decimal text, if it or its shortest digits are that very number again. */
bool exact_real(const char* text, size_t size, const Decimal& decimal, double* value) noexcept;

/*
 * The float4 nearest to a decimal, if it is that very number or, written with as many digits (nine
 * at most), that number again.  The digits are read as a float4: by way of a double they would be
 * rounded twice.
 */
bool exact_float_of_text(const char* text, size_t size, const Decimal& decimal,
                         float* result) noexcept;

/* The same of the double's shortest digits; infinities are kept. */
bool exact_float(double value, float* result) noexcept;

}  // namespace sqlite_import::values
