/*
 * design_translate.cpp
 *    The objects whose meaning is in their SQL: defaults, checks, generated
 *    columns, collations, indexes, views, triggers.
 *
 * src/dialect translates; here its answers find their places in the design, and
 * its refusals theirs in the report, with SQLite's own text.
 */
#include <algorithm>
#include <set>

#include "dialect/parse.hpp"
#include "dialect/quote.hpp"
#include "dialect/translate.hpp"
#include "plan/design_parts.hpp"

namespace sqlite_import::plan {

namespace {

using dialect::quote_identifier;
using dialect::quote_qualified;
using dialect::TypeKind;

/* The collation that stands for NOCASE; made in the target schema where it is needed. */
constexpr const char* kNocaseCollation = "nocase";

bool is_text(TypeKind kind) {
    return kind == TypeKind::Text || kind == TypeKind::Varchar || kind == TypeKind::Untyped;
}

dialect::SourceForm source_form(const ColumnDesign& column) {
    /* what an expression made of the values, no translated one can know */
    if (column.rule.has_using()) {
        return dialect::SourceForm::Mixed;
    }
    switch (column.rule.from) {
        case values::From::UnixS:
        case values::From::UnixMs:
        case values::From::UnixUs:
        case values::From::UnixNs:
        case values::From::Julian:
        case values::From::UnixDays:
        case values::From::Cocoa:
        case values::From::Webkit:
        case values::From::DotnetTicks:
        case values::From::Ole:
        case values::From::Compact:
            return dialect::SourceForm::Number;
        case values::From::Auto:
        case values::From::Base64:
        case values::From::Hex:
        case values::From::Utf8:
        case values::From::UuidBytes:
        case values::From::DotnetGuid:
        case values::From::Csv:
            break;
    }
    switch (column.type.kind) {
        case TypeKind::Date:
        case TypeKind::Time:
        case TypeKind::TimeTz:
        case TypeKind::Timestamp:
        case TypeKind::TimestampTz:
        case TypeKind::Interval:
        case TypeKind::Uuid:
        case TypeKind::Inet:
        case TypeKind::Cidr:
        case TypeKind::Macaddr:
        case TypeKind::Macaddr8:
            return dialect::SourceForm::UnknownText;
        case TypeKind::Untyped:
        case TypeKind::Bool:
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
        case TypeKind::Numeric:
        case TypeKind::Float4:
        case TypeKind::Float8:
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Bytea:
        case TypeKind::Json:
        case TypeKind::Jsonb:
        case TypeKind::Xml:
            break;
    }
    return column.mixed ? dialect::SourceForm::Mixed : dialect::SourceForm::AsType;
}

dialect::ColumnInfo describe(const ColumnDesign& column, bool strict) {
    dialect::ColumnInfo info;
    info.name = column.source->shown_name();
    info.target = column.name;
    info.kind = column.existing_kind.value_or(column.type.kind);
    info.pg_type = column.type_text;
    info.affinity = strict ? dialect::strict_affinity_of(column.source->declared_type)
                           : dialect::affinity_of(column.source->declared_type);
    info.collation = column.source->collation == "BINARY" ? "" : column.source->collation;
    info.case_insensitive = !column.collation.empty();
    info.not_null = column.not_null;
    info.form = source_form(column);
    info.from = column.rule.from;
    info.real_count = column.reals || info.affinity == dialect::Affinity::Real;
    return info;
}

/* True if the expression names one of the columns. */
bool refers_to(const dialect::Expr& expr, const std::set<std::string>& folded_names) {
    if (expr.kind == dialect::ExprKind::Column &&
        folded_names.count(sqlite::fold_name(expr.text)) > 0) {
        return true;
    }
    return std::any_of(expr.operands.begin(), expr.operands.end(),
                       [&](const dialect::ExprPtr& operand) {
                           return operand != nullptr && refers_to(*operand, folded_names);
                       });
}

class Translator {
  public:
    Translator(Design& design, const sqlite::Catalog& catalog, const Target& target,
               const Options& options, NameSpace& relations);

