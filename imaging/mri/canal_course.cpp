#include "imaging/mri/canal_course.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "imaging/mri/muscle_field.h"
#include "imaging/mri/order_statistics.h"
#include "imaging/mri/row_evidence.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {
namespace {

constexpr int kStep_mm = 2;          // of the search grid
constexpr int kFlank_mm = 13;        // from the ridge's centre to the middle of its flanks
constexpr double kMaxRidge = 1.2;    // log of signal; a higher ridge is no more a canal
constexpr double kMinDepth_mm = 26;  // of the canal's centre under the skin
constexpr int kCandidates = 3;
constexpr double kDiscs = 0.8;  // what all discs in front add to a score of about 1; vessels and strips of fluid have none
constexpr int kBan_mm = 12;                            // round an earlier candidate
constexpr double kLeanWidth_mm = 25;                   // nearly a vertebra: where one has slipped on another the canal leans, they do not
constexpr double kFirstLag_mm = 22, kLastLag_mm = 42;  // rhythm of vertebrae, T9 to L5 of adults

using spine::gaussian_smooth;

/// Logarithms on a grid of 2 mm, averaged over cells.
Grid<float> log_cells(const SagittalStack& stack) {
  const auto& signal = stack.signal;
  std::vector<float> sample;
  for (std::size_t i = 0; i < signal.values.size(); i += 37) sample.push_back(signal.values[i]);
  const float floor = std::max(1e-3F, 0.08F * percentile(sample, 0.7));
  Grid<float> cells(signal.nx / kStep_mm, signal.ny / kStep_mm, signal.nz);
  for (int z = 0; z < cells.nz; ++z)
    for (int y = 0; y < cells.ny; ++y)
      for (int x = 0; x < cells.nx; ++x) {
        float sum = 0;
        for (int v = 0; v < kStep_mm; ++v)
          for (int u = 0; u < kStep_mm; ++u) sum += signal.at(x * kStep_mm + u, y * kStep_mm + v, z);
        cells.at(x, y, z) = std::log(sum / (kStep_mm * kStep_mm) + floor);
      }
  return cells;
}

// Box means over x in [low, high] cells round each cell, by running sums; rows averaged over +-2.
Grid<float> ridge_of(const Grid<float>& cells) {
  Grid<float> ridge(cells.nx, cells.ny, cells.nz, -1.0F);
  const int flank = kFlank_mm / kStep_mm;
  std::vector<float> sum(static_cast<std::size_t>(cells.nx) + 1);
  for (int z = 0; z < cells.nz; ++z)
    for (int y = 0; y < cells.ny; ++y) {
      sum[0] = 0;
      for (int x = 0; x < cells.nx; ++x) {
        float mean = 0;
        int n = 0;
        for (int v = std::max(0, y - 2); v <= std::min(cells.ny - 1, y + 2); ++v) mean += cells.at(x, v, z), ++n;
        sum[static_cast<std::size_t>(x) + 1] = sum[static_cast<std::size_t>(x)] + mean / static_cast<float>(n);
      }
      const auto mean = [&](int low, int high) {
        return (sum[static_cast<std::size_t>(high) + 1] - sum[static_cast<std::size_t>(low)]) / static_cast<float>(high - low + 1);
      };
      for (int x = flank + 2; x + flank + 2 < cells.nx; ++x) {
        const float centre = mean(x - 2, x + 2), front = mean(x - flank - 1, x - flank + 1), back = mean(x + flank - 1, x + flank + 1);
        ridge.at(x, y, z) = std::clamp(std::min(centre - front, centre - back), -0.6F, static_cast<float>(kMaxRidge));
      }
    }
  return ridge;
}

// Sagittal stacks are laid round the canal: the outermost slices cost this much of the ridge.
constexpr float kOffCentre = 0.4F;

float off_centre_cost(int z, int nz) {
  const float off = (static_cast<float>(z) - 0.5F * static_cast<float>(nz - 1)) / (0.5F * static_cast<float>(nz));
  return kOffCentre * off * off;
}

void keep_off_the_skin(Grid<float>& ridge, const std::vector<std::vector<int>>& back) {
  for (int z = 0; z < ridge.nz; ++z)
    for (int y = 0; y < ridge.ny; ++y)
      for (int x = 0; x < ridge.nx; ++x)
        if (x * kStep_mm > back[static_cast<std::size_t>(z)][static_cast<std::size_t>(y * kStep_mm)] - kMinDepth_mm)
          ridge.at(x, y, z) = -1.0F;
        else
          ridge.at(x, y, z) -= off_centre_cost(z, ridge.nz);
}

struct Cell {
  int x, z;
};
using Course = std::vector<Cell>;  // by row of the search grid

// Best course from the top row to the bottom row. Moves: up to 2 cells in x (45 degrees), one slice.
Course best_course(const Grid<float>& reward) {
  constexpr std::array<float, 3> kTurn{0.0F, 0.15F, 0.60F};  // of 0, 1, 2 cells
  constexpr float kSlice = 0.45F;
  const int nx = reward.nx, ny = reward.ny, nz = reward.nz;
  const auto at = [&](int x, int z) { return static_cast<std::size_t>(z) * nx + x; };
  std::vector<float> best(static_cast<std::size_t>(nx) * nz), next(best.size());
  std::vector<std::vector<std::int8_t>> came(static_cast<std::size_t>(ny), std::vector<std::int8_t>(best.size()));
  for (int z = 0; z < nz; ++z)
    for (int x = 0; x < nx; ++x) best[at(x, z)] = reward.at(x, 0, z);
  for (int y = 1; y < ny; ++y) {
    for (int z = 0; z < nz; ++z)
      for (int x = 0; x < nx; ++x) {
        float top = -1e9F;
        std::int8_t from = 0;
        for (int dz = -1; dz <= 1; ++dz) {
          if (z + dz < 0 || z + dz >= nz) continue;
          for (int dx = -2; dx <= 2; ++dx) {
            if (x + dx < 0 || x + dx >= nx) continue;
            const float value = best[at(x + dx, z + dz)] - kTurn[static_cast<std::size_t>(std::abs(dx))] - (dz != 0 ? kSlice : 0.0F);
            if (value > top) top = value, from = static_cast<std::int8_t>((dz + 1) * 5 + dx + 2);
          }
        }
        next[at(x, z)] = top + reward.at(x, y, z);
        came[static_cast<std::size_t>(y)][at(x, z)] = from;
      }
    std::swap(best, next);
  }
  const auto end = static_cast<int>(std::max_element(best.begin(), best.end()) - best.begin());
  Course course(static_cast<std::size_t>(ny));
  Cell cell{end % nx, end / nx};
  for (int y = ny - 1; y >= 0; --y) {
    course[static_cast<std::size_t>(y)] = cell;
    const int from = came[static_cast<std::size_t>(y)][at(cell.x, cell.z)];
    if (y > 0) cell = {cell.x + from % 5 - 2, cell.z + from / 5 - 1};
  }
  return course;
}

void ban(Grid<float>& reward, const Course& course) {
  for (int y = 0; y < reward.ny; ++y)
    for (int z = 0; z < reward.nz; ++z)
      for (int x = 0; x < reward.nx; ++x)
        if (std::abs(x - course[static_cast<std::size_t>(y)].x) * kStep_mm <= kBan_mm) reward.at(x, y, z) = -1.0F;
}

// Mean signal 18-32 mm in front of the course, row by row, less its own trend.
std::vector<double> body_profile(const Grid<float>& cells, const Course& course) {
  std::vector<double> profile(course.size(), 0.0);
  for (std::size_t y = 0; y < course.size(); ++y) {
    int n = 0;
    for (int z = std::max(0, course[y].z - 1); z <= std::min(cells.nz - 1, course[y].z + 1); ++z)
      for (int x = std::max(0, course[y].x - 16); x <= course[y].x - 9; ++x) profile[y] += cells.at(x, static_cast<int>(y), z), ++n;
    if (n > 0) profile[y] /= n;
  }
  const auto trend = gaussian_smooth(profile, 20.0 / kStep_mm);
  for (std::size_t y = 0; y < profile.size(); ++y) profile[y] -= trend[y];
  return profile;
}

// The highest autocorrelation at a lag of one vertebra.
double rhythm_of(const std::vector<double>& profile) {
  const double power = std::inner_product(profile.begin(), profile.end(), profile.begin(), 1e-9);
  double best = 0;
  for (int lag = static_cast<int>(kFirstLag_mm / kStep_mm); lag <= static_cast<int>(kLastLag_mm / kStep_mm); ++lag) {
    double sum = 0;
    for (std::size_t y = static_cast<std::size_t>(lag); y < profile.size(); ++y)
      sum += profile[y] * profile[y - static_cast<std::size_t>(lag)];
    best = std::max(
        best, sum / power * static_cast<double>(profile.size()) / static_cast<double>(profile.size() - static_cast<std::size_t>(lag)));
  }
  return best;
}

struct Candidate {
  Course course;
  std::vector<double> ridge;
  double score;
};

Candidate judged(const Grid<float>& cells, const Grid<float>& ridge, Course course) {
  Candidate candidate{std::move(course), {}, 0};
  for (std::size_t y = 0; y < candidate.course.size(); ++y)
    candidate.ridge.push_back(ridge.at(candidate.course[y].x, static_cast<int>(y), candidate.course[y].z) -
                              off_centre_cost(candidate.course[y].z, ridge.nz));
  auto sorted = candidate.ridge;
  std::sort(sorted.begin(), sorted.end());
  const auto begin = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 3 / 10);  // the ends may leave the sac
  const double height = std::accumulate(begin, sorted.end(), 0.0) / static_cast<double>(sorted.end() - begin);
  candidate.score = height + 0.5 * rhythm_of(body_profile(cells, candidate.course));
  return candidate;
}

