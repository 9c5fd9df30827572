/*
 * report.hpp
 *    The report of a migration: one row per object, the one shape that every
 *    function which changes something returns.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/guard.hpp"

extern "C" {
#include "fmgr.h"
#include "funcapi.h"
}

namespace sqlite_import::migrate
{

struct ReportRow
{
	std::string object_type;
	std::string object_name;
	std::string target;
	std::string action;
	std::optional<int64_t> rows;
	std::optional<int64_t> rejected;
	std::optional<double> seconds;
	std::string note;
};

/*
 * Makes fcinfo's result the rows, in their order, through a tuplestore.  Empty
 * texts other than names become NULL.  C++ frame; throws PgError.
 */
void ReturnReport(FunctionCallInfo fcinfo, const std::vector<ReportRow> &rows);

/*
 * A materialized result set: values in text form go through the input functions
 * of the result's columns.  C++ frame; throws PgError.
 */
class ResultSet
{
public:
	explicit ResultSet(FunctionCallInfo fcinfo);

	void Add(const std::vector<std::optional<std::string>> &values);

private:
	static AttInMetadata *MakeInput(FunctionCallInfo fcinfo);

	ReturnSetInfo *result_;
	AttInMetadata *input_;
};

} /* namespace sqlite_import::migrate */
