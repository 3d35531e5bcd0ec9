#include "imaging/radiograph/joint_chain.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kDisc = 7, kFirst = 10, kUsual = 26, kAfter = 15;  // steps of 1 mm

/// A spine of bodies of these heights: bright between its endplates, each body somewhat brighter than the one above it.
FilmProfile spine_of(const std::vector<int>& heights) {
  FilmProfile profile;
  profile.steps = kFirst + kAfter;
  for (const int height : heights) profile.steps += height + kDisc;
  profile.rows = profile.steps * FilmProfile::kRowsPerStep;
  profile.band = Plane<float>(kProfileBands, profile.rows, 0.F), profile.bare = Plane<float>(kProfileBands, profile.rows, 1.F);
  profile.upper.assign(profile.steps, -4.F), profile.lower.assign(profile.steps, -4.F);
  profile.usual_mm.assign(profile.steps, kUsual);
  int top = kFirst;
  for (std::size_t n = 0; n < heights.size(); ++n) {
    const int bottom = top + heights[n];
    profile.upper[top] = profile.lower[bottom] = 3.F;
    for (int row = FilmProfile::kRowsPerStep * top; row <= FilmProfile::kRowsPerStep * bottom; ++row)
      for (int band = 0; band < kProfileBands; ++band) profile.band.at(band, row) = 1.F + 0.1F * static_cast<float>(n);
    top = bottom + kDisc;
  }
  return profile;
}

RowPair middles(const std::vector<int>& before, const std::vector<int>& after, std::size_t body) {
  const auto middle = [&](const std::vector<int>& heights) {
    double row = kFirst;
    for (std::size_t n = 0; n < body; ++n) row += heights[n] + kDisc;
    return FilmProfile::kRowsPerStep * (row + 0.5 * heights[body]);
  };
  return {middle(before), middle(after)};
}

TEST(Likeness, IsOneAtTheSamePlaceOfAnotherGreyScaleAndLessBesideIt) {
  const FilmProfile before = spine_of({26, 26, 26});
  FilmProfile after = before;
  for (float& value : after.band.values) value = 3.F * value - 1.F;
  const double row = FilmProfile::kRowsPerStep * (kFirst + 26);
  EXPECT_NEAR(likeness(before, after, {row, row}, 1.0, {}), 1.0, 1e-6);
  EXPECT_LT(likeness(before, after, {row, row + 8}, 1.0, {}), 0.8);
}

TEST(Likeness, IsNothingWhereCementCoversTheWindow) {
  const FilmProfile before = spine_of({26, 26, 26});
  FilmProfile after = before;
  std::fill(after.bare.values.begin(), after.bare.values.end(), 0.F);
  EXPECT_EQ(likeness(before, after, {100, 100}, 1.0, {}), 0.0);
}

TEST(JointChain, FindsTheSameBodiesOnBothFilmsAndTheOneThatLostHeight) {
  const std::vector<int> heights{25, 26, 26, 27, 27}, later{25, 26, 26, 18, 27};
  const JointChain chain = find_joint_chain(spine_of(heights), spine_of(later), middles(heights, later, 2));
  ASSERT_EQ(chain.bodies.size(), heights.size());
  for (std::size_t n = 0; n < heights.size(); ++n) {
    EXPECT_EQ(chain.bodies[n].bottom_before - chain.bodies[n].top_before, heights[n]);
    EXPECT_EQ(chain.bodies[n].bottom_after - chain.bodies[n].top_after, later[n]);
  }
  EXPECT_EQ(chain.scale, 1.0);
}

TEST(JointChain, AnEndplateThatOneFilmDoesNotShowLiesWhereTheOtherHasIt) {
  const std::vector<int> heights{25, 26, 26, 27, 27};
  const FilmProfile before = spine_of(heights);
  FilmProfile after = before;
  const JointChain clear = find_joint_chain(before, after, middles(heights, heights, 2));
  after.upper[clear.bodies[3].top_after] = -4.F;
  const JointChain chain = find_joint_chain(before, after, middles(heights, heights, 2));
  ASSERT_EQ(chain.bodies.size(), heights.size());
  EXPECT_EQ(chain.bodies[3].top_after, clear.bodies[3].top_after);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
