#!/usr/bin/env python3
"""Generated expressions, evaluated by SQLite and, translated, by PostgreSQL.

usage: expressions.py TRANSLATE_CLI [--count N] [--seed N] [--verbose]

A seeded generator makes expressions over a table with columns of every type and
values that are chosen to be awkward.  SQLite evaluates each over all rows; the
translator refuses it, or PostgreSQL evaluates its translation over the same
rows.  Every value must be equal: NULL to NULL, numbers to 12 digits, texts and
blobs byte by byte.  What may differ is listed in EXCEPTIONS below and counted.

Exits 1 on a difference, or if less than half of the expressions are translated
(a translator that refuses everything would pass otherwise).
"""
import argparse
import collections
import random
import re
import sqlite3
import sys

import psycopg2

import harness

# Differences that are known and documented (docs/dialect.md, "Known differences"):
# PostgreSQL stops with an error where SQLite goes on.
EXCEPTIONS = {
    '22003': 'a number out of range: SQLite goes on in floating point',
    '22012': 'division by zero inside an expression that PostgreSQL evaluates early',
    '2201F': 'a power that has no real value',
    '22P03': 'out of range',
    '22008': 'a moment beyond the years of PostgreSQL: SQLite gives NULL after year 9999',
    '22021': 'a NUL character, which no text of PostgreSQL can hold',
}

COLUMNS = [
    # name, PostgreSQL type, SQLite's declared type, affinity, collation, not null, form
    ('id', 'bigint', 'INTEGER', 'INTEGER', '', 1, 'as'),
    ('i', 'bigint', 'INTEGER', 'INTEGER', '', 0, 'as'),
    ('j', 'bigint', 'INT', 'INTEGER', '', 0, 'as'),
    ('r', 'double precision', 'REAL', 'REAL', '', 0, 'as'),
    ('q', 'double precision', 'DOUBLE', 'REAL', '', 0, 'as'),
    ('n', 'numeric', 'NUMERIC', 'NUMERIC', '', 0, 'as'),
    ('b', 'boolean', 'BOOLEAN', 'NUMERIC', '', 0, 'as'),
    ('c', 'boolean', 'BOOLEAN', 'NUMERIC', '', 1, 'as'),
    ('t', 'text', 'TEXT', 'TEXT', '', 0, 'as'),
    ('u', 'character varying(20)', 'VARCHAR(20)', 'TEXT', '', 1, 'as'),
    ('k', 'text', 'TEXT COLLATE NOCASE', 'TEXT', 'NOCASE', 0, 'as'),
    ('z', 'text', 'TEXT', 'TEXT', '', 0, 'as'),
    ('x', 'bytea', 'BLOB', 'BLOB', '', 0, 'as'),
    ('d', 'date', 'DATE', 'NUMERIC', '', 0, 'text'),
    ('s', 'timestamp without time zone', 'DATETIME', 'NUMERIC', '', 0, 'text'),
    ('e', 'bigint', 'INTEGER', 'INTEGER', '', 0, 'as'),
    ('o', 'json', 'JSON', 'NUMERIC', '', 0, 'as'),
]

