/*
 * errors.cpp
 *    The one table from SQLite's result codes to SQLSTATEs, and the reporting
 *    of errors that were raised in C++ frames.
 */
#include <sqlite3.h>

#include "sqlite/guarded_open.hpp"
#include "sqlite/leash.hpp"
#include "sqlite/readonly_vfs.hpp"
#include "sqlite/writable_vfs.hpp"

#include "pg/encoding.hpp"
#include "pg/errors.hpp"
#include "pg/spi.hpp"

extern "C" {
#include "access/xact.h"
#include "miscadmin.h"
}

#include "pg/compat.h"

namespace sqlite_import::pg
{

namespace
{

struct Mapping
{
	int code; /* primary or extended result code */
	int sqlstate;
	const char *hint;
	const char *message = nullptr; /* where SQLite has none: codes of our own */
};

constexpr char kMemoryHint[] =
	"The setting \"sqlite_import.sqlite_memory\" limits what SQLite may allocate in a session.";

constexpr char kReconnectHint[] = "Reconnect: a new session can use SQLite again.";

/* Extended codes stand before the primary code that they refine. */
constexpr Mapping kMappings[] = {
	{SQLITE_CANTOPEN_ISDIR, ERRCODE_WRONG_OBJECT_TYPE, nullptr},
	{SQLITE_READONLY_DIRECTORY, ERRCODE_INSUFFICIENT_PRIVILEGE, nullptr},
	{SQLITE_READONLY_ROLLBACK, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	 "The file has an unfinished transaction in its -journal; open it once with sqlite3 as its "
	 "owner, which rolls it back."},
	{SQLITE_READONLY_RECOVERY, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	 "Open the file once with sqlite3 as its owner, which recovers its -wal."},
	{SQLITE_READONLY_CANTINIT, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	 "Open the file once with sqlite3 as its owner, which recovers its -wal."},
	{sqlite::kFileChanged, ERRCODE_OBJECT_IN_USE,
	 "Stop the program that writes to it, or read a copy made by sqlite3's .backup or VACUUM INTO.",
	 "the file was changed while it was read"},
	{sqlite::kIndexLost, ERRCODE_OBJECT_IN_USE,
	 "Find out which program truncates the -shm. The next statement opens the file anew.",
	 "the -shm beside the file was truncated while the file was open"},
	{sqlite::kNotRegular, ERRCODE_WRONG_OBJECT_TYPE,
	 "Find out who put a folder, a link, a pipe, a socket or a device in the place of the -journal, "
	 "the -wal or the -shm, and remove it.",
	 "a part of the database is not a regular file"},
	{sqlite::kSharedName, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	 "Find out which other name the -journal, the -wal or the -shm has (a hard link), and give it "
	 "only one.",
	 "a file beside the database is another file, too"},
	{sqlite::kForeignName, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
	 "If a program that writes to several databases at once was cut off, open the file once with "
	 "sqlite3 as its owner (SELECT count(*) FROM sqlite_schema), which ends that transaction; else "
	 "find out who wrote the -journal.",
	 "the -journal beside the file names another file (a super-journal), which is not opened"},
	{SQLITE_IOERR_LOCK, ERRCODE_IO_ERROR,
	 "The file system may not support locks: copy the file to a local one, or name it by a foreign "
	 "server with the option \"immutable\" if nobody writes to it."},
	{SQLITE_IOERR_NOMEM, ERRCODE_OUT_OF_MEMORY, kMemoryHint},
	{SQLITE_CONSTRAINT_NOTNULL, ERRCODE_NOT_NULL_VIOLATION, nullptr},
	{SQLITE_CONSTRAINT_UNIQUE, ERRCODE_UNIQUE_VIOLATION, nullptr},
	{SQLITE_CONSTRAINT_PRIMARYKEY, ERRCODE_UNIQUE_VIOLATION, nullptr},
	{SQLITE_CONSTRAINT_ROWID, ERRCODE_UNIQUE_VIOLATION, nullptr},
	{SQLITE_CONSTRAINT_FOREIGNKEY, ERRCODE_FOREIGN_KEY_VIOLATION, nullptr},
	{SQLITE_CONSTRAINT_CHECK, ERRCODE_CHECK_VIOLATION, nullptr},
	{SQLITE_ERROR, ERRCODE_FDW_ERROR, nullptr},
	{SQLITE_PERM, ERRCODE_INSUFFICIENT_PRIVILEGE, nullptr},
	{SQLITE_BUSY, ERRCODE_LOCK_NOT_AVAILABLE,
	 "Another program is writing to the file; try again when it has finished."},
	{SQLITE_LOCKED, ERRCODE_LOCK_NOT_AVAILABLE, nullptr},
	{SQLITE_PROTOCOL, ERRCODE_OBJECT_IN_USE,
	 "Another program writes to the file without a pause; try again when it has finished."},
	{SQLITE_NOMEM, ERRCODE_OUT_OF_MEMORY, kMemoryHint},
	{SQLITE_READONLY, ERRCODE_READ_ONLY_SQL_TRANSACTION, nullptr},
	{SQLITE_INTERRUPT, ERRCODE_QUERY_CANCELED, nullptr},
	{SQLITE_IOERR, ERRCODE_IO_ERROR, nullptr},
	{SQLITE_CORRUPT, ERRCODE_DATA_CORRUPTED,
	 "Run PRAGMA integrity_check on the file; on_corruption => 'salvage' or sqlite3's .recover may "
	 "save what is readable."},
	{SQLITE_FULL, ERRCODE_DISK_FULL, nullptr},
	{SQLITE_CANTOPEN, ERRCODE_UNDEFINED_FILE, nullptr},
	{SQLITE_TOOBIG, ERRCODE_PROGRAM_LIMIT_EXCEEDED, nullptr},
	{SQLITE_CONSTRAINT, ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION, nullptr},
	{SQLITE_MISMATCH, ERRCODE_DATATYPE_MISMATCH, nullptr},
	{SQLITE_AUTH, ERRCODE_INSUFFICIENT_PRIVILEGE, nullptr},
	{SQLITE_RANGE, ERRCODE_FDW_ERROR, nullptr},
	{sqlite::kLeftAlone, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, kReconnectHint},
	{SQLITE_NOTADB, ERRCODE_BAD_COPY_FILE_FORMAT,
	 "The file is not a SQLite 3 database, or it is encrypted; decrypt it with the tool that "
	 "encrypted it."},
};

const Mapping *
FindMapping(int code) noexcept
{
	for (const Mapping &mapping : kMappings)
		if (mapping.code == code)
			return &mapping;
	return (code & 0xff) == code ? nullptr : FindMapping(code & 0xff);
}

/* The error that a callback of SQLite met; in the memory of the (sub)transaction. */
ErrorData *kept_error = nullptr;

/* True if that error could not even be copied. */
bool kept_out_of_memory = false;

/* A palloc'd copy; nullptr for an empty text.  Throws bad_alloc, never ereports. */
const char *
CopyText(const std::string &text)
{
	if (text.empty())
		return nullptr;
	auto *copy = static_cast<char *>(
		MemoryContextAllocExtended(CurrentMemoryContext, text.size() + 1, MCXT_ALLOC_NO_OOM));
	if (copy == nullptr)
		throw std::bad_alloc();
	memcpy(copy, text.c_str(), text.size() + 1);
	return copy;
}

} /* namespace */

ReportedError
Reported(int sqlstate, const std::string &message, const std::string &detail,
		 const std::string &hint)
{
	return {sqlstate, CopyText(message), CopyText(detail), CopyText(hint)};
}

ReportedError
ReportedFrom(const UserError &error)
{
	const char *code = error.sqlstate();

	return Reported(MAKE_SQLSTATE(code[0], code[1], code[2], code[3], code[4]), error.what(),
					error.detail(), error.hint());
}

int
SqlstateOfSqlite(int code) noexcept
{
	const Mapping *mapping = FindMapping(code);

	return mapping != nullptr ? mapping->sqlstate : ERRCODE_FDW_ERROR;
}

/* What CHECK_FOR_INTERRUPTS does, within a call of SQLite.  Nonzero: the call is to end. */
static int
ServeInterrupts() noexcept
{
	if (InterruptHoldoffCount != 0 || CritSectionCount != 0)
		return 0;
	if (ServerErrorKept() || ProcDiePending || TransactionTimeoutPending ||
		(QueryCancelPending && QueryCancelHoldoffCount == 0))
		return 1;
	sqlite::leave_all_alone(true);
	const bool served = KeepServerError([] { CHECK_FOR_INTERRUPTS(); });
	sqlite::leave_all_alone(false);
	return served ? 0 : 1;
}

int
InterruptRequested(void *) noexcept
{
	if (const sqlite::Leash *const leash = sqlite::Leash::current())
		return leash->is_stopped() ? 1 : 0;
	return unlikely(InterruptPending) ? ServeInterrupts() : 0;
}

static void
ForgetAtEnd(XactEvent event, void *)
{
	if (event != XACT_EVENT_PRE_COMMIT && event != XACT_EVENT_PARALLEL_PRE_COMMIT &&
		event != XACT_EVENT_PRE_PREPARE)
		(void) TakeServerError();
}

static void
ForgetAtEndOfPart(SubXactEvent event, SubTransactionId, SubTransactionId, void *)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		(void) TakeServerError();
}

