#!/usr/bin/env python3
"""Every view of every file: translated, created, and read on both sides.

usage: views.py TRANSLATE_CLI [FILE...]

Server by PGHOST and the like.  Without files, those of SQLITE_IMPORT_DATA (or
../shared/data beside the checkout); skipped (exit 77) when there are none.
Views that SQLite itself cannot read are counted apart.  Exits 1 if a view gives
other rows than SQLite does, or fewer than 95 % of the readable ones exist.
"""
import glob
import os
import sqlite3
import sys

import psycopg2

import harness


def default_files():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = os.environ.get('SQLITE_IMPORT_DATA',
                            os.path.join(here, '..', '..', '..', 'shared', 'data'))
    return [f for f in sorted(glob.glob(os.path.join(folder, '*'))) if not f.endswith('.tsv')]


def ordered(rows):
    return sorted(([harness.canonical(v) for v in row] for row in rows), key=repr)


def check_file(path, cli_path, totals):
    lite = harness.connect_sqlite(path)
    views = lite.execute("SELECT name, sql FROM sqlite_schema WHERE type='view'").fetchall()
    if not views:
        return
    connection = harness.connect_postgres()
    pg = connection.cursor()
    cli = harness.Translator(cli_path)
    schema = 'views_test'
    harness.load_database(lite, pg, cli, schema)
    pending = dict(views)
    while pending:
        progress = False
        for name, sql in list(pending.items()):
            answer = cli.ask('view', schema, name, sql)
            if answer[0] == 'no' and 'there is no table' in answer[1] and \
                    any(v.lower() in answer[1].lower() for v in pending if v != name):
                continue
            progress = True
            del pending[name]
            totals['all'] += 1
            label = '%s: %s' % (os.path.basename(path), name)
            try:
                expected = lite.execute('SELECT * FROM ' + harness.quote(name)).fetchall()
            except sqlite3.Error as error:
                totals['broken'] += 1
                print('broken   %s: %s / %s' % (label, error, answer[1] if answer[0] == 'no' else ''))
                continue
            if answer[0] == 'no':
                totals['refused'] += 1
                print('refused  %s: %s' % (label, answer[1]))
                continue
            try:
                pg.execute(answer[1])
                pg.execute('SELECT * FROM %s.%s' % (schema, harness.quote(name)))
                got = pg.fetchall()
            except psycopg2.Error as error:
                totals['failed'] += 1
                print('failed   %s: %s\n%s' % (label, error, answer[1]))
                continue
            if ordered(expected) == ordered(got):
                totals['same'] += 1
                print('same     %s: %d rows' % (label, len(got)))
            else:
                totals['different'] += 1
                print('DIFFER   %s: %d and %d rows\n%s' % (label, len(expected), len(got), answer[1]))
                a, b = ordered(expected), ordered(got)
                for x, y in list(zip(a, b))[:400]:
                    if x != y:
                        print('   sqlite  ', x, '\n   postgres', y)
                        break
        if not progress:
            for name in pending:
                totals['all'] += 1
                totals['refused'] += 1
                print('refused  %s: it reads a view that is not translated' % name)
            break
    pg.execute('DROP SCHEMA %s CASCADE' % schema)
    connection.close()
    cli.close()


def main():
    files = sys.argv[2:] or default_files()
    if not files:
        print('no data')
        return 77
    totals = dict.fromkeys(('all', 'same', 'refused', 'failed', 'different', 'broken'), 0)
    for path in files:
        check_file(path, sys.argv[1], totals)
    print(totals)
    readable = totals['all'] - totals['broken']
    return 0 if totals['different'] == 0 and totals['same'] >= 0.95 * readable else 1


if __name__ == '__main__':
    sys.exit(main())
