/*
 * translate_name.cpp
 *    Names of columns, and constants (www.sqlite.org/lang_expr.html#literal_values_constants_,
 *    lang_select.html#bareagg).
 */
#include "dialect/lexer.hpp"
#include "dialect/number_text.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

#include <algorithm>
#include <cstdlib>

namespace sqlite_import::dialect {

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

namespace {

bool is_rowid_name(const std::string& name) {
    return same_name(name, "rowid") || same_name(name, "oid") || same_name(name, "_rowid_");
}

}  // namespace

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
    value.from = info.from;
    value.real_count = info.real_count;
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

}  // namespace sqlite_import::dialect
