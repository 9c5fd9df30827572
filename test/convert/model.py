"""The conversion table, told again without a line of the converter: what each SQLite value becomes in
each PostgreSQL type, or that it is refused.  Plain Python arithmetic on int, Decimal and datetime."""
import datetime
import ipaddress
import json
import math
import re
import struct
import uuid
from decimal import ROUND_DOWN, ROUND_FLOOR, Context, Decimal
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
        if re.fullmatch(r"[-+]?inf(inity)?|[+]?nan", value, re.ASCII | re.IGNORECASE):
            return float(value)
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


def nearest_single(number):
    """The float4 nearest to a Decimal, half to even."""
    wide = float(number)
    try:
        narrow = struct.unpack("f", struct.pack("f", wide))[0]
    except OverflowError:
        return None
    bits = struct.unpack("I", struct.pack("f", narrow))[0]
    around = [struct.unpack("f", struct.pack("I", near))[0] for near in (bits - 1, bits, bits + 1) if 0 <= near < 2**32]
    around = [near for near in around if math.isfinite(near)]
    with_context = Context(prec=2000)
    return min(around, key=lambda near: (abs(with_context.subtract(Decimal(near), number)),
                                         struct.unpack("I", struct.pack("f", near))[0] & 1))


def single(value):
    if isinstance(value, str):
        number = decimal_text(value)
        if number is None or len(significant(value)) > 128 or abs(exponent(value)) > 1000:
            return double(value)
    else:
        wide = double(value)
        if wide == REFUSED or math.isinf(wide):
            return wide
        number = Decimal(repr(wide))
        if struct.unpack("f", struct.pack("f", wide))[0] == wide if abs(wide) < 3.5e38 else False:
            return wide
    narrow = nearest_single(number)
    if narrow is None or (narrow == 0) != (number == 0):
        return REFUSED
    if Decimal(repr(narrow)) == number:
        return narrow
    digits = len(number.normalize(Context(prec=2000)).as_tuple().digits)
    return narrow if digits <= 9 and Decimal(f"{narrow:.{digits - 1}e}") == number else REFUSED


def numeric(precision=None, scale=None, truncate=False):
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
        if truncate and -number.as_tuple().exponent > scale:
            number = number.quantize(Decimal(1).scaleb(-scale), ROUND_DOWN, Context(prec=200000))
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


MONTHS = "january february march april may june july august september october november december".split()
MONTH = "(?:" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + ")"
MOMENT = re.compile(
    rf"(?P<date>(?P<iso>(\d{{4}})-(\d\d)-(\d\d))|(\d{{4}})/(\d\d)/(\d\d)"
    rf"|(?P<day>\d\d?)(?P<gap>[ -])(?P<month>{MONTH})(?P=gap)(?P<year>\d{{4}})"
    rf"|(?P<month2>{MONTH}) (?P<day2>\d\d?),? (?P<year2>\d{{4}}))?(?P<glue>[ Tt])?"
    r"(?P<time>(?P<h>\d\d):(?P<m>\d\d)(?::(?P<s>\d\d)(?:\.(?P<f>\d+))?)?)?"
    r"(?P<zone> ?(?:Z|UTC|GMT)| ?(?P<offset>[-+]\d\d(?:\d\d|:\d\d(?::\d\d)?)?)"
    r"(?: (?:(?P<again>[-+]\d\d(?:\d\d|:\d\d(?::\d\d)?)?)|(?P<name>[A-Za-z]+))(?: m=[-+]\d+\.\d+)?)?)?",
    re.ASCII | re.IGNORECASE)


def offset_of(text):
    """A timedelta; None beyond PostgreSQL's limits."""
    parts = [int(part) for part in re.findall(r"\d\d", text)] + [0, 0]
    if parts[0] > 15 or parts[1] > 59 or parts[2] > 59:
        return None
    offset = datetime.timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])
    return -offset if text[0] == "-" else offset


