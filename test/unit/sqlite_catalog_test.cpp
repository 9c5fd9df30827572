/*
 * Opening files and reading their catalog: each thing that the catalog decides,
 * on schemas made by SQLite itself.
 */
#include <gtest/gtest.h>

#include <fstream>

#include "sqlite/catalog.hpp"
#include "sqlite/database.hpp"
#include "sqlite_file.hpp"

using namespace sqlite_import::sqlite;

namespace {

std::string file_with(const std::string& sql) {
    return sqlite_file("sqlite_catalog_test ?#%", sql);
}

Database open_file(const std::string& path) {
    OpenOptions options;
    options.filename = path;
    options.views = true;
    return Database(options);
}

Catalog catalog_of(const std::string& sql) {
    return read_catalog(open_file(file_with(sql)));
}

int error_code(const std::string& path) {
    try {
        open_file(path);
    } catch (const Error& error) {
        return error.code() & 0xff;
    }
    return SQLITE_OK;
}

int interrupt_at_once(void*) noexcept {
    return 1;
}

/* How many tens of steps SQLite's machine does for reading the catalog of that many tables: a
 * measure of the work that no clock and no other program disturbs. */
int steps_to_read(int tables) {
    std::string sql = "BEGIN;";
    for (int i = 0; i < tables; ++i) {
        const std::string name = "t" + std::to_string(i);
        sql += "CREATE TABLE " + name + "(a INTEGER PRIMARY KEY, b TEXT UNIQUE);";
        sql += "CREATE INDEX " + name + "_b ON " + name + "(b);";
    }
    const Database database = open_file(file_with(sql + "COMMIT;"));
    int steps = 0;
    sqlite3_progress_handler(
        database.handle(), 10, [](void* count) { return ++*static_cast<int*>(count) == 0 ? 1 : 0; },
        &steps);
    EXPECT_EQ(read_catalog(database).tables.size(), static_cast<size_t>(tables));
    return steps;
}

}  // namespace

TEST(Catalog, CostsInProportionToItsTables) {
    EXPECT_LT(steps_to_read(1200), 5 * steps_to_read(300));
}

TEST(Catalog, AViewThatCallsJsonIsNotBroken) {
    const Database database = open_file(file_with(
        "CREATE TABLE t(a); CREATE VIEW v AS SELECT json_extract(a, '$.b') AS b, a -> 'c' "
        "AS c FROM t; CREATE VIEW w AS SELECT load_extension(a) FROM t;"));
    const Catalog catalog = read_catalog(database);
    ASSERT_EQ(catalog.views.size(), 2u);
    EXPECT_EQ(catalog.views[0].broken, "");
    EXPECT_EQ(catalog.views[0].columns.size(), 2u);
    EXPECT_THROW(database.query_integer("SELECT 1 FROM w"), Error);
}

TEST(Open, DoublesHaveTheSameTextWithEverySqlite) {
    const Database database = open_file(file_with("CREATE TABLE t(a)"));
    EXPECT_EQ(database.query_integer("SELECT CAST(0.1 + 0.2 AS TEXT) = '0.3'"), 1);
}

TEST(Database, PathsAreNoUris) {
    /* the name of the test's own file holds the characters that mean something in a URI */
    EXPECT_EQ(catalog_of("CREATE TABLE t(a)").tables.size(), 1U);
    EXPECT_EQ(error_code("/no/such/file.db?vfs=memdb"), SQLITE_CANTOPEN);
}

TEST(Database, IsReadOnlyAndDefensive) {
    const Database database = open_file(file_with("CREATE TABLE t(a)"));
    EXPECT_THROW(database.execute("INSERT INTO t VALUES (1)"), Error);
    EXPECT_THROW(database.execute("ATTACH ':memory:' AS other"), Error);
    EXPECT_THROW(database.query_text("SELECT load_extension('x')"), Error);
    EXPECT_EQ(database.query_integer("PRAGMA cell_size_check"), 1);
}

