-- Databases and clients whose encoding is not UTF-8.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT current_database() AS home \gset
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('encoding', $$
CREATE TABLE größe(id INTEGER PRIMARY KEY, naïve TEXT UNIQUE DEFAULT 'é', CHECK (naïve <> 'ñandú'));
CREATE TABLE parts(id INTEGER PRIMARY KEY, size INTEGER REFERENCES größe(id));
CREATE VIEW aperçu AS SELECT 'ç' || naïve AS x FROM größe WHERE naïve > 'e';
INSERT INTO größe VALUES (1, 'é'), (2, 'ÿ');
INSERT INTO parts VALUES (1, 1);
CREATE TABLE arrows(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO arrows VALUES (1, 'to'), (2, 'to →');
CREATE VIEW arrow AS SELECT id || '→' || name AS line FROM arrows;
$$) AS file \gset

-- No word of ours needs more than ASCII: the client's encoding may have nothing else.
CREATE SCHEMA encoding;
SELECT object_type, object_name, action FROM sqlite_import.migrate(:'file', 'encoding') AS report
 WHERE object_type = 'foreign key';
SELECT count(*) FROM sqlite_import.last_report() AS report
 WHERE object_name ~ '^[a-z]*$' AND report::text ~ '[^\x01-\x7e]';
SELECT count(*) FROM sqlite_import.assess(:'file', target_schema => 'encoding') AS finding WHERE object_name ~ '^[a-z]*$' AND finding::text ~ '[^\x01-\x7e]';
DROP SCHEMA encoding CASCADE;

-- A database in LATIN1: what its encoding holds arrives, names too.
CREATE DATABASE regress_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_latin1
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
CREATE EXTENSION sqlite_import;
SELECT severity, finding, suggestion FROM sqlite_import.assess(:'file') WHERE object_type = 'database';
SELECT object_type, object_name, action, rows
  FROM sqlite_import.migrate(:'file', 'public', exclude => '{arrows}') WHERE action IN ('created', 'verified', 'not migrated');
SELECT id, naïve, encode(convert_to(naïve, 'LATIN1'), 'hex') AS bytes FROM größe ORDER BY id;
SELECT x FROM aperçu ORDER BY x;
SELECT table_name, target, source_rows, target_rows, status FROM sqlite_import.verify(:'file', 'public', tables => '{größe}');
SELECT rows FROM sqlite_import.migrate(:'file', 'public', tables => '{größe}', on_existing => 'upsert') WHERE action = 'loaded';

-- So do the names that the caller gives: of types, domains and servers.
CREATE DOMAIN prénom AS text CHECK (VALUE <> 'ÿ');
CREATE TABLE gens (id bigint PRIMARY KEY, naïve prénom);
SELECT severity, column_name, finding FROM sqlite_import.assess(:'file', '{größe}', on_existing => 'truncate', casts => '{"größe.naïve": {"map": {"é": "ô", "ÿ": "û"}}}')
 WHERE severity = 'error';
SELECT object_name, note FROM sqlite_import.migrate(:'file', 'public', tables => '{größe}', on_existing => 'replace', casts => '{"größe.naïve": "prénom"}',
    dry_run => true) WHERE action = 'would create' AND object_type = 'table';
DROP VIEW aperçu;
ALTER TABLE größe DROP CONSTRAINT größe_check, ALTER naïve DROP DEFAULT, ALTER naïve TYPE prénom USING NULLIF(naïve, 'ÿ');
SELECT severity, column_name, finding FROM sqlite_import.assess(:'file', '{größe}', on_existing => 'append') WHERE finding LIKE '%domain%';
CREATE SERVER café FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
SELECT rows FROM sqlite_import.copy_table('café', 'größe', 'gens', on_error => 'reject');
DELETE FROM sqlite_import.rejected_rows;

-- What it does not hold is refused, or kept aside with a question mark in its place.
SELECT count(*) FROM sqlite_import.migrate(:'file', 'public', tables => '{arrows}');
SELECT object_type, object_name, action, rows, note
  FROM sqlite_import.migrate(:'file', 'public', tables => '{arrows}', on_error => 'reject') WHERE action IN ('loaded', 'not migrated', 'verified');
SELECT source_rowid, value, sqlstate FROM sqlite_import.rejected_rows;

-- The wrapper's names cross in the same way.
CREATE SERVER app FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file', updatable 'true');
CREATE SCHEMA app;
IMPORT FOREIGN SCHEMA main LIMIT TO (größe, aperçu, arrows) FROM SERVER app INTO app;
SELECT naïve FROM app.größe WHERE naïve = 'ÿ';
EXPLAIN (VERBOSE, COSTS OFF) SELECT naïve FROM app.größe WHERE id = 2;
SELECT name FROM app.arrows WHERE id = 1;
SELECT name FROM app.arrows;
CREATE FOREIGN TABLE app.sizes (id bigint, wide text OPTIONS (column_name 'naïve')) SERVER app OPTIONS ("table" 'größe');
SELECT wide FROM app.sizes ORDER BY id;
-- Written through it, a text is UTF-8 again (a file in the data directory is never written: the copy is).
SELECT '/tmp/sqlite_import_encoding_' || current_setting('port') || '.db' AS copy \gset
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %s/fixtures_encoding.db /tmp/sqlite_import_encoding_%s.db',
    current_setting('data_directory'), current_setting('port'))); END $$;
ALTER SERVER app OPTIONS (SET database :'copy');
UPDATE app.größe SET naïve = 'ö' WHERE id = 2 RETURNING naïve;
INSERT INTO app.größe VALUES (3, 'þ');
\c :home
SET client_min_messages = warning;
CREATE SERVER encoding FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'copy');
CREATE FOREIGN TABLE sizes (id bigint, naïve text) SERVER encoding OPTIONS ("table" 'größe');
SELECT * FROM sizes ORDER BY id;
DROP SERVER encoding CASCADE;
COPY (SELECT) TO PROGRAM 'cat >/dev/null; rm -f /tmp/sqlite_import_encoding_*.db';
DROP DATABASE regress_latin1;
