#include "imaging/radiograph/shadow_net.h"

#include <gtest/gtest.h>

#include "imaging/radiograph/film_findings.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kSize = BodyPicture::kSize;

/// Waves that differ by channel.
BodyPicture waves() {
  BodyPicture picture;
  for (int n = 0; n < BodyPicture::kChannels; ++n) {
    picture.channels[n] = Plane<float>(kSize, kSize);
    for (int y = 0; y < kSize; ++y)
      for (int x = 0; x < kSize; ++x) picture.channels[n].at(x, y) = static_cast<float>(std::sin(0.37 * x + 0.23 * y + n));
  }
  return picture;
}

void expect_shadows(const BodyShadows& shadows, int x, int y, const std::array<double, 3>& golden) {
  EXPECT_NEAR(shadows.body.at(x, y), golden[0], 0.01 + 0.002 * std::abs(golden[0]));
  EXPECT_NEAR(shadows.cement.at(x, y), golden[1], 0.01 + 0.002 * std::abs(golden[1]));
  EXPECT_NEAR(shadows.leak.at(x, y), golden[2], 0.01 + 0.002 * std::abs(golden[2]));
}

// Golden numbers from the network of tests/tools/fit_shadows.py (numpy 1.24) with the same weights: another implementation. New weights
// need new numbers.
TEST(BodyShadows, AreThoseOfNumpy) {
  const BodyShadows ap = body_shadows(waves(), FilmView::ap), lateral = body_shadows(waves(), FilmView::lateral);
  expect_shadows(ap, 32, 32, {-2.112, -10.447, -11.418});
  expect_shadows(ap, 10, 50, {-4.678, -10.013, -12.198});
  expect_shadows(ap, 63, 0, {-3.178, -4.642, -4.222});
  expect_shadows(lateral, 32, 32, {-24.276, -17.674, -27.949});
  expect_shadows(lateral, 10, 50, {-6.875, -11.332, -11.556});
  expect_shadows(lateral, 63, 0, {-3.402, -6.281, -5.402});
}

/// A body of 40 x 24 mm with cement in a part of it: columns and rows of the body from the first up to but not including the last.
BodyShadows body_with_cement(int first_column, int last_column, int first_row, int last_row) {
  BodyShadows shadows{Plane<float>(kSize, kSize, -9.F), Plane<float>(kSize, kSize, -9.F), Plane<float>(kSize, kSize, -9.F)};
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 40; ++x) {
      shadows.body.at(12 + x, 20 + y) = 9.F;
      if (x >= first_column && x < last_column && y >= first_row && y < last_row) shadows.cement.at(12 + x, 20 + y) = 9.F;
    }
  return shadows;
}

TEST(ShadowSpread, CountsCementByThirdsOfTheBody) {
  const ShadowSpread spread = shadow_spread(body_with_cement(0, 14, 0, 4));
  EXPECT_EQ(spread.body_mm2, 40 * 24);
  EXPECT_NEAR(spread.cover[0][0], 0.5, 1e-3);
  for (const double empty : {spread.cover[0][1], spread.cover[0][2], spread.cover[1][0], spread.cover[2][2]}) EXPECT_NEAR(empty, 0, 1e-3);
}

TEST(ShadowSpread, LeavesOutTheTipsOfOsteophytes) {
  BodyShadows shadows = body_with_cement(0, 40, 0, 24);
  for (int x = 0; x < 12; ++x) shadows.body.at(x, 20) = 9.F;
  EXPECT_EQ(shadow_spread(shadows).body_mm2, 40 * 24);
}

TEST(ShadowSpread, IsNothingWithoutABody) {
  BodyShadows shadows = body_with_cement(0, 40, 0, 24);
  shadows.body = Plane<float>(kSize, kSize, -1.F);
  const ShadowSpread spread = shadow_spread(shadows);
  EXPECT_EQ(spread.body_mm2, 0);
  EXPECT_EQ(spread.cover[1][1], 0);
}

TEST(EvenLogOdds, GrowWithWhatTheSmallerSideHolds) {
  const ShadowSpread even = shadow_spread(body_with_cement(4, 36, 0, 20)), lopsided = shadow_spread(body_with_cement(4, 24, 0, 20)),
                     side = shadow_spread(body_with_cement(4, 36, 4, 20));
  EXPECT_GT(even_log_odds(even, side), 0);
  EXPECT_LT(even_log_odds(lopsided, side), 0);
  EXPECT_GT(even_log_odds(even, std::nullopt), 0);
}

TEST(EvenLogOdds, WantCementFrontAndBack) {
  const ShadowSpread even = shadow_spread(body_with_cement(4, 36, 0, 20));
  EXPECT_GT(even_log_odds(even, shadow_spread(body_with_cement(4, 36, 4, 20))),
            even_log_odds(even, shadow_spread(body_with_cement(4, 12, 4, 20))));
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
