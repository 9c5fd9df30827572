\set ECHO none
-- fixtures.sql: SQLite files for the regression tests, made by sqlite3 itself.
--
--   \getenv srcdir PG_ABS_SRCDIR
--   \i :srcdir/test/data/fixtures.sql
--   SELECT fixtures.sqlite_file('shop', $$ CREATE TABLE ... $$) AS shop \gset
--
-- makes the file in the server's data directory, whose name tests do not print.

SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS fixtures;

CREATE OR REPLACE FUNCTION fixtures.path(name text) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT current_setting('data_directory') || '/fixtures_' || name || '.db'
$$;

CREATE OR REPLACE FUNCTION fixtures.sqlite_file(name text, script text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    file text := fixtures.path(name);
BEGIN
    -- base64, since COPY would double each backslash of the script
    EXECUTE format('COPY (SELECT translate(encode(convert_to(%L, ''UTF8''), ''base64''), E''\n'', '''')) TO PROGRAM %L',
                   script, format('rm -f %1$s %1$s-wal %1$s-journal; base64 -d | sqlite3 -bail %1$s', quote_literal(file)));
    RETURN file;
END $$;
-- What tells this server's files in /tmp from those of another one, which may have the same port.
CREATE OR REPLACE FUNCTION fixtures.cluster() RETURNS text LANGUAGE sql AS $$
    SELECT current_setting('port') || '_' || (extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint
$$;
RESET client_min_messages;
\set ECHO all
