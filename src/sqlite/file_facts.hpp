/*
 * file_facts.hpp
 *    What can be known of a would-be database before SQLite opens it.
 *
 * SQLite answers "file is not a database" to a folder, a dump, an archive and
 * an encrypted file alike.  A look at the directory entry and at the first
 * bytes tells them apart, so that the user is told what to do.
 */
#pragma once

#include "server_free.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "sqlite/file_place.hpp"

namespace sqlite_import::sqlite {

/* What the first bytes are. */
enum class Format : uint8_t {
    Database,    /* a SQLite 3 database */
    Empty,       /* no bytes */
    Encrypted,   /* looks random: SQLCipher, SEE … */
    OldDatabase, /* SQLite 2 */
    WalFile,     /* an app.db-wal */
    Journal,     /* an app.db-journal */
    Compressed,  /* gzip, zip, xz, zstd, bzip2 */
    SqlText,     /* a dump */
    LfsPointer,  /* what git leaves where git-lfs has not run */
    Other,
};

/* The database header (sqlite.org/fileformat.html#the_database_header). */
struct HeaderFacts {
    Format format = Format::Other;
    bool wal_mode = false;
    uint32_t page_size = 0;
    int64_t page_count = 0; /* as the header says; 0 if it does not */

    /* True if the file of that size lacks pages that the header counts. */
    bool is_truncated(int64_t size) const noexcept {
        return format == Format::Database && page_count * page_size > size;
    }
};

/* How many first bytes header_facts wants to see. */
constexpr size_t kHeaderSample = 1024;

/* Judges the first bytes of a file of that size; the sample may be shorter.  noexcept. */
HeaderFacts header_facts(std::string_view sample, int64_t size) noexcept;

/*
 * The size that the header counts, if that is more than the file has.  SQLite
 * refuses a file that lacks its end, and a schema whose tables lie there; told
 * this size, it finds empty pages where they lay.  noexcept.
 */
int64_t claimed_size(std::string_view sample, int64_t size) noexcept;

/* What the file system says of a path. */
struct FileFacts {
    int error = 0; /* errno of stat or of the attempt to read; 0: none */
    bool is_directory = false;
    bool is_regular = false; /* a link is none */
    int64_t size = 0;
    int64_t wal_size = 0;           /* 0: absent or empty */
    int64_t journal_size = 0;       /* 0: absent or empty */
    std::string unreadable_sidecar; /* the -wal or -journal that may not be read; empty: none */
    std::string irregular_sidecar;  /* the -wal, -journal or -shm that is no regular file */
    HeaderFacts header;
};

/*
 * Looks at a file and at the files beside it.  The bytes are read through
 * SQLite's own VFS, because closing a descriptor of one's own would drop the
 * locks of every connection that this process has on the file
 * (sqlite.org/howtocorrupt.html, 2.2).  Throws bad_alloc only.
 */
FileFacts file_facts(const FilePlace& place);

}  // namespace sqlite_import::sqlite
