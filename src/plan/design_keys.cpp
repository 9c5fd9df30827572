/*
 * design_keys.cpp
 *    Primary keys, unique constraints, plain indexes, foreign keys.
 *
 * SQLite shows its constraints as indexes (origin pk, u) and PostgreSQL makes
 * indexes of its constraints, so each SQLite index becomes exactly one object:
 * a constraint where it was one, an index otherwise.
 */
#include <algorithm>

#include "dialect/ast.hpp"
#include "dialect/quote.hpp"
#include "plan/design_parts.hpp"

namespace sqlite_import::plan {

namespace {

std::string join_names(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += text.empty() ? name : ", " + name;
    }
    return text;
}

/* The target names of source columns; empty if one of them has no counterpart. */
std::vector<std::string> target_columns(const TableDesign& table,
                                        const std::vector<std::string>& source_columns) {
    std::vector<std::string> names;
    for (const std::string& source : source_columns) {
        const ColumnDesign* column = table.find_column(source);
        if (column == nullptr) {
            return {};
        }
        names.push_back(column->name);
    }
    return names;
}

/* The column names of an index; empty if one is an expression. */
std::vector<std::string> index_columns(const sqlite::Index& index) {
    std::vector<std::string> names;
    for (const sqlite::IndexColumn& column : index.columns) {
        if (!column.name.has_value()) {
            return {};
        }
        names.push_back(*column.name);
    }
    return names;
}

/* The name that CONSTRAINT gave to a key; empty if none. */
std::string given_key_name(const TableDesign& table, bool primary,
                           const std::vector<std::string>& columns) {
    if (table.parsed == nullptr) {
        return {};
    }
    for (const dialect::KeyConstraint& key : table.parsed->keys) {
        if (key.primary == primary && !key.name.empty() &&
            (primary || same_names(constraint_columns(key), columns))) {
            return key.name;
        }
    }
    return {};
}

/* The parsed counterpart of a foreign key of the catalog: both are in the order of the text. */
const dialect::ForeignKey* parsed_foreign_key(const TableDesign& table, size_t position) {
    if (table.parsed == nullptr ||
        table.parsed->foreign_keys.size() != table.source->foreign_keys.size()) {
        return nullptr;
    }
    return &table.parsed->foreign_keys[position];
}

class KeyDesigner {
  public:
    KeyDesigner(Design& design, const Facts& facts, const Options& options, NameSpace& relations)
        : design_(design), facts_(facts), options_(options), relations_(relations) {}

    void add(TableDesign& table);

  private:
    void add_key(TableDesign& table, bool primary, const std::vector<std::string>& source_columns,
                 const sqlite::Index* index);
    void compare_indexes(const TableDesign& table);
    bool holds_null(const TableDesign& table) const;