    void translate();

  private:
    void set_collations();
    dialect::TableInfo describe(const TableDesign& table) const;
    void describe_missing();
    void add_defaults(TableDesign& table, const dialect::TableInfo& info);
    void add_generated(TableDesign& table, const dialect::TableInfo& info);
    void add_checks(TableDesign& table, const dialect::TableInfo& info);
    void settle_keys(TableDesign& table, const dialect::TableInfo& info);
    void add_indexes(TableDesign& table, const dialect::TableInfo& info);
    void add_index(TableDesign& table, const sqlite::Index& index, const dialect::TableInfo& info);
    void add_text_search(TableDesign& table);
    void add_comments(TableDesign& table);
    void suggest_indexes(const TableDesign& table);
    void add_views();
    bool add_view(const sqlite::View& view, const dialect::CreateView& parsed);
    void add_triggers();
    void add_trigger(const sqlite::Trigger& trigger);
    void refuse(const char* object_type, const std::string& name, const std::string& reason,
                const std::string& sql);
    template <typename F>
    auto translated(F translate) const;
    void remark_notes(const char* object_type, const std::string& name,
                      const dialect::Translation& result);

    Design& design_;
    const sqlite::Catalog& catalog_;
    const Target& target_;
    const Options& options_;
    NameSpace& relations_;
    dialect::TranslateOptions translate_options_;
    dialect::SchemaInfo schema_;
    NameSpace functions_; /* of the triggers */
};

std::string join_notes(const std::vector<std::string>& notes) {
    std::string text;
    for (const std::string& note : notes) {
        text += (text.empty() ? "" : "; ") + note;
    }
    return text;
}

/* The text between two offsets is not kept by every node; the catalog has SQLite's own. */
const dialect::ColumnDef* parsed_column(const TableDesign& table, const ColumnDesign& column) {
    if (table.parsed == nullptr) {
        return nullptr;
    }
    for (const dialect::ColumnDef& parsed : table.parsed->columns) {
        if (sqlite::names_equal(parsed.name, column.source->name)) {
            return &parsed;
        }
    }
    return nullptr;
}

Translator::Translator(Design& design, const sqlite::Catalog& catalog, const Target& target,
                       const Options& options, NameSpace& relations)
    : design_(design),
      catalog_(catalog),
      target_(target),
      options_(options),
      relations_(relations) {
    translate_options_.server_major = target.server_major;
    translate_options_.helpers = options.helpers;
    translate_options_.binary_default_collation = target.binary_collation;
    translate_options_.rename = [&options](std::string_view name) {
        return target_name(std::string(name), options.identifiers);
    };
}

void Translator::refuse(const char* object_type, const std::string& name, const std::string& reason,
                        const std::string& sql) {
    design_.remarks.push_back(
        {object_type, name, "", "not migrated", reason + (sql.empty() ? "" : "; " + sql)});
}

/* translate(options); a refusal says whether the option `helpers` would have avoided it. */
template <typename F>
auto Translator::translated(F translate) const {
    auto result = translate(translate_options_);
    if (!result.ok && !options_.helpers) {
        dialect::TranslateOptions with_helpers = translate_options_;
        with_helpers.helpers = true;
        if (translate(with_helpers).ok) {
            result.reason += " (helpers => true migrates it, dependent on this extension)";
        }
    }
    return result;
}

/* For what has no row of its own in the report. */
void Translator::remark_notes(const char* object_type, const std::string& name,
                              const dialect::Translation& result) {
    if (!result.notes.empty()) {
        design_.remarks.push_back({object_type, name, "", "created", join_notes(result.notes)});
    }
}

void Translator::translate() {
    set_collations();
    for (TableDesign& table : design_.tables) {
        dialect::TableInfo info = describe(table);
        if (table.create) {
            add_generated(table, info);
            add_defaults(table, info);
            add_checks(table, info);
            settle_keys(table, info);
            add_indexes(table, info);
            add_text_search(table);
            add_comments(table);
            suggest_indexes(table);
        }
        schema_.add(std::move(info));
    }
    describe_missing();
    if (options_.views) {
        add_views();
    }
    if (options_.triggers) {
        add_triggers();
    }
}

/* COLLATE NOCASE: an ICU collation that ignores case, where the server has ICU
 * (documentation: 24.2.2.4, Nondeterministic Collations). */
void Translator::set_collations() {
    bool used = false;
    for (TableDesign& table : design_.tables) {
        for (ColumnDesign& column : table.columns) {
            const std::string& collation = column.source->collation;
            if (!table.create || !is_text(column.type.kind) || collation == "BINARY") {
                continue;
            }
            const std::string name = table.source->name + "." + column.source->name;
            if (sqlite::names_equal(collation, "NOCASE") && target_.has_icu) {
                column.collation = quote_qualified(design_.schema, kNocaseCollation);
                design_.remarks.push_back(
                    {"collation", name, column.collation, "changed",
                     "NOCASE is an ICU collation that ignores case; before PostgreSQL 18 a LIKE on "
                     "this column needs COLLATE \"C\" beside it"});
                used = true;
            } else if (sqlite::names_equal(collation, "NOCASE")) {
                refuse("collation", name,
                       "the server has no ICU: comparisons heed case; unique keys are kept on "
                       "lower()",
                       "");
            } else {
                refuse("collation", name, "PostgreSQL has no collation like SQLite's " + collation,
                       "");
            }
        }
    }
    if (used) {
        design_.prepare_statements.push_back(
            "CREATE COLLATION IF NOT EXISTS " + quote_qualified(design_.schema, kNocaseCollation) +
            " (provider = icu, locale = 'und-u-ks-level2', deterministic = false);");
    }
}

dialect::TableInfo Translator::describe(const TableDesign& table) const {
    dialect::TableInfo info;
    info.name = table.source->shown_name();
    info.target_schema = design_.schema;
    info.target = table.name;
    for (const ColumnDesign& column : table.columns) {
        if (table.source->rowid_alias.has_value() &&
            column.source == &table.source->columns[*table.source->rowid_alias]) {
            info.rowid_column = static_cast<int>(info.columns.size());
        }
        info.columns.push_back(plan::describe(column, table.source->strict));
    }
    for (const KeyDesign& key : table.keys) {
        info.unique_keys.push_back(key.source_columns);
    }
    info.has_triggers = std::any_of(
        catalog_.triggers.begin(), catalog_.triggers.end(), [&](const sqlite::Trigger& trigger) {
            return sqlite::names_equal(trigger.table, table.source->name);
        });
    return info;
}

void Translator::describe_missing() {
    for (const sqlite::Table& table : catalog_.tables) {
        if (design_.find_table(table.name) != nullptr) {
            continue;
        }
        dialect::TableInfo info;
        info.name = table.name;
        info.missing = "the table \"" + table.name + "\" is not migrated";
        schema_.add(std::move(info));
    }
}

void Translator::add_defaults(TableDesign& table, const dialect::TableInfo& info) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
        ColumnDesign& column = table.columns[i];
        const std::optional<std::string>& source = column.source->default_sql;
        if (!source.has_value() || column.identity || column.generated_sql.has_value()) {
            continue;
        }
        const std::string name = table.source->name + "." + column.source->name;
        try {
            const dialect::ExprPtr expr = dialect::parse_default(*source);
            dialect::Translation result = translated([&](const dialect::TranslateOptions& options) {
                return dialect::translate_default(*expr, info.columns[i], options);
            });
            if (result.ok) {
                remark_notes("default", name, result);
                column.default_sql = std::move(result.sql);
            } else {
                refuse("default", name, result.reason, "DEFAULT " + *source);
            }
        } catch (const dialect::ParseError& error) {
            refuse("default", name, error.what(), "DEFAULT " + *source);
        }
    }
}

