/*
 * text_repair.hpp
 *    What invalid_text makes of a text, and the bytes behind base64 and
 *    hexadecimal text, by the rules of the documentation and not by the
 *    converter's code.
 *
 * Both classes own what they make; their functions are leaves, and give false
 * when memory is out or the text is not what it should be.
 */
#pragma once

#include <memory>
#include <string_view>

namespace sqlite_import::verify
{

class RepairedText
{
public:
	/*
	 * The text with each NUL and each maximal subpart of an ill-formed sequence
	 * (Unicode 3.9, U+FFFD Substitution of Maximal Subparts) replaced by U+FFFD
	 * or left out.  A valid text is given back as it is.
	 */
	bool Repair(std::string_view text, bool replace, std::string_view *repaired) noexcept;

private:
	std::unique_ptr<char[]> room_;
};

class DecodedBytes
{
public:
	/* Pairs of hexadecimal digits, after \x, 0x or within X'…' or bare. */
	bool Hex(std::string_view text, std::string_view *bytes) noexcept;

	/* RFC 4648, either alphabet, white space ignored, padding optional. */
	bool Base64(std::string_view text, std::string_view *bytes) noexcept;

private:
	std::unique_ptr<char[]> room_;
};

} /* namespace sqlite_import::verify */
