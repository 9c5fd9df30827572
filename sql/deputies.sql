-- What an administrator calls on a schema that belongs to somebody hostile: nothing of the other's runs with the
-- administrator's rights but what an INSERT into the tables runs, and nothing that is not the other's is changed.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
CREATE ROLE deputies_hostile;
CREATE ROLE deputies_victim;
CREATE SCHEMA hostile AUTHORIZATION deputies_hostile;
CREATE SCHEMA victim AUTHORIZATION deputies_victim;
GRANT USAGE ON SCHEMA victim TO PUBLIC;
-- who ran what of the hostile role's
CREATE TABLE hostile.ran (what text, by name);
GRANT INSERT ON hostile.ran TO PUBLIC;
SELECT fixtures.sqlite_file('deputies', $$
	CREATE TABLE checked (id INTEGER PRIMARY KEY, v TEXT);
	CREATE TABLE swapped (id INTEGER PRIMARY KEY, v TEXT);
	CREATE TABLE "<script>alert(1)</script>" (id INTEGER PRIMARY KEY, "a""><img src=x onerror=alert(2)>" TEXT DEFAULT '<b>&amp;</b>');
	INSERT INTO checked VALUES (1, 'one'), (2, 'two');
	INSERT INTO swapped VALUES (1, 'one');
	CREATE VIEW "'><svg onload=alert(3)>" AS SELECT group_concat(id, '<i>') OVER () FROM checked;
$$) AS path \gset

-- reset_sequences: a default names a sequence of somebody else's, or of a type with a cast of the hostile role's.
SET SESSION AUTHORIZATION deputies_victim;
SET client_min_messages = warning;
CREATE SEQUENCE victim.seq;
SELECT nextval('victim.seq');
GRANT USAGE ON SEQUENCE victim.seq TO deputies_hostile;
SET SESSION AUTHORIZATION deputies_hostile;
SET client_min_messages = warning;
CREATE FUNCTION hostile.note(what text) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN INSERT INTO hostile.ran VALUES (what, current_user); RETURN true; END $$;
CREATE TABLE hostile.late (id bigint DEFAULT nextval('victim.seq'::text::regclass));
CREATE TABLE hostile.early (id bigint DEFAULT nextval('victim.seq'));
INSERT INTO hostile.late VALUES (9223372036854775806);
INSERT INTO hostile.early VALUES (9223372036854775806);
CREATE SEQUENCE hostile.own;
CREATE TABLE hostile.fair (id bigint DEFAULT nextval('hostile.own'), again serial);
INSERT INTO hostile.fair VALUES (7, 5);
CREATE TYPE hostile.kind AS ENUM ('1', '2');
CREATE FUNCTION hostile.number(k hostile.kind) RETURNS bigint LANGUAGE sql AS $$ SELECT hostile.note('cast'); SELECT 2::bigint $$;
CREATE FUNCTION hostile.kind(n bigint) RETURNS hostile.kind LANGUAGE sql AS $$ SELECT '2'::hostile.kind $$;
CREATE CAST (hostile.kind AS bigint) WITH FUNCTION hostile.number(hostile.kind);
CREATE CAST (bigint AS hostile.kind) WITH FUNCTION hostile.kind(bigint) AS ASSIGNMENT;
CREATE SEQUENCE hostile.other;
CREATE TABLE hostile.kinds (id hostile.kind DEFAULT nextval('hostile.other'));
INSERT INTO hostile.kinds VALUES ('2');
RESET SESSION AUTHORIZATION;
SELECT table_name, sequence_name, last_value, changed, note FROM sqlite_import.reset_sequences('hostile') ORDER BY 1, 2;
SELECT last_value FROM victim.seq;
SELECT * FROM hostile.ran;

-- verify reads tables: a view that stands in for one would run as whoever reads it.
SET SESSION AUTHORIZATION deputies_hostile;
CREATE VIEW hostile.swapped AS SELECT 1::bigint AS id, 'one'::text AS v WHERE hostile.note('view');
CREATE MATERIALIZED VIEW hostile.kept AS SELECT 1;
RESET SESSION AUTHORIZATION;
SELECT * FROM sqlite_import.verify(:'path', 'hostile', tables => '{swapped}');
SELECT * FROM sqlite_import.verify(:'path', 'hostile', 'counts', tables => '{swapped}');
SELECT * FROM sqlite_import.migrate(:'path', 'hostile', tables => '{swapped}');
SELECT * FROM sqlite_import.copy_tables(:'path', 'hostile', '{swapped}', on_existing => 'append');
SELECT severity, finding FROM sqlite_import.assess(:'path', '{swapped}', 'hostile') WHERE object_type <> 'verdict';
SELECT * FROM hostile.ran;

