#!/usr/bin/python3
"""Faults in each phase of a migration: all or nothing, and the server goes on.

The phases are met by time: a first run tells how long a migration takes, and each fault strikes at
several shares of that, from the reading of the catalog to the verification.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import (Background, Server, diag, equal, failure, give_to_server, make_database, ok, query, run, server_user, skip, tables_in, work_folder)  # noqa: E402

ROWS = int(os.environ.get('FAULT_ROWS', '100000'))
MOMENTS = [float(share) for share in os.environ.get('FAULT_MOMENTS', '0.05 0.25 0.45 0.65 0.85 0.95').split()]


class Faults:
    def __init__(self):
        self.server = Server(max_wal_size='2GB')
        self.folder = work_folder()
        self.path = make_database(os.path.join(self.folder, 'app.db'), ROWS)
        self.server.sql('CREATE SCHEMA app')
        self.call = f"SELECT sqlite_import.migrate('{self.path}', target_schema => 'app')"
        began = time.monotonic()
        self.server.sql(self.call)
        self.duration = time.monotonic() - began
        self.empty()
        self.files = self.data_files()
        diag(f'a migration takes {self.duration:.2f} s')

    def empty(self):
        self.server.sql('DROP SCHEMA app CASCADE; CREATE SCHEMA app; CHECKPOINT')

    def data_files(self):
        """Files of relations; what an aborted migration made has to be gone."""
        self.server.sql('CHECKPOINT')
        found = set()
        for base, _, files in os.walk(os.path.join(self.server.data, 'base')):
            found |= {(base, re.match('[0-9]+', name)[0]) for name in files if re.match('[0-9]', name) and 'pgsql_tmp' not in base}
        return len(found)

    def nothing_is_left(self, what, files=True):
        left = []
        if tables_in(self.server, 'app'):
            left.append(f'{tables_in(self.server, "app")} tables')
        if self.server.temporary_files():
            left.append(f'{self.server.temporary_files()}')
        if files and self.data_files() > self.files:
            left.append(f'{self.data_files() - self.files} files of relations')
        if sorted(os.listdir(self.folder)) != ['app.db']:
            left.append(f'{os.listdir(self.folder)} beside the source')
        ok(not left, f'{what}: nothing is left') or diag(left)

    def has_committed(self):
        """Whether all is there: a commit that the dying server could not tell its client of."""
        return bool(tables_in(self.server, 'app')) and self.server.sql('SELECT count(*) FROM app.child1')[0][0] == ROWS

    def strike(self, what, fault, wanted, files=True):
        """Runs a migration for each moment, with the fault then.  files: PostgreSQL cleans up after it."""
        states = []
        for share in MOMENTS if files else MOMENTS[1::2]:
            job = Background(self.server, self.call)
            time.sleep(self.duration * share)
            began = time.monotonic()
            fault(job)
            states.append(job.outcome())
            took = time.monotonic() - began
            if not files:
                time.sleep(0.5)  # the postmaster has to notice first
            self.server.wait_until_ready()
            if not files and self.has_committed():
                states[-1] = '00000'
            if states[-1] == '00000':
                self.empty()  # it was faster than the fault
                if not files:
                    self.files = self.data_files()
                continue
            ok(states[-1] in wanted, f'{what} at {share:.0%}: {states[-1]} after {took:.2f} s') or diag(job.message)
            if files:
                # on an idle machine it takes some milliseconds (bench/scaling); a busy one is forgiven
                ok(took < (1 if what == 'cancel' else 5), f'{what} at {share:.0%}: in good time')
            self.nothing_is_left(f'{what} at {share:.0%}', files)
        ok(any(state in wanted for state in states), f'{what}: struck')
        if not files:
            self.files = self.data_files()  # PostgreSQL leaves what a crashed transaction created

    def still_works(self, what):
        state, message = failure(self.server.connect(), self.call)
        equal(state, '00000', f'after {what} a migration works') or diag(message)
        equal(self.server.sql('SELECT count(*) FROM app.child1')[0][0], ROWS, f'after {what} all rows arrive')
        self.empty()
        self.files = self.data_files()


def cancel_and_terminate(faults):
    server = faults.server
    faults.strike('cancel', lambda job: server.sql('SELECT pg_cancel_backend(%s)', (job.pid,)), {'57014'})
    faults.strike('terminate', lambda job: server.sql('SELECT pg_terminate_backend(%s)', (job.pid,)), {'57P01', 'died'})
    faults.still_works('cancelling')


def timeouts(faults):
    for share in MOMENTS:
        session = faults.server.connect(options=f'-c statement_timeout={max(1, int(faults.duration * share * 1000))}')
        state, message = failure(session, faults.call)
        if state == '00000':
            faults.empty()
            continue
        ok(state == '57014', f'statement_timeout at {share:.0%}') or diag(message)
        faults.nothing_is_left(f'statement_timeout at {share:.0%}')
    holder = faults.server.connect()
    holder.autocommit = False
    query(holder, faults.call)
    holder.commit()
    query(holder, 'LOCK TABLE app.child1')
    again = faults.call.replace(')', ", on_existing => 'truncate')")
    equal(failure(faults.server.connect(options='-c lock_timeout=200'), again)[0], '55P03', 'lock_timeout')
    holder.rollback()
    faults.empty()


def subtransactions(faults):
    session = faults.server.connect()
    session.autocommit = False
    query(session, 'SAVEPOINT s')
    query(session, faults.call)
    query(session, 'ROLLBACK TO s')
    equal(query(session, "SELECT count(*) FROM pg_class WHERE relnamespace = 'app'::regnamespace")[0][0], 0,
          'rolled back to a savepoint, nothing is there')
    query(session, faults.call)
    session.rollback()
    faults.nothing_is_left('rollback')
    session.autocommit = True
    state, message = failure(session, f"""DO $$ BEGIN
        BEGIN PERFORM sqlite_import.migrate('{faults.path}', target_schema => 'app'); RAISE division_by_zero;
        EXCEPTION WHEN division_by_zero THEN NULL; END;
        BEGIN PERFORM sqlite_import.migrate('{faults.path}', target_schema => 'app', tables => '{{nothing}}');
        EXCEPTION WHEN OTHERS THEN NULL; END;
        PERFORM sqlite_import.migrate('{faults.path}', target_schema => 'app'); END $$""")
    equal(state, '00000', 'caught in plpgsql, and again') or diag(message)
    equal(faults.server.sql('SELECT count(*) FROM app.child1')[0][0], ROWS, 'with all rows')
    faults.empty()


def killed_backend(faults):
    faults.strike('kill -9 of the backend', lambda job: os.kill(job.pid, signal.SIGKILL), {'died', 'client', '57P02'}, files=False)
    faults.still_works('kill -9 of a backend')


def killed_server(faults):
    def kill(job):
        faults.server.kill()
        faults.server.start()

    faults.strike('kill -9 of the server', kill, {'died', 'client', '57P01', '57P02'}, files=False)
    faults.still_works('kill -9 of the server')


def descriptors(faults):
    """SQLite's descriptors are counted among the server's: no more than a third may be taken so."""
    server = Server(max_files_per_process='64')
    path = make_database(os.path.join(faults.folder, 'app.db'), 1000) if not os.path.exists(faults.path) else faults.path
    server.sql('CREATE SCHEMA app')
    state, message = failure(server.connect(), f"SELECT sqlite_import.migrate('{path}', target_schema => 'app')")
    equal(state, '00000', 'with 64 descriptors a migration works') or diag(message)
    session = server.connect()
    query(session, 'CREATE FUNCTION deep(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN'
                   ' PERFORM 1 FROM sqlite_import.source_info($1::text); RETURN n; END $$'.replace('$1::text', f"'{path}'"))
    equal(failure(session, 'SELECT max(deep(n)) FROM generate_series(1, 500) n')[0], '00000', '500 openings in one statement leave none open')
    server.stop()


def memory(faults):
    """A limit of the operating system on the backend, and SQLite's own."""
    session = faults.server.connect()
    query(session, "SET sqlite_import.sqlite_memory = '1MB'")
    state, message = failure(session, faults.call)
    ok(state in ('53200', '00000'), f'a limit on what SQLite may allocate: {state}') or diag(message)
    faults.empty()
    if shutil.which('prlimit') is None:
        return skip('memory of the backend', 'there is no prlimit')
    for limit in (20, 60, 120, 200):
        session = faults.server.connect()
        pid = query(session, 'SELECT pg_backend_pid(), sqlite_import.version()')[0][0]
        with open(f'/proc/{pid}/status', encoding='ascii') as status:
            now = next(int(line.split()[1]) for line in status if line.startswith('VmSize'))
        limited = subprocess.run(server_user() + ['prlimit', f'--pid={pid}', f'--as={now * 1024 + limit * 100_000}'],
                                 check=False, stderr=subprocess.DEVNULL, cwd='/')
        if limited.returncode != 0:
            skip(f'{limit * 100} kB of memory more', 'the limit cannot be set here')
            continue
        state, message = failure(session, faults.call)
        ok(state in ('53200', '00000', 'XX001') or state.startswith('53'), f'{limit * 100} kB of memory more: {state}') or diag(message)
        if state != '00000':
            faults.nothing_is_left(f'{limit * 100} kB of memory more')
        faults.empty()


