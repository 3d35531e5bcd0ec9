#include "imaging/mri/artefacts.h"

#include <gtest/gtest.h>

#include "imaging/phantom/mr_artefacts.h"
#include "tests/imaging/mri/simulated_examination.h"

namespace cemscope::imaging {
namespace {

PhantomMrParameters patient(std::uint64_t seed) { return fractured_patient(seed, 260, 11); }

bool warns(const MrReading& reading, const char* code) {
  return std::find(reading.warnings.begin(), reading.warnings.end(), code) != reading.warnings.end();
}

// One bright pixel: its ghosts are Bessel functions of the phase error, every `cycles` pixels (J_0(0.5) = 0.9385, J_1(0.5) = 0.2423,
// J_2(0.5) = 0.0306; Abramowitz & Stegun, table 9.1).
TEST(MrArtefacts, APeriodicPhaseErrorGivesBesselGhosts) {
  phantom::MrSlice slice(8, 64);
  slice.add(3, 20, true, 1.0F);
  PhantomMrArtefacts artefacts;
  artefacts.ghost_rad = 0.5, artefacts.ghost_cycles = 10;
  const auto image = phantom::with_ghosts(slice, artefacts);
  const auto at = [&](int row) { return image[static_cast<std::size_t>(row) * 8 + 3]; };
  EXPECT_NEAR(at(20), 0.9385, 1e-4);
  EXPECT_NEAR(at(30), 0.2423, 1e-4);
  EXPECT_NEAR(at(10), 0.2423, 1e-4);
  EXPECT_NEAR(at(40), 0.0306, 1e-4);
  EXPECT_NEAR(at(25), 0.0, 1e-6);
}

TEST(MrArtefacts, WhatLiesBeyondTheFieldFoldsIn) {
  phantom::MrSlice slice(8, 16);
  slice.add(3, -2, false, 1.0F);
  slice.add(3, 17, false, 2.0F);
  EXPECT_EQ(slice.still[14 * 8 + 3], 1.0F);
  EXPECT_EQ(slice.still[1 * 8 + 3], 2.0F);
}

TEST(MrArtefacts, ACleanPictureKeepsItsConfidence) {
  for (const unsigned seed : {31U, 32U, 33U}) {
    const auto reading = read(patient(seed));
    EXPECT_FALSE(reading.artefacts.has_ghosts()) << seed << " " << reading.artefacts.ghost_ratio.value_or(-1);
    EXPECT_FALSE(reading.artefacts.has_wrap(0, 259)) << seed;
    EXPECT_GE(reading.injury.finding.confidence, 0.89) << seed;
  }
}

TEST(MrArtefacts, GhostsBehindTheBackLowerTheConfidence) {
  auto p = patient(34);
  p.scan.artefacts.motion = PhantomMotion::whole, p.scan.artefacts.phase = PhaseDirection::front_back;
  p.scan.artefacts.ghost_rad = 0.6, p.scan.artefacts.ghost_cycles = 31;
  const auto reading = read(p);
  EXPECT_TRUE(warns(reading, "motion_ghosts")) << reading.artefacts.ghost_ratio.value_or(-1);
  EXPECT_LE(reading.injury.finding.confidence, 0.65);
}

TEST(MrArtefacts, AnEndOfTheBodyThatFoldsInLowersTheConfidence) {
  auto p = patient(35);
  p.scan.artefacts.wrap_mm = 40;
  const auto reading = read(p);
  EXPECT_TRUE(warns(reading, "wrapped_in"));
  EXPECT_LE(reading.injury.finding.confidence, 0.65);
}

TEST(MrArtefacts, AGhostOfTheCanalIsNoSureInjury) {
  for (const unsigned seed : {36U, 37U, 38U, 39U}) {
    auto p = patient(seed);
    p.scan.artefacts.motion = PhantomMotion::pulsation, p.scan.artefacts.phase = PhaseDirection::front_back;
    p.scan.artefacts.ghost_rad = 0.7, p.scan.artefacts.ghost_cycles = 26;
    const auto finding = read(p).injury.finding;
    if (finding.answer == Answer::yes) {
      EXPECT_LE(finding.confidence, 0.6) << seed;
    }
  }
}

}  // namespace
}  // namespace cemscope::imaging
