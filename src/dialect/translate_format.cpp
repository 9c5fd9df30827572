/*
 * translate_format.cpp
 *    printf() and format() with a constant format (www.sqlite.org/printf.html).
 *
 * Each conversion becomes an expression of its own; PostgreSQL's format() knows
 * only %s.  NULL is 0 for a number and nothing for a text, as in SQLite.
 */
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

#include <algorithm>
#include <cstdlib>

namespace sqlite_import::dialect {

namespace {

/* %[flags][width][.precision]type */
struct Conversion {
    bool zeros = false, left = false;
    int width = 0;
    int precision = -1;
    char type = 0;
};

/* Reads the conversion behind '%' from `at` on; type 0 if it is none that we know. */
Conversion read_conversion(const std::string& format, size_t& at) {
    Conversion conversion;
    auto number = [&] {
        int value = 0;
        for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) {
            value = std::min(value * 10 + (format[at] - '0'), 1000);
        }
        return value;
    };
    for (; at < format.size() && (format[at] == '0' || format[at] == '-'); ++at) {
        conversion.zeros = conversion.zeros || format[at] == '0';
        conversion.left = conversion.left || format[at] == '-';
    }
    conversion.width = number();
    if (at < format.size() && format[at] == '.') {
        ++at;
        conversion.precision = number();
    }
    while (at < format.size() && format[at] == 'l') {
        ++at; /* a length means nothing here */
    }
    if (at < format.size() && std::string("diufsxX").find(format[at]) != std::string::npos) {
        conversion.type = format[at++];
    }
    return conversion;
}

/* Text filled up to a width, never cut. */
std::string padded(const std::string& text, const Conversion& conversion, const char* fill) {
    if (conversion.width == 0) {
        return text;
    }
    const std::string width =
        "greatest(length(" + text + "), " + std::to_string(conversion.width) + ")";
    return call(conversion.left ? "rpad" : "lpad", {text, width, quote_literal(fill)});
}

/* A number's text; zeros go between its sign and its digits. */
std::string padded_number(const std::string& number, const std::string& text,
                          const std::string& absolute, const Conversion& conversion) {
    if (!conversion.zeros || conversion.left || conversion.width == 0) {
        return padded(text, conversion, " ");
    }
    Conversion shorter = conversion;
    shorter.width = conversion.width - 1;
    return "CASE WHEN " + number + " < 0 THEN '-' || " + padded(absolute, shorter, "0") + " ELSE " +
           padded(text, conversion, "0") + " END";
}

}  // namespace

/* One conversion of one argument. */
std::string Translator::format_argument(char type, bool zeros, bool left, int width, int precision,
                                        const Value& argument) {
    Conversion conversion;
    conversion.zeros = zeros;
    conversion.left = left;
    conversion.width = width;
    conversion.precision = precision;
    if (type == 's') {
        const Value value = as_text(argument);
        if (precision >= 0) {
            refuse("printf() with %.Ns, which counts bytes", argument.offset);
        }
        std::string text =
            value.not_null ? parenthesized(value) : "coalesce(" + value.sql + ", '')";
        if (width == 0) {
            return text;
        }
        /* a width counts bytes */
        const std::string space =
            "repeat(' ', greatest(" + std::to_string(width) + " - octet_length(" + text + "), 0))";
        return left ? text + " || " + space : space + " || " + text;
    }
    if (type == 'f') {
        const std::string digits = std::to_string(precision < 0 ? 6 : std::min(precision, 30));
        const Value real = as_number(argument);
        const std::string number =
            "round(coalesce(" + parenthesized(real) + "::numeric, 0), " + digits + ")";
        return "(" +
               padded_number(number, number + "::text", "abs(" + number + ")::text", conversion) +
               ")";
    }
    const std::string number = "coalesce(" + as_integer(argument).sql + ", 0)";
    if (type == 'x' || type == 'X') {
        const std::string hex = "to_hex(" + number + ")";
        return padded(type == 'X' ? "upper(" + hex + ")" : hex, conversion, zeros ? "0" : " ");
    }
    if (precision >= 0) {
        refuse("printf() of an integer with a precision", argument.offset);
    }
    return "(" + padded_number(number, number + "::text", "abs(" + number + ")::text", conversion) +
           ")";
}

Value Translator::printf_function(const Expr& expr) {
    if (expr.operands.empty() || expr.operands[0]->kind != ExprKind::String) {
        refuse("printf() with a format that is not a constant", expr.offset);
    }
    const std::string& format = expr.operands[0]->text;
    if (format.empty()) {
        Value null = make_text("NULL::text", true);
        null.literal = LiteralKind::Null;
        return null;
    }
    std::string sql;
    std::string plain;
    auto add = [&](const std::string& piece) { sql += (sql.empty() ? "" : " || ") + piece; };
    auto flush = [&] {
        if (!plain.empty()) {
            add(text_literal(plain, expr.offset).sql);
            plain.clear();
        }
    };
    size_t next = 1;
    for (size_t at = 0; at < format.size();) {
        if (format[at] != '%') {
            plain += format[at++];
            continue;
        }
        ++at;
        if (at < format.size() && format[at] == '%') {
            plain += format[at++];
            continue;
        }
        const Conversion conversion = read_conversion(format, at);
        if (conversion.type == 0) {
            refuse("a conversion of printf() other than %d, %f, %s and %x", expr.offset);
        }
        Value argument = make_text("NULL", true);
        argument.literal = LiteralKind::Null;
        if (next < expr.operands.size()) {
            argument = translate(*expr.operands[next++]);
        }
        if (argument.kind == TypeKind::Bytea) {
            refuse("printf() of a blob", expr.offset);
        }
        flush();
        add(format_argument(conversion.type, conversion.zeros, conversion.left, conversion.width,
                            conversion.precision, argument));
    }
    flush();
    Value value = make_text(sql.empty() ? "''" : sql, false);
    value.not_null = true;
    return value;
}

}  // namespace sqlite_import::dialect
