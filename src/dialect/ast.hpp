/*
 * ast.hpp
 *    The syntax tree of SQLite's SQL, as it is stored in sqlite_schema.
 *
 * Plain values owned by unique_ptr, no behaviour: parse.hpp makes a tree,
 * translate.hpp reads one.  Names are decoded (quotes removed), in the spelling
 * of the source; comparing them is the reader's business (SQLite folds ASCII
 * case).  Every node carries the byte offset of its first token in the source
 * text, so that a refusal can point at it.
 */
#pragma once
#include "server_free.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sqlite_import::dialect {

struct Expr;
struct Select;
using ExprPtr = std::unique_ptr<Expr>;
using SelectPtr = std::unique_ptr<Select>;

/* ---- expressions (www.sqlite.org/lang_expr.html) ---- */

enum class ExprKind {
    Null,        /* NULL */
    Integer,     /* text: decimal digits or 0x...; may exceed 64 bits */
    Float,       /* text: as written */
    String,      /* text: decoded */
    Blob,        /* text: the bytes */
    Boolean,     /* TRUE, FALSE: text is "1" or "0" */
    CurrentTime, /* text: CURRENT_TIME, CURRENT_DATE or CURRENT_TIMESTAMP */
    Variable,    /* ?1, :a, @a, $a: text */
    Column,      /* schema.table.text; see Expr::double_quoted */
    Unary,       /* op, operands[0] */
    Binary,      /* op, operands[0], operands[1] */
    IsNull,      /* operands[0] IS [NOT] NULL: negated */
    Between,     /* operands[0] [NOT] BETWEEN operands[1] AND operands[2] */
    Like,        /* op Like, Glob, Regexp or Match; operands[0], [1], and [2] the ESCAPE */
    InList,      /* operands[0] [NOT] IN (operands[1..]) */
    InSelect,    /* operands[0] [NOT] IN (select) */
    InTable,     /* operands[0] [NOT] IN schema.table */
    Exists,      /* [NOT] EXISTS (select); NOT is a Unary around it */
    Subquery,    /* (select) as a value */
    RowValue,    /* (operands...) with two or more */
    Case,        /* has_base: operands[0] is the base; then WHEN, THEN pairs; has_else: last */
    Cast,        /* CAST(operands[0] AS text) */
    Collate,     /* operands[0] COLLATE text */
    Function,    /* text(operands...): distinct, star, filter, window, order_by */
    Raise,       /* RAISE(raise_action, message): operands[0] the message when there is one */
};

enum class Operator {
    None,
    Or,
    And,
    Not,
    Equal,    /* = and == */
    NotEqual, /* <> and != */
    Is,       /* IS, IS NOT DISTINCT FROM */
    IsNot,    /* IS NOT, IS DISTINCT FROM */
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    BitAnd,
    BitOr,
    ShiftLeft,
    ShiftRight,
    Plus,
    Minus,
    Multiply,
    Divide,
    Modulo,
    Concat,
    JsonArrow,     /* -> */
    JsonArrowText, /* ->> */
    Negate,        /* unary - */
    Positive,      /* unary + */
    BitNot,        /* ~ */
    Like,
    Glob,
    Regexp,
    Match,
};

enum class RaiseAction { Ignore, Rollback, Abort, Fail };

enum class SortOrder { Unspecified, Ascending, Descending };
enum class NullsOrder { Unspecified, First, Last };

/* An ORDER BY term, and a column of an index. */
struct OrderTerm {
    ExprPtr expr;
    SortOrder order = SortOrder::Unspecified;
    NullsOrder nulls = NullsOrder::Unspecified;
};

enum class FrameUnit { Rows, Range, Groups };
enum class FrameBound { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing };
enum class FrameExclude { None, NoOthers, CurrentRow, Group, Ties };

/* OVER (...) and WINDOW name AS (...): www.sqlite.org/windowfunctions.html */
struct WindowSpec {
    std::string base_name;  /* OVER name, or OVER (name ...); empty if none */
    bool name_only = false; /* OVER name, without parentheses */
    std::vector<ExprPtr> partition_by;
    std::vector<OrderTerm> order_by;
    bool has_frame = false;
    bool has_between = false;
    FrameUnit unit = FrameUnit::Range;
    FrameBound start = FrameBound::UnboundedPreceding;
    FrameBound end = FrameBound::CurrentRow;
    ExprPtr start_expr, end_expr; /* for Preceding and Following */
    FrameExclude exclude = FrameExclude::None;
};

