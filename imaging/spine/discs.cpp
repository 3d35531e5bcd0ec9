#include "imaging/spine/discs.h"

#include <numeric>
#include <optional>

#include "imaging/parallel.h"
#include "imaging/spine/disc_evidence.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

constexpr int kMinSpacing_mm = 15, kMaxSpacing_mm = 48;  // crushed thoracic body ... tall lumbar body with its disc
constexpr int kMinWidth_mm = 3, kMaxWidth_mm = 13;
constexpr std::array<int, 9> kTiltAp_deg{-24, -18, -12, -6, 0, 6, 12, 18, 24};
constexpr std::array<int, 5> kTiltLr_deg{-12, -6, 0, 6, 12};
constexpr double kCementWeight = 0.3;   // 0 put discs in the middle of cemented bodies, 1 hides a disc next to cement
constexpr std::int16_t kCementStandIn_hu = 180;  // dense trabecular bone in cement's place
constexpr double kValleyWeight = 0.6;   // thin thoracic discs show only as a dip between two endplates
constexpr double kHalfDepth_mm = 16;

/// The rear wall in one plane as a strip from `from` to `to` mm left of the canal's middle shows it; no vote where cement is about.
double wall_in_strip(const StraightSpine& spine, int s, int from, int to) {
  std::array<double, 22> mean{};
  for (int a = 0; a < 22; ++a) {
    for (int l = from; l <= to; ++l) {
      if (a >= 1 && a <= 18 && spine.is_dense(s, a, l)) return kNoVote;
      mean[a] += static_cast<double>(spine.at(s, a, l)) / (to - from + 1);
    }
  }
  int best = -1;
  double rise = 40;  // HU over 2 mm; less is no wall
  for (int a = 2; a <= 18; ++a)
    if (const double g = mean[a + 1] - mean[a - 1]; g > rise) rise = g, best = a;
  if (best < 0) return kNoVote;
  const double g0 = mean[best] - mean[best - 2], g1 = mean[best + 2 > 21 ? 21 : best + 2] - mean[best], curvature = g0 - 2 * rise + g1;
  return best + (curvature < 0 ? std::clamp(0.5 * (g0 - g1) / curvature, -0.5, 0.5) : 0.0);
}

/// The rear wall in the middle, or beside it where cement hides the middle: a fracture's wall may stand behind its neighbours'.
double wall_at(const StraightSpine& spine, int s) {
  constexpr int kMiddle_mm = 4, kAside_mm = 9;  // within the canal's width
  const double middle = wall_in_strip(spine, s, -kMiddle_mm, kMiddle_mm);
  if (middle != kNoVote) return middle;
  const double left = wall_in_strip(spine, s, kMiddle_mm + 1, kAside_mm), right = wall_in_strip(spine, s, -kAside_mm, -kMiddle_mm - 1);
  return left == kNoVote ? right : right == kNoVote ? left : (left + right) / 2;
}

/// Mean of the densest 6 mm beside the canal (|l| 8-19) just behind the wall, the worse of both sides.
double pedicle_at(const StraightSpine& spine, int s, double wall) {
  std::array<double, 2> side{};
  for (int d = 0; d < 2; ++d) {
    std::vector<double> columns;
    for (int l = 8; l <= 19; ++l) {
      double sum = 0;
      for (int q = 2; q <= 8; ++q)
        sum += std::clamp(spine.at(s, std::clamp(static_cast<int>(std::lround(wall)) - q, -14, 60), d ? l : -l) - 100, 0, 250) / 7.0;
      columns.push_back(sum);
    }
    std::sort(columns.rbegin(), columns.rend());
    side[d] = std::accumulate(columns.begin(), columns.begin() + 6, 0.0) / 6;
  }
  return 0.7 * std::min(side[0], side[1]) + 0.3 * (side[0] + side[1]) / 2;
}

/// Scales to 0..1 by the local minimum and maximum within +-22 mm.
std::vector<double> normalise_locally(const std::vector<double>& p) {
  const int n = static_cast<int>(p.size());
  std::vector<double> out(n, 0.5);
  for (int q = 0; q < n; ++q) {
    const auto b = p.begin() + std::max(0, q - 22), e = p.begin() + std::min(n, q + 23);
    const auto [lo, hi] = std::minmax_element(b, e);
    if (*hi - *lo > 10) out[q] = (p[q] - *lo) / (*hi - *lo);
  }
  return out;
}

