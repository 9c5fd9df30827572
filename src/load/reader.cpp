/*
 * reader.cpp
 *    The stream of batches, and the thread that fills them beside the backend.
 */
#include <system_error>

#include "load/reader.hpp"

#include "pg/helper_thread.hpp"

namespace sqlite_import::load
{

namespace
{

/* Batches that go round, and what they may hold together. */
constexpr size_t kBatches = 6;
constexpr size_t kBytesInFlight = 16 * 1024 * 1024;

} /* namespace */

BatchStream::BatchStream(RowReader reader, bool thread_allowed, RangeRequest ranges)
	: reader_(std::move(reader)), thread_allowed_(thread_allowed),
	  range_request_(std::move(ranges)), queue_(kBytesInFlight)
{
	batches_.push_back(reader_.MakeBatch());
}

BatchStream::~BatchStream()
{
	if (!thread_.joinable())
		return;
	queue_.stop();
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
	if (current_ != nullptr && thread_allowed_ && !thread_.joinable() && ranges_ == nullptr)
		thread_allowed_ = StartThread();
	Batch *const batch = Fetch();
	if (batch == nullptr)
		return nullptr;
	batch->first_row = rows_;
	rows_ += batch->rows;
	/* the last batch of a range is not the last */
	ended_ = (batch->last && ranges_ == nullptr) || batch->error_code != 0;
	if (ended_ && ranges_ != nullptr)
		ranges_->Stop();
	if (batch->error_code != 0 && !IsDamage(batch->error_code))
		throw sqlite::Error(batch->error_code, batch->error_message);
	return batch;
}

Batch *
BatchStream::Fetch()
{
	if (ranges_ != nullptr)
		return ranges_->Next();
	return thread_.joinable() ? NextFromThread() : NextInline();
}

Batch *
BatchStream::NextInline()
{
	current_ = batches_.front().get();
	/* where values are computed, the backend must be able to give up */
	if (reader_.is_run_aside())
		sqlite::aside([this]() noexcept { reader_.Fill(current_); });
	else
		reader_.Fill(current_);
	return current_;
}

Batch *
BatchStream::NextFromThread()
{
	pg::ReturnBatch(queue_, current_);
	current_ = pg::AwaitBatch(queue_);
	return current_;
}

/* Or several.  False if there can be no thread; the backend then reads by itself. */
bool
BatchStream::StartThread()
{
	ranges_ = RangeReaders::Make(range_request_, &reader_, *current_);
	if (ranges_ != nullptr)
		return true;
	while (batches_.size() < kBatches)
	{
		batches_.push_back(reader_.MakeBatch());
		queue_.add(batches_.back().get());
	}
	try
	{
		thread_ = pg::StartHelperThread([this]() noexcept { ThreadBody(); });
	}
	catch (const std::system_error &)
	{
		return false;
	}
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
