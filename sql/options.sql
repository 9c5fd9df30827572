-- Options of servers, tables and columns: what is taken, and what is said of what is not.

\getenv srcdir PG_ABS_SRCDIR
\i :srcdir/test/data/fixtures.sql
SELECT fixtures.sqlite_file('options', $$
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);
INSERT INTO t VALUES(1, 'one');
$$) AS file \gset
CREATE SCHEMA options;
SET search_path = options;

-- A server needs a database, and one only.
CREATE SERVER none FOREIGN DATA WRAPPER sqlite_import;
CREATE SERVER two FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '/x.db', large_object '1');
CREATE SERVER rel FOREIGN DATA WRAPPER sqlite_import OPTIONS (database 'x.db');
CREATE SERVER lob FOREIGN DATA WRAPPER sqlite_import OPTIONS (large_object 'seven');

-- A name that is not an option: the list, and the nearest.
CREATE SERVER bad FOREIGN DATA WRAPPER sqlite_import OPTIONS (databse '/x.db');
CREATE SERVER bad FOREIGN DATA WRAPPER sqlite_import OPTIONS (hostname '/x.db');

-- Values are checked.
CREATE SERVER bad FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '/x.db', updatable 'perhaps');
CREATE SERVER bad FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '/x.db', batch_size '0');
CREATE SERVER bad FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '/x.db', busy_timeout '-1');
CREATE SERVER bad FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '/x.db', on_mismatch 'text');

-- All of them at once.
CREATE SERVER opt FOREIGN DATA WRAPPER sqlite_import OPTIONS (
	database :'file', updatable 'false', truncatable 'true', batch_size '50',
	keep_connections 'true', force_readonly 'true', busy_timeout '2s', immutable 'true', on_mismatch 'error');
CREATE FOREIGN TABLE t (
	id bigint OPTIONS (column_name 'a', key 'true'),
	word text OPTIONS (column_name 'b', column_type 'TEXT', on_mismatch 'null')
) SERVER opt OPTIONS ("table" 't', updatable 'false', truncatable 'false', batch_size '7', on_mismatch 'null');
SELECT * FROM t;
ALTER FOREIGN TABLE t OPTIONS (ADD tabel 'x');
ALTER FOREIGN TABLE t ALTER word OPTIONS (ADD "table" 'x');
CREATE USER MAPPING FOR CURRENT_USER SERVER opt OPTIONS (user 'x');

-- What the options name has to be there.
CREATE FOREIGN TABLE missing (a int) SERVER opt OPTIONS ("table" 'tt');
SELECT * FROM missing;
CREATE FOREIGN TABLE t2 (aa int) SERVER opt OPTIONS ("table" 't');
SELECT * FROM t2;

-- Naming a path needs the right to read the server's files …
CREATE ROLE options_user;
GRANT USAGE ON FOREIGN DATA WRAPPER sqlite_import TO options_user;
GRANT USAGE, CREATE ON SCHEMA options TO options_user;
SET ROLE options_user;
CREATE SERVER mine FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '/x.db');
RESET ROLE;
GRANT pg_read_server_files TO options_user;
SET ROLE options_user;
CREATE SERVER mine FOREIGN DATA WRAPPER sqlite_import OPTIONS (database :'file');
CREATE FOREIGN TABLE mine (a bigint, b text) SERVER mine OPTIONS ("table" 't');
SELECT * FROM mine;
RESET ROLE;
-- … and so does using it: it is the server's owner whose right counts.
REVOKE pg_read_server_files FROM options_user;
SELECT * FROM mine;
ALTER SERVER mine OWNER TO CURRENT_USER;
SELECT * FROM mine;

-- A large object serves as well as a file; its connection does not outlive the transaction.
SELECT lo_import(:'file') AS lob \gset
CREATE SERVER lob FOREIGN DATA WRAPPER sqlite_import OPTIONS (large_object :'lob');
CREATE FOREIGN TABLE inlob (a bigint, b text) SERVER lob OPTIONS ("table" 't');
SELECT * FROM inlob;
SELECT server_name FROM sqlite_import.get_connections() ORDER BY 1;

-- Connections: seen, invalidated by a change of options, closed.
SELECT * FROM t;
SELECT * FROM sqlite_import.get_connections() WHERE server_name = 'opt';
BEGIN;
ALTER SERVER opt OPTIONS (SET busy_timeout '1s');
SELECT valid FROM sqlite_import.get_connections() WHERE server_name = 'opt';
DECLARE c CURSOR FOR SELECT * FROM t;
FETCH c;
SELECT valid, in_use FROM sqlite_import.get_connections() WHERE server_name = 'opt';
SELECT sqlite_import.disconnect('opt');
ROLLBACK;
SELECT sqlite_import.disconnect('opt');
SELECT sqlite_import.disconnect('opt');
SELECT sqlite_import.disconnect('nowhere');
SELECT sqlite_import.disconnect_all();
SELECT count(*) FROM sqlite_import.get_connections();

SELECT lo_unlink(:'lob');
SET client_min_messages = warning;
DROP SCHEMA options CASCADE;
DROP SERVER opt CASCADE;
DROP SERVER mine CASCADE;
DROP SERVER lob CASCADE;
REVOKE USAGE ON FOREIGN DATA WRAPPER sqlite_import FROM options_user;
DROP ROLE options_user;
