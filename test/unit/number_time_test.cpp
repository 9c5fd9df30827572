/*
 * number_time_test.cpp
 *    The rules of evidence for numbers that may be times.
 */
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "plan/checked_type.hpp"

namespace sqlite_import::plan {
namespace {

using dialect::TypeKind;
using values::From;

sqlite::ColumnProfile column_of(std::initializer_list<int64_t> integers) {
    sqlite::ColumnProfile profile;
    profile.depth = sqlite::ProfileDepth::Shapes;
    for (const int64_t value : integers) {
        profile.integers.note(++profile.rows);
        profile.times_of_numbers.note_integer(value, profile.rows);
    }
    return profile;
}

From unit(std::initializer_list<int64_t> integers, From siblings = From::Auto,
          bool core_data = false) {
    Siblings others;
    others.unit = siblings;
    others.core_data = core_data;
    return unit_of_numbers(column_of(integers), others).from;
}

std::string candidates(std::initializer_list<int64_t> integers) {
    return candidate_units(column_of(integers)).words;
}

constexpr int64_t kFirst[] = {315532800, 315532800000, 315532800000000, 315532800000000000};
constexpr int64_t kLast[] = {4133980799, 4133980799999, 4133980799999999, 4133980799999999000};

TEST(NumberTime, TheWindowsAre1980To2100InEachUnit) {
    const From units[] = {From::UnixS, From::UnixMs, From::UnixUs, From::UnixNs};
    int64_t step = 1;
    for (size_t i = 0; i < 4; ++i, step *= 1000) {
        EXPECT_EQ(unit({kFirst[i], kLast[i]}), units[i]);
        EXPECT_EQ(unit({kFirst[i] - step}), From::Auto) << "1979-12-31 23:59:59";
        EXPECT_EQ(unit({kFirst[i], kFirst[i] - step}), From::Auto);
        EXPECT_EQ(unit({kLast[i] + step}), From::Auto) << "2101-01-01";
    }
    EXPECT_EQ(unit({2444240, 2488434}), From::Julian);
    EXPECT_EQ(unit({2444239}), From::Auto) << "noon of 1979-12-31";
}

TEST(NumberTime, SentinelsAreNoEvidenceAndNoDoubt) {
    EXPECT_EQ(unit({0, 1700000000}), From::UnixS);
    EXPECT_EQ(unit({253402300799, 1700000000}), From::UnixS);
    EXPECT_EQ(unit({253402300799000, 1700000000000}), From::UnixMs);
    EXPECT_EQ(unit({253402214400000000, 1700000000000000}), From::UnixUs);
    EXPECT_EQ(unit({253402300799999999, 1700000000000000}), From::UnixUs);
    EXPECT_EQ(unit({253402300800000000, 1700000000000000}), From::Auto);
    EXPECT_EQ(unit({253402300799, 1700000000000}), From::Auto) << "the sentinel of another unit";
    EXPECT_EQ(unit({0, 0}), From::Auto);
    EXPECT_EQ(unit({253402300799000}), From::Auto);
    EXPECT_EQ(unit({}), From::Auto);
}

TEST(NumberTime, CompactDigitsAreDaysOfTheCalendar) {
    EXPECT_EQ(unit({20141123182500, 19000101000000, 21001231235959}), From::Compact);
    EXPECT_EQ(unit({20240229, 19991231, 99991231}), From::Compact);
    EXPECT_EQ(unit({20240229, 20141123182500}), From::Compact);
    for (const int64_t no_day : {20230229, 20241301, 20240100, 18991231, 21010101, 2024022, 0}) {
        EXPECT_EQ(unit({20240229, no_day}), From::Auto) << no_day;
    }
    EXPECT_EQ(unit({20141123182500, 20141123240000}), From::Auto);
    EXPECT_EQ(unit({20141123182500, 20141123186000}), From::Auto);
    EXPECT_EQ(unit({201411231825}), From::Auto);
}

TEST(NumberTime, CocoaOnlyInCoreDatasFiles) {
    EXPECT_EQ(unit({730902896, 0}, From::Auto, true), From::Cocoa);
    EXPECT_EQ(unit({730902896}), From::UnixS) << "1993, as far as anybody can tell";
    EXPECT_EQ(unit({1700000000000}, From::Auto, true), From::UnixMs);
}

TEST(NumberTime, WhatIsNeverTakenUnasked) {
    for (const int64_t number : {INT64_C(13353683696789000), INT64_C(638448068967890000),
                                 INT64_C(45351), INT64_C(19782), INT64_C(141123182500)}) {
        EXPECT_EQ(unit({number}), From::Auto) << number;
        EXPECT_NE(candidates({number}), "") << number;
    }
    EXPECT_EQ(candidates({13353683696789000}), "webkit: 2024-02-29 12:34");
    EXPECT_EQ(candidates({638448068967890000}),
              "unix_ns: 1990-03-26 10:41; dotnet_ticks: 2024-02-29 12:34");
    EXPECT_EQ(candidates({63072000000}), "unix_ms: 1972-01-01 00:00");
    EXPECT_EQ(candidates({141123182500}),
              "unix_ms: 1974-06-22 08:53; digits with a year of two digits, which no option "
              "reads: 2014-11-23 18:25");
    EXPECT_EQ(candidate_units(column_of({63072000000})).first, From::UnixMs);
    EXPECT_EQ(candidate_units(column_of({1600000000, 100})).first, From::UnixS);
    EXPECT_EQ(candidate_units(column_of({638448068967890000})).first, From::Auto);
}

TEST(NumberTime, SiblingsTellWhatTheNumbersAloneDoNot) {
    EXPECT_EQ(unit({-283996800000, 1100000000000}, From::UnixMs), From::UnixMs);
    EXPECT_EQ(unit({63072000000}, From::UnixMs), From::UnixMs);
    EXPECT_EQ(unit({1700000000}, From::UnixMs), From::UnixS) << "its own evidence is better";
    EXPECT_EQ(unit({31536000}, From::UnixMs), From::Auto) << "seconds, or a morning in 1970";
    EXPECT_EQ(unit({7, 12}, From::UnixMs), From::Auto);
    EXPECT_EQ(unit({-2208988800001}, From::UnixMs), From::Auto) << "1899";
    EXPECT_EQ(unit({4133980800000}, From::UnixMs), From::Auto) << "2101";
    EXPECT_EQ(unit({20240230}, From::Compact), From::Auto);
    EXPECT_EQ(unit({-200000000, 253402214400}, From::Cocoa), From::Auto)
        << "the last day of another unit would be a day of the year 10030";
}

TEST(NumberTime, ColumnsWithoutValuesFollowTheirSiblings) {
    const sqlite::ColumnProfile empty;
    Siblings siblings;
    const dialect::ResolvedType date = dialect::type_of_kind(TypeKind::Date);
    EXPECT_EQ(checked_type(date, empty, siblings).type.kind, TypeKind::Date);
    siblings.type = dialect::type_of_kind(TypeKind::TimestampTz);
    EXPECT_EQ(checked_type(date, empty, siblings).type.kind, TypeKind::TimestampTz);
    EXPECT_TRUE(checked_type(date, empty, siblings).changed);
}

TEST(NumberTime, ATimeOfDayMakesADateATimestamp) {
    const dialect::ResolvedType date = dialect::type_of_kind(TypeKind::Date);
    EXPECT_EQ(checked_type(date, column_of({1700006400, 0})).type.kind, TypeKind::Date);
    EXPECT_EQ(checked_type(date, column_of({1700006401})).type.kind, TypeKind::Timestamp);
    EXPECT_EQ(checked_type(date, column_of({20240229})).type.kind, TypeKind::Date);
    EXPECT_EQ(checked_type(date, column_of({20240229, 20240229000000})).type.kind, TypeKind::Date);
    EXPECT_EQ(checked_type(date, column_of({20240229120000})).type.kind, TypeKind::Timestamp);
    EXPECT_EQ(checked_type(date, column_of({2460370})).type.kind, TypeKind::Timestamp);
    EXPECT_EQ(checked_type(date, column_of({7})).type.kind, TypeKind::Int8);
    const dialect::ResolvedType stamp = dialect::type_of_kind(TypeKind::Timestamp);
    EXPECT_EQ(checked_type(stamp, column_of({1700000000000000001})).type.kind, TypeKind::Int8)
        << "PostgreSQL has no nanoseconds";
}

}  // namespace
}  // namespace sqlite_import::plan
