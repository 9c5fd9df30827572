/*
 * database.cpp
 *    Opening SQLite files defensively; statements.
 */
#include "sqlite/database.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "sqlite/catalog.hpp"

namespace sqlite_import::sqlite {

namespace {

/* Virtual-machine instructions between two looks at the interrupt check: far below a millisecond.
 */
constexpr int kProgressInstructions = 1000;

/* Naps between two tries for a lock; a signal ends one early. */
constexpr int kFirstNapMicroseconds = 1000;
constexpr int kLongestNapMicroseconds = 50'000;

/*
 * SQLite's own busy handler (sqlite3_busy_timeout) sleeps through a cancel; this
 * one asks the interrupt check before each nap.  Zero makes SQLite give up.
 */
int wait_for_lock(void* argument, int tries) noexcept {
    auto* patience = static_cast<LockPatience*>(argument);

    if (tries == 0) {
        patience->waited_us = 0;
    }
    if (patience->waited_us >= static_cast<int64_t>(patience->timeout_ms) * 1000) {
        return 0;
    }
    if (patience->interrupted != nullptr &&
        patience->interrupted(patience->interrupted_argument) != 0) {
        return 0;
    }
    const int nap = std::min(kFirstNapMicroseconds << std::min(tries, 8), kLongestNapMicroseconds);
    usleep(static_cast<useconds_t>(nap));
    patience->waited_us += nap;
    return 1;
}

/*
 * SQLite percent-decodes a URI, so everything but the plainest characters is
 * encoded: a path can then never smuggle in a query parameter such as vfs=.
 */
std::string file_uri(const OpenOptions& options) {
    static const char digits[] = "0123456789ABCDEF";
    std::string uri = "file:";

    for (const char character : options.filename) {
        const auto byte = static_cast<unsigned char>(character);
        const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= 'a' && byte <= 'z') || byte == '/' || byte == '.' ||
                           byte == '-' || byte == '_';
        if (plain) {
            uri += character;
        } else {
            uri += '%';
            uri += digits[byte >> 4];
            uri += digits[byte & 15];
        }
    }
    uri += options.read_only ? "?mode=ro" : "?mode=rw";
    if (options.immutable) {
        uri += "&immutable=1";
    }
    return uri;
}

/*
 * Far above what databases have, and small enough that what is compiled and matched ends in
 * moments.  The depth of expressions stays SQLite's own: a smaller one would make a schema that
 * SQLite took malformed.
 */
constexpr std::array<std::array<int, 2>, 5> kLimits = {{
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
    {SQLITE_LIMIT_VDBE_OP, 1'000'000},
    {SQLITE_LIMIT_SQL_LENGTH, 64 * 1024 * 1024},
}};

/* A value that is only computed may always be as long as this. */
constexpr int64_t kComputedBytes = INT64_C(16) * 1024 * 1024;

/* SQLITE_DBCONFIG_FP_DIGITS, of the library that is loaded, not of the one built with: from 3.52 on
 * SQLite writes a double with 17 digits, unless told otherwise.  What is read here has one text. */
constexpr int kFpDigits = 1023;

/* sqlite.org/security.html, "Untrusted SQLite Database Files". */
void harden(sqlite3* connection, const OpenOptions& options) {
    const auto config = [connection](int option, int value) {
        check(sqlite3_db_config(connection, option, value, nullptr), connection);
    };
    config(SQLITE_DBCONFIG_DEFENSIVE, 1);
    config(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
    config(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
    config(SQLITE_DBCONFIG_ENABLE_VIEW, options.views ? 1 : 0);
    config(SQLITE_DBCONFIG_ENABLE_TRIGGER, options.read_only ? 0 : 1);
    config(SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0);
    if (options.read_only) {
        /* older libraries do not know it, and need not */
        sqlite3_db_config(connection, kFpDigits, 15, nullptr);
    }
    for (const auto& [limit, value] : kLimits) {
        sqlite3_limit(connection, limit, value);
    }
}

/* --- which statements compute --- */

/* Functions whose time is that of reading their arguments once, and whose result is no longer. */
constexpr const char* kCheapFunctions[] = {
    "abs",
    "avg",
    "cast",
    "coalesce",
    "count",
    "ifnull",
    "iif",
    "length",
    "lower",
    "max",
    "min",
    "nullif",
    "round",
    "sum",
    "total",
    "typeof",
    "upper",
    "changes",
    "like",
    "glob",
    "sqlite_import_is_text",
    "date",
    "time",
    "datetime",
    "julianday",
    "unixepoch",
    "json_valid",
    "random",
    "current_date",
    "current_time",
    "current_timestamp",
};

bool is_cheap(const char* function) noexcept {
    return function != nullptr &&
           std::any_of(
               std::begin(kCheapFunctions), std::end(kCheapFunctions),
               [function](const char* cheap) { return sqlite3_stricmp(function, cheap) == 0; });
}

/* Allows everything; notes what may last (sqlite.org/c3ref/set_authorizer.html). */
int note_computing(void* argument, int action, const char* /* third */, const char* fourth,
                   const char* /* database */, const char* view) noexcept {
    if ((action == SQLITE_FUNCTION && !is_cheap(fourth)) || view != nullptr) {
        *static_cast<bool*>(argument) = true;
    }
    return SQLITE_OK;
}

/*
 * Whether a statement that writes calls what may last.  The authorizer does not tell: the functions
 * of checks, defaults and indexes were resolved when the schema was read.  The compiled program
 * names them all (sqlite.org/opcode.html, Function).
 */
bool writing_computes(sqlite3* connection, std::string_view sql) {
    const std::string explain = "EXPLAIN " + std::string(sql);
    sqlite3_stmt* program = nullptr;
    bool computes = false;
    check(sqlite3_prepare_v2(connection, explain.c_str(), -1, &program, nullptr), connection);
    const Statement owner(program);
    while (!computes && sqlite3_step(program) == SQLITE_ROW) {
        const auto text = [program](int column) {
            const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(program, column));
            return std::string(bytes != nullptr ? bytes : "");
        };
        const std::string opcode = text(1);
        if (opcode == "Function" || opcode == "PureFunc") {
            const std::string function = text(5);
            computes = !is_cheap(function.substr(0, function.rfind('(')).c_str());
        }
    }
    return computes;
}

/* The backend's statements that are run aside: a few at a time. */
std::vector<sqlite3_stmt*> statements_run_aside;

[[noreturn]] void refuse_left_alone() {
    throw Error(kLeftAlone, "SQLite was left in the middle of a call");
}

int step_here(sqlite3_stmt* statement) noexcept {
    const Inside inside(sqlite3_db_handle(statement));
    return sqlite3_step(statement);
}

/*
 * Begins a read transaction before the schema is read: SQLite would read it in one of its own, and
 * the file may change between the two.  On a database that cannot be written IMMEDIATE means a
 * read transaction that begins now (build.c, sqlite3BeginTransaction); not under query_only, which
 * takes it for a write.
 */
void begin_snapshot(const Database& database) {
    const bool read_only = sqlite3_db_readonly(database.handle(), "main") == 1;
    database.execute(read_only ? "BEGIN IMMEDIATE" : "BEGIN");
}

void set_config(sqlite3* connection, int option) {
    check(sqlite3_db_config(connection, option, 1, nullptr), connection);
}

/*
 * Reads the schema, which proves that the file is a database.
 *
 * Until 3.41 SQLite does not count its JSON functions among the innocuous ones: one in a
 * generated column or an index makes the whole file malformed where the schema is not trusted.
 * Trusting it then lets it call, beside JSON, only functions that do nothing outside the
 * search of a virtual table; load_extension() and the like stay for direct use.
 *
 * The other effect of "writable schema" is that a malformed entry is passed over; nothing can
 * write the schema, as the connection is defensive (sqlite.org/pragma.html#pragma_writable_schema).
 */
void read_schema(const Database& database, const OpenOptions& options) {
    static const char query[] = "SELECT count(*) FROM sqlite_schema";
    try {
        database.query_integer(query);
        return;
    } catch (const Error& error) {
        if ((error.code() & 0xff) != SQLITE_CORRUPT ||
            (!is_unsafe_json(error) && !options.broken_schema)) {
            throw;
        }
    }
    database.trust_schema(true);
    if (options.broken_schema) {
        set_config(database.handle(), SQLITE_DBCONFIG_WRITABLE_SCHEMA);
    }
    database.query_integer(query);
}

}  // namespace

bool is_unsafe_json(const Error& error) {
    /* the name stands there as the schema writes it, in whatever case and quotes */
    const std::string message = fold_name(error.what());
    const std::string prefix = "unsafe use of ";
    const size_t found = message.find(prefix);
    if (found == std::string::npos) {
        return false;
    }
    const size_t name = message.find_first_not_of("\"`[", found + prefix.size());
    return name != std::string::npos &&
           (message.compare(name, 4, "json") == 0 || message.compare(name, 2, "->") == 0);
}

bool is_unsafe_virtual_table(const Error& error) {
    return std::string(error.what()).find("unsafe use of virtual table") != std::string::npos;
}

void check(int code, sqlite3* connection) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) {
        return;
    }
    if (connection == nullptr) {
        throw Error(code, sqlite3_errstr(code));
    }
    throw Error(code, sqlite3_errmsg(connection));
}

