#include "imaging/radiograph/film_findings.h"
#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kBeyondMargin_mm = 1.5, kBeyondReach_mm = 14.0, kDiscReach_mm = 6.0, kSideOverhang_mm = 3.0, kUsualDisc_mm = 7.0;
// Shares of the deposit's density; a leak of 0.3 mL over 2 cm2 is a tenth of a deposit 15 mm thick.
constexpr double kSideShare = 0.08, kDiscShare = 0.2, kLeastMads = 3.0;

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

namespace {

/// A window along the column: u in mm, rows.
struct Window {
  double left_mm, right_mm, top, bottom;
};

std::vector<float> excess_in(const FilmSight& sight, const Window& window, double shift_rows) {
  std::vector<float> values;
  for (double row = window.top + shift_rows; row < window.bottom + shift_rows; row += 1.0)
    for (double u = window.left_mm; u < window.right_mm; u += kStep_mm) {
      const Eigen::Vector2d at = sight.strip.course.working(u, row);
      const int x = static_cast<int>(std::lround(at.x())), y = static_cast<int>(std::lround(at.y()));
      if (sight.relief.excess.contains(x, y) && sight.working.field.at(x, y)) values.push_back(sight.relief.excess.at(x, y));
    }
  return values;
}

/// Area above what the neighbouring levels show at the same place.
double area_above(const FilmSight& sight, const Window& window, double pitch_rows, double margin) {
  double usual = 0;
  bool has_neighbour = false;
  for (const double shift : {-pitch_rows, pitch_rows}) {
    const std::vector<float> other = excess_in(sight, window, shift);
    if (other.size() < 50) continue;
    const double high = quantile(other, 0.97);
    usual = has_neighbour ? std::min(usual, high) : high;
    has_neighbour = true;
  }
  if (!has_neighbour) return 0.0;
  const std::vector<float> own = excess_in(sight, window, 0.0);
  return static_cast<double>(std::count_if(own.begin(), own.end(), [&](float v) { return v > usual + margin; })) * kStep_mm * kStep_mm;
}

}  // namespace

Beyond cement_beyond(const FilmSight& sight, const FilmLevel& level) {
  const BodyBox& box = level.box;
  Beyond beyond;
  for (const int member : level.things) beyond.height = std::max(beyond.height, sight.things[member].plateau - sight.relief.median);
  const double pitch = box.bottom_row - box.top_row + kUsualDisc_mm / kStep_mm, beside = kSideOverhang_mm / kStep_mm;
  const double top = box.top_at(0) - beside, bottom = box.bottom_at(0) + beside, near = kBeyondMargin_mm / kStep_mm,
               far = kDiscReach_mm / kStep_mm;
  const double inset = 0.1 * box.width_mm();
  const auto area = [&](const Window& window, double share) {
    return area_above(sight, window, pitch, std::max(share * beyond.height, kLeastMads * sight.relief.mad));
  };
  beyond.left_mm2 = area({box.left_mm - kBeyondReach_mm, box.left_mm - kBeyondMargin_mm, top, bottom}, kSideShare);
  beyond.right_mm2 = area({box.right_mm + kBeyondMargin_mm, box.right_mm + kBeyondReach_mm, top, bottom}, kSideShare);
  beyond.above_mm2 = area({box.left_mm + inset, box.right_mm - inset, box.top_at(0) - far, box.top_at(0) - near}, kDiscShare);
  beyond.below_mm2 = area({box.left_mm + inset, box.right_mm - inset, box.bottom_at(0) + near, box.bottom_at(0) + far}, kDiscShare);
  return beyond;
}

}  // namespace cemscope::imaging::radiograph
