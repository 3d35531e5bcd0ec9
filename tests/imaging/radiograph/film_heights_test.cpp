#include "imaging/radiograph/film_heights.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::radiograph {
namespace {

ShadowHeights body(double front_mm, double middle_mm, double back_mm, double plainness = 1) {
  return {ShadowHeight{front_mm, plainness}, ShadowHeight{middle_mm, plainness}, ShadowHeight{back_mm, plainness}};
}

// The third of five is treated.
const std::vector<std::uint8_t> kThird{0, 0, 1, 0, 0};

std::vector<ShadowHeights> spine() { return {body(26, 26, 26), body(28, 28, 28), body(24, 26, 29), body(32, 32, 32), body(33, 33, 33)}; }

TEST(FilmHeights, AreHeldAgainstTheBodiesBesideTheOwn) {
  const auto heights = film_heights(spine(), kThird, 2);
  ASSERT_TRUE(heights.has_value());
  EXPECT_EQ(heights->mm, (std::array<double, 3>{24, 26, 29}));
  EXPECT_NEAR(*heights->compression, (1 - 24.0 / 30) / 0.8, 1e-9) << "an outline shows four fifths of a loss";
}

TEST(FilmHeights, OfFracturedTreatedOrFaintBodiesAreNoReference) {
  auto fractured = spine();
  fractured[1] = body(20, 24, 28);
  EXPECT_NEAR(*film_heights(fractured, kThird, 2)->compression, (1 - 24.0 / 29) / 0.8, 1e-9) << "the first and the fourth";
  auto faint = spine();
  faint[3] = body(32, 32, 32, 0.3);
  EXPECT_NEAR(*film_heights(faint, kThird, 2)->compression, (1 - 24.0 / 30.5) / 0.8, 1e-9) << "the second and the fifth";
  EXPECT_NEAR(*film_heights(spine(), {0, 1, 1, 0, 0}, 2)->compression, (1 - 24.0 / 29) / 0.8, 1e-9);
}

TEST(FilmHeights, WithoutAReferenceHaveNoCompression) {
  const auto alone = film_heights({body(24, 26, 29)}, {1}, 0);
  ASSERT_TRUE(alone.has_value());
  EXPECT_FALSE(alone->compression.has_value());
}

TEST(FilmHeights, AreMissingWhereAPlaceHardlyShows) {
  auto heights = spine();
  heights[2][1]->plainness = 0.4;
  EXPECT_FALSE(film_heights(heights, kThird, 2).has_value());
  heights[2][1].reset();
  EXPECT_FALSE(film_heights(heights, kThird, 2).has_value());
}

TEST(FilmHeights, ThatTheBodyExceedsAreNoNegativeCompression) {
  auto heights = spine();
  heights[2] = body(33, 33, 33);
  EXPECT_EQ(*film_heights(heights, kThird, 2)->compression, 0);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
