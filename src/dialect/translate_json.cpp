/*
 * translate_json.cpp
 *    JSON functions (www.sqlite.org/json1.html).
 *
 * json_extract() and ->> give a value whose type is known only from the
 * document.  Such a value carries the jsonb expression that it came from, so
 * that a comparison with a constant is made in jsonb, where a number is no text.
 */
#include "dialect/lexer.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

#include <cstdlib>
#include <set>

namespace sqlite_import::dialect {

namespace {

/* One step of a path as an element of a text[] constant. */
std::string array_element(const std::string& key) {
    std::string out = "\"";
    for (char c : key) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "\"";
}

/* Reads one step of "$.a.b[0][#-1]" from `at` on; false if the text is no path. */
bool read_step(const std::string& path, size_t& at, std::string& key) {
    key.clear();
    if (path[at] == '.') {
        ++at;
        if (at < path.size() && path[at] == '"') {
            const size_t close = path.find('"', at + 1);
            if (close == std::string::npos) {
                return false;
            }
            key = path.substr(at + 1, close - at - 1);
            at = close + 1;
            return true;
        }
        const size_t end = std::min(path.find_first_of(".[", at), path.size());
        key = path.substr(at, end - at);
        at = end;
        return !key.empty();
    }
    if (path[at] != '[') {
        return false;
    }
    const size_t close = path.find(']', at);
    if (close == std::string::npos) {
        return false;
    }
    key = path.substr(at + 1, close - at - 1);
    at = close + 1;
    if (key.rfind("#-", 0) == 0) {
        key.erase(0, 1);
    }
    return !key.empty() && key.find_first_not_of("-0123456789") == std::string::npos;
}

/* "{a,b,0}" for "$.a.b[0]" */
std::string path_array(const Expr& path) {
    if (path.kind == ExprKind::Integer) {
        return quote_literal("{" + path.text + "}");
    }
    if (path.kind != ExprKind::String || path.text.find('\0') != std::string::npos) {
        throw Refusal("a JSON path that is not a constant", path.offset);
    }
    const std::string& text = path.text;
    if (text.empty() || text.front() != '$') {
        return quote_literal("{" + array_element(text) + "}"); /* -> 'key' */
    }
    std::string array;
    for (size_t at = 1; at < text.size();) {
        std::string key;
        if (!read_step(text, at, key)) {
            throw Refusal("the JSON path " + quote_literal(text.substr(0, 60)), path.offset);
        }
        array += (array.empty() ? "" : ",") + array_element(key);
    }
    return quote_literal("{" + array + "}");
}

bool makes_json(const Expr& expr) {
    if (expr.kind != ExprKind::Function) {
        return expr.kind == ExprKind::Binary && expr.op == Operator::JsonArrow;
    }
    static const std::set<std::string> kMakers = {
        "json",        "json_array",   "json_group_array", "json_group_object",
        "json_insert", "json_object",  "json_patch",       "json_quote",
        "json_remove", "json_replace", "json_set"};
    return kMakers.count(fold_name(expr.text)) > 0;
}

Value never_null(Value value) {
    value.not_null = true;
    return value;
}

}  // namespace

std::string Translator::as_jsonb(const Value& value) {
    if (!value.json.empty()) {
        return value.json;
    }
    if (value.kind == TypeKind::Jsonb) {
        return parenthesized(value);
    }
    if (value.kind == TypeKind::Json || is_text_kind(value.kind)) {
        return parenthesized(value) + "::jsonb";
    }
    refuse("a JSON function of a value of type " + std::string(kind_name(value.kind)),
           value.offset);
}

Value Translator::json_extract(const Value& json, const Expr& path, bool as_json) {
    const std::string element = "(" + as_jsonb(json) + " #> " + path_array(path) + ")";
    Value value;
    if (as_json) {
        note("JSON text comes with PostgreSQL's spacing");
        value = make_text(element + "::text", true);
    } else {
        value = make_text("CASE WHEN jsonb_typeof" + element + " = 'boolean' THEN " + element +
                              "::boolean::integer::text ELSE " + element + " #>> '{}' END",
                          false);
        value.classes = kClassNumber | kClassText;
    }
    value.json = element;
    return value;
}

/* A value as an element of a JSON text. */
std::string Translator::json_element(const Value& value) {
    if (value.literal == LiteralKind::Null) {
        return "'null'";
    }
    if (!value.json.empty()) {
        refuse("a value of one JSON document inside another", value.offset);
    }
    if (is_number_kind(value.kind) || value.kind == TypeKind::Bool) {
        const Value text = as_text(value);
        return value.not_null ? parenthesized(text) : "coalesce(" + text.sql + ", 'null')";
    }
    const Value text = as_text(value);
    const std::string sql = "to_json(" + parenthesized(text) + "::text)::text";
    return value.not_null ? sql : "coalesce(" + sql + ", 'null')";
}

Value Translator::json_function(const std::string& name, const Expr& expr) {
    const auto& operands = expr.operands;
    if (name == "->" || name == "->>") {
        return json_extract(translate(*operands[0]), *operands[1], name == "->");
    }
    if (name == "json_extract" && operands.size() == 2) {
        return json_extract(translate(*operands[0]), *operands[1], false);
    }
    if (name == "json_valid" && operands.size() == 1) {
        const Value value = translate(*operands[0]);
        const std::string v = parenthesized(value);
        if (value.kind == TypeKind::Json || value.kind == TypeKind::Jsonb) {
            return make_truth("CASE WHEN " + v + " IS NOT NULL THEN true END");
        }
        if (is_text_kind(value.kind) && options_.server_major < 16 && json_errors_) {
            return make_truth("CASE WHEN " + v + " IS NOT NULL THEN " + v +
                              "::json IS NOT NULL END");
        }
        if (!is_text_kind(value.kind) || options_.server_major < 16) {
            refuse("json_valid(): PostgreSQL 15 cannot test a text for being JSON", expr.offset);
        }
        return make_truth(v + " IS JSON");
    }
    if ((name == "json_array_length" || name == "json_type") && !operands.empty() &&
        operands.size() <= 2) {
        std::string element = as_jsonb(translate(*operands[0]));
        if (operands.size() == 2) {
            element = "(" + element + " #> " + path_array(*operands[1]) + ")";
        }
        if (name == "json_type") {
            return make_text("CASE jsonb_typeof(" + element +
                                 ") WHEN 'string' THEN 'text' WHEN 'number' THEN CASE WHEN " +
                                 element +
                                 "::text ~ '[.eE]' THEN 'real' ELSE 'integer' END WHEN "
                                 "'boolean' THEN " +
                                 element + "::text ELSE jsonb_typeof(" + element + ") END",
                             false);
        }
        return make_integer(
            "CASE jsonb_typeof(" + element + ") WHEN 'array' THEN jsonb_array_length(" + element +
                ") WHEN NULL THEN NULL ELSE CASE WHEN " + element + " IS NOT NULL THEN 0 END END",
            false, TypeKind::Int4);
    }
    const bool aggregate = name == "json_group_array" || name == "json_group_object";
    if (aggregate && scope_ != nullptr && !expr.window) {
        ++scope_->inside_aggregate;
    }
    std::vector<std::string> elements;
    for (const ExprPtr& operand : operands) {
        if (!makes_json(*operand)) {
            for_each_expr(*operand, [&](const Expr& node) {
                if (makes_json(node)) {
                    refuse("a JSON value inside another expression inside " + name + "()",
                           node.offset);
                }
            });
        }
        const Value value = translate(*operand);
        const bool is_json = makes_json(*operand) && value.json.empty();
        elements.push_back(!is_json         ? json_element(value)
                           : value.not_null ? parenthesized(value)
                                            : "coalesce(" + value.sql + ", 'null')");
    }
    const std::string order = aggregate ? order_by_sql(expr.order_by) : "";
    if (aggregate && scope_ != nullptr && !expr.window) {
        --scope_->inside_aggregate;
    }
    const std::string order_by = order.empty() ? "" : " ORDER BY " + order;
    const std::string distinct = expr.distinct ? "DISTINCT " : "";
    std::string list;
    if (name == "json_array") {
        for (const std::string& element : elements) {
            list += (list.empty() ? "" : " || ',' || ") + element;
        }
        return never_null(
            make_text(list.empty() ? "'[]'" : "'[' || " + list + " || ']'", list.empty()));
    }
    if (name == "json_object" && elements.size() % 2 == 0) {
        for (size_t i = 0; i < elements.size(); i += 2) {
            list += (i == 0 ? "" : " || ',' || ") + elements[i] + " || ':' || " + elements[i + 1];
        }
        return never_null(
            make_text(list.empty() ? "'{}'" : "'{' || " + list + " || '}'", list.empty()));
    }
    if (name == "json_group_array" && elements.size() == 1) {
        return never_null(make_text("'[' || coalesce(string_agg(" + distinct + elements[0] +
                                        ", ','" + order_by + ")" + aggregate_tail(expr) +
                                        ", '') || ']'",
                                    false));
    }
    if (name == "json_group_object" && elements.size() == 2) {
        return never_null(make_text("'{' || coalesce(string_agg(" + elements[0] + " || ':' || " +
                                        elements[1] + ", ','" + order_by + ")" +
                                        aggregate_tail(expr) + ", '') || '}'",
                                    false));
    }
    refuse(name + "() has no exact equal in PostgreSQL", expr.offset);
}

}  // namespace sqlite_import::dialect
