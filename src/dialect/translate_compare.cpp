/*
 * translate_compare.cpp
 *    Comparison as SQLite does it: affinity first, then by storage class, then
 *    by value and collation (www.sqlite.org/datatype3.html, 4 and 7).
 *
 * PostgreSQL compares only within a type, so the storage classes that can meet
 * are worked out here.  Where a number meets a text that may or may not be a
 * number, the text becomes a numeric, and 'NaN' where it is none: PostgreSQL
 * sorts NaN above every number, as SQLite sorts text above every number.
 */
#include "dialect/date_text.hpp"
#include "dialect/lexer.hpp"
#include "dialect/number_text.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

#include <cstdlib>

namespace sqlite_import::dialect {

namespace {

const char* const kWholeNumber =
    "^[ \\t\\n\\v\\f\\r]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[ \\t\\n\\v\\f\\r]*$";

bool is_numeric_affinity(const Value& value) {
    return value.has_affinity &&
           (value.affinity == Affinity::Integer || value.affinity == Affinity::Real ||
            value.affinity == Affinity::Numeric);
}

bool is_number(const Value& value) {
    return is_number_kind(value.kind) || value.kind == TypeKind::Bool;
}

const char* symbol_of(Operator op) {
    static constexpr std::pair<Operator, const char*> kSymbols[] = {
        {Operator::Equal, "="},
        {Operator::NotEqual, "<>"},
        {Operator::Is, "IS NOT DISTINCT FROM"},
        {Operator::IsNot, "IS DISTINCT FROM"},
        {Operator::Less, "<"},
        {Operator::LessEqual, "<="},
        {Operator::Greater, ">"},
    };
    for (const auto& [comparison, symbol] : kSymbols) {
        if (comparison == op) {
            return symbol;
        }
    }
    return ">=";
}

bool is_ordering(Operator op) {
    return op == Operator::Less || op == Operator::LessEqual || op == Operator::Greater ||
           op == Operator::GreaterEqual;
}

/* 1 number, 2 text, 3 blob: the order of storage classes; 0 if it may be several */
int class_rank(const Value& value) {
    if (value.kind == TypeKind::Bytea) {
        return 3;
    }
    if (is_number(value)) {
        return 1;
    }
    return value.json.empty() ? 2 : 0;
}

}  // namespace

std::string Translator::effective_collation(const Value& left, const Value& right) {
    if (left.explicit_collation) {
        return left.collation;
    }
    if (right.explicit_collation) {
        return right.collation;
    }
    return left.is_column || !left.collation.empty() ? left.collation : right.collation;
}

std::string Translator::collated(const Value& value, const std::string& collation, bool ordering) {
    const std::string c = parenthesized(value) + " COLLATE \"C\"";
    if (collation == "nocase") {
        if (value.literal == LiteralKind::Text) {
            return quote_literal(fold_name(value.literal_text));
        }
        return "lower(" + c + ")";
    }
    if (collation == "rtrim") {
        return "rtrim(" + (ordering || value.case_insensitive ? c : value.sql) + ", ' ')";
    }
    if (!collation.empty() && collation != "binary") {
        refuse("the application's own collation " + collation, value.offset);
    }
    const bool needs_bytes =
        value.case_insensitive || (ordering && !options_.binary_default_collation);
    return needs_bytes && value.literal == LiteralKind::None ? "(" + c + ")" : parenthesized(value);
}

/* Converts constants, and marks what else is to be converted, by the affinity of the two sides. */
void Translator::apply_comparison_affinity(Value& left, Value& right) {
    Affinity affinity = Affinity::Blob;
    if (left.has_affinity && right.has_affinity) {
        const bool numeric = is_numeric_affinity(left) || is_numeric_affinity(right);
        affinity = numeric ? Affinity::Numeric : Affinity::Blob;
    } else if (left.has_affinity || right.has_affinity) {
        const Value& with = left.has_affinity ? left : right;
        affinity = is_numeric_affinity(with) ? Affinity::Numeric : with.affinity;
    }
    for (Value* value : {&left, &right}) {
        const bool is_text = value->literal == LiteralKind::Text;
        if (affinity == Affinity::Numeric && is_text) {
            const Value& other = value == &left ? right : left;
            if (is_number(other) && whole_number(value->literal_text)) {
                *value = text_to_number(*value);
            }
        } else if (affinity == Affinity::Text && is_number(*value)) {
            *value = as_text(*value);
        }
    }
    /* a text that is no constant beside a number: compared as a number where it is one */
    if (affinity == Affinity::Numeric) {
        for (Value* value : {&left, &right}) {
            const Value& other = value == &left ? right : left;
            if (is_text_kind(value->kind) && value->json.empty() && is_number(other) &&
                value->literal == LiteralKind::None) {
                value->has_affinity = true;
                value->affinity = Affinity::Numeric;
                value->classes |= kClassNumber;
            }
        }
    }
}

Translator::Comparison Translator::compare_numbers(Value left, Value right) {
    auto bit = [](const Value& value) {
        return value.literal == LiteralKind::Integer &&
               (value.literal_text == "0" || value.literal_text == "1");
    };
    auto boolean = [](const Value& value) {
        return std::string(value.literal_text == "1" ? "true" : "false");
    };
    const bool left_bool = left.kind == TypeKind::Bool;
    const bool right_bool = right.kind == TypeKind::Bool;
    if (left_bool && right_bool) {
        return {parenthesized(left), parenthesized(right), ""};
    }
    if (left_bool && bit(right)) {
        return {parenthesized(left), boolean(right), ""};
    }
    if (right_bool && bit(left)) {
        return {boolean(left), parenthesized(right), ""};
    }
    left = as_number(std::move(left));
    right = as_number(std::move(right));
    return {left.bare.empty() ? parenthesized(left) : left.bare,
            right.bare.empty() ? parenthesized(right) : right.bare, ""};
}

Translator::Comparison Translator::compare_texts(Operator op, const Value& left,
                                                 const Value& right) {
    const std::string collation = effective_collation(left, right);
    const bool ordering = is_ordering(op);
    /* a column that ignores case by itself, beside something of no other collation */
    if (collation == "nocase" && !ordering && (left.case_insensitive || right.case_insensitive)) {
        return {parenthesized(left), parenthesized(right), ""};
    }
    std::string left_sql = collated(left, collation, ordering);
    const bool constants = left.literal == LiteralKind::Text && right.literal == LiteralKind::Text;
    if (ordering && constants && !options_.binary_default_collation) {
        left_sql = "(" + left_sql + " COLLATE \"C\")"; /* neither side brings it along */
    }
    return {left_sql, collated(right, collation, ordering), ""};
}

Translator::Comparison Translator::compare_number_and_text(Operator, const Value& number,
                                                           const Value& text, bool number_left) {
    /* a bare constant would be read as a numeric when the query is parsed */
    const bool constant = text.sql.front() == '\'' && text.atomic;
    const std::string t = parenthesized(deterministic(text)) + (constant ? "::text" : "");
    const std::string converted =
        text.digits_text ? t + "::bigint"
                         : "CASE WHEN " + t + " ~ " + quote_literal(kWholeNumber) + " THEN " + t +
                               "::numeric WHEN " + t + " IS NOT NULL THEN 'NaN'::numeric END";
    const Value as_number_value = as_number(number);
    const std::string n =
        as_number_value.bare.empty() ? parenthesized(as_number_value) : as_number_value.bare;
    if (number_left) {
        return {n, text.digits_text ? converted : "(" + converted + ")", ""};
    }
    return {text.digits_text ? converted : "(" + converted + ")", n, ""};
}

/* Two storage classes that never meet: the outcome is known where neither is NULL. */
Translator::Comparison Translator::compare_classes(Operator op, const Value& left,
                                                   const Value& right) {
    const int a = class_rank(left);
    const int b = class_rank(right);
    const std::string l = parenthesized(left);
    const std::string r = parenthesized(right);
    if (op == Operator::Is) {
        return {"", "", "(" + l + " IS NULL AND " + r + " IS NULL)"};
    }
    if (op == Operator::IsNot) {
        return {"", "", "(" + l + " IS NOT NULL OR " + r + " IS NOT NULL)"};
    }
    const bool less = op == Operator::Less || op == Operator::LessEqual;
    const bool outcome = op == Operator::NotEqual || (is_ordering(op) && (a < b) == less);
    const std::string constant = outcome ? "true" : "false";
    const bool left_null = !left.not_null && left.literal == LiteralKind::None;
    const bool right_null = !right.not_null && right.literal == LiteralKind::None;
    if (!left_null && !right_null) {
        return {"", "", constant};
    }
    const std::string test = (left_null ? l + " IS NOT NULL" : "") +
                             std::string(left_null && right_null ? " AND " : "") +
                             (right_null ? r + " IS NOT NULL" : "");
    return {"", "", "(CASE WHEN " + test + " THEN " + constant + " END)"};
}

/* At least one side is a date, a time or a timestamp, and none a blob. */
Translator::Comparison Translator::compare_dates(const Value& left, const Value& right) {
    const bool left_date = is_date_kind(left.kind);
    const bool right_date = is_date_kind(right.kind);
    if (left_date && right_date) {
        const bool functions = !left.text_format.empty() && !right.text_format.empty();
        if (functions && left.text_format != right.text_format) {
            return prepare_comparison(Operator::Less, as_text(left), as_text(right));
        }
        const bool times = (left.kind == TypeKind::Time) != (right.kind == TypeKind::Time);
        if (times) {
            refuse("a time is compared with a date", left.offset);
        }
        auto zoned = [&](const Value& value, const Value& other) {
            const bool shift =
                value.kind != TypeKind::TimestampTz && other.kind == TypeKind::TimestampTz;
            return shift ? "(" + parenthesized(value) + "::timestamp AT TIME ZONE 'UTC')"
                         : parenthesized(value);
        };
        if (left.kind != right.kind) {
            note("dates are compared as points in time, not as text");
        }
        return {zoned(left, right), zoned(right, left), ""};
    }
    const Value& date = left_date ? left : right;
    const Value& other = left_date ? right : left;
    const auto count = count_of_moment(date);
    if (is_number(other) && count) {
        const std::string& epoch = *count;
        const Value number = as_number(other);
        const std::string n = number.bare.empty() ? parenthesized(number) : number.bare;
        return left_date ? Comparison{epoch, n, ""} : Comparison{n, epoch, ""};
    }
    if (is_number(other)) {
        refuse("a number is compared with days or digits that became dates", date.offset);
    }
    if (other.literal == LiteralKind::Text) {
        std::optional<std::string> constant = date_constant(date.kind, other.literal_text);
        if (!constant && date.kind == TypeKind::Date) {
            constant = date_constant(TypeKind::Timestamp, other.literal_text);
        }
        /* a function's text is compared as text where the constant is of another form */
        const size_t length = other.literal_text.size();
        const bool same_form = date.is_column || (date.kind == TypeKind::Date && length == 10) ||
                               (date.kind == TypeKind::Timestamp && length == 19 &&
                                date.text_format == "YYYY-MM-DD HH24:MI:SS");
        if (constant && same_form) {
            return left_date ? Comparison{parenthesized(date), *constant, ""}
                             : Comparison{*constant, parenthesized(date), ""};
        }
    }
    if (!date.text_format.empty()) {
        return prepare_comparison(Operator::Less, as_text(left), as_text(right));
    }
    refuse("a " + std::string(kind_name(date.kind)) + " is compared with a text that is no date",
           date.offset);
}

Translator::Comparison Translator::compare_json(Operator op, const Value& json, const Value& other,
                                                bool json_left) {
    const std::string element = "(" + json.json + ")";
    const bool equality = op == Operator::Equal || op == Operator::NotEqual;
    std::string constant;
    if (other.literal == LiteralKind::Text && equality) {
        constant = "to_jsonb(" + quote_literal(other.literal_text) + "::text)";
    } else if (other.literal == LiteralKind::Integer && equality) {
        constant = quote_literal(other.literal_text) + "::jsonb";
    } else if (is_text_kind(other.kind) && other.json.empty() && equality &&
               other.literal == LiteralKind::None && other.has_affinity &&
               other.affinity == Affinity::Text) {
        /* a text column converts the other side to text */
        return json_left ? Comparison{parenthesized(json), parenthesized(other), ""}
                         : Comparison{parenthesized(other), parenthesized(json), ""};
    } else {
        refuse("the type of a JSON value is not known before the query runs; CAST it", json.offset);
    }
    /* JSON's null is SQL's NULL, true and false are 1 and 0 */
    std::string value = "CASE jsonb_typeof" + element + " WHEN 'null' THEN NULL";
    if (other.literal == LiteralKind::Integer) {
        value += " WHEN 'boolean' THEN CASE WHEN " + element +
                 "::boolean THEN '1'::jsonb ELSE '0'::jsonb END";
    }
    value += " ELSE " + element + " END";
    return json_left ? Comparison{"(" + value + ")", constant, ""}
                     : Comparison{constant, "(" + value + ")", ""};
}

/* Types of PostgreSQL's own; none if both sides are numbers, texts or blobs. */
std::optional<Translator::Comparison> Translator::compare_special(Operator op, const Value& left,
                                                                  const Value& right) {
    for (const Value* value : {&left, &right}) {
        if (value->form == SourceForm::Mixed) {
            refuse("a column that holds values of several storage classes is compared",
                   value->offset);
        }
    }
    if (!left.json.empty() || !right.json.empty()) {
        return left.json.empty() ? compare_json(op, right, left, false)
                                 : compare_json(op, left, right, true);
    }
    const bool left_date = is_date_kind(left.kind);
    const bool right_date = is_date_kind(right.kind);
    if (left_date || right_date) {
        const Value& date = left_date ? left : right;
        const Value& other = left_date ? right : left;
        const bool no_date = other.literal == LiteralKind::Text && other.literal_text.empty();
        const bool equality = !is_ordering(op);
        if ((is_number(other) && date.form != SourceForm::Number) ||
            other.kind == TypeKind::Bytea) {
            return compare_classes(op, left, right);
        }
        if (no_date && date.is_column) {
            if (equality) {
                return compare_classes(op, left, right); /* no date is '' */
            }
            Value nothing = make_integer("0", true); /* '' sorts before every date */
            nothing.literal = LiteralKind::Integer;
            return left_date ? compare_classes(op, left, nothing)
                             : compare_classes(op, nothing, right);
        }
        return compare_dates(left, right);
    }
    auto plain = [](const Value& value) {
        return is_number(value) || is_text_kind(value.kind) || value.kind == TypeKind::Bytea;
    };
    if (plain(left) && plain(right)) {
        return std::nullopt;
    }
    if (left.kind == right.kind && left.kind != TypeKind::Json && left.kind != TypeKind::Xml &&
        !is_ordering(op)) {
        return Comparison{parenthesized(left), parenthesized(right), ""};
    }
    const Value& typed = plain(left) ? right : left;
    const Value& other = plain(left) ? left : right;
    if (typed.kind == TypeKind::Uuid && other.literal == LiteralKind::Text && !is_ordering(op)) {
        const auto constant = uuid_constant(other.literal_text);
        if (!constant) {
            return compare_classes(op, left, make_integer("0", true));
        }
        return plain(left) ? Comparison{*constant, parenthesized(typed), ""}
                           : Comparison{parenthesized(typed), *constant, ""};
    }
    if (typed.kind == TypeKind::Json && is_text_kind(other.kind)) {
        return prepare_comparison(op, as_text(left), as_text(right));
    }
    refuse("a value of type " + std::string(kind_name(typed.kind)) + " is compared", typed.offset);
}

Translator::Comparison Translator::prepare_comparison(Operator op, Value left, Value right) {
    if (const auto special = compare_special(op, left, right)) {
        return *special;
    }
    apply_comparison_affinity(left, right);
    const bool left_number = is_number(left);
    const bool right_number = is_number(right);
    if (left_number && right_number) {
        return compare_numbers(std::move(left), std::move(right));
    }
    if (is_text_kind(left.kind) && is_text_kind(right.kind)) {
        return compare_texts(op, left, right);
    }
    if (left.kind == TypeKind::Bytea && right.kind == TypeKind::Bytea) {
        return {parenthesized(left), parenthesized(right), ""};
    }
    if (left_number && is_text_kind(right.kind) && (right.classes & kClassNumber) != 0) {
        return compare_number_and_text(op, left, right, true);
    }
    if (right_number && is_text_kind(left.kind) && (left.classes & kClassNumber) != 0) {
        return compare_number_and_text(op, right, left, false);
    }
    return compare_classes(op, left, right);
}

std::string Translator::compare(Operator op, const Value& left, const Value& right) {
    const bool left_null = left.literal == LiteralKind::Null;
    const bool right_null = right.literal == LiteralKind::Null;
    if (left_null || right_null) {
        if (op != Operator::Is && op != Operator::IsNot) {
            return "NULL::boolean";
        }
        const Value& value = left_null ? right : left;
        if (left_null && right_null) {
            return op == Operator::Is ? "true" : "false";
        }
        return parenthesized(value) + (op == Operator::Is ? " IS NULL" : " IS NOT NULL");
    }
    const Comparison parts = prepare_comparison(op, left, right);
    if (!parts.whole.empty()) {
        return parts.whole;
    }
    return parts.left + " " + symbol_of(op) + " " + parts.right;
}

}  // namespace sqlite_import::dialect
