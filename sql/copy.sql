-- copy_table: rows of one SQLite table into a table that exists, whatever that table asks for.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
CREATE SCHEMA copying;
SET search_path = copying;
SELECT fixtures.sqlite_file('copy', $$
CREATE TABLE people(ID INTEGER PRIMARY KEY, FullName TEXT, age INT, boss INT);
INSERT INTO people VALUES (1, 'Ada', 36, 3), (2, 'Grace', NULL, 3), (3, 'Edsger', 72, NULL);
CREATE TABLE spread(id INTEGER PRIMARY KEY, n INT);
INSERT INTO spread VALUES (-9223372036854775808, 1), (-5, 2), (0, 3), (4611686018427387904, 4), (9223372036854775807, 5);
CREATE TABLE keyed(code TEXT PRIMARY KEY, n INT) WITHOUT ROWID;
INSERT INTO keyed VALUES ('b', 2), ('a', 1), ('c', 99999);
CREATE TABLE empty(id INTEGER PRIMARY KEY);
CREATE TABLE many(id INTEGER PRIMARY KEY, n INT);
WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 5000) INSERT INTO many SELECT i, i % 7 FROM r;
$$) AS source \gset

-- Columns are paired by name: as written, without regard to case, then without underscores.
CREATE TABLE people (full_name text, id bigint, age integer, boss bigint, added boolean DEFAULT true);
SELECT object_name, target, action, rows, rejected FROM sqlite_import.copy_table(:'source', 'People', 'people');
SELECT * FROM people ORDER BY id;

-- A source column that holds data and finds no partner is an error; leaving it out has to be said.
CREATE TABLE narrow (id bigint, age integer);
SELECT sqlite_import.copy_table(:'source', 'people', 'narrow');
SELECT rows FROM sqlite_import.copy_table(:'source', 'people', 'narrow', exclude => '{FullName,boss}');

-- All rowids there are, and tables without one.
CREATE TABLE spread (id bigint, n integer);
SELECT rows FROM sqlite_import.copy_table(:'source', 'spread', 'spread');
SELECT * FROM spread ORDER BY id;
CREATE TABLE keyed (code text, n smallint);
SELECT sqlite_import.copy_table(:'source', 'keyed', 'keyed');
ALTER TABLE keyed ALTER n TYPE integer;
SELECT rows FROM sqlite_import.copy_table(:'source', 'keyed', 'keyed');
CREATE TABLE empty (id bigint);
SELECT rows FROM sqlite_import.copy_table(:'source', 'empty', 'empty');

-- Generated, defaulted and identity columns; what the source says of an identity column counts.
CREATE TABLE made (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fullname text,
    age integer CHECK (age < 100),
    boss bigint,
    shout text GENERATED ALWAYS AS (upper(fullname)) STORED,
    uid integer DEFAULT 7);
SELECT rows FROM sqlite_import.copy_table(:'source', 'people', 'made');
SELECT * FROM made ORDER BY id;

-- Dropped columns leave no trace.
CREATE TABLE dropped (gone integer, fullname text, id bigint, gone2 text, age integer, boss bigint);
ALTER TABLE dropped DROP gone, DROP gone2;
SELECT rows FROM sqlite_import.copy_table(:'source', 'people', 'dropped');
SELECT * FROM dropped ORDER BY id;

-- A table that refers to itself: rows may come before the rows they need.
CREATE TABLE staff (id bigint PRIMARY KEY, fullname text, age integer, boss bigint REFERENCES staff);
SELECT rows FROM sqlite_import.copy_table(:'source', 'people', 'staff');
SELECT id, boss FROM staff ORDER BY id;

-- Triggers see each row.
CREATE TABLE watched (id bigint, fullname text, age integer, boss bigint);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.age IS NULL THEN NEW.age := -1; END IF;
    IF NEW.id = 3 THEN RETURN NULL; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER watch BEFORE INSERT ON watched FOR EACH ROW EXECUTE FUNCTION watch();
SELECT rows FROM sqlite_import.copy_table(:'source', 'people', 'watched');
SELECT * FROM watched ORDER BY id;

