/*
 * array_literal.cpp
 *    One walk over a text that is known to be valid JSON.
 */
#include "reread/text_shape.hpp"
#include "verify/array_literal.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
}

namespace sqlite_import::verify
{

namespace
{

bool
IsBlank(char c) noexcept
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* An element in quotes; array_in takes a backslash before any character. */
void
AppendQuoted(StringInfo out, std::string_view element)
{
	appendStringInfoChar(out, '"');
	for (const char c : element)
	{
		if (c == '"' || c == '\\')
			appendStringInfoChar(out, '\\');
		appendStringInfoChar(out, c);
	}
	appendStringInfoChar(out, '"');
}

/* The string that begins at the text's quote, with both quotes. */
std::string_view
StringAt(std::string_view text) noexcept
{
	size_t end = 1;

	while (text[end] != '"')
		end += text[end] == '\\' ? 2 : 1;
	return text.substr(0, end + 1);
}

/* The value that begins there: a string, an object, an array, a word. */
std::string_view
ValueAt(std::string_view text) noexcept
{
	size_t end = 0;
	int depth = 0;

	if (text[0] == '"')
		return StringAt(text);
	for (; end < text.size(); end++)
	{
		const char c = text[end];

		if (c == '"')
			end += StringAt(text.substr(end)).size() - 1;
		else if (c == '[' || c == '{')
			depth++;
		else if (depth > 0 && (c == ']' || c == '}'))
		{
			if (--depth == 0)
				return text.substr(0, end + 1);
		}
		else if (depth == 0 && (c == ',' || c == ']' || c == '}' || IsBlank(c)))
			break;
	}
	return text.substr(0, end);
}

unsigned
HexValue(const char *digits) noexcept
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++)
	{
		const char c = digits[i];

		value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

/* The character of an escape at *at, behind its backslash; *at moves behind it.  0: text has no
 * such. */
pg_wchar
EscapedCharacter(std::string_view text, size_t *at) noexcept
{
	const char kind = text[*at];

	*at += 1;
	switch (kind)
	{
		case 'b':
			return '\b';
		case 'f':
			return '\f';
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 't':
			return '\t';
		case 'u':
			break;
		default:
			return static_cast<pg_wchar>(kind);
	}
	const unsigned first = HexValue(text.data() + *at);

	*at += 4;
	if (first < 0xD800 || first > 0xDFFF)
		return first;
	if (first > 0xDBFF || text.substr(*at, 2) != "\\u")
		return 0;
	const unsigned second = HexValue(text.data() + *at + 2);

	*at += 6;
	if (second < 0xDC00 || second > 0xDFFF)
		return 0;
	return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

/* The characters of a JSON string; false if text cannot hold them. */
bool
Unescape(std::string_view quoted, StringInfo out)
{
	const std::string_view text = quoted.substr(1, quoted.size() - 2);
	unsigned char bytes[8];

	for (size_t at = 0; at < text.size();)
	{
		if (text[at] != '\\')
		{
			appendStringInfoChar(out, text[at++]);
			continue;
		}
		at++;
		const pg_wchar character = EscapedCharacter(text, &at);

		if (character == 0)
			return false;
		unicode_to_utf8(character, bytes);
		appendBinaryStringInfo(out, reinterpret_cast<const char *>(bytes), pg_utf_mblen(bytes));
	}
	return true;
}

/* bytea's input function would take a backslash for its own. */
void
AppendBytes(StringInfo out, std::string_view bytes)
{
	appendStringInfoString(out, "\"\\\\x");
	for (const char byte : bytes)
		appendStringInfo(out, "%02x", static_cast<unsigned char>(byte));
	appendStringInfoChar(out, '"');
}

bool
AppendElement(StringInfo out, std::string_view element, bool as_written, bool as_bytes)
{
	StringInfoData unescaped;

	if (as_written || element[0] != '"')
	{
		if (element == "null" && !as_written)
			appendStringInfoString(out, "NULL");
		else
			AppendQuoted(out, element);
		return true;
	}
	initStringInfo(&unescaped);
	if (!Unescape(element, &unescaped))
		return false;
	const std::string_view text(unescaped.data, static_cast<size_t>(unescaped.len));

	as_bytes ? AppendBytes(out, text) : AppendQuoted(out, text);
	return true;
}

} /* namespace */

bool
IsJsonArray(std::string_view text) noexcept
{
	while (!text.empty() && IsBlank(text[0]))
		text.remove_prefix(1);
	return !text.empty() && text[0] == '[';
}

char *
ArrayLiteral(const char *json, Oid element_type)
{
	const bool as_written = element_type == JSONOID || element_type == JSONBOID;
	std::string_view rest(json);
	StringInfoData out;
	int depth = 0;

	if (reread::check_json(rest) == reread::JsonVerdict::Invalid)
		return nullptr;
	initStringInfo(&out);
	while (!rest.empty())
	{
		const char c = rest[0];
		const bool opens = c == '[' && (depth == 0 || !as_written);

		if (opens || c == ']' || c == ',')
		{
			depth += opens ? 1 : c == ']' ? -1 : 0;
			appendStringInfoChar(&out, opens ? '{' : c == ']' ? '}' : ',');
			rest.remove_prefix(1);
		}
		else if (IsBlank(c))
			rest.remove_prefix(1);
		else
		{
			const std::string_view element = ValueAt(rest);

			if (!AppendElement(&out, element, as_written, element_type == BYTEAOID))
				return nullptr;
			rest.remove_prefix(element.size());
		}
	}
	return out.data;
}

char *
CsvLiteral(const char *line, bool (*accepts)(void *argument, const char *text, size_t size),
		   void *argument)
{
	enum
	{
		Begin,
		Bare,
		Quoted,
		Closed
	} state = Begin;
	StringInfoData out;
	StringInfoData field;

	initStringInfo(&field);
	initStringInfo(&out);
	if (*line == '\0')
		return pstrdup("{}");
	appendStringInfoChar(&out, '{');
	for (const char *at = line;; at++)
	{
		const bool ends = *at == '\0' || (*at == ',' && state != Quoted);

		if (ends && state == Quoted)
			return nullptr;
		if (ends)
		{
			if (state != Begin && !accepts(argument, field.data, static_cast<size_t>(field.len)))
				return nullptr;
			resetStringInfo(&field);
			appendStringInfoString(&out, state == Begin ? "NULL" : "\"");
			if (*at == '\0')
				break;
			appendStringInfoChar(&out, ',');
			state = Begin;
		}
		else if (*at == '"' && state == Quoted)
			state = Closed;
		else if (*at == '"' && state == Begin)
		{
			appendStringInfoChar(&out, '"');
			state = Quoted;
		}
		else if (*at == '"' && state == Closed)
		{
			appendStringInfoString(&out, "\\\"");
			appendStringInfoChar(&field, '"');
			state = Quoted;
		}
		else if (*at == '"' || state == Closed)
			return nullptr;
		else
		{
			if (state == Begin)
			{
				appendStringInfoChar(&out, '"');
				state = Bare;
			}
			if (*at == '\\')
				appendStringInfoChar(&out, '\\');
			appendStringInfoChar(&out, *at);
			appendStringInfoChar(&field, *at);
		}
	}
	appendStringInfoChar(&out, '}');
	return out.data;
}

} /* namespace sqlite_import::verify */
