#include "imaging/phantom/slice_filters.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "imaging/phantom/streaks.h"

namespace cemscope::imaging::phantom {
namespace {

class SliceFilterTest : public ::testing::Test {
 protected:
  static constexpr int kSize = 128;
  std::vector<float> pixels_ = std::vector<float>(kSize * kSize, 0.0F);
  Slice slice_{kSize, kSize, 0.7, pixels_.data()};
  float& at(int i, int j) { return pixels_[static_cast<std::size_t>(j) * kSize + i]; }
  double sum() const { return std::accumulate(pixels_.begin(), pixels_.end(), 0.0); }
};

TEST_F(SliceFilterTest, BlurKeepsTheSumAndHasItsWidth) {
  at(64, 64) = 1000;
  blur(slice_, 2.0);
  EXPECT_NEAR(sum(), 1000, 0.1);
  double variance = 0;
  for (int j = 0; j < kSize; ++j)
    for (int i = 0; i < kSize; ++i) variance += at(i, j) * (i - 64) * (i - 64) / 1000;
  EXPECT_NEAR(std::sqrt(variance), 2.0, 0.05);
}

TEST_F(SliceFilterTest, BoneKernelOvershootsAnEdgeAndTheSoftOneDoesNot) {
  for (int j = 0; j < kSize; ++j)
    for (int i = 64; i < kSize; ++i) at(i, j) = 100;
  std::vector<float> copy = pixels_;
  apply_point_spread(slice_, ReconstructionKernel::bone, 0.7);
  const Slice soft{kSize, kSize, 0.7, copy.data()};
  apply_point_spread(soft, ReconstructionKernel::soft, 1.1);
  EXPECT_GT(at(65, 64), 104);
  EXPECT_LT(at(62, 64), -4);
  EXPECT_LE(copy[64 * kSize + 65], 100.01F);
}

TEST_F(SliceFilterTest, NoiseHasTheWantedDeviationInTheMiddle) {
  Random random(1, "noise");
  add_noise(slice_, ReconstructionKernel::standard, 20.0, random);
  double squares = 0;
  int n = 0;
  for (int j = 44; j < 84; ++j)
    for (int i = 44; i < 84; ++i) squares += at(i, j) * at(i, j), ++n;
  EXPECT_NEAR(std::sqrt(squares / n), 20.0, 2.0);
}

TEST_F(SliceFilterTest, StreaksLeaveASliceWithoutDenseObjectsAlone) {
  for (int j = 40; j < 80; ++j)
    for (int i = 40; i < 80; ++i) at(i, j) = 900;
  const std::vector<float> before = pixels_;
  Random random(1, "streaks");
  add_streaks(slice_, 1.0, random);
  EXPECT_EQ(before, pixels_);
}

// Beam hardening darkens the line between two dense rods more than the direction across it.
TEST_F(SliceFilterTest, StreaksDarkenBetweenTwoDenseRods) {
  for (int j = 56; j < 72; ++j)
    for (int i = 0; i < 16; ++i) at(24 + i, j) = at(88 + i, j) = 2500;
  Random random(1, "streaks");
  add_streaks(slice_, 1.0, random);
  EXPECT_LT(at(64, 64), -10);
  EXPECT_LT(at(64, 64), at(64, 30) - 5);
}

}  // namespace
}  // namespace cemscope::imaging::phantom
