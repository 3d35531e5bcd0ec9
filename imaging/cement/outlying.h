#pragma once

#include <map>
#include <vector>

#include "imaging/cement/deposit.h"
#include "imaging/cement/outlying_cement.h"
#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging::cement {

/// A voxel of one treated body's cement.
struct CementVoxel {
  std::size_t at;         ///< in the map
  Eigen::Vector3d local;  ///< mm, in the body's frame
  spine::Excess excess;
  CementZone zone = CementZone::body;
  bool certain = false;  ///< beyond epsilon and the face's uncertainty
  bool is_sheet = false;  ///< of a sheet pressed flat on the wall, which is no vein
};

/// Places of the map's voxels.
struct Geometry {
  const VolumeView& volume;
  const CementMap& map;
  /// Column, row and slice in the map.
  [[nodiscard]] std::array<int, 3> place(std::size_t q) const {
    const std::size_t nx = map.region.size[0], plane = nx * map.region.size[1];
    return {static_cast<int>(q % nx), static_cast<int>(q % plane / nx), static_cast<int>(q / plane)};
  }
  [[nodiscard]] Point_mm at(std::size_t q) const {
    const auto v = place(q);
    return {(map.region.start[0] + v[0]) * volume.spacing_mm[0], (map.region.start[1] + v[1]) * volume.spacing_mm[1],
            (map.region.start[2] + v[2]) * volume.spacing_mm[2]};
  }
};

using VoxelsByIndex = std::map<std::size_t, CementVoxel*>;

/// The connected parts of a mask over voxels of cement.
std::vector<std::vector<CementVoxel*>> connected_parts(const Grid<std::uint8_t>& mask, const VoxelsByIndex& by_index);

/// Connected cement outside the body's surface: a leak, or a face that was misread.
struct OutlyingPart {
  OutlyingCement found;
  std::vector<CementVoxel*> voxels;
};

/// The outlying parts of a deposit: connected voxels outside the surface, each with those within two voxels of one beyond epsilon.
/// O(voxels).
std::vector<OutlyingPart> outlying_parts(const Geometry& g, const spine::VertebralBody& body, std::vector<CementVoxel>& voxels,
                                         double epsilon_mm);

}  // namespace cemscope::imaging::cement
