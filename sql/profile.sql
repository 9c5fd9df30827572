-- profile(): what the values are, whatever the declared types say, and the type that holds them.

CREATE SCHEMA profile_test;
SET search_path = profile_test;
\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql

-- Dates: the unit of numbers is taken from their size over the whole column, never mixed, and
-- nothing is taken for NULL.
SELECT fixtures.sqlite_file('profile_dates', $$
	CREATE TABLE dates (iso DATETIME, zulu DATETIME, mixed_zones DATETIME, day DATE, day_with_time DATE,
		seconds DATETIME, milliseconds TIMESTAMP, microseconds TIMESTAMPTZ, julian DATETIME, years DATE,
		both DATETIME, blank DATE, zero DATE, nano DATETIME, clock TIME, days_as_seconds DATE);
	INSERT INTO dates VALUES
		('2024-01-31 10:00:00', '2024-01-31T10:00:00Z', '2024-01-31 10:00:00', '2024-01-31', '2024-01-31 00:00:00',
		 1627303906, 1627303906122, 1627303906122333, 2459422.5, 1997,
		 '2024-01-31', '2024-01-31', '2024-01-31', '2024-01-31 10:00:00.123456789', '10:00', 1627257600),
		('2024-01-31', '2024-01-31 10:00:00.5+02:00', '2024-01-31 10:00:00+01', NULL, '2024-01-31 10:30:00',
		 0, 0, NULL, 2459422.75, 2005,
		 1627303906, '', '0000-00-00', '2024-01-31 10:00:00', '23:59:59.5', 0);
$$) AS dates \gset
SELECT column_name, declared_type, target_type, note FROM sqlite_import.profile(:'dates');

-- Numbers, booleans, texts, bytes.
SELECT fixtures.sqlite_file('profile_values', $$
	CREATE TABLE vals (id INTEGER PRIMARY KEY, n INTEGER, half INTEGER, word INTEGER, big INT, flag BOOLEAN, flags BOOLEAN,
		price DECIMAL(6,2), exact DECIMAL(6,2), ratio REAL, short VARCHAR(5), long VARCHAR(5), nul TEXT, bad TEXT,
		raw BLOB, mixed TEXT, guid UUID, doc JSON, docb JSONB, untyped, "odd ""name" TEXT, address INET);
	INSERT INTO vals VALUES (1, 1, 1, 1, 3000592982016, 0, 0, 19.99, 1.255, 0.5, 'grüße', 'abc', 'a' || char(0), 'ok',
		x'00ff', 'text', '550e8400-e29b-41d4-a716-446655440000', '{"a": 1}', '{}', 1, 'f47ac10b58cc4372a5670e02b2c3d479', '10.0.0.1');
	INSERT INTO vals VALUES (2, -5, 2.5, 'n/a', 7, 1, 2, 1000, 1, 2, '', 'abcdef', 'b', CAST(x'ff41' AS TEXT),
		NULL, x'ffff', x'0011223344554699889900aabbccddee', '[1, 2', '"\u0000"', 2.5, '550e8400-e29b-41d4-a716-446655440000', '10.0.0.0/8');
$$) AS vals \gset
SELECT column_name, target_type, nulls, integers AS i, reals AS r, texts AS t, blobs AS b, min, max, max_length, note
	FROM sqlite_import.profile(:'vals');
SELECT column_name, target_type FROM sqlite_import.profile(:'vals', integer_type => 'integer')
	WHERE column_name IN ('id', 'n', 'big');

-- WITHOUT ROWID and STRICT tables; empty tables; a choice of tables.
SELECT fixtures.sqlite_file('profile_more', $$
	CREATE TABLE pairs (k TEXT PRIMARY KEY, v ANY) WITHOUT ROWID;
	INSERT INTO pairs VALUES ('a', 1), ('b', 'two');
	CREATE TABLE strictly (i INTEGER, t TEXT, x ANY) STRICT;
	INSERT INTO strictly VALUES (1, 'a', x'00');
	CREATE TABLE vacant (a INTEGER, b, c DATETIME);
$$) AS more \gset
SELECT table_name, column_name, target_type, note FROM sqlite_import.profile(:'more');
SELECT DISTINCT table_name FROM sqlite_import.profile(:'more', tables => '{Pairs,vacant}');
SELECT * FROM sqlite_import.profile(:'more', tables => '{pair}');

-- A large table is shared out among threads; what they find is what the backend finds alone.
SELECT fixtures.sqlite_file('profile_large', $$
	CREATE TABLE large (id INTEGER PRIMARY KEY, n INTEGER, price DECIMAL(8,2), made DATETIME, what);
	WITH RECURSIVE n(i) AS (VALUES (-4000) UNION ALL SELECT i + 1 FROM n WHERE i < 15999)
	INSERT INTO large SELECT i * 5, CASE WHEN i % 9000 = 8999 THEN 'odd' ELSE i END, i / 8.0,
		CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN '2024-02-29' ELSE '2024-02-29 10:00:0' || abs(i % 10) END,
		CASE i % 3 WHEN 0 THEN i WHEN 1 THEN 'text' || i ELSE i / 3.0 END FROM n;
$$) AS large \gset
SET sqlite_import.reader_threads = 0;
CREATE TEMP TABLE alone AS SELECT * FROM sqlite_import.profile(:'large');
SET sqlite_import.reader_threads = 4;
CREATE TEMP TABLE shared AS SELECT * FROM sqlite_import.profile(:'large');
RESET sqlite_import.reader_threads;
SELECT column_name, target_type, nulls, integers AS i, reals AS r, texts AS t, min, max, max_length FROM shared;
SELECT column_name, note FROM shared WHERE note <> '' ORDER BY 1;
SELECT count(*) AS differences FROM (TABLE alone EXCEPT ALL TABLE shared) AS d;

DROP SCHEMA profile_test CASCADE;