TEST(Database, RefusesWhatIsNoDatabase) {
    const std::string path = testing::TempDir() + "not_a_database " + std::to_string(getpid());
    std::ofstream(path) << std::string(4096, 'x');
    EXPECT_EQ(error_code(path), SQLITE_NOTADB);
    EXPECT_EQ(error_code(testing::TempDir() + "absent"), SQLITE_CANTOPEN);
}

TEST(Database, StopsWhenInterrupted) {
    OpenOptions options;
    options.filename = file_with(
        "CREATE TABLE t(a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i "
        "< 100000) INSERT INTO t SELECT i FROM n");
    options.interrupted = interrupt_at_once;
    const Database database(options);
    try {
        database.query_integer("SELECT sum(a) FROM t");
        FAIL() << "not interrupted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), SQLITE_INTERRUPT);
    }
}

TEST(Statement, GivesBytesWithNulAndBlobs) {
    const Database database = open_file(file_with("CREATE TABLE t(a)"));
    Statement statement =
        database.prepare("SELECT CAST(x'610062' AS TEXT), x'00FF', NULL, 7, 2.5, ?1");
    statement.bind_integer(1, -9);
    ASSERT_TRUE(statement.step());
    EXPECT_EQ(statement.bytes(0), std::string_view("a\0b", 3));
    EXPECT_EQ(statement.bytes(1), std::string_view("\0\xFF", 2));
    EXPECT_TRUE(statement.is_null(2));
    EXPECT_EQ(statement.storage_class(3), StorageClass::Integer);
    EXPECT_EQ(statement.real(4), 2.5);
    EXPECT_EQ(statement.integer(5), -9);
    EXPECT_FALSE(statement.step());
}

TEST(Catalog, ReadsColumnsAsDeclared) {
    const Catalog catalog = catalog_of(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a VARCHAR(9) NOT NULL DEFAULT 'x' "
        "COLLATE NOCASE, b, c AS (a || '!'), d INT AS (id + 1) STORED)");
    const Table& table = catalog.tables.at(0);
    ASSERT_EQ(table.columns.size(), 5U);
    EXPECT_EQ(table.rowid_alias, 0U);
    EXPECT_TRUE(table.autoincrement);
    EXPECT_EQ(table.columns[1].declared_type, "VARCHAR(9)");
    EXPECT_TRUE(table.columns[1].not_null);
    EXPECT_EQ(table.columns[1].default_sql, "'x'");
    EXPECT_EQ(table.columns[1].collation, "NOCASE");
    EXPECT_EQ(table.columns[2].declared_type, "");
    EXPECT_EQ(table.columns[3].kind, ColumnKind::GeneratedVirtual);
    EXPECT_EQ(table.columns[4].kind, ColumnKind::GeneratedStored);
}

TEST(Catalog, TellsTheRowidFromOtherKeys) {
    const Catalog catalog = catalog_of(
        "CREATE TABLE a(id INT PRIMARY KEY); CREATE TABLE b(id INTEGER PRIMARY KEY DESC);"
        "CREATE TABLE c(id INTEGER PRIMARY KEY) WITHOUT ROWID;"
        "CREATE TABLE d(x INTEGER, y INTEGER, PRIMARY KEY(y, x));"
        "CREATE TABLE e(rowid TEXT, oid TEXT); CREATE TABLE f(rowid, oid, _rowid_);"
        "CREATE TABLE g(id INTEGER, PRIMARY KEY(id)) STRICT");
    EXPECT_FALSE(catalog.find_table("a")->rowid_alias.has_value());
    EXPECT_FALSE(catalog.find_table("b")->rowid_alias.has_value());
    EXPECT_FALSE(catalog.find_table("c")->rowid_alias.has_value());
    EXPECT_TRUE(catalog.find_table("c")->without_rowid);
    EXPECT_FALSE(catalog.find_table("c")->rowid_name().has_value());
    EXPECT_EQ(catalog.find_table("d")->primary_key(), (std::vector<std::string>{"y", "x"}));
    EXPECT_EQ(catalog.find_table("e")->rowid_name(), "_rowid_");
    EXPECT_FALSE(catalog.find_table("f")->rowid_name().has_value());
    EXPECT_EQ(catalog.find_table("G")->rowid_alias, 0U);
    EXPECT_TRUE(catalog.find_table("g")->strict);
}

