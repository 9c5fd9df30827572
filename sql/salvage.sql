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
DROP SCHEMA damaged CASCADE;
