#!/usr/bin/python3
"""applications.py: rows into the schemas that five real applications make for themselves.

The SQLite files of the data folder (SQLITE_IMPORT_DATA, or ../shared/data beside the checkout; no
folder: nothing to test) go into PostgreSQL tables as these applications' own migrations shape them:
the same names, the types that each of them uses there, keys, foreign keys, and each one's way to
number rows.  The rows are compared by Python's sqlite3 and plain SQL, not by the extension.  Prints a
line per check, then `N passed, N failed`.
"""
import os
import shutil
import sqlite3
import sys
import tempfile

import situations
from situations import Situation, check

DATA = os.environ.get("SQLITE_IMPORT_DATA") or os.path.join(situations.TOP, "..", "shared", "data")

# Per application: how declared types and single columns are called in its PostgreSQL schema, and how
# its integer keys are numbered: an owned sequence, or one that only the default's text names.
APPLICATIONS = {
    # Diesel: text keys, naive timestamps, booleans
    "vaultwarden": {"types": {"DATETIME": "timestamp", "TIMESTAMP": "timestamp", "BOOLEAN": "boolean", "BLOB": "bytea", "INTEGER": "integer",
                              "TEXT": "text", "CHAR(36)": "char(40)"},
                    "columns": {"users.uuid": "varchar(40)", "users.email": "varchar(255)"}, "numbering": "serial"},
    # zones stored with a time zone, flags as smallint, sequences without an owner
    "roundcube": {"types": {"datetime": "timestamp with time zone", "tinyint": "smallint", "integer": "integer", "smallint": "smallint", "text": "text"},
                  "columns": {"session.ip": "varchar(41)", "users.preferences": "text", "system.value": "text"}, "numbering": "loose"},
    # booleans, an address type, keys of 64 bits
    "powerdns": {"types": {"INTEGER": "integer", "INT": "integer", "BOOLEAN": "boolean", "BOOL": "boolean", "TEXT": "text"},
                 "columns": {"records.id": "bigint", "domains.notified_serial": "bigint", "supermasters.ip": "inet", "domains.type": "text"},
                 "numbering": "serial"},
    # names in mixed case there, in lower case here; text throughout, no foreign keys, unsigned numbers in wider types
    "bacula": {"types": {"DATETIME": "timestamp without time zone", "datetime": "timestamp without time zone", "TINYINT": "smallint", "INTEGER": "integer", "INTEGER UNSIGNED": "bigint",
                         "SMALLINT UNSIGNED": "integer", "BIGINT UNSIGNED": "bigint", "VARCHAR(20)": "text", "VARCHAR(25)": "text", "VARCHAR(128)": "text",
                         "VARCHAR(255)": "text", "BLOB": "bytea", "serial": "integer", "INT": "integer"},
               "columns": {"File.FileId": "bigint", "BaseFiles.BaseId": "bigint"}, "numbering": "serial", "lower": True, "foreign_keys": False},
    # flags as boolean, JSON and state as text, bytes as bytea; every number of 64 bits
    "synapse": {"types": {"BOOLEAN": "boolean", "BOOL": "boolean", "INTEGER": "bigint", "INT": "bigint", "SMALLINT": "smallint", "BLOB": "bytea", "BYTEA": "bytea",
                          "TEXT": "text", "": "text"},
                "columns": {}, "numbering": "serial", "foreign_keys": False,
                # SQLite let NULL into keys of TEXT; told beforehand, and left out here
                "null_keys": {"partial_state_rooms", "users_to_send_full_presence_to"}},
}


def tables_of(source):
    """Without virtual tables and theirs: search is another thing in PostgreSQL."""
    return [name for name, in source.execute("SELECT s.name FROM sqlite_master AS s JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = s.name"
                                             " WHERE s.type = 'table' AND l.type = 'table' AND s.name NOT LIKE 'sqlite_%' ORDER BY s.rowid")]


def schema_of(source, application):
    """The application's schema in PostgreSQL, and the pairs of expressions that compare each table."""
    ddl, keys, comparisons = [], [], {}
    for table in tables_of(source):
        columns, primary, pairs = [], [], []
        target = name_in(application, table)
        for _, name, declared, not_null, _, key in source.execute(f'PRAGMA table_info("{table}")').fetchall():
            kind = application["columns"].get(f"{table}.{name}") or application["types"].get(declared, declared.lower())
            default = ""
            if key:
                primary.append((key, name))
            if declared.upper() == "INTEGER" and key == 1 and len([1 for c in source.execute(f'PRAGMA table_info("{table}")') if c[5]]) == 1:
                if application["numbering"] == "serial":
                    kind = {"integer": "serial", "bigint": "bigserial"}[kind]
                else:
                    ddl.append(f'CREATE SEQUENCE {table}_seq;')
                    default = f" DEFAULT nextval('{table}_seq'::text)"
            columns.append(f'"{name_in(application, name)}" {kind}{" NOT NULL" if not_null else ""}{default}')
            pairs.append(comparison(name, name_in(application, name), kind))
        primary = ", ".join(f'"{name_in(application, name)}"' for _, name in sorted(primary))
        columns += [f"PRIMARY KEY ({primary})"] if primary else []
        ddl.append(f'CREATE TABLE "{target}" (' + ", ".join(columns) + ");")
        comparisons[table] = pairs
        for _, index, unique, origin, partial in source.execute(f'PRAGMA index_list("{table}")').fetchall():
            names = ", ".join(f'"{name_in(application, row[2])}"' for row in source.execute(f'PRAGMA index_info("{index}")'))
            if unique and origin != "pk" and not partial:
                ddl.append(f'CREATE UNIQUE INDEX ON "{target}" ({names});')
        if not application.get("foreign_keys", True):
            continue
        by_id = {}
        for row in source.execute(f'PRAGMA foreign_key_list("{table}")').fetchall():
            by_id.setdefault(row[0], []).append(row)
        for rows in by_id.values():
            child = ", ".join(f'"{row[3]}"' for row in rows)
            parent = ", ".join(f'"{row[4]}"' for row in rows if row[4])
            keys.append(f'ALTER TABLE "{table}" ADD FOREIGN KEY ({child}) REFERENCES "{rows[0][2]}"' + (f" ({parent})" if parent else "") +
                        " ON DELETE CASCADE;")
    return "\n".join(ddl + keys), comparisons


