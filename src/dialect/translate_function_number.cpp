/*
 * translate_function_number.cpp
 *    Functions of numbers, and random values (www.sqlite.org/lang_mathfunc.html,
 *    lang_corefunc.html).
 */
#include "dialect/translate_function.hpp"

#include <algorithm>
#include <cstdlib>

namespace sqlite_import::dialect {

namespace {

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

constexpr ScalarFunction kNumberFunctions[] = {
    {"abs", 1, 1, absolute},
    {"ceil", 1, 1, ceiling},
    {"ceiling", 1, 1, ceiling},
    {"floor", 1, 1, flooring},
    {"log", 1, 2, log_base},
    {"log2", 1, 1, log_two},
    {"pi", 0, 0, pi},
    {"pow", 2, 2, power},
    {"power", 2, 2, power},
    {"random", 0, 0, random_integer},
    {"randomblob", 1, 1, random_blob},
    {"round", 1, 2, round},
    {"sign", 1, 1, sign},
    {"trunc", 1, 1, truncation},
    {"zeroblob", 1, 1, zero_blob},
};

}  // namespace

ScalarFunctions number_functions() {
    return {std::begin(kNumberFunctions), std::end(kNumberFunctions)};
}

const RealFunction* find_real_function(const std::string& name) {
    for (const RealFunction& real : kRealFunctions) {
        if (name == real.name) {
            return &real;
        }
    }
    return nullptr;
}

Value real_function(Translator& t, const Value& argument, const RealFunction& real) {
    return real_function(t, argument, real.function, real.domain);
}
}  // namespace sqlite_import::dialect
