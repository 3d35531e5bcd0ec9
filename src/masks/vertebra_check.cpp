#include "src/masks/vertebra_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "imaging/components.h"
#include "imaging/error.h"
#include "imaging/index_map.h"
#include "src/masks/numbering.h"
#include "src/masks/vertebra_names.h"

namespace cemscope::masks {
namespace {

using imaging::LabelImage;
using Index = std::array<int, 3>;

constexpr double kLeastOfOne = 0.8;
constexpr double kLeast_ml = 3, kMost_ml = 120, kMostSacrum_ml = 600;
constexpr double kLeastStep = 0.4, kMostStep = 2.5;  // of the usual distance; a collapsed body and its collapsed neighbour reach 0.5
constexpr double kLeastInside = 0.5;
constexpr double kLeastBone_hu = 80, kLowest_hu = -200, kHighest_hu = 500;

struct Box {
  Index first{INT_MAX, INT_MAX, INT_MAX}, last{-1, -1, -1};
};

struct Vertebra {
  int number = 0;
  double volume_ml = 0;
  imaging::Point_mm centre_mm{0, 0, 0};
};

Index size_of(const LabelImage& image) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  return {static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])};
}

std::size_t offset(const Index& size, int i, int j, int k) {
  return (static_cast<std::size_t>(k) * static_cast<std::size_t>(size[1]) + static_cast<std::size_t>(j)) *
             static_cast<std::size_t>(size[0]) +
         static_cast<std::size_t>(i);
}

template <typename Visit>
void visit_labels(const LabelImage& image, const Visit& visit) {
  const auto size = size_of(image);
  const auto* label = image.GetBufferPointer();
  for (int k = 0; k < size[2]; ++k)
    for (int j = 0; j < size[1]; ++j)
      for (int i = 0; i < size[0]; ++i, ++label)
        if (*label != 0) visit(*label, Index{i, j, k});
}

std::map<int, Box> boxes_of(const LabelImage& image) {
  std::map<int, Box> boxes;
  visit_labels(image, [&](int number, const Index& at) {
    auto& box = boxes[number];
    for (std::size_t d = 0; d < 3; ++d) box.first[d] = std::min(box.first[d], at[d]), box.last[d] = std::max(box.last[d], at[d]);
  });
  return boxes;
}

imaging::Point_mm point_at(const LabelImage& image, const Eigen::Vector3d& index) {
  itk::ContinuousIndex<double, 3> at;
  for (unsigned d = 0; d < 3; ++d) at[d] = index[d];
  LabelImage::PointType point;
  image.TransformContinuousIndexToPhysicalPoint(at, point);
  return {point[0], point[1], point[2]};
}

double voxel_ml(const LabelImage& image) {
  const auto& spacing = image.GetSpacing();
  return spacing[0] * spacing[1] * spacing[2] / 1000.0;
}

