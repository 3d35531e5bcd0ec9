#include <set>

#include <gtest/gtest.h>

#include "imaging/phantom/morphometry.h"
#include "imaging/phantom/phantom_parameters.h"

namespace cemscope::imaging {
namespace {

constexpr int kN = 400;

TEST(DrawPhantomParameters, IsTheSameForTheSameSeed) {
  const PhantomParameters first = draw_phantom_parameters(11), again = draw_phantom_parameters(11);
  EXPECT_EQ(first.anatomy.trabecular_hu, again.anatomy.trabecular_hu);
  EXPECT_EQ(first.scan.pixel_mm, again.scan.pixel_mm);
  EXPECT_NE(first.anatomy.trabecular_hu, draw_phantom_parameters(12).anatomy.trabecular_hu);
}

TEST(DrawPhantomParameters, StaysInTheDocumentedRanges) {
  for (int seed = 0; seed < kN; ++seed) {
    const PhantomParameters parameters = draw_phantom_parameters(seed);
    EXPECT_GE(parameters.anatomy.trabecular_hu, 30);
    EXPECT_LE(parameters.anatomy.trabecular_hu, 180);
    EXPECT_LE(std::abs(parameters.anatomy.scoliosis_cobb_deg), 25);
    EXPECT_LE(std::abs(parameters.anatomy.axial_rotation_deg), 15);
    EXPECT_GE(parameters.scan.slice_spacing_mm, 0.3);
    EXPECT_LE(parameters.scan.slice_thickness_mm, 5);
    EXPECT_GE(parameters.scan.noise_hu, 8);
    EXPECT_LE(parameters.scan.noise_hu, 45);
    for (const PhantomFracture& fracture : parameters.fractures) EXPECT_LE(fracture.compression, 0.6);
    for (const PhantomDeposit& deposit : parameters.deposits) EXPECT_LE(deposit.body_ml, 8);
  }
}

TEST(DrawPhantomParameters, TreatedLevelsLieInsideTheField) {
  for (int seed = 0; seed < kN; ++seed) {
    const PhantomParameters parameters = draw_phantom_parameters(seed);
    for (const PhantomDeposit& deposit : parameters.deposits) {
      EXPECT_GT(phantom::level_index(deposit.level), phantom::level_index(parameters.scan.top_level));
      EXPECT_LT(phantom::level_index(deposit.level), phantom::level_index(parameters.scan.bottom_level));
    }
  }
}

TEST(DrawPhantomParameters, TreatsNoLevelTwiceAndNoScrewedOne) {
  for (int seed = 0; seed < kN; ++seed) {
    const PhantomParameters parameters = draw_phantom_parameters(seed);
    std::set<std::string> levels;
    for (const PhantomDeposit& deposit : parameters.deposits) EXPECT_TRUE(levels.insert(deposit.level).second);
    for (const std::string& level : parameters.anatomy.screw_levels) EXPECT_FALSE(levels.contains(level));
  }
}

TEST(DrawPhantomParameters, ShowsThePromisedMixOfPatients) {
  int n_untreated = 0, n_several = 0, n_leaking = 0, n_treated = 0;
  std::set<CementZone> zones;
  for (int seed = 0; seed < kN; ++seed) {
    const PhantomParameters parameters = draw_phantom_parameters(seed);
    n_untreated += parameters.deposits.empty() ? 1 : 0;
    n_several += parameters.deposits.size() > 1 ? 1 : 0;
    for (const PhantomDeposit& deposit : parameters.deposits) {
      ++n_treated;
      bool leaks = false;
      for (const PhantomLeak& leak : deposit.leaks) zones.insert(leak.zone), leaks = leaks || leak.zone != CementZone::needle_tract;
      n_leaking += leaks ? 1 : 0;
    }
  }
  EXPECT_NEAR(n_untreated, 0.08 * kN, 0.04 * kN);
  EXPECT_NEAR(n_several, 0.22 * kN, 0.07 * kN);
  EXPECT_NEAR(n_leaking, 0.5 * n_treated, 0.08 * n_treated);
  EXPECT_EQ(zones.size(), 6U);
}

}  // namespace
}  // namespace cemscope::imaging
