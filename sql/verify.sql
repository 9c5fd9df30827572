-- verify(): both sides are read again, every row, and compared without the converter.

CREATE SCHEMA verify_test;
SET search_path = verify_test;
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SET timezone = 'UTC';

-- One column for each way to read a value.  (SQLite's || makes a text of blobs: raw holds texts.)
SELECT fixtures.sqlite_file('verify_items', $$
	CREATE TABLE items (
		id INTEGER PRIMARY KEY, name TEXT, code CHAR(6), price DECIMAL(10,2), ratio REAL, half REAL,
		ok BOOLEAN, made DATETIME, seen TIMESTAMP, day DATE, at TIME, doc JSON, docb JSONB, raw BLOB,
		uid UUID, big BIGINT, kind TEXT, tags TEXT, epoch DATETIME);
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
	INSERT INTO items SELECT i, 'Äpfel ' || i || char(10), 'c' || i, CASE i % 2 WHEN 0 THEN i / 4.0 ELSE i END,
		i / 7.0, i / 3.0, i % 2, '2024-01-01 10:00:' || printf('%02d', i % 60) || '.' || printf('%03d', i),
		'2024-03-31T01:30:00+02:00', '2024-02-29', printf('%02d:%02d', i % 24, i % 60),
		'{"a": ' || i || ',  "b": [1.50]}', '{"b": 1, "a": ' || i || ',  "a": 2}', zeroblob(i % 50) || x'00ff',
		'550e8400-e29b-41d4-a716-' || printf('%012d', i), i * 1000000007 * (1 - 2 * (i % 2)),
		CASE i % 3 WHEN 0 THEN 'open' ELSE 'done' END, '{1,2}', 1600000000 + i FROM n;
	INSERT INTO items (id) VALUES (-9223372036854775808), (501);
$$) AS items \gset

CREATE TYPE kind AS ENUM ('open', 'done');
CREATE TABLE items (
	-- in another order, of other types, in another case
	tags int[], kind kind, "BIG" numeric, uid uuid, raw bytea, docb jsonb, doc json, at time, day date,
	seen timestamptz, made timestamp(3), ok boolean, half real, ratio double precision,
	price numeric(10,2), code char(10), name varchar(100), id bigint PRIMARY KEY, epoch timestamptz,
	added_by_the_application text DEFAULT 'nobody');
INSERT INTO items
	SELECT '{1,2}', CASE i % 3 WHEN 0 THEN 'open' ELSE 'done' END::kind, i * 1000000007::bigint * (1 - 2 * (i % 2)),
		('550e8400-e29b-41d4-a716-' || to_char(i, 'FM000000000000'))::uuid,
		decode(repeat('00', i % 50) || '00ff', 'hex'), jsonb_build_object('a', 2, 'b', 1),
		('{"a": ' || i || ',  "b": [1.50]}')::json, make_time(i % 24, i % 60, 0), '2024-02-29',
		'2024-03-30 23:30:00+00', timestamp '2024-01-01 10:00' + (i % 60) * interval '1 s' + i * interval '1 ms',
		i % 2 = 1, i / 3.0::float8, i / 7.0::float8, CASE i % 2 WHEN 0 THEN i / 4.0 ELSE i END, 'c' || i,
		'Äpfel ' || i || chr(10), i, to_timestamp(1600000000 + i)
	FROM generate_series(1, 500) AS i;
INSERT INTO items (id) VALUES (-9223372036854775808), (501);

SELECT * FROM sqlite_import.verify(:'items', 'verify_test');
SELECT * FROM sqlite_import.verify(:'items', 'verify_test', level => 'counts');
SELECT * FROM sqlite_import.verify(:'items', 'verify_test', level => 'none');

-- One reader for everything: as a thread where no value needs the server, or in the backend.
SET sqlite_import.reader_threads = 0;
SELECT status FROM sqlite_import.verify(:'items', 'verify_test');
RESET sqlite_import.reader_threads;

-- What was tampered with is found, whatever it is; each change is undone again.
CREATE FUNCTION tamper(statement text, path text) RETURNS TABLE (status text, sample jsonb)
LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		EXECUTE statement;
		SELECT v.status, v.sample INTO status, sample FROM sqlite_import.verify(path, 'verify_test') v;
		RETURN NEXT;
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		NULL;
	END;
END $$;
\x on
SELECT * FROM tamper($$ UPDATE items SET name = name || ' ' WHERE id = 7 $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET name = NULL WHERE id = 7 $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET "BIG" = "BIG" + 1 WHERE id = 8 $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET price = price + 0.01, ok = NOT ok WHERE id IN (1, 2) $$, :'items');
-- the last bit of a double, half a second, an hour of time zone, one byte, one label
SELECT * FROM tamper($$ UPDATE items SET ratio = '0.14285714285714288' WHERE id = 1 $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET made = made + '1 ms' WHERE id = 1 $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET seen = seen + '1 h', epoch = epoch + '1 us' WHERE id = 1 $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET raw = raw || '\x00' WHERE id = 1 $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET kind = 'open', tags = '{2,1}' WHERE id = 1 $$, :'items');
-- json is compared as text, jsonb as value
SELECT * FROM tamper($$ UPDATE items SET doc = '{"a": 1, "b": [1.50]}' WHERE id = 1 $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET docb = '{"b":1,    "a":2}' WHERE id = 1 $$, :'items');
-- numeric has no scale of its own here, and char(n) no trailing blanks: not differences
SELECT * FROM tamper($$ ALTER TABLE items ALTER price TYPE numeric(20,6), ALTER code TYPE char(40) $$, :'items');
-- rows
SELECT * FROM tamper($$ DELETE FROM items WHERE id IN (3, 500) $$, :'items');
SELECT * FROM tamper($$ INSERT INTO items (id, name) VALUES (1000, 'x') $$, :'items');
SELECT * FROM tamper($$ UPDATE items SET id = 1001 WHERE id = 1 $$, :'items');
SELECT * FROM tamper($$ ALTER TABLE items DROP CONSTRAINT items_pkey; INSERT INTO items SELECT * FROM items WHERE id = 5 $$, :'items');
-- two rows that swap their values have the same columns in sum, but are not the same rows
SELECT * FROM tamper($$ UPDATE items SET name = 'Äpfel ' || CASE id WHEN 1 THEN 2 ELSE 1 END || chr(10) WHERE id IN (1, 2) $$, :'items');
-- values are shown on request only
SET sqlite_import.show_values = on;
SELECT * FROM tamper($$ UPDATE items SET name = 'pears' WHERE id = 7 $$, :'items');
RESET sqlite_import.show_values;
\x off

-- A table without a key: rows are compared as a multiset.
SELECT fixtures.sqlite_file('verify_bag', $$
	CREATE TABLE bag (a, b TEXT);
	INSERT INTO bag VALUES (1, 'x'), (1, 'x'), (2, NULL), (NULL, ''), (3, 'z');
$$) AS bag \gset
CREATE TABLE bag (a int, b text);
INSERT INTO bag VALUES (3, 'z'), (2, NULL), (1, 'x'), (NULL, ''), (1, 'x');
SELECT missing, extra, different, status, sample FROM sqlite_import.verify(:'bag', 'verify_test');
DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = 1);
SELECT missing, extra, different, status, sample FROM sqlite_import.verify(:'bag', 'verify_test');
INSERT INTO bag VALUES (2, NULL);
SELECT missing, extra, different, status, sample FROM sqlite_import.verify(:'bag', 'verify_test');
-- NULL is not the empty text
UPDATE bag SET b = '' WHERE a = 2;
SELECT missing, extra, different, status, sample FROM sqlite_import.verify(:'bag', 'verify_test');

