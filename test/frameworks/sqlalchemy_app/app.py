#!/usr/bin/python3
"""app.py COMMAND DATABASE: an application written with SQLAlchemy, whose schema Alembic makes.

COMMAND is schema (alembic upgrade head), fill, read (every row of every table through the models, as
JSON), insert (a row into each table; prints the keys they got) or check (what Alembic finds otherwise
than in the models; nothing is well).  DATABASE is a SQLite file, or the name of a PostgreSQL database
(PGHOST, PGPORT and PGUSER say where).  Its migrations are made in the current folder.
"""
import datetime
import decimal
import json
import os
import pickle
import sys
import uuid

import alembic.command
import alembic.config
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.orm import Session

from models import Account, Base, Entry, Kinds, Label, Level, entry_label

command, database = sys.argv[1:]
UTC = datetime.timezone.utc
URL = f"sqlite:///{database}" if "/" in database else (
    f"postgresql+psycopg2://{os.environ['PGUSER']}@/{database}?host={os.environ['PGHOST']}&port={os.environ['PGPORT']}")
engine = sa.create_engine(URL)

ENVIRONMENT = '''
from alembic import context
import sqlalchemy as sa
from models import Base
engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
'''
TEMPLATE = '''revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
from alembic import op
import sqlalchemy as sa
def upgrade():
    ${upgrades}
'''


def schema():
    config = alembic.config.Config()
    config.set_main_option("script_location", "migrations")
    config.set_main_option("sqlalchemy.url", URL.replace("%", "%%"))
    if not os.path.isdir("migrations"):
        os.makedirs("migrations/versions")
        for name, text in (("env.py", ENVIRONMENT), ("script.py.mako", TEMPLATE)):
            with open(f"migrations/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        alembic.command.revision(config, "first", autogenerate=True)
    alembic.command.upgrade(config, "head")


def check():
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
    return [str(difference) for difference in differences]


def entry(number, **values):
    return Kinds(whole=number, small=number % 100, big=number * 10**12, flag=number % 2 == 0, day=datetime.date(2024, 1, 1) + datetime.timedelta(days=number),
                 moment=datetime.datetime(2024, 3, 31, 2, 30, 0, number), instant=datetime.datetime(2024, 3, 31, 1, 30, number % 60, tzinfo=UTC),
                 stamp=datetime.datetime(2024, 10, 27, 2, 30), clock=datetime.time(number % 24, 5, 6, 7), length=datetime.timedelta(days=number, microseconds=number),
                 level=Level.LOW, word="red", plain_word="x", floating=number / 3, single=0.5, money=decimal.Decimal(number) / 4, document={"n": number}, **values)


def fill():
    corners = [
        {}, dict(whole=2**31 - 1, small=32767, big=2**63 - 1, flag=True), dict(whole=-2**31, small=-32768, big=-2**63, flag=False),
        dict(day=datetime.date(1, 1, 1), moment=datetime.datetime(1, 1, 1), clock=datetime.time(0, 0), stamp=datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)),
        dict(day=datetime.date(9999, 12, 31), moment=datetime.datetime(9999, 12, 31, 23, 59, 59, 999999), clock=datetime.time(23, 59, 59, 999999)),
        *(dict(moment=moment, instant=moment.replace(tzinfo=UTC), stamp=moment)
          for moment in (datetime.datetime(2024, 3, 31, 2, 30), datetime.datetime(2024, 3, 31, 1, 30), datetime.datetime(2024, 10, 27, 2, 30), datetime.datetime(2024, 6, 30, 15, 0, 0, 1))),
        *(dict(length=datetime.timedelta(**parts)) for parts in ({}, dict(microseconds=1), dict(days=-1, hours=5), dict(days=-400), dict(days=3, hours=4, seconds=6, microseconds=7), dict(days=30000))),
        *(dict(level=level) for level in Level), *(dict(word=word) for word in ("red", "green", "it's")), dict(plain_word="y"),
        *(dict(floating=number) for number in (0.1, 1e308, 5e-324, -2.5, 3.0)), *(dict(single=number) for number in (0.5, -1.25, 1024.0)),
        *(dict(money=decimal.Decimal(text), exact=decimal.Decimal(text), any_number=decimal.Decimal(text), as_float=float(text)) for text in ("0", "0.1", "-99.95", "12345.67", "1000")),
        dict(binary=b"", pickled=None), dict(binary=bytes(range(256)), pickled={"a": [1, (2, 3)], "b": {4}}),
        dict(short="", any_string="", text="", unicode="", unicode_text="", variable=""),
        dict(short="007", any_string="1e5", text="2024-01-31", unicode="0x1F", unicode_text="NaN", variable="true", fixed="abcd"),
        dict(short="it's \\ \"x\"", text="line\nline\t'; 💥", unicode="ÄÖÜ", unicode_text="日本語", fixed="äöüß"),
        *(dict(document=document, document_or_null=document) for document in ({}, [], "text", 0, -1.5, False, None, {"a": None, "ü": [1, {"b": "\\\"\n"}]}, 12345678901234567890, ""))]
    if hasattr(Kinds, "key"):
        corners += [dict(key=key, key_text=str(key)) for key in (uuid.UUID(int=0), uuid.UUID("00112233-4455-6677-8899-aabbccddeeff"))]
    with Session(engine) as session:
        for values in corners:
            # None for JSON is JSON's null, unless the column says otherwise: left out, it is NULL
            session.add(Kinds(**values))
        session.add(Account(id=2, name="later"))
        session.add(Account(id=1, name="it's", boss_id=2, made=datetime.datetime(2024, 3, 31, 2, 30, tzinfo=UTC), active=False, balance=decimal.Decimal("10.10")))
        session.add_all([Label(code=code) for code in ("a", "A", "ä", "")])
        session.flush()
        session.add_all([Entry(account_id=1, lineNumber=number, made_on=datetime.date(2024, 2, 29)) for number in (1, 2, 3)])
        session.flush()
        session.execute(entry_label.insert().values([(1, 1, "a"), (1, 1, "A"), (1, 3, "")]))
        session.commit()


