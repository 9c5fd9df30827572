/*
 * time_evidence.hpp
 *    What the whole file says about a column of times: whether it is Core Data's,
 *    and what its other columns of the same declared type hold.
 *
 * migrate, assess, profile, verify and copy_table ask here, so that a number means
 * the same time to all of them.  Columns that nobody has profiled yet are looked
 * at only when the question comes up.
 */
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plan/checked_type.hpp"

namespace sqlite_import::migrate
{

class TimeEvidence
{
public:
	using Profile = std::function<std::vector<sqlite::ColumnProfile>(
		const sqlite::Table &, const std::vector<sqlite::ProfileRequest> &)>;

	/* The catalog has to outlive it.  'profile' is called for columns that are not known yet. */
	TimeEvidence(const sqlite::Catalog &catalog, Profile profile);

	/* What was found out in passing, so that it is not looked for again. */
	void Know(const sqlite::Table &table, const sqlite::Column &column,
			  const sqlite::ColumnProfile &profile);

	/* True if the answer for a column needs what the others hold: better asked when these are
	 * known. */
	bool NeedsSiblings(const dialect::ResolvedType &wanted,
					   const sqlite::ColumnProfile &profile) const;

	/* checked_type with all that the file tells.  Throws as 'profile' does, but for damage in
	 * tables that are looked at for this alone. */
	plan::CheckedType Check(const sqlite::Table &table, const sqlite::Column &column,
							const dialect::ResolvedType &wanted,
							const sqlite::ColumnProfile &profile);

private:
	struct Known
	{
		const sqlite::Table *table;
		const sqlite::Column *column;
		bool has_values;
		plan::CheckedType own;                         /* by its own values alone */
		std::optional<sqlite::ColumnProfile> doubtful; /* numbers without a unit of their own */
	};

	plan::Siblings Alone() const;
	std::vector<Known> &Learn(const std::string &declared_type);
	values::From UnitOf(const std::vector<Known> &siblings, const sqlite::Column &column) const;
	void FindType(const std::vector<Known> &siblings, const sqlite::Table &table,
				  const sqlite::Column &column, plan::Siblings &found) const;

	const sqlite::Catalog &catalog_;
	Profile profile_;
	bool core_data_ = false;
	std::map<std::string, std::vector<Known>> known_; /* by declared type, folded */
	std::map<std::string, bool> complete_;
};

/* True for date, timestamp and timestamptz. */
bool IsMomentKind(dialect::TypeKind kind) noexcept;

} /* namespace sqlite_import::migrate */
