/*
 * translate_expr.cpp
 *    Names, constants and the plain structure of expressions: logic, CASE, CAST,
 *    IN, EXISTS and subqueries (www.sqlite.org/lang_expr.html).
 *
 * Operators that compute stand in translate_operator.cpp.
 */
#include "dialect/lexer.hpp"
#include "dialect/number_text.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

#include <algorithm>
#include <cstdlib>

namespace sqlite_import::dialect {

namespace {

bool is_rowid_name(const std::string& name) {
    return same_name(name, "rowid") || same_name(name, "oid") || same_name(name, "_rowid_");
}

bool is_comparison(Operator op) {
    return op == Operator::Equal || op == Operator::NotEqual || op == Operator::Is ||
           op == Operator::IsNot || op == Operator::Less || op == Operator::LessEqual ||
           op == Operator::Greater || op == Operator::GreaterEqual;
}

/* Operands of AND, OR and NOT that need no parentheses there. */
bool binds_tighter_than_logic(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Binary:
            return is_comparison(expr.op) && expr.operands[1]->kind != ExprKind::Boolean &&
                   expr.operands[0]->kind != ExprKind::RowValue;
        case ExprKind::Column:
        case ExprKind::IsNull:
        case ExprKind::Like:
        case ExprKind::Exists:
        case ExprKind::Function:
        case ExprKind::Boolean:
        case ExprKind::Subquery:
            return true;
        default:
            return false;
    }
}

/* A COLLATE in an operand counts for the whole of an operator or a function around it. */
const Expr* inherited_collate(const Expr& expr) {
    if (expr.kind == ExprKind::Collate) {
        return &expr;
    }
    for (const ExprPtr& operand : expr.operands) {
        if (const Expr* found = inherited_collate(*operand)) {
            return found;
        }
    }
    return nullptr;
}

}  // namespace

/* Some forms repeat an operand, so that nesting could make the text grow beyond all bounds. */
void Translator::check_length(const std::string& sql, uint32_t offset) {
    if (sql.size() > kMaxExpressionLength) {
        refuse("the translation would be too long", offset);
    }
}

void Translator::note(const std::string& text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) {
        notes_.push_back(text);
    }
}

Value Translator::translate(const Expr& expr) {
    if (auto grouped = grouped_expression(expr)) {
        return *grouped;
    }
    Value value = translate_node(expr);
    check_length(value.sql, expr.offset);
    value.offset = expr.offset;
    if (!value.explicit_collation && is_text_kind(value.kind)) {
        if (const Expr* collate = inherited_collate(expr)) {
            value.collation = fold_name(collate->text);
            value.collation = value.collation == "binary" ? "" : value.collation;
            value.explicit_collation = true;
        }
    }
    return value;
}

Value Translator::translate_node(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::Null: {
            Value null = make_text("NULL", true);
            null.literal = LiteralKind::Null;
            return null;
        }
        case ExprKind::Integer:
            return integer_literal(expr, false);
        case ExprKind::Float:
            return real_literal(expr.text, expr.offset);
        case ExprKind::String:
            return text_literal(expr.text, expr.offset);
        case ExprKind::Blob: {
            Value blob = make_value(quote_bytea(expr.text), true, TypeKind::Bytea, kClassBlob);
            blob.literal = LiteralKind::Blob;
            blob.literal_text = expr.text;
            blob.not_null = true;
            return blob;
        }
        case ExprKind::Boolean: {
            Value value = make_integer(expr.text, true, TypeKind::Int4);
            value.literal = LiteralKind::Integer;
            value.literal_text = expr.text;
            value.not_null = true;
            return value;
        }
        case ExprKind::CurrentTime:
            return date_function(expr.text, expr);
        case ExprKind::Variable:
            refuse("a parameter (" + expr.text + ")", expr.offset);
        case ExprKind::Column:
            return column(expr);
        case ExprKind::Unary:
            return unary(expr);
        case ExprKind::Binary:
            return binary(expr);
        case ExprKind::IsNull:
            return is_null(expr);
        case ExprKind::Between:
            return between(expr);
        case ExprKind::Like:
            return like(expr);
        case ExprKind::InList:
            return in_list(expr);
        case ExprKind::InSelect:
        case ExprKind::InTable:
            return in_select(expr);
        case ExprKind::Exists:
            return exists(expr);
        case ExprKind::Subquery:
            return subquery(expr);
        case ExprKind::RowValue:
            refuse("a row value outside a comparison", expr.offset);
        case ExprKind::Case:
            return case_expr(expr);
        case ExprKind::Cast:
            return cast(expr);
        case ExprKind::Collate:
            return collate(expr);
        case ExprKind::Function:
            return function(expr);
        case ExprKind::Raise:
            refuse("RAISE() other than as a result of its own", expr.offset);
    }
    refuse("an unknown expression", expr.offset);
}

