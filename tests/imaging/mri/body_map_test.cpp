#include "imaging/mri/body_map.h"

#include <gtest/gtest.h>

#include "imaging/mri/bodies.h"
#include "imaging/mri/settled_bodies.h"

namespace cemscope::imaging::mri {
namespace {

constexpr int kRows = 48;

// Golden numbers from the network of tests/tools/fit_bodies.py (PyTorch 1.13) with the same weights: another implementation. New weights
// need new numbers.
TEST(BodyMap, IsThatOfPyTorch) {
  BodyPicture waves;
  waves.n_rows = kRows;
  for (int c = 0; c < BodyPicture::kChannels; ++c) {
    waves.channels[c] = Grid<float>(BodyLattice::kColumns, kRows, 1);
    for (int y = 0; y < kRows; ++y)
      for (int x = 0; x < BodyLattice::kColumns; ++x) waves.channels[c].at(x, y, 0) = static_cast<float>(std::sin(0.37 * x + 0.23 * y + c));
  }
  const BodyMap map = body_map(waves);
  struct Golden {
    int x, y;
    double body, disc;
  };
  for (const Golden& golden : {Golden{60, 24, -5.99, -6.211}, Golden{10, 40, -6.899, -4.344}, Golden{95, 0, -1.863, -1.994}}) {
    EXPECT_NEAR(map.body.at(golden.x, golden.y, 0), golden.body, 0.02 + 0.002 * std::abs(golden.body)) << golden.x;
    EXPECT_NEAR(map.disc.at(golden.x, golden.y, 0), golden.disc, 0.02 + 0.002 * std::abs(golden.disc)) << golden.x;
  }
}

TEST(BodyMap, IsSureOfNothingBeyondTheLattice) {
  const Grid<float> map(BodyLattice::kColumns, kRows, 1, 9.F);
  EXPECT_EQ(log_odds_at(map, 20, 20), 4);
  EXPECT_EQ(log_odds_at(map, 64, 20), -4);
  EXPECT_EQ(log_odds_at(map, 20, kRows), -4);
}

/// A canal that leans by `lean` columns a row.
CanalCourse course(int n_rows, double lean) {
  CanalCourse canal;
  for (int y = 0; y < n_rows; ++y)
    canal.x_mm.push_back(120 + lean * y), canal.slice.push_back(6), canal.slope.push_back(lean), canal.lean.push_back(lean);
  canal.last_row = n_rows - 1;
  return canal;
}

TEST(CoursePoint, IsTheWayBack) {
  const CanalCourse canal = course(100, 0.3);
  for (const double front : {-20.0, 0.0, 24.0, 50.0}) {
    const auto point = body_point(canal, 40, front, 0);
    const auto back = course_point(canal, point.x, point.row);
    EXPECT_NEAR(back.front_mm, front, 0.3);
    EXPECT_NEAR(back.row, 40, 0.6);  // the course is looked up by whole rows
  }
}

/// Sure of a body in these rows between 10 and 40 mm in front of the canal, tilted.
BodyMap map_of(int first_row, int last_row, double tilt) {
  BodyMap map{Grid<float>(BodyLattice::kColumns, 96, 1, -6.F), Grid<float>(BodyLattice::kColumns, 96, 1, -6.F)};
  for (int y = 0; y < 96; ++y)
    for (int x = 0; x < BodyLattice::kColumns; ++x) {
      const double front = BodyLattice::front_mm(x), row = y - tilt * (front - kAxis_mm);
      if (front >= 10 && front <= 40 && row >= first_row && row <= last_row) map.body.at(x, y, 0) = 6.F;
    }
  return map;
}

MrBody body_at(double top_row, double bottom_row) {
  MrBody body;
  body.top_row = top_row, body.bottom_row = bottom_row;
  return body;
}

TEST(SettleOnMap, MovesEdgesTiltsAndWallsToWhereTheMapHasThem) {
  MrBody body = body_at(27, 60);
  settle_on_map(body, map_of(31, 56, 0.2), course(90, 0));
  EXPECT_NEAR(body.top_row, 30.5, 0.6);
  EXPECT_NEAR(body.bottom_row, 56.5, 0.6);
  EXPECT_NEAR(body.top_tilt, 0.2, 0.07);
  EXPECT_NEAR(body.rear_mm, 10, 1);
  EXPECT_NEAR(body.front_mm, 40, 1);
  EXPECT_NEAR(body.height_mm, 26, 1.2);
  EXPECT_GT(body.mapped_share, 0.95);
}

TEST(SettleOnMap, LeavesABodyThatTheMapDoesNotShow) {
  MrBody body = body_at(27, 60);
  settle_on_map(body, map_of(80, 90, 0), course(90, 0));
  EXPECT_EQ(body.top_row, 27);
  EXPECT_EQ(body.bottom_row, 60);
  EXPECT_EQ(body.rear_mm, 13);
  EXPECT_EQ(body.mapped_share, 0);
}

TEST(SettleOnMap, EndsABodyThatIsNotCutThough) {
  MrBody above = body_at(0, 56);
  above.is_cut = true;
  settle_on_map(above, map_of(31, 54, 0), course(90, 0));
  EXPECT_FALSE(above.is_cut);
  EXPECT_NEAR(above.top_row, 30.5, 0.6);
  MrBody cut = body_at(0, 20);
  cut.is_cut = true;
  settle_on_map(cut, map_of(0, 18, 0), course(90, 0));
  EXPECT_TRUE(cut.is_cut);
  EXPECT_EQ(cut.top_row, 0);
  EXPECT_NEAR(cut.bottom_row, 18.5, 0.6);
}

}  // namespace
}  // namespace cemscope::imaging::mri
