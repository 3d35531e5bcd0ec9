#include "imaging/radiograph/film_leak.h"

#include <gtest/gtest.h>

#include "imaging/radiograph/strip_picture.h"

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
    sight.strip.bodies.push_back(box);
  }
  sight.relief.excess = Plane<float>(kColumns, kRows, 0.F);
  sight.strip.contrast = Plane<float>(sight.strip.course.columns(), kRows, 0.F);
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

int top_of(const FilmSight& sight, int body) { return static_cast<int>(sight.strip.bodies[body].top_row); }

/// The same, nothing leaked.
FilmSight column_without_leak() {
  FilmSight sight = column_with_deposit();
  sight.shadows.leak = sight.shadows.cement = Plane<float>(StripGrid::kWidth, kRows / 2, -8.F);
  return sight;
}

/// Leaked cement between places (u in mm, row).
void leak_at(FilmSight& sight, double u0_mm, double u1_mm, double row0, double row1) {
  Plane<float>& leak = sight.shadows.leak;
  for (int y = 0; y < leak.ny; ++y)
    for (int x = 0; x < leak.nx; ++x) {
      const Eigen::Vector2d at = sight.shadows.grid.place(x, y);
      if (at.x() > u0_mm && at.x() < u1_mm && at.y() > row0 && at.y() < row1) leak.at(x, y) = 3;
    }
}

TEST(StripPicture, HoldsDenseThingsWhereTheyLie) {
  FilmSight sight = column_with_deposit();
  sight.working.value = sight.relief.excess;
  sight.relief.mad = 1;
  Plane<float> covered(kColumns, kRows, 0.F);
  for (const auto& [x, y] : sight.things[0].pixels) covered.at(x, y) = 1.F;
  sight.strip.covered = sight.strip.course.resample(covered);
  const StripPicture picture = strip_picture(sight);
  EXPECT_EQ(picture.channels[0].ny % StripGrid::kRowsUnit, 0);
  double sum = 0, u_mm = 0, row = 0;
  for (int y = 0; y < picture.channels[4].ny; ++y)
    for (int x = 0; x < StripGrid::kWidth; ++x) {
      const double share = picture.channels[4].at(x, y);
      const Eigen::Vector2d at = picture.grid.place(x, y);
      sum += share, u_mm += share * at.x(), row += share * at.y();
      if (share == 1) {
        EXPECT_NEAR(picture.channels[0].at(x, y), std::asinh(1 / 3.) / 3, 1e-5);
      }
    }
  // 50 x 30 pixels of 0.5 mm, their middle 7.25 mm right of the column's and 24.5 rows below the upper endplate.
  EXPECT_NEAR(sum, 0.25 * 50 * 30, 1e-3);
  EXPECT_NEAR(u_mm / sum, 7.25, 0.01);
  EXPECT_NEAR(row / sum, top_of(sight, kTreated) + 24.5, 0.02);
}

TEST(LeakSigns, NothingLeakedLeavesNone) {
  const FilmSight sight = column_without_leak();
  const LeakSigns signs = leak_signs(sight, sight.levels[0]);
  for (const double sign : {signs.above, signs.below, signs.left, signs.right}) EXPECT_EQ(sign, LeakSigns::kNone);
}

TEST(LeakSigns, ABlobBesideTheWallShowsOnItsSide) {
  FilmSight sight = column_without_leak();
  const int top = top_of(sight, kTreated);
  leak_at(sight, 21, 27, top + 10, top + 30);
  const LeakSigns signs = leak_signs(sight, sight.levels[0]);
  EXPECT_NEAR(signs.right, 3, 1e-5);
  for (const double sign : {signs.above, signs.below, signs.left}) EXPECT_EQ(sign, LeakSigns::kNone);
}

TEST(LeakSigns, ASinglePixelCountsForLittle) {
  FilmSight sight = column_without_leak();
  const int top = top_of(sight, kTreated);
  leak_at(sight, 22, 23.2, top + 20, top + 22.2);
  EXPECT_LT(leak_signs(sight, sight.levels[0]).right, 0);
}