/* ---- constants ---- */

Value Translator::integer_literal(const Expr& expr, bool negative) {
    std::string digits = expr.text;
    if (digits.size() > 2 && (digits[1] == 'x' || digits[1] == 'X')) {
        if (digits.size() > 18) {
            refuse("a hexadecimal number of more than 64 bits", expr.offset);
        }
        const auto bits = std::strtoull(digits.c_str() + 2, nullptr, 16);
        digits = std::to_string(static_cast<int64_t>(bits));
        if (negative) {
            digits = digits.front() == '-' ? digits.substr(1) : "-" + digits;
        }
    } else {
        /* leading zeros mean nothing */
        digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
        if (negative && digits != "0") {
            digits.insert(0, "-");
        }
    }
    if (!fits_int64(digits)) {
        return real_literal(digits, expr.offset);
    }
    const bool small = fits_int32(digits);
    const bool lowest = digits == "-9223372036854775808"; /* PostgreSQL reads the digits alone */
    Value value =
        make_integer(lowest ? "(-9223372036854775808)::bigint" : digits,
                     lowest || digits.front() != '-', small ? TypeKind::Int4 : TypeKind::Int8);
    value.literal = LiteralKind::Integer;
    value.literal_text = digits;
    value.not_null = true;
    return value;
}

Value Translator::real_literal(const std::string& digits, uint32_t offset) {
    const bool negative = digits.front() == '-';
    std::string number = digits;
    if (number.back() == '.') {
        number += "0";
    }
    Value value = make_real((negative ? "(" + number + ")" : number) + "::double precision", true);
    value.bare = negative ? "(" + number + ")" : number;
    value.literal = LiteralKind::Real;
    value.literal_text = digits;
    value.not_null = true;
    value.offset = offset;
    return value;
}

Value Translator::text_literal(const std::string& text, uint32_t offset) {
    if (text.find('\0') != std::string::npos) {
        refuse("a text with a NUL byte", offset);
    }
    Value value = make_text(quote_literal(text), true);
    value.literal = LiteralKind::Text;
    value.literal_text = text;
    value.not_null = true;
    value.offset = offset;
    return value;
}

/* ---- names ---- */

Value Translator::column_value(const Source& source, size_t index, uint32_t offset) {
    const ColumnInfo& info = source.columns[index];
    const std::string name = quote_identifier(info.target);
    Value value = make_value(source.qualifier.empty() ? name : source.qualifier + "." + name, true,
                             info.kind, kClassText);
    value.offset = offset;
    value.has_affinity = true;
    value.affinity = info.affinity;
    value.collation = fold_name(info.collation);
    if (value.collation == "binary") {
        value.collation.clear();
    }
    value.case_insensitive = info.case_insensitive;
    value.is_column = true;
    value.not_null = info.not_null && !source.nullable;
    value.form = info.form;
    if (index < source.column_formats.size()) {
        value.text_format = source.column_formats[index];
    }
    if (is_integer_kind(info.kind) || info.kind == TypeKind::Bool) {
        value.classes = kClassInteger;
    } else if (is_real_kind(info.kind)) {
        value.classes = kClassReal;
    } else if (info.kind == TypeKind::Numeric) {
        value.classes = kClassNumber;
    } else if (info.kind == TypeKind::Bytea) {
        value.classes = kClassBlob;
    }
    if (info.integer_or_real) {
        value.classes = kClassNumber;
        value.is_column = false;
    }
    return value;
}

