/*
 * translate_aggregate.cpp
 *    Aggregates, window functions and orders (www.sqlite.org/lang_aggfunc.html,
 *    windowfunctions.html).
 *
 * SQLite sorts NULL before everything; PostgreSQL after.  An order says NULLS
 * FIRST or LAST wherever NULL is possible, and COLLATE "C" where text sorts by
 * its bytes.
 */
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"

namespace sqlite_import::dialect {

namespace {

/* Counts the aggregates being translated around the current expression. */
class InsideAggregate {
  public:
    explicit InsideAggregate(Scope* scope) : scope_(scope) {
        if (scope_ != nullptr) {
            ++scope_->inside_aggregate;
        }
    }
    ~InsideAggregate() {
        if (scope_ != nullptr) {
            --scope_->inside_aggregate;
        }
    }
    InsideAggregate(const InsideAggregate&) = delete;
    InsideAggregate& operator=(const InsideAggregate&) = delete;

  private:
    Scope* scope_;
};

bool has_no_order(TypeKind kind) {
    return kind == TypeKind::Json || kind == TypeKind::Xml;
}

}  // namespace

/* One key of an order, with the place of NULLs spelled out where NULL is possible. */
std::string Translator::order_key(const Value& value, const OrderTerm& term) {
    if (has_no_order(value.kind) || !value.json.empty()) {
        refuse("an order by a JSON value", term.expr->offset);
    }
    std::string key =
        is_text_kind(value.kind) ? collated(value, value.collation, true) : parenthesized(value);
    const bool descending = term.order == SortOrder::Descending;
    const bool nulls_first =
        term.nulls == NullsOrder::First || (term.nulls == NullsOrder::Unspecified && !descending);
    key += descending ? " DESC" : "";
    if (!value.not_null && nulls_first != descending) {
        key += nulls_first ? " NULLS FIRST" : " NULLS LAST";
    }
    return key;
}

std::string Translator::order_by_sql(const std::vector<OrderTerm>& terms) {
    std::string sql;
    for (const OrderTerm& term : terms) {
        const Value value = translate(*term.expr);
        if (value.literal == LiteralKind::None) {
            sql += (sql.empty() ? "" : ", ") + order_key(value, term);
        }
    }
    return sql;
}

std::string Translator::frame_bound_sql(FrameBound bound, const ExprPtr& expr) {
    switch (bound) {
        case FrameBound::UnboundedPreceding:
            return "UNBOUNDED PRECEDING";
        case FrameBound::UnboundedFollowing:
            return "UNBOUNDED FOLLOWING";
        case FrameBound::CurrentRow:
            return "CURRENT ROW";
        case FrameBound::Preceding:
        case FrameBound::Following:
            break;
    }
    return parenthesized(as_number(translate(*expr))) +
           (bound == FrameBound::Preceding ? " PRECEDING" : " FOLLOWING");
}

std::string Translator::window_sql(const WindowSpec& spec) {
    if (spec.name_only) {
        return quote_identifier(spec.base_name);
    }
    std::string sql = spec.base_name.empty() ? "" : quote_identifier(spec.base_name);
    std::string partition;
    for (const ExprPtr& expr : spec.partition_by) {
        const Value value = translate(*expr);
        partition += (partition.empty() ? "PARTITION BY " : ", ") +
                     (is_text_kind(value.kind) ? collated(value, value.collation, false)
                                               : parenthesized(value));
    }
    const std::string order = order_by_sql(spec.order_by);
    sql += (sql.empty() || partition.empty() ? "" : " ") + partition;
    if (!order.empty()) {
        sql += (sql.empty() ? "" : " ") + ("ORDER BY " + order);
    }
    if (spec.has_frame) {
        sql += sql.empty() ? "" : " ";
        sql += spec.unit == FrameUnit::Rows    ? "ROWS "
               : spec.unit == FrameUnit::Range ? "RANGE "
                                               : "GROUPS ";
        const std::string start = frame_bound_sql(spec.start, spec.start_expr);
        sql += spec.has_between
                   ? "BETWEEN " + start + " AND " + frame_bound_sql(spec.end, spec.end_expr)
                   : start;
        sql += spec.exclude == FrameExclude::NoOthers     ? " EXCLUDE NO OTHERS"
               : spec.exclude == FrameExclude::CurrentRow ? " EXCLUDE CURRENT ROW"
               : spec.exclude == FrameExclude::Group      ? " EXCLUDE GROUP"
               : spec.exclude == FrameExclude::Ties       ? " EXCLUDE TIES"
                                                          : "";
    }
    return "(" + sql + ")";
}

/* FILTER and OVER, as they stand behind a call. */
std::string Translator::aggregate_tail(const Expr& expr) {
    std::string tail;
    if (expr.filter) {
        const InsideAggregate inside(expr.window ? nullptr : scope_);
        tail += " FILTER (WHERE " + as_condition(translate(*expr.filter)) + ")";
    }
    if (expr.window) {
        tail += " OVER " + window_sql(*expr.window);
    }
    return tail;
}

Value Translator::aggregate_function(const std::string& name, const Expr& expr) {
    if (name.rfind("json", 0) == 0) {
        return json_function(name, expr);
    }
    std::vector<Value> arguments;
    std::string order;
    {
        const InsideAggregate inside(expr.window ? nullptr : scope_);
        for (const ExprPtr& operand : expr.operands) {
            arguments.push_back(translate(*operand));
        }
        order = order_by_sql(expr.order_by);
    }
    order = order.empty() ? "" : " ORDER BY " + order;
    const std::string tail = aggregate_tail(expr);
    const std::string distinct = expr.distinct ? "DISTINCT " : "";
    if (expr.star || arguments.empty()) {
        if (name != "count") {
            refuse("the number of arguments of " + name + "()", expr.offset);
        }
        Value count = make_integer("count(*)" + tail, tail.empty());
        count.not_null = true;
        return count;
    }
    Value& value = arguments[0];
    if (name == "count") {
        const bool by_collation = expr.distinct && is_text_kind(value.kind);
        const std::string counted =
            by_collation ? collated(value, value.collation, false) : value.sql;
        Value count =
            make_integer("count(" + distinct + counted + order + ")" + tail, tail.empty());
        count.not_null = true;
        return count;
    }
    if (value.kind == TypeKind::Bytea) {
        refuse(name + "() of blobs", expr.offset);
    }
    if (name == "group_concat" || name == "string_agg") {
        const std::string separator =
            arguments.size() > 1 ? as_text(arguments[1]).sql : std::string("','");
        Value text = as_text(value);
        const std::string typed =
            text.literal == LiteralKind::Text ? text.sql + "::text" : text.sql;
        return make_text("string_agg(" + distinct + typed + ", " + separator + order + ")" + tail,
                         tail.empty());
    }
    if (name == "min" || name == "max") {
        if (is_text_kind(value.kind) && !value.collation.empty() && !value.case_insensitive) {
            refuse(name + "() under the collation " + value.collation, expr.offset);
        }
        if (has_no_order(value.kind) || value.kind == TypeKind::Jsonb ||
            value.kind == TypeKind::Uuid || !value.json.empty()) {
            refuse(name + "() of a value of type " + std::string(kind_name(value.kind)),
                   expr.offset);
        }
        if (value.kind == TypeKind::Bool) {
            value = as_number(value);
        }
        const bool is_text = is_text_kind(value.kind);
        Value result = value;
        const bool by_bytes = is_text && !value.case_insensitive;
        result.sql = name + "(" + (by_bytes ? collated(value, value.collation, true) : value.sql) +
                     ")" + tail;
        result.atomic = tail.empty();
        result.literal = LiteralKind::None;
        result.bare.clear();
        result.not_null = false;
        result.has_affinity = false;
        result.digits_text = false;
        return result;
    }
    /* sum, total, avg */
    Value number = as_number(value);
    if (name == "sum" && is_integer_kind(number.kind)) {
        return make_integer("(sum(" + distinct + number.sql + ")" + tail + ")::bigint", true);
    }
    const unsigned classes = number.classes;
    number = as_real(number);
    const std::string function = name == "avg" ? "avg" : "sum";
    const std::string sql = function + "(" + distinct + number.sql + ")" + tail;
    if (name == "total") {
        Value total = make_real("coalesce(" + sql + ", 0)", true);
        total.not_null = true;
        return total;
    }
    Value result = make_real(sql, tail.empty());
    result.classes = name == "avg" ? kClassReal : classes;
    return result;
}

Value Translator::window_only_function(const std::string& name, const Expr& expr) {
    if (!expr.window) {
        refuse(name + "() without OVER", expr.offset);
    }
    std::vector<Value> arguments;
    for (const ExprPtr& operand : expr.operands) {
        arguments.push_back(translate(*operand));
    }
    const std::string tail = aggregate_tail(expr);
    auto int4 = [&](size_t i) {
        const Value number = as_integer(arguments[i]);
        return number.kind == TypeKind::Int8 ? parenthesized(number) + "::integer" : number.sql;
    };
    if (name == "row_number" || name == "rank" || name == "dense_rank") {
        Value value = make_integer(name + "()" + tail, false);
        value.not_null = true;
        return value;
    }
    if (name == "percent_rank" || name == "cume_dist") {
        return make_real(name + "()" + tail, false);
    }
    if (arguments.empty()) {
        refuse("the number of arguments of " + name + "()", expr.offset);
    }
    if (name == "ntile") {
        return make_integer("ntile(" + int4(0) + ")" + tail, false, TypeKind::Int4);
    }
    std::vector<Value> values{arguments[0]};
    if (arguments.size() > 2) {
        values.push_back(arguments[2]);
    }
    Value result = unify(values, expr.offset);
    std::vector<std::string> sql{values[0].literal == LiteralKind::Text ? values[0].sql + "::text"
                                                                        : values[0].sql};
    if (arguments.size() > 1) {
        sql.push_back(int4(1));
    }
    if (arguments.size() > 2) {
        sql.push_back(values[1].sql);
    }
    result.sql = call(name, sql) + tail;
    result.atomic = false;
    result.not_null = false;
    result.has_affinity = false;
    result.literal = LiteralKind::None;
    return result;
}

}  // namespace sqlite_import::dialect
