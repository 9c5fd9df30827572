#!/usr/bin/python3
"""The attack room: whoever may write beside a database tries to hang, crash or misuse the server.

Files of every kind in the place of the -journal, the -wal and the -shm, journals that name other files, a
-shm that is truncated under an open connection, folders swapped for links; against every entry, as an
administrator and as a role that has no more than USAGE on a server.  No statement may last, no session may
die, and no file but the database's own may be touched.
"""
import ctypes
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import (Server, diag, equal, failure, give_to_server, make_database, ok, query, run, skip, work_folder)  # noqa: E402

LIMIT = 10  # seconds that a statement may take; each takes some milliseconds
ROWS = 300
SUFFIXES = ('-journal', '-wal', '-shm')
MAGIC = bytes.fromhex('d9d505f920a163d7')


class Room:
    """A server with one database in a folder, named by a read-only and by an updatable foreign server."""

    def __init__(self):
        self.server = Server()
        self.folder = work_folder()
        self.path = os.path.join(self.folder, 'app.db')
        self.victim = os.path.join(work_folder(), 'victim')
        self.postmaster = self.server.postmaster()
        self.watch = self.server.connect()
        self.server.sql(f"""
            CREATE ROLE guest LOGIN; CREATE SCHEMA guest AUTHORIZATION guest;
            CREATE SERVER reading FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{self.path}');
            CREATE SERVER writing FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{self.path}', updatable 'true');
            GRANT USAGE ON FOREIGN SERVER reading, writing TO guest;
            CREATE FOREIGN TABLE read (id int, label text) SERVER reading OPTIONS ("table" 'child1');
            CREATE FOREIGN TABLE written (id int, label text) SERVER writing OPTIONS ("table" 'child1');
            GRANT SELECT, INSERT ON read, written TO guest""")

    def entries(self, role):
        """What can be done with the file: name, statement."""
        source = self.path if role == 'postgres' else 'reading'
        return (
            ('source_info', f"SELECT sqlite_import.source_info('{source}', true)"),
            ('migrate', f"SELECT sqlite_import.migrate('{source}', target_schema => 'guest')"),
            ('IMPORT FOREIGN SCHEMA', 'IMPORT FOREIGN SCHEMA main FROM SERVER reading INTO guest'),
            ('SELECT, read-only', 'SELECT count(label) FROM read'),
            ('SELECT, updatable', 'SELECT count(label) FROM written'),
            ('INSERT', "INSERT INTO written (id, label) VALUES (100000, 'new')"),
        )

    def wait_for_sessions(self):
        """A session that is over may still be closing the file."""
        others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        end = time.monotonic() + LIMIT
        while query(self.watch, others) != [(0,)] and time.monotonic() < end:
            time.sleep(0.002)

    def renew(self, journal_mode='delete', rows=ROWS):
        """The database as it was, with nothing beside it."""
        self.wait_for_sessions()
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        make_database(self.path, rows, journal_mode, tables=1)
        self.belong()
        with open(self.victim, 'w', encoding='utf-8') as stream:
            stream.write('precious')
        give_to_server(self.victim)

    def belong(self):
        """Whatever lies there may be opened by the server."""
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            if not os.path.islink(path):
                give_to_server(path)
                os.chmod(path, 0o777 if os.path.isdir(path) else 0o666)

    def is_unharmed(self):
        with open(self.victim, 'rb') as stream:
            return stream.read() == b'precious' and self.server.postmaster() == self.postmaster


def within_limit(session, statement):
    """The SQLSTATE of a statement; 'hangs' if it outlasts the limit."""
    result = []
    worker = threading.Thread(target=lambda: result.append(failure(session, statement)), daemon=True)
    worker.start()
    worker.join(LIMIT)
    return result[0] if result else ('hangs', statement)


def put(kind, path, victim):
    """Makes a file of that kind; False if the machine does not let us."""
    if kind == 'FIFO':
        os.mkfifo(path)
    elif kind == 'socket':
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(path)
    elif kind == 'device':
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero: it never ends
        except PermissionError:
            return False
    elif kind == 'folder':
        os.mkdir(path)
    elif kind == 'link':
        os.symlink(victim, path)
    elif kind == 'link into nothing':
        os.symlink(victim + '.missing', path)
    return True


