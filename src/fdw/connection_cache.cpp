/*
 * connection_cache.cpp
 *    The session's connections, and the callbacks that tie them to PostgreSQL's
 *    transactions.
 */
#include <sqlite3.h>

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "pg/errors.hpp"
#include "pg/foreign_server.hpp"

#include "fdw/connection.hpp"
#include "fdw/kept_rows.hpp"
#include "fdw/options.hpp"
#include "pg/helper_thread.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/predicate.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/syscache.h"

extern PGDLLEXPORT Datum sqlite_import_get_connections(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_get_connections);
extern PGDLLEXPORT Datum sqlite_import_disconnect(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_disconnect);
extern PGDLLEXPORT Datum sqlite_import_disconnect_all(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sqlite_import_disconnect_all);
}

#include "pg/compat.h"

namespace sqlite_import::fdw
{

namespace
{

/* What the session keeps for one server.  Either may be null. */
struct Entry
{
	Oid server;
	std::shared_ptr<Connection> reader;
	std::shared_ptr<Connection> writer;
};

using Cache = std::vector<Entry>;

/* Made on first use, because nothing is constructed when the module is loaded. */
Cache *cache = nullptr;

Entry *
FindEntry(Oid server)
{
	if (cache != nullptr)
		for (Entry &entry : *cache)
			if (entry.server == server)
				return &entry;
	return nullptr;
}

bool
IsWriting(Oid server)
{
	const Entry *entry = FindEntry(server);

	return entry != nullptr && entry->writer != nullptr && entry->writer->writing();
}

/*
 * Only a table is updatable, and the transaction's snapshot is that of the connection
 * which reads.  With a rollback journal its lock says that nothing has changed since;
 * a -wal says nothing.
 */
void
CheckHeldReader(const Entry &entry)
{
	pg::SnapshotMark mark = {};

	if (entry.reader != nullptr && entry.reader->held() && !entry.reader->Mark(&mark))
		throw pg::Reported(
			ERRCODE_FEATURE_NOT_SUPPORTED,
			"cannot write to a SQLite database in WAL mode that this transaction has read under "
			"REPEATABLE READ or SERIALIZABLE",
			"Its server is not updatable, so that it is read by a connection of its own.",
			"Set the option \"updatable\" of the server, or use READ COMMITTED.");
}

/* All writers that are in a write transaction. */
template <typename F>
void
ForEachWriting(F &&f)
{
	if (cache == nullptr)
		return;
	for (Entry &entry : *cache)
		if (entry.writer != nullptr && entry.writer->writing())
			f(*entry.writer);
}

/* Lets go of what need not, or must not, outlive the transaction. */
void
DropAfterTransaction() noexcept
{
	const auto drop = [](std::shared_ptr<Connection> &connection)
	{
		if (connection != nullptr && (connection->stale || !connection->keep ||
									  connection->lives_in_transaction || connection->is_lost()))
			connection.reset();
	};

	if (cache == nullptr)
		return;
	for (Entry &entry : *cache)
		for (Connection *connection : {entry.reader.get(), entry.writer.get()})
			if (connection != nullptr)
				connection->EndHold();
	for (Entry &entry : *cache)
	{
		drop(entry.reader);
		drop(entry.writer);
	}
	cache->erase(std::remove_if(cache->begin(), cache->end(),
								[](const Entry &entry)
								{ return entry.reader == nullptr && entry.writer == nullptr; }),
				 cache->end());
}

void
RefuseTwoPhase()
{
	ForEachWriting(
		[](Connection &)
		{
			throw pg::Reported(ERRCODE_FEATURE_NOT_SUPPORTED,
							   "cannot PREPARE a transaction that has written to a SQLite database",
							   "SQLite has no two-phase commit.");
		});
}

/*
 * Commits in SQLite what PostgreSQL is about to commit.  Deferred constraints have
 * been checked by now.  PostgreSQL would look for serialization failures after
 * this; it is asked to do so before, and asks itself again without finding new
 * ones, as between PREPARE TRANSACTION and COMMIT PREPARED (predicate.c).  Where
 * several files have been written, each comes as near to its end as it can before
 * the first one commits.
 */
void
CommitAll()
{
	int writing = 0;

	ForEachWriting([&writing](Connection &) { writing++; });
	if (writing == 0)
		return;
	ForEachWriting([writing](Connection &connection) { connection.PrepareCommit(writing > 1); });
	pg::PgCall([] { PreCommit_CheckForSerializationFailure(); });
	ForEachWriting([](Connection &connection) { connection.Commit(); });
}

void
TransactionEvent(XactEvent event)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
			CommitAll();
			break;
		case XACT_EVENT_PRE_PREPARE:
			RefuseTwoPhase();
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
			ForgetWrites();
			ForEachWriting([](Connection &connection) { connection.Rollback(); });
			DropAfterTransaction();
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_PREPARE:
			ForgetWrites();
			DropAfterTransaction();
			break;
	}
}

