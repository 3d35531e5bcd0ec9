#include "imaging/radiograph/body_box.h"

#include <limits>

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
// Endplate lines are searched within these tilts (rows of 0.5 mm per mm across; 0.5 is 14 degrees).
constexpr double kMostTilt = 0.6, kTiltStep = 0.1;
constexpr double kMostShift_mm = 8.0, kWindow_mm = 12.0, kWindowStep_mm = 4.0, kMedianReach_mm = 44.0;
constexpr double kLeastDisc_mm = 2.0, kMostDisc_mm = 14.0;

int column_of(double u_mm) { return Straightened::middle() + static_cast<int>(std::lround(u_mm / kStep_mm)); }

/// Mean derivative down the column along lines across the middle part of the body; greatest over tilts, either sign.
void set_endplates(ColumnStrip& strip) {
  const Plane<float>& image = strip.contrast;
  Plane<float> down(image.nx, image.ny, 0.F);
  const Plane<float> smooth = gaussian(image, 0.0, 1.2);
  for (int y = 2; y + 2 < image.ny; ++y)
    for (int x = 0; x < image.nx; ++x) down.at(x, y) = smooth.at(x, y + 2) - smooth.at(x, y - 2);
  strip.upper = strip.lower = Plane<float>(1, image.ny, 0.F);
  strip.upper_tilt = strip.lower_tilt = Plane<float>(1, image.ny, 0.F);
  for (int y = 0; y < image.ny; ++y) {
    const double reach_mm = 0.75 * strip.half_width_mm[y];
    for (double tilt = -kMostTilt; tilt <= kMostTilt + 1e-9; tilt += kTiltStep) {
      double sum = 0;
      int n = 0;
      for (double u = -reach_mm; u <= reach_mm; u += 1.5, ++n)
        sum += down.clamped(column_of(u), y + static_cast<int>(std::lround(tilt * u)));
      const auto mean = static_cast<float>(sum / n - 0.15 * std::abs(tilt));
      const auto mean_lower = static_cast<float>(-sum / n - 0.15 * std::abs(tilt));
      if (mean > strip.upper.values[y]) strip.upper.values[y] = mean, strip.upper_tilt.values[y] = static_cast<float>(tilt);
      if (mean_lower > strip.lower.values[y]) strip.lower.values[y] = mean_lower, strip.lower_tilt.values[y] = static_cast<float>(tilt);
    }
  }
}

float greatest(const Plane<float>& line, double from, double to) {
  float best = 0;
  for (int y = std::max(0, static_cast<int>(from)); y <= std::min(line.ny - 1, static_cast<int>(to)); ++y)
    best = std::max(best, line.values[y]);
  return best;
}

struct Ends {
  int top = 0, bottom = 0;
  double score = -1e9;
};

/// Height of a body against its width: mean and SD of lumbar and lower thoracic bodies (Panjabi et al., Spine 1991;16:888, 1992;17:299),
/// wider downwards for collapsed ones.
double height_cost(FilmView view, double height_mm, double width_mm) {
  const double usual = (view == FilmView::ap ? 0.64 : 0.80) * width_mm, off = (height_mm - usual) / usual;
  return off > 0 ? off * off / (0.16 * 0.16) : off * off / (0.32 * 0.32);
}

Ends find_ends(const ColumnStrip& strip, double first_row, double last_row, double width_mm) {
  const double scale = std::max(1e-6, quantile(strip.upper.values, 0.9));
  Ends best;
  const int least = static_cast<int>(0.28 * width_mm / kStep_mm), most = static_cast<int>(1.05 * width_mm / kStep_mm);
  const int slack = static_cast<int>(1.5 / kStep_mm);
  const double discs_from = kLeastDisc_mm / kStep_mm, discs_to = kMostDisc_mm / kStep_mm;
  for (int top = std::max(0, static_cast<int>(last_row) - most); top <= first_row + slack && top < strip.upper.ny; ++top)
    for (int bottom = std::max(top + least, static_cast<int>(last_row) - slack); bottom <= top + most && bottom < strip.lower.ny;
         ++bottom) {
      const double plates = strip.upper.values[top] + strip.lower.values[bottom];
      const double beyond =
          greatest(strip.lower, top - discs_to, top - discs_from) + greatest(strip.upper, bottom + discs_from, bottom + discs_to);
      const double score = (plates + 0.6 * beyond) / scale - 0.5 * height_cost(strip.view, (bottom - top) * kStep_mm, width_mm);
      if (score > best.score) best = {top, bottom, score};
    }
  return best;
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
  for (double half = 0.8 * half_width_mm; half <= 1.2 * half_width_mm; half += kStep_mm)
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
/// transverse process, the column is smooth.
void set_course(ColumnStrip& strip) {
  const int rows = strip.contrast.ny, window = static_cast<int>(kWindow_mm / kStep_mm), step = static_cast<int>(kWindowStep_mm / kStep_mm);
  std::vector<float> sides, folds, halves;
  for (int row = 0; row < rows; row += step) {
    const int first = std::max(0, row - window), last = std::min(rows - 1, row + window);
    const Walls walls = find_walls(strip, first, last, strip.half_width_mm[row]);
    sides.push_back(static_cast<float>(0.5 * (walls.left_mm + walls.right_mm)));
    halves.push_back(static_cast<float>(0.5 * (walls.right_mm - walls.left_mm)));
    folds.push_back(strip.view == FilmView::ap ? static_cast<float>(find_fold(strip, first, last, strip.half_width_mm[row] + 3))
                                               : sides.back());
  }
  const int reach = static_cast<int>(kMedianReach_mm / kWindowStep_mm);
  for (int row = 0; row < rows; ++row) {
    const int at = row / step;
    strip.sides_mm.push_back(median_about(sides, at, reach));
    strip.fold_mm.push_back(median_about(folds, at, reach));
    strip.half_mm.push_back(median_about(halves, at, reach));
  }
}

}  // namespace

ColumnStrip make_strip(const Plane<float>& contrast, const Column& column) {
  ColumnStrip strip(column);
  strip.contrast = strip.course.resample(resampled(contrast, WorkingFilm::kStep_mm));
  for (const double half : column.half_width) strip.half_width_mm.push_back(half * kStep_mm);
  set_endplates(strip);
  set_course(strip);
  return strip;
}

BodyBox find_body(const ColumnStrip& strip, double first_row, double last_row) {
  const int row = std::clamp(static_cast<int>(0.5 * (first_row + last_row)), 0, strip.course.rows() - 1);
  const double half_width_mm = strip.half_width_mm[row];
  const Ends ends = find_ends(strip, first_row, last_row, 2 * half_width_mm);
  BodyBox box;
  box.top_row = ends.top, box.bottom_row = ends.bottom;
  box.top_tilt = strip.upper_tilt.values[ends.top], box.bottom_tilt = strip.lower_tilt.values[ends.bottom];
  box.evidence = ends.score;
  const double sides = strip.sides_mm[row], fold = strip.fold_mm[row];
  box.left_mm = sides - strip.half_mm[row], box.right_mm = sides + strip.half_mm[row];
  box.midline_mm = 0.5 * (sides + fold), box.midline_spread_mm = std::abs(sides - fold);
  return box;
}

}  // namespace cemscope::imaging::radiograph
