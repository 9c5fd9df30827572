"""Seeded damage to SQLite databases: the same seed gives the same file, anywhere.

Each mutation takes a bytearray and a random.Random and changes the bytes; the
hostile schemas are made by SQLite itself, through writable_schema.
"""
import os
import random
import sqlite3
import stat
import struct
import time

# What an attacker would like to see pasted into a statement, and what breaks parsers.
HOSTILE_NAMES = [
    'x"; DROP SCHEMA public CASCADE; --', "it's", 'a' * 200, 'ü' * 40, ' ', '"', '\t\n', 'select', 'ctid', 'xmin',
    '\ufeffbom', '💥', 'a.b.c', '%s%n', '$1', "');--", 'A', 'a', 'rowid', 'tableoid', '\\', '𝒳' * 32,
]
HOSTILE_TYPES = [
    'text); drop table x; --', 'VARCHAR(99999999999)', 'DECIMAL(1000000,-5)', 'INT[]', 'money', 'xml', 'varchar(-1)',
    'NUMERIC(0,0)', 'enum("a")', 'timestamp(99) with time zone', '(((', 'bit(0)', 'interval', 'oid', 'regclass', '',
    'x' * 5000, 'INTEGER' * 50, 'national character varying (7)', "date default 'x'",
]
HOSTILE_EXPRESSIONS = [
    '1=1); DROP TABLE t; --', '(' * 300 + '1' + ')' * 300, "x'00ff'", '9223372036854775808', '1e999', "'\\'", "''''",
    'abs(-9223372036854775808)', 'randomblob(1000000000)', 'CURRENT_TIMESTAMP', '"c0"', 'c0 COLLATE NOCASE', 'NULL',
    '0x7fffffffffffffff', "strftime('%s','now')", 'typeof(c0) = \'text\'', 'c0 GLOB \'[\'', 'zeroblob(1e9)', '-0.0',
    "load_extension('x')", 'CASE c0 WHEN 1 THEN 2 END', "'a' || char(0) || 'b'", '1 IN ()', 'likelihood(c0, 0.5)',
]
HOSTILE_VALUES = [
    None, 0, 1, -1, 2**63 - 1, -2**63, 0.1, 1e308, -1e308, float('inf'), 5e-324, '', 'x', '\x00', 'a\x00b', 'é' * 1000,
    b'', b'\x00\xff', b'x' * 70000, '2024-02-30', '2024-01-01 25:00:00', '0000-00-00', '9' * 400, '1e5', ' 12 ', 'NaN',
    'true', '{"a":', '[1,2', '\ud7ff', '2038-01-19T03:14:08Z', -62135596800, 253402300800, 1e17, '12:00',
    '11111111-1111-1111-1111-111111111111', 'infinity', 'epoch', "'; DROP TABLE t; --",
]


