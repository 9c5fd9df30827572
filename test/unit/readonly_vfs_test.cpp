/*
 * readonly_vfs_test.cpp
 *    One snapshot or an error, and nothing written: with a -wal, a journal, a
 *    writer at work, and files that change under the reader.
 */
#include "sqlite/readonly_vfs.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include "sqlite/database.hpp"
#include "sqlite/error.hpp"
#include "sqlite/file_facts.hpp"

namespace {

namespace fs = std::filesystem;
using namespace sqlite_import::sqlite;

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
int in_another_process(const std::function<int()>& f) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(f());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string content(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

class ReadOnlyVfsTest : public ::testing::Test {
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

/* A reader with its snapshot begun. */
struct Reader {
    explicit Reader(const fs::path& path, const ReadOnlyOptions& how = {}) : layer(how) {
        OpenOptions options;
        options.filename = path;
        options.vfs = layer.name();
        options.busy_timeout_ms = 0;
        options.snapshot = true;
        database = std::make_unique<Database>(options);
    }
    int64_t count() const { return database->query_integer("SELECT count(*) FROM t"); }
    int64_t sum() const { return database->query_integer("SELECT sum(length(b)) FROM t"); }

    ReadOnlyVfs layer;
    std::unique_ptr<Database> database;
};

int code_of(const std::function<void()>& f) {
    try {
        f();
    } catch (const Error& error) {
        return error.code();
    }
    return SQLITE_OK;
}

TEST_F(ReadOnlyVfsTest, PlainFileIsReadAndNothingWritten) {
    create("delete");
    const auto before = everything();
    {
        Reader reader(path_);
        EXPECT_EQ(reader.sum(), kRows * 4000);
        EXPECT_FALSE(reader.layer.findings().wal_missing);
    }
    EXPECT_EQ(everything(), before);
}

TEST_F(ReadOnlyVfsTest, WriterWaitsForTheSnapshot) {
    create("delete");
    Reader reader(path_);
    const auto write = [this] {
        Application app(path_);
        return app.run("DELETE FROM t WHERE a=1");
    };
    EXPECT_EQ(in_another_process(write), SQLITE_BUSY);
    EXPECT_EQ(reader.sum(), kRows * 4000);
    reader.database->execute("COMMIT");
    EXPECT_EQ(in_another_process(write), SQLITE_OK);
}

TEST_F(ReadOnlyVfsTest, ReaderMeetsTheWritersLock) {
    create("delete");
    Application app(path_);
    EXPECT_EQ(app.run("BEGIN EXCLUSIVE"), SQLITE_OK);
    EXPECT_EQ(
        in_another_process([this] { return code_of([this] { Reader reader(path_); }) & 0xff; }),
        SQLITE_BUSY);
}

TEST_F(ReadOnlyVfsTest, WritingIsRefused) {
    create("delete");
    Reader reader(path_);
    reader.database->execute("PRAGMA query_only = 0");
    EXPECT_EQ(code_of([&] { reader.database->execute("DELETE FROM t"); }) & 0xff, SQLITE_READONLY);
}

TEST_F(ReadOnlyVfsTest, WalModeWithoutWal) {
    create("wal");
    const auto before = everything();
    ASSERT_EQ(before.size(), 1U);
    {
        Reader reader(path_);
        EXPECT_EQ(reader.sum(), kRows * 4000);
        EXPECT_TRUE(reader.layer.findings().wal_missing);
        EXPECT_FALSE(reader.layer.findings().wal_read);
    }
    EXPECT_EQ(everything(), before);
}

TEST_F(ReadOnlyVfsTest, WalLeftBehindIsRead) {
    create("wal");
    leave_behind("PRAGMA journal_mode=wal", "DELETE FROM t WHERE a <= 10");
    const auto before = everything();
    ASSERT_EQ(before.size(), 2U);
    {
        Reader reader(path_);
        EXPECT_EQ(reader.count(), kRows - 10);
        EXPECT_EQ(reader.sum(), (kRows - 10) * 4000);
        EXPECT_TRUE(reader.layer.findings().wal_read);
        EXPECT_FALSE(reader.layer.findings().wal_index_shared);
    }
    EXPECT_EQ(everything(), before);
}

TEST_F(ReadOnlyVfsTest, TornWalIsReadUpToItsLastCommit) {
    create("wal");
    leave_behind("BEGIN", "DELETE FROM t WHERE a <= 10; COMMIT; DELETE FROM t WHERE a <= 20");
    const fs::path wal = path_.string() + "-wal";
    fs::resize_file(wal, fs::file_size(wal) - 5);
    Reader reader(path_);
    EXPECT_EQ(reader.count(), kRows - 10);
}

TEST_F(ReadOnlyVfsTest, StaleIndexOfTheWalIsNotTrusted) {
    create("wal");
    leave_behind("PRAGMA journal_mode=wal", "DELETE FROM t WHERE a <= 10");
    std::ofstream(path_.string() + "-shm") << std::string(32768, 'x');
    const auto before = everything();
    {
        Reader reader(path_);
        EXPECT_EQ(reader.count(), kRows - 10);
    }
    EXPECT_EQ(everything(), before);
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

TEST_F(ReadOnlyVfsTest, WriterAtWorkInWalModeDoesNotReachTheSnapshot) {
    create("wal");
    Neighbour app(path_);
    ASSERT_EQ(app.run("DELETE FROM t WHERE a <= 10"), SQLITE_OK);
    Reader reader(path_);
    EXPECT_TRUE(reader.layer.findings().wal_index_shared);
    EXPECT_EQ(reader.count(), kRows - 10);
    for (int i = 0; i < 5; i++) {
        EXPECT_EQ(app.run("UPDATE t SET b = zeroblob(100); PRAGMA wal_checkpoint(PASSIVE)"),
                  SQLITE_OK);
        EXPECT_EQ(app.run("DELETE FROM t WHERE a <= 100; PRAGMA wal_checkpoint(RESTART)"),
                  SQLITE_OK);
    }
    EXPECT_EQ(reader.count(), kRows - 10);
    EXPECT_EQ(reader.sum(), (kRows - 10) * 4000);
    Reader second(path_);
    EXPECT_EQ(second.count(), kRows - 100);
    EXPECT_EQ(second.sum(), (kRows - 100) * 100);
}

TEST_F(ReadOnlyVfsTest, TruncatedIndexIsAnErrorAndNoSignal) {
    create("wal");
    Neighbour app(path_);
    ASSERT_EQ(app.run("DELETE FROM t WHERE a <= 10"), SQLITE_OK);
    Reader reader(path_);
    fs::resize_file(path_.string() + "-shm", 0);
    EXPECT_EQ(reader.sum(), (kRows - 10) * 4000);
    reader.database->execute("COMMIT");
    EXPECT_EQ(code_of([&] { reader.count(); }), kFileChanged);
    fs::resize_file(path_.string() + "-shm", 32768); /* for the neighbour's sake */
}

TEST_F(ReadOnlyVfsTest, LargeWalOfAWriterAtWork) {
    create("wal");
    Neighbour app(path_);
    ASSERT_EQ(app.run("PRAGMA wal_autocheckpoint=0; UPDATE t SET b = zeroblob(4001);"
                      "UPDATE t SET b = zeroblob(4002); UPDATE t SET b = zeroblob(4003);"
                      "UPDATE t SET b = zeroblob(4004); UPDATE t SET b = zeroblob(4005);"),
              SQLITE_OK);
    Reader reader(path_);
    EXPECT_TRUE(reader.layer.findings().wal_index_shared);
    ASSERT_EQ(app.run("UPDATE t SET b = zeroblob(1); PRAGMA wal_checkpoint(RESTART)"), SQLITE_OK);
    EXPECT_EQ(reader.sum(), kRows * 4005);
    reader.database->execute("COMMIT; BEGIN");
    EXPECT_EQ(reader.sum(), kRows * 1);
}

/* Every transaction gives all rows one value; a snapshot that held two would be torn. */
TEST_F(ReadOnlyVfsTest, ManySnapshotsOfABusyWriter) {
    create("wal");
    Application(path_).run("CREATE TABLE v(x); INSERT INTO v SELECT 0 FROM t");
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t writer = fork();
    if (writer == 0) {
        Application app(path_);
        app.run("PRAGMA synchronous=off; PRAGMA wal_autocheckpoint=20; UPDATE v SET x = x + 1");
        if (write(ready[1], "x", 1) == 1) {
            for (;;) {
                app.run("UPDATE v SET x = x + 1");
            }
        }
        _exit(1);
    }
    const struct Killer {
        pid_t child;
        ~Killer() {
            kill(child, SIGKILL);
            waitpid(child, nullptr, 0);
        }
    } killer{writer};
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    int64_t last = 0;
    for (int i = 0; i < 100; i++) {
        Reader reader(path_);
        const int64_t low = reader.database->query_integer("SELECT min(x) FROM v");
        EXPECT_EQ(reader.database->query_integer("SELECT count(*) FROM v WHERE x = " +
                                                 std::to_string(low)),
                  kRows);
        EXPECT_GE(low, last);
        last = low;
        EXPECT_TRUE(reader.layer.findings().wal_index_shared);
    }
    EXPECT_GT(last, 1);
    kill(writer, SIGKILL);
    usleep(100'000);
    Reader reader(path_); /* what a killed program leaves is whole, too */
    EXPECT_EQ(reader.database->query_integer("SELECT count(DISTINCT x) FROM v"), 1);
}

TEST_F(ReadOnlyVfsTest, WriterThatClosesLeavesTheSnapshot) {
    create("wal");
    auto app = std::make_unique<Neighbour>(path_);
    ASSERT_EQ(app->run("DELETE FROM t WHERE a <= 10"), SQLITE_OK);
    Reader reader(path_);
    ASSERT_EQ(app->run("DELETE FROM t WHERE a <= 20"), SQLITE_OK);
    app.reset();
    EXPECT_EQ(reader.sum(), (kRows - 10) * 4000);
}

TEST_F(ReadOnlyVfsTest, GrowthOfTheWalIsNoChange) {
    create("wal");
    leave_behind("PRAGMA journal_mode=wal", "DELETE FROM t WHERE a <= 10");
    Reader reader(path_);
    Neighbour app(path_);
    ASSERT_EQ(app.run("PRAGMA wal_autocheckpoint=0; DELETE FROM t WHERE a <= 20"), SQLITE_OK);
    EXPECT_EQ(reader.sum(), (kRows - 10) * 4000);
}

TEST_F(ReadOnlyVfsTest, CheckpointBehindAReaderWithoutLockIsAnError) {
    create("wal");
    leave_behind("PRAGMA journal_mode=wal", "DELETE FROM t WHERE a <= 10");
    Reader reader(path_);
    EXPECT_EQ(reader.count(), kRows - 10);
    Neighbour app(path_);
    ASSERT_EQ(app.run("DELETE FROM t WHERE a <= 20; PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    EXPECT_EQ(code_of([&] { reader.sum(); }), kFileChanged);
}

TEST_F(ReadOnlyVfsTest, FirstWriterInWalModeIsNotMissed) {
    create("wal");
    Reader reader(path_);
    Neighbour app(path_);
    ASSERT_EQ(app.run("DELETE FROM t WHERE a <= 20"), SQLITE_OK);
    EXPECT_EQ(reader.sum(), kRows * 4000); /* in its -wal still */
    ASSERT_EQ(app.run("PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    EXPECT_EQ(code_of([&] { reader.sum(); }), kFileChanged);
}

TEST_F(ReadOnlyVfsTest, HotJournalIsRolledBackInMemory) {
    create("delete");
    leave_behind("PRAGMA cache_size=1; BEGIN", "UPDATE t SET b = zeroblob(90) WHERE a <= 200");
    ASSERT_TRUE(fs::exists(path_.string() + "-journal"));
    const auto before = everything();

    EXPECT_EQ(code_of([&] { Reader reader(path_); }), SQLITE_READONLY_ROLLBACK);
    {
        ReadOnlyOptions how;
        how.roll_back = true;
        Reader reader(path_, how);
        EXPECT_TRUE(reader.layer.findings().rolled_back);
        EXPECT_EQ(reader.sum(), kRows * 4000);
        EXPECT_EQ(reader.database->query_text("PRAGMA integrity_check"), "ok");
        reader.database->execute("PRAGMA query_only = 0");
        EXPECT_NE(code_of([&] { reader.database->execute("DELETE FROM t"); }), SQLITE_OK);
        reader.database->execute("ROLLBACK; BEGIN");
        EXPECT_EQ(reader.sum(), kRows * 4000);
    }
    EXPECT_EQ(everything(), before);
    Application app(path_);
    EXPECT_EQ(app.run("SELECT * FROM t"), SQLITE_OK);
    EXPECT_FALSE(fs::exists(path_.string() + "-journal"));
}

TEST_F(ReadOnlyVfsTest, FileOverwrittenWithoutLocksIsAnError) {
    create("delete");
    Reader reader(path_);
    const std::string bytes = content(path_);
    std::ofstream(path_, std::ios::binary | std::ios::in) << bytes.substr(0, 4096);
    EXPECT_EQ(code_of([&] { reader.sum(); }), kFileChanged);
}

TEST_F(ReadOnlyVfsTest, TruncationIsAnError) {
    create("delete");
    Reader reader(path_);
    fs::resize_file(path_, 8192);
    EXPECT_EQ(code_of([&] { reader.sum(); }), kFileChanged);
}

TEST_F(ReadOnlyVfsTest, ReplacementIsAnError) {
    create("delete");
    Reader reader(path_);
    fs::rename(path_, folder_ / "old.db");
    create("delete");
    EXPECT_EQ(code_of([&] { reader.sum(); }), kFileChanged);
}

/* For file systems without locks: no lock is asked for, the look at the file stays. */
TEST_F(ReadOnlyVfsTest, WithoutLocksAWriterIsSeen) {
    create("delete");
    ReadOnlyOptions how;
    how.no_locks = how.private_wal_index = true;
    Reader reader(path_, how);
    const auto write = [this] { return Application(path_).run("UPDATE t SET b = zeroblob(3999)"); };
    EXPECT_EQ(in_another_process(write), SQLITE_OK);
    EXPECT_EQ(code_of([&] { reader.sum(); }), kFileChanged);
}

TEST_F(ReadOnlyVfsTest, WithoutLocksWalAndJournalAreHeeded) {
    create("wal");
    leave_behind("BEGIN", "DELETE FROM t WHERE a <= 100; COMMIT");
    ReadOnlyOptions how;
    how.no_locks = how.private_wal_index = true;
    const auto before = everything();
    {
        Reader reader(path_, how);
        EXPECT_EQ(reader.count(), kRows - 100);
        EXPECT_TRUE(reader.layer.findings().wal_read);
    }
    EXPECT_EQ(everything(), before);
    fs::remove(path_.string() + "-wal");
    fs::remove(path_);
    create("delete");
    leave_behind("PRAGMA cache_size=1; BEGIN", "UPDATE t SET b = 1 WHERE a <= 100");
    EXPECT_EQ(code_of([&] { Reader(path_, how).count(); }), SQLITE_READONLY_ROLLBACK);
    how.roll_back = true;
    EXPECT_EQ(Reader(path_, how).sum(), kRows * 4000);
}

TEST_F(ReadOnlyVfsTest, ChangeBetweenTwoSnapshotsIsSeen) {
    create("delete");
    Reader reader(path_);
    reader.database->execute("COMMIT");
    ASSERT_EQ(
        in_another_process([this] { return Application(path_).run("DELETE FROM t WHERE a=1"); }),
        SQLITE_OK);
    EXPECT_EQ(code_of([&] { reader.count(); }), kFileChanged);
}

TEST_F(ReadOnlyVfsTest, FactsTellWhatAFileIs) {
    EXPECT_EQ(file_facts(path_).error, ENOENT);
    EXPECT_TRUE(file_facts(folder_).is_directory);
    create("wal");
    EXPECT_EQ(file_facts(path_).header.format, Format::Database);
    EXPECT_TRUE(file_facts(path_).header.wal_mode);
    EXPECT_FALSE(file_facts(path_).header.is_truncated(file_facts(path_).size));
    EXPECT_TRUE(file_facts(path_).header.is_truncated(file_facts(path_).size - 1));
    leave_behind("BEGIN", "DELETE FROM t; COMMIT");
    EXPECT_GT(file_facts(path_).wal_size, 0);
    EXPECT_EQ(file_facts(path_.string() + "-wal").header.format, Format::WalFile);
    EXPECT_EQ(header_facts("", 0).format, Format::Empty);
    EXPECT_EQ(header_facts("PRAGMA foreign_keys=OFF;\n", 26).format, Format::SqlText);
    EXPECT_EQ(header_facts("\x1f\x8b\x08", 3).format, Format::Compressed);
    EXPECT_EQ(header_facts("SQLite format 3", 15).format, Format::Other);
    std::string random;
    for (unsigned i = 0, x = 1; i < 4096; i++, x = x * 1103515245U + 12345U) {
        random += static_cast<char>(x >> 16);
    }
    EXPECT_EQ(header_facts(random, 4096).format, Format::Encrypted);
}

}  // namespace
