#include "imaging/radiograph/hardware.h"

#include <array>
#include <numbers>

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kThickest_mm = 9.0, kThinnest_mm = 2.5, kLeastLength_mm = 28.0, kRodLength_mm = 32.0;
constexpr int kDirections = 16;
constexpr double kThinShare = 0.4, kMetalShare = 0.55;
constexpr double kSearch_mm = 45.0;

/// Dense enough for metal: a rod against a screw seen from its end.
Plane<float> dense_mask(const WorkingFilm& film, const Column& column, const Relief& relief) {
  // On AP films screws are seen nearly from their ends and outshine the rods.
  const double share = column.view == FilmView::ap ? 0.22 : 0.40, mads = column.view == FilmView::ap ? 7 : 9;
  std::vector<float> near;
  const auto is_near = [&](int x, int y) { return std::abs(x - column.centre_x[y]) < column.half_width[y] + kSearch_mm / kStep_mm; };
  for (int y = 0; y < film.value.ny; y += 2)
    for (int x = 0; x < film.value.nx; x += 2)
      if (is_near(x, y)) near.push_back(relief.excess.at(x, y));
  const auto limit = static_cast<float>(std::max(relief.median + mads * relief.mad, share * quantile(near, 0.998)));
  Plane<float> mask(film.value.nx, film.value.ny, 0.F);
  for (int y = 0; y < mask.ny; ++y)
    for (int x = 0; x < mask.nx; ++x) mask.at(x, y) = is_near(x, y) && relief.excess.at(x, y) > limit ? 1.F : 0.F;
  return mask;
}

struct DenseMasks {
  Plane<float> dense, thin;
};

/// Dense pixels in a row from a place, and how many of them are thin: a rod passes through the heads of its screws.
struct Run {
  int length = 0, n_thin = 0;
};

Run run_from(const DenseMasks& masks, int x, int y, double dx, double dy) {
  Run run;
  for (double t = 1;; t += 1) {
    const int qx = static_cast<int>(std::lround(x + t * dx)), qy = static_cast<int>(std::lround(y + t * dy));
    if (!masks.dense.contains(qx, qy) || masks.dense.at(qx, qy) == 0.F) return run;
    ++run.length, run.n_thin += masks.thin.at(qx, qy) > 0 ? 1 : 0;
  }
}

struct Bars {
  Plane<float> mask;
  int longest_along = 0, n_across_px = 0;  ///< longest run along the column; pixels on bars across it
};

Bars find_bars(const DenseMasks& masks) {
  const Plane<float>& thin = masks.thin;
  Bars bars{Plane<float>(thin.nx, thin.ny, 0.F), 0, 0};
  std::array<std::pair<double, double>, kDirections> directions;
  for (int d = 0; d < kDirections; ++d) {
    const double angle = std::numbers::pi * d / kDirections;
    directions[d] = {std::sin(angle), std::cos(angle)};
  }
  for (int y = 0; y < thin.ny; ++y)
    for (int x = 0; x < thin.nx; ++x) {
      if (thin.at(x, y) == 0.F) continue;
      for (const auto& [dx, dy] : directions) {
        const Run forth = run_from(masks, x, y, dx, dy), back = run_from(masks, x, y, -dx, -dy);
        const int length = 1 + forth.length + back.length;
        if (length < WorkingFilm::px(kLeastLength_mm) || 1 + forth.n_thin + back.n_thin < kThinShare * length) continue;
        bars.mask.at(x, y) = 1.F;
        if (std::abs(dy) > 0.8)
          bars.longest_along = std::max(bars.longest_along, length);
        else
          ++bars.n_across_px;
      }
    }
  return bars;
}

