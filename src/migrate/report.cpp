/*
 * report.cpp
 *    Result sets of the SQL functions.
 */
#include <cstdio>
#include <string>
#include <vector>

#include "plan/names.hpp"

#include "migrate/report.hpp"
#include "pg/encoding.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "executor/tuptable.h"
#include "utils/tuplestore.h"
}

#include "pg/compat.h"

namespace sqlite_import::migrate
{

namespace
{

using Value = std::optional<std::string>;

Value
TextOrNull(const std::string &text)
{
	return text.empty() ? Value() : Value(text);
}

Value
NumberOrNull(const std::optional<int64_t> &number)
{
	return number.has_value() ? Value(std::to_string(*number)) : Value();
}

Value
IntervalOrNull(const std::optional<double> &seconds)
{
	char text[64];

	if (!seconds.has_value())
		return {};
	snprintf(text, sizeof(text), "%.6f seconds", *seconds);
	return text;
}

} /* namespace */

ResultSet::ResultSet(FunctionCallInfo fcinfo)
	: result_(reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo)), input_(MakeInput(fcinfo))
{
}

AttInMetadata *
ResultSet::MakeInput(FunctionCallInfo fcinfo)
{
	return pg::PgCall(
		[&]
		{
			InitMaterializedSRF(fcinfo, 0);
			return TupleDescGetAttInMetadata(
				reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo)->setDesc);
		});
}

void
ResultSet::Add(const std::vector<Value> &values)
{
	std::vector<std::string> printable;
	std::vector<char *> texts;

	printable.reserve(values.size());
	texts.reserve(values.size());
	for (const Value &value : values)
	{
		printable.push_back(plan::printable_text(value.value_or("")));
		texts.push_back(value.has_value() ? printable.back().data() : nullptr);
	}
	pg::PgCall(
		[&]
		{
			for (char *&text : texts)
				if (text != nullptr)
					text = const_cast<char *>(pg::ToReadableEncoding(text));

			HeapTuple tuple = BuildTupleFromCStrings(input_, texts.data());

			tuplestore_puttuple(result_->setResult, tuple);
			heap_freetuple(tuple);
		});
}

void
ReturnReport(FunctionCallInfo fcinfo, const std::vector<ReportRow> &rows)
{
	ResultSet result(fcinfo);

	for (const ReportRow &row : rows)
		result.Add({row.object_type, row.object_name, TextOrNull(row.target), row.action,
					NumberOrNull(row.rows), NumberOrNull(row.rejected), IntervalOrNull(row.seconds),
					TextOrNull(row.note)});
}

} /* namespace sqlite_import::migrate */
