-- FTS and R*Tree tables: other tables refer to their rows by rowid, which becomes a key column.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('full_text', $$
CREATE VIRTUAL TABLE housing_search USING fts5(title, body UNINDEXED, tokenize = 'porter ascii', prefix='2 3');
INSERT INTO housing_search(rowid, title, body) VALUES (7, 'attic', 'under the roof'), (100000000000, 'cellar', NULL);
CREATE TABLE picture(id INTEGER PRIMARY KEY, house INTEGER REFERENCES housing_search);
INSERT INTO picture VALUES (1, 7), (2, 100000000000);
CREATE VIEW titles AS SELECT p.id, s.title FROM picture p JOIN housing_search s ON s.rowid = p.house;
CREATE VIRTUAL TABLE old_mail USING fts4("rowid", text, tokenize=porter);
INSERT INTO old_mail(docid, "rowid", text) VALUES (3, 'not the key', 'hello');
CREATE VIRTUAL TABLE three USING fts3(a);
INSERT INTO three(docid, a) VALUES (-2, 'x');
CREATE VIRTUAL TABLE "index only" USING fts5(a, content='');
INSERT INTO "index only"(rowid, a) VALUES (1, 'gone');
CREATE VIRTUAL TABLE index_only_4 USING fts4(a, content="");
CREATE TABLE documents(doc INTEGER PRIMARY KEY, a TEXT);
INSERT INTO documents VALUES (5, 'five');
CREATE VIRTUAL TABLE of_documents USING fts5(a, content='documents', content_rowid='doc');
CREATE VIRTUAL TABLE areas USING rtree(area, minx, maxx, +label);
INSERT INTO areas VALUES (4, 0.5, 2.5, 'park'), (9, 1, 2, NULL);
CREATE VIRTUAL TABLE cells USING rtree_i32(id, low, high);
INSERT INTO cells VALUES (1, 10, 20);
$$) AS file \gset
CREATE SCHEMA ft;
SELECT object_type, object_name, target, action, rows, note FROM sqlite_import.migrate(:'file', 'ft', text_search => 'simple')
WHERE object_type NOT IN ('statistics', 'database') AND note IS DISTINCT FROM 'shadow table of a virtual table: holds no data of its own';
SELECT * FROM ft.housing_search;
\d ft.housing_search
SELECT * FROM ft.titles ORDER BY id;
SELECT * FROM ft.old_mail;
SELECT * FROM ft.three;
SELECT * FROM ft.of_documents;
SELECT * FROM ft.areas;
\d ft.areas
SELECT * FROM ft.cells;
INSERT INTO ft.housing_search(title) VALUES ('new') RETURNING *;
SELECT table_name, status FROM sqlite_import.verify(:'file', 'ft') ORDER BY 1;
ALTER TABLE ft.picture DROP CONSTRAINT picture_house_fkey;
DELETE FROM ft.housing_search WHERE rowid > 100000000000;
UPDATE ft.housing_search SET rowid = 8 WHERE rowid = 7;
SELECT table_name, missing, extra, different, status FROM sqlite_import.verify(:'file', 'ft', tables => '{housing_search}');
-- rows without the key, where somebody's table has none, only if that is said
TRUNCATE ft.three;
ALTER TABLE ft.three DROP docid;
SELECT action, rows FROM sqlite_import.copy_tables(:'file', 'ft', '{three}') WHERE action = 'loaded';
SELECT action, rows FROM sqlite_import.copy_tables(:'file', 'ft', '{three}', exclude => '{three.docid}') WHERE action = 'loaded';
SELECT column_name, target_type, integers, texts FROM sqlite_import.profile(:'file', '{old_mail,areas}');
SELECT severity, object_name, finding FROM sqlite_import.assess(:'file') WHERE object_type = 'table';
DROP SCHEMA ft CASCADE;

-- A rejected row is known by its rowid.
CREATE SCHEMA ft;
CREATE TABLE ft.housing_search(rowid int, title text, body text);
SELECT action, rows, rejected FROM sqlite_import.copy_tables(:'file', 'ft', '{housing_search}', on_error => 'reject') WHERE action = 'loaded';
SELECT source_rowid, column_name, sqlstate FROM sqlite_import.rejected_rows WHERE table_name = 'housing_search';
DELETE FROM sqlite_import.rejected_rows WHERE table_name = 'housing_search';
DROP SCHEMA ft CASCADE;

-- A tokenizer that is the application's: SQLite cannot open the table, but its content table has the texts.
SELECT fixtures.sqlite_file('tokenizer', $$
CREATE VIRTUAL TABLE "Notes" USING fts5(title, [the text] UNINDEXED, tokenize = 'porter ascii');
INSERT INTO "Notes"(rowid, title, "the text") VALUES (7, 'a', 'b'), (9, NULL, 'c');
CREATE VIRTUAL TABLE mails USING fts4(subject, tokenize=porter);
INSERT INTO mails(docid, subject) VALUES (3, 'hello');
CREATE TABLE documents(doc INTEGER PRIMARY KEY, a TEXT);
INSERT INTO documents VALUES (5, 'five');
CREATE VIRTUAL TABLE of_documents USING fts5(a, content='documents', content_rowid='doc', tokenize = 'porter ascii');
CREATE VIEW firsts AS SELECT rowid, title FROM "Notes";
.dbconfig defensive off
PRAGMA writable_schema = on;
UPDATE sqlite_schema SET sql = replace(sql, 'porter', 'mozporter') WHERE sql LIKE '%porter%';
$$) AS file \gset
CREATE SCHEMA ft;
SELECT object_type, object_name, target, action, rows, note FROM sqlite_import.migrate(:'file', 'ft', casts => '{"notes.title": "varchar(10)"}')
WHERE object_type NOT IN ('statistics', 'database') AND note IS DISTINCT FROM 'shadow table of a virtual table: holds no data of its own';
SELECT * FROM ft.notes ORDER BY rowid;
SELECT * FROM ft.mails;
SELECT table_name, target, status FROM sqlite_import.verify(:'file', 'ft') ORDER BY 1;
TRUNCATE ft.notes;
SELECT object_name, rows FROM sqlite_import.copy_table(:'file', 'notes', 'ft.notes');
SELECT object_name, action, rows FROM sqlite_import.migrate(:'file', 'ft', tables => '{notes}', on_existing => 'replace') WHERE action = 'loaded';
SELECT * FROM sqlite_import.migrate(:'file', 'ft', exclude => '{notes,documents,mails}', on_existing => 'replace', dry_run => true) WHERE action = 'would load';
DROP SCHEMA ft CASCADE;
