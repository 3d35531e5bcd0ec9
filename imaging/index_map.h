#pragma once

#include <itkImageBase.h>
#include <Eigen/Core>

namespace cemscope::imaging {

/// The index in one regular grid as an affine function of the index in another.
class IndexMap {
 public:
  IndexMap(const itk::ImageBase<3>& from, const itk::ImageBase<3>& to) : start_(index_of(from, to, {0, 0, 0})) {
    for (int axis = 0; axis < 3; ++axis) step_.col(axis) = index_of(from, to, Eigen::Vector3d::Unit(axis)) - start_;
  }
  /// Continuous: the nearest voxel is the rounded one, which may lie outside `to`.
  [[nodiscard]] Eigen::Vector3d of(double i, double j, double k) const { return start_ + step_ * Eigen::Vector3d(i, j, k); }

 private:
  static Eigen::Vector3d index_of(const itk::ImageBase<3>& from, const itk::ImageBase<3>& to, const Eigen::Vector3d& index) {
    itk::ImageBase<3>::PointType point;
    from.TransformContinuousIndexToPhysicalPoint(itk::ContinuousIndex<double, 3>(index.data()), point);
    itk::ContinuousIndex<double, 3> at;
    (void)to.TransformPhysicalPointToContinuousIndex(point, at);
    return {at[0], at[1], at[2]};
  }

  Eigen::Vector3d start_;
  Eigen::Matrix3d step_;
};

}  // namespace cemscope::imaging
