/*
 * prefetch.hpp
 *    A thread that reads a long scan ahead of the backend.
 *
 * A scan begins row by row, so that a lookup, or a LIMIT, costs nothing extra.
 * Once it has proved long, and is alone on its connection, the connection is
 * lent to a thread that steps the statement and runs the leaf stage of the
 * conversion into batches.  Whoever wants the connection meanwhile calls it back
 * (Connection::BeginRead): the thread ends after its row, the scan uses up what
 * has been read and goes on by itself.  All rows come from one statement and one
 * snapshot, whoever steps it.
 *
 * C++ side.
 */
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "values/bounded_queue.hpp"

#include "convert/convert.hpp"

#include "fdw/connection.hpp"
#include "pg/helper_thread.hpp"

namespace sqlite_import::fdw
{

/* A value that only the server can settle, or that was refused: to be converted again. */
struct OddValue
{
	size_t cell; /* row × width + column */
	const convert::SourceValue *value;
};

/* Converted rows.  All memory is the batch's own, and used again. */
struct RowBatch
{
	convert::Arena arena;
	std::unique_ptr<Datum[]> values; /* row after row */
	std::unique_ptr<bool[]> nulls;
	std::unique_ptr<int64[]> rowids;
	std::vector<OddValue> odd; /* in the order of the cells */
	size_t next_odd = 0;       /* the consumer's */
	int rows = 0;
	int code = 0; /* SQLITE_ROW: more may follow; SQLITE_DONE; else SQLite's error */
	std::string message;
};

class Prefetch final : public Borrower
{
public:
	/*
	 * Lends the connection out and starts the thread.  'statement' yields the
	 * columns of the converters and then, with has_rowid, the rowid; it is not
	 * owned, nor are the converters, and both must live longer.  Throws
	 * std::system_error if there can be no thread, bad_alloc.
	 */
	Prefetch(Connection &connection, sqlite3_stmt *statement,
			 std::vector<const convert::Converter *> converters, bool has_rowid);

	/* Ends the thread, in the middle of a step if need be. */
	~Prefetch() override;
	Prefetch(const Prefetch &) = delete;
	Prefetch &operator=(const Prefetch &) = delete;

	/*
	 * The next batch, which may be empty if its code is not SQLITE_ROW; gives the
	 * one before back.  Null when the connection has been called back and all that
	 * was read is used up.  C++ frame: throws PgError when the backend is interrupted.
	 */
	RowBatch *Next();

	/* Connection's: after it the thread touches nothing.  C++ frame: throws PgError. */
	void Recall() override;

private:
	void ThreadBody() noexcept;
	void Fill(RowBatch &batch) noexcept;
	void FillRow(RowBatch &batch);

	Connection &connection_;
	sqlite3_stmt *const statement_;
	const std::vector<const convert::Converter *> converters_;
	const bool has_rowid_;
	std::vector<std::unique_ptr<RowBatch>> batches_;
	values::BoundedQueue<RowBatch> queue_;
	std::atomic<bool> recalled_{false};
	std::atomic<bool> ended_{false}; /* the thread's last word */
	RowBatch *current_ = nullptr;    /* with the consumer */
	pg::HelperThread thread_;
};

} /* namespace sqlite_import::fdw */
