#include "imaging/phantom/streaks.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cemscope::imaging::phantom {
namespace {

constexpr double kGrid_mm = 1.5, kDenseHu = 1000, kReach_mm = 75;
constexpr int kNAngles = 120;
// Relative error per cm of water-equivalent excess path: gives bands of -40 to -120 HU beside 2000 HU cement of 2 cm, as seen on
// clinical scans at 120 kV.
constexpr double kHardening_per_cm = 0.012;
constexpr double kStarvation_cm = 3.0;

// The surroundings of the dense objects on a coarse grid, in cm of excess water per cm.
struct DenseGrid {
  double x0_mm = 0, y0_mm = 0;
  int columns = 0, rows = 0;
  std::vector<float> value;
};

struct Extent {
  int low_i = 1 << 30, high_i = -1, low_j = 1 << 30, high_j = -1, n_dense = 0;
};

Extent dense_extent(const Slice& slice) {
  Extent extent;
  for (int j = 0; j < slice.rows; ++j)
    for (int i = 0; i < slice.columns; ++i)
      if (slice.hu[static_cast<std::size_t>(j) * slice.columns + i] > kDenseHu) {
        extent.low_i = std::min(extent.low_i, i), extent.high_i = std::max(extent.high_i, i);
        extent.low_j = std::min(extent.low_j, j), extent.high_j = std::max(extent.high_j, j);
        ++extent.n_dense;
      }
  return extent;
}

DenseGrid dense_grid(const Slice& slice, const Extent& extent) {
  DenseGrid grid;
  grid.x0_mm = extent.low_i * slice.pixel_mm - kReach_mm, grid.y0_mm = extent.low_j * slice.pixel_mm - kReach_mm;
  grid.columns = static_cast<int>(((extent.high_i - extent.low_i) * slice.pixel_mm + 2 * kReach_mm) / kGrid_mm) + 1;
  grid.rows = static_cast<int>(((extent.high_j - extent.low_j) * slice.pixel_mm + 2 * kReach_mm) / kGrid_mm) + 1;
  grid.value.assign(static_cast<std::size_t>(grid.columns) * grid.rows, 0.0F);
  const double weight = slice.pixel_mm * slice.pixel_mm / (kGrid_mm * kGrid_mm);
  for (int j = extent.low_j; j <= extent.high_j; ++j)
    for (int i = extent.low_i; i <= extent.high_i; ++i) {
      const double excess = slice.hu[static_cast<std::size_t>(j) * slice.columns + i] - kDenseHu;
      if (excess <= 0) continue;
      const int column = static_cast<int>((i * slice.pixel_mm - grid.x0_mm) / kGrid_mm + 0.5),
                row = static_cast<int>((j * slice.pixel_mm - grid.y0_mm) / kGrid_mm + 0.5);
      grid.value[static_cast<std::size_t>(row) * grid.columns + column] += static_cast<float>(weight * (excess + 700) / 1000);
    }
  return grid;
}

struct View {
  double cosine, sine;
  int n_bins;
  [[nodiscard]] double bin(const DenseGrid& grid, int i, int j) const {
    return (i - 0.5 * (grid.columns - 1)) * cosine + (j - 0.5 * (grid.rows - 1)) * sine + 0.5 * (n_bins - 1);
  }
};

std::vector<float> project(const DenseGrid& grid, const View& view) {
  std::vector<float> bins(view.n_bins, 0.0F);
  for (int j = 0; j < grid.rows; ++j)
    for (int i = 0; i < grid.columns; ++i) {
      const float value = grid.value[static_cast<std::size_t>(j) * grid.columns + i];
      if (value == 0) continue;
      const double position = view.bin(grid, i, j);
      const int bin = static_cast<int>(position);
      const auto share = static_cast<float>(position - bin);
      bins[bin] += (1 - share) * value, bins[bin + 1] += share * value;
    }
  for (float& bin : bins) bin *= static_cast<float>(kGrid_mm / 10);
  return bins;
}

void distort(std::vector<float>& bins, double scale, Random& random) {
  for (float& path : bins) {
    const double hardening = -kHardening_per_cm * path * path;
    const double starved = path > kStarvation_cm ? random.normal(0, 0.05 * std::min(6.0, path - kStarvation_cm)) : 0.0;
    path = static_cast<float>(scale * (hardening + starved));
  }
}

// Ram-Lak kernel in space.
std::vector<float> ramp_filtered(const std::vector<float>& bins) {
  const int n = static_cast<int>(bins.size());
  std::vector<float> filtered(n, 0.0F);
  for (int source = 0; source < n; ++source) {
    if (bins[source] == 0) continue;
    filtered[source] += 0.25F * bins[source];
    for (int distance = 1; distance < n; distance += 2) {
      const float weight = -bins[source] / static_cast<float>(std::numbers::pi * std::numbers::pi * distance * distance);
      if (source >= distance) filtered[source - distance] += weight;
      if (source + distance < n) filtered[source + distance] += weight;
    }
  }
  return filtered;
}

DenseGrid error_image(const DenseGrid& dense, double scale, Random& random) {
  DenseGrid error = dense;
  std::fill(error.value.begin(), error.value.end(), 0.0F);
  const int n_bins = static_cast<int>(std::hypot(dense.columns, dense.rows)) + 3;
  for (int n = 0; n < kNAngles; ++n) {
    const double angle = std::numbers::pi * n / kNAngles;
    const View view{std::cos(angle), std::sin(angle), n_bins};
    std::vector<float> bins = project(dense, view);
    distort(bins, scale, random);
    bins = ramp_filtered(bins);
    const auto weight = static_cast<float>(std::numbers::pi / kNAngles * 1000.0 / (kGrid_mm / 10));
    for (int j = 0; j < dense.rows; ++j)
      for (int i = 0; i < dense.columns; ++i) {
        const double position = view.bin(dense, i, j);
        const int bin = static_cast<int>(position);
        const auto share = static_cast<float>(position - bin);
        error.value[static_cast<std::size_t>(j) * dense.columns + i] += weight * ((1 - share) * bins[bin] + share * bins[bin + 1]);
      }
  }
  return error;
}

// The error fades out towards the grid's border.
double taper(double position, int count) {
  const double share = std::min(position, count - 1 - position) / 12.0;
  return share >= 1 ? 1.0 : share <= 0 ? 0.0 : share;
}

void add_error(const Slice& slice, const DenseGrid& error) {
  for (int j = 0; j < slice.rows; ++j) {
    const double v = (j * slice.pixel_mm - error.y0_mm) / kGrid_mm;
    if (v <= 0 || v >= error.rows - 1) continue;
    for (int i = 0; i < slice.columns; ++i) {
      const double u = (i * slice.pixel_mm - error.x0_mm) / kGrid_mm;
      if (u <= 0 || u >= error.columns - 1) continue;
      const int column = static_cast<int>(u), row = static_cast<int>(v);
      const double a = u - column, b = v - row;
      const float* cell = &error.value[static_cast<std::size_t>(row) * error.columns + column];
      const double value = (1 - b) * ((1 - a) * cell[0] + a * cell[1]) + b * ((1 - a) * cell[error.columns] + a * cell[error.columns + 1]);
      slice.hu[static_cast<std::size_t>(j) * slice.columns + i] +=
          static_cast<float>(value * taper(u, error.columns) * taper(v, error.rows));
    }
  }
}

}  // namespace

void add_streaks(const Slice& slice, double scale, Random& random) {
  const Extent extent = dense_extent(slice);
  if (scale <= 0 || extent.n_dense * slice.pixel_mm * slice.pixel_mm < 8) return;
  add_error(slice, error_image(dense_grid(slice, extent), scale, random));
}

}  // namespace cemscope::imaging::phantom
