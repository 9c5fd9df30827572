#!/usr/bin/python3
"""Nothing outlives its timeout: what SQLite computes for hours in one call ends when it is told to.

Each case is a file, or a call of a helper function, that SQLite would be at for long without asking anybody.  Each
goes through each entry with a statement_timeout, and has to end within a second of it, by 57014 or another ordinary
error; some are cancelled and terminated too.  Whoever had to leave a thread of SQLite's behind is told so when he uses
SQLite again, and a new session goes on.  HANG_TIMEOUT: the timeout in seconds.  Each file takes three of the entries in
turn; HANG_ALL=1: all of them.
"""
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Background, Server, diag, equal, failure, ok, query, run, work_folder  # noqa: E402

TIMEOUT = float(os.environ.get('HANG_TIMEOUT', '0.4'))
ALL = 'HANG_ALL' in os.environ
LATE = 1.0  # seconds after the timeout that a statement may still take
ROWS = 3

# What a column computes: linear in a gigabyte, quadratic in a few megabytes, or small and many times over.
EXPRESSIONS = {
    'instr': "instr(hex(zeroblob(20000000)), hex(zeroblob(10000000)) || '1')",
    'instr of what fits': "instr(hex(zeroblob(7000000)), hex(zeroblob(3000000)) || '1')",
    'replace': "replace(hex(zeroblob(7000000)), hex(zeroblob(3000000)) || '1', 'x')",
    'trim': "trim(hex(zeroblob(7000000)), hex(randomblob(3000000)))",
    'printf': "printf('%.*c', 900000000, 'x')",
    'printf again and again': "length(printf('" + '%.*c' * 30 + "'" + ", 2000000000, 'x'" * 30 + '))',
    'zeroblob': 'zeroblob(900000000)',
    'hex again and again': ' + '.join(['length(hex(zeroblob(7000000)))'] * 400),
    'like': "hex(zeroblob(7000000)) LIKE '" + '%0' * 490 + "1'",
    'json_patch': "json_patch(a, replace(a, 'k', 'j'))",
}


