/*
 * sequences.hpp
 *    The sequences of a table that rows were loaded into.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sqlite_import::migrate
{

/* What became of one sequence. */
struct SequenceReset
{
	std::string table;
	std::string column;
	std::string sequence; /* qualified and quoted */
	std::optional<int64_t> last_value;
	bool changed;
	bool denied;      /* the caller may not read or set it: nothing was done */
	std::string note; /* why it stays, or where its number comes from; may be empty */
};

/* What SQLite's AUTOINCREMENT reached, and the target's column that it counts for. */
struct SequenceMark
{
	std::string column; /* empty: there is no mark */
	int64_t reached = 0;
};

/*
 * Lets every sequence of a table continue after the greatest value in its column,
 * and after the mark.  C++ frame; throws PgError.
 */
std::vector<SequenceReset> ResetSequencesOf(const std::string &schema, const std::string &table,
											const SequenceMark &mark);

/* In words, for the report; empty if nothing was to do. */
std::string DescribeResets(const std::vector<SequenceReset> &resets);

} /* namespace sqlite_import::migrate */
