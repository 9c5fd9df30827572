/*
 * parser.hpp
 *    The recursive-descent parser behind parse.hpp; internal to src/dialect.
 *
 * One class, its member functions spread over parse_expr.cpp, parse_select.cpp,
 * parse_table.cpp and parse_trigger.cpp by theme.  A function named parse_X
 * reads an X from the current token on and leaves the token behind it current;
 * it throws ParseError when there is none.
 */
#pragma once
#include "server_free.hpp"

#include "dialect/ast.hpp"
#include "dialect/lexer.hpp"
#include "dialect/parse.hpp"

#include <initializer_list>

namespace sqlite_import::dialect {

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text), list_(tokenize(text)) {}

    CreateTable parse_create_table();
    CreateVirtualTable parse_create_virtual_table();
    CreateIndex parse_create_index();
    CreateView parse_create_view();
    CreateTrigger parse_create_trigger();
    SelectPtr parse_select();
    ExprPtr parse_expr();
    ExprPtr parse_default_text();

    /* An optional semicolon and then the end of the text. */
    void expect_end();

  private:
    /* Counts nesting while it lives. */
    class Nesting {
      public:
        explicit Nesting(Parser& parser) : parser_(parser) {
            if (++parser_.nesting_ > kMaxNesting) {
                --parser_.nesting_;
                parser_.fail_here("nested too deeply");
            }
        }
        ~Nesting() { --parser_.nesting_; }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;

      private:
        Parser& parser_;
    };

    /* ---- tokens (parser.cpp) ---- */
    const Token& peek(size_t ahead = 0) const;
    const Token& take();
    uint32_t last_end() const { return at_ == 0 ? 0 : list_.tokens[at_ - 1].end; }
    std::string source(uint32_t from, uint32_t to) const;
    bool at_word(std::string_view word, size_t ahead = 0) const;
    bool at_symbol(std::string_view symbol, size_t ahead = 0) const;
    bool accept_word(std::string_view word);
    bool accept_words(std::initializer_list<std::string_view> words);
    bool accept_symbol(std::string_view symbol);
    void expect_word(std::string_view word);
    void expect_symbol(std::string_view symbol);
    [[noreturn]] void fail_here(const std::string& expectation) const;
    bool at_name(size_t ahead = 0) const;
    std::string parse_name(const char* what);
    void parse_qualified_name(std::string& schema, std::string& name, const char* what);
    std::vector<std::string> parse_name_list(const char* what);

    /* ---- expressions (parse_expr.cpp) ---- */
    ExprPtr make(ExprKind kind, uint32_t offset) const;
    ExprPtr finish(ExprPtr expr);
    ExprPtr parse_binary(int min_precedence);
    ExprPtr parse_prefix();
    ExprPtr parse_primary();
    ExprPtr parse_word_primary();
    ExprPtr parse_comparison_tail(ExprPtr left, int precedence);
    ExprPtr parse_is_tail(ExprPtr left, int precedence);
    ExprPtr parse_between_tail(ExprPtr left, bool negated, int precedence);
    ExprPtr parse_in_tail(ExprPtr left, bool negated);
    ExprPtr parse_like_tail(ExprPtr left, bool negated, int precedence);
    ExprPtr parse_parenthesized();
    ExprPtr parse_column_or_function();
    ExprPtr parse_function(std::string name, uint32_t offset);
    ExprPtr parse_case();
    ExprPtr parse_cast();
    ExprPtr parse_raise();
    ExprPtr parse_exists();
    std::unique_ptr<WindowSpec> parse_over();
    WindowSpec parse_window_body();
    void parse_frame(WindowSpec& spec);
    FrameBound parse_frame_bound(ExprPtr& expr);
    std::vector<ExprPtr> parse_expr_list();
    std::vector<OrderTerm> parse_order_terms();
    std::string parse_type_words();
    bool at_select() const;

    /* ---- select (parse_select.cpp) ---- */
    WithClause parse_with();
    SelectCore parse_core();
    void parse_values(SelectCore& core);
    ResultColumn parse_result_column();
    std::vector<FromItem> parse_from();
    bool parse_join_operator(FromItem& item);
    TableRef parse_table_ref();
    std::string parse_optional_alias(bool& has_alias);
    bool accept_compound(CompoundOperator& op);
    void parse_limit(Select& select);

    /* ---- create table, index (parse_table.cpp) ---- */
    void parse_create_prefix(bool& temporary);
    void parse_table_body(CreateTable& table);
    ColumnDef parse_column(CreateTable& table);
    bool parse_column_constraint(CreateTable& table, ColumnDef& column, std::string& name);
    void parse_column_key(CreateTable& table, ColumnDef& column, std::string& name, bool primary);
    void parse_default(ColumnDef& column);
    ExprPtr parse_default_term();
    void parse_generated(ColumnDef& column);
    void parse_check(CreateTable& table, std::string& name, const std::string& column);
    void parse_references(ForeignKey& key);
    void parse_deferrable(ForeignKey& key);
    ForeignKeyAction parse_foreign_key_action();
    bool parse_table_constraint(CreateTable& table);
    void parse_table_key(CreateTable& table, std::string name, bool primary);
    void parse_table_options(CreateTable& table);
    ConflictAction parse_on_conflict();
    ConflictAction parse_conflict_action();
    std::vector<OrderTerm> parse_indexed_columns();
    void attach_comments(CreateTable& table, uint32_t body_start);

    /* ---- triggers (parse_trigger.cpp) ---- */
    void parse_trigger_event(CreateTrigger& trigger);
    TriggerStatement parse_trigger_statement();
    void parse_insert(TriggerStatement& statement, ConflictAction conflict);
    void parse_update(TriggerStatement& statement);
    void parse_delete(TriggerStatement& statement);
    void parse_target(TriggerStatement& statement);
    Upsert parse_upsert();
    std::vector<Assignment> parse_assignments();

    std::string_view text_;
    TokenList list_;
    size_t at_ = 0;
    uint32_t nesting_ = 0;
    uint32_t tallest_ = 0; /* height of the tallest expression of the current SELECT */
};

}  // namespace sqlite_import::dialect
