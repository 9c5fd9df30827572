#!/usr/bin/python3
"""compare.py [--keep] [--path|--plain|--odd] [FILE...]: migrates each SQLite file and compares both sides independently.

Without files: every database of $SQLITE_IMPORT_DATA (or ../shared/data beside the checkout), the
sample database, and $GENERATED (40) random ones from seed $SEED (1) on; says so where that folder is
absent.  The server is the one that PG* names; the extension has to be installed there, and the
server has to be able to read the files.

All of it is done three times: by the file's path, as a role without rights out of a large object, and
under odd settings (access.py); --path, --plain and --odd ask for one of these.

Both sides are read by means that the extension does not use: Python's sqlite3 and its PRAGMAs here,
pg_catalog and plain SELECTs there.  The extension's own verification has to have found each table
that was loaded equal.  Compared are tables, columns, every row, NOT NULL, primary keys,
unique constraints, indexes, foreign keys, checks, defaults, identity columns and the next key, views
and their rows.  What is missing in PostgreSQL has to stand in migrate's report, with a reason;
over all files together, as much of each kind has to arrive as WANTED says.
Prints one line a file, then `N passed, N failed`; the exit status is 1 where anything differs.
"""
import collections
import glob
import os
import sqlite3
import sys
import tempfile
import subprocess

import psycopg2

import access
import canonical
import generate
import mutations
import postgres_side
import sqlite_side
from sqlite_side import Text, quote

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))

# Files that the default options rightly refuse: the option that lets them in, and the SQLSTATE of
# the refusal, which is tested too.
REFUSED = {
    "plaso_zeitgeist_activity.sqlite": ("23503", "foreign_keys => 'not_valid'"),
}


class Report:
    """migrate's report, asked what it says of an object."""

    def __init__(self, rows):
        self.rows = rows

    def about(self, kind, *names):
        """The rows about an object of `kind` (any of several words) one of whose names is given."""
        wanted = {n.lower() for n in names if n}
        kinds = kind.split("|")
        return [r for r in self.rows if r["object_type"] in kinds and (r["object_name"] or "").lower() in wanted]

    def left_out(self, kind, *names):
        """Whether the report says of the object, with a reason, that it is not there as it was."""
        return any(any(word in r["action"] for word in ("not migrated", "skipped", "changed")) and r["note"]
                   for r in self.about(kind, *names))

    def target(self, kind, name):
        return next((r["target"] for r in self.about(kind, name) if r["target"]), None)

    def renamed(self, table, column):
        """The name that the report says a column got; or None."""
        return next((r["target"] for r in self.about("column", f"{table}.{column}") if r["action"] == "renamed"), None)

    def says(self, kind, table, *actions):
        """Whether a row about something of `table` has one of these actions, and a reason."""
        return any(r["object_type"] == kind and r["note"] and any(a in r["action"] for a in actions)
                   and ((r["object_name"] or "") + " ").lower().startswith((table.lower() + " ", table.lower() + "."))
                   for r in self.rows)


