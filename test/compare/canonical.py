"""One form for a value of both sides, by the type of the PostgreSQL column.

`from_postgres(type)` gives the SQL that reads a column and the function that finishes it;
`decoders(type)` gives the ways in which a SQLite value may have been meant (a number in a date
column may count seconds, milliseconds, microseconds or Julian days): one of them has to explain
the whole column.  A value that cannot be meant so raises ValueError.
"""
import datetime
import json
import re
import sqlite3
import struct
import uuid
from decimal import Decimal, InvalidOperation

from sqlite_side import Text

INTEGERS = {"smallint": 2, "integer": 4, "bigint": 8}
EPOCH = datetime.datetime(1970, 1, 1)
TRUE = {"1", "t", "true", "y", "yes", "on"}
FALSE = {"0", "f", "false", "n", "no", "off"}
STAMP = re.compile(r"""\s*(?:(\d{4,6})-(\d{1,2})-(\d{1,2}))?
    (?:[T ]*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?
    \s*(Z|UTC|[+-]\d{2}(?::?\d{2}(?::\d{2})?)?)?\s*$""", re.X | re.I)


def text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def float_key(value):
    """The bits of a double, with the two zeros kept apart; NULL stands for NaN in SQLite."""
    return struct.pack(">d", value)


def json_key(value):
    """A document with numbers as decimals and objects without order; text that is none stays text."""
    return json.dumps(json.loads(value, parse_float=Decimal, parse_int=Decimal), sort_keys=True, default=str)


# --- SQLite to canonical ------------------------------------------------------------------------
def as_integer(value):
    if isinstance(value, float):
        if value != int(value):
            raise ValueError("a fraction")
        return int(value)
    return value if isinstance(value, int) else int(Decimal(text(value).strip()))


def as_float(value):
    return float_key(float(value) if isinstance(value, (int, float)) else float(text(value)))


def as_decimal(value):
    try:
        # a double is meant as its shortest digits spell it, not as its binary expansion
        return Decimal(value if isinstance(value, int) else repr(value) if isinstance(value, float)
                       else text(value).strip())
    except InvalidOperation as error:
        raise ValueError("not a number") from error


def as_boolean(value):
    word = str(int(value)) if isinstance(value, (int, float)) else text(value).strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError("no truth value")


SQLITE = sqlite3.connect(":memory:")


def as_bytes(value):
    if isinstance(value, bytes):
        return bytes(value)
    return as_plain_text(value).encode()


def as_plain_text(value):
    """SQLite's own text of a number: what CAST makes of it."""
    if isinstance(value, (int, float)):
        return SQLITE.execute("SELECT CAST(? AS TEXT)", (value,)).fetchone()[0]
    return text(value)


def as_text_or_real(value):
    """For a text column that holds reals too: what reads as a real is one, however it is spelt."""
    if not isinstance(value, float):
        value = text(value)
        if not re.fullmatch(r"-?\d+\.\d+(e[+-]?\d+)?|-?\d+e[+-]?\d+|-?Inf(inity)?", value, re.I):
            return value
    return ("real", float(f"{float(value):.15g}"))


def as_uuid(value):
    if isinstance(value, Text) or not isinstance(value, bytes):
        return str(uuid.UUID(text(value).strip()))
    return str(uuid.UUID(bytes=bytes(value)))


def as_json(value):
    return json_key(text(value))


def parse_stamp(value):
    """(days since 1970 or None, microseconds of the day or None, offset in seconds or None)."""
    match = STAMP.fullmatch(value)
    if not match or not (match[1] or match[4]):
        raise ValueError("no date or time")
    days = None
    if match[1]:
        days = (datetime.date(int(match[1]), int(match[2]), int(match[3])) - EPOCH.date()).days
    micros = None
    if match[4]:
        fraction = Decimal("0." + (match[7] or "0"))
        micros = (int(match[4]) * 3600 + int(match[5]) * 60 + int(match[6] or 0)) * 1000000 \
            + int((fraction * 1000000).quantize(Decimal(1)))
    zone = match[8]
    offset = None
    if zone:
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = 0 if zone[0] not in "+-" else \
            (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 3600 + int(digits[2:4]) * 60)
    return days, micros, offset


