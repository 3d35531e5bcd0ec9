#include "src/report/slice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace cemscope::report {
namespace {

constexpr std::int16_t kOutside_hu = -1024;

/// An ITK image's buffer with the affine map from patient to index, which ITK's interpolators redo per call.
template <typename T>
struct Grid {
  const T* buffer = nullptr;
  std::array<long, 3> size{0, 0, 0};
  Eigen::Matrix3d index_of_mm = Eigen::Matrix3d::Identity();
  Eigen::Vector3d offset{0, 0, 0};

  [[nodiscard]] Eigen::Vector3d index_of(const imaging::Point_mm& point) const { return index_of_mm * point + offset; }
  [[nodiscard]] std::array<std::ptrdiff_t, 3> strides() const { return {1, size[0], size[0] * size[1]}; }
};

template <typename Image>
Eigen::Matrix3d mm_of_index(const Image& image) {
  Eigen::Matrix3d matrix;
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 3; ++c) matrix(r, c) = image.GetDirection()[r][c] * image.GetSpacing()[c];
  }
  return matrix;
}

template <typename Image>
Grid<typename Image::PixelType> make_grid(const Image* image) {
  Grid<typename Image::PixelType> grid;
  if (image == nullptr) return grid;
  const auto& region = image->GetBufferedRegion();
  Eigen::Vector3d origin, start;
  for (unsigned i = 0; i < 3; ++i) {
    grid.size[i] = static_cast<long>(region.GetSize(i));
    origin[i] = image->GetOrigin()[i];
    start[i] = static_cast<double>(region.GetIndex(i));
  }
  grid.buffer = image->GetBufferPointer();
  grid.index_of_mm = mm_of_index(*image).inverse();
  grid.offset = -grid.index_of_mm * origin - start;
  return grid;
}

/// A position between eight voxels: the offset of the lowest one in the buffer, how far to the next one along each axis (0 where the
/// position is on the grid's border) and the fractions of the way.
struct Cell {
  std::ptrdiff_t offset = 0;
  std::array<std::ptrdiff_t, 3> step{};
  std::array<float, 3> fraction{};
};

/// Anywhere up to half a voxel outside the grid, where its border repeats; empty beyond.
template <typename T>
std::optional<Cell> border_cell(const Grid<T>& grid, const Eigen::Vector3d& index) {
  Cell cell;
  const auto strides = grid.strides();
  for (std::size_t i = 0; i < 3; ++i) {
    const double v = index[static_cast<Eigen::Index>(i)];
    const auto last = static_cast<double>(grid.size[i] - 1);
    if (!(v >= -0.5 && v <= last + 0.5)) return std::nullopt;
    const double clamped = std::clamp(v, 0.0, last);
    const auto low = std::min(static_cast<long>(clamped), std::max(0L, grid.size[i] - 2));
    cell.offset += low * strides[i];
    cell.step[i] = grid.size[i] > 1 ? strides[i] : 0;
    cell.fraction[i] = static_cast<float>(clamped - static_cast<double>(low));
  }
  return cell;
}

/// Eight look-ups and seven linear steps: the hot loop of the pictures.
inline std::int16_t interpolate_hu(const std::int16_t* buffer, const Cell& cell) {
  const std::int16_t* p = buffer + cell.offset;
  const auto along_i = [&](std::ptrdiff_t at) {
    return static_cast<float>(p[at]) + cell.fraction[0] * static_cast<float>(p[at + cell.step[0]] - p[at]);
  };
  const auto along_j = [&](std::ptrdiff_t at) {
    const float near = along_i(at);
    return near + cell.fraction[1] * (along_i(at + cell.step[1]) - near);
  };
  const float near = along_j(0), value = near + cell.fraction[2] * (along_j(cell.step[2]) - near);
  return static_cast<std::int16_t>(value + (value >= 0 ? 0.5F : -0.5F));
}

/// Calls visit(label, weight) for the eight voxels unless all are background.
template <typename Visit>
inline void visit_labels(const std::uint8_t* buffer, const Cell& cell, Visit visit) {
  const std::uint8_t* p = buffer + cell.offset;
  const auto [i, j, k] = cell.step;
  if ((p[0] | p[i] | p[j] | p[i + j] | p[k] | p[i + k] | p[j + k] | p[i + j + k]) == 0) return;
  for (unsigned corner = 0; corner < 8; ++corner) {
    std::ptrdiff_t at = 0;
    float weight = 1.0F;
    for (unsigned axis = 0; axis < 3; ++axis) {
      const bool is_far = (corner >> axis & 1U) != 0;
      if (is_far) at += cell.step[axis];
      weight *= is_far ? cell.fraction[axis] : 1.0F - cell.fraction[axis];
    }
    if (p[at] != 0 && weight > 0.0F) visit(p[at], weight);
  }
}

double depth_of_row(const SlicePlane& plane, double y) {
  if (plane.row_depth_mm.empty()) return 0.0;
  const auto last = static_cast<double>(plane.row_depth_mm.size() - 1);
  return plane.row_depth_mm[static_cast<std::size_t>(std::clamp(std::round(y), 0.0, last))];
}

/// A row of the plane in the grid's index space, and the pixels of it that lie between voxels on all sides.
struct Row {
  Eigen::Vector3d start, step;
  int first = 0, end = 0;
};

