-- What stands within an array is read as if it stood in a column: never by a lenient input function.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
SET DateStyle = 'SQL, DMY';
SET timezone = 'Asia/Tokyo';
SELECT fixtures.sqlite_file('elements', $$
CREATE TABLE v(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO v(v) VALUES
    ('{now}'), ('{"0044-03-14 14:41:01+00 BC"}'), ('{"2024-01-01 00:00:00"}'), ('["2024-01-01 00:00:00"]'), ('{"01/02/2024"}'), ('["01/02/2024"]'), ('{"2024-01-02 13:00"}'),
    ('{"2024-01-01 00:00:00.1234567"}'), ('{2024-01-02}'), ('{1.02:03:04}'), ('["1.02:03:04"]'), ('{1 day}'), ('{01}'), ('{ 1 , 2 }'), ('{{1,NULL},{"2",3}}'),
    ('[0:1]={1,2}'), ('{}'), ('{0.1234567891}'), ('[0.1234567891]'), ('{9007199254740993}'), ('{1.25}'), ('["a"]'), ('{"a "}'), ('{"a  "}'),
    ('{"\\x00ff"}'), ('["\\x00ff"]'), ('{18446744073709551616}'), ('18446744073709551615'), ('18446744073709551616'), ('{a,b'), ('{t,no}');
$$) AS source \gset
CREATE SCHEMA elements;

-- Into each type: what it takes, as what; the rest is NULL, and verify knows which.
CREATE FUNCTION elements.takes(source text, type text) RETURNS TABLE(value text, becomes text, verified text) LANGUAGE plpgsql
SET DateStyle = 'ISO' SET timezone = 'UTC' AS $$
DECLARE
    status text;
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS elements.v; CREATE TABLE elements.v(id bigint PRIMARY KEY, v %s)', type);
    PERFORM sqlite_import.copy_table(source, 'v', 'elements.v', on_error => 'null');
    SELECT r.status INTO status FROM sqlite_import.verify(source, 'elements', on_error => 'null') AS r;
    RETURN QUERY EXECUTE 'SELECT s.v, t.v::text, $1 FROM elements.source AS s JOIN elements.v AS t USING (id) WHERE t.v IS NOT NULL ORDER BY id' USING status;
END $$;
CREATE SERVER elements FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'source');
CREATE FOREIGN TABLE elements.source(id bigint, v text) SERVER elements OPTIONS (table 'v');
SELECT t.type, x.* FROM unnest('{timestamptz[],date[],interval[],integer[],real[],double precision[],"numeric(4,1)[]",varchar(2)[],char(2)[],bytea[],boolean[],xid8[],xid8}'::text[]) AS t(type), elements.takes(:'source', t.type) AS x;

DROP SERVER elements CASCADE;
DROP SCHEMA elements CASCADE;
