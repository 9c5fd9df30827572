/*
 * own_settings.hpp
 *    The settings under which everything of ours runs, whatever the caller's are.
 *
 * What a statement means, and how a value is read or written, depends on a dozen
 * settings that every session may change.  Here is the one list of them, and the
 * ways to have them in force: SqlEntry is the body of our SQL functions; a
 * ValueSettings block is for the wrapper, where values meet PostgreSQL's input
 * and output functions in the middle of the caller's statement.
 *
 * Code of the application's that runs meanwhile (triggers, policies, domains,
 * defaults) sees them too, as it does under pg_restore or a subscription's
 * worker.  Not in the list, and so the caller's: where things are put
 * (default_tablespace, default_table_access_method), how much memory and time
 * they may take, session_replication_role, and the search path, which is ours
 * for each statement of ours (spi.hpp) and the caller's where rows are written.
 */
#pragma once

#include <string>

#include "pg/guard.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "pgtime.h"
}

namespace sqlite_import::pg
{

/*
 * Our settings, with UTC as the zone, for as long as the object lives, or until
 * the (sub)transaction ends in an error.  C++ frame; throws PgError.
 */
class OwnSettings
{
public:
	OwnSettings();
	~OwnSettings();
	OwnSettings(const OwnSettings &) = delete;
	OwnSettings &operator=(const OwnSettings &) = delete;

private:
	LocalSettings settings_;
	pg_tz *outer_zone_ = nullptr; /* null: no other object is around this one */
};

/* Makes the zone of an option (zone.hpp) the TimeZone, for as long as the OwnSettings in force
 * live.  C++ frame; throws PgError. */
void UseZone(const std::string &zone);

/* The body of a function that SQL calls: f() under our settings.  Ereports. */
template <typename F>
void
SqlEntry(F &&f)
{
	PgEntry(
		[&]
		{
			const OwnSettings settings;

			f();
		});
}

/*
 * The settings by which values are read and written, without the zone.  Begin
 * returns the level that End takes, 0 if they are in force already.  An error
 * undoes them too.  PostgreSQL frames; may ereport.
 */
int BeginValueSettings();
void EndValueSettings(int nest_level);

} /* namespace sqlite_import::pg */
