"""Tables with every type of SQLAlchemy's that both databases have, and the shapes that they take."""
import enum

import sqlalchemy as sa
from sqlalchemy.orm import declarative_base, relationship

# names of constraints that Alembic can find again
Base = declarative_base(metadata=sa.MetaData(naming_convention={
    "ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s", "pk": "pk_%(table_name)s"}))


class Level(enum.Enum):
    LOW = 1
    HIGH = 2
    # stored by name
    very_high = "Very high"


class Kinds(Base):
    __tablename__ = "kinds"
    id = sa.Column(sa.Integer, primary_key=True)
    whole = sa.Column(sa.Integer)
    small = sa.Column(sa.SmallInteger)
    big = sa.Column(sa.BigInteger)
    flag = sa.Column(sa.Boolean)
    day = sa.Column(sa.Date)
    moment = sa.Column(sa.DateTime)
    instant = sa.Column(sa.DateTime(timezone=True))
    stamp = sa.Column(sa.TIMESTAMP)
    clock = sa.Column(sa.Time)
    length = sa.Column(sa.Interval)
    level = sa.Column(sa.Enum(Level))
    word = sa.Column(sa.Enum("red", "green", "it's", name="colour"))
    plain_word = sa.Column(sa.Enum("x", "y", name="letter", native_enum=False, create_constraint=True))
    floating = sa.Column(sa.Float)
    single = sa.Column(sa.REAL)
    money = sa.Column(sa.Numeric(12, 2))
    exact = sa.Column(sa.DECIMAL(15, 5))
    any_number = sa.Column(sa.Numeric)
    as_float = sa.Column(sa.Numeric(10, 4, asdecimal=False))
    binary = sa.Column(sa.LargeBinary)
    pickled = sa.Column(sa.PickleType)
    short = sa.Column(sa.String(20))
    any_string = sa.Column(sa.String)
    text = sa.Column(sa.Text)
    unicode = sa.Column(sa.Unicode(20))
    unicode_text = sa.Column(sa.UnicodeText)
    fixed = sa.Column(sa.CHAR(4))
    variable = sa.Column(sa.VARCHAR(10))
    document = sa.Column(sa.JSON)
    document_or_null = sa.Column(sa.JSON(none_as_null=True))
    # SQLAlchemy 2
    if hasattr(sa, "Uuid"):
        key = sa.Column(sa.Uuid)
        key_text = sa.Column(sa.Uuid(as_uuid=False, native_uuid=False))
    if hasattr(sa, "Double"):
        double = sa.Column(sa.Double)


class Account(Base):
    __tablename__ = "account"
    id = sa.Column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    name = sa.Column(sa.String(30), nullable=False, unique=True)
    made = sa.Column(sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
    active = sa.Column(sa.Boolean, nullable=False, server_default=sa.text("'1'"))
    balance = sa.Column(sa.Numeric(10, 2), nullable=False, default=0)
    boss_id = sa.Column(sa.ForeignKey("account.id"))
    boss = relationship("Account", remote_side=[id])
    __table_args__ = (sa.CheckConstraint("balance >= 0", name="not_negative"), sa.Index("ix_account_boss_name", "boss_id", "name"))


class Entry(Base):
    """A key of two columns, and names in mixed case."""
    __tablename__ = "Entry"
    account_id = sa.Column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    lineNumber = sa.Column("lineNumber", sa.Integer, primary_key=True)
    made_on = sa.Column(sa.Date, nullable=False)
    note = sa.Column(sa.Text, nullable=False, server_default="")


class Label(Base):
    __tablename__ = "label"
    code = sa.Column(sa.String(8), primary_key=True)


entry_label = sa.Table("entry_label", Base.metadata,
                       sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
                       sa.Column("line_number", sa.Integer, primary_key=True),
                       sa.Column("label", sa.ForeignKey("label.code"), primary_key=True),
                       sa.ForeignKeyConstraint(["account_id", "line_number"], ["Entry.account_id", "Entry.lineNumber"]))
