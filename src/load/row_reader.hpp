/*
 * row_reader.hpp
 *    From a SQLite statement to batches of datums.
 *
 * A RowReader steps the statement and runs the leaf stage on every value; it
 * calls nothing of the server, so the same code fills batches in the backend or
 * in a thread.
 */
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sqlite/database.hpp"

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
	int64 first_row = 0; /* how many rows came before this batch; set by the stream */
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

	/* A reader of the same columns from another statement, maybe of another connection. */
	RowReader Another(sqlite::Statement statement) const;

	/* Throws bad_alloc. */
	std::unique_ptr<Batch> MakeBatch() const;

	/* Begins again, with these values of the statement's parameters if given. */
	void Rewind() noexcept;
	void Rewind(int64 first, int64 last) noexcept;

	/* Fills an empty batch.  Any thread, one at a time. */
	void Fill(Batch *batch) noexcept;

	sqlite3 *
	connection() const noexcept
	{
		return sqlite3_db_handle(statement_.handle());
	}

	/* True if the backend should fill by sqlite::aside. */
	bool
	is_run_aside() const noexcept
	{
		return sqlite::is_run_aside(statement_.handle());
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
};

} /* namespace sqlite_import::load */
