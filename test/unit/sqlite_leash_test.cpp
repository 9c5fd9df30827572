/*
 * What files compute: views are counted before SQLite copies them, values have a limit by the
 * size of the file, and a thread inside SQLite can be left.
 */
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "sqlite/catalog.hpp"
#include "sqlite/database.hpp"
#include "sqlite/leash.hpp"
#include "sqlite/schema_cost.hpp"
#include "sqlite_file.hpp"

using namespace sqlite_import::sqlite;

namespace {

OpenOptions options_for(const std::string& sql) {
    OpenOptions options;
    options.filename = sqlite_file("sqlite_leash_test", sql);
    options.views = true;
    return options;
}

std::string doubling_views(int levels) {
    std::string sql = "CREATE TABLE t(a); CREATE VIEW v0 AS SELECT a FROM t;";
    for (int level = 1; level <= levels; ++level) {
        const std::string before = "v" + std::to_string(level - 1);
        sql += "CREATE VIEW v" + std::to_string(level) + " AS SELECT x.a FROM " + before +
               " x, \"" + before + "\" AS y;";
    }
    return sql;
}

int code_of(const Database& database, const std::string& sql) {
    try {
        database.prepare(sql);
    } catch (const Error& error) {
        return error.code();
    }
    return SQLITE_OK;
}

SchemaCost cost_of(const std::vector<std::pair<std::string, std::string>>& views) {
    SchemaCost cost;
    for (const auto& [name, sql] : views) {
        cost.add("view", name, sql);
    }
    cost.compute();
    return cost;
}

}  // namespace

TEST(SchemaCost, ViewsThatDoubleAreRefusedBeforeTheyAreCompiled) {
    const Database database(options_for(doubling_views(24)));
    const auto began = std::chrono::steady_clock::now();

    EXPECT_EQ(code_of(database, "SELECT * FROM v24"), SQLITE_ERROR);
    EXPECT_EQ(code_of(database, "SELECT * FROM [V24]"), SQLITE_ERROR);
    EXPECT_EQ(code_of(database, "SELECT * FROM v3"), SQLITE_OK);
    EXPECT_EQ(code_of(database, "SELECT * FROM t"), SQLITE_OK);

    const Catalog catalog = read_catalog(database);
    EXPECT_TRUE(catalog.views.front().broken.empty());
    EXPECT_NE(catalog.views.back().broken.find("copies"), std::string::npos)
        << catalog.views.back().broken;
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(SchemaCost, NamesOfColumnsCopyNothing) {
    std::string columns;
    for (int i = 0; i < 1000; ++i) {
        columns += (i > 0 ? ", users.c" : "users.c") + std::to_string(i);
    }
    EXPECT_NO_THROW(cost_of({{"users", "CREATE VIEW users AS SELECT * FROM t"},
                             {"staff", "CREATE VIEW staff AS SELECT " + columns + " FROM users"},
                             {"more", "CREATE VIEW more AS SELECT /* users users */ 1 FROM staff"}})
                        .check("SELECT * FROM more, staff"));
}

TEST(SchemaCost, ViewsInACircleEnd) {
    EXPECT_NO_THROW(cost_of({{"a", "CREATE VIEW a AS SELECT * FROM b"},
                             {"b", "CREATE VIEW b AS SELECT * FROM a"}})
                        .check("SELECT * FROM a"));
}

TEST(SchemaCost, KnowsComputedColumns) {
    const auto generated = [](const std::string& sql) {
        SchemaCost cost;
        cost.add("table", "t", sql);
        return cost.has_generated_columns();
    };
    EXPECT_TRUE(generated("CREATE TABLE t(a, b AS (a + 1))"));
    EXPECT_TRUE(generated("CREATE TABLE t(a, b INT GENERATED ALWAYS aS/* x */ --y\n(a))"));
    EXPECT_FALSE(
        generated("CREATE TABLE t(class TEXT DEFAULT 'as (', \"as\" INT, b CHECK (b > 1))"));
}

/* Stored values are read whatever their length, and what is only computed ends at 16 MB. */
TEST(Limits, TheLengthOfValuesIsTheFiles) {
    const Database small(options_for("CREATE TABLE t(a); INSERT INTO t VALUES (1)"));
    EXPECT_THROW(small.query_text("SELECT zeroblob(20000000) FROM t"), Error);
    EXPECT_EQ(small.query_integer("SELECT length(zeroblob(15000000)) FROM t"), 15000000);

    const Database large(
        options_for("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(a);"
                    "INSERT INTO t VALUES (replace(hex(zeroblob(6000000)), '0', "
                    "char(27700)))"));
    EXPECT_EQ(large.query_text("SELECT a FROM t").size(), 36000000U);
}

/* A call that lasts asks nobody; the thread is left in it, and its connection left alone. */
TEST(Leash, AThreadInsideACallIsLeft) {
    auto* const leash = new Leash; /* of a thread that does not end */
    auto* const database = new Database(options_for("CREATE TABLE t(a)"));
    auto* const statement = new Statement(
        database->prepare("SELECT instr(hex(zeroblob(7000000)), hex(zeroblob(3500000)) || '1')"));
    std::thread([leash, statement] {
        leash->attach();
        statement->step();
        leash->finish();
    }).detach();

    while (!leash->cut()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_FALSE(leash->cut());
    EXPECT_TRUE(is_left_alone(database->handle()));
    EXPECT_TRUE(is_anything_left_alone());
    EXPECT_EQ(code_of(*database, "SELECT 1"), kLeftAlone);
    EXPECT_EQ(try_execute(database->handle(), "SELECT 1"), kLeftAlone);
    EXPECT_FALSE(leash->await_finish(std::chrono::milliseconds(50)));
    delete statement;
    delete database;

    const Database other(options_for("CREATE TABLE t(a)"));
    EXPECT_EQ(other.query_integer("SELECT count(*) FROM t"), 0);
}

TEST(Leash, AThreadThatComesBackIsJoined) {
    Leash leash;
    Database database(options_for("CREATE TABLE t(a)"));
    std::thread thread([&] {
        leash.attach();
        EXPECT_EQ(database.query_integer("SELECT count(*) FROM t"), 0);
        leash.finish();
    });
    while (!leash.await_finish(std::chrono::milliseconds(5))) {
    }
    EXPECT_FALSE(leash.cut());
    thread.join();
    EXPECT_EQ(database.query_integer("SELECT count(*) FROM t"), 0);
}