def name_in(application, name):
    return name.lower() if application.get("lower") else name


def comparison(name, target_name, kind):
    """SQLite's and PostgreSQL's expression for one text of a column's value."""
    quoted, target = f'"{name}"', f'"{target_name}"'
    if kind == "boolean":
        return f"CASE {quoted} WHEN 1 THEN 't' WHEN 0 THEN 'f' END", target
    if kind.startswith("timestamp"):
        return f"""CASE WHEN {quoted} LIKE '%.%' THEN {quoted} ELSE {quoted} || '.000000' END""", f"to_char({target}, 'YYYY-MM-DD HH24:MI:SS.US')"
    if kind == "bytea":
        return f"lower(hex({quoted}))", f"encode({target}, 'hex')"
    if kind == "inet":
        return quoted, f"host({target})"
    escaped = f"replace(replace({{}}, char(10), '¶'), char(13), '¶')"
    return escaped.format(f"CAST({quoted} AS TEXT)"), escaped.replace("char(", "chr(").format(f"{target}::text")


def run(name, folder):
    path = f"{folder}/{name}.sqlite"
    shutil.copy(os.path.join(DATA, f"{name}.sqlite"), path)
    os.chmod(path, 0o644)
    application = APPLICATIONS[name]
    with sqlite3.connect(path) as source:
        ddl, comparisons = schema_of(source, application)
        counts = {table: source.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in comparisons}
    s = Situation(f"application_{name}", folder)
    s.sql(ddl)
    zone = "SET client_min_messages = warning; SET timezone = 'UTC';"
    left_out = application.get("null_keys", set())
    option = "" if not left_out else ", exclude => '{" + ",".join(sorted(left_out)) + "}'"
    if left_out:
        check(f"{name}: assess finds the keys that hold NULL", ",".join(sorted(left_out)), s.sql(
            f"{zone} SELECT string_agg(object_name, ',' ORDER BY object_name) FROM sqlite_import.assess('{path}') WHERE severity = 'error' AND object_type = 'column'"))
        comparisons = {table: pairs for table, pairs in comparisons.items() if table not in left_out}
        counts = {table: rows for table, rows in counts.items() if table not in left_out}
    check(f"{name}: assess finds nothing that would stop", "", s.sql(
        f"{zone} SELECT object_name, column_name, finding FROM sqlite_import.assess('{path}'{option}) WHERE severity = 'error'"))
    report = s.sql(f"{zone} SELECT object_name, rows FROM sqlite_import.migrate('{path}', create_missing => false{option}) WHERE object_type = 'table' AND action = 'loaded'")
    check(f"{name}: every table is loaded", counts, {table: int(rows) for table, rows in (line.split("|") for line in report.split("\n"))})
    check(f"{name}: verify finds both sides equal", "equal", s.sql(f"{zone} SELECT DISTINCT status FROM sqlite_import.verify('{path}'{option}) WHERE target IS NOT NULL"))
    for table, pairs in comparisons.items():
        s.same_rows(path, f'"{table}"', pairs, f'"{name_in(application, table)}"')
    for table in ("users", "records"):
        key = {"users": "user_id", "records": "id"}[table]
        if any(column == f'"{key}"' or f'"{key}"::' in column for _, column in comparisons.get(table, ())):
            top = s.number(f"SELECT max({key}) FROM {table}")
            default = s.sql(f"SELECT column_default FROM information_schema.columns WHERE table_name = '{table}' AND column_name = '{key}'")
            check(f"{name}: the next number of {table}", top + 1, s.number(f"SELECT {default}"))


def main():
    if not os.path.isdir(DATA):
        print("no data folder: nothing to test")
        return 0
    for name in sys.argv[1:] or APPLICATIONS:
        with tempfile.TemporaryDirectory(prefix="sqlite_import_", dir="/tmp") as folder:
            os.chmod(folder, 0o777)
            run(name, folder)
    print(f"{situations.passed} passed, {situations.failed} failed")
    return situations.failed > 0


if __name__ == "__main__":
    sys.exit(main())
