/*
 * zone.cpp
 *    Names of zones; see zone.hpp.
 */
#include "pg/zone.hpp"

#include "pg/errors.hpp"

extern "C" {
#include "utils/elog.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

pg_tz *kept_session_zone = nullptr;

bool
IsBareOffset(const char *name)
{
	return *name == '+' || *name == '-' || (*name >= '0' && *name <= '9');
}

} /* namespace */

pg_tz *
ZoneOfOption(const char *name)
{
	pg_tz *zone;

	if (*name == '\0')
		return pg_tzset("UTC");
	if (pg_strcasecmp(name, "session") == 0)
		return kept_session_zone != nullptr ? kept_session_zone : session_timezone;
	if (IsBareOffset(name))
		return nullptr;
	zone = pg_tzset(name);
	return zone != nullptr && pg_tz_acceptable(zone) ? zone : nullptr;
}

pg_tz *
KeepSessionZone(pg_tz *zone) noexcept
{
	pg_tz *const before = kept_session_zone;

	kept_session_zone = zone;
	return before;
}

bool
IsUtc(pg_tz *zone) noexcept
{
	const char *const name = pg_get_timezone_name(zone);

	for (const char *utc : {"UTC", "GMT", "Etc/UTC", "Etc/GMT", "UCT", "Etc/UCT", "Zulu",
							"Etc/Zulu", "Universal", "Etc/Universal"})
		if (pg_strcasecmp(name, utc) == 0)
			return true;
	return false;
}

Datum
InputInZone(FmgrInfo *function, char *text, Oid parameter, int32 typmod, pg_tz *zone)
{
	pg_tz *const before = session_timezone;
	volatile Datum result = 0;

	if (zone == before)
		return InputFunctionCall(function, text, parameter, typmod);
	session_timezone = zone;
	PG_TRY();
	{
		result = InputFunctionCall(function, text, parameter, typmod);
	}
	PG_FINALLY();
	{
		session_timezone = before;
	}
	PG_END_TRY();
	return result;
}

void
CheckZone(const std::string &name)
{
	const char *const text = name.c_str();

	if (PgCall([text] { return ZoneOfOption(text); }) != nullptr)
		return;
	throw Reported(ERRCODE_INVALID_PARAMETER_VALUE, "time zone \"" + name + "\" is not recognized",
				   IsBareOffset(text) ? "A bare offset has two readings: POSIX counts to the west, "
										"ISO 8601 to the east."
									  : "",
				   "Give a name of the view pg_timezone_names such as 'Europe/Berlin', 'UTC', or "
				   "'session' for the session's own zone.");
}

} /* namespace sqlite_import::pg */