ROWS = [
    (1, 5, 3, 2.5, 0.1, 10, 1, 0, 'abc', 'ABC', 'Abc', '12', b'\x00\xff', '2024-02-29',
     '2024-02-29 13:14:15', 1700000000,
     '{"a":1,"b":"x","c":[1,2.5,null,"t"],"d":{"e":true,"f":[]}}'),
    (2, -7, 2, -1.5, 1e10, 2.5, 0, 1, 'Hello World', 'hello', 'hello', '12abc', b'', '1999-12-31',
     '1999-12-31 23:59:59', 0,
     '{"a":-2.5,"b":"abc","c":[],"d":{"e":false}}'),
    (3, 0, 0, 0.0, 3.0, -3.75, None, 1, '', '', '', '', b'abc', '2000-01-01',
     '2000-01-01 00:00:00', -86400,
     '{"a":null,"b":"","c":[[1,2],{"z":0}],"d":5}'),
    (4, None, None, None, None, None, 1, 1, None, 'x', None, None, None, None, None, None,
     None),
    (5, 2147483649, -1, 123456.789, -0.5, 1000000, 0, 0, 'été', 'Été', 'ÉTÉ', '3.5e1', b'A',
     '2023-01-31', '2023-01-31 08:00:00', 946684800,
     '{"a":"12","b":"\\u00e9t\\u00e9","c":["a","b"]}'),
    (6, 100, 10, 1e-5, 2.0, 0, 1, 0, 'a_b%c\\d', 'a%', 'A_B', ' 7 ', b'\x01', '2024-12-30',
     '2024-12-30 12:30:00', 1234567890,
     '[1,2,3]'),
    (7, -1, 64, 99.5, 99.5, 0.5, 0, 0, 'ABC', 'abc', 'ABC', '-5', b'\x7f\x80', '1970-01-01',
     '1970-01-01 00:00:01', 86399,
     '{"a":true,"b":"it\'s","c":[10],"d":{"e":null}}'),
    (8, 1, 1, 1.0, 1.0, 1, 1, 1, "it's", 'It', "IT'S", '1', b"it's", '2038-01-19',
     '2038-01-19 03:14:07', 2147483648,
     '{"a":12.25,"b":"Abc","c":[0]}'),
]


