"""What a SQLite file holds, read by Python's sqlite3 module and PRAGMAs alone.

This is one of the two independent readings of the comparison test: it shares no code with the
extension.  Text arrives as `Text` (bytes that SQLite calls TEXT), so that it stays distinct from
blobs and survives bytes that are not UTF-8.
"""
import os
import pathlib
import re
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field


class Text(bytes):
    """A value of storage class TEXT, as the bytes that SQLite hands out (always UTF-8 by intent)."""


@dataclass
class Column:
    name: str
    declared: str
    not_null: bool
    default: str | None
    pk: int            # position in the primary key from 1, or 0
    generated: bool


@dataclass
class Index:
    name: str
    unique: bool
    origin: str        # 'c' CREATE INDEX, 'u' UNIQUE constraint, 'pk'
    partial: bool
    keys: list         # (column name or None for an expression, descending, collation)


@dataclass
class ForeignKey:
    columns: list
    parent: str
    parent_columns: list
    on_update: str
    on_delete: str


@dataclass
class Table:
    name: str
    sql: str
    columns: list = field(default_factory=list)
    without_rowid: bool = False
    indexes: list = field(default_factory=list)
    foreign_keys: list = field(default_factory=list)
    rowid_alias: str | None = None
    checks: int = 0

    @property
    def primary_key(self):
        return [c.name for c in sorted(self.columns, key=lambda c: c.pk) if c.pk]


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def open_copy_free(path):
    """Opens `path` so that nothing is written beside it: immutable, or a copy if it has a live log."""
    wal = path + "-wal"
    if os.path.exists(wal) and os.path.getsize(wal):
        copy = os.path.join(tempfile.mkdtemp(prefix="compare-"), os.path.basename(path))
        shutil.copy(path, copy)
        shutil.copy(wal, copy + "-wal")
        return sqlite3.connect(copy)
    return sqlite3.connect(pathlib.Path(path).resolve().as_uri() + "?mode=ro&immutable=1", uri=True)


TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\w+|\S""", re.S)


def count_checks(sql):
    """How many CHECK constraints a CREATE TABLE text holds: the bare word before a parenthesis."""
    tokens = [t for t in TOKEN.findall(sql or "") if not t.startswith(("--", "/*"))]
    return sum(1 for a, b in zip(tokens, tokens[1:]) if a.upper() == "CHECK" and b == "(")


class Database:
    def __init__(self, path):
        self.path = path
        self.db = open_copy_free(path)
        self.db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
        self.kinds = {n: (kind, bool(wr)) for _, n, kind, _, wr, _ in
                      self.db.execute("PRAGMA main.table_list")}
        self.schema = self.db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        self.tables = {n: self._table(n, sql) for kind, n, _, sql in self.schema
                       if kind == "table" and self.kinds.get(n, ("table", False))[0] == "table"
                       and not n.lower().startswith("sqlite_")}
        self.views = {n: sql for kind, n, _, sql in self.schema if kind == "view"}
        self.triggers = {n: sql for kind, n, _, sql in self.schema if kind == "trigger"}
        self.virtual = [n for n, (kind, _) in self.kinds.items() if kind == "virtual"]
        self.shadow = [n for n, (kind, _) in self.kinds.items() if kind == "shadow"]
        for table in self.tables.values():
            self._foreign_keys(table)

    def _rows(self, pragma, name):
        return self.db.execute(f"PRAGMA main.{pragma}({quote(name)})").fetchall()

    def _table(self, name, sql):
        table = Table(name, sql, without_rowid=self.kinds.get(name, ("", False))[1])
        for _, column, declared, not_null, default, pk, hidden in self._rows("table_xinfo", name):
            if hidden != 1:
                table.columns.append(Column(column, declared, bool(not_null), default, pk, hidden in (2, 3)))
        for _, index, unique, origin, partial in self._rows("index_list", name):
            keys = [(None if cid == -2 else (column if cid >= 0 else "rowid"), bool(desc), collation)
                    for _, cid, column, desc, collation, key in self._rows("index_xinfo", index) if key]
            table.indexes.append(Index(index, bool(unique), origin, bool(partial), keys))
        key = table.primary_key
        # one INTEGER column that has no index of its own is the rowid under another name
        if len(key) == 1 and not table.without_rowid and not any(i.origin == "pk" for i in table.indexes):
            table.rowid_alias = key[0]
        table.checks = count_checks(sql)
        return table

    def _foreign_keys(self, table):
        found = {}
        for number, _, parent, column, to, on_update, on_delete, _ in self._rows("foreign_key_list", table.name):
            key = found.setdefault(number, ForeignKey([], parent, [], on_update, on_delete))
            key.columns.append(column)
            key.parent_columns.append(to)
        for key in found.values():
            parent = self.table(key.parent)
            if parent and all(c is None for c in key.parent_columns):
                key.parent_columns = parent.primary_key
            table.foreign_keys.append(key)

    def table(self, name):
        """The table that `name` means to SQLite, which folds ASCII letters; or None."""
        return next((t for t in self.tables.values() if t.name.lower() == name.lower()), None)

    def rows(self, table):
        """Every row of `table` as a tuple of int, float, Text, bytes or None, in the columns' order."""
        columns = ", ".join(quote(c.name) for c in table.columns)
        return self.raw(f"SELECT {columns} FROM {quote(table.name)}")

    def raw(self, query):
        factory, self.db.text_factory = self.db.text_factory, Text
        try:
            return self.db.execute(query).fetchall()
        finally:
            self.db.text_factory = factory

    def readable(self, view):
        """Whether SQLite itself can read the view."""
        try:
            self.db.execute(f"SELECT * FROM {quote(view)} LIMIT 1").fetchall()
            return True
        except sqlite3.Error:
            return False

    def foreign_functions(self, trigger):
        """The functions of a trigger that are the application's own: words before a parenthesis that SQLite has not."""
        known = {n.lower() for n, in self.db.execute("SELECT name FROM pragma_function_list")}
        known |= {"raise", "values", "in", "and", "or", "not", "on", "of", "exists", "as", "when", "then", "else", "where", "set", "select", "=", "cast"}
        tokens = [t for t in TOKEN.findall(self.triggers[trigger]) if not t.startswith(("--", "/*", "'"))]
        return {b for a, b, c in zip(tokens, tokens[1:], tokens[2:])
                if c == "(" and b[0].isalpha() and b.lower() not in known and a.lower() != "into"}

    def highest_key(self, table):
        """What the next key has to exceed: the greater of max(key) and sqlite_sequence; 0 if neither."""
        highest = self.db.execute(
            f"SELECT max({quote(table.rowid_alias)}) FROM {quote(table.name)}").fetchone()[0] or 0
        if any(n == "sqlite_sequence" for n in self.kinds):
            row = self.db.execute(
                "SELECT max(CAST(seq AS INTEGER)) FROM sqlite_sequence WHERE lower(name) = lower(?)", (table.name,)).fetchone()
            highest = max(highest, row[0] or 0)
        return highest
