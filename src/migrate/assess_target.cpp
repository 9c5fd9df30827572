/*
 * assess_target.cpp
 *    A table of the source against the table of the target that exists for it:
 *    rows already there, columns that have no counterpart, and rows that its
 *    foreign keys would refuse.  All other rules are put to the rows by
 *    assess_rows.cpp.
 */
#include <algorithm>
#include <map>

#include "dialect/quote.hpp"
#include "plan/names.hpp"

#include "migrate/findings.hpp"
#include "pg/act_as_owner.hpp"
#include "pg/spi.hpp"

namespace sqlite_import::migrate
{

namespace
{

using dialect::quote_identifier;
using dialect::quote_literal;
using dialect::quote_qualified;
using dialect::quote_sqlite_identifier;
using dialect::quote_sqlite_literal;

class TargetCheck
{
public:
	TargetCheck(Assessment &assessment, const sqlite::Table &table,
				const plan::TargetTable &existing)
		: assessment_(assessment), table_(table), existing_(existing)
	{
		for (const sqlite::Column &column : table.columns)
		{
			const plan::TargetColumn *const match =
				plan::match_column(existing, column.shown_name(), assessment.options.identifiers);

			if (match != nullptr && !match->generated && !assessment.IsExcluded(table, column.name))
				sources_[match->name] = &column;
		}
	}

	void
	Run()
	{
		if (!CheckRows())
			return;
		CheckSourceColumns();
		CheckTargetColumns();
		CheckForeignKeys();
	}

private:
	Finding
	Make(Severity severity, const char *type, const std::string &column, std::string text,
		 const std::string &suggestion) const
	{
		return MakeFinding(severity, type, table_.name, column, std::move(text), suggestion);
	}

	void
	AddRows(Finding finding, const SourceRows &rows)
	{
		if (rows.count > 0)
			finding.row_count = rows.count;
		finding.sample_rowids = rows.rowids;
		assessment_.Add(std::move(finding));
	}

	std::string
	TargetName() const
	{
		return quote_qualified(assessment_.target.schema, existing_.name);
	}

	/* The source columns of target columns; empty if one of them has none. */
	std::vector<std::string>
	SourcesOf(const std::vector<std::string> &names) const
	{
		std::vector<std::string> columns;

		for (const std::string &name : names)
		{
			const auto found = sources_.find(name);

			if (found == sources_.end())
				return {};
			columns.push_back(found->second->name);
		}
		return columns;
	}

	bool CheckRows();
	void AddUnreadable();
	void AddRowsThere();
	void CheckSourceColumns();
	void CheckTargetColumns();
	void CheckForeignKeys();
	void CheckForeignKey(const std::string &name, const std::string &parent_name,
						 const std::vector<std::string> &columns,
						 const std::vector<std::string> &parent_columns);