void
SubtransactionEvent(SubXactEvent event)
{
	const int level = GetCurrentTransactionNestLevel();

	if (event == SUBXACT_EVENT_PRE_COMMIT_SUB)
		ForEachWriting([level](Connection &connection) { connection.ReleaseSavepoint(level); });
	else if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		/* the descriptor of a large object may have gone with the subtransaction */
		for (Entry &entry : *cache)
			if (entry.reader != nullptr && entry.reader->lives_in_transaction)
				entry.reader.reset();
		ForEachWriting([level](Connection &connection) { connection.RollbackToSavepoint(level); });
	}
}

void
OnTransaction(XactEvent event, void *)
{
	if (cache != nullptr)
		pg::PgEntry([event] { TransactionEvent(event); });
}

void
OnSubtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void *)
{
	if (cache != nullptr)
		pg::PgEntry([event] { SubtransactionEvent(event); });
}

/* The hash is zero when everything is to be taken for changed. */
void
OnServerChange(Datum, int, uint32 hash)
{
	const auto mark = [hash](const std::shared_ptr<Connection> &connection)
	{
		if (connection != nullptr && (hash == 0 || connection->server_hash == hash))
			connection->stale = true;
	};

	if (cache == nullptr)
		return;
	for (Entry &entry : *cache)
	{
		mark(entry.reader);
		mark(entry.writer);
	}
}

Entry &
EntryFor(Oid server)
{
	if (cache == nullptr)
		cache = new Cache;
	if (Entry *entry = FindEntry(server))
		return *entry;
	cache->push_back({server, nullptr, nullptr});
	return cache->back();
}

/* Closes what can only be closed, unless it has to be rolled back first. */
void
DropLost() noexcept
{
	const auto drop = [](std::shared_ptr<Connection> &connection)
	{
		if (connection != nullptr && connection->is_lost() && !connection->writing())
			connection.reset();
	};

	for (Entry &entry : *cache)
	{
		drop(entry.reader);
		drop(entry.writer);
	}
}

/* Opens again what was opened with options that have changed since. */
const std::shared_ptr<Connection> &
Refresh(std::shared_ptr<Connection> &connection, Oid server, bool writable)
{
	/* rights may have been revoked since the connection was opened */
	(void) pg::LocationOfServer(server, writable);
	/* a new connection beside a lost one would be lost, too */
	DropLost();
	if (connection == nullptr || connection->stale)
		connection = std::make_shared<Connection>(server, writable);
	return connection;
}

/*
 * Whether reads go through the writable connection.  A database that is written
 * from here is live: SQLite's own locks then serve reads as well, and no second
 * connection of this process comes near the file, whose closing would drop them
 * (sqlite.org/howtocorrupt.html, 2.2).
 */
bool
ReadsThroughWriter(Oid server)
{
	struct Facts
	{
		bool updatable;
		bool may_write;
	};
	const Facts facts = pg::PgCall(
		[server]
		{
			const ServerOptions options = ReadServerOptions(server);

			return Facts{
				options.updatable && !options.force_readonly,
				has_privs_of_role(GetForeignServer(server)->owner, ROLE_PG_WRITE_SERVER_FILES)};
		});

	if (!facts.updatable || !facts.may_write)
		return false;
	return !pg::IsInServersFolders(pg::LocationOfServer(server, false).path);
}

} /* namespace */

void
RegisterCallbacks()
{
	RegisterXactCallback(OnTransaction, nullptr);
	RegisterSubXactCallback(OnSubtransaction, nullptr);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, OnServerChange, (Datum) 0);
}

std::shared_ptr<Connection>
GetConnection(Oid server)
{
	pg::CheckUsable();
	Entry &entry = EntryFor(server);

	if (entry.writer != nullptr && entry.writer->writing())
		return entry.writer;
	if (ReadsThroughWriter(server))
		return Refresh(entry.writer, server, true);
	return Refresh(entry.reader, server, false);
}

