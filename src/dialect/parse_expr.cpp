/*
 * parse_expr.cpp
 *    Expressions: precedence climbing over SQLite's operator table
 *    (www.sqlite.org/lang_expr.html, 2), postfix tests and primaries.
 */
#include "dialect/parser.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

/* Higher binds tighter.  NOT stands between AND and the comparisons. */
constexpr int kOr = 1;
constexpr int kAnd = 2;
constexpr int kNot = 3;
constexpr int kEquality = 4; /* = == <> != IS IN LIKE GLOB MATCH REGEXP BETWEEN ISNULL */
constexpr int kInequality = 5;
constexpr int kEscape = 6;
constexpr int kBits = 7;
constexpr int kSum = 8;
constexpr int kProduct = 9;
constexpr int kConcat = 10;

struct BinaryOperator {
    std::string_view symbol;
    Operator op;
    int precedence;
};

constexpr BinaryOperator kBinaryOperators[] = {
    {"=", Operator::Equal, kEquality},     {"==", Operator::Equal, kEquality},
    {"<>", Operator::NotEqual, kEquality}, {"!=", Operator::NotEqual, kEquality},
    {"<", Operator::Less, kInequality},    {"<=", Operator::LessEqual, kInequality},
    {">", Operator::Greater, kInequality}, {">=", Operator::GreaterEqual, kInequality},
    {"&", Operator::BitAnd, kBits},        {"|", Operator::BitOr, kBits},
    {"<<", Operator::ShiftLeft, kBits},    {">>", Operator::ShiftRight, kBits},
    {"+", Operator::Plus, kSum},           {"-", Operator::Minus, kSum},
    {"*", Operator::Multiply, kProduct},   {"/", Operator::Divide, kProduct},
    {"%", Operator::Modulo, kProduct},     {"||", Operator::Concat, kConcat},
    {"->", Operator::JsonArrow, kConcat},  {"->>", Operator::JsonArrowText, kConcat},
};

const BinaryOperator* find_binary(const Token& token) {
    if (token.kind != TokenKind::Symbol) {
        return nullptr;
    }
    for (const BinaryOperator& candidate : kBinaryOperators) {
        if (candidate.symbol == token.text) {
            return &candidate;
        }
    }
    return nullptr;
}

uint32_t tallest_operand(const Expr& expr) {
    uint32_t height = 0;
    auto see = [&](const ExprPtr& child) {
        if (child) {
            height = std::max(height, child->height);
        }
    };
    for (const ExprPtr& operand : expr.operands) {
        see(operand);
    }
    for (const OrderTerm& term : expr.order_by) {
        see(term.expr);
    }
    see(expr.filter);
    if (expr.select) {
        height = std::max(height, expr.select->height);
    }
    if (expr.window) {
        for (const ExprPtr& partition : expr.window->partition_by) {
            see(partition);
        }
        for (const OrderTerm& term : expr.window->order_by) {
            see(term.expr);
        }
        see(expr.window->start_expr);
        see(expr.window->end_expr);
    }
    return height;
}

}  // namespace

ExprPtr Parser::make(ExprKind kind, uint32_t offset) const {
    auto expr = std::make_unique<Expr>();
    expr->kind = kind;
    expr->offset = offset;
    return expr;
}

/* Every node passes here when it is complete: its end, and its height within bounds. */
ExprPtr Parser::finish(ExprPtr expr) {
    expr->end = last_end();
    expr->height = tallest_operand(*expr) + 1;
    if (expr->height > kMaxHeight) {
        throw ParseError("the expression is too deep", expr->offset);
    }
    tallest_ = std::max(tallest_, expr->height);
    return expr;
}

ExprPtr Parser::parse_expr() {
    return parse_binary(kOr);
}

