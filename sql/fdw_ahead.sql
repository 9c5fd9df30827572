-- Long scans are read ahead by a thread: the same rows, errors and locks as without it.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('ahead', $$
CREATE TABLE long(id INTEGER PRIMARY KEY, n INTEGER, t TEXT, f REAL, b BLOB, j JSON, d DATE);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
INSERT INTO long SELECT n, CASE WHEN n % 7 <> 0 THEN n * 2 END, 'word ' || n, n / 4.0, cast(n AS BLOB), '{"n": ' || n || '}', date('2024-01-01', n || ' days') FROM c;
CREATE TABLE odd(id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO odd SELECT id, CASE id WHEN 15000 THEN 'many' ELSE id END FROM long;
CREATE TABLE wide(id INTEGER PRIMARY KEY, t TEXT);
INSERT INTO wide SELECT id, CASE WHEN id % 500 = 0 THEN replace(hex(zeroblob(300000)), '00', 'xy') ELSE 'short' END FROM long WHERE id <= 10000;
CREATE VIEW stuck AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE n < 5000 OR n < 0;
$$) AS made \gset
SELECT '/tmp/sqlite_import_ahead_' || fixtures.cluster() || '.db' AS file \gset
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %s /tmp/sqlite_import_ahead_%s.db', fixtures.path('ahead'), fixtures.cluster())); END $$;
CREATE SCHEMA fdw_ahead;
SET search_path = fdw_ahead;
CREATE SERVER ahead FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
IMPORT FOREIGN SCHEMA main EXCEPT (stuck) FROM SERVER ahead INTO fdw_ahead;
CREATE FOREIGN TABLE stuck (n bigint) SERVER ahead;
ALTER FOREIGN TABLE long ALTER j TYPE jsonb, ALTER d TYPE date;
CREATE FUNCTION sums() RETURNS TABLE (rows bigint, id numeric, n numeric, nulls bigint, t text, f float8, b text, j numeric, d date) LANGUAGE sql AS $$
	-- OFFSET keeps the aggregates here
	SELECT count(*), sum(x.id), sum(x.n), count(*) FILTER (WHERE x.n IS NULL), md5(string_agg(x.t, ',' ORDER BY x.id)), sum(x.f),
		md5(string_agg(x.b, ',' ORDER BY x.id)), sum((x.j->>'n')::int), max(x.d)
	FROM (SELECT * FROM long OFFSET 0) x
$$;

-- The same, read ahead or not.
SELECT * FROM sums();
SET sqlite_import.reader_threads = 0;
SELECT * FROM sums();
RESET sqlite_import.reader_threads;
SELECT count(*), sum(length(t)), max(length(t)) FROM (SELECT * FROM wide OFFSET 0) w;
-- An odd value is told when its row comes, not before.
SELECT count(v) FROM (SELECT * FROM odd OFFSET 0) o;
SELECT count(v) FROM (SELECT * FROM odd LIMIT 14999) o;
ALTER FOREIGN TABLE odd OPTIONS (ADD on_mismatch 'null');
SELECT count(v), count(*) FROM (SELECT * FROM odd OFFSET 0) o;

-- Another scan of the same server calls the connection back; both see all their rows.
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT count(*), sum(a.n) FROM (SELECT * FROM long OFFSET 0) a JOIN (SELECT * FROM odd OFFSET 0) o ON o.id = a.id AND a.id > 19990;
RESET enable_hashjoin;
RESET enable_mergejoin;
SELECT count(*), sum(a.n) FROM (SELECT * FROM long ORDER BY id OFFSET 0) a JOIN (SELECT * FROM odd ORDER BY id OFFSET 0) o USING (id);
CREATE FUNCTION other(key bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT v FROM odd WHERE odd.id = key); END $$;
SELECT count(*), sum(other(x.id)) FROM (SELECT * FROM long OFFSET 0) x WHERE x.id <= 3000 OR x.id % 1000 = 0;
-- A scan that begins again.
SELECT g, (SELECT sum(x.n) FROM (SELECT n, id FROM long OFFSET 0) x WHERE x.id % 10 = g) FROM generate_series(1, 3) g;

-- A cursor goes on where it was, whatever is done meanwhile.
ALTER SERVER ahead OPTIONS (ADD updatable 'true');
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM long;
MOVE 9000 IN c;
FETCH 1 FROM c;
SELECT count(*) FROM odd WHERE id < 10;
FETCH 1 FROM c;
MOVE 5000 IN c;
SAVEPOINT a;
SELECT 1 / (v - v) FROM odd WHERE id = 1;
ROLLBACK TO a;
FETCH 1 FROM c;
SELECT sqlite_import.disconnect('ahead');
ROLLBACK TO a;
UPDATE odd SET v = 0 WHERE id = 1;
FETCH 1 FROM c;
MOVE ALL IN c;
SELECT v FROM odd WHERE id = 1;
ROLLBACK;
-- A cursor that is left in the middle lets its lock go.
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM long;
MOVE 9000 IN c;
CLOSE c;
SELECT sqlite_import.disconnect('ahead');
COMMIT;

-- A cancel arrives while the thread is in the middle of a step, and the connection is good for the next.
SET statement_timeout = '300ms';
SELECT count(*) FROM (SELECT n FROM stuck OFFSET 0) s;
RESET statement_timeout;
SELECT count(*) FROM (SELECT id FROM long OFFSET 0) x;

SET client_min_messages = warning;
SELECT sqlite_import.disconnect_all();
DROP SCHEMA fdw_ahead CASCADE;
DROP SERVER ahead CASCADE;
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; rm -f /tmp/sqlite_import_ahead_%s.db', fixtures.cluster())); END $$;
