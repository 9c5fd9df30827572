/*
 * reading_source.cpp
 *    The leaf readers of SQLite's values.
 */
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string_view>

#include "reread/text_shape.hpp"
#include "verify/put.hpp"
#include "verify/source_value.hpp"
#include "verify/text_repair.hpp"
#include "verify/time_number.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace sqlite_import::verify
{

namespace
{

using reread::CivilTime;
using sqlite::StorageClass;
using values::From;

constexpr int64 kDay = INT64CONST(86400000000);
constexpr int64 kEpochDays = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;

bool
InInt64(double value) noexcept
{
	return value >= -9223372036854775808.0 && value < 9223372036854775808.0;
}

/* The value as a text, numbers as SQLite writes them. */
SourceValue
AsText(const SourceValue &value, sqlite3_stmt *statement, int column) noexcept
{
	SourceValue text = value;

	if (IsNumber(value))
	{
		text.bytes = reinterpret_cast<const char *>(sqlite3_column_text(statement, column));
		text.size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
	}
	text.storage_class = StorageClass::Text;
	return text;
}

SourceValue
TextValue(const std::string &text) noexcept
{
	SourceValue value = {};

	value.storage_class = StorageClass::Text;
	value.bytes = text.data();
	value.size = text.size();
	return value;
}

bool
PutBoolean(const SourceValue &value, Hasher &hasher) noexcept
{
	std::optional<bool> truth;

	if (value.storage_class == StorageClass::Integer && (value.integer == 0 || value.integer == 1))
		truth = value.integer == 1;
	else if (value.storage_class == StorageClass::Real && (value.real == 0 || value.real == 1))
		truth = value.real == 1;
	else if (value.storage_class == StorageClass::Text)
		truth = reread::read_boolean(TextOf(value));
	if (!truth)
		return false;
	PutWord(hasher, *truth ? 1 : 0);
	return true;
}

bool
PutInteger(const SourceValue &value, Hasher &hasher) noexcept
{
	const std::optional<int64> integer = ReadInteger(value);

	if (!integer)
		return false;
	PutWord(hasher, static_cast<uint64>(*integer));
	return true;
}

/* The nearest double or float to a decimal text, whatever it loses. */
template <typename Float>
std::optional<Float>
NearestTo(std::string_view text) noexcept
{
	reread::DecimalShape shape;
	Float nearest;

	if (!reread::read_decimal(text, shape))
		return std::nullopt;
	const char *const start = text.data() + (text[0] == '+' ? 1 : 0);
	const auto read = std::from_chars(start, text.data() + text.size(), nearest);

	return read.ec == std::errc() ? std::optional(nearest) : std::nullopt;
}

/* The four bytes that a value is, read from its digits; or the nearest ones, of a double that is
 * exact ('round') or of anything ('lossy'). */
std::optional<float>
ReadFloat4(const SourceValue &value, bool round, bool lossy) noexcept
{
	char buffer[kNumberSize];
	std::string_view text = TextOf(value);
	const std::optional<double> real = ReadDouble(value);

	if (value.storage_class != StorageClass::Text)
	{
		if (!real)
			return std::nullopt;
		if (static_cast<double>(static_cast<float>(*real)) == *real || !std::isfinite(*real))
			return static_cast<float>(*real);
		text = ShortestText(*real, buffer);
	}
	const std::optional<float> exact = reread::read_float4(text);

	if (exact || !(lossy || (round && real)))
		return exact;
	const std::optional<float> nearest = NearestTo<float>(text);

	if (nearest || !real || std::isinf(static_cast<float>(*real)))
		return nearest;
	return static_cast<float>(*real); /* so small that it is zero */
}

/* Where what is refused did not become NULL, it was not loaded at all: then the nearest number is
 * what there is to compare with, if another program wrote the target. */
bool
PutFloat(const Reading &reading, const SourceValue &value, Hasher &hasher) noexcept
{
	const bool lossy = !reading.nulls;

	if (reading.form == Form::Float4)
	{
		const std::optional<float> narrow = ReadFloat4(value, reading.rule.rounds(), lossy);

		if (narrow)
			PutFloat4(hasher, *narrow);
		return narrow.has_value();
	}
	std::optional<double> real = ReadDouble(value);

	if (!real && lossy && value.storage_class == StorageClass::Text)
		real = NearestTo<double>(TextOf(value));
	if (real)
		PutFloat8(hasher, *real);
	return real.has_value();
}

bool
PutNumeric(const Reading &reading, const SourceValue &value, Hasher &hasher) noexcept
{
	char buffer[64];
	const int scale = reading.rule.exact() ? -1 : reading.scale;
	const bool cut = reading.rule.truncates();

	switch (value.storage_class)
	{
		case StorageClass::Integer:
		{
			const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value.integer).ptr;

			return PutDecimal(hasher, {buffer, static_cast<size_t>(end - buffer)}, scale, cut);
		}
		case StorageClass::Real:
		{
			if (std::isinf(value.real))
			{
				PutSpecial(hasher, value.real > 0 ? Special::PlusInfinity : Special::MinusInfinity);
				return true;
			}
			const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value.real,
										   std::chars_format::scientific)
								 .ptr;

			return PutDecimal(hasher, {buffer, static_cast<size_t>(end - buffer)}, scale, cut);
		}
		case StorageClass::Text:
			return PutDecimal(hasher, TextOf(value), scale, cut);
		default:
			return false;
	}
}

