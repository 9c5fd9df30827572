/*
 * readonly_vfs.hpp
 *    A layer over SQLite's file access that never writes: one per connection.
 *
 * mode=ro alone is no promise: SQLite still makes -wal and -shm files beside a
 * database in WAL mode, refuses one in a folder that it may not write to, and
 * cannot undo an unfinished transaction.  This layer opens everything for
 * reading only and keeps what SQLite would write in memory:
 *
 * - A database without a -wal is read under SQLite's own shared lock, which
 *   stops writers from changing the file.  If its header says WAL, SQLite is
 *   shown a header that does not, so that nothing is made beside the file.
 * - A -wal is read.  If another process has the database open, its -shm is
 *   read and a read lock taken in it, which keeps checkpoints off
 *   our snapshot; else the index of the -wal is built in memory.
 * - A hot journal is rolled back into memory; one that names another file (the
 *   super-journal of a transaction over several databases) is refused with
 *   kForeignName.  No name out of a file is looked for or opened.
 *
 * Only the database, its -journal, its -wal and its -shm are opened, as regular
 * files and through no link (file_place.hpp, guarded_open.hpp).
 *
 * Where no lock keeps writers away (a -wal with no index to lock in, programs
 * that write without locking), each read is followed by a look at the file: if
 * its size or time of change is no longer what it was when the snapshot began,
 * the read fails with SQLITE_IOERR_VNODE.  So every page that SQLite gets
 * belongs to one state of the file.
 *
 * Rules: sqlite.org/wal.html#readonly, sqlite.org/lockingv3.html,
 * sqlite.org/c3ref/io_methods.html.
 */
#pragma once

#include "server_free.hpp"

#include <sys/stat.h>

#include <memory>
#include <string>

#include <sqlite3.h>

#include "sqlite/file_place.hpp"

namespace sqlite_import::sqlite {

/* The extended code of a read that met a changed file; SQLite itself never uses it. */
constexpr int kFileChanged = SQLITE_IOERR_VNODE;

/* What a file is known by while it is read. */
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec changed{};

    bool operator==(const FileIdentity& other) const noexcept {
        return device == other.device && inode == other.inode && size == other.size &&
               changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
    }
    bool operator!=(const FileIdentity& other) const noexcept { return !(*this == other); }
};

/* What a connection has to be prepared for. */
struct ReadOnlyOptions {
    bool private_wal_index = false; /* build the -wal's index in memory whatever the -shm holds */
    bool roll_back = false;         /* undo a hot journal in memory */
    bool fill_up = false;           /* salvage: a file that lacks its end seems to have it */
    bool no_locks = false; /* the caller says that nobody writes; if somebody does, it is seen */
    int (*interrupted)(void*) = nullptr; /* asked at each read; nonzero ends it: SQLITE_INTERRUPT */
};

/* How a file was read, for the report. */
struct ReadOnlyFindings {
    bool wal_read = false;         /* a -wal was read */
    bool wal_index_shared = false; /* with the index of a program that has the file open */
    bool wal_missing = false;      /* the header says WAL, and there is none */
    bool rolled_back = false;      /* a hot journal was undone in memory */
};

namespace readonly {
struct Layer;
}

/*
 * The layer.  Must outlive the connection opened through it; its files are used
 * by one thread at a time.
 */
class ReadOnlyVfs {
  public:
    /* Registers the layer under a name of its own.  Throws Error and bad_alloc. */
    ReadOnlyVfs(std::shared_ptr<const FilePlace> place, const ReadOnlyOptions& options);
    ~ReadOnlyVfs();
    ReadOnlyVfs(const ReadOnlyVfs&) = delete;
    ReadOnlyVfs& operator=(const ReadOnlyVfs&) = delete;

    /* For OpenOptions::vfs. */
    const std::string& name() const noexcept { return name_; }

    const ReadOnlyFindings& findings() const noexcept;

    /* The database file when its snapshot began, which holds as long as reads succeed. */
    const FileIdentity& file_identity() const noexcept;

  private:
    std::unique_ptr<readonly::Layer> layer_;
    sqlite3_vfs vfs_;
    std::string name_;
};

}  // namespace sqlite_import::sqlite
