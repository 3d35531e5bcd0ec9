#include "imaging/followup/comparison.h"

#include <gtest/gtest.h>

namespace cemscope::imaging::followup {
namespace {

BodyHeights body(double height_mm) {
  return {.level = "", .anterior_mm = height_mm, .middle_mm = height_mm - 1, .posterior_mm = height_mm + 1, .has_oedema = std::nullopt};
}

// Five bodies, the third treated.
TimePoint spine() {
  TimePoint point;
  point.modality = "CT";
  for (const double height : {23.0, 24.0, 20.0, 26.0, 27.0}) point.bodies.push_back(body(height));
  point.bodies[2].is_treated = true;
  return point;
}

TEST(Comparison, OfTheSameSpineIsNo) {
  const auto result = compare(spine(), spine(), {});
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::no);
  EXPECT_EQ(result.changes.size(), 5U);
  for (const auto& change : result.changes) EXPECT_NEAR(*change.loss_fraction, 0, 1e-9);
}

TEST(Comparison, FindsAnAdjacentLossOfAQuarter) {
  auto later = spine();
  later.bodies[3].anterior_mm = 0.75 * *later.bodies[3].anterior_mm;
  const auto result = compare(spine(), later, {});
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::yes);
  EXPECT_NEAR(*result.changes[3].loss_fraction, 0.25, 1e-9);
  EXPECT_NEAR(*result.changes[3].loss_mm, 6.5, 1e-9);
}

TEST(Comparison, ALossFartherOffIsNotAdjacent) {
  auto later = spine();
  later.bodies[4].anterior_mm = 0.6 * *later.bodies[4].anterior_mm;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::no);
}

TEST(Comparison, ASmallLossNeedsNewOedema) {
  auto later = spine();
  later.bodies[1].anterior_mm = 0.83 * *later.bodies[1].anterior_mm;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::no);
  later.bodies[1].has_oedema = true;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::yes);
}

TimePoint scaled_spine(double factor) {
  auto point = spine();
  for (auto& b : point.bodies)
    for (auto* height : {&b.anterior_mm, &b.middle_mm, &b.posterior_mm}) **height *= factor;
  return point;
}

TEST(Comparison, EndplatesDrawnOtherwiseDoNotCount) {
  const auto result = compare(spine(), scaled_spine(0.93), {});
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::no);
  EXPECT_NEAR(result.scale, 0.93, 1e-9);
}

TEST(Comparison, AllBodiesShorterOnOneModalityWereMisread) {
  EXPECT_EQ(compare(spine(), scaled_spine(0.8), {}).adjacent_fracture.reason, "heights_implausible");
}

TimePoint named_spine(const std::vector<std::string>& levels) {
  auto point = spine();
  for (std::size_t n = 0; n < levels.size(); ++n) point.bodies[n].level = levels[n];
  return point;
}

TEST(Comparison, NamesThatTheTreatedBodyContradictsMatchNothing) {
  const auto first = named_spine({"T11", "T12", "L1", "L2", "L3"}), later = named_spine({"T12", "L1", "L2", "L3", "L4"});
  EXPECT_EQ(compare(first, later, {}).adjacent_fracture.reason, "levels_not_matched");
}

TEST(Comparison, ACountOffByOneIsSeenByTheHeights) {
  auto first = named_spine({"T11", "T12", "L1", "L2", "L3"}), later = named_spine({"T12", "L1", "L2", "L3", "L4"});
  for (auto* point : {&first, &later}) point->bodies[1].anterior_mm = 15, point->bodies[1].middle_mm = 16;
  for (auto& b : later.bodies) b.is_treated = false;
  EXPECT_EQ(compare(first, later, {}).adjacent_fracture.answer, Answer::not_assessable);
}

TEST(Comparison, BelowL5ThereIsNoBodyToCollapse) {
  auto first = spine();
  first.bodies[2].is_treated = false, first.bodies[4].is_treated = true, first.bodies[4].level = "L5";
  EXPECT_EQ(compare(first, first, {}).adjacent_fracture.answer, Answer::no);
}