def moment(value):
    """(date, microseconds of the day, offset or None, lost digits) of a text; None if it is none."""
    found = MOMENT.fullmatch(value)
    if not found or not (found["date"] or found["time"]):
        return None
    if bool(found["glue"]) != bool(found["date"] and found["time"]) or (found["zone"] and not found["time"]):
        return None
    if (found["glue"] or " ") in "Tt" and not found["iso"]:
        return None
    day = None
    if found["date"]:
        named = found["month"] or found["month2"]
        numbers = [int(number) for number in re.findall(r"\d+", found["date"])]
        if named:
            numbers = [int(found["year"] or found["year2"]), [m[:3] for m in MONTHS].index(named[:3].lower()) + 1,
                       int(found["day"] or found["day2"])]
        try:
            day = datetime.date(*numbers)
        except ValueError:
            return None
    hour, minute, second = (int(found[part] or 0) for part in "hms")
    fraction = (found["f"] or "").rstrip("0")
    lost = len(fraction) > 6
    micro = ((hour * 60 + minute) * 60 + second) * 1000000 + int((fraction + "000000")[:6])
    if minute > 59 or second > 59 or micro > 86400000000 or (micro == 86400000000 and lost):
        return None
    offset = None
    if found["zone"]:
        offset = offset_of(found["offset"]) if found["offset"] else datetime.timedelta(0)
        again, name = found["again"], found["name"]
        if offset is None or (again and offset_of(again) != offset):
            return None
        if name and (name.upper() in ("UTC", "GMT") and offset or
                     name.upper() not in ("UTC", "GMT") and not re.fullmatch("[A-Z]{2,6}", name)):
            return None
    return (day, micro if found["time"] else None, offset, lost)


EPOCH = datetime.datetime(1970, 1, 1)


def since_1970(*day):
    return int((datetime.datetime(*day) - EPOCH) / datetime.timedelta(microseconds=1))


# unit: microseconds in one, and where it counts from
UNITS = {"unix_s": (Decimal(10)**6, 0), "unix_ms": (Decimal(10)**3, 0), "unix_us": (Decimal(1), 0), "unix_ns": (Decimal("0.001"), 0),
         "unix_days": (Decimal(86400000000), 0), "cocoa": (Decimal(10)**6, since_1970(2001, 1, 1)),
         "webkit": (Decimal(1), since_1970(1601, 1, 1)), "dotnet_ticks": (Decimal("0.1"), since_1970(1, 1, 1))}
DOUBLES = ("julian", "ole")


def length(value, unit, cut=None):
    """Microseconds of a number of units, from wherever they are counted, or REFUSED; cut: how to lose digits."""
    number = number_of(value)
    if number == REFUSED:
        return REFUSED
    micro = Context(prec=1000).multiply(number, UNITS[unit][0])
    if cut:
        micro = micro.to_integral_value(cut)
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


def instant(value, unit, truncate=False):
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
    micro = length(value, unit, ROUND_FLOOR if truncate else None)
    if micro == REFUSED:
        return REFUSED
    micro += UNITS[unit][1]
    # what PostgreSQL counts from 2000 in 64 bits
    return micro if INT64[0] <= micro - since_1970(2000, 1, 1) <= INT64[1] else REFUSED


# PostgreSQL's own bounds: 4714-11-24 BC, and the end of 294276 and of 5874897
FIRST, LAST = -210866803200000000, 9224318016000000000


def stamp(kind, unit=None, zone=None, digits=6, truncate=False):
    step = 10**(6 - digits)

    def number(value):
        if unit == "compact":
            text = compact(value)
            return REFUSED if text is None or text[11:13] == "24" else convert(text)
        if unit is None:
            return REFUSED
        micro = instant(value, unit, truncate)
        if micro == REFUSED or micro < FIRST or (kind != "date" and micro >= LAST):
            return REFUSED
        if kind == "date" and micro % 86400000000 != 0 and not truncate:
            return REFUSED
        if micro % step and not truncate:
            return REFUSED
        micro -= micro % step
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
        if value.lower() in ("infinity", "-infinity"):
            return value.lower()
        read = moment(value)
        if read is None:
            return REFUSED
        day, clock, offset, lost = read
        if day is None or (lost and not truncate):
            return REFUSED
        if kind != "timestamptz" and offset:
            return REFUSED
        try:
            at = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(microseconds=clock or 0)
        except OverflowError:
            return REFUSED if kind == "date" else None
        if at.microsecond % step != 0:
            if not truncate:
                return REFUSED
            at -= datetime.timedelta(microseconds=at.microsecond % step)
        if kind == "date":
            return day if not clock or truncate else REFUSED
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