class Generator:
    """Expressions by kind: number, text, condition, blob, date."""

    def __init__(self, seed, helpers=False):
        self.random = random.Random(seed)
        self.helpers = helpers

    def pick(self, *choices):
        return self.random.choice(choices)

    def number(self, depth):
        r = self.random
        if depth <= 0 or r.random() < 0.25:
            return self.pick('i', 'j', 'r', 'q', 'n', 'id', 'b', 'i', 'r', '0', '1', '2', '-3', '7',
                             '2.5', '0.1', '100', 'NULL', 'true', '1e3', "'5'", '3.0', '10')
        n = lambda: self.number(depth - 1)
        t = lambda: self.text(depth - 1)
        c = lambda: self.condition(depth - 1)
        return self.pick(
            lambda: '(%s + %s)' % (n(), n()), lambda: '(%s - %s)' % (n(), n()),
            lambda: '(%s * %s)' % (n(), n()), lambda: '(%s / %s)' % (n(), n()),
            lambda: '(%s %% %s)' % (n(), n()), lambda: '(- %s)' % n(),
            lambda: '(%s & %s)' % (n(), n()), lambda: '(%s | %s)' % (n(), n()),
            lambda: '(~ %s)' % n(), lambda: '(%s << %d)' % (self.pick('i', 'j', '3'), r.randint(0, 8)),
            lambda: '(%s >> %d)' % (n(), r.randint(0, 8)),
            lambda: 'abs(%s)' % n(), lambda: 'round(%s)' % n(),
            lambda: 'round(%s, %d)' % (n(), r.randint(0, 3)),
            lambda: 'length(%s)' % t(), lambda: 'instr(%s, %s)' % (t(), t()),
            lambda: 'length(x)', lambda: 'unicode(%s)' % t(),
            lambda: 'max(%s, %s)' % (n(), n()), lambda: 'min(%s, %s)' % (n(), n()),
            lambda: 'coalesce(%s, %s)' % (n(), n()), lambda: 'ifnull(%s, %s)' % (n(), n()),
            lambda: 'nullif(%s, %s)' % (n(), n()), lambda: 'iif(%s, %s, %s)' % (c(), n(), n()),
            lambda: 'CASE WHEN %s THEN %s ELSE %s END' % (c(), n(), n()),
            lambda: 'CASE %s WHEN %s THEN %s END' % (n(), n(), n()),
            lambda: 'CAST(%s AS INTEGER)' % self.pick(n, t)(),
            lambda: 'CAST(%s AS REAL)' % self.pick(n, t)(),
            lambda: 'CAST(%s AS NUMERIC)' % n(),
            lambda: c(), lambda: '(%s + %s)' % (t(), n()), lambda: '(+ %s)' % n(),
            lambda: 'julianday(%s)' % self.date(depth - 1),
            lambda: 'unixepoch(%s)' % self.date(depth - 1),
            lambda: 'ceil(%s)' % n(), lambda: 'floor(%s)' % n(), lambda: 'sqrt(%s)' % n(),
            lambda: 'sign(%s)' % n(),
            lambda: 'CAST(strftime(\'%%%s\', %s) AS INTEGER)' % (self.pick('Y', 'm', 'd', 's', 'j'),
                                                                  self.date(depth - 1)),
            lambda: '(strftime(\'%%Y\', %s) - %s)' % (self.date(depth - 1), n()),
            lambda: "json_array_length(o, '%s')" % self.pick('$.c', '$.a', '$', '$.c[0]', '$.no'),
            lambda: "CAST(json_extract(o, '$.a') AS %s)" % self.pick('INTEGER', 'REAL'),
        )()

    def text(self, depth):
        r = self.random
        if depth <= 0 or r.random() < 0.3:
            return self.pick('t', 'u', 'k', 'z', 't', "'abc'", "'ABC'", "''", "'a%'", "'12'",
                             "'it''s'", '"dq string"', "'1.5xyz'", 'NULL', "'b'", "'été'",
                             "' pad '")
        t = lambda: self.text(depth - 1)
        n = lambda: self.number(depth - 1)
        return self.pick(
            lambda: '(%s || %s)' % (t(), t()), lambda: '(%s || %s)' % (t(), n()),
            lambda: 'upper(%s)' % t(), lambda: 'lower(%s)' % t(),
            lambda: 'substr(%s, %d)' % (t(), r.randint(-4, 4)),
            lambda: 'substr(%s, %d, %d)' % (t(), r.randint(-4, 4), r.randint(-2, 4)),
            lambda: 'substr(%s, %s, %s)' % (t(), self.pick('j', '2', 'id'), self.pick('j', '2')),
            lambda: 'trim(%s)' % t(), lambda: 'ltrim(%s, %s)' % (t(), t()),
            lambda: 'rtrim(%s)' % t(), lambda: 'replace(%s, %s, %s)' % (t(), t(), t()),
            lambda: 'hex(%s)' % self.pick(t, lambda: 'x', lambda: 'i')(),
            lambda: 'quote(%s)' % self.pick(t, lambda: 'i', lambda: 'x')(),
            lambda: 'char(65, %d)' % r.randint(33, 999),
            lambda: 'coalesce(%s, %s)' % (t(), t()), lambda: 'nullif(%s, %s)' % (t(), t()),
            lambda: 'CASE WHEN %s THEN %s ELSE %s END' % (self.condition(depth - 1), t(), t()),
            lambda: 'iif(%s, %s, %s)' % (self.condition(depth - 1), t(), t()),
            lambda: 'CAST(%s AS TEXT)' % n(), lambda: 'typeof(%s)' % self.pick(t, n)(),
            lambda: 'max(%s, %s)' % (t(), t()), lambda: 'min(%s, %s)' % (t(), t()),
            lambda: self.date(depth - 1), lambda: self.formatted_date(depth - 1),
            lambda: "printf('%s', %s)" % (
                self.pick('%d', '%05d', '[%-8d]', '%3d%%', 'n=%x', '%X'), self.pick('i', 'j', 'id')),
            lambda: "printf('%s', %s)" % (self.pick('%.2f', '%8.3f', '%f'), self.pick('r', 'j', 'n')),
            lambda: "printf('%s', %s, %s)" % (self.pick('%s-%s', '%10s|%-5s', '%s%s'), t(), t()),
            lambda: "json_object('a', %s, 'b', %s)" % (self.pick('i', 'b', '1'), t()),
            lambda: 'json_array(%s, %s)' % (t(), self.pick('i', 'j', 'NULL')),
            lambda: "json_type(o, '%s')" % self.pick('$.a', '$.b', '$.c', '$.d.e', '$', '$.c[1]', '$.no'),
            lambda: "CAST(o ->> '$.%s' AS TEXT)" % self.pick('a', 'b'),
            *(self.helped(depth) if self.helpers else ()),
        )()

    def helped(self, depth):
        """What PostgreSQL has no equal of: functions of the extension stand for it."""
        t = lambda: self.text(depth - 1)
        return (
            lambda: "printf('%s', %s, %s)" % (self.pick('%+d|%e', '%,d|%g', '%-6d|%10.3e', '%o|%G', '%.3d|%G'),
                                              self.pick('i', 'j', 'id'), self.pick('r', 'q', '2.5')),
            lambda: "printf('%s', %s, %s)" % (self.pick('%.3s|%q', '%Q|%w', '%10.2s|%s'), t(), t()),
            lambda: 'printf(%s, %s)' % (t(), self.pick('i', 't', 'r')),
            lambda: 'strftime(%s, %s)' % (self.pick('u', 't', "'%J'", "'%d %Y'", "'%q'"), self.pick('d', 's')),
            lambda: '%s(%s, %s)' % (self.pick('date', 'datetime', 'time'), self.pick('d', 's', 't', 'r', 'n'),
                                    self.pick('z', 'k', "r || ' days'", "'+1.5 months'")),
            lambda: "json_set('%s', '$.%s', %s)" % (self.pick('{}', '{"a":[1,2]}'), self.pick('a', 'b[0]'),
                                                    self.pick('i', 't', 'r', 'NULL', 'n')),
            lambda: "json_remove(o, '$.a')", lambda: "json_patch(o, '{\"a\":null,\"q\":[1]}')",
            lambda: 'json_quote(%s)' % self.pick('i', 't', 'r', 'u'),
            lambda: 'quote(%s)' % self.pick('r', 'q', 'n'),
            lambda: 'iif(%s GLOB %s, 1, 0) || json_valid(%s)' % (t(), t(), t()),
        )

    def modifier(self):
        return self.pick("'+1 day'", "'-3 days'", "'+1 month'", "'-13 months'", "'+2 years'",
                         "'start of month'", "'start of year'", "'start of day'", "'+90 minutes'",
                         "'weekday 1'", "'weekday 0'", "'-1 hours'", "'+10 seconds'")

    def date(self, depth):
        base = self.pick('d', 's', 'd', 's', "'2024-02-29'", "'2023-01-31 10:20:30'", "e, 'unixepoch'",
                         "'2000-12-31'")
        counted = lambda: "%s || ' %s'" % (self.pick("'+' || j", "'-' || id", 'j', "'-' || (i % 50)"),
                                           self.pick('days', 'month', 'years', 'hours', 'minutes', 'Seconds'))
        modifiers = ''.join(', ' + self.pick(self.modifier, self.modifier, self.modifier, counted)() for _ in range(self.random.randint(0, 2)))
        return '%s(%s%s)' % (self.pick('date', 'datetime', 'time'), base, modifiers)

    def formatted_date(self, depth):
        base = self.pick('d', 's', "'2024-02-29'", "e, 'unixepoch'")
        style = self.pick('%Y', '%m', '%d', '%H', '%M', '%S', '%j', '%w', '%s', '%W', '%Y-%m',
                          '%d.%m.%Y', '%H:%M', '%Y-%m-%dT%H:%M:%SZ', '%f', 'week %W of %Y', '%%%d')
        return "strftime('%s', %s%s)" % (style, base, self.pick('', ', ' + self.modifier()))

    def condition(self, depth):
        r = self.random
        if depth <= 0 or r.random() < 0.15:
            return self.pick('b', 'c', '(i > 0)', '(t IS NULL)', 'c = 1', 'b = 0', 'b IS TRUE', '1')
        n = lambda: self.number(depth - 1)
        t = lambda: self.text(depth - 1)
        c = lambda: self.condition(depth - 1)
        op = lambda: self.pick('=', '<>', '<', '<=', '>', '>=', 'IS', 'IS NOT', '==', '!=')
        return self.pick(
            lambda: '(%s %s %s)' % (n(), op(), n()), lambda: '(%s %s %s)' % (t(), op(), t()),
            lambda: '(%s %s %s)' % (n(), op(), n()), lambda: '(%s %s %s)' % (t(), op(), t()),
            lambda: '(%s %s %s)' % (n(), op(), t()), lambda: '(%s %s %s)' % (t(), op(), n()),
            lambda: '(%s AND %s)' % (c(), c()), lambda: '(%s OR %s)' % (c(), c()),
            lambda: '(NOT %s)' % c(), lambda: '(%s IS NULL)' % self.pick(n, t)(),
            lambda: '(%s NOTNULL)' % self.pick(n, t)(),
            lambda: '(%s BETWEEN %s AND %s)' % (n(), n(), n()),
            lambda: '(%s NOT BETWEEN %s AND %s)' % (t(), t(), t()),
            lambda: '(%s IN (%s, %s))' % (n(), n(), n()),
            lambda: '(%s NOT IN (%s, %s, %s))' % (t(), t(), t(), t()),
            lambda: '(%s LIKE %s)' % (t(), t()), lambda: "(%s LIKE 'a%%')" % t(),
            lambda: "(%s NOT LIKE '%%B%%')" % t(), lambda: "(%s LIKE 'A\\_%%' ESCAPE '\\')" % t(),
            lambda: '(%s GLOB %s)' % (t(), self.pick("'a*'", "'[a-c]*'", "'?b*'", "'[^a]*'", "'*_*'")),
            lambda: '(%s = %s COLLATE NOCASE)' % (t(), t()),
            lambda: '(%s < %s COLLATE NOCASE)' % (t(), t()),
            lambda: '((%s COLLATE NOCASE) %s %s)' % (t(), op(), t()),
            lambda: '(upper(%s COLLATE NOCASE) || %s %s %s)' % (t(), t(), op(), t()),
            lambda: '(%s = %s COLLATE RTRIM)' % (t(), t()),
            lambda: '(x %s %s)' % (op(), self.pick("x'00ff'", 'x', 't', 'i', "x'41'")),
            lambda: '((%s, %s) %s (%s, %s))' % (n(), t(), self.pick('=', '<', '>=', '<>'), n(), t()),
            lambda: '(%s IS %s)' % (c(), self.pick('TRUE', 'FALSE', 'NOT TRUE')),
            lambda: '(d %s %s)' % (op(), self.pick("'2000-01-01'", 'date(s)', "date('2020-06-15')")),
            lambda: '(s %s %s)' % (op(), self.pick("'2000-01-01 00:00:00'", 's', "datetime(d)",
                                                   "datetime('2024-02-29', '+1 day')")),
            lambda: "(json_extract(o, '$.%s') %s %s)" % (self.pick('a', 'b', 'c[0]', 'd.e'), op(),
                                                         self.pick('1', "'x'", "'12'", '-2.5', 'NULL', "''")),
            lambda: "(o ->> '$.b' LIKE 'a%%')",
            lambda: '(EXISTS (SELECT 1 FROM v AS w WHERE w.i = %s))' % n(),
            lambda: '(%s IN (SELECT %s FROM v))' % (n(), self.pick('i', 'j', 'r', 'z')),
        )()

    def expression(self):
        depth = self.random.choice((1, 2, 2, 3))
        return self.pick(self.number, self.text, self.condition)(depth)


