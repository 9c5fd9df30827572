/* UTF-8, truth values, UUIDs, encodings, JSON. */
#include "values/json.hpp"
#include "values/address.hpp"
#include "values/token.hpp"
#include "values/utf8.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace sqlite_import::values;
using namespace std::string_literals;

/* Read by the definition of table 3-7 in the Unicode standard, one code point at a time. */
size_t slow_prefix(const std::string& text) {
    size_t at = 0;
    while (at < text.size()) {
        const auto byte = [&](size_t i) {
            return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
        };
        const auto tail = [&](size_t i) { return byte(i) >= 0x80 && byte(i) <= 0xBF; };
        const unsigned lead = byte(0);
        size_t length = 0;
        if (lead >= 1 && lead <= 0x7F) {
            length = 1;
        } else if (lead >= 0xC2 && lead <= 0xDF && tail(1)) {
            length = 2;
        } else if (lead >= 0xE0 && lead <= 0xEF && tail(1) && tail(2)) {
            const unsigned code = (lead & 15) << 12 | (byte(1) & 63) << 6 | (byte(2) & 63);
            length = code >= 0x800 && (code < 0xD800 || code > 0xDFFF) ? 3 : 0;
        } else if (lead >= 0xF0 && lead <= 0xF4 && tail(1) && tail(2) && tail(3)) {
            const unsigned code =
                (lead & 7) << 18 | (byte(1) & 63) << 12 | (byte(2) & 63) << 6 | (byte(3) & 63);
            length = code >= 0x10000 && code <= 0x10FFFF ? 4 : 0;
        }
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return at;
}

size_t prefix(const std::string& text) {
    return valid_text_prefix(text.data(), text.size());
}

TEST(Utf8, EveryPairAndTripleIsJudgedAsTheStandardSays) {
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            for (const char* tail : {"", "a", "\x80", "\xBF\x80", "\x80\x80\x80"}) {
                std::string text{static_cast<char>(first), static_cast<char>(second)};
                text += tail;
                ASSERT_EQ(prefix(text), slow_prefix(text)) << first << " " << second;
            }
        }
    }
}

TEST(Utf8, TheFastPathMissesNothingAtAnyOffset) {
    for (size_t length = 0; length < 40; length++) {
        for (size_t at = 0; at < length; at++) {
            for (const char bad : {'\0', '\xFF', '\x80'}) {
                std::string text(length, 'x');
                text[at] = bad;
                ASSERT_EQ(prefix(text), at);
            }
            std::string text(length, '\x01');
            text.insert(at, "\xE2\x82\xAC");
            ASSERT_EQ(prefix(text), text.size());
        }
    }
}

TEST(Utf8, CharactersAreCounted) {
    const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
    EXPECT_EQ(count_characters(text.data(), text.size()), 4U);
}

std::string repaired(const std::string& text, TextRepair how) {
    std::string out(repaired_text_limit(text.size()), '?');
    out.resize(repair_text(text.data(), text.size(), how, out.data()));
    EXPECT_EQ(prefix(out), out.size());
    return out;
}