TEST(Comparison, MatchesByTheTreatedBodyWhenAnotherStretchIsSeen) {
  auto later = spine();
  later.bodies.erase(later.bodies.begin());
  later.bodies[2].anterior_mm = 0.7 * *later.bodies[2].anterior_mm;
  const auto result = compare(spine(), later, {});
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::yes);
  EXPECT_EQ(result.changes.front().baseline, 1);
}

TEST(Comparison, BodiesThatGrowOrVanishWereMisread) {
  for (const double factor : {1.6, 0.1}) {
    auto later = spine();
    for (auto* height : {&later.bodies[3].anterior_mm, &later.bodies[3].middle_mm, &later.bodies[3].posterior_mm}) **height *= factor;
    const auto finding = compare(spine(), later, {}).adjacent_fracture;
    EXPECT_EQ(finding.answer, Answer::not_assessable) << factor;
    EXPECT_EQ(finding.reason, "heights_implausible") << factor;
  }
}

TEST(Comparison, ABodyThatGrewInFrontDidNotBreakBehind) {
  auto later = spine();
  *later.bodies[3].anterior_mm *= 1.35, *later.bodies[3].posterior_mm *= 0.75;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.reason, "heights_implausible");
}

TEST(Comparison, ABodyAtTheEndSaysOnlyWhatMoreOfItCouldNotChange) {
  auto whole = spine(), at_end = spine(), broken = spine();
  at_end.bodies[3].is_at_end = true;
  for (auto* height : {&broken.bodies[3].anterior_mm, &broken.bodies[3].middle_mm, &broken.bodies[3].posterior_mm}) **height *= 0.7;
  EXPECT_EQ(compare(whole, at_end, {}).adjacent_fracture.answer, Answer::no);
  EXPECT_EQ(compare(at_end, whole, {}).adjacent_fracture.answer, Answer::not_assessable);
  EXPECT_EQ(compare(at_end, broken, {}).adjacent_fracture.answer, Answer::yes);
  broken.bodies[3].is_at_end = true;
  EXPECT_EQ(compare(whole, broken, {}).adjacent_fracture.answer, Answer::not_assessable);
}

TEST(Comparison, OnePlaceThatVanishedLeavesTheOthersToSayALoss) {
  auto later = spine();
  auto& broken = later.bodies[3];
  *broken.anterior_mm *= 0.65, *broken.middle_mm *= 0.6, *broken.posterior_mm *= 0.15;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::yes);
}

// MR gives the middle height alone, by other endplates.
TimePoint on_mr(double scale) {
  TimePoint point = spine();
  point.modality = "MR";
  for (auto& b : point.bodies) b.middle_mm = scale * *b.middle_mm, b.anterior_mm = b.posterior_mm = std::nullopt;
  return point;
}

TEST(Comparison, OfTwoModalitiesGoesByRatios) {
  auto later = on_mr(1.12);
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::no);
  later.bodies[1].middle_mm = 0.72 * *later.bodies[1].middle_mm;
  const auto result = compare(spine(), later, {});
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::yes);
  EXPECT_NEAR(*result.changes[1].loss_fraction, 0.28, 1e-9);
}

TEST(Comparison, TreatedBodiesDoNotSetTheScale) {
  auto first = spine(), later = spine();
  for (auto* point : {&first, &later}) point->bodies[1].is_treated = point->bodies[4].is_treated = true;
  for (const std::size_t n : {1U, 2U, 4U})
    for (auto* height : {&later.bodies[n].anterior_mm, &later.bodies[n].middle_mm, &later.bodies[n].posterior_mm}) **height *= 0.93;
  const auto result = compare(first, later, {});
  EXPECT_NEAR(result.scale, 1.0, 1e-9);
  ASSERT_EQ(result.changes.size(), 5U);
  for (const std::size_t n : {0U, 3U}) EXPECT_EQ(result.changes[n].fracture.answer, Answer::no);
}

TEST(Comparison, APlaceFarAboveTheOthersOfItsBodyIsNoLossLater) {
  auto first = spine();
  first.bodies[1].anterior_mm = 36;
  EXPECT_EQ(compare(first, spine(), {}).adjacent_fracture.answer, Answer::no);
}

