-- IMPORT FOREIGN SCHEMA: every table that can be had, and no table's oddness stops the others.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('import', $$
CREATE TABLE people(id INTEGER PRIMARY KEY, name VARCHAR(5) NOT NULL DEFAULT 'nobody', age INT DEFAULT 18,
    weight DOUBLE PRECISION DEFAULT 1.5, cash DECIMAL(4,1), born DATE, seen DATETIME DEFAULT CURRENT_TIMESTAMP,
    active BOOL DEFAULT 1, token TEXT DEFAULT (hex(randomblob(4))), photo BLOB,
    shout TEXT GENERATED ALWAYS AS (upper(name)), twice INT AS (age * 2) STORED);
INSERT INTO people(id, name, cash) VALUES(1, 'longer than five', 12345.678);
-- names: key words of either side, what looks like SQLite's own, upper case, quotes, blanks
CREATE TABLE "index"("order" TEXT, "user" INT);
CREATE TABLE "isnull"(a);
CREATE TABLE sqliteish(a INT);
CREATE TABLE "Mixed Case"("A b" TEXT, "quo""te" TEXT, ctid TEXT, "" TEXT);
CREATE TABLE "a table whose name is a good deal longer than PostgreSQL lets any name be"("a column whose name is a good deal longer than PostgreSQL lets any name be" TEXT);
-- types: what nobody has heard of, what looks like a type, none at all
CREATE TABLE types(a timestamp_ms, b bitmap, c varchar2(20), d date_of_birth, e "double  precision", f ANY, g unsigned big int, h);
INSERT INTO types VALUES(1, 2, 3, 4, 5, 6, 7, 8.5);
CREATE TABLE places(a geography, b geography, c geography, d fruit, e floating, f floating, g blobby);
INSERT INTO places VALUES('POINT(1 2)', x'0101', 1.5, NULL, 'much', 1, 'text'), (NULL, NULL, 2, NULL, 2, 2.5, NULL);
CREATE TABLE moments(a DATETIME, b DATETIME, c DATE);
INSERT INTO moments VALUES(1700000000, '2024-01-01 10:00:00', 2460000.5);
CREATE TABLE strict_one(a ANY, b INT, c REAL, d BLOB) STRICT;
CREATE TABLE pairs(a TEXT, b INT, PRIMARY KEY(a, b)) WITHOUT ROWID;
CREATE VIEW adults AS SELECT id, name, age + 0 AS years FROM people WHERE age >= 18;
CREATE VIEW broken AS SELECT * FROM nowhere;
CREATE VIRTUAL TABLE words USING fts5(word);
INSERT INTO words VALUES('hello');
$$) AS file \gset
CREATE SERVER imp FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');

CREATE SCHEMA imp;
IMPORT FOREIGN SCHEMA main FROM SERVER imp INTO imp;
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS nn, a.attfdwoptions
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'imp'::regnamespace ORDER BY c.relname COLLATE "C", a.attnum;
SELECT relname, ftoptions FROM pg_foreign_table t JOIN pg_class c ON c.oid = t.ftrelid
WHERE c.relnamespace = 'imp'::regnamespace AND relname ~ '^a ';
SELECT id, name, cash, shout, twice FROM imp.people;
SELECT * FROM imp.types;
SELECT * FROM imp.moments;
\d imp.places
SELECT * FROM imp.places;
SELECT * FROM imp.words;
SELECT * FROM imp.adults;
SELECT column_4, ctid_ FROM imp."Mixed Case";

-- Again: what is there stays there.
SET client_min_messages = warning;
IMPORT FOREIGN SCHEMA main FROM SERVER imp INTO imp;
RESET client_min_messages;

-- LIMIT TO finds names in any case and gives them as they are written; EXCEPT.
CREATE SCHEMA imp_some;
IMPORT FOREIGN SCHEMA main LIMIT TO (PEOPLE, "mixed case", "index") FROM SERVER imp INTO imp_some;
SELECT relname FROM pg_class WHERE relnamespace = 'imp_some'::regnamespace ORDER BY relname COLLATE "C";
IMPORT FOREIGN SCHEMA main LIMIT TO (peeple) FROM SERVER imp INTO imp_some;
CREATE SCHEMA imp_most;
IMPORT FOREIGN SCHEMA main EXCEPT (people, words, types, places, moments, "Mixed Case", broken) FROM SERVER imp INTO imp_most OPTIONS (import_views 'false');
SELECT relname FROM pg_class WHERE relnamespace = 'imp_most'::regnamespace ORDER BY relname COLLATE "C";

-- Options.
CREATE SCHEMA imp_less;
IMPORT FOREIGN SCHEMA main LIMIT TO (people) FROM SERVER imp INTO imp_less
	OPTIONS (import_not_null 'false', import_generated 'false', import_default 'true');
\d imp_less.people
IMPORT FOREIGN SCHEMA main FROM SERVER imp INTO imp_less OPTIONS (import_everything 'true');
IMPORT FOREIGN SCHEMA main FROM SERVER imp INTO imp_less OPTIONS (import_views 'possibly');
IMPORT FOREIGN SCHEMA temp FROM SERVER imp INTO imp_less;

SET client_min_messages = warning;
DROP SCHEMA imp, imp_some, imp_most, imp_less CASCADE;
DROP SERVER imp CASCADE;
