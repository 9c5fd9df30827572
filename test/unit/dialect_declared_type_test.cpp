/*
 * dialect_declared_type_test.cpp
 *    Every kind of declared type gets a PostgreSQL type, and no text of it gets out.
 */
#include "dialect/declared_type.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::dialect;

std::string pg(std::string_view declared) {
    return resolve_declared_type(declared).pg_type;
}

std::string declared_integer(std::string_view declared) {
    TypeOptions options;
    options.integers = sqlite_import::values::IntegerType::Integer;
    return resolve_declared_type(declared, options).pg_type;
}

/* The examples of www.sqlite.org/datatype3.html, 3.1.1, and its traps. */
TEST(Affinity, FiveRulesInOrder) {
    EXPECT_EQ(affinity_of("UNSIGNED BIG INT"), Affinity::Integer);
    EXPECT_EQ(affinity_of("CHARINT"), Affinity::Integer);
    EXPECT_EQ(affinity_of("FLOATING POINT"), Affinity::Integer);
    EXPECT_EQ(affinity_of("NATIVE CHARACTER(70)"), Affinity::Text);
    EXPECT_EQ(affinity_of("clob"), Affinity::Text);
    EXPECT_EQ(affinity_of(""), Affinity::Blob);
    EXPECT_EQ(affinity_of("BLOB"), Affinity::Blob);
    EXPECT_EQ(affinity_of("DOUBLE PRECISION"), Affinity::Real);
    EXPECT_EQ(affinity_of("DECIMAL(10,5)"), Affinity::Numeric);
    EXPECT_EQ(affinity_of("STRING"), Affinity::Numeric);
    EXPECT_EQ(affinity_of("ANY"), Affinity::Numeric);
    EXPECT_EQ(strict_affinity_of("ANY"), Affinity::Blob);
}

TEST(DeclaredType, IntegersAreBigintByDefault) {
    for (const char* name :
         {"INTEGER", "int", "INT(11)", "INT2", "INT4", "INT8", "TINYINT", "SMALLINT", "MEDIUMINT",
          "BIGINT", "UNSIGNED BIG INT", "BIGINT UNSIGNED", "INTEGER(8)", "LONG", "SERIAL",
          "int unsigned", "my_int_type"}) {
        EXPECT_EQ(pg(name), "bigint") << name;
    }
    EXPECT_EQ(declared_integer("SMALLINT"), "smallint");
    EXPECT_EQ(declared_integer("INTEGER"), "integer");
    EXPECT_EQ(declared_integer("INT UNSIGNED"), "bigint");
    EXPECT_EQ(declared_integer("SMALLINT UNSIGNED"), "integer");
    EXPECT_EQ(declared_integer("BIGINT"), "bigint");
}

TEST(DeclaredType, KnownNames) {
    EXPECT_EQ(pg("BOOLEAN"), "boolean");
    EXPECT_EQ(pg("tinyint(1)"), "boolean");
    EXPECT_EQ(pg("VARCHAR(40)"), "character varying(40)");
    EXPECT_EQ(pg("NVARCHAR ( 160 )"), "character varying(160)");
    EXPECT_EQ(pg("character varying(5)"), "character varying(5)");
    EXPECT_EQ(pg("CHAR(2)"), "character varying(2)");
    EXPECT_EQ(pg("CHAR"), "text");
    EXPECT_EQ(pg("VARCHAR"), "character varying");
    EXPECT_EQ(pg("TEXT(200)"), "text");
    EXPECT_EQ(pg("CLOB"), "text");
    EXPECT_EQ(pg("REAL"), "double precision");
    EXPECT_EQ(pg("FLOAT(24)"), "double precision");
    EXPECT_EQ(pg("NUMERIC(10,2)"), "numeric(10,2)");
    EXPECT_EQ(pg("DECIMAL(10)"), "numeric(10,0)");
    EXPECT_EQ(pg("DATE"), "date");
    EXPECT_EQ(pg("DATETIME(6)"), "timestamp without time zone");
    EXPECT_EQ(pg("timestamp with time zone"), "timestamp with time zone");
    EXPECT_EQ(pg("GUID"), "uuid");
    EXPECT_EQ(pg("JSON"), "json");
    EXPECT_EQ(pg("JSONB"), "jsonb");
    EXPECT_EQ(pg("VARBINARY(16)"), "bytea");
    EXPECT_EQ(pg("INTERVAL"), "text");
    EXPECT_EQ(pg("TEXT[]"), "text");
    EXPECT_EQ(pg("STRING"), "text");
    EXPECT_EQ(resolve_declared_type("").kind, TypeKind::Untyped);
    EXPECT_EQ(resolve_declared_type("any").kind, TypeKind::Untyped);
}

TEST(DeclaredType, ImpossibleModifiersAreLeftOff) {
    EXPECT_EQ(pg("VARCHAR(0)"), "character varying");
    EXPECT_EQ(pg("VARCHAR(99999999999999999999)"), "character varying");
    EXPECT_EQ(pg("DECIMAL(2,10)"), "numeric");
    EXPECT_EQ(pg("DECIMAL(-5,2)"), "numeric");
    EXPECT_EQ(pg("NUMERIC(2000,2)"), "numeric");
    EXPECT_EQ(pg("VARCHAR(1,2,3)"), "character varying");
    EXPECT_EQ(pg("VARCHAR("), "character varying");
    EXPECT_EQ(pg("()"), "text");
}

/* Nothing of the declared text may reach the answer's SQL. */
TEST(DeclaredType, HostileTextFollowsItsAffinity) {
    EXPECT_EQ(pg("text); drop table x; --"), "text");
    EXPECT_EQ(pg("foo\"; drop table x"), "numeric");
    EXPECT_EQ(pg("integer primary key'"), "bigint");
    EXPECT_EQ(resolve_declared_type("whatever").rule, "NUMERIC affinity");
    EXPECT_EQ(resolve_declared_type("varchar(3)").rule, "known name VARCHAR");
}

TEST(DeclaredType, PgTypeNamesComeBack) {
    EXPECT_EQ(kind_of_pg_type("character varying(40)"), TypeKind::Varchar);
    EXPECT_EQ(kind_of_pg_type("timestamp(3) without time zone"), TypeKind::Timestamp);
    EXPECT_EQ(kind_of_pg_type("numeric(10,2)"), TypeKind::Numeric);
    EXPECT_EQ(kind_of_pg_type("text"), TypeKind::Text);
    EXPECT_FALSE(kind_of_pg_type("hstore").has_value());
    for (int i = static_cast<int>(TypeKind::Bool); i <= static_cast<int>(TypeKind::Macaddr8); ++i) {
        const auto kind = static_cast<TypeKind>(i);
        EXPECT_EQ(kind_of_pg_type(kind_name(kind)), kind);
    }
}

}  // namespace
