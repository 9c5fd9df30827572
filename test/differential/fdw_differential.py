#!/usr/bin/python3
"""fdw_differential.py [--seed N] [--queries N] [--schemas N]: foreign tables against local copies.

Makes SQLite files with random tables and dirty data, copies each table into PostgreSQL by a plain
scan, and runs random statements over both: the same rows, or an error on both.  Odd values are NULL
in both; where they are errors, what is read without one must be the same rows too.  What the wrapper
pushes down must not show.  Runs on the server that PG* names, in a database with C.UTF-8 and, where
the locale is installed, in one with en_US.utf8.  Prints each difference with what reproduces it, then
`N passed, N failed`.
"""
import argparse
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

WORDS = ["a", "A", "b", "Zebra", "zebra", "éclair", "Éclair", "ab_c", "abxc", "50%", "a*b", "a[b", "what?", "",
         " lead", "trail ", "10", "9", "it's", "back\\slash", "žaba", "naïve", "Z", "aa", "B", "日本"]
NUMBERS = [0, 1, 2, 3, 5, 7, 10, -1, -5, 100, 2147483647, -2147483648, 2147483648, 9223372036854775807,
           -9223372036854775808, 9007199254740993, 9007199254740992]
INVALID = "\ufffd"  # stands for a text that is not UTF-8
# declared type, domain, and what dirty rows hold besides NULL
KINDS = [("INTEGER", "int", [2.5, "text", b"\x01", 1e300]), ("INT", "int", [0.5, "", b""]),
         ("BIGINT", "int", ["12abc"]), ("TEXT", "text", [b"\xff\x00", b"a", "nul\0tail", INVALID]),
         ("VARCHAR(20)", "text", [b"zz"]), ("TEXT COLLATE NOCASE", "text", [INVALID]),
         ("TEXT COLLATE RTRIM", "text", []), ("REAL", "real", ["x", b"1"]), ("DOUBLE", "real", []),
         ("DECIMAL(10,2)", "dec", ["n/a"]), ("BOOLEAN", "bool", [2, "maybe"]), ("DATE", "date", ["0000-00-00", "soon"]),
         ("BLOB", "bytes", [])]

# operators that overflow or divide by zero
ARITHMETIC = re.compile(r" [-+*/%] \(")


def value(rng, domain):
    if rng.random() < 0.15:
        return None
    if domain == "int":
        return rng.choice(NUMBERS) if rng.random() < 0.4 else rng.randint(-20, 20)
    if domain == "text":
        return rng.choice(WORDS)
    if domain == "real":
        return rng.choice([0.0, -0.0, 0.1, 1.5, -2.25, 1e10, 1e-5, float("inf"), 3.0, rng.uniform(-10, 10)])
    if domain == "dec":
        return rng.choice([0, 1, 9.99, 10.5, -3.25, 100, 0.1, 12345678.91])
    if domain == "bool":
        return rng.choice([0, 1])
    if domain == "date":
        return rng.choice(["2024-01-01", "1999-12-31", "2024-02-29T00:00:00", "2024-02-29", "2000-06-15"])
    return rng.choice([b"", b"\x00", b"\x00\xff", b"abc", b"abd"])


class Table:
    """One table of the file and what queries may say of its columns."""

    def __init__(self, rng, name):
        self.name = name
        self.columns = [("id", "int")]
        strict = rng.random() < 0.2
        without_rowid = rng.random() < 0.15
        kinds = [kind for kind in KINDS if not strict or kind[0] in ("INTEGER", "INT", "TEXT", "REAL", "BLOB", "TEXT COLLATE NOCASE")]
        chosen = [rng.choice(kinds) for _ in range(rng.randint(3, 7))]
        definitions = ["id INTEGER PRIMARY KEY" + (" NOT NULL" if without_rowid else "")]
        for number, (declared, domain, _) in enumerate(chosen):
            self.columns.append((f"c{number}", domain))
            definitions.append(f"c{number} {declared}")
        options = ", ".join(word for word, on in (("STRICT", strict), ("WITHOUT ROWID", without_rowid)) if on)
        self.sql = [f"CREATE TABLE {name}({', '.join(definitions)}) {options}"]
        for number in range(len(chosen)):
            if rng.random() < 0.4:
                self.sql.append(f"CREATE INDEX {name}_c{number} ON {name}(c{number})")
        dirty = not strict and rng.random() < 0.6
        self.rows = []
        for key in range(1, rng.choice([0, 5, 40, 120]) + 1):
            row = [key]
            for _, domain, odd in chosen:
                row.append(rng.choice(odd) if dirty and odd and rng.random() < 0.08 else value(rng, domain))
            self.rows.append(row)

    def column(self, rng, *domains):
        fitting = [name for name, domain in self.columns if not domains or domain in domains]
        return rng.choice(fitting) if fitting else None


