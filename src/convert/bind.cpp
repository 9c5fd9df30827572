/*
 * bind.cpp
 *    Binding, by type; what has no form of its own in SQLite goes as its text.
 */
#include <cfloat>
#include <cmath>
#include <string>

#include "sqlite/catalog.hpp"
#include "sqlite/database.hpp"
#include "values/number.hpp"
#include "values/time_unit.hpp"

#include "convert/bind.hpp"
#include "pg/guard.hpp"
#include "pg/own_settings.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "common/int.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "pgtime.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
}

#include "pg/compat.h"

namespace sqlite_import::convert
{

namespace
{

using dialect::Affinity;
using values::From;

constexpr int64 kUnixEpoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
constexpr int64 kCocoaEpoch = 366 * USECS_PER_DAY; /* 2001-01-01, from 2000-01-01 */

/* A statement that may be left in the middle of its step, with its thread, keeps what is bound. */
sqlite3_destructor_type
Lifetime(sqlite3_stmt *statement)
{
	return sqlite::is_run_aside(statement) ? SQLITE_TRANSIENT : SQLITE_STATIC;
}

/* SQLite's text that is a number to its affinities: blanks around it are skipped
 * (sqlite.org/datatype3.html, 3). */
bool
IsLikeNumber(const char *text, size_t size) noexcept
{
	const char *const end = text + size;
	int digits = 0;
	const auto skip = [&](const char *set)
	{
		while (text < end && *text != '\0' && strchr(set, *text) != nullptr)
			text++;
	};
	const auto skip_digits = [&]
	{
		const char *const start = text;

		skip("0123456789");
		return static_cast<int>(text - start);
	};

	skip(" \t\n\v\f\r");
	if (text < end && (*text == '-' || *text == '+'))
		text++;
	digits = skip_digits();
	if (text < end && *text == '.')
	{
		text++;
		digits += skip_digits();
	}
	if (digits > 0 && text < end && (*text == 'e' || *text == 'E'))
	{
		text++;
		if (text < end && (*text == '-' || *text == '+'))
			text++;
		if (skip_digits() == 0)
			return false;
	}
	skip(" \t\n\v\f\r");
	return digits > 0 && text == end;
}

/* Whether the number that the column's affinity makes of a text is read back as that very text; of
 * jsonb, as that number. */
bool
IsReadBack(const Binder &binder, const char *text, size_t size) noexcept
{
	const bool json = binder.type == JSONOID || binder.type == JSONBOID;
	values::Decimal decimal;
	values::Decimal held;
	int64_t integer;
	char written[values::kNumberTextSize];
	double real;

	/* 101 could be the number or the pattern */
	if (binder.type == BITOID || binder.type == VARBITOID)
		return size == 1 && binder.affinity != Affinity::Real;
	if (values::parse_integer(text, size, &integer) == values::IntegerParse::Ok)
		return binder.affinity != Affinity::Real || (json && values::exact_double(integer));
	if (values::parse_decimal(text, size, &decimal) != values::DecimalParse::Ok ||
		!values::exact_real(text, size, decimal, &real))
		return false;
	values::decimal_of_double(real, &held);
	if (binder.type == JSONBOID)
		return values::same_number(decimal, held);
	if (binder.affinity != Affinity::Real && values::exact_integer(real, &integer))
		return false;
	const size_t length =
		json ? values::shortest_text(real, written) : values::real_text(real, written);

	return length == size && memcmp(written, text, size) == 0;
}

/* Refuses a text that SQLite would keep as another number: '01234' in a column of affinity NUMERIC,
 * which STRING is too. */
void
CheckAffinity(const Binder &binder, const char *text, size_t size)
{
	const bool keeps = binder.affinity == Affinity::Text || binder.affinity == Affinity::Blob;
	const bool number = binder.type == OIDOID || binder.type == XIDOID || binder.type == CIDOID;

	if (keeps || number || !IsLikeNumber(text, size))
		return;
	/* char(n) is filled up with blanks again */
	while (binder.type == BPCHAROID && size > 0 && text[size - 1] == ' ')
		size--;
	if (!IsReadBack(binder, text, size))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("SQLite column \"%s\" would keep the text as a number that is not read "
						"back as it was written",
						binder.column),
				 errdetail("Its declared type gives it affinity %s.",
						   dialect::affinity_name(binder.affinity).data()),
				 errhint("Declare the column TEXT in SQLite.")));
}

