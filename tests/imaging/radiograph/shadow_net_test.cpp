#include "imaging/radiograph/shadow_net.h"

#include <gtest/gtest.h>

#include "imaging/radiograph/film_findings.h"
#include "imaging/radiograph/shadow_outline.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kRows = 48, kWidth = StripGrid::kWidth;

/// Waves that differ by channel.
StripPicture waves() {
  StripPicture picture;
  for (int n = 0; n < StripPicture::kChannels; ++n) {
    picture.channels[n] = Plane<float>(kWidth, kRows);
    for (int y = 0; y < kRows; ++y)
      for (int x = 0; x < kWidth; ++x) picture.channels[n].at(x, y) = static_cast<float>(std::sin(0.37 * x + 0.23 * y + n));
  }
  return picture;
}

void expect_shadows(const FilmShadows& shadows, int x, int y, const std::array<double, 4>& golden) {
  const std::array<float, 4> own{shadows.body.at(x, y), shadows.right.at(x, y), shadows.cement.at(x, y), shadows.leak.at(x, y)};
  for (std::size_t n = 0; n < own.size(); ++n) EXPECT_NEAR(own[n], golden[n], 0.02 + 0.002 * std::abs(golden[n])) << n;
}

// Golden numbers from the network of tests/tools/fit_shadows.py (PyTorch 1.13) with the same weights: another implementation. New weights
// need new numbers.
TEST(FilmShadows, AreThoseOfPyTorch) {
  const FilmShadows ap = film_shadows(waves(), FilmView::ap), lateral = film_shadows(waves(), FilmView::lateral);
  expect_shadows(ap, 60, 24, {-6.626, -7.400, -10.825, -11.634});
  expect_shadows(ap, 10, 40, {-2.535, -6.218, -7.357, -8.764});
  expect_shadows(ap, 119, 0, {-0.445, -0.360, -3.583, -4.742});
  expect_shadows(lateral, 60, 24, {3.928, -20.802, 1.621, -6.175});
  expect_shadows(lateral, 10, 40, {-1.813, -30.063, -1.157, -4.613});
  expect_shadows(lateral, 119, 0, {-0.621, -6.477, -0.599, -1.735});
}

TEST(StripGrid, HasItsPlacesWhereStraightenedHasThem) {
  for (const bool is_flipped : {false, true}) {
    const StripGrid grid{is_flipped};
    EXPECT_EQ(grid.pixel(grid.place(17, 5)), Eigen::Vector2i(17, 5));
    EXPECT_NEAR(grid.place(0, 0).x(), is_flipped ? 59.75 : -59.75, 1e-9);
  }
}

TEST(StripGrid, IsTurnedWithTheBackToTheRight) {
  Plane<float> film(2 * kWidth + 1, 4, 0.F);
  for (int y = 0; y < 4; ++y) film.at(2, y) = film.at(3, y) = 1.F;  // the second millimetre from the left
  EXPECT_EQ(StripGrid{false}.means(film).at(1, 0), 1.F);
  const Eigen::Vector2i px = StripGrid{true}.pixel({0.5 * (2.5 - 120), 0.5});
  EXPECT_EQ(StripGrid{true}.means(film).at(px.x(), px.y()), 0.5F);  // its pixels lie half a millimetre off
}

constexpr int kLeft = 40, kTop = 12;

BodyBox box_of_body() {
  const StripGrid grid;
  BodyBox box;
  box.left_mm = grid.place(kLeft, 0).x() - 0.5, box.right_mm = grid.place(kLeft + 39, 0).x() + 0.5;
  box.top_row = grid.place(0, kTop).y() - 1, box.bottom_row = grid.place(0, kTop + 23).y() + 1;
  box.midline_mm = 0.5 * (box.left_mm + box.right_mm);
  return box;
}

