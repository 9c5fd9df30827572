/*
 * readonly_undo.cpp
 *    What SQLite would write to roll back a hot journal, kept in memory.
 */
#include "sqlite/readonly_file.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace sqlite_import::sqlite::readonly {

namespace {

/* More than this is rolled back by its owner, not in the memory of a server. */
constexpr size_t kMaxBlocks = (512U << 20) / kBlock;

bool may_pretend(const File::State& state) noexcept {
    return state.kind == SQLITE_OPEN_MAIN_DB && state.layer->options.roll_back &&
           state.lock == SQLITE_LOCK_EXCLUSIVE;
}

int undo_into_memory(File::State& state, const char* data, int amount, int64_t offset) {
    if (offset % kBlock != 0 || amount % kBlock != 0 || state.blocks.size() > kMaxBlocks) {
        return SQLITE_FULL;
    }
    if (state.undone_size < 0) {
        state.undone_size = state.baseline.size;
    }
    for (int done = 0; done < amount; done += static_cast<int>(kBlock)) {
        memcpy(state.blocks[(offset + done) / kBlock].data(), data + done, kBlock);
    }
    state.undone_size = std::max<int64_t>(state.undone_size, offset + amount);
    return SQLITE_OK;
}

}  // namespace

void lay_undone_over(const File::State& state, char* buffer, int amount, int64_t offset) noexcept {
    const int64_t end = offset + amount;

    for (int64_t block = offset / kBlock; block * kBlock < end; block++) {
        const auto found = state.blocks.find(block);
        if (found == state.blocks.end()) {
            continue;
        }
        const int64_t from = std::max(offset, block * kBlock);
        const int64_t to = std::min(end, (block + 1) * kBlock);
        memcpy(buffer + (from - offset), found->second.data() + (from - block * kBlock),
               static_cast<size_t>(to - from));
    }
}

int cut_at_undone_end(const File::State& state, char* buffer, int amount, int64_t offset,
                      int code) noexcept {
    if (state.undone_size < 0) {
        return code;
    }
    const int64_t there = std::clamp<int64_t>(state.undone_size - offset, 0, amount);
    if (there == amount) {
        return SQLITE_OK;
    }
    memset(buffer + there, 0, static_cast<size_t>(amount - there));
    return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* base, const void* data, int amount, sqlite3_int64 offset) noexcept {
    File::State& state = *self(base)->state;

    if (!may_pretend(state)) {
        return SQLITE_READONLY;
    }
    try {
        return undo_into_memory(state, static_cast<const char*>(data), amount, offset);
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }
}

int truncate(sqlite3_file* base, sqlite3_int64 size) noexcept {
    File::State& state = *self(base)->state;

    if (!may_pretend(state)) {
        return SQLITE_READONLY;
    }
    state.undone_size = size;
    return SQLITE_OK;
}

int sync(sqlite3_file*, int) noexcept {
    return SQLITE_OK;
}

}  // namespace sqlite_import::sqlite::readonly