class Comparison:
    """One file against one schema; `differences` fills with sentences."""

    def __init__(self, source, connection, schema, report):
        self.source, self.report = source, report
        self.target = postgres_side.Schema(connection, schema)
        self.differences = []
        self.counts = collections.Counter()
        self.arrived = collections.Counter()
        self.left_out = []       # (kind, name, why): not there, as the report says
        self.pairs = {}          # SQLite table name → (table, relation, {column: PostgreSQL column})

    def differ(self, *words):
        self.differences.append(": ".join(str(w) for w in words))

    def leave_out(self, kind, *names):
        """Something is not there, and the report has its reason."""
        notes = [r["note"] for r in self.report.rows if r["note"] and r["action"] != "renamed"
                 and (r["object_name"] or "").lower() in [n.lower() for n in names]]
        self.left_out.append((kind, " ".join(names), (notes or ["?"])[0]))

    def run(self):
        for table in self.source.tables.values():
            self.pair(table)
        self.verified()
        for table, relation, columns in self.pairs.values():
            self.rows(table, relation, columns)
            self.columns(table, relation, columns)
            self.primary_key(table, relation, columns)
            self.indexes(table, relation, columns)
            self.foreign_keys(table, relation, columns)
            self.checks(table, relation)
            self.identity(table, relation, columns)
        self.unreadable()
        for name in self.source.views:
            self.view(name)
        return self.differences

    def verified(self):
        loaded = [r["target"] for r in self.report.rows if r["object_type"] == "table" and r["action"] == "loaded"]
        equal = [r["target"] for r in self.report.rows if r["action"] == "verified" and r["note"].startswith("equal")]
        for target in set(loaded) - set(equal):
            self.differ(target, "was loaded, but not verified as equal")

    # --- which is which -------------------------------------------------------------------------
    def relation(self, kind, name):
        """The relation that the report names as the target of an object, or the one of that name."""
        target = self.report.target(kind, name)
        for relation in self.target.relations.values():
            spellings = {relation.name, quote(relation.name), f"{relation.schema}.{relation.name}", relation.sql_name,
                         f"{relation.schema}.{quote(relation.name)}", f"{quote(relation.schema)}.{relation.name}"}
            if target in spellings:
                return relation
        return next((r for r in self.target.relations.values() if r.name == name.lower()), None)

    def pair(self, table):
        relation = self.relation("table", table.name)
        if not self.report.about("table", table.name):
            self.differ(table.name, "the report has no row for this table")
        if relation is None:
            if not self.report.left_out("table", table.name):
                self.differ(table.name, "the table is missing")
            return
        by_name = {c.name: c for c in relation.columns}
        columns = {}
        for column in table.columns:
            found = by_name.get(self.report.renamed(table.name, column.name) or column.name.lower())
            if found is None:
                self.differ(table.name, column.name, "the column is missing")
            else:
                columns[column.name] = found
        if len(relation.columns) != len(table.columns):
            self.differ(table.name, f"{len(table.columns)} columns became {len(relation.columns)}")
        self.pairs[table.name] = (table, relation, columns)
        self.counts["tables"] += 1

    def names(self, columns, names):
        return [columns[n].name if n in columns else None for n in names]

    # --- the rows -------------------------------------------------------------------------------
    def rows(self, table, relation, columns):
        present = [c for c in table.columns if c.name in columns]
        ours = [tuple(row[i] for i, c in enumerate(table.columns) if c.name in columns)
                for row in self.source.rows(table)]
        self.counts["rows"] += len(ours)
        self.same_rows(table.name, ours, relation, [columns[c.name] for c in present])

    def same_rows(self, name, ours, relation, columns):
        readers = [canonical.from_postgres(c.kind, quote(c.name)) for c in columns]
        theirs = self.target.rows(relation, [sql for sql, _ in readers])
        if len(ours) != len(theirs):
            self.differ(name, f"{len(ours)} rows became {len(theirs)}")
            return
        left, right, meant_all = [], [], True
        for position, column in enumerate(columns):
            values = [row[position] for row in ours]
            stored = [None if row[position] is None else readers[position][1](row[position]) for row in theirs]
            meant, stored = self.explain(column, values, stored)
            if meant is None:
                meant_all = False
                self.differ(name, column.name, f"values differ in a column of type {column.kind}", stored)
            else:
                left.append(meant)
                right.append(stored)
        # columns that agree one by one may still be put together into other rows
        if meant_all and collections.Counter(zip(*left)) != collections.Counter(zip(*right)):
            self.differ(name, "the values agree by column, but not by row")

    def explain(self, column, values, stored):
        """The decoded values under the first decoder that explains the column, or None and a sample."""
        failure = "no reading fits"
        for reading, decode in canonical.decoders(column.kind, values).items():
            finished = stored
            if reading == "text, with reals":
                finished = [None if v is None else decode(v) for v in stored]
            try:
                meant = [None if v is None else decode(v) for v in values]
            except (ValueError, ArithmeticError, UnicodeDecodeError) as error:
                failure = f"as {reading}: {error}"
                continue
            surplus = collections.Counter(meant) - collections.Counter(finished)
            if not surplus:
                return meant, finished
            failure = f"as {reading}: {sum(surplus.values())} values are not there"
        return None, failure

    # --- the structure --------------------------------------------------------------------------
    def columns(self, table, relation, columns):
        key = set(table.primary_key)
        for column in table.columns:
            found = columns.get(column.name)
            if found is None:
                continue
            if column.not_null and found.not_null:
                self.arrived["not null"] += 1
            elif column.not_null and self.report.left_out("not null", f"{table.name}.{column.name}"):
                self.leave_out("not null", f"{table.name}.{column.name}")
            elif column.not_null:
                self.differ(table.name, column.name, "NOT NULL was lost")
            if found.not_null and not column.not_null and column.name not in key:
                self.differ(table.name, column.name, "NOT NULL was invented")
            if column.generated and not found.generated and not self.report.about("column|generated", f"{table.name}.{column.name}"):
                self.differ(table.name, column.name, "became a plain column, and the report does not say so")
            if not column.generated:
                self.default(table, column, found)

    def default(self, table, column, found):
        wanted = column.default
        if wanted is None or wanted.strip().upper() == "NULL":
            return
        if found.identity:
            return
        if found.default is None:
            if not self.report.left_out("default", f"{table.name}.{column.name}"):
                self.differ(table.name, column.name, f"the default {wanted} is missing, and so is a word about it")
            elif self.impossible(wanted, found):
                self.left_out.append(("default that is no value of its type", f"{table.name}.{column.name}", ""))
            else:
                self.leave_out("default", f"{table.name}.{column.name}")
            return
        self.counts["defaults"] += 1
        self.arrived["default"] += 1
        if any(word in wanted.lower() for word in ("current_", "now", "strftime", "random", "julianday")):
            self.target.evaluate(found.default, found.kind)
            return
        # a bare word is what SQLite takes for a string
        value = self.source.raw(f"SELECT {wanted}")[0][0] if not wanted.isidentifier() or \
            wanted.upper() in ("TRUE", "FALSE") else Text(wanted.encode())
        sql, finish = canonical.from_postgres(found.kind, f"({found.default})::{found.kind}")
        stored = self.target._all(f"SELECT {sql}")[0][0]
        stored = None if stored is None else finish(stored)
        if value is None or stored is None:
            if value is not stored:
                self.differ(table.name, column.name, f"the default {wanted} became {found.default}")
        elif self.explain(found, [value], [stored])[0] is None:
            self.differ(table.name, column.name, f"the default {wanted} became {found.default}")

    def impossible(self, wanted, column):
        """Whether PostgreSQL's own input function says that the constant is no value of the column's type."""
        try:
            constant = self.source.raw(f"SELECT {wanted}")[0][0]
        except sqlite3.Error:
            return False
        if isinstance(constant, bytes) and not isinstance(constant, Text):
            return False
        text = constant.decode() if isinstance(constant, Text) else str(constant)
        try:
            self.target.evaluate("'" + text.replace("'", "''") + "'", column.kind)
        except psycopg2.Error:
            return True
        return False

    def primary_key(self, table, relation, columns):
        wanted = self.names(columns, table.primary_key)
        primary = next((i for i in relation.indexes if i.primary), None)
        found = [name for name, _ in primary.keys] if primary else []
        if wanted and not found and self.report.says("primary key", table.name, "changed", "not migrated"):
            # SQLite lets NULL into keys that are no INTEGER PRIMARY KEY
            condition = " OR ".join(f"{quote(c)} IS NULL" for c in table.primary_key)
            holds_null = self.source.raw(f"SELECT 1 FROM {quote(table.name)} WHERE {condition} LIMIT 1")
            self.leave_out("primary key" + (" that holds NULL" if holds_null else ""), table.name)
            return
        if wanted:
            self.arrived["primary key"] += wanted == found
        if wanted != found:
            self.differ(table.name, f"the primary key {wanted} became {found}")

    def indexes(self, table, relation, columns):
        free = list(relation.indexes)
        for index in sorted(table.indexes, key=lambda i: i.origin == "c"):
            if index.origin == "pk":
                continue
            self.counts["indexes"] += 1
            wanted = [(columns[c].name if c in columns else c if c is None else columns.get(table.rowid_alias, None)
                       and columns[table.rowid_alias].name, d) for c, d, _ in index.keys]
            nocase = {i for i, (_, _, collation) in enumerate(index.keys) if collation != "BINARY"}
            kind = "unique" if index.unique else "index"
            found = next((i for i in free if self.same_index(index, wanted, set(), i)), None) or \
                next((i for i in free if self.same_index(index, wanted, nocase, i)), None)
            if found:
                self.arrived[kind] += 1
                # a UNIQUE constraint and the same CREATE UNIQUE INDEX may share one index
                if index.origin == "c":
                    free.remove(found)
            elif not self.report.left_out("index|unique", index.name) and \
                    not self.report.says("unique", table.name, "not migrated", "skipped"):
                self.differ(table.name, index.name, f"the index on {wanted} is missing",
                            " | ".join(i.definition for i in relation.indexes))
            else:
                self.leave_out(kind, index.name)

    @staticmethod
    def same_index(index, wanted, nocase, found):
        """Whether `found` is the index: same keys, order, uniqueness; an expression only matches one."""
        if (index.unique, index.partial) != (found.unique, found.partial) and not \
                (index.unique and found.unique and found.primary):
            return False
        if len(wanted) != len(found.keys) or not found.valid:
            return False
        for position, ((column, descending), (name, found_descending)) in enumerate(zip(wanted, found.keys)):
            # a collation of SQLite's own may have become an expression such as lower(x)
            if descending != found_descending or (column != name and not (name is None and position in nocase)):
                return False
        return True

    def foreign_keys(self, table, relation, columns):
        free = list(relation.foreign_keys)
        for key in table.foreign_keys:
            self.counts["foreign keys"] += 1
            parent = self.source.table(key.parent)
            if parent is None or parent.name not in self.pairs:
                if not self.report.says("foreign key", table.name, "not migrated", "skipped"):
                    self.differ(table.name, f"a foreign key to {key.parent}, which is missing, went in silence")
                self.left_out.append(("foreign key to a table that is not there", table.name, ""))
                continue
            _, parent_relation, parent_columns = self.pairs[parent.name]
            folded = {n.lower(): c.name for n, c in parent_columns.items()}
            ours = {n.lower(): c.name for n, c in columns.items()}
            wanted = (sorted(zip([ours.get(c.lower()) for c in key.columns],
                                 [folded.get((c or "").lower()) for c in key.parent_columns])),
                      parent_relation.name, key.on_update, key.on_delete)
            found = next((f for f in free if (sorted(zip(f.columns, f.parent_columns)), f.parent,
                                              f.on_update, f.on_delete) == wanted), None)
            if found:
                self.arrived["foreign key"] += 1
                free.remove(found)
            elif not self.report.says("foreign key", table.name, "not migrated", "skipped"):
                self.differ(table.name, f"the foreign key {wanted} is missing",
                            [(f.columns, f.parent, f.on_update, f.on_delete) for f in relation.foreign_keys])
            else:
                self.leave_out("foreign key", table.name)
        if len(relation.foreign_keys) > len(table.foreign_keys):
            self.differ(table.name, "a foreign key was invented")

    def checks(self, table, relation):
        lost = table.checks - len(relation.checks)
        self.counts["checks"] += table.checks
        self.arrived["check"] += min(table.checks, len(relation.checks))
        self.left_out += [("check", table.name, "?")] * max(lost, 0)
        said = [r for r in self.report.rows if r["object_type"] == "check" and r["note"]
                and table.name.lower() in (r["object_name"] or "").lower() and "not migrated" in r["action"]]
        if lost > len(said):
            self.differ(table.name, f"{lost} of {table.checks} CHECK constraints are missing, {len(said)} reported")

    def identity(self, table, relation, columns):
        found = columns.get(table.rowid_alias)
        if found is None:
            return
        following = self.target.next_key(relation, found.name)
        if following is None:
            self.differ(table.name, found.name, "INTEGER PRIMARY KEY became no identity column")
        elif following <= self.source.highest_key(table) and following <= 2 ** 63 - 1 > self.source.highest_key(table):
            self.differ(table.name, found.name, f"the next key is {following}, but"
                        f" {self.source.highest_key(table)} was used")

    # --- what is no table -----------------------------------------------------------------------
    def unreadable(self):
        for name in self.source.virtual:
            if not self.report.about("table|virtual table", name):
                self.differ(name, "the report has no row for this virtual table")
        for name in self.source.triggers:
            if self.target.has_trigger(name):
                self.arrived["trigger"] += 1
            elif self.report.left_out("trigger", name):
                self.leave_out("trigger of the application" if self.source.foreign_functions(name) else "trigger", name)
            else:
                self.differ(name, "the trigger is missing")

    def view(self, name):
        self.counts["views"] += 1
        relation = self.relation("view", name)
        if relation is None or relation.kind != "v":
            if not self.report.left_out("view", name):
                self.differ(name, "the view is missing, and the report does not say so")
            elif self.source.readable(name):
                self.leave_out("view", name)
            else:
                self.counts["broken views"] += 1
            return
        try:
            ours = self.source.raw(f"SELECT * FROM {quote(name)}")
        except sqlite3.Error:                           # a view may be broken in SQLite itself
            self.counts["broken views"] += 1
            return
        if ours and len(ours[0]) != len(relation.columns):
            self.differ(name, "the view has another number of columns")
            return
        before = len(self.differences)
        self.same_view(name, ours, relation)
        self.arrived["view"] += before == len(self.differences)

    def same_view(self, name, ours, relation):
        """Rows of a view: doubles and decimals are sums and means, equal to twelve digits."""
        def blur(value):
            if isinstance(value, (float, canonical.Decimal)):
                return float(f"{float(value):.12g}")
            return value
        columns = [c.name for c in relation.columns]
        kinds = {c.kind.split("(")[0] for c in relation.columns}
        if not kinds & {"double precision", "real", "numeric"}:
            self.same_rows(name, ours, relation, relation.columns)
            return
        theirs = self.target.rows(relation, [quote(c) for c in columns])
        if len(ours) != len(theirs):
            self.differ(name, f"{len(ours)} rows of the view became {len(theirs)}")
            return
        for position, column in enumerate(relation.columns):
            if column.kind.split("(")[0] not in ("double precision", "real", "numeric"):
                continue
            left = collections.Counter(blur(canonical.Decimal(repr(r[position]) if isinstance(r[position], float)
                                                              else canonical.text(r[position])))
                                       for r in ours if r[position] is not None)
            right = collections.Counter(blur(r[position]) for r in theirs if r[position] is not None)
            if left != right:
                self.differ(name, column.name, "the numbers of the view differ")


