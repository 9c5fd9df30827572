/*
 * design.cpp
 *    Tables and columns: which there are, what they are called, of which types.
 */
#include "plan/design.hpp"

#include <algorithm>
#include <set>

#include "dialect/parse.hpp"
#include "dialect/quote.hpp"
#include "plan/design_parts.hpp"
#include "plan/names.hpp"
#include "plan/number_time.hpp"
#include "user_error.hpp"
#include "values/time_unit.hpp"

namespace sqlite_import::plan {

namespace {

/* PostgreSQL's MaxHeapAttributeNumber (documentation: Appendix K, Limits). */
constexpr size_t kMaxColumns = 1600;

/* Virtual tables whose rows are data, not a view of something else. */
bool has_content_of_its_own(const std::string& module) {
    static constexpr const char* kModules[] = {"fts3", "fts4", "fts5", "rtree", "rtree_i32"};
    return std::any_of(std::begin(kModules), std::end(kModules),
                       [&](const char* known) { return module == known; });
}

bool contains_name(const std::vector<std::string>& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& candidate) {
        return sqlite::names_equal(candidate, name);
    });
}

/* All that a name in an option can mean: tables, and columns as table.column. */
std::vector<std::string> table_names(const sqlite::Catalog& catalog) {
    std::vector<std::string> names;
    for (const sqlite::Table& table : catalog.tables) {
        names.push_back(table.name);
    }
    return names;
}

std::vector<std::string> column_names(const sqlite::Catalog& catalog) {
    std::vector<std::string> names;
    for (const sqlite::Table& table : catalog.tables) {
        for (const sqlite::Column& column : table.columns) {
            names.push_back(table.shown_name() + "." + column.shown_name());
        }
    }
    return names;
}

std::vector<std::string> index_names(const sqlite::Catalog& catalog) {
    std::vector<std::string> names;
    for (const sqlite::Table& table : catalog.tables) {
        for (const sqlite::Index& index : table.indexes) {
            names.push_back(index.name);
        }
    }
    return names;
}

/* Every name must be one of the source's tables; in `exclude` also table.column, or an index. */
void check_names(const sqlite::Catalog& catalog, const std::vector<std::string>& names,
                 const char* option, bool parts_allowed) {
    const std::vector<std::string> tables = table_names(catalog);
    const bool look_inside = parts_allowed && !names.empty();
    const std::vector<std::string> columns =
        look_inside ? column_names(catalog) : std::vector<std::string>();
    const std::vector<std::string> indexes =
        look_inside ? index_names(catalog) : std::vector<std::string>();
    std::vector<std::string> known = tables;
    known.insert(known.end(), indexes.begin(), indexes.end());
    for (const std::string& name : names) {
        if (contains_name(known, name) || contains_name(columns, name)) {
            continue;
        }
        const bool column_meant = parts_allowed && name.find('.') != std::string::npos;
        throw UserError(column_meant ? sqlstate::kUndefinedColumn : sqlstate::kUndefinedTable,
                        std::string(column_meant    ? "column"
                                    : parts_allowed ? "table or index"
                                                    : "table") +
                            " \"" + name + "\" does not exist in the SQLite database",
                        std::string("It is named in option \"") + option + "\".",
                        near_names_hint(name, column_meant ? columns : known));
    }
}

/* A cast that fits no column is a misspelling, and would be lost in silence. */
void check_casts(const sqlite::Catalog& catalog, const Options& options) {
    for (const CastRule& cast : options.casts) {
        const bool used = std::any_of(
            catalog.tables.begin(), catalog.tables.end(), [&](const sqlite::Table& table) {
                return std::any_of(table.columns.begin(), table.columns.end(),
                                   [&](const sqlite::Column& column) {
                                       return cast_matches(cast, table, column);
                                   });
            });
        if (!used) {
            throw UserError(sqlstate::kUndefinedColumn,
                            "cast for \"" + cast.pattern + "\" fits no column",
                            "A cast is for \"table.column\", \"table.*\", \"*.column\" or "
                            "\"type:declared type\".",
                            near_names_hint(cast.pattern, column_names(catalog)));
        }
    }
}

std::string qualified(const Design& design, const std::string& name) {
    return dialect::quote_qualified(design.schema, name);
}