bool
PutTextual(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
		   Hasher &hasher) noexcept
{
	char buffer[kNumberSize];

	if (value.storage_class == StorageClass::Blob)
		return false;
	if (reading.form == Form::Json && value.storage_class == StorageClass::Real)
	{
		const std::string_view number = ShortestText(value.real, buffer);

		PutBytes(hasher, number.data(), number.size());
		return true;
	}
	const SourceValue text = AsText(value, statement, column);
	std::string_view bytes = TextOf(text);
	RepairedText repaired;

	if (reading.rule.invalid_text != values::InvalidText::Error &&
		!repaired.Repair(bytes, reading.rule.invalid_text == values::InvalidText::Replace, &bytes))
		return false;
	if (reading.form == Form::Bpchar)
		PutPadded(hasher, bytes.data(), bytes.size());
	else
		PutBytes(hasher, bytes.data(), bytes.size());
	return true;
}

bool
PutByteString(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
			  Hasher &hasher) noexcept
{
	if (IsNumber(value) && reading.rule.from != From::Utf8)
		return false;

	std::string_view bytes = TextOf(AsText(value, statement, column));
	DecodedBytes decoded;

	if (reading.rule.from == From::Hex && !decoded.Hex(bytes, &bytes))
		return false;
	if (reading.rule.from == From::Base64 && !decoded.Base64(bytes, &bytes))
		return false;
	PutBytes(hasher, bytes.data(), bytes.size());
	return true;
}

/* What RFC 9562 says of the 16 bytes: version 1 to 8, variant 10; or nil and max. */
bool
LooksLikeUuid(std::string_view bytes) noexcept
{
	const auto byte = [&](size_t at) { return static_cast<unsigned char>(bytes[at]); };
	const bool versioned = byte(6) >= 0x10 && byte(6) < 0x90 && (byte(8) & 0xC0) == 0x80;

	return versioned || ((byte(0) == 0 || byte(0) == 0xFF) &&
						 bytes.find_first_not_of(bytes[0]) == std::string_view::npos);
}

bool
PutUuid(From from, const SourceValue &value, Hasher &hasher) noexcept
{
	unsigned char bytes[16];

	if (value.storage_class == StorageClass::Blob && value.size == sizeof(bytes))
	{
		if (from == From::Auto && !LooksLikeUuid(TextOf(value)))
			return false;
		memcpy(bytes, value.bytes, sizeof(bytes));
		if (from == From::DotnetGuid)
		{
			std::reverse(bytes, bytes + 4);
			std::swap(bytes[4], bytes[5]);
			std::swap(bytes[6], bytes[7]);
		}
		PutBytes(hasher, bytes, sizeof(bytes));
	}
	else if (value.storage_class == StorageClass::Text && reread::read_uuid(TextOf(value), bytes))
		PutBytes(hasher, bytes, sizeof(bytes));
	else
		return false;
	return true;
}

int64
MicrosecondsOfDay(const CivilTime &time, bool round) noexcept
{
	const int64 seconds = (time.hour * 60 + time.minute) * 60 + time.second;

	return seconds * 1000000 + time.microsecond + (round && time.rounds_up ? 1 : 0);
}

int64
DaysOf(const CivilTime &time) noexcept
{
	return reread::days_from_civil(time.year, time.month, time.day) - kEpochDays;
}

bool
PutMoment(const Reading &reading, std::optional<int64> moment, Hasher &hasher) noexcept
{
	if (moment && reading.form == Form::Date)
	{
		const int64 rest = (*moment % kDay + kDay) % kDay;

		if (rest != 0 && reading.rule.exact())
			return false;
		PutWord(hasher, static_cast<uint64>((*moment - rest) / kDay));
		return true;
	}
	if (moment)
		moment = KeepDigits(reading, *moment);
	if (!moment)
		return false;
	PutWord(hasher, static_cast<uint64>(*moment));
	return true;
}

bool
IsInfinity(std::string_view text, Hasher &hasher) noexcept
{
	const int infinity = reread::read_infinity(text);

	if (infinity == 0)
		return false;
	PutSpecial(hasher, infinity < 0 ? Special::MinusInfinity : Special::PlusInfinity);
	return true;
}

