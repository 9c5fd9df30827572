/*
 * readonly_wal_index.cpp
 *    The index of the -wal: our own in memory, or a copy of another program's.
 */
#include "sqlite/readonly_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "sqlite/guarded_open.hpp"

namespace sqlite_import::sqlite::readonly {

namespace {

/* What a pipe takes at once under any limit; the index's regions have 32 kB. */
constexpr int kPipeful = 4096;

int private_index_page(File::State& state, int region, int size, void volatile** page) {
    while (state.index.size() <= static_cast<size_t>(region)) {
        state.index.emplace_back(new char[static_cast<size_t>(size)]());
    }
    *page = state.index[static_cast<size_t>(region)].get();
    return SQLITE_OK;
}

/*
 * Another program's index is mapped, but SQLite gets a copy of it: memory mapped from a file
 * that somebody truncates is a signal when it is read, and the end of the process.  The kernel
 * reads it for us and says EFAULT instead.
 *
 * A copy suffices because of what SQLite does after it has locked its place in the index
 * (walformat.html#the_wal_index_file_format): it compares the header with what it read
 * before, and starts again if that moved on.  So a copy made after each lock is as good as the
 * memory itself, and what belongs to the locked snapshot does not change any more.
 */
int copy_region(const volatile void* from, char* to, int size) noexcept {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return SQLITE_IOERR_SHMMAP;
    }
    int code = SQLITE_OK;
    for (int done = 0; done < size && code == SQLITE_OK; done += kPipeful) {
        const auto* source = static_cast<const volatile char*>(from) + done;
        const int part = std::min(kPipeful, size - done);
        if (::write(ends[1], const_cast<const char*>(source), static_cast<size_t>(part)) != part ||
            ::read(ends[0], to + done, static_cast<size_t>(part)) != part) {
            code = kFileChanged;
        }
    }
    ::close(ends[0]);
    ::close(ends[1]);
    return code;
}

/* The same for a part of the region.  A connection of ours that writes may have met the gap first,
 * and closed it with a page of its own. */
int copy_part(File::State& state, size_t region, int from, int size) noexcept {
    const int code =
        copy_region(static_cast<const volatile char*>(state.index_pages[region]) + from,
                    state.index[region].get() + from, size);

    return code == SQLITE_OK && state.index_regions.lost() ? kFileChanged : code;
}

/* The header is there twice, and whole if both are the same; then come the places of the readers.
 */
constexpr size_t kIndexHeader = 48;
constexpr int kIndexStart = 136;

/* Copies the header and the places of readers. */
int refresh_start(File::State& state) noexcept {
    constexpr int kTries = 100;

    if (state.index_pages.empty() || state.index_pages[0] == nullptr) {
        return SQLITE_OK;
    }
    char* const start = state.index[0].get();
    for (int tries = 0; tries < kTries; tries++) {
        const int code = copy_part(state, 0, 0, kIndexStart);
        if (code != SQLITE_OK) {
            return code;
        }
        if (memcmp(start, start + kIndexHeader, kIndexHeader) == 0) {
            break;
        }
    }
    return SQLITE_OK;
}

/* Copies what lies behind them, which only grows while a place is locked. */
int refresh_tables(File::State& state) noexcept {
    for (size_t region = 0; region < state.index_pages.size(); region++) {
        const int skipped = region == 0 ? kIndexStart : 0;

        if (state.index_pages[region] == nullptr) {
            continue;
        }
        const int code = copy_part(state, region, skipped, state.index_page_size - skipped);
        if (code != SQLITE_OK) {
            return code;
        }
    }
    return SQLITE_OK;
}

/* A region that SQLite asks for: those that it has already are as new as its lock. */
int copy_asked_for(File::State& state, size_t region) noexcept {
    const int skipped = region == 0 ? kIndexStart : 0;
    const int code = region == 0 ? refresh_start(state) : SQLITE_OK;

    return code == SQLITE_OK ? copy_part(state, region, skipped, state.index_page_size - skipped)
                             : code;
}

int refresh_index(File::State& state) noexcept {
    const int code = refresh_start(state);

    return code == SQLITE_OK ? refresh_tables(state) : code;
}

/*
 * After a lock.  Where the header has moved on since SQLite read it, SQLite will see that and
 * try again: the less is done until then, the sooner it catches a moment between two commits
 * of a busy writer.
 */
int refresh_locked(File::State& state) noexcept {
    char before[kIndexHeader] = {};

    if (state.index.empty() || state.index[0] == nullptr) {
        return refresh_index(state);
    }
    memcpy(before, state.index[0].get(), kIndexHeader);
    const int code = refresh_start(state);
    if (code != SQLITE_OK || memcmp(before, state.index[0].get(), kIndexHeader) != 0) {
        return code;
    }
    return refresh_tables(state);
}

/* From here on the locks in the index guard the snapshot, and a checkpoint may rightly write to
 * the file. */
void rely_on_index(File::State& state) noexcept {
    state.index_real = true;
    state.layer->index_locked = true;
    state.layer->shared_index = &state;
    state.layer->findings.wal_index_shared = true;
}

int shared_index_page(File::State& state, int region, int size, volatile void* mapped,
                      void volatile** page) {
    rely_on_index(state);
    *page = nullptr;
    if (mapped == nullptr) {
        return SQLITE_READONLY; /* the index does not reach so far */
    }
    const auto at = static_cast<size_t>(region); /* SQLite asks for the last one first */
    if (at >= state.index_pages.size()) {
        state.index.resize(at + 1);
        state.index_pages.resize(at + 1);
    }
    if (state.index_pages[at] == nullptr) {
        if (!state.index_regions.add(mapped, static_cast<size_t>(size))) {
            return SQLITE_NOMEM;
        }
        state.index[at] = std::make_unique<char[]>(static_cast<size_t>(size));
        state.index_pages[at] = mapped;
        state.index_page_size = size;
    }
    const int code = copy_asked_for(state, at);
    *page = state.index[at].get();
    return code == SQLITE_OK ? SQLITE_READONLY : code;
}

}  // namespace

