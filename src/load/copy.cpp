/*
 * copy.cpp
 *    The frame around reader, conversion and writers.
 *
 * Everything that the copy holds lives in one memory context: converters in it,
 * the batch stream with its thread in a child of it, so that the thread is
 * joined before anything that it reads goes away, whether the copy ends well, by
 * an exception, or by the end of the session.
 */
#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "dialect/quote.hpp"
#include "sqlite/damage.hpp"
#include "load/copy.hpp"
#include "load/try_rows.hpp"
#include "load/writer.hpp"
#include "pg/errors.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "access/table.h"
#include "commands/progress.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/backend_progress.h"
#include "utils/memutils.h"
}

namespace sqlite_import::load
{

namespace
{

/*
 * A memory context that ends with its C++ scope.  It does not become the current
 * one: an error on its way out is kept in the current context, and must outlive
 * this scope.
 */
class ScopedContext
{
public:
	explicit ScopedContext(const char *name)
		: context_(pg::PgCall(
			  [name] {
				  return AllocSetContextCreateInternal(CurrentMemoryContext, name,
													   ALLOCSET_DEFAULT_SIZES);
			  }))
	{
	}
	~ScopedContext() { MemoryContextDelete(context_); }
	ScopedContext(const ScopedContext &) = delete;
	ScopedContext &operator=(const ScopedContext &) = delete;

	MemoryContext
	get() const noexcept
	{
		return context_;
	}

private:
	MemoryContext context_;
};

constexpr std::chrono::milliseconds kProgressInterval(100);

/* Values and NULL flags of a batch may take this much; wide rows make small batches. */
constexpr size_t kCellBytes = 256 * 1024;
constexpr int kFewestRows = 16;

int
RowsOfBatch(const CopyRequest &request, int width) noexcept
{
	const size_t row = static_cast<size_t>(Max(width, 1)) * (sizeof(Datum) + sizeof(bool));
	const auto most = static_cast<int>(Max(kCellBytes / row, static_cast<size_t>(kFewestRows)));

	return Max(Min(request.batch_size, most), 1);
}

/* The column that is the rowid under another name, which need not be read twice; -1: none. */
int
RowidColumn(const sqlite::Table &table, const std::vector<CopyColumn> &columns)
{
	if (!table.rowid_alias.has_value())
		return -1;
	for (size_t i = 0; i < columns.size(); i++)
		if (columns[i].source == table.columns[*table.rowid_alias].name)
			return static_cast<int>(i);
	return -1;
}

/*
 * SELECT t.rowid, t."a", … FROM "x" AS t: a column that is not there is an error,
 * not a string.
 */
std::string
SelectOf(const sqlite::Table &table, const std::vector<CopyColumn> &columns, bool *has_rowid)
{
	const std::optional<std::string> rowid = table.has_rowid() ? table.rowid_name() : std::nullopt;
	std::string sql = "SELECT ";

	*has_rowid = rowid.has_value();
	if (rowid && RowidColumn(table, columns) < 0)
		sql += "t." + *rowid;
	for (const CopyColumn &column : columns)
	{
		if (sql.back() != ' ')
			sql += ", ";
		sql += "t." + dialect::quote_sqlite_identifier(column.source);
	}
	if (sql.back() == ' ')
		sql += "NULL";
	sql += " FROM " + dialect::quote_sqlite_identifier(table.name) + " AS t";
	/* a covering index would give the rows in its own order, and keys would have to be sorted */
	if (table.kind == sqlite::TableKind::Ordinary)
		sql += " NOT INDEXED";
	return sql;
}

class Copy
{
public:
	Copy(const CopyRequest &request, MemoryContext context) : request_(request), context_(context)
	{
		memset(&state_, 0, sizeof(state_));
	}

