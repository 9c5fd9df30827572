-- Names in the statements that the extension runs are PostgreSQL's own.  Here somebody has put into a schema of the
-- caller's search path what would fit better than PostgreSQL's own: an operator for each pair of types that
-- PostgreSQL would have to convert, and functions for types that its own have not (documentation: 5.9.6, Usage
-- Patterns).  Each of these raises an error when it is run, so whatever works has not run one.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SET client_min_messages = warning;
CREATE SCHEMA search_path_test;
CREATE SCHEMA hostile;
CREATE SCHEMA shadow;
DO $$
DECLARE
	types regtype[] := '{bool,"char",name,text,int2,int4,int8,oid,float8,numeric,varchar,regclass,jsonb}';
	functions text[] := '{count,max,min,sum,avg,lower,upper,length,substr,substring,round,abs,floor,random,now,quote_literal,format,'
		'to_char,unnest,json_each,timezone,date,date_part,replace,btrim,nextval,setval,current_setting,quote_ident,int8,text}';
	body text := $f$ BEGIN RAISE EXCEPTION 'what another role made has run as %', current_user; END $f$;
BEGIN
	EXECUTE (SELECT string_agg(format('CREATE FUNCTION hostile.f(%s, %s) RETURNS bool LANGUAGE plpgsql AS %L;', l, r, body), '')
		FROM unnest(types) l, unnest(types) r);
	EXECUTE (SELECT string_agg(format('CREATE OPERATOR hostile.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = hostile.f);', o.name, l, r), '')
		FROM unnest(types) l, unnest(types) r, unnest('{=,<>,<,>,<=,>=,+,-,*,/,%,||,~~,!~~,~,->,->>,#>>}'::text[]) o(name)
		WHERE NOT EXISTS (SELECT FROM pg_operator p WHERE p.oprname = o.name AND p.oprleft = l AND p.oprright = r
			AND p.oprnamespace = 'pg_catalog'::regnamespace));
	EXECUTE (SELECT string_agg(format('CREATE FUNCTION hostile.%I(%s) RETURNS text LANGUAGE plpgsql AS %L;', f.name, t, body), '')
		FROM unnest(types) t, unnest(functions) f(name)
		WHERE NOT EXISTS (SELECT FROM pg_proc p WHERE p.proname = f.name AND p.proargtypes = ARRAY[t::oid]::oidvector
			AND p.pronamespace = 'pg_catalog'::regnamespace));
	-- and once more those that PostgreSQL has itself, for a search path on which its own come last
	EXECUTE (SELECT string_agg(format('CREATE OPERATOR shadow.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = hostile.f);', o.name, l, r), '')
		FROM unnest(types) l, unnest(types) r, unnest('{=,<>,<,>,<=,>=,+,-,*,/,||,~~,~,->,->>}'::text[]) o(name));
	EXECUTE (SELECT string_agg(format('CREATE FUNCTION shadow.%I(%s) RETURNS text LANGUAGE plpgsql AS %L;', f.name, t, body), '')
		FROM unnest(types) t, unnest(functions) f(name));
END $$;

SELECT fixtures.sqlite_file('search_path', $$
	CREATE TABLE items (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, qty INTEGER DEFAULT (1 + 2), price REAL,
		made DATETIME DEFAULT CURRENT_TIMESTAMP, odd, total AS (qty * price) STORED, CHECK (qty + price > 0 AND length(name) < 20));
	CREATE TABLE parts (id INTEGER PRIMARY KEY, item INTEGER REFERENCES items(id) ON DELETE CASCADE, note TEXT NOT NULL);
	CREATE INDEX parts_item ON parts(item, note DESC);
	CREATE INDEX items_lower ON items(lower(name)) WHERE qty > 1;
	CREATE VIEW dear AS SELECT i.name || ':' || p.note AS what, count(*) AS n, sum(i.qty * i.price) AS worth, max(i.made) AS last
		FROM items i JOIN parts p ON p.item = i.id WHERE i.price > 1 AND i.name LIKE 'a%' GROUP BY 1;
	CREATE TRIGGER counted AFTER INSERT ON parts WHEN NEW.id > 0 BEGIN
		UPDATE items SET qty = qty + 1, name = name || '+' || NEW.id, made = datetime(made, '+1 day') WHERE id = NEW.item AND qty <> 7.5;
	END;
	INSERT INTO items (id, name, qty, price, odd) VALUES (1, 'axle', 2, 1.5, 'x'), (2, 'bolt', 3, 0.25, 7);
	INSERT INTO parts VALUES (1, 1, 'steel'), (2, 2, 'zinc');
$$) AS file \gset

