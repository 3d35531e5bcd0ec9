#include "imaging/phantom/percolation.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace cemscope::imaging::phantom {
namespace {

CementBrick empty_brick(int n) {
  CementBrick brick;
  brick.size = {n, n, n};
  brick.zone.assign(static_cast<std::size_t>(n) * n * n, 0);
  return brick;
}

double volume_ml(const CementBrick& brick, CementZone zone) {
  return static_cast<double>(std::count(brick.zone.begin(), brick.zone.end(), static_cast<std::uint8_t>(zone))) * CementBrick::kCell_ml;
}

TEST(Percolate, FillsTheWantedVolumeAsABallWhenResistanceIsDistance) {
  CementBrick brick = empty_brick(41);
  const Point_mm middle = CementBrick::kCell_mm * Point_mm(20, 20, 20);
  const double filled =
      percolate(brick, {middle}, CementZone::body, 0.5, [&](const Point_mm& local) { return std::optional((local - middle).norm()); });
  EXPECT_NEAR(filled, 0.5, CementBrick::kCell_ml);
  EXPECT_NEAR(volume_ml(brick, CementZone::body), 0.5, CementBrick::kCell_ml);
  const double radius = std::cbrt(0.5 * 1000 * 3 / (4 * 3.14159265));
  for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(brick.zone.size()); ++cell)
    if (brick.zone[cell] != 0) {
      EXPECT_LT((brick.local_of(cell) - middle).norm(), radius + CementBrick::kCell_mm);
    }
}

TEST(Percolate, StaysWhereItIsAllowedAndStopsWhenThatIsFull) {
  CementBrick brick = empty_brick(21);
  const auto slab = [](const Point_mm& local) { return local.z() < 1.5 ? std::optional(0.0) : std::nullopt; };
  const double filled = percolate(brick, {{4, 4, 0}}, CementZone::disc, 10.0, slab);
  EXPECT_NEAR(filled, 21 * 21 * 4 * CementBrick::kCell_ml, 1e-9);
}

TEST(Percolate, PassesOtherCementWithoutRelabelling) {
  CementBrick brick = empty_brick(21);
  percolate(brick, {{4, 4, 4}}, CementZone::body, 0.05,
            [](const Point_mm& local) { return std::optional((local - Point_mm(4, 4, 4)).norm()); });
  const double body = volume_ml(brick, CementZone::body);
  percolate(brick, {{4, 4, 4}}, CementZone::canal, 0.03,
            [](const Point_mm& local) { return std::optional((local - Point_mm(4, 4, 4)).norm()); });
  EXPECT_DOUBLE_EQ(volume_ml(brick, CementZone::body), body);
  EXPECT_NEAR(volume_ml(brick, CementZone::canal), 0.03, CementBrick::kCell_ml);
}

TEST(CementBrick, InterpolatedShareSumsToTheVolume) {
  CementBrick brick = empty_brick(21);
  percolate(brick, {{4, 4, 4}}, CementZone::body, 0.1,
            [](const Point_mm& local) { return std::optional((local - Point_mm(4, 4, 4)).norm()); });
  double sum = 0;
  constexpr double kStep = 0.29;
  for (double x = -1; x < 9; x += kStep)
    for (double y = -1; y < 9; y += kStep)
      for (double z = -1; z < 9; z += kStep) sum += brick.share_at({x, y, z});
  EXPECT_NEAR(sum * kStep * kStep * kStep * 1e-3, 0.1, 0.0005);
}

}  // namespace
}  // namespace cemscope::imaging::phantom
