/*
 * The queue between reader and writer, and the arena of a batch.  Under the
 * thread sanitizer (cmake --preset tsan) these prove that a batch belongs to one
 * side at a time.
 */
#include "values/arena.hpp"
#include "values/bounded_queue.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
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

}  // namespace
