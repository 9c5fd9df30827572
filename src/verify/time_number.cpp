/*
 * time_number.cpp
 *    Units of time by wide integers.
 */
#include "verify/time_number.hpp"

#include <charconv>
#include <cmath>

#include "verify/put.hpp"

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
using values::Rounding;

using Wide = __int128;

constexpr int64 kDay = INT64CONST(86400000000);
constexpr int64 kEpochDays = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
/* Milliseconds of Julian day 0 to 2000-01-01, and the end of SQLite's calendar
 * (sqlite.org/lang_datefunc.html). */
constexpr int64 kJulianOf2000 = INT64CONST(211813444800000);
constexpr int64 kJulianEnd = INT64CONST(464269060799999);
/* A day has 86400000000 = 2^13 · 3^3 · 5^8 · … microseconds: more decimals of it are never whole.
 */
constexpr int kDecimalsOfDay = 13;

/* How a unit counts: numerator / denominator microseconds, from a day since 1970. */
struct Count
{
	int64 numerator;
	int64 denominator;
	int64 zero_day;
};

std::optional<Count>
CountOf(From from) noexcept
{
	switch (from)
	{
		case From::UnixS:
			return Count{1000000, 1, 0};
		case From::UnixMs:
			return Count{1000, 1, 0};
		case From::UnixUs:
			return Count{1, 1, 0};
		case From::UnixNs:
			return Count{1, 1000, 0};
		case From::UnixDays:
			return Count{kDay, 1, 0};
		case From::Cocoa:
			return Count{1000000, 1, reread::days_from_civil(2001, 1, 1)};
		case From::Webkit:
			return Count{1, 1, reread::days_from_civil(1601, 1, 1)};
		case From::DotnetTicks:
			return Count{1, 10, reread::days_from_civil(1, 1, 1)};
		case From::Auto:
		case From::Julian:
		case From::Ole:
		case From::Compact:
		case From::Base64:
		case From::Hex:
		case From::Utf8:
		case From::UuidBytes:
		case From::DotnetGuid:
		case From::Csv:
			break;
	}
	return std::nullopt;
}

std::optional<int64>
Divide(Wide dividend, Wide divisor, Rounding rounding) noexcept
{
	const bool negative = dividend < 0;
	Wide magnitude = negative ? -dividend : dividend;

	if (magnitude % divisor != 0 && rounding == Rounding::Exact)
		return std::nullopt;
	magnitude = (magnitude + (rounding == Rounding::Truncate ? 0 : divisor / 2)) / divisor;
	if (magnitude > static_cast<Wide>(PG_INT64_MAX) + (negative ? 1 : 0))
		return std::nullopt;
	return static_cast<int64>(negative ? -magnitude : magnitude);
}

/* Days with decimals: by as few of these as hold the number. */
std::optional<int64>
MicrosecondsOfDays(std::string_view text, Rounding rounding) noexcept
{
	Wide power = 1;
	std::optional<int64> nearest;
	const Rounding inexact = rounding == Rounding::Exact ? Rounding::Round : rounding;

	for (int decimals = 0; decimals <= kDecimalsOfDay; ++decimals, power *= 10)
	{
		const std::optional<int64> exact = ScaledInteger(text, decimals, Rounding::Exact);

		if (exact)
			return Divide(static_cast<Wide>(*exact) * kDay, power, rounding);
		const std::optional<int64> near = ScaledInteger(text, decimals, inexact);

		if (near)
			nearest = Divide(static_cast<Wide>(*near) * kDay, power, inexact);
	}
	return rounding == Rounding::Exact ? std::nullopt : nearest;
}

/* A decimal number of units in microseconds: its digits as one integer, over a power of ten. */
std::optional<int64>
MicrosecondsOfDecimal(const Count &count, std::string_view text, Rounding rounding) noexcept
{
	if (count.numerator == kDay)
		return MicrosecondsOfDays(text, rounding);
	int shift = 0;

	for (int64 n = count.numerator; n > 1; n /= 10)
		++shift;
	for (int64 n = count.denominator; n > 1; n /= 10)
		--shift;
	return ScaledInteger(text, shift, rounding);
}

