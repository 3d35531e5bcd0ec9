#include "imaging/cement/candidates.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::cement {
namespace {

/// A rod, or a vein's cast, of this thickness: 36 mm long and dense, in front of the rear wall.
Candidate long_and_dense(double diameter_mm) {
  Candidate c;
  c.length_mm = 36, c.aspect = 8, c.p90 = 2600;
  c.volume_ml = M_PI / 4 * diameter_mm * diameter_mm * c.length_mm / 1000;
  return c;
}

TEST(IsMetal, AThinCastOfAVeinIsNoneButAWireThroughAPedicleIs) {
  EXPECT_TRUE(is_metal(long_and_dense(5.5)));
  auto thin = long_and_dense(2.4);
  EXPECT_FALSE(is_metal(thin));
  thin.behind = 0.5;
  EXPECT_TRUE(is_metal(thin));
}

// 73015: a tract of 1.85 mm, parted from its deposit by a higher threshold.
TEST(IsMetal, CementThatANeedleLeftInThePedicleIsNone) {
  auto tract = long_and_dense(1.9);
  tract.behind = 0.9, tract.p90 = 1850;
  EXPECT_FALSE(is_metal(tract));
}

TEST(IsMetal, WhatClipsTheScaleBehindTheWallIsMetalOnlyBeyondTheCanal) {
  Candidate c;
  c.saturated = 0.9, c.behind = 0.8, c.length_mm = 16, c.volume_ml = 0.6, c.p90 = 3071;
  c.farthest_behind_mm = 8;
  EXPECT_FALSE(is_metal(c));
  c.farthest_behind_mm = 30;
  EXPECT_TRUE(is_metal(c));
}

}  // namespace
}  // namespace cemscope::imaging::cement
