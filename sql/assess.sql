-- assess(): what will not go smoothly, told before anything is written; one row per finding, with
-- rows to look at and the option that settles it, and a verdict at the end.

CREATE SCHEMA assess_test;
SET search_path = assess_test;
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
\pset null ''

-- A database without a flaw.
SELECT fixtures.sqlite_file('assess_good', $$
	CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, created DATETIME);
	CREATE TABLE tasks (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id));
	CREATE INDEX tasks_user ON tasks(user_id);
	INSERT INTO users VALUES (1, 'a@example.org', '2024-01-01 10:00:00');
	INSERT INTO tasks VALUES (1, 1), (2, NULL);
$$) AS good \gset
SELECT severity, object_type, finding FROM sqlite_import.assess(:'good', target_schema => 'assess_test');

-- A database with many: values, texts, keys, orphans, checks, what has no counterpart.
SELECT fixtures.sqlite_file('assess_bad', $$
	CREATE TABLE parents (id INTEGER PRIMARY KEY, name VARCHAR(5));
	CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents(id),
		lost INTEGER REFERENCES nowhere(id), age INTEGER CHECK (age < 150), born DATE, word INTEGER, txt TEXT, seen DATETIME);
	CREATE TABLE keyed (a TEXT, b TEXT, PRIMARY KEY (a, b));
	CREATE TABLE a_table_with_a_name_that_is_longer_than_postgresql_can_hold_number_1 (x);
	CREATE TABLE a_table_with_a_name_that_is_longer_than_postgresql_can_hold_number_2 (x);
	CREATE VIEW broken AS SELECT * FROM gone;
	INSERT INTO parents VALUES (1, 'one'), (2, 'longer');
	INSERT INTO children VALUES (1, 1, NULL, 10, '2024-01-01', 1, 'a', 1627303906),
		(2, 7, NULL, 20, '', 2, 'b' || char(0), 1627303907), (3, 8, 1, 30, '2024-01-02', 'three', 'c', 0);
	PRAGMA ignore_check_constraints = 1;
	INSERT INTO children (id, age) VALUES (4, 200);
	INSERT INTO keyed VALUES ('a', NULL), ('b', 'c');
$$) AS bad \gset
SELECT severity, object_type, object_name, column_name, finding, row_count, sample_rowids, suggestion
	FROM sqlite_import.assess(:'bad', target_schema => 'assess_test') WHERE object_type <> 'verdict';
SELECT severity, finding FROM sqlite_import.assess(:'bad', target_schema => 'assess_test') WHERE object_type = 'verdict';
-- with the options that settle it
SELECT severity, object_type, object_name, column_name, finding
	FROM sqlite_import.assess(:'bad', target_schema => 'assess_test', tables => '{parents,children}',
		invalid_text => 'strip', foreign_keys => 'not_valid', casts => '{"children.born": {"type": "date", "empty_as_null": true}}')
	WHERE object_type <> 'verdict';

-- Against a schema that the application made.
CREATE TYPE state AS ENUM ('open', 'done');
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, name varchar(5) NOT NULL, rank smallint, joined timestamptz NOT NULL);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE TABLE tasks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, state state,
	prio text CHECK (prio IN ('high', 'low')), added_at timestamptz DEFAULT now(), tenant int NOT NULL,
	doubled bigint GENERATED ALWAYS AS (user_id * 2) STORED);
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('1234');
INSERT INTO users VALUES (99, 'seed@example.org', 'seed', 1, now());
SELECT fixtures.sqlite_file('assess_app', $$
	CREATE TABLE Users (id INTEGER PRIMARY KEY, Email TEXT, Name TEXT, Rank INTEGER, Joined INTEGER, Phone TEXT, Fax TEXT);
	CREATE TABLE tasks (id INTEGER PRIMARY KEY, user_id INTEGER, state TEXT, prio TEXT, doubled INTEGER);
	CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
	INSERT INTO Users VALUES (1, 'A@example.org', 'Alice', 1, 1627303906122, '123', NULL),
		(2, 'a@example.org', 'Bob', 100000, 1627303906122, NULL, NULL), (3, NULL, 'Charles', 3, NULL, NULL, NULL);
	INSERT INTO tasks VALUES (1, 1, 'open', 'high', 2), (2, 5, 'offen', 'mid', 10), (3, NULL, 'done', NULL, NULL), (4, 2, 'offen', 'low', 4);
	INSERT INTO alembic_version VALUES ('1234');
$$) AS app \gset
SELECT severity, object_type, object_name, column_name, finding, row_count, sample_rowids, suggestion
	FROM sqlite_import.assess(:'app', target_schema => 'assess_test') WHERE object_type <> 'verdict';
