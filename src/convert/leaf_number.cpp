/*
 * leaf_number.cpp
 *    Leaf stage for booleans and numbers.
 *
 * numeric is written in its stored form at once: base-10000 digits behind a
 * two-byte header, the same since PostgreSQL 9.1 (utils/adt/numeric.c, "short
 * format").  No double is ever on the way: integers and decimal texts bring
 * their digits, a REAL its shortest ones.
 */
#include <cmath>

#include "values/number.hpp"
#include "values/token.hpp"

#include "convert/datum.hpp"

namespace sqlite_import::convert
{

namespace
{

using values::Decimal;
using values::DecimalParse;
using values::IntegerParse;

/* The integer that a value is, if it is one. */
Mismatch
IntegerOf(const SourceValue &value, int64 *result) noexcept
{
	switch (value.storage_class)
	{
		case StorageClass::Integer:
			*result = value.integer;
			return Mismatch::None;
		case StorageClass::Real:
			if (values::exact_integer(value.real, result))
				return Mismatch::None;
			return std::trunc(value.real) != value.real ? Mismatch::Inexact : Mismatch::OutOfRange;
		case StorageClass::Text:
			switch (values::parse_integer(value.bytes, value.size, result))
			{
				case IntegerParse::Ok:
					return Mismatch::None;
				case IntegerParse::OutOfRange:
					return Mismatch::OutOfRange;
				case IntegerParse::NotAnInteger:
					return Mismatch::NotANumber;
			}
			return Mismatch::NotANumber;
		default:
			return Mismatch::Class;
	}
}

template <typename T>
Mismatch
RangedInteger(const SourceValue &value, T *result) noexcept
{
	int64 wide;
	const Mismatch mismatch = IntegerOf(value, &wide);

	if (mismatch != Mismatch::None)
		return mismatch;
	*result = static_cast<T>(wide);
	return *result == wide ? Mismatch::None : Mismatch::OutOfRange;
}

/* The double that a value is exactly, or whose shortest digits it is. */
Mismatch
DoubleOf(const SourceValue &value, double *result) noexcept
{
	switch (value.storage_class)
	{
		case StorageClass::Integer:
			*result = static_cast<double>(value.integer);
			return values::exact_double(value.integer) ? Mismatch::None : Mismatch::Inexact;
		case StorageClass::Real:
			*result = value.real;
			return Mismatch::None;
		case StorageClass::Text:
		{
			Decimal decimal;
			const DecimalParse parse = values::parse_decimal(value.bytes, value.size, &decimal);

			if (values::parse_special_real(value.bytes, value.size, result))
				return Mismatch::None;
			if (parse == DecimalParse::NotANumber)
				return Mismatch::NotANumber;
			if (parse == DecimalParse::TooLong)
				return Mismatch::Inexact;
			return values::exact_real(value.bytes, value.size, decimal, result) ? Mismatch::None
																				: Mismatch::Inexact;
		}
		default:
			return Mismatch::Class;
	}
}

/* numeric's stored form; see NumericShort in numeric.c */
constexpr uint16 kNumericShort = 0x8000;
constexpr uint16 kNumericShortNegative = 0x2000;
constexpr int kNumericShortScaleShift = 7;
constexpr int kNumericShortMaxScale = 0x1F80 >> kNumericShortScaleShift;
constexpr uint16 kNumericShortWeightSign = 0x0040;
constexpr uint16 kNumericShortWeightMask = 0x003F;
constexpr int kNumericShortMaxWeight = kNumericShortWeightMask;
constexpr int kNumericShortMinWeight = -(kNumericShortWeightMask + 1);
constexpr int kDigitsPerGroup = 4;

int
FloorDivide(int dividend, int divisor) noexcept
{
	return dividend >= 0 ? dividend / divisor : -((-dividend + divisor - 1) / divisor);
}

/*
 * The numeric of a decimal with 'scale' decimals displayed.  Deferred if it does
 * not fit the short format, which holds any value up to 10^256.
 */
Converted
NumericOf(const Decimal &decimal, int scale, Arena &arena) noexcept
{
	int16 groups[Decimal::kMaxDigits / kDigitsPerGroup + 2];
	int count = 0;
	int weight = 0;
	char *data;

	if (!decimal.is_zero())
	{
		/* the first group holds the digits down to the next multiple of four from the point */
		weight = FloorDivide(decimal.point - 1, kDigitsPerGroup);
		int at = decimal.point - (weight + 1) * kDigitsPerGroup; /* 0 … -3: zeros in front */
		while (at < decimal.count)
		{
			int group = 0;

			for (int i = 0; i < kDigitsPerGroup; i++, at++)
				group = group * 10 + (at >= 0 && at < decimal.count ? decimal.digits[at] - '0' : 0);
			groups[count++] = static_cast<int16>(group);
		}
		while (count > 0 && groups[count - 1] == 0)
			count--;
	}
	if (scale > kNumericShortMaxScale || weight > kNumericShortMaxWeight ||
		weight < kNumericShortMinWeight)
		return Defer();

	const uint16 header = static_cast<uint16>(
		kNumericShort | (decimal.negative && count > 0 ? kNumericShortNegative : 0) |
		(scale << kNumericShortScaleShift) | (weight < 0 ? kNumericShortWeightSign : 0) |
		(weight & kNumericShortWeightMask));
	char *const result =
		MakeVarlena(arena, sizeof(header) + static_cast<size_t>(count) * sizeof(int16), &data);
	if (result == nullptr)
		return OutOfMemory();
	memcpy(data, &header, sizeof(header));
	memcpy(data + sizeof(header), groups, static_cast<size_t>(count) * sizeof(int16));
	return Good(PointerGetDatum(result));
}

/* The numeric of a decimal under the column's precision and scale. */
Converted
FittedNumeric(const Converter &converter, const Decimal &decimal, Arena &arena) noexcept
{
	if (converter.precision < 0)
		return NumericOf(decimal, decimal.scale, arena);
	/* PostgreSQL 15 allows a scale below zero or above the precision; rare, so the server's */
	if (converter.scale < 0 || converter.scale > converter.precision)
		return Defer();
	if (decimal.needed_scale() > converter.scale && !converter.rule.truncates())
		return converter.rule.rounds() ? Defer() : Refuse(Mismatch::Inexact);
	if (decimal.integer_digits() > converter.precision - converter.scale)
		return Refuse(Mismatch::OutOfRange);
	if (decimal.needed_scale() <= converter.scale)
		return NumericOf(decimal, converter.scale, arena);
	Decimal cut = decimal;
	values::cut_decimals(&cut, converter.scale);
	Converted result = NumericOf(cut, converter.scale, arena);
	result.altered = result.outcome == Outcome::Value;
	return result;
}

} /* namespace */

Converted
LeafBool(const Converter &, const SourceValue &value, Arena &) noexcept
{
	int64 integer;
	bool result;

	switch (value.storage_class)
	{
		case StorageClass::Integer:
			integer = value.integer;
			break;
		case StorageClass::Real:
			if (!values::exact_integer(value.real, &integer))
				return Refuse(Mismatch::NotABoolean);
			break;
		case StorageClass::Text:
			if (!values::parse_boolean(value.bytes, value.size, &result))
				return Refuse(Mismatch::NotABoolean);
			return Good(BoolGetDatum(result));
		default:
			return Refuse(Mismatch::Class);
	}
	if (integer != 0 && integer != 1)
		return Refuse(Mismatch::NotABoolean);
	return Good(BoolGetDatum(integer == 1));
}

Converted
LeafInt2(const Converter &, const SourceValue &value, Arena &) noexcept
{
	int16 result;
	const Mismatch mismatch = RangedInteger(value, &result);

	return mismatch == Mismatch::None ? Good(Int16GetDatum(result)) : Refuse(mismatch);
}

Converted
LeafInt4(const Converter &, const SourceValue &value, Arena &) noexcept
{
	int32 result;
	const Mismatch mismatch = RangedInteger(value, &result);

	return mismatch == Mismatch::None ? Good(Int32GetDatum(result)) : Refuse(mismatch);
}

Converted
LeafOid(const Converter &, const SourceValue &value, Arena &) noexcept
{
	uint32 result;
	const Mismatch mismatch = RangedInteger(value, &result);

	return mismatch == Mismatch::None ? Good(UInt32GetDatum(result)) : Refuse(mismatch);
}

Converted
LeafInt8(const Converter &, const SourceValue &value, Arena &) noexcept
{
	int64 result;
	const Mismatch mismatch = IntegerOf(value, &result);

	return mismatch == Mismatch::None ? Good(static_cast<Datum>(result)) : Refuse(mismatch);
}

Converted
LeafFloat8(const Converter &, const SourceValue &value, Arena &) noexcept
{
	double result;
	Datum datum;
	const Mismatch mismatch = DoubleOf(value, &result);

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	static_assert(sizeof(datum) == sizeof(result));
	memcpy(&datum, &result, sizeof(datum));
	return Good(datum);
}

namespace
{

/* The float4 of a value, exactly or not.  A text is read as such: by way of a double it would be
 * rounded twice. */
Mismatch
FloatOf(const SourceValue &value, float *result, bool *exact) noexcept
{
	double wide;
	Decimal decimal;

	if (value.storage_class == StorageClass::Text &&
		values::parse_decimal(value.bytes, value.size, &decimal) == DecimalParse::Ok &&
		values::exact_float_of_text(value.bytes, value.size, decimal, result))
	{
		*exact = true;
		return Mismatch::None;
	}
	const Mismatch mismatch = DoubleOf(value, &wide);
	if (mismatch != Mismatch::None)
		return mismatch;
	*exact = values::exact_float(wide, result);
	/* a text of more digits than a double's fewest is none of a float4 either */
	if (value.storage_class == StorageClass::Text && std::isfinite(wide))
		*exact = false;
	return Mismatch::None;
}

} /* namespace */

Converted
LeafFloat4(const Converter &converter, const SourceValue &value, Arena &) noexcept
{
	float result;
	int32 bits;
	bool exact;
	const Mismatch mismatch = FloatOf(value, &result, &exact);

	if (mismatch != Mismatch::None)
		return Refuse(mismatch);
	if (!exact && (std::isinf(result) || !converter.rule.rounds()))
		return Refuse(std::isinf(result) ? Mismatch::OutOfRange : Mismatch::Inexact);
	memcpy(&bits, &result, sizeof(bits));
	return {Int32GetDatum(bits), Outcome::Value, Mismatch::None, !exact};
}

Converted
LeafNumeric(const Converter &converter, const SourceValue &value, Arena &arena) noexcept
{
	Decimal decimal;

	switch (value.storage_class)
	{
		case StorageClass::Integer:
			values::decimal_of_integer(value.integer, &decimal);
			break;
		case StorageClass::Real:
			if (std::isinf(value.real))
				return converter.precision < 0 ? Defer() : Refuse(Mismatch::OutOfRange);
			values::decimal_of_double(value.real, &decimal);
			break;
		case StorageClass::Text:
			switch (values::parse_decimal(value.bytes, value.size, &decimal))
			{
				case DecimalParse::Ok:
					break;
				case DecimalParse::NotANumber:
					return Refuse(Mismatch::NotANumber);
				case DecimalParse::TooLong:
					return Defer();
			}
			break;
		default:
			return Refuse(Mismatch::Class);
	}
	return FittedNumeric(converter, decimal, arena);
}

} /* namespace sqlite_import::convert */
