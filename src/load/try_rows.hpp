/*
 * try_rows.hpp
 *    The writer of a trial (trial.hpp), which writes nothing.
 *
 * Server frames, as in writer.hpp.
 */
#pragma once

#include "load/trial.hpp"
#include "load/writer.hpp"

namespace sqlite_import::load
{

/* Reads the rules of the target.  In the copy's memory context. */
void BeginTrial(CopyState *state);

/* Puts the settled rows of a batch to them. */
void TryBatch(CopyState *state, Batch *batch);

/* Compares the keys of all rows. */
void EndTrial(CopyState *state);

/* Notes a refusal of a value, or with column -1 of a row; 'object' may be null. */
void NoteRefusal(CopyState *state, const Batch &batch, int row, int column, Refusal::What what,
				 const convert::ErrorText &text, const char *object, bool becomes_null);

/* In a trial: the value that was to stand there was refused. */
bool IsRefused(const CopyState &state, int row, int position) noexcept;

/* C++ frame: hands the refusals over.  Throws bad_alloc. */
void CollectRefusals(const CopyState &state, std::vector<Refusal> *refusals);

} /* namespace sqlite_import::load */