std::optional<Value> Translator::find_in_scope(const Expr& expr, Scope& scope) {
    for (Source& source : scope.sources) {
        if (!expr.table.empty() && !same_name(source.name, expr.table)) {
            continue;
        }
        if (expr.table.empty() &&
            (source.must_qualify || source.merged.count(fold_name(expr.text)) != 0)) {
            continue;
        }
        for (size_t i = 0; i < source.columns.size(); ++i) {
            if (same_name(source.columns[i].name, expr.text)) {
                return bare_column(column_value(source, i, expr.offset), scope);
            }
        }
    }
    if (!is_rowid_name(expr.text) || expr.double_quoted) {
        return std::nullopt;
    }
    for (Source& source : scope.sources) {
        const bool other =
            expr.table.empty() ? source.must_qualify : !same_name(source.name, expr.table);
        if (other || !source.has_rowid) {
            continue;
        }
        if (source.rowid_column < 0) {
            refuse("the rowid of " + source.name + ", which no column of it holds", expr.offset);
        }
        return bare_column(
            column_value(source, static_cast<size_t>(source.rowid_column), expr.offset), scope);
    }
    return std::nullopt;
}

/* A result column's alias, which SQLite lets WHERE and the like use. */
std::optional<Value> Translator::find_alias(const Expr& expr, Scope& scope) {
    if (scope.results == nullptr || !expr.table.empty() || scope.resolving_alias > 20) {
        return std::nullopt;
    }
    for (const ResultColumn& result : *scope.results) {
        if (result.has_alias && result.expr && same_name(result.alias, expr.text)) {
            ++scope.resolving_alias;
            Value value = translate(*result.expr);
            --scope.resolving_alias;
            return value;
        }
    }
    return std::nullopt;
}

std::optional<Value> Translator::find_column(const Expr& expr) {
    Scope* const inner = scope_;
    for (Scope* scope = inner; scope != nullptr; scope = scope->outer) {
        if (auto value = find_in_scope(expr, *scope)) {
            return value;
        }
        scope_ = scope;
        auto alias = find_alias(expr, *scope);
        scope_ = inner;
        if (alias) {
            return alias;
        }
    }
    return std::nullopt;
}

Value Translator::column(const Expr& expr) {
    if (auto value = find_column(expr)) {
        return *value;
    }
    if (expr.double_quoted && expr.table.empty()) {
        return text_literal(expr.text, expr.offset);
    }
    refuse("there is no column " + (expr.table.empty() ? "" : expr.table + ".") + expr.text,
           expr.offset);
}

/*
 * A column that is neither grouped by nor inside an aggregate: SQLite takes it
 * from one row of the group, the row of max() or min() if there is just one of
 * these (www.sqlite.org/lang_select.html, 2.5).
 */
Value Translator::bare_column(Value value, Scope& scope) {
    if (!scope.grouped || scope.inside_aggregate > 0 || scope.raw > 0) {
        return value;
    }
    const auto& grouped = scope.group_sql;
    if (std::find(grouped.begin(), grouped.end(), value.sql) != grouped.end()) {
        return value;
    }
    value.sql = "(array_agg(" + value.sql + scope.bare_order + "))[1]";
    value.not_null = false;
    note("a column that is not grouped by is taken from one row of its group");
    return value;
}

/* An expression that is itself grouped by stands as it is. */
std::optional<Value> Translator::grouped_expression(const Expr& expr) {
    Scope* const scope = scope_;
    const bool applies = scope != nullptr && scope->grouped && scope->inside_aggregate == 0 &&
                         scope->raw == 0 && !scope->group_sql.empty() &&
                         (expr.kind == ExprKind::Binary || expr.kind == ExprKind::Function ||
                          expr.kind == ExprKind::Case || expr.kind == ExprKind::Cast ||
                          expr.kind == ExprKind::Unary);
    if (!applies) {
        return std::nullopt;
    }
    ++scope->raw;
    std::optional<Value> found;
    try {
        Value value = translate_node(expr);
        value.offset = expr.offset;
        const auto& grouped = scope->group_sql;
        if (std::find(grouped.begin(), grouped.end(), value.sql) != grouped.end()) {
            found = std::move(value);
        }
    } catch (const Refusal&) {
        found.reset(); /* the real translation says why */
    }
    --scope->raw;
    scope_ = scope;
    return found;
}

/* ---- logic ---- */