/* True if the index has the column for a key, or may have it in an expression or its condition. */
bool may_use(const sqlite::Index& index, const std::string& column) {
    for (const sqlite::IndexColumn& key : index.columns) {
        if (key.name.has_value() && sqlite::names_equal(*key.name, column)) {
            return true;
        }
    }
    return index.sql.has_value() && (index.partial || index.has_expression()) &&
           sqlite::fold_name(*index.sql).find(sqlite::fold_name(column)) != std::string::npos;
}

/*
 * True if a column that SQLite computes when it is read may be computed so by PostgreSQL: from 18
 * on, and where nothing asks for a stored value (documentation of 18: 5.4, Generated Columns; 39.1,
 * triggers see no virtual columns; no index or key may have one).
 */
bool may_stay_virtual(const TableDesign& table, const ColumnDesign& column, bool has_triggers,
                      int server_major) {
    const std::string& name = column.source->name;
    if (server_major < 18 || column.source->kind != sqlite::ColumnKind::GeneratedVirtual ||
        has_triggers || column.type_given) {
        return false;
    }
    for (const sqlite::Index& index : table.source->indexes) {
        if (may_use(index, name)) {
            return false;
        }
    }
    const std::vector<sqlite::ForeignKey>& keys = table.source->foreign_keys;
    return std::none_of(keys.begin(), keys.end(), [&](const sqlite::ForeignKey& key) {
        return std::any_of(
            key.child_columns.begin(), key.child_columns.end(),
            [&](const std::string& child) { return sqlite::names_equal(child, name); });
    });
}

