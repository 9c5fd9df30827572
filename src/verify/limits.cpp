/*
 * limits.cpp
 *    Which values a type refuses although they can be read: numbers beyond its
 *    range or precision, texts beyond its length or encoding.
 *
 * Where on_error or on_mismatch made such values NULL, the comparison has to
 * expect NULL for exactly these, and comes to them by rules of its own.
 */
#include <charconv>
#include <cmath>

#include "sqlite/text_shape.hpp"
#include "verify/put.hpp"
#include "verify/source_value.hpp"
#include "verify/text_repair.hpp"

namespace sqlite_import::verify
{

namespace
{

using sqlite::StorageClass;

Limits
WithinIf(bool within) noexcept
{
	return within ? Limits::Within : Limits::Beyond;
}

Limits
LimitsOfInteger(const Reading &reading, const SourceValue &value) noexcept
{
	const std::optional<int64> integer = ReadInteger(value);
	const int bits = reading.integer_bytes * 8 - 1;

	if (!integer || bits >= 63)
		return Limits::Within;
	if (reading.is_unsigned)
		return WithinIf(*integer >= 0 && *integer <= INT64CONST(0xFFFFFFFF));
	return WithinIf(*integer >= -(INT64CONST(1) << bits) && *integer < INT64CONST(1) << bits);
}

/* True if both texts are the same decimal number. */
bool
SameNumber(std::string_view left, std::string_view right) noexcept
{
	const HashKeys keys = {1, 2, 3};
	Hasher left_words(keys);
	Hasher right_words(keys);

	return PutDecimal(left_words, left, -1) && PutDecimal(right_words, right, -1) &&
		   left_words.Result() == right_words.Result();
}

/* A text must be the number that the double's fewest digits are, or the 64-bit integer that it is.
 */
bool
IsExactDouble(const SourceValue &value, double real) noexcept
{
	constexpr double kTwoTo63 = 9223372036854775808.0;
	char buffer[kNumberSize];

	if (value.storage_class != StorageClass::Text ||
		SameNumber(TextOf(value), ShortestText(real, buffer)))
		return true;
	if (!(real >= -kTwoTo63 && real < kTwoTo63) || real != std::floor(real))
		return false;
	const auto end = std::to_chars(buffer, buffer + kNumberSize, static_cast<int64>(real)).ptr;

	return SameNumber(TextOf(value), {buffer, static_cast<size_t>(end - buffer)});
}

Limits
LimitsOfFloat(const Reading &reading, const SourceValue &value) noexcept
{
	const std::optional<double> real = ReadDouble(value);
	char buffer[kNumberSize];
	double again;

	if (!real || std::isinf(*real))
		return Limits::Within;
	if (!IsExactDouble(value, *real))
		return Limits::Beyond;
	if (reading.form == Form::Float8)
		return Limits::Within;
	const auto narrow = static_cast<float>(*real);

	if (std::isinf(narrow))
		return Limits::Beyond;
	if (reading.rule.round || narrow == *real)
		return Limits::Within;
	const auto end =
		std::to_chars(buffer, buffer + sizeof(buffer), narrow, std::chars_format::scientific);

	std::from_chars(buffer, end.ptr, again);
	return WithinIf(again == *real);
}

/* Digits that numeric has room for (documentation: 8.1.2, table 8.2). */
Limits
LimitsOfNumeric(const Reading &reading, const SourceValue &value) noexcept
{
	sqlite::DecimalShape shape;

	if (reading.typmod >= 0)
		return Limits::AskServer;
	if (value.storage_class != StorageClass::Text || !sqlite::read_decimal(TextOf(value), shape))
		return Limits::Within;
	return WithinIf(shape.integer_digits <= 131072 && shape.scale <= 16383);
}

Limits
LimitsOfText(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement,
			 int column) noexcept
{
	const SourceValue text = TakeText(value, statement, column);
	std::string_view bytes = TextOf(text);
	RepairedText repaired;

	if (reading.rule.invalid_text != values::InvalidText::Error &&
		!repaired.Repair(bytes, reading.rule.invalid_text == values::InvalidText::Replace, &bytes))
		return Limits::Beyond;
	const sqlite::Utf8Verdict verdict = sqlite::check_utf8(bytes);

	if (!verdict.valid || verdict.has_nul)
		return Limits::Beyond;
	if (reading.form == Form::Json)
	{
		char buffer[kNumberSize];

		if (value.storage_class == StorageClass::Real)
			bytes = ShortestText(value.real, buffer);
		return WithinIf(sqlite::check_json(bytes) != sqlite::JsonVerdict::Invalid);
	}
	if (reading.max_characters >= 0 && verdict.characters > reading.max_characters)
		return Limits::Beyond;
	return reading.convert_encoding ? Limits::AskServer : Limits::Within;
}

Limits
LimitsOfType(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement,
			 int column) noexcept
{
	switch (reading.form)
	{
		case Form::Integer:
			return LimitsOfInteger(reading, value);
		case Form::Float4:
		case Form::Float8:
			return LimitsOfFloat(reading, value);
		case Form::Numeric:
			return LimitsOfNumeric(reading, value);
		case Form::Text:
		case Form::Bpchar:
		case Form::Json:
			return LimitsOfText(reading, value, statement, column);
		default:
			return Limits::Within;
	}
}

} /* namespace */

std::string_view
ShortestText(double value, char *buffer) noexcept
{
	/* plain notation would show all digits of a large double, not its fewest */
	const auto end = std::fabs(value) < 1e15 ? std::to_chars(buffer, buffer + kNumberSize, value)
											 : std::to_chars(buffer, buffer + kNumberSize, value,
															 std::chars_format::scientific);

	return {buffer, static_cast<size_t>(end.ptr - buffer)};
}

Limits
CheckLimits(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement,
			int column) noexcept
{
	const Limits limits = LimitsOfType(reading, value, statement, column);

	return limits == Limits::Within && reading.type != reading.base_type ? Limits::AskServer
																		 : limits;
}

} /* namespace sqlite_import::verify */
