/*
 * declared_type.hpp
 *    From the type that a SQLite column declares to a PostgreSQL type.
 *
 * A declared type in SQLite is free text that only decides the column's
 * affinity (www.sqlite.org/datatype3.html, 3.1).  Any text is answered: a name
 * that people use elsewhere is found in a table of well-known names, everything
 * else follows its affinity.  The declared text is never pasted anywhere: the
 * answer is made of our own strings and of integers that were parsed.
 */
#pragma once
#include "server_free.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "values/choices.hpp"

namespace sqlite_import::dialect {

/* SQLite's five affinities. */
enum class Affinity { Integer, Text, Blob, Real, Numeric };

/*
 * The PostgreSQL types that columns are given.  Untyped is a column with no
 * declared type (or ANY): text, unless the values decide otherwise.
 */
enum class TypeKind {
    Untyped,
    Bool,
    Int2,
    Int4,
    Int8,
    Numeric,
    Float4,
    Float8,
    Text,
    Varchar,
    Bytea,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Interval,
    Uuid,
    Json,
    Jsonb,
    Xml,
    Inet,
    Cidr,
    Macaddr,
    Macaddr8,
};

struct TypeOptions {
    values::IntegerType integers = values::IntegerType::Bigint;
};

/* The answer for one declared type. */
struct ResolvedType {
    std::string pg_type; /* as format_type() prints it: "character varying(40)" */
    TypeKind kind = TypeKind::Untyped;
    Affinity affinity = Affinity::Blob;
    std::string rule;                    /* which rule fired, in words, for the report */
    std::optional<int> length;           /* character varying(length) */
    std::optional<int> precision, scale; /* numeric(precision, scale) */
};

/* SQLite's affinity of a declared type, by the five rules in their order. */
Affinity affinity_of(std::string_view declared);

/* As above, for a column of a STRICT table, where ANY converts nothing. */
Affinity strict_affinity_of(std::string_view declared);

/*
 * The PostgreSQL type for a declared type.  Never fails on any input; lengths
 * and precisions that PostgreSQL would refuse are left off.
 */
ResolvedType resolve_declared_type(std::string_view declared, const TypeOptions& options = {});

/* The PostgreSQL type that the affinity alone asks for: bigint, text, bytea,
 * double precision or numeric. */
ResolvedType resolve_by_affinity(std::string_view declared);

/* Of an integer type, the greatest value that it holds. */
int64_t greatest_integer(TypeKind kind) noexcept;

/* A type by kind with no modifier: pg_type, kind, and the affinity that stands for it. */
ResolvedType type_of_kind(TypeKind kind);

/*
 * The kind of a PostgreSQL type as format_type() writes it, modifiers allowed;
 * nothing for a type that is not in the list above.
 */
std::optional<TypeKind> kind_of_pg_type(std::string_view pg_type);

/* The affinity that stands for a PostgreSQL type when SQLite's rules are applied to it. */
Affinity affinity_of_kind(TypeKind kind);

/* "INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC": SQLite's own names. */
std::string_view affinity_name(Affinity affinity);

/* The unmodified PostgreSQL name of a kind; "text" for Untyped. */
std::string_view kind_name(TypeKind kind);

}  // namespace sqlite_import::dialect