class Designer {
  public:
    Designer(const sqlite::Catalog& catalog, const Target& target, const Facts& facts,
             const Options& options)
        : catalog_(catalog), target_(target), facts_(facts), options_(options) {}

    Design make();

  private:
    void remark_left_out();
    std::shared_ptr<const dialect::CreateTable> parse(const sqlite::Table& table);
    void add_tables();
    void settle_existing(TableDesign& table);
    void note_what_is_dropped();
    void check_existing_rows() const;
    void add_columns(TableDesign& table);
    void add_new_column(TableDesign& table, const sqlite::Column& column, NameSpace& names);
    void match_column(TableDesign& table, const sqlite::Column& column);
    void choose_type(const TableDesign& table, ColumnDesign& column);
    void take_unit(const std::string& full_name, const TypeDecision& decision,
                   ColumnDesign& column);
    void tell_zone(const TableDesign& table, const ColumnDesign& column);
    void unify_foreign_key_types();
    bool unify_foreign_key(TableDesign& child, const sqlite::ForeignKey& key);
    void order_tables();

    const sqlite::Catalog& catalog_;
    const Target& target_;
    const Facts& facts_;
    const Options& options_;
    NameSpace relations_;
    Design design_;
    std::vector<std::string> tables_with_rows_;
};

Design Designer::make() {
    design_.schema = target_.schema;
    check_names(catalog_, options_.exclude, "exclude", true);
    check_casts(catalog_, options_);
    remark_left_out();
    add_tables();
    check_existing_rows();
    for (TableDesign& table : design_.tables) {
        add_columns(table);
    }
    unify_foreign_key_types();
    add_keys(design_, catalog_, facts_, options_, relations_);
    add_foreign_keys(design_, options_);
    add_translated_objects(design_, catalog_, target_, options_, relations_);
    order_tables();
    return std::move(design_);
}

void Designer::remark_left_out() {
    for (const sqlite::Table& table : catalog_.tables) {
        if (table.kind == sqlite::TableKind::Shadow) {
            design_.remarks.push_back(
                {"table", table.name, "", "skipped",
                 "shadow table of a virtual table: holds no data of its own"});
        } else if (!table.content_table.empty()) {
            design_.remarks.push_back(
                {"table", table.name, "", "changed",
                 "SQLite lacks its tokenizer: its rows come from its content table \"" +
                     table.content_table + "\"; " + table.sql});
        } else if (table.contentless) {
            design_.remarks.push_back(
                {"table", table.name, "", "not migrated",
                 "contentless full text: the file holds the index of its texts, not the texts; " +
                     table.sql});
        } else if (!table.broken.empty()) {
            design_.remarks.push_back(
                {"table", table.name, "", "not migrated",
                 "SQLite cannot read it: " + table.broken + "; " + table.sql});
        } else if (table.kind == sqlite::TableKind::Virtual &&
                   !has_content_of_its_own(table.module)) {
            design_.remarks.push_back({"table", table.name, "", "not migrated",
                                       "virtual table of module \"" + table.module +
                                           "\", whose rows are computed; " + table.sql});
        }
    }
    for (const sqlite::LostIndex& index : catalog_.lost_indexes) {
        design_.remarks.push_back(
            {"index", index.name, "", "not migrated", "SQLite cannot read it; " + index.sql});
    }
}

/* A table whose SQL our parser refuses is migrated from what PRAGMAs tell, and the report says so.
 */
std::shared_ptr<const dialect::CreateTable> Designer::parse(const sqlite::Table& table) {
    if (table.kind != sqlite::TableKind::Ordinary) {
        return nullptr;
    }
    try {
        return std::make_shared<const dialect::CreateTable>(dialect::parse_create_table(table.sql));
    } catch (const dialect::ParseError& error) {
        design_.remarks.push_back({"table", table.name, "", "changed",
                                   std::string("checks, defaults and names of constraints are not "
                                               "migrated, because its SQL was not understood: ") +
                                       error.what() + "; " + table.sql});
        return nullptr;
    }
}

