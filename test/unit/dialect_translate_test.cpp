/*
 * dialect_translate_test.cpp
 *    What expressions, defaults, indexes and queries become, and what is refused.
 *
 * That the results are equal is shown by test/differential on a server; this
 * test keeps the texts readable and the refusals precise.
 */
#include "dialect/parse.hpp"
#include "dialect/translate.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::dialect;

ColumnInfo make_column(const std::string& name, const std::string& pg_type, Affinity affinity,
                       bool not_null = false) {
    ColumnInfo column;
    column.name = name;
    column.target = name;
    column.pg_type = pg_type;
    column.kind = kind_of_pg_type(pg_type).value();
    column.affinity = affinity;
    column.not_null = not_null;
    return column;
}

TableInfo items() {
    TableInfo table;
    table.name = "items";
    table.target_schema = "app";
    table.target = "items";
    table.rowid_column = 0;
    table.columns = {
        make_column("id", "bigint", Affinity::Integer, true),
        make_column("name", "text", Affinity::Text),
        make_column("price", "numeric(10,2)", Affinity::Numeric),
        make_column("weight", "double precision", Affinity::Real),
        make_column("active", "boolean", Affinity::Numeric),
        make_column("made", "timestamp without time zone", Affinity::Numeric),
        make_column("day", "date", Affinity::Numeric),
        make_column("key", "uuid", Affinity::Numeric),
        make_column("doc", "json", Affinity::Numeric),
        make_column("data", "bytea", Affinity::Blob),
        make_column("short", "character varying(3)", Affinity::Text),
    };
    ColumnInfo nocase = make_column("nick", "text", Affinity::Text);
    nocase.collation = "NOCASE";
    table.columns.push_back(nocase);
    return table;
}

std::string text_of(const Translation& translation) {
    return translation.ok ? translation.sql : "refused: " + translation.reason;
}

std::string check(const std::string& sql) {
    return text_of(translate_check(*parse_expression(sql), items()));
}

std::string default_of(const std::string& column, const std::string& sql) {
    const TableInfo table = items();
    return text_of(translate_default(*parse_default(sql), *table.find_column(column)));
}

std::string index_of(const std::string& sql) {
    const IndexTranslation index = translate_index(parse_create_index(sql), items());
    return text_of(index) + (index.where.empty() ? "" : " WHERE " + index.where);
}

std::string query(const std::string& sql) {
    SchemaInfo schema;
    schema.add(items());
    return text_of(translate_query(*parse_select(sql), schema));
}

bool refused(const std::string& outcome) {
    return outcome.rfind("refused: ", 0) == 0;
}

TEST(TranslateCheck, ConditionsReadAsTheyWere) {
    EXPECT_EQ(check("price >= 0"), "price >= 0");
    EXPECT_EQ(check("[price]>=(0) AND [price]<=(1)"), "price >= 0 AND price <= 1");
    EXPECT_EQ(check("name IN ('a', 'b')"), "name IN ('a', 'b')");
    EXPECT_EQ(check("name <> \"x\""), "name <> 'x'");
    EXPECT_EQ(check("active IN (0, 1)"), "active IN (false, true)");
    EXPECT_EQ(check("active"), "active");
    EXPECT_EQ(check("length(name) > 0"), "length(name) > 0");
    EXPECT_EQ(check("id == 1 OR name ISNULL"), "id = 1 OR name IS NULL");
    EXPECT_EQ(check("id BETWEEN 1 AND 5"), "id BETWEEN 1 AND 5");
}

TEST(TranslateCheck, ComparisonFollowsAffinity) {
    EXPECT_EQ(check("id = '5'"), "id = 5");
    EXPECT_EQ(check("name = 5"), "name = '5'");
    EXPECT_EQ(check("id < 'abc'"), "true");
    EXPECT_EQ(check("price = 'abc'"), "(CASE WHEN price IS NOT NULL THEN false END)");
    EXPECT_EQ(check("id IS NOT NULL"), "id IS NOT NULL");
    EXPECT_EQ(check("name IS NOT 'a'"), "name IS DISTINCT FROM 'a'");
    EXPECT_EQ(check("name < 'b'"), "(name COLLATE \"C\") < 'b'");
    EXPECT_EQ(check("nick = 'Bob'"), "lower(nick COLLATE \"C\") = 'bob'");
    EXPECT_EQ(check("made > '2020-01-01'"), "made > '2020-01-01'::timestamp without time zone");
    EXPECT_EQ(check("key = 'A0EEBC999C0B4EF8BB6D6BB9BD380A11'"),
              "key = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid");
    EXPECT_TRUE(refused(check("made > 'tomorrow'")));
}

