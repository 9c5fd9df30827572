#!/usr/bin/python3
"""Two migrations into one schema at once: the loser is told what happened, and nothing of it stays."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Background, Server, diag, equal, failure, make_database, ok, query, run, tables_in, work_folder  # noqa: E402

MIGRATE = "SELECT count(*) FROM sqlite_import.migrate(%s, target_schema => 'app')"


def waits(server, background, seconds=60):
    """Whether the session comes to wait for a lock."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and background.is_alive():
        if server.sql("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", (background.pid,)) == [(True,)]:
            return True
        time.sleep(0.02)
    return False


def main():
    server = Server()
    path = make_database(os.path.join(work_folder(), 'app.db'), 100)
    session = server.connect()
    for end, state, words in (('COMMIT', '42P07', 'another session has made table app.'), ('ROLLBACK', '00000', '')):
        query(session, 'DROP SCHEMA IF EXISTS app CASCADE; CREATE SCHEMA app')
        query(session, 'BEGIN')
        equal(failure(session, MIGRATE, (path,))[0], '00000', f'{end}: the first has made its tables')
        second = Background(server, MIGRATE, (path,))
        ok(waits(server, second), f'{end}: the second waits for it')
        query(session, end)
        equal(second.outcome(), state, f'{end}: {"an error of its own" if words else "and goes on"}')
        ok(words in second.message and 'Keys that SQLite tells apart' not in second.message, f'{end}: that is true') or diag(second.message)
        equal(tables_in(server, 'app'), 3, f'{end}: the tables of one are there')
        equal(server.sql('SELECT count(*) FROM app.child1')[0][0], 100, f'{end}: with the rows of one')

    # the other is done when the second gets to its first table, but was not when it looked at the schema
    query(session, 'DROP SCHEMA app CASCADE; CREATE SCHEMA app')
    query(session, 'BEGIN; ALTER SEQUENCE sqlite_import.runs_run_seq CACHE 1')
    second = Background(server, MIGRATE, (path,))
    ok(waits(server, second), 'the second waits for the number of its run')
    query(session, 'CREATE TABLE app.parent (id int); COMMIT')
    equal(second.outcome(), '42P07', 'the table is there when it comes to it')
    ok('another session has made table app.parent' in second.message, 'and that is said') or diag(second.message)

    # a name of a table's row type, too
    query(session, 'DROP SCHEMA app CASCADE; CREATE SCHEMA app')
    query(session, 'BEGIN; CREATE TYPE app.parent AS (id int)')
    second = Background(server, MIGRATE, (path,))
    ok(waits(server, second), 'the second waits for a type of the same name')
    query(session, 'COMMIT')
    equal(second.outcome(), '42P07', 'which is told')
    ok('another session has made table app.parent' in second.message, 'as it is') or diag(second.message)

    # into tables that are there: load_if_empty loads into what is empty when it loads
    copy = "SELECT count(*) FROM sqlite_import.copy_tables(%s, 'app', '{parent,child1}')"
    for end, state, rows in (('COMMIT', '55000', 100), ('ROLLBACK', '00000', 100)):
        query(session, 'DROP SCHEMA app CASCADE; CREATE SCHEMA app; CREATE TABLE app.parent (id bigint, name text);'
                       'CREATE TABLE app.child1 (id bigint, parent_id bigint, label text, amount float8, made_at timestamp)')
        query(session, 'BEGIN')
        equal(failure(session, copy, (path,))[0], '00000', f'{end}: rows are loaded')
        second = Background(server, copy, (path,))
        ok(waits(server, second), f'{end}: another load into the same tables waits')
        bystander = server.connect()
        query(bystander, "SET lock_timeout = '20s'; INSERT INTO app.child1 (id) VALUES (-1); DELETE FROM app.child1 WHERE id = -1")
        query(bystander, 'VACUUM app.child1')
        ok(True, f'{end}: nobody else does')
        query(session, end)
        equal(second.outcome(), state, f'{end}: and then finds what there is') or diag(second.message)
        ok(state == '00000' or 'another session has put rows into table app.' in second.message, f'{end}: that is said') or diag(second.message)
        equal(server.sql('SELECT count(*) FROM app.child1')[0][0], rows, f'{end}: the rows are there once')


run(main)
