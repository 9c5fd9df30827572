/*
 * rehearsal.cpp
 *    A load of a plan's table that writes nothing (load/trial.hpp): what the table
 *    is, or is to be, and how its rows are read.
 */
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dialect/quote.hpp"

#include "migrate/copying.hpp"
#include "migrate/migration.hpp"
#include "pg/act_as_owner.hpp"
#include "pg/spi.hpp"

namespace sqlite_import::migrate
{

namespace
{

/* The columns that CREATE TABLE would make: the server says what the types are. */
TupleDesc
ShapeOf(const plan::TableDesign &table)
{
	const pg::SafeSearchPath path;
	std::string select;

	for (const plan::ColumnDesign &column : table.columns)
		select += (select.empty() ? "SELECT NULL::" : ", NULL::") + column.type_text + " AS " +
				  dialect::quote_identifier(column.name);

	TupleDesc const shape = pg::SpiShape(select.empty() ? "SELECT" : select);

	for (size_t i = 0; i < table.columns.size(); i++)
		TupleDescAttr(shape, static_cast<int>(i))->attnotnull = table.columns[i].not_null;
	return shape;
}

/* The columns of a key by number; empty if one has a collation of its own, which is yet to be
 * made, unless the values are not compared. */
std::vector<int>
KeyNumbers(const plan::TableDesign &table, const std::vector<std::string> &names,
		   bool compared = true)
{
	std::vector<int> numbers;

	for (const std::string &name : names)
	{
		const auto column = std::find_if(table.columns.begin(), table.columns.end(),
										 [&](const plan::ColumnDesign &candidate)
										 { return candidate.name == name; });

		if (column == table.columns.end() || (compared && !column->collation.empty()) ||
			!column->loaded)
			return {};
		numbers.push_back(static_cast<int>(column - table.columns.begin()) + 1);
	}
	return numbers;
}

/* The rules that a table is to have. */
void
DescribeTrial(const plan::TableDesign &table, load::Trial *trial)
{
	trial->shape = ShapeOf(table);
	trial->name = table.name;
	for (size_t i = 0; i < table.columns.size(); i++)
		if (!table.columns[i].collation.empty() || !table.columns[i].loaded)
			trial->unsettled.push_back(static_cast<int>(i) + 1);
	for (const plan::CheckDesign &check : table.checks)
		trial->checks.push_back({check.name, check.expression});
	for (const plan::KeyDesign &key : table.keys)
		trial->keys.push_back({key.name, KeyNumbers(table, key.columns)});
	for (const plan::IndexDesign &index : table.indexes)
	{
		const auto source = std::find_if(table.source->indexes.begin(), table.source->indexes.end(),
										 [&](const sqlite::Index &candidate)
										 { return candidate.name == index.source_name; });

		if (source != table.source->indexes.end() && !source->partial)
			trial->keys.push_back({index.name, KeyNumbers(table, index.columns), source->unique});
	}
	trial->keys.erase(std::remove_if(trial->keys.begin(), trial->keys.end(),
									 [](const load::TrialKey &key) { return key.attnums.empty(); }),
					  trial->keys.end());
}

/* Of the rules the size of index entries alone. */
void
DescribeSizes(const plan::TableDesign &table, load::Trial *trial)
{
	trial->shape = ShapeOf(table);
	trial->name = table.name;
	for (size_t i = 0; i < table.columns.size(); i++)
		if (!table.columns[i].loaded)
			trial->unsettled.push_back(static_cast<int>(i) + 1);

	const auto add = [&](const std::string &name, const std::vector<std::string> &columns)
	{
		std::vector<int> numbers = KeyNumbers(table, columns, false);

		if (!numbers.empty())
			trial->keys.push_back({name, std::move(numbers), false});
	};

	for (const plan::KeyDesign &key : table.keys)
		add(key.name, key.columns);
	for (const plan::IndexDesign &index : table.indexes)
		add(index.name, index.columns);
}

} /* namespace */

std::vector<load::Refusal>
Migration::FindTooLong(const plan::TableDesign &table)
{
	load::Trial trial;

	DescribeSizes(table, &trial);
	(void) Try(table, false, &trial);
	trial.refusals.erase(std::remove_if(trial.refusals.begin(), trial.refusals.end(),
										[](const load::Refusal &refusal)
										{ return refusal.what != load::Refusal::What::KeySize; }),
						 trial.refusals.end());
	return std::move(trial.refusals);
}

load::CopyResult
Migration::Try(const plan::TableDesign &table, bool rows_stay, load::Trial *trial)
{
	std::map<std::string, int> numbers;
	const Oid target = table.create ? InvalidOid : static_cast<Oid>(table.existing->oid);

	if (table.create && trial->shape == nullptr)
		DescribeTrial(table, trial);
	for (size_t i = 0; i < table.columns.size() && table.create; i++)
		numbers[table.columns[i].name] = static_cast<int>(i) + 1;

	load::CopyRequest request = RequestOf(table, table.create ? numbers : AttributeNumbers(target));

	request.target = target;
	/* the rules are the owner's code */
	std::optional<pg::ActAsOwner> owner;

	if (!table.create)
		owner.emplace(target);
	trial->rows_stay = rows_stay && !table.create && table.existing->has_rows;
	request.trial = trial;
	return load::CopyTable(request);
}

} /* namespace sqlite_import::migrate */
