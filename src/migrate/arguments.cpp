/*
 * arguments.cpp
 *    Arguments of the SQL functions.
 */
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "plan/names.hpp"
#include "sqlite/catalog.hpp"
#include "user_error.hpp"

#include "migrate/arguments.hpp"
#include "pg/caller.hpp"
#include "pg/encoding.hpp"
#include "pg/own_settings.hpp"
#include "pg/spi.hpp"
#include "pg/zone.hpp"

extern "C" {
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "parser/parse_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"
}

#include "pg/compat.h"

namespace sqlite_import::migrate
{

namespace
{

using pg::PgCall;
using pg::Row;

/* The members of a cast's object. */
constexpr const char *kCastKeys[] = {
	"type",  "from",     "map",         "else",         "default", "timezone", "empty_as_null",
	"round", "truncate", "on_mismatch", "invalid_text", "using",   "as"};

/* A type as the user wrote it, looked up by the caller's search path. */
std::string
ResolveType(const std::string &text)
{
	Oid type = InvalidOid;
	int32 typmod = -1;

	PgCall([&] { parseTypeString(pg::ToServerEncoding(text.c_str()), &type, &typmod, 0); });
	if (PgCall([&] { return !pg::CallerMayActForCurrentRole() && !pg::IsTrustedType(type); }))
		throw UserError(sqlstate::kInsufficientPrivilege,
						"type " + text + " in casts belongs to somebody else",
						"Its functions would run with the rights of a SECURITY DEFINER function's "
						"owner, whose caller may have made it.",
						"Use a type of the function's owner or of a superuser.");

	/* with its schema, since the statements that name it run under the safe path */
	const pg::SafeSearchPath path;
	const char *resolved = PgCall(
		[&] {
			return pg::FromServerEncoding(
				format_type_extended(type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN));
		});

	return resolved;
}

[[noreturn]] void
RefuseCast(const std::string &pattern, const std::string &what, const std::string &hint)
{
	throw UserError(sqlstate::kInvalidParameterValue,
					"invalid cast for \"" + pattern + "\": " + what, {}, hint);
}

void
CheckCastKey(const std::string &pattern, const std::string &key)
{
	const std::vector<std::string> keys(std::begin(kCastKeys), std::end(kCastKeys));
	std::string list;

	if (std::find(keys.begin(), keys.end(), key) != keys.end())
		return;
	for (const std::string &valid : keys)
		list += (list.empty() ? "" : ", ") + valid;

	const std::string near = plan::near_names_hint(key, keys);

	RefuseCast(pattern, "unknown key \"" + key + "\"",
			   (near.empty() ? "" : near + " ") + "Valid keys are: " + list + ".");
}

void
ReadFrom(const std::string &pattern, const std::string &text, values::ColumnRule &rule)
{
	const std::optional<values::From> from = values::from_of_name(text);

	if (!from.has_value())
		RefuseCast(pattern, "unknown value \"" + text + "\" of \"from\"",
				   "Valid values are: " + values::from_names() + ".");
	rule.from = *from;
}

/* As rules and options have it: "session" in one spelling. */
std::string
ZoneName(const std::string &text)
{
	return sqlite::names_equal(text, "session") ? "session" : text;
}

bool
ReadFlag(const std::string &pattern, const std::string &key, const std::string &text)
{
	if (text != "true" && text != "false")
		RefuseCast(pattern, "\"" + key + "\" is neither true nor false", {});
	return text == "true";
}

void
ReadRounding(plan::CastRule &cast, const std::string &key, const std::string &text)
{
	using values::Rounding;

	if (!ReadFlag(cast.pattern, key, text))
		return;
	if (!cast.rule.exact())
		RefuseCast(cast.pattern, "\"round\" and \"truncate\" exclude each other",
				   "Digits beyond the type's are rounded away or cut: choose one.");
	cast.rule.rounding = key == "round" ? Rounding::Round : Rounding::Truncate;
}

void
ReadMap(const std::string &json, values::ColumnRule &rule)
{
	for (const Row &row : pg::SpiQuery("SELECT key, value FROM pg_catalog.jsonb_each_text(" +
									   dialect::quote_literal(json) + "::pg_catalog.jsonb)"))
		rule.map.push_back({row[0].value_or(""), row[1]});
}

void
ReadCastKey(plan::CastRule &cast, const std::string &key, const std::optional<std::string> &value,
			const std::string &json_type)
{
	const std::string text = value.value_or("");

	CheckCastKey(cast.pattern, key);
	if (key == "map" && json_type != "object")
		RefuseCast(cast.pattern, "\"map\" is not an object", "Write {\"old\": \"new\", ...}.");
	if (key == "type")
		cast.type = ResolveType(text);
	else if (key == "from")
		ReadFrom(cast.pattern, text, cast.rule);
	else if (key == "map")
		ReadMap(text, cast.rule);
	else if (key == "else" && (json_type == "object" || json_type == "array"))
	{
		if (pg::SpiValue("SELECT " + dialect::quote_literal(text) +
						 "::pg_catalog.jsonb = '{\"keep\": true}'") != "t")
			RefuseCast(cast.pattern, "\"else\" is neither a value nor {\"keep\": true}", {});
		cast.rule.map_keeps_rest = true;
	}
	else if (key == "else")
	{
		cast.rule.has_map_else = true;
		cast.rule.map_else = value;
	}
	else if (key == "using")
	{
		if (json_type != "string" || text.find_first_not_of(" \t\r\n") == std::string::npos)
			RefuseCast(cast.pattern, "\"using\" is no SQL expression",
					   "Write it over the name value: {\"using\": \"lower(value)\"}.");
		cast.rule.using_expression = text;
	}
	else if (key == "as")
		cast.rule.using_type = ResolveType(text);
	else if (key == "default")
		cast.rule.null_value = value;
	else if (key == "timezone")
	{
		pg::CheckZone(text);
		cast.rule.timezone = ZoneName(text);
	}
	else if (key == "empty_as_null")
		cast.rule.empty_as_null = ReadFlag(cast.pattern, key, text);
	else if (key == "round" || key == "truncate")
		ReadRounding(cast, key, text);
	else if (key == "on_mismatch")
	{
		if (text != "error" && text != "null")
			RefuseCast(cast.pattern, "unknown value \"" + text + "\" of \"on_mismatch\"",
					   "Valid values are: error, null.");
		cast.rule.on_mismatch =
			text == "null" ? values::OnMismatch::Null : values::OnMismatch::Error;
	}
	else
		plan::parse_option(text, cast.rule.invalid_text);
}

/* A zone's name or "session"; "" (UTC) for NULL.  It is the TimeZone from here on. */
std::string
ReadTimezone(const Arguments &arguments)
{
	const std::string name = arguments.Text("timezone");

	pg::CheckZone(name);
	pg::UseZone(name);
	return ZoneName(name);
}

} /* namespace */

Arguments::Arguments(FunctionCallInfo fcinfo) : fcinfo_(fcinfo)
{
	char **names = nullptr;
	const int count = PgCall(
		[&]
		{
			HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
			bool no_names = false;
			bool no_modes = false;

			if (!HeapTupleIsValid(tuple))
				elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);

			const Datum name_array =
				SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proargnames, &no_names);
			const Datum modes =
				SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proargmodes, &no_modes);
			const int found =
				no_names
					? 0
					: get_func_input_arg_names(name_array, no_modes ? (Datum) 0 : modes, &names);

