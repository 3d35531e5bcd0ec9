#include "imaging/preop/vertebra_box.h"

#include <algorithm>
#include <cmath>

namespace cemscope::imaging::preop {
namespace {

constexpr float kMetal_hu = 1200;
constexpr double kOffCement_mm = 3;

/// Reads an image by patient coordinates.
template <typename Image>
class Sampler {
 public:
  explicit Sampler(const Image& image) : pixels_(image.GetBufferPointer()) {
    const auto size = image.GetBufferedRegion().GetSize();
    const auto& direction = image.GetDirection();
    for (int d = 0; d < 3; ++d) {
      size_[d] = static_cast<int>(size[d]);
      origin_[d] = image.GetOrigin()[d];
      for (int row = 0; row < 3; ++row) to_index_(d, row) = direction[row][d] / image.GetSpacing()[d];
    }
  }
  [[nodiscard]] Eigen::Vector3d index_of(const Point_mm& point) const { return to_index_ * (point - origin_); }
  [[nodiscard]] bool contains(const Point_mm& point) const {
    const auto at = index_of(point);
    for (int d = 0; d < 3; ++d)
      if (at[d] < 0 || at[d] > size_[d] - 1) return false;
    return true;
  }
  /// Trilinear, every voxel limited to [low, high]; the point must lie in the image.
  [[nodiscard]] float at(const Point_mm& point, float low, float high) const {
    const auto index = index_of(point);
    std::array<int, 3> first{};
    std::array<float, 3> share{};
    for (int d = 0; d < 3; ++d) {
      first[d] = std::clamp(static_cast<int>(index[d]), 0, std::max(0, size_[d] - 2));
      share[d] = size_[d] > 1 ? static_cast<float>(index[d] - first[d]) : 0.0F;
    }
    float sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
      float weight = 1;
      std::size_t offset = 0, stride = 1;
      for (int d = 0; d < 3; ++d) {
        const bool is_next = (corner >> d & 1) != 0;
        weight *= is_next ? share[d] : 1 - share[d];
        offset += stride * static_cast<std::size_t>(first[d] + (is_next && size_[d] > 1 ? 1 : 0));
        stride *= static_cast<std::size_t>(size_[d]);
      }
      if (weight > 0) sum += weight * std::clamp(static_cast<float>(pixels_[offset]), low, high);
    }
    return sum;
  }
  [[nodiscard]] typename Image::PixelType nearest(const Point_mm& point) const {
    const auto index = index_of(point);
    std::size_t offset = 0, stride = 1;
    for (int d = 0; d < 3; ++d) {
      const auto i = std::lround(index[d]);
      if (i < 0 || i >= size_[d]) return 0;
      offset += stride * static_cast<std::size_t>(i);
      stride *= static_cast<std::size_t>(size_[d]);
    }
    return pixels_[offset];
  }

