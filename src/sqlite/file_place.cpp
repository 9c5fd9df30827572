/*
 * file_place.cpp
 *    Walking to a folder through no link, and looking at files through it.
 */
#include "sqlite/file_place.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace sqlite_import::sqlite {

namespace {

constexpr int kFolder = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/* A descriptor that is closed at the end of the scope. */
class Descriptor {
  public:
    explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
    ~Descriptor() { reset(-1); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const noexcept { return descriptor_; }
    void reset(int descriptor) noexcept {
        if (descriptor_ >= 0) {
            close(descriptor_);
        }
        descriptor_ = descriptor;
    }
    int release() noexcept {
        const int descriptor = descriptor_;
        descriptor_ = -1;
        return descriptor;
    }

  private:
    int descriptor_;
};

/* Remembers which folder it is; errno if that cannot be said. */
int remember(int folder, std::vector<FolderIdentity>& folders) {
    struct stat status {};

    if (fstat(folder, &status) != 0) {
        return errno;
    }
    folders.push_back({status.st_dev, status.st_ino});
    return 0;
}

/* Opens the folder that 'path' names, part by part.  Zero, or errno. */
int walk(const std::string& path, Descriptor& folder, std::vector<FolderIdentity>& folders) {
    folder.reset(::open("/", kFolder));
    int error = folder.get() < 0 ? errno : remember(folder.get(), folders);

    for (size_t start = 0; error == 0 && start < path.size();) {
        const size_t slash = path.find('/', start);
        const size_t end = slash == std::string::npos ? path.size() : slash;
        const std::string part = path.substr(start, end - start);

        start = end + 1;
        if (part.empty()) {
            continue;
        }
        const int next = openat(folder.get(), part.c_str(), kFolder);
        if (next < 0) {
            return errno;
        }
        folder.reset(next);
        error = remember(next, folders);
    }
    return error;
}

/* Whether names through /proc lead where they should: not so in a chroot without it. */
int check_name(const std::string& folder_name, const FolderIdentity& folder) noexcept {
    struct stat status {};

    if (stat((folder_name + "/.").c_str(), &status) != 0 ||
        !(FolderIdentity{status.st_dev, status.st_ino} == folder)) {
        return ENOSYS;
    }
    return 0;
}

}  // namespace

std::shared_ptr<const FilePlace> FilePlace::open(const std::string& path, int& error) {
    const size_t slash = path.rfind('/');
    std::shared_ptr<FilePlace> place(new FilePlace);
    Descriptor folder(-1);

    if (slash == std::string::npos) {
        error = EINVAL;
        return nullptr;
    }
    error = walk(path.substr(0, slash), folder, place->folders_);
    if (error != 0) {
        return nullptr;
    }
    const std::string folder_name = "/proc/self/fd/" + std::to_string(folder.get());
    error = check_name(folder_name, place->folders_.back());
    if (error != 0) {
        return nullptr;
    }
    place->path_ = path;
    place->name_ = path.substr(slash + 1);
    if (place->name_.empty()) {
        place->name_ = "."; /* the root is no file, and is told as a folder */
    }
    place->database_ = folder_name + "/" + place->name_;
    place->folder_ = folder.release();
    return place;
}

FilePlace::~FilePlace() {
    if (folder_ >= 0) {
        close(folder_);
    }
}

bool FilePlace::name_in_folder(std::string_view suffix, char* buffer) const noexcept {
    if (name_.size() + suffix.size() > NAME_MAX) {
        return false;
    }
    name_.copy(buffer, name_.size());
    suffix.copy(buffer + name_.size(), suffix.size());
    buffer[name_.size() + suffix.size()] = '\0';
    return true;
}

int FilePlace::look(std::string_view suffix, struct stat& status) const noexcept {
    char name[NAME_MAX + 1];

    if (!name_in_folder(suffix, name)) {
        return ENOENT; /* no file can have such a name */
    }
    return fstatat(folder_, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

int FilePlace::may_read(std::string_view suffix) const noexcept {
    char name[NAME_MAX + 1];

    if (!name_in_folder(suffix, name)) {
        return ENOENT;
    }
    return faccessat(folder_, name, R_OK, AT_EACCESS) == 0 ? 0 : errno;
}

int FilePlace::remove(std::string_view suffix) const noexcept {
    char name[NAME_MAX + 1];

    if (!name_in_folder(suffix, name)) {
        return ENOENT;
    }
    return unlinkat(folder_, name, 0) == 0 ? 0 : errno;
}

bool FilePlace::is(std::string_view name, std::string_view suffix) const noexcept {
    return name.size() == database_.size() + suffix.size() &&
           name.substr(0, database_.size()) == database_ && name.substr(database_.size()) == suffix;
}

}  // namespace sqlite_import::sqlite
