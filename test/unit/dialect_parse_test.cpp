/*
 * dialect_parse_test.cpp
 *    The parser over every form that sqlite_schema may hold, and over what it may not.
 */
#include "dialect/parse.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::dialect;

std::string error_of(const std::string& sql) {
    try {
        parse_expression(sql);
    } catch (const ParseError& error) {
        return error.what();
    }
    return "";
}

/* A tree as a string with all its parentheses, to see how it was grouped. */
std::string shape(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Column:
            return (expr.table.empty() ? "" : expr.table + ".") + expr.text;
        case ExprKind::Null:
            return "null";
        case ExprKind::String:
            return "'" + expr.text + "'";
        default:
            break;
    }
    if (expr.operands.empty()) {
        return expr.text;
    }
    std::string out = "(" + std::to_string(static_cast<int>(expr.op)) + expr.text;
    for (const ExprPtr& operand : expr.operands) {
        out += " " + shape(*operand);
    }
    return out + ")";
}

void same_shape(const std::string& a, const std::string& b) {
    EXPECT_EQ(shape(*parse_expression(a)), shape(*parse_expression(b))) << a;
}

TEST(ParseExpression, PrecedenceIsSqlites) {
    same_shape("a or b and c", "a or (b and c)");
    same_shape("not a = b", "not (a = b)");
    same_shape("not a is null and b", "(not (a is null)) and b");
    same_shape("a = b < c", "a = (b < c)");
    same_shape("a < b & c", "a < (b & c)");
    same_shape("a + b * c || d", "a + (b * (c || d))");
    same_shape("a - b - c", "(a - b) - c");
    same_shape("-a || b", "(-a) || b");
    same_shape("a between b and c and d", "(a between b and c) and d");
    same_shape("a between b = c and d = e", "(a between (b = c) and d) = e");
    same_shape("a = not b = c", "a = (not (b = c))");
    same_shape("a like b escape c or d", "(a like b escape c) or d");
    same_shape("a isnull = 1", "(a isnull) = 1");
    same_shape("a || b collate nocase", "a || (b collate nocase)");
    same_shape("a is not distinct from b", "a is b");
    same_shape("a == b", "a = b");
}

TEST(ParseExpression, Literals) {
    EXPECT_EQ(parse_expression("x'00fF'")->text, std::string("\x00\xff", 2));
    EXPECT_EQ(parse_expression("'it''s'")->text, "it's");
    EXPECT_EQ(parse_expression("1_000")->text, "1000");
    EXPECT_EQ(parse_expression("0x1F")->kind, ExprKind::Integer);
    EXPECT_EQ(parse_expression(".5e-3")->kind, ExprKind::Float);
    EXPECT_EQ(parse_expression("1.")->kind, ExprKind::Float);
    EXPECT_EQ(parse_expression("true")->kind, ExprKind::Boolean);
    EXPECT_EQ(parse_expression("?1")->kind, ExprKind::Variable);
    EXPECT_TRUE(parse_expression("\"a\"")->double_quoted);
    EXPECT_FALSE(parse_expression("[a]")->double_quoted);
    EXPECT_FALSE(parse_expression("t.\"a\"")->double_quoted);
}

TEST(ParseExpression, FunctionsAndWindows) {
    auto e = parse_expression(
        "group_concat(DISTINCT x) FILTER (WHERE y > 0) OVER (PARTITION BY a ORDER BY b DESC NULLS "
        "LAST ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES)");
    ASSERT_EQ(e->kind, ExprKind::Function);
    EXPECT_TRUE(e->distinct);
    ASSERT_TRUE(e->filter && e->window);
    EXPECT_EQ(e->window->start, FrameBound::Preceding);
    EXPECT_EQ(e->window->end, FrameBound::UnboundedFollowing);
    EXPECT_EQ(e->window->exclude, FrameExclude::Ties);
    EXPECT_EQ(e->window->order_by[0].nulls, NullsOrder::Last);
    EXPECT_TRUE(parse_expression("count(*)")->star);
    EXPECT_EQ(parse_expression("filter")->kind, ExprKind::Column);
    EXPECT_EQ(parse_expression("a not in (select b from c)")->kind, ExprKind::InSelect);
    EXPECT_EQ(parse_expression("a in t")->kind, ExprKind::InTable);
    EXPECT_EQ(parse_expression("a in ()")->operands.size(), 1u);
    EXPECT_EQ(parse_expression("(1, 2) = (a, b)")->operands[0]->kind, ExprKind::RowValue);
    EXPECT_EQ(parse_expression("cast(a as decimal(10, 2))")->text, "decimal(10, 2)");
    EXPECT_EQ(parse_expression("case a when 1 then 2 else 3 end")->operands.size(), 4u);
    EXPECT_EQ(parse_expression("raise(ignore)")->raise_action, RaiseAction::Ignore);
}