			ReleaseSysCache(tuple);
			return found;
		});

	for (int i = 0; i < count && i < fcinfo->nargs; i++)
		names_.emplace_back(names[i] == nullptr ? "" : names[i]);
	read_.resize(names_.size());
}

const NullableDatum *
Arguments::Find(const char *name) const
{
	for (size_t i = 0; i < names_.size(); i++)
	{
		if (names_[i] != name)
			continue;
		read_[i] = true;
		return fcinfo_->args[i].isnull ? nullptr : &fcinfo_->args[i];
	}
	return nullptr;
}

void
Arguments::CheckAllRead() const
{
	for (size_t i = 0; i < names_.size(); i++)
		if (!read_[i])
			throw UserError(
				"42883",
				"parameter \"" + names_[i] + "\" of the function is unknown to the library", {},
				"The extension's script and its library are of different versions: "
				"ALTER EXTENSION sqlite_import UPDATE, or reconnect.");
}

std::string
Arguments::Text(const char *name, const std::string &otherwise) const
{
	const NullableDatum *argument = Find(name);

	if (argument == nullptr)
		return otherwise;

	const char *value =
		PgCall([&] { return pg::FromServerEncoding(TextDatumGetCString(argument->value)); });

	return value;
}

std::string
Arguments::Name(const char *name, const std::string &otherwise) const
{
	const NullableDatum *argument = Find(name);

	if (argument == nullptr)
		return otherwise;
	return PgCall(
		[&]
		{
			return pg::FromServerEncoding(
				NameStr(*reinterpret_cast<NameData *>(DatumGetPointer(argument->value))));
		});
}