/* PostgreSQL's generated columns cannot build on each other (documentation: 5.3). */
void Translator::add_generated(TableDesign& table, const dialect::TableInfo& info) {
    std::set<std::string> generated;
    for (const ColumnDesign& column : table.columns) {
        if (column.source->kind != sqlite::ColumnKind::Ordinary) {
            generated.insert(sqlite::fold_name(column.source->name));
        }
    }
    for (size_t i = 0; i < table.columns.size(); ++i) {
        ColumnDesign& column = table.columns[i];
        if (column.source->kind == sqlite::ColumnKind::Ordinary) {
            continue;
        }
        const std::string name = table.source->name + "." + column.source->name;
        const dialect::ColumnDef* parsed = parsed_column(table, column);
        std::string reason = "its expression is not known";
        std::string source;
        if (parsed != nullptr && parsed->generated != nullptr) {
            source = "GENERATED ALWAYS AS (" + parsed->generated_source + ")";
            if (refers_to(*parsed->generated, generated)) {
                reason = "it builds on another generated column";
            } else {
                dialect::Translation result =
                    translated([&](const dialect::TranslateOptions& options) {
                        return dialect::translate_generated(*parsed->generated, info,
                                                            info.columns[i], options);
                    });
                if (result.ok) {
                    remark_notes("column", name, result);
                    column.generated_sql = std::move(result.sql);
                    column.generated_virtual =
                        may_stay_virtual(table, column, info.has_triggers, target_.server_major);
                    column.loaded = false;
                    continue;
                }
                reason = result.reason;
            }
        }
        design_.remarks.push_back({"column", name, column.name, "changed",
                                   "a plain column with the values copied: " + reason +
                                       (source.empty() ? "" : "; " + source)});
    }
}

