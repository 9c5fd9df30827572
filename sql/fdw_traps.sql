-- Values and queries that lead a foreign data wrapper for SQLite astray: what is right, and what is refused.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('traps', $$
CREATE TABLE half(id INTEGER PRIMARY KEY, v INT); INSERT INTO half VALUES(1, 2), (2, 2.5);
CREATE TABLE empty(id INTEGER PRIMARY KEY, v INT); INSERT INTO empty VALUES(1, '');
CREATE TABLE flags(id INTEGER PRIMARY KEY, v BOOLEAN); INSERT INTO flags VALUES(1, 'yes'), (2, 1), (3, 'maybe');
CREATE TABLE reals(id INTEGER PRIMARY KEY, v REAL); INSERT INTO reals VALUES(1, 1.5), (2, 'text');
CREATE TABLE digits(id INTEGER PRIMARY KEY, v DECIMAL); INSERT INTO digits VALUES(1, 9007199254740993), (2, 9223372036854775807), (3, 0.1), (4, 'NaN');
CREATE TABLE texts(id INTEGER PRIMARY KEY, v TEXT); INSERT INTO texts VALUES(1, 'good'), (2, 'nul' || char(0) || 'tail'), (3, cast(x'ff' AS TEXT));
CREATE TABLE days(id INTEGER PRIMARY KEY, v DATE); INSERT INTO days VALUES(1, '2024-01-02'), (2, 1700000000), (3, '0000-00-00'), (4, ''), (5, 2460000.5);
CREATE TABLE times(id INTEGER PRIMARY KEY, v TIMESTAMP); INSERT INTO times VALUES(1, '2024-01-02T03:04:05Z'), (2, 1700000000), (3, 1700000000000), (4, 2460000.5), (5, '0000-00-00 00:00:00');
CREATE TABLE ids(id INTEGER PRIMARY KEY, v UUID); INSERT INTO ids VALUES(1, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), (2, x'a0eebc999c0b4ef8bb6d6bb9bd380a11'), (3, 'no');
CREATE TABLE docs(id INTEGER PRIMARY KEY, v JSON); INSERT INTO docs VALUES(1, '{"a": 1}'), (2, '{"a": '), (3, '[2]');
CREATE TABLE blobs(id INTEGER PRIMARY KEY, v BLOB); INSERT INTO blobs VALUES(1, x'00'), (2, 5);
CREATE TABLE big(id INTEGER PRIMARY KEY, v BIGINT); INSERT INTO big VALUES(1, 4611686018427387905), (2, 4611686018427387905), (3, 4611686018427387905);
CREATE TABLE short(id INTEGER PRIMARY KEY, v VARCHAR(3)); INSERT INTO short VALUES(1, 'abc'), (2, 'abcdef');
CREATE TABLE plain(id INTEGER PRIMARY KEY, v TEXT); INSERT INTO plain VALUES(1, 'b'), (2, 'a'), (3, 'c'), (4, 'A');
CREATE INDEX half_v ON half(v); CREATE INDEX texts_v ON texts(v);
$$) AS file \gset
CREATE SCHEMA fdw_traps;
SET search_path = fdw_traps;
SET timezone = 'UTC';
CREATE SERVER traps FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
IMPORT FOREIGN SCHEMA main FROM SERVER traps INTO fdw_traps;
ALTER FOREIGN TABLE days ALTER v TYPE date;
ALTER FOREIGN TABLE times ALTER v TYPE timestamp;
\set VERBOSITY terse

-- Each query over each table: what a plain scan refuses, nothing else answers, and nothing crashes.
CREATE FUNCTION attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(x::text, '' '') FROM (%s) x', statement) INTO answer;
	RETURN answer;
EXCEPTION WHEN data_exception OR datatype_mismatch THEN
	RETURN 'ERROR: ' || SQLERRM;
END $$;
CREATE VIEW tables AS SELECT unnest('{half,empty,flags,reals,digits,texts,days,times,ids,docs,blobs,short}'::text[]) AS name;
SELECT name, attempt('SELECT id, v FROM ' || name || ' ORDER BY id') AS scan FROM tables;
SELECT name, attempt('SELECT id, v FROM ' || name || ' WHERE id = 1') AS good FROM tables;
SELECT name, attempt('SELECT count(v), count(DISTINCT v::text) FROM ' || name) AS counts FROM tables;
SELECT name, attempt('SELECT max(v::text) FROM ' || name) AS greatest FROM tables;
SELECT name, attempt('SELECT v, count(*) FROM ' || name || ' GROUP BY v ORDER BY v::text') AS groups FROM tables WHERE name <> 'docs';
SELECT name, attempt('SELECT max(v), min(v) FROM ' || name) AS extremes FROM tables WHERE name IN ('half', 'empty', 'reals', 'digits', 'texts', 'days', 'times', 'short');
SELECT name, attempt('SELECT v FROM ' || name || ' ORDER BY v LIMIT 1') AS first FROM tables WHERE name <> 'docs';
-- NULL for what does not fit, where that is wanted.
ALTER SERVER traps OPTIONS (ADD on_mismatch 'null');
SELECT name, attempt('SELECT id, v FROM ' || name || ' ORDER BY id') AS scan FROM tables;
SELECT name, attempt('SELECT count(*), count(v) FROM ' || name) AS counts FROM tables;
SELECT name, attempt('SELECT v, count(*) FROM ' || name || ' GROUP BY v ORDER BY v::text') AS groups FROM tables WHERE name <> 'docs';
SELECT name, attempt('SELECT id FROM ' || name || ' WHERE v IS NULL ORDER BY id') AS odd FROM tables;
-- Numbers that say what they are.
ALTER FOREIGN TABLE times ALTER v OPTIONS (ADD column_type 'unix_ms');
SELECT v FROM times WHERE id = 3;
ALTER FOREIGN TABLE times ALTER v OPTIONS (SET column_type 'julian');
SELECT v FROM times WHERE id = 4;
ALTER FOREIGN TABLE times ALTER v OPTIONS (SET column_type 'INT');
SELECT id, v FROM times WHERE v = '2023-11-14 22:13:20';
-- What was read is good in every later use: no text that a dump could not restore.
CREATE TABLE copied AS SELECT * FROM texts;
SELECT id, v, convert_to(v, 'UTF8') FROM copied ORDER BY id;
-- Sums and averages beyond a bigint, or a double.
SELECT sum(v), avg(v), sum(v) / 3 = avg(v) AS same FROM big;
-- LIMIT waits for a filter that stays here.
SELECT v FROM plain WHERE upper(v) = 'A' ORDER BY v COLLATE "C" LIMIT 1;
SELECT p.v FROM plain p JOIN copied c USING (id) ORDER BY p.v COLLATE "C" LIMIT 2;
-- A read lets its lock go with its statement, within a transaction too.
BEGIN;
SELECT count(*) FROM plain;
SELECT in_use FROM sqlite_import.get_connections() WHERE server_name = 'traps';
COMMIT;

SET client_min_messages = warning;
DROP SCHEMA fdw_traps CASCADE;
DROP SERVER traps CASCADE;