JOURNAL_MAGIC = bytes.fromhex('d9d505f920a163d7')


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def hostile_database(path, rng):
    """A database that SQLite itself accepts, and nobody would write."""
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = bytes
    if hasattr(db, 'setlimit'):
        # the expressions below make a gigabyte of a row for whoever evaluates them; that is not us
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 200_000)
    deadline = time.monotonic() + 1
    db.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    db.execute(f'PRAGMA page_size={rng.choice([512, 1024, 4096, 65536])}')
    db.execute(f"PRAGMA encoding='{rng.choice(['UTF-8', 'UTF-8', 'UTF-16le', 'UTF-16be'])}'")
    attempts = []
    for number in range(rng.randint(1, 4)):
        table = rng.choice(HOSTILE_NAMES + [f't{number}'])
        columns = [quoted(rng.choice(HOSTILE_NAMES + [f'c{i}'] * 20)) for i in range(rng.randint(1, 12))]
        columns = list(dict.fromkeys(columns))
        definitions = []
        for column in columns:
            definition = column + ' ' + rng.choice(HOSTILE_TYPES + ['INTEGER', 'TEXT', 'REAL', 'BLOB', 'NUMERIC', 'DATETIME',
                                                                    'BOOLEAN', 'DATE', 'VARCHAR(10)'] * 3)
            if rng.random() < 0.2:
                definition += f' DEFAULT ({rng.choice(HOSTILE_EXPRESSIONS)})'
            if rng.random() < 0.2:
                definition += f' CHECK ({rng.choice(HOSTILE_EXPRESSIONS)} IS NOT 0)'
            if rng.random() < 0.1:
                definition += f' GENERATED ALWAYS AS ({rng.choice(HOSTILE_EXPRESSIONS)})'
            if rng.random() < 0.1:
                definition += ' UNIQUE'
            if rng.random() < 0.1:
                definition += f' REFERENCES {quoted(rng.choice(HOSTILE_NAMES))}({columns[0]}) ON DELETE CASCADE'
            definitions.append(definition)
        if rng.random() < 0.4:
            definitions[0] = columns[0] + ' INTEGER PRIMARY KEY' + rng.choice(['', ' AUTOINCREMENT', ' DESC'])
        tail = rng.choice(['', '', '', ' STRICT', ' WITHOUT ROWID'])
        attempts.append(f'CREATE TABLE {quoted(table)} ({", ".join(definitions)}){tail}')
        if rng.random() < 0.5:
            attempts.append(f'CREATE INDEX {quoted(rng.choice(HOSTILE_NAMES) + str(number))} ON {quoted(table)}'
                            f'({rng.choice(columns + HOSTILE_EXPRESSIONS)}) {rng.choice(["", "WHERE " + columns[0] + " > 0"])}')
        if rng.random() < 0.3:
            attempts.append(f'CREATE VIEW {quoted(rng.choice(HOSTILE_NAMES) + "v")} AS WITH RECURSIVE n(i) AS '
                            f'(SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i, {rng.choice(HOSTILE_EXPRESSIONS)} FROM n')
        if rng.random() < 0.3:
            attempts.append(f'CREATE TRIGGER {quoted("tr" + str(number))} AFTER INSERT ON {quoted(table)} '
                            f'BEGIN SELECT {rng.choice(HOSTILE_EXPRESSIONS)}; END')
        for _ in range(rng.randint(0, 30)):
            attempts.append((f'INSERT OR IGNORE INTO {quoted(table)} VALUES ({",".join("?" * len(columns))})',
                             [rng.choice(HOSTILE_VALUES) for _ in columns]))
    for attempt in attempts:
        try:
            if isinstance(attempt, tuple):
                db.execute(*attempt)
            else:
                db.execute(attempt)
        except (sqlite3.Error, UnicodeError):
            pass
    if rng.random() < 0.4:
        rewrite_schema(db, rng)
    db.close()


# What makes SQLite compute for hours, a gigabyte of it, or a little very often.  {} is a column or such an expression.
EXPLODING = [
    "instr(hex(zeroblob({n})), hex(zeroblob({n} / 2)) || '1')", "replace(hex(zeroblob({n})), hex(zeroblob({n} / 3)) || 'x', {})",
    "printf('%.*c', {n}, {})", "printf('%{n}d', {})", 'zeroblob({n})', 'hex(randomblob({n}))', 'trim(hex(zeroblob({n})), hex(randomblob({n})))',
    "json_patch({}, '{{\"a\":1}}')", "json_set('{{}}', '$.a', {})", 'quote({})', '{} || {}', "{} LIKE '%a%b%c%d%'", 'hex({}) GLOB {}',
    'abs({}) + length({})', 'CASE WHEN {} THEN {} END', "strftime('%Y', {})", 'group_concat({})', 'count(*)', 'unicode({})', 'char({}, {})',
]


def exploding(rng, column, depth=0):
    """An expression, often of others."""
    text = rng.choice(EXPLODING)
    while '{}' in text:
        text = text.replace('{}', column if depth > 3 or rng.random() < 0.6 else exploding(rng, column, depth + 1), 1)
    return text.replace('{n}', str(rng.choice([1000, 100000, 3000000, 20000000, 900000000, 2147483647])))


