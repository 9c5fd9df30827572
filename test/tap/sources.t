#!/usr/bin/python3
"""Sources under real conditions: roles without rights, writers at work, files that change, locks."""
import os
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import (Background, Server, diag, equal, failure, make_database, ok, query, run, tables_in, work_folder)  # noqa: E402

ROWS = 20000


def listing(folder):
    return sorted((entry.name, entry.stat().st_size, entry.stat().st_mtime_ns) for entry in os.scandir(folder))


def plain_role(server):
    """The recipe for those who have nothing but CONNECT and a schema of their own."""
    path = make_database(os.path.join(work_folder(), 'app.db'), 500)
    server.sql('CREATE ROLE plain LOGIN; CREATE SCHEMA own AUTHORIZATION plain; REVOKE ALL ON SCHEMA public FROM PUBLIC')
    recipe = ("\\set ON_ERROR_STOP 1\n\\lo_import '%s'\n\\set app :LASTOID\n"
              "SELECT count(*) FROM sqlite_import.migrate('lo:' || :app, target_schema => 'own');\n"
              "\\lo_unlink :app\n") % path
    done = subprocess.run([f'{server.bin}/psql', '-XqAt', '-U', 'plain'], input=recipe, text=True, capture_output=True,
                          env={**server.environment(), 'PGUSER': 'plain'}, check=False)
    ok(done.returncode == 0, 'a plain role migrates by \\lo_import, migrate, \\lo_unlink') or diag(done.stderr)
    equal(server.sql('SELECT count(*) FROM own.child1')[0][0], 500, 'all rows are there')
    equal(server.sql('SELECT count(*) FROM pg_largeobject_metadata')[0][0], 0, 'no large object is left')
    equal(server.sql("SELECT sqlite_import.version()", user='plain')[0][0], '1.0', 'the schema of the extension is open to all')

    session = server.connect(user='plain')
    existing, missing = failure(session, "SELECT sqlite_import.migrate('/etc/passwd')"), failure(session, "SELECT sqlite_import.migrate('/nowhere')")
    equal(existing[0], '42501', 'a path is refused')
    equal(existing, missing, 'and nothing is told of whether there is a file')

    # parts, as a driver sends them
    with open(path, 'rb') as stream:
        content = stream.read()
    lob = query(session, 'SELECT sqlite_import.upload(%s)', (content[:10000],))[0][0]
    for start in range(10000, len(content), 30000):
        query(session, 'SELECT sqlite_import.upload(%s, %s)', (content[start:start + 30000], lob))
    query(session, 'CREATE TABLE own.keep (a int); DROP TABLE own.child1, own.child2, own.parent CASCADE')
    query(session, f"SELECT sqlite_import.migrate('lo:{lob}', target_schema => 'own')")
    equal(query(session, 'SELECT count(*) FROM own.child2')[0][0], 500, 'uploaded in parts, all rows are there')

    # another role's runs and rejects are not shown, nor can its large object be read
    server.sql('CREATE ROLE other LOGIN')
    other = server.connect(user='other')
    equal(failure(other, f"SELECT sqlite_import.source_info('lo:{lob}')")[0], '42501', "another's large object is refused")
    equal(query(other, 'SELECT count(*) FROM sqlite_import.runs')[0][0], 0, "another's runs are not shown")
    ok(query(session, 'SELECT count(*) FROM sqlite_import.runs')[0][0] > 0, "one's own are")
    for each in ("CREATE FUNCTION sqlite_import.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'CREATE TABLE sqlite_import.evil()'):
        equal(failure(other, each)[0], '42501', 'nobody puts objects into the schema of the extension')


def progress_of_roles(server):
    """A migration that has to wait is seen by its own role, and by no other plain one."""
    path = make_database(os.path.join(work_folder(), 'app.db'), 100, tables=1)
    server.sql('CREATE SCHEMA waiting AUTHORIZATION plain')
    session = server.connect(user='plain')
    with open(path, 'rb') as stream:
        lob = query(session, 'SELECT sqlite_import.upload(%s)', (stream.read(),))[0][0]
    query(session, f"SELECT sqlite_import.import_schema('lo:{lob}', target_schema => 'waiting')")
    locker = server.connect()
    locker.autocommit = False
    query(locker, 'LOCK TABLE waiting.child1 IN SHARE MODE')
    job = Background(server, f"SELECT sqlite_import.migrate('lo:{lob}', target_schema => 'waiting')", user='plain')
    end, seen = time.monotonic() + 30, []
    while not seen and job.is_alive() and time.monotonic() < end:
        seen = query(session, "SELECT phase, object FROM sqlite_import.progress WHERE phase = 'load' AND object = 'waiting.child1'")
        time.sleep(0.05)
    equal(seen, [('load', 'waiting.child1')], 'its role sees what runs')
    equal(server.sql('SELECT count(*) FROM sqlite_import.progress')[0][0], 1, 'so does a superuser')
    equal(server.sql('SELECT count(*) FROM sqlite_import.progress', user='other')[0][0], 0, 'another role does not')
    locker.rollback()
    equal(job.outcome(), '00000', 'and it goes on')
    query(session, f'SELECT lo_unlink({lob})')
    server.sql('DROP SCHEMA waiting CASCADE')


def large_object_in_a_transaction(server):
    """A large object belongs to the snapshot, and its descriptor to the (sub)transaction."""
    path = make_database(os.path.join(work_folder(), 'app.db'), 300)
    with open(path, 'rb') as stream:
        content = stream.read()
    server.sql('CREATE SCHEMA lo_test')
    session = server.connect()
    lob = query(session, 'SELECT sqlite_import.upload(%s)', (content,))[0][0]
    session.autocommit = False
    query(session, 'SAVEPOINT a')
    equal(failure(session, f"SELECT sqlite_import.migrate('lo:{lob}', target_schema => 'lo_test', tables => '{{nothing}}')")[0][:2], '42',
          'an error within a subtransaction')
    query(session, 'ROLLBACK TO a')
    query(session, f"SELECT sqlite_import.migrate('lo:{lob}', target_schema => 'lo_test')")
    query(session, f"SELECT lo_unlink({lob})")
    equal(failure(session, f"SELECT sqlite_import.source_info('lo:{lob}')")[0], '42704', 'an unlinked large object is gone')
    session.rollback()
    equal(tables_in(server, 'lo_test'), 0, 'rolled back, nothing is there')
    query(session, f"SELECT sqlite_import.migrate('lo:{lob}', target_schema => 'lo_test')")
    session.commit()
    equal(tables_in(server, 'lo_test'), 3, 'the same session goes on')

    # a damaged object: bytes are taken out of its middle
    session.autocommit = True
    query(session, f"SELECT lo_truncate(lo_open({lob}, 131072), {len(content) - 5000})")
    equal(failure(session, f"SELECT sqlite_import.source_info('lo:{lob}')")[0], 'XX001', 'a truncated large object')
    server.sql('DROP SCHEMA lo_test CASCADE')


def migrate_beside(server, path, schema, during):
    """Migrates, and calls during(i) again and again while that runs.  Returns the SQLSTATE."""
    server.sql(f'DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}')
    job = Background(server, f"SELECT sqlite_import.migrate('{path}', target_schema => '{schema}')")
    number = 0
    while job.is_alive():
        number += 1
        during(number)
    job.join()
    if job.state != '00000':
        diag(job.message)
    return job.state, number


def sums(server, schema):
    return server.sql(f'SELECT count(*), sum(amount) FROM {schema}.child1')[0]


def writer_in_wal_mode(server):
    folder = work_folder()
    path = make_database(os.path.join(folder, 'app.db'), ROWS, 'wal')
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('PRAGMA synchronous=off')
    db.execute('PRAGMA wal_autocheckpoint=50')
    db.execute('UPDATE child1 SET amount = 1')

    def write(number):
        # all rows at once: a torn read would have two amounts
        db.execute('UPDATE child1 SET amount = ?', (number + 1,))
        db.execute('INSERT INTO child1(label) VALUES (?)', (f'new {number}',))
        db.execute('DELETE FROM child1 WHERE id = last_insert_rowid()')
        time.sleep(0.01)

    state, number = migrate_beside(server, path, 'wal_live', write)
    equal(state, '00000', f'a writer in WAL mode at work ({number} transactions)')
    low, high, count = server.sql('SELECT min(amount), max(amount), count(*) FROM wal_live.child1')[0]
    ok(low == high and count in (ROWS, ROWS + 1), 'the migration saw one state') or diag((low, high, count))
    db.close()

    # left behind by a killed program, in a folder that the server may not write to
    copy = work_folder()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('PRAGMA wal_autocheckpoint=0')
    db.execute('UPDATE child1 SET amount = 7')
    for suffix in ('', '-wal'):
        shutil.copy(path + suffix, os.path.join(copy, 'app.db' + suffix))
    db.close()
    os.chmod(copy, 0o555)
    before = listing(copy)
    server.sql('CREATE SCHEMA wal_left')
    report = server.sql(f"SELECT note FROM sqlite_import.migrate('{copy}/app.db', target_schema => 'wal_left') WHERE action = 'read'")
    equal(server.sql('SELECT min(amount), max(amount) FROM wal_left.child1')[0], (7.0, 7.0), 'a -wal left behind is read')
    ok(report and '-wal' in report[0][0], 'and reported')
    equal(listing(copy), before, 'nothing is written beside it')
    os.chmod(copy, 0o755)
    os.unlink(os.path.join(copy, 'app.db-wal'))
    os.chmod(copy, 0o555)
    note = server.sql(f"SELECT note FROM sqlite_import.source_info('{copy}/app.db')")[0][0]
    ok(note and 'no -wal' in note, 'a file in WAL mode without its -wal is said to be so')
    os.chmod(copy, 0o755)
    server.sql('DROP SCHEMA wal_live, wal_left CASCADE')


def hot_journal(server):
    folder = work_folder()
    path = make_database(os.path.join(folder, 'busy.db'), 2000)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('PRAGMA synchronous=off')
    db.execute('PRAGMA cache_size=1')
    db.execute('BEGIN')
    db.execute("UPDATE child1 SET amount = -1, label = 'changed'")
    for suffix in ('', '-journal'):
        shutil.copy(path + suffix, os.path.join(folder, 'app.db' + suffix))
    db.close()
    before = listing(folder)
    server.sql('CREATE SCHEMA hot')
    notes = server.sql(f"SELECT note FROM sqlite_import.migrate('{folder}/app.db', target_schema => 'hot') WHERE action = 'read'")
    equal(server.sql('SELECT count(*) FROM hot.child1 WHERE amount < 0')[0][0], 0, 'an unfinished transaction is rolled back')
    ok(notes and 'rolled back' in notes[0][0], 'and reported')
    equal(listing(folder), before, 'the file and its journal are as they were')
    server.sql('DROP SCHEMA hot CASCADE')


def locks(server):
    folder = work_folder()
    path = make_database(os.path.join(folder, 'app.db'), ROWS)
    db = sqlite3.connect(path, isolation_level=None, timeout=0)
    db.execute('BEGIN EXCLUSIVE')
    began = time.monotonic()
    state, message = failure(server.connect(), f"SELECT sqlite_import.source_info('{path}')")
    equal(state, '55P03', 'a lock is waited for, then told')
    ok(4 < time.monotonic() - began < 15, 'for the five seconds of the busy timeout')
    session = server.connect(options='-c statement_timeout=300')
    began = time.monotonic()
    equal(failure(session, f"SELECT sqlite_import.source_info('{path}')")[0], '57014', 'statement_timeout ends the waiting')
    ok(time.monotonic() - began < 2, 'at once')
    server.sql(f"CREATE SERVER still FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}', immutable 'true')")
    equal(failure(server.connect(), "SELECT sqlite_import.source_info('still')")[0], '00000', 'immutable asks for no lock')
    db.execute('ROLLBACK')

    refused = []

    def write(number):
        try:
            db.execute('UPDATE child1 SET amount = 1')
        except sqlite3.OperationalError:
            refused.append(number)
            time.sleep(0.01)

    db.execute('UPDATE child1 SET amount = 0')
    state, _ = migrate_beside(server, path, 'locked', write)
    equal(state, '00000', 'a writer without WAL beside the migration')
    low, high = server.sql('SELECT min(amount), max(amount) FROM locked.child1')[0]
    ok(low == high, 'one state was read')
    ok(refused, 'the writer had to wait')
    db.execute('UPDATE child1 SET amount = 2')
    ok(True, 'and can go on afterwards')
    server.sql('DROP SCHEMA locked CASCADE')
    state, number = migrate_beside(server, 'still', 'still', lambda number: (time.sleep(0.03), number == 2 and db.execute('UPDATE child1 SET amount = 3')))
    ok(state == '55006' or one_state_arrived(server, 'still'), f'a writer that immutable said there is none of: {state}, looked at {number} times')


def changed_files(server):
    """Changes without locks: an error or one state, never a mixture and never a crash."""
    folder = work_folder()
    path = make_database(os.path.join(folder, 'app.db'), ROWS)
    other = make_database(os.path.join(folder, 'other.db'), ROWS // 2)

    def overwrite(number):
        if number == 2:
            with open(other, 'rb') as stream, open(path, 'r+b') as target:
                target.write(stream.read())
        time.sleep(0.03)

    def truncate(number):
        if number == 2:
            os.truncate(path, 100000)
        time.sleep(0.03)

    def replace(number):
        if number == 2:
            os.rename(other, path)
        time.sleep(0.03)

    for name, change in (('overwritten', overwrite), ('truncated', truncate), ('replaced', replace)):
        make_database_again(path, ROWS)
        state, number = migrate_beside(server, path, 'changed', change)
        ok(state in ('55006', 'XX001') or one_state_arrived(server, 'changed'), f'a file {name} during the read: {state}, looked at {number} times')
        equal(tables_in(server, 'changed'), 0 if state != '00000' else 3, 'nothing half loaded')
    server.sql('DROP SCHEMA changed CASCADE')


def one_state_arrived(server, schema):
    """On a slow machine the change comes before the file is opened, on a fast one after its last page is read."""
    if tables_in(server, schema) != 3:
        return False
    counts = [server.sql(f'SELECT count(*) FROM {schema}.child{number}')[0][0] for number in (1, 2)]
    return counts in ([ROWS, ROWS], [ROWS // 2, ROWS // 2])


def make_database_again(path, rows):
    if os.path.exists(path):
        os.unlink(path)
    make_database(path, rows)


def two_at_once(server):
    path = make_database(os.path.join(work_folder(), 'app.db'), ROWS)
    server.sql('CREATE SCHEMA one; CREATE SCHEMA two')
    jobs = [Background(server, f"SELECT sqlite_import.migrate('{path}', target_schema => '{schema}')") for schema in ('one', 'two')]
    equal([job.outcome() for job in jobs], ['00000', '00000'], 'two migrations of one file')
    equal(sums(server, 'one'), sums(server, 'two'), 'have the same rows')
    jobs = [Background(server, f"SELECT sqlite_import.migrate('{path}', target_schema => 'same')",
                       before=('CREATE SCHEMA IF NOT EXISTS same',)) for _ in range(2)]
    states = sorted(job.outcome() for job in jobs)
    equal(states[0], '00000', 'two migrations into one schema: one of them succeeds')
    ok(states[1] != 'XX000' and states[1] != 'died', f'the other one is an ordinary error: {states[1]}')
    equal(server.sql('SELECT count(*) FROM same.child1')[0][0], ROWS, 'and nothing is there twice')
    server.sql('DROP SCHEMA one, two, same CASCADE')


def main():
    server = Server()
    for test in (plain_role, progress_of_roles, large_object_in_a_transaction, writer_in_wal_mode, hot_journal, locks, changed_files, two_at_once):
        test(server)
    equal(server.temporary_files(), [], 'no temporary file is left over')
    with open(server.log, encoding='utf-8', errors='replace') as stream:
        log = stream.read()
    ok('PANIC' not in log and 'was terminated by signal' not in log, 'the server never crashed')
    ok('leak' not in log, 'and lost nothing') or diag([line for line in log.splitlines() if 'leak' in line][:5])


run(main)
