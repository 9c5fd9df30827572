-- Conversion: a value arrives exactly, or is refused with table, column, rowid and the way out.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
CREATE SCHEMA converting;
SET search_path = converting;
SELECT fixtures.sqlite_file('convert', $$
CREATE TABLE v(id INTEGER PRIMARY KEY, v);
INSERT INTO v(v) VALUES
    (0), (1), (2), (32768), (2147483648), (9223372036854775807),
    (0.0), (1.0), (2.5), (19.99), (1e20),
    ('1'), ('007'), ('19.99'), ('1.005'), ('abc'), ('true'), ('NO'), (''),
    ('2024-02-29'), ('2023-02-29'), ('2024-02-29T12:34:56.789Z'), ('2024-02-29 12:34:56+02:00'), ('12:34'), ('0000-00-00'),
    ('00112233-4455-6677-8899-aabbccddeeff'), (x'00112233445566778899aabbccddeeff'),
    ('{"a": [1, 2]}'), ('[1, 2, null]'), ('{"a": "' || char(92) || 'u0000"}'), (CAST(x'ff' AS TEXT)), ('a' || char(0) || 'b'), (x'c3a4'), (NULL);
CREATE TABLE stamps(id INTEGER PRIMARY KEY, s INTEGER, ms INTEGER, us INTEGER, j REAL, naive TEXT);
INSERT INTO stamps VALUES
    (1, 1709210096, 1709210096789, 1709210096789012, 2460370.0242592595, '2024-02-29 12:34:56'),
    (2, -1, -1, -1, 0.0, '2024-07-01 12:00:00'),
    (3, 253402300799, 253402300799999, 253402300799999999, 2451544.5, NULL);
CREATE TABLE status(id INTEGER PRIMARY KEY, s TEXT);
INSERT INTO status VALUES (1, 'aktiv'), (2, 'passiv'), (3, NULL), (4, 'neu'), (5, '');
CREATE TABLE coded(id INTEGER PRIMARY KEY, b64 TEXT, hex TEXT);
INSERT INTO coded VALUES (1, 'SGVsbG8=', '48656C6c6f');
CREATE TABLE bad(id INTEGER PRIMARY KEY, age INTEGER);
INSERT INTO bad SELECT value, value FROM json_each('[1,2,3,4,5]');
UPDATE bad SET age = 'unknown' WHERE id = 4;
$$) AS source \gset

-- What each type takes of the same values.  The rest is rejected, with its SQLSTATE.
CREATE FUNCTION takes(source text, type text, casts jsonb DEFAULT NULL, invalid_text text DEFAULT 'error')
RETURNS TABLE (taken text) LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.taken;
    DELETE FROM sqlite_import.rejected_rows;
    EXECUTE format('CREATE TEMP TABLE taken (id bigint, v %s)', type);
    PERFORM sqlite_import.copy_table(source, 'v', 'pg_temp.taken', on_error => 'reject', casts => casts, invalid_text => invalid_text);
    RETURN QUERY EXECUTE 'SELECT string_agg(coalesce(v::text, ''NULL''), '' | '' ORDER BY id) FROM pg_temp.taken';
    RETURN QUERY SELECT 'refused: ' || string_agg(s.sqlstate || ' ' || s.n, ', ' ORDER BY s.sqlstate)
        FROM (SELECT r.sqlstate, count(*) AS n FROM sqlite_import.rejected_rows r GROUP BY 1) s;
END $$;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SELECT takes(:'source', 'smallint');
SELECT takes(:'source', 'integer');
SELECT takes(:'source', 'bigint');
SELECT takes(:'source', 'numeric');
SELECT takes(:'source', 'numeric(5,2)');
SELECT takes(:'source', 'numeric(5,2)', '{"v.v": {"round": true}}');
SELECT takes(:'source', 'real');
SELECT takes(:'source', 'double precision');
SELECT takes(:'source', 'boolean');
SELECT takes(:'source', 'varchar(5)');
SELECT takes(:'source', 'bytea');
SELECT takes(:'source', 'date');
SELECT takes(:'source', 'date', '{"v.v": {"round": true}}');
SELECT takes(:'source', 'date', '{"v.v": {"truncate": true}}');
SELECT takes(:'source', 'time');
SELECT takes(:'source', 'timestamp');
SELECT takes(:'source', 'timestamptz');
SELECT takes(:'source', 'uuid');
SELECT takes(:'source', 'json');
SELECT takes(:'source', 'jsonb');
SELECT takes(:'source', 'integer[]');
SELECT takes(:'source', 'inet');
SELECT takes(:'source', 'macaddr');
SELECT takes(:'source', 'oid');
SELECT takes(:'source', 'interval');
SELECT takes(:'source', 'bit(1)');
SELECT takes(:'source', 'money');
SELECT takes(:'source', 'name');

-- Digits beyond the type's, rounded to the nearest or cut: cut, no moment enters the next day, or the year 10000.
SELECT fixtures.sqlite_file('digits', $$
CREATE TABLE v(id INTEGER PRIMARY KEY, v);
INSERT INTO v(v) VALUES ('9999-12-31 23:59:59.9999999'), ('1999-12-31 23:59:59.5'), ('23:59:59.9999999'), ('23:59:59.9999999+02'), ('00:00:01.9999999'),
    (-0.0000001), (2.675), (-2.675), ('999.999');
$$) AS digits \gset
SELECT type, rule, t.taken FROM unnest('{"numeric(5,2)",timestamp,timestamp(0),timestamptz(0),time,timetz(0),interval,interval(0),date}'::text[]) WITH ORDINALITY AS w(type, place),
    unnest('{round,truncate}'::text[]) AS rule,
    takes(:'digits', type, jsonb_build_object('v.v', jsonb_build_object(rule, true, 'from', CASE WHEN type ~ '^(timestamp|date|interval)' THEN 'unix_s' ELSE 'auto' END))) AS t
 ORDER BY place, rule, t.taken;