std::vector<std::string>
Arguments::TextArray(const char *name) const
{
	const NullableDatum *argument = Find(name);
	std::vector<std::string> values;

	if (argument == nullptr)
		return values;

	Datum *elements;
	bool *nulls;
	int count;

	PgCall(
		[&]
		{
			deconstruct_array(DatumGetArrayTypeP(argument->value), TEXTOID, -1, false, TYPALIGN_INT,
							  &elements, &nulls, &count);
		});
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			throw UserError("22004", "array of names must not contain nulls");

		const char *value =
			PgCall([&] { return pg::FromServerEncoding(TextDatumGetCString(elements[i])); });

		values.emplace_back(value);
	}
	return values;
}

bool
Arguments::Bool(const char *name, bool otherwise) const
{
	const NullableDatum *argument = Find(name);

	return argument == nullptr ? otherwise : DatumGetBool(argument->value);
}

int64_t
Arguments::Int64(const char *name, int64_t otherwise) const
{
	const NullableDatum *argument = Find(name);

	return argument == nullptr ? otherwise : DatumGetInt64(argument->value);
}

int32_t
Arguments::Int32(const char *name, int32_t otherwise) const
{
	const NullableDatum *argument = Find(name);

	return argument == nullptr ? otherwise : DatumGetInt32(argument->value);
}

Oid
Arguments::ObjectId(const char *name) const
{
	const NullableDatum *argument = Find(name);

	return argument == nullptr ? InvalidOid : DatumGetObjectId(argument->value);
}

std::string
Arguments::Jsonb(const char *name) const
{
	const NullableDatum *argument = Find(name);

	if (argument == nullptr)
		return {};

	const char *json = PgCall(
		[&]
		{
			return pg::FromServerEncoding(
				DatumGetCString(DirectFunctionCall1(jsonb_out, argument->value)));
		});

	return json;
}

