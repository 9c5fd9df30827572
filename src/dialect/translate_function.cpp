/*
 * translate_function.cpp
 *    SQLite's scalar functions (www.sqlite.org/lang_corefunc.html, lang_mathfunc.html).
 *
 * One table names every function with how many arguments it takes and what
 * makes its translation.  Names that are not there are the application's own.
 */
#include "dialect/lexer.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

#include <algorithm>
#include <cstdlib>

namespace sqlite_import::dialect {

namespace {

using Arguments = std::vector<Value>;

bool any_null(const Arguments& arguments) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [](const Value& value) { return value.literal == LiteralKind::Null; });
}

Value null_value() {
    Value null = make_text("NULL", true);
    null.literal = LiteralKind::Null;
    return null;
}

Value strict_text(std::string sql) {
    return make_text(std::move(sql), true);
}

/* An int4 argument of a PostgreSQL function. */
std::string int4(Translator& t, const Value& value) {
    const Value number = t.as_integer(value);
    return number.kind == TypeKind::Int8 ? parenthesized(number) + "::integer" : number.sql;
}

bool is_bytea(const Value& value) {
    return value.kind == TypeKind::Bytea;
}

void refuse_blob(const Value& value, const char* function) {
    if (is_bytea(value)) {
        throw Refusal(std::string(function) + " of a blob", value.offset);
    }
}

/* text for functions that a collation which ignores case would stop */
std::string plain_text(Translator& t, const Value& value) {
    const Value text = t.as_text(value);
    return text.case_insensitive ? "(" + parenthesized(text) + " COLLATE \"C\")" : text.sql;
}

/* ---- text ---- */

Value fold_case(Translator& t, const Value& value, const char* function) {
    refuse_blob(value, function);
    /* under "C" only ASCII letters change, as in SQLite */
    return strict_text(std::string(function) + "(" + parenthesized(t.as_text(value)) +
                       " COLLATE \"C\")");
}

Value lower(Translator& t, Arguments& a, uint32_t) {
    return fold_case(t, a[0], "lower");
}

Value upper(Translator& t, Arguments& a, uint32_t) {
    return fold_case(t, a[0], "upper");
}

Value length(Translator& t, Arguments& a, uint32_t) {
    if (is_bytea(a[0])) {
        return make_integer("length(" + a[0].sql + ")", true, TypeKind::Int4);
    }
    return make_integer("length(" + t.as_text(a[0]).sql + ")", true, TypeKind::Int4);
}

Value octet_length(Translator& t, Arguments& a, uint32_t) {
    const std::string sql = is_bytea(a[0]) ? a[0].sql : t.as_text(a[0]).sql;
    return make_integer("octet_length(" + sql + ")", true, TypeKind::Int4);
}

bool constant_at_least(const Value& value, long low) {
    return value.literal == LiteralKind::Integer &&
           std::strtol(value.literal_text.c_str(), nullptr, 10) >= low;
}

/*
 * substr(x, y, z): PostgreSQL's counts from 1 and clips as SQLite's does; a
 * negative y counts from the end, a negative z takes what stands before.
 */
Value substr(Translator& t, Arguments& a, uint32_t) {
    if (any_null(a)) {
        return null_value();
    }
    const bool blob = is_bytea(a[0]);
    const std::string text = blob ? a[0].sql : t.as_text(a[0]).sql;
    std::string start = int4(t, a[1]);
    const Value number = t.as_integer(a[1]);
    if (!constant_at_least(a[1], 0)) {
        const std::string y = parenthesized(number);
        if (number.literal == LiteralKind::Integer) {
            start = "length(" + text + ") + " + y + " + 1";
        } else {
            start = "(CASE WHEN " + y + " < 0 THEN length(" + text + ") + " + y + " + 1 ELSE " + y +
                    " END)::integer";
        }
    }
    const auto finish = [&](const std::vector<std::string>& arguments) {
        Value value = blob
                          ? make_value(call("substr", arguments), true, TypeKind::Bytea, kClassBlob)
                          : strict_text(call("substr", arguments));
        return value;
    };
    if (a.size() == 2) {
        return finish({text, start});
    }
    if (constant_at_least(a[2], 0)) {
        return finish({text, start, int4(t, a[2])});
    }
    const std::string z = parenthesized(t.as_integer(a[2]));
    return finish(
        {text, "(" + start + " + least(" + z + ", 0))::integer", "abs(" + z + ")::integer"});
}

