-- types => 'checked': the values decide, and the report says what they decided.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SELECT fixtures.sqlite_file('checked', $$
CREATE TABLE readings(
  id INTEGER PRIMARY KEY,
  taken_at DATETIME,
  payload BLOB,
  level REAL,
  document JSON UNIQUE,
  "a column whose name has more bytes than PostgreSQL's names can have" INTEGER,
  xmin INTEGER
);
INSERT INTO readings VALUES (1, 1714568400, 5, 0.5, '{"a": 1}', 1, 1), (2, 1714568401, x'00ff', 'none', '{"a":1}', 2, 2),
  (3, 1714568402, 2.5, 0.1, NULL, 3, 3);
CREATE TABLE codes(code TEXT COLLATE RTRIM, region TEXT, PRIMARY KEY (code, region));
INSERT INTO codes VALUES ('a', 'x'), ('a', 'y '), ('b', 'x');
$$) AS checked \gset
CREATE SCHEMA checked;
SELECT object_type, object_name, target, action, note
  FROM sqlite_import.migrate(:'checked', 'checked')
 WHERE object_type IN ('column', 'index', 'primary key', 'unique', 'collation');
SELECT * FROM checked.readings ORDER BY id;

SELECT target, status FROM sqlite_import.verify(:'checked', 'checked');

-- A key with a collation of SQLite's own is a constraint, and a unique index that sees the collation.
INSERT INTO checked.codes VALUES ('a ', 'x');

-- Numbers become bytes only where that is asked for, or was decided.
CREATE TABLE checked.bytes(id integer, payload bytea);
SELECT * FROM sqlite_import.copy_table(:'checked', 'readings', 'checked.bytes', '{id,payload}', '{id,payload}');
SELECT action, rows FROM sqlite_import.copy_table(:'checked', 'readings', 'checked.bytes', '{id,payload}', '{id,payload}',
                                                 casts => '{"readings.payload": {"from": "utf8"}}');
SELECT * FROM checked.bytes ORDER BY id;

-- Keys that are one in the types of PostgreSQL: told without their values, unless asked.
SELECT count(*) FROM sqlite_import.migrate(:'checked', 'checked', on_existing => 'replace', casts => '{"readings.document": "jsonb"}');
SET sqlite_import.show_values = on;
SELECT count(*) FROM sqlite_import.migrate(:'checked', 'checked', on_existing => 'replace', casts => '{"readings.document": "jsonb"}');
RESET sqlite_import.show_values;
DROP SCHEMA checked CASCADE;
