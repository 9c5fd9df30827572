/*
 * translate_expr.cpp
 *    The plain structure of expressions: logic, comparisons, CASE, CAST
 *    (www.sqlite.org/lang_expr.html).
 *
 * Operators that compute stand in translate_operator.cpp, names and constants in
 * translate_name.cpp.
 */
#include "dialect/lexer.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

bool is_comparison(Operator op) {
    return op == Operator::Equal || op == Operator::NotEqual || op == Operator::Is ||
           op == Operator::IsNot || op == Operator::Less || op == Operator::LessEqual ||
           op == Operator::Greater || op == Operator::GreaterEqual;
}

/* Operands of AND, OR and NOT that need no parentheses there. */
bool binds_tighter_than_logic(const Expr& expr) {
    static constexpr ExprKind kTight[] = {
        ExprKind::Column,   ExprKind::IsNull,  ExprKind::Like,     ExprKind::Exists,
        ExprKind::Function, ExprKind::Boolean, ExprKind::Subquery,
    };
    if (expr.kind == ExprKind::Binary) {
        return is_comparison(expr.op) && expr.operands[1]->kind != ExprKind::Boolean &&
               expr.operands[0]->kind != ExprKind::RowValue;
    }
    return std::find(std::begin(kTight), std::end(kTight), expr.kind) != std::end(kTight);
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