const char* storage_class_name(StorageClass storage_class) noexcept {
    switch (storage_class) {
        case StorageClass::Integer:
            return "integer";
        case StorageClass::Real:
            return "real";
        case StorageClass::Text:
            return "text";
        case StorageClass::Blob:
            return "blob";
        case StorageClass::Null:
            break;
    }
    return "null";
}

Database::Database(const OpenOptions& options)
    : computing_(std::make_unique<bool>(false)), read_only_(options.read_only) {
    int flags =
        SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    flags |= options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(file_uri(options).c_str(), &connection, flags,
                                     options.vfs.empty() ? nullptr : options.vfs.c_str());
    handle_.reset(connection);
    check(code, connection);

    if (options.heap_limit_bytes > 0) {
        sqlite3_hard_heap_limit64(options.heap_limit_bytes);
    }
    harden(connection, options);
    patience_ = std::make_unique<LockPatience>(LockPatience{
        options.busy_timeout_ms, options.interrupted, options.interrupted_argument, 0});
    check(sqlite3_busy_handler(connection, wait_for_lock, patience_.get()), connection);
    if (options.interrupted != nullptr) {
        sqlite3_progress_handler(connection, kProgressInstructions, options.interrupted,
                                 options.interrupted_argument);
    }
    execute("PRAGMA mmap_size = 0");
    execute("PRAGMA cell_size_check = 1");
    execute("PRAGMA temp_store = memory");
    if (options.snapshot) {
        begin_snapshot(*this);
    }
    if (options.read_only) {
        execute("PRAGMA query_only = 1");
    }
    read_schema(*this, options);
    check(sqlite3_set_authorizer(connection, note_computing, computing_.get()), connection);
    look_at_snapshot();
}

