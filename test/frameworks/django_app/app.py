#!/usr/bin/python3
"""app.py COMMAND DATABASE: an application written with Django.

COMMAND is schema (what manage.py migrate makes), fill, read (every row of every table through the
models, as JSON) or insert (a row into each table; prints the keys they got).  DATABASE is a SQLite
file, or the name of a PostgreSQL database (PGHOST, PGPORT and PGUSER say where).  Its migrations are
made in the current folder, which is given up afterwards.
"""
import datetime
import decimal
import itertools
import json
import os
import sys
import uuid

HERE = os.path.dirname(os.path.realpath(__file__))
command, database = sys.argv[1:]

import django  # noqa: E402  pylint: disable=wrong-import-position
from django.conf import settings  # noqa: E402  pylint: disable=wrong-import-position

sys.path.insert(0, os.getcwd())
settings.configure(
    # the application shows times in Berlin's zone; what it stores is UTC
    USE_TZ=True, TIME_ZONE="Europe/Berlin", SECRET_KEY="x", DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    SILENCED_SYSTEM_CHECKS=["fields.E210"],  # ImageField's wish for Pillow: its column is what counts here
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
                    "django.contrib.messages", "django.contrib.sites", "shop"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"context_processors": ["django.contrib.auth.context_processors.auth", "django.template.context_processors.request",
                                                   "django.contrib.messages.context_processors.messages"]}}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database} if "/" in database else
               {"ENGINE": "django.db.backends.postgresql", "NAME": database, "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"],
                "USER": os.environ["PGUSER"]}})
if not os.path.isdir("shop"):
    os.makedirs("shop/migrations")
    for name in ("shop/__init__.py", "shop/migrations/__init__.py"):
        open(name, "w", encoding="utf-8").close()
    with open(f"{HERE}/models.py", encoding="utf-8") as source, open("shop/models.py", "w", encoding="utf-8") as copy:
        copy.write(source.read())
django.setup()

from django.apps import apps  # noqa: E402  pylint: disable=wrong-import-position
from django.core.management import call_command  # noqa: E402  pylint: disable=wrong-import-position
from django.db import models, transaction  # noqa: E402  pylint: disable=wrong-import-position
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402  pylint: disable=wrong-import-position
from django.utils import timezone  # noqa: E402  pylint: disable=wrong-import-position

UTC = datetime.timezone.utc


def value_for(field, number):
    """A value of a field's type, another for each number."""
    moment = datetime.datetime(2024, 3, 31, 2, 30, 0, 123456, UTC) + datetime.timedelta(days=number, seconds=number)
    makers = (
        (models.UUIDField, lambda: uuid.UUID(int=number * 0x1234567890ABCDEF1234567)),
        (models.GenericIPAddressField, lambda: f"10.1.{number // 250 % 250}.{number % 250}"),
        (models.DurationField, lambda: datetime.timedelta(days=number, microseconds=number)),
        (models.DateTimeField, lambda: moment),
        (models.DateField, moment.date),
        (models.TimeField, lambda: moment.time()),
        (models.DecimalField, lambda: decimal.Decimal(number) / 4),
        (models.JSONField, lambda: {"number": number, "list": [1, None, "ä"]}),
        (models.BinaryField, lambda: bytes([number % 256, 0, 255])),
        (models.BooleanField, lambda: number % 2 == 0),
        (models.FloatField, lambda: number / 3),
        (models.IntegerField, lambda: number % 1000),
        ((models.CharField, models.TextField, models.FileField, models.FilePathField),
         lambda: ("a" if field.choices else f"v{number}")[:field.max_length]),
    )
    return next(make() for kind, make in makers if isinstance(field, kind))


numbers = itertools.count(10000 if command == "insert" else 100)


def fresh(model):
    """Saves a row of a model; the rows that it refers to are new too."""
    values, number = {}, next(numbers)
    for field in model._meta.concrete_fields:
        if isinstance(field, models.AutoField):
            continue
        if field.is_relation:
            if not field.null:
                values[field.name] = fresh(field.related_model)
        elif not getattr(field, "auto_now", False) and not getattr(field, "auto_now_add", False):
            values[field.name] = value_for(field, number)
    return model.objects.create(**values)


def all_models():
    return [*apps.get_models(include_auto_created=True), MigrationRecorder.Migration]


