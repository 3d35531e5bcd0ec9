#include <gtest/gtest.h>

#include "imaging/preop/ct_fracture.h"
#include "imaging/preop/mr_fracture.h"

namespace cemscope::imaging::preop {
namespace {

constexpr std::size_t kFractured = 2;

/// Five whole bodies alike.
std::vector<CtBody> healthy() {
  CtBody body;
  body.place.frame.half_height_mm = 12;
  body.upper = body.lower = {1, -1, 100};
  body.middle_hu = 90;
  return std::vector<CtBody>(5, body);
}

TEST(FractureOnCt, HealthyBodiesPointNowhere) { EXPECT_EQ(fracture_on_ct(healthy(), kFractured).part, FracturedPart::unclear); }

TEST(FractureOnCt, CondensedSpongiosaPointsToItsEndplate) {
  auto bodies = healthy();
  bodies[kFractured].lower.layer_hu = 180;
  EXPECT_EQ(fracture_on_ct(bodies, kFractured).part, FracturedPart::lower);
  bodies[kFractured].lower.layer_hu = 100, bodies[kFractured].upper.layer_hu = 180;
  EXPECT_EQ(fracture_on_ct(bodies, kFractured).part, FracturedPart::upper);
}

TEST(FractureOnCt, DensityThatTheNeighboursHaveTooIsNoFracture) {
  auto bodies = healthy();
  for (auto& body : bodies) body.lower.layer_hu = 180;
  EXPECT_EQ(fracture_on_ct(bodies, kFractured).part, FracturedPart::unclear);
}

TEST(FractureOnCt, AnotherTreatedBodyIsNoMeasureOfTheUsual) {
  auto bodies = healthy();
  bodies.resize(4);
  bodies[kFractured].lower.layer_hu = 180;
  bodies[1].lower.layer_hu = bodies[3].lower.layer_hu = 180;
  EXPECT_EQ(fracture_on_ct(bodies, kFractured).part, FracturedPart::unclear);
  EXPECT_EQ(fracture_on_ct(bodies, kFractured, {1, 2, 3}).part, FracturedPart::lower);
}

TEST(FractureOnCt, ASunkenEndplateIsAFractureAndContradictionIsNone) {
  auto bodies = healthy();
  bodies[kFractured].upper.sunken_mm = 5;
  EXPECT_EQ(fracture_on_ct(bodies, kFractured).part, FracturedPart::upper);
  bodies[kFractured].lower.layer_hu = 200;
  EXPECT_EQ(fracture_on_ct(bodies, kFractured).part, FracturedPart::unclear);
}

TEST(FractureOnCt, ACutBodyPointsNowhere) {
  auto bodies = healthy();
  bodies[kFractured].lower.layer_hu = 200, bodies[kFractured].is_cut = true;
  EXPECT_EQ(fracture_on_ct(bodies, kFractured).part, FracturedPart::unclear);
}

/// Three bodies, oedema in the second: log signal of the layers under its endplates above the usual marrow.
MrReading oedema(double upper_edge, double lower_edge) {
  MrReading reading;
  reading.acute_bodies = {1};
  reading.marrow.resize(3);
  reading.marrow[1].usual = -0.5;
  reading.marrow[1].upper_edge = upper_edge - 0.5, reading.marrow[1].lower_edge = lower_edge - 0.5;
  return reading;
}

TEST(FractureOnMr, OedemaUnderOneEndplateIsTheFractureBand) {
  EXPECT_EQ(fracture_on_mr(oedema(0.1, 0.8), 1).part, FracturedPart::lower);
  EXPECT_EQ(fracture_on_mr(oedema(0.8, 0.1), 1).part, FracturedPart::upper);
}

TEST(FractureOnMr, OedemaOfTheWholeBodyOrOfAnotherBodyIsNone) {
  EXPECT_EQ(fracture_on_mr(oedema(0.5, 1.2), 1).part, FracturedPart::unclear);
  EXPECT_EQ(fracture_on_mr(oedema(0.1, 0.8), 0).part, FracturedPart::unclear);
}

}  // namespace
}  // namespace cemscope::imaging::preop
