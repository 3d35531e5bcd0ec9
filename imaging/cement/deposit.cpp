#include "imaging/cement/deposit.h"

#include <Eigen/Eigenvalues>
#include <numeric>

#include "imaging/components.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::cement {
namespace {

using spine::VertebralBody;

constexpr double kTreated_ml = 0.3;          // less inside a body is a leak of the neighbour or a bone island
constexpr double kTreatedShare = 0.15;       // of a component that reaches into several bodies
constexpr double kMinPlateau_hu = 1150;      // below, dense facets and endplates of uncemented spines form "plateaus" (one real scan) ...
constexpr double kMinLowBarium_hu = 900;     // ... unless the deposit lies deep inside, where sclerosis does not
constexpr double kDeep_mm = 1.0;             // "inside" a body, clear of the wall's own uncertainty
constexpr double kVeryDeep_mm = 3.0;
constexpr double kMetalSaturated = 0.35, kMetalBehind = 0.3;  // a screw clips the scale and runs through a pedicle
constexpr double kSatellite_mm = 8.0;        // a fragment farther off the deposit's body is something else ...
constexpr double kFarSatellite_mm = 30.0;    // ... unless it is long and dense (a cast of a vein)
constexpr double kSatelliteDensity = 0.6;    // of the plateau
constexpr double kSecondSeed = 0.5;           // of the plateau; with a background of 100 HU just under the half-maximum
constexpr double kBrightShare = 0.7;           // of the plateau; cement's texture is about 10 %
constexpr double kMetalLength_mm = 30, kMetalAspect = 4.5;
constexpr double kBackgroundSigma_mm = 4;

/// One seed component with what tells cement from the rest.
struct Candidate {
  std::vector<std::size_t> voxels;
  std::vector<double> deep_ml, very_deep_ml;  // per body
  double saturated = 0, behind = 0;           // shares: clipped, behind the nearest body's rear wall
  double volume_ml = 0, length_mm = 0, aspect = 1, p60 = 0, p90 = 0;
  double distance_mm = 1e9;       // to the nearest body's surface
};

/// Geometry of the region: index <-> image millimetres.
struct Placement {
  const VolumeView& volume;
  Region region;
  [[nodiscard]] Point_mm at(int x, int y, int z) const {
    return {(region.start[0] + x) * volume.spacing_mm[0], (region.start[1] + y) * volume.spacing_mm[1], (region.start[2] + z) * volume.spacing_mm[2]};
  }
  [[nodiscard]] Point_mm at(std::size_t q) const {
    const std::size_t nx = region.size[0], plane = nx * region.size[1];
    return at(static_cast<int>(q % nx), static_cast<int>(q % plane / nx), static_cast<int>(q / plane));
  }
  [[nodiscard]] std::int16_t hu(std::size_t q) const {
    const std::size_t nx = region.size[0], plane = nx * region.size[1];
    return volume.at(region.start[0] + static_cast<int>(q % nx), region.start[1] + static_cast<int>(q % plane / nx), region.start[2] + static_cast<int>(q / plane));
  }
  template <typename T>
  [[nodiscard]] Grid<T> grid() const { return Grid<T>(region.size[0], region.size[1], region.size[2]); }
};

/// The box that holds every body with 45 mm to the sides and behind and 40 mm in front, and one body's height above and below.
Region spine_region(const VolumeView& v, const std::vector<VertebralBody>& bodies) {
  Eigen::Vector3d lo(1e9, 1e9, 1e9), hi(-1e9, -1e9, -1e9);
  for (const auto& b : bodies) {
    lo = lo.cwiseMin(b.frame.origin - Eigen::Vector3d(45, 42, 34));
    hi = hi.cwiseMax(b.frame.origin + Eigen::Vector3d(45, 62, 34));
  }
  Region r;
  for (int d = 0; d < 3; ++d) {
    r.start[d] = std::clamp(static_cast<int>(lo[d] / v.spacing_mm[d]), 0, v.size[d] - 1);
    r.size[d] = std::clamp(static_cast<int>(hi[d] / v.spacing_mm[d]) + 1, r.start[d] + 1, v.size[d]) - r.start[d];
  }
  return r;
}

/// clamp(P99.5 of untreated bone + margin, floor, ceiling): the bodies, and the arches behind them, whose facets may be denser than any
/// cortex of a body.
double seed_threshold(const VolumeView& v, const std::vector<VertebralBody>& bodies, const CementParameters& p) {
  constexpr float kArchBone_hu = 250, kMetal_hu = 2500;
  std::vector<double> body_hu, arch_hu;
  double least_dense = 1e9;
  for (const auto& b : bodies) least_dense = std::min(least_dense, b.dense_ml);
  for (const auto& b : bodies) {
    if (b.dense_ml > std::max(0.1, 1.5 * least_dense)) continue;  // thick cortex counts as dense, too: the least dense bodies are the untreated ones
    for (int w = -14; w <= 14; w += 2)
      for (int y = -48; y <= 18; y += 2)
        for (int u = -30; u <= 30; u += 2) {
          const Eigen::Vector3d q(u, y, w);
          const Point_mm at = b.frame.to_image(q);
          if (!v.contains_mm(at)) continue;
          const float hu = v.sample(at);
          if (b.excess(q).largest() < 0) body_hu.push_back(hu);
          else if (y < -24 && hu > kArchBone_hu && hu < kMetal_hu) arch_hu.push_back(hu);
        }
  }
  const double bone = std::max(spine::quantile(std::move(body_hu), 0.995, 0), spine::quantile(std::move(arch_hu), 0.995, 0));
  return std::clamp(bone + p.seed_margin_hu, p.seed_floor_hu, p.seed_ceiling_hu);
}

Grid<std::uint8_t> above(const Placement& place, double hu) {
  auto mask = place.grid<std::uint8_t>();
  for (int z = 0; z < mask.nz; ++z)
    for (int y = 0; y < mask.ny; ++y)
      for (int x = 0; x < mask.nx; ++x)
        mask.at(x, y, z) = place.volume.at(place.region.start[0] + x, place.region.start[1] + y, place.region.start[2] + z) > hu;
  return mask;
}

struct Shape { double length_mm, aspect; };

/// Length along the main axis and its ratio to the second, from the covariance (a uniform rod of length L has variance L^2/12).
Shape shape_of(const Placement& place, const std::vector<std::size_t>& voxels) {
  Eigen::Vector3d mean = Eigen::Vector3d::Zero();
  for (std::size_t q : voxels) mean += place.at(q);
  mean /= static_cast<double>(voxels.size());
  Eigen::Matrix3d cov = Eigen::Matrix3d::Zero();
  for (std::size_t q : voxels) {
    const Eigen::Vector3d d = place.at(q) - mean;
    cov += d * d.transpose();
  }
  const auto e = Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(cov / static_cast<double>(voxels.size())).eigenvalues();
  const double voxel2 = std::pow(place.volume.voxel_mm3(), 2.0 / 3) / 12;
  return {std::sqrt(12 * std::max(0.0, e[2])), std::sqrt((e[2] + voxel2) / (e[1] + voxel2))};
}

Candidate describe(const Placement& place, const std::vector<std::size_t>& voxels, const std::vector<VertebralBody>& bodies, int saturation_hu) {
  Candidate c{voxels, std::vector<double>(bodies.size(), 0.0), std::vector<double>(bodies.size(), 0.0)};
  const double ml = place.volume.voxel_mm3() / 1000;
  c.volume_ml = static_cast<double>(voxels.size()) * ml;
  std::vector<double> hu;
  for (std::size_t q : voxels) {
    hu.push_back(place.hu(q));
    c.saturated += hu.back() >= saturation_hu;
    double nearest = 1e9, behind = 0;
    for (std::size_t b = 0; b < bodies.size(); ++b) {
      const auto local = bodies[b].frame.to_local(place.at(q));
      if (local.cwiseAbs().maxCoeff() > 70) continue;
      const auto excess = bodies[b].excess(local);
      const double e = excess.largest();
      if (e < -kDeep_mm) c.deep_ml[b] += ml;
      if (e < -kVeryDeep_mm) c.very_deep_ml[b] += ml;
      if (e < nearest) nearest = e, behind = excess.behind;
    }
    c.behind += behind > 2;
    c.distance_mm = std::min(c.distance_mm, nearest);
  }
  c.saturated /= static_cast<double>(voxels.size()), c.behind /= static_cast<double>(voxels.size());
  c.p60 = spine::quantile(hu, 0.6), c.p90 = spine::quantile(hu, 0.9);
  const Shape shape = shape_of(place, voxels);
  c.length_mm = shape.length_mm, c.aspect = shape.aspect;
  return c;
}

bool is_metal(const Candidate& c) {
  const bool rod = c.length_mm >= kMetalLength_mm && c.aspect >= kMetalAspect && c.p90 > 1800;
  return rod || (c.saturated >= kMetalSaturated && c.behind >= kMetalBehind);
}

std::vector<Candidate> candidates(const Placement& place, const std::vector<VertebralBody>& bodies, double seed_hu, double min_mm3, int saturation_hu) {
  std::vector<Candidate> out;
  for (const auto& voxels : label_components(above(place, seed_hu)).voxels)
    if (static_cast<double>(voxels.size()) * place.volume.voxel_mm3() >= min_mm3) out.push_back(describe(place, voxels, bodies, saturation_hu));
  return out;
}

/// Which bodies hold cement: 0.3 mL inside them, of cement's density.
std::vector<bool> treated_bodies(const std::vector<Candidate>& all, std::size_t n_bodies) {
  std::vector<double> inside(n_bodies, 0.0);
  for (const auto& c : all) {
    if (is_metal(c) || c.p60 < kMinLowBarium_hu) continue;
    const auto& ml = c.p60 < kMinPlateau_hu ? c.very_deep_ml : c.deep_ml;
    const double total = std::accumulate(ml.begin(), ml.end(), 0.0);
    for (std::size_t b = 0; b < n_bodies; ++b)
      if (ml[b] >= kTreatedShare * total) inside[b] += ml[b];
  }
  std::vector<bool> treated(n_bodies);
  for (std::size_t b = 0; b < n_bodies; ++b) treated[b] = inside[b] >= kTreated_ml;
  return treated;
}

/// The treated body a candidate belongs to as a whole decision: -1 when it is no cement of any.
bool belongs(const Candidate& c, const std::vector<bool>& treated, double plateau_hu) {
  if (is_metal(c)) return false;
  bool in_treated = false;
  for (std::size_t b = 0; b < treated.size(); ++b) in_treated = in_treated || (treated[b] && c.deep_ml[b] > 0.02);
  if (in_treated) return true;
  if (c.p90 < kSatelliteDensity * plateau_hu) return false;
  if (c.distance_mm <= kSatellite_mm) return true;
  return c.distance_mm <= kFarSatellite_mm && c.length_mm >= 12 && c.aspect >= 3 && c.p90 >= 0.75 * plateau_hu;
}

/// 60th percentile of the once-eroded seed (robust against its partial-volume skin); of the seed itself when that is too thin.
double plateau_of(const Placement& place, const Grid<std::uint8_t>& seed, const Grid<std::uint8_t>& core, const Grid<std::uint8_t>& owner, int id) {
  std::vector<double> inner, all;
  for (std::size_t q = 0; q < seed.values.size(); ++q) {
    if (owner.values[q] != id) continue;
    const double hu = place.hu(q);
    all.push_back(hu);
    if (core.values[q]) inner.push_back(hu);
  }
  return inner.size() >= 30 ? spine::quantile(std::move(inner), 0.6) : spine::quantile(std::move(all), 0.85);
}

/// The treated body from whose surface the voxel is least far.
int nearest_treated(const Point_mm& at, const std::vector<VertebralBody>& bodies, const std::vector<bool>& treated) {
  int best = -1;
  double least = 1e9;
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (!treated[b]) continue;
    const double e = bodies[b].excess(bodies[b].frame.to_local(at)).largest();
    if (e < least) least = e, best = static_cast<int>(b);
  }
  return best;
}

