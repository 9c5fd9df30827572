"""The conversion table, told again without a line of the converter: what each SQLite value becomes in
each PostgreSQL type, or that it is refused.  Plain Python arithmetic on int, Decimal and datetime."""
import datetime
import ipaddress
import json
import math
import re
import struct
import uuid
from decimal import Context, Decimal
from zoneinfo import ZoneInfo

REFUSED = "refused"
UNKNOWN = "not modelled"
INT64 = (-2**63, 2**63 - 1)


class Raw(bytes):
    """TEXT whose bytes are not UTF-8."""


def decimal_text(text):
    """The Decimal of a plain decimal text within the bounds that the documentation names, or None."""
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text, re.ASCII):
        return None
    if re.match(r"[-+]?0\d", text):
        return None
    return Decimal(text)


def integer(value, low, high):
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, float):
        if math.isinf(value) or value != math.floor(value):
            return REFUSED
        value = int(value)
    elif isinstance(value, str):
        if not re.fullmatch(r"0|-?[1-9][0-9]*", value, re.ASCII):
            return REFUSED
        value = int(value)
    elif not isinstance(value, int):
        return REFUSED
    return value if low <= value <= high else REFUSED


def double(value):
    if isinstance(value, int):
        try:
            return float(value) if int(float(value)) == value and INT64[0] <= float(value) < 2.0**63 else REFUSED
        except OverflowError:
            return REFUSED
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        number = decimal_text(value)
        if number is None or len(significant(value)) > 128 or abs(exponent(value)) > 1000:
            return REFUSED
        near = float(number)
        if math.isinf(near):
            return REFUSED
        if Decimal(repr(near)) == number:
            return near
        whole = number == number.to_integral_value() and INT64[0] <= number <= INT64[1]
        return near if whole and -2.0**63 <= near < 2.0**63 and int(near) == int(number) else REFUSED
    return REFUSED


def exponent(text):
    found = re.search(r"[eE]([-+]?\d+)$", text)
    return int(found.group(1)) if found else 0


def significant(text):
    return re.sub(r"[eE].*", "", text).lstrip("+-").replace(".", "").lstrip("0")


def single(value):
    wide = double(value)
    if wide == REFUSED or math.isinf(wide):
        return wide
    try:
        narrow = struct.unpack("f", struct.pack("f", wide))[0]
    except OverflowError:
        return REFUSED
    if narrow == wide:
        return narrow
    for digits in range(1, 10):
        text = f"{narrow:.{digits}g}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == narrow:
            return narrow if Decimal(text) == Decimal(repr(wide)) else REFUSED
    return REFUSED


def numeric(precision=None, scale=None):
    def convert(value):
        if isinstance(value, int):
            number = Decimal(value)
        elif isinstance(value, float):
            if math.isinf(value):
                return Decimal(value) if precision is None else REFUSED
            number = Decimal(repr(value))
        elif isinstance(value, str):
            number = decimal_text(value)
            if number is None:
                return REFUSED
            if -number.as_tuple().exponent > 16383 or number.adjusted() > 131071:
                return REFUSED
        else:
            return REFUSED
        if precision is None:
            return number
        number_is_zero = not any(number.as_tuple().digits)
        shown = number.normalize(Context(prec=1000)) if not number_is_zero else Decimal(0)
        decimals = max(0, -shown.as_tuple().exponent)
        integers = max(0, shown.adjusted() + 1) if not number_is_zero else 0
        return number if decimals <= scale and integers <= precision - scale else REFUSED
    return convert


def boolean(value):
    if isinstance(value, (int, float)):
        return bool(value) if value in (0, 1) else REFUSED
    if isinstance(value, str):
        word = value.lower() if value.isascii() else ""
        if word in ("1", "t", "true", "y", "yes", "on"):
            return True
        if word in ("0", "f", "false", "n", "no", "off"):
            return False
    return REFUSED


def text(limit=None, pad=False, sqlite_text=None):
    def convert(value):
        if isinstance(value, (bytes, Raw)):
            return REFUSED
        if isinstance(value, (int, float)):
            value = sqlite_text(value)
        if "\0" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            return REFUSED
        if limit is not None and len(value) > limit:
            return REFUSED
        return value.ljust(limit) if pad else value
    return convert


def bytea(value):
    if isinstance(value, (bytes, Raw)):
        return bytes(value)
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else REFUSED


MOMENT = re.compile(
    r"(?P<date>(\d{4})-(\d\d)-(\d\d))?(?P<glue>[ Tt])?"
    r"(?P<time>(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?"
    r"(?P<zone> ?(?:Z|z|UTC|GMT)| ?[-+]\d\d(?::?\d\d)?(?: [A-Z0-9+-]+)?)?", re.ASCII)


