/*
 * leaf_text.cpp
 *    Leaf stage for text, bytes, uuid, addresses, and for the types that are left to their
 *    input functions.
 */
#include <algorithm>
#include <charconv>

#include "values/address.hpp"
#include "values/json.hpp"
#include "values/number.hpp"
#include "values/token.hpp"
#include "values/utf8.hpp"

#include "convert/datum.hpp"

extern "C" {
#include "catalog/pg_type.h"
}

namespace sqlite_import::convert
{

namespace
{

using values::From;
using values::InvalidText;

/* Makes text out of bytes that PostgreSQL would refuse, if the rule allows it. */
Mismatch
RepairText(const Converter &converter, Arena &arena, const char **text, size_t *size, size_t valid,
		   bool *altered, bool *no_memory) noexcept
{
	if (converter.rule.invalid_text == InvalidText::Error)
		return (*text)[valid] == '\0' ? Mismatch::NulByte : Mismatch::InvalidUtf8;

	const size_t limit = values::repaired_text_limit(*size);
	char *const repaired = arena.allocate(limit + 1, 1);

	if (repaired == nullptr)
	{
		*no_memory = true;
		return Mismatch::None;
	}
	*size = values::repair_text(*text, *size,
								converter.rule.invalid_text == InvalidText::Replace
									? values::TextRepair::Replace
									: values::TextRepair::Strip,
								repaired);
	repaired[*size] = '\0';
	*text = repaired;
	*altered = true;
	return Mismatch::None;
}

/* bpchar holds its blanks: the padded value, as bpcharin makes it. */
Converted
PaddedText(Arena &arena, const char *text, size_t size, size_t blanks) noexcept
{
	char *data;
	char *const result = MakeVarlena(arena, size + blanks, &data);

	if (result == nullptr)
		return OutOfMemory();
	memcpy(data, text, size);
	memset(data + size, ' ', blanks);
	return Good(PointerGetDatum(result));
}

/* The bytes of SQLite's text of a number: what its CAST to BLOB gives
 * (sqlite.org/lang_expr.html#castexpr). */
Converted
TextBytes(const SourceValue &number, Arena &arena) noexcept
{
	char text[values::kNumberTextSize];
	const size_t size = number.storage_class == StorageClass::Integer
							? values::integer_text(number.integer, text)
							: values::real_text(number.real, text);

	return VarlenaOf(arena, text, size);
}

Converted
DecodedBytea(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	/* decoded at the place where the long header would put it, moved if a short one does */
	size_t size;
	char *const room = arena.allocate(value.size + VARHDRSZ + 4, 4);

	if (room == nullptr)
		return OutOfMemory();
	char *const data = room + VARHDRSZ;
	const bool good = converter.rule.from == From::Hex
						  ? values::decode_hex(value.bytes, value.size, data, &size)
						  : values::decode_base64(value.bytes, value.size, data, &size);
	if (!good)
		return Refuse(Mismatch::NotEncoded);
	if (size + VARHDRSZ_SHORT <= VARATT_SHORT_MAX)
	{
		memmove(room + VARHDRSZ_SHORT, data, size);
		SET_VARSIZE_1B(room, size + VARHDRSZ_SHORT);
	}
	else
		SET_VARSIZE(room, size + VARHDRSZ);
	return Good(PointerGetDatum(room));
}

} /* namespace */

Mismatch
TextOfValue(const Converter &converter, const SourceValue &value, Arena &arena, char *numbers,
			const char **text, size_t *size, bool *altered, bool *no_memory) noexcept
{
	switch (value.storage_class)
	{
		case StorageClass::Integer:
			*size = values::integer_text(value.integer, numbers);
			*text = numbers;
			return Mismatch::None;
		case StorageClass::Real:
			*size = values::real_text(value.real, numbers);
			*text = numbers;
			return Mismatch::None;
		case StorageClass::Blob:
			if (converter.rule.from != From::Utf8)
				return Mismatch::BlobAsText;
			break;
		case StorageClass::Text:
			break;
		case StorageClass::Null:
			return Mismatch::Class;
	}
	*text = value.bytes;
	*size = value.size;
	const size_t valid = values::valid_text_prefix(*text, *size);
	if (valid == *size)
		return Mismatch::None;
	return RepairText(converter, arena, text, size, valid, altered, no_memory);
}

namespace
{

/* Numbers, limits, repairs. */
Converted
LeafAnyText(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	char numbers[values::kNumberTextSize];
	const char *text = nullptr;
	size_t size = 0;
	bool altered = false;
	bool no_memory = false;
	const Mismatch mismatch =
		TextOfValue(converter, value, arena, numbers, &text, &size, &altered, &no_memory);

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (no_memory)
		return OutOfMemory();
	if (converter.max_characters > 0)
	{
		const auto limit = static_cast<size_t>(converter.max_characters);
		const bool padded = converter.base_type == BPCHAROID;

		if (size > limit || padded)
		{
			const size_t characters = values::count_characters(text, size);

			if (characters > limit)
				return Refuse(Mismatch::TooLong);
			if (padded)
			{
				Converted result = PaddedText(arena, text, size, limit - characters);
				result.altered = altered;
				return result;
			}
		}
	}
	Converted result = VarlenaOf(arena, text, size);
	result.altered = altered;
	return result;
}

} /* namespace */

Converted
LeafText(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	/* what nearly every value is */
	if (likely(value.storage_class == StorageClass::Text && converter.max_characters == 0 &&
			   values::valid_text_prefix(value.bytes, value.size) == value.size))
		return VarlenaOf(arena, value.bytes, value.size);
	return LeafAnyText(converter, value, arena);
}

Converted
LeafBytea(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	switch (value.storage_class)
	{
		case StorageClass::Text:
			if (converter.rule.from == From::Hex || converter.rule.from == From::Base64)
				return DecodedBytea(converter, value, arena);
			return VarlenaOf(arena, value.bytes, value.size);
		case StorageClass::Blob:
			return VarlenaOf(arena, value.bytes, value.size);
		default:
			return converter.rule.from == From::Utf8 ? TextBytes(value, arena)
													 : Refuse(Mismatch::Class);
	}
}

namespace
{

constexpr size_t kUuidSize = 16;

/* The bytes are a UUID's in the order of RFC 9562: version and variant stand in their places. */
bool
IsInRfcOrder(const char *bytes) noexcept
{
	const auto version = static_cast<unsigned char>(bytes[6]) >> 4;
	const auto variant = static_cast<unsigned char>(bytes[8]) >> 6;
	const auto all = [&](char byte)
	{ return std::all_of(bytes, bytes + kUuidSize, [byte](char c) { return c == byte; }); };

	return (version >= 1 && version <= 8 && variant == 2) || all('\0') || all('\xFF');
}

/* Guid.ToByteArray writes the first three fields with their least byte first. */
void
CopyDotnetGuid(const char *bytes, uint8_t *result) noexcept
{
	constexpr int kOrder[kUuidSize] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (size_t i = 0; i < kUuidSize; i++)
		result[i] = static_cast<uint8_t>(bytes[kOrder[i]]);
}

} /* namespace */

Converted
LeafUuid(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	auto *const result = reinterpret_cast<uint8_t *>(arena.allocate(kUuidSize, 1));

	if (result == nullptr)
		return OutOfMemory();
	if (value.storage_class == StorageClass::Blob && value.size == kUuidSize)
	{
		if (converter.rule.from == From::Auto && !IsInRfcOrder(value.bytes))
			return Refuse(Mismatch::NoByteOrder);
		if (converter.rule.from == From::DotnetGuid)
			CopyDotnetGuid(value.bytes, result);
		else
			memcpy(result, value.bytes, kUuidSize);
		return Good(PointerGetDatum(result));
	}
	if (value.storage_class == StorageClass::Text)
		return values::parse_uuid(value.bytes, value.size, result) ? Good(PointerGetDatum(result))
																   : Refuse(Mismatch::NotAUuid);
	return Refuse(value.storage_class == StorageClass::Blob ? Mismatch::NotAUuid : Mismatch::Class);
}

Converted
LeafMoney(const Converter &, const SourceValue &, Arena &) noexcept
{
	return Refuse(Mismatch::Money);
}

Converted
LeafInput(const Converter &converter, const SourceValue &value, Arena &) noexcept
{
	if (value.storage_class == StorageClass::Blob && converter.rule.from != From::Utf8)
		return Refuse(Mismatch::BlobAsText);
	return Defer();
}

namespace
{

bool
IsNumber(const SourceValue &value) noexcept
{
	return value.storage_class == StorageClass::Integer ||
		   value.storage_class == StorageClass::Real;
}

/* Input functions are generous: cidr's takes '10' for 10.0.0.0/8, macaddr's the date 2024-01-31 for
 * 20:24:00:01:00:31, macaddr8's six bytes for eight. */
Mismatch
MismatchOfAddress(Oid type, const char *text, size_t size) noexcept
{
	switch (type)
	{
		case INETOID:
			return values::is_inet(text, size) ? Mismatch::None : Mismatch::NotANetwork;
		case CIDROID:
			return values::is_cidr(text, size) ? Mismatch::None : Mismatch::NotANetwork;
		case MACADDROID:
			return values::is_macaddr(text, size) ? Mismatch::None : Mismatch::NotAMacaddr;
		default:
			return values::is_macaddr8(text, size) ? Mismatch::None : Mismatch::NotAMacaddr8;
	}
}

} /* namespace */

Converted
LeafNetwork(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	/* cidr would make 10.5.0.0/16 of the number 10.5, and no number keeps an address's zeros */
	if (IsNumber(value))
		return Refuse(Mismatch::Class);
	if (value.storage_class == StorageClass::Blob && converter.rule.from != From::Utf8)
		return Refuse(Mismatch::BlobAsText);
	const Mismatch mismatch = MismatchOfAddress(converter.base_type, value.bytes, value.size);
	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	return LeafInput(converter, value, arena);
}

Converted
LeafXid8(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	/* its input function takes -1 for the greatest number, and 2.5 for 2 */
	if (value.storage_class == StorageClass::Real)
		return Refuse(Mismatch::Class);
	if (value.storage_class == StorageClass::Integer && value.integer < 0)
		return Refuse(Mismatch::OutOfRange);
	if (value.storage_class == StorageClass::Text)
	{
		const char *const end = value.bytes + value.size;
		uint64 number;
		const auto read = std::from_chars(value.bytes, end, number);

		/* it would also take a number beyond the greatest for the greatest */
		if (read.ec == std::errc::invalid_argument || read.ptr != end)
			return Refuse(Mismatch::NotANumber);
		if (read.ec == std::errc::result_out_of_range)
			return Refuse(Mismatch::OutOfRange);
	}
	return LeafInput(converter, value, arena);
}

Converted
LeafBit(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	/* 5 could be the number or the pattern 101: only 0 and 1 are both */
	if (value.storage_class == StorageClass::Real ||
		(value.storage_class == StorageClass::Integer && value.integer != 0 && value.integer != 1))
		return Refuse(Mismatch::Class);
	return LeafInput(converter, value, arena);
}

Converted
LeafArray(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	if (IsNumber(value))
		return Refuse(Mismatch::NotAnArray);
	return LeafInput(converter, value, arena);
}

Converted
LeafJson(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	/* what our reader does not know for sure, PostgreSQL's decides */
	if (value.storage_class == StorageClass::Text &&
		values::valid_text_prefix(value.bytes, value.size) == value.size &&
		values::json_is_valid(value.bytes, value.size))
		return VarlenaOf(arena, value.bytes, value.size);
	return LeafInput(converter, value, arena);
}

} /* namespace sqlite_import::convert */
