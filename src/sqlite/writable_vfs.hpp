/*
 * writable_vfs.hpp
 *    A layer over SQLite's file access for connections that may write: one per connection.
 *
 * SQLite's own locks, journals and -wal, with these bounds:
 *
 * - It opens and deletes the database, its -journal, its -wal and its -shm in the
 *   folder that is held open, and nothing else.  They are regular files; those
 *   beside the database have one name.
 * - No name out of a file is followed.  A journal of a transaction over several
 *   databases names another file, the super-journal, which SQLite would look for,
 *   read and delete (sqlite.org/fileformat2.html#the_rollback_journal): refused,
 *   with kForeignName, and the journal stays as it is.
 * - Nothing is mapped but the -shm.  If somebody truncates it under us, the next
 *   step fails with kIndexLost, and every further one: the connection has to be
 *   opened anew.
 * - Temporary files are refused: they are kept in memory (PRAGMA temp_store).
 */
#pragma once

#include "server_free.hpp"

#include <memory>
#include <string>

#include <sqlite3.h>

#include "sqlite/file_place.hpp"
#include "sqlite/guarded_open.hpp"

namespace sqlite_import::sqlite {

/* The -shm was truncated while it was mapped. */
constexpr int kIndexLost = SQLITE_IOERR | (101 << 8);

namespace writable {
struct Layer;
}

/* The layer.  Must outlive the connection opened through it, which one thread uses at a time. */
class WritableVfs {
  public:
    /* Registers the layer under a name of its own.  Throws Error and bad_alloc. */
    explicit WritableVfs(std::shared_ptr<const FilePlace> place);
    ~WritableVfs();
    WritableVfs(const WritableVfs&) = delete;
    WritableVfs& operator=(const WritableVfs&) = delete;

    /* For OpenOptions::vfs. */
    const std::string& name() const noexcept { return name_; }

    /* True if every further step fails with kIndexLost. */
    bool is_lost() const noexcept;

  private:
    std::unique_ptr<writable::Layer> layer_;
    sqlite3_vfs vfs_;
    std::string name_;
};

}  // namespace sqlite_import::sqlite