/// Gaussian mean of the densities that lie at least two voxels off any seed, along the three axes in turn; 100 HU where none is near.
Grid<float> background_map(const Placement& place, const Grid<std::uint8_t>& near_seed, const Grid<std::uint8_t>& wanted) {
  Grid<float> sum = place.grid<float>(), weight = place.grid<float>();
  for (std::size_t q = 0; q < wanted.values.size(); ++q)
    if (wanted.values[q] && !near_seed.values[q]) sum.values[q] = std::clamp<float>(place.hu(q), -150, 700), weight.values[q] = 1;
  const std::array<std::size_t, 3> stride{1, static_cast<std::size_t>(sum.nx), static_cast<std::size_t>(sum.nx) * sum.ny};
  const std::array<int, 3> n{sum.nx, sum.ny, sum.nz};
  for (int d = 0; d < 3; ++d) {
    const double sigma = kBackgroundSigma_mm / place.volume.spacing_mm[d];
    const int half = std::max(1, static_cast<int>(std::lround(1.73 * sigma / 1.41)));
    for (auto* g : {&sum, &weight})
      for (int pass = 0; pass < 2; ++pass) {  // two boxes: variance 2 half (half + 1) / 3, close to sigma^2
        Grid<float> out = *g;
        for (std::size_t q = 0; q < g->values.size(); ++q) {
          if (!wanted.values[q]) continue;
          const int at = static_cast<int>(q / stride[d] % n[d]);
          float total = 0;
          for (int t = -std::min(half, at); t <= std::min(half, n[d] - 1 - at); ++t) total += g->values[q + t * static_cast<std::ptrdiff_t>(stride[d])];
          out.values[q] = total;
        }
        g->values.swap(out.values);
      }
  }
  for (std::size_t q = 0; q < sum.values.size(); ++q) sum.values[q] = weight.values[q] > 1e-3f ? sum.values[q] / weight.values[q] : 100.f;
  return sum;
}