Value instr(Translator& t, Arguments& a, uint32_t) {
    if (is_bytea(a[0]) != is_bytea(a[1])) {
        throw Refusal("instr of a text and a blob", a[0].offset);
    }
    if (is_bytea(a[0])) {
        return make_integer("position(" + parenthesized(a[1]) + " in " + parenthesized(a[0]) + ")",
                            true, TypeKind::Int4);
    }
    return make_integer(call("strpos", {plain_text(t, a[0]), plain_text(t, a[1])}), true,
                        TypeKind::Int4);
}

Value trim_with(Translator& t, Arguments& a, const char* function) {
    std::vector<std::string> arguments;
    for (const Value& value : a) {
        refuse_blob(value, function);
        arguments.push_back(t.as_text(value).sql);
    }
    return strict_text(call(function, arguments));
}

Value trim(Translator& t, Arguments& a, uint32_t) {
    return trim_with(t, a, "btrim");
}

Value ltrim(Translator& t, Arguments& a, uint32_t) {
    return trim_with(t, a, "ltrim");
}

Value rtrim(Translator& t, Arguments& a, uint32_t) {
    return trim_with(t, a, "rtrim");
}

Value replace(Translator& t, Arguments& a, uint32_t) {
    for (const Value& value : a) {
        refuse_blob(value, "replace");
    }
    const std::string text = plain_text(t, a[0]);
    const std::string pattern = plain_text(t, a[1]);
    const std::string replaced = call("replace", {text, pattern, plain_text(t, a[2])});
    const bool never_empty = a[1].literal == LiteralKind::Text && !a[1].literal_text.empty();
    if (never_empty || a[2].not_null) {
        return strict_text(replaced);
    }
    /* nothing is replaced by NULL where there is nothing to look for */
    return make_text("CASE WHEN " + pattern + " = '' THEN " + text + " ELSE " + replaced + " END",
                     false);
}

Value hex(Translator& t, Arguments& a, uint32_t) {
    if (a[0].literal == LiteralKind::Null) {
        return strict_text("''");
    }
    const std::string bytes =
        is_bytea(a[0]) ? a[0].sql : "convert_to(" + t.as_text(a[0]).sql + ", 'UTF8')";
    /* hex(NULL) is '' in SQLite */
    const std::string encoded = "upper(encode(" + bytes + ", 'hex'))";
    return a[0].not_null ? strict_text(encoded) : strict_text("coalesce(" + encoded + ", '')");
}

Value quote(Translator& t, Arguments& a, uint32_t) {
    const Value& value = a[0];
    if (value.literal == LiteralKind::Null) {
        return strict_text("'NULL'");
    }
    std::string sql;
    if (is_bytea(value)) {
        sql = "'X''' || upper(encode(" + value.sql + ", 'hex')) || ''''";
    } else if (value.classes == kClassInteger) {
        sql = parenthesized(t.as_text(value));
    } else if (value.classes == kClassText && is_text_kind(value.kind)) {
        sql = "'''' || replace(" + plain_text(t, value) + ", '''', '''''') || ''''";
    } else {
        throw Refusal("quote() of a value that may be a real", value.offset);
    }
    return make_text("coalesce(" + sql + ", 'NULL')", true);
}

Value unicode(Translator& t, Arguments& a, uint32_t) {
    refuse_blob(a[0], "unicode()");
    return make_integer("nullif(ascii(" + t.as_text(a[0]).sql + "), 0)", true, TypeKind::Int4);
}

Value character(Translator& t, Arguments& a, uint32_t offset) {
    std::string sql;
    for (const Value& value : a) {
        if (value.literal != LiteralKind::Integer || !constant_at_least(value, 1) ||
            constant_at_least(value, 0x110000)) {
            throw Refusal("char() of something else than constant code points", offset);
        }
        sql += (sql.empty() ? "" : " || ") + ("chr(" + int4(t, value) + ")");
    }
    return a.empty() ? strict_text("''") : make_text(sql, a.size() == 1);
}

