/*
 * readonly_read.cpp
 *    Reading through the read-only layer: every byte belongs to one state of the file.
 */
#include "sqlite/readonly_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "sqlite/file_facts.hpp"

namespace sqlite_import::sqlite::readonly {

FileIdentity identify(const File::State& state) noexcept {
    FileIdentity identity;
    struct stat status {};
    std::string_view suffix;

    if (state.kind != SQLITE_OPEN_MAIN_DB) {
        suffix = state.kind == SQLITE_OPEN_WAL ? kWalSuffix : kJournalSuffix;
    }
    if (state.layer->place->look(suffix, status) == 0) {
        identity = {status.st_dev, status.st_ino, status.st_size, status.st_mtim};
    }
    return identity;
}

/*
 * File times tick every few milliseconds.  A file changed within the current
 * tick could change again and show the same time, so that tick is waited out.
 */
void let_clock_tick(sqlite3_vfs* vfs, const FileIdentity& identity) noexcept {
    constexpr int64_t kTickNanoseconds = 20'000'000;
    timespec now{};

    clock_gettime(CLOCK_REALTIME, &now);
    const int64_t age = (now.tv_sec - identity.changed.tv_sec) * 1'000'000'000LL +
                        (now.tv_nsec - identity.changed.tv_nsec);
    if (age >= 0 && age < kTickNanoseconds) {
        vfs->xSleep(vfs, static_cast<int>(kTickNanoseconds / 1000));
    }
}

namespace {

/* Read ahead in scans: one read of the file, and one look at its state, for many pages. */
constexpr int64_t kAhead = INT64_C(128) * 1024;

/* Pages of a table lie between those of its indexes: going on so far behind the last read is a scan
 * too. */
constexpr int64_t kScanGap = INT64_C(16) * 1024;

/* The -wal may grow behind our snapshot; it may not be begun anew. */
bool wal_only_grew(File* file, const FileIdentity& now) noexcept {
    File::State& state = *file->state;
    std::array<char, kWalHeader> header{};

    if (now.inode != state.baseline.inode || now.size < state.baseline.size ||
        file->real()->pMethods->xRead(file->real(), header.data(), kWalHeader, 0) != SQLITE_OK ||
        header != state.wal_header) {
        return false;
    }
    state.baseline = now;
    return true;
}

}  // namespace

bool unchanged(File* file) noexcept {
    File::State& state = *file->state;

    if (!state.has_baseline || state.layer->index_locked) {
        return true;
    }
    const FileIdentity now = identify(state);
    if (now == state.baseline) {
        return true;
    }
    return state.kind == SQLITE_OPEN_WAL && wal_only_grew(file, now);
}

void forget_ahead(File::State& state) noexcept {
    state.ahead_size = 0;
    state.last_end = -1;
}

namespace {

/* Shows a header in rollback mode when no -wal is read (fileformat.html, 1.3.3). */
void hide_wal_mode(File::State& state, char* buffer, int amount, int64_t offset) noexcept {
    for (int64_t at = 18; at <= 19; at++) {
        if (at >= offset && at < offset + amount && buffer[at - offset] == 2) {
            state.layer->findings.wal_missing = true;
            buffer[at - offset] = 1;
        }
    }
}

/* The real VFS's read, and kFileChanged if the bytes may not belong to the snapshot. */
int read_checked(File* file, char* buffer, int amount, int64_t offset) noexcept {
    const int code = file->real()->pMethods->xRead(file->real(), buffer, amount, offset);

    return unchanged(file) ? code : kFileChanged;
}

/* Fills the room for bytes ahead from 'offset' on.  False if that is not possible. */
bool fetch_ahead(File* file, int64_t offset) noexcept {
    File::State& state = *file->state;
    const int64_t size = std::min(kAhead, state.baseline.size - offset);

    state.ahead_size = 0;
    if (state.ahead == nullptr) {
        state.ahead.reset(new (std::nothrow) char[kAhead]);
    }
    if (state.ahead == nullptr || size <= 0 ||
        read_checked(file, state.ahead.get(), static_cast<int>(size), offset) != SQLITE_OK) {
        return false;
    }
    state.ahead_start = offset;
    state.ahead_size = size;
    return true;
}

int read_in_order(File* file, char* buffer, int amount, int64_t offset) noexcept {
    File::State& state = *file->state;
    const auto is_there = [&] {
        return offset >= state.ahead_start &&
               offset + amount <= state.ahead_start + state.ahead_size;
    };
    const bool scan = state.last_end >= 0 && offset >= state.last_end &&
                      offset <= state.last_end + kScanGap && state.has_baseline &&
                      state.lock >= SQLITE_LOCK_SHARED;

    state.last_end = offset + amount;
    if (!is_there() && !(scan && fetch_ahead(file, offset) && is_there())) {
        return read_checked(file, buffer, amount, offset);
    }
    memcpy(buffer, state.ahead.get() + (offset - state.ahead_start), static_cast<size_t>(amount));
    return SQLITE_OK;
}

}  // namespace

int read(sqlite3_file* base, void* target, int amount, sqlite3_int64 offset) noexcept {
    File* file = self(base);
    File::State& state = *file->state;
    auto* buffer = static_cast<char*>(target);

    /* the check of all pages, the counting of rows and the reading of a -wal ask nobody else */
    const auto interrupted = state.layer->options.interrupted;
    if (interrupted != nullptr && interrupted(nullptr) != 0) {
        return SQLITE_INTERRUPT;
    }
    if (state.kind != SQLITE_OPEN_MAIN_DB) {
        return read_checked(file, buffer, amount, offset);
    }
    int code = read_in_order(file, buffer, amount, offset);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) {
        return code;
    }
    if (!state.blocks.empty()) {
        lay_undone_over(state, buffer, amount, offset);
    }
    code = cut_at_undone_end(state, buffer, amount, offset, code);
    if (!state.layer->use_wal) {
        hide_wal_mode(state, buffer, amount, offset);
    }
    return code;
}

int file_size(sqlite3_file* base, sqlite3_int64* size) noexcept {
    File* file = self(base);

    if (file->state->undone_size >= 0) {
        *size = file->state->undone_size;
        return SQLITE_OK;
    }
    const int code = file->real()->pMethods->xFileSize(file->real(), size);
    if (code == SQLITE_OK && file->state->layer->options.fill_up &&
        file->state->kind == SQLITE_OPEN_MAIN_DB) {
        std::array<char, 100> header{};
        file->real()->pMethods->xRead(file->real(), header.data(), header.size(), 0);
        *size = claimed_size({header.data(), header.size()}, *size);
    }
    return code;
}

}  // namespace sqlite_import::sqlite::readonly
