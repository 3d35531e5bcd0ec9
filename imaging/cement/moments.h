#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <vector>

namespace cemscope::imaging::cement {

/// Mean of places, mm.
inline Eigen::Vector3d mean_of(const std::vector<Eigen::Vector3d>& places) {
  Eigen::Vector3d mean = Eigen::Vector3d::Zero();
  for (const auto& p : places) mean += p / static_cast<double>(places.size());
  return mean;
}

/// The axes of the places' second moments and the variances along them, ascending, mm2. O(places).
inline Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> principal_axes(const std::vector<Eigen::Vector3d>& places) {
  const Eigen::Vector3d mean = mean_of(places);
  Eigen::Matrix3d moments = Eigen::Matrix3d::Zero();
  for (const auto& p : places) moments += (p - mean) * (p - mean).transpose();
  return Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(moments / static_cast<double>(places.size()));
}

/// The variances alone.
inline Eigen::Vector3d variances_of(const std::vector<Eigen::Vector3d>& places) { return principal_axes(places).eigenvalues(); }

/// The same of voxels; `at`: the place of a voxel.
template <typename At>
Eigen::Vector3d variances_of(const At& at, const std::vector<std::size_t>& voxels) {
  std::vector<Eigen::Vector3d> places;
  for (std::size_t q : voxels) places.push_back(at(q));
  return variances_of(places);
}

/// Places in a body's frame unrolled about the body's axis (along the wall, up, off the axis; mm), so that a vein that runs round the body
/// is straight.
inline std::vector<Eigen::Vector3d> unroll(const std::vector<Eigen::Vector3d>& local) {
  const Eigen::Vector3d mean = mean_of(local);
  const double radius = std::hypot(mean[0], mean[1]), middle = std::atan2(mean[1], mean[0]);
  std::vector<Eigen::Vector3d> out;
  for (const auto& p : local)
    out.emplace_back(radius * std::remainder(std::atan2(p[1], p[0]) - middle, 2 * M_PI), p[2], std::hypot(p[0], p[1]));
  return out;
}

/// The side of a box with that variance along it (a uniform rod of length L has variance L^2 / 12).
inline double side_of(double variance) { return std::sqrt(12 * std::max(0.0, variance)); }

/// The diameter of a cylinder of that volume and length, mm.
inline double diameter_of(double volume_mm3, double length_mm) { return std::sqrt(4 * volume_mm3 / (M_PI * length_mm)); }

}  // namespace cemscope::imaging::cement
