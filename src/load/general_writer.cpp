/*
 * general_writer.cpp
 *    Batches through PostgreSQL's own INSERT.
 *
 * One prepared statement, INSERT … SELECT from the function copy_batch(), takes a
 * batch at a time: planner and executor then see to triggers, rules, row
 * security, partitions, defaults, generated columns, foreign and distributed
 * tables, as for any other INSERT.  A batch runs in a subtransaction; when it
 * fails it is halved until the row is found, so that the error can say which one
 * it was, or the row can be left out.  Sound rows cost no subtransaction each.
 *
 * A table with a foreign key to itself gets all its rows in one statement, since
 * the key is checked when a statement ends and rows may refer to later ones.
 */
#include "load/writer.hpp"
#include "pg/settings.hpp"
#include "pg/subtransaction.hpp"

extern "C" {
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

extern PGDLLEXPORT Datum sqlite_import_copy_batch(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_copy_batch);
}

namespace sqlite_import::load
{

/* Rows of a batch that copy_batch() shall return; not a C++ object of any weight. */
struct RowRange
{
	CopyState *state;
	Batch *batch;
	int from;
	int to;
	bool whole; /* go on with the stream's further batches */
};

struct GeneralWriter
{
	SPIPlanPtr plan;
};

namespace
{

/* What copy_batch() returns while a statement of ours runs; a trigger may start another copy. */
RowRange *current_range = nullptr;

void
AppendColumnNames(StringInfo sql, const CopyState &state)
{
	const TupleDesc descriptor = RelationGetDescr(state.target.relation);

	for (int i = 0; i < state.column_count; i++)
		appendStringInfo(
			sql, "%s%s", i > 0 ? ", " : "",
			quote_identifier(NameStr(TupleDescAttr(descriptor, state.positions[i])->attname)));
}

/* AS b(c1 integer, …): the types of the function's columns, which are the target's. */
void
AppendBatchColumns(StringInfo sql, const CopyState &state)
{
	const TupleDesc descriptor = RelationGetDescr(state.target.relation);

	for (int i = 0; i < state.column_count; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, state.positions[i]);

		appendStringInfo(
			sql, "%sc%d %s", i > 0 ? ", " : "", i + 1,
			format_type_extended(attribute->atttypid, attribute->atttypmod,
								 FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
	}
}

bool
IsConflictColumn(const CopyState &state, const char *name)
{
	for (const std::string &column : state.request->conflict_columns)
		if (column == name)
			return true;
	return false;
}

void
AppendConflict(StringInfo sql, const CopyState &state)
{
	const TupleDesc descriptor = RelationGetDescr(state.target.relation);
	bool first = true;
	bool updates = false;

	if (state.request->on_conflict == OnConflict::None)
		return;
	appendStringInfoString(sql, " ON CONFLICT (");
	for (const std::string &column : state.request->conflict_columns)
	{
		appendStringInfo(sql, "%s%s", first ? "" : ", ", quote_identifier(column.c_str()));
		first = false;
	}
	appendStringInfoString(sql, ") DO ");
	for (int i = 0; i < state.column_count && state.request->on_conflict == OnConflict::Update; i++)
	{
		const Form_pg_attribute attribute = TupleDescAttr(descriptor, state.positions[i]);
		const char *const name = quote_identifier(NameStr(attribute->attname));

		/* a key column has its value already, and an identity ALWAYS may not be set */
		if (IsConflictColumn(state, NameStr(attribute->attname)) ||
			attribute->attidentity == ATTRIBUTE_IDENTITY_ALWAYS)
			continue;
		appendStringInfo(sql, "%s%s = EXCLUDED.%s", updates ? ", " : "UPDATE SET ", name, name);
		updates = true;
	}
	if (!updates)
		appendStringInfoString(sql, "NOTHING");
}

void
RunStatement(RowRange *range)
{
	RowRange *const outer = current_range;
	CopyState *const state = range->state;
	MemoryContext const context = CurrentMemoryContext;

	current_range = range;
	PG_TRY();
	{
		const int code = SPI_execute_plan(state->general->plan, nullptr, nullptr, false, 0);

		if (code < 0)
			elog(ERROR, "could not insert a batch: %s", SPI_result_code_string(code));
		state->result->rows += static_cast<int64_t>(SPI_processed);
	}
	PG_FINALLY();
	{
		current_range = outer;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
}

/* Null if the rows went in, otherwise what PostgreSQL said; nothing of the range is there then. */
ErrorData *
TryRange(RowRange *range)
{
	const int64_t rows = range->state->result->rows;
	ErrorData *const caught = pg::InSubtransaction([range] { RunStatement(range); });

	if (caught != nullptr)
		range->state->result->rows = rows;
	return caught;
}

/* True for an error that another row would not have met. */
bool
IsRowError(const CopyState &state, const ErrorData &error) noexcept
{
	return convert::IsValueError(error.sqlerrcode) ||
		   (error.sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE && state.target.row_security);
}

/* The error of one row: raised with its place, or kept. */
void
RefuseRow(CopyState *state, Batch *batch, int row, ErrorData *error)
{
	if (!IsRowError(*state, *error))
		ReThrowError(error);
	const convert::ErrorText text = DescribeRowError(*state, *batch, row, error);

	if (state->request->on_error == values::OnError::Reject)
	{
		RejectValue(state, batch, row, -1, nullptr, text);
		return;
	}
	/* schema, table and constraint of the original stay; our statement is no news to anybody */
	error->detail = const_cast<char *>(text.detail);
	error->hint = const_cast<char *>(text.hint);
	error->context = nullptr;
	ReThrowError(error);
}

/* Inserts rows [from, to) of the batch; halves them when they fail together. */
void
InsertRange(CopyState *state, Batch *batch, int from, int to)
{
	RowRange range = {state, batch, from, to, false};
	ErrorData *error;

	while (from < to && batch->left_out[from])
		from++;
	while (from < to && batch->left_out[to - 1])
		to--;
	if (from == to)
		return;
	range.from = from;
	range.to = to;
	CHECK_FOR_INTERRUPTS();
	error = TryRange(&range);
	if (error == nullptr)
		return;
	if (to - from == 1)
	{
		RefuseRow(state, batch, from, error);
		return;
	}
	/* not about a row: every half would fail the same way */
	if (!IsRowError(*state, *error))
		ReThrowError(error);
	InsertRange(state, batch, from, from + (to - from) / 2);
	InsertRange(state, batch, from + (to - from) / 2, to);
}

/* The rows of one range into the tuple store of the call.  May ereport. */
void
PutRows(ReturnSetInfo *result, const RowRange &range)
{
	const CopyState &state = *range.state;
	auto *const values = static_cast<Datum *>(palloc(sizeof(Datum) * (state.column_count + 1)));
	auto *const nulls = static_cast<bool *>(palloc(sizeof(bool) * (state.column_count + 1)));

	for (int row = range.from; row < range.to; row++)
	{
		const size_t start = static_cast<size_t>(row) * static_cast<size_t>(state.target.width);

		if (range.batch->left_out[row])
			continue;
		for (int i = 0; i < state.column_count; i++)
		{
			values[i] = range.batch->values[start + static_cast<size_t>(state.positions[i])];
			nulls[i] = range.batch->nulls[start + static_cast<size_t>(state.positions[i])];
		}
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	pfree(values);
	pfree(nulls);
}

/* True if the caller's column list is that of the batch: datums are handed over as they are. */
bool
SameColumns(const CopyState &state, TupleDesc descriptor)
{
	const TupleDesc target = RelationGetDescr(state.target.relation);

	if (descriptor->natts != state.column_count)
		return false;
	for (int i = 0; i < state.column_count; i++)
		if (TupleDescAttr(descriptor, i)->atttypid !=
			TupleDescAttr(target, state.positions[i])->atttypid)
			return false;
	return true;
}

/* C++ frame: the stream may throw. */
void
PutFurtherBatches(ReturnSetInfo *result, RowRange *range)
{
	for (;;)
	{
		Batch *const batch = range->state->stream->Next();

		if (batch == nullptr)
			return;
		pg::PgCall(
			[&]
			{
				MemoryContextReset(range->state->batch_context);
				MemoryContext const previous = MemoryContextSwitchTo(range->state->batch_context);

				SettleBatch(range->state, batch);
				PutRows(result, {range->state, batch, 0, batch->rows, true});
				MemoryContextSwitchTo(previous);
			});
	}
}

} /* namespace */

void
BeginGeneral(CopyState *state)
{
	MemoryContext const context = CurrentMemoryContext;
	StringInfoData sql;

	state->general = static_cast<GeneralWriter *>(palloc0(sizeof(GeneralWriter)));
	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO %s (",
					 quote_qualified_identifier(state->target.schema, state->target.name));
	AppendColumnNames(&sql, *state);
	/* what the source says of an identity column counts, as in COPY */
	appendStringInfoString(&sql, ") OVERRIDING SYSTEM VALUE SELECT * FROM "
								 "sqlite_import.copy_batch() AS b(");
	AppendBatchColumns(&sql, *state);
	appendStringInfoString(&sql, ")");
	AppendConflict(&sql, *state);
	/* one connection for the whole copy, so that the plan goes with it however the copy ends */
	SPI_connect();
	state->general->plan = SPI_prepare(sql.data, 0, nullptr);
	if (state->general->plan == nullptr)
		elog(ERROR, "could not prepare an insert: %s", SPI_result_code_string(SPI_result));
	MemoryContextSwitchTo(context);
}

void
EndGeneral(CopyState *state)
{
	SPI_finish();
}

void
WriteGeneral(CopyState *state, Batch *batch)
{
	InsertRange(state, batch, 0, batch->rows);
	FlushRejects(state);
}

void
WriteGeneralWhole(CopyState *state, Batch *batch)
{
	RowRange range = {state, batch, 0, batch->rows, true};
	ErrorData *const error = TryRange(&range);

	if (error == nullptr)
		return;
	/* which row it was is not known, but what PostgreSQL tells may hold its content */
	if (convert::IsValueError(error->sqlerrcode) && !pg::MayShowValues())
		error->detail = psprintf("SQLite table \"%s\".", convert::NameText(state->source_table));
	error->context = nullptr;
	ReThrowError(error);
}

} /* namespace sqlite_import::load */

/* The rows of the batch that the general writer is inserting; no use to anybody else. */
Datum
sqlite_import_copy_batch(PG_FUNCTION_ARGS)
{
	using namespace sqlite_import;
	load::RowRange *const range = load::current_range;

	if (range == nullptr)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("copy_batch() can be called only by a copy that is under way")));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
	if (!load::SameColumns(*range->state, result->setDesc))
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("copy_batch() returns other columns at the moment")));
	/* the statement asks once; whoever else asks gets nothing */
	load::current_range = nullptr;
	load::PutRows(result, *range);
	if (range->whole)
		pg::PgEntry([&] { load::PutFurtherBatches(result, range); });
	return static_cast<Datum>(0);
}
