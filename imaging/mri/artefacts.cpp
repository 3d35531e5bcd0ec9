#include "imaging/mri/artefacts.h"

#include <algorithm>
#include <cmath>

#include "imaging/mri/canal_course.h"
#include "imaging/mri/order_statistics.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kGhostLimit = 0.08;
constexpr int kFirstDepth_mm = 20;  // behind the canal's centre: no skin lies nearer
constexpr int kLeastAir_mm = 6, kOffSkin_mm = 6;
constexpr double kSkinOff_mm = 3;         // from the median of 21 rows
constexpr int kNearRow = 2, kFarRow = 4;  // of a step between rows
constexpr double kAirFall = 0.7;          // log: air is darker than tissue by more than this
constexpr double kAirLevel = -1.6;        // and than muscle by more than this; suppressed fat is not

/// Column of the last tissue in every row of a slice; kNoVote where none is seen.
std::vector<double> skin_of(const Grid<float>& logs, const CanalCourse& canal, const MuscleField& field, int z) {
  std::vector<double> skin(static_cast<std::size_t>(logs.ny), spine::kNoVote);
  for (int y = canal.first_row; y <= canal.last_row; ++y) {
    const int first = static_cast<int>(canal.x_mm[static_cast<std::size_t>(y)]) + kFirstDepth_mm, n = logs.nx - first;
    double total = 0, sum = 0, best = 0;
    for (int x = first; x < logs.nx; ++x) total += logs.at(x, y, z);
    for (int x = first; x + kLeastAir_mm < logs.nx; ++x) {
      sum += logs.at(x, y, z);
      const int k = x - first + 1;
      const double fall = sum / k - (total - sum) / (n - k);
      const double muscle = field.log_at(y, z, x - canal.x_mm[static_cast<std::size_t>(y)]);
      const double between = fall * fall * k * (n - k);  // the split that explains most of the variance
      if (fall > kAirFall && (total - sum) / (n - k) - muscle < kAirLevel && between > best)
        best = between, skin[static_cast<std::size_t>(y)] = x;
    }
  }
  const auto smooth = spine::running_median(skin, 10);
  for (std::size_t y = 0; y < skin.size(); ++y)
    if (std::abs(skin[y] - smooth[y]) > kSkinOff_mm) skin[y] = spine::kNoVote;
  return skin;
}

struct AirSample {
  std::vector<float> level, step;  // of boxes of 3 x 3, over muscle
};

// The farthest skin of the rows near by, so that a step of the back leaves no tissue among the air; kNoVote where one of them has none.
double farthest_near(const std::vector<double>& skin, int y) {
  constexpr int kNear = 5;
  double farthest = spine::kNoVote;
  for (int v = std::max(0, y - kNear); v <= std::min(static_cast<int>(skin.size()) - 1, y + kNear); ++v) {
    if (skin[static_cast<std::size_t>(v)] <= spine::kNoVote) return spine::kNoVote;
    farthest = std::max(farthest, skin[static_cast<std::size_t>(v)]);
  }
  return farthest;
}

AirSample air_of(const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field, int z, const std::vector<double>& skin) {
  constexpr int kApart = 4, kLeastWidth_mm = 7;
  const auto& signal = stack.signal;
  const auto box = [&](int x, int y) {
    float sum = 0;
    for (int v = -1; v <= 1; ++v)
      for (int u = -1; u <= 1; ++u) sum += signal.at(x + u, y + v, z);
    return sum / 9;
  };
  AirSample air;
  for (int y = std::max(1, canal.first_row); y + kApart + 1 < std::min(signal.ny, canal.last_row); y += 2) {
    const double edge = farthest_near(skin, y);
    if (edge <= spine::kNoVote || edge + kOffSkin_mm + kLeastWidth_mm > signal.nx) continue;
    const auto muscle = static_cast<float>(std::exp(field.log_at(y, z, edge - canal.x_mm[static_cast<std::size_t>(y)])));
    for (int x = static_cast<int>(edge) + kOffSkin_mm; x + 1 < signal.nx; x += 2) {
      air.level.push_back(box(x, y) / muscle);
      air.step.push_back(std::abs(box(x, y) - box(x, y + kApart)) / muscle);
    }
  }
  return air;
}

