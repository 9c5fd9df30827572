-- Joins, groups, orders and lists that SQLite computes: what is sent, and that NULLs end where PostgreSQL has them.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('forms', $$
CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT NOT NULL, boss INTEGER);
INSERT INTO p VALUES(1, 'one', NULL), (2, 'two', 1), (3, 'three', 1), (4, 'four', 9);
CREATE TABLE c(id INTEGER PRIMARY KEY, parent INTEGER, k TEXT);
INSERT INTO c VALUES(1, 1, 'a'), (2, 1, NULL), (3, 2, 'b'), (4, NULL, 'a'), (5, 7, 'c');
CREATE INDEX c_parent ON c(parent);
CREATE TABLE d(id INTEGER PRIMARY KEY, cid INTEGER, v INTEGER);
INSERT INTO d VALUES(1, 1, 10), (2, 1, NULL), (3, 5, 30);
CREATE TABLE odd(id INTEGER PRIMARY KEY, v INTEGER, w INTEGER);
INSERT INTO odd VALUES(1, 5, 1), (2, 'much', 2), (3, 7, 'more'), (4, NULL, 4);
$$) AS file \gset
CREATE SCHEMA forms;
SET search_path = forms;
CREATE SERVER forms FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
IMPORT FOREIGN SCHEMA main FROM SERVER forms INTO forms;
-- The queries that a statement sends.
CREATE FUNCTION sent(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || statement LOOP
		IF line LIKE '%SQLite query: %' THEN
			RETURN NEXT split_part(line, 'SQLite query: ', 2);
		END IF;
	END LOOP;
END $$;
\pset null '<null>'

-- Rows without a match.  Where the IS NULL tells that nothing matched, PostgreSQL makes an anti join of it ...
SELECT sent($$SELECT p.id FROM p LEFT JOIN c ON c.parent = p.id WHERE c.parent IS NULL$$);
SELECT p.id FROM p LEFT JOIN c ON c.parent = p.id WHERE c.parent IS NULL ORDER BY 1;
-- ... and where the column may be NULL by itself, it is a condition on the joined rows.
SELECT sent($$SELECT p.id, c.id FROM p LEFT JOIN c ON c.parent = p.id WHERE c.k IS NULL$$);
SELECT p.id, c.id FROM p LEFT JOIN c ON c.parent = p.id WHERE c.k IS NULL ORDER BY 1, 2;
SELECT p.id, c.k FROM p LEFT JOIN c ON c.parent = p.id AND c.k = 'a' WHERE coalesce(c.k, 'none') = 'none' ORDER BY 1;
SELECT p.id, c.id, d.v FROM p LEFT JOIN c ON c.parent = p.id LEFT JOIN d ON d.cid = c.id WHERE d.v IS NULL ORDER BY 1, 2;
SELECT sent($$SELECT p.id FROM p WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.parent = p.boss)$$);
SELECT p.id FROM p WHERE NOT EXISTS (SELECT 1 FROM c WHERE c.parent = p.boss) ORDER BY 1;
-- NOT IN is no anti join: one NULL among its rows, and nothing is outside of them.  PostgreSQL compares.
SELECT sent($$SELECT p.id FROM p WHERE p.id NOT IN (SELECT c.parent FROM c WHERE c.id > 2)$$);
SELECT p.id FROM p WHERE p.id NOT IN (SELECT c.parent FROM c);
SELECT p.id FROM p WHERE p.id NOT IN (SELECT c.parent FROM c WHERE c.parent IS NOT NULL) ORDER BY 1;

-- Lists: constants, parameters, whole arrays.
SELECT id FROM c WHERE parent NOT IN (1, 7) ORDER BY id;
SELECT id FROM c WHERE parent NOT IN (1, NULL);
SELECT count(*) FROM c WHERE (parent <> ALL ('{}')) AND (parent = ANY ('{}')) IS FALSE;
SET plan_cache_mode = force_generic_plan;
PREPARE two(int, int) AS SELECT id FROM c WHERE parent IN ($1, $2) ORDER BY id;
SELECT sent($$EXECUTE two(1, 2)$$);
EXECUTE two(1, 2);
EXECUTE two(7, NULL);
PREPARE list(bigint[]) AS SELECT id FROM c WHERE parent = ANY ($1) ORDER BY id;
SELECT sent($$EXECUTE list('{1,2}')$$);
EXECUTE list('{1,NULL,2,-9223372036854775808}');
EXECUTE list('{{1,NULL},{7,1}}');
EXECUTE list('{}');
EXECUTE list(NULL);
PREPARE others(text[]) AS SELECT count(*) FILTER (WHERE k <> ALL ($1)), count(*) FILTER (WHERE (k <> ALL ($1)) IS NULL) FROM c;
SELECT sent($$EXECUTE others('{a}')$$);
EXECUTE others('{a}');
EXECUTE others(ARRAY['b', E'quoted " \\ \n é']);
EXECUTE others('{a,NULL}');
EXECUTE others('{}');
EXECUTE others(NULL);
RESET plan_cache_mode;
SELECT sent($$SELECT id FROM p WHERE id = ANY (ARRAY(SELECT generate_series(2, 3))) ORDER BY id$$);
SELECT id FROM p WHERE id = ANY (ARRAY(SELECT generate_series(2, 3))) ORDER BY id;
-- A table of the file's may have the name of the function that takes arrays apart.
SELECT fixtures.sqlite_file('forms_named', $$
CREATE TABLE json_each(id INTEGER PRIMARY KEY, value INTEGER);
INSERT INTO json_each VALUES(1, 5), (2, 6);
$$) AS named \gset
CREATE SERVER forms_named FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'named');
IMPORT FOREIGN SCHEMA main FROM SERVER forms_named INTO forms;
SELECT id FROM json_each WHERE value = ANY (ARRAY(SELECT generate_series(6, 9)));

