/*
 * assess_rows.cpp
 *    What the load will refuse: each table of the plan is tried (load/trial.hpp),
 *    and each kind of refusal is a finding with its rows.
 *
 * The trial runs the very readers, conversions and rules of the load, so nothing
 * here judges a value.  What is added is whether a refusal stops the run, by
 * on_error and by who would meet it, and what would settle it.
 */
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "plan/profile_words.hpp"
#include "sqlite/damage.hpp"

#include "migrate/findings.hpp"
#include "migrate/migration.hpp"

namespace sqlite_import::migrate
{

namespace
{

using load::Refusal;

class RowFindings
{
public:
	RowFindings(Assessment &assessment, const plan::TableDesign &table)
		: assessment_(assessment), table_(table)
	{
	}

	void Add(const Refusal &refusal);
	void AddUnreadable(const std::string &what);
	void CheckRejects(int64_t rejected);

private:
	bool IsRejected(const Refusal &refusal) const;
	bool CostsAnIndex(const Refusal &refusal) const;
	Severity SeverityOf(const Refusal &refusal);
	std::string SuggestionFor(const Refusal &refusal) const;

	Assessment &assessment_;
	const plan::TableDesign &table_;
};

/* A suggestion for a column in which NULL would be refused too. */
std::string
WithoutNull(std::string suggestion)
{
	constexpr std::pair<const char *, const char *> kWays[] = {
		{"on_error => 'null' or 'reject'", "on_error => 'reject'"},
		{"on_error => 'null'", "on_error => 'reject'"}};

	for (const auto &[way, otherwise] : kWays)
	{
		const size_t at = suggestion.find(way);

		if (at != std::string::npos)
			suggestion.replace(at, strlen(way), otherwise);
	}
	return suggestion;
}

const char *
ObjectType(Refusal::What what)
{
	switch (what)
	{
		case Refusal::What::Value:
		case Refusal::What::Null:
			return "column";
		case Refusal::What::Check:
			return "check";
		case Refusal::What::KeySize:
			return "index";
		case Refusal::What::Duplicate:
			return "unique";
		case Refusal::What::RowSize:
			break;
	}
	return "table";
}

/*
 * on_error => 'reject' leaves the row out.  Not where the load of a table that it
 * makes meets the rule only when all rows are there.
 */
bool
RowFindings::IsRejected(const Refusal &refusal) const
{
	if (assessment_.options.on_error != values::OnError::Reject || refusal.becomes_null)
		return false;
	switch (refusal.what)
	{
		case Refusal::What::Value:
		case Refusal::What::Null:
		case Refusal::What::Check:
			return true;
		case Refusal::What::RowSize:
		case Refusal::What::KeySize:
		case Refusal::What::Duplicate:
			break;
	}
	return !table_.create;
}

/* The index is left out, the rows are not. */
bool
RowFindings::CostsAnIndex(const Refusal &refusal) const
{
	return table_.create && refusal.what == Refusal::What::KeySize &&
		   std::any_of(table_.indexes.begin(), table_.indexes.end(),
					   [&](const plan::IndexDesign &index)
					   { return !index.unique && index.name == refusal.object; });
}

Severity
RowFindings::SeverityOf(const Refusal &refusal)
{
	if (refusal.becomes_null || CostsAnIndex(refusal))
		return Severity::Warning;
	return IsRejected(refusal) ? Severity::Warning : Severity::Error;
}

std::string
RowFindings::SuggestionFor(const Refusal &refusal) const
{
	const bool existing = !table_.create;
	const std::string reject =
		assessment_.options.on_error == values::OnError::Stop ? ", or on_error => 'reject'" : "";

	switch (refusal.what)
	{
		case Refusal::What::Null:
			return "casts => {\"table.column\": {\"default\": \"...\"}}" + reject;
		case Refusal::What::Check:
			return "mend the rows in SQLite" + reject;
		case Refusal::What::Duplicate:
			return existing ? "mend the rows in SQLite, or on_error => 'reject' to keep all but "
							  "the first out"
							: "mend the rows in SQLite, or give the columns types that keep the "
							  "keys apart by casts";
		case Refusal::What::Value:
		{
			const auto known = assessment_.suggestions.find({table_.source->name, refusal.column});

			if (known != assessment_.suggestions.end() && !known->second.empty())
				return refusal.takes_null ? known->second : WithoutNull(known->second);
			if (!refusal.object.empty())
				return "casts => {\"table.column\": {\"map\": {\"old\": \"new\", ...}}}" + reject +
					   (!reject.empty() && refusal.takes_null ? " or 'null'" : "");
			break;
		}
		case Refusal::What::RowSize:
		case Refusal::What::KeySize:
			break;
	}
	return refusal.hint;
}

void
RowFindings::Add(const Refusal &refusal)
{
	Finding finding = MakeFinding(
		SeverityOf(refusal), ObjectType(refusal.what), table_.source->name, refusal.column,
		refusal.message + (refusal.reason.empty() ? "" : ": " + refusal.reason) +
			(refusal.becomes_null ? "; it becomes NULL" : "") +
			(CostsAnIndex(refusal) ? "; the index is left out" : ""),
		SuggestionFor(refusal));

	if (refusal.count > 0)
		finding.row_count = refusal.count;
	finding.sample_rowids = refusal.rowids;
	assessment_.Add(std::move(finding));
}

void
RowFindings::AddUnreadable(const std::string &what)
{
	const bool stops = assessment_.options.on_corruption == plan::OnCorruption::Error;

	assessment_.Add(MakeFinding(stops ? Severity::Error : Severity::Warning, "table",
								table_.source->name, {}, what,
								stops ? "on_corruption => 'salvage' loads what can be read; "
										"sqlite3's .recover may save more"
									  : ""));
}

/* Rows that may be left out, but not so many. */
void
RowFindings::CheckRejects(int64_t rejected)
{
	const std::optional<int64_t> most = assessment_.options.max_rejects;

	if (assessment_.options.on_error != values::OnError::Reject || !most.has_value() ||
		rejected <= *most)
		return;
	Finding finding = MakeFinding(Severity::Error, "table", table_.source->name, {},
								  "more rows would be rejected than max_rejects allows",
								  "raise max_rejects, or use casts for what the values have in "
								  "common");

	finding.row_count = rejected;
	assessment_.Add(std::move(finding));
}

} /* namespace */

void
AssessRows(Assessment &assessment, Migration &migration)
{
	for (const plan::TableDesign &table : migration.design().tables)
	{
		RowFindings findings(assessment, table);
		load::Trial trial;
		const bool append = assessment.options.on_existing == plan::OnExisting::Append;
		const load::CopyResult result = migration.Try(table, append, &trial);

		for (const Refusal &refusal : trial.refusals)
			findings.Add(refusal);
		if (!result.unreadable.empty())
			findings.AddUnreadable(result.unreadable);
		findings.CheckRejects(result.rejected);
	}
}

} /* namespace sqlite_import::migrate */
