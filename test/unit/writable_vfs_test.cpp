/*
 * writable_vfs_test.cpp
 *    A connection that writes opens and deletes its own files and no others, and
 *    outlives a -shm that is truncated under it.
 */
#include "sqlite/writable_vfs.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "sqlite/database.hpp"
#include "sqlite/mapped_regions.hpp"
#include "sqlite/readonly_vfs.hpp"
#include "vfs_fixture.hpp"

namespace {

using namespace sqlite_import::sqlite;
using namespace sqlite_import::sqlite::testing;

class WritableVfsTest : public VfsTest {
  protected:
    /* What the fixture leaves as a hot journal, which SQLite would roll back. */
    void leave_hot_journal() const {
        create("delete");
        leave_behind("PRAGMA synchronous=off; PRAGMA cache_size=1; BEGIN",
                     "UPDATE t SET b = zeroblob(10)");
        ASSERT_TRUE(fs::exists(path_.string() + "-journal"));
    }

    /* Ends the journal with the record that names a super-journal (fileformat2.html, 3). */
    void name_super_journal(const std::string& name) const {
        const auto big_endian = [](uint32_t number) {
            std::string bytes;
            for (int shift = 24; shift >= 0; shift -= 8) {
                bytes += static_cast<char>(number >> shift);
            }
            return bytes;
        };
        uint32_t sum = 0;
        for (const char byte : name) {
            sum += static_cast<uint32_t>(static_cast<signed char>(byte));
        }
        const std::string record = big_endian(0x40000000 / 4096 + 1) + name +
                                   big_endian(static_cast<uint32_t>(name.size())) +
                                   big_endian(sum) + "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
        std::ofstream(path_.string() + "-journal", std::ios::binary | std::ios::app) << record;
    }
};

struct Writer {
    explicit Writer(const fs::path& path) : Writer(place_of(path)) {}
    explicit Writer(const std::shared_ptr<const FilePlace>& place) : layer(place) {
        OpenOptions options;
        options.filename = place->database();
        options.vfs = layer.name();
        options.busy_timeout_ms = 0;
        options.read_only = false;
        database = std::make_unique<Database>(options);
    }
    int64_t count() const { return database->query_integer("SELECT count(*) FROM t"); }
    int64_t sum() const { return database->query_integer("SELECT sum(length(b)) FROM t"); }

    WritableVfs layer;
    std::unique_ptr<Database> database;
};

TEST_F(WritableVfsTest, WritesAndLeavesNothingBeside) {
    for (const char* mode : {"delete", "truncate", "persist", "wal", "memory"}) {
        create(mode);
        {
            Writer writer(path_);
            writer.database->execute(std::string("PRAGMA journal_mode=") + mode);
            writer.database->execute(
                "BEGIN; DELETE FROM t WHERE a <= 10; SAVEPOINT s;"
                "UPDATE t SET b = zeroblob(9); ROLLBACK TO s; COMMIT");
            EXPECT_EQ(writer.sum(), (kRows - 10) * 4000) << mode;
        }
        EXPECT_EQ(in_another_process(
                      [this] { return Application(path_).run("DELETE FROM t WHERE a = 11"); }),
                  SQLITE_OK);
        EXPECT_EQ(Writer(path_).count(), kRows - 11) << mode;
        fs::remove(path_.string() + "-journal"); /* persist and truncate keep it */
        EXPECT_EQ(everything().size(), 1U) << mode;
        fs::remove(path_);
    }
}

TEST_F(WritableVfsTest, HotJournalIsRolledBack) {
    leave_hot_journal();
    EXPECT_EQ(Writer(path_).sum(), kRows * 4000);
    EXPECT_EQ(everything().size(), 1U);
}

TEST_F(WritableVfsTest, SuperJournalIsRefused) {
    const fs::path victim = folder_ / "victim";

    leave_hot_journal();
    std::ofstream(victim) << "precious";
    name_super_journal(victim.string());
    const auto before = everything();
    EXPECT_EQ(code_of([&] { Writer writer(path_); }), kForeignName);
    EXPECT_EQ(everything(), before);

    /* read-only connections follow no name either */
    ReadOnlyOptions how;
    how.roll_back = true;
    const auto place = place_of(path_);
    ReadOnlyVfs layer(place, how);
    OpenOptions options;
    options.filename = place->database();
    options.vfs = layer.name();
    EXPECT_EQ(code_of([&] { Database database(options); }), kForeignName);
    EXPECT_EQ(everything(), before);

    /* what the hint says: SQLite itself ends it, here as if it had not been committed */
    EXPECT_EQ(Application(path_).run("SELECT count(*) FROM t"), SQLITE_OK);
    EXPECT_EQ(Writer(path_).sum(), kRows * 4000);
}

/* The name of a file of ours is no super-journal's either. */
TEST_F(WritableVfsTest, OwnFilesAreNoSuperJournal) {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
        leave_hot_journal();
        const auto place = place_of(path_);
        name_super_journal(place->database() + suffix);
        (void)code_of([&] { Writer writer(place); });
        EXPECT_TRUE(fs::exists(path_)) << suffix;
        fs::remove(path_.string() + "-journal");
        fs::remove(path_);
    }
}