TEST(Catalog, KeepsTheOrderOfKeysAndIndexes) {
    const Catalog catalog = catalog_of(
        "CREATE TABLE p(a UNIQUE, b, UNIQUE(b, a));"
        "CREATE TABLE c(x REFERENCES p(a) ON DELETE CASCADE, y, z, FOREIGN KEY(y, z) REFERENCES "
        "p(b, a) ON UPDATE SET NULL, FOREIGN KEY(z) REFERENCES p);"
        "CREATE INDEX i ON c(y DESC, lower(z)); CREATE UNIQUE INDEX j ON c(z) WHERE y > 0");
    const Table* parent = catalog.find_table("p");
    ASSERT_EQ(parent->indexes.size(), 2U);
    EXPECT_EQ(parent->indexes[0].columns.size(), 1U);
    EXPECT_EQ(parent->indexes[1].origin, IndexOrigin::UniqueConstraint);
    const Table* child = catalog.find_table("c");
    ASSERT_EQ(child->foreign_keys.size(), 3U);
    EXPECT_EQ(child->foreign_keys[0].on_delete, "CASCADE");
    EXPECT_EQ(child->foreign_keys[1].child_columns, (std::vector<std::string>{"y", "z"}));
    EXPECT_EQ(child->foreign_keys[1].on_update, "SET NULL");
    EXPECT_TRUE(child->foreign_keys[2].parent_columns.empty());
    ASSERT_EQ(child->indexes.size(), 2U);
    EXPECT_TRUE(child->indexes[0].has_expression());
    EXPECT_TRUE(child->indexes[0].columns[0].descending);
    EXPECT_TRUE(child->indexes[1].partial);
}

TEST(Catalog, KnowsVirtualAndShadowTables) {
    const Catalog catalog = catalog_of(
        "CREATE VIRTUAL TABLE f USING fts5(a, b); CREATE TABLE sqliteish(a); CREATE TABLE "
        "\"index\"(a)");
    EXPECT_EQ(catalog.find_table("f")->kind, TableKind::Virtual);
    EXPECT_EQ(catalog.find_table("f")->module, "fts5");
    EXPECT_EQ(catalog.find_table("f_data")->kind, TableKind::Shadow);
    EXPECT_EQ(catalog.find_table("sqliteish")->kind, TableKind::Ordinary);
    EXPECT_EQ(catalog.find_table("INDEX")->columns.size(), 1U);
}

TEST(Catalog, OneBrokenObjectDoesNotStopTheRest) {
    const Catalog catalog = catalog_of(
        "CREATE TABLE t(a); CREATE VIEW good AS SELECT a AS x FROM t; CREATE VIEW bad AS "
        "SELECT no_such(a) FROM t");
    ASSERT_EQ(catalog.views.size(), 2U);
    EXPECT_EQ(catalog.views[0].columns.at(0).name, "x");
    EXPECT_NE(catalog.views[1].broken.find("no_such"), std::string::npos);
}

TEST(Catalog, ReadsSequencesAndEstimates) {
    const Catalog catalog = catalog_of(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, v); CREATE INDEX i ON t(v);"
        "INSERT INTO t(v) VALUES (1), (2), (3); DELETE FROM t WHERE id = 3; ANALYZE");
    EXPECT_EQ(catalog.tables.at(0).sequence, 3);
    EXPECT_EQ(catalog.tables.at(0).estimated_rows, 2);
    EXPECT_EQ(catalog.tables.size(), 1U);
}

TEST(Catalog, ReadsUtf16) {
    const Catalog catalog = catalog_of("PRAGMA encoding = 'UTF-16le'; CREATE TABLE \"été\"(\"ü\")");
    EXPECT_EQ(catalog.encoding, "UTF-16le");
    EXPECT_EQ(catalog.tables.at(0).name, "été");
}

TEST(Names, AreComparedInAsciiOnly) {
    EXPECT_TRUE(names_equal("ABC", "abc"));
    EXPECT_FALSE(names_equal("É", "é"));
    EXPECT_EQ(fold_name("AbÉ"), "abÉ");
}
