#!/usr/bin/python3
"""situations.py [NAME...]: the four migrations of docs/recipes.md, run as they stand there.

Each has a database of its own, made-up data (databases.py; SITUATION_MB=300 makes the greatest as
great as in life), the schema that the application's own migrations make, and the blocks of
docs/recipes.md that are marked with its name.  Afterwards the rows are compared with the file by
Python's sqlite3 and plain SQL, not by the extension.  Prints a line per check, then
`N passed, N failed`.
"""
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

import databases

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BLOCK = re.compile(r"^```sql skip (\w+)( error)?\n(.*?)^```$", re.S | re.M)
passed = failed = 0


def check(name, wanted, found):
    global passed, failed
    if wanted == found:
        passed += 1
        print(f"ok {name}")
    else:
        failed += 1
        print(f"not ok {name}: wanted {wanted!r}, found {found!r}")


class Situation:
    """One database on each side."""

    def __init__(self, name, folder, role=None):
        self.name, self.folder, self.role = name, folder, role
        self.database = f"situation_{name}"
        self.psql("postgres", f"SET client_min_messages = error; DROP DATABASE IF EXISTS {self.database};"
                              f"CREATE DATABASE {self.database} TEMPLATE template0 ENCODING 'UTF8'")
        self.sql("CREATE EXTENSION sqlite_import")

    def psql(self, database, script, role=None):
        prefix = f"SET SESSION AUTHORIZATION {role};\n" if role else ""
        return subprocess.run(["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"], input=prefix + script,
                              text=True, capture_output=True, cwd=self.folder)

    def sql(self, script):
        done = self.psql(self.database, script)
        if done.returncode:
            sys.exit(f"{self.name}: {done.stderr}\n{script[:500]}")
        return done.stdout.strip()

    def number(self, query):
        return int(self.sql(query))

    def recipe(self, paths):
        """Runs the recipe's blocks; each may fail only where the page says so.  Returns what they printed."""
        with open(os.path.join(TOP, "docs", "recipes.md"), encoding="utf-8") as file:
            blocks = [(bool(error), body) for name, error, body in BLOCK.findall(file.read()) if name == self.name]
        printed = ""
        session = []
        for error, body in blocks:
            for documented, real in paths.items():
                body = body.replace(documented, real)
            if error:
                done = self.psql(self.database, body, self.role)
                check(f"{self.name}: refused as the recipe says", True, done.returncode != 0)
                printed += done.stderr
            elif self.role:
                session.append(body)     # variables such as LASTOID live as long as their session
            else:
                done = self.psql(self.database, body)
                check(f"{self.name}: a block of the recipe runs", "", done.stderr if done.returncode else "")
                printed += done.stdout
        if session:
            done = self.psql(self.database, "".join(session), self.role)
            check(f"{self.name}: the recipe runs as a plain role", "", done.stderr if done.returncode else "")
            printed += done.stdout
        check(f"{self.name}: the page has its recipe", True, bool(blocks))
        return printed

    def same_rows(self, path, table, columns, target=None, where="1"):
        """Compares texts of rows; columns are pairs of expressions, SQLite's and PostgreSQL's."""
        with sqlite3.connect(path) as source:
            wanted = sorted("|".join("" if v is None else str(v) for v in row) for row in
                            source.execute(f"SELECT {', '.join(left for left, _ in columns)} FROM {table} WHERE {where}"))
        printed = self.sql(f"SET timezone = 'UTC'; SELECT {', '.join(right for _, right in columns)} FROM {target or table}")
        found = sorted(printed.split("\n")) if wanted or printed else []
        differing = [pair for pair in zip(wanted, found) if pair[0] != pair[1]][:1]
        check(f"{self.name}: {table}: {len(wanted)} rows are the same", ([], len(wanted)), (differing, len(found)))


