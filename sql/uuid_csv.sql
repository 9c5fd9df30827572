-- What a framework stores for a PostgreSQL type: UUIDs as bytes, lists between commas, JSON's null, infinities.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
-- Guid.Parse("00112233-4455-4699-8899-aabbccddeeff").ToByteArray() is 33 22 11 00 55 44 99 46 88 99 ...
SELECT fixtures.sqlite_file('uuid', $$
CREATE TABLE net(id UNIQUEIDENTIFIER, other GUID);
INSERT INTO net VALUES (x'33221100554499468899aabbccddeeff', x'33221100554499468899aabbccddeeff'), (x'00000000000000000000000000000000', NULL), ('00112233-4455-4677-8899-AABBCCDDEEFF', x'ffeeddccbbaa99487766554433221100');
CREATE TABLE rfc(id UUID PRIMARY KEY, v7 UUID);
INSERT INTO rfc VALUES (x'00112233445546998899aabbccddeeff', x'018f3c2a1b2c7d3e9f00112233445566'), (x'ffffffffffffffffffffffffffffffff', x'018f3c2a1b2c7d3e8f00112233445567');
CREATE TABLE unclear(id UUID, nil GUID);
INSERT INTO unclear VALUES (x'00112233445500770099aabbccddeeff', x'00000000000000000000000000000000');
CREATE TABLE chance(both GUID, six GUID, seven GUID);
INSERT INTO chance VALUES (x'00112233445544448899aabbccddeeff', x'001122334455462f8899aabbccddeeff', x'00112233445521468899aabbccddeeff');
INSERT INTO chance VALUES (x'00112233445544448899aabbccddeeff', x'001122334455467f8899aabbccddeeff', x'00112233445531468899aabbccddeeff');
CREATE TABLE child(id INTEGER PRIMARY KEY, net GUID REFERENCES parent(id), other GUID REFERENCES vague(id));
CREATE TABLE parent(id GUID PRIMARY KEY);
CREATE TABLE vague(id GUID PRIMARY KEY);
INSERT INTO parent VALUES (x'33221100554499468899aabbccddeeff'), (x'33221100554411468899aabbccddeeff');
INSERT INTO vague VALUES (x'33221100554499068899aabbccddeeff'), (x'33221100554411468899aabbccddeeff');
INSERT INTO child VALUES (1, x'33221100554411468899aabbccddeeff', x'33221100554411468899aabbccddeeff');
CREATE TABLE dashes(id TEXT);
INSERT INTO dashes VALUES ('00112233445546778899aabbccddeeff'), ('{00112233-4455-4677-8899-aabbccddeeff}'), ('0011-2233-4455-4677-8899-aabb-ccdd-eeff'), ('00112233-44554677-8899AABBCCDDEEFF'), ('{00112233445546778899aabbccddeeff}');
CREATE TABLE odd(id TEXT);
INSERT INTO odd VALUES ('001-12233445546778899aabbccddeeff'), ('00112233--445546778899aabbccddeeff'), ('-00112233445546778899aabbccddeeff'), ('00112233445546778899aabbccddeeff-'), ('00112233445546778899aabbccddeef'), ('{00112233445546778899aabbccddeeff'), ('');
$$) AS file \gset
CREATE SCHEMA v;
SELECT object_name, target, action, note FROM sqlite_import.migrate(:'file', 'v', exclude => '{dashes,odd}') WHERE object_type = 'column' OR action = 'verified';
SELECT * FROM v.net;
SELECT * FROM v.rfc;
-- what refers to a UUID is read as that
SELECT * FROM v.child;
SELECT * FROM v.unclear;
SELECT * FROM v.chance;
SELECT column_name, finding, suggestion FROM sqlite_import.assess(:'file', '{unclear,chance}') WHERE column_name IS NOT NULL;
SELECT table_name, status FROM sqlite_import.verify(:'file', 'v', exclude => '{dashes,odd}') ORDER BY 1;
-- an existing column of that type: by the same evidence, or what is said; else not at all
TRUNCATE v.net;
SELECT action, rows FROM sqlite_import.copy_tables(:'file', 'v', '{net}') WHERE action = 'loaded';
SELECT id FROM v.net;
CREATE TABLE v.one(id uuid);
SELECT sqlite_import.copy_table(:'file', 'unclear', 'v.one', exclude => '{nil}');
SELECT rows FROM sqlite_import.copy_table(:'file', 'unclear', 'v.one', exclude => '{nil}', casts => '{"unclear.id": {"from": "uuid_bytes"}}');
SELECT rows FROM sqlite_import.copy_table(:'file', 'unclear', 'v.one', exclude => '{nil}', casts => '{"unclear.id": {"from": "dotnet_guid"}}');
SELECT rows FROM sqlite_import.copy_table(:'file', 'unclear', 'v.one', source_columns => '{nil}', target_columns => '{id}');
SELECT * FROM v.one;
SELECT sqlite_import.copy_table(:'file', 'unclear', 'v.one', exclude => '{nil}', casts => '{"unclear.id": {"from": "unix_s"}}');
-- texts, with dashes where PostgreSQL takes them
TRUNCATE v.one;
SELECT rows FROM sqlite_import.copy_table(:'file', 'dashes', 'v.one');
SELECT id, count(*) FROM v.one GROUP BY id;
SELECT rows, rejected FROM sqlite_import.copy_table(:'file', 'odd', 'v.one', on_error => 'reject');
DELETE FROM sqlite_import.rejected_rows;
DROP TABLE v.one;
CREATE TABLE v.dashes(id uuid);
SELECT action, note FROM sqlite_import.migrate(:'file', 'v', '{dashes}') WHERE action IN ('loaded', 'verified');
DROP SCHEMA v CASCADE;

