#!/usr/bin/env python3
"""Generated queries: joins, groups, windows, compounds, WITH, order and limit.

usage: queries.py TRANSLATE_CLI [--count N] [--seed N] [--verbose]

As expressions.py, for whole SELECTs.  Rows are compared without regard to their
order, except where the query orders by a key; values as in expressions.py.
Exits 1 on a difference, or if less than half of the queries are translated.
"""
import collections
import sqlite3
import sys

import psycopg2

import harness
from expressions import EXCEPTIONS, Generator, equal, read_options, set_up

OTHER = [
    # name, PostgreSQL type, SQLite's declared type, affinity, collation, not null, form
    ('wid', 'bigint', 'INTEGER', 'INTEGER', '', 1, 'as'),
    ('i', 'bigint', 'INTEGER', 'INTEGER', '', 0, 'as'),
    ('label', 'text', 'TEXT', 'TEXT', '', 0, 'as'),
    ('amount', 'double precision', 'REAL', 'REAL', '', 0, 'as'),
]
OTHER_ROWS = [(1, 5, 'one', 1.5), (2, 5, 'two', 2.5), (3, -7, 'abc', None), (4, None, 'ABC', 0.0),
              (5, 100, None, -3.25), (6, 1, '5', 10.0), (7, 0, '-7', 1e6)]

AGGREGATES = ['count(*)', 'count({c})', 'count(DISTINCT {c})', 'sum({n})', 'total({n})', 'avg({n})',
              'min({n})', 'max({n})', 'min({t})', 'max({t})', 'sum({n}) FILTER (WHERE {b})',
              'count({t})', "group_concat({t}, '|' ORDER BY id)", 'sum(b)', 'max({n}) - min({n})',
              'coalesce(sum({n}), 0)', 'count(*) > 1', 'round(avg({n}), 2)']
WINDOWS = ['row_number() OVER (ORDER BY id)', 'rank() OVER (ORDER BY {k})',
           'dense_rank() OVER (PARTITION BY b ORDER BY {k} DESC)',
           'sum({n}) OVER (ORDER BY id)', 'count(*) OVER (PARTITION BY c)',
           'lag({n}) OVER (ORDER BY id)', 'lead({t}, 2) OVER (ORDER BY id)',
           'first_value({t}) OVER (PARTITION BY b ORDER BY id)', 'ntile(3) OVER (ORDER BY id)',
           'sum({n}) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)',
           'max({n}) OVER w', 'percent_rank() OVER (ORDER BY id)',
           'nth_value({n}, 2) OVER (ORDER BY id)',
           'sum({n}) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW)']