def fill_kinds(kinds):
    """The corners of each type."""
    common = dict(char="plain", boolean=True)
    kinds.objects.create()
    for values in (
            dict(big=2**63 - 1, integer=2**31 - 1, small=32767, positive_big=2**63 - 1, positive=2**31 - 1, positive_small=32767, boolean=True),
            dict(big=-2**63, integer=-2**31, small=-32768, positive_big=0, positive=0, positive_small=0, boolean=False),
            dict(char="", text="", slug="", email="", url="", file="", file_path="", image="", choice="b", binary=b""),
            dict(char="ÄÖÜ 'quoted' \\ \"x\"", text="line\nline\ttab\r\n' || x; 💥", slug="a-b_c", email="a@example.org", url="https://example.org/?a=1&b=2",
                 file="up/load.txt", file_path="/srv/x", image="a.png", binary=bytes(range(256))),
            dict(text="007", char="1e5", slug="0x10", url="NaN", file="2024-01-31", choice="a"),
            dict(date=datetime.date(1, 1, 1), moment=datetime.datetime(1000, 1, 1, 0, 0, tzinfo=UTC), time=datetime.time(0, 0)),
            dict(date=datetime.date(9999, 12, 31), moment=datetime.datetime(9999, 12, 30, 23, 59, 59, 999999, UTC), time=datetime.time(23, 59, 59, 999999)),
            # an hour that Berlin does not have, one that it has twice, and one that Tokyo's day differs in
            *(dict(moment=datetime.datetime(*parts, tzinfo=UTC)) for parts in ((2024, 3, 31, 1, 30), (2024, 3, 31, 2, 30), (2024, 10, 27, 0, 30), (2024, 10, 27, 1, 30),
                                                                               (2024, 6, 30, 15, 0, 0, 1), (1969, 12, 31, 23, 59, 59, 500000))),
            *(dict(duration=datetime.timedelta(**parts)) for parts in ({}, dict(microseconds=1), dict(microseconds=-1), dict(days=-1, hours=5),
                                                                       dict(days=3, hours=4, minutes=5, seconds=6, microseconds=7), dict(days=36500), dict(milliseconds=1500))),
            *(dict(decimal=decimal.Decimal(text)) for text in ("0", "0.1", "-0.000001", "123456789.123456", "1E+3", "99.90")),
            *(dict(floating=number) for number in (0.0, 0.1, -1.5, 1e308, 5e-324, 1 / 3, 2.0, 9007199254740993.0)),
            *(dict(document=document) for document in ({}, [], "text", 0, -1.5, True, {"a": None, "ü": [1, {"b": "\\\"\n"}]}, 12345678901234567890, "", [None])),
            *(dict(address=address) for address in ("192.168.0.1", "::1", "2001:db8::ff00:42:8329", "::ffff:10.0.0.1", "0.0.0.0")),
            *(dict(uuid=key) for key in (uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")))):
        kinds.objects.create(**{**common, **values})


def fill():
    model = {each.__name__: each for each in all_models()}
    fill_kinds(model["Kinds"])
    from django.contrib.auth.models import Permission, User  # pylint: disable=import-outside-toplevel
    for number in range(1, 6):
        user = User.objects.create_user(f"user{number}", f"user{number}@example.org", "secret", last_login=timezone.now() if number % 2 else None)
        user.user_permissions.set(Permission.objects.order_by("pk")[number:number + 3])
    child = model["Node"].objects.create(name="child")
    child.parent = model["Node"].objects.create(name="parent")
    child.save()
    child.tags.add(model["TextKey"].objects.create(code="tag'1"), model["TextKey"].objects.create(code="TAG'1"))
    child.friends.add(child.parent)
    for each in all_models():
        for _ in range(3):
            fresh(each)
    # the greatest number goes: SQLite's AUTOINCREMENT does not give it out again
    for name in ("Kinds", "Required", "SmallKey", "Node"):
        fresh(model[name]).delete()


def plain(value):
    """The value as the model gives it, written down; equal texts are equal values of one type."""
    if isinstance(value, datetime.datetime):
        text = value.astimezone(UTC).isoformat()
    elif isinstance(value, (bytes, memoryview)):
        return "bytes " + bytes(value).hex()
    elif isinstance(value, (dict, list)):
        text = json.dumps(value, sort_keys=True)
    else:
        text = repr(value)
    return f"{type(value).__name__} {text}"


def read():
    tables = {}
    for model in all_models():
        if model is MigrationRecorder.Migration:
            continue  # each side's own books
        names = [field.attname for field in model._meta.concrete_fields]
        tables[model._meta.db_table] = sorted([f"{name}={plain(value)}" for name, value in zip(names, row)] for row in model.objects.values_list(*names))
    return tables


def insert():
    keys = {}
    for model in all_models():
        with transaction.atomic():
            row = fresh(model)
        keys[model._meta.db_table] = row.pk if isinstance(model._meta.pk, models.AutoField) and model is not MigrationRecorder.Migration else None
    return keys


def main():
    if command == "schema":
        if not os.path.exists("shop/migrations/0001_initial.py"):
            call_command("makemigrations", "shop", verbosity=0)
        call_command("migrate", verbosity=0)
    elif command == "fill":
        fill()
    else:
        print(json.dumps({"read": read, "insert": insert}[command](), ensure_ascii=False))


main()
