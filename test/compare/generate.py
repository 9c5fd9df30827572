#!/usr/bin/python3
"""generate.py SEED FILE...: makes SQLite databases whose schemas and rows are random.

What the real databases happen not to combine is combined here: names that need quotes, every shape
of key, types of no meaning, columns whose values are not what their type says, indexes of all kinds,
foreign keys between tables of any type.  File number N is made from SEED + N alone, so that a file
that shows a defect can be made again by itself.
"""
import random
import sqlite3
import sys

WORDS = ["order", "User", "name", "a b", "select", "größe", "x", "X1", "table", "Group By", 'quo"te', "dot.ted", "id",
         "created_at", "UPPER", "val", "it's", "a-b", "$cost", "1st", "naïve", "群", "oid", "ctid", "user_id", "xmin",
         "time", "l" * 61 + "aa", "l" * 61 + "ab", "l" * 70, "tab\tbed", "percent%", "back\\slash", "from", "data",
         "tableoid"]
TYPES = ["INTEGER", "INT", "TEXT", "REAL", "BLOB", "NUMERIC", "", "VARCHAR(5)", "varchar(40)", "BOOLEAN", "DATE",
         "DATETIME", "TIMESTAMP", "TIME", "DECIMAL(10,2)", "NUMERIC(5)", "DOUBLE PRECISION", "FLOAT", "BIGINT",
         "SMALLINT", "TINYINT", "UUID", "JSON", "CLOB", "CHAR(3)", "NVARCHAR(10)", "UNSIGNED BIG INT", "MONEY",
         "fancy type (3, 4)", "DATETIME(6)", "timestamptz", "INTERVAL", "BIT", "INET", "LONGTEXT", "YEAR", "STRING",
         "ANY", "int2", "bool", "real[]"]
STRICT_TYPES = ["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"]
TEXTS = ["", "a", "A", "abc", "Zoë", "x" * 45, "x" * 3000, "1", "1.50", "-7", " 5 ", "1e3"]
ODD = [None, 250, -3, 0.1, b"\x00\xff", 2**63 - 1, -2**63, 1e300, float("inf"), *TEXTS, "true", "NO", '{"a": 1}',
       "2024-02-29", "2024-02-29 12:34:56", "2024-02-29T12:34:56.123456Z", "12:30", "0000-00-00", "2023-02-30",
       "infinity", "NaN", "\\N", "\\x41", "a\tb\nc\r", "it's \"q\"", "b2f5ff47-4366-4c1a-8a22-2b2c4ff1f3c1",
       "127.0.0.1", "群🙂", "null", "9223372036854775808"]


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return "X'" + value.hex() + "'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "9e999" if value == float("inf") else repr(value)


class Column:
    def __init__(self, name, declared, not_null=False, parent=None, rowid=False):
        self.name, self.declared, self.not_null = name, declared, not_null
        self.parent, self.rowid = parent, rowid


class Table:
    def __init__(self, name):
        self.name, self.columns, self.keys = name, [], []

    def key_type(self):
        return next((c.declared for c in self.columns if [c.name] == self.keys), "INTEGER")


