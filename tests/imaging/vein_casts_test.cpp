#include "imaging/cement/vein_casts.h"

#include <gtest/gtest.h>

#include "tests/imaging/cylinder_body.h"

namespace cemscope::imaging::cement {
namespace {

constexpr int kSide = 90;
constexpr double kPlateau_hu = 1500;
constexpr std::int16_t kCast_hu = 650;  // denser than bone, far below the half of the cement
constexpr DensestBone kBone{.body_hu = 500, .arch_hu = 600};

/// Part of a ring about the body's axis, mm and degrees (0 to the patient's left, 90 in front).
struct Arc {
  double from_deg, to_deg, inner_mm, outer_mm, half_height_mm;
  [[nodiscard]] bool holds(const Eigen::Vector3d& q) const {
    const double r = std::hypot(q[0], q[1]), angle = std::atan2(q[1], q[0]) * 180 / M_PI;
    return r >= inner_mm && r <= outer_mm && angle >= from_deg && angle <= to_deg && std::abs(q[2]) <= half_height_mm;
  }
};

/// A deposit under the left wall of a cylinder and an arc beside it: the share of the arc that is taken for cement.
double share_taken(const Arc& arc) {
  const spine::VertebralBody body = spine::cylinder_body(Point_mm(kSide / 2.0, kSide / 2.0, kSide / 2.0), -18);
  std::vector<std::int16_t> hu(static_cast<std::size_t>(kSide) * kSide * kSide, 50);
  const VolumeView volume{hu.data(), {kSide, kSide, kSide}, {1, 1, 1}};
  CementMap map;
  map.region = {{0, 0, 0}, {kSide, kSide, kSide}};
  map.owner = map.metal = Grid<std::uint8_t>(kSide, kSide, kSide);
  map.seed_hu = 900;
  std::vector<std::size_t> own;
  for (std::size_t q = 0; q < hu.size(); ++q) {
    const Eigen::Vector3d at = body.frame.to_local(
        Point_mm(static_cast<double>(q % kSide), static_cast<double>(q / kSide % kSide), static_cast<double>(q / kSide / kSide)));
    if ((at - Eigen::Vector3d(12, 0, 0)).norm() <= 7) hu[q] = static_cast<std::int16_t>(kPlateau_hu), map.owner.values[q] = 1;
    if (arc.holds(at)) hu[q] = kCast_hu, own.push_back(q);
  }
  add_vein_casts(Placement(volume, map.region), {body}, kBone, {kPlateau_hu}, CementParameters{}, map);
  const auto n = std::count_if(own.begin(), own.end(), [&](std::size_t q) { return map.owner.values[q] == 1; });
  return static_cast<double>(n) / static_cast<double>(own.size());
}

TEST(VeinCasts, ACastThatRunsRoundTheBodyIsTakenAsOneThatRunsStraight) {
  EXPECT_EQ(share_taken({.from_deg = 0, .to_deg = 40, .inner_mm = 22, .outer_mm = 24, .half_height_mm = 1}), 1);
  EXPECT_EQ(share_taken({.from_deg = 0, .to_deg = 110, .inner_mm = 22, .outer_mm = 24, .half_height_mm = 1}), 1);
}

TEST(VeinCasts, AShellOfBoneIsNone) {
  EXPECT_EQ(share_taken({.from_deg = 0, .to_deg = 60, .inner_mm = 21, .outer_mm = 23, .half_height_mm = 6}), 0);
}

TEST(VeinCasts, WhatIsFarFromTheDepositIsNone) {
  EXPECT_EQ(share_taken({.from_deg = 90, .to_deg = 150, .inner_mm = 22, .outer_mm = 24, .half_height_mm = 1}), 0);
}

TEST(VeinCasts, AThickArcIsNone) {
  EXPECT_EQ(share_taken({.from_deg = 0, .to_deg = 40, .inner_mm = 21.5, .outer_mm = 27, .half_height_mm = 3}), 0);
}

}  // namespace
}  // namespace cemscope::imaging::cement