-- Partitions, views with triggers of their own, updatable views.
CREATE TABLE parted (id bigint, n integer) PARTITION BY LIST (n);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES IN (0, 1, 2);
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
SELECT rows FROM sqlite_import.copy_table(:'source', 'many', 'parted');
SELECT tableoid::regclass, count(*) FROM parted GROUP BY 1 ORDER BY 1;
CREATE VIEW through AS SELECT id, n FROM spread;
TRUNCATE spread;
SELECT rows FROM sqlite_import.copy_table(:'source', 'spread', 'through');
SELECT count(*) FROM spread;

-- Upsert: rows that are there are brought up to date.
INSERT INTO staff(id, fullname) VALUES (9, 'Nobody');
UPDATE staff SET fullname = 'changed', age = 0;
SELECT rows FROM sqlite_import.copy_table(:'source', 'people', 'staff', upsert => true);
SELECT * FROM staff ORDER BY id;

-- A duplicate key names the row that brought it, and what it violates, not what is in it.
SELECT sqlite_import.copy_table(:'source', 'people', 'made');
SELECT sqlite_import.copy_table(:'source', 'people', 'staff');

-- NOT NULL and CHECK hold, with the row's place; under 'reject' the rest goes in.
CREATE TABLE strict (id bigint, fullname text, age integer NOT NULL CHECK (age < 70), boss bigint);
SELECT sqlite_import.copy_table(:'source', 'people', 'strict');
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'people', 'strict', on_error => 'reject');
SELECT id, age FROM strict;
SELECT target, table_name, source_rowid, column_name, sqlstate, message, detail FROM sqlite_import.rejected_rows ORDER BY source_rowid;

-- Among many rows the bad ones are found, and counted against max_rejects.
DELETE FROM sqlite_import.rejected_rows;
CREATE TABLE picky (id bigint PRIMARY KEY, n integer, CHECK (id % 1000 <> 13));
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'many', 'picky', on_error => 'reject');
SELECT count(*), min(id), max(id) FROM picky;
SELECT source_rowid, sqlstate FROM sqlite_import.rejected_rows ORDER BY 1;
TRUNCATE picky;
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'many', 'picky', on_error => 'reject', max_rejects => 2);
-- 0 lets the first rejected row end the run; NULL is no limit, and less than none is a mistake.
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'many', 'picky', on_error => 'reject', max_rejects => 0);
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'many', 'picky', on_error => 'reject', max_rejects => NULL);
TRUNCATE picky;
SELECT target, rows, rejected FROM sqlite_import.copy_tables(:'source', 'copying', tables => '{people}', on_error => 'reject', max_rejects => -1);

-- Row security holds for whoever copies; so do privileges on columns.
CREATE ROLE copy_clerk;
GRANT pg_read_server_files TO copy_clerk;
GRANT USAGE ON SCHEMA copying TO copy_clerk;
CREATE TABLE secured (id bigint, n integer);
ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON secured WITH CHECK (n < 4);
GRANT SELECT, INSERT ON secured TO copy_clerk;
CREATE TABLE columns_only (id bigint, n integer, secret text);
GRANT INSERT (id, n) ON columns_only TO copy_clerk;
CREATE TABLE forbidden (id bigint, n integer);
SET ROLE copy_clerk;
SELECT sqlite_import.copy_table(:'source', 'spread', 'secured');
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'spread', 'secured', on_error => 'reject');
SELECT rows FROM sqlite_import.copy_table(:'source', 'spread', 'columns_only');
SELECT sqlite_import.copy_table(:'source', 'spread', 'forbidden');
-- each role sees its own rejected rows
SELECT count(*), role_name FROM sqlite_import.rejected_rows GROUP BY role_name;
RESET ROLE;
SELECT count(*) > 2 AS all_of_them FROM sqlite_import.rejected_rows;
DELETE FROM sqlite_import.rejected_rows;

-- The same with no thread beside the backend.
SET sqlite_import.reader_threads = 0;
TRUNCATE parted;
SELECT rows FROM sqlite_import.copy_table(:'source', 'many', 'parted');
TRUNCATE spread;
SELECT rows FROM sqlite_import.copy_table(:'source', 'spread', 'spread', batch_size => 2);
SELECT count(*) FROM spread;
RESET sqlite_import.reader_threads;

-- The function that the INSERT of a copy reads from is of no use to others.
SELECT * FROM sqlite_import.copy_batch() AS b(a integer);

DROP OWNED BY copy_clerk;
DROP ROLE copy_clerk;
