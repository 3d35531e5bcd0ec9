#include "imaging/radiograph/body_box.h"

#include <limits>

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
// Endplate lines are searched within these tilts (rows of 0.5 mm per mm across; 0.5 is 14 degrees).
constexpr double kMostTilt = 0.6, kTiltStep = 0.1;
constexpr float kMostSlope = 0.2F;
constexpr double kLeastBare = 0.35;
constexpr double kMostShift_mm = 8.0, kWindow_mm = 12.0, kWindowStep_mm = 4.0, kMedianReach_mm = 44.0;

int column_of(double u_mm) { return Straightened::middle() + WorkingFilm::px(u_mm); }

/// Derivative down the column, and whether it stems from bone alone.
struct Downward {
  Plane<float> slope;
  Plane<std::uint8_t> is_bare;
};

Downward downward_of(const ColumnStrip& strip) {
  constexpr int kReach = 2, kBlurRows = 3;
  const Plane<float>& image = strip.contrast;
  Downward down{Plane<float>(image.nx, image.ny, 0.F), Plane<std::uint8_t>(image.nx, image.ny, 1)};
  const Plane<float> smooth = gaussian(image, 0.0, 1.2), covered = dilated(strip.covered, kReach + kBlurRows);
  for (int y = kReach; y + kReach < image.ny; ++y)
    for (int x = 0; x < image.nx; ++x) {
      down.slope.at(x, y) = smooth.at(x, y + kReach) - smooth.at(x, y - kReach);
      down.is_bare.at(x, y) = covered.at(x, y) > 0 ? 0 : 1;
    }
  return down;
}

/// Mean derivative along lines across the middle part of the body; greatest over tilts, either sign. Lines that cement covers for the most
/// part count less.
void set_endplates(ColumnStrip& strip) {
  const Downward down = downward_of(strip);
  const int rows = strip.contrast.ny;
  strip.upper = strip.lower = Plane<float>(1, rows, 0.F);
  strip.upper_tilt = strip.lower_tilt = Plane<float>(1, rows, 0.F);
  for (int y = 0; y < rows; ++y) {
    const double middle_mm = strip.sides_mm[y], reach_mm = 0.8 * strip.half_width_mm[y];
    for (double tilt = -kMostTilt; tilt <= kMostTilt + 1e-9; tilt += kTiltStep) {
      double sum = 0;
      int n = 0, n_all = 0;
      for (double u = -reach_mm; u <= reach_mm; u += 1.0, ++n_all) {
        const int row = std::clamp(y + static_cast<int>(std::lround(tilt * u)), 0, rows - 1),
                  column = std::clamp(column_of(middle_mm + u), 0, strip.contrast.nx - 1);
        if (down.is_bare.at(column, row)) sum += std::clamp(down.slope.at(column, row), -kMostSlope, kMostSlope), ++n;
      }
      const double mean = sum / std::max(n, static_cast<int>(kLeastBare * n_all));
      const auto upper = static_cast<float>(mean - 0.06 * std::abs(tilt)), lower = static_cast<float>(-mean - 0.06 * std::abs(tilt));
      if (upper > strip.upper.values[y]) strip.upper.values[y] = upper, strip.upper_tilt.values[y] = static_cast<float>(tilt);
      if (lower > strip.lower.values[y]) strip.lower.values[y] = lower, strip.lower_tilt.values[y] = static_cast<float>(tilt);
    }
  }
}

/// Height of a body against its width: means of lumbar and lower thoracic bodies (Panjabi et al., Spine 1991;16:888, 1992;17:299).
double usual_height_mm(FilmView view, double width_mm) { return (view == FilmView::ap ? 0.64 : 0.80) * width_mm; }

/// The tilt of the clearest edge within 1.5 mm of a row.
double tilt_near(int row, const Plane<float>& edge, const Plane<float>& tilt) {
  constexpr int kReach = 3;
  int best = std::clamp(row, 0, edge.ny - 1);
  for (int y = std::max(0, row - kReach); y <= std::min(edge.ny - 1, row + kReach); ++y)
    if (edge.values[y] > edge.values[best]) best = y;
  return tilt.values[best];
}

struct Walls {
  double left_mm, right_mm;
};

/// Steepest steps inwards near both walls in the mean profile of the rows.
Walls find_walls(const ColumnStrip& strip, int first, int last, double half_width_mm) {
  Plane<float> profile(strip.contrast.nx, 1, 0.F);
  for (int y = first; y <= last; ++y)
    for (int x = 0; x < profile.nx; ++x) profile.values[x] += strip.contrast.at(x, y) / static_cast<float>(last - first + 1);
  profile = gaussian(std::move(profile), 1.5, 0.0);
  const auto rise = [&](double u) { return profile.clamped(column_of(u) + 2, 0) - profile.clamped(column_of(u) - 2, 0); };
  Walls walls{-half_width_mm, half_width_mm};
  double best = -1e9;
  for (double half = 0.92 * half_width_mm; half <= 1.08 * half_width_mm; half += kStep_mm)
    for (double shift = -kMostShift_mm; shift <= kMostShift_mm; shift += kStep_mm) {
      const double left = std::max(0.F, rise(shift - half)), right = std::max(0.F, -rise(shift + half));
      const double score =
          std::sqrt(left * right) + 0.25 * (left + right) - 0.004 * std::abs(shift) - 0.02 * std::abs(half - half_width_mm) / half_width_mm;
      if (score > best) best = score, walls = {shift - half, shift + half};
    }
  return walls;
}