/// Three densities per point: its own, and the densest within 5 mm above and below. The last two see the rims of a disc even where
/// a collapsed endplate is curved.
struct DiscField {
  Grid<std::int16_t> own, above, below;
};

constexpr int kRim_mm = 5;

Grid<std::int16_t> densest_along_s(const Grid<std::int16_t>& g, int from, int to) {
  Grid<std::int16_t> out = g;
  const std::size_t plane = static_cast<std::size_t>(g.nx) * g.ny;
  for (int s = 0; s < g.nz; ++s)
    for (int t = from; t <= to; ++t) {
      const std::size_t other = static_cast<std::size_t>(std::clamp(s + t, 0, g.nz - 1)) * plane;
      for (std::size_t q = 0; q < plane; ++q) out.values[s * plane + q] = std::max(out.values[s * plane + q], g.values[other + q]);
    }
  return out;
}

/// 3 x 3 box means in the plane (noise), cement replaced by dense trabecular bone.
Grid<std::int16_t> quiet(const StraightSpine& spine) {
  Grid<std::int16_t> g = spine.hu;
  for (std::size_t q = 0; q < g.values.size(); ++q)
    if (spine.dense.values[q]) g.values[q] = std::min<std::int16_t>(g.values[q], kCementStandIn_hu);
  Grid<std::int16_t> out = g;
  for (int z = 0; z < g.nz; ++z)
    for (int y = 1; y + 1 < g.ny; ++y)
      for (int x = 1; x + 1 < g.nx; ++x) {
        int sum = 0;
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) sum += g.at(x + dx, y + dy, z);
        out.at(x, y, z) = static_cast<std::int16_t>(sum / 9);
      }
  return out;
}

DiscField disc_field(const StraightSpine& spine) {
  DiscField f;
  f.own = quiet(spine);
  f.above = densest_along_s(f.own, 0, kRim_mm);
  f.below = densest_along_s(f.own, -kRim_mm, 0);
  return f;
}

struct PlaneProfiles { std::vector<double> own, above, below; };

/// Means over the tilted plane through (s, a0): cement weighs little.
struct PlaneMean {
  double tilt_ap, tilt_lr;
  [[nodiscard]] PlaneProfiles profile(const StraightSpine& spine, const DiscField& field, const std::vector<double>& wall) const {
    PlaneProfiles out;
    for (auto* p : {&out.own, &out.above, &out.below}) p->assign(spine.length(), kNoVote);
    for (int s = 0; s < spine.length(); ++s) {
      double own = 0, above = 0, below = 0, weight = 0;
      const int front = static_cast<int>(std::lround(wall[s]));
      for (int a = 4; a <= 28; a += 2)
        for (int l = -12; l <= 12; l += 2) {
          const int q = static_cast<int>(std::lround(s + (a - kHalfDepth_mm) * tilt_ap + l * tilt_lr));
          if (q < 0 || q >= spine.length() || front + a >= StraightSpine::kFront_mm || spine.is_empty(q, front + a, l)) continue;
          const double w = spine.is_dense(q, front + a, l) ? kCementWeight : 1.0;
          const std::size_t at = field.own.index(spine.x_of(l), spine.y_of(front + a), q);
          own += w * field.own.values[at], above += w * field.above.values[at], below += w * field.below.values[at], weight += w;
        }
      if (weight > 10) out.own[s] = own / weight, out.above[s] = above / weight, out.below[s] = below / weight;
    }
    for (auto* p : {&out.own, &out.above, &out.below}) *p = interpolate_gaps(std::move(*p), 0);
    return out;
  }
};

double mean_of(const std::vector<double>& cumulative, double from, double to) {
  const int n = static_cast<int>(cumulative.size()) - 1;
  const int a = std::clamp(static_cast<int>(std::lround(from)), 0, n), b = std::clamp(static_cast<int>(std::lround(to)) + 1, 0, n);
  return b > a ? (cumulative[b] - cumulative[a]) / (b - a) : 0;
}

double peak_of(const std::vector<double>& profile, int from, int to) {
  double peak = -1e9;
  for (int s = std::max(0, from); s <= std::min(to, static_cast<int>(profile.size()) - 1); ++s) peak = std::max(peak, profile[s]);
  return peak;
}

