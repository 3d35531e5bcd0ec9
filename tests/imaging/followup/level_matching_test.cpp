#include "imaging/followup/level_matching.h"

#include <array>

#include <gtest/gtest.h>

namespace cemscope::imaging::followup {
namespace {

BodyHeights body(double height_mm) {
  return {.level = "", .anterior_mm = height_mm, .middle_mm = height_mm - 1, .posterior_mm = height_mm + 1, .has_oedema = std::nullopt};
}

// Heights as of T10 to L4, one of them low; from the `first` on.
TimePoint stretch(const char* modality, std::size_t first, std::size_t n) {
  constexpr std::array kHeights_mm{20.0, 21.0, 15.0, 24.0, 25.5, 26.0, 27.0};
  TimePoint point;
  point.modality = modality;
  for (std::size_t k = first; k < first + n; ++k) point.bodies.push_back(body(kHeights_mm[k]));
  return point;
}

TEST(LevelMatching, ByHeightsAloneWhereOneBodyIsLow) { EXPECT_EQ(matching_shift(stretch("CT", 0, 5), stretch("CT", 1, 5)), -1); }

TEST(LevelMatching, ByHeightsAloneIsNotDaredWhereAllAreAlike) {
  TimePoint even;
  even.modality = "CT";
  for (int n = 0; n < 5; ++n) even.bodies.push_back(body(25));
  EXPECT_EQ(matching_shift(even, even), std::nullopt);
}

TEST(LevelMatching, CementMissedAtTheSecondTimeLeavesTheOtherTreatedBody) {
  auto first = stretch("CT", 0, 6), later = stretch("MR", 0, 6);
  first.bodies[1].is_treated = first.bodies[4].is_treated = later.bodies[4].is_treated = true;
  EXPECT_EQ(matching_shift(first, later), 0);
}

TEST(LevelMatching, ACollapseBesideTheOneTreatedBodyDoesNotMoveIt) {
  auto first = stretch("CT", 3, 3), later = stretch("MR", 1, 6);
  first.bodies[1].is_treated = later.bodies[3].is_treated = true;
  for (auto* height : {&later.bodies[4].anterior_mm, &later.bodies[4].middle_mm, &later.bodies[4].posterior_mm}) **height *= 0.5;
  EXPECT_EQ(matching_shift(first, later), 2);
}

TEST(LevelMatching, NamesCountedThroughTwoBodiesReadAsOneAreNotTrusted) {
  TimePoint even;
  even.modality = "CT";
  for (const char* level : {"T11", "T12", "L1", "L2", "L3"}) even.bodies.push_back(body(25)), even.bodies.back().level = level;
  EXPECT_EQ(matching_shift(even, even), 0);
  auto misread = even;
  misread.bodies[4].is_misread = true;
  EXPECT_EQ(matching_shift(even, misread), std::nullopt);
}

TEST(LevelMatching, OfTwoBodiesOneTreatedSinceNeitherIsGuessed) {
  TimePoint first = stretch("CT", 3, 1), later = stretch("CT", 3, 3);
  first.bodies[0].is_treated = later.bodies[0].is_treated = later.bodies[2].is_treated = true;
  EXPECT_EQ(matching_shift(first, later), std::nullopt);
}

}  // namespace
}  // namespace cemscope::imaging::followup
