/*
 * convert.hpp
 *    The one conversion table: a SQLite value and a PostgreSQL type give a Datum,
 *    exactly, or a refusal with its reason.
 *
 * Work is split into two stages by what it may do.  The *leaf* stage is pure
 * computation into an arena of plain bytes: it is noexcept, calls nothing of the
 * server and so runs in any thread.  What only the server can decide (input
 * functions, domains, enums, jsonb, time zones, other server encodings) it
 * defers to the *server* stage, which may ereport.  The bulk loader, its reader
 * thread and the foreign data wrapper all use these two and nothing else, so a
 * value means the same wherever it is read.
 *
 * A Converter is made once per column, in the backend.
 */
#pragma once

#include <sqlite3.h>

#include "sqlite/database.hpp"
#include "values/arena.hpp"
#include "values/column_rule.hpp"

#include "pg/guard.hpp"

namespace sqlite_import::convert
{

using sqlite::StorageClass;
using values::Arena;
using values::ColumnRule;

/* A value as SQLite hands it out.  Does not own its bytes. */
struct SourceValue
{
	StorageClass storage_class;
	union
	{
		int64 integer; /* Integer */
		double real;   /* Real */
	};
	const char *bytes; /* Text (UTF-8) and Blob; may be null when size is 0 */
	size_t size;
};

/* Why a value was refused.  mismatch.cpp has SQLSTATE, text and hint of each. */
enum class Mismatch : uint8
{
	None,
	Class,      /* this storage class never becomes this type */
	OutOfRange, /* a number beyond the type */
	Inexact,    /* digits would be lost */
	NotANumber,
	NotABoolean,
	NotAUuid,
	NoByteOrder, /* 16 bytes as uuid: RFC 9562 or .NET? */
	NotAMacaddr,
	NotAMacaddr8,
	NotANetwork,
	NotAMoment,
	ImpossibleMoment, /* month 13 */
	ZeroDate,
	TimeLost,   /* a time of day into date */
	OffsetLost, /* an offset other than UTC into a type without zone */
	NoUnit,     /* a number as date: seconds, milliseconds? */
	TooLong,    /* varchar(n), char(n), name */
	NulByte,
	InvalidUtf8,
	BlobAsText,
	NotEncoded, /* not base64 or hex, as the rule says */
	NotInMap,
	NotAnArray,
	NotCsv,
	Money,
	Server, /* PostgreSQL itself refused; its error tells more */
};

enum class Outcome : uint8
{
	Value,    /* datum is the value */
	Null,     /* the value is NULL */
	Deferred, /* ask the server stage (leaf stage only) */
	Refused,  /* mismatch tells why */
	NoMemory
};

/* The result of a stage; fits two registers. */
struct Converted
{
	Datum datum;
	Outcome outcome;
	Mismatch mismatch;
	bool altered; /* the rule let something be changed: text repaired, digits rounded */
};

struct ServerState;

/*
 * The way into one target type.  All members are constant after MakeConverter;
 * 'server' alone is state, and belongs to the backend.
 */
struct Converter
{
	/* The leaf function of the base type, for values that are not NULL. */
	using LeafFunction = Converted (*)(const Converter &, const SourceValue &, Arena &) noexcept;

	LeafFunction leaf;
	bool plain;     /* no map, no default, no domain, …: leaf may be called at once */
	bool defer_all; /* domains; server encodings other than UTF8 */
	Oid type;       /* the column's */
	int32 typmod;
	Oid base_type; /* below domains */
	int32 base_typmod;
	int32 max_characters; /* varchar, char, name; 0: no limit */
	int32 precision;      /* numeric; -1: unconstrained */
	int32 scale;
	int32 fraction_digits; /* date and time types */
	bool zone_is_utc;
	ColumnRule rule;
	const char *type_name;   /* as format_type_with_typemod gives it */
	const char *column_name; /* of the target */
	ServerState *server;

	/* Leaf stage.  Any thread; the datum may point into arena. */
	Converted
	Leaf(const SourceValue &value, Arena &arena) const noexcept
	{
		if (plain && value.storage_class != StorageClass::Null)
			return leaf(*this, value, arena);
		return LeafWithRule(value, arena);
	}

	/*
	 * Server stage, for what Leaf deferred.  Backend only, may ereport; the
	 * datum is palloc'd in the current memory context.  Text must be followed
	 * by a NUL (SQLite's own values are, KeepValue's too).
	 */
	Converted Server(const SourceValue &value);

