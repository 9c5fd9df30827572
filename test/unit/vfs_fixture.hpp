/*
 * vfs_fixture.hpp
 *    Databases in a folder of the test's own, and the applications that use them:
 *    for the tests of the layers over SQLite's file access.
 */
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "sqlite/error.hpp"
#include "sqlite/file_place.hpp"

namespace sqlite_import::sqlite::testing {

namespace fs = std::filesystem;

constexpr int kRows = 2000;

/* A connection of SQLite's own, as an application has it. */
class Application {
  public:
    explicit Application(const fs::path& path) {
        EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
    }
    ~Application() { sqlite3_close(handle_); }
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    int run(const char* sql) const { return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); }

  private:
    sqlite3* handle_ = nullptr;
};

/* Runs f in another process: POSIX locks are only seen from there. */
inline int in_another_process(const std::function<int()>& f) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(f());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

inline std::string content(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

class VfsTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "vfs_test_XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        path_ = folder_ / "app.db";
    }
    void TearDown() override { fs::remove_all(folder_); }

    /* kRows rows of 4 kB, more than SQLite caches. */
    void create(const char* journal_mode) const {
        Application app(path_);
        app.run(
            ("PRAGMA synchronous=off; PRAGMA journal_mode=" + std::string(journal_mode)).c_str());
        app.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b)");
        app.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2000)"
            " INSERT INTO t SELECT i, zeroblob(4000) FROM n");
    }

    /* Leaves the files as a killed application does: a copy made while it runs. */
    void leave_behind(const char* begin, const char* change) const {
        const fs::path busy = folder_ / "busy.db";
        fs::rename(path_, busy);
        {
            Application app(busy);
            EXPECT_EQ(app.run(begin), SQLITE_OK);
            EXPECT_EQ(app.run(change), SQLITE_OK);
            for (const char* suffix : {"", "-wal", "-journal"}) {
                if (fs::exists(busy.string() + suffix)) {
                    fs::copy_file(busy.string() + suffix, path_.string() + suffix);
                }
            }
        }
        for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
            fs::remove(busy.string() + suffix);
        }
    }

    /* Every file of the folder with its bytes. */
    std::map<std::string, std::string> everything() const {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::directory_iterator(folder_)) {
            files[entry.path().filename()] = content(entry.path());
        }
        return files;
    }

    fs::path folder_;
    fs::path path_;
};

inline int code_of(const std::function<void()>& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.code();
    }
    return SQLITE_OK;
}

/* A program that has the database open in another process, and does as it is told. */
class Neighbour {
  public:
    explicit Neighbour(const fs::path& path) {
        EXPECT_EQ(pipe(order_), 0);
        EXPECT_EQ(pipe(answer_), 0);
        child_ = fork();
        if (child_ == 0) {
            serve(path);
        }
    }
    ~Neighbour() {
        close(order_[1]);
        waitpid(child_, nullptr, 0);
        close(order_[0]);
        close(answer_[0]);
        close(answer_[1]);
    }
    Neighbour(const Neighbour&) = delete;
    Neighbour& operator=(const Neighbour&) = delete;

    int run(const std::string& sql) {
        const size_t length = sql.size();
        int code = -1;
        EXPECT_EQ(write(order_[1], &length, sizeof(length)), static_cast<ssize_t>(sizeof(length)));
        EXPECT_EQ(write(order_[1], sql.data(), length), static_cast<ssize_t>(length));
        EXPECT_EQ(read(answer_[0], &code, sizeof(code)), static_cast<ssize_t>(sizeof(code)));
        return code;
    }

  private:
    void serve(const fs::path& path) {
        close(order_[1]);
        {
            Application app(path);
            size_t length = 0;
            while (read(order_[0], &length, sizeof(length)) > 0) {
                std::string sql(length, '\0');
                if (read(order_[0], sql.data(), length) < 0) {
                    break;
                }
                const int code = app.run(sql.c_str());
                if (write(answer_[1], &code, sizeof(code)) < 0) {
                    break;
                }
            }
        }
        _exit(0);
    }

    int order_[2] = {};
    int answer_[2] = {};
    pid_t child_ = 0;
};

/* The header of an index of a -wal that counts that many frames, with the sum that SQLite checks
 * (walformat.html#the_wal_index_header); 'header' is a true one. */
inline std::string forged_index_header(std::string header, uint32_t frames) {
    constexpr size_t kFrames = 16;
    constexpr size_t kSum = 40;
    constexpr size_t kSize = 48;
    uint32_t sum[2] = {0, 0};

    header.resize(kSize);
    memcpy(header.data() + kFrames, &frames, sizeof(frames));
    for (size_t at = 0; at < kSum; at += 8) {
        uint32_t pair[2];
        memcpy(pair, header.data() + at, sizeof(pair));
        sum[0] += pair[0] + sum[1];
        sum[1] += pair[1] + sum[0];
    }
    memcpy(header.data() + kSum, sum, sizeof(sum));
    return header + header;
}

/* Writes bytes into a file from its start, the rest of it as it is. */
inline void overwrite(const fs::path& path, const std::string& bytes) {
    std::fstream stream(path, std::ios::binary | std::ios::in | std::ios::out);
    stream << bytes;
}

/* The place of a file whose path leads through no link. */
inline std::shared_ptr<const FilePlace> place_of(const fs::path& path) {
    int error = 0;
    std::shared_ptr<const FilePlace> place =
        FilePlace::open((fs::canonical(path.parent_path()) / path.filename()).string(), error);

    EXPECT_EQ(error, 0);
    return place;
}

}  // namespace sqlite_import::sqlite::testing
