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

#include "reread/text_shape.hpp"
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

/* Digits that numeric has room for (documentation: 8.1.2, table 8.2). */
Limits
LimitsOfNumeric(const Reading &reading, const SourceValue &value) noexcept
{
	reread::DecimalShape shape;

	if (reading.typmod >= 0)
		return Limits::AskServer;
	if (value.storage_class != StorageClass::Text || !reread::read_decimal(TextOf(value), shape))
		return Limits::Within;
	return WithinIf(shape.integer_digits <= 131072 && shape.written_scale <= 16383);
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
	const reread::Utf8Verdict verdict = reread::check_utf8(bytes);

	if (!verdict.valid || verdict.has_nul)
		return Limits::Beyond;
	if (reading.form == Form::Json)
	{
		char buffer[kNumberSize];

		if (value.storage_class == StorageClass::Real)
			bytes = ShortestText(value.real, buffer);
		return WithinIf(reread::check_json(bytes) != reread::JsonVerdict::Invalid);
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
