/*
 * translate_trigger.cpp
 *    CREATE TRIGGER as a plpgsql function and the trigger that calls it.
 *
 * Where the two differ, the function makes up for it: SQLite does not fire a
 * trigger that is already running (www.sqlite.org/pragma.html#pragma_recursive_triggers
 * is off by default), so a function whose statements could come back to it keeps a
 * transaction-local setting as a mark; RAISE(IGNORE) skips the row.  A trigger that
 * cannot be kept whole is refused as a whole.
 */
#include "dialect/lexer.hpp"
#include "dialect/quote.hpp"
#include "dialect/translator.hpp"
#include "dialect/walk.hpp"

#include <algorithm>

namespace sqlite_import::dialect {

namespace {

bool has_raise(const Expr& expr) {
    bool found = false;
    for_each_expr(expr, [&](const Expr& node) { found = found || node.kind == ExprKind::Raise; });
    return found;
}

/* A name for the mark of a running trigger: letters and digits of the name, and a hash of all. */
std::string mark_name(std::string_view schema, std::string_view target) {
    uint32_t hash = 2166136261u;
    for (char c : std::string(schema) + "." + std::string(target)) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    }
    std::string name;
    for (char c : fold_name(target.substr(0, 40))) {
        name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
    }
    static constexpr char kHex[] = "0123456789abcdef";
    name += '_';
    for (int shift = 28; shift >= 0; shift -= 4) {
        name += kHex[(hash >> shift) & 15];
    }
    return "sqlite_trigger.t_" + name;
}

std::string indented(const std::string& text) {
    return "    " + text + "\n";
}

/* Translates one trigger. */
class TriggerWriter {
  public:
    TriggerWriter(Translator& translator, const CreateTrigger& trigger, const TableInfo& table)
        : t_(translator), trigger_(trigger), table_(table) {
        auto add = [&](const char* name) {
            Source row = t_.source_of(table_, name);
            row.name = name;
            row.nullable = true; /* constraints are not checked yet */
            row.must_qualify = true;
            scope_.sources.push_back(std::move(row));
        };
        if (trigger.event != TriggerEvent::Insert) {
            add("OLD");
        }
        if (trigger.event != TriggerEvent::Delete) {
            add("NEW");
        }
    }

    std::string body(const std::string& mark);

  private:
    std::string statement(const TriggerStatement& statement);
    std::string raising_select(const Select& select);
    std::string raise(const Expr& expr);
    std::string raise_cases(const Expr& expr);
    std::string insert(const TriggerStatement& statement, const TableInfo& target);
    std::string insert_source(const TriggerStatement& statement,
                              const std::vector<const ColumnInfo*>& columns);
    std::string on_conflict(const TriggerStatement& statement, const TableInfo& target);
    std::string replace_clause(const TriggerStatement& statement, const TableInfo& target);
    std::string upsert(const TriggerStatement& statement, const TableInfo& target);
    std::string update(const TriggerStatement& statement, const TableInfo& target);
    std::string remove(const TriggerStatement& statement, const TableInfo& target);
    std::string assignments(const std::vector<Assignment>& list, const TableInfo& target);
    const TableInfo& changed_table(const TriggerStatement& statement);
    const ColumnInfo& target_column(const TableInfo& target, const std::string& name,
                                    uint32_t offset);
    Source target_source(const TriggerStatement& statement, const TableInfo& target);
    std::string target_sql(const TriggerStatement& statement, const TableInfo& target) const;
    std::string leave() const;