TEST(Comparison, ABodyThatGrowsWithNewOedemaWasMisread) {
  auto later = spine();
  later.modality = "MR";
  later.bodies[1].has_oedema = true;
  later.bodies[1].anterior_mm = 1.2 * *later.bodies[1].anterior_mm;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::not_assessable);
}

TEST(Comparison, OfTwoModalitiesALossNearTheLimitIsLeftOpen) {
  auto later = scaled_spine(0.93);
  later.modality = "MR";
  const auto lose = [&](double share) {
    for (auto* height : {&later.bodies[3].anterior_mm, &later.bodies[3].middle_mm, &later.bodies[3].posterior_mm}) **height *= 1 - share;
  };
  lose(0.12);
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::no);
  later.bodies[3].has_oedema = true;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.reason, "heights_unsure");
  later.bodies[3].has_oedema = false;
  lose(0.07);
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.reason, "heights_unsure");
}

TEST(Comparison, OfTwoModalitiesAnEdgeThatLostAloneWasMisread) {
  auto later = scaled_spine(0.93);
  later.modality = "MR";
  later.bodies[3].anterior_mm = 0.72 * *later.bodies[3].anterior_mm;
  const auto alone = compare(spine(), later, {});
  EXPECT_EQ(alone.adjacent_fracture.answer, Answer::not_assessable);
  EXPECT_EQ(alone.adjacent_fracture.reason, "heights_implausible");
  later.bodies[3].middle_mm = 0.86 * *later.bodies[3].middle_mm;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::yes);
}

TEST(Comparison, OfTwoModalitiesBothInMillimetresDoNotDifferByAFifth) {
  auto taller = scaled_spine(1.16), shorter = scaled_spine(0.78), usual = scaled_spine(0.88);
  taller.modality = shorter.modality = usual.modality = "MR";
  EXPECT_EQ(compare(spine(), taller, {}).adjacent_fracture.answer, Answer::not_assessable);
  EXPECT_EQ(compare(spine(), shorter, {}).adjacent_fracture.answer, Answer::not_assessable);
  EXPECT_EQ(compare(spine(), usual, {}).adjacent_fracture.answer, Answer::no);
}

TEST(Comparison, OfTwoModalitiesNeedsThreeBodies) {
  auto first = spine(), later = on_mr(1.12);
  first.bodies.resize(2), later.bodies.resize(2);
  first.bodies[0].level = later.bodies[0].level = "T12";
  first.bodies[0].is_treated = true;
  EXPECT_EQ(compare(first, later, {}).adjacent_fracture.answer, Answer::not_assessable);
}

TEST(Comparison, CutOrMissingNeighboursAreNotAssessable) {
  auto later = spine();
  later.bodies[3].is_cut = true;
  EXPECT_EQ(compare(spine(), later, {}).adjacent_fracture.answer, Answer::not_assessable);
  auto first = spine();
  first.bodies.resize(3);
  EXPECT_EQ(compare(first, spine(), {}).adjacent_fracture.answer, Answer::not_assessable);
}

TimePoint film_of(TimePoint point) {
  point.modality = "XR";
  return point;
}

TEST(ComparisonOfFilms, AnotherMagnificationDoesNotCount) {
  const auto result = compare(film_of(spine()), film_of(scaled_spine(1.2)), {});
  EXPECT_EQ(result.adjacent_fracture.answer, Answer::no);
  EXPECT_NEAR(result.scale, 1.2, 1e-9);
}

TEST(ComparisonOfFilms, WithoutAScaleTheRatioAloneDecides) {
  auto before = film_of(spine()), after = film_of(spine());
  for (auto* point : {&before, &after})
    for (auto& b : point->bodies)
      for (auto* height : {&b.anterior_mm, &b.middle_mm, &b.posterior_mm}) **height *= 0.5;
  after.bodies[3].anterior_mm = 0.78 * *after.bodies[3].anterior_mm;  // 3.6 of something
  after.bodies[3].middle_mm = 0.85 * *after.bodies[3].middle_mm;
  EXPECT_EQ(compare(before, after, {}).adjacent_fracture.answer, Answer::not_assessable);
  before.is_in_mm = after.is_in_mm = false;
  EXPECT_EQ(compare(before, after, {}).adjacent_fracture.answer, Answer::yes);
}

