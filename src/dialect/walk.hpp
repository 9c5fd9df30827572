/*
 * walk.hpp
 *    Questions about whole trees: which tables are read, is there an aggregate.
 */
#pragma once
#include "server_free.hpp"

#include "dialect/ast.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace sqlite_import::dialect {

/* Folded names of the tables that a query reads, its WITH tables (and `hidden`) left out. */
void collect_tables(const Select& select, std::set<std::string> hidden,
                    std::set<std::string>& tables);

/* Calls f for the expression and every one below it, not into subqueries. */
void for_each_expr(const Expr& expr, const std::function<void(const Expr&)>& f);

/* The operands of a chain of one associative operator, without recursion into its left side. */
std::vector<const Expr*> chain_operands(const Expr& expr, Operator op);

/* The call is an aggregate: count, sum, max of one argument ..., not with OVER. */
bool is_aggregate_call(const Expr& expr);

/* There is an aggregate in the expression, subqueries left out. */
bool has_aggregate(const Expr& expr);

}  // namespace sqlite_import::dialect
