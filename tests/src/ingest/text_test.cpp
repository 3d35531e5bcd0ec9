#include "src/ingest/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cemscope::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseNumber, TakesTheFirstDecimalStringOrNothing) {
  EXPECT_EQ(parse_number(" 1.25 "), 1.25);
  EXPECT_EQ(parse_number("+3e-2\\9"), 0.03);
  EXPECT_EQ(parse_number("-1024"), -1024);
  for (const char* text : {"", " ", "x", "1,5", "1 2", "nan", "inf", "1e999"}) EXPECT_FALSE(parse_number(text)) << text;
}

TEST(ParseInt, FallsBackOnWhatDoesNotFit) {
  EXPECT_EQ(parse_int("12", 5), 12);
  EXPECT_EQ(parse_int("99999999999", 5), 5);
  EXPECT_EQ(parse_int("", 5), 5);
}

TEST(ParseNumbers, GivesAllOrNone) {
  EXPECT_THAT(parse_numbers("1\\-2.5 \\3"), ElementsAre(1, -2.5, 3));
  EXPECT_THAT(parse_numbers("1\\\\3"), IsEmpty());
  EXPECT_THAT(parse_numbers(""), IsEmpty());
}

TEST(SplitValues, TrimsAndKeepsEmptyOnesBetween) {
  EXPECT_THAT(split_values("A \\ B\\\\C"), ElementsAre("A", "B", "", "C"));
  EXPECT_THAT(split_values("  "), IsEmpty());
}

// RFC 3629: overlong forms, surrogates and code points above U+10FFFF are ill-formed.
TEST(IsUtf8, FollowsRfc3629) {
  for (const char* text : {"", "abc", "\xC3\xA9", "\xE5\xBC\xA0", "\xF0\x9F\xA6\xB4", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "a\xFF"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(ReplaceIllFormed, MarksEveryBadByteAndDropsNone) {
  EXPECT_EQ(replace_ill_formed("a\xFF\xFE"
                               "b"),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(replace_ill_formed("line\nbreak\x1B["), "line break [");
  EXPECT_EQ(replace_ill_formed("\xE5\xBC\xA0"), "\xE5\xBC\xA0");
}

TEST(PathToUtf8, IsReversibleForAnyBytes) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string paths[] = {"plain/IM0001", "\xE5\xBC\xA0/x", "\xB0\xA1/GBK", all, "\xEE\xBE\x80 private use", "\xEE\xBF\xBF"};
  for (const auto& path : paths) {
    const auto text = path_to_utf8(path);
    EXPECT_TRUE(is_utf8(text));
    EXPECT_EQ(path_from_utf8(text), path);
  }
  EXPECT_EQ(path_to_utf8("plain/IM0001"), "plain/IM0001");
}

TEST(DisplayedPath, WritesBadBytesInHexadecimal) { EXPECT_EQ(displayed_path("a/\xB0\xA1\n"), "a/\\xB0\\xA1\\x0A"); }

// XXH64 of the empty input with seed 0, from xxHash's own test vectors.
TEST(HashHex, IsXxh64) { EXPECT_EQ(hash_hex(""), "ef46db3751d8e999"); }

}  // namespace
}  // namespace cemscope::ingest