ExprPtr Parser::parse_binary(int min_precedence) {
    Nesting nesting(*this);
    ExprPtr left = parse_prefix();
    for (;;) {
        int precedence = 0;
        Operator op = Operator::None;
        if (at_word("OR")) {
            precedence = kOr;
            op = Operator::Or;
        } else if (at_word("AND")) {
            precedence = kAnd;
            op = Operator::And;
        } else if (const BinaryOperator* binary = find_binary(peek())) {
            precedence = binary->precedence;
            op = binary->op;
        } else {
            if (min_precedence > kEquality) {
                return left;
            }
            const size_t before = at_;
            left = parse_comparison_tail(std::move(left), kEquality);
            if (at_ == before) {
                return left;
            }
            continue;
        }
        if (precedence < min_precedence) {
            return left;
        }
        take();
        ExprPtr expr = make(ExprKind::Binary, left->offset);
        expr->op = op;
        expr->operands.push_back(std::move(left));
        expr->operands.push_back(parse_binary(precedence + 1));
        left = finish(std::move(expr));
    }
}

/* The tests that are words: IS, IN, LIKE, BETWEEN, ISNULL ...; left as it is if none follows. */
ExprPtr Parser::parse_comparison_tail(ExprPtr left, int precedence) {
    const uint32_t offset = left->offset;
    if (at_word("ISNULL") || at_word("NOTNULL") || (at_word("NOT") && at_word("NULL", 1))) {
        ExprPtr expr = make(ExprKind::IsNull, offset);
        expr->negated = !at_word("ISNULL");
        if (at_word("NOT")) {
            take();
        }
        take();
        expr->operands.push_back(std::move(left));
        return finish(std::move(expr));
    }
    if (at_word("IS")) {
        return parse_is_tail(std::move(left), precedence);
    }
    const size_t ahead = at_word("NOT") ? 1 : 0;
    const bool negated = ahead == 1;
    if (at_word("BETWEEN", ahead)) {
        at_ += ahead + 1;
        return parse_between_tail(std::move(left), negated, precedence);
    }
    if (at_word("IN", ahead)) {
        at_ += ahead + 1;
        return parse_in_tail(std::move(left), negated);
    }
    if (at_word("LIKE", ahead) || at_word("GLOB", ahead) || at_word("REGEXP", ahead) ||
        at_word("MATCH", ahead)) {
        at_ += ahead;
        return parse_like_tail(std::move(left), negated, precedence);
    }
    return left;
}

ExprPtr Parser::parse_is_tail(ExprPtr left, int precedence) {
    const uint32_t offset = left->offset;
    take();
    bool negated = accept_word("NOT");
    if (accept_words({"DISTINCT", "FROM"})) {
        negated = !negated;
    }
    if (accept_word("NULL")) {
        ExprPtr expr = make(ExprKind::IsNull, offset);
        expr->negated = negated;
        expr->operands.push_back(std::move(left));
        return finish(std::move(expr));
    }
    ExprPtr expr = make(ExprKind::Binary, offset);
    expr->op = negated ? Operator::IsNot : Operator::Is;
    expr->operands.push_back(std::move(left));
    expr->operands.push_back(parse_binary(precedence + 1));
    return finish(std::move(expr));
}

ExprPtr Parser::parse_between_tail(ExprPtr left, bool negated, int precedence) {
    ExprPtr expr = make(ExprKind::Between, left->offset);
    expr->negated = negated;
    expr->operands.push_back(std::move(left));
    expr->operands.push_back(parse_binary(kNot));
    expect_word("AND");
    expr->operands.push_back(parse_binary(precedence + 1));
    return finish(std::move(expr));
}

ExprPtr Parser::parse_in_tail(ExprPtr left, bool negated) {
    ExprPtr expr = make(ExprKind::InList, left->offset);
    expr->negated = negated;
    expr->operands.push_back(std::move(left));
    if (!at_symbol("(")) {
        expr->kind = ExprKind::InTable;
        parse_qualified_name(expr->schema, expr->table, "a table");
        return finish(std::move(expr));
    }
    take();
    if (at_select()) {
        expr->kind = ExprKind::InSelect;
        expr->select = parse_select();
    } else if (!at_symbol(")")) {
        for (ExprPtr& item : parse_expr_list()) {
            expr->operands.push_back(std::move(item));
        }
    }
    expect_symbol(")");
    return finish(std::move(expr));
}

ExprPtr Parser::parse_like_tail(ExprPtr left, bool negated, int precedence) {
    ExprPtr expr = make(ExprKind::Like, left->offset);
    expr->negated = negated;
    expr->op = at_word("LIKE")     ? Operator::Like
               : at_word("GLOB")   ? Operator::Glob
               : at_word("REGEXP") ? Operator::Regexp
                                   : Operator::Match;
    take();
    expr->operands.push_back(std::move(left));
    expr->operands.push_back(parse_binary(precedence + 1));
    if (accept_word("ESCAPE")) {
        expr->operands.push_back(parse_binary(kEscape + 1));
    }
    return finish(std::move(expr));
}

