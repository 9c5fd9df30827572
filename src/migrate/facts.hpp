/*
 * facts.hpp
 *    What has to be known about the values before a design can be made.
 */
#pragma once

#include "plan/design.hpp"

#include "pg/source.hpp"

namespace sqlite_import::migrate
{

/*
 * Looks at the values of the chosen tables: types where options.types asks for
 * it, NULLs in primary keys, columns that the target lacks.  Reads SQLite only.
 * Throws sqlite::Error, UserError (names in the options that the source lacks), PgError when the
 * backend is interrupted.
 */
plan::Facts GatherFacts(pg::Source &source, const sqlite::Catalog &catalog,
						const plan::Target &target, const plan::Options &options);

} /* namespace sqlite_import::migrate */
