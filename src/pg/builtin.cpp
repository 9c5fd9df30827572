/*
 * builtin.cpp
 *    The helper functions that a migrated schema may use where PostgreSQL has no
 *    equal: SQLite's own built-in functions, callable from SQL.
 *
 * The idea: SQLite is in this process anyway, and nobody knows better what its
 * printf() or strftime() gives.  All helpers are one C function, which SQL knows
 * under several names; it calls SQLite's function of its own name, on an empty
 * database in memory, with the arguments as SQLite would have them.
 *
 * What is called 'now' is the start of the transaction, as CURRENT_TIMESTAMP is.
 */
#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <string>
#include <strings.h>

#include "sqlite/database.hpp"

#include "pg/errors.hpp"
#include "pg/guard.hpp"
#include "pg/helper_thread.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

extern PGDLLEXPORT Datum sqlite_import_builtin(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_builtin);
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

enum class Result
{
	Text,
	Bool,
	Int8,
	Float8
};

struct Builtin
{
	const char *name;
	Result result;
	int moment; /* position of the argument that may be 'now'; -1: none */
	bool has_format = false;
};

/* What sqlite_import--1.0.sql declares; nothing else can be called. */
constexpr Builtin kBuiltins[] = {
	{"date", Result::Text, 0},          {"datetime", Result::Text, 0},
	{"glob", Result::Bool, -1},         {"json", Result::Text, -1},
	{"json_insert", Result::Text, -1},  {"json_patch", Result::Text, -1},
	{"json_quote", Result::Text, -1},   {"json_remove", Result::Text, -1},
	{"json_replace", Result::Text, -1}, {"json_set", Result::Text, -1},
	{"json_valid", Result::Bool, -1},   {"julianday", Result::Float8, 0},
	{"printf", Result::Text, -1, true}, {"quote", Result::Text, -1},
	{"strftime", Result::Text, 1},      {"time", Result::Text, 0},
	{"unixepoch", Result::Int8, 0},
};

/* A result is at most so much longer than the arguments: quoting is what makes most of them. */
constexpr int64 kMaxResultBytes = 16 * 1024 * 1024;
constexpr int64 kMaxResultFactor = 8;

/*
 * Arguments up to this length are done with in moments, whatever the function: patching one JSON
 * object with another takes time by the product of their lengths.  Longer ones are set aside.
 */
constexpr int64 kShortBytes = 16 * 1024;

/* A width or precision of so many digits makes printf() write for long. */
constexpr size_t kWideDigits = 6;

/* As for the files: a pattern takes time by its length squared. */
constexpr int kMaxPatternBytes = 1000;

/* One argument as SQLite takes it. */
struct Argument
{
	enum
	{
		Null,
		Integer,
		Real,
		Text,
		Blob
	} kind;
	int64 integer;
	double real;
	const char *bytes;
	int size;
};

/* The statement of one call site, kept as long as its plan. */
struct CallSite
{
	const Builtin *builtin;
	sqlite::Statement statement;
};

const Builtin *
FindBuiltin(const char *name) noexcept
{
	for (const Builtin &builtin : kBuiltins)
		if (strcmp(builtin.name, name) == 0)
			return &builtin;
	return nullptr;
}

/* The empty database of this backend.  It is never closed: a thread may have been left in it.
 * Throws. */
sqlite3 *
Connection()
{
	static sqlite3 *connection = nullptr;

	if (connection != nullptr)
		return connection;

	sqlite3 *opened = nullptr;
	const int code =
		sqlite3_open_v2(":memory:", &opened,
						SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
	std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)> owned(opened, sqlite3_close_v2);

	sqlite::check(code, opened);
	sqlite::check(sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr),
				  opened);
	sqlite3_limit(opened, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, kMaxPatternBytes);
	sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_progress_handler(opened, 1000, InterruptRequested, nullptr);
	connection = owned.release();
	return connection;
}

