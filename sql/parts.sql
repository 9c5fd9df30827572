-- The parts of migrate, each by itself: the schema first, then the rows, then keys' sequences,
-- then the proof.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('parts', $$
CREATE TABLE child(id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER NOT NULL REFERENCES parent(id), note TEXT);
CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE INDEX child_parent ON child(parent);
CREATE VIEW both AS SELECT p.name, c.note FROM child c JOIN parent p ON p.id = c.parent;
INSERT INTO parent VALUES (1, 'one'), (2, 'two');
INSERT INTO child(parent, note) VALUES (1, 'a'), (2, 'b'), (1, NULL);
$$) AS file \gset
CREATE SCHEMA parts;

SELECT object_type, object_name, target, action FROM sqlite_import.import_schema(:'file', 'parts') WHERE object_type <> 'database';
SELECT count(*) FROM parts.both;

-- Parents before children, since the keys are there already.
SELECT object_type, object_name, action, rows FROM sqlite_import.copy_tables(:'file', 'parts') WHERE object_type <> 'database';
SELECT * FROM sqlite_import.reset_sequences('parts');
SELECT table_name, source_rows, target_rows, missing, extra, different, status FROM sqlite_import.verify(:'file', 'parts') ORDER BY table_name;
SELECT * FROM parts.both ORDER BY 1, 2;
INSERT INTO parts.child(parent) VALUES (2) RETURNING id;

-- Again: the tables hold rows now.
SELECT * FROM sqlite_import.copy_tables(:'file', 'parts');
SELECT object_type, object_name, action, rows FROM sqlite_import.copy_tables(:'file', 'parts', on_existing => 'truncate') WHERE object_type <> 'database';
SELECT object_type, object_name, action, rows FROM sqlite_import.copy_tables(:'file', 'parts', tables => '{child}', on_existing => 'upsert') WHERE object_type <> 'database';

-- One table, under another name and with fewer columns.
CREATE TABLE parts.notes(remark text, who bigint);
SELECT object_type, object_name, target, action, rows, rejected FROM sqlite_import.copy_table(:'file', 'child', 'parts.notes',
    source_columns => '{note,parent}', target_columns => '{remark,who}');
SELECT * FROM parts.notes ORDER BY who, remark;
DROP SCHEMA parts CASCADE;
