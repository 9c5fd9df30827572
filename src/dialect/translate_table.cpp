/*
 * translate_table.cpp
 *    What belongs to a table: defaults, CHECKs, generated columns, indexes.
 *
 * translate.hpp's functions for these, and the conversion of a value to what a
 * column stores (Translator::assign), which defaults and triggers share.
 */
#include "dialect/date_text.hpp"
#include "dialect/lexer.hpp"
#include "dialect/number_text.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

#include "values/time_unit.hpp"

#include <algorithm>
#include <cstdlib>

namespace sqlite_import::dialect {

const ColumnInfo* TableInfo::find_column(std::string_view column) const {
    for (const ColumnInfo& candidate : columns) {
        if (same_name(candidate.name, column)) {
            return &candidate;
        }
    }
    return nullptr;
}

void SchemaInfo::add(TableInfo table) {
    const std::string key = fold_name(table.name);
    tables_[key] = std::move(table);
}

const TableInfo* SchemaInfo::find(std::string_view name) const {
    const auto found = tables_.find(fold_name(name));
    return found == tables_.end() ? nullptr : &found->second;
}

namespace {

[[noreturn]] void does_not_fit(const Value& value, const ColumnInfo& column) {
    const std::string what = value.literal == LiteralKind::None ? "the value" : "the constant";
    throw Refusal(what + " does not fit the type " + column.pg_type, value.offset);
}

bool is_json_kind(TypeKind kind) {
    return kind == TypeKind::Json || kind == TypeKind::Jsonb;
}

/* A constant for a boolean column; SQLite's texts 'true' and the like are texts there. */
std::optional<std::string> boolean_constant(const Value& value) {
    const std::string text = fold_name(value.literal_text);
    if (text == "1" || text == "true" || text == "t" || text == "yes" || text == "1.0") {
        return "true";
    }
    if (text == "0" || text == "false" || text == "f" || text == "no" || text == "0.0") {
        return "false";
    }
    return std::nullopt;
}

std::string cast_to(const Value& value, const ColumnInfo& column) {
    return parenthesized(value) + "::" + column.pg_type;
}

/* How many characters a UTF-8 text has. */
long characters(const std::string& text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

/* n of character varying(n); 0 if there is none */
long length_limit(const std::string& pg_type) {
    const size_t open = pg_type.find('(');
    return open == std::string::npos ? 0 : std::strtol(pg_type.c_str() + open + 1, nullptr, 10);
}

bool integer_fits(const std::string& digits, TypeKind kind) {
    if (kind == TypeKind::Int8) {
        return fits_int64(digits);
    }
    const long long value = std::strtoll(digits.c_str(), nullptr, 10);
    return fits_int32(digits) && (kind == TypeKind::Int4 || (value >= -32768 && value <= 32767));
}

/* A real that is a whole number is an integer in an INTEGER column: "1.0" is 1. */
std::string whole_digits(const std::string& digits) {
    const size_t point = digits.find('.');
    const bool zeros =
        point != std::string::npos && digits.find_first_not_of('0', point + 1) == std::string::npos;
    return zeros ? (point == 0 ? "0" : digits.substr(0, point)) : digits;
}

/* A constant number for a number column, as bare digits; none if it does not fit. */
std::optional<std::string> number_constant(const Value& value, const ColumnInfo& column) {
    const auto number = whole_number(value.literal_text);
    if (!number) {
        return std::nullopt;
    }
    if (is_integer_kind(column.kind)) {
        const std::string digits = whole_digits(number->digits);
        const bool digits_only = digits.find_first_not_of("-0123456789") == std::string::npos;
        return digits_only && integer_fits(digits, column.kind) ? std::optional(digits)
                                                                : std::nullopt;
    }
    return number->digits.back() == '.' ? number->digits + "0" : number->digits;
}

/* A constant number, also one that is written as text, as the moment that it counts to; by the same
 * reading as the column's values, computed here. */
std::optional<std::string> instant_of_constant(const Value& value, const ColumnInfo& column) {
    const std::string& text = value.literal_text;
    values::Decimal decimal;
    values::Moment moment;
    int64_t instant = 0;
    bool altered = false;
    if (column.form != SourceForm::Number ||
        values::parse_decimal(text.data(), text.size(), &decimal) != values::DecimalParse::Ok) {
        return std::nullopt;
    }
    if (column.from == values::From::Compact) {
        char digits[values::kCompactDigits];
        const size_t size = values::compact_digits(decimal, digits);
        if (values::parse_compact(digits, size, &moment) != values::MomentParse::Ok ||
            moment.below_microsecond) {
            return std::nullopt;
        }
        instant = moment.days * values::kMicrosecondsPerDay + moment.microseconds;
    } else if (values::instant_of_number(column.from, decimal, std::strtod(text.c_str(), nullptr),
                                         values::Rounding::Exact, &instant,
                                         &altered) != values::UnitParse::Ok) {
        return std::nullopt;
    }
    const std::string printed = values::instant_text(instant);
    const bool midnight = printed.size() == 19 && printed.compare(11, 8, "00:00:00") == 0;
    if (printed.empty() || (column.kind == TypeKind::Date && !midnight)) {
        return std::nullopt;
    }
    if (column.kind == TypeKind::Date) {
        return quote_literal(printed.substr(0, 10)) + "::date";
    }
    return column.kind == TypeKind::TimestampTz
               ? quote_literal(printed + "+00") + "::timestamp with time zone"
               : quote_literal(printed) + "::" + column.pg_type;
}

}  // namespace

namespace {

/* A number as the moment that it counts to, for a column that holds such numbers as moments. */
std::string instant_of_count(const std::string& number, const Value& value,
                             const ColumnInfo& column) {
    const LinearUnit* const unit = linear_unit(column.from);
    std::string seconds;
    if (unit != nullptr) {
        const bool scaled = std::string(unit->a_second) != "1";
        seconds = scaled ? number + " / " + unit->a_second + ".0" : number;
        if (std::string(unit->zero) != "0") {
            seconds += (*unit->zero == '-' ? " - " : " + ") +
                       std::string(unit->zero + (*unit->zero == '-' ? 1 : 0));
        }
    } else if (column.from == values::From::UnixDays) {
        seconds = number + " * 86400.0";
    } else if (column.from == values::From::Julian || column.from == values::From::Ole) {
        /* to the millisecond, as the values are read */
        const bool julian = column.from == values::From::Julian;
        seconds = "round((" + number + (julian ? " - 2440587.5" : " - 25569") +
                  ")::double precision * 86400000) / 1000";
    } else {
        does_not_fit(value, column);
    }
    std::string instant = "to_timestamp(" + seconds + ")";
    if (column.kind == TypeKind::TimestampTz) {
        return instant;
    }
    const std::string naive = "(" + instant + " AT TIME ZONE 'UTC')";
    return column.kind == TypeKind::Date ? naive + "::date" : naive;
}

/* A date or a time, as SQLite's functions make them, in a column of dates or times. */
std::optional<std::string> moment_for(const Value& value, const ColumnInfo& column) {
    if (value.kind == column.kind) {
        return value.sql;
    }
    if (value.kind == TypeKind::Time || value.kind == TypeKind::TimeTz) {
        return std::nullopt;
    }
    if (column.kind == TypeKind::TimestampTz) {
        /* the instant that is meant, whether it is told in UTC or as clocks here show it */
        if (!value.utc.empty()) {
            return "(" + value.utc + " AT TIME ZONE 'UTC')";
        }
        return "(" + parenthesized(value) + "::timestamp AT TIME ZONE " +
               (value.local_time ? "current_setting('TimeZone'))" : "'UTC')");
    }
    if (column.kind == TypeKind::Timestamp) {
        return value.kind == TypeKind::TimestampTz
                   ? "(" + parenthesized(value) + " AT TIME ZONE 'UTC')"
                   : cast_to(value, column);
    }
    return std::nullopt;
}

std::string assign_date(Translator& t, const Value& value, const ColumnInfo& column) {
    if (value.literal == LiteralKind::Text) {
        if (const auto constant = date_constant(column.kind, value.literal_text)) {
            return *constant;
        }
    }
    if (value.literal != LiteralKind::None) {
        if (const auto instant = instant_of_constant(value, column)) {
            return *instant;
        }
        does_not_fit(value, column);
    }
    const bool counts = column.form == SourceForm::Number;
    const bool counted = value.form == SourceForm::Number && is_date_kind(value.kind);
    /* SQLite keeps a date beside the numbers as text, which is read as the same moment */
    if (is_date_kind(value.kind) && (!counted || !counts || value.from == column.from)) {
        if (const auto moment = moment_for(value, column)) {
            return *moment;
        }
        does_not_fit(value, column);
    }
    const bool number = is_number_kind(value.kind) || value.digits_text || counted;
    if (!counts || !number) {
        does_not_fit(value, column);
    }
    const Value count = t.as_number(value);
    return instant_of_count(count.bare.empty() ? parenthesized(count) : count.bare, value, column);
}

/* A constant length of time, or a number of units of it. */
std::string assign_length(Translator& t, Value value, const ColumnInfo& column) {
    const LinearUnit* const unit =
        column.form == SourceForm::Number ? linear_unit(column.from) : nullptr;
    if (value.kind == column.kind) {
        return value.sql;
    }
    if (unit == nullptr || !values::is_length_unit(column.from) ||
        (!is_number_kind(value.kind) && !value.digits_text)) {
        does_not_fit(value, column);
    }
    const Value count = t.as_number(std::move(value));
    return "make_interval(secs => (" + (count.bare.empty() ? parenthesized(count) : count.bare) +
           " / " + unit->a_second + ".0)::double precision)";
}

/* Texts of a column of blobs are their bytes, as they are loaded. */
std::string assign_bytes(const Value& value, const ColumnInfo& column) {
    if (value.literal == LiteralKind::Text) {
        return quote_bytea(value.literal_text);
    }
    if (value.kind != TypeKind::Bytea) {
        does_not_fit(value, column);
    }
    return value.sql;
}

std::string assign_text(Translator& t, const Value& value, const ColumnInfo& column) {
    if (value.kind == TypeKind::Bytea) {
        does_not_fit(value, column);
    }
    const Value text = t.as_text(value);
    const long limit = length_limit(column.pg_type);
    if (text.literal == LiteralKind::Text) {
        if (limit > 0 && characters(text.literal_text) > limit) {
            does_not_fit(value, column);
        }
        return text.sql;
    }
    return text.sql;
}

}  // namespace

/*
 * The value as the column stores it: first what the column's affinity makes of
 * it in SQLite, then the column's PostgreSQL type.
 */
std::string Translator::assign(Value value, const ColumnInfo& column) {
    if (value.literal == LiteralKind::Null) {
        return "NULL";
    }
    if (is_date_kind(column.kind)) {
        return assign_date(*this, value, column);
    }
    if (is_text_kind(column.kind)) {
        return assign_text(*this, value, column);
    }
    if (column.kind == TypeKind::Bool) {
        if (value.literal != LiteralKind::None) {
            const auto constant = boolean_constant(value);
            if (!constant) {
                does_not_fit(value, column);
            }
            return *constant;
        }
        return value.kind == TypeKind::Bool ? value.sql : as_condition(as_number(value));
    }
    if (is_number_kind(column.kind)) {
        if (value.literal != LiteralKind::None) {
            const auto constant = number_constant(value, column);
            if (!constant) {
                does_not_fit(value, column);
            }
            return *constant;
        }
        const Value number = as_number(std::move(value));
        if (is_integer_kind(column.kind) && !is_integer_kind(number.kind)) {
            refuse("a number that may not be whole in a column of type " + column.pg_type,
                   number.offset);
        }
        return number.sql;
    }
    if (column.kind == TypeKind::Bytea) {
        return assign_bytes(value, column);
    }
    if (column.kind == TypeKind::Interval) {
        return assign_length(*this, std::move(value), column);
    }
    if (column.kind == TypeKind::Uuid && value.literal == LiteralKind::Text) {
        const auto constant = uuid_constant(value.literal_text);
        if (!constant) {
            does_not_fit(value, column);
        }
        return *constant;
    }
    if (value.kind == column.kind) {
        return value.sql;
    }
    if (is_json_kind(column.kind) && is_text_kind(value.kind) && value.json.empty()) {
        return cast_to(value, column);
    }
    if (column.kind == TypeKind::Uuid && is_text_kind(value.kind) && value.json.empty()) {
        return cast_to(value, column);
    }
    does_not_fit(value, column);
}

namespace {

/* lower(hex(randomblob(16))) and the dashed idioms put a random uuid together out of pieces. */
bool mentions_randomblob(const Expr& expr) {
    if (expr.kind == ExprKind::Function && same_name(expr.text, "randomblob")) {
        return true;
    }
    return std::any_of(expr.operands.begin(), expr.operands.end(),
                       [](const ExprPtr& operand) { return mentions_randomblob(*operand); });
}

bool is_uuid_call(const Expr& expr) {
    static constexpr const char* kNames[] = {"uuid", "uuid4", "gen_random_uuid", "uuid_generate_v4",
                                             "newid"};
    return expr.kind == ExprKind::Function && expr.operands.empty() &&
           std::any_of(std::begin(kNames), std::end(kNames),
                       [&](const char* name) { return same_name(expr.text, name); });
}

/* A JSON default must be JSON; brackets and quotes that do not match show early. */
bool looks_like_json(const std::string& text) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos) {
        return false;
    }
    const char c = text[first];
    const char last = text[text.find_last_not_of(" \t\r\n")];
    return (c == '{' && last == '}') || (c == '[' && last == ']') ||
           (c == '"' && last == '"' && text.size() >= 2) || whole_number(text).has_value() ||
           text == "null" || text == "true" || text == "false";
}

std::string default_sql(Translator& t, const Expr& expr, const ColumnInfo& column) {
    const bool uuid_like = column.kind == TypeKind::Uuid || is_text_kind(column.kind);
    if (is_uuid_call(expr) && uuid_like) {
        return column.kind == TypeKind::Uuid ? "gen_random_uuid()" : "gen_random_uuid()::text";
    }
    if (column.kind == TypeKind::Uuid && mentions_randomblob(expr)) {
        return "gen_random_uuid()";
    }
    /* the session's clock, in the column's own type, rather than a detour through text */
    if (expr.kind == ExprKind::CurrentTime && expr.text == "current_timestamp" &&
        (column.kind == TypeKind::TimestampTz)) {
        return "CURRENT_TIMESTAMP";
    }
    Value value = t.translate(expr);
    if (column.kind == TypeKind::Date && value.form != SourceForm::Number &&
        (value.kind == TypeKind::Timestamp || value.kind == TypeKind::TimestampTz)) {
        t.note("the time of day of this default has no place in a date");
        Value day = value;
        day.sql = (value.kind == TypeKind::TimestampTz
                       ? "(" + parenthesized(value) + " AT TIME ZONE 'UTC')"
                       : parenthesized(value)) +
                  "::date";
        day.atomic = true;
        day.kind = TypeKind::Date;
        value = std::move(day);
    }
    if (is_json_kind(column.kind) && value.literal == LiteralKind::Text &&
        !looks_like_json(value.literal_text)) {
        does_not_fit(value, column);
    }
    if (is_json_kind(column.kind) && value.literal == LiteralKind::Text) {
        return value.sql + "::" + std::string(kind_name(column.kind));
    }
    return t.assign(std::move(value), column);
}

/* The scope of a table's own expressions: its columns, by bare names. */
Scope table_scope(const Translator& t, const TableInfo& table) {
    Scope scope;
    scope.sources.push_back(t.source_of(table, ""));
    return scope;
}

/* There is a NOT, under which an error would not do for a false. */
bool has_negation(const Expr& expr) {
    bool found = false;
    for_each_expr(expr, [&](const Expr& node) {
        found = found || (node.kind == ExprKind::Unary && node.op == Operator::Not);
    });
    return found;
}

void require_immutable(const Translator& t, const Expr& expr, const char* what) {
    if (!t.immutable()) {
        throw Refusal(std::string(what) +
                          " needs an immutable expression, and PostgreSQL's equal of this one "
                          "depends on the session or the time",
                      expr.offset);
    }
}

}  // namespace

