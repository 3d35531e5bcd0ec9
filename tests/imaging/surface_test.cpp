#include "imaging/spine/face_evidence.h"
#include "imaging/spine/surface.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::spine {
namespace {

/// Cost |z - height(x, y)|.
template <typename Height>
Grid<float> cost_of(int nx, int ny, int nz, Height height) {
  Grid<float> cost(nx, ny, nz);
  for (int y = 0; y < ny; ++y)
    for (int x = 0; x < nx; ++x)
      for (int z = 0; z < nz; ++z) cost.at(x, y, z) = static_cast<float>(std::abs(z - height(x, y)));
  return cost;
}

TEST(Surface, FollowsATiltedPlane) {
  const auto s = fit_surface(cost_of(20, 20, 30, [](int x, int y) { return 4 + 0.5 * x + 0.5 * y; }), 0.05f, Lattice::open);
  for (int y = 1; y < 19; ++y)
    for (int x = 1; x < 19; ++x) EXPECT_NEAR(s.at(x, y), 4 + 0.5 * x + 0.5 * y, 0.51);
}

TEST(Surface, BridgesAHoleWithoutData) {
  auto cost = cost_of(21, 21, 30, [](int, int) { return 12.0; });
  for (int y = 8; y <= 12; ++y)
    for (int x = 8; x <= 12; ++x)
      for (int z = 0; z < 30; ++z) cost.at(x, y, z) = 0;
  EXPECT_NEAR(fit_surface(cost, 0.3f, Lattice::open).at(10, 10), 12, 0.5);
}

TEST(Surface, ANarrowFalseEdgeLosesAgainstItsSurroundings) {
  auto cost = cost_of(21, 21, 30, [](int, int) { return 12.0; });
  for (int z = 0; z < 30; ++z) cost.at(10, 10, z) = 0.2f * static_cast<float>(std::abs(z - 20));  // weak evidence 8 labels off
  EXPECT_NEAR(fit_surface(cost, 0.5f, Lattice::open).at(10, 10), 12, 1.0);
}

TEST(Surface, ACyclicLatticeClosesOnItself) {
  auto cost = cost_of(36, 5, 30, [](int, int) { return 9.0; });
  for (int y = 0; y < 5; ++y)
    for (int z = 0; z < 30; ++z)
      for (int x : {0, 1, 34, 35}) cost.at(x, y, z) = 0;  // no data across the seam
  const auto s = fit_surface(cost, 0.3f, Lattice::cyclic_x);
  EXPECT_NEAR(s.at(0, 2), 9, 0.5);
  EXPECT_NEAR(s.at(35, 2), 9, 0.5);
}

TEST(WayToSeen, IsTheChamferWayToTheNearestNode) {
  std::vector<std::uint8_t> seen(7 * 5, 0);
  seen[2 * 7 + 3] = 1;  // x = 3, y = 2
  const auto way = way_to_seen(seen, 7, 3, 4, Lattice::open);
  EXPECT_FLOAT_EQ(way[2 * 7 + 3], 0);
  EXPECT_FLOAT_EQ(way[2 * 7 + 0], 9);
  EXPECT_FLOAT_EQ(way[0 * 7 + 3], 8);
  EXPECT_FLOAT_EQ(way[0 * 7 + 1], 10);      // two diagonals of 3-4-5
  EXPECT_FLOAT_EQ(way[4 * 7 + 6], 10 + 3);  // two diagonals and a step
}

TEST(WayToSeen, GoesRoundACyclicLattice) {
  std::vector<std::uint8_t> seen(36 * 3, 0);
  seen[36 + 35] = 1;
  EXPECT_FLOAT_EQ(way_to_seen(seen, 36, 2, 3, Lattice::cyclic_x)[36 + 1], 4);
  EXPECT_FLOAT_EQ(way_to_seen(seen, 36, 2, 3, Lattice::open)[36 + 1], kUnseen_mm);
}

}  // namespace
}  // namespace cemscope::imaging::spine
