-- plan: the very SQL that migrate runs, for a person to read, save, edit and run.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('plan', $$
CREATE TABLE shops(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
CREATE TABLE items(id INTEGER PRIMARY KEY, shop INTEGER REFERENCES shops(id), price NUMERIC(8,2), stock INTEGER, added INTEGER);
CREATE INDEX items_shop ON items(shop);
CREATE VIEW stocked AS SELECT id, stock FROM items WHERE stock > 0;
CREATE VIEW dear AS SELECT id FROM items WHERE price > 10;
INSERT INTO shops VALUES(1, 'North'), (5, 'South');
INSERT INTO items VALUES(1, 1, 9.99, 3, 1700000000), (2, 5, 12, 0, NULL);
CREATE TRIGGER items_gone AFTER DELETE ON shops BEGIN DELETE FROM items WHERE shop = old.id; END;
CREATE TRIGGER items_come AFTER INSERT ON shops BEGIN INSERT INTO items(shop) VALUES (new.id); END;
$$) AS plan \gset
SET client_min_messages = warning;
CREATE SCHEMA planned;

SELECT step, phase, object_type, object_name, replace(statement, :'plan', 'FILE') AS statement
FROM sqlite_import.plan(:'plan', 'planned', verify => 'counts', casts => '{"items.added": {"type": "timestamptz", "from": "unix_s"}}');

-- Written to a file, edited (one type changed), and run by psql in one transaction.
\getenv builddir PG_ABS_BUILDDIR
\set planfile :builddir '/results/plan_to_edit.sql'
\pset format unaligned
\pset tuples_only on
\o :planfile
SELECT replace(statement, 'stock bigint', 'stock smallint') FROM sqlite_import.plan(:'plan', 'planned');
\o
\pset format aligned
\pset tuples_only off
\set ON_ERROR_STOP on
BEGIN;
\o /dev/null
\set ECHO none
\i :planfile
\set ECHO all
\o
COMMIT;
\set ON_ERROR_STOP off
SELECT * FROM planned.items ORDER BY id;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'planned.items'::regclass AND attnum > 0 ORDER BY attnum;
SELECT conname, contype, convalidated FROM pg_constraint WHERE connamespace = 'planned'::regnamespace AND contype IN ('p', 'f', 'u') ORDER BY conname;
INSERT INTO planned.shops(name) VALUES ('new') RETURNING id;
SELECT * FROM planned.stocked;
SELECT shop FROM planned.items WHERE id = 3;

-- A plan changes nothing by itself.
CREATE SCHEMA untouched;
SELECT count(*) > 5 AS planned FROM sqlite_import.plan(:'plan', 'untouched');
SELECT count(*) FROM pg_class WHERE relnamespace = 'untouched'::regnamespace;
DROP SCHEMA planned, untouched CASCADE;