std::optional<double> ghosts_of(const AirSample& air) {
  constexpr std::size_t kLeast = 150;
  if (air.level.size() < kLeast) return std::nullopt;
  constexpr double kOfNoise = 9.0;                        // the range of noise alone is 2.4 SD; half as much again for its scatter
  const double noise = 1.05 * percentile(air.step, 0.5);  // SD of a box from the median difference of two
  const double range = percentile(air.level, 0.92) - percentile(air.level, 0.3);
  return std::sqrt(std::max(0.0, range * range - kOfNoise * noise * noise));
}

// Log brightness of the rows below a row over that of the rows above: what most of the body's width has in common.
double common_step(const Grid<float>& logs, const CanalCourse& canal, int y) {
  constexpr int kInFront_mm = 60, kBehind_mm = 40;
  constexpr double kMostOfWidth = 0.7;
  std::vector<float> steps;
  const int centre = static_cast<int>(canal.x_mm[static_cast<std::size_t>(y)]);
  for (int z = 0; z < logs.nz; ++z)
    for (int x = std::max(0, centre - kInFront_mm); x <= std::min(logs.nx - 1, centre + kBehind_mm); x += 2) {
      float step = 0;
      for (int d = kNearRow; d <= kFarRow; ++d) step += logs.at(x, y + d, z) - logs.at(x, y - d, z);
      steps.push_back(step / (kFarRow - kNearRow + 1));
    }
  const double low = percentile(steps, 1 - kMostOfWidth), high = percentile(steps, kMostOfWidth);
  return low > 0 ? low : high < 0 ? high : 0;
}

// What folds in lies over an end of the field, which is brighter by it from one row on.
std::vector<bool> wrapped_rows(const Grid<float>& logs, const CanalCourse& canal) {
  constexpr double kEndShare = 0.35, kStep = 0.08;
  std::vector<double> steps(static_cast<std::size_t>(logs.ny), 0.0);
  for (int y = kFarRow; y + kFarRow < logs.ny; ++y) steps[static_cast<std::size_t>(y)] = common_step(logs, canal, y);
  const auto usual = spine::running_median(steps, 15);
  std::vector<bool> is_wrapped(steps.size(), false);
  const int end = static_cast<int>(kEndShare * logs.ny);
  for (int y = 0; y < end; ++y)
    if (usual[static_cast<std::size_t>(y)] - steps[static_cast<std::size_t>(y)] > kStep) std::fill_n(is_wrapped.begin(), y + 1, true);
  for (int y = logs.ny - end; y < logs.ny; ++y)
    if (steps[static_cast<std::size_t>(y)] - usual[static_cast<std::size_t>(y)] > kStep) {
      std::fill(is_wrapped.begin() + y, is_wrapped.end(), true);
      break;
    }
  return is_wrapped;
}

}  // namespace

bool Artefacts::has_ghosts() const { return ghost_ratio && *ghost_ratio > kGhostLimit; }
bool Artefacts::has_wrap(int first_row, int last_row) const {
  return std::find(is_wrapped_row.begin() + first_row, is_wrapped_row.begin() + last_row + 1, true) !=
         is_wrapped_row.begin() + last_row + 1;
}

Artefacts find_artefacts(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field) {
  Artefacts found;
  std::vector<float> ratios;
  for (int z = 0; z < logs.nz; ++z) {
    const auto skin = skin_of(logs, canal, field, z);
    if (const auto ratio = ghosts_of(air_of(stack, canal, field, z, skin))) ratios.push_back(static_cast<float>(*ratio));
  }
  if (!ratios.empty()) found.ghost_ratio = percentile(ratios, 0.85);
  found.is_wrapped_row = wrapped_rows(logs, canal);
  return found;
}

}  // namespace cemscope::imaging::mri
