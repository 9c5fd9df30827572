/*
 * assess_run.cpp
 *    What stops a run whatever the rows are: rights that the role lacks, and the
 *    locks of a transaction that makes or fills very many tables.
 */
#include <string>

#include "dialect/quote.hpp"

#include "migrate/findings.hpp"
#include "migrate/migration.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "access/twophase.h"
#include "miscadmin.h"
#include "storage/lock.h"
}

namespace sqlite_import::migrate
{

namespace
{

using dialect::quote_literal;

void
CheckSchemaRights(Assessment &assessment, const plan::Design &design)
{
	bool creates = false;

	for (const plan::TableDesign &table : design.tables)
		creates = creates || table.create;
	if (!creates || pg::SpiValue("SELECT pg_catalog.has_schema_privilege(oid, 'CREATE') FROM "
								 "pg_catalog.pg_namespace WHERE nspname = " +
								 quote_literal(design.schema))
							.value_or("t") == "t")
		return;
	assessment.Add(MakeFinding(Severity::Error, "schema", design.schema, {},
							   "the role may not create tables in the schema",
							   "GRANT CREATE ON SCHEMA " +
								   dialect::quote_identifier(design.schema) + " TO ..."));
}

/* The rights to write to the tables that are there, of their columns at least. */
void
CheckTableRights(Assessment &assessment, const plan::Design &design)
{
	for (const plan::TableDesign &table : design.tables)
	{
		if (table.create)
			continue;
		const std::string oid = std::to_string(table.existing->oid);
		const std::string needed =
			"pg_catalog.has_any_column_privilege(" + oid + ", 'INSERT')" +
			(table.upsert ? " AND pg_catalog.has_any_column_privilege(" + oid + ", 'UPDATE')"
						  : "") +
			(table.truncate ? " AND pg_catalog.has_table_privilege(" + oid + ", 'TRUNCATE')" : "");

		if (pg::SpiValue("SELECT " + needed).value_or("t") != "t")
			assessment.Add(MakeFinding(
				Severity::Error, "table", table.source->name, {},
				"the role may not " + std::string(table.truncate ? "empty and fill" : "fill") +
					" the target table " + dialect::quote_qualified(design.schema, table.name),
				table.truncate ? "GRANT INSERT, TRUNCATE ON ... TO ..."
							   : "GRANT INSERT ON ... TO ..."));
	}
}

/* What the transaction locks to make and fill a table: itself and its row type, its TOAST table
 * with its index, its sequence, its indexes, its constraints. */
int64_t
LocksOf(const plan::TableDesign &table)
{
	bool toasted = false;
	int64_t locks = 2;

	if (!table.create)
		return locks + static_cast<int64_t>(table.existing->indexes.size());
	for (const plan::ColumnDesign &column : table.columns)
	{
		switch (column.type.kind)
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
				break;
			case dialect::TypeKind::Untyped:
			case dialect::TypeKind::Numeric:
			case dialect::TypeKind::Text:
			case dialect::TypeKind::Varchar:
			case dialect::TypeKind::Bytea:
			case dialect::TypeKind::Json:
			case dialect::TypeKind::Jsonb:
			case dialect::TypeKind::Xml:
			case dialect::TypeKind::Inet:
			case dialect::TypeKind::Cidr:
				toasted = true;
				break;
		}
		locks += column.identity ? 1 : 0;
	}
	return locks + (toasted ? 2 : 0) + 2 * static_cast<int64_t>(table.keys.size()) +
		   static_cast<int64_t>(table.indexes.size() + table.foreign_keys.size());
}

/*
 * Locks are kept until the end of the transaction, in shared memory that holds
 * max_locks_per_transaction for each session and prepared transaction
 * (documentation: 20.12).
 */
void
CheckLocks(Assessment &assessment, const plan::Design &design)
{
	const auto room = static_cast<int64_t>(max_locks_per_xact) * (MaxBackends + max_prepared_xacts);
	const int64_t taken = std::stoll(
		pg::SpiValue("SELECT pg_catalog.count(DISTINCT (locktype, database, relation, page, tuple, "
					 "virtualxid, transactionid::pg_catalog.text, classid, objid, objsubid)) "
					 "FROM pg_catalog.pg_locks WHERE NOT fastpath")
			.value_or("0"));
	int64_t needed = 0;

	for (const plan::TableDesign &table : design.tables)
		needed += LocksOf(table);
	if (needed + taken <= room)
		return;
	const int64_t wanted = (needed + taken) / (MaxBackends + max_prepared_xacts) + 1;
	/* shared memory that nothing else has taken serves for some more */
	const bool surely = needed + taken > room + room / 2;
	Finding finding = MakeFinding(
		surely ? Severity::Error : Severity::Warning, "migration", assessment.options.source, {},
		"one transaction would lock about " + std::to_string(needed) +
			" objects, and the server has room for about " + std::to_string(room) +
			" locks: \"out of shared memory\" (53200) " + (surely ? "would" : "may") + " stop it",
		"max_locks_per_transaction = " + std::to_string(wanted + wanted / 10) +
			" and a restart of the server, or several calls with tables => '{...}', "
			"each in a transaction of its own");

	assessment.Add(std::move(finding));
}

} /* namespace */

void
AssessRun(Assessment &assessment, const Migration &migration)
{
	CheckSchemaRights(assessment, migration.design());
	CheckTableRights(assessment, migration.design());
	CheckLocks(assessment, migration.design());
}

} /* namespace sqlite_import::migrate */
