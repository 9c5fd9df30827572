/*
 * catalog.cpp
 *    Reading the catalog through SQLite's table-valued pragma functions, whose
 *    arguments are bound and so need no quoting.
 */
#include "sqlite/catalog.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "sqlite/database.hpp"
#include "sqlite/full_text.hpp"

namespace sqlite_import::sqlite {

namespace {

char fold_character(char character) noexcept {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
}

/* SQLite reserves names that begin with "sqlite_" for itself
 * (sqlite.org/fileformat2.html#intschema). */
bool is_internal(const std::string& name) {
    return fold_name(name).rfind("sqlite_", 0) == 0;
}

/* An object's own fault is the object's; a fault of the file or an interrupt ends the reading. */
bool is_fault_of_object(const Error& error) noexcept {
    return (error.code() & 0xff) == SQLITE_ERROR;
}

/* What SQLite says of such objects it says only where they stop the opening of the file. */
constexpr const char* kUnparsed = "its definition is malformed or exceeds SQLite's limits";

/* What PRAGMA table_list says of a table (sqlite.org/pragma.html#pragma_table_list). */
struct Listed {
    std::string type;
    bool without_rowid = false;
    bool strict = false;
};

/* The pragma statements, compiled once for the whole catalog.  What lists all objects is read once
 * too, for a join of lists costs the square of their number: SQLite has no index on either. */
class CatalogReader {
  public:
    explicit CatalogReader(const Database& database)
        : database_(database),
          columns_(database.prepare("SELECT name, type, \"notnull\", dflt_value, pk, hidden "
                                    "FROM pragma_table_xinfo(?1) ORDER BY cid")),
          indexes_(database.prepare("SELECT name, \"unique\", origin, partial "
                                    "FROM pragma_index_list(?1) ORDER BY seq DESC")),
          index_columns_(database.prepare("SELECT cid, name, \"desc\", coll "
                                          "FROM pragma_index_xinfo(?1) WHERE key ORDER BY seqno")),
          foreign_keys_(
              database.prepare("SELECT id, \"table\", \"from\", \"to\", on_update, on_delete "
                               "FROM pragma_foreign_key_list(?1) ORDER BY id DESC, seq")) {}

    Catalog read();

  private:
    std::map<std::string, Listed> list_tables();
    void read_index_statements();
    void read_objects(Catalog& catalog);
    void read_lost_indexes(Catalog& catalog);
    void read_table(Table& table);
    std::vector<Column> read_columns(const std::string& table_name);
    std::vector<Column> read_view(const std::string& name);
    void read_column_metadata(Table& table);
    std::vector<Index> read_indexes(const std::string& table_name);
    std::vector<IndexColumn> read_index_columns(const std::string& index_name);
    std::vector<ForeignKey> read_foreign_keys(const std::string& table_name);
    void read_sequences(Catalog& catalog);
    void read_estimates(Catalog& catalog);
    bool has_table(const char* name);

