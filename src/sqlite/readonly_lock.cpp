/*
 * readonly_lock.cpp
 *    The locks of the database file, and with the first of them the snapshot.
 */
#include "sqlite/readonly_file.hpp"

#include <algorithm>

namespace sqlite_import::sqlite::readonly {

namespace {

/* An empty -wal matters only to those who have the database open now. */
bool is_wal_in_use(const FilePlace& place) noexcept {
    struct stat wal {};
    struct stat index {};

    return place.look(kWalSuffix, wal) == 0 &&
           (wal.st_size > 0 || place.look(kShmSuffix, index) == 0);
}

/* Called when the shared lock has been got: a snapshot begins. */
int begin_snapshot(File* file) noexcept {
    File::State& state = *file->state;
    const FileIdentity now = identify(state);

    if (state.has_baseline) {
        return unchanged(file) ? SQLITE_OK : kFileChanged;
    }
    let_clock_tick(state.layer->real, now);
    state.baseline = identify(state);
    state.has_baseline = true;
    state.layer->file_identity = state.baseline;
    state.layer->use_wal = is_wal_in_use(*state.layer->place);
    return SQLITE_OK;
}

int lock_real(File* file, int level) noexcept {
    return file->state->layer->options.no_locks
               ? SQLITE_OK
               : file->real()->pMethods->xLock(file->real(), level);
}

int unlock_real(File* file, int level) noexcept {
    return file->state->layer->options.no_locks
               ? SQLITE_OK
               : file->real()->pMethods->xUnlock(file->real(), level);
}

}  // namespace

int lock(sqlite3_file* base, int level) noexcept {
    File* file = self(base);
    File::State& state = *file->state;

    forget_ahead(state);
    if (level > SQLITE_LOCK_SHARED) {
        /* Our shared lock keeps every other process from rolling back meanwhile. */
        if (!state.layer->options.roll_back) {
            return SQLITE_READONLY;
        }
        state.lock = level;
        return SQLITE_OK;
    }
    int code = lock_real(file, level);
    if (code == SQLITE_OK && level == SQLITE_LOCK_SHARED && state.lock == SQLITE_LOCK_NONE) {
        code = begin_snapshot(file);
        if (code != SQLITE_OK) {
            unlock_real(file, SQLITE_LOCK_NONE);
            return code;
        }
    }
    if (code == SQLITE_OK) {
        state.lock = std::max(state.lock, level);
    }
    return code;
}

int unlock(sqlite3_file* base, int level) noexcept {
    File* file = self(base);

    forget_ahead(*file->state);
    file->state->lock = std::min(file->state->lock, level);
    return unlock_real(file, level);
}

int check_reserved_lock(sqlite3_file* base, int* result) noexcept {
    File* file = self(base);
    if (file->state->layer->options.no_locks) {
        *result = 0;
        return SQLITE_OK;
    }
    return file->real()->pMethods->xCheckReservedLock(file->real(), result);
}

}  // namespace sqlite_import::sqlite::readonly
