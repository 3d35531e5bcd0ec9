#include "imaging/radiograph/dense_things.h"

#include <Eigen/LU>

#include "imaging/radiograph/dense_regions.h"
#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kBarRadius_mm = 4.0, kThickRadius_mm = 3.5, kCoreMad = 3.0, kMostArea_mm2 = 2500.0, kLeastSteepness = 0.1;
constexpr double kBandMargin_mm = 10.0, kSearchMargin_mm = 30.0, kBoneShare = 0.75;
constexpr double kEdgeSearch_mm = 1.5, kEdgeBlur_mm = 0.3;

bool is_in_band(const Column& column, int x, int y, double margin_mm) {
  return std::abs(x - column.centre_x[y]) <= column.half_width[y] + margin_mm / kStep_mm;
}

/// Noise of bone: the lower three quarters, so that neither cement nor metal widens it.
RobustSpread bone_noise(const Plane<float>& excess, const WorkingFilm& film, const Column& column) {
  std::vector<float> values;
  for (int y = 0; y < excess.ny; ++y)
    for (int x = 0; x < excess.nx; ++x)
      if (film.field.at(x, y) && is_in_band(column, x, y, kBandMargin_mm)) values.push_back(excess.at(x, y));
  const double limit = quantile(values, kBoneShare);
  std::erase_if(values, [&](float v) { return v > limit; });
  return robust_spread(values);
}

/// Where things are looked for: the exposed film near the column.
Plane<std::uint8_t> search_mask(const WorkingFilm& film, const Column& column) {
  Plane<std::uint8_t> mask(film.value.nx, film.value.ny, 0);
  for (int y = 0; y < mask.ny; ++y)
    for (int x = 0; x < mask.nx; ++x) mask.at(x, y) = film.field.at(x, y) && is_in_band(column, x, y, kSearchMargin_mm) ? 1 : 0;
  return mask;
}

/// Regions of the excess over the median of bone.
std::vector<DenseRegion> regions_of(const WorkingFilm& film, const Column& column, const Relief& relief, double least_mm2) {
  Plane<float> height = relief.excess;
  for (float& v : height.values) v -= static_cast<float>(relief.median);
  const Plane<std::uint8_t> where = search_mask(film, column);
  std::vector<float> near;
  for (std::size_t n = 0; n < height.values.size(); n += 3)
    if (where.values[n]) near.push_back(height.values[n]);
  RegionSearch search;
  search.lowest = kCoreMad * relief.mad, search.highest = std::max(2 * search.lowest, quantile(near, 0.9995));
  search.least_px = static_cast<int>(least_mm2 / (kStep_mm * kStep_mm)),
  search.most_px = static_cast<int>(kMostArea_mm2 / (kStep_mm * kStep_mm));
  return find_dense_regions(height, where, search);
}

double cross(const std::pair<int, int>& o, const std::pair<int, int>& a, const std::pair<int, int>& b) {
  return static_cast<double>(a.first - o.first) * (b.second - o.second) - static_cast<double>(a.second - o.second) * (b.first - o.first);
}

/// Area of the convex hull (Andrew's monotone chain) of pixel centres, half a pixel added round it.
double hull_area_px(std::vector<std::pair<int, int>> points) {
  std::sort(points.begin(), points.end());
  std::vector<std::pair<int, int>> hull;
  for (int pass = 0; pass < 2; ++pass) {
    const std::size_t start = hull.size();
    for (const auto& point : points) {
      while (hull.size() >= start + 2 && cross(hull[hull.size() - 2], hull.back(), point) <= 0) hull.pop_back();
      hull.push_back(point);
    }
    hull.pop_back();
    std::reverse(points.begin(), points.end());
  }
  double area = 0, length = 0;
  for (std::size_t n = 0; n < hull.size(); ++n) {
    const auto &a = hull[n], &b = hull[(n + 1) % hull.size()];
    area += 0.5 * (static_cast<double>(a.first) * b.second - static_cast<double>(b.first) * a.second);
    length += std::hypot(b.first - a.first, b.second - a.second);
  }
  return std::abs(area) + 0.5 * length + 1;
}

