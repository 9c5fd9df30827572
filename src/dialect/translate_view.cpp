/*
 * translate_view.cpp
 *    CREATE VIEW.
 */
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

namespace sqlite_import::dialect {

std::vector<std::string> view_dependencies(const CreateView& view) {
    std::set<std::string> tables;
    collect_tables(*view.select, {}, tables);
    return {tables.begin(), tables.end()};
}

ViewTranslation translate_view(const CreateView& view, const SchemaInfo& schema,
                               std::string_view target_schema, std::string_view target,
                               const TranslateOptions& options) {
    Translator translator(&schema, options);
    return run_translation<ViewTranslation>(translator, [&](ViewTranslation& out) {
        const SelectResult select = translator.translate_select(*view.select);
        if (!view.columns.empty() && view.columns.size() != select.values.size()) {
            Translator::refuse("the view names another number of columns than it selects", 0);
        }
        out.view.name = view.name;
        out.view.target_schema = target_schema;
        out.view.target = target;
        out.view.is_view = true;
        out.view.columns = translator.result_columns(select, view.columns);
        std::string columns;
        for (const ColumnInfo& column : out.view.columns) {
            columns += (columns.empty() ? "" : ", ") + quote_identifier(column.target);
        }
        out.sql = "CREATE VIEW " + quote_qualified(target_schema, target) + " (" + columns +
                  ") AS " + select.sql;
    });
}

ViewTranslation translate_query(const Select& select, const SchemaInfo& schema,
                                const TranslateOptions& options) {
    Translator translator(&schema, options);
    return run_translation<ViewTranslation>(translator, [&](ViewTranslation& out) {
        const SelectResult result = translator.translate_select(select);
        out.view.is_view = true;
        out.view.columns = translator.result_columns(result);
        out.sql = result.sql;
    });
}

}  // namespace sqlite_import::dialect
