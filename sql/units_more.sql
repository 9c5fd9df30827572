-- Views and CHECKs over numbers that became times say afterwards what they said, in each unit; and
-- where the numbers were REALs too.  The view's answers before the migration come through the wrapper.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SET timezone = 'Asia/Tokyo';
SET datestyle = 'ISO';
SELECT fixtures.sqlite_file('units_more', $$
CREATE TABLE t (id INTEGER PRIMARY KEY, s REAL CHECK (s > 1700000000.25), cocoa REAL CHECK (cocoa > 700000000.5), webkit INTEGER CHECK (webkit > 13350000000000000),
    ticks INTEGER CHECK (ticks > 638400000000000000), days INTEGER CHECK (days > 19000), jd REAL, digits INTEGER);
INSERT INTO t VALUES (1, 1709210096.5, 730902896.5, 13353683696500000, 638448068967000000, 19782, 2460370.5, 20240229123456),
                     (2, 1800000000.0, 821692800.0, 13444473600000000, 639355968000000000, 20833, 2461421.5, 20270115080000);
CREATE VIEW late AS SELECT id, s > 1750000000 AS s, cocoa > 750000000 AS cocoa, webkit > 13400000000000000 AS webkit, ticks > 639000000000000000 AS ticks, days >= 20833 AS days FROM t;
CREATE VIEW never AS SELECT id, s < 0 AS s, cocoa < 0 AS cocoa, webkit > 9000000000000000000 AS webkit, ticks < 0 AS ticks, days = 0 AS days FROM t;
CREATE VIEW sums AS SELECT id, s + 0.25 AS s, cocoa * 2 AS cocoa, webkit / 1000000 AS webkit, ticks % 10000000 AS ticks, days + 1 AS days FROM t;
CREATE VIEW julian AS SELECT id FROM t WHERE jd > 2460400;
CREATE VIEW digits AS SELECT id FROM t WHERE digits > 20250101000000;
$$) AS source \gset
CREATE SCHEMA before;
CREATE SERVER units_more FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'source');
IMPORT FOREIGN SCHEMA main FROM SERVER units_more INTO before;
CREATE SCHEMA after;
SELECT object_type, object_name, action, note FROM sqlite_import.migrate(:'source', 'after', casts => '{
    "t.s": {"type": "timestamptz", "from": "unix_s"}, "t.cocoa": {"type": "timestamp", "from": "cocoa"}, "t.webkit": {"type": "timestamptz", "from": "webkit"},
    "t.ticks": {"type": "timestamp", "from": "dotnet_ticks"}, "t.days": {"type": "date", "from": "unix_days"}, "t.jd": {"type": "timestamp", "from": "julian"},
    "t.digits": {"type": "timestamp", "from": "compact"}}') WHERE object_type IN ('check', 'view');
SELECT * FROM after.late;
SELECT id, s::int, cocoa::int, webkit::int, ticks::int, days::int FROM after.late EXCEPT SELECT id, s::int, cocoa::int, webkit::int, ticks::int, days::int FROM before.late;
SELECT id, s::int, cocoa::int, webkit::int, ticks::int, days::int FROM after.never EXCEPT SELECT id, s::int, cocoa::int, webkit::int, ticks::int, days::int FROM before.never;
SELECT * FROM after.sums;
SELECT id, s::text::float8, cocoa::text::float8, webkit::text::bigint, ticks::text::bigint, days::text::bigint FROM after.sums
EXCEPT SELECT id, s::text::float8, cocoa::text::float8, webkit::text::bigint, ticks::text::bigint, days::text::bigint FROM before.sums;
-- The CHECKs still tell early from late.
INSERT INTO after.t (id, s) VALUES (3, '2023-11-14 22:13:20.2+00');
INSERT INTO after.t (id, cocoa) VALUES (3, '2023-03-08 20:26:40.4');
INSERT INTO after.t (id, webkit) VALUES (3, '2024-01-17 21:20:00+00');
INSERT INTO after.t (id, ticks) VALUES (3, '2024-01-04');
INSERT INTO after.t (id, days) VALUES (3, '2022-01-08');
INSERT INTO after.t (id, s, cocoa, webkit, ticks, days) VALUES (3, '2023-11-14 22:13:20.3+00', '2023-03-08 20:26:40.6', '2024-01-18 21:20:01+00', '2024-01-05 06:00:00', '2022-01-09');
DROP SCHEMA before, after CASCADE;
DROP SERVER units_more CASCADE;
