#!/usr/bin/python3
"""property.py: every storage class into every type, values at and around all limits and at random.

For each type a SQLite table is filled and copied with on_error => 'reject'; each value has to arrive
as the independent model (model.py) says, or be among the rejected rows, by rowid.  The same values then
go through on_error => 'null', through the column's own on_mismatch, through a foreign table and through
on_error => 'stop': what was rejected has to be NULL there, or to be named.  The server is the one that PG* names, and has to be able to read files made here.  Prints one line a type, then
`N passed, N failed`; the exit status is 1 where anything differs.
"""
import datetime
import ipaddress
import json
import math
import os
import random
import sqlite3
import struct
import sys
import tempfile
from decimal import Decimal

import psycopg2

import model
from model import REFUSED, Raw

SEED = int(os.environ.get("SEED", "20240229"))
dice = random.Random(SEED)


def integers():
    found = {0, 1, -1, 2, 900, 1700000000, 1700000000123, 1700000000123456, 1700000000123456789, 253402300799}
    for power in list(range(1, 64)) + [15, 31, 53, 62]:
        found |= {2**power - 1, 2**power, 2**power + 1, -2**power - 1, -2**power, -2**power + 1}
    for power in range(1, 19):
        found |= {10**power - 1, 10**power, 10**power + 1, -10**power}
    found |= {dice.randint(-2**63, 2**63 - 1) >> dice.randint(0, 62) for _ in range(200)}
    return sorted(n for n in found if -2**63 <= n <= 2**63 - 1)


def reals():
    found = {0.0, 0.5, -0.5, 1.0, 2.5, 19.99, 0.1, 0.2, 0.1 + 0.2, 1 / 3, 1e15, 1e16, 1e22, 1e23, 1e100, 1e-7, 5e-324,
             1.7976931348623157e308, 2.0**53, 2.0**63, -2.0**63, 2.0**63 - 1024, 3.4028234663852886e38, 1e39,
             1.17549435e-38, 16777216.0, 16777217.0, 123456.785, 99999999.99, 100000000.0, 1.005, math.inf, -math.inf,
             2451544.5, 2460310.123456, 1700000000.25, 1700000000.1234567, -1.5, 0.1234567891, 1e300, 32767.0, 32768.0}
    found |= {float(n) for n in integers()[::9]}
    for _ in range(300):
        value = struct.unpack("d", struct.pack("Q", dice.getrandbits(64)))[0]
        if not math.isnan(value):
            found.add(value)
        found.add(round(dice.uniform(-1e6, 1e6), dice.randint(0, 6)))
    return sorted(found)


def moments():
    # clocks in Berlin: never shown, and shown twice
    result = ["2024-03-31 02:30:00", "2024-10-27 02:30:00"]
    for _ in range(150):
        day = f"{dice.randint(1, 9999):04}-{dice.randint(1, 13):02}-{dice.randint(1, 31):02}"
        clock = f"{dice.randint(0, 24):02}:{dice.randint(0, 60):02}"
        if dice.random() < 0.8:
            clock += f":{dice.randint(0, 60):02}"
            if dice.random() < 0.5:
                clock += "." + "".join(dice.choice("0123456789") for _ in range(dice.randint(1, 9)))
        zone = dice.choice(["", "", "Z", "+00:00", " UTC", "+02:00", "-0730", "+05", " -0300 BRT", "x"])
        result += [day, clock, day + dice.choice(" T") + clock + zone]
    return result


