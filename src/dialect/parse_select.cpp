/*
 * parse_select.cpp
 *    SELECT, VALUES, WITH, FROM (www.sqlite.org/lang_select.html, lang_with.html).
 */
#include "dialect/parser.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

SelectPtr Parser::parse_select() {
    Nesting nesting(*this);
    auto select = std::make_unique<Select>();
    select->offset = peek().offset;
    const uint32_t outer_tallest = tallest_;
    tallest_ = 0;
    if (at_word("WITH")) {
        select->with = parse_with();
    }
    select->cores.push_back(parse_core());
    CompoundOperator op;
    while (accept_compound(op)) {
        select->operators.push_back(op);
        select->cores.push_back(parse_core());
    }
    if (accept_words({"ORDER", "BY"})) {
        select->order_by = parse_order_terms();
    }
    parse_limit(*select);
    select->end = last_end();
    select->height = tallest_ + 1;
    if (select->height > kMaxHeight) {
        throw ParseError("the query is too deep", select->offset);
    }
    tallest_ = std::max(outer_tallest, select->height);
    return select;
}

bool Parser::accept_compound(CompoundOperator& op) {
    if (accept_word("UNION")) {
        op = accept_word("ALL") ? CompoundOperator::UnionAll : CompoundOperator::Union;
        return true;
    }
    if (accept_word("INTERSECT")) {
        op = CompoundOperator::Intersect;
        return true;
    }
    if (accept_word("EXCEPT")) {
        op = CompoundOperator::Except;
        return true;
    }
    return false;
}

void Parser::parse_limit(Select& select) {
    if (!accept_word("LIMIT")) {
        return;
    }
    select.limit = parse_expr();
    if (accept_word("OFFSET")) {
        select.limit_offset = parse_expr();
    } else if (accept_symbol(",")) {
        /* LIMIT offset, count */
        select.limit_offset = std::move(select.limit);
        select.limit = parse_expr();
    }
}

WithClause Parser::parse_with() {
    WithClause with;
    expect_word("WITH");
    with.recursive = at_word("RECURSIVE") && !at_word("AS", 1) && accept_word("RECURSIVE");
    do {
        CommonTable table;
        table.offset = peek().offset;
        table.name = parse_name("a table name");
        if (at_symbol("(")) {
            table.columns = parse_name_list("a column");
        }
        expect_word("AS");
        if (accept_word("MATERIALIZED")) {
            table.materialized = Materialized::Yes;
        } else if (accept_words({"NOT", "MATERIALIZED"})) {
            table.materialized = Materialized::No;
        }
        expect_symbol("(");
        table.select = parse_select();
        expect_symbol(")");
        with.tables.push_back(std::move(table));
    } while (accept_symbol(","));
    return with;
}

void Parser::parse_values(SelectCore& core) {
    do {
        expect_symbol("(");
        core.values.push_back(parse_expr_list());
        expect_symbol(")");
        if (core.values.back().size() != core.values.front().size()) {
            fail_here("expected as many values as in the first row");
        }
    } while (accept_symbol(","));
}

SelectCore Parser::parse_core() {
    SelectCore core;
    core.offset = peek().offset;
    if (accept_word("VALUES")) {
        parse_values(core);
        return core;
    }
    expect_word("SELECT");
    core.distinct = accept_word("DISTINCT");
    if (!core.distinct) {
        accept_word("ALL");
    }
    do {
        core.columns.push_back(parse_result_column());
    } while (accept_symbol(","));
    if (accept_word("FROM")) {
        core.from = parse_from();
    }
    if (accept_word("WHERE")) {
        core.where = parse_expr();
    }
    if (accept_words({"GROUP", "BY"})) {
        core.group_by = parse_expr_list();
    }
    if (accept_word("HAVING")) {
        core.having = parse_expr();
    }
    if (at_word("WINDOW") && at_name(1) && at_word("AS", 2)) {
        take();
        do {
            NamedWindow window;
            window.name = parse_name("a window");
            expect_word("AS");
            window.spec = parse_window_body();
            core.windows.push_back(std::move(window));
        } while (accept_symbol(","));
    }
    return core;
}