void set_shape(DenseThing& thing) {
  const auto n = static_cast<double>(thing.pixels.size());
  Eigen::Vector2d sum(0, 0);
  thing.x0 = thing.x1 = thing.pixels.front().first, thing.y0 = thing.y1 = thing.pixels.front().second;
  for (const auto& [x, y] : thing.pixels) {
    sum += Eigen::Vector2d(x, y);
    thing.x0 = std::min(thing.x0, x), thing.x1 = std::max(thing.x1, x), thing.y0 = std::min(thing.y0, y), thing.y1 = std::max(thing.y1, y);
  }
  thing.centre = sum / n;
  Eigen::Matrix2d spread = Eigen::Matrix2d::Identity() / 12.0;
  for (const auto& [x, y] : thing.pixels) {
    const Eigen::Vector2d off = Eigen::Vector2d(x, y) - thing.centre;
    spread += off * off.transpose() / n;
  }
  const double mean = 0.5 * spread.trace(), root = std::sqrt(std::max(0.0, mean * mean - spread.determinant()));
  thing.elongation = std::sqrt((mean + root) / std::max(1e-9, mean - root));
  thing.area_mm2 = n * kStep_mm * kStep_mm;
  thing.solidity = n / hull_area_px(thing.pixels);
}

Plane<std::uint8_t> mask_of(const DenseThing& thing) {
  Plane<std::uint8_t> mask(thing.x1 - thing.x0 + 3, thing.y1 - thing.y0 + 3, 0);
  for (const auto& [x, y] : thing.pixels) mask.at(x - thing.x0 + 1, y - thing.y0 + 1) = 1;
  return mask;
}

void set_inside(DenseThing& thing, const Relief& relief, const Plane<float>& depth) {
  double sum = 0, square = 0, deepest = 0;
  int n = 0;
  for (const auto& [x, y] : thing.pixels) {
    const double at = depth.at(x - thing.x0 + 1, y - thing.y0 + 1);
    deepest = std::max(deepest, at);
    if (at * kStep_mm < 1.5) continue;
    const double value = relief.excess.at(x, y);
    sum += value, square += value * value, ++n;
  }
  thing.thickness_mm = 2 * deepest * kStep_mm;
  if (n < 8 || sum <= 0) return;
  thing.texture = std::sqrt(std::max(0.0, square / n - sum / n * (sum / n))) / (sum / n);
}

/// A part of the film itself round a thing, and its steepness per mm in units of the working value.
struct Steepness {
  Plane<float> per_mm;
  double x0_px, y0_px;
};

Steepness steepness_near(const WorkingFilm& film, const DenseThing& thing) {
  const double margin = 3.0 / film.pixel_mm;
  const int x0 = std::max(0, static_cast<int>(film.film_x(thing.x0) - margin)),
            y0 = std::max(0, static_cast<int>(film.film_y(thing.y0) - margin));
  const int x1 = std::min(film.film->density.nx - 1, static_cast<int>(film.film_x(thing.x1) + margin)),
            y1 = std::min(film.film->density.ny - 1, static_cast<int>(film.film_y(thing.y1) + margin));
  Plane<float> part(std::max(1, x1 - x0 + 1), std::max(1, y1 - y0 + 1));
  for (int y = 0; y < part.ny; ++y)
    for (int x = 0; x < part.nx; ++x) part.at(x, y) = film.film->density.clamped(x0 + x, y0 + y);
  part = gaussian(std::move(part), kEdgeBlur_mm / film.pixel_mm);
  Steepness steepness{Plane<float>(part.nx, part.ny, 0.F), static_cast<double>(x0), static_cast<double>(y0)};
  const double per_mm = 1.0 / (2 * film.pixel_mm * film.span);
  for (int y = 1; y + 1 < part.ny; ++y)
    for (int x = 1; x + 1 < part.nx; ++x)
      steepness.per_mm.at(x, y) =
          static_cast<float>(per_mm * std::hypot(part.at(x + 1, y) - part.at(x - 1, y), part.at(x, y + 1) - part.at(x, y - 1)));
  return steepness;
}

double steepest_near(const Steepness& steepness, double x, double y, double radius) {
  const int reach = static_cast<int>(std::ceil(radius));
  const int cx = static_cast<int>(std::lround(x - steepness.x0_px)), cy = static_cast<int>(std::lround(y - steepness.y0_px));
  float steepest = 0;
  for (int dy = -reach; dy <= reach; ++dy)
    for (int dx = -reach; dx <= reach; ++dx)
      if (dx * dx + dy * dy <= radius * radius && steepness.per_mm.contains(cx + dx, cy + dy))
        steepest = std::max(steepest, steepness.per_mm.at(cx + dx, cy + dy));
  return steepest;
}