bool
BindText(const Binder &binder, sqlite3_stmt *statement, int parameter, const char *text)
{
	CheckAffinity(binder, text, strlen(text));

	const int length = (int) strlen(text);
	const char *utf8 = pg_server_to_any(text, length, PG_UTF8);

	return sqlite3_bind_text64(statement, parameter, utf8, strlen(utf8), Lifetime(statement),
							   SQLITE_UTF8) == SQLITE_OK;
}

/* A text as it lies in the tuple; only where the server's encoding is SQLite's. */
bool
BindVarlena(const Binder &binder, sqlite3_stmt *statement, int parameter, Datum value)
{
	text *bytes = DatumGetTextPP(value);

	CheckAffinity(binder, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	return sqlite3_bind_text64(statement, parameter, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes),
							   Lifetime(statement), SQLITE_UTF8) == SQLITE_OK;
}

bool
BindDouble(sqlite3_stmt *statement, int parameter, double value)
{
	if (std::isnan(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("SQLite cannot store NaN"),
				 errhint("Write NULL instead, or declare the column TEXT on both sides.")));
	return sqlite3_bind_double(statement, parameter, value) == SQLITE_OK;
}

/* A numeric as the integer or the double that it equals, else as text where text stays text. */
bool
BindNumeric(const Binder &binder, sqlite3_stmt *statement, int parameter, Datum value)
{
	const char *text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	const size_t length = strlen(text);

	if (strspn(text, "-0123456789") == length && length < 19)
		return sqlite3_bind_int64(statement, parameter, strtoll(text, nullptr, 10)) == SQLITE_OK;
	if (strpbrk(text, "NI") != nullptr)
		return BindDouble(statement, parameter,
						  DatumGetFloat8(DirectFunctionCall1(numeric_float8, value)));
	if (binder.affinity == Affinity::Text || binder.affinity == Affinity::Blob)
		return BindText(binder, statement, parameter, text);
	if (strspn(text, "-0123456789") == length && length <= 20)
	{
		errno = 0;
		const long long integer = strtoll(text, nullptr, 10);
		if (errno == 0)
			return sqlite3_bind_int64(statement, parameter, integer) == SQLITE_OK;
	}
	/* a decimal of so few digits is what its double is printed as: nothing to compare */
	if (length <= DBL_DIG)
		return BindDouble(statement, parameter, strtod(text, nullptr));
	const Datum number = DirectFunctionCall1(numeric_float8, value);
	const Datum again = DirectFunctionCall3(
		numeric_in, CStringGetDatum(DatumGetCString(DirectFunctionCall1(float8out, number))),
		ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, again, value)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number has more digits than SQLite column \"%s\" can keep", binder.column),
				 errdetail("A column of affinity %s keeps it as a double.",
						   std::string(dialect::affinity_name(binder.affinity)).c_str()),
				 errhint("Round the number, or declare the column TEXT in SQLite.")));
	return BindDouble(statement, parameter, DatumGetFloat8(number));
}

[[noreturn]] void
ReportInexact(const Binder &binder, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value cannot be written to SQLite column \"%s\" exactly", binder.column),
			 errdetail("%s", detail),
			 errhint("Give the column another column_type, or round the value.")));
	pg_unreachable();
}

