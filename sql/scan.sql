-- Scanning foreign tables: values, errors, parameters, estimates, what EXPLAIN shows.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('scan', $$
CREATE TABLE kinds(id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, b BLOB, n NUMERIC, d DATE, ts DATETIME, flag BOOLEAN);
INSERT INTO kinds VALUES(1, 9007199254740993, 0.1, 'Grüße', x'00ff', 12345678901234, '2024-02-29', '2024-02-29T12:34:56Z', 1);
INSERT INTO kinds VALUES(2, -9223372036854775807 - 1, -1e300, '', x'', 0.5, '2024-03-01', '2024-03-01 00:00', 0);
INSERT INTO kinds VALUES(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE odd(id INTEGER PRIMARY KEY, v INTEGER, t TEXT);
INSERT INTO odd VALUES(1, 5, 'fine'), (2, 'five', 'a text'), (3, 6, x'00'), (4, 7, cast(x'ff' as text)), (5, 8, 'a' || char(0) || 'b');
CREATE TABLE many(id INTEGER PRIMARY KEY, parent INTEGER, word TEXT NOT NULL);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10000)
INSERT INTO many SELECT n, n / 10, 'word ' || n FROM c;
CREATE INDEX many_by_parent ON many(parent);
CREATE VIEW few AS SELECT id, word AS w FROM many WHERE id < 4;
CREATE TABLE pairs(a INTEGER, b TEXT, v REAL, PRIMARY KEY(b, a)) WITHOUT ROWID;
INSERT INTO pairs VALUES(1, 'x', 0.5), (2, 'x', 1.5), (1, 'y', 2.5);
$$) AS file \gset
CREATE SCHEMA scan;
SET search_path = scan;
CREATE SERVER scan FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
IMPORT FOREIGN SCHEMA main FROM SERVER scan INTO scan;

-- Every storage class, exactly.
SET timezone = 'UTC';
SELECT * FROM kinds ORDER BY id;
SELECT * FROM pairs ORDER BY b, a;
SELECT * FROM few;

-- A value that does not fit stops the scan with table, column and rowid; not the other columns' rows.
SELECT id, v FROM odd;
SELECT id FROM odd;
SELECT t FROM odd WHERE id = 3;
SELECT t FROM odd WHERE id = 4;
SELECT t FROM odd WHERE id = 5;
ALTER FOREIGN TABLE odd OPTIONS (ADD on_mismatch 'null');
SELECT * FROM odd ORDER BY id;
ALTER FOREIGN TABLE odd ALTER t OPTIONS (ADD on_mismatch 'error');
SELECT t FROM odd WHERE id = 3;

-- Only what is needed is read; what SQLite evaluates is in its query, what it cannot is a filter.
EXPLAIN (VERBOSE, COSTS OFF) SELECT word FROM many WHERE id = 77;
EXPLAIN (VERBOSE, COSTS OFF) SELECT count(word || id) FROM many WHERE upper(word) = 'WORD 7';
EXPLAIN (VERBOSE, COSTS OFF) SELECT tableoid::regclass, m FROM many m WHERE parent = 7;
SELECT tableoid::regclass, m FROM many m WHERE parent = 7 ORDER BY id LIMIT 2;
-- With costs, SQLite's own plan is shown too.
CREATE FUNCTION explain_line(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (VERBOSE) ' || query;
END $$;
SELECT line FROM explain_line('SELECT word FROM many WHERE parent = 7') AS line WHERE line LIKE '%SQLite%';

-- Estimates come from the file.
CREATE FUNCTION estimate(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan -> 0 -> 'Plan' -> 'Plan Rows';
END $$;
SELECT estimate('SELECT * FROM many') AS all_rows, estimate('SELECT * FROM many WHERE id = 5') AS one,
	estimate('SELECT * FROM many WHERE id IN (5, 6, 7)') AS three, estimate('SELECT * FROM kinds') AS kinds;

-- ANALYZE takes a sample.
ANALYZE many;
SELECT reltuples FROM pg_class WHERE oid = 'many'::regclass;
SELECT attname, n_distinct FROM pg_stats WHERE schemaname = 'scan' AND tablename = 'many' ORDER BY attname;
SELECT estimate('SELECT * FROM many WHERE parent = 7') AS per_parent;

-- A join by key looks rows up, once for each row of the other side.
CREATE TABLE wanted AS SELECT 1000 * n AS id FROM generate_series(1, 5) n;
ANALYZE wanted;
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    -- 15 has the parameter before the column
    RETURN QUERY EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query;
END $$;
SELECT replace(line, '(?1 = "id")', '("id" = ?1)') AS line FROM plan_of('SELECT word FROM wanted JOIN many USING (id)') AS line;
SELECT word FROM wanted JOIN many USING (id) ORDER BY 1;
SELECT w.id, (SELECT max(m.word) FROM many m WHERE m.parent = w.id / 100) FROM wanted w ORDER BY 1;

-- Parameters of prepared statements, generic plans, and a rescan with another value.
SET plan_cache_mode = force_generic_plan;
PREPARE by_id(bigint) AS SELECT word FROM many WHERE id = $1;
EXECUTE by_id(3);
EXECUTE by_id(4);
EXECUTE by_id(NULL);
PREPARE by_word(text) AS SELECT id FROM many WHERE word = $1;
EXECUTE by_word('word 123');
RESET plan_cache_mode;

-- Cursors go back to the beginning.
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id FROM many ORDER BY id;
FETCH 2 FROM c;
FETCH FIRST FROM c;
FETCH LAST FROM c;
COMMIT;

-- A cancel arrives in the middle of a step of SQLite's.
SET statement_timeout = '200ms';
SELECT fixtures.sqlite_file('slow', $$
CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE n < 0;
$$) AS slow \gset
CREATE SERVER slow FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'slow');
CREATE FOREIGN TABLE endless (n bigint) SERVER slow;
SELECT * FROM endless;
RESET statement_timeout;

-- The connection goes on after an error, in the same transaction as well.
BEGIN;
SAVEPOINT a;
SELECT v / 0 FROM odd WHERE id = 1;
ROLLBACK TO a;
SELECT id FROM many WHERE id = 8;
COMMIT;
SELECT in_use FROM sqlite_import.get_connections() WHERE server_name = 'scan';

SET client_min_messages = warning;
DROP SCHEMA scan CASCADE;
DROP SERVER scan CASCADE;
DROP SERVER slow CASCADE;
