/*
 * readonly_file.hpp
 *    A file of the read-only layer (readonly_vfs.hpp), and the methods that SQLite
 *    calls for it.  For readonly_*.cpp only.
 *
 * One method table serves all kinds of files; what differs stands in the state:
 *
 *   readonly_lock.cpp        a snapshot begins with the shared lock
 *   readonly_read.cpp        reads, each of which has to belong to the snapshot
 *   readonly_undo.cpp        what a rollback wrote, laid over what is read
 *   readonly_wal_index.cpp   the index of a -wal, and the locks in it
 *   readonly_vfs.cpp         opening and closing; the table
 *
 * All methods are noexcept, for they are called from C; their parameters and
 * results are those of sqlite.org/c3ref/io_methods.html.
 */
#pragma once

#include "server_free.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <sqlite3.h>

#include "sqlite/mapped_regions.hpp"
#include "sqlite/readonly_vfs.hpp"
#include "sqlite/vfs_layer.hpp"

namespace sqlite_import::sqlite::readonly {

/* Blocks written by a rollback: SQLite writes whole pages, and pages are multiples of this. */
constexpr int64_t kBlock = 512;

constexpr size_t kWalHeader = 32;

/* One open file.  SQLite allocates szOsFile bytes, of which this is the start; the file of the
 * real VFS lies behind it. */
struct File {
    sqlite3_file base; /* must be first */
    struct State;
    State* state;

    sqlite3_file* real() noexcept;
};

/* What the files of one connection share. */
struct Layer : VfsLayer {
    ReadOnlyOptions options;
    ReadOnlyFindings findings;
    FileIdentity file_identity;
    bool use_wal = false;                /* decided when a snapshot begins */
    bool index_locked = false;           /* a read lock in another program's index guards us */
    File::State* shared_index = nullptr; /* the file that reads another program's index */
    std::vector<std::string> undone;     /* journals that are to be seen as gone */
};

struct File::State {
    Layer* layer = nullptr;
    int kind = 0;              /* SQLITE_OPEN_MAIN_DB, _WAL, _MAIN_JOURNAL … */
    char* real_name = nullptr; /* the real VFS keeps a pointer to it */
    int lock = SQLITE_LOCK_NONE;
    bool has_baseline = false;
    FileIdentity baseline;
    std::array<char, kWalHeader> wal_header{};

    /* main database: what a rollback wrote */
    std::unordered_map<int64_t, std::array<char, kBlock>> blocks;
    int64_t undone_size = -1;

    /* main database: bytes that were read ahead, all of the snapshot that is locked */
    std::unique_ptr<char[]> ahead;
    int64_t ahead_start = 0;
    int64_t ahead_size = 0;
    int64_t last_end = -1;

    /* main database: the index of the -wal */
    bool index_real = false;
    std::vector<std::unique_ptr<char[]>> index;
    std::vector<const volatile void*> index_pages; /* mapped; index holds their copies */
    int index_page_size = 0;
    MappedRegions index_regions; /* index_pages */

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { sqlite3_free_filename(real_name); }
};

constexpr size_t kRealFileAt = (sizeof(File) + 15) / 16 * 16;

inline File* self(sqlite3_file* file) noexcept {
    return reinterpret_cast<File*>(file);
}

/* --- readonly_read.cpp --- */

/* The state of the file under that name now; all zero if it cannot be looked at. */
FileIdentity identify(const File::State& state) noexcept;

/*
 * File times tick every few milliseconds.  A file changed within the current
 * tick could change again and show the same time, so that tick is waited out.
 */
void let_clock_tick(sqlite3_vfs* vfs, const FileIdentity& identity) noexcept;

/* Whether what is read now still belongs to the snapshot. */
bool unchanged(File* file) noexcept;

/* What was read ahead belongs to the locks that were held. */
void forget_ahead(File::State& state) noexcept;

int read(sqlite3_file* base, void* target, int amount, sqlite3_int64 offset) noexcept;
int file_size(sqlite3_file* base, sqlite3_int64* size) noexcept;

/* --- readonly_undo.cpp --- */

/* Puts what was undone into bytes that were read from the file. */
void lay_undone_over(const File::State& state, char* buffer, int amount, int64_t offset) noexcept;

/* What lies behind the end of the undone file is not there.  'code' is the read's; gives its new
 * one. */
int cut_at_undone_end(const File::State& state, char* buffer, int amount, int64_t offset,
                      int code) noexcept;

int write(sqlite3_file* base, const void* data, int amount, sqlite3_int64 offset) noexcept;
int truncate(sqlite3_file* base, sqlite3_int64 size) noexcept;
int sync(sqlite3_file* base, int flags) noexcept;

/* --- readonly_lock.cpp --- */

int lock(sqlite3_file* base, int level) noexcept;
int unlock(sqlite3_file* base, int level) noexcept;
int check_reserved_lock(sqlite3_file* base, int* result) noexcept;

/* --- readonly_wal_index.cpp --- */

int shm_map(sqlite3_file* base, int region, int size, int extend, void volatile** page) noexcept;
int shm_lock(sqlite3_file* base, int offset, int count, int flags) noexcept;
void shm_barrier(sqlite3_file* base) noexcept;

/* After a sleep: what SQLite looks at next is as the other program has it now. */
void refresh_shared_index(Layer& layer) noexcept;
int shm_unmap(sqlite3_file* base, int remove) noexcept;

}  // namespace sqlite_import::sqlite::readonly
