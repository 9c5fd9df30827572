/*
 * values_interval_test.cpp
 *    Lengths of time.  What is expected was computed by hand.
 */
#include "values/interval.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sqlite_import::values {
namespace {

constexpr int64_t kHour = INT64_C(3600000000);

IntervalParse parse(const std::string& text, Interval* interval) {
    return parse_interval(text.data(), text.size(), interval);
}

TEST(Interval, WhatIsWritten) {
    const struct {
        const char* text;
        int months;
        int days;
        int64_t microseconds;
    } cases[] = {
        {"1 day", 0, 1, 0},
        {"1 02:03:04", 0, 1, 2 * kHour + 184000000},
        {"1 day, 2:03:04", 0, 1, 2 * kHour + 184000000},
        {"-1 days +02:00:00", 0, -1, 2 * kHour},
        {"1 year 2 mons -3 days", 14, -3, 0},
        {"@ 90 min", 0, 0, 90 * kHour / 60},
        {"1.5 hours", 0, 0, kHour * 3 / 2},
        {"1.5 days", 0, 1, 12 * kHour},
        {"P1Y2M3W4DT5H6M7.5S", 14, 25, 5 * kHour + 367500000},
        {"-838:59:59", 0, 0, -(839 * kHour - 1000000)},
        {"2 centuries", 2400, 0, 0},
    };
    for (const auto& expected : cases) {
        Interval interval;
        EXPECT_EQ(parse(expected.text, &interval), IntervalParse::Ok) << expected.text;
        EXPECT_EQ(interval.months, expected.months) << expected.text;
        EXPECT_EQ(interval.days, expected.days) << expected.text;
        EXPECT_EQ(interval.microseconds, expected.microseconds) << expected.text;
    }
}

TEST(Interval, WhatIsNotOne) {
    Interval interval;
    for (const char* text :
         {"",           "5",      "1.02:03:04", "-1 02:03:04", "-1 day, 23:59:59",
          "1.5 months", "1 m",    "1-2",        "P",           "PT",
          "P1DT",       "PT1HT",  "P1D1Y",      "1 day 1 day", "1:60",
          "1:2:3",      " 1 day", "1 day ",     "1 hour 1:00", "1 fortnight",
          "P+1D",       "P1.5D"}) {
        EXPECT_EQ(parse(text, &interval), IntervalParse::NotAnInterval) << text;
    }
    EXPECT_EQ(parse("0.0000001 s", &interval), IntervalParse::Inexact);
    EXPECT_EQ(parse("300000000 years", &interval), IntervalParse::OutOfRange);
}

}  // namespace
}  // namespace sqlite_import::values
