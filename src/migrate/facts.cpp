/*
 * facts.cpp
 *    Questions to the values, each asked only where the catalog leaves it open.
 */
#include <algorithm>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "migrate/facts.hpp"
#include "migrate/profile_crew.hpp"
#include "migrate/time_evidence.hpp"
#include "plan/checked_type.hpp"

namespace sqlite_import::migrate
{

namespace
{

using dialect::quote_sqlite_identifier;

bool
Exists(const sqlite::Database &database, const std::string &table, const std::string &condition)
{
	return database.query_integer("SELECT EXISTS (SELECT 1 FROM " + quote_sqlite_identifier(table) +
								  " WHERE " + condition + ")") != 0;
}

/* SQLite allows NULL in a primary key that is neither the rowid nor WITHOUT ROWID's
 * (sqlite.org/lang_createtable.html#the_primary_key). */
bool
HoldsNullInPrimaryKey(const sqlite::Database &database, const sqlite::Table &table)
{
	std::string condition;

	if (table.without_rowid || table.rowid_alias.has_value())
		return false;
	for (const std::string &name : table.primary_key())
	{
		const sqlite::Column *column = table.find_column(name);

		if (column != nullptr && !column->not_null)
			condition +=
				(condition.empty() ? "" : " OR ") + quote_sqlite_identifier(name) + " IS NULL";
	}
	return !condition.empty() && Exists(database, table.name, condition);
}

/* The table that the rows will go into, if it is there and stays. */
const plan::TargetTable *
FindExisting(const plan::Target &target, const sqlite::Table &table, const plan::Options &options)
{
	if (options.on_existing == plan::OnExisting::Replace)
		return nullptr;
	return plan::match_table(target, table.shown_name(), options.identifiers);
}

/* The type that a column's values are asked to fit: the target's own if there is one; else, if it
 * is for times, a cast's. */
dialect::ResolvedType
WantedType(const sqlite::Table &table, const sqlite::Column &column,
		   const plan::TargetTable *existing, const plan::Options &options)
{
	dialect::TypeOptions type_options;

	if (existing != nullptr)
	{
		const plan::TargetColumn *match =
			plan::match_column(*existing, column.shown_name(), options.identifiers);
		const auto kind =
			match == nullptr ? std::nullopt : dialect::kind_of_pg_type(match->stored_type());

		if (kind.has_value())
			return dialect::type_of_kind(*kind);
	}
	const plan::CastRule *const cast = plan::find_cast(options, table, column);
	const auto given =
		cast == nullptr || !cast->type ? std::nullopt : dialect::kind_of_pg_type(*cast->type);

	if (existing == nullptr && given && IsMomentKind(*given))
		return dialect::type_of_kind(*given);
	type_options.integers = options.integer_type;
	return dialect::resolve_declared_type(column.declared_type, type_options);
}

/* Integers and reals are one to SQLite's comparisons (sqlite.org/datatype3.html#comparisons). */
bool
IsMixed(dialect::TypeKind kind, const sqlite::ColumnProfile &profile)
{
	const bool numbers = profile.integers.count > 0 || profile.reals.count > 0;

	/* numbers alone, but in a text column */
	if (numbers && (kind == dialect::TypeKind::Text || kind == dialect::TypeKind::Varchar))
		return true;
	return numbers + (profile.texts.count > 0) + (profile.blobs.count > 0) > 1;
}

/* integer_type => 'smallest': the narrowest integer type that holds the column's range. */
void
Narrow(plan::CheckedType &checked, const sqlite::ColumnProfile &profile)
{
	if (checked.type.kind != dialect::TypeKind::Int8 || profile.integers.count == 0 ||
		profile.integers.count != profile.values())
		return;
	if (profile.min_integer >= -32768 && profile.max_integer <= 32767)
		checked.type = dialect::type_of_kind(dialect::TypeKind::Int2);
	else if (profile.min_integer >= -2147483648LL && profile.max_integer <= 2147483647LL)
		checked.type = dialect::type_of_kind(dialect::TypeKind::Int4);
}

/* The depth of each column that is asked about. */
std::vector<sqlite::ProfileRequest>
Requests(const sqlite::Table &table, const std::vector<dialect::ResolvedType> &types,
		 const plan::Options &options)
{
	std::vector<sqlite::ProfileRequest> requests = plan::profile_requests(table, types);

	/* text that is no valid text does not change a type: the load finds it by itself */
	for (sqlite::ProfileRequest &request : requests)
		for (size_t i = 0; i < table.columns.size(); i++)
			if (table.columns[i].name == request.column && types[i].kind == dialect::TypeKind::Text)
				request.depth = sqlite::ProfileDepth::Classes;

	if (options.integer_type == values::IntegerType::Smallest)
		for (size_t i = 0; i < table.columns.size(); i++)
		{
			const std::string &name = table.columns[i].name;
			const bool asked = std::any_of(requests.begin(), requests.end(),
										   [&](const sqlite::ProfileRequest &request)
										   { return request.column == name; });

			if (!asked && types[i].kind == dialect::TypeKind::Int8)
				requests.push_back({name, sqlite::ProfileDepth::Classes});
		}
	return requests;
}

/* Whose type is fixed, by the target, by a cast or by types => 'declared', is only asked for naive
 * times. */
std::vector<sqlite::ProfileRequest>
ZoneRequests(const sqlite::Table &table, const std::vector<dialect::ResolvedType> &types)
{
	std::vector<sqlite::ProfileRequest> requests;

	for (size_t i = 0; i < table.columns.size(); i++)
		if (types[i].kind == dialect::TypeKind::TimestampTz &&
			table.columns[i].kind != sqlite::ColumnKind::HiddenInVirtualTable)
			requests.push_back({table.columns[i].name, sqlite::ProfileDepth::Shapes});
	return requests;
}

/* What a column's values say, as soon as the rest of the file allows it. */
class FactsOfTypes
{
public:
	FactsOfTypes(ProfileCrew &crew, const sqlite::Catalog &catalog, const plan::Options &options,
				 plan::Facts &facts)
		: crew_(crew), options_(options), facts_(facts),
		  evidence_(catalog, [&crew](const sqlite::Table &table, const auto &requests)
					{ return crew.Profile(table, requests); })
	{
	}