Value Translator::logical(const Expr& expr) {
    std::string sql;
    for (const Expr* operand : chain_operands(expr, expr.op)) {
        const std::string condition = as_condition(translate(*operand));
        sql += sql.empty() ? "" : expr.op == Operator::And ? " AND " : " OR ";
        sql += binds_tighter_than_logic(*operand) ? condition : "(" + condition + ")";
    }
    return make_truth(sql);
}

Value Translator::concat(const Expr& expr) {
    std::string sql;
    bool typed = false;
    bool not_null = true;
    for (const Expr* operand : chain_operands(expr, Operator::Concat)) {
        Value value = translate(*operand);
        if (value.kind == TypeKind::Bytea) {
            refuse("|| with a blob", operand->offset);
        }
        value = as_text(std::move(value));
        not_null = not_null && value.not_null;
        const bool needs_type = !typed && value.literal == LiteralKind::Text;
        typed = true;
        sql += (sql.empty() ? "" : " || ") + parenthesized(value) + (needs_type ? "::text" : "");
    }
    Value value = make_text(sql, false);
    value.not_null = not_null;
    return value;
}

Value Translator::is_null(const Expr& expr) {
    const Value value = translate(*expr.operands[0]);
    return make_truth(parenthesized(value) + (expr.negated ? " IS NOT NULL" : " IS NULL"));
}

Value Translator::comparison(const Expr& expr) {
    const Expr& right = *expr.operands[1];
    if (expr.operands[0]->kind == ExprKind::RowValue || right.kind == ExprKind::RowValue) {
        return row_comparison(expr);
    }
    const bool test = expr.op == Operator::Is || expr.op == Operator::IsNot;
    if (test && right.kind == ExprKind::Boolean) {
        const std::string condition = as_condition(translate(*expr.operands[0]));
        return make_truth("(" + condition + ") IS " + (expr.op == Operator::IsNot ? "NOT " : "") +
                          (right.text == "1" ? "TRUE" : "FALSE"));
    }
    const Value left = translate(*expr.operands[0]);
    return make_truth(compare(expr.op, left, translate(right)));
}

/* Column by column; < and the like from the first on. */
Value Translator::row_comparison(const Expr& expr) {
    const Expr& left = *expr.operands[0];
    const Expr& right = *expr.operands[1];
    if (left.operands.size() != right.operands.size() || left.kind != right.kind) {
        refuse("a row value is compared with something else", expr.offset);
    }
    const size_t size = left.operands.size();
    auto column = [&](Operator op, size_t i) {
        return compare(op, translate(*left.operands[i]), translate(*right.operands[i]));
    };
    std::string sql;
    const bool equality = expr.op == Operator::Equal || expr.op == Operator::Is;
    const bool difference = expr.op == Operator::NotEqual || expr.op == Operator::IsNot;
    if (equality || difference) {
        for (size_t i = 0; i < size; ++i) {
            sql += (i == 0 ? "" : equality ? " AND " : " OR ") + column(expr.op, i);
        }
        return make_truth("(" + sql + ")", true);
    }
    const bool less = expr.op == Operator::Less || expr.op == Operator::LessEqual;
    const Operator strict = less ? Operator::Less : Operator::Greater;
    for (size_t i = 0; i + 1 < size; ++i) {
        sql += column(strict, i) + " OR (" + column(Operator::Equal, i) + " AND (";
    }
    sql += column(expr.op, size - 1) + std::string((size - 1) * 2, ')');
    return make_truth("(" + sql + ")", true);
}

Value Translator::between(const Expr& expr) {
    const Value value = translate(*expr.operands[0]);
    const Value low = translate(*expr.operands[1]);
    const Value high = translate(*expr.operands[2]);
    std::string sql;
    const bool constant_null = low.literal == LiteralKind::Null ||
                               high.literal == LiteralKind::Null ||
                               value.literal == LiteralKind::Null;
    Comparison from;
    Comparison to;
    if (!constant_null) {
        from = prepare_comparison(Operator::GreaterEqual, value, low);
        to = prepare_comparison(Operator::LessEqual, value, high);
    }
    if (!constant_null && from.whole.empty() && to.whole.empty() && from.left == to.left) {
        sql = from.left + (expr.negated ? " NOT" : "") + " BETWEEN " + from.right + " AND " +
              to.right;
        return make_truth(sql);
    }
    sql = "(" + compare(Operator::GreaterEqual, value, low) + " AND " +
          compare(Operator::LessEqual, value, high) + ")";
    return make_truth((expr.negated ? "NOT " : "") + sql);
}

