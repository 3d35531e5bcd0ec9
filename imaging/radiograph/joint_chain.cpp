#include "imaging/radiograph/joint_chain.h"

#include <algorithm>
#include <cmath>

#include "imaging/radiograph/endplate_evidence.h"
#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
static_assert(FilmProfile::kRowsPerStep == EndplateLogOdds::kRowsPerStep);
constexpr int kStray = 14;  // steps
constexpr std::array<double, 9> kScales{0.80, 0.85, 0.90, 0.95, 1.0, 1.05, 1.11, 1.18, 1.25};
constexpr double kScaleSd = 0.12;
// As body_chain.cpp has them.
constexpr double kTallerSd = 0.13, kShorterSd = 0.26, kLeastHeight = 0.4, kMostHeight = 1.35, kMostCost = 8.0;
constexpr int kLeastDisc = 2, kMostDisc = 14;
constexpr double kUsualDisc_mm = 7.0, kDiscSd_mm = 3.0, kDiscWeight = 0.5, kPerEndplate = 4.0, kUsualOfWidth = 0.80;
// Chosen on simulated pairs of films of seeds 27001-27040 of draw_follow_up_pair.
constexpr double kGrownSd = 0.06, kMostOfGrown = 6.0, kLostSd = 0.08, kMostOfLost = 3.0, kLeastKept = 0.5, kMostGrowth = 1.3;
constexpr double kDiscChangeSd_mm = 2.0, kLikenessWeight = 4.0, kLeastSamples = 0.45;
constexpr int kMostDiscChange = 5;
constexpr float kLeastBare = 0.35F;
constexpr double kFirstOrLast = 1.3;  // of a body's height: a chain begins and ends this near to an end of a film

double square(double v) { return v * v; }

/// Mean contrast of a row in each band, and whether enough of it is bone.
void fill_row(const FilmSight& sight, const Plane<float>& smooth, int row, FilmProfile& profile) {
  const ColumnStrip& strip = sight.strip;
  std::array<float, kProfileBands> sum{}, n{}, n_all{};
  for (int x = 0; x < smooth.nx; ++x) {
    const double u_mm = (x - Straightened::middle()) * kStep_mm;
    const double place = sight.column.posterior_sign * (u_mm - strip.sides_mm[row]) / strip.half_width_mm[row];
    for (std::size_t b = 0; b < kProfileBand.size(); ++b) {
      if (place < kProfileBand[b].from || place >= kProfileBand[b].to) continue;
      n_all[b] += 1;
      if (strip.covered.at(x, row) <= 0) sum[b] += smooth.at(x, row), n[b] += 1;
    }
  }
  for (int b = 0; b < kProfileBands; ++b) {
    profile.band.at(b, row) = n[b] > 0 ? sum[b] / n[b] : 0.F;
    profile.bare.at(b, row) = n_all[b] > 0 && n[b] > kLeastBare * n_all[b] ? 1.F : 0.F;
  }
}

/// Bodies' heights over what their width lets expect, by the film's own reading.
double height_scale(const ColumnStrip& strip) {
  std::vector<float> ratios;
  for (const BodyBox& box : strip.bodies) {
    const int row = std::clamp(static_cast<int>(box.top_row), 0, strip.contrast.ny - 1);
    ratios.push_back(static_cast<float>(box.height_mm() / (kUsualOfWidth * 2 * strip.half_width_mm[row])));
  }
  return ratios.empty() ? 1.0 : std::clamp(quantile(ratios, 0.5), 0.8, 1.2);
}

double height_cost(double height_mm, double usual_mm) {
  const double off = (height_mm - usual_mm) / usual_mm;
  return std::min(kMostCost, square(off / (off > 0 ? kTallerSd : kShorterSd)));
}

double change_cost(double log_change) {
  return log_change > 0 ? std::min(kMostOfGrown, square(log_change / kGrownSd)) : std::min(kMostOfLost, square(log_change / kLostSd));
}