TEST(ParseExpression, ErrorsHaveAPosition) {
    EXPECT_EQ(error_of("a +"), "at the end: expected an expression");
    EXPECT_EQ(error_of("a b"), "near \"b\": expected the end of the statement");
    EXPECT_NE(error_of("'open"), "");
    EXPECT_NE(error_of("x'0'"), "");
    EXPECT_NE(error_of(std::string("a\0b", 3)), "");
    EXPECT_NE(error_of("123abc"), "");
    EXPECT_NE(error_of(""), "");
    EXPECT_EQ(describe_position("ab\ncd\nef", 7), "line 3, column 2");
    try {
        parse_expression("a +\n  * b");
        FAIL();
    } catch (const ParseError& error) {
        EXPECT_EQ(error.offset(), 6u);
    }
}

TEST(ParseExpression, DepthIsBounded) {
    EXPECT_NE(error_of(std::string(5000, '(') + "1" + std::string(5000, ')')), "");
    EXPECT_NE(error_of(std::string(100000, '-') + "1"), "");
    std::string chain = "1";
    for (int i = 0; i < 5000; ++i) {
        chain += "+1";
    }
    EXPECT_EQ(error_of(chain), "the expression is too deep");
    std::string nested = "1";
    for (int i = 0; i < 150; ++i) {
        nested = "(" + nested + ")";
    }
    EXPECT_EQ(error_of(nested), "");
    std::string selects = "1";
    for (int i = 0; i < 5000; ++i) {
        selects = "(select " + selects + ")";
    }
    EXPECT_NE(error_of(selects), "");
}

