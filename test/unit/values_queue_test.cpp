/*
 * The queue between reader and writer, the ranges of several readers, the range that threads share,
 * and the arena of a batch.
 * Under the thread sanitizer (cmake --preset tsan) these prove that a batch belongs to one side at
 * a time.
 */
#include "values/arena.hpp"
#include "values/bounded_queue.hpp"
#include "values/range_dispenser.hpp"
#include "values/shared_range.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::values;
using std::chrono::milliseconds;

struct Item {
    Arena arena{1024};
    std::vector<std::string_view> rows;
};
using Queue = BoundedQueue<Item>;

TEST(Arena, GivesAlignedRoomThatStays) {
    Arena arena(256);
    std::vector<std::pair<char*, size_t>> given;
    for (size_t i = 1; i < 400; i++) {
        char* const room = arena.allocate(i, 8);
        ASSERT_NE(room, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(room) % 8, 0U);
        std::memset(room, static_cast<int>(i % 251), i);
        given.emplace_back(room, i);
    }
    for (const auto& [room, size] : given) {
        for (size_t i = 0; i < size; i++) {
            ASSERT_EQ(static_cast<unsigned char>(room[i]), size % 251);
        }
    }
    EXPECT_EQ(arena.taken(), 399U * 400U / 2U);
    arena.reset();
    EXPECT_EQ(arena.taken(), 0U);
    EXPECT_NE(arena.allocate(100, 1), nullptr);
}

TEST(Queue, HandsEverythingOverInOrder) {
    constexpr int kBatches = 500;
    constexpr int kRows = 20;
    std::vector<std::unique_ptr<Item>> items;
    Queue queue(4096);
    for (int i = 0; i < 5; i++) {
        items.push_back(std::make_unique<Item>());
        queue.add(items.back().get());
    }
    std::thread producer([&] {
        for (int batch = 0; batch < kBatches; batch++) {
            Item* const item = queue.take_empty();
            ASSERT_NE(item, nullptr);
            item->arena.reset();
            item->rows.clear();
            for (int row = 0; row < kRows; row++) {
                const std::string text = std::to_string(batch * kRows + row);
                char* const room = item->arena.allocate(text.size(), 1);
                std::memcpy(room, text.data(), text.size());
                item->rows.emplace_back(room, text.size());
            }
            queue.put(item, item->arena.taken());
        }
        queue.finish();
    });
    int next = 0;
    for (;;) {
        Item* item = nullptr;
        const Queue::Got got = queue.get(&item, milliseconds(50));
        if (got == Queue::Got::Ended) {
            break;
        }
        if (got == Queue::Got::TimedOut) {
            continue;
        }
        for (const std::string_view row : item->rows) {
            ASSERT_EQ(row, std::to_string(next++));
        }
        queue.give_back(item, item->arena.taken());
    }
    producer.join();
    EXPECT_EQ(next, kBatches * kRows);
}

TEST(Queue, HoldsTheProducerAtTheBudget) {
    std::vector<std::unique_ptr<Item>> items;
    Queue queue(100);
    for (int i = 0; i < 4; i++) {
        items.push_back(std::make_unique<Item>());
        queue.add(items.back().get());
    }
    /* one item above the budget passes alone */
    queue.put(queue.take_empty(), 1000);
    bool second = false;
    std::thread producer([&] {
        Item* const item = queue.take_empty();
        second = true;
        queue.put(item, 1);
        queue.finish();
    });
    Item* item = nullptr;
    ASSERT_EQ(queue.get(&item, milliseconds(1000)), Queue::Got::Filled);
    Item* other = nullptr;
    EXPECT_EQ(queue.get(&other, milliseconds(30)), Queue::Got::TimedOut);
    queue.give_back(item, 1000);
    ASSERT_EQ(queue.get(&other, milliseconds(5000)), Queue::Got::Filled);
    producer.join();
    EXPECT_TRUE(second);
    EXPECT_EQ(queue.get(&other, milliseconds(10)), Queue::Got::Ended);
}