int shm_map(sqlite3_file* base, int region, int size, int, void volatile** page) noexcept {
    File* file = self(base);
    File::State& state = *file->state;
    const sqlite3_io_methods* real = file->real()->pMethods;

    *page = nullptr;
    if (!may_have_region(*state.layer->place, region)) {
        return SQLITE_CORRUPT;
    }
    try {
        if (state.index_real || (state.index.empty() && !state.layer->options.private_wal_index)) {
            void volatile* mapped = nullptr;
            const OpenGuard guard(*state.layer->place, false);
            const int code = guard.code(real->xShmMap(file->real(), region, size, 0, &mapped));
            if (code == SQLITE_OK || code == SQLITE_READONLY) {
                return shared_index_page(state, region, size, mapped, page);
            }
            if (state.index_real) {
                return code;
            }
            real->xShmUnmap(file->real(), 0);
            if (code == SQLITE_BUSY || code == SQLITE_NOMEM || code == kNotRegular ||
                code == kSharedName) {
                return code;
            }
        }
        return private_index_page(state, region, size, page);
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }
}

int shm_lock(sqlite3_file* base, int offset, int count, int flags) noexcept {
    File* file = self(base);

    forget_ahead(*file->state);
    if (!file->state->index_real) {
        return SQLITE_OK;
    }
    const int code = file->real()->pMethods->xShmLock(file->real(), offset, count, flags);
    if (flags != (SQLITE_SHM_LOCK | SQLITE_SHM_SHARED)) {
        return code;
    }
    /* a lock not got means a copy out of date: SQLite tries again, by what it reads then */
    const int refreshed = refresh_locked(*file->state);
    return code == SQLITE_OK ? refreshed : code;
}

void shm_barrier(sqlite3_file*) noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

/* What cannot be copied now is met again, and told, at the next lock. */
void refresh_shared_index(Layer& layer) noexcept {
    if (layer.shared_index != nullptr) {
        (void)refresh_start(*layer.shared_index);
    }
}

int shm_unmap(sqlite3_file* base, int) noexcept {
    File* file = self(base);

    file->state->index.clear();
    file->state->index_pages.clear();
    file->state->index_regions.clear();
    if (!file->state->index_real) {
        return SQLITE_OK;
    }
    file->state->index_real = false;
    file->state->layer->index_locked = false;
    file->state->layer->shared_index = nullptr;
    return file->real()->pMethods->xShmUnmap(file->real(), 0);
}

}  // namespace sqlite_import::sqlite::readonly