void
WatchKeptErrors()
{
	RegisterXactCallback(ForgetAtEnd, nullptr);
	RegisterSubXactCallback(ForgetAtEndOfPart, nullptr);
}

bool
ServerErrorKept() noexcept
{
	return kept_error != nullptr || kept_out_of_memory;
}

ErrorData *
TakeServerError() noexcept
{
	ErrorData *edata = kept_error;

	kept_error = nullptr;
	kept_out_of_memory = false;
	return edata;
}

void
KeepCaughtServerError() noexcept
{
	sigjmp_buf *const saved_stack = PG_exception_stack;
	sigjmp_buf local;

	MemoryContextSwitchTo(CurTransactionContext);
	if (sigsetjmp(local, 0) == 0)
	{
		PG_exception_stack = &local;
		kept_error = CopyErrorData();
	}
	else
		kept_out_of_memory = true;
	PG_exception_stack = saved_stack;
	FlushErrorState();
}

/* Raises what a callback met, if anything. */
static void
RaiseKeptError()
{
	const bool out_of_memory = kept_out_of_memory;
	ErrorData *edata = TakeServerError();

	if (edata != nullptr)
		ReThrowError(edata);
	if (out_of_memory)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
}

void
ReportSqliteError(int code, const char *message)
{
	const Mapping *mapping = FindMapping(code);

	RaiseKeptError();

	/* an interrupt is reported as what it was: cancel, timeout or termination */
	CHECK_FOR_INTERRUPTS();
	if (mapping != nullptr && mapping->message != nullptr)
		message = mapping->message;
	ereport(ERROR,
			(errcode(SqlstateOfSqlite(code)), errmsg("SQLite: %s", message),
			 mapping != nullptr && mapping->hint != nullptr ? errhint("%s", mapping->hint) : 0));
	pg_unreachable();
}

void
ReportError(const ReportedError &error)
{
	ereport(ERROR, (errcode(error.sqlstate), errmsg("%s", ToReadableEncoding(error.message)),
					error.detail != nullptr ? errdetail("%s", ToReadableEncoding(error.detail)) : 0,
					error.hint != nullptr ? errhint("%s", ToReadableEncoding(error.hint)) : 0));
	pg_unreachable();
}

} /* namespace sqlite_import::pg */
