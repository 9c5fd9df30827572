/*
 * translate_function_choice.cpp
 *    Functions that choose one of their arguments or tell about one, and those of the
 *    connection's state, which has no equal (www.sqlite.org/lang_corefunc.html).
 */
#include "dialect/translate_function.hpp"

#include "dialect/quote.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

Value coalesce(Translator& t, Arguments& a, uint32_t offset) {
    const bool not_null =
        std::any_of(a.begin(), a.end(), [](const Value& v) { return v.not_null; });
    Value result = t.unify(a, offset);
    if (result.literal == LiteralKind::Null) {
        return null_value();
    }
    std::vector<std::string> arguments;
    for (const Value& value : a) {
        arguments.push_back(value.sql);
    }
    result.sql = call("coalesce", arguments);
    result.atomic = true;
    result.not_null = not_null;
    result.has_affinity = false;
    return result;
}

Value iif(Translator& t, Arguments& a, uint32_t offset) {
    const std::string condition = t.as_condition(a[0]);
    Arguments branches(a.begin() + 1, a.end());
    const bool has_else = branches.size() == 2;
    Value result = t.unify(branches, offset);
    result.sql = "CASE WHEN " + condition + " THEN " + branches[0].sql +
                 (has_else ? " ELSE " + branches[1].sql : "") + " END";
    result.atomic = false;
    result.not_null = result.not_null && has_else;
    result.has_affinity = false;
    result.literal = LiteralKind::None;
    return result;
}

Value nullif(Translator& t, Arguments& a, uint32_t) {
    if (a[0].literal == LiteralKind::Null || a[1].literal == LiteralKind::Null) {
        return a[0];
    }
    Value left = a[0];
    Value right = a[1];
    left.has_affinity = right.has_affinity = false; /* compared as they are */
    const auto parts = t.prepare_comparison(Operator::Equal, left, right);
    Value result = a[0];
    result.literal = LiteralKind::None;
    result.bare.clear();
    result.not_null = false;
    result.has_affinity = false;
    result.is_column = false;
    result.collation.clear();
    result.explicit_collation = false;
    result.case_insensitive = a[0].case_insensitive || a[1].case_insensitive;
    if (parts.whole.empty() && parts.left == parenthesized(a[0])) {
        /* PostgreSQL gives it the common type of both */
        const bool same_type = a[0].kind == a[1].kind || !is_number_kind(a[0].kind) ||
                               (is_integer_kind(a[0].kind) && is_integer_kind(a[1].kind));
        result.sql = call("nullif", {a[0].sql, parts.right}) +
                     (same_type ? "" : "::" + std::string(kind_name(a[0].kind)));
        result.atomic = true;
        return result;
    }
    result.sql = "CASE WHEN " + t.compare(Operator::Equal, left, right) + " THEN NULL ELSE " +
                 a[0].sql + " END";
    result.atomic = false;
    return result;
}

/* min(a, b, ...) and max(a, b, ...): NULL if any argument is */
Value extreme(Translator& t, Arguments& a, uint32_t offset, const char* function) {
    if (any_null(a)) {
        return null_value();
    }
    Value result = t.unify(a, offset);
    std::string nulls;
    std::vector<std::string> arguments;
    for (const Value& value : a) {
        if (!value.not_null) {
            nulls += (nulls.empty() ? "" : " OR ") + parenthesized(value) + " IS NULL";
        }
        const bool is_text = is_text_kind(value.kind);
        arguments.push_back(is_text ? t.collated(value, "", true) : value.sql);
    }
    const bool by_collation = std::any_of(a.begin(), a.end(), [](const Value& value) {
        return is_text_kind(value.kind) && !value.collation.empty();
    });
    if (by_collation) {
        throw Refusal("min() or max() under a collation", offset);
    }
    if (is_text_kind(result.kind) && a[0].literal != LiteralKind::None) {
        arguments[0] = "(" + arguments[0] + " COLLATE \"C\")";
    }
    const std::string best = call(function, arguments);
    result.sql = nulls.empty() ? best : "CASE WHEN NOT (" + nulls + ") THEN " + best + " END";
    result.atomic = nulls.empty();
    result.has_affinity = false;
    result.literal = LiteralKind::None;
    return result;
}

Value scalar_min(Translator& t, Arguments& a, uint32_t offset) {
    return extreme(t, a, offset, "least");
}

Value scalar_max(Translator& t, Arguments& a, uint32_t offset) {
    return extreme(t, a, offset, "greatest");
}

Value likely(Translator&, Arguments& a, uint32_t) {
    Value value = a[0];
    value.has_affinity = false;
    return value;
}

Value type_of(Translator&, Arguments& a, uint32_t offset) {
    const Value& value = a[0];
    const std::string v = parenthesized(value);
    if (value.literal == LiteralKind::Null) {
        return strict_text("'null'");
    }
    const char* name = nullptr;
    if (value.form == SourceForm::AsType && value.json.empty() && !is_date_kind(value.kind)) {
        name = value.classes == kClassInteger                            ? "integer"
               : value.classes == kClassReal                             ? "real"
               : value.kind == TypeKind::Bytea                           ? "blob"
               : value.classes == kClassText && is_text_kind(value.kind) ? "text"
                                                                         : nullptr;
    }
    std::string known;
    if (name != nullptr) {
        known = quote_literal(name);
    } else if (value.is_column && value.kind == TypeKind::Numeric) {
        known = "CASE WHEN " + v + " = trunc(" + v + ") THEN 'integer' ELSE 'real' END";
    } else {
        throw Refusal("typeof() of a value whose storage class in the source is not known", offset);
    }
    if (value.not_null && name != nullptr) {
        Value constant = strict_text(known);
        constant.literal = LiteralKind::Text;
        constant.literal_text = name;
        constant.not_null = true;
        return constant;
    }
    return value.not_null
               ? make_text(known, false)
               : make_text("CASE WHEN " + v + " IS NULL THEN 'null' ELSE " + known + " END", false);
}

Value state_function(Translator&, Arguments&, uint32_t offset) {
    throw Refusal("a function of the SQLite connection's state", offset);
}

constexpr ScalarFunction kChoiceFunctions[] = {
    {"changes", 0, 0, state_function},
    {"coalesce", 2, kManyArguments, coalesce},
    {"if", 2, 3, iif},
    {"ifnull", 2, 2, coalesce},
    {"iif", 2, 3, iif},
    {"last_insert_rowid", 0, 0, state_function},
    {"likelihood", 2, 2, likely},
    {"likely", 1, 1, likely},
    {"max", 2, kManyArguments, scalar_max},
    {"min", 2, kManyArguments, scalar_min},
    {"nullif", 2, 2, nullif},
    {"sqlite_version", 0, 0, state_function},
    {"total_changes", 0, 0, state_function},
    {"typeof", 1, 1, type_of},
    {"unlikely", 1, 1, likely},
};

}  // namespace

ScalarFunctions choice_functions() {
    return {std::begin(kChoiceFunctions), std::end(kChoiceFunctions)};
}

}  // namespace sqlite_import::dialect
