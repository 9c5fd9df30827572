-- The result of a migration depends on the file and the options, never on the session.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
CREATE SCHEMA zones;
SET search_path = zones;
SET datestyle = 'ISO';
SELECT fixtures.sqlite_file('timezone', $$
CREATE TABLE event(id INTEGER PRIMARY KEY, at TIMESTAMPTZ, at_list TEXT, during TEXT);
INSERT INTO event VALUES
    (1, '2026-03-29 02:30:00', '["2026-03-29 02:30:00"]', '[2026-03-29 02:30:00,2026-03-29 03:30:00)'),
    (2, '2026-03-29 03:30:00', '["2026-03-29 02:30:00Z"]', '[2026-03-29 02:30:00+00,2026-03-29 03:30:00+00)'),
    (3, '2026-03-29T03:30:00+02:00', NULL, NULL);
$$) AS source \gset
CREATE TABLE event (id bigint PRIMARY KEY, at timestamptz, at_list timestamptz[], during tstzrange);
CREATE SERVER zones FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'source');
CREATE FOREIGN TABLE wrapped (id bigint, at timestamptz, at_list timestamptz[], during tstzrange) SERVER zones OPTIONS ("table" 'event');
CREATE VIEW loaded AS SELECT id, at AT TIME ZONE 'UTC' AS at, at_list[1] AT TIME ZONE 'UTC' AS at_list, lower(during) AT TIME ZONE 'UTC' AS low, upper(during) AT TIME ZONE 'UTC' AS up
    FROM event ORDER BY id;
CREATE VIEW read AS SELECT id, at AT TIME ZONE 'UTC' AS at, at_list[1] AT TIME ZONE 'UTC' AS at_list, lower(during) AT TIME ZONE 'UTC' AS low, upper(during) AT TIME ZONE 'UTC' AS up
    FROM wrapped ORDER BY id;

-- UTC, whatever the session's zone: in the load, in verify, through the wrapper.
SET timezone = 'America/New_York';
SELECT rows FROM sqlite_import.copy_table(:'source', 'event', 'event');
SELECT * FROM loaded;
SET timezone = 'Asia/Tokyo';
SELECT status FROM sqlite_import.verify(:'source', 'zones', tables => '{event}');
SELECT * FROM read EXCEPT SELECT * FROM loaded;

-- The session's, if that is asked for.
TRUNCATE event;
SELECT rows FROM sqlite_import.copy_table(:'source', 'event', 'event', timezone => 'session');
SELECT at FROM loaded;
SELECT status FROM sqlite_import.verify(:'source', 'zones', tables => '{event}', timezone => 'Session');
SELECT status FROM sqlite_import.verify(:'source', 'zones', tables => '{event}');
ALTER SERVER zones OPTIONS (ADD timezone 'session');
SELECT * FROM read EXCEPT SELECT * FROM loaded;

-- A zone by name, for all columns or for one.  Clocks in Berlin never showed 02:30 on that day:
-- the time is read as PostgreSQL reads it, and counted among the changed values.
TRUNCATE event;
SELECT rows, note FROM sqlite_import.copy_table(:'source', 'event', 'event', timezone => 'Europe/Berlin');
SELECT * FROM loaded;
SELECT status FROM sqlite_import.verify(:'source', 'zones', tables => '{event}', timezone => 'Europe/Berlin');
ALTER SERVER zones OPTIONS (SET timezone 'Europe/Berlin');
SELECT * FROM read EXCEPT SELECT * FROM loaded;
TRUNCATE event;
SELECT rows FROM sqlite_import.copy_table(:'source', 'event', 'event', casts => '{"event.at": {"timezone": "America/Sao_Paulo"}}');
SELECT * FROM loaded;

-- What is no zone, or could be two.
SELECT sqlite_import.copy_table(:'source', 'event', 'event', timezone => 'Europe/Berlinn');
SELECT sqlite_import.copy_table(:'source', 'event', 'event', timezone => '+02:00');
SELECT sqlite_import.copy_table(:'source', 'event', 'event', casts => '{"event.at": {"timezone": "right/UTC+x"}}');
ALTER SERVER zones OPTIONS (SET timezone 'Mars/Olympus');

DROP SCHEMA zones CASCADE;
DROP SERVER zones CASCADE;