-- assess asks checks and domains: their functions run as the table's owner, who changes no setting of the session by it.
SET SESSION AUTHORIZATION deputies_hostile;
CREATE FUNCTION hostile.refuse(what text, v text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
	PERFORM hostile.note(what);
	-- what is rolled back afterwards has run all the same
	IF current_user NOT LIKE 'deputies%' THEN RAISE WARNING '% has run as %', what, current_user; END IF;
	SET sqlite_import.show_values = on;
	BEGIN RESET SESSION AUTHORIZATION; EXCEPTION WHEN OTHERS THEN PERFORM hostile.note(SQLSTATE); END;
	RETURN v <> 'two'; END $$;
CREATE DOMAIN hostile.word AS text CHECK (hostile.refuse('domain', VALUE));
CREATE TABLE hostile.checked (id bigint PRIMARY KEY, v text CHECK (hostile.refuse('check', v)));
RESET SESSION AUTHORIZATION;
SELECT severity, column_name, finding FROM sqlite_import.assess(:'path', '{checked}', 'hostile') WHERE object_type <> 'verdict';
ALTER TABLE hostile.checked DROP CONSTRAINT checked_v_check, ALTER v TYPE hostile.word;
SELECT severity, column_name, finding FROM sqlite_import.assess(:'path', '{checked}', 'hostile') WHERE object_type <> 'verdict';
SELECT DISTINCT what, by FROM hostile.ran ORDER BY 1;
SHOW sqlite_import.show_values;
SELECT current_user = session_user AS nobody_else;
-- who may not act for the owner does not do so by assess: the code runs as the caller, as in an INSERT
TRUNCATE hostile.ran;
SELECT lo_import(:'path') AS lob \gset
ALTER LARGE OBJECT :lob OWNER TO deputies_victim;
GRANT USAGE ON SCHEMA hostile TO deputies_victim;
GRANT INSERT, SELECT ON hostile.checked TO deputies_victim;
SET SESSION AUTHORIZATION deputies_victim;
SELECT count(*) FROM sqlite_import.assess('lo:' || :lob, '{checked}', 'hostile');
RESET SESSION AUTHORIZATION;
SELECT DISTINCT by FROM hostile.ran WHERE what = 'domain';
SELECT lo_unlink(:lob) AS unlinked;

-- What takes part in a load runs as it does in an INSERT of the same caller, and no otherwise.
TRUNCATE hostile.ran;
SET SESSION AUTHORIZATION deputies_hostile;
CREATE OR REPLACE FUNCTION hostile.refuse(what text, v text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
	PERFORM hostile.note(what);
	RETURN v <> 'two'; END $$;
CREATE FUNCTION hostile.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM hostile.note('trigger'); RETURN NEW; END $$;
CREATE TRIGGER fire BEFORE INSERT ON hostile.checked FOR EACH ROW EXECUTE FUNCTION hostile.fire();
CREATE TABLE hostile.bystander (id bigint);
CREATE TRIGGER fire BEFORE INSERT OR UPDATE OR DELETE ON hostile.bystander FOR EACH ROW EXECUTE FUNCTION hostile.fire();
RESET SESSION AUTHORIZATION;
BEGIN;
INSERT INTO hostile.checked VALUES (3, 'three');
CREATE TEMP TABLE by_insert AS SELECT DISTINCT what, by FROM hostile.ran;
TRUNCATE hostile.ran;
SELECT action, rows, rejected FROM sqlite_import.copy_tables(:'path', 'hostile', '{checked}', on_existing => 'append', on_error => 'reject') WHERE object_type = 'table';
(SELECT DISTINCT what, by FROM hostile.ran) EXCEPT SELECT * FROM by_insert;
ROLLBACK;

-- The report's page: names, notes and statements are text, whatever is in them.
CREATE SCHEMA deputies_page;
SELECT count(*) > 3 AS migrated FROM sqlite_import.migrate(:'path', 'deputies_page');
SELECT sqlite_import.report_html() AS page \gset
SELECT count(*) FILTER (WHERE t[1] NOT IN ('!DOCTYPE html', 'html lang="en"', '/html', 'head', '/head', 'body', '/body', 'title', '/title', 'style', '/style', 'h1', '/h1',
		'h2', '/h2', 'table', 'table class="facts"', '/table', 'tr', '/tr', 'td', '/td', 'th', '/th', 'details', '/details', 'summary', '/summary', 'p class="good"',
		'p class="look"', '/p', 'div class="scroll"', 'div class="load"', '/div', 'span', '/span', 'i', '/i', '/b', 'meta charset="utf-8"', 'link rel="icon" href="data:,"',
		'meta name="viewport" content="width=device-width, initial-scale=1"') AND t[1] !~ '^b style="width:[0-9.]+%"$') AS foreign_tags,
	count(*) > 50 AS tags FROM regexp_matches(:'page', '<([^>]*)>', 'g') AS t;
SELECT :'page' LIKE '%&lt;script&gt;alert(1)%' AS name_is_text;

-- The view of what runs reads texts that any session can set.
SELECT regexp_count(pg_get_viewdef('sqlite_import.progress'), '1,9') AS numbers_with_an_end;

DROP SCHEMA hostile, victim, deputies_page CASCADE;
DROP ROLE deputies_hostile, deputies_victim;