Value concat(Translator& t, Arguments& a, uint32_t) {
    std::vector<std::string> arguments;
    for (const Value& value : a) {
        refuse_blob(value, "concat()");
        arguments.push_back(t.as_text(value).sql);
    }
    return strict_text(call("concat", arguments));
}

Value concat_ws(Translator& t, Arguments& a, uint32_t) {
    std::vector<std::string> arguments;
    for (const Value& value : a) {
        refuse_blob(value, "concat_ws()");
        arguments.push_back(t.as_text(value).sql);
    }
    return strict_text(call("concat_ws", arguments));
}

/* ---- choice ---- */

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

/* ---- numbers ---- */

Value absolute(Translator& t, Arguments& a, uint32_t) {
    refuse_blob(a[0], "abs()");
    const Value number = t.as_number(a[0]);
    if (is_text_kind(a[0].kind)) {
        const Value real = t.as_real(number);
        return make_real("abs(" + real.sql + ")", true); /* text gives a real */
    }
    Value result = make_value("abs(" + number.sql + ")", true, number.kind, number.classes);
    result.not_null = number.not_null;
    return result;
}

/* Half away from zero, in decimal, which is how SQLite rounds; the result is a real. */
Value round(Translator& t, Arguments& a, uint32_t offset) {
    if (any_null(a)) {
        return null_value();
    }
    const Value number = t.as_number(a[0]);
    std::string digits = "0";
    if (a.size() == 2) {
        if (a[1].literal != LiteralKind::Integer) {
            throw Refusal("round() to a number of digits that is not a constant", offset);
        }
        digits = std::to_string(
            std::clamp(std::strtol(a[1].literal_text.c_str(), nullptr, 10), 0L, 30L));
    }
    return make_real(
        "round(" + parenthesized(number) + "::numeric, " + digits + ")::double precision", true);
}

Value sign(Translator& t, Arguments& a, uint32_t offset) {
    if (!is_number_kind(a[0].kind) && a[0].kind != TypeKind::Bool) {
        throw Refusal("sign() of something else than a number", offset);
    }
    return make_integer("sign(" + t.as_number(a[0]).sql + ")::integer", true, TypeKind::Int4);
}

Value random_integer(Translator&, Arguments&, uint32_t) {
    return make_integer(
        "('x' || left(encode(sha256(uuid_send(gen_random_uuid())), 'hex'), 16))::bit(64)::bigint",
        true);
}

/* Bytes out of random uuids, hashed, because six bits of each are fixed. */
Value random_blob(Translator&, Arguments& a, uint32_t offset) {
    if (!constant_at_least(a[0], 1) || constant_at_least(a[0], 257)) {
        throw Refusal("randomblob() of a length that is not a constant from 1 to 256", offset);
    }
    const long size = std::strtol(a[0].literal_text.c_str(), nullptr, 10);
    std::string blocks;
    for (long at = 0; at < size; at += 32) {
        blocks +=
            (at == 0 ? "" : " || ") +
            std::string("sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))");
    }
    Value value = make_value(call("substr", {blocks, "1", std::to_string(size)}), true,
                             TypeKind::Bytea, kClassBlob);
    value.not_null = true;
    return value;
}

Value zero_blob(Translator& t, Arguments& a, uint32_t) {
    return make_value("decode(repeat('00', " + int4(t, a[0]) + "), 'hex')", true, TypeKind::Bytea,
                      kClassBlob);
}

Value no_number(const Value& value, const char* function) {
    throw Refusal(std::string(function) + " of something else than a number", value.offset);
}

/* A mathematical function of reals that is NULL where `domain` (with $ for x) does not hold. */
Value real_function(Translator& t, const Value& argument, const std::string& function,
                    const std::string& domain = "") {
    if (argument.literal == LiteralKind::Null) {
        return null_value();
    }
    if (!is_number_kind(argument.kind) && argument.kind != TypeKind::Bool) {
        no_number(argument, function.c_str());
    }
    const Value x = t.as_real(argument);
    const std::string result = function + "(" + x.sql + ")";
    if (domain.empty()) {
        return make_real(result, true);
    }
    std::string condition;
    for (char c : domain) {
        condition += c == '$' ? parenthesized(x) : std::string(1, c);
    }
    return make_real("CASE WHEN " + condition + " THEN " + result + " END", false);
}

