#include "src/dicom_out/uid.h"

#include <gtest/gtest.h>

namespace cemscope::dicom_out {
namespace {

TEST(Uid, IsLegalAndFollowsFromItsParts) {
  const auto uid = uid_from({"SEG", "abc"});
  EXPECT_EQ(uid, uid_from({"SEG", "abc"}));
  EXPECT_NE(uid, uid_from({"SEG", "abd"}));
  EXPECT_TRUE(uid.starts_with("2.25."));
  EXPECT_LE(uid.size(), 64U);
  EXPECT_EQ(uid.find_first_not_of("0123456789."), std::string::npos);
  EXPECT_NE(uid[5], '0');
}

// The hash of "3:abc" by libxxhash 0.8 called from Python.
TEST(Uid, IsTheHashOfItsPartsAsADecimalNumber) { EXPECT_EQ(uid_from({"abc"}), "2.25.106201524399017343180412610120427645656"); }

TEST(Uid, TellsPartsApart) { EXPECT_NE(uid_from({"ab", "c"}), uid_from({"a", "bc"})); }

}  // namespace
}  // namespace cemscope::dicom_out
