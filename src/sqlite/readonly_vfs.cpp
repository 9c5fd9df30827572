/*
 * readonly_vfs.cpp
 *    SQLite's I/O methods, with nothing written.
 */
#include "sqlite/readonly_vfs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <string_view>

#include "sqlite/error.hpp"
#include "sqlite/file_facts.hpp"

namespace sqlite_import::sqlite {

namespace {

FileIdentity identify(const char* path) noexcept {
    FileIdentity identity;
    struct stat status {};

    if (stat(path, &status) == 0) {
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

/* Blocks written by a rollback: SQLite writes whole pages, and pages are multiples of this. */
constexpr int64_t kBlock = 512;

/* More than this is rolled back by its owner, not in the memory of a server. */
constexpr size_t kMaxBlocks = (512U << 20) / kBlock;

constexpr size_t kWalHeader = 32;

/* Read ahead in scans: one read of the file, and one look at its state, for many pages. */
constexpr int64_t kAhead = INT64_C(128) * 1024;

/* Pages of a table lie between those of its indexes: going on so far behind the last read is a scan
 * too. */
constexpr int64_t kScanGap = INT64_C(16) * 1024;

/* What a pipe takes at once under any limit; the index's regions have 32 kB. */
constexpr int kPipeful = 4096;

}  // namespace

/* One open file.  SQLite allocates szOsFile bytes, of which this is the start; the file of the
 * real VFS lies behind it. */
struct ReadOnlyFile {
    sqlite3_file base; /* must be first */
    struct State;
    State* state;

    sqlite3_file* real() noexcept;
};

struct ReadOnlyFile::State {
    ReadOnlyVfs* owner = nullptr;
    int kind = 0; /* SQLITE_OPEN_MAIN_DB, _WAL, _MAIN_JOURNAL … */
    std::string path;
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

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { sqlite3_free_filename(real_name); }
};

namespace {

constexpr size_t kRealFileAt = (sizeof(ReadOnlyFile) + 15) / 16 * 16;

ReadOnlyFile* self(sqlite3_file* file) noexcept {
    return reinterpret_cast<ReadOnlyFile*>(file);
}

}  // namespace

sqlite3_file* ReadOnlyFile::real() noexcept {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(this) + kRealFileAt);
}

/* The methods.  All are noexcept: they are called from C. */
struct ReadOnlyMethods {
    /* --- one state of the file --- */

    /* The -wal may grow behind our snapshot; it may not be begun anew. */
    static bool wal_only_grew(ReadOnlyFile* file, const FileIdentity& now) noexcept {
        ReadOnlyFile::State& state = *file->state;
        std::array<char, kWalHeader> header{};

        if (now.inode != state.baseline.inode || now.size < state.baseline.size ||
            file->real()->pMethods->xRead(file->real(), header.data(), kWalHeader, 0) !=
                SQLITE_OK ||
            header != state.wal_header) {
            return false;
        }
        state.baseline = now;
        return true;
    }

    static bool unchanged(ReadOnlyFile* file) noexcept {
        ReadOnlyFile::State& state = *file->state;

        if (!state.has_baseline || state.owner->index_locked_) {
            return true;
        }
        const FileIdentity now = identify(state.path.c_str());
        if (now == state.baseline) {
            return true;
        }
        return state.kind == SQLITE_OPEN_WAL && wal_only_grew(file, now);
    }

    /* --- reading --- */

