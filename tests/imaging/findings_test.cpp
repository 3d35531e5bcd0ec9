#include "imaging/cement/vertebra_findings.h"

#include <gtest/gtest.h>

#include "imaging/ct_reading.h"

namespace cemscope::imaging::cement {
namespace {

BandMeasurement even_band() {
  BandMeasurement band;
  band.fill = 0.3, band.evenness = 1, band.n_cells_hit = 6, band.left_hit = band.right_hit = true;
  for (auto& side : band.cells) side = {0.3, 0.3};
  return band;
}

Evidence plain() {
  Evidence e;
  e.deposit.partial_volume_ml = 4;
  e.distribution.body_cement_ml = 4, e.distribution.left_ml = e.distribution.right_ml = 2;
  e.distribution.minor_side_fraction = 0.5, e.distribution.reach_mm = 14;
  e.distribution.least_minor_fraction = 0.4, e.distribution.most_minor_fraction = 0.6;
  e.distribution.upper_third = e.distribution.lower_third = even_band();
  e.distribution.band_source = "upper_third";
  e.heights = {20, 18, 24}, e.reference_height_mm = 26;
  return e;
}

TEST(Findings, ACrossingEvenDepositWithoutLeakIsSatisfactory) {
  const auto m = state_findings(plain(), {});
  EXPECT_EQ(m.leakage.answer, Answer::no);
  EXPECT_EQ(m.leakage_type, LeakageType::none);
  EXPECT_EQ(m.midline_crossed.answer, Answer::yes);
  EXPECT_EQ(m.distribution, Distribution::satisfactory);
  EXPECT_NEAR(*m.compression, 1 - 18.0 / 26, 1e-12);
  EXPECT_EQ(m.compression_class, "1/4");
}

TEST(Findings, ThreeCellsAreNotEven) {
  auto e = plain();
  e.distribution.upper_third.n_cells_hit = 3;
  EXPECT_EQ(state_findings(e, {}).distribution, Distribution::unsatisfactory);
}

TEST(Findings, TheFractureBandDecidesWhichThirdMustBeEven) {
  auto e = plain();
  e.distribution.lower_third.n_cells_hit = 3, e.distribution.lower_third.fill = 0.1;
  auto m = state_findings(e, {});
  EXPECT_EQ(m.distribution, Distribution::satisfactory);
  EXPECT_EQ(m.band_source, "upper_third");
  e.distribution.is_band_lower = true, e.distribution.band_source = "collapsed_lower";
  EXPECT_EQ(state_findings(e, {}).distribution, Distribution::unsatisfactory);
}

// Cement in the upper half only, in all its cells.
BandLayers upper_half() {
  BandLayers layers;
  for (int layer = 0; layer < BandLayers::kLayers; ++layer)
    for (int side = 0; side < 3; ++side)
      for (int depth = 0; depth < 2; ++depth) {
        layers.bone_ml[layer][side][depth] = 0.1;
        layers.cement_ml[layer][side][depth] = layer >= BandLayers::kLayers / 2 ? 0.03 : 0;
      }
  return layers;
}

TEST(Findings, ABandKnownFromElsewhereIsReadFromTheLayersThatItTakes) {
  auto e = plain();
  e.distribution.layers = upper_half();
  auto m = state_findings(e, {});
  const auto evidence = band_evidence(e, m.midline_crossed);
  EXPECT_NEAR(*read_band(evidence, kUpperThird, {}).fill, 0.3, 1e-12);
  EXPECT_NEAR(*read_band(evidence, kLowerThird, {}).fill, 0, 1e-12);
  EXPECT_NEAR(*read_band(evidence, {0.4125, 0.6125}, {}).fill, 0.3 * 0.1125 / 0.2, 1e-12);  // layers count by their share
  take_band(m, read_band(evidence, kLowerThird, {}), "preop_mr");
  EXPECT_EQ(m.distribution, Distribution::unsatisfactory);
  EXPECT_EQ(m.band_source, "preop_mr");
  EXPECT_NEAR(*m.band_fill, 0, 1e-12);
}

TEST(Findings, BothLimitsOfTheMidlineMustBePassed) {
  auto e = plain();
  e.distribution.minor_side_fraction = 0.2, e.distribution.reach_mm = 2.5;
  EXPECT_EQ(state_findings(e, {}).midline_crossed.answer, Answer::no);
  e.distribution.minor_side_fraction = 0.04, e.distribution.reach_mm = 6;
  EXPECT_EQ(state_findings(e, {}).midline_crossed.answer, Answer::no);
}

TEST(Findings, LeakageTypeSeparatesTheSideFromTheRest) {
  auto e = plain();
  auto leak = [&](CementZone zone, double ml) { e.leakage.zones[static_cast<int>(zone) - 1].volume_ml = ml, e.leakage.leak_ml += ml; };
  leak(CementZone::paravertebral, 0.2);
  EXPECT_EQ(state_findings(e, {}).leakage_type, LeakageType::paravertebral);
  leak(CementZone::canal, 0.1);
  EXPECT_EQ(state_findings(e, {}).leakage_type, LeakageType::both);
  e.leakage.leak_ml = 0.1, e.leakage.zones[static_cast<int>(CementZone::paravertebral) - 1].volume_ml = 0;
  EXPECT_EQ(state_findings(e, {}).leakage_type, LeakageType::other);
}

TEST(Findings, CementThatHugsAFaceLeavesTheLeakOpen) {
  auto e = plain();
  e.leakage.leak_odds = -2;
  EXPECT_EQ(state_findings(e, {}).leakage.answer, Answer::no);
  e.leakage.leak_odds = -0.1;
  const auto m = state_findings(e, {});
  EXPECT_EQ(m.leakage.answer, Answer::not_assessable);
  EXPECT_EQ(m.leakage.reason, "cement_at_face_of_body");
  EXPECT_EQ(m.leakage_type, LeakageType::not_assessable);
}

TEST(Findings, ALeakIsSureOnlyBeyondAFaceThatBoneShows) {
  auto e = plain();
  e.heights = {24, 24, 25};
  e.leakage.leak_ml = 0.3, e.leakage.leak_odds = 5;
  e.leakage.parts.resize(1);
  e.leakage.parts[0].sure_mm3 = 100, e.leakage.parts[0].way_mm = 3;
  EXPECT_GE(state_findings(e, {}).leakage.confidence, 0.9);
  auto hidden = e;
  hidden.leakage.parts[0].way_mm = 12;
  EXPECT_LT(state_findings(hidden, {}).leakage.confidence, 0.9);
  auto crushed = e;
  crushed.heights = {24, 10, 25};
  EXPECT_LT(state_findings(crushed, {}).leakage.confidence, 0.9);
  auto unlikely = e;
  unlikely.leakage.leak_odds = 1;
  EXPECT_NEAR(state_findings(unlikely, {}).leakage.confidence, 0.731, 0.001);  // 1 / (1 + exp(-1))
}

TEST(Findings, ACrossingThatHangsOnTheMidlinesPlaceIsNotSure) {
  auto e = plain();
  EXPECT_GE(state_findings(e, {}).midline_crossed.confidence, 0.9);
  e.distribution.minor_side_fraction = 0.15, e.distribution.least_minor_fraction = 0.02;
  const auto finding = state_findings(e, {}).midline_crossed;
  EXPECT_EQ(finding.answer, Answer::yes);
  EXPECT_LE(finding.confidence, 0.75);
}

TEST(Findings, NoLeakIsNeverSaidWithFullConfidence) { EXPECT_LT(state_findings(plain(), {}).leakage.confidence, 0.9); }

TEST(Findings, ASmallShortLeakIsNotRadiographic) {
  auto e = plain();
  e.leakage.leak_ml = 0.05, e.leakage.extent_mm = 3;
  auto m = state_findings(e, {});
  EXPECT_EQ(m.leakage.answer, Answer::yes);
  EXPECT_EQ(m.leakage_radiographic.answer, Answer::no);
  e.leakage.extent_mm = 6;
  EXPECT_EQ(state_findings(e, {}).leakage_radiographic.answer, Answer::yes);
}

TEST(Findings, NoLeakIsNotSaidWhereTheScanEndsOrMetalHides) {
  auto e = plain();
  e.body_cut = true;
  EXPECT_EQ(state_findings(e, {}).leakage.answer, Answer::not_assessable);
  EXPECT_EQ(state_findings(e, {}).leakage.reason, "body_cut_by_scan_end");
  EXPECT_FALSE(state_findings(e, {}).body_ml.has_value());
  e.body_cut = false, e.deposit.touches_metal = true;
  EXPECT_EQ(state_findings(e, {}).leakage.reason, "metal_hides_wall");
  e.leakage.leak_ml = 0.3;  // what is seen is seen all the same
  EXPECT_EQ(state_findings(e, {}).leakage.answer, Answer::yes);
}

}  // namespace
}  // namespace cemscope::imaging::cement
