#!/usr/bin/python3
"""A migrated schema belongs to nobody but its owner: it is dumped, restored and used without the extension."""
import glob
import os
import sqlite3
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

    # with the extension: by every role that could dump the database without it
    server.sql('CREATE DATABASE whole')
    session = server.connect(database='whole')
    query(session, """CREATE ROLE reads_all LOGIN; GRANT pg_read_all_data TO reads_all;
        CREATE ROLE owns_all LOGIN; ALTER DATABASE whole OWNER TO owns_all; GRANT pg_read_server_files TO owns_all;
        CREATE ROLE owns_one LOGIN; CREATE SCHEMA app AUTHORIZATION owns_all; CREATE SCHEMA one AUTHORIZATION owns_one;
        CREATE TABLE one.t (id int); ALTER TABLE one.t OWNER TO owns_one; INSERT INTO one.t VALUES (1)""")
    dumps = [('reads_all', []), ('owns_all', ['-n', 'app']), ('owns_one', ['-n', 'one']), ('postgres', [])]

    def dump_as(role, rest):
        return program(server, 'pg_dump', '-U', role, '-Fc', '-f', os.path.join(work_folder(), f'{role}.dump'), *rest, 'whole').returncode

    equal([dump_as(*each) for each in dumps], [0] * len(dumps), 'each of these roles dumps what it may')
    query(session, 'CREATE EXTENSION sqlite_import')
    owner = server.connect(database='whole', user='owns_all')
    source = sources(0)[0]
    db = sqlite3.connect(source)
    db.execute("INSERT INTO child1 (label, amount) VALUES (NULL, 'many')")
    db.commit()
    db.close()
    migrate = "SELECT sqlite_import.migrate(%s, target_schema => 'app', types => 'declared', on_error => 'reject')"
    for each in (owner, session):
        query(each, 'DROP SCHEMA app CASCADE; CREATE SCHEMA app')
        query(each, migrate, (source,))
    query(session, 'ALTER SCHEMA app OWNER TO owns_all')
    query(session, "DO $$ BEGIN EXECUTE (SELECT string_agg(format('ALTER TABLE app.%I OWNER TO owns_all', relname), ';') FROM pg_class"
                   " WHERE relnamespace = 'app'::regnamespace AND relkind = 'r'); END $$")
    equal(query(session, 'SELECT count(DISTINCT role), (SELECT count(DISTINCT role_name) FROM sqlite_import.rejected_rows) FROM sqlite_import.runs'),
          [(2, 2)], 'two roles have runs and rejected rows')
    for role, rest in dumps:
        equal(dump_as(role, rest), 0, f'{role} does so with the extension')
    dump = os.path.join(work_folder(), 'whole.dump')
    equal(program(server, 'pg_dump', '-Fc', '-f', dump, 'whole').returncode, 0, 'a database with the extension is dumped')
    server.sql('CREATE DATABASE whole_copy')
    equal(program(server, 'pg_restore', '--exit-on-error', '-d', 'whole_copy', dump).returncode, 0, 'and restored')
    equal(rows(server, 'whole_copy'), rows(server, 'whole'), 'with all rows')
    equal(server.sql('SELECT (SELECT count(*) FROM sqlite_import.runs), (SELECT count(*) FROM sqlite_import.rejected_rows)', database='whole_copy'),
          [(0, 0)], 'but without the record, which is private')
    # a new run takes a number of its own there
    state, message = failure(server.connect(database='whole_copy'), migrate.replace("'app'", "'again'"), (source,))
    equal(state, '3F000', 'a schema that is not there') or diag(message)
    server.sql('CREATE SCHEMA again', database='whole_copy')
    equal(failure(server.connect(database='whole_copy'), migrate.replace("'app'", "'again'"), (source,))[0], '00000', 'and the extension works there')


run(main)