-- Outer joins with joins on their right; FULL joins are PostgreSQL's.
SELECT sent($$SELECT p.id, c.id, d.id FROM p LEFT JOIN (c JOIN d ON d.cid = c.id AND d.v > 5) ON c.parent = p.id$$);
SELECT p.id, c.id, d.id FROM p LEFT JOIN (c JOIN d ON d.cid = c.id AND d.v > 5) ON c.parent = p.id ORDER BY 1;
SELECT p.id, c.id, d.id FROM p RIGHT JOIN (c LEFT JOIN d ON d.cid = c.id) ON c.parent = p.id WHERE d.v IS NULL OR p.id IS NULL ORDER BY 2, 3;
SELECT p.id, c.id FROM p FULL JOIN c ON c.parent = p.id ORDER BY 1, 2;

-- Groups by expressions, ordered, limited; what the select list adds is computed here.
SELECT sent($$SELECT k IS NULL, count(*), bool_and(parent > 1), bool_or(parent = 7), every(id > 1) FILTER (WHERE id > 1) FROM c GROUP BY k IS NULL ORDER BY k IS NULL DESC$$);
SELECT k IS NULL, count(*), bool_and(parent > 1), bool_or(parent = 7), every(id > 1) FILTER (WHERE id > 1) FROM c GROUP BY k IS NULL ORDER BY k IS NULL DESC;
SELECT sent($$SELECT parent, count(*) + 1 FROM c GROUP BY parent HAVING count(*) FILTER (WHERE k = 'z') = 0 ORDER BY count(*) DESC, parent NULLS FIRST LIMIT 2$$);
SELECT parent, count(*) + 1 FROM c GROUP BY parent HAVING count(*) FILTER (WHERE k = 'z') = 0 ORDER BY count(*) DESC, parent NULLS FIRST LIMIT 2;
SELECT sent($$SELECT p.name, max(c.id) FROM p LEFT JOIN c ON c.parent = p.id GROUP BY p.name ORDER BY max(c.id) NULLS FIRST, p.name COLLATE "C" LIMIT 3$$);
SELECT p.name, max(c.id) FROM p LEFT JOIN c ON c.parent = p.id GROUP BY p.name ORDER BY max(c.id) NULLS FIRST, p.name COLLATE "C" LIMIT 3;
SELECT length(name) AS long, sum(id) FROM p GROUP BY length(name) ORDER BY sum(id) DESC, 1 LIMIT 2;
SELECT parent, sum(id) FROM c GROUP BY parent HAVING upper(max(k)) <> 'B' ORDER BY parent LIMIT 1;
SELECT sent($$SELECT DISTINCT parent FROM c ORDER BY parent DESC NULLS LAST LIMIT 2 OFFSET 1$$);
SELECT DISTINCT parent FROM c ORDER BY parent DESC NULLS LAST LIMIT 2 OFFSET 1;
SELECT sent($$SELECT upper(p.name), c.k FROM p LEFT JOIN c ON c.parent = p.id ORDER BY c.id DESC NULLS LAST, p.id LIMIT 2 OFFSET 1$$);
SELECT upper(p.name), c.k FROM p LEFT JOIN c ON c.parent = p.id ORDER BY c.id DESC NULLS LAST, p.id LIMIT 2 OFFSET 1;
-- What is the same for all rows is not grouped or sorted by there, where a number would be a column's.
SELECT 1 AS one, count(*) FROM c GROUP BY 1 ORDER BY 1;
-- These remain PostgreSQL's: ties, a limit that is not known yet, no order at all.
SELECT sent($$SELECT id FROM c ORDER BY k COLLATE "C" FETCH FIRST 1 ROW WITH TIES$$);
SELECT sent($$SELECT id FROM c LIMIT 2$$);

