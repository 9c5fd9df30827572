/*
 * translate_from.cpp
 *    FROM: tables, subqueries and joins, and what their columns are called.
 *
 * Every join is written with the condition spelled out (USING and NATURAL too),
 * because SQLite compares the columns by affinity; a comma is a CROSS JOIN,
 * which binds in SQLite as JOIN does.
 */
#include "dialect/lexer.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

const CommonTableInfo* Translator::find_common(std::string_view name) const {
    const std::string folded = fold_name(name);
    for (auto it = common_tables_.rbegin(); it != common_tables_.rend(); ++it) {
        if (it->name == folded) {
            return &*it;
        }
    }
    return nullptr;
}

namespace {

/* "(a, b)" of the target names of columns */
std::string column_list(const std::vector<ColumnInfo>& columns) {
    std::string sql;
    for (const ColumnInfo& column : columns) {
        sql += (sql.empty() ? "" : ", ") + quote_identifier(column.target);
    }
    return "(" + sql + ")";
}

}  // namespace

std::string Translator::table_ref(const TableRef& ref, Scope& scope) {
    Source source;
    source.name = ref.alias.empty() ? ref.name : ref.alias;
    switch (ref.kind) {
        case TableRef::Kind::Function:
            refuse("the table-valued function " + ref.name + "()", ref.offset);
        case TableRef::Kind::Group: {
            if (!ref.alias.empty()) {
                refuse("an alias of a join in parentheses", ref.offset);
            }
            return "(" + from_clause(ref.group, scope) + ")";
        }
        case TableRef::Kind::Subquery: {
            SelectResult select = translate_select(*ref.select);
            std::vector<ColumnInfo> columns = result_columns(select);
            if (source.name.empty()) {
                source.name = "subquery_" + std::to_string(next_alias_++);
            }
            source.qualifier = quote_identifier(source.name);
            source.columns = columns;
            source.has_rowid = false;
            scope.sources.push_back(source);
            return "(" + select.sql + ") AS " + source.qualifier + column_list(columns);
        }
        case TableRef::Kind::Table:
            break;
    }
    const std::string alias = ref.alias.empty() ? "" : " AS " + quote_identifier(ref.alias);
    const CommonTableInfo* common = ref.schema.empty() ? find_common(ref.name) : nullptr;
    if (common != nullptr) {
        if (!common->ready) {
            refuse("WITH " + ref.name + " reads itself in a way PostgreSQL does not allow",
                   ref.offset);
        }
        source.columns = common->columns;
        source.has_rowid = false;
        source.qualifier = quote_identifier(ref.alias.empty() ? common->target : ref.alias);
        scope.sources.push_back(source);
        return quote_identifier(common->target) + alias;
    }
    const TableInfo* table = schema_ != nullptr ? schema_->find(ref.name) : nullptr;
    if (table == nullptr) {
        refuse("there is no table " + ref.name, ref.offset);
    }
    if (!table->missing.empty()) {
        refuse("it reads " + ref.name + ", which is not in PostgreSQL: " + table->missing,
               ref.offset);
    }
    const std::string name = source.name;
    source = source_of(*table, quote_identifier(ref.alias.empty() ? table->target : ref.alias));
    source.name = name;
    scope.sources.push_back(source);
    return quote_qualified(table->target_schema, table->target) + alias;
}

/* The condition of ON, USING or NATURAL between what stands left and right of the join. */
std::string Translator::join_condition(const FromItem& item, Scope& scope, size_t first_right) {
    if (item.on) {
        return as_condition(translate(*item.on));
    }
    std::vector<std::string> names = item.using_columns;
    if (item.natural) {
        for (size_t r = first_right; r < scope.sources.size(); ++r) {
            for (const ColumnInfo& column : scope.sources[r].columns) {
                for (size_t l = 0; l < first_right; ++l) {
                    const auto& columns = scope.sources[l].columns;
                    if (std::any_of(columns.begin(), columns.end(), [&](const ColumnInfo& c) {
                            return same_name(c.name, column.name);
                        })) {
                        names.push_back(column.name);
                        break;
                    }
                }
            }
        }
    }
    if (!names.empty() && (item.join == JoinType::Right || item.join == JoinType::Full)) {
        refuse("USING or NATURAL with a RIGHT or FULL JOIN", item.table.offset);
    }
    auto find = [&](const std::string& name, size_t from, size_t to) -> Value {
        for (size_t s = from; s < to; ++s) {
            Source& source = scope.sources[s];
            for (size_t i = 0; i < source.columns.size(); ++i) {
                if (same_name(source.columns[i].name, name)) {
                    return column_value(source, i, item.table.offset);
                }
            }
        }
        refuse("USING (" + name + "), which one side does not have", item.table.offset);
    };
    std::string sql;
    for (const std::string& name : names) {
        const Value left = find(name, 0, first_right);
        const Value right = find(name, first_right, scope.sources.size());
        sql += (sql.empty() ? "" : " AND ") + compare(Operator::Equal, left, right);
        for (size_t s = first_right; s < scope.sources.size(); ++s) {
            scope.sources[s].merged.insert(fold_name(name));
        }
    }
    return sql;
}

std::string Translator::from_clause(const std::vector<FromItem>& items, Scope& scope) {
    Scope* const before = scope_;
    std::string sql;
    const size_t first = scope.sources.size();
    for (const FromItem& item : items) {
        const size_t right = scope.sources.size();
        scope_ = scope.outer; /* a subquery in FROM does not see its neighbours */
        const std::string table = table_ref(item.table, scope);
        scope_ = &scope;
        if (&item == &items.front()) {
            sql = table;
            continue;
        }
        std::string condition = join_condition(item, scope, right);
        const char* join = " JOIN ";
        if (item.join == JoinType::Left || item.join == JoinType::Full) {
            join = item.join == JoinType::Left ? " LEFT JOIN " : " FULL JOIN ";
            for (size_t s = right; s < scope.sources.size(); ++s) {
                scope.sources[s].nullable = true;
            }
        }
        if (item.join == JoinType::Right || item.join == JoinType::Full) {
            join = item.join == JoinType::Right ? " RIGHT JOIN " : " FULL JOIN ";
            for (size_t s = first; s < right; ++s) {
                scope.sources[s].nullable = true;
            }
        }
        const bool inner = item.join == JoinType::Inner || item.join == JoinType::Comma ||
                           item.join == JoinType::Cross;
        if (inner && condition.empty()) {
            sql += " CROSS JOIN " + table;
            continue;
        }
        sql += join + table + " ON " + (condition.empty() ? "true" : condition);
    }
    scope_ = before;
    return sql;
}

}  // namespace sqlite_import::dialect
