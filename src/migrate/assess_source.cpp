/*
 * assess_source.cpp
 *    What the source alone tells: types that its values choose, texts that will be
 *    changed, and orphans.  What the load refuses is told by assess_rows.cpp.
 */
#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "dialect/quote.hpp"
#include "plan/checked_type.hpp"
#include "plan/profile_words.hpp"

#include "migrate/findings.hpp"

namespace sqlite_import::migrate
{

namespace
{

using dialect::quote_sqlite_identifier;
using dialect::ResolvedType;
using dialect::TypeKind;
using plan::CheckedType;

constexpr size_t kSampleRows = 5;

/* The type of an existing column, with its length or precision, as the type rules know it. */
ResolvedType
TypeOfTarget(const std::string &pg_type)
{
	dialect::TypeOptions options;

	options.integers = values::IntegerType::Integer;
	const auto kind = dialect::kind_of_pg_type(pg_type);
	const ResolvedType read = dialect::resolve_declared_type(pg_type, options);

	if (!kind.has_value() || read.kind == *kind)
		return kind.has_value() ? read : dialect::type_of_kind(TypeKind::Text);
	ResolvedType type = dialect::type_of_kind(*kind);

	type.pg_type = pg_type;
	return type;
}

bool
HoldsText(TypeKind kind)
{
	return kind == TypeKind::Text || kind == TypeKind::Varchar || kind == TypeKind::Json ||
		   kind == TypeKind::Jsonb || kind == TypeKind::Untyped;
}

/* One column: what its values are, what they are to become, and by whose word. */
struct ColumnCase
{
	const sqlite::Table &table;
	const sqlite::Column &column;
	const sqlite::ColumnProfile &profile;
	const plan::TargetColumn *existing; /* null: the column will be made */
	ResolvedType wanted;
	CheckedType checked;
};

Finding
ColumnFinding(const ColumnCase &which, Severity severity, std::string text,
			  const std::string &suggestion = {})
{
	return MakeFinding(severity, "column", which.table.name, which.column.name, std::move(text),
					   suggestion);
}

void
AddEvidence(Assessment &assessment, const ColumnCase &which, const sqlite::Evidence &evidence,
			Finding finding)
{
	const SourceRows rows = RowsOf(which.profile, evidence);

	finding.row_count = rows.count;
	finding.sample_rowids = rows.rowids;
	assessment.Add(std::move(finding));
}

/* The values that made a type other than the wanted one necessary. */
const sqlite::Evidence *
Culprit(const ColumnCase &which)
{
	const sqlite::ColumnProfile &profile = which.profile;
	const bool number =
		which.wanted.kind == TypeKind::Int2 || which.wanted.kind == TypeKind::Int4 ||
		which.wanted.kind == TypeKind::Int8 || which.wanted.kind == TypeKind::Numeric ||
		which.wanted.kind == TypeKind::Float8 || which.wanted.kind == TypeKind::Bool;

	if (profile.blobs && which.wanted.kind != TypeKind::Bytea)
		return &profile.blobs;
	if (number && profile.texts)
		return &profile.texts;
	if (number && which.wanted.kind == TypeKind::Bool && profile.not_zero_or_one)
		return &profile.not_zero_or_one;
	if (number && which.wanted.kind != TypeKind::Numeric && profile.fractional)
		return &profile.fractional;
	if (profile.shapeless && profile.shapeless.count < profile.texts.count)
		return &profile.shapeless;
	if (profile.empty)
		return &profile.empty;
	if (profile.zero_dates)
		return &profile.zero_dates;
	return nullptr;
}

/*
 * A type that the values choose.  Where the type is given, by the target or by the
 * options, the load says which values it refuses (assess_rows.cpp), and what is
 * known of them is its suggestion.
 */
void
AssessType(Assessment &assessment, const ColumnCase &which)
{
	const CheckedType &checked = which.checked;
	const bool given =
		which.existing != nullptr || assessment.options.types != plan::Types::Checked;
	constexpr const char *kDeclared = "types => 'declared' with ";

	if (plan::find_cast(assessment.options, which.table, which.column) != nullptr)
		return;
	if (!checked.changed)
	{
		/* else the design says it, as migrate will */
		if (checked.from != values::From::Auto && !checked.reason.empty() &&
			assessment.design == nullptr)
			assessment.Add(ColumnFinding(which, Severity::Info, checked.reason));
		return;
	}
	if (which.wanted.kind == TypeKind::Untyped)
		return;
	if (given)
	{
		std::string suggestion = checked.suggestion;

		if (suggestion.rfind(kDeclared, 0) == 0)
			suggestion.erase(0, strlen(kDeclared));
		if (suggestion.empty() && which.existing != nullptr)
			suggestion = "ALTER TABLE ... ALTER COLUMN ... TYPE " + checked.type.pg_type;
		assessment.suggestions[{which.table.name, which.column.name}] = suggestion;
		return;
	}

	const bool mixed = checked.type.kind == TypeKind::Text || checked.type.kind == TypeKind::Bytea;
	Finding finding = ColumnFinding(which, mixed ? Severity::Warning : Severity::Info,
									"will be " + checked.type.pg_type + " instead of " +
										which.wanted.pg_type + ": " + checked.reason,
									checked.suggestion);
	const sqlite::Evidence *const culprit = Culprit(which);

	if (culprit != nullptr)
		AddEvidence(assessment, which, *culprit, std::move(finding));
	else
		assessment.Add(std::move(finding));
}

/* Texts that the load will change, as it is told to. */
void
AssessText(Assessment &assessment, const ColumnCase &which)
{
	if (assessment.options.invalid_text == values::InvalidText::Error ||
		!HoldsText(which.checked.type.kind))
		return;
	if (which.profile.nul_bytes)
		AddEvidence(assessment, which, which.profile.nul_bytes,
					ColumnFinding(which, Severity::Warning,
								  "texts with NUL bytes, which PostgreSQL's text cannot hold",
								  "casts => {\"table.column\": \"bytea\"} keeps them"));
	if (which.profile.invalid_utf8)
		AddEvidence(assessment, which, which.profile.invalid_utf8,
					ColumnFinding(which, Severity::Warning, "texts that are not valid UTF-8",
								  "casts => {\"table.column\": \"bytea\"} keeps them"));
}

void
AssessNulls(Assessment &assessment, const ColumnCase &which)
{
	if (which.profile.nulls && which.column.primary_key_ordinal > 0 && !which.column.not_null &&
		which.existing == nullptr)
		AddEvidence(assessment, which, which.profile.nulls,
					ColumnFinding(which, Severity::Warning,
								  "NULL in the primary key: it becomes a unique constraint",
								  "mend the rows in SQLite to keep the primary key"));
}

void
AssessColumn(Assessment &assessment, const sqlite::Table &table, size_t position,
			 const sqlite::ColumnProfile &profile, const plan::TargetColumn *existing,
			 const ResolvedType &wanted)
{
	const sqlite::Column &column = table.columns[position];

	assessment.evidence.Know(table, column, profile);
	const ColumnCase which = {table,   column,
							  profile, existing,
							  wanted,  assessment.evidence.Check(table, column, wanted, profile)};

	AssessType(assessment, which);
	AssessText(assessment, which);
	AssessNulls(assessment, which);
}

/* How the load will read columns of times: by which unit, in which zone. */
void
AssessReadings(Assessment &assessment, const sqlite::Table &table)
{
	if (assessment.design == nullptr)
		return;
	for (const plan::Remark &remark : assessment.design->remarks)
		for (const sqlite::Column &column : table.columns)
			if (remark.object_type == "column" && remark.action == "converted" &&
				remark.object_name == table.shown_name() + "." + column.shown_name())
				assessment.Add(
					MakeFinding(Severity::Info, "column", table.name, column.name, remark.note));
}

void
AssessColumns(Assessment &assessment, const sqlite::Table &table)
{
	const plan::TargetTable *const existing = assessment.Existing(table);
	std::vector<ResolvedType> types;
	std::vector<const plan::TargetColumn *> matches;
	dialect::TypeOptions type_options;

	type_options.integers = assessment.options.integer_type;
	for (const sqlite::Column &column : table.columns)
	{
		const plan::TargetColumn *const match =
			existing == nullptr ? nullptr
								: plan::match_column(*existing, column.shown_name(),
													 assessment.options.identifiers);

		matches.push_back(match);
		types.push_back(match == nullptr
							? dialect::resolve_declared_type(column.declared_type, type_options)
							: TypeOfTarget(match->stored_type()));
	}
	for (const sqlite::ColumnProfile &profile :
		 sqlite::profile_table(assessment.database, table, plan::profile_requests(table, types)))
	{
		for (size_t i = 0; i < table.columns.size(); i++)
		{
			const bool skipped = matches[i] != nullptr && matches[i]->generated;

			if (table.columns[i].name == profile.name && !skipped &&
				!assessment.IsExcluded(table, profile.name))
			{
				AssessColumn(assessment, table, i, profile, matches[i], types[i]);
			}
		}
	}
}

std::string
ForeignKeyWords(const sqlite::ForeignKey &key)
{
	std::string columns;

	for (const std::string &column : key.child_columns)
		columns += (columns.empty() ? "" : ", ") + column;
	return "(" + columns + ") -> " + key.parent_table;
}

Finding
KeyFinding(const sqlite::Table &table, const sqlite::ForeignKey &key, Severity severity,
		   std::string text, const std::string &suggestion)
{
	return MakeFinding(severity, "foreign key", table.name,
					   key.child_columns.size() == 1 ? key.child_columns[0] : "", std::move(text),
					   suggestion);
}

/* True if an index, or the key of the table, begins with the columns in any order. */
bool
IsIndexed(const sqlite::Table &table, const std::vector<std::string> &columns)
{
	const auto begins = [&](const std::vector<std::string> &candidate)
	{
		return candidate.size() >= columns.size() &&
			   std::all_of(columns.begin(), columns.end(),
						   [&](const std::string &column)
						   {
							   return std::any_of(candidate.begin(),
												  candidate.begin() +
													  static_cast<std::ptrdiff_t>(columns.size()),
												  [&](const std::string &name)
												  { return sqlite::names_equal(name, column); });
						   });
	};

	if (begins(table.primary_key()))
		return true;
	for (const sqlite::Index &index : table.indexes)
	{
		std::vector<std::string> names;

		for (const sqlite::IndexColumn &column : index.columns)
			names.push_back(column.name.value_or(""));
		if (!index.partial && begins(names))
			return true;
	}
	return false;
}

/* Orphans by PRAGMA foreign_key_check (sqlite.org/pragma.html#pragma_foreign_key_check). */
std::map<int64_t, SourceRows>
FindOrphans(const sqlite::Database &database, const sqlite::Table &table)
{
	std::map<int64_t, SourceRows> orphans;
	sqlite::Statement check =
		database.prepare("SELECT fkid, rowid FROM pragma_foreign_key_check(?1)");

	check.bind_text(1, table.name);
	while (check.step())
	{
		SourceRows &rows = orphans[check.integer(0)];

		if (++rows.count <= static_cast<int64_t>(kSampleRows) && !check.is_null(1))
			rows.rowids.push_back(check.integer(1));
	}
	return orphans;
}

/* True if the run makes the key and checks the rows against it. */
bool
IsChecked(const Assessment &assessment, const sqlite::Table &table, const sqlite::ForeignKey &key)
{
	if (assessment.options.foreign_keys != plan::ForeignKeys::Validate)
		return false;

	const plan::TableDesign *const design =
		assessment.design == nullptr ? nullptr : assessment.design->find_table(table.name);

	return design == nullptr ? assessment.design == nullptr
							 : std::any_of(design->foreign_keys.begin(), design->foreign_keys.end(),
										   [&](const plan::ForeignKeyDesign &made)
										   { return made.source_id == key.id; });
}

void
AddOrphans(Assessment &assessment, const sqlite::Table &table, const sqlite::ForeignKey &key,
		   const SourceRows &orphans)
{
	Finding finding = KeyFinding(
		table, key, IsChecked(assessment, table, key) ? Severity::Error : Severity::Warning,
		"rows refer to rows that do not exist: " + ForeignKeyWords(key),
		"mend the rows in SQLite, or foreign_keys => 'not_valid' to keep them and check "
		"new rows only, or foreign_keys => 'skip'");

	finding.row_count = orphans.count;
	finding.sample_rowids = orphans.rowids;
	assessment.Add(std::move(finding));
}

void
AssessForeignKeys(Assessment &assessment, const sqlite::Table &table)
{
	std::map<int64_t, SourceRows> orphans;

	if (table.foreign_keys.empty())
		return;
	try
	{
		orphans = FindOrphans(assessment.database, table);
	}
	catch (const sqlite::Error &error)
	{
		if ((error.code() & 0xFF) != SQLITE_ERROR)
			throw;
		/* "foreign key mismatch": the parent's columns are no key */
		assessment.Add(
			KeyFinding(table, table.foreign_keys.front(), Severity::Warning,
					   std::string("SQLite cannot check the foreign keys: ") + error.what(),
					   "make the columns referred to unique in SQLite"));
	}
	for (const sqlite::ForeignKey &key : table.foreign_keys)
	{
		const auto found = orphans.find(key.id);
		const bool parent_exists = assessment.catalog.find_table(key.parent_table) != nullptr;

		/* of keys to tables that do not exist, a dry run tells */
		if (parent_exists && found != orphans.end())
			AddOrphans(assessment, table, key, found->second);
		if (parent_exists && !IsIndexed(table, key.child_columns))
			assessment.Add(KeyFinding(table, key, Severity::Info,
									  "has no index: deleting or changing rows of " +
										  key.parent_table + " will read the whole table",
									  "CREATE INDEX after the migration"));
	}
}

} /* namespace */

SourceRows
RowsOf(const sqlite::ColumnProfile &profile, const sqlite::Evidence &evidence)
{
	SourceRows rows;

	rows.count = evidence.count;
	for (size_t i = 0; profile.has_rowids && i < sqlite::Evidence::kSamples &&
					   i < static_cast<size_t>(evidence.count);
		 i++)
		rows.rowids.push_back(evidence.rowids[i]);
	return rows;
}

SourceRows
Assessment::Find(const sqlite::Table &table, const std::string &condition) const
{
	const std::optional<std::string> rowid = table.rowid_name();
	sqlite::Statement statement =
		database.prepare("SELECT " + rowid.value_or("NULL") + " FROM " +
						 quote_sqlite_identifier(table.name) + " WHERE " + condition);
	SourceRows rows;

	while (statement.step())
	{
		if (++rows.count <= static_cast<int64_t>(kSampleRows) && !statement.is_null(0))
			rows.rowids.push_back(statement.integer(0));
	}
	return rows;
}

const plan::TargetTable *
Assessment::Existing(const sqlite::Table &table) const
{
	if (options.on_existing == plan::OnExisting::Replace)
		return nullptr;
	return plan::match_table(target, table.shown_name(), options.identifiers);
}

bool
Assessment::IsExcluded(const sqlite::Table &table, const std::string &column) const
{
	const std::string full_name = table.name + "." + column;

	return std::any_of(options.exclude.begin(), options.exclude.end(),
					   [&](const std::string &name)
					   { return sqlite::names_equal(name, full_name); });
}

void
AssessSource(Assessment &assessment, const sqlite::Table &table)
{
	if (!table.broken.empty())
	{
		assessment.Add(MakeFinding(Severity::Error, "table", table.name, {},
								   "SQLite cannot read the table: " + table.broken,
								   "leave it out with exclude"));
		return;
	}
	AssessColumns(assessment, table);
	AssessReadings(assessment, table);
	AssessForeignKeys(assessment, table);
}

} /* namespace sqlite_import::migrate */