struct RealFunction {
    const char* name;
    const char* function;
    const char* domain;
};

constexpr RealFunction kRealFunctions[] = {
    {"sqrt", "sqrt", "$ >= 0"},
    {"exp", "exp", ""},
    {"ln", "ln", "$ > 0"},
    {"log10", "log", "$ > 0"},
    {"sin", "sin", ""},
    {"cos", "cos", ""},
    {"tan", "tan", ""},
    {"asin", "asin", "abs($) <= 1"},
    {"acos", "acos", "abs($) <= 1"},
    {"atan", "atan", ""},
    {"sinh", "sinh", ""},
    {"cosh", "cosh", ""},
    {"tanh", "tanh", ""},
    {"asinh", "asinh", ""},
    {"acosh", "acosh", "$ >= 1"},
    {"atanh", "atanh", "abs($) < 1"},
    {"degrees", "degrees", ""},
    {"radians", "radians", ""},
};

Value log_base(Translator& t, Arguments& a, uint32_t) {
    if (a.size() == 1) {
        return real_function(t, a[0], "log", "$ > 0");
    }
    const Value base = real_function(t, a[0], "ln", "$ > 0");
    const Value x = real_function(t, a[1], "ln", "$ > 0");
    return make_real("(" + x.sql + ") / nullif(" + base.sql + ", 0)", false);
}

Value log_two(Translator& t, Arguments& a, uint32_t) {
    const Value x = real_function(t, a[0], "ln", "$ > 0");
    return make_real("(" + x.sql + ") / ln(2::double precision)", false);
}

Value power(Translator& t, Arguments& a, uint32_t) {
    if (any_null(a)) {
        return null_value();
    }
    for (const Value& value : a) {
        if (!is_number_kind(value.kind)) {
            no_number(value, "pow()");
        }
    }
    return make_real(call("power", {t.as_real(a[0]).sql, t.as_real(a[1]).sql}), true);
}

Value pi(Translator&, Arguments&, uint32_t) {
    return make_real("pi()", true);
}

/* ceil, floor and trunc keep an integer an integer */
Value whole(Translator& t, const Value& value, const char* function) {
    if (value.literal == LiteralKind::Null) {
        return null_value();
    }
    if (!is_number_kind(value.kind) && value.kind != TypeKind::Bool) {
        no_number(value, function);
    }
    Value number = t.as_number(value);
    if (is_integer_kind(number.kind)) {
        number.has_affinity = false;
        number.is_column = false;
        return number;
    }
    return make_value(std::string(function) + "(" + number.sql + ")", true, number.kind,
                      number.classes);
}

Value ceiling(Translator& t, Arguments& a, uint32_t) {
    return whole(t, a[0], "ceil");
}

Value flooring(Translator& t, Arguments& a, uint32_t) {
    return whole(t, a[0], "floor");
}

Value truncation(Translator& t, Arguments& a, uint32_t) {
    return whole(t, a[0], "trunc");
}

Value state_function(Translator&, Arguments&, uint32_t offset) {
    throw Refusal("a function of the SQLite connection's state", offset);
}

struct ScalarFunction {
    const char* name;
    size_t min_arguments, max_arguments;
    Value (*translate)(Translator&, Arguments&, uint32_t);
};

constexpr size_t kMany = 100;

