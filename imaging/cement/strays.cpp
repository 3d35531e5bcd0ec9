#include "imaging/cement/strays.h"

#include "imaging/cement/moments.h"
#include "imaging/components.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::cement {
namespace {

using spine::VertebralBody;

/// A connected piece of cement, of whichever body.
struct Piece {
  std::vector<std::size_t> voxels;
  double mm3 = 0;
  double nearest_mm = 1e9;               ///< to the surface of a body, negative inside
  double beside_mm = 0;                  ///< median of how far beyond the body's wall or behind it; negative between the endplates
  double low_mm = 0, high_mm = 0;        ///< 10th and 90th percentile of how far out of the nearest face it lies
  double density_hu = 0;                 ///< median
  double length_mm = 0, breadth_mm = 0;  ///< of the box with its second moments
};

/// How far the place lies outside each face of the body whose surface is nearest.
spine::Excess nearest_excess(const Point_mm& at, const std::vector<VertebralBody>& bodies) {
  spine::Excess nearest{1e9, 1e9, 1e9, 1e9};
  for (const auto& b : bodies)
    if (const auto e = b.excess(b.frame.to_local(at)); std::abs(e.largest()) < std::abs(nearest.largest())) nearest = e;
  return nearest;
}

Piece describe(const Placement& place, const std::vector<VertebralBody>& bodies, std::vector<std::size_t> voxels) {
  Piece piece;
  piece.voxels = std::move(voxels);
  piece.mm3 = static_cast<double>(piece.voxels.size()) * place.volume.voxel_mm3();
  std::vector<double> off, beside, hu;
  for (const std::size_t q : piece.voxels) {
    const auto e = nearest_excess(place.at(q), bodies);
    off.push_back(e.largest()), beside.push_back(std::max(e.wall, e.behind)), hu.push_back(place.hu(q));
    piece.nearest_mm = std::min(piece.nearest_mm, off.back());
  }
  const Eigen::Vector3d along = variances_of([&](std::size_t q) { return place.at(q); }, piece.voxels);
  piece.length_mm = side_of(along[2]), piece.breadth_mm = side_of(along[1]);
  piece.density_hu = spine::quantile(std::move(hu), 0.5);
  piece.beside_mm = spine::quantile(std::move(beside), 0.5);
  piece.low_mm = spine::quantile(off, 0.1), piece.high_mm = spine::quantile(off, 0.9);
  return piece;
}

/// Sheets along a face, and short bits that are hardly denser than bone; what is long and thin is a vein's cast. Of 83 small pieces of 130
/// scans looked at (random phantoms, warped real spines) it takes 9 of 9 of cortex and none of 68 of cement. Sheets that are hardly denser
/// than bone may be of any size: of 150 scans the only three above 100 mm3 (up to 393) were the thick wall of one waist.
bool is_cortex(const Piece& piece, const DensestBone& bone) {
  constexpr double kMost_mm3 = 100, kAlongFace_mm = 2.3, kHardlyDenser = 1.4, kDenser = 2.0, kSheet_mm = 3.5, kShort_mm = 8;
  if (piece.low_mm < -kAlongFace_mm || piece.high_mm > kAlongFace_mm) return false;
  const bool is_sheet = piece.breadth_mm >= kSheet_mm, is_small = piece.mm3 <= kMost_mm3;
  if (piece.density_hu < kHardlyDenser * bone.body_hu && (is_sheet || (is_small && piece.length_mm < kShort_mm))) return true;
  return is_small && is_sheet && piece.density_hu < kDenser * bone.body_hu;
}

/// Whether a voxel of the mask lies within so many mm of a voxel. O(voxels of the box).
bool any_within(const Placement& place, const Grid<std::uint8_t>& mask, std::size_t q, double mm) {
  const auto half = voxels_within(place, mm), at = place.voxel(q);
  for (int z = std::max(0, at[2] - half[2]); z <= std::min(mask.nz - 1, at[2] + half[2]); ++z)
    for (int y = std::max(0, at[1] - half[1]); y <= std::min(mask.ny - 1, at[1] + half[1]); ++y)
      for (int x = std::max(0, at[0] - half[0]); x <= std::min(mask.nx - 1, at[0] + half[0]); ++x)
        if (mask.at(x, y, z) && (place.at(x, y, z) - place.at(q)).norm() <= mm) return true;
  return false;
}

}  // namespace

void drop_strays(const Placement& place, const std::vector<VertebralBody>& bodies, const DensestBone& bone, CementMap& map) {
  constexpr double kAtBody_mm = 2, kInDisc_mm = 1, kLarge_ml = 0.5;
  // The way through the wall may be too thin to show; a vein is long, a plaque is a lump.
  constexpr double kClose_mm = 4, kGap_mm = 4, kGapClose_mm = 6, kLong_mm = 7, kGapLong_mm = 9;
  auto mask = place.grid<std::uint8_t>(), kept = mask;
  for (std::size_t q = 0; q < mask.values.size(); ++q) mask.values[q] = map.owner.values[q] != 0;
  std::vector<Piece> loose;
  const auto drop = [&](const Piece& piece) {
    for (const std::size_t q : piece.voxels) map.owner.values[q] = 0;
  };
  const auto keep = [&](const std::vector<std::size_t>& voxels) {
    for (const std::size_t q : voxels) kept.values[q] = 1;
  };
  for (auto& voxels : label_components(mask)) {
    if (static_cast<double>(voxels.size()) * place.volume.voxel_mm3() >= 1000 * kLarge_ml) {
      keep(voxels);
      continue;
    }
    Piece piece = describe(place, bodies, std::move(voxels));
    if (is_cortex(piece, bone))
      drop(piece);
    else if (piece.nearest_mm <= kAtBody_mm || piece.beside_mm <= kInDisc_mm)
      keep(piece.voxels);
    else
      loose.push_back(std::move(piece));
  }
  for (std::size_t before = 0; before != loose.size();) {
    before = loose.size();
    std::erase_if(loose, [&](const Piece& piece) {
      const double reach = piece.nearest_mm > kClose_mm ? kGap_mm : piece.length_mm >= kLong_mm ? kGapLong_mm : kGapClose_mm;
      const bool hangs =
          std::any_of(piece.voxels.begin(), piece.voxels.end(), [&](std::size_t q) { return any_within(place, kept, q, reach); });
      if (hangs) keep(piece.voxels);
      return hangs;
    });
  }
  for (const Piece& piece : loose) drop(piece);
}

}  // namespace cemscope::imaging::cement