TEST(TranslateCheck, OperatorsKeepTheirMeaning) {
    EXPECT_EQ(check("id / 2 > 1"), "(id / 2) > 1");
    EXPECT_EQ(check("id % id"), "(id % nullif(id, 0)) <> 0");
    EXPECT_EQ(check("name LIKE 'a%'"), "(name COLLATE \"C\") ILIKE 'a%'");
    EXPECT_EQ(check("name LIKE '%\\%'"), "name LIKE E'%\\\\%' ESCAPE ''");
    EXPECT_EQ(check("name GLOB 'a*_'"), "name LIKE E'a%\\\\_'");
    EXPECT_EQ(check("name GLOB '[a-c]*'"), "(name COLLATE \"C\") ~ '^(?:[a-c].*)$'");
    EXPECT_TRUE(refused(check("name REGEXP 'a'")));
    EXPECT_TRUE(refused(check("name MATCH 'a'")));
    EXPECT_TRUE(refused(check("id IN (SELECT 1)")));
    EXPECT_TRUE(refused(check("my_function(id)")));
    EXPECT_TRUE(refused(check("absent = 1")));
    EXPECT_TRUE(refused(check("price * 2 / 3 = 1")));
}

/* Forms that repeat their operands must not let a nested text explode. */
TEST(TranslateCheck, LengthIsBounded) {
    std::string months = "date(made";
    for (int i = 0; i < 60; ++i) {
        months += ", '+1 month'";
    }
    EXPECT_TRUE(refused(check(months + ") > '2020-01-01'")));
    std::string nested = "name";
    for (int i = 0; i < 60; ++i) {
        nested.insert(0, "substr(");
        nested += ", -3)";
    }
    EXPECT_TRUE(refused(check(nested + " = 'a'")));
    std::string sum = "id";
    for (int i = 0; i < 900; ++i) {
        sum += " + 1";
    }
    EXPECT_FALSE(refused(check(sum + " > 5")));
}

TEST(TranslateCheck, JsonValid) {
    EXPECT_EQ(check("json_valid(doc) OR doc IS NULL"),
              "CASE WHEN doc IS NOT NULL THEN true END OR doc IS NULL");
    EXPECT_EQ(check("json_valid(name) OR name IS NULL"),
              "CASE WHEN name IS NOT NULL THEN name::json IS NOT NULL END OR name IS NULL");
    EXPECT_TRUE(refused(check("NOT json_valid(name)")));
    TranslateOptions newer;
    newer.server_major = 16;
    EXPECT_EQ(text_of(translate_check(*parse_expression("json_valid(name)"), items(), newer)),
              "name IS JSON");
}

TEST(TranslateDefault, LiteralsOfEveryKind) {
    EXPECT_EQ(default_of("id", "'0'"), "0");
    EXPECT_EQ(default_of("id", "-1"), "-1");
    EXPECT_EQ(default_of("name", "0"), "'0'");
    EXPECT_EQ(default_of("name", "\"dq\""), "'dq'");
    EXPECT_EQ(default_of("name", "null"), "NULL");
    EXPECT_EQ(default_of("active", "'1'"), "true");
    EXPECT_EQ(default_of("active", "false"), "false");
    EXPECT_EQ(default_of("price", "0.0"), "0.0");
    EXPECT_EQ(default_of("weight", "1"), "1");
    EXPECT_EQ(default_of("day", "'2020-01-31'"), "'2020-01-31'::date");
    EXPECT_EQ(default_of("doc", "'{}'"), "'{}'::json");
    EXPECT_EQ(default_of("data", "x'00ff'"), "E'\\\\x00ff'::bytea");
    EXPECT_TRUE(refused(default_of("made", "'0000-00-00 00:00:00'")));
    EXPECT_TRUE(refused(default_of("id", "'abc'")));
    EXPECT_TRUE(refused(default_of("short", "'abcd'")));
    EXPECT_TRUE(refused(default_of("active", "2")));
    EXPECT_TRUE(refused(default_of("doc", "'{'")));
}

