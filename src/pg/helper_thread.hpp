/*
 * helper_thread.hpp
 *    A thread beside the backend: starting it, ending it, and taking from it what it fills.
 *
 * Signals are the backend's: a helper thread blocks all of them, but SIGBUS, which
 * comes to the thread that meets it (sqlite/mapped_regions.hpp).  The backend
 * never waits for a thread without looking for interrupts now and then, nor
 * longer than a moment for one that is to end.
 */
#pragma once

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>
#include <utility>

#include "sqlite/leash.hpp"
#include "values/bounded_queue.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace sqlite_import::pg
{

/* How long the backend waits for a thread before it looks for interrupts. */
constexpr std::chrono::milliseconds kPatience(20);

/* How long a thread that was asked to end may take; then it is left where it is. */
constexpr std::chrono::milliseconds kGrace(500);

/* Throws ReportedError if this session has left SQLite in the middle of a call. */
void CheckUsable();

/* Notes in the server's log that a thread was left, for whoever wonders at the load. */
void TellOfLeftThread() noexcept;

/*
 * A thread that gets no signal, on a leash (sqlite/leash.hpp).  The owner stops what
 * the thread may wait for, and joins; a thread that does not come back from a call of
 * SQLite is left there, so join() always ends.  What the thread uses besides SQLite
 * must live until join() returns, and no longer.
 */
class HelperThread
{
public:
	HelperThread() = default;

	/* Throws std::system_error if there can be no thread, bad_alloc. */
	template <typename Body>
	explicit HelperThread(Body &&body) : leash_(std::make_unique<sqlite::Leash>())
	{
		/* a thread begins with the mask of the one that starts it */
		const BlockedSignals blocked;

		thread_ = std::thread(
			[leash = leash_.get(), body = std::forward<Body>(body)]() mutable noexcept
			{
				leash->attach();
				body();
				leash->finish();
			});
	}

	HelperThread(HelperThread &&other) noexcept = default;
	HelperThread &operator=(HelperThread &&other) noexcept = default;

	bool
	joinable() const noexcept
	{
		return thread_.joinable();
	}

	sqlite::Leash &
	leash() noexcept
	{
		return *leash_;
	}

	/* Ends it, in the middle of a step if need be. */
	void
	join() noexcept
	{
		constexpr std::chrono::milliseconds kNap(5);
		const auto start = std::chrono::steady_clock::now();

		do
		{
			leash_->stop();
			if (std::chrono::steady_clock::now() - start > kGrace && leash_->cut())
			{
				thread_.detach();
				(void) leash_.release();
				TellOfLeftThread();
				return;
			}
		} while (!leash_->await_finish(kNap));
		thread_.join();
	}

	/* Waits for its end by itself.  C++ frame: throws PgError when the backend is interrupted. */
	void
	Await()
	{
		while (!leash_->await_finish(kPatience))
			PgCall([] { CHECK_FOR_INTERRUPTS(); });
		thread_.join();
	}

private:
	class BlockedSignals
	{
	public:
		BlockedSignals()
		{
			sigset_t all;

			sigfillset(&all);
			sigdelset(&all, SIGBUS);
			pthread_sigmask(SIG_SETMASK, &all, &before_);
		}
		~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
		BlockedSignals(const BlockedSignals &) = delete;
		BlockedSignals &operator=(const BlockedSignals &) = delete;

	private:
		sigset_t before_;
	};

	std::unique_ptr<sqlite::Leash> leash_; /* the thread ends before it, or it is released */
	std::thread thread_;
};

/* A thread that gets no signal.  Throws std::system_error if there can be none. */
template <typename Body>
HelperThread
StartHelperThread(Body &&body)
{
	return HelperThread(std::forward<Body>(body));
}

/* Gives a batch back to its thread, emptied: a large value must not wait for the batch's next
 * turn.  Null is given back too; the pointer is null then. */
template <typename Batch>
void
ReturnBatch(values::BoundedQueue<Batch> &queue, Batch *&batch)
{
	if (batch == nullptr)
		return;

	const size_t bytes = batch->arena.taken();

	batch->arena.reset();
	queue.give_back(batch, bytes);
	batch = nullptr;
}

/* The thread's next batch, or null behind the last.  Throws PgError when interrupted. */
template <typename Batch>
Batch *
AwaitBatch(values::BoundedQueue<Batch> &queue)
{
	using Got = typename values::BoundedQueue<Batch>::Got;

	for (;; PgCall([] { CHECK_FOR_INTERRUPTS(); }))
	{
		Batch *batch = nullptr;

		switch (queue.get(&batch, kPatience))
		{
			case Got::Filled:
				return batch;
			case Got::Ended:
				return nullptr;
			case Got::TimedOut:
				break;
		}
	}
}

} /* namespace sqlite_import::pg */
