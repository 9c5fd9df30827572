/*
 * translate_operator.cpp
 *    Operators that compute: arithmetic, bits, LIKE and GLOB.
 *
 * Arithmetic is done in bigint when both sides are integers and in double
 * precision otherwise, as SQLite does; dividing by zero is NULL.  Where the
 * result depends on whether a value is an integer or a real, and that is not
 * known, the expression is refused.
 */
#include "dialect/number_text.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

bool is_zero(const Value& value) {
    return value.literal_text.find_first_of("123456789") == std::string::npos;
}

bool is_number_literal(const Value& value) {
    return value.literal == LiteralKind::Integer || value.literal == LiteralKind::Real;
}

/* A divisor that gives NULL for zero. */
std::string divisor(const Value& value) {
    if (is_number_literal(value) && !is_zero(value)) {
        return parenthesized(value);
    }
    return "nullif(" + value.sql + ", 0)";
}

/* bigint, so that the result cannot overflow 32 bits where SQLite has 64 */
std::string wide(const Value& value) {
    return value.kind == TypeKind::Int8 ? parenthesized(value) : parenthesized(value) + "::bigint";
}

/* The operands of an integer operation, at least one of them bigint. */
std::pair<std::string, std::string> integer_operands(const Value& left, const Value& right) {
    const bool widen = left.kind != TypeKind::Int8 && right.kind != TypeKind::Int8;
    return {widen ? wide(left) : parenthesized(left), parenthesized(right)};
}

unsigned arithmetic_classes(const Value& left, const Value& right) {
    if (left.classes == kClassReal || right.classes == kClassReal) {
        return kClassReal;
    }
    return left.classes | right.classes;
}

Value null_value() {
    Value null = make_text("NULL", true);
    null.literal = LiteralKind::Null;
    return null;
}

const char* arithmetic_symbol(Operator op) {
    return op == Operator::Plus ? " + " : op == Operator::Minus ? " - " : " * ";
}

/* SQLite's NUMERIC columns keep an integer wherever the value is one. */
bool tells_integers_by_value(const Value& value) {
    return is_integer_kind(value.kind) ||
           (value.is_column && value.kind == TypeKind::Numeric && value.affinity != Affinity::Real);
}

}  // namespace

Value Translator::unary(const Expr& expr) {
    const Expr& operand = *expr.operands[0];
    if (expr.op == Operator::Negate && operand.kind == ExprKind::Integer) {
        return integer_literal(operand, true);
    }
    Value value = translate(operand);
    if (value.literal == LiteralKind::Null) {
        return value;
    }
    if (expr.op == Operator::Not) {
        return make_truth("NOT (" + as_condition(value) + ")");
    }
    if (expr.op == Operator::Positive) {
        value.has_affinity = false; /* www.sqlite.org/datatype3.html, 3.2: no longer a column */
        return value;
    }
    if (expr.op == Operator::BitNot) {
        value = as_integer(std::move(value));
        return make_integer("~ " + wide(value), false);
    }
    value = as_number(std::move(value));
    if (value.literal == LiteralKind::Real) {
        const std::string& digits = value.literal_text;
        return real_literal(digits.front() == '-' ? digits.substr(1) : "-" + digits, expr.offset);
    }
    const std::string sql = "- " + parenthesized(value);
    if (is_integer_kind(value.kind)) {
        return make_integer("- " + wide(value), false);
    }
    Value result = make_value(sql, false, value.kind, value.classes);
    result.not_null = value.not_null;
    return result;
}

Value Translator::binary(const Expr& expr) {
    switch (expr.op) {
        case Operator::And:
        case Operator::Or:
            return logical(expr);
        case Operator::Concat:
            return concat(expr);
        case Operator::Plus:
        case Operator::Minus:
        case Operator::Multiply:
        case Operator::Divide:
        case Operator::Modulo:
            return arithmetic(expr);
        case Operator::BitAnd:
        case Operator::BitOr:
        case Operator::ShiftLeft:
        case Operator::ShiftRight:
            return bits(expr);
        case Operator::JsonArrow:
        case Operator::JsonArrowText:
            return json_function(expr.op == Operator::JsonArrow ? "->" : "->>", expr);
        case Operator::Equal:
        case Operator::NotEqual:
        case Operator::Is:
        case Operator::IsNot:
        case Operator::Less:
        case Operator::LessEqual:
        case Operator::Greater:
        case Operator::GreaterEqual:
            return comparison(expr);
        /* no binary operators to the parser */
        case Operator::None:
        case Operator::Not:
        case Operator::Negate:
        case Operator::Positive:
        case Operator::BitNot:
        case Operator::Like:
        case Operator::Glob:
        case Operator::Regexp:
        case Operator::Match:
            break;
    }
    refuse("an operator that is not known here", expr.offset);
}

