#include "imaging/cement/deposit.h"

#include "imaging/cement/candidates.h"
#include "imaging/cement/strays.h"
#include "imaging/cement/vein_casts.h"
#include "imaging/components.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::cement {
namespace {

using spine::VertebralBody;

constexpr double kSecondSeed = 0.5;   // of the plateau; with a background of 100 HU just under the half-maximum
constexpr double kBrightShare = 0.7;  // of the plateau; cement's texture is about 10 %
constexpr double kBackgroundSigma_mm = 4;
constexpr double kMostDeepInside = 1.5;  // of the plateau; what is denser yet is barium in lumps or a streak
constexpr double kLeastInRim = -1;
constexpr double kMargin_mm = 8;  // round the deposits: two background sigmas

/// 60th percentile of the once-eroded seed (robust against its partial-volume skin); of the seed itself when that is too thin.
double plateau_of(const Placement& place, const Grid<std::uint8_t>& seed, const Grid<std::uint8_t>& core, const Grid<std::uint8_t>& owner,
                  int id) {
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

/// Sums over 2 half + 1 neighbours along one axis, by running sums.
void box_sum(Grid<float>& g, int axis, int half) {
  const std::array<std::size_t, 3> stride{1, static_cast<std::size_t>(g.nx), static_cast<std::size_t>(g.nx) * g.ny};
  const std::array<int, 3> n{g.nx, g.ny, g.nz};
  const int u = (axis + 1) % 3, v = (axis + 2) % 3, length = n[axis];
  std::vector<double> prefix(length + 1, 0.0);
  for (int b = 0; b < n[v]; ++b)
    for (int a = 0; a < n[u]; ++a) {
      float* line = &g.values[a * stride[u] + b * stride[v]];
      for (int q = 0; q < length; ++q) prefix[q + 1] = prefix[q] + line[q * stride[axis]];
      for (int q = 0; q < length; ++q)
        line[q * stride[axis]] = static_cast<float>(prefix[std::min(length, q + half + 1)] - prefix[std::max(0, q - half)]);
    }
}

/// Mean of the densities that lie at least two voxels off any seed, weighted nearly like a Gaussian (two boxes along each axis); 100 HU
/// where none is near.
Grid<float> background_map(const Placement& place, const Grid<std::uint8_t>& near_seed) {
  Grid<float> sum = place.grid<float>(), weight = place.grid<float>();
  for (std::size_t q = 0; q < sum.values.size(); ++q)
    if (!near_seed.values[q]) sum.values[q] = std::clamp<float>(place.hu(q), -150, 700), weight.values[q] = 1;
  for (int d = 0; d < 3; ++d) {
    const int half = std::max(1, static_cast<int>(std::lround(1.22 * kBackgroundSigma_mm / place.volume.spacing_mm[d])));
    for (int pass = 0; pass < 2; ++pass) box_sum(sum, d, half), box_sum(weight, d, half);
  }
  for (std::size_t q = 0; q < sum.values.size(); ++q) sum.values[q] = weight.values[q] > 0.5f ? sum.values[q] / weight.values[q] : 100.f;
  return sum;
}

struct Seeds {
  Grid<std::uint8_t> mask, owner, metal;
};

/// The box of all cement candidates with a margin, inside `place.region`.
Region deposit_region(const Placement& place, const std::vector<const Candidate*>& cement) {
  std::array<int, 3> lo = place.region.size, hi{-1, -1, -1};
  for (const auto* c : cement)
    for (std::size_t q : c->voxels) {
      const auto v = place.voxel(q);
      for (int d = 0; d < 3; ++d) lo[d] = std::min(lo[d], v[d]), hi[d] = std::max(hi[d], v[d]);
    }
  Region r;
  for (int d = 0; d < 3; ++d) {
    const int margin = static_cast<int>(std::ceil(kMargin_mm / place.volume.spacing_mm[d]));
    const int from = std::max(0, lo[d] - margin), to = std::min(place.region.size[d] - 1, hi[d] + margin);
    r.start[d] = place.region.start[d] + from, r.size[d] = std::max(1, to - from + 1);
  }
  return r;
}

/// Whether a voxel of `owner` next to the voxel is `id`'s.
bool touches(const Grid<std::uint8_t>& owner, const std::array<int, 3>& v, std::uint8_t id) {
  for (int z = v[2] - 1; z <= v[2] + 1; ++z)
    for (int y = v[1] - 1; y <= v[1] + 1; ++y)
      for (int x = v[0] - 1; x <= v[0] + 1; ++x)
        if (owner.contains(x, y, z) && owner.at(x, y, z) == id) return true;
  return false;
}

/// Gives what lies outside the bodies and hangs together with one treated body's cement alone to that body: a leak belongs to the body it
/// came from, not to the one it lies nearest to. What hangs together with two, or with none, keeps the nearest. O(voxels).
void give_to_source(const Placement& place, const std::vector<VertebralBody>& bodies, Seeds& seeds) {
  auto inside = place.grid<std::uint8_t>(), outside = inside;
  std::vector<std::uint8_t> ids;
  for (std::size_t q = 0; q < inside.values.size(); ++q) {
    if (!seeds.mask.values[q]) continue;
    const std::uint8_t id = seeds.owner.values[q];
    const auto& body = bodies[id - 1U];
    (body.excess(body.frame.to_local(place.at(q))).largest() < -kDeep_mm ? inside : outside).values[q] = id;
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  if (ids.size() < 2) return;
  for (const auto& part : label_components(outside)) {
    std::vector<std::uint8_t> sources;
    for (const std::uint8_t id : ids)
      if (std::any_of(part.begin(), part.end(), [&](std::size_t q) { return touches(inside, place.voxel(q), id); })) sources.push_back(id);
    if (sources.size() == 1)
      for (std::size_t q : part) seeds.owner.values[q] = sources.front();
  }
}

/// The candidates' voxels moved into the smaller region `crop`; voxels outside it are dropped.
Seeds collect_seeds(const Placement& place, const Placement& crop, const std::vector<Candidate>& all,
                    const std::vector<const Candidate*>& cement, const std::vector<VertebralBody>& bodies,
                    const std::vector<bool>& treated) {
  Seeds s{crop.grid<std::uint8_t>(), crop.grid<std::uint8_t>(), crop.grid<std::uint8_t>()};
  for (const auto& c : all)
    if (is_metal(c))
      for (std::size_t q : c.voxels)
        if (const auto to = crop.index_of(place.absolute(q)); to >= 0) s.metal.values[to] = 1;
  for (const auto* c : cement)
    for (std::size_t q : c->voxels) {
      const auto to = crop.index_of(place.absolute(q));
      s.mask.values[to] = 1, s.metal.values[to] = 0;
      s.owner.values[to] = static_cast<std::uint8_t>(1 + nearest_treated(place.at(q), bodies, treated));
    }
  give_to_source(crop, bodies, s);
  return s;
}

bool is_surrounded(const Grid<std::uint8_t>& mask, const std::array<int, 3>& v) {
  for (const auto& d : kSixNeighbours)
    if (!mask.contains(v[0] + d[0], v[1] + d[1], v[2] + d[2]) || !mask.at(v[0] + d[0], v[1] + d[1], v[2] + d[2])) return false;
  return true;
}

/// The cement's density in every treated body, from the eroded inside of its candidates (their skin and bridges of cortex say little).
std::vector<double> first_plateaus(const Placement& place, const std::vector<Candidate>& all, const std::vector<VertebralBody>& bodies,
                                   const std::vector<bool>& treated) {
  auto mask = place.grid<std::uint8_t>();
  for (const auto& c : all)
    if (!is_metal(c))
      for (std::size_t q : c.voxels) mask.values[q] = 1;
  std::vector<double> plateaus(bodies.size(), 0.0);
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (!treated[b]) continue;
    std::vector<double> inner, skin;
    for (const auto& c : all) {
      if (is_metal(c) || c.deep_ml[b] <= 0) continue;
      for (std::size_t q : c.voxels)
        if (bodies[b].excess(bodies[b].frame.to_local(place.at(q))).largest() < -kDeep_mm)
          (is_surrounded(mask, place.voxel(q)) ? inner : skin).push_back(place.hu(q));
    }
    plateaus[b] = inner.size() >= 20 ? spine::quantile(std::move(inner), 0.6) : spine::quantile(std::move(skin), 0.85, 1500);
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

/// Whether no cortex lies there: deep inside the body, or in the disc off both endplates.
bool is_clear_of_cortex(const Point_mm& at, const std::vector<VertebralBody>& bodies, std::size_t owner) {
  constexpr double kInside_mm = 1.5, kInDisc_mm = 2.0;
  auto excess = [&](const VertebralBody& b) { return b.excess(b.frame.to_local(at)); };
  const auto e = excess(bodies[owner]);
  if (e.largest() < -kInside_mm) return true;
  if (std::max(e.above, e.below) < kInDisc_mm || e.wall > 0 || e.behind > 0) return false;
  return std::all_of(bodies.begin(), bodies.end(), [&](const VertebralBody& b) { return excess(b).largest() > kInDisc_mm; });
}

/// Grows the seeds to the half-maximum, nearest owner first: within two voxels of them, and where no cortex lies as far as it goes.
void grow_to_half_maximum(const Placement& place, const std::vector<VertebralBody>& bodies, CementMap& map,
                          const std::vector<double>& plateau, const Grid<float>& background) {
  constexpr int kRounds = 2, kMostRounds = 60;
  for (int round = 0; round < kMostRounds; ++round) {
    std::vector<std::pair<std::size_t, std::uint8_t>> grown;
    const auto& o = map.owner;
    for (int z = 0; z < o.nz; ++z)
      for (int y = 0; y < o.ny; ++y)
        for (int x = 0; x < o.nx; ++x) {
          const std::size_t q = o.index(x, y, z);
          if (o.values[q] || map.metal.values[q] || background.values[q] == 100.f) continue;
          std::uint8_t id = 0;
          for (const auto& d : kSixNeighbours)
            if (o.contains(x + d[0], y + d[1], z + d[2])) id = std::max(id, o.at(x + d[0], y + d[1], z + d[2]));
          if (!id || place.hu(q) < 0.5 * (plateau[id - 1] + background.values[q])) continue;
          if (round < kRounds || is_clear_of_cortex(place.at(q), bodies, id - 1U)) grown.emplace_back(q, id);
        }
    if (grown.empty()) break;
    for (const auto& [q, id] : grown) map.owner.values[q] = id;
  }
  for (std::size_t q = 0; q < map.owner.values.size(); ++q)  // seeds below the half-maximum are not cement
    if (const int id = map.owner.values[q]; id && place.hu(q) < 0.5 * (plateau[id - 1] + background.values[q])) map.owner.values[q] = 0;
}

/// Whether all 26 neighbours are cement.
bool is_deep_inside(const Grid<std::uint8_t>& owner, int x, int y, int z) {
  for (int dz = -1; dz <= 1; ++dz)
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx)
        if (!owner.contains(x + dx, y + dy, z + dz) || !owner.at(x + dx, y + dy, z + dz)) return false;
  return true;
}

/// Partial-volume fractions over the deposit and its rim; the rim's owner is its neighbour's. Noise and the cement's texture go
/// above the plateau as often as below it deep inside, and below the background as often as above it in the rim: fractions cut off at 1 and
/// 0 there would lose or add a part of the volume that grows with them. The map keeps no negative ones, since beside a thin cast in fat the
/// background is too high for bone's sake.
void measure(const Placement& place, CementMap& map, std::vector<Deposit>& deposits, const std::vector<double>& plateau,
             const Grid<float>& background, int saturation_hu) {
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
        const double least = inside ? 0.0 : kLeastInRim, most = inside && is_deep_inside(o, x, y, z) ? kMostDeepInside : 1.0;
        const double f = std::clamp((hu - bg) / std::max(100.0, plateau[id - 1] - bg), least, most);
        map.fraction.values[q] = static_cast<float>(std::max(0.0, f));
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

Deposits find_cement(const VolumeView& volume, const std::vector<VertebralBody>& bodies, int saturation_hu,
                     const CementParameters& parameters) {
  Deposits out;
  if (bodies.empty()) return out;
  const Placement place{volume, spine_region(volume, bodies)};
  const DensestBone bone = densest_bone(volume, bodies);
  out.map.seed_hu = seed_threshold(bone, parameters);
  auto all = find_candidates(place, bodies, out.map.seed_hu, parameters.min_component_mm3, saturation_hu);
  for (const auto& c : all) out.map.brightest_seed_ml += c.volume_ml;
  all = part_cement_from_metal(place, std::move(all), bodies, parameters.min_component_mm3, saturation_hu);
  auto treated = treated_bodies(all, bodies.size());
  // Dense facets that touch a deposit at the first threshold fall off at half of the cement's own density.
  if (const double half = kSecondSeed * lowest_plateau(first_plateaus(place, all, bodies, treated)); half > out.map.seed_hu) {
    all = reseed(place, all, bodies, half, parameters.min_component_mm3 / 2, saturation_hu);
    all = part_cement_from_metal(place, std::move(all), bodies, parameters.min_component_mm3, saturation_hu);
    treated = treated_bodies(all, bodies.size());
  }
  const auto first = first_plateaus(place, all, bodies, treated);
  std::vector<const Candidate*> cement;
  for (const auto& c : all)
    if (belongs(c, treated, lowest_plateau(first))) cement.push_back(&c);
  if (cement.empty()) return out;
  const Placement crop{volume, deposit_region(place, cement)};
  out.map.region = crop.region;
  Seeds seeds = collect_seeds(place, crop, all, cement, bodies, treated);
  drop_hangers_on(crop, first, seeds);
  out.map.owner = seeds.owner, out.map.metal = seeds.metal;
  const auto core = erode_once(seeds.mask);
  const auto background = background_map(crop, dilate(seeds.mask, 2));
  std::vector<double> plateau(bodies.size(), 0.0);
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (!treated[b]) continue;
    plateau[b] = plateau_of(crop, seeds.mask, core, seeds.owner, static_cast<int>(b) + 1);
    out.deposits.push_back({static_cast<int>(b), plateau[b]});
  }
  grow_to_half_maximum(crop, bodies, out.map, plateau, background);
  add_vein_casts(crop, bodies, bone, plateau, parameters, out.map);
  drop_strays(crop, bodies, bone, out.map);
  measure(crop, out.map, out.deposits, plateau, background, saturation_hu);
  note_metal(out.map, out.deposits);
  return out;
}

}  // namespace cemscope::imaging::cement
