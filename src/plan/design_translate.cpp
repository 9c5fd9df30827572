/*
 * design_translate.cpp
 *    The objects whose meaning is in their SQL.
 */
#include "dialect/quote.hpp"
#include "plan/design_parts.hpp"

namespace sqlite_import::plan {

namespace {

using dialect::quote_identifier;
using dialect::quote_qualified;

/* An index over plain columns; nothing if it needs its SQL translated. */
bool add_plain_index(Design& design, TableDesign& table, const sqlite::Index& index,
                     const Options& options, NameSpace& relations) {
    IndexDesign result;
    result.source_name = index.name;
    result.unique = index.unique;
    std::string list;
    for (const sqlite::IndexColumn& column : index.columns) {
        const ColumnDesign* target =
            column.name.has_value() ? table.find_column(*column.name) : nullptr;
        if (target == nullptr || column.collation != "BINARY") {
            return false;
        }
        list += (list.empty() ? "" : ", ") + quote_identifier(target->name);
        if (column.descending) {
            list += " DESC NULLS LAST";
        }
        result.source_columns.push_back(target->source->name);
    }
    result.name = relations.allocate(target_name(index.name, options.identifiers));
    result.usable_as_key = index.unique;
    result.statement = std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " +
                       quote_identifier(result.name) + " ON " +
                       quote_qualified(design.schema, table.name) + " (" + list + ");";
    table.indexes.push_back(std::move(result));
    return true;
}

}  // namespace

void add_translated_objects(Design& design, const sqlite::Catalog& catalog, const Target&,
                            const Options& options, NameSpace& relations) {
    for (TableDesign& table : design.tables) {
        for (const sqlite::Index& index : table.source->indexes) {
            if (!table.create || index.origin != sqlite::IndexOrigin::CreateIndex) {
                continue;
            }
            if (index.partial || !add_plain_index(design, table, index, options, relations)) {
                design.remarks.push_back(
                    {"index", index.name, "", "not migrated", index.sql.value_or("")});
            }
        }
    }
    for (const sqlite::View& view : catalog.views) {
        design.remarks.push_back({"view", view.name, "", "not migrated", view.sql});
    }
    for (const sqlite::Trigger& trigger : catalog.triggers) {
        design.remarks.push_back({"trigger", trigger.name, "", "not migrated", trigger.sql});
    }
}

}  // namespace sqlite_import::plan