    const Database& database_;
    Statement columns_;
    Statement indexes_;
    Statement index_columns_;
    Statement foreign_keys_;
    std::map<std::string, std::string> index_statements_; /* by the index's name */
};

Catalog CatalogReader::read() {
    Catalog catalog;
    catalog.encoding = database_.query_text("PRAGMA encoding");
    catalog.page_size = database_.query_integer("PRAGMA page_size");
    catalog.page_count = database_.query_integer("PRAGMA page_count");
    catalog.user_version = database_.query_integer("PRAGMA user_version");
    catalog.application_id = database_.query_integer("PRAGMA application_id");
    read_objects(catalog);
    read_index_statements();
    for (Table& table : catalog.tables) {
        try {
            read_table(table);
        } catch (const Error& error) {
            if (!is_fault_of_object(error)) {
                throw;
            }
            table.broken = error.what();
        }
    }
    for (View& view : catalog.views) {
        try {
            view.columns = read_view(view.name);
            if (view.columns.empty()) {
                view.broken = kUnparsed;
            }
        } catch (const Error& error) {
            if (!is_fault_of_object(error)) {
                throw;
            }
            view.broken = error.what();
        }
    }
    read_lost_indexes(catalog);
    read_sequences(catalog);
    read_estimates(catalog);
    complete_virtual_tables(catalog);
    return catalog;
}

/* A view that reads a virtual table, or that calls a JSON function where SQLite is old, is compiled
 * with the schema trusted; it is not run. */
std::vector<Column> CatalogReader::read_view(const std::string& name) {
    database_.check_view(name);
    try {
        return read_columns(name);
    } catch (const Error& error) {
        if (!is_unsafe_json(error) && !is_unsafe_virtual_table(error)) {
            throw;
        }
    }
    database_.trust_schema(true);
    try {
        std::vector<Column> columns = read_columns(name);
        database_.trust_schema(false);
        return columns;
    } catch (...) {
        database_.trust_schema(false);
        throw;
    }
}

/* The list of tables compiles a reading of every view, for the number of its columns.  Where that
 * would never end, views are not to be read meanwhile: it gives up at the first that names another.
 */
class NoViews {
  public:
    explicit NoViews(const Database& database) noexcept : connection_(database.handle()) {
        sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_VIEW, -1, &before_);
        if (database.has_costly_views()) {
            sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
        }
    }
    ~NoViews() { sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_VIEW, before_, nullptr); }
    NoViews(const NoViews&) = delete;
    NoViews& operator=(const NoViews&) = delete;

  private:
    sqlite3* connection_;
    int before_ = 0;
};

std::map<std::string, Listed> CatalogReader::list_tables() {
    const NoViews no_views(database_);
    std::map<std::string, Listed> tables;
    Statement list = database_.prepare(
        "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'");

    while (list.step()) {
        tables.emplace(list.text(0),
                       Listed{list.text(1), list.integer(2) != 0, list.integer(3) != 0});
    }
    return tables;
}

