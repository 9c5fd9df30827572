#!/usr/bin/python3
"""foreseen.py [FILE...]: what assess says against what migrate then does.

For every database of the data folder (SQLITE_IMPORT_DATA, or ../shared/data beside the checkout), the
random ones of test/compare/generate.py (GENERATED of them from SEED on), a file with very many
tables, and every type and rule of test/convert: assess has an error if and only if migrate with the
same options stops; and each rowid that it names is that of a row which the load refuses, of which it
tells the number.  Each migration is rolled back.  Prints a line per file or type, then
`N passed, N failed`.
"""
import json
import os
import sqlite3
import sys
import tempfile

import psycopg2

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "compare"), os.path.join(HERE, "..", "convert")]
import compare    # noqa: E402  pylint: disable=wrong-import-position
import property as conversions  # noqa: E402  pylint: disable=wrong-import-position

# A database is assessed and migrated under the first and one of the others, a file that is named under all.
OPTIONS = (
    {},
    {"types": "declared"},
    {"types": "declared", "integer_type": "integer", "foreign_keys": "not_valid"},
    {"types": "affinity", "invalid_text": "replace", "foreign_keys": "skip"},
    {"types": "declared", "on_error": "null", "foreign_keys": "skip"},
    {"types": "declared", "on_error": "reject", "max_rejects": 2, "foreign_keys": "skip"},
)
passed = failed = stopped = named = 0


def report(name, wrong):
    global passed, failed  # pylint: disable=global-statement
    print(("not ok " if wrong else "ok ") + name, flush=True)
    for line in wrong[:10]:
        print("    " + str(line)[:400])
    failed += bool(wrong)
    passed += not wrong


def call(function, path, schema, options):
    names = ", ".join(f"{name} => %s" for name in options)
    return (f"SELECT * FROM sqlite_import.{function}(%s, target_schema => %s{', ' if names else ''}{names})",
            [path, schema, *(json.dumps(value) if isinstance(value, dict) else value for value in options.values())])


def assess(cursor, path, schema, options):
    cursor.execute(*call("assess", path, schema, options))
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]


def attempt(cursor, query, arguments):
    """What a statement stops with, or None; nothing of it stays."""
    cursor.execute("SAVEPOINT attempt")
    try:
        cursor.execute(query, arguments)
        return None
    except psycopg2.Error as error:
        return f"{error.pgcode} {error.diag.message_primary}: {error.diag.message_detail}"
    finally:
        cursor.execute("ROLLBACK TO attempt")


def refused_rows(cursor, path, schema, options):
    """{table: rowids} that a load with on_error => 'reject' leaves out; None if even that stops."""
    cursor.execute("SAVEPOINT attempt; DELETE FROM sqlite_import.rejected_rows")
    try:
        options = {**options, "on_error": "reject", "foreign_keys": "skip", "verify": "none"}
        options.pop("max_rejects", None)
        cursor.execute(*call("migrate", path, schema, options))
        cursor.execute("SELECT table_name, source_rowid FROM sqlite_import.rejected_rows WHERE source_rowid IS NOT NULL")
        rows = {}
        for table, rowid in cursor.fetchall():
            rows.setdefault(table, set()).add(rowid)
        return rows
    except psycopg2.Error:
        return None
    finally:
        cursor.execute("ROLLBACK TO attempt")


def check_rowids(cursor, path, schema, options, findings):
    """The rowids of values and checks; of keys that merge the load can leave out none."""
    global named  # pylint: disable=global-statement
    told = [f for f in findings if f["object_type"] in ("column", "check") and f["sample_rowids"] and
            (f["severity"] == "error" or (options.get("on_error") == "reject" and f["severity"] == "warning" and "does not fit" in f["finding"]))]
    if not told:
        return []
    refused = refused_rows(cursor, path, schema, options)
    if refused is None:
        return []
    named += len(told)
    return [f"{f['object_name']}.{f['column_name']}: {f['finding']}: rowids {f['sample_rowids']} are told, {sorted(refused.get(f['object_name'], ()))[:9]} refused"
            for f in told if not set(f["sample_rowids"]) <= refused.get(f["object_name"], set())]


def check_file(cursor, path, all_options):
    """What is wrong with what assess says of a file, under each of these options."""
    global stopped  # pylint: disable=global-statement
    wrong = []
    for options in all_options:
        findings = assess(cursor, path, "foreseen", options)
        errors = [f for f in findings if f["severity"] == "error" and f["object_type"] != "verdict"]
        stop = attempt(cursor, *call("migrate", path, "foreseen", options))
        stopped += stop is not None
        if bool(errors) != (stop is not None):
            wrong.append(f"{options}: migrate {'stops: ' + stop if stop else 'runs'}; assess: "
                         + "; ".join(f"{f['object_name']} {f['column_name']}: {f['finding']}" for f in errors))
        verdict = [f for f in findings if f["object_type"] == "verdict"]
        if len(verdict) != 1 or (verdict[0]["severity"] == "error") != bool(errors):
            wrong.append(f"{options}: the verdict is {verdict}")
        wrong += check_rowids(cursor, path, "foreseen", options, findings)
    return wrong


