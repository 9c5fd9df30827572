/*
 * leaf_moment.cpp
 *    Leaf stage for date, time, timestamp and timestamptz.
 *
 * A text says by itself what it means; a number does not, so it needs the unit
 * that the column's rule names.  What would be lost is refused: a time of day by
 * date, an offset by a type without zone, digits beyond the microsecond.
 */
#include <cmath>

#include "values/moment.hpp"
#include "values/number.hpp"

#include "convert/datum.hpp"

extern "C" {
#include "datatype/timestamp.h"
#include "utils/date.h"
}

namespace sqlite_import::convert
{

namespace
{

using values::Decimal;
using values::DecimalParse;
using values::From;
using values::kMicrosecondsPerDay;
using values::Moment;
using values::MomentParse;

constexpr size_t kLongestDate = 40; /* of what is worth giving to an input function */
constexpr int64 kUnixToPostgres = INT64CONST(946684800000000); /* microseconds 1970 … 2000 */

/* Microseconds per unit as a power of ten; false if the rule names no unit. */
bool
UnitShift(From from, int *shift) noexcept
{
	switch (from)
	{
		case From::UnixS:
			*shift = 6;
			return true;
		case From::UnixMs:
			*shift = 3;
			return true;
		case From::UnixUs:
			*shift = 0;
			return true;
		case From::UnixNs:
			*shift = -3;
			return true;
		case From::Auto:
		case From::Julian:
		case From::Base64:
		case From::Hex:
		case From::Utf8:
			return false;
	}
	return false;
}

bool
NamesUnit(From from) noexcept
{
	int shift;

	return from == From::Julian || UnitShift(from, &shift);
}

/* The instant of a number in the rule's unit. */
Mismatch
InstantOfNumber(const Converter &converter, const Decimal &decimal, double real, int64 *result,
				bool *altered) noexcept
{
	int shift;

	if (converter.rule.from == From::Julian)
		return values::microseconds_of_julian(real, result) ? Mismatch::None : Mismatch::OutOfRange;
	if (!UnitShift(converter.rule.from, &shift))
		return Mismatch::NoUnit;
	if (!values::scaled_integer(decimal, shift, false, result))
	{
		int64 rounded;

		if (!values::scaled_integer(decimal, shift, true, &rounded))
			return Mismatch::OutOfRange;
		if (!converter.rule.round)
			return Mismatch::Inexact;
		*result = rounded;
		*altered = true;
	}
	if (*result < PG_INT64_MIN + kUnixToPostgres)
		return Mismatch::OutOfRange;
	*result -= kUnixToPostgres;
	return Mismatch::None;
}

/* What a text or a number with a unit says.  Numbers give an instant in UTC. */
struct Reading
{
	Moment moment;
	bool is_number = false;
	bool altered = false;
	bool defer = false; /* a month's name: PostgreSQL's parser may know it */
};

/* "8 Jan 1999": the input function decides, if the order of the numbers cannot matter. */
bool
HasMonthName(const SourceValue &value) noexcept
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (size_t i = 0; i + 3 <= value.size && value.size <= kLongestDate; i++)
	{
		char word[3];

		for (int j = 0; j < 3; j++)
			word[j] = static_cast<char>(value.bytes[i + j] | 0x20);
		for (int month = 0; month < 12; month++)
			if (memcmp(word, months + month * 3, 3) == 0)
				return true;
	}
	return false;
}

Mismatch
ReadNumber(const Converter &converter, const Decimal &decimal, double real,
		   Reading *reading) noexcept
{
	int64 instant;
	const Mismatch mismatch =
		InstantOfNumber(converter, decimal, real, &instant, &reading->altered);

	if (mismatch != Mismatch::None)
		return mismatch;
	Moment &moment = reading->moment;
	reading->is_number = true;
	moment.has_date = moment.has_time = moment.has_offset = true;
	moment.days = instant / kMicrosecondsPerDay - (instant % kMicrosecondsPerDay < 0);
	moment.microseconds = instant - moment.days * kMicrosecondsPerDay;
	for (int64 fraction = moment.microseconds % USECS_PER_SEC, digits = 6; fraction != 0; digits--)
	{
		if (fraction % 10 != 0)
		{
			moment.fraction_digits = static_cast<uint8_t>(digits);
			break;
		}
		fraction /= 10;
	}
	return Mismatch::None;
}

Mismatch
ReadText(const Converter &converter, const SourceValue &value, Reading *reading) noexcept
{
	if (NamesUnit(converter.rule.from))
	{
		Decimal decimal;

		if (values::parse_decimal(value.bytes, value.size, &decimal) == DecimalParse::Ok)
		{
			double real = 0;

			if (converter.rule.from == From::Julian &&
				!values::exact_real(value.bytes, value.size, decimal, &real))
				return Mismatch::Inexact;
			return ReadNumber(converter, decimal, real, reading);
		}
	}
	switch (values::parse_moment(value.bytes, value.size, &reading->moment))
	{
		case MomentParse::Ok:
			break;
		case MomentParse::ZeroDate:
			return Mismatch::ZeroDate;
		case MomentParse::OutOfRange:
			return Mismatch::ImpossibleMoment;
		case MomentParse::NotAMoment:
			reading->defer = HasMonthName(value);
			return reading->defer ? Mismatch::None : Mismatch::NotAMoment;
	}
	if (reading->moment.below_microsecond)
	{
		if (!converter.rule.round)
			return Mismatch::Inexact;
		reading->altered = true;
	}
	return Mismatch::None;
}

Mismatch
Read(const Converter &converter, const SourceValue &value, Reading *reading) noexcept
{
	Decimal decimal;

	switch (value.storage_class)
	{
		case StorageClass::Integer:
			values::decimal_of_integer(value.integer, &decimal);
			return ReadNumber(converter, decimal, static_cast<double>(value.integer), reading);
		case StorageClass::Real:
			if (std::isinf(value.real))
				return Mismatch::OutOfRange;
			values::decimal_of_double(value.real, &decimal);
			return ReadNumber(converter, decimal, value.real, reading);
		case StorageClass::Text:
			return ReadText(converter, value, reading);
		default:
			return Mismatch::Class;
	}
}

/* Rounds to the column's fractional digits, if the rule allows and it is needed. */
Mismatch
FitFraction(const Converter &converter, Reading *reading, int64 *microseconds) noexcept
{
	if (reading->moment.fraction_digits <= converter.fraction_digits)
		return Mismatch::None;
	if (!converter.rule.round)
		return Mismatch::Inexact;
	int64 unit = 1;
	for (int i = converter.fraction_digits; i < 6; i++)
		unit *= 10;
	*microseconds += unit / 2;
	*microseconds -= (*microseconds % unit + unit) % unit;
	reading->altered = true;
	return Mismatch::None;
}

Converted
Answer(Datum datum, bool altered) noexcept
{
	return {datum, Outcome::Value, Mismatch::None, altered};
}

/* Microseconds since 2000 as they stand in the text; the offset is not applied. */
Converted
TimestampOf(const Converter &converter, Reading *reading, int64 shift) noexcept
{
	const Moment &moment = reading->moment;
	int64 result = moment.days * kMicrosecondsPerDay + moment.microseconds + shift;
	const Mismatch mismatch = FitFraction(converter, reading, &result);

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (!IS_VALID_TIMESTAMP(result))
		return Refuse(Mismatch::OutOfRange);
	return Answer(static_cast<Datum>(result), reading->altered);
}

} /* namespace */

