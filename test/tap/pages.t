#!/usr/bin/python3
"""Pages that the fast writer fills beside the shared buffers: sound, frozen, and still there after a crash.

PostgreSQL's own checkers look at them (contrib's amcheck and pg_visibility), and what COPY ... FREEZE
makes of the same rows is the measure: as many pages, the same rows on each.
"""
import os
import sqlite3
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Server, diag, equal, failure, ok, query, run, skip, work_folder  # noqa: E402

COLUMNS = ('id bigint NOT NULL, flag bool, small int2, ratio float8, half float4, word text, code char(5), raw bytea, token uuid,'
           ' price numeric(10,2), made timestamp, day date, tags text[], answer jsonb')
ROWS = 40000


def row(i):
    long = 'lorem ipsum dolor ' * (i % 3 * 400) if i % 1000 == 0 else 'x' * (i % 300)
    return (i, i % 2, i % 30000, i / 7, i / 4, None if i % 11 == 0 else f'{i} {long}', 'ab' if i % 5 else None,
            os.urandom(9000 if i % 2000 == 1 else i % 200), f'{i:032x}', None if i % 3 else i / 100,
            f'2024-01-{i % 28 + 1:02} 03:04:05', f'1999-12-{i % 28 + 1:02}', f'["a","{i}"]', f'{{"n": {i}}}')


def make(path, rows):
    db = sqlite3.connect(path)
    names = [column.split()[0] for column in COLUMNS.replace('10,2', '10').split(', ')]
    db.execute(f'CREATE TABLE t({", ".join(names)})')
    db.execute('CREATE TABLE narrow(a INTEGER PRIMARY KEY)')
    db.executemany(f'INSERT INTO t VALUES ({",".join("?" * len(names))})', (row(i) for i in range(rows)))
    db.executemany('INSERT INTO narrow VALUES (?)', ((i,) for i in range(rows)))
    db.commit()
    db.close()
    os.chmod(path, 0o644)
    return path


class Pages:
    def __init__(self, **settings):
        self.server = Server(**settings)
        self.folder = work_folder()
        self.path = make(os.path.join(self.folder, 'app.db'), ROWS)
        # contrib may be a package that is not here
        self.checkers = [name for name in ('amcheck', 'pg_visibility') if failure(self.server.connect(), f'CREATE EXTENSION {name}')[0] == '00000']

    def load(self, table, columns=COLUMNS, source='t', kind='', with_=''):
        session = self.server.connect()
        session.autocommit = False
        query(session, f'CREATE {kind} TABLE {table} ({columns}) {with_}')
        query(session, f"SELECT sqlite_import.copy_table('{self.path}', '{source}', '{table}')")
        session.commit()

    def shape(self, table):
        """Rows, pages that hold some, and what they hold."""
        return self.server.sql('SELECT count(*), count(DISTINCT (ctid::text::point)[0]), sum(hashtextextended(t::text, 0)::numeric)'
                               f' FROM {table} t')[0]

    def size(self, table):
        return self.server.sql(f"SELECT pg_relation_size('{table}')")[0][0]

    def check(self, table, what, frozen=True):
        if 'amcheck' in self.checkers:
            equal(self.server.sql(f"SELECT count(*), min(msg) FROM verify_heapam('{table}')"), [(0, None)], f'{what}: amcheck finds nothing')
        else:
            skip(f'{what}: amcheck', 'not installed')
        if 'pg_visibility' not in self.checkers:
            return skip(f'{what}: pg_visibility', 'not installed')
        if frozen:
            # where COPY's way is taken, PostgreSQL 16 and later append pages in bulk, and the last may stay empty
            pages = self.shape(table)[1]
            equal(self.server.sql(f"SELECT all_visible, all_frozen FROM pg_visibility_map_summary('{table}')")[0], (pages, pages), f'{what}: all frozen')
        return equal(self.server.sql(f"SELECT (SELECT count(*) FROM pg_check_frozen('{table}')), (SELECT count(*) FROM pg_check_visible('{table}'))"),
                     [(0, 0)], f'{what}: pg_visibility finds nothing')


def kinds(pages):
    """Against COPY of the same rows."""
    file = os.path.join(pages.server.data, 'copy')
    for name, columns, source, kind, with_ in (
            ('plain', COLUMNS, 't', '', ''), ('narrow', 'a int', 'narrow', '', ''), ('filled', COLUMNS, 't', '', 'WITH (fillfactor = 60)'),
            ('unlogged', COLUMNS, 't', 'UNLOGGED', ''), ('checked', COLUMNS.replace('small int2', 'small int2 CHECK (small >= 0)'), 't', '', '')):
        pages.load(name, columns, source, kind, with_)
        pages.server.sql(f"COPY {name} TO '{file}' (FORMAT binary)")
        session = pages.server.connect()
        session.autocommit = False
        query(session, f'CREATE {kind} TABLE {name}_copied ({columns}) {with_}')
        query(session, f"COPY {name}_copied FROM '{file}' (FORMAT binary, FREEZE)")
        session.commit()
        equal(pages.shape(name), pages.shape(name + '_copied'), f'{name}: as COPY makes it')
        equal(pages.size(name), pages.shape(name)[1] * 8192, f'{name}: no page is empty')
        pages.check(name, name)


