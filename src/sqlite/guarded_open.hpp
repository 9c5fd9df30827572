/*
 * guarded_open.hpp
 *    Which files SQLite's own file access may open for a connection of ours.
 *
 * SQLite opens files by name and takes what it finds.  A FIFO beside the
 * database holds it in open() until somebody writes into it, which no cancel
 * ends; a link leads it to another file.  A look before the opening is not
 * enough, for the name can be another file's the next moment.
 *
 * So SQLite's system call itself is replaced, as its VFS provides for
 * (sqlite.org/c3ref/vfs.html, xSetSystemCall).  While a thread holds an
 * OpenGuard, open() first gets a descriptor that can only be looked through
 * (O_PATH: it neither waits nor follows a link), sees that it is a regular file,
 * and then opens that very file.  Threads without a guard, and so everybody else
 * in the process who uses SQLite, open files as ever.
 */
#pragma once

#include "server_free.hpp"

#include <sqlite3.h>

#include "sqlite/file_place.hpp"

namespace sqlite_import::sqlite {

/* Extended result codes of ours, which SQLite itself does not use (sqlite.org/rescode.html). */
constexpr int kNotRegular = SQLITE_CANTOPEN | (101 << 8);  /* a FIFO, a socket, a folder, a link */
constexpr int kSharedName = SQLITE_CANTOPEN | (102 << 8);  /* another name of another file */
constexpr int kForeignName = SQLITE_CANTOPEN | (103 << 8); /* a name out of a file: refused */

/*
 * SQLite's file access for regular files on a local or network file system, with
 * its system calls guarded.  Throws Error if there is none.
 */
sqlite3_vfs* guarded_unix_vfs();

/* While it lives, this thread's open() of SQLite's is confined.  Not for nesting. */
class OpenGuard {
  public:
    /* 'writing': the files beside the database may be changed, so they may have no second name. */
    OpenGuard(const FilePlace& place, bool writing) noexcept;
    ~OpenGuard();
    OpenGuard(const OpenGuard&) = delete;
    OpenGuard& operator=(const OpenGuard&) = delete;

    /* The code of the opening: 'code', or why it was refused. */
    int code(int code) const noexcept {
        return refusal_ != 0 && code != SQLITE_OK ? refusal_ : code;
    }

    /* The file that was opened, or whose descriptor SQLite found again. */
    dev_t device() const noexcept { return device_; }
    ino_t inode() const noexcept { return inode_; }

    /* For the replaced system calls. */
    int open(const char* path, int flags, int mode) noexcept;
    int look(const char* path, struct stat* status) noexcept;

  private:
    int judge(const char* path, const struct stat& status) noexcept;

    const FilePlace& place_;
    const bool writing_;
    int refusal_ = 0;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace sqlite_import::sqlite
