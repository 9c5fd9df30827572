/*
 * shared_range.hpp
 *    A range of numbers that several threads work through together, in any order.
 *
 * It is cut into equal parts, and whoever is free takes the next one.  A failure
 * ends the handing out; parts before the failed one were taken earlier and are
 * worked on to their end, so the failure of the least part, which is the one
 * told, is what one thread alone would have met.
 */
#pragma once

#include "server_free.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>

namespace sqlite_import::values {

class SharedRange {
  public:
    /* Both ends belong to it; low <= high. */
    SharedRange(int64_t low, int64_t high) noexcept
        : low_(static_cast<uint64_t>(low)),
          high_(static_cast<uint64_t>(high)),
          width_((high_ - low_) / kParts + 1) {}

    /* Takes part after part and calls work(low, high), both ends included, until none is left,
     * somebody failed or stop() was called.  What work throws is kept.  Of any thread. */
    template <typename Work>
    void share(Work&& work) noexcept {
        int64_t low = 0;
        int64_t high = 0;
        for (uint64_t part = 0; take(&part, &low, &high);) {
            try {
                work(low, high);
            } catch (...) {
                fail(part);
            }
        }
    }

    /* No part is handed out any more; work looks at stopped() to end early. */
    void stop() noexcept { stopped_ = true; }
    const std::atomic<bool>& stopped() const noexcept { return stopped_; }

    /* Threads beside the one that waits for them; each is added before it is started. */
    void add_helper() {
        const std::lock_guard<std::mutex> lock(mutex_);
        ++helpers_;
    }
    void helper_is_done() noexcept {
        const std::lock_guard<std::mutex> lock(mutex_);
        --helpers_;
        done_.notify_one();
    }

    /* False when the time is over before all are done. */
    bool await_helpers(std::chrono::milliseconds patience) {
        std::unique_lock<std::mutex> lock(mutex_);
        return done_.wait_for(lock, patience, [this] { return helpers_ == 0; });
    }

    /* When all are done: throws what the least of the failed parts threw. */
    void rethrow_failure() const {
        if (failure_ != nullptr) {
            std::rethrow_exception(failure_);
        }
    }

  private:
    /* More than threads, since parts are not equally long: rowids have gaps. */
    static constexpr uint64_t kParts = 64;

    /* Computed without signs, since differences may be beyond int64. */
    bool take(uint64_t* part, int64_t* low, int64_t* high) noexcept {
        const std::lock_guard<std::mutex> lock(mutex_);
        const uint64_t left = high_ - low_;
        if (ended_ || failure_ != nullptr || stopped_) {
            return false;
        }
        ended_ = left < width_;
        *part = taken_++;
        *low = static_cast<int64_t>(low_);
        *high = static_cast<int64_t>(ended_ ? high_ : low_ + width_ - 1);
        low_ += width_;
        return true;
    }

    void fail(uint64_t part) noexcept {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (failure_ == nullptr || part < failed_part_) {
            failure_ = std::current_exception();
            failed_part_ = part;
        }
    }

    std::mutex mutex_;
    std::condition_variable done_;
    uint64_t low_; /* of the next part */
    const uint64_t high_;
    const uint64_t width_;
    uint64_t taken_ = 0;
    bool ended_ = false;
    int helpers_ = 0;
    std::exception_ptr failure_;
    uint64_t failed_part_ = 0;
    std::atomic<bool> stopped_{false};
};

}  // namespace sqlite_import::values
