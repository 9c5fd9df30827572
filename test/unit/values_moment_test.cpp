/* Dates and times in text, and what is not one. */
#include "values/moment.hpp"

#include <cstdio>
#include <ctime>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::values;

MomentParse parse(const std::string& text, Moment* moment) {
    return parse_moment(text.data(), text.size(), moment);
}

constexpr int64_t kHour = INT64_C(3600000000);

TEST(Moment, DaysAgreeWithTheCLibrary) {
    /* timegm counts from 1970; 2000-01-01 is day 10957 */
    for (int64_t day = -800000; day < 2900000; day += 13) {
        const time_t seconds = static_cast<time_t>((day + 10957) * 86400);
        struct tm parts;
        gmtime_r(&seconds, &parts);
        const int year = parts.tm_year + 1900;
        int64_t days = 0;
        ASSERT_EQ(days_of_date(year, parts.tm_mon + 1, parts.tm_mday, &days), year >= 1);
        if (year >= 1) {
            ASSERT_EQ(days, day);
        }
    }
}

TEST(Moment, ImpossibleDatesAreRefused) {
    int64_t days = 0;
    EXPECT_FALSE(days_of_date(2023, 2, 29, &days));
    EXPECT_TRUE(days_of_date(2024, 2, 29, &days));
    EXPECT_FALSE(days_of_date(1900, 2, 29, &days));
    EXPECT_TRUE(days_of_date(2000, 2, 29, &days));
    EXPECT_FALSE(days_of_date(2023, 13, 1, &days));
    EXPECT_FALSE(days_of_date(2023, 0, 1, &days));
    EXPECT_FALSE(days_of_date(2023, 4, 31, &days));
    EXPECT_FALSE(days_of_date(0, 1, 1, &days));
}

TEST(Moment, ShapesThatProgramsWrite) {
    struct Case {
        const char* text;
        int64_t days;
        int64_t microseconds;
        int offset;
        bool has_offset;
    };
    const Case cases[] = {
        {"2000-01-01", 0, 0, 0, false},
        {"1999-12-31 23:59", -1, 86340000000, 0, false},
        {"2000-01-02T03:04:05", 1, 3 * kHour + 245000000, 0, false},
        {"2000-01-01 00:00:00.5", 0, 500000, 0, false},
        {"2000-01-01 00:00:00.000001", 0, 1, 0, false},
        {"2000-01-01T00:00:00Z", 0, 0, 0, true},
        {"2000-01-01T00:00:00.123Z", 0, 123000, 0, true},
        {"2000-01-01 00:00:00+00:00", 0, 0, 0, true},
        {"2000-01-01 00:00:00-0730", 0, 0, -27000, true},
        {"2000-01-01 00:00:00+05", 0, 0, 18000, true},
        {"2000-01-01 00:00:00 UTC", 0, 0, 0, true},
        {"2000-01-01 00:00:00 +0200 CEST", 0, 0, 7200, true},
        {"2000-01-01 00:00:00.25 -0300 -03", 0, 250000, -10800, true},
        {"2000-01-01 00:00:00.25 +0000 UTC m=+0.012", 0, 250000, 0, true},
    };
    for (const Case& expected : cases) {
        Moment moment;
        ASSERT_EQ(parse(expected.text, &moment), MomentParse::Ok) << expected.text;
        EXPECT_EQ(moment.days, expected.days) << expected.text;
        EXPECT_EQ(moment.microseconds, expected.microseconds) << expected.text;
        EXPECT_EQ(moment.offset_seconds, expected.offset) << expected.text;
        EXPECT_EQ(moment.has_offset, expected.has_offset) << expected.text;
        EXPECT_FALSE(moment.below_microsecond) << expected.text;
    }
}

