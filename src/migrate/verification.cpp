/*
 * verification.cpp
 *    verify(): pairs tables and columns of both sides by name and has them compared.
 *
 * verify() depends on no record of a migration: whoever moved the rows, both
 * sides are read again.  A column that the target lacks cannot be compared; that
 * is said, and the table is then not called equal.
 */
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "plan/checked_type.hpp"
#include "plan/design.hpp"
#include "plan/names.hpp"
#include "sqlite/damage.hpp"
#include "sqlite/profile.hpp"
#include "user_error.hpp"
#include "verify/json_text.hpp"
#include "verify/verify.hpp"

#include "migrate/arguments.hpp"
#include "migrate/report.hpp"
#include "migrate/target_reader.hpp"
#include "migrate/time_evidence.hpp"
#include "pg/own_settings.hpp"
#include "pg/source.hpp"
#include "pg/spi.hpp"

extern "C" {
extern PGDLLEXPORT Datum sqlite_import_verify(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_verify);
}

namespace sqlite_import::migrate
{

namespace
{

plan::Options
ReadVerifyOptions(const Arguments &arguments)
{
	plan::Options options = ReadOptions(arguments);

	ReadChoice(arguments, "level", options.verify);
	arguments.CheckAllRead();
	return options;
}

/* Numbers, or texts that could be some. */
bool
HoldsNumbers(const sqlite::Database &database, const sqlite::Table &table,
			 const std::string &column)
{
	const std::string name = dialect::quote_sqlite_identifier(column);

	return database.query_integer("SELECT EXISTS (SELECT 1 FROM " +
								  dialect::quote_sqlite_identifier(table.name) + " WHERE typeof(" +
								  name + ") IN ('integer', 'real') OR (typeof(" + name +
								  ") = 'text' AND " + name + " GLOB '[-+.0-9]*' AND " + name +
								  " NOT GLOB '?*-*'))") != 0;
}

bool
HoldsBlobs(const sqlite::Database &database, const sqlite::Table &table, const std::string &column)
{
	return database.query_integer("SELECT EXISTS (SELECT 1 FROM " +
								  dialect::quote_sqlite_identifier(table.name) + " WHERE typeof(" +
								  dialect::quote_sqlite_identifier(column) + ") = 'blob')") != 0;
}

/* How numbers became dates or bytes, and blobs UUIDs, by the same rule that migrate follows. */
values::From
ReadingOfNumbers(const sqlite::Database &database, TimeEvidence &evidence,
				 const sqlite::Table &table, const sqlite::Column &column, dialect::TypeKind kind)
{
	const bool has_reading = IsMomentKind(kind) || kind == dialect::TypeKind::Bytea;

	if (kind == dialect::TypeKind::Uuid
			? !HoldsBlobs(database, table, column.name)
			: !has_reading || !HoldsNumbers(database, table, column.name))
		return values::From::Auto;

	const std::vector<sqlite::ColumnProfile> profiles =
		sqlite::profile_table(database, table, {{column.name, sqlite::ProfileDepth::Shapes}});

	evidence.Know(table, column, profiles.front());

	const values::From from =
		evidence.Check(table, column, dialect::type_of_kind(kind), profiles.front()).from;
	const bool orders = from == values::From::UuidBytes || from == values::From::DotnetGuid;

	/* the type that would hold all values may ask for another reading than this one */
	return (kind == dialect::TypeKind::Uuid) == orders ? from : values::From::Auto;
}

/* One table of the source, the table of the target it is compared with, and what is left out. */
class TableComparison
{
public:
	TableComparison(pg::Source &source, const sqlite::Table &table,
					const plan::TargetTable *existing, const plan::Options &options,
					TimeEvidence &evidence)
		: source_(source), table_(table), options_(options), existing_(existing),
		  evidence_(evidence)
	{
		if (existing_ != nullptr)
			PairColumns();
	}

