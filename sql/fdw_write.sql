-- Writing through foreign tables: rows, transactions, errors.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('write', $$
CREATE TABLE people(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, age INT DEFAULT 18 CHECK (age >= 0), shout TEXT AS (upper(name)));
CREATE TABLE pets(owner INTEGER REFERENCES people(id), name TEXT);
CREATE TABLE plain(a INT, b TEXT);
CREATE TABLE pairs(a INT, b TEXT, v REAL, PRIMARY KEY(a, b)) WITHOUT ROWID;
CREATE TABLE forms(id INTEGER PRIMARY KEY, b BOOLEAN, n NUMERIC, m TEXT, r REAL, bl BLOB, d DATE, ts TIMESTAMP, tz DATETIME, u TEXT, ub BLOB, j JSON, e INT, iv TEXT);
INSERT INTO people(name) VALUES('Ada'), ('Bob');
INSERT INTO plain VALUES(1, 'one'), (2, 'two'), (3, 'three');
$$) AS made \gset
-- files in the server's data directory are never written, so the file moves
SELECT '/tmp/sqlite_import_write_' || fixtures.cluster() || '.db' AS file \gset
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %s /tmp/sqlite_import_write_%s.db', fixtures.path('write'), fixtures.cluster())); END $$;
CREATE SCHEMA fdw_write;
SET search_path = fdw_write;
CREATE SERVER wr FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
IMPORT FOREIGN SCHEMA main FROM SERVER wr INTO fdw_write;

-- Nothing is written unless it was said that it may be.
INSERT INTO plain VALUES (4, 'four');
TRUNCATE plain;
ALTER SERVER wr OPTIONS (ADD updatable 'true');

-- INSERT: SQLite's defaults for what is not named, its own numbers, what it generates.
INSERT INTO people (name) VALUES ('Cid') RETURNING *;
INSERT INTO people (name, age) VALUES ('Dan', 40), ('Eve', NULL);
INSERT INTO people (name, shout) VALUES ('Fay', 'FAY');
SELECT * FROM people ORDER BY id;
EXPLAIN (VERBOSE, COSTS OFF) INSERT INTO people (name) SELECT b FROM plain;
INSERT INTO plain DEFAULT VALUES;
DELETE FROM plain WHERE a IS NULL;

-- Errors are SQLite's, with the SQLSTATE that fits.
INSERT INTO people (name) VALUES ('Ada');
INSERT INTO people (name, age) VALUES ('Gus', -1);
INSERT INTO people (name) VALUES (NULL);
INSERT INTO pets VALUES (99, 'Rex');
DO $$ BEGIN INSERT INTO people (name) VALUES ('Ada'); EXCEPTION WHEN unique_violation THEN RAISE NOTICE 'unique_violation'; END $$;
INSERT INTO people (name) VALUES ('Ada'), ('Hal') ON CONFLICT DO NOTHING RETURNING id, name;
-- with a target, or DO UPDATE, PostgreSQL wants a unique index of its own
INSERT INTO people (name) VALUES ('Ada') ON CONFLICT (name) DO NOTHING;
INSERT INTO people (name) VALUES ('Ada') ON CONFLICT (name) DO UPDATE SET age = 1;
SELECT name FROM people ORDER BY id;

-- UPDATE and DELETE, by rowid column, by rowid alone, by key.
UPDATE people SET age = age + 1, name = upper(name) WHERE age = 18 RETURNING name, age, shout;
UPDATE plain SET a = a + 10 WHERE a > 0;
SELECT * FROM plain ORDER BY a;
DELETE FROM plain p USING people q WHERE p.a = q.id + 10 AND q.name = 'ADA' RETURNING p.*;
EXPLAIN (VERBOSE, COSTS OFF) UPDATE plain SET b = 'x' WHERE a = 12;
INSERT INTO pairs VALUES (1, 'x', 1), (1, 'y', 2), (2, 'x', 3);
UPDATE pairs SET v = v * 10 WHERE a = 1 RETURNING *;
DELETE FROM pairs WHERE b = 'y' RETURNING v;
SELECT * FROM pairs ORDER BY a, b;

-- One statement of SQLite's where its word is final; row by row where PostgreSQL has to compute, or to look again.
EXPLAIN (VERBOSE, COSTS OFF) UPDATE plain SET b = upper('same'), a = 5 WHERE a > 12 AND b IS NOT NULL;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM plain;
EXPLAIN (VERBOSE, COSTS OFF) UPDATE plain SET b = b || 'x' WHERE a > 12;
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM plain WHERE upper(b) = 'TWO';
EXPLAIN (VERBOSE, COSTS OFF) DELETE FROM people WHERE name = 'Ada';
-- from 18 on rows have decimals, and buffers are counted unless told otherwise
CREATE FUNCTION plan_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, VERBOSE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ' || statement LOOP
		RETURN NEXT replace(line, '.00 loops', ' loops');
	END LOOP;
