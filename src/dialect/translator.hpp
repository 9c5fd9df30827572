/*
 * translator.hpp
 *    The translator behind translate.hpp; internal to src/dialect.
 *
 * The idea: every SQLite expression becomes a Value: PostgreSQL text together
 * with its PostgreSQL type and what SQLite would hold there (the possible
 * storage classes, the affinity, the collation).  Each operator asks its
 * operands for the form it needs (as_integer, as_text, as_condition ...), and
 * those conversions are where SQLite's rules live.  What has no exact form
 * throws Refusal.
 *
 * Member functions are spread by theme: translate_expr.cpp (nodes),
 * translate_name.cpp, translate_subquery.cpp, translate_value.cpp (conversions),
 * translate_compare.cpp, translate_function.cpp with its tables,
 * translate_aggregate.cpp, translate_date.cpp, translate_json.cpp, translate_helper.cpp,
 * translate_select.cpp, translate_trigger.cpp, translate_table.cpp.
 */
#pragma once
#include "server_free.hpp"

#include "dialect/translate.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>

namespace sqlite_import::dialect {

/* Why something is not translated, and where. */
class Refusal : public std::runtime_error {
  public:
    Refusal(const std::string& reason, uint32_t offset)
        : std::runtime_error(reason), offset_(offset) {}
    uint32_t offset() const { return offset_; }

  private:
    uint32_t offset_;
};

/* The longest text that one expression may become. */
constexpr size_t kMaxExpressionLength = 65536;

/* SQLite's storage classes as a set (NULL is always possible). */
constexpr unsigned kClassInteger = 1;
constexpr unsigned kClassReal = 2;
constexpr unsigned kClassText = 4;
constexpr unsigned kClassBlob = 8;
constexpr unsigned kClassNumber = kClassInteger | kClassReal;

enum class LiteralKind { None, Null, Integer, Real, Text, Blob };

/* A translated expression. */
struct Value {
    std::string sql;
    bool atomic = true; /* needs no parentheses as an operand */
    TypeKind kind = TypeKind::Text;
    unsigned classes = kClassText;
    uint32_t offset = 0; /* of its expression in the source */

    LiteralKind literal = LiteralKind::None;
    std::string literal_text; /* decoded text, blob bytes, or the number's digits with sign */
    std::string bare;         /* a number without its cast, for a comparison; else empty */

    bool has_affinity = false;
    Affinity affinity = Affinity::Blob;
    std::string collation; /* folded; "" is BINARY */
    bool explicit_collation = false;
    bool case_insensitive = false; /* PostgreSQL's collation of it ignores case */
    bool is_column = false;
    bool not_null = false;

    SourceForm form = SourceForm::AsType;
    values::From from = values::From::Auto; /* with SourceForm::Number */
    /* For dates and times: the to_char() template that gives SQLite's text. */
    std::string text_format;
    bool local_time = false;  /* a date or time as clocks show it here, not in UTC … */
    std::string utc;          /* … and the same in UTC, if it is known; else empty */
    bool real_count = false;  /* with SourceForm::Number: some of the numbers are REALs */
    bool digits_text = false; /* text that is an integer: strftime('%Y') */
    bool truth = false;       /* boolean in PostgreSQL, the integers 0 and 1 in SQLite */
    std::string json;         /* the jsonb expression that sql is the text of; else empty */
};

/* One table of a FROM clause, as name resolution sees it. */
struct Source {
    std::string name;      /* alias or table name, as SQLite code may qualify by */
    std::string qualifier; /* quoted prefix for its columns, or empty for none */
    std::vector<ColumnInfo> columns;
    std::vector<std::string> column_formats; /* text_format of each; may be shorter */
    int rowid_column = -1;
    bool has_rowid = true;        /* a real table: rowid names mean something */
    bool nullable = false;        /* on the optional side of an outer join */
    bool must_qualify = false;    /* NEW and OLD: bare names do not mean their columns */
    std::set<std::string> merged; /* folded names that USING took from a table on the left */
};

/* The names in sight, innermost first. */
struct Scope {
    std::vector<Source> sources;
    Scope* outer = nullptr;
    /* Result columns, whose aliases may be used in WHERE, GROUP BY, HAVING, ORDER BY. */
    const std::vector<ResultColumn>* results = nullptr;
    const std::vector<NamedWindow>* windows = nullptr;
    bool grouped = false;               /* aggregating: columns stand bare or in GROUP BY */
    std::vector<std::string> group_sql; /* what is grouped by, translated */
    std::string bare_order;             /* the ORDER BY that picks a bare column's row, or empty */
    int inside_aggregate = 0;
    int raw = 0; /* translating for comparison with group_sql */
    int resolving_alias = 0;
};

/* A table of WITH: its columns once translated. */
struct CommonTableInfo {
    std::string name; /* folded */
    std::string target;
    std::vector<ColumnInfo> columns;
    bool ready = false;
};

/* A translated SELECT with what its columns are. */
struct SelectResult {
    std::string sql;
    std::vector<Value> values;      /* one for each column; sql is meaningless */
    std::vector<std::string> names; /* SQLite's names */
    bool single_row = false;        /* never more than one row */
};

struct ScalarFunction; /* translate_function.hpp */

class Translator {
  public:
    Translator(const SchemaInfo* schema, const TranslateOptions& options)
        : schema_(schema), options_(options) {}