void Translator::add_checks(TableDesign& table, const dialect::TableInfo& info) {
    if (table.parsed == nullptr) {
        return;
    }
    NameSpace names; /* constraint names are unique within a table */
    for (const KeyDesign& key : table.keys) {
        names.reserve(key.name);
    }
    for (const ForeignKeyDesign& key : table.foreign_keys) {
        names.reserve(key.name);
    }
    for (const dialect::CheckConstraint& check : table.parsed->checks) {
        const ColumnDesign* column =
            check.column.empty() ? nullptr : table.find_column(check.column);
        std::vector<std::string> columns;
        if (column != nullptr) {
            columns.push_back(column->name);
        }
        const std::string wanted = check.name.empty()
                                       ? object_name(table.name, columns, "check")
                                       : target_name(check.name, options_.identifiers);
        dialect::Translation result = translated([&](const dialect::TranslateOptions& options) {
            return dialect::translate_check(*check.expr, info, options);
        });
        if (!result.ok) {
            refuse("check", table.source->name + "." + wanted, result.reason,
                   "CHECK (" + check.source + ")");
            continue;
        }
        CheckDesign design;
        design.name = names.allocate(wanted);
        if (!check.name.empty()) {
            design_.tell_renamed("check", table.source->name + "." + check.name, check.name,
                                 design.name, options_.identifiers);
        }
        design.expression = std::move(result.sql);
        design.note = join_notes(result.notes);
        table.checks.push_back(std::move(design));
    }
}

/* A key whose column has a collation that a plain constraint does not see gets a unique index
 * beside it.  The constraint stays: what is unique by the collation is unique by the bytes too, and
 * foreign keys and replication need it. */
void Translator::settle_keys(TableDesign& table, const dialect::TableInfo& info) {
    if (table.parsed == nullptr) {
        return;
    }
    for (const dialect::KeyConstraint& parsed : table.parsed->keys) {
        const dialect::IndexTranslation result =
            dialect::translate_key(parsed, info, translate_options_);
        const auto key =
            std::find_if(table.keys.begin(), table.keys.end(), [&](const KeyDesign& candidate) {
                return parsed.primary == candidate.primary &&
                       (parsed.primary ||
                        same_names(candidate.source_columns, constraint_columns(parsed)));
            });
        /* an expression, such as lower(name), is what a constraint cannot be made of */
        const bool expression = std::any_of(result.columns.begin(), result.columns.end(),
                                            [](const std::string& name) { return name.empty(); });
        if (!result.ok || !expression || key == table.keys.end()) {
            continue;
        }
        IndexDesign index;
        index.name = relations_.allocate(object_name(table.name, key->columns, "idx"));
        index.source_name = key->source_name;
        index.statement = "CREATE UNIQUE INDEX " + quote_identifier(index.name) + " ON " +
                          quote_qualified(design_.schema, table.name) + " (" + result.sql + ");";
        index.unique = true;
        index.note = "unique by its collation, which the constraint alone does not see" +
                     (result.notes.empty() ? "" : "; " + join_notes(result.notes));
        table.indexes.push_back(std::move(index));
    }
}

void Translator::add_indexes(TableDesign& table, const dialect::TableInfo& info) {
    for (const sqlite::Index& index : table.source->indexes) {
        if (index.origin == sqlite::IndexOrigin::CreateIndex &&
            !is_excluded(options_, index, design_)) {
            add_index(table, index, info);
        }
    }
}

void Translator::add_index(TableDesign& table, const sqlite::Index& index,
                           const dialect::TableInfo& info) {
    try {
        const dialect::CreateIndex parsed = dialect::parse_create_index(index.sql.value_or(""));
        const dialect::IndexTranslation result =
            translated([&](const dialect::TranslateOptions& options) {
                return dialect::translate_index(parsed, info, options);
            });
        if (!result.ok) {
            refuse("index", index.name, result.reason, index.sql.value_or(""));
            return;
        }
        IndexDesign design;
        design.name = relations_.allocate(target_name(index.name, options_.identifiers));
        design.source_name = index.name;
        design_.tell_renamed("index", index.name, index.name, design.name, options_.identifiers);
        design.statement = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " +
                           quote_identifier(design.name) + " ON " +
                           quote_qualified(design_.schema, table.name) + " (" + result.sql + ")" +
                           (result.where.empty() ? "" : " WHERE " + result.where) + ";";
        design.note = join_notes(result.notes);
        design.unique = index.unique;
        design.source_sql = index.sql.value_or("");
        if (result.where.empty()) {
            design.columns = result.columns;
        }
        table.indexes.push_back(std::move(design));
    } catch (const dialect::ParseError& error) {
        refuse("index", index.name, error.what(), index.sql.value_or(""));
    }
}