/// Metal's edges are sharp, or it is so dense that nothing else can be meant: the typical bar rises to its height within 2.2 mm, or stands
/// 25 MAD above bone (TRIALS, Radiographs 4).
bool looks_like_metal(const Plane<float>& bars, const WorkingFilm& film, const Relief& relief) {
  std::vector<float> widths, heights;
  for (int y = 4; y + 4 < bars.ny; ++y)
    for (int x = 4; x + 4 < bars.nx; ++x) {
      if (bars.at(x, y) == 0.F) continue;
      float steepest = 0, height = 0;
      for (int d = -6; d <= 6; ++d) {
        steepest = std::max(steepest, std::abs(film.value.clamped(x + d + 1, y) - film.value.clamped(x + d - 1, y)));
        steepest = std::max(steepest, std::abs(film.value.clamped(x, y + d + 1) - film.value.clamped(x, y + d - 1)));
        height = std::max(height, relief.excess.clamped(x + d, y)), height = std::max(height, relief.excess.clamped(x, y + d));
      }
      height -= static_cast<float>(relief.median);
      widths.push_back(2 * static_cast<float>(kStep_mm) * height / std::max(1e-6F, steepest)), heights.push_back(height);
    }
  return quantile(widths, 0.5) < 2.2 || quantile(heights, 0.5) > 25 * relief.mad;
}

/// Everything dense that hangs together with a bar.
Plane<std::uint8_t> joined_with(const Plane<float>& dense, const Plane<float>& bars) {
  Plane<std::uint8_t> all(dense.nx, dense.ny, 0);
  for (std::size_t n = 0; n < all.values.size(); ++n) all.values[n] = dense.values[n] > 0 ? 1 : 0;
  const PlaneComponents parts = components_of(all);
  std::vector<std::uint8_t> is_joined(parts.n + 1, 0);
  for (std::size_t n = 0; n < all.values.size(); ++n)
    if (bars.values[n] > 0) is_joined[parts.label.values[n]] = 1;
  is_joined[0] = 0;
  for (std::size_t n = 0; n < all.values.size(); ++n) all.values[n] = is_joined[parts.label.values[n]];
  return all;
}

/// Of a mask, what is more than half as dense as the typical bar: cement round a screw is less dense than the screw.
void keep_dense(Plane<std::uint8_t>& mask, const Plane<float>& bars, const Relief& relief) {
  std::vector<float> heights;
  for (std::size_t n = 0; n < bars.values.size(); ++n)
    if (bars.values[n] > 0) heights.push_back(relief.excess.values[n]);
  const double limit = relief.median + kMetalShare * (quantile(heights, 0.5) - relief.median);
  for (std::size_t n = 0; n < mask.values.size(); ++n)
    if (relief.excess.values[n] < limit) mask.values[n] = 0;
}

}  // namespace

Hardware find_hardware(const WorkingFilm& film, const Column& column, const Relief& relief) {
  const Plane<float> dense = dense_mask(film, column, relief);
  const Plane<float> thick = opened(dense, WorkingFilm::px(kThickest_mm / 2));
  Plane<float> thin = opened(dense, WorkingFilm::px(kThinnest_mm / 2));
  for (std::size_t n = 0; n < thin.values.size(); ++n)
    if (thick.values[n] > 0) thin.values[n] = 0.F;
  const Bars bars = find_bars({dense, std::move(thin)});
  Hardware hardware{Plane<std::uint8_t>(dense.nx, dense.ny, 0), false};
  // A bar across the column is at least 28 x 3 mm of pixels, each counted for the directions that fit.
  const int bar_px = WorkingFilm::px(kLeastLength_mm) * WorkingFilm::px(3.0);
  hardware.is_present = bars.longest_along >= WorkingFilm::px(kRodLength_mm) || bars.n_across_px >= 2 * bar_px;
  hardware.is_present = hardware.is_present && looks_like_metal(bars.mask, film, relief);
  if (hardware.is_present) {
    hardware.mask = joined_with(dense, bars.mask);
    keep_dense(hardware.mask, bars.mask, relief);
  }
  return hardware;
}

}  // namespace cemscope::imaging::radiograph
