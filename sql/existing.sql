-- Loading into a schema that the application's own migrations made.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('app', $$
CREATE TABLE alembic_version(version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('abc123');
CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, Email TEXT NOT NULL UNIQUE, is_admin INTEGER, status TEXT, created_at INTEGER, legacy TEXT);
INSERT INTO users VALUES (1, 'a@x', 1, 'aktiv', 1700000000000, NULL), (2, 'b@x', 0, 'gesperrt', 1700000001500, NULL);
CREATE TABLE posts(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id), reply_to INTEGER REFERENCES posts(id), title TEXT);
INSERT INTO posts VALUES (10, 2, NULL, 'first'), (11, 1, 10, 'second'), (12, 1, 13, 'third'), (13, 2, NULL, 'fourth');
$$) AS app \gset

CREATE SCHEMA app;
CREATE TYPE app.status AS ENUM ('active', 'blocked');
CREATE TABLE app.alembic_version(version_num varchar(32) PRIMARY KEY);
INSERT INTO app.alembic_version VALUES ('def456');
CREATE TABLE app.users(
    email varchar(100) NOT NULL UNIQUE,
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    is_admin boolean NOT NULL DEFAULT false,
    status app.status,
    created_at timestamptz,
    email_domain text GENERATED ALWAYS AS (split_part(email, '@', 2)) STORED,
    added_later text NOT NULL DEFAULT 'default');
CREATE TABLE app.posts(id serial PRIMARY KEY, user_id integer REFERENCES app.users ON DELETE CASCADE,
    reply_to integer REFERENCES app.posts, title text CHECK (title <> ''));
CREATE TABLE app.audit(user_id integer REFERENCES app.users, what text);
INSERT INTO app.users(email) VALUES ('seed@x');
INSERT INTO app.audit VALUES (1, 'seeded');

-- Rows are there already: nothing is done without being told.
SELECT * FROM sqlite_import.migrate(:'app', 'app');

-- truncate: what else is emptied is in the report; values become what the target's types and the map say.
SELECT object_type, object_name, action, rows, note
FROM sqlite_import.migrate(:'app', 'app', on_existing => 'truncate',
    casts => '{"users.status": {"map": {"aktiv": "active", "gesperrt": "blocked"}}}')
WHERE object_type <> 'database';
SET timezone = 'UTC';
SELECT id, email, is_admin, status, created_at, email_domain, added_later FROM app.users ORDER BY id;
SELECT * FROM app.posts ORDER BY id;
SELECT * FROM app.alembic_version;
SELECT count(*) FROM app.audit;
INSERT INTO app.users(email) VALUES ('new@x') RETURNING id;
INSERT INTO app.posts(title) VALUES ('new') RETURNING id;

-- upsert: rows with the same key are brought up to date, others are added and the target's own stay.
UPDATE app.users SET email = 'changed@x' WHERE id = 1;
SELECT object_name, action, rows FROM sqlite_import.migrate(:'app', 'app', on_existing => 'upsert',
    casts => '{"users.status": {"map": {"aktiv": "active", "gesperrt": "blocked"}}}')
WHERE object_type = 'table' AND action <> 'skipped';
SELECT id, email FROM app.users ORDER BY id;

-- append: a duplicate is an error that names the row; nothing of the run stays.
SELECT * FROM sqlite_import.migrate(:'app', 'app', on_existing => 'append', tables => '{posts}');
-- skip, and a table that the target lacks.
DROP TABLE app.posts;
SELECT object_name, action, note FROM sqlite_import.migrate(:'app', 'app', on_existing => 'skip', create_missing => false) WHERE object_type = 'table';
SELECT object_name, action FROM sqlite_import.migrate(:'app', 'app', on_existing => 'skip') WHERE object_type = 'table' AND action <> 'skipped';
-- replace: dropped and made again by our own rules.
SELECT object_name, action FROM sqlite_import.migrate(:'app', 'app', on_existing => 'replace', tables => '{posts}', foreign_keys => 'skip') WHERE object_type = 'table';
SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'app' AND table_name = 'posts' ORDER BY ordinal_position;
DROP SCHEMA app CASCADE;

