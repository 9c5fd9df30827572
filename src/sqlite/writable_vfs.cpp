/*
 * writable_vfs.cpp
 *    The layer for connections that may write: what passes, and what is refused.
 *
 * All methods are noexcept, for they are called from C; their parameters and
 * results are those of sqlite.org/c3ref/io_methods.html and vfs.html.
 */
#include "sqlite/writable_vfs.hpp"

#include <atomic>
#include <cstring>
#include <utility>

#include "sqlite/mapped_regions.hpp"
#include "sqlite/vfs_layer.hpp"

namespace sqlite_import::sqlite {

namespace writable {

/* What the files of one connection share. */
struct Layer : VfsLayer {
    MappedRegions regions;
};

namespace {

/* One open file.  SQLite allocates szOsFile bytes, of which this is the start; the file of the real
 * VFS lies behind it. */
struct File {
    sqlite3_file base; /* must be first */
    Layer* layer;
};

constexpr size_t kRealFileAt = (sizeof(File) + 15) / 16 * 16;

Layer& layer_of(sqlite3_file* file) noexcept {
    return *reinterpret_cast<File*>(file)->layer;
}

Layer& layer_of(sqlite3_vfs* vfs) noexcept {
    return static_cast<Layer&>(vfs_layer_of(vfs));
}

sqlite3_file* real_of(sqlite3_file* file) noexcept {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kRealFileAt);
}

/* Calls a method of the real file, unless the index is lost: then nothing may follow from it. */
template <typename Method, typename... Arguments>
int pass(sqlite3_file* file, Method method, Arguments... arguments) noexcept {
    sqlite3_file* const real = real_of(file);

    return layer_of(file).regions.lost() ? kIndexLost
                                         : (real->pMethods->*method)(real, arguments...);
}

int close(sqlite3_file* file) noexcept {
    sqlite3_file* const real = real_of(file);
    const int code = real->pMethods->xClose(real);

    file->pMethods = nullptr;
    return code;
}

int read(sqlite3_file* file, void* buffer, int amount, sqlite3_int64 offset) noexcept {
    return pass(file, &sqlite3_io_methods::xRead, buffer, amount, offset);
}

int write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) noexcept {
    return pass(file, &sqlite3_io_methods::xWrite, data, amount, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) noexcept {
    return pass(file, &sqlite3_io_methods::xTruncate, size);
}

int sync(sqlite3_file* file, int flags) noexcept {
    return pass(file, &sqlite3_io_methods::xSync, flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) noexcept {
    return pass(file, &sqlite3_io_methods::xFileSize, size);
}

int lock(sqlite3_file* file, int level) noexcept {
    return pass(file, &sqlite3_io_methods::xLock, level);
}

/* Giving back is always possible. */
int unlock(sqlite3_file* file, int level) noexcept {
    sqlite3_file* const real = real_of(file);
    return real->pMethods->xUnlock(real, level);
}

int check_reserved_lock(sqlite3_file* file, int* result) noexcept {
    return pass(file, &sqlite3_io_methods::xCheckReservedLock, result);
}

int file_control(sqlite3_file* file, int operation, void* argument) noexcept {
    sqlite3_file* const real = real_of(file);

    if (operation == SQLITE_FCNTL_MMAP_SIZE) {
        return SQLITE_NOTFOUND; /* nothing is mapped */
    }
    return real->pMethods->xFileControl(real, operation, argument);
}

int sector_size(sqlite3_file* file) noexcept {
    sqlite3_file* const real = real_of(file);
    return real->pMethods->xSectorSize(real);
}

int device_characteristics(sqlite3_file* file) noexcept {
    sqlite3_file* const real = real_of(file);
    return real->pMethods->xDeviceCharacteristics(real);
}

int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** page) noexcept {
    Layer& layer = layer_of(file);
    sqlite3_file* const real = real_of(file);

    *page = nullptr;
    if (layer.regions.lost()) {
        return kIndexLost;
    }
    if (!may_have_region(*layer.place, region)) {
        return SQLITE_CORRUPT;
    }
    if (!MappedRegions::prepare()) {
        return SQLITE_IOERR_SHMMAP;
    }
    const OpenGuard guard(*layer.place, true);
    const int code = guard.code(real->pMethods->xShmMap(real, region, size, extend, page));
    if (*page != nullptr && !layer.regions.add(*page, static_cast<size_t>(size))) {
        *page = nullptr;
        return SQLITE_NOMEM;
    }
    return code;
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) noexcept {
    sqlite3_file* const real = real_of(file);

    if ((flags & SQLITE_SHM_UNLOCK) == 0 && layer_of(file).regions.lost()) {
        return kIndexLost;
    }
    return real->pMethods->xShmLock(real, offset, count, flags);
}

void shm_barrier(sqlite3_file* file) noexcept {
    sqlite3_file* const real = real_of(file);
    real->pMethods->xShmBarrier(real);
}

/* The real VFS would remove the -shm by the name that the first of the process's connections had
 * for it, whose folder may be closed. */
int shm_unmap(sqlite3_file* file, int remove) noexcept {
    Layer& layer = layer_of(file);
    sqlite3_file* const real = real_of(file);

    layer.regions.clear();
    if (remove != 0 && !layer.regions.lost()) {
        (void)layer.place->remove(kShmSuffix);
    }
    return real->pMethods->xShmUnmap(real, 0);
}

const sqlite3_io_methods* io() noexcept {
    static const sqlite3_io_methods methods = {
        2, /* without xFetch: nothing is mapped */
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

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
         int* out_flags) noexcept {
    Layer& layer = layer_of(vfs);

    file->pMethods = nullptr;
    if (name == nullptr) {
        return SQLITE_CANTOPEN; /* a temporary file: they are kept in memory */
    }
    if (!may_open(*layer.place, name, flags)) {
        return kForeignName;
    }
    sqlite3_file* const real = real_of(file);
    memset(static_cast<void*>(real), 0, static_cast<size_t>(layer.real->szOsFile));
    const OpenGuard guard(*layer.place, true);
    const int code = guard.code(layer.real->xOpen(layer.real, name, real, flags, out_flags));
    if (code == SQLITE_OK) {
        reinterpret_cast<File*>(file)->layer = &layer;
        if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
            layer.regions.set_database(guard.device(), guard.inode());
        }
        file->pMethods = io();
    }
    return code;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) noexcept {
    Layer& layer = layer_of(vfs);

    if (!layer.place->is(name, kJournalSuffix) && !layer.place->is(name, kWalSuffix)) {
        return kForeignName;
    }
    return layer.regions.lost() ? kIndexLost : layer.real->xDelete(layer.real, name, sync_folder);
}

int access(sqlite3_vfs* vfs, const char* name, int, int* result) noexcept {
    return look_for(*layer_of(vfs).place, name, result);
}

}  // namespace

}  // namespace writable

WritableVfs::WritableVfs(std::shared_ptr<const FilePlace> place)
    : layer_(std::make_unique<writable::Layer>()), vfs_() {
    static std::atomic<uint64_t> count{0};

    layer_->place = std::move(place);
    layer_->real = guarded_unix_vfs();
    name_ = "sqlite_import_writable_" + std::to_string(++count);
    fill_vfs(vfs_, name_, *layer_,
             static_cast<int>(writable::kRealFileAt) + layer_->real->szOsFile);
    vfs_.xOpen = writable::open;
    vfs_.xDelete = writable::remove;
    vfs_.xAccess = writable::access;
    register_vfs(vfs_);
}

WritableVfs::~WritableVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

bool WritableVfs::is_lost() const noexcept {
    return layer_->regions.lost();
}

}  // namespace sqlite_import::sqlite
