#pragma once

#include <vector>

#include "imaging/ct_parameters.h"
#include "imaging/grid.h"
#include "imaging/spine/body.h"

namespace cemscope::imaging::cement {

/// Geometry of the region: index <-> image millimetres.
class Placement {
 public:
  const VolumeView& volume;
  Region region;

  /// Copies the region's densities: O(region).
  Placement(const VolumeView& volume, const Region& region);
  [[nodiscard]] Point_mm at(int x, int y, int z) const {
    return {(region.start[0] + x) * volume.spacing_mm[0], (region.start[1] + y) * volume.spacing_mm[1],
            (region.start[2] + z) * volume.spacing_mm[2]};
  }
  [[nodiscard]] Point_mm at(std::size_t q) const {
    const std::size_t nx = region.size[0], plane = nx * region.size[1];
    return at(static_cast<int>(q % nx), static_cast<int>(q % plane / nx), static_cast<int>(q / plane));
  }
  [[nodiscard]] std::int16_t hu(std::size_t q) const { return hu_.values[q]; }
  /// [i, j, k] inside the region, and in the volume.
  [[nodiscard]] std::array<int, 3> voxel(std::size_t q) const {
    const std::size_t nx = region.size[0], plane = nx * region.size[1];
    return {static_cast<int>(q % nx), static_cast<int>(q % plane / nx), static_cast<int>(q / plane)};
  }
  [[nodiscard]] std::array<int, 3> absolute(std::size_t q) const {
    const auto v = voxel(q);
    return {v[0] + region.start[0], v[1] + region.start[1], v[2] + region.start[2]};
  }
  /// Index of a voxel of the volume in this region, -1 outside.
  [[nodiscard]] std::ptrdiff_t index_of(const std::array<int, 3>& v) const {
    std::array<int, 3> r{};
    for (int d = 0; d < 3; ++d)
      if (r[d] = v[d] - region.start[d]; r[d] < 0 || r[d] >= region.size[d]) return -1;
    return (static_cast<std::ptrdiff_t>(r[2]) * region.size[1] + r[1]) * region.size[0] + r[0];
  }
  template <typename T>
  [[nodiscard]] Grid<T> grid() const {
    return Grid<T>(region.size[0], region.size[1], region.size[2]);
  }

 private:
  Grid<std::int16_t> hu_;
};

/// How many voxels of each axis come nearest to `mm`.
std::array<int, 3> voxels_within(const Placement& place, double mm);

/// "Inside" a body, clear of the wall's own uncertainty, mm.
inline constexpr double kDeep_mm = 1.0;

/// One connected object above the seed threshold, with what tells cement from the rest. `voxels` index the region it was found in.
struct Candidate {
  std::vector<std::size_t> voxels;
  std::vector<double> deep_ml, very_deep_ml;  // per body
  std::vector<double> off_mm;                 // per body: least distance to its surface, negative inside; 1e9 when far away
  double saturated = 0, behind = 0;           // shares: clipped, behind the nearest body's rear wall
  double farthest_behind_mm = 0;              // behind the nearest body's rear wall
  double volume_ml = 0, length_mm = 0, aspect = 1, p60 = 0, p90 = 0;
  double distance_mm = 1e9;  // to the nearest body's surface
};

/// The box that holds every body with 45 mm to the sides and behind and 40 mm in front, and one body's height above and below.
Region spine_region(const VolumeView& volume, const std::vector<spine::VertebralBody>& bodies);

/// P99.5 of untreated bone, HU: of the bodies, and of the arches behind them, whose facets may be denser than any cortex of a body. 0 where
/// none shows.
struct DensestBone {
  double body_hu = 0, arch_hu = 0;
};
DensestBone densest_bone(const VolumeView& volume, const std::vector<spine::VertebralBody>& bodies);

/// clamp(densest bone + margin, floor, ceiling), HU (DEFINITIONS, "Cement on CT", 1).
double seed_threshold(const DensestBone& bone, const CementParameters& parameters);

/// The objects of at least `min_mm3` above `seed_hu`. O(region).
std::vector<Candidate> find_candidates(const Placement& place, const std::vector<spine::VertebralBody>& bodies, double seed_hu,
                                       double min_mm3, int saturation_hu);

/// The same objects, seeded anew at a higher threshold: what hung together may fall apart. O(voxels of the candidates' bounding box).
std::vector<Candidate> reseed(const Placement& place, const std::vector<Candidate>& all, const std::vector<spine::VertebralBody>& bodies,
                              double seed_hu, double min_mm3, int saturation_hu);

/// Long, thin and dense (a rod), or clipped and through a pedicle (a screw).
bool is_metal(const Candidate& candidate);

/// `all`, and besides what hangs on hardware without being its core: the cement of an augmented screw, farther than 2 mm from the metal and
/// reaching into a body. O(region) when there is hardware.
std::vector<Candidate> part_cement_from_metal(const Placement& place, std::vector<Candidate> all,
                                              const std::vector<spine::VertebralBody>& bodies, double min_mm3, int saturation_hu);

/// Which bodies hold cement: 0.3 mL of a cement's density inside them.
std::vector<bool> treated_bodies(const std::vector<Candidate>& all, std::size_t n_bodies);

/// Whether something of cement's density and shape lies anywhere in the volume: at least 0.5 mL in one piece, 1150 HU or more, hardly clipped
/// and not drawn out. For scans in which no body holds cement: a spine that was missed shows itself so. O(voxels).
bool holds_cement_like_density(const VolumeView& volume, int saturation_hu);

/// Whether the object is cement of a treated body: inside one, or a dense enough fragment close by.
bool belongs(const Candidate& candidate, const std::vector<bool>& treated, double plateau_hu);

}  // namespace cemscope::imaging::cement
