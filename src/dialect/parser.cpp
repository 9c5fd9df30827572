/*
 * parser.cpp
 *    The parser's token handling, names, and the entry points of parse.hpp.
 *
 * Which words are names: SQLite lets nearly all of its key words be names where
 * the grammar leaves no doubt (www.sqlite.org/lang_keywords.html); kReserved
 * lists those that are never names without quotes.
 */
#include "dialect/parser.hpp"

#include <algorithm>
#include <array>

namespace sqlite_import::dialect {

namespace {

constexpr std::array<std::string_view, 58> kReserved = {
    "add",     "all",         "alter",      "and",     "as",       "autoincrement",
    "between", "case",        "check",      "collate", "commit",   "constraint",
    "create",  "default",     "deferrable", "delete",  "distinct", "drop",
    "else",    "escape",      "except",     "exists",  "foreign",  "from",
    "group",   "having",      "in",         "index",   "insert",   "intersect",
    "into",    "is",          "isnull",     "join",    "limit",    "not",
    "nothing", "notnull",     "null",       "on",      "or",       "order",
    "primary", "references",  "returning",  "select",  "set",      "table",
    "then",    "transaction", "union",      "unique",  "update",   "using",
    "values",  "when",        "where",      "to"};

bool is_reserved(std::string_view word) {
    return std::any_of(kReserved.begin(), kReserved.end(),
                       [&](std::string_view reserved) { return same_name(reserved, word); });
}

/* Enough of a token for a message, never a whole string of the file. */
std::string shown(const Token& token) {
    if (token.kind == TokenKind::End) {
        return "at the end";
    }
    if (token.kind == TokenKind::String || token.kind == TokenKind::Blob) {
        return "near a literal";
    }
    return "near \"" + token.text.substr(0, 40) + "\"";
}

}  // namespace

const Token& Parser::peek(size_t ahead) const {
    return list_.tokens[std::min(at_ + ahead, list_.tokens.size() - 1)];
}

const Token& Parser::take() {
    const Token& token = peek();
    if (token.kind != TokenKind::End) {
        ++at_;
    }
    return token;
}

std::string Parser::source(uint32_t from, uint32_t to) const {
    return std::string(text_.substr(from, to > from ? to - from : 0));
}

bool Parser::at_word(std::string_view word, size_t ahead) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::Word && same_name(token.text, word);
}

bool Parser::at_symbol(std::string_view symbol, size_t ahead) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::Symbol && token.text == symbol;
}

bool Parser::accept_word(std::string_view word) {
    if (!at_word(word)) {
        return false;
    }
    take();
    return true;
}

bool Parser::accept_words(std::initializer_list<std::string_view> words) {
    size_t ahead = 0;
    for (std::string_view word : words) {
        if (!at_word(word, ahead++)) {
            return false;
        }
    }
    at_ += words.size();
    return true;
}

bool Parser::accept_symbol(std::string_view symbol) {
    if (!at_symbol(symbol)) {
        return false;
    }
    take();
    return true;
}

void Parser::expect_word(std::string_view word) {
    if (!accept_word(word)) {
        fail_here("expected " + std::string(word));
    }
}

void Parser::expect_symbol(std::string_view symbol) {
    if (!accept_symbol(symbol)) {
        fail_here("expected \"" + std::string(symbol) + "\"");
    }
}

void Parser::expect_end() {
    while (accept_symbol(";")) {
    }
    if (peek().kind != TokenKind::End) {
        fail_here("expected the end of the statement");
    }
}

void Parser::fail_here(const std::string& expectation) const {
    throw ParseError(shown(peek()) + ": " + expectation, peek().offset);
}

bool Parser::at_name(size_t ahead) const {
    const Token& token = peek(ahead);
    if (token.kind == TokenKind::Word) {
        return !is_reserved(token.text);
    }
    return token.kind == TokenKind::DoubleQuoted || token.kind == TokenKind::OtherQuoted ||
           token.kind == TokenKind::String;
}

std::string Parser::parse_name(const char* what) {
    if (!at_name()) {
        fail_here(std::string("expected ") + what);
    }
    return take().text;
}

void Parser::parse_qualified_name(std::string& schema, std::string& name, const char* what) {
    name = parse_name(what);
    if (accept_symbol(".")) {
        schema = std::move(name);
        name = parse_name(what);
    }
}

std::vector<std::string> Parser::parse_name_list(const char* what) {
    std::vector<std::string> names;
    expect_symbol("(");
    do {
        names.push_back(parse_name(what));
        /* SQLite accepts and ignores a collation and an order in lists of names */
        if (accept_word("COLLATE")) {
            parse_name("a collation");
        }
        if (!accept_word("ASC")) {
            accept_word("DESC");
        }
    } while (accept_symbol(","));
    expect_symbol(")");
    return names;
}

namespace {

/* Runs one member function over a whole text. */
template <typename Result>
Result parse_whole(std::string_view sql, Result (Parser::*parse)()) {
    Parser parser(sql);
    Result result = (parser.*parse)();
    parser.expect_end();
    return result;
}

}  // namespace

CreateTable parse_create_table(std::string_view sql) {
    return parse_whole(sql, &Parser::parse_create_table);
}

CreateVirtualTable parse_create_virtual_table(std::string_view sql) {
    return parse_whole(sql, &Parser::parse_create_virtual_table);
}

CreateIndex parse_create_index(std::string_view sql) {
    return parse_whole(sql, &Parser::parse_create_index);
}

CreateView parse_create_view(std::string_view sql) {
    return parse_whole(sql, &Parser::parse_create_view);
}

CreateTrigger parse_create_trigger(std::string_view sql) {
    return parse_whole(sql, &Parser::parse_create_trigger);
}

SelectPtr parse_select(std::string_view sql) {
    return parse_whole(sql, &Parser::parse_select);
}

ExprPtr parse_expression(std::string_view sql) {
    return parse_whole(sql, &Parser::parse_expr);
}

ExprPtr parse_default(std::string_view sql) {
    return parse_whole(sql, &Parser::parse_default_text);
}

}  // namespace sqlite_import::dialect
