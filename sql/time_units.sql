-- Numbers that count time: one moment, 2024-02-29 12:34:56.789 UTC, in every unit that `from` names.
-- (The numbers are Python's: (t - datetime(1601, 1, 1)) / timedelta(microseconds=1), and so on.)

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
CREATE SCHEMA units;
SET search_path = units;
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SET timezone = 'Asia/Tokyo';
SELECT fixtures.sqlite_file('time_units', $$
CREATE TABLE t(id INTEGER PRIMARY KEY, unix_s REAL, unix_ms INTEGER, unix_us INTEGER, unix_ns INTEGER, unix_days INTEGER,
    julian REAL, cocoa REAL, webkit INTEGER, dotnet_ticks INTEGER, ole REAL, compact INTEGER, compact_text TEXT);
INSERT INTO t VALUES (1, 1709210096.789, 1709210096789, 1709210096789000, 1709210096789000000, 19782,
    2460370.0242683915, 730902896.789, 13353683696789000, 638448068967890000, 45351.52426839121, 20240229123456, '20240229123456789');
CREATE TABLE lengths(id INTEGER PRIMARY KEY, s REAL, ms INTEGER, us INTEGER, ns TEXT, iso TEXT);
INSERT INTO lengths VALUES (1, 90061.5, 90061500, 90061500000, '90061500000000', '1 day 01:01:01.5'), (2, -1, -1, -1, '-1000', '-00:00:01'), (3, 0, 0, 0, 0, NULL);
$$) AS source \gset

CREATE TABLE t (id bigint PRIMARY KEY, unix_s timestamptz, unix_ms timestamptz, unix_us timestamptz, unix_ns timestamptz, unix_days date, julian timestamptz,
    cocoa timestamptz, webkit timestamptz, dotnet_ticks timestamptz, ole timestamptz, compact timestamptz, compact_text timestamptz);
CREATE VIEW moments AS SELECT key, value::timestamptz AT TIME ZONE 'UTC' AS value FROM t, json_each_text(row_to_json(t)) WHERE key NOT IN ('id', 'unix_days');
\set casts '{"t.unix_s": {"from": "unix_s"}, "t.unix_ms": {"from": "unix_ms"}, "t.unix_us": {"from": "unix_us"}, "t.unix_ns": {"from": "unix_ns"}, "t.unix_days": {"from": "unix_days"}, "t.julian": {"from": "julian"}, "t.cocoa": {"from": "cocoa"}, "t.webkit": {"from": "webkit"}, "t.dotnet_ticks": {"from": "dotnet_ticks"}, "t.ole": {"from": "ole"}, "t.compact": {"from": "compact"}, "t.compact_text": {"from": "compact"}}'
SELECT rows FROM sqlite_import.copy_table(:'source', 't', 't', casts => :'casts');
SELECT * FROM moments;
SELECT unix_days FROM t;
SELECT status FROM sqlite_import.verify(:'source', 'units', tables => '{t}', casts => :'casts');

-- Digits YYYYMMDD[HHMMSS] name no zone: they are read in the option's, like text.
TRUNCATE t;
SELECT rows FROM sqlite_import.copy_table(:'source', 't', 't', casts => :'casts', timezone => 'Europe/Berlin');
SELECT * FROM moments WHERE key LIKE 'compact%';
SELECT status FROM sqlite_import.verify(:'source', 'units', tables => '{t}', casts => :'casts', timezone => 'Europe/Berlin');

-- A length of time.
CREATE TABLE lengths (id bigint PRIMARY KEY, s interval, ms interval(1), us interval, ns interval, iso interval);
\set casts '{"lengths.s": {"from": "unix_s"}, "lengths.ms": {"from": "unix_ms"}, "lengths.us": {"from": "unix_us"}, "lengths.ns": {"from": "unix_ns"}}'
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'lengths', 'lengths', on_error => 'reject', casts => :'casts');
SELECT * FROM lengths;
SELECT source_rowid, column_name, sqlstate FROM sqlite_import.rejected_rows WHERE table_name = 'lengths';
DELETE FROM sqlite_import.rejected_rows WHERE table_name = 'lengths';
TRUNCATE lengths;
\set casts '{"lengths.s": {"from": "unix_s"}, "lengths.ms": {"from": "unix_ms", "round": true}, "lengths.us": {"from": "unix_us"}, "lengths.ns": {"from": "unix_ns"}}'
SELECT rows, note FROM sqlite_import.copy_table(:'source', 'lengths', 'lengths', casts => :'casts');
SELECT * FROM lengths;
SELECT status FROM sqlite_import.verify(:'source', 'units', tables => '{lengths}', casts => :'casts');
SELECT sqlite_import.copy_table(:'source', 'lengths', 'lengths', casts => '{"lengths.s": {"from": "julian"}}');
SELECT sqlite_import.copy_table(:'source', 'lengths', 'lengths', casts => '{"lengths.s": {"from": "fortnights"}}');

