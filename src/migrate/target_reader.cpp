/*
 * target_reader.cpp
 *    The target schema, one query per kind of object.
 */
#include <map>
#include <set>
#include <string>

#include "dialect/quote.hpp"
#include "plan/names.hpp"
#include "user_error.hpp"

#include "migrate/target_reader.hpp"
#include "pg/spi.hpp"
#include "pg/table_lock.hpp"

extern "C" {
#include "utils/lsyscache.h"
}

namespace sqlite_import::migrate
{

namespace
{

using dialect::quote_literal;
using dialect::quote_qualified;
using pg::Row;
using pg::SpiQuery;

bool
IsTrue(const std::optional<std::string> &value)
{
	return value == "t";
}

/* A name as the server prints it in expressions. */
std::string
Unquoted(const std::string &printed)
{
	std::string name;

	if (printed.empty() || printed[0] != '"')
		return printed;
	for (size_t i = 1; i + 1 < printed.size(); i++)
	{
		name += printed[i];
		if (printed[i] == '"')
			i++;
	}
	return name;
}

/* The name of the type below a domain, or below domains over domains. */
std::string
BaseType(const std::string &type, const std::string &typmod)
{
	const Oid domain = static_cast<Oid>(std::stoul(type));
	int32 base_typmod = std::stoi(typmod);
	const Oid base = pg::PgCall([&] { return getBaseTypeAndTypmod(domain, &base_typmod); });

	return pg::SpiValue("SELECT pg_catalog.format_type(" + std::to_string(base) + ", " +
						std::to_string(base_typmod) + ")")
		.value_or("");
}

/* Fills the target; tables are found again by their OID. */
class Reader
{
public:
	Reader(const plan::Options &options, const sqlite::Catalog &catalog)
		: options_(options), catalog_(catalog)
	{
	}

	plan::Target
	Read()
	{
		FindSchema();
		ReadRelations();
		ReadColumns();
		ReadPrimaryKeys();
		ReadIndexes();
		ReadForeignKeys();
		if (options_.on_existing == plan::OnExisting::Replace)
		{
			ReadDependents();
			ReadTriggerFunctions();
		}
		ReadWhetherRows();
		return std::move(target_);
	}

private:
	void FindSchema();
	void ReadRelations();
	void ReadColumns();
	void ReadPrimaryKeys();
	void ReadIndexes();
	void ReadForeignKeys();
	void ReadDependents();
	void ReadTriggerFunctions();
	void ReadWhetherRows();
	plan::TargetTable *FindTable(const std::optional<std::string> &oid);

