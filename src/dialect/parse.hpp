/*
 * parse.hpp
 *    SQL text of sqlite_schema in, a syntax tree or an error with a position out.
 *
 * The grammar is SQLite's (www.sqlite.org/lang.html), taken from its
 * documentation, with its leniencies: quoted strings as names, table
 * constraints without commas between them, types of any words.  All functions
 * throw ParseError on any text that is not such SQL, whatever it holds; nesting
 * and the height of a tree are bounded, so that neither the parser nor any
 * reader of the tree can exhaust the stack.
 */
#pragma once
#include "server_free.hpp"

#include "dialect/ast.hpp"
#include "dialect/lexer.hpp"

#include <string_view>

namespace sqlite_import::dialect {

/* Nested parentheses, subqueries and the like; deeper text is an error. */
constexpr uint32_t kMaxNesting = 200;
/* Height of an expression tree (SQLite's own SQLITE_MAX_EXPR_DEPTH). */
constexpr uint32_t kMaxHeight = 1000;

/* CREATE TABLE ... as sqlite_schema keeps it. */
CreateTable parse_create_table(std::string_view sql);
/* CREATE VIRTUAL TABLE ... */
CreateVirtualTable parse_create_virtual_table(std::string_view sql);
/* CREATE [UNIQUE] INDEX ... */
CreateIndex parse_create_index(std::string_view sql);
/* CREATE VIEW ... */
CreateView parse_create_view(std::string_view sql);
/* CREATE TRIGGER ... */
CreateTrigger parse_create_trigger(std::string_view sql);
/* One SELECT or VALUES, a semicolon behind it allowed. */
SelectPtr parse_select(std::string_view sql);
/* One expression. */
ExprPtr parse_expression(std::string_view sql);
/*
 * A default as PRAGMA table_xinfo shows it (dflt_value): an expression where a
 * bare or double-quoted name is a string, as in CREATE TABLE.
 */
ExprPtr parse_default(std::string_view sql);

}  // namespace sqlite_import::dialect
