/*
 * vfs_layer.hpp
 *    What the layers over SQLite's file access have in common: they serve one
 *    database in one folder, and leave clock, chance and sleep to SQLite.
 */
#pragma once

#include "server_free.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "sqlite/file_place.hpp"

namespace sqlite_import::sqlite {

/* The state that all files of a connection share; what sqlite3_vfs::pAppData points to. */
struct VfsLayer {
    std::shared_ptr<const FilePlace> place;
    sqlite3_vfs* real = nullptr;
};

inline VfsLayer& vfs_layer_of(sqlite3_vfs* vfs) noexcept {
    return *static_cast<VfsLayer*>(vfs->pAppData);
}

/*
 * Fills a VFS that passes everything but the opening, deleting and looking for
 * files to layer.real.  'name' and 'layer' must live as long as it.
 */
void fill_vfs(sqlite3_vfs& vfs, const std::string& name, VfsLayer& layer, int file_bytes) noexcept;

/* Throws Error. */
void register_vfs(sqlite3_vfs& vfs);

/* Whether a name is the database's or that of a file beside it, by what SQLite opens it for. */
bool may_open(const FilePlace& place, std::string_view name, int flags) noexcept;

/*
 * xAccess: whether there is something under the name, as SQLite asks for its -journal and its
 * -wal; an empty file is none.  kForeignName for any other name.
 */
int look_for(const FilePlace& place, std::string_view name, int* result) noexcept;

/*
 * Whether the index of the -wal may have that region (walformat.html#the_wal_index_file_format).
 * Its header counts the frames, and is believed: one that counts billions would have us map and
 * copy, and SQLite make, gigabytes for a -wal of a few pages.
 */
bool may_have_region(const FilePlace& place, int region) noexcept;

}  // namespace sqlite_import::sqlite
