#include "imaging/components.h"

#include <gtest/gtest.h>

namespace cemscope::imaging {
namespace {

Grid<std::uint8_t> cube(int n, int from, int to) {
  Grid<std::uint8_t> g(n, n, n);
  for (int z = from; z <= to; ++z)
    for (int y = from; y <= to; ++y)
      for (int x = from; x <= to; ++x) g.at(x, y, z) = 1;
  return g;
}

std::size_t count(const Grid<std::uint8_t>& g) {
  std::size_t n = 0;
  for (auto v : g.values) n += v != 0;
  return n;
}

TEST(Components, VoxelsThatTouchAtACornerAreOne) {
  Grid<std::uint8_t> g(5, 5, 5);
  g.at(1, 1, 1) = g.at(2, 2, 2) = g.at(4, 4, 4) = 1;
  const auto components = label_components(g);
  ASSERT_EQ(components.size(), 2u);
  EXPECT_EQ(components[0].size(), 2u);
  EXPECT_EQ(components[1].size(), 1u);
}

TEST(Components, DilationOfACubeGrowsEachSideByOne) {
  EXPECT_EQ(count(dilate(cube(9, 3, 5), 1)), 125u);
  EXPECT_EQ(count(dilate(cube(9, 3, 5), 2)), 343u);
}

TEST(Components, ErosionOfACubeTakesOneFromEachSide) { EXPECT_EQ(count(erode_once(cube(9, 2, 6))), 27u); }

TEST(Components, ErosionTakesWhatTouchesTheBorder) { EXPECT_EQ(count(erode_once(cube(5, 0, 4))), 27u); }

}  // namespace
}  // namespace cemscope::imaging
