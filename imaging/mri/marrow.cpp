#include "imaging/mri/marrow.h"

#include <algorithm>
#include <cmath>

#include "imaging/mri/order_statistics.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kFirst_mm = 15, kLast_mm = 31;  // in front of the canal's centre
constexpr double kEdge_mm = 2.5;                 // off the endplates
constexpr double kLayer_mm = 3;
constexpr double kBeside_mm = 10;
constexpr double kMinMiddleRatio = 1.2;  // oedema fills a good part of the body
constexpr double kClearRatio = 2.5, kMinOfClear = 1.1;

/// Part of a body between two rows.
struct Layer {
  double first_row, last_row;
};

Layer inner_of(const MrBody& body) {
  const double middle = 0.5 * (body.top_row + body.bottom_row), half = std::max(2.0, 0.5 * (body.bottom_row - body.top_row) - kEdge_mm);
  return {middle - half, middle + half};
}

std::vector<float> marrow_of(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const MuscleField& field,
                             const MrBody& body, const Layer& layer) {
  std::vector<float> sample;
  for (double row = layer.first_row; row <= layer.last_row; row += 1) {
    const double share = (row - body.top_row) / std::max(1.0, body.bottom_row - body.top_row);
    const double tilt = body.top_tilt + share * (body.bottom_tilt - body.top_tilt);
    for (double front = kFirst_mm; front <= kLast_mm; front += 1) {
      const auto point = body_point(canal, row, front, tilt);
      const int x = static_cast<int>(std::lround(point.x)), y = static_cast<int>(std::lround(point.row));
      if (x < 0 || y < 0 || x >= logs.nx || y >= logs.ny) continue;
      for (int z = 0; z < logs.nz; ++z) {
        if (std::abs(z - body.centre_slice) * stack.slice_mm > kBeside_mm) continue;
        sample.push_back(logs.at(x, y, z) - static_cast<float>(field.row[static_cast<std::size_t>(y)]));
      }
    }
  }
  return sample;
}

// Mean of the darker half: fresh fractures among the neighbours do not raise it.
double darker_half(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = (values.size() + 1) / 2;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += values[i];
  return sum / static_cast<double>(n);
}

bool is_as_high(const std::vector<MrBody>& bodies, std::size_t n) {
  constexpr double kAsHigh = 0.85;
  double highest = 0;
  for (std::size_t m = n > 0 ? n - 1 : 0; m < std::min(bodies.size(), n + 2); ++m)
    if (m != n && !bodies[m].is_cut) highest = std::max(highest, bodies[m].height_mm);
  return highest > 0 && bodies[n].height_mm >= kAsHigh * highest;
}

void compare(std::vector<MarrowSignal>& signals, std::size_t n, const std::vector<MrBody>& bodies, const MrParameters& parameters) {
  constexpr double kSpotEdge = 1.25;
  const auto& body = bodies[n];
  std::vector<double> upper, middle;
  for (std::size_t m = n >= 3 ? n - 3 : 0; m < std::min(signals.size(), n + 4); ++m)
    if (m != n) upper.push_back(signals[m].upper), middle.push_back(signals[m].middle);
  if (upper.size() < 2) return;
  auto& signal = signals[n];
  const double usual = darker_half(std::move(middle));
  signal.ratio = std::exp(signal.upper - darker_half(std::move(upper)));
  signal.middle_ratio = std::exp(signal.middle - usual), signal.edge_ratio = std::exp(signal.edge - usual);
  const double wanted = body.is_cut ? parameters.oedema_ratio_cut : parameters.oedema_ratio;
  const bool is_filled = signal.middle_ratio >= kMinMiddleRatio || (signal.ratio >= kClearRatio && signal.middle_ratio >= kMinOfClear);
  const bool is_bright = signal.ratio >= wanted && is_filled && !body.may_be_disc;
  signal.is_spot = is_bright && !body.is_cut && signal.edge_ratio < kSpotEdge && is_as_high(bodies, n);
  signal.is_oedema = is_bright && !signal.is_spot;
}

}  // namespace

std::vector<MarrowSignal> read_marrow(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal,
                                      const MuscleField& field, const std::vector<MrBody>& bodies, const MrParameters& parameters) {
  std::vector<MarrowSignal> signals;
  for (const auto& body : bodies) {
    const auto median_of = [&](const Layer& layer) { return percentile(marrow_of(logs, stack, canal, field, body, layer), 0.5); };
    const auto sample = marrow_of(logs, stack, canal, field, body, inner_of(body));
    const double low = percentile(sample, 0.25), high = percentile(sample, 0.75);
    MarrowSignal signal;
    signal.upper = high, signal.middle = percentile(sample, 0.5), signal.spread = high - low;
    signal.edge = std::max(median_of({body.top_row + kEdge_mm, body.top_row + kEdge_mm + kLayer_mm}),
                           median_of({body.bottom_row - kEdge_mm - kLayer_mm, body.bottom_row - kEdge_mm}));
    signals.push_back(signal);
  }
  for (std::size_t n = 0; n < signals.size(); ++n) compare(signals, n, bodies, parameters);
  return signals;
}

}  // namespace cemscope::imaging::mri