ExprPtr Parser::parse_prefix() {
    const uint32_t offset = peek().offset;
    ExprPtr expr;
    if (at_word("NOT") && !at_word("NULL", 1)) {
        take();
        expr = make(ExprKind::Unary, offset);
        expr->op = Operator::Not;
        expr->operands.push_back(parse_binary(kNot));
        return finish(std::move(expr));
    }
    if (at_symbol("-") || at_symbol("+") || at_symbol("~")) {
        Nesting nesting(*this);
        const std::string symbol = take().text;
        expr = make(ExprKind::Unary, offset);
        expr->op = symbol == "-"   ? Operator::Negate
                   : symbol == "+" ? Operator::Positive
                                   : Operator::BitNot;
        expr->operands.push_back(parse_prefix());
        expr = finish(std::move(expr));
    } else {
        expr = parse_primary();
    }
    while (at_word("COLLATE")) {
        take();
        ExprPtr collated = make(ExprKind::Collate, offset);
        collated->text = parse_name("a collation");
        collated->operands.push_back(std::move(expr));
        expr = finish(std::move(collated));
    }
    return expr;
}

ExprPtr Parser::parse_primary() {
    const Token& token = peek();
    ExprKind kind = ExprKind::Null;
    switch (token.kind) {
        case TokenKind::Integer:
            kind = ExprKind::Integer;
            break;
        case TokenKind::Float:
            kind = ExprKind::Float;
            break;
        case TokenKind::Blob:
            kind = ExprKind::Blob;
            break;
        case TokenKind::Variable:
            kind = ExprKind::Variable;
            break;
        case TokenKind::String:
            if (at_symbol(".", 1)) {
                return parse_column_or_function();
            }
            kind = ExprKind::String;
            break;
        case TokenKind::Word:
            return parse_word_primary();
        case TokenKind::DoubleQuoted:
        case TokenKind::OtherQuoted:
            return parse_column_or_function();
        case TokenKind::Symbol:
            if (token.text == "(") {
                return parse_parenthesized();
            }
            fail_here("expected an expression");
        case TokenKind::End:
            fail_here("expected an expression");
    }
    ExprPtr expr = make(kind, token.offset);
    expr->text = take().text;
    return finish(std::move(expr));
}

ExprPtr Parser::parse_word_primary() {
    const uint32_t offset = peek().offset;
    if (accept_word("NULL")) {
        return finish(make(ExprKind::Null, offset));
    }
    if (!at_symbol(".", 1) && !at_symbol("(", 1) && (at_word("TRUE") || at_word("FALSE"))) {
        ExprPtr expr = make(ExprKind::Boolean, offset);
        expr->text = at_word("TRUE") ? "1" : "0";
        take();
        return finish(std::move(expr));
    }
    if (at_word("CURRENT_TIMESTAMP") || at_word("CURRENT_DATE") || at_word("CURRENT_TIME")) {
        ExprPtr expr = make(ExprKind::CurrentTime, offset);
        expr->text = fold_name(take().text);
        return finish(std::move(expr));
    }
    if (at_word("CASE")) {
        return parse_case();
    }
    if (at_symbol("(", 1)) {
        if (at_word("CAST")) {
            return parse_cast();
        }
        if (at_word("EXISTS")) {
            return parse_exists();
        }
        if (at_word("RAISE")) {
            return parse_raise();
        }
    }
    return parse_column_or_function();
}

bool Parser::at_select() const {
    return at_word("SELECT") || at_word("VALUES") || at_word("WITH");
}

ExprPtr Parser::parse_parenthesized() {
    const uint32_t offset = peek().offset;
    expect_symbol("(");
    if (at_select()) {
        ExprPtr expr = make(ExprKind::Subquery, offset);
        expr->select = parse_select();
        expect_symbol(")");
        return finish(std::move(expr));
    }
    ExprPtr first = parse_expr();
    if (!at_symbol(",")) {
        expect_symbol(")");
        return first;
    }
    ExprPtr row = make(ExprKind::RowValue, offset);
    row->operands.push_back(std::move(first));
    while (accept_symbol(",")) {
        row->operands.push_back(parse_expr());
    }
    expect_symbol(")");
    return finish(std::move(row));
}

