/*
 * reader.hpp
 *    From a SQLite statement to batches of datums, in the backend or beside it.
 *
 * A RowReader steps the statement and runs the leaf stage on every value; it
 * calls nothing of the server, so the same code fills batches inline or in a
 * thread.  A BatchStream chooses: the first batch is always filled inline, since
 * most tables end there, and only then a thread is started.
 *
 * The thread blocks all signals (they are the backend's), and the destructor of
 * the stream stops and joins it.  A stream is therefore made by PgNew in a
 * context *below* that of the converters: children are deleted first.
 */
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sqlite/database.hpp"
#include "values/bounded_queue.hpp"

#include "convert/convert.hpp"

namespace sqlite_import::load
{

/* A value that the leaf stage could not settle. */
struct OddCell
{
	int row;                    /* in the batch */
	int column;                 /* in the reader's columns */
	convert::Mismatch mismatch; /* None: deferred to the server stage */
	const convert::SourceValue *value;
};

/* Converted rows.  All memory is the batch's own, and used again. */
struct Batch
{
	convert::Arena arena;
	std::unique_ptr<Datum[]> values; /* row after row, each as wide as the target's tuple */
	std::unique_ptr<bool[]> nulls;
	std::unique_ptr<int64[]> rowids;
	std::unique_ptr<bool[]> left_out; /* rows that are rejected; set by the backend */
	std::vector<OddCell> odd;         /* ordered by row */
	int rows = 0;
	int64 first_row = 0; /* how many rows were read before this batch */
	int64 nulled = 0;
	int64 altered = 0;
	bool last = false;  /* nothing follows */
	int error_code = 0; /* SQLite's, after the rows */
	std::string error_message;

	size_t
	bytes() const noexcept
	{
		return arena.taken();
	}
};

/* One column to read. */
struct ReaderColumn
{
	const convert::Converter *converter;
	int position; /* in the target's tuple, from 0 */
	bool refused_is_null;
};

class RowReader
{
public:
	/*
	 * 'statement' yields the rowid alone first if has_rowid and rowid_column is -1, then the
	 * columns; rowid_column is the one among them that is the rowid.
	 */
	RowReader(sqlite::Statement statement, bool has_rowid, int rowid_column,
			  std::vector<ReaderColumn> columns, int width, int max_rows);

	/* Throws bad_alloc. */
	std::unique_ptr<Batch> MakeBatch() const;

	/* Fills an empty batch.  Any thread, one at a time. */
	void Fill(Batch *batch) noexcept;

	sqlite3 *
	connection() const noexcept
	{
		return sqlite3_db_handle(statement_.handle());
	}

private:
	void FillRows(Batch *batch);
	void FillRow(Batch *batch, int row);
	void FillOdd(Batch *batch, int row, int column, const convert::SourceValue &value,
				 const convert::Converted &converted);

	sqlite::Statement statement_;
	const bool has_rowid_;
	const int rowid_column_;
	const std::vector<ReaderColumn> columns_;
	const int width_;
	const int max_rows_;
	int64 rows_read_ = 0;
};

class BatchStream
{
public:
	BatchStream(RowReader reader, bool thread_allowed);
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
	Batch *NextInline();
	Batch *NextFromThread();
	bool StartThread();
	void ThreadBody() noexcept;

	RowReader reader_;
	bool thread_allowed_;
	std::vector<std::unique_ptr<Batch>> batches_;
	values::BoundedQueue<Batch> queue_;
	std::thread thread_;
	Batch *current_ = nullptr; /* with the consumer */
	bool ended_ = false;
};

} /* namespace sqlite_import::load */
