/*
 * parse_table.cpp
 *    CREATE TABLE, CREATE VIRTUAL TABLE, CREATE INDEX (www.sqlite.org/lang_createtable.html).
 *
 * Every constraint keeps its name, its conflict clause and its text.  A
 * CONSTRAINT name stands for the constraint that follows it; SQLite also takes
 * a name that nothing follows.
 */
#include "dialect/parser.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

void Parser::parse_create_prefix(bool& temporary) {
    expect_word("CREATE");
    temporary = accept_word("TEMP") || accept_word("TEMPORARY");
}

CreateTable Parser::parse_create_table() {
    CreateTable table;
    parse_create_prefix(table.temporary);
    expect_word("TABLE");
    accept_words({"IF", "NOT", "EXISTS"});
    parse_qualified_name(table.schema, table.name, "the table's name");
    const uint32_t body_start = peek().offset;
    parse_table_body(table);
    attach_comments(table, body_start);
    parse_table_options(table);
    return table;
}

void Parser::parse_table_body(CreateTable& table) {
    expect_symbol("(");
    table.columns.push_back(parse_column(table));
    /* table constraints may stand without commas between them, columns may not */
    while (!at_symbol(")")) {
        const bool comma = accept_symbol(",");
        if (parse_table_constraint(table)) {
            continue;
        }
        if (!comma) {
            fail_here("expected \",\" or \")\"");
        }
        table.columns.push_back(parse_column(table));
    }
    expect_symbol(")");
}

void Parser::parse_table_options(CreateTable& table) {
    do {
        if (accept_word("WITHOUT")) {
            expect_word("ROWID");
            table.without_rowid = true;
        } else if (accept_word("STRICT")) {
            table.strict = true;
        } else {
            return;
        }
    } while (accept_symbol(","));
}

ColumnDef Parser::parse_column(CreateTable& table) {
    ColumnDef column;
    column.offset = peek().offset;
    column.name = parse_name("a column's name");
    column.type = parse_type_words();
    std::string name;
    while (parse_column_constraint(table, column, name)) {
    }
    column.end = last_end();
    return column;
}

/* One column constraint; name is that of a CONSTRAINT just read, and is used up. */
bool Parser::parse_column_constraint(CreateTable& table, ColumnDef& column, std::string& name) {
    if (accept_word("CONSTRAINT")) {
        name = parse_name("a constraint's name");
        return true;
    }
    if (accept_word("NULL")) {
        parse_on_conflict();
    } else if (accept_words({"NOT", "NULL"})) {
        column.not_null = true;
        column.not_null_name = name;
        column.not_null_conflict = parse_on_conflict();
    } else if (accept_words({"PRIMARY", "KEY"})) {
        parse_column_key(table, column, name, true);
    } else if (accept_word("UNIQUE")) {
        parse_column_key(table, column, name, false);
    } else if (at_word("CHECK")) {
        parse_check(table, name, column.name);
    } else if (at_word("DEFAULT")) {
        parse_default(column);
    } else if (accept_word("COLLATE")) {
        column.collation = parse_name("a collation");
    } else if (at_word("REFERENCES")) {
        ForeignKey key;
        key.offset = peek().offset;
        key.name = name;
        key.columns.push_back(column.name);
        parse_references(key);
        table.foreign_keys.push_back(std::move(key));
    } else if (at_word("DEFERRABLE") || (at_word("NOT") && at_word("DEFERRABLE", 1))) {
        ForeignKey ignored;
        parse_deferrable(table.foreign_keys.empty() ? ignored : table.foreign_keys.back());
    } else if (at_word("AS") || (at_word("GENERATED") && at_word("ALWAYS", 1))) {
        parse_generated(column);
    } else {
        return false;
    }
    name.clear();
    return true;
}

void Parser::parse_column_key(CreateTable& table, ColumnDef& column, std::string& name,
                              bool primary) {
    KeyConstraint key;
    key.offset = column.offset;
    key.name = name;
    key.primary = primary;
    key.at_column = true;
    OrderTerm term;
    term.expr = make(ExprKind::Column, column.offset);
    term.expr->text = column.name;
    if (primary && accept_word("DESC")) {
        term.order = SortOrder::Descending;
    } else if (primary && accept_word("ASC")) {
        term.order = SortOrder::Ascending;
    }
    key.columns.push_back(std::move(term));
    key.conflict = parse_on_conflict();
    if (primary) {
        key.autoincrement = accept_word("AUTOINCREMENT");
    }
    table.keys.push_back(std::move(key));
}

ConflictAction Parser::parse_on_conflict() {
    if (!accept_words({"ON", "CONFLICT"})) {
        return ConflictAction::None;
    }
    return parse_conflict_action();
}

ConflictAction Parser::parse_conflict_action() {
    if (accept_word("ROLLBACK")) {
        return ConflictAction::Rollback;
    }
    if (accept_word("ABORT")) {
        return ConflictAction::Abort;
    }
    if (accept_word("FAIL")) {
        return ConflictAction::Fail;
    }
    if (accept_word("IGNORE")) {
        return ConflictAction::Ignore;
    }
    expect_word("REPLACE");
    return ConflictAction::Replace;
}

