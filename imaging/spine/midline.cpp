#include "imaging/spine/midline.h"

#include "imaging/parallel.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::spine {
namespace {

constexpr int kU = 44, kBack = 58, kFront = 26;   // mm: transverse processes, spinous process, anterior wall
constexpr float kDense = 850.f;
constexpr double kMaxOffset_mm = 6, kMaxSlope = 0.25;
constexpr double kWallVote = 0.35;                // share of the lateral walls' centre against the mirror plane; chosen on the shared cohort

constexpr float kSeenWall_mm = 2;                 // a wall carried farther from where bone shows it has no say in the midline
constexpr std::size_t kFewCentres = 5;

/// Axial densities averaged over the middle of the body's height, 1 mm; NaN-free: `known` 0 where cement or the scan's edge is.
struct Projection {
  Grid<float> hu;
  Grid<std::uint8_t> known;
};

std::vector<Projection> slabs(const VolumeView& volume, const VertebralBody& body) {
  const double lo = body.lower_at(0, 0), hi = body.upper_at(0, 0);
  std::vector<Projection> out;
  for (double t : {0.15, 0.35, 0.55, 0.75, 0.92}) {
    const double w = lo + t * (hi - lo);
    Projection p{Grid<float>(2 * kU + 1, kBack + kFront + 1, 1), Grid<std::uint8_t>(2 * kU + 1, kBack + kFront + 1, 1)};
    for (int y = 0; y < p.hu.ny; ++y)
      for (int x = 0; x < p.hu.nx; ++x) {
        const Point_mm at = body.frame.to_image({static_cast<double>(x - kU), static_cast<double>(y - kBack), w});
        const float hu = volume.sample(at);
        p.hu.at(x, y, 0) = std::clamp(hu, -50.f, 500.f);
        p.known.at(x, y, 0) = hu < kDense && hu > -700 && volume.contains_mm(at);
      }
    out.push_back(std::move(p));
  }
  return out;
}

/// Mean absolute difference between each half and the other's mirror image about u = offset + slope v.
double mismatch(const std::vector<Projection>& all, double offset, double slope) {
  double sum = 0, n = 0;
  const double c = 1 / (1 + slope * slope);
  for (const auto& p : all)
    for (int y = 0; y < p.hu.ny; y += 2)
      for (int x = kU; x < p.hu.nx; x += 2) {
        const double u = x - kU, v = y - kBack;
        const double d = (u - offset - slope * v) * c;            // distance along the plane's normal (1, -slope)
        const double mu = u - 2 * d, mv = v + 2 * d * slope;
        const double a = mu + kU, b = mv + kBack;
        if (d < 0 || a < 0 || b < 0 || a > p.hu.nx - 2 || b > p.hu.ny - 2 || !p.known.at(x, y, 0)) continue;
        const int i = static_cast<int>(a), j = static_cast<int>(b);
        if (!p.known.at(i, j, 0) || !p.known.at(i + 1, j + 1, 0)) continue;
        const float fx = static_cast<float>(a - i), fy = static_cast<float>(b - j);
        const float m = (p.hu.at(i, j, 0) * (1 - fx) + p.hu.at(i + 1, j, 0) * fx) * (1 - fy) + (p.hu.at(i, j + 1, 0) * (1 - fx) + p.hu.at(i + 1, j + 1, 0) * fx) * fy;
        sum += std::min(200.f, std::abs(p.hu.at(x, y, 0) - m)), n += 1;
      }
  return n > 200 ? sum / n : 1e3;
}

Midline mirror_plane(const std::vector<Projection>& all) {
  Midline best{0, 0, 1e9, 0};
  auto try_plane = [&](double offset, double slope) {
    const double m = mismatch(all, offset, slope) + 0.08 * offset * offset + 30 * slope * slope;
    if (m < best.mismatch_hu) best = {offset, slope, m, 0};
  };
  for (double offset = -kMaxOffset_mm; offset <= kMaxOffset_mm; offset += 1.5)
    for (double slope = -kMaxSlope; slope <= kMaxSlope + 1e-9; slope += 0.0625) try_plane(offset, slope);
  for (double step = 0.75; step > 0.2; step /= 2) {
    const Midline centre = best;
    for (int a = -1; a <= 1; ++a)
      for (int b = -1; b <= 1; ++b) try_plane(centre.offset_mm + a * step, centre.slope + b * step / 24);
  }
  return best;
}

/// Middle between the lateral walls at the body's widest, median over places where both show; `fallback` where hardly any do.
double wall_centre(const VertebralBody& b, double fallback) {
  std::vector<double> centres;
  for (int band = 1; band + 1 < VertebralBody::kBands; ++band)
    for (int step = -4; step <= 6; step += 2) {  // -20 .. +30 degrees about straight left and right
      const int l = (step + VertebralBody::kAngles) % VertebralBody::kAngles, r = VertebralBody::kAngles / 2 - step;
      const std::size_t row = static_cast<std::size_t>(band) * VertebralBody::kAngles;
      if (std::max(b.wall_way[row + l], b.wall_way[row + r]) > kSeenWall_mm) continue;
      const double angle = 2 * M_PI * step / VertebralBody::kAngles;
      centres.push_back((b.wall[band * VertebralBody::kAngles + l] - b.wall[band * VertebralBody::kAngles + r]) / 2 * std::cos(angle));
    }
  return centres.size() < kFewCentres ? fallback : quantile(std::move(centres), 0.5);
}

}  // namespace

std::vector<Midline> find_midlines(const VolumeView& volume, const std::vector<VertebralBody>& bodies, int n_threads) {
  std::vector<Midline> own(bodies.size());
  parallel_for(static_cast<int>(bodies.size()), n_threads, [&](int b) {
    Midline m = mirror_plane(slabs(volume, bodies[b]));
    const double walls = wall_centre(bodies[b], m.offset_mm);
    m.spread_mm = std::abs(m.offset_mm - walls);
    m.offset_mm = (1 - kWallVote) * m.offset_mm + kWallVote * std::clamp(walls, m.offset_mm - 4, m.offset_mm + 4);
    own[b] = m;
  });
  std::vector<Midline> steady = own;
  for (std::size_t b = 0; b < own.size(); ++b) {
    std::vector<double> offsets, slopes;
    for (std::size_t o = b >= 2 ? b - 2 : 0; o < std::min(own.size(), b + 3); ++o)
      if (o != b) offsets.push_back(own[o].offset_mm), slopes.push_back(own[o].slope);
    if (offsets.size() < 2) continue;
    const double weight = bodies[b].dense_ml > 0.3 ? 0.4 : 0.25;
    steady[b].offset_mm += weight * (quantile(offsets, 0.5) - own[b].offset_mm);
    steady[b].slope += weight * (quantile(slopes, 0.5) - own[b].slope);
  }
  return steady;
}

}  // namespace cemscope::imaging::spine