/* date, timestamp and timestamptz from text. */
LeafResult
PutCivil(const Reading &reading, const CivilTime &time, Hasher &hasher, bool *put) noexcept
{
	*put = false;
	if (!time.has_date || (time.finer_than_microseconds && reading.rule.exact()))
		return LeafResult::Done;
	const int64 of_day = MicrosecondsOfDay(time, reading.rule.rounds());
	int64 moment = DaysOf(time) * kDay + of_day;

	if (reading.form == Form::Date)
	{
		if (time.offset_seconds != 0 || (of_day != 0 && reading.rule.exact()))
			return LeafResult::Done;
		moment = DaysOf(time) * kDay; /* 24:00 is still of this day */
	}
	else if (reading.form == Form::TimestampTz)
	{
		if (!time.has_offset && !reading.zone_is_utc)
			return LeafResult::NeedsServer;
		moment -= time.offset_seconds * INT64CONST(1000000);
	}
	else if (time.offset_seconds != 0)
		return LeafResult::Done;
	*put = PutMoment(reading, moment, hasher);
	return LeafResult::Done;
}

LeafResult
PutDate(const Reading &reading, const SourceValue &value, Hasher &hasher, bool *put) noexcept
{
	CivilTime time;

	if (value.storage_class == StorageClass::Text)
	{
		*put = IsInfinity(TextOf(value), hasher);
		if (*put)
			return LeafResult::Done;
	}
	if (CivilTimeOf(reading.rule, value, &time))
		return PutCivil(reading, time, hasher, put);
	*put = PutMoment(reading, MomentOfNumber(reading.rule, value), hasher);
	return LeafResult::Done;
}

bool
PutTime(const Reading &reading, const SourceValue &value, Hasher &hasher) noexcept
{
	CivilTime time;

	if (value.storage_class != StorageClass::Text ||
		!reread::read_civil_time(TextOf(value), time) || time.has_date ||
		time.offset_seconds != 0 || (time.finer_than_microseconds && reading.rule.exact()))
		return false;
	return PutMoment(reading, MicrosecondsOfDay(time, reading.rule.rounds()), hasher);
}

/* numeric(5,-2) and its like */
bool
RoundsBeforePoint(const Reading &reading) noexcept
{
	return !reading.rule.exact() && reading.typmod >= 0 && reading.scale < 0;
}

/* Too many digits for PutDecimal. */
bool
IsLongDecimal(const SourceValue &value) noexcept
{
	reread::DecimalShape shape;

	return value.storage_class == StorageClass::Text && reread::read_decimal(TextOf(value), shape);
}

LeafResult
PutByForm(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
		  Hasher &hasher, bool *put) noexcept
{
	switch (reading.form)
	{
		case Form::Boolean:
			*put = PutBoolean(value, hasher);
			break;
		case Form::Integer:
			*put = PutInteger(value, hasher);
			break;
		case Form::Float4:
		case Form::Float8:
			*put = PutFloat(reading, value, hasher);
			break;
		case Form::Numeric:
			*put = !RoundsBeforePoint(reading) && PutNumeric(reading, value, hasher);
			if (!*put && (RoundsBeforePoint(reading) || IsLongDecimal(value)))
				return LeafResult::NeedsServer;
			break;
		case Form::Text:
		case Form::Bpchar:
		case Form::Json:
			*put = PutTextual(reading, value, statement, column, hasher);
			break;
		case Form::Bytea:
			*put = PutByteString(reading, value, statement, column, hasher);
			break;
		case Form::Uuid:
			*put = PutUuid(reading.rule.from, value, hasher);
			break;
		case Form::Time:
			*put = PutTime(reading, value, hasher);
			break;
		case Form::Date:
		case Form::Timestamp:
		case Form::TimestampTz:
			return PutDate(reading, value, hasher, put);
		case Form::Jsonb:
		case Form::Output:
			return LeafResult::NeedsServer;
	}
	return LeafResult::Done;
}

/* What the map makes of a value; false if it has no answer. */
bool
ApplyMap(const values::ColumnRule &rule, SourceValue &value, sqlite3_stmt *statement,
		 int column) noexcept
{
	const std::optional<std::string> *result = nullptr;
	const std::string_view key = TextOf(AsText(value, statement, column));

	for (const values::MapEntry &entry : rule.map)
	{
		if (key == entry.key)
		{
			result = &entry.value;
			break;
		}
	}
	if (result == nullptr && rule.has_map_else)
		result = &rule.map_else;
	if (result == nullptr)
		return rule.map_keeps_rest;
	if (*result)
		value = TextValue(**result);
	else
		value.storage_class = StorageClass::Null;
	return true;
}

} /* namespace */

