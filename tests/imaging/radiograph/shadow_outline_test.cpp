#include "imaging/radiograph/shadow_outline.h"

#include <gtest/gtest.h>

#include "imaging/radiograph/shadow_edges.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kRows = 120;
constexpr double kWidth_mm = 40, kHeight_mm = 25, kMiddle_mm = 3, kTop_mm = 30, kTilt = 0.1;  // mm per mm

/// A tilted body whose log odds grow by 1 a mm from its outline inwards, next bodies 8 mm above and below it.
FilmShadows tilted_bodies(bool is_flipped) {
  const Plane<float> empty(StripGrid::kWidth, kRows, 0.F);
  FilmShadows shadows{{is_flipped}, empty, empty, empty, empty};
  for (int y = 0; y < kRows; ++y)
    for (int x = 0; x < StripGrid::kWidth; ++x) {
      const Eigen::Vector2d at = shadows.grid.place(x, y);
      const double u = at.x() - kMiddle_mm;
      double inside = -9;
      for (int n = -1; n <= 1; ++n) {
        const double top = kTop_mm + n * (kHeight_mm + 8) + kTilt * u, down = at.y() * WorkingFilm::kStep_mm;
        inside = std::max(inside, std::min({down - top, top + kHeight_mm - down, 0.5 * kWidth_mm - std::abs(u)}));
      }
      shadows.body.at(x, y) = static_cast<float>(inside);
    }
  return shadows;
}

/// The box of the middle body, some mm off and not tilted.
BodyBox rough_box() {
  BodyBox box;
  box.left_mm = kMiddle_mm - 0.5 * kWidth_mm - 3, box.right_mm = kMiddle_mm + 0.5 * kWidth_mm - 2;
  box.top_row = 2 * (kTop_mm + 2), box.bottom_row = 2 * (kTop_mm + kHeight_mm + 2);
  return box;
}

TEST(ShadowOutline, FollowsTheShadow) {
  for (const bool is_flipped : {false, true}) {
    const auto box = shadow_outline(tilted_bodies(is_flipped), rough_box());
    ASSERT_TRUE(box.has_value());
    EXPECT_NEAR(box->left_mm, kMiddle_mm - 0.5 * kWidth_mm, 0.2);
    EXPECT_NEAR(box->right_mm, kMiddle_mm + 0.5 * kWidth_mm, 0.2);
    EXPECT_NEAR(box->top_at(kMiddle_mm), 2 * kTop_mm, 0.4);
    EXPECT_NEAR(box->bottom_at(kMiddle_mm + 10), 2 * (kTop_mm + kHeight_mm + 10 * kTilt), 0.4);
  }
}

TEST(ShadowOutline, BearsASpurThatJoinsTheNextBody) {
  FilmShadows shadows = tilted_bodies(false);
  for (int y = 0; y < kRows; ++y)
    for (int x = 50; x < 54; ++x) shadows.body.at(x, y) = 3.F;
  const auto box = shadow_outline(shadows, rough_box());
  ASSERT_TRUE(box.has_value());
  EXPECT_NEAR(box->top_at(kMiddle_mm), 2 * kTop_mm, 0.6);
  EXPECT_NEAR(box->bottom_at(kMiddle_mm), 2 * (kTop_mm + kHeight_mm), 0.6);
}

TEST(ShadowOutline, IsNotThereWhereTheShadowIsAnotherSize) {
  FilmShadows shadows = tilted_bodies(false);
  for (int y = 0; y < kRows; ++y)
    for (int x = 0; x < 62; ++x) shadows.body.at(x, y) = -3.F;
  EXPECT_FALSE(shadow_outline(shadows, rough_box()).has_value());
  shadows.body = Plane<float>(StripGrid::kWidth, kRows, -3.F);
  EXPECT_FALSE(shadow_outline(shadows, rough_box()).has_value());
}

TEST(ShadowEdges, AreGreatestAtTheEndplates) {
  ColumnStrip strip;
  strip.contrast = Plane<float>(2 * StripGrid::kWidth + 1, 2 * kRows, 0.F);
  strip.sides_mm.assign(2 * kRows, kMiddle_mm), strip.half_width_mm.assign(2 * kRows, 0.5 * kWidth_mm);
  const ShadowEdges edges = shadow_edges(strip, tilted_bodies(false));
  ASSERT_EQ(edges.upper.size(), static_cast<std::size_t>(kRows));
  const auto highest = [](const std::vector<float>& values, int from, int to) {
    return std::max_element(values.begin() + from, values.begin() + to) - values.begin();
  };
  EXPECT_NEAR(highest(edges.upper, 20, 45), kTop_mm, 1.0);
  EXPECT_NEAR(highest(edges.lower, 45, 62), kTop_mm + kHeight_mm, 1.0);
  EXPECT_LT(edges.upper[42], 0.1F);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