void Designer::add_tables() {
    const std::vector<const sqlite::Table*> selected = select_tables(catalog_, options_);
    /* tables that exist keep their names, so they are matched before any name is given out */
    design_.tables.reserve(selected.size());
    std::set<std::string> claimed;
    for (const sqlite::Table* source : selected) {
        TableDesign table;
        table.source = source;
        table.parsed = parse(*source);
        const TargetTable* existing =
            match_table(target_, source->shown_name(), options_.identifiers);
        if (existing != nullptr && claimed.insert(existing->name).second) {
            table.existing = existing;
            table.name = existing->name;
            settle_existing(table);
        }
        design_.tables.push_back(std::move(table));
    }
    design_.tables.erase(std::remove_if(design_.tables.begin(), design_.tables.end(),
                                        [](const TableDesign& table) {
                                            return table.existing != nullptr && !table.create &&
                                                   table.name.empty();
                                        }),
                         design_.tables.end());
    note_what_is_dropped();
    for (const std::string& name : target_.relation_names) {
        if (design_.dropped_relations.count(name) == 0) {
            relations_.reserve(name);
        }
    }
    for (TableDesign& table : design_.tables) {
        if (table.existing != nullptr) {
            continue;
        }
        const std::string& shown = table.source->shown_name();
        table.name = relations_.allocate(target_name(shown, options_.identifiers));
        design_.tell_renamed("table", shown, shown, table.name, options_.identifiers);
    }
    if (!options_.create_missing) {
        const auto missing = [this](const TableDesign& table) {
            if (table.existing != nullptr) {
                return false;
            }
            design_.remarks.push_back({"table", table.source->name, "", "skipped",
                                       "the target has no such table and create_missing is off"});
            return true;
        };
        design_.tables.erase(std::remove_if(design_.tables.begin(), design_.tables.end(), missing),
                             design_.tables.end());
    }
}

/* DROP TABLE … CASCADE takes indexes, sequences and views along, and leaves trigger functions. */
void Designer::note_what_is_dropped() {
    std::set<uint32_t> dropped;
    for (const TableDesign& table : design_.tables) {
        if (!table.replace) {
            continue;
        }
        dropped.insert(table.existing->oid);
        for (const TargetDependent& dependent : table.existing->dependents) {
            dropped.insert(dependent.oid);
            design_.dropped_relations.insert(dependent.name);
        }
    }
    for (const TargetTriggerFunction& function : target_.trigger_functions) {
        if (std::all_of(function.tables.begin(), function.tables.end(),
                        [&](uint32_t table) { return dropped.count(table) > 0; })) {
            design_.idle_functions.insert(function.name);
        }
    }
}

/* Decides what happens to a table that exists; an emptied name takes it out of the design. */
void Designer::settle_existing(TableDesign& table) {
    const TargetTable& existing = *table.existing;
    const std::string target = qualified(design_, existing.name);

    table.create = false;
    if (existing.relation_kind == 'v' || existing.relation_kind == 'm') {
        throw UserError("42809", "cannot load into \"" + existing.name + "\"",
                        "It is a view in schema \"" + design_.schema + "\".",
                        "Leave the table out with exclude, or choose another target_schema.");
    }
    if (options_.on_existing == OnExisting::Error) {
        throw UserError(
            sqlstate::kDuplicateTable,
            "table \"" + existing.name + "\" exists already in schema \"" + design_.schema + "\"",
            {}, "Choose what to do with existing tables by on_existing.");
    }
    if (is_bookkeeping_table(existing.name) && (existing.has_rows || !existing.readable)) {
        design_.remarks.push_back({"table", table.source->name, target, "skipped",
                                   "the books of a migration tool, which hold rows already"});
        table.name.clear();
        return;
    }
    switch (options_.on_existing) {
        case OnExisting::Skip:
            design_.remarks.push_back(
                {"table", table.source->name, target, "skipped", "exists already"});
            table.name.clear();
            break;
        case OnExisting::LoadIfEmpty:
            if (!existing.readable) {
                throw UserError(sqlstate::kInsufficientPrivilege,
                                "permission denied to read table " + target,
                                "Whether it holds rows already is to be found out first.",
                                "Have SELECT granted on it, or use on_existing => 'append', which "
                                "needs INSERT alone.");
            }
            if (existing.has_rows) {
                tables_with_rows_.push_back(existing.name);
            }
            break;
        case OnExisting::Truncate:
            table.truncate = true;
            break;
        case OnExisting::Replace:
            table.create = true;
            table.replace = true;
            break;
        case OnExisting::Upsert:
            if (existing.primary_key.empty()) {
                throw UserError(sqlstate::kObjectNotInPrerequisiteState,
                                "table \"" + existing.name + "\" has no primary key to upsert on",
                                {}, "Use on_existing => 'append' or 'truncate' for this table.");
            }
            table.upsert = true;
            break;
        case OnExisting::Append:
        case OnExisting::Error:
            break;
    }
}

