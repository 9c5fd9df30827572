/*
 * dialect_translate.cpp
 *    libFuzzer target: whatever parses is translated or refused, and never crashes.
 *
 * The translator's output is looked at for the one thing that must hold for any
 * input: outside quotes there is no semicolon, so that no text of a file can
 * end our statement and begin its own.
 */
#include "dialect/parse.hpp"
#include "dialect/translate.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace sqlite_import::dialect;

namespace {

TableInfo make_table() {
    TableInfo table;
    table.name = table.target = "t";
    table.target_schema = "app";
    table.rowid_column = 0;
    table.unique_keys = {{"a"}};
    static constexpr TypeKind kKinds[] = {TypeKind::Int8,      TypeKind::Text,  TypeKind::Float8,
                                          TypeKind::Numeric,   TypeKind::Bool,  TypeKind::Bytea,
                                          TypeKind::Timestamp, TypeKind::Date,  TypeKind::Uuid,
                                          TypeKind::Json,      TypeKind::Jsonb, TypeKind::Varchar};
    char name = 'a';
    for (TypeKind kind : kKinds) {
        ColumnInfo column;
        column.name = column.target = std::string(1, name++);
        column.kind = kind;
        column.pg_type = kind_name(kind);
        column.affinity = affinity_of_kind(kind);
        column.collation = kind == TypeKind::Varchar ? "NOCASE" : "";
        table.columns.push_back(column);
    }
    return table;
}

/* A semicolon that is not inside '...', "..." or E'...' */
bool has_bare_semicolon(const std::string& sql) {
    for (size_t i = 0; i < sql.size(); ++i) {
        const char quote = sql[i];
        if (quote == ';') {
            return true;
        }
        if (quote != '\'' && quote != '"') {
            continue;
        }
        const bool escapes = quote == '\'' && i > 0 && sql[i - 1] == 'E';
        for (++i; i < sql.size() && sql[i] != quote; ++i) {
            i += escapes && sql[i] == '\\' ? 1 : 0;
        }
    }
    return false;
}

void expect_contained(const Translation& translation) {
    if (translation.ok && has_bare_semicolon(translation.sql)) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) {
        return 0;
    }
    static const TableInfo table = make_table();
    SchemaInfo schema;
    schema.add(table);
    const std::string_view sql(reinterpret_cast<const char*>(data + 1), size - 1);
    try {
        switch (data[0] % 6) {
            case 0:
                expect_contained(translate_query(*parse_select(sql), schema));
                break;
            case 1:
                expect_contained(translate_check(*parse_expression(sql), table));
                break;
            case 2:
                for (const ColumnInfo& column : table.columns) {
                    expect_contained(translate_default(*parse_default(sql), column));
                }
                break;
            case 3:
                expect_contained(translate_index(parse_create_index(sql), table));
                break;
            case 4:
                expect_contained(translate_view(parse_create_view(sql), schema, "app", "v"));
                break;
            default:
                translate_trigger(parse_create_trigger(sql), schema, "app", "tr");
        }
    } catch (const ParseError&) {
    }
    return 0;
}