def interval(unit, truncate=False):
    """Microseconds of a number of units; other texts are PostgreSQL's to read."""
    def convert(value):
        if isinstance(value, (bytes, Raw)):
            return REFUSED
        if isinstance(value, str) and decimal_text(value) is None:
            return UNKNOWN
        return length(value, unit, ROUND_DOWN if truncate else None)
    return convert


def clock_text(micro):
    rest = f".{micro % 1000000:06}".rstrip("0").rstrip(".")
    return f"{micro // 3600000000:02}:{micro // 60000000 % 60:02}:{micro // 1000000 % 60:02}{rest}"


def time(value, truncate=False):
    read = moment(value) if isinstance(value, str) else None
    if read is None or read[0] is not None or read[2] or (read[3] and not truncate):
        return REFUSED
    return clock_text(read[1])


def timetz(value):
    """Microseconds of the day, and the offset's seconds."""
    read = moment(value) if isinstance(value, str) else None
    if read is None or read[0] is not None or read[2] is None or read[3]:
        return REFUSED
    return f"{clock_text(read[1])} {int(read[2].total_seconds())}"


SIZES = {"us": 1, "microsecond": 1, "ms": 1000, "millisecond": 1000, "s": 10**6, "sec": 10**6, "second": 10**6, "min": 6 * 10**7,
         "minute": 6 * 10**7, "h": 36 * 10**8, "hr": 36 * 10**8, "hour": 36 * 10**8, "d": 864 * 10**8, "day": 864 * 10**8,
         "w": 6048 * 10**8, "week": 6048 * 10**8}
MONTHLY = {"mon": 1, "month": 1, "y": 12, "yr": 12, "year": 12, "decade": 120, "century": 1200}
ALIKE = [{"us", "microsecond"}, {"ms", "millisecond"}, {"s", "sec", "second"}, {"min", "minute"}, {"h", "hr", "hour"}, {"d", "day"},
         {"w", "week"}, {"mon", "month"}, {"y", "yr", "year"}, {"decade"}, {"century"}]


def unit_of(word):
    word = word.lower()
    if word == "centuries":
        return "century"
    known = {*SIZES, *MONTHLY}
    if word in known:
        return word
    plural = word[:-1] if word.endswith("s") else ""
    return plural if plural in known and len(plural) > 2 or plural in ("hr", "yr") else None


