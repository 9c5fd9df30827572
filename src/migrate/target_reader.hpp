/*
 * target_reader.hpp
 *    Reads what the target schema holds from PostgreSQL's catalogs, with the
 *    caller's own rights.
 */
#pragma once

#include "plan/options.hpp"
#include "plan/target.hpp"
#include "sqlite/catalog.hpp"

namespace sqlite_import::migrate
{

/*
 * Reads the target.  Only tables whose names fit one of the source's are asked
 * whether they hold rows.  Throws UserError (3F000) if there is no such schema,
 * and PgError.
 */
plan::Target ReadTarget(const plan::Options &options, const sqlite::Catalog &catalog);

/* A schema in which nothing is, on this server; it need not be there.  Throws PgError. */
plan::Target ReadServer(const std::string &schema);

} /* namespace sqlite_import::migrate */