	void
	AddTable(const sqlite::Table &table, const plan::TargetTable *existing)
	{
		std::vector<dialect::ResolvedType> types;
		const bool checked = options_.types == plan::Types::Checked;

		types.reserve(table.columns.size());
		for (const sqlite::Column &column : table.columns)
			types.push_back(WantedType(table, column, existing, options_));

		const std::vector<sqlite::ProfileRequest> requests =
			checked ? Requests(table, types, options_) : ZoneRequests(table, types);

		if (requests.empty())
			return;
		for (sqlite::ColumnProfile &profile : crew_.Profile(table, requests))
			for (size_t i = 0; i < table.columns.size(); i++)
				if (table.columns[i].name == profile.name)
				{
					if (checked)
						Add({&table, &table.columns[i], types[i], std::move(profile)});
					else
						facts_.naive_times[{table.name, table.columns[i].name}] =
							plan::naive_times(profile, values::From::Auto);
					break;
				}
	}

	/* The columns that wait for what their siblings are. */
	void
	Finish()
	{
		for (const Case &waiting : waiting_)
			Decide(waiting);
		waiting_.clear();
	}

private:
	struct Case
	{
		const sqlite::Table *table;
		const sqlite::Column *column;
		dialect::ResolvedType wanted;
		sqlite::ColumnProfile profile;
	};

	void
	Add(Case &&found)
	{
		evidence_.Know(*found.table, *found.column, found.profile);
		if (evidence_.NeedsSiblings(found.wanted, found.profile))
			waiting_.push_back(std::move(found));
		else
			Decide(found);
	}

	void
	Decide(const Case &found)
	{
		const sqlite::ColumnProfile &profile = found.profile;
		plan::CheckedType checked =
			evidence_.Check(*found.table, *found.column, found.wanted, profile);
		const std::pair<std::string, std::string> key = {found.table->name, found.column->name};

		if (options_.integer_type == values::IntegerType::Smallest)
			Narrow(checked, profile);
		facts_.naive_times[key] = plan::naive_times(profile, checked.from);
		facts_.types[key] = {checked.type,
							 checked.from,
							 checked.changed,
							 checked.reason,
							 IsMixed(checked.type.kind, profile),
							 profile.reals.count > 0};
	}

	ProfileCrew &crew_;
	const plan::Options &options_;
	plan::Facts &facts_;
	TimeEvidence evidence_;
	std::vector<Case> waiting_;
};

void
FindAlwaysNull(const sqlite::Database &database, const sqlite::Table &table,
			   const plan::TargetTable &existing, const plan::Options &options, plan::Facts &facts)
{
	for (const sqlite::Column &column : table.columns)
		if (plan::match_column(existing, column.shown_name(), options.identifiers) == nullptr &&
			column.kind == sqlite::ColumnKind::Ordinary)
			facts.always_null[{table.name, column.name}] = !Exists(
				database, table.name, quote_sqlite_identifier(column.name) + " IS NOT NULL");
}

void
GatherTableFacts(const sqlite::Database &database, const sqlite::Table &table,
				 const plan::TargetTable *existing, const plan::Options &options,
				 FactsOfTypes &types, plan::Facts &facts)
{

	if (existing == nullptr)
		facts.null_in_primary_key[table.name] = HoldsNullInPrimaryKey(database, table);
	else
		FindAlwaysNull(database, table, *existing, options, facts);
	types.AddTable(table, existing);
}

} /* namespace */

plan::Facts
GatherFacts(pg::Source &source, const sqlite::Catalog &catalog, const plan::Target &target,
			const plan::Options &options)
{
	ProfileCrew crew(source);
	plan::Facts facts;
	FactsOfTypes types(crew, catalog, options, facts);

	for (const sqlite::Table *table : plan::select_tables(catalog, options))
	{
		try
		{
			GatherTableFacts(crew.database(), *table, FindExisting(target, *table, options),
							 options, types, facts);
		}
		catch (const sqlite::Error &error)
		{
			/* a damaged table keeps its declared types; the load tells what cannot be read */
			if ((error.code() & 0xff) != SQLITE_CORRUPT)
				throw;
		}
	}
	types.Finish();
	return facts;
}

} /* namespace sqlite_import::migrate */