void Designer::check_existing_rows() const {
    if (tables_with_rows_.empty()) {
        return;
    }
    std::string list;
    for (const std::string& name : tables_with_rows_) {
        list += list.empty() ? name : ", " + name;
    }
    throw UserError(
        sqlstate::kObjectNotInPrerequisiteState,
        "target tables in schema \"" + design_.schema + "\" hold rows already",
        "Tables with rows: " + list + ".",
        "Use on_existing => 'truncate' to empty them first, 'append' or 'upsert' to add to them, "
        "'replace' to drop and make them again, 'skip' to leave them, or exclude them.");
}

void Designer::add_columns(TableDesign& table) {
    const sqlite::Table& source = *table.source;
    NameSpace names;
    size_t count = 0;

    for (const sqlite::Column& column : source.columns) {
        if (column.kind == sqlite::ColumnKind::HiddenInVirtualTable) {
            continue;
        }
        if (contains_name(options_.exclude, source.shown_name() + "." + column.shown_name())) {
            design_.remarks.push_back({"column", source.shown_name() + "." + column.shown_name(),
                                       "", "skipped", "excluded by option"});
            continue;
        }
        ++count;
        if (table.create) {
            add_new_column(table, column, names);
        } else {
            match_column(table, column);
        }
    }
    if (table.create && count > kMaxColumns) {
        throw UserError(sqlstate::kTooManyColumns,
                        "table \"" + source.name + "\" has " + std::to_string(count) +
                            " columns, more than the 1600 that PostgreSQL can have",
                        {}, "Leave the table or some columns out with exclude.");
    }
}

void Designer::add_new_column(TableDesign& table, const sqlite::Column& column, NameSpace& names) {
    const sqlite::Table& source = *table.source;
    const std::string full_name = source.shown_name() + "." + column.shown_name();
    ColumnDesign design;
    design.source = &column;

    std::string wanted = target_name(column.shown_name(), options_.identifiers);
    if (is_system_column(wanted)) {
        wanted += "_";
    }
    design.name = names.allocate(wanted);
    design_.tell_renamed("column", full_name, column.shown_name(), design.name,
                         options_.identifiers);
    const bool rowid_alias =
        source.rowid_alias.has_value() && &source.columns[*source.rowid_alias] == &column;
    choose_type(table, design);
    const bool integer = design.type.kind == dialect::TypeKind::Int2 ||
                         design.type.kind == dialect::TypeKind::Int4 ||
                         design.type.kind == dialect::TypeKind::Int8;
    design.identity = rowid_alias && integer;
    if (design.identity && !design.type_given && source.sequence.has_value() &&
        *source.sequence > dialect::greatest_integer(design.type.kind)) {
        design.type = dialect::type_of_kind(dialect::TypeKind::Int8);
        design.type_text = design.type.pg_type;
        design_.remarks.push_back({"column", full_name, design.type_text, "changed",
                                   "its AUTOINCREMENT reached " + std::to_string(*source.sequence) +
                                       ", which a narrower type does not hold"});
    }
    design.not_null =
        column.not_null || rowid_alias || (source.without_rowid && column.primary_key_ordinal > 0);
    tell_zone(table, design);
    table.columns.push_back(std::move(design));
}

