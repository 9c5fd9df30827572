-- A number becomes a time only with evidence: one unit has to put every number of the column where
-- times are found.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SET datestyle = 'ISO';
SET timezone = 'Asia/Tokyo';
SELECT fixtures.sqlite_file('number_times', $$
CREATE TABLE s (at DATETIME);  INSERT INTO s VALUES (1700000000), (315532800), (4133980799), (0), (253402300799);
CREATE TABLE ms (at TIMESTAMP(3), day DATE); INSERT INTO ms VALUES (1700000000000, 1700006400000), (253402300799000, 0);
CREATE TABLE us (at TIMESTAMP(6)); INSERT INTO us VALUES (1700000000000001);
CREATE TABLE ns (at DATETIME(9)); INSERT INTO ns VALUES (1700000000000001000);
CREATE TABLE julian (at DATETIME(1)); INSERT INTO julian VALUES (2460370.5), (2460371);
CREATE TABLE compact (at DATETIME(2), day DATE(2), text DATETIME_TEXT); INSERT INTO compact VALUES (20141123182500, 20240229, '20141123182500'), (20150101000000, 99991231, '20150101');
-- what is no evidence, or not enough
CREATE TABLE doubt (seventies DATETIME(3), mixed DATETIME(4), webkit DATETIME(5), ticks DATETIME(6), ole DATETIME(7), days DATETIME(8), yy DATETIME(9), never DATETIME(10), no_day DATETIME(11), fine DATETIME(12), both DATETIME(13), small DATETIME(14));
INSERT INTO doubt VALUES (63072000000, 1700000000, 13353683696789000, 638448068967890000, 45351.52426839121, 19782, 141123182500, 0, 20240230, 1700000000.1234567, 1700000000, 7), (NULL, 1700000000000, NULL, NULL, NULL, NULL, NULL, 0, 20240229, NULL, '2024-01-01', 2024);
$$) AS source \gset
SELECT table_name, column_name, target_type, note FROM sqlite_import.profile(:'source');
CREATE SCHEMA counted;
SELECT object_name, target, action, note FROM sqlite_import.migrate(:'source', 'counted', tables => '{s,ms,us,ns,julian,compact}') WHERE object_type = 'column';
SELECT * FROM counted.s;
SELECT * FROM counted.ms;
SELECT * FROM counted.us;
SELECT * FROM counted.ns;
SELECT * FROM counted.julian;
SELECT * FROM counted.compact;

-- Followed, the suggestion gives the time that was meant.
SELECT suggestion FROM sqlite_import.assess(:'source', '{doubt}', target_schema => 'counted') WHERE column_name IN ('webkit', 'fine');
CREATE TABLE counted.doubt (webkit timestamptz, ticks timestamptz, ole timestamptz, days date, fine timestamptz);
SELECT rows FROM sqlite_import.copy_table(:'source', 'doubt', 'counted.doubt', exclude => '{seventies,mixed,yy,never,no_day,both,small}', casts => '{"doubt.webkit": {"from": "webkit"}, "doubt.ticks": {"from": "dotnet_ticks"}, "doubt.ole": {"from": "ole"}, "doubt.days": {"from": "unix_days"}, "doubt.fine": {"from": "unix_s", "round": true}}');
SELECT webkit AT TIME ZONE 'UTC' AS webkit, ticks AT TIME ZONE 'UTC' AS ticks, ole AT TIME ZONE 'UTC' AS ole, days, fine AT TIME ZONE 'UTC' AS fine FROM counted.doubt;

