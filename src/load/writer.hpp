/*
 * writer.hpp
 *    What a writer is: batches in, rows in the table.
 *
 * All functions below the constructors run in server frames inside PgCall: they
 * may ereport and hold nothing that needs a destructor.
 */
#pragma once

#include "load/reader.hpp"
#include "load/target.hpp"

extern "C" {
#include "executor/spi.h"
#include "nodes/pg_list.h"
}

namespace sqlite_import::load
{

/* What settling, rejecting and both writers share; plain data in the copy's context. */
struct CopyState
{
	const CopyRequest *request;
	CopyResult *result;
	Target target;
	const char *source_table; /* SQLite's names, as C strings */
	bool has_rowid;
	int column_count;
	convert::Converter **converters; /* by reader column */
	const char **source_columns;
	int *positions;              /* in the tuple */
	MemoryContext batch_context; /* reset after each batch */
	BatchStream *stream;         /* for a statement that takes all batches */
	List *rejects;               /* of Reject, since the last flush; in batch_context */
	SPIPlanPtr reject_plan;      /* while they are flushed */
	struct TrialWriter *trial;   /* null but for a trial, which has no other writer */
	struct FastWriter *fast;
	struct GeneralWriter *general;
};

/* Where a cell or row stands. */
convert::Place PlaceOf(const CopyState &state, const Batch &batch, int row, int column);

/* The reader's column that is read into a place of the tuple; -1: none. */
int ReaderOf(const CopyState &state, int position) noexcept;

/*
 * Brings every odd cell of the batch to an end: the server stage for what was
 * deferred, the policy for what was refused.  Then checks NOT NULL, where no
 * trigger could help.  Rejected rows are marked left_out and recorded.
 */
void SettleBatch(CopyState *state, Batch *batch);

/*
 * Keeps a refused value, or with column -1 a refused row, for rejected_rows, and
 * leaves the row out.  Nothing is written before FlushRejects, so that a
 * subtransaction that rolls back takes no record with it.
 */
void RejectValue(CopyState *state, Batch *batch, int row, int column,
				 const convert::SourceValue *value, const convert::ErrorText &text);

/* The error of a whole row, in our words: the place, no content. */
convert::ErrorText DescribeRowError(const CopyState &state, const Batch &batch, int row,
									const ErrorData *error);

/* Writes what was rejected in this batch, and checks max_rejects. */
void FlushRejects(CopyState *state);

/* The fast writer. */
void BeginFast(CopyState *state);
void WriteFast(CopyState *state, Batch *batch);
void EndFast(CopyState *state);

/* The general writer. */
void BeginGeneral(CopyState *state);
void WriteGeneral(CopyState *state, Batch *batch);
void EndGeneral(CopyState *state);
/* One statement for this batch and all that follow. */
void WriteGeneralWhole(CopyState *state, Batch *batch);

} /* namespace sqlite_import::load */
