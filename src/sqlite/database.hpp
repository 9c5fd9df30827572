/*
 * database.hpp
 *    One read-only, defensively opened connection to a SQLite file, and its
 *    statements, as move-only values.
 *
 * The file may come from anyone (sqlite.org/security.html), so a connection
 * starts in defensive mode with an untrusted schema, no triggers, no views, no
 * extensions, no attach, no mmap, no helper threads, with limits on what it
 * computes, and with a progress handler that lets the owner interrupt any step
 * between two instructions of SQLite's machine.  What may last within one is run
 * aside (leash.hpp).
 *
 * A connection is opened without SQLite's mutexes: one thread at a time may use
 * it and its statements.
 */
#pragma once

#include "server_free.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "sqlite/error.hpp"
#include "sqlite/leash.hpp"
#include "sqlite/schema_cost.hpp"

namespace sqlite_import::sqlite {

/* SQLite's storage classes (sqlite.org/datatype3.html), numbered as sqlite3_column_type does. */
enum class StorageClass : uint8_t {
    Integer = SQLITE_INTEGER,
    Real = SQLITE_FLOAT,
    Text = SQLITE_TEXT,
    Blob = SQLITE_BLOB,
    Null = SQLITE_NULL,
};

/* "integer", "real", "text", "blob", "null": the names that typeof() gives. */
const char* storage_class_name(StorageClass storage_class) noexcept;

/* Asked often while SQLite works; nonzero stops the running step with SQLITE_INTERRUPT.  The shape
 * is that of SQLite's progress handler (sqlite.org/c3ref/progress_handler.html). */
using InterruptCheck = int (*)(void* argument) noexcept;

struct OpenOptions {
    std::string filename;         /* a path, or a name that the VFS knows */
    std::string vfs;              /* empty: SQLite's default */
    int busy_timeout_ms = 5000;   /* how long to wait for another process's lock */
    bool immutable = false;       /* the caller knows that nobody can write the file */
    bool read_only = true;        /* false only for the wrapper's own writes */
    bool views = false;           /* views may be read */
    bool snapshot = false;        /* leave the read transaction open that the schema is read in */
    bool broken_schema = false;   /* objects that SQLite cannot parse do not stop the others */
    int64_t heap_limit_bytes = 0; /* hard limit of SQLite's heap in this process; 0: none */
    InterruptCheck interrupted = nullptr;
    void* interrupted_argument = nullptr;
};

/* How long a connection waits for another program's lock. */
struct LockPatience {
    int timeout_ms;
    InterruptCheck interrupted;
    void* interrupted_argument;
    int64_t waited_us; /* for the lock that is wanted now */
};

class Statement;

/*
 * sqlite3_step, for statements that Database compiled.  One that computes (calls a function that
 * may take long, reads a view or a column that is computed) is run aside, so that the backend can
 * give up: throws what the waiting throws, as Statement::step does.
 */
int step(sqlite3_stmt* statement);

/* True if step() may throw; else it is sqlite3_step and nothing more. */
bool is_run_aside(sqlite3_stmt* statement) noexcept;

/* sqlite3_reset and sqlite3_exec, which do nothing where the connection is left alone; the code. */
void reset(sqlite3_stmt* statement) noexcept;
int try_execute(sqlite3* connection, const char* sql) noexcept;

/* True if SQLite before 3.41 refused a JSON function of the schema, which it took for unsafe. */
bool is_unsafe_json(const Error& error);

/* True if SQLite refused a view because it reads a virtual table, of full text, say. */
bool is_unsafe_virtual_table(const Error& error);

class Database {
  public:
    /* Opens a connection and proves that the file is a SQLite database by reading its schema.
     * Throws Error (SQLITE_CANTOPEN, SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_BUSY …). */
    explicit Database(const OpenOptions& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    sqlite3* handle() const noexcept { return handle_.get(); }

    /* Compiles one statement.  Throws Error, and what waiting for work set aside throws. */
    Statement prepare(std::string_view sql) const;

    /* The same; its steps are run aside whatever they are: a sort, for example, asks nobody. */
    Statement prepare_aside(std::string_view sql) const;

    /*
     * Looks at the schema again if it has changed, and sets the limit on the length of a value
     * by the size of the snapshot.  For whoever begins a read transaction.  Throws Error.
     */
    void look_at_snapshot();

    /* True if the file computes: it has views or computed columns. */
    bool computes() const noexcept { return cost_.has_views() || cost_.has_generated_columns(); }

    bool has_costly_views() const noexcept { return cost_.has_costly_views(); }

    /* Throws Error if SQLite could not compile a reading of the view in good time. */
    void check_view(std::string_view name) const { cost_.check_view(name); }

    /* Runs statements that return nothing of interest.  Throws Error. */
    void execute(const std::string& sql) const;

    /* The first column of the first row of a query.  Throws Error; no row throws too. */
    int64_t query_integer(std::string_view sql) const;
    std::string query_text(std::string_view sql) const;

    /* Whether the schema may call more than innocuous functions; false until said otherwise. */
    void trust_schema(bool trusted) const;

  private:
    struct Close {
        void operator()(sqlite3* connection) const noexcept {
            if (!is_left_alone(connection)) {
                sqlite3_close_v2(connection);
            }
        }
    };
    Statement compile(std::string_view sql, bool run_aside) const;
    std::unique_ptr<LockPatience> patience_; /* before handle_: destroyed after it */
    std::unique_ptr<sqlite3, Close> handle_;
    std::unique_ptr<bool> computing_; /* set by the authorizer while a statement is compiled */
    bool read_only_;
    SchemaCost cost_;
    int64_t schema_version_ = -1;
};

class Statement {
  public:
    Statement() = default;

    /* Takes ownership. */
    explicit Statement(sqlite3_stmt* statement) noexcept : handle_(statement) {}

    sqlite3_stmt* handle() const noexcept { return handle_.get(); }
    explicit operator bool() const noexcept { return handle_ != nullptr; }

    /* Advances to the next row; false at the end.  Throws Error. */
    bool step();

    /* Makes the statement ready to run again; bindings stay.  Never fails. */
    void reset() noexcept { sqlite::reset(handle_.get()); }

    /* Parameters count from 1.  Throw Error. */
    void bind_integer(int parameter, int64_t value);
    void bind_text(int parameter, std::string_view value);

    int column_count() const noexcept { return sqlite3_column_count(handle_.get()); }
    StorageClass storage_class(int column) const noexcept {
        return static_cast<StorageClass>(sqlite3_column_type(handle_.get(), column));
    }
    bool is_null(int column) const noexcept { return storage_class(column) == StorageClass::Null; }
    int64_t integer(int column) const noexcept {
        return sqlite3_column_int64(handle_.get(), column);
    }
    double real(int column) const noexcept { return sqlite3_column_double(handle_.get(), column); }

    /* The bytes of a text (UTF-8) or blob; valid until the next step.  NULL gives an empty view. */
    std::string_view bytes(int column) const noexcept;

    /* A copy of bytes(). */
    std::string text(int column) const { return std::string(bytes(column)); }

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

}  // namespace sqlite_import::sqlite