def migrate(way, connection, path, schema, options):
    way.make_schema(connection, schema)
    source = way.source(connection, path)
    with connection.cursor() as cursor:
        for setting, value in way.settings.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (setting, value))
        cursor.execute(f"SELECT * FROM sqlite_import.migrate(%s, target_schema => %s{options})", (source, schema))
        names = [d[0] for d in cursor.description]
        report = Report([dict(zip(names, row)) for row in cursor.fetchall()])
        for setting in way.settings:
            cursor.execute(f"RESET {setting}")
        return report


def compare_file(way, path, number, keep):
    """(differences, counts) of one file; the schema is dropped again unless `keep`."""
    schema = f"compare_{number}"
    connection = way.connect()
    name = os.path.basename(path)
    options = ""
    try:
        differences = way.wrong(connection, path)
        source = sqlite_side.Database(path)
        if name in REFUSED:
            state, option = REFUSED[name]
            options = ", " + option
            try:
                migrate(way, connection, path, schema, "")
                differences.append(f"{name} was let in, but had to be refused with SQLSTATE {state}")
            except psycopg2.Error as error:
                if error.pgcode != state:
                    differences.append(f"refused with {error.pgcode}, not {state}: {error}")
            connection.rollback()
        try:
            report = migrate(way, connection, path, schema, options)
        except psycopg2.Error as error:
            return [*differences, f"migrate failed: {error.pgcode} {str(error).strip()}"], None
        comparison = Comparison(source, connection, schema, report)
        differences += comparison.run()
        if keep:
            connection.commit()
        return differences, comparison
    finally:
        connection.close()