-- nothing was written
SELECT count(*) FROM users;

-- Domains of the target: their checks are put to the values, and whether they take NULL is asked, which a CHECK may
-- refuse as well as a NOT NULL.
CREATE SCHEMA assess_domains;
CREATE DOMAIN assess_domains.adult AS integer CHECK (VALUE >= 18) CONSTRAINT human CHECK (VALUE < 150);
CREATE DOMAIN assess_domains.grown AS assess_domains.adult NOT NULL;
CREATE DOMAIN assess_domains.mail AS text CHECK (VALUE IS NOT NULL AND VALUE LIKE '%@%');
CREATE DOMAIN assess_domains.recent AS timestamptz CHECK (VALUE > '2020-01-01 UTC');
CREATE FUNCTION assess_domains.is_code(code text) RETURNS boolean LANGUAGE plpgsql AS
	$$ BEGIN IF length(code) > 3 THEN RAISE EXCEPTION 'too long'; END IF; RETURN true; END $$;
CREATE DOMAIN assess_domains.code AS text CHECK (assess_domains.is_code(VALUE));
CREATE TABLE assess_domains.people (id bigint PRIMARY KEY, age assess_domains.adult, grown assess_domains.grown,
	mail assess_domains.mail, seen assess_domains.recent, code assess_domains.code NOT NULL, odd assess_domains.adult);
SELECT fixtures.sqlite_file('assess_domains', $$
	CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER, grown INTEGER, mail TEXT COLLATE NOCASE, seen INTEGER, code TEXT, odd);
	INSERT INTO people VALUES (1, 20, 30, 'a@example.org', 1627303906, 'abc', 18), (2, 7, 40, 'none', 1627303907, 'abcd', 200),
		(3, 200, 10, NULL, 1500000000, 'efgh', 17.5), (4, NULL, NULL, 'None', NULL, 'x', 'word'), (5, 8, 1, 'b' || char(0), 1627303906, 'y', NULL);
$$) AS domains \gset
SELECT severity, column_name, finding, row_count, sample_rowids, suggestion FROM sqlite_import.assess(:'domains', target_schema => 'assess_domains')
	WHERE object_type <> 'verdict';
-- with rules for what does not fit
SELECT severity, column_name, finding, sample_rowids, suggestion FROM sqlite_import.assess(:'domains', target_schema => 'assess_domains', on_error => 'null',
	casts => '{"people.mail": {"map": {"none": "x@example.org", "None": "x@example.org"}, "else": "y@example.org", "default": "z@example.org"}, "people.grown": {"default": "18"}}')
	WHERE object_type <> 'verdict';
-- what is said is what the load does
SELECT rows, rejected FROM sqlite_import.copy_tables(:'domains', 'assess_domains', on_error => 'reject') WHERE action = 'loaded';
SELECT column_name, array_agg(source_rowid ORDER BY source_rowid), min(sqlstate) FROM sqlite_import.rejected_rows WHERE table_name = 'people' GROUP BY 1 ORDER BY 1;
DELETE FROM sqlite_import.rejected_rows;
-- the hint of a refusal does not lead to NULL where that is refused as well
CREATE TABLE assess_domains.single (id bigint, odd assess_domains.grown);
SELECT sqlite_import.copy_table(:'domains', 'people', 'assess_domains.single', exclude => '{age,grown,mail,seen,code}');
SELECT sqlite_import.copy_table(:'domains', 'people', 'assess_domains.single', exclude => '{age,grown,mail,seen,code}', on_error => 'null');
DROP SCHEMA assess_domains CASCADE;