std::shared_ptr<Connection>
GetConnectionForWriting(Oid server)
{
	pg::CheckUsable();
	/* what is being read is read to its end first: SQLite's snapshot goes */
	if (!IsWriting(server))
		pg::PgCall([server] { KeepBegunScans(server); });
	Entry &entry = EntryFor(server);

	if (entry.reader != nullptr && !entry.reader->in_use())
		entry.reader.reset();
	CheckHeldReader(entry);
	if (entry.writer == nullptr || !entry.writer->writing())
		(void) Refresh(entry.writer, server, true);
	entry.writer->BeginWrite(pg::PgCall([] { return GetCurrentTransactionNestLevel(); }));
	if (entry.reader != nullptr)
		entry.reader->EndHold();
	return entry.writer;
}

bool
MayReadInParallel(Oid server)
{
	const Entry *entry = FindEntry(server);
	struct stat wal;

	if ((entry != nullptr && entry->writer != nullptr && entry->writer->writing()) ||
		ReadsThroughWriter(server))
		return false;
	const pg::SourceLocation location = pg::LocationOfServer(server, false);
	/* what is in a -wal cannot be compared between processes */
	return location.kind == pg::SourceKind::File &&
		   (stat((location.path + "-wal").c_str(), &wal) != 0 || wal.st_size == 0);
}

bool
HoldsSnapshot(Oid server) noexcept
{
	const Entry *entry = FindEntry(server);

	return entry != nullptr && ((entry->reader != nullptr && entry->reader->held()) ||
								(entry->writer != nullptr && entry->writer->held()));
}

void
ForgetReader(Oid server) noexcept
{
	if (Entry *entry = FindEntry(server))
		entry->reader.reset();
}

namespace
{

/* Closes the server's connections unless they are in use; true if there were any. */
bool
Disconnect(Entry &entry)
{
	const bool in_use = (entry.reader != nullptr && entry.reader->in_use()) ||
						(entry.writer != nullptr && entry.writer->in_use());

	if (in_use)
		throw pg::Reported(ERRCODE_OBJECT_IN_USE, "the connection to SQLite is in use", {},
						   "Close its cursors, or end the transaction that writes to it.");
	const bool open = entry.reader != nullptr || entry.writer != nullptr;
	entry.reader.reset();
	entry.writer.reset();
	return open;
}

bool
DisconnectAll()
{
	bool any = false;

	if (cache != nullptr)
		for (Entry &entry : *cache)
			any = Disconnect(entry) || any;
	return any;
}

} /* namespace */

} /* namespace sqlite_import::fdw */

/* sqlite_import.get_connections(): the connections of this session. */
Datum
sqlite_import_get_connections(PG_FUNCTION_ARGS)
{
	using namespace sqlite_import::fdw;
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const size_t count = cache != nullptr ? cache->size() : 0;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < count; i++)
		for (const Connection *connection : {(*cache)[i].reader.get(), (*cache)[i].writer.get()})
		{
			Datum values[4];
			bool nulls[4] = {false, false, false, false};

			if (connection == nullptr)
				continue;
			ForeignServer *server = GetForeignServerExtended(connection->server(), FSV_MISSING_OK);
			nulls[0] = server == nullptr;
			values[0] = server != nullptr ? CStringGetTextDatum(server->servername) : (Datum) 0;
			values[1] = BoolGetDatum(!connection->stale && server != nullptr);
			values[2] = BoolGetDatum(connection->writable());
			values[3] = BoolGetDatum(connection->in_use());
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	return (Datum) 0;
}

/* sqlite_import.disconnect(server): closes this session's connections to it; false if none was
 * open. */
Datum
sqlite_import_disconnect(PG_FUNCTION_ARGS)
{
	using namespace sqlite_import;
	ForeignServer *server = GetForeignServerByName(text_to_cstring(PG_GETARG_TEXT_PP(0)), false);
	const Oid oid = server->serverid;

	const bool closed = pg::PgEntry(
		[oid]
		{
			fdw::Entry *entry = fdw::FindEntry(oid);

			return entry != nullptr && fdw::Disconnect(*entry);
		});
	PG_RETURN_BOOL(closed);
}

/* sqlite_import.disconnect_all(): closes all of this session's connections to SQLite. */
Datum
sqlite_import_disconnect_all(PG_FUNCTION_ARGS)
{
	using namespace sqlite_import;

	PG_RETURN_BOOL(pg::PgEntry([] { return fdw::DisconnectAll(); }));
}
