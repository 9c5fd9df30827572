/*
 * arguments.hpp
 *    From the arguments of the SQL functions to checked options.
 *
 * A parameter is declared once, in sqlite_import--1.0.sql, and is found here by
 * its name in the function's own signature: the functions that take a parameter
 * read it with the same code, whatever its position.  NULL, and a parameter that
 * a function does not have, stand for the default.
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

/* The arguments of one call, by the names of pg_proc.  C++ frame; throws PgError. */
class Arguments
{
public:
	explicit Arguments(FunctionCallInfo fcinfo);

	bool
	IsNull(const char *name) const
	{
		return Find(name) == nullptr;
	}

	/* text, or the default. */
	std::string Text(const char *name, const std::string &otherwise = {}) const;
	std::string Name(const char *name, const std::string &otherwise = {}) const;
	std::vector<std::string> TextArray(const char *name) const;
	bool Bool(const char *name, bool otherwise) const;
	int64_t Int64(const char *name, int64_t otherwise) const;
	int32_t Int32(const char *name, int32_t otherwise) const;
	Oid ObjectId(const char *name) const;

	/* A jsonb in its text form; empty for NULL. */
	std::string Jsonb(const char *name) const;

	/*
	 * To be called when all has been read: throws UserError (42883) if the function
	 * declares a parameter that nobody asked for, so that an option cannot be
	 * declared and then be ignored.
	 */
	void CheckAllRead() const;

private:
	/* The argument's place, which counts as read; null if it is NULL or not declared. */
	const NullableDatum *Find(const char *name) const;

	FunctionCallInfo fcinfo_;
	std::vector<std::string> names_;
	mutable std::vector<bool> read_;
};

/* An option with named values; NULL leaves its default.  Throws UserError that lists the values. */
template <typename Value>
void
ReadChoice(const Arguments &arguments, const char *name, Value &value)
{
	if (!arguments.IsNull(name))
		plan::parse_option(arguments.Text(name), value);
}

/*
 * The options of migrate, its parts and its kin: those that the function has.
 * Throws UserError (22004 without a source, 22023 for a value that is none), PgError.
 */
plan::Options ReadOptions(const Arguments &arguments);

/*
 * The option casts: a jsonb object from patterns to rules, each rule a type name
 * or an object.  Types come back as format_type writes them.  Throws UserError
 * (22023) for unknown keys, with the near ones; PgError for unknown types.
 */
std::vector<plan::CastRule> ReadCasts(const std::string &jsonb_text);

} /* namespace sqlite_import::migrate */
