"""Shared by the differential tests: the translator as a filter, and a small loader.

The loader makes the tables of a SQLite file in a PostgreSQL schema with the
types that the translator's type table gives, where every value fits them, and
tells the translator about them.  It is independent of the extension, so that a
difference found here is the translator's.
"""
import datetime
import decimal
import json
import os
import re
import sqlite3
import subprocess
import uuid

import psycopg2
import psycopg2.extensions


class Translator:
    """translate_cli, one command and one answer at a time."""

    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, *fields):
        def escape(field):
            return str(field).replace('\\', '\\\\').replace('\t', '\\t').replace('\n', '\\n')
        line = '\t'.join(escape(f) for f in fields)
        self.process.stdin.write(line.encode('utf-8', 'surrogateescape') + b'\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError('the translator died on: ' + line)
        return [re.sub(r'\\(.)', lambda m: {'t': '\t', 'n': '\n'}.get(m[1], m[1]), f)
                for f in answer.decode('utf-8', 'surrogateescape').rstrip('\n').split('\t')]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def connect_postgres():
    connection = psycopg2.connect(dbname=os.environ.get('PGDATABASE', 'postgres'))
    connection.autocommit = True
    # values come back as PostgreSQL's own Python types, dates and JSON as text
    for oid in (114, 1082, 1083, 1114, 1184, 1266, 3802):
        psycopg2.extensions.register_type(
            psycopg2.extensions.new_type((oid,), 'TEXT%d' % oid, lambda v, c: v), connection)
    return connection


def connect_sqlite(path):
    connection = sqlite3.connect('file:%s?mode=ro&immutable=1' % path, uri=True)
    connection.text_factory = lambda b: b.decode('utf-8', 'surrogateescape')
    return connection


DATE = re.compile(r'^\d{4}-\d\d-\d\d$')
TIMESTAMP = re.compile(r'^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$')
TIME = re.compile(r'^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$')


def convert(value, pg_type):
    """The value as a parameter for a column of that type; ValueError if it does not fit."""
    if value is None:
        return None
    if pg_type == 'boolean':
        if value in (0, 1) and isinstance(value, int):
            return bool(value)
    elif pg_type in ('bigint', 'integer', 'smallint'):
        if isinstance(value, int):
            return value
    elif pg_type == 'double precision':
        if isinstance(value, (int, float)) and float(value) == value:
            return float(value)
    elif pg_type.startswith('numeric'):
        if isinstance(value, (int, float)):
            exact = decimal.Decimal(repr(value))
            match = re.match(r'numeric\((\d+),(\d+)\)', pg_type)
            if match:
                precision, scale = int(match[1]), int(match[2])
                if round(exact, scale) != exact or abs(exact) >= 10 ** (precision - scale):
                    raise ValueError(value)
            return exact
    elif pg_type == 'text' or pg_type.startswith('character varying'):
        limit = re.search(r'\((\d+)\)', pg_type)
        if isinstance(value, str) and '\0' not in value and \
                not (limit and len(value) > int(limit[1])):
            value.encode('utf-8')
            return value
    elif pg_type == 'bytea':
        if isinstance(value, bytes):
            return value
    elif pg_type == 'date':
        if isinstance(value, str) and DATE.match(value):
            return datetime.date.fromisoformat(value).isoformat()
    elif pg_type == 'timestamp without time zone':
        if isinstance(value, str) and TIMESTAMP.match(value):
            datetime.date.fromisoformat(value[:10])
            return value
    elif pg_type == 'time without time zone':
        if isinstance(value, str) and TIME.match(value):
            return value
    elif pg_type == 'uuid':
        if isinstance(value, str) and len(value) in (32, 36):
            return str(uuid.UUID(value))
    elif pg_type in ('json', 'jsonb'):
        if isinstance(value, str) and '\\u0000' not in value:
            json.loads(value)
            return value
    raise ValueError(value)


def fits(values, pg_type):
    try:
        for value in values:
            convert(value, pg_type)
    except (ValueError, OverflowError):
        return False
    return True


def choose_type(declared, values):
    """The declared type if all values fit it, else the narrowest that holds them; and the form."""
    form = 'text' if declared.startswith(('timestamp', 'date', 'time', 'uuid')) else 'as'
    if fits(values, declared):
        return declared, form
    for pg_type in ('bigint', 'double precision', 'numeric', 'text', 'bytea'):
        if fits(values, pg_type):
            return pg_type, 'as'
    return 'text', 'mixed'


def target_name(name):
    """PostgreSQL keeps some names of columns for itself."""
    system = ('tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid')
    return name + '_' if name in system else name


def mixed_text(value):
    if isinstance(value, bytes):
        return value.decode('utf-8', 'replace').replace('\0', '')
    return None if value is None else str(value).replace('\0', '')


MIXED = {}  # table name: positions of the columns that hold several storage classes as text


def load_table(lite, pg, cli, schema, name):
    columns = [c for c in lite.execute('PRAGMA table_xinfo(%s)' % quote(name)) if c[6] != 1]
    declared = [cli.ask('type', c[2]) for c in columns]
    listing = ', '.join(quote(c[1]) for c in columns)
    try:
        rows = lite.execute('SELECT %s FROM %s' % (listing, quote(name))).fetchall()
    except sqlite3.Error:
        return False
    types, forms = [], []
    for i in range(len(columns)):
        pg_type, form = choose_type(declared[i][1], [row[i] for row in rows])
        types.append(pg_type)
        forms.append(form)
    MIXED[name] = [i for i, form in enumerate(forms) if form == 'mixed']
    sql = lite.execute("SELECT sql FROM sqlite_schema WHERE type='table' AND name=?",
                       (name,)).fetchone()[0]
    collations = dict((m[0].strip('"`[]').lower(), m[1]) for m in re.findall(
        r'([\w"`\[\]]+)\s+[\w ()]*?[^,]*?COLLATE\s+"?(\w+)', sql, re.I))
    pk = [c for c in columns if c[5] > 0]
    rowid = -1
    if len(pk) == 1 and pk[0][2].upper() == 'INTEGER':
        rowid = columns.index(pk[0])
    keys = [[c[1] for c in sorted(pk, key=lambda c: c[5])]] if pk else []
    for index in lite.execute('PRAGMA index_list(%s)' % quote(name)).fetchall():
        if index[2] and not index[4]:
            key = [r[2] for r in lite.execute('PRAGMA index_info(%s)' % quote(index[1]))]
            if None not in key and key not in keys:
                keys.append(key)
    cli.ask('table', name, schema, name, rowid, ';'.join(','.join(k) for k in keys))
    definitions = []
    for column, pg_type, form, kind in zip(columns, types, forms, declared):
        cli.ask('column', column[1], target_name(column[1]), pg_type, kind[2],
                collations.get(column[1].lower(), ''), int(bool(column[3])), form)
        definitions.append('%s %s' % (quote(target_name(column[1])), pg_type))
    pg.execute('CREATE TABLE %s.%s (%s)' % (quote(schema), quote(name), ', '.join(definitions)))
    for key in keys:
        pg.execute('ALTER TABLE %s.%s ADD UNIQUE (%s)' % (
            quote(schema), quote(name), ', '.join(quote(k) for k in key)))
    values = [tuple(mixed_text(v) if f == 'mixed' else convert(v, t)
                    for v, t, f in zip(row, types, forms)) for row in rows]
    if values and columns:
        marks = ', '.join(['%s'] * len(columns))
        for start in range(0, len(values), 500):
            chunk = values[start:start + 500]
            pg.execute('INSERT INTO %s.%s VALUES %s' % (
                quote(schema), quote(name), ', '.join('(%s)' % marks for _ in chunk)),
                [v for row in chunk for v in row])
    return True


def load_database(lite, pg, cli, schema):
    pg.execute('DROP SCHEMA IF EXISTS %s CASCADE' % quote(schema))
    pg.execute('CREATE SCHEMA %s' % quote(schema))
    virtual = [r[0] for r in lite.execute(
        "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'")]
    for (name,) in lite.execute(
            "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite\\_%' "
            "ESCAPE '\\'").fetchall():
        if name in virtual or any(name.startswith(v + '_') for v in virtual):
            continue
        load_table(lite, pg, cli, schema, name)


def canonical(value):
    """A value as both sides can be compared: numbers as floats of 12 digits, dates as text."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float, decimal.Decimal)):
        return float('%.12g' % float(value))
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    if isinstance(value, str) and TIMESTAMP.match(value):
        value = value.replace('T', ' ')
        value = value.rstrip('0').rstrip('.') if '.' in value else value
        value += ':00' if len(value) == 16 else ''
        return value[:-9] if value.endswith(' 00:00:00') else value
    return value
