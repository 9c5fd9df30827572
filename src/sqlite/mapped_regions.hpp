/*
 * mapped_regions.hpp
 *    Memory that is mapped from a file which others may truncate.
 *
 * SQLite maps the index of a -wal, the -shm, and so do all who have the database
 * open.  If one of them truncates it, the next look at a page that is gone is
 * the signal SIGBUS, which ends a server process and with it all sessions.
 *
 * Here such a page is replaced by an empty one, and the regions are lost from
 * then on: who uses them has to ask before each further step (lost()), and to
 * refuse it.  A SIGBUS anywhere else does what it did before.
 *
 * SQLite maps a file once for all connections of a process, and keeps it mapped
 * until the last of them is closed.  The empty page is part of that mapping, and
 * of this process alone.  So what is lost to one connection is lost to all that
 * have the same database open, and to those that are opened while one of them
 * still is.
 */
#pragma once

#include "server_free.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sqlite_import::sqlite {

namespace mapped {
struct Slot;
}

/* The regions that one connection was given.  One thread at a time; the signal may come in any. */
class MappedRegions {
  public:
    MappedRegions() = default;
    ~MappedRegions() { clear(); }
    MappedRegions(const MappedRegions&) = delete;
    MappedRegions& operator=(const MappedRegions&) = delete;

    /* Sees to the signal; called before anything is mapped.  False if that is not possible. */
    static bool prepare() noexcept;

    /* Says which database they belong to; before the first is added. */
    void set_database(dev_t device, ino_t inode) noexcept;

    /* Adds a region unless it is there.  False without memory. */
    bool add(const volatile void* start, size_t size) noexcept;

    /* Before they are unmapped.  What was lost stays so. */
    void clear() noexcept;

    /* True once a page of them was gone. */
    bool lost() const noexcept;

  private:
    std::vector<mapped::Slot*> slots_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
    mutable uint64_t seen_ = 0; /* of all losses in the process */
    mutable bool lost_ = false;
};

}  // namespace sqlite_import::sqlite
