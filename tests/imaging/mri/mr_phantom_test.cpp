#include "imaging/phantom/mr_phantom.h"

#include <gtest/gtest.h>

namespace cemscope::imaging {
namespace {

PhantomMrParameters small_patient() {
  PhantomMrParameters p;
  p.seed = 5;
  p.scan.columns = p.scan.rows = 160, p.scan.pixel_mm = 1.2, p.scan.n_slices = 5;
  return p;
}

TEST(MrPhantom, IsTheSameForTheSameSeed) {
  const auto first = make_mr_phantom(small_patient()), second = make_mr_phantom(small_patient());
  const auto n = first.volume.image->GetLargestPossibleRegion().GetNumberOfPixels();
  EXPECT_TRUE(std::equal(first.volume.image->GetBufferPointer(), first.volume.image->GetBufferPointer() + n,
                         second.volume.image->GetBufferPointer()));
}

TEST(MrPhantom, TruthFollowsTheDefinition) {
  auto p = small_patient();
  EXPECT_FALSE(make_mr_phantom(p).truth.soft_tissue_injury);
  p.injuries = {{.level = "L1", .length_mm = 40, .thickness_mm = 4, .half_width_mm = 15, .s = 0.8}};
  auto truth = make_mr_phantom(p).truth;
  EXPECT_TRUE(truth.soft_tissue_injury);
  EXPECT_NEAR(truth.length_mm, 40, 1e-9);
  p.injuries.front().s = 0.25;  // too faint
  EXPECT_FALSE(make_mr_phantom(p).truth.soft_tissue_injury);
  p.injuries.front().s = 0.8, p.injuries.front().length_mm = 12, p.injuries.front().thickness_mm = 3;  // too short
  EXPECT_FALSE(make_mr_phantom(p).truth.soft_tissue_injury);
}

TEST(MrPhantom, SubcutaneousOedemaIsNoInjury) {
  auto p = small_patient();
  p.subcutaneous = {{.level = "L2", .length_mm = 80, .thickness_mm = 5, .s = 0.9}};
  EXPECT_FALSE(make_mr_phantom(p).truth.soft_tissue_injury);
}

TEST(MrPhantom, FluidIsTheBrightestInStirAndFatInT1) {
  auto p = small_patient();
  p.scan.noise_fraction = 0.02;
  const auto brightest = [](const PhantomMrExam& exam) {
    const auto* pixels = exam.volume.image->GetBufferPointer();
    return *std::max_element(pixels, pixels + exam.volume.image->GetLargestPossibleRegion().GetNumberOfPixels());
  };
  const float stir = brightest(make_mr_phantom(p));
  p.scan.sequence = MrSequence::t1;
  EXPECT_GT(stir, 1.05F * brightest(make_mr_phantom(p)));
}

}  // namespace
}  // namespace cemscope::imaging