END $$;
SELECT plan_of($$UPDATE plain SET b = upper('same') WHERE a = 13$$);
-- Rows that are returned come out of the same statement.
BEGIN;
SELECT plan_of($$UPDATE plain SET b = 'back' WHERE a = 13 RETURNING a + 1, b, tableoid::regclass$$);
UPDATE plain SET b = 'again' WHERE a >= 12 RETURNING a + 1, b, tableoid::regclass;
DELETE FROM plain WHERE a = 13 RETURNING plain;
WITH gone AS (DELETE FROM plain WHERE a >= 12 RETURNING b) SELECT count(*), min(b) FROM gone;
WITH changed AS (UPDATE people SET age = 1 WHERE id > 0 RETURNING 1) SELECT count(*) > 0 FROM changed;
UPDATE plain SET b = 'none' WHERE a = -1 RETURNING *;
ROLLBACK;
UPDATE plain SET b = 'same' WHERE a = 13 RETURNING 1 / (a - 13);
SELECT * FROM plain ORDER BY a;
WITH gone AS (DELETE FROM plain WHERE a = 13) SELECT count(*) FROM plain;
SELECT count(*) FROM plain;
PREPARE change(text, bigint) AS UPDATE plain SET b = $1 WHERE a = $2;
EXECUTE change('prepared', 12);
SET plan_cache_mode = force_generic_plan;
EXECUTE change('generic', 12);
EXECUTE change(NULL, NULL);
RESET plan_cache_mode;
UPDATE plain SET b = (SELECT 'from ' || count(*) FROM pairs) WHERE a = 12;
UPDATE plain SET (a, b) = (SELECT 12, 'two') WHERE a = 12;
UPDATE pets SET owner = 99;
SELECT * FROM plain ORDER BY a;
-- what is odd in the condition's column is an error, not a row that is left out
CREATE FOREIGN TABLE by_number (a text, b bigint) SERVER wr OPTIONS ("table" 'plain');
DELETE FROM by_number WHERE b = 1;

-- Every type there and back.
SET timezone = 'Europe/Zagreb';
ALTER FOREIGN TABLE forms ALTER tz TYPE timestamptz, ALTER m TYPE numeric, ALTER u TYPE uuid, ALTER ub TYPE uuid, ALTER iv TYPE interval,
	ALTER e TYPE timestamp, ALTER e OPTIONS (ADD column_type 'unix_ms'), ALTER ub OPTIONS (ADD column_type 'blob');
INSERT INTO forms VALUES (1, true, 12.5, 12345678901234567890.123, 0.1, '\x00ff', '2024-02-29', '2024-02-29 12:34:56.789', '2024-07-01 12:00+02',
	'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": [1, 2]}', '2024-01-01 00:00:00.5', '1 day 02:00');
SELECT * FROM forms;
CREATE FOREIGN TABLE stored (b text, n text, m text, ts text, tz text, u text, e bigint, iv text) SERVER wr OPTIONS ("table" 'forms');
SELECT * FROM stored;
INSERT INTO forms (n) VALUES (12345678901234567890.123);
DELETE FROM forms;

-- A transaction is one: ROLLBACK, savepoints, errors in the middle, TRUNCATE.
BEGIN;
INSERT INTO plain VALUES (100, 'kept');
SAVEPOINT a;
INSERT INTO plain VALUES (101, 'not kept');
SAVEPOINT b;
DELETE FROM plain;
ROLLBACK TO a;
INSERT INTO plain VALUES (102, 'kept');
SAVEPOINT c;
INSERT INTO people (name) VALUES (NULL);
ROLLBACK TO c;
RELEASE a;
SELECT * FROM plain ORDER BY a;
COMMIT;
SELECT * FROM plain ORDER BY a;
BEGIN;
TRUNCATE plain;
SELECT count(*) FROM plain;
ROLLBACK;
SELECT count(*) FROM plain;
TRUNCATE people;
BEGIN;
TRUNCATE people RESTART IDENTITY CASCADE;
INSERT INTO people (name) VALUES ('new') RETURNING id;
ROLLBACK;
BEGIN;
INSERT INTO plain VALUES (200, 'x');
PREPARE TRANSACTION 'two phases';
SELECT count(*) FROM plain WHERE a = 200;

-- What a statement reads is what was there before it: no row is met twice.
TRUNCATE plain;
INSERT INTO plain SELECT g, g::text FROM generate_series(1, 1000) g;
INSERT INTO plain SELECT a + 1000, b FROM plain;
UPDATE plain SET a = a + 1;
SELECT count(*), min(a), max(a), sum(a) FROM plain;

-- COPY, batches, routing from a partitioned table, triggers.
COPY plain (a, b) FROM stdin;
5000	copied
5001	\N
\.
SELECT * FROM plain WHERE a >= 5000 ORDER BY a;
ALTER FOREIGN TABLE plain OPTIONS (ADD batch_size '7');
EXPLAIN (VERBOSE, COSTS OFF) INSERT INTO plain SELECT g FROM generate_series(1, 100) g;
CREATE TABLE parted (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE FOREIGN TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20000) SERVER wr OPTIONS ("table" 'plain');
INSERT INTO parted VALUES (5, 'here'), (10000, 'there');
SELECT tableoid::regclass, * FROM parted WHERE a IN (5, 10000) ORDER BY a;
CREATE FUNCTION louder() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := upper(NEW.b); RETURN NEW; END $$;
CREATE TRIGGER louder BEFORE INSERT OR UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION louder();
INSERT INTO plain VALUES (6000, 'quiet') RETURNING b;
UPDATE plain SET a = 6001 WHERE a = 6000 RETURNING *;

-- force_readonly wins over every table's option.
ALTER SERVER wr OPTIONS (ADD force_readonly 'true');
ALTER FOREIGN TABLE plain OPTIONS (ADD updatable 'true');
INSERT INTO plain VALUES (1, 'x');
-- A file that nobody writes to is not written by us.
ALTER SERVER wr OPTIONS (DROP force_readonly, ADD immutable 'true');
INSERT INTO plain VALUES (1, 'x');

SET client_min_messages = warning;
SELECT sqlite_import.disconnect_all();
DROP SCHEMA fdw_write CASCADE;
DROP SERVER wr CASCADE;
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; rm -f /tmp/sqlite_import_write_%s.db', fixtures.cluster())); END $$;
