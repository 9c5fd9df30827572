/*
 * lexer.hpp
 *    SQLite's tokens (www.sqlite.org/lang_keywords.html, lang_expr.html, lang_comment.html).
 *
 * The whole text is cut into tokens before parsing starts.  Key words are not
 * told from names here: almost every key word of SQLite is also a name, and
 * only the parser knows which is meant.  Comments are kept aside, because those
 * beside a column may become COMMENT ON.
 */
#pragma once
#include "server_free.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sqlite_import::dialect {

enum class TokenKind {
    End,
    Word,         /* a bare name or key word */
    DoubleQuoted, /* "name" */
    OtherQuoted,  /* `name` or [name] */
    String,       /* 'text' */
    Blob,         /* x'00ff' */
    Integer,      /* 12, 0xff */
    Float,        /* 1.5, 1e3 */
    Variable,     /* ?, ?1, :a, @a, $a */
    Symbol,       /* operators and punctuation: text is the symbol */
};

struct Token {
    TokenKind kind = TokenKind::End;
    std::string text; /* decoded: quotes removed, blob as bytes */
    uint32_t offset = 0, end = 0;
};

struct Comment {
    std::string text; /* without its markers */
    uint32_t offset = 0, end = 0;
};

struct TokenList {
    std::vector<Token> tokens; /* the last one is End */
    std::vector<Comment> comments;
};

/*
 * What makes a text no SQL of SQLite's: the message is for a report ("near
 * "FOO": expected a column name"), the offset is in bytes.
 */
class ParseError : public std::runtime_error {
  public:
    ParseError(const std::string& message, uint32_t offset)
        : std::runtime_error(message), offset_(offset) {}
    uint32_t offset() const { return offset_; }

  private:
    uint32_t offset_;
};

/* Cuts a text into tokens.  Throws ParseError; the text may hold anything, NUL too. */
TokenList tokenize(std::string_view text);

/* "line 3, column 14" for an offset in a text, counted from 1, columns in bytes. */
std::string describe_position(std::string_view text, uint32_t offset);

/* ASCII case-insensitive equality, which is how SQLite compares names. */
bool same_name(std::string_view a, std::string_view b);

/* ASCII lower case, other bytes as they are. */
std::string fold_name(std::string_view name);

}  // namespace sqlite_import::dialect