struct Best {
  double score = -1e9;
  int before = -1, stray = 0;  ///< where it comes from
};

/// Best chains by pairs of rows, for one scale. A pair is a step of the earlier film and how far the later film's strays from the mapping.
class Chains {
 public:
  Chains(const FilmProfile& a, const FilmProfile& b, const RowPair& anchor, double scale)
      : a_(a),
        b_(b),
        anchor_a_(anchor.before / FilmProfile::kRowsPerStep),
        anchor_b_(anchor.after / FilmProfile::kRowsPerStep),
        scale_(scale),
        starts_(index(a.steps, -kStray)),
        ends_(starts_.size()) {}

  JointChain best() {
    Best last;
    for (int a = 0; a < a_.steps; ++a)
      for (int stray = -kStray; stray <= kStray; ++stray) {
        const int b = at(a, stray);
        if (b < 0 || b >= b_.steps) continue;
        const double like =
            kLikenessWeight * likeness(a_, b_, {FilmProfile::kRowsPerStep * a + 0.5, FilmProfile::kRowsPerStep * b + 0.5}, scale_, {});
        start(a, stray, b, like);
        end(a, stray, b, like);
        const bool may_end = a_.steps - a < kFirstOrLast * a_.usual_mm[a] || b_.steps - b < kFirstOrLast * b_.usual_mm[b];
        if (const double score = ends_[index(a, stray)].score; may_end && score > last.score) last = {score, a, stray};
      }
    return traced(last);
  }

 private:
  [[nodiscard]] std::size_t index(int a, int stray) const { return static_cast<std::size_t>(a) * (2 * kStray + 1) + (stray + kStray); }
  [[nodiscard]] int at(int a, int stray) const { return static_cast<int>(std::lround(anchor_b_ + scale_ * (a - anchor_a_))) + stray; }
  [[nodiscard]] int stray_of(int a, int b) const { return b - at(a, 0); }

  /// An upper endplate, below a disc or first of all.
  void start(int a, int stray, int b, double like) {
    Best& best = starts_[index(a, stray)];
    if (a < kFirstOrLast * a_.usual_mm[a] || b < kFirstOrLast * b_.usual_mm[b]) best.score = 0;
    for (int disc_a = kLeastDisc; disc_a <= std::min(kMostDisc, a); ++disc_a) {
      const double expected = scale_ * disc_a, usual_cost = square((disc_a - kUsualDisc_mm) / kDiscSd_mm);
      for (int disc_b = std::max(kLeastDisc, static_cast<int>(expected) - kMostDiscChange);
           disc_b <= std::min<double>({kMostDisc, expected + kMostDiscChange, static_cast<double>(b)}); ++disc_b) {
        const int other = stray_of(a - disc_a, b - disc_b);
        if (std::abs(other) > kStray) continue;
        const double cost = kDiscWeight * (usual_cost + square((disc_b - expected) / kDiscChangeSd_mm));
        if (const double score = ends_[index(a - disc_a, other)].score - cost; score > best.score) best = {score, a - disc_a, other};
      }
    }
    best.score += a_.upper[a] + b_.upper[b] + kPerEndplate + like;
  }

  /// A lower endplate below an upper one.
  void end(int a, int stray, int b, double like) {
    Best& best = ends_[index(a, stray)];
    const double usual_a = a_.usual_mm[a], usual_b = b_.usual_mm[b];
    for (int h_a = static_cast<int>(kLeastHeight * usual_a); h_a <= std::min<double>(kMostHeight * usual_a, a); ++h_a) {
      const double expected = scale_ * h_a, cost = height_cost(h_a, usual_a);
      for (int h_b = static_cast<int>(std::max(kLeastHeight * usual_b, kLeastKept * expected));
           h_b <= std::min<double>(kMostGrowth * expected, b); ++h_b) {
        const int other = stray_of(a - h_a, b - h_b);
        if (std::abs(other) > kStray) continue;
        const double score = starts_[index(a - h_a, other)].score - cost - change_cost(std::log(h_b / expected));
        if (score > best.score) best = {score, a - h_a, other};
      }
    }
    best.score += a_.lower[a] + b_.lower[b] + kPerEndplate + like;
  }

