/*
 * prefetch.cpp
 *    Filling batches in the thread, and taking them out of it.
 */
#include <sqlite3.h>

#include <ctime>
#include <new>

#include "fdw/prefetch.hpp"

#include "pg/compat.h"
#include "pg/helper_thread.hpp"

namespace sqlite_import::fdw
{

namespace
{

/* A batch ends with the row that brings it here: what the thread writes is still in the cache
 * when the backend reads it. */
constexpr size_t kBatchBytes = 256 * 1024;
constexpr int kBatchRows = 1000;
constexpr size_t kBatches = 4;
constexpr size_t kBytesInFlight = 8 * 1024 * 1024;
/* Rows that come slowly are not kept from the backend for longer than this. */
constexpr long kLongestFillMs = 20;

/* A clock that costs next to nothing, good to a few milliseconds. */
long
NowMs() noexcept
{
	timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

std::unique_ptr<RowBatch>
MakeBatch(size_t width)
{
	auto batch = std::make_unique<RowBatch>();

	batch->values = std::make_unique<Datum[]>(kBatchRows * width);
	batch->nulls = std::make_unique<bool[]>(kBatchRows * width);
	batch->rowids = std::make_unique<int64[]>(kBatchRows);
	return batch;
}

} /* namespace */

Prefetch::Prefetch(Connection &connection, sqlite3_stmt *statement,
				   std::vector<const convert::Converter *> converters, bool has_rowid)
	: connection_(connection), statement_(statement), converters_(std::move(converters)),
	  has_rowid_(has_rowid), queue_(kBytesInFlight)
{
	for (size_t i = 0; i < kBatches; i++)
	{
		batches_.push_back(MakeBatch(converters_.size()));
		queue_.add(batches_.back().get());
	}
	thread_ = pg::StartHelperThread([this]() noexcept { ThreadBody(); });
	connection_.Lend(this);
}

Prefetch::~Prefetch()
{
	connection_.TakeBack(this);
	if (!thread_.joinable())
		return;
	recalled_ = true;
	queue_.stop();
	/* a step may be in the middle of a long sort; no other statement is running */
	thread_.join();
}

RowBatch *
Prefetch::Next()
{
	pg::ReturnBatch(queue_, current_);
	current_ = pg::AwaitBatch(queue_);
	return current_;
}

void
Prefetch::Recall()
{
	recalled_ = true;
	queue_.stop();
	while (!ended_)
	{
		sqlite3_sleep(1);
		pg::PgCall([] { CHECK_FOR_INTERRUPTS(); });
	}
	thread_.join();
	connection_.TakeBack(this);
}

void
Prefetch::ThreadBody() noexcept
{
	while (RowBatch *const batch = recalled_ ? nullptr : queue_.take_empty())
	{
		Fill(*batch);
		const bool last = batch->code != SQLITE_ROW;
		queue_.put(batch, batch->arena.taken());
		if (last)
			break;
	}
	queue_.finish();
	ended_ = true;
}

void
Prefetch::Fill(RowBatch &batch) noexcept
{
	const long start = NowMs();

	batch.arena.reset();
	batch.odd.clear();
	batch.next_odd = 0;
	batch.rows = 0;
	batch.code = SQLITE_ROW;
	try
	{
		while (batch.rows < kBatchRows && batch.arena.taken() < kBatchBytes && !recalled_ &&
			   NowMs() - start < kLongestFillMs)
		{
			{
				const sqlite::Inside inside(connection_.handle());

				batch.code = sqlite3_step(statement_);
			}
			if (batch.code != SQLITE_ROW)
				break;
			FillRow(batch);
			batch.rows++;
		}
		if (batch.code != SQLITE_ROW && batch.code != SQLITE_DONE)
		{
			sqlite3 *const handle = sqlite3_db_handle(statement_);

			batch.code = sqlite3_extended_errcode(handle);
			batch.message = sqlite3_errmsg(handle);
		}
	}
	catch (...)
	{
		/* nothing here throws but for want of memory; the text fits without allocating */
		batch.code = SQLITE_NOMEM;
		batch.message = "out of memory";
	}
}

void
Prefetch::FillRow(RowBatch &batch)
{
	const size_t width = converters_.size();
	const size_t start = static_cast<size_t>(batch.rows) * width;

	for (size_t i = 0; i < width; i++)
	{
		convert::SourceValue value;

		if (!convert::ReadValue(statement_, static_cast<int>(i), &value))
			throw std::bad_alloc();
		const convert::Converted converted = converters_[i]->Leaf(value, batch.arena);
		batch.values[start + i] = converted.datum;
		batch.nulls[start + i] = converted.outcome != convert::Outcome::Value;
		if (likely(converted.outcome == convert::Outcome::Value ||
				   converted.outcome == convert::Outcome::Null))
			continue;
		const convert::SourceValue *const kept = convert::KeepValue(value, batch.arena);
		if (converted.outcome == convert::Outcome::NoMemory || kept == nullptr)
			throw std::bad_alloc();
		batch.odd.push_back({start + i, kept});
	}
	if (has_rowid_)
		batch.rowids[static_cast<size_t>(batch.rows)] =
			sqlite3_column_int64(statement_, static_cast<int>(width));
}

} /* namespace sqlite_import::fdw */