class QueryGenerator(Generator):
    def fill(self, template):
        return template.format(n=self.pick('i', 'j', 'r', 'n', 'id', 'i + j', 'b'), t=self.pick(
            't', 'u', 'z', 'upper(t)'), c=self.pick('i', 't', 'b', 'k', 'u'), b=self.condition(1),
            k=self.pick('t', 'i', 'r', 'k', 'd', 'b', 'u'))

    def aggregate(self):
        return self.fill(self.pick(*[a for a in AGGREGATES if 'ORDER BY' not in a]))

    def key(self):
        return self.pick('b', 'c', 'i % 2', 'k', 'substr(u, 1, 1)', 'length(t)', 'i > 0', 'd')

    def plain(self):
        columns = ', '.join(self.expression() for _ in range(self.random.randint(1, 3)))
        return 'SELECT %s%s FROM v%s' % (self.pick('', '', 'DISTINCT '), columns, self.where())

    def where(self):
        return self.pick('', ' WHERE ' + self.condition(2))

    def grouped(self):
        key = self.key()
        # which spelling stands for a group of one name is SQLite's free choice
        columns = ['upper(k)' if key == 'k' else key] + [self.aggregate() for _ in range(self.random.randint(1, 3))]
        having = self.pick('', '', ' HAVING count(*) > 1', ' HAVING max(i) > 0')
        by = self.pick(key, '1')
        return 'SELECT %s FROM v%s GROUP BY %s%s' % (', '.join(columns), self.where(), by, having)

    def bare(self):
        extreme = self.pick('max(id)', 'min(id)')
        return 'SELECT %s, %s, t, r, i + 1 FROM v%s GROUP BY %s' % (
            extreme, self.pick('b', 'c'), self.where(), self.pick('b', 'c', 'b, c'))

    def whole(self):
        return 'SELECT %s FROM v%s' % (', '.join(self.aggregate() for _ in range(3)), self.where())

    def windows(self):
        columns = ', '.join(self.fill(self.pick(*WINDOWS)) for _ in range(2))
        return 'SELECT id, %s FROM v WINDOW w AS (PARTITION BY c ORDER BY id)' % columns

    def join(self):
        kind = self.pick('JOIN', 'LEFT JOIN', 'INNER JOIN', 'LEFT OUTER JOIN', 'RIGHT JOIN',
                         'FULL JOIN')
        on = self.pick('v.i = w.i', 'v.t = w.label', 'v.i = w.label', 'w.wid = v.id',
                       'v.k = w.label', 'v.z = w.amount')
        return 'SELECT id, wid, label, amount, %s FROM v %s w ON %s%s' % (
            self.pick('v.i + amount', 'v.t || label', 'coalesce(label, t)', 'v.i = w.i'), kind, on,
            self.pick('', ' WHERE amount > 0', ' WHERE label IS NOT NULL AND id > 2'))

    def using(self):
        return 'SELECT %s FROM v %s w%s' % (
            self.pick('i, id, wid', 'id, label, w.i', 'v.i, count(*)') , 'JOIN', ' USING (i)') \
            if self.random.random() < 0.7 else 'SELECT id, label FROM v NATURAL LEFT JOIN w'

    def comma(self):
        return 'SELECT v.id, w.wid FROM v, w%s' % self.pick(
            ' WHERE v.i = w.i', ' WHERE v.id = w.wid AND label IS NOT NULL', ' WHERE w.label < v.t')

    def compound(self):
        word = self.pick('UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT')
        kind = self.pick(('i', 'j', 'id', '1'), ('t', 'u', "'abc'", 'label'), ('r', 'q', 'i'))
        first, second = self.pick(*kind), self.pick(*kind)
        source = 'w' if second == 'label' else 'v'
        first = 't' if first == 'label' else first
        return 'SELECT %s FROM v %s SELECT %s FROM %s%s' % (
            first, word, second, source, self.pick('', ' ORDER BY 1', ' ORDER BY 1 DESC LIMIT 4'))

    def subquery(self):
        return self.pick(
            'SELECT id, (SELECT sum(amount) FROM w WHERE w.i = v.i) FROM v',
            'SELECT id, (SELECT label FROM w WHERE w.wid = v.id) AS x FROM v WHERE x IS NOT NULL',
            'SELECT s.a, s.c FROM (SELECT i AS a, count(*) AS c FROM w GROUP BY i) AS s WHERE s.c > 0',
            'SELECT id FROM v WHERE EXISTS (SELECT 1 FROM w WHERE w.i = v.i AND %s)' %
            self.condition(1),
            'SELECT id FROM v WHERE i NOT IN (SELECT i FROM w WHERE i IS NOT NULL)',
            'SELECT id, i IN (SELECT label FROM w) FROM v',
            'WITH a AS (SELECT id, i * 2 AS m FROM v), c(x) AS (SELECT max(m) FROM a) '
            'SELECT a.id FROM a, c WHERE a.m = c.x',
            'WITH RECURSIVE n(x, s) AS (SELECT 1, \'a\' UNION ALL SELECT x + 1, s || x FROM n '
            'WHERE x < 6) SELECT n.x, n.s, v.t FROM n LEFT JOIN v ON v.id = n.x',
            'SELECT * FROM (SELECT * FROM w WHERE amount > 1) AS q JOIN v ON v.id = q.wid',
            'SELECT id AS a, i + 1 AS c FROM v WHERE a > 2 GROUP BY a ORDER BY c DESC',
            'VALUES (1, \'a\'), (2, NULL)')

    def order(self):
        key = self.pick('t', 'i', 'r', 'k', 'd', 'n', 'b', 'upper(u)', 'i + j')
        return 'SELECT id FROM v ORDER BY %s%s, id%s' % (
            key, self.pick('', ' DESC', ' ASC', ' COLLATE NOCASE', ' DESC NULLS FIRST',
                           ' NULLS LAST'),
            self.pick('', ' LIMIT 3', ' LIMIT 2 OFFSET 3', ' LIMIT -1', ' LIMIT -1 OFFSET 2'))

    def query(self):
        return self.pick(self.plain, self.grouped, self.grouped, self.bare, self.whole,
                         self.windows, self.join, self.join, self.comma, self.using, self.compound,
                         self.compound, self.subquery, self.subquery, self.order)()