struct Seeds {
  Grid<std::uint8_t> mask, owner, metal;
};

Seeds collect_seeds(const Placement& place, const std::vector<Candidate>& all, const std::vector<VertebralBody>& bodies,
                    const std::vector<bool>& treated, double plateau_hu) {
  Seeds s{place.grid<std::uint8_t>(), place.grid<std::uint8_t>(), place.grid<std::uint8_t>()};
  for (const auto& c : all) {
    const bool metal = is_metal(c), cement = !metal && belongs(c, treated, plateau_hu);
    for (std::size_t q : c.voxels) {
      s.metal.values[q] = metal;
      if (!cement) continue;
      s.mask.values[q] = 1;
      s.owner.values[q] = static_cast<std::uint8_t>(1 + nearest_treated(place.at(q), bodies, treated));
    }
  }
  return s;
}

/// The cement's density in every treated body, from the eroded inside of its candidates (their skin and bridges of cortex say little).
std::vector<double> first_plateaus(const Placement& place, const std::vector<Candidate>& all, const std::vector<VertebralBody>& bodies,
                                   const std::vector<bool>& treated) {
  auto mask = place.grid<std::uint8_t>();
  for (const auto& c : all)
    if (!is_metal(c))
      for (std::size_t q : c.voxels) mask.values[q] = 1;
  const auto core = erode_once(mask);
  std::vector<double> plateaus(bodies.size(), 0.0);
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (!treated[b]) continue;
    std::vector<double> inner, all_hu;
    for (const auto& c : all) {
      if (is_metal(c) || c.deep_ml[b] <= 0) continue;
      for (std::size_t q : c.voxels)
        if (bodies[b].excess(bodies[b].frame.to_local(place.at(q))).largest() < -kDeep_mm) {
          all_hu.push_back(place.hu(q));
          if (core.values[q]) inner.push_back(all_hu.back());
        }
    }
    plateaus[b] = inner.size() >= 20 ? spine::quantile(std::move(inner), 0.6) : spine::quantile(std::move(all_hu), 0.85, 1500);
  }
  return plateaus;
}

