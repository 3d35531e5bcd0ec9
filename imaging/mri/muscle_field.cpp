#include "imaging/mri/muscle_field.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "imaging/mri/order_statistics.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kNearest_mm = 6, kFarthest_mm = 32;  // beside the midline: beyond the spinous processes, within the erector spinae
constexpr double kShallow_mm = 18, kDeep_mm = 32;     // behind the canal's centre: behind laminae and facets, before any fascia
constexpr int kWindow = 24, kWindowStep = 8;          // rows
constexpr double kInlier = 0.18;                      // of the logarithm: muscle's spread with fat streaks

struct Sample {
  int y, z;
  double depth;  // from the reference
  float value;
};

bool is_beside_midline(double distance_mm) { return distance_mm >= kNearest_mm && distance_mm <= kFarthest_mm; }

template <typename Last>
std::vector<Sample> samples_between(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, double first_mm,
                                    double reference_mm, const Last& last_x) {
  std::vector<Sample> samples;
  for (int z = 0; z < logs.nz; ++z)
    for (int y = canal.first_row; y <= canal.last_row; y += 2) {
      const auto row = static_cast<std::size_t>(y);
      if (!is_beside_midline(std::abs(z - canal.slice[row]) * stack.slice_mm)) continue;
      const int low = static_cast<int>(canal.x_mm[row] + first_mm), high = std::min(logs.nx - 1, static_cast<int>(last_x(z, y)));
      for (int x = low; x <= high; x += 2) samples.push_back({y, z, x - canal.x_mm[row] - reference_mm, logs.at(x, y, z)});
    }
  return samples;
}

// Modes in overlapping windows of rows, then smooth between them.
std::vector<double> row_modes(const std::vector<Sample>& samples, double slope, int n_rows) {
  std::vector<std::vector<float>> windows(static_cast<std::size_t>(n_rows / kWindowStep + 1));
  for (const Sample& sample : samples) {
    if (std::abs(sample.depth) > 0.5 * (kDeep_mm - kShallow_mm) + 6) continue;
    const int first = std::max(0, (sample.y - kWindow) / kWindowStep),
              last = std::min(static_cast<int>(windows.size()) - 1, (sample.y + kWindow) / kWindowStep);
    for (int w = first; w <= last; ++w)
      windows[static_cast<std::size_t>(w)].push_back(static_cast<float>(sample.value - slope * sample.depth));
  }
  std::vector<double> knots(windows.size(), spine::kNoVote);
  for (std::size_t w = 0; w < windows.size(); ++w)
    if (windows[w].size() > 60) knots[w] = mode_of_logs(windows[w]);
  knots = spine::gaussian_smooth(spine::interpolate_gaps(spine::running_median(knots, 2), 0), 1.2);
  std::vector<double> rows(static_cast<std::size_t>(n_rows));
  for (int y = 0; y < n_rows; ++y) {
    const double position = std::min(static_cast<double>(y) / kWindowStep, static_cast<double>(knots.size()) - 1.001);
    const auto n = static_cast<std::size_t>(position);
    rows[static_cast<std::size_t>(y)] = knots[n] + (position - static_cast<double>(n)) * (knots[n + 1] - knots[n]);
  }
  return rows;
}

double inlier_sum(const std::vector<Sample>& samples, const std::vector<double>& rows, double slope) {
  double sum = 0;
  for (const Sample& sample : samples) {
    const double r = (sample.value - rows[static_cast<std::size_t>(sample.y)] - slope * sample.depth) / kInlier;
    if (std::abs(r) < 3) sum += std::exp(-0.5 * r * r);
  }
  return sum;
}

// Surface coils gain up to a factor of 3 over the 60 mm from the bodies to the skin: 0.02 per mm.
double best_slope(const std::vector<Sample>& samples, const std::vector<double>& rows) {
  double best = 0, top = 0;
  for (double slope = -0.008; slope < 0.036; slope += 0.002) {
    const double sum = inlier_sum(samples, rows, slope);
    if (sum > top) top = sum, best = slope;
  }
  return best;
}

double weight_of(double residual) {
  const double width = residual > 0 ? 0.16 : 0.22;  // fluid counts less than fat streaks
  return std::exp(-0.5 * residual * residual / (width * width));
}

double residual_of(const MuscleField& field, const Sample& s) {
  return s.value - field.row[static_cast<std::size_t>(s.y)] - field.slope * s.depth - field.curvature * s.depth * s.depth -
         field.side[static_cast<std::size_t>(s.z)];
}

