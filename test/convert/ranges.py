"""Tables read by several threads give the rows of one: the same, in the same order, with the same errors.

Small batches make ranges of a few rows, so that tables of some thousand rows have hundreds of them.
"""
import os
import shutil
import sqlite3
import tempfile

import psycopg2

THREADS = (0, 1, 2, 3, 8)
MOST, LEAST = 2**63 - 1, -2**63

SHAPES = {
    "empty": [],
    "one row": [5],
    "two rows at the ends": [LEAST, MOST],
    "dense": list(range(1, 3001)),
    "dense, around zero": list(range(-1500, 1500)),
    "at the least rowid": list(range(LEAST, LEAST + 2000)),
    "at the greatest rowid": list(range(MOST - 1999, MOST + 1)),
    "from end to end": [LEAST + i * (2**64 // 2500) for i in range(2500)],
    "sparse": [i * 1000003 for i in range(-1000, 1000)],
    "dense, then sparse": list(range(1000)) + [10**6 + i * 10**9 for i in range(1000)],
    "sparse, then dense": [i * 10**9 for i in range(1000)] + list(range(10**12, 10**12 + 3000)),
    "islands": [island * 10**7 + i for island in range(40) for i in range(77)],
    "one far away": list(range(500)) + [MOST],
    "rows of very different size": list(range(2000)),
}


def make(path, rowids, declared="id INTEGER PRIMARY KEY, n, word TEXT", without_rowid=""):
    db = sqlite3.connect(path)
    db.execute(f"CREATE TABLE t({declared}) {without_rowid}")
    big = len(rowids) == 2000 and rowids[0] == 0
    db.executemany("INSERT INTO t VALUES (?,?,?)",
                   ((rowid, i, "x" * (200000 if i % 400 == 7 else 3000 if i % 50 == 0 else i % 30) if big else f"row {rowid}")
                    for i, rowid in enumerate(rowids)))
    db.commit()
    db.close()
    os.chmod(path, 0o644)
    return path


class Ranges:
    def __init__(self, connection):
        self.cursor = connection.cursor()
        self.passed = self.failed = 0
        self.folder = tempfile.mkdtemp(prefix="sqlite_import_ranges_")
        os.chmod(self.folder, 0o755)

    def check(self, what, got, wanted):
        if got == wanted:
            self.passed += 1
            return
        self.failed += 1
        print(f"not ok {what}: got {str(got)[:300]}, wanted {str(wanted)[:300]}")

    def path(self, name):
        return os.path.join(self.folder, name.replace(" ", "_").replace(",", "") + ".db")

    def copy(self, path, threads, columns="id int8, n int, word text", table="t", options="", setup=""):
        """The rows in their physical order, or the error."""
        self.cursor.execute(f"SET sqlite_import.reader_threads = {threads}; DROP TABLE IF EXISTS target; CREATE TABLE target ({columns})")
        self.cursor.execute("SAVEPOINT before; " + setup)
        try:
            self.cursor.execute(f"SELECT action, rows, rejected, note FROM sqlite_import.copy_table(%s, '{table}', 'target', batch_size => 7 {options})",
                                (path,))
            report = self.cursor.fetchall()
            self.cursor.execute("SELECT * FROM target ORDER BY ctid")
            return report, self.cursor.fetchall()
        except psycopg2.Error as error:
            self.cursor.execute("ROLLBACK TO before")
            return error.pgcode, error.diag.message_primary, error.diag.message_detail

    def shapes(self):
        for name, rowids in SHAPES.items():
            path = make(self.path(name), rowids)
            db = sqlite3.connect(path)
            wanted = db.execute("SELECT id, n, word FROM t ORDER BY id").fetchall()
            db.close()
            for threads in THREADS:
                report, rows = self.copy(path, threads)
                self.check(f"{name}, {threads} threads", (rows, report[0][1]), (wanted, len(wanted)))

    def other_tables(self):
        rowids = list(range(1, 2001))
        for name, declared, without in (("without rowid", "id INT PRIMARY KEY, n, word", "WITHOUT ROWID"),
                                        ("rowid hidden", "rowid INT, oid, _rowid_", ""), ("rowid not a column", "id, n, word", "")):
            path = make(self.path(name), rowids, declared, without)
            columns = ", ".join(part.split()[0] + " text" for part in declared.split(", "))
            wanted = self.copy(path, 0, columns)
            for threads in THREADS[1:]:
                self.check(f"{name}, {threads} threads", self.copy(path, threads, columns), wanted)
        self.check("without rowid: rows", len(wanted[1]), 2000)

    def errors(self):
        """Of several bad values the one with the lowest rowid is told, whoever met one first."""
        path = make(self.path("errors"), list(range(-1000, 3000)))
        db = sqlite3.connect(path)
        db.execute("UPDATE t SET n = 'bad' WHERE id IN (700, 701, 1500, 2999)")
        db.execute("UPDATE t SET word = NULL WHERE id IN (711, 2000)")
        db.commit()
        db.close()
        for options in ("", ", on_error => 'reject'", ", on_error => 'null'"):
            # beside threads, the general writer
            for setup in ("", "CREATE UNIQUE INDEX ON target (id)"):
                wanted = self.copy(path, 0, "id int8, n int, word text NOT NULL", options=options, setup=setup)
                for threads in THREADS[1:]:
                    self.check(f"errors, {threads} threads {options} {setup}",
                               self.copy(path, threads, "id int8, n int, word text NOT NULL", options=options, setup=setup), wanted)
        self.check("errors: which", "rowid 700" in str(self.copy(path, 8)[2]), True)

    def damage(self):
        path = make(self.path("damage"), list(range(20000)))
        with open(path, "r+b") as stream:
            stream.seek(4096 * 60)
            stream.write(b"\xff" * 4096)
        wanted = self.copy(path, 0)
        for threads in THREADS[1:]:
            self.check(f"damage, {threads} threads", self.copy(path, threads), wanted)
        self.check("damage: the error", wanted[0], "XX001")
        salvage = ("SELECT count(*) FROM sqlite_import.migrate(%s, 'salvaged', on_corruption => 'salvage', verify => 'none')", (path,))
        counts = set()
        for threads in THREADS:
            self.cursor.execute(f"SET sqlite_import.reader_threads = {threads}; CREATE SCHEMA salvaged")
            self.cursor.execute(*salvage)
            self.cursor.execute("SELECT count(*), sum(id), min(id), max(id) FROM salvaged.t")
            counts.add(self.cursor.fetchone())
            self.cursor.execute("DROP SCHEMA salvaged CASCADE")
        self.check("salvage", len(counts), 1)

    def write_ahead_log(self):
        """A -wal can be read by one connection only; the rows are those of the snapshot."""
        path = make(self.path("wal"), list(range(3000)))
        db = sqlite3.connect(path)
        db.execute("PRAGMA journal_mode = wal")
        db.execute("UPDATE t SET word = 'changed' WHERE id % 3 = 0")
        db.commit()
        for name in os.listdir(self.folder):
            os.chmod(os.path.join(self.folder, name), 0o644)
        wanted = db.execute("SELECT id, n, word FROM t ORDER BY id").fetchall()
        for threads in THREADS:
            self.check(f"-wal, {threads} threads", self.copy(path, threads)[1], wanted)
        db.close()

    def large_object(self):
        """Copied into a temporary file for threads, or read in place where there is no room for one."""
        path = make(self.path("large object"), [i * 3 for i in range(60000)])
        with open(path, "rb") as stream:
            self.cursor.execute("SELECT lo_from_bytea(0, %s)", (psycopg2.Binary(stream.read()),))
        number = self.cursor.fetchone()[0]
        db = sqlite3.connect(path)
        wanted = db.execute("SELECT id, n, word FROM t ORDER BY id").fetchall()
        db.close()
        for limit in ("-1", "'1MB'"):
            for threads in THREADS:
                self.cursor.execute(f"SET sqlite_import.reader_threads = {threads}; SET temp_file_limit = {limit}; CREATE SCHEMA large")
                self.cursor.execute("SELECT rows FROM sqlite_import.migrate(%s, 'large') WHERE object_type = 'table' AND action = 'loaded'",
                                    (f"lo:{number}",))
                rows = self.cursor.fetchall()
                self.cursor.execute("RESET temp_file_limit; SELECT id, n, word FROM large.t ORDER BY ctid")
                self.check(f"large object, {threads} threads, limit {limit}", (rows, self.cursor.fetchall() == wanted), ([(len(wanted),)], True))
                self.cursor.execute("SAVEPOINT s")
                try:
                    self.cursor.execute("SELECT * FROM sqlite_import.migrate(%s, 'large', on_existing => 'error')", (f"lo:{number}",))
                    self.check("large object, an error", "none", "some")
                except psycopg2.Error as error:
                    self.check("large object, an error", error.pgcode[:2] != "XX", True)
                self.cursor.execute("ROLLBACK TO s; DROP SCHEMA large CASCADE")
        self.cursor.execute("SELECT count(*) FROM pg_ls_tmpdir()")
        self.check("large object: no temporary file is left", self.cursor.fetchone()[0], 0)
        self.cursor.execute("SELECT lo_unlink(%s); RESET temp_file_limit", (number,))


def run(connection):
    """(passed, failed)"""
    ranges = Ranges(connection)
    try:
        ranges.cursor.execute("SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS sqlite_import")
        for part in (ranges.shapes, ranges.other_tables, ranges.errors, ranges.damage, ranges.write_ahead_log,
                     ranges.large_object):
            part()
    finally:
        connection.rollback()
        shutil.rmtree(ranges.folder)
    print(f"{'not ok' if ranges.failed else 'ok'} ranges: {ranges.passed} comparisons")
    return ranges.passed, ranges.failed
