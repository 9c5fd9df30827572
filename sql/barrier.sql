-- Views with security_barrier over foreign tables: no value of a row that the reader may not see reaches a message,
-- nor does an error tell that the row is there.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
CREATE ROLE barrier_reader;
CREATE SCHEMA barrier;
GRANT USAGE ON SCHEMA barrier TO PUBLIC;
-- rows 2 and 5 are another's, and hold what does not fit; in row 4 it is the owner that does not
SELECT fixtures.sqlite_file('barrier', $$
	CREATE TABLE s (id INTEGER PRIMARY KEY, owner TEXT, n, v, d, k);
	INSERT INTO s VALUES (1, 'usr', 1, 10, '2024-01-01', 10), (2, 'boss', 'secret-n', 'secret-v', 'secret-d', 'secret-k'),
		(3, 'USR', 3, 30, '2024-01-03', 30), (4, x'00ff', 4, 'secret-4', '2024-01-04', 4), (5, 'boss', 5, 'secret-5', '2024-01-05', 5),
		(9007199254740993, 'boss', 'secret-ctid', 'secret-ctid', 'x', 'x');
	CREATE INDEX s_n ON s (n);
	CREATE TABLE grants (owner TEXT, usr TEXT);
	INSERT INTO grants VALUES ('usr', 'reader'), ('USR', 'reader');
$$) AS path \gset
-- files in the server's data directory are never written, so the file moves
SELECT '/tmp/sqlite_import_barrier_' || current_setting('port') || '.db' AS file \gset
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %s /tmp/sqlite_import_barrier_%s.db', fixtures.path('barrier'), current_setting('port'))); END $$;
CREATE SERVER barrier_file FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file', updatable 'true');
CREATE DOMAIN barrier.even AS bigint CHECK (VALUE % 10 = 0);
CREATE FOREIGN TABLE barrier.s (id bigint, owner text, n bigint, v bigint, d date, k barrier.even) SERVER barrier_file;
CREATE FOREIGN TABLE barrier.grants (owner text, usr text) SERVER barrier_file;
CREATE VIEW barrier.b WITH (security_barrier) AS SELECT id, n, v, d FROM barrier.s WHERE upper(owner) = 'USR';
-- a condition that SQLite decides, if it is of a text that may be no text
CREATE VIEW barrier.plain WITH (security_barrier) AS SELECT id, n, v, d FROM barrier.s WHERE owner = 'usr';
CREATE VIEW barrier.on_n WITH (security_barrier) AS SELECT id, n, v FROM barrier.s WHERE n < 5;
CREATE VIEW barrier.nested WITH (security_barrier) AS SELECT * FROM (SELECT id, v FROM barrier.b) AS x WHERE id > 1;
CREATE VIEW barrier.joined WITH (security_barrier) AS SELECT s.id, s.v FROM barrier.s JOIN pg_catalog.pg_class AS p ON p.oid = s.id + 1000000;
CREATE VIEW barrier.open AS SELECT id, n, v FROM barrier.s WHERE upper(owner) = 'USR';
CREATE VIEW barrier.two_files WITH (security_barrier) AS SELECT s.id, s.v FROM barrier.s JOIN barrier.grants AS g USING (owner) WHERE g.usr = 'reader';
GRANT SELECT, UPDATE, DELETE ON barrier.b TO barrier_reader;
GRANT SELECT ON barrier.plain, barrier.on_n, barrier.nested, barrier.joined, barrier.open, barrier.two_files TO barrier_reader;
-- a function of the reader's that tells what it is given, and costs nothing
CREATE FUNCTION barrier.tell(id bigint, v text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
	BEGIN RAISE NOTICE 'told: % %', id, v; RETURN true; END $$;
\set SHOW_CONTEXT never

SET SESSION AUTHORIZATION barrier_reader;
SET sqlite_import.show_values = on;
SELECT id, v FROM barrier.b ORDER BY id;
SELECT id, n, d FROM barrier.b WHERE barrier.tell(id, v::text) ORDER BY id;
SELECT count(*), sum(v), max(d) FROM barrier.b;
SELECT id, v FROM barrier.b WHERE n = 3;
SELECT id, v FROM barrier.b WHERE n > 1 ORDER BY n, id;
SELECT id, v FROM barrier.b WHERE v > 1 ORDER BY v DESC LIMIT 1;
SELECT DISTINCT n FROM barrier.b ORDER BY n;
SELECT id, v FROM barrier.plain ORDER BY n;
SELECT sum(v), count(DISTINCT n), min(n) FROM barrier.plain;
SELECT a.id, b.v FROM barrier.plain a JOIN barrier.plain b USING (n);
SELECT id, v FROM barrier.nested;
SELECT id FROM barrier.b WHERE id IN (SELECT id FROM barrier.plain) ORDER BY 1;
SELECT id, v FROM barrier.joined;
SELECT id, v FROM barrier.two_files ORDER BY id;
WITH w AS MATERIALIZED (SELECT * FROM barrier.b) SELECT count(v) FROM w;
SELECT id, v FROM barrier.b UNION ALL SELECT id, v FROM barrier.b ORDER BY 1;
SELECT x.id FROM generate_series(1, 5) AS g(i) JOIN LATERAL (SELECT id, v FROM barrier.b WHERE n = g.i) AS x ON true ORDER BY 1;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT id, v FROM barrier.b ORDER BY v;
FETCH 2 FROM c;
MOVE FIRST FROM c;
FETCH 1 FROM c;
COMMIT;
-- row 4's owner is no text: it has not passed, and nobody hears of it; what a visible row holds is told, without its value
SELECT id, n, v FROM barrier.on_n WHERE id < 4 ORDER BY id;
SELECT id, n, v FROM barrier.on_n ORDER BY id;
-- without a barrier the conditions are no secret, but the value is
SELECT id, v FROM barrier.open ORDER BY id;
-- through a function of the owner's, too
RESET SESSION AUTHORIZATION;
CREATE FUNCTION barrier.lend() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT sum(v) FROM barrier.s';
CREATE TABLE barrier.copy (id bigint, v bigint);
CREATE FUNCTION barrier.lend_file(path text) RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
	$$ SELECT action FROM sqlite_import.copy_table(path, 's', 'barrier.copy', exclude => '{owner,n,d,k}') $$;
SET SESSION AUTHORIZATION barrier_reader;
SET sqlite_import.show_values = on;
SELECT barrier.lend();
SELECT barrier.lend_file(:'path');
-- writes by way of the view
SELECT count(*) FROM barrier.b;
UPDATE barrier.b SET n = n + 10 WHERE v > 1 RETURNING id, n;
DELETE FROM barrier.b WHERE v > 25 RETURNING id, v;
UPDATE barrier.b SET v = 11;
SELECT id, v FROM barrier.b ORDER BY id;
BEGIN;
UPDATE barrier.b SET v = 12;
SELECT id, v FROM barrier.b ORDER BY id;
ROLLBACK;
RESET SESSION AUTHORIZATION;

-- Who may read the table sees what it is, rowid and all.
SET sqlite_import.show_values = on;
SELECT id, v FROM barrier.b;
SELECT id, v FROM barrier.s ORDER BY id;
SELECT id, v FROM barrier.joined;
SELECT barrier.lend_file(:'path');
GRANT SELECT ON barrier.s TO barrier_reader;
SET SESSION AUTHORIZATION barrier_reader;
SET sqlite_import.show_values = on;
SELECT id, v FROM barrier.open ORDER BY id;
RESET SESSION AUTHORIZATION;
RESET sqlite_import.show_values;

-- Row security of a table with a foreign partition.
CREATE TABLE barrier.parted (id bigint, owner text, n bigint, v bigint) PARTITION BY RANGE (id);
CREATE FOREIGN TABLE barrier.part PARTITION OF barrier.parted FOR VALUES FROM (0) TO (100) SERVER barrier_file OPTIONS ("table" 's');
ALTER TABLE barrier.parted ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON barrier.parted USING (upper(owner) = 'USR');
GRANT SELECT ON barrier.parted TO barrier_reader;
SET SESSION AUTHORIZATION barrier_reader;
SET sqlite_import.show_values = on;
SELECT id, v FROM barrier.parted;
SELECT id, v FROM barrier.parted WHERE v > 1 AND barrier.tell(id, v::text);
SELECT count(*), sum(n) FROM barrier.parted;
RESET SESSION AUTHORIZATION;
RESET sqlite_import.show_values;
SELECT id, v FROM barrier.parted;

-- The planner: what SQLite is asked, and what is looked at here
EXPLAIN (VERBOSE, COSTS OFF) SELECT id, v FROM barrier.b WHERE n = 3;
EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*) FROM barrier.plain;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM barrier.b WHERE id = 3;
-- a table that is read beside the barrier, and one with a domain
SELECT id, k FROM barrier.s WHERE id = 1;
CREATE VIEW barrier.domain WITH (security_barrier) AS SELECT id FROM barrier.s WHERE k < 25;
SELECT * FROM barrier.domain;

DROP SERVER barrier_file CASCADE;
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; rm -f /tmp/sqlite_import_barrier_%s.db', current_setting('port'))); END $$;
DROP SCHEMA barrier CASCADE;
DROP ROLE barrier_reader;
