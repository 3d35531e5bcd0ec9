#pragma once

#include <array>

#include "imaging/grid.h"
#include "imaging/spine/body.h"

namespace cemscope::imaging::spine {

/// A body and what lies about it on a grid of 1.5 mm in the body's frame (u to the left, v anterior, w superior).
struct BodyBlock {
  static constexpr int kU = 48, kV = 40, kW = 40;  ///< voxels; multiples of 4
  static constexpr double kStep_mm = 1.5;
  static constexpr double kFirstU_mm = -35.25, kFirstV_mm = -24.75, kFirstW_mm = -29.25;  ///< middles of the first voxels
  static constexpr int kChannels = 3;
  /// Means over each voxel of: density limited to [-200, 450] HU, by 250 HU; density above 450 HU, limited to 1,500 HU, by 1,500 HU; how
  /// deep inside the body as found (tanh of a quarter of the mm, negative outside). What the scan does not show is -200 HU.
  std::array<Grid<float>, kChannels> channels;

  [[nodiscard]] static Eigen::Vector3d place(double x, double y, double z) {
    return {kFirstU_mm + kStep_mm * x, kFirstV_mm + kStep_mm * y, kFirstW_mm + kStep_mm * z};
  }
  /// The middles of a voxel's eight parts: what its means are taken over.
  static constexpr int kParts = 8;
  [[nodiscard]] static Eigen::Vector3d part(int x, int y, int z, int n) {
    return place(x + (n % 2 ? 0.25 : -0.25), y + (n / 2 % 2 ? 0.25 : -0.25), z + (n / 4 ? 0.25 : -0.25));
  }
};

/// O(voxels of the block); some 30 ms.
BodyBlock body_block(const VolumeView& volume, const VertebralBody& body);

}  // namespace cemscope::imaging::spine
