/*
 * parse_trigger.cpp
 *    CREATE VIEW and CREATE TRIGGER with its body (www.sqlite.org/lang_createtrigger.html).
 */
#include "dialect/parser.hpp"

namespace sqlite_import::dialect {

CreateView Parser::parse_create_view() {
    CreateView view;
    parse_create_prefix(view.temporary);
    expect_word("VIEW");
    accept_words({"IF", "NOT", "EXISTS"});
    parse_qualified_name(view.schema, view.name, "the view's name");
    if (at_symbol("(")) {
        view.columns = parse_name_list("a column");
    }
    expect_word("AS");
    view.select = parse_select();
    return view;
}

CreateTrigger Parser::parse_create_trigger() {
    CreateTrigger trigger;
    parse_create_prefix(trigger.temporary);
    expect_word("TRIGGER");
    accept_words({"IF", "NOT", "EXISTS"});
    parse_qualified_name(trigger.schema, trigger.name, "the trigger's name");
    if (accept_word("AFTER")) {
        trigger.time = TriggerTime::After;
    } else if (accept_words({"INSTEAD", "OF"})) {
        trigger.time = TriggerTime::InsteadOf;
    } else {
        accept_word("BEFORE");
    }
    parse_trigger_event(trigger);
    expect_word("ON");
    std::string table_schema;
    parse_qualified_name(table_schema, trigger.table, "a table");
    trigger.for_each_row = accept_words({"FOR", "EACH", "ROW"});
    if (accept_word("WHEN")) {
        trigger.when = parse_expr();
    }
    expect_word("BEGIN");
    do {
        trigger.body.push_back(parse_trigger_statement());
        expect_symbol(";");
    } while (!at_word("END"));
    take();
    return trigger;
}

void Parser::parse_trigger_event(CreateTrigger& trigger) {
    if (accept_word("INSERT")) {
        trigger.event = TriggerEvent::Insert;
    } else if (accept_word("DELETE")) {
        trigger.event = TriggerEvent::Delete;
    } else {
        expect_word("UPDATE");
        trigger.event = TriggerEvent::Update;
        if (accept_word("OF")) {
            do {
                trigger.update_of.push_back(parse_name("a column"));
            } while (accept_symbol(","));
        }
    }
}

TriggerStatement Parser::parse_trigger_statement() {
    TriggerStatement statement;
    statement.offset = peek().offset;
    WithClause with;
    const size_t start = at_;
    if (at_word("WITH")) {
        with = parse_with();
    }
    if (accept_word("INSERT")) {
        ConflictAction conflict = ConflictAction::None;
        if (accept_word("OR")) {
            conflict = parse_conflict_action();
        }
        parse_insert(statement, conflict);
    } else if (accept_word("REPLACE")) {
        parse_insert(statement, ConflictAction::Replace);
    } else if (accept_word("UPDATE")) {
        parse_update(statement);
    } else if (accept_word("DELETE")) {
        parse_delete(statement);
    } else {
        at_ = start; /* the select reads its own WITH */
        with = WithClause();
        if (!at_select()) {
            fail_here("expected INSERT, UPDATE, DELETE or SELECT");
        }
        statement.select = parse_select();
    }
    statement.with = std::move(with);
    statement.end = last_end();
    return statement;
}

void Parser::parse_target(TriggerStatement& statement) {
    parse_qualified_name(statement.schema, statement.table, "a table");
    if (accept_word("AS")) {
        statement.alias = parse_name("an alias");
    }
    if (accept_words({"INDEXED", "BY"})) {
        parse_name("an index");
    } else {
        accept_words({"NOT", "INDEXED"});
    }
}

void Parser::parse_insert(TriggerStatement& statement, ConflictAction conflict) {
    statement.insert = std::make_unique<Insert>();
    Insert& insert = *statement.insert;
    insert.conflict = conflict;
    expect_word("INTO");
    parse_target(statement);
    if (at_symbol("(")) {
        insert.columns = parse_name_list("a column");
    }
    if (accept_words({"DEFAULT", "VALUES"})) {
        insert.default_values = true;
        return;
    }
    if (!at_select()) {
        fail_here("expected VALUES or SELECT");
    }
    insert.select = parse_select();
    while (accept_words({"ON", "CONFLICT"})) {
        insert.upserts.push_back(parse_upsert());
    }
}

Upsert Parser::parse_upsert() {
    Upsert upsert;
    if (accept_symbol("(")) {
        upsert.target = parse_order_terms();
        expect_symbol(")");
        if (accept_word("WHERE")) {
            upsert.target_where = parse_expr();
        }
    }
    expect_word("DO");
    if (accept_word("NOTHING")) {
        upsert.do_nothing = true;
        return upsert;
    }
    expect_word("UPDATE");
    expect_word("SET");
    upsert.assignments = parse_assignments();
    if (accept_word("WHERE")) {
        upsert.where = parse_expr();
    }
    return upsert;
}

std::vector<Assignment> Parser::parse_assignments() {
    std::vector<Assignment> assignments;
    do {
        Assignment assignment;
        if (at_symbol("(")) {
            assignment.columns = parse_name_list("a column");
        } else {
            assignment.columns.push_back(parse_name("a column"));
        }
        expect_symbol("=");
        assignment.value = parse_expr();
        assignments.push_back(std::move(assignment));
    } while (accept_symbol(","));
    return assignments;
}

void Parser::parse_update(TriggerStatement& statement) {
    statement.update = std::make_unique<Update>();
    Update& update = *statement.update;
    if (accept_word("OR")) {
        update.conflict = parse_conflict_action();
    }
    parse_target(statement);
    expect_word("SET");
    update.assignments = parse_assignments();
    if (accept_word("FROM")) {
        update.from = parse_from();
    }
    if (accept_word("WHERE")) {
        update.where = parse_expr();
    }
}

void Parser::parse_delete(TriggerStatement& statement) {
    statement.remove = std::make_unique<Delete>();
    expect_word("FROM");
    parse_target(statement);
    if (accept_word("WHERE")) {
        statement.remove->where = parse_expr();
    }
}

}  // namespace sqlite_import::dialect
