/*
 * translate_compound.cpp
 *    Whole queries: compounds, WITH, order, limit, and the names of columns
 *    (www.sqlite.org/lang_select.html, 3 to 5; lang_with.html).
 */
#include "dialect/lexer.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

std::string select_list(const std::vector<Value>& values) {
    std::string sql;
    for (const Value& value : values) {
        sql += (sql.empty() ? "" : ", ") + value.sql;
    }
    return sql;
}

}  // namespace

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

void fix_types(std::vector<Value>& values) {
    for (Value& value : values) {
        fix_type(value);
    }
}

/* The first bytes of a name, no character cut in two. */
std::string clipped(const std::string& name, size_t size) {
    if (name.size() <= size) {
        return name;
    }
    while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xC0) == 0x80) {
        --size;
    }
    return name.substr(0, size);
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

std::vector<Translator::CoreResult> Translator::translate_cores(const Select& select,
                                                                std::vector<Scope>& scopes,
                                                                Scope* outer) {
    std::vector<CoreResult> cores;
    cores.reserve(select.cores.size());
    for (size_t i = 0; i < select.cores.size(); ++i) {
        scopes[i].outer = outer;
        scope_ = outer;
        cores.push_back(translate_core(select.cores[i], scopes[i]));
        if (cores[i].values.size() != cores[0].values.size()) {
            refuse("the parts of a compound SELECT have different numbers of columns",
                   select.offset);
        }
    }
    return cores;
}

/* The result's columns; those of a compound are made of one type in all its parts. */
std::vector<Value> Translator::unify_columns(const Select& select, std::vector<CoreResult>& cores) {
    if (cores.size() == 1) {
        return cores[0].values;
    }
    const bool compares =
        std::any_of(select.operators.begin(), select.operators.end(),
                    [](CompoundOperator op) { return op != CompoundOperator::UnionAll; });
    std::vector<Value> result;
    for (size_t c = 0; c < cores[0].values.size(); ++c) {
        std::vector<Value> column;
        column.reserve(cores.size());
        for (const CoreResult& core : cores) {
            column.push_back(core.values[c]);
            if (compares && has_own_collation(core.values[c])) {
                refuse("a compound SELECT that compares text under a collation", select.offset);
            }
        }
        Value common = unify(column, select.offset);
        common.has_affinity = cores[0].values[c].has_affinity;
        common.affinity = cores[0].values[c].affinity;
        for (size_t i = 0; i < cores.size(); ++i) {
            cores[i].values[c] = column[i];
        }
        result.push_back(common);
    }
    return result;
}

/* What DISTINCT ON needs where a text is compared under a collation; empty for plain DISTINCT. */
std::vector<std::string> Translator::distinct_keys(const CoreResult& core) {
    std::vector<std::string> keys;
    if (std::none_of(core.values.begin(), core.values.end(), has_own_collation)) {
        return keys;
    }
    for (const Value& value : core.values) {
        if (value.literal == LiteralKind::None) {
            keys.push_back(is_text_kind(value.kind) ? collated(value, value.collation, false)
                                                    : value.sql);
        }
    }
    return keys;
}

/* SQLite's compound operators go from left to right; in PostgreSQL INTERSECT binds tighter. */
std::string Translator::compound_sql(const Select& select, const std::vector<CoreResult>& cores) {
    std::string sql;
    for (size_t i = 0; i < cores.size(); ++i) {
        const CoreResult& core = cores[i];
        const auto keys = core.distinct ? distinct_keys(core) : std::vector<std::string>();
        const std::string part = core_sql(core.values, core.distinct, keys, core.rows, core.tail);
        if (i == 0) {
            sql = part;
            continue;
        }
        if (i > 1 && select.operators[i - 1] != select.operators[i - 2]) {
            sql.insert(0, "(");
            sql += ")";
        }
        sql += compound_word(select.operators[i - 1]);
        sql += part;
    }
    return sql;
}

