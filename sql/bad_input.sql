-- What the worst of values come to: the table of docs/type-mapping.md, "What bad input comes to",
-- line by line.  Nothing is lost or changed in silence.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
\pset format unaligned
\t on
SELECT fixtures.sqlite_file('bad_input', $$
CREATE TABLE late(id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO late WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, i FROM n;
UPDATE late SET v = 'n/a' WHERE id = 900;
CREATE TABLE beyond_text(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO beyond_text(v) VALUES ('9223372036854775807'), ('9223372036854775808'), ('-123456789012345678901234567890');
CREATE TABLE beyond_real(id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO beyond_real(v) VALUES (1), (9007199254740994.0), (9.3e18);
CREATE TABLE infinite(id INTEGER PRIMARY KEY, v REAL);
INSERT INTO infinite(v) VALUES (1.5), (9e999), (-9e999);
CREATE TABLE nul(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO nul(v) VALUES ('sound'), ('a' || char(0) || 'b');
CREATE TABLE surrogates(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO surrogates(v) VALUES ('sound'), (CAST(x'61eda08062' AS TEXT));
CREATE TABLE invalid(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO invalid(v) VALUES ('sound'), (CAST(x'6772fcdf' AS TEXT));
CREATE TABLE json_nul(id INTEGER PRIMARY KEY, v JSON);
INSERT INTO json_nul(v) VALUES ('{"a": "b"}'), ('{"a": "\u0000"}');
CREATE TABLE json_surrogate(id INTEGER PRIMARY KEY, v JSON);
INSERT INTO json_surrogate(v) VALUES ('{"a": "b"}'), ('{"a": "\ud83d"}');
CREATE TABLE large(id INTEGER PRIMARY KEY, v BLOB);
INSERT INTO large(v) VALUES (CAST(hex(zeroblob(25000000)) || 'end' AS BLOB));
CREATE TABLE long(id INTEGER PRIMARY KEY, v VARCHAR(5));
INSERT INTO long(v) VALUES ('12345'), ('123456'), ('1234  ');
CREATE TABLE forty(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO forty(v) VALUES ('12345678901234567890.12345678901234567891'), ('-0.0000000000000000000000000000000000000001');
CREATE TABLE truth(id INTEGER PRIMARY KEY, v BOOLEAN);
INSERT INTO truth(v) VALUES (0), (1), (2);
CREATE TABLE mixed(id INTEGER PRIMARY KEY, v DATETIME);
INSERT INTO mixed(v) VALUES ('2024-02-29 12:00:00'), (1709208000), (1709208000.5);
$$) AS source \gset

-- The type that a table's column v gets and what is in it, or why the run stopped.
CREATE FUNCTION outcome(source text, name text, types text DEFAULT 'checked', casts text DEFAULT NULL, on_error text DEFAULT 'stop',
                        invalid_text text DEFAULT 'error', show text DEFAULT 'v::text')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
    why text;
BEGIN
    DROP SCHEMA IF EXISTS bad_input CASCADE;
    CREATE SCHEMA bad_input;
    DELETE FROM sqlite_import.rejected_rows;
    PERFORM sqlite_import.migrate(source, 'bad_input', tables => ARRAY[name], types => types, on_error => on_error, invalid_text => invalid_text,
                                  casts => jsonb_build_object(name || '.v', casts::jsonb) - CASE WHEN casts IS NULL THEN name || '.v' ELSE '' END);
    EXECUTE format('SELECT (SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %L::regclass AND attname = ''v'')'
                   ' || '': '' || coalesce(string_agg(coalesce(%s, ''NULL''), '' | '' ORDER BY id), ''nothing'') FROM bad_input.%I WHERE id < 4 OR id = 900',
                   'bad_input.' || name, show, name) INTO result;
    RETURN result || coalesce(' — rejected: ' || (SELECT string_agg(format('%s.%s rowid %s %s %s', table_name, column_name, source_rowid, storage_class,
                     sqlstate), ', ' ORDER BY source_rowid) FROM sqlite_import.rejected_rows), '');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS why = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ': ' || SQLERRM || '. ' || why;
END $$;

-- Text at row 900 of 1000 in an INTEGER column.
SELECT outcome(:'source', 'late');
SELECT outcome(:'source', 'late', 'declared');
SELECT outcome(:'source', 'late', 'declared', on_error => 'null');
SELECT outcome(:'source', 'late', 'declared', on_error => 'reject');

-- Integers beyond bigint, as text and as REAL.
SELECT outcome(:'source', 'beyond_text');
SELECT outcome(:'source', 'beyond_text', casts => '"bigint"');
SELECT outcome(:'source', 'beyond_text', casts => '"numeric"');
SELECT outcome(:'source', 'beyond_real');
SELECT outcome(:'source', 'beyond_real', 'declared');
SELECT outcome(:'source', 'beyond_real', casts => '"numeric"');

-- Infinity.
SELECT outcome(:'source', 'infinite');
SELECT outcome(:'source', 'infinite', casts => '"real"');
SELECT outcome(:'source', 'infinite', casts => '"numeric"');
SELECT outcome(:'source', 'infinite', casts => '"numeric(10,2)"');
SELECT outcome(:'source', 'infinite', casts => '"bigint"', on_error => 'reject');

-- NUL bytes, lone surrogates, invalid UTF-8.
SELECT outcome(:'source', 'nul');
SELECT outcome(:'source', 'nul', invalid_text => 'replace');
SELECT outcome(:'source', 'nul', invalid_text => 'strip');
SELECT outcome(:'source', 'nul', casts => '"bytea"');
SELECT outcome(:'source', 'surrogates');
SELECT outcome(:'source', 'surrogates', invalid_text => 'replace');
SELECT outcome(:'source', 'invalid');
SELECT outcome(:'source', 'invalid', invalid_text => 'strip');
SELECT outcome(:'source', 'invalid', on_error => 'null');

-- Invalid UTF-8 in names.
SELECT fixtures.sqlite_file('bad_names', $$
CREATE TABLE nameX(id INTEGER PRIMARY KEY, colX TEXT);
INSERT INTO nameX VALUES (1, 'sound');
.dbconfig defensive off
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET name = CAST(x'6e616d65ff' AS TEXT), tbl_name = CAST(x'6e616d65ff' AS TEXT),
    sql = CAST(CAST('CREATE TABLE "name' AS BLOB) || x'ff' || CAST('"(id INTEGER PRIMARY KEY, "col' AS BLOB) || x'fe' || CAST('" TEXT)' AS BLOB) AS TEXT);
$$) AS names \gset
DROP SCHEMA bad_input CASCADE;
CREATE SCHEMA bad_input;
SELECT severity, object_type, object_name, finding FROM sqlite_import.assess(:'names', target_schema => 'bad_input') WHERE object_type <> 'verdict';
SELECT object_type, object_name, target, action, rows, note FROM sqlite_import.migrate(:'names', 'bad_input') WHERE object_type NOT IN ('database', 'statistics');
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'bad_input' ORDER BY ordinal_position;

-- NUL, and half a surrogate pair, as escapes of JSON.
SELECT outcome(:'source', 'json_nul');
SELECT outcome(:'source', 'json_nul', casts => '"jsonb"');
SELECT outcome(:'source', 'json_nul', casts => '"jsonb"', on_error => 'null');
SELECT outcome(:'source', 'json_surrogate');
SELECT outcome(:'source', 'json_surrogate', casts => '"jsonb"', on_error => 'reject');

-- 50 MB.
SELECT outcome(:'source', 'large', show => 'length(v) || '' '' || md5(v)'), md5(repeat('0', 50000000) || 'end') AS wanted;

-- Longer than declared; spaces count.
SELECT outcome(:'source', 'long');
SELECT outcome(:'source', 'long', 'declared');
SELECT outcome(:'source', 'long', 'declared', on_error => 'reject');

-- Forty digits.
SELECT outcome(:'source', 'forty', casts => '"numeric"');
SELECT outcome(:'source', 'forty', casts => '"double precision"');
SELECT outcome(:'source', 'forty', casts => '"numeric(38,2)"', on_error => 'reject');

-- 2 in a boolean column.
SELECT outcome(:'source', 'truth');
SELECT outcome(:'source', 'truth', 'declared');
SELECT outcome(:'source', 'truth', casts => '{"type": "boolean", "map": {"0": "false", "1": "true", "2": "true"}}');

-- Epoch and ISO text in one column.
SELECT outcome(:'source', 'mixed');
SELECT outcome(:'source', 'mixed', 'declared');
SELECT outcome(:'source', 'mixed', casts => '{"type": "timestamp", "from": "unix_s"}');

-- 2,000 columns are SQLite's limit, 1,600 PostgreSQL's.  Everything can be asked about the table but one thing.
SELECT fixtures.sqlite_file('wide', format('CREATE TABLE wide(id INTEGER PRIMARY KEY, %s); INSERT INTO wide(id, c1, c1999) VALUES (1, 1, 3), (2, 1, ''x'');'
        'CREATE TABLE narrow(id INTEGER PRIMARY KEY, %s); INSERT INTO narrow SELECT 7, %s; INSERT INTO narrow(id, c1599) VALUES (8, ''y'');',
    (SELECT string_agg('c' || i, ', ' ORDER BY i) FROM generate_series(1, 1999) i),
    (SELECT string_agg('c' || i || ' TEXT', ', ' ORDER BY i) FROM generate_series(1, 1599) i),
    (SELECT string_agg((i % 10)::text, ', ' ORDER BY i) FROM generate_series(1, 1599) i))) AS wide \gset
SELECT table_name, count(*), count(*) FILTER (WHERE integers + texts > 0) AS hold_values FROM sqlite_import.profile(:'wide') GROUP BY 1 ORDER BY 1;
SELECT column_name, target_type, integers, texts FROM sqlite_import.profile(:'wide') WHERE column_name = 'c1999';
SELECT severity, object_type, finding, suggestion FROM sqlite_import.assess(:'wide') WHERE severity = 'error' ORDER BY object_type;
DROP SCHEMA bad_input CASCADE;
CREATE SCHEMA bad_input;
SELECT * FROM sqlite_import.plan(:'wide', 'bad_input');
SELECT * FROM sqlite_import.migrate(:'wide', 'bad_input');
SELECT * FROM sqlite_import.migrate(:'wide', 'bad_input', dry_run => true);
SELECT object_type, object_name, action, rows FROM sqlite_import.migrate(:'wide', 'bad_input', exclude => '{wide}') WHERE object_type = 'table';
SELECT count(*), count(c1), sum(c1599::int) FILTER (WHERE id = 7), max(c1599) FROM bad_input.narrow;
TRUNCATE bad_input.narrow;
SELECT rows FROM sqlite_import.copy_table(:'wide', 'narrow', 'bad_input.narrow');
SELECT status FROM sqlite_import.verify(:'wide', 'bad_input', tables => '{narrow}');
-- some of its columns are a table, too
SELECT object_type, rows FROM sqlite_import.migrate(:'wide', 'bad_input', tables => '{wide}',
    exclude => (SELECT array_agg('wide.c' || i) FROM generate_series(2, 1998) i)) WHERE object_type = 'table';
SELECT * FROM bad_input.wide;
DROP SCHEMA bad_input CASCADE;
