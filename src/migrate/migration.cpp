/*
 * migration.cpp
 *    Running the steps of a plan.
 */
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "dialect/quote.hpp"
#include "plan/names.hpp"
#include "sqlite/damage.hpp"
#include "user_error.hpp"

#include "migrate/copying.hpp"
#include "migrate/facts.hpp"
#include "migrate/migration.hpp"
#include "migrate/target_reader.hpp"
#include "migrate/runs.hpp"
#include "migrate/sequences.hpp"
#include "pg/encoding.hpp"
#include "pg/errors.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/table_lock.hpp"

extern "C" {
#include "miscadmin.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
}

namespace sqlite_import::migrate
{

namespace
{

using Clock = std::chrono::steady_clock;
using dialect::quote_literal;
using dialect::quote_sqlite_identifier;

/* More findings of a quick check than this say nothing new. */
constexpr size_t kMaxDamage = 100;

double
SecondsSince(Clock::time_point start)
{
	return std::chrono::duration<double>(Clock::now() - start).count();
}

/* PostgreSQL's own words hold the key's values. */
[[noreturn]] void
ThrowDuplicate(const plan::Step &step, const ErrorData &error, bool show_values)
{
	const std::string key =
		show_values && error.detail != nullptr ? std::string(" ") + error.detail : "";

	throw UserError("23505", step.object_type + " " + step.object_name + " does not hold",
					"Keys that SQLite tells apart are equal in the types of the columns." + key,
					"Give the columns types that keep them apart with casts, or correct the values "
					"in the source; SET sqlite_import.show_values = on to see the key.");
}

/*
 * Another session made something of the same name between our look at the schema
 * and this statement: an entry of PostgreSQL's own catalogs is taken, or the table,
 * whose name was free, is there.
 */
bool
MadeMeanwhile(const plan::Step &step, const ErrorData &error)
{
	if (error.sqlerrcode == ERRCODE_DUPLICATE_TABLE)
		return step.phase == plan::Phase::Table;
	return error.sqlerrcode == ERRCODE_UNIQUE_VIOLATION && error.schema_name != nullptr &&
		   strcmp(error.schema_name, "pg_catalog") == 0;
}

[[noreturn]] void
ThrowMadeMeanwhile(const plan::Step &step)
{
	throw UserError(step.object_type == "table" ? "42P07" : "42710",
					"another session has made " + step.object_type + " " +
						(step.target.empty() ? step.object_name : step.target) + " meanwhile",
					"It was not there when this run looked at the schema: perhaps two migrations "
					"into one schema run at once.",
					"Look at what is there, and call the function again if that is not enough.");
}

/*
 * A table that was empty when this run looked at it, and is to be loaded only if
 * it is: another run may have loaded it since.
 */
void
CheckStillEmpty(const plan::Design &design, const plan::TableDesign &table)
{
	const std::string name = dialect::quote_qualified(design.schema, table.existing->name);

	pg::LockForFirstLoad(table.existing->oid);
	if (pg::SpiValue("SELECT true FROM " + name + " LIMIT 1", pg::Names::Callers).has_value())
		throw UserError(sqlstate::kObjectNotInPrerequisiteState,
						"another session has put rows into table " + name + " meanwhile",
						"It was empty when this run looked at it: perhaps two migrations into one "
						"schema run at once.",
						"Look at what is there; on_existing => 'append', 'upsert' or 'truncate' "
						"loads into tables that hold rows.");
}

/* Whether the run goes on all the same: a salvage does. */
bool
LivesWith(const plan::Options &options, const sqlite::Error &error) noexcept
{
	return options.on_corruption == plan::OnCorruption::Salvage && sqlite::is_unreadable(error);
}

int64_t
CountRows(const sqlite::Database &database, const std::string &table)
{
	return database.query_integer("SELECT count(*) FROM " + quote_sqlite_identifier(table));
}

/* The rows of one table that refer to none. */
struct Orphans
{
	int64_t count = 0;
	std::string rowids; /* of the first ten */
};

/* By the key's id in the table.  Throws sqlite::Error. */
std::map<int64_t, Orphans>
FindOrphans(const sqlite::Database &database, const std::string &table)
{
	std::map<int64_t, Orphans> orphans;
	sqlite::Statement check =
		database.prepare("SELECT fkid, rowid FROM pragma_foreign_key_check(?1)");

	check.bind_text(1, table);
	while (check.step())
	{
		Orphans &found = orphans[check.integer(0)];

		if (++found.count <= 10 && !check.is_null(1))
			found.rowids += (found.rowids.empty() ? "" : ", ") + check.text(1);
	}
	return orphans;
}

Oid
RelationOid(const std::string &qualified_name)
{
	const std::optional<std::string> oid =
		pg::SpiValue("SELECT " + quote_literal(qualified_name) + "::pg_catalog.regclass::oid");

	return static_cast<Oid>(std::stoul(oid.value_or("0")));
}

/*
 * How many rows a table has, as far as that is known without reading it: SQLite's
 * statistics, or the greatest rowid.
 */
int64_t
ExpectedRows(const sqlite::Database &database, const sqlite::Table &table)
{
	if (table.estimated_rows.has_value())
		return *table.estimated_rows;
	if (!table.rowid_name().has_value() || table.kind != sqlite::TableKind::Ordinary)
		return 0;
	try
	{
		return database.query_integer("SELECT coalesce(max(" + *table.rowid_name() + "), 0) FROM " +
									  quote_sqlite_identifier(table.name));
	}
	catch (const sqlite::Error &)
	{
		return 0; /* damage is the load's to tell */
	}
}

/* A load that takes long tells how it goes. */
struct LoadWatch
{
	const char *target;
	int64_t expected_rows;
	Clock::time_point start;
	Clock::time_point told;

