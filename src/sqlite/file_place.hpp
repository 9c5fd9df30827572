/*
 * file_place.hpp
 *    Where a database lies: its folder, held open, and its name in it.
 *
 * A path that was checked and is then opened by name again may lead elsewhere
 * the second time: a folder of it was swapped for a link in between.  So the
 * folder is opened once, part by part, through no link at all, and everything is
 * looked at and opened through that descriptor: the database, its -journal, its
 * -wal and its -shm, and nothing else.
 *
 * SQLite wants names, and gets /proc/self/fd/N/app.db: the folder that is open,
 * wherever its own name may lead by now.
 *
 * The descriptor is of the kind that can only be looked through (O_PATH).
 * Closing one drops no lock, as closing any other descriptor of the database
 * would (sqlite.org/howtocorrupt.html, 2.2).
 */
#pragma once

#include "server_free.hpp"

#include <sys/stat.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sqlite_import::sqlite {

/* The files beside a database, by what is put behind its name. */
constexpr std::string_view kJournalSuffix = "-journal";
constexpr std::string_view kWalSuffix = "-wal";
constexpr std::string_view kShmSuffix = "-shm";

/* What a folder is known by, whatever it is called. */
struct FolderIdentity {
    dev_t device = 0;
    ino_t inode = 0;

    bool operator==(const FolderIdentity& other) const noexcept {
        return device == other.device && inode == other.inode;
    }
};

class FilePlace {
  public:
    /*
     * Opens the folder of a path that is absolute and leads through no link, as realpath() gives
     * it; whether the file is there is not asked.  Null, and errno in 'error', if a part of the
     * path cannot be opened or is a link.  Throws bad_alloc.
     */
    static std::shared_ptr<const FilePlace> open(const std::string& path, int& error);

    ~FilePlace();
    FilePlace(const FilePlace&) = delete;
    FilePlace& operator=(const FilePlace&) = delete;

    /* The path as it was given, for messages. */
    const std::string& path() const noexcept { return path_; }

    /* What SQLite is told to open. */
    const std::string& database() const noexcept { return database_; }

    /* The folders that the path leads through, the root first. */
    const std::vector<FolderIdentity>& folders() const noexcept { return folders_; }

    /* Looks at the database, or at the file beside it with that suffix; a link is seen as a link.
     * Zero, or errno.  noexcept but for names longer than any file's. */
    int look(std::string_view suffix, struct stat& status) const noexcept;

    /* Zero if the server may read that file, else errno. */
    int may_read(std::string_view suffix) const noexcept;

    /* Removes the file with that suffix from its folder.  Zero, or errno. */
    int remove(std::string_view suffix) const noexcept;

    /* True if 'name' is the database's name for SQLite with that suffix. */
    bool is(std::string_view name, std::string_view suffix) const noexcept;

  private:
    FilePlace() = default;

    /* The file's name in its folder, with the suffix, in a buffer of NAME_MAX + 1 bytes. */
    bool name_in_folder(std::string_view suffix, char* buffer) const noexcept;

    int folder_ = -1;
    std::string path_;
    std::string name_;
    std::string database_;
    std::vector<FolderIdentity> folders_;
};

}  // namespace sqlite_import::sqlite
