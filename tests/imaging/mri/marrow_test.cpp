#include "imaging/mri/marrow.h"

#include <gtest/gtest.h>

#include "tests/imaging/mri/simulated_examination.h"

namespace cemscope::imaging {
namespace {

PhantomMrParameters patient(std::uint64_t seed) { return quiet_patient(seed, 260, 11); }

PhantomMrParameters fractured(std::uint64_t seed, double s = 0.5) {
  auto p = patient(seed);
  p.oedema = {{.level = "L1", .s = s, .share = 0.8}};
  p.fractures = {{"L1", FractureType::wedge, 0.25}};
  return p;
}

TEST(MrMarrow, AFluidCleftIsToldFromTheOedemaRoundIt) {
  for (const unsigned seed : {41U, 42U, 43U}) {
    auto p = fractured(seed);
    p.findings.clefts = {{.level = "L1", .height_mm = 4, .width_share = 0.6}};
    const auto reading = read(p);
    EXPECT_EQ(reading.fluid_cleft.answer, Answer::yes) << seed;
    ASSERT_EQ(reading.clefts.size(), 1U) << seed;
    EXPECT_EQ(reading.clefts.front().body, reading.acute_bodies.front()) << seed;
    EXPECT_NEAR(reading.clefts.front().height_mm, 3.5, 2) << seed;
  }
}

TEST(MrMarrow, OedemaAloneIsNoCleft) {
  for (const unsigned seed : {44U, 45U, 46U}) {
    const auto reading = read(fractured(seed, seed == 46U ? 0.8 : 0.5));
    ASSERT_FALSE(reading.acute_bodies.empty()) << seed;
    EXPECT_EQ(reading.fluid_cleft.answer, Answer::no) << seed;
  }
}

TEST(MrMarrow, ADiscSunkIntoACollapsedEndplateIsNoCleft) {
  for (const unsigned seed : {52031U, 52078U}) {
    const auto reading = read(draw_mr_parameters(seed));
    ASSERT_FALSE(reading.acute_bodies.empty()) << seed;
    EXPECT_EQ(reading.fluid_cleft.answer, Answer::no) << seed;
  }
}

TEST(MrMarrow, WithoutAFreshFractureNoCleftIsAskedFor) {
  const auto reading = read(patient(47));
  EXPECT_TRUE(reading.acute_bodies.empty());
  EXPECT_EQ(reading.fluid_cleft.answer, Answer::not_assessable);
}

TEST(MrMarrow, AHaemangiomaIsNoFreshFracture) {
  for (const double radius_mm : {6.0, 8.0, 9.5, 11.0}) {
    auto p = patient(48);
    p.findings.haemangiomas = {{.level = "L2", .left_mm = 2, .back_mm = -2, .up_mm = 1, .radius_mm = radius_mm, .s = 0.7}};
    EXPECT_TRUE(read(p).acute_bodies.empty()) << radius_mm;
  }
}

TEST(MrMarrow, WornDiscsNodesVeinsAndCementAreNoFreshFracture) {
  auto p = patient(49);
  p.findings.modic_levels = {"L3"}, p.findings.schmorl_levels = {"L1"}, p.findings.cement_levels = {"T12"};
  p.findings.has_veins = true;
  EXPECT_TRUE(read(p).acute_bodies.empty());
}

TEST(MrMarrow, TheRimOfMetalIsNoFreshFracture) {
  auto p = fractured(54);
  p.findings.metal_levels = {"L3", "L4"};
  const auto reading = read(p);
  EXPECT_EQ(reading.acute_bodies.size(), 1U);
  EXPECT_NE(std::find(reading.warnings.begin(), reading.warnings.end(), "metal"), reading.warnings.end());
}

TEST(MrMarrow, OedemaUnderOneEndplateIsAFreshFracture) {
  for (const unsigned seed : {50U, 51U}) {
    auto p = fractured(seed, 0.7);
    p.oedema.front().share = 0.4;
    EXPECT_EQ(read(p).acute_bodies.size(), 1U) << seed;
  }
}

TEST(MrMarrow, NothingBrightInTheBackIsAnInjuryByItself) {
  for (const unsigned seed : {52U, 53U}) {
    auto p = fractured(seed);
    p.findings.has_facet_fluid = p.findings.has_veins = true, p.findings.skin_fold_mm = 10;
    p.findings.muscle_atrophy = 0.6, p.findings.stenosis = 0.8;
    EXPECT_NE(read(p).injury.finding.answer, Answer::yes) << seed;
  }
}

}  // namespace
}  // namespace cemscope::imaging
