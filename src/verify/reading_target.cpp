/*
 * reading_target.cpp
 *    Making readings; the target's Datums.
 */
#include <optional>

#include "reread/text_shape.hpp"
#include "verify/put.hpp"
#include "verify/reading.hpp"

extern "C" {
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
}

#include "pg/encoding.hpp"
#include "pg/errors.hpp"
#include "pg/zone.hpp"

#include "pg/compat.h"

namespace sqlite_import::verify
{

namespace
{

/*
 * The layout of numeric on disk (utils/adt/numeric.c, "Local definitions"): it
 * cannot change without breaking pg_upgrade.  A header of one or two 16-bit
 * words, then base-10000 digits.
 */
constexpr uint16 kNumericSignMask = 0xC000;
constexpr uint16 kNumericNegative = 0x4000;
constexpr uint16 kNumericShort = 0x8000;
constexpr uint16 kNumericSpecial = 0xC000;
constexpr uint16 kNumericExtendedMask = 0xF000;
constexpr uint16 kNumericPlusInfinity = 0xD000;
constexpr uint16 kNumericMinusInfinity = 0xF000;
constexpr uint16 kShortNegative = 0x2000;
constexpr uint16 kShortWeightSign = 0x0040;
constexpr uint16 kShortWeightMask = 0x003F;

uint16
LoadWord(const char *at)
{
	uint16 word;

	memcpy(&word, at, sizeof(word));
	return word;
}

void
PutNumericSpecial(uint16 header, Hasher &hasher)
{
	switch (header & kNumericExtendedMask)
	{
		case kNumericPlusInfinity:
			PutSpecial(hasher, Special::PlusInfinity);
			break;
		case kNumericMinusInfinity:
			PutSpecial(hasher, Special::MinusInfinity);
			break;
		default:
			PutSpecial(hasher, Special::NotANumber);
	}
}

void
PutNumericDatum(const char *data, size_t size, Hasher &hasher)
{
	const uint16 header = LoadWord(data);
	const uint16 sign = header & kNumericSignMask;
	bool negative = sign == kNumericNegative;
	int weight;
	size_t at = sizeof(uint16);

	if (sign == kNumericSpecial)
	{
		PutNumericSpecial(header, hasher);
		return;
	}
	if (sign == kNumericShort)
	{
		negative = (header & kShortNegative) != 0;
		weight = header & kShortWeightMask;
		if (header & kShortWeightSign)
			weight -= kShortWeightMask + 1;
	}
	else
	{
		weight = static_cast<int16>(LoadWord(data + at));
		at += sizeof(uint16);
	}
	hasher.Word(kValueMark);
	if (at >= size)
	{
		PutZero(hasher);
		return;
	}
	NumericWords words(hasher, negative, weight);

	for (; at + sizeof(uint16) <= size; at += sizeof(uint16))
		words.Digit(LoadWord(data + at));
	words.End();
}

/* The bytes of a varlena in the hasher; text is turned into UTF-8 first. */
void
PutVarlena(const Reading &reading, Datum datum, Hasher &hasher)
{
	struct varlena *const packed = PG_DETOAST_DATUM_PACKED(datum);
	char *bytes = VARDATA_ANY(packed);
	size_t size = VARSIZE_ANY_EXHDR(packed);
	char *converted = nullptr;

	switch (reading.form)
	{
		case Form::Numeric:
			PutNumericDatum(bytes, size, hasher);
			break;
		case Form::Text:
		case Form::Bpchar:
		case Form::Json:
			if (reading.convert_encoding)
			{
				converted = pg_server_to_any(bytes, static_cast<int>(size), PG_UTF8);
				if (converted != bytes)
				{
					bytes = converted;
					size = strlen(converted);
				}
				else
					converted = nullptr;
			}
			if (reading.form == Form::Bpchar)
				PutPadded(hasher, bytes, size);
			else
				PutBytes(hasher, bytes, size);
			break;
		default:
			PutBytes(hasher, bytes, size);
	}
	if (converted != nullptr)
		pfree(converted);
	if (reinterpret_cast<Pointer>(packed) != DatumGetPointer(datum))
		pfree(packed);
}

void
PutIntegerDatum(const Reading &reading, Datum datum, Hasher &hasher)
{
	int64 integer;

	switch (reading.integer_bytes)
	{
		case 2:
			integer = DatumGetInt16(datum);
			break;
		case 4:
			integer = reading.is_unsigned ? static_cast<int64>(DatumGetUInt32(datum))
										  : DatumGetInt32(datum);
			break;
		default:
			integer = DatumGetInt64(datum);
	}
	PutWord(hasher, static_cast<uint64>(integer));
}

void
PutDateDatum(Datum datum, Hasher &hasher)
{
	const DateADT date = DatumGetDateADT(datum);

	if (DATE_IS_NOBEGIN(date))
		PutSpecial(hasher, Special::MinusInfinity);
	else if (DATE_IS_NOEND(date))
		PutSpecial(hasher, Special::PlusInfinity);
	else
		PutWord(hasher, static_cast<uint64>(static_cast<int64>(date)));
}

void
PutTimestampDatum(Datum datum, Hasher &hasher)
{
	const Timestamp timestamp = DatumGetTimestamp(datum);

	if (TIMESTAMP_IS_NOBEGIN(timestamp))
		PutSpecial(hasher, Special::MinusInfinity);
	else if (TIMESTAMP_IS_NOEND(timestamp))
		PutSpecial(hasher, Special::PlusInfinity);
	else
		PutWord(hasher, static_cast<uint64>(timestamp));
}

void
PutOutput(Reading &reading, Datum datum, Hasher &hasher)
{
	char *const text = OutputFunctionCall(&reading.output, datum);

	PutBytes(hasher, text, strlen(text));
	pfree(text);
}

struct FormOfType
{
	Oid type;
	Form form;
};

constexpr FormOfType kForms[] = {
	{BOOLOID, Form::Boolean},        {INT2OID, Form::Integer},
	{INT4OID, Form::Integer},        {INT8OID, Form::Integer},
	{OIDOID, Form::Integer},         {XIDOID, Form::Integer},
	{CIDOID, Form::Integer},         {FLOAT4OID, Form::Float4},
	{FLOAT8OID, Form::Float8},       {NUMERICOID, Form::Numeric},
	{TEXTOID, Form::Text},           {VARCHAROID, Form::Text},
	{BPCHAROID, Form::Bpchar},       {BYTEAOID, Form::Bytea},
	{DATEOID, Form::Date},           {TIMEOID, Form::Time},
	{TIMESTAMPOID, Form::Timestamp}, {TIMESTAMPTZOID, Form::TimestampTz},
	{UUIDOID, Form::Uuid},           {JSONOID, Form::Json},
	{JSONBOID, Form::Jsonb},
};

Form
FormOf(Oid type)
{
	Oid function;
	bool is_varlena;

	for (const FormOfType &entry : kForms)
	{
		if (entry.type == type)
			return entry.form;
	}
	/* citext and its like: text under another name. */
	getTypeOutputInfo(type, &function, &is_varlena);
	return is_varlena && function == F_TEXTOUT ? Form::Text : Form::Output;
}

bool
HasRule(const values::ColumnRule &rule)
{
	return rule.from == values::From::Utf8 || !rule.map.empty() || rule.null_value ||
		   rule.empty_as_null;
}

int
FractionDigits(const Reading &reading)
{
	const bool limited = reading.typmod >= 0 && reading.typmod < 6 &&
						 (reading.form == Form::Time || reading.form == Form::Timestamp ||
						  reading.form == Form::TimestampTz);

	return limited ? reading.typmod : 6;
}

char
CategoryOf(Oid type)
{
	char category;
	bool preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category;
}

/* The part of MakeReading that asks the server; trivially destructible frames only. */
void
LookUpType(Reading *reading, const char *zone)
{
	Oid function;
	bool is_varlena;

	reading->base_type = getBaseTypeAndTypmod(reading->type, &reading->typmod);
	reading->form = FormOf(reading->base_type);
	reading->integer_bytes = get_typlen(reading->base_type);
	reading->is_unsigned = reading->base_type == OIDOID || reading->base_type == XIDOID ||
						   reading->base_type == CIDOID;
	reading->fraction_digits = FractionDigits(*reading);
	reading->element_type = get_element_type(reading->base_type);
	reading->number_category = CategoryOf(reading->base_type) == TYPCATEGORY_NUMERIC;
	reading->context = CurrentMemoryContext;
	if (reading->typmod >= static_cast<int32>(VARHDRSZ) &&
		(reading->base_type == VARCHAROID || reading->base_type == BPCHAROID))
		reading->max_characters = reading->typmod - static_cast<int32>(VARHDRSZ);
	reading->convert_encoding = GetDatabaseEncoding() != PG_UTF8;
	if (reading->form == Form::Numeric && reading->typmod >= static_cast<int32>(VARHDRSZ))
		reading->scale = static_cast<int>(
			((static_cast<uint32>(reading->typmod - static_cast<int32>(VARHDRSZ)) & 0x7FF) ^ 1024) -
			1024);
	reading->zone = pg::ZoneOfOption(zone);
	if (reading->zone == nullptr)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("time zone \"%s\" is not recognized", zone)));
	reading->zone_is_utc = pg::IsUtc(reading->zone);
	getTypeInputInfo(reading->base_type, &function, &reading->input_argument);
	fmgr_info(function, &reading->input);
	getTypeOutputInfo(reading->base_type, &function, &is_varlena);
	fmgr_info(function, &reading->output);
}

} /* namespace */

