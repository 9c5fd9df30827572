#!/usr/bin/python3
"""A migrated schema belongs to nobody but its owner: it is dumped, restored and used without the extension."""
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Server, diag, equal, failure, make_database, ok, query, run, work_folder  # noqa: E402

# every kind of object that a migration makes; those that are there
DATABASES = ['northwind', 'calibre', 'brewtarget', 'synapse', 'django', 'laravel_traewelling', 'plaso_MyVideos107']


def sources(limit=None):
    here = os.path.dirname(os.path.abspath(__file__))
    data = os.environ.get('SQLITE_IMPORT_DATA', os.path.join(here, '../../../shared/data'))
    found = [path for name in DATABASES for path in glob.glob(os.path.join(data, name + '.*'))]
    return [make_database(os.path.join(work_folder(), 'app.db'), 500)] + found[:limit]


def program(server, *command):
    done = subprocess.run([f'{server.bin}/{command[0]}', *command[1:]], env=server.environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stderr:
        diag(done.stderr)
    return done


def rows(server, database):
    tables = server.sql("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'v') ORDER BY 1",
                        database=database)
    return [(name, server.sql(f'SELECT count(*), md5(string_agg(md5(t::text), \'\' ORDER BY md5(t::text))) FROM {name} AS t', database=database)[0])
            for (name,) in tables]


def main():
    server = Server()
    for number, path in enumerate(sources()):
        name = os.path.basename(path)
        origin, copy = f'origin{number}', f'copy{number}'
        server.sql(f'CREATE DATABASE {origin}')
        server.sql(f'CREATE DATABASE {copy}')
        session = server.connect(database=origin)
        query(session, 'CREATE EXTENSION sqlite_import; CREATE SCHEMA app')
        state, message = failure(session, "SELECT sqlite_import.migrate(%s, target_schema => 'app', foreign_keys => 'skip', on_error => 'reject')", (path,))
        equal(state, '00000', f'{name}: migrated') or diag(message)
        before = rows(server, origin)
        equal(failure(session, 'DROP EXTENSION sqlite_import')[0], '00000', f'{name}: the extension can go')
        query(session, 'DROP SCHEMA IF EXISTS sqlite_import')
        equal(rows(server, origin), before, f'{name}: and everything migrated stays')
        dump = os.path.join(work_folder(), 'app.dump')
        equal(program(server, 'pg_dump', '-Fc', '-f', dump, origin).returncode, 0, f'{name}: dumped')
        equal(program(server, 'pg_restore', '--exit-on-error', '-d', copy, dump).returncode, 0, f'{name}: restored where the extension is not')
        equal(rows(server, copy), before, f'{name}: with the same {len(before)} tables and views')
        # their headers: PostgreSQL writes some expressions otherwise the second time
        first, second = ([line for line in program(server, 'pg_dump', '--schema-only', database).stdout.splitlines() if line.startswith('-- Name: ')]
                         for database in (origin, copy))
        ok(first == second, f'{name}: and the same {len(first)} objects')
        session.close()
        server.sql(f'DROP DATABASE {origin}')
        server.sql(f'DROP DATABASE {copy}')

    # with the extension: its tables of runs and rejects go along
    server.sql('CREATE DATABASE whole')
    session = server.connect(database='whole')
    query(session, 'CREATE EXTENSION sqlite_import; CREATE SCHEMA app')
    query(session, "SELECT sqlite_import.migrate(%s, target_schema => 'app')", (sources(0)[0],))
    dump = os.path.join(work_folder(), 'whole.dump')
    equal(program(server, 'pg_dump', '-Fc', '-f', dump, 'whole').returncode, 0, 'a database with the extension is dumped')
    server.sql('CREATE DATABASE whole_copy')
    equal(program(server, 'pg_restore', '--exit-on-error', '-d', 'whole_copy', dump).returncode, 0, 'and restored')
    equal(server.sql('SELECT count(*) FROM sqlite_import.runs', database='whole_copy')[0][0], 1, 'with the record of its runs')


run(main)
