/*
 * options.cpp
 *    The validator, and the reading of options.
 */
#include <climits>

#include "pg/encoding.hpp"
#include "pg/errors.hpp"
#include "pg/source.hpp"
#include "pg/zone.hpp"

#include "fdw/options.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

extern PGDLLEXPORT Datum sqlite_import_fdw_validator(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_fdw_validator);
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

enum class Kind
{
	Text,
	Boolean,
	Path,        /* an absolute path that the role may name */
	LargeObject, /* an oid */
	Milliseconds,
	BatchSize,
	OnMismatch,
	Zone
};

struct OptionRule
{
	const char *name;
	Oid catalog; /* of the objects that take it */
	Kind kind;
};

constexpr OptionRule kRules[] = {
	{"database", ForeignServerRelationId, Kind::Path},
	{"large_object", ForeignServerRelationId, Kind::LargeObject},
	{"updatable", ForeignServerRelationId, Kind::Boolean},
	{"truncatable", ForeignServerRelationId, Kind::Boolean},
	{"batch_size", ForeignServerRelationId, Kind::BatchSize},
	{"keep_connections", ForeignServerRelationId, Kind::Boolean},
	{"force_readonly", ForeignServerRelationId, Kind::Boolean},
	{"busy_timeout", ForeignServerRelationId, Kind::Milliseconds},
	{"immutable", ForeignServerRelationId, Kind::Boolean},
	{"on_mismatch", ForeignServerRelationId, Kind::OnMismatch},
	{"timezone", ForeignServerRelationId, Kind::Zone},
	{"table", ForeignTableRelationId, Kind::Text},
	{"updatable", ForeignTableRelationId, Kind::Boolean},
	{"truncatable", ForeignTableRelationId, Kind::Boolean},
	{"batch_size", ForeignTableRelationId, Kind::BatchSize},
	{"on_mismatch", ForeignTableRelationId, Kind::OnMismatch},
	{"column_name", AttributeRelationId, Kind::Text},
	{"column_type", AttributeRelationId, Kind::Text},
	{"key", AttributeRelationId, Kind::Boolean},
	{"on_mismatch", AttributeRelationId, Kind::OnMismatch},
};

const OptionRule *
FindRule(const char *name, Oid catalog)
{
	for (const OptionRule &rule : kRules)
		if (rule.catalog == catalog && strcmp(rule.name, name) == 0)
			return &rule;
	return nullptr;
}

/* The name nearest to what was typed, if it is near enough to be what was meant. */
const char *
NearestName(const char *typed, Oid catalog)
{
	const char *nearest = nullptr;
	int best = 4;
	const int length = strlen(typed);

	if (length > 63)
		return nullptr;
	for (const OptionRule &rule : kRules)
	{
		if (rule.catalog != catalog)
			continue;
		const int distance = varstr_levenshtein_less_equal(typed, length, rule.name,
														   strlen(rule.name), 1, 1, 1, best, true);
		if (distance < best && distance <= length / 2)
		{
			best = distance;
			nearest = rule.name;
		}
	}
	return nearest;
}

[[noreturn]] void
ReportInvalidOption(const char *name, Oid catalog)
{
	const char *nearest = NearestName(name, catalog);
	StringInfoData valid;

	initStringInfo(&valid);
	for (const OptionRule &rule : kRules)
		if (rule.catalog == catalog)
			appendStringInfo(&valid, "%s%s", valid.len > 0 ? ", " : "", rule.name);
	if (valid.len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_OPTION_NAME), errmsg("invalid option \"%s\"", name),
				 errhint("There are no valid options in this context.")));
	if (nearest != nullptr)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_OPTION_NAME), errmsg("invalid option \"%s\"", name),
				 errdetail("Valid options in this context are: %s.", valid.data),
				 errhint("Perhaps you meant the option \"%s\".", nearest)));
	ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME), errmsg("invalid option \"%s\"", name),
					errhint("Valid options in this context are: %s.", valid.data)));
	pg_unreachable();
}

[[noreturn]] void
ReportInvalidValue(DefElem *option, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
					errmsg("invalid value for option \"%s\": \"%s\"", option->defname,
						   defGetString(option)),
					errhint("%s", hint)));
	pg_unreachable();
}