Database::~Database() {
    if (is_left_alone(handle_.get())) {
        /* a thread inside the connection may still ask them */
        (void)patience_.release();
        (void)computing_.release();
    }
}

/* No row is longer than its file, so where nothing is written only what is computed can meet the
 * limit.  A text of UTF-16 may be half as long again in UTF-8. */
void Database::look_at_snapshot() {
    const int64_t version = query_integer("PRAGMA schema_version");
    if (version != schema_version_) {
        Statement objects = prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema");
        SchemaCost cost;
        while (objects.step()) {
            cost.add(objects.bytes(0), objects.bytes(1), objects.bytes(2));
        }
        cost.compute();
        cost_ = std::move(cost);
        schema_version_ = version;
    }
    if (read_only_) {
        const int64_t bytes =
            query_integer("PRAGMA page_count") * query_integer("PRAGMA page_size") * 3 / 2;
        const int64_t longest = std::clamp(bytes, kComputedBytes, INT64_C(1'000'000'000));
        sqlite3_limit(handle(), SQLITE_LIMIT_LENGTH, static_cast<int>(longest));
    }
}

void Database::trust_schema(bool trusted) const {
    check(sqlite3_db_config(handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, trusted ? 1 : 0, nullptr),
          handle());
}

Statement Database::prepare(std::string_view sql) const {
    return compile(sql, false);
}

Statement Database::prepare_aside(std::string_view sql) const {
    return compile(sql, true);
}

Statement Database::compile(std::string_view sql, bool run_aside) const {
    if (sql.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
        throw Error(SQLITE_TOOBIG, "statement too long");
    }
    if (is_left_alone(handle())) {
        refuse_left_alone();
    }
    cost_.check(sql);

    sqlite3_stmt* compiled = nullptr;
    int code = SQLITE_OK;
    const auto compile_here = [&]() noexcept {
        const Inside inside(handle());
        code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), 0, &compiled,
                                  nullptr);
    };
    *computing_ = false;
    /* views are expanded, and computed columns unfolded, while the statement is compiled */
    if (computes()) {
        aside(compile_here);
    } else {
        compile_here();
    }
    check(code, handle());
    Statement statement(compiled);
    if (can_set_aside() &&
        (run_aside || *computing_ || cost_.has_generated_columns() ||
         (compiled != nullptr && !read_only_ && sqlite3_stmt_readonly(compiled) == 0 &&
          writing_computes(handle(), sql)))) {
        statements_run_aside.push_back(compiled);
    }
    return statement;
}

