/* The readers of single shapes: what they take, what they refuse, and what they make of it. */
#include "reread/text_shape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace sqlite_import::reread {
namespace {

bool is_civil(std::string_view text) {
    CivilTime time;
    return read_civil_time(text, time);
}

TEST(CivilTime, ReadsWhatApplicationsWrite) {
    CivilTime time;
    ASSERT_TRUE(read_civil_time("2024-02-29T23:59:58.123456+05:30", time));
    EXPECT_EQ(time.year, 2024);
    EXPECT_EQ(time.day, 29);
    EXPECT_EQ(time.second, 58);
    EXPECT_EQ(time.microsecond, 123456);
    EXPECT_TRUE(time.has_offset);
    EXPECT_EQ(time.offset_seconds, 19800);
    EXPECT_FALSE(time.finer_than_microseconds);
    for (const char* text :
         {"2024-01-31", "2024-01-31 10:00", "2024-01-31 10:00:00", "2024-01-31T10:00:00Z",
          "2024-01-31 10:00:00 UTC", "2024-01-31 10:00:00.5", "10:00", "10:00:00.25", "10:00:00-03",
          "2024-01-31 10:00:00 +0000", "2024-01-31 10:00:00.5 +0200 CEST", "2024-01-31 24:00",
          "0001-01-01", "9999-12-31 23:59:59"}) {
        EXPECT_TRUE(is_civil(text)) << text;
    }
}

TEST(CivilTime, RefusesWhatIsNoDate) {
    for (const char* text :
         {"", "2024", "2024-02-30", "2023-02-29", "2024-13-01", "2024-1-1", "0000-00-00",
          "2024-01-31X10:00", "2024-01-31 24:01", "2024-01-31 10:60", "2024-01-31 10:00:61",
          "2024-01-31 10:00:00.", "2024-01-31 10:00:00 CET", "2024-01-31 ", "20240131",
          "10:00:00+99", "31.01.2024", "2024-01-31 10:00:00+05:", "now"}) {
        EXPECT_FALSE(is_civil(text)) << text;
    }
}

TEST(CivilTime, TellsFinerThanMicroseconds) {
    CivilTime time;
    ASSERT_TRUE(read_civil_time("2024-01-31 10:00:00.123456000", time));
    EXPECT_FALSE(time.finer_than_microseconds);
    ASSERT_TRUE(read_civil_time("2024-01-31 10:00:00.1234567", time));
    EXPECT_TRUE(time.finer_than_microseconds);
}

TEST(ZeroDate, KnowsMySqlsZeros) {
    EXPECT_TRUE(is_zero_date("0000-00-00"));
    EXPECT_TRUE(is_zero_date("0000-00-00 00:00:00"));
    EXPECT_FALSE(is_zero_date("2024-00-01"));
    EXPECT_FALSE(is_zero_date("0000-00-00 12:00:00"));
    EXPECT_FALSE(is_zero_date("2024-01-01"));
    EXPECT_FALSE(is_zero_date("0"));
}

TEST(DaysFromCivil, AgreesWithTheCalendar) {
    EXPECT_EQ(days_from_civil(1970, 1, 1), 0);
    EXPECT_EQ(days_from_civil(2000, 3, 1), 11017);
    EXPECT_EQ(days_from_civil(1969, 12, 31), -1);
    EXPECT_EQ(days_from_civil(1, 1, 1), -719162);
}

TEST(Decimal, CountsDigits) {
    DecimalShape shape;
    ASSERT_TRUE(read_decimal("-12.3400", shape));
    EXPECT_TRUE(shape.negative);
    EXPECT_EQ(shape.integer_digits, 2);
    EXPECT_EQ(shape.scale, 2);
    ASSERT_TRUE(read_decimal("1.5e3", shape));
    EXPECT_EQ(shape.integer_digits, 4);
    EXPECT_EQ(shape.scale, 0);
    ASSERT_TRUE(read_decimal("12e-3", shape));
    EXPECT_EQ(shape.integer_digits, 0);
    EXPECT_EQ(shape.scale, 3);
    ASSERT_TRUE(read_decimal("0.00", shape));
    EXPECT_EQ(shape.scale, 0);
    for (const char* text :
         {"", "-", ".", "1,5", "1e", "0x10", " 1", "1 ", "Inf", "NaN", "1e+-5", "007"}) {
        EXPECT_FALSE(read_decimal(text, shape)) << text;
    }
}

TEST(Decimal, OfADoubleIsItsShortest) {
    EXPECT_EQ(decimal_of(19.99).scale, 2);
    EXPECT_EQ(decimal_of(0.1 + 0.2).scale, 17);
    EXPECT_EQ(decimal_of(1e21).integer_digits, 22);
    EXPECT_EQ(decimal_of(1.9557850807790502e+20).integer_digits, 21);
    EXPECT_EQ(decimal_of(1e-7).scale, 7);
}

/* The shortest decimal, found by trying. */
DecimalShape shortest_by_trying(double value) {
    char text[64];
    DecimalShape shape;
    for (int digits = 0; digits < 17; ++digits) {
        std::snprintf(text, sizeof(text), "%.*e", digits, value);
        if (std::strtod(text, nullptr) == value) {
            break;
        }
    }
    EXPECT_TRUE(read_decimal(text, shape));
    return shape;
}

TEST(Decimal, OfADoubleIsItsShortestWhateverItsSize) {
    std::mt19937_64 dice(7);
    for (int i = 0; i < 200000; ++i) {
        const double powers[] = {1, 10, 100, 1e4, 1e6, 1e7, 1e-3, 3};
        double value = static_cast<double>(dice() >> (dice() % 64)) / powers[dice() % 8];
        if (i % 4 == 0) {
            value = std::nextafter(value, -1.0);
        }
        value = i % 3 == 0 ? -value : value;
        const DecimalShape expected = shortest_by_trying(value);
        const DecimalShape shape = decimal_of(value);
        ASSERT_EQ(shape.integer_digits, expected.integer_digits) << value;
        ASSERT_EQ(shape.scale, expected.scale) << value;
        ASSERT_EQ(shape.negative, expected.negative) << value;
    }
}

TEST(Integer, HoldsSixtyFourBits) {
    EXPECT_EQ(read_integer("-9223372036854775808"), INT64_MIN);
    EXPECT_EQ(read_integer("0"), 0);
    EXPECT_FALSE(read_integer("+7"));
    EXPECT_FALSE(read_integer("007"));
    EXPECT_FALSE(read_integer("-0"));
    EXPECT_FALSE(read_integer("9223372036854775808"));
    EXPECT_FALSE(read_integer("+-7"));
    EXPECT_FALSE(read_integer("7.0"));
    EXPECT_FALSE(read_integer(""));
}

TEST(Boolean, KnowsPostgresWords) {
    EXPECT_EQ(read_boolean("TRUE"), true);
    EXPECT_EQ(read_boolean("n"), false);
    EXPECT_FALSE(read_boolean("2"));
    EXPECT_FALSE(read_boolean(""));
    EXPECT_FALSE(read_boolean("truely"));
}

TEST(Uuid, ReadsThreeForms) {
    unsigned char bytes[16];
    EXPECT_TRUE(read_uuid("550e8400-e29b-41d4-a716-446655440000", bytes));
    EXPECT_EQ(bytes[0], 0x55);
    EXPECT_TRUE(read_uuid("550E8400E29B41D4A716446655440000", bytes));
    EXPECT_TRUE(read_uuid("{550e8400-e29b-41d4-a716-446655440000}", bytes));
    EXPECT_FALSE(read_uuid("550e8400-e29b-41d4-a716-44665544000g", bytes));
    EXPECT_FALSE(read_uuid("550e8400e-29b-41d4-a716-446655440000", bytes));
}

TEST(Network, TellsInetFromCidr) {
    EXPECT_TRUE(is_inet("192.168.1.5/24"));
    EXPECT_FALSE(is_cidr("192.168.1.5/24"));
    EXPECT_TRUE(is_cidr("192.168.1.0/24"));
    EXPECT_TRUE(is_inet("::1"));
    EXPECT_FALSE(is_inet("192.168.1.5/33"));
    EXPECT_FALSE(is_inet("192.168.1"));
    EXPECT_TRUE(is_macaddr("08:00:2b:01:02:03", 6));
    EXPECT_TRUE(is_macaddr("08002b010203", 6));
    EXPECT_TRUE(is_macaddr("0800.2b01.0203", 6));
    EXPECT_TRUE(is_macaddr("08:00:2b:ff:fe:01:02:03", 8));
    for (const char* text : {"", ":", "2024-01-31", "08:00:2b-01:02:03", "0800:2b01:0203",
                             "0:8:0:0:2:b:0:1:0:2:0:3", "08:00:2b:01:02:0g"}) {
        EXPECT_FALSE(is_macaddr(text, 6)) << text;
    }
}

TEST(Json, FollowsTheRfc) {
    for (const char* text : {"{}", "[]", " {\"a\": [1, -2.5e3, true, null, {\"b\": {}}]} ", "\"x\"",
                             "0", "[[],[]]", "\"\\ud83d\\ude00\""}) {
        EXPECT_EQ(check_json(text), JsonVerdict::Jsonb) << text;
    }
    for (const char* text :
         {"", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "+1", "'x'", "[1] 2", "\"\\x\"", "nul",
          "{\"a\" 1}", "\"tab\there\"", "1.", "[1,2}", "\"\\ud8\""}) {
        EXPECT_EQ(check_json(text), JsonVerdict::Invalid) << text;
    }
}

TEST(Json, KnowsWhatOnlyJsonTakes) {
    EXPECT_EQ(check_json("\"\\u0000\""), JsonVerdict::JsonOnly);
    EXPECT_EQ(check_json("\"\\ud83d\""), JsonVerdict::JsonOnly);
    EXPECT_EQ(check_json("\"\\ude00\""), JsonVerdict::JsonOnly);
    EXPECT_EQ(check_json("1e999999999"), JsonVerdict::JsonOnly);
}

TEST(Json, SurvivesDepth) {
    EXPECT_EQ(check_json(std::string(1000, '[') + std::string(1000, ']')), JsonVerdict::Jsonb);
    EXPECT_EQ(check_json(std::string(1000000, '[')), JsonVerdict::Invalid);
}

TEST(Utf8, FindsWhatIsWrong) {
    EXPECT_EQ(check_utf8("grüße, 你好 😀").characters, 11);
    EXPECT_TRUE(check_utf8("grüße, 你好 😀").valid);
    EXPECT_TRUE(check_utf8(std::string_view("long enough for a word\0x", 24)).has_nul);
    for (const char* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "abc\xe2\x82",
                             "exactly8\x80 and more"}) {
        EXPECT_FALSE(check_utf8(text).valid) << text;
    }
}

}  // namespace
}  // namespace sqlite_import::reread
