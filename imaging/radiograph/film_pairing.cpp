#include "imaging/radiograph/film_pairing.h"

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kMostOffset_mm = 120.0, kFreeOffset_mm = 25.0, kOffsetCost = 0.03, kMatch_mm = 12.0, kDistanceCost = 0.02;
// Bodies of two films are at one height when their middles are this near; what all of them together, and metal, say at most.
constexpr double kBodySd_mm = 4.0, kBodiesWeight = 1.0, kMetalWeight = 3.0;
// What a plain pair gains, and a plain level without its like costs where the other film shows its height.
constexpr double kPairGain = 3.0, kLoneCost = 2.0, kRim_mm = 8.0;
constexpr double kLeastScale = 0.9, kMostScale = 1.25;

/// Log odds by the film alone, how unusual it is, metal beside it, and the network's log odds.
struct LevelWeights {
  double log_odds, unusual, metal, shadow;
};
struct CandidateWeights {
  double constant;
  LevelWeights ap, lateral;
};
// Logistic regressions (L2 penalty 2) on the candidates of pairs 9700-9790 (plain), 20001-20046 (display), 10-45 and 30010-30045 (scanned),
// made by tests/tools/fit_candidates.py.
constexpr CandidateWeights kBothShow{1.33, {1.02, 0.28, 0.41, 0.44}, {0.01, -0.02, 0.08, 0.45}},
    kApAlone{-2.22, {0.53, 0.08, 0.23, 0.59}, {}}, kLateralAlone{-2.87, {}, {0.01, 0.11, 0.46, 0.71}},
    kOnlyAp{-0.54, {0.93, 0.17, 0.57, 0.69}, {}}, kOnlyLateral{0.23, {}, {0.26, 0.06, 1.19, 0.76}};
constexpr double kLeastOfOne = -6.0, kMostOfOne = 8.0;

double part_of(const FilmLevel* level, const LevelWeights& weights) {
  if (level == nullptr) return 0;
  return weights.log_odds * std::clamp(level->log_odds, kLeastOfOne, kMostOfOne) + weights.unusual * level->unusual +
         (level->has_hardware ? weights.metal : 0.0) + weights.shadow * level->shadow;
}

double row_height_mm(const FilmSight& sight, double row) { return row * kStep_mm + sight.working.origin_y_px * sight.working.pixel_mm; }

std::vector<double> body_heights_mm(const FilmSight& sight) {
  std::vector<double> heights;
  for (const BodyBox& box : sight.strip.bodies) heights.push_back(row_height_mm(sight, 0.5 * (box.top_row + box.bottom_row)));
  return heights;
}

double usual_pitch_mm(const std::vector<double>& heights_mm) {
  std::vector<float> pitches;
  for (std::size_t n = 1; n < heights_mm.size(); ++n) pitches.push_back(static_cast<float>(heights_mm[n] - heights_mm[n - 1]));
  return quantile(std::move(pitches), 0.5);
}

/// Share of each millimetre of height that metal covers, less its mean, as a unit vector; empty without metal.
std::vector<double> metal_profile(const FilmSight& sight) {
  if (!sight.has_hardware) return {};
  const double last_mm = row_height_mm(sight, sight.hardware.ny);
  std::vector<double> profile(static_cast<std::size_t>(last_mm) + 1, 0.0);
  for (int y = 0; y < sight.hardware.ny; ++y)
    for (int x = 0; x < sight.hardware.nx; ++x) profile[static_cast<std::size_t>(row_height_mm(sight, y))] += sight.hardware.at(x, y) != 0;
  return profile;
}

double correlation_at(const std::vector<double>& ap, const std::vector<double>& lateral, double scale, double offset_mm) {
  double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  int n = 0;
  for (std::size_t y = 0; y < ap.size(); ++y) {
    const auto at = static_cast<std::ptrdiff_t>(std::lround(scale * static_cast<double>(y) + offset_mm));
    if (at < 0 || at >= static_cast<std::ptrdiff_t>(lateral.size())) continue;
    const double a = ap[y], b = lateral[static_cast<std::size_t>(at)];
    sum_a += a, sum_b += b, aa += a * a, bb += b * b, ab += a * b, ++n;
  }
  if (n < 40) return 0;
  const double va = aa - sum_a * sum_a / n, vb = bb - sum_b * sum_b / n;
  return va > 0 && vb > 0 ? (ab - sum_a * sum_b / n) / std::sqrt(va * vb) : 0;
}

class Pairing {
 public:
  Pairing(const FilmSight& ap, const FilmSight& lateral)
      : ap_(ap),
        lateral_(lateral),
        ap_bodies_mm_(body_heights_mm(ap)),
        lateral_bodies_mm_(body_heights_mm(lateral)),
        ap_metal_(metal_profile(ap)),
        lateral_metal_(metal_profile(lateral)) {
    if (std::min(ap_bodies_mm_.size(), lateral_bodies_mm_.size()) >= 3)
      scale_ = std::clamp(usual_pitch_mm(lateral_bodies_mm_) / std::max(1.0, usual_pitch_mm(ap_bodies_mm_)), kLeastScale, kMostScale);
  }