  [[nodiscard]] JointChain traced(Best last) const {
    JointChain chain{last.score - square(std::log(scale_) / kScaleSd), scale_, {}};
    while (last.before >= 0) {
      const Best& top = ends_[index(last.before, last.stray)];
      if (top.before < 0) break;
      chain.bodies.push_back({top.before, at(top.before, top.stray), last.before, at(last.before, last.stray)});
      last = starts_[index(top.before, top.stray)];
    }
    std::reverse(chain.bodies.begin(), chain.bodies.end());
    return chain;
  }

  const FilmProfile &a_, &b_;
  double anchor_a_, anchor_b_, scale_;
  std::vector<Best> starts_, ends_;
};

/// Sums of two bands' samples.
struct Moments {
  double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
  int n = 0;
  void add(double va, double vb) { a += va, b += vb, aa += va * va, bb += vb * vb, ab += va * vb, ++n; }
};

Moments moments_of(const FilmProfile& before, const FilmProfile& after, const RowPair& at, double scale, const LikenessWindow& window,
                   int band) {
  Moments sums;
  const int n = static_cast<int>(std::lround(window.reach_mm / window.tap_mm));
  for (int k = -n; k <= n; ++k) {
    const double off = k * window.tap_mm / kStep_mm, a = at.before + off, b = at.after + scale * off;
    if (a < 0 || b < 0 || a > before.rows - 1 || b > after.rows - 1) continue;
    if (before.bare.at(band, static_cast<int>(a)) == 0 || after.bare.at(band, static_cast<int>(b)) == 0) continue;
    sums.add(sample(before.band, band, a), sample(after.band, band, b));
  }
  return sums;
}

}  // namespace

FilmProfile profile_of(const FilmSight& lateral) {
  const ColumnStrip& strip = lateral.strip;
  const EndplateLogOdds odds = contrast_log_odds(strip, lateral.column.posterior_sign);
  FilmProfile profile;
  profile.rows = strip.contrast.ny, profile.steps = static_cast<int>(odds.upper.size());
  profile.upper = odds.upper, profile.lower = odds.lower;
  profile.band = profile.bare = Plane<float>(kProfileBands, profile.rows, 0.F);
  const Plane<float> smooth = gaussian(strip.contrast, 1.0);
  for (int row = 0; row < profile.rows; ++row) fill_row(lateral, smooth, row, profile);
  const double scale = height_scale(strip);
  for (int step = 0; step < profile.steps; ++step)
    profile.usual_mm.push_back(scale * kUsualOfWidth * 2 * strip.half_width_mm[FilmProfile::kRowsPerStep * step]);
  return profile;
}

double likeness(const FilmProfile& before, const FilmProfile& after, const RowPair& at, double scale, const LikenessWindow& window) {
  double ab = 0, aa = 0, bb = 0;
  int n_used = 0;
  for (int band = window.first; band <= window.last; ++band) {
    const Moments sums = moments_of(before, after, at, scale, window, band);
    if (sums.n < kLeastSamples * (2 * window.reach_mm / window.tap_mm + 1)) continue;
    ab += sums.ab - sums.a * sums.b / sums.n, aa += sums.aa - sums.a * sums.a / sums.n, bb += sums.bb - sums.b * sums.b / sums.n;
    ++n_used;
  }
  return n_used == 0 ? 0 : ab / std::sqrt(std::max(1e-9, aa) * std::max(1e-9, bb));
}

JointChain find_joint_chain(const FilmProfile& before, const FilmProfile& after, const RowPair& anchor) {
  JointChain best;
  for (const double scale : kScales)
    if (JointChain chain = Chains(before, after, anchor, scale).best(); chain.score > best.score) best = std::move(chain);
  return best;
}

}  // namespace cemscope::imaging::radiograph