	/*
	 * Whether a refused value may become NULL: a domain may refuse that too (NOT
	 * NULL, CHECK).  Asked once, in a subtransaction.  Backend only, may ereport.
	 */
	bool TakesNull();

private:
	Converted LeafWithRule(const SourceValue &value, Arena &arena) const noexcept;
};

/*
 * Makes the converter of a column.  Lives as long as context.  C++ frame: throws
 * PgError, ReportedError (a rule that does not suit the type), bad_alloc.
 */
Converter *MakeConverter(MemoryContext context, const char *column_name, Oid type, int32 typmod,
						 const ColumnRule &rule);

/*
 * Column 'column' of the current row.  The bytes live until the next step.
 * False: no memory.
 *
 * The value is fetched once and then asked, since each sqlite3_column_…() call
 * pays for a look at mutex and error state.  SQLite calls such a value
 * unprotected (sqlite.org/c3ref/value.html): with a connection that only one
 * thread uses, there is nothing to protect it from.
 */
inline bool
ReadValue(sqlite3_stmt *statement, int column, SourceValue *value) noexcept
{
	sqlite3_value *const source = sqlite3_column_value(statement, column);

	value->storage_class = static_cast<StorageClass>(sqlite3_value_type(source));
	switch (value->storage_class)
	{
		case StorageClass::Integer:
			value->integer = sqlite3_value_int64(source);
			return true;
		case StorageClass::Real:
			value->real = sqlite3_value_double(source);
			return true;
		case StorageClass::Text:
			value->bytes = reinterpret_cast<const char *>(sqlite3_value_text(source));
			break;
		case StorageClass::Blob:
			value->bytes = static_cast<const char *>(sqlite3_value_blob(source));
			break;
		case StorageClass::Null:
			return true;
	}
	value->size = static_cast<size_t>(sqlite3_value_bytes(source));
	if (likely(value->bytes != nullptr))
		return true;
	/* an empty blob has no address (sqlite.org/c3ref/value_blob.html); a text always has one */
	value->bytes = "";
	return value->size == 0 && value->storage_class == StorageClass::Blob;
}

/* A copy in the arena, text and blob followed by a NUL; null when memory is out. */
const SourceValue *KeepValue(const SourceValue &value, Arena &arena) noexcept;

/* Where a value stands in the source, for messages. */
struct Place
{
	const char *table; /* SQLite's names */
	const char *column;
	bool has_rowid;
	int64 rowid;
	int64 row; /* without a rowid: the row's number in the order of the scan, from 1; 0: unknown */
	bool foreign;        /* read through a foreign table: hints speak of its options */
	Oid relation;        /* … which is this; 0: nobody's right to it is known */
	bool perhaps_hidden; /* who reads may have no right to know that the row is there */
};

/* What an error about a value says.  Texts are palloc'd. */
struct ErrorText
{
	int sqlstate;
	const char *message;
	const char *detail;
	const char *hint;
	const char *reason; /* of a mismatch: the detail without place and value */
};

/* 'server_error': what PostgreSQL said if the mismatch is Server, else null.  May ereport. */
ErrorText DescribeMismatch(const Converter &converter, const SourceValue &value, Mismatch mismatch,
						   const Place &place, const ErrorData *server_error);

/* Raises that error.  ereports, never returns. */
[[noreturn]] void ReportMismatch(const Converter &converter, const SourceValue &value,
								 Mismatch mismatch, const Place &place,
								 const ErrorData *server_error = nullptr);

/*
 * Server stage with its errors told in our words, with the value's place.  With
 * 'soft', what PostgreSQL refuses comes back as Refused/Server and *server_error
 * (palloc'd) instead of being raised; this needs a subtransaction, so it is for
 * values that are known to be rare.  May ereport.
 */
Converted ServerAt(Converter *converter, const SourceValue &value, const Place &place, bool soft,
				   ErrorData **server_error);

/* True for an error of PostgreSQL's that is about the value, and not about the session. */
bool IsValueError(int sqlstate) noexcept;

/*
 * Both stages, for the row-at-a-time path: by-reference results live in arena or
 * in the current memory context.  A refused value is NULL if the column's rule
 * says on_mismatch null and its domain, if any, takes NULL; otherwise an error.
 * May ereport.
 */
Datum ConvertValue(Converter *converter, const SourceValue &value, Arena &arena, const Place &place,
				   bool *isnull);

/* The same, but false, and no error, for a value that is refused. */
bool ConvertIfFits(Converter *converter, const SourceValue &value, Arena &arena, Datum *datum,
				   bool *isnull);

/* SQLite's own text of a value (CAST … AS TEXT), for messages and rejected rows; blobs as x'…'.
 * palloc'd; invalid bytes are replaced.  At most 'limit' bytes of the value, 0: all.  May ereport.
 */
char *ValueText(const SourceValue &value, size_t limit);

/* A name of the file's as text of this server: in its encoding, invalid bytes replaced.  palloc'd.
 */
char *NameText(const char *name);

} /* namespace sqlite_import::convert */
