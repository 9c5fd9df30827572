#!/usr/bin/python3
"""writers.py [FILE...]: the fast and the general writer give the same rows, with a thread and without.

Each SQLite file is migrated into new tables, which the fast writer fills.  Copies of these tables with
a trigger that does nothing, which only the general writer may fill, then get the same rows, and both
are compared as text.  ranges.py adds what several threads make of one table.  Without files: the databases of $SQLITE_IMPORT_DATA or ../shared/data.
"""
import glob
import os
import sys

import psycopg2

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import ranges  # noqa: E402

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))

TRIGGER = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"


def tables(cursor, schema):
    cursor.execute("""SELECT relname, format('%%I.%%I', %s::text, relname) FROM pg_class
                      WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY 1""", (schema, schema))
    return cursor.fetchall()


def digest(cursor, table):
    cursor.execute(f"SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {table} t")
    return cursor.fetchone()


def compare(cursor, path):
    """(tables compared, differences)"""
    cursor.execute("DROP SCHEMA IF EXISTS fast CASCADE; DROP SCHEMA IF EXISTS general CASCADE")
    cursor.execute("CREATE SCHEMA fast; CREATE SCHEMA general")
    cursor.execute("SET sqlite_import.reader_threads = 3")
    cursor.execute("SELECT object_name, note FROM sqlite_import.migrate(%s, 'fast', foreign_keys => 'skip', views => false) "
                   "WHERE object_type = 'table' AND action = 'loaded'", (path,))
    cursor.fetchall()
    for name, table in tables(cursor, "fast"):
        quoted = '"' + name.replace('"', '""') + '"'
        cursor.execute(f"CREATE TABLE general.{quoted} (LIKE {table} INCLUDING IDENTITY INCLUDING CONSTRAINTS)")
        cursor.execute(f"CREATE TRIGGER slow BEFORE INSERT ON general.{quoted} FOR EACH ROW EXECUTE FUNCTION nothing()")
    cursor.execute("SET sqlite_import.reader_threads = 0")
    cursor.execute("SELECT count(*) FROM sqlite_import.copy_tables(%s, 'general', on_existing => 'append')", (path,))
    found = []
    compared = 0
    for name, table in tables(cursor, "fast"):
        other = table.replace("fast.", "general.", 1)
        left, right = digest(cursor, table), digest(cursor, other)
        compared += 1
        if left != right:
            found.append(f"{name}: fast {left}, general {right}")
    return compared, found


def main():
    data = os.environ.get("SQLITE_IMPORT_DATA") or os.path.join(TOP, "..", "shared", "data")
    paths = sys.argv[1:] or sorted(p for p in glob.glob(os.path.join(data, "*")) if not p.endswith((".tsv", ".md")))
    if not paths:
        print("no databases to compare with")
    connection = psycopg2.connect("")
    passed, failed = ranges.run(connection) if len(sys.argv) == 1 else (0, 0)
    for path in paths:
        cursor = connection.cursor()
        cursor.execute("SET LOCAL client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS sqlite_import")
        cursor.execute(TRIGGER)
        try:
            compared, found = compare(cursor, os.path.realpath(path))
        except psycopg2.Error as error:
            compared, found = 0, [str(error)]
        connection.rollback()
        print(f"{'not ok' if found else 'ok'} {os.path.basename(path)}: {compared} tables")
        for line in found:
            print("    " + line)
        failed += bool(found)
        passed += not found
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