-- What is said is what the load does, in each of these: a value that runs is no finding, and each rowid is that of
-- a row that the load refuses.
SELECT fixtures.sqlite_file('assess_same', $$
	CREATE TABLE v (id INTEGER PRIMARY KEY, single, length TEXT, list TEXT, clock TEXT, milli TEXT, second TEXT, doc TEXT, key, word TEXT, n);
	INSERT INTO v VALUES (1, 0.1, '3 days', '[1,2]', '07:30:00', '2026-11-28T13:44:41.095+00:00', '2026-11-28 13:44:41', '{"a":1}',
			x'00112233445566778899aabbccddeeff', 'red', 1),
		(2, 1e300, '1 parsec', 'null', '24:00:00', '2026-11-28T13:44:41.0956+00:00', '2026-11-28 13:44:41.095', '{"a"', x'0011', 'blue', 2),
		(3, 0.5, '1 day', '{3,4}', '24:00:01', 'yesterday', '2026-02-30 00:00:00', '[1', 'no uuid', 'red', 1),
		(4, 'x', NULL, '[1,[2]]', NULL, NULL, NULL, 'null', '00112233-4455-6677-8899-aabbccddeeff', 'green', 4);
$$) AS same \gset
CREATE SCHEMA assess_same;
CREATE TYPE assess_same.colour AS ENUM ('red', 'green');
CREATE TABLE assess_same.v (id bigint PRIMARY KEY, single real, length interval, list integer[], clock time, milli timestamp(3) with time zone,
	second timestamptz(0), doc jsonb, key uuid, word assess_same.colour, n integer UNIQUE CHECK (n < 4), made timestamptz NOT NULL DEFAULT now());
CREATE TEMP TABLE said AS SELECT coalesce(column_name, 'n') AS column_name, object_type, unnest(sample_rowids) AS rowid
	FROM sqlite_import.assess(:'same', target_schema => 'assess_same') WHERE severity = 'error' AND object_type <> 'verdict';
SELECT column_name, array_agg(rowid ORDER BY rowid) FROM said GROUP BY 1 ORDER BY 1;
-- column by column, the load of the others left out
CREATE FUNCTION assess_same.refused(file text, col text) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE result bigint[]; left_out text[];
BEGIN
	SELECT array_agg(c) INTO left_out FROM unnest('{single,length,list,clock,milli,second,doc,key,word,n}'::text[]) AS c WHERE c <> col;
	TRUNCATE assess_same.v;
	DELETE FROM sqlite_import.rejected_rows;
	PERFORM sqlite_import.copy_table(file, 'v', 'assess_same.v', exclude => left_out, on_error => 'reject');
	SELECT array_agg(source_rowid ORDER BY source_rowid) INTO result FROM sqlite_import.rejected_rows WHERE table_name = 'v';
	DELETE FROM sqlite_import.rejected_rows;
	TRUNCATE assess_same.v;
	RETURN result;
END $$;
SELECT c AS column_name, assess_same.refused(:'same', c) AS refused, (SELECT array_agg(rowid ORDER BY rowid) FROM said WHERE column_name = c) AS said,
	assess_same.refused(:'same', c) IS NOT DISTINCT FROM (SELECT array_agg(rowid ORDER BY rowid) FROM said WHERE column_name = c) AS same
	FROM unnest('{single,length,list,clock,milli,second,doc,key,word,n}'::text[]) AS c;
-- casts are taken into account
SELECT object_type, column_name, sample_rowids FROM sqlite_import.assess(:'same', target_schema => 'assess_same', exclude => '{v.list,v.doc,v.length,v.milli}',
	casts => '{"v.word": {"map": {"blue": "red"}}, "v.second": {"round": true}, "v.single": {"on_mismatch": "null"}, "v.clock": {"map": {"24:00:00": "00:00:00", "24:00:01": "00:00:01"}}, "v.n": {"map": {"4": "3"}}}')
	WHERE severity = 'error' AND object_type <> 'verdict';
-- what is right where it goes in as on_error => 'null' is a warning, and rejects have their limit
SELECT severity, object_type, column_name, row_count FROM sqlite_import.assess(:'same', '{v}', 'assess_same', on_error => 'reject', max_rejects => 2)
	WHERE object_type = 'table';
DROP SCHEMA assess_same CASCADE;
DROP TABLE said;