/// Erases all but the largest component of a vertebra and measures that.
Vertebra keep_largest(LabelImage& image, int number, const Box& box) {
  const auto size = size_of(image);
  imaging::Grid<std::uint8_t> one(box.last[0] - box.first[0] + 1, box.last[1] - box.first[1] + 1, box.last[2] - box.first[2] + 1);
  auto* const labels = image.GetBufferPointer();
  const auto voxel = [&](int x, int y, int z) -> std::uint8_t& {
    return labels[offset(size, box.first[0] + x, box.first[1] + y, box.first[2] + z)];
  };
  for (int z = 0; z < one.nz; ++z)
    for (int y = 0; y < one.ny; ++y)
      for (int x = 0; x < one.nx; ++x) one.at(x, y, z) = voxel(x, y, z) == number ? 1 : 0;
  const auto components = label_components(one);
  const auto largest =
      std::max_element(components.begin(), components.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::size_t n_all = 0;
  for (const auto& component : components) n_all += component.size();
  if (number != kSacrum && static_cast<double>(largest->size()) < kLeastOfOne * static_cast<double>(n_all))
    throw Error(ErrorKind::inconsistent, fmt::format("{} of the mask falls into several parts", level_of_number(number)));
  Eigen::Vector3d sum(0, 0, 0);
  for (const auto& component : components)
    for (const auto at : component) {
      const int x = static_cast<int>(at % static_cast<std::size_t>(one.nx)), row = static_cast<int>(at / static_cast<std::size_t>(one.nx));
      const int y = row % one.ny, z = row / one.ny;
      if (&component == &*largest)
        sum += Eigen::Vector3d(box.first[0] + x, box.first[1] + y, box.first[2] + z);
      else
        voxel(x, y, z) = 0;
    }
  const auto n = static_cast<double>(largest->size());
  return {number, n * voxel_ml(image), point_at(image, sum / n)};
}

void erase(LabelImage& image, int number) {
  auto* const labels = image.GetBufferPointer();
  std::replace(labels, labels + image.GetLargestPossibleRegion().GetNumberOfPixels(), static_cast<std::uint8_t>(number), std::uint8_t{0});
}

void drop_cut_ends(LabelImage& image, std::vector<Vertebra>& vertebrae) {
  const auto drop = [&](auto at) {
    if (at == vertebrae.end() || at->volume_ml >= kLeast_ml) return;
    erase(image, at->number);
    vertebrae.erase(at);
  };
  drop(vertebrae.begin());
  if (!vertebrae.empty()) drop(vertebrae.end() - 1);
}

void check_volume(const Vertebra& vertebra) {
  if (!(vertebra.volume_ml >= kLeast_ml && vertebra.volume_ml <= kMost_ml))
    throw Error(ErrorKind::inconsistent, fmt::format("{} of the mask has {:.1f} mL; {} to {} are plausible",
                                                     level_of_number(vertebra.number), vertebra.volume_ml, kLeast_ml, kMost_ml));
}

void check_step(const Vertebra& upper, const Vertebra& lower) {
  const auto names = level_of_number(upper.number) + " and " + level_of_number(lower.number);
  if (!(lower.centre_mm.z() < upper.centre_mm.z()))
    throw Error(ErrorKind::inconsistent, names + " of the mask are in the wrong order along the patient's axis");
  const double step = (upper.centre_mm - lower.centre_mm).norm() / usual_distance_mm(upper.number, lower.number);
  if (!(step >= kLeastStep && step <= kMostStep))
    throw Error(ErrorKind::inconsistent, fmt::format("{} of the mask lie {:.1f} times as far apart as such vertebrae do", names, step));
}

LabelImage::Pointer copy_of(const LabelImage& image) {
  auto copy = LabelImage::New();
  copy->CopyInformation(&image);
  copy->SetRegions(image.GetLargestPossibleRegion());
  copy->Allocate();
  std::copy_n(image.GetBufferPointer(), image.GetLargestPossibleRegion().GetNumberOfPixels(), copy->GetBufferPointer());
  return copy;
}

}  // namespace

imaging::LabelMask checked_vertebrae(const imaging::LabelMask& mask) {
  const auto image = copy_of(*mask.image);
  std::vector<Vertebra> vertebrae;
  for (const auto& [number, box] : boxes_of(*image)) {
    const auto vertebra = keep_largest(*image, number, box);
    if (number != kSacrum)
      vertebrae.push_back(vertebra);
    else if (vertebra.volume_ml < kLeast_ml || vertebra.volume_ml > kMostSacrum_ml)
      erase(*image, kSacrum);
  }
  std::sort(vertebrae.begin(), vertebrae.end(),
            [](const auto& a, const auto& b) { return rank_of_number(a.number) < rank_of_number(b.number); });
  drop_cut_ends(*image, vertebrae);
  if (vertebrae.size() < 2) throw Error(ErrorKind::inconsistent, "the mask holds fewer than two vertebrae");
  for (const auto& vertebra : vertebrae) check_volume(vertebra);
  for (std::size_t n = 1; n < vertebrae.size(); ++n) check_step(vertebrae[n - 1], vertebrae[n]);
  return {image};
}

void check_fit(const imaging::LabelMask& mask, const imaging::CtVolume& ct) {
  const auto size = ct.image->GetLargestPossibleRegion().GetSize();
  const imaging::IndexMap scan(*mask.image, *ct.image);
  const auto* const hu = ct.image->GetBufferPointer();
  std::map<int, std::array<double, 2>> inside_of_all;
  double sum_hu = 0, n_inside = 0;
  visit_labels(*mask.image, [&](int number, const Index& at) {
    auto& [inside, all] = inside_of_all[number];
    all += 1;
    const Eigen::Vector3d index = scan.of(at[0], at[1], at[2]).array().round();
    for (int d = 0; d < 3; ++d)
      if (!(index[d] >= 0 && index[d] < static_cast<double>(size[d]))) return;
    inside += 1, n_inside += 1;
    const auto voxel = (static_cast<std::size_t>(index[2]) * size[1] + static_cast<std::size_t>(index[1])) * size[0];
    sum_hu += std::clamp<double>(hu[voxel + static_cast<std::size_t>(index[0])], kLowest_hu, kHighest_hu);
  });
  const auto n_vertebrae = std::count_if(inside_of_all.begin(), inside_of_all.end(), [](const auto& one) {
    return one.first != kSacrum && one.second[0] >= kLeastInside * one.second[1];
  });
  if (n_vertebrae < 2) throw Error(ErrorKind::inconsistent, "fewer than two vertebrae of the mask lie in the scan");
  if (sum_hu < kLeastBone_hu * n_inside)
    throw Error(ErrorKind::inconsistent, fmt::format("the mask lies on no bone of the scan: {:.0f} HU on average", sum_hu / n_inside));
}

}  // namespace cemscope::masks
