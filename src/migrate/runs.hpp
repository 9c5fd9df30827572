/*
 * runs.hpp
 *    sqlite_import.runs: the record of each run that committed.
 */
#pragma once

#include <string>
#include <vector>

#include "plan/options.hpp"
#include "sqlite/catalog.hpp"

#include "migrate/report.hpp"

namespace sqlite_import::migrate
{

/* The number of a new run.  C++ frame; throws PgError. */
std::string BeginRun();

/*
 * Writes the run with its options and its report, in the caller's transaction:
 * a run that is undone leaves no record.  C++ frame; throws PgError.
 */
void RecordRun(const std::string &run, const plan::Options &options, const sqlite::Catalog &catalog,
			   const std::vector<ReportRow> &report);

} /* namespace sqlite_import::migrate */
