#!/usr/bin/python3
"""fdw_sessions.py: several sessions write one SQLite file through the wrapper, others read it.

No update is lost and no statement fails, with a rollback journal and in WAL mode, while another
program writes the same file with its own connection.  Runs on the server that PG* names.
Prints what failed, then `N passed, N failed`.
"""
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading

WRITERS, READERS, ROUNDS = 3, 2, 60
DATABASE = "fdw_sessions"


def psql(database, script):
    return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"], input=script, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def prepare(path, mode):
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("CREATE TABLE counter(id INTEGER PRIMARY KEY, v INTEGER)")
    connection.executemany("INSERT INTO counter VALUES(?, 0)", [(1,), (2,)])
    connection.commit()
    connection.close()
    os.chmod(path, 0o666)
    done = psql(DATABASE, f"""SET client_min_messages = error;
        DROP SERVER IF EXISTS sessions CASCADE;
        CREATE SERVER sessions FOREIGN DATA WRAPPER sqlite_import OPTIONS (database '{path}', updatable 'true', busy_timeout '30s');
        IMPORT FOREIGN SCHEMA main FROM SERVER sessions INTO public;""")
    if done.returncode:
        raise SystemExit(done.stderr)


def one_mode(folder, mode):
    path = os.path.join(folder, mode + ".db")
    prepare(path, mode)
    failures = []

    def session(script):
        done = psql(DATABASE, script)
        if done.returncode:
            failures.append(done.stderr.strip())

    scripts = ["UPDATE counter SET v = v + 1 WHERE id = 1;\n" * ROUNDS] * WRITERS
    # both rows change in one transaction: a reader sees both changes or neither
    scripts.append("BEGIN; UPDATE counter SET v = v + 1 WHERE id = 1; UPDATE counter SET v = v + 1 WHERE id = 2; COMMIT;\n" * ROUNDS)
    scripts += ["SELECT count(*), sum(v) FROM counter;\n" * ROUNDS] * READERS
    threads = [threading.Thread(target=session, args=(script,)) for script in scripts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection = sqlite3.connect(path)
    found = [v for v, in connection.execute("SELECT v FROM counter ORDER BY id")]
    connection.close()
    if found != [(WRITERS + 1) * ROUNDS, ROUNDS]:
        failures.append(f"counters are {found}")
    for failure in failures:
        print(f"{mode}: {failure}")
    return not failures


def main():
    subprocess.run(["psql", "-Xq", "-d", "postgres", "-c", "SET client_min_messages = error", "-c", f"DROP DATABASE IF EXISTS {DATABASE}",
                    "-c", f"CREATE DATABASE {DATABASE}"], check=True)
    psql(DATABASE, "CREATE EXTENSION sqlite_import")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        outcomes = [one_mode(folder, mode) for mode in ("delete", "wal")]
    subprocess.run(["psql", "-Xq", "-d", "postgres", "-c", f"DROP DATABASE {DATABASE}"], check=True)
    print(f"{sum(outcomes)} passed, {outcomes.count(False)} failed")
    sys.exit(not all(outcomes))


if __name__ == "__main__":
    main()
