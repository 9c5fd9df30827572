/*
 * zone.hpp
 *    The time zone that naive texts are read in, by the name that an option has.
 *
 * SQLite's own clock functions and most frameworks write UTC without saying so,
 * so UTC it is unless somebody says otherwise: what a migration yields depends
 * on the file and the options, and never on the session.
 */
#pragma once

#include <string>

#include "pg/guard.hpp"

extern "C" {
#include "fmgr.h"
#include "pgtime.h"
}

namespace sqlite_import::pg
{

/*
 * The zone of an option: "" is UTC, "session" the session's own (any case; not the
 * one that is in force while our settings are, own_settings.hpp), else
 * a name of the tz database.  Null if there is none of that name, if it counts
 * leap seconds, or if it begins with a sign or a digit: POSIX reads those the
 * other way round than everybody else, so they say nothing for sure.  May ereport.
 */
pg_tz *ZoneOfOption(const char *name);

/* What "session" stands for from here on, null for the TimeZone in force; returns what it stood for
 * before.  Leaf. */
pg_tz *KeepSessionZone(pg_tz *zone) noexcept;

/* Whether it has the offset 0, always: its naive texts need no tables.  Leaf. */
bool IsUtc(pg_tz *zone) noexcept;

/*
 * Calls an input function as if the session's zone were this one: ranges of
 * timestamptz and the like have naive texts inside.  May ereport.
 */
Datum InputInZone(FmgrInfo *function, char *text, Oid parameter, int32 typmod, pg_tz *zone);

/* Throws ReportedError (22023) unless ZoneOfOption knows the name.  C++ frame. */
void CheckZone(const std::string &name);

} /* namespace sqlite_import::pg */
