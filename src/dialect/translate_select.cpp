/*
 * translate_select.cpp
 *    One SELECT or VALUES (www.sqlite.org/lang_select.html, 2): columns, groups, windows.
 *    What several of them make up stands in translate_compound.cpp.
 *
 * A query's columns have no names inside: whoever uses it (a view, a subquery
 * in FROM, WITH) gives them names in a column list, so that SQLite's rules for
 * names hold and PostgreSQL's do not matter.
 */
#include "dialect/lexer.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

/* min(x) or max(x) when it is the only one of its kind: bare columns come from its row. */
const Expr* only_extreme(const SelectCore& core) {
    const Expr* extreme = nullptr;
    int count = 0;
    auto see = [&](const Expr& node) {
        if (is_aggregate_call(node) &&
            (same_name(node.text, "min") || same_name(node.text, "max"))) {
            extreme = &node;
            ++count;
        }
    };
    for (const ResultColumn& column : core.columns) {
        if (column.expr) {
            for_each_expr(*column.expr, see);
        }
    }
    if (core.having) {
        for_each_expr(*core.having, see);
    }
    return count == 1 ? extreme : nullptr;
}

/* GROUP BY 1, GROUP BY alias: the expression that is meant. */
const Expr& group_term(const Expr& term, const SelectCore& core) {
    if (term.kind == ExprKind::Integer && term.text.size() < 6) {
        const auto index = static_cast<size_t>(std::stoul(term.text));
        if (index >= 1 && index <= core.columns.size() && core.columns[index - 1].expr) {
            return *core.columns[index - 1].expr;
        }
        Translator::refuse("GROUP BY " + term.text, term.offset);
    }
    return term;
}

}  // namespace

void Translator::expand_star(const ResultColumn& column, Scope& scope, CoreResult& result,
                             uint32_t offset) {
    bool found = false;
    for (Source& source : scope.sources) {
        if (!column.star_table.empty() && !same_name(source.name, column.star_table)) {
            continue;
        }
        found = true;
        for (size_t i = 0; i < source.columns.size(); ++i) {
            const std::string& name = source.columns[i].name;
            if (column.star_table.empty() && source.merged.count(fold_name(name)) != 0) {
                continue;
            }
            result.values.push_back(bare_column(column_value(source, i, offset), scope));
            result.names.push_back(name);
        }
    }
    if (!found) {
        refuse(
            column.star_table.empty() ? "* without FROM" : "there is no table " + column.star_table,
            offset);
    }
}

namespace {

/* The name SQLite gives a result column (a view's column too). */
std::string result_name(const ResultColumn& column, const Scope& scope) {
    if (column.has_alias) {
        return column.alias;
    }
    if (column.expr->kind == ExprKind::Column) {
        for (const Source& source : scope.sources) {
            if (!column.expr->table.empty() && !same_name(source.name, column.expr->table)) {
                continue;
            }
            for (const ColumnInfo& info : source.columns) {
                if (same_name(info.name, column.expr->text)) {
                    return info.name;
                }
            }
        }
        return column.expr->text;
    }
    return column.source;
}

}  // namespace

/* VALUES (...), (...): each column of one type. */
Translator::CoreResult Translator::values_core(const SelectCore& core) {
    CoreResult result;
    result.rows.reserve(core.values.size());
    for (const auto& row : core.values) {
        std::vector<Value> values;
        values.reserve(row.size());
        for (const ExprPtr& expr : row) {
            values.push_back(as_output(translate(*expr)));
        }
        result.rows.push_back(std::move(values));
    }
    for (size_t c = 0; c < result.rows.front().size(); ++c) {
        std::vector<Value> column;
        column.reserve(result.rows.size());
        for (const auto& row : result.rows) {
            column.push_back(row[c]);
        }
        result.values.push_back(unify(column, core.offset));
        for (size_t r = 0; r < column.size(); ++r) {
            result.rows[r][c] = column[r];
        }
        result.names.push_back("column" + std::to_string(c + 1));
    }
    result.single_row = result.rows.size() == 1;
    return result;
}

/* GROUP BY; what is grouped by is remembered in the scope. */
std::string Translator::group_by_sql(const SelectCore& core, Scope& scope) {
    std::string keys;
    for (const ExprPtr& term : core.group_by) {
        const Value value = translate(group_term(*term, core));
        if (value.literal != LiteralKind::None) {
            continue;
        }
        if (value.kind == TypeKind::Json || value.kind == TypeKind::Xml) {
            refuse("GROUP BY a value of type " + std::string(kind_name(value.kind)), term->offset);
        }
        const std::string key =
            has_own_collation(value) ? collated(value, value.collation, false) : value.sql;
        keys += (keys.empty() ? "" : ", ") + key;
        scope.group_sql.push_back(key);
    }
    /* grouping by constants alone is one group, if there are rows */
    return keys.empty() ? " GROUP BY () HAVING count(*) > 0" : " GROUP BY " + keys;
}

/* The order that puts the row of the only max() or min() first, for array_agg(). */
std::string Translator::bare_row_order(const SelectCore& core) {
    const Expr* const extreme = only_extreme(core);
    if (extreme == nullptr) {
        return "";
    }
    const Value value = translate(*extreme->operands[0]);
    return " ORDER BY " +
           (is_text_kind(value.kind) ? collated(value, "", true) : parenthesized(value)) +
           (same_name(extreme->text, "max") ? " DESC NULLS LAST" : " NULLS LAST");
}

std::string Translator::windows_sql(const std::vector<NamedWindow>& windows) {
    std::string sql;
    for (const NamedWindow& window : windows) {
        sql += sql.empty() ? " WINDOW " : ", ";
        sql += quote_identifier(window.name) + " AS " + window_sql(window.spec);
    }
    return sql;
}

Translator::CoreResult Translator::translate_core(const SelectCore& core, Scope& scope) {
    scope_ = &scope;
    if (!core.values.empty()) {
        return values_core(core);
    }
    CoreResult result;
    if (!core.from.empty()) {
        result.tail = " FROM " + from_clause(core.from, scope);
    }
    scope_ = &scope;
    scope.results = &core.columns;
    scope.windows = &core.windows;
    if (core.where) {
        result.tail += " WHERE " + as_condition(translate(*core.where));
    }
    const bool aggregates =
        (core.having && has_aggregate(*core.having)) ||
        std::any_of(core.columns.begin(), core.columns.end(), [](const ResultColumn& column) {
            return column.expr && has_aggregate(*column.expr);
        });
    const bool groups = !core.group_by.empty();
    if (groups) {
        result.tail += group_by_sql(core, scope);
    }
    if (aggregates || groups) {
        scope.bare_order = bare_row_order(core);
        scope.grouped = true;
    }
    if (core.having) {
        const bool second = groups && scope.group_sql.empty();
        const std::string condition = as_condition(translate(*core.having));
        result.tail += second ? " AND (" + condition + ")" : " HAVING " + condition;
    }
    result.tail += windows_sql(core.windows);
    for (const ResultColumn& column : core.columns) {
        if (column.star) {
            expand_star(column, scope, result, column.offset);
            continue;
        }
        result.values.push_back(translate(*column.expr));
        result.names.push_back(result_name(column, scope));
    }
    result.distinct = core.distinct;
    result.single_row = aggregates && !groups;
    return result;
}

}  // namespace sqlite_import::dialect
