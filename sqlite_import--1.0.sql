/* sqlite_import--1.0.sql: the objects of the extension, in the order of the way of the data */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION sqlite_import" to load this file. \quit

-- Anybody may call the functions: each checks the caller's rights on what it is given.  Nobody but
-- the owner may put objects here.
GRANT USAGE ON SCHEMA sqlite_import TO PUBLIC;

-- versions

CREATE FUNCTION sqlite_import.version() RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION sqlite_import.sqlite_version() RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_sqlite_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

-- sources

CREATE FUNCTION sqlite_import.source_info(
	source text,
	quick_check boolean DEFAULT false,
	OUT kind text,
	OUT page_size bigint,
	OUT page_count bigint,
	OUT encoding text,
	OUT application_id bigint,
	OUT user_version bigint,
	OUT tables bigint,
	OUT views bigint,
	OUT note text,
	OUT problems text[])
AS 'MODULE_PATHNAME', 'sqlite_import_source_info'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.source_info(text, boolean) IS
	'what a source is and how it was opened; with quick_check, what is damaged in it';

CREATE FUNCTION sqlite_import.upload(part bytea, large_object oid DEFAULT NULL) RETURNS oid
AS 'MODULE_PATHNAME', 'sqlite_import_upload'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.upload(bytea, oid) IS
	'makes a large object of the bytes, or appends them to one; as a source it is lo:OID';

-- copying

CREATE FUNCTION sqlite_import.copy_batch() RETURNS SETOF record
AS 'MODULE_PATHNAME', 'sqlite_import_copy_batch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION sqlite_import.copy_batch() IS
'rows of the batch being copied; used by the INSERT statements of copies only';

-- values and rows that on_error => 'reject' left out; each role sees its own
CREATE TABLE sqlite_import.rejected_rows (
    id bigint GENERATED ALWAYS AS IDENTITY,
    run text NOT NULL,
    role_name name NOT NULL DEFAULT current_user,
    rejected_at timestamptz NOT NULL DEFAULT now(),
    target text NOT NULL,
    table_name text NOT NULL,
    source_rowid bigint,
    row_number bigint NOT NULL,
    column_name text,
    storage_class text,
    value text,
    sqlstate text NOT NULL,
    message text NOT NULL,
    detail text
);

COMMENT ON TABLE sqlite_import.rejected_rows IS
'values that were refused under on_error => ''reject'', each with the place where it is in the source';

ALTER TABLE sqlite_import.rejected_rows ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON sqlite_import.rejected_rows
    USING (role_name = current_user) WITH CHECK (role_name = current_user);
GRANT SELECT, INSERT, DELETE ON sqlite_import.rejected_rows TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('sqlite_import.rejected_rows', '');