def texts():
    plain = ["", " ", "abc", "abcde", "abcdef", "äöüß€", "ab   ", "x" * 200, "a'b\"c\\d", "tab\tnewline\n", "😀😀😀😀😀",
             "😀😀😀😀😀😀", "nul\0byte", "NULL", "\\N", "true", "False", "T", "f", "YES", "no", "On", "off", "y", "N", "maybe", "tr",
             "0", "1", "2", "-0", "+1", "007", "1.0", "1e3", " 1", "1 ", "0x1F", "1_000", "１", "12abc", "1,5", ".5", "5.", "-.5",
             "1.50", "19.990", "0.05", "1.005", "99999999.99", "100000000.00", "NaN", "nan", "Infinity", "-inf", "1e400", "1e-400",
             "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
             "123456789012345678901234567890.123456789012345678901234567890", "9" * 40, "9" * 200, "0." + "0" * 80 + "1",
             "1e131", "1e1001", "-" + "1" * 129 + ".5", "1e-1001", "0e5", "0.000", "00", "0.1e1", "1e", "e5", "--1",
             "now", "today", "infinity", "-infinity", "epoch", "allballs", "0000-00-00", "0000-00-00 00:00:00", "2024-02-29", "2023-02-29",
             "1900-02-29", "2000-02-29", "9999-12-31", "0001-01-01", "0000-01-01", "10000-01-01", "2024-1-1", "01/02/2024", "20240101",
             "2024-01-01T00:00:00Z", "2024-01-01 00:00:00.000000", "2024-01-01 12:34:56.789012345", "2024-01-01 12:34",
             "2024-06-01 12:00:00", "2024-12-01 12:00:00", "2024-01-01 12:00:00 CET", "23:59:59.999999", "24:00:00", "24:00:01", "1704067200",
             "1704067200.5", "1704067200000", "2460310.5", "2024-01-01 00:00:00+16:00",
             "00112233-4455-6677-8899-aabbccddeeff", "{00112233-4455-6677-8899-AABBCCDDEEFF}", "00112233445566778899aabbccddeeff",
             "00112233445566778899aabbccddeef", "0011-2233-4455-6677-8899-aabb-ccdd-eeff", "urn:uuid:00112233-4455-6677-8899-aabbccddeeff",
             "{}", "[]", "[1,2,3]", "[1, null, 3]", '["a", "b,c", "d\\"e", null, "NULL", ""]', "[[1,2],[3,4]]", "[1,[2]]", '{"a": 1e5, "b": [true]}',
             '"x"', '"\\u0000"', '"\\ud83d\\ude00"', '"\\ud83d"', "{a:1}", "[1,]", "nul", "null", "[1] x", '{"a":1,"a":2}', "[\"\\u20ac\"]",
             "[9999999999]", "[1.5]", "[true]", '[{"a":"b"}]', "[" * 50 + "]" * 50, " [ 1 , 2 ] ", "{1,2}",
             'a,b', 'a,,b', ',', '"a","b""c",d', '"a', 'a"b', '"a" ,b', '"",x', 'a\\b,{c}', "{00112233445566778899aabbccddeeff}", "00112233-44556677-8899AABBCCDDEEFF",
             "0011223-344556677-8899AABBCCDDEEFF", "-00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff-", "+inf", "+Infinity", "-NaN", "infinit",
             "10.0.0.1", "10.0.0.0/8", "10.1.2.3/24", "::1", "fe80::1/64", "300.1.1.1", "10", "08:00:2b:01:02:03", "08-00-2B-01-02-03", "08:00:2b-01:02:03", "08002b:010203", "0800.2b01.0203",
             "08002b010203", "0800:2b01:0203", "08:00:2b:01:02", "08:00:2b:ff:fe:01:02:03", "08:00:2b:01:02:0g", " 08:00:2b:01:02:03", "red", "green", "Red", "blue",
             # what readers have differed over, and what PostgreSQL's input functions read more into than there is
             "2024-05-01 13:00:00 +02:00:30", "2024-05-01 13:00:00.5 +0200 CEST m=+0.01", "2024-05-01 13:00:00 +0000 UTC", "2024-05-01 13:00:00 -0300 -03",
             "2024-05-01 13:00:00 +0200 UTC", "2024-05-01 13:00:00 +0200 -03", "2024-05-01 13:00:00 +0200 CEST x", "8 Jan 1999", "8-Jan-1999", "Jan 8, 1999",
             "January 8 1999 10:00", "01-Feb-03", "8 Jan 99", "10:00:00Z", "10:00:00+02", "10:00:00 -0330", "10:00+15:59:59", "2024-01-01 24:00:00", "2024-01-01 24:00:01", "2022/11/04 02:50:27+02", "2022/11-04",
             "2024-01-01t10:00:00z", "INFINITY", "0000-00-00 12:00:00", "2024-00-10", "0000-00-00x",
             "1.02:03:04", "1 02:03:04", "-1 02:03:04", "1 day 2 hours", "1 day, 2:03:04", "-1 day, 23:59:59", "-1 days +02:03:04", "@ 1 min", "90 min", "1.5 hours", "1.5 days",
             "1.5 months", "2 weeks", "P1Y2M3W4DT5H6M7.5S", "P1DT", "PT1.5H", "PT0.0000001S", "1:30", "1:60", "3 days 3 days", "1 mon -3 days", "5", "1-2", "100000000 years", "0.1234567 s", "1 m",
             "10.0.0.0/33", "10.0.0.1/8", "1.2.3", "::ffff:1.2.3.4", "1::/12", "1:2:3:4:5:6:7:8", "1::2::3", "::1%lo", "010.0.0.1", "08002b:0102030405", "0800:2b01:0203:0405", "08:00:2b:01:02:03:04:05", "0800.2b01.0203.0405",
             "404302016", "404302020", "7.038531e-26", "0.1234567", "16777217", "+inf", "-NaN", "Inf"]
    return plain + [str(n) for n in integers()[::5]] + [repr(x) for x in reals()[::5]] + moments()