std::optional<int64>
FromZero(const Count &count, std::optional<int64> microseconds) noexcept
{
	if (!microseconds)
		return std::nullopt;
	const Wide moment =
		static_cast<Wide>(*microseconds) + static_cast<Wide>(count.zero_day - kEpochDays) * kDay;

	if (moment != static_cast<int64>(moment) || !IS_VALID_TIMESTAMP(static_cast<int64>(moment)))
		return std::nullopt;
	return static_cast<int64>(moment);
}

std::optional<int64>
MomentOfJulian(double julian) noexcept
{
	if (!(julian >= 0 && julian <= 5373484.5))
		return std::nullopt;
	const auto milliseconds = static_cast<int64>(julian * 86400000.0 + 0.5);

	if (milliseconds > kJulianEnd)
		return std::nullopt;
	return (milliseconds - kJulianOf2000) * 1000;
}

/* As DateTime.FromOADate() of .NET counts: the fraction runs forward in both directions. */
std::optional<int64>
MomentOfOle(double days) noexcept
{
	constexpr int64 kDayMilliseconds = 86400000;

	if (!(days > -657435.0 && days < 2958466.0))
		return std::nullopt;
	const auto sum = static_cast<int64>(days * 86400000.0 + (days < 0 ? -0.5 : 0.5));
	const int64 whole = sum / kDayMilliseconds;
	const int64 rest = sum % kDayMilliseconds;

	return (whole + reread::days_from_civil(1899, 12, 30) - kEpochDays) * kDay +
		   (rest < 0 ? -rest : rest) * 1000;
}

std::optional<int64>
MomentOfDays(From from, double days) noexcept
{
	return from == From::Ole ? MomentOfOle(days) : MomentOfJulian(days);
}

/* Digits or an exponent beyond what numbers of units are read with. */
bool
IsMonstrous(std::string_view text) noexcept
{
	const size_t e = text.find_first_of("eE");
	int exponent = 0;
	size_t digits = 0;

	for (const char c : text.substr(0, e))
		digits += (c >= '1' && c <= '9') || (c == '0' && digits > 0) ? 1 : 0;
	if (e != std::string_view::npos)
	{
		const std::string_view power = text.substr(e + (text[e + 1] == '+' ? 2 : 1));
		const auto read = std::from_chars(power.data(), power.data() + power.size(), exponent);

		if (read.ec != std::errc() || exponent > 1000 || exponent < -1000)
			return true;
	}
	return digits > 128;
}

std::optional<int64>
Microseconds(const Count &count, const SourceValue &value, Rounding rounding) noexcept
{
	char buffer[kNumberSize];
	reread::DecimalShape shape;

	switch (value.storage_class)
	{
		case StorageClass::Integer:
			return Divide(static_cast<Wide>(value.integer) * count.numerator, count.denominator,
						  rounding);
		case StorageClass::Real:
		{
			if (!std::isfinite(value.real))
				return std::nullopt;
			const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value.real,
										   std::chars_format::scientific)
								 .ptr;

			return MicrosecondsOfDecimal(count, {buffer, static_cast<size_t>(end - buffer)},
										 rounding);
		}
		case StorageClass::Text:
			if (!reread::read_decimal(TextOf(value), shape) || IsMonstrous(TextOf(value)))
				return std::nullopt;
			return MicrosecondsOfDecimal(count, TextOf(value), rounding);
		case StorageClass::Blob:
		case StorageClass::Null:
			break;
	}
	return std::nullopt;
}

bool
IsNegative(const SourceValue &value) noexcept
{
	return value.storage_class == StorageClass::Integer ? value.integer < 0
		   : value.storage_class == StorageClass::Real  ? value.real < 0
														: TextOf(value).substr(0, 1) == "-";
}

