-- Errors: each refusal has its SQLSTATE, says where, and what to do; nothing is left behind.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
\set VERBOSITY default
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('errors', $$
CREATE TABLE people(id INTEGER PRIMARY KEY, name VARCHAR(5), age INTEGER, born DATE);
INSERT INTO people VALUES (1, 'Ada', 36, '1815-12-10'), (2, 'Charles', 'old', '0000-00-00');
CREATE TABLE places(code TEXT PRIMARY KEY, "Name" TEXT);
$$) AS file \gset
CREATE SCHEMA errors;

-- Names and values of options.
SELECT * FROM sqlite_import.migrate(NULL);
SELECT * FROM sqlite_import.migrate(:'file', 'erorrs');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', tables => '{poeple}');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', exclude => '{places.nmae}');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', on_existing => 'overwrite');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', identifiers => 'upper');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', types => 'guess');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', verify => 'all');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', batch_size => 0);
SELECT * FROM sqlite_import.migrate(:'file', 'errors', casts => '["people"]');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', casts => '{"people.age": {"tpye": "int"}}');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', casts => '{"people.age": {"from": "unix"}}');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', casts => '{"people.age": 3}');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', casts => '{"people.age": "no_such_type"}');

SELECT * FROM sqlite_import.migrate(:'file', 'errors', casts => '{"people.agee": "text"}');

-- Values that do not fit their declared type: table, column, rowid, storage class, way out.
SELECT * FROM sqlite_import.migrate(:'file', 'errors', types => 'declared');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', types => 'declared', casts => '{"people.age": "text"}');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', types => 'declared', casts => '{"people.age": "text", "people.name": "text"}');
SELECT * FROM sqlite_import.migrate(:'file', 'errors', types => 'declared', casts => '{"people.name": "text"}');
SELECT count(*) AS left_behind FROM pg_class WHERE relnamespace = 'errors'::regnamespace;

-- The value itself is told only to those who ask for it.
SET sqlite_import.show_values = on;
SELECT * FROM sqlite_import.migrate(:'file', 'errors', types => 'declared');
RESET sqlite_import.show_values;

-- Tables that exist.
CREATE TABLE errors.people(id bigint PRIMARY KEY, name text);
SELECT * FROM sqlite_import.migrate(:'file', 'errors', on_existing => 'error');
SELECT * FROM sqlite_import.migrate(:'file', 'errors');
CREATE VIEW errors.places AS SELECT 1 AS code;
SELECT * FROM sqlite_import.migrate(:'file', 'errors', tables => '{places}');
CREATE TABLE errors.keyless(code text);
SELECT * FROM sqlite_import.copy_table(:'file', 'places', 'errors.keyless', exclude => '{Name}', upsert => true);
SELECT * FROM sqlite_import.copy_table(:'file', 'place', 'errors.keyless');
SELECT * FROM sqlite_import.copy_table(:'file', 'places', 'errors.keyless', source_columns => '{code}', target_columns => '{}');
SELECT * FROM sqlite_import.copy_table(:'file', 'places', 'errors.keyless', source_columns => '{code}', target_columns => '{cod}');
DROP SCHEMA errors CASCADE;

-- Read-only transactions and plain roles.
BEGIN READ ONLY;
SELECT * FROM sqlite_import.migrate(:'file', 'public');
ROLLBACK;
CREATE ROLE regress_plain;
SET ROLE regress_plain;
SELECT * FROM sqlite_import.migrate(:'file', 'public');
SELECT * FROM sqlite_import.migrate('/no/such/file', 'public');
RESET ROLE;
DROP ROLE regress_plain;
