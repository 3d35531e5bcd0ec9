#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "imaging/error.h"
#include "src/masks/vertebra_check.h"
#include "src/masks/vertebra_mask.h"
#include "tests/src/masks/mask_maker.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::masks {
namespace {

using tests::Brick;
using tests::column_of;
using tests::MaskGrid;
using tests::paint;

// L1, L2, L3 at z = 100, 67, 34 mm.
const std::vector<int> kVerse{20, 21, 22};

int number_at(const imaging::LabelMask& mask, double x, double y, double z) {
  itk::Index<3> index;
  const itk::Point<double, 3> point(std::array<double, 3>{x, y, z}.data());
  return mask.image->TransformPhysicalPointToIndex(point, index) ? mask.image->GetPixel(index) : 0;
}

void expect_l1_to_l3(const imaging::LabelMask& mask) {
  for (int n = 0; n < 3; ++n) EXPECT_EQ(number_at(mask, 5, 5, 100 - 33 * n + 6), 20 + n);
  EXPECT_EQ(number_at(mask, 5, 5, 83.5), 0);
}

std::string refusal_of(const std::vector<std::filesystem::path>& files) {
  try {
    (void)read_vertebra_mask(files);
  } catch (const Error& error) {
    return error.what();
  }
  return "taken";
}

class Readable : public testing::Test {
 protected:
  std::filesystem::path write(const std::vector<Brick>& bricks, const MaskGrid& grid = {}, const std::string& name = "m.nii.gz") {
    tests::write_mask(folder_.path() / name, *paint(bricks, grid));
    return folder_.path() / name;
  }
  tests::TemporaryFolder folder_;
};

TEST_F(Readable, InAnyOrientationAndNumbering) {
  const std::vector<MaskGrid> grids{{},
                                    {.is_flipped = {true, false, true}},
                                    {.spacing_mm = {3, 1.5, 2}, .axis_order = {1, 2, 0}},
                                    {.is_flipped = {false, true, true}, .axis_order = {2, 0, 1}}};
  for (const auto& grid : grids)
    for (const auto& labels : {kVerse, {31, 30, 29}, {22, 21, 20}})
      for (const auto* const name : {"m.nii.gz", "m.nrrd"}) expect_l1_to_l3(read_vertebra_mask({write(column_of(labels), grid, name)}));
}

TEST_F(Readable, OneFilePerStructure) {
  const auto bricks = column_of({1, 1, 1});
  std::vector<std::filesystem::path> files;
  for (std::size_t n = 0; n < 3; ++n) files.push_back(write({bricks[n]}, {}, "P1/vertebrae_L" + std::to_string(n + 1) + ".nii.gz"));
  expect_l1_to_l3(read_vertebra_mask(files));
  files.push_back(write({}, {.spacing_mm = {4, 4, 4}}, "P1/vertebrae_L4.nii.gz"));
  EXPECT_THAT(refusal_of(files), testing::HasSubstr("different grids"));
}

TEST_F(Readable, DicomSegByLabelsAndByCodes) {
  const auto image = paint(column_of({1, 2, 3}), {.is_flipped = {false, true, false}});
  tests::write_seg(folder_.path() / "labels.dcm", *image, {{"vertebrae_L1", ""}, {"L2 vertebra", ""}, {"L3", ""}});
  expect_l1_to_l3(read_vertebra_mask({folder_.path() / "labels.dcm"}));
  tests::write_seg(folder_.path() / "codes", *image, {{"Segment 1", "66794005"}, {"Segment 2", "14293000"}, {"Segment 3", "36470004"}});
  expect_l1_to_l3(read_vertebra_mask({folder_.path() / "codes"}));
}

TEST_F(Readable, DicomSegOfASagittalGridAndWithCementOverIt) {
  auto bricks = column_of({1, 2, 3});
  bricks.push_back({4, {0, 10, 100}, {10, 10, 10}});
  const auto image = paint(bricks, {.spacing_mm = {1.5, 2, 3}, .axis_order = {1, 2, 0}});
  tests::write_seg(folder_.path() / "m.dcm", *image,
                   {{"Vertebra L1", ""}, {"Vertebra L2", ""}, {"Vertebra L3", ""}, {"Cement L1 body", ""}});
  const auto mask = read_vertebra_mask({folder_.path() / "m.dcm"});
  EXPECT_EQ(number_at(mask, 12, 22, 106), 20);
  EXPECT_EQ(number_at(mask, 0, 10, 67), 21);
}

TEST_F(Readable, SpecksAndCutEndsAreLeftOut) {
  auto bricks = column_of(kVerse);
  bricks.push_back({20, {50, -50, 100}, {8, 8, 8}});
  bricks.push_back({23, {0, 10, 12}, {10, 20, 10}});  // 2 mL
  const auto mask = read_vertebra_mask({write(bricks)});
  expect_l1_to_l3(mask);
  EXPECT_EQ(number_at(mask, 50, -50, 100), 0);
  EXPECT_EQ(number_at(mask, 0, 10, 12), 0);
}

TEST_F(Readable, ImplausibleMasksAreRefusedWithAReason) {
  auto in_parts = column_of(kVerse);
  in_parts[1].size_mm[0] = 12;
  in_parts.push_back({21, {-30, 10, 67}, {12, 40, 25}});
  EXPECT_THAT(refusal_of({write(in_parts)}), testing::HasSubstr("L2 of the mask falls into several parts"));
  auto huge = column_of(kVerse);
  huge[1].size_mm = {110, 100, 25};
  EXPECT_THAT(refusal_of({write(huge)}), testing::HasSubstr("L2 of the mask has"));
  EXPECT_THAT(refusal_of({write(column_of({21, 20, 22}))}), testing::HasSubstr("no known numbering"));
  EXPECT_THAT(refusal_of({write({})}), testing::HasSubstr("no known numbering"));
  tests::write_mask(folder_.path() / "n.seg.nrrd", *paint(column_of({1, 2, 3})), false, {{1, "L3"}, {2, "L2"}, {3, "L1"}});
  EXPECT_THAT(refusal_of({folder_.path() / "n.seg.nrrd"}), testing::HasSubstr("wrong order"));
}

TEST_F(Readable, ASegmentationOfOtherThingsIsRefused) {
  tests::write_seg(folder_.path() / "m.dcm", *paint(column_of({1, 2})), {{"Liver", "10200004"}, {"Cement L1 body", "40388003"}});
  EXPECT_THAT(refusal_of({folder_.path() / "m.dcm"}), testing::HasSubstr("no segment that is named as a vertebra"));
  tests::write_dicom(folder_.path() / "ct.dcm", {});
  EXPECT_THAT(refusal_of({folder_.path() / "ct.dcm"}), testing::HasSubstr("no segmentation"));
}

TEST_F(Readable, ASegmentationWithImpossiblePositionsIsRefused) {
  auto image = paint(column_of({1, 2, 3}));
  for (const double step_mm : {1e9, 1e300}) {
    image->SetSpacing(std::array<double, 3>{2, 2, step_mm}.data());
    tests::write_seg(folder_.path() / "m.dcm", *image, {{"L1", ""}, {"L2", ""}, {"L3", ""}});
    EXPECT_NE(refusal_of({folder_.path() / "m.dcm"}), "taken") << step_mm;
  }
}

TEST_F(Readable, ACutSegmentationIsRefused) {
  tests::write_seg(folder_.path() / "m.dcm", *paint(column_of({1, 2, 3})), {{"L1", ""}, {"L2", ""}, {"L3", ""}});
  const auto bytes = tests::read_bytes(folder_.path() / "m.dcm");
  tests::write_bytes(folder_.path() / "cut.dcm", bytes.substr(0, bytes.size() - 5000));
  EXPECT_NE(refusal_of({folder_.path() / "cut.dcm"}), "taken");
}

/// The bricks' density in a scan of soft tissue.
imaging::CtVolume scan_of(const std::vector<Brick>& bricks, std::int16_t bone_hu, double shift_mm) {
  const auto painted = paint(bricks);
  auto image = imaging::HuImage::New();
  image->CopyInformation(painted);
  image->SetRegions(painted->GetLargestPossibleRegion());
  image->SetOrigin(std::array<double, 3>{painted->GetOrigin()[0], painted->GetOrigin()[1], painted->GetOrigin()[2] + shift_mm}.data());
  image->Allocate();
  for (std::size_t v = 0; v < painted->GetLargestPossibleRegion().GetNumberOfPixels(); ++v)
    image->GetBufferPointer()[v] = painted->GetBufferPointer()[v] != 0 ? bone_hu : std::int16_t{45};
  return {image, 3071};
}

TEST_F(Readable, AMaskMustLieOnTheBonesOfTheScan) {
  const auto mask = read_vertebra_mask({write(column_of(kVerse), {.is_flipped = {true, true, false}})});
  EXPECT_NO_THROW(check_fit(mask, scan_of(column_of(kVerse), 160, 0)));
  EXPECT_THROW(check_fit(mask, scan_of(column_of(kVerse), 45, 0)), Error);     // no bone there
  EXPECT_THROW(check_fit(mask, scan_of(column_of(kVerse), 160, 220)), Error);  // elsewhere
}

}  // namespace
}  // namespace cemscope::masks