TEST_F(WritableVfsTest, NothingButRegularFilesIsOpened) {
    create("delete");
    alarm(20);
    for (const char* suffix : {"-journal", "-wal", "-shm"}) {
        const std::string beside = path_.string() + suffix;
        const auto attack = [&](const char* what) {
            EXPECT_EQ(code_of([&] {
                          Writer writer(path_);
                          writer.database->execute("PRAGMA journal_mode=wal");
                          writer.database->execute("DELETE FROM t WHERE a = 1");
                      }),
                      kNotRegular)
                << what << suffix;
            fs::remove(beside);
        };
        ASSERT_EQ(mkfifo(beside.c_str(), 0666), 0);
        attack("fifo");
        fs::create_directory(beside);
        attack("folder");
        fs::create_symlink("/nowhere", beside);
        attack("link");
    }
    alarm(0);
    EXPECT_EQ(Writer(path_).count(), kRows);
}

TEST_F(WritableVfsTest, SecondNamesAreRefused) {
    const fs::path victim = folder_ / "victim";

    create("wal");
    std::ofstream(victim) << "precious";
    fs::create_hard_link(victim, path_.string() + "-wal");
    EXPECT_EQ(code_of([&] { Writer(path_).database->execute("DELETE FROM t"); }), kSharedName);
    fs::remove(path_.string() + "-wal");
    EXPECT_EQ(content(victim), "precious");
    fs::create_hard_link(path_, path_.string() + "-shm");
    EXPECT_EQ(code_of([&] { Writer(path_).database->execute("DELETE FROM t"); }), kSharedName);
    fs::remove(path_.string() + "-shm");
    EXPECT_EQ(Writer(path_).count(), kRows);
}

/* Whatever is cut off.  Who has lost the index neither writes nor checkpoints any more, so that the
 * -wal alone tells what was committed. */
TEST_F(WritableVfsTest, TruncatedIndexIsAnErrorAndNoSignal) {
    create("wal");
    const std::string shm = path_.string() + "-shm";
    int length = 3000;
    for (const uintmax_t left : {0, 100, 4096, 32768, 40000}) {
        {
            Writer reader(path_);
            Writer writer(path_);
            writer.database->execute("PRAGMA wal_autocheckpoint = 0");
            for (int i = 0; i < 5; i++) {
                writer.database->execute("UPDATE t SET b = zeroblob(" + std::to_string(++length) +
                                         ")");
            }
            ASSERT_GT(fs::file_size(shm), 40000U);
            EXPECT_EQ(reader.sum(), kRows * length);
            writer.database->execute("BEGIN; DELETE FROM t WHERE a = 1");
            fs::resize_file(shm, left);
            EXPECT_EQ(code_of([&] { reader.sum(); }), kIndexLost) << left;
            EXPECT_TRUE(reader.layer.is_lost());
            EXPECT_EQ(code_of([&] { reader.sum(); }), kIndexLost);
            /* all connections of a process share the mapping */
            EXPECT_EQ(code_of([&] { writer.database->execute("DELETE FROM t; COMMIT"); }),
                      kIndexLost)
                << left;
        }
        Writer writer(path_);
        EXPECT_EQ(writer.sum(), kRows * length) << left;
        EXPECT_EQ(writer.database->query_text("PRAGMA integrity_check"), "ok") << left;
    }
}

/* SQLite maps a file once for a process: who comes while the lost mapping is there would work with
 * an index that nobody else sees. */
TEST_F(WritableVfsTest, NobodyJoinsALostIndex) {
    create("wal");
    auto lost = std::make_unique<Writer>(path_);
    auto other = std::make_unique<Writer>(path_);
    EXPECT_EQ(lost->count(), kRows);
    EXPECT_EQ(other->count(), kRows);
    fs::resize_file(path_.string() + "-shm", 0);
    EXPECT_EQ(code_of([&] { lost->count(); }), kIndexLost);
    lost.reset();
    EXPECT_EQ(code_of([&] { Writer(path_).count(); }), kIndexLost);
    EXPECT_EQ(code_of([&] { other->count(); }), kIndexLost);
    other.reset();

    Writer writer(path_);
    EXPECT_EQ(writer.count(), kRows);
    EXPECT_EQ(in_another_process(
                  [this] { return Application(path_).run("DELETE FROM t WHERE a <= 10"); }),
              SQLITE_OK);
    EXPECT_EQ(writer.count(), kRows - 10);
}

