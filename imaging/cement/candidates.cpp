#include "imaging/cement/candidates.h"

#include <numeric>

#include "imaging/cement/moments.h"
#include "imaging/components.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::cement {
namespace {

using spine::VertebralBody;

constexpr double kTreated_ml = 0.3;       // less inside a body is a leak of the neighbour or a bone island
constexpr double kTreatedShare = 0.15;    // of a component that reaches into several bodies
constexpr double kMinPlateau_hu = 1150;   // below, dense facets and endplates of uncemented spines form "plateaus" (one real scan) ...
constexpr double kMinLowBarium_hu = 900;  // ... unless the deposit lies deep inside, where sclerosis does not
constexpr double kVeryDeep_mm = 3.0;
constexpr double kMetalSaturated = 0.2, kMetalBehind = 0.3;  // a screw clips the scale and runs through a pedicle
constexpr double kNeighbour_mm = 2.0;                        // a fragment nearer to an untreated body by this is that body's
constexpr double kSatellite_mm = 8.0;                        // a fragment farther off the deposit's body is something else ...
constexpr double kFarSatellite_mm = 30.0;                    // ... unless it is long and dense (a cast of a vein)
constexpr double kSatelliteDensity = 0.6;                    // of the plateau
constexpr double kMetalCore = 0.95;                          // of the 90th percentile of a screw that clips the scale
constexpr double kMetalSkin_mm = 2.0;                        // partial volume and the first streaks round it
constexpr double kMetalCement_mm3 = 150;                     // less beside a screw is a streak
constexpr double kMetalLength_mm = 30, kMetalAspect = 4.5;
constexpr double kBeyondCanal_mm = 14;     // behind the rear wall
constexpr double kMetalDiameter_mm = 3.2;  // a rod in front of the rear wall that is thinner is a vein's cast
constexpr double kTractDiameter_mm = 2.5;  // what a needle left behind it is thinner than a screw ...
constexpr double kTractDensest_hu = 2200;  // ... and less dense than a wire
constexpr double kMostStreak_ml = 1.5;     // what follows a screw through the pedicle is its streak; more is cement that flowed back along it

Grid<std::uint8_t> above(const Placement& place, double hu) {
  auto mask = place.grid<std::uint8_t>();
  const auto limit = static_cast<std::int16_t>(std::floor(hu));
  for (std::size_t q = 0; q < mask.values.size(); ++q) mask.values[q] = place.hu(q) > limit;
  return mask;
}

struct Shape {
  double length_mm, aspect;
};

/// Length along the main axis and its ratio to the second, from the second moments.
template <typename At>
Shape shape_of(const At& at, double voxel_mm3, const std::vector<std::size_t>& voxels) {
  const Eigen::Vector3d e = variances_of(at, voxels);
  const double voxel2 = std::pow(voxel_mm3, 2.0 / 3) / 12;
  return {side_of(e[2]), std::sqrt((e[2] + voxel2) / (e[1] + voxel2))};
}

Candidate describe(const Placement& place, const std::vector<std::size_t>& voxels, const std::vector<VertebralBody>& bodies,
                   int saturation_hu) {
  Candidate c{voxels, std::vector<double>(bodies.size(), 0.0), std::vector<double>(bodies.size(), 0.0),
              std::vector<double>(bodies.size(), 1e9)};
  const double ml = place.volume.voxel_mm3() / 1000;
  c.volume_ml = static_cast<double>(voxels.size()) * ml;
  std::vector<double> hu;
  for (std::size_t q : voxels) {
    hu.push_back(place.hu(q));
    c.saturated += hu.back() >= saturation_hu;
    double nearest = 1e9, behind_mm = 0;
    for (std::size_t b = 0; b < bodies.size(); ++b) {
      const auto local = bodies[b].frame.to_local(place.at(q));
      if (local.cwiseAbs().maxCoeff() > 55) continue;
      if (const double far = std::max(local[2] - bodies[b].top, bodies[b].bottom - local[2]); far > 8) {  // another body's level
        c.off_mm[b] = std::min(c.off_mm[b], far);
        if (far < nearest) nearest = far, behind_mm = bodies[b].rear_at(local[0], local[2]) - local[1];
        continue;
      }
      const auto excess = bodies[b].excess(local);
      const double e = excess.largest();
      c.off_mm[b] = std::min(c.off_mm[b], e);
      if (e < -kDeep_mm) c.deep_ml[b] += ml;
      if (e < -kVeryDeep_mm) c.very_deep_ml[b] += ml;
      if (e < nearest) nearest = e, behind_mm = excess.behind;
    }
    c.behind += behind_mm > 2;
    c.farthest_behind_mm = std::max(c.farthest_behind_mm, behind_mm);
    c.distance_mm = std::min(c.distance_mm, nearest);
  }
  c.saturated /= static_cast<double>(voxels.size()), c.behind /= static_cast<double>(voxels.size());
  c.p60 = spine::quantile(hu, 0.6), c.p90 = spine::quantile(hu, 0.9);
  const Shape shape = shape_of([&](std::size_t q) { return place.at(q); }, place.volume.voxel_mm3(), voxels);
  c.length_mm = shape.length_mm, c.aspect = shape.aspect;
  return c;
}

std::vector<Candidate> describe_all(const Placement& place, const std::vector<std::vector<std::size_t>>& components,
                                    const std::vector<VertebralBody>& bodies, double min_mm3, int saturation_hu) {
  std::vector<Candidate> out;
  for (const auto& voxels : components)
    if (static_cast<double>(voxels.size()) * place.volume.voxel_mm3() >= min_mm3)
      out.push_back(describe(place, voxels, bodies, saturation_hu));
  return out;
}

}  // namespace

