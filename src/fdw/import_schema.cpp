/*
 * import_schema.cpp
 *    IMPORT FOREIGN SCHEMA.
 *
 * The server runs the statements that we return, and one that fails takes all
 * others with it.  So what PostgreSQL would refuse is found here: a table that
 * cannot be had is left out with a WARNING, a column name that cannot be had is
 * changed, and the types are our own.
 */
#include <sqlite3.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dialect/declared_type.hpp"
#include "dialect/parse.hpp"
#include "dialect/quote.hpp"
#include "dialect/translate.hpp"
#include "sqlite/catalog.hpp"

#include "pg/encoding.hpp"
#include "pg/errors.hpp"

#include "fdw/connection.hpp"
#include "fdw/import_schema.hpp"
#include "fdw/options.hpp"
#include "fdw/remote_table.hpp"
#include "fdw/scan_handle.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/heap.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

using dialect::quote_identifier;
using dialect::quote_literal;
using dialect::TypeKind;

/* A table or a view, to be imported under a name. */
struct Object
{
	std::string name; /* SQLite's */
	std::string local_name;
	const std::vector<sqlite::Column> *columns;
	const sqlite::Table *table; /* null: a view */
};

void
Warn(const std::string &message, const std::string &detail)
{
	const char *const text = message.c_str();
	const char *const more = detail.c_str();

	pg::PgCall(
		[text, more]
		{
			ereport(WARNING, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
							  errmsg("%s", pg::ToReadableEncoding(text)),
							  errdetail("%s", pg::ToReadableEncoding(more))));
		});
}

bool
IsWellEncoded(const std::string &name)
{
	return pg_encoding_verifymbstr(PG_UTF8, name.data(), static_cast<int>(name.size())) ==
			   static_cast<int>(name.size()) &&
		   name.find('\0') == std::string::npos;
}

/* The name cut as the server would cut it, so that collisions are seen. */
std::string
Truncated(const std::string &name)
{
	const int length = static_cast<int>(name.size());

	if (length < NAMEDATALEN)
		return name;
	return name.substr(0, pg_encoding_mbcliplen(PG_UTF8, name.data(), length, NAMEDATALEN - 1));
}

std::string
WithSuffix(const std::string &name, const std::string &suffix)
{
	return Truncated(name).substr(0, NAMEDATALEN - 1 - suffix.size()) + suffix;
}

/* A column name that PostgreSQL takes and that is not taken yet. */
std::string
LocalColumnName(const std::string &name, size_t position, std::set<std::string> &taken)
{
	const std::string base =
		name.empty() || !IsWellEncoded(name) ? "column_" + std::to_string(position + 1) : name;
	std::string local = Truncated(base);

	if (SystemAttributeByName(local.c_str()) != nullptr)
		local += "_";
	for (int number = 2; !taken.insert(local).second; number++)
		local = WithSuffix(base, "_" + std::to_string(number));
	return local;
}

/* The storage classes among the first rows, as "integer,text", NULLs aside. */
std::string
SampledClasses(sqlite::Database &database, const Object &object, const std::string &column)
{
	const std::string quoted = dialect::quote_sqlite_identifier(column);

	try
	{
		sqlite::Statement statement = database.prepare(
			"SELECT group_concat(class) FROM (SELECT DISTINCT typeof(value) AS class FROM (SELECT " +
			quoted + " AS value FROM " + dialect::quote_sqlite_identifier(object.name) +
			" LIMIT 10000) WHERE value IS NOT NULL ORDER BY 1)");

		return statement.step() ? statement.text(0) : std::string();
	}
	catch (const sqlite::Error &error)
	{
		/* a view may fail on some row; it is the scan that reports it */
		if ((error.code() & 0xff) == SQLITE_INTERRUPT)
			throw;
		return {};
	}
}

/* The type that suits what was sampled. */
std::string
TypeOfClasses(const std::string &classes, const std::string &otherwise)
{
	if (classes == "integer")
		return "bigint";
	if (classes == "real" || classes == "integer,real")
		return "double precision";
	if (classes == "blob")
		return "bytea";
	return classes.empty() ? otherwise : "text";
}

/* True if a column of that kind takes values of these classes. */
bool
Holds(TypeKind kind, const std::string &classes)
{
	const auto has = [&classes](const char *name)
	{ return classes.find(name) != std::string::npos; };

	switch (kind)
	{
		case TypeKind::Int8:
			return !has("text") && !has("blob") && !has("real");
		case TypeKind::Numeric:
		case TypeKind::Float8:
			return !has("text") && !has("blob");
		case TypeKind::Bytea:
			return classes.empty() || classes == "blob";
		default:
			return true;
	}
}

bool
IsMoment(TypeKind kind)
{
	return kind == TypeKind::Date || kind == TypeKind::Time || kind == TypeKind::TimeTz ||
		   kind == TypeKind::Timestamp || kind == TypeKind::TimestampTz;
}

/*
 * The column's type.  Lengths and precisions are left off: SQLite enforces none,
 * and a foreign table that cannot be read helps nobody.  Where the declaration
 * says nothing, or nothing that is known (geography), or says date while numbers
 * are stored, the values decide.
 */