// The stretch in which the ridge, smoothed over 15 mm, stays up.
std::pair<int, int> seen_rows(const std::vector<double>& ridge) {
  constexpr double kSeen = 0.25;
  const auto smooth = gaussian_smooth(ridge, 15.0 / kStep_mm);
  const auto peak = std::max_element(smooth.begin(), smooth.end()) - smooth.begin();
  auto first = peak, last = peak;
  while (first > 0 && smooth[static_cast<std::size_t>(first - 1)] > kSeen) --first;
  while (last + 1 < static_cast<std::ptrdiff_t>(smooth.size()) && smooth[static_cast<std::size_t>(last + 1)] > kSeen) ++last;
  return {static_cast<int>(first) * kStep_mm, static_cast<int>(last) * kStep_mm + kStep_mm - 1};
}

// Where the sac's middle lies against the course, row by row: the window of 14 mm that is brightest against what flanks it, within 10 mm.
std::vector<double> offsets_to_sac(const SagittalStack& stack, const CanalCourse& course) {
  constexpr int kReach_mm = 10, kHalf_mm = 7;
  constexpr double kPull = 0.004;  // per mm^2: nothing is gained by going far
  const auto& signal = stack.signal;
  std::vector<double> offsets(course.x_mm.size(), 0.0);
  for (std::size_t y = 0; y < offsets.size(); ++y) {
    const int z = std::clamp(static_cast<int>(std::lround(course.slice[y])), 0, signal.nz - 1),
              centre = static_cast<int>(std::lround(course.x_mm[y]));
    const auto mean = [&](int low, int high) {
      double sum = 0;
      for (int x = low; x <= high; ++x)
        sum += std::log(std::max(1e-3F, signal.at(std::clamp(x, 0, signal.nx - 1), static_cast<int>(y), z)));
      return sum / (high - low + 1);
    };
    double best = -1e9;
    for (int d = -kReach_mm; d <= kReach_mm; ++d) {
      const int x = centre + d;
      const double ridge =
          mean(x - kHalf_mm, x + kHalf_mm) - std::max(mean(x - kHalf_mm - 4, x - kHalf_mm - 1), mean(x + kHalf_mm + 1, x + kHalf_mm + 4));
      if (ridge - kPull * d * d > best) best = ridge - kPull * d * d, offsets[y] = d;
    }
  }
  return spine::gaussian_smooth(spine::running_median(offsets, 4), 3.0);
}

