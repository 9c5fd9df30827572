/* Numbers: what is read is what was written, or it is refused. */
#include "values/number.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::values;

std::string text_of(int64_t value) {
    char buffer[kNumberTextSize];
    return std::string(buffer, integer_text(value, buffer));
}

IntegerParse parse(const std::string& text, int64_t* value) {
    return parse_integer(text.data(), text.size(), value);
}

DecimalParse decimal(const std::string& text, Decimal* result) {
    return parse_decimal(text.data(), text.size(), result);
}

/* A decimal written out as [-]0.DIGITSePOINT. */
std::string spelled(const std::string& text) {
    Decimal result;
    if (decimal(text, &result) != DecimalParse::Ok) {
        return "refused";
    }
    return (result.negative ? "-." : ".") +
           std::string(result.digits, static_cast<size_t>(result.count)) + "e" +
           std::to_string(result.point) + "/" + std::to_string(result.scale);
}

TEST(Integer, OnlyTheCanonicalSpellingIsRead) {
    int64_t value = 0;
    for (const char* text : {"0", "-1", "12", "9223372036854775807", "-9223372036854775808"}) {
        ASSERT_EQ(parse(text, &value), IntegerParse::Ok) << text;
        EXPECT_EQ(text_of(value), text);
    }
    for (const char* text :
         {"", "-", "+1", "007", "-0", " 1", "1 ", "1.0", "1e3", "0x10", "١", "1_0"}) {
        EXPECT_EQ(parse(text, &value), IntegerParse::NotAnInteger) << text;
    }
    for (const char* text :
         {"9223372036854775808", "-9223372036854775809", "99999999999999999999999"}) {
        EXPECT_EQ(parse(text, &value), IntegerParse::OutOfRange) << text;
    }
}

TEST(Integer, ANulByteEndsNoNumber) {
    int64_t value = 0;
    EXPECT_EQ(parse(std::string("12\0", 3), &value), IntegerParse::NotAnInteger);
}

TEST(Double, IsAnIntegerOnlyIfWholeAndInRange) {
    int64_t value = 0;
    EXPECT_TRUE(exact_integer(-0.0, &value));
    EXPECT_EQ(value, 0);
    EXPECT_TRUE(exact_integer(-9223372036854775808.0, &value));
    EXPECT_EQ(value, std::numeric_limits<int64_t>::min());
    EXPECT_FALSE(exact_integer(9223372036854775808.0, &value));
    EXPECT_FALSE(exact_integer(0.5, &value));
    EXPECT_FALSE(exact_integer(std::numeric_limits<double>::infinity(), &value));
    EXPECT_FALSE(exact_integer(std::nan(""), &value));
}

TEST(Double, HoldsAnIntegerExactlyOrNot) {
    EXPECT_TRUE(exact_double(INT64_C(9007199254740992)));
    EXPECT_FALSE(exact_double(INT64_C(9007199254740993)));
    EXPECT_FALSE(exact_double(std::numeric_limits<int64_t>::max()));
    EXPECT_TRUE(exact_double(std::numeric_limits<int64_t>::min()));
}

TEST(Decimal, KeepsDigitsPointAndScale) {
    EXPECT_EQ(spelled("0"), ".e0/0");
    EXPECT_EQ(spelled("-0.00"), ".e0/2");
    EXPECT_EQ(spelled("12.50"), ".1250e2/2");
    EXPECT_EQ(spelled("0.05"), ".5e-1/2");
    EXPECT_EQ(spelled(".5"), ".5e0/1");
    EXPECT_EQ(spelled("5."), ".5e1/0");
    EXPECT_EQ(spelled("-1e3"), "-.1e4/0");
    EXPECT_EQ(spelled("1.5E-7"), ".15e-6/8");
    EXPECT_EQ(spelled("+1.50e1"), ".150e2/1");
    for (const char* text : {"", ".", "-", "1e", "1e+", "00", "01.5", "1,5", " 1", "1 ", "NaN",
                             "inf", "0x1", "1e5x"}) {
        EXPECT_EQ(spelled(text), "refused") << text;
    }
}

