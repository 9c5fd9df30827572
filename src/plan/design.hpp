/*
 * design.hpp
 *    What the migrated schema is to look like: every object of the source with
 *    its name, type and shape in PostgreSQL, or the reason why it has none.
 *
 * The design is made whole before the first statement is written: names are
 * given out, types chosen and unified across foreign keys, tables matched with
 * those that exist.  steps.hpp turns it into SQL.  Made from values alone, so
 * it is tested without a server.
 */
#pragma once

#include "server_free.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dialect/ast.hpp"
#include "dialect/declared_type.hpp"
#include "plan/options.hpp"
#include "plan/target.hpp"
#include "sqlite/catalog.hpp"

namespace sqlite_import::plan {

/* Something to tell in the report that has no statement of its own. */
struct Remark {
    std::string object_type;
    std::string object_name;
    std::string target;
    std::string action; /* "not migrated", "skipped", "renamed", "changed", … */
    std::string note;
};

/* What the values of a column decided about its type (types => 'checked'). */
struct TypeDecision {
    dialect::ResolvedType type;
    values::From from = values::From::Auto; /* how numbers become dates */
    bool changed = false;                   /* it is not the declared type */
    std::string reason; /* why not, or how values are read; empty if neither is to be told */
    bool mixed = false; /* the values' storage classes do not follow from the type */
    bool reals = false; /* some of its numbers are REALs */
};

/* What was found out from the values before the design is made. */
struct Facts {
    /* by {table, column} as in the catalog */
    std::map<std::pair<std::string, std::string>, TypeDecision> types;
    /* tables whose declared primary key holds a NULL */
    std::map<std::string, bool> null_in_primary_key;
    /* texts, or digits YYYYMMDD, that name a time without an offset, of columns that become
     * timestamptz, by {table, column} */
    std::map<std::pair<std::string, std::string>, int64_t> naive_times;
    /* columns without a counterpart that are NULL in every row, by {table, column} */
    std::map<std::pair<std::string, std::string>, bool> always_null;
};

struct ColumnDesign {
    const sqlite::Column* source = nullptr;
    std::string name;
    dialect::ResolvedType type; /* of a table to create */
    std::string type_text;      /* what stands in CREATE TABLE, or the existing column's type */
    values::ColumnRule rule;    /* how its values are read */
    bool type_given = false;    /* by option casts */
    bool mixed = false;         /* several storage classes were folded into the type */
    bool reals = false;         /* some of its numbers are REALs */
    /* of an existing column, if its type is one that we know */
    std::optional<dialect::TypeKind> existing_kind;
    bool loaded = true; /* false: its values are not copied (generated in the target) */
    bool not_null = false;
    bool identity = false;
    std::string collation; /* quoted PostgreSQL collation; empty: default */
    std::optional<std::string> default_sql;
    std::optional<std::string> generated_sql;
    bool generated_virtual = false; /* computed when read; else stored */
    std::string comment;
};

/* A primary key or unique constraint, by target names. */
struct KeyDesign {
    std::string name;
    bool primary = false;
    std::string source_name; /* for the report */
    std::vector<std::string> columns;
    std::vector<std::string> source_columns;
    std::string source_index; /* SQLite's index of it; may be empty */
};

struct CheckDesign {
    std::string name;
    std::string expression; /* PostgreSQL's, without outer parentheses */
    std::string note;
};

struct IndexDesign {
    std::string name;
    std::string source_name;
    std::string statement;
    std::string note;
    std::vector<std::string> columns; /* target names in order; an expression's is empty */
    bool unique = false;
    std::string source_sql; /* SQLite's; empty: it is not one of SQLite's indexes */
};

struct ForeignKeyDesign {
    std::string name;
    std::string source_name;
    int source_id = 0;
    size_t parent = 0; /* position in Design::tables */
    std::vector<std::string> columns;
    std::vector<std::string> parent_columns;
    std::string on_update, on_delete;
    bool deferrable = false;
    bool initially_deferred = false;
};

struct TableDesign {
    const sqlite::Table* source = nullptr;
    std::shared_ptr<const dialect::CreateTable> parsed; /* null if its SQL cannot be parsed */
    std::string name;
    bool create = true;    /* false: load into `existing` */
    bool replace = false;  /* drop `existing` first */
    bool truncate = false; /* empty `existing` first */
    bool upsert = false;
    const TargetTable* existing = nullptr;
    std::vector<ColumnDesign> columns;
    std::vector<KeyDesign> keys;
    std::vector<CheckDesign> checks;
    std::vector<IndexDesign> indexes;
    std::vector<ForeignKeyDesign> foreign_keys;
    std::string comment;

    /* By SQLite's name, ASCII case-insensitive; null if it has no counterpart. */
    const ColumnDesign* find_column(const std::string& source_name) const;
    ColumnDesign* find_column(const std::string& source_name);
};

struct ViewDesign {
    const sqlite::View* source = nullptr;
    std::string name;
    std::string statement;
    std::string note;
};

struct TriggerDesign {
    const sqlite::Trigger* source = nullptr;
    std::string target;
    std::string statement; /* the function and the trigger */
    std::string note;
};

struct Design {
    std::string schema;
    std::vector<std::string> prepare_statements; /* CREATE COLLATION … */
    std::vector<TableDesign> tables;
    std::vector<size_t> load_order; /* positions in tables, parents before children */
    std::vector<ViewDesign> views;
    std::vector<TriggerDesign> triggers;
    std::vector<Remark> remarks;
    /* of what goes with the tables that are replaced: names that are free again, and trigger
     * functions that are left without a trigger */
    std::set<std::string> dropped_relations;
    std::set<std::string> idle_functions;

    const TableDesign* find_table(const std::string& source_name) const;

    /* Adds a remark if the name given to an object is not its own folded by the rule. */
    void tell_renamed(const char* object_type, const std::string& object_name,
                      const std::string& source_name, const std::string& given,
                      Identifiers identifiers);
};

/* The tables that options choose, in the order of the catalog: ordinary tables and virtual tables
 * with readable content, shadow tables left out.  Throws UserError for a name that the source lacks
 * (42P01, with near names). */
std::vector<const sqlite::Table*> select_tables(const sqlite::Catalog& catalog,
                                                const Options& options);

/* Makes the design.  catalog and target must outlive it.  Throws UserError: names that cannot be
 * (42P07), target tables that hold rows (55000), columns without a counterpart (42703) … */
Design make_design(const sqlite::Catalog& catalog, const Target& target, const Facts& facts,
                   const Options& options);

}  // namespace sqlite_import::plan
