#pragma once

#include <cmath>
#include <cstring>

#include "imaging/volume.h"

namespace cemscope::report {

/// Calls visit(position in the buffer, label) for every label other than 0, skipping empty voxels eight at a time.
template <typename Visit>
void for_each_labelled(const imaging::LabelImage& image, Visit visit) {
  const std::uint8_t* labels = image.GetBufferPointer();
  const std::size_t n = image.GetBufferedRegion().GetNumberOfPixels();
  for (std::size_t i = 0; i < n;) {
    std::uint64_t eight = 0;
    if (i + 8 <= n) std::memcpy(&eight, labels + i, 8);
    if (i + 8 <= n && eight == 0) {
      i += 8;
      continue;
    }
    if (labels[i] != 0) visit(i, labels[i]);
    ++i;
  }
}

/// Where the voxel at this position of the buffer lies, LPS mm.
inline imaging::Point_mm position_mm(const imaging::LabelImage& image, std::size_t offset) {
  const auto index = image.ComputeIndex(static_cast<itk::OffsetValueType>(offset));
  itk::Point<double, 3> point;
  image.TransformIndexToPhysicalPoint(index, point);
  return {point[0], point[1], point[2]};
}

/// How far a voxel reaches along a direction: the width of its projection, mm.
inline double voxel_extent_mm(const imaging::LabelImage& image, const imaging::Direction& along) {
  double sum = 0.0;
  for (unsigned c = 0; c < 3; ++c) {
    double cosine = 0.0;
    for (unsigned r = 0; r < 3; ++r) cosine += image.GetDirection()[r][c] * along[r];
    sum += std::abs(cosine) * image.GetSpacing()[c];
  }
  return sum;
}

}  // namespace cemscope::report