SELECT takes(:'digits', 'real', '{"v.v": {"truncate": true}}');
SELECT takes(:'digits', 'date', '{"v.v": {"truncate": true, "round": true}}');

-- Text that is no text: refused, or repaired when that is asked for.
SELECT takes(:'source', 'text');
SELECT takes(:'source', 'text', '{"v.v": {"from": "utf8"}}', 'replace');
SELECT takes(:'source', 'text', NULL, 'strip');

-- Enums, and domains with their checks.
CREATE TYPE mood AS ENUM ('abc', 'true');
CREATE DOMAIN small AS integer NOT NULL CHECK (VALUE < 10);
SELECT takes(:'source', 'mood');
SELECT takes(:'source', 'small');

-- Numbers that are moments, once somebody says what they count.
CREATE TABLE stamps (id bigint, s timestamptz, ms timestamptz, us timestamp, j timestamp, naive timestamptz);
SELECT sqlite_import.copy_table(:'source', 'stamps', 'stamps');
SELECT rows FROM sqlite_import.copy_table(:'source', 'stamps', 'stamps', timezone => 'Europe/Berlin', casts => '{
    "stamps.s": {"from": "unix_s"}, "stamps.ms": {"from": "unix_ms"},
    "stamps.us": {"from": "unix_us"}, "*.j": {"from": "julian"}}');
SELECT * FROM stamps ORDER BY id;

-- Value maps: enum normalization.
CREATE TYPE state AS ENUM ('active', 'passive', 'unknown');
CREATE TABLE status (id bigint, s state);
SELECT sqlite_import.copy_table(:'source', 'status', 'status', casts => '{"status.s": {"map": {"aktiv": "active", "passiv": "passive"}}}');
SELECT rows FROM sqlite_import.copy_table(:'source', 'status', 'status', casts => '{
    "status.s": {"map": {"aktiv": "active", "passiv": "passive", "": null}, "else": "unknown", "default": "passive"}}');
SELECT * FROM status ORDER BY id;

-- Bytes that were written as text.
CREATE TABLE coded (id bigint, b64 bytea, hex bytea);
SELECT rows FROM sqlite_import.copy_table(:'source', 'coded', 'coded', casts => '{"*.b64": {"from": "base64"}, "*.hex": {"from": "hex"}}');
SELECT convert_from(b64, 'UTF8'), convert_from(hex, 'UTF8') FROM coded;
SELECT sqlite_import.copy_table(:'source', 'coded', 'coded', casts => '{"*.b64": {"from": "hex"}}');

-- A reading that cannot suit the type.
CREATE TABLE bad (id bigint, age integer);
SELECT sqlite_import.copy_table(:'source', 'bad', 'bad', casts => '{"*.age": {"from": "unix_s"}}');

-- The policies: stop with table, column and rowid, NULL, or reject.  Values are told only on request.
SELECT sqlite_import.copy_table(:'source', 'bad', 'bad');
SET sqlite_import.show_values = on;
SELECT sqlite_import.copy_table(:'source', 'bad', 'bad');
RESET sqlite_import.show_values;
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'bad', 'bad', on_error => 'null');
SELECT * FROM bad ORDER BY id;
TRUNCATE bad;
DELETE FROM sqlite_import.rejected_rows;
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'bad', 'bad', on_error => 'reject');
SELECT * FROM bad ORDER BY id;
SELECT table_name, source_rowid, column_name, storage_class, value, sqlstate, message FROM sqlite_import.rejected_rows;
DELETE FROM sqlite_import.rejected_rows;
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'bad', 'bad', casts => '{"*.age": {"on_mismatch": "null"}}');

-- What only the server can judge is refused in the same words, without the value.
CREATE TABLE spans (id bigint, age int4range);
SELECT sqlite_import.copy_table(:'source', 'bad', 'spans');

-- Its refusals end as the column's rule says too; but a domain that takes no NULL gets none.
SELECT rows, note FROM sqlite_import.copy_table(:'source', 'bad', 'spans', casts => '{"*.age": {"on_mismatch": "null"}}');
CREATE DOMAIN adult AS integer NOT NULL CHECK (VALUE >= 3);
CREATE TABLE adults (id bigint, age adult);
SELECT sqlite_import.copy_table(:'source', 'bad', 'adults', on_error => 'null');
SELECT rows, rejected FROM sqlite_import.copy_table(:'source', 'bad', 'adults', on_error => 'reject', casts => '{"*.age": {"on_mismatch": "null"}}');
SELECT * FROM adults ORDER BY id;
DELETE FROM sqlite_import.rejected_rows;
CREATE SERVER convert FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'source');
CREATE FOREIGN TABLE wrapped (id bigint, age int4range) SERVER convert OPTIONS ("table" 'bad', on_mismatch 'null');
SELECT count(*), count(age) FROM wrapped;
ALTER FOREIGN TABLE wrapped ALTER age TYPE adult;
SELECT id, age FROM wrapped;