Value Translator::arithmetic(const Expr& expr) {
    Value left = translate(*expr.operands[0]);
    Value right = translate(*expr.operands[1]);
    if (left.kind == TypeKind::Bytea || right.kind == TypeKind::Bytea) {
        refuse("arithmetic with a blob", expr.offset);
    }
    if (left.literal == LiteralKind::Null || right.literal == LiteralKind::Null) {
        return null_value();
    }
    left = as_number(std::move(left));
    right = as_number(std::move(right));
    if (expr.op == Operator::Divide) {
        return divide(std::move(left), std::move(right), expr.offset);
    }
    if (expr.op == Operator::Modulo) {
        return modulo(std::move(left), std::move(right));
    }
    const char* const symbol = arithmetic_symbol(expr.op);
    const bool not_null = left.not_null && right.not_null;
    Value result;
    if (is_integer_kind(left.kind) && is_integer_kind(right.kind)) {
        const auto operands = integer_operands(left, right);
        result = make_integer(operands.first + symbol + operands.second, false);
    } else {
        const unsigned classes = arithmetic_classes(left, right);
        left = as_real(std::move(left));
        right = as_real(std::move(right));
        result = make_real(parenthesized(left) + symbol + parenthesized(right), false);
        result.classes = classes;
    }
    result.not_null = not_null;
    return result;
}

Value Translator::divide(Value left, Value right, uint32_t offset) {
    if (is_integer_kind(left.kind) && is_integer_kind(right.kind)) {
        const auto operands = integer_operands(left, right);
        return make_integer(operands.first + " / " + divisor(right), false);
    }
    if (left.classes == kClassReal || right.classes == kClassReal) {
        left = as_real(std::move(left));
        right = as_real(std::move(right));
        return make_real(parenthesized(left) + " / " + divisor(right), false);
    }
    if (!tells_integers_by_value(left) || !tells_integers_by_value(right)) {
        refuse("whether / divides integers here depends on each row's values", offset);
    }
    const std::string l = parenthesized(left) + "::numeric";
    const std::string r = "nullif(" + parenthesized(right) + "::numeric, 0)";
    const std::string whole = l + " = trunc(" + l + ") AND " + parenthesized(right) +
                              "::numeric = trunc(" + parenthesized(right) + "::numeric)";
    Value result =
        make_real("CASE WHEN " + whole + " THEN div(" + l + ", " + r + ")::double precision ELSE " +
                      parenthesized(left) + "::double precision / " + r + "::double precision END",
                  false);
    result.classes = kClassNumber;
    return result;
}

Value Translator::modulo(Value left, Value right) {
    const unsigned classes = arithmetic_classes(left, right);
    const Value l = as_integer(std::move(left));
    const Value r = as_integer(std::move(right));
    const auto operands = integer_operands(l, r);
    const std::string sql = operands.first + " % " + divisor(r);
    if (classes == kClassInteger) {
        return make_integer(sql, false);
    }
    Value result = make_real("(" + sql + ")::double precision", true);
    result.classes = classes;
    return result;
}

Value Translator::bits(const Expr& expr) {
    Value left = translate(*expr.operands[0]);
    Value right = translate(*expr.operands[1]);
    if (left.kind == TypeKind::Bytea || right.kind == TypeKind::Bytea) {
        refuse("a blob as a number", expr.offset);
    }
    if (left.literal == LiteralKind::Null || right.literal == LiteralKind::Null) {
        return null_value();
    }
    left = as_integer(std::move(left));
    right = as_integer(std::move(right));
    if (expr.op == Operator::BitAnd || expr.op == Operator::BitOr) {
        const char* const symbol = expr.op == Operator::BitAnd ? " & " : " | ";
        return make_integer(wide(left) + symbol + wide(right), false);
    }
    const bool constant = right.literal == LiteralKind::Integer && right.literal_text.size() <= 2 &&
                          right.literal_text.front() != '-' && right.literal_text < "64";
    if (!constant && !(right.literal == LiteralKind::Integer && right.literal_text.size() == 1)) {
        refuse("a shift by something else than 0 to 63", expr.offset);
    }
    const char* const symbol = expr.op == Operator::ShiftLeft ? " << " : " >> ";
    return make_integer(wide(left) + symbol + right.sql, false);
}

/* ---- LIKE and GLOB ---- */

Value Translator::like(const Expr& expr) {
    if (expr.op == Operator::Regexp || expr.op == Operator::Match) {
        refuse(expr.op == Operator::Regexp
                   ? "REGEXP, which only the application's own function gives a meaning"
                   : "MATCH, which only a virtual table or the application gives a meaning",
               expr.offset);
    }
    Value subject = translate(*expr.operands[0]);
    const Value pattern = translate(*expr.operands[1]);
    std::optional<Value> escape;
    if (expr.operands.size() > 2) {
        escape = translate(*expr.operands[2]);
    }
    Value result = like_values(expr.op, std::move(subject), pattern, escape ? &*escape : nullptr);
    return expr.negated ? make_truth("NOT (" + result.sql + ")") : result;
}

