/* sqlite_import--1.0.sql: the objects of the extension, in the order of the way of the data */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION sqlite_import" to load this file. \quit

-- versions

CREATE FUNCTION sqlite_import.version() RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE FUNCTION sqlite_import.sqlite_version() RETURNS text
AS 'MODULE_PATHNAME', 'sqlite_import_sqlite_version'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