-- Tables that refer to each other in a circle, under constraints that cannot be deferred.
SELECT fixtures.sqlite_file('circle', $$
CREATE TABLE a(id INTEGER PRIMARY KEY, b INTEGER REFERENCES b(id));
CREATE TABLE b(id INTEGER PRIMARY KEY, a INTEGER REFERENCES a(id));
INSERT INTO a VALUES (1, 1), (2, 2);
INSERT INTO b VALUES (1, 2), (2, 1);
$$) AS circle \gset
CREATE SCHEMA circle;
CREATE TABLE circle.a(id bigint PRIMARY KEY, b bigint);
CREATE TABLE circle.b(id bigint PRIMARY KEY, a bigint REFERENCES circle.a);
ALTER TABLE circle.a ADD CONSTRAINT a_to_b FOREIGN KEY (b) REFERENCES circle.b;
SELECT object_type, object_name, action, rows, note FROM sqlite_import.migrate(:'circle', 'circle', "analyze" => false, verify => 'none') WHERE object_type <> 'database';
SELECT conname, condeferrable, condeferred, convalidated FROM pg_constraint WHERE connamespace = 'circle'::regnamespace AND contype = 'f' ORDER BY 1;
UPDATE circle.a SET b = 99 WHERE id = 1;
-- An orphan in the circle is still found.
SELECT fixtures.sqlite_file('broken_circle', $$
CREATE TABLE a(id INTEGER PRIMARY KEY, b INTEGER REFERENCES b(id));
CREATE TABLE b(id INTEGER PRIMARY KEY, a INTEGER REFERENCES a(id));
INSERT INTO a VALUES (1, 1), (2, 3);
INSERT INTO b VALUES (1, 2), (2, 1);
$$) AS circle \gset
SELECT * FROM sqlite_import.migrate(:'circle', 'circle', on_existing => 'truncate');
SELECT count(*) FROM circle.a;
DROP SCHEMA circle CASCADE;

-- replace takes along what depends on a table: its indexes have their names again, its views and triggers are made anew.
-- What is not of a replaced table keeps its name and its function.
SELECT fixtures.sqlite_file('replaced', $$
CREATE TABLE shops(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE visits(id INTEGER PRIMARY KEY, shop INTEGER REFERENCES shops(id), day TEXT);
CREATE INDEX visits_shop ON visits(shop);
CREATE VIEW visited AS SELECT shop FROM visits;
CREATE VIEW visited_twice AS SELECT shop FROM visited GROUP BY shop HAVING count(*) > 1;
INSERT INTO shops VALUES (1, 'North');
INSERT INTO visits VALUES (1, 1, '2024-05-01'), (2, 1, '2024-05-02');
CREATE TRIGGER visits_gone BEFORE DELETE ON shops BEGIN DELETE FROM visits WHERE shop = old.id; END;
$$) AS replaced \gset
CREATE SCHEMA replaced;
CREATE TABLE replaced.own(id bigint);
CREATE INDEX visits_shop ON replaced.own(id);
SELECT object_type, object_name, action, note FROM sqlite_import.migrate(:'replaced', 'replaced')
 WHERE action IN ('renamed', 'skipped', 'not migrated');
DROP TABLE replaced.own;
SELECT object_type, object_name, action, note FROM sqlite_import.migrate(:'replaced', 'replaced', on_existing => 'replace')
 WHERE action IN ('renamed', 'skipped', 'not migrated') OR object_type IN ('view', 'trigger');
SELECT relname FROM pg_class WHERE relnamespace = 'replaced'::regnamespace ORDER BY relname;
SELECT * FROM replaced.visited_twice;
DELETE FROM replaced.shops;
SELECT count(*) FROM replaced.visits;
CREATE TABLE replaced.own(id bigint);
CREATE TRIGGER own AFTER INSERT ON replaced.own FOR EACH ROW EXECUTE FUNCTION replaced.visits_gone();
SELECT object_type, object_name, action, substring(note, '^[^;]*') AS note FROM sqlite_import.migrate(:'replaced', 'replaced', on_existing => 'replace')
 WHERE action IN ('renamed', 'skipped', 'not migrated');
DROP SCHEMA replaced CASCADE;