/// Where rows fold best onto themselves: the middle of pedicles and spinous processes.
double find_fold(const ColumnStrip& strip, int first, int last, double reach_mm) {
  double best = 1e9, at = 0;
  for (double shift = -kMostShift_mm; shift <= kMostShift_mm; shift += kStep_mm) {
    double sum = 0.02 * std::abs(shift) * (last - first) / 2;
    for (int y = first; y <= last; y += 2)
      for (double d = 1; d <= reach_mm; d += 1.0)
        sum += std::min(1.F, std::abs(strip.contrast.clamped(column_of(shift + d), y) - strip.contrast.clamped(column_of(shift - d), y)));
    if (sum < best) best = sum, at = shift;
  }
  return at;
}

double median_about(const std::vector<float>& values, int at, int reach) {
  const int first = std::max(0, at - reach), last = std::min(static_cast<int>(values.size()) - 1, at + reach);
  return quantile({values.begin() + first, values.begin() + last + 1}, 0.5);
}

/// Walls and fold in windows all along the column, then medians over some three levels: single windows are off by a psoas edge or a
/// transverse process, the column is smooth. On AP films the column's own middle is as good as that between the walls, and both together
/// are better; its width is better than that between the walls (simulated films of seeds 9000-9149).
void set_course(ColumnStrip& strip) {
  const int rows = strip.contrast.ny, window = static_cast<int>(kWindow_mm / kStep_mm), step = static_cast<int>(kWindowStep_mm / kStep_mm);
  std::vector<float> sides, folds;
  const double wall_share = strip.view == FilmView::ap ? 0.5 : 1.0;
  for (int row = 0; row < rows; row += step) {
    const int first = std::max(0, row - window), last = std::min(rows - 1, row + window);
    const Walls walls = find_walls(strip, first, last, strip.half_width_mm[row]);
    sides.push_back(static_cast<float>(0.5 * (walls.left_mm + walls.right_mm)));
    folds.push_back(strip.view == FilmView::ap ? static_cast<float>(find_fold(strip, first, last, strip.half_width_mm[row] + 3))
                                               : sides.back());
  }
  const int reach = static_cast<int>(kMedianReach_mm / kWindowStep_mm);
  for (int row = 0; row < rows; ++row) {
    const int at = row / step;
    strip.sides_mm.push_back(wall_share * median_about(sides, at, reach));
    strip.fold_mm.push_back(median_about(folds, at, reach));
  }
}

/// A body whose endplates lie in steps of 1 mm from these rows on, tilted as the clearest edges near them are.
BodyBox box_between(const ColumnStrip& strip, int top_row, int bottom_row) {
  BodyBox box = box_at(strip, top_row, bottom_row);
  box.top_row += 0.5, box.bottom_row += 0.5;  // the middle of a step
  box.top_tilt = tilt_near(top_row, strip.upper, strip.upper_tilt);
  box.bottom_tilt = tilt_near(bottom_row, strip.lower, strip.lower_tilt);
  return box;
}

}  // namespace

ColumnStrip make_strip(const Plane<float>& contrast, const Plane<std::uint8_t>& covered, const Column& column) {
  ColumnStrip strip(column);
  strip.contrast = strip.course.resample(contrast);
  strip.covered = strip.course.resample(as_float(covered));
  for (const double half : column.half_width) strip.half_width_mm.push_back(half * kStep_mm);
  set_course(strip);
  set_endplates(strip);
  return strip;
}

EndplateLogOdds contrast_log_odds(const ColumnStrip& strip, int posterior_sign) {
  return endplate_log_odds({strip.contrast, strip.covered, strip.upper.values, strip.lower.values, strip.sides_mm, strip.half_width_mm,
                            strip.view, posterior_sign});
}

void find_bodies(ColumnStrip& strip, const EndplateLogOdds& odds) {
  constexpr int kRowsPerStep = EndplateLogOdds::kRowsPerStep;
  EndplateEvidence evidence{{odds.upper.begin(), odds.upper.end()}, {odds.lower.begin(), odds.lower.end()}, {}};
  for (std::size_t step = 0; step < odds.upper.size(); ++step)
    evidence.usual_height_mm.push_back(usual_height_mm(strip.view, 2 * strip.half_width_mm[kRowsPerStep * step]));
  strip.bodies.clear();
  for (const BodyEnds& ends : find_body_chain(evidence, kRowsPerStep * kStep_mm)) {
    const int top = kRowsPerStep * ends.top, bottom = kRowsPerStep * ends.bottom;
    strip.bodies.push_back(box_between(strip, top, bottom));
  }
}

BodyBox box_at(const ColumnStrip& strip, int first_row, int last_row) {
  const int row = std::clamp((first_row + last_row) / 2, 0, strip.course.rows() - 1);
  const double sides = strip.sides_mm[row], fold = strip.fold_mm[row];
  BodyBox box;
  box.top_row = first_row, box.bottom_row = last_row;
  box.left_mm = sides - strip.half_width_mm[row], box.right_mm = sides + strip.half_width_mm[row];
  box.midline_mm = sides, box.midline_spread_mm = std::abs(sides - fold);
  return box;
}

int body_at(const ColumnStrip& strip, double first_row, double last_row) {
  int best = -1;
  double most = -1e9;
  for (int n = 0; n < static_cast<int>(strip.bodies.size()); ++n) {
    const double overlap = std::min(last_row, strip.bodies[n].bottom_row) - std::max(first_row, strip.bodies[n].top_row);
    if (overlap > most) most = overlap, best = n;
  }
  return best;
}

}  // namespace cemscope::imaging::radiograph