CanalCourse course_by_row(const Candidate& candidate, int n_rows) {
  std::vector<double> x, z;
  for (const Cell& cell : candidate.course) x.push_back(cell.x * kStep_mm + 0.5 * (kStep_mm - 1)), z.push_back(cell.z);
  x = gaussian_smooth(x, 5.0 / kStep_mm);
  z = gaussian_smooth(z, 14.0 / kStep_mm);
  const auto straight = gaussian_smooth(x, 12.0 / kStep_mm), trend = gaussian_smooth(x, kLeanWidth_mm / kStep_mm);
  CanalCourse course;
  course.score = candidate.score;
  for (int row = 0; row < n_rows; ++row) {
    const double position = std::clamp((row - 0.5) / kStep_mm, 0.0, static_cast<double>(x.size()) - 1.0);
    const auto n = std::min(static_cast<std::size_t>(position), x.size() - 2);
    const double share = position - static_cast<double>(n);
    course.x_mm.push_back(x[n] + share * (x[n + 1] - x[n]));
    course.slice.push_back(z[n] + share * (z[n + 1] - z[n]));
    course.slope.push_back((straight[n + 1] - straight[n]) / kStep_mm);
    course.lean.push_back((trend[n + 1] - trend[n]) / kStep_mm);
  }
  const auto [first, last] = seen_rows(candidate.ridge);
  course.first_row = first, course.last_row = std::min(last, n_rows - 1);
  return course;
}