constexpr ScalarFunction kScalarFunctions[] = {
    {"abs", 1, 1, absolute},
    {"ceil", 1, 1, ceiling},
    {"ceiling", 1, 1, ceiling},
    {"changes", 0, 0, state_function},
    {"char", 0, kMany, character},
    {"coalesce", 2, kMany, coalesce},
    {"concat", 1, kMany, concat},
    {"concat_ws", 2, kMany, concat_ws},
    {"floor", 1, 1, flooring},
    {"hex", 1, 1, hex},
    {"if", 2, 3, iif},
    {"ifnull", 2, 2, coalesce},
    {"iif", 2, 3, iif},
    {"instr", 2, 2, instr},
    {"last_insert_rowid", 0, 0, state_function},
    {"length", 1, 1, length},
    {"likelihood", 2, 2, likely},
    {"likely", 1, 1, likely},
    {"log", 1, 2, log_base},
    {"log2", 1, 1, log_two},
    {"lower", 1, 1, lower},
    {"ltrim", 1, 2, ltrim},
    {"max", 2, kMany, scalar_max},
    {"min", 2, kMany, scalar_min},
    {"nullif", 2, 2, nullif},
    {"octet_length", 1, 1, octet_length},
    {"pi", 0, 0, pi},
    {"pow", 2, 2, power},
    {"power", 2, 2, power},
    {"quote", 1, 1, quote},
    {"random", 0, 0, random_integer},
    {"randomblob", 1, 1, random_blob},
    {"replace", 3, 3, replace},
    {"round", 1, 2, round},
    {"rtrim", 1, 2, rtrim},
    {"sign", 1, 1, sign},
    {"sqlite_version", 0, 0, state_function},
    {"substr", 2, 3, substr},
    {"substring", 2, 3, substr},
    {"total_changes", 0, 0, state_function},
    {"trim", 1, 2, trim},
    {"trunc", 1, 1, truncation},
    {"typeof", 1, 1, type_of},
    {"unicode", 1, 1, unicode},
    {"unlikely", 1, 1, likely},
    {"upper", 1, 1, upper},
    {"zeroblob", 1, 1, zero_blob},
};

bool is_random(const std::string& name) {
    return name == "random" || name == "randomblob";
}

}  // namespace

Value Translator::scalar_function(const std::string& name, const Expr& expr) {
    if (name == "like" || name == "glob") {
        if (expr.operands.size() < 2) {
            refuse("too few arguments for " + name + "()", expr.offset);
        }
        /* like(pattern, text): the arguments stand the other way round */
        Value escape;
        if (expr.operands.size() > 2) {
            escape = translate(*expr.operands[2]);
        }
        return like_values(name == "like" ? Operator::Like : Operator::Glob,
                           translate(*expr.operands[1]), translate(*expr.operands[0]),
                           expr.operands.size() > 2 ? &escape : nullptr);
    }
    Arguments arguments;
    for (const RealFunction& real : kRealFunctions) {
        if (name == real.name && expr.operands.size() == 1) {
            return real_function(*this, translate(*expr.operands[0]), real.function, real.domain);
        }
    }
    for (const ScalarFunction& function : kScalarFunctions) {
        if (name != function.name) {
            continue;
        }
        if (expr.star || expr.operands.size() < function.min_arguments ||
            expr.operands.size() > function.max_arguments) {
            refuse("the number of arguments of " + name + "()", expr.offset);
        }
        for (const ExprPtr& operand : expr.operands) {
            arguments.push_back(translate(*operand));
        }
        immutable_ = immutable_ && !is_random(name);
        return function.translate(*this, arguments, expr.offset);
    }
    refuse(name + "() is no built-in function that has an equal in PostgreSQL", expr.offset);
}

namespace {

bool one_of(const std::string& name, std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* n) { return name == n; });
}

}  // namespace

Value Translator::translated_function(const std::string& name, const Expr& expr) {
    if (one_of(name, {"date", "time", "datetime", "julianday", "strftime", "unixepoch"})) {
        return date_function(name, expr);
    }
    if (one_of(name, {"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile",
                      "lag", "lead", "first_value", "last_value", "nth_value"})) {
        return window_only_function(name, expr);
    }
    if (one_of(name, {"printf", "format"})) {
        return printf_function(expr);
    }
    const bool extreme = one_of(name, {"min", "max"}) && expr.operands.size() == 1;
    if (extreme || one_of(name, {"count", "sum", "total", "avg", "group_concat", "string_agg",
                                 "json_group_array", "json_group_object"})) {
        return aggregate_function(name, expr);
    }
    if (name.rfind("json", 0) == 0) {
        return json_function(name, expr);
    }
    return scalar_function(name, expr);
}

}  // namespace sqlite_import::dialect
