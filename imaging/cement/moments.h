#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <vector>

namespace cemscope::imaging::cement {

/// Variances along the axes of the voxels' second moments, ascending, mm2. `at`: the place of a voxel. O(voxels).
template <typename At>
Eigen::Vector3d variances_of(const At& at, const std::vector<std::size_t>& voxels) {
  const double n = static_cast<double>(voxels.size());
  Eigen::Vector3d mean = Eigen::Vector3d::Zero();
  for (std::size_t q : voxels) mean += at(q);
  mean /= n;
  Eigen::Matrix3d moments = Eigen::Matrix3d::Zero();
  for (std::size_t q : voxels) {
    const Eigen::Vector3d d = at(q) - mean;
    moments += d * d.transpose();
  }
  return Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(moments / n).eigenvalues();
}

/// The side of a box with that variance along it (a uniform rod of length L has variance L^2 / 12).
inline double side_of(double variance) { return std::sqrt(12 * std::max(0.0, variance)); }

/// The diameter of a cylinder of that volume and length, mm.
inline double diameter_of(double volume_mm3, double length_mm) { return std::sqrt(4 * volume_mm3 / (M_PI * length_mm)); }

}  // namespace cemscope::imaging::cement