// How many of the discs that should lie in front of a course are seen there, 0 to 1.
double share_of_discs(const RowEvidence& evidence, int n_rows) {
  constexpr double kRowsOfDisc = 5, kApart_mm = 33;  // rows that count as one disc's middle
  double rows = 0;
  for (const double odds : evidence.disc) rows += 1 / (1 + std::exp(-odds));
  return std::min(1.0, rows / kRowsOfDisc / std::max(1.0, n_rows / kApart_mm));
}

// Between air and tissue: air is the darker quarter of the rear border, where the skin may leave the field; tissue the rear of the picture,
// where the coil lies. 0 where no air is in view.
float air_threshold(const Grid<float>& signal) {
  constexpr double kRearShare = 0.45;
  std::vector<float> border, rear;
  for (int z = 0; z < signal.nz; ++z)
    for (int y = 0; y < signal.ny; y += 3) {
      float sum = 0;
      for (int x = std::max(0, signal.nx - 4); x < signal.nx; ++x) sum += signal.at(x, y, z);
      border.push_back(sum / 4);
      for (int x = static_cast<int>((1 - kRearShare) * signal.nx); x < signal.nx; x += 4) rear.push_back(signal.at(x, y, z));
    }
  const float typical = percentile(rear, 0.6), air = percentile(border, 0.25);
  return air < 0.25F * typical ? std::max(2.0F * air, 0.13F * typical) : 0;
}

}  // namespace

std::vector<std::vector<int>> back_contour(const SagittalStack& stack) {
  const auto& signal = stack.signal;
  const float threshold = air_threshold(signal);
  std::vector<std::vector<int>> contour(static_cast<std::size_t>(signal.nz),
                                        std::vector<int>(static_cast<std::size_t>(signal.ny), signal.nx - 1));
  for (int z = 0; z < signal.nz; ++z)
    for (int y = 0; y < signal.ny; ++y) {
      int x = signal.nx - 1;
      const auto mean = [&](int centre) {
        float sum = 0;
        for (int u = centre - 3; u <= centre; ++u) sum += signal.at(u, y, z);
        return sum / 4;
      };
      while (x > 20 && mean(x) <= threshold) --x;
      contour[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)] = x;
    }
  return contour;
}

std::optional<FoundCanal> find_canal(const SagittalStack& stack, const std::vector<std::vector<int>>& back) {
  const auto cells = log_cells(stack);
  if (cells.nx < 40 || cells.ny < 40) return std::nullopt;
  const auto ridge = ridge_of(cells);
  auto reward = ridge;
  keep_off_the_skin(reward, back);
  const auto logs = log_signal(stack);
  std::optional<FoundCanal> best;
  double highest = -1;
  for (int n = 0; n < kCandidates; ++n) {
    const auto candidate = judged(cells, ridge, best_course(reward));
    ban(reward, candidate.course);
    auto course = course_by_row(candidate, stack.signal.ny);
    const auto offsets = offsets_to_sac(stack, course);
    for (std::size_t y = 0; y < offsets.size(); ++y) course.x_mm[y] += offsets[y];
    auto evidence = row_evidence(logs, stack, course);
    const double score = course.score + kDiscs * share_of_discs(evidence, stack.signal.ny);
    if (score > highest) highest = score, best = FoundCanal{std::move(course), std::move(evidence)};
  }
  if (best->course.score < kMinCanalScore) return std::nullopt;
  return best;
}

}  // namespace cemscope::imaging::mri