	void
	AddTo(ResultSet &result, const std::string &schema)
	{
		verify::VerifyResult verdict;

		if (existing_ == nullptr)
		{
			result.Add({table_.name, std::nullopt,
						std::to_string(verify::CountSourceRows(source_, table_)), std::nullopt,
						std::nullopt, std::nullopt, std::nullopt, "the target has no such table",
						std::nullopt});
			return;
		}
		verdict = verify::VerifyTable(source_, table_, request_);
		AddUnproved(verdict);
		AddLeftOut(verdict);
		result.Add({table_.name, dialect::quote_qualified(schema, existing_->name),
					std::to_string(verdict.source_rows), std::to_string(verdict.target_rows),
					std::to_string(verdict.missing), std::to_string(verdict.extra),
					std::to_string(verdict.different), verdict.status,
					verdict.sample.empty() ? std::nullopt : std::optional(verdict.sample)});
	}

private:
	void
	PairColumns()
	{
		request_.target = existing_->oid;
		request_.level = options_.verify;
		plan::NameSpace names;

		for (const sqlite::Column &column : table_.columns)
		{
			const plan::TargetColumn *const match = Counterpart(column, names);

			if (column.kind == sqlite::ColumnKind::HiddenInVirtualTable ||
				IsExcluded(column.shown_name()))
				continue;
			if (match == nullptr)
				left_out_.push_back(column.name);
			else
				request_.columns.push_back({column.name, match->name, RuleFor(column, *match)});
		}
	}

	/* By the name that migrate gives to a column of a table that it makes, which tells columns
	 * apart whose names are cut or taken; else as it matches the columns of one that exists. */
	const plan::TargetColumn *
	Counterpart(const sqlite::Column &column, plan::NameSpace &names) const
	{
		std::string wanted = plan::target_name(column.shown_name(), options_.identifiers);

		if (plan::is_system_column(wanted))
			wanted += "_";
		const std::string given = names.allocate(wanted);

		for (const plan::TargetColumn &candidate : existing_->columns)
		{
			if (candidate.name == given)
				return &candidate;
		}
		return plan::match_column(*existing_, column.shown_name(), options_.identifiers);
	}

	bool
	IsExcluded(const std::string &column) const
	{
		const std::string full_name = table_.shown_name() + "." + column;

		return std::any_of(options_.exclude.begin(), options_.exclude.end(),
						   [&](const std::string &name)
						   { return sqlite::names_equal(name, full_name); });
	}

	values::ColumnRule
	RuleFor(const sqlite::Column &column, const plan::TargetColumn &match) const
	{
		const plan::CastRule *cast = plan::find_cast(options_, table_, column);
		const auto kind = dialect::kind_of_pg_type(match.type);
		values::ColumnRule rule = cast == nullptr ? values::ColumnRule() : cast->rule;

		/* where odd values are left out, numbers did not become bytes */
		const bool left_out =
			kind == dialect::TypeKind::Bytea && (options_.on_error != values::OnError::Stop ||
												 rule.on_mismatch == values::OnMismatch::Null);

		if (rule.from == values::From::Auto && !rule.has_using() && kind.has_value() && !left_out &&
			request_.level == values::VerifyLevel::Rows)
			rule.from = ReadingOfNumbers(source_.database(), evidence_, table_, column, *kind);
		return plan::effective_rule(rule, options_);
	}

	/* A member of the sample: columns by name. */
	static void
	AddMember(verify::VerifyResult &verdict, const char *name, const verify::JsonArray &columns)
	{
		const std::string member = std::string("\"") + name + "\": " + columns.Text();

		if (verdict.sample.empty())
			verdict.sample = "{" + member + "}";
		else
			verdict.sample.insert(1, member + ", ");
	}

	/* An expression of casts is run again, so only what it is given is proved. */
	void
	AddUnproved(verify::VerifyResult &verdict) const
	{
		verify::JsonArray columns;
		bool any = false;

		for (const verify::ColumnPair &pair : request_.columns)
		{
			if (pair.rule.has_using())
			{
				columns.Add(verify::JsonText(pair.source));
				any = true;
			}
		}
		if (any && request_.level != values::VerifyLevel::Counts)
			AddMember(verdict, "expression not proved", columns);
	}

