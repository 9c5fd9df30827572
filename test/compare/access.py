"""As whom a comparison runs, and how the SQLite file gets to the server.

ByPath: as the role that PG* names, a superuser, with the file's path.
AsPlainRole: as a role that may do nothing but CONNECT and make objects in a schema of its own; the
file goes through the connection into a large object.  Nothing there asks for more rights on the way:
what it reads of PostgreSQL is pg_catalog and its own tables.
UnderOddSettings: as ByPath, while each setting that changes how PostgreSQL reads or writes a value, or
what it takes a name or a quote for, is not what it usually is.
"""
import os

import psycopg2

from postgres_side import quote


def database():
    return os.environ.get("PGDATABASE", "compare")


def _administer(name, *statements):
    connection = psycopg2.connect(dbname=name)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


class ByPath:
    name = ""
    settings = {}   # in force while the file is migrated

    def prepare(self):
        """The database that the schemas go into, with the extension."""
        name = database()
        if not _administer("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            _administer("postgres", f"CREATE DATABASE {quote(name)} TEMPLATE template0 ENCODING 'UTF8'")
        _administer(name, "CREATE EXTENSION IF NOT EXISTS sqlite_import")

    def connect(self):
        return psycopg2.connect(dbname=database())

    def make_schema(self, connection, name):
        """Empty; gone when the transaction of `connection` is rolled back."""
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {quote(name)}")

    def source(self, connection, path):  # pylint: disable=unused-argument
        return path

    def wrong(self, connection, path):  # pylint: disable=unused-argument
        """What this role could do and should not."""
        return []


class UnderOddSettings(ByPath):
    name = "odd settings: "
    settings = {
        "timezone": "Asia/Kathmandu", "timezone_abbreviations": "Australia", "check_function_bodies": "off", "xmloption": "document",
        "standard_conforming_strings": "off", "escape_string_warning": "off", "backslash_quote": "off", "quote_all_identifiers": "on",
        "datestyle": "SQL, DMY", "intervalstyle": "sql_standard", "bytea_output": "escape",
        "extra_float_digits": "-5", "xmlbinary": "hex", "array_nulls": "off", "transform_null_equals": "on", "search_path": "",
        "enable_seqscan": "off", "jit_above_cost": "0", "work_mem": "64kB", "row_security": "off",
        "plpgsql.extra_errors": "all", "default_transaction_deferrable": "on",
    }


class AsPlainRole:
    name = "plain role: "
    settings = {}
    role = "compare_plain_role"

    @property
    def database(self):
        return database() + "_plain"

    def prepare(self):
        name, role = quote(self.database), self.role
        _administer("postgres", f"DROP DATABASE IF EXISTS {name}", f"DROP ROLE IF EXISTS {role}", f"CREATE ROLE {role} LOGIN",
                    f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'",
                    f"REVOKE ALL ON DATABASE {name} FROM PUBLIC", f"GRANT CONNECT ON DATABASE {name} TO {role}")
        _administer(self.database, "CREATE EXTENSION sqlite_import", "REVOKE ALL ON SCHEMA public FROM PUBLIC")

    def connect(self):
        return psycopg2.connect(dbname=self.database, user=self.role)

    def make_schema(self, connection, name):  # pylint: disable=unused-argument
        """Made by the administrator, as the role has no right to: what is put into it goes with a rollback."""
        _administer(self.database, f"DROP SCHEMA IF EXISTS {quote(name)} CASCADE",
                    f"CREATE SCHEMA {quote(name)} AUTHORIZATION {self.role}")

    def source(self, connection, path):
        """'lo:OID'; the large object goes with a rollback."""
        large_object = connection.lobject(0, "wb")
        with open(path, "rb") as stream:
            while part := stream.read(1 << 20):
                large_object.write(part)
        large_object.close()
        return f"lo:{large_object.oid}"

    def wrong(self, connection, path):
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolcreaterole OR rolbypassrls OR EXISTS (SELECT FROM pg_auth_members"
                           " WHERE member = r.oid) FROM pg_roles r WHERE rolname = current_user")
            if cursor.fetchone()[0]:
                return ["the role is not a plain one"]
            cursor.execute("SAVEPOINT path")
            try:
                cursor.execute("SELECT FROM sqlite_import.migrate(%s)", (path,))
                return ["a plain role was let in by the file's path"]
            except psycopg2.Error as error:
                cursor.execute("ROLLBACK TO path")
                return [] if error.pgcode == "42501" else [f"the path was refused with {error.pgcode}, not 42501: {error}"]


def ways(arguments):
    """Those that the command line asks for: --path, --plain, --odd, else all."""
    known = {"--path": ByPath(), "--plain": AsPlainRole(), "--odd": UnderOddSettings()}
    return [way for word, way in known.items() if word in arguments] or list(known.values())