/// The best disc (width) at every s for one pair of tilts, merged into `best`: dark between two rims, and darker than the bodies around.
void merge_tilt(const PlaneProfiles& profile, double ap_deg, double lr_deg, std::vector<Disc>& best) {
  std::vector<double> cumulative(profile.own.size() + 1, 0.0);
  std::partial_sum(profile.own.begin(), profile.own.end(), cumulative.begin() + 1);
  const int n = static_cast<int>(profile.own.size());
  for (int s = 3; s + 3 < n; ++s) {
    const double around = mean_of(cumulative, s - 20, s + 20);
    const double valley = std::max(0.0, std::min(peak_of(profile.own, s - kRim_mm, s - 1), peak_of(profile.own, s + 1, s + kRim_mm)) - profile.own[s]);
    for (int w = kMinWidth_mm; w <= kMaxWidth_mm; w += 2) {
      const int h = w / 2;
      if (s - h - 3 < 0 || s + h + 3 >= n) continue;
      const double inside = mean_of(cumulative, s - h + 1, s + h - 1), below = profile.below[s - h], above = profile.above[s + h];
      const double score = 0.4 * (std::min(below, above) - inside) + 0.2 * (below + above - 2 * inside) + 0.4 * (around - inside) + kValleyWeight * valley -
                           0.04 * ap_deg * ap_deg - 0.06 * lr_deg * lr_deg - std::abs(w - 7) - 20;
      if (score > best[s].score)
        best[s].score = score, best[s].width_mm = w, best[s].tilt_ap = std::tan(ap_deg * M_PI / 180), best[s].tilt_lr = std::tan(lr_deg * M_PI / 180);
    }
  }
}

std::vector<Disc> best_disc_everywhere(const StraightSpine& spine, const std::vector<double>& wall, int n_threads) {
  std::vector<Disc> best(spine.length());
  for (int s = 0; s < spine.length(); ++s) best[s] = {static_cast<double>(s), wall[s] + kHalfDepth_mm, 0, 0, 7, -1e3, false};
  const DiscField field = disc_field(spine);
  constexpr int kLr = static_cast<int>(kTiltLr_deg.size()), kPlanes = static_cast<int>(kTiltAp_deg.size()) * kLr;
  std::vector<PlaneProfiles> profiles(kPlanes);
  parallel_for(kPlanes, n_threads, [&](int q) {
    const PlaneMean plane{std::tan(kTiltAp_deg[q / kLr] * M_PI / 180), std::tan(kTiltLr_deg[q % kLr] * M_PI / 180)};
    profiles[q] = plane.profile(spine, field, wall);
  });
  for (int q = 0; q < kPlanes; ++q) merge_tilt(profiles[q], kTiltAp_deg[q / kLr], kTiltLr_deg[q % kLr], best);
  return best;
}

/// Contrast, saturating, plus pedicles: bright somewhere 6-14 mm below a disc, dark (foramen) within 8 mm above it; the windows leave room for
/// collapsed bodies, whose disc lies low against the pedicle.
std::vector<double> contrast_evidence(const std::vector<Disc>& best, const std::vector<double>& pedicle) {
  constexpr double kContrast_hu = 70, kPedicleWeight = 0.8;
  const int n = static_cast<int>(best.size());
  std::vector<double> unary(n);
  for (int s = 0; s < n; ++s) {
    double below = 0, above = 1;
    for (int t = 6; t <= 14; ++t) below = std::max(below, pedicle[std::max(0, s - t)]);
    for (int t = 0; t <= 8; ++t) above = std::min(above, pedicle[std::min(n - 1, s + t)]);
    const double contrast = best[s].score > 0 ? 3.5 * (1 - std::exp(-best[s].score / kContrast_hu)) : std::max(-0.5, best[s].score / kContrast_hu);
    unary[s] = contrast + kPedicleWeight * (below - above) - 1.7;
  }
  return unary;
}

/// What the chain sums: the learned odds, limited so that no place is beyond question, and half of the contrast, which knows tilts.
std::vector<double> chain_evidence(std::vector<double> contrast, const std::vector<double>& log_odds) {
  constexpr double kContrastWeight = 0.5, kBias = 1.5, kMost = 4;  // chosen on held-out halves of the scans that the odds were learned on
  for (std::size_t s = 0; s < contrast.size(); ++s)
    contrast[s] = kContrastWeight * contrast[s] + std::clamp(log_odds[s] + kBias, -kMost, kMost);
  return contrast;
}