    Translator& t_;
    const CreateTrigger& trigger_;
    const TableInfo& table_;
    Scope scope_;
    std::string mark_;
    bool needs_mark_ = false;
};

/* What a function returns when the row goes on. */
std::string TriggerWriter::leave() const {
    if (trigger_.time == TriggerTime::After) {
        return "RETURN NULL;";
    }
    return trigger_.event == TriggerEvent::Delete ? "RETURN OLD;" : "RETURN NEW;";
}

std::string TriggerWriter::body(const std::string& mark) {
    mark_ = mark;
    t_.set_scope(&scope_);
    std::string statements;
    std::string when;
    if (trigger_.when) {
        when = indented("IF (" + t_.as_condition(t_.translate(*trigger_.when)) +
                        ") IS NOT TRUE THEN " + leave() + " END IF;");
    }
    for (const TriggerStatement& each : trigger_.body) {
        const TableInfo* target = each.select ? nullptr : t_.schema()->find(each.table);
        needs_mark_ =
            needs_mark_ ||
            (target != nullptr && (target->has_triggers || same_name(each.table, trigger_.table)));
    }
    for (const TriggerStatement& each : trigger_.body) {
        t_.set_scope(&scope_);
        statements += statement(each);
    }
    std::string enter;
    std::string exit;
    if (needs_mark_) {
        const std::string name = quote_literal(mark_);
        enter =
            indented("IF current_setting(" + name + ", true) = 'on' THEN " + leave() + " END IF;");
        statements = indented("PERFORM set_config(" + name + ", 'on', true);") + statements;
        exit = indented("PERFORM set_config(" + name + ", '', true);");
    }
    t_.set_scope(nullptr);
    return "#variable_conflict use_column\nBEGIN\n" + enter + when + statements + exit +
           indented(leave()) + "END\n";
}

const TableInfo& TriggerWriter::changed_table(const TriggerStatement& statement) {
    const TableInfo* target = t_.schema()->find(statement.table);
    if (target == nullptr) {
        Translator::refuse("there is no table " + statement.table, statement.offset);
    }
    if (!target->missing.empty()) {
        Translator::refuse(
            "it writes to " + statement.table + ", which is not in PostgreSQL: " + target->missing,
            statement.offset);
    }
    const bool own = same_name(statement.table, trigger_.table);
    if (own && trigger_.time == TriggerTime::Before) {
        Translator::refuse("a BEFORE trigger that changes its own table", statement.offset);
    }
    return *target;
}

std::string TriggerWriter::statement(const TriggerStatement& each) {
    if (each.select) {
        return raising_select(*each.select);
    }
    const TableInfo& target = changed_table(each);
    const size_t with_before = t_.with_count();
    std::string sql = t_.with_clause_sql(each.with);
    if (each.insert) {
        sql += insert(each, target);
    } else if (each.update) {
        sql += update(each, target);
    } else {
        sql += remove(each, target);
    }
    t_.end_with(with_before);
    return indented(sql + ";");
}

/* ---- SELECT: only RAISE has an effect ---- */

std::string TriggerWriter::raise(const Expr& expr) {
    switch (expr.raise_action) {
        case RaiseAction::Ignore: {
            if (trigger_.time == TriggerTime::After) {
                Translator::refuse("RAISE(IGNORE) in an AFTER trigger", expr.offset);
            }
            return std::string(needs_mark_
                                   ? "PERFORM set_config(" + quote_literal(mark_) + ", '', true); "
                                   : "") +
                   "RETURN NULL;";
        }
        case RaiseAction::Fail:
            Translator::refuse("RAISE(FAIL), which keeps what the statement did before",
                               expr.offset);
        case RaiseAction::Rollback:
            t_.note("RAISE(ROLLBACK) ends the statement; PostgreSQL's transaction is then aborted");
            break;
        case RaiseAction::Abort:
            break;
    }
    const Value message = t_.as_text(t_.translate(*expr.operands[0]));
    return "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = " +
           message.sql + ";";
}

/* CASE WHEN ... THEN RAISE(...) END as IF ... THEN RAISE ... END IF */
std::string TriggerWriter::raise_cases(const Expr& expr) {
    const size_t start = expr.has_base ? 1 : 0;
    const size_t end = expr.operands.size() - (expr.has_else ? 1 : 0);
    auto action = [&](const Expr& result) {
        if (result.kind == ExprKind::Raise) {
            return raise(result);
        }
        if (has_raise(result)) {
            Translator::refuse("RAISE() inside an expression", result.offset);
        }
        t_.translate(result); /* refuses what it cannot compute */
        return std::string("NULL;");
    };
    std::string sql;
    for (size_t i = start; i + 1 < end; i += 2) {
        const Value when = t_.translate(*expr.operands[i]);
        const std::string condition =
            expr.has_base ? t_.compare(Operator::Equal, t_.translate(*expr.operands[0]), when)
                          : t_.as_condition(when);
        sql += (sql.empty() ? "IF " : " ELSIF ") + condition + " THEN " +
               action(*expr.operands[i + 1]);
    }
    if (expr.has_else) {
        sql += " ELSE " + action(*expr.operands.back());
    }
    return sql + " END IF;";
}

std::string TriggerWriter::raising_select(const Select& select) {
    const SelectCore& core = select.cores.front();
    const bool raises = std::any_of(
        core.columns.begin(), core.columns.end(),
        [](const ResultColumn& column) { return column.expr && has_raise(*column.expr); });
    if (!raises) {
        t_.translate_select(
            select); /* refuses the application's functions, which may have effects */
        return "";
    }
    if (select.cores.size() > 1 || !core.group_by.empty() || core.having || select.limit ||
        !select.with.tables.empty()) {
        Translator::refuse("RAISE() in a SELECT with more than FROM and WHERE", select.offset);
    }
    Scope inner;
    inner.outer = &scope_;
    std::string rows;
    if (!core.from.empty()) {
        rows = " FROM " + t_.from_clause(core.from, inner);
    }
    t_.set_scope(&inner);
    const std::string where = core.where ? t_.as_condition(t_.translate(*core.where)) : "";
    std::string guard;
    if (!rows.empty()) {
        guard = "IF EXISTS (SELECT 1" + rows + (where.empty() ? "" : " WHERE " + where) + ") THEN ";
    } else if (!where.empty()) {
        guard = "IF " + where + " THEN ";
    }
    std::string sql;
    for (const ResultColumn& column : core.columns) {
        const Expr* expr = column.expr.get();
        if (expr == nullptr || !has_raise(*expr)) {
            continue;
        }
        const bool plain = expr->kind == ExprKind::Raise;
        if (!plain && (expr->kind != ExprKind::Case || !core.from.empty())) {
            Translator::refuse("RAISE() inside an expression", expr->offset);
        }
        std::string action = guard;
        action += plain ? raise(*expr) : raise_cases(*expr);
        action += guard.empty() ? "" : " END IF;";
        sql += indented(action);
    }
    t_.set_scope(&scope_);
    return sql;
}

/* ---- INSERT ---- */

const ColumnInfo& TriggerWriter::target_column(const TableInfo& target, const std::string& name,
                                               uint32_t offset) {
    if (const ColumnInfo* column = target.find_column(name)) {
        return *column;
    }
    const bool rowid =
        same_name(name, "rowid") || same_name(name, "oid") || same_name(name, "_rowid_");
    if (rowid && target.rowid_column >= 0) {
        return target.columns[static_cast<size_t>(target.rowid_column)];
    }
    Translator::refuse("the table " + target.name + " has no column " + name, offset);
}

std::string TriggerWriter::target_sql(const TriggerStatement& statement,
                                      const TableInfo& target) const {
    return quote_qualified(target.target_schema, target.target) +
           (statement.alias.empty() ? "" : " AS " + quote_identifier(statement.alias));
}

Source TriggerWriter::target_source(const TriggerStatement& statement, const TableInfo& target) {
    const std::string& name = statement.alias.empty() ? target.target : statement.alias;
    Source source = t_.source_of(target, quote_identifier(name));
    source.name = statement.alias.empty() ? target.name : statement.alias;
    return source;
}

std::string TriggerWriter::insert(const TriggerStatement& statement, const TableInfo& target) {
    const Insert& insert = *statement.insert;
    if (insert.conflict == ConflictAction::Fail) {
        Translator::refuse("INSERT OR FAIL", statement.offset);
    }
    std::vector<const ColumnInfo*> columns;
    for (const std::string& name : insert.columns) {
        columns.push_back(&target_column(target, name, statement.offset));
    }
    if (insert.columns.empty() && !insert.default_values) {
        for (const ColumnInfo& column : target.columns) {
            if (!column.generated) {
                columns.push_back(&column);
            }
        }
    }
    std::string sql = "INSERT INTO " + target_sql(statement, target);
    if (insert.default_values) {
        return sql + " DEFAULT VALUES" + on_conflict(statement, target);
    }
    std::string names;
    for (const ColumnInfo* column : columns) {
        names += (names.empty() ? "" : ", ") + quote_identifier(column->target);
    }
    return sql + " (" + names + ") " + insert_source(statement, columns) +
           on_conflict(statement, target);
}

/* VALUES or SELECT, each value as its column stores it. */
std::string TriggerWriter::insert_source(const TriggerStatement& statement,
                                         const std::vector<const ColumnInfo*>& columns) {
    const Select& select = *statement.insert->select;
    const SelectCore& core = select.cores.front();
    auto check_width = [&](size_t width) {
        if (width != columns.size()) {
            Translator::refuse("INSERT with another number of values than columns",
                               statement.offset);
        }
    };
    if (select.cores.size() == 1 && !core.values.empty()) {
        std::string sql;
        for (const auto& row : core.values) {
            check_width(row.size());
            std::string values;
            for (size_t i = 0; i < row.size(); ++i) {
                values += (i == 0 ? "" : ", ") + t_.assign(t_.translate(*row[i]), *columns[i]);
            }
            sql += (sql.empty() ? "VALUES (" : ", (") + values + ")";
        }
        return sql;
    }
    const SelectResult result = t_.translate_select(select);
    check_width(result.values.size());
    std::string converted;
    std::string names;
    for (size_t i = 0; i < columns.size(); ++i) {
        Value value = result.values[i];
        value.sql = "inserted.c" + std::to_string(i + 1);
        value.atomic = true;
        value.bare.clear();
        if (value.literal != LiteralKind::Null) {
            value.literal = LiteralKind::None;
        }
        converted += (i == 0 ? "" : ", ") + t_.assign(value, *columns[i]);
        names += (i == 0 ? "c" : ", c") + std::to_string(i + 1);
    }
    return "SELECT " + converted + " FROM (" + result.sql + ") AS inserted(" + names + ")";
}

std::string TriggerWriter::on_conflict(const TriggerStatement& statement, const TableInfo& target) {
    const Insert& insert = *statement.insert;
    if (!insert.upserts.empty()) {
        return upsert(statement, target);
    }
    if (insert.conflict == ConflictAction::Ignore) {
        t_.note("INSERT OR IGNORE skips rows that break a unique key; NOT NULL still stops them");
        return " ON CONFLICT DO NOTHING";
    }
    return insert.conflict == ConflictAction::Replace ? replace_clause(statement, target) : "";
}

/* REPLACE puts the new row, defaults included, in the place of the one that it conflicts with. */
std::string TriggerWriter::replace_clause(const TriggerStatement& statement,
                                          const TableInfo& target) {
    if (target.unique_keys.size() > 1) {
        Translator::refuse("REPLACE into a table with several unique keys", statement.offset);
    }
    if (target.unique_keys.empty()) {
        return "";
    }
    std::string keys;
    for (const std::string& name : target.unique_keys.front()) {
        const ColumnInfo& column = target_column(target, name, statement.offset);
        keys += (keys.empty() ? "" : ", ") + quote_identifier(column.target);
    }
    std::string set;
    for (const ColumnInfo& column : target.columns) {
        if (!column.generated) {
            const std::string name = quote_identifier(column.target);
            set += set.empty() ? "" : ", ";
            set += name;
            set += " = EXCLUDED.";
            set += name;
        }
    }
    return " ON CONFLICT (" + keys + ") DO UPDATE SET " + set;
}

std::string TriggerWriter::upsert(const TriggerStatement& statement, const TableInfo& target) {
    if (statement.insert->upserts.size() > 1) {
        Translator::refuse("several ON CONFLICT clauses", statement.offset);
    }
    const Upsert& upsert = statement.insert->upserts.front();
    Scope inner;
    inner.outer = &scope_;
    inner.sources.push_back(target_source(statement, target));
    Source excluded = t_.source_of(target, "EXCLUDED");
    excluded.name = "excluded";
    excluded.must_qualify = true;
    std::string keys;
    for (const OrderTerm& term : upsert.target) {
        if (term.expr->kind != ExprKind::Column) {
            Translator::refuse("ON CONFLICT on an expression", term.expr->offset);
        }
        const ColumnInfo& column = target_column(target, term.expr->text, term.expr->offset);
        keys += (keys.empty() ? "" : ", ") + quote_identifier(column.target);
    }
    std::string sql = " ON CONFLICT" + (keys.empty() ? "" : " (" + keys + ")");
    inner.sources.push_back(excluded);
    t_.set_scope(&inner);
    if (upsert.target_where) {
        sql += " WHERE " + t_.as_condition(t_.translate(*upsert.target_where));
    }
    if (upsert.do_nothing) {
        t_.set_scope(&scope_);
        return sql + " DO NOTHING";
    }
    if (keys.empty()) {
        Translator::refuse("ON CONFLICT DO UPDATE without the key", statement.offset);
    }
    sql += " DO UPDATE SET " + assignments(upsert.assignments, target);
    if (upsert.where) {
        sql += " WHERE " + t_.as_condition(t_.translate(*upsert.where));
    }
    t_.set_scope(&scope_);
    return sql;
}

/* ---- UPDATE and DELETE ---- */

std::string TriggerWriter::assignments(const std::vector<Assignment>& list,
                                       const TableInfo& target) {
    std::string sql;
    auto add = [&](const std::string& name, const Expr& value) {
        const ColumnInfo& column = target_column(target, name, value.offset);
        sql += (sql.empty() ? "" : ", ") + quote_identifier(column.target) + " = " +
               t_.assign(t_.translate(value), column);
    };
    for (const Assignment& assignment : list) {
        if (assignment.columns.size() == 1) {
            add(assignment.columns[0], *assignment.value);
            continue;
        }
        const Expr& row = *assignment.value;
        if (row.kind != ExprKind::RowValue || row.operands.size() != assignment.columns.size()) {
            Translator::refuse("(columns) = (SELECT ...)", row.offset);
        }
        for (size_t i = 0; i < row.operands.size(); ++i) {
            add(assignment.columns[i], *row.operands[i]);
        }
    }
    return sql;
}

std::string TriggerWriter::update(const TriggerStatement& statement, const TableInfo& target) {
    const Update& update = *statement.update;
    if (update.conflict == ConflictAction::Ignore || update.conflict == ConflictAction::Replace ||
        update.conflict == ConflictAction::Fail) {
        Translator::refuse("UPDATE OR IGNORE, REPLACE or FAIL", statement.offset);
    }
    Scope inner;
    inner.outer = &scope_;
    inner.sources.push_back(target_source(statement, target));
    std::string from;
    if (!update.from.empty()) {
        from = " FROM " + t_.from_clause(update.from, inner);
    }
    t_.set_scope(&inner);
    std::string sql = "UPDATE " + target_sql(statement, target) + " SET " +
                      assignments(update.assignments, target) + from;
    if (update.where) {
        sql += " WHERE " + t_.as_condition(t_.translate(*update.where));
    }
    t_.set_scope(&scope_);
    return sql;
}

std::string TriggerWriter::remove(const TriggerStatement& statement, const TableInfo& target) {
    Scope inner;
    inner.outer = &scope_;
    inner.sources.push_back(target_source(statement, target));
    t_.set_scope(&inner);
    std::string sql = "DELETE FROM " + target_sql(statement, target);
    if (statement.remove->where) {
        sql += " WHERE " + t_.as_condition(t_.translate(*statement.remove->where));
    }
    t_.set_scope(&scope_);
    return sql;
}

/* Dollar quotes whose tag the text does not hold. */
std::string dollar_quoted(const std::string& text) {
    std::string tag = "$trigger$";
    for (int n = 1; text.find(tag) != std::string::npos; ++n) {
        tag = "$trigger" + std::to_string(n) + "$";
    }
    return tag + "\n" + text + tag;
}

std::string event_words(const CreateTrigger& trigger, const TableInfo& table) {
    std::string sql = trigger.time == TriggerTime::Before  ? "BEFORE "
                      : trigger.time == TriggerTime::After ? "AFTER "
                                                           : "INSTEAD OF ";
    sql += trigger.event == TriggerEvent::Insert   ? "INSERT"
           : trigger.event == TriggerEvent::Delete ? "DELETE"
                                                   : "UPDATE";
    for (size_t i = 0; i < trigger.update_of.size(); ++i) {
        const ColumnInfo* column = table.find_column(trigger.update_of[i]);
        if (column == nullptr) {
            Translator::refuse("UPDATE OF " + trigger.update_of[i] + ", which is no column", 0);
        }
        sql += (i == 0 ? " OF " : ", ") + quote_identifier(column->target);
    }
    return sql;
}

}  // namespace

