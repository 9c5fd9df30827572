#!/usr/bin/python3
"""Ten programs write the file without a pause, with a rollback journal and in WAL mode: each read gets one state.

BUSY_RUNS (default 30) migrations in each mode, and as many of the other ways to read.
"""
import multiprocessing
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Server, diag, equal, failure, ok, query, run, work_folder  # noqa: E402

RUNS = int(os.environ.get('BUSY_RUNS', '30'))
ROWS, WRITERS = 500, 10


def write(path, wal, stop, worst):
    """All rows at once: a torn read would have two values."""
    db = sqlite3.connect(path, isolation_level=None, timeout=60)
    db.execute('PRAGMA synchronous = off')
    if wal:
        db.execute('PRAGMA wal_autocheckpoint = 20')
    while not stop.is_set():
        began = time.monotonic()
        db.execute('BEGIN IMMEDIATE')
        db.execute('UPDATE v SET x = x + 1')
        db.execute('COMMIT')
        with worst.get_lock():
            worst.value = max(worst.value, time.monotonic() - began)
        time.sleep(0.02)
    db.close()


class Writers:
    def __init__(self, path, mode, count=WRITERS):
        self.stop, self.worst = multiprocessing.Event(), multiprocessing.Value('d', 0.0)
        self.processes = [multiprocessing.Process(target=write, args=(path, mode == 'wal', self.stop, self.worst), daemon=True) for _ in range(count)]

    def __enter__(self):
        for process in self.processes:
            process.start()
        time.sleep(0.3)
        return self

    def __exit__(self, *_):
        self.stop.set()
        for process in self.processes:
            process.join(60)


def make(path, mode):
    db = sqlite3.connect(path)
    db.execute(f'PRAGMA journal_mode = {mode}')
    db.execute('CREATE TABLE v(id INTEGER PRIMARY KEY, x INTEGER)')
    db.executemany('INSERT INTO v VALUES(?, 0)', ((i,) for i in range(ROWS)))
    db.commit()
    db.close()
    os.chmod(path, 0o666)


def beside(server, path, mode):
    ways = {'migrate': (f"SELECT sqlite_import.migrate('{path}', target_schema => 'busy')", 'SELECT count(*), count(DISTINCT x) FROM busy.v'),
            'a new session selects': (None, 'SELECT count(*), count(DISTINCT x) FROM v_of_server'),
            'source_info': (f"SELECT sqlite_import.source_info('{path}')", None),
            'assess': (f"SELECT count(*) FROM sqlite_import.assess('{path}')", None)}
    for name, (statement, look) in ways.items():
        states, torn = {}, []
        for number in range(RUNS if name == 'migrate' else RUNS // 2):
            session = server.connect()
            query(session, 'CREATE SCHEMA busy')
            state, message = failure(session, statement) if statement else ('00000', '')
            if state == '00000' and look:
                state, message = failure(session, f'DO $$ DECLARE rows int; states int; BEGIN {look} INTO rows, states;'
                                         f" IF rows <> {ROWS} OR states <> 1 THEN RAISE 'torn: %, %', rows, states; END IF; END $$")
            query(session, 'DROP SCHEMA busy CASCADE')
            session.close()
            states[state] = states.get(state, 0) + 1
            if state != '00000':
                torn.append(message)
        equal(list(states), ['00000'], f'{mode}, ten writers, {name}: {sum(states.values())} runs')
        if torn:
            diag(states)
            diag(torn[0])


def main():
    server = Server(client_min_messages='warning')
    for mode in ('delete', 'wal'):
        path = os.path.join(work_folder(), 'app.db')
        make(path, mode)
        server.sql('DROP SERVER IF EXISTS busy CASCADE')
        server.sql(f"CREATE SERVER busy FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}')")
        server.sql("CREATE FOREIGN TABLE v_of_server (id bigint, x bigint) SERVER busy OPTIONS (table 'v')")
        with Writers(path, mode):
            beside(server, path, mode)
        longest = 0
        with Writers(path, mode, 1) as writers:
            for _ in range(RUNS // 4):
                began = time.monotonic()
                server.sql(f"CREATE SCHEMA busy; SELECT sqlite_import.migrate('{path}', target_schema => 'busy'); DROP SCHEMA busy CASCADE")
                longest = max(longest, time.monotonic() - began)
        # SQLite looks at a lock again after a tenth of a second; the rest is for a loaded machine
        ok(writers.worst.value < longest + 2, f'{mode}: the writer waited {writers.worst.value:.2f} s, the longest run took {longest:.2f} s')


run(main)
