/*
 * translate_function_text.cpp
 *    Functions of texts and blobs (www.sqlite.org/lang_corefunc.html).
 */
#include "dialect/translate_function.hpp"

namespace sqlite_import::dialect {

namespace {

Value fold_case(Translator& t, const Value& value, const char* function) {
    refuse_blob(value, function);
    /* under "C" only ASCII letters change, as in SQLite */
    return strict_text(std::string(function) + "(" + parenthesized(t.as_text(value)) +
                       " COLLATE \"C\")");
}

Value lower(Translator& t, Arguments& a, uint32_t) {
    return fold_case(t, a[0], "lower");
}

Value upper(Translator& t, Arguments& a, uint32_t) {
    return fold_case(t, a[0], "upper");
}

Value length(Translator& t, Arguments& a, uint32_t) {
    if (is_bytea(a[0])) {
        return make_integer("length(" + a[0].sql + ")", true, TypeKind::Int4);
    }
    return make_integer("length(" + t.as_text(a[0]).sql + ")", true, TypeKind::Int4);
}

Value octet_length(Translator& t, Arguments& a, uint32_t) {
    const std::string sql = is_bytea(a[0]) ? a[0].sql : t.as_text(a[0]).sql;
    return make_integer("octet_length(" + sql + ")", true, TypeKind::Int4);
}

/*
 * substr(x, y, z): PostgreSQL's counts from 1 and clips as SQLite's does; a
 * negative y counts from the end, a negative z takes what stands before.
 */
Value substr(Translator& t, Arguments& a, uint32_t) {
    if (any_null(a)) {
        return null_value();
    }
    const bool blob = is_bytea(a[0]);
    const std::string text = blob ? a[0].sql : t.as_text(a[0]).sql;
    std::string start = int4(t, a[1]);
    const Value number = t.as_integer(a[1]);
    if (!constant_at_least(a[1], 0)) {
        const std::string y = parenthesized(number);
        if (number.literal == LiteralKind::Integer) {
            start = "length(" + text + ") + " + y + " + 1";
        } else {
            start = "(CASE WHEN " + y + " < 0 THEN length(" + text + ") + " + y + " + 1 ELSE " + y +
                    " END)::integer";
        }
    }
    const auto finish = [&](const std::vector<std::string>& arguments) {
        Value value = blob
                          ? make_value(call("substr", arguments), true, TypeKind::Bytea, kClassBlob)
                          : strict_text(call("substr", arguments));
        return value;
    };
    if (a.size() == 2) {
        return finish({text, start});
    }
    if (constant_at_least(a[2], 0)) {
        return finish({text, start, int4(t, a[2])});
    }
    const std::string z = parenthesized(t.as_integer(a[2]));
    return finish(
        {text, "(" + start + " + least(" + z + ", 0))::integer", "abs(" + z + ")::integer"});
}

Value instr(Translator& t, Arguments& a, uint32_t) {
    if (is_bytea(a[0]) != is_bytea(a[1])) {
        throw Refusal("instr of a text and a blob", a[0].offset);
    }
    if (is_bytea(a[0])) {
        return make_integer("position(" + parenthesized(a[1]) + " in " + parenthesized(a[0]) + ")",
                            true, TypeKind::Int4);
    }
    return make_integer(call("strpos", {plain_text(t, a[0]), plain_text(t, a[1])}), true,
                        TypeKind::Int4);
}

Value trim_with(Translator& t, Arguments& a, const char* function) {
    std::vector<std::string> arguments;
    for (const Value& value : a) {
        refuse_blob(value, function);
        arguments.push_back(t.as_text(value).sql);
    }
    return strict_text(call(function, arguments));
}

Value trim(Translator& t, Arguments& a, uint32_t) {
    return trim_with(t, a, "btrim");
}

Value ltrim(Translator& t, Arguments& a, uint32_t) {
    return trim_with(t, a, "ltrim");
}

Value rtrim(Translator& t, Arguments& a, uint32_t) {
    return trim_with(t, a, "rtrim");
}

Value replace(Translator& t, Arguments& a, uint32_t) {
    for (const Value& value : a) {
        refuse_blob(value, "replace");
    }
    const std::string text = plain_text(t, a[0]);
    const std::string pattern = plain_text(t, a[1]);
    const std::string replaced = call("replace", {text, pattern, plain_text(t, a[2])});
    const bool never_empty = a[1].literal == LiteralKind::Text && !a[1].literal_text.empty();
    if (never_empty || a[2].not_null) {
        return strict_text(replaced);
    }
    /* nothing is replaced by NULL where there is nothing to look for */
    return make_text("CASE WHEN " + pattern + " = '' THEN " + text + " ELSE " + replaced + " END",
                     false);
}

Value hex(Translator& t, Arguments& a, uint32_t) {
    if (a[0].literal == LiteralKind::Null) {
        return strict_text("''");
    }
    const std::string bytes =
        is_bytea(a[0]) ? a[0].sql : "convert_to(" + t.as_text(a[0]).sql + ", 'UTF8')";
    /* hex(NULL) is '' in SQLite */
    const std::string encoded = "upper(encode(" + bytes + ", 'hex'))";
    return a[0].not_null ? strict_text(encoded) : strict_text("coalesce(" + encoded + ", '')");
}

Value quote(Translator& t, Arguments& a, uint32_t) {
    const Value& value = a[0];
    if (value.literal == LiteralKind::Null) {
        return strict_text("'NULL'");
    }
    std::string sql;
    if (is_bytea(value)) {
        sql = "'X''' || upper(encode(" + value.sql + ", 'hex')) || ''''";
    } else if (value.classes == kClassInteger) {
        sql = parenthesized(t.as_text(value));
    } else if (value.classes == kClassText && is_text_kind(value.kind)) {
        sql = "'''' || replace(" + plain_text(t, value) + ", '''', '''''') || ''''";
    } else {
        throw Refusal("quote() of a value that may be a real", value.offset);
    }
    return make_text("coalesce(" + sql + ", 'NULL')", true);
}

Value unicode(Translator& t, Arguments& a, uint32_t) {
    refuse_blob(a[0], "unicode()");
    return make_integer("nullif(ascii(" + t.as_text(a[0]).sql + "), 0)", true, TypeKind::Int4);
}

Value character(Translator& t, Arguments& a, uint32_t offset) {
    std::string sql;
    for (const Value& value : a) {
        if (value.literal != LiteralKind::Integer || !constant_at_least(value, 1) ||
            constant_at_least(value, 0x110000)) {
            throw Refusal("char() of something else than constant code points", offset);
        }
        sql += (sql.empty() ? "" : " || ") + ("chr(" + int4(t, value) + ")");
    }
    return a.empty() ? strict_text("''") : make_text(sql, a.size() == 1);
}

Value concat(Translator& t, Arguments& a, uint32_t) {
    std::vector<std::string> arguments;
    for (const Value& value : a) {
        refuse_blob(value, "concat()");
        arguments.push_back(t.as_text(value).sql);
    }
    return strict_text(call("concat", arguments));
}

Value concat_ws(Translator& t, Arguments& a, uint32_t) {
    std::vector<std::string> arguments;
    for (const Value& value : a) {
        refuse_blob(value, "concat_ws()");
        arguments.push_back(t.as_text(value).sql);
    }
    return strict_text(call("concat_ws", arguments));
}

constexpr ScalarFunction kTextFunctions[] = {
    {"char", 0, kManyArguments, character},
    {"concat", 1, kManyArguments, concat},
    {"concat_ws", 2, kManyArguments, concat_ws},
    {"hex", 1, 1, hex},
    {"instr", 2, 2, instr},
    {"length", 1, 1, length},
    {"lower", 1, 1, lower},
    {"ltrim", 1, 2, ltrim},
    {"octet_length", 1, 1, octet_length},
    {"quote", 1, 1, quote},
    {"replace", 3, 3, replace},
    {"rtrim", 1, 2, rtrim},
    {"substr", 2, 3, substr},
    {"substring", 2, 3, substr},
    {"trim", 1, 2, trim},
    {"unicode", 1, 1, unicode},
    {"upper", 1, 1, upper},
};

}  // namespace

ScalarFunctions text_functions() {
    return {std::begin(kTextFunctions), std::end(kTextFunctions)};
}

}  // namespace sqlite_import::dialect