def odd_tables(pages):
    session = pages.server.connect()
    session.autocommit = False
    query(session, 'CREATE TABLE dropped (gone int, id bigint, gone_too text, word text)')
    query(session, 'ALTER TABLE dropped DROP gone, DROP gone_too')
    query(session, f"SELECT sqlite_import.copy_table('{pages.path}', 't', 'dropped', '{{id,word}}', '{{id,word}}')")
    session.commit()
    pages.check('dropped', 'dropped columns')
    equal(pages.server.sql('SELECT count(*), count(word) FROM dropped')[0], pages.server.sql('SELECT count(*), count(word) FROM plain')[0],
          'dropped columns: the rows')
    query(session, 'TRUNCATE dropped')
    query(session, f"SELECT sqlite_import.copy_table('{pages.path}', 't', 'dropped', '{{id,word}}', '{{id,word}}')")
    query(session, f"SELECT sqlite_import.copy_table('{pages.path}', 't', 'dropped', '{{id,word}}', '{{id,word}}')")
    query(session, "INSERT INTO dropped VALUES (-1, 'by hand')")
    session.commit()
    pages.check('dropped', 'truncated, copied twice, inserted into', frozen=False)
    equal(pages.server.sql('SELECT count(*) FROM dropped')[0][0], 2 * ROWS + 1, 'truncated, copied twice, inserted into: the rows')
    query(session, 'CREATE TABLE undone (a int)')
    query(session, 'SAVEPOINT s')
    query(session, 'TRUNCATE undone')
    query(session, f"SELECT sqlite_import.copy_table('{pages.path}', 'narrow', 'undone')")
    query(session, 'ROLLBACK TO s')
    equal(query(session, 'SELECT count(*) FROM undone')[0][0], 0, 'a rolled-back savepoint takes the rows with it')
    query(session, 'CREATE TEMP TABLE passing (a int)')
    query(session, f"SELECT sqlite_import.copy_table('{pages.path}', 'narrow', 'passing')")
    equal(query(session, 'SELECT count(*) FROM passing')[0][0], ROWS, 'a temporary table')
    session.rollback()
    wide = ', '.join(f'c{i} int8 DEFAULT {i}' for i in range(1100))
    db = sqlite3.connect(os.path.join(pages.folder, 'wide.db'))
    db.execute(f'CREATE TABLE wide({", ".join(f"c{i}" for i in range(1100))})')
    db.execute(f'INSERT INTO wide VALUES ({", ".join("1" * 1100)})')
    db.commit()
    db.close()
    os.chmod(os.path.join(pages.folder, 'wide.db'), 0o644)
    state, message = failure(pages.server.connect(), f"""BEGIN; CREATE TABLE wide ({wide});
        SELECT sqlite_import.copy_table('{os.path.join(pages.folder, "wide.db")}', 'wide', 'wide')""")
    ok(state == '54000' and 'row is too big: size 8824, maximum size 8160' in message and 'row 1' in message, 'a row too big for a page') or diag(message)


def crashes(pages, what):
    """What was committed is there after the machine stops, whenever a checkpoint was."""
    done = threading.Event()
    checkpoints = []

    def checkpoint():
        session = pages.server.connect()
        while not done.is_set():
            query(session, 'CHECKPOINT')
            checkpoints.append(1)
    thread = threading.Thread(target=checkpoint)
    thread.start()
    wanted = []
    for number in range(2):
        pages.load(f'kept{number}')
        wanted.append(pages.shape(f'kept{number}'))
    done.set()
    thread.join()
    ok(checkpoints, f'{what}: {len(checkpoints)} checkpoints meanwhile')
    pages.load('kept2')
    wanted.append(pages.shape('kept2'))
    session = pages.server.connect()
    session.autocommit = False
    query(session, f'CREATE TABLE lost ({COLUMNS})')
    query(session, f"SELECT sqlite_import.copy_table('{pages.path}', 't', 'lost')")
    pages.server.kill()
    pages.server.start()
    equal([pages.shape(f'kept{number}') for number in range(3)], wanted, f'{what}: every row is there after a crash')
    for number in (0, 2):
        pages.check(f'kept{number}', f'{what}: after a crash')
    equal(pages.server.sql("SELECT to_regclass('lost')")[0][0], None, f'{what}: what was not committed is not')


def main():
    pages = Pages()
    kinds(pages)
    odd_tables(pages)
    crashes(pages, 'wal_level = replica')
    pages.server.stop()
    for settings in ({'wal_level': 'minimal', 'max_wal_senders': '0'}, {'wal_level': 'logical', 'full_page_writes': 'off'},
                     {'wal_compression': 'pglz'}):
        other = Pages(**settings)
        crashes(other, ', '.join(f'{name} = {value}' for name, value in settings.items()))
        with open(other.server.log, encoding='utf-8', errors='replace') as stream:
            ok('PANIC' not in stream.read(), 'no panic')
        other.server.stop()


run(main)