    static void lay_undone_over(const ReadOnlyFile::State& state, char* buffer, int amount,
                                int64_t offset) noexcept {
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

    /* What lies behind the end of the undone file is not there. */
    static int cut_at_undone_end(const ReadOnlyFile::State& state, char* buffer, int amount,
                                 int64_t offset, int code) noexcept {
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

    /* Shows a header in rollback mode when no -wal is read (fileformat.html, 1.3.3). */
    static void hide_wal_mode(ReadOnlyFile::State& state, char* buffer, int amount,
                              int64_t offset) noexcept {
        for (int64_t at = 18; at <= 19; at++) {
            if (at >= offset && at < offset + amount && buffer[at - offset] == 2) {
                state.owner->findings_.wal_missing = true;
                buffer[at - offset] = 1;
            }
        }
    }

    /* What was read ahead belongs to the locks that were held. */
    static void forget_ahead(ReadOnlyFile::State& state) noexcept {
        state.ahead_size = 0;
        state.last_end = -1;
    }

    /* The real VFS's read, and kFileChanged if the bytes may not belong to the snapshot. */
    static int read_checked(ReadOnlyFile* file, char* buffer, int amount, int64_t offset) noexcept {
        const int code = file->real()->pMethods->xRead(file->real(), buffer, amount, offset);

        return unchanged(file) ? code : kFileChanged;
    }

    /* Fills the room for bytes ahead from 'offset' on.  False if that is not possible. */
    static bool fetch_ahead(ReadOnlyFile* file, int64_t offset) noexcept {
        ReadOnlyFile::State& state = *file->state;
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

    static int read_in_order(ReadOnlyFile* file, char* buffer, int amount,
                             int64_t offset) noexcept {
        ReadOnlyFile::State& state = *file->state;
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
        memcpy(buffer, state.ahead.get() + (offset - state.ahead_start),
               static_cast<size_t>(amount));
        return SQLITE_OK;
    }

    static int read(sqlite3_file* base, void* target, int amount, sqlite3_int64 offset) noexcept {
        ReadOnlyFile* file = self(base);
        ReadOnlyFile::State& state = *file->state;
        auto* buffer = static_cast<char*>(target);

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
        if (!state.owner->use_wal_) {
            hide_wal_mode(state, buffer, amount, offset);
        }
        return code;
    }

    static int file_size(sqlite3_file* base, sqlite3_int64* size) noexcept {
        ReadOnlyFile* file = self(base);

        if (file->state->undone_size >= 0) {
            *size = file->state->undone_size;
            return SQLITE_OK;
        }
        const int code = file->real()->pMethods->xFileSize(file->real(), size);
        if (code == SQLITE_OK && file->state->owner->options_.fill_up &&
            file->state->kind == SQLITE_OPEN_MAIN_DB) {
            std::array<char, 100> header{};
            file->real()->pMethods->xRead(file->real(), header.data(), header.size(), 0);
            *size = claimed_size({header.data(), header.size()}, *size);
        }
        return code;
    }

    /* --- what SQLite would write --- */

    static bool may_pretend(const ReadOnlyFile::State& state) noexcept {
        return state.kind == SQLITE_OPEN_MAIN_DB && state.owner->options_.roll_back &&
               state.lock == SQLITE_LOCK_EXCLUSIVE;
    }

    static int undo_into_memory(ReadOnlyFile::State& state, const char* data, int amount,
                                int64_t offset) {
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

    static int write(sqlite3_file* base, const void* data, int amount,
                     sqlite3_int64 offset) noexcept {
        ReadOnlyFile::State& state = *self(base)->state;

        if (!may_pretend(state)) {
            return SQLITE_READONLY;
        }
        try {
            return undo_into_memory(state, static_cast<const char*>(data), amount, offset);
        } catch (const std::bad_alloc&) {
            return SQLITE_NOMEM;
        }
    }

    static int truncate(sqlite3_file* base, sqlite3_int64 size) noexcept {
        ReadOnlyFile::State& state = *self(base)->state;

        if (!may_pretend(state)) {
            return SQLITE_READONLY;
        }
        state.undone_size = size;
        return SQLITE_OK;
    }

    static int sync(sqlite3_file*, int) noexcept { return SQLITE_OK; }

    /* --- locks --- */

    /* An empty -wal matters only to those who have the database open now. */
    static bool is_wal_in_use(const std::string& path) {
        struct stat wal {};
        struct stat index {};

        return stat((path + "-wal").c_str(), &wal) == 0 &&
               (wal.st_size > 0 || stat((path + "-shm").c_str(), &index) == 0);
    }

    /* Called when the shared lock has been got: a snapshot begins. */
    static int begin_snapshot(ReadOnlyFile* file) noexcept {
        ReadOnlyFile::State& state = *file->state;
        const FileIdentity now = identify(state.path.c_str());

        if (state.has_baseline) {
            return unchanged(file) ? SQLITE_OK : kFileChanged;
        }
        let_clock_tick(state.owner->real_, now);
        state.baseline = identify(state.path.c_str());
        state.has_baseline = true;
        state.owner->file_identity_ = state.baseline;
        state.owner->use_wal_ = is_wal_in_use(state.path);
        return SQLITE_OK;
    }

    static int lock_real(ReadOnlyFile* file, int level) noexcept {
        return file->state->owner->options_.no_locks
                   ? SQLITE_OK
                   : file->real()->pMethods->xLock(file->real(), level);
    }

    static int unlock_real(ReadOnlyFile* file, int level) noexcept {
        return file->state->owner->options_.no_locks
                   ? SQLITE_OK
                   : file->real()->pMethods->xUnlock(file->real(), level);
    }

    static int lock(sqlite3_file* base, int level) noexcept {
        ReadOnlyFile* file = self(base);
        ReadOnlyFile::State& state = *file->state;

        forget_ahead(state);
        if (level > SQLITE_LOCK_SHARED) {
            /* Our shared lock keeps every other process from rolling back meanwhile. */
            if (!state.owner->options_.roll_back) {
                return SQLITE_READONLY;
            }
            state.lock = level;
            return SQLITE_OK;
        }
        int code = lock_real(file, level);
        if (code == SQLITE_OK && level == SQLITE_LOCK_SHARED && state.lock == SQLITE_LOCK_NONE) {
            try {
                code = begin_snapshot(file);
            } catch (const std::bad_alloc&) {
                code = SQLITE_NOMEM;
            }
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

    static int unlock(sqlite3_file* base, int level) noexcept {
        ReadOnlyFile* file = self(base);

        forget_ahead(*file->state);
        file->state->lock = std::min(file->state->lock, level);
        return unlock_real(file, level);
    }

    static int check_reserved_lock(sqlite3_file* base, int* result) noexcept {
        ReadOnlyFile* file = self(base);
        if (file->state->owner->options_.no_locks) {
            *result = 0;
            return SQLITE_OK;
        }
        return file->real()->pMethods->xCheckReservedLock(file->real(), result);
    }

    static int file_control(sqlite3_file*, int, void*) noexcept { return SQLITE_NOTFOUND; }

    static int sector_size(sqlite3_file* base) noexcept {
        ReadOnlyFile* file = self(base);
        return file->real()->pMethods->xSectorSize(file->real());
    }

    static int device_characteristics(sqlite3_file*) noexcept { return 0; }

    /* --- the index of the -wal --- */

    static int private_index_page(ReadOnlyFile::State& state, int region, int size,
                                  void volatile** page) {
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
    static int copy_region(const volatile void* from, char* to, int size) noexcept {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            return SQLITE_IOERR_SHMMAP;
        }
        int code = SQLITE_OK;
        for (int done = 0; done < size && code == SQLITE_OK; done += kPipeful) {
            const auto* source = static_cast<const volatile char*>(from) + done;
            if (::write(ends[1], const_cast<const char*>(source), kPipeful) != kPipeful ||
                ::read(ends[0], to + done, kPipeful) != kPipeful) {
                code = kFileChanged;
            }
        }
        ::close(ends[0]);
        ::close(ends[1]);
        return code;
    }

    /* Copies all regions.  The header comes first, twice: it is whole if both are the same. */
    static int refresh_index(ReadOnlyFile::State& state) noexcept {
        constexpr int kTries = 100;
        constexpr size_t kHeader = 48;

        for (int tries = 0; tries < kTries; tries++) {
            for (size_t region = 0; region < state.index_pages.size(); region++) {
                if (state.index_pages[region] == nullptr) {
                    continue;
                }
                const int code = copy_region(state.index_pages[region], state.index[region].get(),
                                             state.index_page_size);
                if (code != SQLITE_OK) {
                    return code;
                }
            }
            if (state.index.empty() || state.index[0] == nullptr ||
                memcmp(state.index[0].get(), state.index[0].get() + kHeader, kHeader) == 0) {
                break;
            }
        }
        return SQLITE_OK;
    }

    /* From here on the locks in the index guard the snapshot, and a checkpoint may rightly write to
     * the file. */
    static void rely_on_index(ReadOnlyFile::State& state) noexcept {
        state.index_real = true;
        state.owner->index_locked_ = true;
        state.owner->findings_.wal_index_shared = true;
    }

    static int shared_index_page(ReadOnlyFile::State& state, int region, int size,
                                 volatile void* mapped, void volatile** page) {
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
            state.index[at] = std::make_unique<char[]>(static_cast<size_t>(size));
            state.index_pages[at] = mapped;
            state.index_page_size = size;
        }
        const int code = refresh_index(state);
        *page = state.index[at].get();
        return code == SQLITE_OK ? SQLITE_READONLY : code;
    }

    static int shm_map(sqlite3_file* base, int region, int size, int extend,
                       void volatile** page) noexcept {
        ReadOnlyFile* file = self(base);
        ReadOnlyFile::State& state = *file->state;
        const sqlite3_io_methods* real = file->real()->pMethods;

        try {
            if (state.index_real ||
                (state.index.empty() && !state.owner->options_.private_wal_index)) {
                void volatile* mapped = nullptr;
                const int code = real->xShmMap(file->real(), region, size, 0, &mapped);
                if (code == SQLITE_OK || code == SQLITE_READONLY) {
                    return shared_index_page(state, region, size, mapped, page);
                }
                if (state.index_real) {
                    return code;
                }
                real->xShmUnmap(file->real(), 0);
                if (code == SQLITE_BUSY || code == SQLITE_NOMEM) {
                    return code;
                }
            }
            return private_index_page(state, region, size, page);
        } catch (const std::bad_alloc&) {
            return SQLITE_NOMEM;
        }
    }

    static int shm_lock(sqlite3_file* base, int offset, int count, int flags) noexcept {
        ReadOnlyFile* file = self(base);

        forget_ahead(*file->state);
        if (!file->state->index_real) {
            return SQLITE_OK;
        }
        const int code = file->real()->pMethods->xShmLock(file->real(), offset, count, flags);
        if (flags != (SQLITE_SHM_LOCK | SQLITE_SHM_SHARED)) {
            return code;
        }
        /* a lock not got means a copy out of date: SQLite tries again, by what it reads then */
        const int refreshed = refresh_index(*file->state);
        return code == SQLITE_OK ? refreshed : code;
    }

    static void shm_barrier(sqlite3_file* base) noexcept {
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }

    static int shm_unmap(sqlite3_file* base, int) noexcept {
        ReadOnlyFile* file = self(base);

        file->state->index.clear();
        file->state->index_pages.clear();
        if (!file->state->index_real) {
            return SQLITE_OK;
        }
        file->state->index_real = false;
        file->state->owner->index_locked_ = false;
        return file->real()->pMethods->xShmUnmap(file->real(), 0);
    }

    /* --- opening and closing --- */

    static int close(sqlite3_file* base) noexcept {
        ReadOnlyFile* file = self(base);
        const int code = file->real()->pMethods->xClose(file->real());

        delete file->state;
        file->state = nullptr;
        base->pMethods = nullptr;
        return code;
    }

    static const sqlite3_io_methods* io() noexcept {
        static const sqlite3_io_methods methods = {
            2,
            close,
            read,
            write,
            truncate,
            sync,
            file_size,
            lock,
            unlock,
            check_reserved_lock,
            file_control,
            sector_size,
            device_characteristics,
            shm_map,
            shm_lock,
            shm_barrier,
            shm_unmap,
            nullptr,
            nullptr,
        };
        return &methods;
    }

    static ReadOnlyVfs* owner(sqlite3_vfs* vfs) noexcept {
        return static_cast<ReadOnlyVfs*>(vfs->pAppData);
    }

    /* readonly_shm makes the real VFS map the index for reading (sqlite.org/wal.html#readonly). */
    static char* make_real_name(const std::string& path) {
        const char* parameters[] = {"readonly_shm", "1"};
        return const_cast<char*>(sqlite3_create_filename(path.c_str(), (path + "-journal").c_str(),
                                                         (path + "-wal").c_str(), 1, parameters));
    }

    static int remember_wal(ReadOnlyFile* file) noexcept {
        ReadOnlyFile::State& state = *file->state;

        state.owner->findings_.wal_read = true;
        state.baseline = identify(state.path.c_str());
        let_clock_tick(state.owner->real_, state.baseline);
        state.baseline = identify(state.path.c_str());
        state.has_baseline = file->real()->pMethods->xRead(file->real(), state.wal_header.data(),
                                                           kWalHeader, 0) == SQLITE_OK;
        return SQLITE_OK;
    }

    static int open_real(ReadOnlyVfs* owner, const char* name, ReadOnlyFile* file, int flags,
                         int* out_flags) {
        constexpr int kWriting = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                 SQLITE_OPEN_DELETEONCLOSE | SQLITE_OPEN_EXCLUSIVE;
        constexpr int kKinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL |
                               SQLITE_OPEN_SUPER_JOURNAL;
        std::unique_ptr<ReadOnlyFile::State> state(new ReadOnlyFile::State);

        state->owner = owner;
        state->kind = flags & kKinds;
        state->path = name;
        state->real_name = make_real_name(state->path);
        if (state->real_name == nullptr) {
            return SQLITE_NOMEM;
        }
        int real_flags = (flags & ~kWriting) | SQLITE_OPEN_READONLY;
        const int code = owner->real_->xOpen(owner->real_, state->real_name, file->real(),
                                             real_flags, &real_flags);
        if (code != SQLITE_OK) {
            return code;
        }
        file->state = state.release();
        file->base.pMethods = io();
        if (file->state->kind == SQLITE_OPEN_WAL) {
            remember_wal(file);
        }
        if (out_flags != nullptr) {
            /* a journal is undone only through files that seem writable */
            const bool pretend = owner->options_.roll_back && file->state->kind != SQLITE_OPEN_WAL;
            *out_flags =
                pretend ? (flags & ~SQLITE_OPEN_READONLY) | SQLITE_OPEN_READWRITE : real_flags;
        }
        return SQLITE_OK;
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags,
                    int* out_flags) noexcept {
        ReadOnlyFile* file = self(base);

        base->pMethods = nullptr;
        file->state = nullptr;
        if (name == nullptr) {
            return SQLITE_CANTOPEN; /* a temporary file: they are kept in memory */
        }
        memset(static_cast<void*>(file->real()), 0,
               static_cast<size_t>(owner(vfs)->real_->szOsFile));
        try {
            return open_real(owner(vfs), name, file, flags, out_flags);
        } catch (const std::bad_alloc&) {
            return SQLITE_NOMEM;
        }
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int) noexcept {
        ReadOnlyVfs* layer = owner(vfs);

        if (!layer->options_.roll_back) {
            return SQLITE_READONLY;
        }
        try {
            layer->undone_.emplace_back(name);
            layer->findings_.rolled_back = true;
            return SQLITE_OK;
        } catch (const std::bad_alloc&) {
            return SQLITE_NOMEM;
        }
    }

    static bool ends_with(std::string_view text, std::string_view suffix) noexcept {
        return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
    }

    static int access(sqlite3_vfs* vfs, const char* name, int flags, int* result) noexcept {
        ReadOnlyVfs* layer = owner(vfs);

        const bool undone =
            std::find(layer->undone_.begin(), layer->undone_.end(), name) != layer->undone_.end();
        if (undone || (!layer->use_wal_ && ends_with(name, "-wal"))) {
            *result = 0;
            return SQLITE_OK;
        }
        return layer->real_->xAccess(layer->real_, name, flags, result);
    }

    static int full_pathname(sqlite3_vfs* vfs, const char* name, int size, char* out) noexcept {
        return owner(vfs)->real_->xFullPathname(owner(vfs)->real_, name, size, out);
    }

    static int randomness(sqlite3_vfs* vfs, int size, char* out) noexcept {
        return owner(vfs)->real_->xRandomness(owner(vfs)->real_, size, out);
    }

    static int sleep(sqlite3_vfs* vfs, int microseconds) noexcept {
        return owner(vfs)->real_->xSleep(owner(vfs)->real_, microseconds);
    }

    static int current_time(sqlite3_vfs* vfs, double* time) noexcept {
        return owner(vfs)->real_->xCurrentTime(owner(vfs)->real_, time);
    }

    static int last_error(sqlite3_vfs* vfs, int size, char* out) noexcept {
        return owner(vfs)->real_->xGetLastError(owner(vfs)->real_, size, out);
    }
};

ReadOnlyVfs::ReadOnlyVfs(const ReadOnlyOptions& options)
    : real_(sqlite3_vfs_find(nullptr)), vfs_(), options_(options) {
    static std::atomic<uint64_t> count{0};

    if (real_ == nullptr) {
        throw Error(SQLITE_ERROR, "SQLite has no file access");
    }
    name_ = "sqlite_import_" + std::to_string(++count);
    vfs_.iVersion = 1;
    vfs_.szOsFile = static_cast<int>(kRealFileAt) + real_->szOsFile;
    vfs_.mxPathname = real_->mxPathname;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = ReadOnlyMethods::open;
    vfs_.xDelete = ReadOnlyMethods::remove;
    vfs_.xAccess = ReadOnlyMethods::access;
    vfs_.xFullPathname = ReadOnlyMethods::full_pathname;
    vfs_.xRandomness = ReadOnlyMethods::randomness;
    vfs_.xSleep = ReadOnlyMethods::sleep;
    vfs_.xCurrentTime = ReadOnlyMethods::current_time;
    vfs_.xGetLastError = ReadOnlyMethods::last_error;
    const int code = sqlite3_vfs_register(&vfs_, 0);
    if (code != SQLITE_OK) {
        throw Error(code, "could not register file access");
    }
}

ReadOnlyVfs::~ReadOnlyVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

}  // namespace sqlite_import::sqlite
