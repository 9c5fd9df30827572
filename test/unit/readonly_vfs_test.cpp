/*
 * readonly_vfs_test.cpp
 *    One snapshot or an error, and nothing written: with a -wal, a journal, a
 *    writer at work, and files that change under the reader.
 */
#include "sqlite/readonly_vfs.hpp"

#include <signal.h>
#include <sys/stat.h>

#include "sqlite/database.hpp"
#include "sqlite/file_facts.hpp"
#include "sqlite/guarded_open.hpp"
#include "vfs_fixture.hpp"

namespace {

using namespace sqlite_import::sqlite;
using namespace sqlite_import::sqlite::testing;

class ReadOnlyVfsTest : public VfsTest {};

/* A reader with its snapshot begun. */
struct Reader {
    explicit Reader(const fs::path& path, const ReadOnlyOptions& how = {})
        : Reader(place_of(path), how) {}
    Reader(const std::shared_ptr<const FilePlace>& place, const ReadOnlyOptions& how)
        : layer(place, how) {
        OpenOptions options;
        options.filename = place->database();
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

/* A FIFO holds whoever opens it until somebody else does; alarm() ends a test that is held. */
TEST_F(ReadOnlyVfsTest, NothingButRegularFilesIsOpened) {
    create("delete");
    alarm(20);
    ASSERT_EQ(mkfifo((path_.string() + "-journal").c_str(), 0666), 0);
    EXPECT_EQ(code_of([&] { Reader reader(path_); }), kNotRegular);
    fs::remove(path_.string() + "-journal");

    leave_behind("PRAGMA journal_mode=wal; PRAGMA wal_autocheckpoint=0", "DELETE FROM t");
    ASSERT_EQ(mkfifo((path_.string() + "-shm").c_str(), 0666), 0);
    EXPECT_EQ(code_of([&] { Reader reader(path_); }), kNotRegular);
    fs::remove(path_.string() + "-shm");
    EXPECT_EQ(Reader(path_).count(), 0);

    const fs::path elsewhere = folder_ / "elsewhere";
    fs::rename(path_.string() + "-wal", elsewhere);
    fs::create_symlink(elsewhere, path_.string() + "-wal");
    EXPECT_EQ(code_of([&] { Reader reader(path_); }), kNotRegular);
    fs::remove(path_.string() + "-wal");

    const auto place = place_of(path_);
    fs::rename(path_, elsewhere);
    fs::create_symlink(elsewhere, path_);
    EXPECT_EQ(code_of([&] { Reader reader(place, {}); }), kNotRegular);
    fs::remove(path_);
    ASSERT_EQ(mkfifo(path_.c_str(), 0666), 0);
    EXPECT_EQ(code_of([&] { Reader reader(place, {}); }), kNotRegular);
    alarm(0);
}

TEST_F(ReadOnlyVfsTest, TheFolderIsTheOneThatWasChecked) {
    create("delete");
    const fs::path mine = folder_ / "mine";
    const fs::path other = folder_ / "other";
    fs::create_directory(mine);
    fs::create_directory(other);
    fs::rename(path_, mine / "app.db");
    EXPECT_EQ(Application(other / "app.db").run("CREATE TABLE t(a); INSERT INTO t VALUES (1)"),
              SQLITE_OK);
    const auto place = place_of(mine / "app.db");
    fs::rename(mine, folder_ / "moved");
    fs::create_symlink(other, mine);
    EXPECT_EQ(Reader(place, {}).count(), kRows);

    int error = 0;
    EXPECT_EQ(FilePlace::open((fs::canonical(folder_) / "mine/app.db").string(), error), nullptr);
    EXPECT_EQ(error, ENOTDIR);
}

TEST_F(ReadOnlyVfsTest, FactsTellWhatAFileIs) {
    EXPECT_EQ(file_facts(*place_of(path_)).error, ENOENT);
    EXPECT_TRUE(file_facts(*place_of(folder_)).is_directory);
    create("wal");
    EXPECT_EQ(file_facts(*place_of(path_)).header.format, Format::Database);
    EXPECT_TRUE(file_facts(*place_of(path_)).header.wal_mode);
    EXPECT_FALSE(
        file_facts(*place_of(path_)).header.is_truncated(file_facts(*place_of(path_)).size));
    EXPECT_TRUE(
        file_facts(*place_of(path_)).header.is_truncated(file_facts(*place_of(path_)).size - 1));
    leave_behind("BEGIN", "DELETE FROM t; COMMIT");
    EXPECT_GT(file_facts(*place_of(path_)).wal_size, 0);
    EXPECT_EQ(file_facts(*place_of(path_.string() + "-wal")).header.format, Format::WalFile);
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
