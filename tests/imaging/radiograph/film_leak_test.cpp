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

/// The film about the treated body, nothing leaked on it.
BodyLook look_without_leak(const FilmSight& sight) {
  BodyLook look{body_picture(sight, sight.levels[0]), {}};
  look.shadows.leak = Plane<float>(BodyPicture::kSize, BodyPicture::kSize, -8.F);
  return look;
}

/// Leaked cement between places (u in mm, row).
void leak_at(BodyLook& look, double u0_mm, double u1_mm, double row0, double row1) {
  for (int y = 0; y < BodyPicture::kSize; ++y)
    for (int x = 0; x < BodyPicture::kSize; ++x) {
      const Eigen::Vector2d at = look.picture.place(x, y);
      if (at.x() > u0_mm && at.x() < u1_mm && at.y() > row0 && at.y() < row1) look.shadows.leak.at(x, y) = 3;
    }
}

TEST(BodyPicture, HoldsTheDepositWhereItLies) {
  const FilmSight sight = column_with_deposit();
  const BodyPicture picture = body_picture(sight, sight.levels[0]);
  double sum = 0, u_mm = 0, row = 0;
  for (int y = 0; y < BodyPicture::kSize; ++y)
    for (int x = 0; x < BodyPicture::kSize; ++x) {
      const double share = picture.channels[2].at(x, y);
      const Eigen::Vector2d at = picture.place(x, y);
      sum += share, u_mm += share * at.x(), row += share * at.y();
      EXPECT_NEAR(picture.channels[0].at(x, y), share, 1e-5);
    }
  // 50 x 30 pixels of 0.5 mm, their middle 7.25 mm right of the column's and 24.5 rows below the upper endplate.
  EXPECT_NEAR(sum, 0.25 * 50 * 30, 1e-3);
  EXPECT_NEAR(u_mm / sum, 7.25, 0.01);
  EXPECT_NEAR(row / sum, top_of(sight, kTreated) + 24.5, 0.02);
}

TEST(BodyPicture, TurnsTheBackOfALateralFilmToTheRight) {
  FilmSight sight = column_with_deposit();
  sight.column.view = FilmView::lateral, sight.column.posterior_sign = -1;
  const BodyPicture picture = body_picture(sight, sight.levels[0]);
  EXPECT_TRUE(picture.is_flipped);
  EXPECT_GT(picture.place(0, 30).x(), picture.place(BodyPicture::kSize - 1, 30).x());
  const Eigen::Vector2d in_deposit(15, top_of(sight, kTreated) + 24);
  EXPECT_EQ(picture.value_at(picture.channels[2], in_deposit, -1), 1.F);
  EXPECT_EQ(picture.value_at(picture.channels[2], {-15, in_deposit.y()}, -1), 0.F);
  EXPECT_EQ(picture.value_at(picture.channels[2], {59, 0}, -1), -1.F);
}

TEST(LeakSigns, NothingLeakedLeavesNone) {
  const FilmSight sight = column_with_deposit();
  const LeakSigns signs = leak_signs(look_without_leak(sight), sight.levels[0].box);
  for (const double sign : {signs.above, signs.below, signs.left, signs.right}) EXPECT_EQ(sign, LeakSigns::kNone);
}

TEST(LeakSigns, ABlobBesideTheWallShowsOnItsSide) {
  const FilmSight sight = column_with_deposit();
  BodyLook look = look_without_leak(sight);
  const int top = top_of(sight, kTreated);
  leak_at(look, 21, 27, top + 10, top + 30);
  const LeakSigns signs = leak_signs(look, sight.levels[0].box);
  EXPECT_NEAR(signs.right, 3, 1e-5);
  for (const double sign : {signs.above, signs.below, signs.left}) EXPECT_EQ(sign, LeakSigns::kNone);
}

TEST(LeakSigns, ASinglePixelCountsForLittle) {
  const FilmSight sight = column_with_deposit();
  BodyLook look = look_without_leak(sight);
  const int top = top_of(sight, kTreated);
  leak_at(look, 22, 23.2, top + 20, top + 22.2);
  EXPECT_LT(leak_signs(look, sight.levels[0].box).right, 0);
}

TEST(LeakSigns, WhatLiesFarOffIsNoLeakOfThisBody) {
  const FilmSight sight = column_with_deposit();
  BodyLook look = look_without_leak(sight);
  const int top = top_of(sight, kTreated);
  leak_at(look, -40, 40, top - 40, top - 28);
  EXPECT_EQ(leak_signs(look, sight.levels[0].box).above, LeakSigns::kNone);
}

TEST(PlacesBeyond, AreTheBlobBesideTheWallAndNothingElse) {
  const FilmSight sight = column_with_deposit();
  BodyLook look = look_without_leak(sight);
  const int top = top_of(sight, kTreated);
  leak_at(look, 21, 27, top + 10, top + 30);
  const auto places = places_beyond(look, sight, sight.levels[0].box);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].face, BodyFace::right);
  EXPECT_NEAR(places[0].area_mm2(), 6 * 10, 8.0);
  for (const auto& [x, y] : places[0].pixels) EXPECT_TRUE(x >= kCentre + 40 && x <= kCentre + 56 && y >= top + 8 && y <= top + 32);
}

TEST(PlacesBeyond, AreNoneWhereNothingLeaked) {
  const FilmSight sight = column_with_deposit();
  EXPECT_TRUE(places_beyond(look_without_leak(sight), sight, sight.levels[0].box).empty());
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