/*
 * One expression node.  Which members mean something is said at ExprKind;
 * the others keep their defaults.
 */
struct Expr {
    ExprKind kind = ExprKind::Null;
    Operator op = Operator::None;
    uint32_t offset = 0; /* of the first token, in bytes */
    uint32_t end = 0;    /* behind the last token */
    uint32_t height = 1; /* of the tree under this node; bounded by the parser */
    std::string text;
    std::string schema, table; /* Column, InTable */
    std::vector<ExprPtr> operands;
    SelectPtr select;
    bool negated = false;
    bool has_base = false, has_else = false; /* Case */
    /*
     * The name was written in double quotes.  SQLite takes such a name for a
     * string when no column is called so (www.sqlite.org/quirks.html, 8).
     */
    bool double_quoted = false;
    bool distinct = false, star = false; /* Function: f(DISTINCT x), f(*) */
    std::vector<OrderTerm> order_by;     /* Function: f(x ORDER BY y) */
    ExprPtr filter;                      /* Function: FILTER (WHERE ...) */
    std::unique_ptr<WindowSpec> window;  /* Function: OVER */
    RaiseAction raise_action = RaiseAction::Ignore;
};

/* ---- SELECT (www.sqlite.org/lang_select.html) ---- */

struct ResultColumn {
    ExprPtr expr;           /* null for a star */
    bool star = false;      /* * or star_table.* */
    std::string star_table; /* empty for a bare star */
    std::string alias;
    bool has_alias = false;
    std::string source; /* the expression as it was written: SQLite's column name without alias */
    uint32_t offset = 0;
};

enum class JoinType { Comma, Inner, Cross, Left, Right, Full };

struct FromItem;

/* A table, a subquery, a table-valued function or a join in parentheses. */
struct TableRef {
    enum class Kind { Table, Subquery, Function, Group } kind = Kind::Table;
    std::string schema, name, alias;
    SelectPtr select;               /* Subquery */
    std::vector<ExprPtr> arguments; /* Function */
    std::vector<FromItem> group;    /* Group */
    std::string indexed_by;         /* a hint; has no meaning for the result */
    uint32_t offset = 0;
};

/* One term of FROM, with how it is joined to those on its left. */
struct FromItem {
    TableRef table;
    JoinType join = JoinType::Comma; /* of the first item: meaningless */
    bool natural = false;
    ExprPtr on;
    std::vector<std::string> using_columns;
};

struct NamedWindow {
    std::string name;
    WindowSpec spec;
};

enum class CompoundOperator { Union, UnionAll, Intersect, Except };

/* One SELECT ... or VALUES ... of a compound. */
struct SelectCore {
    bool distinct = false;
    std::vector<ResultColumn> columns;
    std::vector<FromItem> from;
    ExprPtr where;
    std::vector<ExprPtr> group_by;
    ExprPtr having;
    std::vector<NamedWindow> windows;
    std::vector<std::vector<ExprPtr>> values; /* VALUES rows; then all the above is empty */
    uint32_t offset = 0;
};

enum class Materialized { Unspecified, Yes, No };

struct CommonTable {
    std::string name;
    std::vector<std::string> columns;
    Materialized materialized = Materialized::Unspecified;
    SelectPtr select;
    uint32_t offset = 0;
};

struct WithClause {
    bool recursive = false;
    std::vector<CommonTable> tables;
};

struct Select {
    WithClause with;
    std::vector<SelectCore> cores;           /* at least one */
    std::vector<CompoundOperator> operators; /* one fewer than cores */
    std::vector<OrderTerm> order_by;
    ExprPtr limit, limit_offset;
    uint32_t offset = 0, end = 0;
    uint32_t height = 1;
};

/* ---- data changes in trigger bodies ---- */

enum class ConflictAction { None, Rollback, Abort, Fail, Ignore, Replace };

struct Assignment {
    std::vector<std::string> columns; /* several for (a, b) = ... */
    ExprPtr value;
};

/* ON CONFLICT (target) WHERE ... DO NOTHING | DO UPDATE SET ... WHERE ... */
struct Upsert {
    std::vector<OrderTerm> target;
    ExprPtr target_where;
    bool do_nothing = false;
    std::vector<Assignment> assignments;
    ExprPtr where;
};

