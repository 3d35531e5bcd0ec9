#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "imaging/phantom/phantom.h"

namespace cemscope::imaging {
namespace {

// A small field round one treated vertebra, without noise, streaks or clipping, so that densities add up.
PhantomParameters clean_parameters() {
  PhantomParameters parameters;
  parameters.seed = 9;
  parameters.anatomy.axial_rotation_deg = 7;
  parameters.deposits = {{"L1", CementPattern::bilateral, 3.0, {{CementZone::paravertebral, 0.3}}, 2000, 0.0}};
  PhantomScan& scan = parameters.scan;
  scan.columns = scan.rows = 100, scan.pixel_mm = 0.9, scan.slice_thickness_mm = scan.slice_spacing_mm = 2.0;
  scan.noise_hu = 0, scan.streak_scale = 0, scan.saturation_hu = 32000;
  scan.top_level = "T12", scan.top_fraction = 0.3, scan.bottom_level = "L2", scan.bottom_fraction = 0.7;
  scan.field_offset_y_mm = 5;
  return parameters;
}

double voxel_ml(const PhantomPatient& patient) {
  const auto spacing = patient.ct.image->GetSpacing();
  return spacing[0] * spacing[1] * spacing[2] * 1e-3;
}

std::size_t n_voxels(const PhantomPatient& patient) { return patient.ct.image->GetLargestPossibleRegion().GetNumberOfPixels(); }

std::size_t n_labelled(const LabelMask& mask) {
  const std::size_t n = mask.image->GetLargestPossibleRegion().GetNumberOfPixels();
  return n - static_cast<std::size_t>(std::count(mask.image->GetBufferPointer(), mask.image->GetBufferPointer() + n, std::uint8_t{0}));
}

// Volume from the density that the cement adds: the difference to the same scan before the operation over what full cement would add.
double added_volume_ml(const PhantomParameters& parameters) {
  PhantomParameters before = parameters;
  before.deposits.clear();
  const PhantomPatient with = make_phantom(parameters), without = make_phantom(before);
  double sum = 0;
  for (std::size_t n = 0; n < n_voxels(with); ++n) {
    const double background = without.ct.image->GetBufferPointer()[n];
    sum += (with.ct.image->GetBufferPointer()[n] - background) / (parameters.deposits.front().plateau_hu - background);
  }
  return sum * voxel_ml(with);
}

TEST(PhantomScan, AddedDensityIsTheTrueVolume) {
  PhantomParameters parameters = clean_parameters();
  const double true_ml = make_phantom(parameters).truth.vertebrae.front().cement_ml;
  EXPECT_NEAR(added_volume_ml(parameters), true_ml, 0.02 * true_ml);
}

TEST(PhantomScan, AddedDensityDoesNotDependOnTheSliceGrid) {
  PhantomParameters parameters = clean_parameters();
  const double at_2_mm = added_volume_ml(parameters);
  parameters.scan.slice_thickness_mm = parameters.scan.slice_spacing_mm = 5, parameters.scan.pixel_mm = 0.75,
  parameters.scan.columns = parameters.scan.rows = 120;
  EXPECT_NEAR(added_volume_ml(parameters), at_2_mm, 0.02 * at_2_mm);
}

TEST(PhantomScan, IsDeterministicAndNoiseFollowsTheSeed) {
  PhantomParameters parameters = clean_parameters();
  parameters.scan.noise_hu = 20;
  const PhantomPatient first = make_phantom(parameters), again = make_phantom(parameters);
  parameters.seed = 10;
  const PhantomPatient other = make_phantom(parameters);
  const auto same = [&](const PhantomPatient& a, const PhantomPatient& b) {
    return n_voxels(a) == n_voxels(b) &&
           std::equal(a.ct.image->GetBufferPointer(), a.ct.image->GetBufferPointer() + n_voxels(a), b.ct.image->GetBufferPointer());
  };
  EXPECT_TRUE(same(first, again));
  EXPECT_FALSE(same(first, other));
}

TEST(PhantomScan, LabelsLieOnDenseVoxelsAndHoldTheVolume) {
  const PhantomPatient patient = make_phantom(clean_parameters());
  const double true_ml = patient.truth.vertebrae.front().cement_ml;
  EXPECT_NEAR(static_cast<double>(n_labelled(patient.cement)) * voxel_ml(patient), true_ml, 0.08 * true_ml);
  double sum = 0;
  for (std::size_t n = 0; n < n_voxels(patient); ++n)
    if (patient.cement.image->GetBufferPointer()[n] != 0) sum += patient.ct.image->GetBufferPointer()[n];
  EXPECT_GT(sum / static_cast<double>(n_labelled(patient.cement)), 1500);
}

TEST(PhantomScan, BodiesAreNumberedFromTheTop) {
  const PhantomPatient patient = make_phantom(clean_parameters());
  EXPECT_EQ(patient.truth.body_levels, (std::vector<std::string>{"T12", "L1", "L2"}));
  EXPECT_EQ(patient.truth.vertebrae.front().body_label, 2);
  EXPECT_GT(patient.truth.body_frames[0].centre_mm.z(), patient.truth.body_frames[1].centre_mm.z());
  const auto size = patient.bodies.image->GetLargestPossibleRegion().GetSize();
  std::uint8_t highest = 0;
  for (std::size_t n = n_voxels(patient); n-- > 0 && highest == 0;) highest = patient.bodies.image->GetBufferPointer()[n];
  EXPECT_EQ(highest, 1);
  EXPECT_EQ(size, patient.ct.image->GetLargestPossibleRegion().GetSize());
}

TEST(PhantomScan, BodyLabelsHoldTheBodyVolume) {
  const PhantomPatient patient = make_phantom(clean_parameters());
  const std::size_t n = static_cast<std::size_t>(
      std::count(patient.bodies.image->GetBufferPointer(), patient.bodies.image->GetBufferPointer() + n_voxels(patient), std::uint8_t{2}));
  EXPECT_NEAR(static_cast<double>(n) * voxel_ml(patient), patient.truth.vertebrae.front().body_ml,
              0.03 * patient.truth.vertebrae.front().body_ml);
}

TEST(PhantomScan, ClipsAtTheSaturation) {
  PhantomParameters parameters = clean_parameters();
  parameters.scan.saturation_hu = 1500;
  const PhantomPatient patient = make_phantom(parameters);
  EXPECT_EQ(*std::max_element(patient.ct.image->GetBufferPointer(), patient.ct.image->GetBufferPointer() + n_voxels(patient)), 1500);
}

// A reformat and a tilted field show the same patient: density where the labels say cement.
class OtherPlanes : public ::testing::TestWithParam<std::pair<SlicePlane, double>> {};

TEST_P(OtherPlanes, ShowTheCementWhereTheLabelsAre) {
  PhantomParameters parameters = clean_parameters();
  parameters.scan.plane = GetParam().first, parameters.scan.gantry_tilt_deg = GetParam().second;
  const PhantomPatient patient = make_phantom(parameters);
  const double true_ml = patient.truth.vertebrae.front().cement_ml;
  EXPECT_NEAR(static_cast<double>(n_labelled(patient.cement)) * voxel_ml(patient), true_ml, 0.1 * true_ml);
  std::size_t n_dense = 0;
  for (std::size_t n = 0; n < n_voxels(patient); ++n)
    if (patient.cement.image->GetBufferPointer()[n] != 0 && patient.ct.image->GetBufferPointer()[n] > 1000) ++n_dense;
  EXPECT_GT(static_cast<double>(n_dense), 0.9 * static_cast<double>(n_labelled(patient.cement)));
  EXPECT_EQ(patient.tilted.has_value(), GetParam().second != 0);
}

INSTANTIATE_TEST_SUITE_P(All, OtherPlanes,
                         ::testing::Values(std::pair{SlicePlane::sagittal, 0.0}, std::pair{SlicePlane::coronal, 0.0},
                                           std::pair{SlicePlane::axial, 15.0}, std::pair{SlicePlane::axial, -12.0}));

}  // namespace
}  // namespace cemscope::imaging