/* Throws. */
CallSite *
PrepareCall(MemoryContext context, const char *name, int arguments)
{
	const Builtin *builtin = FindBuiltin(name);

	CheckUsable();
	if (builtin == nullptr)
		throw Reported(ERRCODE_UNDEFINED_FUNCTION,
					   std::string("sqlite_import has no helper \"") + name + "\"");

	std::string sql = std::string("SELECT \"") + builtin->name + "\"(";

	for (int i = 0; i < arguments; i++)
		sql += i == 0 ? "?" : ", ?";
	sql += ")";

	sqlite3_stmt *statement = nullptr;

	sqlite::check(sqlite3_prepare_v3(Connection(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT,
									 &statement, nullptr),
				  Connection());

	auto *site = PgNew<CallSite>(context);

	site->builtin = builtin;
	site->statement = sqlite::Statement(statement);
	return site;
}

/* ereports */
Argument
TextArgument(const char *text, int size)
{
	char *converted = pg_server_to_any(text, size, PG_UTF8);

	return {Argument::Text, 0, 0, converted,
			converted == text ? size : static_cast<int>(strlen(converted))};
}

/* A whole number is an integer, as in a column of affinity NUMERIC.  ereports. */
Argument
NumericArgument(Datum value)
{
	char *text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	char *end = nullptr;

	errno = 0;
	const int64 integer = strtoll(text, &end, 10);
	const bool whole = errno == 0 && strspn(end, ".0") == strlen(end);

	return {whole ? Argument::Integer : Argument::Real, integer, strtod(text, nullptr), nullptr, 0};
}

/* ereports */
Argument
ReadArgument(FunctionCallInfo fcinfo, int position)
{
	const Oid type = get_fn_expr_argtype(fcinfo->flinfo, position);

	if (PG_ARGISNULL(position))
		return {Argument::Null, 0, 0, nullptr, 0};

	const Datum value = PG_GETARG_DATUM(position);

	switch (type)
	{
		case BOOLOID:
			return {Argument::Integer, DatumGetBool(value) ? 1 : 0, 0, nullptr, 0};
		case INT2OID:
			return {Argument::Integer, DatumGetInt16(value), 0, nullptr, 0};
		case INT4OID:
			return {Argument::Integer, DatumGetInt32(value), 0, nullptr, 0};
		case INT8OID:
			return {Argument::Integer, DatumGetInt64(value), 0, nullptr, 0};
		case FLOAT4OID:
			return {Argument::Real, 0, DatumGetFloat4(value), nullptr, 0};
		case FLOAT8OID:
			return {Argument::Real, 0, DatumGetFloat8(value), nullptr, 0};
		case NUMERICOID:
			return NumericArgument(value);
		case UNKNOWNOID:
			return TextArgument(DatumGetCString(value),
								static_cast<int>(strlen(DatumGetCString(value))));
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		{
			text *detoasted = DatumGetTextPP(value);

			return TextArgument(VARDATA_ANY(detoasted), VARSIZE_ANY_EXHDR(detoasted));
		}
		case BYTEAOID:
		{
			bytea *detoasted = DatumGetByteaPP(value);

			return {Argument::Blob, 0, 0, VARDATA_ANY(detoasted),
					static_cast<int>(VARSIZE_ANY_EXHDR(detoasted))};
		}
		default:
			ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
							errmsg("SQLite has no values of type %s", format_type_be(type)),
							errhint("Cast it to text, bigint, double precision or bytea.")));
	}
	pg_unreachable();
}

/* The start of the transaction as SQLite writes moments, in UTC.  ereports. */
Argument
TransactionStart()
{
	const TimestampTz start = GetCurrentTransactionStartTimestamp();
	struct pg_tm tm;
	fsec_t fraction;

	if (timestamp2tm(start, nullptr, &tm, &fraction, nullptr, nullptr) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));

	const char *text =
		psprintf("%04d-%02d-%02d %02d:%02d:%02d.%03d", tm.tm_year, tm.tm_mon, tm.tm_mday,
				 tm.tm_hour, tm.tm_min, tm.tm_sec, static_cast<int>(fraction / 1000));

	return {Argument::Text, 0, 0, text, static_cast<int>(strlen(text))};
}

bool
IsNow(const Argument &argument) noexcept
{
	return argument.kind == Argument::Text && argument.size == 3 &&
		   strncasecmp(argument.bytes, "now", 3) == 0;
}

/* True if a format asks for many characters by a number: %100000d, or %*d with one among the
 * arguments. */
bool
AsksForMany(const Argument &format) noexcept
{
	size_t digits = 0;

	if (format.kind != Argument::Text)
		return false;
	for (int i = 0; i < format.size; i++)
	{
		digits = isdigit(static_cast<unsigned char>(format.bytes[i])) ? digits + 1 : 0;
		if (digits >= kWideDigits || format.bytes[i] == '*')
			return true;
	}
	return false;
}