ExprPtr Parser::parse_column_or_function() {
    const uint32_t offset = peek().offset;
    bool double_quoted = peek().kind == TokenKind::DoubleQuoted;
    std::string name = parse_name("an expression");
    if (at_symbol("(")) {
        return parse_function(std::move(name), offset);
    }
    ExprPtr expr = make(ExprKind::Column, offset);
    if (accept_symbol(".")) {
        expr->table = std::move(name);
        double_quoted = false;
        name = parse_name("a column");
        if (accept_symbol(".")) {
            expr->schema = std::move(expr->table);
            expr->table = std::move(name);
            name = parse_name("a column");
        }
    }
    expr->text = std::move(name);
    expr->double_quoted = double_quoted;
    return finish(std::move(expr));
}

ExprPtr Parser::parse_function(std::string name, uint32_t offset) {
    ExprPtr expr = make(ExprKind::Function, offset);
    expr->text = std::move(name);
    expect_symbol("(");
    if (accept_symbol("*")) {
        expr->star = true;
    } else if (!at_symbol(")")) {
        expr->distinct = accept_word("DISTINCT");
        if (!expr->distinct) {
            accept_word("ALL");
        }
        expr->operands = parse_expr_list();
        if (accept_words({"ORDER", "BY"})) {
            expr->order_by = parse_order_terms();
        }
    }
    expect_symbol(")");
    if (at_word("FILTER") && at_symbol("(", 1)) {
        take();
        take();
        expect_word("WHERE");
        expr->filter = parse_expr();
        expect_symbol(")");
    }
    if (at_word("OVER") && (at_symbol("(", 1) || at_name(1))) {
        take();
        expr->window = parse_over();
    }
    return finish(std::move(expr));
}

std::vector<ExprPtr> Parser::parse_expr_list() {
    std::vector<ExprPtr> list;
    do {
        list.push_back(parse_expr());
    } while (accept_symbol(","));
    return list;
}

std::vector<OrderTerm> Parser::parse_order_terms() {
    std::vector<OrderTerm> terms;
    do {
        OrderTerm term;
        term.expr = parse_expr();
        if (accept_word("ASC")) {
            term.order = SortOrder::Ascending;
        } else if (accept_word("DESC")) {
            term.order = SortOrder::Descending;
        }
        if (accept_words({"NULLS", "FIRST"})) {
            term.nulls = NullsOrder::First;
        } else if (accept_words({"NULLS", "LAST"})) {
            term.nulls = NullsOrder::Last;
        }
        terms.push_back(std::move(term));
    } while (accept_symbol(","));
    return terms;
}

ExprPtr Parser::parse_case() {
    ExprPtr expr = make(ExprKind::Case, peek().offset);
    expect_word("CASE");
    if (!at_word("WHEN")) {
        expr->has_base = true;
        expr->operands.push_back(parse_expr());
    }
    do {
        expect_word("WHEN");
        expr->operands.push_back(parse_expr());
        expect_word("THEN");
        expr->operands.push_back(parse_expr());
    } while (at_word("WHEN"));
    if (accept_word("ELSE")) {
        expr->has_else = true;
        expr->operands.push_back(parse_expr());
    }
    expect_word("END");
    return finish(std::move(expr));
}

ExprPtr Parser::parse_cast() {
    ExprPtr expr = make(ExprKind::Cast, peek().offset);
    take();
    expect_symbol("(");
    expr->operands.push_back(parse_expr());
    expect_word("AS");
    expr->text = parse_type_words();
    expect_symbol(")");
    return finish(std::move(expr));
}

ExprPtr Parser::parse_raise() {
    ExprPtr expr = make(ExprKind::Raise, peek().offset);
    take();
    expect_symbol("(");
    if (accept_word("IGNORE")) {
        expr->raise_action = RaiseAction::Ignore;
    } else {
        if (accept_word("ROLLBACK")) {
            expr->raise_action = RaiseAction::Rollback;
        } else if (accept_word("FAIL")) {
            expr->raise_action = RaiseAction::Fail;
        } else {
            expect_word("ABORT");
            expr->raise_action = RaiseAction::Abort;
        }
        expect_symbol(",");
        expr->operands.push_back(parse_expr());
    }
    expect_symbol(")");
    return finish(std::move(expr));
}

