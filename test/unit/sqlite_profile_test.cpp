/*
 * A table that is profiled in parts gives what it gives as a whole.
 */
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "sqlite/database.hpp"
#include "sqlite/profile.hpp"
#include "sqlite_file.hpp"

using namespace sqlite_import::sqlite;

namespace {

/* Values of every kind that a profile tells apart, over and over. */
constexpr const char* kMixture =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, v);"
    "WITH RECURSIVE kinds(k, v) AS (VALUES (0, NULL), (1, 0), (2, 1), (3, -7), (4, 1700000000),"
    " (5, 1700000000000), (6, 1700000000000000), (7, 9223372036854775807), (8, 2460000),"
    " (9, 1.25), (10, 9e999), (11, 1700000000.5), (12, 2460000.5), (13, ''), (14, '12'),"
    " (15, '1.5'), (16, 'true'), (17, '550e8400-e29b-41d4-a716-446655440000'),"
    " (18, '2024-01-31'), (19, '2024-01-31 00:00:00'), (20, '2024-01-31 10:00:00.1234567'),"
    " (21, '2024-01-31T10:00:00Z'), (22, '10:00'), (23, '10:00:00+02'), (24, '0000-00-00'),"
    " (25, '{\"a\":\"\\u0000\"}'), (26, '{}'), (27, '192.168.0.1'), (28, '10.0.0.0/8'),"
    " (29, '08:00:2b:01:02:03'), (30, '08:00:2b:01:02:03:04:05'), (31, 'some words'),"
    " (32, x'00'), (33, x'550e8400e29b41d4a716446655440000'), (34, x'616263'),"
    " (35, CAST(x'ff' AS TEXT)), (36, 'a' || char(0) || 'b'), (37, 1700006400)),"
    " n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 499)"
    " INSERT INTO t SELECT i * 3 - 700, v FROM n JOIN kinds ON k = i % 38;";

Table table_t() {
    Table table;
    table.name = "t";
    table.columns.resize(2);
    table.columns[0].name = "id";
    table.columns[1].name = "v";
    return table;
}

void expect_equal(const Evidence& whole, const Evidence& parts, const char* what) {
    EXPECT_EQ(whole.count, parts.count) << what;
    EXPECT_EQ(whole.rowids, parts.rowids) << what;
}

/* Every member, in the order of their declaration. */
void expect_equal(const ColumnProfile& a, const ColumnProfile& b) {
    EXPECT_EQ(a.rows, b.rows);
#define SAME(member) expect_equal(a.member, b.member, #member)
    SAME(nulls), SAME(integers), SAME(reals), SAME(texts), SAME(blobs);
    EXPECT_EQ(a.min_integer, b.min_integer);
    EXPECT_EQ(a.max_integer, b.max_integer);
    SAME(not_zero_or_one), SAME(not_double);
    const TimeTally& x = a.times_of_numbers;
    const TimeTally& y = b.times_of_numbers;
    EXPECT_EQ(x.numbers, y.numbers);
    EXPECT_EQ(x.zeros, y.zeros);
    for (size_t unit = 0; unit < TimeTally::kUnits; ++unit) {
        expect_equal(x.within[unit], y.within[unit], "times_of_numbers.within");
    }
    EXPECT_EQ(x.last_days, y.last_days);
    EXPECT_EQ(x.not_midnight, y.not_midnight);
    EXPECT_EQ(x.cocoa, y.cocoa);
    EXPECT_EQ(x.odd_nanoseconds, y.odd_nanoseconds);
    EXPECT_EQ(x.bounded, y.bounded);
    EXPECT_EQ(x.least, y.least);
    EXPECT_EQ(x.greatest, y.greatest);
    EXPECT_EQ(a.min_real, b.min_real);
    EXPECT_EQ(a.max_real, b.max_real);
    SAME(fractional), SAME(infinite), SAME(not_float4);
    EXPECT_EQ(a.integer_digits, b.integer_digits);
    EXPECT_EQ(a.scale, b.scale);
    EXPECT_EQ(a.max_bytes, b.max_bytes);
    EXPECT_EQ(a.max_characters, b.max_characters);
    SAME(empty), SAME(nul_bytes), SAME(invalid_utf8), SAME(integer_texts), SAME(decimal_texts);
    SAME(boolean_texts), SAME(uuid_texts), SAME(dates), SAME(midnights), SAME(timestamps);
    SAME(offset_timestamps), SAME(times), SAME(offset_times), SAME(finer_than_microseconds);
    SAME(zero_dates), SAME(json_only), SAME(jsonb), SAME(inet), SAME(cidr), SAME(macaddr);
    SAME(macaddr8), SAME(shapeless), SAME(uuid_blobs), SAME(text_blobs);
#undef SAME
}

}  // namespace

TEST(Profile, OfPartsIsThatOfTheWhole) {
    OpenOptions options;
    options.filename = sqlite_file("sqlite_profile_test", kMixture);
    const Database database(options);
    const Table table = table_t();
    const std::vector<ProfileRequest> requests = {{"id", ProfileDepth::Shapes},
                                                  {"v", ProfileDepth::Shapes}};
    const std::vector<ColumnProfile> whole = profile_table(database, table, requests);
    EXPECT_GT(whole[1].shapeless.count, static_cast<int64_t>(Evidence::kSamples));

    Profiler left(database, table, requests);
    Profiler right(database, table, requests);
    const std::atomic<bool> stopped(false);
    const RowidRange rowids = left.rowids().value();
    EXPECT_EQ(rowids.low, -700);
    EXPECT_EQ(rowids.high, 499 * 3 - 700);
    int64_t low = rowids.low;
    for (int i = 0; low <= rowids.high; ++i, low += 37) {
        (i % 3 == 0 ? left : right).scan({low, std::min(low + 36, rowids.high)}, stopped);
    }
    left.join(right);
    const std::vector<ColumnProfile> parts = left.finish();
    ASSERT_EQ(parts.size(), whole.size());
    expect_equal(whole[0], parts[0]);
    expect_equal(whole[1], parts[1]);
}

TEST(Profile, OfPartsMayHaveEmptyOnes) {
    OpenOptions options;
    options.filename =
        sqlite_file("sqlite_profile_test", "CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    const Database database(options);
    const Table table = table_t();
    Profiler profiler(database, table, {{"v", ProfileDepth::Shapes}});
    EXPECT_FALSE(profiler.rowids().has_value());
    const std::atomic<bool> stopped(false);
    profiler.scan({1, 100}, stopped);
    profiler.join(Profiler(database, table, {{"v", ProfileDepth::Shapes}}));
    EXPECT_EQ(profiler.finish()[0].rows, 0);
}