double lowest_plateau(const std::vector<double>& plateaus) {
  double lowest = 0;
  for (double p : plateaus)
    if (p > 0) lowest = lowest > 0 ? std::min(lowest, p) : p;
  return lowest;
}

/// Drops seeds that are not within about 1.6 mm of a voxel of the cement's own density: cortex and facets that hang on the deposit.
void drop_hangers_on(const Placement& place, const std::vector<double>& plateaus, Seeds& seeds) {
  auto bright = place.grid<std::uint8_t>();
  for (std::size_t q = 0; q < bright.values.size(); ++q)
    if (const int id = seeds.owner.values[q]; id && place.hu(q) >= kBrightShare * plateaus[id - 1]) bright.values[q] = 1;
  const auto near_bright = dilate(bright, std::max(1, static_cast<int>(std::lround(1.6 / place.volume.spacing_mm[0]))));
  for (std::size_t q = 0; q < bright.values.size(); ++q)
    if (!near_bright.values[q]) seeds.mask.values[q] = seeds.owner.values[q] = 0;
}

/// Grows the seeds to the half-maximum within two voxels of them, nearest owner first.
void grow_to_half_maximum(const Placement& place, CementMap& map, const std::vector<double>& plateau, const Grid<float>& background) {
  for (int round = 0; round < 2; ++round) {
    std::vector<std::pair<std::size_t, std::uint8_t>> grown;
    const auto& o = map.owner;
    for (int z = 0; z < o.nz; ++z)
      for (int y = 0; y < o.ny; ++y)
        for (int x = 0; x < o.nx; ++x) {
          const std::size_t q = o.index(x, y, z);
          if (o.values[q] || map.metal.values[q] || background.values[q] == 100.f) continue;
          std::uint8_t id = 0;
          for (const auto& d : {std::array<int, 3>{-1, 0, 0}, {1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, -1}, {0, 0, 1}})
            if (o.contains(x + d[0], y + d[1], z + d[2])) id = std::max(id, o.at(x + d[0], y + d[1], z + d[2]));
          if (id && place.hu(q) >= 0.5 * (plateau[id - 1] + background.values[q])) grown.emplace_back(q, id);
        }
    for (const auto& [q, id] : grown) map.owner.values[q] = id;
  }
  for (std::size_t q = 0; q < map.owner.values.size(); ++q)  // seeds below the half-maximum are not cement
    if (const int id = map.owner.values[q]; id && place.hu(q) < 0.5 * (plateau[id - 1] + background.values[q])) map.owner.values[q] = 0;
}

