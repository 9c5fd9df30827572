-- What a statement sees: its tables as they were when it began, whatever it writes meanwhile.
-- Each case runs over foreign tables and over local ones, and has to come to the same.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('statements', $$
CREATE TABLE d(id INTEGER PRIMARY KEY, v INT, w TEXT);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20) INSERT INTO d SELECT n, n / 2, 'w' FROM c;
CREATE INDEX d_v ON d(v);
CREATE TABLE k(a TEXT, b INT, v INT, PRIMARY KEY(a, b)) WITHOUT ROWID;
INSERT INTO k SELECT 'key ' || id, id, v FROM d;
CREATE TABLE many(v INT);
INSERT INTO many VALUES(1), (1), (1), (2);
CREATE TABLE log(id INTEGER PRIMARY KEY, n INT);
$$) AS made \gset
SELECT '/tmp/sqlite_import_statements_' || fixtures.cluster() || '.db' AS file \gset
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %s /tmp/sqlite_import_statements_%s.db', fixtures.path('statements'), fixtures.cluster())); END $$;
CREATE SCHEMA fdw_statements;
CREATE SCHEMA far;
CREATE SCHEMA near;
SET search_path = fdw_statements;
CREATE SERVER st FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file', updatable 'true');
IMPORT FOREIGN SCHEMA main FROM SERVER st INTO far;
CREATE TABLE near.d (id bigint PRIMARY KEY, v bigint, w text);
CREATE TABLE near.k (a text, b bigint, v bigint, PRIMARY KEY (a, b));
CREATE TABLE near.many (v bigint);
CREATE TABLE near.log (id bigserial PRIMARY KEY, n bigint);
INSERT INTO near.d SELECT * FROM far.d;
INSERT INTO near.k SELECT * FROM far.k;
INSERT INTO near.many SELECT * FROM far.many;

