#pragma once

#include <string>
#include <vector>

#include <itkImage.h>

#include "imaging/grid.h"
#include "imaging/volume.h"

namespace cemscope::imaging {

using SignalImage = itk::Image<float, 3>;

/// An MR volume in the scanner's arbitrary units, rescaled per slice. The ITK geometry is LPS in mm, the origin is the centre of the first
/// voxel, the direction matrix is orthonormal. Slices lie along the third index.
struct MrVolume {
  SignalImage::Pointer image;
};

/// A sagittal series as the reading sees it: in-plane pixels of 1 mm x 1 mm, x from front to back, y from head to foot; z counts the slices
/// as acquired, from the patient's right to left.
struct SagittalStack {
  Grid<float> signal;
  double slice_mm = 4.0;        ///< from slice to slice
  Point_mm origin_mm{0, 0, 0};  ///< patient coordinates of (0, 0, 0)
  Eigen::Matrix3d step_mm;      ///< columns: patient mm per step of x, y, z
  [[nodiscard]] Point_mm to_patient(double x, double y, double z) const { return origin_mm + step_mm * Point_mm(x, y, z); }
};

/// The stack as an image of the same grid, the pixels copied.
SignalImage::Pointer image_of(const SagittalStack& stack);

/// The volume in sagittal order, resampled in-plane to 1 mm by area (finer pixels are averaged, coarser ones interpolated).
/// Throws Error{inconsistent} when the slices are no sagittal ones (normal within 40 degrees of left-right).
SagittalStack sagittal_stack(const MrVolume& volume);

}  // namespace cemscope::imaging
