-- "using" in casts: an SQL expression over the value, for what no other key says.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('using', $$
CREATE TABLE t(id INTEGER PRIMARY KEY, dur BIGINT DEFAULT 0, took DATETIME, begins TIME, tags TEXT, doc TEXT, code BLOB, price REAL, seen TEXT);
INSERT INTO t VALUES
 (1, 90000000, '1970-01-01 01:00:05.250000', '2000-01-01 07:30:00', 'a,b', '{"a": 1}', x'0102', 1.5, '2024-01-31T10:00:00Z'),
 (2, -1, '1969-12-31 23:59:59', '2000-01-01 00:00:00', '', 'null', x'', 0.1, NULL),
 (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '');
CREATE VIEW long AS SELECT id FROM t WHERE dur > 1000000;
CREATE INDEX by_dur ON t(dur);
$$) AS file \gset
CREATE SCHEMA u;
\set casts '{"t.dur": {"type": "interval", "as": "bigint", "using": "value * interval ''1 microsecond''"}, "t.took": {"type": "interval", "as": "timestamp", "using": "value - timestamp ''1970-01-01''"}, "t.begins": {"type": "time", "as": "timestamp", "using": "value::time"}, "t.tags": {"type": "text[]", "using": "string_to_array(value, '','')"}, "t.doc": {"type": "jsonb", "as": "jsonb", "using": "nullif(value, ''null'')"}, "t.code": {"type": "text", "as": "bytea", "using": "encode(value, ''hex'')"}, "t.price": {"type": "numeric(10,2)", "as": "float8", "using": "coalesce(value, -1)"}, "t.seen": {"type": "timestamptz", "as": "timestamptz", "empty_as_null": true, "default": "2000-01-01 00:00:00", "using": "value + interval ''1 day''"}}'
SELECT object_type, object_name, target, action, note FROM sqlite_import.migrate(:'file', 'u', casts => :'casts')
WHERE object_type NOT IN ('statistics', 'database', 'sequence', 'primary key');
SELECT id, dur, took, begins, tags, doc, code, price, seen AT TIME ZONE 'UTC' AS seen FROM u.t ORDER BY id;
SELECT status, sample FROM sqlite_import.verify(:'file', 'u', casts => :'casts');
UPDATE u.t SET dur = '1 second' WHERE id = 2;
SELECT different, status, sample FROM sqlite_import.verify(:'file', 'u', casts => :'casts');
-- another expression is another meaning
SELECT different, status FROM sqlite_import.verify(:'file', 'u', casts => replace(:'casts', '1 microsecond', '1 millisecond')::jsonb);

-- The plan says it all.
DROP TABLE u.t CASCADE;
SELECT statement FROM sqlite_import.plan(:'file', 'u', casts => '{"t.tags": {"type": "text[]", "as": "varchar(10)", "using": "string_to_array(value, '','')"}}') WHERE phase IN ('load')
\gset
SELECT regexp_replace(:'statement', '.*(casts => .*)', '\1') AS casts;

-- Into tables that exist, in batches of their own; domains and lengths hold.
CREATE DOMAIN u.short AS text CHECK (length(VALUE) < 3);
CREATE TABLE u.t(id int, tags u.short, price numeric(3,2), dur interval NOT NULL);
\set copy 'SELECT action, rows, rejected, note FROM sqlite_import.copy_table(:''file'', ''t'', ''u.t'', exclude => ''{took,begins,doc,code,seen}'', on_error => :''on_error'', casts => :''casts'')'
\set on_error stop
\set casts '{"t.tags": {"using": "value || ''!''"}, "t.dur": {"as": "int8", "using": "make_interval(secs => value)"}}'
:copy;
\set on_error reject
:copy;
SELECT source_rowid, column_name, storage_class, sqlstate FROM sqlite_import.rejected_rows WHERE target = 'u.t' ORDER BY 1;
DELETE FROM sqlite_import.rejected_rows;
SELECT * FROM u.t;
\set on_error null
ALTER TABLE u.t ALTER dur DROP NOT NULL;
TRUNCATE u.t;
:copy;
SELECT * FROM u.t ORDER BY id;
SELECT status FROM sqlite_import.verify(:'file', 'u', exclude => '{t.took,t.begins,t.doc,t.code,t.seen}', on_error => 'null', casts => :'casts');

-- It is one expression over the value, and nothing else.
CREATE FUNCTION pg_temp.attempt(expression text, "as" text DEFAULT 'text') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r record;
    context text;
