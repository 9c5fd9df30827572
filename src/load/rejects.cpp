/*
 * rejects.cpp
 *    sqlite_import.rejected_rows: the values that were refused and the rows left
 *    out because of them.
 */
#include "load/writer.hpp"
#include "pg/record_keeper.hpp"
#include "pg/settings.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "utils/builtins.h"
}

namespace sqlite_import::load
{

namespace
{

/* The longest value that is kept; longer ones end in "..." and are in the source. */
constexpr size_t kKeptBytes = 64 * 1024;

/* One line to be. */
struct Reject
{
	convert::Place place;
	bool of_value;
	const char *storage_class;
	const char *value;
	convert::ErrorText text;
};

constexpr int kParameters = 12;

void
PrepareInsert(CopyState *state)
{
	Oid types[kParameters] = {TEXTOID, TEXTOID, TEXTOID, INT8OID, INT8OID, TEXTOID,
							  TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, REGROLEOID};

	state->reject_plan = SPI_prepare(
		"INSERT INTO sqlite_import.rejected_rows (run, target, table_name, source_rowid, "
		"row_number, column_name, storage_class, value, sqlstate, message, detail, "
		"role_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		kParameters, types);
	if (state->reject_plan == nullptr)
		elog(ERROR, "could not prepare the insert into rejected_rows");
}

void
InsertReject(CopyState *state, Datum role, const Reject &reject)
{
	const char *const run = state->request->run.c_str();
	Datum values[kParameters] = {};
	char nulls[kParameters + 1];

	memset(nulls, ' ', kParameters);
	nulls[kParameters] = '\0';
	values[0] = CStringGetTextDatum(run);
	values[1] =
		CStringGetTextDatum(quote_qualified_identifier(state->target.schema, state->target.name));
	values[2] = CStringGetTextDatum(convert::NameText(reject.place.table));
	values[3] = Int64GetDatum(reject.place.rowid);
	values[4] = Int64GetDatum(reject.place.row);
	if (!reject.place.has_rowid)
		nulls[3] = 'n';
	if (reject.of_value)
	{
		values[5] = CStringGetTextDatum(convert::NameText(reject.place.column));
		values[6] = CStringGetTextDatum(reject.storage_class);
		values[7] = CStringGetTextDatum(reject.value);
	}
	else
		nulls[5] = nulls[6] = nulls[7] = 'n';
	values[8] = CStringGetTextDatum(unpack_sql_state(reject.text.sqlstate));
	values[9] = CStringGetTextDatum(reject.text.message);
	values[10] = CStringGetTextDatum(reject.text.detail);
	values[11] = role;
	if (SPI_execute_plan(state->reject_plan, values, nulls, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not insert into rejected_rows");
}

} /* namespace */

void
RejectValue(CopyState *state, Batch *batch, int row, int column, const convert::SourceValue *value,
			const convert::ErrorText &text)
{
	MemoryContext const previous = MemoryContextSwitchTo(state->batch_context);
	auto *const reject = static_cast<Reject *>(palloc0(sizeof(Reject)));

	reject->place = PlaceOf(*state, *batch, row, column);
	reject->of_value = column >= 0;
	reject->text = text;
	if (reject->of_value)
	{
		reject->storage_class = sqlite::storage_class_name(value->storage_class);
		reject->value = convert::ValueText(*value, kKeptBytes);
	}
	state->rejects = lappend(state->rejects, reject);
	if (!batch->left_out[row])
		state->result->rejected++;
	batch->left_out[row] = true;
	MemoryContextSwitchTo(previous);
}

convert::ErrorText
DescribeRowError(const CopyState &state, const Batch &batch, int row, const ErrorData *error)
{
	const convert::Place place = PlaceOf(state, batch, row, -1);
	const char *const said =
		pg::MayShowValues() && error->detail != nullptr ? psprintf(" %s", error->detail) : "";
	const char *const table = convert::NameText(place.table);
	convert::ErrorText text = {};

	text.sqlstate = error->sqlerrcode;
	text.message = error->message;
	text.detail =
		place.has_rowid
			? psprintf("SQLite table \"%s\", rowid " INT64_FORMAT ".%s", table, place.rowid, said)
			: psprintf("SQLite table \"%s\", row " INT64_FORMAT ".%s", table, place.row, said);
	text.hint = error->hint != nullptr
					? error->hint
					: "on_error => 'reject' leaves such rows out and keeps them in "
					  "sqlite_import.rejected_rows.";
	return text;
}

void
FlushRejects(CopyState *state)
{
	if (state->rejects == NIL)
		return;
	const std::optional<int64_t> &limit = state->request->max_rejects;

	if (limit.has_value() && state->result->rejected > *limit)
	{
		const auto *const first = static_cast<const Reject *>(linitial(state->rejects));

		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 *limit == 0
					 ? errmsg("a row of SQLite table \"%s\" was refused",
							  convert::NameText(state->source_table))
					 : errmsg("more than " INT64_FORMAT " rows of SQLite table \"%s\" were refused",
							  static_cast<int64>(*limit), convert::NameText(state->source_table)),
				 errdetail("One of them: %s.  %s", first->text.message, first->text.detail),
				 errhint("Raise max_rejects, or use casts for what the values have in common.")));
	}
	const Datum role = ObjectIdGetDatum(GetUserId());

	pg::AsRecordKeeper(
		[state, role]
		{
			ListCell *cell;

			SPI_connect();
			PrepareInsert(state);
			foreach (cell, state->rejects)
				InsertReject(state, role, *static_cast<const Reject *>(lfirst(cell)));
			SPI_finish();
		});
	state->reject_plan = nullptr;
	state->rejects = NIL;
}

} /* namespace sqlite_import::load */