def blobs():
    return [bytes(16), b"\xff" * 16, bytes.fromhex("0011223344554677889900aabbccddee"), bytes.fromhex("0011223344559946889900aabbccddee"), b"", b"abc", b"\0", b"\xff\xfe", bytes(range(16)), bytes(range(17)), os.urandom(0) + b"x" * 300, "ä€".encode()]


RAW = [Raw(b"gr\xfc\xdf"), Raw(b"\xff"), Raw(b"\xed\xa0\x80"), Raw(b"abc\xc3"), Raw(b"\xf4\x90\x80\x80"), Raw(b"\xc0\x80")]


def fill(path):
    """All values, rowids from 1, with their table; NULL comes last."""
    values = integers() + reals() + list(dict.fromkeys(texts())) + blobs() + RAW + [None]
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE v (id INTEGER PRIMARY KEY, v)")
    for number, value in enumerate(values, 1):
        if isinstance(value, Raw):
            connection.execute("INSERT INTO v VALUES (?, CAST(? AS TEXT))", (number, bytes(value)))
        else:
            connection.execute("INSERT INTO v VALUES (?, ?)", (number, value))
    connection.commit()
    return connection, values


def same(kind, expected, found):
    """Whether PostgreSQL's text is the expected value."""
    if expected is None:
        return True     # the model only knows that it is accepted
    if kind in ("integer", "length", "enum", "uuid", "inet", "macaddr", "text", "bytea", "boolean", "time"):
        return expected == found
    if kind == "address":
        return ipaddress.ip_interface(expected) == ipaddress.ip_interface(found)
    if kind == "float":
        return expected == float(found) or (math.isnan(expected) and found == "NaN")
    if kind == "numeric":
        return expected == Decimal(found)
    if kind in ("date", "timestamp"):
        if isinstance(expected, str):
            return expected == found
        shown = expected.isoformat(" ") if isinstance(expected, datetime.datetime) else expected.isoformat()
        return shown.rstrip("0").rstrip(".") == found.rstrip("0").rstrip(".") or shown == found
    if kind == "json":
        return json.loads(found, parse_float=Decimal, parse_int=Decimal) == expected
    return expected == json.loads(found)    # arrays


LENGTH = "trunc(extract(epoch FROM v) * 1000000)::numeric(60,0)::text"
INTERVAL_PARTS = ("(extract(year FROM v) * 12 + extract(month FROM v))::numeric(40,0) || ' ' || extract(day FROM v)::numeric(40,0) || ' ' || "
                  "(extract(hour FROM v) * 3600000000 + extract(minute FROM v) * 60000000 + extract(microseconds FROM v))::numeric(40,0)")