def school(folder):
    path = f"{folder}/school.db"
    databases.make_school(path)
    s = Situation("school", folder)
    s.sql(databases.SCHOOL_TARGET)
    printed = s.recipe({"/srv/school/school.db": path})
    check("school: the page's index statements", 4, printed.count("CREATE INDEX ON"))
    check("school: alembic_version is left alone", "4f2c1a9b7d11", s.sql("SELECT * FROM alembic_version"))
    check("school: rejects are kept", "500,40000", s.sql("SELECT string_agg(source_rowid::text, ',' ORDER BY source_rowid) FROM sqlite_import.rejected_rows"))
    check("school: a table that the target lacks stays away", "", s.sql("SELECT to_regclass('old_import_log')"))
    check("school: an empty table's sequence begins at 1", 1, s.number("INSERT INTO exams DEFAULT VALUES RETURNING id"))
    check("school: the next grade", 60001, s.number("INSERT INTO grades (student_id, course_id) VALUES (1, 1) RETURNING id"))
    s.sql("DELETE FROM grades WHERE id = 60001")
    s.same_rows(path, "students", [("id", "id"), ("full_name", "full_name"), ("born", "born"), ("level", "level"),
                                   ("printf('%.2f', tuition)", "tuition"), ("CASE is_active WHEN 1 THEN 't' ELSE 'f' END", "is_active"),
                                   ("created_at", "to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.US')"), ("settings", "settings")])
    s.same_rows(path, "grades", [("id", "id"), ("student_id", "student_id"), ("printf('%.2f', points)", "points")], where="typeof(points) <> 'text'")
    s.same_rows(path, "attendance", [("id", "id"), ("day", "day"), ("CASE present WHEN 1 THEN 't' ELSE 'f' END", "present")])


def todo(folder):
    path = f"{folder}/todo.db"
    databases.make_todo(path)
    shutil.copy(path, f"{folder}/back.db")
    os.chmod(f"{folder}/back.db", 0o666)
    s = Situation("todo", folder)
    s.sql("CREATE SCHEMA todo")
    printed = s.recipe({"/srv/todo/todo.db": path, "/srv/todo/back.db": f"{folder}/back.db"})
    check("todo: the orphans are listed", True, "7, 4001, 20003" in printed)
    check("todo: tables that exist are said to", True, "hold rows already" in printed)
    check("todo: the range of dates", True, "2024-01-01 09:00:00" in printed and "2024-12-" in printed)
    s.same_rows(path, "tasks", [("id", "id"), ("user_id", "user_id"), ("title", "title"), ("CASE completed WHEN 1 THEN 't' ELSE 'f' END", "completed"),
                                ("due_date", "to_char(due_date, 'YYYY-MM-DD HH24:MI:SS.US')"),
                                ("created_at", "to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.US')")], "todo.tasks",
                "user_id <> 'u-99999'")
    check("todo: the next task", 23001, s.number("INSERT INTO todo.tasks (user_id, title, completed, created_at) VALUES ('u-00001', 'x', false, now()) RETURNING id"))
    with sqlite3.connect(path) as before, sqlite3.connect(f"{folder}/back.db") as after:
        for table, columns, where in (("users", "id, email, created_at", "1"), ("recurring_patterns", "id, task_id, every", "1"),
                                      ("tasks", "id, user_id, title, completed, due_date, created_at", "user_id <> 'u-99999'")):
            check(f"todo: the way back: {table}", before.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone(),
                  after.execute(f"SELECT count(*) FROM {table}").fetchone())
            wanted = before.execute(f"SELECT {columns} FROM {table} WHERE {where} ORDER BY id LIMIT 1000").fetchall()
            found = after.execute(f"SELECT {columns} FROM {table} ORDER BY id LIMIT 1000").fetchall()
            # the same instants: PostgreSQL prints no zeros at the end of a fraction
            trimmed = [tuple(re.sub(r"(:\d\d)\.?(\d*?)0*$", r"\1.\2", v) if isinstance(v, str) else v for v in row) for row in wanted]
            again = [tuple(re.sub(r"(:\d\d)\.?(\d*?)0*$", r"\1.\2", v) if isinstance(v, str) else v for v in row) for row in found]
            check(f"todo: the way back: rows of {table}", [], [pair for pair in zip(trimmed, again) if pair[0] != pair[1]][:1])