/* Throws. */
void
Bind(sqlite3_stmt *statement, int parameter, const Argument &argument,
	 sqlite3_destructor_type lifetime)
{
	int code = SQLITE_OK;

	if (argument.kind == Argument::Integer)
		code = sqlite3_bind_int64(statement, parameter, argument.integer);
	else if (argument.kind == Argument::Real)
		code = sqlite3_bind_double(statement, parameter, argument.real);
	else if (argument.kind == Argument::Text)
		code = sqlite3_bind_text(statement, parameter, argument.bytes, argument.size, lifetime);
	else if (argument.kind == Argument::Blob)
		code = sqlite3_bind_blob(statement, parameter, argument.size == 0 ? "" : argument.bytes,
								 argument.size, lifetime);
	else
		code = sqlite3_bind_null(statement, parameter);
	sqlite::check(code, sqlite3_db_handle(statement));
}

/* Calls SQLite; the result stays in the statement until it is reset.  Throws. */
void
Call(CallSite *site, const Argument *arguments, int count)
{
	sqlite3_stmt *const statement = site->statement.handle();
	int64 bytes = 0;

	CheckUsable();
	for (int i = 0; i < count; i++)
		bytes += arguments[i].size;
	sqlite3_limit(
		Connection(), SQLITE_LIMIT_LENGTH,
		static_cast<int>(std::min<int64>(kMaxResultBytes + kMaxResultFactor * bytes, 1000000000)));

	const bool may_last = bytes > kShortBytes ||
						  (count > 0 && site->builtin->has_format && AsksForMany(arguments[0]));

	site->statement.reset();
	/* a thread that is left keeps its arguments */
	for (int i = 0; i < count; i++)
		Bind(statement, i + 1, arguments[i], may_last ? SQLITE_TRANSIENT : SQLITE_STATIC);
	try
	{
		const auto step = [site] { site->statement.step(); };

		if (may_last)
			sqlite::aside(step);
		else
			step();
	}
	catch (const sqlite::Error &error)
	{
		if ((error.code() & 0xff) != SQLITE_ERROR)
			throw;
		throw Reported(ERRCODE_INVALID_PARAMETER_VALUE,
					   std::string(site->builtin->name) + "(): " + error.what());
	}
}

/* The result in the type that SQL declares.  ereports. */
Datum
ResultDatum(const CallSite *site, bool *isnull)
{
	sqlite3_stmt *statement = site->statement.handle();

	*isnull = sqlite3_column_type(statement, 0) == SQLITE_NULL;
	if (*isnull)
		return Datum(0);
	switch (site->builtin->result)
	{
		case Result::Bool:
			return BoolGetDatum(sqlite3_column_int(statement, 0) != 0);
		case Result::Int8:
			return Int64GetDatum(sqlite3_column_int64(statement, 0));
		case Result::Float8:
			return Float8GetDatum(sqlite3_column_double(statement, 0));
		case Result::Text:
			break;
	}

	const char *text = reinterpret_cast<const char *>(sqlite3_column_text(statement, 0));
	const int size = sqlite3_column_bytes(statement, 0);

	/* checks what it converts, and that it holds no NUL */
	const char *converted = pg_any_to_server(text, size, PG_UTF8);

	return PointerGetDatum(cstring_to_text_with_len(
		converted, converted == text ? size : static_cast<int>(strlen(converted))));
}

} /* namespace */

} /* namespace sqlite_import::pg */

extern "C" {

/* helper(VARIADIC "any"): SQLite's function of the name under which this one is declared */
Datum
sqlite_import_builtin(PG_FUNCTION_ARGS)
{
	using namespace sqlite_import::pg;

	const int count = PG_NARGS();
	Argument arguments[FUNC_MAX_ARGS];
	auto *site = static_cast<CallSite *>(fcinfo->flinfo->fn_extra);

	if (site == nullptr)
	{
		const char *name = get_func_name(fcinfo->flinfo->fn_oid);
		MemoryContext context = fcinfo->flinfo->fn_mcxt;

		if (name == nullptr)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_FUNCTION), errmsg("function does not exist")));
		site = PgEntry([=] { return PrepareCall(context, name, count); });
		fcinfo->flinfo->fn_extra = site;
	}
	for (int i = 0; i < count; i++)
	{
		arguments[i] = ReadArgument(fcinfo, i);
		if (i == site->builtin->moment && IsNow(arguments[i]))
			arguments[i] = TransactionStart();
	}
	PgEntry([=, &arguments] { Call(site, arguments, count); });

	bool isnull = false;
	const Datum result = ResultDatum(site, &isnull);

	sqlite_import::sqlite::reset(site->statement.handle());
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}
}
