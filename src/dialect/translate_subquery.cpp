/*
 * translate_subquery.cpp
 *    IN, EXISTS and scalar subqueries (www.sqlite.org/lang_expr.html#in_op, #subq).
 */
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

namespace sqlite_import::dialect {

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

}  // namespace sqlite_import::dialect