TEST_F(WritableVfsTest, IndexTruncatedByItsWriterLeavesTheRowsWhole) {
    create("wal");
    const std::string shm = path_.string() + "-shm";
    for (int round = 1; round <= 5; round++) {
        Writer writer(path_);
        writer.database->execute("BEGIN; UPDATE t SET b = zeroblob(100)");
        fs::resize_file(shm, round % 2 == 0 ? 0 : 4096);
        const int code = code_of([&] { writer.database->execute("COMMIT"); });
        EXPECT_TRUE(code == SQLITE_OK || code == kIndexLost) << code;
    }
    Writer writer(path_);
    const int64_t sum = writer.sum();
    EXPECT_TRUE(sum == kRows * 4000 || sum == kRows * 100) << sum;
    EXPECT_EQ(writer.database->query_text("PRAGMA integrity_check"), "ok");
}

/* Whoever holds the -shm open, and says that the -wal of some pages has billions. */
TEST_F(WritableVfsTest, IndexThatCountsTooMuchIsAnError) {
    create("wal");
    const fs::path shm = path_.string() + "-shm";
    Neighbour app(path_);
    ASSERT_EQ(app.run("PRAGMA wal_autocheckpoint=0; DELETE FROM t WHERE a <= 10"), SQLITE_OK);
    const std::string honest = content(shm);
    const std::string forged = forged_index_header(honest, 0xf0000000U);
    ASSERT_EQ(forged_index_header(honest, honest[16] & 0xff), honest.substr(0, 96))
        << "the sum is SQLite's";
    for (const uintmax_t size : {uintmax_t(32768), uintmax_t(4) << 30}) {
        fs::resize_file(shm, size);
        overwrite(shm, forged);
        EXPECT_EQ(code_of([&] { Writer(path_).count(); }) & 0xff, SQLITE_CORRUPT) << size;
        EXPECT_EQ(
            code_of([&] { Writer(path_).database->execute("DELETE FROM t WHERE a = 11"); }) & 0xff,
            SQLITE_CORRUPT)
            << size;
        const auto place = place_of(path_);
        ReadOnlyVfs layer(place, {});
        OpenOptions options;
        options.filename = place->database();
        options.vfs = layer.name();
        EXPECT_EQ(
            code_of([&] { Database(options).query_integer("SELECT count(*) FROM t"); }) & 0xff,
            SQLITE_CORRUPT)
            << size;
        EXPECT_EQ(fs::file_size(shm), size);
    }
    fs::resize_file(shm, 32768);
    overwrite(shm, honest); /* for the neighbour's sake */
    EXPECT_EQ(Writer(path_).count(), kRows - 10);
}

/* A thread that steps the statement meets the signal itself. */
TEST_F(WritableVfsTest, TruncatedIndexInAThread) {
    create("wal");
    Neighbour app(path_);
    ASSERT_EQ(app.run("PRAGMA wal_autocheckpoint=0; UPDATE t SET b = zeroblob(4000)"), SQLITE_OK);
    Writer reader(path_);
    EXPECT_EQ(reader.sum(), kRows * 4000);
    fs::resize_file(path_.string() + "-shm", 0);
    int code = SQLITE_OK;
    std::thread([&] { code = code_of([&] { reader.sum(); }); }).join();
    EXPECT_EQ(code, kIndexLost);
    fs::resize_file(path_.string() + "-shm", 32768); /* for the neighbour's sake */
}

/* A mapping of somebody else's, whose pages are gone: the process ends as it did before. */
void touch_a_page_that_is_gone() {
    const int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    EXPECT_EQ(ftruncate(file, 4096), 0);
    void* page = mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0);
    EXPECT_EQ(ftruncate(file, 0), 0);
    (void)*static_cast<volatile char*>(page);
}

TEST_F(WritableVfsTest, AnyOtherSigbusIsAsBefore) {
    create("wal");
    const auto ends_by = [this](void (*handler)(int)) {
        const pid_t child = fork();
        if (child == 0) {
            signal(SIGBUS, handler);
            Writer writer(path_);
            writer.count();
            touch_a_page_that_is_gone();
            _exit(1);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    };
    struct sigaction none {};
    none.sa_handler = SIG_DFL;
    sigaction(SIGBUS, &none, nullptr); /* the sanitizer has one of its own */
    EXPECT_EQ(ends_by(SIG_DFL), -SIGBUS);
    EXPECT_EQ(ends_by(SIG_IGN), -SIGBUS);
    EXPECT_EQ(ends_by([](int) { _exit(42); }), 42);
}

TEST_F(WritableVfsTest, ThreeConnectionsOfOneProcessShareTheIndex) {
    create("wal");
    auto first = std::make_unique<Writer>(path_);
    first->database->execute("DELETE FROM t WHERE a <= 10");
    Writer second(path_);
    EXPECT_EQ(second.count(), kRows - 10);
    first.reset(); /* its folder is closed; the others go on with the -shm */
    EXPECT_EQ(second.count(), kRows - 10);
    second.database->execute("DELETE FROM t WHERE a <= 20");
    EXPECT_EQ(in_another_process(
                  [this] { return Application(path_).run("DELETE FROM t WHERE a <= 30"); }),
              SQLITE_OK);
    EXPECT_EQ(second.count(), kRows - 30);
}

}  // namespace
