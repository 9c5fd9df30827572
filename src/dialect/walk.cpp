/*
 * walk.cpp
 *    Walking over trees; see walk.hpp.
 */
#include "dialect/walk.hpp"

#include "dialect/lexer.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

using Names = std::set<std::string>;

void tables_of_expr(const Expr* expr, const Names& hidden, Names& tables) {
    if (expr == nullptr) {
        return;
    }
    for_each_expr(*expr, [&](const Expr& node) {
        if (node.select) {
            collect_tables(*node.select, hidden, tables);
        }
        if (node.kind == ExprKind::InTable && hidden.count(fold_name(node.table)) == 0) {
            tables.insert(fold_name(node.table));
        }
    });
}

void tables_of_from(const std::vector<FromItem>& items, const Names& hidden, Names& tables) {
    for (const FromItem& item : items) {
        const TableRef& ref = item.table;
        if (ref.kind == TableRef::Kind::Table && hidden.count(fold_name(ref.name)) == 0) {
            tables.insert(fold_name(ref.name));
        }
        if (ref.select) {
            collect_tables(*ref.select, hidden, tables);
        }
        for (const ExprPtr& argument : ref.arguments) {
            tables_of_expr(argument.get(), hidden, tables);
        }
        tables_of_from(ref.group, hidden, tables);
        tables_of_expr(item.on.get(), hidden, tables);
    }
}

void tables_of_core(const SelectCore& core, const Names& hidden, Names& tables) {
    tables_of_from(core.from, hidden, tables);
    for (const ResultColumn& column : core.columns) {
        tables_of_expr(column.expr.get(), hidden, tables);
    }
    tables_of_expr(core.where.get(), hidden, tables);
    for (const ExprPtr& term : core.group_by) {
        tables_of_expr(term.get(), hidden, tables);
    }
    tables_of_expr(core.having.get(), hidden, tables);
    for (const auto& row : core.values) {
        for (const ExprPtr& value : row) {
            tables_of_expr(value.get(), hidden, tables);
        }
    }
}

}  // namespace

void collect_tables(const Select& select, Names hidden, Names& tables) {
    for (const CommonTable& table : select.with.tables) {
        hidden.insert(fold_name(table.name));
    }
    for (const CommonTable& table : select.with.tables) {
        collect_tables(*table.select, hidden, tables);
    }
    for (const SelectCore& core : select.cores) {
        tables_of_core(core, hidden, tables);
    }
    for (const OrderTerm& term : select.order_by) {
        tables_of_expr(term.expr.get(), hidden, tables);
    }
    tables_of_expr(select.limit.get(), hidden, tables);
    tables_of_expr(select.limit_offset.get(), hidden, tables);
}

void for_each_expr(const Expr& expr, const std::function<void(const Expr&)>& f) {
    f(expr);
    for (const ExprPtr& operand : expr.operands) {
        for_each_expr(*operand, f);
    }
    for (const OrderTerm& term : expr.order_by) {
        for_each_expr(*term.expr, f);
    }
    if (expr.filter) {
        for_each_expr(*expr.filter, f);
    }
    if (expr.window) {
        for (const ExprPtr& partition : expr.window->partition_by) {
            for_each_expr(*partition, f);
        }
        for (const OrderTerm& term : expr.window->order_by) {
            for_each_expr(*term.expr, f);
        }
    }
}

bool is_aggregate_call(const Expr& expr) {
    if (expr.kind != ExprKind::Function || expr.window) {
        return false;
    }
    static constexpr const char* kAggregates[] = {"count",
                                                  "sum",
                                                  "total",
                                                  "avg",
                                                  "group_concat",
                                                  "string_agg",
                                                  "json_group_array",
                                                  "json_group_object"};
    const bool extreme =
        (same_name(expr.text, "min") || same_name(expr.text, "max")) && expr.operands.size() == 1;
    return extreme || std::any_of(std::begin(kAggregates), std::end(kAggregates),
                                  [&](const char* name) { return same_name(expr.text, name); });
}

bool has_aggregate(const Expr& expr) {
    bool found = false;
    for_each_expr(expr, [&](const Expr& node) { found = found || is_aggregate_call(node); });
    return found;
}

std::vector<const Expr*> chain_operands(const Expr& expr, Operator op) {
    std::vector<const Expr*> operands;
    const Expr* at = &expr;
    while (at->kind == ExprKind::Binary && at->op == op) {
        operands.push_back(at->operands[1].get());
        at = at->operands[0].get();
    }
    operands.push_back(at);
    std::reverse(operands.begin(), operands.end());
    return operands;
}

}  // namespace sqlite_import::dialect
