-- A default that says "now" says so afterwards, whatever the numbers or texts of the column became.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SET timezone = 'Asia/Tokyo';
SET datestyle = 'ISO';
SELECT fixtures.sqlite_file('defaults_now', $$
CREATE TABLE t (id INTEGER PRIMARY KEY,
    prisma DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    fraction DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    iso DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    text DATETIME NOT NULL DEFAULT (datetime('now')),
    ms DATETIME NOT NULL DEFAULT (unixepoch() * 1000),
    drizzle DATETIME NOT NULL DEFAULT (unixepoch('subsec') * 1000),
    percent DATETIME NOT NULL DEFAULT (strftime('%s', 'now') * 1000),
    cast_ms DATETIME NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER) * 1000),
    jd_ms DATETIME NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),
    s TIMESTAMP NOT NULL DEFAULT (unixepoch()),
    s_text TIMESTAMP NOT NULL DEFAULT (strftime('%s', 'now')),
    s_date TIMESTAMP NOT NULL DEFAULT CURRENT_DATE,
    julian TIMESTAMP(1) NOT NULL DEFAULT (julianday('now')),
    compact TIMESTAMP(2) NOT NULL DEFAULT (strftime('%Y%m%d%H%M%S', 'now')),
    day DATE NOT NULL DEFAULT CURRENT_TIMESTAMP,
    day_s DATE NOT NULL DEFAULT (date('now')),
    tz TIMESTAMPTZ NOT NULL DEFAULT (datetime('now', 'localtime')),
    tz_text TIMESTAMPTZ NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%S', 'now', 'localtime')),
    never DATETIME NOT NULL DEFAULT 0,
    born DATETIME NOT NULL DEFAULT 1700000000000,
    empty DATETIME DEFAULT CURRENT_TIMESTAMP,
    b BLOB NOT NULL DEFAULT '', b2 BLOB NOT NULL DEFAULT 'a\');
INSERT INTO t VALUES (1, 1700000000000, 1700000000000, 1700000000000, 1700000000000, 1700000000000, 1700000000000, 1700000000000, 1700000000000, 1700000000000,
    1700000000, 1700000000, 1700000000, 2460370.5, 20240229123456, '2024-02-29', 1700006400, '2024-02-29 12:00:00', '2024-02-29 12:00:00', 1700000000000, 1700000000000, NULL, x'00', x'01');
CREATE TABLE plain (id INTEGER PRIMARY KEY, at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, tz TIMESTAMP(9) NOT NULL DEFAULT (datetime('now')), length DURATION);
INSERT INTO plain (at, tz) VALUES ('2024-02-29 12:00:00', '2024-02-29 12:00:00');
$$) AS source \gset
CREATE SCHEMA "now";
SELECT object_type, object_name, action, note FROM sqlite_import.migrate(:'source', 'now') WHERE object_type = 'default';
SELECT column_name, data_type, column_default FROM information_schema.columns WHERE table_schema = 'now' AND column_name <> 'id' ORDER BY table_name, ordinal_position;
INSERT INTO "now".t DEFAULT VALUES;
INSERT INTO "now".plain DEFAULT VALUES;
-- Each is now, in UTC where it has no zone; days are today's.
SELECT key, CASE WHEN key LIKE 'tz%' THEN value::timestamptz AT TIME ZONE 'UTC' ELSE value::timestamp END
       - CASE WHEN key IN ('day', 'day_s', 's_date') THEN date_trunc('day', now() AT TIME ZONE 'UTC') ELSE now() AT TIME ZONE 'UTC' END
       BETWEEN interval '-1.1 second' AND '0.001 second' AS is_now
    FROM "now".t, json_each_text(row_to_json(t)) WHERE id = 2 AND key NOT IN ('id', 'b', 'b2', 'never', 'born');
SELECT never, born, b, b2 FROM "now".t WHERE id = 2;
SELECT tz - (now() AT TIME ZONE 'UTC') BETWEEN interval '-1 second' AND '0' AS is_now FROM "now".plain WHERE id = 2;
DROP SCHEMA "now" CASCADE;
