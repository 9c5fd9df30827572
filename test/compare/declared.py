#!/usr/bin/python3
"""declared.py [--path|--plain] [FILE...]: each SQLite file with types => 'declared', where a value that does not fit its column's
declared type is refused.

Every refusal has to name table, column and rowid, and Python's sqlite3 has to find there a value of the
storage class that it tells; no row is lost beside them; and on_error => 'stop' stops at one of these.
The same files as compare.py, as the same roles.  Prints one line a file, then `N passed, N failed`.
"""
import os
import re
import sqlite3
import sys

import psycopg2

import access
import compare
from sqlite_side import quote

# a broken key tells of its rows by another road
OPTIONS = ", types => 'declared', foreign_keys => 'skip', views => false, triggers => false"
PLACE = re.compile(r'^SQLite table "(.*)", column "(.*)", (?:rowid (-?\d+)|row (\d+)): ')


def open_source(path):
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    connection.text_factory = bytes
    return connection


def value_class(source, table, column, rowid, row):
    where = "WHERE rowid = ?" if rowid is not None else "LIMIT 1 OFFSET ? - 1"
    found = source.execute(f"SELECT typeof({quote(column)}) FROM {quote(table)} {where}", (rowid if rowid is not None else row,)).fetchone()
    return found[0].decode() if found else "no such row"


def check_rejects(cursor, source, report):
    """What is wrong with the rejected rows of this run."""
    wrong = []
    cursor.execute("SELECT table_name, column_name, source_rowid, row_number, storage_class, sqlstate, message FROM sqlite_import.rejected_rows")
    rejects = cursor.fetchall()
    rows = {}
    for table, column, rowid, row, storage_class, sqlstate, message in rejects:
        rows.setdefault(table, set()).add((rowid, row))
        if column is None:
            # a constraint of the row: NOT NULL or a CHECK
            if sqlstate[:2] != "23" or (rowid is None and row is None):
                wrong.append(f"{table}: {message} names no place")
            continue
        found = value_class(source, table, column, rowid, row)
        if found != storage_class:
            wrong.append(f"{table}.{column} rowid {rowid}: {storage_class} is reported, {found} is there")
    for table, loaded, rejected in report:
        count = source.execute(f"SELECT count(*) FROM {quote(table)}").fetchone()[0]
        if loaded + rejected != count or rejected != len(rows.get(table, ())):
            wrong.append(f"{table}: {loaded} loaded, {rejected} rejected, {len(rows.get(table, ()))} kept, {count} in the source")
    return rejects, wrong


def check_stop(cursor, location, source):
    cursor.execute("SAVEPOINT stop")
    try:
        cursor.execute(f"SELECT FROM sqlite_import.migrate(%s, 'declared_stop'{OPTIONS})", (location,))
        return ["on_error stop went through"]
    except psycopg2.Error as error:
        place = PLACE.match(error.diag.message_detail or "")
        # a whole row is refused after its values
        row = re.match(r'^SQLite table "(.*)", (row|rowid) (-?\d+)\.', error.diag.message_detail or "")
        cursor.execute("ROLLBACK TO stop")
        if row and error.pgcode[:2] == "23":
            return []
        if not place:
            return [f"on_error stop: {error.pgcode} {error}"]
        table, column, rowid, row = place.groups()
        found = value_class(source, table, column, rowid and int(rowid), row and int(row))
        told = re.match(r"value of storage class (\w+) ", error.diag.message_primary)
        return [] if told and told.group(1) == found else [f"on_error stop: {error}: {found} is there"]


def check_file(way, path):
    connection = way.connect()
    cursor = connection.cursor()
    source = open_source(path)
    try:
        for schema in ("declared", "declared_stop"):
            way.make_schema(connection, schema)
        location = way.source(connection, path)
        cursor.execute("SET client_min_messages = warning; DELETE FROM sqlite_import.rejected_rows")
        cursor.execute("SELECT object_name, rows, COALESCE(rejected, 0) FROM sqlite_import.migrate(%s, 'declared', "
                       f"on_error => 'reject'{OPTIONS}) WHERE object_type = 'table' AND action = 'loaded'", (location,))
        rejects, wrong = check_rejects(cursor, source, cursor.fetchall())
        if rejects:
            wrong += check_stop(cursor, location, source)
        return len(rejects), wrong
    except psycopg2.Error as error:
        return 0, [str(error)]
    finally:
        source.close()
        connection.rollback()
        connection.close()


def main():
    passed = failed = 0
    paths = [a for a in sys.argv[1:] if not a.startswith("--")] or compare.files()
    for way in access.ways(sys.argv):
        way.prepare()
        refused = 0
        for path in paths:
            rejects, wrong = check_file(way, os.path.realpath(path))
            print(f"{'FAIL' if wrong else 'ok  '} {way.name}declared: {os.path.basename(path):40} {rejects} refusals")
            for line in wrong[:10]:
                print("     " + line.strip())
            failed += bool(wrong)
            passed += not wrong
            refused += rejects
        print(f"# {way.name}{refused} refusals in {len(paths)} files")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
