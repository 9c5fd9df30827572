/*
 * profile_crew.cpp
 *    The threads beside the backend, and how they end.
 */
#include <system_error>
#include <vector>

#include "values/shared_range.hpp"

#include "migrate/profile_crew.hpp"
#include "pg/helper_thread.hpp"
#include "pg/settings.hpp"

namespace sqlite_import::migrate
{

namespace
{

using sqlite::Profiler;
using sqlite::RowidRange;
using values::SharedRange;

/* Works until nothing is left or somebody failed.  Of any thread. */
void
Share(SharedRange &work, Profiler &profiler) noexcept
{
	work.share([&](int64_t low, int64_t high) { profiler.scan({low, high}, work.stopped()); });
}

/* Fewer rowids than these are read sooner than a thread is started. */
constexpr uint64 kFewestRowids = 10000;

/* The threads; they are joined on every way out. */
class Helpers
{
public:
	explicit Helpers(SharedRange &work) : work_(work) {}
	~Helpers()
	{
		work_.stop();
		for (pg::HelperThread &thread : threads_)
			thread.join();
	}
	Helpers(const Helpers &) = delete;
	Helpers &operator=(const Helpers &) = delete;

	/* Without a thread the others do the work. */
	void
	Start(Profiler &profiler)
	{
		threads_.reserve(threads_.size() + 1);
		work_.add_helper();
		try
		{
			threads_.push_back(pg::StartHelperThread(
				[this, &profiler]() noexcept
				{
					Share(work_, profiler);
					work_.helper_is_done();
				}));
		}
		catch (const std::system_error &)
		{
			work_.helper_is_done();
		}
	}

private:
	SharedRange &work_;
	std::vector<pg::HelperThread> threads_;
};

} /* namespace */

bool
ProfileCrew::HasOthers()
{
	if (!opened_ && source_.thread_may_read())
	{
		/* the backend is one of the readers */
		for (int i = 1; i < pg::reader_threads; i++)
		{
			std::unique_ptr<pg::Source> other = source_.Another();

			if (other == nullptr)
				break;
			others_.push_back(std::move(other));
		}
	}
	opened_ = true;
	return !others_.empty();
}

std::vector<sqlite::ColumnProfile>
ProfileCrew::Profile(const sqlite::Table &table,
					 const std::vector<sqlite::ProfileRequest> &requests)
{
	Profiler own(database(), table, requests);
	const std::optional<RowidRange> rowids =
		requests.empty() || pg::reader_threads < 2 ? std::nullopt : own.rowids();
	const uint64 distance =
		rowids.has_value() ? static_cast<uint64>(rowids->high) - static_cast<uint64>(rowids->low)
						   : 0;

	if (distance < kFewestRowids || !HasOthers())
	{
		own.scan_all();
		return own.finish();
	}

	SharedRange work(rowids->low, rowids->high);
	std::vector<Profiler> shares;

	for (const std::unique_ptr<pg::Source> &other : others_)
		shares.emplace_back(other->database(), table, requests);
	{
		Helpers helpers(work);

		for (Profiler &share : shares)
			helpers.Start(share);
		Share(work, own);
		do
			pg::PgCall([] { CHECK_FOR_INTERRUPTS(); });
		while (!work.await_helpers(pg::kPatience));
	}
	work.rethrow_failure();
	for (const Profiler &share : shares)
		own.join(share);
	return own.finish();
}

} /* namespace sqlite_import::migrate */
