/* Name rules: folding, length, collisions, suggestions. */
#include <gtest/gtest.h>

#include "plan/names.hpp"

using namespace sqlite_import::plan;

TEST(TargetName, FoldsAsciiOnly) {
    EXPECT_EQ(target_name("CustomerId", Identifiers::Lower), "customerid");
    EXPECT_EQ(target_name("ÄPFEL", Identifiers::Lower), "Äpfel");
    EXPECT_EQ(target_name("CustomerId", Identifiers::Preserve), "CustomerId");
}

TEST(TargetName, SnakeCaseFindsWords) {
    EXPECT_EQ(target_name("CustomerId", Identifiers::SnakeCase), "customer_id");
    EXPECT_EQ(target_name("HTTPServer", Identifiers::SnakeCase), "http_server");
    EXPECT_EQ(target_name("Order Details", Identifiers::SnakeCase), "order_details");
    EXPECT_EQ(target_name("already_snake", Identifiers::SnakeCase), "already_snake");
    EXPECT_EQ(target_name("line2Text", Identifiers::SnakeCase), "line2_text");
    EXPECT_EQ(target_name("__x__", Identifiers::SnakeCase), "x");
}

TEST(TargetName, IsNeverEmptyNorInvalid) {
    EXPECT_EQ(target_name("", Identifiers::Lower), "unnamed");
    EXPECT_EQ(target_name("a\xFF"
                          "b",
                          Identifiers::Lower),
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(target_name("\xED\xA0\x80", Identifiers::Lower).find('\xED'), std::string::npos);
}

TEST(TargetName, IsCutBetweenCharacters) {
    const std::string long_name = std::string(62, 'a') + "é";
    EXPECT_EQ(target_name(long_name, Identifiers::Lower), std::string(62, 'a'));
    EXPECT_EQ(target_name(std::string(200, 'x'), Identifiers::Lower).size(), kMaxNameBytes);
}

TEST(ObjectName, CutsTheLongerPart) {
    EXPECT_EQ(object_name("t", {"a", "b"}, "key"), "t_a_b_key");
    EXPECT_EQ(object_name("t", {}, "pkey"), "t_pkey");
    const std::string name = object_name(std::string(60, 't'), {std::string(60, 'c')}, "key");
    EXPECT_EQ(name.size(), kMaxNameBytes);
    EXPECT_EQ(name.substr(name.size() - 4), "_key");
}

TEST(NameSpace, NumbersWhatIsTaken) {
    NameSpace names;
    EXPECT_EQ(names.allocate("a"), "a");
    EXPECT_EQ(names.allocate("a"), "a_2");
    EXPECT_EQ(names.allocate("a"), "a_3");
    const std::string long_name(kMaxNameBytes, 'n');
    EXPECT_EQ(names.allocate(long_name), long_name);
    EXPECT_EQ(names.allocate(long_name), std::string(kMaxNameBytes - 2, 'n') + "_2");
}

TEST(NearNames, SuggestsTyposOnly) {
    EXPECT_EQ(near_names_hint("studnets", {"students", "courses"}),
              "Perhaps you meant \"students\".");
    EXPECT_EQ(near_names_hint("zzz", {"students", "courses"}), "");
    EXPECT_EQ(near_names("ab", {"abc", "abd", "abe", "abf"}).size(), 3U);
}
