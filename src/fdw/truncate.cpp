/*
 * truncate.cpp
 *    TRUNCATE, within the transaction as everything else.
 *
 * SQLite has DELETE only, and its foreign keys would do what their actions say.
 * TRUNCATE means something else: RESTRICT refuses while another table refers to
 * this one, CASCADE empties that one too.
 */
#include <sqlite3.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "sqlite/catalog.hpp"

#include "pg/errors.hpp"

#include "fdw/connection.hpp"
#include "fdw/kept_rows.hpp"
#include "fdw/modify.hpp"
#include "fdw/options.hpp"

extern "C" {
#include "foreign/foreign.h"
#include "utils/rel.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

bool
Contains(const std::vector<std::string> &names, const std::string &name)
{
	return std::any_of(names.begin(), names.end(),
					   [&name](const std::string &candidate)
					   { return sqlite::names_equal(candidate, name); });
}

/* A table that refers to one in the list and is not in it; null if there is none. */
const sqlite::Table *
NextReferrer(const sqlite::Catalog &catalog, const std::vector<std::string> &names,
			 std::string *parent)
{
	for (const sqlite::Table &table : catalog.tables)
		for (const sqlite::ForeignKey &key : table.foreign_keys)
			if (Contains(names, key.parent_table) && !Contains(names, table.name))
			{
				*parent = key.parent_table;
				return &table;
			}
	return nullptr;
}

void
Truncate(Oid server, std::vector<std::string> names, bool cascade, bool restart_sequences)
{
	const std::shared_ptr<Connection> connection = GetConnectionForWriting(server);
	sqlite::Database &database = connection->database();
	pg::PgCall([server] { BeforeFirstWrite(nullptr, server, nullptr); });
	const sqlite::Catalog &catalog = connection->catalog();
	std::string parent;

	while (const sqlite::Table *referrer = NextReferrer(catalog, names, &parent))
	{
		if (!cascade)
			throw pg::Reported(ERRCODE_FEATURE_NOT_SUPPORTED,
							   "cannot truncate a table referenced in a foreign key constraint",
							   "SQLite table \"" + referrer->name + "\" references \"" + parent +
								   "\".",
							   "Truncate it at the same time, or use TRUNCATE ... CASCADE.");
		names.push_back(referrer->name);
	}
	/* whatever the order, the keys are in order again when all are empty */
	database.execute("PRAGMA defer_foreign_keys = 1");
	for (const std::string &name : names)
	{
		const sqlite::Table *table = catalog.find_table(name);

		database.execute("DELETE FROM " + dialect::quote_sqlite_identifier(name));
		if (restart_sequences && table != nullptr && table->autoincrement)
			database.execute("DELETE FROM sqlite_sequence WHERE name = " +
							 dialect::quote_sqlite_literal(table->name));
	}
}

} /* namespace */

void
ExecForeignTruncate(List *relations, DropBehavior behavior, bool restart_sequences)
{
	const Oid server = GetForeignTable(RelationGetRelid((Relation) linitial(relations)))->serverid;
	ListCell *cell;

	foreach (cell, relations)
	{
		const TableOptions options = ReadTableOptions(RelationGetRelid((Relation) lfirst(cell)));

		if (!options.truncatable || !options.updatable)
			ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
							errmsg("foreign table \"%s\" does not allow truncates",
								   RelationGetRelationName((Relation) lfirst(cell))),
							errhint("Set the options \"updatable\" and \"truncatable\".")));
	}
	pg::PgEntry(
		[=]
		{
			std::vector<std::string> names;

			for (int i = 0; i < list_length(relations); i++)
			{
				const Oid oid = RelationGetRelid((Relation) list_nth(relations, i));

				names.emplace_back(pg::PgCall([oid] { return ReadTableOptions(oid).table; }));
			}
			Truncate(server, std::move(names), behavior == DROP_CASCADE, restart_sequences);
		});
}

} /* namespace sqlite_import::fdw */