std::string
TypeOf(sqlite::Database &database, const Object &object, const sqlite::Column &column,
	   TypeKind *kind)
{
	const dialect::ResolvedType resolved = dialect::resolve_declared_type(column.declared_type);

	*kind = resolved.kind == TypeKind::Varchar ? TypeKind::Text : resolved.kind;
	if (resolved.kind == TypeKind::Untyped)
		return TypeOfClasses(SampledClasses(database, object, column.name), "text");
	if (IsMoment(resolved.kind))
	{
		const std::string classes = SampledClasses(database, object, column.name);

		if (!classes.empty() && classes != "text")
			return TypeOfClasses(classes, "text");
	}
	if (resolved.rule == dialect::resolve_by_affinity(column.declared_type).rule)
	{
		/* a name that nobody knows: its affinity says what SQLite prefers, not what is there */
		const std::string classes = SampledClasses(database, object, column.name);

		if (!Holds(resolved.kind, classes))
			return TypeOfClasses(classes, "text");
	}
	return std::string(dialect::kind_name(*kind));
}

/* What follows DEFAULT; empty if SQLite's expression has no exact translation. */
std::string
DefaultOf(const sqlite::Column &column, TypeKind kind, const std::string &type)
{
	dialect::ColumnInfo info;

	if (!column.default_sql || dialect::kind_of_pg_type(type) != kind)
		return {};
	info.name = info.target = column.name;
	info.kind = kind;
	info.pg_type = type;
	info.affinity = dialect::affinity_of(column.declared_type);
	try
	{
		const dialect::Translation translation =
			dialect::translate_default(*dialect::parse_default(*column.default_sql), info);

		return translation.ok ? translation.sql : std::string();
	}
	catch (const dialect::ParseError &)
	{
		return {};
	}
}

/* One column of CREATE FOREIGN TABLE. */
std::string
ColumnDefinition(sqlite::Database &database, const Object &object, const sqlite::Column &column,
				 const std::string &local_name, const ImportOptions &options)
{
	TypeKind kind = TypeKind::Untyped;
	const std::string type = TypeOf(database, object, column, &kind);
	std::string definition = quote_identifier(local_name) + " " + type;
	std::string given;

	if (local_name != column.name)
		given = "column_name " + quote_literal(column.name);
	if (column.primary_key_ordinal > 0)
		given += std::string(given.empty() ? "" : ", ") + "key 'true'";
	if (!given.empty())
		definition += " OPTIONS (" + given + ")";
	const bool is_rowid = object.table != nullptr && object.table->rowid_alias &&
						  &(*object.columns)[*object.table->rowid_alias] == &column;
	/* a NULL for the rowid makes SQLite choose one: INSERT must be able to leave it out */
	if (options.not_null && column.not_null && !is_rowid)
		definition += " NOT NULL";
	if (options.defaults)
	{
		const std::string value = DefaultOf(column, kind, type);

		if (!value.empty())
			definition += " DEFAULT " + value;
	}
	return definition;
}

/* The whole statement; empty, after a warning, if the object cannot be had. */
std::string
Definition(sqlite::Database &database, const Object &object, const std::string &server,
		   const std::string &schema, const ImportOptions &options)
{
	std::set<std::string> taken;
	std::string columns;

	for (size_t i = 0; i < object.columns->size(); i++)
	{
		const sqlite::Column &column = (*object.columns)[i];
		const bool generated = column.kind == sqlite::ColumnKind::GeneratedStored ||
							   column.kind == sqlite::ColumnKind::GeneratedVirtual;

		if (column.kind == sqlite::ColumnKind::HiddenInVirtualTable ||
			(generated && !options.generated))
			continue;
		if (!IsWellEncoded(column.name))
		{
			Warn("skipping column " + std::to_string(i + 1) + " of SQLite table \"" + object.name +
					 "\"",
				 "Its name is not valid UTF-8.");
			continue;
		}
		const std::string local_name = LocalColumnName(column.name, i, taken);
		columns += (columns.empty() ? "\n    " : ",\n    ") +
				   ColumnDefinition(database, object, column, local_name, options);
	}
	if (taken.size() > MaxHeapAttributeNumber)
	{
		Warn("skipping SQLite table \"" + object.name + "\"",
			 "It has " + std::to_string(taken.size()) + " columns, and tables can have at most " +
				 std::to_string(MaxHeapAttributeNumber) + ".");
		return {};
	}
	return "CREATE FOREIGN TABLE IF NOT EXISTS " + quote_identifier(schema) + "." +
		   quote_identifier(object.local_name) + " (" + columns + "\n) SERVER " +
		   quote_identifier(server) + " OPTIONS (\"table\" " + quote_literal(object.name) + ")";
}

/* What the statement asks for, as names. */
struct Wish
{
	ImportForeignSchemaType kind;
	std::vector<std::string> names;
	std::string server;
	std::string schema;
	Oid server_oid;
};