Placement::Placement(const VolumeView& v, const Region& r) : volume(v), region(r), hu_(r.size[0], r.size[1], r.size[2]) {
  for (int z = 0; z < r.size[2]; ++z)
    for (int y = 0; y < r.size[1]; ++y)
      std::copy_n(&v.hu[v.index(r.start[0], r.start[1] + y, r.start[2] + z)], r.size[0], &hu_.at(0, y, z));
}

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

namespace {

/// Densities of a body and of the arch behind it, on a 2 mm raster, HU.
struct BoneSample {
  std::vector<double> body, arch;
  int n_metal = 0;
};

BoneSample sample_bone(const VolumeView& v, const VertebralBody& b) {
  constexpr float kArchBone_hu = 250, kMetal_hu = 2500;
  BoneSample out;
  for (int w = -14; w <= 14; w += 2)
    for (int y = -48; y <= 18; y += 2)
      for (int u = -30; u <= 30; u += 2) {
        const Eigen::Vector3d q(u, y, w);
        const Point_mm at = b.frame.to_image(q);
        if (!v.contains_mm(at)) continue;
        const float hu = v.sample(at);
        out.n_metal += hu >= kMetal_hu;
        if (b.excess(q).largest() < 0)
          out.body.push_back(hu);
        else if (y < -24 && hu > kArchBone_hu && hu < kMetal_hu)
          out.arch.push_back(hu);
      }
  return out;
}

bool is_very_deep(const Point_mm& at, const std::vector<VertebralBody>& bodies) {
  return std::any_of(bodies.begin(), bodies.end(), [&](const VertebralBody& b) { return b.contains(b.frame.to_local(at), kVeryDeep_mm); });
}

/// As a screw and the streaks along it do; a leak stays in the canal.
bool goes_through_pedicle(const Candidate& c) { return c.behind >= kMetalBehind && c.farthest_behind_mm >= kBeyondCanal_mm; }

}  // namespace

std::array<int, 3> voxels_within(const Placement& place, double mm) {
  std::array<int, 3> n{};
  for (int d = 0; d < 3; ++d) n[d] = static_cast<int>(std::lround(mm / place.volume.spacing_mm[d]));
  return n;
}

DensestBone densest_bone(const VolumeView& v, const std::vector<VertebralBody>& bodies) {
  constexpr int kHardware = 3;  // samples of metal: the blurred rim of a screw or rod is denser than any facet
  std::vector<double> body_hu, arch_hu;
  double least_dense = 1e9;
  for (const auto& b : bodies) least_dense = std::min(least_dense, b.dense_ml);
  for (const auto& b : bodies) {
    if (b.dense_ml > std::max(0.1, 1.5 * least_dense))
      continue;  // thick cortex counts as dense, too: the least dense bodies are the untreated ones
    const BoneSample bone = sample_bone(v, b);
    body_hu.insert(body_hu.end(), bone.body.begin(), bone.body.end());
    if (bone.n_metal < kHardware) arch_hu.insert(arch_hu.end(), bone.arch.begin(), bone.arch.end());
  }
  return {spine::quantile(std::move(body_hu), 0.995, 0), spine::quantile(std::move(arch_hu), 0.995, 0)};
}

double seed_threshold(const DensestBone& bone, const CementParameters& p) {
  return std::clamp(std::max(bone.body_hu, bone.arch_hu) + p.seed_margin_hu, p.seed_floor_hu, p.seed_ceiling_hu);
}

std::vector<Candidate> find_candidates(const Placement& place, const std::vector<VertebralBody>& bodies, double seed_hu, double min_mm3,
                                       int saturation_hu) {
  auto mask = above(place, seed_hu);
  // Cement of little barium is no denser than thick cortex, but lies where there is none.
  for (std::size_t q = 0; q < mask.values.size(); ++q)
    if (!mask.values[q] && place.hu(q) > kMinLowBarium_hu && is_very_deep(place.at(q), bodies)) mask.values[q] = 1;
  return describe_all(place, label_components(mask), bodies, min_mm3, saturation_hu);
}

std::vector<Candidate> reseed(const Placement& place, const std::vector<Candidate>& all, const std::vector<VertebralBody>& bodies,
                              double seed_hu, double min_mm3, int saturation_hu) {
  auto mask = place.grid<std::uint8_t>();
  for (const auto& c : all)
    for (std::size_t q : c.voxels) mask.values[q] = place.hu(q) > seed_hu;
  return describe_all(place, label_components(mask), bodies, min_mm3, saturation_hu);
}

