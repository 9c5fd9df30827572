/*
 * leash.hpp
 *    Threads that can be left inside SQLite, and what nobody may touch afterwards.
 *
 * SQLite asks its progress handler between instructions of its machine; one call of a
 * function, or the compiling of one statement, can last for hours and asks nobody.  Such a
 * thread cannot be ended.  It can be left: its leash says whether it is inside SQLite, and
 * whoever waits for it cuts the leash there.  The thread then never comes back: when SQLite
 * returns, it sleeps until the process ends, and touches nothing.  What SQLite itself goes on
 * touching is left alone by everybody: the connection, its statements and its files' layer are
 * neither used nor freed any more.
 *
 * The same holds when a process ends from within a call of SQLite (a FATAL error that an
 * interrupt raised): then all connections are left alone.
 *
 * Work that may last in this way is set aside: done in a thread on a leash, while the one that
 * wants it waits and can give up.
 */
#pragma once

#include "server_free.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <sqlite3.h>

namespace sqlite_import::sqlite {

/* Of the error that a connection left alone gives; SQLite itself never uses it. */
constexpr int kLeftAlone = SQLITE_MISUSE | (1 << 8);

/* The progress handler's answer in a thread, and the cord by which it can be left. */
class Leash {
  public:
    Leash() = default;
    ~Leash() = default;
    Leash(const Leash&) = delete;
    Leash& operator=(const Leash&) = delete;

    /* The leash of the calling thread; null in the backend's own. */
    static Leash* current() noexcept;

    /* The thread's side.  attach() makes it the calling thread's. */
    void attach() noexcept;
    void finish() noexcept;
    void enter(sqlite3* connection) noexcept {
        connection_.store(connection, std::memory_order_relaxed);
        place_.store(Place::Inside, std::memory_order_release);
    }
    void leave() noexcept {
        Place inside = Place::Inside;
        if (!place_.compare_exchange_strong(inside, Place::Outside, std::memory_order_acq_rel)) {
            sleep_for_ever();
        }
    }
    bool is_stopped() const noexcept { return stopped_.load(std::memory_order_relaxed); }

    /* The other side.  stop() asks the thread to end its step, as often as it is called. */
    void stop() noexcept;
    void restart() noexcept { stopped_.store(false, std::memory_order_relaxed); }
    bool await_finish(std::chrono::milliseconds patience);

    /* Leaves the thread if it is inside SQLite; false if it is not.  After true the leash must
     * live as long as the process. */
    bool cut() noexcept;

  private:
    enum class Place { Outside, Inside, Left };

    [[noreturn]] static void sleep_for_ever() noexcept;

    std::atomic<Place> place_{Place::Outside};
    std::atomic<bool> stopped_{false};
    std::atomic<sqlite3*> connection_{nullptr};
    std::mutex mutex_;
    std::condition_variable finished_condition_;
    bool finished_ = false;
};

/* Stands around each call of SQLite that may last. */
class Inside {
  public:
    explicit Inside(sqlite3* connection) noexcept : leash_(Leash::current()) {
        if (leash_ != nullptr) {
            leash_->enter(connection);
        }
    }
    ~Inside() {
        if (leash_ != nullptr) {
            leash_->leave();
        }
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

  private:
    Leash* leash_;
};

/* True if a thread was left inside a call of this connection, or the process ends from one. */
bool is_left_alone(const sqlite3* connection) noexcept;

/* True if that happened to any: nothing new is begun then. */
bool is_anything_left_alone() noexcept;

/* All connections, from now on or no longer.  For a call that may end the process. */
void leave_all_alone(bool leave) noexcept;

/* Who does work that is set aside: runs run(argument) in a thread on a leash and returns when it
 * is done, or throws when the wait was given up.  Without one such work is done at once. */
using AsideRunner = void (*)(void (*run)(void*), void* argument);
void set_aside_runner(AsideRunner runner) noexcept;

/* Whether the calling thread can set work aside: it is on no leash itself. */
bool can_set_aside() noexcept;
void run_aside(void (*run)(void*), void* argument);

/* f's result; f is run aside, and may throw. */
template <typename F>
auto aside(F&& f) -> decltype(f()) {
    using Result = decltype(f());

    if (!can_set_aside()) {
        return f();
    }
    struct Work {
        F& f;
        std::exception_ptr failure;
        std::conditional_t<std::is_void_v<Result>, bool,
                           std::optional<std::conditional_t<std::is_void_v<Result>, int, Result>>>
            result{};
    } work{f, nullptr};

    run_aside(
        [](void* argument) {
            auto& mine = *static_cast<Work*>(argument);
            try {
                if constexpr (std::is_void_v<Result>) {
                    mine.f();
                } else {
                    mine.result.emplace(mine.f());
                }
            } catch (...) {
                mine.failure = std::current_exception();
            }
        },
        &work);
    if (work.failure != nullptr) {
        std::rethrow_exception(work.failure);
    }
    if constexpr (!std::is_void_v<Result>) {
        return std::move(*work.result);
    }
}

}  // namespace sqlite_import::sqlite
