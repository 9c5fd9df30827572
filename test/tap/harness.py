"""What the tests of this folder need: TAP output, a server of one's own, SQLite files.

The server is made of the installation that pg_config names, where the extension is installed
already (scripts/server DIR run prove test/tap); its data lie in a folder of the test's own, so
that it can be killed.  As root the server runs as user postgres.
"""
import atexit
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import psycopg2

_count = 0
_failed = 0


def ok(condition, name):
    global _count, _failed
    _count += 1
    if not condition:
        _failed += 1
    print(f"{'ok' if condition else 'not ok'} {_count} - {name}", flush=True)
    return bool(condition)


def equal(got, wanted, name):
    if not ok(got == wanted, name):
        diag(f'got {got!r}, wanted {wanted!r}')
    return got == wanted


def skip(name, reason):
    global _count
    _count += 1
    print(f'ok {_count} - {name} # SKIP {reason}', flush=True)


def diag(text):
    for line in str(text).splitlines():
        print(f'# {line}', flush=True)


def run(main):
    """Runs the test and ends the program as prove wants it."""
    try:
        main()
    except Exception:  # pylint: disable=broad-except
        diag(traceback.format_exc())
        ok(False, 'the test ran to its end')
    print(f'1..{_count}', flush=True)
    sys.exit(1 if _failed else 0)


def server_user():
    """What to put before a command for it to run as the server does."""
    return ['runuser', '-u', 'postgres', '--'] if os.getuid() == 0 else []


def give_to_server(folder):
    if os.getuid() == 0:
        user = pwd.getpwnam('postgres')
        os.chown(folder, user.pw_uid, user.pw_gid)
    os.chmod(folder, 0o755)


def work_folder():
    """A folder that the server may read and write, gone at the end."""
    folder = tempfile.mkdtemp(prefix='sqlite_import_tap_')
    give_to_server(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class Server:
    def __init__(self, **settings):
        self.bin = subprocess.run(['pg_config', '--bindir'], check=True, capture_output=True, text=True).stdout.strip()
        self.folder = work_folder()
        self.data = os.path.join(self.folder, 'data')
        self.log = os.path.join(self.folder, 'log')
        self._call([f'{self.bin}/initdb', '-D', self.data, '-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C'])
        settings = {'listen_addresses': '', 'port': '5432', 'unix_socket_directories': self.folder, 'shared_buffers': '32MB', 'max_connections': 20,
                    'autovacuum': 'off', **settings}
        with open(os.path.join(self.data, 'postgresql.conf'), 'a', encoding='utf-8') as conf:
            for name, value in settings.items():
                conf.write(f"{name} = '{value}'\n")
        atexit.register(self._stop_at_exit)
        self.start()
        self.sql('CREATE EXTENSION sqlite_import')

    def _call(self, command, check=True, **options):
        return subprocess.run(server_user() + command, check=check, cwd='/', stdout=subprocess.DEVNULL, **options)

    def start(self):
        preload = ['env', f"LD_PRELOAD={os.environ.get('SERVER_PRELOAD', '')}"]  # a sanitizer's runtime
        self._call(preload + [f'{self.bin}/pg_ctl', '-D', self.data, '-l', self.log, '-w', '-t', '120', 'start'])

    def stop(self, mode='fast'):
        self._call([f'{self.bin}/pg_ctl', '-D', self.data, '-w', '-m', mode, 'stop'], check=False)

    def _stop_at_exit(self):
        if os.path.exists(os.path.join(self.data, 'postmaster.pid')):
            self.stop('immediate')

    def postmaster(self):
        with open(os.path.join(self.data, 'postmaster.pid'), encoding='utf-8') as stream:
            return int(stream.readline())

    def kill(self):
        """The server dies as a machine does: postmaster and backends at once, without a word."""
        pids = [self.postmaster()]
        pids += [int(line) for line in subprocess.run(['ps', '-o', 'pid=', '--ppid', str(pids[0])], capture_output=True,
                                                      text=True, check=False).stdout.split()]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        end = time.monotonic() + 20
        while any(os.path.exists(f'/proc/{pid}') for pid in pids) and time.monotonic() < end:
            time.sleep(0.05)

    def environment(self):
        return {**os.environ, 'PGHOST': self.folder, 'PGPORT': '5432', 'PGUSER': 'postgres', 'PGDATABASE': 'postgres'}

    def connect(self, user='postgres', database='postgres', **options):
        connection = psycopg2.connect(host=self.folder, port=5432, user=user, dbname=database, **options)
        connection.autocommit = True
        return connection

    def wait_until_ready(self, seconds=60):
        """After a crash of a backend the postmaster recovers by itself."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.connect().close()
            except psycopg2.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def sql(self, statement, arguments=None, **connection):
        """Runs a statement in a session of its own; its rows, if it has any."""
        session = self.connect(**connection)
        try:
            return query(session, statement, arguments)
        finally:
            session.close()

    def temporary_files(self):
        found = []
        for base, folders, files in os.walk(self.data):
            found += [os.path.join(base, name) for name in folders + files if name.startswith('pgsql_tmp')]
        return [name for name in found if not os.path.isdir(name) or os.listdir(name)]


def query(session, statement, arguments=None):
    cursor = session.cursor()
    cursor.execute(statement, arguments)
    return cursor.fetchall() if cursor.description else []


def failure(session, statement, arguments=None):
    """The SQLSTATE that a statement fails with and its message; ('00000', '') if it does not fail."""
    try:
        query(session, statement, arguments)
        return '00000', ''
    except psycopg2.Error as error:
        return error.pgcode or ('died' if session.closed else 'client'), str(error)


class Background(threading.Thread):
    """A statement in a session of its own, beside the test."""

    def __init__(self, server, statement, arguments=None, before=(), **connection):
        super().__init__(daemon=True)
        self.session = server.connect(**connection)
        for each in before:
            query(self.session, each)
        self.pid = query(self.session, 'SELECT pg_backend_pid()')[0][0]
        self.statement, self.arguments = statement, arguments
        self.state, self.message, self.took = None, None, None
        self.start()

    def run(self):
        began = time.monotonic()
        self.state, self.message = failure(self.session, self.statement, self.arguments)
        self.took = time.monotonic() - began

    def outcome(self, seconds=120):
        self.join(seconds)
        return self.state


def make_database(path, rows=1000, journal_mode='delete', tables=2):
    """Tables of `rows` rows with keys, indexes and references between them."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('PRAGMA synchronous=off')
    db.execute(f'PRAGMA journal_mode={journal_mode}')
    db.execute('BEGIN')
    db.execute('CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)')
    db.executemany('INSERT INTO parent VALUES (?, ?)', ((i, f'parent {i}') for i in range(1, 101)))
    for number in range(1, tables + 1):
        db.execute(f'CREATE TABLE child{number} (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent(id),'
                   ' label TEXT, amount REAL, made_at DATETIME)')
        db.executemany(f'INSERT INTO child{number} VALUES (?, ?, ?, ?, ?)',
                       ((i, i % 100 + 1, f'label {i * 7919 % rows} ' + 'x' * 40, i / 4, '2024-01-02 03:04:05') for i in range(1, rows + 1)))
        db.execute(f'CREATE INDEX child{number}_label ON child{number}(label)')
        db.execute(f'CREATE INDEX child{number}_parent ON child{number}(parent_id, amount)')
    db.execute('COMMIT')
    db.close()
    os.chmod(path, 0o644)
    return path


def tables_in(server, schema):
    return server.sql("SELECT count(*) FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'", (schema,))[0][0]
