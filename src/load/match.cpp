/*
 * match.cpp
 *    Pairing the columns of a SQLite table with those of a table that is there
 *    already.
 *
 * Names are compared as written, then without regard to case, then without
 * underscores too, since one side is often snake_case and the other not.  A
 * looser rule only counts if it names one column.
 */
#include "dialect/quote.hpp"
#include "load/copy.hpp"
#include "pg/encoding.hpp"
#include "pg/errors.hpp"

extern "C" {
#include "access/table.h"
#include "utils/rel.h"
}

namespace sqlite_import::load
{

namespace
{

struct TargetColumn
{
	std::string name;
	int attnum;
	bool generated;
	bool taken;
};

using Fold = std::string (*)(const std::string &);

std::string
AsWritten(const std::string &name)
{
	return name;
}

std::string
WithoutUnderscores(const std::string &name)
{
	std::string result;

	for (const char character : sqlite::fold_name(name))
		if (character != '_')
			result += character;
	return result;
}

/* The live columns of a table.  Throws PgError. */
std::vector<TargetColumn>
ReadTargetColumns(Oid target)
{
	Relation const relation = pg::PgCall([&] { return table_open(target, AccessShareLock); });
	const TupleDesc descriptor = RelationGetDescr(relation);
	std::vector<TargetColumn> columns;

	for (int i = 0; i < descriptor->natts; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (!attribute->attisdropped)
			columns.push_back(
				{pg::PgCall([=] { return pg::FromServerEncoding(NameStr(attribute->attname)); }),
				 i + 1, attribute->attgenerated != '\0', false});
	}
	pg::PgCall([&] { table_close(relation, NoLock); });
	return columns;
}

/* The one free column that a rule finds; null if none or several. */
TargetColumn *
FindBy(std::vector<TargetColumn> &columns, const std::string &name, Fold fold)
{
	TargetColumn *found = nullptr;
	const std::string wanted = fold(name);

	for (TargetColumn &column : columns)
	{
		if (column.taken || fold(column.name) != wanted)
			continue;
		if (found != nullptr)
			return nullptr;
		found = &column;
	}
	return found;
}

/* True if the table has no value but NULL in the column. */
bool
IsNullThroughout(pg::Source &source, const std::string &table, const std::string &column)
{
	const std::string sql = "SELECT EXISTS (SELECT 1 FROM " +
							dialect::quote_sqlite_identifier(table) + " AS t WHERE t." +
							dialect::quote_sqlite_identifier(column) + " IS NOT NULL)";

	return source.database().query_integer(sql) == 0;
}

bool
IsExcluded(const std::vector<std::string> &excluded, const std::string &name)
{
	for (const std::string &entry : excluded)
		if (sqlite::names_equal(entry, name))
			return true;
	return false;
}

std::string
ListOf(const std::vector<TargetColumn> &columns)
{
	std::string list;

	for (const TargetColumn &column : columns)
		if (!column.taken && !column.generated)
			list += (list.empty() ? "" : ", ") + dialect::quote_identifier(column.name);
	return list;
}

} /* namespace */

std::vector<CopyColumn>
MatchColumns(pg::Source &source, const sqlite::Table &table, Oid target,
			 const std::vector<std::string> &excluded)
{
	std::vector<TargetColumn> targets = ReadTargetColumns(target);
	std::vector<const TargetColumn *> partners(table.columns.size(), nullptr);
	std::vector<CopyColumn> result;
	std::string missing;

	/* the strictest rule goes first over all columns, lest a loose match take a column away */
	for (const Fold fold : {Fold(AsWritten), Fold(sqlite::fold_name), Fold(WithoutUnderscores)})
		for (size_t i = 0; i < table.columns.size(); i++)
		{
			if (partners[i] != nullptr || IsExcluded(excluded, table.columns[i].shown_name()))
				continue;
			TargetColumn *const found = FindBy(targets, table.columns[i].shown_name(), fold);
			if (found == nullptr)
				continue;
			found->taken = true;
			partners[i] = found;
		}
	for (size_t i = 0; i < table.columns.size(); i++)
	{
		const sqlite::Column &column = table.columns[i];
		const bool computed = column.kind != sqlite::ColumnKind::Ordinary;

		if (IsExcluded(excluded, column.shown_name()))
			continue;
		if (partners[i] != nullptr)
		{
			CopyColumn pair;

			if (partners[i]->generated)
				continue;
			pair.source = column.name;
			pair.attnum = partners[i]->attnum;
			result.push_back(std::move(pair));
		}
		/* what the source computes is not lost, and hidden columns of virtual tables are no data */
		else if (!computed && !IsNullThroughout(source, table.name, column.name))
			missing += (missing.empty() ? "" : ", ") + dialect::quote_identifier(column.name);
	}
	if (!missing.empty())
	{
		const std::string left = ListOf(targets);

		throw pg::Reported(ERRCODE_UNDEFINED_COLUMN,
						   "target of SQLite table \"" + table.name +
							   "\" lacks columns that hold data: " + missing,
						   left.empty() ? std::string("The target has no further columns.")
										: "Columns of the target without a partner: " + left + ".",
						   "Add the columns to the target, or exclude them from the copy.");
	}
	return result;
}

} /* namespace sqlite_import::load */
