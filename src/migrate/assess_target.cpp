/*
 * assess_target.cpp
 *    A table of the source against the table of the target that exists for it:
 *    rows already there, columns that have no counterpart, and rows that its
 *    NOT NULL, unique, foreign key, enum and CHECK rules would refuse.
 *
 * Every rule of the target is put to the source's values, so that it is told
 * before the load and not by it.  Names of the target are matched with the
 * source's by the rules of migrate; a rule on a column that only the target has
 * is left to the target's defaults.
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

/* Values of one column that are looked at for an enum or a CHECK. */
constexpr size_t kMostDistinct = 1000;

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
		CheckRows();
		if (assessment_.options.on_existing == plan::OnExisting::Skip)
			return;
		CheckSourceColumns();
		CheckTargetColumns();
		CheckUnique();
		CheckForeignKeys();
		CheckEnums();
		CheckChecks();
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

	/* A suggestion with this table's column in it. */
	std::string
	Cast(const std::string &column, const std::string &rule) const
	{
		return plan::fill_suggestion("casts => {\"table.column\": " + rule + "}", table_.name,
									 column);
	}

	std::string
	TargetName() const
	{
		return quote_qualified(assessment_.target.schema, existing_.name);
	}

	bool
	HasCast(const sqlite::Column &column) const
	{
		return plan::find_cast(assessment_.options, table_, column) != nullptr;
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

	void CheckRows();
	void CheckSourceColumns();
	void CheckTargetColumns();
	void CheckUnique();
	void CheckUniqueKey(const std::string &name, const std::vector<std::string> &columns,
						const std::vector<bool> &nocase);
	void CheckForeignKeys();
	void CheckForeignKey(const std::string &name, const std::string &parent_name,
						 const std::vector<std::string> &columns,
						 const std::vector<std::string> &parent_columns);
	void CheckEnums();
	void CheckChecks();
	void CheckCheck(const sqlite::Column &column, const std::string &target_column,
					const std::string &type, const std::string &name,
					const std::string &expression);
	std::vector<std::string> DistinctTexts(const sqlite::Column &column) const;
	void AddRefused(const sqlite::Column &column, const std::vector<std::string> &texts,
					const char *type, const std::string &text);

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

void
TargetCheck::CheckRows()
{
	if (!existing_.has_rows && existing_.readable)
		return;
	if (plan::is_bookkeeping_table(existing_.name))
	{
		assessment_.Add(Make(Severity::Info, "table", {},
							 "a migration tool keeps its books there: left alone", {}));
		return;
	}
	if (!existing_.readable)
	{
		const bool asks = assessment_.options.on_existing == plan::OnExisting::LoadIfEmpty;

		assessment_.Add(Make(asks ? Severity::Error : Severity::Info, "table", {},
							 "the role may not read the target table " + TargetName() +
								 ": whether it holds rows is not known",
							 asks ? "have SELECT granted on it, or on_existing => 'append'" : ""));
		return;
	}

	const auto count =
		pg::SpiValue("SELECT pg_catalog.count(*) FROM " + TargetName(), pg::Names::Callers);
	const bool stops = assessment_.options.on_existing == plan::OnExisting::LoadIfEmpty ||
					   assessment_.options.on_existing == plan::OnExisting::Error;
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
		const auto source = sources_.find(column.name);

		if (!column.not_null || column.generated)
			continue;
		if (source == sources_.end())
		{
			if (!column.has_default && assessment_.Find(table_, "1").count > 0)
				assessment_.Add(Make(Severity::Error, "column", column.name,
									 "only the target has the column; it is NOT NULL and has no "
									 "default",
									 "give the column a default for the load"));
			continue;
		}
		if (HasCast(*source->second) || source->second->not_null)
			continue;
		const SourceRows rows =
			assessment_.Find(table_, quote_sqlite_identifier(source->second->name) + " IS NULL");

		if (rows.count > 0)
			AddRows(Make(Severity::Error, "column", source->second->name,
						 "NULL, and the target's column is NOT NULL",
						 Cast(source->second->name, "{\"default\": \"...\"}")),
					rows);
	}
}

/* lower(x) in an index means that x is compared without regard to case. */
bool
IsLower(const std::string &definition)
{
	return definition.rfind("lower(", 0) == 0;
}