/*
 * LIKE ignores the case of ASCII letters only, which is what ILIKE does under
 * the "C" collation; it has no escape character unless one is named.
 */
Value Translator::like_values(Operator op, Value subject, const Value& pattern,
                              const Value* escape) {
    if (subject.literal == LiteralKind::Null || pattern.literal == LiteralKind::Null) {
        return make_truth("NULL::boolean", true);
    }
    for (const Value* value : {static_cast<const Value*>(&subject), &pattern}) {
        if (value->kind == TypeKind::Bytea) {
            refuse("LIKE or GLOB on a blob", value->offset);
        }
    }
    subject = as_text(std::move(subject));
    if (op == Operator::Glob) {
        return glob(subject, pattern);
    }
    const Value text = as_text(pattern);
    const bool constant = text.literal == LiteralKind::Text;
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool letters =
        !constant || std::any_of(text.literal_text.begin(), text.literal_text.end(), is_letter);
    std::string escape_sql;
    if (escape != nullptr) {
        if (escape->literal != LiteralKind::Text || escape->literal_text.size() != 1 ||
            is_letter(escape->literal_text[0])) {
            refuse("LIKE with an escape that is not one constant ASCII character", escape->offset);
        }
        escape_sql = " ESCAPE " + escape->sql;
    } else if (!constant || text.literal_text.find('\\') != std::string::npos) {
        escape_sql = " ESCAPE ''";
    }
    const bool bytes = letters || subject.case_insensitive;
    return make_truth(
        (bytes ? "(" + parenthesized(subject) + " COLLATE \"C\")" : parenthesized(subject)) +
        (letters ? " ILIKE " : " LIKE ") + parenthesized(text) + escape_sql);
}

namespace {

/* A GLOB pattern as a LIKE pattern when it has no character classes, else as a regular expression.
 */
struct GlobPattern {
    std::string like, regex;
    bool has_class = false, valid = true;
};

void add_regex_character(std::string& regex, char c) {
    static const std::string kSpecial = "\\^$.|?*+()[]{}-";
    if (kSpecial.find(c) != std::string::npos) {
        regex += '\\';
    }
    regex += c;
}

/* [abc], [^a-z], []x]: returns the position behind it, or npos if it is not closed. */
size_t add_glob_class(const std::string& pattern, size_t at, std::string& regex) {
    ++at;
    regex += '[';
    if (at < pattern.size() && pattern[at] == '^') {
        regex += '^';
        ++at;
    }
    bool first = true;
    for (; at < pattern.size(); ++at, first = false) {
        const char c = pattern[at];
        if (c == ']' && !first) {
            regex += ']';
            return at + 1;
        }
        if (c == '-' && !first && at + 1 < pattern.size() && pattern[at + 1] != ']') {
            regex += '-';
        } else {
            add_regex_character(regex, c);
        }
    }
    return std::string::npos;
}

GlobPattern read_glob(const std::string& pattern) {
    GlobPattern out;
    for (size_t at = 0; at < pattern.size();) {
        const char c = pattern[at];
        if (c == '[') {
            out.has_class = true;
            at = add_glob_class(pattern, at, out.regex);
            if (at == std::string::npos) {
                out.valid = false;
                return out;
            }
            continue;
        }
        ++at;
        if (c == '*') {
            out.like += '%';
            out.regex += ".*";
        } else if (c == '?') {
            out.like += '_';
            out.regex += '.';
        } else {
            if (c == '%' || c == '_' || c == '\\') {
                out.like += '\\';
            }
            out.like += c;
            add_regex_character(out.regex, c);
        }
    }
    return out;
}

}  // namespace

Value Translator::glob(const Value& subject, const Value& pattern) {
    if (pattern.literal != LiteralKind::Text && options_.helpers) {
        return make_truth(call(helper_name("glob"), {as_text(pattern).sql, subject.sql}), true);
    }
    if (pattern.literal != LiteralKind::Text) {
        refuse("GLOB with a pattern that is not a constant", pattern.offset);
    }
    const GlobPattern glob = read_glob(pattern.literal_text);
    if (!glob.valid) {
        refuse("GLOB with a [ that is not closed", pattern.offset);
    }
    const bool bytes = subject.case_insensitive || glob.has_class;
    const std::string left =
        bytes ? "(" + parenthesized(subject) + " COLLATE \"C\")" : parenthesized(subject);
    if (!glob.has_class) {
        return make_truth(left + " LIKE " + quote_literal(glob.like));
    }
    return make_truth(left + " ~ " + quote_literal("^(?:" + glob.regex + ")$"));
}

}  // namespace sqlite_import::dialect
