-- Values that are longer than an entry of a b-tree may be: an index that makes queries fast is left
-- out and reported, one that makes keys unique stops the run before the load; exclude leaves out
-- the indexes that it names.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
-- Rows 3, 5 and 7 hold much that cannot be compressed, row 4 more that can.
SELECT fixtures.sqlite_file('index_sizes', $$
CREATE TABLE noise(n INTEGER PRIMARY KEY, v TEXT);
INSERT INTO noise
  WITH RECURSIVE r(n, i, x, v) AS (
    SELECT column1, 0, column1 * 7919, '' FROM (VALUES (3), (5), (7))
    UNION ALL
    SELECT n, i + 1, (x * 1103515245 + 12345) & 2147483647, v || char(35 + (((x * 1103515245 + 12345) & 2147483647) >> 16) % 90)
    FROM r WHERE i < 3500)
  SELECT n, v FROM r WHERE i = 3500;
CREATE TABLE page(id INTEGER PRIMARY KEY, title TEXT, body TEXT);
INSERT INTO page VALUES (1, 'short', 'a'), (2, 'null', NULL), (4, 'long, but all the same', printf('%.*c', 20000, 'x'));
INSERT INTO page SELECT n, 'noise ' || n, v FROM noise;
CREATE INDEX page_body ON page(body);
CREATE INDEX page_both ON page(title, body);
CREATE INDEX page_upper ON page(upper(body));
CREATE INDEX page_title ON page(title);
DROP TABLE noise;
CREATE TABLE plain(id INTEGER PRIMARY KEY, v TEXT);
CREATE INDEX plain_v ON plain(v);
INSERT INTO plain VALUES (1, 'one');
$$) AS file \gset

-- The run ends well, and tells of each index that is left out which rows are in its way.
CREATE SCHEMA sizes;
SELECT object_name, action, note FROM sqlite_import.migrate(:'file', 'sizes') WHERE object_type = 'index' ORDER BY object_name;
SELECT indexname FROM pg_indexes WHERE schemaname = 'sizes' ORDER BY 1;
SELECT id, length(body) FROM sizes.page ORDER BY id;

-- An independent judge of the rows: PostgreSQL, row by row.
CREATE TEMP TABLE judged (id bigint, fits boolean);
CREATE TEMP TABLE judge (body text);
CREATE INDEX ON judge (body);
DO $$
DECLARE
	page record;
BEGIN
	FOR page IN SELECT id, body FROM sizes.page LOOP
		BEGIN
			INSERT INTO judge VALUES (page.body);
			INSERT INTO judged VALUES (page.id, true);
		EXCEPTION WHEN program_limit_exceeded THEN
			INSERT INTO judged VALUES (page.id, false);
		END;
	END LOOP;
END $$;
SELECT array_agg(id ORDER BY id) FROM judged WHERE NOT fits;

-- What is proposed in its place can be made.
SELECT substring(note FROM 'CREATE INDEX [^;]* USING hash[^;]*') AS statement
FROM sqlite_import.migrate(:'file', 'sizes', on_existing => 'replace') WHERE object_name = 'page_body' \gset
:statement;
\d sizes.page_body
DROP INDEX sizes.page_body;
-- assess says the same beforehand, and that the run would not stop.
SELECT severity, object_type, object_name, finding, row_count, sample_rowids FROM sqlite_import.assess(:'file', target_schema => 'sizes', on_existing => 'replace') WHERE object_type = 'index' ORDER BY finding;
SELECT count(*) FROM sqlite_import.assess(:'file', target_schema => 'sizes', on_existing => 'replace') WHERE severity = 'error';

-- exclude takes the names of indexes, in any case; a name that nothing has is an error.
SELECT object_name, action, note FROM sqlite_import.migrate(:'file', 'sizes', on_existing => 'replace', exclude => '{PAGE_BODY, page_both, page_upper}') WHERE object_type = 'index' ORDER BY object_name;
SELECT indexname FROM pg_indexes WHERE schemaname = 'sizes' ORDER BY 1;
SELECT * FROM sqlite_import.migrate(:'file', 'sizes', on_existing => 'replace', exclude => '{page_bodi}');

-- Unique keys stop the run, before anything is loaded.
SELECT fixtures.sqlite_file('index_unique', format($$
ATTACH %L AS other;
CREATE TABLE named(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO named SELECT id, body FROM other.page;
CREATE UNIQUE INDEX named_body ON named(body);
$$, :'file')) AS named \gset
SELECT fixtures.sqlite_file('index_constraint', format($$
ATTACH %L AS other;
CREATE TABLE keyed(body TEXT PRIMARY KEY, x INTEGER);
INSERT INTO keyed(rowid, body, x) SELECT id, body, 1 FROM other.page WHERE body IS NOT NULL;
$$, :'file')) AS keyed \gset
SELECT fixtures.sqlite_file('index_expression', format($$
ATTACH %L AS other;
CREATE TABLE computed(id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO computed SELECT id, body FROM other.page;
CREATE UNIQUE INDEX computed_body ON computed(upper(body));
$$, :'file')) AS computed \gset
SET client_min_messages = notice;
CREATE SCHEMA stopped;
SELECT * FROM sqlite_import.migrate(:'named', 'stopped');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM sqlite_import.migrate(:'keyed', 'stopped');
SET client_min_messages = warning;
SELECT * FROM sqlite_import.migrate(:'computed', 'stopped');
SELECT severity, object_type, object_name, row_count, sample_rowids FROM sqlite_import.assess(:'named', target_schema => 'stopped') WHERE severity = 'error' AND object_type <> 'verdict';
SELECT severity, object_type, object_name, row_count, sample_rowids FROM sqlite_import.assess(:'keyed', target_schema => 'stopped') WHERE severity = 'error' AND object_type <> 'verdict';
-- The ways out that the errors name.
SELECT object_type, object_name, action, rows FROM sqlite_import.migrate(:'named', 'stopped', exclude => '{named_body}') WHERE object_type <> 'database';
SELECT object_type, object_name, action, rows FROM sqlite_import.migrate(:'keyed', 'stopped', exclude => '{sqlite_autoindex_keyed_1}') WHERE object_type <> 'database';
SELECT object_type, object_name, action, rows FROM sqlite_import.migrate(:'computed', 'stopped', exclude => '{computed_body}') WHERE object_type <> 'database';
\d stopped.keyed

-- Without rows nothing can be too long.
CREATE SCHEMA empty;
SELECT object_type, object_name, action FROM sqlite_import.import_schema(:'keyed', 'empty') WHERE object_type <> 'database';
SELECT indexname FROM pg_indexes WHERE schemaname = 'empty';
