#include <cmath>

#include <gtest/gtest.h>

#include "imaging/error.h"
#include "imaging/phantom/cement_truth.h"
#include "imaging/phantom/leak_zones.h"
#include "imaging/phantom/phantom.h"
#include "imaging/phantom/scene.h"

namespace cemscope::imaging {
namespace {

PhantomParameters treated(CementPattern pattern, std::vector<PhantomLeak> leaks) {
  PhantomParameters parameters;
  parameters.seed = 5;
  parameters.deposits = {{"L1", pattern, 3.5, std::move(leaks), 2200, 0.1}};
  return parameters;
}

struct Simulated {
  phantom::Scene scene;
  PhantomVertebraTruth truth;
};

Simulated simulate(const PhantomParameters& parameters) {
  phantom::Scene scene = phantom::make_scene(parameters);
  PhantomVertebraTruth truth = phantom::measure_truth(scene.bricks.front(), scene.spine, phantom::leak_tolerance_mm(parameters.scan));
  return {std::move(scene), std::move(truth)};
}

double sum_of(const std::map<CementZone, double>& volumes_ml) {
  double sum = 0;
  for (const auto& [zone, volume_ml] : volumes_ml) sum += volume_ml;
  return sum;
}

TEST(PhantomTruth, ZonesAddUpToTheCement) {
  const PhantomVertebraTruth truth = simulate(treated(CementPattern::bilateral, {{CementZone::disc, 0.3}, {CementZone::canal, 0.2}})).truth;
  EXPECT_NEAR(sum_of(truth.volumes_ml), truth.cement_ml, 1e-9);
  EXPECT_NEAR(truth.fill, truth.volumes_ml.at(CementZone::body) / truth.body_ml, 1e-9);
  EXPECT_EQ(truth.leakage_type, LeakageType::other);
}

TEST(PhantomTruth, FrameIsRightHandedAndUnit) {
  const VertebralFrame frame = simulate(treated(CementPattern::left, {})).truth.frame;
  EXPECT_TRUE(frame.left.cross(frame.posterior).isApprox(frame.superior, 1e-9));
  EXPECT_NEAR(frame.left.norm(), 1.0, 1e-9);
}

// Each zone's cement lies where DEFINITIONS says, judged in the vertebra's own frame.
class LeakZone : public ::testing::TestWithParam<CementZone> {};

TEST_P(LeakZone, IsFilledWithTheWantedVolumeAndNoOther) {
  const Simulated simulated = simulate(treated(CementPattern::central_spread, {{GetParam(), 0.15}}));
  for (const auto& [zone, volume_ml] : simulated.truth.volumes_ml)
    if (zone != CementZone::body) {
      EXPECT_NEAR(volume_ml, zone == GetParam() ? 0.15 : 0.0, 0.02) << static_cast<int>(zone);
    }
  EXPECT_EQ(simulated.truth.leakage, GetParam() != CementZone::needle_tract);
}

TEST_P(LeakZone, LiesOutsideTheBodyAndOutsideOtherBone) {
  const Simulated simulated = simulate(treated(CementPattern::central_spread, {{GetParam(), 0.15}}));
  const phantom::CementBrick& brick = simulated.scene.bricks.front();
  const int index = phantom::level_index("L1");
  const phantom::Vertebra& vertebra = simulated.scene.spine.vertebrae[index];
  const phantom::LeakZones zones(simulated.scene.spine, index);
  for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(brick.zone.size()); ++cell) {
    if (brick.zone[cell] != static_cast<std::uint8_t>(GetParam())) continue;
    const Point_mm local = brick.local_of(cell);
    ASSERT_GE(vertebra.body.distance_mm(local), 0);
    if (GetParam() != CementZone::needle_tract) {
      ASSERT_GT(zones.other_bone_mm(local), 0);
    }
    if (GetParam() == CementZone::canal) {
      ASSERT_LT(std::abs(local.x()), vertebra.canal.half_width_mm);
    }
    if (GetParam() == CementZone::disc) {
      ASSERT_LT(vertebra.body.locate(local).lateral_mm, 0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllZones, LeakZone,
                         ::testing::Values(CementZone::paravertebral, CementZone::disc, CementZone::canal, CementZone::foramen,
                                           CementZone::vascular, CementZone::needle_tract));

TEST(PhantomTruth, PatternsLieOnTheirSide) {
  EXPECT_GT(simulate(treated(CementPattern::left, {})).truth.left_fraction, 0.85);
  EXPECT_LT(simulate(treated(CementPattern::right, {})).truth.left_fraction, 0.15);
  const PhantomVertebraTruth both = simulate(treated(CementPattern::bilateral, {})).truth;
  EXPECT_GT(both.minor_side_fraction, 0.2);
  EXPECT_TRUE(both.midline_crossed);
}

TEST(PhantomTruth, OneSidedCementIsNeverSatisfactory) {
  PhantomParameters parameters = treated(CementPattern::left, {});
  parameters.deposits.front().body_ml = 2.0;
  const PhantomVertebraTruth truth = simulate(parameters).truth;
  EXPECT_FALSE(truth.satisfactory);
  EXPECT_DOUBLE_EQ(truth.cells[0][0] + truth.cells[0][1], 0.0);  // the right third is empty
}

TEST(PhantomTruth, CompressionIsReadAgainstTheNeighbours) {
  PhantomParameters parameters = treated(CementPattern::clump, {});
  EXPECT_LT(simulate(parameters).truth.compression, 0.12);
  parameters.fractures = {{"L1", FractureType::wedge, 0.4}};
  EXPECT_NEAR(simulate(parameters).truth.compression, 0.4, 0.08);
}

TEST(PhantomTruth, DoesNotDependOnTheScan) {
  PhantomParameters thin = treated(CementPattern::bilateral, {{CementZone::disc, 0.3}}), thick = thin;
  thick.scan.slice_thickness_mm = thick.scan.slice_spacing_mm = 5, thick.scan.pixel_mm = 0.9, thick.scan.top_level = "T9";
  const PhantomVertebraTruth a = simulate(thin).truth, b = simulate(thick).truth;
  EXPECT_EQ(a.cement_ml, b.cement_ml);
  EXPECT_EQ(a.left_fraction, b.left_fraction);
  EXPECT_TRUE(a.frame.centre_mm.isApprox(b.frame.centre_mm));
}

// DEFINITIONS: outside the vertebra by more than max(1 mm, half a slice, 1 voxel).
TEST(PhantomTruth, AFlatLeakIsNoLeakOnThickSlices) {
  PhantomParameters parameters = treated(CementPattern::bilateral, {{CementZone::disc, 0.05}});
  EXPECT_TRUE(simulate(parameters).truth.leakage);
  parameters.scan.slice_thickness_mm = parameters.scan.slice_spacing_mm = 12;
  const PhantomVertebraTruth thick = simulate(parameters).truth;
  EXPECT_FALSE(thick.leakage);
  EXPECT_NEAR(thick.volumes_ml.at(CementZone::disc), 0.05, 0.001);
}

TEST(LeakTolerance, IsTheLargestOfItsThree) {
  PhantomScan scan;
  scan.pixel_mm = 0.5, scan.slice_thickness_mm = scan.slice_spacing_mm = 1;
  EXPECT_DOUBLE_EQ(phantom::leak_tolerance_mm(scan), 1.0);
  scan.slice_thickness_mm = 5;
  EXPECT_DOUBLE_EQ(phantom::leak_tolerance_mm(scan), 2.5);
  scan.slice_thickness_mm = 1, scan.pixel_mm = 1.4;
  EXPECT_DOUBLE_EQ(phantom::leak_tolerance_mm(scan), 1.4);
}

TEST(PhantomTruth, UnknownLevelIsWrongUsage) {
  PhantomParameters parameters = treated(CementPattern::left, {});
  parameters.deposits.front().level = "C3";
  try {
    make_phantom(parameters);
    FAIL() << "C3 is not simulated";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
  }
}

}  // namespace
}  // namespace cemscope::imaging
