#include "imaging/spine/redraw.h"

#include "imaging/parallel.h"
#include "imaging/spine/bending.h"
#include "imaging/spine/body_block.h"
#include "imaging/spine/face_evidence.h"
#include "imaging/spine/outline_net.h"
#include "imaging/spine/wall.h"

namespace cemscope::imaging::spine {
namespace {

constexpr double kReach_mm = 6, kStep_mm = 0.5;
constexpr double kCement_hu = 750, kAtCement_mm = 1;  // blurred cement; cortex of an endplate is rarely as dense
constexpr double kTrustAtCement = 0.02;               // as if the border were known to 3 mm only
constexpr double kFar_mm = 4;                         // the way to where it shows, beyond which the outline knows better
constexpr Bending kBending{.noise_mm = 0.4, .bend_mm = 0.4, .slope_mm = 1, .deviation_mm = 3};

/// Where the log odds turn negative along place(d), outwards, nearest to d = 0; none when nowhere within reach.
template <typename Place>
std::optional<double> border(const Grid<float>& odds, Place place) {
  std::optional<double> best, before = odds_at(odds, place(-kReach_mm));
  for (double d = -kReach_mm + kStep_mm; d <= kReach_mm; d += kStep_mm) {
    const auto now = odds_at(odds, place(d));
    if (before && now && *before > 0 && *now <= 0) {
      const double at = d - kStep_mm * *now / (*now - *before);
      if (!best || std::abs(at) < std::abs(*best)) best = at;
    }
    before = now;
  }
  return best;
}

/// Moves the nodes of a face by what `border_of(node)` says, outwards in the sense of `sense`. `hide(off, trust)` may take trust away.
template <typename BorderOf, typename Hide>
void move(std::vector<double>& face, int nx, Lattice lattice, double sense, BorderOf border_of, Hide hide) {
  std::vector<double> off(face.size()), trust(face.size());
  for (std::size_t q = 0; q < face.size(); ++q)
    if (const auto d = border_of(static_cast<int>(q) % nx, static_cast<int>(q) / nx, face[q])) off[q] = *d, trust[q] = 1;
  hide(off, trust);
  off = bend_over(off, trust, nx, lattice, kBending);
  for (std::size_t q = 0; q < face.size(); ++q) face[q] += sense * off[q];
}

constexpr auto kHideNothing = [](const std::vector<double>&, const std::vector<double>&) {};

/// Cement at the border hides which of it lies in the disc: the outline bends round a thin leak. There the endplate bends on from where it
/// shows, unless that is far.
void move_endplate(const Grid<float>& odds, const VolumeView& volume, const BodyFrame& frame, int sense, std::vector<double>& heights) {
  constexpr int kN = VertebralBody::kColumns;
  const auto place = [](int x, int y, double w) {
    return Eigen::Vector3d(VertebralBody::kColumn_mm * (x - VertebralBody::kHalfColumns),
                           VertebralBody::kColumn_mm * (y - VertebralBody::kHalfColumns), w);
  };
  const auto border_of = [&](int x, int y, double w) { return border(odds, [&](double d) { return place(x, y, w + sense * d); }); };
  const auto shows_at = [&](int x, int y, double w) {
    for (double d = -kAtCement_mm; d <= kAtCement_mm; d += kStep_mm)
      if (volume.sample(frame.to_image(place(x, y, w + d))) > kCement_hu) return false;
    return true;
  };
  const auto hide = [&](const std::vector<double>& off, std::vector<double>& trust) {
    std::vector<std::uint8_t> shows(off.size());
    for (std::size_t q = 0; q < off.size(); ++q)
      shows[q] = trust[q] > 0 && shows_at(static_cast<int>(q) % kN, static_cast<int>(q) / kN, heights[q] + sense * off[q]);
    const auto way = way_to_seen(shows, kN, VertebralBody::kColumn_mm, VertebralBody::kColumn_mm, Lattice::open);
    for (std::size_t q = 0; q < off.size(); ++q)
      if (trust[q] > 0 && !shows[q] && way[q] <= kFar_mm) trust[q] = kTrustAtCement;
  };
  move(heights, kN, Lattice::open, sense, border_of, hide);
}

}  // namespace

std::optional<double> odds_at(const Grid<float>& odds, const Eigen::Vector3d& q) {
  const Eigen::Vector3d a = (q - BodyBlock::place(0, 0, 0)) / BodyBlock::kStep_mm;
  const int x = static_cast<int>(std::floor(a[0])), y = static_cast<int>(std::floor(a[1])), z = static_cast<int>(std::floor(a[2]));
  if (!odds.contains(x, y, z) || !odds.contains(x + 1, y + 1, z + 1)) return {};
  return blend(odds, a[0], a[1], a[2]);
}

void redraw_faces(const Grid<float>& odds, const VolumeView& volume, VertebralBody& body) {
  if (!body.cut_above) move_endplate(odds, volume, body.frame, +1, body.upper);
  if (!body.cut_below) move_endplate(odds, volume, body.frame, -1, body.lower);
  const auto rear_border = [&](int x, int y, double v) -> std::optional<double> {
    const double u = 2 * (x - VertebralBody::kHalfRearColumns), w = 2 * (y - VertebralBody::kHalfRearRows);
    if (w > body.upper_at(u, v + 2) - 1 || w < body.lower_at(u, v + 2) + 1) return {};
    return border(odds, [&](double d) { return Eigen::Vector3d(u, v - d, w); });
  };
  move(body.rear, VertebralBody::kRearColumns, Lattice::open, -1, rear_border, kHideNothing);
  const auto wall_border = [&](int x, int band, double r) -> std::optional<double> {
    const double angle = 2 * M_PI * x / VertebralBody::kAngles, cu = std::cos(angle), cv = std::sin(angle);
    const double w = band_height(body, 0.8 * r * cu, 0.8 * r * cv, band);
    if (r * cv <= body.rear_at(r * cu, w) + 1) return {};
    return border(odds, [&](double d) { return Eigen::Vector3d((r + d) * cu, (r + d) * cv, w); });
  };
  move(body.wall, VertebralBody::kAngles, Lattice::cyclic_x, +1, wall_border, kHideNothing);
  body.set_bounds();
}

std::vector<bool> redrawn_ones(const std::vector<VertebralBody>& bodies) {
  constexpr std::size_t kLevels = 2;
  const auto holds_cement = [](const VertebralBody& b) { return b.holds_cement(); };
  const bool is_treated = std::any_of(bodies.begin(), bodies.end(), holds_cement);
  std::vector<bool> is_drawn;
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    const auto first = bodies.begin() + static_cast<std::ptrdiff_t>(b - std::min(b, kLevels)),
               last = bodies.begin() + static_cast<std::ptrdiff_t>(std::min(bodies.size(), b + kLevels + 1));
    is_drawn.push_back(!bodies[b].cut_above && !bodies[b].cut_below && (!is_treated || std::any_of(first, last, holds_cement)));
  }
  return is_drawn;
}

void redraw_whole(const VolumeView& volume, std::vector<VertebralBody>& bodies, int n_threads) {
  const auto is_drawn = redrawn_ones(bodies);
  parallel_for(static_cast<int>(bodies.size()), n_threads, [&](int b) {
    auto& body = bodies[static_cast<std::size_t>(b)];
    if (!is_drawn[static_cast<std::size_t>(b)]) return;
    auto odds = outline_log_odds(body_block(volume, body));
    redraw_faces(odds, volume, body);
    if (body.holds_cement()) body.outline_odds = std::move(odds);
  });
}

}  // namespace cemscope::imaging::spine
