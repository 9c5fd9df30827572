/*
 * converter.cpp
 *    The table of target types, and the rules that stand before it: NULLs,
 *    empty texts, value maps.
 */
#include "dialect/quote.hpp"
#include "values/moment.hpp"
#include "values/number.hpp"

#include "convert/datum.hpp"
#include "convert/server_state.hpp"
#include "pg/encoding.hpp"
#include "pg/errors.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

namespace sqlite_import::convert
{

namespace
{

using values::From;

/* What kinds of reading a type can be given; see CheckRule. */
enum : uint8
{
	kTakesUnit = 1,     /* unix_*, julian and the other units of times */
	kTakesEncoding = 2, /* base64, hex */
	kTakesUtf8 = 4,     /* blobs as text, and numbers as the bytes of theirs */
	kTakesLength = 8,   /* unix_s, unix_ms, unix_us, unix_ns: a length of time */
	kTakesOrder = 16,   /* blobs as UUIDs, in one order or the other */
	kTakesCsv = 32,     /* values between commas */
};

struct TypeEntry
{
	Oid type;
	Converter::LeafFunction leaf;
	uint8 readings;
	bool is_text; /* in a server encoding other than UTF8, needs a conversion */
};

/*
 * The conversion table's rows.  A type that is not listed goes through its input
 * function.  docs/type-mapping.md says what each pair does.
 */
constexpr TypeEntry kTypes[] = {
	{BOOLOID, LeafBool, 0, false},
	{INT2OID, LeafInt2, 0, false},
	{INT4OID, LeafInt4, 0, false},
	{INT8OID, LeafInt8, 0, false},
	{OIDOID, LeafOid, 0, false},
	{XIDOID, LeafOid, 0, false},
	{CIDOID, LeafOid, 0, false},
	{FLOAT4OID, LeafFloat4, 0, false},
	{FLOAT8OID, LeafFloat8, 0, false},
	{NUMERICOID, LeafNumeric, 0, false},
	{TEXTOID, LeafText, kTakesUtf8, true},
	{VARCHAROID, LeafText, kTakesUtf8, true},
	{BPCHAROID, LeafText, kTakesUtf8, true},
	{BYTEAOID, LeafBytea, kTakesEncoding | kTakesUtf8, false},
	{UUIDOID, LeafUuid, kTakesOrder, false},
	{INETOID, LeafNetwork, kTakesUtf8, false},
	{CIDROID, LeafNetwork, kTakesUtf8, false},
	{MACADDROID, LeafNetwork, kTakesUtf8, false},
	{MACADDR8OID, LeafNetwork, kTakesUtf8, false},
	{DATEOID, LeafDate, kTakesUnit, false},
	{TIMEOID, LeafTime, 0, false},
	{TIMESTAMPOID, LeafTimestamp, kTakesUnit, false},
	{TIMESTAMPTZOID, LeafTimestamptz, kTakesUnit, false},
	{TIMETZOID, LeafTimetz, 0, false},
	{INTERVALOID, LeafInterval, kTakesLength, false},
	{JSONOID, LeafJson, kTakesUtf8, true},
	{BITOID, LeafBit, 0, false},
	{VARBITOID, LeafBit, 0, false},
	{XID8OID, LeafXid8, kTakesUtf8, false},
	{CASHOID, LeafMoney, 0, false},
};

constexpr TypeEntry kAnyType = {InvalidOid, LeafInput, kTakesUtf8, false};
constexpr TypeEntry kArrayType = {InvalidOid, LeafArray, kTakesUtf8 | kTakesCsv, false};

const TypeEntry &
EntryOf(Oid base_type, bool is_array) noexcept
{
	for (const TypeEntry &entry : kTypes)
		if (entry.type == base_type)
			return entry;
	return is_array ? kArrayType : kAnyType;
}

bool
Suits(From from, uint8 readings) noexcept
{
	switch (from)
	{
		case From::Auto:
			return true;
		case From::UnixS:
		case From::UnixMs:
		case From::UnixUs:
		case From::UnixNs:
			return (readings & (kTakesUnit | kTakesLength)) != 0;
		case From::Julian:
		case From::UnixDays:
		case From::Cocoa:
		case From::Webkit:
		case From::DotnetTicks:
		case From::Ole:
		case From::Compact:
			return (readings & kTakesUnit) != 0;
		case From::Base64:
		case From::Hex:
			return (readings & kTakesEncoding) != 0;
		case From::Utf8:
			return (readings & kTakesUtf8) != 0;
		case From::UuidBytes:
		case From::DotnetGuid:
			return (readings & kTakesOrder) != 0;
		case From::Csv:
			return (readings & kTakesCsv) != 0;
	}
	return false;
}

void
CheckRule(const Converter &converter, const TypeEntry &entry)
{
	const From from = converter.rule.from;

	if (!Suits(from, entry.readings))
		throw pg::Reported(
			ERRCODE_INVALID_PARAMETER_VALUE,
			std::string("cast \"from\": \"") + values::from_name(from) +
				"\" does not apply to column " + dialect::quote_identifier(converter.column_name) +
				" of type " + converter.type_name,
			"unix_s, unix_ms, unix_us, unix_ns, unix_days, julian, cocoa, webkit, dotnet_ticks, ole "
			"and compact make date, timestamp and timestamptz, the first four interval too; "
			"base64 and hex make bytea; utf8 makes text, json, bytea and what is read from text; "
			"uuid_bytes and dotnet_guid make uuid; csv makes arrays.");
}

/* The parts of a typmod that leaf functions need; what each means is in the type's typmodout. */
void
ReadTypmod(Converter *converter) noexcept
{
	const int32 typmod = converter->base_typmod;

	converter->max_characters = 0;
	converter->precision = -1;
	converter->scale = 0;
	converter->fraction_digits = 6;
	if (typmod < 0)
		return;
	switch (converter->base_type)
	{
		case VARCHAROID:
		case BPCHAROID:
			converter->max_characters = typmod - VARHDRSZ;
			break;
		case NUMERICOID:
			converter->precision = ((typmod - VARHDRSZ) >> 16) & 0xffff;
			/* eleven bits, signed */
			converter->scale = (((typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
			break;
		case TIMEOID:
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			converter->fraction_digits = typmod;
			break;
	}
}

/* Everything that the catalogs tell.  May ereport. */
void
ReadCatalog(Converter *converter)
{
	ServerState *const server = converter->server;
	Oid input;
	char category;
	bool preferred;

	converter->base_typmod = converter->typmod;
	converter->base_type = getBaseTypeAndTypmod(converter->type, &converter->base_typmod);
	converter->type_name = format_type_with_typemod(converter->type, converter->typmod);
	getTypeInputInfo(converter->base_type, &input, &server->input_parameter);
	fmgr_info_cxt(input, &server->input, server->context);
	get_typlenbyvalalign(converter->base_type, &server->type_length, &server->type_by_value,
						 &server->type_align);
	get_type_category_preferred(converter->base_type, &category, &preferred);
	server->holds_numbers = category == TYPCATEGORY_NUMERIC || converter->base_type == JSONOID ||
							converter->base_type == JSONBOID;
	server->is_array = get_element_type(converter->base_type) != InvalidOid;
}

void
FindZone(Converter *converter)
{
	const char *const name = converter->rule.timezone.c_str();

	pg::CheckZone(converter->rule.timezone);
	converter->server->zone = pg::PgCall([name] { return pg::ZoneOfOption(name); });
	converter->zone_is_utc = pg::IsUtc(converter->server->zone);
}

/* SQLite's text of a value, which keys of maps are compared with. */
std::string_view
KeyOf(const SourceValue &value, char *numbers) noexcept
{
	switch (value.storage_class)
	{
		case StorageClass::Integer:
			return {numbers, values::integer_text(value.integer, numbers)};
		case StorageClass::Real:
			return {numbers, values::real_text(value.real, numbers)};
		default:
			return {value.bytes, value.size};
	}
}

SourceValue
TextValue(const std::string &text) noexcept
{
	SourceValue value;

	value.storage_class = StorageClass::Text;
	value.integer = 0;
	value.bytes = text.data();
	value.size = text.size();
	return value;
}

/* What a map makes of a value. */
enum class Mapped
{
	Text, /* *value is the new one */
	Kept, /* it stays */
	Null,
	Missing
};

Mapped
MapValue(const ColumnRule &rule, SourceValue *value) noexcept
{
	char numbers[values::kNumberTextSize];
	const std::string_view key = KeyOf(*value, numbers);
	const std::optional<std::string> *found = rule.has_map_else ? &rule.map_else : nullptr;

	/* maps are written by hand: a handful of entries */
	for (const values::MapEntry &entry : rule.map)
		if (key == entry.key)
		{
			found = &entry.value;
			break;
		}
	if (found == nullptr)
		return rule.map_keeps_rest ? Mapped::Kept : Mapped::Missing;
	if (!found->has_value())
		return Mapped::Null;
	*value = TextValue(**found);
	return Mapped::Text;
}

} /* namespace */

Converted
ApplyRule(const Converter &converter, SourceValue *value) noexcept
{
	const ColumnRule &rule = converter.rule;
	const bool is_text = value->storage_class == StorageClass::Text;

	if (rule.empty_as_null && is_text &&
		(value->size == 0 || values::is_zero_date(value->bytes, value->size)))
		value->storage_class = StorageClass::Null;
	else if (!rule.map.empty() && value->storage_class != StorageClass::Null)
	{
		switch (MapValue(rule, value))
		{
			case Mapped::Text:
			case Mapped::Kept:
				break;
			case Mapped::Null:
				return IsNull();
			case Mapped::Missing:
				return Refuse(Mismatch::NotInMap);
		}
	}
	if (value->storage_class == StorageClass::Null)
	{
		if (!rule.null_value.has_value())
			return IsNull();
		*value = TextValue(*rule.null_value);
	}
	return Defer();
}

Converted
Converter::LeafWithRule(const SourceValue &value, Arena &arena) const noexcept
{
	if (server->expression != nullptr)
		return Defer();

	SourceValue effective = value;
	const Converted early = ApplyRule(*this, &effective);

	/* a domain may refuse NULL, so it is asked even then */
	if (early.outcome == Outcome::Refused)
		return early;
	if (type != base_type || (defer_all && early.outcome == Outcome::Deferred))
		return Defer();
	return early.outcome == Outcome::Deferred ? leaf(*this, effective, arena) : early;
}

namespace
{

/* "using": the rest of the rule is for the value that the expression is given. */
void
MakeUsing(Converter *converter, MemoryContext context)
{
	ColumnRule rule = converter->rule;
	Oid type = InvalidOid;
	int32 typmod = -1;
	const std::string name = rule.using_type.empty() ? "pg_catalog.text" : rule.using_type;

	rule.using_expression.clear();
	if (rule.from != From::Auto && rule.from != From::Utf8)
		throw pg::Reported(ERRCODE_INVALID_PARAMETER_VALUE,
						   std::string("cast \"from\": \"") + values::from_name(rule.from) +
							   "\" does not go with \"using\"",
						   "Let the expression say it, or leave the expression out.");
	pg::PgCall([&] { pg::LookUpType(pg::ToServerEncoding(name.c_str()), &type, &typmod); });
	converter->server->input_value =
		MakeConverter(context, converter->column_name, type, typmod, rule);
	pg::PgCall(
		[&]
		{
			converter->server->expression = pg::MakeExpression(
				context, pg::ToServerEncoding(converter->rule.using_expression.c_str()), type,
				typmod, converter->type, converter->typmod);
		});
	converter->rule = ColumnRule();
	converter->rule.on_mismatch = rule.on_mismatch;
}

} /* namespace */

Converter *
MakeConverter(MemoryContext context, const char *column_name, Oid type, int32 typmod,
			  const ColumnRule &rule)
{
	auto *const converter = pg::PgNew<Converter>(context);
	auto *const server = pg::PgNew<ServerState>(context);

	converter->type = type;
	converter->typmod = typmod;
	converter->rule = rule;
	converter->server = server;
	server->context = context;
	server->domain_cache = nullptr;
	server->null_answer = NullAnswer::Unknown;
	server->zone = nullptr;
	server->element = nullptr;
	server->expression = nullptr;
	server->input_value = nullptr;
	pg::PgCall(
		[&]
		{
			MemoryContext const previous = MemoryContextSwitchTo(context);

			converter->column_name = pstrdup(column_name);
			ReadCatalog(converter);
			MemoryContextSwitchTo(previous);
		});
	ReadTypmod(converter);
	const TypeEntry &entry = EntryOf(converter->base_type, server->is_array);
	converter->leaf = entry.leaf;
	server->is_text = entry.is_text;
	if (rule.has_using())
		MakeUsing(converter, context);
	CheckRule(*converter, entry);
	FindZone(converter);
	if (server->is_array)
	{
		const Oid element = pg::PgCall([&] { return get_element_type(converter->base_type); });
		ColumnRule element_rule;

		element_rule.timezone = rule.timezone;
		server->element =
			MakeConverter(context, column_name, element, converter->base_typmod, element_rule);
	}
	converter->defer_all =
		type != converter->base_type || (entry.is_text && GetDatabaseEncoding() != PG_UTF8);
	converter->plain = server->expression == nullptr && !converter->defer_all &&
					   !rule.empty_as_null && rule.map.empty();
	return converter;
}

const SourceValue *
KeepValue(const SourceValue &value, Arena &arena) noexcept
{
	auto *const copy =
		reinterpret_cast<SourceValue *>(arena.allocate(sizeof(SourceValue), alignof(SourceValue)));

	if (copy == nullptr)
		return nullptr;
	*copy = value;
	if (value.storage_class == StorageClass::Text || value.storage_class == StorageClass::Blob)
	{
		char *const bytes = arena.allocate(value.size + 1, 1);

		if (bytes == nullptr)
			return nullptr;
		memcpy(bytes, value.bytes, value.size);
		bytes[value.size] = '\0';
		copy->bytes = bytes;
	}
	return copy;
}

} /* namespace sqlite_import::convert */