TEST(ParseCreateTable, EveryConstraint) {
    auto t = parse_create_table(
        "CREATE TABLE IF NOT EXISTS main.[Order Details] (\n"
        "  id INTEGER CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT REPLACE AUTOINCREMENT, -- the "
        "key\n"
        "  `a` VARCHAR(40) CONSTRAINT nn NOT NULL ON CONFLICT IGNORE DEFAULT 'x' COLLATE NOCASE,\n"
        "  /* how many */\n"
        "  'b' DECIMAL(10, 2) DEFAULT -1.5 CHECK (b > 0) UNIQUE,\n"
        "  c REFERENCES p(x) ON DELETE CASCADE ON UPDATE SET NULL MATCH FULL DEFERRABLE INITIALLY "
        "DEFERRED,\n"
        "  d INT GENERATED ALWAYS AS (a || 'x') STORED, e AS (id + 1), f DEFAULT foo,\n"
        "  g DEFAULT (datetime('now')), h DEFAULT \"dq\",\n"
        "  CONSTRAINT u UNIQUE (a, b COLLATE RTRIM DESC) ON CONFLICT ROLLBACK CHECK (a <> b)\n"
        "  CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES q\n"
        ") STRICT, WITHOUT ROWID;");
    EXPECT_EQ(t.name, "Order Details");
    EXPECT_EQ(t.schema, "main");
    ASSERT_EQ(t.columns.size(), 9u);
    EXPECT_EQ(t.columns[0].type, "INTEGER");
    EXPECT_EQ(t.columns[0].comment, "the key");
    EXPECT_EQ(t.columns[1].type, "VARCHAR(40)");
    EXPECT_EQ(t.columns[1].not_null_name, "nn");
    EXPECT_EQ(t.columns[1].not_null_conflict, ConflictAction::Ignore);
    EXPECT_EQ(t.columns[1].collation, "NOCASE");
    EXPECT_EQ(t.columns[1].default_source, "'x'");
    EXPECT_EQ(t.columns[2].name, "b");
    EXPECT_EQ(t.columns[2].comment, "how many");
    EXPECT_EQ(t.columns[2].default_source, "-1.5");
    EXPECT_EQ(t.columns[3].type, "");
    EXPECT_EQ(t.columns[4].generated_kind, GeneratedKind::Stored);
    EXPECT_EQ(t.columns[4].generated_source, "a || 'x'");
    EXPECT_EQ(t.columns[5].generated_kind, GeneratedKind::Virtual);
    EXPECT_EQ(t.columns[6].default_value->kind, ExprKind::String);
    EXPECT_EQ(t.columns[7].default_value->kind, ExprKind::Function);
    EXPECT_EQ(t.columns[7].default_source, "(datetime('now'))");
    EXPECT_EQ(t.columns[8].default_value->text, "dq");
    ASSERT_EQ(t.keys.size(), 3u);
    EXPECT_EQ(t.keys[0].name, "pk");
    EXPECT_TRUE(t.keys[0].primary && t.keys[0].autoincrement && t.keys[0].at_column);
    EXPECT_EQ(t.keys[0].conflict, ConflictAction::Replace);
    EXPECT_EQ(t.keys[0].columns[0].order, SortOrder::Descending);
    EXPECT_EQ(t.keys[2].name, "u");
    EXPECT_EQ(t.keys[2].columns[1].expr->kind, ExprKind::Collate);
    ASSERT_EQ(t.checks.size(), 2u);
    EXPECT_EQ(t.checks[0].source, "b > 0");
    EXPECT_EQ(t.checks[0].column, "b");
    EXPECT_EQ(t.checks[1].column, "");
    ASSERT_EQ(t.foreign_keys.size(), 2u);
    EXPECT_TRUE(t.foreign_keys[0].deferrable && t.foreign_keys[0].initially_deferred);
    EXPECT_EQ(t.foreign_keys[0].on_delete, ForeignKeyAction::Cascade);
    EXPECT_EQ(t.foreign_keys[0].on_update, ForeignKeyAction::SetNull);
    EXPECT_EQ(t.foreign_keys[1].name, "fk");
    EXPECT_TRUE(t.foreign_keys[1].parent_columns.empty());
    EXPECT_TRUE(t.strict && t.without_rowid);
}

TEST(ParseCreateTable, KeyWordsAreNames) {
    auto t =
        parse_create_table("create table key(abort, desc text, \"\" int, action like, offset)");
    EXPECT_EQ(t.name, "key");
    EXPECT_EQ(t.columns.size(), 5u);
    EXPECT_THROW(parse_create_table("create table t(select int)"), ParseError);
    EXPECT_THROW(parse_create_table("create table t()"), ParseError);
    EXPECT_THROW(parse_create_table("create table t(a int"), ParseError);
    EXPECT_THROW(parse_create_table("create table t(a text); drop table x; --)"), ParseError);
}

TEST(ParseCreateIndex, ExpressionsAndPartial) {
    auto i = parse_create_index(
        "CREATE UNIQUE INDEX i ON t('a' DESC, lower(b) COLLATE NOCASE, c NULLS LAST) WHERE c > 1");
    EXPECT_TRUE(i.unique);
    EXPECT_EQ(i.columns[0].expr->kind, ExprKind::Column);
    EXPECT_EQ(i.columns[1].expr->kind, ExprKind::Collate);
    EXPECT_EQ(i.where_source, "c > 1");
}

