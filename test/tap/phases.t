#!/usr/bin/python3
"""Other sessions do not wait for SQLite, nor does a cancel, in any phase of the work on a big file.

Beside each phase (assess, profile, plan, load, building of indexes, verify, quick check, scans of the wrapper) another
session drops a database, which every backend has to answer (a ProcSignalBarrier), and then the phase is cancelled: the
answer and the cancel have to come within a second.  What DROP DATABASE does besides, as the checkpoint, is not counted:
the machine may be busy.  The file is big enough for each phase to last; PHASES_MB says how big (1000 for the figures of
docs/reliability.md), PHASES_MOMENTS when to strike, as shares.
"""
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Background, Server, diag, ok, query, run, skip, work_folder  # noqa: E402

MEGABYTES = int(os.environ.get('PHASES_MB', '40'))
MOMENTS = [float(share) for share in os.environ.get('PHASES_MOMENTS', '0.5').split()]
WITHIN = 1.0


def big_file(path, megabytes):
    """Parents and children with keys, indexes and texts that are looked at: about so many megabytes."""
    rows = megabytes * 1024 * 1024 // 190
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('PRAGMA synchronous = off')
    db.execute('PRAGMA journal_mode = memory')
    db.execute('CREATE TABLE parent(id INTEGER PRIMARY KEY, code TEXT UNIQUE)')
    db.execute('CREATE TABLE child(id INTEGER PRIMARY KEY, parent_code TEXT REFERENCES parent(code), label TEXT, made_at DATETIME, CHECK (length(label) < 1000))')
    db.execute('BEGIN')
    numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {})'
    db.execute(f"INSERT INTO parent {numbers.format(rows // 10)} SELECT i, 'code ' || i FROM n")
    db.execute(f"""INSERT INTO child {numbers.format(rows)} SELECT i, 'code ' || (i * 7919 % {rows // 10} + 1), printf('label %d %.60c', i * 7919 % {rows}, 'x'),
                   datetime(1600000000 + i, 'unixepoch') FROM n""")
    db.execute('COMMIT')
    db.execute('CREATE INDEX child_label ON child(label)')
    db.execute('CREATE INDEX child_parent ON child(parent_code)')
    db.execute('CREATE VIEW labels AS SELECT parent_code, count(*) AS n, max(label) AS greatest FROM child GROUP BY parent_code')
    # seconds within one step of SQLite's, whatever the size
    db.execute("""CREATE VIEW pairs AS SELECT count(*) AS n FROM (SELECT id FROM parent LIMIT 9000) AS a, (SELECT id FROM parent LIMIT 9000) AS b
                  WHERE a.id * 7919 % 1000003 = b.id""")
    db.close()
    os.chmod(path, 0o644)


class Phases:
    def __init__(self):
        self.server = Server(max_wal_size='2GB')
        self.folder = work_folder()
        self.path = os.path.join(self.folder, 'big.db')
        began = time.monotonic()
        big_file(self.path, MEGABYTES)
        diag(f'{os.path.getsize(self.path) / 1048576:.0f} MB made in {time.monotonic() - began:.1f} s')
        self.server.sql(f"""CREATE SCHEMA app; CREATE SCHEMA remote;
            CREATE SERVER s FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{self.path}');
            IMPORT FOREIGN SCHEMA main FROM SERVER s INTO remote""")
        self.number = 0
        self.slowest = {}
        self.canceller = self.server.connect()
        self.make_database()
        diag(f'beside nothing other sessions wait for {self.drop_database():.2f} s')

    def make_database(self):
        self.number += 1
        self.server.sql(f'CREATE DATABASE doomed{self.number} STRATEGY file_copy')

    def drop_database(self):
        """How long another session waits for the answers of all backends."""
        watcher = self.server.connect()
        drop = Background(self.server, f'DROP DATABASE doomed{self.number}')
        first = last = 0
        while drop.state is None:
            event = query(watcher, 'SELECT wait_event FROM pg_stat_activity WHERE pid = %s', (drop.pid,))
            now = time.monotonic()
            if event and event[0][0] == 'ProcSignalBarrier':
                first = first or now
                last = now
            time.sleep(0.005)
        watcher.close()
        drop.session.close()
        return last - first

    def duration(self, statement, before):
        session = self.server.connect()
        for each in before:
            query(session, each)
        began = time.monotonic()
        query(session, 'BEGIN')
        query(session, statement)
        query(session, 'ROLLBACK')
        session.close()
        return time.monotonic() - began

    def beside(self, phase, statement, before=(), at=None):
        """Strikes at shares of its time; at: when the view of the runs shows such a step."""
        duration = self.duration(statement, before)
        if duration < 0.3:
            skip(phase, f'over after {duration:.2f} s: PHASES_MB makes it longer')
            return
        for share in [0] if at else MOMENTS:
            name = f'{phase} ({duration:.1f} s)' + ('' if at else f' at {share:.0%}')
            for what, strike in (('answer', self.drop_database), ('cancel', None)):
                if strike:
                    self.make_database()
                job = Background(self.server, 'BEGIN; ' + statement, before=before)
                reached = self.wait_for(job, at) if at else time.sleep(duration * share) or True
                took = strike() if strike else self.cancel(job)
                query(self.canceller, f'SELECT pg_cancel_backend({job.pid})')
                state = job.outcome(60)
                job.session.close()
                if not reached or (state == '00000' and not strike):
                    skip(f'{name}: {what}', f'it was over before: {state}')
                    continue
                self.slowest[what] = max(self.slowest.get(what, 0), took)
                ok(took < WITHIN and state in ('57014', '00000'), f'{name}: {what} after {took:.2f} s ({state})') or diag(job.message)

    def cancel(self, job):
        began = time.monotonic()
        query(self.canceller, f'SELECT pg_cancel_backend({job.pid})')
        job.outcome(60)
        return time.monotonic() - began

    def wait_for(self, job, step):
        """True when the view of the runs shows such a step of it."""
        watcher = self.server.connect()
        end = time.monotonic() + 120
        while job.state is None and time.monotonic() < end:
            if query(watcher, 'SELECT 1 FROM sqlite_import.progress WHERE pid = %s AND phase = %s', (job.pid, step)):
                return True
            time.sleep(0.005)
        return False