void Parser::parse_default(ColumnDef& column) {
    expect_word("DEFAULT");
    const uint32_t start = peek().offset;
    column.default_value = parse_default_term();
    column.default_source = source(start, last_end());
}

/* ( expression ), or a literal with a sign, or a bare name, which is a string. */
ExprPtr Parser::parse_default_term() {
    const uint32_t start = peek().offset;
    if (at_symbol("(")) {
        take();
        ExprPtr expr = parse_expr();
        expect_symbol(")");
        return expr;
    }
    if (at_symbol("-") || at_symbol("+")) {
        ExprPtr expr = make(ExprKind::Unary, start);
        expr->op = take().text == "-" ? Operator::Negate : Operator::Positive;
        expr->operands.push_back(parse_default_term());
        return finish(std::move(expr));
    }
    const Token& token = peek();
    const bool named = token.kind == TokenKind::DoubleQuoted ||
                       token.kind == TokenKind::OtherQuoted ||
                       (token.kind == TokenKind::Word && !at_word("NULL") && !at_word("TRUE") &&
                        !at_word("FALSE") && !at_word("CURRENT_TIMESTAMP") &&
                        !at_word("CURRENT_DATE") && !at_word("CURRENT_TIME"));
    if (!named) {
        return parse_primary();
    }
    ExprPtr expr = make(ExprKind::String, start);
    expr->text = parse_name("a default");
    return finish(std::move(expr));
}

/*
 * PRAGMA table_xinfo shows a parenthesized default without its parentheses, so
 * an expression may stand bare here; a single word or name is still a string.
 */
ExprPtr Parser::parse_default_text() {
    const bool single = peek(1).kind == TokenKind::End;
    if (single) {
        return parse_default_term();
    }
    return parse_expr();
}

void Parser::parse_generated(ColumnDef& column) {
    if (accept_word("GENERATED")) {
        expect_word("ALWAYS");
    }
    expect_word("AS");
    expect_symbol("(");
    const uint32_t start = peek().offset;
    column.generated = parse_expr();
    column.generated_source = source(start, last_end());
    expect_symbol(")");
    column.generated_kind = GeneratedKind::Virtual;
    if (accept_word("STORED")) {
        column.generated_kind = GeneratedKind::Stored;
    } else {
        accept_word("VIRTUAL");
    }
}

void Parser::parse_check(CreateTable& table, std::string& name, const std::string& column) {
    CheckConstraint check;
    check.offset = peek().offset;
    check.name = name;
    check.column = column;
    expect_word("CHECK");
    expect_symbol("(");
    const uint32_t start = peek().offset;
    check.expr = parse_expr();
    check.source = source(start, last_end());
    expect_symbol(")");
    parse_on_conflict(); /* parsed and ignored by SQLite */
    table.checks.push_back(std::move(check));
}

ForeignKeyAction Parser::parse_foreign_key_action() {
    if (accept_words({"SET", "NULL"})) {
        return ForeignKeyAction::SetNull;
    }
    if (accept_words({"SET", "DEFAULT"})) {
        return ForeignKeyAction::SetDefault;
    }
    if (accept_word("CASCADE")) {
        return ForeignKeyAction::Cascade;
    }
    if (accept_word("RESTRICT")) {
        return ForeignKeyAction::Restrict;
    }
    expect_word("NO");
    expect_word("ACTION");
    return ForeignKeyAction::NoAction;
}

void Parser::parse_references(ForeignKey& key) {
    expect_word("REFERENCES");
    key.parent_table = parse_name("a table");
    if (at_symbol("(")) {
        key.parent_columns = parse_name_list("a column");
    }
    for (;;) {
        if (accept_words({"ON", "DELETE"})) {
            key.on_delete = parse_foreign_key_action();
        } else if (accept_words({"ON", "UPDATE"})) {
            key.on_update = parse_foreign_key_action();
        } else if (accept_words({"ON", "INSERT"})) {
            parse_foreign_key_action(); /* part of the grammar, without meaning */
        } else if (accept_word("MATCH")) {
            key.match = parse_name("a match type");
        } else {
            break;
        }
    }
    parse_deferrable(key);
}

void Parser::parse_deferrable(ForeignKey& key) {
    const bool negated = at_word("NOT") && at_word("DEFERRABLE", 1);
    if (!negated && !at_word("DEFERRABLE")) {
        return;
    }
    at_ += negated ? 2 : 1;
    key.deferrable = !negated;
    if (accept_words({"INITIALLY", "DEFERRED"})) {
        key.initially_deferred = !negated;
    } else {
        accept_words({"INITIALLY", "IMMEDIATE"});
    }
}

