/*
 * bounded_queue.hpp
 *    Items that go round between one producer thread and one consumer.
 *
 * A fixed set of items moves from the empty side to the full side and back, so
 * nothing is allocated on the way.  Two bounds hold memory: the number of items,
 * and the bytes that full items hold together.  An item larger than the budget
 * still passes, alone.
 */
#pragma once

#include "server_free.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace sqlite_import::values {

template <typename Item>
class BoundedQueue {
  public:
    static constexpr size_t kMaxItems = 16;

    explicit BoundedQueue(size_t byte_budget) : byte_budget_(byte_budget) {}

    /* Consumer, before the producer starts: adds an empty item, at most kMaxItems.  Not owned. */
    void add(Item* item) { empty_.push(item); }

    /* Producer: an empty item, once the full ones are within the budget; null after stop(). */
    Item* take_empty() {
        std::unique_lock<std::mutex> lock(mutex_);
        room_.wait(lock, [this] {
            return stopped_ || (empty_.count > 0 && (bytes_ == 0 || bytes_ < byte_budget_));
        });
        return stopped_ ? nullptr : empty_.pop();
    }

    /* Producer: hands a filled item over. */
    void put(Item* item, size_t bytes) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            bytes_ += bytes;
            full_.push(item);
        }
        filled_.notify_one();
    }

    /* Producer: nothing follows. */
    void finish() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            finished_ = true;
        }
        filled_.notify_one();
    }

    enum class Got { Filled, Ended, TimedOut };

    /* Consumer: the next full item in order; Ended after finish() when none is left. */
    Got get(Item** item, std::chrono::milliseconds patience) {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!filled_.wait_for(lock, patience, [this] { return full_.count > 0 || finished_; })) {
            return Got::TimedOut;
        }
        if (full_.count == 0) {
            return Got::Ended;
        }
        *item = full_.pop();
        return Got::Filled;
    }

    /* Consumer: the item is empty again; bytes as they were put. */
    void give_back(Item* item, size_t bytes) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            bytes_ -= bytes;
            empty_.push(item);
        }
        room_.notify_one();
    }

    /* Consumer: the producer's next take_empty() ends it. */
    void stop() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            stopped_ = true;
        }
        room_.notify_all();
    }

  private:
    /* First in, first out, in a ring. */
    struct Ring {
        std::array<Item*, kMaxItems> items{};
        size_t first = 0;
        size_t count = 0;

        void push(Item* item) { items[(first + count++) % kMaxItems] = item; }
        Item* pop() {
            Item* const item = items[first];
            first = (first + 1) % kMaxItems;
            count--;
            return item;
        }
    };

    const size_t byte_budget_;
    std::mutex mutex_;
    std::condition_variable room_;   /* the producer waits here … */
    std::condition_variable filled_; /* … and the consumer here */
    Ring empty_;
    Ring full_;
    size_t bytes_ = 0;
    bool finished_ = false;
    bool stopped_ = false;
};

}  // namespace sqlite_import::values