	void
	AddLeftOut(verify::VerifyResult &verdict) const
	{
		verify::JsonArray columns;

		if (left_out_.empty() || request_.level == values::VerifyLevel::Counts)
			return;
		for (const std::string &column : left_out_)
			columns.Add(verify::JsonText(column));
		verdict.status += "; " + std::to_string(left_out_.size()) +
						  (left_out_.size() == 1 ? " column" : " columns") +
						  " without a counterpart";
		AddMember(verdict, "not compared", columns);
	}

	pg::Source &source_;
	const sqlite::Table &table_;
	const plan::Options &options_;
	const plan::TargetTable *existing_;
	TimeEvidence &evidence_;
	verify::VerifyRequest request_;
	std::vector<std::string> left_out_;
};

/* Pairs tables as they come; a name that is taken has got a number behind it. */
const plan::TargetTable *
TakeTable(const plan::Target &target, const sqlite::Table &table, const plan::Options &options,
		  std::set<const plan::TargetTable *> &taken)
{
	const plan::TargetTable *match =
		plan::match_table(target, table.shown_name(), options.identifiers);
	plan::NameSpace names;
	const std::string wanted = match == nullptr ? std::string() : match->name;

	names.reserve(wanted);
	while (match != nullptr && taken.count(match) > 0)
		match = target.find_table(names.allocate(wanted));
	if (match != nullptr)
		taken.insert(match);
	return match;
}

/* What keeps a table from being read to its end; looked for before the comparison, which cannot go
 * on to the next table from the middle of one. */
std::string
DamageOf(pg::Source &source, const sqlite::Table &table)
{
	if (!table.broken.empty())
		return {};
	/* the table itself: an index that covers it may be whole where it is not, and the reverse */
	return sqlite::read_through(
			   source.database(),
			   "SELECT * FROM " + dialect::quote_sqlite_identifier(table.name) +
				   (table.kind == sqlite::TableKind::Ordinary ? " NOT INDEXED" : ""))
		.value_or("");
}

void
VerifyAll(FunctionCallInfo fcinfo)
{
	const plan::Options options = ReadVerifyOptions(Arguments(fcinfo));
	pg::SourceUse use;

	use.salvage = options.on_corruption == plan::OnCorruption::Salvage;

	const std::unique_ptr<pg::Source> source =
		pg::OpenSource(pg::ResolveSource(options.source), use);
	const sqlite::Catalog catalog = sqlite::read_catalog(source->database());
	const plan::Target target = ReadTarget(options, catalog);
	std::set<const plan::TargetTable *> taken;
	ResultSet result(fcinfo);
	TimeEvidence evidence(catalog, [&source](const sqlite::Table &table, const auto &requests)
						  { return sqlite::profile_table(source->database(), table, requests); });

	if (options.verify == values::VerifyLevel::None)
		return;
	for (const sqlite::Table *table : plan::select_tables(catalog, options))
	{
		const std::string damage = use.salvage ? DamageOf(*source, *table) : std::string();

		if (!damage.empty())
			result.Add({table->name, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
						std::nullopt, std::nullopt,
						"not compared: the source cannot be read whole: " + damage, std::nullopt});
		else if (table->broken.empty())
			TableComparison(*source, *table, TakeTable(target, *table, options, taken), options,
							evidence)
				.AddTo(result, target.schema);
		else
			result.Add({table->name, std::nullopt, std::nullopt, std::nullopt, std::nullopt,
						std::nullopt, std::nullopt,
						"SQLite cannot read the table: " + table->broken, std::nullopt});
	}
}

} /* namespace */

} /* namespace sqlite_import::migrate */

using namespace sqlite_import;

/* verify(source, target_schema, level, …): one row per table of the source */
Datum
sqlite_import_verify(PG_FUNCTION_ARGS)
{
	pg::SqlEntry([&] { migrate::VerifyAll(fcinfo); });
	PG_RETURN_NULL();
}