	Assessment &assessment_;
	const sqlite::Table &table_;
	const plan::TargetTable &existing_;
	std::map<std::string, const sqlite::Column *> sources_; /* by the target's name */
};

std::vector<std::string>
SplitLines(const std::string &text)
{
	std::vector<std::string> lines;
	size_t start = 0;

	if (text.empty())
		return lines;
	for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', start))
	{
		lines.push_back(text.substr(start, at - start));
		start = at + 1;
	}
	lines.push_back(text.substr(start));
	return lines;
}

/* Names of the columns of an int2 array of attribute numbers, one a line, in its order. */
std::string
NamesOf(const std::string &numbers, const std::string &relation)
{
	return "(SELECT pg_catalog.string_agg(a.attname, E'\\n' ORDER BY u.ord) FROM "
		   "pg_catalog.unnest(" +
		   numbers +
		   ") WITH ORDINALITY AS u(num, ord) JOIN pg_catalog.pg_attribute a ON a.attrelid = " +
		   relation + " AND a.attnum = u.num)";
}

/* False: the table will be left alone. */
bool
TargetCheck::CheckRows()
{
	const plan::OnExisting on_existing = assessment_.options.on_existing;
	const bool holds_rows = existing_.has_rows || !existing_.readable;

	if (holds_rows && plan::is_bookkeeping_table(existing_.name))
	{
		assessment_.Add(Make(Severity::Info, "table", {},
							 "a migration tool keeps its books there: left alone", {}));
		return false;
	}
	if (on_existing == plan::OnExisting::Error)
		assessment_.Add(Make(Severity::Error, "table", {},
							 "the target table " + TargetName() + " exists already",
							 "choose what to do with existing tables by on_existing"));
	else if (!existing_.readable)
		AddUnreadable();
	else if (existing_.has_rows)
		AddRowsThere();
	return on_existing != plan::OnExisting::Skip;
}

void
TargetCheck::AddUnreadable()
{
	const bool asks = assessment_.options.on_existing == plan::OnExisting::LoadIfEmpty;

	assessment_.Add(Make(asks ? Severity::Error : Severity::Info, "table", {},
						 "the role may not read the target table " + TargetName() +
							 ": whether it holds rows is not known",
						 asks ? "have SELECT granted on it, or on_existing => 'append'" : ""));
}

void
TargetCheck::AddRowsThere()
{
	const auto count =
		pg::SpiValue("SELECT pg_catalog.count(*) FROM " + TargetName(), pg::Names::Callers);
	const bool stops = assessment_.options.on_existing == plan::OnExisting::LoadIfEmpty;
	Finding finding = Make(stops ? Severity::Error : Severity::Info, "table", {},
						   "the target table " + TargetName() + " holds rows already",
						   stops ? "on_existing => 'truncate' to empty it first, 'upsert' or "
								   "'append' to add to it, 'skip' to leave it alone"
								 : "");

	finding.row_count = std::stoll(count.value_or("0"));
	assessment_.Add(std::move(finding));
}

void
TargetCheck::CheckSourceColumns()
{
	for (const sqlite::Column &column : table_.columns)
	{
		if (column.kind != sqlite::ColumnKind::Ordinary ||
			assessment_.IsExcluded(table_, column.name) ||
			plan::match_column(existing_, column.shown_name(), assessment_.options.identifiers) !=
				nullptr)
			continue;
		const SourceRows rows =
			assessment_.Find(table_, quote_sqlite_identifier(column.name) + " IS NOT NULL");

		AddRows(Make(rows.count > 0 ? Severity::Error : Severity::Info, "column", column.name,
					 rows.count > 0 ? "the target has no such column"
									: "the target has no such column; it is NULL in every row",
					 rows.count > 0 ? "exclude => '{" + table_.name + "." + column.name +
										  "}', or add the column to the target"
									: ""),
				rows);
	}
}

void
TargetCheck::CheckTargetColumns()
{
	for (const plan::TargetColumn &column : existing_.columns)
	{
		if (column.not_null && !column.generated && !column.has_default &&
			sources_.find(column.name) == sources_.end() && assessment_.Find(table_, "1").count > 0)
			assessment_.Add(
				Make(Severity::Error, "column", column.name,
					 "only the target has the column; it is NOT NULL and has no default",
					 "give the column a default for the load"));
	}
}

void
TargetCheck::CheckForeignKeys()
{
	const std::vector<pg::Row> rows = pg::SpiQuery(
		"SELECT k.conname, p.relname, " + NamesOf("k.conkey", "k.conrelid") + ", " +
		NamesOf("k.confkey", "k.confrelid") +
		" FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class p ON p.oid = k.confrelid "
		"WHERE k.contype = 'f' AND k.conrelid = " +
		std::to_string(existing_.oid) + " ORDER BY k.conname");

	for (const pg::Row &row : rows)
		CheckForeignKey(row[0].value_or(""), row[1].value_or(""), SplitLines(row[2].value_or("")),
						SplitLines(row[3].value_or("")));
}

void
TargetCheck::CheckForeignKey(const std::string &name, const std::string &parent_name,
							 const std::vector<std::string> &columns,
							 const std::vector<std::string> &parent_columns)
{
	const std::vector<std::string> children = SourcesOf(columns);
	const plan::Identifiers identifiers = assessment_.options.identifiers;
	const sqlite::Table *parent = nullptr;
	std::string present, join;

	for (const sqlite::Table &candidate : assessment_.catalog.tables)
	{
		const plan::TargetTable *const match =
			plan::match_table(assessment_.target, candidate.shown_name(), identifiers);

		if (match != nullptr && match->name == parent_name)
			parent = &candidate;
	}
	if (parent == nullptr || children.empty())
		return;
	const plan::TargetTable *const target =
		plan::match_table(assessment_.target, parent->shown_name(), identifiers);

	for (size_t i = 0; i < children.size(); i++)
	{
		const sqlite::Column *counterpart = nullptr;

		for (const sqlite::Column &column : parent->columns)
		{
			const plan::TargetColumn *const match =
				plan::match_column(*target, column.shown_name(), identifiers);

			if (match != nullptr && match->name == parent_columns[i])
				counterpart = &column;
		}
		if (counterpart == nullptr)
			return;
		const std::string child =
			quote_sqlite_identifier(table_.name) + "." + quote_sqlite_identifier(children[i]);

		present += (present.empty() ? "" : " AND ") + child + " IS NOT NULL";
		join += (join.empty() ? "" : " AND ") + std::string("parent_row.") +
				quote_sqlite_identifier(counterpart->name) + " = " + child;
	}
	const SourceRows rows = assessment_.Find(table_, present + " AND NOT EXISTS (SELECT 1 FROM " +
														 quote_sqlite_identifier(parent->name) +
														 " AS parent_row WHERE " + join + ")");

	if (rows.count > 0)
		AddRows(Make(assessment_.options.on_error == values::OnError::Reject ? Severity::Warning
																			 : Severity::Error,
					 "foreign key", children.size() == 1 ? children[0] : "",
					 "rows refer to rows of " + parent->name +
						 " that do not exist, under the "
						 "target's foreign key " +
						 quote_identifier(name),
					 "mend the rows in SQLite, or on_error => 'reject' to keep them out"),
				rows);
}

} /* namespace */

void
AssessTarget(Assessment &assessment, const sqlite::Table &table, const plan::TargetTable &existing)
{
	TargetCheck(assessment, table, existing).Run();
}

} /* namespace sqlite_import::migrate */
