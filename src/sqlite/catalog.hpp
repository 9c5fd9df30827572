/*
 * catalog.hpp
 *    What a SQLite file says about itself, as plain values.
 *
 * The catalog is read once, through PRAGMAs, and holds no handle: it can be
 * compared, tested and planned from without the file.  What PRAGMAs do not tell
 * (CHECK, default expressions' structure, constraint names) stays in each
 * object's SQL, which src/dialect parses.
 */
#pragma once

#include "server_free.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqlite_import::sqlite {

class Database;

/* The `hidden` column of PRAGMA table_xinfo (sqlite.org/pragma.html#pragma_table_xinfo). */
enum class ColumnKind { Ordinary, HiddenInVirtualTable, GeneratedVirtual, GeneratedStored };

struct Column {
    std::string name;
    std::string declared_type; /* as written; empty if none */
    ColumnKind kind = ColumnKind::Ordinary;
    bool not_null = false;
    std::optional<std::string> default_sql; /* SQLite's own text of the default expression */
    int primary_key_ordinal = 0;            /* 1 … n within the primary key; 0: not part of it */
    std::string collation = "BINARY";
    std::string stands_for; /* the column of the virtual table whose values it holds */

    /* What it is called to its users. */
    const std::string& shown_name() const { return stands_for.empty() ? name : stands_for; }
};

enum class IndexOrigin { CreateIndex, UniqueConstraint, PrimaryKey };

struct IndexColumn {
    std::optional<std::string> name; /* none: an expression, or the rowid */
    bool is_rowid = false;
    bool descending = false;
    std::string collation;
};

struct Index {
    std::string name;
    bool unique = false;
    bool partial = false;
    IndexOrigin origin = IndexOrigin::CreateIndex;
    std::vector<IndexColumn> columns; /* key columns only */
    std::optional<std::string> sql;   /* none for the automatic indexes of constraints */

    /* True if a column is an expression. */
    bool has_expression() const;
};

struct ForeignKey {
    int id = 0; /* PRAGMA foreign_key_list's */
    std::string parent_table;
    std::vector<std::string> child_columns;
    std::vector<std::string> parent_columns; /* empty: the parent's primary key is meant */
    std::string on_update;                   /* "NO ACTION", "CASCADE", … */
    std::string on_delete;
};

enum class TableKind { Ordinary, Virtual, Shadow };

struct Table {
    std::string name;
    std::string sql;
    TableKind kind = TableKind::Ordinary;
    std::string module; /* virtual tables: fts5, rtree, …; empty otherwise */
    bool without_rowid = false;
    bool strict = false;
    bool autoincrement = false;
    std::vector<Column> columns; /* in the order of the table, hidden ones included */
    std::vector<Index> indexes;
    std::vector<ForeignKey> foreign_keys;  /* in the order of their declaration */
    std::optional<size_t> rowid_alias;     /* position in columns of the INTEGER PRIMARY KEY */
    std::optional<int64_t> sequence;       /* sqlite_sequence.seq, if there is a row */
    std::optional<int64_t> estimated_rows; /* from sqlite_stat1, if ANALYZE was run */
    std::string broken;                    /* why SQLite cannot read it; empty if it can */
    bool contentless = false;              /* full text of which the file has the index alone */
    std::string content_table; /* of a full-text table that is broken: where its rows are */
    std::string stands_for;    /* the virtual table whose rows it holds */

    /* What it is called to its users. */
    const std::string& shown_name() const { return stands_for.empty() ? name : stands_for; }

    /* The names of the primary key's columns in key order; empty if there is none. */
    std::vector<std::string> primary_key() const;

    /* The column of that name, compared as SQLite does (ASCII case-insensitive); null if absent. */
    const Column* find_column(const std::string& column_name) const;

    /* Its rows are known by a rowid: not those of WITHOUT ROWID tables, nor of virtual tables of
     * which nothing is known. */
    bool has_rowid() const {
        return !without_rowid && (kind == TableKind::Ordinary || rowid_alias.has_value());
    }

    /* One of "rowid", "_rowid_", "oid" that no column hides; none for WITHOUT ROWID tables
     * (sqlite.org/lang_createtable.html#rowid). */
    std::optional<std::string> rowid_name() const;
};

struct View {
    std::string name;
    std::string sql;
    std::vector<Column> columns; /* empty if SQLite cannot prepare the view */
    std::string broken;          /* SQLite's message if it cannot */
};

/* An index that stands in the schema, but that SQLite does not use: it cannot parse it. */
struct LostIndex {
    std::string name;
    std::string sql;
};

struct Trigger {
    std::string name;
    std::string table;
    std::string sql;
};

struct Catalog {
    std::string encoding; /* UTF-8, UTF-16le, UTF-16be */
    int64_t page_size = 0;
    int64_t page_count = 0;
    int64_t user_version = 0;
    int64_t application_id = 0;
    std::vector<Table> tables; /* in the schema's order; sqlite_* tables left out */
    std::vector<View> views;
    std::vector<Trigger> triggers;
    std::vector<LostIndex> lost_indexes;

    const Table* find_table(const std::string& table_name) const;

    /* The same, but where another table stands for that one, the other. */
    const Table* find_readable(const std::string& table_name) const;
};

/* ASCII case-insensitive equality, which is how SQLite compares names. */
bool names_equal(const std::string& left, const std::string& right) noexcept;

/* ASCII lower-casing, for keys of maps of names. */
std::string fold_name(const std::string& name);

/* Reads the catalog.  One object that SQLite cannot read is marked broken and does not stop the
 * rest.  Throws Error when the schema as a whole cannot be read. */
Catalog read_catalog(const Database& database);

}  // namespace sqlite_import::sqlite