def moment(value):
    """(datetime or time of day, offset or None, lost digits) of a text; None if it is none."""
    found = MOMENT.fullmatch(value)
    if not found or not (found["date"] or found["time"]):
        return None
    if bool(found["glue"]) != bool(found["date"] and found["time"]) or (found["zone"] and not found["time"]):
        return None
    fraction = (found[10] or "").rstrip("0")
    micro = int((fraction + "000000")[:6])
    lost = len(fraction) > 6
    try:
        clock = datetime.time(int(found[7] or 0), int(found[8] or 0), int(found[9] or 0), micro)
        day = datetime.date(int(found[2]), int(found[3]), int(found[4])) if found["date"] else None
    except ValueError:
        return None
    offset = None
    if found["zone"]:
        zone = re.match(r" ?([-+])(\d\d):?(\d\d)?", found["zone"])
        offset = datetime.timedelta(0)
        if zone:
            if int(zone[2]) > 15 or int(zone[3] or 0) > 59:
                return None
            offset = datetime.timedelta(hours=int(zone[2]), minutes=int(zone[3] or 0))
            offset = -offset if zone[1] == "-" else offset
    return (day, clock if found["time"] else None, offset, lost)


EPOCH = datetime.datetime(1970, 1, 1)


def since_1970(*day):
    return int((datetime.datetime(*day) - EPOCH) / datetime.timedelta(microseconds=1))


# unit: microseconds in one, and where it counts from
UNITS = {"unix_s": (Decimal(10)**6, 0), "unix_ms": (Decimal(10)**3, 0), "unix_us": (Decimal(1), 0), "unix_ns": (Decimal("0.001"), 0),
         "unix_days": (Decimal(86400000000), 0), "cocoa": (Decimal(10)**6, since_1970(2001, 1, 1)),
         "webkit": (Decimal(1), since_1970(1601, 1, 1)), "dotnet_ticks": (Decimal("0.1"), since_1970(1, 1, 1))}
DOUBLES = ("julian", "ole")


def length(value, unit):
    """Microseconds of a number of units, from wherever they are counted, or REFUSED."""
    number = number_of(value)
    if number == REFUSED:
        return REFUSED
    micro = Context(prec=1000).multiply(number, UNITS[unit][0])
    if micro != micro.to_integral_value() or not INT64[0] <= micro <= INT64[1]:
        return REFUSED
    return int(micro)


def compact(value):
    """The ISO text of YYYYMMDD[HHMMSS[[.]f...]], or None."""
    if isinstance(value, float):
        if math.isinf(value) or value != math.floor(value) or abs(value) >= 1e24:
            return None
        value = f"{Decimal(repr(value)):f}".split(".")[0]
    value = str(value)
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)(?:\.?(\d+))?)?", value, re.ASCII)
    if not found:
        return None
    text = "-".join(found.groups()[:3])
    if found[4]:
        text += f" {found[4]}:{found[5]}:{found[6]}" + (f".{found[7]}" if found[7] else "")
    return text


def number_of(value):
    if isinstance(value, str):
        number = decimal_text(value)
        if number is None or abs(exponent(value)) > 1000 or len(significant(value)) > 128:
            return REFUSED
        return number
    if isinstance(value, float):
        if math.isinf(value):
            return REFUSED
        return Decimal(repr(value))
    return Decimal(value)


def instant(value, unit):
    """Microseconds since 1970 of a number in a unit, or REFUSED."""
    if unit in DOUBLES:
        number = number_of(value)
        if number == REFUSED or (isinstance(value, str) and double(value) == REFUSED):
            return REFUSED
        number = float(number)
        if unit == "julian":
            if not 0 <= number < 5373484.5:
                return REFUSED
            return (int(number * 86400000.0 + 0.5) - 210866760000000) * 1000
        # DateTime.FromOADate(): truncated after half a millisecond was added, away from zero
        if not -657435.0 < number < 2958466.0:
            return REFUSED
        millis = int(number * 86400000.0 + (0.5 if number >= 0 else -0.5))
        if millis < 0:
            millis += 2 * (-millis % 86400000)
        return since_1970(1899, 12, 30) + millis * 1000
    micro = length(value, unit)
    if micro == REFUSED:
        return REFUSED
    micro += UNITS[unit][1]
    # what PostgreSQL counts from 2000 in 64 bits
    return micro if INT64[0] <= micro - since_1970(2000, 1, 1) <= INT64[1] else REFUSED


# PostgreSQL's own bounds: 4714-11-24 BC, and the end of 294276 and of 5874897
FIRST, LAST = -210866803200000000, 9224318016000000000