-- Siblings: columns of the same declared type are of one unit; a column without values is as they are.
SELECT fixtures.sqlite_file('number_siblings', $$
CREATE TABLE person (id INTEGER PRIMARY KEY, created DATETIME, birth DATETIME, died DATETIME, expires date, seen date);
INSERT INTO person (created, birth, seen) VALUES (1700000000000, -283996800000, '2026-11-28T13:44:41.095Z'), (1700000001000, 1100000000000, '2026-11-28T13:44:41.095Z');
CREATE TABLE early (at DATETIME); INSERT INTO early VALUES (63072000000);
CREATE TABLE seconds (at DATETIME); INSERT INTO seconds VALUES (31536000);
CREATE TABLE counts (at DATETIME); INSERT INTO counts VALUES (7), (12);
CREATE TABLE far (at DATETIME, until DATE); INSERT INTO far VALUES (13353683696789000, NULL);
CREATE TABLE later (until DATE);
$$) AS source \gset
DROP SCHEMA counted CASCADE;
CREATE SCHEMA counted;
SELECT object_name, target, action, note FROM sqlite_import.migrate(:'source', 'counted') WHERE object_type = 'column';
SELECT * FROM counted.person;
SELECT * FROM counted.early;
SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'counted' AND column_name <> 'id' ORDER BY 1, 2;
SELECT table_name, status FROM sqlite_import.verify(:'source', 'counted');
-- The siblings count although they are not migrated.
SELECT object_name, action, note FROM sqlite_import.migrate(:'source', 'counted', tables => '{early}', on_existing => 'replace', dry_run => true) WHERE object_type = 'column';

-- Core Data counts from 2001; only its own files do.
SELECT fixtures.sqlite_file('number_cocoa', $$
CREATE TABLE Z_METADATA (Z_VERSION INTEGER); CREATE TABLE ZEVENT (Z_PK INTEGER PRIMARY KEY, ZDATE TIMESTAMP, ZDAY DATE);
INSERT INTO ZEVENT VALUES (1, 730902896.789, 730857600), (2, 0, 0);
$$) AS cocoa \gset
SELECT object_name, target, action, note FROM sqlite_import.migrate(:'cocoa', 'counted') WHERE object_type = 'column';
SELECT * FROM counted.zevent;

-- A type that is given without a unit takes the unit by the same evidence, and always says so.
SELECT fixtures.sqlite_file('number_given', $$
CREATE TABLE t (id INTEGER PRIMARY KEY, made INTEGER, day INTEGER, wiki TEXT, naive TEXT, doubt INTEGER);
INSERT INTO t VALUES (1, 1700000000123, 20240229, '20141123182500', '2024-02-29 12:00', 7);
$$) AS given \gset
CREATE TABLE counted.t (id bigint, made timestamptz, day date, wiki timestamptz, naive timestamptz, doubt bigint);
SELECT object_type, object_name, action, note FROM sqlite_import.copy_tables(:'given', 'counted', '{t}') WHERE object_type IN ('column', 'table');
SELECT made AT TIME ZONE 'UTC' AS made, day, wiki AT TIME ZONE 'UTC' AS wiki, naive AT TIME ZONE 'UTC' AS naive FROM counted.t;
SELECT status FROM sqlite_import.verify(:'given', 'counted', tables => '{t}');
SELECT column_name, severity, finding FROM sqlite_import.assess(:'given', '{t}', target_schema => 'counted', on_existing => 'truncate') WHERE object_type = 'column';
TRUNCATE counted.t;
SELECT rows, note FROM sqlite_import.copy_table(:'given', 't', 'counted.t', timezone => 'Europe/Berlin');
SELECT status FROM sqlite_import.verify(:'given', 'counted', tables => '{t}', timezone => 'Europe/Berlin');
SELECT object_name, action, note FROM sqlite_import.migrate(:'given', 'counted', on_existing => 'replace', casts => '{"t.made": "timestamp", "t.wiki": "timestamptz"}') WHERE object_type = 'column';
SELECT made, wiki AT TIME ZONE 'UTC' AS wiki FROM counted.t;
-- Without evidence it is refused.
ALTER TABLE counted.t ALTER doubt TYPE timestamptz USING NULL;
SELECT sqlite_import.copy_table(:'given', 't', 'counted.t');

DROP SCHEMA counted CASCADE;
