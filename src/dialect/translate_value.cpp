/*
 * translate_value.cpp
 *    Conversions between SQLite's storage classes, written in PostgreSQL.
 *
 * The rules are those of www.sqlite.org/datatype3.html (affinity) and
 * lang_expr.html, 5 (CAST).  A constant is converted here; anything else by an
 * expression of built-in, where possible immutable, functions.
 */
#include "dialect/number_text.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

#include <algorithm>
#include <cstdlib>

namespace sqlite_import::dialect {

namespace {

/* SQLite's space, and the longest prefix that is a number. */
const char* const kNumberPrefix =
    "^[ \\t\\n\\v\\f\\r]*([+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?)";
const char* const kIntegerPrefix = "^[ \\t\\n\\v\\f\\r]*([+-]?[0-9]+)";

/* expression, or NULL where the value is NULL */
std::string unless_null(const Value& value, const std::string& expression) {
    if (value.not_null) {
        return expression;
    }
    return "CASE WHEN " + parenthesized(value) + " IS NOT NULL THEN " + expression + " END";
}

}  // namespace

std::string parenthesized(const Value& value) {
    return value.atomic ? value.sql : "(" + value.sql + ")";
}

Value make_value(std::string sql, bool atomic, TypeKind kind, unsigned classes) {
    Value value;
    value.sql = std::move(sql);
    value.atomic = atomic;
    value.kind = kind;
    value.classes = classes;
    return value;
}

Value make_truth(std::string sql, bool atomic) {
    Value value = make_value(std::move(sql), atomic, TypeKind::Bool, kClassInteger);
    value.truth = true;
    return value;
}

Value make_integer(std::string sql, bool atomic, TypeKind kind) {
    return make_value(std::move(sql), atomic, kind, kClassInteger);
}

Value make_real(std::string sql, bool atomic) {
    return make_value(std::move(sql), atomic, TypeKind::Float8, kClassReal);
}

Value make_text(std::string sql, bool atomic) {
    return make_value(std::move(sql), atomic, TypeKind::Text, kClassText);
}

bool is_integer_kind(TypeKind kind) {
    return kind == TypeKind::Int2 || kind == TypeKind::Int4 || kind == TypeKind::Int8;
}

bool is_real_kind(TypeKind kind) {
    return kind == TypeKind::Float4 || kind == TypeKind::Float8;
}

bool is_number_kind(TypeKind kind) {
    return is_integer_kind(kind) || is_real_kind(kind) || kind == TypeKind::Numeric;
}

bool is_text_kind(TypeKind kind) {
    return kind == TypeKind::Text || kind == TypeKind::Varchar || kind == TypeKind::Untyped;
}

bool is_date_kind(TypeKind kind) {
    return kind == TypeKind::Date || kind == TypeKind::Time || kind == TypeKind::TimeTz ||
           kind == TypeKind::Timestamp || kind == TypeKind::TimestampTz;
}

const LinearUnit* linear_unit(values::From from) {
    static constexpr LinearUnit kUnits[] = {
        {values::From::UnixS, "1", "0"},
        {values::From::UnixMs, "1000", "0"},
        {values::From::UnixUs, "1000000", "0"},
        {values::From::UnixNs, "1000000000", "0"},
        {values::From::Cocoa, "1", "978307200"},
        {values::From::Webkit, "1000000", "-11644473600"},
        {values::From::DotnetTicks, "10000000", "-62135596800"},
    };
    for (const LinearUnit& unit : kUnits) {
        if (unit.from == from) {
            return &unit;
        }
    }
    return nullptr;
}

std::optional<std::string> count_of_moment(const Value& value) {
    if (value.form != SourceForm::Number || !is_date_kind(value.kind)) {
        return std::nullopt;
    }
    if (value.from == values::From::UnixDays && value.kind == TypeKind::Date) {
        return "(" + parenthesized(value) + " - date '1970-01-01')";
    }
    const LinearUnit* const unit = linear_unit(value.from);
    if (unit == nullptr) {
        return std::nullopt;
    }
    std::string count = "extract(epoch from " + value.sql + ")";
    if (std::string(unit->zero) != "0") {
        const bool before = *unit->zero == '-';
        count = "(" + count + (before ? " + " : " - ") + (unit->zero + (before ? 1 : 0)) + ")";
    }
    return std::string(unit->a_second) == "1" ? count : count + " * " + unit->a_second;
}

Value deterministic(Value value) {
    if (value.case_insensitive && is_text_kind(value.kind)) {
        value.sql = "(" + parenthesized(value) + " COLLATE \"C\")";
        value.atomic = true;
        value.case_insensitive = false;
    }
    return value;
}

bool has_own_collation(const Value& value) {
    return is_text_kind(value.kind) && !value.collation.empty() && !value.case_insensitive;
}

std::string call(const std::string& function, const std::vector<std::string>& arguments) {
    std::string out = function + "(";
    for (size_t i = 0; i < arguments.size(); ++i) {
        out += (i == 0 ? "" : ", ") + arguments[i];
    }
    return out + ")";
}

/* Arithmetic on text takes its numeric prefix, or 0. */
Value Translator::text_to_number(const Value& value) {
    if (value.literal == LiteralKind::Text) {
        const auto number = number_prefix(value.literal_text);
        if (!number) {
            return make_integer("0", true, TypeKind::Int4);
        }
        if (number->real) {
            return real_literal(number->digits, value.offset);
        }
        Value literal = make_integer(number->digits, number->digits.front() != '-',
                                     fits_int32(number->digits) ? TypeKind::Int4 : TypeKind::Int8);
        literal.literal = LiteralKind::Integer;
        literal.literal_text = number->digits;
        return literal;
    }
    if (value.digits_text) {
        return make_integer(value.bare.empty() ? parenthesized(value) + "::bigint" : value.bare,
                            true);
    }
    const std::string prefix = "coalesce(substring(" + value.sql + " from " +
                               quote_literal(kNumberPrefix) + ")::double precision, 0)";
    Value number = make_real(unless_null(value, prefix), value.not_null);
    number.classes = kClassNumber;
    number.not_null = value.not_null;
    return number;
}

Value Translator::as_number(Value value) {
    if (value.literal == LiteralKind::Null || is_number_kind(value.kind)) {
        return value;
    }
    if (value.form == SourceForm::Mixed) {
        refuse("the column holds values of several storage classes", value.offset);
    }
    if (value.kind == TypeKind::Bool) {
        Value number = make_integer(parenthesized(value) + "::integer", true, TypeKind::Int4);
        number.not_null = value.not_null;
        return number;
    }
    if (!value.json.empty()) {
        refuse("the type of a JSON value is not known before the query runs; CAST it",
               value.offset);
    }
    if (is_text_kind(value.kind)) {
        return text_to_number(deterministic(std::move(value)));
    }
    if (const auto count = count_of_moment(value)) {
        if (!value.real_count) {
            return make_integer("(" + *count + ")::bigint", true);
        }
        Value real = make_real("(" + *count + ")::double precision", true);
        real.classes = kClassNumber;
        return real;
    }
    if (is_date_kind(value.kind) && !value.text_format.empty()) {
        return text_to_number(as_text(value));
    }
    refuse(std::string(kind_name(value.kind)) + " is not a number in PostgreSQL", value.offset);
}

Value Translator::as_integer(Value value) {
    if (value.literal == LiteralKind::Null) {
        return value;
    }
    if (value.literal == LiteralKind::Text) {
        const std::string digits = integer_prefix(value.literal_text);
        return make_integer(digits, digits.front() != '-',
                            fits_int32(digits) ? TypeKind::Int4 : TypeKind::Int8);
    }
    if (is_text_kind(value.kind) && value.json.empty() && !value.digits_text &&
        value.form != SourceForm::Mixed) {
        value = deterministic(std::move(value));
        const std::string prefix = "coalesce(substring(" + value.sql + " from " +
                                   quote_literal(kIntegerPrefix) + ")::bigint, 0)";
        return make_integer(unless_null(value, prefix), value.not_null);
    }
    Value number = as_number(std::move(value));
    if (is_integer_kind(number.kind)) {
        return number;
    }
    return make_integer("trunc(" + number.sql + ")::bigint", true);
}

Value Translator::as_real(Value value) {
    Value number = as_number(std::move(value));
    if (number.kind == TypeKind::Float8 || number.literal == LiteralKind::Null) {
        return number;
    }
    const unsigned classes = number.classes;
    if (number.literal == LiteralKind::Integer) {
        Value real = real_literal(number.literal_text, number.offset);
        real.classes = classes;
        return real;
    }
    Value real = make_real(parenthesized(number) + "::double precision", true);
    real.classes = classes; /* an integer that is kept in a double is still an integer */
    real.not_null = number.not_null;
    return real;
}

/*
 * A real as SQLite writes it: 15 significant digits (which is also what a cast
 * to numeric keeps), always with a point, with an exponent outside 1e-4 .. 1e15.
 */
Value Translator::real_to_text(const Value& value) {
    if (value.literal == LiteralKind::Real) {
        return text_literal(real_text(std::strtod(value.literal_text.c_str(), nullptr)),
                            value.offset);
    }
    if (value.classes != kClassReal) {
        refuse("the text of a number that may be an integer or a real", value.offset);
    }
    if (value.sql.size() > 400) {
        refuse("the text of a long real expression", value.offset);
    }
    const std::string n = parenthesized(value) + "::numeric";
    immutable_ = false; /* to_char() */
    const std::string exponent_form =
        "regexp_replace(btrim(to_char(" + n + ", '9.99999999999999EEEE')), " +
        quote_literal("(\\.[0-9])([0-9]*[1-9])?0*e") + ", " + quote_literal("\\1\\2e") + ")";
    return make_text("CASE WHEN " + n + " = 0 THEN '0.0' WHEN abs(" + n + ") >= 0.0001 AND abs(" +
                         n + ") < 1000000000000000 THEN CASE WHEN " + n + " = trunc(" + n +
                         ") THEN trunc(" + n + ")::text || '.0' ELSE trim_scale(" + n +
                         ")::text END ELSE " + exponent_form + " END",
                     false);
}

Value Translator::as_text(Value value) {
    if (value.literal == LiteralKind::Null) {
        Value null = make_text("NULL::text", true);
        null.literal = LiteralKind::Null;
        return null;
    }
    if (value.literal == LiteralKind::Integer) {
        return text_literal(value.literal_text, value.offset);
    }
    if (value.form == SourceForm::Mixed) {
        refuse("the column holds values of several storage classes", value.offset);
    }
    Value text = make_text(parenthesized(value) + "::text", true);
    text.not_null = value.not_null;
    text.collation = value.collation;
    text.offset = value.offset;
    switch (value.kind) {
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Untyped:
            return deterministic(std::move(value));
        case TypeKind::Bool:
            return as_text(as_number(std::move(value)));
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
            text.digits_text = true;
            return text;
        case TypeKind::Numeric:
            if (!value.is_column) {
                refuse("the text of a number that may be an integer or a real", value.offset);
            }
            text.sql = "trim_scale(" + value.sql + ")::text";
            return text;
        case TypeKind::Float4:
        case TypeKind::Float8:
            return real_to_text(value);
        case TypeKind::Json:
            if (value.form == SourceForm::AsType) {
                return text;
            }
            break;
        case TypeKind::Date:
        case TypeKind::Time:
        case TypeKind::Timestamp:
            if (!value.text_format.empty()) {
                immutable_ = false; /* to_char() */
                text.sql = value.kind == TypeKind::Time
                               ? "to_char(" + parenthesized(value) + "::interval, "
                               : "to_char(" + value.sql + ", ";
                text.sql += quote_literal(value.text_format) + ")";
                return text;
            }
            break;
        case TypeKind::Bytea:
        case TypeKind::TimeTz:
        case TypeKind::TimestampTz:
        case TypeKind::Interval:
        case TypeKind::Uuid:
        case TypeKind::Jsonb:
        case TypeKind::Xml:
        case TypeKind::Inet:
        case TypeKind::Cidr:
        case TypeKind::Macaddr:
        case TypeKind::Macaddr8:
            break;
    }
    refuse("the text that the source has for a value of type " +
               std::string(kind_name(value.kind)) + " is not known",
           value.offset);
}

std::string Translator::as_condition(const Value& value) {
    if (value.literal == LiteralKind::Null) {
        return "NULL::boolean";
    }
    if (value.kind == TypeKind::Bool) {
        return value.sql;
    }
    const Value number = as_number(value);
    if (number.literal == LiteralKind::Integer) {
        return number.literal_text.find_first_of("123456789") == std::string::npos ? "false"
                                                                                   : "true";
    }
    return parenthesized(number) + " <> 0";
}

Value Translator::as_output(Value value) {
    if (value.literal == LiteralKind::Null) {
        return value;
    }
    if (value.truth) {
        Value number = as_number(value);
        number.offset = value.offset;
        return number;
    }
    if (is_date_kind(value.kind) && !value.is_column && !value.text_format.empty()) {
        return as_text(std::move(value));
    }
    return value;
}

namespace {

bool all_of(const std::vector<Value>& values, bool (*test)(const Value&)) {
    return std::all_of(values.begin(), values.end(), [&](const Value& value) {
        return value.literal == LiteralKind::Null || test(value);
    });
}

bool is_boolean_like(const Value& value) {
    return value.kind == TypeKind::Bool ||
           (value.literal == LiteralKind::Integer &&
            (value.literal_text == "0" || value.literal_text == "1"));
}

bool is_number_like(const Value& value) {
    return (is_number_kind(value.kind) || value.kind == TypeKind::Bool) && value.json.empty();
}

bool is_text_like(const Value& value) {
    return (is_text_kind(value.kind) && value.json.empty()) ||
           (is_date_kind(value.kind) && !value.text_format.empty());
}

bool is_json_text(const Value& value) {
    return is_text_kind(value.kind);
}

TypeKind wider_number(TypeKind a, TypeKind b) {
    if (is_real_kind(a) || is_real_kind(b)) {
        return TypeKind::Float8;
    }
    if (a == TypeKind::Numeric || b == TypeKind::Numeric) {
        return TypeKind::Numeric;
    }
    return a == TypeKind::Int8 || b == TypeKind::Int8 ? TypeKind::Int8 : TypeKind::Int4;
}

}  // namespace

/*
 * The common form of the branches of CASE, COALESCE, a compound SELECT and the
 * like.  Each value's sql is changed to fit; the result describes all of them.
 */
Value Translator::unify(std::vector<Value>& values, uint32_t offset) {
    const auto first = std::find_if(values.begin(), values.end(), [](const Value& value) {
        return value.literal != LiteralKind::Null;
    });
    if (first == values.end()) {
        Value null = make_text("", true);
        null.literal = LiteralKind::Null;
        return null;
    }
    const bool any_column = std::any_of(values.begin(), values.end(), [](const Value& value) {
        return value.kind == TypeKind::Bool;
    });
    Value common = *first;
    common.literal = LiteralKind::None;
    common.bare.clear();
    common.is_column = false;
    common.atomic = false;
    common.digits_text = false;
    common.collation.clear(); /* a column's collation is the column's alone */
    common.explicit_collation = false;
    common.case_insensitive = std::any_of(
        values.begin(), values.end(), [](const Value& value) { return value.case_insensitive; });
    common.not_null = std::all_of(values.begin(), values.end(),
                                  [](const Value& value) { return value.not_null; });
    if (any_column && all_of(values, is_boolean_like)) {
        common.kind = TypeKind::Bool;
        common.truth = false;
        for (Value& value : values) {
            common.truth = common.truth || value.truth;
            if (value.literal == LiteralKind::Integer) {
                value = make_truth(value.literal_text == "1" ? "true" : "false", true);
            }
        }
        return common;
    }
    if (all_of(values, is_number_like)) {
        common.kind = TypeKind::Int4;
        common.classes = 0;
        common.truth = false;
        for (Value& value : values) {
            if (value.literal == LiteralKind::Null) {
                continue;
            }
            value = as_number(std::move(value));
            common.kind = wider_number(common.kind, value.kind);
            common.classes |= value.classes;
        }
        return common;
    }
    const bool same_kind = std::all_of(values.begin(), values.end(), [&](const Value& value) {
        return value.literal == LiteralKind::Null || value.kind == first->kind;
    });
    const bool same_format = std::all_of(values.begin(), values.end(), [&](const Value& value) {
        return value.literal == LiteralKind::Null ||
               (value.text_format == first->text_format && value.form == first->form);
    });
    const bool is_text = is_text_kind(first->kind);
    if (same_kind && !is_text && (same_format || !is_date_kind(first->kind))) {
        common.is_column = std::all_of(values.begin(), values.end(), [](const Value& value) {
            return value.is_column || value.literal == LiteralKind::Null;
        });
        return common;
    }
    if (all_of(values, is_text_like)) {
        const bool case_insensitive = common.case_insensitive;
        common = make_text("", false);
        common.case_insensitive = case_insensitive;
        for (Value& value : values) {
            if (value.literal != LiteralKind::Null) {
                value = as_text(std::move(value));
            }
        }
        return common;
    }
    /* dates and uuids beside constants that are written as such */
    for (const Value& value : values) {
        if (value.literal == LiteralKind::None &&
            (is_date_kind(value.kind) || value.kind == TypeKind::Uuid)) {
            ColumnInfo like;
            like.kind = value.kind;
            like.pg_type = kind_name(value.kind);
            like.affinity = Affinity::Text;
            for (Value& other : values) {
                if (other.literal == LiteralKind::Text) {
                    const std::string constant = assign(other, like);
                    other = value;
                    other.sql = constant;
                    other.atomic = true;
                }
            }
            if (all_of(values, is_text_like) ||
                std::all_of(values.begin(), values.end(), [&](const Value& v) {
                    return v.literal == LiteralKind::Null || v.kind == value.kind;
                })) {
                Value result = value;
                result.atomic = false;
                return result;
            }
            break;
        }
    }
    if (all_of(values, is_json_text)) {
        refuse("values of JSON documents mixed with text", offset);
    }
    refuse("values of different types (" + std::string(kind_name(values.front().kind)) + " and " +
               std::string(kind_name(values.back().kind)) +
               ") in one expression: PostgreSQL needs one type",
           offset);
}

}  // namespace sqlite_import::dialect