BEGIN
    SELECT * INTO r FROM sqlite_import.migrate(fixtures.path('using'), 'u', tables => '{t}', on_existing => 'replace',
        casts => jsonb_build_object('t.seen', jsonb_build_object('type', 'text', 'as', "as", 'using', expression))) WHERE action = 'loaded';
    RETURN format('%s rows', r.rows);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS context = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(context, ''));
END $$;
SELECT e AS expression, pg_temp.attempt(e) FROM unnest(ARRAY[
    'upper(value)', 'value || ''; DROP TABLE u.t''', '''x'' -- a comment', 'CASE WHEN value = '''' THEN NULL ELSE value END', '"value"',
    '', ' ', 'value; SELECT 1', 'value) FROM pg_class; --', 'value, 1', 'value AS x', 'value FROM pg_class', 'value WHERE true',
    'value UNION SELECT ''x''', 'DISTINCT value', 'value LIMIT 1', 'value ORDER BY 1', 'value INTO x', '(SELECT value)', 'EXISTS (SELECT 1)',
    'max(value)', 'row_number() OVER ()', 'unnest(ARRAY[value])', '*', 'value.*', '$1', 'seen', 'tableoid', 'values', 'no_such(value)',
    'value::no_such', 'random()::text', 'nextval(''u.t_id_seq'')::text', 'pg_catalog.set_config(''a.b'', value, true)', 'value::integer', '1', 'ARRAY[value]'
]) AS e;
SELECT pg_temp.attempt('value', 'no_such'), pg_temp.attempt('value', 'integer');
SELECT sqlite_import.migrate(:'file', 'u', on_existing => 'replace', casts => '{"t.seen": {"using": "value"}}');
SELECT sqlite_import.migrate(:'file', 'u', on_existing => 'replace', casts => '{"t.seen": {"type": "text", "as": "text"}}');
SELECT sqlite_import.migrate(:'file', 'u', on_existing => 'replace', casts => '{"t.seen": {"type": "text", "using": 1}}');
SELECT sqlite_import.migrate(:'file', 'u', on_existing => 'replace', casts => '{"t.dur": {"type": "timestamptz", "from": "unix_us", "using": "value"}}');
-- an error points into it
SELECT sqlite_import.migrate(:'file', 'u', tables => '{t}', on_existing => 'replace', casts => '{"t.seen": {"type": "text", "using": "upper(vlue)"}}');

-- The caller's rights, and names that mean PostgreSQL's own.
CREATE FUNCTION u.upper(text) RETURNS text IMMUTABLE LANGUAGE sql RETURN 'mine';
CREATE FUNCTION u.secret(text) RETURNS text IMMUTABLE LANGUAGE sql RETURN 'secret';
REVOKE EXECUTE ON FUNCTION u.secret(text) FROM PUBLIC;
CREATE FUNCTION u.where_am_i(text) RETURNS text STABLE LANGUAGE plpgsql AS 'BEGIN RETURN current_setting(''search_path'') || '' '' || current_user; END';
CREATE ROLE using_clerk;
CREATE SCHEMA using_clerk AUTHORIZATION using_clerk;
GRANT USAGE ON SCHEMA u, fixtures TO using_clerk;
GRANT pg_read_server_files TO using_clerk;
SET ROLE using_clerk;
SET search_path = u, pg_catalog;
SELECT count(*) > 0 AS ran FROM sqlite_import.migrate(:'file', 'using_clerk', tables => '{t}', casts => '{"t.tags": {"type": "text", "using": "upper(value)"}, "t.seen": {"type": "text", "using": "u.where_am_i(value)"}}');
SELECT tags, seen FROM using_clerk.t ORDER BY id;
SHOW search_path;
SELECT sqlite_import.migrate(:'file', 'using_clerk', tables => '{t}', on_existing => 'replace', casts => '{"t.tags": {"type": "text", "using": "u.secret(value)"}}');
RESET search_path;
RESET ROLE;
DROP OWNED BY using_clerk;
DROP ROLE using_clerk;

-- A function that looks at, or writes into, the table being loaded does no harm.
CREATE TABLE u.busy(id bigint, seen text);
CREATE FUNCTION u.writes() RETURNS text VOLATILE LANGUAGE plpgsql AS 'BEGIN INSERT INTO u.busy VALUES (100, ''written''); RETURN ''x''; END';
CREATE FUNCTION u.counts(text) RETURNS text STABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM u.busy) || u.writes(); END';
SELECT rows FROM sqlite_import.copy_table(:'file', 't', 'u.busy', source_columns => '{id,seen}', target_columns => '{id,seen}', casts => '{"t.seen": {"using": "u.counts(value)"}}');
SELECT * FROM u.busy ORDER BY id, seen;
DROP SCHEMA u CASCADE;
