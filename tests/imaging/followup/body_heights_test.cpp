#include "imaging/followup/body_heights.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::followup {
namespace {

// Three boxes of 40 x 30 x 25 mm, 35 mm apart; the middle one is a wedge that loses `front_loss_mm` at its front.
LabelMask spine(double front_loss_mm) {
  LabelMask mask;
  mask.image = LabelImage::New();
  mask.image->SetRegions(LabelImage::SizeType{60, 50, 120});
  mask.image->Allocate(true);
  for (int body = 0; body < 3; ++body)
    for (int k = 0; k < 25; ++k)
      for (int j = 10; j < 40; ++j)
        for (int i = 10; i < 50; ++i) {
          const double loss = body == 1 ? front_loss_mm * (40 - j) / 30.0 : 0.0;
          if (k < 25 - loss) mask.image->SetPixel({{i, j, 85 - 35 * body + k}}, static_cast<std::uint8_t>(body + 1));
        }
  return mask;
}

TEST(HeightsOfLabels, OfABoxAreItsHeight) {
  const auto heights = heights_of_labels(spine(0), 3, 0, 200);
  ASSERT_EQ(heights.size(), 3U);
  for (const auto& body : heights) {
    EXPECT_NEAR(*body.anterior_mm, 25, 0.6);
    EXPECT_NEAR(*body.middle_mm, 25, 0.6);
    EXPECT_NEAR(*body.posterior_mm, 25, 0.6);
    EXPECT_FALSE(body.is_cut);
  }
}

TEST(HeightsOfLabels, OfAWedgeFallToTheFront) {
  const auto body = heights_of_labels(spine(9), 3, 0, 200)[1];
  EXPECT_NEAR(*body.anterior_mm, 25 - 9 * (30 - 5.5) / 30, 1.0);
  EXPECT_NEAR(*body.middle_mm, 25 - 4.5, 0.8);
  EXPECT_NEAR(*body.posterior_mm, 25 - 9 * 5.5 / 30, 1.0);
}

TEST(HeightsOfLabels, BodiesAtTheEndOfTheScanAreCut) {
  const auto heights = heights_of_labels(spine(0), 3, 14.5, 109.5);
  EXPECT_TRUE(heights[0].is_cut);
  EXPECT_FALSE(heights[1].is_cut);
  EXPECT_TRUE(heights[2].is_cut);
}

TEST(HeightsOfLabels, ACornerAtTheEndOfTheScanLeavesTheHeights) {
  auto mask = spine(0);
  for (int k = 110; k < 116; ++k)
    for (int j = 10; j < 40; ++j)
      for (int i = 10; i < 16; ++i) mask.image->SetPixel({{i, j, k}}, std::uint8_t{1});
  const auto heights = heights_of_labels(mask, 3, 0, 115);
  EXPECT_FALSE(heights[0].is_cut);
  EXPECT_TRUE(heights[0].is_at_end);
  EXPECT_FALSE(heights[1].is_at_end);
  EXPECT_NEAR(*heights[0].middle_mm, 25, 0.6);
}

}  // namespace
}  // namespace cemscope::imaging::followup