/* A query without its WITH.  fixed_types: a half of a recursive WITH. */
SelectResult Translator::translate_body(const Select& select, bool fixed_types, Scope* outer) {
    std::vector<Scope> scopes(select.cores.size());
    std::vector<CoreResult> cores = translate_cores(select, scopes, outer);
    const std::vector<Value> before_output = cores[0].values; /* for ORDER BY */
    for (CoreResult& core : cores) {
        for (Value& value : core.values) {
            value = core.rows.empty() ? as_output(std::move(value)) : value;
        }
    }
    SelectResult result;
    result.names = cores[0].names;
    result.values = unify_columns(select, cores);
    if (fixed_types) {
        fix_types(result.values);
        for (CoreResult& core : cores) {
            fix_types(core.values);
            for (auto& row : core.rows) {
                fix_types(row);
            }
        }
    }
    const bool compound = cores.size() > 1;
    result.single_row = !compound && cores[0].single_row;
    result.sql = compound_sql(select, cores);
    if (!select.order_by.empty()) {
        const OrderContext context{select, compound || cores[0].distinct, before_output,
                                   result.values, result.names};
        result.sql = ordered_sql(context, result.sql, scopes[0]);
    }
    scope_ = outer;
    result.sql += limit_sql(select);
    return result;
}

/* The result column that an ORDER BY term names by number, alias or, outside, by its name. */
std::optional<size_t> Translator::order_position(const OrderContext& context, const Expr& expr) {
    if (expr.kind == ExprKind::Integer && expr.text.size() < 6) {
        const auto index = static_cast<size_t>(std::stoul(expr.text));
        if (index < 1 || index > context.values.size()) {
            refuse("ORDER BY " + expr.text, expr.offset);
        }
        return index - 1;
    }
    if (expr.kind != ExprKind::Column || !expr.table.empty()) {
        return std::nullopt;
    }
    const auto& columns = context.select.cores[0].columns;
    for (size_t i = 0; i < context.names.size(); ++i) {
        const bool alias = columns.size() == context.names.size() && columns[i].has_alias;
        if (same_name(context.names[i], expr.text) && (alias || context.wrap)) {
            return i;
        }
    }
    return std::nullopt;
}

/* One term of ORDER BY; empty for a constant. */
std::string Translator::ordered_term(const OrderContext& context, const OrderTerm& term,
                                     const std::string& wrapper) {
    const Expr* expr = term.expr.get();
    std::optional<std::string> collation;
    if (expr->kind == ExprKind::Collate) {
        collation = fold_name(expr->text);
        expr = expr->operands[0].get();
    }
    std::optional<size_t> position = order_position(context, *expr);
    Value value;
    if (position) {
        value = context.wrap ? context.outputs[*position] : context.values[*position];
    } else {
        value = translate(*expr);
        for (size_t i = 0; i < context.outputs.size() && context.wrap && !position; ++i) {
            if (context.outputs[i].sql == value.sql || context.values[i].sql == value.sql) {
                position = i;
            }
        }
    }
    if (context.wrap) {
        if (!position) {
            refuse("ORDER BY something that is no result column, behind DISTINCT or a compound",
                   expr->offset);
        }
        value.sql = wrapper + ".c" + std::to_string(*position + 1);
        value.atomic = true;
        value.literal = LiteralKind::None;
    }
    if (collation) {
        value.collation = *collation == "binary" ? "" : *collation;
    }
    return value.literal == LiteralKind::None ? order_key(value, term) : "";
}

/*
 * Adds ORDER BY.  Behind DISTINCT and compounds PostgreSQL orders by output
 * columns only, so there the query is wrapped, and ordered from outside.
 */
std::string Translator::ordered_sql(const OrderContext& context, const std::string& sql,
                                    Scope& scope) {
    scope_ = &scope;
    const std::string wrapper = "ordered_" + std::to_string(next_alias_);
    std::string keys;
    for (const OrderTerm& term : context.select.order_by) {
        const std::string key = ordered_term(context, term, wrapper);
        keys += key.empty() || keys.empty() ? key : ", " + key;
    }
    if (keys.empty()) {
        return sql;
    }
    if (!context.wrap) {
        return sql + " ORDER BY " + keys;
    }
    ++next_alias_;
    std::string columns;
    for (size_t i = 0; i < context.outputs.size(); ++i) {
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
        target = clipped(target, 63);
        const std::string base = clipped(target, 58);
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
        column.from = value.from;
        column.real_count = value.real_count;
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