    /* ---- nodes (translate_expr.cpp) ---- */
    Value translate(const Expr& expr);

    /* ---- conversions (translate_value.cpp) ---- */
    Value as_number(Value value);
    Value as_integer(Value value);
    Value as_real(Value value);
    Value as_text(Value value);
    std::string as_condition(const Value& value);
    std::string text_sql(const Value& value) { return as_text(value).sql; }
    /* The value as a result column or branch of its own: dates as text, truth as integer. */
    Value as_output(Value value);
    /* Makes all values of one PostgreSQL type; refuses mixtures that have none. */
    Value unify(std::vector<Value>& values, uint32_t offset);
    /* The value as SQLite would store it in a column, in the column's type. */
    std::string assign(Value value, const ColumnInfo& column);

    /* ---- comparison (translate_compare.cpp) ---- */
    struct Comparison {
        std::string left, right; /* operands; empty when `whole` is the answer */
        std::string whole;
    };
    Comparison prepare_comparison(Operator op, Value left, Value right);
    std::string compare(Operator op, const Value& left, const Value& right);
    static std::string effective_collation(const Value& left, const Value& right);
    /* text made comparable under a SQLite collation; the collation of order is bytes */
    std::string collated(const Value& value, const std::string& collation, bool ordering);

    /* ---- select (translate_select.cpp) ---- */
    SelectResult translate_select(const Select& select);
    /* A query's columns as a table's, under these names where there are some. */
    std::vector<ColumnInfo> result_columns(const SelectResult& select,
                                           const std::vector<std::string>& names = {}) const;

    Scope* scope() { return scope_; }
    void set_scope(Scope* scope) { scope_ = scope; }
    void allow_subqueries(bool allowed) { subqueries_ = allowed; }
    void note(const std::string& text);
    bool immutable() const { return immutable_; }
    const std::vector<std::string>& notes() const { return notes_; }
    const TranslateOptions& options() const { return options_; }
    const SchemaInfo* schema() const { return schema_; }
    std::string renamed(const std::string& name) const;
    Source source_of(const TableInfo& table, const std::string& qualifier) const;
    std::string from_clause(const std::vector<FromItem>& items, Scope& scope);
    std::string order_by_sql(const std::vector<OrderTerm>& terms);
    std::string with_clause_sql(const WithClause& with);
    void end_with(size_t count) { common_tables_.resize(count); }
    size_t with_count() const { return common_tables_.size(); }
    /* Refuses a text that has grown too long. */
    static void check_length(const std::string& sql, uint32_t offset);
    /* json_valid() may stop with an error instead of being false: in a CHECK both refuse the row.
     */
    void allow_json_errors(bool allowed) { json_errors_ = allowed; }
    [[noreturn]] static void refuse(const std::string& reason, uint32_t offset) {
        throw Refusal(reason, offset);
    }
    Value column_value(const Source& source, size_t column, uint32_t offset);

  private:
    friend struct FunctionTable;

