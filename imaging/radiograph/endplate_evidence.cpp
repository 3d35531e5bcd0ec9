#include "imaging/radiograph/endplate_evidence.h"

#include <array>
#include <numeric>
#include <span>

#include "imaging/radiograph/endplate_weights.h"
#include "imaging/radiograph/filters.h"
#include "imaging/radiograph/straightened.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr int kRowsPerStep = EndplateLogOdds::kRowsPerStep, kReach = 20, kTap = 2;  // the window in steps of 1 mm
constexpr int kTaps = 2 * kReach / kTap + 1;
constexpr float kLeastBare = 0.35F, kLeastSd = 0.05F, kMostEdge = 1.5F, kBesideEdge = 0.7F;
constexpr double kClear = 0.95;

/// A band across the column, in half widths from the middle; on lateral films positive is behind.
struct Band {
  double from, to;
};
constexpr std::array<Band, 4> kApBands{{{0, 0.3}, {0.3, 0.6}, {0.6, 0.92}, {1.1, 1.7}}};
constexpr std::array<Band, 6> kLateralBands{{{-1.9, -1.15}, {-0.92, -0.3}, {-0.3, 0.3}, {0.3, 0.92}, {1.08, 1.5}, {1.5, 2.3}}};

std::span<const Band> bands_of(FilmView view) {
  return view == FilmView::ap ? std::span<const Band>(kApBands) : std::span<const Band>(kLateralBands);
}

/// By step (y) and channel (x).
using Signals = Plane<float>;

/// Mean contrast of a row in a band, as far as bone shows there.
float band_mean(const StripView& strip, const Band& band, int row) {
  float sum = 0;
  int n = 0, n_all = 0;
  for (int x = 0; x < strip.contrast.nx; ++x) {
    const double u_mm = (x - Straightened::middle()) * WorkingFilm::kStep_mm;
    double place = (u_mm - strip.middle_mm[row]) / strip.half_mm[row];
    place = strip.view == FilmView::ap ? std::abs(place) : strip.posterior_sign * place;
    if (place < band.from || place >= band.to) continue;
    ++n_all;
    if (strip.covered.at(x, row) <= 0) sum += strip.contrast.at(x, row), ++n;
  }
  return sum / std::max({1.F, static_cast<float>(n), kLeastBare * static_cast<float>(n_all)});
}

Signals band_signals(const StripView& strip) {
  const std::span<const Band> bands = bands_of(strip.view);
  Signals signals(static_cast<int>(bands.size()), strip.contrast.ny / kRowsPerStep);
  for (int y = 0; y < signals.ny; ++y)
    for (int n = 0; n < signals.nx; ++n)
      signals.at(n, y) = 0.5F * (band_mean(strip, bands[n], kRowsPerStep * y) + band_mean(strip, bands[n], kRowsPerStep * y + 1));
  Signals smooth = signals;
  for (int y = 0; y < signals.ny; ++y)
    for (int n = 0; n < signals.nx; ++n)
      smooth.at(n, y) = 0.25F * (signals.clamped(n, y - 1) + 2 * signals.at(n, y) + signals.clamped(n, y + 1));
  return smooth;
}

Signals edge_signals(const StripView& strip) {
  const auto scale = static_cast<float>(std::max(1e-6, 0.5 * (quantile(strip.upper_edge, kClear) + quantile(strip.lower_edge, kClear))));
  Signals edges(2, strip.contrast.ny / kRowsPerStep);
  for (int y = 0; y < edges.ny; ++y) {
    const int row = kRowsPerStep * y;
    edges.at(0, y) = std::min(kMostEdge, std::max(strip.upper_edge[row], strip.upper_edge[row + 1]) / scale);
    edges.at(1, y) = std::min(kMostEdge, std::max(strip.lower_edge[row], strip.lower_edge[row + 1]) / scale);
  }
  return edges;
}

/// What is seen about a step, in the order of the weights.
class Window {
 public:
  explicit Window(const StripView& strip) : bands_(band_signals(strip)), edges_(edge_signals(strip)), widened_(edges_) {
    for (int y = 0; y < edges_.ny; ++y)
      for (int n = 0; n < 2; ++n)
        widened_.at(n, y) = std::max(edges_.at(n, y), kBesideEdge * std::max(edges_.clamped(n, y - 1), edges_.clamped(n, y + 1)));
  }
  [[nodiscard]] int steps() const { return bands_.ny; }
  [[nodiscard]] std::vector<float> at(int step) const {
    std::vector<float> features = standardised_bands(step);
    for (int offset = -kReach; offset <= kReach; offset += kTap)
      for (int n = 0; n < 2; ++n) features.push_back(widened_.clamped(n, step + offset));
    features.push_back(edges_.at(0, step));
    features.push_back(edges_.at(1, step));
    return features;
  }

 private:
  [[nodiscard]] std::vector<float> standardised_bands(int step) const {
    std::vector<float> features;
    for (int offset = -kReach; offset <= kReach; offset += kTap)
      for (int n = 0; n < bands_.nx; ++n) features.push_back(bands_.clamped(n, step + offset));
    for (int n = 0; n < bands_.nx; ++n) {
      float mean = 0;
      for (int t = 0; t < kTaps; ++t) mean += features[t * bands_.nx + n] / kTaps;
      for (int t = 0; t < kTaps; ++t) features[t * bands_.nx + n] -= mean;
    }
    const float square = std::inner_product(features.begin(), features.end(), features.begin(), 0.F);
    const float sd = std::sqrt(square / static_cast<float>(features.size())) + kLeastSd;
    for (float& v : features) v /= sd;
    return features;
  }
  Signals bands_, edges_, widened_;
};

/// The last weight is the constant.
float log_odds(const std::vector<float>& features, std::span<const float> weights) {
  return std::inner_product(features.begin(), features.end(), weights.begin(), weights.back());
}

}  // namespace

EndplateLogOdds endplate_log_odds(const StripView& strip) {
  const bool is_ap = strip.view == FilmView::ap;
  const std::span<const float> upper = is_ap ? std::span<const float>(kApUpperEndplate) : std::span<const float>(kLateralUpperEndplate),
                               lower = is_ap ? std::span<const float>(kApLowerEndplate) : std::span<const float>(kLateralLowerEndplate);
  const Window window(strip);
  EndplateLogOdds odds;
  for (int step = 0; step < window.steps(); ++step) {
    const std::vector<float> features = window.at(step);
    odds.upper.push_back(log_odds(features, upper));
    odds.lower.push_back(log_odds(features, lower));
  }
  return odds;
}

}  // namespace cemscope::imaging::radiograph