template <typename T>
Row make_row(const Grid<T>& grid, const SlicePlane& plane, int y) {
  const Eigen::Vector3d step = grid.index_of_mm * (plane.right * plane.mm_per_px);
  Row row{grid.index_of(point_of_pixel(plane, 0, y)), step, 0, 0};
  double low = 0.0, high = plane.width - 1.0;
  for (Eigen::Index i = 0; i < 3; ++i) {
    const double top = static_cast<double>(grid.size[static_cast<std::size_t>(i)] - 1) - 1e-6;
    if (std::abs(row.step[i]) < 1e-12) {
      if (row.start[i] < 0.0 || row.start[i] > top) return row;
      continue;
    }
    const double at_zero = -row.start[i] / row.step[i], at_top = (top - row.start[i]) / row.step[i];
    low = std::max(low, std::min(at_zero, at_top));
    high = std::min(high, std::max(at_zero, at_top));
  }
  row.first = std::clamp(static_cast<int>(std::ceil(low)), 0, plane.width);
  row.end = std::clamp(static_cast<int>(std::floor(high)) + 1, row.first, plane.width);
  return row;
}

/// Calls visit(x, y, cell) for every pixel of the plane inside the grid or on its border. Within a row's span no limit needs checking,
/// which makes the walk four times as fast.
template <typename T, typename Visit>
void walk_plane(const Grid<T>& grid, const SlicePlane& plane, Visit visit) {
  const auto strides = grid.strides();
  for (int y = 0; y < plane.height; ++y) {
    const Row row = make_row(grid, plane, y);
    for (int x = row.first; x < row.end; ++x) {
      const Eigen::Vector3d at = row.start + x * row.step;
      const int i = static_cast<int>(at[0]), j = static_cast<int>(at[1]), k = static_cast<int>(at[2]);
      visit(x, y,
            Cell{i + j * strides[1] + k * strides[2],
                 strides,
                 {static_cast<float>(at[0] - i), static_cast<float>(at[1] - j), static_cast<float>(at[2] - k)}});
    }
    for (int x = 0; x < plane.width; ++x) {
      if (x == row.first && row.end > row.first) x = row.end;
      if (x >= plane.width) break;
      if (const auto cell = border_cell(grid, row.start + x * row.step)) visit(x, y, *cell);
    }
  }
}

}  // namespace

imaging::Point_mm point_of_pixel(const SlicePlane& plane, double x, double y) {
  return plane.centre_mm + plane.mm_per_px * ((x - 0.5 * (plane.width - 1)) * plane.right + (y - 0.5 * (plane.height - 1)) * plane.down) +
         depth_of_row(plane, y) * plane.right.cross(plane.down);
}

Eigen::Vector2d pixel_of_point(const SlicePlane& plane, const imaging::Point_mm& point) {
  const Eigen::Vector3d offset = (point - plane.centre_mm) / plane.mm_per_px;
  return {offset.dot(plane.right) + 0.5 * (plane.width - 1), offset.dot(plane.down) + 0.5 * (plane.height - 1)};
}

SlicePlane coarsen(const SlicePlane& plane, int step) {
  SlicePlane coarse = plane;
  coarse.mm_per_px = plane.mm_per_px * step;
  coarse.width = (plane.width + step - 1) / step;
  coarse.height = (plane.height + step - 1) / step;
  SlicePlane flat = plane;
  flat.row_depth_mm.clear();
  coarse.centre_mm = point_of_pixel(flat, 0.5 * step * (coarse.width - 1), 0.5 * step * (coarse.height - 1));
  coarse.row_depth_mm.clear();
  for (std::size_t y = 0; y < plane.row_depth_mm.size(); y += static_cast<std::size_t>(step)) {
    coarse.row_depth_mm.push_back(plane.row_depth_mm[y]);
  }
  return coarse;
}

Raster<std::int16_t> sample_hu(const imaging::CtVolume& volume, const SlicePlane& plane) {
  const auto grid = make_grid(volume.image.GetPointer());
  Raster<std::int16_t> raster(plane.width, plane.height, kOutside_hu);
  if (grid.buffer == nullptr) return raster;
  walk_plane(grid, plane, [&](int x, int y, const Cell& cell) { raster.at(x, y) = interpolate_hu(grid.buffer, cell); });
  return raster;
}

std::map<std::uint8_t, Raster<float>> label_coverage(const imaging::LabelMask& mask, const SlicePlane& plane) {
  std::map<std::uint8_t, Raster<float>> coverage;
  const auto grid = make_grid(mask.image.GetPointer());
  if (grid.buffer == nullptr) return coverage;
  walk_plane(grid, plane, [&](int x, int y, const Cell& cell) {
    visit_labels(grid.buffer, cell, [&](std::uint8_t label, float weight) {
      auto [found, is_new] = coverage.try_emplace(label);
      if (is_new) found->second = Raster<float>(plane.width, plane.height);
      found->second.at(x, y) += weight;
    });
  });
  return coverage;
}

std::uint8_t window_grey(int hu) {
  constexpr int kBlack_hu = -250, kKnee_hu = 1250, kWhite_hu = 3071, kKneeGrey = 205;
  if (hu <= kKnee_hu) return static_cast<std::uint8_t>(std::max(0, (hu - kBlack_hu) * kKneeGrey / (kKnee_hu - kBlack_hu)));
  return static_cast<std::uint8_t>(std::min(255, kKneeGrey + (hu - kKnee_hu) * (255 - kKneeGrey) / (kWhite_hu - kKnee_hu)));
}

}  // namespace cemscope::report
