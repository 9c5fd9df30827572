/*
 * translate.hpp
 *    SQLite's expressions, views and triggers written again as PostgreSQL's.
 *
 * What is carried over is the meaning, not the spelling: an expression is
 * translated with the types of its columns known, so that it gives in
 * PostgreSQL the value that it gives in SQLite (integer division, NULL in %,
 * comparison across affinities, BINARY and NOCASE order, booleans as 0 and 1).
 * What plain PostgreSQL cannot express exactly is refused, with the reason and
 * the place: nothing is guessed, and nothing made here depends on an extension
 * unless the caller lets it (TranslateOptions::helpers).
 *
 * How src/plan uses it: it fills a SchemaInfo with the tables that it makes,
 * passes each parsed object to the function for its kind, and adds each view
 * that was translated to the SchemaInfo (ViewTranslation::columns), so that
 * views on views find it.  All functions are pure, and throw std::bad_alloc
 * only: a refusal is a result.
 */
#pragma once
#include "server_free.hpp"

#include "dialect/ast.hpp"
#include "dialect/declared_type.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "values/column_rule.hpp"

namespace sqlite_import::dialect {

/* What the values of a column were in the file, before they became the PostgreSQL type. */
enum class SourceForm {
    AsType,      /* what the type suggests: integers in bigint, text in text, blobs in bytea */
    UnknownText, /* dates, uuids, ...: text whose exact spelling is not known */
    Number,      /* numbers that became dates or timestamps; `from` says of which unit */
    Mixed,       /* several storage classes were folded into the type */
};

struct ColumnInfo {
    std::string name;   /* in SQLite */
    std::string target; /* in PostgreSQL, unquoted */
    TypeKind kind = TypeKind::Text;
    std::string pg_type;                /* as format_type() prints it */
    Affinity affinity = Affinity::Blob; /* SQLite's, of the declared type */
    std::string collation;              /* SQLite's: "", "NOCASE", "RTRIM", ... */
    /* PostgreSQL's column has a nondeterministic collation that ignores case. */
    bool case_insensitive = false;
    bool not_null = false;
    /* A view's number that SQLite has as an integer in one row and as a real in another. */
    bool integer_or_real = false;
    bool generated = false; /* INSERT without a column list leaves it out */
    SourceForm form = SourceForm::AsType;
    values::From from = values::From::Auto; /* with SourceForm::Number: what the numbers count … */
    bool real_count = false;                /* … and whether some of them are REALs */
};

struct TableInfo {
    std::string name;          /* in SQLite */
    std::string target_schema; /* in PostgreSQL, unquoted */
    std::string target;
    std::vector<ColumnInfo> columns;
    int rowid_column = -1; /* index of the column that is the rowid (INTEGER PRIMARY KEY) */
    bool is_view = false;
    /* Keys, as SQLite column names: for INSERT OR REPLACE.  The primary key is one of them. */
    std::vector<std::vector<std::string>> unique_keys;
    bool has_triggers = true; /* false lets triggers do without a guard against recursion */
    /* Not there in PostgreSQL, and why: "virtual table ..."; empty if it is there. */
    std::string missing;

    const ColumnInfo* find_column(std::string_view column) const;
};

/* The tables and views that SQL of the file may name. */
class SchemaInfo {
  public:
    /* Adds or replaces a table, by its SQLite name without regard to case. */
    void add(TableInfo table);
    const TableInfo* find(std::string_view name) const;

  private:
    std::map<std::string, TableInfo> tables_;
};

struct TranslateOptions {
    int server_major = 15;
    /* ORDER BY, < and the like on text need no COLLATE "C": it is the database's collation. */
    bool binary_default_collation = false;
    /*
     * What PostgreSQL has no equal of may become a function of the extension's, in schema
     * sqlite_import (src/pg/builtin.cpp).
     */
    bool helpers = false;
    /*
     * The name in PostgreSQL for a name of a column that the view itself makes
     * (alias or column); the caller's rules for identifiers.  Default: unchanged.
     */
    std::function<std::string(std::string_view)> rename;
};

/* The outcome of one translation. */
struct Translation {
    bool ok = false;
    std::string sql;
    std::string reason;             /* why not: a message part without period, when !ok */
    uint32_t offset = 0;            /* where in the source text, when !ok */
    std::vector<std::string> notes; /* what the reader of the report should know, when ok */
    bool immutable = true; /* PostgreSQL will take it for immutable: index, generated column */
    TypeKind kind = TypeKind::Text;
};

/*
 * A column's default as the text behind DEFAULT, of the column's type.  NULL is
 * "NULL".  Refused if the value would not fit the column.
 */
Translation translate_default(const Expr& value, const ColumnInfo& column,
                              const TranslateOptions& options = {});

/* A CHECK of a table, as a boolean expression for between the parentheses of CHECK (...). */
Translation translate_check(const Expr& check, const TableInfo& table,
                            const TranslateOptions& options = {});

/*
 * A generated column's expression, of the column's type, for GENERATED ALWAYS AS
 * (...) STORED.  Refused also when PostgreSQL would not take it for immutable.
 */
Translation translate_generated(const Expr& value, const TableInfo& table, const ColumnInfo& column,
                                const TranslateOptions& options = {});

struct IndexTranslation : Translation {
    /* sql: the text between the parentheses: "a, lower(b) DESC".  Empty where: none. */
    std::string where;
    /* Target names of plain columns, in order; "" for an expression. */
    std::vector<std::string> columns;
    bool plain =
        false; /* only plain ascending columns, and no WHERE: a UNIQUE may be a constraint */
};

/* An index's columns and condition.  NULLs stand where PostgreSQL puts them. */
IndexTranslation translate_index(const CreateIndex& index, const TableInfo& table,
                                 const TranslateOptions& options = {});

/*
 * One term of a PRIMARY KEY or UNIQUE, as translate_index does: for a key whose
 * column has a collation that a plain constraint would not keep.
 */
IndexTranslation translate_key(const KeyConstraint& key, const TableInfo& table,
                               const TranslateOptions& options = {});

struct ViewTranslation : Translation {
    /* sql: CREATE VIEW target (columns) AS ...; the view's columns for SchemaInfo. */
    TableInfo view;
};

/* A view, under the target name given.  Reads the tables and views in schema. */
ViewTranslation translate_view(const CreateView& view, const SchemaInfo& schema,
                               std::string_view target_schema, std::string_view target,
                               const TranslateOptions& options = {});

/* A SELECT by itself: sql is the query, view.columns its columns. */
ViewTranslation translate_query(const Select& select, const SchemaInfo& schema,
                                const TranslateOptions& options = {});

/*
 * The names of all tables and views that a view reads, folded to lower case,
 * without those of its own WITH: for the order in which views are made.
 */
std::vector<std::string> view_dependencies(const CreateView& view);

struct TriggerTranslation : Translation {
    std::string create_function; /* CREATE FUNCTION ... LANGUAGE plpgsql */
    std::string create_trigger;  /* CREATE TRIGGER ... EXECUTE FUNCTION ... */
};

/*
 * A trigger as a plpgsql function and the trigger that calls it, both under
 * `target` (the function in target_schema).  sql holds both statements.
 */
TriggerTranslation translate_trigger(const CreateTrigger& trigger, const SchemaInfo& schema,
                                     std::string_view target_schema, std::string_view target,
                                     const TranslateOptions& options = {});

}  // namespace sqlite_import::dialect
