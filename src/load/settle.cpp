/*
 * settle.cpp
 *    What the leaf stage left open, batch by batch.
 *
 * Where a refusal ends the run, the server stage simply raises.  Where it makes a
 * NULL or leaves a row out (on_error, or on_mismatch of one column), its errors
 * must be survived, which takes a subtransaction: one for the whole batch, and
 * one more for each value that fails, never one for each value.
 */
#include "load/try_rows.hpp"
#include "pg/settings.hpp"
#include "pg/subtransaction.hpp"

namespace sqlite_import::load
{

namespace
{

using convert::Converted;
using convert::ErrorText;
using convert::Mismatch;
using convert::Outcome;

bool
RefusedIsNull(const CopyState &state, int column) noexcept
{
	return state.request->on_error == values::OnError::Null ||
		   state.converters[column]->rule.on_mismatch == values::OnMismatch::Null;
}

/* A value that is refused for good. */
void
RefuseCell(CopyState *state, Batch *batch, const OddCell &cell, Mismatch mismatch,
		   const ErrorData *error)
{
	convert::Converter *const converter = state->converters[cell.column];

	const convert::Place place = PlaceOf(*state, *batch, cell.row, cell.column);
	const bool is_null = RefusedIsNull(*state, cell.column) && converter->TakesNull();

	if (state->trial != nullptr)
	{
		/* who refused it, if it was not us */
		const char *const object = mismatch != Mismatch::Server ? nullptr
								   : error != nullptr && error->constraint_name != nullptr
									   ? error->constraint_name
									   : converter->type_name;

		NoteRefusal(state, *batch, cell.row, cell.column,
					cell.value->storage_class == convert::StorageClass::Null ? Refusal::What::Null
																			 : Refusal::What::Value,
					convert::DescribeMismatch(*converter, *cell.value, mismatch, place, error),
					object, is_null);
		batch->left_out[cell.row] = batch->left_out[cell.row] || !is_null;
		return;
	}
	if (is_null)
	{
		batch->nulled++;
		return;
	}
	if (state->request->on_error != values::OnError::Reject)
		convert::ReportMismatch(*converter, *cell.value, mismatch, place, error);
	RejectValue(state, batch, cell.row, cell.column, cell.value,
				convert::DescribeMismatch(*converter, *cell.value, mismatch, place, error));
}

void
StoreCell(CopyState *state, Batch *batch, const OddCell &cell, const Converted &converted)
{
	const int position = state->positions[cell.column];
	const auto index = static_cast<size_t>(cell.row) * static_cast<size_t>(state->target.width) +
					   static_cast<size_t>(position);

	batch->values[index] = converted.datum;
	batch->nulls[index] = converted.outcome != Outcome::Value;
	batch->altered += converted.altered;
}

/* One cell; what the server refuses is raised. */
void
SettleCell(CopyState *state, Batch *batch, const OddCell &cell, bool raise_plainly)
{
	convert::Converter *const converter = state->converters[cell.column];
	Converted converted;

	if (cell.mismatch != Mismatch::None)
	{
		RefuseCell(state, batch, cell, cell.mismatch, nullptr);
		return;
	}
	if (raise_plainly)
		converted = converter->Server(*cell.value);
	else
		converted = convert::ServerAt(
			converter, *cell.value, PlaceOf(*state, *batch, cell.row, cell.column), false, nullptr);
	switch (converted.outcome)
	{
		case Outcome::Value:
		case Outcome::Null:
			StoreCell(state, batch, cell, converted);
			return;
		case Outcome::Refused:
			RefuseCell(state, batch, cell, converted.mismatch, nullptr);
			return;
		case Outcome::Deferred:
		case Outcome::NoMemory:
			break;
	}
	ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

/* True if a refusal of this cell raises an error. */
bool
RefusalStops(const CopyState &state, const OddCell &cell) noexcept
{
	return state.request->on_error == values::OnError::Stop && state.trial == nullptr &&
		   !RefusedIsNull(state, cell.column);
}

/* True for a cell that only the server can settle, and whose refusal must be survived. */
bool
NeedsSubtransaction(const CopyState &state, const OddCell &cell) noexcept
{
	return cell.mismatch == Mismatch::None && !RefusalStops(state, cell);
}

/* The first such cell from 'from' on, or the number of cells. */
size_t
NextForSubtransaction(const CopyState &state, const Batch &batch, size_t from) noexcept
{
	while (from < batch.odd.size() && !NeedsSubtransaction(state, batch.odd[from]))
		from++;
	return from;
}

/*
 * Cells from 'from' on inside one subtransaction.  Returns the cell at which
 * PostgreSQL refused a value, *error then set, or the number of cells.
 */
size_t
SettleInSubtransaction(CopyState *state, Batch *batch, size_t from, ErrorData **error)
{
	volatile size_t at = from;
	ErrorData *const caught = pg::InSubtransaction(
		[&]
		{
			for (; at < batch->odd.size(); at = at + 1)
			{
				if (NeedsSubtransaction(*state, batch->odd[at]))
					SettleCell(state, batch, batch->odd[at], true);
			}
		});

	if (caught != nullptr && !convert::IsValueError(caught->sqlerrcode))
		ReThrowError(caught);
	*error = caught;
	return at;
}

void
SettleOddCells(CopyState *state, Batch *batch)
{
	const size_t count = batch->odd.size();

	for (const OddCell &cell : batch->odd)
		if (!NeedsSubtransaction(*state, cell))
			SettleCell(state, batch, cell, false);
	for (size_t at = NextForSubtransaction(*state, *batch, 0); at < count;)
	{
		ErrorData *error = nullptr;
		const size_t failed = SettleInSubtransaction(state, batch, at, &error);

		if (failed < count)
			RefuseCell(state, batch, batch->odd[failed], Mismatch::Server, error);
		at = NextForSubtransaction(*state, *batch, failed + 1);
	}
}

ErrorText
NotNullError(const CopyState &state, const Batch &batch, int row, const char *column)
{
	const convert::Place place = PlaceOf(state, batch, row, -1);
	ErrorText text = {};

	text.sqlstate = ERRCODE_NOT_NULL_VIOLATION;
	text.message =
		psprintf("null value in column \"%s\" of relation \"%s\" violates not-null constraint",
				 column, state.target.name);
	if (place.has_rowid)
		text.detail = psprintf("SQLite table \"%s\", rowid " INT64_FORMAT ".",
							   convert::NameText(place.table), place.rowid);
	else
		text.detail = psprintf("SQLite table \"%s\", row " INT64_FORMAT ".",
							   convert::NameText(place.table), place.row);
	text.hint = "Drop the NOT NULL, give the column a \"default\" in casts, or use on_error => "
				"'reject'.";
	return text;
}

void
CheckRequired(CopyState *state, Batch *batch)
{
	const Target &target = state->target;

	for (int row = 0; row < batch->rows; row++)
	{
		const bool *const nulls =
			batch->nulls.get() + static_cast<size_t>(row) * static_cast<size_t>(target.width);

		for (int i = 0; i < target.required_count; i++)
		{
			const int position = target.required[i].position;

			if (likely(!nulls[position]) ||
				(state->trial == nullptr ? batch->left_out[row] : IsRefused(*state, row, position)))
				continue;
			const ErrorText text = NotNullError(*state, *batch, row, target.required[i].name);
			if (state->trial != nullptr)
			{
				NoteRefusal(state, *batch, row, ReaderOf(*state, position), Refusal::What::Null,
							text, nullptr, false);
				batch->left_out[row] = true;
				continue;
			}
			if (state->request->on_error != values::OnError::Reject)
				ereport(ERROR, (errcode(text.sqlstate), errmsg("%s", text.message),
								errdetail("%s", text.detail), errhint("%s", text.hint)));
			RejectValue(state, batch, row, -1, nullptr, text);
		}
	}
}

} /* namespace */

int
ReaderOf(const CopyState &state, int position) noexcept
{
	for (int i = 0; i < state.column_count; i++)
		if (state.positions[i] == position)
			return i;
	return -1;
}

convert::Place
PlaceOf(const CopyState &state, const Batch &batch, int row, int column)
{
	convert::Place place = {};

	place.table = state.source_table;
	place.column = column >= 0 ? state.source_columns[column] : "";
	place.has_rowid = state.has_rowid;
	place.rowid = state.has_rowid ? batch.rowids[row] : 0;
	place.row = batch.first_row + row + 1;
	return place;
}

void
SettleBatch(CopyState *state, Batch *batch)
{
	if (!batch->odd.empty())
		SettleOddCells(state, batch);
	if (state->target.check_required && state->target.required_count > 0)
		CheckRequired(state, batch);
	FlushRejects(state);
	state->result->nulled += batch->nulled;
	state->result->altered += batch->altered;
	state->result->bytes += static_cast<int64_t>(batch->bytes());
}

} /* namespace sqlite_import::load */
