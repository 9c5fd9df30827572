/*
 * facts.hpp
 *    What has to be known about the values before a design can be made.
 */
#pragma once

#include "plan/design.hpp"
#include "sqlite/database.hpp"

namespace sqlite_import::migrate
{

/*
 * Looks at the values of the chosen tables: types where options.types asks for
 * it, NULLs in primary keys, columns that the target lacks.  Reads SQLite only.
 * Throws sqlite::Error, UserError (names in the options that the source lacks).
 */
plan::Facts GatherFacts(const sqlite::Database &database, const sqlite::Catalog &catalog,
						const plan::Target &target, const plan::Options &options);

} /* namespace sqlite_import::migrate */
