/*
 * copying.hpp
 *    Rows alone: copy_table and copy_tables.
 */
#pragma once

#include <map>
#include <string>

#include "plan/options.hpp"
#include "sqlite/catalog.hpp"

#include "load/copy.hpp"
#include "migrate/arguments.hpp"
#include "migrate/report.hpp"

namespace sqlite_import::migrate
{

/* The options of copy_tables: migrate into tables that exist, and the rows only.  Throws UserError.
 */
plan::Options ReadCopyOptions(const Arguments &arguments);

/* copy_table.  Throws UserError, ReportedError, sqlite::Error, PgError. */
ReportRow CopyOneTable(const Arguments &arguments);

/* The columns of a relation by name, with their attribute numbers.  Throws PgError. */
std::map<std::string, int> AttributeNumbers(Oid relation);

/* The parts of a request that come from the options; the rest is the caller's. */
load::CopyRequest MakeCopyRequest(const plan::Options &options);

/* The report's row for a copy that was made.  target: qualified and quoted. */
ReportRow CopyReport(const std::string &source_table, const std::string &target,
					 const load::CopyResult &result, double seconds);

} /* namespace sqlite_import::migrate */