def literal(rng, domain):
    chosen = value(rng, domain)
    if chosen is None:
        chosen = value(rng, domain)
    if domain == "real" and chosen == 0:
        chosen = 0.0  # SQLite keeps no minus zero
    if chosen is None:
        return "NULL"
    if domain == "int":
        return f"({chosen}::bigint)" if chosen != -9223372036854775808 else "((-9223372036854775807)::bigint - 1)"
    if domain == "text":
        return "'" + chosen.replace("'", "''") + "'"
    if domain == "real":
        return f"'{chosen}'::float8"
    if domain == "dec":
        return f"{chosen}::numeric"
    if domain == "bool":
        return "true" if chosen else "false"
    if domain == "date":
        return f"'{chosen[:10]}'::date"
    return f"'\\x{chosen.hex()}'::bytea"


def scalar(rng, scope, domain):
    """An expression of that domain over the columns in scope, a list of (alias, Table)."""
    fitting = [f"{alias}.{name}" for alias, table in scope for name, other in table.columns if other == domain]
    pick = rng.random()
    if not fitting or pick < 0.12:
        return literal(rng, domain)
    if pick < 0.2:
        return f"coalesce({rng.choice(fitting)}, {literal(rng, domain)})"
    if pick < 0.26:
        return f"CASE WHEN {predicate(rng, scope, 1)} THEN {rng.choice(fitting)} ELSE {literal(rng, domain)} END"
    if pick < 0.3 and domain == "text":
        return f"{rng.choice(['upper', 'lower', 'btrim'])}({rng.choice(fitting)})"
    return rng.choice(fitting)


def predicate(rng, scope, depth):
    if depth > 0 and rng.random() < 0.45:
        pick = rng.random()
        if pick < 0.2:
            return f"NOT ({predicate(rng, scope, depth - 1)})"
        return f"({predicate(rng, scope, depth - 1)} {'AND' if pick < 0.6 else 'OR'} {predicate(rng, scope, depth - 1)})"
    domain = rng.choice([domain for _, table in scope for _, domain in table.columns])
    one = scalar(rng, scope, domain)
    pick = rng.random()
    if pick < 0.45:
        return f"{one} {rng.choice(['=', '<>', '<', '<=', '>', '>='])} {scalar(rng, scope, domain) if rng.random() < 0.3 else literal(rng, domain)}"
    if pick < 0.55:
        return f"{one} IS {rng.choice(['', 'NOT '])}NULL"
    if pick < 0.65:
        members = [literal(rng, domain) for _ in range(rng.randint(1, 4))]
        if rng.random() < 0.15:
            members.append("NULL")
        if rng.random() < 0.2:
            members.append(scalar(rng, scope, domain))
        if rng.random() < 0.25:
            return f"{one} {rng.choice(['<> ALL', '= ANY', '= ALL', '<> ANY', '> ANY'])} (ARRAY[{', '.join(members)}])"
        if rng.random() < 0.15:
            values = ", ".join(f"({member})" for member in members if "." not in member or domain not in ("int", "text"))
            return f"{one} {rng.choice(['<> ALL', '= ANY'])} (ARRAY(SELECT v FROM (VALUES {values or '(NULL)'}) AS list(v)))" if values else "true"
        return f"{one} {rng.choice(['', 'NOT '])}IN ({', '.join(members)})"
    if pick < 0.72:
        return f"{one} BETWEEN {literal(rng, domain)} AND {literal(rng, domain)}"
    if pick < 0.8:
        return f"{one} IS {rng.choice(['', 'NOT '])}DISTINCT FROM {literal(rng, domain)}"
    if domain == "text":
        pattern = rng.choice(["a%", "%a%", "_b%", "a\\_%", "%\\%", "A%", "%é%", "a*b", "a[%", "what_", "", "%", "%\\\\%"])
        return f"{one} {rng.choice(['', 'NOT '])}{rng.choice(['LIKE', 'LIKE', 'ILIKE'])} '{pattern}'"
    if domain == "bool":
        return f"{one} {rng.choice(['', 'IS TRUE', 'IS NOT TRUE', 'IS FALSE', 'IS UNKNOWN', 'IS NOT FALSE'])}"
    if domain == "int":
        alias, table = rng.choice(scope)
        return f"{one} {rng.choice(['+', '-', '*', '/', '%'])} {literal(rng, 'int')} > {literal(rng, 'int')}" if rng.random() < 0.3 \
            else f"{alias}.id > {rng.randint(0, 60)}"
    return "true"


