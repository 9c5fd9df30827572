/*
 * converters.cpp
 *    From column options to rules of conversion.
 */
#include <string>

#include "sqlite/catalog.hpp"

#include "fdw/converters.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

bool
IsMoment(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

values::ColumnRule
RuleOf(Oid type, const char *column_type, const char *timezone, bool on_mismatch_null)
{
	values::ColumnRule rule;

	rule.on_mismatch = on_mismatch_null ? values::OnMismatch::Null : values::OnMismatch::Error;
	rule.timezone = timezone;
	if (column_type == nullptr)
		return rule;
	const std::string folded = sqlite::fold_name(column_type);
	if (const auto from = values::from_of_name(folded))
		rule.from = *from;
	else if ((IsMoment(type) || type == INTERVALOID) &&
			 (folded == "int" || folded == "integer" || folded == "bigint" || folded == "real" ||
			  folded == "double" || folded == "float"))
		rule.from = values::From::UnixS;
	return rule;
}

} /* namespace */

convert::Converter *
ConverterOf(MemoryContext context, const char *local_name, Oid type, int32 typmod,
			const char *column_type, const char *timezone, bool on_mismatch_null)
{
	return pg::PgEntry(
		[=]
		{
			return convert::MakeConverter(context, local_name, type, typmod,
										  RuleOf(type, column_type, timezone, on_mismatch_null));
		});
}

bool
NeedsSubtransaction(Oid type, bool on_mismatch_null)
{
	if (!on_mismatch_null)
		return false;
	switch (type)
	{
		/* a domain is not among them: its conditions are the server's */
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case BYTEAOID:
		case UUIDOID:
			return false;
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			return GetDatabaseEncoding() != PG_UTF8;
		default:
			return true;
	}
}

values::Arena *
MakeArena(MemoryContext context)
{
	return pg::PgEntry([context] { return pg::PgNew<values::Arena>(context); });
}

} /* namespace sqlite_import::fdw */