/// Levels get shorter towards the head: a taller one is penalised sooner and harder than a shorter one. A level below 28 mm may be a collapsed
/// one, after which the usual height returns.
double pitch_change(double pitch, double below) {
  constexpr double kWhole_mm = 28;
  const double taller = std::log(pitch / std::max(below, kWhole_mm)), shorter = std::log(below / pitch);
  return -2.5 * std::max(0.0, taller - 0.12) - 1.2 * std::max(0.0, shorter - 0.2);
}

/// Pedicles come back once a level: the shortest lag at which their profile repeats itself nearly as well as at any, when it does so at all and
/// the scan shows three levels or more.
std::optional<double> usual_pitch(const std::vector<double>& pedicle) {
  constexpr int kShortest_mm = 18, kLongest_mm = 46;
  constexpr double kPlain = 0.3, kNearly = 0.8;
  const int n = static_cast<int>(pedicle.size());
  if (n < 3 * kLongest_mm) return {};
  const double mean = std::accumulate(pedicle.begin(), pedicle.end(), 0.0) / n;
  std::vector<double> r(kLongest_mm + 2, 0.0);
  for (int lag = kShortest_mm - 1; lag <= kLongest_mm + 1; ++lag) {
    double both = 0, self = 0;
    for (int s = 0; s + lag < n; ++s) {
      const double a = pedicle[s] - mean, b = pedicle[s + lag] - mean;
      both += a * b, self += (a * a + b * b) / 2;
    }
    r[lag] = self > 0 ? both / self : 0;
  }
  const double best = *std::max_element(r.begin() + kShortest_mm, r.end() - 1);
  if (best < kPlain) return {};
  for (int lag = kShortest_mm; lag <= kLongest_mm; ++lag)
    if (r[lag] >= kNearly * best && r[lag] >= r[lag - 1] && r[lag] >= r[lag + 1]) return lag;
  return {};
}

/// What a spacing costs: free from 22 to 44 mm; when the scan's own pitch is known, free about it (collapse shortens, levels grow downwards).
double spacing_cost(double spacing, const std::optional<double>& pitch) {
  if (!pitch) return -2.5 * std::max(0.0, std::abs(std::log(spacing / 31.0)) - 0.35);
  return -4.0 * std::max(0.0, std::log(*pitch / spacing) - 0.3) - 2.5 * std::max(0.0, std::log(spacing / *pitch) - 0.3);
}

/// A body and the disc above it halved look like two short levels: dark marrow between two endplates is much like a disc. 0 ... 1.
double halves_of_one(double spacing, double below) {
  constexpr double kTallLevel_mm = 47, kRamp_mm = 6;  // thoracic levels in a row come to no less
  return std::clamp((kTallLevel_mm - spacing - below) / kRamp_mm, 0.0, 1.0);
}

