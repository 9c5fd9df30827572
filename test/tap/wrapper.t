#!/usr/bin/python3
"""The wrapper's transactions where a statement or the commit fails: a full disk, a serialization failure.

The disk is full by a library that the server is started with: it counts what SQLite writes into files of
one folder and refuses, as the kernel does, what goes beyond a number that the test sets.  So no right to
mount anything is needed, and the disk is full exactly where the test wants it.
"""
import mmap
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Server, diag, equal, failure, give_to_server, ok, query, run, skip, work_folder  # noqa: E402

# two numbers in a file: bytes that may be written (-1: no limit), and bytes that were
FULL_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static long *
numbers(void)
{
	static long *mapped;

	if (mapped == NULL)
	{
		int fd = open(getenv("FULL_DISK"), O_RDWR);

		mapped = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
	}
	return mapped;
}

static int
allowed(int fd, size_t size)
{
	char link[64], path[4096];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return 1;
	path[length] = 0;
	if (strstr(path, "/full_disk/") == NULL || strstr(path, "-shm") != NULL)
		return 1;
	if (numbers()[0] >= 0 && numbers()[1] + (long) size > numbers()[0])
	{
		errno = ENOSPC;
		return 0;
	}
	numbers()[1] += size;
	return 1;
}

#define INTERPOSE(name, parameters, arguments)                                                     \
	ssize_t name parameters                                                                        \
	{                                                                                              \
		static ssize_t(*real) parameters;                                                          \
		if (real == NULL)                                                                          \
			*(void **) &real = dlsym(RTLD_NEXT, #name);                                            \
		return allowed(fd, size) ? real arguments : -1;                                            \
	}
INTERPOSE(pwrite64, (int fd, const void *bytes, size_t size, off64_t at), (fd, bytes, size, at))
INTERPOSE(pwrite, (int fd, const void *bytes, size_t size, off_t at), (fd, bytes, size, at))
INTERPOSE(write, (int fd, const void *bytes, size_t size), (fd, bytes, size))
"""

ROWS = 2000


class FullDisk:
    """Numbers that the library reads; None if it cannot be made."""

    def __init__(self, folder):
        source, self.library, self.control = (os.path.join(folder, name) for name in ('full.c', 'full.so', 'numbers'))
        with open(source, 'w', encoding='utf-8') as stream:
            stream.write(FULL_DISK)
        with open(self.control, 'wb') as stream:
            stream.write(struct.pack('qq', -1, 0))
        os.chmod(self.control, 0o666)
        compiler = shutil.which('cc') or shutil.which('gcc') or shutil.which('clang')
        self.made = compiler is not None and subprocess.run([compiler, '-shared', '-fPIC', '-o', self.library, source, '-ldl'], check=False).returncode == 0
        if self.made:
            os.chmod(self.library, 0o755)
            with open(self.control, 'r+b') as stream:
                self.map = mmap.mmap(stream.fileno(), 16)

    def allow(self, size):
        self.map[:] = struct.pack('qq', size, 0)

    def written(self):
        return struct.unpack('qq', self.map[:])[1]


def make(path, mode):
    for name in (path, path + '-wal', path + '-shm', path + '-journal'):
        if os.path.exists(name):
            os.unlink(name)
    db = sqlite3.connect(path)
    db.execute(f'PRAGMA journal_mode = {mode}')
    db.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)')
    db.executemany('INSERT INTO t VALUES(?, ?)', ((i, 'x' * 500) for i in range(1, ROWS + 1)))
    db.commit()
    db.close()
    os.chmod(path, 0o666)


def rows(path):
    """Python's own reading: the rows that are new, those that were changed; and the state of the file."""
    db = sqlite3.connect(path)
    new = [i for i, in db.execute(f'SELECT id FROM t WHERE id > {ROWS} AND id < 100000 ORDER BY id')]
    many, = db.execute('SELECT count(*) FROM t WHERE id >= 100000').fetchone()
    changed, = db.execute("SELECT count(*) FROM t WHERE v LIKE 'y%'").fetchone()
    sound, = db.execute('PRAGMA integrity_check').fetchone()
    db.close()
    return new, many, changed, sound


BIG = {'insert': f"INSERT INTO t SELECT g + 100000, repeat('z', 1000) FROM generate_series(1, {ROWS * 2}) g",
       'update': "UPDATE t SET v = 'y' || repeat('y', 900)",
       'update row by row': "UPDATE t SET v = 'y' || v",
       'delete and insert': f"WITH gone AS (DELETE FROM t WHERE id <= {ROWS} RETURNING id) INSERT INTO t SELECT id + 100000, repeat('w', 900) FROM gone"}


def transaction(server, statement):
    """A row, a statement that may find the disk full, a row; how each ended."""
    session = server.connect()
    query(session, 'BEGIN')
    query(session, f"INSERT INTO t VALUES ({ROWS + 1}, 'first')")
    query(session, 'SAVEPOINT s')
    states = [failure(session, statement)[0]]
    if states[-1] != '00000':
        query(session, 'ROLLBACK TO s')
    states.append(failure(session, f"INSERT INTO t VALUES ({ROWS + 2}, 'second')")[0])
    if states[-1] != '00000':
        query(session, 'ROLLBACK TO s')
    states.append(failure(session, f"INSERT INTO t VALUES ({ROWS + 3}, 'third')")[0])
    if states[-1] != '00000':
        query(session, 'ROLLBACK TO s')
    states.append(failure(session, 'COMMIT')[0])
    session.close()
    return states


def full_disk(server, disk, folder):
    path = os.path.join(folder, 'full.db')
    for mode in ('delete', 'wal'):
        for what, statement in BIG.items():
            make(path, mode)
            disk.allow(-1)
            transaction(server, statement)
            whole = disk.written()
            ok(whole > ROWS * 100, f'{mode}, {what}: {whole} bytes are written where there is room')
            seen, wrong = set(), []
            for eighth in list(range(1, 8)) + [7.99]:
                make(path, mode)
                disk.allow(int(whole * eighth / 8))
                states = transaction(server, statement)
                disk.allow(-1)
                new, many, changed, sound = rows(path)
                seen.add(states[-1])
                # what the session was told is what is there
                committed = states[3] == '00000'
                wanted = [ROWS + number for number, state in ((1, '00000'), (2, states[1]), (3, states[2])) if state == '00000' and committed]
                survived = committed and states[0] == '00000'
                if sound != 'ok' or new != wanted or bool(many or changed) != survived or not set(states) <= {'00000', '53100', '25P02'}:
                    wrong.append((eighth, states, new, many, changed, sound))
            ok(not wrong, f'{mode}, {what}: after a full disk the file holds what the session was told') or diag(wrong)
            diag(f'{mode}, {what}: COMMIT gave {sorted(seen)}')
    make(path, 'delete')
    equal(transaction(server, 'SELECT 1'), ['00000'] * 4, 'the next transaction goes on')


def serialization(server, folder):
    """The failure that COMMIT finds comes before SQLite's commit, not after it."""
    path = os.path.join(folder, 'full.db')
    make(path, 'delete')
    server.sql('CREATE TABLE doctors (name text PRIMARY KEY, on_call boolean)')
    server.sql("INSERT INTO doctors VALUES ('ada', true), ('bob', true)")
    one, two = server.connect(), server.connect()
    for session, name in ((one, 'ada'), (two, 'bob')):
        query(session, 'BEGIN ISOLATION LEVEL SERIALIZABLE')
        query(session, 'SELECT count(*) FROM doctors WHERE on_call')
        query(session, 'UPDATE doctors SET on_call = false WHERE name = %s', (name,))
    query(two, f"INSERT INTO t VALUES ({ROWS + 1}, 'second')")
    query(one, 'COMMIT')
    equal(failure(two, 'COMMIT')[0], '40001', 'the second of two transactions that exclude each other fails at COMMIT')
    equal(rows(path)[0], [], 'and its row is not in the file')
    query(two, 'BEGIN ISOLATION LEVEL SERIALIZABLE')
    query(two, 'SELECT count(*) FROM doctors WHERE on_call')
    query(two, f"INSERT INTO t VALUES ({ROWS + 1}, 'again')")
    equal(failure(two, 'COMMIT')[0], '00000', 'run again, it commits')
    equal(rows(path)[0], [ROWS + 1], 'in both')
    one.close()
    two.close()


def locked_at_commit(server, folder):
    """A reader keeps one of two files from being committed: none is."""
    paths = [os.path.join(folder, 'full.db'), os.path.join(folder, 'other.db')]
    for path in paths:
        make(path, 'delete')
    server.sql(f"CREATE SERVER other FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{paths[1]}', updatable 'true', busy_timeout '50ms')")
    server.sql("CREATE FOREIGN TABLE other (id bigint, v text) SERVER other OPTIONS (table 't')")
    for first, second in (('t', 'other'), ('other', 't')):
        reader = sqlite3.connect(paths[1], isolation_level=None)
        reader.execute('BEGIN')
        reader.execute('SELECT count(*) FROM t').fetchone()
        session = server.connect()
        query(session, 'BEGIN')
        query(session, f"INSERT INTO {first} VALUES ({ROWS + 1}, 'x')")
        query(session, f"INSERT INTO {second} VALUES ({ROWS + 1}, 'x')")
        equal(failure(session, 'COMMIT')[0], '55P03', f'{first} before {second}: COMMIT of a file that is being read fails')
        session.close()
        reader.close()
        equal([rows(path)[0] for path in paths], [[], []], f'{first} before {second}: and no file has changed')


LEVELS = ('REPEATABLE READ', 'SERIALIZABLE')
LOOK = 'SELECT count(*), sum(length(v)) FROM {} WHERE id > 0'


def isolation(server, folder):
    """From the first read to the end of the transaction one state of the file, for the levels that promise one."""
    path = os.path.join(folder, 'full.db')
    server.sql(f"CREATE SERVER looks FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}')")
    server.sql("CREATE FOREIGN TABLE looked_at (id bigint, v text) SERVER looks OPTIONS (table 't')")
    for level in LEVELS:
        make(path, 'wal')
        writer = sqlite3.connect(path, isolation_level=None, timeout=0)
        number = 10000
        for table in ('t', 'looked_at'):
            session = server.connect()
            query(session, f'BEGIN ISOLATION LEVEL {level}')
            before = query(session, LOOK.format(table))
            number += 1
            writer.execute("INSERT INTO t VALUES(?, 'new')", (number,))
            equal(query(session, LOOK.format(table)), before, f'{level}, {table}: a second query sees the same as the first')
            equal(query(session, f'SELECT count(*) FROM {table} WHERE id = {number}'), [(0,)], 'by its key too')
            equal(query(session, f'SELECT a.id FROM {table} a JOIN {table} b ON a.id = b.id AND a.id > 9999 WHERE b.id = {number}'), [], 'and in a join')
            query(session, 'COMMIT')
            equal(query(session, LOOK.format(table))[0][0], before[0][0] + 1, 'the next transaction sees what is new')
            query(session, 'BEGIN')
            before = query(session, LOOK.format(table))
            number += 1
            writer.execute("INSERT INTO t VALUES(?, 'new')", (number,))
            equal(query(session, LOOK.format(table))[0][0], before[0][0] + 1, f'READ COMMITTED, {table}: a second query sees what is new')
            query(session, 'ROLLBACK')
            session.close()
        writes_of_levels(server, level, path, writer)
        writer.close()
        make(path, 'delete')
        writer = sqlite3.connect(path, isolation_level=None, timeout=0)
        session = server.connect()
        query(session, f'BEGIN ISOLATION LEVEL {level}')
        before = query(session, LOOK.format('t'))
        refused = False
        try:
            writer.execute("INSERT INTO t VALUES(10001, 'new')")
        except sqlite3.OperationalError:
            refused = True
        ok(refused, f'{level}: without WAL a writer waits for the transaction')
        equal(query(session, LOOK.format('t')), before, 'which sees one state')
        query(session, "INSERT INTO t VALUES (10002, 'own')")
        equal(query(session, LOOK.format('t'))[0][0], before[0][0] + 1, 'and what it writes itself')
        query(session, 'COMMIT')
        writer.execute("INSERT INTO t VALUES(10001, 'new')")
        equal(rows(path)[0], [10001, 10002], 'both are there, and the writer goes on')
        session.close()
        writer.close()


def writes_of_levels(server, level, path, writer):
    """The first write goes on from the snapshot, or fails at once."""
    session, other = server.connect(), server.connect()
    query(session, f'BEGIN ISOLATION LEVEL {level}')
    query(session, LOOK.format('t'))
    writer.execute("UPDATE t SET v = 'elsewhere' WHERE id = 1")
    began = time.monotonic()
    equal(failure(session, "UPDATE t SET v = 'here' WHERE id = 1")[0], '40001', f'{level}: a write after a change since the snapshot fails')
    ok(time.monotonic() - began < 2, 'at once')
    query(session, 'ROLLBACK')
    for each in (session, other):
        query(each, f'BEGIN ISOLATION LEVEL {level}')
        query(each, LOOK.format('t'))
    query(session, "UPDATE t SET v = 'first' WHERE id = 1")
    began = time.monotonic()
    equal(failure(other, "UPDATE t SET v = 'second' WHERE id = 2")[0], '40001', f'{level}: of two that have read, one writes')
    ok(time.monotonic() - began < 2, 'and the other knows at once')
    query(other, 'ROLLBACK')
    query(session, "DELETE FROM t WHERE id = 2")
    query(session, 'SAVEPOINT s')
    query(session, "DELETE FROM t WHERE id = 3")
    query(session, 'ROLLBACK TO s')
    equal(query(session, "SELECT id, v FROM t WHERE id < 4 ORDER BY id"), [(1, 'first'), (3, 'x' * 500)], 'it sees its own writes')
    query(session, 'COMMIT')
    equal(writer.execute("SELECT id, v FROM t WHERE id < 4 ORDER BY id").fetchall(), [(1, 'first'), (3, 'x' * 500)], 'and they are in the file')
    query(other, f"BEGIN ISOLATION LEVEL {level}")
    query(other, "INSERT INTO t VALUES (20000, 'x')")
    query(other, LOOK.format('t'))
    query(other, 'ROLLBACK')
    equal(writer.execute('SELECT count(*) FROM t WHERE id = 20000').fetchone(), (0,), 'a rollback leaves nothing')
    writer.execute("DELETE FROM t WHERE id = 20000")
    session.close()
    other.close()


def only_a_table(server, folder):
    """Where the table alone is updatable, reads have a connection of their own."""
    path = os.path.join(folder, 'full.db')
    server.sql("CREATE FOREIGN TABLE alone (id bigint OPTIONS (key 'true'), v text) SERVER looks OPTIONS (table 't', updatable 'true')")
    for mode, wanted in (('delete', '00000'), ('wal', '0A000')):
        make(path, mode)
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("UPDATE t SET v = 'z' WHERE id = 1")
        session = server.connect()
        query(session, 'BEGIN ISOLATION LEVEL REPEATABLE READ')
        query(session, LOOK.format('alone'))
        equal(failure(session, "UPDATE alone SET v = 'y' WHERE id = 1")[0], wanted, f'{mode}: a table alone is written after it was read')
        query(session, 'COMMIT')
        session.close()
        equal(rows(path)[2], 1 if wanted == '00000' else 0, 'and so is the file')
        db.close()


def main():
    folder = work_folder()
    place = os.path.join(folder, 'full_disk')
    os.mkdir(place)
    give_to_server(place)
    os.chmod(place, 0o777)
    disk = FullDisk(folder)
    if disk.made:
        os.environ['FULL_DISK'] = disk.control
        os.environ['SERVER_PRELOAD'] = ':'.join(filter(None, [os.environ.get('SERVER_PRELOAD'), disk.library]))
    server = Server()
    server.sql(f"CREATE SERVER app FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{place}/full.db', updatable 'true', keep_connections 'false')")
    server.sql("CREATE FOREIGN TABLE t (id bigint OPTIONS (key 'true'), v text) SERVER app")
    if disk.made:
        full_disk(server, disk, place)
    else:
        skip('a full disk', 'there is no C compiler')
    serialization(server, place)
    locked_at_commit(server, place)
    isolation(server, place)
    only_a_table(server, place)


run(main)
