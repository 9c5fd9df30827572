/*
 * row_reader.cpp
 *    Filling batches.
 */
#include "load/row_reader.hpp"

namespace sqlite_import::load
{

namespace
{

using convert::Converted;
using convert::Outcome;
using convert::SourceValue;

/* A batch ends with the row that brings it here: small enough that what the thread writes is
 * still in the cache when the backend reads it. */
constexpr size_t kBatchBytes = 128 * 1024;

} /* namespace */

RowReader::RowReader(sqlite::Statement statement, bool has_rowid, int rowid_column,
					 std::vector<ReaderColumn> columns, int width, int max_rows)
	: statement_(std::move(statement)), has_rowid_(has_rowid), rowid_column_(rowid_column),
	  columns_(std::move(columns)), width_(width), max_rows_(max_rows)
{
}

RowReader
RowReader::Another(sqlite::Statement statement) const
{
	return RowReader(std::move(statement), has_rowid_, rowid_column_, columns_, width_, max_rows_);
}

void
RowReader::Rewind() noexcept
{
	statement_.reset();
}

void
RowReader::Rewind(int64 first, int64 last) noexcept
{
	Rewind();
	/* parameters that are there can always be bound */
	sqlite3_bind_int64(statement_.handle(), 1, first);
	sqlite3_bind_int64(statement_.handle(), 2, last);
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

} /* namespace sqlite_import::load */