def functions(phases):
    path = phases.path
    one = ['SET sqlite_import.reader_threads = 0']
    phases.beside('assess', f"SELECT * FROM sqlite_import.assess('{path}')")
    phases.beside('profile', f"SELECT * FROM sqlite_import.profile('{path}')")
    phases.beside('profile alone', f"SELECT * FROM sqlite_import.profile('{path}')", one)
    phases.beside('plan', f"SELECT * FROM sqlite_import.plan('{path}')")
    phases.beside('quick check', f"SELECT * FROM sqlite_import.source_info('{path}', true)")
    phases.beside('migrate', f"SELECT * FROM sqlite_import.migrate('{path}', target_schema => 'app', on_existing => 'replace', quick_check => true)")
    for step in ('load', 'key', 'index', 'foreign key', 'verify'):
        phases.beside(f'migrate, {step}', f"SELECT * FROM sqlite_import.migrate('{path}', target_schema => 'app', on_existing => 'replace')", at=step)
    phases.beside('migrate alone', f"SELECT * FROM sqlite_import.migrate('{path}', target_schema => 'app', on_existing => 'replace')", one)


def verification(phases):
    phases.server.sql(f"SELECT sqlite_import.migrate('{phases.path}', target_schema => 'app')")
    call = f"SELECT * FROM sqlite_import.verify('{phases.path}', target_schema => 'app')"
    phases.beside('verify', call)
    phases.beside('verify alone', call, ['SET sqlite_import.reader_threads = 0'])
    phases.server.sql("UPDATE app.child SET label = label || '!' WHERE id % 1000 = 0")
    phases.beside('verify, with differences', call)


def wrapper(phases):
    one = ['SET sqlite_import.reader_threads = 0', 'SET max_parallel_workers_per_gather = 0']
    phases.beside('scan', "SELECT count(*) FROM (SELECT label || '' AS l FROM remote.child OFFSET 0) q WHERE l = 'x'")
    phases.beside('scan alone', "SELECT count(*) FROM (SELECT label || '' AS l FROM remote.child OFFSET 0) q WHERE l = 'x'", one)
    phases.beside('count', 'SELECT count(label), sum(length(parent_code)) FROM remote.child', one)
    phases.beside('sort', 'SELECT * FROM (SELECT made_at, label FROM remote.child ORDER BY made_at DESC, label OFFSET 1) q LIMIT 1', one)
    phases.beside('view', 'SELECT * FROM remote.labels', one)
    phases.beside('one long step', 'SELECT n FROM remote.pairs', one)
    phases.beside('join', 'SELECT count(*) FROM remote.child c JOIN remote.parent p ON p.code = c.parent_code WHERE p.id % 7 = 1', one)


def main():
    phases = Phases()
    functions(phases)
    verification(phases)
    wrapper(phases)
    diag('the slowest: ' + ', '.join(f'{what} {took:.2f} s' for what, took in phases.slowest.items()))


if __name__ == '__main__':
    run(main)