std::optional<int64>
KeepDigits(const Reading &reading, int64 moment) noexcept
{
	int64 step = 1;

	for (int digits = reading.fraction_digits; digits < 6; ++digits)
		step *= 10;
	if (moment % step == 0)
		return moment;
	if (reading.rule.exact())
		return std::nullopt;
	if (reading.rule.truncates())
		return moment - (moment % step + step) % step;
	return moment >= 0 ? (moment + step / 2) / step * step : -((-moment + step / 2) / step * step);
}

std::optional<int64>
ReadInteger(const SourceValue &value) noexcept
{
	switch (value.storage_class)
	{
		case StorageClass::Integer:
			return value.integer;
		case StorageClass::Real:
			if (InInt64(value.real) && value.real == std::floor(value.real))
				return static_cast<int64>(value.real);
			return std::nullopt;
		case StorageClass::Text:
			return reread::read_integer(TextOf(value));
		default:
			return std::nullopt;
	}
}

std::optional<double>
ReadDouble(const SourceValue &value) noexcept
{
	double real;

	switch (value.storage_class)
	{
		case StorageClass::Real:
			return value.real;
		case StorageClass::Integer:
			real = static_cast<double>(value.integer);
			if (!InInt64(real) || static_cast<int64>(real) != value.integer)
				return std::nullopt;
			return real;
		case StorageClass::Text:
			return reread::read_double(TextOf(value));
		default:
			return std::nullopt;
	}
}

bool
ApplyRule(const values::ColumnRule &rule, SourceValue &value, sqlite3_stmt *statement,
		  int column) noexcept
{
	const bool text = value.storage_class == StorageClass::Text;

	if (rule.empty_as_null && text && (value.size == 0 || reread::is_zero_date(TextOf(value))))
		value.storage_class = StorageClass::Null;
	if (value.storage_class == StorageClass::Blob && rule.from == From::Utf8)
		value.storage_class = StorageClass::Text;
	if (value.storage_class != StorageClass::Null && !rule.map.empty() &&
		!ApplyMap(rule, value, statement, column))
		return false;
	if (value.storage_class == StorageClass::Null && rule.null_value)
		value = TextValue(*rule.null_value);
	return true;
}

SourceValue
TakeValue(sqlite3_stmt *statement, int column) noexcept
{
	SourceValue value = {};

	value.storage_class = static_cast<StorageClass>(sqlite3_column_type(statement, column));
	switch (value.storage_class)
	{
		case StorageClass::Integer:
			value.integer = sqlite3_column_int64(statement, column);
			break;
		case StorageClass::Real:
			value.real = sqlite3_column_double(statement, column);
			break;
		case StorageClass::Text:
			value.bytes = reinterpret_cast<const char *>(sqlite3_column_text(statement, column));
			value.size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
			break;
		case StorageClass::Blob:
			value.bytes = static_cast<const char *>(sqlite3_column_blob(statement, column));
			value.size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
			break;
		case StorageClass::Null:
			break;
	}
	return value;
}

SourceValue
TakeText(const SourceValue &value, sqlite3_stmt *statement, int column) noexcept
{
	return AsText(value, statement, column);
}

void
PutUnreadable(const Reading &reading, const SourceValue &value, Hasher &hasher) noexcept
{
	if (reading.rule.on_mismatch == values::OnMismatch::Null)
	{
		PutNull(hasher);
		return;
	}
	PutSpecial(hasher, Special::Unreadable);
}

LeafResult
ReadSource(const Reading &reading, const SourceValue &source, sqlite3_stmt *statement, int column,
		   Hasher &hasher) noexcept
{
	SourceValue value = source;
	bool put = false;

	if (reading.expression != nullptr)
		return LeafResult::NeedsServer;
	if (reading.has_rule && !ApplyRule(reading.rule, value, statement, column))
	{
		PutUnreadable(reading, source, hasher);
		return LeafResult::Done;
	}
	if (value.storage_class == StorageClass::Null)
	{
		PutNull(hasher);
		return LeafResult::Done;
	}
	const Hasher before = hasher;

	if (PutByForm(reading, value, statement, column, hasher, &put) == LeafResult::NeedsServer)
		return LeafResult::NeedsServer;
	if (put && reading.nulls)
	{
		switch (CheckLimits(reading, value, statement, column))
		{
			case Limits::Within:
				break;
			case Limits::Beyond:
				put = false;
				hasher = before;
				break;
			case Limits::AskServer:
				hasher = before;
				return LeafResult::NeedsServer;
		}
	}
	if (!put)
		PutUnreadable(reading, source, hasher);
	return LeafResult::Done;
}

bool
PutOnLeaf(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
		  Hasher &hasher) noexcept
{
	bool put = false;

	return PutByForm(reading, value, statement, column, hasher, &put) == LeafResult::Done && put;
}

} /* namespace sqlite_import::verify */