/* ---- IN, EXISTS, subqueries ---- */

Value Translator::in_list(const Expr& expr) {
    if (expr.operands[0]->kind == ExprKind::RowValue) {
        refuse("a row value with IN", expr.offset);
    }
    Value left = translate(*expr.operands[0]);
    if (expr.operands.size() == 1) {
        return make_truth(expr.negated ? "true" : "false", true); /* even where it is NULL */
    }
    std::string list;
    std::string common_left;
    std::string separate;
    bool same_left = true;
    for (size_t i = 1; i < expr.operands.size(); ++i) {
        Value item = translate(*expr.operands[i]);
        item.has_affinity = false; /* only the left side's affinity and collation count */
        item.collation.clear();
        item.explicit_collation = false;
        separate += (i == 1 ? "" : " OR ") + compare(Operator::Equal, left, item);
        check_length(separate, expr.offset);
        Comparison parts;
        if (item.literal == LiteralKind::Null) {
            parts = {common_left.empty() ? parenthesized(left) : common_left, "NULL", ""};
        } else if (left.literal != LiteralKind::Null) {
            parts = prepare_comparison(Operator::Equal, left, item);
        }
        if (!parts.whole.empty() || parts.left.empty() || (i > 1 && parts.left != common_left)) {
            same_left = false;
        }
        if (i == 1) {
            common_left = parts.left;
        }
        list += (i == 1 ? "" : ", ") + parts.right;
    }
    if (same_left) {
        return make_truth(common_left + (expr.negated ? " NOT IN (" : " IN (") + list + ")");
    }
    return make_truth((expr.negated ? "NOT (" : "(") + separate + ")");
}

Value Translator::in_select(const Expr& expr) {
    if (!subqueries_) {
        refuse("a subquery", expr.offset);
    }
    if (expr.operands[0]->kind == ExprKind::RowValue) {
        refuse("a row value with IN (SELECT ...)", expr.offset);
    }
    Value left = translate(*expr.operands[0]);
    if (expr.kind == ExprKind::InTable) {
        const TableInfo* table = schema_ ? schema_->find(expr.table) : nullptr;
        if (table == nullptr || !table->missing.empty() || table->columns.size() != 1 ||
            find_common(expr.table) != nullptr) {
            refuse("IN " + expr.table + ", which is no table of one column", expr.offset);
        }
        Source source = source_of(*table, "");
        const Value item = column_value(source, 0, expr.offset);
        return in_rows(
            expr, left,
            "SELECT " + item.sql + " FROM " + quote_qualified(table->target_schema, table->target),
            item);
    }
    SelectResult select = translate_select(*expr.select);
    if (select.values.size() != 1) {
        refuse("IN (SELECT ...) with several columns", expr.offset);
    }
    return in_rows(expr, left, select.sql, select.values[0]);
}

/* left IN (the rows of a query), the query's column converted where comparing asks for it */
Value Translator::in_rows(const Expr& expr, const Value& left, const std::string& select_sql,
                          Value item) {
    const std::string negation = expr.negated ? " NOT IN (" : " IN (";
    if (left.literal == LiteralKind::Null) {
        return make_truth("NULL::boolean", true);
    }
    if (item.literal == LiteralKind::Null) {
        item = as_text(std::move(item));
        item.literal = LiteralKind::None;
    }
    const std::string alias = "in_rows_" + std::to_string(next_alias_++);
    item.literal = LiteralKind::None;
    item.bare.clear();
    item.sql = alias + ".v";
    item.atomic = true;
    const Comparison parts = prepare_comparison(Operator::Equal, left, item);
    if (!parts.whole.empty()) {
        refuse("IN (SELECT ...) of another storage class than its left side", expr.offset);
    }
    if (parts.right == item.sql) {
        return make_truth(parts.left + negation + select_sql + ")");
    }
    return make_truth(parts.left + negation + "SELECT " + parts.right + " FROM (" + select_sql +
                      ") AS " + alias + "(v))");
}

