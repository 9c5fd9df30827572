/*
 * datum.hpp
 *    How leaf functions give their answers, and make variable-length datums in
 *    an arena.
 *
 * Only macros of the server are used here, never a function: this code runs in
 * reader threads.
 */
#pragma once

#include "values/moment.hpp"

#include "convert/convert.hpp"

#include "pg/compat.h"

namespace sqlite_import::convert
{

inline Converted
Good(Datum datum) noexcept
{
	return {datum, Outcome::Value, Mismatch::None, false};
}

inline Converted
Refuse(Mismatch mismatch) noexcept
{
	return {0, Outcome::Refused, mismatch, false};
}

inline Converted
Defer() noexcept
{
	return {0, Outcome::Deferred, Mismatch::None, false};
}

inline Converted
IsNull() noexcept
{
	return {0, Outcome::Null, Mismatch::None, false};
}

inline Converted
OutOfMemory() noexcept
{
	return {0, Outcome::NoMemory, Mismatch::None, false};
}

/*
 * Room for a varlena of 'size' bytes of data, its header written: one byte where
 * that is enough, as heap_form_tuple would make it (storage/page layout:
 * documentation 73.6).  *data is where the bytes go; null when memory is out.
 */
inline char *
MakeVarlena(Arena &arena, size_t size, char **data) noexcept
{
	char *result;

	if (size + VARHDRSZ_SHORT <= VARATT_SHORT_MAX)
	{
		result = arena.allocate(size + VARHDRSZ_SHORT, 1);
		if (result == nullptr)
			return nullptr;
		SET_VARSIZE_1B(result, size + VARHDRSZ_SHORT);
		*data = result + VARHDRSZ_SHORT;
		return result;
	}
	result = arena.allocate(size + VARHDRSZ, 4);
	if (result == nullptr)
		return nullptr;
	SET_VARSIZE(result, size + VARHDRSZ);
	*data = result + VARHDRSZ;
	return result;
}

/* The greatest value that a field may hold (documentation: appendix K, field size). */
constexpr size_t kMaxVarlena = MaxAllocSize - VARHDRSZ - 1;

/* A varlena with a copy of the bytes. */
inline Converted
VarlenaOf(Arena &arena, const char *bytes, size_t size) noexcept
{
	char *data;

	if (size > kMaxVarlena)
		return Refuse(Mismatch::TooLong);
	char *const result = MakeVarlena(arena, size, &data);
	if (result == nullptr)
		return OutOfMemory();
	if (size > 0)
		memcpy(data, bytes, size);
	return Good(PointerGetDatum(result));
}

/* The leaf functions, one per kind of target type; table in converter.cpp. */
Converted LeafBool(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafInt2(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafInt4(const Converter &, const SourceValue &, Arena &) noexcept;
/* oid, and the types that are one unsigned integer of four bytes as it is. */
Converted LeafOid(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafInt8(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafFloat4(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafFloat8(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafNumeric(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafText(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafBytea(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafUuid(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafNetwork(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafJson(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafDate(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafTime(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafTimetz(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafInterval(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafTimestamp(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafTimestamptz(const Converter &, const SourceValue &, Arena &) noexcept;
/* interval: a number in a unit, or PostgreSQL's notation. */
Converted LeafInterval(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafMoney(const Converter &, const SourceValue &, Arena &) noexcept;
/* Whatever goes through its input function; refuses only what no input function may see. */
Converted LeafInput(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafXid8(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafBit(const Converter &, const SourceValue &, Arena &) noexcept;
Converted LeafArray(const Converter &, const SourceValue &, Arena &) noexcept;

/* interval as LeafInterval, whatever the type keeps of it. */
Converted ReadInterval(const Converter &, const SourceValue &, Arena &) noexcept;

/* Microseconds as the column's fractional digits keep them, rounded or cut as its rule says. */
int64 KeepFraction(const Converter &converter, int64 microseconds) noexcept;

/* The moment that a leaf of dates and times deferred, for want of a zone.  False: it was another
 * reason. */
bool ReadNaive(const Converter &converter, const SourceValue &value,
			   values::Moment *moment) noexcept;

/*
 * A text of a value in a valid form: the value's own bytes, or a repaired copy
 * in the arena (*altered then).  Number to SQLite's own text.  Class: a blob,
 * unless the rule reads blobs as UTF-8.  'numbers' is room for kNumberTextSize.
 */
Mismatch TextOfValue(const Converter &converter, const SourceValue &value, Arena &arena,
					 char *numbers, const char **text, size_t *size, bool *altered,
					 bool *no_memory) noexcept;

} /* namespace sqlite_import::convert */
