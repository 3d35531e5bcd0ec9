#include "imaging/feature_net.h"

#include <gtest/gtest.h>

#include <vector>

namespace cemscope::imaging {
namespace {

/// Weights of a layer of one input and one output, all 0 but for one tap and the constant.
std::vector<std::int16_t> one_tap(int n_taps, int tap, std::int16_t weight, std::int16_t constant) {
  std::vector<std::int16_t> weights(static_cast<std::size_t>(n_taps) + 1, 0);
  weights[static_cast<std::size_t>(tap)] = weight, weights.back() = constant;
  return weights;
}

FeatureGrid counted(int nx, int ny, int nz) {
  FeatureGrid grid(nx, ny, nz, 1);
  int n = 0;
  grid.for_each_node([&](int x, int y, int z) { grid.values(grid.row(x, y, z), 0) = static_cast<float>(++n); });
  return grid;
}

TEST(ConvolutionLayers, ATapLooksAtItsNeighbour) {
  const std::vector<float> unit{0.5F};
  const FeatureGrid in = counted(4, 3, 1);
  const auto weights = one_tap(9, 5, 4, 2);  // the next node of the row, times 2, plus 1
  const FeatureGrid out = ConvolutionLayers(weights, unit).next(in, 1);
  EXPECT_EQ(out.values(out.row(0, 0, 0), 0), 2 * 2 + 1);
  EXPECT_EQ(out.values(out.row(3, 1, 0), 0), 1);  // beyond the border lie zeros
}

TEST(ConvolutionLayers, InThreeDimensionsTheSlowestAxisIsTheFirstOfTheTaps) {
  const std::vector<float> unit{1.F};
  const FeatureGrid in = counted(2, 2, 3);
  const auto weights = one_tap(27, 22, 1, 0);  // the node of the next plane
  const FeatureGrid out = ConvolutionLayers(weights, unit).next(in, 1);
  EXPECT_EQ(out.values(out.row(1, 0, 0), 0), 2 + 4);
  EXPECT_EQ(out.values(out.row(1, 0, 2), 0), 0);
}

TEST(ConvolutionLayers, TakeTheNextLayersWeightsAndUnit) {
  std::vector<std::int16_t> weights = one_tap(9, 4, 1, 0);
  const auto second = one_tap(9, 4, 3, 1);
  weights.insert(weights.end(), second.begin(), second.end());
  const std::vector<float> units{1.F, 2.F};
  ConvolutionLayers layers(weights, units);
  const FeatureGrid in = counted(2, 2, 1), out = layers.next(layers.next(in, 1), 1);
  EXPECT_EQ(out.values(out.row(1, 1, 0), 0), 4 * 6 + 2);
}

TEST(FeatureGrid, FoldsHalvesAndJoins) {
  const auto value = [](int c, int x, int y, int) { return static_cast<float>(100 * c + 10 * y + x); };
  const FeatureGrid folded_grid = folded(4, 4, 1, 2, value);
  EXPECT_EQ(folded_grid.values(folded_grid.row(1, 0, 0), 3 * 2 + 1), 100 + 10 + 3);  // lower right part, second channel
  const FeatureGrid fine = counted(2, 2, 1), coarse = halved(fine), both = joined(fine, coarse);
  EXPECT_EQ(coarse.values(coarse.row(0, 0, 0), 0), 2.5F);
  EXPECT_EQ(both.values(both.row(1, 1, 0), 0), 4);
  EXPECT_EQ(both.values(both.row(1, 1, 0), 1), 2.5F);
  const FeatureGrid deep = halved(counted(2, 2, 4));
  EXPECT_EQ(deep.values(deep.row(0, 0, 0), 0), 4.5F);
}

TEST(FeatureGrid, LeavesATenthBelowZero) {
  FeatureGrid grid = counted(2, 1, 1);
  grid.values(grid.row(0, 0, 0), 0) = -2;
  grid = rectified(std::move(grid));
  EXPECT_FLOAT_EQ(grid.values(grid.row(0, 0, 0), 0), -0.2F);
  EXPECT_EQ(grid.values(grid.row(1, 0, 0), 0), 2);
}

}  // namespace
}  // namespace cemscope::imaging