void fit_depth(MuscleField& field, const std::vector<Sample>& samples) {
  // The depth's line and parabola, held near a straight line: where muscle is thin there is little to fit a curve to.
  Eigen::Matrix2d normal = Eigen::Matrix2d::Zero();
  Eigen::Vector2d right = Eigen::Vector2d::Zero();
  double weights = 0;
  for (const Sample& s : samples) {
    const double r = residual_of(field, s), w = weight_of(r);
    const Eigen::Vector2d basis(s.depth, s.depth * s.depth - 120.0);
    normal += w * basis * basis.transpose(), right += w * r * basis, weights += w;
  }
  normal(0, 0) += weights * 4.0, normal(1, 1) += weights * 4000.0;
  const Eigen::Vector2d step = normal.ldlt().solve(right);
  field.slope = std::clamp(field.slope + step[0], -0.01, 0.04);
  field.curvature = std::clamp(field.curvature + step[1], 0.0, 6e-4) /* a coil's gain is convex */;
}

void fit_rows(MuscleField& field, const std::vector<Sample>& samples) {
  std::vector<double> sum(field.row.size(), 0.0), weights(field.row.size(), 1e-6);
  for (const Sample& s : samples) {
    const double r = residual_of(field, s), w = weight_of(r);
    sum[static_cast<std::size_t>(s.y)] += w * r, weights[static_cast<std::size_t>(s.y)] += w;
  }
  const auto top = spine::gaussian_smooth(sum, 14), bottom = spine::gaussian_smooth(weights, 14);
  for (std::size_t y = 0; y < sum.size(); ++y)
    if (bottom[y] > 1e-3) field.row[y] += top[y] / bottom[y];
}

void fit_sides(MuscleField& field, const std::vector<Sample>& samples) {
  std::vector<double> sum(field.side.size(), 0.0), weights(field.side.size(), 200.0);  // 200 samples hold a side at its neighbours' mean
  for (const Sample& s : samples) {
    const double r = residual_of(field, s), w = weight_of(r);
    sum[static_cast<std::size_t>(s.z)] += w * r, weights[static_cast<std::size_t>(s.z)] += w;
  }
  for (std::size_t z = 0; z < sum.size(); ++z) field.side[z] += sum[z] / weights[z];
  field.side = spine::gaussian_smooth(field.side, 1.0);
}

double spread_of(const MuscleField& field, const std::vector<Sample>& samples) {
  std::vector<float> deviations;
  for (const Sample& s : samples) {
    const double r = residual_of(field, s);
    if (r > -0.5) deviations.push_back(static_cast<float>(std::abs(r)));  // fat and bone are no muscle
  }
  return std::clamp(1.48 * percentile(std::move(deviations), 0.5), 0.04, 0.30);
}

}  // namespace

double MuscleField::log_at(int y, int z, double depth_mm) const {
  const double d = depth_mm - reference_mm, inside = std::clamp(depth_mm, deepest_mm, farthest_mm) - reference_mm;
  const double curve = curvature * (inside * inside + 2 * inside * (d - inside));
  return row[static_cast<std::size_t>(y)] + slope * d + curve + side[static_cast<std::size_t>(z)];
}

Grid<float> log_signal(const SagittalStack& stack) {
  const auto& signal = stack.signal;
  std::vector<float> sample;
  for (std::size_t i = 0; i < signal.values.size(); i += 37) sample.push_back(signal.values[i]);
  const float floor = std::max(1e-3F, 0.04F * percentile(std::move(sample), 0.7));
  Grid<float> logs(signal.nx, signal.ny, signal.nz);
  for (std::size_t i = 0; i < logs.values.size(); ++i) logs.values[i] = std::log(std::max(0.0F, signal.values[i]) + floor);
  return logs;
}

MuscleField first_muscle_field(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                               const std::vector<std::vector<int>>& back) {
  MuscleField field;
  field.reference_mm = 0.5 * (kShallow_mm + kDeep_mm);
  field.side.assign(static_cast<std::size_t>(logs.nz), 0.0);
  const auto samples = samples_between(logs, stack, canal, 14, field.reference_mm, [&](int z, int y) {
    const double skin = back[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] - 10.0;
    return std::min(canal.x_mm[static_cast<std::size_t>(y)] + 40.0, skin);
  });
  for (int round = 0; round < 3; ++round) {
    field.row = row_modes(samples, field.slope, logs.ny);
    field.slope = best_slope(samples, field.row);
  }
  field.spread = spread_of(field, samples);
  return field;
}

MuscleField refined_muscle_field(const MuscleField& first, const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                                 const std::vector<std::vector<double>>& fascia) {
  MuscleField field = first;
  const auto samples = samples_between(logs, stack, canal, 15, field.reference_mm, [&](int z, int y) {
    return fascia[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] - 4.0;
  });
  if (samples.size() < 500) return field;
  std::vector<float> depths;
  for (const Sample& s : samples) depths.push_back(static_cast<float>(s.depth + field.reference_mm));
  field.deepest_mm = 5, field.farthest_mm = percentile(std::move(depths), 0.95);
  for (int round = 0; round < 8; ++round) {
    fit_rows(field, samples);
    fit_sides(field, samples);
    fit_depth(field, samples);
  }
  field.spread = spread_of(field, samples);
  return field;
}

}  // namespace cemscope::imaging::mri
