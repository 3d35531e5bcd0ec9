#include "imaging/radiograph/film_leak.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kColumns = 320, kRows = 500, kCentre = 160, kHalf = 40, kHeight = 50, kDisc = 14, kFirst = 40, kBodies = 7, kTreated = 3;

/// A straight column of seven bodies 40 mm wide and 25 mm high on a film of 0.5 mm; the fourth holds a square deposit of height 1.
FilmSight column_with_deposit() {
  FilmSight sight;
  Column column;
  column.view = FilmView::ap;
  column.centre_x.assign(kRows, kCentre), column.half_width.assign(kRows, kHalf);
  sight.column = column;
  sight.strip = ColumnStrip(column);
  for (int n = 0; n < kBodies; ++n) {
    BodyBox box;
    box.top_row = kFirst + n * (kHeight + kDisc), box.bottom_row = box.top_row + kHeight;
    box.top_evidence = box.bottom_evidence = 1;
    sight.strip.bodies.push_back(box);
  }
  sight.relief.excess = Plane<float>(kColumns, kRows, 0.F);
  sight.relief.median = 0;
  DenseThing deposit;
  const int top = static_cast<int>(sight.strip.bodies[kTreated].top_row);
  for (int y = top + 10; y < top + 40; ++y)
    for (int x = kCentre - 10; x < kCentre + 40; ++x) deposit.pixels.emplace_back(x, y), sight.relief.excess.at(x, y) = 1.F;
  deposit.plateau = 1;
  sight.things.push_back(deposit);
  FilmLevel level;
  level.things = {0}, level.body = kTreated, level.box = sight.strip.bodies[kTreated], level.log_odds = 5;
  sight.levels.push_back(level);
  return sight;
}

void paint(FilmSight& sight, int x0, int x1, int y0, int y1, float value) {
  for (int y = y0; y < y1; ++y)
    for (int x = x0; x < x1; ++x) sight.relief.excess.at(x, y) = value;
}

int top_of(const FilmSight& sight, int body) { return static_cast<int>(sight.strip.bodies[body].top_row); }

TEST(LeakSigns, CementWithinTheOutlineLeavesNone) {
  const FilmSight sight = column_with_deposit();
  const LeakSigns signs = leak_signs(sight, sight.levels[0]);
  EXPECT_EQ(signs.n_compared, 4);
  EXPECT_DOUBLE_EQ(signs.inside_share, 1.0);
  for (const LeakSign* sign : {&signs.above, &signs.below, &signs.left, &signs.right}) EXPECT_EQ(sign->peak, 0.0);
}

TEST(LeakSigns, ABlobBesideTheWallShowsOnItsSide) {
  FilmSight sight = column_with_deposit();
  paint(sight, kCentre + 40, kCentre + 52, top_of(sight, kTreated) + 15, top_of(sight, kTreated) + 35, 0.6F);
  const LeakSigns signs = leak_signs(sight, sight.levels[0]);
  EXPECT_NEAR(signs.right.peak, 0.6, 1e-5);
  EXPECT_GT(signs.right.area_mm2, 30.0);
  EXPECT_EQ(signs.left.peak, 0.0);
  EXPECT_EQ(signs.above.peak, 0.0);
}

TEST(LeakSigns, WhatEveryLevelHasIsNoLeak) {
  FilmSight sight = column_with_deposit();
  for (int n = 0; n < kBodies; ++n) paint(sight, kCentre + 40, kCentre + 52, top_of(sight, n) + 15, top_of(sight, n) + 35, 0.6F);
  EXPECT_EQ(leak_signs(sight, sight.levels[0]).right.peak, 0.0);
}

TEST(LeakSigns, ALetterApartFromTheDepositIsNoLeak) {
  FilmSight sight = column_with_deposit();
  paint(sight, kCentre - 56, kCentre - 46, top_of(sight, kTreated) + 15, top_of(sight, kTreated) + 35, 2.F);
  EXPECT_EQ(leak_signs(sight, sight.levels[0]).left.peak, 0.0);
}