    /* translate_expr.cpp */
    Value translate_node(const Expr& expr);
    Value integer_literal(const Expr& expr, bool negative);
    Value real_literal(const std::string& digits, uint32_t offset);
    Value text_literal(const std::string& text, uint32_t offset);
    Value column(const Expr& expr);
    std::optional<Value> find_column(const Expr& expr);
    std::optional<Value> find_in_scope(const Expr& expr, Scope& scope);
    std::optional<Value> find_alias(const Expr& expr, Scope& scope);
    Value bare_column(Value value, Scope& scope);
    std::optional<Value> grouped_expression(const Expr& expr);
    Value unary(const Expr& expr);
    Value binary(const Expr& expr);
    Value logical(const Expr& expr);
    Value arithmetic(const Expr& expr);
    Value divide(Value left, Value right, uint32_t offset);
    Value modulo(Value left, Value right);
    Value bits(const Expr& expr);
    Value concat(const Expr& expr);
    Value comparison(const Expr& expr);
    Value row_comparison(const Expr& expr);
    Value between(const Expr& expr);
    Value is_null(const Expr& expr);
    Value like(const Expr& expr);
    Value like_values(Operator op, Value subject, const Value& pattern, const Value* escape);
    Value glob(const Value& subject, const Value& pattern);
    Value in_list(const Expr& expr);
    Value in_select(const Expr& expr);
    Value in_rows(const Expr& expr, const Value& left, const std::string& select_sql, Value item);
    Value exists(const Expr& expr);
    Value subquery(const Expr& expr);
    Value case_expr(const Expr& expr);
    Value cast(const Expr& expr);
    Value collate(const Expr& expr);

    /* translate_value.cpp */
    Value text_to_number(const Value& value);
    Value real_to_text(const Value& value);

    /* translate_compare.cpp */
    void apply_comparison_affinity(Value& left, Value& right);
    Comparison compare_numbers(Value left, Value right);
    Comparison compare_texts(Operator op, const Value& left, const Value& right);
    Comparison compare_dates(const Value& left, const Value& right);
    Comparison compare_number_and_text(Operator op, const Value& number, const Value& text,
                                       bool number_left);
    Comparison compare_classes(Operator op, const Value& left, const Value& right);
    Comparison compare_json(Operator op, const Value& json, const Value& other, bool json_left);
    std::optional<Comparison> compare_special(Operator op, const Value& left, const Value& right);

    /* translate_function.cpp, translate_aggregate.cpp, translate_date.cpp, translate_json.cpp */
    Value function(const Expr& expr);
    Value scalar_function(const std::string& name, const Expr& expr);
    Value apply(const ScalarFunction& function, const Expr& expr);
    Value printf_function(const Expr& expr);
    std::string format_argument(char type, bool zeros, bool left, int width, int precision,
                                const Value& argument);
    Value aggregate_function(const std::string& name, const Expr& expr);
    Value window_only_function(const std::string& name, const Expr& expr);
    std::string aggregate_tail(const Expr& expr);
    std::string window_sql(const WindowSpec& spec);
    std::string frame_bound_sql(FrameBound bound, const ExprPtr& expr);
    Value date_function(const std::string& name, const Expr& expr);
    std::string date_instant(const Expr& expr, size_t first);
    std::string date_base(const Expr& expr, const std::string& modifier, bool& used);
    std::string date_from_text(const Value& value);
    std::string apply_modifier(const std::string& instant, const Expr& modifier);
    std::string apply_counted_modifier(const std::string& instant, const Expr& modifier);
    Value strftime(const Expr& expr);
    Value strftime_parts(const std::string& format, const std::string& instant, uint32_t offset);
    Value json_function(const std::string& name, const Expr& expr);

    /* translate_helper.cpp */
    Value translated_function(const std::string& name, const Expr& expr);
    Value helper_function(const std::string& name, const Expr& expr);
    std::string helper_argument(const Value& value, bool moment);
    std::string helper_name(const char* name);
    Value json_extract(const Value& json, const Expr& path, bool as_json);
    std::string as_jsonb(const Value& value);
    std::string json_element(const Value& value);

