/*
 * json_text.hpp
 *    JSON made of names and keys that may hold any bytes.
 */
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "reread/text_shape.hpp"

namespace sqlite_import::verify
{

/* Bytes as hexadecimal digits. */
inline std::string
HexText(std::string_view bytes)
{
	static const char digits[] = "0123456789abcdef";
	std::string text;

	for (const char c : bytes)
	{
		text += digits[static_cast<unsigned char>(c) >> 4];
		text += digits[static_cast<unsigned char>(c) & 15];
	}
	return text;
}

/* A JSON string.  What is no UTF-8, and NUL, which jsonb cannot hold, is shown as '?'. */
inline std::string
JsonText(std::string_view text)
{
	const bool valid = reread::check_utf8(text).valid;
	std::string json = "\"";
	char escape[8];

	for (const char c : text)
	{
		const auto byte = static_cast<unsigned char>(c);

		if (c == '"' || c == '\\')
			(json += '\\') += c;
		else if (byte == 0 || (byte >= 0x80 && !valid))
			json += '?';
		else if (byte < 0x20)
		{
			snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(byte));
			json += escape;
		}
		else
			json += c;
	}
	return json + '"';
}

/* Collects members; values are JSON already. */
class JsonObject
{
public:
	void
	Add(std::string_view name, const std::string &value)
	{
		members_ += (members_.empty() ? "" : ", ") + JsonText(name) + ": " + value;
	}
	bool
	empty() const noexcept
	{
		return members_.empty();
	}
	std::string
	Text() const
	{
		return "{" + members_ + "}";
	}

private:
	std::string members_;
};

class JsonArray
{
public:
	void
	Add(const std::string &value)
	{
		elements_ += (elements_.empty() ? "" : ", ") + value;
	}
	bool
	empty() const noexcept
	{
		return elements_.empty();
	}
	std::string
	Text() const
	{
		return "[" + elements_ + "]";
	}

private:
	std::string elements_;
};

} /* namespace sqlite_import::verify */