/* The digits of a whole number, its zeros written out; 0 if there are too many or none. */
size_t
WholeDigits(const SourceValue &value, char *buffer, size_t room) noexcept
{
	char *const end = buffer + room;

	if (value.storage_class == StorageClass::Integer)
		return static_cast<size_t>(std::to_chars(buffer, end, value.integer).ptr - buffer);
	/* fewest digits, then zeros: what comes after them says nothing that the double knows */
	char digits[kNumberSize];
	const auto written =
		std::to_chars(digits, digits + sizeof(digits), value.real, std::chars_format::scientific);
	const std::string_view text(digits, static_cast<size_t>(written.ptr - digits));
	const size_t e = text.find('e');
	int exponent = 0;
	size_t size = 0;

	if (e == std::string_view::npos || value.real < 0 || value.real != std::floor(value.real))
		return 0;
	std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(),
					exponent);
	if (exponent < 0 || static_cast<size_t>(exponent) >= room)
		return 0;
	for (const char c : text.substr(0, e))
		if (c != '.')
			buffer[size++] = c;
	while (size <= static_cast<size_t>(exponent))
		buffer[size++] = '0';
	return size == static_cast<size_t>(exponent) + 1 ? size : 0;
}

/* YYYYMMDD[HHMMSS[[.]f…]] as ISO text. */
bool
CompactTime(std::string_view digits, CivilTime *time) noexcept
{
	char iso[512];
	size_t size = 0;
	const size_t plain = digits.find_first_not_of("0123456789");
	const bool date_only = digits.size() == 8;

	if (digits.size() > 300 || (!date_only && digits.size() < 14) ||
		(plain != std::string_view::npos && (plain != 14 || digits[plain] != '.')))
		return false;
	const auto put = [&](size_t at, size_t count, char before)
	{
		if (before != '\0')
			iso[size++] = before;
		for (size_t i = 0; i < count; i++)
			iso[size++] = digits[at + i];
	};

	put(0, 4, '\0');
	put(4, 2, '-');
	put(6, 2, '-');
	if (!date_only)
	{
		/* 24:00 is a time of ISO text alone */
		if (digits.substr(8, 2) == "24")
			return false;
		put(8, 2, ' ');
		put(10, 2, ':');
		put(12, 2, ':');
	}
	const std::string_view fraction = digits.substr(date_only ? 8 : 14);

	if (fraction == ".")
		return false;
	if (!fraction.empty())
		put(digits.size() - fraction.size() + (fraction[0] == '.' ? 1 : 0),
			fraction.size() - (fraction[0] == '.' ? 1 : 0), '.');
	return reread::read_civil_time({iso, size}, *time);
}

} /* namespace */

std::optional<int64>
MomentOfNumber(const values::ColumnRule &rule, const SourceValue &value) noexcept
{
	if (rule.from == From::Julian || rule.from == From::Ole)
	{
		reread::DecimalShape shape;

		if (value.storage_class == StorageClass::Integer)
			return MomentOfDays(rule.from, static_cast<double>(value.integer));
		if (value.storage_class == StorageClass::Text &&
			!reread::read_decimal(TextOf(value), shape))
			return std::nullopt;
		const std::optional<double> days = ReadDouble(value);

		return days ? MomentOfDays(rule.from, *days) : std::nullopt;
	}
	const std::optional<Count> count = CountOf(rule.from);

	if (!count)
		return std::nullopt;
	std::optional<int64> since = Microseconds(*count, value, rule.rounding);

	/* an instant goes back, also if it was counted back from zero */
	if (since && *since > PG_INT64_MIN && rule.truncates() && IsNegative(value) &&
		Microseconds(*count, value, Rounding::Exact) != since)
		since = *since - 1;
	return FromZero(*count, since);
}

std::optional<int64>
LengthOfNumber(const values::ColumnRule &rule, const SourceValue &value) noexcept
{
	const std::optional<Count> count = CountOf(rule.from);

	return count ? Microseconds(*count, value, rule.rounding) : std::nullopt;
}

bool
CivilTimeOf(const values::ColumnRule &rule, const SourceValue &value, CivilTime *time) noexcept
{
	char digits[kNumberSize];
	const bool is_text = value.storage_class == StorageClass::Text;

	if (rule.from == From::Compact)
	{
		if (IsNumber(value))
		{
			const size_t size = WholeDigits(value, digits, 24);

			return size > 0 && CompactTime({digits, size}, time);
		}
		if (is_text && CompactTime(TextOf(value), time))
			return true;
	}
	return is_text && reread::read_civil_time(TextOf(value), *time);
}

} /* namespace sqlite_import::verify */