def set_up(cli, pg, nocase=False):
    # an ICU collation ignores the case of all letters, NOCASE that of ASCII ones only
    rows = [tuple('ete' if nocase and isinstance(v, str) and not v.isascii() else v for v in row)
            for row in ROWS]
    lite = sqlite3.connect(':memory:')
    lite.execute('CREATE TABLE v (%s)' % ', '.join('%s %s' % (c[0], c[2]) for c in COLUMNS))
    lite.executemany('INSERT INTO v VALUES (%s)' % ', '.join('?' * len(COLUMNS)), rows)
    pg.execute('DROP SCHEMA IF EXISTS expressions_test CASCADE')
    pg.execute('CREATE SCHEMA expressions_test')
    collation = ''
    if nocase:
        pg.execute("CREATE COLLATION expressions_test.ci (provider = icu, "
                   "locale = 'und-u-ks-level2', deterministic = false)")
        collation = ' COLLATE expressions_test.ci'
    pg.execute('CREATE TABLE expressions_test.v (%s)' % ', '.join(
        '%s %s%s' % (c[0], c[1], collation if c[0] == 'k' else '') for c in COLUMNS))
    for row in rows:
        pg.execute('INSERT INTO expressions_test.v VALUES (%s)' % ', '.join(['%s'] * len(row)),
                   [harness.convert(v, c[1]) for v, c in zip(row, COLUMNS)])
    cli.ask('table', 'v', 'expressions_test', 'v', 0, 'id')
    for name, pg_type, _, affinity, collation, not_null, form in COLUMNS:
        form = 'nocase' if nocase and name == 'k' else form
        cli.ask('column', name, name, pg_type, affinity, collation, not_null, form)
    return lite