def cases(sqlite_text):
    """(type, how the result is read, kind, model, casts)"""
    plain = "v::text"
    yield from (
        ("smallint", plain, "integer", lambda v: model.integer(v, -2**15, 2**15 - 1), {}),
        ("integer", plain, "integer", lambda v: model.integer(v, -2**31, 2**31 - 1), {}),
        ("bigint", plain, "integer", lambda v: model.integer(v, *model.INT64), {}),
        ("double precision", plain, "float", model.double, {}),
        ("real", "v::float8::text", "float", model.single, {}),
        ("numeric", plain, "numeric", model.numeric(), {}),
        ("numeric(10,2)", plain, "numeric", model.numeric(10, 2), {}),
        ("numeric(38,0)", plain, "numeric", model.numeric(38, 0), {}),
        ("numeric(100,60)", plain, "numeric", model.numeric(100, 60), {}),
        ("boolean", plain, "boolean", model.boolean, {}),
        ("text", plain, "text", model.text(sqlite_text=sqlite_text), {}),
        ("varchar(5)", plain, "text", model.text(5, sqlite_text=sqlite_text), {}),
        ("char(5)", "rpad(v::text, 5)", "text", model.text(5, True, sqlite_text=sqlite_text), {}),
        ("bytea", "encode(v, 'hex')", "bytea", model.bytea, {}),
        ("date", plain, "date", model.stamp("date"), {}),
        ("time", plain, "time", model.time, {}),
        ("timestamp", plain, "timestamp", model.stamp("timestamp"), {}),
        ("timestamp(3)", plain, "timestamp", model.stamp("timestamp", digits=3), {}),
        ("timestamptz", "(v AT TIME ZONE 'UTC')::text", "timestamp",
         model.stamp("timestamptz", zone=datetime.timezone.utc), {}),
        ("timestamptz", "(v AT TIME ZONE 'UTC')::text", "timestamp",
         model.stamp("timestamptz", zone=model.BERLIN), {"timezone": "Europe/Berlin"}),
        ("uuid", plain, "uuid", model.uuid_of(), {}),
        ("uuid", plain, "uuid", model.uuid_of("uuid_bytes"), {"from": "uuid_bytes"}),
        ("uuid", plain, "uuid", model.uuid_of("dotnet_guid"), {"from": "dotnet_guid"}),
        ("text[]", "to_json(v)::text", "array", model.csv, {"from": "csv"}),
        ("json", plain, "json", model.json_of(False), {}),
        ("jsonb", plain, "json", model.json_of(True), {}),
        ("inet", plain, "address", model.inet, {}),
        ("cidr", plain, "address", model.cidr, {}),
        ("macaddr", plain, "macaddr", model.macaddr, {}),
        ("macaddr8", plain, "macaddr", model.macaddr8, {}),
        ("timetz", "regexp_replace(v::text, '[+-][0-9:]+$', '') || ' ' || extract(timezone FROM v)::integer", "time",
         model.timetz, {}),
        ("interval", INTERVAL_PARTS, "time", model.interval_text, {}),
        ("interval", INTERVAL_PARTS, "time", lambda v: model.interval_text(v, True), {"truncate": True}),
        ("numeric(10,2)", plain, "numeric", model.numeric(10, 2, True), {"truncate": True}),
        ("date", plain, "date", model.stamp("date", truncate=True), {"truncate": True}),
        ("time", plain, "time", lambda v: model.time(v, True), {"truncate": True}),
        ("timestamp", plain, "timestamp", model.stamp("timestamp", truncate=True), {"truncate": True}),
        ("timestamp(3)", plain, "timestamp", model.stamp("timestamp", digits=3, truncate=True), {"truncate": True}),
        ("timestamp(0)", plain, "timestamp", model.stamp("timestamp", "unix_days", digits=0, truncate=True), {"from": "unix_days", "truncate": True}),
        ("timestamp", plain, "timestamp", model.stamp("timestamp", "unix_ns", truncate=True), {"from": "unix_ns", "truncate": True}),
        ("timestamptz(1)", "(v AT TIME ZONE 'UTC')::text", "timestamp",
         model.stamp("timestamptz", zone=model.BERLIN, digits=1, truncate=True), {"timezone": "Europe/Berlin", "truncate": True}),
        ("oid", plain, "integer", lambda v: model.integer(v, 0, 2**32 - 1), {}),
        ("colour", plain, "enum", model.listed("red", "green"), {}),
        ("positive", plain, "integer", model.positive, {}),
        ("bigint[]", "to_json(v)::text", "array", model.array(lambda v: model.integer(v, *model.INT64)), {}),
        ("text[]", "to_json(v)::text", "array", model.array(model.text(sqlite_text=sqlite_text)), {}),
        ("money", plain, "integer", lambda v: REFUSED, {}),
    )
    for unit in (*model.UNITS, *model.DOUBLES, "compact"):
        yield ("timestamp", plain, "timestamp", model.stamp("timestamp", unit), {"from": unit})
        yield ("date", plain, "date", model.stamp("date", unit), {"from": unit})
    yield ("timestamptz", "(v AT TIME ZONE 'UTC')::text", "timestamp", model.stamp("timestamptz", "compact", zone=model.BERLIN),
           {"from": "compact", "timezone": "Europe/Berlin"})
    for unit in ("unix_s", "unix_ms", "unix_us", "unix_ns"):
        yield ("interval", LENGTH, "length", model.interval(unit, True), {"from": unit, "truncate": True})
        yield ("interval", LENGTH, "length", model.interval(unit), {"from": unit})