std::string Translator::renamed(const std::string& name) const {
    return options_.rename ? options_.rename(name) : name;
}

Source Translator::source_of(const TableInfo& table, const std::string& qualifier) const {
    Source source;
    source.name = table.name;
    source.qualifier = qualifier;
    source.columns = table.columns;
    source.rowid_column = table.rowid_column;
    source.has_rowid = !table.is_view;
    return source;
}

Translation translate_default(const Expr& value, const ColumnInfo& column,
                              const TranslateOptions& options) {
    Scope scope;
    Translator translator(nullptr, options);
    return run_translation<Translation>(translator, [&](Translation& out) {
        translator.set_scope(&scope); /* a default sees no columns */
        translator.allow_subqueries(false);
        out.sql = default_sql(translator, value, column);
        out.kind = column.kind;
    });
}

Translation translate_check(const Expr& check, const TableInfo& table,
                            const TranslateOptions& options) {
    Scope scope;
    Translator translator(nullptr, options);
    return run_translation<Translation>(translator, [&](Translation& out) {
        scope = table_scope(translator, table);
        translator.set_scope(&scope);
        translator.allow_subqueries(false);
        translator.allow_json_errors(!has_negation(check));
        out.sql = translator.as_condition(translator.translate(check));
        out.kind = TypeKind::Bool;
    });
}

