#include "imaging/mri/mr_levels.h"

#include <gtest/gtest.h>

namespace cemscope::imaging {
namespace {

MrReading reading_of(int n_bodies, std::vector<int> acute, int first_sacral) {
  MrReading reading;
  reading.bodies.resize(static_cast<std::size_t>(n_bodies));
  reading.acute_bodies = std::move(acute);
  reading.first_sacral = first_sacral;
  return reading;
}

TEST(MrLevels, AreCountedUpFromTheSacrum) {
  const auto levels = name_mr_levels(reading_of(8, {3}, 7), {});
  EXPECT_EQ(levels.source, "counted");
  EXPECT_EQ(levels.names[7], "S1");
  EXPECT_EQ(levels.names[6], "L5");
  EXPECT_EQ(levels.names[2], "L1");
  EXPECT_EQ(levels.names[1], "T12");
}

TEST(MrLevels, ComeFromTheTreatedLevelsWhenTheyFitInOneWay) {
  const auto levels = name_mr_levels(reading_of(6, {1, 3}, 6), {"T12", "L2"});
  EXPECT_EQ(levels.source, "clinical");
  EXPECT_EQ(levels.names[1], "T12");
  EXPECT_EQ(levels.names[3], "L2");
}

TEST(MrLevels, AreUnknownWhenTheTreatedLevelFitsTwoBodies) {
  const auto levels = name_mr_levels(reading_of(6, {1, 3}, 6), {"L1"});
  EXPECT_EQ(levels.source, "none");
  EXPECT_EQ(levels.names[1], "");
}

}  // namespace
}  // namespace cemscope::imaging
