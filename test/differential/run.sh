#!/usr/bin/env bash
# Compares SQLite with PostgreSQL: generated expressions and queries, the views and
# triggers of the sample files, the documentation's table.
#
# usage: test/differential/run.sh [TRANSLATE_CLI]
#
# The server is named by PGHOST, PGPORT, PGUSER and PGDATABASE (default postgres);
# the role must be able to create schemas.  TRANSLATE_CLI is built when not given.
# PYTHON names an interpreter with psycopg2.  Exits non-zero on any difference.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
cli=${1:-}
if [ -z "$cli" ]; then
    cli=$(mktemp -d)/translate_cli
    "${CXX:-g++}" -std=c++17 -I"$root/src" "$root"/src/dialect/*.cpp "$root"/src/values/*.cpp \
        "$here/translate_cli.cpp" -o "$cli" $(pkg-config --cflags --libs sqlite3)
fi
status=0
run() {
    echo "== $*"
    local rc=0
    "$python" "$@" || rc=$?
    if [ $rc -ne 0 ] && [ $rc -ne 77 ]; then
        status=1
    fi
}
run "$here/expressions.py" "$cli" --count "${COUNT:-4000}" --seed "${SEED:-1}"
run "$here/queries.py" "$cli" --count "${COUNT:-1500}" --seed "${SEED:-1}"
# and with the extension's functions, where it is installed
if [ "$(psql -qXAtd "${PGDATABASE:-postgres}" -c "SELECT count(*) FROM pg_available_extensions WHERE name = 'sqlite_import'")" = 1 ]; then
    run "$here/expressions.py" "$cli" --count "${COUNT:-4000}" --seed 4 --helpers
fi
# once more where text does not sort by its bytes, if the server has ICU
if psql -qXd "${PGDATABASE:-postgres}" -c "DROP DATABASE IF EXISTS differential_icu" \
    -c "CREATE DATABASE differential_icu TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'" \
    2>/dev/null; then
    PGDATABASE=differential_icu run "$here/expressions.py" "$cli" --count 2000 --seed 2
    PGDATABASE=differential_icu run "$here/expressions.py" "$cli" --count 2000 --seed 3 --nocase
    PGDATABASE=differential_icu run "$here/queries.py" "$cli" --count 700 --seed 2
    PGDATABASE=differential_icu run "$here/queries.py" "$cli" --count 700 --seed 3 --nocase
    psql -qXd "${PGDATABASE:-postgres}" -c "DROP DATABASE differential_icu"
fi
run "$here/documentation.py" "$cli" "$root/docs/dialect.md"
run "$here/views.py" "$cli"
run "$here/triggers.py" "$cli"
exit $status