  std::vector<int> best() const {
    double most = -1e9;
    std::vector<int> matches(ap_.levels.size(), -1);
    for (double offset = -kMostOffset_mm; offset <= kMostOffset_mm; offset += 1.0) {
      // Heights grow from the upper edge; enlargement keeps the middle of the film in place.
      const double shift = offset + (1 - scale_) * middle_mm();
      const std::vector<int> tried = matches_at(shift);
      const double gain = evidence_of(tried, shift) - kOffsetCost * std::max(0.0, std::abs(offset) - kFreeOffset_mm);
      if (gain > most) most = gain, matches = tried;
    }
    return matches;
  }

 private:
  [[nodiscard]] double middle_mm() const { return row_height_mm(ap_, 0.5 * ap_.working.value.ny); }
  [[nodiscard]] double distance_mm(std::size_t a, std::size_t b, double shift) const {
    return std::abs(scale_ * height_mm(ap_, ap_.levels[a]) + shift - height_mm(lateral_, lateral_.levels[b]));
  }

  /// Surest levels choose first.
  [[nodiscard]] std::vector<int> matches_at(double shift) const {
    std::vector<std::size_t> order(ap_.levels.size());
    for (std::size_t n = 0; n < order.size(); ++n) order[n] = n;
    const auto odds = [&](std::size_t a) { return cement_log_odds({&ap_.levels[a], nullptr}, FilmsRead::one); };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return odds(a) > odds(b); });
    std::vector<int> partner(ap_.levels.size(), -1);
    std::vector<std::uint8_t> is_taken(lateral_.levels.size(), 0);
    for (const std::size_t a : order) {
      double best = -1e9;
      for (std::size_t b = 0; b < lateral_.levels.size(); ++b) {
        const double off = distance_mm(a, b, shift),
                     worth = cement_log_odds({nullptr, &lateral_.levels[b]}, FilmsRead::one) - off / kBodySd_mm;
        if (!is_taken[b] && off < kMatch_mm && worth > best) best = worth, partner[a] = static_cast<int>(b);
      }
      if (partner[a] >= 0) is_taken[static_cast<std::size_t>(partner[a])] = 1;
    }
    return partner;
  }

  /// Cement that one film shows plainly the other one shows, too, where it looks.
  [[nodiscard]] double evidence_of(const std::vector<int>& matches, double shift) const {
    double evidence = 0;
    std::vector<std::uint8_t> is_used(lateral_.levels.size(), 0);
    for (std::size_t a = 0; a < matches.size(); ++a) {
      const double own = probability_of({&ap_.levels[a], nullptr});
      if (matches[a] < 0) {
        if (is_on(lateral_, scale_ * height_mm(ap_, ap_.levels[a]) + shift)) evidence -= kLoneCost * own;
        continue;
      }
      const auto b = static_cast<std::size_t>(matches[a]);
      const double theirs = probability_of({nullptr, &lateral_.levels[b]});
      is_used[b] = 1;
      evidence += kPairGain * own * theirs - kLoneCost * std::abs(own - theirs) - kDistanceCost * distance_mm(a, b, shift);
    }
    for (std::size_t b = 0; b < is_used.size(); ++b)
      if (!is_used[b] && is_on(ap_, (height_mm(lateral_, lateral_.levels[b]) - shift) / scale_))
        evidence -= kLoneCost * probability_of({nullptr, &lateral_.levels[b]});
    return evidence + kBodiesWeight * agreement_of_bodies(shift) + kMetalWeight * correlation_at(ap_metal_, lateral_metal_, scale_, shift);
  }

  static double probability_of(const LevelOnFilms& level) { return probability(cement_log_odds(level, FilmsRead::one)); }

  static bool is_on(const FilmSight& sight, double height_mm) {
    return height_mm > row_height_mm(sight, 0) + kRim_mm && height_mm < row_height_mm(sight, sight.working.value.ny) - kRim_mm;
  }

  /// 0-1, how well the bodies in common lie at one height.
  [[nodiscard]] double agreement_of_bodies(double shift) const {
    double sum = 0;
    int n = 0;
    for (const double own : ap_bodies_mm_) {
      const double at = scale_ * own + shift;
      if (lateral_bodies_mm_.empty() || at < lateral_bodies_mm_.front() - 10 || at > lateral_bodies_mm_.back() + 10) continue;
      double nearest = 1e9;
      for (const double theirs : lateral_bodies_mm_) nearest = std::min(nearest, std::abs(theirs - at));
      sum += std::exp(-0.5 * nearest * nearest / (kBodySd_mm * kBodySd_mm)), ++n;
    }
    return n > 0 ? sum / n : 0;
  }

  const FilmSight &ap_, &lateral_;
  std::vector<double> ap_bodies_mm_, lateral_bodies_mm_, ap_metal_, lateral_metal_;
  double scale_ = 1;
};

}  // namespace

double cement_log_odds(const LevelOnFilms& level, FilmsRead films) {
  const bool is_only = films == FilmsRead::one;
  const CandidateWeights& weights = level.ap != nullptr && level.lateral != nullptr ? kBothShow
                                    : level.ap != nullptr                           ? (is_only ? kOnlyAp : kApAlone)
                                                                                    : (is_only ? kOnlyLateral : kLateralAlone);
  return weights.constant + part_of(level.ap, weights.ap) + part_of(level.lateral, weights.lateral);
}

double height_mm(const FilmSight& sight, const FilmLevel& level) { return row_height_mm(sight, 0.5 * (level.first_row + level.last_row)); }

std::vector<int> match_levels(const FilmSight& ap, const FilmSight& lateral) { return Pairing(ap, lateral).best(); }

}  // namespace cemscope::imaging::radiograph