SELECT fixtures.sqlite_file('csv', $$
CREATE TABLE t(id INTEGER PRIMARY KEY, tags TEXT, numbers TEXT, doc TEXT, list TEXT, real REAL, small FLOAT, status TEXT);
INSERT INTO t VALUES
 (1, 'a,b', '1,2,3', 'null', '["x"]', 'Infinity', '-inf', 'aktiv'),
 (2, '', '', '{"null": null}', 'null', 'NaN', 'nan', '7'),
 (3, '"a, ""quoted""",,""', '-5,,7', '"null"', NULL, '+INF', 1.5, 'other'),
 (4, NULL, NULL, NULL, '[null]', 2.5, '+Infinity', NULL),
 (5, '{a},\,NULL', '1', '[]', '[]', NULL, NULL, 'gone');
CREATE TABLE broken(id INTEGER PRIMARY KEY, tags TEXT);
INSERT INTO broken VALUES (1, 'a"b'), (2, '"a" ,b'), (3, '"a'), (4, 'a,"b"c'), (5, ',');
$$) AS file \gset
CREATE SCHEMA v;
CREATE TABLE v.t(id int, tags text[], numbers int[], doc jsonb, list text[], "real" float8, small real, status text);
\set casts '{"t.tags": {"from": "csv"}, "t.numbers": {"from": "csv"}, "t.doc": {"map": {"null": null}, "else": {"keep": true}}, "t.list": {"map": {"null": null}, "else": {"keep": true}}, "t.status": {"map": {"aktiv": "active", "gone": null, "7": "seven"}, "else": {"keep": true}}}'
SELECT object_type, action, rows, note FROM sqlite_import.migrate(:'file', 'v', '{t}', casts => :'casts') WHERE action IN ('loaded', 'verified');
SELECT id, tags, cardinality(tags) AS n, numbers, doc, list, "real", small, status FROM v.t ORDER BY id;
SELECT status FROM sqlite_import.verify(:'file', 'v', tables => '{t}', casts => :'casts');
UPDATE v.t SET tags = '{a,NULL,b}' WHERE id = 1;
SELECT different FROM sqlite_import.verify(:'file', 'v', tables => '{t}', casts => :'casts');
CREATE TABLE v.broken(id int, tags text[]);
SELECT rows, rejected FROM sqlite_import.copy_table(:'file', 'broken', 'v.broken', casts => '{"broken.tags": {"from": "csv"}}', on_error => 'reject');
SELECT source_rowid, sqlstate, detail FROM sqlite_import.rejected_rows ORDER BY 1;
DELETE FROM sqlite_import.rejected_rows;
SELECT * FROM v.broken;
SELECT sqlite_import.copy_table(:'file', 't', 'v.t', casts => '{"t.status": {"from": "csv"}}');
SELECT sqlite_import.copy_table(:'file', 't', 'v.t', casts => '{"t.status": {"map": {"a": "b"}, "else": {"keep": false}}}');
SELECT regexp_replace(statement, '.*(casts => .*)', '\1') AS casts FROM sqlite_import.plan(:'file', 'v', '{t}', on_existing => 'append', casts => :'casts') WHERE phase = 'load';
DROP SCHEMA v CASCADE;
