/*
 * text_shape_json.cpp
 *    JSON, and whether jsonb would take it too.
 */
#include "reread/text_shape.hpp"

#include <charconv>
#include <cstring>

#include "reread/text_scan.hpp"

namespace sqlite_import::reread {

namespace {

/* A JSON text by RFC 8259, walked without recursion: the depth is a stack of bits. */
class JsonReader {
  public:
    explicit JsonReader(std::string_view text) noexcept : text_(text) {}

    JsonVerdict read() noexcept {
        if (!read_values()) {
            return JsonVerdict::Invalid;
        }
        skip_space();
        if (at_ != text_.size()) {
            return JsonVerdict::Invalid;
        }
        return only_json_ ? JsonVerdict::JsonOnly : JsonVerdict::Jsonb;
    }

  private:
    /* Deeper texts are PostgreSQL's alone to judge. */
    static constexpr int kMaxDepth = 1025;

    bool read_values() noexcept {
        for (;;) {
            skip_space();
            if (!read_value_start()) {
                return false;
            }
            if (opened_) {
                opened_ = false;
                continue;
            }
            if (!close_containers()) {
                return false;
            }
            if (depth_ == 0) {
                return true;
            }
        }
    }

    /* A scalar whole, or the opening of a container that is not empty (sets opened_). */
    bool read_value_start() noexcept {
        if (at_ >= text_.size()) {
            return false;
        }
        switch (text_[at_]) {
            case '{':
                return open_object();
            case '[':
                return open_array();
            case '"':
                return read_string();
            case 't':
                return read_word("true");
            case 'f':
                return read_word("false");
            case 'n':
                return read_word("null");
            default:
                return read_number();
        }
    }

    bool push(bool object) noexcept {
        if (depth_ == kMaxDepth) {
            return false;
        }
        unsigned char& byte = objects_[depth_ / 8];
        const auto bit = static_cast<unsigned char>(1U << (depth_ % 8));
        byte = static_cast<unsigned char>(object ? byte | bit : byte & ~bit);
        ++depth_;
        return true;
    }

    bool top_is_object() const noexcept {
        return (objects_[(depth_ - 1) / 8] >> ((depth_ - 1) % 8)) & 1U;
    }

    bool open_object() noexcept {
        ++at_;
        skip_space();
        if (take_char(text_, at_, '}')) {
            return true;
        }
        opened_ = true;
        return push(true) && read_key();
    }

    bool open_array() noexcept {
        ++at_;
        skip_space();
        if (take_char(text_, at_, ']')) {
            return true;
        }
        opened_ = true;
        return push(false);
    }

    bool read_key() noexcept {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != '"' || !read_string()) {
            return false;
        }
        skip_space();
        return take_char(text_, at_, ':');
    }

    /* After a value: closes what ends here; true with depth 0, or before another value. */
    bool close_containers() noexcept {
        while (depth_ > 0) {
            skip_space();
            if (take_char(text_, at_, ',')) {
                return !top_is_object() || read_key();
            }
            if (!take_char(text_, at_, top_is_object() ? '}' : ']')) {
                return false;
            }
            --depth_;
        }
        return true;
    }

    void skip_space() noexcept {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }

    bool read_word(std::string_view word) noexcept {
        if (text_.substr(at_, word.size()) != word) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    size_t skip_digits() noexcept {
        const size_t start = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) {
            ++at_;
        }
        return at_ - start;
    }

    bool read_number() noexcept {
        take_char(text_, at_, '-');
        const size_t start = at_;
        const size_t digits = skip_digits();
        if (digits == 0 || (digits > 1 && text_[start] == '0')) {
            return false;
        }
        size_t fraction = 0;
        if (take_char(text_, at_, '.') && (fraction = skip_digits()) == 0) {
            return false;
        }
        /* numeric's limits, which jsonb's numbers have: documentation, 8.1 */
        only_json_ |= digits > 131072 || fraction > 16383;
        return read_exponent();
    }

    bool read_exponent() noexcept {
        if (!take_char(text_, at_, 'e') && !take_char(text_, at_, 'E')) {
            return true;
        }
        if (!take_char(text_, at_, '+')) {
            take_char(text_, at_, '-');
        }
        const size_t start = at_;
        const size_t digits = skip_digits();
        int exponent = 0; /* stays 0 if it is too great for an int, of more than six digits then */
        std::from_chars(text_.data() + start, text_.data() + at_, exponent);
        only_json_ |= digits > 6 || exponent > 16000;
        return digits > 0;
    }

    bool read_string() noexcept {
        ++at_;
        while (at_ < text_.size()) {
            const auto byte = static_cast<unsigned char>(text_[at_++]);
            if (byte == '"') {
                return finish_string();
            }
            if (byte < 0x20) {
                return false;
            }
            if (byte != '\\') {
                only_json_ |= pending_high_;
                pending_high_ = false;
            } else if (!read_escape()) {
                return false;
            }
        }
        return false;
    }

    bool finish_string() noexcept {
        only_json_ |= pending_high_;
        pending_high_ = false;
        return true;
    }

    bool read_escape() noexcept {
        if (at_ >= text_.size()) {
            return false;
        }
        const char kind = text_[at_++];
        if (kind == 'u') {
            return read_unicode_escape();
        }
        only_json_ |= pending_high_;
        pending_high_ = false;
        return std::strchr("\"\\/bfnrt", kind) != nullptr && kind != '\0';
    }

    bool read_unicode_escape() noexcept {
        int code = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const int digit = at_ < text_.size() ? hex_value(text_[at_]) : -1;
            if (digit < 0) {
                return false;
            }
            code = code * 16 + digit;
        }
        const bool high = code >= 0xD800 && code < 0xDC00;
        const bool low = code >= 0xDC00 && code < 0xE000;
        only_json_ |= code == 0 || low != pending_high_;
        pending_high_ = high;
        return true;
    }

    std::string_view text_;
    size_t at_ = 0;
    int depth_ = 0;
    bool opened_ = false;
    bool only_json_ = false;
    bool pending_high_ = false; /* a high surrogate stands before, its low one must follow */
    unsigned char objects_[kMaxDepth / 8 + 1] = {};
};

}  // namespace

JsonVerdict check_json(std::string_view text) noexcept {
    return JsonReader(text).read();
}

}  // namespace sqlite_import::reread