TEST(Utf8, RepairReplacesMaximalSubparts) {
    EXPECT_EQ(repaired("a\0b"s, TextRepair::Replace),
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(repaired("a\0b"s, TextRepair::Strip), "ab");
    EXPECT_EQ(repaired("\xE2\x82x", TextRepair::Replace), "\xEF\xBF\xBDx");
    EXPECT_EQ(repaired("\xED\xA0\x80", TextRepair::Replace),
              "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(repaired("\xF0\x9F\x98", TextRepair::Replace), "\xEF\xBF\xBD");
    EXPECT_EQ(repaired("\xFF\xFE", TextRepair::Strip), "");
    EXPECT_EQ(repaired("gr\xFC\xDF", TextRepair::Strip), "gr");
}

TEST(Boolean, WordsInAnyCase) {
    bool value = false;
    for (const char* text : {"1", "t", "TRUE", "True", "y", "YES", "on"}) {
        ASSERT_TRUE(parse_boolean(text, std::string_view(text).size(), &value)) << text;
        EXPECT_TRUE(value) << text;
    }
    for (const char* text : {"0", "F", "false", "n", "No", "OFF"}) {
        ASSERT_TRUE(parse_boolean(text, std::string_view(text).size(), &value)) << text;
        EXPECT_FALSE(value) << text;
    }
    for (const char* text : {"", "2", "tr", "of", "ja", " t", "truefalse"}) {
        EXPECT_FALSE(parse_boolean(text, std::string_view(text).size(), &value)) << text;
    }
}

TEST(Uuid, HasDashesBehindGroupsOfFour) {
    uint8_t out[16];
    const auto parse = [&](std::string_view text) {
        return parse_uuid(text.data(), text.size(), out);
    };
    EXPECT_TRUE(parse("00112233-4455-6677-8899-AABBCCDDEEFF"));
    EXPECT_EQ(out[0], 0x00);
    EXPECT_EQ(out[15], 0xFF);
    EXPECT_TRUE(parse("{00112233-4455-6677-8899-aabbccddeeff}"));
    EXPECT_TRUE(parse("00112233445566778899aabbccddeeff"));
    EXPECT_EQ(out[8], 0x88);
    EXPECT_TRUE(parse("0011-2233-4455-6677-8899-aabb-ccdd-eeff"));
    EXPECT_FALSE(parse("00112233--445566778899aabbccddeeff"));
    EXPECT_FALSE(parse("00112233445566778899aabbccddeeff-"));
    EXPECT_FALSE(parse("00112233445566778899aabbccddeef"));
    EXPECT_FALSE(parse("00112233445566778899aabbccddeefg"));
    EXPECT_FALSE(parse("0011223-34455-6677-8899-aabbccddeeff"));
    EXPECT_FALSE(parse("00112233-4455-6677-8899-aabbccddeef-"));
    EXPECT_FALSE(parse(""));
}

TEST(Macaddr, TakesTheDocumentedFormsAlone) {
    const auto is = [](std::string_view text) { return is_macaddr(text.data(), text.size()); };
    for (const char* text : {"08:00:2b:01:02:03", "08-00-2B-01-02-03", "08002b:010203",
                             "08002b-010203", "0800.2b01.0203", "0800-2b01-0203", "08002b010203"}) {
        EXPECT_TRUE(is(text)) << text;
    }
    for (const char* text :
         {"", "2024-01-31", "08:00:2b-01:02:03", "0800:2b01:0203", "08002b.010203",
          "08:00:2b:01:02:0g", "08:00:2b:01:02", " 8:00:2b:01:02:03", "------------"}) {
        EXPECT_FALSE(is(text)) << text;
    }
}

std::string decoded(const std::string& text, bool hex) {
    std::string out(text.size() + 4, '?');
    size_t size = 0;
    const bool good = hex ? decode_hex(text.data(), text.size(), out.data(), &size)
                          : decode_base64(text.data(), text.size(), out.data(), &size);
    out.resize(size);
    return good ? out : "refused";
}

TEST(Encoded, Hexadecimal) {
    EXPECT_EQ(decoded("", true), "");
    EXPECT_EQ(decoded("4a4B", true), "JK");
    EXPECT_EQ(decoded("\\x4a4b", true), "JK");
    EXPECT_EQ(decoded("0x4a", true), "J");
    EXPECT_EQ(decoded("X'4a'", true), "J");
    EXPECT_EQ(decoded("4", true), "refused");
    EXPECT_EQ(decoded("4g", true), "refused");
}

TEST(Encoded, Base64) {
    EXPECT_EQ(decoded("", false), "");
    EXPECT_EQ(decoded("SGVsbG8=", false), "Hello");
    EXPECT_EQ(decoded("SGVsbG8", false), "Hello");
    EXPECT_EQ(decoded("SGVs\r\nbG8h", false), "Hello!");
    EXPECT_EQ(decoded("-_-_", false), decoded("+/+/", false));
    for (const char* bad :
         {"S", "S===", "SG=V", "SGVsbG8==", "SGVsbG9=", "SG VsbG8", "====", "SGVs="}) {
        EXPECT_EQ(decoded(bad, false), "refused") << bad;
    }
}

TEST(Json, ValidAndNot) {
    for (const char* text :
         {"{}", "[]", " [1, -0.5e+3, \"a\\u00e9\\n\", null, true, false] ", "0", "\"\"",
          "{\"a\": {\"b\": [[]]}, \"\": 1}", "\"\xE2\x82\xAC\"", "\"\\u0000\"", "-0"}) {
        EXPECT_TRUE(json_is_valid(text, std::string_view(text).size())) << text;
    }
    for (const char* text :
         {"",           " ",       "{",           "[1,]",     "[,1]",  "{\"a\"}", "{\"a\":}",
          "{a:1}",      "01",      "1.",          ".5",       "+1",    "1e",      "nul",
          "\"",         "\"\\x\"", "\"\\u12g4\"", "\"\n\"",   "[1] 2", "NaN",     "'a'",
          "{\"a\":1,}", "tru",     "\"\\",        "\"\\u12\""}) {
        EXPECT_FALSE(json_is_valid(text, std::string_view(text).size())) << text;
    }
    const std::string deep = std::string(200, '[') + std::string(200, ']');
    EXPECT_TRUE(json_is_valid(deep.data(), deep.size()));
    const std::string deeper = std::string(100000, '[');
    EXPECT_FALSE(json_is_valid(deeper.data(), deeper.size()));
}

TEST(Json, ElementsOfAnArray) {
    const std::string text = " [1 , \"a,]\\\"\" ,[2,[3]],{\"k\":[4]}, null,true ] ";
    JsonArray array(text.data(), text.size());
    JsonElement element;
    std::vector<std::string> found;
    while (array.next(&element)) {
        found.emplace_back(element.text, element.size);
    }
    EXPECT_EQ(found, (std::vector<std::string>{"1", "\"a,]\\\"\"", "[2,[3]]", "{\"k\":[4]}", "null",
                                               "true"}));
    JsonArray empty("[ ]", 3);
    EXPECT_FALSE(empty.next(&element));
}

TEST(Json, StringsAreUnescaped) {
    const auto unescaped = [](const std::string& text) {
        std::string out(text.size(), '?');
        size_t size = 0;
        const JsonElement element{JsonKind::String, text.data(), text.size()};
        const bool good = json_unescape(element, out.data(), &size);
        out.resize(size);
        return good ? out : "refused";
    };
    EXPECT_EQ(unescaped("\"a\\n\\\"\\\\\\/\\t\""), "a\n\"\\/\t");
    EXPECT_EQ(unescaped("\"\\u20ac\""), "\xE2\x82\xAC");
    EXPECT_EQ(unescaped("\"\\ud83d\\ude00\""), "\xF0\x9F\x98\x80");
    EXPECT_EQ(unescaped("\"\\ud83d\""), "refused");
    EXPECT_EQ(unescaped("\"\\ud83dx12345\""), "refused");
    EXPECT_EQ(unescaped("\"\\ude00\""), "refused");
    EXPECT_EQ(unescaped("\"\\u0000\""), "refused");
}

TEST(Address, NetworksAreWrittenOut) {
    const auto inet = [](std::string_view text) { return is_inet(text.data(), text.size()); };
    const auto cidr = [](std::string_view text) { return is_cidr(text.data(), text.size()); };
    for (const char* text : {"10.0.0.1", "10.0.0.1/8", "::", "::1", "1::", "fe80::1/64",
                             "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4/128"}) {
        EXPECT_TRUE(inet(text)) << text;
    }
    for (const char* text :
         {"", "10", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/08",
          "1::2::3", ":1", "1:", "1:2:3:4:5:6:7:8::", "1::1.2.3.4:5", "::12345", "::1%lo"}) {
        EXPECT_FALSE(inet(text)) << text;
    }
    EXPECT_TRUE(cidr("10.0.0.0/8"));
    EXPECT_FALSE(cidr("10.0.0.1/8"));
    EXPECT_TRUE(cidr("1::/16"));
    EXPECT_FALSE(cidr("1::1/16"));
}

TEST(Address, Macaddr8IsNeverWidened) {
    const auto is = [](std::string_view text) { return is_macaddr8(text.data(), text.size()); };
    for (const char* text : {"08002b0102030405", "08:00:2b:01:02:03:04:05", "0800.2b01.0203.0405",
                             "08002b01-02030405", "08002b:0102030405"}) {
        EXPECT_TRUE(is(text)) << text;
    }
    for (const char* text : {"", "08:00:2b:01:02:03", "08002b010203", "08:00:2b:01:02:03:04-05",
                             "08002b.0102030405", "2024-01-31 10:00"}) {
        EXPECT_FALSE(is(text)) << text;
    }
}

}  // namespace