def try_entries(room, name, prepare, allowed):
    """Every entry by both roles on files that 'prepare' makes; what came out, as one test each."""
    for role in ('postgres', 'guest'):
        for entry, statement in room.entries(role):
            prepare()
            session = room.server.connect(user=role)
            session.autocommit = False
            state, message = within_limit(session, statement)
            expected = allowed(entry) if callable(allowed) else allowed
            if state not in expected or not room.is_unharmed():
                ok(False, f'{name}: {entry} as {role}')
                diag(f'{state} {message}, expected {expected}; unharmed: {room.is_unharmed()}')
            if state == 'hangs':
                return
            session.close()
    ok(room.is_unharmed(), f'{name}: every entry, as administrator and as guest')


def irregular_files(room):
    for mode in ('delete', 'wal'):
        for suffix in ('',) + SUFFIXES:
            for kind in ('FIFO', 'socket', 'device', 'folder', 'link', 'link into nothing'):
                made = []

                def prepare():
                    room.renew(mode)
                    if suffix == '':
                        os.unlink(room.path)
                    made.append(put(kind, room.path + suffix, room.victim))
                    room.belong()

                prepare()
                if not made[0]:
                    skip(f'{kind} as {suffix}', 'needs the right to make devices')
                    continue
                # a path that is a link leads to what it names: no database, or nothing
                allowed = ('42809',) if suffix else ('42809', '22P04', '58P01')
                try_entries(room, f'{kind} as {suffix or "the database"} ({mode})', prepare, allowed)


def irregular_files_later(room):
    """The connections are open when the file comes; when it is gone, they go on."""
    for mode in ('delete', 'wal'):
        for suffix in SUFFIXES:
            for kind in ('FIFO', 'folder', 'link'):
                room.renew(mode)
                session = room.server.connect()
                states = []
                for statement in ('SELECT count(label) FROM read', 'SELECT count(label) FROM written'):
                    states.append(within_limit(session, statement)[0])
                    beside = room.path + suffix
                    moved = os.path.exists(beside) and os.rename(beside, room.path + '.moved') is None
                    put(kind, beside, room.victim)
                    states.append(within_limit(session, statement)[0])
                    os.rmdir(beside) if kind == 'folder' else os.unlink(beside)
                    if moved:
                        os.rename(room.path + '.moved', beside)
                    states.append(within_limit(session, statement)[0])
                session.close()
                fine = all(state in ('00000', '42809') for state in states) and states[::3] == states[2::3] == ['00000'] * 2
                ok(fine and room.is_unharmed(), f'{kind} comes as {suffix} ({mode}) under open connections') or diag(states)


def second_names(room):
    """The files beside it are other files' second names: what is written would be written there."""
    for mode in ('delete', 'wal'):
        for suffix in SUFFIXES:
            def prepare():
                room.renew(mode)
                victim = os.path.join(room.folder, 'victim')
                with open(victim, 'w', encoding='utf-8') as stream:
                    stream.write('precious')
                room.belong()
                os.link(victim, room.path + suffix)

            try_entries(room, f'{suffix} is another file, too ({mode})', prepare, ('00000', '55000'))
            prepare()
            failure(room.server.connect(), "INSERT INTO written (id, label) VALUES (100000, 'new')")
            with open(os.path.join(room.folder, 'victim'), 'rb') as stream:
                equal(stream.read(), b'precious', f'the other file is as it was, {suffix} ({mode})')