def check_conversion(cursor, path, target, casts):
    """One type: the errors of assess count exactly the rows that copy_tables refuses, and name them."""
    options = {"tables": ["v"], **({"casts": {"v.v": casts}} if casts else {})}
    cursor.execute(f"DROP TABLE IF EXISTS v; CREATE TABLE v (id bigint PRIMARY KEY, v {target}); DELETE FROM sqlite_import.rejected_rows")
    findings = [f for f in assess(cursor, path, "foreseen", options) if f["severity"] == "error" and f["object_type"] != "verdict"]
    cursor.execute("SELECT FROM sqlite_import.copy_table(%s, 'v', 'foreseen.v', on_error => 'reject', casts => %s)",
                   (path, json.dumps({"v.v": casts}) if casts else None))
    cursor.execute("SELECT source_rowid FROM sqlite_import.rejected_rows")
    refused = {row[0] for row in cursor.fetchall()}
    told = {rowid for f in findings for rowid in f["sample_rowids"] or ()}
    wrong = []
    if not told <= refused:
        wrong.append(f"rowids {sorted(told - refused)} are told and not refused")
    if sum(f["row_count"] or 0 for f in findings) != len(refused):
        wrong.append(f"{sum(f['row_count'] or 0 for f in findings)} rows are told, {len(refused)} refused: {[f['finding'] for f in findings]}")
    return wrong


def conversion_cases():
    found = [(case[0], case[4]) for case in conversions.cases(str)] + list(conversions.SERVER_TYPES)
    return [case for at, case in enumerate(found) if case not in found[:at]]


def begin(connection):
    """A transaction of its own: a sequence that a migration has set stays locked to its end, even when it is rolled back."""
    connection.rollback()
    cursor = connection.cursor()
    cursor.execute("CREATE EXTENSION IF NOT EXISTS sqlite_import; SET client_min_messages = error; SET datestyle = ISO;"
                   "CREATE SCHEMA foreseen; SET search_path = foreseen, public")
    return cursor


def check_conversions(cursor, folder):
    path = os.path.join(folder, "values.db")
    conversions.fill(path)[0].close()
    os.chmod(path, 0o644)
    cursor.execute("CREATE TYPE colour AS ENUM ('red', 'green'); CREATE DOMAIN positive AS integer CHECK (VALUE > 0);"
                   "CREATE DOMAIN short AS text CHECK (length(VALUE) < 9)")
    for target, casts in conversion_cases():
        report(f"into {target} {casts or ''}".strip(), check_conversion(cursor, path, target, casts))


def check_many_tables(connection, folder):
    """More tables than one transaction can lock, and as many as it can."""
    cursor = begin(connection)
    cursor.execute("SELECT current_setting('max_locks_per_transaction')::int * (current_setting('max_connections')::int"
                   " + current_setting('max_prepared_transactions')::int)")
    room = cursor.fetchone()[0]
    # such a table takes seven locks
    for name, tables in (("few tables", room // 9), ("very many tables", room // 2)):
        path = os.path.join(folder, f"{name}.db")
        with sqlite3.connect(path) as source:
            source.executescript("".join(f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY, a TEXT);" for n in range(tables)))
        os.chmod(path, 0o644)
        cursor = begin(connection)
        told = [f["suggestion"] for f in assess(cursor, path, "foreseen", {}) if "53200" in f["finding"]]
        wrong = check_file(cursor, path, ({"verify": "none"},))
        if bool(told) != (name == "very many tables") or any("max_locks_per_transaction" not in suggestion for suggestion in told):
            wrong.append(f"told: {told}")
        report(f"{name}: {tables}", wrong)


def main():
    chosen = [os.path.realpath(name) for name in sys.argv[1:]]
    connection = psycopg2.connect(dbname=os.environ.get("PGDATABASE", "postgres"))
    with tempfile.TemporaryDirectory(prefix="foreseen-") as folder:
        os.chmod(folder, 0o755)
        for number, path in enumerate(chosen or [*compare.files(), *compare.generated(folder)]):
            # all options for files that are named; else the default and one other for each file, in turn
            options = OPTIONS if chosen else (OPTIONS[0], OPTIONS[1 + number % (len(OPTIONS) - 1)])
            report(os.path.basename(path), check_file(begin(connection), path, options))
        if not chosen:
            report(f"{stopped} migrations stopped, {named} findings named rows", [] if stopped > 5 and named > 5 else ["too few to show anything"])
            check_conversions(begin(connection), folder)
            check_many_tables(connection, folder)
    connection.rollback()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