def stamp(kind, unit=None, zone=None, digits=6):
    def number(value):
        if unit == "compact":
            text = compact(value)
            return REFUSED if text is None or text[11:13] == "24" else convert(text)
        if unit is None:
            return REFUSED
        micro = instant(value, unit)
        if micro == REFUSED or micro < FIRST or (kind != "date" and micro >= LAST):
            return REFUSED
        if kind == "date" and micro % 86400000000 != 0:
            return REFUSED
        try:
            at = EPOCH + datetime.timedelta(microseconds=micro)
        except OverflowError:
            return None
        return at.date() if kind == "date" else at

    def convert(value):
        if isinstance(value, (int, float)):
            return number(value)
        if not isinstance(value, str):
            return REFUSED
        if unit == "compact":
            value = compact(value) or value
        elif unit is not None and decimal_text(value) is not None:
            return number(value)
        if value in ("infinity", "-infinity"):
            return value
        read = moment(value)
        if read is None:
            return REFUSED
        day, clock, offset, lost = read
        if day is None or lost:
            return REFUSED
        if kind != "timestamptz" and offset:
            return REFUSED
        at = datetime.datetime.combine(day, clock or datetime.time())
        if digits < 6 and at.microsecond % 10**(6 - digits) != 0:
            return REFUSED
        if kind == "date":
            return day if at.time() == datetime.time() else REFUSED
        if kind == "timestamptz":
            try:
                if offset is None:
                    # twice shown: the later; never shown: as if the clocks had not been put forward yet
                    offset = min(at.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
                return at - offset
            except OverflowError:
                return None
        return at
    return convert


def interval(unit):
    """Microseconds of a number of units; other texts are PostgreSQL's to read."""
    def convert(value):
        if isinstance(value, (bytes, Raw)):
            return REFUSED
        if isinstance(value, str) and decimal_text(value) is None:
            return UNKNOWN
        return length(value, unit)
    return convert


def time(value):
    if not isinstance(value, str):
        return REFUSED
    if re.fullmatch(r"24:00(:00(\.0+)?)?", value):
        return "24:00:00"
    read = moment(value)
    if read is None or read[0] is not None or read[2] or read[3]:
        return REFUSED
    return read[1].isoformat().rstrip("0") if read[1].microsecond else read[1].isoformat()


def uuid_of(value):
    if isinstance(value, bytes) and not isinstance(value, Raw) and len(value) == 16:
        return str(uuid.UUID(bytes=value))
    if isinstance(value, str):
        inner = value[1:-1] if re.fullmatch(r"\{.{36}\}", value) else value
        if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", inner) or re.fullmatch(
                r"[0-9a-fA-F]{32}", value):
            return str(uuid.UUID(inner))
    return REFUSED


def json_of(binary):
    def fail(_):
        raise ValueError

    def convert(value):
        if isinstance(value, (bytes, Raw)):
            return REFUSED
        if isinstance(value, int):
            return Decimal(value)
        if isinstance(value, float):
            return REFUSED if math.isinf(value) else Decimal(repr(value))
        if "\0" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in value):
            return REFUSED
        if not value.strip(" \t\r\n") or value.strip(" \t\r\n") != value.strip():
            return REFUSED
        try:
            result = json.loads(value, parse_constant=fail, parse_float=Decimal, parse_int=Decimal)
        except ValueError:
            return REFUSED
        shown = json.dumps(result, default=str, ensure_ascii=False)
        if binary and ("\\u0000" in value or any(0xD800 <= ord(c) <= 0xDFFF for c in shown)):
            return REFUSED
        return result
    return convert


def inet(value):
    if not isinstance(value, str):
        return REFUSED
    try:
        return str(ipaddress.ip_interface(value))
    except ValueError:
        return REFUSED


def macaddr(value):
    hexadecimal = "[0-9a-fA-F]"
    forms = [rf"{hexadecimal}{{2}}([:-]){hexadecimal}{{2}}(\1{hexadecimal}{{2}}){{4}}", rf"{hexadecimal}{{4}}([.-]){hexadecimal}{{4}}\1{hexadecimal}{{4}}",
             rf"{hexadecimal}{{6}}[:-]?{hexadecimal}{{6}}"]
    if not isinstance(value, str) or not any(re.fullmatch(form, value) for form in forms):
        return REFUSED
    digits = re.sub("[^0-9a-f]", "", value.lower())
    return ":".join(digits[at:at + 2] for at in range(0, 12, 2))


def listed(*labels):
    return lambda value: value if isinstance(value, str) and value in labels else REFUSED


def positive(value):
    result = integer(value, -2**31, 2**31 - 1)
    return result if result != REFUSED and result > 0 else REFUSED


def array(element):
    """Arrays from JSON text; PostgreSQL's own notation is accepted too."""
    def nested(items):
        result = []
        for item in items:
            if isinstance(item, dict):
                result.append(element(json.dumps(item, separators=(",", ":"))))
            elif isinstance(item, list):
                result.append(nested(item))
            else:
                item = ("true" if item else "false") if isinstance(item, bool) else item
                result.append(None if item is None else element(item))
        lengths = {len(item) if isinstance(item, list) else -1 for item in result}
        return REFUSED if REFUSED in result or len(lengths) > 1 else result

    def convert(value):
        if not isinstance(value, str):
            return REFUSED
        if re.fullmatch(r"\{[^\"{}]*\}", value):
            items = [element(item) for item in value[1:-1].split(",") if item]
            return REFUSED if REFUSED in items else items
        try:
            items = json.loads(value, parse_float=str, parse_int=str)
        except ValueError:
            return REFUSED
        if not isinstance(items, list):
            return REFUSED
        if re.match(r"(\s*\[){7}", value):
            return REFUSED      # PostgreSQL has six dimensions
        result = nested(items)
        while isinstance(result, list) and len(result) == 1 and isinstance(result[0], list) and not result[0]:
            result = []     # an array without elements has no dimensions
        return result
    return convert


BERLIN = ZoneInfo("Europe/Berlin")