	static void Progress(void *argument, int64_t rows);
};

constexpr std::chrono::seconds kTellInterval(10);

void
LoadWatch::Progress(void *argument, int64_t rows)
{
	auto *watch = static_cast<LoadWatch *>(argument);
	const Clock::time_point now = Clock::now();

	if (now - watch->told < kTellInterval)
		return;
	watch->told = now;

	const double seconds = SecondsSince(watch->start);
	const double rate = static_cast<double>(rows) / seconds;
	const bool known = watch->expected_rows > rows;
	const double left = known ? static_cast<double>(watch->expected_rows - rows) / rate : 0;

	pg::PgCall(
		[&]
		{
			const char *target = pg::ToReadableEncoding(watch->target);

			if (known)
				ereport(NOTICE, (errmsg("loading table %s: %lld rows, %.0f rows a second, about "
										"%.0f s left",
										target, (long long) rows, rate, left)));
			else
				ereport(NOTICE, (errmsg("loading table %s: %lld rows, %.0f rows a second", target,
										(long long) rows, rate)));
		});
}

/* What pg_stat_activity shows meanwhile, which the view sqlite_import.progress reads. */
void
ShowStep(const plan::Step &step, size_t number, size_t steps)
{
	const std::string text =
		plan::printable_text(std::string("sqlite_import: ") + plan::phase_name(step.phase) + " " +
							 (step.target.empty() ? step.object_name : step.target) + " (" +
							 std::to_string(number) + " of " + std::to_string(steps) + ")");

	pg::PgCall([&]
			   { pgstat_report_activity(STATE_RUNNING, pg::ToReadableEncoding(text.c_str())); });
}

} /* namespace */

Migration::Migration(plan::Options options) : options_(std::move(options))
{
	MakePlan({});
}

Migration::Migration(plan::Options options, plan::Target target) : options_(std::move(options))
{
	MakePlan(std::move(target));
}

void
Migration::MakePlan(std::optional<plan::Target> target)
{
	pg::SourceUse use;

	use.views = true; /* their columns are asked for; nothing reads through them */
	use.bulk = true;
	use.salvage = options_.on_corruption == plan::OnCorruption::Salvage;
	source_ = pg::OpenSource(pg::ResolveSource(options_.source), use);

	const std::string damage = options_.quick_check ? CheckWhole() : std::string();

	catalog_ = sqlite::read_catalog(source_->database());
	target_ = target.has_value() ? std::move(*target) : ReadTarget(options_, catalog_);
	design_ = plan::make_design(catalog_, target_,
								GatherFacts(*source_, catalog_, target_, options_), options_);
	steps_ = plan::make_steps(design_, options_);

	const std::string note = source_->note();

	if (!note.empty())
		AddRemark("read", note);
	if (!damage.empty())
		AddRemark("damaged", "SQLite's quick check finds: " + damage);
	else if (options_.quick_check)
		AddRemark("checked", "SQLite's quick check finds no damage");
}

/* What is said of the database as a whole, in the report. */
void
Migration::AddRemark(const char *action, const std::string &note)
{
	plan::Step step;

	step.phase = plan::Phase::Report;
	step.kind = plan::StepKind::Remark;
	step.object_type = "database";
	step.object_name = options_.source;
	step.action = step.intent = action;
	step.note = note;
	steps_.push_back(std::move(step));
}

/* The option quick_check: nothing is begun on a damaged file, unless it is to be salvaged.  What
 * the check finds; empty: nothing. */
std::string
Migration::CheckWhole() const
{
	constexpr size_t kTold = 10;
	const std::vector<std::string> damage = sqlite::find_damage(source_->database(), kMaxDamage);
	std::string list;

	for (size_t i = 0; i < damage.size() && i < kTold; i++)
		list += (i == 0 ? "" : "; ") + damage[i];
	if (damage.size() > kTold)
		list += "; and " + std::to_string(damage.size() - kTold) +
				(damage.size() < kMaxDamage ? " more" : " or more");
	if (!damage.empty() && options_.on_corruption == plan::OnCorruption::Error)
		throw pg::Reported(ERRCODE_DATA_CORRUPTED, "the SQLite database is damaged",
						   "SQLite's quick check finds: " + list + ".",
						   "on_corruption => 'salvage' loads what can be read; sqlite3's .recover "
						   "may save more.");
	return list;
}

/* None: a damaged table of a salvage. */
std::optional<int64_t>
Migration::CountIfReadable(const std::string &table) const
{
	try
	{
		return CountRows(source_->database(), table);
	}
	catch (const sqlite::Error &error)
	{
		if (!LivesWith(options_, error))
			throw;
		return std::nullopt;
	}
}

std::vector<ReportRow>
Migration::DryRun()
{
	std::vector<ReportRow> report;

	for (const plan::Step &step : steps_)
	{
		ReportRow row;

		row.object_type = step.object_type;
		row.object_name = step.object_name;
		row.target = step.target;
		row.action = step.intent;
		row.note = step.note;
		if (step.kind == plan::StepKind::Load)
			row.rows = CountIfReadable(step.object_name);
		report.push_back(std::move(row));
	}
	return report;
}

std::vector<ReportRow>
Migration::Run()
{
	std::vector<ReportRow> report;
	const Clock::time_point start = Clock::now();
	int64_t rows = 0;
	int64_t rejected = 0;

	if (!options_.index_memory.empty())
	{
		/* checked now, so that a wrong value is told before the rows are loaded */
		pg::LocalSettings settings;

		settings.Set("maintenance_work_mem", options_.index_memory);
	}
	pg::PgCall([] { PreventCommandIfReadOnly("sqlite_import.migrate()"); });
	run_ = BeginRun();
	if (options_.on_existing == plan::OnExisting::LoadIfEmpty && options_.rows)
		for (const plan::TableDesign &table : design_.tables)
			if (!table.create && table.existing != nullptr)
				CheckStillEmpty(design_, table);
	CheckKeySizes();
	for (size_t i = 0; i < steps_.size(); i++)
	{
		const plan::Step &step = steps_[i];

		ShowStep(step, i + 1, steps_.size());
		report.push_back(RunStep(step));
		if (step.kind == plan::StepKind::Load)
		{
			rows += report.back().rows.value_or(0);
			rejected += report.back().rejected.value_or(0);
		}
	}

	pg::PgCall([] { pgstat_report_activity(STATE_RUNNING, debug_query_string); });

	ReportRow summary;

	summary.object_type = "database";
	summary.object_name = options_.source;
	summary.target = dialect::quote_identifier(design_.schema);
	summary.action = "migrated";
	summary.rows = rows;
	summary.rejected = rejected;
	summary.seconds = SecondsSince(start);
	summary.note = std::to_string(design_.tables.size()) + " tables";
	report.push_back(std::move(summary));
	RecordRun(run_, options_, catalog_, report);
	return report;
}

ReportRow
Migration::RunStep(const plan::Step &step)
{
	const Clock::time_point start = Clock::now();
	ReportRow row;

	row.object_type = step.object_type;
	row.object_name = step.object_name;
	row.target = step.target;
	row.action = step.action;
	row.note = step.note;
	switch (step.kind)
	{
		case plan::StepKind::Statement:
		case plan::StepKind::Reset:
			RunStatement(step, row);
			break;
		case plan::StepKind::Attempt:
			AttemptStatement(step, row);
			break;
		case plan::StepKind::Load:
			Load(step, row);
			break;
		case plan::StepKind::Verify:
			Verify(step, row);
			break;
		case plan::StepKind::Remark:
			return row;
	}
	row.seconds = SecondsSince(start);
	return row;
}

void
Migration::RunStatement(const plan::Step &step, ReportRow &row)
{
	/* emptying a table may fire the application's own triggers, which need its search path */
	if (step.phase == plan::Phase::Prepare)
	{
		pg::SpiExecute(step.statement);
		return;
	}
	if (step.kind == plan::StepKind::Reset)
	{
		ResetExisting(step, row);
		return;
	}

	const pg::SafeSearchPath path;
	pg::LocalSettings settings;

	if (!options_.index_memory.empty())
		settings.Set("maintenance_work_mem", options_.index_memory);
	if (step.phase == plan::Phase::ForeignKey)
	{
		AddForeignKey(step, row);
		return;
	}
	/* asked now: after an error the catalogs are out of reach */
	const bool show_values = pg::PgCall([] { return pg::MayShowValues(); });

	try
	{
		if (step.phase == plan::Phase::Key || step.phase == plan::Phase::Index)
			BuildIndex(step, row);
		else
			pg::SpiExecute(step.statement);
	}
	catch (const pg::PgError &error)
	{
		if (MadeMeanwhile(step, *error.edata()))
			ThrowMadeMeanwhile(step);
		if (error.edata()->sqlerrcode == ERRCODE_UNIQUE_VIOLATION)
			ThrowDuplicate(step, *error.edata(), show_values);
		throw;
	}
}

/* The sequences of a table that is its owner's: the caller may lack the right to set them. */
void
Migration::ResetExisting(const plan::Step &step, ReportRow &row)
{
	const plan::TableDesign &table = design_.tables[static_cast<size_t>(step.table)];
	SequenceMark mark;

	if (table.source->rowid_alias.has_value() && table.source->sequence.has_value())
	{
		const plan::ColumnDesign *const column =
			table.find_column(table.source->columns[*table.source->rowid_alias].name);

		if (column != nullptr && column->loaded)
			mark = {column->name, *table.source->sequence};
	}

	const std::vector<SequenceReset> resets = ResetSequencesOf(design_.schema, table.name, mark);

	if (std::any_of(resets.begin(), resets.end(),
					[](const SequenceReset &reset) { return reset.denied; }))
		row.action = "not reset";
	row.note = DescribeResets(resets);
}

void
Migration::AttemptStatement(const plan::Step &step, ReportRow &row)
{
	const pg::SafeSearchPath path;
	const std::optional<std::string> refusal = pg::SpiAttempt(step.statement);

	if (refusal.has_value())
	{
		row.action = "not migrated";
		row.note = "PostgreSQL refuses it: " + *refusal + "; " + step.statement;
	}
}

/*
 * Rows that break the key end the run, told by their rowids in SQLite; a key that
 * PostgreSQL cannot make for another reason is in the report.
 */
void
Migration::AddForeignKey(const plan::Step &step, ReportRow &row)
{
	const std::optional<std::string> refusal = pg::SpiAttempt(step.statement);

	if (!refusal.has_value())
		return;

	const sqlite::Table *child = catalog_.find_table(step.source_table);
	std::map<int64_t, Orphans> orphans;

	try
	{
		orphans = FindOrphans(source_->database(), child == nullptr ? "" : child->name);
	}
	catch (const sqlite::Error &error)
	{
		/* the rows that are referred to may be among those that could not be read */
		if (!LivesWith(options_, error))
			throw;
	}

	const auto found = orphans.find(step.foreign_key_id);

	/* nor can a salvage be complete where what is referred to was lost */
	if (found == orphans.end() || !salvaged_.empty())
	{
		row.action = "not migrated";
		row.note = "PostgreSQL refuses it: " + *refusal + "; " + step.statement;
		return;
	}

	const auto &[count, rowids] = found->second;
	const std::string detail =
		std::to_string(count) + " rows of \"" + step.source_table +
		"\" refer to rows that do not exist" +
		(rowids.empty() ? "" : " (rowids " + rowids + (count > 10 ? ", ...)" : ")")) + ".";

	throw UserError("23503", "foreign key " + step.object_name + " does not hold", detail,
					"Mend the rows in SQLite, or use foreign_keys => 'not_valid' to keep them and "
					"check new rows only, or foreign_keys => 'skip'.");
}

/* How a table's rows are read, and into which of its columns. */
load::CopyRequest
Migration::RequestOf(const plan::TableDesign &table, const std::map<std::string, int> &numbers)
{
	load::CopyRequest request = MakeCopyRequest(options_);

	request.source = source_.get();
	request.table = table.source;
	for (const plan::ColumnDesign &column : table.columns)
	{
		if (!column.loaded)
			continue;
		request.columns.push_back({column.source->name, numbers.at(column.name),
								   plan::effective_rule(column.rule, options_)});
	}
	return request;
}

void
Migration::Load(const plan::Step &step, ReportRow &row)
{
	const plan::TableDesign &table = design_.tables[static_cast<size_t>(step.table)];
	const Oid target = RelationOid(step.target);
	load::CopyRequest request = RequestOf(table, AttributeNumbers(target));

	request.run = run_;
	request.target = target;
	request.freeze = table.create;
	if (table.upsert)
	{
		request.on_conflict = load::OnConflict::Update;
		request.conflict_columns = table.existing->primary_key;
	}

	LoadWatch watch = {step.target.c_str(), ExpectedRows(source_->database(), *table.source),
					   Clock::now(), Clock::now()};

	request.expected_rows = watch.expected_rows;
	request.on_progress = LoadWatch::Progress;
	request.progress_argument = &watch;

	const load::CopyResult result = load::CopyTable(request);
	const double seconds = SecondsSince(watch.start);

	if (!result.unreadable.empty())
		salvaged_.insert(step.table);
	if (result.nulled > 0)
		nulled_.insert(step.table);
	row = CopyReport(step.object_name, step.target, result, seconds);
	tables_loaded_++;
	pg::PgCall(
		[&]
		{
			ereport(NOTICE,
					(errmsg("loaded table %s: %lld rows in %.2f s (%zu of %zu)",
							pg::ToReadableEncoding(step.target.c_str()), (long long) result.rows,
							seconds, tables_loaded_, design_.load_order.size())));
		});
}

/* "using": run again over what was read independently, which proves the reading alone. */
static std::string
DescribeUnproved(const verify::VerifyRequest &request)
{
	std::string list;

	for (const verify::ColumnPair &column : request.columns)
		if (column.rule.has_using())
			list += (list.empty() ? "" : ", ") + dialect::quote_identifier(column.target);
	return list.empty() ? list
						: "; what the expression of casts means is not proved, of column " + list;
}

/* The rows that the load of this run left out, for the comparison to leave out too. */
void
Migration::FindRejected(const sqlite::Table &table, verify::VerifyRequest &request) const
{
	if (options_.on_error != values::OnError::Reject)
		return;
	for (const pg::Row &row :
		 pg::SpiQuery("SELECT DISTINCT source_rowid, row_number FROM sqlite_import.rejected_rows"
					  " WHERE run = " +
					  quote_literal(run_) + " AND table_name = " + quote_literal(table.name) +
					  " ORDER BY source_rowid"))
	{
		if (row[0].has_value())
			request.rejected_rowids.push_back(std::stoll(*row[0]));
		else
			request.rejected_rows++;
	}
}

void
Migration::Verify(const plan::Step &step, ReportRow &row)
{
	const plan::TableDesign &table = design_.tables[static_cast<size_t>(step.table)];
	verify::VerifyRequest request;

	if (salvaged_.count(step.table) > 0)
	{
		row.action = "skipped";
		row.note = "not verified: the source could not be read whole";
		return;
	}

	request.target = RelationOid(step.target);
	request.level = options_.verify;
	request.may_hold_more =
		table.existing != nullptr && !table.create && !table.truncate && table.existing->has_rows;
	/* what PostgreSQL computes from a NULL is not what SQLite computed from the value */
	const bool computes_same = nulled_.count(step.table) == 0;
	bool computes = false;

	for (const plan::ColumnDesign &column : table.columns)
	{
		computes = computes || column.generated_sql.has_value();
		if (column.loaded || (column.generated_sql.has_value() && computes_same))
			request.columns.push_back(
				{column.source->name, column.name, plan::effective_rule(column.rule, options_)});
	}
	FindRejected(*table.source, request);

	const verify::VerifyResult result = verify::VerifyTable(*source_, *table.source, request);

	if (!result.equal)
		throw UserError(
			"22000",
			"verification failed: table " + step.target +
				" does not hold what the SQLite table \"" + table.source->name + "\" holds",
			"Source rows " + std::to_string(result.source_rows) + ", target rows " +
				std::to_string(result.target_rows) + ", missing " + std::to_string(result.missing) +
				", extra " + std::to_string(result.extra) + ", different " +
				std::to_string(result.different) +
				(result.sample.empty() ? "." : "; " + result.sample + "."),
			"Triggers or rules of the target may change what is loaded; if they are "
			"meant to, use verify => 'counts' or 'none'.");
	row.rows = result.source_rows;
	row.note = result.status;
	if (request.level != values::VerifyLevel::Counts)
		row.note += DescribeUnproved(request);
	if (computes && !computes_same)
		row.note += "; generated columns were not compared: values that they may be made of became "
					"NULL";
}

} /* namespace sqlite_import::migrate */