    /* translate_select.cpp */
    /* One SELECT taken apart, so that its columns can still be converted. */
    struct CoreResult {
        std::vector<Value> values;
        std::vector<std::string> names;
        std::vector<std::vector<Value>> rows; /* of VALUES */
        bool distinct = false;
        std::string tail; /* FROM and all behind it */
        bool single_row = false;
    };
    CoreResult values_core(const SelectCore& core);
    std::string group_by_sql(const SelectCore& core, Scope& scope);
    std::string bare_row_order(const SelectCore& core);
    std::string windows_sql(const std::vector<NamedWindow>& windows);
    std::vector<CoreResult> translate_cores(const Select& select, std::vector<Scope>& scopes,
                                            Scope* outer);
    std::vector<Value> unify_columns(const Select& select, std::vector<CoreResult>& cores);
    std::string compound_sql(const Select& select, const std::vector<CoreResult>& cores);
    std::vector<std::string> distinct_keys(const CoreResult& core);
    CoreResult translate_core(const SelectCore& core, Scope& scope);
    std::string table_ref(const TableRef& ref, Scope& scope);
    std::string join_condition(const FromItem& item, Scope& scope, size_t first_right);
    void expand_star(const ResultColumn& column, Scope& scope, CoreResult& result, uint32_t offset);
    std::string limit_sql(const Select& select);
    const CommonTableInfo* find_common(std::string_view name) const;
    SelectResult translate_body(const Select& select, bool fixed_types, Scope* outer);
    SelectResult recursive_table(const CommonTable& table, size_t index);
    /* What ORDER BY may name: the columns before and after as_output(), and their names. */
    struct OrderContext {
        const Select& select;
        bool wrap; /* only result columns can be ordered by */
        const std::vector<Value>& values;
        const std::vector<Value>& outputs;
        const std::vector<std::string>& names;
    };
    std::string ordered_sql(const OrderContext& context, const std::string& sql, Scope& scope);
    std::string ordered_term(const OrderContext& context, const OrderTerm& term,
                             const std::string& wrapper);
    static std::optional<size_t> order_position(const OrderContext& context, const Expr& expr);
    std::string order_key(const Value& value, const OrderTerm& term);

    const SchemaInfo* schema_;
    TranslateOptions options_;
    Scope* scope_ = nullptr;
    std::vector<CommonTableInfo> common_tables_;
    std::vector<std::string> notes_;
    bool immutable_ = true;
    bool local_time_ = false; /* of the date function at hand: it gives local time … */
    std::string utc_instant_; /* … of this instant, if 'localtime' was its last modifier */
    bool subsecond_ = false;  /* … and 'subsec' was among its modifiers */
    bool subqueries_ = true;
    bool json_errors_ = false;
    int next_alias_ = 1;
    int helper_attempts_ = 0;
};

/* ---- small makers of values ---- */

std::string parenthesized(const Value& value);
Value make_value(std::string sql, bool atomic, TypeKind kind, unsigned classes);
/* A boolean that SQLite has as 0 or 1. */
Value make_truth(std::string sql, bool atomic = false);
Value make_integer(std::string sql, bool atomic, TypeKind kind = TypeKind::Int8);
Value make_real(std::string sql, bool atomic);
Value make_text(std::string sql, bool atomic);
bool is_integer_kind(TypeKind kind);
bool is_real_kind(TypeKind kind);
bool is_number_kind(TypeKind kind); /* integers, reals, numeric */
bool is_text_kind(TypeKind kind);
bool is_date_kind(TypeKind kind); /* date, time, timestamp, with zone or without */

/* A unit that counts evenly: how many of it make a second, and where it begins, in seconds from
 * 1970; constants of SQL. */
struct LinearUnit {
    values::From from;
    const char* a_second;
    const char* zero;
};
/* Null if the reading is no such count: Julian days are reals, and digits YYYYMMDD no count. */
const LinearUnit* linear_unit(values::From from);
/* The number that a moment was in SQLite, as a numeric; none if it was none that counts evenly. */
std::optional<std::string> count_of_moment(const Value& value);
/*
 * A text whose PostgreSQL collation ignores case, by its bytes: functions see bytes in
 * SQLite, and PostgreSQL has no LIKE and no regular expressions under such a collation.
 */
Value deterministic(Value value);
/* Text under a collation of SQLite's that PostgreSQL's column does not have. */
bool has_own_collation(const Value& value);
/* f(a, b, c) */
std::string call(const std::string& function, const std::vector<std::string>& arguments);

/* Runs a translation and turns a Refusal into its outcome. */
template <typename Outcome, typename Body>
Outcome run_translation(Translator& translator, Body body) {
    Outcome outcome;
    try {
        body(outcome);
        outcome.ok = true;
        outcome.notes = translator.notes();
        outcome.immutable = translator.immutable();
    } catch (const Refusal& refusal) {
        outcome = Outcome();
        outcome.reason = refusal.what();
        outcome.offset = refusal.offset();
    }
    return outcome;
}

}  // namespace sqlite_import::dialect