LONG_NUMBER = re.compile(r'\d+\.\d+')
PRINTS_17_DIGITS = sqlite3.connect(':memory:').execute('SELECT CAST(0.1 + 0.2 AS TEXT)').fetchone()[0] != '0.3'


def fifteen_digits(text):
    """Numbers within a text as SQLite wrote them until 3.52, which writes seventeen digits."""
    def shorten(match):
        short = '%.15g' % float(match[0])
        return match[0] if len(match[0]) <= 16 or 'e' in short else short if '.' in short else short + '.0'
    return LONG_NUMBER.sub(shorten, text)


def equal(a, b):
    if PRINTS_17_DIGITS and isinstance(a, str) and isinstance(b, str):
        a, b = fifteen_digits(a), fifteen_digits(b)
    if a is None or b is None:
        return a is b
    if isinstance(a, memoryview):
        a = bytes(a)
    if isinstance(b, memoryview):
        b = bytes(b)
    if isinstance(a, (int, float)) and not isinstance(b, (str, bytes)):
        a, b = float(a), float(b)
        return a == b or abs(a - b) <= 1e-11 * max(abs(a), abs(b))
    return type(a) is type(b) and a == b


def read_options(count):
    parser = argparse.ArgumentParser()
    parser.add_argument('cli')
    parser.add_argument('--count', type=int, default=count)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('--nocase', action='store_true',
                        help='the NOCASE column has a collation that ignores case')
    parser.add_argument('--helpers', action='store_true',
                        help='functions of the extension, which has to be installed, may be used')
    return parser.parse_args()