-- Values that the target cannot hold are never equal to anything.
SELECT fixtures.sqlite_file('verify_odd', $$
	CREATE TABLE odd (id INTEGER PRIMARY KEY, n INTEGER, t TEXT, d DATETIME, x TEXT);
	INSERT INTO odd VALUES (1, 'seven', 'a' || char(0) || 'b', '2024-01-01', '[1,'), (2, 2.5, x'ff', 'soon', NULL);
$$) AS odd \gset
CREATE TABLE odd (id int PRIMARY KEY, n int, t text, d timestamp, x jsonb);
INSERT INTO odd VALUES (1, 7, 'a', '2024-01-01', NULL), (2, 2, '', NULL, NULL);
SELECT different, status, sample FROM sqlite_import.verify(:'odd', 'verify_test');
-- unless it was so agreed: what does not fit is NULL, NUL bytes go
UPDATE odd SET n = NULL, t = CASE id WHEN 1 THEN 'ab' END, d = CASE id WHEN 1 THEN d END;
SELECT different, status FROM sqlite_import.verify(:'odd', 'verify_test', on_error => 'null', invalid_text => 'strip');

-- How a column was read is told as it was told to migrate.
SELECT fixtures.sqlite_file('verify_rules', $$
	CREATE TABLE rules (id INTEGER PRIMARY KEY, at INTEGER, state TEXT, since TEXT, pic TEXT, local TEXT, seen DATETIME);
	INSERT INTO rules VALUES (1, 1627303906122, 'aktiv', '', 'AP8=', '2024-07-01 12:00', 2459422.5),
		(2, 0, 'passiv', '2024-01-01', NULL, '2024-01-01 12:00', 2459422.75);
$$) AS rules \gset
CREATE TABLE rules (id int PRIMARY KEY, at timestamptz, state text, since date, pic bytea, local timestamptz, seen timestamp);
INSERT INTO rules VALUES (1, '2021-07-26 12:51:46.122+00', 'active', NULL, '\x00ff', '2024-07-01 10:00+00', '2021-07-27'),
	(2, '1970-01-01 00:00+00', 'passive', '2024-01-01', NULL, '2024-01-01 11:00+00', '2021-07-27 06:00');
