#!/usr/bin/python3
"""frameworks.py [NAME...]: applications of three frameworks move, by docs/recipes.md as it stands.

Each application makes and fills its SQLite file and makes its schema in PostgreSQL, both in its own
way.  A plain role, in a session whose time zone is Asia/Tokyo, then runs the blocks of
docs/recipes.md that are marked with the application's name.  Afterwards the application itself says
whether it is well: its models read every row on both sides, and all must be equal; it inserts a row
into each table on both sides, and must get the same numbers; and pg_dump finds the schema untouched.
Django, ActiveRecord and Alembic come from the distribution (scripts/install-packages django sqlalchemy rails);
what is not there is skipped, with the reason.  Prints a line per check, then `N passed, N failed`.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BLOCK = re.compile(r"^```sql skip (\w+)\n(.*?)^```$", re.S | re.M)
ROLE = "frameworks_app"
# how each is run, and what tells that it is there
APPLICATIONS = {
    "django": (["/usr/bin/python3", f"{HERE}/django_app/app.py"], ["/usr/bin/python3", "-c", "import django, psycopg2; print(django.__version__)"]),
    "sqlalchemy": (["/usr/bin/python3", "-W", "ignore", f"{HERE}/sqlalchemy_app/app.py"],
                   ["/usr/bin/python3", "-c", "import alembic, psycopg2, sqlalchemy; print(sqlalchemy.__version__, 'with Alembic', alembic.__version__)"]),
    "rails": (["ruby", "-W0", f"{HERE}/rails_app/app.rb"],
              ["ruby", "-W0", "-e", "require 'pg'; require 'sqlite3'; require 'active_record'; puts ActiveRecord::VERSION::STRING"]),
}
passed = failed = 0


def check(name, wanted, found):
    global passed, failed  # pylint: disable=global-statement
    if wanted == found:
        passed += 1
        print(f"ok {name}", flush=True)
    else:
        failed += 1
        print(f"not ok {name}: wanted {wanted!r}, found {found!r}", flush=True)


def run(command, **options):
    done = subprocess.run(command, text=True, capture_output=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:200]}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def psql(database, script, role=None, zone="UTC", folder="/"):
    environment = {**os.environ, "PGTZ": zone, **({"PGUSER": role} if role else {})}
    return run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"], input=script, cwd=folder, env=environment)


def recipe_of(name):
    with open(os.path.join(TOP, "docs", "recipes.md"), encoding="utf-8") as file:
        return "".join(body for block, body in BLOCK.findall(file.read()) if block == f"{name}_app")


class Application:
    def __init__(self, name, folder):
        self.name, self.folder, self.database = name, folder, f"frameworks_{name}"
        self.path = f"{folder}/app.db"
        self.command = APPLICATIONS[name][0]
        psql("postgres", f"SET client_min_messages = error; DROP DATABASE IF EXISTS {self.database}; CREATE DATABASE {self.database} TEMPLATE template0 "
                         f"ENCODING 'UTF8'; ALTER DATABASE {self.database} OWNER TO {ROLE}")
        psql(self.database, f"CREATE EXTENSION sqlite_import; GRANT CREATE ON SCHEMA public TO {ROLE}")

    def call(self, what, database):
        """The application, as its own role; what it prints is JSON."""
        printed = run([*self.command, what, database], cwd=self.folder, env={**os.environ, "PGUSER": ROLE}).strip()
        return json.loads(printed.split("\n")[-1]) if printed and what not in ("schema", "fill") else None

    def schema_dump(self):
        dumped = run(["pg_dump", "-s", "-d", self.database])
        return [line for line in dumped.split("\n") if not line.startswith(("\\restrict", "\\unrestrict"))]

    def compare_rows(self):
        source, target = self.call("read", self.path), self.call("read", self.database)
        check(f"{self.name}: the tables", sorted(source), sorted(target))
        check(f"{self.name}: there are rows", True, all(source.values()))
        for table, rows in source.items():
            other = target.get(table, [])
            differing = [([a for a in left if a not in right], [b for b in right if b not in left]) for left, right in zip(rows, other) if left != right]
            check(f"{self.name}: {table}: {len(rows)} rows are equal in the models", ([], len(rows)), (differing[:3], len(other)))

    def compare_inserts(self):
        """The copy of the file says which numbers SQLite would have given out."""
        shutil.copy(self.path, f"{self.folder}/copy.db")
        wanted, found = self.call("insert", f"{self.folder}/copy.db"), self.call("insert", self.database)
        for table, key in wanted.items():
            check(f"{self.name}: an INSERT into {table}", key, found.get(table, "none"))

    def run(self):
        self.call("schema", self.path)
        self.call("fill", self.path)
        self.call("schema", self.database)
        before = self.schema_dump()
        recipe = recipe_of(self.name)
        check(f"{self.name}: the page has its recipe", True, bool(recipe))
        printed = psql(self.database, recipe, ROLE, "Asia/Tokyo", self.folder)
        verified = re.findall(r"^(\w+)\|(\d+)\|(\d+)\|(.*)$", printed, re.M)
        check(f"{self.name}: verify has looked, and finds both sides equal", {"equal"}, {status for _, _, _, status in verified})
        check(f"{self.name}: assess has foreseen it", [True], ["migrate would run" in line for line in re.findall(r"^.*\|migrate would.*$", printed, re.M)])
        self.compare_rows()
        self.compare_inserts()
        check(f"{self.name}: pg_dump -s is as before", before, self.schema_dump())
        if self.name == "sqlalchemy":
            check("sqlalchemy: Alembic's compare_metadata finds no difference", [], self.call("check", self.database))


def main():
    names = sys.argv[1:] or list(APPLICATIONS)
    psql("postgres", f"DO $$ BEGIN IF to_regrole('{ROLE}') IS NULL THEN CREATE ROLE {ROLE} LOGIN; END IF; END $$")
    for name in names:
        try:
            probe = subprocess.run(APPLICATIONS[name][1], text=True, capture_output=True, check=False)
        except FileNotFoundError as error:
            probe = subprocess.CompletedProcess([], 1, "", str(error))
        if probe.returncode:
            print(f"skip {name}: {probe.stderr.strip().splitlines()[-1:]}")
            continue
        print(f"# {name} {probe.stdout.strip()}")
        with tempfile.TemporaryDirectory(prefix="sqlite_import_frameworks_") as folder:
            try:
                Application(name, folder).run()
            except RuntimeError as error:
                check(f"{name}: it runs to its end", "", str(error))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