def disk_full(faults):
    """A tablespace on a small file system fills up in the load, in the index build, in a sort."""
    if os.getuid() != 0:
        return skip('disk full', 'only root may mount a file system')
    place = work_folder()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=100k', 'tmpfs', place], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        return skip('disk full', 'mount is not allowed here')
    try:
        give_to_server(place)
        faults.server.sql(f"CREATE TABLESPACE small LOCATION '{place}'")
        sizes = [1, 4, 8, 12, 16, 20, 24, 28]
        for megabytes in sizes:
            subprocess.run(['mount', '-o', f'remount,size={megabytes}m', place], check=True)
            session = faults.server.connect(options='-c default_tablespace=small -c temp_tablespaces=small -c maintenance_work_mem=1MB')
            state, message = failure(session, faults.call)
            if state == '00000':
                faults.empty()
                faults.server.sql('CHECKPOINT')
                continue
            ok(state == '53100', f'disk full at {megabytes} MB: {state}') or diag(message)
            faults.nothing_is_left(f'disk full at {megabytes} MB')
            faults.server.sql('CHECKPOINT')
            used = sum(len(files) for _, _, files in os.walk(place))
            ok(used <= 1, f'disk full at {megabytes} MB: its files are gone') or diag(list(os.walk(place)))
        full_for_temporary_files(faults, place)
        faults.server.sql('DROP TABLESPACE small')
    finally:
        subprocess.run(['umount', '-l', place], check=False)
    faults.still_works('a full disk')


