/*
 * encoding.cpp
 *    Texts between UTF-8 and the database's encoding.
 */
#include <cstring>

#include "pg/encoding.hpp"

extern "C" {
#include "postgres.h"

#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"
}

namespace sqlite_import::pg
{

const char *
ToServerEncoding(const char *text)
{
	return pg_any_to_server(text, strlen(text), PG_UTF8);
}

const char *
FromServerEncoding(const char *text)
{
	return pg_server_to_any(text, strlen(text), PG_UTF8);
}

const char *
ToReadableEncoding(const char *text)
{
	const int encoding = GetDatabaseEncoding();
	const size_t size = strlen(text);

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || size == 0)
		return text;

	const Oid conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	const size_t room = size * MAX_CONVERSION_GROWTH + 1;
	char *const piece = static_cast<char *>(palloc_extended(room, MCXT_ALLOC_HUGE));
	StringInfoData result;

	initStringInfo(&result);
	for (size_t at = 0; at < size;)
	{
		const auto left = static_cast<int>(size - at);
		auto *const rest =
			const_cast<unsigned char *>(reinterpret_cast<const unsigned char *>(text + at));

		piece[0] = '\0';
		if (OidIsValid(conversion))
			at += pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding, rest, left,
												reinterpret_cast<unsigned char *>(piece),
												static_cast<int>(Min(room, MaxAllocSize)), true);
		appendStringInfoString(&result, piece);
		if (at < size)
		{
			appendStringInfoChar(&result, '?');
			at += Min(pg_utf_mblen(reinterpret_cast<const unsigned char *>(text + at)),
					  static_cast<int>(size - at));
		}
	}
	return result.data;
}

} /* namespace sqlite_import::pg */
