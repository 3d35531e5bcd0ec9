#include "imaging/radiograph/shadow_heights.h"

#include <functional>

#include <gtest/gtest.h>

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kRows_mm = 120, kFront = 0, kMiddle = 1, kBack = 2;
constexpr double kWidth_mm = 36, kTop_mm = 46, kHeight_mm = 26, kDisc_mm = 7;

/// Rows of the middle body's upper endplate below where it is drawn, mm, by place from front (0) to back (1).
using Loss = std::function<double(double)>;

/// Three bodies along a straight lateral column, back to the right; log odds grow by `slope` a mm from the outlines inwards.
FilmSight straight_column(const Loss& loss, double slope) {
  FilmSight film;
  Column column;
  column.view = FilmView::lateral, column.posterior_sign = 1;
  column.centre_x.assign(2 * kRows_mm, 130.0), column.half_width.assign(2 * kRows_mm, kWidth_mm);
  film.strip = ColumnStrip(column);
  film.shadows.body = Plane<float>(StripGrid::kWidth, kRows_mm, 0.F);
  for (int n = -1; n <= 1; ++n) {
    BodyBox box;
    box.left_mm = -0.5 * kWidth_mm, box.right_mm = 0.5 * kWidth_mm;
    box.top_row = 2 * (kTop_mm + n * (kHeight_mm + kDisc_mm)), box.bottom_row = box.top_row + 2 * kHeight_mm;
    film.strip.bodies.push_back(box);
  }
  for (int y = 0; y < kRows_mm; ++y)
    for (int x = 0; x < StripGrid::kWidth; ++x) {
      const Eigen::Vector2d at = film.shadows.grid.place(x, y);
      double inside = -9;
      for (int n = -1; n <= 1; ++n) {
        const double lost = n == 0 ? loss(at.x() / kWidth_mm + 0.5) : 0;
        const double top = kTop_mm + n * (kHeight_mm + kDisc_mm), down = at.y() * WorkingFilm::kStep_mm;
        inside = std::max(inside, std::min({down - top - lost, top + kHeight_mm - down, 0.5 * kWidth_mm - std::abs(at.x())}));
      }
      film.shadows.body.at(x, y) = static_cast<float>(slope * inside);
    }
  return film;
}

double nothing_lost(double) { return 0; }

TEST(ShadowHeights, AreThoseOfTheOutline) {
  const auto heights = shadow_heights(straight_column(nothing_lost, 2));
  ASSERT_EQ(heights.size(), 3U);
  for (const auto& body : heights)
    for (const auto& place : body) {
      ASSERT_TRUE(place.has_value());
      EXPECT_NEAR(place->mm, kHeight_mm, 0.3);
    }
}

TEST(ShadowHeights, OfAWedgeAreLowestInFront) {
  const auto film = straight_column([](double back) { return 10 * (1 - back); }, 2);
  const auto body = shadow_heights(film)[1];
  EXPECT_NEAR(body[kFront]->mm, kHeight_mm - 8.2, 0.7) << "the middle of 8-28 % of the width";
  EXPECT_NEAR(body[kMiddle]->mm, kHeight_mm - 5, 0.7);
  EXPECT_NEAR(body[kBack]->mm, kHeight_mm - 1.8, 0.7);
}

TEST(ShadowHeights, ArePlainWhereTheShadowEndsSharply) {
  const auto sharp = shadow_heights(straight_column(nothing_lost, 4))[1], faint = shadow_heights(straight_column(nothing_lost, 0.4))[1];
  EXPECT_GT(sharp[kMiddle]->plainness, 0.9);
  EXPECT_LT(faint[kMiddle]->plainness, 0.4);
}

TEST(ShadowHeights, AreNotTakenAcrossADiscThatDoesNotShow) {
  auto film = straight_column(nothing_lost, 2);
  for (int y = 0; y < kRows_mm; ++y)
    for (int x = StripGrid::kWidth / 2 + 4; x < StripGrid::kWidth / 2 + 16; ++x) film.shadows.body.at(x, y) = 3;
  const auto body = shadow_heights(film)[1];
  EXPECT_FALSE(body[kBack].has_value());
  ASSERT_TRUE(body[kFront].has_value());
  EXPECT_NEAR(body[kFront]->mm, kHeight_mm, 0.3);
}

TEST(ShadowHeights, AreMissingWhereTheFilmEnds) {
  auto film = straight_column(nothing_lost, 2);
  for (int y = 0; y < kTop_mm; ++y)
    for (int x = 0; x < StripGrid::kWidth; ++x) film.shadows.body.at(x, y) = 5;
  for (const auto& place : shadow_heights(film)[0]) EXPECT_FALSE(place.has_value());
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