-- with append, the rows that the target holds are compared with too
CREATE SCHEMA assess_append;
CREATE TABLE assess_append.people (id bigint PRIMARY KEY, email text, gone boolean DEFAULT false);
CREATE UNIQUE INDEX people_email ON assess_append.people (lower(email)) WHERE NOT gone;
INSERT INTO assess_append.people VALUES (10, 'A@example.org', false), (11, 'b@example.org', true);
SELECT fixtures.sqlite_file('assess_append', $$
	CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);
	INSERT INTO people VALUES (1, 'a@example.org'), (2, 'b@example.org'), (3, 'B@example.org'), (10, 'c@example.org'), (12, NULL), (13, NULL);
$$) AS more \gset
SELECT severity, object_type, finding, sample_rowids FROM sqlite_import.assess(:'more', '{people}', 'assess_append', on_existing => 'append')
	WHERE object_type <> 'verdict';
SELECT rows, rejected FROM sqlite_import.copy_tables(:'more', 'assess_append', on_existing => 'append', on_error => 'reject') WHERE object_type = 'table';
SELECT array_agg(source_rowid ORDER BY source_rowid) FROM sqlite_import.rejected_rows WHERE table_name = 'people';
DELETE FROM sqlite_import.rejected_rows;
DROP SCHEMA assess_append CASCADE;

-- A row that no page takes, and a key that is one after the conversion.
SELECT fixtures.sqlite_file('assess_wide', 'CREATE TABLE wide (' || string_agg('c' || n || ' BIGINT', ', ' ORDER BY n) || ');
	INSERT INTO wide (c1) VALUES (1); INSERT INTO wide VALUES (' || string_agg(n::text, ', ' ORDER BY n) || ');
	CREATE TABLE moments (at DATETIME UNIQUE, n INTEGER);
	INSERT INTO moments VALUES (''2024-01-01 12:00:00'', 1), (''2024-01-01T12:00:00'', 2), (''2024-01-01 12:00:01'', 3);') AS wide FROM generate_series(1, 1600) AS n \gset
SELECT severity, object_type, object_name, finding, row_count, sample_rowids FROM sqlite_import.assess(:'wide', target_schema => 'assess_test')
	WHERE object_type <> 'verdict';
SELECT * FROM sqlite_import.migrate(:'wide', 'assess_test', tables => '{wide}', verify => 'none');
SELECT * FROM sqlite_import.migrate(:'wide', 'assess_test', tables => '{moments}');

-- The target's indexes are compared by their columns, however they are sorted.
SELECT fixtures.sqlite_file('assess_indexes', $$
	CREATE TABLE events (id INTEGER PRIMARY KEY, at DATETIME, kind TEXT, place TEXT, code TEXT, UNIQUE (place, code));
	CREATE INDEX events_latest ON events(at DESC);
	CREATE INDEX events_kind ON events(kind COLLATE NOCASE, at DESC);
	CREATE INDEX events_place ON events(place);
	CREATE UNIQUE INDEX events_code ON events(code);
$$) AS indexed \gset
CREATE SCHEMA assess_indexes;
SELECT count(*) > 0 AS made FROM sqlite_import.import_schema(:'indexed', 'assess_indexes');
SELECT severity, object_type, object_name, finding FROM sqlite_import.assess(:'indexed', target_schema => 'assess_indexes') WHERE object_type <> 'verdict';
DROP INDEX assess_indexes.events_latest, assess_indexes.events_code;
CREATE INDEX events_code ON assess_indexes.events (code text_pattern_ops DESC NULLS LAST);
CREATE INDEX events_few ON assess_indexes.events (at) WHERE kind = 'x';
SELECT severity, object_type, object_name, finding FROM sqlite_import.assess(:'indexed', target_schema => 'assess_indexes') WHERE object_type <> 'verdict';
DROP SCHEMA assess_indexes CASCADE;

SELECT * FROM sqlite_import.assess(:'app', tables => '{user}');
-- a schema that is not there is a finding, and the rest is told all the same
SELECT severity, object_type, object_name, column_name, finding, suggestion FROM sqlite_import.assess(:'bad', target_schema => 'nowhere', tables => '{children,parents}')
	WHERE severity = 'error' AND object_type <> 'verdict';

DROP SCHEMA assess_test CASCADE;
