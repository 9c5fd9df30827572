/*
 * range_readers.cpp
 *    The threads, and the order of what they bring.
 *
 * A reader that is ahead fills its own batches and then waits; the batches of the
 * one that the consumer waits for come back to it at once.  So nobody can hold
 * what another one needs, and memory is bounded by the batches of all readers.
 */
#include <algorithm>
#include <system_error>

#include "load/range_readers.hpp"

#include "pg/helper_thread.hpp"

namespace sqlite_import::load
{

namespace
{

using Range = values::RangeDispenser::Range;

/* Batches of one reader.  There are more threads than cores, and whoever is not on one is late by
 * some milliseconds: a reader must have room to go on for as long, and the consumer rows to write.
 */
constexpr size_t kBatches = 16;
constexpr uint64 kBatchesPerRange = 4;
constexpr size_t kBytesInFlight = 24 * 1024 * 1024;
/* Fewer batches than these, as far as one can tell, are not worth a second connection. */
constexpr uint64 kFewestBatches = 16;

} /* namespace */

std::unique_ptr<RangeReaders>
RangeReaders::Make(const RangeRequest &request, RowReader *whole, const Batch &read)
{
	if (request.threads < 2 || read.rows == 0)
		return nullptr;
	const int64 first = read.rowids[0];
	const int64 reached = read.rowids[read.rows - 1];
	const int64 last = request.source->database().query_integer(request.last);
	const auto rows = static_cast<uint64>(read.rows);
	const uint64 span = static_cast<uint64>(reached) - static_cast<uint64>(first) + 1;
	const uint64 left = static_cast<uint64>(last) - static_cast<uint64>(reached);

	if (last <= reached || left / span < kFewestBatches)
		return nullptr;
	std::unique_ptr<RangeReaders> readers(
		new RangeReaders(reached + 1, last, rows * kBatchesPerRange, span * kBatchesPerRange));
	readers->AddReader(request, *whole, nullptr);
	for (int i = 1; i < request.threads; i++)
	{
		std::unique_ptr<pg::Source> source = request.source->Another();

		if (source == nullptr)
			break;
		readers->AddReader(request, *whole, std::move(source));
	}
	if (readers->readers_.size() < 2 || !readers->Start(whole))
		return nullptr;
	return readers;
}

void
RangeReaders::AddReader(const RangeRequest &request, const RowReader &pattern,
						std::unique_ptr<pg::Source> source)
{
	sqlite::Database &database =
		source != nullptr ? source->database() : request.source->database();
	auto reader = std::make_unique<Reader>(
		std::move(source), pattern.Another(database.prepare(request.rows)),
		database.prepare(request.next), kBytesInFlight / static_cast<size_t>(request.threads));

	for (size_t i = 0; i < kBatches; i++)
	{
		reader->batches.push_back(reader->rows.MakeBatch());
		reader->queue.add(reader->batches.back().get());
	}
	readers_.push_back(std::move(reader));
}

/* False if the table's own connection is all there is; nothing has happened to it then. */
bool
RangeReaders::Start(RowReader *whole) noexcept
{
	bool started = false;

	for (size_t i = 1; i < readers_.size(); i++)
		started = StartThread(i) || started;
	if (!started)
		return false;
	/* from here on that connection is its thread's; without one, the others read all */
	whole->Rewind();
	StartThread(0);
	return true;
}

bool
RangeReaders::StartThread(size_t who) noexcept
{
	try
	{
		readers_[who]->thread =
			pg::StartHelperThread([this, who]() noexcept { ThreadBody(static_cast<int>(who)); });
	}
	catch (const std::system_error &)
	{
		return false;
	}
	return true;
}

void
RangeReaders::Stop() noexcept
{
	ranges_.stop();
	for (const auto &reader : readers_)
		reader->queue.stop();
	for (const auto &reader : readers_)
	{
		if (reader->thread.joinable())
			reader->thread.join();
		reader->rows.Rewind();
		reader->next_rowid.reset();
	}
}

Batch *
RangeReaders::Next()
{
	if (current_ != nullptr)
		pg::ReturnBatch(current_owner_->queue, current_);
	while (owner_ == nullptr)
	{
		int who;
		const auto got = ranges_.next_owner(&who, pg::kPatience);

		if (got == values::RangeDispenser::Got::Ended)
			return nullptr;
		if (got == values::RangeDispenser::Got::TimedOut)
			pg::PgCall([] { CHECK_FOR_INTERRUPTS(); });
		else
			owner_ = readers_[static_cast<size_t>(who)].get();
	}
	current_ = pg::AwaitBatch(owner_->queue);
	current_owner_ = owner_;
	if (current_ != nullptr && current_->last)
		owner_ = nullptr;
	return current_;
}

void
RangeReaders::ThreadBody(int who) noexcept
{
	Reader &reader = *readers_[static_cast<size_t>(who)];
	Range range;

	while (ranges_.claim(who, &range) && ReadRange(reader, range))
	{
	}
	reader.queue.finish();
}

/* False if the reader has to end. */
bool
RangeReaders::ReadRange(Reader &reader, const Range &range)
{
	uint64 rows = 0;

	reader.rows.Rewind(range.low, range.high);
	for (;;)
	{
		Batch *const batch = reader.queue.take_empty();

		if (batch == nullptr)
			return false;
		reader.rows.Fill(batch);
		rows += static_cast<uint64>(batch->rows);
		const bool failed = batch->error_code != 0;
		const bool last = batch->last;
		if (last)
		{
			ranges_.learn(range, rows);
			if (rows == 0)
				SkipGap(reader, range.high);
		}
		reader.queue.put(batch, batch->bytes());
		if (failed)
			return false;
		if (last)
			return true;
	}
}

/* An empty range may be the start of a long gap.  Of a failure the next range will tell. */
void
RangeReaders::SkipGap(Reader &reader, int64 behind)
{
	sqlite3_stmt *const next = reader.next_rowid.handle();

	if (sqlite3_bind_int64(next, 1, behind) == SQLITE_OK && sqlite::step(next) == SQLITE_ROW)
	{
		if (sqlite3_column_type(next, 0) == SQLITE_NULL)
			ranges_.end();
		else
			ranges_.skip_to(sqlite3_column_int64(next, 0));
	}
	sqlite::reset(next);
}

} /* namespace sqlite_import::load */
