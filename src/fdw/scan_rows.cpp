/*
 * scan_rows.cpp
 *    Rows of SQLite's as tuples: values converted, sums put together, the rowid as ctid.
 */
#include <sqlite3.h>

#include "convert/convert.hpp"

#include "fdw/scan.hpp"
#include "fdw/scan_state.hpp"
#include "pg/encoding.hpp"

extern "C" {
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* high × 2^32 + low, and that divided by a count: what SQLite's own sum would overflow at. */
Datum
CombineSum(sqlite3_stmt *statement, int column, bool average, bool *is_null)
{
	*is_null = sqlite3_column_type(statement, column) == SQLITE_NULL;
	if (*is_null)
		return (Datum) 0;
	const Datum high = NumericGetDatum(int64_to_numeric(sqlite3_column_int64(statement, column)));
	const Datum low =
		NumericGetDatum(int64_to_numeric(sqlite3_column_int64(statement, column + 1)));
	const Datum base = NumericGetDatum(int64_to_numeric(INT64CONST(4294967296)));
	const Datum sum =
		DirectFunctionCall2(numeric_add, DirectFunctionCall2(numeric_mul, high, base), low);

	if (!average)
		return sum;
	return DirectFunctionCall2(
		numeric_div, sum,
		NumericGetDatum(int64_to_numeric(sqlite3_column_int64(statement, column + 2))));
}

convert::Place
PlaceOf(const ScanState &state, const Output *output, bool has_rowid, int64 rowid)
{
	convert::Place place = {output->table, output->column,  has_rowid, rowid, 0,
							true,          output->relation};

	place.perhaps_hidden = state.query.barrier == Barrier::DecidesLater;
	return place;
}

} /* namespace */

void
SetRowid(TupleTableSlot *slot, int64 rowid, const char *table)
{
	if (rowid < 0 || rowid >> 48 != 0)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("rowid %lld of SQLite table \"%s\" is too large to be a ctid",
							   (long long) rowid, pg::ToReadableEncoding(table))));
	ItemPointerSetBlockNumber(&slot->tts_tid, (BlockNumber) (rowid >> 16));
	ItemPointerSetOffsetNumber(&slot->tts_tid, (OffsetNumber) (rowid & 0xffff));
}

void
StoreRowid(ScanState *state, TupleTableSlot *slot, bool lenient)
{
	const int64 rowid = sqlite3_column_int64(state->statement, state->output_count);

	if (state->query.rowid == RowidUse::Ctid && (!lenient || rowid >> 48 == 0))
		SetRowid(slot, rowid, state->query.label);
}

void
StoreRow(ScanState *state, TupleTableSlot *slot)
{
	MemoryContextReset(state->values);
	state->arena->reset();
	MemoryContext old = MemoryContextSwitchTo(state->values);
	StoreValues(state, slot);
	MemoryContextSwitchTo(old);
}

void
StoreValues(ScanState *state, TupleTableSlot *slot)
{
	sqlite3_stmt *statement = state->statement;
	const bool has_rowid = state->query.rowid != RowidUse::None;
	convert::Place place = PlaceOf(*state, state->outputs, has_rowid, 0);
	int column = 0;

	StoreRowid(state, slot, false);
	if (has_rowid)
		place.rowid = sqlite3_column_int64(statement, state->output_count);
	for (int i = 0; i < state->output_count; i++)
	{
		const Output &output = state->outputs[i];
		Datum *value = &slot->tts_values[output.target];
		bool *is_null = &slot->tts_isnull[output.target];
		convert::SourceValue source;

		if (output.decides)
		{
			column++;
			continue;
		}
		if (output.kind != OutputKind::Value)
		{
			const bool average = output.kind == OutputKind::Average;

			*value = CombineSum(statement, column, average, is_null);
			column += average ? 3 : 2;
			continue;
		}
		if (!convert::ReadValue(statement, column++, &source))
			ReportStatement(statement);
		if (source.storage_class == convert::StorageClass::Null && output.converter->plain)
		{
			*value = (Datum) 0;
			*is_null = true;
			continue;
		}
		place.table = output.table;
		place.column = output.column;
		place.relation = output.relation;
		*value = convert::ConvertValue(output.converter, source, *state->arena, place, is_null);
	}
}

void
StoreBatchRow(ScanState *state, TupleTableSlot *slot)
{
	RowBatch *batch = state->batch;
	const size_t row = (size_t) state->batch_row++;
	const size_t width = (size_t) state->output_count;
	const size_t start = row * width;
	const bool has_rowid = state->query.rowid != RowidUse::None;

	for (size_t i = 0; i < width; i++)
	{
		slot->tts_values[state->outputs[i].target] = batch->values[start + i];
		slot->tts_isnull[state->outputs[i].target] = batch->nulls[start + i];
	}
	if (state->query.rowid == RowidUse::Ctid)
		SetRowid(slot, batch->rowids[row], state->query.label);
	if (likely(batch->next_odd == batch->odd.size() ||
			   batch->odd[batch->next_odd].cell >= start + width))
		return;
	MemoryContextReset(state->values);
	state->arena->reset();
	MemoryContext old = MemoryContextSwitchTo(state->values);
	while (batch->next_odd < batch->odd.size() && batch->odd[batch->next_odd].cell < start + width)
	{
		const OddValue &odd = batch->odd[batch->next_odd++];
		const Output &output = state->outputs[odd.cell - start];
		const convert::Place place = PlaceOf(*state, &output, has_rowid, batch->rowids[row]);

		slot->tts_values[output.target] = convert::ConvertValue(
			output.converter, *odd.value, *state->arena, place, &slot->tts_isnull[output.target]);
	}
	MemoryContextSwitchTo(old);
}

} /* namespace sqlite_import::fdw */
