/*
 * remote_table.cpp
 *    Joining a foreign table's definition with the SQLite file's own catalog.
 */
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "dialect/declared_type.hpp"
#include "dialect/quote.hpp"
#include "sqlite/catalog.hpp"

#include "pg/errors.hpp"

#include "fdw/connection.hpp"
#include "fdw/options.hpp"
#include "fdw/remote_table.hpp"
#include "fdw/scan_handle.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

using dialect::Affinity;

char *
CopyString(const std::string &text)
{
	const char *bytes = text.c_str();

	return pg::PgCall([bytes] { return pstrdup(bytes); });
}

/* Edits between two names, case aside; enough of Levenshtein's table for short names. */
size_t
Distance(const std::string &left, const std::string &right)
{
	const std::string a = sqlite::fold_name(left);
	const std::string b = sqlite::fold_name(right);
	std::vector<size_t> row(b.size() + 1);

	for (size_t j = 0; j <= b.size(); j++)
		row[j] = j;
	for (size_t i = 1; i <= a.size(); i++)
	{
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.size(); j++)
		{
			const size_t above = row[j];

			row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
			diagonal = above;
		}
	}
	return row[b.size()];
}

/* What a column may hold, given that SQLite has applied the affinity to what was stored. */
Trust
TrustOf(const RemoteColumn &column, Affinity affinity, bool strict)
{
	const bool numeric = affinity == Affinity::Integer || affinity == Affinity::Numeric;

	switch (column.domain)
	{
		case Domain::Integer:
			if (column.type == INT8OID && (column.rowid_alias || (strict && numeric)))
				return Trust::Clean;
			return numeric ? Trust::Tame : Trust::Wild;
		case Domain::Float:
			/* every other affinity lets integers stay that are too long for a double */
			if (affinity != Affinity::Real)
				return Trust::Wild;
			return strict ? Trust::Clean : Trust::Tame;
		case Domain::Text:
			/* not even a STRICT table looks at the bytes of a text */
			return affinity == Affinity::Text ? Trust::Tame : Trust::Wild;
		case Domain::Bytes:
			return strict && affinity == Affinity::Blob ? Trust::Clean : Trust::Wild;
		case Domain::Boolean:
		case Domain::Decimal:
		case Domain::None:
			break;
	}
	return Trust::Wild;
}

/* The file's side of one table or view, while it is being described. */
struct Found
{
	const sqlite::Table *table = nullptr;
	const std::vector<sqlite::Column> *columns = nullptr;
};

Found
FindObject(const sqlite::Catalog &catalog, const std::string &name)
{
	Found found;
	std::vector<std::string> names;

	for (const sqlite::View &view : catalog.views)
	{
		names.push_back(view.name);
		if (!sqlite::names_equal(view.name, name))
			continue;
		if (!view.broken.empty())
			throw pg::Reported(ERRCODE_FDW_TABLE_NOT_FOUND,
							   "SQLite cannot read view \"" + name + "\"", view.broken);
		found.columns = &view.columns;
		return found;
	}
	found.table = catalog.find_table(name);
	if (found.table == nullptr)
	{
		for (const sqlite::Table &table : catalog.tables)
			names.push_back(table.name);
		throw pg::Reported(ERRCODE_FDW_TABLE_NOT_FOUND,
						   "table \"" + name + "\" does not exist in the SQLite database", {},
						   NearNames(name, names));
	}
	if (!found.table->broken.empty())
		throw pg::Reported(ERRCODE_FDW_TABLE_NOT_FOUND, "SQLite cannot read table \"" + name + "\"",
						   found.table->broken);
	found.columns = &found.table->columns;
	return found;
}

void
DescribeColumn(RemoteTable &remote, RemoteColumn &column, const Found &found)
{
	const auto &columns = *found.columns;
	const std::string name = column.name;
	const auto position = std::find_if(columns.begin(), columns.end(),
									   [&name](const sqlite::Column &candidate)
									   { return sqlite::names_equal(candidate.name, name); });

	if (position == columns.end())
	{
		std::vector<std::string> names;

		for (const sqlite::Column &candidate : columns)
			names.push_back(candidate.name);
		throw pg::Reported(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND,
						   "column \"" + name + "\" does not exist in SQLite table \"" +
							   remote.name + "\"",
						   {}, NearNames(name, names));
	}
	const size_t index = static_cast<size_t>(position - columns.begin());
	const bool strict = found.table != nullptr && found.table->strict;
	const Affinity affinity = strict ? dialect::strict_affinity_of(position->declared_type)
									 : dialect::affinity_of(position->declared_type);

	column.affinity = affinity;
	column.binary = position->collation == "BINARY" && !remote.view;
	column.generated = position->kind == sqlite::ColumnKind::GeneratedStored ||
					   position->kind == sqlite::ColumnKind::GeneratedVirtual;
	column.rowid_alias = found.table != nullptr && found.table->rowid_alias == index;
	column.not_null = !remote.view && (position->not_null || column.rowid_alias);
	/* what a view or a virtual table returns has met no affinity */
	column.trust = remote.view ? Trust::Wild : TrustOf(column, affinity, strict);
}

