#include "src/dicom_out/codes.h"

#include <gtest/gtest.h>

namespace cemscope::dicom_out {
namespace {

using imaging::CementZone;

// PS3.16 CID 7603.
TEST(Codes, LevelsAreThoseOfTheStandard) {
  EXPECT_EQ(level_code("T12"), (Code{"23215003", "SCT", "T12 vertebra"}));
  EXPECT_EQ(level_code("L1"), (Code{"66794005", "SCT", "L1 vertebra"}));
  EXPECT_EQ(level_code("L5"), (Code{"49668003", "SCT", "L5 vertebra"}));
}

TEST(Codes, AnUnnamedLevelIsTheColumn) {
  EXPECT_EQ(level_code("").meaning, "Vertebral column");
  EXPECT_EQ(level_code("L6").meaning, "Vertebral column");
}

TEST(Codes, EveryZoneHasOneThatFitsItsValueRepresentation) {
  for (int zone = 1; zone <= imaging::kNCementZones; ++zone) {
    const auto code = zone_code(static_cast<CementZone>(zone));
    EXPECT_LE(code.value.size(), 16U) << code.value;
    EXPECT_LE(code.meaning.size(), 64U) << code.meaning;
    EXPECT_EQ(code.scheme, kOwnScheme);
  }
}

TEST(Codes, AnswersAreCodedAndUnknownIsNoNo) {
  EXPECT_EQ(answer_code(imaging::Answer::yes).value, "373066001");
  EXPECT_EQ(answer_code(imaging::Answer::no).value, "373067005");
  EXPECT_EQ(answer_code(imaging::Answer::not_assessable).value, "not_assessable");
}

}  // namespace
}  // namespace cemscope::dicom_out
