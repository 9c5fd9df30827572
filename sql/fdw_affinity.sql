-- What is written through a foreign table comes back as it was written, whatever number SQLite's affinity makes of it; or it is refused.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('affinity', $$
CREATE TABLE codes(id INTEGER PRIMARY KEY, code STRING);
CREATE TABLE amounts(id INTEGER PRIMARY KEY, a NUMERIC);
CREATE TABLE reals(id INTEGER PRIMARY KEY, r REAL);
CREATE TABLE plain(id INTEGER PRIMARY KEY, t TEXT);
$$) AS made \gset
-- files in the server's data directory are never written, so the file moves
SELECT '/tmp/sqlite_import_affinity_' || fixtures.cluster() || '.db' AS file \gset
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %s /tmp/sqlite_import_affinity_%s.db', fixtures.path('affinity'), fixtures.cluster())); END $$;
CREATE SCHEMA fdw_affinity;
SET search_path = fdw_affinity;
CREATE SERVER affinity FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file', updatable 'true');
CREATE FOREIGN TABLE codes(id bigint, code text) SERVER affinity;
CREATE FOREIGN TABLE patterns(id bigint, code varbit) SERVER affinity OPTIONS (table 'codes');
CREATE FOREIGN TABLE amounts(id bigint, a text) SERVER affinity;
CREATE FOREIGN TABLE documents(id bigint, a jsonb) SERVER affinity OPTIONS (table 'amounts');
CREATE FOREIGN TABLE padded(id bigint, a char(5)) SERVER affinity OPTIONS (table 'amounts');
CREATE FOREIGN TABLE reals(id bigint, r real) SERVER affinity;
CREATE FOREIGN TABLE texts(id bigint, r text) SERVER affinity OPTIONS (table 'reals');
CREATE FOREIGN TABLE plain(id bigint, t text) SERVER affinity;
SET extra_float_digits = 1;
SET client_min_messages = warning;

-- Each value alone: what is read back, or the error.
CREATE FUNCTION fdw_affinity.writes(target text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('DELETE FROM %I WHERE id = 1', target);
    EXECUTE format('INSERT INTO %I VALUES (1, %L)', target, value);
    EXECUTE format('SELECT (SELECT to_jsonb(written) - ''id'' FROM %I AS written)::text', target) INTO found;
    RETURN found;
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate || ': ' || sqlerrm;
END $$;
SELECT value, writes('codes', value) FROM unnest('{01234,1234,+1,-0,1.50,1.5,2.0," 7",7,12345678901234567890,1e3,x1,0x1F}'::text[]) AS value;
SELECT value, writes('amounts', value) FROM unnest('{12345678901234567890.123,19.99,0.10}'::text[]) AS value;
SELECT value, writes('texts', value) FROM unnest('{5,5.0,0.1,abc}'::text[]) AS value;
SELECT value, writes('patterns', value) FROM unnest('{0101,101}'::text[]) AS value;
SELECT value, writes('documents', value) FROM unnest('{12345678901234567890123,1.5,2.0,[1]}'::text[]) AS value;
SELECT value, writes('padded', value) FROM unnest('{12,012,ab}'::text[]) AS value;
SELECT value, writes('plain', value) FROM unnest('{01234,12345678901234567890}'::text[]) AS value;

-- real: what is written is read back.
DELETE FROM reals;
INSERT INTO reals SELECT i, ('x' || lpad(to_hex(i * 214013), 8, '0'))::bit(32)::int::real FROM generate_series(1, 5000) AS i;
INSERT INTO reals VALUES (9001, 404302016), (9002, 7.038531e-26), (9003, 16777216), (9004, 3.4028235e38), (9005, 1e-45);
SELECT count(*), count(*) FILTER (WHERE r = ('x' || lpad(to_hex(id * 214013), 8, '0'))::bit(32)::int::real OR id > 9000) AS same FROM reals;
SELECT r FROM reals WHERE id > 9000 ORDER BY id;

DROP SERVER affinity CASCADE;
DROP SCHEMA fdw_affinity CASCADE;
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; rm -f /tmp/sqlite_import_affinity_%s.db', fixtures.cluster())); END $$;