def subquery(rng, scope, tables):
    """A condition with a subquery on another table: EXISTS, NOT EXISTS, IN, NOT IN."""
    inner = rng.choice("stuvw")
    other = rng.choice(tables)
    domain = rng.choice(["int", "int", "text", "bytes", "bool", "real"])
    mine = [f"{a}.{n}" for a, t in scope for n, d in t.columns if d == domain]
    theirs = [f"{inner}.{n}" for n, d in other.columns if d == domain]
    if not mine or not theirs:
        mine, theirs = ["x.id"], [f"{inner}.id"]
    left, right = rng.choice(mine), rng.choice(theirs)
    source = f"{other.name} {inner}"
    inside = [(inner, other)]
    if rng.random() < 0.25:
        third = rng.choice(tables)
        source += f" JOIN {third.name} {inner}{inner} ON {inner}{inner}.id = {inner}.id"
        inside.append((inner * 2, third))
    conditions = [predicate(rng, inside, 1)] if rng.random() < 0.6 else []
    if rng.random() < 0.15:
        conditions.append(predicate(rng, scope + inside, 1))
    if rng.random() < 0.4:
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"{left} {rng.choice(['IN', 'IN', 'NOT IN'])} (SELECT {right} FROM {source}{where})"
    return f"{rng.choice(['', 'NOT '])}EXISTS (SELECT 1 FROM {source} WHERE {' AND '.join([f'{left} = {right}', *conditions])})"


def aggregate(rng, scope, function, name):
    call = f"{function} {name})" if "(" in function else f"{function}({name})"
    return call + (f" FILTER (WHERE {predicate(rng, scope, 1)})" if rng.random() < 0.25 else "")


def groups_condition(rng, scope, names):
    if rng.random() < 0.4:
        return f"count(*) > {rng.randint(0, 3)}"
    name, domain = rng.choice(names)
    if domain in ("int", "text", "real") and rng.random() < 0.7:
        return f"{rng.choice(['min', 'max'])}({name}) {rng.choice(['=', '<>', '<', '>='])} {literal(rng, domain)}"
    if domain in ("int", "dec"):
        return f"{rng.choice(['sum', 'avg'])}({name}) > {rng.randint(-5, 50)} AND {aggregate(rng, scope, 'count', name)} >= {rng.randint(0, 4)}"
    return f"count(DISTINCT {name}) <= {rng.randint(0, 3)} OR count({name}) IS NULL"


def joined(rng, scope, tables, alias):
    """`table alias` and the condition that joins it to one of the scope, which it is added to."""
    other = rng.choice(tables)
    domain = rng.choice(["int", "int", "text", "bytes", "bool", "real"])
    mine = [f"{a}.{n}" for a, t in scope for n, d in t.columns if d == domain]
    theirs = [f"{alias}.{n}" for n, d in other.columns if d == domain]
    if not mine or not theirs:
        mine, theirs = [f"{rng.choice(scope)[0]}.id"], [f"{alias}.id"]
    scope.append((alias, other))
    return f"{other.name} {alias}", f"{rng.choice(mine)} = {rng.choice(theirs)}"


def join_of_two(rng, scope, tables):
    """An outer join whose right side is a join itself."""
    first, condition = joined(rng, scope, tables, "y")
    inside = scope[1:]
    second, between = joined(rng, inside, tables, "z")
    scope.append(inside[-1])
    if rng.random() < 0.3:
        between += f" AND {predicate(rng, inside, 1)}"
    if rng.random() < 0.3:
        condition += f" AND {predicate(rng, scope, 1)}"
    return f" LEFT JOIN ({first} {rng.choice(['JOIN', 'JOIN', 'LEFT JOIN'])} {second} ON {between}) ON {condition}"


