/*
 * json.hpp
 *    Just enough JSON (RFC 8259): is a text valid, and what are the elements of
 *    an array.
 *
 * Whatever is accepted here PostgreSQL's json accepts too; what is not may still
 * be PostgreSQL's to judge.  Pure and noexcept.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>

namespace sqlite_import::values {

enum class JsonVerdict {
    Invalid,  /* not JSON by RFC 8259, or nested more than 1024 deep */
    JsonOnly, /* json takes it; jsonb does not: \u0000, half a surrogate pair, a number too great */
    Jsonb,
};

/* One JSON value with nothing but blanks around it. */
JsonVerdict json_verdict(const char* text, size_t size) noexcept;

/* True if json takes it. */
bool json_is_valid(const char* text, size_t size) noexcept;

enum class JsonKind { Null, True, False, Number, String, Array, Object };

struct JsonElement {
    JsonKind kind;
    const char* text; /* as written; a string with its quotes */
    size_t size;
};

/* Walks the elements of a text that json_is_valid accepted and that is an array. */
class JsonArray {
  public:
    /* The text must be an array: its first character but blanks is '['. */
    JsonArray(const char* text, size_t size) noexcept;
    /* False at the end. */
    bool next(JsonElement* element) noexcept;

  private:
    const char* at_;
    const char* end_;
};

/* True if the valid text is an array. */
bool json_is_array(const char* text, size_t size) noexcept;

/* The characters of a string element, escapes resolved, into out (room: element.size).  False if
 * PostgreSQL could not hold them: \u0000, or half a surrogate pair. */
bool json_unescape(const JsonElement& element, char* out, size_t* out_size) noexcept;

}  // namespace sqlite_import::values
