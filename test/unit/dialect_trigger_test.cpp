/*
 * dialect_trigger_test.cpp
 *    What triggers become, and that a trigger is refused as a whole.
 */
#include "dialect/parse.hpp"
#include "dialect/translate.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::dialect;

TableInfo make_table(const std::string& name, bool is_view = false) {
    TableInfo table;
    table.name = name;
    table.target_schema = "app";
    table.target = name;
    table.is_view = is_view;
    table.rowid_column = is_view ? -1 : 0;
    table.has_triggers = false;
    table.unique_keys = {{"id"}};
    for (const char* column : {"id", "n", "t"}) {
        ColumnInfo info;
        info.name = info.target = column;
        info.kind = column[0] == 't' ? TypeKind::Text : TypeKind::Int8;
        info.pg_type = kind_name(info.kind);
        info.affinity = affinity_of_kind(info.kind);
        table.columns.push_back(info);
    }
    return table;
}

TriggerTranslation translate(const std::string& sql) {
    SchemaInfo schema;
    schema.add(make_table("a"));
    schema.add(make_table("b"));
    schema.add(make_table("v", true));
    TableInfo gone = make_table("fts");
    gone.missing = "virtual table";
    schema.add(gone);
    return translate_trigger(parse_create_trigger(sql), schema, "app", "tr");
}

/* The lines of the function's body between BEGIN and END. */
std::string body(const std::string& sql) {
    const TriggerTranslation trigger = translate(sql);
    if (!trigger.ok) {
        return "refused: " + trigger.reason;
    }
    const std::string& text = trigger.create_function;
    const size_t begin = text.find("BEGIN\n") + 6;
    return text.substr(begin, text.rfind("END\n") - begin);
}

bool refused(const std::string& statement, const std::string& when = "AFTER INSERT") {
    return body("CREATE TRIGGER x " + when + " ON a BEGIN " + statement + "; END")
               .rfind("refused: ", 0) == 0;
}

TEST(Trigger, FunctionAndTrigger) {
    const TriggerTranslation trigger = translate(
        "CREATE TRIGGER x AFTER UPDATE OF n, t ON a BEGIN DELETE FROM b WHERE id = old.id; END");
    ASSERT_TRUE(trigger.ok) << trigger.reason;
    EXPECT_EQ(trigger.create_function,
              "CREATE FUNCTION app.tr() RETURNS trigger LANGUAGE plpgsql SET search_path = "
              "pg_catalog, pg_temp AS $trigger$\n"
              "#variable_conflict use_column\nBEGIN\n"
              "    DELETE FROM app.b WHERE b.id = OLD.id;\n"
              "    RETURN NULL;\nEND\n$trigger$");
    EXPECT_EQ(trigger.create_trigger,
              "CREATE TRIGGER tr AFTER UPDATE OF n, t ON app.a FOR EACH ROW EXECUTE FUNCTION "
              "app.tr()");
}

TEST(Trigger, StatementsStoreWhatColumnsHold) {
    EXPECT_EQ(body("CREATE TRIGGER x AFTER INSERT ON a WHEN new.n > 1 BEGIN INSERT INTO b(id, t) "
                   "VALUES (new.rowid, 5), (1, new.t || 'x'); UPDATE b SET n = n + new.n, t = "
                   "new.n WHERE id = new.id; END"),
              "    IF (NEW.n > 1) IS NOT TRUE THEN RETURN NULL; END IF;\n"
              "    INSERT INTO app.b (id, t) VALUES (NEW.id, '5'), (1, NEW.t || 'x');\n"
              "    UPDATE app.b SET n = b.n + NEW.n, t = NEW.n::text WHERE b.id = NEW.id;\n"
              "    RETURN NULL;\n");
    EXPECT_EQ(body("CREATE TRIGGER x AFTER INSERT ON a BEGIN INSERT INTO b(id, n) SELECT id, n "
                   "FROM a WHERE id = new.id; END"),
              "    INSERT INTO app.b (id, n) SELECT inserted.c1, inserted.c2 FROM (SELECT a.id, "
              "a.n FROM app.a WHERE a.id = NEW.id) AS inserted(c1, c2);\n    RETURN NULL;\n");
}

TEST(Trigger, ConflictsAndUpserts) {
    EXPECT_EQ(body("CREATE TRIGGER x AFTER INSERT ON a BEGIN INSERT OR REPLACE INTO b(id) VALUES "
                   "(new.id); END"),
              "    INSERT INTO app.b (id) VALUES (NEW.id) ON CONFLICT (id) DO UPDATE SET id = "
              "EXCLUDED.id, n = EXCLUDED.n, t = EXCLUDED.t;\n    RETURN NULL;\n");
    EXPECT_EQ(body("CREATE TRIGGER x AFTER INSERT ON a BEGIN INSERT INTO b(id, n) VALUES (new.id, "
                   "1) ON CONFLICT(id) DO UPDATE SET n = n + excluded.n; END"),
              "    INSERT INTO app.b (id, n) VALUES (NEW.id, 1) ON CONFLICT (id) DO UPDATE SET n = "
              "b.n + EXCLUDED.n;\n    RETURN NULL;\n");
}

TEST(Trigger, RaiseBecomesAnError) {
    EXPECT_EQ(body("CREATE TRIGGER x BEFORE INSERT ON a BEGIN SELECT CASE WHEN (SELECT id FROM b "
                   "WHERE id = new.n) IS NULL THEN RAISE(ABORT, 'it''s gone') END; END"),
              "    IF (SELECT b.id FROM app.b WHERE b.id = NEW.n LIMIT 1) IS NULL THEN RAISE "
              "EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'it''s gone'; "
              "END IF;\n    RETURN NEW;\n");
    EXPECT_EQ(body("CREATE TRIGGER x BEFORE DELETE ON a BEGIN SELECT RAISE(IGNORE) WHERE old.n = "
                   "1; END"),
              "    IF OLD.n = 1 THEN RETURN NULL; END IF;\n    RETURN OLD;\n");
    EXPECT_TRUE(refused("SELECT RAISE(IGNORE)"));
    EXPECT_TRUE(refused("SELECT RAISE(FAIL, 'x')"));
}

TEST(Trigger, ARunningTriggerIsNotFiredAgain) {
    const std::string text =
        body("CREATE TRIGGER x AFTER UPDATE ON a BEGIN UPDATE a SET n = 1 WHERE id = new.id; END");
    EXPECT_NE(text.find("IF current_setting('sqlite_trigger.t_tr_"), std::string::npos);
    EXPECT_NE(text.find(", 'on', true);"), std::string::npos);
}

TEST(Trigger, RefusedAsAWhole) {
    EXPECT_TRUE(refused("DELETE FROM b; INSERT INTO fts VALUES (1, 2, 3)"));
    EXPECT_TRUE(refused("DELETE FROM nowhere"));
    EXPECT_TRUE(refused("SELECT my_function(new.id)"));
    EXPECT_TRUE(refused("UPDATE a SET n = 1", "BEFORE UPDATE"));
    EXPECT_TRUE(refused("UPDATE OR IGNORE b SET n = 1"));
    EXPECT_TRUE(refused("DELETE FROM b WHERE id = n2"));
    EXPECT_TRUE(refused("DELETE FROM b", "INSTEAD OF INSERT"));
    EXPECT_FALSE(translate("CREATE TRIGGER x INSTEAD OF INSERT ON v BEGIN INSERT INTO b(id) VALUES "
                           "(new.id); END")
                     .create_function.empty());
}

}  // namespace