void set_edges(DenseThing& thing, const WorkingFilm& film, const Plane<float>& depth, double height) {
  const Steepness steepness = steepness_near(film, thing);
  std::vector<float> widths;
  for (const auto& [x, y] : thing.pixels) {
    if (depth.at(x - thing.x0 + 1, y - thing.y0 + 1) > 1.01F) continue;
    const double steepest = steepest_near(steepness, film.film_x(x), film.film_y(y), kEdgeSearch_mm / film.pixel_mm);
    widths.push_back(static_cast<float>(std::min(20.0, height / std::max(1e-6, steepest))));
  }
  thing.edge_median_mm = quantile(widths, 0.5), thing.edge_quartile_mm = quantile(widths, 0.25);
  thing.edge_upper_mm = quantile(widths, 0.75);
}

/// How much denser than whatever else is thick in the column, its own level left out.
double prominence_of(const DenseThing& thing, const WorkingFilm& film, const Column& column, const Relief& relief) {
  const int margin = WorkingFilm::px(20);
  std::vector<float> others, own;
  for (int y = 0; y < relief.thick.ny; y += 2) {
    if (y > thing.y0 - margin && y < thing.y1 + margin) continue;
    for (int x = 0; x < relief.thick.nx; x += 2)
      if (film.field.at(x, y) && is_in_band(column, x, y, 0.0)) others.push_back(relief.thick.at(x, y));
  }
  for (const auto& [x, y] : thing.pixels) own.push_back(relief.thick.at(x, y));
  return quantile(own, 0.75) / std::max(relief.mad, quantile(others, 0.95));
}

DenseThing measure(DenseRegion region, const WorkingFilm& film, const Column& column, const Relief& relief) {
  DenseThing thing;
  thing.pixels = std::move(region.pixels);
  std::vector<float> excess;
  for (const auto& [x, y] : thing.pixels) excess.push_back(relief.excess.at(x, y));
  thing.plateau = quantile(excess, 0.8);
  thing.steepness = region.steepness / kStep_mm;
  set_shape(thing);
  const Plane<float> depth = inner_distance(mask_of(thing));
  set_inside(thing, relief, depth);
  set_edges(thing, film, depth, thing.plateau - relief.median);
  thing.prominence = prominence_of(thing, film, column, relief);
  const int row = std::clamp(static_cast<int>(std::lround(thing.centre.y())), 0, static_cast<int>(column.centre_x.size()) - 1);
  thing.off_axis = (thing.centre.x() - column.centre_x[row]) / column.half_width[row];
  return thing;
}

void set_ratios(std::vector<DenseThing>& things) {
  std::vector<float> all;
  for (const DenseThing& thing : things) all.push_back(static_cast<float>(thing.steepness));
  const double usual = std::max(1e-6, quantile(std::move(all), 0.5));
  double greatest = 1e-6;
  for (const DenseThing& thing : things) greatest = std::max(greatest, thing.plateau);
  for (DenseThing& thing : things) thing.steepness_ratio = thing.steepness / usual, thing.relative_height = thing.plateau / greatest;
}

}  // namespace

void refresh(Relief& relief, const WorkingFilm& film, const Column& column) {
  relief.thick = opened(relief.excess, WorkingFilm::px(kThickRadius_mm));
  const RobustSpread noise = bone_noise(relief.excess, film, column);
  relief.median = noise.median, relief.mad = std::max(noise.mad, 1e-4);
}

Relief relief_of(const WorkingFilm& film, const Column& column) {
  Relief relief;
  relief.excess = film.value;
  for (std::size_t n = 0; n < relief.excess.values.size(); ++n) relief.excess.values[n] -= film.background.values[n];
  refresh(relief, film, column);
  return relief;
}

Relief without_bars(Relief relief, const WorkingFilm& film, const Column& column) {
  relief.excess = opened(relief.excess, WorkingFilm::px(kBarRadius_mm));
  refresh(relief, film, column);
  return relief;
}

std::vector<DenseThing> find_dense_things(const WorkingFilm& film, const Column& column, const Relief& relief, double least_mm2) {
  std::vector<DenseThing> things;
  double steepest = 0;
  for (DenseRegion& region : regions_of(film, column, relief, least_mm2)) {
    steepest = std::max(steepest, region.steepness);
    if (region.steepness < kLeastSteepness * steepest) continue;
    things.push_back(measure(std::move(region), film, column, relief));
  }
  set_ratios(things);
  std::sort(things.begin(), things.end(), [](const DenseThing& a, const DenseThing& b) { return a.centre.y() < b.centre.y(); });
  return things;
}

}  // namespace cemscope::imaging::radiograph
