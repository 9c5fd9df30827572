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

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sqlite/catalog.hpp"
#include "sqlite/database.hpp"
#include "sqlite/evidence.hpp"
#include "sqlite/time_tally.hpp"

namespace sqlite_import::sqlite {

/* How much is asked of a column. */
enum class ProfileDepth {
    Classes,    /* storage classes, bounds, lengths in bytes */
    Text,       /* as well: NUL bytes, UTF-8, lengths in characters */
    TextShapes, /* as well, of texts: dates, decimals, booleans, UUIDs, JSON, … */
    Shapes,     /* as well: units of time and digits of numbers */
};

/* The digits that stand where a UUID has its version, of blobs of 16 bytes that are neither all
 * zeros nor all ones: bit N for the digit N.  Byte 6 by RFC 9562, byte 7 by .NET's
 * Guid.ToByteArray. */
struct UuidTally {
    uint16_t sixth = 0;
    uint16_t seventh = 0;
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

    /* Reals. */
    double min_real = 0, max_real = 0; /* meaningless without reals */
    Evidence fractional;               /* not an integer of 64 bits; infinities too */
    Evidence infinite;
    Evidence not_float4; /* 4 bytes would change them */

    /* Numbers of any class, as times (Shapes). */
    TimeTally times_of_numbers;

    /* Numbers of any class, texts that are decimals included (Shapes; integers always). */
    int integer_digits = 0; /* the most digits before the point */
    int scale = 0;          /* the most digits after the point */

    /* Texts. */
    int64_t max_bytes = 0;      /* of texts and blobs */
    int64_t max_characters = 0; /* of texts (Text) */
    Evidence empty;
    Evidence nul_bytes, invalid_utf8; /* (Text) */

    /* Texts by shape (TextShapes).  A text may have several: '1' is a boolean and an integer. */
    Evidence integer_texts;              /* of 64 bits */
    Evidence int4_texts, int2_texts;     /* of those, what the narrower types hold */
    Evidence decimal_texts;              /* that numeric holds; integers included */
    Evidence float8_texts, float4_texts; /* that these hold exactly; Infinity and NaN included */
    Evidence boolean_texts;
    Evidence uuid_texts;
    Evidence dates;               /* YYYY-MM-DD alone */
    Evidence midnights;           /* date and time, the time 00:00:00, no offset */
    Evidence timestamps;          /* date and time, no offset, other than midnights */
    Evidence offset_timestamps;   /* date, time and offset */
    Evidence times, offset_times; /* a time alone */
    Evidence finer_than_microseconds;
    Evidence infinities; /* 'infinity' and '-infinity', which dates and timestamps hold */
    Evidence intervals;
    Evidence zero_dates; /* '0000-00-00' */
    Evidence json_only;  /* JSON that jsonb would not take */
    Evidence jsonb;
    Evidence inet, cidr, macaddr, macaddr8;
    Evidence shapeless; /* not empty, and none of the above but what JSON also allows */

    /* Blobs. */
    Evidence uuid_blobs; /* 16 bytes */
    UuidTally uuid_versions;
    Evidence text_blobs; /* valid UTF-8 without NUL (Text) */

    /* Values that are not NULL. */
    int64_t values() const noexcept { return rows - nulls.count; }
};

/* Adds a text that is in no file, for tests. */
void note_text(ColumnProfile& profile, std::string_view text, int64_t rowid);

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
