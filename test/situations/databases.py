"""Four applications' databases with made-up data at a realistic size, as SQLite files and as the
schema that the application's own migrations would have made in PostgreSQL.

Everything is computed from row numbers, so that each run makes the same bytes.  SITUATION_MB in the
environment makes the ministry's file about so many megabytes, at least the 20 that it has otherwise.
"""
import os
import sqlite3


def connect(path):
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    return database


# --- a school management system: SQLAlchemy, Alembic -----------------------------------------------

SCHOOL = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
CREATE TABLE teachers (id INTEGER NOT NULL PRIMARY KEY, full_name VARCHAR(120) NOT NULL, hired_on DATE, is_active BOOLEAN);
CREATE TABLE courses (id INTEGER NOT NULL PRIMARY KEY, code VARCHAR(12) NOT NULL UNIQUE, title VARCHAR(200) NOT NULL,
    teacher_id INTEGER, FOREIGN KEY(teacher_id) REFERENCES teachers (id));
CREATE TABLE students (id INTEGER NOT NULL PRIMARY KEY, full_name VARCHAR(120) NOT NULL, born DATE, level VARCHAR(20),
    tuition NUMERIC(10, 2), is_active BOOLEAN, created_at DATETIME, settings JSON);
CREATE TABLE grades (id INTEGER NOT NULL PRIMARY KEY, student_id INTEGER NOT NULL, course_id INTEGER NOT NULL, points NUMERIC(5, 2),
    graded_at DATETIME, FOREIGN KEY(student_id) REFERENCES students (id), FOREIGN KEY(course_id) REFERENCES courses (id));
CREATE TABLE attendance (id INTEGER NOT NULL PRIMARY KEY, student_id INTEGER NOT NULL, day DATE NOT NULL, present BOOLEAN NOT NULL,
    FOREIGN KEY(student_id) REFERENCES students (id));
CREATE TABLE exams (id INTEGER NOT NULL PRIMARY KEY, course_id INTEGER, held_on DATE);
CREATE TABLE old_import_log (line TEXT);
"""

# What `alembic upgrade head` makes: narrower, stricter, with an enum, and with its own version row.
SCHOOL_TARGET = """
CREATE TYPE level AS ENUM ('beginner', 'intermediate', 'advanced');
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY);
INSERT INTO alembic_version VALUES ('4f2c1a9b7d11');
CREATE TABLE teachers (id serial PRIMARY KEY, full_name varchar(120) NOT NULL, hired_on date, is_active boolean);
CREATE TABLE courses (id serial PRIMARY KEY, code varchar(12) NOT NULL UNIQUE, title varchar(200) NOT NULL, teacher_id integer REFERENCES teachers);
CREATE TABLE students (id serial PRIMARY KEY, full_name varchar(120) NOT NULL, born date, level level, tuition numeric(10,2),
    is_active boolean, created_at timestamp, settings json, email varchar(200));
CREATE TABLE grades (id serial PRIMARY KEY, student_id integer NOT NULL REFERENCES students, course_id integer NOT NULL REFERENCES courses,
    points numeric(5,2), graded_at timestamp);
