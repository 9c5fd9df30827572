/*
 * leash.cpp
 *    Leashes, and the list of what is left alone.
 */
#include "sqlite/leash.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace sqlite_import::sqlite {

namespace {

thread_local Leash* leash_of_thread = nullptr;

AsideRunner aside_runner = nullptr;

/* More than one only if several threads were caught at once; beyond them all are left alone.
 * Written and read by the backend; a thread that was left never looks. */
constexpr size_t kMostLeft = 16;
std::array<const sqlite3*, kMostLeft> left{};
size_t left_count = 0;
bool too_many_left = false;
bool process_ends = false;

}  // namespace

Leash* Leash::current() noexcept {
    return leash_of_thread;
}

void Leash::attach() noexcept {
    leash_of_thread = this;
}

void Leash::finish() noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    finished_ = true;
    finished_condition_.notify_all();
}

void Leash::stop() noexcept {
    stopped_.store(true, std::memory_order_relaxed);
    /* for what asks this flag and not the handler: the counting of rows, the check of all pages,
     * the parser.  The connection lives, since its owner is who calls. */
    if (place_.load(std::memory_order_acquire) == Place::Inside) {
        sqlite3_interrupt(connection_.load(std::memory_order_relaxed));
    }
}

bool Leash::await_finish(std::chrono::milliseconds patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    return finished_condition_.wait_for(lock, patience, [this] { return finished_; });
}

bool Leash::cut() noexcept {
    Place inside = Place::Inside;
    if (!place_.compare_exchange_strong(inside, Place::Left, std::memory_order_acq_rel)) {
        return false;
    }
    if (left_count == kMostLeft) {
        too_many_left = true;
    } else {
        left[left_count++] = connection_.load(std::memory_order_relaxed);
    }
    return true;
}

void Leash::sleep_for_ever() noexcept {
    for (;;) {
        pause();
    }
}

bool is_left_alone(const sqlite3* connection) noexcept {
    /* a thread that was left does not come here, and others are their owner's affair */
    if (Leash::current() != nullptr) {
        return false;
    }
    return too_many_left || process_ends ||
           std::find(left.begin(), left.begin() + left_count, connection) !=
               left.begin() + left_count;
}

bool is_anything_left_alone() noexcept {
    return process_ends || left_count > 0;
}

void leave_all_alone(bool leave) noexcept {
    process_ends = leave;
}

void set_aside_runner(AsideRunner runner) noexcept {
    aside_runner = runner;
}

bool can_set_aside() noexcept {
    return aside_runner != nullptr && Leash::current() == nullptr;
}

void run_aside(void (*run)(void*), void* argument) {
    aside_runner(run, argument);
}

}  // namespace sqlite_import::sqlite