/// Second-order dynamic programming: state = (s, spacing to the disc below).
std::vector<int> chain_of_discs(const std::vector<double>& unary, const std::optional<double>& pitch) {
  constexpr double kHalvesWeight = 2;  // a true disc's evidence is 2 or more
  const int n = static_cast<int>(unary.size()), m = kMaxSpacing_mm - kMinSpacing_mm + 1;
  std::vector<double> score(static_cast<std::size_t>(n) * (m + 1), -1e9);
  std::vector<std::int16_t> from(score.size(), -1);
  auto id = [&](int s, int k) { return static_cast<std::size_t>(s) * (m + 1) + k; };  // k = m: first disc of the chain
  std::size_t top = 0;
  for (int s = 0; s < n; ++s) {
    score[id(s, m)] = unary[s];
    for (int k = 0; k < m; ++k) {
      const int d = kMinSpacing_mm + k, below = s - d;
      if (below < 0) break;
      const double gap = spacing_cost(d, pitch);
      for (int j = 0; j <= m; ++j) {
        if (score[id(below, j)] < -1e8) continue;
        const double change = j == m ? 0 : pitch_change(d, kMinSpacing_mm + j) - kHalvesWeight * halves_of_one(d, kMinSpacing_mm + j);
        const double total = score[id(below, j)] + unary[s] + gap + change;
        if (total > score[id(s, k)]) score[id(s, k)] = total, from[id(s, k)] = static_cast<std::int16_t>(j);
      }
    }
    for (int k = 0; k <= m; ++k)
      if (score[id(s, k)] > score[top]) top = id(s, k);
  }
  std::vector<int> chain;
  for (int s = static_cast<int>(top / (m + 1)), k = static_cast<int>(top % (m + 1)); ;) {
    chain.push_back(s);
    if (k == m) break;
    const int j = from[id(s, k)];
    s -= kMinSpacing_mm + k, k = j;
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

/// Takes weak discs off the chain's ends that stand closer than the levels beside them: the middle of the last body.
void trim_ends(std::vector<int>& chain, const std::vector<double>& unary) {
  constexpr double kWeak = 1.0, kClose = 0.8;
  auto is_spurious = [&](int end, int next, int after) { return unary[end] < kWeak && std::abs(end - next) < kClose * std::abs(next - after); };
  while (chain.size() > 2 && is_spurious(chain[0], chain[1], chain[2])) chain.erase(chain.begin());
  for (std::size_t n = chain.size(); n > 2 && is_spurious(chain[n - 1], chain[n - 2], chain[n - 3]); n = chain.size()) chain.pop_back();
}

/// The most disc-like place one usual pitch (0.8-1.25) beyond `from` in direction `sense`, if it is better than a poor one: near the ends of a scan
/// the chain has nothing to gain from a faint disc. -1 when there is none.
int faint_disc_beyond(const std::vector<double>& unary, double from, double pitch, int sense, double faint) {
  int best = -1;
  for (double step = 0.8 * pitch; step <= 1.25 * pitch; step += 1) {
    const int s = static_cast<int>(std::lround(from + sense * step));
    if (s < 4 || s + 4 >= static_cast<int>(unary.size())) break;
    if (unary[s] > faint && (best < 0 || unary[s] > unary[best])) best = s;
  }
  return best;
}

Disc end_plane(const Disc& next_to, double s) {
  Disc d = next_to;
  d.s = s, d.width_mm = 2, d.score = 0, d.at_scan_end = true;
  return d;
}

/// The stretch of the course where at least `share` of the column of bodies lies within the scan, whose ends may run aslant.
std::pair<int, int> shown_stretch(const StraightSpine& spine, const std::vector<double>& wall, double share) {
  const int n = spine.length();
  auto is_shown = [&](int s) {
    int shown = 0, all = 0;
    for (int front = 2; front <= 30; front += 4)
      for (int l = -16; l <= 16; l += 4) {
        const int a = static_cast<int>(std::lround(wall[s])) + front;
        if (a < StraightSpine::kFront_mm) ++all, shown += !spine.is_empty(s, a, l);
      }
    return shown >= share * all;
  };
  int first = 0, last = n - 1;
  while (first < last && !is_shown(first)) ++first;
  while (last > first && !is_shown(last)) --last;
  return {first, last};
}

/// Whether a treated body's worth of cement lies in the column above `from`.
bool holds_cement_above(const StraightSpine& spine, const std::vector<double>& wall, double from) {
  constexpr int kCement_mm3 = 300;
  int dense = 0;
  for (int s = static_cast<int>(std::lround(from)); s < spine.length(); ++s)
    for (int a = 2; a <= 30; ++a)
      for (int l = -22; l <= 22; ++l)
        if (const int front = static_cast<int>(std::lround(wall[s])) + a; front < StraightSpine::kFront_mm) dense += spine.is_dense(s, front, l);
  return dense >= kCement_mm3;
}

/// Adds faint discs beyond both ends of the chain, then closes it with a plane at the end of the scan, or one usual body further, when a body's
/// worth of bone lies beyond. Where cement lies well above one usual body, the best disc there is taken
/// however faint; below the last disc it may be the sacrum's.
void close_ends(std::vector<Disc>& discs, const std::vector<Disc>& everywhere, const std::vector<double>& unary, const StraightSpine& spine,
                const std::vector<double>& wall) {
  constexpr double kMinBody_mm = 12, kReach = 1.15, kWellBeyond = 1.4, kFaint = -0.6, kAny = -10;
  constexpr double kHardlyAny = 0.1;  // nothing of a body may lie beyond the plane that stands for the end of a scan
  const auto [first, last] = shown_stretch(spine, wall, kHardlyAny);
  const double pitch = discs.size() > 1 ? (discs.back().s - discs.front().s) / static_cast<double>(discs.size() - 1) : 32.0;
  const auto faint_above = [&](double from) { return holds_cement_above(spine, wall, from + kWellBeyond * pitch) ? kAny : kFaint; };
  for (int s; (s = faint_disc_beyond(unary, discs.back().s, pitch, +1, faint_above(discs.back().s))) >= 0;) discs.push_back(everywhere[s]);
  for (int s; (s = faint_disc_beyond(unary, discs.front().s, pitch, -1, kFaint)) >= 0;) discs.insert(discs.begin(), everywhere[s]);
  const double top = std::min<double>(last, discs.back().s + kReach * pitch),
               bottom = std::max<double>(first, discs.front().s - kReach * pitch);
  if (top - discs.back().s >= kMinBody_mm) discs.push_back(end_plane(discs.back(), top));
  if (discs.front().s - bottom >= kMinBody_mm) discs.insert(discs.begin(), end_plane(discs.front(), bottom));
}

/// The likeliest place from `from` in direction `sense`; those farther than a usual disc's border pay for it.
int likeliest(const std::vector<double>& log_odds, double from, int sense) {
  constexpr int kFarthest_mm = 13;
  constexpr double kUsual_mm = 6, kCost = 0.6;  // per mm; dearer, and wide discs are missed, cheaper, and the next endplate is taken
  const int n = static_cast<int>(log_odds.size()), start = std::clamp(static_cast<int>(std::lround(from)), 0, n - 1);
  int best = start;
  double most = log_odds[start];
  for (int step = 1; step <= kFarthest_mm; ++step) {
    const int s = start + sense * step;
    if (s < 0 || s >= n) break;
    if (const double value = log_odds[s] - kCost * std::max(0.0, step - kUsual_mm); value > most) best = s, most = value;
  }
  return best;
}

/// Moves the disc between the endplates that are likeliest there: its middle may lie nearer to one, its width may be another.
void place_between_plates(Disc& disc, const DiscEvidence& evidence) {
  const int below = likeliest(evidence.upper_plate, disc.s, -1), above = likeliest(evidence.lower_plate, disc.s, +1);
  if (above - below < kMinWidth_mm) return;
  disc.s = (below + above) / 2.0, disc.width_mm = above - below;
}

}  // namespace

SpineProfiles measure_profiles(const StraightSpine& spine) {
  SpineProfiles p;
  std::vector<double> wall(spine.length()), pedicle(spine.length());
  for (int s = 0; s < spine.length(); ++s) wall[s] = wall_at(spine, s);
  p.posterior_wall = gaussian_smooth(running_median(wall, 5), 2.5);
  for (int s = 0; s < spine.length(); ++s) pedicle[s] = pedicle_at(spine, s, p.posterior_wall[s]);
  p.pedicle = normalise_locally(gaussian_smooth(pedicle, 1.5));
  return p;
}

std::vector<Disc> find_discs(const StraightSpine& spine, const SpineProfiles& profiles, int n_threads) {
  if (spine.length() < 24) return {};
  const auto best = best_disc_everywhere(spine, profiles.posterior_wall, n_threads);
  const auto evidence = disc_evidence(spine, profiles);
  auto unary = chain_evidence(contrast_evidence(best, profiles.pedicle), evidence.disc);
  constexpr double kHalf = 0.5, kNoDisc = -20;  // below the faintest that close_ends takes
  const auto [first, last] = shown_stretch(spine, profiles.posterior_wall, kHalf);
  for (int s = 0; s < spine.length(); ++s)
    if (s < first || s > last) unary[s] = kNoDisc;
  std::vector<Disc> discs;
  auto chain = chain_of_discs(unary, usual_pitch(profiles.pedicle));
  trim_ends(chain, unary);
  for (int s : chain) {
    discs.push_back(best[s]);
    discs.back().score = unary[s];
  }
  close_ends(discs, best, unary, spine, profiles.posterior_wall);
  for (auto& disc : discs)
    if (!disc.at_scan_end) place_between_plates(disc, evidence);
  return discs;
}

}  // namespace cemscope::imaging::spine
