/*
 * translate_function.cpp
 *    Which room a function belongs to, and the scalar ones by their tables
 *    (www.sqlite.org/lang_corefunc.html).
 */
#include "dialect/translate_function.hpp"

#include <algorithm>
#include <cstdlib>

namespace sqlite_import::dialect {

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

std::string plain_text(Translator& t, const Value& value) {
    const Value text = t.as_text(value);
    return text.case_insensitive ? "(" + parenthesized(text) + " COLLATE \"C\")" : text.sql;
}

bool constant_at_least(const Value& value, long low) {
    return value.literal == LiteralKind::Integer &&
           std::strtol(value.literal_text.c_str(), nullptr, 10) >= low;
}

namespace {

bool is_random(const std::string& name) {
    return name == "random" || name == "randomblob";
}

}  // namespace

Value Translator::apply(const ScalarFunction& function, const Expr& expr) {
    const std::string name = function.name;
    if (expr.star || expr.operands.size() < function.min_arguments ||
        expr.operands.size() > function.max_arguments) {
        refuse("the number of arguments of " + name + "()", expr.offset);
    }
    Arguments arguments;
    for (const ExprPtr& operand : expr.operands) {
        arguments.push_back(translate(*operand));
    }
    immutable_ = immutable_ && !is_random(name);
    return function.translate(*this, arguments, expr.offset);
}

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
    if (const RealFunction* real = expr.operands.size() == 1 ? find_real_function(name) : nullptr) {
        return real_function(*this, translate(*expr.operands[0]), *real);
    }
    for (const ScalarFunctions& theme :
         {text_functions(), number_functions(), choice_functions()}) {
        for (const ScalarFunction& function : theme) {
            if (name == function.name) {
                return apply(function, expr);
            }
        }
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