/// Partial-volume fractions over the deposit and its rim; the rim's owner is its neighbour's.
void measure(const Placement& place, CementMap& map, std::vector<Deposit>& deposits, const std::vector<double>& plateau, const Grid<float>& background,
             int saturation_hu) {
  map.fraction = place.grid<float>();
  const double ml = place.volume.voxel_mm3() / 1000;
  std::vector<double> background_sum(deposits.size(), 0.0), n_saturated(deposits.size(), 0.0), n_cement(deposits.size(), 0.0);
  auto deposit_of = [&](int id) {
    for (std::size_t d = 0; d < deposits.size(); ++d)
      if (deposits[d].body == id - 1) return d;
    return deposits.size();
  };
  const auto& o = map.owner;
  for (int z = 0; z < o.nz; ++z)
    for (int y = 0; y < o.ny; ++y)
      for (int x = 0; x < o.nx; ++x) {
        const std::size_t q = o.index(x, y, z);
        int id = o.values[q];
        const bool inside = id != 0;
        if (!inside && !map.metal.values[q])
          for (int dz = -1; dz <= 1 && !id; ++dz)
            for (int dy = -1; dy <= 1 && !id; ++dy)
              for (int dx = -1; dx <= 1 && !id; ++dx)
                if (o.contains(x + dx, y + dy, z + dz)) id = o.at(x + dx, y + dy, z + dz);
        if (!id) continue;
        const std::size_t d = deposit_of(id);
        const double hu = place.hu(q), bg = background.values[q];
        const double f = std::clamp((hu - bg) / std::max(100.0, plateau[id - 1] - bg), 0.0, 1.0);
        map.fraction.values[q] = static_cast<float>(f);
        deposits[d].partial_volume_ml += f * ml;
        if (hu > 600) deposits[d].above_600_ml += ml;
        if (hu > 1000) deposits[d].above_1000_ml += ml;
        if (!inside) continue;
        deposits[d].half_max_ml += ml;
        n_cement[d] += 1, n_saturated[d] += hu >= saturation_hu, background_sum[d] += bg;
      }
  for (std::size_t d = 0; d < deposits.size(); ++d) {
    deposits[d].saturated_fraction = n_cement[d] > 0 ? n_saturated[d] / n_cement[d] : 0;
    deposits[d].background_hu = n_cement[d] > 0 ? background_sum[d] / n_cement[d] : 0;
  }
}

