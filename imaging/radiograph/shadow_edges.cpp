#include "imaging/radiograph/shadow_edges.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr float kMostOdds = 4.F;
constexpr double kMostTilt = 0.5, kTiltStep = 0.1, kTiltCost = 0.1, kAcross = 0.7;  // mm per mm; of the half width
constexpr int kRowsPerStep = EndplateLogOdds::kRowsPerStep;

/// Mean change of the limited log odds across a place, downwards, -1 to 1.
float change_at(const Plane<float>& limited, int x, int y) {
  const auto at = [&](int off) { return limited.clamped(x, y + off); };
  return (at(1) + at(2) - at(-1) - at(-2)) / (4 * kMostOdds);
}

/// Constant, of the contrast's log odds, of the shadow's edge.
struct EdgeWeights {
  double constant, contrast, shadow;
};
struct ViewWeights {
  EdgeWeights upper, lower;
};
// On pairs 9700-9790 (plain) and 10-45 and 30010-30045 (scanned).
constexpr ViewWeights kAp{{-1.52, 0.58, 4.38}, {-1.69, 0.58, 5.08}}, kLateral{{-2.81, 0.38, 6.31}, {-3.19, 0.31, 6.96}};

std::vector<float> combined(const std::vector<float>& contrast, const std::vector<float>& edges, const EdgeWeights& weights) {
  std::vector<float> odds(contrast.size());
  for (std::size_t n = 0; n < odds.size(); ++n)
    odds[n] = static_cast<float>(weights.constant + weights.contrast * contrast[n] + weights.shadow * edges[n]);
  return odds;
}

}  // namespace

ShadowEdges shadow_edges(const ColumnStrip& strip, const FilmShadows& shadows) {
  Plane<float> limited = shadows.body;
  for (float& v : limited.values) v = std::clamp(v, -kMostOdds, kMostOdds);
  const int steps = strip.contrast.ny / kRowsPerStep;
  ShadowEdges edges{std::vector<float>(static_cast<std::size_t>(steps), -1.F), std::vector<float>(static_cast<std::size_t>(steps), -1.F)};
  for (int step = 0; step < steps; ++step) {
    const double middle_mm = strip.sides_mm[kRowsPerStep * step], reach_mm = kAcross * strip.half_width_mm[kRowsPerStep * step];
    for (double tilt = -kMostTilt; tilt <= kMostTilt + 1e-9; tilt += kTiltStep) {
      float sum = 0;
      int n = 0;
      for (double off = -reach_mm; off <= reach_mm; off += 1.0, ++n) {
        const Eigen::Vector2i px = shadows.grid.pixel({middle_mm + off, kRowsPerStep * step + 0.5});
        sum += change_at(limited, std::clamp(px.x(), 0, StripGrid::kWidth - 1), step + static_cast<int>(std::lround(tilt * off)));
      }
      const float mean = sum / static_cast<float>(n), cost = static_cast<float>(kTiltCost * std::abs(tilt));
      float &upper = edges.upper[static_cast<std::size_t>(step)], &lower = edges.lower[static_cast<std::size_t>(step)];
      upper = std::max(upper, mean - cost), lower = std::max(lower, -mean - cost);
    }
  }
  return edges;
}

EndplateLogOdds combined_log_odds(const EndplateLogOdds& contrast, const ShadowEdges& edges, FilmView view) {
  const ViewWeights& weights = view == FilmView::ap ? kAp : kLateral;
  return {combined(contrast.upper, edges.upper, weights.upper), combined(contrast.lower, edges.lower, weights.lower)};
}

}  // namespace cemscope::imaging::radiograph