/* The name as it stands in the list, case aside; null if it is not there. */
const std::string *
Listed(const Wish &wish, const std::string &name)
{
	for (const std::string &listed : wish.names)
		if (sqlite::names_equal(listed, name) || sqlite::names_equal(listed, Truncated(name)))
			return &listed;
	return nullptr;
}

/* True, with the local name set, if the object is wanted and can be had. */
bool
IsWanted(const Wish &wish, const std::string &broken, const char *what, Object *object,
		 std::set<std::string> &taken)
{
	const std::string *listed = Listed(wish, object->name);
	const std::string named = std::string("skipping ") + what +
							  (IsWellEncoded(object->name) ? " \"" + object->name + "\"" : "");

	if (wish.kind == FDW_IMPORT_SCHEMA_LIMIT_TO
			? listed == nullptr
			: wish.kind == FDW_IMPORT_SCHEMA_EXCEPT && listed != nullptr)
		return false;
	object->local_name =
		wish.kind == FDW_IMPORT_SCHEMA_LIMIT_TO ? *listed : Truncated(object->name);
	if (!broken.empty())
		Warn(named, "SQLite cannot read it: " + broken + ".");
	else if (object->name.empty() || !IsWellEncoded(object->name))
		Warn(named, "Its name is empty or not valid UTF-8.");
	else if (!taken.insert(object->local_name).second)
		Warn(named, "Its first " + std::to_string(NAMEDATALEN - 1) +
						" bytes are the name of another table.");
	else
		return true;
	return false;
}

std::vector<Object>
WantedObjects(const sqlite::Catalog &catalog, const Wish &wish, const ImportOptions &options)
{
	std::vector<Object> objects;
	std::set<std::string> taken;

	for (const sqlite::Table &table : catalog.tables)
	{
		Object object = {table.name, {}, &table.columns, &table};

		/* shadow tables are the inside of a virtual table */
		if (table.kind == sqlite::TableKind::Shadow &&
			(wish.kind != FDW_IMPORT_SCHEMA_LIMIT_TO || Listed(wish, table.name) == nullptr))
			continue;
		if (IsWanted(wish, table.broken, "SQLite table", &object, taken))
			objects.push_back(std::move(object));
	}
	for (const sqlite::View &view : catalog.views)
	{
		Object object = {view.name, {}, &view.columns, nullptr};

		if (options.views && IsWanted(wish, view.broken, "SQLite view", &object, taken))
			objects.push_back(std::move(object));
	}
	return objects;
}

void
CheckLimitTo(const sqlite::Catalog &catalog, const Wish &wish)
{
	std::vector<std::string> names;

	for (const sqlite::Table &table : catalog.tables)
		names.push_back(table.name);
	for (const sqlite::View &view : catalog.views)
		names.push_back(view.name);
	if (wish.kind != FDW_IMPORT_SCHEMA_LIMIT_TO)
		return;
	for (const std::string &listed : wish.names)
		if (std::none_of(names.begin(), names.end(),
						 [&listed](const std::string &name) {
							 return sqlite::names_equal(listed, name) ||
									sqlite::names_equal(listed, Truncated(name));
						 }))
			throw pg::Reported(ERRCODE_FDW_TABLE_NOT_FOUND,
							   "table \"" + listed + "\" does not exist in the SQLite database", {},
							   NearNames(listed, names));
}

List *
Import(const Wish &wish, const ImportOptions &options)
{
	ReadGuard guard(GetConnection(wish.server_oid));
	sqlite::Database &database = guard.connection().database();
	const sqlite::Catalog &catalog = guard.connection().catalog();
	List *commands = NIL;

	CheckLimitTo(catalog, wish);
	for (const Object &object : WantedObjects(catalog, wish, options))
	{
		const std::string sql = Definition(database, object, wish.server, wish.schema, options);
		const char *const text = sql.c_str();

		if (!sql.empty())
			commands =
				pg::PgCall([commands, text]
						   { return lappend(commands, pstrdup(pg::ToServerEncoding(text))); });
	}
	return commands;
}

} /* namespace */

List *
ImportForeignSchema(ImportForeignSchemaStmt *statement, Oid server_oid)
{
	const ImportOptions options = ReadImportOptions(statement->options);

	if (strcmp(statement->remote_schema, "main") != 0 &&
		strcmp(statement->remote_schema, "public") != 0)
		ereport(ERROR, (errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
						errmsg("schema \"%s\" does not exist in a SQLite database",
							   statement->remote_schema),
						errhint("The schema of a SQLite file is called \"main\".")));
	return pg::PgEntry(
		[=]
		{
			Wish wish = {
				statement->list_type,
				{},
				pg::PgCall([=] { return pg::FromServerEncoding(statement->server_name); }),
				pg::PgCall([=] { return pg::FromServerEncoding(statement->local_schema); }),
				server_oid};

			for (int i = 0; i < list_length(statement->table_list); i++)
			{
				auto *const wanted = (RangeVar *) list_nth(statement->table_list, i);

				wish.names.emplace_back(
					pg::PgCall([=] { return pg::FromServerEncoding(wanted->relname); }));
			}
			return Import(wish, options);
		});
}

} /* namespace sqlite_import::fdw */