/// A body of 40 x 24 mm with cement in a part of it: columns and rows of the body from the first up to but not including the last.
FilmShadows body_with_cement(int first_column, int last_column, int first_row, int last_row) {
  const Plane<float> empty(kWidth, kRows, -9.F);
  FilmShadows shadows{{}, empty, empty, empty, empty};
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 40; ++x) {
      shadows.body.at(kLeft + x, kTop + y) = 9.F;
      if (x >= first_column && x < last_column && y >= first_row && y < last_row) shadows.cement.at(kLeft + x, kTop + y) = 9.F;
    }
  return shadows;
}

ShadowSpread spread_of(const FilmShadows& shadows) { return shadow_spread(shadows, box_of_body()); }

TEST(ShadowSpread, CountsCementByThirdsOfTheBody) {
  const ShadowSpread spread = spread_of(body_with_cement(0, 14, 0, 4));
  EXPECT_EQ(spread.body_mm2, 40 * 24);
  EXPECT_NEAR(spread.cover[0][0], 0.5, 1e-3);
  for (const double empty : {spread.cover[0][1], spread.cover[0][2], spread.cover[1][0], spread.cover[2][2]}) EXPECT_NEAR(empty, 0, 1e-3);
}

TEST(ShadowSpread, LeavesOutTheTipsOfOsteophytes) {
  FilmShadows shadows = body_with_cement(0, 40, 0, 24);
  for (int x = 1; x < 4; ++x) shadows.body.at(kLeft - x, kTop) = 9.F;
  EXPECT_EQ(spread_of(shadows).body_mm2, 40 * 24);
}

TEST(ShadowSpread, LeavesOutTheNextBody) {
  FilmShadows shadows = body_with_cement(0, 40, 0, 24);
  for (int x = 0; x < 40; ++x)
    for (int y = kTop + 26; y < kRows; ++y) shadows.body.at(kLeft + x, y) = shadows.cement.at(kLeft + x, y) = 9.F;
  EXPECT_EQ(spread_of(shadows).body_mm2, 40 * 24);
}

TEST(ShadowSpread, IsNothingWithoutABody) {
  FilmShadows shadows = body_with_cement(0, 40, 0, 24);
  shadows.body = Plane<float>(kWidth, kRows, -1.F);
  const ShadowSpread spread = spread_of(shadows);
  EXPECT_EQ(spread.body_mm2, 0);
  EXPECT_EQ(spread.cover[1][1], 0);
  EXPECT_FALSE(midline_of(shadows, box_of_body()).has_value());
}

TEST(EvenLogOdds, GrowWithWhatTheSmallerSideHolds) {
  const ShadowSpread even = spread_of(body_with_cement(4, 36, 0, 20)), lopsided = spread_of(body_with_cement(4, 24, 0, 20)),
                     side = spread_of(body_with_cement(4, 36, 4, 20));
  EXPECT_GT(even_log_odds(even, side), 0);
  EXPECT_LT(even_log_odds(lopsided, side), 0);
  EXPECT_GT(even_log_odds(even, std::nullopt), 0);
}

TEST(EvenLogOdds, WantCementFrontAndBack) {
  const ShadowSpread even = spread_of(body_with_cement(4, 36, 0, 20));
  EXPECT_GT(even_log_odds(even, spread_of(body_with_cement(4, 36, 4, 20))), even_log_odds(even, spread_of(body_with_cement(4, 12, 4, 20))));
}

TEST(MidlineOf, LiesWhereTheSidesChange) {
  FilmShadows shadows = body_with_cement(0, 0, 0, 0);
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 40; ++x) shadows.right.at(kLeft + x, kTop + y) = x < 17 ? -2.F : 2.F;
  shadows.right.at(kLeft + 3, kTop + 5) = 9.F;  // one pixel that errs
  const auto midline = midline_of(shadows, box_of_body());
  ASSERT_TRUE(midline.has_value());
  EXPECT_NEAR(*midline, shadows.grid.place(kLeft + 17, 0).x() - 0.5, 1e-9);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