def schema(path, table, *views, rows='x'):
    """A file with that table t and a few rows.  SQLite computes what a row that is inserted computes: the rows come first."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, a)')
    db.executemany('INSERT INTO t(a) VALUES (?)', [(rows,)] * ROWS)
    for view in views:
        db.execute(view)
    db.execute('PRAGMA writable_schema = 1')
    db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 't'", (table,))
    db.close()
    os.chmod(path, 0o644)
    return path


def doubling_views(levels):
    yield 'CREATE VIEW v0 AS SELECT id AS a FROM t'
    for level in range(1, levels + 1):
        yield f'CREATE VIEW v{level} AS SELECT x.a FROM v{level - 1} x, v{level - 1} y'


def doubling_clauses(levels):
    clauses = ['c0(a) AS (SELECT id FROM t)']
    clauses += [f'c{level}(a) AS (SELECT x.a FROM c{level - 1} x, c{level - 1} y)' for level in range(1, levels + 1)]
    return f"CREATE VIEW v AS WITH {', '.join(clauses)} SELECT a FROM c{levels}"


def doubling_columns(levels):
    columns = [f'g{level} AS (g{level - 1} + g{level - 1})' for level in range(1, levels + 1)]
    return f"CREATE TABLE t(id INTEGER PRIMARY KEY, a, g0 AS (id), {', '.join(columns)})"


def make_files(folder):
    """Their paths by what they do."""
    table = 'CREATE TABLE t(id INTEGER PRIMARY KEY, a'
    files = {}
    keys = '{' + ','.join(f'"k{number}":{number}' for number in range(100000)) + '}'
    for number, (name, expression) in enumerate(EXPRESSIONS.items()):
        path = os.path.join(folder, f'column{number}.db')
        files[f'column: {name}'] = schema(path, f'{table}, g AS ({expression}))', rows=keys if name == 'json_patch' else 'x')
    instr = EXPRESSIONS['instr of what fits']
    files['check'] = schema(os.path.join(folder, 'check.db'), f'{table}, CHECK ({instr} IS NOT 7))')
    files['view'] = schema(os.path.join(folder, 'view.db'), f'{table})', f'CREATE VIEW v AS SELECT id, {instr} AS g FROM t')
    files['view without an end'] = schema(os.path.join(folder, 'endless.db'), f'{table})',
                                          'CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS g FROM n')
    files['views of views'] = schema(os.path.join(folder, 'views.db'), f'{table})', *doubling_views(24))
    files['clauses of clauses'] = schema(os.path.join(folder, 'clauses.db'), f'{table})', doubling_clauses(24))
    files['columns of columns'] = schema(os.path.join(folder, 'columns.db'), doubling_columns(26))
    files['index'] = schema(os.path.join(folder, 'index.db'), f'{table})')
    db = sqlite3.connect(files['index'])  # SQLite itself would be at it for hours if there were rows
    db.executescript(f'DELETE FROM t; CREATE INDEX i ON t({instr})')
    db.close()
    return files


def functions(path):
    """Each function that reads a file."""
    migrate = f"SELECT * FROM sqlite_import.migrate('{path}', target_schema => 'attacked', on_existing => 'replace'"
    return [('source_info', f"SELECT * FROM sqlite_import.source_info('{path}', true)"),
            ('profile', f"SELECT * FROM sqlite_import.profile('{path}')"),
            ('assess', f"SELECT * FROM sqlite_import.assess('{path}')"),
            ('plan', f"SELECT * FROM sqlite_import.plan('{path}')"),
            ('migrate', migrate + ')'),
            ('migrate without a look', migrate + ", types => 'declared')")]


def wrapper(column):
    """Each way through the wrapper, with what goes before."""
    return [('IMPORT FOREIGN SCHEMA', 'IMPORT FOREIGN SCHEMA main FROM SERVER s INTO remote'),
            ('scan', 'SELECT * FROM remote.mine'),
            ('scan without a thread', f'SELECT count({column}) FROM remote.mine', 'SET sqlite_import.reader_threads = 0'),
            ('ANALYZE', 'ANALYZE remote.mine')]


class Attack:
    def __init__(self):
        self.server = Server(max_connections=30)
        self.folder = work_folder()
        self.server.sql('CREATE SCHEMA attacked')
        self.slowest = 0

    def check(self, what, statement, before=()):
        """In a session of its own, as a client's that is closed behind it."""
        session = self.server.connect(options=f'-c statement_timeout={int(TIMEOUT * 1000)}')
        for each in before:
            state, message = failure(session, each)
            if state != '00000':
                ok(state not in ('XX000', 'died', 'client'), f'{what}: {state} beforehand') or diag(message)
                session.close()
                return state
        began = time.monotonic()
        state, message = failure(session, statement)
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        good = state not in ('XX000', 'died', 'client') and took < TIMEOUT + LATE
        ok(good, f'{what}: {state} after {took:.2f} s') or diag(message)
        self.left_behind(what, session, state)
        session.close()
        return state

    def left_behind(self, what, session, state):
        """The session goes on; SQLite serves it, or says that it does not."""
        if state != '57014':
            return
        equal(failure(session, 'SELECT 1')[0], '00000', f'{what}: the session goes on')
        again, message = failure(session, "SELECT sqlite_import.json('[1]')")
        ok(again == '00000' or (again == '55000' and 'Reconnect' in message), f'{what}: afterwards SQLite says {again}')


def computed_column(what):
    """The table or view of such a file that computes, and its column."""
    special = {'check': ('t', 'a'), 'index': ('t', 'a'), 'view': ('v', 'g'), 'view without an end': ('v', 'g'), 'views of views': ('v24', 'a'),
               'clauses of clauses': ('v', 'a'), 'columns of columns': ('t', 'g26')}
    return special.get(what, ('t', 'g'))


def files_through_entries(attack):
    turn = 0
    for what, path in make_files(attack.folder).items():
        table, column = computed_column(what)
        attack.server.sql(f"""DROP SERVER IF EXISTS s CASCADE; DROP SCHEMA IF EXISTS remote CASCADE; CREATE SCHEMA remote;
            CREATE SERVER s FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}');
            CREATE FOREIGN TABLE remote.mine({column} text) SERVER s OPTIONS (table '{table}')""")
        entries = functions(path) + wrapper(column)
        for entry, statement, *before in entries if ALL else [entries[(turn + i * 3) % len(entries)] for i in range(3)]:
            attack.check(f'{what}, {entry}', statement, before)
        turn += 1


def writes(attack):
    """What a table computes for a row that is written: of functions that were compiled with the schema."""
    folder = os.path.join(attack.folder, 'writes')
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    instr = EXPRESSIONS['instr of what fits']
    tables = {
        'a check': f'CREATE TABLE t(id INTEGER PRIMARY KEY, a, CHECK ({instr} IS NOT 7))',
        'a default': f'CREATE TABLE t(id INTEGER PRIMARY KEY, a, b DEFAULT ({instr}))',
        'an index of expressions': f'CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE INDEX i ON t({instr})',
        'an index of some rows': f'CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE INDEX i ON t(a) WHERE {instr} = 0',
        'a trigger': f'CREATE TABLE t(id INTEGER PRIMARY KEY, a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT {instr}; END',
    }
    for number, (what, sql) in enumerate(tables.items()):
        path = os.path.join(folder, f'{number}.db')
        db = sqlite3.connect(path)
        db.executescript(sql)
        db.close()
        os.chmod(path, 0o666)
        attack.server.sql(f"""DROP SERVER IF EXISTS w CASCADE; CREATE SCHEMA IF NOT EXISTS written; CREATE SERVER w FOREIGN DATA WRAPPER sqlite_import
            OPTIONS (database '{path}', updatable 'true'); CREATE FOREIGN TABLE written.t(id int, a text) SERVER w""")
        state = attack.check(f'{what}, INSERT', "INSERT INTO written.t VALUES (1, 'x')")
        equal(state, '57014', f'{what}: INSERT is ended')


