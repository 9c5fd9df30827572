/*
 * profile_crew.hpp
 *    Profiles of tables by the backend and threads beside it.
 *
 * The rowids of a large table are cut into equal parts, and whoever is free takes
 * the next one, each on a connection of its own to the same snapshot; what they
 * found is joined when all are done, and is what one would have found alone.
 */
#pragma once

#include <memory>
#include <vector>

#include "sqlite/profile.hpp"

#include "pg/source.hpp"

namespace sqlite_import::migrate
{

class ProfileCrew
{
public:
	/* 'source' must outlive it.  Its further connections are opened when first needed, as many as
	 * sqlite_import.reader_threads allows, and kept for all tables. */
	explicit ProfileCrew(pg::Source &source) : source_(source) {}

	ProfileCrew(const ProfileCrew &) = delete;
	ProfileCrew &operator=(const ProfileCrew &) = delete;

	const sqlite::Database &
	database() const
	{
		return source_.database();
	}

	/* As sqlite::profile_table.  C++ frame: throws sqlite::Error, of several the one with the
	 * least rowid, bad_alloc, and PgError when the backend is interrupted. */
	std::vector<sqlite::ColumnProfile> Profile(const sqlite::Table &table,
											   const std::vector<sqlite::ProfileRequest> &requests);

private:
	bool HasOthers();

	pg::Source &source_;
	std::vector<std::unique_ptr<pg::Source>> others_;
	bool opened_ = false;
};

} /* namespace sqlite_import::migrate */