void Designer::match_column(TableDesign& table, const sqlite::Column& column) {
    const std::string full_name = table.source->shown_name() + "." + column.shown_name();
    const TargetColumn* match =
        plan::match_column(*table.existing, column.shown_name(), options_.identifiers);
    if (match == nullptr) {
        const bool generated = column.kind != sqlite::ColumnKind::Ordinary;
        const auto empty = facts_.always_null.find({table.source->name, column.name});
        if (generated || (empty != facts_.always_null.end() && empty->second)) {
            design_.remarks.push_back({"column", full_name, "", "skipped",
                                       generated ? "generated, and the target has no such column"
                                                 : "NULL in every row, and the target has no such "
                                                   "column"});
            return;
        }
        std::vector<std::string> candidates;
        for (const TargetColumn& candidate : table.existing->columns) {
            candidates.push_back(candidate.name);
        }
        const std::string near = near_names_hint(column.name, candidates);
        throw UserError(
            sqlstate::kUndefinedColumn,
            "target table \"" + table.existing->name + "\" has no column \"" + column.name + "\"",
            "The column holds values in the SQLite table \"" + table.source->name + "\".",
            (near.empty() ? "" : near + " ") + "Leave it out with exclude => '{" + full_name +
                "}', or add the column.");
    }
    ColumnDesign design;
    design.source = &column;
    design.name = match->name;
    choose_type(table, design);
    design.type_text = match->type;
    design.existing_kind = dialect::kind_of_pg_type(match->type);
    design.not_null = match->not_null;
    design.loaded = !match->generated;
    if (match->generated) {
        design_.remarks.push_back({"column", full_name, match->name, "skipped",
                                   "generated in the target: its values are computed there"});
    }
    tell_zone(table, design);
    table.columns.push_back(std::move(design));
}

/* The column is part of the primary key or of a unique index. */
bool is_keyed(const sqlite::Table& table, const sqlite::Column& column) {
    const auto names_it = [&](const sqlite::IndexColumn& key) {
        return key.name.has_value() && sqlite::names_equal(*key.name, column.name);
    };
    return column.primary_key_ordinal > 0 ||
           std::any_of(table.indexes.begin(), table.indexes.end(), [&](const auto& index) {
               return index.unique &&
                      std::any_of(index.columns.begin(), index.columns.end(), names_it);
           });
}

/* What PostgreSQL cannot compare, or compares otherwise than as the text that SQLite compares. */
bool is_unfit_for_keys(dialect::TypeKind kind) {
    return kind == dialect::TypeKind::Json || kind == dialect::TypeKind::Jsonb ||
           kind == dialect::TypeKind::Xml;
}

/* A type that is given, by the target or by a cast, without a word on what numbers count: the
 * evidence decides as it does for a type that is chosen, and that is always told. */
void Designer::take_unit(const std::string& full_name, const TypeDecision& decision,
                         ColumnDesign& column) {
    if (column.rule.from != values::From::Auto || !column.rule.map.empty() ||
        !values::is_time_unit(decision.from)) {
        return;
    }
    column.rule.from = decision.from;
    design_.remarks.push_back({"column", full_name, "", "converted", decision.reason});
}

/* Naive times that become instants: in which zone they are read. */
void Designer::tell_zone(const TableDesign& table, const ColumnDesign& column) {
    const auto naive = facts_.naive_times.find({table.source->name, column.source->name});
    const dialect::TypeKind kind = column.existing_kind.value_or(column.type.kind);
    if (naive == facts_.naive_times.end() || naive->second == 0 ||
        kind != dialect::TypeKind::TimestampTz || !column.loaded) {
        return;
    }
    const std::string& own = column.rule.timezone;
    const std::string& zone = own.empty() ? options_.timezone : own;
    design_.remarks.push_back({"column",
                               table.source->shown_name() + "." + column.source->shown_name(),
                               column.type_text, "converted", zone_words(naive->second, zone)});
}

