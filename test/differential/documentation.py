#!/usr/bin/env python3
"""The tables of docs/dialect.md, row by row through the translator.

usage: documentation.py TRANSLATE_CLI DOCS/DIALECT.MD

A row of a table "| SQLite | PostgreSQL |" must come out as written, one of a table
"| SQLite | Reason |" must be refused for that reason; "With helpers" is what comes out where the
extension's functions may be used.  No server is needed.
"""
import re
import sys

import harness

COLUMNS = [
    ('id', 'bigint', 'INTEGER', '', 1), ('name', 'text', 'TEXT', '', 0),
    ('price', 'numeric', 'NUMERIC', '', 0), ('weight', 'double precision', 'REAL', '', 0),
    ('active', 'boolean', 'NUMERIC', '', 0),
    ('made', 'timestamp without time zone', 'NUMERIC', '', 0), ('day', 'date', 'NUMERIC', '', 0),
    ('nick', 'text', 'TEXT', 'NOCASE', 0), ('data', 'bytea', 'BLOB', '', 0),
    ('doc', 'json', 'NUMERIC', '', 0), ('key', 'uuid', 'NUMERIC', '', 0),
]


def rows_of(path):
    """The rows of the page's tables: what stands left, what stands right, is it a reason."""
    kind = None
    for line in open(path, encoding='utf-8'):
        cells = re.split(r'(?<!\\)\|', line.strip())[1:-1]
        cells = [c.strip().replace('\\|', '|') for c in cells]
        if cells in (['SQLite', 'PostgreSQL'], ['SQLite', 'Reason'], ['SQLite', 'With helpers']):
            kind = cells[1]
        elif len(cells) == 2 and kind and not set(cells[0]) <= set('-'):
            yield cells[0].strip('`'), cells[1].strip('`'), kind
        elif not cells:
            kind = None


def ask(cli, text):
    default = re.match(r'^(\w+) DEFAULT (.*)$', text)
    if default:
        value = default[2]
        if value.startswith('(') and value.endswith(')'):
            value = value[1:-1]
        return cli.ask('default', 'items', default[1], value)
    if text.startswith(('SELECT', 'WITH', 'VALUES')):
        return cli.ask('query', text)
    # a condition stands as in CHECK, anything else as a result column
    answer = cli.ask('check', 'items', text)
    if answer[0] == 'ok' and not answer[1].endswith(' <> 0'):
        return answer
    return cli.ask('query', 'SELECT %s FROM items' % text)


def shown(text):
    text = re.sub(r'(?<!app\.)\bitems\.', '', text)
    match = re.match(r'^SELECT (.*) FROM app\.items$', text)
    return text, match[1] if match else text


def main():
    cli = harness.Translator(sys.argv[1])
    cli.ask('table', 'items', 'app', 'items', 0, 'id')
    for name, pg_type, affinity, collation, not_null in COLUMNS:
        form = 'text' if pg_type.startswith(('timestamp', 'date')) else 'as'
        cli.ask('column', name, name, pg_type, affinity, collation, not_null, form)
    count = bad = 0
    for text, expected, kind in rows_of(sys.argv[2]):
        count += 1
        is_reason = kind == 'Reason'
        cli.ask('helpers', int(kind == 'With helpers'))
        answer = ask(cli, text)
        got = (answer[1],) if is_reason else shown(answer[1])
        if (answer[0] == 'no') != is_reason or expected not in got:
            bad += 1
            print('%s\n  page   %s\n  comes  %s' % (text, expected, got[-1]))
    print('%d rows, %d differ' % (count, bad))
    return 1 if bad or count < 80 else 0


if __name__ == '__main__':
    sys.exit(main())