class Maker:
    """Draws one database; every choice comes from one generator of random numbers."""

    def __init__(self, seed, connection):
        self.random = random.Random(seed)
        self.connection = connection
        self.tables = []

    def choose(self, items):
        return self.random.choice(items)

    def chance(self, share):
        return self.random.random() < share

    def name(self, taken):
        while True:
            name = self.choose(WORDS) + (str(self.random.randrange(99)) if self.chance(0.3) else "")
            if name.lower() not in taken:
                taken.add(name.lower())
                return name

    # --- values ---------------------------------------------------------------------------------
    def value(self, declared):
        """A value that the type lets expect; now and then another."""
        kind = declared.upper()
        if self.chance(0.004):
            return self.choose([None, 2]) if "BOOL" in kind else self.choose(ODD)
        if kind in ("DATE", "DATETIME", "DATETIME(6)", "TIMESTAMP", "TIMESTAMPTZ", "TIME"):
            return self.moment(kind)
        if "INT" in kind and "POINT" not in kind and kind != "INTERVAL":
            top = self.choose([1, 100, 30000, 2**31, 2**62]) if self.chance(0.1) else 100
            return self.random.randrange(-top, top + 1)
        if "BOOL" in kind:
            return self.random.randrange(2)
        if "DEC" in kind or "NUM" in kind or "MONEY" in kind:
            return round(self.random.uniform(-999, 999), 2)
        if "REAL" in kind or "FLOA" in kind or "DOUB" in kind:
            return self.choose([self.random.uniform(-1e6, 1e6), float(self.random.randrange(100)),
                                self.random.random() * 10.0**self.random.randrange(-300, 300)])
        if "BLOB" in kind:
            return self.random.randbytes(self.random.randrange(1, 40))
        if kind == "UUID":
            digits = f"{self.random.getrandbits(128):032x}"
            return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        if kind == "JSON":
            return self.choose(["{}", "[1, null]", '{"k": "v", "k": 2}', '"s"', "12", '{"u": "\\u00e9"}'])
        if "CHAR" in kind:
            return "".join(self.choose("abcXYZ é") for _ in range(self.random.randrange(4)))
        return self.choose(TEXTS)

    def moment(self, kind):
        draw = self.random.randrange
        day = f"{draw(1900, 2100):04}-{draw(1, 13):02}-{draw(1, 29):02}"
        clock = f"{draw(24):02}:{draw(60):02}:{draw(60):02}"
        if kind in ("DATE", "TIME"):
            return day if kind == "DATE" else clock
        return f"{day} {clock}" + (f".{draw(1000):03}" if self.chance(0.3) else "")

    # --- tables ---------------------------------------------------------------------------------
    def column(self, taken, strict):
        column = Column(self.name(taken), self.choose(STRICT_TYPES if strict else TYPES), self.chance(0.2))
        text = f"{quote(column.name)} {column.declared}"
        if column.not_null:
            text += self.choose([" NOT NULL", " not null", " CONSTRAINT nn NOT NULL ON CONFLICT ABORT"])
        if self.chance(0.15):
            default = literal(self.value(column.declared))
            text += " DEFAULT " + (f"({default})" if default[0] == "-" and self.chance(0.5) else default)
        if self.chance(0.1):
            text += " COLLATE " + self.choose(["NOCASE", "BINARY", "RTRIM", "nocase"])
        return column, text

    def reference(self, taken, strict):
        """A column that refers to a table drawn before; its type may be another than the key's."""
        parent = self.choose([t for t in self.tables if len(t.keys) == 1])
        declared = self.choose(STRICT_TYPES) if strict else self.choose([parent.key_type(), "INTEGER", "TEXT"])
        column = Column(self.name(taken), declared, parent=parent)
        return column, (f"{quote(column.name)} {declared} REFERENCES {quote(parent.name)}"
                        + self.choose(["", f"({quote(parent.keys[0])})"])
                        + self.choose(["", " ON DELETE CASCADE", " ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED"]))

    def table(self, taken):
        table, known = Table(self.name(taken)), set()
        strict = self.chance(0.1)
        shape = self.choose(["rowid", "rowid", "autoincrement", "none", "single", "composite", "without rowid"])
        texts = []
        if shape in ("rowid", "autoincrement"):
            table.columns.append(Column(self.name(known), "INTEGER", rowid=True))
            table.keys = [table.columns[0].name]
            texts.append(quote(table.keys[0])
                         + self.choose([" INTEGER PRIMARY KEY", " INTEGER NOT NULL PRIMARY KEY", " integer primary key asc"])
                         + (" AUTOINCREMENT" if shape == "autoincrement" else ""))
        plain = []
        for _ in range(self.random.randrange(1 if texts else 3, 9)):
            column, text = self.column(known, strict)
            plain.append(column)
            texts.append(text)
        table.columns += plain
        if any(len(t.keys) == 1 for t in self.tables) and self.chance(0.5):
            column, text = self.reference(known, strict)
            table.columns.append(column)
            texts.append(text)
        if self.chance(0.15) and not strict:
            texts.append(f"{quote(self.name(known))} TEXT GENERATED ALWAYS AS ("
                         f"{self.choose(['length', 'typeof'])}({quote(plain[0].name)})) {self.choose(['STORED', 'VIRTUAL'])}")
        texts += self.constraints(table, plain, shape)
        options = [o for o, used in (("STRICT", strict), ("WITHOUT ROWID", shape == "without rowid")) if used]
        return table, (f"CREATE TABLE {quote(table.name)} (" + self.choose([", ", ",\n  ", " , /* c */ "]).join(texts) + ") "
                       + ", ".join(options))

    def constraints(self, table, plain, shape):
        texts = []
        some = lambda: [c.name for c in self.random.sample(plain, min(len(plain), self.choose([1, 2])))]
        if shape in ("single", "composite", "without rowid"):
            table.keys = [plain[0].name] if shape == "single" else some()
            texts.append("PRIMARY KEY (" + ", ".join(quote(k) + self.choose(["", "", " DESC"]) for k in table.keys) + ")")
        if self.chance(0.25):
            texts.append(self.choose(["", f"CONSTRAINT {quote('u ' + table.name)} "])
                         + "UNIQUE (" + ", ".join(map(quote, some())) + ")")
        if self.chance(0.2):
            column = quote(plain[-1].name)
            texts.append("CHECK (" + self.choose([f"{column} IS NOT NULL OR 1", f"{column} <> 'never'",
                                                  f"{column} IS NULL OR length({column}) < 9999"]) + ")")
        return texts

    def index(self, table):
        name = f"ix {self.choose(WORDS)}{self.random.randrange(9999)}"
        columns = [c.name for c in table.columns]
        count = self.random.randrange(1, min(3, len(columns)) + 1)
        parts = [quote(c) + self.choose(["", "", " DESC", " COLLATE NOCASE"]) for c in self.random.sample(columns, count)]
        if self.chance(0.15):
            parts[0] = f"lower({quote(columns[-1])})"
        where = self.choose(["", "", "", f" WHERE {quote(columns[0])} IS NOT NULL", f" WHERE {quote(columns[-1])} IS NULL"])
        return f"CREATE {self.choose(['', '', 'UNIQUE '])}INDEX {quote(name)} ON {quote(table.name)} ({', '.join(parts)}){where}"

    # --- rows -----------------------------------------------------------------------------------
    def cell(self, column, number):
        if column.rowid:
            return self.choose([None, None, None, number * 3 + 1, -number - 5])
        if column.parent:
            found = self.connection.execute(f"SELECT {quote(column.parent.keys[0])} FROM {quote(column.parent.name)}"
                                            f" LIMIT 1 OFFSET {self.random.randrange(6)}").fetchone()
            return found[0] if found else None
        return None if not column.not_null and self.chance(0.08) else self.value(column.declared)

    def rows(self, table):
        names = ", ".join(quote(c.name) for c in table.columns)
        marks = ", ".join("?" * len(table.columns))
        for number in range(self.choose([0, 1, 5, 60, 300])):
            values = [self.cell(column, number) for column in table.columns]
            try:
                self.connection.execute(f"INSERT OR IGNORE INTO {quote(table.name)} ({names}) VALUES ({marks})", values)
            except sqlite3.Error:
                pass  # a STRICT table or a check refuses the row; the next one may do

    def mend_references(self):
        """Affinity may have made another value of a reference: such rows refer to nothing then."""
        for table, rowid, _, number in self.connection.execute("PRAGMA foreign_key_check").fetchall():
            keys = self.connection.execute(f"PRAGMA foreign_key_list({quote(table)})").fetchall()
            column = next(key[3] for key in keys if key[0] == number)
            where = "" if rowid is None else f" WHERE rowid = {rowid}"
            self.connection.execute(f"UPDATE {quote(table)} SET {quote(column)} = NULL{where}")

    def make(self):
        if self.chance(0.1):
            self.connection.execute(f"PRAGMA encoding = '{self.choose(['UTF-16le', 'UTF-16be'])}'")
        self.connection.execute("BEGIN")
        taken = set()
        for _ in range(self.random.randrange(1, 7)):
            table, sql = self.table(taken)
            if self.attempt(sql):
                self.tables.append(table)
        for table in self.tables:
            self.rows(table)
        for table in self.tables:
            for _ in range(self.random.randrange(3)):
                self.attempt(self.index(table))
        self.mend_references()
        self.connection.execute("COMMIT")

    def attempt(self, sql):
        """False where SQLite refuses it: an index over rows that are not unique, say."""
        try:
            self.connection.execute(sql)
            return True
        except sqlite3.Error:
            return False


def make(seed, path):
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        Maker(seed, connection).make()
    finally:
        connection.close()


if __name__ == "__main__":
    for position, file in enumerate(sys.argv[2:]):
        make(int(sys.argv[1]) + position, file)
