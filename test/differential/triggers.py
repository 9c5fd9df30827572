#!/usr/bin/env python3
"""Triggers: translated, created, and the same statements run on both sides.

usage: triggers.py TRANSLATE_CLI [FILE...]

A copy of each file gets a few made-up rows; triggers that are refused are dropped
on SQLite's side too, the others stay.  Then rows of each table that has a trigger
are deleted, inserted and updated on both sides, and after each statement all
tables are compared.  Exits 1 on a difference, or if fewer than 80 % of the
triggers that use no function of the application are translated.
"""
import os
import re
import shutil
import sqlite3
import sys
import tempfile

import psycopg2

import harness
from views import default_files, ordered

def made_value(pg_type, row, position, constants, key):
    if pg_type in ('bigint', 'integer', 'smallint', 'double precision') or \
            pg_type.startswith('numeric'):
        return row if key else 1 + (row + position) % 3
    if pg_type == 'boolean':
        return row % 2
    if pg_type == 'text' or pg_type.startswith('character varying'):
        limit = re.search(r'\((\d+)\)', pg_type)
        if key or not constants:
            text = 't%d' % row
        else:
            text = constants[(row + position) % len(constants)]
        return text[:int(limit[1])] if limit else text
    if pg_type == 'bytea':
        return b'\x01\x02'
    if pg_type.startswith('timestamp'):
        return '2024-01-02 03:04:05'
    return '2024-01-02' if pg_type == 'date' else None