 private:
  const typename Image::PixelType* pixels_;
  std::array<int, 3> size_{};
  Point_mm origin_{0, 0, 0};
  Eigen::Matrix3d to_index_;
};

template <typename Image>
ScalarImage::Pointer crop_of(const Image& image, const VertebraBox& box, double spacing_mm, float low, float high) {
  const auto& f = box.frame;
  auto out = ScalarImage::New();
  const std::array<double, 3> extent{2 * box.half_width_mm, box.anterior_mm + box.posterior_mm, 2 * box.half_height_mm};
  ScalarImage::SizeType size;
  ScalarImage::DirectionType direction;
  ScalarImage::PointType origin;
  const Point_mm corner = f.centre_mm - box.half_width_mm * f.left - box.anterior_mm * f.posterior - box.half_height_mm * f.superior;
  const std::array<Direction, 3> axes{f.left, f.posterior, f.superior};
  for (int d = 0; d < 3; ++d) {
    size[d] = static_cast<itk::SizeValueType>(extent[d] / spacing_mm) + 1;
    origin[d] = corner[d];
    for (int row = 0; row < 3; ++row) direction[row][d] = axes[d][row];
  }
  out->SetRegions(size);
  out->SetOrigin(origin);
  out->SetDirection(direction);
  out->SetSpacing(ScalarImage::SpacingType(spacing_mm));
  out->Allocate();
  const Sampler<Image> sampler(image);
  const double quarter = spacing_mm / 4;
  float* pixel = out->GetBufferPointer();
  for (itk::SizeValueType k = 0; k < size[2]; ++k)
    for (itk::SizeValueType j = 0; j < size[1]; ++j)
      for (itk::SizeValueType i = 0; i < size[0]; ++i) {
        const Point_mm centre =
            corner + spacing_mm * (static_cast<double>(i) * axes[0] + static_cast<double>(j) * axes[1] + static_cast<double>(k) * axes[2]);
        float sum = 0;
        for (int part = 0; part < 8; ++part) {
          Point_mm at = centre;
          for (int d = 0; d < 3; ++d) at += ((part >> d & 1) != 0 ? quarter : -quarter) * axes[d];
          sum += sampler.contains(at) ? sampler.at(at, low, high) : low;
        }
        *pixel++ = sum / 8;
      }
  return out;
}

bool is_near_cement(const Sampler<LabelImage>& cement, const Point_mm& point) {
  for (double z = -kOffCement_mm; z <= kOffCement_mm; z += kOffCement_mm)
    for (double y = -kOffCement_mm; y <= kOffCement_mm; y += kOffCement_mm)
      for (double x = -kOffCement_mm; x <= kOffCement_mm; x += kOffCement_mm)
        if (cement.nearest(point + Point_mm(x, y, z)) != 0) return true;
  return false;
}

}  // namespace

VertebraBox box_round(const VertebralFrame& frame, double margin_mm) {
  constexpr double kBeside_mm = 8, kBefore_mm = 4, kArch_mm = 38, kAbove_mm = 4;
  return {frame, frame.half_width_mm + kBeside_mm + margin_mm, frame.half_depth_mm + kBefore_mm + margin_mm,
          frame.half_depth_mm + kArch_mm + margin_mm, frame.half_height_mm + kAbove_mm + margin_mm};
}

ScalarImage::Pointer crop(const HuImage& image, const VertebraBox& box, double spacing_mm, float low, float high) {
  return crop_of(image, box, spacing_mm, low, high);
}

ScalarImage::Pointer crop(const SignalImage& image, const VertebraBox& box, double spacing_mm, float low, float high) {
  return crop_of(image, box, spacing_mm, low, high);
}

std::vector<Point_mm> places_without_cement(const HuImage& image, const LabelImage* cement, const VertebraBox& box, double spacing_mm) {
  const Sampler<HuImage> sampler(image);
  std::optional<Sampler<LabelImage>> labels;
  if (cement != nullptr) labels.emplace(*cement);
  const auto& f = box.frame;
  std::vector<Point_mm> places;
  for (double w = -box.half_height_mm; w <= box.half_height_mm; w += spacing_mm)
    for (double v = -box.anterior_mm; v <= box.posterior_mm; v += spacing_mm)
      for (double u = -box.half_width_mm; u <= box.half_width_mm; u += spacing_mm) {
        const Point_mm point = f.centre_mm + u * f.left + v * f.posterior + w * f.superior;
        if (!sampler.contains(point) || sampler.nearest(point) > kMetal_hu) continue;
        if (!labels || !is_near_cement(*labels, point)) places.push_back(point);
      }
  return places;
}

Correlation correlate(const ScalarImage& fixed, const std::vector<Point_mm>& places, const ScalarImage& moving, const RigidMotion& motion) {
  const Sampler<ScalarImage> a(fixed), b(moving);
  constexpr float kAny = 1e9F;
  double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  for (const auto& place : places) {
    const auto moved = motion.of(place);
    if (!a.contains(place) || !b.contains(moved)) continue;
    const double p = a.at(place, -kAny, kAny), q = b.at(moved, -kAny, kAny);
    n += 1, x += p, y += q, xx += p * p, yy += q * q, xy += p * q;
  }
  if (n < 2) return {};
  const double spread = std::sqrt(std::max(0.0, xx - x * x / n) * std::max(0.0, yy - y * y / n));
  return {spread > 0 ? (xy - x * y / n) / spread : 0.0, n / static_cast<double>(places.size())};
}

}  // namespace cemscope::imaging::preop