void Database::execute(const std::string& sql) const {
    if (is_left_alone(handle())) {
        refuse_left_alone();
    }
    const Inside inside(handle());
    check(sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr), handle());
}

int64_t Database::query_integer(std::string_view sql) const {
    Statement statement = prepare(sql);
    if (!statement.step()) {
        throw Error(SQLITE_ERROR, "query returned no row");
    }
    return statement.integer(0);
}

std::string Database::query_text(std::string_view sql) const {
    Statement statement = prepare(sql);
    if (!statement.step()) {
        throw Error(SQLITE_ERROR, "query returned no row");
    }
    return statement.text(0);
}

bool is_run_aside(sqlite3_stmt* statement) noexcept {
    if (!can_set_aside()) {
        return false;
    }
    const std::vector<sqlite3_stmt*>& all = statements_run_aside;
    return std::find(all.begin(), all.end(), statement) != all.end();
}

int step(sqlite3_stmt* statement) {
    if (is_left_alone(sqlite3_db_handle(statement))) {
        refuse_left_alone();
    }
    if (is_run_aside(statement)) {
        return aside([statement]() noexcept { return step_here(statement); });
    }
    return step_here(statement);
}

void reset(sqlite3_stmt* statement) noexcept {
    if (statement != nullptr && !is_left_alone(sqlite3_db_handle(statement))) {
        sqlite3_reset(statement);
    }
}

int try_execute(sqlite3* connection, const char* sql) noexcept {
    return is_left_alone(connection) ? kLeftAlone
                                     : sqlite3_exec(connection, sql, nullptr, nullptr, nullptr);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    if (can_set_aside()) {
        std::vector<sqlite3_stmt*>& all = statements_run_aside;
        all.erase(std::remove(all.begin(), all.end(), statement), all.end());
    }
    if (!is_left_alone(sqlite3_db_handle(statement))) {
        sqlite3_finalize(statement);
    }
}

bool Statement::step() {
    const int code = sqlite::step(handle_.get());
    if (code == SQLITE_ROW) {
        return true;
    }
    check(code, sqlite3_db_handle(handle_.get()));
    return false;
}

void Statement::bind_integer(int parameter, int64_t value) {
    check(sqlite3_bind_int64(handle_.get(), parameter, value), sqlite3_db_handle(handle_.get()));
}

void Statement::bind_text(int parameter, std::string_view value) {
    check(sqlite3_bind_text64(handle_.get(), parameter, value.data(), value.size(),
                              SQLITE_TRANSIENT, SQLITE_UTF8),
          sqlite3_db_handle(handle_.get()));
}

std::string_view Statement::bytes(int column) const noexcept {
    const void* data = storage_class(column) == StorageClass::Blob
                           ? sqlite3_column_blob(handle_.get(), column)
                           : sqlite3_column_text(handle_.get(), column);
    if (data == nullptr) {
        return {};
    }
    return {static_cast<const char*>(data),
            static_cast<size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

}  // namespace sqlite_import::sqlite