	CopyResult
	Run()
	{
		columns_ = request_.columns.empty()
					   ? MatchColumns(*request_.source, *request_.table, request_.target)
					   : request_.columns;
		Prepare();
		CopyBatches();
		Finish();
		return result_;
	}

private:
	void
	Prepare()
	{
		std::vector<int> attnums;

		for (const CopyColumn &column : columns_)
			attnums.push_back(column.attnum);
		state_.request = &request_;
		state_.result = &result_;
		state_.source_table = request_.table->name.c_str();
		const auto open = request_.trial != nullptr ? OpenTrialTarget : OpenTarget;

		pg::PgCall(
			[&]
			{ open(&state_.target, request_, attnums.data(), static_cast<int>(attnums.size())); });
		if (state_.target.why_general != nullptr)
			result_.why_general = state_.target.why_general;
		result_.fast = state_.target.why_general == nullptr;
		result_.frozen = state_.target.may_freeze;
		readers_ = MakeConverters();
		MakeStream(SelectOf(*request_.table, columns_, &state_.has_rowid));
		InContext(
			[&]
			{
				state_.batch_context =
					AllocSetContextCreate(context_, "sqlite_import batch", ALLOCSET_DEFAULT_SIZES);
				if (request_.trial != nullptr)
					BeginTrial(&state_);
				else if (result_.fast)
					BeginFast(&state_);
				StartProgress();
			});
		if (!result_.fast && request_.trial == nullptr)
			pg::PgCall([&] { BeginGeneral(&state_); });
	}

	/* Server code whose allocations live as long as the copy. */
	template <typename F>
	void
	InContext(F &&f)
	{
		pg::PgCall(
			[&]
			{
				MemoryContext const previous = MemoryContextSwitchTo(context_);

				f();
				MemoryContextSwitchTo(previous);
			});
	}

	/* By reader column. */
	std::vector<ReaderColumn>
	MakeConverters()
	{
		const TupleDesc descriptor = state_.target.descriptor;
		const bool null = request_.on_error == values::OnError::Null;
		std::vector<ReaderColumn> readers;

		state_.column_count = static_cast<int>(columns_.size());
		for (const CopyColumn &column : columns_)
		{
			const Form_pg_attribute attribute = TupleDescAttr(descriptor, column.attnum - 1);
			convert::Converter *const converter =
				convert::MakeConverter(context_, NameStr(attribute->attname), attribute->atttypid,
									   attribute->atttypmod, column.rule);

			converters_.push_back(converter);
			names_.push_back(column.source.c_str());
			positions_.push_back(column.attnum - 1);
			const bool wanted = null || column.rule.on_mismatch == values::OnMismatch::Null;
			/* a trial counts what becomes NULL by its column */
			readers.push_back({converter, column.attnum - 1,
							   wanted && request_.trial == nullptr &&
								   pg::PgCall([=] { return converter->TakesNull(); })});
		}
		state_.converters = converters_.data();
		state_.source_columns = names_.data();
		state_.positions = positions_.data();
		return readers;
	}

	/* 'from' is bound to the select's parameter, if it has one.  The stream before is gone then. */
	void
	MakeStream(const std::string &select, const std::optional<int64_t> &from = std::nullopt)
	{
		const bool thread = pg::reader_threads > 0 && request_.source->thread_may_read();
		MemoryContext const below = pg::PgCall(
			[&] {
				return AllocSetContextCreateInternal(context_, "sqlite_import reader",
													 ALLOCSET_SMALL_SIZES);
			});
		if (stream_context_ != nullptr)
			pg::PgCall([this] { MemoryContextDelete(stream_context_); });
		stream_context_ = below;

		sqlite::Statement statement = request_.source->database().prepare(select);
		if (from.has_value())
			statement.bind_integer(1, *from);
		RowReader reader(std::move(statement), state_.has_rowid,
						 state_.has_rowid ? RowidColumn(*request_.table, columns_) : -1, readers_,
						 state_.target.width, RowsOfBatch(request_, state_.target.width));

		state_.stream = pg::PgNew<BatchStream>(
			below, std::move(reader), thread, from.has_value() ? RangeRequest() : RangesOf(select));
	}

	/* How several threads would read what 'select' reads. */
	RangeRequest
	RangesOf(const std::string &select) const
	{
		RangeRequest request;

		if (!state_.has_rowid || pg::reader_threads < 2 ||
			request_.table->kind != sqlite::TableKind::Ordinary)
			return request;
		const std::string rowid = "t." + *request_.table->rowid_name();
		const std::string from =
			" FROM " + dialect::quote_sqlite_identifier(request_.table->name) + " AS t NOT INDEXED";
		request.source = request_.source;
		request.threads = pg::reader_threads;
		request.rows = select + " WHERE " + rowid + " BETWEEN ?1 AND ?2 ORDER BY " + rowid;
		request.next = "SELECT min(" + rowid + ")" + from + " WHERE " + rowid + " > ?1";
		request.last = "SELECT max(" + rowid + ")" + from;
		return request;
	}

