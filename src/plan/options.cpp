/*
 * options.cpp
 *    The values of the options, and the search for a column's cast.
 */
#include "plan/options.hpp"

#include <array>

#include "sqlite/catalog.hpp"
#include "user_error.hpp"

namespace sqlite_import::plan {

namespace {

using values::IntegerType;
using values::OnError;
using values::VerifyLevel;

template <typename Value>
struct Choice {
    const char* name;
    Value value;
};

template <typename Value, size_t count>
using Choices = std::array<Choice<Value>, count>;

constexpr Choices<OnExisting, 7> kOnExisting = {{{"load_if_empty", OnExisting::LoadIfEmpty},
                                                 {"append", OnExisting::Append},
                                                 {"truncate", OnExisting::Truncate},
                                                 {"upsert", OnExisting::Upsert},
                                                 {"replace", OnExisting::Replace},
                                                 {"skip", OnExisting::Skip},
                                                 {"error", OnExisting::Error}}};
constexpr Choices<Identifiers, 3> kIdentifiers = {{{"lower", Identifiers::Lower},
                                                   {"preserve", Identifiers::Preserve},
                                                   {"snake_case", Identifiers::SnakeCase}}};
constexpr Choices<Types, 3> kTypes = {
    {{"checked", Types::Checked}, {"declared", Types::Declared}, {"affinity", Types::Affinity}}};
constexpr Choices<IntegerType, 3> kIntegerType = {{{"bigint", IntegerType::Bigint},
                                                   {"integer", IntegerType::Integer},
                                                   {"smallest", IntegerType::Smallest}}};
constexpr Choices<OnError, 3> kOnError = {
    {{"stop", OnError::Stop}, {"null", OnError::Null}, {"reject", OnError::Reject}}};
constexpr Choices<values::InvalidText, 3> kInvalidText = {
    {{"error", values::InvalidText::Error},
     {"replace", values::InvalidText::Replace},
     {"strip", values::InvalidText::Strip}}};
constexpr Choices<ForeignKeys, 3> kForeignKeys = {{{"validate", ForeignKeys::Validate},
                                                   {"not_valid", ForeignKeys::NotValid},
                                                   {"skip", ForeignKeys::Skip}}};
constexpr Choices<VerifyLevel, 3> kVerifyLevel = {
    {{"rows", VerifyLevel::Rows}, {"counts", VerifyLevel::Counts}, {"none", VerifyLevel::None}}};

constexpr Choices<OnCorruption, 2> kOnCorruption = {
    {{"error", OnCorruption::Error}, {"salvage", OnCorruption::Salvage}}};

template <typename Value, size_t count>
void parse_choice(const char* option, const Choices<Value, count>& choices, const std::string& text,
                  Value& value) {
    std::string valid;
    for (const Choice<Value>& choice : choices) {
        if (sqlite::names_equal(choice.name, text)) {
            value = choice.value;
            return;
        }
        valid += valid.empty() ? "" : ", ";
        valid += choice.name;
    }
    throw UserError(sqlstate::kInvalidParameterValue,
                    std::string("invalid value for option \"") + option + "\": \"" + text + "\"",
                    {}, "Valid values are: " + valid + ".");
}

template <typename Value, size_t count>
const char* choice_name(const Choices<Value, count>& choices, Value value) noexcept {
    for (const Choice<Value>& choice : choices) {
        if (choice.value == value) {
            return choice.name;
        }
    }
    return "";
}

/* 0: no match; else the greater, the more telling. */
int match_rank(const std::string& pattern, const std::string& table, const std::string& column,
               const std::string& declared_type) {
    if (sqlite::fold_name(pattern).rfind("type:", 0) == 0) {
        return sqlite::names_equal(pattern.substr(5), declared_type) ? 1 : 0;
    }
    if (sqlite::names_equal(pattern, table + "." + column)) {
        return 4;
    }
    if (sqlite::names_equal(pattern, table + ".*")) {
        return 3;
    }
    return sqlite::names_equal(pattern, "*." + column) ? 2 : 0;
}

}  // namespace

void parse_option(const std::string& text, OnExisting& value) {
    parse_choice("on_existing", kOnExisting, text, value);
}
void parse_option(const std::string& text, Identifiers& value) {
    parse_choice("identifiers", kIdentifiers, text, value);
}
void parse_option(const std::string& text, Types& value) {
    parse_choice("types", kTypes, text, value);
}
void parse_option(const std::string& text, values::IntegerType& value) {
    parse_choice("integer_type", kIntegerType, text, value);
}
void parse_option(const std::string& text, values::OnError& value) {
    parse_choice("on_error", kOnError, text, value);
}
void parse_option(const std::string& text, values::InvalidText& value) {
    parse_choice("invalid_text", kInvalidText, text, value);
}
void parse_option(const std::string& text, ForeignKeys& value) {
    parse_choice("foreign_keys", kForeignKeys, text, value);
}
void parse_option(const std::string& text, values::VerifyLevel& value) {
    parse_choice("verify", kVerifyLevel, text, value);
}
void parse_option(const std::string& text, OnCorruption& value) {
    parse_choice("on_corruption", kOnCorruption, text, value);
}

const char* name_of(OnExisting value) noexcept {
    return choice_name(kOnExisting, value);
}
const char* name_of(Identifiers value) noexcept {
    return choice_name(kIdentifiers, value);
}
const char* name_of(Types value) noexcept {
    return choice_name(kTypes, value);
}
const char* name_of(values::IntegerType value) noexcept {
    return choice_name(kIntegerType, value);
}
const char* name_of(values::OnError value) noexcept {
    return choice_name(kOnError, value);
}
const char* name_of(values::InvalidText value) noexcept {
    return choice_name(kInvalidText, value);
}
const char* name_of(ForeignKeys value) noexcept {
    return choice_name(kForeignKeys, value);
}
const char* name_of(values::VerifyLevel value) noexcept {
    return choice_name(kVerifyLevel, value);
}
const char* name_of(OnCorruption value) noexcept {
    return choice_name(kOnCorruption, value);
}

const CastRule* find_cast(const Options& options, const std::string& table,
                          const std::string& column, const std::string& declared_type) {
    const CastRule* best = nullptr;
    int best_rank = 0;
    for (const CastRule& rule : options.casts) {
        const int rank = match_rank(rule.pattern, table, column, declared_type);
        if (rank > best_rank) {
            best = &rule;
            best_rank = rank;
        }
    }
    return best;
}

const CastRule* find_cast(const Options& options, const sqlite::Table& table,
                          const sqlite::Column& column) {
    return find_cast(options, table.shown_name(), column.shown_name(), column.declared_type);
}

bool cast_matches(const CastRule& cast, const sqlite::Table& table, const sqlite::Column& column) {
    return match_rank(cast.pattern, table.shown_name(), column.shown_name(), column.declared_type) >
           0;
}

values::ColumnRule effective_rule(const values::ColumnRule& rule, const Options& options) {
    values::ColumnRule effective = rule;
    if (effective.invalid_text == values::InvalidText::Error) {
        effective.invalid_text = options.invalid_text;
    }
    if (effective.timezone.empty()) {
        effective.timezone = options.timezone;
    }
    if (options.on_error == values::OnError::Null) {
        effective.on_mismatch = values::OnMismatch::Null;
    }
    return effective;
}

}  // namespace sqlite_import::plan
