#include "imaging/volume.h"

#include <gtest/gtest.h>

#include "imaging/error.h"
#include "imaging/grid.h"

namespace cemscope::imaging {
namespace {

/// A volume whose voxel values encode their patient position: 100 z + 10 y + x, in mm, for the given direction columns.
CtVolume position_volume(const std::array<Direction, 3>& columns) {
  CtVolume v{HuImage::New(), 3071};
  HuImage::SizeType size{{4, 5, 6}};
  HuImage::DirectionType direction;
  for (int c = 0; c < 3; ++c)
    for (int r = 0; r < 3; ++r) direction[r][c] = columns[c][r];
  v.image->SetRegions(size);
  v.image->SetDirection(direction);
  v.image->Allocate();
  for (int k = 0; k < 6; ++k)
    for (int j = 0; j < 5; ++j)
      for (int i = 0; i < 4; ++i) {
        HuImage::IndexType index{{i, j, k}};
        HuImage::PointType p;
        v.image->TransformIndexToPhysicalPoint(index, p);
        v.image->SetPixel(index, static_cast<std::int16_t>(std::lround(100 * p[2] + 10 * p[1] + p[0])));
      }
  return v;
}

void expect_positions(const CtVolume& v) {
  const auto size = v.image->GetLargestPossibleRegion().GetSize();
  for (std::size_t k = 0; k < size[2]; ++k)
    for (std::size_t j = 0; j < size[1]; ++j)
      for (std::size_t i = 0; i < size[0]; ++i) {
        HuImage::IndexType index{{static_cast<long>(i), static_cast<long>(j), static_cast<long>(k)}};
        HuImage::PointType p;
        v.image->TransformIndexToPhysicalPoint(index, p);
        ASSERT_EQ(v.image->GetPixel(index), std::lround(100 * p[2] + 10 * p[1] + p[0]));
      }
}

const std::array<Direction, 3> kSagittal{Direction(0, 1, 0), Direction(0, 0, -1), Direction(-1, 0, 0)};

TEST(Reorient, EveryVoxelKeepsItsPlaceInThePatient) {
  for (const auto& columns : {kSagittal, std::array<Direction, 3>{Direction(-1, 0, 0), Direction(0, -1, 0), Direction(0, 0, 1)},
                              std::array<Direction, 3>{Direction(1, 0, 0), Direction(0, 0, -1), Direction(0, 1, 0)}}) {
    const CtVolume lps = reorient_to_lps(position_volume(columns));
    for (int d = 0; d < 3; ++d) EXPECT_DOUBLE_EQ(lps.image->GetDirection()[d][d], 1.0);
    expect_positions(lps);
  }
}

TEST(Reorient, AnAxialVolumeIsNotCopied) {
  const CtVolume v = position_volume({Direction(1, 0, 0), Direction(0, 1, 0), Direction(0, 0, 1)});
  EXPECT_EQ(reorient_to_lps(v).image.GetPointer(), v.image.GetPointer());
}

TEST(Reorient, LabelsFindTheirWayBack) {
  const CtVolume v = position_volume(kSagittal), lps = reorient_to_lps(v);
  LabelMask labels{LabelImage::New()};
  labels.image->SetRegions(lps.image->GetLargestPossibleRegion());
  labels.image->SetDirection(lps.image->GetDirection());
  labels.image->SetOrigin(lps.image->GetOrigin());
  labels.image->Allocate(true);
  LabelImage::IndexType marked{{1, 2, 3}};
  labels.image->SetPixel(marked, 7);
  LabelImage::PointType where;
  labels.image->TransformIndexToPhysicalPoint(marked, where);
  const LabelMask back = reorient_like(labels, v);
  LabelImage::IndexType index;
  ASSERT_TRUE(back.image->TransformPhysicalPointToIndex(where, index));
  EXPECT_EQ(back.image->GetPixel(index), 7);
}

TEST(VolumeView, TrilinearSamplingIsExactOnALinearRamp) {
  const CtVolume v = position_volume({Direction(1, 0, 0), Direction(0, 1, 0), Direction(0, 0, 1)});
  EXPECT_NEAR(view_of(v).sample({1.25, 2.5, 3.75}), 100 * 3.75 + 25 + 1.25, 1e-3);
  EXPECT_NEAR(view_of(v).sample({-5, 0, 0}), 0, 1e-6);  // clamped to the grid
}

}  // namespace
}  // namespace cemscope::imaging