	void
	CopyBatches()
	{
		if (!CopyStream() || !state_.has_rowid)
			return;

		bool has_rowid;
		const std::string rowid = "t." + *request_.table->rowid_name();
		const std::string from_rowid = SelectOf(*request_.table, columns_, &has_rowid) + " WHERE " +
									   rowid + " >= ?1 ORDER BY " + rowid;
		std::string gaps;
		int count = 0;

		/* each gap costs some hundred seeks: a table so shattered is given up */
		while (count++ < kMostGaps)
		{
			const int64_t lost = last_rowid_.value_or(std::numeric_limits<int64_t>::min());
			const std::optional<int64_t> sound = FindSound(from_rowid, lost);

			if (count <= kGapsTold)
				gaps += (count > 1 ? "; " : "") + DescribeGap(sound);
			if (!sound.has_value())
				break;
			last_rowid_ = *sound - 1;
			MakeStream(from_rowid, sound);
			if (!CopyStream())
				break;
		}
		result_.unreadable = "rows " + gaps + (count > kGapsTold ? "; and more" : "") +
							 " could not be read: " + damage_;
	}

	std::string
	DescribeGap(const std::optional<int64_t> &sound) const
	{
		std::string text = last_rowid_.has_value() ? "behind rowid " + std::to_string(*last_rowid_)
												   : std::string();

		if (sound.has_value())
			text +=
				(text.empty() ? "before rowid " : " and before rowid ") + std::to_string(*sound);
		return text.empty() ? "of the whole table" : text;
	}

	/* True if there is a row at or behind that rowid, or the table's end, and no damage before it.
	 */
	bool
	IsSound(const std::string &select, int64_t rowid) const
	{
		try
		{
			sqlite::Statement statement = request_.source->database().prepare(select);

			statement.bind_integer(1, rowid);
			statement.step();
			return true;
		}
		catch (const sqlite::Error &error)
		{
			if (!sqlite::is_unreadable(error))
				throw;
			return false;
		}
	}

	/* The first rowid behind 'lost' from where the reading goes on: larger and larger steps until
	 * it does, then by halving the last one.  None if it does not. */
	std::optional<int64_t>
	FindSound(const std::string &select, int64_t lost) const
	{
		const auto last = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
		uint64_t low = static_cast<uint64_t>(lost);
		uint64_t step = 1;

		for (; step < last - low; step *= 2)
		{
			if (IsSound(select, static_cast<int64_t>(low + step)))
				break;
			low += step;
		}
		if (step >= last - low)
			return std::nullopt;
		while (step > 1)
		{
			const uint64_t half = step / 2;

			if (IsSound(select, static_cast<int64_t>(low + half)))
				step = half;
			else
			{
				low += half;
				step -= half;
			}
		}
		return static_cast<int64_t>(low + step);
	}

	/* True if the stream ended in damage; its message is then in damage_. */
	bool
	CopyStream()
	{
		const bool whole = !result_.fast && state_.target.self_reference;

		for (Batch *batch = state_.stream->Next(); batch != nullptr; batch = state_.stream->Next())
		{
			if (batch->rows > 0)
				last_rowid_ = state_.has_rowid ? batch->rowids[batch->rows - 1] : 0;
			if (batch->error_code != 0)
			{
				damage_ = batch->error_message;
				result_.unreadable = "rows behind the first " +
									 std::to_string(batch->first_row + batch->rows) +
									 " could not be read: " + damage_;
				if (!request_.salvage && request_.trial == nullptr)
					RefuseDamage(*batch);
			}

			const bool damaged = batch->error_code != 0;

			pg::PgCall([&] { WriteBatch(batch, whole); });
			ReportProgress();
			if (damaged)
				return true;
		}
		return false;
	}

