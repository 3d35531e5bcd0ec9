#include "imaging/phantom/vertebra_body.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::phantom {
namespace {

class VertebraBodyTest : public ::testing::Test {
 protected:
  VertebraBody make(const BodyRecipe& recipe) const {
    Random random(3, "body");
    return make_vertebra_body(vertebra_sizes()[level_index("L1")], recipe, texture_, random);
  }
  NoiseTexture texture_{3};
  const VertebraSize& size_ = vertebra_sizes()[level_index("L1")];
};

double volume_ml(const VertebraBody& body, bool left_only) {
  double sum = 0;
  for (double x = left_only ? 0.25 : -35.25; x < 36; x += 0.5)
    for (double y = -30; y < 30; y += 0.5)
      for (double z = -22; z < 22; z += 0.5) sum += coverage(body.distance_mm({x, y, z}), 0.5);
  return sum * 0.125e-3;
}

TEST_F(VertebraBodyTest, HasThePublishedSize) {
  const VertebraBody body = make({});
  EXPECT_NEAR(body.half_width_mm, 0.25 * (size_.width_upper_mm + size_.width_lower_mm), 1e-9);
  EXPECT_NEAR(body.radius_mm(0.0, 1.0), 0.5 * size_.width_upper_mm, 0.1);
  EXPECT_NEAR(body.radius_mm(3.0, 0.0), 0.5 * size_.depth_lower_mm, 0.1);
  EXPECT_NEAR(body.height_mm(0, -0.95 * body.half_depth_mm), size_.height_anterior_mm, 2.5);
}

TEST_F(VertebraBodyTest, NarrowsAtTheWaistAndIndentsAtTheBack) {
  const VertebraBody body = make({});
  EXPECT_LT(body.radius_mm(0.0, 0.5), 0.95 * body.radius_mm(0.0, 1.0));
  EXPECT_LE(body.radius_mm(1.0, 1.0), 0.5 * size_.depth_upper_mm - 0.2);
}

TEST_F(VertebraBodyTest, LeftAndRightHalvesAreEqualWithoutOsteophytes) {
  const VertebraBody body = make({});
  EXPECT_NEAR(volume_ml(body, true), 0.5 * volume_ml(body, false), 0.015 * volume_ml(body, false));
}

TEST_F(VertebraBodyTest, DistanceIsZeroOnTheWallAndGrowsOutwards) {
  const VertebraBody body = make({});
  const double radius = body.radius_mm(0.0, 0.5), z = 0.5 * (body.upper.at(radius, 0) + body.lower.at(radius, 0));
  EXPECT_NEAR(body.distance_mm({radius, 0, z}), 0.0, 0.05);
  EXPECT_NEAR(body.distance_mm({radius + 3, 0, z}), 3.0, 0.4);
  EXPECT_LT(body.distance_mm({0, 0, 0}), -8.0);
}

TEST_F(VertebraBodyTest, CollapsesByTheWantedShareOfItsHeight) {
  const VertebraBody intact = make({});
  const PhantomFracture wedge{"L1", FractureType::wedge, 0.4}, biconcave{"L1", FractureType::biconcave, 0.4},
      crush{"L1", FractureType::crush, 0.4};
  const double front = -0.85 * intact.half_depth_mm;
  EXPECT_NEAR(make({1.0, 2.0, 0.0, &wedge}).height_mm(0, front) / intact.height_mm(0, front), 0.6, 0.08);
  EXPECT_NEAR(make({1.0, 2.0, 0.0, &biconcave}).height_mm(0, 0) / intact.height_mm(0, 0), 0.6, 0.1);
  EXPECT_NEAR(make({1.0, 2.0, 0.0, &crush}).height_mm(0, front) / intact.height_mm(0, front), 0.6, 0.08);
  EXPECT_GT(make({1.0, 2.0, 0.0, &wedge}).height_mm(0, 0.85 * intact.half_depth_mm) / intact.height_mm(0, 0.85 * intact.half_depth_mm),
            0.9);
}

TEST(DiamondAngle, RoundTripsDirections) {
  for (double degrees = 0; degrees < 360; degrees += 7) {
    const double x = std::cos(degrees * 0.0174532925), y = std::sin(degrees * 0.0174532925);
    const auto direction = diamond_direction(diamond_angle(x, y));
    EXPECT_NEAR(direction[0], x, 1e-9);
    EXPECT_NEAR(direction[1], y, 1e-9);
  }
}

}  // namespace
}  // namespace cemscope::imaging::phantom