int
IntegerOption(DefElem *option, int flags, int least, const char *hint)
{
	int value;

	if (!parse_int(defGetString(option), &value, flags, nullptr) || value < least)
		ReportInvalidValue(option, hint);
	return value;
}

bool
OnMismatchOption(DefElem *option)
{
	const char *value = defGetString(option);

	if (strcmp(value, "null") == 0)
		return true;
	if (strcmp(value, "error") != 0)
		ReportInvalidValue(option, "Valid values are \"error\" and \"null\".");
	return false;
}

void
CheckValue(DefElem *option, Kind kind)
{
	switch (kind)
	{
		case Kind::Text: /* SQLite has tables and columns whose name is empty */
			(void) defGetString(option);
			break;
		case Kind::Boolean:
			(void) BooleanOption(option);
			break;
		case Kind::Path:
			pg::PgEntry(
				[option]
				{
					const char *path =
						pg::PgCall([option] { return (const char *) defGetString(option); });
					pg::CheckPathAllowed(path);
				});
			break;
		case Kind::LargeObject:
		{
			const char *text = defGetString(option);

			if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text) ||
				strlen(text) > 10 || strtoul(text, nullptr, 10) > UINT_MAX || atooid(text) == 0)
				ReportInvalidValue(
					option, "Give the number that \\lo_import printed, for example '16402'.");
			break;
		}
		case Kind::Milliseconds:
			(void) IntegerOption(option, GUC_UNIT_MS, 0,
								 "Give a time in milliseconds, zero or more.");
			break;
		case Kind::BatchSize:
			(void) IntegerOption(option, 0, 1, "Give a number of rows, one or more.");
			break;
		case Kind::OnMismatch:
			(void) OnMismatchOption(option);
			break;
		case Kind::Zone:
			pg::PgEntry(
				[option]
				{
					const char *zone =
						pg::PgCall([option] { return (const char *) defGetString(option); });
					pg::CheckZone(zone);
				});
			break;
	}
}

void
CheckServer(List *options)
{
	bool has_database = false;
	bool has_large_object = false;
	ListCell *cell;

	foreach (cell, options)
	{
		const char *name = lfirst_node(DefElem, cell)->defname;

		has_database = has_database || strcmp(name, "database") == 0;
		has_large_object = has_large_object || strcmp(name, "large_object") == 0;
	}
	if (has_database && has_large_object)
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
						errmsg("options \"database\" and \"large_object\" exclude each other")));
	if (!has_database && !has_large_object)
		ereport(ERROR, (errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
						errmsg("a server needs the option \"database\" or \"large_object\""),
						errhint("OPTIONS (database '/path/to/file.db')")));
}

/*
 * Whether the owner of a foreign table may make it updatable where its server is
 * not: who may use a server could else write into a file that it only lends for
 * reading.
 */
bool
MayOpenForWriting(Oid relation)
{
	HeapTuple const tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));

	if (!HeapTupleIsValid(tuple))
		return false;

	const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;

	ReleaseSysCache(tuple);
	return has_privs_of_role(owner, ROLE_PG_WRITE_SERVER_FILES);
}

/* The options that servers and tables share; true if it was one of them. */
template <typename T>
bool
TakeSharedOption(DefElem *option, T *into)
{
	if (strcmp(option->defname, "updatable") == 0)
		into->updatable = BooleanOption(option);
	else if (strcmp(option->defname, "truncatable") == 0)
		into->truncatable = BooleanOption(option);
	else if (strcmp(option->defname, "batch_size") == 0)
		into->batch_size = IntegerOption(option, 0, 1, "Give a number of rows, one or more.");
	else if (strcmp(option->defname, "on_mismatch") == 0)
		into->on_mismatch_null = OnMismatchOption(option);
	else
		return false;
	return true;
}

} /* namespace */

bool
BooleanOption(DefElem *option)
{
	bool value;

	if (option->arg != nullptr && !parse_bool(defGetString(option), &value))
		ReportInvalidValue(option, "Valid values are \"true\" and \"false\".");
	return option->arg == nullptr || value;
}

