-- One scan in several processes: the same rows, whatever share each takes.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('parallel', $$
CREATE TABLE many(id INTEGER PRIMARY KEY, n INTEGER, t TEXT);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
INSERT INTO many SELECT n, n % 100, 'word ' || n FROM c;
CREATE INDEX many_n ON many(n);
CREATE TABLE sparse(id INTEGER PRIMARY KEY, t TEXT);
INSERT INTO sparse VALUES(-9223372036854775807 - 1, 'least'), (-1, 'minus'), (0, 'zero'), (5, 'five'), (9223372036854775807, 'greatest');
CREATE TABLE vacant(id INTEGER PRIMARY KEY, t TEXT);
CREATE TABLE odd(id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO odd SELECT id, CASE id WHEN 15000 THEN 'many' ELSE id END FROM many;
CREATE TABLE keyed(k TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID;
INSERT INTO keyed SELECT t, n FROM many;
$$) AS file \gset
CREATE SCHEMA fdw_parallel;
SET search_path = fdw_parallel;
CREATE SERVER parallel FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
IMPORT FOREIGN SCHEMA main FROM SERVER parallel INTO fdw_parallel;
\set SHOW_CONTEXT never
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET min_parallel_index_scan_size = 0;

EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*), sum(length(upper(t))) FROM many;
SELECT count(*), sum(id), sum(length(upper(t))) FROM many;
SELECT count(*), sum(id) FROM many WHERE n < 50 AND upper(t) <> 'WORD 7';
EXPLAIN (COSTS OFF) SELECT upper(t) FROM sparse;
SELECT id, upper(t) FROM sparse ORDER BY id;
SELECT count(upper(t)) FROM vacant;
SELECT count(v), sum(v / 2) FROM odd WHERE id <> 15000;
SELECT count(upper(v::text)) FROM odd;
ALTER FOREIGN TABLE odd OPTIONS (ADD on_mismatch 'null');
SELECT count(v), count(upper(v::text)), count(*) FILTER (WHERE upper(v::text) IS NULL) FROM odd;
-- Values that the server may refuse, where that is to be NULL, need subtransactions, and those cannot be had beside workers:
-- neither in this scan nor in another one of the statement.
CREATE DOMAIN small AS bigint CHECK (VALUE < 50);
CREATE FOREIGN TABLE lenient (id bigint, n small, t jsonb) SERVER parallel OPTIONS (table 'many', on_mismatch 'null');
EXPLAIN (COSTS OFF) SELECT count(t) FROM lenient WHERE upper(id::text) <> 'X';
SELECT count(*), count(t), sum(id) FROM lenient WHERE upper(id::text) <> 'X';
SELECT count(*), count(n), sum(id) FROM lenient WHERE upper(id::text) <> 'X';
EXPLAIN (COSTS OFF) SELECT count(*) FROM lenient WHERE upper(id::text) <> 'X';
SELECT count(*), count(l.t), count(l.n), sum(length(upper(m.t))) FROM lenient l JOIN (SELECT * FROM many OFFSET 0) m ON upper(m.t) = upper('word ' || l.id::text);
SELECT count(*), count(l.t) FROM (SELECT * FROM lenient OFFSET 0) l, (SELECT count(upper(t)) FROM many) s;
CREATE FUNCTION values_of(bigint) RETURNS bigint LANGUAGE plpgsql PARALLEL SAFE AS $$ BEGIN RETURN (SELECT count(t) FROM lenient WHERE id <= $1); END $$;
SELECT sum(values_of(id)) FROM many WHERE upper(t) = 'WORD 7';
ALTER FUNCTION values_of PARALLEL UNSAFE;
SELECT sum(values_of(id)) FROM many WHERE upper(t) = 'WORD 7';
-- a table without rowid has no ranges, a lookup no shares
EXPLAIN (COSTS OFF) SELECT sum(length(upper(k))) FROM keyed;
EXPLAIN (COSTS OFF) SELECT upper(t) FROM many WHERE id = 7;
-- without the leader's help, begun again, within a join with a local table, and in a plan that is kept
SET parallel_leader_participation = off;
SELECT count(*), sum(id), sum(length(upper(t))) FROM many;
RESET parallel_leader_participation;
SELECT g, (SELECT sum(length(upper(t)) + g) FROM many) FROM generate_series(1, 3) g;
CREATE TABLE local AS SELECT id, t FROM many WHERE id % 10 = 0;
ANALYZE local;
SELECT count(*), sum(m.id) FROM many m JOIN local l ON upper(l.t) = upper(m.t);
PREPARE kept(bigint) AS SELECT count(*), sum(length(upper(t))) FROM many WHERE n <> $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE kept(5);
EXECUTE kept(6);
EXECUTE kept(NULL);
-- workers that do not come
SET max_parallel_workers = 0;
SELECT count(*), sum(id), sum(length(upper(t))) FROM many;
EXECUTE kept(5);
RESET max_parallel_workers;
RESET plan_cache_mode;
-- every whole scan stays in one process, even where a worker is forced upon the rest
SELECT set_config(CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END, 'on', false);
SELECT count(*), max(id), max(length(upper(t))) FROM many;
SELECT upper(t) FROM many WHERE id IN (1, 2) ORDER BY id;

SET client_min_messages = warning;
DROP SCHEMA fdw_parallel CASCADE;
DROP SERVER parallel CASCADE;