def join_of_filtered(rng, scope, tables):
    """An outer join whose right side is a table that EXISTS, IN and the like look at."""
    source, condition = joined(rng, scope, tables, "y")
    inside = [("x" * 2, scope[-1][1])]
    conditions = [subquery(rng, inside, tables)] + ([predicate(rng, inside, 1)] if rng.random() < 0.4 else [])
    return f" LEFT JOIN (SELECT xx.* FROM {source.split()[0]} xx WHERE {' AND '.join(conditions)}) y ON {condition}"


def groups(rng, scope, names):
    """What a query groups by: columns, and expressions over them."""
    chosen = [name for name, _ in rng.sample(names, min(len(names), rng.choice([0, 0, 1, 2])))]
    if chosen and rng.random() < 0.3:
        column, domain = rng.choice(names)
        expressions = [f"({column} IS NULL)", f"coalesce({column}, {literal(rng, domain)})"]
        if domain == "text":
            expressions.append(f"length({column})")
        if domain == "int":
            expressions.append(f"({column} > {literal(rng, domain)})")
        chosen[0] = rng.choice(expressions)
    return chosen


def correlated(rng, scope, tables):
    """A value that a subquery computes for each row."""
    inside = list(scope)
    source, condition = joined(rng, inside, tables, "k")
    inside = inside[-1:]
    name, domain = rng.choice([("k." + name, domain) for name, domain in inside[0][1].columns])
    where = f"WHERE {condition}" + (f" AND {predicate(rng, inside, 1)}" if rng.random() < 0.5 else "")
    if rng.random() < 0.3:
        return f"(SELECT {name} FROM {source} {where} ORDER BY {name} {rng.choice(['', 'DESC', 'NULLS FIRST'])} LIMIT 1)"
    functions = ["count"] + {"int": ["sum", "min", "max"], "text": ["min", "max"], "bool": ["bool_or"]}.get(domain, [])
    return f"(SELECT {aggregate(rng, inside, rng.choice(functions), name)} FROM {source} {where})"


def order_by_all(rng, outputs):
    """ORDER BY every output, in some order: which of equal rows comes first does not show."""
    numbers = rng.sample(range(1, len(outputs) + 1), len(outputs))
    keys = ", ".join(f"{number}{rng.choice(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])}" for number in numbers)
    limit = f" LIMIT {rng.randint(0, 10)}" if rng.random() < 0.6 else ""
    if limit and rng.random() < 0.3:
        limit += f" OFFSET {rng.randint(0, 5)}"
    return f" ORDER BY {keys}{limit}"


def lateral(rng, tables):
    """A subquery that begins again for each row of another table."""
    one, other = rng.choice(tables), rng.choice(tables)
    domain = rng.choice(["int", "int", "text", "bool"])
    mine = [f"x.{n}" for n, d in one.columns if d == domain] or ["x.id"]
    theirs = [f"k.{n}" for n, d in other.columns if d == domain] if mine != ["x.id"] or domain == "int" else []
    condition = f"{rng.choice(theirs or ['k.id'])} {rng.choice(['=', '=', '<', '>='])} {rng.choice(mine) if theirs else 'x.id'}"
    if rng.random() < 0.5:
        condition += f" AND {predicate(rng, [('k', other)], 1)}"
    where = f" WHERE {predicate(rng, [('x', one)], 1)}" if rng.random() < 0.6 else ""
    pick = rng.random()
    if pick < 0.35:
        inner = f"SELECT count(*) AS n, max(k.id) AS m FROM {other.name} k WHERE {condition}"
    elif pick < 0.7:
        inner = f"SELECT k.id AS n, k.{rng.choice(other.columns)[0]} AS m FROM {other.name} k WHERE {condition} ORDER BY k.id{rng.choice(['', ' DESC'])} LIMIT {rng.randint(1, 4)}"
    else:
        third = rng.choice(tables)
        inner = f"SELECT k.id AS n, z.id AS m FROM {other.name} k {rng.choice(['JOIN', 'LEFT JOIN'])} {third.name} z ON z.id = k.id AND z.id > x.id WHERE {condition}"
    kind = rng.choice(["CROSS JOIN LATERAL ({}) l", "LEFT JOIN LATERAL ({}) l ON true", "LEFT JOIN LATERAL ({}) l ON l.n > 2"]).format(inner)
    return f"SELECT x.id, l.n, l.m FROM {one.name} x {kind}{where}", False


