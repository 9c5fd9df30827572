/*
 * guarded_open.cpp
 *    The system calls that SQLite's file access makes in place of open() and stat().
 */
#include "sqlite/guarded_open.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "sqlite/error.hpp"

namespace sqlite_import::sqlite {

static_assert(sizeof(off_t) == 8, "SQLite is built with large files, and struct stat is shared");

namespace {

using OpenCall = int (*)(const char*, int, int) noexcept;
using StatCall = int (*)(const char*, struct stat*) noexcept;

OpenCall real_open = nullptr;
StatCall real_stat = nullptr;
thread_local OpenGuard* guard = nullptr;

/* A file server's lease is given back within moments, or not at all. */
constexpr int kLeaseTries = 50;
constexpr useconds_t kLeaseNap = 10'000;

int open_call(const char* path, int flags, int mode) noexcept {
    /* SQLite fills the three lowest descriptors with it, should they be free */
    if (guard == nullptr || strcmp(path, "/dev/null") == 0) {
        return real_open(path, flags, mode);
    }
    return guard->open(path, flags, mode);
}

/* SQLite finds descriptors of this process again by what stat() says: not behind a link. */
int stat_call(const char* path, struct stat* status) noexcept {
    return guard == nullptr ? real_stat(path, status) : guard->look(path, status);
}

template <typename Call>
void replace(sqlite3_vfs* vfs, const char* name, Call& real, Call ours) {
    real = reinterpret_cast<Call>(vfs->xGetSystemCall(vfs, name));
    const int code = real == nullptr ? SQLITE_NOTFOUND
                                     : vfs->xSetSystemCall(
                                           vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(ours));
    if (code != SQLITE_OK) {
        throw Error(code, "SQLite's access to files cannot be guarded");
    }
}

/* Opens the file that 'looked' looks at.  A descriptor, or -1 and errno. */
int open_looked_at(int looked, int flags) noexcept {
    char name[sizeof("/proc/self/fd/") + 11];

    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", looked);
    const int wanted = (flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW)) | O_NONBLOCK | O_NOCTTY;
    for (int tries = 1;; tries++) {
        const int opened = open(name, wanted | O_CLOEXEC);
        /* somebody's lease on a regular file is the one thing to be waited for */
        if (opened >= 0 || errno != EWOULDBLOCK || tries == kLeaseTries) {
            return opened;
        }
        usleep(kLeaseNap);
    }
}

}  // namespace

sqlite3_vfs* guarded_unix_vfs() {
    static std::once_flag once;
    static sqlite3_vfs* vfs = nullptr;

    std::call_once(once, [] {
        sqlite3_initialize();
        sqlite3_vfs* const found = sqlite3_vfs_find("unix");
        if (found == nullptr || found->iVersion < 3) {
            throw Error(SQLITE_ERROR, "SQLite has no access to files");
        }
        replace(found, "stat", real_stat, &stat_call);
        replace(found, "open", real_open, &open_call);
        vfs = found;
    });
    return vfs;
}

OpenGuard::OpenGuard(const FilePlace& place, bool writing) noexcept
    : place_(place), writing_(writing) {
    guard = this;
}

OpenGuard::~OpenGuard() {
    guard = nullptr;
}

/* Zero if the file may be opened under that name, else the code that tells why not. */
int OpenGuard::judge(const char* path, const struct stat& status) noexcept {
    struct stat database {};

    if (!S_ISREG(status.st_mode)) {
        return kNotRegular;
    }
    if (place_.is(path, {})) {
        return 0;
    }
    /* closing it, and writing to it, would meet the other file of that name: the database
     * itself, with its locks, or one that is nobody's -journal */
    const bool is_database = place_.look({}, database) == 0 && database.st_dev == status.st_dev &&
                             database.st_ino == status.st_ino;
    return is_database || (writing_ && status.st_nlink > 1) ? kSharedName : 0;
}

int OpenGuard::look(const char* path, struct stat* status) noexcept {
    const int result = lstat(path, status);

    if (result == 0) {
        device_ = status->st_dev;
        inode_ = status->st_ino;
    }
    return result;
}

int OpenGuard::open(const char* path, int flags, int mode) noexcept {
    constexpr int kTries = 100; /* for names that come and go */

    for (int tries = 1;; tries++) {
        const int looked = ::open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (looked >= 0) {
            struct stat status {};
            if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
                close(looked);
                errno = EEXIST;
                return -1;
            }
            refusal_ = fstat(looked, &status) == 0 ? judge(path, status) : SQLITE_IOERR_FSTAT;
            device_ = status.st_dev;
            inode_ = status.st_ino;
            const int opened = refusal_ == 0 ? open_looked_at(looked, flags) : -1;
            /* with this SQLite does not try again for reading only */
            const int error = refusal_ == 0 ? errno : EISDIR;
            close(looked);
            errno = error;
            return opened;
        }
        if (errno != ENOENT || (flags & O_CREAT) == 0) {
            return -1;
        }
        const int made = ::open(path, flags | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (made >= 0 || errno != EEXIST || tries == kTries) {
            return made;
        }
    }
}

}  // namespace sqlite_import::sqlite
