/*
 * scan.cpp
 *    The loops over both sides, and the thread that sums the source.
 */
#include <algorithm>
#include <atomic>
#include <cstring>

#include "dialect/quote.hpp"
#include "verify/scan.hpp"
#include "verify/server_reads.hpp"

#include "pg/helper_thread.hpp"

extern "C" {
#include "executor/spi.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
}

#include "pg/encoding.hpp"
#include "pg/settings.hpp"

#include "pg/compat.h"

namespace sqlite_import::verify
{

namespace
{

/* Digests a source row as far as leaf readers go; false if a value needs the server. */
bool
DigestSourceLeaf(const RowPlan &plan, sqlite3_stmt *row, RowDigest *digest) noexcept
{
	Hasher hasher(plan.keys);
	const int count = static_cast<int>(plan.readings.size());

	for (int i = 0; i < count; i++)
	{
		const SourceValue value = TakeValue(row, i + 1);

		if (i == plan.key_count && i > 0)
			digest->key = hasher.Result();
		if (ReadSource(plan.readings[i], value, row, i + 1, hasher) == LeafResult::NeedsServer)
			return false;
	}
	digest->row = hasher.Result();
	if (plan.key_count == 0 || plan.key_count == count)
		digest->key = digest->row;
	return true;
}

/* The same in the backend, for any value. */
void
DigestSource(RowPlan &plan, sqlite3_stmt *row, ServerReads &server, RowDigest *digest)
{
	Hasher hasher(plan.keys);
	const int count = static_cast<int>(plan.readings.size());

	for (int i = 0; i < count; i++)
	{
		const SourceValue value = TakeValue(row, i + 1);

		if (i == plan.key_count && i > 0)
			digest->key = hasher.Result();
		if (ReadSource(plan.readings[i], value, row, i + 1, hasher) == LeafResult::NeedsServer)
			server.Read(plan.readings[i], value, row, i + 1, hasher);
	}
	digest->row = hasher.Result();
	if (plan.key_count == 0 || plan.key_count == count)
		digest->key = digest->row;
}

bool
IsSkipped(const RowPlan &plan, sqlite3_stmt *row) noexcept
{
	return !plan.skipped.empty() &&
		   std::binary_search(plan.skipped.begin(), plan.skipped.end(),
							  static_cast<int64_t>(sqlite3_column_int64(row, 0)));
}

/* Sums the source in a thread.  Stops and joins when it dies. */
class SourceThread
{
public:
	SourceThread(sqlite3 *connection, sqlite3_stmt *rows, const RowPlan &plan, Tally &tally)
		: connection_(connection), rows_(rows), plan_(plan), tally_(tally)
	{
		thread_ = pg::StartHelperThread([this]() noexcept { Run(); });
	}

	~SourceThread()
	{
		if (thread_.joinable())
		{
			stop_.store(true, std::memory_order_relaxed);
			thread_.join();
		}
	}

	SourceThread(const SourceThread &) = delete;
	SourceThread &operator=(const SourceThread &) = delete;

	/* Waits for the end.  False if a value needs the server; throws sqlite::Error, and PgError
	 * when the backend is interrupted. */
	bool
	Finish()
	{
		thread_.Await();
		sqlite::check(code_, connection_);
		return !needs_server_;
	}

private:
	int
	Step() noexcept
	{
		const sqlite::Inside inside(connection_);

		return sqlite3_step(rows_);
	}

	void
	Run() noexcept
	{
		RowDigest digest;

		while (!stop_.load(std::memory_order_relaxed) && (code_ = Step()) == SQLITE_ROW)
		{
			if (IsSkipped(plan_, rows_))
				continue;
			if (!DigestSourceLeaf(plan_, rows_, &digest))
			{
				needs_server_ = true;
				return;
			}
			tally_.Add(digest);
		}
	}