std::vector<plan::CastRule>
ReadCasts(const std::string &jsonb_text)
{
	std::vector<plan::CastRule> casts;

	if (jsonb_text.empty())
		return casts;

	const std::string literal = dialect::quote_literal(jsonb_text) + "::pg_catalog.jsonb";

	if (pg::SpiValue("SELECT pg_catalog.jsonb_typeof(" + literal + ")") != "object")
		throw UserError(sqlstate::kInvalidParameterValue, "option \"casts\" is not a JSON object",
						{}, "Write {\"table.column\": \"type\", ...}.");
	for (const Row &row : pg::SpiQuery(
			 "SELECT c.key, pg_catalog.jsonb_typeof(c.value), c.value #>> '{}', m.key,"
			 " m.value #>> '{}', pg_catalog.jsonb_typeof(m.value)"
			 " FROM pg_catalog.jsonb_each(" +
			 literal +
			 ") AS c LEFT JOIN LATERAL pg_catalog.jsonb_each(CASE pg_catalog.jsonb_typeof(c.value)"
			 " WHEN 'object' THEN c.value ELSE '{}' END) AS m ON true ORDER BY c.key, m.key"))
	{
		const std::string pattern = row[0].value_or("");

		if (casts.empty() || casts.back().pattern != pattern)
		{
			casts.emplace_back();
			casts.back().pattern = pattern;
		}
		if (row[1] == "string")
			casts.back().type = ResolveType(row[2].value_or(""));
		else if (row[1] != "object")
			RefuseCast(pattern, "neither a type nor an object", {});
		else if (row[3].has_value())
			ReadCastKey(casts.back(), *row[3], row[4], row[5].value_or(""));
	}
	for (const plan::CastRule &cast : casts)
	{
		if (!cast.rule.using_type.empty() && !cast.rule.has_using())
			RefuseCast(cast.pattern, "\"as\" is the type of the value in \"using\"",
					   "The type of the column is called \"type\".");
	}
	return casts;
}

/* NULL is no limit, 0 lets the first rejected row end the run. */
static std::optional<int64_t>
ReadMaxRejects(const Arguments &arguments)
{
	if (arguments.IsNull("max_rejects"))
		return std::nullopt;

	const int64_t most = arguments.Int64("max_rejects", 0);

	if (most < 0)
		throw UserError(sqlstate::kInvalidParameterValue, "max_rejects must not be negative", {},
						"NULL is no limit; 0 lets the first rejected row end the run.");
	return most;
}

plan::Options
ReadOptions(const Arguments &arguments)
{
	plan::Options options;

	if (arguments.IsNull("source"))
		throw UserError("22004", "source must not be null", {},
						"Give the path of a file on the server, 'lo:OID' or the name of a foreign "
						"server.");
	options.source = arguments.Text("source");
	options.target_schema = arguments.Name("target_schema", options.target_schema);
	options.tables = arguments.TextArray("tables");
	options.exclude = arguments.TextArray("exclude");
	ReadChoice(arguments, "on_existing", options.on_existing);
	ReadChoice(arguments, "identifiers", options.identifiers);
	ReadChoice(arguments, "types", options.types);
	options.casts = ReadCasts(arguments.Jsonb("casts"));
	ReadChoice(arguments, "on_error", options.on_error);
	ReadChoice(arguments, "invalid_text", options.invalid_text);
	ReadChoice(arguments, "foreign_keys", options.foreign_keys);
	options.timezone = ReadTimezone(arguments);
	ReadChoice(arguments, "verify", options.verify);
	options.analyze = arguments.Bool("analyze", options.analyze);
	options.dry_run = arguments.Bool("dry_run", options.dry_run);
	options.batch_size = arguments.Int32("batch_size", options.batch_size);
	if (!arguments.IsNull("batch_size") && options.batch_size < 1)
		throw UserError(sqlstate::kInvalidParameterValue, "batch_size must be at least 1");
	options.create_missing = arguments.Bool("create_missing", options.create_missing);
	ReadChoice(arguments, "integer_type", options.integer_type);
	options.max_rejects = ReadMaxRejects(arguments);
	options.index_memory = arguments.Text("index_memory");
	options.views = arguments.Bool("views", options.views);
	options.triggers = arguments.Bool("triggers", options.triggers);
	options.comments = arguments.Bool("comments", options.comments);
	options.text_search = arguments.Text("text_search");
	ReadChoice(arguments, "on_corruption", options.on_corruption);
	options.quick_check = arguments.Bool("quick_check", options.quick_check);
	options.helpers = arguments.Bool("helpers", options.helpers);
	return options;
}

} /* namespace sqlite_import::migrate */