CREATE TABLE attendance (id serial PRIMARY KEY, student_id integer NOT NULL REFERENCES students, day date NOT NULL, present boolean NOT NULL);
CREATE TABLE exams (id serial PRIMARY KEY, course_id integer REFERENCES courses, held_on date);
INSERT INTO teachers (full_name) VALUES ('a row that a test left behind');
"""


def make_school(path):
    database = connect(path)
    database.executescript(SCHOOL)
    many = database.executemany
    database.execute("BEGIN")
    database.execute("INSERT INTO alembic_version VALUES ('4f2c1a9b7d11')")
    many("INSERT INTO teachers VALUES (?, ?, ?, ?)",
         ((i, f"Müəllim {i}", f"20{i % 24:02}-09-01", i % 2) for i in range(1, 121)))
    many("INSERT INTO courses VALUES (?, ?, ?, ?)",
         ((i, f"C-{i:04}", f"Course {i}", i % 120 + 1) for i in range(1, 401)))
    many("INSERT INTO students VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
         ((i, f"Tələbə {i}", f"{1990 + i % 20}-{i % 12 + 1:02}-{i % 28 + 1:02}", ("beginner", "intermediate", "advanced")[i % 3],
           i / 4, i % 7 != 0, f"2023-0{i % 9 + 1}-01 08:{i % 60:02}:00.{i % 1000:03}000", '{"lang": "az"}' if i % 2 else None)
          for i in range(1, 8001)))
    many("INSERT INTO grades VALUES (?, ?, ?, ?, ?)",
         ((i, i % 8000 + 1, i % 400 + 1, "absent" if i in (500, 40000) else i % 101, f"2024-0{i % 9 + 1}-15 12:00:00.000000")
          for i in range(1, 60001)))
    many("INSERT INTO attendance VALUES (?, ?, ?, ?)",
         ((i, i % 8000 + 1, f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}", i % 9 != 0) for i in range(1, 200001)))
    many("INSERT INTO old_import_log VALUES (?)", ((f"line {i}",) for i in range(40)))
    database.execute("COMMIT")
    database.close()


# --- a to-do service: FastAPI, SQLModel --------------------------------------------------------------

def make_todo(path):
    database = connect(path)
    database.executescript("""
        CREATE TABLE users (id VARCHAR NOT NULL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE, created_at DATETIME NOT NULL);
        CREATE TABLE tasks (id INTEGER NOT NULL PRIMARY KEY, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL, completed BOOLEAN NOT NULL,
            due_date DATETIME, created_at DATETIME NOT NULL, FOREIGN KEY(user_id) REFERENCES users (id));
        CREATE INDEX ix_tasks_user_id ON tasks (user_id);
        CREATE TABLE recurring_patterns (id INTEGER NOT NULL PRIMARY KEY, task_id INTEGER NOT NULL, every VARCHAR NOT NULL,
            FOREIGN KEY(task_id) REFERENCES tasks (id));
    """)
    database.execute("BEGIN")
    database.executemany("INSERT INTO users VALUES (?, ?, ?)",
                         ((f"u-{i:05}", f"user{i}@example.org", f"2024-01-01 00:{i % 60:02}:00.000000") for i in range(1, 501)))
    # three tasks belong to a user who has gone: SQLite was never told to look
    database.executemany("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?)",
                         ((i, "u-99999" if i in (7, 4001, 20003) else f"u-{i % 500 + 1:05}", f"task {i}", i % 2,
                           None if i % 3 else "2025-06-30 18:00:00.000000", f"2024-{i % 12 + 1:02}-{i % 28 + 1:02} 09:00:00.{i:06}")
                          for i in range(1, 23001)))
    database.executemany("INSERT INTO recurring_patterns VALUES (?, ?, ?)",
                         ((i, i * 10, ("daily", "weekly")[i % 2]) for i in range(1, 1001)))
    database.execute("COMMIT")
    database.close()


# --- an education ministry: Laravel, 158 tables ------------------------------------------------------

MINISTRY_TABLES = 150
# rows of each survey; a row takes 115 bytes of the file, all the rest 3.1 MB
SURVEY_ROWS = max(1000, int((float(os.environ.get("SITUATION_MB") or 0) - 3.1) * 1e6 / 115 / MINISTRY_TABLES))
STATES = {"aktiv": "active", "passiv": "inactive", "gözləyir": "pending"}


def ministry_target():
    """What `php artisan migrate` makes: enums become CHECKs, with the English words."""
    words = ", ".join(f"'{word}'" for word in STATES.values())
    state = f"varchar(255) NOT NULL CHECK (state::text = ANY (ARRAY[{words}]::text[]))"
    ddl = ["CREATE TABLE migrations (id serial PRIMARY KEY, migration varchar(255) NOT NULL, batch integer NOT NULL);"
           "INSERT INTO migrations (migration, batch) VALUES ('2024_01_01_000000_create_everything', 1);",
           "CREATE TABLE institutions (id bigserial PRIMARY KEY, name varchar(255) NOT NULL, parent_id bigint, head_id bigint,"
           f" state {state}, deleted_at timestamp(0));",
           "CREATE TABLE users (id bigserial PRIMARY KEY, name varchar(255) NOT NULL, email varchar(255) NOT NULL UNIQUE,"
           f" institution_id bigint, state {state}, settings json, created_at timestamp(0), updated_at timestamp(0));",
           # a circle, as applications have them
           "ALTER TABLE institutions ADD FOREIGN KEY (parent_id) REFERENCES institutions, ADD FOREIGN KEY (head_id) REFERENCES users;",
           "ALTER TABLE users ADD FOREIGN KEY (institution_id) REFERENCES institutions;",
           "CREATE TABLE grades (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE, subject varchar(100),"
           " mark numeric(4,2), graded_at timestamp(0));",
           "CREATE TABLE link_shares (id bigserial PRIMARY KEY, url text NOT NULL, shared_by bigint REFERENCES users, is_public boolean NOT NULL"
           " DEFAULT true, clicks integer NOT NULL DEFAULT 0, expires_at timestamp(0));",
           "CREATE TABLE cache (key varchar(255) PRIMARY KEY, value text NOT NULL, expiration integer NOT NULL);",
           "CREATE TABLE sessions (id varchar(255) PRIMARY KEY, user_id bigint, payload text NOT NULL, last_activity integer NOT NULL);",
           "CREATE TABLE statistics (id bigserial PRIMARY KEY, day date NOT NULL, counts jsonb);"]
    for i in range(MINISTRY_TABLES):
        ddl.append(f"CREATE TABLE survey_{i:03} (id bigserial PRIMARY KEY, user_id bigint REFERENCES users, answer text, score smallint,"
                   f" state {state}, created_at timestamp(0));")
    return "\n".join(ddl)


def make_ministry(path):
    database = connect(path)
    words = list(STATES)
    checked = "varchar NOT NULL CHECK (\"state\" in ({}))".format(", ".join(f"'{word}'" for word in words))
    database.executescript(f"""
        CREATE TABLE "migrations" ("id" integer primary key autoincrement not null, "migration" varchar not null, "batch" integer not null);
        CREATE TABLE "institutions" ("id" integer primary key autoincrement not null, "name" varchar not null, "parent_id" integer,
            "head_id" integer, "state" {checked}, "deleted_at" datetime,
            foreign key("parent_id") references "institutions"("id"), foreign key("head_id") references "users"("id"));
        CREATE TABLE "users" ("id" integer primary key autoincrement not null, "name" varchar not null, "email" varchar not null,
            "institution_id" integer, "state" {checked}, "settings" text, "created_at" datetime, "updated_at" datetime,
            foreign key("institution_id") references "institutions"("id"));
        CREATE UNIQUE INDEX "users_email_unique" on "users" ("email");
        CREATE TABLE "grades" ("id" integer primary key autoincrement not null, "user_id" integer not null, "subject" varchar,
            "mark" numeric, "graded_at" datetime, foreign key("user_id") references "users"("id") on delete cascade);
        CREATE TABLE "link_shares" ("id" integer primary key autoincrement not null, "url" text not null, "shared_by" integer,
            "is_public" tinyint(1) not null default '1', "clicks" integer not null default '0', "expires_at" datetime,
            foreign key("shared_by") references "users"("id"));
        CREATE TABLE "cache" ("key" varchar not null, "value" text not null, "expiration" integer not null, primary key ("key"));
        CREATE TABLE "sessions" ("id" varchar not null, "user_id" integer, "payload" text not null, "last_activity" integer not null, primary key ("id"));
        CREATE TABLE "statistics" ("id" integer primary key autoincrement not null, "day" date not null, "counts" text);
        INSERT INTO migrations (migration, batch) VALUES ('2024_01_01_000000_create_everything', 1);
    """)
    many = database.executemany
    database.execute("BEGIN")
    many("INSERT INTO institutions VALUES (?, ?, ?, ?, ?, NULL)",
         ((i, f"Məktəb №{i}", i // 10 or None, i % 418 + 1, words[i % 3]) for i in range(1, 601)))
    many("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
         ((i, f"İstifadəçi {i}", f"user{i}@edu.example", i % 600 + 1, words[i % 3], '{"theme": "dark"}' if i % 2 else None,
           f"2024-01-{i % 28 + 1:02} 10:00:00", None) for i in range(1, 419)))
    many("INSERT INTO grades VALUES (?, ?, ?, ?, ?)",
         ((i, i % 418 + 1, "riyaziyyat", i % 41 / 4 + 0.25, f"2024-05-{i % 28 + 1:02} 09:30:00") for i in range(1, 5450)))
    many("INSERT INTO link_shares VALUES (?, ?, ?, ?, ?, ?)",
         ((i, f"https://edu.example/{i}", i % 418 + 1, i % 2, i * 3, None) for i in range(1, 721)))
    many("INSERT INTO cache VALUES (?, ?, ?)", ((f"key:{i}", "x" * 200, 1700000000 + i) for i in range(3000)))
    many("INSERT INTO sessions VALUES (?, ?, ?, ?)", ((f"{i:040x}", i % 418 + 1, "p" * 500, 1700000000 + i) for i in range(2000)))
    many("INSERT INTO statistics VALUES (?, ?, ?)", ((i, f"2024-{i % 12 + 1:02}-01", f'{{"n": {i}}}') for i in range(1, 1001)))
    for table in range(MINISTRY_TABLES):
        name = f"survey_{table:03}"
        database.execute(f'CREATE TABLE "{name}" ("id" integer primary key autoincrement not null, "user_id" integer, "answer" text,'
                         f' "score" integer, "state" {checked}, "created_at" datetime, foreign key("user_id") references "users"("id"))')
        many(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?, ?)",
             ((i, i % 418 + 1, f"cavab {i} " + "a" * 60, i % 10, words[(i + table) % 3], f"2024-02-{i % 28 + 1:02} 12:00:00")
              for i in range(1, SURVEY_ROWS + 1)))
    database.execute("COMMIT")
    database.close()


# --- a Django application -----------------------------------------------------------------------------

def make_django(path):
    database = connect(path)
    database.executescript("""
        CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
        CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL);
        CREATE UNIQUE INDEX "django_content_type_app_label_model_uniq" ON "django_content_type" ("app_label", "model");
        CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL,
            "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL);
        CREATE TABLE "blog_article" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(200) NOT NULL, "body" text NOT NULL,
            "price" decimal NOT NULL, "uid" char(32) NOT NULL, "meta" text NOT NULL CHECK ((JSON_VALID("meta") OR "meta" IS NULL)), "rank" integer unsigned NOT NULL CHECK ("rank" >= 0),
            "duration" bigint NOT NULL, "published" datetime NULL, "author_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED);
        CREATE INDEX "blog_article_author_id" ON "blog_article" ("author_id");
        CREATE TABLE "blog_comment" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "text" text NOT NULL, "created" datetime NOT NULL,
            "article_id" integer NOT NULL REFERENCES "blog_article" ("id") DEFERRABLE INITIALLY DEFERRED, "parent_id" integer NULL REFERENCES "blog_comment" ("id") DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL);
        INSERT INTO django_migrations VALUES (1, 'blog', '0001_initial', '2024-01-01 00:00:00');
        INSERT INTO django_content_type VALUES (3, 'blog', 'article'), (5, 'blog', 'comment'), (7, 'auth', 'user');
    """)
    many = database.executemany
    database.execute("BEGIN")
    many("INSERT INTO auth_user VALUES (?, ?, ?, ?, ?, ?, ?)",
         ((i, "pbkdf2_sha256$600000$salt$hash", None if i % 3 else "2024-06-01 08:00:00.123456", i == 1, f"user{i}", i % 9 != 0,
           "2023-01-01 00:00:00") for i in range(1, 2001)))
    many("INSERT INTO blog_article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
         ((i, f"Article {i}", "Lorem ipsum " * (i % 40), i + 0.99, f"{i:032x}", f'{{"tags": ["t{i % 5}"]}}', i % 100,
           i * 1000000, None if i % 4 == 0 else f"2024-03-{i % 28 + 1:02} 12:00:00", i % 2000 + 1) for i in range(1, 20001)))
    many("INSERT INTO blog_comment VALUES (?, ?, ?, ?, ?)",
         ((i, f"comment {i} 😀", f"2024-04-{i % 28 + 1:02} 12:00:{i % 60:02}", i % 20000 + 1, i // 2 or None) for i in range(1, 80001)))
    many("INSERT INTO django_session VALUES (?, ?, ?)", ((f"{i:040x}", "s" * 100, "2024-12-31 00:00:00") for i in range(500)))
    database.execute("DELETE FROM blog_comment WHERE id = 80000")   # its number must not be given out again
    database.execute("COMMIT")
    database.close()


# What `manage.py migrate` makes and seeds in PostgreSQL; content types have other numbers there.
DJANGO_TARGET = """
CREATE TABLE django_migrations (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, app varchar(255) NOT NULL, name varchar(255) NOT NULL, applied timestamptz NOT NULL);
CREATE TABLE django_content_type (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, app_label varchar(100) NOT NULL, model varchar(100) NOT NULL, UNIQUE (app_label, model));
CREATE TABLE auth_user (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, password varchar(128) NOT NULL, last_login timestamptz,
    is_superuser boolean NOT NULL, username varchar(150) NOT NULL UNIQUE, is_active boolean NOT NULL, date_joined timestamptz NOT NULL);
CREATE INDEX auth_user_username_like ON auth_user (username varchar_pattern_ops);
CREATE TABLE blog_article (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, title varchar(200) NOT NULL, body text NOT NULL, price numeric(10,2) NOT NULL,
    uid uuid NOT NULL, meta jsonb NOT NULL, rank integer NOT NULL CHECK (rank >= 0), duration bigint NOT NULL, published timestamptz,
    author_id integer NOT NULL REFERENCES auth_user DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX blog_article_author_id ON blog_article (author_id);
CREATE TABLE blog_comment (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, text text NOT NULL, created timestamptz NOT NULL,
    article_id bigint NOT NULL REFERENCES blog_article DEFERRABLE INITIALLY DEFERRED, parent_id bigint REFERENCES blog_comment DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date timestamptz NOT NULL);
INSERT INTO django_migrations (app, name, applied) VALUES ('blog', '0001_initial', now());
INSERT INTO django_content_type (app_label, model) VALUES ('auth', 'user'), ('blog', 'article'), ('blog', 'comment');
"""
