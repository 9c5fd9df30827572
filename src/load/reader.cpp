/*
 * reader.cpp
 *    Filling batches, and the thread that does it beside the backend.
 */
#include <csignal>
#include <system_error>

#include "load/reader.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace sqlite_import::load
{

namespace
{

using convert::Converted;
using convert::Outcome;
using convert::SourceValue;

/* A batch ends with the row that brings it here: small enough that what the thread writes is
 * still in the cache when the backend reads it. */
constexpr size_t kBatchBytes = 256 * 1024;
/* Batches that go round, and what they may hold together. */
constexpr size_t kBatches = 6;
constexpr size_t kBytesInFlight = 16 * 1024 * 1024;
/* How long the backend waits for the thread before it looks for interrupts. */
constexpr std::chrono::milliseconds kPatience(20);

} /* namespace */

RowReader::RowReader(sqlite::Statement statement, bool has_rowid, int rowid_column,
					 std::vector<ReaderColumn> columns, int width, int max_rows)
	: statement_(std::move(statement)), has_rowid_(has_rowid), rowid_column_(rowid_column),
	  columns_(std::move(columns)), width_(width), max_rows_(max_rows)
{
}

std::unique_ptr<Batch>
RowReader::MakeBatch() const
{
	auto batch = std::make_unique<Batch>();
	const auto rows = static_cast<size_t>(max_rows_);
	const size_t cells = rows * static_cast<size_t>(width_);

	batch->values = std::make_unique<Datum[]>(cells);
	batch->nulls = std::make_unique<bool[]>(cells);
	batch->rowids = std::make_unique<int64[]>(rows);
	batch->left_out = std::make_unique<bool[]>(rows);
	/* columns of the target that nothing is read into stay NULL */
	for (size_t i = 0; i < cells; i++)
		batch->nulls[i] = true;
	return batch;
}

void
RowReader::Fill(Batch *batch) noexcept
{
	batch->arena.reset();
	batch->odd.clear();
	batch->rows = 0;
	batch->first_row = rows_read_;
	batch->nulled = 0;
	batch->altered = 0;
	batch->last = false;
	batch->error_code = 0;
	try
	{
		FillRows(batch);
	}
	catch (const sqlite::Error &error)
	{
		batch->error_code = error.code();
		batch->error_message = error.what();
	}
	catch (...)
	{
		/* nothing here throws but for want of memory; the text fits without allocating */
		batch->error_code = SQLITE_NOMEM;
		batch->error_message = "out of memory";
	}
}

void
RowReader::FillRows(Batch *batch)
{
	while (batch->rows < max_rows_ && batch->bytes() < kBatchBytes)
	{
		if (!statement_.step())
		{
			batch->last = true;
			return;
		}
		FillRow(batch, batch->rows);
		batch->left_out[static_cast<size_t>(batch->rows)] = false;
		batch->rows++;
		rows_read_++;
	}
}

void
RowReader::FillRow(Batch *batch, int row)
{
	sqlite3_stmt *const statement = statement_.handle();
	const size_t start = static_cast<size_t>(row) * static_cast<size_t>(width_);
	Datum *const values = batch->values.get() + start;
	bool *const nulls = batch->nulls.get() + start;
	int source_column = 0;

	if (has_rowid_ && rowid_column_ < 0)
		batch->rowids[static_cast<size_t>(row)] = sqlite3_column_int64(statement, source_column++);
	for (size_t i = 0; i < columns_.size(); i++, source_column++)
	{
		const ReaderColumn &column = columns_[i];
		SourceValue value;

		if (!convert::ReadValue(statement, source_column, &value))
			throw std::bad_alloc();
		if (source_column == rowid_column_)
			batch->rowids[static_cast<size_t>(row)] = value.integer;
		const Converted converted = column.converter->Leaf(value, batch->arena);
		if (likely(converted.outcome == Outcome::Value))
		{
			values[column.position] = converted.datum;
			nulls[column.position] = false;
			batch->altered += converted.altered;
			continue;
		}
		nulls[column.position] = true;
		if (converted.outcome != Outcome::Null)
			FillOdd(batch, row, static_cast<int>(i), value, converted);
	}
}

void
RowReader::FillOdd(Batch *batch, int row, int column, const SourceValue &value,
				   const Converted &converted)
{
	if (converted.outcome == Outcome::NoMemory)
		throw std::bad_alloc();
	if (converted.outcome == Outcome::Refused &&
		columns_[static_cast<size_t>(column)].refused_is_null)
	{
		batch->nulled++;
		return;
	}
	const SourceValue *const kept = convert::KeepValue(value, batch->arena);
	if (kept == nullptr)
		throw std::bad_alloc();
	batch->odd.push_back({row, column, converted.mismatch, kept});
}

BatchStream::BatchStream(RowReader reader, bool thread_allowed)
	: reader_(std::move(reader)), thread_allowed_(thread_allowed), queue_(kBytesInFlight)
{
	batches_.push_back(reader_.MakeBatch());
}

BatchStream::~BatchStream()
{
	if (!thread_.joinable())
		return;
	queue_.stop();
	/* a step may be in the middle of a long sort */
	sqlite3_interrupt(reader_.connection());
	thread_.join();
}

/* True for the codes by which SQLite says that a page is not what it should be. */
static bool
IsDamage(int code) noexcept
{
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB ||
		   code == SQLITE_IOERR_SHORT_READ;
}

Batch *
BatchStream::Next()
{
	if (ended_)
		return nullptr;
	if (current_ != nullptr && !thread_.joinable() && thread_allowed_)
		thread_allowed_ = StartThread();
	Batch *const batch = thread_.joinable() ? NextFromThread() : NextInline();
	if (batch == nullptr)
		return nullptr;
	ended_ = batch->last || batch->error_code != 0;
	if (batch->error_code != 0 && !IsDamage(batch->error_code))
		throw sqlite::Error(batch->error_code, batch->error_message);
	return batch;
}

Batch *
BatchStream::NextInline()
{
	current_ = batches_.front().get();
	reader_.Fill(current_);
	return current_;
}

Batch *
BatchStream::NextFromThread()
{
	if (current_ != nullptr)
	{
		const size_t bytes = current_->bytes();

		/* a large value must not wait for the batch's next turn */
		current_->arena.reset();
		queue_.give_back(current_, bytes);
	}
	current_ = nullptr;
	for (;;)
	{
		switch (queue_.get(&current_, kPatience))
		{
			case values::BoundedQueue<Batch>::Got::Filled:
				return current_;
			case values::BoundedQueue<Batch>::Got::Ended:
				return nullptr;
			case values::BoundedQueue<Batch>::Got::TimedOut:
				break;
		}
		pg::PgCall([] { CHECK_FOR_INTERRUPTS(); });
	}
}

/* False if there can be no thread; the backend then reads by itself. */
bool
BatchStream::StartThread()
{
	sigset_t all;
	sigset_t before;

	while (batches_.size() < kBatches)
	{
		batches_.push_back(reader_.MakeBatch());
		queue_.add(batches_.back().get());
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	try
	{
		thread_ = std::thread([this]() noexcept { ThreadBody(); });
	}
	catch (const std::system_error &)
	{
	}
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
	if (!thread_.joinable())
		return false;
	queue_.give_back(current_, 0);
	current_ = nullptr;
	return true;
}

void
BatchStream::ThreadBody() noexcept
{
	for (;;)
	{
		Batch *const batch = queue_.take_empty();

		if (batch == nullptr)
			return;
		reader_.Fill(batch);
		const bool last = batch->last || batch->error_code != 0;
		queue_.put(batch, batch->bytes());
		if (last)
			break;
	}
	queue_.finish();
}

} /* namespace sqlite_import::load */
