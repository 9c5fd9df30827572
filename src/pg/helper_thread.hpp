/*
 * helper_thread.hpp
 *    A thread beside the backend: starting it, and taking from it what it fills.
 *
 * Signals are the backend's: a helper thread blocks all of them, but SIGBUS, which
 * comes to the thread that meets it (sqlite/mapped_regions.hpp).  The backend
 * never waits for a thread without looking for interrupts now and then.
 */
#pragma once

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "values/bounded_queue.hpp"

#include "pg/guard.hpp"

extern "C" {
#include "miscadmin.h"
}

namespace sqlite_import::pg
{

/* How long the backend waits for a thread before it looks for interrupts. */
constexpr std::chrono::milliseconds kPatience(20);

/* A thread that gets no signal.  Throws std::system_error if there can be none. */
template <typename Body>
std::thread
StartHelperThread(Body &&body)
{
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
	/* a thread begins with the mask of the one that starts it */
	const BlockedSignals blocked;

	return std::thread(std::forward<Body>(body));
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