    Design& design_;
    const Facts& facts_;
    const Options& options_;
    NameSpace& relations_;
};

void KeyDesigner::add(TableDesign& table) {
    if (!table.create) {
        compare_indexes(table);
        return;
    }
    const auto own = std::find_if(
        table.source->indexes.begin(), table.source->indexes.end(),
        [](const sqlite::Index& index) { return index.origin == sqlite::IndexOrigin::PrimaryKey; });
    const sqlite::Index* const of_primary = own == table.source->indexes.end() ? nullptr : &*own;
    const std::vector<std::string> primary_key = table.source->primary_key();
    if (!primary_key.empty() &&
        (of_primary == nullptr || !is_excluded(options_, *of_primary, design_))) {
        add_key(table, true, primary_key, of_primary);
    }
    for (const sqlite::Index& index : table.source->indexes) {
        if (index.origin == sqlite::IndexOrigin::UniqueConstraint &&
            !is_excluded(options_, index, design_)) {
            add_key(table, false, index_columns(index), &index);
        }
    }
}

bool KeyDesigner::holds_null(const TableDesign& table) const {
    const auto fact = facts_.null_in_primary_key.find(table.source->name);
    return fact != facts_.null_in_primary_key.end() && fact->second;
}

void KeyDesigner::add_key(TableDesign& table, bool primary,
                          const std::vector<std::string>& source_columns,
                          const sqlite::Index* index) {
    KeyDesign key;
    key.primary = primary;
    key.source_index = index == nullptr ? std::string() : index->name;
    key.source_columns = source_columns;
    key.source_name = table.source->name + " (" + join_names(source_columns) + ")";
    key.columns = target_columns(table, source_columns);
    const char* type = primary ? "primary key" : "unique";
    if (key.columns.empty()) {
        design_.remarks.push_back(
            {type, key.source_name, "", "not migrated", "one of its columns is not migrated"});
        return;
    }
    if (primary && holds_null(table)) {
        design_.remarks.push_back(
            {type, key.source_name, "", "changed",
             "the key holds NULL, which SQLite allows: it becomes a unique constraint"});
        key.primary = false;
    }
    const std::string given = given_key_name(table, primary, source_columns);
    const std::string wanted = !given.empty() ? target_name(given, options_.identifiers)
                               : key.primary  ? object_name(table.name, {}, "pkey")
                                              : object_name(table.name, key.columns, "key");
    key.name = relations_.allocate(wanted);
    if (!given.empty()) {
        design_.tell_renamed(type, key.source_name, given, key.name, options_.identifiers);
    }
    if (key.primary) {
        for (const std::string& name : key.columns) {
            for (ColumnDesign& column : table.columns) {
                column.not_null = column.not_null || column.name == name;
            }
        }
    }
    table.keys.push_back(std::move(key));
}

/* Columns of an index of the source, under the target's names. */
struct IndexedColumn {
    std::string name;
    bool ignores_case = false;
};

/* lower(x) serves a column that is compared without regard to case, and no other. */
bool is_column(const TargetIndexColumn& candidate, const IndexedColumn& wanted) {
    return candidate.name == wanted.name && (wanted.ignores_case || !candidate.ignores_case);
}

/* True if the index finds rows by these columns: they are its first ones, in this order. */
bool finds_by(const TargetIndex& index, const std::vector<IndexedColumn>& columns) {
    return index.columns.size() >= columns.size() &&
           std::equal(columns.begin(), columns.end(), index.columns.begin(),
                      [](const IndexedColumn& wanted, const TargetIndexColumn& candidate) {
                          return is_column(candidate, wanted);
                      });
}

/* True if the index makes these columns unique, in whatever order it has them. */
bool makes_unique(const TargetIndex& index, const std::vector<IndexedColumn>& columns) {
    return index.unique && index.columns.size() == columns.size() &&
           std::all_of(columns.begin(), columns.end(), [&](const IndexedColumn& wanted) {
               return std::any_of(index.columns.begin(), index.columns.end(),
                                  [&](const TargetIndexColumn& candidate) {
                                      return is_column(candidate, wanted);
                                  });
           });
}

/* The target was made by somebody else: its indexes are theirs, but a missing one is told. */
void KeyDesigner::compare_indexes(const TableDesign& table) {
    for (const sqlite::Index& index : table.source->indexes) {
        const std::vector<std::string> names = target_columns(table, index_columns(index));
        if (names.empty() || index.partial || is_excluded(options_, index, design_)) {
            continue;
        }
        std::vector<IndexedColumn> columns;
        std::string list;
        for (size_t i = 0; i < names.size(); ++i) {
            columns.push_back(
                {names[i], sqlite::names_equal(index.columns[i].collation, "NOCASE")});
            list += (list.empty() ? "" : ", ") + dialect::quote_identifier(names[i]);
        }
        const auto& present = table.existing->indexes;
        const bool found =
            std::any_of(present.begin(), present.end(), [&](const TargetIndex& candidate) {
                return index.unique ? makes_unique(candidate, columns)
                                    : finds_by(candidate, columns);
            });
        if (!found) {
            design_.remarks.push_back({"index", index.name, "", "not migrated",
                                       std::string("the existing table has no ") +
                                           (index.unique ? "unique index" : "index") + " on (" +
                                           list + "); the table is its owner's, so none was made" +
                                           (index.sql.has_value() ? "; " + *index.sql : "")});
        }
    }
}

class ForeignKeyDesigner {
  public:
    ForeignKeyDesigner(Design& design, const Options& options)
        : design_(design), options_(options) {}

    void add(TableDesign& table);

  private:
    void add_key(TableDesign& table, size_t position, NameSpace& names);
    void refuse(const std::string& name, const std::string& reason);

