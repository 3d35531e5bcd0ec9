#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/masks/label_file.h"
#include "tests/src/masks/mask_maker.h"
#include "tests/support/dicom_maker.h"

namespace cemscope::masks {
namespace {

using tests::Brick;
using tests::paint;

class Formats : public testing::TestWithParam<const char*> {};

TEST_P(Formats, KeepLabelsAndPlaceAsIntegersAndAsFloats) {
  const tests::TemporaryFolder folder;
  const auto path = folder.path() / GetParam();
  const auto image = paint({{300, {10, -20, 30}, {20, 20, 20}}}, {.is_flipped = {true, false, true}, .axis_order = {2, 0, 1}});
  for (const bool is_float : {false, true}) {
    tests::write_mask(path, *image, is_float);
    const auto read = read_label_file(path);
    std::size_t n = 0;
    for (long z = -40; z < 60; z += 4) {
      itk::Index<3> index;
      const itk::Point<double, 3> at(std::array<double, 3>{10, -20, static_cast<double>(z)}.data());
      ASSERT_TRUE(read.image->TransformPhysicalPointToIndex(at, index));
      EXPECT_EQ(read.image->GetPixel(index), z > 20 - 1 && z < 40 + 1 ? 300 : 0) << z;
      n += read.image->GetPixel(index) != 0 ? 1 : 0;
    }
    EXPECT_GT(n, 3U);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Formats, testing::Values("m.nii", "m.nii.gz", "m.nrrd"));

TEST(LabelFile, SlicersNamesAreRead) {
  const tests::TemporaryFolder folder;
  tests::write_mask(folder.path() / "m.seg.nrrd", *paint({{1, {0, 0, 0}, {20, 20, 20}}}), false, {{1, "L2"}});
  EXPECT_EQ(read_label_file(folder.path() / "m.seg.nrrd").names.at(1).text, "L2");
}

TEST(LabelFile, ProbabilitiesAreRefused) {
  const tests::TemporaryFolder folder;
  auto image = paint({{20, {0, 0, 0}, {40, 40, 40}}});
  for (long i = 20; i < 40; ++i) image->SetPixel({{i, 30, 75}}, 19.5F);
  tests::write_mask(folder.path() / "m.nii", *image, true);
  EXPECT_THROW(read_label_file(folder.path() / "m.nii"), Error);
}

TEST(LabelFile, WhatIsNoMaskIsAnError) {
  const tests::TemporaryFolder folder;
  for (const auto* const name : {"m.nii", "m.nii.gz", "m.nrrd"}) {
    tests::write_bytes(folder.path() / name, "no mask at all");
    EXPECT_THROW(read_label_file(folder.path() / name), Error) << name;
  }
  EXPECT_THROW(read_label_file(folder.path() / "nowhere.nii"), Error);
}

TEST(LabelFile, AnImpossibleSizeIsRefusedBeforeItIsRead) {
  const tests::TemporaryFolder folder;
  tests::write_bytes(folder.path() / "bomb.nrrd",
                     "NRRD0004\ntype: uchar\ndimension: 3\nspace: left-posterior-superior\nsizes: 60000 60000 60000\n"
                     "space directions: (1,0,0) (0,1,0) (0,0,1)\nencoding: raw\nspace origin: (0,0,0)\n\n");
  EXPECT_THROW(read_label_file(folder.path() / "bomb.nrrd"), Error);
}

}  // namespace
}  // namespace cemscope::masks
