/*
 * aside.cpp
 *    The thread that does what was set aside, one a session, and the backend's waiting for it.
 *
 * The thread is started when it is first needed and sleeps between two works.  It and what it
 * shares with the backend are never freed: a process may end while it runs.
 */
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>

#include "pg/aside.hpp"
#include "pg/errors.hpp"

extern "C" {
#include "miscadmin.h"
}

#include "pg/compat.h"
#include "pg/helper_thread.hpp"

namespace sqlite_import::pg
{

namespace
{

/* What one asks the other to run. */
struct Errand
{
	void (*run)(void *) = nullptr; /* null: none */
	void *argument = nullptr;
};

class Worker
{
public:
	/* Throws std::system_error if there can be no thread. */
	Worker()
	{
		thread_ = new HelperThread([this]() noexcept { ThreadBody(); });
	}

	/* Runs work in the thread.  Throws PgError when the backend is interrupted. */
	void
	Run(Errand work)
	{
		{
			const std::lock_guard<std::mutex> lock(mutex_);

			work_ = work;
			to_thread_.notify_one();
		}
		while (!AwaitWork(kPatience))
		{
			/* whoever is to end must not end while the thread is at it */
			if (InterruptPending && ProcDiePending && InterruptHoldoffCount == 0)
				GiveUp();
			try
			{
				sqlite::leave_all_alone(true);
				PgCall([] { CHECK_FOR_INTERRUPTS(); });
				sqlite::leave_all_alone(false);
			}
			catch (const PgError &)
			{
				sqlite::leave_all_alone(false);
				GiveUp();
				throw;
			}
		}
	}

	/* The thread's side: has the backend run it.  False if the backend gives up. */
	bool
	Ask(Errand errand) noexcept
	{
		std::unique_lock<std::mutex> lock(mutex_);

		if (giving_up_)
			return false;
		request_ = errand;
		to_backend_.notify_one();
		to_thread_.wait(lock, [this] { return request_.run == nullptr; });
		return !giving_up_;
	}

	bool
	is_left() const noexcept
	{
		return left_;
	}

private:
	void
	ThreadBody() noexcept
	{
		for (;;)
		{
			std::unique_lock<std::mutex> lock(mutex_);

			to_thread_.wait(lock, [this] { return work_.run != nullptr; });
			const Errand work = work_;
			lock.unlock();
			work.run(work.argument);
			lock.lock();
			work_ = Errand();
			to_backend_.notify_one();
		}
	}

	/* True when the work is done; false after a while, for the backend to look around.  Runs what
	 * the thread asks for. */
	bool
	AwaitWork(std::chrono::milliseconds patience)
	{
		std::unique_lock<std::mutex> lock(mutex_);

		to_backend_.wait_for(lock, patience,
							 [this] { return work_.run == nullptr || request_.run != nullptr; });
		if (request_.run != nullptr)
		{
			const Errand request = request_;

			lock.unlock();
			if (!giving_up_)
				request.run(request.argument);
			lock.lock();
			request_ = Errand();
			to_thread_.notify_one();
		}
		return work_.run == nullptr;
	}

	/* Ends the work, or leaves the thread in it. */
	void
	GiveUp() noexcept
	{
		constexpr std::chrono::milliseconds kNap(5);
		const auto start = std::chrono::steady_clock::now();

		{
			const std::lock_guard<std::mutex> lock(mutex_);

			giving_up_ = true;
		}
		do
		{
			thread_->leash().stop();
			if (std::chrono::steady_clock::now() - start > kGrace && thread_->leash().cut())
			{
				left_ = true;
				TellOfLeftThread();
				return;
			}
		} while (!AwaitWork(kNap));
		thread_->leash().restart();
		giving_up_ = false;
	}

	std::mutex mutex_;
	std::condition_variable to_thread_;
	std::condition_variable to_backend_;
	Errand work_;            /* the backend's, until it is done */
	Errand request_;         /* the thread's, until it is done */
	bool giving_up_ = false; /* the backend waits for the end only; written under the mutex */
	bool left_ = false;
	HelperThread *thread_;
};

Worker *worker = nullptr;

void
RunAside(void (*run)(void *), void *argument)
{
	CheckUsable();
	if (worker == nullptr)
	{
		try
		{
			worker = new Worker;
		}
		catch (const std::system_error &)
		{
			/* no thread to be had: then without one */
			run(argument);
			return;
		}
	}
	worker->Run({run, argument});
}

} /* namespace */

void
StartSettingAside() noexcept
{
	sqlite::set_aside_runner(RunAside);
}

bool
AskBackend(void (*run)(void *), void *argument) noexcept
{
	if (sqlite::Leash::current() != nullptr)
		return worker != nullptr && worker->Ask({run, argument});
	run(argument);
	return true;
}

void
CheckUsable()
{
	if (sqlite::is_anything_left_alone())
		throw Reported(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
					   "SQLite cannot be used any more in this session",
					   "A call of SQLite's that did not end when it was cancelled was left to "
					   "itself, with its thread and its lock on the file.",
					   "Reconnect: a new session can use SQLite again, and this one's thread ends "
					   "with it.");
}

void
TellOfLeftThread() noexcept
{
	const char *const message = "a call of SQLite's did not end when it was cancelled: its thread "
								"runs on until this session ends";

	(void) KeepServerError([message] { ereport(LOG, (errmsg("%s", message))); });
}

} /* namespace sqlite_import::pg */
