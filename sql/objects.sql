-- The objects that PRAGMAs do not tell: defaults, checks, generated columns, collations,
-- expression and partial indexes, views, triggers, virtual tables, comments.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('objects', $$
CREATE TABLE accounts( -- who may log in
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL COLLATE NOCASE UNIQUE, -- compared without case
  kind TEXT NOT NULL DEFAULT 'user' CHECK (kind IN ('user', 'admin')),
  balance NUMERIC(10,2) DEFAULT 0.00,
  created DATETIME DEFAULT CURRENT_TIMESTAMP,
  token TEXT DEFAULT (lower(hex(randomblob(16)))),
  active BOOLEAN NOT NULL DEFAULT 1,
  shout TEXT GENERATED ALWAYS AS (upper(kind)) STORED,
  double_balance GENERATED ALWAYS AS (balance * 2) VIRTUAL,
  CONSTRAINT positive CHECK (balance >= 0 OR kind = 'admin')
);
CREATE TABLE log(id INTEGER PRIMARY KEY, account INTEGER REFERENCES accounts(id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, what TEXT, at TEXT);
CREATE INDEX accounts_lower ON accounts(lower(kind), created DESC);
CREATE UNIQUE INDEX one_admin ON accounts(kind) WHERE kind = 'admin';
CREATE VIEW admins AS SELECT id, email, balance / 3 AS third FROM accounts WHERE kind = 'admin' AND active;
CREATE VIEW totals(kind, n, total) AS SELECT kind, count(*), total(balance) FROM accounts GROUP BY kind;
CREATE VIEW broken AS SELECT no_such_function(id) FROM accounts;
CREATE TRIGGER accounts_log AFTER UPDATE OF kind ON accounts WHEN OLD.kind <> NEW.kind BEGIN INSERT INTO log(account, what) VALUES (NEW.id, OLD.kind || ' to ' || NEW.kind); END;
CREATE TRIGGER guard BEFORE DELETE ON accounts WHEN OLD.kind = 'admin' BEGIN SELECT RAISE(ABORT, 'admins stay'); END;
CREATE VIRTUAL TABLE notes USING fts5(title, body);
CREATE VIRTUAL TABLE areas USING rtree(id, minx, maxx);
INSERT INTO accounts(id, email, kind, balance, created, token) VALUES (1, 'Ada@x', 'admin', 10.50, '2024-01-02 03:04:05', 't'), (2, 'bob@x', 'user', 3, '2024-01-03 00:00:00', NULL);
INSERT INTO notes VALUES ('first', 'the quick brown fox'), ('second', 'lazy dogs');
INSERT INTO areas VALUES (1, 0.5, 2.5);
$$) AS objects \gset
CREATE SCHEMA objects;
SELECT object_type, object_name, action, note
FROM sqlite_import.migrate(:'objects', 'objects', comments => true, text_search => 'english')
WHERE object_type NOT IN ('database', 'statistics', 'sequence') AND action <> 'verified';

\d objects.accounts
-- from 16 on the names of columns stand without their table's
SELECT replace(pg_get_viewdef('objects.admins'::regclass, true), 'accounts.', '') AS definition;
SELECT * FROM objects.admins;
SELECT * FROM objects.totals ORDER BY kind;
SELECT id, shout, double_balance FROM objects.accounts ORDER BY id;
SELECT obj_description('objects.accounts'::regclass) AS table_comment, col_description('objects.accounts'::regclass, 2) AS column_comment;

-- They work.
INSERT INTO objects.accounts(email) VALUES ('new@x') RETURNING kind, balance, created <= timezone('UTC', now()) AS created, length(token), active;
\set VERBOSITY terse
INSERT INTO objects.accounts(email) VALUES ('ADA@X');
INSERT INTO objects.accounts(email, kind) VALUES ('other@x', 'admin');
INSERT INTO objects.accounts(email, kind) VALUES ('other@x', 'root');
INSERT INTO objects.accounts(email, balance) VALUES ('other@x', -1);
UPDATE objects.accounts SET kind = 'user' WHERE id = 1;
SELECT account, what FROM objects.log;
UPDATE objects.accounts SET kind = 'admin' WHERE id = 2;
DELETE FROM objects.accounts WHERE id = 2;
SELECT title FROM objects.notes WHERE to_tsvector('english', coalesce(title::text, '') || ' ' || coalesce(body::text, '')) @@ to_tsquery('english', 'dog');
SELECT * FROM objects.areas;

-- The migrated schema does not depend on the extension.
SELECT count(*) AS dependencies FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE e.extname = 'sqlite_import' AND d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'objects'::regnamespace);
\set VERBOSITY default
DROP SCHEMA objects CASCADE;

-- Types that would be SQL, and names that would be, are neither.
SELECT fixtures.sqlite_file('hostile', $$
CREATE TABLE "a""b'c;--"("x" "text); DROP TABLE victims; --", "select" INTEGER DEFAULT 1, "" TEXT, "xmin" INT, "é.ü" TEXT);
INSERT INTO "a""b'c;--" VALUES ('1', 2, '3', 4, '5');
CREATE VIEW "v"";DROP" AS SELECT "select" AS "a""b" FROM "a""b'c;--";
$$) AS hostile \gset
CREATE SCHEMA hostile;
CREATE TABLE victims();
SELECT object_type, object_name, target, action FROM sqlite_import.migrate(:'hostile', 'hostile') WHERE object_type <> 'database';
SELECT * FROM hostile."a""b'c;--";
SELECT * FROM hostile."v"";drop";
SELECT 'victims'::regclass;
DROP TABLE victims;
DROP SCHEMA hostile CASCADE;
