/*
 * time_evidence.cpp
 *    Columns of times and their siblings.
 */
#include "migrate/time_evidence.hpp"

#include <algorithm>
#include <utility>

#include <sqlite3.h>

namespace sqlite_import::migrate
{

namespace
{

using dialect::TypeKind;
using values::From;

/* Types of times; an empty column of one follows its siblings. */
bool
IsTimeKind(TypeKind kind) noexcept
{
	return IsMomentKind(kind) || kind == TypeKind::Time || kind == TypeKind::TimeTz;
}

/* Core Data makes these tables in every store. */
bool
IsCoreData(const sqlite::Catalog &catalog)
{
	return catalog.find_table("Z_METADATA") != nullptr ||
		   catalog.find_table("Z_PRIMARYKEY") != nullptr;
}

/* The type that holds what either holds; none if there is no such type of times. */
std::optional<TypeKind>
Wider(TypeKind left, TypeKind right) noexcept
{
	const auto one_of = [&](TypeKind narrow, TypeKind wide)
	{ return (left == narrow && right == wide) || (left == wide && right == narrow); };

	if (left == right)
		return left;
	if (one_of(TypeKind::Date, TypeKind::Timestamp))
		return TypeKind::Timestamp;
	return std::nullopt;
}

} /* namespace */

bool
IsMomentKind(TypeKind kind) noexcept
{
	return kind == TypeKind::Date || kind == TypeKind::Timestamp || kind == TypeKind::TimestampTz;
}

TimeEvidence::TimeEvidence(const sqlite::Catalog &catalog, Profile profile)
	: catalog_(catalog), profile_(std::move(profile)), core_data_(IsCoreData(catalog))
{
}

plan::Siblings
TimeEvidence::Alone() const
{
	plan::Siblings alone;

	alone.core_data = core_data_;
	return alone;
}

void
TimeEvidence::Know(const sqlite::Table &table, const sqlite::Column &column,
				   const sqlite::ColumnProfile &profile)
{
	const dialect::ResolvedType declared = dialect::resolve_declared_type(column.declared_type);

	if (!IsTimeKind(declared.kind) || profile.depth != sqlite::ProfileDepth::Shapes)
		return;
	std::vector<Known> &siblings = known_[sqlite::fold_name(column.declared_type)];

	for (const Known &known : siblings)
		if (known.column == &column)
			return;
	Known known = {&table, &column, profile.values() > 0,
				   plan::checked_type(declared, profile, Alone()), std::nullopt};

	if (NeedsSiblings(declared, profile) && known.has_values)
		known.doubtful = profile;
	siblings.push_back(std::move(known));
}

bool
TimeEvidence::NeedsSiblings(const dialect::ResolvedType &wanted,
							const sqlite::ColumnProfile &profile) const
{
	if (profile.values() == 0)
		return IsTimeKind(wanted.kind);
	return IsMomentKind(wanted.kind) && profile.times_of_numbers.numbers == profile.values() &&
		   plan::unit_of_numbers(profile, Alone()).from == From::Auto;
}

/* All columns of the file that are declared so. */
std::vector<TimeEvidence::Known> &
TimeEvidence::Learn(const std::string &declared_type)
{
	const std::string folded = sqlite::fold_name(declared_type);

	if (std::exchange(complete_[folded], true))
		return known_[folded];
	for (const sqlite::Table &table : catalog_.tables)
	{
		std::vector<sqlite::ProfileRequest> requests;
		std::vector<const sqlite::Column *> columns;

		if (table.kind != sqlite::TableKind::Ordinary || !table.broken.empty())
			continue;
		for (const sqlite::Column &column : table.columns)
		{
			const std::vector<Known> &siblings = known_[folded];
			const bool known =
				std::any_of(siblings.begin(), siblings.end(),
							[&](const Known &other) { return other.column == &column; });

			if (known || sqlite::fold_name(column.declared_type) != folded)
				continue;
			requests.push_back({column.name, sqlite::ProfileDepth::Shapes});
			columns.push_back(&column);
		}
		if (requests.empty())
			continue;
		try
		{
			const std::vector<sqlite::ColumnProfile> profiles = profile_(table, requests);

			for (size_t i = 0; i < profiles.size(); i++)
				Know(table, *columns[i], profiles[i]);
		}
		catch (const sqlite::Error &error)
		{
			/* what cannot be read is no evidence; who needs it, tells of it */
			if ((error.code() & 0xff) != SQLITE_CORRUPT)
				throw;
		}
	}
	return known_[folded];
}

From
TimeEvidence::UnitOf(const std::vector<Known> &siblings, const sqlite::Column &column) const
{
	From unit = From::Auto;

	for (const Known &known : siblings)
	{
		if (known.column == &column || known.own.from == From::Auto)
			continue;
		if (unit != From::Auto && unit != known.own.from)
			return From::Auto;
		unit = known.own.from;
	}
	return unit;
}

/* Of columns of the same table, or else of the whole file: what they all are, or the wider of dates
 * and times; where they differ otherwise, what most of them are. */
void
TimeEvidence::FindType(const std::vector<Known> &siblings, const sqlite::Table &table,
					   const sqlite::Column &column, plan::Siblings &found) const
{
	struct Choice
	{
		dialect::ResolvedType type;
		From from;
		int count;
	};
	std::vector<Choice> choices;
	const bool beside =
		std::any_of(siblings.begin(), siblings.end(),
					[&](const Known &known) { return known.table == &table && known.has_values; });

	for (const Known &known : siblings)
	{
		if (known.column == &column || !known.has_values || (beside && known.table != &table))
			continue;
		plan::CheckedType checked = known.own;

		if (known.doubtful)
		{
			plan::Siblings others = Alone();

			others.unit = UnitOf(siblings, *known.column);
			checked =
				plan::checked_type(dialect::resolve_declared_type(known.column->declared_type),
								   *known.doubtful, others);
		}
		const auto same = std::find_if(choices.begin(), choices.end(),
									   [&](const Choice &choice) {
										   return choice.from == checked.from &&
												  Wider(choice.type.kind, checked.type.kind);
									   });

		if (same == choices.end())
			choices.push_back({checked.type, checked.from, 1});
		else
		{
			same->count++;
			if (*Wider(same->type.kind, checked.type.kind) != same->type.kind)
				same->type = checked.type;
		}
	}
	const auto most = std::max_element(choices.begin(), choices.end(),
									   [](const Choice &left, const Choice &right)
									   { return left.count < right.count; });

	if (most == choices.end())
		return;
	found.type = most->type;
	found.type_from = most->from;
}

plan::CheckedType
TimeEvidence::Check(const sqlite::Table &table, const sqlite::Column &column,
					const dialect::ResolvedType &wanted, const sqlite::ColumnProfile &profile)
{
	plan::Siblings found = Alone();
	const bool declared_so = IsTimeKind(dialect::resolve_declared_type(column.declared_type).kind);

	if (declared_so && NeedsSiblings(wanted, profile))
	{
		const std::vector<Known> &siblings = Learn(column.declared_type);

		found.unit = UnitOf(siblings, column);
		if (profile.values() == 0)
			FindType(siblings, table, column, found);
	}
	return plan::checked_type(wanted, profile, found);
}

} /* namespace sqlite_import::migrate */