/* An FTS table is a plain table now; on request with an index that PostgreSQL's text search uses
 * (documentation: 12.2.2, Creating Indexes). */
void Translator::add_text_search(TableDesign& table) {
    if (options_.text_search.empty() || table.source->module.rfind("fts", 0) != 0) {
        return;
    }
    std::string document;
    for (const ColumnDesign& column : table.columns) {
        if (column.identity) {
            continue;
        }
        document += (document.empty() ? "coalesce(" : " || ' ' || coalesce(") +
                    quote_identifier(column.name) + "::text, '')";
    }
    IndexDesign index;
    index.name = relations_.allocate(object_name(table.name, {}, "text_search_idx"));
    index.source_name = table.source->name;
    index.statement = "CREATE INDEX " + quote_identifier(index.name) + " ON " +
                      quote_qualified(design_.schema, table.name) + " USING gin (to_tsvector(" +
                      dialect::quote_literal(options_.text_search) + ", " + document + "));";
    index.note = "in place of SQLite's " + table.source->module;
    table.indexes.push_back(std::move(index));
}

void Translator::add_comments(TableDesign& table) {
    if (table.parsed == nullptr) {
        return;
    }
    table.comment = table.parsed->comment;
    for (ColumnDesign& column : table.columns) {
        const dialect::ColumnDef* parsed = parsed_column(table, column);
        if (parsed != nullptr) {
            column.comment = parsed->comment;
        }
    }
}

/* Without an index on its columns, each change of the parent reads the whole child
 * (documentation: 5.4.5, Foreign Keys). */
void Translator::suggest_indexes(const TableDesign& table) {
    for (const ForeignKeyDesign& key : table.foreign_keys) {
        const auto serves = [&](const std::vector<std::string>& columns) {
            return columns.size() >= key.columns.size() &&
                   std::is_permutation(key.columns.begin(), key.columns.end(), columns.begin());
        };
        const bool indexed = std::any_of(table.keys.begin(), table.keys.end(),
                                         [&](const KeyDesign& k) { return serves(k.columns); }) ||
                             std::any_of(table.indexes.begin(), table.indexes.end(),
                                         [&](const IndexDesign& i) { return serves(i.columns); });
        if (indexed) {
            continue;
        }
        std::string list;
        for (const std::string& column : key.columns) {
            list += (list.empty() ? "" : ", ") + quote_identifier(column);
        }
        design_.remarks.push_back({"index", key.source_name, "", "suggested",
                                   "the foreign key has no index: CREATE INDEX ON " +
                                       quote_qualified(design_.schema, table.name) + " (" + list +
                                       ");"});
    }
}

