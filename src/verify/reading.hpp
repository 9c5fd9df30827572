/*
 * reading.hpp
 *    One value, read on either side, in a form in which both can be compared.
 *
 * This is the second opinion on src/convert, and shares nothing with it.  Each
 * target type belongs to a Form; a SQLite value that is read under that form and
 * a Datum of that type put the very same words into a Hasher exactly if the
 * value arrived unchanged.  The forms:
 *
 *    Boolean, Integer     the number
 *    Float4, Float8       the bits
 *    Numeric              sign, weight and base-10000 digits: 0.1 is 0.10
 *    Text, Json, Bytea    the bytes
 *    Bpchar               the bytes without trailing blanks, as char(n) compares
 *    Date, Time           days, microseconds
 *    Timestamp(Tz)        microseconds; naive text under the rule's zone
 *    Uuid                 16 bytes
 *    Jsonb                jsonb's own bytes, after its own input function
 *    Output               the text that the type's output function makes of what
 *                         its input function reads
 *
 * A source value that cannot be read under the form is put in as such and equals
 * nothing on the other side.
 *
 * The leaf readers are noexcept and server-free in what they do; the others may
 * ereport.
 */
#pragma once

#include <memory>

#include <sqlite3.h>

#include "sqlite/database.hpp"
#include "values/column_rule.hpp"
#include "verify/hash.hpp"

#include "pg/expression.hpp"
#include "pg/guard.hpp"

extern "C" {
#include "fmgr.h"
#include "pgtime.h"
}

namespace sqlite_import::verify
{

enum class Form : uint8
{
	Boolean,
	Integer,
	Float4,
	Float8,
	Numeric,
	Text,
	Bpchar,
	Bytea,
	Date,
	Time,
	Timestamp,
	TimestampTz,
	Uuid,
	Json,
	Jsonb,
	Output,
};

/* How one column is read on both sides.  Constant once made, but for the memo. */
struct Reading
{
	Form form;
	bool has_rule;     /* rule says anything at all */
	bool nulls;        /* what the column refuses became NULL */
	bool server_reads; /* source values need the server stage */
	values::ColumnRule rule;
	Oid type; /* the column's; base_type below domains */
	Oid base_type;
	int32 typmod;
	int integer_bytes;     /* Form::Integer: 2, 4, 8 */
	bool is_unsigned;      /* Form::Integer: oid and its like, of 4 bytes */
	int scale;             /* Form::Numeric with a precision: digits after the point; else -1 */
	int max_characters;    /* varchar(n), char(n); else -1 */
	int fraction_digits;   /* times: the digits that the column keeps, 6 at most */
	bool convert_encoding; /* the server's encoding is not UTF-8 */
	pg_tz *zone;           /* Form::TimestampTz, naive texts */
	bool zone_is_utc;
	FmgrInfo input;  /* Jsonb, Output */
	FmgrInfo output; /* Output, and the text of keys */
	Oid input_argument;
	bool number_category;    /* Output: REAL by its fewest digits, not by SQLite's fifteen */
	Oid element_type;        /* of arrays, else InvalidOid */
	void *domain_cache;      /* of domain_check */
	MemoryContext context;   /* for it */
	std::string source_name; /* the column on either side */
	std::string target_name;
	/* "using": run again over the value, which is read under a form of its own */
	pg::Expression *expression;
	std::shared_ptr<Reading> input_value; /* also of the elements of an array */
};

/* Makes the reading of a column of type 'type'.  C++ frame; throws PgError, bad_alloc. */
void MakeReading(Reading &reading, const values::ColumnRule &rule, const std::string &source_name,
				 const char *target_name, Oid type, int32 typmod);

/* A SQLite value; does not own its bytes. */
struct SourceValue
{
	sqlite::StorageClass storage_class;
	int64 integer;
	double real;
	const char *bytes;
	size_t size;
};

/* Column 'column' of the statement's current row.  Valid until the next step. */
SourceValue TakeValue(sqlite3_stmt *statement, int column) noexcept;

/* The value as a text, numbers as SQLite itself writes them.  Not for NULL. */
SourceValue TakeText(const SourceValue &value, sqlite3_stmt *statement, int column) noexcept;

/*
 * What the column's rule makes of a value before its type is looked at: '' and
 * zero dates, maps, defaults, blobs that are text.  False if the map has no
 * answer.  The result may point into the rule.
 */
bool ApplyRule(const values::ColumnRule &rule, SourceValue &value, sqlite3_stmt *statement,
			   int column) noexcept;

enum class LeafResult : uint8
{
	Done,
	NeedsServer, /* call ReadSourceOnServer with the hasher as it was before */
};

/*
 * Puts a source value into the hasher.  Leaf.  'statement' and 'column' are
 * where it came from: numbers are turned into SQLite's own text there.
 */
LeafResult ReadSource(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement,
					  int column, Hasher &hasher) noexcept;

/*
 * The same for values that need the server's input functions or time zones.
 * Must run inside a subtransaction that ServerReads opened.  May ereport; the
 * caller rolls the subtransaction back and calls PutUnreadable.
 */
void ReadSourceOnServer(Reading &reading, const SourceValue &value, sqlite3_stmt *statement,
						int column, Hasher &hasher);

/* Puts in a value that its column cannot hold. */
void PutUnreadable(const Reading &reading, const SourceValue &value, Hasher &hasher) noexcept;

/* Puts a Datum of the target into the hasher.  May ereport. */
void ReadTarget(Reading &reading, Datum datum, bool isnull, Hasher &hasher);

} /* namespace sqlite_import::verify */
