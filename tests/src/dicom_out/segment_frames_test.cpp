#include "src/dicom_out/segment_frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/src/dicom_out/reading_maker.h"

namespace cemscope::dicom_out {
namespace {

using imaging::CtVolume;
using testing::ElementsAre;

CtVolume small_volume() { return tests::volume_of({6, 5, 4}, Eigen::Matrix3d::Identity(), {1, 2, 3}, {10, 20, 30}); }

std::vector<std::string> labels_of(const SegmentFrames& layout) {
  std::vector<std::string> labels;
  for (const auto& segment : layout.segments) labels.push_back(segment.label);
  return labels;
}

bool is_set(const SegmentFrames& layout, std::size_t frame, int i, int j) {
  const auto bit =
      (frame * static_cast<std::size_t>(layout.grid.rows) + static_cast<std::size_t>(j)) * static_cast<std::size_t>(layout.grid.columns) +
      static_cast<std::size_t>(i);
  return ((layout.bits[bit / 8] >> (bit % 8)) & 1) != 0;
}

TEST(SegmentFrames, AreBodiesThenZonesWithoutEmptyOnes) {
  const auto volume = small_volume();
  auto reading = tests::reading_of(volume, "L1", {12, 24, 33});
  reading.bodies.image->SetPixel({2, 2, 1}, 1);
  reading.cement.image->SetPixel({2, 2, 1}, 1);
  reading.cement.image->SetPixel({3, 2, 2}, 3);
  const auto layout = lay_out_segments(reading, volume, {5, 6, 0, 0});
  EXPECT_THAT(labels_of(layout), ElementsAre("Vertebra L1", "Cement L1 body", "Cement L1 disc leak"));
  ASSERT_EQ(layout.frames.size(), 3U);
  EXPECT_EQ(layout.frames[2].k, 2);
  EXPECT_TRUE(is_set(layout, 0, 2, 2));
  EXPECT_TRUE(is_set(layout, 2, 3, 2));
  EXPECT_FALSE(is_set(layout, 2, 2, 2));
}

TEST(SegmentFrames, UnnamedLevelsAreCountedFromTheTop) {
  const auto volume = small_volume();
  auto reading = tests::reading_of(volume, "", {10, 20, 39});
  reading.treated.push_back(reading.treated[0]);
  reading.treated[1].body_label = 2;
  reading.cement.image->SetPixel({0, 0, 3}, 1);
  reading.cement.image->SetPixel({0, 0, 0}, 4);
  reading.owners.image->SetPixel({0, 0, 0}, 2);
  EXPECT_THAT(labels_of(lay_out_segments(reading, volume, {5, 6, 0, 0})), ElementsAre("Cement V1 body", "Cement V2 canal leak"));
}

TEST(SegmentFrames, OtherBodiesAreNoSegments) {
  const auto volume = small_volume();
  auto reading = tests::reading_of(volume, "L1", {12, 24, 33});
  reading.bodies.image->SetPixel({2, 2, 1}, 2);
  EXPECT_TRUE(lay_out_segments(reading, volume, {5, 6, 0, 0}).segments.empty());
}

TEST(SegmentFrames, LabelsOfAnotherGridComeByTheNearestVoxel) {
  const auto volume = small_volume();
  auto reading = tests::reading_of(volume, "L1", {12, 24, 33});
  // Labels on voxels of twice the size: one covers two of the volume's along each axis.
  const auto coarse = tests::volume_of({3, 3, 2}, Eigen::Matrix3d::Identity(), {2, 4, 6}, {10.5, 21, 31.5});
  reading.cement = tests::labels_like(*coarse.image);
  reading.owners = tests::labels_like(*coarse.image);
  reading.owners.image->FillBuffer(1);
  reading.cement.image->SetPixel({1, 0, 0}, 1);
  const auto layout = lay_out_segments(reading, volume, {5, 6, 0, 0});
  ASSERT_EQ(layout.frames.size(), 2U);
  for (std::size_t frame = 0; frame < 2; ++frame)
    for (int j = 0; j < 5; ++j)
      for (int i = 0; i < 6; ++i) EXPECT_EQ(is_set(layout, frame, i, j), i / 2 == 1 && j / 2 == 0) << frame << i << j;
}

TEST(FrameGrid, IsTheSourceMatrixWhenTheVolumeIsAWindowOfIt) {
  const auto volume = small_volume();
  ingest::Series series;
  series.rows = 50;
  series.columns = 60;
  auto slices = tests::slices_of(volume, 4);
  for (auto& slice : slices) (*slice.position_mm)[0] -= 7, (*slice.position_mm)[1] -= 16;
  const auto grid = frame_grid(volume, series, slices);
  EXPECT_EQ(grid.rows, 50);
  EXPECT_EQ(grid.columns, 60);
  EXPECT_EQ(grid.first_i, 7);
  EXPECT_EQ(grid.first_j, 8);
}

TEST(FrameGrid, IsTheVolumesOwnWhenPixelsDoNotFallOnPixels) {
  const auto volume = small_volume();
  ingest::Series series;
  series.rows = 50;
  series.columns = 60;
  auto sheared = tests::slices_of(volume, 4);
  for (std::size_t k = 0; k < 4; ++k) (*sheared[k].position_mm)[1] -= static_cast<double>(2 * k);
  auto between = tests::slices_of(volume, 4);
  for (auto& slice : between) (*slice.position_mm)[0] -= 0.4;
  for (const auto& slices : {sheared, between}) {
    const auto grid = frame_grid(volume, series, slices);
    EXPECT_EQ(grid.rows, 5);
    EXPECT_EQ(grid.columns, 6);
    EXPECT_EQ(grid.first_i, 0);
  }
}

}  // namespace
}  // namespace cemscope::dicom_out
