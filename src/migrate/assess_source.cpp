/*
 * assess_source.cpp
 *    What the source alone tells: values that do not fit their types, texts that
 *    PostgreSQL refuses, NULLs and orphans where there should be none.
 */
#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "dialect/parse.hpp"
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
	bool takes_null; /* so that on_error => 'null' is a way out */
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

void
AssessType(Assessment &assessment, const ColumnCase &which)
{
	const CheckedType &checked = which.checked;
	const plan::Options &options = assessment.options;
	const bool refused = which.existing != nullptr || options.types != plan::Types::Checked;

	if (plan::find_cast(options, which.table, which.column) != nullptr)
		return;
	if (!checked.changed)
	{
		if (checked.from != values::From::Auto)
			assessment.Add(ColumnFinding(which, Severity::Info, checked.reason));
		return;
	}
	if (which.wanted.kind == TypeKind::Untyped)
		return;
	const bool mixed = checked.type.kind == TypeKind::Text || checked.type.kind == TypeKind::Bytea;
	const bool stops = refused && options.on_error == values::OnError::Stop;
	Finding finding =
		ColumnFinding(which, stops ? Severity::Error : (mixed ? Severity::Warning : Severity::Info),
					  refused ? "values do not fit " + which.wanted.pg_type + ": " + checked.reason
							  : "will be " + checked.type.pg_type + " instead of " +
									which.wanted.pg_type + ": " + checked.reason,
					  checked.suggestion);

	/* an existing column has the type that it has */
	constexpr const char *kDeclared = "types => 'declared' with ";

	if (!which.takes_null)
		finding.suggestion = WithoutNull(std::move(finding.suggestion));

	if (which.existing != nullptr && finding.suggestion.rfind(kDeclared, 0) == 0)
		finding.suggestion.erase(0, strlen(kDeclared));
	if (refused && which.existing != nullptr && finding.suggestion.empty())
		finding.suggestion = "ALTER TABLE ... ALTER COLUMN ... TYPE " + checked.type.pg_type;
	const sqlite::Evidence *const culprit = Culprit(which);

	if (culprit != nullptr)
		AddEvidence(assessment, which, *culprit, std::move(finding));
	else
		assessment.Add(std::move(finding));
}

void
AssessText(Assessment &assessment, const ColumnCase &which)
{
	const bool stops = assessment.options.invalid_text == values::InvalidText::Error;
	const Severity severity = stops ? Severity::Error : Severity::Warning;
	const TypeKind kind = which.checked.type.kind;

	if (!HoldsText(kind))
		return;
	if (which.profile.nul_bytes)
		AddEvidence(assessment, which, which.profile.nul_bytes,
					ColumnFinding(which, severity,
								  "texts with NUL bytes, which PostgreSQL's text cannot hold",
								  "invalid_text => 'strip' or 'replace', or casts => "
								  "{\"table.column\": \"bytea\"}"));
	if (which.profile.invalid_utf8)
		AddEvidence(assessment, which, which.profile.invalid_utf8,
					ColumnFinding(which, severity, "texts that are not valid UTF-8",
								  "invalid_text => 'replace' or 'strip', or casts => "
								  "{\"table.column\": \"bytea\"}"));
}

void
AssessNulls(Assessment &assessment, const ColumnCase &which)
{
	if (!which.profile.nulls)
		return;
	if (which.column.not_null)
		AddEvidence(
			assessment, which, which.profile.nulls,
			ColumnFinding(which, Severity::Error, "NULL in a column that is NOT NULL",
						  "casts => {\"table.column\": {\"default\": \"...\"}}, or mend the rows"));
	else if (which.column.primary_key_ordinal > 0)
		AddEvidence(assessment, which, which.profile.nulls,
					ColumnFinding(which, Severity::Warning,
								  "NULL in the primary key: it becomes a unique constraint",
								  "mend the rows in SQLite to keep the primary key"));
}

void
AssessColumn(Assessment &assessment, const sqlite::Table &table, size_t position,
			 const sqlite::ColumnProfile &profile, const plan::TargetTable *table_of_target,
			 const plan::TargetColumn *existing, const ResolvedType &wanted)
{
	const sqlite::Column &column = table.columns[position];
	ColumnCase which = {
		table, column, profile, existing, wanted, plan::checked_type(wanted, profile), true};

	which.takes_null = existing != nullptr ? !existing->not_null : !column.not_null;
	if (existing != nullptr && existing->is_domain())
		which.takes_null = AssessDomain(assessment, table, column, *table_of_target, *existing,
										which.checked.from) &&
						   which.takes_null;

	AssessType(assessment, which);
	AssessText(assessment, which);
	AssessNulls(assessment, which);
}

void
AssessColumns(Assessment &assessment, const sqlite::Table &table)
{
	const plan::TargetTable *const existing = assessment.Existing(table);
	std::vector<ResolvedType> types;
	std::vector<const plan::TargetColumn *> matches;
	std::set<size_t> profiled;
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
				AssessColumn(assessment, table, i, profile, existing, matches[i], types[i]);
				profiled.insert(i);
			}
		}
	}
	for (size_t i = 0; i < table.columns.size(); i++)
	{
		const plan::TargetColumn *const match = matches[i];

		if (profiled.count(i) == 0 && match != nullptr && match->is_domain() && !match->generated &&
			!assessment.IsExcluded(table, table.columns[i].name))
			AssessDomain(assessment, table, table.columns[i], *existing, *match,
						 values::From::Auto);
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

void
AddOrphans(Assessment &assessment, const sqlite::Table &table, const sqlite::ForeignKey &key,
		   const SourceRows &orphans)
{
	const bool stops = assessment.options.foreign_keys == plan::ForeignKeys::Validate;
	Finding finding =
		KeyFinding(table, key, stops ? Severity::Error : Severity::Warning,
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

void
AddBrokenCheck(Assessment &assessment, const sqlite::Table &table,
			   const dialect::CheckConstraint &check, const SourceRows &rows)
{
	Finding finding = MakeFinding(Severity::Error, "check", table.name, check.column,
								  "rows break the constraint CHECK (" + check.source + ")",
								  "mend the rows in SQLite");

	finding.row_count = rows.count;
	finding.sample_rowids = rows.rowids;
	assessment.Add(std::move(finding));
}

/*
 * Rows written while SQLite was told not to check.  The expressions go to SQLite
 * itself, which has parsed them as part of the table; PostgreSQL never sees them.
 */
void
AssessChecks(Assessment &assessment, const sqlite::Table &table)
{
	std::vector<dialect::CheckConstraint> checks;

	if (table.kind != sqlite::TableKind::Ordinary)
		return;
	try
	{
		checks = dialect::parse_create_table(table.sql).checks;
	}
	catch (const dialect::ParseError &)
	{
		/* a dry run tells of tables that cannot be parsed */
		return;
	}
	for (const dialect::CheckConstraint &check : checks)
	{
		SourceRows rows;

		try
		{
			rows = assessment.Find(table, "NOT (" + check.source + "\n)");
		}
		catch (const sqlite::Error &error)
		{
			/* functions that the application defined are not known here */
			if ((error.code() & 0xFF) != SQLITE_ERROR)
				throw;
		}
		if (rows.count > 0)
			AddBrokenCheck(assessment, table, check, rows);
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
	AssessForeignKeys(assessment, table);
	AssessChecks(assessment, table);
}

} /* namespace sqlite_import::migrate */
