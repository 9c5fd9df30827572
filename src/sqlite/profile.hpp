/*
 * profile.hpp
 *    What the values of a column are, whatever its declared type says.
 *
 * SQLite's columns hold anything (sqlite.org/datatype3.html).  One pass over a
 * table tallies, for the columns in question, how many values there are of each
 * storage class and of each shape that a PostgreSQL type could take, and
 * remembers a few rowids of each, so that a type can be chosen, and a refusal
 * explained, before anything is written.
 *
 * A profile holds no handle and no value of the file, only counts, bounds and
 * rowids; src/plan/checked_type.hpp decides by it.
 */
#pragma once

#include "server_free.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/catalog.hpp"
#include "sqlite/database.hpp"

namespace sqlite_import::sqlite {

/* How many values are of some kind, and where the first of them stand. */
struct Evidence {
    static constexpr size_t kSamples = 5;

    int64_t count = 0;
    std::array<int64_t, kSamples> rowids{}; /* the first min(count, kSamples); 0s without rowids */

    void note(int64_t rowid) noexcept {
        if (count < static_cast<int64_t>(kSamples)) {
            rowids[static_cast<size_t>(count)] = rowid;
        }
        ++count;
    }

    /* As if the other's values had been noted too, in the order of the rowids. */
    void join(const Evidence& other) noexcept;

    explicit operator bool() const noexcept { return count > 0; }
};

/* How much is asked of a column. */
enum class ProfileDepth {
    Classes, /* storage classes, bounds, lengths in bytes */
    Text,    /* as well: NUL bytes, UTF-8, lengths in characters */
    Shapes,  /* as well: dates, decimals, booleans, UUIDs, JSON, … */
};

/*
 * Integers by magnitude, as an instant in them would be counted: the bounds
 * are 1973-03-03 and the year 5138 for each unit, so the ranges do not overlap.
 */
struct EpochTally {
    int64_t zeros = 0;
    Evidence small;        /* below 1e8, but not 0: counts, years, yyyymmdd, the early seventies */
    Evidence seconds;      /* 1e8 … 1e11 */
    Evidence milliseconds; /* 1e11 … 1e14 */
    Evidence microseconds; /* 1e14 … 1e17 */
    Evidence greater;
    int64_t within_a_day = 0; /* of the three units' values, those that are no midnight in UTC */
    Evidence julian_days;     /* of the small ones: 1721060 … 5373484, years 0000 to 9999 */
};

struct ColumnProfile {
    std::string name;
    ProfileDepth depth = ProfileDepth::Classes;
    bool has_rowids = false; /* the evidence's rowids mean something */

    int64_t rows = 0;
    Evidence nulls, integers, reals, texts, blobs;

    /* Integers. */
    int64_t min_integer = 0, max_integer = 0; /* meaningless without integers */
    Evidence not_zero_or_one;
    Evidence not_double; /* integers that no double equals */
    EpochTally epoch;

    /* Reals. */
    double min_real = 0, max_real = 0; /* meaningless without reals */
    Evidence fractional;               /* not an integer of 64 bits; infinities too */
    Evidence infinite;
    Evidence not_float4;   /* 4 bytes would change them */
    Evidence unix_reals;   /* 1e8 … 1e11: seconds with a fraction */
    Evidence julian_reals; /* 1721059.5 … 5373484.5 */

    /* Numbers of any class, texts that are decimals included (Shapes; integers always). */
    int integer_digits = 0; /* the most digits before the point */
    int scale = 0;          /* the most digits after the point */

    /* Texts. */
    int64_t max_bytes = 0;      /* of texts and blobs */
    int64_t max_characters = 0; /* of texts (Text) */
    Evidence empty;
    Evidence nul_bytes, invalid_utf8; /* (Text) */

    /* Texts by shape (Shapes).  A text may have several: '1' is a boolean and an integer. */
    Evidence integer_texts; /* of 64 bits */
    Evidence decimal_texts; /* integers included */
    Evidence boolean_texts;
    Evidence uuid_texts;
    Evidence dates;               /* YYYY-MM-DD alone */
    Evidence midnights;           /* date and time, the time 00:00:00, no offset */
    Evidence timestamps;          /* date and time, no offset, other than midnights */
    Evidence offset_timestamps;   /* date, time and offset */
    Evidence times, offset_times; /* a time alone */
    Evidence finer_than_microseconds;
    Evidence zero_dates; /* '0000-00-00' */
    Evidence json_only;  /* JSON that jsonb would not take */
    Evidence jsonb;
    Evidence inet, cidr, macaddr, macaddr8;
    Evidence shapeless; /* not empty, and none of the above but what JSON also allows */

    /* Blobs. */
    Evidence uuid_blobs; /* 16 bytes */
    Evidence text_blobs; /* valid UTF-8 without NUL (Text) */

    /* Values that are not NULL. */
    int64_t values() const noexcept { return rows - nulls.count; }
};

/* A column to look at. */
struct ProfileRequest {
    std::string column;
    ProfileDepth depth = ProfileDepth::Shapes;
};

/* Rows by their rowids; both ends belong to it. */
struct RowidRange {
    int64_t low;
    int64_t high;
};

/*
 * Profiles columns of a table: all rows in one pass over the table itself (never an index), or a
 * range of rowids at a time, so that several threads, each with a profiler on a connection of its
 * own, can share the rows of a table and join what they found.
 *
 * database and table must outlive it.  All functions throw Error, also when the connection's
 * interrupt check stops them, and bad_alloc.
 */
class Profiler {
  public:
    Profiler(const Database& database, const Table& table,
             const std::vector<ProfileRequest>& requests);

    /* The rowids that the table has; none: it is empty, or its rows are not found by rowids, and
     * only scan_all can be used. */
    std::optional<RowidRange> rowids() const;

    void scan_all();

    /* Ends before the range does when 'stopped' becomes true, without an error. */
    void scan(const RowidRange& range, const std::atomic<bool>& stopped);

    /* Adds what another one, of the same columns, found in other rows. */
    void join(const Profiler& other);

    /* The profiles in the order of the requests.  The profiler is used up. */
    std::vector<ColumnProfile> finish();

  private:
    struct Pass {
        size_t first;
        size_t count;
        Statement rows;
    };

    std::vector<Pass> prepare(const std::string& condition) const;
    void tally_row(const Pass& pass);

    const Database* database_;
    const Table* table_;
    std::optional<std::string> rowid_;
    std::vector<ColumnProfile> profiles_;
    std::vector<Pass> range_passes_; /* made when first needed */
};

/*
 * Profiles columns of a table, in the order of the requests, by the one connection.  No request:
 * no pass, no result.  Throws as Profiler.
 */
std::vector<ColumnProfile> profile_table(const Database& database, const Table& table,
                                         const std::vector<ProfileRequest>& requests);

}  // namespace sqlite_import::sqlite