TEST(LeakSigns, NothingIsSaidWithoutABodyOrNeighbours) {
  FilmSight sight = column_with_deposit();
  sight.strip.bodies = {sight.strip.bodies[kTreated]};
  sight.levels[0].body = 0;
  EXPECT_EQ(leak_signs(sight, sight.levels[0]).n_compared, 0);
  sight.levels[0].body = -1;
  EXPECT_EQ(leak_signs(sight, sight.levels[0]).n_compared, 0);
}

TEST(PlacesBeyond, AreTheBlobBesideTheWallAndNothingElse) {
  FilmSight sight = column_with_deposit();
  const int top = top_of(sight, kTreated) + 15;
  paint(sight, kCentre + 40, kCentre + 52, top, top + 20, 0.6F);
  const auto places = places_beyond(sight, sight.levels[0]);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].face, BodyFace::right);
  // 12 x 20 pixels, 1 mm of it within the face's margin, the corners rounded by the opening.
  EXPECT_NEAR(places[0].area_mm2(), 0.25 * 10 * 20, 8.0);
  for (const auto& [x, y] : places[0].pixels) EXPECT_TRUE(x >= kCentre + 40 && x <= kCentre + 52 && y >= top - 1 && y <= top + 20);
}

TEST(PlacesBeyond, AreWhereTheDepositPassesAnEndplate) {
  FilmSight sight = column_with_deposit();
  const int top = top_of(sight, kTreated);
  for (int y = top - 8; y < top + 10; ++y)
    for (int x = kCentre; x < kCentre + 12; ++x) sight.things[0].pixels.emplace_back(x, y), sight.relief.excess.at(x, y) = 1.F;
  const auto places = places_beyond(sight, sight.levels[0]);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].face, BodyFace::above);
  EXPECT_GT(places[0].area_mm2(), 10.0);
}

TEST(PlacesBeyond, AreNoneWithinTheOutline) {
  const FilmSight sight = column_with_deposit();
  EXPECT_TRUE(places_beyond(sight, sight.levels[0]).empty());
}

TEST(LeakOdds, WithoutSignsALeakIsUnlikely) {
  EXPECT_LT(leak_odds(LeakSigns{}, LeakSigns{}, true).log_odds, 0);
  EXPECT_LT(leak_odds(std::nullopt, std::nullopt, true).log_odds, 0);
}

TEST(LeakOdds, CementBesideTheBodyIsParavertebral) {
  LeakSigns ap;
  ap.left.peak = 0.6, ap.left.area_mm2 = 25;
  const LeakOdds odds = leak_odds(ap, LeakSigns{}, true);
  EXPECT_GT(odds.log_odds, 0);
  EXPECT_GT(odds.paravertebral, 0);
  EXPECT_EQ(odds.other, 0);
}

TEST(LeakOdds, TheBackIsWhereTheColumnsBackIs) {
  LeakSigns lateral;
  lateral.left.peak = 0.8, lateral.left.area_mm2 = 25;
  EXPECT_GT(leak_odds(LeakSigns{}, lateral, false).other, 0);
  EXPECT_EQ(leak_odds(LeakSigns{}, lateral, true).other, 0);
  EXPECT_GT(leak_odds(LeakSigns{}, lateral, true).paravertebral, 0);
}

TEST(LeakOdds, ADiscLeakIsSeenOnBothFilms) {
  LeakSigns ap, lateral;
  ap.above.peak = 0.7;
  const double alone = leak_odds(ap, lateral, true).log_odds;
  lateral.below.peak = 0.7;
  EXPECT_EQ(leak_odds(ap, lateral, true).log_odds, alone);
  lateral.above.peak = 0.7;
  EXPECT_GT(leak_odds(ap, lateral, true).log_odds, 0);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
