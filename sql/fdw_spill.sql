-- Rows that are kept beyond work_mem: what the executor or we put aside comes back from a file.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('spill', $$
CREATE TABLE big(id INTEGER PRIMARY KEY, t TEXT, b BLOB);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 8000)
INSERT INTO big SELECT n, 'text ' || n, cast(n AS BLOB) FROM c;
CREATE TABLE other(id INTEGER PRIMARY KEY, t TEXT);
CREATE TABLE keyed(a TEXT, b INT, PRIMARY KEY(a, b)) WITHOUT ROWID;
INSERT INTO keyed SELECT t, id FROM big;
$$) AS made \gset
SELECT '/tmp/sqlite_import_spill_' || fixtures.cluster() || '.db' AS file \gset
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %s /tmp/sqlite_import_spill_%s.db', fixtures.path('spill'), fixtures.cluster())); END $$;
CREATE SCHEMA fdw_spill;
SET search_path = fdw_spill;
CREATE SERVER spill FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file', updatable 'true');
IMPORT FOREIGN SCHEMA main FROM SERVER spill INTO fdw_spill;
SET work_mem = '64kB';

-- Rows that an UPDATE or a DELETE finds by its own conditions.
UPDATE big SET t = t || '!';
SELECT count(*), count(*) FILTER (WHERE t = 'text ' || id || '!'), sum(length(b)) FROM big;
DELETE FROM big WHERE upper(t) LIKE '%00!';
DELETE FROM keyed WHERE upper(a) LIKE '%00';
SELECT count(*) FROM keyed;

-- Rows that go from table to table of the file; RETURNING.
INSERT INTO other SELECT id, t FROM big;
WITH gone AS (DELETE FROM other WHERE upper(t) LIKE '%5!' RETURNING id, t)
SELECT count(*), sum(id), count(DISTINCT t) FROM gone;

-- Any scan after a write of the transaction, also one that begins again, one in a cursor and one in order.
BEGIN;
INSERT INTO other VALUES (100001, 'last');
SELECT count(*), max(t) FROM (SELECT * FROM big OFFSET 0) b;
SELECT count(*) FROM (SELECT * FROM big ORDER BY id OFFSET 0) a JOIN (SELECT * FROM other ORDER BY id OFFSET 0) b USING (id);
SELECT g, (SELECT count(*) FROM (SELECT * FROM big OFFSET 0) x WHERE x.id % 3 = g) FROM generate_series(0, 2) g;
DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT * FROM big ORDER BY id;
MOVE 5000 IN c;
FETCH 2 FROM c;
FETCH BACKWARD 2 FROM c;
COMMIT;
FETCH 1 FROM c;
CLOSE c;

-- The same in a session that has room.
RESET work_mem;
SELECT count(*), max(t) FROM (SELECT * FROM big OFFSET 0) b;
UPDATE other SET t = lower(t);
SELECT count(*), min(t), max(t) FROM other;

SET client_min_messages = warning;
SELECT sqlite_import.disconnect_all();
DROP SCHEMA fdw_spill CASCADE;
DROP SERVER spill CASCADE;
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; rm -f /tmp/sqlite_import_spill_%s.db', fixtures.cluster())); END $$;