-- An odd value in what is sorted or grouped by is met, wherever the LIMIT would cut.
SELECT id FROM odd ORDER BY v LIMIT 1;
SELECT v > 6, count(*) FROM odd GROUP BY v > 6;
SELECT id FROM odd ORDER BY id LIMIT 1;
SELECT id, w FROM odd ORDER BY id DESC LIMIT 2;
-- ... and where the rows that are read depend on a row of another table, at each of them.
CREATE TABLE ids AS SELECT generate_series(1, 4) AS id;
SELECT sent($$SELECT (SELECT count(*) FROM odd WHERE odd.id = ids.id AND v > 0) FROM ids$$);
SELECT ids.id, (SELECT count(*) FROM odd WHERE odd.id = ids.id AND v > 0) FROM ids WHERE id <> 2;
SELECT ids.id, (SELECT count(*) FROM odd WHERE odd.id = ids.id AND v > 0) FROM ids;
ALTER FOREIGN TABLE odd OPTIONS (ADD on_mismatch 'null');
SELECT id, v FROM odd ORDER BY v NULLS FIRST, id LIMIT 3;
SELECT v > 6, count(*) FROM odd GROUP BY v > 6 ORDER BY 1 NULLS FIRST LIMIT 2;

SET client_min_messages = warning;
-- Aggregates that nobody reads: one row without GROUP BY, whatever is joined; one for each group with it.
SELECT count(*) FROM (SELECT sum(c.id) FROM c JOIN d ON d.cid = c.id) s;
SELECT sent($$SELECT count(*) FROM (SELECT sum(c.id) FROM c JOIN d ON d.cid = c.id OFFSET 0) s$$);
SELECT count(*) FROM (SELECT sum(c.id) FROM c JOIN d ON d.cid = c.id OFFSET 0) s;
SELECT count(*) + NULL::int FROM c CROSS JOIN d;
SELECT count(*) + NULL::int FROM c CROSS JOIN d WHERE c.id > 100;
SELECT count(*) + NULL::int FROM c WHERE c.id > 100;
SELECT 1 FROM c CROSS JOIN d HAVING count(*) > 1;
SELECT 1 FROM c CROSS JOIN d HAVING count(*) > 100;
SELECT count(*) FROM (SELECT sum(d.id) FROM c JOIN d ON d.cid = c.id GROUP BY c.id OFFSET 0) s;
SELECT count(*) FROM (SELECT max(d.id) FROM c JOIN d ON d.cid = c.id LIMIT 5) s;

-- An outer join whose right side is looked at by EXISTS, NOT EXISTS or IN.
SELECT sent($$SELECT p.id, x.id FROM p LEFT JOIN (SELECT c.* FROM c WHERE EXISTS (SELECT 1 FROM d WHERE d.cid = c.id)) x ON x.parent = p.id$$);
SELECT p.id, x.id FROM p LEFT JOIN (SELECT c.* FROM c WHERE EXISTS (SELECT 1 FROM d WHERE d.cid = c.id)) x ON x.parent = p.id ORDER BY 1, 2;
SELECT p.id, x.id FROM p LEFT JOIN (SELECT c.* FROM c WHERE NOT EXISTS (SELECT 1 FROM d WHERE d.cid = c.id)) x ON x.parent = p.id ORDER BY 1, 2;
SELECT p.id, x.id FROM p LEFT JOIN (SELECT c.* FROM c WHERE c.id IN (SELECT d.cid FROM d)) x ON x.parent = p.id ORDER BY 1, 2;
SELECT p.id, x.id FROM p LEFT JOIN (SELECT c.* FROM c WHERE c.id NOT IN (SELECT d.cid FROM d)) x ON x.parent = p.id ORDER BY 1, 2;
SELECT p.id, x.id FROM (SELECT c.* FROM c WHERE EXISTS (SELECT 1 FROM d WHERE d.cid = c.id)) x RIGHT JOIN p ON x.parent = p.id ORDER BY 1, 2;
SELECT p.id, x.id, y.id FROM p LEFT JOIN (SELECT c.* FROM c WHERE EXISTS (SELECT 1 FROM d WHERE d.cid = c.id)) x ON x.parent = p.id
	LEFT JOIN (SELECT c.* FROM c WHERE c.id IN (SELECT d.cid FROM d) AND NOT EXISTS (SELECT 1 FROM p z WHERE z.boss = c.id)) y ON y.id = x.id ORDER BY 1, 2, 3;
SELECT count(*), count(x.id) FROM p LEFT JOIN (SELECT c.* FROM c WHERE EXISTS (SELECT 1 FROM d WHERE d.cid = c.id)) x ON x.parent = p.id;

DROP SCHEMA forms CASCADE;
DROP SERVER forms, forms_named CASCADE;