	sqlite3 *connection_;
	sqlite3_stmt *rows_;
	const RowPlan &plan_;
	Tally &tally_;
	pg::HelperThread thread_;
	std::atomic<bool> stop_{false};
	bool needs_server_ = false;
	int code_ = SQLITE_OK;
};

/* A query's destination that hands each row to a consumer. */
struct TargetReceiver
{
	DestReceiver pub;
	RowPlan *plan;
	RowConsumer *consumer;
	MemoryContext row_context;
};

bool
ReceiveRow(TupleTableSlot *slot, DestReceiver *self)
{
	auto *const receiver = reinterpret_cast<TargetReceiver *>(self);
	RowPlan &plan = *receiver->plan;
	const int count = static_cast<int>(plan.readings.size());
	const MemoryContext before = MemoryContextSwitchTo(receiver->row_context);
	Hasher hasher(plan.keys);
	RowDigest digest;

	slot_getallattrs(slot);
	for (int i = 0; i < count; i++)
	{
		if (i == plan.key_count && i > 0)
			digest.key = hasher.Result();
		ReadTarget(plan.readings[i], slot->tts_values[i], slot->tts_isnull[i], hasher);
	}
	digest.row = hasher.Result();
	if (plan.key_count == 0 || plan.key_count == count)
		digest.key = digest.row;
	receiver->consumer->TargetRow(digest, slot);
	MemoryContextSwitchTo(before);
	MemoryContextReset(receiver->row_context);
	return !receiver->consumer->HasEnough(true);
}

void
IgnoreStartup(DestReceiver *, int, TupleDesc)
{
}

void
IgnoreEnd(DestReceiver *)
{
}

/* The rows must come from the table: an index may be what is broken. */
void
ForbidIndexes()
{
	static const char *const settings[] = {"enable_indexscan", "enable_indexonlyscan",
										   "enable_bitmapscan", "jit"};

	for (const char *name : settings)
		set_config_option(name, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	set_config_option("max_parallel_workers_per_gather", "0", PGC_USERSET, PGC_S_SESSION,
					  GUC_ACTION_SAVE, true, 0, false);
}

/* Runs a query as the current role on a snapshot that sees this transaction's own writes. */
void
RunQuery(const char *sql, TargetReceiver *receiver)
{
	SPIExecuteOptions options = {};
	const int nest_level = NewGUCNestLevel();

	ForbidIndexes();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	receiver->pub.receiveSlot = ReceiveRow;
	receiver->pub.rStartup = IgnoreStartup;
	receiver->pub.rShutdown = IgnoreEnd;
	receiver->pub.rDestroy = IgnoreEnd;
	receiver->pub.mydest = DestNone;
	receiver->row_context =
		AllocSetContextCreate(CurrentMemoryContext, "sqlite_import verify", ALLOCSET_DEFAULT_SIZES);
	options.read_only = false;
	options.dest = &receiver->pub;
	const int result = SPI_execute_extended(pg::ToServerEncoding(sql), &options);
	if (result < 0)
		elog(ERROR, "SPI_execute_extended failed: %s", SPI_result_code_string(result));
	SPI_finish();
	AtEOXact_GUC(true, nest_level);
}

/* Sums, and nothing else. */
class TallyConsumer : public RowConsumer
{
public:
	TallyConsumer(Tally *source, Tally *target) noexcept : source_(source), target_(target) {}

	void
	SourceRow(const RowDigest &digest, int64_t, sqlite3_stmt *) override
	{
		source_->Add(digest);
	}

	void
	TargetRow(const RowDigest &digest, TupleTableSlot *) override
	{
		target_->Add(digest);
	}

private:
	Tally *source_;
	Tally *target_;
};

bool
ThreadMayRead(const pg::Source &source, const RowPlan &plan)
{
	return pg::reader_threads > 0 && source.thread_may_read() &&
		   std::none_of(plan.readings.begin(), plan.readings.end(),
						[](const Reading &reading) { return reading.server_reads; });
}

} /* namespace */

void
ScanSource(pg::Source &source, RowPlan &plan, RowConsumer &consumer)
{
	sqlite::Statement rows = source.database().prepare(plan.source_sql);
	ServerReads server;
	RowDigest digest;

	while (!consumer.HasEnough(false) && rows.step())
	{
		if (IsSkipped(plan, rows.handle()))
			continue;
		DigestSource(plan, rows.handle(), server, &digest);
		consumer.SourceRow(digest, rows.integer(0), rows.handle());
	}
	server.Finish();
}

void
ScanTarget(RowPlan &plan, RowConsumer &consumer)
{
	TargetReceiver receiver = {};
	TargetReceiver *const pointer = &receiver;
	const char *const sql = plan.target_sql.c_str();

	receiver.plan = &plan;
	receiver.consumer = &consumer;
	pg::PgCall([sql, pointer] { RunQuery(sql, pointer); });
}

void
TallyBoth(pg::Source &source, RowPlan &plan, Tally &source_tally, Tally &target_tally)
{
	TallyConsumer consumer(&source_tally, &target_tally);

	if (ThreadMayRead(source, plan))
	{
		sqlite::Statement rows = source.database().prepare(plan.source_sql);
		SourceThread thread(source.database().handle(), rows.handle(), plan, source_tally);

		ScanTarget(plan, consumer);
		if (thread.Finish())
			return;
		source_tally = Tally();
		ScanSource(source, plan, consumer);
		return;
	}
	ScanSource(source, plan, consumer);
	ScanTarget(plan, consumer);
}

int64_t
CountTarget(Oid target)
{
	const char *const sql = pg::PgCall(
		[target]
		{
			return pg::FromServerEncoding(
				psprintf("SELECT FROM %s",
						 quote_qualified_identifier(get_namespace_name(get_rel_namespace(target)),
													get_rel_name(target))));
		});
	RowPlan plan = {};
	Tally tally;
	TallyConsumer consumer(nullptr, &tally);

	plan.target_sql = sql;
	ScanTarget(plan, consumer);
	return tally.rows();
}

void
DigestSourceColumns(RowPlan &plan, sqlite3_stmt *row, std::vector<Digest> &digests)
{
	ServerReads server;

	digests.clear();
	for (size_t i = 0; i < plan.readings.size(); i++)
	{
		const int column = static_cast<int>(i) + 1;
		const SourceValue value = TakeValue(row, column);
		Hasher hasher(plan.keys);

		if (ReadSource(plan.readings[i], value, row, column, hasher) == LeafResult::NeedsServer)
			server.Read(plan.readings[i], value, row, column, hasher);
		digests.push_back(hasher.Result());
	}
	server.Finish();
}

void
DigestTargetColumns(RowPlan &plan, TupleTableSlot *row, Digest *digests)
{
	for (size_t i = 0; i < plan.readings.size(); i++)
	{
		Hasher hasher(plan.keys);

		ReadTarget(plan.readings[i], row->tts_values[i], row->tts_isnull[i], hasher);
		digests[i] = hasher.Result();
	}
}

} /* namespace sqlite_import::verify */
