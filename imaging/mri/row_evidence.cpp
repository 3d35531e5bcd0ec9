#include "imaging/mri/row_evidence.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "imaging/mri/bodies.h"
#include "imaging/mri/row_weights.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kMiddle_mm = 5, kFirstBeside_mm = 8, kLastBeside_mm = 16;
constexpr int kUsualRows = 40, kUsualEdgeRows = 35, kTapStep = 2, kLineHalf = 3;
constexpr double kMostDeviation = 0.8, kMostLine = 0.5;  // of the logarithm

enum class Where { middle, beside };

/// Depths in front of the canal's centre whose mean signal makes one profile along the spine; negative: behind it.
struct Band {
  int first_mm, last_mm;
  Where where;
};
constexpr std::array<Band, kRowBands> kBands{{{10, 16, Where::middle},
                                              {16, 22, Where::middle},
                                              {22, 28, Where::middle},
                                              {28, 34, Where::middle},
                                              {34, 40, Where::middle},
                                              {40, 46, Where::middle},
                                              {-16, -10, Where::middle},
                                              {-24, -16, Where::middle},
                                              {-2, 4, Where::beside},
                                              {4, 10, Where::beside},
                                              {10, 16, Where::beside}}};

bool is_in(const Band& band, double beside_mm, double slice_mm) {
  if (band.where == Where::beside) return beside_mm >= kFirstBeside_mm && beside_mm <= kLastBeside_mm;
  return beside_mm <= std::max(kMiddle_mm, 0.51 * slice_mm);
}

// Mean signal of a band by row, less its running median.
std::vector<double> deviation_of(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const Band& band) {
  std::vector<double> profile(static_cast<std::size_t>(logs.ny), 0.0);
  for (int y = 0; y < logs.ny; ++y) {
    double sum = 0;
    int n = 0;
    for (int z = 0; z < logs.nz; ++z) {
      if (!is_in(band, std::abs(z - canal.slice[static_cast<std::size_t>(y)]) * stack.slice_mm, stack.slice_mm)) continue;
      for (int front = band.first_mm; front < band.last_mm; front += 2) {
        const auto point = body_point(canal, y, front + 1, 0);
        sum += sample(logs, point.x, point.row, z), ++n;
      }
    }
    if (n > 0) profile[static_cast<std::size_t>(y)] = sum / n;
  }
  const auto usual = spine::running_median(profile, kUsualRows);
  for (std::size_t y = 0; y < profile.size(); ++y) profile[y] = std::clamp(profile[y] - usual[y], -kMostDeviation, kMostDeviation);
  return profile;
}

// From 0 to 1 and half at the usual strength near by.
std::vector<double> edges_of(const std::vector<double>& deviation) {
  constexpr double kLeastUsual = 0.02;
  std::vector<double> edge(deviation.size(), 0.0);
  for (std::size_t y = 2; y + 2 < edge.size(); ++y) edge[y] = std::abs(deviation[y + 1] - deviation[y - 1]);
  edge = spine::gaussian_smooth(edge, 1.0);
  const auto usual = spine::gaussian_smooth(edge, kUsualEdgeRows);
  for (std::size_t y = 0; y < edge.size(); ++y) edge[y] /= edge[y] + usual[y] + kLeastUsual;
  return edge;
}

std::vector<double> dark_lines_of(const std::vector<double>& deviation) {
  std::vector<double> line(deviation.size(), 0.0);
  for (std::size_t y = kLineHalf; y + kLineHalf < line.size(); ++y)
    line[y] = std::clamp(std::min(deviation[y - kLineHalf], deviation[y + kLineHalf]) - deviation[y], 0.0, kMostLine);
  return line;
}

// What one channel adds to the log odds of every row.
void add_channel(std::vector<double>& odds, const std::vector<double>& channel, const std::array<float, kRowTaps>& weights) {
  const int last = static_cast<int>(channel.size()) - 2;
  for (int y = 0; y < static_cast<int>(odds.size()); ++y)
    for (int tap = 0; tap < kRowTaps; ++tap) {
      const auto at = static_cast<std::size_t>(std::clamp(y + (tap - kRowTaps / 2) * kTapStep, 0, last));
      odds[static_cast<std::size_t>(y)] += weights[static_cast<std::size_t>(tap)] * 0.5 * (channel[at] + channel[at + 1]);
    }
}

}  // namespace

RowEvidence row_evidence(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal) {
  const auto n_rows = static_cast<std::size_t>(logs.ny);
  RowEvidence evidence{std::vector<double>(n_rows, kDiscIntercept), std::vector<double>(n_rows, kUpperPlateIntercept),
                       std::vector<double>(n_rows, kLowerPlateIntercept)};
  for (std::size_t band = 0; band < kBands.size(); ++band) {
    const auto deviation = deviation_of(logs, stack, canal, kBands[band]);
    const std::array channels{deviation, edges_of(deviation), dark_lines_of(deviation)};
    for (std::size_t n = 0; n < channels.size(); ++n) {
      add_channel(evidence.disc, channels[n], kDiscWeights[channels.size() * band + n]);
      add_channel(evidence.upper_plate, channels[n], kUpperPlateWeights[channels.size() * band + n]);
      add_channel(evidence.lower_plate, channels[n], kLowerPlateWeights[channels.size() * band + n]);
    }
  }
  return evidence;
}

}  // namespace cemscope::imaging::mri