TriggerTranslation translate_trigger(const CreateTrigger& trigger, const SchemaInfo& schema,
                                     std::string_view target_schema, std::string_view target,
                                     const TranslateOptions& options) {
    Translator translator(&schema, options);
    return run_translation<TriggerTranslation>(translator, [&](TriggerTranslation& out) {
        const TableInfo* table = schema.find(trigger.table);
        if (table == nullptr || !table->missing.empty()) {
            Translator::refuse("its table " + trigger.table + " is not in PostgreSQL", 0);
        }
        if (table->is_view != (trigger.time == TriggerTime::InsteadOf)) {
            Translator::refuse("INSTEAD OF belongs to views, BEFORE and AFTER to tables", 0);
        }
        if (table->is_view && !trigger.update_of.empty()) {
            Translator::refuse("INSTEAD OF UPDATE with a list of columns", 0);
        }
        const std::string events = event_words(trigger, *table);
        TriggerWriter writer(translator, trigger, *table);
        const std::string body = writer.body(mark_name(target_schema, target));
        const std::string function = quote_qualified(target_schema, target);
        /* whoever writes to the table runs it, with whatever search path */
        out.create_function = "CREATE FUNCTION " + function +
                              "() RETURNS trigger LANGUAGE plpgsql"
                              " SET search_path = pg_catalog, pg_temp AS " +
                              dollar_quoted(body);
        out.create_trigger = "CREATE TRIGGER " + quote_identifier(target) + " " + events + " ON " +
                             quote_qualified(table->target_schema, table->target) +
                             " FOR EACH ROW EXECUTE FUNCTION " + function + "()";
        out.sql = out.create_function + ";\n" + out.create_trigger;
        if (trigger.time == TriggerTime::After) {
            translator.note("an AFTER trigger runs when the statement is done with all its rows");
        }
    });
}

}  // namespace sqlite_import::dialect