SELECT different, status, sample #> '{different,0,columns}' AS columns FROM sqlite_import.verify(:'rules', 'verify_test');
SELECT different, status FROM sqlite_import.verify(:'rules', 'verify_test', timezone => 'Europe/Berlin', casts => '{
	"rules.at": {"from": "unix_ms"}, "rules.state": {"map": {"aktiv": "active", "passiv": "passive"}},
	"rules.since": {"empty_as_null": true}, "rules.pic": {"from": "base64"}}');

-- Tables and columns that have no counterpart are said to have none.
SELECT fixtures.sqlite_file('verify_more', $$
	CREATE TABLE bag (a, b TEXT, c TEXT);
	CREATE TABLE elsewhere (x);
	INSERT INTO elsewhere VALUES (1);
	INSERT INTO bag VALUES (1, 'x', 'c');
$$) AS more \gset
TRUNCATE bag;
INSERT INTO bag VALUES (1, 'x');
SELECT * FROM sqlite_import.verify(:'more', 'verify_test');
SELECT * FROM sqlite_import.verify(:'more', 'verify_test', tables => '{BAG}', exclude => '{bag.c}');
SELECT * FROM sqlite_import.verify(:'more', 'verify_test', tables => '{bags}');
SELECT * FROM sqlite_import.verify(:'more', 'verify_test', level => 'thoroughly');

-- Many rows that differ, and values that PostgreSQL's input functions refuse, in little memory.
SELECT fixtures.sqlite_file('verify_many', $$
	CREATE TABLE many (id INTEGER PRIMARY KEY, doc TEXT);
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
	INSERT INTO many SELECT i, CASE WHEN i % 100 = 0 THEN '{bad' ELSE '{"a": ' || i || '}' END FROM n;
$$) AS many \gset
CREATE TABLE many (id int PRIMARY KEY, doc jsonb);
INSERT INTO many SELECT i, CASE WHEN i % 100 <> 0 THEN jsonb_build_object('a', i) END FROM generate_series(1, 20000) i;
SET work_mem = '64kB';
SELECT different, status, jsonb_array_length(sample -> 'different') AS samples FROM sqlite_import.verify(:'many', 'verify_test');
RESET work_mem;
SELECT status FROM sqlite_import.verify(:'many', 'verify_test', on_error => 'null');
-- a cancelled comparison leaves the session as it was
\set VERBOSITY terse
SET statement_timeout = '5ms';
SELECT status FROM sqlite_import.verify(:'many', 'verify_test');
RESET statement_timeout;
\set VERBOSITY default
SELECT status FROM sqlite_import.verify(:'many', 'verify_test', on_error => 'null');

-- What migrate had to rename is found again: names cut to the same 63 bytes, system columns' names.
SELECT fixtures.sqlite_file('verify_renamed', $$
	CREATE TABLE a_table_with_a_name_that_is_longer_than_postgresql_can_hold_number_1 (xmin, ctid);
	CREATE TABLE a_table_with_a_name_that_is_longer_than_postgresql_can_hold_number_2 (
		a_column_with_a_name_that_is_longer_than_postgresql_can_hold_number_1 INTEGER,
		a_column_with_a_name_that_is_longer_than_postgresql_can_hold_number_2 INTEGER);
	CREATE TABLE a_table_with_a_name_that_is_longer_than_postgresql_can_hold_number_3 (x);
	INSERT INTO a_table_with_a_name_that_is_longer_than_postgresql_can_hold_number_1 VALUES (1, 2);
	INSERT INTO a_table_with_a_name_that_is_longer_than_postgresql_can_hold_number_2 VALUES (3, 4);
$$) AS renamed \gset
CREATE SCHEMA verify_renamed;
SELECT action, rows FROM sqlite_import.migrate(:'renamed', 'verify_renamed') WHERE object_type = 'database';
SELECT target, status FROM sqlite_import.verify(:'renamed', 'verify_renamed');
DROP SCHEMA verify_renamed CASCADE;

-- The target is read with the caller's rights, row security included.
CREATE ROLE verify_reader;
GRANT pg_read_server_files TO verify_reader;
GRANT USAGE ON SCHEMA verify_test TO verify_reader;
SET ROLE verify_reader;
SELECT status FROM sqlite_import.verify(:'more', 'verify_test', tables => '{bag}');
RESET ROLE;
GRANT SELECT (a) ON bag TO verify_reader;
SET ROLE verify_reader;
SELECT status FROM sqlite_import.verify(:'more', 'verify_test', tables => '{bag}');
SELECT status FROM sqlite_import.verify(:'more', 'verify_test', tables => '{bag}', exclude => '{bag.b,bag.c}');
RESET ROLE;
GRANT SELECT ON bag TO verify_reader;
ALTER TABLE bag ENABLE ROW LEVEL SECURITY;
SET ROLE verify_reader;
SELECT status FROM sqlite_import.verify(:'more', 'verify_test', tables => '{bag}', exclude => '{bag.c}');
RESET ROLE;

SET client_min_messages = error;
DROP SCHEMA verify_test CASCADE;
REVOKE pg_read_server_files FROM verify_reader;
DROP ROLE verify_reader;