namespace
{

/* The rest of the rule is for the value that the expression is given. */
void
MakeUsing(Reading &reading, Oid type, int32 typmod)
{
	values::ColumnRule rule = reading.rule;
	const std::string name = rule.using_type.empty() ? "pg_catalog.text" : rule.using_type;
	const std::string text = rule.using_expression;
	Oid input = InvalidOid;
	int32 input_typmod = -1;

	rule.using_expression.clear();
	rule.on_mismatch = values::OnMismatch::Error;
	pg::PgCall([&] { pg::LookUpType(pg::ToServerEncoding(name.c_str()), &input, &input_typmod); });
	reading.input_value = std::make_shared<Reading>();
	MakeReading(*reading.input_value, rule, reading.source_name, reading.target_name.c_str(), input,
				input_typmod);
	pg::PgCall(
		[&]
		{
			reading.expression =
				pg::MakeExpression(reading.context, pg::ToServerEncoding(text.c_str()), input,
								   input_typmod, type, typmod);
		});
	reading.server_reads = true;
	reading.has_rule = false;
}

} /* namespace */

void
MakeReading(Reading &reading, const values::ColumnRule &rule, const std::string &source_name,
			const char *target_name, Oid type, int32 typmod)
{
	reading.rule = rule;
	reading.has_rule = HasRule(rule);
	reading.type = type;
	reading.typmod = typmod;
	reading.scale = -1;
	reading.max_characters = -1;
	reading.domain_cache = nullptr;
	reading.nulls = rule.on_mismatch == values::OnMismatch::Null;
	reading.source_name = source_name;
	reading.target_name = target_name;
	reading.expression = nullptr;
	const char *const zone = reading.rule.timezone.c_str();
	Reading *const pointer = &reading;

	pg::PgCall([pointer, zone] { LookUpType(pointer, zone); });
	reading.server_reads =
		reading.form == Form::Jsonb || reading.form == Form::Output ||
		(reading.form == Form::Numeric && reading.typmod >= 0 &&
		 (reading.nulls || (!rule.exact() && reading.scale < 0))) ||
		(reading.nulls && (reading.type != reading.base_type || reading.convert_encoding));
	if (rule.has_using())
		MakeUsing(reading, type, typmod);
	else if (reading.element_type != InvalidOid)
	{
		values::ColumnRule element_rule;

		element_rule.timezone = rule.timezone;
		element_rule.on_mismatch = rule.on_mismatch;
		reading.input_value = std::make_shared<Reading>();
		MakeReading(*reading.input_value, element_rule, source_name, target_name,
					reading.element_type, reading.typmod);
	}
}

