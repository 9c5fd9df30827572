/*
 * vfs_layer.cpp
 *    The methods of a VFS that the layers have in common.
 *
 * All are noexcept, for they are called from C; their parameters and results are
 * those of sqlite.org/c3ref/vfs.html.
 */
#include "sqlite/vfs_layer.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "sqlite/error.hpp"
#include "sqlite/guarded_open.hpp"

namespace sqlite_import::sqlite {

namespace {

/* The name is that of an open folder's file already; its links must not be followed now. */
int full_pathname(sqlite3_vfs*, const char* name, int size, char* out) noexcept {
    const size_t length = strlen(name);

    if (length >= static_cast<size_t>(size)) {
        return SQLITE_CANTOPEN_FULLPATH;
    }
    memcpy(out, name, length + 1);
    return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) noexcept {
    sqlite3_vfs* const real = vfs_layer_of(vfs).real;
    return real->xRandomness(real, size, out);
}

int sleep(sqlite3_vfs* vfs, int microseconds) noexcept {
    sqlite3_vfs* const real = vfs_layer_of(vfs).real;
    return real->xSleep(real, microseconds);
}

int current_time(sqlite3_vfs* vfs, double* time) noexcept {
    sqlite3_vfs* const real = vfs_layer_of(vfs).real;
    return real->xCurrentTime(real, time);
}

int last_error(sqlite3_vfs* vfs, int size, char* out) noexcept {
    sqlite3_vfs* const real = vfs_layer_of(vfs).real;
    return real->xGetLastError(real, size, out);
}

}  // namespace

void fill_vfs(sqlite3_vfs& vfs, const std::string& name, VfsLayer& layer, int file_bytes) noexcept {
    vfs.iVersion = 1;
    vfs.szOsFile = file_bytes;
    vfs.mxPathname = layer.real->mxPathname;
    vfs.zName = name.c_str();
    vfs.pAppData = &layer;
    vfs.xFullPathname = full_pathname;
    vfs.xRandomness = randomness;
    vfs.xSleep = sleep;
    vfs.xCurrentTime = current_time;
    vfs.xGetLastError = last_error;
}

void register_vfs(sqlite3_vfs& vfs) {
    const int code = sqlite3_vfs_register(&vfs, 0);

    if (code != SQLITE_OK) {
        throw Error(code, "could not register file access");
    }
}

bool may_open(const FilePlace& place, std::string_view name, int flags) noexcept {
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
        return place.is(name, {});
    }
    if ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0) {
        return place.is(name, kJournalSuffix);
    }
    return (flags & SQLITE_OPEN_WAL) != 0 && place.is(name, kWalSuffix);
}

int look_for(const FilePlace& place, std::string_view name, int* result) noexcept {
    const bool is_journal = place.is(name, kJournalSuffix);
    struct stat status {};

    *result = 0;
    if (!is_journal && !place.is(name, kWalSuffix)) {
        return kForeignName;
    }
    const int error = place.look(is_journal ? kJournalSuffix : kWalSuffix, status);
    if (error != 0) {
        return error == ENOENT ? SQLITE_OK : SQLITE_IOERR_ACCESS;
    }
    *result = !S_ISREG(status.st_mode) || status.st_size > 0 ? 1 : 0;
    return SQLITE_OK;
}

bool may_have_region(const FilePlace& place, int region) noexcept {
    constexpr int64_t kSmallestFrame = 24 + 512;
    constexpr int64_t kFramesInRegion = 4062; /* in the first one; others have some more */
    constexpr int64_t kMostRegions = 4096;    /* of 32 kB; a -wal of 64 GB, by pages of 4 kB */
    struct stat wal {};

    if (place.look(kWalSuffix, wal) != 0) {
        return region < kMostRegions; /* removed while it is open */
    }
    const int64_t frames = wal.st_size / kSmallestFrame;
    return region <= std::min(frames / kFramesInRegion + 1, kMostRegions);
}

}  // namespace sqlite_import::sqlite