bool Parser::parse_table_constraint(CreateTable& table) {
    std::string name;
    bool named = false;
    while (accept_word("CONSTRAINT")) {
        name = parse_name("a constraint's name");
        named = true;
    }
    if (at_word("CHECK") && at_symbol("(", 1)) {
        parse_check(table, name, "");
    } else if (at_word("PRIMARY") && at_word("KEY", 1)) {
        parse_table_key(table, name, true);
    } else if (at_word("UNIQUE")) {
        parse_table_key(table, name, false);
    } else if (at_word("FOREIGN") && at_word("KEY", 1)) {
        ForeignKey key;
        key.offset = peek().offset;
        key.name = name;
        at_ += 2;
        key.columns = parse_name_list("a column");
        parse_references(key);
        table.foreign_keys.push_back(std::move(key));
    } else {
        return named;
    }
    return true;
}

void Parser::parse_table_key(CreateTable& table, std::string name, bool primary) {
    KeyConstraint key;
    key.offset = peek().offset;
    key.name = std::move(name);
    key.primary = primary;
    at_ += primary ? 2 : 1;
    expect_symbol("(");
    key.columns = parse_indexed_columns();
    key.autoincrement = primary && accept_word("AUTOINCREMENT");
    expect_symbol(")");
    key.conflict = parse_on_conflict();
    table.keys.push_back(std::move(key));
}

/* Terms of an index or key.  A string is a column's name here. */
std::vector<OrderTerm> Parser::parse_indexed_columns() {
    std::vector<OrderTerm> terms = parse_order_terms();
    for (OrderTerm& term : terms) {
        Expr* expr = term.expr.get();
        while (expr->kind == ExprKind::Collate) {
            expr = expr->operands[0].get();
        }
        if (expr->kind == ExprKind::String) {
            expr->kind = ExprKind::Column;
        }
    }
    return terms;
}

CreateIndex Parser::parse_create_index() {
    CreateIndex index;
    expect_word("CREATE");
    index.unique = accept_word("UNIQUE");
    expect_word("INDEX");
    accept_words({"IF", "NOT", "EXISTS"});
    parse_qualified_name(index.schema, index.name, "the index's name");
    expect_word("ON");
    index.table = parse_name("a table");
    expect_symbol("(");
    index.columns = parse_indexed_columns();
    expect_symbol(")");
    if (accept_word("WHERE")) {
        const uint32_t start = peek().offset;
        index.where = parse_expr();
        index.where_source = source(start, last_end());
    }
    return index;
}

CreateVirtualTable Parser::parse_create_virtual_table() {
    CreateVirtualTable table;
    expect_word("CREATE");
    expect_word("VIRTUAL");
    expect_word("TABLE");
    accept_words({"IF", "NOT", "EXISTS"});
    parse_qualified_name(table.schema, table.name, "the table's name");
    expect_word("USING");
    table.module = parse_name("a module");
    if (!accept_symbol("(")) {
        return table;
    }
    /* an argument is any text with balanced parentheses; the module reads it */
    uint32_t start = peek().offset;
    int depth = 0;
    while (depth > 0 || !at_symbol(")")) {
        if (peek().kind == TokenKind::End) {
            fail_here("expected \")\"");
        }
        if (depth == 0 && at_symbol(",")) {
            table.arguments.push_back(source(start, last_end()));
            take();
            start = peek().offset;
            continue;
        }
        depth += at_symbol("(") ? 1 : at_symbol(")") ? -1 : 0;
        take();
    }
    if (last_end() > start) {
        table.arguments.push_back(source(start, last_end()));
    }
    expect_symbol(")");
    return table;
}

namespace {

/* A comment's words: its lines without leading stars and dashes, joined by one space. */
std::string clean_comment(const std::string& text) {
    std::string out;
    size_t at = 0;
    while (at <= text.size()) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        const char* const margin = " \t\r*-";
        const size_t first = line.find_first_not_of(margin);
        const size_t last = line.find_last_not_of(margin);
        if (first != std::string::npos) {
            out += (out.empty() ? "" : " ") + line.substr(first, last - first + 1);
        }
        at = end + 1;
    }
    return out;
}

void append_comment(std::string& to, const std::string& text) {
    const std::string cleaned = clean_comment(text);
    if (!cleaned.empty()) {
        to += (to.empty() ? "" : " ") + cleaned;
    }
}

}  // namespace

/*
 * Gives each comment of the table's body to a column: one that stands on the
 * line where a column ends, behind it, belongs to that column; one on lines of
 * its own belongs to the column that comes next.  A comment before the body is
 * the table's.
 */
void Parser::attach_comments(CreateTable& table, uint32_t body_start) {
    for (const Comment& comment : list_.comments) {
        if (comment.offset < body_start) {
            append_comment(table.comment, comment.text);
            continue;
        }
        ColumnDef* before = nullptr;
        ColumnDef* next = nullptr;
        for (ColumnDef& column : table.columns) {
            if (column.offset < comment.offset) {
                before = &column;
            } else if (next == nullptr) {
                next = &column;
            }
        }
        const bool same_line =
            before != nullptr &&
            (comment.offset < before->end ||
             text_.substr(before->end, comment.offset - before->end).find('\n') ==
                 std::string_view::npos);
        if (same_line) {
            append_comment(before->comment, comment.text);
        } else if (next != nullptr) {
            append_comment(next->comment, comment.text);
        }
    }
}

}  // namespace sqlite_import::dialect
