/*
 * reader.hpp
 *    Batches of rows from a table, read in the backend or beside it.
 *
 * A BatchStream chooses: the first batch is always filled inline, since most
 * tables end there, and only then threads are started: one that goes on with the
 * statement, or several that read ranges of rowids (range_readers.hpp).
 *
 * Threads block all signals (they are the backend's), and the destructor of the
 * stream stops and joins them.  A stream is therefore made by PgNew in a context
 * *below* that of the converters: children are deleted first.
 */
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "values/bounded_queue.hpp"

#include "load/range_readers.hpp"
#include "load/row_reader.hpp"
#include "pg/helper_thread.hpp"

namespace sqlite_import::load
{

class BatchStream
{
public:
	/* With no threads allowed, 'ranges' is not looked at; with no ranges, one thread reads. */
	BatchStream(RowReader reader, bool thread_allowed, RangeRequest ranges);
	~BatchStream();
	BatchStream(const BatchStream &) = delete;
	BatchStream &operator=(const BatchStream &) = delete;

	/*
	 * The next batch, or null at the end; gives the one before back.  A batch
	 * whose error_code tells that the file is damaged is the last, and its rows
	 * are good.  C++ frame: throws sqlite::Error for every other error, and
	 * PgError when the backend is interrupted.
	 */
	Batch *Next();

private:
	Batch *Fetch();
	Batch *NextInline();
	Batch *NextFromThread();
	bool StartThread();
	void ThreadBody() noexcept;

	RowReader reader_;
	bool thread_allowed_;
	const RangeRequest range_request_;
	std::unique_ptr<RangeReaders> ranges_; /* instead of the thread */
	std::vector<std::unique_ptr<Batch>> batches_;
	values::BoundedQueue<Batch> queue_;
	pg::HelperThread thread_;
	Batch *current_ = nullptr; /* with the consumer */
	int64 rows_ = 0;           /* given out */
	bool ended_ = false;
};

} /* namespace sqlite_import::load */
