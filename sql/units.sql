-- Numbers that became times: what the file's SQL says of them holds afterwards too.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('units', $$
CREATE TABLE events(id INTEGER PRIMARY KEY,
    s INTEGER CHECK (s > 1700000000), ms INTEGER CHECK (ms > 1700000000000),
    us INTEGER CHECK (us > 1700000000000000), ns INTEGER CHECK (ns > 1700000000000000000),
    since INTEGER DEFAULT 1700000000000000000);
INSERT INTO events(id, s, ms, us, ns) VALUES
    (1, 1700000001, 1700000001000, 1700000001000000, 1700000001000000000),
    (2, 1800000000, 1800000000000, 1800000000000000, 1800000000000000000);
CREATE VIEW late_s AS SELECT id FROM events WHERE s > 1750000000;
CREATE VIEW late_ms AS SELECT id FROM events WHERE ms > 1750000000000;
CREATE VIEW late_us AS SELECT id FROM events WHERE us > 1750000000000000;
CREATE VIEW late_ns AS SELECT id FROM events WHERE ns > 1750000000000000000;
CREATE VIEW spans AS SELECT id, ns / 1000000000 - s AS rest FROM events;
$$) AS source \gset

CREATE SCHEMA counted;
SELECT object_type, object_name, action, note FROM sqlite_import.migrate(:'source', target_schema => 'counted', casts => '{
    "events.s": {"type": "timestamp", "from": "unix_s"}, "events.ms": {"type": "timestamp", "from": "unix_ms"},
    "events.us": {"type": "timestamp", "from": "unix_us"}, "events.ns": {"type": "timestamptz", "from": "unix_ns"},
    "events.since": {"type": "timestamp", "from": "unix_ns"}}') WHERE object_type IN ('check', 'view', 'default');
SELECT (SELECT array_agg(id) FROM counted.late_s) AS s, (SELECT array_agg(id) FROM counted.late_ms) AS ms,
       (SELECT array_agg(id) FROM counted.late_us) AS us, (SELECT array_agg(id) FROM counted.late_ns) AS ns;
SELECT * FROM counted.spans;
-- The constraints still tell early from late, and the default is the instant that the number was.
INSERT INTO counted.events(id, ns) VALUES (3, '2023-11-14 22:13:19+00');
INSERT INTO counted.events(id, ms) VALUES (3, '2023-11-14 22:13:19');
INSERT INTO counted.events(id, us, ns) VALUES (3, '2023-11-14 22:13:20.000001', '2023-11-14 22:13:20.000001+00') RETURNING since;

DROP SCHEMA counted CASCADE;
