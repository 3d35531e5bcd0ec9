#include "src/ingest/case_id.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace cemscope::ingest {
namespace {

TEST(SafeFileName, LeavesASafeIdAlone) {
  for (const char* id : {"OPEN01", "a", "2019-03.06_x", "0"}) EXPECT_EQ(safe_file_name(id), id);
}

class UnsafeIds : public testing::TestWithParam<std::string> {};

TEST_P(UnsafeIds, BecomeOneSafePathComponent) {
  const auto name = safe_file_name(GetParam());
  EXPECT_FALSE(name.empty());
  EXPECT_LE(name.size(), 64U);
  EXPECT_NE(name.front(), '.');
  EXPECT_NE(name.front(), '-');
  EXPECT_TRUE(std::all_of(name.begin(), name.end(),
                          [](unsigned char c) { return c < 128 && (std::isalnum(c) || c == '.' || c == '_' || c == '-'); }));
  EXPECT_NE(name, GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, UnsafeIds,
                         testing::Values("../../x", "", ".", "..", "...", "-rf", "a/b", "a\\b", "a b", "\xE5\xBC\xA0\xE4\xB8\x89", "x\n",
                                         "C:", "*", std::string(65, 'a'), std::string(4000, '/'), std::string("a\0b", 3), ".hidden",
                                         "=1+1"));

TEST(SafeFileName, KeepsDifferentIdsApart) {
  const std::string ids[] = {"a/b",          "a\\b",         "a b", "a_b", "../a_b", std::string(65, 'a'), std::string(66, 'a'),
                             "\xE5\xBC\xA0", "\xE6\x9D\x8E", ".",   "..",  ""};
  std::set<std::string> names;
  for (const auto& id : ids) names.insert(safe_file_name(id));
  EXPECT_EQ(names.size(), std::size(ids));
}

TEST(DistinguishedFileName, TellsPeopleUnderOneIdApart) {
  EXPECT_NE(distinguished_file_name("P1", "A"), distinguished_file_name("P1", "B"));
  EXPECT_NE(distinguished_file_name("P1", "A"), safe_file_name("P1"));
  EXPECT_EQ(distinguished_file_name("P1", "A"), distinguished_file_name("P1", "A"));
}

}  // namespace
}  // namespace cemscope::ingest
