/*
 * translate_date.cpp
 *    Date and time functions (www.sqlite.org/lang_datefunc.html).
 *
 * SQLite's dates are texts in UTC.  Here an instant is a PostgreSQL timestamp
 * without time zone in UTC; modifiers become arithmetic on it, and the function's
 * format is remembered, so that the value can be a timestamp beside timestamps and
 * SQLite's text everywhere else.
 */
#include "dialect/date_text.hpp"
#include "dialect/lexer.hpp"
#include "dialect/number_text.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

#include <cstdlib>

namespace sqlite_import::dialect {

namespace {

const char* const kNow = "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')";
const char* const kIsoDate =
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?Z?)?$";

std::string trimmed(const std::string& text) {
    const size_t first = text.find_first_not_of(' ');
    const size_t last = text.find_last_not_of(' ');
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

Value date_value(TypeKind kind, std::string sql, std::string format) {
    Value value = make_value(std::move(sql), true, kind, kClassText);
    value.text_format = std::move(format);
    value.form = SourceForm::AsType;
    return value;
}

/* Months and years run over the end of a month in SQLite; PostgreSQL's stop at it. */
std::string add_months(const std::string& instant, const std::string& interval) {
    const std::string month = "date_trunc('month', " + instant + ")";
    return "(" + month + " + " + interval + " + (" + instant + " - " + month + "))";
}

/* An instant and an interval as SQLite adds them. */
std::string add_interval(const std::string& instant, const std::string& unit,
                         const std::string& interval) {
    if (unit == "month" || unit == "year") {
        return add_months(instant, interval);
    }
    return "(" + instant + " + " + interval + ")";
}

/* "days" and the like in the singular; empty for anything else */
std::string unit_of(const std::string& text) {
    std::string unit = fold_name(trimmed(text));
    if (!unit.empty() && unit.back() == 's') {
        unit.pop_back();
    }
    for (const char* known : {"second", "minute", "hour", "day", "month", "year"}) {
        if (unit == known) {
            return unit;
        }
    }
    return "";
}

struct Step {
    std::string number, unit;
};

/* "+7 days", "-1.5 hours": none for anything else */
std::optional<Step> read_step(const std::string& modifier) {
    size_t at = 0;
    if (at < modifier.size() && (modifier[at] == '+' || modifier[at] == '-')) {
        ++at;
    }
    const size_t digits = at;
    while (at < modifier.size() &&
           ((modifier[at] >= '0' && modifier[at] <= '9') || modifier[at] == '.')) {
        ++at;
    }
    if (at == digits) {
        return std::nullopt;
    }
    Step step{modifier.substr(0, at), unit_of(modifier.substr(at))};
    if (step.number.front() == '+') {
        step.number.erase(0, 1);
    }
    if (step.unit.empty() || !whole_number(step.number)) {
        return std::nullopt;
    }
    return step;
}

bool is_text_constant(const Expr& expr) {
    return expr.kind == ExprKind::String || (expr.kind == ExprKind::Column && expr.double_quoted);
}

}  // namespace

/*
 * A text that is no constant, read as SQLite reads it: day 31 of a short month
 * runs into the next one, other texts give NULL.  Made of immutable functions.
 */
std::string Translator::date_from_text(const Value& value) {
    const std::string x = parenthesized(value);
    if (x.size() > 200) {
        refuse("a date function of a long expression", value.offset);
    }
    auto part = [&](const char* from, const char* size) {
        return "substr(" + x + ", " + from + ", " + size + ")";
    };
    auto time_part = [&](const char* from, const char* size) {
        return "coalesce(nullif(" + part(from, size) + ", ''), '0')";
    };
    note("a text that is no date as YYYY-MM-DD or YYYY-MM-DD HH:MM:SS gives NULL");
    return "(CASE WHEN " + x + " ~ " + quote_literal(kIsoDate) + " AND " + part("1", "4") +
           " > '0000' THEN make_timestamp(" + part("1", "4") + "::integer, " + part("6", "2") +
           "::integer, 1, 0, 0, 0) + make_interval(days => " + part("9", "2") +
           "::integer - 1, hours => " + time_part("12", "2") + "::integer, mins => " +
           time_part("15", "2") + "::integer, secs => rtrim(" + time_part("18", "20") +
           ", 'Z')::double precision) END)";
}

/* The time value that stands first; `used` says that the first modifier was part of it. */
std::string Translator::date_base(const Expr& expr, const std::string& modifier, bool& used) {
    used = false;
    if (is_text_constant(expr)) {
        const bool subsecond = same_name(expr.text, "subsec") || same_name(expr.text, "subsecond");
        if (same_name(expr.text, "now") || subsecond) {
            subsecond_ = subsecond_ || subsecond;
            immutable_ = false;
            return kNow;
        }
        const auto constant = date_constant(TypeKind::Timestamp, expr.text);
        if (!constant) {
            refuse("a date function of a text that is no date", expr.offset);
        }
        return *constant;
    }
    const bool subsecond = subsecond_;
    const Value value = translate(expr);
    local_time_ = value.local_time; /* another date function may stand inside */
    subsecond_ = subsecond;
    if (value.kind == TypeKind::Time) { /* a time alone is of 2000-01-01 */
        return "(date '2000-01-01' + " + parenthesized(value) + ")";
    }
    const bool unix_epoch = modifier == "unixepoch" || modifier == "auto";
    if (is_date_kind(value.kind) && value.kind != TypeKind::Time &&
        value.kind != TypeKind::TimeTz) {
        const bool number = value.form == SourceForm::Number;
        const bool seconds = number && value.from == values::From::UnixS;
        const bool julian = number && value.from == values::From::Julian;
        if (number && !julian && !(seconds && unix_epoch)) {
            refuse("a date function of numbers that became dates", expr.offset);
        }
        used = number && unix_epoch;
        if (value.kind == TypeKind::TimestampTz) {
            return "(" + parenthesized(value) + " AT TIME ZONE 'UTC')";
        }
        return value.kind == TypeKind::Timestamp
                   ? parenthesized(value)
                   : parenthesized(value) + "::timestamp without time zone";
    }
    if (is_number_kind(value.kind)) {
        if (unix_epoch) {
            used = true;
            return "(to_timestamp(" + as_real(value).sql + ") AT TIME ZONE 'UTC')";
        }
        /* a Julian day */
        return "(to_timestamp((" + as_real(value).sql +
               " - 2440587.5) * 86400.0) AT TIME ZONE 'UTC')";
    }
    if (is_text_kind(value.kind) && value.json.empty() && !unix_epoch) {
        return date_from_text(deterministic(value));
    }
    refuse("a date function of a value of type " + std::string(kind_name(value.kind)), expr.offset);
}

/*
 * '+' || n || ' days' with an integer n; empty for anything else.  A sign before a
 * negative number makes no number: the modifier, and with it the date, is NULL.
 */
std::string Translator::apply_counted_modifier(const std::string& instant, const Expr& modifier) {
    if (modifier.kind != ExprKind::Binary || modifier.op != Operator::Concat) {
        return "";
    }
    const std::vector<const Expr*> parts = chain_operands(modifier, Operator::Concat);
    const bool sign = parts.size() == 3 && is_text_constant(*parts[0]) &&
                      (parts[0]->text == "+" || parts[0]->text == "-");
    if ((!sign && parts.size() != 2) || !is_text_constant(*parts.back())) {
        return "";
    }
    const std::string unit = unit_of(parts.back()->text);
    const Value count = translate(*parts[sign ? 1 : 0]);
    if (unit.empty() || !is_integer_kind(count.kind)) {
        return "";
    }
    const std::string n = parenthesized(count);
    std::string interval = n + " * interval " + quote_literal("1 " + unit);
    if (sign) {
        const bool minus = parts[0]->text == "-";
        interval = "CASE WHEN " + n + " >= 0 THEN " + (minus ? "-" : "") + interval + " END";
    }
    return add_interval(instant, unit, "(" + interval + ")");
}

std::string Translator::apply_modifier(const std::string& instant, const Expr& modifier) {
    if (!is_text_constant(modifier)) {
        std::string counted = apply_counted_modifier(instant, modifier);
        if (counted.empty()) {
            refuse("a date modifier that is not a constant", modifier.offset);
        }
        return counted;
    }
    const std::string text = fold_name(trimmed(modifier.text));
    for (const char* unit : {"month", "year", "day"}) {
        if (text == std::string("start of ") + unit) {
            return "date_trunc(" + quote_literal(unit) + ", " + instant + ")";
        }
    }
    if (text == "localtime") {
        immutable_ = false;
        local_time_ = true;
        note("'localtime' follows the session's time zone");
        return "(" + instant + " AT TIME ZONE 'UTC' AT TIME ZONE current_setting('TimeZone'))";
    }
    if (text == "utc") {
        immutable_ = false;
        local_time_ = false;
        note("'utc' takes the time to be in the session's time zone");
        return "(" + instant + " AT TIME ZONE current_setting('TimeZone') AT TIME ZONE 'UTC')";
    }
    if (text.rfind("weekday ", 0) == 0 && text.size() == 9 && text[8] >= '0' && text[8] <= '6') {
        return "(" + instant + " + ((" + text.substr(8) + " - extract(dow from " + instant +
               ")::integer + 7) % 7) * interval '1 day')";
    }
    if (text == "subsec" || text == "subsecond") {
        subsecond_ = true;
        return instant;
    }
    const auto step = read_step(text);
    if (!step) {
        refuse("the date modifier " + quote_literal(modifier.text.substr(0, 40)), modifier.offset);
    }
    if ((step->unit == "month" || step->unit == "year") &&
        step->number.find('.') != std::string::npos) {
        refuse("a fraction of a month", modifier.offset);
    }
    return add_interval(instant, step->unit,
                        "interval " + quote_literal(step->number + " " + step->unit + "s"));
}

/* The instant that arguments from `first` on describe; 'now' when there are none. */
std::string Translator::date_instant(const Expr& expr, size_t first) {
    local_time_ = false;
    utc_instant_.clear();
    subsecond_ = false;
    if (expr.kind == ExprKind::CurrentTime || expr.operands.size() <= first) {
        immutable_ = false;
        return kNow;
    }
    std::string modifier;
    if (expr.operands.size() > first + 1 && is_text_constant(*expr.operands[first + 1])) {
        modifier = fold_name(trimmed(expr.operands[first + 1]->text));
    }
    bool used = false;
    std::string instant = date_base(*expr.operands[first], modifier, used);
    for (size_t i = first + 1 + (used ? 1 : 0); i < expr.operands.size(); ++i) {
        const std::string before = instant;
        const bool was_local = local_time_;
        instant = apply_modifier(instant, *expr.operands[i]);
        utc_instant_ = local_time_ && !was_local ? before : std::string();
        check_length(instant, expr.offset);
    }
    return instant;
}

Value Translator::date_function(const std::string& name, const Expr& expr) {
    if (name == "strftime") {
        return strftime(expr);
    }
    const std::string instant = date_instant(expr, 0);
    const bool subsecond = subsecond_;
    const std::string cut = subsecond ? "date_trunc('milliseconds', " : "date_trunc('second', ";
    const std::string fraction = subsecond ? ".MS" : "";
    Value value;
    if (name == "date" || name == "current_date") {
        value = date_value(TypeKind::Date, instant + "::date", "YYYY-MM-DD");
    } else if (name == "time" || name == "current_time") {
        value = date_value(TypeKind::Time, cut + instant + ")::time", "HH24:MI:SS" + fraction);
    } else if (name == "datetime" || name == "current_timestamp") {
        value = date_value(TypeKind::Timestamp, cut + instant + ")",
                           "YYYY-MM-DD HH24:MI:SS" + fraction);
        value.utc = utc_instant_.empty() ? "" : cut + utc_instant_ + ")";
    } else if (name == "unixepoch" && subsecond) {
        return make_real(
            "(floor(extract(epoch from " + instant + ") * 1000) / 1000)::double precision", true);
    } else if (name == "unixepoch") {
        return make_integer("floor(extract(epoch from " + instant + "))::bigint", true);
    } else {
        /* julianday: SQLite counts milliseconds */
        return make_real("((round(extract(epoch from " + instant +
                             ") * 1000) + 210866760000000)::double precision / 86400000)",
                         true);
    }
    value.local_time = local_time_;
    return value;
}

Value Translator::strftime(const Expr& expr) {
    if (expr.operands.empty() || !is_text_constant(*expr.operands[0])) {
        refuse("strftime() with a format that is not a constant", expr.offset);
    }
    const std::string& format = expr.operands[0]->text;
    const std::string instant = date_instant(expr, 1);
    struct Whole {
        const char* format;
        TypeKind kind;
        const char* before;
        const char* after;
        const char* text_format;
    };
    static constexpr Whole kWhole[] = {
        {"%Y-%m-%d", TypeKind::Date, "", "::date", "YYYY-MM-DD"},
        {"%H:%M:%S", TypeKind::Time, "date_trunc('second', ", ")::time", "HH24:MI:SS"},
        {"%Y-%m-%d %H:%M:%S", TypeKind::Timestamp, "date_trunc('second', ", ")",
         "YYYY-MM-DD HH24:MI:SS"},
        {"%Y-%m-%dT%H:%M:%S", TypeKind::Timestamp, "date_trunc('second', ", ")",
         "YYYY-MM-DD\"T\"HH24:MI:SS"},
        {"%Y-%m-%dT%H:%M:%SZ", TypeKind::Timestamp, "date_trunc('second', ", ")",
         "YYYY-MM-DD\"T\"HH24:MI:SS\"Z\""},
        {"%Y-%m-%d %H:%M:%f", TypeKind::Timestamp, "date_trunc('milliseconds', ", ")",
         "YYYY-MM-DD HH24:MI:SS.MS"},
        {"%Y-%m-%dT%H:%M:%fZ", TypeKind::Timestamp, "date_trunc('milliseconds', ", ")",
         "YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\""},
        {"%Y%m%d", TypeKind::Date, "", "::date", "YYYYMMDD"},
        {"%Y%m%d%H%M%S", TypeKind::Timestamp, "date_trunc('second', ", ")", "YYYYMMDDHH24MISS"},
        {"%Y-%m-%dT%H:%M:%f", TypeKind::Timestamp, "date_trunc('milliseconds', ", ")",
         "YYYY-MM-DD\"T\"HH24:MI:SS.MS"},
    };
    for (const Whole& whole : kWhole) {
        if (format == whole.format) {
            Value value =
                date_value(whole.kind, whole.before + instant + whole.after, whole.text_format);
            value.local_time = local_time_;
            if (whole.kind == TypeKind::Timestamp && !utc_instant_.empty()) {
                value.utc = whole.before + utc_instant_ + whole.after;
            }
            return value;
        }
    }
    return strftime_parts(format, instant, expr.offset);
}

namespace {

/* to_char() templates for strftime()'s letters. */
const char* template_of(char letter) {
    switch (letter) {
        case 'd':
            return "DD";
        case 'f':
            return "SS.MS";
        case 'H':
            return "HH24";
        case 'I':
            return "HH12";
        case 'j':
            return "DDD";
        case 'm':
            return "MM";
        case 'M':
            return "MI";
        case 'S':
            return "SS";
        case 'Y':
            return "YYYY";
        case 'F':
            return "YYYY-MM-DD";
        case 'T':
            return "HH24:MI:SS";
        case 'R':
            return "HH24:MI";
        default:
            return nullptr;
    }
}

std::string to_char(const std::string& instant, const std::string& pattern) {
    return "to_char(" + instant + ", " + quote_literal(pattern) + ")";
}

/* Letters that to_char() has no equal for. */
std::string special_part(char letter, const std::string& instant) {
    switch (letter) {
        case 's':
            return "floor(extract(epoch from " + instant + "))::bigint::text";
        case 'w':
            return "extract(dow from " + instant + ")::integer::text";
        case 'u':
            return "extract(isodow from " + instant + ")::integer::text";
        case 'W': /* weeks that start on Monday, the days before the first one are week 00 */
            return "to_char((extract(doy from " + instant + ")::integer + 6 - (extract(dow from " +
                   instant + ")::integer + 6) % 7) / 7, 'FM00')";
        default:
            return "";
    }
}

}  // namespace

/* A format put together of to_char() and what it lacks. */
Value Translator::strftime_parts(const std::string& format, const std::string& instant,
                                 uint32_t offset) {
    std::string sql;
    std::string pattern;
    auto flush = [&] {
        if (!pattern.empty()) {
            sql += (sql.empty() ? "" : " || ") + to_char(instant, pattern);
            pattern.clear();
        }
    };
    bool concatenated = false;
    for (size_t at = 0; at < format.size(); ++at) {
        const char c = format[at];
        const bool escape = c == '%' && at + 1 < format.size() && format[at + 1] != '%';
        if (!escape) {
            at += c == '%' ? 1 : 0;
            static const std::string kPlain = "-: /.,_";
            if (kPlain.find(c) != std::string::npos) {
                pattern += c;
            } else {
                pattern += c == '"' || c == '\\' ? std::string("\"\\") + c + "\""
                                                 : std::string("\"") + c + "\"";
            }
            continue;
        }
        const char letter = format[++at];
        if (const char* const piece = template_of(letter)) {
            pattern += piece;
            continue;
        }
        const std::string special = special_part(letter, instant);
        if (special.empty()) {
            refuse(std::string("strftime() with %") + letter, offset);
        }
        flush();
        concatenated = concatenated || !sql.empty();
        sql += (sql.empty() ? "" : " || ") + special;
    }
    concatenated = concatenated || (!sql.empty() && !pattern.empty());
    flush();
    if (sql.find("to_char") != std::string::npos) {
        immutable_ = false;
    }
    Value value = make_text(sql.empty() ? "''" : sql, !concatenated);
    static const std::string kDigits = "dHmMSYsjwuW";
    value.digits_text =
        format.size() == 2 && format[0] == '%' && kDigits.find(format[1]) != std::string::npos;
    if (format == "%s") {
        value.bare = "floor(extract(epoch from " + instant + "))::bigint";
    }
    return value;
}

}  // namespace sqlite_import::dialect
