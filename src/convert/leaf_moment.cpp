/*
 * leaf_moment.cpp
 *    Leaf stage for dates, times and lengths of time.
 *
 * A text says by itself what it means; a number does not, so it needs the unit
 * that the column's rule names.  What would be lost is refused: a time of day by
 * date, an offset by a type without zone, digits beyond the microsecond.
 */
#include <cmath>

#include "values/interval.hpp"
#include "values/moment.hpp"
#include "values/number.hpp"
#include "values/time_unit.hpp"

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
using values::UnitParse;

Mismatch
MismatchOf(UnitParse result) noexcept
{
	switch (result)
	{
		case UnitParse::Ok:
			return Mismatch::None;
		case UnitParse::NoUnit:
			return Mismatch::NoUnit;
		case UnitParse::OutOfRange:
			return Mismatch::OutOfRange;
		case UnitParse::Impossible:
			return Mismatch::ImpossibleMoment;
		case UnitParse::Inexact:
			break;
	}
	return Mismatch::Inexact;
}

Mismatch
MismatchOf(MomentParse result) noexcept
{
	switch (result)
	{
		case MomentParse::Ok:
			return Mismatch::None;
		case MomentParse::ZeroDate:
			return Mismatch::ZeroDate;
		case MomentParse::OutOfRange:
			return Mismatch::ImpossibleMoment;
		case MomentParse::NotAMoment:
			break;
	}
	return Mismatch::NotAMoment;
}

/* What a text or a number with a unit says.  Numbers give an instant in UTC. */
struct Reading
{
	Moment moment;
	bool is_number = false;
	bool altered = false;
};

/* A number that is digits YYYYMMDD[HHMMSS]: naive, like text. */
Mismatch
ReadCompact(const Decimal &decimal, Moment *moment) noexcept
{
	char digits[values::kCompactDigits];
	const size_t size = values::compact_digits(decimal, digits);

	return size == 0 ? Mismatch::NotAMoment
					 : MismatchOf(values::parse_compact(digits, size, moment));
}