-- The attack works on a statement of one's own …
SET search_path = hostile, public;
SELECT relname FROM pg_class WHERE relnamespace = 11 LIMIT 1;

-- … and on none of the extension's, be the tables new …
SELECT object_type, object_name, action FROM sqlite_import.migrate(:'file', 'search_path_test', comments => true, casts => '{"items.odd": "text"}')
	WHERE action NOT IN ('created', 'validated', 'analyzed', 'reset', 'migrated') ORDER BY 1, 2, 3;
SELECT what, n FROM search_path_test.dear;
INSERT INTO search_path_test.parts VALUES (3, 1, 'brass');
UPDATE search_path_test.items SET qty = 5 WHERE id OPERATOR(pg_catalog.=) 2::bigint;
SELECT name, qty, total FROM search_path_test.items ORDER BY id;
-- … or there already.
SELECT object_type, action, rows FROM sqlite_import.migrate(:'file', 'search_path_test', on_existing => 'truncate', casts => '{"items.odd": "text"}',
	triggers => false, verify => 'none') WHERE object_type = 'table' AND action <> 'analyzed';
SELECT action, rows FROM sqlite_import.copy_tables(:'file', 'search_path_test', on_existing => 'upsert', casts => '{"items.odd": "text"}') WHERE action = 'loaded';
SELECT action, rows FROM sqlite_import.copy_table(:'file', 'parts', 'search_path_test.parts', upsert => true);
SELECT severity, object_name, finding FROM sqlite_import.assess(:'file', target_schema => 'search_path_test', on_existing => 'truncate', casts => '{"items.odd": "text"}')
	WHERE severity = 'error';
SELECT count(*) > 10 AS planned FROM sqlite_import.plan(:'file', 'search_path_test', on_existing => 'replace');
SELECT count(*) > 5 AS profiled FROM sqlite_import.profile(:'file');
SELECT table_name, changed FROM sqlite_import.reset_sequences('search_path_test') ORDER BY 1;
SELECT table_name, status FROM sqlite_import.verify(:'file', 'search_path_test', tables => '{parts}', casts => '{"items.odd": "text"}');
SELECT count(*) > 0 AS reported FROM sqlite_import.last_report();
SELECT length(sqlite_import.report_html()) > 1000 AS page;
SELECT count(*) FROM sqlite_import.progress;
SELECT count(*) > 0 AS known FROM sqlite_import.source_info(:'file');
CREATE SERVER search_path_app FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
CREATE SCHEMA search_path_foreign;
IMPORT FOREIGN SCHEMA main FROM SERVER search_path_app INTO search_path_foreign OPTIONS (import_default 'true');
SELECT name, odd FROM search_path_foreign.items ORDER BY id;

-- The same with PostgreSQL's own names last.
SET search_path = shadow, hostile, pg_catalog;
SELECT lower('A');
SELECT FROM sqlite_import.migrate(:'file', 'search_path_test', on_existing => 'replace', casts => '{"items.odd": "text"}');
INSERT INTO search_path_test.parts VALUES (3, 1, 'brass');
SELECT FROM sqlite_import.migrate(:'file', 'search_path_test', on_existing => 'truncate', casts => '{"items.odd": "text"}', triggers => false, verify => 'none');
SELECT FROM sqlite_import.copy_table(:'file', 'parts', 'search_path_test.parts', upsert => true, on_error => 'reject');
SELECT FROM sqlite_import.assess(:'file', target_schema => 'search_path_test', tables => '{parts}');
SELECT FROM sqlite_import.profile(:'file', tables => '{parts}');
SELECT FROM sqlite_import.reset_sequences('search_path_test');
SELECT FROM sqlite_import.verify(:'file', 'search_path_test', tables => '{parts}');
SELECT FROM sqlite_import.last_report();
SELECT FROM sqlite_import.report_html();
SELECT FROM sqlite_import.progress;
SELECT id FROM search_path_foreign.items;

-- A type that a cast names is the caller's, wherever on his search path it is.
SET search_path = search_path_types, public;
CREATE SCHEMA search_path_types;
CREATE DOMAIN mood AS text CHECK (VALUE <> 'sad');
SELECT action, rows FROM sqlite_import.migrate(:'file', 'search_path_types', tables => '{parts}', foreign_keys => 'skip', casts => '{"*.note": "mood"}')
	WHERE action = 'loaded';
SELECT pg_typeof(note) FROM search_path_types.parts LIMIT 1;

RESET search_path;
DROP SERVER search_path_app CASCADE;
DROP SCHEMA search_path_foreign, search_path_test, search_path_types, shadow, hostile CASCADE;
