/*
 * own_settings.cpp
 *    The list of our settings, and how they are put in force.
 */
#include <cstring>

#include "pg/own_settings.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/array.h"
#include "utils/bytea.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/xml.h"
}

namespace sqlite_import::pg
{

namespace
{

/* What a setting bears on. */
enum class Scope
{
	Values,    /* the text form of a value */
	Statements /* what a statement means, or what comes of it */
};

struct OwnSetting
{
	Scope scope;
	const char *name;
	const char *value;
	bool of_plpgsql; /* known once PL/pgSQL has been loaded, or the caller has set it */
};

/* PostgreSQL's own defaults, so that a value is what it is in a session that has set nothing. */
constexpr OwnSetting kOwnSettings[] = {
	{Scope::Values, "DateStyle", "ISO, MDY", false},
	{Scope::Values, "IntervalStyle", "postgres", false},
	{Scope::Values, "timezone_abbreviations", "Default", false},
	{Scope::Values, "extra_float_digits", "1", false},
	{Scope::Values, "bytea_output", "hex", false},
	{Scope::Values, "xmloption", "content", false},
	{Scope::Values, "xmlbinary", "base64", false},
	{Scope::Values, "array_nulls", "on", false},
	{Scope::Statements, "standard_conforming_strings", "on", false},
	{Scope::Statements, "backslash_quote", "safe_encoding", false},
	{Scope::Statements, "transform_null_equals", "off", false},
	{Scope::Statements, "quote_all_identifiers", "off", false},
	{Scope::Statements, "row_security", "on", false},
	{Scope::Statements, "check_function_bodies", "on", false},
	{Scope::Statements, "plpgsql.extra_errors", "none", true},
	{Scope::Statements, "plpgsql.extra_warnings", "none", true},
	{Scope::Statements, "plpgsql.variable_conflict", "error", true},
	{Scope::Statements, "plpgsql.check_asserts", "on", true},
};

/* Sets what is otherwise, in the nest level in force.  May ereport. */
void
PutInForce(bool values_only)
{
	for (const OwnSetting &setting : kOwnSettings)
	{
		if (values_only && setting.scope != Scope::Values)
			continue;

		const char *const now = GetConfigOption(setting.name, setting.of_plpgsql, false);

		if (now != nullptr && strcmp(now, setting.value) != 0)
			(void) set_config_option(setting.name, setting.value, PGC_USERSET, PGC_S_SESSION,
									 GUC_ACTION_SAVE, true, 0, false);
	}
}

/* Whether values mean what they mean under our settings; cheap enough to be asked for each. */
bool
ValuesAreOurs()
{
	return DateStyle == USE_ISO_DATES && DateOrder == DATEORDER_MDY &&
		   IntervalStyle == INTSTYLE_POSTGRES && Array_nulls && xmloption == XMLOPTION_CONTENT &&
		   xmlbinary == XMLBINARY_BASE64 && extra_float_digits >= 1 &&
		   bytea_output == BYTEA_OUTPUT_HEX &&
		   strcmp(GetConfigOption("timezone_abbreviations", false, false), "Default") == 0;
}

} /* namespace */

OwnSettings::OwnSettings()
{
	pg_tz *const zone = session_timezone;

	PgCall([] { PutInForce(false); });
	UseZone({});
	/* one of ours within another, by way of a trigger: the session's zone is the first one's */
	outer_zone_ = KeepSessionZone(nullptr);
	(void) KeepSessionZone(outer_zone_ == nullptr ? zone : outer_zone_);
}

OwnSettings::~OwnSettings()
{
	(void) KeepSessionZone(outer_zone_);
}

void
UseZone(const std::string &zone)
{
	const char *const name = zone.c_str();

	CheckZone(zone);
	PgCall(
		[name]
		{
			(void) set_config_option("TimeZone", pg_get_timezone_name(ZoneOfOption(name)),
									 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
		});
}

int
BeginValueSettings()
{
	if (ValuesAreOurs())
		return 0;

	const int nest_level = NewGUCNestLevel();

	PutInForce(true);
	return nest_level;
}

void
EndValueSettings(int nest_level)
{
	if (nest_level > 0)
		AtEOXact_GUC(true, nest_level);
}

} /* namespace sqlite_import::pg */
