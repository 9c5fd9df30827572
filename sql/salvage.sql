-- A damaged file: the error tells the table and how far it came; on_corruption => 'salvage' loads
-- what can be read, from both ends, and reports the rest.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('damaged', $$
PRAGMA page_size = 1024;
CREATE TABLE good(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO good VALUES (1, 'one'), (2, 'two');
CREATE TABLE bad(id INTEGER PRIMARY KEY, v TEXT NOT NULL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO bad SELECT i, printf('value number %d', i) FROM n;
$$) AS file \gset
-- one page in the middle is overwritten
COPY (SELECT) TO PROGRAM 'cat >/dev/null; head -c 1024 /dev/zero | tr "\\000" "\\377" | dd of=fixtures_damaged.db bs=1024 seek=30 conv=notrunc status=none';
CREATE SCHEMA damaged;
SELECT * FROM sqlite_import.migrate(:'file', 'damaged');
SELECT count(*) AS left_behind FROM pg_class WHERE relnamespace = 'damaged'::regnamespace;
SELECT object_type, object_name, action, rows, note FROM sqlite_import.migrate(:'file', 'damaged', on_corruption => 'salvage') WHERE object_type = 'table';
SELECT count(*), min(id), max(id), bool_and(v = 'value number ' || id) AS right FROM damaged.bad;
SELECT count(*) > 1900 AS most FROM damaged.bad;
SELECT * FROM damaged.good;
-- copy_table and verify take the option too …
CREATE TABLE damaged.again (id bigint, v text);
SELECT action, rows, note FROM sqlite_import.copy_table(:'file', 'bad', 'damaged.again');
SELECT action, rows FROM sqlite_import.copy_table(:'file', 'bad', 'damaged.again', on_corruption => 'salvage');
SELECT table_name, status FROM sqlite_import.verify(:'file', 'damaged');
SELECT table_name, status FROM sqlite_import.verify(:'file', 'damaged', on_corruption => 'salvage');
-- … and so the statements of a plan do what migrate does.
SELECT count(*) AS rows_of_migrate FROM damaged.bad \gset
CREATE SCHEMA planned;
CREATE FUNCTION run_plan(file text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	statement text;
BEGIN
	FOR statement IN SELECT p.statement FROM sqlite_import.plan(file, 'planned', on_corruption => 'salvage', index_memory => '8MB') p LOOP
		EXECUTE statement;
	END LOOP;
END $$;
SELECT run_plan(:'file');
SELECT count(*) = :rows_of_migrate AS same FROM planned.bad;
-- quick_check: the whole file is looked at before anything is begun.
CREATE SCHEMA checked;
\set VERBOSITY terse
SELECT count(*) FROM sqlite_import.migrate(:'file', 'checked', quick_check => true);
\set VERBOSITY default
-- newer SQLite says "Tree 3 page 31"
SELECT action, regexp_replace(note, 'Tree \d+ page', 'Page') AS note
FROM sqlite_import.migrate(:'file', 'planned', on_existing => 'truncate', on_corruption => 'salvage', quick_check => true) WHERE object_type = 'database' AND action = 'damaged';
SELECT fixtures.sqlite_file('sound', 'CREATE TABLE sound(id INTEGER PRIMARY KEY)') AS sound \gset
SELECT action, note FROM sqlite_import.migrate(:'sound', 'planned', quick_check => true, dry_run => true) WHERE action = 'checked';
-- A foreign key to rows that were lost is left out, and told; a dry run knows no number of rows where none can be counted.
SELECT fixtures.sqlite_file('orphaned', $$
PRAGMA page_size = 1024;
CREATE TABLE parents(id INTEGER PRIMARY KEY, v TEXT);
CREATE TABLE children(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents(id));
INSERT INTO parents VALUES (1, 'one'), (2, 'two');
INSERT INTO children VALUES (1, 1), (2, 2), (3, NULL);
$$) AS orphaned \gset
COPY (SELECT) TO PROGRAM 'cat >/dev/null; head -c 1024 /dev/zero | tr "\000" "\377" | dd of=fixtures_orphaned.db bs=1024 seek=1 conv=notrunc status=none';
CREATE SCHEMA orphaned;
SELECT object_name, action, rows FROM sqlite_import.migrate(:'orphaned', 'orphaned', on_corruption => 'salvage', dry_run => true) WHERE action = 'would load';
SELECT object_type, object_name, action, rows FROM sqlite_import.migrate(:'orphaned', 'orphaned', on_corruption => 'salvage') WHERE object_type IN ('table', 'foreign key');
SELECT * FROM orphaned.children ORDER BY id;
DROP SCHEMA damaged, planned, checked, orphaned CASCADE;