void
TargetCheck::CheckUnique()
{
	const std::string relation = std::to_string(existing_.oid);
	/* Per index: its name, and for each key column its name (or that of the only column in its
	 * expression) and its definition. */
	const std::vector<pg::Row> rows = pg::SpiQuery(
		"SELECT c.relname, "
		"(SELECT pg_catalog.string_agg(COALESCE(a.attname, d.attname, ''), E'\\n' "
		"ORDER BY k.n) FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k(n) "
		"LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid "
		"AND a.attnum = i.indkey[k.n - 1] AND a.attnum > 0 "
		"LEFT JOIN LATERAL (SELECT b.attname FROM pg_catalog.pg_depend p JOIN "
		"pg_catalog.pg_attribute b ON b.attrelid = p.refobjid AND b.attnum = p.refobjsubid "
		"WHERE p.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND p.objid = i.indexrelid "
		"AND p.refobjid = i.indrelid AND p.refobjsubid > 0 AND a.attname IS NULL "
		"LIMIT 1) d ON true), "
		"(SELECT pg_catalog.string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k.n, true), "
		"E'\\n' ORDER BY k.n) FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k(n)), "
		"(SELECT pg_catalog.string_agg(COALESCE(t.typname, ''), E'\\n' ORDER BY k.n) "
		"FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k(n) "
		"LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum = k.n "
		"LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid) "
		"FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
		"WHERE i.indisunique AND i.indpred IS NULL AND i.indrelid = " +
		relation + " ORDER BY c.relname");

	for (const pg::Row &row : rows)
	{
		const std::vector<std::string> names = SplitLines(row[1].value_or(""));
		const std::vector<std::string> definitions = SplitLines(row[2].value_or(""));
		const std::vector<std::string> types = SplitLines(row[3].value_or(""));
		std::vector<bool> nocase;

		for (size_t i = 0; i < names.size(); i++)
		{
			const bool expression =
				definitions[i] != quote_identifier(names[i]) && !IsLower(definitions[i]);

			if (expression)
				nocase.clear();
			nocase.push_back(IsLower(definitions[i]) || types[i] == "citext");
			if (expression)
				break;
		}
		const std::vector<std::string> columns = SourcesOf(names);

		if (!columns.empty() && nocase.size() == names.size())
			CheckUniqueKey(row[0].value_or(""), columns, nocase);
	}
}

void
TargetCheck::CheckUniqueKey(const std::string &name, const std::vector<std::string> &columns,
							const std::vector<bool> &nocase)
{
	std::string keys, not_null;

	for (size_t i = 0; i < columns.size(); i++)
	{
		const std::string column = quote_sqlite_identifier(columns[i]);

		keys +=
			(keys.empty() ? "" : ", ") + column + " COLLATE " + (nocase[i] ? "NOCASE" : "BINARY");
		not_null += (not_null.empty() ? "" : " AND ") + column + " IS NOT NULL";
	}
	const std::string table = quote_sqlite_identifier(table_.name);
	std::string join;

	for (size_t i = 0; i < columns.size(); i++)
		join += (join.empty() ? "" : " AND ") + table + "." + quote_sqlite_identifier(columns[i]) +
				" = d.k" + std::to_string(i) + " COLLATE " + (nocase[i] ? "NOCASE" : "BINARY");
	std::string aliases;

	for (size_t i = 0; i < columns.size(); i++)
		aliases += (aliases.empty() ? "" : ", ") + quote_sqlite_identifier(columns[i]) + " AS k" +
				   std::to_string(i);
	if (assessment_.database.query_integer("SELECT EXISTS (SELECT 1 FROM " + table + " WHERE " +
										   not_null + " GROUP BY " + keys +
										   " HAVING count(*) > 1)") == 0)
		return;
	const SourceRows rows =
		assessment_.Find(table_, "EXISTS (SELECT 1 FROM (SELECT " + aliases + " FROM " + table +
									 " WHERE " + not_null + " GROUP BY " + keys +
									 " HAVING count(*) > 1) AS d WHERE " + join + ")");

	AddRows(Make(Severity::Error, "unique", columns.size() == 1 ? columns[0] : "",
				 "rows have the same key under the target's unique index " + quote_identifier(name),
				 "mend the rows in SQLite, or on_error => 'reject' to keep all but the first out"),
			rows);
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
	const bool same_in_source =
		std::any_of(table_.foreign_keys.begin(), table_.foreign_keys.end(),
					[&](const sqlite::ForeignKey &key)
					{
						return key.child_columns == children && parent != nullptr &&
							   sqlite::names_equal(key.parent_table, parent->name);
					});

	if (parent == nullptr || children.empty() || same_in_source)
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
		AddRows(Make(Severity::Error, "foreign key", children.size() == 1 ? children[0] : "",
					 "rows refer to rows of " + parent->name +
						 " that do not exist, under the "
						 "target's foreign key " +
						 quote_identifier(name),
					 "mend the rows in SQLite, or on_error => 'reject' to keep them out"),
				rows);
}