def self_check(path):
    """The mutations of the sample that the comparison does not notice."""
    way = access.ByPath()
    connection = way.connect()
    source = sqlite_side.Database(path)
    unnoticed = []
    try:
        report = migrate(way, connection, path, "mutated", "")
        if Comparison(source, connection, "mutated", report).run():
            return ["(not tried: the sample itself differs)"]
        with connection.cursor() as cursor:
            for name, sql in mutations.MUTATIONS:
                cursor.execute("SAVEPOINT whole")
                cursor.execute(sql.format(s="mutated"))
                if not Comparison(source, connection, "mutated", report).run():
                    unnoticed.append(f"not noticed: {name}")
                cursor.execute("ROLLBACK TO whole")
        return unnoticed
    except psycopg2.Error as error:
        return [f"a mutation could not be made: {error}"]
    finally:
        connection.rollback()
        connection.close()


# How much of each kind has to arrive, of all that stands in the files of the data folder.
WANTED = {"not null": 1, "check": 1, "unique": 1, "index": 1, "default": 1, "foreign key": 1, "primary key": 1,
          "view": 0.95, "trigger": 0.8}


def too_little(arrived, left_out):
    """Prints how much of each kind arrived and each thing that did not; the kinds that are below what is WANTED."""
    short = []
    for kind, least in WANTED.items():
        missing = [(file, name, why) for file, k, name, why in left_out if k == kind]
        whole = arrived[kind] + len(missing)
        enough = arrived[kind] >= least * whole and whole > 0
        print(f"{'ok  ' if enough else 'FAIL'} {arrived[kind]} of {whole} arrived: {kind}")
        for file, name, why in missing:
            print(f"       {file}: {name}: {why[:150]}")
        if not enough:
            short.append(kind)
    for kind in sorted({k for _, k, _, _ in left_out} - set(WANTED)):
        print(f"     {sum(k == kind for _, k, _, _ in left_out)} cannot arrive: {kind}")
    return short