struct Insert {
    ConflictAction conflict = ConflictAction::None;
    bool default_values = false;
    std::vector<std::string> columns;
    SelectPtr select; /* SELECT or VALUES */
    std::vector<Upsert> upserts;
};

struct Update {
    ConflictAction conflict = ConflictAction::None;
    std::vector<Assignment> assignments;
    std::vector<FromItem> from;
    ExprPtr where;
};

struct Delete {
    ExprPtr where;
};

/* One statement of a trigger body; exactly one of the pointers is set. */
struct TriggerStatement {
    WithClause with;
    std::string schema, table, alias; /* the table that is changed; none for a SELECT */
    std::unique_ptr<Insert> insert;
    std::unique_ptr<Update> update;
    std::unique_ptr<Delete> remove;
    SelectPtr select;
    uint32_t offset = 0, end = 0;
};

/* ---- CREATE TABLE (www.sqlite.org/lang_createtable.html) ---- */

enum class ForeignKeyAction { NoAction, Restrict, SetNull, SetDefault, Cascade };

struct ForeignKey {
    std::string name; /* CONSTRAINT name; empty if none */
    std::vector<std::string> columns;
    std::string parent_table;
    std::vector<std::string> parent_columns; /* empty: the parent's primary key */
    ForeignKeyAction on_delete = ForeignKeyAction::NoAction;
    ForeignKeyAction on_update = ForeignKeyAction::NoAction;
    std::string match; /* parsed by SQLite and ignored by it */
    bool deferrable = false, initially_deferred = false;
    uint32_t offset = 0;
};

struct CheckConstraint {
    std::string name;
    ExprPtr expr;
    std::string source; /* the expression as it was written, without its parentheses */
    std::string column; /* the column that it stands at; empty for a table constraint */
    uint32_t offset = 0;
};

/* PRIMARY KEY and UNIQUE, of a column (then columns has one entry) or of the table. */
struct KeyConstraint {
    std::string name;
    bool primary = false;
    bool autoincrement = false;
    bool at_column = false;
    std::vector<OrderTerm> columns; /* column references, perhaps with Collate around them */
    ConflictAction conflict = ConflictAction::None;
    uint32_t offset = 0;
};

enum class GeneratedKind { None, Virtual, Stored };

struct ColumnDef {
    std::string name;
    std::string type; /* the declared type's words, one space between, as SQLite shows it */
    bool not_null = false;
    std::string not_null_name;
    ConflictAction not_null_conflict = ConflictAction::None;
    ExprPtr default_value;      /* null if there is no DEFAULT */
    std::string default_source; /* as it was written */
    std::string collation;      /* empty if none */
    ExprPtr generated;
    std::string generated_source;
    GeneratedKind generated_kind = GeneratedKind::None;
    std::string comment; /* SQL comments beside the column, cleaned */
    uint32_t offset = 0, end = 0;
};

struct CreateTable {
    bool temporary = false;
    std::string schema, name;
    std::vector<ColumnDef> columns;
    std::vector<KeyConstraint> keys; /* in the order of the text */
    std::vector<CheckConstraint> checks;
    std::vector<ForeignKey> foreign_keys;
    bool without_rowid = false, strict = false;
    std::string comment; /* SQL comments between the name and the first column */
};

struct CreateVirtualTable {
    std::string schema, name, module;
    std::vector<std::string> arguments; /* as written, trimmed */
};

struct CreateIndex {
    bool unique = false;
    std::string schema, name, table;
    std::vector<OrderTerm> columns;
    ExprPtr where;
    std::string where_source;
};

struct CreateView {
    bool temporary = false;
    std::string schema, name;
    std::vector<std::string> columns;
    SelectPtr select;
};

enum class TriggerTime { Before, After, InsteadOf };
enum class TriggerEvent { Insert, Update, Delete };

struct CreateTrigger {
    bool temporary = false;
    std::string schema, name, table;
    TriggerTime time = TriggerTime::Before; /* BEFORE when nothing is said */
    TriggerEvent event = TriggerEvent::Insert;
    std::vector<std::string> update_of;
    bool for_each_row = false; /* said; SQLite has no other kind */
    ExprPtr when;
    std::vector<TriggerStatement> body;
};

}  // namespace sqlite_import::dialect
