-- Sources: what may be named, by whom, and what is said of what is not a SQLite database.
--
-- The files are made in the server's data directory, whose name is left out of
-- what is printed.

SET client_min_messages = warning;
CREATE SCHEMA sources_test;
SET search_path = sources_test;

-- A SQLite database of one table with two rows, 1024 bytes.
CREATE FUNCTION tiny() RETURNS bytea LANGUAGE sql AS $$
	SELECT '\x53514c69746520666f726d61742033000200010100402020000000020000000200000000000000000000000100000004'::bytea ||
	'\x000000000000000000000001'::bytea ||
	decode(repeat('00', 35), 'hex') ||
	'\x02002e63010d0000000101bf0001bf'::bytea ||
	decode(repeat('00', 337), 'hex') ||
	'\x3f0106170f0f016f7461626c65747402435245415445205441424c45207428696420696e7465676572207072696d6172'::bytea ||
	'\x79206b65792c206e616d652074657874290d0000000201f00001f801f0'::bytea ||
	decode(repeat('00', 484), 'hex') ||
	'\x060203001374776f06010300136f6e65'::bytea
$$;

CREATE FUNCTION folder() RETURNS text LANGUAGE sql SECURITY DEFINER AS
	$$SELECT current_setting('data_directory') || '/sources_test'$$;