	[[noreturn]] void
	RefuseDamage(const Batch &batch) const
	{
		const std::string reached = state_.has_rowid && last_rowid_.has_value()
										? ", up to rowid " + std::to_string(*last_rowid_)
										: std::string();

		throw pg::Reported(pg::SqlstateOfSqlite(batch.error_code), "SQLite: " + damage_,
						   "SQLite table \"" + request_.table->name + "\" could be read for " +
							   std::to_string(batch.first_row + batch.rows) + " rows" + reached +
							   ".",
						   "on_corruption => 'salvage' loads what can be read; sqlite3's .recover "
						   "may save more.");
	}

	/* Server frame. */
	void
	WriteBatch(Batch *batch, bool whole)
	{
		MemoryContext const previous = MemoryContextSwitchTo(state_.batch_context);

		SettleBatch(&state_, batch);
		if (request_.trial != nullptr)
			TryBatch(&state_, batch);
		else if (result_.fast)
			WriteFast(&state_, batch);
		else if (whole)
			WriteGeneralWhole(&state_, batch);
		else
			WriteGeneral(&state_, batch);
		MemoryContextSwitchTo(previous);
		MemoryContextReset(state_.batch_context);
		pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED, result_.rows);
		pgstat_progress_update_param(PROGRESS_COPY_TUPLES_EXCLUDED, result_.rejected);
		pgstat_progress_update_param(PROGRESS_COPY_BYTES_PROCESSED, result_.bytes);
		if (request_.expected_rows > 0 && result_.rows > 0)
			pgstat_progress_update_param(PROGRESS_COPY_BYTES_TOTAL, ExpectedBytes());
	}

	/* Bytes in the whole table, if its other rows are like those so far. */
	int64_t
	ExpectedBytes() const
	{
		const double bytes_per_row =
			static_cast<double>(result_.bytes) / static_cast<double>(result_.rows);
		const auto expected =
			static_cast<int64_t>(bytes_per_row * static_cast<double>(request_.expected_rows));

		return std::max(expected, result_.bytes);
	}

	/* Server frame. */
	void
	StartProgress()
	{
		pgstat_progress_start_command(PROGRESS_COMMAND_COPY, state_.target.relid);
		pgstat_progress_update_param(PROGRESS_COPY_COMMAND, PROGRESS_COPY_COMMAND_FROM);
		pgstat_progress_update_param(PROGRESS_COPY_TYPE, PROGRESS_COPY_TYPE_CALLBACK);
	}

	void
	ReportProgress()
	{
		const auto now = std::chrono::steady_clock::now();

		if (request_.on_progress == nullptr || now - last_progress_ < kProgressInterval)
			return;
		last_progress_ = now;
		request_.on_progress(request_.progress_argument, result_.rows);
	}

	void
	Finish()
	{
		pg::PgCall(
			[&]
			{
				if (request_.trial != nullptr)
					EndTrial(&state_);
				else if (result_.fast)
					EndFast(&state_);
				else
					EndGeneral(&state_);
				pgstat_progress_end_command();
				if (state_.target.relation != nullptr)
					table_close(state_.target.relation, NoLock);
			});
		if (request_.trial != nullptr)
			CollectRefusals(state_, &request_.trial->refusals);
	}

	const CopyRequest &request_;
	MemoryContext context_;
	std::vector<CopyColumn> columns_;
	std::vector<convert::Converter *> converters_;
	std::vector<ReaderColumn> readers_;
	std::vector<const char *> names_;
	std::vector<int> positions_;
	CopyState state_;
	CopyResult result_;
	std::optional<int64_t> last_rowid_; /* read; none: nothing yet */
	MemoryContext stream_context_ = nullptr;
	static constexpr int kMostGaps = 10000;
	static constexpr int kGapsTold = 10;
	std::string damage_; /* what SQLite said of the part that it could not read */
	std::chrono::steady_clock::time_point last_progress_ = std::chrono::steady_clock::now();
};

} /* namespace */

CopyResult
CopyTable(const CopyRequest &request)
{
	const ScopedContext context("sqlite_import copy");

	return pg::PgNew<Copy>(context.get(), request, context.get())->Run();
}

} /* namespace sqlite_import::load */
