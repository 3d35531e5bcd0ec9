#include "src/phantom/uid.h"

#include <set>

#include <gtest/gtest.h>

namespace cemscope::phantom {
namespace {

TEST(MakeUid, IsAValidUuidDerivedUid) {
  for (int n = 0; n < 200; ++n) {
    const std::string uid = make_uid(n, "series");
    EXPECT_EQ(uid.rfind("2.25.", 0), 0U);
    EXPECT_LE(uid.size(), 5U + 39U);  // 2^128 has 39 digits
    EXPECT_EQ(uid.find_first_not_of("0123456789", 5), std::string::npos);
    EXPECT_NE(uid[5], '0');
  }
}

TEST(MakeUid, FollowsFromSeedAndName) {
  EXPECT_EQ(make_uid(1, "a"), make_uid(1, "a"));
  std::set<std::string> all;
  for (int n = 0; n < 1000; ++n) all.insert(make_uid(n % 10, "image " + std::to_string(n / 10)));
  EXPECT_EQ(all.size(), 1000U);
}

}  // namespace
}  // namespace cemscope::phantom