	const plan::Options &options_;
	const sqlite::Catalog &catalog_;
	std::string schema_oid_;
	plan::Target target_;
	std::map<std::string, size_t> positions_;
};

void
Reader::FindSchema()
{
	const std::optional<std::string> oid =
		pg::SpiValue("SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = " +
					 quote_literal(options_.target_schema));

	if (!oid.has_value())
	{
		std::vector<std::string> schemas;

		for (const Row &row : SpiQuery("SELECT nspname FROM pg_catalog.pg_namespace"))
			schemas.push_back(row[0].value_or(""));

		const std::string near = plan::near_names_hint(options_.target_schema, schemas);

		throw UserError(sqlstate::kInvalidSchemaName,
						"schema \"" + options_.target_schema + "\" does not exist", {},
						(near.empty() ? "" : near + " ") + "Make it first: CREATE SCHEMA " +
							dialect::quote_identifier(options_.target_schema) + ";");
	}
	schema_oid_ = *oid;
	target_ = ReadServer(options_.target_schema);
}

plan::TargetTable *
Reader::FindTable(const std::optional<std::string> &oid)
{
	const auto position = positions_.find(oid.value_or(""));

	return position == positions_.end() ? nullptr : &target_.tables[position->second];
}

void
Reader::ReadRelations()
{
	for (const Row &row :
		 SpiQuery("SELECT c.oid, c.relname, c.relkind, pg_catalog.pg_has_role(c.relowner, 'USAGE'),"
				  " pg_catalog.has_any_column_privilege(c.oid, 'SELECT')"
				  " FROM pg_catalog.pg_class c WHERE c.relnamespace = " +
				  schema_oid_ + " ORDER BY c.relname"))
	{
		const char kind = row[2].value_or(" ")[0];

		target_.relation_names.push_back(row[1].value_or(""));
		if (kind != 'r' && kind != 'p' && kind != 'f' && kind != 'v' && kind != 'm')
			continue;

		plan::TargetTable table;

		table.name = row[1].value_or("");
		table.oid = static_cast<uint32_t>(std::stoul(row[0].value_or("0")));
		table.relation_kind = kind;
		table.owned = IsTrue(row[3]);
		table.readable = IsTrue(row[4]);
		positions_[row[0].value_or("")] = target_.tables.size();
		target_.tables.push_back(std::move(table));
	}
}

void
Reader::ReadColumns()
{
	for (const Row &row :
		 SpiQuery("SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),"
				  " a.attnotnull, a.attgenerated <> '', a.atthasdef OR a.attidentity <> '',"
				  " a.attidentity <> '' OR pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE"
				  " 'nextval(%', t.typtype = 'd', a.atttypid, a.atttypmod"
				  " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
				  " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
				  " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid"
				  " AND d.adnum = a.attnum"
				  " WHERE c.relnamespace = " +
				  schema_oid_ +
				  " AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND a.attnum > 0"
				  " AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum"))
	{
		plan::TargetColumn column;

		column.name = row[1].value_or("");
		column.type = row[2].value_or("");
		if (IsTrue(row[7]))
			column.base_type = BaseType(row[8].value_or("0"), row[9].value_or("-1"));
		column.not_null = IsTrue(row[3]);
		column.generated = IsTrue(row[4]);
		column.has_default = IsTrue(row[5]);
		column.has_sequence = IsTrue(row[6]);
		FindTable(row[0])->columns.push_back(std::move(column));
	}
}

void
Reader::ReadPrimaryKeys()
{
	for (const Row &row : SpiQuery(
			 "SELECT k.conrelid, a.attname FROM pg_catalog.pg_constraint k"
			 " CROSS JOIN LATERAL pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u(attnum, ord)"
			 " JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum"
			 " WHERE k.contype = 'p' AND k.connamespace = " +
			 schema_oid_ + " ORDER BY k.conrelid, u.ord"))
	{
		plan::TargetTable *table = FindTable(row[0]);

		if (table != nullptr)
			table->primary_key.push_back(row[1].value_or(""));
	}
}

void
Reader::ReadIndexes()
{
	std::string last_index;

	for (const Row &row :
		 SpiQuery("SELECT i.indrelid, i.indexrelid, i.indisunique, a.attname,"
				  " CASE WHEN a.attname IS NULL THEN pg_catalog.substring("
				  "pg_catalog.pg_get_indexdef(i.indexrelid, k.n, true),"
				  " '^lower\\(\\(*(\"(?:[^\"]|\"\")+\"|[a-z0-9_]+)') END"
				  " FROM pg_catalog.pg_index i"
				  " JOIN pg_catalog.pg_class c ON c.oid = i.indrelid"
				  " JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
				  " JOIN pg_catalog.pg_am m ON m.oid = x.relam"
				  " CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts) AS k(n)"
				  " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid"
				  " AND a.attnum = i.indkey[k.n - 1] AND a.attnum > 0"
				  " WHERE i.indisvalid AND i.indpred IS NULL AND m.amname IN ('btree', 'hash')"
				  " AND c.relnamespace = " +
				  schema_oid_ + " ORDER BY i.indexrelid, k.n"))
	{
		plan::TargetTable *table = FindTable(row[0]);

		if (table == nullptr)
			continue;
		if (row[1].value_or("") != last_index)
			table->indexes.push_back({IsTrue(row[2]), {}});
		last_index = row[1].value_or("");
		table->indexes.back().columns.push_back(
			{row[3].value_or(Unquoted(row[4].value_or(""))), row[4].has_value()});
	}
}

void
Reader::ReadForeignKeys()
{
	for (const Row &row :
		 SpiQuery("SELECT k.conrelid, k.confrelid, k.conname, k.condeferrable,"
				  " pn.nspname, p.relname, cn.nspname, c.relname"
				  " FROM pg_catalog.pg_constraint k"
				  " JOIN pg_catalog.pg_class c ON c.oid = k.conrelid"
				  " JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace"
				  " JOIN pg_catalog.pg_class p ON p.oid = k.confrelid"
				  " JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace"
				  " WHERE k.contype = 'f' AND " +
				  schema_oid_ + " IN (c.relnamespace, p.relnamespace) ORDER BY k.conname"))
	{
		plan::TargetTable *child = FindTable(row[0]);
		plan::TargetTable *parent = FindTable(row[1]);

		if (child != nullptr)
			child->foreign_keys.push_back(
				{row[2].value_or(""), row[4].value_or(""), row[5].value_or(""), IsTrue(row[3])});
		if (parent != nullptr)
			parent->referencing_tables.push_back(
				quote_qualified(row[6].value_or(""), row[7].value_or("")));
	}
}

/* Indexes, sequences of columns, views over views, tables that inherit. */
void
Reader::ReadDependents()
{
	for (const Row &row : SpiQuery(
			 "WITH RECURSIVE needs (what, who) AS ("
			 "SELECT i.indrelid, i.indexrelid FROM pg_catalog.pg_index i"
			 " UNION ALL SELECT d.refobjid, d.objid FROM pg_catalog.pg_depend d"
			 " WHERE d.classid = 'pg_catalog.pg_class'::regclass"
			 " AND d.refclassid = 'pg_catalog.pg_class'::regclass"
			 " UNION ALL SELECT d.refobjid, r.ev_class FROM pg_catalog.pg_depend d"
			 " JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid"
			 " WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass"
			 " AND d.refclassid = 'pg_catalog.pg_class'::regclass),"
			 " goes (root, who) AS ("
			 "SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'f')"
			 " AND c.relnamespace = " +
			 schema_oid_ +
			 " UNION SELECT g.root, n.who FROM goes g JOIN needs n ON n.what = g.who)"
			 " SELECT g.root, c.oid, c.relname FROM goes g"
			 " JOIN pg_catalog.pg_class c ON c.oid = g.who AND c.oid <> g.root"
			 " WHERE c.relnamespace = " +
			 schema_oid_ + " ORDER BY 1, 2"))
	{
		plan::TargetTable *table = FindTable(row[0]);

		if (table != nullptr)
			table->dependents.push_back(
				{static_cast<uint32_t>(std::stoul(row[1].value_or("0"))), row[2].value_or("")});
	}
}

/*
 * The current user's own alone: a function that another role owns would stay that
 * role's to change, and run with the rights of whoever writes to our table.
 */
void
Reader::ReadTriggerFunctions()
{
	std::string last_function;

	for (const Row &row :
		 SpiQuery("SELECT p.oid, p.proname, t.tgrelid FROM pg_catalog.pg_proc p"
				  " JOIN pg_catalog.pg_trigger t ON t.tgfoid = p.oid"
				  " JOIN pg_catalog.pg_roles r ON r.oid = p.proowner AND r.rolname = CURRENT_USER"
				  " WHERE p.pronargs = 0 AND p.pronamespace = " +
				  schema_oid_ + " ORDER BY p.oid, t.tgrelid"))
	{
		if (row[0].value_or("") != last_function)
			target_.trigger_functions.push_back({row[1].value_or(""), {}});
		last_function = row[0].value_or("");
		target_.trigger_functions.back().tables.push_back(
			static_cast<uint32_t>(std::stoul(row[2].value_or("0"))));
	}
}

void
Reader::ReadWhetherRows()
{
	std::set<std::string> wanted;

	for (const sqlite::Table &table : catalog_.tables)
	{
		wanted.insert(sqlite::fold_name(table.name));
		wanted.insert(sqlite::fold_name(plan::target_name(table.name, options_.identifiers)));
	}
	for (plan::TargetTable &table : target_.tables)
	{
		const bool holds_rows_itself =
			table.relation_kind == 'r' || table.relation_kind == 'p' || table.relation_kind == 'f';

		if (!holds_rows_itself || !table.readable ||
			wanted.count(sqlite::fold_name(table.name)) == 0)
			continue;
		pg::LockTable(table.oid);
		table.has_rows = pg::SpiValue("SELECT true FROM " +
										  quote_qualified(target_.schema, table.name) + " LIMIT 1",
									  pg::Names::Callers)
							 .has_value();
	}
}

} /* namespace */

plan::Target
ReadServer(const std::string &schema)
{
	plan::Target target;
	const std::vector<Row> database = SpiQuery(
		"SELECT datcollate IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8') AND datlocprovider = 'c',"
		" pg_catalog.current_setting('server_version_num')::int / 10000"
		" FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()");

	target.schema = schema;
	target.has_icu =
		pg::SpiValue("SELECT true FROM pg_catalog.pg_collation WHERE collprovider = 'i' LIMIT 1")
			.has_value();
	target.binary_collation = IsTrue(database[0][0]);
	target.server_major = std::stoi(database[0][1].value_or("15"));
	return target;
}

plan::Target
ReadTarget(const plan::Options &options, const sqlite::Catalog &catalog)
{
	return Reader(options, catalog).Read();
}

} /* namespace sqlite_import::migrate */
