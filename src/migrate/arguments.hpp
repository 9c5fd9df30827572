/*
 * arguments.hpp
 *    From the arguments of the SQL functions to checked options.
 *
 * migrate, plan and import_schema declare the same parameters in the same
 * order, and are read by the same code.  NULL stands for a parameter's default.
 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/options.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "fmgr.h"
}

namespace sqlite_import::migrate
{

/* The arguments of one call.  C++ frame; throws PgError. */
class Arguments
{
public:
	explicit Arguments(FunctionCallInfo fcinfo) : fcinfo_(fcinfo) {}

	bool
	IsNull(int position) const
	{
		return position >= fcinfo_->nargs || fcinfo_->args[position].isnull;
	}

	/* text, or the default. */
	std::string Text(int position, const std::string &otherwise = {}) const;
	std::string Name(int position, const std::string &otherwise = {}) const;
	std::vector<std::string> TextArray(int position) const;
	bool Bool(int position, bool otherwise) const;
	int64_t Int64(int position, int64_t otherwise) const;
	int32_t Int32(int position, int32_t otherwise) const;
	Oid ObjectId(int position) const;

	/* A jsonb in its text form; empty for NULL. */
	std::string Jsonb(int position) const;

private:
	FunctionCallInfo fcinfo_;
};

/* An option with named values; NULL leaves its default.  Throws UserError that lists the values. */
template <typename Value>
void
ReadChoice(const Arguments &arguments, int position, Value &value)
{
	if (!arguments.IsNull(position))
		plan::parse_option(arguments.Text(position), value);
}

/* The options of migrate and its kin.  Throws UserError, PgError. */
plan::Options ReadOptions(const Arguments &arguments);

/*
 * The option casts: a jsonb object from patterns to rules, each rule a type name
 * or an object.  Types come back as format_type writes them.  Throws UserError
 * (22023) for unknown keys, with the near ones; PgError for unknown types.
 */
std::vector<plan::CastRule> ReadCasts(const std::string &jsonb_text);

} /* namespace sqlite_import::migrate */
