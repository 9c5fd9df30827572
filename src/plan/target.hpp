/*
 * target.hpp
 *    What the target schema holds already, as plain values that src/migrate
 *    reads from the server's catalogs.
 */
#pragma once

#include "server_free.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "plan/options.hpp"

namespace sqlite_import::plan {

struct TargetColumn {
    std::string name;
    std::string type; /* as format_type() writes it */
    bool not_null = false;
    bool generated = false;     /* GENERATED ALWAYS AS (…): never loaded */
    bool has_default = false;   /* a default or an identity */
    bool has_sequence = false;  /* an identity, or a default of nextval() */
    std::string base_type = {}; /* of a domain: the type below it, or below domains over domains */

    bool is_domain() const { return !base_type.empty(); }
    /* The type whose values are stored. */
    const std::string& stored_type() const { return is_domain() ? base_type : type; }
};

struct TargetIndexColumn {
    std::string name;          /* empty for an expression */
    bool ignores_case = false; /* lower(name) */
};

/* A whole B-tree or hash index: no partial one, none that is broken. */
struct TargetIndex {
    bool unique = false;
    std::vector<TargetIndexColumn> columns; /* of the key */
};

struct TargetForeignKey {
    std::string name;
    std::string parent_schema;
    std::string parent_table;
    bool deferrable = false;
};

/* What goes with a table that is dropped CASCADE: a relation of the schema, be it an index. */
struct TargetDependent {
    uint32_t oid = 0;
    std::string name;
};

/* A trigger function of the schema, of the caller's own, and the tables whose triggers call it. */
struct TargetTriggerFunction {
    std::string name;
    std::vector<uint32_t> tables;
};

struct TargetTable {
    std::string name;
    uint32_t oid = 0;
    char relation_kind = 'r'; /* pg_class.relkind */
    bool has_rows = false;
    bool readable = true; /* the caller may SELECT; else has_rows is not known */
    bool owned = false;   /* the caller may alter it */
    std::vector<TargetColumn> columns;
    std::vector<std::string> primary_key;
    std::vector<TargetIndex> indexes;
    std::vector<TargetForeignKey> foreign_keys;
    std::vector<std::string> referencing_tables; /* quoted; tables with a foreign key to this one */
    std::vector<TargetDependent> dependents;     /* read for on_existing => 'replace' alone */
};

struct Target {
    std::string schema;
    std::vector<TargetTable> tables;
    std::vector<std::string> relation_names; /* all of pg_class in the schema, indexes too */
    std::vector<TargetTriggerFunction> trigger_functions; /* as the dependents */
    bool has_icu = false;
    bool binary_collation = false; /* the database's default collation compares bytes */
    int server_major = 15;

    /* The table that is called so without regard to case; an exact match goes first; null if none.
     */
    const TargetTable* find_table(const std::string& name) const;
};

/*
 * The counterpart of a source table or column: by its own name, by the name that
 * the rule gives it, columns also by their snake_case name; null if none.
 */
const TargetTable* match_table(const Target& target, const std::string& source_name,
                               Identifiers identifiers);
const TargetColumn* match_column(const TargetTable& table, const std::string& source_name,
                                 Identifiers identifiers);

/* True for the tables in which migration tools keep their books: alembic_version,
 * django_migrations, schema_migrations … */
bool is_bookkeeping_table(const std::string& name);

}  // namespace sqlite_import::plan
