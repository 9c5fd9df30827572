/*
 * hash.hpp
 *    The keyed 128-bit digest of a row, and sums of digests.
 *
 * Rows of two sides are compared as sets without an order: equal sets have equal
 * sums of digests.  The keys are random for each run, so that no file can be
 * made whose rows cancel out.  Sums, not exclusive ors: a row that stands twice
 * must not vanish.
 *
 * Everything here is noexcept and calls nothing of the server, so that a thread
 * may use it.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sqlite_import::verify
{

using Sum = unsigned __int128;

/* 128 bits of a row, a key or a value. */
struct Digest
{
	uint64_t low = 0;
	uint64_t high = 0;

	Sum
	sum() const noexcept
	{
		return (static_cast<Sum>(high) << 64) | low;
	}
	bool
	operator==(const Digest &other) const noexcept
	{
		return low == other.low && high == other.high;
	}
	bool
	operator<(const Digest &other) const noexcept
	{
		return high != other.high ? high < other.high : low < other.low;
	}
};

/* What makes the digests of one run different from those of any other. */
struct HashKeys
{
	uint64_t first;
	uint64_t second;
	uint64_t third; /* odd */
};

/*
 * Takes words and bytes in; two lanes that share no state.  The first folds a
 * 128-bit product, the second multiplies and rotates.
 */
class Hasher
{
public:
	explicit Hasher(const HashKeys &keys) noexcept
		: keys_(&keys), fold_(keys.first), turn_(keys.second)
	{
	}

	void
	Word(uint64_t word) noexcept
	{
		const Sum product = static_cast<Sum>(fold_ ^ word) * (keys_->third ^ (word << 1));

		fold_ =
			static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64) ^ keys_->second;
		turn_ = ((turn_ << 31) | (turn_ >> 33)) + word;
		turn_ *= UINT64_C(0x9FB21C651E98DF25);
		turn_ ^= turn_ >> 29;
	}

	/* The length goes in too, so that neighbours cannot lend each other bytes. */
	void
	Bytes(const void *bytes, size_t size) noexcept
	{
		const auto *at = static_cast<const unsigned char *>(bytes);
		uint64_t word;

		Word(size);
		for (; size >= 8; size -= 8, at += 8)
		{
			memcpy(&word, at, 8);
			Word(word);
		}
		if (size > 0)
		{
			word = 0;
			memcpy(&word, at, size);
			Word(word);
		}
	}

	/* The digest of what went in so far; more may follow. */
	Digest
	Result() const noexcept
	{
		Digest digest;

		digest.low = Mix(fold_ ^ (turn_ >> 32));
		digest.high = Mix(turn_ ^ keys_->first);
		return digest;
	}

private:
	static uint64_t
	Mix(uint64_t word) noexcept
	{
		word ^= word >> 32;
		word *= UINT64_C(0xD6E8FEB86659FD93);
		word ^= word >> 32;
		word *= UINT64_C(0xD6E8FEB86659FD93);
		return word ^ (word >> 32);
	}

	const HashKeys *keys_;
	uint64_t fold_;
	uint64_t turn_;
};

} /* namespace sqlite_import::verify */
