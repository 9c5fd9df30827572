#!/usr/bin/python3
"""evidence.py: whether numbers become times, and which, judged by the rules told again in Python.

Makes SQLite files with hundreds of columns declared DATETIME(n), DATE(n) or TIMESTAMPTZ(n), each with numbers of some
unit, near and across the ends of the windows, sentinels, days that do not exist, two units mixed; some columns share a
declared type.  migrate has to choose the type that the model chooses, each value has to be the model's moment, and
verify, profile and copy_table into the same types have to agree.  Prints `N passed, N failed`.
"""
import datetime
import os
import random
import sqlite3
import sys
import tempfile

import psycopg2

import model

SEED = int(os.environ.get("SEED", "1980"))
dice = random.Random(SEED)
DAY = 86400
FROM = model.since_1970(1980, 1, 1) // 10**6
TO = model.since_1970(2101, 1, 1) // 10**6
LAST = model.since_1970(9999, 12, 31) // 10**6
UNITS = ["unix_s", "unix_ms", "unix_us", "unix_ns", "julian"]


def seconds(number, unit):
    """Seconds since 1970, exactly enough for windows."""
    if unit == "julian":
        return (number - 2440587.5) * DAY
    per = {"unix_s": 1, "unix_ms": 10**3, "unix_us": 10**6, "unix_ns": 10**9, "cocoa": 1}[unit]
    return number // per + (978307200 if unit == "cocoa" else 0)


def is_last(number, unit):
    return LAST <= seconds(number, unit) < LAST + DAY


def compact_day(number):
    """The date of YYYYMMDD or YYYYMMDDHHMMSS, or None."""
    if isinstance(number, float) or len(str(number)) not in (8, 14) or number < 0:
        return None
    try:
        return datetime.datetime.strptime(str(number), "%Y%m%d" if number < 10**8 else "%Y%m%d%H%M%S").date()
    except ValueError:
        return None


def own_unit(numbers, core_data):
    """The rules 1 to 3 of docs/type-mapping.md, When a number becomes a time."""
    if not numbers:
        return None
    days = [compact_day(n) for n in numbers]
    never = datetime.date(9999, 12, 31)
    if all(d and (1900 <= d.year <= 2100 or d == never) for d in days) and any(d != never for d in days):
        return "compact"
    if core_data and all(FROM <= seconds(n, "cocoa") < TO for n in numbers):
        return "cocoa"
    for unit in UNITS:
        rest = [n for n in numbers if n != 0 and not is_last(n, unit)]
        if rest and all(FROM <= seconds(n, unit) < TO for n in rest):
            ticks = [(n - 621355968000000000) / 10**7 for n in rest]
            # what could be .NET's ticks as well is no evidence (the sentinels of other units do not hide that)
            if unit == "unix_ns" and all(model.since_1970(1900, 1, 1) / 10**6 <= t < TO for t in ticks):
                continue
            return unit
    return None


def sibling_unit(numbers, unit):
    """Rule 4: 1900 to 2100, and not all of it beside 1970."""
    if unit in (None, "compact"):
        return None
    if any(is_last(n, other) for n in numbers for other in UNITS if other != unit) or any(compact_day(n) == datetime.date(9999, 12, 31) for n in numbers):
        return None
    rest = [n for n in numbers if n != 0 and not (unit in UNITS and is_last(n, unit))]
    if not rest or not all(model.since_1970(1900, 1, 1) / 10**6 <= seconds(n, unit) < TO for n in rest):
        return None
    zero = seconds(0, unit)
    return unit if any(abs(seconds(n, unit) - zero) > 366 * DAY for n in rest) else None


def moment(number, unit):
    if unit == "compact":
        return datetime.datetime.fromisoformat(model.compact(number))
    micro = model.instant(number, unit)
    return model.EPOCH + datetime.timedelta(microseconds=micro)