/* A number of units that is not whole, as a double: exact if its fewest digits are the number. */
bool
BindFraction(const Binder &binder, sqlite3_stmt *statement, int parameter, int64 microseconds)
{
	values::Decimal decimal;
	int64 again = 0;
	double divisor = 1;
	bool altered = false;

	if (binder.unit == From::UnixS || binder.unit == From::Cocoa)
		divisor = 1e6;
	else if (binder.unit == From::UnixMs)
		divisor = 1e3;
	else if (binder.unit == From::UnixDays)
		divisor = static_cast<double>(USECS_PER_DAY);
	const int64 zero = binder.unit == From::Cocoa ? kCocoaEpoch : -kUnixEpoch;
	const double units =
		static_cast<double>(microseconds - (binder.type == INTERVALOID ? 0 : zero)) / divisor;

	values::decimal_of_double(units, &decimal);
	const values::UnitParse read =
		binder.type == INTERVALOID
			? values::length_of_number(binder.unit, decimal, values::Rounding::Exact, &again,
									   &altered)
			: values::instant_of_number(binder.unit, decimal, units, values::Rounding::Exact,
										&again, &altered);

	if (divisor == 1 || read != values::UnitParse::Ok || again != microseconds)
		ReportInexact(binder, "Its unit has no number that is read back as that very value.");
	return BindDouble(statement, parameter, units);
}

/* A date and a time as digits: a number while it fits, else text. */
bool
BindCompact(const Binder &binder, sqlite3_stmt *statement, int parameter, Datum value)
{
	struct pg_tm tm = {};
	fsec_t fraction = 0;
	int offset;
	bool known = true;
	char text[64];

	if (binder.type == DATEOID)
		j2date(DatumGetDateADT(value) + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	else
	{
		const bool zoned = binder.type == TIMESTAMPTZOID;

		known = timestamp2tm(DatumGetTimestamp(value), zoned ? &offset : nullptr, &tm, &fraction,
							 nullptr, zoned ? binder.zone : nullptr) == 0;
	}
	if (!known || tm.tm_year < 1 || tm.tm_year > 9999)
		ReportInexact(binder, "Digits YYYYMMDD have the years 1 to 9999.");
	int length = snprintf(text, sizeof(text), "%04d%02d%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);

	if (binder.type != DATEOID)
		length += snprintf(text + length, sizeof(text) - length, "%02d%02d%02d", tm.tm_hour,
						   tm.tm_min, tm.tm_sec);
	if (fraction != 0)
	{
		length += snprintf(text + length, sizeof(text) - length, "%06d", (int) fraction);
		while (text[length - 1] == '0')
			text[--length] = '\0';
	}
	if (length > 18)
	{
		/* a column that makes numbers of such texts would round them */
		if (binder.affinity != Affinity::Text && binder.affinity != Affinity::Blob)
			ReportInexact(binder, "So many digits are more than a number of SQLite's holds.");
		return sqlite3_bind_text64(statement, parameter, pstrdup(text), length, Lifetime(statement),
								   SQLITE_UTF8) == SQLITE_OK;
	}
	return sqlite3_bind_int64(statement, parameter, strtoll(text, nullptr, 10)) == SQLITE_OK;
}

bool
IsFinite(const Binder &binder, Datum value)
{
	return binder.type == DATEOID ? !DATE_NOT_FINITE(DatumGetDateADT(value))
								  : !TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value));
}

/* A moment as a number of the binder's unit. */
bool
BindMoment(const Binder &binder, sqlite3_stmt *statement, int parameter, Datum value)
{
	int64 units;
	double days;

	if (binder.unit == From::Compact)
		return BindCompact(binder, statement, parameter, value);
	const int64 microseconds = binder.type == DATEOID
								   ? (int64) DatumGetDateADT(value) * USECS_PER_DAY
								   : DatumGetTimestamp(value);

	if (binder.type == DATEOID && !IS_VALID_TIMESTAMP(microseconds))
		ReportInexact(binder, "The date is beyond what times are counted to.");
	if (binder.unit == From::Julian || binder.unit == From::Ole)
	{
		if (!values::days_at(binder.unit, microseconds, &days))
			ReportInexact(binder, "Days are kept to the millisecond, in a certain span of years.");
		return BindDouble(statement, parameter, days);
	}
	if (values::units_at(binder.unit, microseconds, &units))
		return sqlite3_bind_int64(statement, parameter, units) == SQLITE_OK;
	return BindFraction(binder, statement, parameter, microseconds);
}