# What only PostgreSQL itself reads, or rounds: no model, but the policies have to agree on them.
SERVER_TYPES = [("numeric(30,3)", {"round": True}), ("numeric(5,-2)", {"round": True}), ("real", {"round": True}), ("timestamp(0)", {"round": True}),
                ("date", {"round": True}), ("timestamp", {"round": True, "from": "dotnet_ticks"}), ("timestamp(3)", {"round": True, "from": "unix_days"}),
                ("timestamp", {"round": True, "from": "compact"}), ("interval(3)", {"round": True, "from": "unix_us"}), ("interval day to second(0)", {"from": "unix_ms"}),
                ("interval(3)", {"round": True}), ("timetz(2)", {"round": True}), ("timestamptz(1)", {"round": True, "timezone": "Europe/Berlin"}),
                ("numeric(5,-2)", {"truncate": True}), ("interval(3)", {"truncate": True}), ("interval day to second(0)", {"from": "unix_ms", "truncate": True}), ("timetz(2)", {"truncate": True}), ("xid8", {}), ("xml", {}), ("int4range", {}),
                ("bit(8)", {}), ("varbit", {}), ("tsvector", {}), ("name", {}), ("point", {}), ("regclass", {}), ("json[]", {}),
                ("positive[]", {}), ("colour[]", {}), ("short", {}), ("integer", {"map": {"1": "one", "2": "22"}, "else": "33"}),
                ("integer", {"map": {"1": "11", "2": None}}), ("integer", {"map": {"1": "11", "2": None}, "else": {"keep": True}}),
                ("interval", {"as": "bigint", "using": "value * interval '1 second'"}), ("text", {"using": "value || '!'"}), ("short", {"using": "left(value, 4)", "as": "text"}),
                ("numeric(8,2)", {"as": "numeric", "using": "value * 2"}), ("positive", {"as": "integer", "using": "nullif(value, 5)"}),
                ("text", {"as": "bytea", "using": "encode(value, 'hex')"}), ("text", {"as": "timestamptz", "using": "extract(epoch from value)::text"}), ("text", {"as": "jsonb", "using": "value::text"}),
                ("int[]", {"from": "csv"}), ("colour[]", {"from": "csv"}), ("positive", {"map": {"1": "-11", "2": "22"}}), ("integer", {"empty_as_null": True})]


def read(kind, found):
    if kind in ("integer", "length"):
        return int(found)
    if kind == "boolean":
        return found == "true"
    if kind == "bytea":
        return bytes.fromhex(found)
    return found