Translation translate_generated(const Expr& value, const TableInfo& table, const ColumnInfo& column,
                                const TranslateOptions& options) {
    Scope scope;
    Translator translator(nullptr, options);
    return run_translation<Translation>(translator, [&](Translation& out) {
        scope = table_scope(translator, table);
        translator.set_scope(&scope);
        translator.allow_subqueries(false);
        out.sql = translator.assign(translator.translate(value), column);
        require_immutable(translator, value, "a generated column");
        out.kind = column.kind;
    });
}

namespace {

/* The column that a term of an index is, through COLLATE; null for an expression. */
const ColumnInfo* plain_column(const Expr& expr, const TableInfo& table) {
    const Expr* at = &expr;
    while (at->kind == ExprKind::Collate) {
        at = at->operands[0].get();
    }
    if (at->kind != ExprKind::Column) {
        return nullptr;
    }
    if (const ColumnInfo* column = table.find_column(at->text)) {
        return column;
    }
    const bool rowid = same_name(at->text, "rowid") || same_name(at->text, "oid") ||
                       same_name(at->text, "_rowid_");
    return rowid && table.rowid_column >= 0
               ? &table.columns[static_cast<size_t>(table.rowid_column)]
               : nullptr;
}

/* What orders a term of an index: the column, or an expression that stands for its collation. */
std::string index_key(Translator& t, const OrderTerm& term, const TableInfo& table,
                      std::string& column_name) {
    const Value value = t.translate(*term.expr);
    const bool same_case = value.collation == "nocase" && value.case_insensitive;
    const bool default_collation = value.collation.empty() && !value.case_insensitive;
    if (value.kind == TypeKind::Json || value.kind == TypeKind::Xml) {
        Translator::refuse("an index on a value of type " + std::string(kind_name(value.kind)),
                           term.expr->offset);
    }
    if (const ColumnInfo* column = plain_column(*term.expr, table)) {
        if (!is_text_kind(column->kind) || default_collation || same_case) {
            column_name = column->target;
            return quote_identifier(column->target);
        }
    }
    const bool by_collation = is_text_kind(value.kind) && !default_collation && !same_case;
    const std::string key = by_collation ? t.collated(value, value.collation, false) : value.sql;
    const bool is_call = !key.empty() && key.back() == ')' && key.front() != '(' &&
                         key.find('(') != std::string::npos && value.atomic && !by_collation;
    return is_call ? key : "(" + key + ")";
}

/* PostgreSQL keeps NULLs at the end that its own ORDER BY has them at, which is what its
 * queries can use. */
void index_terms(Translator& t, const std::vector<OrderTerm>& terms, const TableInfo& table,
                 IndexTranslation& out) {
    out.plain = true;
    for (const OrderTerm& term : terms) {
        std::string column;
        std::string key = index_key(t, term, table, column);
        const bool descending = term.order == SortOrder::Descending;
        out.plain = out.plain && !column.empty() && !descending;
        key += descending ? " DESC" : "";
        if (term.nulls == NullsOrder::First && !descending) {
            key += " NULLS FIRST";
        } else if (term.nulls == NullsOrder::Last && descending) {
            key += " NULLS LAST";
        }
        out.columns.push_back(column);
        out.sql += (out.sql.empty() ? "" : ", ") + key;
    }
}

}  // namespace

IndexTranslation translate_index(const CreateIndex& index, const TableInfo& table,
                                 const TranslateOptions& options) {
    Scope scope;
    Translator translator(nullptr, options);
    return run_translation<IndexTranslation>(translator, [&](IndexTranslation& out) {
        scope = table_scope(translator, table);
        translator.set_scope(&scope);
        translator.allow_subqueries(false);
        index_terms(translator, index.columns, table, out);
        if (index.where) {
            out.where = translator.as_condition(translator.translate(*index.where));
            out.plain = false;
        }
        require_immutable(translator, *index.columns.front().expr, "an index");
    });
}

IndexTranslation translate_key(const KeyConstraint& key, const TableInfo& table,
                               const TranslateOptions& options) {
    Scope scope;
    Translator translator(nullptr, options);
    return run_translation<IndexTranslation>(translator, [&](IndexTranslation& out) {
        scope = table_scope(translator, table);
        translator.set_scope(&scope);
        translator.allow_subqueries(false);
        index_terms(translator, key.columns, table, out);
    });
}

}  // namespace sqlite_import::dialect
