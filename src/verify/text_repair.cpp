/*
 * text_repair.cpp
 *    Repair and decoding.
 */
#include <cstring>
#include <new>

#include "reread/text_shape.hpp"
#include "verify/text_repair.hpp"

namespace sqlite_import::verify
{

namespace
{

/* The bytes that may follow a lead byte first (Unicode, table 3-7), and how many follow in all. */
struct Lead
{
	int following; /* 0: ASCII; -1: no lead byte */
	unsigned char low;
	unsigned char high;
};

Lead
LeadOf(unsigned char byte) noexcept
{
	if (byte < 0x80)
		return {0, 0, 0};
	if (byte >= 0xC2 && byte <= 0xDF)
		return {1, 0x80, 0xBF};
	if (byte >= 0xE0 && byte <= 0xEF)
		return {2, static_cast<unsigned char>(byte == 0xE0 ? 0xA0 : 0x80),
				static_cast<unsigned char>(byte == 0xED ? 0x9F : 0xBF)};
	if (byte >= 0xF0 && byte <= 0xF4)
		return {3, static_cast<unsigned char>(byte == 0xF0 ? 0x90 : 0x80),
				static_cast<unsigned char>(byte == 0xF4 ? 0x8F : 0xBF)};
	return {-1, 0, 0};
}

/* The length of the sequence at 'at', or of its maximal subpart, with *valid false. */
size_t
TakeSequence(const unsigned char *at, const unsigned char *end, bool *valid) noexcept
{
	const Lead lead = LeadOf(*at);
	unsigned char low = lead.low;
	unsigned char high = lead.high;
	size_t length = 1;

	*valid = lead.following == 0 && *at != 0;
	if (lead.following <= 0)
		return 1;
	for (int i = 0; i < lead.following; i++, length++)
	{
		if (at + length == end || at[length] < low || at[length] > high)
			return length;
		low = 0x80;
		high = 0xBF;
	}
	*valid = true;
	return length;
}

int
HexDigit(char c) noexcept
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
Base64Digit(char c) noexcept
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

} /* namespace */

bool
RepairedText::Repair(std::string_view text, bool replace, std::string_view *repaired) noexcept
{
	const reread::Utf8Verdict verdict = reread::check_utf8(text);

	*repaired = text;
	if (verdict.valid && !verdict.has_nul)
		return true;
	room_.reset(new (std::nothrow) char[text.size() * 3]);
	if (room_ == nullptr)
		return false;
	const auto *at = reinterpret_cast<const unsigned char *>(text.data());
	const auto *const end = at + text.size();
	size_t size = 0;

	while (at < end)
	{
		bool valid;
		const size_t length = TakeSequence(at, end, &valid);

		if (valid)
		{
			memcpy(room_.get() + size, at, length);
			size += length;
		}
		else if (replace)
		{
			memcpy(room_.get() + size, "\xEF\xBF\xBD", 3);
			size += 3;
		}
		at += length;
	}
	*repaired = {room_.get(), size};
	return true;
}

bool
DecodedBytes::Hex(std::string_view text, std::string_view *bytes) noexcept
{
	if (text.size() >= 3 && (text[0] == 'x' || text[0] == 'X') && text[1] == '\'' &&
		text.back() == '\'')
		text = text.substr(2, text.size() - 3);
	else if (text.size() >= 2 && (text[0] == '\\' || text[0] == '0') &&
			 (text[1] == 'x' || text[1] == 'X'))
		text = text.substr(2);
	if (text.size() % 2 != 0)
		return false;
	room_.reset(new (std::nothrow) char[text.size() / 2 + 1]);
	if (room_ == nullptr)
		return false;
	for (size_t i = 0; i < text.size() / 2; i++)
	{
		const int high = HexDigit(text[2 * i]);
		const int low = HexDigit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		room_[i] = static_cast<char>(high * 16 + low);
	}
	*bytes = {room_.get(), text.size() / 2};
	return true;
}

bool
DecodedBytes::Base64(std::string_view text, std::string_view *bytes) noexcept
{
	unsigned buffer = 0;
	int bits = 0;
	size_t size = 0;
	bool padded = false;

	room_.reset(new (std::nothrow) char[text.size() + 1]);
	if (room_ == nullptr)
		return false;
	for (const char c : text)
	{
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c == '=')
		{
			padded = true;
			continue;
		}
		const int digit = Base64Digit(c);

		if (digit < 0 || padded)
			return false;
		buffer = (buffer << 6) | static_cast<unsigned>(digit);
		bits += 6;
		if (bits >= 8)
		{
			bits -= 8;
			room_[size++] = static_cast<char>((buffer >> bits) & 0xFF);
		}
	}
	*bytes = {room_.get(), size};
	return bits < 6;
}

} /* namespace sqlite_import::verify */
