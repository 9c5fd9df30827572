/*
 * findings.hpp
 *    What assess() finds: the checks of the source alone, and of the source
 *    against tables that exist.
 */
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/design.hpp"
#include "plan/options.hpp"
#include "plan/profile_words.hpp"
#include "plan/target.hpp"
#include "sqlite/catalog.hpp"
#include "sqlite/database.hpp"
#include "sqlite/profile.hpp"

#include "migrate/time_evidence.hpp"

namespace sqlite_import::migrate
{

enum class Severity
{
	Info,    /* good to know */
	Warning, /* something will change, or not be migrated */
	Error,   /* migrate with these options will stop */
};

struct Finding
{
	Severity severity = Severity::Info;
	std::string object_type;
	std::string object_name;
	std::string column_name; /* may be empty */
	std::string finding;
	std::optional<int64_t> row_count;
	std::vector<int64_t> sample_rowids;
	std::string suggestion; /* may be empty */
};

/* A finding without rows.  "table.column" in the suggestion becomes the names of both. */
inline Finding
MakeFinding(Severity severity, std::string object_type, const std::string &object_name,
			const std::string &column_name, std::string text, const std::string &suggestion = {})
{
	Finding finding;

	finding.severity = severity;
	finding.object_type = std::move(object_type);
	finding.object_name = object_name;
	finding.column_name = column_name;
	finding.finding = std::move(text);
	finding.suggestion = plan::fill_suggestion(suggestion, object_name, column_name);
	return finding;
}

/* Rows of the source that have something in common: how many, and some of their rowids. */
struct SourceRows
{
	int64_t count = 0;
	std::vector<int64_t> rowids;
};

/* What every check reads, and where its findings go. */
class Assessment
{
public:
	Assessment(const sqlite::Database &database, const sqlite::Catalog &catalog,
			   const plan::Target &target, const plan::Options &options)
		: database(database), catalog(catalog), target(target), options(options),
		  evidence(catalog, [&database](const sqlite::Table &table, const auto &requests)
				   { return sqlite::profile_table(database, table, requests); })
	{
	}

	const sqlite::Database &database;
	const sqlite::Catalog &catalog;
	const plan::Target &target;
	const plan::Options &options;
	TimeEvidence evidence;
	const plan::Design *design = nullptr; /* of the run that is foreseen; null: there is none */
	/* What would settle a column's values, by {table, column}. */
	std::map<std::pair<std::string, std::string>, std::string> suggestions;

	void
	Add(Finding finding)
	{
		findings_.push_back(std::move(finding));
	}

	const std::vector<Finding> &
	findings() const noexcept
	{
		return findings_;
	}

	/* Rows of a table that fulfil a condition in SQLite's SQL.  Throws sqlite::Error. */
	SourceRows Find(const sqlite::Table &table, const std::string &condition) const;

	/* The table that rows of 'table' will go into, if it exists and stays; else null. */
	const plan::TargetTable *Existing(const sqlite::Table &table) const;

	/* True if the caller left the column out. */
	bool IsExcluded(const sqlite::Table &table, const std::string &column) const;

private:
	std::vector<Finding> findings_;
};

/* The rows of evidence as a finding has them. */
SourceRows RowsOf(const sqlite::ColumnProfile &profile, const sqlite::Evidence &evidence);

/* Types, texts, NULLs and foreign keys of one table.  Throws sqlite::Error. */
void AssessSource(Assessment &assessment, const sqlite::Table &table);

class Migration;

/* The rows of all tables, as the load of that migration would take or refuse them.  Throws as
 * Migration. */
void AssessRows(Assessment &assessment, Migration &migration);

/* What would stop the run whatever the rows are: rights, and the server's limits.  Throws
 * PgError. */
void AssessRun(Assessment &assessment, const Migration &migration);

/* One table against the table that exists for it.  Throws sqlite::Error, PgError. */
void AssessTarget(Assessment &assessment, const sqlite::Table &table,
				  const plan::TargetTable &existing);

} /* namespace sqlite_import::migrate */