TEST(Moment, WhatIsNotOne) {
    Moment moment;
    for (const char* text : {"",
                             "now",
                             "2000",
                             "2000-1-1",
                             "01/02/2000",
                             "2000-01-01x",
                             "2000-01-01 ",
                             "2000-01-01T",
                             "2000-01-01 1:00",
                             "2000-01-01 00:00:0",
                             "2000-01-01 00:00:00.",
                             "2000-01-01 00:00:00+",
                             "2000-01-01 00:00:00+1",
                             "2000-01-01 00:00:00+16:00",
                             "2000-01-01 00:00:00 CET",
                             "20000101",
                             "2000-01-01 00:00:00 +0200 ",
                             "2000-01-01 00:00:00 +0200 cest",
                             "12",
                             "-2000-01-01",
                             "2000-01-01Z",
                             "2000/01-01",
                             "2000/01/01T00:00:00",
                             "8 Jan 99",
                             "01-Feb-03",
                             "Jann 8, 1999",
                             " Jan 1999",
                             " 10:00:00",
                             "2000-01-01 00:00:00 +0200 UTC",
                             "2000-01-01 00:00:00 +0200 -03",
                             "2000-01-01 00:00:00 +0200 CEST m=",
                             "2000-01-01 00:00:00 CEST m=+0.1",
                             "+infinity"}) {
        EXPECT_EQ(parse(text, &moment), MomentParse::NotAMoment) << text;
    }
    EXPECT_EQ(parse(std::string("2000-01-01\0", 11), &moment), MomentParse::NotAMoment);
}

TEST(Moment, WhatIsImpossible) {
    Moment moment;
    for (const char* text : {"2000-13-01", "2000-02-30", "2000-01-01 24:00:01", "2000-01-01 00:60",
                             "2000-01-01 00:00:60", "24:00:01", "25:00", "0000-01-01"}) {
        EXPECT_EQ(parse(text, &moment), MomentParse::OutOfRange) << text;
    }
    EXPECT_EQ(parse("0000-00-00", &moment), MomentParse::ZeroDate);
    EXPECT_EQ(parse("0000-00-00 00:00:00", &moment), MomentParse::ZeroDate);
    EXPECT_EQ(parse("24:00:00", &moment), MomentParse::Ok);
    EXPECT_EQ(moment.microseconds, kMicrosecondsPerDay);
    EXPECT_EQ(parse("2000-01-01 24:00:00", &moment), MomentParse::Ok);
    EXPECT_EQ(moment.days, 0);
    EXPECT_EQ(moment.microseconds, kMicrosecondsPerDay);
    EXPECT_FALSE(moment.sqlite_reads);
}

TEST(Moment, OneMeaningWhateverTheLocale) {
    Moment moment;
    for (const char* text : {"1999-01-08", "1999/01/08", "8 Jan 1999", "08-JAN-1999",
                             "8 january 1999", "Jan 8, 1999", "January 08 1999"}) {
        EXPECT_EQ(parse(text, &moment), MomentParse::Ok) << text;
        EXPECT_EQ(moment.days, -358) << text;
        EXPECT_EQ(moment.sqlite_reads, std::string(text) == "1999-01-08") << text;
    }
    EXPECT_EQ(parse("2024-05-01 13:00:00 +02:00:30", &moment), MomentParse::Ok);
    EXPECT_EQ(moment.offset_seconds, 7230);
    EXPECT_EQ(parse("2024-05-01 13:00:00.5 +0200 CEST m=+0.01", &moment), MomentParse::Ok);
    EXPECT_EQ(moment.offset_seconds, 7200);
    EXPECT_EQ(parse("2024-05-01 13:00:00 -0300 -03", &moment), MomentParse::Ok);
    EXPECT_EQ(moment.offset_seconds, -10800);
    EXPECT_EQ(parse("-Infinity", &moment), MomentParse::Ok);
    EXPECT_EQ(moment.infinite, -1);
}

TEST(Moment, DigitsBelowTheMicrosecondAreTold) {
    Moment moment;
    EXPECT_EQ(parse("2000-01-01 00:00:00.1234567", &moment), MomentParse::Ok);
    EXPECT_TRUE(moment.below_microsecond);
    EXPECT_EQ(moment.microseconds, 123457);
    EXPECT_EQ(parse("2000-01-01 00:00:00.1230000", &moment), MomentParse::Ok);
    EXPECT_FALSE(moment.below_microsecond);
    EXPECT_EQ(moment.fraction_digits, 3);
    EXPECT_EQ(parse("23:59:59.9999999", &moment), MomentParse::Ok);
    EXPECT_EQ(moment.microseconds, kMicrosecondsPerDay);
}

TEST(Moment, JulianDaysFollowSqlite) {
    int64_t microseconds = 0;
    ASSERT_TRUE(microseconds_of_julian(2451544.5, &microseconds));
    EXPECT_EQ(microseconds, 0);
    ASSERT_TRUE(microseconds_of_julian(2451545.0, &microseconds));
    EXPECT_EQ(microseconds, kMicrosecondsPerDay / 2);
    EXPECT_FALSE(microseconds_of_julian(-1, &microseconds));
    EXPECT_FALSE(microseconds_of_julian(6000000, &microseconds));
}

}  // namespace