-- The statements on one side, one after the other, rolled back at the end: the rows of the last that returned any, and what is there then.
CREATE FUNCTION outcome(side text, statements text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	statement text;
	result text;
	line record;
	lines text[];
	state text := '';
BEGIN
	PERFORM set_config('search_path', side || ', fdw_statements', true);
	PERFORM set_config('statement_timeout', '20s', true);
	BEGIN
		FOREACH statement IN ARRAY statements LOOP
			IF statement !~ '\) INSERT' AND statement ~* '^SELECT|^WITH.*\) SELECT|RETURNING \w+(\.\w+)?(, \w+(\.\w+)?)?$' THEN
				lines := '{}';
				FOR line IN EXECUTE statement LOOP
					lines := lines || line::text;
				END LOOP;
				result := array_to_string(ARRAY(SELECT l FROM unnest(lines) l ORDER BY 1), ' ');
			ELSE
				EXECUTE statement;
			END IF;
		END LOOP;
		EXECUTE $q$SELECT format('d %s %s %s %s, k %s %s, many %s %s, log %s %s', count(*), count(d.v), sum(d.v), md5(string_agg(d::text, '' ORDER BY d.id)),
			(SELECT count(*) FROM k), (SELECT sum(v) FROM k), (SELECT count(*) FROM many), (SELECT sum(v) FROM many), (SELECT count(*) FROM log), (SELECT sum(n) FROM log)) FROM d$q$ INTO state;
		RAISE EXCEPTION USING errcode = 'ZZZZZ', message = 'undone';
	EXCEPTION WHEN OTHERS THEN
		IF SQLSTATE <> 'ZZZZZ' THEN
			state := SQLSTATE || ' ' || SQLERRM;
		END IF;
	END;
	RETURN coalesce(result, '-') || ' | ' || state;
END $$;
CREATE FUNCTION compare(VARIADIC statements text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	far text := outcome('far', statements);
	near text := outcome('near', statements);
BEGIN
	RETURN CASE WHEN far = near THEN 'same: ' || regexp_replace(near, '[0-9a-f]{32}', '...') ELSE E'DIFFERENT\nforeign: ' || far || E'\nlocal:   ' || near END;
END $$;
\pset format unaligned
\pset tuples_only on

-- Sub-selects on the table that is written.
SELECT compare('UPDATE d SET v = (SELECT max(b.v) FROM d b WHERE b.id < d.id)');
SELECT compare('UPDATE d SET v = (SELECT count(*) FROM d b WHERE b.v = d.v)');
SELECT compare('UPDATE d SET v = (SELECT sum(v) FROM d)');
SELECT compare('UPDATE d SET v = v + (SELECT b.v FROM d b WHERE b.id = d.id - 1) WHERE id > 1 RETURNING id, v');
SELECT compare('DELETE FROM d WHERE v < (SELECT max(b.v) FROM d b WHERE b.id <= d.id) AND id < (SELECT max(c.id) FROM d c WHERE c.id > d.id)');
SELECT compare('DELETE FROM d WHERE EXISTS (SELECT 1 FROM d b WHERE b.id = d.id + 1)');
SELECT compare('DELETE FROM d WHERE NOT EXISTS (SELECT 1 FROM d b WHERE b.id = d.id - 1)');
SELECT compare('DELETE FROM d WHERE id IN (SELECT max(id) FROM d GROUP BY v)');
SELECT compare('INSERT INTO d SELECT id + 100, (SELECT count(*) FROM d), w FROM d');
SELECT compare('INSERT INTO d SELECT id + 100, (SELECT count(*) FROM d b WHERE b.id <= d.id + 100), w FROM d');
SELECT compare('UPDATE k SET v = (SELECT max(b.v) FROM k b WHERE b.b < k.b)');
SELECT compare('DELETE FROM k WHERE EXISTS (SELECT 1 FROM k b WHERE b.b = k.b + 1)');
SELECT compare('INSERT INTO d SELECT id + 100, v, w FROM d WHERE id < (SELECT avg(id) FROM d) UNION ALL SELECT id + 200, v, w FROM d WHERE id > (SELECT avg(id) FROM d)');

-- Joins with itself, and rows that several match: each is updated, counted and returned once.
SELECT compare('DELETE FROM d USING d b WHERE b.id = d.id + 1');
SELECT compare('UPDATE d SET v = b.v FROM d b WHERE b.id = d.id - 1');
SELECT compare('UPDATE d SET v = 100 FROM many m WHERE m.v = d.v');
SELECT compare('WITH u AS (UPDATE d SET v = 100 FROM many m WHERE m.v = d.v RETURNING d.id) SELECT count(*) FROM u');
SELECT compare('UPDATE d SET v = d.v + 1 FROM many m WHERE m.v = d.v RETURNING d.id, d.v');
SELECT compare('UPDATE k SET v = k.v + 1 FROM many m WHERE m.v = k.v RETURNING a, k.v');
SELECT compare('DELETE FROM d USING many m WHERE m.v = d.v RETURNING d.id');
SELECT compare('UPDATE d SET id = d.id + 100 FROM many m WHERE m.v = d.v RETURNING d.id');
CREATE TABLE pairs (id int, v int);
INSERT INTO pairs VALUES (3, 7), (5, 8), (3, 7);
ANALYZE pairs;
SELECT compare('UPDATE d SET v = p.v FROM pairs p WHERE p.id = d.id RETURNING d.id, d.v');
SELECT compare('DELETE FROM d USING pairs p WHERE p.id = d.id RETURNING d.id');
DO $$
DECLARE n int;
BEGIN
	SET LOCAL search_path = far, fdw_statements;
	UPDATE d SET w = 'w' FROM many m WHERE m.v = d.v;
	GET DIAGNOSTICS n = ROW_COUNT;
	RAISE NOTICE 'updated: %', n;
END $$;

-- WITH that writes: the others see what was there before.
SELECT compare('WITH u AS (DELETE FROM d WHERE id > 16 RETURNING id) SELECT count(*), (SELECT count(*) FROM d) FROM u');
SELECT compare('WITH u AS (DELETE FROM d RETURNING id) SELECT count(*) FROM u JOIN d USING (id)');
SELECT compare('WITH u AS (UPDATE d SET v = -1 RETURNING id) SELECT u.id, d.v FROM u JOIN d USING (id)');
SELECT compare('WITH i AS (INSERT INTO d SELECT id + 50, v, w FROM d RETURNING id) SELECT count(*), (SELECT max(id) FROM d), (SELECT max(b.id) FROM d b WHERE b.id < 60) FROM i');
SELECT compare('WITH u AS (DELETE FROM d WHERE id > 10 RETURNING id) INSERT INTO log(n) SELECT u.id FROM u WHERE EXISTS (SELECT 1 FROM d WHERE d.id = u.id)');

-- Loops, cursors, and functions that write while a query is being read.
CREATE FUNCTION note(n bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN INSERT INTO d VALUES (1000 + n, n, 'noted'); RETURN n; END $$;
SELECT compare('SELECT note(id) FROM d');
SELECT compare('SELECT count(*), count(note(id)) FROM d');
SELECT compare('SELECT id, note(id), (SELECT count(*) FROM d b) FROM d WHERE id < 4');
SELECT compare('SELECT id, note(id), (SELECT count(*) FROM d b WHERE b.v < d.v + 100) FROM d WHERE id < 4');
SELECT compare('SELECT x.w, note(x.id), x.w FROM d x JOIN d y ON y.id = x.id + 1 WHERE upper(x.w) = ''W''');
SELECT compare($x$DO $d$ DECLARE r record; BEGIN FOR r IN SELECT * FROM d LOOP INSERT INTO d VALUES (r.id + 100, r.v, r.w); END LOOP; END $d$$x$);
SELECT compare($x$DO $d$ DECLARE r record; BEGIN FOR r IN SELECT * FROM d LOOP DELETE FROM d WHERE id = r.id + 1; INSERT INTO log(n) VALUES (r.id); END LOOP; END $d$$x$);
SELECT compare($x$DO $d$ DECLARE r record; BEGIN FOR r IN SELECT * FROM d ORDER BY v, id LOOP UPDATE d SET v = v + 10 WHERE id = r.id; INSERT INTO log(n) VALUES (r.v); END LOOP; END $d$$x$);
SELECT compare($x$DO $d$ DECLARE c CURSOR FOR SELECT id FROM d; n bigint; BEGIN OPEN c; FETCH c INTO n; DELETE FROM d WHERE id > 5;
	LOOP FETCH c INTO n; EXIT WHEN NOT FOUND; INSERT INTO log(n) VALUES (n); END LOOP; END $d$$x$);
SELECT compare($x$DO $d$ DECLARE c CURSOR FOR SELECT id FROM d; n bigint; BEGIN OPEN c; DELETE FROM d WHERE id > 5;
	LOOP FETCH c INTO n; EXIT WHEN NOT FOUND; INSERT INTO log(n) VALUES (n); END LOOP; END $d$$x$);
SELECT compare($x$DO $d$ DECLARE c CURSOR FOR SELECT id FROM d; e CURSOR FOR SELECT id FROM d; n bigint; BEGIN INSERT INTO log(n) VALUES (0); OPEN c; DELETE FROM d WHERE id > 5;
	OPEN e; DELETE FROM d WHERE id > 2;
	LOOP FETCH c INTO n; EXIT WHEN NOT FOUND; INSERT INTO log(n) VALUES (n); END LOOP;
	LOOP FETCH e INTO n; EXIT WHEN NOT FOUND; INSERT INTO log(n) VALUES (n * 100); END LOOP; END $d$$x$);
-- a lookup that could not be kept is refused rather than answered wrongly
CREATE TABLE ids AS SELECT g::bigint AS id FROM generate_series(1, 5) g;
ANALYZE ids;
SELECT outcome('far', ARRAY[$x$DO $d$ DECLARE r record; BEGIN FOR r IN SELECT b.id FROM ids, LATERAL (SELECT id FROM d WHERE d.id = ids.id OFFSET 0) b LOOP INSERT INTO log(n) VALUES (r.id); END LOOP; END $d$$x$]);
SELECT outcome('far', ARRAY[$x$DO $d$ DECLARE c CURSOR FOR SELECT b.id FROM ids, LATERAL (SELECT id FROM d WHERE d.id = ids.id OFFSET 0) b; n bigint; BEGIN
	OPEN c; FETCH c INTO n; UPDATE d SET v = 0; FETCH c INTO n; END $d$$x$]);

-- Triggers on either side write too.
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM d WHERE id = new.id + 1; RETURN new; END $$;
CREATE TRIGGER tell BEFORE INSERT ON far.log FOR EACH ROW EXECUTE FUNCTION tell();
CREATE TRIGGER tell BEFORE INSERT ON near.log FOR EACH ROW EXECUTE FUNCTION tell();
SELECT compare('INSERT INTO log SELECT id, v FROM d', 'SELECT count(*) FROM d');
SELECT compare('INSERT INTO log SELECT id, (SELECT count(*) FROM d b WHERE b.id >= d.id) FROM d');

-- Partitions that are foreign tables: rows go in and are looked up; out goes none, whoever asks.
CREATE TABLE p (id bigint, v bigint, w text) PARTITION BY RANGE (v);
CREATE FOREIGN TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100) SERVER st OPTIONS (table 'd');
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (100) TO (200);
BEGIN;
INSERT INTO p VALUES (500, 50, 'routed'), (501, 150, 'local'), (502, 151, 'local');
UPDATE p SET v = 60 WHERE id = 501;
UPDATE p SET v = v + 1 WHERE id IN (500, 501, 502);
SELECT tableoid::regclass, * FROM p WHERE id >= 500 ORDER BY id;
SELECT x.id, y.* FROM p x, LATERAL (SELECT count(*), max(z.id) FROM p z WHERE z.v <= x.v) y WHERE x.id > 499 ORDER BY 1;
SAVEPOINT s;
UPDATE p SET v = 150 WHERE id = 500;
ROLLBACK TO s;
UPDATE p1 SET v = 150 WHERE id = 500;
ROLLBACK TO s;
UPDATE p SET v = v + 95;
ROLLBACK TO s;
WITH moved AS (DELETE FROM p WHERE id = 500 RETURNING id, w) INSERT INTO p SELECT id, 120, w FROM moved;
SELECT tableoid::regclass, * FROM p WHERE id >= 500 ORDER BY id;
ROLLBACK;
DROP TABLE p;

SET client_min_messages = warning;
SELECT sqlite_import.disconnect_all();
DROP SCHEMA fdw_statements, far, near CASCADE;
DROP SERVER st CASCADE;
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; rm -f /tmp/sqlite_import_statements_%s.db', fixtures.cluster())); END $$;
