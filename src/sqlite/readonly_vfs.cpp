/*
 * readonly_vfs.cpp
 *    The VFS itself: how files are opened, found and seen as gone, and the table
 *    of the methods that readonly_*.cpp are made of.
 */
#include "sqlite/readonly_vfs.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <utility>

#include "sqlite/guarded_open.hpp"
#include "sqlite/readonly_file.hpp"

namespace sqlite_import::sqlite {

namespace readonly {

sqlite3_file* File::real() noexcept {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(this) + kRealFileAt);
}

namespace {

int file_control(sqlite3_file*, int, void*) noexcept {
    return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file* base) noexcept {
    File* file = self(base);
    return file->real()->pMethods->xSectorSize(file->real());
}

int device_characteristics(sqlite3_file*) noexcept {
    return 0;
}

int close(sqlite3_file* base) noexcept {
    File* file = self(base);
    const int code = file->real()->pMethods->xClose(file->real());

    delete file->state;
    file->state = nullptr;
    base->pMethods = nullptr;
    return code;
}

const sqlite3_io_methods* io() noexcept {
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

Layer* layer_of(sqlite3_vfs* vfs) noexcept {
    return static_cast<Layer*>(&vfs_layer_of(vfs));
}

/* readonly_shm makes the real VFS map the index for reading (sqlite.org/wal.html#readonly). */
char* make_real_name(const std::string& path) {
    const char* parameters[] = {"readonly_shm", "1"};
    return const_cast<char*>(sqlite3_create_filename(path.c_str(), (path + "-journal").c_str(),
                                                     (path + "-wal").c_str(), 1, parameters));
}

int remember_wal(File* file) noexcept {
    File::State& state = *file->state;

    state.layer->findings.wal_read = true;
    state.baseline = identify(state);
    let_clock_tick(state.layer->real, state.baseline);
    state.baseline = identify(state);
    state.has_baseline = file->real()->pMethods->xRead(file->real(), state.wal_header.data(),
                                                       kWalHeader, 0) == SQLITE_OK;
    return SQLITE_OK;
}

int open_real(Layer* layer, const char* name, File* file, int flags, int* out_flags) {
    constexpr int kWriting = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                             SQLITE_OPEN_DELETEONCLOSE | SQLITE_OPEN_EXCLUSIVE;
    constexpr int kKinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    std::unique_ptr<File::State> state(new File::State);

    state->layer = layer;
    state->kind = flags & kKinds;
    state->real_name = make_real_name(name);
    if (state->real_name == nullptr) {
        return SQLITE_NOMEM;
    }
    int real_flags = (flags & ~kWriting) | SQLITE_OPEN_READONLY;
    const OpenGuard guard(*layer->place, false);
    const int code = guard.code(
        layer->real->xOpen(layer->real, state->real_name, file->real(), real_flags, &real_flags));
    if (code != SQLITE_OK) {
        return code;
    }
    state->index_regions.set_database(guard.device(), guard.inode());
    file->state = state.release();
    file->base.pMethods = io();
    if (file->state->kind == SQLITE_OPEN_WAL) {
        remember_wal(file);
    }
    if (out_flags != nullptr) {
        /* a journal is undone only through files that seem writable */
        const bool pretend = layer->options.roll_back && file->state->kind != SQLITE_OPEN_WAL;
        *out_flags = pretend ? (flags & ~SQLITE_OPEN_READONLY) | SQLITE_OPEN_READWRITE : real_flags;
    }
    return SQLITE_OK;
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags,
         int* out_flags) noexcept {
    File* file = self(base);

    base->pMethods = nullptr;
    file->state = nullptr;
    if (name == nullptr) {
        return SQLITE_CANTOPEN; /* a temporary file: they are kept in memory */
    }
    if (!may_open(*layer_of(vfs)->place, name, flags)) {
        return kForeignName;
    }
    memset(static_cast<void*>(file->real()), 0, static_cast<size_t>(layer_of(vfs)->real->szOsFile));
    try {
        return open_real(layer_of(vfs), name, file, flags, out_flags);
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }
}

int remove(sqlite3_vfs* vfs, const char* name, int) noexcept {
    Layer* layer = layer_of(vfs);

    if (!layer->options.roll_back || !layer->place->is(name, kJournalSuffix)) {
        return SQLITE_READONLY;
    }
    try {
        layer->undone.emplace_back(name);
        layer->findings.rolled_back = true;
        return SQLITE_OK;
    } catch (const std::bad_alloc&) {
        return SQLITE_NOMEM;
    }
}

int access(sqlite3_vfs* vfs, const char* name, int, int* result) noexcept {
    Layer* layer = layer_of(vfs);

    const bool undone =
        std::find(layer->undone.begin(), layer->undone.end(), name) != layer->undone.end();
    if (undone || (!layer->use_wal && layer->place->is(name, kWalSuffix))) {
        *result = 0;
        return SQLITE_OK;
    }
    return look_for(*layer->place, name, result);
}

/*
 * SQLite sleeps between its tries for a place in the index of a -wal, each time longer, ten
 * seconds in all.  Whoever opens the source has a timeout of his own and tries again, so no
 * sleep is long.
 */
int sleep(sqlite3_vfs* vfs, int microseconds) noexcept {
    constexpr int kLongest = 5000;
    Layer* layer = layer_of(vfs);

    const int slept = layer->real->xSleep(layer->real, std::min(microseconds, kLongest));
    refresh_shared_index(*layer);
    return slept;
}

}  // namespace

}  // namespace readonly

ReadOnlyVfs::ReadOnlyVfs(std::shared_ptr<const FilePlace> place, const ReadOnlyOptions& options)
    : layer_(std::make_unique<readonly::Layer>()), vfs_() {
    static std::atomic<uint64_t> count{0};

    layer_->place = std::move(place);
    layer_->real = guarded_unix_vfs();
    layer_->options = options;
    name_ = "sqlite_import_" + std::to_string(++count);
    fill_vfs(vfs_, name_, *layer_,
             static_cast<int>(readonly::kRealFileAt) + layer_->real->szOsFile);
    vfs_.xOpen = readonly::open;
    vfs_.xDelete = readonly::remove;
    vfs_.xAccess = readonly::access;
    vfs_.xSleep = readonly::sleep;
    register_vfs(vfs_);
}

ReadOnlyVfs::~ReadOnlyVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

const ReadOnlyFindings& ReadOnlyVfs::findings() const noexcept {
    return layer_->findings;
}

const FileIdentity& ReadOnlyVfs::file_identity() const noexcept {
    return layer_->file_identity;
}

}  // namespace sqlite_import::sqlite
