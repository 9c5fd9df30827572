/*
 * deparse_names.cpp
 *    Names, texts, what lies outside of a domain, and whose order is that of bytes.
 */
#include "fdw/deparse.hpp"

extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_database.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/syscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* SQLite doubles a quote that stands inside (sqlite.org/lang_keywords.html). */
void
AppendQuoted(StringInfo sql, const char *text, char quote)
{
	appendStringInfoChar(sql, quote);
	for (const char *c = text; *c != '\0'; c++)
	{
		if (*c == quote)
			appendStringInfoChar(sql, quote);
		appendStringInfoChar(sql, *c);
	}
	appendStringInfoChar(sql, quote);
}

} /* namespace */

void
AppendIdentifier(StringInfo sql, const char *name)
{
	AppendQuoted(sql, name, '"');
}

void
AppendText(StringInfo sql, const char *text)
{
	AppendQuoted(sql, text, '\'');
}

void
AppendColumn(Deparse *deparse, Index rtindex, AttrNumber attnum)
{
	const RemoteColumn *column = ColumnOf(deparse->tables[rtindex], attnum);

	if (deparse->aliases)
		appendStringInfo(deparse->sql, "r%u.", rtindex);
	AppendIdentifier(deparse->sql, column->name);
}

void
AppendRelation(Deparse *deparse, Index rtindex)
{
	AppendIdentifier(deparse->sql, deparse->tables[rtindex]->name);
	if (deparse->aliases)
		appendStringInfo(deparse->sql, " AS r%u", rtindex);
}

void
AppendOutside(Deparse *deparse, const Var *var)
{
	const RemoteColumn *column = ColumnOf(deparse->tables[var->varno], var->varattno);
	StringInfo sql = deparse->sql;
	const auto classes = [&](const char *list)
	{
		appendStringInfoString(sql, "typeof(");
		AppendColumn(deparse, var->varno, var->varattno);
		appendStringInfo(sql, ") NOT IN (%s)", list);
	};
	const auto beyond = [&](const char *condition)
	{
		appendStringInfoString(sql, " OR ");
		AppendColumn(deparse, var->varno, var->varattno);
		appendStringInfoString(sql, condition);
	};

	appendStringInfoChar(sql, '(');
	switch (column->domain)
	{
		case Domain::Integer:
			classes("'integer', 'null'");
			if (column->type == INT4OID)
				beyond(" NOT BETWEEN -2147483648 AND 2147483647");
			else if (column->type == INT2OID)
				beyond(" NOT BETWEEN -32768 AND 32767");
			break;
		case Domain::Boolean:
			classes("'integer', 'null'");
			beyond(" NOT IN (0, 1)");
			break;
		case Domain::Float:
			classes("'real', 'integer', 'null'");
			appendStringInfoString(sql, " OR (typeof(");
			AppendColumn(deparse, var->varno, var->varattno);
			appendStringInfoString(sql, ") = 'integer' AND ");
			AppendColumn(deparse, var->varno, var->varattno);
			appendStringInfoString(sql, " NOT BETWEEN -9007199254740992 AND 9007199254740992)");
			break;
		case Domain::Decimal:
			classes("'integer', 'real', 'null'");
			break;
		case Domain::Text:
			classes("'text', 'null'");
			appendStringInfoString(sql, " OR NOT sqlite_import_is_text(");
			AppendColumn(deparse, var->varno, var->varattno);
			appendStringInfoChar(sql, ')');
			if (column->typmod >= (int32) VARHDRSZ)
			{
				appendStringInfoString(sql, " OR length(");
				AppendColumn(deparse, var->varno, var->varattno);
				appendStringInfo(sql, ") > %d", column->typmod - (int32) VARHDRSZ);
			}
			break;
		case Domain::Bytes:
			classes("'blob', 'null'");
			break;
		case Domain::None:
			appendStringInfoChar(sql, '1');
			break;
	}
	appendStringInfoChar(sql, ')');
}

void
AppendAnyOutside(Deparse *deparse, List *columns)
{
	ListCell *cell;

	appendStringInfoChar(deparse->sql, '(');
	foreach (cell, columns)
	{
		if (cell != list_head(columns))
			appendStringInfoString(deparse->sql, " OR ");
		AppendOutside(deparse, (const Var *) lfirst(cell));
	}
	appendStringInfoChar(deparse->sql, ')');
}

namespace
{

/*
 * The C library's name of a locale that a catalog row holds; null for other
 * providers.  From the catalogs, because pg_locale.h needs ICU's headers from 17 on.
 */
const char *
LibcLocale(int cache, Oid oid, AttrNumber provider_column, AttrNumber locale_column)
{
	HeapTuple tuple = SearchSysCache1(cache, ObjectIdGetDatum(oid));
	const char *name = nullptr;
	bool is_null;

	if (!HeapTupleIsValid(tuple))
		return nullptr;
	const Datum provider = SysCacheGetAttr(cache, tuple, provider_column, &is_null);
	if (!is_null && DatumGetChar(provider) == COLLPROVIDER_LIBC)
	{
		const Datum locale = SysCacheGetAttr(cache, tuple, locale_column, &is_null);

		name = is_null ? nullptr : TextDatumGetCString(locale);
	}
	ReleaseSysCache(tuple);
	return name;
}

} /* namespace */

bool
OrdersBytes(Oid collation)
{
	if (GetDatabaseEncoding() != PG_UTF8)
		return false;
	if (!OidIsValid(collation))
		return true;
	const char *name = collation == DEFAULT_COLLATION_OID
						   ? LibcLocale(DATABASEOID, MyDatabaseId, Anum_pg_database_datlocprovider,
										Anum_pg_database_datcollate)
						   : LibcLocale(COLLOID, collation, Anum_pg_collation_collprovider,
										Anum_pg_collation_collcollate);

	/* glibc's C.UTF-8 compares code points, which in UTF-8 is the order of the bytes */
	return name != nullptr &&
		   (strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0 ||
			pg_strcasecmp(name, "C.UTF-8") == 0 || pg_strcasecmp(name, "C.utf8") == 0);
}

} /* namespace sqlite_import::fdw */