-- Runs a program of the server's host, which reads the line that COPY writes to it.
CREATE FUNCTION run(command text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('COPY (SELECT) TO PROGRAM %L', 'cat >/dev/null; ' || command);
END $$;
SELECT run('mkdir -p ' || folder());

-- Puts bytes into a file of that name.
CREATE FUNCTION put(name text, content bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	lob oid := lo_from_bytea(0, content);
BEGIN
	PERFORM lo_export(lob, folder() || '/' || name);
	PERFORM lo_unlink(lob);
	RETURN folder() || '/' || name;
END $$;

-- Opens a source and tells how that went.
CREATE FUNCTION outcome(source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	info record;
	message text;
	detail text;
	hint text;
BEGIN
	SELECT * INTO info FROM sqlite_import.source_info(source, true);
	RETURN format('%s, %s pages of %s, %s, %s table(s), problems %s; %s', info.kind, info.page_count,
				  info.page_size, info.encoding, info.tables,
				  regexp_replace(info.problems::text, 'Tree \d+ page', 'Page'), info.note);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN replace(concat_ws(E'\n', SQLSTATE || ': ' || message, 'detail: ' || nullif(detail, ''),
					 'hint: ' || nullif(hint, '')), folder(), '…');
END $$;

-- What is a database.
\t on
\a
SELECT outcome(put('tiny.db', tiny()));
SELECT outcome(put('wal_mode.db', overlay(tiny() placing '\x0202' from 19)));
SELECT outcome(put('with space?mode=memory&x.db', tiny()));

-- What is not.
SELECT outcome(folder() || '/missing.db');
SELECT outcome(folder());
SELECT outcome('/dev/null');
SELECT outcome(put('empty.db', ''));
SELECT outcome(put('short.db', substring(tiny() from 1 for 1000)));
SELECT outcome(put('tiny.db-wal', '\x377f0682'));
SELECT outcome(put('archive.gz', '\x1f8b0800'));
SELECT outcome(put('dump.sql', 'PRAGMA foreign_keys=OFF;'));
SELECT outcome(put('notes.txt', 'hello'));
SELECT outcome(put('old.db', '** This file contains an SQLite 2.1 database **'));
SELECT outcome(put('encrypted.db', string_agg(sha512(i::text::bytea), '')))
FROM generate_series(1, 64) AS i;

-- A file may be damaged beyond its header.
SELECT outcome(put('page1.db', overlay(tiny() placing '\xff' from 101)));
SELECT outcome(put('page2.db', overlay(tiny() placing '\xff' from 513)));

-- What is not even a name.
SELECT outcome('relative/app.db');
SELECT outcome('app.db');
SELECT outcome('');
SELECT outcome(':memory:');
SELECT outcome('file:///etc/passwd?mode=ro');
SELECT outcome('lo:');
SELECT outcome('lo:-1');
SELECT outcome('lo:16402x');
SELECT outcome('lo:0');
SELECT outcome('lo:99999999999');
SELECT outcome('lo:4000000000');

-- A journal or a -wal beside a file is never ignored: this -wal holds nothing valid.
SELECT put('tiny.db-wal', decode(repeat('00', 100), 'hex')) IS NOT NULL;
SELECT outcome(folder() || '/tiny.db');
SELECT outcome(put('tiny.db-wal', ''));

-- Large objects, whole and in parts.
SELECT sqlite_import.upload(tiny()) AS whole \gset
SELECT outcome('lo:' || :whole) AS outcome;
SELECT sqlite_import.upload(substring(tiny() from 1 for 700)) AS part \gset
SELECT outcome('lo:' || :part) ~ '^XX001: large object \d+ is truncated' AS truncated;
SELECT sqlite_import.upload(substring(tiny() from 701), :part) = :part AS appended;
SELECT outcome('lo:' || :part);
SELECT sqlite_import.upload(overlay(tiny() placing '\x0202' from 19)) AS wal_mode \gset
SELECT outcome('lo:' || :wal_mode);
\set VERBOSITY terse
SELECT sqlite_import.upload(NULL);
SELECT sqlite_import.upload('x', 0);

-- A role without rights learns nothing of the server's files, and needs none for what is its own.
CREATE ROLE regress_sources_plain;
GRANT USAGE ON SCHEMA sources_test TO regress_sources_plain;
SET ROLE regress_sources_plain;
SELECT outcome('/etc/passwd') = outcome('/nowhere/at/all') AS same, outcome('/etc/passwd');
SELECT outcome('relative/app.db') = outcome('/etc/passwd') AS same;
SELECT sqlite_import.upload(tiny()) AS own \gset
SELECT outcome('lo:' || :own);
SELECT outcome(format('lo:%s', :whole)) ~ 'permission denied' AS denied;
DO $$ BEGIN
	PERFORM sqlite_import.upload('x', max(oid)) FROM pg_largeobject_metadata WHERE lomowner <> 'regress_sources_plain'::regrole;
EXCEPTION WHEN insufficient_privilege THEN RAISE INFO 'denied';
END $$;
SET sqlite_import.allowed_directories = '/';
RESET ROLE;
GRANT SELECT ON LARGE OBJECT :whole TO regress_sources_plain;
SET ROLE regress_sources_plain;
SELECT outcome('lo:' || :whole);
RESET ROLE;

-- An administrator lends out one file by a function of her own.
CREATE FUNCTION lent() RETURNS text LANGUAGE sql SECURITY DEFINER
	SET search_path = sources_test, pg_temp
	AS $$SELECT outcome(folder() || '/tiny.db')$$;
SET ROLE regress_sources_plain;
SELECT lent();
RESET ROLE;

-- pg_read_server_files is enough for any file.
GRANT pg_read_server_files TO regress_sources_plain;
SELECT folder() || '/tiny.db' AS tiny_file \gset
SET ROLE regress_sources_plain;
SELECT kind, page_count, tables FROM sqlite_import.source_info(:'tiny_file');
RESET ROLE;

-- Folders may be named that files have to lie in; then that holds for everyone, and '..' leads nowhere.
SELECT set_config('sqlite_import.allowed_directories', '/nowhere, ' || folder(), false) IS NOT NULL;
SELECT outcome(folder() || '/tiny.db');
SELECT outcome(folder() || '/../PG_VERSION');
SELECT outcome(folder() || '/../missing');
SELECT outcome('/etc/passwd');
RESET sqlite_import.allowed_directories;

-- The end.
SELECT sum(lo_unlink(l)) FROM unnest(ARRAY[:whole, :part, :wal_mode, :own]::oid[]) AS l;
SELECT run('rm -r ' || folder());
REVOKE pg_read_server_files FROM regress_sources_plain;
DROP SCHEMA sources_test CASCADE;
DROP ROLE regress_sources_plain;
