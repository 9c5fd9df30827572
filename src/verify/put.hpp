/*
 * put.hpp
 *    The canonical words of each form, written once for both sides.
 *
 * A value begins with a word that tells NULL, a value or a special value, so
 * that no value can be mistaken for another.  All functions are leaves.
 */
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "values/choices.hpp"

#include "verify/hash.hpp"

namespace sqlite_import::verify
{

/* What no ordinary word says. */
enum class Special : uint64_t
{
	Null = 0x4E554C4C,
	PlusInfinity = 0x2B494E46,
	MinusInfinity = 0x2D494E46,
	NotANumber = 0x4E614E,
	Unreadable = 0x3F3F3F3F,
};

constexpr uint64_t kValueMark = 1;

inline void
PutNull(Hasher &hasher) noexcept
{
	hasher.Word(static_cast<uint64_t>(Special::Null));
}

inline void
PutSpecial(Hasher &hasher, Special special) noexcept
{
	hasher.Word(static_cast<uint64_t>(special));
}

inline void
PutWord(Hasher &hasher, uint64_t word) noexcept
{
	hasher.Word(kValueMark);
	hasher.Word(word);
}

inline void
PutBytes(Hasher &hasher, const void *bytes, size_t size) noexcept
{
	hasher.Word(kValueMark);
	hasher.Bytes(bytes, size);
}

/* char(n): trailing blanks mean nothing (documentation: 8.3). */
inline void
PutPadded(Hasher &hasher, const char *bytes, size_t size) noexcept
{
	while (size > 0 && bytes[size - 1] == ' ')
		size--;
	PutBytes(hasher, bytes, size);
}

inline void
PutFloat4(Hasher &hasher, float value) noexcept
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	PutWord(hasher, bits);
}

inline void
PutFloat8(Hasher &hasher, double value) noexcept
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	PutWord(hasher, bits);
}

/*
 * A number as numeric stores it: base-10000 digits without zeros at either end,
 * and the weight of the first.  Digits come one by one, then End.
 */
class NumericWords
{
public:
	NumericWords(Hasher &hasher, bool negative, int weight) noexcept : hasher_(hasher)
	{
		hasher_.Word(negative ? 3 : 2);
		hasher_.Word(static_cast<uint64_t>(static_cast<int64_t>(weight)));
	}

	void
	Digit(unsigned digit) noexcept
	{
		if (digit == 0)
		{
			zeros_++;
			return;
		}
		for (; zeros_ > 0; zeros_--)
			hasher_.Word(0);
		hasher_.Word(digit);
	}

	void
	End() noexcept
	{
		hasher_.Word(UINT64_C(0x656E64));
	}

private:
	Hasher &hasher_;
	int zeros_ = 0;
};

inline void
PutZero(Hasher &hasher) noexcept
{
	NumericWords(hasher, false, 0).End();
}

/*
 * Puts a decimal text as numeric would store it; with scale >= 0, rounded to so
 * many digits after the point, half away from zero.  False, with nothing put,
 * if the text is no decimal number, or one too long to be rounded here.
 */
bool PutDecimal(Hasher &hasher, std::string_view text, int scale, bool cut = false) noexcept;

/* text × 10^shift, if that is a whole number of 64 bits; or the nearest one, or the next towards
 * zero. */
std::optional<int64_t> ScaledInteger(std::string_view text, int shift,
									 values::Rounding rounding) noexcept;

} /* namespace sqlite_import::verify */