/* The distinct values as texts; empty if there are too many to look at. */
std::vector<std::string>
TargetCheck::DistinctTexts(const sqlite::Column &column) const
{
	const std::string name = quote_sqlite_identifier(column.name);
	sqlite::Statement statement = assessment_.database.prepare(
		"SELECT DISTINCT CAST(" + name + " AS TEXT) FROM " + quote_sqlite_identifier(table_.name) +
		" WHERE typeof(" + name + ") NOT IN ('null', 'blob') LIMIT " +
		std::to_string(kMostDistinct + 1));
	std::vector<std::string> texts;

	while (statement.step())
	{
		texts.push_back(statement.text(0));
		if (texts.size() > kMostDistinct || texts.back().find('\0') != std::string::npos)
			return {};
	}
	return texts;
}

void
TargetCheck::AddRefused(const sqlite::Column &column, const std::vector<std::string> &texts,
						const char *type, const std::string &text)
{
	std::string list;

	for (const std::string &value : texts)
		list += (list.empty() ? "" : ", ") + quote_sqlite_literal(value);
	const SourceRows rows = assessment_.Find(
		table_, "CAST(" + quote_sqlite_identifier(column.name) + " AS TEXT) IN (" + list + ")");

	AddRows(
		Make(Severity::Error, type, column.name,
			 text + " (" + std::to_string(texts.size()) +
				 (texts.size() == 1 ? " different value)" : " different values)"),
			 Cast(column.name, "{\"map\": {\"old\": \"new\", ...}}") + ", or on_error => 'reject'"),
		rows);
}

void
TargetCheck::CheckEnums()
{
	const std::vector<pg::Row> rows = pg::SpiQuery(
		"SELECT a.attname, pg_catalog.string_agg(e.enumlabel, E'\\n') FROM "
		"pg_catalog.pg_attribute a JOIN pg_catalog.pg_enum e ON e.enumtypid = a.atttypid "
		"WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = " +
		std::to_string(existing_.oid) + " GROUP BY a.attname, a.attnum ORDER BY a.attnum");

	for (const pg::Row &row : rows)
	{
		const auto source = sources_.find(row[0].value_or(""));

		if (source == sources_.end() || HasCast(*source->second))
			continue;
		const std::vector<std::string> labels = SplitLines(row[1].value_or(""));
		std::vector<std::string> refused;

		for (const std::string &text : DistinctTexts(*source->second))
		{
			if (std::find(labels.begin(), labels.end(), text) == labels.end())
				refused.push_back(text);
		}
		if (!refused.empty())
			AddRefused(*source->second, refused, "column",
					   "values are no labels of the target's enum");
	}
}

void
TargetCheck::CheckChecks()
{
	const std::vector<pg::Row> rows = pg::SpiQuery(
		"SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), k.conname, "
		"pg_catalog.pg_get_expr(k.conbin, k.conrelid) FROM pg_catalog.pg_constraint k "
		"JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] "
		"WHERE k.contype = 'c' AND pg_catalog.cardinality(k.conkey) = 1 AND k.conrelid = " +
		std::to_string(existing_.oid) + " ORDER BY k.conname");

	for (const pg::Row &row : rows)
	{
		const auto source = sources_.find(row[0].value_or(""));

		if (source != sources_.end() && !HasCast(*source->second))
			CheckCheck(*source->second, row[0].value_or(""), row[1].value_or(""),
					   row[2].value_or(""), row[3].value_or(""));
	}
}

/* Asks PostgreSQL what its own constraint says to each distinct value. */
void
TargetCheck::CheckCheck(const sqlite::Column &column, const std::string &target_column,
						const std::string &type, const std::string &name,
						const std::string &expression)
{
	const std::vector<std::string> texts = DistinctTexts(column);
	std::string list;
	std::vector<std::string> refused;

	if (texts.empty())
		return;
	for (const std::string &text : texts)
		list += (list.empty() ? "" : ", ") + quote_literal(text);
	/* the value's name is not the column's, which the expression knows */
	const std::string value = target_column == "v" ? "w" : "v";
	const std::string query = "SELECT " + value + " FROM (SELECT " + value + ", " + value +
							  "::" + type + " AS " + quote_identifier(target_column) +
							  " FROM pg_catalog.unnest(ARRAY[" + list +
							  "]::pg_catalog.text[]) AS u(" + value + ")) AS s WHERE NOT (" +
							  expression + ") ORDER BY " + value;

	/* the expression was printed under this path, in which it means what it meant */
	const pg::ActAsOwner owner(existing_.oid);
	const pg::SafeSearchPath path;

	/* values that do not even fit the type have been told of */
	if (pg::SpiAttempt(query).has_value())
		return;
	for (const pg::Row &row : pg::SpiQuery(query))
		refused.push_back(row[0].value_or(""));
	if (!refused.empty())
		AddRefused(column, refused, "check",
				   "values break the target's constraint " + quote_identifier(name) + " CHECK (" +
					   expression + ")");
}

} /* namespace */

void
AssessTarget(Assessment &assessment, const sqlite::Table &table, const plan::TargetTable &existing)
{
	TargetCheck(assessment, table, existing).Run();
}

} /* namespace sqlite_import::migrate */
