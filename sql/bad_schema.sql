-- A schema that lies or goes beyond all measure: each object arrives, or the report says why not;
-- nothing from it is run, and the server stays.

CREATE SCHEMA bad_schema_test;
SET search_path = bad_schema_test;
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
CREATE TABLE victims();
CREATE FUNCTION outcome(file text, on_corruption text) RETURNS TABLE (object text, action text, note text)
LANGUAGE plpgsql AS $$
BEGIN
	DROP SCHEMA IF EXISTS bad CASCADE;
	CREATE SCHEMA bad;
	RETURN QUERY SELECT m.object_type || ' ' || m.object_name, m.action, left(m.note, 110)
		FROM sqlite_import.migrate(file, 'bad', on_corruption => outcome.on_corruption) AS m
		WHERE m.object_type NOT IN ('database', 'statistics', 'sequence') AND m.action <> 'loaded';
EXCEPTION WHEN data_corrupted THEN
	RETURN QUERY SELECT 'error', SQLSTATE, left(SQLERRM, 110);
END $$;

-- 5,000 parentheses.  Where SQLite's own parser has a limit, the file is opened only with salvage.
CREATE FUNCTION deep(object text, script text) RETURNS text LANGUAGE sql AS $$
	SELECT fixtures.sqlite_file(object, format('CREATE TABLE plain(a INT); INSERT INTO plain VALUES (1); %s;
.dbconfig defensive off
PRAGMA writable_schema = ON;'
		' UPDATE sqlite_schema SET sql = replace(sql, ''a = 7'', ''%s a = 7 %s'') WHERE name = ''deep'';',
		script, repeat('(', 5000), repeat(')', 5000)))
$$;
SELECT deep('check', 'CREATE TABLE deep(a INT CHECK (a = 7))') AS deep_check,
	deep('generated', 'CREATE TABLE deep(a INT, b INT AS (a = 7))') AS deep_generated,
	deep('index', 'CREATE INDEX deep ON plain(a) WHERE a = 7') AS deep_index,
	deep('view', 'CREATE VIEW deep AS SELECT a FROM plain WHERE a = 7') AS deep_view,
	deep('trigger', 'CREATE TRIGGER deep AFTER INSERT ON plain BEGIN DELETE FROM plain WHERE a = 7; END') AS deep_trigger \gset
\pset format unaligned
-- Later releases parse it, and then it is our parser that says no.
SELECT mode, kind, count(*) FILTER (WHERE o.object IN ('table plain', 'error') AND action IN ('verified', 'XX001')) AS plain,
	bool_or(o.action IN ('XX001', 'not migrated', 'changed')) AS told
FROM (VALUES (:'deep_check', 'check'), (:'deep_generated', 'generated'), (:'deep_index', 'index'), (:'deep_view', 'view'), (:'deep_trigger', 'trigger')) AS f(file, kind)
CROSS JOIN (VALUES ('error'), ('salvage')) AS m(mode)
CROSS JOIN LATERAL outcome(f.file, mode) AS o GROUP BY 1, 2 ORDER BY 1, 2;
SELECT object, action, substr(note, 1, 27) AS note FROM outcome(:'deep_trigger', 'salvage');

-- Nested as deep as SQLite takes it, an object arrives.
SELECT fixtures.sqlite_file('nested', format('CREATE TABLE t(a INT CHECK (%sa > 0%s)); INSERT INTO t VALUES (1);'
	'CREATE VIEW v AS SELECT %sa%s AS a FROM t;', repeat('(', 30), repeat(')', 30), repeat('(', 30), repeat(')', 30))) AS nested \gset
SELECT * FROM outcome(:'nested', 'error');
SELECT * FROM bad.v;

