/*
 * difference.hpp
 *    Which rows differ, once the sums say that some do.
 */
#pragma once

#include <string>

#include "verify/scan.hpp"

namespace sqlite_import::verify
{

struct Difference
{
	int64_t missing = 0;
	int64_t extra = 0;
	int64_t different = 0;
	std::string sample; /* a JSON object */
};

/*
 * Reads both sides again and tells the rows of the buckets that differ apart.
 * Memory is bounded by work_mem.  Throws sqlite::Error, PgError.
 */
Difference FindDifference(pg::Source &source, RowPlan &plan, const Tally &source_tally,
						  const Tally &target_tally);

} /* namespace sqlite_import::verify */
