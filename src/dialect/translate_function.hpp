/*
 * translate_function.hpp
 *    The tables of SQLite's scalar functions, and what their makers share; internal
 *    to src/dialect.
 *
 * A row names a function with how many arguments it takes and what makes its
 * translation.  A name that is in no table is the application's own.
 */
#pragma once
#include "server_free.hpp"

#include "dialect/translator.hpp"

#include <string>
#include <vector>

namespace sqlite_import::dialect {

using Arguments = std::vector<Value>;

constexpr size_t kManyArguments = 100;

struct ScalarFunction {
    const char* name;
    size_t min_arguments, max_arguments;
    /* Takes as many translated arguments as the row allows, and the call's offset in the source.
     * Throws Refusal. */
    Value (*translate)(Translator&, Arguments&, uint32_t);
};

/* One theme's table, sorted by name. */
struct ScalarFunctions {
    const ScalarFunction* first;
    const ScalarFunction* last;

    const ScalarFunction* begin() const { return first; }
    const ScalarFunction* end() const { return last; }
};

ScalarFunctions text_functions();   /* translate_function_text.cpp */
ScalarFunctions number_functions(); /* translate_function_number.cpp */
ScalarFunctions choice_functions(); /* translate_function_choice.cpp */

/* A function of one real that PostgreSQL has too; NULL where `domain` ($ is the argument) is not
 * true. */
struct RealFunction {
    const char* name;
    const char* function;
    const char* domain;
};

/* Null if there is none of that name. */
const RealFunction* find_real_function(const std::string& name);

/* Throws Refusal for what is not a number. */
Value real_function(Translator& t, const Value& argument, const RealFunction& real);

/* Whether an argument is the constant NULL. */
bool any_null(const Arguments& arguments);

Value null_value();

/* Text that is NULL if an argument is. */
Value strict_text(std::string sql);

/* An int4 argument of a PostgreSQL function. */
std::string int4(Translator& t, const Value& value);

bool is_bytea(const Value& value);

/* Throws Refusal. */
void refuse_blob(const Value& value, const char* function);

/* Text for functions that a collation which ignores case would stop. */
std::string plain_text(Translator& t, const Value& value);

/* Whether the value is a constant integer, and not below `low`. */
bool constant_at_least(const Value& value, long low);

}  // namespace sqlite_import::dialect
