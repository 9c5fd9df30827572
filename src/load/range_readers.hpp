/*
 * range_readers.hpp
 *    Several threads that read one table by ranges of its rowids.
 *
 * Each has a connection of its own, all on one snapshot, and hands its batches
 * over through a queue of its own; the ranges are taken by whoever is free and
 * consumed in their order, so the rows come as one reader would have brought
 * them, and so does the first error.
 */
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "values/bounded_queue.hpp"
#include "values/range_dispenser.hpp"

#include "load/row_reader.hpp"
#include "pg/helper_thread.hpp"
#include "pg/source.hpp"

namespace sqlite_import::load
{

/* What it takes to read a table by ranges; no sources, no ranges. */
struct RangeRequest
{
	pg::Source *source = nullptr; /* of the table; outlives the readers */
	int threads = 0;              /* at most; its own connection is one of them */
	std::string rows;             /* the rows with ?1 <= rowid <= ?2, in order */
	std::string next;             /* the first rowid behind ?1, or NULL */
	std::string last;             /* the greatest rowid */
};

class RangeReaders
{
public:
	/*
	 * Readers for what follows the batch 'read', which is the start of the table; null if the
	 * rest is too small to be worth it, or can be seen by one connection only.
	 * 'whole', which read that batch from the table's own connection, is given up for the
	 * readers, and goes on only where there are none.  C++ frame: throws sqlite::Error,
	 * bad_alloc.
	 */
	static std::unique_ptr<RangeReaders> Make(const RangeRequest &request, RowReader *whole,
											  const Batch &read);

	~RangeReaders() { Stop(); }
	RangeReaders(const RangeReaders &) = delete;
	RangeReaders &operator=(const RangeReaders &) = delete;

	/* The next batch, or null at the end; takes the one before back.  A batch with an error is
	 * the last.  C++ frame: throws PgError when the backend is interrupted. */
	Batch *Next();

	/* Ends and joins the threads; the connections are free then. */
	void Stop() noexcept;

private:
	struct Reader
	{
		Reader(std::unique_ptr<pg::Source> own, RowReader row_reader, sqlite::Statement next,
			   size_t byte_budget)
			: source(std::move(own)), rows(std::move(row_reader)), next_rowid(std::move(next)),
			  queue(byte_budget)
		{
		}

		std::unique_ptr<pg::Source> source; /* null: the table's own */
		RowReader rows;
		sqlite::Statement next_rowid;
		std::vector<std::unique_ptr<Batch>> batches;
		values::BoundedQueue<Batch> queue;
		pg::HelperThread thread;
	};

	RangeReaders(int64 first, int64 last, uint64 wanted, uint64 width)
		: ranges_(first, last, wanted, width)
	{
	}

	void AddReader(const RangeRequest &request, const RowReader &pattern,
				   std::unique_ptr<pg::Source> source);
	bool Start(RowReader *whole) noexcept;
	bool StartThread(size_t who) noexcept;
	void ThreadBody(int who) noexcept;
	bool ReadRange(Reader &reader, const values::RangeDispenser::Range &range);
	void SkipGap(Reader &reader, int64 behind);

	values::RangeDispenser ranges_;
	std::vector<std::unique_ptr<Reader>> readers_;
	Reader *owner_ = nullptr;         /* of the range that is being consumed */
	Reader *current_owner_ = nullptr; /* of the batch that is with the consumer */
	Batch *current_ = nullptr;
};

} /* namespace sqlite_import::load */
