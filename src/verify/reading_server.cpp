/*
 * reading_server.cpp
 *    Source values that only the server can read: by the type's own input
 *    function, the zones' tables, the constraints of a domain.
 *
 * Input functions are more lenient than a migration: they round, cut, and take
 * words such as 'now'.  What they took is looked at once more here.
 */
#include <algorithm>

#include "reread/text_shape.hpp"
#include "verify/array_literal.hpp"
#include "verify/put.hpp"
#include "verify/source_value.hpp"
#include "verify/text_repair.hpp"
#include "verify/time_number.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

#include "pg/zone.hpp"

#include "pg/compat.h"

namespace sqlite_import::verify
{

namespace
{

using sqlite::StorageClass;

/* Naive text, or digits, under the rule's zone. */
void
PutNaiveTimestampTz(const Reading &reading, const SourceValue &value, Hasher &hasher)
{
	reread::CivilTime time;
	struct pg_tm tm = {};
	Timestamp local;

	CivilTimeOf(reading.rule, value, &time);
	tm.tm_year = time.year;
	tm.tm_mon = time.month;
	tm.tm_mday = time.day;
	tm.tm_hour = time.hour;
	tm.tm_min = time.minute;
	tm.tm_sec = time.second;
	int zone = DetermineTimeZoneOffset(&tm, reading.zone);
	const fsec_t fraction = time.microsecond + (reading.rule.rounds() && time.rounds_up ? 1 : 0);
	std::optional<int64> kept;

	if (tm2timestamp(&tm, fraction, &zone, &local) == 0)
		kept = KeepDigits(reading, local);
	if (kept)
		PutWord(hasher, static_cast<uint64>(*kept));
	else
		PutUnreadable(reading, value, hasher);
}

/* The text that the type's input function shall read; of numbers, written into buffer. */
std::string_view
TextForInput(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
			 char *buffer)
{
	const bool fewest = reading.form == Form::Jsonb || reading.form == Form::Numeric ||
						reading.form == Form::Float4 || reading.form == Form::Float8 ||
						reading.number_category;

	if (value.storage_class == StorageClass::Real && fewest)
		return ShortestText(value.real, buffer);
	return TextOf(TakeText(value, statement, column));
}

/* A time with an offset in the one notation that timetz's input function has for both.  Empty if
 * the text is none, or finer than the column keeps. */
std::string_view
TimeWithOffset(const Reading &reading, std::string_view text, char *buffer)
{
	reread::CivilTime time;
	int step = 1;

	if (!reread::read_civil_time(text, time) || time.has_date || !time.has_offset ||
		(time.finer_than_microseconds && reading.rule.exact()))
		return {};
	for (int digits = reading.fraction_digits; digits < 6; ++digits)
		step *= 10;
	if (time.microsecond % step != 0 && reading.rule.exact())
		return {};
	if (reading.rule.truncates())
		time.microsecond -= time.microsecond % step;
	const int size = snprintf(buffer, kNumberSize, "%02d:%02d:%02d.%06d%s%c%02d:%02d:%02d",
							  time.hour, time.minute, time.second, time.microsecond,
							  reading.rule.rounds() && time.rounds_up ? "5" : "",
							  time.offset_seconds < 0 ? '-' : '+', abs(time.offset_seconds) / 3600,
							  abs(time.offset_seconds) / 60 % 60, abs(time.offset_seconds) % 60);

	return {buffer, static_cast<size_t>(size)};
}

/* Digits that are no more than eight bytes hold; leading zeros aside, the greatest has twenty. */
bool
FitsXid8(std::string_view digits)
{
	constexpr std::string_view kGreatest = "18446744073709551615";

	digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
	return digits.size() < kGreatest.size() ||
		   (digits.size() == kGreatest.size() && digits <= kGreatest);
}

/* False for what an input function would take in another sense than the writer's, or cut. */
bool
HasOneMeaning(const Reading &reading, const SourceValue &value, std::string_view text)
{
	reread::DecimalShape shape;
	reread::IntervalShape interval;

	if (reading.form == Form::Numeric && value.storage_class == StorageClass::Text)
		return reread::read_decimal(text, shape);
	switch (reading.base_type)
	{
		case CASHOID:
			return false;
		case NAMEOID:
			return text.size() < NAMEDATALEN;
		case CHAROID:
			return text.size() <= 1;
		case INTERVALOID:
			return !IsNumber(value) && reread::read_interval(text, interval) &&
				   (!reading.rule.exact() || !interval.finer_than_microseconds);
		case INETOID:
			return !IsNumber(value) && reread::is_inet(text);
		case CIDROID:
			return !IsNumber(value) && reread::is_cidr(text);
		case MACADDROID:
			return !IsNumber(value) && reread::is_macaddr(text, 6);
		case MACADDR8OID:
			return !IsNumber(value) && reread::is_macaddr(text, 8);
		case XID8OID:
			return value.storage_class != StorageClass::Real && !text.empty() &&
				   text.find_first_not_of("0123456789") == std::string_view::npos && FitsXid8(text);
		case BITOID:
		case VARBITOID:
			return value.storage_class == StorageClass::Text ||
				   (value.storage_class == StorageClass::Integer &&
					(value.integer == 0 || value.integer == 1));
		default:
			return reading.element_type == InvalidOid || !IsNumber(value);
	}
}

/* A palloc'd C string of the server's encoding; null if the text cannot be one. */
char *
ServerText(const Reading &reading, std::string_view text)
{
	char *const copy = pnstrdup(text.data() == nullptr ? "" : text.data(), text.size());

	/* a text with NUL in it would be cut off silently */
	if (strlen(copy) != text.size() ||
		!pg_verify_mbstr(PG_UTF8, copy, static_cast<int>(text.size()), true))
		return nullptr;
	return pg_any_to_server(copy, static_cast<int>(text.size()), PG_UTF8);
}

bool
IsCivil(const Reading &reading)
{
	return reading.form == Form::Date || reading.form == Form::Time ||
		   reading.form == Form::Timestamp || reading.form == Form::TimestampTz;
}

/* False if the type's length or precision changed the value. */
bool
IsUnchanged(Reading &reading, char *text, Datum limited)
{
	if (reading.typmod < 0 || reading.rule.rounds() ||
		(reading.rule.truncates() && IsCivil(reading)) || reading.form == Form::Text ||
		reading.form == Form::Bpchar)
		return true;
	const Datum whole =
		pg::InputInZone(&reading.input, text, reading.input_argument, -1, reading.zone);

	if (reading.base_type == NUMERICOID)
		return DatumGetBool(DirectFunctionCall2(numeric_eq, limited, whole));
	return strcmp(OutputFunctionCall(&reading.output, limited),
				  OutputFunctionCall(&reading.output, whole)) == 0;
}

bool MakeDatum(Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
			   Datum *datum);

/* Whether an element of an array, read by itself, is what its input function makes of it; may
 * ereport if not. */
bool
AcceptsElement(void *element, const char *text, size_t size)
{
	Reading &reading = *static_cast<Reading *>(element);
	const HashKeys keys = {1, 2, 3};
	SourceValue value = {};
	Hasher read(keys);
	Hasher made(keys);
	Datum datum;

	value.storage_class = StorageClass::Text;
	value.bytes = text;
	value.size = size;
	if (ReadSource(reading, value, nullptr, 0, read) == LeafResult::NeedsServer)
	{
		read = Hasher(keys);
		ReadSourceOnServer(reading, value, nullptr, 0, read);
	}
	if (!MakeDatum(reading, value, nullptr, 0, &datum))
		return false;
	ReadTarget(reading, datum, false, made);
	return read.Result() == made.Result();
}

/*
 * Whether each element of an array's literal can be read by itself; array_in is
 * as lenient as the input function of the elements.  bytea's notation is that
 * function's own.  Raises what is no literal.
 */
bool
AcceptsElements(Reading &reading, char *literal)
{
	Reading &element = *reading.input_value;
	Datum *texts;
	bool *nulls;
	int count;
	int16 length;
	bool by_value;
	char align;
	char delimiter;
	Oid parameter;
	Oid function;

	get_type_io_data(reading.element_type, IOFunc_input, &length, &by_value, &align, &delimiter,
					 &parameter, &function);
	if (delimiter != ',' || element.base_type == BYTEAOID)
		return true;
	ArrayType *const parts =
		DatumGetArrayTypeP(OidInputFunctionCall(F_ARRAY_IN, literal, TEXTOID, -1));

	deconstruct_array(parts, TEXTOID, -1, false, TYPALIGN_INT, &texts, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			continue;
		char *const part = TextDatumGetCString(texts[i]);
		const char *const utf8 = pg_server_to_any(part, static_cast<int>(strlen(part)), PG_UTF8);

		if (!AcceptsElement(&element, utf8, strlen(utf8)))
			return false;
	}
	return true;
}

/* The Datum of a text of this server.  False if it is not exactly that; what is refused is raised.
 */
bool
ReadText(Reading &reading, char *text, Datum *datum)
{
	const bool by_element = reading.element_type != InvalidOid && !reading.rule.rounds();

	if (by_element && !AcceptsElements(reading, text))
		return false;
	if (reading.rule.truncates() && reading.base_type == NUMERICOID && reading.typmod >= 0)
	{
		*datum = pg::InputInZone(&reading.input, text, reading.input_argument, -1, reading.zone);
		*datum = DirectFunctionCall2(numeric_trunc, *datum, Int32GetDatum(reading.scale));
		*datum = DirectFunctionCall2(numeric, *datum, Int32GetDatum(reading.typmod));
	}
	else
	{
		*datum = pg::InputInZone(&reading.input, text, reading.input_argument, reading.typmod,
								 reading.zone);
		if (!by_element && !IsUnchanged(reading, text, *datum))
			return false;
	}
	if (reading.type != reading.base_type && reading.nulls)
		domain_check(*datum, false, reading.type, &reading.domain_cache, reading.context);
	return true;
}

bool
IsDecimal(const SourceValue &value)
{
	reread::DecimalShape shape;

	return IsNumber(value) || (value.storage_class == StorageClass::Text &&
							   reread::read_decimal(TextOf(value), shape));
}

/* What the column's type keeps of an interval; cut before the type could round it. */
Datum
LimitLength(const Reading &reading, Interval *interval)
{
	int64 step = 1;

	if (reading.typmod < 0)
		return IntervalPGetDatum(interval);
	for (int digits = INTERVAL_PRECISION(reading.typmod); digits < 6; ++digits)
		step *= 10;
	if (reading.rule.truncates())
		interval->time = interval->time / step * step;
	return DirectFunctionCall2(interval_scale, IntervalPGetDatum(interval),
							   Int32GetDatum(reading.typmod));
}

/* A length of time as text, without what is finer than the type keeps. */
void
PutTruncatedLength(Reading &reading, const SourceValue &value, Hasher &hasher)
{
	reread::IntervalShape shape;
	Interval interval = {};

	if (value.storage_class != StorageClass::Text || !reread::read_interval(TextOf(value), shape))
	{
		PutUnreadable(reading, value, hasher);
		return;
	}
	interval.time = shape.microseconds;
	interval.day = static_cast<int32>(shape.days);
	interval.month = static_cast<int32>(shape.months);
	ReadTarget(reading, LimitLength(reading, &interval), false, hasher);
}

/* A number of units of the rule, for interval. */
void
PutLength(Reading &reading, const SourceValue &value, Hasher &hasher)
{
	const std::optional<int64> length = LengthOfNumber(reading.rule, value);
	Interval interval = {};
	Datum datum = IntervalPGetDatum(&interval);

	if (length)
	{
		interval.time = *length;
		datum = LimitLength(reading, &interval);
	}
	if (length && (!reading.rule.exact() || DatumGetIntervalP(datum)->time == *length))
		ReadTarget(reading, datum, false, hasher);
	else
		PutUnreadable(reading, value, hasher);
}

/* An array's text in the notation of its input function; any other type's as it is. */
char *
ArrayText(const Reading &reading, std::string_view text, char *server)
{
	if (server == nullptr || reading.element_type == InvalidOid)
		return server;
	if (reading.rule.from == values::From::Csv)
		return CsvLiteral(server, AcceptsElement, reading.input_value.get());
	return IsJsonArray(text) ? ArrayLiteral(server, getBaseType(reading.element_type)) : server;
}

/* What the input function of the column's type makes of a value. */
void
PutInput(Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
		 Hasher &hasher)
{
	char buffer[kNumberSize];
	std::string_view text = TextForInput(reading, value, statement, column, buffer);
	Datum datum;
	char *server = nullptr;

	if (reading.base_type == INTERVALOID && reading.rule.from != values::From::Auto &&
		IsDecimal(value))
	{
		PutLength(reading, value, hasher);
		return;
	}
	if (reading.base_type == INTERVALOID && reading.rule.truncates())
	{
		PutTruncatedLength(reading, value, hasher);
		return;
	}

	if (reading.base_type == TIMETZOID)
	{
		text = IsNumber(value) ? std::string_view() : TimeWithOffset(reading, text, buffer);
		server = text.empty() ? nullptr : ServerText(reading, text);
	}
	else if (value.storage_class != StorageClass::Blob && HasOneMeaning(reading, value, text))
		server = ServerText(reading, text);
	server = ArrayText(reading, text, server);
	if (server != nullptr && ReadText(reading, server, &datum))
		ReadTarget(reading, datum, false, hasher);
	else
		PutUnreadable(reading, value, hasher);
}

/* The type's own notation of a value that the leaf has read; empty if there is none. */
std::string_view
OwnNotation(const Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
			char *buffer)
{
	if (reading.form == Form::Integer)
	{
		pg_lltoa(*ReadInteger(value), buffer);
		return buffer;
	}
	if (value.storage_class == StorageClass::Blob || reading.form == Form::Bytea ||
		(IsCivil(reading) && (IsNumber(value) || reading.rule.from != values::From::Auto)))
		return {};
	if (reading.form == Form::Boolean && value.storage_class == StorageClass::Real)
		return value.real == 0 ? "0" : "1";
	return TextForInput(reading, value, statement, column, buffer);
}

/* Whether the type and its domain take a value that the leaf has read. */
bool
IsTaken(Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column)
{
	char buffer[kNumberSize];
	const std::string_view text = OwnNotation(reading, value, statement, column, buffer);
	char *const server = text.data() == nullptr ? nullptr : ServerText(reading, text);
	Datum datum;

	return server == nullptr || ReadText(reading, server, &datum);
}

/* A palloc'd repaired copy; no data: no memory.  Leaf but for the allocation, which raises nothing.
 */
std::string_view
RepairedCopy(std::string_view text, bool replace) noexcept
{
	RepairedText repaired;

	if (!repaired.Repair(text, replace, &text))
		return {};
	auto *const copy =
		static_cast<char *>(palloc_extended(text.size() + 1, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM));

	if (copy == nullptr)
		return {};
	memcpy(copy, text.data(), text.size());
	return {copy, text.size()};
}

/* A text as it arrived, repaired if the rule says so. */
char *
RepairedServerText(const Reading &reading, std::string_view text)
{
	if (reading.rule.invalid_text != values::InvalidText::Error)
	{
		text = RepairedCopy(text, reading.rule.invalid_text == values::InvalidText::Replace);
		if (text.data() == nullptr)
			ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	return ServerText(reading, text);
}

/* Go's "2024-05-01 13:00:00 +0200 CEST m=+0.01": the offset says it, and the input function may not
 * know what follows. */
std::string_view
WithoutZoneName(std::string_view text)
{
	constexpr size_t kOffset = 6; /* " +0200" */

	for (size_t at = 10; at + kOffset < text.size(); at++)
		if (text[at] == ' ' && (text[at + 1] == '+' || text[at + 1] == '-') &&
			text[at + kOffset] == ' ' &&
			text.substr(at + 2, 4).find_first_not_of("0123456789") == std::string_view::npos)
			return text.substr(0, at + kOffset);
	return text;
}

/* The value under its form, as a Datum.  False if it has no notation that an input function reads.
 */
bool
MakeDatum(Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
		  Datum *datum)
{
	char buffer[kNumberSize];

	if (reading.form == Form::Bytea)
	{
		*datum =
			PointerGetDatum(cstring_to_text_with_len(value.bytes, static_cast<int>(value.size)));
		return !IsNumber(value);
	}

	std::string_view text = reading.form == Form::Integer && !ReadInteger(value).has_value()
								? std::string_view()
								: OwnNotation(reading, value, statement, column, buffer);

	if (reading.form == Form::TimestampTz)
		text = WithoutZoneName(text);

	char *server = text.data() == nullptr ? nullptr : RepairedServerText(reading, text);

	server = ArrayText(reading, text, server);
	if (server == nullptr)
		return false;
	*datum = pg::InputInZone(&reading.input, server, reading.input_argument, reading.typmod,
							 reading.zone);
	return true;
}

/*
 * "using": the expression again, over a Datum that this room has made of the
 * value, and that says what the value says.
 */
void
PutExpression(Reading &reading, const SourceValue &source, sqlite3_stmt *statement, int column,
			  Hasher &hasher)
{
	Reading &input = *reading.input_value;
	SourceValue value = source;
	Datum datum = 0;
	bool isnull;

	if (!ApplyRule(input.rule, value, statement, column))
	{
		PutUnreadable(reading, source, hasher);
		return;
	}
	const bool input_isnull = value.storage_class == StorageClass::Null;

	if (!input_isnull)
	{
		Hasher read = hasher;
		Hasher made = hasher;
		const bool readable = MakeDatum(input, value, statement, column, &datum);

		if (ReadSource(input, source, statement, column, read) == LeafResult::NeedsServer)
		{
			read = hasher;
			ReadSourceOnServer(input, source, statement, column, read);
		}
		if (readable)
			ReadTarget(input, datum, false, made);
		if (!readable || !(read.Result() == made.Result()))
		{
			PutUnreadable(reading, source, hasher);
			return;
		}
	}
	datum = pg::Evaluate(reading.expression, datum, input_isnull, &isnull);
	ReadTarget(reading, datum, isnull, hasher);
}

} /* namespace */

void
ReadSourceOnServer(Reading &reading, const SourceValue &source, sqlite3_stmt *statement, int column,
				   Hasher &hasher)
{
	SourceValue value = source;
	const Hasher before = hasher;

	if (reading.expression != nullptr)
	{
		PutExpression(reading, source, statement, column, hasher);
		return;
	}
	ApplyRule(reading.rule, value, statement, column);
	if (reading.server_reads && PutOnLeaf(reading, value, statement, column, hasher))
	{
		if (IsTaken(reading, value, statement, column))
			return;
		hasher = before;
		PutUnreadable(reading, value, hasher);
		return;
	}
	hasher = before;
	if (reading.form == Form::TimestampTz)
		PutNaiveTimestampTz(reading, value, hasher);
	else
		PutInput(reading, value, statement, column, hasher);
}

} /* namespace sqlite_import::verify */
