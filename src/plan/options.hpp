/*
 * options.hpp
 *    What the caller of migrate asked for, as checked values.
 *
 * Each option with named values has one table of them; the parser, the error
 * that lists them and the printer of a plan read the same table.
 */
#pragma once

#include "server_free.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/catalog.hpp"
#include "values/choices.hpp"
#include "values/column_rule.hpp"

namespace sqlite_import::plan {

enum class OnExisting { LoadIfEmpty, Append, Truncate, Upsert, Replace, Skip, Error };
enum class Identifiers { Lower, Preserve, SnakeCase };
enum class Types { Checked, Declared, Affinity };
enum class ForeignKeys { Validate, NotValid, Skip };
enum class OnCorruption { Error, Salvage };

/* How the values of some columns are to be read; see `casts` in docs/reference.md. */
struct CastRule {
    std::string pattern;             /* "table.column", "*.column", "table.*", "type:name" */
    std::optional<std::string> type; /* the PostgreSQL type to make of it */
    values::ColumnRule rule;
};

struct Options {
    std::string source; /* as the caller gave it; repeated in the statements of a plan */
    std::string target_schema = "public";
    std::vector<std::string> tables;
    std::vector<std::string> exclude;
    OnExisting on_existing = OnExisting::LoadIfEmpty;
    Identifiers identifiers = Identifiers::Lower;
    Types types = Types::Checked;
    values::IntegerType integer_type = values::IntegerType::Bigint;
    std::vector<CastRule> casts;
    values::OnError on_error = values::OnError::Stop;
    values::InvalidText invalid_text = values::InvalidText::Error;
    ForeignKeys foreign_keys = ForeignKeys::Validate;
    std::string timezone;
    values::VerifyLevel verify = values::VerifyLevel::Rows;
    bool analyze = true;
    bool dry_run = false;
    bool create_missing = true;
    bool rows = true; /* false: the schema alone */
    bool sequences = true;
    bool views = true;
    bool triggers = true;
    bool comments = false;
    bool helpers = false; /* migrated objects may use functions of the extension */
    OnCorruption on_corruption = OnCorruption::Error;
    bool quick_check = false;
    std::string text_search; /* a text search configuration for FTS tables; empty: no index */
    int batch_size = 0;      /* rows; 0: the writer's own choice */
    std::optional<int64_t> max_rejects; /* rejected rows beyond end the run; none: no limit */
    std::string index_memory; /* maintenance_work_mem during the run; empty: the session's */
};

/* Each takes the text of an option's value, without regard to case, and throws UserError that lists
 * the valid ones; the overloads of name_of give the text back. */
void parse_option(const std::string& text, OnExisting& value);
void parse_option(const std::string& text, Identifiers& value);
void parse_option(const std::string& text, Types& value);
void parse_option(const std::string& text, values::IntegerType& value);
void parse_option(const std::string& text, values::OnError& value);
void parse_option(const std::string& text, values::InvalidText& value);
void parse_option(const std::string& text, ForeignKeys& value);
void parse_option(const std::string& text, values::VerifyLevel& value);
void parse_option(const std::string& text, OnCorruption& value);

const char* name_of(OnExisting value) noexcept;
const char* name_of(Identifiers value) noexcept;
const char* name_of(Types value) noexcept;
const char* name_of(values::IntegerType value) noexcept;
const char* name_of(values::OnError value) noexcept;
const char* name_of(values::InvalidText value) noexcept;
const char* name_of(ForeignKeys value) noexcept;
const char* name_of(values::VerifyLevel value) noexcept;
const char* name_of(OnCorruption value) noexcept;

/*
 * The rule for a column: the most telling pattern wins (table.column, then
 * table.*, then *.column, then type:name); null if none matches.  Names and
 * types are compared without regard to case.
 */
const CastRule* find_cast(const Options& options, const std::string& table,
                          const std::string& column, const std::string& declared_type);

const CastRule* find_cast(const Options& options, const sqlite::Table& table,
                          const sqlite::Column& column);

/* True if the cast is for that column, more telling ones or not. */
bool cast_matches(const CastRule& cast, const sqlite::Table& table, const sqlite::Column& column);

/* A column's own rule, completed by what the options say for all columns. */
values::ColumnRule effective_rule(const values::ColumnRule& rule, const Options& options);

}  // namespace sqlite_import::plan