Value Translator::exists(const Expr& expr) {
    if (!subqueries_) {
        refuse("a subquery", expr.offset);
    }
    return make_truth("EXISTS (" + translate_select(*expr.select).sql + ")", true);
}

Value Translator::subquery(const Expr& expr) {
    if (!subqueries_) {
        refuse("a subquery", expr.offset);
    }
    SelectResult select = translate_select(*expr.select);
    if (select.values.size() != 1) {
        refuse("a subquery with several columns as a value", expr.offset);
    }
    Value value = select.values[0];
    /* SQLite takes the first row; PostgreSQL refuses a second one */
    const bool limited = select.single_row || expr.select->limit;
    value.sql = "(" + select.sql + (limited ? "" : " LIMIT 1") + ")";
    value.atomic = true;
    value.is_column = false;
    value.not_null = false;
    value.collation.clear();
    value.explicit_collation = false;
    if (value.literal != LiteralKind::Null) {
        value.literal = LiteralKind::None;
    } else {
        value.literal = LiteralKind::None;
        value.sql += "::text";
    }
    value.bare.clear();
    return value;
}

/* ---- CASE, CAST, COLLATE ---- */

Value Translator::case_expr(const Expr& expr) {
    const size_t start = expr.has_base ? 1 : 0;
    const size_t end = expr.operands.size() - (expr.has_else ? 1 : 0);
    std::optional<Value> base;
    if (expr.has_base) {
        base = translate(*expr.operands[0]);
    }
    std::vector<std::string> conditions;
    std::vector<Value> results;
    for (size_t i = start; i + 1 < end; i += 2) {
        const Value when = translate(*expr.operands[i]);
        conditions.push_back(base ? compare(Operator::Equal, *base, when) : as_condition(when));
        results.push_back(translate(*expr.operands[i + 1]));
    }
    if (expr.has_else) {
        results.push_back(translate(*expr.operands.back()));
    }
    Value value = unify(results, expr.offset);
    if (!expr.has_else) {
        value.not_null = false;
    }
    std::string sql = "CASE";
    for (size_t i = 0; i < conditions.size(); ++i) {
        sql += " WHEN " + conditions[i] + " THEN " + results[i].sql;
    }
    if (expr.has_else) {
        sql += " ELSE " + results.back().sql;
    }
    value.sql = sql + " END";
    value.atomic = false;
    value.has_affinity = false;
    value.literal = LiteralKind::None;
    value.collation.clear();
    return value;
}

Value Translator::cast(const Expr& expr) {
    Value value = translate(*expr.operands[0]);
    if (value.literal == LiteralKind::Null) {
        return value;
    }
    const Affinity affinity = affinity_of(expr.text);
    const std::string json = value.json;
    value.json.clear(); /* a CAST says what a JSON value is to be */
    Value result;
    switch (affinity) {
        case Affinity::Integer:
            if (value.kind == TypeKind::Bytea) {
                refuse("CAST of a blob to a number", expr.offset);
            }
            result = as_integer(std::move(value));
            break;
        case Affinity::Real:
            result = as_real(std::move(value));
            result.classes = kClassReal;
            break;
        case Affinity::Numeric:
            result = as_number(std::move(value));
            break;
        case Affinity::Text:
            if (value.kind == TypeKind::Bytea) {
                result = make_text("convert_from(" + value.sql + ", 'UTF8')", true);
            } else {
                result = as_text(std::move(value));
            }
            break;
        case Affinity::Blob:
            if (value.kind == TypeKind::Bytea) {
                result = std::move(value);
            } else {
                result = make_value("convert_to(" + as_text(std::move(value)).sql + ", 'UTF8')",
                                    true, TypeKind::Bytea, kClassBlob);
            }
            break;
    }
    result.has_affinity = true;
    result.affinity = affinity;
    result.is_column = false;
    result.form = SourceForm::AsType;
    return result;
}

Value Translator::collate(const Expr& expr) {
    Value value = translate(*expr.operands[0]);
    const std::string collation = fold_name(expr.text);
    if (collation != "binary" && collation != "nocase" && collation != "rtrim") {
        refuse("the application's own collation " + expr.text, expr.offset);
    }
    value.collation = collation == "binary" ? "" : collation;
    value.explicit_collation = true;
    return value;
}

}  // namespace sqlite_import::dialect
