/*
 * json.cpp
 *    A recursive reader that only moves a pointer.
 */
#include "values/json.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sqlite_import::values {

namespace {

/* Deeper texts are left to PostgreSQL: the recursion must fit the stack of any thread. */
constexpr int kMaxDepth = 1024;
/* The digits of numeric, which jsonb's numbers are (documentation: 8.1). */
constexpr ptrdiff_t kMostIntegerDigits = 131072;
constexpr ptrdiff_t kMostDecimals = 16383;
constexpr ptrdiff_t kMostExponentDigits = 6;
constexpr int kMostExponent = 16000;

bool is_blank(char character) noexcept {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

bool is_digit(char character) noexcept {
    return character >= '0' && character <= '9';
}

int hex_digit(char character) noexcept {
    if (is_digit(character)) {
        return character - '0';
    }
    const char lower = static_cast<char>(character | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Each function takes what it names, or answers false with the pointer anywhere. */
class Reader {
  public:
    Reader(const char* at, const char* end) noexcept : at_(at), end_(end) {}

    const char* at() const noexcept { return at_; }
    bool ended() const noexcept { return at_ == end_; }
    /* What was read is JSON that jsonb would refuse. */
    bool is_beyond_jsonb() const noexcept { return beyond_jsonb_; }

    void blanks() noexcept {
        while (!ended() && is_blank(*at_)) {
            at_++;
        }
    }

    bool take(char character) noexcept {
        if (ended() || *at_ != character) {
            return false;
        }
        at_++;
        return true;
    }

    bool value(int depth) noexcept {
        if (depth > kMaxDepth || ended()) {
            return false;
        }
        switch (*at_) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

  private:
    bool word(const char* text) noexcept {
        const size_t size = std::strlen(text);
        if (static_cast<size_t>(end_ - at_) < size || std::memcmp(at_, text, size) != 0) {
            return false;
        }
        at_ += size;
        return true;
    }

    bool digits() noexcept {
        const char* const start = at_;
        while (!ended() && is_digit(*at_)) {
            at_++;
        }
        return at_ != start;
    }

    bool number() noexcept {
        take('-');
        const char* start = at_;
        if (!take('0') && !digits()) {
            return false;
        }
        beyond_jsonb_ = beyond_jsonb_ || at_ - start > kMostIntegerDigits;
        if (take('.')) {
            start = at_;
            if (!digits()) {
                return false;
            }
            beyond_jsonb_ = beyond_jsonb_ || at_ - start > kMostDecimals;
        }
        return !(take('e') || take('E')) || exponent();
    }

    bool exponent() noexcept {
        if (!take('+')) {
            take('-');
        }
        const char* const start = at_;
        if (!digits()) {
            return false;
        }
        int value = 0;
        for (const char* digit = start; digit < at_ && value <= kMostExponent; digit++) {
            value = value * 10 + (*digit - '0');
        }
        beyond_jsonb_ = beyond_jsonb_ || at_ - start > kMostExponentDigits || value > kMostExponent;
        return true;
    }

    bool string() noexcept {
        for (at_++; !ended(); at_++) {
            const auto byte = static_cast<unsigned char>(*at_);
            if (byte == '"') {
                at_++;
                return true;
            }
            if (byte < 0x20 || (byte == '\\' && !escape())) {
                return false;
            }
        }
        return false;
    }

    /* Leaves the pointer on the last character of the escape. */
    bool escape() noexcept {
        if (++at_ == end_) {
            return false;
        }
        if (*at_ != 'u') {
            return std::strchr("\"\\/bfnrt", *at_) != nullptr && *at_ != '\0';
        }
        const int code = escaped_unit(at_ - 1);
        if (code < 0) {
            return false;
        }
        at_ += 4;
        if (code >= 0xD800 && code < 0xDC00) {
            const int low = escaped_unit(at_ + 1);
            if (low >= 0xDC00 && low < 0xE000) {
                at_ += 6;
                return true;
            }
        }
        beyond_jsonb_ = beyond_jsonb_ || code == 0 || (code >= 0xD800 && code < 0xE000);
        return true;
    }

    /* The four digits of the escape \uXXXX that begins at `at`; -1 if there is none. */
    int escaped_unit(const char* at) const noexcept {
        constexpr ptrdiff_t kSize = 6;
        if (end_ - at < kSize || at[0] != '\\' || at[1] != 'u') {
            return -1;
        }
        int code = 0;
        for (int i = 2; i < kSize; i++) {
            const int digit = hex_digit(at[i]);
            if (digit < 0) {
                return -1;
            }
            code = code * 16 + digit;
        }
        return code;
    }

    bool array(int depth) noexcept {
        at_++;
        blanks();
        if (take(']')) {
            return true;
        }
        do {
            blanks();
            if (!value(depth + 1)) {
                return false;
            }
            blanks();
        } while (take(','));
        return take(']');
    }

    bool object(int depth) noexcept {
        at_++;
        blanks();
        if (take('}')) {
            return true;
        }
        do {
            blanks();
            if (ended() || *at_ != '"' || !string()) {
                return false;
            }
            blanks();
            if (!take(':')) {
                return false;
            }
            blanks();
            if (!value(depth + 1)) {
                return false;
            }
            blanks();
        } while (take(','));
        return take('}');
    }

    const char* at_;
    const char* end_;
    bool beyond_jsonb_ = false;
};

JsonKind kind_of(char first) noexcept {
    switch (first) {
        case '{':
            return JsonKind::Object;
        case '[':
            return JsonKind::Array;
        case '"':
            return JsonKind::String;
        case 't':
            return JsonKind::True;
        case 'f':
            return JsonKind::False;
        case 'n':
            return JsonKind::Null;
        default:
            return JsonKind::Number;
    }
}

uint32_t hex4(const char* text) noexcept {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        value = value << 4 | static_cast<uint32_t>(hex_digit(text[i]));
    }
    return value;
}

size_t encode_utf8(uint32_t code, char* out) noexcept {
    if (code < 0x80) {
        out[0] = static_cast<char>(code);
        return 1;
    }
    if (code < 0x800) {
        out[0] = static_cast<char>(0xC0 | code >> 6);
        out[1] = static_cast<char>(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = static_cast<char>(0xE0 | code >> 12);
        out[1] = static_cast<char>(0x80 | (code >> 6 & 0x3F));
        out[2] = static_cast<char>(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = static_cast<char>(0xF0 | code >> 18);
    out[1] = static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out[2] = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out[3] = static_cast<char>(0x80 | (code & 0x3F));
    return 4;
}

/* The code point of the \u escape at text (after the u); *taken counts the characters used. */
bool unicode_escape(const char* text, const char* end, uint32_t* code, size_t* taken) noexcept {
    *code = hex4(text);
    *taken = 4;
    if (*code == 0 || (*code >= 0xDC00 && *code <= 0xDFFF)) {
        return false;
    }
    if (*code >= 0xD800 && *code <= 0xDBFF) {
        if (end - text < 10 || text[4] != '\\' || text[5] != 'u') {
            return false;
        }
        const uint32_t low = hex4(text + 6);
        if (low < 0xDC00 || low > 0xDFFF) {
            return false;
        }
        *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
        *taken = 10;
    }
    return true;
}

char simple_escape(char character) noexcept {
    switch (character) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return character;
    }
}

}  // namespace

JsonVerdict json_verdict(const char* text, size_t size) noexcept {
    Reader reader(text, text + size);
    reader.blanks();
    if (!reader.value(0)) {
        return JsonVerdict::Invalid;
    }
    reader.blanks();
    if (!reader.ended()) {
        return JsonVerdict::Invalid;
    }
    return reader.is_beyond_jsonb() ? JsonVerdict::JsonOnly : JsonVerdict::Jsonb;
}

bool json_is_valid(const char* text, size_t size) noexcept {
    return json_verdict(text, size) != JsonVerdict::Invalid;
}

bool json_is_array(const char* text, size_t size) noexcept {
    Reader reader(text, text + size);
    reader.blanks();
    return reader.take('[');
}

JsonArray::JsonArray(const char* text, size_t size) noexcept : at_(text), end_(text + size) {
    Reader reader(at_, end_);
    reader.blanks();
    reader.take('[');
    at_ = reader.at();
}

bool JsonArray::next(JsonElement* element) noexcept {
    Reader reader(at_, end_);
    reader.blanks();
    reader.take(',');
    reader.blanks();
    const char* const start = reader.at();
    if (reader.ended() || *start == ']' || !reader.value(0)) {
        return false;
    }
    at_ = reader.at();
    *element = {kind_of(*start), start, static_cast<size_t>(at_ - start)};
    return true;
}

bool json_unescape(const JsonElement& element, char* out, size_t* out_size) noexcept {
    const char* at = element.text + 1;
    const char* const end = element.text + element.size - 1;
    size_t to = 0;

    while (at < end) {
        if (*at != '\\') {
            out[to++] = *at++;
            continue;
        }
        at++;
        if (*at != 'u') {
            out[to++] = simple_escape(*at++);
            continue;
        }
        uint32_t code;
        size_t taken;
        if (!unicode_escape(at + 1, end, &code, &taken)) {
            return false;
        }
        to += encode_utf8(code, out + to);
        at += 1 + taken;
    }
    *out_size = to;
    return true;
}

}  // namespace sqlite_import::values
