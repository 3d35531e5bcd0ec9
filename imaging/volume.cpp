#include "imaging/volume.h"

#include <cmath>
#include <fmt/format.h>

#include "imaging/error.h"
#include "imaging/grid.h"

namespace cemscope::imaging {
namespace {

/// For each patient axis (left, posterior, superior) the volume's index axis that runs along it, and its sense.
struct AxisMap {
  std::array<int, 3> source{0, 1, 2};
  std::array<bool, 3> flipped{false, false, false};
  [[nodiscard]] bool is_identity() const {
    return source == std::array<int, 3>{0, 1, 2} && !flipped[0] && !flipped[1] && !flipped[2];
  }
};

template <typename Image>
AxisMap axis_map(const Image& image) {
  const auto& direction = image.GetDirection();
  std::array<bool, 3> taken{false, false, false};
  AxisMap map;
  for (int axis : {2, 1, 0}) {  // superior first: it is the least ambiguous in oblique stacks
    int best = -1;
    for (int column = 0; column < 3; ++column)
      if (!taken[column] && (best < 0 || std::abs(direction[axis][column]) > std::abs(direction[axis][best]))) best = column;
    taken[best] = true;
    map.source[axis] = best;
    map.flipped[axis] = direction[axis][best] < 0;
  }
  return map;
}

/// Permutes and flips `image` by `map`: output axis d is input axis map.source[d], reversed where flipped.
template <typename Image>
typename Image::Pointer permute(const Image& image, const AxisMap& map) {
  const auto in_size = image.GetLargestPossibleRegion().GetSize();
  const std::array<std::ptrdiff_t, 3> in_stride{1, static_cast<std::ptrdiff_t>(in_size[0]),
                                                static_cast<std::ptrdiff_t>(in_size[0] * in_size[1])};
  typename Image::SizeType size;
  typename Image::SpacingType spacing;
  typename Image::DirectionType direction;
  typename Image::IndexType corner;
  std::array<std::ptrdiff_t, 3> stride{};
  std::ptrdiff_t start = 0;
  for (int d = 0; d < 3; ++d) {
    const int s = map.source[d];
    size[d] = in_size[s];
    spacing[d] = image.GetSpacing()[s];
    corner[s] = map.flipped[d] ? static_cast<long>(in_size[s]) - 1 : 0;
    stride[d] = map.flipped[d] ? -in_stride[s] : in_stride[s];
    start += corner[s] * in_stride[s];
    for (int row = 0; row < 3; ++row) direction[row][d] = image.GetDirection()[row][s] * (map.flipped[d] ? -1.0 : 1.0);
  }
  auto out = Image::New();
  out->SetRegions(size);
  out->SetSpacing(spacing);
  out->SetDirection(direction);
  typename Image::PointType origin;
  image.TransformIndexToPhysicalPoint(corner, origin);
  out->SetOrigin(origin);
  out->Allocate();
  const auto* from = image.GetBufferPointer() + start;
  auto* to = out->GetBufferPointer();
  for (std::size_t k = 0; k < size[2]; ++k)
    for (std::size_t j = 0; j < size[1]; ++j) {
      const auto* row = from + static_cast<std::ptrdiff_t>(k) * stride[2] + static_cast<std::ptrdiff_t>(j) * stride[1];
      for (std::size_t i = 0; i < size[0]; ++i) *to++ = row[static_cast<std::ptrdiff_t>(i) * stride[0]];
    }
  return out;
}

AxisMap inverse(const AxisMap& map) {
  AxisMap back;
  for (int d = 0; d < 3; ++d) {
    back.source[map.source[d]] = d;
    back.flipped[map.source[d]] = map.flipped[d];
  }
  return back;
}

}  // namespace

CtVolume reorient_to_lps(const CtVolume& volume) {
  const AxisMap map = axis_map(*volume.image);
  if (map.is_identity()) return volume;
  return {permute(*volume.image, map), volume.saturation_hu};
}

LabelMask reorient_like(const LabelMask& labels, const CtVolume& like) {
  const AxisMap map = axis_map(*like.image);
  LabelMask out = map.is_identity() ? labels : LabelMask{permute(*labels.image, inverse(map))};
  const auto a = out.image->GetDirection(), b = like.image->GetDirection();
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 3; ++c)
      if (std::abs(a[r][c] - b[r][c]) > 1e-6)
        throw Error(ErrorKind::inconsistent, fmt::format("direction cosine ({}, {}) of the labels is {}, the volume's is {}", r, c, a[r][c], b[r][c]));
  return out;
}

VolumeView view_of(const CtVolume& lps_volume) {
  const auto size = lps_volume.image->GetLargestPossibleRegion().GetSize();
  const auto spacing = lps_volume.image->GetSpacing();
  VolumeView view;
  view.hu = lps_volume.image->GetBufferPointer();
  for (int d = 0; d < 3; ++d) {
    view.size[d] = static_cast<int>(size[d]);
    view.spacing_mm[d] = spacing[d];
  }
  return view;
}

}  // namespace cemscope::imaging
