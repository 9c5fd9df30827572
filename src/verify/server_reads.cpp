/*
 * server_reads.cpp
 *    The subtransaction around input functions.
 */
#include "verify/server_reads.hpp"

extern "C" {
#include "access/xact.h"
#include "utils/resowner.h"
}

#include "verify/put.hpp"

#include "pg/compat.h"

namespace sqlite_import::verify
{

namespace
{

/* True for errors that are no value's fault and must not be taken for one. */
bool
IsOfTheSession(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION):
		case ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES):
		case ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR):
			return true;
		default:
			return false;
	}
}

} /* namespace */

ServerReads::ServerReads()
	: outer_context_(CurrentMemoryContext), row_context_(nullptr),
	  outer_owner_(CurrentResourceOwner)
{
	row_context_ = pg::PgCall(
		[]
		{
			return AllocSetContextCreate(CurrentMemoryContext, "sqlite_import verify",
										 ALLOCSET_DEFAULT_SIZES);
		});
}

/* An error is on its way, and has been copied: it must not leave a subtransaction behind, which the
 * session would be stuck in. */
ServerReads::~ServerReads()
{
	if (!open_)
		return;
	try
	{
		pg::PgCall(
			[this]
			{
				RollbackAndReleaseCurrentSubTransaction();
				MemoryContextSwitchTo(outer_context_);
				CurrentResourceOwner = outer_owner_;
			});
	}
	catch (...)
	{
		/* The error that is on its way tells more than one about its cleaning up. */
	}
}

void
ServerReads::Open()
{
	BeginInternalSubTransaction(nullptr);
	MemoryContextSwitchTo(outer_context_);
	open_ = true;
}

bool
ServerReads::Attempt(Reading &reading, const SourceValue &value, sqlite3_stmt *statement,
					 int column, Hasher &hasher)
{
	volatile bool read = true;

	if (!open_)
		Open();
	PG_TRY();
	{
		MemoryContextSwitchTo(row_context_);
		ReadSourceOnServer(reading, value, statement, column, hasher);
		MemoryContextSwitchTo(outer_context_);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(row_context_);
		ErrorData *const error = CopyErrorData();

		if (IsOfTheSession(error->sqlerrcode))
		{
			MemoryContextSwitchTo(outer_context_);
			PG_RE_THROW();
		}
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(outer_context_);
		CurrentResourceOwner = outer_owner_;
		open_ = false;
		read = false;
	}
	PG_END_TRY();
	MemoryContextReset(row_context_);
	return read;
}

void
ServerReads::Read(Reading &reading, const SourceValue &value, sqlite3_stmt *statement, int column,
				  Hasher &hasher)
{
	const Hasher before = hasher;
	const bool read =
		pg::PgCall([&, this] { return Attempt(reading, value, statement, column, hasher); });

	if (!read)
	{
		hasher = before;
		PutUnreadable(reading, value, hasher);
	}
}

void
ServerReads::Finish()
{
	if (!open_)
		return;
	pg::PgCall(
		[this]
		{
			ReleaseCurrentSubTransaction();
			MemoryContextSwitchTo(outer_context_);
			CurrentResourceOwner = outer_owner_;
		});
	open_ = false;
}

} /* namespace sqlite_import::verify */