-- What stands in the schema need not be what SQLite would have written.
CREATE FUNCTION lie(name text, lies text) RETURNS text LANGUAGE sql AS $$
	SELECT fixtures.sqlite_file('lie_' || name, 'CREATE TABLE plain(a INT); INSERT INTO plain VALUES (1); CREATE TABLE other(b TEXT, c TEXT); CREATE INDEX i ON other(b);'
		' INSERT INTO other VALUES (''x'', ''y''); CREATE VIEW v AS SELECT a FROM plain;'
		' CREATE TRIGGER g AFTER INSERT ON plain BEGIN DELETE FROM other; END;
.dbconfig defensive off
PRAGMA writable_schema = ON;' || lies)
$$;
SELECT lie('view', 'UPDATE sqlite_schema SET sql = ''DROP TABLE victims'' WHERE name = ''v''') AS lie_view,
	lie('view_is_table', 'UPDATE sqlite_schema SET sql = ''CREATE TABLE v(a)'' WHERE name = ''v''') AS lie_view_is_table,
	lie('trigger', 'UPDATE sqlite_schema SET sql = ''DROP TABLE victims'' WHERE name = ''g''') AS lie_trigger,
	lie('two_statements', 'UPDATE sqlite_schema SET sql = sql || ''; DROP TABLE victims'' WHERE name IN (''v'', ''g'', ''plain'', ''i'')') AS lie_two,
	lie('null', 'UPDATE sqlite_schema SET sql = NULL WHERE name IN (''v'', ''g'')') AS lie_null,
	lie('root', 'UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = ''other'') WHERE name = ''plain''') AS lie_root,
	lie('index_root', 'UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = ''i'') WHERE name = ''other''') AS lie_index_root,
	lie('name', 'UPDATE sqlite_schema SET name = ''renamed'', tbl_name = ''renamed'' WHERE name = ''plain''') AS lie_name,
	lie('more_columns', 'UPDATE sqlite_schema SET sql = ''CREATE TABLE plain(a INT, b INT DEFAULT 5, c TEXT NOT NULL DEFAULT ''''d'''')'' WHERE name = ''plain''') AS lie_more,
	lie('type', 'UPDATE sqlite_schema SET type = ''victims'' WHERE name = ''v''') AS lie_type,
	lie('twice', 'INSERT INTO sqlite_schema SELECT * FROM sqlite_schema WHERE name = ''plain''') AS lie_twice \gset
SELECT * FROM outcome(:'lie_view', 'salvage');
SELECT * FROM outcome(:'lie_view_is_table', 'salvage');
SELECT * FROM outcome(:'lie_trigger', 'salvage');
SELECT * FROM outcome(:'lie_two', 'salvage');
SELECT * FROM outcome(:'lie_null', 'salvage');
SELECT * FROM outcome(:'lie_root', 'salvage');
SELECT * FROM outcome(:'lie_index_root', 'salvage');
SELECT * FROM outcome(:'lie_name', 'salvage');
SELECT * FROM outcome(:'lie_more', 'salvage');
SELECT * FROM bad.plain;
SELECT * FROM outcome(:'lie_type', 'salvage');
SELECT * FROM outcome(:'lie_twice', 'salvage');
SELECT 'victims'::regclass AS still_there;

-- Names of every kind, for every kind of object.
SELECT fixtures.sqlite_file('names', format($fixture$
	CREATE TABLE "%1$s"("%1$s" INTEGER CONSTRAINT "%1$s" CHECK ("%1$s" <> 5) DEFAULT 3, "%1$s2" TEXT REFERENCES "a.b"("select"));
	CREATE TABLE "a.b"("select" TEXT PRIMARY KEY, "two
lines" INT, "q""t" INT, "a b" INT, "'" INT DEFAULT 1, [b(c] INT, "\" TEXT, "$$" INT);
	CREATE TABLE ""("" TEXT, " " INT);
	CREATE TABLE "table"("user" INT, "order" INT, "ctid" INT);
	INSERT INTO "a.b" VALUES ('k', 1, 2, 3, 4, 5, 6, 7);
	INSERT INTO "%1$s" VALUES (1, 'k');
	INSERT INTO "" VALUES ('e', 1);
	INSERT INTO "table" VALUES (1, 2, 3);
	CREATE INDEX "i
""" ON "a.b"("two
lines", "q""t" DESC) WHERE "a b" > 0;
	CREATE VIEW "v'"";--" AS SELECT "two
lines" AS "x
y", "q""t", "\" AS "\", "$$" AS "$f$" FROM "a.b";
	CREATE VIEW "%1$s_v" AS SELECT "%1$s" AS n FROM "%1$s";
	CREATE TRIGGER "g$$'"";" AFTER UPDATE ON "a.b" BEGIN UPDATE "a.b" SET "$$" = 9, "\" = '$body$' || '\' WHERE "select" = NEW."select" AND "q""t" = 2; END;
	CREATE TRIGGER "%1$s1" AFTER UPDATE OF "%1$s2" ON "%1$s" BEGIN SELECT RAISE(ABORT, 'one'); END;
	CREATE TRIGGER "%1$s2" AFTER DELETE ON "%1$s" BEGIN SELECT RAISE(ABORT, 'two'); END;
	CREATE VIEW broken AS SELECT * FROM nowhere;
$fixture$, repeat('n', 200))) AS names \gset
SELECT left(object, 40) AS object, action, left(note, 100) AS note FROM outcome(:'names', 'error');
SELECT relname, length(relname), relkind FROM pg_class WHERE relnamespace = 'bad'::regnamespace ORDER BY 1;
SELECT * FROM bad."a.b";
SELECT * FROM bad."v'"";--";
UPDATE bad."a.b" SET "a b" = 4;
SELECT * FROM bad."a.b";
SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1;
DROP SCHEMA bad CASCADE;
DROP TABLE victims;
DROP SCHEMA bad_schema_test CASCADE;
