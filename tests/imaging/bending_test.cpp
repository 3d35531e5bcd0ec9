#include "imaging/spine/bending.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::spine {
namespace {

constexpr int kSide = 21;

bool is_hidden(int x, int y) { return std::abs(x - 10) <= 4 && std::abs(y - 10) <= 4; }

/// Heights over a square lattice with a hole in the middle where nothing is known.
template <typename Height>
std::vector<double> bend_over_hole(Height height) {
  std::vector<double> heights, trust;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) heights.push_back(is_hidden(x, y) ? -50.0 : height(x, y)), trust.push_back(is_hidden(x, y) ? 0.0 : 1.0);
  return bend_over(heights, trust, kSide, Lattice::open);
}

TEST(Bending, AHoleInARampIsFilled) {
  const auto ramp = [](int x, int y) { return 0.2 * (x - 10) - 0.1 * (y - 10); };
  const auto filled = bend_over_hole(ramp);
  for (int y = 6; y <= 14; ++y)
    for (int x = 6; x <= 14; ++x) EXPECT_NEAR(filled[y * kSide + x], ramp(x, y), 0.15);
}

TEST(Bending, AHoleInABowlIsRounderThanFlat) {
  const auto bowl = [](int x, int y) { return -0.02 * ((x - 10) * (x - 10) + (y - 10) * (y - 10)); };
  const double middle = bend_over_hole(bowl)[10 * kSide + 10], border = bowl(5, 10);
  EXPECT_GT(middle, border + 0.1);  // 0.5 above the border in truth
  EXPECT_LT(middle, 0.2);
}

TEST(Bending, WhatShowsStays) {
  std::vector<double> heights(kSide * kSide, 0.0), trust(heights.size(), 1.0);
  for (int y = 0; y < kSide; ++y)
    for (int x = 10; x < kSide; ++x) heights[y * kSide + x] = 2;
  const auto bent = bend_over(heights, trust, kSide, Lattice::open);
  EXPECT_NEAR(bent[10 * kSide + 4], 0, 0.2);
  EXPECT_NEAR(bent[10 * kSide + 16], 2, 0.2);
}

TEST(Bending, NothingKnownIsFlat) {
  for (double h : bend_over(std::vector<double>(60, 7.0), std::vector<double>(60, 0.0), 12, Lattice::cyclic_x)) EXPECT_NEAR(h, 0, 1e-9);
}

TEST(Bending, ACyclicLatticeClosesOnItself) {
  std::vector<double> heights(36 * 3, 0.0), trust(heights.size(), 0.0);
  for (int y = 0; y < 3; ++y) heights[y * 36 + 35] = 1, trust[y * 36 + 35] = 1;
  const auto bent = bend_over(heights, trust, 36, Lattice::cyclic_x);
  EXPECT_NEAR(bent[36], bent[36 + 34], 1e-9);
  EXPECT_GT(bent[36], 0.5);
}

}  // namespace
}  // namespace cemscope::imaging::spine