def query(rng, tables):
    """A SELECT that gives the same rows wherever it runs, and whether their order counts."""
    if rng.random() < 0.05:
        return lateral(rng, tables)
    one = rng.choice(tables)
    scope = [("x", one)]
    source = f"{one.name} x"
    if rng.random() < 0.08:
        source += join_of_two(rng, scope, tables)
    elif rng.random() < 0.08:
        source += join_of_filtered(rng, scope, tables)
    elif rng.random() < 0.4:
        for alias in "yz"[:rng.choice([1, 1, 2])]:
            right, condition = joined(rng, scope, tables, alias)
            kind = rng.choice(["JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
            if rng.random() < 0.3 and kind != "FULL JOIN":
                condition += f" AND {predicate(rng, scope, 1)}"
            source += f" {kind} {right} ON {condition}"
    where = f" WHERE {predicate(rng, scope, 2)}" if rng.random() < 0.75 else ""
    while len(scope) > 1 and " JOIN" in source and rng.random() < 0.3:
        # what an outer join left without a match, and other conditions on its rows
        alias, other = rng.choice(scope)
        condition = f"{alias}.{other.column(rng)} IS {rng.choice(['', '', 'NOT '])}NULL" if rng.random() < 0.7 else predicate(rng, [(alias, other)], 1)
        where += (" AND " if where else " WHERE ") + condition
    while rng.random() < 0.25:
        where += (" AND " if where else " WHERE ") + subquery(rng, scope, tables)
    names = [(f"{alias}.{name}", domain) for alias, table in scope for name, domain in table.columns]
    pick = rng.random()
    if pick < 0.3:
        keys = groups(rng, scope, names)
        outputs = keys + ["count(*)"]
        for _ in range(rng.randint(1, 3)):
            name, domain = rng.choice(names)
            functions = ["count", "count(DISTINCT"] + {"int": ["sum", "avg", "min", "max"], "text": ["min", "max"],
                                                        "date": ["min", "max"], "real": ["min", "max"], "dec": ["sum", "avg", "min", "max"],
                                                        "bool": ["bool_and", "bool_or", "every"]}.get(domain, [])
            function = rng.choice(functions)
            outputs.append(aggregate(rng, scope, function, name))
        group = f" GROUP BY {', '.join(keys)}" if keys else ""
        having = f" HAVING {groups_condition(rng, scope, names)}" if rng.random() < 0.3 else ""
        statement = f"SELECT {', '.join(outputs)} FROM {source}{where}{group}{having}"
        if rng.random() < 0.12:
            # how many groups there are, though nobody reads them
            return f"SELECT count(*) FROM ({statement} OFFSET 0) unread", False
        return (statement + order_by_all(rng, outputs), True) if keys and rng.random() < 0.4 else (statement, False)
    chosen = [name for name, _ in rng.sample(names, min(len(names), rng.randint(1, 4)))]
    if rng.random() < 0.15:
        chosen.append(scalar(rng, scope, "int") + " + 0")
    if rng.random() < 0.15:
        chosen.append(correlated(rng, scope, tables))
    distinct = "DISTINCT " if rng.random() < 0.15 else ""
    if rng.random() < 0.4:
        return f"SELECT {distinct}{', '.join(chosen)} FROM {source}{where}{order_by_all(rng, chosen)}", True
    return f"SELECT {distinct}{', '.join(chosen)} FROM {source}{where}", False


def match(rng, table, other):
    """What joins the rows of a FROM or USING: one with one, or one with several."""
    pairs = [(mine, theirs) for mine, domain in table.columns for theirs, same in other.columns if domain == same and domain in ("int", "text", "bool")]
    mine, theirs = rng.choice(pairs) if rng.random() < 0.6 else ("id", "id")
    return f"y.{theirs} = x.{mine}" + (f" + {rng.randint(0, 2)}" if mine == "id" else "")


def assigned(rng, scope, domain, tables):
    """What an UPDATE assigns: a literal, something of the row, or what a query over the table itself gives."""
    if rng.random() < 0.5:
        return literal(rng, domain)
    table = scope[0][1]
    if domain == "int" and rng.random() < 0.4:
        return rng.choice([f"(SELECT max(k.{table.column(rng, 'int')}) FROM {table.name} k WHERE k.id < x.id)",
                           f"(SELECT count(*) FROM {table.name} k WHERE k.id <= x.id)", f"(SELECT count(k.{table.column(rng, 'int')}) FROM {table.name} k)",
                           f"(SELECT count(*) FROM {rng.choice(tables).name} k WHERE k.id = x.id)"])
    return scalar(rng, scope, domain)


def cursors(rng, tables):
    """A cursor, or a loop, over a table that is written between two rows of it."""
    table, other = rng.choice(tables), rng.choice(tables)
    order = rng.choice(["", "", " ORDER BY id", " ORDER BY id DESC"]) or " ORDER BY id"
    write = rng.choice([f"DELETE FROM {other.name} WHERE id > {rng.randint(0, 60)}", f"UPDATE {other.name} SET id = id + 3000 WHERE id < {rng.randint(0, 60)}",
                        f"INSERT INTO {other.name}(id) VALUES ({rng.randint(1000, 1009)})"])
    loop = (f"DO $$ DECLARE r record; BEGIN FOR r IN SELECT id FROM {table.name} LOOP"
            f" INSERT INTO {table.name}(id) SELECT r.id + 30000 WHERE NOT EXISTS (SELECT 1 FROM {table.name} WHERE id = r.id + 30000); END LOOP; END $$")
    return ["BEGIN", f"DECLARE c CURSOR FOR SELECT * FROM {table.name} x WHERE {predicate(rng, [('x', table)], 1)}{order}", f"FETCH {rng.choice([0, 1, 3])} FROM c",
            write, f"DECLARE e CURSOR FOR SELECT id FROM {other.name} ORDER BY id", "FETCH 2 FROM c", rng.choice([write.replace("1000", "1500"), loop]),
            "FETCH ALL FROM c", "FETCH ALL FROM e", f"SELECT * FROM {table.name} ORDER BY id", f"SELECT * FROM {other.name} ORDER BY id", "ROLLBACK"]


def writes(rng, tables):
    """Changes within a transaction that is rolled back, with what is there before the rollback."""
    table, other = rng.choice(tables), rng.choice(tables)
    scope = [("x", table)]
    statements = ["BEGIN"]
    for _ in range(rng.randint(1, 3)):
        pick = rng.random()
        returning = f" RETURNING {', '.join('x.' + name for name, _ in rng.sample(table.columns, rng.randint(1, 3)))}" if rng.random() < 0.4 else ""
        where = f"WHERE {predicate(rng, scope, 1)}"
        if rng.random() < 0.2:
            where += f" AND {subquery(rng, scope, tables)}"
        if pick < 0.3:
            columns = rng.sample(table.columns[1:], rng.randint(1, len(table.columns) - 1))
            statements.append(f"INSERT INTO {table.name} AS x (id, {', '.join(n for n, _ in columns)}) VALUES "
                              f"({rng.randint(1000, 9999)}, {', '.join(literal(rng, d) for _, d in columns)}){returning}")
        elif pick < 0.65:
            changes = rng.sample(table.columns[1:], rng.choice([1, 1, 2]))
            source = ""
            if rng.random() < 0.3:
                source, where = f" FROM {other.name} y", where + f" AND {match(rng, table, other)}"
            assignments = ", ".join(f"{name} = {assigned(rng, scope, domain, tables)}" for name, domain in changes)
            statements.append(f"UPDATE {table.name} x SET {assignments}{source} {where}{returning}")
        elif pick < 0.85:
            using = ""
            if rng.random() < 0.3:
                using, where = f" USING {other.name} y", where + f" AND {match(rng, table, other)}"
            statements.append(f"DELETE FROM {table.name} x{using} {where}{returning}")
        elif pick < 0.93:
            change = rng.choice([f"DELETE FROM {table.name} x {where}", f"UPDATE {table.name} x SET id = x.id + 5000 {where}",
                                 f"INSERT INTO {table.name} AS x (id) SELECT x.id + 20000 FROM {table.name} x {where}"])
            beside = rng.choice([f"(SELECT count(*) FROM {table.name})", f"(SELECT max(k.id) FROM {table.name} k WHERE k.id >= u.id)",
                                 f"EXISTS (SELECT 1 FROM {table.name} k WHERE k.id = u.id + 1)"])
            statements.append(f"WITH u AS ({change} RETURNING x.id) SELECT u.id, {beside} FROM u")
        else:
            statements += ["SAVEPOINT s", f"DELETE FROM {table.name}", "ROLLBACK TO s"]
        if ARITHMETIC.search(statements[-1]):
            statements.pop()  # see below: an error here would end the transaction on one side alone
        statements.append(f"SELECT * FROM {table.name} ORDER BY id")
    return statements + ["ROLLBACK"]


def application(rng, tables, count):
    """Statements of every kind that stay: in one transaction, where each that fails is undone alone, and in many."""
    statements = []
    for one_transaction in (True, False):
        mixed = []
        while len(mixed) < count // 2:
            if rng.random() < 0.5:
                mixed += [statement for statement in writes(rng, tables)[1:-1] if "SAVEPOINT" not in statement and "ROLLBACK" not in statement
                          and not re.fullmatch(r"DELETE FROM t\d", statement)]
            elif rng.random() < 0.5:
                mixed += [statement for statement in cursors(rng, tables)[3:] if "FETCH" not in statement and "CURSOR" not in statement][:-1]
            else:
                mixed.append(query(rng, tables)[0])
        statements += ["BEGIN", *mixed, "COMMIT"] if one_transaction else mixed
        statements += [f"SELECT * FROM {table.name} ORDER BY id" for table in tables]
    return statements


WORKERS = ["SET max_parallel_workers_per_gather = 2", "SET parallel_setup_cost = 0", "SET parallel_tuple_cost = 0",
           "SET min_parallel_table_scan_size = 0", "SET min_parallel_index_scan_size = 0"]
KEEP_GOING = ["\\set ON_ERROR_ROLLBACK on\nSET enable_seqscan = on"]


def run(database, schema, statements, settings=()):
    """Each statement's outcome: rows, or the class of its error."""
    lines = [f"SET search_path = {schema}", "SET extra_float_digits = 3", "SET statement_timeout = '30s'", *settings]
    script = "".join(line + ";\n" for line in lines)
    for number, statement in enumerate(statements):
        script += statement + ";\n" + f"\\echo @@{number} :ERROR :SQLSTATE\n"
    done = subprocess.run(["psql", "-XAtq", "-P", "null=<null>", "-d", database, "-f", "-"], input=script, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    outcomes, rows = [], []
    for line in done.stdout.split("\n"):
        if line.startswith("@@"):
            _, failed, state = line.split(" ")
            outcomes.append("error" if failed == "true" else rows)
            rows = []
        elif line:
            rows.append(line)
    if len(outcomes) != len(statements):
        raise SystemExit(f"the session ended early:\n{done.stderr[-2000:]}\nafter: {statements[len(outcomes)]}")
    return outcomes


def psql(database, *commands):
    arguments = [part for command in commands for part in ("-c", command)]
    subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments], check=True, stdout=subprocess.DEVNULL)


def one_schema(database, folder, seed, count):
    rng = random.Random(seed)
    tables = [Table(rng, f"t{number}") for number in range(3)]
    path = os.path.join(folder, f"{database}_{seed}.db")
    connection = sqlite3.connect(path)
    utf16 = rng.random() < 0.15
    if utf16:
        connection.execute("PRAGMA encoding = 'UTF-16le'")
    for table in tables:
        for statement in table.sql:
            connection.execute(statement)
        if table.rows:
            connection.executemany(f"INSERT INTO {table.name} VALUES({', '.join('?' * len(table.columns))})", table.rows)
    for table in tables:
        for name, domain in table.columns:
            if domain == "text" and not utf16:
                connection.execute(f"UPDATE {table.name} SET {name} = CAST(x'61ff' AS TEXT) WHERE {name} = '{INVALID}'")
    if rng.random() < 0.4:
        connection.execute("ANALYZE")
    connection.commit()
    connection.close()
    os.chmod(path, 0o666)
    psql(database, "SET client_min_messages = error", "DROP SERVER IF EXISTS diff CASCADE", "DROP SCHEMA IF EXISTS far, near CASCADE",
         f"CREATE SERVER diff FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}', updatable 'true', on_mismatch 'null')",
         "DROP SERVER IF EXISTS diff_strict CASCADE", "DROP SCHEMA IF EXISTS strict CASCADE",
         f"CREATE SERVER diff_strict FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}')",
         "DROP SERVER IF EXISTS diff_shared CASCADE", "DROP SCHEMA IF EXISTS shared CASCADE",
         f"CREATE SERVER diff_shared FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}', on_mismatch 'null')",
         "CREATE SCHEMA shared", "IMPORT FOREIGN SCHEMA main FROM SERVER diff_shared INTO shared",
         "CREATE SCHEMA strict", "IMPORT FOREIGN SCHEMA main FROM SERVER diff_strict INTO strict",
         "CREATE SCHEMA far", "CREATE SCHEMA near", "IMPORT FOREIGN SCHEMA main FROM SERVER diff INTO far",
         *(f"CREATE TABLE near.{table.name} AS SELECT * FROM far.{table.name}" for table in tables),
         *(f"ALTER TABLE near.{table.name} ADD PRIMARY KEY (id)" for table in tables),
         *(f"ANALYZE {side}.{table.name}" for table in tables for side in (("near", "far") if rng.random() < 0.5 else ("near",))))
    statements, ordered = [], []
    while len(statements) < count:
        if rng.random() < 0.15:
            new = writes(rng, tables) if rng.random() < 0.7 else cursors(rng, tables)
            statements += new
            ordered += [" RETURNING " not in statement for statement in new]
        else:
            statement, order_counts = query(rng, tables)
            statements.append(statement)
            ordered.append(order_counts)
    far, near = run(database, "far", statements), run(database, "near", statements)
    # where an odd value is an error: the same rows, unless one was met
    reads = [(statement, counts, right) for statement, counts, right in zip(statements, ordered, near)
             if statement.startswith("SELECT") and "*" not in statement.split(" FROM ")[0].replace("count(*)", "")]
    for (statement, counts, right), left in zip(reads, run(database, "strict", [statement for statement, _, _ in reads])):
        if left != "error":
            statements.append(statement)
            ordered.append(counts)
            far.append(left)
            near.append(right)
    # by several processes, and by a thread beside each
    for (statement, counts, right), left in zip(reads, run(database, "shared", [statement for statement, _, _ in reads[:80]], WORKERS)):
        statements.append(statement + " -- by several processes")
        ordered.append(counts)
        far.append(left)
        near.append(right)
    # what an application does in 500 statements, and what is there afterwards
    session = application(rng, tables, max(20, count // 2))
    for statement, left, right in zip(session, run(database, "far", session, KEEP_GOING), run(database, "near", session, KEEP_GOING)):
        statements.append(statement + " -- of an application")
        ordered.append(statement.startswith("SELECT * FROM"))
        far.append(left)
        near.append(right)
    failed = 0
    for statement, order_counts, left, right in zip(statements, ordered, far, near):
        if not order_counts and left != "error" and right != "error":
            left, right = sorted(left), sorted(right)
        if "error" in (left, right) and ARITHMETIC.search(statement):
            continue  # whether a row is computed that another condition excludes is the planner's choice
        if left != right:
            failed += 1
            if left != "error" and right != "error" and sorted(left) != sorted(right):
                left, right = [row for row in left if row not in right], [row for row in right if row not in left]
            print(f"database {database}, seed {seed}:\n  {statement}\n  foreign: {str(left)[:300]}\n  local:   {str(right)[:300]}")
    return len(statements) - failed, failed


def databases():
    wanted = {"diff_c": "C.UTF-8", "diff_en": "en_US.utf8"}
    if os.geteuid() == 0 and shutil.which("localedef"):
        subprocess.run(["localedef", "-i", "en_US", "-f", "UTF-8", "en_US.UTF-8"], stderr=subprocess.DEVNULL)
    for name, locale in wanted.items():
        psql("postgres", "SET client_min_messages = error", f"DROP DATABASE IF EXISTS {name}")
        try:
            psql("postgres", f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE '{locale}'")
        except subprocess.CalledProcessError:
            print(f"locale {locale} is not installed: left out")
            continue
        psql(name, "CREATE EXTENSION sqlite_import")
        yield name


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schemas", type=int, default=8)
    parser.add_argument("--queries", type=int, default=250)
    arguments = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        for database in databases():
            for seed in range(arguments.seed, arguments.seed + arguments.schemas):
                good, bad = one_schema(database, folder, seed, arguments.queries)
                passed, failed = passed + good, failed + bad
            psql("postgres", f"DROP DATABASE {database}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