def files():
    data = os.environ.get("SQLITE_IMPORT_DATA") or os.path.join(TOP, "..", "shared", "data")
    if not os.path.isdir(data):
        print(f"no databases in {data}: only the sample is compared")
        return []
    return sorted(f for f in glob.glob(os.path.join(os.path.realpath(data), "*"))
                  if not f.endswith((".tsv", ".md", "-wal", "-shm")) and os.path.isfile(f))


def generated(folder):
    """Random databases, named by the seed that makes each again."""
    first = int(os.environ.get("SEED", "1"))
    paths = [os.path.join(folder, f"seed-{seed}.db") for seed in range(first, first + int(os.environ.get("GENERATED", "40")))]
    for seed, path in enumerate(paths, first):
        generate.make(seed, path)
        os.chmod(path, 0o644)
    return paths


class Tally:
    """What the files of one way brought."""

    def __init__(self):
        self.passed = self.failed = self.real = 0
        self.random_ones, self.arrived = collections.Counter(), collections.Counter()
        self.left_out = []

    def add(self, way, path, differences, comparison):
        """Counts a file and prints its line; random ones without a difference have one line for all."""
        counts = comparison.counts if comparison else {}
        name = os.path.basename(path)
        self.passed, self.failed = self.passed + (not differences), self.failed + bool(differences)
        if name.startswith("seed-") and not differences:
            self.random_ones.update({"databases": 1, **counts})
            return
        summary = ", ".join(f"{n} {what}" for what, n in counts.items() if n)
        print(f"{'FAIL' if differences else 'ok  '} {way.name}{name:40} {summary}", flush=True)
        for difference in differences[:20]:
            print(f"       {difference}")
        if len(differences) > 20:
            print(f"       ... and {len(differences) - 20} more")
        if comparison and not name.startswith("seed-"):
            self.real += 1
            self.arrived.update(comparison.arrived)
            self.left_out += [(name, *entry) for entry in comparison.left_out]