void note_metal(const CementMap& map, std::vector<Deposit>& deposits) {
  const auto near_metal = dilate(map.metal, 2);
  for (std::size_t q = 0; q < map.owner.values.size(); ++q)
    if (near_metal.values[q] && map.owner.values[q])
      for (auto& d : deposits)
        if (d.body == map.owner.values[q] - 1) d.touches_metal = true;
}

}  // namespace

Deposits find_cement(const VolumeView& volume, const std::vector<VertebralBody>& bodies, int saturation_hu, const CementParameters& parameters) {
  Deposits out;
  if (bodies.empty()) return out;
  const Placement place{volume, spine_region(volume, bodies)};
  out.map.region = place.region;
  out.map.seed_hu = seed_threshold(volume, bodies, parameters);
  auto all = candidates(place, bodies, out.map.seed_hu, parameters.min_component_mm3, saturation_hu);
  for (const auto& c : all) out.map.brightest_seed_ml += c.volume_ml;
  auto treated = treated_bodies(all, bodies.size());
  // Dense facets that touch a deposit at the first threshold fall off at half of the cement's own density.
  if (const double half = kSecondSeed * lowest_plateau(first_plateaus(place, all, bodies, treated)); half > out.map.seed_hu) {
    all = candidates(place, bodies, half, parameters.min_component_mm3 / 2, saturation_hu);
    treated = treated_bodies(all, bodies.size());
  }
  const auto first = first_plateaus(place, all, bodies, treated);
  Seeds seeds = collect_seeds(place, all, bodies, treated, lowest_plateau(first));
  drop_hangers_on(place, first, seeds);
  out.map.owner = seeds.owner, out.map.metal = seeds.metal;
  const auto near_seed = dilate(seeds.mask, 2), wanted = dilate(near_seed, 4), core = erode_once(seeds.mask);
  const auto background = background_map(place, near_seed, wanted);
  std::vector<double> plateau(bodies.size(), 0.0);
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (!treated[b]) continue;
    plateau[b] = plateau_of(place, seeds.mask, core, seeds.owner, static_cast<int>(b) + 1);
    out.deposits.push_back({static_cast<int>(b), plateau[b]});
  }
  grow_to_half_maximum(place, out.map, plateau, background);
  measure(place, out.map, out.deposits, plateau, background, saturation_hu);
  note_metal(out.map, out.deposits);
  return out;
}

}  // namespace cemscope::imaging::cement
