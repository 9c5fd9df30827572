#!/usr/bin/python3
"""make_sample.py FILE: a small application database, the kind that people migrate.

A school's records as an ORM writes them to SQLite: AUTOINCREMENT keys, foreign keys with actions,
booleans as 0/1 and dates as text, a JSON column, decimal money, a UNIQUE constraint over two
columns, partial and expression indexes, a view, a trigger, a table without rowid, names and text
that are not ASCII.  Always the same bytes of data, so that documents and tests may quote it.
"""
import os
import sqlite3
import sys

SCHEMA = """
PRAGMA foreign_keys = ON;

CREATE TABLE departments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(80) NOT NULL UNIQUE,
    head_id INTEGER REFERENCES teachers (id) ON DELETE SET NULL
);
CREATE TABLE teachers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    department_id INTEGER NOT NULL REFERENCES departments (id) ON DELETE CASCADE,
    full_name VARCHAR(120) NOT NULL,
    email VARCHAR(200) COLLATE NOCASE,
    salary DECIMAL(10, 2) NOT NULL CHECK (salary > 0),
    is_active BOOLEAN NOT NULL DEFAULT 1,
    hired_on DATE NOT NULL
);
CREATE UNIQUE INDEX ix_teachers_email ON teachers (email);

CREATE TABLE students (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    full_name VARCHAR(120) NOT NULL,
    born DATE,
    level VARCHAR(20) NOT NULL DEFAULT 'beginner' CHECK (level IN ('beginner', 'intermediate', 'advanced')),
    settings JSON,
    photo BLOB,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    deleted_at DATETIME
);
CREATE INDEX ix_students_alive ON students (full_name) WHERE deleted_at IS NULL;
CREATE INDEX ix_students_lower_name ON students (lower(full_name));

CREATE TABLE courses (
    code VARCHAR(12) NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    teacher_id INTEGER REFERENCES teachers (id),
    credits SMALLINT NOT NULL DEFAULT 5,
    starts_at DATETIME
) WITHOUT ROWID;

CREATE TABLE enrolments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    student_id INTEGER NOT NULL,
    course_code VARCHAR(12) NOT NULL,
    grade REAL CHECK (grade BETWEEN 1 AND 6),
    passed BOOLEAN,
    enrolled_at INTEGER NOT NULL, -- Unix time
    CONSTRAINT fk_student FOREIGN KEY (student_id) REFERENCES students (id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT fk_course FOREIGN KEY (course_code) REFERENCES courses (code),
    CONSTRAINT uq_enrolment UNIQUE (student_id, course_code)
);
CREATE INDEX ix_enrolments_course ON enrolments (course_code, enrolled_at DESC);

CREATE TABLE "order" ("group" TEXT, "größe" INTEGER, note TEXT DEFAULT 'it''s here');

CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);

CREATE VIEW course_results AS
SELECT c.code, c.title, count(e.id) AS enrolled, round(avg(e.grade), 3) AS mean_grade
FROM courses c LEFT JOIN enrolments e ON e.course_code = c.code
GROUP BY c.code, c.title;

CREATE TRIGGER students_soft_delete AFTER UPDATE OF deleted_at ON students
WHEN new.deleted_at IS NOT NULL
BEGIN
    DELETE FROM enrolments WHERE student_id = new.id;
END;
"""

GIVEN = ["Ada", "Bjørn", "Chloé", "Dmitri", "Esra", "Fidan", "Günel", "Hyun", "Iñaki", "Jürgen", "Kübra", "Łucja"]
FAMILY = ["Öztürk", "Əliyeva", "Nguyễn", "García", "Müller", "Šimić", "王", "O'Neill", "van der Berg", "Andersson"]
LEVELS = ["beginner", "intermediate", "advanced"]
DEPARTMENTS = ["Mathematics", "Langues étrangères", "Naturwissenschaften", "Tarix", "美術"]
STUDENTS = 600
COURSES = 24


def name(n):
    """The n-th of a cycle of names that goes through every pair."""
    return f"{GIVEN[n % len(GIVEN)]} {FAMILY[(n // len(GIVEN) + n) % len(FAMILY)]}"


def day(n):
    """A date between 1990 and 2014, as text."""
    return f"{1990 + n % 25:04d}-{1 + n % 12:02d}-{1 + n % 28:02d}"


def fill(db):
    db.executemany("INSERT INTO departments (name) VALUES (?)", [(d,) for d in DEPARTMENTS])
    db.executemany(
        "INSERT INTO teachers (department_id, full_name, email, salary, is_active, hired_on)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(1 + n % 5, name(n * 7), f"Teacher{n}@School.example", 2450.5 + n * 33.25, n % 9 != 0, day(n * 3))
         for n in range(20)])
    db.execute("UPDATE departments SET head_id = id * 3")
    db.executemany(
        "INSERT INTO students (full_name, born, level, settings, photo, created_at, deleted_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(name(n), day(n) if n % 11 else None, LEVELS[n % 3],
          '{"theme": "%s", "notify": %s}' % (["dark", "light"][n % 2], ["true", "false"][n % 3 == 0])
          if n % 4 else None,
          bytes((n * 31 + k) % 256 for k in range(48)) if n % 10 == 0 else None,
          f"2024-{1 + n % 12:02d}-{1 + n % 28:02d} {n % 24:02d}:{n % 60:02d}:{(n * 7) % 60:02d}.{n % 1000:03d}",
          None)
         for n in range(STUDENTS)])
    db.executemany(
        "INSERT INTO courses VALUES (?, ?, ?, ?, ?)",
        [(f"C-{100 + n}", f"{DEPARTMENTS[n % 5]} {1 + n // 5}", 1 + n % 20, 2 + n % 9,
          f"2025-09-{1 + n:02d}T08:30:00")
         for n in range(COURSES)])
    db.executemany(
        "INSERT INTO enrolments (student_id, course_code, grade, passed, enrolled_at) VALUES (?, ?, ?, ?, ?)",
        [(1 + s, f"C-{100 + (s + k * 5) % COURSES}",
          None if (s + k) % 6 == 0 else 1 + ((s * 3 + k) % 51) / 10.0,
          None if (s + k) % 6 == 0 else int((s * 3 + k) % 51 < 31),
          1735689600 + s * 3600 + k * 61)
         for s in range(STUDENTS) for k in range(4)])
    db.executemany('INSERT INTO "order" VALUES (?, ?, ?)',
                   [("a", 36, "line one\nline two\tand a tab"), ("b", None, ""), (None, -1, "\\N is no NULL")])
    db.execute("INSERT INTO alembic_version VALUES ('3f1c9d2ab7e4')")
    # rows that were deleted leave their mark only in sqlite_sequence
    db.execute("INSERT INTO students (full_name) VALUES ('left the school')")
    db.execute("DELETE FROM students WHERE full_name = 'left the school'")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_sample.py FILE")
    if os.path.exists(sys.argv[1]):
        os.remove(sys.argv[1])
    db = sqlite3.connect(sys.argv[1])
    db.executescript(SCHEMA)
    with db:
        fill(db)
    db.close()


main()