def leave_hot_journal(room, super_journal=None):
    """The files that a killed application leaves; the journal may end with a super-journal's name."""
    room.renew()
    busy = os.path.join(room.folder, 'busy.db')
    os.rename(room.path, busy)
    db = sqlite3.connect(busy, isolation_level=None)
    page_size = db.execute('PRAGMA page_size').fetchone()[0]
    db.execute('PRAGMA synchronous=off')
    db.execute('PRAGMA cache_size=1')
    db.execute('BEGIN')
    db.execute("UPDATE child1 SET label = NULL")
    for suffix in ('', '-journal'):
        shutil.copy(busy + suffix, room.path + suffix)
    db.close()
    os.unlink(busy)
    if super_journal is not None:
        name = super_journal.encode()
        with open(room.path + '-journal', 'ab') as stream:
            stream.write((0x40000000 // page_size + 1).to_bytes(4, 'big') + name + len(name).to_bytes(4, 'big')
                         + (sum(name) % 2**32).to_bytes(4, 'big') + MAGIC)
    room.belong()


def journals(room):
    try_entries(room, 'a hot journal', lambda: leave_hot_journal(room), ('00000',))
    leave_hot_journal(room)
    equal(room.server.sql('SELECT count(label) FROM written'), [(ROWS,)], 'which is rolled back')

    control = os.path.join(room.server.data, 'global', 'pg_filenode.map.copy')
    shutil.copy(os.path.join(room.server.data, 'global', 'pg_filenode.map'), control)
    give_to_server(control)
    fifo = os.path.join(work_folder(), 'fifo')
    os.mkfifo(fifo)
    give_to_server(fifo)
    os.chmod(fifo, 0o666)
    for what, name in (('a file of the data directory', control), ('the victim', room.victim), ('a FIFO', fifo),
                       ('nothing', room.victim + '.missing'), ('itself', room.path + '-journal')):
        try_entries(room, f'a hot journal that names {what}', lambda name=name: leave_hot_journal(room, name), ('55000',))
        ok(os.path.exists(room.path + '-journal'), 'which stays')
    ok(os.path.exists(control), 'the file of the data directory is there')
    message = failure(room.server.connect(), 'SELECT * FROM written')[1]
    ok('super-journal' in message and 'HINT' in message, 'the message says what to do') or diag(message)
    # the transaction of an application that was cut off while it wrote two databases
    leave_hot_journal(room, room.path + '-super')
    with open(room.path + '-super', 'wb') as stream:
        stream.write(room.path.encode() + b'-journal\0')
    equal(failure(room.server.connect(), 'SELECT * FROM written')[0], '55000', 'an honest super-journal is refused, too')
    subprocess.run(['sqlite3', room.path, 'SELECT count(*) FROM sqlite_schema'], check=True, capture_output=True)
    equal(room.server.sql('SELECT count(label) FROM written'), [(ROWS,)], 'and doing what the hint says helps')


def truncated_index(room):
    """The -shm is truncated while it is mapped: between two statements, within a transaction, and by no one in particular."""
    shm = room.path + '-shm'
    for left in (0, 100, 4096, 20000):
        for role in ('postgres', 'guest'):
            room.renew('wal')
            session = room.server.connect(user=role)
            before = within_limit(session, 'SELECT count(*) FROM written')[0]
            os.truncate(shm, left)
            states = [before] + [within_limit(session, 'SELECT count(*) FROM written')[0] for _ in range(2)]
            ok(states[0] == '00000' and states[1] in ('00000', '55006') and states[2] == '00000' and room.is_unharmed(),
               f'-shm truncated to {left} between two SELECTs as {role}: {states[1]}, then {states[2]}') or diag(states)
            equal(query(session, 'SELECT count(*) FROM written'), [(ROWS,)], 'all rows are there')
            session.close()

    room.renew('wal')
    session = room.server.connect()
    session.autocommit = False
    query(session, "INSERT INTO written (id, label) VALUES (100001, 'new')")
    os.truncate(shm, 0)
    state = within_limit(session, "INSERT INTO written (id, label) SELECT n, 'new' FROM generate_series(100002, 100500) n")[0]
    if state == '00000':
        state = failure(session, 'COMMIT')[0]
    session.rollback()
    ok(state in ('55006', '00000'), f'-shm truncated within a transaction: {state}')
    expected = ROWS + 500 if state == '00000' else ROWS
    equal(query(session, 'SELECT count(*) FROM written'), [(expected,)], 'all or nothing')
    session.close()

    # beside an application that keeps the file open, whose -wal holds rows
    for entry, statement in room.entries('postgres'):
        room.renew('wal')
        neighbour = subprocess.Popen([sys.executable, '-c', f'''
import sqlite3, sys
db = sqlite3.connect({room.path!r}, isolation_level=None)
db.execute('PRAGMA wal_autocheckpoint=0')
db.execute("UPDATE child1 SET label = label || 'x'")
print(flush=True)
sys.stdin.readline()
'''], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        neighbour.stdout.readline()
        room.belong()
        os.truncate(shm, 0)
        state, message = within_limit(room.server.connect(), statement)
        ok(state in ('00000', '55006', '55P03') and room.is_unharmed(),
           f'-shm truncated beside an application, {entry}: {state}') or diag(message)
        neighbour.kill()  # its mapping is truncated, too
        neighbour.wait()
    states = []
    stop = threading.Event()

    def truncate():
        while not stop.is_set():
            try:
                os.truncate(shm, 0)
            except FileNotFoundError:
                pass

    # so many rows that a thread reads ahead of the backend: the signal comes to it
    many = 20000
    room.renew('wal', many)
    attacker = threading.Thread(target=truncate)
    attacker.start()
    session, end = room.server.connect(), time.monotonic() + 3
    while time.monotonic() < end and (not states or states[-1] not in ('died', 'hangs')):
        for statement in ("SELECT count(*) FROM written WHERE label || random() <> ''", "UPDATE written SET label = 'new' WHERE id = 7"):
            states.append(within_limit(session, statement)[0])
    stop.set()
    attacker.join()
    ok({'died', 'hangs', 'XX000'}.isdisjoint(states) and room.is_unharmed(), '-shm truncated all the time: no session dies')
    diag({state: states.count(state) for state in set(states)})
    session.close()
    room.wait_for_sessions()
    equal(sqlite3.connect(room.path).execute('PRAGMA integrity_check').fetchall(), [('ok',)], 'and the file is whole')


def exchange(one, other):
    """Swaps two names at once (renameat2, RENAME_EXCHANGE)."""
    libc = ctypes.CDLL(None)
    libc.renameat2(-100, one.encode(), -100, other.encode(), 2)


def folders_swapped(room):
    """allowed_directories names what is opened, whatever the path is turned into on the way."""
    allowed, forbidden = work_folder(), work_folder()
    for folder, number in ((os.path.join(allowed, 'in'), 1), (os.path.join(forbidden, 'in'), 666)):
        os.mkdir(folder)
        give_to_server(folder)
        db = sqlite3.connect(os.path.join(folder, 'app.db'))
        db.execute(f'PRAGMA application_id={number}')
        db.execute('CREATE TABLE t(a)')
        db.close()
        give_to_server(os.path.join(folder, 'app.db'))
    os.symlink(os.path.join(forbidden, 'in'), os.path.join(allowed, 'link'))
    room.server.sql("""CREATE FUNCTION public.look(path text) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN RETURN application_id FROM sqlite_import.source_info(path);
        EXCEPTION WHEN OTHERS THEN RETURN sqlstate; END $$""")
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            exchange(os.path.join(allowed, 'in'), os.path.join(allowed, 'link'))

    session = room.server.connect()
    query(session, f"SET sqlite_import.allowed_directories = '{allowed}'")
    attacker = threading.Thread(target=swap)
    attacker.start()
    seen, end = {}, time.monotonic() + 4
    while time.monotonic() < end:
        for state, count in query(session, "SELECT look(%s), count(*) FROM generate_series(1, 200) GROUP BY 1", (f'{allowed}/in/app.db',)):
            seen[state] = seen.get(state, 0) + count
    stop.set()
    attacker.join()
    ok('666' not in seen and '1' in seen, 'a folder swapped for a link never leads out of allowed_directories') or diag(seen)
    diag(seen)
    ok(set(seen) <= {'1', '42501', '58P01'}, 'what is not read is an ordinary error') or diag(seen)


def data_directory_behind_a_link(room):
    server = room.server
    real = os.path.join(server.folder, 'real')
    tablespace = os.path.join(server.folder, 'tablespace')
    os.mkdir(tablespace)
    give_to_server(tablespace)
    server.sql(f"CREATE TABLESPACE other LOCATION '{tablespace}'")
    server.stop()
    os.rename(server.data, real)
    os.symlink(real, server.data)
    server.start()
    room.postmaster = server.postmaster()
    for number, folder in enumerate((server.data, real, os.path.join(server.data, 'base'), tablespace)):
        path = make_database(os.path.join(folder, 'app.db'), 10)
        give_to_server(path)
        with open(path, 'rb') as stream:
            before = stream.read()
        server.sql(f"""CREATE SERVER inside{number} FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}', updatable 'true');
                   CREATE FOREIGN TABLE inside{number} (id int, label text) SERVER inside{number} OPTIONS ("table" 'child1')""")
        state = failure(server.connect(), f"INSERT INTO inside{number} (id, label) VALUES (1000, 'new')")[0]
        equal(state, '42501', f'a file of the data directory is never written, folder {number}')
        equal(server.sql(f'SELECT count(*) FROM inside{number}'), [(10,)], 'and read without writing')
        with open(path, 'rb') as stream:
            equal(stream.read(), before, 'it is as it was')
        equal([name for name in os.listdir(folder) if name.startswith('app.db-')], [], 'with nothing beside it')
        os.unlink(path)


def main():
    os.umask(0o022)
    room = Room()
    tests = (irregular_files, irregular_files_later, second_names, journals, truncated_index, folders_swapped, data_directory_behind_a_link)
    for test in [test for test in tests if not sys.argv[1:] or test.__name__ in sys.argv[1:]]:  # by name, or all
        began = time.monotonic()
        test(room)
        diag(f'{test.__name__}: {time.monotonic() - began:.1f} s')
    with open(room.server.log, encoding='utf-8', errors='replace') as stream:
        log = stream.read()
    ok('PANIC' not in log and 'was terminated by signal' not in log, 'the server never crashed')


run(main)