ResultColumn Parser::parse_result_column() {
    ResultColumn column;
    column.offset = peek().offset;
    if (accept_symbol("*")) {
        column.star = true;
        return column;
    }
    if (at_name() && at_symbol(".", 1) && at_symbol("*", 2)) {
        column.star = true;
        column.star_table = parse_name("a table");
        take();
        take();
        return column;
    }
    column.expr = parse_expr();
    column.source = source(column.offset, last_end());
    column.alias = parse_optional_alias(column.has_alias);
    return column;
}

/* [AS] name.  Without AS, a word that goes on with the statement is no alias. */
std::string Parser::parse_optional_alias(bool& has_alias) {
    has_alias = false;
    if (accept_word("AS")) {
        has_alias = true;
        return parse_name("an alias");
    }
    static constexpr std::string_view kNoAlias[] = {"cross",   "full",  "inner", "left",
                                                    "natural", "outer", "right", "indexed"};
    if (!at_name()) {
        return "";
    }
    if (peek().kind == TokenKind::Word) {
        const std::string& word = peek().text;
        const bool joins = std::any_of(std::begin(kNoAlias), std::end(kNoAlias),
                                       [&](std::string_view w) { return same_name(w, word); });
        const bool window = at_word("WINDOW") && at_name(1) && at_word("AS", 2);
        if (joins || window) {
            return "";
        }
    }
    has_alias = true;
    return take().text;
}

std::vector<FromItem> Parser::parse_from() {
    Nesting nesting(*this);
    std::vector<FromItem> items;
    FromItem first;
    first.table = parse_table_ref();
    items.push_back(std::move(first));
    for (;;) {
        FromItem item;
        if (!parse_join_operator(item)) {
            break;
        }
        item.table = parse_table_ref();
        items.push_back(std::move(item));
        FromItem& joined = items.back();
        if (accept_word("ON")) {
            joined.on = parse_expr();
        } else if (accept_word("USING")) {
            joined.using_columns = parse_name_list("a column");
        }
    }
    return items;
}

/* "," or [NATURAL] [LEFT|RIGHT|FULL [OUTER]|INNER|CROSS] JOIN */
bool Parser::parse_join_operator(FromItem& item) {
    if (accept_symbol(",")) {
        item.join = JoinType::Comma;
        return true;
    }
    item.join = JoinType::Inner;
    const size_t start = at_;
    for (;;) {
        if (accept_word("JOIN")) {
            return true;
        }
        if (accept_word("NATURAL")) {
            item.natural = true;
        } else if (accept_word("LEFT")) {
            item.join = JoinType::Left;
        } else if (accept_word("RIGHT")) {
            item.join = JoinType::Right;
        } else if (accept_word("FULL")) {
            item.join = JoinType::Full;
        } else if (accept_word("CROSS")) {
            item.join = JoinType::Cross;
        } else if (!accept_word("OUTER") && !accept_word("INNER")) {
            if (at_ == start) {
                return false;
            }
            fail_here("expected JOIN");
        }
    }
}

TableRef Parser::parse_table_ref() {
    TableRef ref;
    ref.offset = peek().offset;
    bool has_alias = false;
    if (accept_symbol("(")) {
        if (at_select()) {
            ref.kind = TableRef::Kind::Subquery;
            ref.select = parse_select();
        } else {
            ref.kind = TableRef::Kind::Group;
            ref.group = parse_from();
        }
        expect_symbol(")");
        ref.alias = parse_optional_alias(has_alias);
        return ref;
    }
    parse_qualified_name(ref.schema, ref.name, "a table");
    if (accept_symbol("(")) {
        ref.kind = TableRef::Kind::Function;
        if (!at_symbol(")")) {
            ref.arguments = parse_expr_list();
        }
        expect_symbol(")");
    }
    ref.alias = parse_optional_alias(has_alias);
    if (accept_words({"INDEXED", "BY"})) {
        ref.indexed_by = parse_name("an index");
    } else {
        accept_words({"NOT", "INDEXED"});
    }
    return ref;
}

}  // namespace sqlite_import::dialect