def same_rows(query, expected, got):
    if len(expected) != len(got):
        return False
    if query.startswith('SELECT id FROM v ORDER BY'):
        return all(equal(a, b) for x, y in zip(expected, got) for a, b in zip(x, y))
    def key(row):
        return repr([harness.canonical(v) for v in row])
    return all(equal(a, b) for x, y in zip(sorted(expected, key=key), sorted(got, key=key))
               for a, b in zip(map(harness.canonical, x), map(harness.canonical, y)))


def main():
    options = read_options(1500)
    connection = harness.connect_postgres()
    pg = connection.cursor()
    cli = harness.Translator(options.cli)
    lite = set_up(cli, pg, options.nocase)
    lite.execute('CREATE TABLE w (%s)' % ', '.join('%s %s' % (c[0], c[2]) for c in OTHER))
    lite.executemany('INSERT INTO w VALUES (?, ?, ?, ?)', OTHER_ROWS)
    pg.execute('CREATE TABLE expressions_test.w (%s)' % ', '.join('%s %s' % c[:2] for c in OTHER))
    pg.executemany('INSERT INTO expressions_test.w VALUES (%s, %s, %s, %s)', OTHER_ROWS)
    cli.ask('table', 'w', 'expressions_test', 'w', 0, 'wid')
    for name, pg_type, _, affinity, collation, not_null, form in OTHER:
        cli.ask('column', name, name, pg_type, affinity, collation, not_null, form)
    generator = QueryGenerator(options.seed)
    totals = collections.Counter()
    reasons = collections.Counter()
    for _ in range(options.count):
        query = generator.query()
        try:
            expected = lite.execute(query).fetchall()
        except sqlite3.Error as error:
            totals['broken in SQLite'] += 1
            if options.verbose:
                print('broken', query, error)
            continue
        answer = cli.ask('query', query)
        if answer[0] == 'no':
            totals['refused'] += 1
            reasons[answer[1]] += 1
            continue
        try:
            pg.execute(answer[1])
            got = pg.fetchall()
        except psycopg2.Error as error:
            if error.pgcode in EXCEPTIONS:
                totals['exception'] += 1
                continue
            totals['failed'] += 1
            print('FAILED  %s\n  %s\n  %s' % (query, answer[1], str(error).split('\n')[0]))
            continue
        if same_rows(query, expected, got):
            totals['equal'] += 1
        else:
            totals['different'] += 1
            print('DIFFER  %s\n  %s\n  sqlite   %s\n  postgres %s' % (query, answer[1], expected,
                                                                     got))
    pg.execute('DROP SCHEMA expressions_test CASCADE')
    print(dict(totals))
    if options.verbose:
        for reason, count in reasons.most_common(40):
            print('%6d %s' % (count, reason))
    return 1 if totals['different'] or totals['failed'] or \
        totals['equal'] < options.count / 2 else 0


if __name__ == '__main__':
    sys.exit(main())