def full_for_temporary_files(faults, place):
    """A large object is copied into a temporary file to be read by threads; without room it is read in place."""
    lob = faults.server.sql('SELECT lo_import(%s)', (faults.path,))[0][0]
    for megabytes in (1, 8, 100):
        subprocess.run(['mount', '-o', f'remount,size={megabytes}m', place], check=True)
        session = faults.server.connect(options='-c temp_tablespaces=small -c maintenance_work_mem=1MB')
        state, message = failure(session, faults.call.replace(faults.path, f'lo:{lob}'))
        ok(state in ('00000', '53100'), f'{megabytes} MB for temporary files: {state}') or diag(message)
        if state == '00000':
            equal(faults.server.sql('SELECT count(*) FROM app.child1')[0][0], ROWS, f'{megabytes} MB for temporary files: all rows arrive')
            faults.empty()
        else:
            faults.nothing_is_left(f'{megabytes} MB for temporary files')
        left = [name for _, _, files in os.walk(place) for name in files]
        ok(not left, f'{megabytes} MB for temporary files: none is left') or diag(left)
    faults.server.sql('SELECT lo_unlink(%s)', (lob,))
    faults.empty()
    faults.files = faults.data_files()


def main():
    faults = Faults()
    chosen = os.environ.get('FAULTS', '').split()
    for test in (cancel_and_terminate, timeouts, subtransactions, descriptors, memory, disk_full, killed_backend, killed_server):
        if not chosen or test.__name__ in chosen:
            test(faults)
    with open(faults.server.log, encoding='utf-8', errors='replace') as stream:
        lines = stream.read().splitlines()
    ok(not [line for line in lines if 'PANIC' in line], 'the server never panicked')
    crashes = [line for line in lines if 'was terminated by signal' in line and 'signal 9' not in line]
    ok(not crashes, 'no backend died but by our hand') or diag(crashes)
    ok(not [line for line in lines if 'leak' in line], 'nothing was lost') or diag([line for line in lines if 'leak' in line][:5])


run(main)
