#include "src/dicom_out/segment_frames.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "src/report/label_scan.h"
#include "src/report/words.h"

namespace cemscope::dicom_out {
namespace {

using Voxel = std::array<int, 3>;

/// Where the voxels of one segment lie in the volume.
using Voxels = std::vector<Voxel>;

Voxel size_of(const itk::ImageBase<3>& image) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  return {static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])};
}

/// An affine map between the index spaces of two images.
class IndexMap {
 public:
  IndexMap(const itk::ImageBase<3>& from, const itk::ImageBase<3>& to) {
    origin_ = mapped(from, to, {0, 0, 0});
    for (int axis = 0; axis < 3; ++axis) {
      itk::Index<3> unit{};
      unit[axis] = 1;
      axes_.col(axis) = mapped(from, to, unit) - origin_;
    }
    exact_origin_ = origin_.array().round().cast<int>();
    exact_axes_ = axes_.array().round().cast<int>();
  }

  /// Whether voxels fall on voxels: axes swapped and flipped, not resampled.
  [[nodiscard]] bool is_exact() const {
    constexpr double kTolerance = 1e-3;
    const auto off_grid = [](const auto& values) { return (values - values.array().round().matrix()).cwiseAbs().maxCoeff(); };
    return off_grid(axes_) < kTolerance && off_grid(origin_) < kTolerance && std::abs(std::abs(axes_.determinant()) - 1.0) < kTolerance;
  }

  /// The same in whole numbers, for an exact map.
  [[nodiscard]] Voxel exact(const Voxel& at) const {
    const Eigen::Vector3i to = exact_origin_ + exact_axes_ * Eigen::Vector3i(at[0], at[1], at[2]);
    return {to[0], to[1], to[2]};
  }

  [[nodiscard]] Voxel operator()(const Voxel& at) const {
    const Eigen::Vector3d to = origin_ + axes_ * Eigen::Vector3d(at[0], at[1], at[2]);
    return {static_cast<int>(std::lround(to[0])), static_cast<int>(std::lround(to[1])), static_cast<int>(std::lround(to[2]))};
  }

 private:
  static Eigen::Vector3d mapped(const itk::ImageBase<3>& from, const itk::ImageBase<3>& to, const itk::Index<3>& index) {
    itk::Point<double, 3> point;
    from.TransformIndexToPhysicalPoint(index, point);
    const auto there = to.TransformPhysicalPointToContinuousIndex<double>(point);
    return {there[0], there[1], there[2]};
  }

  Eigen::Vector3d origin_;
  Eigen::Matrix3d axes_;
  Eigen::Vector3i exact_origin_;
  Eigen::Matrix3i exact_axes_;
};

bool contains(const Voxel& size, const Voxel& at) {
  return at[0] >= 0 && at[1] >= 0 && at[2] >= 0 && at[0] < size[0] && at[1] < size[1] && at[2] < size[2];
}

/// Calls visit(offset in the label image, voxel of the volume) for each voxel of the volume that has a label.
template <typename Visit>
void for_each_voxel(const imaging::LabelImage& labels, const itk::ImageBase<3>& volume, Visit visit) {
  const auto size = size_of(volume), label_size = size_of(labels);
  const IndexMap to_volume(labels, volume);
  const auto voxel_at = [&](std::size_t offset) {
    const auto i = static_cast<int>(offset % label_size[0]), rest = static_cast<int>(offset / label_size[0]);
    return Voxel{i, rest % label_size[1], rest / label_size[1]};
  };
  if (to_volume.is_exact()) {
    report::for_each_labelled(labels, [&](std::size_t offset, std::uint8_t label) {
      if (const auto at = to_volume.exact(voxel_at(offset)); contains(size, at)) visit(offset, label, at);
    });
    return;
  }
  const IndexMap to_labels(volume, labels);
  const auto* values = labels.GetBufferPointer();
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i) {
        const auto at = to_labels({i, j, k});
        if (!contains(label_size, at)) continue;
        const auto offset = (static_cast<std::size_t>(at[2]) * label_size[1] + at[1]) * label_size[0] + at[0];
        if (values[offset] != 0) visit(offset, values[offset], Voxel{i, j, k});
      }
}

/// The voxel in whose centre an image's first pixel lies; empty when it lies between voxels.
std::optional<Voxel> corner_of(const imaging::HuImage& volume, const std::array<double, 3>& position_mm) {
  constexpr double kTolerance = 0.02;
  itk::Point<double, 3> point;
  for (unsigned axis = 0; axis < 3; ++axis) point[axis] = position_mm[axis];
  const auto at = volume.TransformPhysicalPointToContinuousIndex<double>(point);
  Voxel corner{};
  for (int axis = 0; axis < 3; ++axis) {
    corner[axis] = static_cast<int>(std::lround(at[axis]));
    if (std::abs(at[axis] - corner[axis]) > kTolerance) return std::nullopt;
  }
  return corner;
}

/// Segments in their final order, by vertebra and then the body (0) or zone (1-7).
using SegmentKey = std::pair<std::size_t, int>;
using VoxelsBySegment = std::map<SegmentKey, Voxels>;

