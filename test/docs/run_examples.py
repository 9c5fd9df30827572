#!/usr/bin/python3
"""run_examples.py [FILE.md...]: runs the SQL of the documents, block by block, with psql.

Each document (README.md, docs/*.md) gets a database of its own with the extension in it; its fenced
blocks run in order in one database, each in a session of its own:

    ```sql          has to succeed
    ```sql error    has to be refused
    ```sql skip     is not run (it needs what a test machine has not)
    ```output       right after a block: what it prints (an error's text, where it is refused);
                    "..." stands for any text, since durations differ

The documents speak of /srv/app/app.db; here that is the sample application's database.
Prints a line per document and failure, then `N passed, N failed`.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
FENCE = re.compile(r"^( *)```(\S*)[ \t]*([^\n]*)\n(.*?)^\1```[ \t]*$", re.S | re.M)
DOCUMENTED_PATH = "/srv/app/app.db"


def blocks(text):
    """(line number, language, flags, body, expected output or None) of each SQL block."""
    found = []
    for match in FENCE.finditer(text):
        indent, language, flags, body = match.groups()
        body = re.sub(rf"^{indent}", "", body, flags=re.M)
        if language == "output" and found:
            found[-1][4] = body
        elif language == "sql":
            found.append([text.count("\n", 0, match.start()) + 1, language, flags.split(), body, None])
    return found


def psql(database, script):
    return subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-P", "pager=off", "-d", database, "-f", "-"],
                          input=script, text=True, capture_output=True)


def matches(expected, actual):
    """Whether `actual` is `expected`, where "..." stands for anything, trailing blanks for nothing."""
    lines = lambda s: "\n".join(l.rstrip() for l in s.strip().splitlines())
    pattern = ".*?".join(re.escape(part) for part in lines(expected).split("..."))
    return re.fullmatch(pattern, lines(actual), re.S) is not None


def run_document(path, number, sample, work):
    database = f"docs_{number}"
    made = psql("postgres", f"SET client_min_messages = warning; DROP DATABASE IF EXISTS {database};"
                            f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8';")
    if made.returncode:
        sys.exit(made.stderr)
    failures, run = [], 0
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not any("CREATE EXTENSION sqlite_import" in body for _, _, _, body, _ in blocks(text)):
        psql(database, "CREATE EXTENSION sqlite_import")
    for line, _, flags, body, expected in blocks(text):
        if "skip" in flags:
            continue
        run += 1
        done = psql(database, f"\\cd {work}\n" + body.replace(DOCUMENTED_PATH, sample))
        where = f"{os.path.relpath(path, TOP)}:{line}"
        if ("error" in flags) != (done.returncode != 0):
            failures.append(f"{where}: " + ("was not refused" if "error" in flags else done.stderr.strip()))
        elif expected is not None:
            shown = (done.stderr if "error" in flags else done.stdout).replace(sample, DOCUMENTED_PATH)
            if not matches(expected, shown):
                failures.append(f"{where}: printed\n{shown}")
    return run, failures


def main():
    documents = [os.path.realpath(a) for a in sys.argv[1:]] or \
        [os.path.join(TOP, "README.md"), *sorted(glob.glob(os.path.join(TOP, "docs", "*.md")))]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="docs-") as work:
        os.chmod(work, 0o777)
        sample = os.path.join(work, "app.db")
        subprocess.run([sys.executable, os.path.join(TOP, "test", "data", "make_sample.py"), sample], check=True)
        os.chmod(sample, 0o644)
        for number, path in enumerate(documents):
            run, failures = run_document(path, number, sample, work)
            passed, failed = passed + run - len(failures), failed + len(failures)
            print(f"{'FAIL' if failures else 'ok  '} {os.path.relpath(path, TOP)}: {run} examples")
            for failure in failures:
                print("     " + failure.replace("\n", "\n     "))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
