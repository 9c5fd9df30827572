/*
 * translate_helper.cpp
 *    Functions that PostgreSQL has no equal of, where the caller allows a schema
 *    that depends on the extension.
 *
 * The idea: the plain translation is tried first, so that a helper stands only
 * where nothing else would do.  A helper is SQLite's own function, called with
 * the arguments as SQLite would have them; an argument whose storage class in
 * SQLite is not known is refused here too.
 */
#include "dialect/lexer.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

/* A function of sqlite_import--1.0.sql; src/pg/builtin.cpp has the same names. */
struct Helper {
    const char* name;   /* in SQLite */
    const char* target; /* in schema sqlite_import */
    TypeKind result;
    bool immutable;
    bool moment; /* of dates: numbers are moments, whatever their storage class */
};

constexpr Helper kHelpers[] = {
    {"date", "date", TypeKind::Text, false, true},
    {"datetime", "datetime", TypeKind::Text, false, true},
    {"format", "printf", TypeKind::Text, true, false},
    {"json", "json", TypeKind::Text, true, false},
    {"json_insert", "json_insert", TypeKind::Text, true, false},
    {"json_patch", "json_patch", TypeKind::Text, true, false},
    {"json_quote", "json_quote", TypeKind::Text, true, false},
    {"json_remove", "json_remove", TypeKind::Text, true, false},
    {"json_replace", "json_replace", TypeKind::Text, true, false},
    {"json_set", "json_set", TypeKind::Text, true, false},
    {"json_valid", "json_valid", TypeKind::Bool, true, false},
    {"julianday", "julianday", TypeKind::Float8, false, true},
    {"printf", "printf", TypeKind::Text, true, false},
    {"quote", "quote", TypeKind::Text, true, false},
    {"strftime", "strftime", TypeKind::Text, false, true},
    {"time", "time", TypeKind::Text, false, true},
    {"unixepoch", "unixepoch", TypeKind::Int8, false, true},
};

/* Each attempt translates the arguments once more: nested ones must not explode. */
constexpr int kMaxHelperAttempts = 100;

const Helper* find_helper(const std::string& name) {
    const auto* found = std::find_if(std::begin(kHelpers), std::end(kHelpers),
                                     [&](const Helper& helper) { return name == helper.name; });
    return found == std::end(kHelpers) ? nullptr : found;
}

/* What SQLite marks as JSON goes into another JSON function as JSON, not as text. */
bool is_json_result(const Expr& expr) {
    return expr.kind == ExprKind::Function && fold_name(expr.text).rfind("json", 0) == 0;
}

/* What a translation that is given up has changed in the scopes that it could see. */
class ScopeState {
  public:
    explicit ScopeState(Scope* scope) {
        for (; scope != nullptr; scope = scope->outer) {
            saved_.push_back({scope, scope->inside_aggregate, scope->raw, scope->resolving_alias});
        }
    }

    void restore() const {
        for (const Counts& counts : saved_) {
            counts.scope->inside_aggregate = counts.inside_aggregate;
            counts.scope->raw = counts.raw;
            counts.scope->resolving_alias = counts.resolving_alias;
        }
    }

  private:
    struct Counts {
        Scope* scope;
        int inside_aggregate, raw, resolving_alias;
    };
    std::vector<Counts> saved_;
};

}  // namespace

std::string Translator::helper_name(const char* name) {
    note(std::string("it needs the extension: sqlite_import.") + name + "()");
    return std::string("sqlite_import.") + name;
}

/* The value as an argument of type "any", of the type that stands for its storage class. */
std::string Translator::helper_argument(const Value& value, bool moment) {
    if (value.literal == LiteralKind::Null) {
        return "NULL::text";
    }
    if (!value.json.empty() || value.form == SourceForm::Mixed) {
        refuse("an argument whose storage class is known only when the query runs", value.offset);
    }
    if (value.kind == TypeKind::Bytea) {
        return value.sql;
    }
    if (moment && value.kind == TypeKind::Date) {
        return "to_char(" + value.sql + ", 'YYYY-MM-DD')";
    }
    if (moment && value.kind == TypeKind::Timestamp && value.form == SourceForm::UnknownText) {
        return "to_char(" + value.sql + ", 'YYYY-MM-DD HH24:MI:SS.MS')";
    }
    if (is_text_kind(value.kind) || is_date_kind(value.kind) || value.kind == TypeKind::Json) {
        const Value text = as_text(value);
        return parenthesized(text) + "::text";
    }
    const Value number = as_number(value);
    if (is_integer_kind(number.kind)) {
        return number.sql;
    }
    if (number.kind == TypeKind::Numeric && number.is_column) {
        return number.sql; /* integers where they are whole, as by affinity NUMERIC */
    }
    if (number.classes != kClassReal && !moment) {
        refuse("a number that may be an integer or a real", value.offset);
    }
    return parenthesized(number) + "::double precision";
}

Value Translator::helper_function(const std::string& name, const Expr& expr) {
    const Helper& helper = *find_helper(name);
    std::vector<std::string> arguments;
    const bool takes_values = name == "json_set" || name == "json_insert" || name == "json_replace";
    for (const ExprPtr& operand : expr.operands) {
        if (is_json_result(*operand) &&
            (name == "json_quote" || (takes_values && !arguments.empty()))) {
            refuse("a JSON value inside " + name + "()", operand->offset);
        }
        arguments.push_back(helper_argument(translate(*operand), helper.moment));
        check_length(arguments.back(), expr.offset);
    }
    if (helper.moment && arguments.size() == (name == "strftime" ? 1 : 0)) {
        arguments.emplace_back("'now'");
    }
    immutable_ = immutable_ && helper.immutable;
    const std::string sql = call(helper_name(helper.target), arguments);
    if (helper.result == TypeKind::Bool) {
        return make_truth(sql, true);
    }
    if (helper.result == TypeKind::Float8) {
        return make_real(sql, true);
    }
    return helper.result == TypeKind::Int8 ? make_integer(sql, true) : make_text(sql, true);
}

Value Translator::function(const Expr& expr) {
    const std::string name = fold_name(expr.text);
    if (!options_.helpers || find_helper(name) == nullptr) {
        return translated_function(name, expr);
    }
    Scope* const scope = scope_;
    const size_t with = with_count();
    const size_t notes = notes_.size();
    const bool immutable = immutable_;
    const ScopeState state(scope);
    try {
        return translated_function(name, expr);
    } catch (const Refusal&) {
        if (++helper_attempts_ > kMaxHelperAttempts) {
            throw;
        }
        scope_ = scope;
        end_with(with);
        notes_.resize(notes);
        immutable_ = immutable;
        state.restore();
    }
    return helper_function(name, expr);
}

}  // namespace sqlite_import::dialect