ServerOptions
ReadServerOptions(Oid server_oid)
{
	ForeignServer *server = GetForeignServer(server_oid);
	ServerOptions options = {
		server_oid, server->servername, false, true, true, false, 100, 5000, false, ""};
	ListCell *cell;

	foreach (cell, server->options)
	{
		DefElem *option = lfirst_node(DefElem, cell);

		if (TakeSharedOption(option, &options))
			continue;
		if (strcmp(option->defname, "keep_connections") == 0)
			options.keep_connections = BooleanOption(option);
		else if (strcmp(option->defname, "force_readonly") == 0)
			options.force_readonly = BooleanOption(option);
		else if (strcmp(option->defname, "busy_timeout") == 0)
			options.busy_timeout_ms = IntegerOption(option, GUC_UNIT_MS, 0, "");
		else if (strcmp(option->defname, "timezone") == 0)
			options.timezone = defGetString(option);
		else if (strcmp(option->defname, "large_object") == 0)
			options.force_readonly = true;
		else if (strcmp(option->defname, "immutable") == 0)
			options.force_readonly = options.force_readonly || BooleanOption(option);
	}
	return options;
}

TableOptions
ReadTableOptions(Oid relation)
{
	ForeignTable *foreign = GetForeignTable(relation);
	const ServerOptions server = ReadServerOptions(foreign->serverid);
	TableOptions options = {pg::FromServerEncoding(get_rel_name(relation)),
							server.updatable,
							server.truncatable,
							server.batch_size,
							server.on_mismatch_null,
							server.timezone};
	ListCell *cell;

	foreach (cell, foreign->options)
	{
		DefElem *option = lfirst_node(DefElem, cell);

		if (!TakeSharedOption(option, &options) && strcmp(option->defname, "table") == 0)
			options.table = pg::FromServerEncoding(defGetString(option));
	}
	options.updatable = options.updatable && !server.force_readonly &&
						(server.updatable || MayOpenForWriting(relation));
	return options;
}

ColumnOptions
ReadColumnOptions(Oid relation, AttrNumber attnum, const TableOptions &table)
{
	ColumnOptions options = {pg::FromServerEncoding(get_attname(relation, attnum, false)), nullptr,
							 false, table.on_mismatch_null, table.timezone};
	ListCell *cell;

	foreach (cell, GetForeignColumnOptions(relation, attnum))
	{
		DefElem *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "column_name") == 0)
			options.name = pg::FromServerEncoding(defGetString(option));
		else if (strcmp(option->defname, "column_type") == 0)
			options.column_type = defGetString(option);
		else if (strcmp(option->defname, "key") == 0)
			options.key = BooleanOption(option);
		else if (strcmp(option->defname, "on_mismatch") == 0)
			options.on_mismatch_null = OnMismatchOption(option);
	}
	return options;
}

ImportOptions
ReadImportOptions(List *list)
{
	struct Choice
	{
		const char *name;
		bool ImportOptions::*member;
	};
	static constexpr Choice kChoices[] = {
		{"import_default", &ImportOptions::defaults},
		{"import_not_null", &ImportOptions::not_null},
		{"import_generated", &ImportOptions::generated},
		{"import_views", &ImportOptions::views},
	};
	ImportOptions options = {false, true, true, true};
	ListCell *cell;

	foreach (cell, list)
	{
		DefElem *option = lfirst_node(DefElem, cell);
		bool known = false;

		for (const Choice &choice : kChoices)
			if (strcmp(option->defname, choice.name) == 0)
			{
				options.*choice.member = BooleanOption(option);
				known = true;
			}
		if (!known)
			ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
							errmsg("invalid option \"%s\"", option->defname),
							errhint("Valid options in this context are: import_default, "
									"import_not_null, import_generated, import_views.")));
	}
	return options;
}

} /* namespace sqlite_import::fdw */

/* sqlite_import.fdw_validator(text[], oid): raises an error unless all options suit the catalog. */
Datum
sqlite_import_fdw_validator(PG_FUNCTION_ARGS)
{
	using namespace sqlite_import::fdw;
	List *options = untransformRelOptions(PG_GETARG_DATUM(0));
	const Oid catalog = PG_GETARG_OID(1);
	ListCell *cell;

	foreach (cell, options)
	{
		DefElem *option = lfirst_node(DefElem, cell);
		const OptionRule *rule = FindRule(option->defname, catalog);

		if (rule == nullptr)
			ReportInvalidOption(option->defname, catalog);
		CheckValue(option, rule->kind);
	}
	if (catalog == ForeignServerRelationId)
		CheckServer(options);
	PG_RETURN_VOID();
}
