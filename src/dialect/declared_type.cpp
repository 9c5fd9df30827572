/*
 * declared_type.cpp
 *    The table of well-known type names and SQLite's affinity rules.
 *
 * A declared type is taken apart into its words and the integers between its
 * parentheses; words that only modify (UNSIGNED, ZEROFILL) are set aside, the
 * rest is looked up in kKnownTypes.  What is not found there follows SQLite's
 * affinity rules, which look at the whole text.
 */
#include "dialect/declared_type.hpp"

#include <algorithm>
#include <cctype>
#include <limits>
#include <vector>

namespace sqlite_import::dialect {

namespace {

/* What the integers in parentheses mean for a type. */
enum class Arguments { Ignored, Length, PrecisionScale };

struct KnownType {
    std::string_view name; /* upper case, words separated by one space */
    TypeKind kind;
    Arguments arguments = Arguments::Ignored;
};

constexpr KnownType kKnownTypes[] = {
    {"", TypeKind::Untyped},
    {"ANY", TypeKind::Untyped},
    /* integers: widths in parentheses are display widths and mean nothing */
    {"INT", TypeKind::Int4},
    {"INTEGER", TypeKind::Int4},
    {"INT1", TypeKind::Int2},
    {"INT2", TypeKind::Int2},
    {"INT3", TypeKind::Int4},
    {"INT4", TypeKind::Int4},
    {"INT8", TypeKind::Int8},
    {"INT16", TypeKind::Int2},
    {"INT32", TypeKind::Int4},
    {"INT64", TypeKind::Int8},
    {"UINT", TypeKind::Int8},
    {"UINT8", TypeKind::Int2},
    {"UINT16", TypeKind::Int4},
    {"UINT32", TypeKind::Int8},
    {"UINT64", TypeKind::Int8},
    {"TINYINT", TypeKind::Int2},
    {"SMALLINT", TypeKind::Int2},
    {"MEDIUMINT", TypeKind::Int4},
    {"BIGINT", TypeKind::Int8},
    {"BIG INT", TypeKind::Int8},
    {"BIG INTEGER", TypeKind::Int8},
    {"LONG", TypeKind::Int8},
    {"LONGINT", TypeKind::Int8},
    {"LONG INTEGER", TypeKind::Int8},
    {"ROWID", TypeKind::Int8},
    {"COUNTER", TypeKind::Int8},
    {"OID", TypeKind::Int8},
    {"SERIAL", TypeKind::Int4},
    {"SERIAL4", TypeKind::Int4},
    {"SERIAL8", TypeKind::Int8},
    {"BIGSERIAL", TypeKind::Int8},
    {"SMALLSERIAL", TypeKind::Int2},
    {"YEAR", TypeKind::Int4},
    /* booleans */
    {"BOOL", TypeKind::Bool},
    {"BOOLEAN", TypeKind::Bool},
    {"LOGICAL", TypeKind::Bool},
    {"YESNO", TypeKind::Bool},
    {"BIT", TypeKind::Bool},
    /* text: SQLite pads nothing, so a CHAR is a VARCHAR */
    {"CHARACTER", TypeKind::Text, Arguments::Length},
    {"CHAR", TypeKind::Text, Arguments::Length},
    {"NCHAR", TypeKind::Text, Arguments::Length},
    {"BPCHAR", TypeKind::Text, Arguments::Length},
    {"NATIVE CHARACTER", TypeKind::Text, Arguments::Length},
    {"NATIONAL CHARACTER", TypeKind::Text, Arguments::Length},
    {"NATIONAL CHAR", TypeKind::Text, Arguments::Length},
    {"VARCHAR", TypeKind::Varchar, Arguments::Length},
    {"VARCHAR2", TypeKind::Varchar, Arguments::Length},
    {"NVARCHAR", TypeKind::Varchar, Arguments::Length},
    {"NVARCHAR2", TypeKind::Varchar, Arguments::Length},
    {"CHARACTER VARYING", TypeKind::Varchar, Arguments::Length},
    {"CHAR VARYING", TypeKind::Varchar, Arguments::Length},
    {"VARYING CHARACTER", TypeKind::Varchar, Arguments::Length},
    {"VARYINGCHARACTER", TypeKind::Varchar, Arguments::Length},
    {"NATIONAL VARCHAR", TypeKind::Varchar, Arguments::Length},
    {"NATIONAL CHARACTER VARYING", TypeKind::Varchar, Arguments::Length},
    {"TEXT", TypeKind::Text},
    {"NTEXT", TypeKind::Text},
    {"TINYTEXT", TypeKind::Text},
    {"MEDIUMTEXT", TypeKind::Text},
    {"LONGTEXT", TypeKind::Text},
    {"LONG TEXT", TypeKind::Text},
    {"LONGVARCHAR", TypeKind::Text},
    {"LONG VARCHAR", TypeKind::Text},
    {"LONGCHAR", TypeKind::Text},
    {"CITEXT", TypeKind::Text},
    {"STRING", TypeKind::Text},
    {"CLOB", TypeKind::Text},
    {"NCLOB", TypeKind::Text},
    {"MEMO", TypeKind::Text},
    {"NAME", TypeKind::Text},
    {"URL", TypeKind::Text},
    {"ENUM", TypeKind::Text},
    {"HSTORE", TypeKind::Text},
    {"TSVECTOR", TypeKind::Text},
    {"INTERVAL", TypeKind::Text}, /* no SQLite value is an interval by itself */
    /* floating point: SQLite's REAL is 8 bytes, whatever its name */
    {"REAL", TypeKind::Float8},
    {"FLOAT", TypeKind::Float8},
    {"FLOAT4", TypeKind::Float8},
    {"FLOAT8", TypeKind::Float8},
    {"FLOAT32", TypeKind::Float8},
    {"FLOAT64", TypeKind::Float8},
    {"FLOATING POINT", TypeKind::Float8},
    {"SINGLE", TypeKind::Float8},
    {"DOUBLE", TypeKind::Float8},
    {"DOUBLE PRECISION", TypeKind::Float8},
    /* exact numbers */
    {"NUMERIC", TypeKind::Numeric, Arguments::PrecisionScale},
    {"DECIMAL", TypeKind::Numeric, Arguments::PrecisionScale},
    {"DEC", TypeKind::Numeric, Arguments::PrecisionScale},
    {"FIXED", TypeKind::Numeric, Arguments::PrecisionScale},
    {"NUMBER", TypeKind::Numeric, Arguments::PrecisionScale},
    {"CURRENCY", TypeKind::Numeric},
    {"MONEY", TypeKind::Numeric},
    {"SMALLMONEY", TypeKind::Numeric},
    /* dates: a precision is left off, because SQLite never rounded to it */
    {"DATE", TypeKind::Date},
    {"TIME", TypeKind::Time},
    {"TIME WITHOUT TIME ZONE", TypeKind::Time},
    {"TIMETZ", TypeKind::TimeTz},
    {"TIME WITH TIME ZONE", TypeKind::TimeTz},
    {"DATETIME", TypeKind::Timestamp},
    {"DATETIME2", TypeKind::Timestamp},
    {"DATE TIME", TypeKind::Timestamp},
    {"SMALLDATETIME", TypeKind::Timestamp},
    {"TIMESTAMP", TypeKind::Timestamp},
    {"TIMESTAMP WITHOUT TIME ZONE", TypeKind::Timestamp},
    {"TIMESTAMPTZ", TypeKind::TimestampTz},
    {"TIMESTAMP WITH TIME ZONE", TypeKind::TimestampTz},
    {"TIMESTAMP WITH TIMEZONE", TypeKind::TimestampTz},
    {"TIMESTAMP WITH LOCAL TIME ZONE", TypeKind::TimestampTz},
    {"DATETIMETZ", TypeKind::TimestampTz},
    {"DATETIMEOFFSET", TypeKind::TimestampTz},
    /* bytes; SpatiaLite's geometry columns hold blobs of its own */
    {"BLOB", TypeKind::Bytea},
    {"TINYBLOB", TypeKind::Bytea},
    {"MEDIUMBLOB", TypeKind::Bytea},
    {"LONGBLOB", TypeKind::Bytea},
    {"LONG BLOB", TypeKind::Bytea},
    {"BYTEA", TypeKind::Bytea},
    {"BYTES", TypeKind::Bytea},
    {"BYTE[]", TypeKind::Bytea},
    {"BINARY", TypeKind::Bytea},
    {"VARBINARY", TypeKind::Bytea},
    {"LONGVARBINARY", TypeKind::Bytea},
    {"BINARY VARYING", TypeKind::Bytea},
    {"BINARY LARGE OBJECT", TypeKind::Bytea},
    {"IMAGE", TypeKind::Bytea},
    {"RAW", TypeKind::Bytea},
    {"GEOMETRY", TypeKind::Bytea},
    {"POINT", TypeKind::Bytea},
    {"LINESTRING", TypeKind::Bytea},
    {"POLYGON", TypeKind::Bytea},
    {"MULTIPOINT", TypeKind::Bytea},
    {"MULTILINESTRING", TypeKind::Bytea},
    {"MULTIPOLYGON", TypeKind::Bytea},
    {"GEOMETRYCOLLECTION", TypeKind::Bytea},
    /* types of their own in PostgreSQL */
    {"UUID", TypeKind::Uuid},
    {"GUID", TypeKind::Uuid},
    {"UNIQUEIDENTIFIER", TypeKind::Uuid},
    {"JSON", TypeKind::Json}, /* json keeps the text as it was written; jsonb does not */
    {"JSONB", TypeKind::Jsonb},
    {"XML", TypeKind::Xml},
    {"INET", TypeKind::Inet},
    {"CIDR", TypeKind::Cidr},
    {"MACADDR", TypeKind::Macaddr},
    {"MACADDR8", TypeKind::Macaddr8},
};

/* PostgreSQL's limits: MaxAttrSize for varchar, NUMERIC_MAX_PRECISION for numeric. */
constexpr long kMaxLength = 10485760;
constexpr long kMaxPrecision = 1000;

/* A declared type taken apart. */
struct Parts {
    std::string name; /* the words, upper case, one space between */
    std::vector<long> arguments;
    bool is_unsigned = false;
};

char upper(char c) {
    return (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void add_word(Parts& parts, const std::string& word) {
    if (word.empty() || word == "SIGNED" || word == "ZEROFILL") {
        return;
    }
    if (word == "UNSIGNED") {
        parts.is_unsigned = true;
        return;
    }
    if (!parts.name.empty()) {
        parts.name += ' ';
    }
    parts.name += word;
}

/* Reads "40" or "10, 2" from just after '('; returns the position after ')'. */
size_t read_arguments(std::string_view text, size_t at, Parts& parts) {
    bool in_number = false;
    long number = 0;
    bool negative = false;
    for (; at < text.size() && text[at] != ')'; ++at) {
        const char c = text[at];
        if (c >= '0' && c <= '9') {
            in_number = true;
            number = std::min(number * 10 + (c - '0'), 1000000000L);
            continue;
        }
        if (in_number && (c == ',' || is_space(c))) {
            parts.arguments.push_back(negative ? -number : number);
            in_number = negative = false;
            number = 0;
        } else if (c == '-') {
            negative = true;
        }
    }
    if (in_number) {
        parts.arguments.push_back(negative ? -number : number);
    }
    return at < text.size() ? at + 1 : at;
}

Parts take_apart(std::string_view text) {
    Parts parts;
    std::string word;
    size_t at = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (c == '(') {
            add_word(parts, word);
            word.clear();
            at = read_arguments(text, at + 1, parts);
            continue;
        }
        if (is_space(c)) {
            add_word(parts, word);
            word.clear();
        } else {
            word += upper(c);
        }
        ++at;
    }
    add_word(parts, word);
    if (parts.name.empty() && parts.is_unsigned) {
        parts.name = "INTEGER";
    }
    return parts;
}

const KnownType* find_known(std::string_view name) {
    const auto* end = std::end(kKnownTypes);
    const auto* it = std::find_if(std::begin(kKnownTypes), end,
                                  [&](const KnownType& type) { return type.name == name; });
    return it == end ? nullptr : it;
}

bool is_integer(TypeKind kind) {
    return kind == TypeKind::Int2 || kind == TypeKind::Int4 || kind == TypeKind::Int8;
}

/* The integer kind that holds what was declared, one step wider when it has no sign. */
TypeKind integer_kind(TypeKind declared, bool is_unsigned, const TypeOptions& options) {
    if (options.integers != values::IntegerType::Integer) {
        return TypeKind::Int8;
    }
    if (!is_unsigned) {
        return declared;
    }
    return declared == TypeKind::Int2 ? TypeKind::Int4 : TypeKind::Int8;
}

void apply_length(ResolvedType& type, const Parts& parts) {
    if (parts.arguments.size() != 1 || parts.arguments[0] < 1 || parts.arguments[0] > kMaxLength) {
        return;
    }
    type.kind = TypeKind::Varchar;
    type.length = static_cast<int>(parts.arguments[0]);
    type.pg_type = "character varying(" + std::to_string(*type.length) + ")";
}

void apply_precision(ResolvedType& type, const Parts& parts) {
    if (parts.arguments.empty() || parts.arguments.size() > 2) {
        return;
    }
    const long precision = parts.arguments[0];
    const long scale = parts.arguments.size() == 2 ? parts.arguments[1] : 0;
    if (precision < 1 || precision > kMaxPrecision || scale < 0 || scale > precision) {
        return;
    }
    type.precision = static_cast<int>(precision);
    type.scale = static_cast<int>(scale);
    type.pg_type = "numeric(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
}

bool contains_upper(const std::string& haystack, std::string_view needle) {
    return haystack.find(needle) != std::string::npos;
}

/* MySQL and Laravel spell boolean as tinyint(1). */
bool is_tinyint_boolean(const Parts& parts) {
    return parts.name == "TINYINT" && parts.arguments.size() == 1 && parts.arguments[0] == 1;
}

bool is_bit_string(const Parts& parts) {
    return parts.name == "BIT" && !parts.arguments.empty() && parts.arguments[0] != 1;
}

ResolvedType resolve_known(const KnownType& known, const Parts& parts, const TypeOptions& options) {
    TypeKind kind = known.kind;
    if (is_integer(kind)) {
        kind = integer_kind(kind, parts.is_unsigned, options);
    }
    ResolvedType type = type_of_kind(kind);
    if (known.arguments == Arguments::Length) {
        apply_length(type, parts);
    } else if (known.arguments == Arguments::PrecisionScale) {
        apply_precision(type, parts);
    }
    type.rule = known.name.empty() ? "no declared type" : "known name " + std::string(known.name);
    return type;
}

}  // namespace

Affinity affinity_of(std::string_view declared) {
    std::string text(declared);
    std::transform(text.begin(), text.end(), text.begin(), upper);
    if (contains_upper(text, "INT")) {
        return Affinity::Integer;
    }
    if (contains_upper(text, "CHAR") || contains_upper(text, "CLOB") ||
        contains_upper(text, "TEXT")) {
        return Affinity::Text;
    }
    const bool empty = std::all_of(text.begin(), text.end(), is_space);
    if (empty || contains_upper(text, "BLOB")) {
        return Affinity::Blob;
    }
    if (contains_upper(text, "REAL") || contains_upper(text, "FLOA") ||
        contains_upper(text, "DOUB")) {
        return Affinity::Real;
    }
    return Affinity::Numeric;
}

Affinity strict_affinity_of(std::string_view declared) {
    return take_apart(declared).name == "ANY" ? Affinity::Blob : affinity_of(declared);
}

ResolvedType resolve_declared_type(std::string_view declared, const TypeOptions& options) {
    const Parts parts = take_apart(declared);
    if (is_tinyint_boolean(parts)) {
        ResolvedType type = type_of_kind(TypeKind::Bool);
        type.affinity = Affinity::Integer;
        type.rule = "known name TINYINT(1), a boolean";
        return type;
    }
    const KnownType* known = is_bit_string(parts) ? nullptr : find_known(parts.name);
    if (known == nullptr && parts.name.size() > 2 &&
        parts.name.compare(parts.name.size() - 2, 2, "[]") == 0) {
        ResolvedType type = type_of_kind(TypeKind::Text);
        type.affinity = affinity_of(declared);
        type.rule = "an array type, which SQLite stores as text";
        return type;
    }
    if (known == nullptr) {
        return resolve_by_affinity(declared);
    }
    ResolvedType type = resolve_known(*known, parts, options);
    type.affinity = affinity_of(declared);
    return type;
}

ResolvedType resolve_by_affinity(std::string_view declared) {
    const Affinity affinity = affinity_of(declared);
    TypeKind kind = TypeKind::Numeric;
    switch (affinity) {
        case Affinity::Integer:
            kind = TypeKind::Int8;
            break;
        case Affinity::Text:
            kind = TypeKind::Text;
            break;
        case Affinity::Blob:
            kind = take_apart(declared).name.empty() ? TypeKind::Untyped : TypeKind::Bytea;
            break;
        case Affinity::Real:
            kind = TypeKind::Float8;
            break;
        case Affinity::Numeric:
            break;
    }
    ResolvedType type = type_of_kind(kind);
    type.affinity = affinity;
    type.rule = kind == TypeKind::Untyped ? "no declared type"
                                          : std::string(affinity_name(affinity)) + " affinity";
    return type;
}

ResolvedType type_of_kind(TypeKind kind) {
    ResolvedType type;
    type.kind = kind;
    type.pg_type = kind_name(kind);
    type.affinity = affinity_of_kind(kind);
    type.rule = "PostgreSQL type " + type.pg_type;
    return type;
}

std::optional<TypeKind> kind_of_pg_type(std::string_view pg_type) {
    /* numeric(10,2), character varying(40), timestamp(3) without time zone */
    std::string name;
    bool in_parentheses = false;
    for (char c : pg_type) {
        if (c == '(') {
            in_parentheses = true;
        } else if (c == ')') {
            in_parentheses = false;
        } else if (!in_parentheses) {
            name += c;
        }
    }
    for (int i = static_cast<int>(TypeKind::Bool); i <= static_cast<int>(TypeKind::Macaddr8); ++i) {
        const auto kind = static_cast<TypeKind>(i);
        if (kind_name(kind) == name) {
            return kind;
        }
    }
    if (name == "character" || name == "bpchar") {
        return TypeKind::Varchar;
    }
    return std::nullopt;
}

Affinity affinity_of_kind(TypeKind kind) {
    switch (kind) {
        case TypeKind::Untyped:
        case TypeKind::Bytea:
            return Affinity::Blob;
        case TypeKind::Bool:
        case TypeKind::Numeric:
            return Affinity::Numeric;
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
            return Affinity::Integer;
        case TypeKind::Float4:
        case TypeKind::Float8:
            return Affinity::Real;
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Date:
        case TypeKind::Time:
        case TypeKind::TimeTz:
        case TypeKind::Timestamp:
        case TypeKind::TimestampTz:
        case TypeKind::Interval:
        case TypeKind::Uuid:
        case TypeKind::Json:
        case TypeKind::Jsonb:
        case TypeKind::Xml:
        case TypeKind::Inet:
        case TypeKind::Cidr:
        case TypeKind::Macaddr:
        case TypeKind::Macaddr8:
            break;
    }
    return Affinity::Text;
}

std::string_view affinity_name(Affinity affinity) {
    switch (affinity) {
        case Affinity::Integer:
            return "INTEGER";
        case Affinity::Text:
            return "TEXT";
        case Affinity::Blob:
            return "BLOB";
        case Affinity::Real:
            return "REAL";
        case Affinity::Numeric:
            return "NUMERIC";
    }
    return "NUMERIC";
}

std::string_view kind_name(TypeKind kind) {
    switch (kind) {
        case TypeKind::Untyped:
        case TypeKind::Text:
            return "text";
        case TypeKind::Bool:
            return "boolean";
        case TypeKind::Int2:
            return "smallint";
        case TypeKind::Int4:
            return "integer";
        case TypeKind::Int8:
            return "bigint";
        case TypeKind::Numeric:
            return "numeric";
        case TypeKind::Float4:
            return "real";
        case TypeKind::Float8:
            return "double precision";
        case TypeKind::Varchar:
            return "character varying";
        case TypeKind::Bytea:
            return "bytea";
        case TypeKind::Date:
            return "date";
        case TypeKind::Time:
            return "time without time zone";
        case TypeKind::TimeTz:
            return "time with time zone";
        case TypeKind::Timestamp:
            return "timestamp without time zone";
        case TypeKind::TimestampTz:
            return "timestamp with time zone";
        case TypeKind::Interval:
            return "interval";
        case TypeKind::Uuid:
            return "uuid";
        case TypeKind::Json:
            return "json";
        case TypeKind::Jsonb:
            return "jsonb";
        case TypeKind::Xml:
            return "xml";
        case TypeKind::Inet:
            return "inet";
        case TypeKind::Cidr:
            return "cidr";
        case TypeKind::Macaddr:
            return "macaddr";
        case TypeKind::Macaddr8:
            return "macaddr8";
    }
    return "text";
}

int64_t greatest_integer(TypeKind kind) noexcept {
    return kind == TypeKind::Int2   ? std::numeric_limits<int16_t>::max()
           : kind == TypeKind::Int4 ? std::numeric_limits<int32_t>::max()
                                    : std::numeric_limits<int64_t>::max();
}

}  // namespace sqlite_import::dialect