void Designer::choose_type(const TableDesign& table, ColumnDesign& column) {
    const std::string& declared = column.source->declared_type;
    const std::string full_name = table.source->shown_name() + "." + column.source->shown_name();
    const CastRule* rule = find_cast(options_, *table.source, *column.source);
    if (rule != nullptr) {
        column.rule = rule->rule;
    }
    dialect::TypeOptions type_options;
    type_options.integers = options_.integer_type;
    column.type = options_.types == Types::Affinity
                      ? dialect::resolve_by_affinity(declared)
                      : dialect::resolve_declared_type(declared, type_options);
    const auto decision = facts_.types.find({table.source->name, column.source->name});
    column.type_given = rule != nullptr && rule->type.has_value();
    if (column.rule.has_using() && table.create && !column.type_given) {
        throw UserError(sqlstate::kInvalidParameterValue,
                        "cast for \"" + full_name + "\" has \"using\" but no \"type\"", {},
                        "Add the type of the column that is to be made.");
    }
    /* evidence is for values that go into the type as they are */
    const bool evident = decision != facts_.types.end() && !column.rule.has_using();
    if (evident && (!table.create || column.type_given)) {
        take_unit(full_name, decision->second, column);
    }
    if (evident && !column.type_given) {
        /* an existing text column is not to take blobs for text because bytea would hold all */
        if (column.rule.from == values::From::Auto &&
            (table.create || decision->second.from != values::From::Utf8)) {
            column.rule.from = decision->second.from;
        }
        column.mixed = decision->second.mixed;
        if (table.create) {
            if (!decision->second.reason.empty()) {
                design_.remarks.push_back({"column", full_name, decision->second.type.pg_type,
                                           decision->second.changed ? "changed" : "converted",
                                           decision->second.reason});
            }
            column.type = decision->second.type;
        }
    }
    if (table.create && !column.type_given && is_unfit_for_keys(column.type.kind) &&
        is_keyed(*table.source, *column.source)) {
        const std::string type = column.type.pg_type;
        column.type = dialect::type_of_kind(dialect::TypeKind::Text);
        column.type.rule = "keys";
        design_.remarks.push_back(
            {"column", full_name, column.type.pg_type, "changed",
             "a unique key compares the text, which " + type + " in PostgreSQL cannot do"});
    }
    if (column.type_given) {
        const auto kind = dialect::kind_of_pg_type(*rule->type);
        column.type = dialect::ResolvedType();
        column.type.kind = kind.value_or(dialect::TypeKind::Untyped);
        column.type.pg_type = *rule->type;
        column.type.rule = "option casts";
    }
    column.type_text = column.type.pg_type;
}

/* What one side of a foreign key can be compared with in PostgreSQL without a cast. */
int comparison_class(const dialect::ResolvedType& type) {
    using dialect::TypeKind;
    const TypeKind kind = type.kind;
    if (kind == TypeKind::Int2 || kind == TypeKind::Int4 || kind == TypeKind::Int8) {
        return static_cast<int>(TypeKind::Int8);
    }
    if (kind == TypeKind::Text || kind == TypeKind::Varchar || kind == TypeKind::Untyped) {
        return static_cast<int>(TypeKind::Text);
    }
    return static_cast<int>(kind);
}

/* A chain of keys settles in as many rounds as it is long; each round changes at least one column.
 */
void Designer::unify_foreign_key_types() {
    bool changed = true;
    for (size_t round = 0; changed && round <= design_.tables.size(); ++round) {
        changed = false;
        for (TableDesign& child : design_.tables) {
            if (!child.create) {
                continue;
            }
            for (const sqlite::ForeignKey& key : child.source->foreign_keys) {
                changed = unify_foreign_key(child, key) || changed;
            }
        }
    }
}

bool Designer::unify_foreign_key(TableDesign& child, const sqlite::ForeignKey& key) {
    const TableDesign* parent = design_.find_table(key.parent_table);
    if (parent == nullptr) {
        return false;
    }
    const std::vector<std::string> parent_columns =
        key.parent_columns.empty() ? parent->source->primary_key() : key.parent_columns;
    bool changed = false;
    for (size_t i = 0; i < key.child_columns.size() && i < parent_columns.size(); ++i) {
        ColumnDesign* column = child.find_column(key.child_columns[i]);
        const ColumnDesign* other = parent->find_column(parent_columns[i]);
        if (column == nullptr || other == nullptr || column == other || column->identity ||
            column->type_given) {
            continue;
        }
        if (comparison_class(column->type) == comparison_class(other->type)) {
            /* the order in which the bytes of a UUID stand is the parent's */
            if (other->type.kind == dialect::TypeKind::Uuid &&
                find_cast(options_, *child.source, *column->source) == nullptr) {
                column->rule.from = other->rule.from;
            }
            continue;
        }
        design_.remarks.push_back(
            {"column", child.source->name + "." + column->source->name, other->type_text, "changed",
             "of type " + other->type_text + " instead of " + column->type_text +
                 ", as the column \"" + parent->source->name + "." + other->source->name +
                 "\" that it refers to"});
        column->type = other->type;
        column->type_text = other->type_text;
        /* the blobs of both sides are read alike */
        if (column->rule.from == values::From::UuidBytes ||
            column->rule.from == values::From::DotnetGuid ||
            other->type.kind == dialect::TypeKind::Uuid) {
            column->rule.from = other->rule.from;
        }
        changed = true;
    }
    return changed;
}

