-- migrate: one call, and the whole database is there.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('school', $$
CREATE TABLE courses(id INTEGER PRIMARY KEY AUTOINCREMENT, title VARCHAR(40) NOT NULL UNIQUE, "from" DATE);
CREATE TABLE Students(id INTEGER PRIMARY KEY, Name TEXT NOT NULL, born DATE, average REAL, active BOOLEAN NOT NULL);
CREATE TABLE grades(student INTEGER NOT NULL REFERENCES Students(id) ON DELETE CASCADE, course INTEGER NOT NULL REFERENCES courses, grade INT, PRIMARY KEY(student, course));
CREATE INDEX grades_by_course ON grades(course, grade DESC);
INSERT INTO courses VALUES(1, 'Chemistry', '2024-09-01'), (2, 'Biology', '2024-09-02'), (9, 'gone', NULL);
DELETE FROM courses WHERE id = 9;
INSERT INTO Students VALUES(1, 'Ada', '2001-02-03', 1.25, 1), (2, 'Željko', NULL, NULL, 0), (70, 'O''Neil', '1999-12-31', 3.5, 1);
INSERT INTO grades VALUES(1, 1, 5), (1, 2, 4), (70, 1, NULL);
$$) AS school \gset
CREATE SCHEMA school;

-- A dry run tells what would happen, and does nothing.
SELECT object_type, object_name, target, action, rows FROM sqlite_import.migrate(:'school', 'school', dry_run => true);
SELECT count(*) FROM pg_class WHERE relnamespace = 'school'::regnamespace;

-- The run itself: the report, with a notice for each table on the way.
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT object_type, object_name, target, action, rows, rejected, note
FROM sqlite_import.migrate(:'school', 'school') WHERE object_type <> 'database';
RESET client_min_messages;

-- What is there now.
SELECT * FROM school.students ORDER BY id;
SELECT * FROM school.courses ORDER BY id;
SELECT * FROM school.grades ORDER BY student, course;
\d school.grades
\d school.students

-- The next numbers: after the greatest id, and after what SQLite's own sequence had reached.
INSERT INTO school.students(name, active) VALUES ('new', true) RETURNING id;
INSERT INTO school.courses(title) VALUES ('new') RETURNING id;

-- A second run without options refuses, and says what to do.
\set VERBOSITY default
SELECT * FROM sqlite_import.migrate(:'school', 'school');

-- Only some tables, under other rules for names.
CREATE SCHEMA part;
SET client_min_messages = warning;
SELECT object_name, target, action FROM sqlite_import.migrate(:'school', 'part', tables => '{students}', identifiers => 'preserve')
WHERE object_type = 'table';
RESET client_min_messages;
SELECT "Name" FROM part."Students" ORDER BY id;

-- A failed run leaves nothing behind.
SELECT fixtures.sqlite_file('orphans', $$
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p(id));
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (1, 1), (2, 77), (3, NULL), (4, 78);
$$) AS orphans \gset
CREATE SCHEMA orphans;
SET client_min_messages = warning;
SELECT * FROM sqlite_import.migrate(:'orphans', 'orphans');
SELECT count(*) FROM pg_class WHERE relnamespace = 'orphans'::regnamespace;
SELECT object_type, object_name, action, note FROM sqlite_import.migrate(:'orphans', 'orphans', foreign_keys => 'not_valid')
WHERE object_type = 'foreign key';
RESET client_min_messages;

-- Each committed run is on record for the role that made it.
SELECT target_schema, options ->> 'foreign_keys' AS foreign_keys FROM sqlite_import.runs ORDER BY run DESC LIMIT 1;
SELECT object_type, object_name, action, rows FROM sqlite_import.last_report()
WHERE object_type <> 'database' ORDER BY object_type, object_name, action;

SET client_min_messages = warning;
DROP SCHEMA school, part, orphans CASCADE;