TEST(ComparisonOfFilms, ABodyThatGrewIsImplausible) {
  auto later = film_of(spine());
  later.bodies[3].anterior_mm = 0.75 * *later.bodies[3].anterior_mm, later.bodies[3].posterior_mm = 1.2 * *later.bodies[3].posterior_mm;
  EXPECT_EQ(compare(film_of(spine()), later, {}).adjacent_fracture.reason, "heights_implausible");
}

TEST(ComparisonOfFilms, OnePlaceThatGrewLeavesTheOthersToSayThatNothingIsLost) {
  auto later = film_of(spine());
  later.bodies[3].anterior_mm = 1.2 * *later.bodies[3].anterior_mm;
  EXPECT_EQ(compare(film_of(spine()), later, {}).adjacent_fracture.answer, Answer::no);
  later.bodies[3].middle_mm = 1.2 * *later.bodies[3].middle_mm;
  EXPECT_EQ(compare(film_of(spine()), later, {}).adjacent_fracture.reason, "heights_implausible");
}

TEST(ComparisonOfFilms, WhatLostHeightInFrontOrBehindAloneWasMisread) {
  auto later = film_of(spine());
  later.bodies[3].anterior_mm = 0.7 * *later.bodies[3].anterior_mm;
  EXPECT_EQ(compare(film_of(spine()), later, {}).adjacent_fracture.reason, "heights_implausible");
  later = film_of(spine());
  later.bodies[3].posterior_mm = 0.7 * *later.bodies[3].posterior_mm;
  EXPECT_EQ(compare(film_of(spine()), later, {}).adjacent_fracture.reason, "heights_implausible");
  later.bodies[3].middle_mm = 0.85 * *later.bodies[3].middle_mm;
  EXPECT_EQ(compare(film_of(spine()), later, {}).adjacent_fracture.answer, Answer::yes);
}

TEST(ComparisonOfFilms, NoIsNotSaidOfWhatHardlyShowsOrLostALittle) {
  const auto before = film_of(spine());
  auto later = before;
  later.bodies[1].anterior_mm.reset(), later.bodies[1].middle_mm.reset();
  EXPECT_EQ(compare(before, later, {}).adjacent_fracture.reason, "heights_unsure") << "one place alone";
  later = before, later.bodies[1].plainness = {0.5, 0.5, 0.5};
  EXPECT_EQ(compare(before, later, {}).adjacent_fracture.answer, Answer::no) << "faint ends, but nothing is lost";
  later.bodies[1].anterior_mm = 0.92 * *later.bodies[1].anterior_mm;
  EXPECT_EQ(compare(before, later, {}).adjacent_fracture.reason, "heights_unsure") << "faint ends, and a little is lost";
  later.bodies[1].plainness = {1, 0.5, 0.5};
  EXPECT_EQ(compare(before, later, {}).adjacent_fracture.answer, Answer::no);
  later.bodies[1].anterior_mm = 0.87 * *before.bodies[1].anterior_mm;
  EXPECT_EQ(compare(before, later, {}).adjacent_fracture.reason, "heights_unsure") << "plain ends, and more is lost";
}

TEST(ComparisonOfFilms, OutlinesShowFourFifthsOfALoss) {
  auto later = film_of(spine());
  later.bodies[3].anterior_mm = 0.8 * *later.bodies[3].anterior_mm, later.bodies[3].middle_mm = 0.9 * *later.bodies[3].middle_mm;
  const auto result = compare(film_of(spine()), later, {});
  ASSERT_EQ(result.changes.size(), spine().bodies.size());
  EXPECT_NEAR(*result.changes[3].losses[0], 0.25, 1e-9);
  EXPECT_NEAR(*result.changes[3].losses[1], 0.125, 1e-9);
  EXPECT_NEAR(*result.changes[3].losses[2], 0, 1e-9) << "what lost nothing keeps its height";
}

TEST(ComparisonOfFilms, BodiesAreEnlarged) {
  const auto enlarged = film_of(scaled_spine(1.35));
  EXPECT_EQ(compare(enlarged, enlarged, {}).adjacent_fracture.answer, Answer::no) << "bodies of 40 mm and more are no two bodies";
}

}  // namespace
}  // namespace cemscope::imaging::followup