ExprPtr Parser::parse_exists() {
    ExprPtr expr = make(ExprKind::Exists, peek().offset);
    take();
    expect_symbol("(");
    expr->select = parse_select();
    expect_symbol(")");
    return finish(std::move(expr));
}

std::unique_ptr<WindowSpec> Parser::parse_over() {
    auto spec = std::make_unique<WindowSpec>();
    if (!at_symbol("(")) {
        spec->base_name = parse_name("a window");
        spec->name_only = true;
        return spec;
    }
    *spec = parse_window_body();
    return spec;
}

/* ( [base] [PARTITION BY ...] [ORDER BY ...] [frame] ) */
WindowSpec Parser::parse_window_body() {
    WindowSpec spec;
    expect_symbol("(");
    const bool keyword = (at_word("PARTITION") && at_word("BY", 1)) || at_word("ROWS") ||
                         at_word("RANGE") || at_word("GROUPS");
    if (!keyword && at_name()) {
        spec.base_name = parse_name("a window");
    }
    if (accept_words({"PARTITION", "BY"})) {
        spec.partition_by = parse_expr_list();
    }
    if (accept_words({"ORDER", "BY"})) {
        spec.order_by = parse_order_terms();
    }
    if (at_word("ROWS") || at_word("RANGE") || at_word("GROUPS")) {
        parse_frame(spec);
    }
    expect_symbol(")");
    return spec;
}

void Parser::parse_frame(WindowSpec& spec) {
    spec.has_frame = true;
    spec.unit = at_word("ROWS")    ? FrameUnit::Rows
                : at_word("RANGE") ? FrameUnit::Range
                                   : FrameUnit::Groups;
    take();
    spec.has_between = accept_word("BETWEEN");
    spec.start = parse_frame_bound(spec.start_expr);
    if (spec.has_between) {
        expect_word("AND");
        spec.end = parse_frame_bound(spec.end_expr);
    }
    if (!accept_word("EXCLUDE")) {
        return;
    }
    if (accept_words({"NO", "OTHERS"})) {
        spec.exclude = FrameExclude::NoOthers;
    } else if (accept_words({"CURRENT", "ROW"})) {
        spec.exclude = FrameExclude::CurrentRow;
    } else if (accept_word("GROUP")) {
        spec.exclude = FrameExclude::Group;
    } else {
        expect_word("TIES");
        spec.exclude = FrameExclude::Ties;
    }
}

FrameBound Parser::parse_frame_bound(ExprPtr& expr) {
    if (accept_words({"CURRENT", "ROW"})) {
        return FrameBound::CurrentRow;
    }
    if (accept_words({"UNBOUNDED", "PRECEDING"})) {
        return FrameBound::UnboundedPreceding;
    }
    if (accept_words({"UNBOUNDED", "FOLLOWING"})) {
        return FrameBound::UnboundedFollowing;
    }
    expr = parse_binary(kNot);
    if (accept_word("PRECEDING")) {
        return FrameBound::Preceding;
    }
    expect_word("FOLLOWING");
    return FrameBound::Following;
}

/* The words of a type and its numbers, as they were written; empty if there is none. */
std::string Parser::parse_type_words() {
    const uint32_t start = peek().offset;
    bool any = false;
    while (at_name() && !(at_word("GENERATED") && at_word("ALWAYS", 1))) {
        take();
        any = true;
    }
    if (!any) {
        return "";
    }
    if (accept_symbol("(")) {
        do {
            if (!accept_symbol("-")) {
                accept_symbol("+");
            }
            if (peek().kind != TokenKind::Integer && peek().kind != TokenKind::Float) {
                /* VARCHAR(MAX): SQLite takes a signed number or, since long ago, a name */
                parse_name("a number");
            } else {
                take();
            }
        } while (accept_symbol(","));
        expect_symbol(")");
    }
    return source(start, last_end());
}

}  // namespace sqlite_import::dialect