def numbers_of(unit):
    """A column's worth, mostly of one unit."""
    scale = {"unix_s": 1, "unix_ms": 10**3, "unix_us": 10**6, "unix_ns": 10**9, "cocoa": 1}
    low, high = dice.choice([(FROM, TO), (FROM, TO), (FROM, TO), (-2208988800, TO), (FROM - DAY, TO + DAY), (0, FROM)])
    count = dice.randint(1, 6)
    if unit == "compact":
        result = []
        for _ in range(count):
            day = datetime.datetime(dice.randint(1899 + (dice.random() < 0.9), 2100), 1, 1) + datetime.timedelta(seconds=dice.randint(0, 364 * DAY))
            result.append(int(day.strftime("%Y%m%d" if dice.random() < 0.5 else "%Y%m%d%H%M%S")))
        return result + ([dice.choice([20230229, 20241301, 99991231, 0])] if dice.random() < 0.3 else [])
    if unit == "julian":
        result = [dice.choice([0, 0.5, 0.25]) + 2440588 + dice.randint(low // DAY, high // DAY) for _ in range(count)]
        return result + ([0] if dice.random() < 0.2 else [])
    if unit == "small":
        return [dice.randint(-5, 3000) for _ in range(count)]
    if unit == "ticks":
        return [621355968000000000 + dice.randint(FROM, TO) * 10**7 for _ in range(count)]
    if unit == "webkit":
        return [(11644473600 + dice.randint(FROM, TO)) * 10**6 for _ in range(count)]
    result = [dice.randint(low, high - 1) * scale[unit] - (978307200 if unit == "cocoa" else 0) for _ in range(count)]
    if dice.random() < 0.25:
        result.append(0)
    if dice.random() < 0.15 and unit != "unix_ns":
        result.append(LAST * scale[unit] + dice.choice([0, DAY * scale[unit] - 1]))
    if dice.random() < 0.1:
        result.append(dice.randint(FROM, TO) * 10**dice.choice([0, 3, 6]))
    return [n for n in result if -2**63 <= n < 2**63]


def fill(path, core_data, columns):
    """columns: (name, declared, numbers)"""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, " + ", ".join(f"{name} {declared}" for name, declared, _ in columns) + ")")
    if core_data:
        connection.execute("CREATE TABLE Z_METADATA (Z_VERSION INTEGER)")
    for row in range(max(len(numbers) for _, _, numbers in columns)):
        connection.execute("INSERT INTO t VALUES (" + ", ".join("?" * (len(columns) + 1)) + ")",
                           [row + 1] + [numbers[row] if row < len(numbers) else None for _, _, numbers in columns])
    connection.commit()
    connection.close()
    os.chmod(path, 0o644)


def check(cursor, path, core_data, columns):
    cursor.execute("DROP SCHEMA IF EXISTS evidence CASCADE; CREATE SCHEMA evidence")
    cursor.execute("SELECT status FROM (SELECT note AS status FROM sqlite_import.migrate(%s, 'evidence') WHERE object_type = 'table' AND action = 'verified') v", (path,))
    wrong = [] if all(row[0] == "equal" for row in cursor.fetchall()) else ["not verified"]
    cursor.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'evidence' AND table_name = 't'")
    types = dict(cursor.fetchall())
    cursor.execute("SELECT column_name, target_type FROM sqlite_import.profile(%s, '{t}')", (path,))
    profiled = dict(cursor.fetchall())
    cursor.execute("SELECT status FROM sqlite_import.verify(%s, 'evidence', tables => '{t}')", (path,))
    status = cursor.fetchone()[0]
    if status != "equal":
        wrong.append(f"verify says {status}")
    own = {name: own_unit(numbers, core_data) for name, _, numbers in columns}
    for name, declared, numbers in columns:
        others = {own[other] for other, same, _ in columns if same == declared and other != name and own[other]}
        unit = own[name] or (sibling_unit(numbers, others.pop()) if len(others) == 1 else None)
        if unit == "unix_ns" and any(n % 1000 for n in numbers):
            unit = None     # PostgreSQL keeps microseconds
        kind = {"DATETIME": "timestamp without time zone", "DATE": "date", "TIMESTAMPTZ": "timestamp with time zone"}[declared.split("(")[0]]
        if unit is None:
            expected = "double precision" if any(isinstance(n, float) for n in numbers) else "bigint"
        elif kind == "date" and any(moment(n, unit).time() != datetime.time() if not (n == 0 and unit == "julian") else True for n in numbers):
            expected = "timestamp without time zone"
        else:
            expected = kind
        if types[name] != expected or profiled[name] != expected:
            wrong.append(f"{declared} {numbers}: {expected} by {unit} is due; migrate says {types[name]}, profile {profiled[name]}")
            continue
        shown = f"{name} AT TIME ZONE 'UTC'" if expected.endswith("with time zone") else name
        cursor.execute(f"SELECT id, ({shown})::text FROM evidence.t WHERE {name} IS NOT NULL ORDER BY id")
        for (number, (_, found)) in zip(numbers, cursor.fetchall()):
            if unit is None:
                good = float(found) == float(number) if expected == "double precision" else int(found) == number
            elif unit == "julian" and number == 0:
                good = found.startswith("4714-11-24")
            else:
                good = datetime.datetime.fromisoformat(found.ljust(26, "0") if "." in found else found) == moment(number, unit)
            if not good:
                wrong.append(f"{declared} {number}: found {found} by {unit}")
    # the same types, made by somebody else and without a word on units
    cursor.execute("CREATE TABLE evidence.given (LIKE evidence.t)")
    cursor.execute("SELECT FROM sqlite_import.copy_table(%s, 't', 'evidence.given')", (path,))
    cursor.execute("SELECT count(*) FROM (SELECT * FROM evidence.given EXCEPT ALL SELECT * FROM evidence.t) d")
    if cursor.fetchone()[0]:
        wrong.append("copy_table into the same types gives other values")
    return wrong


def main():
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    connection = psycopg2.connect("")
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("CREATE EXTENSION IF NOT EXISTS sqlite_import; SET client_min_messages = warning; SET datestyle = ISO; SET timezone = 'Asia/Tokyo'")
    passed = failed = 0
    for number in range(12):
        core_data = number % 4 == 3
        path = os.path.join(folder, f"evidence_{number}.db")
        columns = []
        for i in range(60):
            declared = f"{dice.choice(['DATETIME', 'DATE', 'TIMESTAMPTZ'])}({100 + i if dice.random() < 0.7 else dice.randint(1, 5)})"
            unit = dice.choice(["unix_s", "unix_ms", "unix_ms", "unix_us", "unix_ns", "julian", "compact", "cocoa", "small", "ticks", "webkit"])
            columns.append((f"c{i}", declared, numbers_of(unit)))
        fill(path, core_data, columns)
        wrong = check(cursor, path, core_data, columns)
        print(("not ok" if wrong else "ok") + f" file {number}: {len(columns)} columns")
        for line in wrong[:12]:
            print("    " + line[:300])
        failed += bool(wrong)
        passed += not wrong
    cursor.execute("DROP SCHEMA evidence CASCADE")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