TEST(Queue, StopEndsAProducerThatWaits) {
    Item only;
    Queue queue(100);
    queue.add(&only);
    std::thread producer([&] {
        while (Item* const item = queue.take_empty()) {
            queue.put(item, 10);
        }
    });
    std::this_thread::sleep_for(milliseconds(10));
    queue.stop();
    producer.join();
}

/* Keys as a table holds them, read by ranges in several threads, consumed in order. */
class RangeReading {
  public:
    RangeReading(const std::vector<int64_t>& keys, int producers, uint64_t wanted)
        : keys_(keys), ranges_(keys.front(), keys.back(), wanted, wanted) {
        for (int i = 0; i < producers; i++) {
            producers_.push_back(std::make_unique<Producer>());
            for (Keys& batch : producers_.back()->batches) {
                producers_.back()->queue.add(&batch);
            }
        }
        for (int i = 0; i < producers; i++) {
            producers_[static_cast<size_t>(i)]->thread = std::thread([this, i] { produce(i); });
        }
    }
    ~RangeReading() {
        ranges_.stop();
        for (const auto& producer : producers_) {
            producer->queue.stop();
        }
        for (const auto& producer : producers_) {
            producer->thread.join();
        }
    }
    RangeReading(const RangeReading&) = delete;
    RangeReading& operator=(const RangeReading&) = delete;

    /* At most that many keys. */
    std::vector<int64_t> consume(size_t most) {
        std::vector<int64_t> found;
        int who = 0;
        while (found.size() < most) {
            const auto got = ranges_.next_owner(&who, milliseconds(20));
            if (got == RangeDispenser::Got::Ended) {
                break;
            }
            if (got == RangeDispenser::Got::Known) {
                consume_range(*producers_[static_cast<size_t>(who)], &found);
            }
        }
        return found;
    }

  private:
    static constexpr size_t kBatch = 5;
    struct Keys {
        std::vector<int64_t> keys;
        bool last = false;
    };
    struct Producer {
        std::array<Keys, 3> batches;
        BoundedQueue<Keys> queue{1000};
        std::thread thread;
    };

    static void consume_range(Producer& producer, std::vector<int64_t>* found) {
        for (bool last = false; !last;) {
            Keys* batch = nullptr;
            if (producer.queue.get(&batch, milliseconds(20)) != BoundedQueue<Keys>::Got::Filled) {
                continue;
            }
            found->insert(found->end(), batch->keys.begin(), batch->keys.end());
            last = batch->last;
            producer.queue.give_back(batch, batch->keys.size());
        }
    }

    void produce(int who) {
        Producer& producer = *producers_[static_cast<size_t>(who)];
        RangeDispenser::Range range{};
        while (ranges_.claim(who, &range)) {
            auto at = std::lower_bound(keys_.begin(), keys_.end(), range.low);
            const auto end = std::upper_bound(keys_.begin(), keys_.end(), range.high);
            ranges_.learn(range, static_cast<uint64_t>(end - at));
            if (at == end && end == keys_.end()) {
                ranges_.end();
            } else if (at == end) {
                ranges_.skip_to(*end);
            }
            for (bool last = false; !last;) {
                Keys* const batch = producer.queue.take_empty();
                if (batch == nullptr) {
                    return;
                }
                const auto size = std::min<std::ptrdiff_t>(end - at, kBatch);
                batch->keys.assign(at, at + size);
                at += size;
                last = batch->last = at == end;
                producer.queue.put(batch, batch->keys.size());
            }
        }
        producer.queue.finish();
    }

    const std::vector<int64_t>& keys_;
    RangeDispenser ranges_;
    std::vector<std::unique_ptr<Producer>> producers_;
};

std::vector<std::vector<int64_t>> key_shapes() {
    constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
    constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
    std::vector<std::vector<int64_t>> shapes{{7}, {kLeast, kMost}, {kMost}, {kLeast}};
    std::vector<int64_t> dense;
    std::vector<int64_t> sparse;
    std::vector<int64_t> islands;
    std::vector<int64_t> whole;
    for (int64_t i = 0; i < 2000; i++) {
        dense.push_back(kMost - 1999 + i);
        sparse.push_back((i - 1000) * 1000003);
        islands.push_back(i / 50 * 1000000000 + i);
        whole.push_back((i - 1000) * (kMost / 1000));
    }
    shapes.insert(shapes.end(), {dense, sparse, islands, whole});
    return shapes;
}

