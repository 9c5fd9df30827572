#!/usr/bin/python3
"""check_reference.py: docs/reference.md against the catalog of the server that PG* names.

Each function with its arguments and result columns, each view and table with its columns, each
setting and each option of the foreign data wrapper that the extension has must be named in the
reference, in `code` or "quotes"; and each setting that the reference names must exist.
Prints what is missing, then `N passed, N failed`.
"""
import os
import re
import subprocess
import sys

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
# functions that the server or the extension's own statements call, and no user types
PLUMBING = {"fdw_handler", "fdw_validator", "copy_batch"}


def query(sql):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", "docs_reference", "-F", "\t", "-c", sql],
                          text=True, capture_output=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def words(text):
    """Every identifier that the page shows as code."""
    code = re.findall(r"```.*?```|`[^`]+`", text, re.S)
    names = re.findall(r"[a-z_][a-z0-9_.]*", " ".join(code).lower())
    return {part for name in names for part in (name, *name.split("."))}


def main():
    subprocess.run(["psql", "-Xq", "-d", "postgres", "-c", "SET client_min_messages = error",
                    "-c", "DROP DATABASE IF EXISTS docs_reference", "-c", "CREATE DATABASE docs_reference"], check=True)
    query("CREATE EXTENSION sqlite_import")
    with open(os.path.join(TOP, "docs", "reference.md"), encoding="utf-8") as file:
        known = words(file.read())
    wanted = {}
    for name, arguments in query(
            "SELECT proname, coalesce(array_to_string(proargnames, ','), '') FROM pg_proc"
            " WHERE pronamespace = 'sqlite_import'::regnamespace"):
        if name not in PLUMBING and not name.startswith("_"):
            wanted[f"function {name}"] = name
            for argument in filter(None, arguments.split(",")):
                wanted[f"function {name}, {argument}"] = argument
    for relation, column in query(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
            " WHERE c.relnamespace = 'sqlite_import'::regnamespace AND c.relkind IN ('r', 'v', 'm') AND NOT a.attisdropped"):
        wanted[f"relation {relation}"] = relation
        wanted[f"relation {relation}, {column}"] = column
    settings = {name for name, in query(
        "SELECT sqlite_import.version() IS NULL; SELECT name FROM pg_settings WHERE name LIKE 'sqlite_import.%'")[1:]}
    for setting in settings:
        wanted[f"setting {setting}"] = setting
    for kind, sql in (("server", "CREATE SERVER probe FOREIGN DATA WRAPPER sqlite_import OPTIONS (no_such_option '')"),):
        done = subprocess.run(["psql", "-Xq", "-d", "docs_reference", "-c", sql], text=True, capture_output=True)
        for option in re.findall(r"context are: ([^.\n]*)", done.stderr)[:1]:
            for name in option.replace(" ", "").split(","):
                wanted[f"{kind} option {name}"] = name
    missing = [what for what, word in wanted.items() if word.lower() not in known]
    missing += [f"{w} is described, but does not exist" for w in sorted(known)
                if w.startswith("sqlite_import.") and w not in settings
                and w.split(".")[1] not in {v for v in wanted.values()} and w != "sqlite_import."]
    for what in missing:
        print(f"     docs/reference.md: {what}" + ("" if "described" in what else " is missing"))
    print(f"{len(wanted) - len(missing)} passed, {len(missing)} failed")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
