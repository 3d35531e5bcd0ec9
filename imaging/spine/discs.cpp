#include "imaging/spine/discs.h"

#include <limits>
#include <numeric>
#include <optional>

#include "imaging/parallel.h"
#include "imaging/spine/body_map.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

constexpr int kMinSpacing_mm = 7, kMaxSpacing_mm = 48;  // crushed thoracic body ... tall lumbar body with its disc
constexpr std::array<int, 13> kTiltAp_deg{-36, -30, -24, -18, -12, -6, 0, 6, 12, 18, 24, 30, 36};
constexpr std::array<int, 5> kTiltLr_deg{-12, -6, 0, 6, 12};
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

/// Second-order dynamic programming: state = (s, spacing to the disc below). `planes`: of the disc through every s; two rims of a wide disc
/// have the same one. `highest_body`: by s, the highest place up to there that is a body's; none lies between such rims.
std::vector<int> chain_of_discs(const std::vector<double>& unary, const std::vector<Disc>& planes, const std::vector<int>& highest_body,
                                const std::optional<double>& pitch) {
  constexpr double kLeastApart_mm = 6;  // a crushed body and its endplates
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
      if (highest_body[s] <= below || planes[s].s - planes[below].s < kLeastApart_mm) continue;
      const double gap = spacing_cost(d, pitch);
      for (int j = 0; j <= m; ++j) {
        if (score[id(below, j)] < -1e8) continue;
        const double change = j == m ? 0 : pitch_change(d, kMinSpacing_mm + j);
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

/// The share of a disc's plane that cement takes.
double cement_share(const Disc& disc, const StraightSpine& spine, const std::vector<double>& wall) {
  constexpr int kFirst_mm = 4, kLast_mm = 28, kHalf_mm = 12, kStep_mm = 2;
  int n = 0, dense = 0;
  for (int front = kFirst_mm; front <= kLast_mm; front += kStep_mm)
    for (int l = -kHalf_mm; l <= kHalf_mm; l += kStep_mm) {
      const auto s = std::lround(disc.s + (front - kHalfDepth_mm) * disc.tilt_ap + l * disc.tilt_lr);
      if (s < 0 || s >= spine.length()) continue;
      const int a = static_cast<int>(std::lround(wall[static_cast<std::size_t>(s)])) + front;
      if (a < StraightSpine::kFront_mm) ++n, dense += spine.is_dense(static_cast<int>(s), a, l);
    }
  return n > 0 ? static_cast<double>(dense) / n : 0;
}

/// Adds faint discs beyond both ends of the chain, then closes it with a plane at the end of the scan, or one usual body further, when a
/// body's worth of bone lies beyond. No deposit is cut by a faint disc or by such a plane. Where cement lies well above one usual body, the
/// best disc there is taken however faint; below the last disc it may be the sacrum's.
void close_ends(std::vector<Disc>& discs, const std::vector<Disc>& everywhere, const std::vector<double>& unary, const StraightSpine& spine,
                const std::vector<double>& wall) {
  constexpr double kMinBody_mm = 12, kReach = 1.15, kWellBeyond = 1.4, kFaint = -3, kAny = -10;
  constexpr double kMuchCement = 0.25, kAnyCement = 0.01;  // of a plane
  constexpr double kHardlyAny = 0.1;  // nothing of a body may lie beyond the plane that stands for the end of a scan
  const auto [first, last] = shown_stretch(spine, wall, kHardlyAny);
  const double pitch = discs.size() > 1 ? (discs.back().s - discs.front().s) / static_cast<double>(discs.size() - 1) : 32.0;
  const auto faint_above = [&](double from) { return holds_cement_above(spine, wall, from + kWellBeyond * pitch) ? kAny : kFaint; };
  const auto is_within_cement = [&](int s) { return unary[s] < 0 && cement_share(everywhere[s], spine, wall) > kMuchCement; };
  for (;;) {
    const double from = discs.back().s, faint = faint_above(from);
    const int s = faint_disc_beyond(unary, from, pitch, +1, faint);
    if (s < 0 || (faint == kFaint && is_within_cement(s))) break;
    discs.push_back(everywhere[s]);
  }
  for (int s; (s = faint_disc_beyond(unary, discs.front().s, pitch, -1, kFaint)) >= 0 && !is_within_cement(s);)
    discs.insert(discs.begin(), everywhere[s]);
  double top = std::min<double>(last, discs.back().s + kReach * pitch), bottom = std::max<double>(first, discs.front().s - kReach * pitch);
  const auto holds_cement = [&](const Disc& plane) { return cement_share(plane, spine, wall) > kAnyCement; };
  while (top < last && holds_cement(end_plane(discs.back(), top))) ++top;
  while (bottom > first && holds_cement(end_plane(discs.front(), bottom))) --bottom;
  if (top - discs.back().s >= kMinBody_mm) discs.push_back(end_plane(discs.back(), top));
  if (discs.front().s - bottom >= kMinBody_mm) discs.insert(discs.begin(), end_plane(discs.front(), bottom));
}

/// Mean log odds over planes through every s, tilted alike.
struct PlaneOdds {
  double tilt_ap, tilt_lr;
  std::vector<double> body, disc;
};

PlaneOdds plane_odds(const BodyMap& map, const StraightSpine& spine, const std::vector<double>& wall, double tilt_ap, double tilt_lr) {
  constexpr int kFirst_mm = 4, kLast_mm = 28, kHalf_mm = 12, kStep_mm = 3;
  const auto length = static_cast<std::size_t>(spine.length());
  PlaneOdds out{tilt_ap, tilt_lr, std::vector<double>(length), std::vector<double>(length)};
  for (int s = 0; s < spine.length(); ++s) {
    int n = 0;
    for (int front = kFirst_mm; front <= kLast_mm; front += kStep_mm)
      for (int l = -kHalf_mm; l <= kHalf_mm; l += kStep_mm) {
        const double at = s + (front - kHalfDepth_mm) * tilt_ap + l * tilt_lr;
        if (at < 0 || at > spine.length() - 1) continue;
        out.body[s] += log_odds_at(map.body, at, wall[s] + front, l), out.disc[s] += log_odds_at(map.disc, at, wall[s] + front, l), ++n;
      }
    if (n > 0) out.body[s] /= n, out.disc[s] /= n;
  }
  return out;
}

/// How far from s in the sense of `sense` the planes turn from disc to body, mm; half of a usual disc where they do not.
double border_of_disc(const PlaneOdds& odds, int s, int sense) {
  constexpr int kFarthest_mm = 12;
  constexpr double kUsual_mm = 3.5;
  const auto bodily = [&](int at) { return odds.body[at] - odds.disc[at]; };
  for (int d = 0; d < kFarthest_mm; ++d) {
    const int here = s + sense * d, next = here + sense;
    if (next < 0 || next >= static_cast<int>(odds.body.size())) break;
    if (bodily(here) <= 0 && bodily(next) > 0) return d + bodily(here) / (bodily(here) - bodily(next));
  }
  return kUsual_mm;
}

/// The slope between the tried ones at which a parabola through the best score and its neighbours' is greatest.
template <typename ScoreOf>
double between_slopes(const std::vector<PlaneOdds>& planes, std::size_t best, std::size_t stride, std::size_t at, std::size_t n,
                      double PlaneOdds::*slope, ScoreOf score_of) {
  if (at == 0 || at + 1 == n) return planes[best].*slope;
  const auto &before = planes[best - stride], &after = planes[best + stride];
  const double down = score_of(planes[best]) - score_of(before), up = score_of(planes[best]) - score_of(after);
  if (down + up <= 0) return planes[best].*slope;
  return planes[best].*slope + (after.*slope - before.*slope) / 4 * (down - up) / (down + up);
}

/// Every place of the course as a disc and as a body.
struct Likeliest {
  std::vector<Disc> discs;   ///< the likeliest through every s; the score is how much likelier disc is there than body, log odds
  std::vector<double> body;  ///< how much likelier body is than disc on the plane that shows most of one, log odds
};

Likeliest likeliest_planes(const BodyMap& map, const StraightSpine& spine, const std::vector<double>& wall, int n_threads) {
  constexpr double kTiltCost = 1.5, kNarrowest_mm = 2;  // steep planes: per slope squared, sideways twice as much
  constexpr std::size_t kAp = kTiltAp_deg.size();
  const auto slope = [](int deg) { return std::tan(deg * M_PI / 180); };
  std::vector<PlaneOdds> planes(kAp * kTiltLr_deg.size());
  parallel_for(static_cast<int>(planes.size()), n_threads,
               [&](int q) { planes[q] = plane_odds(map, spine, wall, slope(kTiltAp_deg[q % kAp]), slope(kTiltLr_deg[q / kAp])); });
  const auto tilt_cost = [&](const PlaneOdds& p) { return kTiltCost * (p.tilt_ap * p.tilt_ap + 2 * p.tilt_lr * p.tilt_lr); };
  Likeliest out;
  for (int s = 0; s < spine.length(); ++s) {
    const auto score_of = [&](const PlaneOdds& p) { return p.disc[s] - p.body[s] - tilt_cost(p); };
    const auto best =
        std::max_element(planes.begin(), planes.end(), [&](const auto& p, const auto& q) { return score_of(p) < score_of(q); });
    const double below = border_of_disc(*best, s, -1), above = border_of_disc(*best, s, +1);
    const auto q = static_cast<std::size_t>(best - planes.begin());
    const double tilt_ap = between_slopes(planes, q, 1, q % kAp, kAp, &PlaneOdds::tilt_ap, score_of),
                 tilt_lr = between_slopes(planes, q, kAp, q / kAp, kTiltLr_deg.size(), &PlaneOdds::tilt_lr, score_of);
    out.discs.push_back({s + (above - below) / 2, wall[s] + kHalfDepth_mm, tilt_ap, tilt_lr, std::max(kNarrowest_mm, above + below),
                         score_of(*best), false});
    double body = std::numeric_limits<double>::lowest();
    for (const auto& p : planes) body = std::max(body, p.body[s] - p.disc[s] - tilt_cost(p));
    out.body.push_back(body);
  }
  return out;
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
  constexpr double kHalf = 0.5, kNoDisc = -20;  // below the faintest that close_ends takes
  constexpr int kClear_mm = 4;                  // the network takes the end of a scan for one of a body
  const auto likeliest = likeliest_planes(body_map(column_picture(spine), n_threads), spine, profiles.posterior_wall, n_threads);
  const auto [first, last] = shown_stretch(spine, profiles.posterior_wall, kHalf);
  std::vector<double> unary;
  std::vector<int> highest_body;
  for (int s = 0; s < spine.length(); ++s) {
    unary.push_back(s < first + kClear_mm || s > last - kClear_mm ? kNoDisc : likeliest.discs[s].score);
    highest_body.push_back(likeliest.body[s] > 0 ? s : s > 0 ? highest_body.back() : -1);
  }
  std::vector<Disc> discs;
  auto chain = chain_of_discs(unary, likeliest.discs, highest_body, usual_pitch(profiles.pedicle));
  trim_ends(chain, unary);
  for (int s : chain) discs.push_back(likeliest.discs[s]);
  close_ends(discs, likeliest.discs, unary, spine, profiles.posterior_wall);
  return discs;
}

}  // namespace cemscope::imaging::spine
