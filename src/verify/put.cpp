/*
 * put.cpp
 *    Decimal texts taken apart.
 */
#include <charconv>

#include "reread/text_shape.hpp"
#include "verify/put.hpp"

namespace sqlite_import::verify
{

namespace
{

/* A decimal text: its significant digits and the place of its point, 0.DIGITS × 10^point. */
struct Digits
{
	static constexpr int kMost = 1200;

	bool negative = false;
	int count = 0;
	int64_t point = 0;
	char digits[kMost]; /* 0 … 9 */
};

/* False if the text is no decimal number or has too many digits. */
bool
ReadDigits(std::string_view text, Digits &result) noexcept
{
	reread::DecimalShape shape;
	int64_t before_point = 0;
	bool in_fraction = false;
	size_t at = 0;

	if (!reread::read_decimal(text, shape))
		return false;
	result.negative = shape.negative;
	if (text[0] == '-' || text[0] == '+')
		at = 1;
	for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; at++)
	{
		if (text[at] == '.')
		{
			in_fraction = true;
			continue;
		}
		if (result.count == 0 && text[at] == '0')
		{
			before_point -= in_fraction ? 1 : 0;
			continue;
		}
		if (result.count == Digits::kMost)
			return false;
		result.digits[result.count++] = static_cast<char>(text[at] - '0');
		before_point += in_fraction ? 0 : 1;
	}
	int exponent = 0;
	if (at < text.size())
	{
		at += at + 1 < text.size() && text[at + 1] == '+' ? 2 : 1;
		std::from_chars(text.data() + at, text.data() + text.size(), exponent);
	}
	result.point = before_point + exponent;
	while (result.count > 0 && result.digits[result.count - 1] == 0)
		result.count--;
	return true;
}

/* Keeps 'kept' digits: the rest is cut, or rounded half away from zero. */
void
Keep(Digits &number, int64_t kept, bool cut) noexcept
{
	if (kept >= number.count)
		return;
	if (kept < 0)
	{
		number.count = 0;
		return;
	}
	const bool up = !cut && number.digits[kept] >= 5;

	number.count = static_cast<int>(kept);
	if (up)
	{
		int at = number.count - 1;

		while (at >= 0 && number.digits[at] == 9)
			at--;
		number.count = at + 1;
		if (at >= 0)
			number.digits[at]++;
		else
		{
			number.digits[0] = 1;
			number.count = 1;
			number.point++;
		}
	}
	while (number.count > 0 && number.digits[number.count - 1] == 0)
		number.count--;
}

/* The base-10000 weight of the first digit: floor((point - 1) / 4). */
int64_t
WeightOf(int64_t point) noexcept
{
	const int64_t place = point - 1;

	return place >= 0 ? place / 4 : -((-place + 3) / 4);
}

} /* namespace */

bool
PutDecimal(Hasher &hasher, std::string_view text, int scale, bool cut) noexcept
{
	Digits number;

	if (!ReadDigits(text, number))
		return false;
	if (scale >= 0)
		Keep(number, number.point + scale, cut);
	hasher.Word(kValueMark);
	if (number.count == 0)
	{
		PutZero(hasher);
		return true;
	}
	const int64_t weight = WeightOf(number.point);
	NumericWords words(hasher, number.negative, static_cast<int>(weight));
	int64_t left = number.point - 4 * weight; /* digits of the first group */
	unsigned group = 0;

	for (int i = 0; i < number.count; i++)
	{
		group = group * 10 + static_cast<unsigned>(number.digits[i]);
		if (--left == 0)
		{
			words.Digit(group);
			group = 0;
			left = 4;
		}
	}
	if (left != 4)
	{
		for (; left > 0; left--)
			group *= 10;
		words.Digit(group);
	}
	words.End();
	return true;
}

std::optional<int64_t>
ScaledInteger(std::string_view text, int shift, values::Rounding rounding) noexcept
{
	Digits number;
	unsigned __int128 value = 0;

	if (!ReadDigits(text, number))
		return std::nullopt;
	if (number.count == 0)
		return 0;
	number.point += shift;
	if (number.count > number.point && rounding == values::Rounding::Exact)
		return std::nullopt;
	Keep(number, number.point, rounding == values::Rounding::Truncate);
	if (number.count == 0)
		return 0;
	if (number.point > 20)
		return std::nullopt;
	for (int64_t i = 0; i < number.point; i++)
		value = value * 10 + (i < number.count ? static_cast<unsigned>(number.digits[i]) : 0U);
	if (value > static_cast<uint64_t>(INT64_MAX) + (number.negative ? 1 : 0))
		return std::nullopt;
	const auto magnitude = static_cast<uint64_t>(value);

	return static_cast<int64_t>(number.negative ? 0 - magnitude : magnitude);
}

} /* namespace sqlite_import::verify */