def moment(scale, origin=0):
    """A decoder into microseconds since 1970 UTC; numbers are multiples of `scale` microseconds."""
    def decode(value):
        if isinstance(value, (int, float)):
            # a double's own digits, not its binary expansion: 1500000000.1 is meant as it reads
            exact = (Decimal(repr(value) if isinstance(value, float) else value) - origin) * scale
            return int(exact.quantize(Decimal(1)))
        days, micros, offset = parse_stamp(text(value))
        if days is None:
            raise ValueError("a time without a date")
        return days * 86400000000 + (micros or 0) - (offset or 0) * 1000000
    return decode


JULIAN_EPOCH = Decimal("2440587.5")
UNITS = {"text or seconds": (1000000, 0), "milliseconds": (1000, 0), "microseconds": (1, 0),
         "nanoseconds": (Decimal("0.001"), 0), "Julian days": (86400000000, JULIAN_EPOCH)}


def local(decode):
    """A naive time: the offset of a text that has one is taken as spoken, not applied."""
    def naive(value):
        if isinstance(value, (int, float)):
            return decode(value)
        days, micros, _ = parse_stamp(text(value))
        if days is None:
            raise ValueError("a time without a date")
        return days * 86400000000 + (micros or 0)
    return naive


def as_date(decode):
    return lambda value: decode(value) // 86400000000


def as_time(value):
    _, micros, _ = parse_stamp(text(value))
    if micros is None:
        raise ValueError("a date without a time")
    return micros


def decoders(kind, values):
    """name → function, for a column of PostgreSQL type `kind` that holds `values`."""
    base = kind.split("(")[0].strip()
    if base in INTEGERS:
        return {"integer": as_integer}
    if base in ("double precision", "real"):
        return {"double": as_float}
    if base == "numeric":
        return {"decimal": as_decimal}
    if base == "boolean":
        return {"boolean": as_boolean}
    if base == "bytea":
        return {"bytes": as_bytes}
    if base == "uuid":
        return {"uuid": as_uuid}
    if base in ("json", "jsonb"):
        return {"json": as_json}
    if kind.startswith("timestamp") and kind.endswith("without time zone"):
        plain = {n: moment(*u) for n, u in UNITS.items()}
        return {**plain, **{n + ", offset ignored": local(d) for n, d in plain.items()}}
    if kind.startswith("timestamp"):
        return {n: moment(*u) for n, u in UNITS.items()}
    if base == "date":
        return {n: as_date(moment(*u)) for n, u in UNITS.items()}
    if kind.startswith("time"):
        return {"time": as_time}
    if any(isinstance(v, float) for v in values):
        return {"text": as_plain_text, "text, with reals": as_text_or_real}
    return {"text": as_plain_text}


# --- PostgreSQL to canonical --------------------------------------------------------------------
def from_postgres(kind, column):
    """The SQL that reads `column` (quoted) of type `kind`, and what finishes its value in Python."""
    base = kind.split("(")[0].strip()
    if base in ("double precision", "real"):
        return column, lambda v: float_key(float(v))
    if base == "numeric":
        return column, lambda v: v   # decimals are equal whatever their trailing zeros
    if base == "bytea":
        return column, bytes
    if base in ("json", "jsonb"):
        return f"{column}::text", json_key
    if kind.startswith("timestamp"):
        return f"(extract(epoch FROM {column}) * 1000000)::numeric", int
    if base == "date":
        return f"{column} - date '1970-01-01'", int
    if kind.startswith("time"):
        return f"(extract(epoch FROM {column}) * 1000000)::numeric", int
    if base in INTEGERS or base == "boolean":
        return column, lambda v: v
    return f"{column}::text", lambda v: v
