#include "imaging/phantom/shapes.h"

#include <numbers>

#include <gtest/gtest.h>

namespace cemscope::imaging::phantom {
namespace {

constexpr double kPi = std::numbers::pi;

// Volume by summing the partial-volume coverage over a grid that does not fit the shape.
double covered_volume(const BonePart& part, double step_mm) {
  double sum = 0;
  for (double x = part.box().low.x(); x < part.box().high.x(); x += step_mm)
    for (double y = part.box().low.y(); y < part.box().high.y(); y += step_mm)
      for (double z = part.box().low.z(); z < part.box().high.z(); z += step_mm) sum += coverage(part.distance_mm({x, y, z}), step_mm);
  return sum * step_mm * step_mm * step_mm;
}

TEST(BonePart, SphereDistanceIsExact) {
  const BonePart sphere(PartKind::facet, {1, 2, 3}, {1, 2, 3}, 4, 4);
  EXPECT_NEAR(sphere.distance_mm({1 + 9, 2, 3}), 5.0, 1e-6);
  EXPECT_NEAR(sphere.distance_mm({1, 2 - 3, 3}), -1.0, 1e-6);
}

TEST(BonePart, CapsuleVolumeIsTheClosedForm) {
  const BonePart capsule(PartKind::lamina, {0, 0, 0}, {0, 0, 10}, 3, 3);
  EXPECT_NEAR(covered_volume(capsule, 0.37), kPi * 9 * 10 + 4.0 / 3 * kPi * 27, 2.0);
}

TEST(BonePart, StretchMultipliesOneRadius) {
  const BonePart ellipsoid(PartKind::lamina, {0, 0, 0}, {0, 0, 0}, 4, 4, Direction::UnitZ(), 2.5);
  EXPECT_NEAR(ellipsoid.distance_mm({0, 0, 10}), 0.0, 1e-6);
  EXPECT_NEAR(ellipsoid.distance_mm({4, 0, 0}), 0.0, 1e-6);
  EXPECT_NEAR(covered_volume(ellipsoid, 0.4), 4.0 / 3 * kPi * 64 * 2.5, 4.0);
}

TEST(BonePart, BoxHoldsTheWholePart) {
  const BonePart part(PartKind::spinous, {1, -2, 3}, {9, 4, -5}, 2, 5, Direction(1, 1, 0), 3);
  for (double x = -30; x < 40; x += 1.3)
    for (double y = -30; y < 40; y += 1.3)
      for (double z = -30; z < 30; z += 1.3)
        if (part.distance_mm({x, y, z}) < 0) {
          EXPECT_TRUE((Point_mm(x, y, z).array() >= part.box().low.array()).all() &&
                      (Point_mm(x, y, z).array() <= part.box().high.array()).all());
        }
}

TEST(SmoothMin, NeverExceedsTheSmallerAndMeetsItFarFromTheSeam) {
  EXPECT_DOUBLE_EQ(smooth_min(1.0, 9.0, 2.0), 1.0);
  EXPECT_DOUBLE_EQ(smooth_min(3.0, 3.0, 2.0), 2.5);
  EXPECT_DOUBLE_EQ(smooth_max(3.0, 3.0, 2.0), 3.5);
}

TEST(LocalFrame, RoundTripsPoints) {
  LocalFrame frame;
  frame.centre_mm = {4, 5, 6};
  frame.axes << 0, -1, 0, 1, 0, 0, 0, 0, 1;
  EXPECT_TRUE(frame.to_local(frame.to_patient({1, 2, 3})).isApprox(Point_mm(1, 2, 3)));
  EXPECT_TRUE(frame.to_patient({1, 0, 0}).isApprox(Point_mm(4, 6, 6)));
}

}  // namespace
}  // namespace cemscope::imaging::phantom