TEST(ParseCreateView, FullSelect) {
    auto v = parse_create_view(
        "CREATE VIEW v(a, b) AS WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r "
        "LIMIT 10), s AS MATERIALIZED (SELECT 1) SELECT DISTINCT t.*, u.x AS y, 'z' z FROM t "
        "NATURAL LEFT OUTER JOIN u JOIN (v JOIN w USING (i)) ON t.a = v.b, (SELECT 1) AS q, "
        "json_each(t.j) je WHERE a > 1 GROUP BY 1, b HAVING count(*) > 1 WINDOW win AS (ORDER BY "
        "a) "
        "EXCEPT SELECT 1, 2 FROM z INDEXED BY zi ORDER BY 1 DESC LIMIT 5, 10");
    EXPECT_EQ(v.columns.size(), 2u);
    EXPECT_TRUE(v.select->with.recursive);
    EXPECT_EQ(v.select->with.tables.size(), 2u);
    ASSERT_EQ(v.select->cores.size(), 2u);
    const SelectCore& core = v.select->cores[0];
    EXPECT_EQ(core.columns[0].star_table, "t");
    EXPECT_EQ(core.columns[1].source, "u.x");
    ASSERT_EQ(core.from.size(), 5u);
    EXPECT_TRUE(core.from[1].natural);
    EXPECT_EQ(core.from[1].join, JoinType::Left);
    EXPECT_EQ(core.from[2].table.kind, TableRef::Kind::Group);
    EXPECT_EQ(core.from[3].table.kind, TableRef::Kind::Subquery);
    EXPECT_EQ(core.from[4].table.kind, TableRef::Kind::Function);
    EXPECT_EQ(core.windows.size(), 1u);
    EXPECT_EQ(v.select->limit->text, "10");
    EXPECT_EQ(v.select->limit_offset->text, "5");
}

TEST(ParseCreateTrigger, BodyStatements) {
    auto t = parse_create_trigger(
        "CREATE TEMP TRIGGER tr INSTEAD OF UPDATE OF a, b ON t FOR EACH ROW WHEN new.a > 1 BEGIN\n"
        "INSERT OR REPLACE INTO u(a) VALUES (1), (2);\n"
        "REPLACE INTO u DEFAULT VALUES;\n"
        "INSERT INTO u SELECT 1 WHERE true ON CONFLICT (a) WHERE b DO UPDATE SET c = excluded.c, "
        "(d, e) = (1, 2) WHERE f ON CONFLICT DO NOTHING;\n"
        "UPDATE OR IGNORE u AS x SET a = 1 FROM w WHERE x.a = w.a;\n"
        "WITH c AS (SELECT 1) DELETE FROM u WHERE a IN c;\n"
        "SELECT RAISE(ABORT, 'no') WHERE 1;\n"
        "END");
    EXPECT_TRUE(t.temporary);
    EXPECT_EQ(t.time, TriggerTime::InsteadOf);
    EXPECT_EQ(t.update_of.size(), 2u);
    ASSERT_EQ(t.body.size(), 6u);
    EXPECT_EQ(t.body[0].insert->conflict, ConflictAction::Replace);
    EXPECT_TRUE(t.body[1].insert->default_values);
    EXPECT_EQ(t.body[2].insert->upserts.size(), 2u);
    EXPECT_EQ(t.body[3].update->from.size(), 1u);
    EXPECT_EQ(t.body[4].with.tables.size(), 1u);
    EXPECT_TRUE(t.body[5].select != nullptr);
}

TEST(ParseVirtualTable, ArgumentsAreKeptAsText) {
    auto t = parse_create_virtual_table(
        "CREATE VIRTUAL TABLE f USING fts5(title, body, tokenize = 'porter', f(a, b))");
    EXPECT_EQ(t.module, "fts5");
    ASSERT_EQ(t.arguments.size(), 4u);
    EXPECT_EQ(t.arguments[2], "tokenize = 'porter'");
    EXPECT_EQ(t.arguments[3], "f(a, b)");
    EXPECT_EQ(parse_create_virtual_table("create virtual table x using y").arguments.size(), 0u);
}

TEST(ParseDefault, AsThePragmaShowsIt) {
    EXPECT_EQ(parse_default("foo")->kind, ExprKind::String);
    EXPECT_EQ(parse_default("\"foo\"")->kind, ExprKind::String);
    EXPECT_EQ(parse_default("datetime('now')")->kind, ExprKind::Function);
    EXPECT_EQ(parse_default("current_timestamp")->kind, ExprKind::CurrentTime);
    EXPECT_EQ(parse_default("-1")->kind, ExprKind::Unary);
}

}  // namespace