/* The attribute number that stands for a SQLite column; 0 if the foreign table has none. */
AttrNumber
AttributeOf(const RemoteTable &remote, const std::string &name)
{
	for (int i = 0; i < remote.column_count; i++)
		if (!remote.columns[i].dropped && sqlite::names_equal(remote.columns[i].name, name))
			return static_cast<AttrNumber>(i + 1);
	return 0;
}

void
AddKey(RemoteTable &remote, const std::vector<AttrNumber> &columns, bool unique, double rows)
{
	const AttrNumber *source = columns.data();
	const size_t count = columns.size();

	remote.columns[columns[0] - 1].indexed = true;
	pg::PgCall(
		[&remote, source, count, unique, rows]
		{
			RemoteKey *key = (RemoteKey *) palloc(sizeof(RemoteKey));

			key->unique = unique;
			key->count = (int) count;
			key->columns = (AttrNumber *) palloc(count * sizeof(AttrNumber));
			memcpy(key->columns, source, count * sizeof(AttrNumber));
			key->rows = rows;
			remote.keys = lappend(remote.keys, key);
		});
}

/* Rows per value of an index's first column: the second number of its line in sqlite_stat1. */
double
RowsPerValue(sqlite::Database &database, const std::string &table, const std::string &index)
{
	try
	{
		sqlite::Statement statement =
			database.prepare("SELECT stat FROM sqlite_stat1 WHERE tbl = ?1 AND idx = ?2");

		statement.bind_text(1, table);
		statement.bind_text(2, index);
		if (!statement.step())
			return 0;
		const std::string numbers = statement.text(0);
		char *end = nullptr;
		(void) strtod(numbers.c_str(), &end);
		return std::max(0.0, strtod(end, nullptr));
	}
	catch (const sqlite::Error &)
	{
		/* no ANALYZE was ever run: there is no such table */
		return 0;
	}
}

void
DescribeKeys(RemoteTable &remote, const sqlite::Table &table, sqlite::Database &database)
{
	if (table.rowid_alias)
	{
		const AttrNumber attribute = AttributeOf(remote, table.columns[*table.rowid_alias].name);

		if (attribute != 0)
			AddKey(remote, {attribute}, true, 1);
	}
	for (const sqlite::Index &index : table.indexes)
	{
		std::vector<AttrNumber> columns;
		bool whole = true;

		if (index.partial)
			continue;
		for (const sqlite::IndexColumn &column : index.columns)
		{
			const AttrNumber attribute =
				column.name && column.collation == "BINARY" ? AttributeOf(remote, *column.name) : 0;

			whole = whole && attribute != 0;
			if (whole)
				columns.push_back(attribute);
		}
		if (!columns.empty())
			AddKey(remote, columns, index.unique && whole,
				   RowsPerValue(database, table.name, index.name));
	}
}

double
EstimateRows(const RemoteTable &remote, const Found &found, const sqlite::Catalog &catalog,
			 sqlite::Database &database)
{
	const double bytes = static_cast<double>(catalog.page_count * catalog.page_size);
	const double at_most = std::max(1.0, bytes / 8);

	if (found.table == nullptr || found.table->kind == sqlite::TableKind::Virtual)
		return 1000;
	if (found.table->estimated_rows)
		return static_cast<double>(*found.table->estimated_rows);
	if (remote.rowid_name != nullptr)
	{
		const std::string rowid = remote.rowid_name;
		sqlite::Statement statement = database.prepare(
			"SELECT (SELECT min(" + rowid + ") FROM " +
			dialect::quote_sqlite_identifier(remote.name) + "), (SELECT max(" + rowid + ") FROM " +
			dialect::quote_sqlite_identifier(remote.name) + ")");

		if (!statement.step() || statement.is_null(0))
			return 0;
		return std::min(at_most, statement.real(1) - statement.real(0) + 1);
	}
	return std::max(1.0, bytes / (remote.width + 16) /
							 static_cast<double>(std::max<size_t>(1, catalog.tables.size())));
}

/* Built in from 3.38 on, unless it was left out on purpose; a table of that name goes first. */
bool
HasJson(const sqlite::Catalog &catalog)
{
	constexpr const char *kFunction = "json_each";

	return sqlite3_libversion_number() >= 3038000 && sqlite3_compileoption_used("OMIT_JSON") == 0 &&
		   catalog.find_table(kFunction) == nullptr &&
		   std::none_of(catalog.views.begin(), catalog.views.end(),
						[](const sqlite::View &view)
						{ return sqlite::names_equal(view.name, kFunction); });
}

