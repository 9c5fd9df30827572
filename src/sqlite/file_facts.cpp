/*
 * file_facts.cpp
 *    Directory entries and first bytes.
 */
#include "sqlite/file_facts.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>

#include <sqlite3.h>

#include "sqlite/guarded_open.hpp"

namespace sqlite_import::sqlite {

namespace {

bool starts_with(std::string_view text, std::string_view prefix) noexcept {
    return text.substr(0, prefix.size()) == prefix;
}

uint32_t big_endian_32(std::string_view bytes, size_t at) noexcept {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    }
    return value;
}

struct Magic {
    std::string_view bytes;
    Format format;
};

using namespace std::string_view_literals;

constexpr Magic kMagics[] = {
    {"** This file contains an SQLite 2", Format::OldDatabase},
    {"\x37\x7f\x06\x82"sv, Format::WalFile},
    {"\x37\x7f\x06\x83"sv, Format::WalFile},
    {"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"sv, Format::Journal},
    {"\x1f\x8b"sv, Format::Compressed},
    {"PK\x03\x04"sv, Format::Compressed},
    {"\xfd"
     "7zXZ"sv,
     Format::Compressed},
    {"\x28\xb5\x2f\xfd"sv, Format::Compressed},
    {"BZh"sv, Format::Compressed},
    {"version https://git-lfs", Format::LfsPointer},
};

/* A dump begins with one of these, whatever tool wrote it. */
constexpr std::string_view kSqlBeginnings[] = {"PRAGMA ", "BEGIN", "CREATE ",
                                               "INSERT ", "--",    "/*"};

bool is_sql_text(std::string_view sample) noexcept {
    size_t start = 0;
    while (start < sample.size() && std::isspace(static_cast<unsigned char>(sample[start])) != 0) {
        start++;
    }
    for (const std::string_view beginning : kSqlBeginnings) {
        if (starts_with(sample.substr(start), beginning)) {
            return true;
        }
    }
    return false;
}

/*
 * Encrypted pages are indistinguishable from random ones: of 1024 random bytes
 * some 251 values are met, of text or structured data far fewer.
 */
bool is_random(std::string_view sample, int64_t size) noexcept {
    if (sample.size() < kHeaderSample || size % 512 != 0) {
        return false;
    }
    std::array<bool, 256> seen{};
    for (const char byte : sample) {
        seen[static_cast<unsigned char>(byte)] = true;
    }
    return std::count(seen.begin(), seen.end(), true) >= 230;
}

Format format_of(std::string_view sample, int64_t size) noexcept {
    if (size == 0) {
        return Format::Empty;
    }
    for (const Magic& magic : kMagics) {
        if (starts_with(sample, magic.bytes)) {
            return magic.format;
        }
    }
    if (is_sql_text(sample)) {
        return Format::SqlText;
    }
    return is_random(sample, size) ? Format::Encrypted : Format::Other;
}

/* The database opened for reading through SQLite's VFS; closed at the end of the scope. */
class VfsFile {
  public:
    explicit VfsFile(const FilePlace& place)
        : vfs_(guarded_unix_vfs()),
          name_(const_cast<char*>(
              sqlite3_create_filename(place.database().c_str(), "", "", 0, nullptr))),
          room_(new char[static_cast<size_t>(vfs_->szOsFile)]) {
        memset(room_.get(), 0, static_cast<size_t>(vfs_->szOsFile));
        int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
        const OpenGuard guard(place, false);
        errno = 0;
        if (name_ == nullptr || vfs_->xOpen(vfs_, name_, file(), flags, &flags) != SQLITE_OK) {
            error_ = errno != 0 ? errno : EIO;
        }
    }
    ~VfsFile() {
        if (file()->pMethods != nullptr) {
            file()->pMethods->xClose(file());
        }
        sqlite3_free_filename(name_);
    }
    VfsFile(const VfsFile&) = delete;
    VfsFile& operator=(const VfsFile&) = delete;

    int error() const noexcept { return error_; }

    std::string read_start(size_t wanted) {
        std::string bytes(wanted, '\0');
        if (file()->pMethods->xRead(file(), bytes.data(), static_cast<int>(wanted), 0) !=
            SQLITE_OK) {
            error_ = errno != 0 ? errno : EIO;
        }
        return bytes;
    }

  private:
    sqlite3_file* file() noexcept { return reinterpret_cast<sqlite3_file*>(room_.get()); }

    sqlite3_vfs* vfs_;
    char* name_;
    std::unique_ptr<char[]> room_;
    int error_ = 0;
};

/* The size of a file that may be absent; remembers the first one that may not be read, or is none.
 */
int64_t sidecar_size(const FilePlace& place, std::string_view suffix, FileFacts& facts) {
    struct stat status {};
    if (place.look(suffix, status) != 0) {
        return 0;
    }
    const std::string path = place.path() + std::string(suffix);
    if (!S_ISREG(status.st_mode)) {
        if (facts.irregular_sidecar.empty()) {
            facts.irregular_sidecar = path;
        }
        return 0;
    }
    /* the index of the -wal can be made anew */
    if (status.st_size > 0 && suffix != kShmSuffix && facts.unreadable_sidecar.empty() &&
        place.may_read(suffix) != 0) {
        facts.unreadable_sidecar = path;
    }
    return status.st_size;
}

}  // namespace

HeaderFacts header_facts(std::string_view sample, int64_t size) noexcept {
    HeaderFacts facts;

    if (sample.size() < 100 || !starts_with(sample, "SQLite format 3\0"sv)) {
        facts.format = format_of(sample, size);
        return facts;
    }
    facts.format = Format::Database;
    facts.wal_mode = sample[18] == 2 || sample[19] == 2;
    const uint32_t raw = big_endian_32(sample, 16) >> 16;
    facts.page_size = raw == 1 ? 65536 : raw;
    /* the count is valid only if the writer knew of it (fileformat.html, 1.3.7) */
    if (big_endian_32(sample, 24) == big_endian_32(sample, 92)) {
        facts.page_count = big_endian_32(sample, 28);
    }
    return facts;
}

int64_t claimed_size(std::string_view sample, int64_t size) noexcept {
    const HeaderFacts facts = header_facts(sample, size);
    return facts.is_truncated(size) ? facts.page_count * facts.page_size : size;
}

FileFacts file_facts(const FilePlace& place) {
    FileFacts facts;
    struct stat status {};

    facts.error = place.look({}, status);
    if (facts.error != 0) {
        return facts;
    }
    facts.is_directory = S_ISDIR(status.st_mode);
    facts.is_regular = S_ISREG(status.st_mode);
    facts.size = status.st_size;
    if (!facts.is_regular) {
        return facts;
    }
    facts.wal_size = sidecar_size(place, kWalSuffix, facts);
    facts.journal_size = sidecar_size(place, kJournalSuffix, facts);
    (void)sidecar_size(place, kShmSuffix, facts);
    if (facts.size == 0) {
        facts.header.format = Format::Empty;
        return facts;
    }

    VfsFile file(place);
    facts.error = file.error();
    if (facts.error == 0) {
        const size_t wanted = std::min<int64_t>(facts.size, kHeaderSample);
        facts.header = header_facts(file.read_start(wanted), facts.size);
        facts.error = file.error();
    }
    return facts;
}

}  // namespace sqlite_import::sqlite
