/*
 * try_state.hpp
 *    What the parts of a trial's writer share (try_rows.hpp).
 */
#pragma once

#include "load/try_rows.hpp"

extern "C" {
#include "nodes/execnodes.h"
}

namespace sqlite_import::load
{

struct TrialWriter
{
	MemoryContext context;
	List *kinds; /* of Kind, there too */
	EState *executor;
	TupleTableSlot *slot;
	bool blind;         /* triggers may change rows: their rules are left to the load */
	Bitmapset *unknown; /* positions whose values only the load can know */
	Datum *defaults;
	bool *default_nulls;
	List *checks; /* of CheckRule, in try_rows.cpp */
	List *keys;   /* of KeyRule, in try_keys.cpp */
	/* of the batch, by row and position: values that were refused; null: none */
	bool *refused;
	bool may_be_too_big;
};

/* Adds the positions of the columns that an expression reads.  False: it needs a value that only
 * the load can know. */
bool AddNeeded(const TrialWriter &trial, Node *expression, Bitmapset **needed);

/* True if one of the values that a rule needs was refused. */
bool LacksNeeded(const CopyState &state, int row, const Bitmapset *needed);

/* A row that is left out because of it. */
void RefuseRow(CopyState *state, Batch *batch, int row, Refusal::What what, const char *message,
			   const char *hint, const char *object, int column = -1);

/* Notes that a row has the key of another. */
void NoteDuplicate(CopyState *state, const char *index, int64 rowid);

/* The unique keys that a table is to have, the indexes that it has, and the keys of its own rows if
 * they stay. */
void ReadKeys(CopyState *state);

/* Room for the keys of a batch, in its context. */
void MakeRoomForKeys(CopyState *state, const Batch &batch);

/* The keys of the row that stands in the trial's slot. */
void ComputeKeys(CopyState *state, Batch *batch, int row);

/* The keys of a batch's rows go to the others. */
void PutKeys(CopyState *state, const Batch &batch);

/* Finds those that are equal, and closes the indexes. */
void CompareKeys(CopyState *state);

} /* namespace sqlite_import::load */
