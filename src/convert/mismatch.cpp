/*
 * mismatch.cpp
 *    The one table of reasons for which a value is refused, and the errors made
 *    of them.
 *
 * An error names the place and the reason; the value itself is told only under
 * sqlite_import.show_values, because logs are read by more people than the data.
 */
#include "values/number.hpp"
#include "values/utf8.hpp"

#include "convert/datum.hpp"
#include "convert/server_state.hpp"
#include "pg/encoding.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
}

namespace sqlite_import::convert
{

namespace
{

struct Reason
{
	Mismatch mismatch;
	int sqlstate;
	const char *detail; /* completes "…: " */
	const char *hint;
};

constexpr char kOtherTypeHint[] =
	"Give the column a type that holds all its values (casts, or types => 'checked'), or let "
	"on_error => 'null' or 'reject' deal with the value.";

/* … in a column whose domain takes no NULL, or has not been asked. */
constexpr char kNoNullHint[] =
	"Give the column a type that holds all its values (casts, or types => 'checked'), or let "
	"on_error => 'reject' deal with the row: the column's domain takes no NULL.";
constexpr char kPerhapsNullHint[] =
	"Give the column a type that holds all its values (casts, or types => 'checked'), or let "
	"on_error => 'reject' deal with the row, or 'null' if the column's domain takes NULL.";

/* Whatever the type, its input function had no part in this. */
constexpr Reason kNotInEncoding = {
	Mismatch::Server, ERRCODE_UNTRANSLATABLE_CHARACTER,
	"the text holds a character that the encoding of the database lacks",
	"Create the database with ENCODING 'UTF8', or let on_error => 'null' or 'reject' deal with the value."};

constexpr char kForeignHint[] =
	"Give the foreign table's column a type that holds the value, or set its option on_mismatch to "
	"'null'.";
constexpr char kForeignUnitHint[] =
	"Set the foreign table's column option column_type to 'unix_s', 'unix_ms', 'unix_us', "
	"'unix_ns', 'unix_days', 'julian', 'cocoa', 'webkit', 'dotnet_ticks', 'ole' or 'compact'.";

constexpr Reason kReasons[] = {
	{Mismatch::Class, ERRCODE_DATATYPE_MISMATCH,
	 "values of this storage class never become this type", kOtherTypeHint},
	{Mismatch::OutOfRange, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
	 "the number is beyond the range of the type", kOtherTypeHint},
	{Mismatch::Inexact, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
	 "the type would not hold all digits of the number or time",
	 "Give the column a wider type, or allow rounding by casts: {\"round\": true}."},
	{Mismatch::NotANumber, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "the text is not a number in plain form", kOtherTypeHint},
	{Mismatch::NotABoolean, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "only 0, 1 and the words true, false, t, f, yes, no, y, n, on, off are truth values",
	 "Make the column an integer, or map its values by casts: {\"map\": {...}}."},
	{Mismatch::NotAUuid, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "a UUID is 32 hexadecimal digits, with dashes or without, or a blob of 16 bytes",
	 kOtherTypeHint},
	{Mismatch::NoByteOrder, ERRCODE_INVALID_BINARY_REPRESENTATION,
	 "16 bytes do not say in which order they are a UUID",
	 "Say it by casts: {\"from\": \"uuid_bytes\"}, or dotnet_guid."},
	{Mismatch::NotAMacaddr, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "a MAC address is 12 hexadecimal digits, bare or parted alike throughout", kOtherTypeHint},
	{Mismatch::NotAMacaddr8, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "a MAC address of macaddr8 is 16 hexadecimal digits, bare or parted alike throughout",
	 kOtherTypeHint},
	{Mismatch::NotANetwork, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "a network address is written out, and of cidr no bit is set beyond the prefix",
	 kOtherTypeHint},
	{Mismatch::NotAMoment, ERRCODE_INVALID_DATETIME_FORMAT,
	 "the text is not a date, time or interval in a form that has one meaning",
	 "Use casts to make the column text, or to map the value; \"empty_as_null\": true makes empty "
	 "texts NULL."},
	{Mismatch::ImpossibleMoment, ERRCODE_DATETIME_FIELD_OVERFLOW, "there is no such date or time",
	 kOtherTypeHint},
	{Mismatch::ZeroDate, ERRCODE_DATETIME_FIELD_OVERFLOW, "there is no date 0000-00-00",
	 "Use casts: {\"empty_as_null\": true} makes it NULL."},
	{Mismatch::TimeLost, ERRCODE_DATETIME_FIELD_OVERFLOW, "the time of day would be lost in a date",
	 "Make the column a timestamp, or allow the loss by casts: {\"round\": true}."},
	{Mismatch::OffsetLost, ERRCODE_DATETIME_FIELD_OVERFLOW,
	 "the offset from UTC would be lost in a type without time zone",
	 "Make the column timestamptz."},
	{Mismatch::NoUnit, ERRCODE_INVALID_DATETIME_FORMAT, "a number does not say what it counts",
	 "Say it by casts: {\"from\": \"unix_s\"}, unix_ms, unix_us, unix_ns, unix_days, julian, cocoa, "
	 "webkit, dotnet_ticks, ole or compact."},
	{Mismatch::TooLong, ERRCODE_STRING_DATA_RIGHT_TRUNCATION,
	 "the value is longer than the type allows",
	 "Make the column longer, or text; values are never cut."},
	{Mismatch::NulByte, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
	 "the text holds a NUL byte, which PostgreSQL's text cannot",
	 "Use invalid_text => 'strip' or 'replace', or make the column bytea."},
	{Mismatch::InvalidUtf8, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE, "the text is not valid UTF-8",
	 "Use invalid_text => 'replace' or 'strip', or make the column bytea."},
	{Mismatch::BlobAsText, ERRCODE_DATATYPE_MISMATCH, "a blob is not text",
	 "Make the column bytea, or if the bytes are text, use casts: {\"from\": \"utf8\"}."},
	{Mismatch::NotEncoded, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "the text is not in the encoding that the column's cast names",
	 "Without \"from\" in casts, bytea takes the bytes as they are."},
	{Mismatch::NotInMap, ERRCODE_INVALID_PARAMETER_VALUE,
	 "the value is not among the keys of the column's map",
	 "Add the value to \"map\" in casts, or give an \"else\"."},
	{Mismatch::NotAnArray, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "an array is a JSON array of one shape, or a text in PostgreSQL's notation", kOtherTypeHint},
	{Mismatch::NotCsv, ERRCODE_INVALID_TEXT_REPRESENTATION,
	 "the text is not a line of CSV: values between commas, with quotes around all of a value",
	 kOtherTypeHint},
	{Mismatch::Money, ERRCODE_FEATURE_NOT_SUPPORTED,
	 "what money holds depends on the locale of the server", "Make the column numeric."},
	{Mismatch::Server, ERRCODE_INVALID_TEXT_REPRESENTATION, "PostgreSQL refused the value",
	 kOtherTypeHint},
};

const Reason &
ReasonOf(Mismatch mismatch, const ErrorData *server_error) noexcept
{
	if (server_error != nullptr && GetDatabaseEncoding() != PG_UTF8 &&
		server_error->sqlerrcode == ERRCODE_UNTRANSLATABLE_CHARACTER)
		return kNotInEncoding;
	for (const Reason &reason : kReasons)
		if (reason.mismatch == mismatch)
			return reason;
	return kReasons[0];
}

/* The way out of a mismatch; not by NULL where a domain would refuse that as well. */
const char *
HintOf(const Converter &converter, const Reason &reason) noexcept
{
	if (reason.hint != kOtherTypeHint || converter.type == converter.base_type)
		return reason.hint;
	switch (converter.server->null_answer)
	{
		case NullAnswer::Taken:
			return kOtherTypeHint;
		case NullAnswer::Refused:
			return kNoNullHint;
		case NullAnswer::Unknown:
			break;
	}
	return kPerhapsNullHint;
}

/* The longest part of a value that a message shows. */
constexpr size_t kShownBytes = 200;

/* PostgreSQL's own words may quote the value; a violated constraint is told by its name alone. */
bool
MayTellServerMessage(const ErrorData *error, bool show_values) noexcept
{
	return error != nullptr && error->message != nullptr &&
		   (show_values ||
			ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION);
}

} /* namespace */

char *
ValueText(const SourceValue &value, size_t limit)
{
	StringInfoData text;
	char numbers[values::kNumberTextSize];
	/* numbers have no size */
	const bool bytes =
		value.storage_class == StorageClass::Text || value.storage_class == StorageClass::Blob;
	const bool cut = bytes && limit > 0 && value.size > limit;
	const size_t size = cut ? limit : value.size;

	initStringInfo(&text);
	switch (value.storage_class)
	{
		case StorageClass::Null:
			appendStringInfoString(&text, "NULL");
			break;
		case StorageClass::Integer:
			appendBinaryStringInfo(&text, numbers,
								   static_cast<int>(values::integer_text(value.integer, numbers)));
			break;
		case StorageClass::Real:
			appendBinaryStringInfo(&text, numbers,
								   static_cast<int>(values::real_text(value.real, numbers)));
			break;
		case StorageClass::Text:
		{
			char *const repaired = static_cast<char *>(
				palloc_extended(values::repaired_text_limit(size) + 1, MCXT_ALLOC_HUGE));
			const size_t length =
				values::repair_text(value.bytes, size, values::TextRepair::Replace, repaired);
			const char *encoded;

			repaired[length] = '\0';
			encoded = pg::ToReadableEncoding(repaired);
			appendStringInfoString(&text, encoded);
			break;
		}
		case StorageClass::Blob:
			enlargeStringInfo(&text, static_cast<int>(size * 2 + 4));
			appendStringInfoString(&text, "x'");
			text.len += static_cast<int>(hex_encode(value.bytes, size, text.data + text.len));
			text.data[text.len] = '\0';
			appendStringInfoChar(&text, '\'');
			break;
	}
	if (cut)
		appendStringInfoString(&text, "...");
	return text.data;
}

char *
NameText(const char *name)
{
	SourceValue value;

	value.storage_class = StorageClass::Text;
	value.bytes = name;
	value.size = strlen(name);
	return ValueText(value, 0);
}

ErrorText
DescribeMismatch(const Converter &converter, const SourceValue &value, Mismatch mismatch,
				 const Place &place, const ErrorData *server_error)
{
	const Reason &reason = ReasonOf(mismatch, server_error);
	const char *const class_name = sqlite::storage_class_name(value.storage_class);
	const bool show_values =
		place.foreign ? pg::MayShowValuesOf(place.relation) : pg::MayShowValues();
	StringInfoData detail;
	ErrorText text = {};

	text.sqlstate = server_error != nullptr ? server_error->sqlerrcode : reason.sqlstate;
	text.message = psprintf("value of storage class %s does not fit column \"%s\" of type %s",
							class_name, converter.column_name, converter.type_name);
	initStringInfo(&detail);
	appendStringInfo(&detail, "SQLite table \"%s\", column \"%s\"", NameText(place.table),
					 NameText(place.column));
	if (place.perhaps_hidden && !pg::MayReadTable(place.relation))
		appendStringInfoString(&detail, ", a row that may be a hidden one");
	else if (place.has_rowid)
		appendStringInfo(&detail, ", rowid " INT64_FORMAT, place.rowid);
	else if (place.row > 0)
		appendStringInfo(&detail, ", row " INT64_FORMAT, place.row);
	appendStringInfo(&detail, ": %s.", reason.detail);
	text.reason = reason.detail;
	if (MayTellServerMessage(server_error, show_values))
	{
		appendStringInfo(&detail, " It said: %s.", server_error->message);
		text.reason = psprintf("%s: %s", reason.detail, server_error->message);
	}
	if (show_values)
		appendStringInfo(&detail, " The value is %s.", ValueText(value, kShownBytes));
	text.detail = detail.data;
	text.hint = server_error != nullptr && server_error->hint != nullptr && show_values
					? pstrdup(server_error->hint)
				: !place.foreign               ? HintOf(converter, reason)
				: mismatch == Mismatch::NoUnit ? kForeignUnitHint
											   : kForeignHint;
	return text;
}

void
ReportMismatch(const Converter &converter, const SourceValue &value, Mismatch mismatch,
			   const Place &place, const ErrorData *server_error)
{
	const ErrorText text = DescribeMismatch(converter, value, mismatch, place, server_error);

	ereport(ERROR, (errcode(text.sqlstate), errmsg("%s", text.message),
					errdetail("%s", text.detail), errhint("%s", text.hint)));
	pg_unreachable();
}

} /* namespace sqlite_import::convert */
