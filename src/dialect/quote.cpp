/*
 * quote.cpp
 *    Quoting of names and strings; see quote.hpp.
 *
 * The list of key words is SELECT word FROM pg_get_keywords() WHERE catcode <> 'U'
 * of PostgreSQL 15 with those that 16 and 17 added (18 added none).  A word
 * that is reserved only in a later version is quoted everywhere: quoting
 * a name that does not need it is harmless, and a plan that was saved can be
 * run on a newer server.
 */
#include "dialect/quote.hpp"

#include <algorithm>
#include <array>

namespace sqlite_import::dialect {

namespace {

/* Sorted, so that a binary search finds a word. */
constexpr std::array<std::string_view, 164> kKeyWords = {{
    // clang-format off
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast",
    "char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently",
    "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
    "current_schema", "current_time", "current_timestamp", "current_user", "dec", "decimal",
    "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists",
    "extract", "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant",
    "greatest", "group", "grouping", "having", "ilike", "in", "initially", "inner", "inout",
    "int", "integer", "intersect", "interval", "into", "is", "isnull", "join", "json",
    "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query",
    "json_scalar", "json_serialize", "json_table", "json_value", "lateral", "leading", "least",
    "left", "like", "limit", "localtime", "localtimestamp", "merge_action", "national",
    "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric",
    "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing",
    "position", "precision", "primary", "real", "references", "returning", "right", "row",
    "select", "session_user", "setof", "similar", "smallint", "some", "substring", "symmetric",
    "system_user", "table", "tablesample", "then", "time", "timestamp", "to", "trailing",
    "treat", "trim", "true", "union", "unique", "user", "using", "values", "varchar",
    "variadic", "verbose", "when", "where", "window", "with", "xmlattributes", "xmlconcat",
    "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot",
    "xmlserialize", "xmltable",
    // clang-format on
}};

bool is_lower_letter_or_underscore(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

bool is_safe_bare(std::string_view name) {
    if (name.empty() || !is_lower_letter_or_underscore(name.front())) {
        return false;
    }
    auto safe = [](char c) { return is_lower_letter_or_underscore(c) || (c >= '0' && c <= '9'); };
    return std::all_of(name.begin(), name.end(), safe) && !is_postgres_key_word(name);
}

/* text between two quote characters, each quote character inside it doubled */
std::string doubled(std::string_view text, char quote) {
    std::string out;
    out.reserve(text.size() + 2);
    out += quote;
    for (char c : text) {
        if (c == quote) {
            out += quote;
        }
        out += c;
    }
    out += quote;
    return out;
}

}  // namespace

bool is_postgres_key_word(std::string_view lower_name) {
    return std::binary_search(kKeyWords.begin(), kKeyWords.end(), lower_name);
}

std::string quote_identifier(std::string_view name) {
    return is_safe_bare(name) ? std::string(name) : doubled(name, '"');
}

std::string quote_qualified(std::string_view schema, std::string_view name) {
    if (schema.empty()) {
        return quote_identifier(name);
    }
    return quote_identifier(schema) + "." + quote_identifier(name);
}

std::string quote_literal(std::string_view text) {
    if (text.find('\\') == std::string_view::npos) {
        return doubled(text, '\'');
    }
    std::string out = "E'";
    for (char c : text) {
        if (c == '\'' || c == '\\') {
            out += c;
        }
        out += c;
    }
    out += '\'';
    return out;
}

std::string quote_bytea(std::string_view bytes) {
    static constexpr char kHex[] = "0123456789abcdef";
    /* E'' for the reason that quote_literal gives */
    std::string out = "E'\\\\x";
    out.reserve(out.size() + bytes.size() * 2 + 8);
    for (unsigned char c : bytes) {
        out += kHex[c >> 4];
        out += kHex[c & 15];
    }
    out += "'::bytea";
    return out;
}

std::string quote_sqlite_identifier(std::string_view name) {
    return doubled(name, '"');
}

std::string quote_sqlite_literal(std::string_view text) {
    return doubled(text, '\'');
}

}  // namespace sqlite_import::dialect
