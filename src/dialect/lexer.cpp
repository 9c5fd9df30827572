/*
 * lexer.cpp
 *    Cuts SQLite's SQL into tokens; see lexer.hpp.
 */
#include "dialect/lexer.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace sqlite_import::dialect {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_part(char c) {
    return is_name_start(c) || is_digit(c) || c == '$';
}

int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    return (c >= 'a' ? c - 'a' : c - 'A') + 10;
}

/* Longest first, so that "->>" is not read as "->" and ">". */
constexpr std::array<std::string_view, 28> kSymbols = {
    "->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "==", "(", ")", ",", ";",
    ".",   "+",  "-",  "*",  "/",  "%",  "&",  "|",  "~",  "<",  ">", "=", "[", "]"};

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    TokenList run() {
        if (text_.size() >= std::numeric_limits<uint32_t>::max()) {
            throw ParseError("the text is too long", 0);
        }
        while (at_ < text_.size()) {
            next();
        }
        add(TokenKind::End, "", at_);
        return std::move(list_);
    }

  private:
    char peek(size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    void add(TokenKind kind, std::string text, size_t start) {
        list_.tokens.push_back(
            {kind, std::move(text), static_cast<uint32_t>(start), static_cast<uint32_t>(at_)});
    }

    [[noreturn]] void fail(const std::string& message, size_t at) const {
        throw ParseError(message, static_cast<uint32_t>(at));
    }

    void next() {
        const char c = peek();
        if (is_space(c)) {
            ++at_;
        } else if (text_.compare(at_, 3, "\xEF\xBB\xBF") == 0) {
            at_ += 3; /* a byte order mark counts as space */
        } else if (c == '-' && peek(1) == '-') {
            line_comment();
        } else if (c == '/' && peek(1) == '*') {
            block_comment();
        } else if (c == '\'' || c == '"' || c == '`') {
            quoted(c);
        } else if (c == '[') {
            bracketed();
        } else if ((c == 'x' || c == 'X') && peek(1) == '\'') {
            blob();
        } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
            number();
        } else if (is_name_start(c)) {
            word();
        } else if (c == '?' || c == ':' || c == '@' || c == '$' || c == '#') {
            variable();
        } else {
            symbol();
        }
    }

    void line_comment() {
        const size_t start = at_;
        const size_t end = std::min(text_.find('\n', at_), text_.size());
        list_.comments.push_back({std::string(text_.substr(start + 2, end - start - 2)),
                                  static_cast<uint32_t>(start), static_cast<uint32_t>(end)});
        at_ = end;
    }

    /* A comment that is not closed runs to the end, as in SQLite. */
    void block_comment() {
        const size_t start = at_;
        const size_t close = text_.find("*/", at_ + 2);
        const bool closed = close != std::string_view::npos;
        const size_t inner_end = closed ? close : text_.size();
        at_ = closed ? close + 2 : text_.size();
        list_.comments.push_back({std::string(text_.substr(start + 2, inner_end - start - 2)),
                                  static_cast<uint32_t>(start), static_cast<uint32_t>(at_)});
    }

    void quoted(char quote) {
        const size_t start = at_++;
        std::string out;
        for (;; ++at_) {
            if (at_ >= text_.size()) {
                fail("a quoted name or string is not closed", start);
            }
            if (text_[at_] == quote) {
                if (peek(1) != quote) {
                    break;
                }
                ++at_;
            }
            out += text_[at_];
        }
        ++at_;
        const TokenKind kind = quote == '\''  ? TokenKind::String
                               : quote == '"' ? TokenKind::DoubleQuoted
                                              : TokenKind::OtherQuoted;
        add(kind, std::move(out), start);
    }

    void bracketed() {
        const size_t start = at_;
        const size_t close = text_.find(']', at_);
        if (close == std::string_view::npos) {
            fail("a name in brackets is not closed", start);
        }
        at_ = close + 1;
        add(TokenKind::OtherQuoted, std::string(text_.substr(start + 1, close - start - 1)), start);
    }

    void blob() {
        const size_t start = at_;
        at_ += 2;
        std::string out;
        while (is_hex_digit(peek()) && is_hex_digit(peek(1))) {
            out += static_cast<char>(hex_value(peek()) * 16 + hex_value(peek(1)));
            at_ += 2;
        }
        if (at_ >= text_.size() || text_[at_] != '\'') {
            fail("malformed blob literal", start);
        }
        ++at_;
        add(TokenKind::Blob, std::move(out), start);
    }

    void digits() {
        while (is_digit(peek()) || (peek() == '_' && is_digit(peek(1)))) {
            ++at_;
        }
    }

    void number() {
        const size_t start = at_;
        TokenKind kind = TokenKind::Integer;
        if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex_digit(peek(2))) {
            at_ += 2;
            while (is_hex_digit(peek())) {
                ++at_;
            }
        } else {
            digits();
            if (peek() == '.') {
                kind = TokenKind::Float;
                ++at_;
                digits();
            }
            const bool sign = peek(1) == '+' || peek(1) == '-';
            if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign ? 2 : 1))) {
                kind = TokenKind::Float;
                at_ += sign ? 2 : 1;
                digits();
            }
        }
        if (is_name_part(peek())) {
            fail("malformed number", start);
        }
        std::string out(text_.substr(start, at_ - start));
        out.erase(std::remove(out.begin(), out.end(), '_'), out.end());
        add(kind, std::move(out), start);
    }

    void word() {
        const size_t start = at_;
        while (is_name_part(peek())) {
            ++at_;
        }
        add(TokenKind::Word, std::string(text_.substr(start, at_ - start)), start);
    }

    void variable() {
        const size_t start = at_++;
        while (is_name_part(peek())) {
            ++at_;
        }
        if (at_ == start + 1 && text_[start] != '?') {
            fail("unrecognized character", start);
        }
        add(TokenKind::Variable, std::string(text_.substr(start, at_ - start)), start);
    }

    void symbol() {
        for (std::string_view symbol : kSymbols) {
            if (text_.compare(at_, symbol.size(), symbol) == 0) {
                const size_t start = at_;
                at_ += symbol.size();
                add(TokenKind::Symbol, std::string(symbol), start);
                return;
            }
        }
        fail("unrecognized character", at_);
    }

    std::string_view text_;
    size_t at_ = 0;
    TokenList list_;
};

char lower(char c) {
    return (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

TokenList tokenize(std::string_view text) {
    return Lexer(text).run();
}

std::string describe_position(std::string_view text, uint32_t offset) {
    const size_t end = std::min<size_t>(offset, text.size());
    const auto before = text.substr(0, end);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t newline = before.rfind('\n');
    const size_t column = newline == std::string_view::npos ? end + 1 : end - newline;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

std::string fold_name(std::string_view name) {
    std::string out(name);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

}  // namespace sqlite_import::dialect