TEST(LeakSigns, WhatLiesFarOffIsNoLeakOfThisBody) {
  FilmSight sight = column_without_leak();
  const int top = top_of(sight, kTreated);
  leak_at(sight, -40, 40, top - 40, top - 28);
  EXPECT_EQ(leak_signs(sight, sight.levels[0]).above, LeakSigns::kNone);
}

TEST(LeakSigns, ALeakBetweenTwoTreatedBodiesIsTheNearerOnes) {
  FilmSight sight = column_without_leak();
  FilmLevel next = sight.levels[0];
  next.body = kTreated + 1, next.box = sight.strip.bodies[kTreated + 1], next.shadow = 5;
  const int below = top_of(sight, kTreated) + kHeight;
  leak_at(sight, -5, 5, below + 1, below + kDisc - 3);
  // Cement of the next body reaches its upper endplate, that of the first stays above its middle.
  for (int y = 0; y < sight.shadows.cement.ny; ++y)
    for (int x = 0; x < StripGrid::kWidth; ++x) {
      const Eigen::Vector2d at = sight.shadows.grid.place(x, y);
      const bool is_first = at.y() > below - 40 && at.y()<below - 25, is_next = at.y()> below + kDisc + 1 && at.y() < below + kDisc + 20;
      if (std::abs(at.x()) < 8 && (is_first || is_next)) sight.shadows.cement.at(x, y) = 4.F;
    }
  EXPECT_GT(leak_signs(sight, sight.levels[0]).below, 2);  // alone it is this body's
  sight.levels.push_back(next);
  EXPECT_LT(leak_signs(sight, sight.levels[0]).below, 0);
  EXPECT_GT(leak_signs(sight, sight.levels[1]).above, 2);
}

TEST(PlacesBeyond, AreTheBlobBesideTheWallAndNothingElse) {
  FilmSight sight = column_without_leak();
  const int top = top_of(sight, kTreated);
  leak_at(sight, 21, 27, top + 10, top + 30);
  const auto places = places_beyond(sight, sight.levels[0]);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].face, BodyFace::right);
  EXPECT_NEAR(places[0].area_mm2(), 6 * 10, 8.0);
  for (const auto& [x, y] : places[0].pixels) EXPECT_TRUE(x >= kCentre + 40 && x <= kCentre + 56 && y >= top + 8 && y <= top + 32);
}

TEST(PlacesBeyond, AreNoneWhereNothingLeaked) {
  const FilmSight sight = column_without_leak();
  EXPECT_TRUE(places_beyond(sight, sight.levels[0]).empty());
}

TEST(LeakOdds, WithoutSignsALeakIsUnlikely) {
  EXPECT_LT(leak_odds(LeakSigns{}, LeakSigns{}, true).log_odds, 0);
  EXPECT_LT(leak_odds(std::nullopt, std::nullopt, true).log_odds, 0);
}

TEST(LeakOdds, CementBesideTheBodyIsParavertebral) {
  LeakSigns ap;
  ap.left = 6;
  const LeakOdds odds = leak_odds(ap, LeakSigns{}, true);
  EXPECT_GT(odds.log_odds, 0);
  EXPECT_GT(odds.paravertebral, 1);
  EXPECT_LT(odds.other, 0.1);
}

TEST(LeakOdds, TheBackIsWhereTheColumnsBackIs) {
  LeakSigns lateral;
  lateral.left = 4;
  EXPECT_GT(leak_odds(LeakSigns{}, lateral, false).canal, 1);
  EXPECT_LT(leak_odds(LeakSigns{}, lateral, true).canal, 0.1);
  EXPECT_GT(leak_odds(LeakSigns{}, lateral, true).paravertebral, 1);
}

TEST(LeakOdds, WhatBothFilmsShowIsSurer) {
  LeakSigns ap, lateral;
  ap.above = 2;
  const double alone = leak_odds(ap, lateral, true).log_odds;
  lateral.above = 2;
  EXPECT_GT(leak_odds(ap, lateral, true).log_odds, alone + 1);
}

}  // namespace
}  // namespace cemscope::imaging::radiograph