TEST(Decimal, SaysWhenItIsTooLong) {
    Decimal result;
    EXPECT_EQ(decimal(std::string(Decimal::kMaxDigits, '9'), &result), DecimalParse::Ok);
    EXPECT_EQ(decimal(std::string(Decimal::kMaxDigits + 1, '9'), &result), DecimalParse::TooLong);
    EXPECT_EQ(decimal("1e1001", &result), DecimalParse::TooLong);
    EXPECT_EQ(decimal("1e99999999999999999999", &result), DecimalParse::TooLong);
}

TEST(Decimal, NeedsTheScaleOfItsLastDigit) {
    Decimal result;
    decimal("19.9900", &result);
    EXPECT_EQ(result.needed_scale(), 2);
    EXPECT_EQ(result.integer_digits(), 2);
    decimal("0.001", &result);
    EXPECT_EQ(result.needed_scale(), 3);
    EXPECT_EQ(result.integer_digits(), 0);
    decimal("1e20", &result);
    EXPECT_EQ(result.needed_scale(), 0);
    EXPECT_EQ(result.integer_digits(), 21);
}

TEST(Decimal, OfADoubleAreItsShortestDigits) {
    Decimal left;
    Decimal right;
    for (const char* text : {"19.99", "0.1", "1e22", "5e-324", "1.7976931348623157e308", "-2.5"}) {
        decimal_of_double(std::strtod(text, nullptr), &left);
        ASSERT_EQ(decimal(text, &right), DecimalParse::Ok);
        EXPECT_TRUE(same_number(left, right)) << text;
    }
    decimal_of_double(0.1 + 0.2, &left);
    decimal("0.3", &right);
    EXPECT_FALSE(same_number(left, right));
}

TEST(Decimal, OfAShortDoubleAreTheDigitsOfItsShortestText) {
    std::mt19937_64 random(11);
    for (int i = 0; i < 200000; i++) {
        const double power = std::pow(10.0, static_cast<double>(random() % 9));
        const double whole = static_cast<double>(static_cast<int64_t>(random()) >> random() % 60);
        const double value = std::nextafter(whole / power, static_cast<double>(random() % 3) - 1.0);
        char text[kNumberTextSize];
        Decimal slow;
        Decimal quick;
        ASSERT_EQ(parse_decimal(text, shortest_text(value, text), &slow), DecimalParse::Ok);
        decimal_of_double(value, &quick);
        ASSERT_TRUE(same_number(slow, quick)) << value;
        ASSERT_EQ(quick.scale, slow.needed_scale()) << value;
    }
}

TEST(Decimal, RandomDoublesComeBack) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 20000; i++) {
        const uint64_t bits = random();
        double value;
        std::memcpy(&value, &bits, sizeof(value));
        if (!std::isfinite(value)) {
            continue;
        }
        char text[kNumberTextSize];
        const size_t size = shortest_text(value, text);
        Decimal parsed;
        ASSERT_EQ(parse_decimal(text, size, &parsed), DecimalParse::Ok);
        double back = 0;
        ASSERT_TRUE(exact_real(text, size, parsed, &back)) << std::string(text, size);
        EXPECT_EQ(back, value);
    }
}

TEST(Decimal, ScalesToAnIntegerOrRefuses) {
    const auto scaled = [](const char* text, int shift, bool round) {
        Decimal value;
        int64_t result = 0;
        decimal(text, &value);
        return scaled_integer(value, shift, round, &result) ? text_of(result) : "refused";
    };
    EXPECT_EQ(scaled("1.5", 6, false), "1500000");
    EXPECT_EQ(scaled("0.0000005", 6, false), "refused");
    EXPECT_EQ(scaled("0.0000005", 6, true), "1");
    EXPECT_EQ(scaled("0.00000049", 6, true), "0");
    EXPECT_EQ(scaled("-1.0000005", 6, true), "-1000001");
    EXPECT_EQ(scaled("9223372036854775807", 0, false), "9223372036854775807");
    EXPECT_EQ(scaled("-9223372036854775808", 0, false), "-9223372036854775808");
    EXPECT_EQ(scaled("9223372036854775808", 0, false), "refused");
    EXPECT_EQ(scaled("9223372036854.775808", 6, false), "refused");
    EXPECT_EQ(scaled("18446744073709551615", 0, false), "refused");
    EXPECT_EQ(scaled("1e30", 0, false), "refused");
    EXPECT_EQ(scaled("0e30", 6, false), "0");
    EXPECT_EQ(scaled("0", -3, false), "0");
    EXPECT_EQ(scaled("1e-30", 6, true), "0");
    EXPECT_EQ(scaled("1234", -3, false), "refused");
    EXPECT_EQ(scaled("1000", -3, false), "1");
}