void
ReadTarget(Reading &reading, Datum datum, bool isnull, Hasher &hasher)
{
	if (isnull)
	{
		PutNull(hasher);
		return;
	}
	switch (reading.form)
	{
		case Form::Boolean:
			PutWord(hasher, DatumGetBool(datum) ? 1 : 0);
			break;
		case Form::Integer:
			PutIntegerDatum(reading, datum, hasher);
			break;
		case Form::Float4:
			PutFloat4(hasher, DatumGetFloat4(datum));
			break;
		case Form::Float8:
			PutFloat8(hasher, DatumGetFloat8(datum));
			break;
		case Form::Numeric:
		case Form::Text:
		case Form::Bpchar:
		case Form::Bytea:
		case Form::Json:
		case Form::Jsonb:
			PutVarlena(reading, datum, hasher);
			break;
		case Form::Date:
			PutDateDatum(datum, hasher);
			break;
		case Form::Time:
			PutWord(hasher, static_cast<uint64>(DatumGetTimeADT(datum)));
			break;
		case Form::Timestamp:
		case Form::TimestampTz:
			PutTimestampDatum(datum, hasher);
			break;
		case Form::Uuid:
			PutBytes(hasher, DatumGetUUIDP(datum)->data, UUID_LEN);
			break;
		case Form::Output:
			PutOutput(reading, datum, hasher);
			break;
	}
}

} /* namespace sqlite_import::verify */