Mismatch
ReadNumber(const Converter &converter, const Decimal &decimal, double real,
		   Reading *reading) noexcept
{
	int64 instant;

	if (converter.rule.from == From::Compact)
		return ReadCompact(decimal, &reading->moment);
	const Mismatch mismatch = MismatchOf(values::instant_of_number(
		converter.rule.from, decimal, real, converter.rule.rounding, &instant, &reading->altered));

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

/* Digits beyond the microsecond may go if the rule says so. */
Mismatch
KeepMicroseconds(const Converter &converter, Reading *reading) noexcept
{
	if (reading->moment.below_microsecond)
	{
		if (converter.rule.exact())
			return Mismatch::Inexact;
		if (converter.rule.truncates())
			reading->moment.microseconds -= reading->moment.rounded_up;
		reading->altered = true;
	}
	return Mismatch::None;
}

Mismatch
ReadText(const Converter &converter, const SourceValue &value, Reading *reading) noexcept
{
	const From from = converter.rule.from;
	MomentParse parsed = MomentParse::NotAMoment;

	if (from == From::Compact)
		parsed = values::parse_compact(value.bytes, value.size, &reading->moment);
	else if (values::is_time_unit(from))
	{
		Decimal decimal;

		if (values::parse_decimal(value.bytes, value.size, &decimal) == DecimalParse::Ok)
		{
			double real = 0;

			if ((from == From::Julian || from == From::Ole) &&
				!values::exact_real(value.bytes, value.size, decimal, &real))
				return Mismatch::Inexact;
			return ReadNumber(converter, decimal, real, reading);
		}
	}
	if (parsed == MomentParse::NotAMoment)
		parsed = values::parse_moment(value.bytes, value.size, &reading->moment);
	if (parsed != MomentParse::Ok)
		return MismatchOf(parsed);
	return KeepMicroseconds(converter, reading);
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

/* Rounds to the column's fractional digits as PostgreSQL does, half away from zero, or cuts, if the
 * rule allows and it is needed. */
Mismatch
FitFraction(const Converter &converter, Reading *reading, int64 *microseconds) noexcept
{
	if (reading->moment.fraction_digits <= converter.fraction_digits)
		return Mismatch::None;
	if (converter.rule.exact())
		return Mismatch::Inexact;
	*microseconds = KeepFraction(converter, *microseconds);
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
	if (!IS_VALID_TIMESTAMP(result))
		return Refuse(Mismatch::OutOfRange);
	const Mismatch mismatch = FitFraction(converter, reading, &result);

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (!IS_VALID_TIMESTAMP(result))
		return Refuse(Mismatch::OutOfRange);
	return Answer(static_cast<Datum>(result), reading->altered);
}

/* In its own notation. */
Converted
IntervalOfText(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	values::Interval parts;
	bool altered = false;

	if (value.storage_class != StorageClass::Text)
		return Refuse(Mismatch::Class);
	switch (values::parse_interval(value.bytes, value.size, &parts))
	{
		case values::IntervalParse::Ok:
			break;
		case values::IntervalParse::NotAnInterval:
			return Refuse(Mismatch::NotAMoment);
		case values::IntervalParse::Inexact:
			if (converter.rule.exact())
				return Refuse(Mismatch::Inexact);
			if (converter.rule.rounds())
				return Defer();
			altered = true;
			break;
		case values::IntervalParse::OutOfRange:
			return Refuse(Mismatch::OutOfRange);
	}
	auto *const result =
		reinterpret_cast<Interval *>(arena.allocate(sizeof(Interval), alignof(Interval)));
	if (result == nullptr)
		return OutOfMemory();
	result->month = parts.months;
	result->day = parts.days;
	result->time = parts.microseconds;
	return Answer(PointerGetDatum(result), altered);
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
	if (moment.infinite != 0)
		return Good(Int32GetDatum(moment.infinite < 0 ? DATEVAL_NOBEGIN : DATEVAL_NOEND));
	if (!moment.has_date)
		return Refuse(Mismatch::NotAMoment);
	if (moment.offset_seconds != 0)
		return Refuse(Mismatch::OffsetLost);
	if (moment.microseconds != 0)
	{
		if (converter.rule.exact())
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
	if (reading.moment.has_date || reading.moment.infinite != 0)
		return Refuse(Mismatch::NotAMoment);
	if (reading.moment.offset_seconds != 0)
		return Refuse(Mismatch::OffsetLost);
	int64 result = reading.moment.microseconds;
	mismatch = FitFraction(converter, &reading, &result);
	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	return Answer(static_cast<Datum>(result), reading.altered);
}

/* A timetz without an offset would have the session's of today. */
Converted
LeafTimetz(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	Reading reading;

	if (value.storage_class != StorageClass::Text)
		return Refuse(Mismatch::Class);
	Mismatch mismatch = Read(converter, value, &reading);
	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (reading.moment.has_date || reading.moment.infinite != 0 || !reading.moment.has_offset)
		return Refuse(Mismatch::NotAMoment);
	auto *const result =
		reinterpret_cast<TimeTzADT *>(arena.allocate(sizeof(TimeTzADT), alignof(TimeTzADT)));
	if (result == nullptr)
		return OutOfMemory();
	result->time = reading.moment.microseconds;
	result->zone = -reading.moment.offset_seconds; /* to the west is positive */
	mismatch = FitFraction(converter, &reading, &result->time);
	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	return Answer(PointerGetDatum(result), reading.altered);
}

Converted
LeafTimestamp(const Converter &converter, const SourceValue &value, Arena &) noexcept
{
	Reading reading;
	const Mismatch mismatch = Read(converter, value, &reading);

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
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
	if (reading.moment.infinite != 0)
		return Good(static_cast<Datum>(reading.moment.infinite < 0 ? DT_NOBEGIN : DT_NOEND));
	if (!reading.moment.has_date)
		return Refuse(Mismatch::NotAMoment);
	if (!reading.moment.has_offset && !converter.zone_is_utc)
		return Defer();
	return TimestampOf(converter, &reading, -reading.moment.offset_seconds * USECS_PER_SEC);
}

Converted
LeafInterval(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	const Converted result = ReadInterval(converter, value, arena);
	const bool cut = result.outcome == Outcome::Value && converter.base_typmod >= 0;

	/* interval(3), interval day to hour: the server looks what is cut */
	return cut ? Defer() : result;
}

Converted
ReadInterval(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	Decimal decimal;
	int64 length;
	bool altered = false;

	if (!values::is_length_unit(converter.rule.from))
		return IntervalOfText(converter, value, arena);
	switch (value.storage_class)
	{
		case StorageClass::Integer:
			values::decimal_of_integer(value.integer, &decimal);
			break;
		case StorageClass::Real:
			if (std::isinf(value.real))
				return Refuse(Mismatch::OutOfRange);
			values::decimal_of_double(value.real, &decimal);
			break;
		case StorageClass::Text:
			/* a number is a number of units; else the type's own notation */
			if (values::parse_decimal(value.bytes, value.size, &decimal) == DecimalParse::Ok)
				break;
			return IntervalOfText(converter, value, arena);
		default:
			return Refuse(Mismatch::Class);
	}
	const Mismatch mismatch = MismatchOf(values::length_of_number(
		converter.rule.from, decimal, converter.rule.rounding, &length, &altered));

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	auto *const interval =
		reinterpret_cast<Interval *>(arena.allocate(sizeof(Interval), alignof(Interval)));

	if (interval == nullptr)
		return OutOfMemory();
	interval->time = length;
	interval->day = 0;
	interval->month = 0;
	return Answer(PointerGetDatum(interval), altered);
}

bool
ReadNaive(const Converter &converter, const SourceValue &value, Moment *moment) noexcept
{
	Reading reading;

	if (Read(converter, value, &reading) != Mismatch::None)
		return false;
	*moment = reading.moment;
	return true;
}

int64
KeepFraction(const Converter &converter, int64 microseconds) noexcept
{
	int64 unit = 1;

	for (int i = converter.fraction_digits; i < 6; i++)
		unit *= 10;
	if (converter.rule.truncates())
		return microseconds - (microseconds % unit + unit) % unit;
	const int64 magnitude = microseconds < 0 ? -microseconds : microseconds;
	const int64 rounded = (magnitude + unit / 2) / unit * unit;

	return microseconds < 0 ? -rounded : rounded;
}

} /* namespace sqlite_import::convert */