TEST(Real, TextIsHeldExactlyByADoubleOrNot) {
    const auto exact = [](const std::string& text) {
        Decimal value;
        double result = 0;
        return decimal(text, &value) == DecimalParse::Ok &&
               exact_real(text.data(), text.size(), value, &result);
    };
    EXPECT_TRUE(exact("0.1"));
    EXPECT_TRUE(exact("+0.1"));
    EXPECT_TRUE(exact("-0"));
    EXPECT_TRUE(exact("0.30000000000000004"));
    EXPECT_FALSE(exact("0.300000000000000044"));
    EXPECT_FALSE(exact("9007199254740993"));
    EXPECT_FALSE(exact("1e999"));
    EXPECT_FALSE(exact("1e-999"));
}

TEST(Real, FloatKeepsTheSameDigitsOrRefuses) {
    float result = 0;
    EXPECT_TRUE(exact_float(0.1, &result));
    EXPECT_EQ(result, 0.1F);
    EXPECT_TRUE(exact_float(16777216, &result));
    EXPECT_FALSE(exact_float(16777217, &result));
    EXPECT_FALSE(exact_float(0.1234567891, &result));
    EXPECT_FALSE(exact_float(1e39, &result));
    EXPECT_TRUE(exact_float(std::numeric_limits<double>::infinity(), &result));
}

TEST(Real, TextIsSqlitesOwn) {
    char text[kNumberTextSize];
    EXPECT_EQ(std::string(text, real_text(2.0, text)), "2.0");
    EXPECT_EQ(std::string(text, real_text(0.1 + 0.2, text)), "0.3");
    EXPECT_EQ(std::string(text, real_text(1e100, text)), "1.0e+100");
    EXPECT_EQ(std::string(text, real_text(-std::numeric_limits<double>::infinity(), text)), "-Inf");
}

TEST(Float4, DigitsAreReadAsFourBytes) {
    const auto read = [](const std::string& text, float* value) {
        Decimal decimal;
        return parse_decimal(text.data(), text.size(), &decimal) == DecimalParse::Ok &&
               exact_float_of_text(text.data(), text.size(), decimal, value);
    };
    float value = 0;
    for (const char* text : {"0.1", "404302016", "404302020", "7.038531e-26", "16777216", "0"}) {
        EXPECT_TRUE(read(text, &value)) << text;
        EXPECT_EQ(value, std::strtof(text, nullptr)) << text;
    }
    for (const char* text : {"0.1234567891", "16777217", "0.123456789", "1e39", "1e-60"}) {
        EXPECT_FALSE(read(text, &value)) << text;
    }
    /* what float4 prints (PostgreSQL's shortest digits) and comes back as a double */
    EXPECT_TRUE(exact_float(404302020.0, &value));
    EXPECT_EQ(value, 404302016.0F);
    EXPECT_TRUE(exact_float(7.038531e-26, &value));
    EXPECT_EQ(value, 7.038531e-26F);
    EXPECT_FALSE(exact_float(0.1 + 0.2, &value));
}

TEST(Float8, WordsOfTheirOwn) {
    double value = 0;
    for (const char* text : {"Infinity", "inf", "+INF", "-infinity", "NaN", "nan"}) {
        EXPECT_TRUE(parse_special_real(text, std::strlen(text), &value)) << text;
    }
    for (const char* text : {"", "-nan", "infinit", "1", "infinityx", "i"}) {
        EXPECT_FALSE(parse_special_real(text, std::strlen(text), &value)) << text;
    }
}

}  // namespace