TEST(TranslateDefault, Clocks) {
    const std::string now = "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')";
    EXPECT_EQ(default_of("made", "CURRENT_TIMESTAMP"), "date_trunc('second', " + now + ")");
    EXPECT_EQ(default_of("made", "datetime('now')"), "date_trunc('second', " + now + ")");
    EXPECT_EQ(default_of("day", "current_date"), now + "::date");
    EXPECT_EQ(default_of("name", "datetime('now')"),
              "to_char(date_trunc('second', " + now + "), 'YYYY-MM-DD HH24:MI:SS')");
    EXPECT_EQ(default_of("id", "strftime('%s', 'now')"),
              "floor(extract(epoch from " + now + "))::bigint");
    EXPECT_EQ(default_of("key", "lower(hex(randomblob(16)))"), "gen_random_uuid()");
}

TEST(TranslateIndex, Terms) {
    EXPECT_EQ(index_of("CREATE INDEX i ON items(name, id DESC)"), "name, id DESC");
    EXPECT_EQ(index_of("CREATE INDEX i ON items(nick)"), "(lower(nick COLLATE \"C\"))");
    EXPECT_EQ(index_of("CREATE INDEX i ON items(name COLLATE NOCASE) WHERE NOT active"),
              "(lower(name COLLATE \"C\")) WHERE NOT (active)");
    EXPECT_EQ(index_of("CREATE INDEX i ON items(id) WHERE active = 1"), "id WHERE active = true");
    EXPECT_TRUE(refused(index_of("CREATE INDEX i ON items(strftime('%Y', made))")));
    EXPECT_TRUE(refused(index_of("CREATE INDEX i ON items(doc)")));
}

TEST(TranslateQuery, ShapesThatPostgresHasNot) {
    EXPECT_EQ(query("SELECT id FROM items ORDER BY name DESC LIMIT -1"),
              "SELECT items.id FROM app.items ORDER BY (items.name COLLATE \"C\") DESC NULLS LAST");
    EXPECT_EQ(query("SELECT rowid FROM items a, items b"),
              "SELECT a.id FROM app.items AS a CROSS JOIN app.items AS b");
    EXPECT_EQ(query("SELECT name, max(price), id FROM items GROUP BY name"),
              "SELECT items.name, max(items.price), (array_agg(items.id ORDER BY items.price DESC "
              "NULLS LAST))[1] FROM app.items GROUP BY items.name");
    EXPECT_EQ(query("SELECT id > 1 FROM items"), "SELECT (items.id > 1)::integer FROM app.items");
    EXPECT_EQ(query("SELECT (SELECT name FROM items)"),
              "SELECT (SELECT items.name FROM app.items LIMIT 1)");
    EXPECT_EQ(query("WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r) SELECT n "
                    "FROM r"),
              "WITH RECURSIVE r(n) AS (VALUES (1::bigint) UNION ALL SELECT (r.n + 1)::bigint FROM "
              "r) SELECT r.n FROM r");
    EXPECT_TRUE(refused(query("SELECT * FROM nowhere")));
    EXPECT_TRUE(refused(query("SELECT 1 UNION SELECT 'a'")));
}

TEST(TranslateView, NamesAndDependencies) {
    SchemaInfo schema;
    schema.add(items());
    const CreateView parsed = parse_create_view(
        "CREATE VIEW \"v\"\"; drop\" AS SELECT id, id, name AS \"A b\", 1+1 FROM items WHERE id IN "
        "(SELECT x FROM other)");
    EXPECT_EQ(view_dependencies(parsed), (std::vector<std::string>{"items", "other"}));
    const CreateView plain =
        parse_create_view("CREATE VIEW v AS SELECT id, id, name AS \"A b\", 1+1 FROM items");
    const ViewTranslation view = translate_view(plain, schema, "app", "v\"; drop");
    EXPECT_EQ(view.sql,
              "CREATE VIEW app.\"v\"\"; drop\" (id, id_1, \"A b\", \"1+1\") AS SELECT items.id, "
              "items.id, items.name, 1::bigint + 1 FROM app.items");
    EXPECT_EQ(view.view.columns[3].pg_type, "bigint");
}

}  // namespace