std::vector<Candidate> part_cement_from_metal(const Placement& place, std::vector<Candidate> all, const std::vector<VertebralBody>& bodies,
                                              double min_mm3, int saturation_hu) {
  if (std::none_of(all.begin(), all.end(), is_metal)) return all;
  auto core = place.grid<std::uint8_t>(), rest = core;
  for (const auto& c : all) {
    if (!is_metal(c)) continue;
    for (std::size_t q : c.voxels) (place.hu(q) >= kMetalCore * c.p90 ? core : rest).values[q] = 1;
  }
  const double voxel = std::min({place.volume.spacing_mm[0], place.volume.spacing_mm[1], place.volume.spacing_mm[2]});
  const int skin = static_cast<int>(std::ceil(kMetalSkin_mm / voxel));
  auto clear = rest;
  const auto at_core = dilate(core, 1), near_core = dilate(at_core, skin - 1);
  for (std::size_t q = 0; q < rest.values.size(); ++q) {
    clear.values[q] = rest.values[q] && !near_core.values[q];
    rest.values[q] = rest.values[q] && !at_core.values[q];
  }
  auto cement = place.grid<std::uint8_t>();
  for (const auto& part : describe_all(place, label_components(clear), bodies, std::max(min_mm3, kMetalCement_mm3), saturation_hu))
    if (part.distance_mm < 0)
      for (std::size_t q : part.voxels) cement.values[q] = 1;
  for (int round = 0; round < skin; ++round) {  // what the skin hid of it
    cement = dilate(cement, 1);
    for (std::size_t q = 0; q < rest.values.size(); ++q) cement.values[q] = cement.values[q] && rest.values[q];
  }
  for (auto& part : describe_all(place, label_components(cement), bodies, min_mm3, saturation_hu))
    if (part.volume_ml > kMostStreak_ml || !goes_through_pedicle(part)) all.push_back(std::move(part));
  return all;
}

bool is_metal(const Candidate& c) {
  const bool is_long = c.length_mm >= kMetalLength_mm && c.aspect >= kMetalAspect && c.p90 > 1800;
  const double diameter = diameter_of(1000 * c.volume_ml, c.length_mm);
  const bool is_tract = diameter < kTractDiameter_mm && c.p90 < kTractDensest_hu;
  if (is_long && (diameter >= kMetalDiameter_mm || (c.behind >= kMetalBehind && !is_tract))) return true;
  return c.saturated >= kMetalSaturated && goes_through_pedicle(c);
}

bool holds_cement_like_density(const VolumeView& volume, int saturation_hu) {
  constexpr double kLeast_mm3 = 500, kMostClipped = 0.2, kMostAspect = 4;
  Grid<std::uint8_t> dense(volume.size[0], volume.size[1], volume.size[2]);
  for (std::size_t q = 0; q < dense.values.size(); ++q) dense.values[q] = volume.hu[q] >= kMinPlateau_hu;
  const std::size_t nx = dense.nx, plane = nx * dense.ny;
  const auto at = [&](std::size_t q) {
    return Point_mm(static_cast<double>(q % nx) * volume.spacing_mm[0], static_cast<double>(q % plane / nx) * volume.spacing_mm[1],
                    static_cast<double>(q / plane) * volume.spacing_mm[2]);
  };
  for (const auto& voxels : label_components(dense)) {
    if (static_cast<double>(voxels.size()) * volume.voxel_mm3() < kLeast_mm3) continue;
    const auto n_clipped = std::count_if(voxels.begin(), voxels.end(), [&](std::size_t q) { return volume.hu[q] >= saturation_hu; });
    if (static_cast<double>(n_clipped) > kMostClipped * static_cast<double>(voxels.size())) continue;
    if (shape_of(at, volume.voxel_mm3(), voxels).aspect < kMostAspect) return true;
  }
  return false;
}

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

bool belongs(const Candidate& c, const std::vector<bool>& treated, double plateau_hu) {
  if (is_metal(c)) return false;
  bool in_treated = false;
  for (std::size_t b = 0; b < treated.size(); ++b) in_treated = in_treated || (treated[b] && c.deep_ml[b] > 0.02);
  if (in_treated) return true;
  if (c.p90 < kSatelliteDensity * plateau_hu) return false;
  double off = 1e9;
  for (std::size_t b = 0; b < treated.size(); ++b)
    if (treated[b]) off = std::min(off, c.off_mm[b]);
  if (off > c.distance_mm + kNeighbour_mm) return false;  // an untreated body is clearly nearer: its own endplate or osteophyte
  if (off <= kSatellite_mm) return true;
  return off <= kFarSatellite_mm && c.length_mm >= 12 && c.aspect >= 3 && c.p90 >= 0.75 * plateau_hu;
}

}  // namespace cemscope::imaging::cement
