"""What the benchmarks share: data, rounds in turn, medians, ratios, CSV and SVG.

Each benchmark runs its contenders one after the other, round by round, so that a slow minute of the
machine hits all of them; figures are medians, and what counts are ratios within one run.
"""
import csv
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
WORK = os.environ.get("BENCH_WORK") or os.path.join(tempfile.gettempdir(), f"sqlite_import_bench_{os.getuid()}")
RESULTS = os.environ.get("BENCH_RESULTS") or os.path.join(HERE, "results")


def connect():
    connection = psycopg2.connect("")
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS sqlite_import")
    return connection


def query(connection, statement, arguments=None):
    cursor = connection.cursor()
    cursor.execute(statement, arguments)
    return cursor.fetchall() if cursor.description else []


def made_once(name, make):
    """The path of a SQLite file, made by make(connection) when it is not there."""
    os.makedirs(WORK, exist_ok=True)
    os.chmod(WORK, 0o777)   # the server's user writes COPY files beside it
    path = os.path.join(WORK, name)
    if not os.path.exists(path):
        print(f"making {name} ...", file=sys.stderr)
        connection = sqlite3.connect(path + ".new")
        connection.execute("PRAGMA journal_mode = off")
        make(connection)
        connection.commit()
        connection.close()
        os.chmod(path + ".new", 0o644)
        os.rename(path + ".new", path)
    return path


MIXED = """CREATE TABLE mixed(id INTEGER PRIMARY KEY{key}, name TEXT NOT NULL, email VARCHAR(100){unique}, score REAL, qty INT,
           active BOOLEAN, created DATETIME, note TEXT, price NUMERIC(10,2))"""


def mixed_rows(count):
    dice = random.Random(1)
    for i in range(1, count + 1):
        yield (i, f"name {i}", f"user{i}@example.com", dice.random() * 1000, dice.randint(0, 100000), dice.randint(0, 1),
               "20%02d-%02d-%02d %02d:%02d:%02d" % (dice.randint(0, 24), dice.randint(1, 12), dice.randint(1, 28),
                                                    dice.randint(0, 23), dice.randint(0, 59), dice.randint(0, 59)),
               "x" * dice.randint(0, 60), None if i % 10 == 0 else round(dice.random() * 100, 2))


def mixed(count, keys=False):
    def make(connection):
        connection.execute(MIXED.format(key=" AUTOINCREMENT" if keys else "", unique=" UNIQUE" if keys else ""))
        if keys:
            connection.execute("CREATE INDEX mixed_qty ON mixed(qty)")
        connection.executemany("INSERT INTO mixed VALUES (?,?,?,?,?,?,?,?,?)", mixed_rows(count))
    return made_once(f"mixed_{count}{'_keys' if keys else ''}.db", make)


def timed(action):
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def processor_seconds(pid):
    """Processor time that a backend has taken so far, its threads included."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stream:
        fields = stream.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def in_turn(contenders, prepare=lambda: None, pid=None):
    """{name: [seconds]} of callables, each run ROUNDS times in turn; the first round warms up.
    With the pid of the backend that does the work, a second such dictionary of processor time."""
    times = {name: [] for name in contenders}
    processor = {name: [] for name in contenders}
    for number in range(ROUNDS + 1):
        for name, action in contenders.items():
            prepare()
            before = processor_seconds(pid) if pid else 0
            took = timed(action)
            if number > 0:
                times[name].append(took)
                processor[name].append(processor_seconds(pid) - before if pid else 0)
    return (times, processor) if pid else times


class Table:
    """Medians and ratios of a benchmark; printed, and written as CSV and SVG."""

    def __init__(self, name, title):
        self.name, self.title, self.lines = name, title, []
        print(f"\n{title}")

    def add(self, group, times, base):
        medians = {name: statistics.median(values) for name, values in times.items()}
        for name, median in medians.items():
            spread = f"{min(times[name]):.2f} … {max(times[name]):.2f}"
            ratio = median / medians[base] if base in medians else None
            self.lines.append((group, name, median, min(times[name]), max(times[name]), ratio))
            print(f"  {group:28} {name:26} {median:8.3f} s  ({spread})" + (f"   {ratio:5.2f} of {base}" if ratio else ""), flush=True)

    def note(self, group, name, value, unit):
        self.lines.append((group, name, value, value, value, None))
        print(f"  {group:28} {name:26} {value:8.3f} {unit}", flush=True)

    def write(self):
        os.makedirs(RESULTS, exist_ok=True)
        with open(os.path.join(RESULTS, self.name + ".csv"), "w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(("group", "contender", "median", "least", "most", "ratio"))
            for line in self.lines:
                writer.writerow([f"{x:.4f}" if isinstance(x, float) else ("" if x is None else x) for x in line])
        with open(os.path.join(RESULTS, self.name + ".svg"), "w", encoding="utf-8") as stream:
            stream.write(self.chart())

    def chart(self):
        """Horizontal bars, one group after the other, each group on a scale of its own."""
        rows, y, seen = [], 44, None
        for group, name, median, _, _, ratio in self.lines:
            if group != seen:
                seen = group
                most = max(line[2] for line in self.lines if line[0] == group)
                rows.append(f'<text x="10" y="{y + 14}" font-weight="bold">{group}</text>')
                y += 22
            width = 360 * median / most if most else 0
            colour = "#2f6f4f" if name.startswith("sqlite_import") else "#9aa5b1"
            label = f"{median:.2f} s" + (f" ({ratio:.2f})" if ratio else "")
            rows.append(f'<text x="180" y="{y + 12}" text-anchor="end">{name}</text>'
                        f'<rect x="190" y="{y}" width="{width:.0f}" height="15" fill="{colour}"/>'
                        f'<text x="{196 + width:.0f}" y="{y + 12}">{label}</text>')
            y += 20
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="680" height="{y + 10}" font-family="sans-serif" font-size="12">'
                f'<rect width="100%" height="100%" fill="white"/><text x="10" y="24" font-size="15">{self.title}</text>'
                + "".join(rows) + "</svg>\n")


def pgloader(path, *options):
    """A callable that lets pgloader migrate the file into the public schema; None where it is not installed."""
    if shutil.which("pgloader") is None:
        return None
    environment = os.environ
    target = (f"pgsql://{environment.get('PGUSER', 'postgres')}@unix:{environment['PGHOST']}:{environment.get('PGPORT', '5432')}"
              f"/{environment.get('PGDATABASE', 'postgres')}")

    def run():
        done = subprocess.run(["pgloader", "--quiet", *options, f"sqlite://{path}", target], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
    return run


def empty_database(connection):
    """Tables of earlier rounds go, and what they left to write is written before the clock starts."""
    for (name,) in query(connection, "SELECT format('%I', nspname) FROM pg_namespace WHERE nspname IN ('public', 'mig')"):
        query(connection, f"DROP SCHEMA {name} CASCADE")
    query(connection, "CREATE SCHEMA public")
    query(connection, "CHECKPOINT")
