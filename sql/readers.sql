-- One reader of texts: what the profile says fits, the load takes, and verify agrees.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SET DateStyle = 'ISO, MDY';
SET timezone = 'Asia/Tokyo';
SELECT fixtures.sqlite_file('readers', $$
CREATE TABLE offsets(id INTEGER PRIMARY KEY, at DATETIME);
INSERT INTO offsets VALUES (1, '2024-05-01 13:00:00 +02:00:30'), (2, '2024-05-01 13:00:00 +0200 CEST m=+0.01'), (3, '2022/11/04 02:50:27+02'), (4, '2024-01-01 24:00:00Z');
CREATE TABLE naive(id INTEGER PRIMARY KEY, at DATETIME);
INSERT INTO naive VALUES (1, '2024-01-01 24:00:00'), (2, '8 Jan 1999'), (3, 'Jan 8, 1999 10:00'), (4, 'infinity');
CREATE TABLE days(id INTEGER PRIMARY KEY, day DATE);
INSERT INTO days VALUES (1, '8-Jan-1999'), (2, '1999/01/08'), (3, '1999-01-08'), (4, '-infinity');
CREATE TABLE clocks(id INTEGER PRIMARY KEY, t TIME);
INSERT INTO clocks VALUES (1, '24:00:00'), (2, '10:00:00');
CREATE TABLE guesses(id INTEGER PRIMARY KEY, at DATETIME);
INSERT INTO guesses VALUES (1, '01-Feb-03'), (2, '2024-05-01 13:00:00 +0200 UTC');
CREATE TABLE spans(id INTEGER PRIMARY KEY, span INTERVAL);
INSERT INTO spans VALUES (1, '1 day, 2:03:04'), (2, 'P1Y2M3DT4H5M6.7S'), (3, '-1 days +02:03:04'), (4, '1.5 hours');
CREATE TABLE dotnet(id INTEGER PRIMARY KEY, span INTERVAL);
INSERT INTO dotnet VALUES (1, '1.02:03:04');
CREATE TABLE numbers(id INTEGER PRIMARY KEY, f FLOAT, d BLOB);
INSERT INTO numbers VALUES (1, 'NaN', 'x'), (2, 'Infinity', 'x'), (3, '-inf', 'x');
CREATE TABLE all_types(id INTEGER PRIMARY KEY, v);
INSERT INTO all_types(v) VALUES ('10:00:00Z'), ('10:00:00+02'), ('10:00:00'), ('2024-01-01 10:00:00+02'), ('1.02:03:04'), ('-1 02:03:04'),
    ('0.0000001 s'), ('26:30'), ('10'), ('10.0.0.0/8'), ('10.0.0.1/8'), ('08:00:2b:01:02:03'), ('08:00:2b:01:02:03:04:05'), ('2024-01-31'),
    ('404302016'), ('404302020'), ('7.038531e-26'), ('0.123456789');
$$) AS source \gset

-- The default run: nothing stops it, and verify calls every table equal.
CREATE SCHEMA readers;
SELECT object_type, object_name, target, action, rows, note FROM sqlite_import.migrate(:'source', target_schema => 'readers', exclude => '{all_types}')
 WHERE object_type IN ('table', 'column') AND action <> 'created' AND action <> 'analyzed';
SELECT id, at AT TIME ZONE 'UTC' AS at FROM readers.offsets ORDER BY id;
SELECT * FROM readers.naive ORDER BY id;
SELECT * FROM readers.days ORDER BY id;
SELECT * FROM readers.clocks ORDER BY id;
SELECT * FROM readers.guesses ORDER BY id;
SELECT * FROM readers.spans ORDER BY id;
SELECT * FROM readers.dotnet ORDER BY id;
SELECT id, f FROM readers.numbers ORDER BY id;

-- Into each type: what it takes, as what; the rest is NULL, and verify knows which.
CREATE FUNCTION readers.takes(source text, type text) RETURNS TABLE(value text, becomes text, verified text) LANGUAGE plpgsql AS $$
DECLARE
    status text;
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS readers.all_types; CREATE TABLE readers.all_types(id bigint PRIMARY KEY, v %s)', type);
    EXECUTE 'DROP FOREIGN TABLE IF EXISTS readers.source; CREATE FOREIGN TABLE readers.source(id bigint, v text) SERVER readers OPTIONS (table ''all_types'')';
    PERFORM sqlite_import.copy_table(source, 'all_types', 'readers.all_types', on_error => 'null');
    SELECT v.status INTO status FROM sqlite_import.verify(source, 'readers', tables => '{all_types}', on_error => 'null') AS v;
    RETURN QUERY EXECUTE 'SELECT s.v, t.v::text, $1 FROM readers.source AS s JOIN readers.all_types AS t USING (id) WHERE t.v IS NOT NULL ORDER BY id' USING status;
END $$;
CREATE SERVER readers FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'source');
SET extra_float_digits = 1;
SELECT t.type, x.* FROM unnest('{time,timetz,interval,interval(0),inet,cidr,macaddr,macaddr8,real}'::text[]) AS t(type), readers.takes(:'source', t.type) AS x;

DROP SERVER readers CASCADE;
DROP SCHEMA readers CASCADE;
