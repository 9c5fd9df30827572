/*
 * design_parts.hpp
 *    The parts of make_design that stand in files of their own; for design.cpp
 *    and the unit tests alone.
 */
#pragma once

#include "server_free.hpp"

#include "plan/design.hpp"
#include "plan/names.hpp"

namespace sqlite_import::plan {

/* Primary keys, unique constraints and plain indexes of the tables to create; for tables that exist
 * a remark on each index that the target lacks. */
void add_keys(Design& design, const sqlite::Catalog& catalog, const Facts& facts,
              const Options& options, NameSpace& relations);

/* True if the option exclude names the index; then the report says so. */
bool is_excluded(const Options& options, const sqlite::Index& index, Design& design);

/* The columns of a parsed key; the name of an expression is empty. */
std::vector<std::string> constraint_columns(const dialect::KeyConstraint& key);

/* Both lists hold the same names in the same order, compared as SQLite does. */
bool same_names(const std::vector<std::string>& left, const std::vector<std::string>& right);

/* Foreign keys between tables of the design, or a remark on why there is none. */
void add_foreign_keys(Design& design, const Options& options);

/* Everything that needs SQLite's SQL to be understood: defaults, checks, generated columns,
 * expression and partial indexes, views, triggers. */
void add_translated_objects(Design& design, const sqlite::Catalog& catalog, const Target& target,
                            const Options& options, NameSpace& relations);

}  // namespace sqlite_import::plan