/* Views on views: each is made when all that it reads are there. */
void Translator::add_views() {
    std::vector<std::pair<const sqlite::View*, dialect::CreateView>> waiting;
    for (const sqlite::View& view : catalog_.views) {
        const std::string name = target_name(view.name, options_.identifiers);
        if (!view.broken.empty()) {
            refuse("view", view.name, "broken at the source: " + view.broken, view.sql);
            continue;
        }
        const TargetTable* existing = target_.find_table(name);
        if (existing != nullptr && design_.dropped_relations.count(existing->name) == 0) {
            design_.remarks.push_back({"view", view.name, quote_qualified(design_.schema, name),
                                       "skipped", "a relation of this name exists already"});
            continue;
        }
        try {
            waiting.emplace_back(&view, dialect::parse_create_view(view.sql));
        } catch (const dialect::ParseError& error) {
            refuse("view", view.name, error.what(), view.sql);
        }
    }
    const auto is_waiting = [&](const std::string& name, const sqlite::View* but) {
        return std::any_of(waiting.begin(), waiting.end(), [&](const auto& other) {
            return other.first != but && sqlite::names_equal(other.first->name, name);
        });
    };
    bool progress = true;
    while (progress && !waiting.empty()) {
        progress = false;
        for (size_t i = 0; i < waiting.size();) {
            const std::vector<std::string> dependencies =
                dialect::view_dependencies(waiting[i].second);
            const bool ready = std::none_of(
                dependencies.begin(), dependencies.end(),
                [&](const std::string& name) { return is_waiting(name, waiting[i].first); });
            if (!ready) {
                ++i;
                continue;
            }
            add_view(*waiting[i].first, waiting[i].second);
            waiting.erase(waiting.begin() + static_cast<ptrdiff_t>(i));
            progress = true;
        }
    }
    for (const auto& [view, parsed] : waiting) {
        refuse("view", view->name, "it depends on itself through other views", view->sql);
    }
}

bool Translator::add_view(const sqlite::View& view, const dialect::CreateView& parsed) {
    const std::string wanted = target_name(view.name, options_.identifiers);
    const std::string name = relations_.free_name(wanted);
    dialect::ViewTranslation result = translated([&](const dialect::TranslateOptions& options) {
        return dialect::translate_view(parsed, schema_, design_.schema, name, options);
    });
    if (!result.ok) {
        refuse("view", view.name, result.reason, view.sql);
        dialect::TableInfo missing;
        missing.name = view.name;
        missing.missing = "the view \"" + view.name + "\" is not migrated";
        schema_.add(std::move(missing));
        return false;
    }
    ViewDesign design;
    design.source = &view;
    design.name = result.view.target;
    design_.tell_renamed("view", view.name, view.name, design.name, options_.identifiers);
    relations_.reserve(design.name);
    design.statement = std::move(result.sql);
    design.note = join_notes(result.notes);
    schema_.add(std::move(result.view));
    design_.views.push_back(std::move(design));
    return true;
}

void Translator::add_triggers() {
    for (const sqlite::Trigger& trigger : catalog_.triggers) {
        const TableDesign* table = design_.find_table(trigger.table);
        if (table != nullptr && !table->create) {
            design_.remarks.push_back({"trigger", trigger.name, "", "skipped",
                                       "the existing table is its owner's; " + trigger.sql});
            continue;
        }
        add_trigger(trigger);
    }
}

void Translator::add_trigger(const sqlite::Trigger& trigger) {
    try {
        const dialect::CreateTrigger parsed = dialect::parse_create_trigger(trigger.sql);
        const std::string wanted = target_name(trigger.name, options_.identifiers);
        const std::string name = functions_.allocate(wanted);
        const dialect::TriggerTranslation result =
            translated([&](const dialect::TranslateOptions& options) {
                return dialect::translate_trigger(parsed, schema_, design_.schema, name, options);
            });
        if (!result.ok) {
            refuse("trigger", trigger.name, result.reason, trigger.sql);
            return;
        }
        TriggerDesign design;
        design.source = &trigger;
        design.target = quote_qualified(design_.schema, name);
        design_.tell_renamed("trigger", trigger.name, trigger.name, name, options_.identifiers);
        design.statement = result.sql;
        if (design_.idle_functions.count(name) > 0) {
            design.statement.insert(std::string("CREATE ").size(), "OR REPLACE ");
        }
        design.note = join_notes(result.notes);
        design_.triggers.push_back(std::move(design));
    } catch (const dialect::ParseError& error) {
        refuse("trigger", trigger.name, error.what(), trigger.sql);
    }
}

}  // namespace

void add_translated_objects(Design& design, const sqlite::Catalog& catalog, const Target& target,
                            const Options& options, NameSpace& relations) {
    Translator(design, catalog, target, options, relations).translate();
}

}  // namespace sqlite_import::plan
