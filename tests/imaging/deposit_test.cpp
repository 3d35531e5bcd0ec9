#include "imaging/cement/deposit.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tests/imaging/cylinder_body.h"

namespace cemscope::imaging::cement {
namespace {

constexpr double kRadius_mm = 9, kCement_hu = 1800, kBone_hu = 150;
constexpr std::array<double, 3> kSpacing_mm{0.7, 0.7, 1.0};
constexpr int kN = 90;

/// A ball of cement in the middle of bone, its border blurred over a voxel, under noise of this SD.
std::vector<std::int16_t> ball_in_bone(const Point_mm& middle, double noise_hu) {
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0, noise_hu);
  std::vector<std::int16_t> hu;
  for (int k = 0; k < kN; ++k)
    for (int j = 0; j < kN; ++j)
      for (int i = 0; i < kN; ++i) {
        const Point_mm at(i * kSpacing_mm[0], j * kSpacing_mm[1], k * kSpacing_mm[2]);
        const double share = std::clamp(0.5 - ((at - middle).norm() - kRadius_mm) / 0.8, 0.0, 1.0);
        hu.push_back(static_cast<std::int16_t>(std::lround(kBone_hu + share * (kCement_hu - kBone_hu) + noise(random))));
      }
  return hu;
}

double volume_found_ml(double noise_hu) {
  const Point_mm middle(0.5 * kN * kSpacing_mm[0], 0.5 * kN * kSpacing_mm[1], 0.5 * kN * kSpacing_mm[2]);
  const auto hu = ball_in_bone(middle, noise_hu);
  const VolumeView volume{hu.data(), {kN, kN, kN}, kSpacing_mm};
  const Deposits found = find_cement(volume, {spine::cylinder_body(middle, -18)}, 3071, {});
  return found.deposits.size() == 1 ? found.deposits[0].partial_volume_ml : 0;
}

TEST(CementVolume, IsThatOfTheBallUnderNoise) {
  constexpr double kTrue_ml = 4.0 / 3 * M_PI * kRadius_mm * kRadius_mm * kRadius_mm / 1000;
  EXPECT_NEAR(volume_found_ml(5), kTrue_ml, 0.01 * kTrue_ml);
  EXPECT_NEAR(volume_found_ml(45), kTrue_ml, 0.015 * kTrue_ml);
}

}  // namespace
}  // namespace cemscope::imaging::cement