def computing_database(path, rng):
    """A few rows, and a schema that makes much of them.  SQLite would be at it when it inserts, so the rows come first."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute('CREATE TABLE t(id INTEGER PRIMARY KEY, a)')
    db.execute('CREATE TABLE u(id INTEGER PRIMARY KEY, t REFERENCES t(id))')
    for value in rng.sample(HOSTILE_VALUES, rng.randint(1, 5)) + ['{' + ','.join(f'"{i}":{i}' for i in range(rng.choice([2, 20000]))) + '}']:
        try:
            db.execute('INSERT INTO t(a) VALUES (?)', (value,))
        except (sqlite3.Error, UnicodeError, OverflowError):
            pass
    table = 'CREATE TABLE t(id INTEGER PRIMARY KEY, a'
    for number in range(rng.randint(1, 4)):
        source = rng.choice(['a', 'id'] + [f'g{before}' for before in range(number)])
        table += f', g{number} AS ({exploding(rng, source)})'
    if rng.random() < 0.3:
        table += f' CHECK ({exploding(rng, "a")} IS NOT 7)'
    if rng.random() < 0.3:
        table = table.replace(', a', f', a DEFAULT ({exploding(rng, "7")})', 1)
    views = [f'CREATE VIEW v0 AS SELECT {exploding(rng, "a")} AS a, id FROM t']
    for level in range(1, rng.choice([1, 3, 10, 30])):
        views.append(f'CREATE VIEW v{level} AS SELECT x.a, y.id FROM v{level - 1} x, v{level - 1} y{rng.choice(["", " GROUP BY 2", " ORDER BY 1"])}')
    if rng.random() < 0.3:
        clauses = ['c0(a) AS (SELECT id FROM t)'] + [f'c{i}(a) AS (SELECT x.a FROM c{i - 1} x, c{i - 1} y)' for i in range(1, rng.choice([4, 25]))]
        views.append(f"CREATE VIEW w AS WITH {', '.join(clauses)} SELECT * FROM c{len(clauses) - 1}")
    for statement in views:
        db.execute(statement)
    db.execute('PRAGMA writable_schema = 1')
    db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 't'", (table + ')',))
    if rng.random() < 0.3:
        db.execute("INSERT INTO sqlite_schema SELECT 'index', 'i', 't', rootpage, ? FROM sqlite_schema WHERE name = 'u'",
                   (f'CREATE INDEX i ON t({exploding(rng, "a")})',))
    db.close()


def rewrite_schema(db, rng):
    """Changes sqlite_schema behind SQLite's back."""
    changes = [
        ("UPDATE sqlite_schema SET rootpage = ?", [rng.choice([0, 1, 2, 3, -1, 99999, 2**31])]),
        ("UPDATE sqlite_schema SET name = ? WHERE rowid = 1", [rng.choice(HOSTILE_NAMES)]),
        ("UPDATE sqlite_schema SET sql = replace(sql, ?, ?)", [rng.choice(['(', ')', ',', '"', 'CREATE']), rng.choice(['((', '', ' ', ';', '--'])]),
        ("UPDATE sqlite_schema SET sql = CAST(? AS TEXT) WHERE rowid = 1", [b'CREATE TABLE \xff\xfe("\xc0\x80" \xf0\x28)']),
        ("UPDATE sqlite_schema SET type = ?", [rng.choice(['view', 'trigger', 'index', 'x'])]),
        ("INSERT INTO sqlite_schema VALUES ('table', 'sqlite_stat1', 'sqlite_stat1', 2, 'CREATE TABLE sqlite_stat1(tbl,idx,stat)')", []),
        ("INSERT INTO sqlite_schema VALUES ('table', 'sqlite_sequence', 'sqlite_sequence', 2, 'CREATE TABLE sqlite_sequence(name,seq)')", []),
        ("INSERT INTO sqlite_schema SELECT * FROM sqlite_schema", []),
        ("INSERT INTO sqlite_schema VALUES ('view', 'a', 'a', 0, 'CREATE VIEW a AS SELECT * FROM b'), ('view', 'b', 'b', 0, 'CREATE VIEW b AS SELECT * FROM a')", []),
        ("INSERT INTO sqlite_schema VALUES ('table', 'f', 'f', 0, 'CREATE VIRTUAL TABLE f USING ' || ?)", [rng.choice(['fts5(x)', 'dbstat', 'nothing', 'rtree(i,a,b)', 'csv(filename=/etc/passwd)'])]),
    ]
    try:
        db.execute('PRAGMA writable_schema=1')
        for sql, arguments in rng.sample(changes, rng.randint(1, 2)):
            db.execute(sql, arguments)
    except (sqlite3.Error, OverflowError):
        pass