/* A length of time as a number of the binder's unit; days have 24 hours, months no length. */
bool
BindLength(const Binder &binder, sqlite3_stmt *statement, int parameter, Datum value)
{
	const Interval *const interval = DatumGetIntervalP(value);
	int64 microseconds;
	int64 units;

	if (interval->month != 0 || pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &microseconds) ||
		pg_add_s64_overflow(microseconds, interval->time, &microseconds))
		ReportInexact(binder, "A month is no certain number of seconds.");
	if (values::units_of(binder.unit, microseconds, &units))
		return sqlite3_bind_int64(statement, parameter, units) == SQLITE_OK;
	return BindFraction(binder, statement, parameter, microseconds);
}

bool
IsMoment(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

} /* namespace */

Binder
MakeBinder(Oid type, const char *column_type, const char *timezone, Affinity affinity,
		   const char *column)
{
	Binder binder = {getBaseType(type), {}, affinity, From::Auto, false, column, nullptr};
	Oid output;
	bool is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	fmgr_info(output, &binder.output);
	binder.zone = pg::ZoneOfOption(timezone);
	if (column_type != nullptr)
		pg::PgEntry(
			[&binder, column_type]
			{
				const std::string folded = sqlite::fold_name(column_type);

				const auto from = values::from_of_name(folded);

				if (from && values::is_time_unit(*from))
					binder.unit = *from;
				else if (folded == "int" || folded == "integer" || folded == "bigint" ||
						 folded == "real" || folded == "double" || folded == "float")
					binder.unit = From::UnixS;
				binder.uuid_as_blob = folded == "blob";
			});
	return binder;
}

bool
BindValue(const Binder &binder, sqlite3_stmt *statement, int parameter, Datum value, bool is_null)
{
	if (is_null)
		return sqlite3_bind_null(statement, parameter) == SQLITE_OK;
	switch (binder.type)
	{
		case BOOLOID:
			return sqlite3_bind_int64(statement, parameter, DatumGetBool(value) ? 1 : 0) ==
				   SQLITE_OK;
		case INT2OID:
			return sqlite3_bind_int64(statement, parameter, DatumGetInt16(value)) == SQLITE_OK;
		case INT4OID:
			return sqlite3_bind_int64(statement, parameter, DatumGetInt32(value)) == SQLITE_OK;
		case INT8OID:
			return sqlite3_bind_int64(statement, parameter, DatumGetInt64(value)) == SQLITE_OK;
		case FLOAT8OID:
			return BindDouble(statement, parameter, DatumGetFloat8(value));
		case NUMERICOID:
			return BindNumeric(binder, statement, parameter, value);
		case BYTEAOID:
		{
			bytea *bytes = DatumGetByteaPP(value);

			return sqlite3_bind_blob64(statement, parameter, VARDATA_ANY(bytes),
									   VARSIZE_ANY_EXHDR(bytes), Lifetime(statement)) == SQLITE_OK;
		}
		case UUIDOID:
			if (binder.uuid_as_blob)
				return sqlite3_bind_blob64(statement, parameter, DatumGetUUIDP(value)->data,
										   UUID_LEN, Lifetime(statement)) == SQLITE_OK;
			break;
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			if (GetDatabaseEncoding() == PG_UTF8)
				return BindVarlena(binder, statement, parameter, value);
			break;
		default:
			break;
	}
	if (IsMoment(binder.type) && binder.unit != From::Auto && IsFinite(binder, value))
		return BindMoment(binder, statement, parameter, value);
	if (binder.type == INTERVALOID && values::is_length_unit(binder.unit))
		return BindLength(binder, statement, parameter, value);
	FmgrInfo output = binder.output;
	const char *text = OutputFunctionCall(&output, value);
	/* a float4's own shortest digits, so that it is read back as it is written */
	if (binder.type == FLOAT4OID)
		return BindDouble(statement, parameter, strtod(text, nullptr));
	return BindText(binder, statement, parameter, text);
}

int
BeginTextFormat()
{
	const int nest_level = pg::BeginValueSettings();

	if (strcmp(pg_get_timezone_name(session_timezone), "UTC") == 0)
		return nest_level;

	const int zone_level = nest_level > 0 ? nest_level : NewGUCNestLevel();

	(void) set_config_option("TimeZone", "UTC", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							 0, false);
	return zone_level;
}

void
EndTextFormat(int nest_level)
{
	pg::EndValueSettings(nest_level);
}

} /* namespace sqlite_import::convert */
