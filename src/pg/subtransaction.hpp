/*
 * subtransaction.hpp
 *    Something that may fail without the transaction: run in a subtransaction,
 *    which is undone if it raises an error.
 *
 * The frame is PL/pgSQL's for a block with EXCEPTION (pl_exec.c): the memory
 * context and the resource owner of the caller are put back, whatever happened.
 */
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
}

namespace sqlite_import::pg
{

/*
 * Runs f, whose frames hold trivially destructible objects only.  Null: it ran,
 * and stays.  Otherwise the error that it raised, a copy in the caller's memory
 * context, and nothing of f is there; the caller decides whether the error is one
 * to live with, and otherwise must ReThrowError it, cancelled queries included.
 * May ereport.
 */
template <typename F>
ErrorData *
InSubtransaction(F &&f)
{
	MemoryContext const context = CurrentMemoryContext;
	ResourceOwner const owner = CurrentResourceOwner;
	ErrorData *volatile caught = nullptr;

	BeginInternalSubTransaction(nullptr);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		f();
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		caught = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return caught;
}

} /* namespace sqlite_import::pg */
