/*
 * range_dispenser.hpp
 *    Ranges of a table's rowids for several producer threads, and their order for
 *    the one consumer.
 *
 * Producers take the next range whenever they are free, so none waits for a
 * slower one; the consumer asks who has range 0, 1, 2 … and so gets the rows in
 * the order of their rowids, as one producer would have given them.  How many
 * rows a range holds is not known before it is read: each range is made as wide
 * as the rows per rowid of the last one suggest, and gaps are skipped.
 *
 * Every range that was claimed is ended by the producer's handing something over,
 * at least an empty item; so the ranges under way are few, and a ring holds them.
 */
#pragma once

#include "server_free.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace sqlite_import::values {

class RangeDispenser {
  public:
    /* Both ends belong to it. */
    struct Range {
        int64_t low;
        int64_t high;
    };

    /* Of [first, last], first <= last; 'wanted' rows a range would be good, 'width' rowids are
     * thought to hold them. */
    RangeDispenser(int64_t first, int64_t last, uint64_t wanted, uint64_t width) noexcept
        : next_(first),
          last_(last),
          wanted_(std::max<uint64_t>(wanted, 1)),
          width_(std::max<uint64_t>(width, 1)) {}

    /* Producer 'who' takes the next range; false: nothing is left, or stop() was called. */
    bool claim(int who, Range* range) {
        std::unique_lock<std::mutex> lock(mutex_);
        room_.wait(lock, [this] { return stopped_ || ended_ || claimed_ - asked_ < kMost; });
        if (stopped_ || ended_) {
            return false;
        }
        range->low = next_;
        range->high = distance(next_, last_) < width_ ? last_ : plus(next_, width_ - 1);
        advance(range->high);
        owners_[claimed_++ % kMost] = who;
        known_.notify_one();
        return true;
    }

    /* Producer: the range held that many rows. */
    void learn(const Range& range, uint64_t rows) {
        const std::lock_guard<std::mutex> lock(mutex_);
        const uint64_t span = distance(range.low, range.high);
        const uint64_t width = span == UINT64_MAX ? span : span + 1;
        const uint64_t least = std::max<uint64_t>(width / kMostChange, 1);
        const uint64_t most = width > UINT64_MAX / kMostChange ? UINT64_MAX : width * kMostChange;
        const double fitting =
            static_cast<double>(width) * static_cast<double>(wanted_) / static_cast<double>(rows);

        if (rows == 0 || fitting >= static_cast<double>(most)) {
            width_ = most;
        } else {
            width_ = std::max(least, static_cast<uint64_t>(fitting));
        }
    }

    /* Producer: below 'rowid' there is nothing that was not given out. */
    void skip_to(int64_t rowid) {
        bool beyond = false;
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            next_ = std::max(next_, rowid);
            beyond = next_ > last_;
        }
        if (beyond) {
            end();
        }
    }

    /* Producer: nothing is left. */
    void end() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            ended_ = true;
        }
        room_.notify_all();
        known_.notify_one();
    }

    enum class Got { Known, Ended, TimedOut };

    /* Consumer: who has the next range.  Each call that says so goes on to the one behind it. */
    Got next_owner(int* who, std::chrono::milliseconds patience) {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!known_.wait_for(lock, patience,
                             [this] { return asked_ < claimed_ || ended_ || stopped_; })) {
            return Got::TimedOut;
        }
        if (asked_ == claimed_) {
            return Got::Ended;
        }
        *who = owners_[asked_++ % kMost];
        room_.notify_one();
        return Got::Known;
    }

    /* Consumer: no more is given out. */
    void stop() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            stopped_ = true;
        }
        room_.notify_all();
    }

  private:
    static constexpr size_t kMost = 64;
    static constexpr uint64_t kMostChange = 4;

    /* Differences of rowids may be beyond int64. */
    static uint64_t distance(int64_t from, int64_t to) noexcept {
        return static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
    }
    static int64_t plus(int64_t from, uint64_t by) noexcept {
        return static_cast<int64_t>(static_cast<uint64_t>(from) + by);
    }

    void advance(int64_t high) noexcept {
        if (high == last_) {
            ended_ = true;
        } else {
            next_ = high + 1;
        }
    }

    std::mutex mutex_;
    std::condition_variable room_;  /* producers wait here … */
    std::condition_variable known_; /* … and the consumer here */
    int64_t next_;
    const int64_t last_;
    const uint64_t wanted_;
    uint64_t width_;
    std::array<int, kMost> owners_{};
    uint64_t claimed_ = 0;
    uint64_t asked_ = 0; /* by the consumer */
    bool ended_ = false;
    bool stopped_ = false;
};

}  // namespace sqlite_import::values