void CatalogReader::read_index_statements() {
    Statement indexes = database_.prepare(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL");

    while (indexes.step()) {
        index_statements_.emplace(indexes.text(0), indexes.text(1));
    }
}

void CatalogReader::read_objects(Catalog& catalog) {
    const std::map<std::string, Listed> listed = list_tables();
    Statement objects = database_.prepare(
        "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema "
        "WHERE type IN ('table', 'view', 'trigger') ORDER BY rowid");

    while (objects.step()) {
        const std::string type = objects.text(0);
        const std::string name = objects.text(1);
        if (is_internal(name)) {
            continue;
        }
        if (type == "view") {
            View view;
            view.name = name;
            view.sql = objects.text(3);
            catalog.views.push_back(std::move(view));
        } else if (type == "trigger") {
            catalog.triggers.push_back({name, objects.text(2), objects.text(3)});
        } else {
            Table table;
            table.name = name;
            table.sql = objects.text(3);
            const auto found = listed.find(name);
            const Listed facts = found == listed.end() ? Listed() : found->second;
            if (facts.type == "virtual") {
                table.kind = TableKind::Virtual;
                table.module = read_virtual_table(table.sql).module;
            } else if (facts.type == "shadow") {
                table.kind = TableKind::Shadow;
            }
            table.without_rowid = facts.without_rowid;
            table.strict = facts.strict;
            catalog.tables.push_back(std::move(table));
        }
    }
}

/* Where broken schemas are tolerated, SQLite passes over an index in silence. */
void CatalogReader::read_lost_indexes(Catalog& catalog) {
    Statement lost = database_.prepare(
        "SELECT name, sql FROM sqlite_schema AS s WHERE type = 'index' AND sql IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM pragma_index_xinfo(s.name)) ORDER BY rowid");

    while (lost.step()) {
        catalog.lost_indexes.push_back({lost.text(0), lost.text(1)});
    }
}

void CatalogReader::read_table(Table& table) {
    table.columns = read_columns(table.name);
    if (table.columns.empty()) {
        table.broken = kUnparsed;
        return;
    }
    if (table.kind == TableKind::Virtual) {
        return;
    }
    read_column_metadata(table);
    table.indexes = read_indexes(table.name);
    table.foreign_keys = read_foreign_keys(table.name);

    /* A lone key column declared INTEGER is the rowid itself unless an index had to be made for it
     * (sqlite.org/lang_createtable.html#rowid). */
    const auto has_key_index =
        std::any_of(table.indexes.begin(), table.indexes.end(),
                    [](const Index& index) { return index.origin == IndexOrigin::PrimaryKey; });
    if (!table.without_rowid && !has_key_index && table.primary_key().size() == 1) {
        for (size_t i = 0; i < table.columns.size(); ++i) {
            if (table.columns[i].primary_key_ordinal == 1) {
                table.rowid_alias = i;
            }
        }
    }
}

std::vector<Column> CatalogReader::read_columns(const std::string& table_name) {
    std::vector<Column> columns;
    columns_.reset();
    columns_.bind_text(1, table_name);
    while (columns_.step()) {
        Column column;
        column.name = columns_.text(0);
        column.declared_type = columns_.text(1);
        column.not_null = columns_.integer(2) != 0;
        if (!columns_.is_null(3)) {
            column.default_sql = columns_.text(3);
        }
        column.primary_key_ordinal = static_cast<int>(columns_.integer(4));
        column.kind = static_cast<ColumnKind>(columns_.integer(5));
        columns.push_back(std::move(column));
    }
    columns_.reset();
    return columns;
}

void CatalogReader::read_column_metadata(Table& table) {
    for (Column& column : table.columns) {
        const char* collation = nullptr;
        int autoincrement = 0;
        check(sqlite3_table_column_metadata(database_.handle(), "main", table.name.c_str(),
                                            column.name.c_str(), nullptr, &collation, nullptr,
                                            nullptr, &autoincrement),
              database_.handle());
        if (collation != nullptr) {
            column.collation = collation;
        }
        table.autoincrement = table.autoincrement || autoincrement != 0;
    }
}

std::vector<Index> CatalogReader::read_indexes(const std::string& table_name) {
    std::vector<Index> indexes;
    indexes_.reset();
    indexes_.bind_text(1, table_name);
    while (indexes_.step()) {
        Index index;
        index.name = indexes_.text(0);
        index.unique = indexes_.integer(1) != 0;
        const std::string origin = indexes_.text(2);
        index.origin = origin == "pk"  ? IndexOrigin::PrimaryKey
                       : origin == "u" ? IndexOrigin::UniqueConstraint
                                       : IndexOrigin::CreateIndex;
        index.partial = indexes_.integer(3) != 0;
        const auto statement = index_statements_.find(index.name);
        if (statement != index_statements_.end()) {
            index.sql = statement->second;
        }
        indexes.push_back(std::move(index));
    }
    indexes_.reset();
    for (Index& index : indexes) {
        index.columns = read_index_columns(index.name);
    }
    return indexes;
}

std::vector<IndexColumn> CatalogReader::read_index_columns(const std::string& index_name) {
    std::vector<IndexColumn> columns;
    index_columns_.reset();
    index_columns_.bind_text(1, index_name);
    while (index_columns_.step()) {
        IndexColumn column;
        column.is_rowid = index_columns_.integer(0) == -1;
        if (!index_columns_.is_null(1)) {
            column.name = index_columns_.text(1);
        }
        column.descending = index_columns_.integer(2) != 0;
        column.collation = index_columns_.text(3);
        columns.push_back(std::move(column));
    }
    index_columns_.reset();
    return columns;
}

std::vector<ForeignKey> CatalogReader::read_foreign_keys(const std::string& table_name) {
    std::vector<ForeignKey> keys;
    foreign_keys_.reset();
    foreign_keys_.bind_text(1, table_name);
    while (foreign_keys_.step()) {
        const int id = static_cast<int>(foreign_keys_.integer(0));
        if (keys.empty() || keys.back().id != id) {
            ForeignKey key;
            key.id = id;
            key.parent_table = foreign_keys_.text(1);
            key.on_update = foreign_keys_.text(4);
            key.on_delete = foreign_keys_.text(5);
            keys.push_back(std::move(key));
        }
        keys.back().child_columns.push_back(foreign_keys_.text(2));
        if (!foreign_keys_.is_null(3)) {
            keys.back().parent_columns.push_back(foreign_keys_.text(3));
        }
    }
    foreign_keys_.reset();
    return keys;
}

bool CatalogReader::has_table(const char* name) {
    Statement statement =
        database_.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1");
    statement.bind_text(1, name);
    return statement.step() && statement.integer(0) > 0;
}

void CatalogReader::read_sequences(Catalog& catalog) {
    if (!has_table("sqlite_sequence")) {
        return;
    }
    std::map<std::string, int64_t> sequences;
    Statement statement =
        database_.prepare("SELECT name, seq FROM sqlite_sequence WHERE typeof(seq) = 'integer'");
    while (statement.step()) {
        /* the file may hold several rows for a table: the greatest is the safe one */
        const auto [position, inserted] =
            sequences.emplace(fold_name(statement.text(0)), statement.integer(1));
        if (!inserted) {
            position->second = std::max(position->second, statement.integer(1));
        }
    }
    for (Table& table : catalog.tables) {
        const auto position = sequences.find(fold_name(table.name));
        if (position != sequences.end()) {
            table.sequence = position->second;
        }
    }
}

void CatalogReader::read_estimates(Catalog& catalog) {
    if (!has_table("sqlite_stat1")) {
        return;
    }
    /* stat begins with the number of rows in the index, which is the table's unless it is partial
     * (sqlite.org/fileformat2.html#stat1tab) */
    std::map<std::string, int64_t> rows;
    Statement statement = database_.prepare("SELECT tbl, stat FROM sqlite_stat1");
    while (statement.step()) {
        int64_t& estimate = rows[fold_name(statement.text(0))];
        estimate =
            std::max<int64_t>(estimate, std::strtoll(statement.text(1).c_str(), nullptr, 10));
    }
    for (Table& table : catalog.tables) {
        const auto position = rows.find(fold_name(table.name));
        if (position != rows.end()) {
            table.estimated_rows = position->second;
        }
    }
}

}  // namespace