class Sides:
    """A SQLite connection and a PostgreSQL cursor that get the same statements."""

    def __init__(self, lite, pg, schema):
        self.lite, self.pg, self.schema = lite, pg, schema
        self.tables = [r[0] for r in lite.execute(
            "SELECT name FROM sqlite_schema WHERE type='table' AND sql NOT LIKE 'CREATE VIRTUAL%' "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")]
        pg.execute('SELECT table_name FROM information_schema.tables WHERE table_schema=%s',
                   (schema,))
        existing = {r[0] for r in pg.fetchall()}
        self.tables = [t for t in self.tables if t in existing]

    def columns(self, table):
        self.pg.execute(
            'SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '
            '%s::regclass AND attnum > 0 ORDER BY attnum',
            ('%s.%s' % (harness.quote(self.schema), harness.quote(table)),))
        return self.pg.fetchall()

    def run(self, lite_sql, lite_values, pg_sql, pg_values):
        """Runs on both; the error of each, or None."""
        errors = []
        for run, sql, values in ((self.lite.execute, lite_sql, lite_values),
                                 (self.pg.execute, pg_sql, pg_values)):
            try:
                run(sql, values)
                errors.append(None)
            except (sqlite3.Error, psycopg2.Error) as error:
                errors.append(str(error).split('\n')[0])
        return errors

    def insert(self, table, values):
        types = [t for _, t in self.columns(table)]
        name = harness.quote(table)
        converted = [harness.convert(v, t) for v, t in zip(values, types)]
        return self.run(
            'INSERT INTO %s VALUES (%s)' % (name, ', '.join('?' * len(values))), values,
            'INSERT INTO %s.%s VALUES (%s)' % (harness.quote(self.schema), name,
                                               ', '.join(['%s'] * len(values))), converted)

    def differing(self):
        for table in self.tables:
            name = harness.quote(table)
            rows = self.lite.execute('SELECT * FROM ' + name).fetchall()
            mixed = harness.MIXED.get(table, ())
            a = ordered([[harness.mixed_text(v) if i in mixed else v for i, v in enumerate(row)]
                         for row in rows])
            self.pg.execute('SELECT * FROM %s.%s' % (harness.quote(self.schema), name))
            b = ordered(self.pg.fetchall())
            if a != b:
                first = [(x, y) for row, other in zip(a, b) for x, y in zip(row, other) if x != y]
                return '%s: %d and %d rows, first %s' % (table, len(a), len(b), first[:1])
        return None


def made_rows(sides, table, constants, first, count):
    info = list(sides.lite.execute('PRAGMA table_info(%s)' % harness.quote(table)))
    types = sides.columns(table)
    for row in range(first, first + count):
        values = [made_value(t, row, i, constants, info[i][5] > 0) for i, (_, t) in
                  enumerate(types)]
        if len(info) == len(types):
            yield values


def exercise(sides, table, constants, report):
    """Deletes, inserts and updates rows of one table on both sides."""
    name = harness.quote(table)
    target = '%s.%s' % (harness.quote(sides.schema), name)
    info = list(sides.lite.execute('PRAGMA table_info(%s)' % name))
    key = [c[1] for c in info if c[5] > 0] or [c[1] for c in info]
    statements = 0

    def check(what, errors):
        nonlocal statements
        statements += 1
        if (errors[0] is None) != (errors[1] is None):
            report('%s: SQLite: %s / PostgreSQL: %s' % (what, errors[0], errors[1]))
        difference = sides.differing()
        if difference:
            report('%s: %s' % (what, difference))
            return False
        return True

    for values in made_rows(sides, table, constants, 101, 3):
        if not check('insert into ' + table, sides.insert(table, values)):
            return statements
    rows = sides.lite.execute('SELECT %s FROM %s LIMIT 6' % (
        ', '.join(harness.quote(k) for k in key), name)).fetchall()
    where = ' AND '.join('%s = ?' % harness.quote(k) for k in key)
    types = dict(sides.columns(table))
    for row in rows[:3]:
        if None in row:
            continue
        for column in info:
            if column[5] > 0 or types[harness.target_name(column[1])] not in ('bigint', 'text'):
                continue
            value = 2 if types[column[1]] == 'bigint' else 'changed'
            set_sql = 'UPDATE %%s SET %s = %s WHERE %s' % (
                harness.quote(column[1]), '?', where)
            errors = sides.run(set_sql % name, (value,) + row,
                               (set_sql % target).replace('?', '%s'), (value,) + row)
            if not check('update %s.%s' % (table, column[1]), errors):
                return statements
    for row in rows:
        if None in row:
            continue
        sql = 'DELETE FROM %s WHERE ' + where
        errors = sides.run(sql % name, row, (sql % target).replace('?', '%s'), row)
        if not check('delete from ' + table, errors):
            return statements
    return statements


def check_file(path, cli_path, totals):
    original = harness.connect_sqlite(path)
    triggers = original.execute(
        "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type='trigger'").fetchall()
    if not triggers:
        return
    folder = tempfile.mkdtemp()
    copy = os.path.join(folder, 'copy.db')
    shutil.copyfile(path, copy)
    lite = sqlite3.connect(copy, isolation_level=None)
    lite.text_factory = original.text_factory
    connection = harness.connect_postgres()
    pg = connection.cursor()
    cli = harness.Translator(cli_path)
    schema = 'triggers_test'
    harness.load_database(lite, pg, cli, schema)
    for name, _, _ in triggers:
        lite.execute('DROP TRIGGER ' + harness.quote(name))
    sides = Sides(lite, pg, schema)
    constants = sorted(set(re.findall(r"'(\w+)'", ' '.join(t[2] for t in triggers))))[:7]
    for table in sides.tables:
        for values in made_rows(sides, table, constants, 1, 12):
            lite.execute('BEGIN')
            pg.execute('BEGIN')
            errors = sides.insert(table, values)
            end = 'COMMIT' if errors == [None, None] else 'ROLLBACK'
            lite.execute(end)
            pg.execute(end)
    assert sides.differing() is None, sides.differing()
    label = os.path.basename(path)
    made = []
    for name, table, sql in triggers:
        answer = cli.ask('trigger', schema, name, sql)
        totals['all'] += 1
        if answer[0] == 'no':
            app_function = 'no built-in function' in answer[1]
            absent = 'is not in PostgreSQL' in answer[1] or 'there is no table' in answer[1]
            totals['application' if app_function else 'virtual' if absent else 'refused'] += 1
            print('refused  %s: %s: %s' % (label, name, answer[1]))
            continue
        try:
            pg.execute(answer[1])
            pg.execute(answer[2])
        except psycopg2.Error as error:
            totals['failed'] += 1
            print('failed   %s: %s: %s\n%s' % (label, name, error, answer[1]))
            continue
        lite.execute(sql)
        totals['made'] += 1
        made.append(table)

    def report(text):
        totals['different'] += 1
        print('DIFFER   %s: %s' % (label, text))

    statements = sum(exercise(sides, table, constants, report) for table in sorted(set(made)))
    totals['statements'] += statements
    print('ran      %s: %d triggers, %d statements' % (label, len(made), statements))
    pg.execute('DROP SCHEMA %s CASCADE' % schema)
    connection.close()
    cli.close()
    shutil.rmtree(folder)


def main():
    files = sys.argv[2:] or default_files()
    if not files:
        print('no data')
        return 77
    totals = dict.fromkeys(('all', 'made', 'refused', 'application', 'virtual', 'failed',
                            'different', 'statements'), 0)
    for path in files:
        check_file(path, sys.argv[1], totals)
    print(totals)
    translatable = totals['all'] - totals['application'] - totals['virtual']
    return 0 if totals['different'] == 0 and totals['made'] >= 0.8 * translatable else 1


if __name__ == '__main__':
    sys.exit(main())
