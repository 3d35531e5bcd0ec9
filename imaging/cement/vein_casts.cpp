#include "imaging/cement/vein_casts.h"

#include "imaging/cement/moments.h"
#include "imaging/components.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::cement {
namespace {

using spine::Excess;
using spine::VertebralBody;

constexpr double kShare = 0.3;                           // of the plateau: a cast of half a slice's thickness has more
constexpr double kOffOwn_mm = 0.5, kOffOthers_mm = 2.0;  // clear of the walls' own uncertainty; of the others' endplates and osteophytes

enum class CastShape { any, long_and_thin, clump };  // the last two beside the wall

/// What a cast must be to be taken. Chosen on 168 treated vertebrae of random phantoms and 110 of warped real spines.
struct CastRule {
  double least_hu;
  double reach_mm;      ///< to the deposit, two voxels at least
  double leads_off_mm;  ///< how far off the body some of it must lie
  CastShape shape;
};

/// Places outside one treated body where a cast may lie.
class Surroundings {
 public:
  Surroundings(const Placement& place, const std::vector<VertebralBody>& bodies, std::size_t own, double least_hu, const CementMap& map)
      : place_(place), own_(bodies[own]), mask_(place.grid<std::uint8_t>()) {
    for (std::size_t q = 0; q < mask_.values.size(); ++q) {
      if (map.owner.values[q] || map.metal.values[q] || place.hu(q) < least_hu) continue;
      const Excess e = excess(q);
      mask_.values[q] =
          e.largest() > kOffOwn_mm && e.behind < 0 && std::all_of(bodies.begin(), bodies.end(), [&](const VertebralBody& other) {
            return &other == &own_ || other.excess(other.frame.to_local(place.at(q))).largest() > kOffOthers_mm;
          });
    }
  }
  [[nodiscard]] std::vector<std::vector<std::size_t>> casts(double least_hu) const {
    auto dense = mask_;
    for (std::size_t q = 0; q < dense.values.size(); ++q) dense.values[q] = dense.values[q] && place_.hu(q) >= least_hu;
    return label_components(dense);
  }
  [[nodiscard]] Point_mm local(std::size_t q) const { return own_.frame.to_local(place_.at(q)); }
  [[nodiscard]] Excess excess(std::size_t q) const { return own_.excess(local(q)); }

 private:
  const Placement& place_;
  const VertebralBody& own_;
  Grid<std::uint8_t> mask_;
};

/// At least 8 mm long, no wider than a blurred vein, and three times as long as thick, by the second moments of its voxels, unrolled about
/// the body: segmental veins run round it.
bool is_long_and_thin(const Placement& place, const Surroundings& around, const std::vector<std::size_t>& cast) {
  constexpr double kLeast_mm = 8, kWidest_mm = 4, kLengthToDiameter = 3;
  std::vector<Eigen::Vector3d> places;
  for (std::size_t q : cast) places.push_back(around.local(q));
  const Eigen::Vector3d along = variances_of(unroll(places));
  const double length = side_of(along[2]), width = side_of(along[1]);
  if (length < kLeast_mm || width > kWidest_mm) return false;
  return length >= kLengthToDiameter * diameter_of(static_cast<double>(cast.size()) * place.volume.voxel_mm3(), length);
}

/// Nowhere as thin as cortex or a vessel's plaque, and for the most part as dense as the bodies' densest bone or denser.
bool is_clump(const Placement& place, const std::vector<std::size_t>& cast, double bone_hu) {
  constexpr double kLeast_mm3 = 150, kThinnest_mm = 4;
  if (static_cast<double>(cast.size()) * place.volume.voxel_mm3() < kLeast_mm3) return false;
  std::vector<double> hu;
  for (std::size_t q : cast) hu.push_back(place.hu(q));
  return spine::quantile(std::move(hu), 0.5) >= bone_hu &&
         side_of(variances_of([&](std::size_t q) { return place.at(q); }, cast)[0]) >= kThinnest_mm;
}

bool hangs_on(const Placement& place, const Grid<std::uint8_t>& deposit, const std::vector<std::size_t>& cast, double reach_mm) {
  constexpr int kLeastVoxels = 2;
  auto half = voxels_within(place, reach_mm);
  for (int& n : half) n = std::max(kLeastVoxels, n);
  return std::any_of(cast.begin(), cast.end(), [&](std::size_t q) { return any_in_box(deposit, place.voxel(q), half); });
}

bool is_taken(const Placement& place, const Surroundings& around, const Grid<std::uint8_t>& deposit, const std::vector<std::size_t>& cast,
              const CastRule& rule, double bone_hu, double least_mm3) {
  constexpr double kBesideWall = 0.75;
  double off_mm3 = 0, n_beside = 0;
  for (std::size_t q : cast) {
    const Excess e = around.excess(q);
    if (e.largest() > rule.leads_off_mm) off_mm3 += place.volume.voxel_mm3();
    n_beside += e.wall >= std::max(e.above, e.below);
  }
  if (off_mm3 < least_mm3) return false;
  if (rule.shape != CastShape::any && n_beside < kBesideWall * static_cast<double>(cast.size())) return false;
  if (rule.shape == CastShape::long_and_thin && !is_long_and_thin(place, around, cast)) return false;
  if (rule.shape == CastShape::clump && !is_clump(place, cast, bone_hu)) return false;
  return hangs_on(place, deposit, cast, rule.reach_mm);
}

}  // namespace

void add_vein_casts(const Placement& place, const std::vector<VertebralBody>& bodies, const DensestBone& bone,
                    const std::vector<double>& plateau, const CementParameters& parameters, CementMap& map) {
  constexpr double kDensestBone_hu = 700, kThinnestCast_hu = 450, kOverBone_hu = 50, kClumpShare = 0.8;
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (plateau[b] <= 0) continue;
    const double share_hu = kShare * plateau[b];
    // The way through the wall may be thinner than the cast, and show less.
    const CastRule dense{std::max({kDensestBone_hu, map.seed_hu - parameters.seed_margin_hu, share_hu}), 0, 2.5, CastShape::any};
    const CastRule faint{std::max({kThinnestCast_hu, bone.body_hu + kOverBone_hu, share_hu}), 6, 2, CastShape::long_and_thin};
    // Cement of little barium is no seed where it is no denser than the densest bone (find_candidates takes what lies deep in a body).
    const CastRule clump{std::max(kDensestBone_hu, kClumpShare * plateau[b]), 6, 2, CastShape::clump};
    std::vector<CastRule> rules{dense, faint};
    if (plateau[b] < map.seed_hu) rules.push_back(clump);
    const Surroundings around(place, bodies, b, std::min({dense.least_hu, faint.least_hu, clump.least_hu}), map);
    auto deposit = place.grid<std::uint8_t>();
    for (std::size_t q = 0; q < deposit.values.size(); ++q) deposit.values[q] = map.owner.values[q] == b + 1;
    for (const CastRule& rule : rules)
      for (const auto& cast : around.casts(rule.least_hu))
        if (is_taken(place, around, deposit, cast, rule, bone.body_hu, parameters.min_component_mm3))
          for (std::size_t q : cast) map.owner.values[q] = static_cast<std::uint8_t>(b + 1);
  }
}

}  // namespace cemscope::imaging::cement
