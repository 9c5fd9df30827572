/*
 * values_time_unit_test.cpp
 *    Numbers that count time, both ways.  The expected moments are Python's.
 */
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "values/time_unit.hpp"

namespace sqlite_import::values {
namespace {

constexpr int64_t kMoment = INT64_C(762525296789000); /* 2024-02-29 12:34:56.789, since 2000 */
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

struct Read {
    UnitParse result = UnitParse::NoUnit;
    int64_t microseconds = 0;
    bool altered = false;
};

Read read(From unit, const std::string& text, Rounding rounding = Rounding::Exact) {
    Decimal decimal;
    Read read;
    EXPECT_EQ(parse_decimal(text.data(), text.size(), &decimal), DecimalParse::Ok);
    read.result = instant_of_number(unit, decimal, std::stod(text), rounding, &read.microseconds,
                                    &read.altered);
    return read;
}

TEST(TimeUnit, ReadsOneMomentInEveryUnit) {
    const std::pair<From, const char*> cases[] = {
        {From::UnixS, "1709210096.789"},      {From::UnixMs, "1709210096789"},
        {From::UnixUs, "1709210096789000"},   {From::UnixNs, "1709210096789000000"},
        {From::Julian, "2460370.0242683915"}, {From::Cocoa, "730902896.789"},
        {From::Webkit, "13353683696789000"},  {From::DotnetTicks, "638448068967890000"},
        {From::Ole, "45351.52426839121"},
    };
    for (const auto& [unit, text] : cases) {
        const Read found = read(unit, text);
        EXPECT_EQ(found.result, UnitParse::Ok) << from_name(unit);
        EXPECT_EQ(found.microseconds, kMoment) << from_name(unit);
        EXPECT_TRUE(is_time_unit(unit));
        EXPECT_STRNE(unit_words(unit), "");
    }
    EXPECT_EQ(read(From::UnixDays, "19782").microseconds, 8825 * kMicrosecondsPerDay);
    EXPECT_EQ(read(From::Hex, "1").result, UnitParse::NoUnit);
    EXPECT_FALSE(is_time_unit(From::Hex));
    EXPECT_FALSE(is_time_unit(From::Auto));
}

TEST(TimeUnit, WritesWhatItReads) {
    for (const From unit :
         {From::UnixMs, From::UnixUs, From::UnixNs, From::Webkit, From::DotnetTicks}) {
        int64_t units = 0;
        ASSERT_TRUE(units_at(unit, kMoment, &units)) << from_name(unit);
        EXPECT_EQ(read(unit, std::to_string(units)).microseconds, kMoment) << from_name(unit);
    }
    int64_t units = 0;
    EXPECT_FALSE(units_at(From::UnixS, kMoment, &units));
    EXPECT_FALSE(units_at(From::Cocoa, kMoment, &units));
    EXPECT_FALSE(units_at(From::UnixDays, kMoment, &units));
    EXPECT_FALSE(units_at(From::UnixNs, kMost / 2, &units)); /* beyond the year 2262 */
    for (const From unit : {From::Julian, From::Ole}) {
        double days = 0;
        EXPECT_TRUE(days_at(unit, kMoment, &days));
        EXPECT_FALSE(days_at(unit, kMoment + 1, &days)) << "a microsecond is lost";
        EXPECT_FALSE(days_at(unit, kMost, &days));
    }
}

TEST(TimeUnit, OleRunsForwardBeforeItsFirstDay) {
    const int64_t first = -36526 * kMicrosecondsPerDay; /* 1899-12-30 */
    EXPECT_EQ(read(From::Ole, "0").microseconds, first);
    EXPECT_EQ(read(From::Ole, "-1.25").microseconds, first - kMicrosecondsPerDay * 3 / 4);
    EXPECT_EQ(read(From::Ole, "2958466").result, UnitParse::OutOfRange);
    for (const int64_t at :
         {first - kMicrosecondsPerDay * 3 / 4, first - kMicrosecondsPerDay, first}) {
        double days = 0;
        ASSERT_TRUE(days_at(From::Ole, at, &days));
        EXPECT_EQ(read(From::Ole, std::to_string(days)).microseconds, at);
    }
}

TEST(TimeUnit, LosesNoDigit) {
    EXPECT_EQ(read(From::UnixNs, "1").result, UnitParse::Inexact);
    EXPECT_EQ(read(From::DotnetTicks, "638448068967890001").result, UnitParse::Inexact);
    EXPECT_EQ(read(From::UnixDays, "0.00000000001").result, UnitParse::Inexact);
    EXPECT_EQ(read(From::UnixDays, "0.5").microseconds, read(From::UnixS, "43200").microseconds);
    const Read rounded = read(From::UnixNs, "1500", Rounding::Round);
    EXPECT_EQ(rounded.result, UnitParse::Ok);
    EXPECT_TRUE(rounded.altered);
    EXPECT_EQ(rounded.microseconds, read(From::UnixUs, "2").microseconds);
    EXPECT_EQ(read(From::UnixS, "9223372036854775807").result, UnitParse::OutOfRange);
    EXPECT_EQ(read(From::UnixUs, std::to_string(kLeast)).result, UnitParse::OutOfRange);
    EXPECT_EQ(read(From::Cocoa, "9223372036854.775").result, UnitParse::OutOfRange);
}

TEST(TimeUnit, CutsWithoutMovingOn) {
    EXPECT_EQ(read(From::UnixNs, "1999", Rounding::Truncate).microseconds,
              read(From::UnixUs, "1").microseconds);
    EXPECT_EQ(read(From::UnixNs, "-1", Rounding::Truncate).microseconds,
              read(From::UnixUs, "-1").microseconds);
    EXPECT_EQ(read(From::UnixUs, "-1", Rounding::Truncate).microseconds,
              read(From::UnixUs, "-1").microseconds);
    Decimal decimal;
    int64_t length = 1;
    bool altered = false;
    decimal_of_integer(-1999, &decimal);
    EXPECT_EQ(length_of_number(From::UnixNs, decimal, Rounding::Truncate, &length, &altered),
              UnitParse::Ok);
    EXPECT_TRUE(altered);
    EXPECT_EQ(length, -1); /* a length goes towards zero */
}

TEST(TimeUnit, LengthsAreCountedFromNothing) {
    int64_t length = 1;
    int64_t units = 0;
    bool altered = false;
    Decimal decimal;
    decimal_of_integer(-90061500, &decimal);
    EXPECT_EQ(length_of_number(From::UnixMs, decimal, Rounding::Exact, &length, &altered),
              UnitParse::Ok);
    EXPECT_EQ(length, -90061500000);
    EXPECT_TRUE(units_of(From::UnixMs, length, &units));
    EXPECT_EQ(units, -90061500);
    EXPECT_FALSE(units_of(From::UnixS, length, &units));
    EXPECT_EQ(length_of_number(From::Julian, decimal, Rounding::Exact, &length, &altered),
              UnitParse::NoUnit);
}

TEST(TimeUnit, PrintsInstants) {
    EXPECT_EQ(instant_text(kMoment), "2024-02-29 12:34:56.789");
    EXPECT_EQ(instant_text(0), "2000-01-01 00:00:00");
    EXPECT_EQ(instant_text(-1), "1999-12-31 23:59:59.999999");
    EXPECT_EQ(instant_text(-730119 * kMicrosecondsPerDay), "0001-01-01 00:00:00");
    EXPECT_EQ(instant_text(-730119 * kMicrosecondsPerDay - 1), "");
    EXPECT_EQ(instant_text(2921940 * kMicrosecondsPerDay - 1), "9999-12-31 23:59:59.999999");
    EXPECT_EQ(instant_text(2921940 * kMicrosecondsPerDay), "");
    EXPECT_EQ(instant_text(kLeast), "");
    EXPECT_EQ(instant_text(kMost), "");
    /* each day of four centuries, by the reader that counts the other way */
    for (int64_t day = -146097; day < 146097; day += 7) {
        const std::string text = instant_text(day * kMicrosecondsPerDay);
        int64_t again = 0;
        ASSERT_TRUE(days_of_date(std::stoi(text.substr(0, 4)), std::stoi(text.substr(5, 2)),
                                 std::stoi(text.substr(8, 2)), &again));
        ASSERT_EQ(again, day) << text;
    }
}

TEST(TimeUnit, CompactDigits) {
    const auto parse = [](const std::string& text, Moment* moment) {
        return parse_compact(text.data(), text.size(), moment);
    };
    Moment moment;
    EXPECT_EQ(parse("20240229", &moment), MomentParse::Ok);
    EXPECT_EQ(moment.days, 8825);
    EXPECT_FALSE(moment.has_time);
    EXPECT_FALSE(moment.has_offset);
    for (const char* text : {"20240229123456789", "20240229123456.789", "20240229123456.7890000"}) {
        EXPECT_EQ(parse(text, &moment), MomentParse::Ok) << text;
        EXPECT_EQ(moment.days * kMicrosecondsPerDay + moment.microseconds, kMoment) << text;
        EXPECT_EQ(moment.fraction_digits, 3) << text;
    }
    EXPECT_EQ(parse("202402291234561234567", &moment), MomentParse::Ok);
    EXPECT_TRUE(moment.below_microsecond);
    for (const char* text : {"", "2024", "2024022", "202402291", "202402291234", "2024022912345",
                             "20240229123456.", "20240229T123456", "20240229.5", " 20240229"}) {
        EXPECT_EQ(parse(text, &moment), MomentParse::NotAMoment) << text;
    }
    for (const char* text :
         {"20230229", "20240001", "00010000", "20240229240000", "20240229236000"}) {
        EXPECT_EQ(parse(text, &moment), MomentParse::OutOfRange) << text;
    }
    EXPECT_EQ(parse("00000000", &moment), MomentParse::ZeroDate);
    char digits[kCompactDigits];
    Decimal decimal;
    decimal_of_double(2.02402291234e13, &decimal);
    EXPECT_EQ(std::string(digits, compact_digits(decimal, digits)), "20240229123400");
    decimal_of_double(20240229.5, &decimal);
    EXPECT_EQ(compact_digits(decimal, digits), 0U);
    decimal_of_double(1e300, &decimal);
    EXPECT_EQ(compact_digits(decimal, digits), 0U);
    decimal_of_integer(-20240229, &decimal);
    EXPECT_EQ(compact_digits(decimal, digits), 0U);
}

}  // namespace
}  // namespace sqlite_import::values
