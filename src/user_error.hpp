/*
 * user_error.hpp
 *    The exception by which the server-free rooms refuse what a user asked for.
 *
 * It has the four parts of a PostgreSQL error, so that the seam reports it as
 * it is (documentation: 54.3, Error Message Style Guide).
 */
#pragma once

#include "server_free.hpp"

#include <stdexcept>
#include <string>

namespace sqlite_import
{

/* The SQLSTATEs that the server-free rooms use (documentation: Appendix A). */
namespace sqlstate
{
inline constexpr const char *kInvalidParameterValue = "22023";
inline constexpr const char *kUndefinedTable = "42P01";
inline constexpr const char *kUndefinedColumn = "42703";
inline constexpr const char *kDuplicateTable = "42P07";
inline constexpr const char *kDuplicateColumn = "42701";
inline constexpr const char *kObjectNotInPrerequisiteState = "55000";
inline constexpr const char *kTooManyColumns = "54011";
inline constexpr const char *kInvalidSchemaName = "3F000";
inline constexpr const char *kDatatypeMismatch = "42804";
inline constexpr const char *kInsufficientPrivilege = "42501";
} // namespace sqlstate

class UserError : public std::runtime_error
{
public:
	UserError(const char *sqlstate, const std::string &message, std::string detail = {},
			  std::string hint = {})
		: std::runtime_error(message), sqlstate_(sqlstate), detail_(std::move(detail)),
		  hint_(std::move(hint))
	{
	}

	const char *
	sqlstate() const noexcept
	{
		return sqlstate_;
	}
	const std::string &
	detail() const noexcept
	{
		return detail_;
	}
	const std::string &
	hint() const noexcept
	{
		return hint_;
	}

private:
	const char *sqlstate_; /* five characters of static storage */
	std::string detail_;
	std::string hint_;
};

} // namespace sqlite_import