-- Through the wrapper: read, and written the other way; what a unit cannot hold is refused.
-- (Nothing in the server's own directory is ever written, so the file is copied out of it.)
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %s /tmp/sqlite_import_units_%s.db', fixtures.path('time_units'), current_setting('port'))); END $$;
SELECT '/tmp/sqlite_import_units_' || current_setting('port') || '.db' AS copy \gset
CREATE SERVER units FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'copy', updatable 'true', timezone 'America/New_York');
CREATE FOREIGN TABLE ft (id bigint OPTIONS (key 'true'), unix_s timestamptz OPTIONS (column_type 'unix_s'), unix_ms timestamptz OPTIONS (column_type 'unix_ms'), unix_us timestamptz OPTIONS (column_type 'unix_us'), unix_ns timestamptz OPTIONS (column_type 'unix_ns'), unix_days date OPTIONS (column_type 'unix_days'), julian timestamptz OPTIONS (column_type 'julian'),
    cocoa timestamptz OPTIONS (column_type 'cocoa'), webkit timestamptz OPTIONS (column_type 'webkit'), dotnet_ticks timestamptz OPTIONS (column_type 'dotnet_ticks'), ole timestamptz OPTIONS (column_type 'ole'), compact timestamptz OPTIONS (column_type 'compact'), compact_text timestamptz OPTIONS (column_type 'compact')) SERVER units OPTIONS ("table" 't');
CREATE FOREIGN TABLE raw (id bigint, unix_s text, unix_ms text, unix_us text, unix_ns text, unix_days text, julian text, cocoa text, webkit text, dotnet_ticks text, ole text, compact text, compact_text text) SERVER units OPTIONS ("table" 't');
\set moment '\'2031-07-01 18:00:00.125+00\''
INSERT INTO ft VALUES (2, :moment, :moment, :moment, :moment, '2031-07-01', :moment, :moment, :moment, :moment, :moment, '2031-07-01 18:00:00.12+00', :moment);
SELECT b.key, a.value AS first, b.value AS second FROM raw x, json_each_text(row_to_json(x)) a, raw y, json_each_text(row_to_json(y)) b
    WHERE x.id = 1 AND y.id = 2 AND a.key = b.key;
SELECT key, value::timestamptz AT TIME ZONE 'UTC' AS value FROM ft, json_each_text(row_to_json(ft)) WHERE id = 2 AND key NOT IN ('id', 'unix_days');
INSERT INTO ft (id, julian) VALUES (3, '2024-02-29 12:34:56.123456+00');
INSERT INTO ft (id, unix_ns) VALUES (3, '2300-01-01');
INSERT INTO ft (id, compact) VALUES (3, '2024-02-29 12:34:56.123456+00');
INSERT INTO ft (id, compact) VALUES (3, '10000-02-01');
CREATE FOREIGN TABLE fl (id bigint OPTIONS (key 'true'), s interval OPTIONS (column_type 'unix_s'), ms interval OPTIONS (column_type 'unix_ms'), us interval OPTIONS (column_type 'unix_us'), ns interval OPTIONS (column_type 'unix_ns')) SERVER units OPTIONS ("table" 'lengths');
UPDATE fl SET s = ms + interval '1 day', us = '-2 days 00:00:00.000001' WHERE id = 1;
SELECT * FROM fl ORDER BY id;
UPDATE fl SET s = '1 mon' WHERE id = 1;
UPDATE fl SET ms = '0.0001 s' WHERE id = 1;
UPDATE fl SET ms = '0.0005 s' WHERE id = 1;
SELECT ms FROM fl WHERE id = 1;

DROP SCHEMA units CASCADE;
DROP SERVER units CASCADE;
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; rm /tmp/sqlite_import_units_%s.db', current_setting('port'))); END $$;
