/*
 * The decision of types => 'checked', from a declared type and rows in a real SQLite table to a
 * type, so that the profile is tested with it.
 */
#include "plan/checked_type.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "sqlite/database.hpp"

namespace sqlite_import::plan {
namespace {

/* A SQLite file of one table t(id INTEGER PRIMARY KEY, v <declared>), removed at the end. */
class Fixture {
  public:
    Fixture(const std::string& declared, const std::string& values) {
        char name[] = "/tmp/checked_type_XXXXXX";
        close(mkstemp(name));
        path_ = name;
        sqlite3* connection = nullptr;
        sqlite3_open(name, &connection);
        const std::string sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, v " + declared +
                                "); INSERT INTO t(v) VALUES " + values;
        EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(connection);
        sqlite3_close(connection);
    }
    ~Fixture() { unlink(path_.c_str()); }
    Fixture(const Fixture&) = delete;
    Fixture& operator=(const Fixture&) = delete;

    sqlite::Database open() const {
        sqlite::OpenOptions options;
        options.filename = path_;
        return sqlite::Database(options);
    }

  private:
    std::string path_;
};

CheckedType check(const std::string& declared, const std::string& values,
                  values::IntegerType integers = values::IntegerType::Bigint) {
    const Fixture fixture(declared, values);
    const sqlite::Database database = fixture.open();
    const sqlite::Catalog catalog = sqlite::read_catalog(database);
    const sqlite::Table& table = catalog.tables.at(0);
    dialect::TypeOptions options;
    options.integers = integers;
    std::vector<dialect::ResolvedType> types;
    for (const sqlite::Column& column : table.columns) {
        types.push_back(dialect::resolve_declared_type(column.declared_type, options));
    }
    const auto requests = profile_requests(table, types);
    const auto profiles = sqlite::profile_table(database, table, requests);
    return checked_type(types.at(1), profiles.back());
}

std::string type_of(const std::string& declared, const std::string& values) {
    const CheckedType answer = check(declared, values);
    return answer.from == sqlite_import::values::From::Auto
               ? answer.type.pg_type
               : answer.type.pg_type + " from " + sqlite_import::values::from_name(answer.from);
}

TEST(CheckedType, KeepsADeclaredTypeThatFits) {
    EXPECT_EQ(type_of("INTEGER", "(1), (NULL), (-5)"), "bigint");
    EXPECT_EQ(type_of("VARCHAR(5)", "('grüße')"), "character varying(5)");
    EXPECT_EQ(type_of("DECIMAL(5,2)", "(1.25), (999)"), "numeric(5,2)");
    EXPECT_EQ(type_of("BOOLEAN", "(0), (1), ('true')"), "boolean");
    EXPECT_EQ(type_of("DATETIME", "('2024-01-01 10:00:00'), ('2024-01-01')"),
              "timestamp without time zone");
    EXPECT_FALSE(check("DATE", "('2024-01-01')").changed);
    EXPECT_EQ(type_of("BLOB", "(x'00'), ('text')"), "bytea");
    EXPECT_EQ(
        type_of("UUID",
                "('550e8400e29b41d4a716446655440000'), (x'00112233445546998899aabbccddeeff')"),
        "uuid from uuid_bytes");
    EXPECT_EQ(type_of("JSON", "('{}'), (7)"), "json");
    EXPECT_EQ(type_of("TIMESTAMP", "(NULL)"), "timestamp without time zone");
}

TEST(CheckedType, AUuidsVersionTellsTheOrderOfItsBytes) {
    const auto order = [](const char* values) { return check("UUID", values).from; };
    EXPECT_EQ(order("(x'00112233445546998899aabbccddeeff')"), values::From::UuidBytes);
    EXPECT_EQ(order("(x'33221100554499468899aabbccddeeff')"), values::From::DotnetGuid);
    EXPECT_EQ(order("(x'00112233445546118899aabbccddeeff'), (x'001122334455462f8899aabbccddeeff')"),
              values::From::UuidBytes);
    EXPECT_EQ(type_of("UUID", "(x'00112233445544448899aabbccddeeff')"), "bytea");
    EXPECT_EQ(type_of("UUID", "(x'00000000000000000000000000000000')"), "bytea");
}

TEST(CheckedType, IntegersAreWidened) {
    EXPECT_EQ(type_of("INTEGER", "(1), ('n/a')"), "text");
    EXPECT_EQ(type_of("INTEGER", "(1), (2.5)"), "double precision");
    EXPECT_EQ(type_of("INTEGER", "(9007199254740993), (2.5)"), "numeric");
    EXPECT_EQ(type_of("INTEGER", "(1), (x'00')"), "bytea from utf8");
    EXPECT_EQ(check("INT", "(3000592982016)", values::IntegerType::Integer).type.pg_type, "bigint");
    EXPECT_EQ(check("INT", "(2147483647)", values::IntegerType::Integer).type.pg_type, "integer");
}

TEST(CheckedType, ReasonsNameRows) {
    const CheckedType answer = check("INTEGER", "(1), (2), ('n/a')");
    EXPECT_TRUE(answer.changed);
    EXPECT_EQ(answer.reason, "1 of 3 values: text (rowid 3)");
    EXPECT_FALSE(answer.suggestion.empty());
}

TEST(CheckedType, BooleansWithTwoAreNumbers) {
    EXPECT_EQ(type_of("BOOLEAN", "(0), (2)"), "bigint");
    EXPECT_EQ(type_of("BOOLEAN", "(0), ('maybe')"), "text");
}

TEST(CheckedType, NumbersAreExact) {
    EXPECT_EQ(type_of("DECIMAL(5,2)", "(1.255)"), "numeric");
    EXPECT_EQ(type_of("DECIMAL(5,2)", "(1000)"), "numeric");
    EXPECT_EQ(type_of("NUMERIC", "('abc')"), "text");
    EXPECT_EQ(type_of("REAL", "(1.5), ('x')"), "text");
}

TEST(CheckedType, LongTextsAreText) {
    EXPECT_EQ(type_of("VARCHAR(3)", "('abcd')"), "text");
    EXPECT_EQ(type_of("TEXT", "('a'), (x'ff')"), "bytea");
}

TEST(CheckedType, EpochUnitsByMagnitude) {
    EXPECT_EQ(type_of("DATETIME", "(1627303906), (0)"), "timestamp without time zone from unix_s");
    EXPECT_EQ(type_of("DATETIME", "(1627303906122)"), "timestamp without time zone from unix_ms");
    EXPECT_EQ(type_of("TIMESTAMPTZ", "(1627303906122000)"),
              "timestamp with time zone from unix_us");
    EXPECT_EQ(type_of("DATE", "(1627257600)"), "date from unix_s");
    EXPECT_EQ(type_of("DATE", "(1627303906)"), "timestamp without time zone from unix_s");
    EXPECT_EQ(type_of("DATETIME", "(2459422.02)"), "timestamp without time zone from julian");
    EXPECT_EQ(type_of("DATETIME", "(1627303906), (1627303906122)"), "bigint");
    EXPECT_EQ(type_of("DATE", "(1997), (2005)"), "bigint");
    EXPECT_EQ(type_of("DATETIME", "(0)"), "bigint");
}

TEST(CheckedType, MixedDatesAreText) {
    EXPECT_EQ(type_of("DATETIME", "('2024-01-01 10:00:00'), (1627303906)"), "text");
    EXPECT_EQ(type_of("DATETIME", "('2024-01-01 10:00:00'), ('2024-01-01 10:00:00+02')"), "text");
    EXPECT_EQ(type_of("DATETIME", "('2024-01-01 10:00:00'), ('')"), "text");
    EXPECT_EQ(type_of("DATETIME", "('0000-00-00 00:00:00')"), "text");
    EXPECT_EQ(type_of("DATETIME", "('2024-01-01 10:00:00.123456789')"), "text");
    EXPECT_EQ(type_of("DATETIME", "('01.02.2024')"), "text");
}

TEST(CheckedType, OffsetsAndTimesOfDayWiden) {
    EXPECT_EQ(type_of("DATETIME", "('2024-01-01T10:00:00Z'), ('2024-01-01 10:00:00+02')"),
              "timestamp with time zone");
    EXPECT_EQ(type_of("DATE", "('2024-01-01'), ('2024-01-01 10:00:00')"),
              "timestamp without time zone");
    EXPECT_EQ(type_of("DATE", "('2024-01-01 00:00:00')"), "date");
    EXPECT_EQ(type_of("TIME", "('10:00')"), "time without time zone");
    EXPECT_EQ(type_of("TIME", "('2024-01-01 10:00')"), "text");
}

TEST(CheckedType, UntypedColumnsFollowTheirValues) {
    EXPECT_EQ(type_of("", "(1)"), "bigint");
    EXPECT_EQ(type_of("", "(1), (1.5)"), "double precision");
    EXPECT_EQ(type_of("", "(9007199254740993), (1.5)"), "numeric");
    EXPECT_EQ(type_of("", "(1), ('a')"), "text");
    EXPECT_EQ(type_of("", "('a'), (x'00')"), "bytea");
    EXPECT_EQ(type_of("", "(NULL)"), "text");
}

TEST(CheckedType, JsonIsReadStrictly) {
    EXPECT_EQ(type_of("JSONB", "('{\"a\":1}')"), "jsonb");
    EXPECT_EQ(type_of("JSONB", "('\"\\u0000\"')"), "json");
    EXPECT_EQ(type_of("JSON", "('{a:1}')"), "text");
    EXPECT_EQ(type_of("JSON", "('')"), "text");
}

}  // namespace
}  // namespace sqlite_import::plan
