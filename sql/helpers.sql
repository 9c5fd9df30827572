-- helpers => true: what PostgreSQL has no equal of becomes a function of the extension's.

CREATE SCHEMA helpers_test;
SET search_path = helpers_test;
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('helpers', $$
	CREATE TABLE jobs(id INTEGER PRIMARY KEY, name TEXT CHECK (name GLOB pattern), pattern TEXT, started DATETIME, delay TEXT,
		label TEXT DEFAULT (printf('%08.3e', 1234.5)), payload TEXT, size REAL);
	INSERT INTO jobs VALUES (1, 'abc', 'a*', '2024-01-31 10:00:00', '+1 month', 'x', '{"a": [1, 2]}', 1234.5),
		(2, 'xyz', '[x-z]?z', '2024-02-29 00:00:00', '-1 years', 'y', NULL, NULL);
	CREATE INDEX jobs_matched ON jobs(id) WHERE name GLOB pattern;
	CREATE VIEW due AS SELECT id, datetime(started, delay) AS due, printf('%,d|%e', id * 100000, size) AS shown, json_set(payload, '$.b', id) AS more FROM jobs;
	CREATE VIEW plain AS SELECT id, date(started, '+' || id || ' days') AS next FROM jobs;
	CREATE TRIGGER stamp AFTER INSERT ON jobs BEGIN UPDATE jobs SET label = strftime(NEW.pattern, NEW.started) WHERE id = NEW.id; END;
$$) AS helpers \gset

-- By default nothing depends on the extension, and the report says what would.
CREATE SCHEMA without;
SELECT object_type, object_name, action, left(note, 160) AS note FROM sqlite_import.migrate(:'helpers', 'without')
WHERE object_type IN ('default', 'check', 'index', 'view', 'trigger');
SELECT * FROM without.plain;
CREATE VIEW dependents AS SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) AS object
FROM pg_depend AS d JOIN pg_depend AS e ON e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'
WHERE d.deptype IN ('n', 'a') AND e.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'sqlite_import') AND d.classid <> 'pg_extension'::regclass
AND NOT EXISTS (SELECT FROM pg_depend AS m WHERE m.classid = d.classid AND m.objid = d.objid AND m.deptype IN ('e', 'i') AND m.refobjid = e.refobjid);
SELECT object FROM dependents WHERE object ~ 'without';

CREATE SCHEMA helped;
SELECT object_type, object_name, action, note FROM sqlite_import.migrate(:'helpers', 'helped', helpers => true)
WHERE object_type IN ('default', 'check', 'index', 'view', 'trigger');
SELECT object FROM dependents WHERE object ~ 'helped|jobs' ORDER BY 1;
SELECT * FROM helped.due ORDER BY id;
SELECT replace(pg_get_viewdef('helped.due'), 'jobs.', '') AS definition \g (format=unaligned)
INSERT INTO helped.jobs (id, name, pattern, started) VALUES (3, '%d', '%d', '2024-07-09') RETURNING label;
SELECT label FROM helped.jobs WHERE id = 3;
INSERT INTO helped.jobs (id, name, pattern) VALUES (4, 'abc', 'b*');
CREATE SCHEMA planned;
SELECT statement FROM sqlite_import.plan(:'helpers', 'planned', helpers => true) WHERE object_type = 'index' AND statement LIKE '%glob%';

-- SQLite's functions, called by themselves.
SELECT sqlite_import.printf('%5.1f|%-5s|%x|%s', 3.14159::double precision, 'ab', 255, NULL) AS printf,
	sqlite_import.quote('it''s'::text) AS quote, sqlite_import.quote('\x00ff'::bytea) AS blob,
	sqlite_import.strftime('%Y-%m-%dT%H:%M', '2024-02-29 12:34:56', '+1 year') AS strftime,
	sqlite_import.datetime('now') = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS now,
	sqlite_import.date('no date') AS none, sqlite_import.glob('[a-c]*', 'berlin') AS glob, sqlite_import.json(' [1 , 2] ') AS json;
SELECT sqlite_import.json('{');
SELECT sqlite_import.printf('%c', '');
SELECT sqlite_import.date('{}'::jsonb);
SELECT sqlite_import.glob(repeat('*a', 1000), 'a');
SELECT sqlite_import.strftime(VARIADIC ARRAY['%Y', '2024-01-01']);

-- JSON in generated columns and indexes, which SQLite before 3.41 calls unsafe in a schema it does not trust.
SELECT fixtures.sqlite_file('json_schema', $$
	CREATE TABLE docs(doc TEXT CHECK (json_valid(doc)), kind TEXT AS (json_extract(doc, '$.kind')), plain INT);
	INSERT INTO docs(doc, plain) VALUES ('{"kind": "a"}', 1);
	CREATE INDEX docs_kind ON docs(kind);
	CREATE INDEX docs_size ON docs(json_array_length(doc, '$.list'));
$$) AS json_schema \gset
CREATE SCHEMA json_schema;
SELECT object_type, object_name, action FROM sqlite_import.migrate(:'json_schema', 'json_schema') WHERE object_type IN ('table', 'index', 'check');
SELECT * FROM json_schema.docs;
DROP SCHEMA without, helped, planned, json_schema CASCADE;
DROP SCHEMA helpers_test CASCADE;
