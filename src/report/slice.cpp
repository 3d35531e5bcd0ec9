#include "src/report/slice.h"

#include <algorithm>
#include <array>
#include <cmath>

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

/// The cell of 2 x 2 x 2 voxels round an index; voxels half a voxel outside the grid repeat its border.
struct Cell {
  std::array<long, 3> low{}, high{};
  std::array<double, 3> weight{};
  bool is_inside = true;
};

inline Cell find_cell(const Eigen::Vector3d& index, const std::array<long, 3>& size) {
  Cell cell;
  for (std::size_t i = 0; i < 3; ++i) {
    const double v = index[static_cast<Eigen::Index>(i)];
    const auto last = static_cast<double>(size[i] - 1);
    if (!(v >= -0.5 && v <= last + 0.5)) return Cell{{}, {}, {}, false};
    const double clamped = std::min(std::max(v, 0.0), last);
    cell.low[i] = static_cast<long>(clamped);
    cell.high[i] = std::min(cell.low[i] + 1, size[i] - 1);
    cell.weight[i] = clamped - static_cast<double>(cell.low[i]);
  }
  return cell;
}

/// Calls visit(value, weight) for the eight voxels of a cell.
template <typename T, typename Visit>
inline void visit_corners(const Grid<T>& grid, const Cell& cell, Visit visit) {
  for (int corner = 0; corner < 8; ++corner) {
    const bool di = corner & 1, dj = corner & 2, dk = corner & 4;
    const long i = di ? cell.high[0] : cell.low[0], j = dj ? cell.high[1] : cell.low[1], k = dk ? cell.high[2] : cell.low[2];
    const double w = (di ? cell.weight[0] : 1 - cell.weight[0]) * (dj ? cell.weight[1] : 1 - cell.weight[1]) *
                     (dk ? cell.weight[2] : 1 - cell.weight[2]);
    visit(grid.buffer[(k * grid.size[1] + j) * grid.size[0] + i], w);
  }
}

/// Eight look-ups and seven linear steps: the hot loop of the pictures.
std::int16_t interpolate_hu(const Grid<std::int16_t>& grid, const Eigen::Vector3d& index) {
  const Cell cell = find_cell(index, grid.size);
  if (!cell.is_inside) return kOutside_hu;
  const auto row = [&](long j, long k) {
    const std::int16_t* first = grid.buffer + (k * grid.size[1] + j) * grid.size[0];
    return first[cell.low[0]] + cell.weight[0] * (first[cell.high[0]] - first[cell.low[0]]);
  };
  const auto plane = [&](long k) {
    const double near = row(cell.low[1], k);
    return near + cell.weight[1] * (row(cell.high[1], k) - near);
  };
  const double near = plane(cell.low[2]);
  return static_cast<std::int16_t>(std::floor(near + cell.weight[2] * (plane(cell.high[2]) - near) + 0.5));
}

/// Whether any of a cell's voxels has a label.
bool has_label(const Grid<std::uint8_t>& grid, const Cell& cell) {
  const auto row = [&](long j, long k) {
    const std::uint8_t* first = grid.buffer + (k * grid.size[1] + j) * grid.size[0];
    return first[cell.low[0]] | first[cell.high[0]];
  };
  return (row(cell.low[1], cell.low[2]) | row(cell.high[1], cell.low[2]) | row(cell.low[1], cell.high[2]) |
          row(cell.high[1], cell.high[2])) != 0;
}

double depth_of_row(const SlicePlane& plane, double y) {
  if (plane.row_depth_mm.empty()) return 0.0;
  const auto last = static_cast<double>(plane.row_depth_mm.size() - 1);
  return plane.row_depth_mm[static_cast<std::size_t>(std::clamp(std::round(y), 0.0, last))];
}

/// Walks the plane pixel by pixel: visit(x, y, index in the grid).
template <typename T, typename Visit>
void walk_plane(const Grid<T>& grid, const SlicePlane& plane, Visit visit) {
  const Eigen::Vector3d start = grid.index_of(point_of_pixel(plane, 0, 0));
  const Eigen::Vector3d right = grid.index_of_mm * (plane.right * plane.mm_per_px);
  const Eigen::Vector3d down = grid.index_of_mm * (plane.down * plane.mm_per_px);
  const Eigen::Vector3d normal = grid.index_of_mm * plane.right.cross(plane.down);
  for (int y = 0; y < plane.height; ++y) {
    const Eigen::Vector3d row = start - depth_of_row(plane, 0) * normal + y * down + depth_of_row(plane, y) * normal;
    for (int x = 0; x < plane.width; ++x) visit(x, y, Eigen::Vector3d(row + x * right));
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
  walk_plane(grid, plane, [&](int x, int y, const Eigen::Vector3d& index) { raster.at(x, y) = interpolate_hu(grid, index); });
  return raster;
}

std::map<std::uint8_t, Raster<float>> label_coverage(const imaging::LabelMask& mask, const SlicePlane& plane) {
  std::map<std::uint8_t, Raster<float>> coverage;
  const auto grid = make_grid(mask.image.GetPointer());
  if (grid.buffer == nullptr) return coverage;
  walk_plane(grid, plane, [&](int x, int y, const Eigen::Vector3d& index) {
    const Cell cell = find_cell(index, grid.size);
    if (!cell.is_inside || !has_label(grid, cell)) return;
    visit_corners(grid, cell, [&](std::uint8_t label, double w) {
      if (label == 0 || w == 0.0) return;
      auto [found, is_new] = coverage.try_emplace(label);
      if (is_new) found->second = Raster<float>(plane.width, plane.height);
      found->second.at(x, y) += static_cast<float>(w);
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