/* The C++ part: everything that needs the file. */
void
DescribeFromFile(RemoteTable &remote)
{
	ReadGuard guard(GetConnection(remote.server));
	Connection &connection = guard.connection();
	const sqlite::Catalog &catalog = connection.catalog();
	const Found found = FindObject(catalog, remote.name);

	remote.view = found.table == nullptr || found.table->kind == sqlite::TableKind::Virtual;
	if (found.table != nullptr && found.table->kind != sqlite::TableKind::Virtual)
	{
		const auto rowid = found.table->rowid_name();

		remote.rowid_name = rowid ? CopyString(*rowid) : nullptr;
	}
	remote.utf16 = catalog.encoding != "UTF-8";
	remote.json = HasJson(catalog);
	for (int i = 0; i < remote.column_count; i++)
		if (!remote.columns[i].dropped)
			DescribeColumn(remote, remote.columns[i], found);
	if (!remote.view)
		DescribeKeys(remote, *found.table, connection.database());
	remote.rows = EstimateRows(remote, found, catalog, connection.database());
	remote.pages =
		std::max(1.0, std::min(static_cast<double>(catalog.page_count * catalog.page_size) / BLCKSZ,
							   remote.rows * (remote.width + 8) / BLCKSZ));
}

} /* namespace */

bool
IsPlainTable(Oid server, const char *table)
{
	ReadGuard guard(GetConnection(server));
	const sqlite::Table *found = guard.connection().catalog().find_table(table);

	return found != nullptr && found->kind != sqlite::TableKind::Virtual;
}

bool
WritesSpread(Oid server, const char *table)
{
	ReadGuard guard(GetConnection(server));
	const sqlite::Catalog &catalog = guard.connection().catalog();
	const auto acts = [](const std::string &action)
	{ return action != "NO ACTION" && action != "RESTRICT"; };
	const sqlite::Table *found = catalog.find_table(table);

	if (found == nullptr || found->kind != sqlite::TableKind::Ordinary)
		return true;
	for (const sqlite::Trigger &trigger : catalog.triggers)
		if (sqlite::names_equal(trigger.table, table))
			return true;
	for (const sqlite::Table &child : catalog.tables)
		for (const sqlite::ForeignKey &key : child.foreign_keys)
			if (sqlite::names_equal(key.parent_table, table) &&
				(acts(key.on_update) || acts(key.on_delete)))
				return true;
	return false;
}

std::string
NearNames(const std::string &wanted, const std::vector<std::string> &names)
{
	std::vector<std::pair<size_t, std::string>> near;
	std::string hint;

	for (const std::string &name : names)
	{
		const size_t distance = Distance(wanted, name);

		if (distance <= std::max<size_t>(2, wanted.size() / 3))
			near.emplace_back(distance, name);
	}
	std::sort(near.begin(), near.end());
	for (size_t i = 0; i < near.size() && i < 5; i++)
		hint += (i > 0 ? ", \"" : "Perhaps you meant \"") + near[i].second + "\"";
	return hint.empty() ? hint : hint + ".";
}

Domain
DomainOfType(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return Domain::Integer;
		case BOOLOID:
			return Domain::Boolean;
		case FLOAT8OID:
			return Domain::Float;
		case NUMERICOID:
			return Domain::Decimal;
		case TEXTOID:
		case VARCHAROID:
			return Domain::Text;
		case BYTEAOID:
			return Domain::Bytes;
		default:
			return Domain::None;
	}
}

RemoteTable *
DescribeRemoteTable(Relation relation)
{
	const Oid oid = RelationGetRelid(relation);
	const TableOptions options = ReadTableOptions(oid);
	TupleDesc descriptor = RelationGetDescr(relation);
	RemoteTable *remote = (RemoteTable *) palloc0(sizeof(RemoteTable));

	remote->relation = oid;
	remote->server = GetForeignTable(oid)->serverid;
	remote->name = options.table;
	remote->updatable = options.updatable;
	remote->truncatable = options.truncatable;
	remote->batch_size = options.batch_size;
	remote->column_count = descriptor->natts;
	remote->columns = (RemoteColumn *) palloc0(sizeof(RemoteColumn) * Max(descriptor->natts, 1));
	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
		RemoteColumn *column = &remote->columns[i];

		column->dropped = attribute->attisdropped;
		if (column->dropped)
			continue;
		const ColumnOptions own = ReadColumnOptions(oid, attribute->attnum, options);
		column->local_name = pstrdup(NameStr(attribute->attname));
		column->name = own.name;
		column->column_type = own.column_type;
		column->timezone = own.timezone;
		column->key = own.key;
		column->on_mismatch_null = own.on_mismatch_null;
		column->type = attribute->atttypid;
		column->typmod = attribute->atttypmod;
		column->collation = attribute->attcollation;
		column->domain = DomainOfType(attribute->atttypid);
		/* digits beyond numeric(p, s) are a mismatch that SQLite cannot be asked about */
		if (column->domain == Domain::Decimal && column->on_mismatch_null)
			column->domain = Domain::None;
		remote->width += get_typavgwidth(attribute->atttypid, attribute->atttypmod);
	}
	pg::PgEntry(
		[remote]
		{
			RetryIfChanged(remote->server,
						   [remote]
						   {
							   remote->keys = NIL;
							   DescribeFromFile(*remote);
						   });
		});
	return remote;
}

const RemoteColumn *
ColumnOf(const RemoteTable *table, AttrNumber attnum)
{
	if (attnum < 1 || attnum > table->column_count || table->columns[attnum - 1].dropped)
		return nullptr;
	return &table->columns[attnum - 1];
}

} /* namespace sqlite_import::fdw */
