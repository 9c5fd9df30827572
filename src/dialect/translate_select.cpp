/*
 * translate_select.cpp
 *    SELECT (www.sqlite.org/lang_select.html): cores, compounds, WITH, order, limit.
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

/* One SELECT taken apart, so that its columns can still be converted. */
struct Translator::CoreResult {
    std::vector<Value> values;
    std::vector<std::string> names;
    std::vector<std::vector<Value>> rows; /* of VALUES */
    bool distinct = false;
    std::string tail; /* FROM and all behind it */
    bool single_row = false;
};

namespace {

bool has_own_collation(const Value& value) {
    return is_text_kind(value.kind) && !value.collation.empty() && !value.case_insensitive;
}

std::string select_list(const std::vector<Value>& values) {
    std::string sql;
    for (const Value& value : values) {
        sql += (sql.empty() ? "" : ", ") + value.sql;
    }
    return sql;
}

}  // namespace

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

Translator::CoreResult Translator::translate_core(const SelectCore& core, Scope& scope) {
    CoreResult result;
    scope_ = &scope;
    if (!core.values.empty()) {
        for (const auto& row : core.values) {
            std::vector<Value> values;
            for (const ExprPtr& expr : row) {
                values.push_back(as_output(translate(*expr)));
            }
            result.rows.push_back(std::move(values));
        }
        for (size_t c = 0; c < result.rows.front().size(); ++c) {
            std::vector<Value> column;
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
    if (!core.from.empty()) {
        result.tail = " FROM " + from_clause(core.from, scope);
    }
    scope_ = &scope;
    scope.results = &core.columns;
    scope.windows = &core.windows;
    if (core.where) {
        result.tail += " WHERE " + as_condition(translate(*core.where));
    }
    bool aggregates = core.having != nullptr && has_aggregate(*core.having);
    for (const ResultColumn& column : core.columns) {
        aggregates = aggregates || (column.expr && has_aggregate(*column.expr));
    }
    std::string group;
    for (const ExprPtr& term : core.group_by) {
        const Value value = translate(group_term(*term, core));
        if (value.literal != LiteralKind::None) {
            continue;
        }
        const std::string key = is_text_kind(value.kind) && has_own_collation(value)
                                    ? collated(value, value.collation, false)
                                    : value.sql;
        if (value.kind == TypeKind::Json || value.kind == TypeKind::Xml) {
            refuse("GROUP BY a value of type " + std::string(kind_name(value.kind)), term->offset);
        }
        group += (group.empty() ? "" : ", ") + key;
        scope.group_sql.push_back(key);
    }
    if (aggregates || !core.group_by.empty()) {
        if (const Expr* extreme = only_extreme(core)) {
            const Value value = translate(*extreme->operands[0]);
            scope.bare_order =
                " ORDER BY " +
                (is_text_kind(value.kind) ? collated(value, "", true) : parenthesized(value)) +
                (same_name(extreme->text, "max") ? " DESC NULLS LAST" : " NULLS LAST");
        }
        scope.grouped = true;
        if (!core.group_by.empty()) {
            /* grouping by constants alone is one group, if there are rows */
            result.tail += " GROUP BY " + (group.empty() ? "()" : group);
            if (group.empty()) {
                result.tail += " HAVING count(*) > 0";
            }
        }
    }
    if (core.having) {
        result.tail += (group.empty() && !core.group_by.empty() ? " AND (" : " HAVING ") +
                       as_condition(translate(*core.having)) +
                       (group.empty() && !core.group_by.empty() ? ")" : "");
    }
    if (!core.windows.empty()) {
        std::string windows;
        for (const NamedWindow& window : core.windows) {
            windows += (windows.empty() ? " WINDOW " : ", ") + quote_identifier(window.name) +
                       " AS " + window_sql(window.spec);
        }
        result.tail += windows;
    }
    for (const ResultColumn& column : core.columns) {
        if (column.star) {
            expand_star(column, scope, result, column.offset);
            continue;
        }
        result.values.push_back(translate(*column.expr));
        result.names.push_back(result_name(column, scope));
    }
    result.distinct = core.distinct;
    result.single_row = aggregates && core.group_by.empty();
    return result;
}

/* LIMIT and OFFSET; a negative limit is none. */
std::string Translator::limit_sql(const Select& select) {
    std::string sql;
    auto clause = [&](const ExprPtr& expr, const char* word) {
        if (!expr) {
            return;
        }
        const Value value = as_integer(translate(*expr));
        if (value.literal == LiteralKind::Integer || expr->kind == ExprKind::Integer) {
            if (value.sql.front() != '-' && value.sql.front() != '(') {
                sql += word + value.sql;
            }
            return;
        }
        sql += word + ("(CASE WHEN " + parenthesized(value) + " >= 0 THEN " + value.sql + " END)");
    };
    clause(select.limit, " LIMIT ");
    clause(select.limit_offset, " OFFSET ");
    return sql;
}

namespace {

std::string core_sql(const std::vector<Value>& values, bool distinct,
                     const std::vector<std::string>& distinct_on,
                     const std::vector<std::vector<Value>>& rows, const std::string& tail) {
    if (!rows.empty()) {
        std::string sql;
        for (const auto& row : rows) {
            sql += (sql.empty() ? "VALUES (" : ", (") + select_list(row) + ")";
        }
        return sql;
    }
    std::string sql = "SELECT ";
    if (distinct && !distinct_on.empty()) {
        std::string keys;
        for (const std::string& key : distinct_on) {
            keys += (keys.empty() ? "" : ", ") + key;
        }
        sql += "DISTINCT ON (" + keys + ") ";
    } else if (distinct) {
        sql += "DISTINCT ";
    }
    return sql + select_list(values) + tail;
}

const char* compound_word(CompoundOperator op) {
    switch (op) {
        case CompoundOperator::Union:
            return " UNION ";
        case CompoundOperator::UnionAll:
            return " UNION ALL ";
        case CompoundOperator::Intersect:
            return " INTERSECT ";
        case CompoundOperator::Except:
            return " EXCEPT ";
    }
    return " UNION ";
}

/* Under a type of their own, so that both halves of a recursive WITH have the same. */
void fix_type(Value& value) {
    const char* type = is_integer_kind(value.kind)       ? "bigint"
                       : is_real_kind(value.kind)        ? "double precision"
                       : value.kind == TypeKind::Numeric ? "numeric"
                       : is_text_kind(value.kind)        ? "text"
                                                         : nullptr;
    if (type != nullptr) {
        value.sql = parenthesized(value) + "::" + type;
        value.atomic = true;
        value.kind = is_integer_kind(value.kind) ? TypeKind::Int8
                     : is_text_kind(value.kind)  ? TypeKind::Text
                                                 : value.kind;
        value.literal = LiteralKind::None;
    }
}

}  // namespace

SelectResult Translator::translate_select(const Select& select) {
    Scope* const outer = scope_;
    const size_t with_before = common_tables_.size();
    const std::string with = with_clause_sql(select.with);
    SelectResult result = translate_body(select, false, outer);
    result.sql = with + result.sql;
    common_tables_.resize(with_before);
    scope_ = outer;
    return result;
}

/* A query without its WITH.  fixed_types: a half of a recursive WITH. */
SelectResult Translator::translate_body(const Select& select, bool fixed_types, Scope* outer) {
    SelectResult result;
    std::vector<CoreResult> cores;
    std::vector<Scope> scopes(select.cores.size());
    for (size_t i = 0; i < select.cores.size(); ++i) {
        scopes[i].outer = outer;
        scope_ = outer;
        cores.push_back(translate_core(select.cores[i], scopes[i]));
    }
    const bool compound = cores.size() > 1;
    const size_t width = cores[0].values.size();
    result.names = cores[0].names;
    std::vector<Value> before_output = cores[0].values; /* for ORDER BY */
    for (CoreResult& core : cores) {
        if (core.values.size() != width) {
            refuse("the parts of a compound SELECT have different numbers of columns",
                   select.offset);
        }
        for (Value& value : core.values) {
            value = core.rows.empty() ? as_output(std::move(value)) : value;
        }
    }
    for (size_t c = 0; c < width; ++c) {
        if (!compound) {
            result.values.push_back(cores[0].values[c]);
            continue;
        }
        std::vector<Value> column;
        for (const CoreResult& core : cores) {
            column.push_back(core.values[c]);
        }
        Value common = unify(column, select.offset);
        for (size_t i = 0; i < cores.size(); ++i) {
            const bool only_all =
                std::all_of(select.operators.begin(), select.operators.end(),
                            [](CompoundOperator op) { return op == CompoundOperator::UnionAll; });
            if (!only_all && has_own_collation(cores[i].values[c])) {
                refuse("a compound SELECT that compares text under a collation", select.offset);
            }
            cores[i].values[c] = column[i];
        }
        common.has_affinity = cores[0].values[c].has_affinity;
        common.affinity = cores[0].values[c].affinity;
        result.values.push_back(common);
    }
    if (fixed_types) {
        for (CoreResult& core : cores) {
            for (Value& value : core.values) {
                fix_type(value);
            }
            for (auto& row : core.rows) {
                for (Value& value : row) {
                    fix_type(value);
                }
            }
        }
        for (Value& value : result.values) {
            fix_type(value);
        }
    }
    std::string sql;
    for (size_t i = 0; i < cores.size(); ++i) {
        CoreResult& core = cores[i];
        std::vector<std::string> distinct_on;
        const bool by_collation =
            core.distinct && std::any_of(core.values.begin(), core.values.end(), has_own_collation);
        for (const Value& value : core.values) {
            if (by_collation && value.literal == LiteralKind::None) {
                distinct_on.push_back(
                    is_text_kind(value.kind) ? collated(value, value.collation, false) : value.sql);
            }
        }
        /* SQLite's compound operators go from left to right; INTERSECT binds tighter in PostgreSQL
         */
        const std::string part =
            core_sql(core.values, core.distinct, distinct_on, core.rows, core.tail);
        if (i == 0) {
            sql = part;
        } else {
            const bool mixed = i > 1 && select.operators[i - 1] != select.operators[i - 2];
            sql = (mixed ? "(" + sql + ")" : sql) + compound_word(select.operators[i - 1]) + part;
        }
    }
    result.single_row = !compound && cores[0].single_row;
    if (!select.order_by.empty()) {
        sql = ordered_sql(select, sql, compound || cores[0].distinct, before_output, result.values,
                          result.names, scopes[0]);
    }
    scope_ = outer;
    sql += limit_sql(select);
    result.sql = sql;
    return result;
}

/*
 * Adds ORDER BY.  Behind DISTINCT and compounds PostgreSQL orders by output
 * columns only, so there the query is wrapped, and ordered from outside.
 */
std::string Translator::ordered_sql(const Select& select, const std::string& sql, bool wrap,
                                    const std::vector<Value>& values,
                                    const std::vector<Value>& outputs,
                                    const std::vector<std::string>& names, Scope& scope) {
    const SelectCore& core = select.cores[0];
    scope_ = &scope;
    std::string keys;
    const std::string wrapper = "ordered_" + std::to_string(next_alias_);
    for (const OrderTerm& term : select.order_by) {
        const Expr* expr = term.expr.get();
        std::string collation;
        bool explicit_collation = false;
        if (expr->kind == ExprKind::Collate) {
            collation = fold_name(expr->text);
            explicit_collation = true;
            expr = expr->operands[0].get();
        }
        std::optional<size_t> position;
        if (expr->kind == ExprKind::Integer && expr->text.size() < 6) {
            const auto index = static_cast<size_t>(std::stoul(expr->text));
            if (index < 1 || index > values.size()) {
                refuse("ORDER BY " + expr->text, expr->offset);
            }
            position = index - 1;
        } else if (expr->kind == ExprKind::Column && expr->table.empty()) {
            for (size_t i = 0; i < names.size() && !position; ++i) {
                /* an alias, or a column's own name in a compound */
                const bool alias = i < core.columns.size() && names.size() == core.columns.size() &&
                                   core.columns[i].has_alias;
                if (same_name(names[i], expr->text) && (alias || wrap)) {
                    position = i;
                }
            }
        }
        Value value;
        if (position) {
            value = wrap ? outputs[*position] : values[*position];
        } else {
            value = translate(*expr);
            for (size_t i = 0; i < outputs.size() && wrap && !position; ++i) {
                if (outputs[i].sql == value.sql || values[i].sql == value.sql) {
                    position = i;
                }
            }
            if (wrap && !position) {
                refuse("ORDER BY something that is no result column, behind DISTINCT or a compound",
                       expr->offset);
            }
        }
        if (value.literal != LiteralKind::None && !wrap) {
            continue;
        }
        if (wrap) {
            value.sql = wrapper + ".c" + std::to_string(*position + 1);
            value.atomic = true;
            value.literal = LiteralKind::None;
        }
        if (explicit_collation) {
            value.collation = collation == "binary" ? "" : collation;
        }
        if (value.kind == TypeKind::Json || value.kind == TypeKind::Xml || !value.json.empty()) {
            refuse("ORDER BY a JSON value", expr->offset);
        }
        std::string key = is_text_kind(value.kind) ? collated(value, value.collation, true)
                                                   : parenthesized(value);
        const bool descending = term.order == SortOrder::Descending;
        const bool nulls_first = term.nulls == NullsOrder::First ||
                                 (term.nulls == NullsOrder::Unspecified && !descending);
        key += descending ? " DESC" : "";
        if (!value.not_null && nulls_first != descending) {
            key += nulls_first ? " NULLS FIRST" : " NULLS LAST";
        }
        keys += (keys.empty() ? "" : ", ") + key;
    }
    if (keys.empty()) {
        return sql;
    }
    if (!wrap) {
        return sql + " ORDER BY " + keys;
    }
    ++next_alias_;
    std::string columns;
    for (size_t i = 0; i < outputs.size(); ++i) {
        columns += (i == 0 ? "c" : ", c") + std::to_string(i + 1);
    }
    return "SELECT * FROM (" + sql + ") AS " + wrapper + "(" + columns + ") ORDER BY " + keys;
}

/* A query's columns as a table's: names that PostgreSQL can have side by side. */
std::vector<ColumnInfo> Translator::result_columns(const SelectResult& select,
                                                   const std::vector<std::string>& names) const {
    std::vector<ColumnInfo> columns;
    std::set<std::string> taken;
    for (size_t i = 0; i < select.values.size(); ++i) {
        const Value& value = select.values[i];
        ColumnInfo column;
        column.name = i < names.size() ? names[i] : select.names[i];
        std::string target = renamed(column.name);
        if (target.empty() || target.find('\0') != std::string::npos) {
            target = "column" + std::to_string(i + 1);
        }
        target = target.substr(0, 63);
        const std::string base = target.substr(0, 58);
        for (int n = 1; !taken.insert(target).second; ++n) {
            target = base + "_" + std::to_string(n);
        }
        column.target = target;
        column.kind = value.literal == LiteralKind::Null ? TypeKind::Text : value.kind;
        column.pg_type = kind_name(column.kind);
        column.affinity = value.has_affinity ? value.affinity : Affinity::Blob;
        column.collation = value.collation;
        column.case_insensitive = value.case_insensitive;
        column.not_null = value.not_null;
        column.form = value.form;
        column.integer_or_real = is_number_kind(value.kind) && value.classes == kClassNumber &&
                                 !(value.is_column && value.kind == TypeKind::Numeric);
        columns.push_back(std::move(column));
    }
    return columns;
}

std::string Translator::with_clause_sql(const WithClause& with) {
    if (with.tables.empty()) {
        return "";
    }
    std::string sql;
    bool recursive = false;
    for (const CommonTable& table : with.tables) {
        CommonTableInfo info;
        info.name = fold_name(table.name);
        info.target = table.name;
        common_tables_.push_back(info);
        const size_t index = common_tables_.size() - 1;
        std::set<std::string> reads;
        collect_tables(*table.select, {}, reads);
        const bool self = reads.count(info.name) != 0;
        SelectResult select;
        if (self) {
            recursive = true;
            select = recursive_table(table, index);
        } else {
            select = translate_select(*table.select);
        }
        common_tables_[index].columns = result_columns(select, table.columns);
        common_tables_[index].ready = true;
        std::string columns;
        for (const ColumnInfo& column : common_tables_[index].columns) {
            columns += (columns.empty() ? "" : ", ") + quote_identifier(column.target);
        }
        const char* const materialized = table.materialized == Materialized::Yes ? "MATERIALIZED "
                                         : table.materialized == Materialized::No
                                             ? "NOT MATERIALIZED "
                                             : "";
        sql += (sql.empty() ? "" : ", ") + quote_identifier(info.target) + "(" + columns + ") AS " +
               materialized + "(" + select.sql + ")";
    }
    return (recursive ? "WITH RECURSIVE " : "WITH ") + sql + " ";
}

/* WITH that reads itself: its columns are those of the first part. */
SelectResult Translator::recursive_table(const CommonTable& table, size_t index) {
    const Select& select = *table.select;
    if (select.cores.size() != 2 || !select.order_by.empty() || select.limit ||
        !select.with.tables.empty() ||
        (select.operators[0] != CompoundOperator::Union &&
         select.operators[0] != CompoundOperator::UnionAll)) {
        refuse("a recursive WITH that is not one SELECT UNION [ALL] another", table.offset);
    }
    Scope* const outer = scope_;
    Scope scope;
    scope.outer = outer;
    SelectResult first;
    CoreResult core = translate_core(select.cores[0], scope);
    first.values = core.values;
    for (Value& value : first.values) {
        value = as_output(std::move(value));
        fix_type(value);
        value.not_null = false;
    }
    first.names = core.names;
    scope_ = outer;
    common_tables_[index].columns = result_columns(first, table.columns);
    common_tables_[index].ready = true;
    SelectResult result = translate_body(select, true, outer);
    scope_ = outer;
    return result;
}

}  // namespace sqlite_import::dialect
