#include "imaging/cement/outlying.h"

#include <gtest/gtest.h>

#include "imaging/cement/leakage.h"
#include "tests/imaging/cylinder_body.h"

namespace cemscope::imaging::cement {
namespace {

constexpr int kSide = 80;
constexpr std::int16_t kPlateau_hu = 1600;

spine::VertebralBody cylinder() { return spine::cylinder_body(Point_mm(kSide / 2.0, kSide / 2.0, kSide / 2.0), -16); }

class OutlyingCementTest : public testing::Test {
 protected:
  /// A box of `size` voxels from `first`, mm to the left, forwards and up from the middle of the body.
  void cement(std::array<int, 3> first, std::array<int, 3> size, std::int16_t hu = kPlateau_hu) {
    for (int w = 0; w < size[2]; ++w)
      for (int v = 0; v < size[1]; ++v)
        for (int u = 0; u < size[0]; ++u) {
          const std::size_t q = owner_.index(kSide / 2 + first[0] + u, kSide / 2 - first[1] - v, kSide / 2 + first[2] + w);
          hu_[q] = hu, owner_.values[q] = 1, fraction_.values[q] = 1;
        }
  }
  [[nodiscard]] LeakageMeasurement measure() const {
    const VolumeView volume{hu_.data(), {kSide, kSide, kSide}, {1, 1, 1}};
    CementMap map;
    map.region = {{0, 0, 0}, {kSide, kSide, kSide}};
    map.owner = owner_, map.fraction = fraction_;
    Grid<std::uint8_t> zones(kSide, kSide, kSide);
    Deposit deposit;
    deposit.body = 0, deposit.plateau_hu = kPlateau_hu;
    return measure_leakage(volume, map, cylinder(), deposit, {}, {}, zones);
  }

 private:
  std::vector<std::int16_t> hu_ = std::vector<std::int16_t>(static_cast<std::size_t>(kSide) * kSide * kSide, 50);
  Grid<std::uint8_t> owner_{kSide, kSide, kSide};
  Grid<float> fraction_{kSide, kSide, kSide};
};

TEST_F(OutlyingCementTest, CementWithinTheBodyIsNoLeak) {
  cement({-10, -8, -6}, {20, 16, 12});
  const auto leakage = measure();
  EXPECT_EQ(leakage.leak_ml, 0);
  EXPECT_TRUE(leakage.parts.empty());
  EXPECT_EQ(leakage.leak_odds, LeakageMeasurement::kNothingOutside);
}

TEST_F(OutlyingCementTest, ABlobThroughTheWallIsALeakOfItsVolume) {
  cement({0, -4, -4}, {21, 8, 8});
  cement({21, -4, -4}, {5, 8, 8});
  const auto leakage = measure();
  EXPECT_GT(leakage.leak_odds, 2.2);  // nine of ten and more
  EXPECT_NEAR(leakage.zones[static_cast<int>(CementZone::paravertebral) - 1].volume_ml, 0.32, 0.05);
}

// A plaque of the aorta's wall passes for cement; it lies beside the body, but far from where the cement is.
TEST_F(OutlyingCementTest, APlaqueFarFromTheDepositIsNoLeak) {
  cement({-12, -8, -6}, {20, 16, 12});
  cement({22, -3, -5}, {2, 6, 6}, 900);
  const auto leakage = measure();
  ASSERT_EQ(leakage.parts.size(), 1U);
  EXPECT_NEAR(leakage.parts[0].gap_mm, 15, 0.5);
  EXPECT_LT(leakage.leak_odds, 0);
  EXPECT_EQ(leakage.leak_ml, 0);
}

TEST_F(OutlyingCementTest, TwoPlaquesDoNotVouchForOneAnother) {
  cement({-12, -8, -6}, {20, 16, 12});
  cement({22, -3, -5}, {2, 6, 4}, 900);
  cement({22, -3, 3}, {2, 6, 4}, 900);
  const auto leakage = measure();
  ASSERT_EQ(leakage.parts.size(), 2U);
  for (const auto& part : leakage.parts) EXPECT_NEAR(part.gap_mm, 15, 0.5);
  EXPECT_EQ(leakage.leak_ml, 0);
}

TEST_F(OutlyingCementTest, BeadsOfAVeinLeadToTheDeposit) {
  cement({0, -8, -6}, {20, 16, 12});
  cement({24, -3, -3}, {3, 6, 6});
  cement({24, 8, -3}, {3, 6, 6});
  const auto leakage = measure();
  ASSERT_EQ(leakage.parts.size(), 2U);
  for (const auto& part : leakage.parts) EXPECT_LT(part.gap_mm, 7);
}

TEST_F(OutlyingCementTest, TheSamePieceAtTheDepositIsALeak) {
  cement({0, -8, -6}, {20, 16, 12});
  cement({22, -3, -5}, {2, 6, 6});
  const auto leakage = measure();
  EXPECT_GT(leakage.leak_odds, 0);
  EXPECT_NEAR(leakage.leak_ml, 0.072, 0.002);
}

// A face misread by half a voxel leaves a broad crust of the deposit outside.
TEST_F(OutlyingCementTest, ACrustWithinTheToleranceIsNoLeak) {
  cement({-6, -6, 0}, {12, 12, 12});
  const auto leakage = measure();
  EXPECT_TRUE(leakage.parts.empty());
  EXPECT_EQ(leakage.leak_ml, 0);
}

// A leak pressed flat on the waist passes for cortex, and the wall is drawn round it.
TEST_F(OutlyingCementTest, ASheetWithinTheWallThatHangsOnANeckIsALeak) {
  cement({-12, -8, -6}, {20, 16, 12});
  cement({8, -1, -1}, {10, 2, 2});
  cement({18, -5, -4}, {2, 10, 8});
  const auto leakage = measure();
  EXPECT_NEAR(leakage.zones[static_cast<int>(CementZone::paravertebral) - 1].volume_ml, 0.16, 0.02);
  EXPECT_EQ(leakage.zones[static_cast<int>(CementZone::vascular) - 1].volume_ml, 0);
}

TEST_F(OutlyingCementTest, TheSamePlaceFilledFromWithinIsNoLeak) {
  cement({-12, -8, -6}, {20, 16, 12});
  cement({8, -5, -4}, {12, 10, 8});
  EXPECT_EQ(measure().leak_ml, 0);
}

TEST_F(OutlyingCementTest, CementInAPedicleIsANeedleTract) {
  cement({-10, -15, -6}, {20, 16, 12});
  cement({13, -30, 3}, {3, 16, 3});
  const auto leakage = measure();
  ASSERT_EQ(leakage.parts.size(), 1U);
  EXPECT_TRUE(leakage.parts[0].is_tract());
  EXPECT_EQ(leakage.leak_ml, 0);
  EXPECT_GT(leakage.zones[static_cast<int>(CementZone::needle_tract) - 1].volume_ml, 0.1);
}

}  // namespace
}  // namespace cemscope::imaging::cement