    Design& design_;
    const Options& options_;
};

void ForeignKeyDesigner::refuse(const std::string& name, const std::string& reason) {
    design_.remarks.push_back({"foreign key", name, "", "not migrated", reason});
}

/* SQLite asks for a unique key on exactly the parent's columns
 * (sqlite.org/foreignkeys.html#fk_indexes). */
bool has_unique_key(const TableDesign& parent, const std::vector<std::string>& source_columns) {
    const auto matches = [&](const std::vector<std::string>& columns) {
        return columns.size() == source_columns.size() &&
               std::all_of(columns.begin(), columns.end(), [&](const std::string& column) {
                   return std::any_of(source_columns.begin(), source_columns.end(),
                                      [&](const std::string& wanted) {
                                          return sqlite::names_equal(column, wanted);
                                      });
               });
    };
    if (matches(parent.source->primary_key())) {
        return true;
    }
    return std::any_of(parent.source->indexes.begin(), parent.source->indexes.end(),
                       [&](const sqlite::Index& index) {
                           return index.unique && !index.partial && matches(index_columns(index));
                       });
}

void ForeignKeyDesigner::add(TableDesign& table) {
    NameSpace names; /* constraint names are unique within a table */
    for (const KeyDesign& key : table.keys) {
        names.reserve(key.name);
    }
    for (size_t position = 0; position < table.source->foreign_keys.size(); ++position) {
        if (table.create) {
            add_key(table, position, names);
        }
    }
}

void ForeignKeyDesigner::add_key(TableDesign& table, size_t position, NameSpace& names) {
    const sqlite::ForeignKey& source = table.source->foreign_keys[position];
    ForeignKeyDesign key;
    key.source_name = table.source->name + " (" + join_names(source.child_columns) + ") -> " +
                      source.parent_table;
    key.source_id = source.id;
    key.on_update = source.on_update;
    key.on_delete = source.on_delete;

    if (options_.foreign_keys == ForeignKeys::Skip) {
        design_.remarks.push_back(
            {"foreign key", key.source_name, "", "skipped", "foreign_keys => 'skip'"});
        return;
    }
    const TableDesign* parent = design_.find_table(source.parent_table);
    if (parent == nullptr) {
        refuse(key.source_name,
               "the table \"" + source.parent_table + "\" that it refers to is not migrated");
        return;
    }
    const std::vector<std::string> parent_columns =
        source.parent_columns.empty() ? parent->source->primary_key() : source.parent_columns;
    key.parent = static_cast<size_t>(parent - design_.tables.data());
    key.columns = target_columns(table, source.child_columns);
    key.parent_columns = target_columns(*parent, parent_columns);
    if (parent_columns.size() != source.child_columns.size() || key.columns.empty() ||
        key.parent_columns.empty()) {
        refuse(key.source_name,
               "its columns and those of \"" + source.parent_table + "\" do not match");
        return;
    }
    if (!has_unique_key(*parent, parent_columns)) {
        refuse(key.source_name, "\"" + source.parent_table + "\" has no unique key on (" +
                                    join_names(parent_columns) +
                                    "), so SQLite does not enforce it either");
        return;
    }
    const dialect::ForeignKey* parsed = parsed_foreign_key(table, position);
    std::string wanted = object_name(table.name, key.columns, "fkey");
    if (parsed != nullptr) {
        key.deferrable = parsed->deferrable;
        key.initially_deferred = parsed->initially_deferred;
        if (!parsed->name.empty()) {
            wanted = target_name(parsed->name, options_.identifiers);
        }
    }
    key.name = names.allocate(wanted);
    if (parsed != nullptr && !parsed->name.empty()) {
        design_.tell_renamed("foreign key", key.source_name, parsed->name, key.name,
                             options_.identifiers);
    }
    table.foreign_keys.push_back(std::move(key));
}

}  // namespace

bool same_names(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    return left.size() == right.size() &&
           std::equal(left.begin(), left.end(), right.begin(), sqlite::names_equal);
}

bool is_excluded(const Options& options, const sqlite::Index& index, Design& design) {
    const bool excluded =
        std::any_of(options.exclude.begin(), options.exclude.end(),
                    [&](const std::string& name) { return sqlite::names_equal(name, index.name); });
    if (excluded) {
        design.remarks.push_back(
            {"index", index.name, "", "skipped",
             "excluded by option" + (index.sql.has_value() ? "; " + *index.sql : "")});
    }
    return excluded;
}

std::vector<std::string> constraint_columns(const dialect::KeyConstraint& key) {
    std::vector<std::string> names;
    for (const dialect::OrderTerm& term : key.columns) {
        const dialect::Expr* expr = term.expr.get();
        while (expr != nullptr && expr->kind == dialect::ExprKind::Collate) {
            expr = expr->operands[0].get();
        }
        names.push_back(expr == nullptr ? std::string() : expr->text);
    }
    return names;
}

void add_keys(Design& design, const sqlite::Catalog&, const Facts& facts, const Options& options,
              NameSpace& relations) {
    KeyDesigner designer(design, facts, options, relations);
    for (TableDesign& table : design.tables) {
        designer.add(table);
    }
}

void add_foreign_keys(Design& design, const Options& options) {
    ForeignKeyDesigner designer(design, options);
    for (TableDesign& table : design.tables) {
        designer.add(table);
    }
}

}  // namespace sqlite_import::plan
