/*
 * profiling.cpp
 *    profile(): per column, what the values are and the type they ask for.
 *
 * Every column is looked at as deeply as there is, not only those that migrate
 * has a question about: who calls this wants to see.
 */
#include <charconv>
#include <memory>
#include <string>
#include <vector>

#include "plan/checked_type.hpp"
#include "plan/design.hpp"
#include "plan/profile_words.hpp"
#include "user_error.hpp"

#include "migrate/arguments.hpp"
#include "migrate/profile_crew.hpp"
#include "migrate/report.hpp"
#include "migrate/time_evidence.hpp"
#include "pg/errors.hpp"
#include "pg/own_settings.hpp"
#include "pg/source.hpp"

extern "C" {
extern PGDLLEXPORT Datum sqlite_import_profile(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_profile);
}

namespace sqlite_import::migrate
{

namespace
{

using Value = std::optional<std::string>;

std::string
RealText(double value)
{
	char buffer[64];
	const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;

	return {buffer, static_cast<size_t>(end - buffer)};
}

/* The least or the greatest number of a column. */
Value
Bound(const sqlite::ColumnProfile &profile, bool least)
{
	const int64_t integer = least ? profile.min_integer : profile.max_integer;
	const double real = least ? profile.min_real : profile.max_real;

	if (!profile.reals && !profile.integers)
		return std::nullopt;
	const bool take_real =
		profile.reals && (!profile.integers || (least ? real < static_cast<double>(integer)
													  : real > static_cast<double>(integer)));

	return take_real ? RealText(real) : std::to_string(integer);
}

Value
MaxLength(const sqlite::ColumnProfile &profile)
{
	if (!profile.texts && !profile.blobs)
		return std::nullopt;
	return std::to_string(profile.blobs ? profile.max_bytes : profile.max_characters);
}

std::string
Note(const std::string &table, const plan::CheckedType &checked,
	 const sqlite::ColumnProfile &profile)
{
	std::string note;
	/* of a column of dates all is said above */
	const bool moment =
		checked.from != values::From::Auto || checked.reason.find("could be") != std::string::npos;
	const auto add = [&](const std::string &more)
	{
		if (!more.empty())
			note += (note.empty() ? "" : "; ") + more;
	};

	add(checked.reason);
	add(plan::fill_suggestion(checked.suggestion, table, profile.name));
	add(plan::shape_words(profile, moment));
	add(plan::better_type_hint(table, checked.type, profile));
	return note;
}

void
AddTable(ResultSet &result, ProfileCrew &crew, TimeEvidence &evidence, const sqlite::Table &table,
		 const dialect::TypeOptions &type_options)
{
	std::vector<sqlite::ProfileRequest> requests;
	std::vector<const sqlite::Column *> columns;

	for (const sqlite::Column &column : table.columns)
	{
		if (column.kind == sqlite::ColumnKind::HiddenInVirtualTable)
			continue;
		requests.push_back({column.name, sqlite::ProfileDepth::Shapes});
		columns.push_back(&column);
	}

	const std::vector<sqlite::ColumnProfile> profiles = crew.Profile(table, requests);

	for (size_t i = 0; i < profiles.size(); i++)
		evidence.Know(table, *columns[i], profiles[i]);
	for (size_t i = 0; i < profiles.size(); i++)
	{
		const sqlite::ColumnProfile &profile = profiles[i];
		const plan::CheckedType checked = evidence.Check(
			table, *columns[i],
			dialect::resolve_declared_type(columns[i]->declared_type, type_options), profile);
		const std::string note = Note(table.name, checked, profile);

		result.Add({table.name, profile.name, columns[i]->declared_type, checked.type.pg_type,
					std::to_string(profile.nulls.count), std::to_string(profile.integers.count),
					std::to_string(profile.reals.count), std::to_string(profile.texts.count),
					std::to_string(profile.blobs.count), Bound(profile, true),
					Bound(profile, false), MaxLength(profile),
					note.empty() ? Value() : Value(note)});
	}
}

void
ProfileAll(FunctionCallInfo fcinfo)
{
	const Arguments arguments(fcinfo);
	const plan::Options options = ReadOptions(arguments);
	dialect::TypeOptions type_options;

	arguments.CheckAllRead();
	type_options.integers = options.integer_type;

	const std::unique_ptr<pg::Source> source = pg::OpenSource(pg::ResolveSource(options.source));
	const sqlite::Catalog catalog = sqlite::read_catalog(source->database());
	ResultSet result(fcinfo);
	ProfileCrew crew(*source);
	TimeEvidence evidence(catalog, [&crew](const sqlite::Table &table, const auto &requests)
						  { return crew.Profile(table, requests); });

	for (const sqlite::Table *table : plan::select_tables(catalog, options))
	{
		if (table->broken.empty())
			AddTable(result, crew, evidence, *table, type_options);
	}
}

} /* namespace */

} /* namespace sqlite_import::migrate */

using namespace sqlite_import;

/* profile(source, tables, …): one row per column */
Datum
sqlite_import_profile(PG_FUNCTION_ARGS)
{
	pg::SqlEntry([&] { migrate::ProfileAll(fcinfo); });
	PG_RETURN_NULL();
}
