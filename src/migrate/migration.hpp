/*
 * migration.hpp
 *    One run from source to report: the way of the data, end to end.
 *
 * A Migration opens the source once, so that everything it reads is of one
 * snapshot, makes the whole plan before it changes anything, and then runs the
 * steps in the caller's transaction.  Any error ends the run and, with the
 * transaction, undoes it.
 */
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/design.hpp"
#include "plan/steps.hpp"

#include "load/copy.hpp"
#include "load/trial.hpp"
#include "migrate/report.hpp"
#include "pg/source.hpp"
#include "verify/verify.hpp"

namespace sqlite_import::migrate
{

class Migration
{
public:
	/* Opens the source and makes the plan.  C++ frame; throws UserError, ReportedError,
	 * sqlite::Error, PgError. */
	explicit Migration(plan::Options options);

	/* The same for a target that the caller has read, or thought out. */
	Migration(plan::Options options, plan::Target target);

	const std::vector<plan::Step> &
	steps() const
	{
		return steps_;
	}

	const plan::Design &
	design() const
	{
		return design_;
	}

	/* What loading one of the design's tables would refuse; nothing is written.  With 'rows_stay'
	 * the rows that the target holds count too. */
	load::CopyResult Try(const plan::TableDesign &table, bool rows_stay, load::Trial *trial);

	/* What Run would report, without changing anything. */
	std::vector<ReportRow> DryRun();

	/* Runs the steps.  Throws like the constructor. */
	std::vector<ReportRow> Run();

private:
	void MakePlan(std::optional<plan::Target> target);
	load::CopyRequest RequestOf(const plan::TableDesign &table,
								const std::map<std::string, int> &numbers);
	std::string CheckWhole() const;
	void AddRemark(const char *action, const std::string &note);
	std::optional<int64_t> CountIfReadable(const std::string &table) const;
	ReportRow RunStep(const plan::Step &step);
	void RunStatement(const plan::Step &step, ReportRow &row);
	void ResetExisting(const plan::Step &step, ReportRow &row);
	void CheckKeySizes();
	std::vector<load::Refusal> FindTooLong(const plan::TableDesign &table);
	void BuildIndex(const plan::Step &step, ReportRow &row);
	void LeaveOut(const plan::Step &step, const ErrorData &error, ReportRow &row);
	void AttemptStatement(const plan::Step &step, ReportRow &row);
	void AddForeignKey(const plan::Step &step, ReportRow &row);
	void Load(const plan::Step &step, ReportRow &row);
	void FindRejected(const sqlite::Table &table, verify::VerifyRequest &request) const;
	void Verify(const plan::Step &step, ReportRow &row);

	plan::Options options_;
	std::unique_ptr<pg::Source> source_;
	sqlite::Catalog catalog_;
	plan::Target target_;
	plan::Design design_;
	std::vector<plan::Step> steps_;
	std::string run_;        /* the number of this run in sqlite_import.runs */
	std::set<int> salvaged_; /* tables whose source is damaged: positions in the design */
	std::set<int> nulled_;   /* tables of which a value became NULL because it did not fit */
	size_t tables_loaded_ = 0;
};

} /* namespace sqlite_import::migrate */