bool Index::has_expression() const {
    return std::any_of(columns.begin(), columns.end(), [](const IndexColumn& column) {
        return !column.name.has_value() && !column.is_rowid;
    });
}

std::vector<std::string> Table::primary_key() const {
    std::vector<const Column*> members;
    for (const Column& column : columns) {
        if (column.primary_key_ordinal > 0) {
            members.push_back(&column);
        }
    }
    std::sort(members.begin(), members.end(), [](const Column* left, const Column* right) {
        return left->primary_key_ordinal < right->primary_key_ordinal;
    });
    std::vector<std::string> names;
    names.reserve(members.size());
    for (const Column* column : members) {
        names.push_back(column->name);
    }
    return names;
}

const Column* Table::find_column(const std::string& column_name) const {
    for (const Column& column : columns) {
        if (names_equal(column.name, column_name)) {
            return &column;
        }
    }
    return nullptr;
}

std::optional<std::string> Table::rowid_name() const {
    if (without_rowid) {
        return std::nullopt;
    }
    for (const char* name : {"rowid", "_rowid_", "oid"}) {
        if (find_column(name) == nullptr) {
            return name;
        }
    }
    return std::nullopt;
}

const Table* Catalog::find_table(const std::string& table_name) const {
    for (const Table& table : tables) {
        if (names_equal(table.name, table_name)) {
            return &table;
        }
    }
    return nullptr;
}

const Table* Catalog::find_readable(const std::string& table_name) const {
    const Table* table = find_table(table_name);
    return table == nullptr || table->content_table.empty() ? table
                                                            : find_table(table->content_table);
}

bool names_equal(const std::string& left, const std::string& right) noexcept {
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(),
                      [](char a, char b) { return fold_character(a) == fold_character(b); });
}

std::string fold_name(const std::string& name) {
    std::string folded = name;
    std::transform(folded.begin(), folded.end(), folded.begin(), fold_character);
    return folded;
}

/* The columns of a view are known when it has been expanded. */
Catalog read_catalog(const Database& database) {
    return aside([&] { return CatalogReader(database).read(); });
}

}  // namespace sqlite_import::sqlite