Converted
LeafDate(const Converter &converter, const SourceValue &value, Arena &) noexcept
{
	Reading reading;
	const Mismatch mismatch = Read(converter, value, &reading);
	const Moment &moment = reading.moment;

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (reading.defer)
		return Defer();
	if (moment.infinite != 0)
		return Good(Int32GetDatum(moment.infinite < 0 ? DATEVAL_NOBEGIN : DATEVAL_NOEND));
	if (!moment.has_date)
		return Refuse(Mismatch::NotAMoment);
	if (moment.offset_seconds != 0)
		return Refuse(Mismatch::OffsetLost);
	if (moment.microseconds != 0)
	{
		if (!converter.rule.round)
			return Refuse(Mismatch::TimeLost);
		reading.altered = true;
	}
	if (moment.days < PG_INT32_MIN || !IS_VALID_DATE(moment.days))
		return Refuse(Mismatch::OutOfRange);
	return Answer(Int32GetDatum(static_cast<int32>(moment.days)), reading.altered);
}

Converted
LeafTime(const Converter &converter, const SourceValue &value, Arena &) noexcept
{
	Reading reading;

	if (value.storage_class != StorageClass::Text)
		return Refuse(Mismatch::Class);
	Mismatch mismatch = Read(converter, value, &reading);
	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (reading.defer || reading.moment.has_date || reading.moment.infinite != 0)
		return Refuse(Mismatch::NotAMoment);
	if (reading.moment.offset_seconds != 0)
		return Refuse(Mismatch::OffsetLost);
	int64 result = reading.moment.microseconds;
	mismatch = FitFraction(converter, &reading, &result);
	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	return Answer(static_cast<Datum>(result), reading.altered);
}

Converted
LeafTimestamp(const Converter &converter, const SourceValue &value, Arena &) noexcept
{
	Reading reading;
	const Mismatch mismatch = Read(converter, value, &reading);

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (reading.defer)
		return Defer();
	if (reading.moment.infinite != 0)
		return Good(static_cast<Datum>(reading.moment.infinite < 0 ? DT_NOBEGIN : DT_NOEND));
	if (!reading.moment.has_date)
		return Refuse(Mismatch::NotAMoment);
	/* the zone UTC may go: naive timestamps of a program that writes Z are meant so */
	if (reading.moment.offset_seconds != 0)
		return Refuse(Mismatch::OffsetLost);
	return TimestampOf(converter, &reading, 0);
}

Converted
LeafTimestamptz(const Converter &converter, const SourceValue &value, Arena &) noexcept
{
	Reading reading;
	const Mismatch mismatch = Read(converter, value, &reading);

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	/* without an offset the input function would take the session's zone, not the rule's */
	if (reading.defer)
		return Refuse(Mismatch::NotAMoment);
	if (reading.moment.infinite != 0)
		return Good(static_cast<Datum>(reading.moment.infinite < 0 ? DT_NOBEGIN : DT_NOEND));
	if (!reading.moment.has_date)
		return Refuse(Mismatch::NotAMoment);
	if (!reading.moment.has_offset && !converter.zone_is_utc)
		return Defer();
	return TimestampOf(converter, &reading, -reading.moment.offset_seconds * USECS_PER_SEC);
}

} /* namespace sqlite_import::convert */