def page_size_of(data):
    if len(data) < 100:
        return 512
    size = struct.unpack('>H', data[16:18])[0]
    return 65536 if size == 1 else size if size >= 512 and size & (size - 1) == 0 else 512


def flip_bits(data, rng):
    for _ in range(rng.choice([1, 1, 2, 4, 8, 32, 256])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def flip_structure(data, rng):
    """Damage where it matters: b-tree page headers and cell pointers."""
    size = page_size_of(data)
    for _ in range(rng.choice([1, 2, 4])):
        page = rng.randrange(max(1, len(data) // size))
        at = page * size + (100 if page == 0 else 0) + rng.randrange(64)
        if at < len(data):
            data[at] = rng.choice([0, 1, 2, 5, 10, 13, 0x7f, 0x80, 0xff, rng.randrange(256)])


def header_fields(data, rng):
    for _ in range(rng.randint(1, 3)):
        data[rng.randrange(16, 100)] = rng.choice([0, 1, 2, 4, 0x7f, 0xff, rng.randrange(256)])


def truncate(data, rng):
    size = page_size_of(data)
    end = rng.randrange(len(data)) if rng.random() < 0.5 else size * rng.randrange(max(1, len(data) // size))
    del data[end:]


def swap_pages(data, rng):
    size = page_size_of(data)
    pages = len(data) // size
    if pages < 2:
        return
    a, b = rng.randrange(pages), rng.randrange(pages)
    first, second = data[a * size:(a + 1) * size], data[b * size:(b + 1) * size]
    data[a * size:(a + 1) * size], data[b * size:(b + 1) * size] = second, first


def copy_page(data, rng):
    size = page_size_of(data)
    pages = len(data) // size
    if pages >= 2:
        a, b = rng.randrange(pages), rng.randrange(1, pages)
        data[b * size:(b + 1) * size] = data[a * size:(a + 1) * size]


def fill_page(data, rng):
    size = page_size_of(data)
    page = rng.randrange(max(1, len(data) // size))
    start = page * size + rng.randrange(size)
    end = min(len(data), start + rng.choice([4, 16, 128, size]))
    data[start:end] = bytes([rng.choice([0, 0xff, 0x80, rng.randrange(256)])]) * (end - start)


def random_bytes(data, rng):
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.choice([1, 8, 64, 512]))
    data[start:end] = rng.randbytes(end - start)


MUTATIONS = [flip_bits, flip_bits, flip_structure, flip_structure, flip_structure, header_fields, truncate, swap_pages,
             copy_page, fill_page, random_bytes]


def mutate(data, rng):
    """Returns damaged bytes of a database."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if data:
            rng.choice(MUTATIONS)(data, rng)
    return bytes(data)


def busy_trio(path, rng):
    """A database with a -wal or a -journal, as a killed application leaves them."""
    kind = rng.choice(['wal', 'journal'])
    busy = path + '.busy'
    db = sqlite3.connect(busy, isolation_level=None)
    db.execute(f"PRAGMA journal_mode={'wal' if kind == 'wal' else 'delete'}")
    db.execute('PRAGMA synchronous=off')
    db.execute('PRAGMA cache_size=1')
    db.execute('CREATE TABLE t(a INTEGER PRIMARY KEY, b)')
    db.execute('BEGIN')
    db.executemany('INSERT INTO t(b) VALUES (?)', [('x' * rng.randrange(3000),) for _ in range(100)])
    db.execute('COMMIT')
    db.execute('BEGIN')
    db.execute("UPDATE t SET b = 'y' || b")
    if kind == 'wal':
        db.execute('COMMIT')
    result = {}
    for suffix in ('', '-' + kind):
        with open(busy + suffix, 'rb') as stream:
            result[suffix] = stream.read()
    db.close()
    for suffix in ('', '-wal', '-shm', '-journal'):
        if os.path.exists(busy + suffix):
            os.unlink(busy + suffix)
    return result


SIDECARS = ('-journal', '-wal', '-shm')


def name_super_journal(journal, rng):
    """The end of a journal that names another file: the one that SQLite would look for, read and delete."""
    name = rng.choice([b'/etc/passwd', b'/nowhere/super', b'app.db', b'/proc/self/mem', b'x' * rng.randrange(1, 600), b'\xff\x00/'])
    page = rng.choice([512, 1024, 4096, 65536])
    checksum = (sum(byte - 256 if byte > 127 else byte for byte in name) + rng.choice([0, 0, 0, 1])) % 2**32
    return journal + struct.pack('>I', 0x40000000 // page + 1) + name + struct.pack('>II', len(name), checksum) + JOURNAL_MAGIC


def hostile_bytes(suffix, contents, rng):
    """What somebody writes in the place of a sidecar: its magic and nonsense, another file's bytes, or damage."""
    if contents and rng.random() < 0.3:
        return mutate(contents, rng)
    start = {'-journal': JOURNAL_MAGIC, '-wal': struct.pack('>IIII', 0x377f0682 + rng.randrange(2), 3007000, rng.choice([512, 4096, 65536, 3]), 0),
             '-shm': struct.pack('<IIII', 3007000, 0, rng.randrange(2**32), 1)}[suffix]
    content = start + rng.randbytes(rng.choice([0, 12, 16, 500, 5000, 32768]))
    return name_super_journal(content, rng) if suffix == '-journal' and rng.random() < 0.5 else content


def hostile_sidecars(path, contents, rng):
    """Files of any kind beside a database, by whoever may write there.  Returns their paths; 'contents' are taken."""
    made = []
    for suffix in rng.sample(SIDECARS, rng.choice([1, 1, 2, 3])):
        beside = path + suffix
        content = contents.pop(suffix, b'')
        kind = rng.choice(['bytes', 'bytes', 'bytes', 'super', 'fifo', 'socket', 'folder', 'link', 'dangling', 'second name'])
        if kind == 'fifo':
            os.mkfifo(beside)
        elif kind == 'socket':
            os.mknod(beside, stat.S_IFSOCK | 0o666)
        elif kind == 'folder':
            os.mkdir(beside)
        elif kind == 'link':
            os.symlink(path, beside)
        elif kind == 'dangling':
            os.symlink('/nowhere/at/all', beside)
        elif kind == 'second name':
            os.link(path, beside)
        else:
            if kind == 'super' and suffix == '-journal':
                content = name_super_journal(content or JOURNAL_MAGIC + bytes(504), rng)
            else:
                content = hostile_bytes(suffix, content, rng)
            with open(beside, 'wb') as stream:
                stream.write(content)
        if kind in ('bytes', 'super', 'fifo', 'socket', 'folder'):
            os.chmod(beside, 0o777)
        made.append(beside)
    return made


def remove(path):
    """Whatever make_files made."""
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    else:
        os.unlink(path)


def make_files(path, seed, corpus):
    """Writes the file of that seed, and what stands beside it.  Returns the paths."""
    rng = random.Random(seed)
    kind = rng.random()
    if kind < 0.30:
        (computing_database if kind < 0.05 else hostile_database)(path, rng)
        with open(path, 'rb') as stream:
            contents = {'': stream.read()}
        os.unlink(path)
        if rng.random() < 0.3:
            contents[''] = mutate(contents[''], rng)
    elif kind < 0.40:
        contents = busy_trio(path, rng)
        victim = rng.choice(sorted(contents))
        contents[victim] = mutate(contents[victim], rng)
    else:
        contents = {'': mutate(rng.choice(corpus), rng)}
    # a generator of its own: the databases of the seeds before stay what they were
    beside = random.Random(f'beside {seed}')
    paths = []
    with open(path, 'wb') as stream:
        stream.write(contents.pop(''))
    os.chmod(path, 0o666)
    paths.append(path)
    if beside.random() < 0.2:
        paths += hostile_sidecars(path, contents, beside)
    for suffix, content in contents.items():
        with open(path + suffix, 'wb') as stream:
            stream.write(content)
        os.chmod(path + suffix, 0o666)
        paths.append(path + suffix)
    return paths