def main():
    options = read_options(4000)
    connection = harness.connect_postgres()
    pg = connection.cursor()
    cli = harness.Translator(options.cli)
    lite = set_up(cli, pg, options.nocase)
    if options.helpers:
        pg.execute('CREATE EXTENSION IF NOT EXISTS sqlite_import')
        cli.ask('helpers', 1)
    generator = Generator(options.seed, options.helpers)
    totals = collections.Counter()
    reasons = collections.Counter()
    for _ in range(options.count):
        expression = generator.expression()
        query = 'SELECT %s FROM v ORDER BY id' % expression
        try:
            expected = [r[0] for r in lite.execute(query)]
        except sqlite3.Error as error:
            totals['broken in SQLite'] += 1
            if options.verbose:
                print('broken', expression, error)
            continue
        answer = cli.ask('query', query)
        if answer[0] == 'no':
            totals['refused'] += 1
            reasons[answer[1]] += 1
            continue
        try:
            pg.execute(answer[1])
            got = [r[0] for r in pg.fetchall()]
        except psycopg2.Error as error:
            if error.pgcode in EXCEPTIONS:
                totals['exception'] += 1
                continue
            totals['failed'] += 1
            print('FAILED  %s\n  %s\n  %s' % (expression, answer[1], str(error).split('\n')[0]))
            continue
        if all(equal(a, b) for a, b in zip(expected, got)):
            totals['equal'] += 1
        else:
            totals['different'] += 1
            print('DIFFER  %s\n  %s\n  sqlite   %s\n  postgres %s' % (expression, answer[1],
                                                                     expected, got))
    pg.execute('DROP SCHEMA expressions_test CASCADE')
    print(dict(totals))
    if options.verbose:
        for reason, count in reasons.most_common(40):
            print('%6d %s' % (count, reason))
    bad = totals['different'] + totals['failed']
    return 1 if bad or totals['equal'] < options.count / 2 else 0


if __name__ == '__main__':
    sys.exit(main())