def helpers(attack):
    a = "(SELECT '{' || string_agg(format('\"a%s\":1', i), ',') || '}' FROM generate_series(1, 100000) i)"
    b = a.replace('a%s', 'b%s')
    million = a.replace('100000', '1000000')
    paths = ', '.join(f"'$.z{number}', {number}" for number in range(48))
    calls = {
        'json_patch': f'SELECT length(sqlite_import.json_patch({a}, {b}))',
        'printf': "SELECT length(sqlite_import.printf('%.*c', 200000000, 'x'))",
        'printf again and again': "SELECT length(sqlite_import.printf('" + '%.*c' * 30 + "'" + ", 2000000000, 'x'" * 30 + '))',
        'printf of digits': "SELECT length(sqlite_import.printf('%.999999999f', 0.1::float8))",
        'printf of a width': "SELECT length(sqlite_import.printf('%1999999999d', 1))",
        'json_set': f'SELECT length(sqlite_import.json_set({million}, {paths}))',
        'json_remove': f"SELECT length(sqlite_import.json_remove({million}, {', '.join(f'{chr(39)}$.a{n}{chr(39)}' for n in range(90))}))",
        'glob': "SELECT sqlite_import.glob(repeat('*a', 490) || 'b', repeat('a', 100000000))",
        'quote': "SELECT length(sqlite_import.quote(decode(repeat('00', 50000000), 'hex')))",
        'json_quote': "SELECT length(sqlite_import.json_quote(repeat(chr(1), 100000000)))",
        'strftime': "SELECT length(sqlite_import.strftime(repeat('%Y-%m-%d', 5000000), 'now'))",
    }
    attack.server.sql('CREATE ROLE nobody LOGIN')
    for what, call in calls.items():
        attack.check(f'helper {what}', call, ['SET ROLE nobody'])


def cancel_and_terminate(attack):
    """What the administrator does to a session that hangs; its client sees it at once."""
    path = os.path.join(attack.folder, 'column1.db')
    attack.server.sql(f"DROP SERVER s CASCADE; CREATE SERVER s FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}');"
                      "CREATE FOREIGN TABLE remote.mine(g text) SERVER s OPTIONS (table 't')")
    for entry, statement, *_ in functions(path) + wrapper('g'):
        for end, wanted in (('cancel', ('57014',)), ('terminate', ('57P01', 'died'))):
            job = Background(attack.server, statement)
            time.sleep(0.3)
            began = time.monotonic()
            attack.server.sql(f'SELECT pg_{end}_backend({job.pid})')
            state = job.outcome(20)
            took = time.monotonic() - began
            by_itself = state not in ('XX000', 'died', 'client') and took < LATE  # it has other reasons to end
            ok(by_itself or (state in wanted and took < LATE), f'{end}, {entry}: {state} after {took:.2f} s') or diag(job.message)
            job.session.close()


def shutdown(attack):
    """Threads that were left, and one that is running, do not stop the server from ending."""
    session = attack.server.connect(options='-c statement_timeout=300')
    path = os.path.join(attack.folder, 'column1.db')
    failure(session, f"SELECT * FROM sqlite_import.profile('{path}')")
    job = Background(attack.server, f"SELECT * FROM sqlite_import.profile('{path}')")
    time.sleep(0.3)
    began = time.monotonic()
    attack.server.stop('fast')
    took = time.monotonic() - began
    ok(took < 5, f'a fast shutdown takes {took:.2f} s')
    ok(job.outcome(5) in ('57P01', 'died'), 'the session that hung is gone')
    attack.server.start()
    equal(attack.server.sql("SELECT sqlite_import.json('[1]')")[0][0], '[1]', 'the server starts again')


def main():
    attack = Attack()
    files_through_entries(attack)
    writes(attack)
    helpers(attack)
    cancel_and_terminate(attack)
    with open(attack.server.log, encoding='utf-8', errors='replace') as log:
        ok('terminated by signal' not in log.read(), 'no process of the server crashed')
    shutdown(attack)
    diag(f'the slowest statement took {attack.slowest:.2f} s, with a timeout of {TIMEOUT} s')


if __name__ == '__main__':
    run(main)
