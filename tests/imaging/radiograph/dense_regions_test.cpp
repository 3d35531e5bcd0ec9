#include "imaging/radiograph/dense_regions.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kSize = 80, kMiddle = 40, kRadius = 8;

double distance_to_middle(int x, int y) { return std::hypot(x - kMiddle, y - kMiddle); }

/// A disc of height 1 on a cone that falls from 0.5 to 0 at 35 pixels.
Plane<float> disc_on_cone() {
  Plane<float> image(kSize, kSize, 0.F);
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x) {
      const double r = distance_to_middle(x, y);
      image.at(x, y) = static_cast<float>(std::max(0.0, 0.5 - r / 70) + (r <= kRadius ? 1.0 : 0.0));
    }
  return image;
}

TEST(DenseRegions, ADiscOnFadingGroundIsOutlinedAtItsStep) {
  const Plane<std::uint8_t> where(kSize, kSize, 1);
  const auto regions = find_dense_regions(disc_on_cone(), where, {0.05, 2.0, 40, 6000, 0.85});
  ASSERT_FALSE(regions.empty());
  EXPECT_NEAR(static_cast<double>(regions[0].pixels.size()), 3.1416 * kRadius * kRadius, 25.0);
  for (const auto& [x, y] : regions[0].pixels) EXPECT_LE(distance_to_middle(x, y), kRadius + 1.0);
}

TEST(DenseRegions, AreDisjointAndKeepToTheirPlace) {
  Plane<float> image = disc_on_cone();
  for (int y = 10; y < 18; ++y)
    for (int x = 10; x < 18; ++x) image.at(x, y) = 2.F;
  Plane<std::uint8_t> where(kSize, kSize, 1);
  for (int y = 0; y < kSize; ++y) where.at(0, y) = 0;
  Plane<int> n_owners(kSize, kSize, 0);
  const auto regions = find_dense_regions(image, where, {0.05, 3.0, 20, 6000, 0.85});
  EXPECT_GE(regions.size(), 2U);
  for (const DenseRegion& region : regions)
    for (const auto& [x, y] : region.pixels) {
      EXPECT_EQ(++n_owners.at(x, y), 1);
      EXPECT_GT(x, 0);
    }
}

TEST(DenseRegions, NothingStandsOutOfAFlatImage) {
  const Plane<std::uint8_t> where(kSize, kSize, 1);
  EXPECT_TRUE(find_dense_regions(Plane<float>(kSize, kSize, 0.F), where, {0.05, 1.0, 40, 6000, 0.85}).empty());
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