def length_of(value, truncate=False):
    """(months, days, microseconds) of a text; None if it is no interval of one meaning."""
    fields = []
    iso = re.fullmatch(r"P(?=.)((?:-?\d+[YMWD])*)(?:T((?:-?\d+(?:\.\d+)?[HMS])+))?", value, re.ASCII)
    if iso:
        for half, letters, names in ((iso[1], "YMWD", ("y", "mon", "w", "d")), (iso[2] or "", "HMS", ("h", "min", "s"))):
            parts = re.findall(r"(-?[\d.]+)([A-Z])", half)
            order = [letters.index(letter) for _, letter in parts]
            if order != sorted(set(order)) or any("." in number and letter != "S" for number, letter in parts):
                return None
            fields += [(number, names[letters.index(letter)]) for number, letter in parts]
    else:
        rest = re.sub("^@ ", "", value)
        days = re.fullmatch(r"([-+]?\d+) ([-+]?\d+:.*)", rest, re.ASCII)
        if days:
            fields, rest = [(days[1], "d")], days[2]
        at = 0
        while at < len(rest):
            clock = re.compile(r"([-+]?)(\d+):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?$", re.ASCII).match(rest, at)
            field = re.compile(r"([-+]?\d+(?:\.\d+)?) ?([A-Za-z]+)(?:,? (?=.)|$)", re.ASCII).match(rest, at)
            if clock:
                if any(unit_of(unit) in ("us", "microsecond", "ms", "millisecond", "s", "sec", "second", "min", "minute", "h", "hr", "hour")
                       for _, unit in fields):
                    return None
                fields += [(clock[1] + clock[2], "h"), (clock[1] + clock[3], "min"), (clock[1] + (clock[4] or "0"), "s")]
                at = len(rest)
            elif field and unit_of(field[2]):
                fields.append((field[1], field[2]))
                at = field.end()
            else:
                return None
        if not fields or rest != rest.strip():
            return None
        if fields[0][0][0] == "-" and any(number[0] not in "-+" for number, _ in fields[1:]):
            return None
    total, seen = [0, 0, 0], set()
    for number, word in fields:
        unit = unit_of(word)
        group = next(i for i, alike in enumerate(ALIKE) if unit in alike)
        if group in seen or len(number.lstrip("+-").replace(".", "").lstrip("0")) > 18:
            return None
        seen.add(group)
        if unit in MONTHLY:
            if "." in number:
                return None
            total[0] += int(number) * MONTHLY[unit]
            continue
        micro = Decimal(number) * SIZES[unit]
        if truncate:
            micro = micro.to_integral_value(ROUND_DOWN)
        if micro != micro.to_integral_value():
            return None
        days = int(abs(micro) // SIZES["d"]) * (-1 if micro < 0 else 1) if SIZES[unit] >= SIZES["d"] else 0
        total[1] += days
        total[2] += int(micro) - days * SIZES["d"]
    limits = (2**31 - 1, 2**31 - 1, 2**63 - 1)
    return total if all(-limit - 1 <= part <= limit for part, limit in zip(total, limits)) else None


def interval_text(value, truncate=False):
    parts = length_of(value, truncate) if isinstance(value, str) else None
    return REFUSED if parts is None else " ".join(map(str, parts))


def uuid_of(order=None):
    """Of bytes in RFC 9562's order or .NET's; if none is said, in RFC 9562's, if they look like that."""
    def convert(value):
        if isinstance(value, bytes) and not isinstance(value, Raw) and len(value) == 16:
            if order == "dotnet_guid":
                return str(uuid.UUID(bytes_le=value))
            read = uuid.UUID(bytes=value)
            known = read.int in (0, 2**128 - 1) or (read.variant == uuid.RFC_4122 and 1 <= read.version <= 8)
            return str(read) if order or known else REFUSED
        if isinstance(value, str):
            inner = value[1:-1] if re.fullmatch(r"\{.*\}", value) else value
            if re.fullmatch(r"([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}", inner):
                return str(uuid.UUID(inner.replace("-", "")))
        return REFUSED
    return convert


def csv(value):
    """A line of COPY's CSV, as elements of text[]."""
    if not isinstance(value, str):
        return REFUSED
    field = r'("(?:[^"]|"")*"|[^",]*)'
    if "\0" in value or not re.fullmatch(f"{field}(?:,{field})*", value, re.DOTALL):
        return REFUSED
    if value == "":
        return []
    fields, rest = [], "," + value
    while rest:
        found = re.match("," + field, rest, re.DOTALL)
        fields.append(found.group(1))
        rest = rest[found.end():]
    return [None if f == "" else f[1:-1].replace('""', '"') if f[0] == '"' else f for f in fields]


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
    try:
        return str(ipaddress.ip_interface(value)) if isinstance(value, str) and "%" not in value else REFUSED
    except ValueError:
        return REFUSED


def cidr(value):
    try:
        return str(ipaddress.ip_network(value)) if isinstance(value, str) and "%" not in value else REFUSED
    except ValueError:
        return REFUSED


def hardware(digits, *odd):
    """MAC addresses of so many digits: bare, or parted alike in pairs, in fours or in halves."""
    def parted(size, separators):
        return rf"[0-9a-f]{{{size}}}([{separators}])[0-9a-f]{{{size}}}(\1[0-9a-f]{{{size}}}){{{digits // size - 2}}}"
    forms = [rf"[0-9a-f]{{{digits}}}", parted(2, ":-"), parted(4, ".-"), parted(digits // 2, ":-"), *odd]

    def convert(value):
        if not isinstance(value, str) or not any(re.fullmatch(form, value, re.IGNORECASE | re.ASCII) for form in forms):
            return REFUSED
        plain = re.sub("[^0-9a-f]", "", value.lower())
        return ":".join(plain[at:at + 2] for at in range(0, digits, 2))
    return convert


macaddr = hardware(12)
macaddr8 = hardware(16, r"[0-9a-f]{6}[:-][0-9a-f]{10}")


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
