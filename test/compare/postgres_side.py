"""What a PostgreSQL schema holds, read from pg_catalog alone: the other independent reading."""
from dataclasses import dataclass, field

ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


@dataclass
class Column:
    name: str
    kind: str
    not_null: bool
    identity: bool
    generated: bool
    default: str | None
    number: int


@dataclass
class Index:
    name: str
    unique: bool
    primary: bool
    partial: bool
    valid: bool
    keys: list          # (column name or None for an expression, descending)
    definition: str


@dataclass
class ForeignKey:
    columns: list
    parent: str
    parent_columns: list
    on_update: str
    on_delete: str
    validated: bool


@dataclass
class Relation:
    oid: int
    schema: str
    name: str
    kind: str
    columns: list = field(default_factory=list)
    indexes: list = field(default_factory=list)
    foreign_keys: list = field(default_factory=list)
    checks: list = field(default_factory=list)

    @property
    def sql_name(self):
        return quote(self.schema) + "." + quote(self.name)


def quote(name):
    return '"' + name.replace('"', '""') + '"'


class Schema:
    """The relations of one schema, by name."""

    def __init__(self, connection, name):
        self.cursor = connection.cursor()
        self.name = name
        self.relations = {}
        for oid, relation, kind in self._all(
                "SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = %s::regnamespace"
                " AND relkind IN ('r', 'p', 'v', 'm', 'f')", (quote(name),)):
            self.relations[relation] = self._relation(oid, relation, kind)

    def _all(self, query, arguments=None):
        self.cursor.execute(query, arguments)
        return self.cursor.fetchall()

    def _relation(self, oid, name, kind):
        relation = Relation(oid, self.name, name, kind)
        for row in self._all(
                "SELECT a.attname, format_type(a.atttypid, NULL), a.attnotnull, a.attidentity <> '', a.attgenerated <> '',"
                " CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END, a.attnum"
                " FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
                " WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum", (oid,)):
            relation.columns.append(Column(*row))
        self._indexes(relation)
        self._constraints(relation)
        return relation

    def _indexes(self, relation):
        for row in self._all(
                "SELECT c.relname, i.indisunique, i.indisprimary, i.indpred IS NOT NULL, i.indisvalid,"
                " (SELECT array_agg(a.attname::text ORDER BY k) FROM generate_series(0, i.indnkeyatts - 1) k"
                "  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k]"
                "   AND i.indkey[k] <> 0),"
                " (SELECT array_agg((i.indoption[k] & 1) = 1 ORDER BY k) FROM generate_series(0, i.indnkeyatts - 1) k),"
                " pg_get_indexdef(i.indexrelid)"
                " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s", (relation.oid,)):
            *flags, names, descending, definition = row
            relation.indexes.append(Index(*flags, list(zip(names, descending)), definition))

    def _constraints(self, relation):
        for kind, columns, parent, parent_columns, on_update, on_delete, validated, definition in self._all(
                "SELECT contype, (SELECT array_agg(attname::text ORDER BY o) FROM unnest(conkey) WITH ORDINALITY u(n, o)"
                "  JOIN pg_attribute ON attrelid = conrelid AND attnum = n),"
                " (SELECT relname FROM pg_class WHERE oid = confrelid),"
                " (SELECT array_agg(attname::text ORDER BY o) FROM unnest(confkey) WITH ORDINALITY u(n, o)"
                "  JOIN pg_attribute ON attrelid = confrelid AND attnum = n),"
                " confupdtype, confdeltype, convalidated, pg_get_constraintdef(oid)"
                " FROM pg_constraint WHERE conrelid = %s AND contype IN ('c', 'f')", (relation.oid,)):
            if kind == "c":
                relation.checks.append(definition)
            else:
                relation.foreign_keys.append(ForeignKey(
                    columns, parent, parent_columns, ACTIONS[on_update], ACTIONS[on_delete], validated))

    def rows(self, relation, expressions):
        return self._all(f"SELECT {', '.join(expressions)} FROM {relation.sql_name}" if expressions
                         else f"SELECT FROM {relation.sql_name}")

    def has_trigger(self, name):
        return bool(self._all(
            "SELECT true FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE c.relnamespace = %s::regnamespace AND t.tgname = %s", (quote(self.name), name.lower())))

    def next_key(self, relation, column):
        """The value that the column's sequence gives next, or None where it has none."""
        sequence = self._all("SELECT pg_get_serial_sequence(%s, %s)", (relation.sql_name, column))[0][0]
        if sequence is None:
            return None
        last, called, step = self._all(
            f"SELECT last_value, is_called, (SELECT seqincrement FROM pg_sequence WHERE seqrelid = %s::regclass)"
            f" FROM {sequence.replace('%', '%%')}", (sequence,))[0]
        return last + step if called else last

    def evaluate(self, expression, kind):
        """The value of a default, as text of type `kind`; raises where it cannot be computed."""
        self.cursor.execute("SAVEPOINT evaluate")
        try:
            return self._all(f"SELECT ({expression})::{kind}::text")[0][0]
        finally:
            self.cursor.execute("ROLLBACK TO evaluate")