def copy(cursor, path, values, target, shown, casts):
    """What arrives by rowid, what is refused with which SQLSTATE, and what is wrong with the counts."""
    cursor.execute("DROP TABLE IF EXISTS v; DELETE FROM sqlite_import.rejected_rows")
    cursor.execute(f"CREATE TABLE v (id bigint PRIMARY KEY, v {target})")
    cursor.execute("SELECT rows, rejected FROM sqlite_import.copy_table(%s, 'v', 'property.v', on_error => 'reject', casts => %s)",
                   (path, json.dumps({"v.v": casts}) if casts else None))
    rows, rejected = cursor.fetchone()
    cursor.execute(f"SELECT id, {shown} FROM v")
    arrived = dict(cursor.fetchall())
    cursor.execute("SELECT source_rowid, sqlstate FROM sqlite_import.rejected_rows")
    refused = dict(cursor.fetchall())
    wrong = []
    if (rows, rejected) != (len(arrived), len(refused)) or rows + rejected != len(values) or set(arrived) & set(refused):
        wrong.append(f"{rows} rows and {rejected} rejected are reported; {len(arrived)} and {len(refused)} are there")
    internal = [state for state in refused.values() if state.startswith("XX")]
    if internal:
        wrong.append(f"internal errors: {internal}")
    return arrived, refused, wrong


def check(cursor, path, values, case):
    target, shown, kind, expect, casts = case
    arrived, refused, wrong = copy(cursor, path, values, target, shown, casts)
    for number, value in enumerate(values, 1):
        expected = None if value is None else expect(value)
        found = arrived.get(number, REFUSED)
        if (found == REFUSED) != (number in refused):
            wrong.append(f"{value!r}: neither there nor rejected")
        elif isinstance(expected, str) and expected == model.UNKNOWN:
            continue
        elif value is None:
            if found is not None:
                wrong.append(f"NULL: found {found!r}")
        elif expected == REFUSED and isinstance(expected, str):
            if found != REFUSED:
                wrong.append(f"{value!r}: should be refused, found {found!r}")
        elif found == REFUSED:
            wrong.append(f"{value!r}: should be {expected!r}, was refused ({refused[number]})")
        elif found is None or not same(kind, expected, read(kind, found)):
            wrong.append(f"{value!r}: should be {expected!r}, found {found!r}")
    if kind == "numeric":
        cursor.execute("SELECT count(*) FROM v WHERE numeric_send(v) <> numeric_send(v::text::numeric)")
        if cursor.fetchone()[0]:
            wrong.append("numerics are not stored as PostgreSQL stores them")
    return wrong, arrived, refused


def check_policies(cursor, path, values, target, shown, casts, arrived, refused):
    """What was refused, under the other policies."""
    wanted = {**arrived, **dict.fromkeys(refused)}
    wrong = []

    def compare(name, query):
        cursor.execute(query)
        found = dict(cursor.fetchall())
        different = [number for number in sorted(wanted) if found.get(number, REFUSED) != wanted[number]]
        if different or len(found) != len(wanted):
            number = (different or [0])[0]
            wrong.append(f"{name}: {len(found)} of {len(wanted)} rows, {len(different)} other values; rowid {number}: "
                         f"{found.get(number)!r} instead of {wanted.get(number)!r}")

    for name, on_error, rule in (("on_error null", "null", casts), ("on_mismatch null", "stop", {**casts, "on_mismatch": "null"}),
                                 ("on_mismatch null among rejects", "reject", {**casts, "on_mismatch": "null"})):
        cursor.execute("TRUNCATE v")
        cursor.execute("SELECT rows, COALESCE(rejected, 0), note FROM sqlite_import.copy_table(%s, 'v', 'property.v', on_error => %s, casts => %s)",
                       (path, on_error, json.dumps({"v.v": rule}) if rule else None))
        rows, rejected, note = cursor.fetchone()
        if (rows, rejected) != (len(wanted), 0) or (refused and f"{len(refused)} value" not in (note or "")):
            wrong.append(f"{name}: {rows} rows, {rejected} rejected, {note}; {len(wanted)} rows and {len(refused)} NULLs were due")
        compare(name, f"SELECT id, {shown} FROM v")
        # the second reading has to come to the same NULLs
        cursor.execute("SELECT status, COALESCE(sample::text, '') FROM sqlite_import.verify(%s, 'property', casts => %s, on_error => %s)",
                       (path, json.dumps({"v.v": rule}) if rule else None, on_error))
        status, sample = cursor.fetchone()
        if status != "equal":
            numbers = [row["rowid"] for row in json.loads(sample or "{}").get("different", [])]
            wrong.append(f"{name}: verify says {status}: {[(values[n - 1], wanted[n]) for n in numbers]}")
    if refused:
        first = min(refused)
        cursor.execute("TRUNCATE v; SAVEPOINT stop")
        try:
            cursor.execute("SELECT FROM sqlite_import.copy_table(%s, 'v', 'property.v', casts => %s)",
                           (path, json.dumps({"v.v": casts}) if casts else None))
            wrong.append("on_error stop: went through")
        except psycopg2.Error as error:
            detail = error.diag.message_detail or ""
            if not detail.startswith(f'SQLite table "v", column "v", rowid {first}:') or error.pgcode != refused[first]:
                wrong.append(f"on_error stop: {error.pgcode} {detail!r}; {refused[first]} at rowid {first} was due")
        cursor.execute("ROLLBACK TO stop")
    if set(casts) <= {"timezone", "from"}:
        # the wrapper takes the unit as column_type, and the zone as an option of the server
        cursor.execute("ALTER SERVER property OPTIONS (SET timezone %s)", (casts.get("timezone", "UTC"),))
        unit = f"column_type '{casts['from']}'," if "from" in casts else ""
        cursor.execute(f"CREATE FOREIGN TABLE wrapped (id bigint, v {target} OPTIONS ({unit} on_mismatch 'null')) "
                       "SERVER property OPTIONS (\"table\" 'v')")
        compare("on_mismatch null of a foreign table", f"SELECT id, {shown} FROM wrapped")
        cursor.execute("DROP FOREIGN TABLE wrapped")
    return wrong


