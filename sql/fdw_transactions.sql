-- Two transactions that end as one: what SQLite has rolled back by itself, and commits of several files.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('transactions', $$
CREATE TABLE t(id INTEGER PRIMARY KEY, v INTEGER);
INSERT INTO t VALUES(1, 10), (2, 20);
-- an UPDATE of v to -1 runs until it is interrupted
CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) AS n FROM c;
CREATE TRIGGER slow AFTER UPDATE ON t WHEN new.v = -1 BEGIN SELECT n FROM endless; END;
CREATE TABLE parent(id INTEGER PRIMARY KEY);
CREATE TABLE child(id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED);
$$) AS made \gset
SELECT '/tmp/sqlite_import_transactions_' || fixtures.cluster() AS file \gset
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; cp %1$s %2$s_1.db; cp %1$s %2$s_2.db', fixtures.path('transactions'), '/tmp/sqlite_import_transactions_' || fixtures.cluster())); END $$;
CREATE SCHEMA fdw_transactions;
SET search_path = fdw_transactions;
SELECT :'file' || '_1.db' AS one, :'file' || '_2.db' AS two \gset
CREATE SERVER one FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'one', updatable 'true');
CREATE SERVER two FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'two', updatable 'true');
IMPORT FOREIGN SCHEMA main LIMIT TO (t, parent, child) FROM SERVER one INTO fdw_transactions;
CREATE FOREIGN TABLE t2 (id bigint, v bigint) SERVER two OPTIONS (table 't');
CREATE FOREIGN TABLE child2 (id bigint, p bigint) SERVER two OPTIONS (table 'child');
CREATE TABLE local (id int);
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on

-- SQLite rolls the whole transaction back when a writing statement is interrupted.  Whatever follows in
-- this transaction would be committed alone, so nothing may follow but ROLLBACK.
BEGIN;
INSERT INTO t VALUES (8011, 1);
SAVEPOINT s;
SET LOCAL statement_timeout = '50ms';
\set VERBOSITY sqlstate
UPDATE t SET v = -1 WHERE id = 1;
\set VERBOSITY default
ROLLBACK TO s;
INSERT INTO t VALUES (8012, 1);
ROLLBACK TO s;
UPDATE t SET v = v + 1;
ROLLBACK TO s;
DELETE FROM t WHERE id = 2;
ROLLBACK TO s;
TRUNCATE t;
ROLLBACK TO s;
SELECT count(*) FROM t;
ROLLBACK TO s;
-- the other file is well, and local tables are
INSERT INTO t2 VALUES (8013, 1);
INSERT INTO local VALUES (8013);
COMMIT;
SELECT id, v FROM t UNION ALL SELECT id, v FROM t2 ORDER BY 1, 2;
SELECT * FROM local;

-- The same where a function survives the error in the middle of a statement: neither do the rows come in that
-- follow, nor those of the trigger itself.
CREATE FUNCTION survive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF new.id = 8022 THEN
		BEGIN
			UPDATE t SET v = -1 WHERE id = 2;
		EXCEPTION WHEN query_canceled THEN
			RAISE NOTICE 'survived';
		END;
	END IF;
	RETURN new;
END $$;
CREATE TRIGGER survive BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION survive();
SET statement_timeout = '200ms';
INSERT INTO t VALUES (8021, 1), (8022, 1), (8023, 1);
RESET statement_timeout;
DROP TRIGGER survive ON t;
CREATE TRIGGER survive BEFORE INSERT ON local FOR EACH ROW EXECUTE FUNCTION survive();
BEGIN;
INSERT INTO t VALUES (8031, 1);
SET LOCAL statement_timeout = '200ms';
INSERT INTO local VALUES (8022);
COMMIT;
SELECT id, v FROM t ORDER BY 1;
SELECT * FROM local;

-- A session goes on afterwards.
BEGIN;
INSERT INTO t VALUES (3, 30);
SAVEPOINT s;
INSERT INTO t VALUES (4, 40);
ROLLBACK TO s;
INSERT INTO t VALUES (5, 50);
RELEASE s;
COMMIT;
SELECT id, v FROM t ORDER BY 1;

-- A key that is checked at the end fails before any file commits, whichever was written first.
BEGIN;
INSERT INTO t VALUES (6, 60);
INSERT INTO t2 VALUES (6, 60);
INSERT INTO child2 VALUES (1, 99);
COMMIT;
BEGIN;
INSERT INTO t2 VALUES (6, 60);
INSERT INTO child VALUES (1, 99);
COMMIT;
BEGIN;
INSERT INTO child VALUES (1, 7);
INSERT INTO parent VALUES (7);
INSERT INTO t2 VALUES (7, 70);
COMMIT;
SELECT id FROM t WHERE id = 6 UNION ALL SELECT id FROM t2 WHERE id IN (6, 7) UNION ALL SELECT id FROM child UNION ALL SELECT id FROM child2;

-- So does a constraint of PostgreSQL's own.
CREATE TABLE keyed (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
BEGIN;
INSERT INTO t VALUES (8, 80);
INSERT INTO keyed VALUES (1), (1);
COMMIT;
SELECT count(*) FROM t WHERE id = 8;

SET client_min_messages = warning;
SELECT sqlite_import.disconnect_all();
DROP SCHEMA fdw_transactions CASCADE;
DROP SERVER one CASCADE;
DROP SERVER two CASCADE;
DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', format('cat >/dev/null; rm -f /tmp/sqlite_import_transactions_%s_?.db', fixtures.cluster())); END $$;
