/*
 * source_value.hpp
 *    Small readings of one SQLite value that several of the readers share.  Leaves.
 */
#pragma once

#include <optional>
#include <string_view>

#include "verify/reading.hpp"

namespace sqlite_import::verify
{

/* Room for any number's text. */
constexpr size_t kNumberSize = 64;

inline std::string_view
TextOf(const SourceValue &value) noexcept
{
	return {value.bytes, value.size};
}

inline bool
IsNumber(const SourceValue &value) noexcept
{
	return value.storage_class == sqlite::StorageClass::Integer ||
		   value.storage_class == sqlite::StorageClass::Real;
}

/* The whole number that an INTEGER, REAL or TEXT is. */
std::optional<int64> ReadInteger(const SourceValue &value) noexcept;

/* A double of any class's number; integers only if a double is that very integer. */
std::optional<double> ReadDouble(const SourceValue &value) noexcept;

/* A finite double by its fewest digits, in buffer (kNumberSize). */
std::string_view ShortestText(double value, char *buffer) noexcept;

/* What the limits of a column say to a value that its form could read. */
enum class Limits : uint8
{
	Within,
	Beyond,
	AskServer, /* only the type's own input function, or the domain's constraints, can tell */
};

/*
 * Whether the column's type takes the value unchanged.  Only asked where refused
 * values became NULL: elsewhere none arrived.
 */
Limits CheckLimits(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement,
				   int column) noexcept;

/* The part of ReadSource that knows no limits: false, the hasher then in any state, if the value
 * cannot be read under the form without the server. */
bool PutOnLeaf(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement,
			   int column, Hasher &hasher) noexcept;

/* Microseconds as the column's digits of a second keep them: rounded as PostgreSQL does, away from
 * zero, or cut back; none if digits would be lost that the rule keeps.  Leaf. */
std::optional<int64> KeepDigits(const Reading &reading, int64 moment) noexcept;

} /* namespace sqlite_import::verify */
