-- Parameters are found by their names in the function's own signature: their order does not matter,
-- the functions of one family declare the same ones, and none can be declared and then be ignored.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('arguments', $$
CREATE TABLE t(id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO t VALUES (1, 10), (2, 20);
$$) AS file \gset
SET client_min_messages = warning;
CREATE SCHEMA arguments;

-- import_schema and plan take what migrate takes; every function of reports returns the same row.
SELECT p.proname, pg_get_function_arguments(p.oid) LIKE pg_get_function_arguments('sqlite_import.migrate'::regproc) || '%' AS as_migrate
FROM pg_proc p WHERE p.oid IN ('sqlite_import.import_schema'::regproc, 'sqlite_import.plan'::regproc) AND p.pronargs = (SELECT pronargs FROM pg_proc WHERE oid = 'sqlite_import.migrate'::regproc) ORDER BY 1;
SELECT p.proname FROM pg_proc p WHERE p.prorettype = 'sqlite_import.report_row'::regtype ORDER BY 1;

-- Another order, and fewer parameters.
CREATE FUNCTION arguments.turned_round(target_schema name, source text) RETURNS SETOF sqlite_import.report_row
    AS '$libdir/sqlite_import', 'sqlite_import_migrate' LANGUAGE C;
SELECT object_type, object_name, action, rows FROM arguments.turned_round('arguments', :'file') WHERE object_type <> 'database';

-- A parameter that the library does not know.
CREATE FUNCTION arguments.with_colour(source text, colour text DEFAULT 'red') RETURNS SETOF sqlite_import.report_row
    AS '$libdir/sqlite_import', 'sqlite_import_migrate' LANGUAGE C;
SELECT * FROM arguments.with_colour(:'file');

DROP SCHEMA arguments CASCADE;
