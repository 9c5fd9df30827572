/*
 * index_sizes.cpp
 *    Keys and indexes whose values are longer than an entry of a b-tree may be.
 *
 * PostgreSQL compresses entries, so only it can tell whether one is too long: an
 * index is made in a subtransaction.  One that cannot be is left out of the run if
 * it only makes queries fast, and ends the run if it makes keys unique; that is
 * looked for before the load, where the source has candidates.  The rows are found
 * by a trial of the load (load/trial.hpp), since the target has no rowids.
 */
#include <algorithm>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "user_error.hpp"

#include "migrate/migration.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "utils/errcodes.h"
}

namespace sqlite_import::migrate
{

namespace
{

/*
 * Bytes of a key in the source above which its entry in the target may be too
 * long: the limit is 2,704 with PostgreSQL's usual pages, and what is stored may be
 * somewhat longer than in SQLite (UTF-8 for UTF-16, jsonb for text).
 */
constexpr int kSuspicious = 900;

bool
HoldsLongValues(dialect::TypeKind kind) noexcept
{
	switch (kind)
	{
		case dialect::TypeKind::Bool:
		case dialect::TypeKind::Int2:
		case dialect::TypeKind::Int4:
		case dialect::TypeKind::Int8:
		case dialect::TypeKind::Float4:
		case dialect::TypeKind::Float8:
		case dialect::TypeKind::Date:
		case dialect::TypeKind::Time:
		case dialect::TypeKind::TimeTz:
		case dialect::TypeKind::Timestamp:
		case dialect::TypeKind::TimestampTz:
		case dialect::TypeKind::Interval:
		case dialect::TypeKind::Uuid:
		case dialect::TypeKind::Macaddr:
		case dialect::TypeKind::Macaddr8:
		case dialect::TypeKind::Inet:
		case dialect::TypeKind::Cidr:
			return false;
		case dialect::TypeKind::Untyped:
		case dialect::TypeKind::Numeric:
		case dialect::TypeKind::Text:
		case dialect::TypeKind::Varchar:
		case dialect::TypeKind::Bytea:
		case dialect::TypeKind::Json:
		case dialect::TypeKind::Jsonb:
		case dialect::TypeKind::Xml:
			return true;
	}
	return true;
}

/* In SQLite, how long the values of a key are together; empty: they cannot be long. */
std::string
LengthOf(const plan::TableDesign &table, const std::vector<std::string> &columns)
{
	std::string sum;

	for (const std::string &name : columns)
		for (const plan::ColumnDesign &column : table.columns)
			if (column.name == name && column.loaded && HoldsLongValues(column.type.kind))
				sum += (sum.empty() ? "" : " + ") + std::string("coalesce(length(CAST(") +
					   dialect::quote_sqlite_identifier(column.source->name) + " AS BLOB)), 0)";
	return sum;
}

/* Whether a unique key of the table may have values that are too long.  Reads no more than
 * SQLite's own index of the key. */
bool
MayBeTooLong(const sqlite::Database &database, const plan::TableDesign &table)
{
	std::vector<std::string> lengths;

	for (const plan::KeyDesign &key : table.keys)
		lengths.push_back(LengthOf(table, key.columns));
	for (const plan::IndexDesign &index : table.indexes)
		if (index.unique)
			lengths.push_back(LengthOf(table, index.columns));
	try
	{
		return std::any_of(lengths.begin(), lengths.end(),
						   [&](const std::string &length)
						   {
							   return !length.empty() &&
									  database.query_integer(
										  "SELECT EXISTS (SELECT 1 FROM " +
										  dialect::quote_sqlite_identifier(table.source->name) +
										  " WHERE " + length + " > " + std::to_string(kSuspicious) +
										  ")") != 0;
						   });
	}
	catch (const sqlite::Error &)
	{
		return false; /* damage is the load's to tell */
	}
}

std::string
Rows(const load::Refusal &refusal)
{
	std::string list;

	for (const int64_t rowid : refusal.rowids)
		list += (list.empty() ? "" : ", ") + std::to_string(rowid);
	return std::to_string(refusal.count) + (refusal.count == 1 ? " row" : " rows") +
		   (list.empty()
				? ""
				: (refusal.count == 1 ? " (rowid " : " (rowids ") + list +
					  (static_cast<size_t>(refusal.count) > refusal.rowids.size() ? ", ...)"
																				  : ")"));
}

/* A key that cannot be made.  'left_out_by': what exclude calls it. */
[[noreturn]] void
ThrowTooLong(const std::string &object, const plan::TableDesign &table, const std::string &found,
			 const std::string &left_out_by)
{
	throw UserError("54000",
					"values of the SQLite table \"" + table.source->name + "\" are too long for " +
						object,
					found,
					"Shorten the values in SQLite" +
						(left_out_by.empty()
							 ? std::string()
							 : ", or leave the index out with exclude => '{" + left_out_by + "}'") +
						"; a unique index over a hash of the value can take its place.");
}

const load::Refusal *
FindRefusal(const std::vector<load::Refusal> &refusals, const std::string &object)
{
	const auto found =
		std::find_if(refusals.begin(), refusals.end(),
					 [&](const load::Refusal &refusal) { return refusal.object == object; });

	return found == refusals.end() ? nullptr : &*found;
}

std::string
Explained(const load::Refusal &refusal)
{
	return Rows(refusal) + ": " + refusal.message + ".";
}

/* A hash index has one column, and takes values of any length. */
std::string
HashInstead(const plan::Design &design, const plan::TableDesign &table,
			const plan::IndexDesign &index)
{
	if (index.columns.size() != 1 || index.columns[0].empty())
		return "";
	return "; for comparisons with = this one serves: CREATE INDEX " +
		   dialect::quote_identifier(index.name) + " ON " +
		   dialect::quote_qualified(design.schema, table.name) + " USING hash (" +
		   dialect::quote_identifier(index.columns[0]) + ")";
}

} /* namespace */

/* Before the load, since nothing is gained by loading what cannot be kept. */
void
Migration::CheckKeySizes()
{
	for (const plan::TableDesign &table : design_.tables)
	{
		if (!table.create || !options_.rows || !MayBeTooLong(source_->database(), table))
			continue;
		const std::vector<load::Refusal> refusals = FindTooLong(table);

		for (const plan::KeyDesign &key : table.keys)
			if (const load::Refusal *const refusal = FindRefusal(refusals, key.name))
				ThrowTooLong(std::string(key.primary ? "primary key " : "unique ") +
								 key.source_name,
							 table, Explained(*refusal), key.source_index);
		for (const plan::IndexDesign &index : table.indexes)
			if (index.unique)
				if (const load::Refusal *const refusal = FindRefusal(refusals, index.name))
					ThrowTooLong("index " + index.source_name, table, Explained(*refusal),
								 index.source_name);
	}
}

/* A key or an index.  Throws PgError for whatever is not about the length of values. */
void
Migration::BuildIndex(const plan::Step &step, ReportRow &row)
{
	ErrorData *const error = pg::SpiTry(step.statement);

	if (error == nullptr)
		return;
	if (error->sqlerrcode != ERRCODE_PROGRAM_LIMIT_EXCEEDED || !options_.rows)
		throw pg::PgError(error);
	LeaveOut(step, *error, row);
}

void
Migration::LeaveOut(const plan::Step &step, const ErrorData &error, ReportRow &row)
{
	const plan::TableDesign &table = design_.tables[static_cast<size_t>(step.table)];
	const auto part = static_cast<size_t>(step.part);
	const bool constraint = step.phase == plan::Phase::Key;
	const std::string name = constraint ? table.keys[part].name : table.indexes[part].name;
	const std::vector<load::Refusal> refusals = FindTooLong(table);
	const load::Refusal *const refusal = FindRefusal(refusals, name);
	const std::string found =
		refusal != nullptr
			? Explained(*refusal)
			: "PostgreSQL refuses it: " +
				  std::string(error.message == nullptr ? "unknown error" : error.message) + ".";

	if (constraint)
		ThrowTooLong(step.object_type + " " + step.object_name, table, found,
					 table.keys[part].source_index);

	const plan::IndexDesign &index = table.indexes[part];

	if (index.unique)
		ThrowTooLong("index " + index.source_name, table, found,
					 index.source_sql.empty() ? std::string() : index.source_name);
	row.action = "left out";
	row.note = found.substr(0, found.size() - 1) + HashInstead(design_, table, index) +
			   (index.source_sql.empty() ? "" : "; " + index.source_sql);
}

} /* namespace sqlite_import::migrate */
