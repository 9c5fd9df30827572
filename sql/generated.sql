-- Generated columns: PostgreSQL computes them, stored or, from 18 on, when they are read as SQLite does.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('generated', $$
CREATE TABLE lines(id INTEGER PRIMARY KEY, price REAL NOT NULL, number INTEGER NOT NULL, word TEXT COLLATE NOCASE,
    total REAL AS (price * number) VIRTUAL NOT NULL CHECK (total < 1000),
    shout TEXT AS (upper(word)),
    kept INTEGER AS (number + 1) STORED,
    keyed INTEGER AS (number * 2) VIRTUAL,
    expressed INTEGER AS (number * 3) VIRTUAL,
    twice REAL AS (total * 2));
CREATE INDEX by_keyed ON lines(keyed);
CREATE INDEX by_expressed ON lines(abs(expressed));
CREATE TABLE watched(id INTEGER PRIMARY KEY, double INTEGER AS (id * 2));
CREATE TRIGGER watch AFTER INSERT ON watched BEGIN UPDATE lines SET number = NEW.double WHERE id = NEW.id; END;
INSERT INTO lines VALUES (1, 2.5, 4, 'Ada'), (2, 1, 7, NULL);
$$) AS file \gset
CREATE SCHEMA generated;
SET client_min_messages = warning;
SELECT object_type, object_name, action, rows, note FROM sqlite_import.migrate(:'file', 'generated')
WHERE object_type IN ('column', 'check') OR action IN ('loaded', 'verified', 'not migrated');
-- What an index, a key or a trigger asks for has to be stored.
SELECT attname, CASE attgenerated WHEN '' THEN 'plain' WHEN 's' THEN 'stored' ELSE 'virtual' END AS kind
FROM pg_attribute
WHERE attrelid IN ('generated.lines'::regclass, 'generated.watched'::regclass) AND attnum > 0
    AND attname NOT IN ('total', 'shout')
ORDER BY attrelid, attnum;
SELECT attname, attgenerated = CASE WHEN current_setting('server_version_num')::int >= 180000 THEN 'v' ELSE 's' END AS as_expected
FROM pg_attribute WHERE attrelid = 'generated.lines'::regclass AND attname IN ('total', 'shout') ORDER BY attnum;
INSERT INTO generated.lines (price, number, word) VALUES (3, 3, 'Bob');
SELECT * FROM generated.lines ORDER BY id;
\set VERBOSITY sqlstate
INSERT INTO generated.lines (price, number) VALUES (1000, 1);
INSERT INTO generated.lines (price, number, keyed) VALUES (1, 1, 1);
\set VERBOSITY default
-- A table that has them already is filled as well.
TRUNCATE generated.lines;
SELECT object_name, action, rows FROM sqlite_import.copy_tables(:'file', 'generated', tables => '{lines}') WHERE action = 'loaded';
SELECT table_name, status FROM sqlite_import.verify(:'file', 'generated') ORDER BY 1;
DROP SCHEMA generated CASCADE;

-- JSON functions in whatever case, which SQLite before 3.41 takes for unsafe in a schema.
SELECT fixtures.sqlite_file('json_case', $$
CREATE TABLE d(id INTEGER PRIMARY KEY, doc TEXT, name TEXT AS (JSON_EXTRACT(doc, '$.name')) STORED);
CREATE INDEX by_size ON d(Json_Extract(doc, '$.size'));
CREATE INDEX by_kind ON d("JSON_EXTRACT"(doc, '$.kind'));
INSERT INTO d(doc) VALUES ('{"name": "a", "size": 3}');
$$) AS file \gset
CREATE SCHEMA generated;
SELECT object_name, action, rows FROM sqlite_import.migrate(:'file', 'generated') WHERE object_type = 'table' ORDER BY action;
SELECT * FROM generated.d;
SELECT problems FROM sqlite_import.source_info(:'file', true);
DROP SCHEMA generated CASCADE;

-- A value that becomes NULL gives another computed value than SQLite had: the run goes on, and says what it did not compare.
SELECT fixtures.sqlite_file('generated_null', $$
	CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, kind TEXT AS (typeof(n)), twice INTEGER AS (n * 2) STORED);
	INSERT INTO t (id, n) VALUES (1, 1), (2, 'x');
$$) AS file \gset
CREATE SCHEMA generated;
SELECT object_name, action, rows, note FROM sqlite_import.migrate(:'file', 'generated', types => 'declared', on_error => 'null') WHERE action = 'verified';
SELECT * FROM generated.t ORDER BY id;
DROP SCHEMA generated CASCADE;