def compare_all(way, paths, keep):
    tally = Tally()
    for number, path in enumerate(paths):
        tally.add(way, path, *compare_file(way, path, number, keep))
    if tally.random_ones:
        print(f"ok   {way.name}random: " + ", ".join(f"{n} {what}" for what, n in tally.random_ones.items()))
    if tally.real > 1:
        short = too_little(tally.arrived, tally.left_out)
        tally.passed, tally.failed = tally.passed + len(WANTED) - len(short), tally.failed + len(short)
    return tally.passed, tally.failed


def main():
    arguments = sys.argv[1:]
    chosen = [os.path.realpath(a) for a in arguments if not a.startswith("--")]
    everything = not chosen
    work = tempfile.TemporaryDirectory(prefix="compare-")
    os.chmod(work.name, 0o755)
    if everything:
        sample = os.path.join(work.name, "sample.db")
        subprocess.run([sys.executable, os.path.join(TOP, "test", "data", "make_sample.py"), sample], check=True)
        os.chmod(sample, 0o644)
        chosen = [sample, *files(), *generated(work.name)]
    passed = failed = 0
    for way in access.ways(arguments):
        way.prepare()
        if everything and way.name == "":
            unnoticed = self_check(chosen[0])
            passed, failed = passed + (not unnoticed), failed + bool(unnoticed)
            print(f"{'FAIL' if unnoticed else 'ok  '} the comparison notices {len(mutations.MUTATIONS)} kinds of damage")
            for line in unnoticed:
                print("       " + line)
        more = compare_all(way, chosen, "--keep" in arguments)
        passed, failed = passed + more[0], failed + more[1]
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