def main():
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "values.db")
    source, values = fill(path)
    os.chmod(path, 0o644)
    connection = psycopg2.connect("")
    connection.autocommit = False
    cursor = connection.cursor()
    cursor.execute("CREATE EXTENSION IF NOT EXISTS sqlite_import")
    cursor.execute("SET datestyle = ISO; SET timezone = 'Asia/Tokyo'; SET client_encoding = UTF8")
    cursor.execute("CREATE SCHEMA property; SET search_path = property, public")
    cursor.execute("CREATE TYPE colour AS ENUM ('red', 'green')")
    cursor.execute("CREATE DOMAIN positive AS integer CHECK (VALUE > 0);"
                   "CREATE DOMAIN short AS text CHECK (length(VALUE) < 9)")
    cursor.execute("DROP SERVER IF EXISTS property CASCADE")
    cursor.execute("CREATE SERVER property FOREIGN DATA WRAPPER sqlite_import OPTIONS (database %s, timezone 'UTC')", (path,))
    passed = failed = 0

    def report(name, wrong):
        nonlocal passed, failed
        print(("not ok " if wrong else "ok ") + name + f": {len(values)} values")
        for line in wrong[:12]:
            print("    " + line[:300])
        failed += bool(wrong)
        passed += not wrong

    def sqlite_text(value):
        # CAST(? AS TEXT) said the same until SQLite 3.52, which writes 17 digits
        return source.execute("SELECT CASE typeof(?1) WHEN 'real' THEN printf('%!.15g', ?1) ELSE CAST(?1 AS TEXT) END", (value,)).fetchone()[0]

    for threads in (1, 0):
        cursor.execute(f"SET sqlite_import.reader_threads = {threads}")
        for case in cases(sqlite_text):
            wrong, arrived, refused = check(cursor, path, values, case)
            if threads:
                wrong += check_policies(cursor, path, values, *case[:2], case[4], arrived, refused)
            report(f"{case[0]} {case[4] or ''}".strip() + ("" if threads else " without a thread"), wrong)
    cursor.execute("SET sqlite_import.reader_threads = 1")
    for target, casts in SERVER_TYPES:
        arrived, refused, wrong = copy(cursor, path, values, target, "v::text", casts)
        wrong += check_policies(cursor, path, values, target, "v::text", casts, arrived, refused)
        if not arrived or not refused:
            wrong.append(f"{len(arrived)} arrived, {len(refused)} were refused: the test shows nothing")
        report(f"policies of {target} {casts or ''}".strip(), wrong)
    connection.rollback()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
