#include "imaging/mri/mr_reading.h"

#include <gtest/gtest.h>

#include "tests/imaging/mri/simulated_examination.h"

namespace cemscope::imaging {
namespace {

PhantomMrParameters patient(std::uint64_t seed) { return fractured_patient(seed, 280, 13); }

PhantomFluidStrip strip(double length_mm, double thickness_mm, double s) {
  return {.level = "L1", .shift_mm = -10, .length_mm = length_mm, .thickness_mm = thickness_mm, .half_width_mm = 20, .s = s};
}

TEST(MrReading, FindsTheBodyWithOedemaAndNoInjury) {
  const auto p = patient(11);
  const auto exam = make_mr_phantom(p);
  const auto reading = read_mr(exam.volume);
  EXPECT_EQ(reading.injury.finding.answer, Answer::no) << reading.injury.finding.reason;
  ASSERT_EQ(reading.acute_bodies.size(), 1U);
  const auto& body = reading.bodies[static_cast<std::size_t>(reading.acute_bodies.front())];
  const auto found = reading.stack.to_patient(body.centre_x, body.centre_row, body.centre_slice);
  const auto truth = std::find(exam.truth.body_levels.begin(), exam.truth.body_levels.end(), "L1") - exam.truth.body_levels.begin();
  EXPECT_NEAR(found.z(), exam.truth.body_centres_mm[static_cast<std::size_t>(truth)].z(), 6);
}

TEST(MrReading, MeasuresTheLengthOfAnInjury) {
  auto p = patient(12);
  p.injuries = {strip(60, 5, 0.8)};
  const auto reading = read(p);
  ASSERT_EQ(reading.injury.finding.answer, Answer::yes);
  EXPECT_NEAR(*reading.injury.length_mm, 60, 10);
  EXPECT_EQ(reading.injury.extent_grade, 2);
}

TEST(MrReading, FindsAWeakThinStrip) {
  auto p = patient(13);
  p.injuries = {strip(50, 3, 0.6)};
  EXPECT_EQ(read(p).injury.finding.answer, Answer::yes);
}

TEST(MrReading, OedemaThatHugsTheFasciaFromBehindIsNoInjury) {
  for (const double gap_mm : {0.0, 2.0, 4.0}) {
    auto p = patient(14);
    p.subcutaneous = {strip(70, 5, 0.8)};
    p.subcutaneous.front().gap_mm = gap_mm;
    EXPECT_NE(read(p).injury.finding.answer, Answer::yes) << gap_mm;
  }
}

TEST(MrReading, StrongCoilShadingIsNoInjury) {
  auto p = patient(15);
  p.scan.coil = {.surface_gain = 4.0, .decay_mm = 40, .element_ripple = 0.2, .end_falloff = 0.6};
  EXPECT_EQ(read(p).injury.finding.answer, Answer::no);
}

TEST(MrReading, RefusesAPictureWhoseFatIsNotSuppressed) {
  auto p = patient(16);
  p.scan.failure = SuppressionFailure::everywhere, p.scan.failure_strength = 0.8;
  const auto finding = read(p).injury.finding;
  EXPECT_EQ(finding.answer, Answer::not_assessable);
  EXPECT_FALSE(finding.reason.empty());
}

TEST(MrReading, ACrushedBodyBetweenBrightDiscsIsTheFreshOne) {
  for (const unsigned seed : {21U, 22U, 23U}) {
    auto p = patient(seed);
    p.fractures = {{"L1", FractureType::crush, 0.5}};
    const auto exam = make_mr_phantom(p);
    const auto reading = read_mr(exam.volume);
    ASSERT_EQ(reading.acute_bodies.size(), 1U) << seed;
    const auto& body = reading.bodies[static_cast<std::size_t>(reading.acute_bodies.front())];
    const auto truth = std::find(exam.truth.body_levels.begin(), exam.truth.body_levels.end(), "L1") - exam.truth.body_levels.begin();
    EXPECT_NEAR(reading.stack.to_patient(body.centre_x, body.centre_row, body.centre_slice).z(),
                exam.truth.body_centres_mm[static_cast<std::size_t>(truth)].z(), 8);
  }
}

TEST(MrReading, RefusesT1) {
  auto p = patient(17);
  p.scan.sequence = MrSequence::t1;
  EXPECT_EQ(read(p).injury.finding.answer, Answer::not_assessable);
}

TEST(MrReading, FacetFluidAndInterspinousVeinsAreNoInjury) {
  auto p = patient(18);
  p.findings.has_facet_fluid = p.findings.has_veins = true, p.findings.haemangiomas = {{}};
  EXPECT_EQ(read(p).injury.finding.answer, Answer::no);
}

}  // namespace
}  // namespace cemscope::imaging