TEST(Ranges, ComeInOrderWhoeverReadsThem) {
    for (const std::vector<int64_t>& keys : key_shapes()) {
        for (const int producers : {1, 2, 5}) {
            RangeReading reading(keys, producers, 12);
            EXPECT_EQ(reading.consume(keys.size() + 1), keys);
        }
    }
}

TEST(Ranges, EndWhenTheConsumerStops) {
    for (const std::vector<int64_t>& keys : key_shapes()) {
        RangeReading reading(keys, 4, 12);
        reading.consume(keys.size() / 3);
    }
}

TEST(Ranges, CoverEveryKeyOnce) {
    RangeDispenser ranges(-5, 5, 2, 3);
    RangeDispenser::Range range{};
    int64_t next = -5;
    while (ranges.claim(0, &range)) {
        EXPECT_EQ(range.low, next);
        EXPECT_LE(range.high, 5);
        next = range.high + 1;
    }
    EXPECT_EQ(next, 6);
}

struct Part {
    int64_t low;
    int64_t high;
};

/* What two threads and this one took of a range, in order. */
std::vector<Part> shared_out(SharedRange& range) {
    std::array<std::vector<Part>, 3> taken;
    const auto body = [&](size_t who) {
        range.share([&, who](int64_t low, int64_t high) { taken[who].push_back({low, high}); });
    };
    std::vector<std::thread> threads;
    for (size_t who = 1; who < taken.size(); ++who) {
        range.add_helper();
        threads.emplace_back([&, who] {
            body(who);
            range.helper_is_done();
        });
    }
    body(0);
    while (!range.await_helpers(milliseconds(20))) {
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::vector<Part> all;
    for (const std::vector<Part>& parts : taken) {
        all.insert(all.end(), parts.begin(), parts.end());
    }
    std::sort(all.begin(), all.end(), [](const Part& a, const Part& b) { return a.low < b.low; });
    return all;
}

TEST(SharedRange, IsCoveredOnce) {
    constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
    constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
    for (const Part whole : {Part{1, 1000000}, Part{-5, 5}, Part{7, 7}, Part{kLeast, kMost},
                             Part{kMost - 3, kMost}, Part{kLeast, kLeast + 63}, Part{0, 64}}) {
        SharedRange range(whole.low, whole.high);
        const std::vector<Part> parts = shared_out(range);
        ASSERT_FALSE(parts.empty());
        EXPECT_EQ(parts.front().low, whole.low);
        EXPECT_EQ(parts.back().high, whole.high);
        for (size_t i = 0; i < parts.size(); ++i) {
            EXPECT_LE(parts[i].low, parts[i].high);
            EXPECT_TRUE(i == 0 || parts[i].low == parts[i - 1].high + 1);
        }
    }
}

TEST(SharedRange, TellsTheFirstFailure) {
    for (int round = 0; round < 20; ++round) {
        SharedRange range(0, 6399);
        std::atomic<int64_t> worked{0};
        const auto work = [&](int64_t low, int64_t) {
            ++worked;
            if (low >= 1000) {
                throw std::runtime_error(std::to_string(low));
            }
        };
        range.add_helper();
        std::thread thread([&] {
            range.share(work);
            range.helper_is_done();
        });
        range.share(work);
        while (!range.await_helpers(milliseconds(20))) {
        }
        thread.join();
        EXPECT_LE(worked, 12);
        try {
            range.rethrow_failure();
            ADD_FAILURE();
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "1000");
        }
    }
}

TEST(SharedRange, EndsWhenItIsStopped) {
    SharedRange range(0, 6399);
    int worked = 0;
    range.share([&](int64_t, int64_t) {
        ++worked;
        range.stop();
    });
    EXPECT_EQ(worked, 1);
    EXPECT_TRUE(range.stopped());
    range.rethrow_failure();
}

}  // namespace
