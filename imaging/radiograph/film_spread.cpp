#include "imaging/radiograph/film_findings.h"
#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kBeyondMargin_mm = 1.5, kBeyondReach_mm = 20.0, kBeyondShare = 0.35;

struct Placed {
  double u_mm, row, excess;
  int x, y;
};

std::vector<Placed> placed_pixels(const FilmSight& sight, const FilmLevel& level) {
  std::vector<Placed> placed;
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) {
      const Eigen::Vector2d at = sight.strip.course.place(x, y);
      placed.push_back({at.x(), at.y(), std::max(0.0, sight.relief.excess.at(x, y) - sight.relief.median), x, y});
    }
  return placed;
}

/// 0 at the upper endplate, 1 at the lower one.
double depth_in(const BodyBox& box, double u_mm, double row) {
  return (row - box.top_at(u_mm)) / std::max(1.0, box.bottom_at(u_mm) - box.top_at(u_mm));
}

double weighted_extent(std::vector<std::pair<double, double>> extents, double share) {
  std::sort(extents.begin(), extents.end(), std::greater<>());
  double total = 0, sum = 0;
  for (const auto& [extent, weight] : extents) total += weight;
  for (const auto& [extent, weight] : extents)
    if ((sum += weight) >= share * total) return extent;
  return 0;
}

/// Share of each cell's area that is covered; `n` cells across, for the depth range.
template <std::size_t N>
std::array<double, N> covered(const std::vector<Placed>& pixels, const BodyBox& box, double from, double to) {
  std::array<double, N> area{};
  const double cell = box.width_mm() / N * (to - from) * box.height_mm();
  for (const Placed& p : pixels) {
    const double depth = depth_in(box, p.u_mm, p.row), across = (p.u_mm - box.left_mm) / box.width_mm();
    if (depth < from || depth >= to || across < 0 || across >= 1) continue;
    area[static_cast<std::size_t>(across * N)] += kStep_mm * kStep_mm / cell;
  }
  return area;
}

}  // namespace

ApSpread ap_spread(const FilmSight& sight, const FilmLevel& level) {
  const BodyBox& box = level.box;
  const std::vector<Placed> pixels = placed_pixels(sight, level);
  ApSpread spread;
  double left = 0, right = 0;
  std::vector<std::pair<double, double>> left_reach, right_reach;
  int n_inside = 0;
  for (const Placed& p : pixels) {
    const double depth = depth_in(box, p.u_mm, p.row);
    if (depth < -0.1 || depth > 1.1 || p.u_mm < box.left_mm - 1 || p.u_mm > box.right_mm + 1) continue;
    ++n_inside;
    const double off = p.u_mm - box.midline_mm;
    (off < 0 ? left : right) += p.excess;
    left_reach.emplace_back(-off, p.excess), right_reach.emplace_back(off, p.excess);
  }
  if (left + right > 0) spread.minor_fraction = std::min(left, right) / (left + right);
  spread.reach_mm = std::max(0.0, weighted_extent(left < right ? left_reach : right_reach, 0.01));
  spread.reach_share = spread.reach_mm / (0.5 * box.width_mm());
  spread.fill = n_inside * kStep_mm * kStep_mm / (box.width_mm() * box.height_mm());
  spread.band_thirds = covered<3>(pixels, box, 0.0, 1.0 / 3);
  spread.lower_thirds = covered<3>(pixels, box, 2.0 / 3, 1.0);
  return spread;
}

LateralSpread lateral_spread(const FilmSight& sight, const FilmLevel& level) {
  const BodyBox& box = level.box;
  const std::vector<Placed> pixels = placed_pixels(sight, level);
  LateralSpread spread;
  spread.band_halves = covered<2>(pixels, box, 0.0, 1.0 / 3), spread.lower_halves = covered<2>(pixels, box, 2.0 / 3, 1.0);
  const std::array<double, 1> all = covered<1>(pixels, box, 0.0, 1.0);
  spread.fill = all[0];
  if (sight.column.posterior_sign < 0)
    std::swap(spread.band_halves[0], spread.band_halves[1]), std::swap(spread.lower_halves[0], spread.lower_halves[1]);
  return spread;
}

Beyond cement_beyond(const FilmSight& sight, const FilmLevel& level) {
  const BodyBox& box = level.box;
  const Relief& relief = sight.relief;
  double plateau = 0;
  for (const int member : level.things) plateau = std::max(plateau, sight.things[member].plateau);
  const double limit = relief.median + std::max(4 * relief.mad, kBeyondShare * (plateau - relief.median));
  const int reach = static_cast<int>((kBeyondReach_mm + 10) / kStep_mm);
  int x0 = sight.working.value.nx, x1 = 0, y0 = sight.working.value.ny, y1 = 0;
  for (const int member : level.things) {
    const DenseThing& thing = sight.things[member];
    x0 = std::min(x0, thing.x0), x1 = std::max(x1, thing.x1), y0 = std::min(y0, thing.y0), y1 = std::max(y1, thing.y1);
  }
  x0 = std::max(0, x0 - reach), y0 = std::max(0, y0 - reach);
  x1 = std::min(sight.working.value.nx - 1, x1 + reach), y1 = std::min(sight.working.value.ny - 1, y1 + reach);
  Plane<std::uint8_t> mask(x1 - x0 + 1, y1 - y0 + 1, 0);
  for (int y = y0; y <= y1; ++y)
    for (int x = x0; x <= x1; ++x) mask.at(x - x0, y - y0) = relief.excess.at(x, y) > limit ? 1 : 0;
  const PlaneComponents parts = components_of(mask);
  std::vector<std::uint8_t> is_own(parts.n + 1, 0);
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) is_own[parts.label.at(x - x0, y - y0)] = 1;
  is_own[0] = 0;
  Beyond beyond;
  const double pixel_mm2 = kStep_mm * kStep_mm;
  const auto add = [&](double& area, double& extent, double distance) {
    area += pixel_mm2;
    extent = std::max(extent, distance);
  };
  for (int y = y0; y <= y1; ++y)
    for (int x = x0; x <= x1; ++x) {
      if (!is_own[parts.label.at(x - x0, y - y0)]) continue;
      const Eigen::Vector2d at = sight.strip.course.place(x, y);
      const double above = (box.top_at(at.x()) - at.y()) * kStep_mm, below = (at.y() - box.bottom_at(at.x())) * kStep_mm;
      const double left = box.left_mm - at.x(), right = at.x() - box.right_mm, vertical = std::max(above, below),
                   side = std::max(left, right);
      if (std::max(vertical, side) < kBeyondMargin_mm || std::max(vertical, side) > kBeyondReach_mm) continue;
      if (side > kBeyondMargin_mm && side >= vertical)
        left > right ? add(beyond.left_mm2, beyond.left_mm, left) : add(beyond.right_mm2, beyond.right_mm, right);
      else
        above > below ? add(beyond.above_mm2, beyond.above_mm, above) : add(beyond.below_mm2, beyond.below_mm, below);
    }
  return beyond;
}

}  // namespace cemscope::imaging::radiograph