/// Which treated vertebra has this label of a body; empty where none has.
std::array<std::optional<std::size_t>, 256> treated_by_label(const imaging::CtReading& reading) {
  std::array<std::optional<std::size_t>, 256> treated;
  for (std::size_t t = 0; t < reading.treated.size(); ++t) treated[reading.treated[t].body_label] = t;
  return treated;
}

void collect_cement(const imaging::CtReading& reading, const itk::ImageBase<3>& volume, VoxelsBySegment& found) {
  if (reading.cement.image.IsNull() || reading.treated.empty()) return;
  const std::uint8_t* owners = reading.owners.image->GetBufferPointer();
  const auto treated_of_label = treated_by_label(reading);
  for_each_voxel(*reading.cement.image, volume, [&](std::size_t offset, std::uint8_t zone, const Voxel& at) {
    if (const auto treated = treated_of_label[owners[offset]]) found[{*treated, zone}].push_back(at);
  });
}

void collect_bodies(const imaging::CtReading& reading, const itk::ImageBase<3>& volume, VoxelsBySegment& found) {
  if (reading.bodies.image.IsNull()) return;
  const auto treated_of_label = treated_by_label(reading);
  for_each_voxel(*reading.bodies.image, volume, [&](std::size_t, std::uint8_t label, const Voxel& at) {
    if (const auto treated = treated_of_label[label]) found[{*treated, 0}].push_back(at);
  });
}

std::string zone_words(imaging::CementZone zone) {
  const auto words = report::words_of_zone(zone);
  const bool is_leak = zone != imaging::CementZone::body && zone != imaging::CementZone::needle_tract;
  return is_leak ? words + " leak" : words;
}

Segment segment_of(const imaging::CtReading& reading, const SegmentKey& key) {
  const auto [treated, zone] = key;
  Segment segment;
  segment.level = reading.treated[treated].measurement.level;
  segment.ordinal = static_cast<int>(treated) + 1;
  segment.is_cement = zone != 0;
  const auto name = vertebra_name(reading, treated);
  segment.label = "Vertebra " + name;
  if (!segment.is_cement) return segment;
  segment.zone = static_cast<imaging::CementZone>(zone);
  segment.label = fmt::format("Cement {} {}", name, zone_words(segment.zone));
  return segment;
}

/// Appends the frames of one segment and sets its pixels.
void add_segment(SegmentFrames& out, std::size_t segment, const Voxels& voxels) {
  const auto& grid = out.grid;
  const auto n_columns = static_cast<std::size_t>(grid.columns), n_pixels = static_cast<std::size_t>(grid.rows) * n_columns;
  int last = 0;
  for (const auto& voxel : voxels) last = std::max(last, voxel[2]);
  constexpr auto kNone = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> first_bit_of_slice(static_cast<std::size_t>(last) + 1, kNone);
  for (const auto& voxel : voxels) first_bit_of_slice[static_cast<std::size_t>(voxel[2])] = 0;
  for (int k = 0; k <= last; ++k) {
    auto& first_bit = first_bit_of_slice[static_cast<std::size_t>(k)];
    if (first_bit == kNone) continue;
    first_bit = out.frames.size() * n_pixels;
    out.frames.push_back({segment, k});
  }
  out.bits.resize((out.frames.size() * n_pixels + 15) / 16 * 2);
  for (const auto& [i, j, k] : voxels) {
    const auto bit = first_bit_of_slice[static_cast<std::size_t>(k)] + static_cast<std::size_t>(j + grid.first_j) * n_columns +
                     static_cast<std::size_t>(i + grid.first_i);
    out.bits[bit / 8] |= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

}  // namespace

std::string vertebra_name(const imaging::CtReading& reading, std::size_t treated) {
  const auto& level = reading.treated[treated].measurement.level;
  return level.empty() ? fmt::format("V{}", treated + 1) : level;
}

FrameGrid frame_grid(const imaging::CtVolume& volume, const ingest::Series& series, const std::vector<ingest::ImageRef>& slices) {
  const auto size = size_of(*volume.image);
  const FrameGrid own{size[1], size[0], 0, 0};
  std::optional<Voxel> corner;
  for (const auto& image : slices) {
    if (image.path.empty() || !image.position_mm) continue;
    const auto at = corner_of(*volume.image, *image.position_mm);
    if (!at || (corner && ((*at)[0] != (*corner)[0] || (*at)[1] != (*corner)[1]))) return own;
    corner = at;
  }
  if (!corner) return own;
  const FrameGrid whole{series.rows, series.columns, -(*corner)[0], -(*corner)[1]};
  const bool holds_volume =
      whole.first_i >= 0 && whole.first_j >= 0 && whole.first_i + own.columns <= whole.columns && whole.first_j + own.rows <= whole.rows;
  return holds_volume ? whole : own;
}

SegmentFrames lay_out_segments(const imaging::CtReading& reading, const imaging::CtVolume& volume, const FrameGrid& grid) {
  VoxelsBySegment found;
  collect_bodies(reading, *volume.image, found);
  collect_cement(reading, *volume.image, found);
  SegmentFrames out;
  out.grid = grid;
  for (const auto& [key, voxels] : found) {
    out.segments.push_back(segment_of(reading, key));
    add_segment(out, out.segments.size() - 1, voxels);
  }
  return out;
}

}  // namespace cemscope::dicom_out
