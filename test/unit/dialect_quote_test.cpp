/*
 * dialect_quote_test.cpp
 *    Quoting: what is quoted, what is not, and that nothing gets out of its quotes.
 */
#include "dialect/quote.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::dialect;

TEST(Quote, IdentifierIsBareOnlyWhenSafe) {
    EXPECT_EQ(quote_identifier("students"), "students");
    EXPECT_EQ(quote_identifier("_a1"), "_a1");
    EXPECT_EQ(quote_identifier("Students"), "\"Students\"");
    EXPECT_EQ(quote_identifier("1a"), "\"1a\"");
    EXPECT_EQ(quote_identifier("order"), "\"order\"");
    EXPECT_EQ(quote_identifier("name"), "name");                 /* unreserved */
    EXPECT_EQ(quote_identifier("timestamp"), "\"timestamp\"");   /* column name category */
    EXPECT_EQ(quote_identifier("json_table"), "\"json_table\""); /* since 17 */
    EXPECT_EQ(quote_identifier("a\"; drop table x; --"), "\"a\"\"; drop table x; --\"");
    EXPECT_EQ(quote_identifier("straße"), "\"straße\"");
    EXPECT_EQ(quote_identifier("a$b"), "\"a$b\"");
    EXPECT_EQ(quote_identifier(""), "\"\"");
}

TEST(Quote, QualifiedName) {
    EXPECT_EQ(quote_qualified("public", "Order Details"), "public.\"Order Details\"");
    EXPECT_EQ(quote_qualified("", "t"), "t");
    EXPECT_EQ(quote_qualified("a.b", "c.d"), "\"a.b\".\"c.d\"");
}

TEST(Quote, Literal) {
    EXPECT_EQ(quote_literal("it's"), "'it''s'");
    EXPECT_EQ(quote_literal("a\\'b"), "E'a\\\\''b'");
    EXPECT_EQ(quote_literal(""), "''");
    EXPECT_EQ(quote_bytea(std::string_view("\x00\xff", 2)), "E'\\\\x00ff'::bytea");
}

TEST(Quote, SqliteSideAlwaysQuotes) {
    EXPECT_EQ(quote_sqlite_identifier("a"), "\"a\"");
    EXPECT_EQ(quote_sqlite_identifier("a\"b"), "\"a\"\"b\"");
    EXPECT_EQ(quote_sqlite_literal("it's \\ here"), "'it''s \\ here'");
}

}  // namespace
