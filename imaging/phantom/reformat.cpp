#include "imaging/phantom/reformat.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace cemscope::imaging::phantom {
namespace {

struct GridShape {
  std::array<int, 3> size;
  Point_mm origin, spacing;
  Eigen::Matrix3d direction = Eigen::Matrix3d::Identity();
};

CtVolume blank_volume(const GridShape& shape, std::int16_t saturation_hu) {
  CtVolume volume{HuImage::New(), saturation_hu};
  HuImage::RegionType region;
  HuImage::DirectionType direction;
  for (unsigned axis = 0; axis < 3; ++axis) {
    region.SetSize(axis, static_cast<itk::SizeValueType>(shape.size[axis]));
    for (unsigned column = 0; column < 3; ++column) direction(axis, column) = shape.direction(axis, column);
  }
  volume.image->SetRegions(region);
  volume.image->SetOrigin(shape.origin.data());
  volume.image->SetSpacing(shape.spacing.data());
  volume.image->SetDirection(direction);
  volume.image->Allocate();
  volume.image->FillBuffer(-1024);
  return volume;
}

GridShape axial_shape(const AxialField& field) {
  return {{field.columns, field.rows, field.slices}, field.origin_mm, Point_mm(field.pixel_mm, field.pixel_mm, field.spacing_mm)};
}

// The acquired volume with its axes' lengths, read by index.
struct Source {
  const std::int16_t* hu;
  int columns, rows, slices;
  [[nodiscard]] double at(int i, int j, double k) const {
    const int lower = std::clamp(static_cast<int>(std::floor(k)), 0, slices - 1), upper = std::min(lower + 1, slices - 1);
    const double share = std::clamp(k - lower, 0.0, 1.0);
    const auto value = [&](int slice) { return static_cast<double>(hu[(static_cast<std::size_t>(slice) * rows + j) * columns + i]); };
    return (1 - share) * value(lower) + share * value(upper);
  }
};

// First and last acquired index that a slice of this thickness averages.
std::array<int, 2> averaged(double middle_mm, double thickness_mm, double pixel_mm, int count) {
  const int first = static_cast<int>(std::lround((middle_mm - 0.5 * thickness_mm) / pixel_mm + 0.5));
  const int last = static_cast<int>(std::lround((middle_mm + 0.5 * thickness_mm) / pixel_mm - 0.5));
  return {std::clamp(first, 0, count - 1), std::clamp(std::max(first, last), 0, count - 1)};
}

struct Axes {
  int along, across;  ///< in-plane column axis and slice axis: 0 left, 1 posterior
  double sense;       ///< of the slices along `across`
};

}  // namespace

CtVolume axial_volume(const AxialField& field, const std::vector<std::int16_t>& hu, std::int16_t saturation_hu) {
  CtVolume volume = blank_volume(axial_shape(field), saturation_hu);
  std::copy(hu.begin(), hu.end(), volume.image->GetBufferPointer());
  return volume;
}

CtVolume sheared_volume(const AxialField& field, const std::vector<std::int16_t>& hu, std::int16_t saturation_hu) {
  const double tilt = field.gantry_tilt_deg * std::numbers::pi / 180;
  GridShape shape = axial_shape(field);
  shape.spacing.z() *= std::cos(tilt);
  shape.direction.col(1) = Direction(0, std::cos(tilt), std::sin(tilt));
  shape.direction.col(2) = Direction(0, -std::sin(tilt), std::cos(tilt));
  CtVolume volume = blank_volume(shape, saturation_hu);
  std::int16_t* target = volume.image->GetBufferPointer();
  for (int k = 0; k < field.slices; ++k) {
    const double shift = k * field.spacing_mm * std::sin(tilt) / field.pixel_mm;
    for (int j = 0; j < field.rows; ++j) {
      const double row = j - shift;
      const int upper = static_cast<int>(std::floor(row));
      if (upper < 0 || upper + 1 >= field.rows) continue;
      const std::int16_t* source = &hu[(static_cast<std::size_t>(k) * field.rows + upper) * field.columns];
      for (int i = 0; i < field.columns; ++i)
        target[(static_cast<std::size_t>(k) * field.rows + j) * field.columns + i] =
            static_cast<std::int16_t>(std::lround(source[i] + (row - upper) * (source[i + field.columns] - source[i])));
    }
  }
  return volume;
}

CtVolume reformat(const CtVolume& axial, const ReformatField& field) {
  const auto size = axial.image->GetLargestPossibleRegion().GetSize();
  const auto spacing = axial.image->GetSpacing();
  const auto origin = axial.image->GetOrigin();
  const Axes axes = field.plane == SlicePlane::sagittal ? Axes{1, 0, -1.0} : Axes{0, 1, 1.0};
  const Source source{axial.image->GetBufferPointer(), static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])};
  const int n_across = static_cast<int>(size[axes.across]);
  GridShape shape;
  shape.size = {static_cast<int>(size[axes.along]), static_cast<int>((size[2] - 1) * spacing[2] / field.pixel_mm) + 1,
                static_cast<int>(2 * field.half_range_mm / field.spacing_mm) + 1};
  shape.spacing = {spacing[axes.along], field.pixel_mm, field.spacing_mm};
  shape.direction.setZero();
  shape.direction(axes.along, 0) = 1, shape.direction(2, 1) = -1, shape.direction(axes.across, 2) = axes.sense;
  shape.origin = Point_mm(origin[0], origin[1], origin[2] + (size[2] - 1) * spacing[2]);
  shape.origin[axes.across] = field.centre_mm[axes.across] - axes.sense * 0.5 * (shape.size[2] - 1) * field.spacing_mm;
  CtVolume volume = blank_volume(shape, axial.saturation_hu);
  std::int16_t* target = volume.image->GetBufferPointer();
  for (int k = 0; k < shape.size[2]; ++k) {
    const double middle = shape.origin[axes.across] + axes.sense * k * field.spacing_mm - origin[axes.across];
    const auto [first, last] = averaged(middle, field.thickness_mm, spacing[axes.across], n_across);
    for (int row = 0; row < shape.size[1]; ++row)
      for (int column = 0; column < shape.size[0]; ++column) {
        double sum = 0;
        const double slice = static_cast<double>(size[2] - 1) - row * field.pixel_mm / spacing[2];
        for (int n = first; n <= last; ++n) sum += axes.across == 0 ? source.at(n, column, slice) : source.at(column, n, slice);
        *target++ = static_cast<std::int16_t>(std::lround(sum / (last - first + 1)));
      }
  }
  return volume;
}

}  // namespace cemscope::imaging::phantom