def ministry(folder):
    path = f"{folder}/edu.db"
    databases.make_ministry(path)
    s = Situation("ministry", folder)
    s.sql(databases.ministry_target())
    s.recipe({"/srv/edu/edu.db": path})
    print("# " + s.sql(f"SELECT format('%s MB, %s tables, %s rows: migrated in %s s', {os.path.getsize(path) // 1000000}, "
                       "count(*) FILTER (WHERE action = 'loaded'), sum(rows) FILTER (WHERE action = 'loaded'), "
                       "round(extract(epoch FROM max(duration)), 1)) FROM sqlite_import.last_report() WHERE object_type IN ('table', 'database')"))
    cases = " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in databases.STATES.items())
    mapped = (f"CASE state {cases} END", "state")
    s.same_rows(path, "users", [("id", "id"), ("email", "email"), mapped, ("settings", "settings"), ("created_at", "created_at")])
    s.same_rows(path, "institutions", [("id", "id"), ("name", "name"), ("parent_id", "parent_id"), ("head_id", "head_id"), mapped])
    s.same_rows(path, "grades", [("id", "id"), ("printf('%.2f', mark)", "mark"), ("graded_at", "graded_at")])
    s.same_rows(path, "survey_149", [("id", "id"), ("answer", "answer"), ("score", "score"), mapped])
    check("ministry: rows in all surveys", databases.MINISTRY_TABLES * databases.SURVEY_ROWS,
          sum(s.number(f"SELECT count(*) FROM survey_{i:03}") for i in range(databases.MINISTRY_TABLES)))
    check("ministry: foreign keys hold and are valid", 0, s.number("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"))
    check("ministry: the next user", 419, s.number("INSERT INTO users (name, email, state) VALUES ('x', 'x', 'active') RETURNING id"))
    with open(f"{folder}/report.html", encoding="utf-8") as page:
        check("ministry: the report is a page", True, "survey_149" in page.read())


def django(folder):
    path = f"{folder}/db.sqlite3"
    databases.make_django(path)
    s = Situation("django", folder, role="situation_django_owner")
    s.sql("SET client_min_messages = error; DROP ROLE IF EXISTS situation_django_owner; CREATE ROLE situation_django_owner;"
          "GRANT CREATE, USAGE ON SCHEMA public TO situation_django_owner")
    s.sql("SET SESSION AUTHORIZATION situation_django_owner;" + databases.DJANGO_TARGET)
    dump = ["pg_dump", "-Fc", "-f", f"{folder}/before.dump", "-n", "public", s.database]
    check("django: a backup before", 0, subprocess.run(dump).returncode)
    s.recipe({})
    check("django: seeds have the file's numbers", "3,5,7", s.sql("SELECT string_agg(id::text, ',' ORDER BY id) FROM django_content_type"))
    check("django: what was excluded stays empty", 0, s.number("SELECT count(*) FROM django_session"))
    s.same_rows(path, "blog_article", [("id", "id"), ("title", "title"), ("length(body)", "length(body)"), ("printf('%.2f', price)", "price"),
                                       ("uid", "replace(uid::text, '-', '')"), ("duration", "duration"),
                                       ("published", "to_char(published, 'YYYY-MM-DD HH24:MI:SS')"), ("author_id", "author_id")])
    s.same_rows(path, "blog_comment", [("id", "id"), ("text", "text"), ("article_id", "article_id"), ("parent_id", "parent_id")])
    s.same_rows(path, "auth_user", [("id", "id"), ("username", "username"), ("last_login", "to_char(last_login, 'YYYY-MM-DD HH24:MI:SS.US')"),
                                    ("CASE is_superuser WHEN 1 THEN 't' ELSE 'f' END", "is_superuser")])
    check("django: a number that was given out once is not again", 80001,
          s.number("INSERT INTO blog_comment (text, created, article_id) VALUES ('x', now(), 1) RETURNING id"))
    check("django: no large object is left", 0, s.number("SELECT count(*) FROM pg_largeobject_metadata"))
    dump[3] = f"{folder}/after.dump"
    check("django: a backup after", 0, subprocess.run(dump).returncode)


SITUATIONS = {"school": school, "todo": todo, "ministry": ministry, "django": django}


def main():
    for name in sys.argv[1:] or SITUATIONS:
        with tempfile.TemporaryDirectory(prefix="sqlite_import_", dir="/tmp") as folder:
            os.chmod(folder, 0o777)
            SITUATIONS[name](folder)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