/* Depth first along the foreign keys; a cycle is entered where it is met. */
void Designer::order_tables() {
    std::vector<char> visited(design_.tables.size(), 0);
    std::vector<std::pair<size_t, size_t>> stack; /* table, next parent to look at */

    const auto parents_of = [this](size_t position) {
        const TableDesign& table = design_.tables[position];
        std::vector<std::string> names;
        for (const sqlite::ForeignKey& key : table.source->foreign_keys) {
            names.push_back(key.parent_table);
        }
        if (table.existing != nullptr) {
            for (const TargetForeignKey& key : table.existing->foreign_keys) {
                names.push_back(key.parent_table);
            }
        }
        std::vector<size_t> positions;
        for (size_t i = 0; i < design_.tables.size(); ++i) {
            if (contains_name(names, design_.tables[i].source->name) ||
                contains_name(names, design_.tables[i].name)) {
                positions.push_back(i);
            }
        }
        return positions;
    };
    for (size_t start = 0; start < design_.tables.size(); ++start) {
        if (visited[start] != 0) {
            continue;
        }
        std::vector<std::vector<size_t>> parents;
        visited[start] = 1;
        stack.emplace_back(start, 0);
        parents.push_back(parents_of(start));
        while (!stack.empty()) {
            auto& [position, next] = stack.back();
            if (next < parents.back().size()) {
                const size_t parent = parents.back()[next++];
                if (visited[parent] == 0) {
                    visited[parent] = 1;
                    stack.emplace_back(parent, 0);
                    parents.push_back(parents_of(parent));
                }
            } else {
                design_.load_order.push_back(position);
                stack.pop_back();
                parents.pop_back();
            }
        }
    }
}

}  // namespace

const ColumnDesign* TableDesign::find_column(const std::string& source_name) const {
    for (const ColumnDesign& column : columns) {
        if (sqlite::names_equal(column.source->name, source_name)) {
            return &column;
        }
    }
    return nullptr;
}

ColumnDesign* TableDesign::find_column(const std::string& source_name) {
    return const_cast<ColumnDesign*>(std::as_const(*this).find_column(source_name));
}

const TableDesign* Design::find_table(const std::string& source_name) const {
    for (const TableDesign& table : tables) {
        if (sqlite::names_equal(table.source->name, source_name)) {
            return &table;
        }
    }
    return nullptr;
}

void Design::tell_renamed(const char* object_type, const std::string& object_name,
                          const std::string& source_name, const std::string& given,
                          Identifiers identifiers) {
    const std::string reason = rename_reason(source_name, given, identifiers);
    if (!reason.empty()) {
        /* columns and constraints go by their own names, what is in the schema by its full one */
        const bool in_schema = object_name == source_name;
        remarks.push_back({object_type, object_name,
                           in_schema ? dialect::quote_qualified(schema, given) : given, "renamed",
                           reason});
    }
}

std::vector<const sqlite::Table*> select_tables(const sqlite::Catalog& catalog,
                                                const Options& options) {
    check_names(catalog, options.tables, "tables", false);
    std::vector<const sqlite::Table*> selected;
    for (const sqlite::Table& table : catalog.tables) {
        const bool readable =
            table.broken.empty() && !table.contentless &&
            (table.kind == sqlite::TableKind::Ordinary ||
             (table.kind == sqlite::TableKind::Virtual && has_content_of_its_own(table.module)));
        const auto named = [&](const std::vector<std::string>& names) {
            return contains_name(names, table.name) || contains_name(names, table.shown_name());
        };
        if (readable && (options.tables.empty() || named(options.tables)) &&
            !named(options.exclude)) {
            selected.push_back(&table);
        }
    }
    return selected;
}

Design make_design(const sqlite::Catalog& catalog, const Target& target, const Facts& facts,
                   const Options& options) {
    return Designer(catalog, target, facts, options).make();
}

}  // namespace sqlite_import::plan
