#include "imaging/spine/body_map.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::spine {
namespace {

ColumnPicture waves() {
  ColumnPicture picture;
  for (int c = 0; c < ColumnPicture::kChannels; ++c) {
    picture.channels[static_cast<std::size_t>(c)] = Grid<float>(ColumnLattice::kLeft, ColumnLattice::kFront, 16);
    for (int z = 0; z < 16; ++z)
      for (int y = 0; y < ColumnLattice::kFront; ++y)
        for (int x = 0; x < ColumnLattice::kLeft; ++x)
          picture.channels[static_cast<std::size_t>(c)].at(x, y, z) = static_cast<float>(std::sin(0.37 * x + 0.23 * y + 0.41 * z + c));
  }
  return picture;
}

// Golden numbers from the network of tests/tools/fit_columns.py (PyTorch 1.13) with the same weights: another implementation. New weights
// make new numbers.
TEST(ColumnMap, AgreesWithAnotherImplementation) {
  const BodyMap map = body_map(waves());
  struct Golden {
    int x, y, z;
    double body, disc;
  };
  for (const Golden& g : {Golden{14, 16, 8, -5.851, -2.748}, Golden{0, 0, 0, -1.580, -3.767}, Golden{27, 31, 15, -0.900, -2.295}}) {
    EXPECT_NEAR(map.body.at(g.x, g.y, g.z), g.body, 0.02 + 0.002 * std::abs(g.body)) << g.x;
    EXPECT_NEAR(map.disc.at(g.x, g.y, g.z), g.disc, 0.02 + 0.002 * std::abs(g.disc)) << g.x;
  }
}

StraightSpine bone_of(int length) {
  StraightSpine spine;
  spine.frame.origin.assign(static_cast<std::size_t>(length), Point_mm(0, 0, 0));
  const int nx = 2 * StraightSpine::kLeft_mm + 1, ny = StraightSpine::kFront_mm + StraightSpine::kBehind_mm + 1;
  spine.hu = Grid<std::int16_t>(nx, ny, length, 170);
  spine.dense = spine.empty = Grid<std::uint8_t>(nx, ny, length);
  return spine;
}

TEST(ColumnPicture, HoldsMeansOfNodesAndNothingBeyondTheCourse) {
  StraightSpine spine = bone_of(33);
  spine.dense.at(spine.x_of(0), spine.y_of(20), 10) = 1;
  spine.empty.at(spine.x_of(1), spine.y_of(21), 11) = 1;
  const auto picture = column_picture(spine);
  ASSERT_EQ(picture.channels[0].nz, 20);
  const int x = (0 - ColumnLattice::kFirstLeft_mm) / 2, y = (20 - ColumnLattice::kFirstFront_mm) / 2;
  EXPECT_NEAR(picture.channels[0].at(0, 0, 0), 170 / 250.0, 1e-5);
  EXPECT_NEAR(picture.channels[0].at(x, y, 5), (7 * 170 - 80) / (8 * 250.0), 1e-5);
  EXPECT_NEAR(picture.channels[1].at(x, y, 5), 1 / 8.0, 1e-6);
  EXPECT_NEAR(picture.channels[2].at(x, y, 5), 7 / 8.0, 1e-6);
  EXPECT_NEAR(picture.channels[2].at(x, y, 16), 0.5, 1e-6);
  EXPECT_NEAR(picture.channels[0].at(x, y, 17), -80 / 250.0, 1e-5);
}

TEST(ColumnMap, IsReadBetweenNodesAndNoSurerThanFour) {
  Grid<float> map(ColumnLattice::kLeft, ColumnLattice::kFront, 16);
  for (int z = 0; z < 16; ++z)
    for (int y = 0; y < map.ny; ++y)
      for (int x = 0; x < map.nx; ++x) map.at(x, y, z) = static_cast<float>(0.1 * x);
  EXPECT_NEAR(log_odds_at(map, 10, 10, ColumnLattice::kFirstLeft_mm + 0.5), 0, 1e-4);
  EXPECT_NEAR(log_odds_at(map, 10, 10, ColumnLattice::kFirstLeft_mm + 5.5), 0.25, 1e-4);
  EXPECT_NEAR(log_odds_at(map, 10, 10, -100), 0, 1e-4);
  EXPECT_NEAR(log_odds_at(Grid<float>(ColumnLattice::kLeft, ColumnLattice::kFront, 16, 9.F), 10, 10, 0), 4, 1e-4);
}

}  // namespace
}  // namespace cemscope::imaging::spine
