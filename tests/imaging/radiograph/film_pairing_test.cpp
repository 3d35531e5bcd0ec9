#include "imaging/radiograph/film_pairing.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kRows = 800, kPitch = 64;

FilmLevel level_at_row(double row, double log_odds) {
  FilmLevel level;
  level.first_row = row - 8, level.last_row = row + 8, level.log_odds = log_odds, level.unusual = 0.5;
  return level;
}

/// A film of bodies 32 mm apart, the first in row `first`, with levels at the named bodies.
FilmSight film_of(int first, const std::vector<std::pair<int, double>>& levels) {
  FilmSight sight;
  sight.working.value = Plane<float>(4, kRows, 0.F);
  for (int row = first; row < kRows; row += kPitch) {
    BodyBox box;
    box.top_row = row - 25, box.bottom_row = row + 25;
    sight.strip.bodies.push_back(box);
  }
  for (const auto& [body, log_odds] : levels) sight.levels.push_back(level_at_row(first + kPitch * body, log_odds));
  return sight;
}

TEST(FilmPairing, FilmsCentredAlikePairAtTheSameHeight) {
  const FilmSight ap = film_of(40, {{2, 4.0}, {5, 3.0}}), lateral = film_of(40, {{2, 3.0}, {5, 4.0}});
  EXPECT_EQ(match_levels(ap, lateral), (std::vector<int>{0, 1}));
}

TEST(FilmPairing, TwoWeakPairsDoNotOutvoteAStrongOne) {
  // The deposit lies two bodies lower on the lateral film; two things that are hardly cement lie at the heights of two others.
  const FilmSight ap = film_of(40, {{2, -2.0}, {4, 6.0}, {7, -2.0}}), lateral = film_of(40, {{2, -2.0}, {6, 6.0}, {7, -2.0}});
  EXPECT_EQ(match_levels(ap, lateral)[1], 1);
}

TEST(FilmPairing, ALevelThatOneFilmShowsHasNoPartner) {
  const FilmSight ap = film_of(40, {{2, 4.0}, {5, 3.0}}), lateral = film_of(40, {{2, 4.0}});
  EXPECT_EQ(match_levels(ap, lateral), (std::vector<int>{0, -1}));
}

TEST(CementLogOdds, BothFilmsSayMoreThanOne) {
  const FilmLevel sure = level_at_row(100, 2.0), doubtful = level_at_row(100, -4.0);
  const double both = cement_log_odds({&sure, &sure}, FilmsRead::both);
  EXPECT_GT(both, cement_log_odds({&sure, nullptr}, FilmsRead::both));
  EXPECT_GT(both, cement_log_odds({nullptr, &sure}, FilmsRead::both));
  EXPECT_GT(cement_log_odds({&sure, nullptr}, FilmsRead::one), cement_log_odds({&sure, nullptr}, FilmsRead::both));
  EXPECT_LT(cement_log_odds({&doubtful, &doubtful}, FilmsRead::both), 0);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