def insert():
    with Session(engine) as session:
        kinds, account = entry(1), Account(name="new")
        session.add_all([kinds, account, Label(code="new")])
        session.flush()
        session.add(Entry(account_id=account.id, lineNumber=1, made_on=datetime.date(2024, 1, 1)))
        session.flush()
        session.execute(entry_label.insert().values([(account.id, 1, "new")]))
        keys = {"kinds": kinds.id, "account": account.id}
        session.commit()
        assert session.get(Account, account.id).active is True
    return keys


def plain(column, value):
    """The value as the model gives it, written down; equal texts are equal values of one type."""
    if isinstance(value, datetime.datetime) and column.type.timezone:
        # SQLAlchemy's SQLite stores no zone; what the application put there is UTC
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    elif isinstance(value, int) and isinstance(column.type, sa.Numeric) and not column.type.asdecimal:
        value = float(value)  # SQLite's whole numbers
    elif isinstance(value, decimal.Decimal) and column.type.scale is None:
        # without a scale SQLite's side shows ten digits, PostgreSQL's what is there
        value = value.normalize()
    elif isinstance(value, (bytes, memoryview)):
        return "bytes " + bytes(value).hex()
    elif isinstance(value, (dict, list)) and isinstance(column.type, sa.JSON):
        return "JSON " + json.dumps(value, sort_keys=True)
    elif isinstance(column.type, sa.PickleType):
        return "pickled " + pickle.dumps(value).hex()
    return f"{type(value).__name__} {value!r}"


def read():
    tables = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(sa.select(table))
            tables[table.name] = sorted([f"{column.name}={plain(column, value)}" for column, value in zip(table.columns, row)] for row in rows)
    return tables


result = {"schema": schema, "fill": fill, "read": read, "insert": insert, "check": check}[command]()
if result is not None:
    print(json.dumps(result, ensure_ascii=False))
